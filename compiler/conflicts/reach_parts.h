/* Friends of reach only.  reach.c: the ends of groups, scores and combined scores, and what is said of them; reach_search.c:
   leads for sums that are too large to be asked about whole; reach_idle.c: bounds that never bind, rules that never change a
   score.  Nothing here fails; what is not proved in time stays open. */
#ifndef RUBRIC_COMPILER_CONFLICTS_REACH_PARTS_H
#define RUBRIC_COMPILER_CONFLICTS_REACH_PARTS_H

#include "compiler/conflicts/objective.h"

struct reaching {
    struct check *check;
    struct sat *sat;
    int64_t deadline, idle_deadline;
    uint32_t *scratch;
    bool stops;
    int64_t stop_below; /* of the next extreme, upwards: a bound below it is all that is asked for */
};

/* Of sums of more terms, over several scores, combined_reach finds the leads. */
enum { REACH_MOST_TERMS = 800, REACH_FEW_TERMS = 200 }; /* few: they are asked about one rule at a time */

/* reach.c.  Its `values` are the arena's. */
struct optimum optimum_new(const struct check *check);
/* The most (`up`) or the least of a sum among the leads for which `hard` holds; one that is at least as far as `enough` ends the
   search. */
struct optimum extreme(struct reaching *r, struct sum *sum, bool up, formula hard, int64_t enough);

/* reach_search.c.  A sum whose parts are let out of their bounds; `left_out` says which sides of them, `bounds` whether there was
   any.  The caller frees it. */
bool relax(const struct sum *sum, int64_t ppm, unsigned left_out, bool *bounds, struct sum *out);
/* What the parts' own ends allow at most. */
int64_t parts_bound(const struct check *check, uint32_t score, bool up);
/* Keeps the lead in `best` if it is better. */
void consider(struct check *check, const struct sum *sum, const uint32_t *values, struct optimum *best);
size_t term_count(const struct sum *sum);
/* Remembers a lead that got far for some sum: it is a start for others.  The values are the arena's. */
void keep_lead(struct check *check, uint32_t *values);
void climb_from(struct reaching *r, struct board *board, size_t samples, struct optimum *best, int64_t goal);
void weigh_parts(struct reaching *r, const struct sum *sum, struct board *board, struct optimum *best, int64_t goal);
void search_nearby(struct reaching *r, const struct sum *sum, struct optimum *best, int64_t goal);

/* reach_idle.c */
void check_idle_rules(struct reaching *r);

#endif
