/* The space as clauses, for questions over many rules at once: how far a sum of points can go.  CaDiCaL finds a truth
   value for every atom; whether a text or events with those truths exist is asked of the theories, and what they refuse
   becomes a clause.

   maximise() is core-guided (OLL): all wishes are assumed true; a set of wishes that cannot be true together costs the
   least of their weights, and a counter over it says how many more must be given up.  The bound is proved at every
   step. */
#ifndef RUBRIC_COMPILER_CONFLICTS_SAT_H
#define RUBRIC_COMPILER_CONFLICTS_SAT_H

#include "compiler/conflicts/space.h"

struct sat;
struct sat *sat_new(struct space *space);
void sat_free(struct sat *sat);
void sat_begin(struct sat *sat);             /* a new question: forgets which formulas matter */
int sat_formula(struct sat *sat, formula f); /* a literal that implies f */
int sat_true(const struct sat *sat);         /* a literal that is true */
int sat_new_literal(struct sat *sat);
void sat_clause(struct sat *sat, const int *literals, size_t count);

struct wish {
    int literal;
    int64_t weight;
}; /* weight > 0 */
enum sat_end { SAT_EXACT, SAT_BOUNDED, SAT_IMPOSSIBLE };
/* The most of Σ weight × literal over all leads for which `hard` (a literal, 0: none) is true.  `values` gets the best
   lead found (when *found), *bound what is proved to be the most.  `deadline` in ms of sat_clock(); `enough` (may be
   NULL) sees every lead on the way and may end the search. */
enum sat_end sat_maximise(struct sat *sat, const struct wish *wishes, size_t count, int hard, int64_t deadline,
                          bool (*enough)(void *context, const uint32_t *values), void *context, int64_t *bound,
                          uint32_t *values, bool *found);
/* The next sat_maximise ends as soon as its bound is below this (INT64_MIN: it does not). */
void sat_stop_below(struct sat *sat, int64_t bound);
int64_t sat_clock(void); /* milliseconds of this process's processor time */

#endif
