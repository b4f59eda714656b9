/* Events in files of their own, kept until the leads they belong to come by: in memory, or when they are many in a temporary
   file (events_kept.h).  Columns or members: the lead's
   key as lead_id, lead, or what the key field is read from; type, at, and the fields of the events.  In any order; of
   two events at one instant the later in the file is the newer.  Keys are compared byte for byte after trimming,
   numbers as numbers. After loading nothing changes but the marks of keys that were met, so that several threads may
   ask. */
#ifndef RUBRIC_VM_INPUT_EVENTS_FILE_H
#define RUBRIC_VM_INPUT_EVENTS_FILE_H

#include "vm/input/notes.h"

struct events_file;
/* Reads all of them; what there is to report goes to `notes` (given to `settle` after each block).  NULL with a
   sentence. */
struct events_file *events_file_load(const struct program *program, const struct input_options *options,
                                     const char *const *paths, size_t path_count,
                                     void (*settle)(void *context, struct input_notes *notes), void *context,
                                     char *problem, size_t capacity);
void events_file_free(struct events_file *events);
/* Adds the events of this key to the lead begun.  Returns how many there are; *in_future of them are not added, being
   after as_of; none are when they are more than a lead may have.  `room`: the caller's, to work in. */
uint64_t events_file_join(struct events_file *events, struct text key, struct batch *batch, uint64_t *in_future,
                          struct buffer *room);
/* Whether the temporary file could not be read at some time: then results are wrong.  Says so in a sentence. */
bool events_file_problem(const struct events_file *events, char *problem, size_t capacity);
/* The keys no lead had, of the first UNMATCHED_NAMED in the order of the files: calls back with the key, how many events,
   and the row of the first.  Then, or before, with those of the others, and "" for the key. */
#define UNMATCHED_NAMED 100
typedef void events_unmatched(void *context, struct text key, uint64_t count, const char *file, uint64_t row);
void events_file_unmatched(struct events_file *events, events_unmatched *unmatched, void *context);

#endif
