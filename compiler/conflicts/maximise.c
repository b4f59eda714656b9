#include "compiler/conflicts/objective.h"

#include <stdlib.h>
#include <string.h>

#include "vm/number.h"

/* From sums to wishes: points that are given are wished true, points that are taken are wished away.  Rules of which at
   most one can fire, because they look at different stretches of one field, become "one of the best n" for each n.  A
   part with bounds becomes a ladder: one literal for each value that it can come to. */

struct wishes {
    struct wish *items;
    size_t count, capacity;
};
struct goal {
    formula f;
    int64_t weight;
    bool grouped;
};
struct goals {
    struct goal *items;
    size_t count, capacity;
};

static void add_wish(struct wishes *wishes, int literal, int64_t weight)
{
    memory_reserve(&wishes->items, &wishes->capacity, wishes->count + 1, sizeof *wishes->items);
    wishes->items[wishes->count++] = (struct wish){literal, weight};
}

/* ---- goals that exclude each other through one field ---------------------------------------------------- */

static void necessary(const struct space *space, formula f, uint32_t slot, uint64_t *mask, size_t words)
{
    const struct formula_node *node = &space->formulas[f];
    memset(mask, 0xff, words * sizeof *mask);
    if (node->kind == FORMULA_KIND_CONSTANT) return;
    if (node->kind == FORMULA_KIND_LITERAL) {
        const struct atom *atom = &space->atoms[node->atom];
        if (atom->slot != slot) return;
        const uint64_t *bits = node->polarity < SAYS_FAILS ? atom->holds_bits : atom->fails_bits;
        for (size_t i = 0; i < words; i++) mask[i] = node->polarity & 1 ? ~bits[i] : bits[i];
        return;
    }
    uint64_t part[8];
    bool is_and = node->kind == FORMULA_KIND_AND;
    if (!is_and) memset(mask, 0, words * sizeof *mask);
    for (uint32_t i = 0; i < node->count; i++) {
        necessary(space, space->children[node->first + i], slot, part, words);
        for (size_t j = 0; j < words; j++) mask[j] = is_and ? mask[j] & part[j] : mask[j] | part[j];
    }
}

static int compare_goals(const void *a, const void *b)
{
    const struct goal *left = a, *right = b;
    if (left->weight != right->weight) return left->weight > right->weight ? -1 : 1;
    return left->f < right->f ? -1 : left->f > right->f;
}

struct clique {
    uint64_t mask[8];
    size_t *members;
    size_t count, capacity;
};

static void group_slot(struct check *check, uint32_t slot, struct goals *goals, struct goals *made)
{
    struct space *space = check->space;
    size_t pool = space->slots[slot].pool_count, words = (pool + 63) / 64;
    if (!space->slots[slot].complete || words > 8 || pool < 2) return;
    uint64_t all[8];
    memset(all, 0xff, sizeof all);
    if (pool % 64) all[words - 1] = (UINT64_C(1) << (pool % 64)) - 1;
    struct clique *cliques = NULL;
    size_t clique_count = 0, clique_capacity = 0;
    for (size_t i = 0; i < goals->count; i++) {
        uint64_t mask[8];
        if (goals->items[i].grouped) continue;
        necessary(space, goals->items[i].f, slot, mask, words);
        bool full = true;
        for (size_t j = 0; j < words; j++) {
            mask[j] &= all[j];
            full &= mask[j] == all[j];
        }
        if (full) continue;
        size_t at = 0;
        for (; at < clique_count; at++) {
            bool apart = true;
            for (size_t j = 0; j < words && apart; j++) apart = (cliques[at].mask[j] & mask[j]) == 0;
            if (apart) break;
        }
        if (at == clique_count) {
            memory_reserve(&cliques, &clique_capacity, clique_count + 1, sizeof *cliques);
            cliques[clique_count++] = (struct clique){0};
        }
        struct clique *clique = &cliques[at];
        memory_reserve(&clique->members, &clique->capacity, clique->count + 1, sizeof *clique->members);
        clique->members[clique->count++] = i;
        for (size_t j = 0; j < words; j++) clique->mask[j] |= mask[j];
    }
    for (size_t at = 0; at < clique_count; at++) {
        struct clique *clique = &cliques[at];
        formula any = FORMULA_FALSE;
        for (size_t j = 0; j < clique->count && clique->count > 1; j++) { /* in order of weight, as the goals are */
            struct goal *goal = &goals->items[clique->members[j]];
            int64_t next = j + 1 < clique->count ? goals->items[clique->members[j + 1]].weight : 0;
            goal->grouped = true;
            any = formula_or(space, any, goal->f);
            if (goal->weight == next) continue;
            memory_reserve(&made->items, &made->capacity, made->count + 1, sizeof *made->items);
            made->items[made->count++] = (struct goal){any, goal->weight - next, false};
        }
        free(clique->members);
    }
    free(cliques);
}

