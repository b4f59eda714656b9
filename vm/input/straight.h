/* The straight way: records of JSON as they mostly are, read by the places of marks.h and written into the columns of
   the batch as they are met.  It reads exactly what json.c reads, but reports nothing: whatever is broken or rare (a
   name twice) makes it give up, and the record is read once more, by json.c.  Values that are not
   as they mostly are wait in the slots of the plan, for the reader to convert them as it does after json.c. */
#ifndef RUBRIC_VM_INPUT_STRAIGHT_H
#define RUBRIC_VM_INPUT_STRAIGHT_H

#include "vm/batch.h"
#include "vm/input/marks.h"
#include "vm/input/plan.h"
#include "vm/kernels.h"
#include "vm/limits.h"

#define STRAIGHT_FIELDS 64u                             /* the first so many fields of a lead can have columns here */

/* Of an event: that it has its type, its time; then a bit for each text that is wanted of any type. */
#define STRAIGHT_TYPE UINT64_C(1)
#define STRAIGHT_TIME UINT64_C(2)
#define STRAIGHT_EVENT_TEXTS 16u

struct input_reader;
/* A text that is wanted of a type: its bit, its place among the texts of the event; of the batch, where it goes. */
struct straight_event_text { uint64_t bit; uint32_t text, field, problems; struct column *column; uint64_t *found; };
/* wanted: any rule looks at it; else it is only counted.  some: all bits, or none when it has no texts. */
struct straight_event {
    bool wanted, activity; uint32_t event, count; uint64_t some;
    struct event_table *table;                          /* of the batch */
    struct straight_event_text *texts;                  /* one more than none: the first is there in any case */
};
/* The names of types of up to 16 bytes, each in a place that no other has; zeros are behind it, which are in no text. */
struct straight_type { char name[16]; const struct straight_event *event; };
/* An event that nearly all are like: {"type":"…","at":"…","name":"…"}, as the guesses of the plan have it.  What stands
   between its values, quotes and all; of the text, two that are met in turn. */
struct straight_between { unsigned char bytes[PLAN_GUESS_BYTES]; uint32_t mask, length; const struct plan_key *key; };
struct straight_alike { uint64_t version; bool usable; struct straight_between type, time, text[2]; };
/* Minutes before a month, less those of a day, for days count from 1; minutes before the next month. */
struct straight_month { uint32_t before, end; };
#define STRAIGHT_YEAR 1970u                             /* of `months`: the first of so many years */
#define STRAIGHT_YEARS 256u
struct straight_slot { uint8_t take, field; };          /* of a slot of the lead: enum plan_take, and of a column which one */
struct straight {
    enum marks_set set; marks_kernel *find_marks; const struct kernels *kernels;
    const char *(*read_lead)(struct input_reader *reader, const char *at);
    struct straight_event *events; uint32_t event_count;        /* one for each event of the program */
    const struct straight_event **usual;                /* the same, or NULL when more than texts is wanted of it */
    struct straight_type *types; uint64_t type_factor; unsigned type_shift;     /* NULL: look into the binder */
    struct straight_alike alike;
    struct straight_month *months;                      /* from 1970 on */
    struct column nowhere; uint64_t nowhere_known, found_nowhere; struct text nowhere_text;    /* what is wanted of nothing goes here */
    struct marks marks;
    const char *from, *to; bool usable;                 /* the piece of the block that the marks are of */
    const uint32_t *place;                              /* the first that does not lie before what is read next */
    struct plan_key nobody;
    struct straight_slot *slots;
    uint64_t direct, yesno, waiting;    /* bits of the fields that have columns here, of yes/no, of those below
                                           STRAIGHT_FIELDS that always wait in slots */
    int64_t *numbers[STRAIGHT_FIELDS]; struct text *texts[STRAIGHT_FIELDS];
    uint64_t met, seen, yes, odd;       /* of the record: fields named, fields written, what is yes, what waits in slots */
    uint64_t seen_rows[LIMIT_BATCH_LEADS], yes_rows[LIMIT_BATCH_LEADS];
};

/* After the fields are bound. */
void straight_init(struct straight *straight, struct input_reader *reader);
void straight_free(struct straight *straight);
/* straight_init takes the best set there is; tests try the others, and MARKS_SETS: everything is read by json.c.  False
   when this build or this processor does not have it. */
bool straight_choose(struct straight *straight, enum marks_set set);
void straight_begin_block(struct straight *straight);
void straight_begin_batch(struct straight *straight, struct batch *batch, uint64_t *found);
/* The lead at `at`, which begins a record of text that ends at `limit`; returns what follows its last brace.  NULL: it
   must be read by json.c, and what was begun must be forgotten. */
const char *straight_read(struct input_reader *reader, const char *at, const char *limit);
/* Makes sure of the places around `at`, whose records end at `limit`: quotes, control characters and `other`. */
bool straight_mark(struct straight *straight, const char *at, const char *limit, bool lines, char other);
/* The lead counts: its fields were written (or, after json.c, were not). */
static inline void straight_keep(struct straight *straight, uint32_t row, bool written)
{
    straight->seen_rows[row] = written ? straight->seen : 0;
    straight->yes_rows[row] = written ? straight->yes : 0;
}
/* The rows' bits become the columns' bitmaps; `found` counts what each field has. */
void straight_finish_batch(struct straight *straight, struct batch *batch, uint64_t *found);

#endif
