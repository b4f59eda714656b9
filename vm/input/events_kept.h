/* Inside vm/input only: events as events_file.c leaves them, until their leads come by.  Up to LIMIT_EVENTS_MEMORY bytes of
   them are held in memory; when there are more, what is held goes to a temporary file, again and again (spill.h), and at
   the end all of it is there.  What can fail is that file: functions that say so leave errno. */
#ifndef RUBRIC_VM_INPUT_EVENTS_KEPT_H
#define RUBRIC_VM_INPUT_EVENTS_KEPT_H

#include "vm/input/convert.h"
#include "vm/input/events_file.h"
#include "vm/input/spill.h"

/* An event: 24 bytes and its values; the events of a key are chained in the order of the file. */
struct stored_event { int64_t at; size_t values; uint32_t next, event; };
struct stored_key { struct text key; uint64_t hash; const char *file; uint64_t row; uint32_t first, last, count; bool met; };

struct events_file {
    const struct program *program;
    struct stored_event *events; size_t event_count, event_capacity;
    struct buffer values;                                       /* of each field of the event: a tag and the value, see put_… */
    struct stored_key *keys; size_t key_count, key_capacity;
    uint32_t *table; size_t table_size;                         /* key index + 1, open addressing */
    const char *const *paths; size_t path_count;                /* in the order in which they are read */
    struct arena arena;
    /* When there is too much of it: what came first is in there, and in the end everything. */
    struct spill *spill; size_t most; unsigned char *met;
    int failed;                                                 /* errno of the file, 0 while it can be read */
};

struct events_file *events_kept_new(const struct program *program, const struct input_options *options,
                                    const char *const *paths, size_t path_count);
/* The key's entry, made when it is new: of this file and row.  It holds until the next one is asked for. */
struct stored_key *events_kept_key(struct events_file *events, struct text key, const char *file, uint64_t row);
/* Adds an event of the key; then each of its fields is put, or put as missing. */
void events_kept_add(struct events_file *events, struct stored_key *owner, uint32_t event, int64_t at);
void events_kept_put(struct events_file *events, enum field_type type, const struct typed *typed);
void events_kept_put_missing(struct events_file *events);
/* After each block, and after the last one. */
bool events_kept_trim(struct events_file *events);
bool events_kept_finish(struct events_file *events);
/* What to say of the temporary file. */
void events_kept_say(char *problem, size_t capacity, int error);

#endif