/* ---- ladders -------------------------------------------------------------------------------------------- */

struct rung {
    int64_t value;
    int literal;
};
struct ladder {
    struct rung *rungs;
    size_t count;
    bool lent; /* the rungs belong to somebody else */
};

static int compare_rungs(const void *a, const void *b)
{
    const struct rung *left = a, *right = b;
    return left->value < right->value ? -1 : left->value > right->value;
}

/* Literals "at least v" for all values v that the two can add up to, up to `most`: each implies that the sum is really
   so high. */
static bool merge_two(struct sat *sat, const struct ladder *left, const struct ladder *right, int64_t most,
                      size_t *room, struct ladder *out)
{
    size_t pairs = (left->count + 1) * (right->count + 1), used = 0, kept = 0;
    if (pairs >= *room) return false;
    *room -= pairs;
    struct rung *rungs = memory_alloc(pairs * sizeof *rungs);
    for (size_t i = 0; i <= left->count; i++)
        for (size_t j = 0; j <= right->count; j++) {
            int64_t value = (i ? left->rungs[i - 1].value : 0) + (j ? right->rungs[j - 1].value : 0);
            if (i + j > 0) rungs[used++] = (struct rung){value < most ? value : most, 0};
        }
    qsort(rungs, used, sizeof *rungs, compare_rungs);
    for (size_t i = 0; i < used; i++)
        if (kept == 0 || rungs[kept - 1].value != rungs[i].value) rungs[kept++] = rungs[i];
    for (size_t i = 0; i < kept; i++) {
        rungs[i].literal = sat_new_literal(sat);
        if (i > 0) sat_clause(sat, (int[]){-rungs[i].literal, rungs[i - 1].literal}, 2);
    }
    for (size_t i = 0; i <= left->count; i++) /* not above i and not above j: not above their sum */
        for (size_t j = 0; j <= right->count; j++) {
            int64_t value = (i ? left->rungs[i - 1].value : 0) + (j ? right->rungs[j - 1].value : 0);
            size_t at = kept;
            for (size_t low = 0, high = kept; low < high;) {
                size_t middle = (low + high) / 2;
                if (rungs[middle].value > value) high = at = middle;
                else at = low = middle + 1;
            }
            if (at >= kept) continue;
            int clause[3];
            size_t size = 0;
            clause[size++] = -rungs[at].literal;
            if (i < left->count) clause[size++] = left->rungs[i].literal;
            if (j < right->count) clause[size++] = right->rungs[j].literal;
            sat_clause(sat, clause, size);
        }
    *out = (struct ladder){.rungs = rungs, .count = kept};
    return true;
}

static int compare_ladders(const void *a, const void *b)
{
    const struct ladder *left = a, *right = b;
    int64_t x = left->count ? left->rungs[left->count - 1].value : 0,
            y = right->count ? right->rungs[right->count - 1].value : 0;
    return x < y ? -1 : x > y;
}

/* One after the other, the low ones first: as many clauses as there are items times values, where halves joined to
   halves would have values times values. */
static bool merge_ladders(struct sat *sat, struct ladder *items, size_t count, int64_t most, size_t *room,
                          struct ladder *out)
{
    *out = (struct ladder){0};
    if (count == 0) return true;
    if (count > 1) qsort(items, count, sizeof *items, compare_ladders);
    out->rungs = memory_alloc((items->count + 1) * sizeof *out->rungs);
    for (size_t i = 0; i < items->count; i++) { /* above `most` nothing needs to be told apart */
        out->rungs[out->count] = items->rungs[i];
        if (out->rungs[out->count].value > most) out->rungs[out->count].value = most;
        if (out->rungs[out->count++].value == most) break;
    }
    bool made = true;
    for (size_t i = 1; i < count && made; i++) {
        struct ladder left = *out;
        *out = (struct ladder){0};
        made = merge_two(sat, &left, &items[i], most, room, out);
        free(left.rungs);
    }
    return made;
}

