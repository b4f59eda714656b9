/* Inside of the machine, shared by its own files only (machine.c, texts.c, events.c, points.c, missing.c, trace.c):
   where registers lie, and what an instruction's code may use. A register is a set of pointers.  What an instruction
   computes goes into room of its own; what it only passes on (a column of the batch, a constant, another register's
   bitmap) is pointed at.  Bitmaps never have bits beyond the place's rows. */
#ifndef RUBRIC_VM_REGISTERS_H
#define RUBRIC_VM_REGISTERS_H

#include "vm/kernels.h"
#include "vm/machine.h"
#include "vm/number.h"

struct cells {
    uint64_t *holds, *fails;                                    /* of a condition */
    uint64_t *known; int64_t *numbers;                          /* of a number */
};

/* The leads, or the rows of one table of events. */
struct place {
    size_t rows, words;                                         /* words: whole blocks of KERNEL_BLOCK */
    size_t capacity;                                            /* rows that the room is made for */
    uint64_t *all, *none;                                       /* every row; no row */
    unsigned char *room;                                        /* all registers of the place, one block */
    struct range registers;                                     /* into machine.placed */
    uint32_t lay_outs;                                  /* how often it was laid out: pointers into it may have moved */
};

/* The domains of a source's rows, found once a run however many instructions ask for them. */
struct domains { struct text *texts; uint64_t *known; size_t capacity; uint64_t run; };

/* All comparisons of one number with constants. */
struct comparison_group {
    const struct instruction **codes; uint32_t count;
    unsigned bits; struct code_plan plan; struct code_test *tests;      /* bits 0: no grid, each by itself */
    uint32_t lay_out;                                         /* of the place, when the tests' bitmaps were looked up */
};
/* A step of the schedule is the index of an instruction, or this bit and the index of a group. */
#define SCHEDULE_GROUP (UINT32_C(1) << 31)

/* A TOTAL, made ready for counting: see kernel_total. */
struct total_plan {
    int64_t base, scale; unsigned planes; uint32_t *plane_steps; struct counter_step *steps; size_t step_count;
    uint32_t *step_terms;                                  /* the term that each step comes from: its bitmap may move */
    uint64_t *carries;
};
/* A number of units of time; `micros` is how long they are, 0 where that depends on the calendar. */
struct period { enum time_unit unit; int64_t count, micros; };
/* What an event's constant points have faded to after k periods, for the first few k. */
struct faded_plan { struct period period; int64_t *points; size_t count, capacity; struct factor_table factors; };
struct decay_plan { struct period period; struct factor_table factors; };

struct machine {
    const struct program *program;
    const struct batch *batch;
    int64_t as_of;
    const struct kernels *kernels;                              /* the best there are; tests try others */
    struct arena arena;                                         /* plans, tables of constant size */
    struct cells *cells;                                        /* program.register_count */
    struct place *places;                                       /* 2 + event_count */
    uint32_t *placed;                                           /* registers by place */
    uint32_t *writers;                                        /* register → index of the instruction that writes it */
    uint32_t *schedule, schedule_count;                         /* the code in the order it runs */
    struct comparison_group *groups;
    int64_t *clocks;                                            /* program.clock_count instants */
    int64_t **constant_columns;                                 /* constant → a column of it over leads, or NULL */
    struct textmemo **memos;                                    /* program.text_count, NULL without bits */
    struct domains *domains;                                    /* program.text_count; of sources that are domains */
    uint64_t run;                                               /* number of this run, from 1 */
    struct decay_plan *decays;                                  /* program.decay_count */
    struct faded_plan *faded;                                   /* program.each_count */
    struct total_plan *totals;                                  /* by instruction */
    uint32_t *instruction_totals;                               /* instruction → totals, or NO_INDEX */
    uint64_t *spare[4]; int64_t *spare_numbers;                 /* over leads, for the length of an instruction */
    /* Scratch that grows: numbers of one lead's events, rows of text bits, codes, folded texts. */
    int64_t *values; size_t value_capacity;
    uint64_t *text_rows; size_t text_row_capacity;
    uint16_t *codes; size_t code_capacity;
    struct buffer folded[2];
    struct text_slot *slots; size_t slot_capacity;
    uint32_t *seen; uint32_t seen_mark;                         /* machine_missing: registers visited in this walk */
    uint32_t *walk; size_t walk_capacity;
};

static inline const struct event_table *machine_table(const struct machine *machine, unsigned place)
{
    return &machine->batch->events[place - 1];
}

/* A term of a list: where it gives points. */
static inline const uint64_t *term_mask(const struct machine *machine, const struct term *term)
{
    const struct cells *cells = &machine->cells[term->reg];
    return term->is_number ? cells->known : cells->holds;
}

/* registers.c */
uint32_t instruction_results(const struct program *program,
                             const struct instruction *code); /* how many registers it writes */

void place_start(struct machine *machine, struct place *place,
                 size_t rows); /* before a run: the place has so many rows */

/* comparisons.c */
void comparisons_prepare(struct machine *machine);
void run_comparison(struct machine *machine, const struct instruction *code);
void run_comparison_group(struct machine *machine, struct comparison_group *group);

/* texts.c */
void run_text_class(struct machine *machine, const struct instruction *code);
void run_list_class(struct machine *machine, const struct instruction *code);
void run_text_known(struct machine *machine, const struct instruction *code);
void run_text_same(struct machine *machine, const struct instruction *code);
void run_text_length(struct machine *machine, const struct instruction *code);
void run_list_count(struct machine *machine, const struct instruction *code);
void run_distinct_text(struct machine *machine, const struct instruction *code);
bool text_source_get(const struct machine *machine, const struct text_source *source, size_t row, struct text *text);

/* events.c */
void run_gather_cond(struct machine *machine, const struct instruction *code);
void run_gather_num(struct machine *machine, const struct instruction *code);
void run_has(struct machine *machine, const struct instruction *code);
void run_count_events(struct machine *machine, const struct instruction *code);
void run_sum(struct machine *machine, const struct instruction *code);
void run_extreme(struct machine *machine, const struct instruction *code, bool greatest);
void run_average(struct machine *machine, const struct instruction *code);
void run_distinct(struct machine *machine, const struct instruction *code);
void run_first(struct machine *machine, const struct instruction *code);
void run_last(struct machine *machine, const struct instruction *code);
void run_each(struct machine *machine, const struct instruction *code);
struct period period_make(uint32_t unit, int64_t count);
int64_t whole_periods(const struct period *period, int64_t start, int64_t end);

/* points.c */
void points_prepare(struct machine *machine);
void run_every(struct machine *machine, const struct instruction *code);
void run_round(struct machine *machine, const struct instruction *code);
void run_weigh(struct machine *machine, const struct instruction *code);
void run_choose(struct machine *machine, const struct instruction *code);
void run_chosen(struct machine *machine, const struct instruction *code);
void run_passed(struct machine *machine, const struct instruction *code);
void run_total(struct machine *machine, const struct instruction *code);
void run_take(struct machine *machine, const struct instruction *code);
void run_decay(struct machine *machine, const struct instruction *code);
void run_band_of(struct machine *machine, const struct instruction *code);
void run_stage_of(struct machine *machine, const struct instruction *code);

#endif
