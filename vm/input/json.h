/* A strict reader of JSON (RFC 8259, UTF-8), one pass, no tree: the values a plan wants go into its slots, all else is
   checked just as strictly and passed over.  It recurses at most LIMIT_JSON_DEPTH times.  It remembers which `,"key":`
   followed which and compares that first. Decisions where the standard leaves one: of two members with one name the
   last counts; a lone surrogate and anything that is not UTF-8 is an error; numbers may be of any size (their field
   decides); at most LIMIT_JSON_DEPTH levels. Text to read must be followed by INPUT_PADDING zero bytes (json_scan.h).
 */
#ifndef RUBRIC_VM_INPUT_JSON_H
#define RUBRIC_VM_INPUT_JSON_H

#include "vm/input/json_scan.h"
#include "vm/input/plan.h"

struct json_reader {
    struct json_scan scan;                                      /* after a failure: where and why */
    struct plan *lead, *event;                                  /* event may be NULL: then nothing is read as events */
    bool lines;                                                 /* one record a line: a line break is no white space */
    void *context;
    void (*event_read)(void *context);                          /* the slots of `event` hold one */
    void (*event_bad)(void *context, struct raw raw, const char *reason);
    void (*events_again)(void *context);        /* a second member "events": forget those of the first */
    struct plan unwanted;                       /* of the objects nobody looks into: only to guess their names */
    struct plan_key nobody;                                     /* stands for names that are not kept */
};
void json_reader_init(struct json_reader *reader);
void json_reader_free(struct json_reader *reader);
void json_reader_set_lines(struct json_reader *reader, bool lines);

/* Reads one object into the slots of reader->lead (which begins a new record).  Returns what follows it, or NULL. */
const char *json_read_object(struct json_reader *reader, const char *at);
/* Any value, `depth` levels deep in its record; *raw says where it stands.  Returns what follows it, or NULL. */
const char *json_read_value(struct json_reader *reader, const char *at, unsigned depth, struct raw *raw);
/* The key of a name with escapes, between its quotes; NULL when nobody wants it. */
struct plan_key *json_escaped_key(const struct plan_node *node, struct raw raw);
const char *json_skip_space(const struct json_reader *reader, const char *at);

struct json_error { size_t offset; const char *reason; };
/* One document, any kind of value at its top, nothing but white space around it. `bytes` need no padding: it makes a
   copy. */
bool json_validate(const char *bytes, size_t length, struct json_error *error);

#endif