static bool part_ladder(struct check *check, struct sat *sat, const struct sum *part, size_t *room, struct ladder *out,
                        int64_t *base);

/* The terms of one sign, where at most one of several can be true as steps: the greatest of them instead of their sum,
   so that the ladder has fewer rungs. */
static void joined_terms(struct check *check, const struct sum *part, bool up, struct sum *out)
{
    struct goals goals = {0}, made = {0};
    for (size_t i = 0; i < part->count; i++) {
        if ((part->terms[i].points > 0) != up) continue;
        memory_reserve(&goals.items, &goals.capacity, goals.count + 1, sizeof *goals.items);
        goals.items[goals.count++] = (struct goal){part->terms[i].f,
                                                   up ? part->terms[i].points : -part->terms[i].points, false};
    }
    if (goals.count > 1) qsort(goals.items, goals.count, sizeof *goals.items, compare_goals);
    for (uint32_t slot = 0; slot < check->space->slot_count; slot++) group_slot(check, slot, &goals, &made);
    for (size_t i = 0; i < goals.count + made.count; i++) {
        const struct goal *goal = i < goals.count ? &goals.items[i] : &made.items[i - goals.count];
        if (goal->grouped) continue;
        memory_reserve(&out->terms, &out->capacity, out->count + 1, sizeof *out->terms);
        out->terms[out->count++] = (struct gain){goal->f, up ? goal->weight : -goal->weight, NO_INDEX};
    }
    free(goals.items);
    free(made.items);
}

/* What a sum can come to, before its own weight and bounds: `own` and the rungs above it, up to `most`. */
static bool sum_ladder(struct check *check, struct sat *sat, const struct sum *whole, int64_t most, size_t *room,
                       struct ladder *ladder, int64_t *own)
{
    struct sum joined = *whole, *part = &joined;
    joined.terms = NULL;
    joined.count = joined.capacity = 0;
    for (int up = 0; up < 2; up++) joined_terms(check, whole, up, &joined);
    size_t count = part->count + part->part_count, at = 0;
    struct ladder *items = memory_alloc((count + 1) * sizeof *items);
    struct rung *single = memory_alloc((part->count + 1) * sizeof *single);
    *own = part->constant;
    for (; at < part->count; at++) {
        const struct gain *gain = &part->terms[at];
        bool up = gain->points > 0;
        if (!up) *own += gain->points;
        single[at] = (struct rung){up ? gain->points : -gain->points,
                                   sat_formula(sat, up ? gain->f : formula_not(check->space, gain->f))};
        items[at] = (struct ladder){&single[at], 1, true};
    }
    bool made = true;
    for (size_t i = 0; i < part->part_count && made; i++)
        made = part_ladder(check, sat, &part->parts[i], room, &items[at++], own);
    made = made && merge_ladders(sat, items, at, most > *own ? most - *own : INT64_MAX / 4, room, ladder);
    for (size_t i = 0; i < at; i++) /* in any order by now */
        if (!items[i].lent) free(items[i].rungs);
    free(items);
    free(single);
    free(joined.terms);
    return made;
}

/* The same of a part within its bounds: `base` grows by the least, the rungs stand above it. */
static bool part_ladder(struct check *check, struct sat *sat, const struct sum *part, size_t *room, struct ladder *out,
                        int64_t *base)
{
    int64_t own = 0;
    *out = (struct ladder){0};
    bool made = sum_ladder(check, sat, part,
                           part->has_most && !part->weighted ? part->most + part->rounded_to : INT64_MAX / 4, room, out,
                           &own);
    int64_t least = sum_finish(part, own), before = least;
    size_t kept = 0;
    *base += least;
    for (size_t i = 0; i < out->count; i++) {
        int64_t after = sum_finish(part, own + out->rungs[i].value);
        if (after > before) out->rungs[kept++] = (struct rung){after - least, out->rungs[i].literal};
        before = after;
    }
    out->count = kept;
    return made;
}

