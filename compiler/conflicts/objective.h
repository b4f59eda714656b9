/* What a score, a group or a combined score comes to, as sums of points under formulas: evaluated for a lead, or
 * maximised over all. */
#ifndef RUBRIC_COMPILER_CONFLICTS_OBJECTIVE_H
#define RUBRIC_COMPILER_CONFLICTS_OBJECTIVE_H

#include "compiler/conflicts/check.h"
#include "compiler/conflicts/sat.h"

struct gain {
    formula f;
    int64_t points;
    uint32_t rule;
};
/* constant + Σ points where f is true + Σ parts, then the weight, the rounding (0: none), `at most`, `at least`. */
struct sum {
    int64_t constant;
    struct gain *terms;
    size_t count, capacity;
    struct sum *parts;
    size_t part_count, part_capacity;
    bool weighted, has_least, has_most;
    int64_t weight_ppm, rounded_to, least, most;
    /* rests on what the space cannot express; has no end upwards, downwards; steps over values between its terms */
    bool inexact, open_most, open_least, sparse;
};
/* `up`: it is going to be maximised (else minimised); rules whose number has no steps of its own differ. */
void sum_of_rule(struct check *check, size_t rule, bool up, struct sum *out);
void sum_of_group(struct check *check, uint32_t group, bool up, struct sum *out);
void sum_of_score(struct check *check, uint32_t score, bool up,
                  struct sum *out); /* before its clamp, which is set on it */
bool score_decays(const struct model *model,
                  uint32_t score); /* it, or a part of it, loses points when nothing happens */
int64_t sum_value(const struct check *check, const struct sum *sum, const uint32_t *values);
int64_t sum_value_without(const struct check *check, const struct sum *sum, const uint32_t *values, uint32_t rule);
void sum_span(const struct sum *sum, int64_t *least, int64_t *most); /* bounds without looking at the formulas */
size_t sum_terms(const struct sum *sum); /* its terms and those of its parts */
void sum_negate(struct sum *sum);
void sum_free(struct sum *sum);
int64_t sum_finish(const struct sum *sum, int64_t value); /* weight, rounding, bounds */

/* board.c: the same, laid out for moving about.  board_climb changes `values` slot by slot as long as the sum grows. */
struct board;
struct board *board_new(const struct check *check, const struct sum *sum); /* borrows the sum */
void board_free(struct board *board);
/* From a lead for which the rule fires towards one for which its points are not hidden by bounds; `keep` stays true.
 * `seen` settles. */
bool board_reveal(struct board *board, const uint32_t *from, formula keep, uint32_t rule, int64_t points,
                  bool (*seen)(void *context, const uint32_t *values), void *context);
int64_t board_climb(struct board *board, uint32_t *values, int64_t enough, int64_t deadline);

struct optimum {
    int64_t best, bound;
    bool found, proven, impossible;
    uint32_t *values;
    bool stops; /* the caller's: a bound below `stop_below` is all that is asked for */
    int64_t stop_below;
};
/* The most of `sum` over all leads for which `hard` holds.  values: room for slot_count, kept by the caller.  A lead
   that comes to `enough` ends the search (INT64_MAX: none does).  With a `judge`, leads are compared (and `enough` is
   meant) by it, while the search is guided by `sum`: then nothing is proved. */
void sum_maximise(struct check *check, struct sat *sat, const struct sum *sum, const struct sum *judge, formula hard,
                  int64_t enough, int64_t deadline, struct optimum *out);
/* A literal that implies that `sum`, rounded but before its bounds, is at least `least`; *made false: the ladder would
 * be too long. */
int sum_at_least(struct check *check, struct sat *sat, const struct sum *sum, int64_t least, size_t *room, bool *made);
enum { MOST_PAIRS = 200000 }; /* clauses of all ladders of one question */

#endif
