#include "compiler/conflicts/reach_parts.h"

#include <stdlib.h>
#include <string.h>

#include "vm/number.h"

/* Leads for large sums over several scores: sums without the bounds of their parts, boards that climb, searches that let a few
   fields go at a time. */

void keep_lead(struct check *check, uint32_t *values)
{
    memory_reserve(&check->leads, &check->lead_capacity, check->lead_count + 1, sizeof *check->leads);
    check->leads[check->lead_count++] = values;
}

/* All terms of all parts side by side, without the bounds between them; each part of the top with a weight of its own.
 */
static void flatten(const struct sum *sum, int64_t ppm, const int64_t *weights, struct sum *out)
{
    if (sum->weighted) ppm = (int64_t)((wide_int)ppm * sum->weight_ppm / 1000000);
    for (size_t i = 0; i < sum->count; i++) {
        int64_t points = number_weigh(sum->terms[i].points, ppm);
        if (points == 0) continue;
        memory_reserve(&out->terms, &out->capacity, out->count + 1, sizeof *out->terms);
        out->terms[out->count++] = (struct gain){sum->terms[i].f, points, sum->terms[i].rule};
    }
    for (size_t i = 0; i < sum->part_count; i++)
        flatten(&sum->parts[i], weights ? (int64_t)((wide_int)ppm * weights[i] / 1000000) : ppm, NULL, out);
}

/* The same with the constants, and without rounding: false where that would not be exact.  Parts of the top in `left_out`
   count as their least; *bounds becomes false where a part further down has one. */
bool relax(const struct sum *sum, int64_t ppm, unsigned left_out, bool *bounds, struct sum *out)
{
    bool exact = sum->rounded_to == 0 || out->count + out->part_count == 0;
    wide_int own = (wide_int)ppm * (sum->weighted ? sum->weight_ppm : 1000000);
    exact &= own % 1000000 == 0;
    ppm = (int64_t)(own / 1000000);
    exact &= (wide_int)sum->constant * ppm % 1000000 == 0;
    out->constant += number_weigh(sum->constant, ppm);
    for (size_t i = 0; i < sum->count; i++) {
        exact &= (wide_int)sum->terms[i].points * ppm % 1000000 == 0;
        memory_reserve(&out->terms, &out->capacity, out->count + 1, sizeof *out->terms);
        out->terms[out->count++] = (struct gain){sum->terms[i].f, number_weigh(sum->terms[i].points, ppm),
                                                 sum->terms[i].rule};
    }
    for (size_t i = 0; i < sum->part_count; i++) {
        if (i < 31 && (left_out >> i & 1)) {
            out->constant += sum->parts[i].least;
            continue;
        }
        for (size_t j = 0; j < sum->parts[i].part_count; j++) *bounds &= !sum->parts[i].parts[j].has_least;
        exact &= sum->parts[i].rounded_to == 0;
        exact &= relax(&sum->parts[i], ppm, 0, bounds, out);
    }
    return exact;
}

/* The bound from the parts: each at its own extreme. */
int64_t parts_bound(const struct check *check, uint32_t score, bool up)
{
    const struct model_score *facts = &check->model->scores[score];
    wide_int total = facts->base;
    for (size_t i = 0; i < facts->part_count; i++) {
        const struct score_part *part = &facts->parts[i];
        if (part->score == NO_INDEX) {
            total += part->constant;
            continue;
        }
        const struct reach *reach = &check->score_reach[part->score];
        bool high = (part->weight_ppm >= 0) == up;
        int64_t own = high ? reach->most_bound : reach->least_bound;
        total += part->weight_ppm == 1000000 ? own : number_weigh(own, part->weight_ppm);
    }
    int64_t bound = up ? INT64_MAX : INT64_MIN;
    number_narrow(total, &bound);
    if (facts->rounded_to > 0) bound = number_round(bound, facts->rounded_to);
    if (facts->has_most && bound > facts->most) bound = facts->most;
    if (facts->has_least && bound < facts->least) bound = facts->least;
    return bound;
}

