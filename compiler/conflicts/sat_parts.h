/* What sat.c (the space as clauses) and oll.c (the core-guided search) share. */
#ifndef RUBRIC_COMPILER_CONFLICTS_SAT_PARTS_H
#define RUBRIC_COMPILER_CONFLICTS_SAT_PARTS_H

#include <ccadical.h>

#include "compiler/conflicts/sat.h"

struct slot_code {
    bool made;
    int *upto;
    uint32_t *order;
    size_t count;
    int missing, domain;
};
struct sat {
    struct space *space;
    CCaDiCaL *solver;
    int next;
    struct slot_code *slots;
    size_t slot_count;
    int *holds, *fails;
    size_t atom_capacity; /* of each atom, 0: not made */
    int *of_formula;
    size_t formula_capacity;
    formula *roots;
    size_t root_count, root_capacity; /* formulas of this question: what of them is true must be realised */
    bool *is_root;
    size_t is_root_capacity;
    bool stale; /* a field got a cut after its values were written down: nothing is proved */
    int yes;    /* a literal that is true */
    int guard;  /* assumed by every question: what a theory could not decide is left aside under it, and proves nothing */
    unsigned ticks;
    bool late;
    int64_t stop_below;
    uint32_t *made;
    size_t made_count, made_capacity; /* atoms with a literal, for the clauses between them */
    int64_t deadline;
};

/* 10: satisfiable and made real in `values`; 20: not; 0: out of time, or a theory gave up. */
int sat_solve(struct sat *sat, const int *assumed, size_t count, uint32_t *values);
int sat_out_of_time(void *sat);

#endif
