/* Events in files of their own, held in memory until the leads they belong to come by.  Columns or members: the lead's
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
   after as_of. */
uint64_t events_file_join(struct events_file *events, struct text key, struct batch *batch, uint64_t *in_future);
/* The keys no lead had, in the order of the file: calls back with the key, how many events, and the row of the first.
 */
void events_file_unmatched(const struct events_file *events,
                           void (*unmatched)(void *context, struct text key, uint64_t count, const char *file,
                                             uint64_t row),
                           void *context);

#endif
