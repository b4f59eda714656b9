/* A batch: up to 1,024 leads as columns, and their events as tables of their own.  Readers fill it, the machine reads it.
   Life:  batch_new → { batch_clear → { batch_begin_lead → batch_set_… / batch_add_event … → batch_end_lead | batch_drop_lead } →
   batch_finish → machine_run } … → batch_free.   Texts are copied into the batch unless said otherwise.
   A batch is not shared between threads. */
#ifndef RUBRIC_VM_BATCH_H
#define RUBRIC_VM_BATCH_H

#include "vm/program.h"

struct list_cell { uint32_t start, count; };                    /* into column.elements */
struct column {
    enum field_type type;
    size_t capacity;                                            /* rows */
    uint64_t *known;                                            /* bitmap: the value is there */
    int64_t *numbers;                                           /* NUMBER, DATE */
    uint64_t *yes;                                              /* YESNO: bitmap; `no` is known and not yes */
    struct text *texts;                                         /* TEXT, ONEOF: raw bytes */
    struct list_cell *lists; struct text *elements; size_t element_count, element_capacity;   /* LIST */
};
struct event_table {
    size_t rows, capacity;
    uint32_t *lead;                                             /* ascending */
    int64_t *at;                                                /* ascending within a lead after batch_finish (stable) */
    uint32_t *first;                                            /* leads + 1 entries after batch_finish: rows of lead i are [first[i], first[i+1]) */
    struct column *fields; uint32_t field_count;
    uint16_t *type;                                             /* activity table only: event index */
    uint32_t *row;                                              /* activity table only: row in that event's table (before sorting undone) */
};
struct batch {
    const struct program *program;
    int64_t as_of;                                              /* events after it are left out when they are added */
    uint32_t leads, capacity;
    struct column *fields;                                      /* program.field_count */
    struct event_table *events;                                 /* program.event_count, then activity */
    uint64_t *stage_known; int64_t *stage;                      /* current stage by index (stage_count: Disqualified) */
    uint64_t *source_row;                                       /* line or row number in the input, for messages */
    size_t event_rows;                                          /* all tables together, without activity */
    int64_t latest; bool unsorted;                              /* the last event of the lead begun; any came before it */
    struct arena arena;                                         /* texts */
};

struct batch *batch_new(const struct program *program, int64_t as_of, uint32_t capacity);
void batch_free(struct batch *batch);
void batch_clear(struct batch *batch);
uint32_t batch_begin_lead(struct batch *batch, uint64_t source_row);    /* the row's index; there must be room */
void batch_end_lead(struct batch *batch);                               /* the lead counts from now on */
void batch_drop_lead(struct batch *batch);                              /* forget the lead begun, and its events */
bool batch_full(const struct batch *batch);                             /* leads or LIMIT_BATCH_EVENTS reached */
void batch_finish(struct batch *batch);                                 /* sorts events, indexes them, builds activity */

/* Of the lead begun.  A field not set is missing. */
void batch_set_number(struct batch *batch, uint32_t field, int64_t value);      /* NUMBER, DATE */
void batch_set_yesno(struct batch *batch, uint32_t field, bool yes);
void batch_set_text(struct batch *batch, uint32_t field, struct text text, bool copy);  /* not empty after trimming */
void batch_begin_list(struct batch *batch, uint32_t field);                     /* then add elements; none: missing */
void batch_add_element(struct batch *batch, uint32_t field, struct text text, bool copy);
void batch_set_stage(struct batch *batch, int64_t stage);
/* Adds an event to the lead begun and makes it the current one of its type.  False (and nothing added) when `at` is after as_of. */
bool batch_add_event(struct batch *batch, uint32_t event, int64_t at);
void batch_event_number(struct batch *batch, uint32_t event, uint32_t field, int64_t value);
void batch_event_yesno(struct batch *batch, uint32_t event, uint32_t field, bool yes);
void batch_event_text(struct batch *batch, uint32_t event, uint32_t field, struct text text, bool copy);
void batch_event_list(struct batch *batch, uint32_t event, uint32_t field, const struct text *elements, size_t count, bool copy);

/* Reading back. */
static inline bool bit_get(const uint64_t *bits, size_t index) { return bits[index >> 6] >> (index & 63) & 1; }
static inline void bit_set(uint64_t *bits, size_t index) { bits[index >> 6] |= UINT64_C(1) << (index & 63); }
/* The lead's key as text ("" when it has none); written into `out` when it is a number. */
struct text batch_key(const struct batch *batch, uint32_t lead, char out[64]);

#endif
