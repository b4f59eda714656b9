/* Groups of bytes by key, in a temporary file that has no name: what there is too much of to keep in memory.  They are added
   in runs, each in order (spill_compare); spill_finish merges the runs, the groups of one key one after the other in the
   order of their runs.  Then they are found through an index of a bounded size, by several threads if need be.
   What can fail: the disk.  Whoever gets a false says what errno does; memory holds some 10 MiB, and a bit for each key. */
#ifndef RUBRIC_VM_INPUT_SPILL_H
#define RUBRIC_VM_INPUT_SPILL_H

#include <stdbool.h>

#include "vm/memory.h"
#include "vm/text.h"

/* A key's group: `file` and `row` are of the first of its `count` things, `bytes` of all of them. */
struct spill_group { uint64_t hash, row, bytes, count; const char *file; struct text key; };
/* Where what is in a group stands; number: of all keys, in their order.  The first `held` bytes of it were read on the way:
   they stand at `at` in the room that was given. */
struct spill_place { uint64_t offset, bytes, count, number; size_t at, held; };

struct spill;
struct spill *spill_new(void);                          /* NULL: no file could be made */
void spill_free(struct spill *spill);
/* By hash, then by key. */
int spill_compare(const struct spill_group *a, const struct spill_group *b);

bool spill_begin_run(struct spill *spill);
bool spill_begin_group(struct spill *spill, const struct spill_group *group);
bool spill_add(struct spill *spill, const void *bytes, size_t length);      /* group->bytes of them in all */
bool spill_finish(struct spill *spill);

uint64_t spill_keys(const struct spill *spill);
/* The place of a key; *found is false when there is none.  False when the file could not be read. */
bool spill_find(const struct spill *spill, uint64_t hash, struct text key, struct buffer *room, struct spill_place *place,
                bool *found);
/* Reads bytes of a place; all of them must be there. */
bool spill_read(const struct spill *spill, uint64_t offset, void *bytes, size_t length);
/* Every key in turn; the text holds until the next one. */
bool spill_each(const struct spill *spill, void (*each)(void *context, const struct spill_group *group, uint64_t number),
                void *context);

#endif