int sum_at_least(struct check *check, struct sat *sat, const struct sum *sum, int64_t least, size_t *room, bool *made)
{
    struct ladder ladder = {0};
    int64_t own = 0;
    int literal = -sat_true(sat);
    struct sum bare = {.rounded_to = sum->rounded_to};
    *made = sum_ladder(check, sat, sum, least + sum->rounded_to, room, &ladder, &own);
    bool reached = *made && sum_finish(&bare, own) >= least;
    if (reached) literal = sat_true(sat);
    for (size_t i = 0; i < ladder.count && *made && !reached; i++)
        if (sum_finish(&bare, own + ladder.rungs[i].value) >= least) {
            literal = ladder.rungs[i].literal;
            break;
        }
    free(ladder.rungs);
    return literal;
}

/* ---- the whole ------------------------------------------------------------------------------------------ */

struct watch {
    struct check *check;
    const struct sum *sum;
    struct optimum *out;
    int64_t enough;
};

static bool watch_lead(void *context, const uint32_t *values)
{
    struct watch *watch = context;
    int64_t value = sum_value(watch->check, watch->sum, values);
    if (!watch->out->found || value > watch->out->best) {
        watch->out->found = true;
        watch->out->best = value;
        memcpy(watch->out->values, values, watch->check->space->slot_count * sizeof *values);
    }
    return watch->out->best >= watch->enough;
}

void sum_maximise(struct check *check, struct sat *sat, const struct sum *sum, const struct sum *judge, formula hard,
                  int64_t enough, int64_t deadline, struct optimum *out)
{
    struct space *space = check->space;
    struct goals goals = {0}, made = {0};
    struct wishes wishes = {0};
    int64_t base = sum->constant, least, most;
    sum_span(sum, &least, &most);
    if (!judge && enough > most) enough = most;
    sat_begin(sat);
    for (size_t i = 0; i < sum->count; i++) {
        const struct gain *gain = &sum->terms[i];
        memory_reserve(&goals.items, &goals.capacity, goals.count + 1, sizeof *goals.items);
        if (gain->points < 0) base += gain->points;
        goals.items[goals.count++] = (struct goal){gain->points > 0 ? gain->f : formula_not(space, gain->f),
                                                   gain->points > 0 ? gain->points : -gain->points, false};
    }
    if (goals.count > 1) qsort(goals.items, goals.count, sizeof *goals.items, compare_goals);
    for (uint32_t slot = 0; slot < space->slot_count; slot++) group_slot(check, slot, &goals, &made);
    for (size_t i = 0; i < goals.count; i++)
        if (!goals.items[i].grouped) add_wish(&wishes, sat_formula(sat, goals.items[i].f), goals.items[i].weight);
    for (size_t i = 0; i < made.count; i++) add_wish(&wishes, sat_formula(sat, made.items[i].f), made.items[i].weight);
    bool complete = true;
    size_t room = MOST_PAIRS;
    for (size_t i = 0; i < sum->part_count && complete; i++) {
        struct ladder ladder;
        complete = part_ladder(check, sat, &sum->parts[i], &room, &ladder, &base);
        for (size_t j = 0; j < ladder.count; j++)
            add_wish(&wishes, ladder.rungs[j].literal, ladder.rungs[j].value - (j ? ladder.rungs[j - 1].value : 0));
        free(ladder.rungs);
    }
    uint32_t *values = memory_alloc((space->slot_count + 1) * sizeof *values);
    out->found = out->proven = out->impossible = false;
    out->bound = most;
    struct watch watch = {check, judge ? judge : sum, out, enough};
    int hard_literal = hard == FORMULA_TRUE ? 0 : sat_formula(sat, hard);
    if (hard == FORMULA_TRUE) watch_lead(&watch, values); /* the lead of which nothing is known */
    if (complete && !(out->found && out->best >= enough)) {
        int64_t bound = 0;
        bool found;
        if (out->stops) sat_stop_below(sat, out->stop_below - base);
        enum sat_end end = sat_maximise(sat, wishes.items, wishes.count, hard_literal, deadline, watch_lead, &watch,
                                        &bound, values, &found);
        if (end == SAT_IMPOSSIBLE) out->impossible = true;
        int64_t proved = sum_finish(sum, base + bound);
        if (proved < out->bound) out->bound = proved;
    }
    out->proven = !judge && out->found && (out->best >= out->bound || out->best >= enough);
    if (out->proven && out->best > out->bound) out->bound = out->best;
    free(values);
    free(goals.items);
    free(made.items);
    free(wishes.items);
}
