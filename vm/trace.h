/* The ledger of a lead: for every score, lines whose points sum to exactly that score (asserted when it is built). */
#ifndef RUBRIC_VM_TRACE_H
#define RUBRIC_VM_TRACE_H

#include "vm/machine.h"

enum line_kind { LINE_RULE, LINE_BEATEN, LINE_GROUP_TAKE, LINE_GROUP_WEIGHT, LINE_GROUP_MOST, LINE_GROUP_LEAST, LINE_BASE, LINE_DECAY, LINE_ROUND, LINE_CLAMP, LINE_TERM };
/* LINE_BEATEN: a rule of a `take` group that fired and gave nothing (points 0). */
struct trace_line {
    enum line_kind kind; uint32_t score;
    uint32_t rule, group, term;                                 /* index or NO_INDEX */
    int64_t points;                                             /* what the line adds to the score */
    int64_t before, after;                                      /* group, decay, clamp lines: the running value around the step */
    int64_t periods;                                            /* decay: whole idle periods */
};
struct trace { struct trace_line *lines; size_t count, capacity; };
void trace_lead(const struct machine *machine, uint32_t lead, struct trace *trace);      /* refills trace; aborts with a sentence if it does not add up */
void trace_free(struct trace *trace);
const char *line_kind_step(enum line_kind kind);                /* "decay", "at most", … as results name them; NULL for rules */

#endif