void consider(struct check *check, const struct sum *sum, const uint32_t *values, struct optimum *best)
{
    int64_t value = sum_value(check, sum, values);
    if (best->found && value <= best->best) return;
    best->best = value;
    best->found = true;
    memcpy(best->values, values, check->space->slot_count * sizeof *values);
}

enum { NEARBY_ROUNDS = 60, LOOSE = 5 };

size_t term_count(const struct sum *sum)
{
    size_t count = sum->count;
    for (size_t i = 0; i < sum->part_count; i++) count += term_count(&sum->parts[i]);
    return count;
}

/* From the best lead so far, from the extremes of others, and from samples, slot by slot. */
void climb_from(struct reaching *r, struct board *board, size_t samples, struct optimum *best, int64_t goal)
{
    struct check *check = r->check;
    size_t size = check->space->slot_count * sizeof *r->scratch, starts = check->lead_count < 4 ? check->lead_count : 4;
    for (size_t i = 0; i <= starts + samples && best->best < goal; i++) {
        if (i == 0) memcpy(r->scratch, best->values, size);
        else if (i <= starts) memcpy(r->scratch, check->leads[check->lead_count - i], size);
        else sample_values(check, (i * 7919) % check->sample_count, r->scratch);
        int64_t value = board_climb(board, r->scratch, goal, r->deadline);
        if (value <= best->best) continue;
        best->best = value;
        memcpy(best->values, r->scratch, size);
    }
}

/* Where bounds between the parts keep the sum of the extremes from being one lead's: parts that have more than counts
   weigh less, parts that have not enough weigh more, and the search is asked again. */
void weigh_parts(struct reaching *r, const struct sum *sum, struct board *board, struct optimum *best,
                        int64_t goal)
{
    struct check *check = r->check;
    int64_t *weights = memory_alloc((sum->part_count + 1) * sizeof *weights), start = sat_clock();
    int rounds = term_count(sum) <= REACH_FEW_TERMS ? 1 : 10; /* of few terms, the exact search is the shorter way */
    for (size_t i = 0; i < sum->part_count; i++) weights[i] = 1000000;
    for (int round = 0; round < rounds && best->best < goal; round++) {
        int64_t now = sat_clock(), slice = now + (r->deadline - start) / 24;
        if (now > start + (r->deadline - start) / 2) break;
        struct sum flat = {0};
        flatten(sum, 1000000, weights, &flat);
        struct optimum other = {.values = arena_alloc(check->arena, (check->space->slot_count + 8) * sizeof(uint32_t))};
        sum_maximise(check, r->sat, &flat, sum, FORMULA_TRUE, goal, slice, &other);
        sum_free(&flat);
        if (!other.found) break;
        keep_lead(check, other.values);
        consider(check, sum, other.values, best);
        climb_from(r, board, 4, best, goal);
        for (size_t i = 0; i < sum->part_count; i++) {
            struct sum bare = sum->parts[i];
            bare.has_most = bare.has_least = false;
            bare.rounded_to = 0;
            int64_t value = sum_value(check, &bare, best->values);
            if (sum->parts[i].has_most && value > sum->parts[i].most) weights[i] = weights[i] * 6 / 10;
            else if (weights[i] < 100000000) weights[i] = weights[i] * 14 / 10;
        }
    }
    free(weights);
}

/* The formula where the fixed slots have their values. */
/* f where the fixed slots have their values. */
static formula restricted(struct space *space, formula f, const bool *fixed, const uint32_t *values)
{
    const struct formula_node node = space->formulas[f];
    if (node.kind == FORMULA_KIND_CONSTANT) return f;
    if (node.kind == FORMULA_KIND_LITERAL) {
        uint32_t slot = space->atoms[node.atom].slot;
        if (!fixed[slot]) return f;
        return literal_bit(space, node.atom, (enum polarity)node.polarity, values[slot]) ? FORMULA_TRUE : FORMULA_FALSE;
    }
    formula out = node.kind == FORMULA_KIND_AND ? FORMULA_TRUE : FORMULA_FALSE;
    for (uint32_t i = 0; i < node.count; i++) {
        formula part = restricted(space, space->children[node.first + i], fixed, values);
        out = node.kind == FORMULA_KIND_AND ? formula_and(space, out, part) : formula_or(space, out, part);
        if (out == (node.kind == FORMULA_KIND_AND ? FORMULA_FALSE : FORMULA_TRUE)) break;
    }
    return out;
}

static uint32_t draw(uint64_t *state, uint32_t below)
{
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)((*state >> 33) % below);
}

/* What the parts come to without a floor, each up to where it counts. */
static int64_t towards(const struct check *check, const struct sum *sum, const uint32_t *values, int64_t *weights)
{
    wide_int total = sum->constant;
    for (size_t i = 0; i < sum->count; i++)
        if (formula_true(check->space, sum->terms[i].f, values)) total += sum->terms[i].points;
    for (size_t i = 0; i < sum->part_count; i++) {
        struct sum bare = sum->parts[i];
        bare.has_least = bare.has_most = false;
        int64_t value = sum_value(check, &bare, values);
        if (weights) {
            bool over = bare.most < value && sum->parts[i].has_most;
            if (over) weights[i] = weights[i] * 7 / 10 + 1;
            else if (weights[i] < 100000000) weights[i] = weights[i] * 13 / 10;
        }
        if (sum->parts[i].has_most && value > sum->parts[i].most) value = sum->parts[i].most;
        total += value;
    }
    int64_t out = INT64_MIN;
    number_narrow(total, &out);
    return out;
}

/* From the best lead: a few fields are let loose, and what they can do for the sum is a small question of its own. */
void search_nearby(struct reaching *r, const struct sum *sum, struct optimum *best, int64_t goal)
{
    struct check *check = r->check;
    struct space *space = check->space;
    size_t size = space->slot_count * sizeof *best->values;
    int64_t *weights = memory_alloc((sum->part_count + 1) * sizeof *weights);
    uint32_t *here = memory_alloc(size + 8), *trial = memory_alloc(size + 8), *used = memory_alloc(size + 8);
    bool *fixed = memory_alloc(space->slot_count + 1);
    for (size_t i = 0; i < sum->part_count; i++) weights[i] = 1000000;
    struct sum all = {0};
    flatten(sum, 1000000, NULL, &all);
    size_t used_count = 0;
    for (size_t i = 0; i < all.count; i++) used_count = formula_slots(space, all.terms[i].f, used, used_count);
    sum_free(&all);
    memcpy(here, best->values, size);
    int64_t now = towards(check, sum, here, NULL);
    uint64_t state = 0x2545f4914f6cdd1du;
    int64_t start = sat_clock(), until = start + (r->deadline - start) / 3;
    for (int round = 0; round < NEARBY_ROUNDS && best->best < goal && used_count > 0; round++) {
        if (sat_clock() > until) break;
        memset(fixed, 1, space->slot_count + 1);
        size_t loose = used_count < LOOSE ? used_count : LOOSE;
        for (size_t n = 0; n < loose;) {
            uint32_t slot = used[draw(&state, (uint32_t)used_count)];
            n += fixed[slot];
            fixed[slot] = false;
        }
        struct sum flat = {0};
        flatten(sum, 1000000, weights, &flat);
        size_t kept = 0;
        for (size_t i = 0; i < flat.count; i++) {
            formula f = restricted(space, flat.terms[i].f, fixed, here);
            if (f == FORMULA_TRUE) flat.constant += flat.terms[i].points;
            else if (f != FORMULA_FALSE) flat.terms[kept++] = (struct gain){f, flat.terms[i].points, flat.terms[i].rule};
        }
        flat.count = kept;
        struct optimum other = {.values = trial};
        sum_maximise(check, r->sat, &flat, NULL, FORMULA_TRUE, INT64_MAX, sat_clock() + 20, &other);
        sum_free(&flat);
        if (!other.found) continue;
        for (uint32_t slot = 0; slot < space->slot_count; slot++)
            if (fixed[slot]) trial[slot] = here[slot];
        int64_t then = towards(check, sum, trial, weights);
        if (then >= now) {
            now = then;
            memcpy(here, trial, size);
        }
        consider(check, sum, trial, best);
    }
    free(weights);
    free(here);
    free(trial);
    free(used);
    free(fixed);
}
