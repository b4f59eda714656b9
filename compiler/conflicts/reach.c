#include "compiler/conflicts/objective.h"

#include <stdlib.h>
#include <string.h>

#include "vm/number.h"

/* How far scores, groups and combined scores go, with the leads that get there; and what follows: bounds that never
   bind, rules that never change a score, thresholds and labels out of reach. */

struct reaching {
    struct check *check;
    struct sat *sat;
    int64_t deadline, idle_deadline;
    uint32_t *scratch;
    bool stops;
    int64_t stop_below; /* of the next extreme, upwards: a bound below it is all that is asked for */
};

static void keep_lead(struct check *check, uint32_t *values)
{
    memory_reserve(&check->leads, &check->lead_capacity, check->lead_count + 1, sizeof *check->leads);
    check->leads[check->lead_count++] = values;
}

static bool relax(const struct sum *sum, int64_t ppm, unsigned left_out, bool *bounds, struct sum *out);
static void consider(struct check *check, const struct sum *sum, const uint32_t *values, struct optimum *best);
static size_t term_count(const struct sum *sum);

/* Of sums of more terms, over several scores, combined_reach finds the leads; milliseconds, when no budget is given. */
enum { MOST_TERMS = 800, SEEING = 24, DEFAULT_BUDGET = 600 };

static struct optimum optimum_new(const struct check *check)
{
    return (struct optimum){.values = arena_alloc(check->arena, (check->space->slot_count + 8) * sizeof(uint32_t))};
}

/* Sums whose parts have bounds, without ladders: with its parts let out of their bounds a sum is a plain one, and no
   lead gets less by it.  Where a part must not fall below its least, either it counts as that, or it is above: every
   choice is a plain question.  False when that proves nothing; the best lead found is kept all the same. */
static bool relaxed(struct reaching *r, const struct sum *sum, formula hard, int64_t enough, struct optimum *out)
{
    struct check *check = r->check;
    unsigned floors = 0;
    size_t floor_count = 0;
    for (size_t i = 0; i < sum->part_count; i++) {
        struct sum bare = sum->parts[i];
        int64_t least, most;
        bare.has_least = false;
        sum_span(&bare, &least, &most);
        if (!sum->parts[i].has_least || least >= sum->parts[i].least) continue;
        floors |= i < 31 ? 1u << i : 0;
        floor_count++;
    }
    bool proves = floor_count <= 2;
    int64_t bound = INT64_MIN;
    for (unsigned choice = 0;; choice = (choice - floors) & floors) { /* all subsets of the floors */
        struct sum flat = {0};
        struct optimum one = optimum_new(check);
        one.stops = r->stops;
        one.stop_below = r->stop_below;
        bool exact = relax(sum, 1000000, choice, &proves, &flat);
        proves = proves && exact;
        sum_maximise(check, r->sat, &flat, sum, hard, enough, r->deadline, &one);
        sum_free(&flat);
        if (one.found) consider(check, sum, one.values, out);
        int64_t here = one.impossible ? INT64_MIN : sum_finish(sum, one.bound);
        if (here > bound) bound = here;
        if (out->found && out->best >= enough) break;
        if (!proves || choice == floors) break;
    }
    out->proven = out->found && (out->best >= enough || (proves && out->best >= bound));
    if (out->proven) out->bound = out->best;
    else if (proves && bound < out->bound) out->bound = bound;
    return out->proven;
}

/* The extremes of a sum in the space; for `down` everything is negated before and after. */
static struct optimum extreme(struct reaching *r, struct sum *sum, bool up, formula hard, int64_t enough)
{
    struct optimum out = optimum_new(r->check);
    if (!up) {
        sum_negate(sum);
        enough = enough == INT64_MIN ? INT64_MAX : -enough;
    }
    int64_t least, most, now = sat_clock(), deadline = r->deadline;
    if (now < deadline) r->deadline = now + (deadline - now) / 3; /* the others have questions too */
    sum_span(sum, &least, &most);
    out.bound = most;
    if (sum->part_count == 0 || sum->weighted || term_count(sum) > MOST_TERMS ||
        !relaxed(r, sum, hard, enough < most ? enough : most, &out)) {
        struct optimum other = optimum_new(r->check);
        other.stops = r->stops;
        other.stop_below = r->stop_below;
        int64_t bound = out.bound;
        sum_maximise(r->check, r->sat, sum, NULL, hard, enough, r->deadline, &other);
        if (out.found && (!other.found || out.best > other.best)) {
            other.found = true;
            other.best = out.best;
            other.values = out.values;
        }
        if (sum->part_count > 0 && bound < other.bound) other.bound = bound;
        other.proven |= other.found && other.best >= other.bound;
        out = other;
    }
    r->deadline = deadline;
    if (!up) {
        sum_negate(sum);
        out.best = -out.best;
        out.bound = -out.bound;
    }
    if (out.found) keep_lead(r->check, out.values);
    return out;
}

/* ---- scores and groups ---------------------------------------------------------------------------------- */

static int64_t replayed(struct check *check, const struct witness *witness, uint32_t score)
{
    struct observation *seen = observation_new(check);
    check->options->replay(check->options->context, witness, seen);
    return seen->scores[score];
}

/* What the machine says about the lead found counts; where it says less than was claimed, the claim is only a bound. */
static void settle(struct reaching *r, uint32_t score, const struct sum *sum, bool up, const struct optimum *optimum,
                   struct reach *out)
{
    struct check *check = r->check;
    struct witness *witness = optimum->found ? witness_of(check, optimum->values) : NULL;
    int64_t value = optimum->best, bound = optimum->bound;
    bool proven = optimum->proven && !sum->inexact;
    const struct model_score *facts = &check->model->scores[score];
    if (facts->loses && facts->without && !up && bound > 0)
        bound = facts->has_least && facts->least > 0 ? facts->least : 0;
    if (witness && check->options->replay) {
        value = replayed(check, witness, score);
        if (facts->loses && facts->without && (up ? value < optimum->best : value > 0 && optimum->best > 0)) {
            /* idle time: going up, something recent that gives no points; going down, something long ago */
            for (uint32_t event = 0; event < check->model->event_count; event++) {
                if (facts->without->event == NO_INDEX ? !check->model->events[event].activity
                                                      : facts->without->event != event)
                    continue;
                struct witness *other = witness_of(check, optimum->values);
                witness_add_event(check, other, event,
                                  up ? check->options->as_of - MICROS_HOUR
                                     : INSTANT_MIN + 5000 * 366 * MICROS_DAY / 10);
                int64_t with = replayed(check, other, score);
                if (up ? with > value : with < value) {
                    value = with;
                    witness = other;
                }
            }
        }
        if (value != bound && sum->sparse) { /* older events have faded further */
            struct witness *other = witness_aged(check, optimum->values);
            int64_t with = replayed(check, other, score);
            if (up ? with > value : with < value) {
                value = with;
                witness = other;
            }
        }
        proven = value == bound; /* a bound that a lead reaches is the truth, however it was found */
    }
    if (facts->loses && !up && optimum->best > 0 && !check->options->replay) proven = false;
    if (up) {
        out->most = value;
        out->most_bound = bound;
        out->most_proven = proven;
        out->most_lead = witness;
        out->most_open = sum->open_most;
    } else {
        out->least = value;
        out->least_bound = bound;
        out->least_proven = proven;
        out->least_lead = witness;
        out->least_open = sum->open_least;
    }
}

static void plain_reach(struct reaching *r, uint32_t score, struct reach *out)
{
    for (int up = 0; up < 2; up++) {
        struct sum sum = {0};
        sum_of_score(r->check, score, up, &sum);
        struct optimum optimum = extreme(r, &sum, up, FORMULA_TRUE, up ? INT64_MAX : INT64_MIN);
        if (sum.inexact)
            optimum.bound = up ? r->check->model->scores[score].highest : r->check->model->scores[score].lowest;
        settle(r, score, &sum, up, &optimum, out);
        sum_free(&sum);
    }
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
static bool relax(const struct sum *sum, int64_t ppm, unsigned left_out, bool *bounds, struct sum *out)
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
static int64_t parts_bound(const struct check *check, uint32_t score, bool up)
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

static void consider(struct check *check, const struct sum *sum, const uint32_t *values, struct optimum *best)
{
    int64_t value = sum_value(check, sum, values);
    if (best->found && value <= best->best) return;
    best->best = value;
    best->found = true;
    memcpy(best->values, values, check->space->slot_count * sizeof *values);
}

enum { FEW_TERMS = 200, MOST_STARTS = 24, FEW_STARTS = 6, NEARBY_ROUNDS = 60, LOOSE = 5 };

static size_t term_count(const struct sum *sum)
{
    size_t count = sum->count;
    for (size_t i = 0; i < sum->part_count; i++) count += term_count(&sum->parts[i]);
    return count;
}

/* From the best lead so far, from the extremes of others, and from samples, slot by slot. */
static void climb_from(struct reaching *r, struct board *board, size_t samples, struct optimum *best, int64_t goal)
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
static void weigh_parts(struct reaching *r, const struct sum *sum, struct board *board, struct optimum *best,
                        int64_t goal)
{
    struct check *check = r->check;
    int64_t *weights = memory_alloc((sum->part_count + 1) * sizeof *weights), start = sat_clock();
    int rounds = term_count(sum) <= FEW_TERMS ? 1 : 10; /* of few terms, the exact search is the shorter way */
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
static void search_nearby(struct reaching *r, const struct sum *sum, struct optimum *best, int64_t goal)
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

static void combined_reach(struct reaching *r, uint32_t score, struct reach *out)
{
    struct check *check = r->check;
    for (int up = 0; up < 2; up++) {
        struct sum sum = {0};
        sum_of_score(check, score, up, &sum);
        int64_t bound = parts_bound(check, score, up);
        struct optimum best = {.bound = bound,
                               .values = arena_alloc(check->arena, (check->space->slot_count + 8) * sizeof(uint32_t))};
        if (!up) sum_negate(&sum); /* from here on, upwards */
        int64_t goal = up ? bound : -bound;
        for (size_t i = 0; i < check->lead_count; i++) consider(check, &sum, check->leads[i], &best);
        if (best.best < goal) {
            struct board *board = board_new(check, &sum);
            bool few = term_count(&sum) <= FEW_TERMS;
            climb_from(r, board, few ? FEW_STARTS : MOST_STARTS, &best, goal);
            if (best.best < goal && !few) search_nearby(r, &sum, &best, goal);
            if (best.best < goal) weigh_parts(r, &sum, board, &best, goal);
            board_free(board);
        }
        if (best.best < goal && sat_clock() < r->deadline && sum.count + sum.part_count < 4000) {
            struct sat *kept = r->sat; /* ladders are long: in a solver of their own */
            r->sat = sat_new(check->space);
            struct optimum exact = extreme(r, &sum, true, FORMULA_TRUE, goal);
            sat_free(r->sat);
            r->sat = kept;
            if (exact.found) consider(check, &sum, exact.values, &best);
            if (exact.bound < goal && !sum.inexact) goal = exact.bound;
        }
        bool met = best.found && best.best >= goal;
        best.bound = met ? best.best : goal;
        if (best.found) keep_lead(check, best.values);
        if (!up) {
            sum_negate(&sum);
            best.best = -best.best;
            best.bound = -best.bound;
        }
        best.proven = met;
        settle(r, score, &sum, up, &best, out);
        sum_free(&sum);
    }
}

/* ---- bounds that never bind, rules that never matter ---------------------------------------------------- */

/* A group without rules is unused; its bounds need not be spoken of. */
static bool has_rules(const struct model *model, uint32_t group)
{
    for (size_t i = 0; i < model->rule_count; i++)
        if (!model->rules[i].disqualifies && model->rules[i].group == group) return true;
    return false;
}

/* What the points clauses of the rules allow, where the search cannot follow what they look at. */
static int64_t group_bound(const struct model *model, uint32_t group, bool up)
{
    const struct model_group *facts = &model->groups[group];
    bool adds = facts->take == TAKE_SUM || facts->take == TAKE_EXCLUSIVE;
    wide_int total = 0;
    for (size_t i = 0; i < model->rule_count; i++) {
        const struct model_rule *rule = &model->rules[i];
        if (rule->disqualifies || rule->group != group) continue;
        wide_int end = up ? rule->points.most : rule->points.least;
        if (adds) total += end;
        else if (up ? end > total : end < total) total = end;
    }
    int64_t bound = up ? INT64_MAX : INT64_MIN;
    if (!number_narrow(total, &bound)) return bound;
    return facts->has_weight ? number_weigh(bound, facts->weight_ppm) : bound;
}

static void group_reach(struct reaching *r, uint32_t group, struct reach *out)
{
    struct check *check = r->check;
    const struct model_group *facts = &check->model->groups[group];
    struct reach bare = {0};
    bool inexact = false;
    for (int up = 0; up < 2; up++) {
        struct sum sum = {0};
        sum_of_group(check, group, up, &sum);
        sum.has_least = sum.has_most = false;
        struct optimum optimum = extreme(r, &sum, up, FORMULA_TRUE,
                                         up ? (facts->has_most ? facts->most : INT64_MAX)
                                            : (facts->has_least ? facts->least : INT64_MIN));
        inexact |= sum.inexact;
        if (sum.inexact) optimum.bound = group_bound(check->model, group, up);
        if (up) {
            bare.most = optimum.best;
            bare.most_bound = optimum.bound;
            bare.most_proven = optimum.proven && !sum.inexact;
            bare.most_open = sum.open_most || (facts->has_most && optimum.best >= facts->most);
            bare.most_lead = optimum.found ? witness_of(check, optimum.values) : NULL;
        } else {
            bare.least = optimum.best;
            bare.least_bound = optimum.bound;
            bare.least_proven = optimum.proven && !sum.inexact;
            bare.least_open = sum.open_least || (facts->has_least && optimum.best <= facts->least);
            bare.least_lead = optimum.found ? witness_of(check, optimum.values) : NULL;
        }
        sum_free(&sum);
    }
    bool used = has_rules(check->model, group);
    if (used && facts->has_most && bare.most_bound < facts->most && !inexact && !bare.most_open) {
        struct diagnostic *d = check_report(check, C1022, facts->name.span, "`at most %s` of `%s` never binds",
                                            check_number(check, facts->most), facts->name.text);
        if (d) {
            diagnostic_label(d, facts->tree ? facts->tree->at_most.span : facts->name.span,
                             "the group comes to %s at most", check_number(check, bare.most_bound));
            diagnostic_help(d, "remove the bound, or lower it");
            if (bare.most_lead)
                diagnostic_note(d, "the lead that gets the most: %s", check_lead_text(check, bare.most_lead));
        }
    }
    if (used && facts->has_least && bare.least_bound > facts->least && !inexact && !bare.least_open) {
        struct diagnostic *d = check_report(check, C1022, facts->name.span, "`at least %s` of `%s` never binds",
                                            check_number(check, facts->least), facts->name.text);
        if (d) {
            diagnostic_label(d, facts->tree ? facts->tree->at_least.span : facts->name.span,
                             "the group comes to %s at least", check_number(check, bare.least_bound));
            diagnostic_help(d, "remove the bound, or raise it");
        }
    }
    *out = bare;
    int64_t *ends[4] = {&out->least, &out->most, &out->least_bound, &out->most_bound};
    for (int i = 0; i < 4; i++) {
        if (facts->has_most && *ends[i] > facts->most) *ends[i] = facts->most;
        if (facts->has_least && *ends[i] < facts->least) *ends[i] = facts->least;
    }
    out->most_open &= !facts->has_most;
    out->least_open &= !facts->has_least;
}

/* The sum of the rule's score, and of the same without the rule, for a lead. */
static bool changes(const struct check *check, const struct sum *sum, const uint32_t *values, size_t rule)
{
    return sum_value(check, sum, values) != sum_value_without(check, sum, values, (uint32_t)rule);
}

static bool late_for(const struct reaching *r) { return sat_clock() > r->deadline || sat_clock() > r->idle_deadline; }

static bool bounded_rule(const struct check *check, const struct model_rule *rule)
{
    const struct model_score *score = &check->model->scores[rule->score];
    const struct model_group *group = rule->group == NO_INDEX ? NULL : &check->model->groups[rule->group];
    if (group && group->take != TAKE_SUM && group->take != TAKE_EXCLUSIVE) return false; /* rows.c looks at these */
    return score->has_least || score->has_most || (group && (group->has_most || group->has_least));
}

struct reveal {
    struct check *check;
    const struct sum *sum;
    size_t rule;
    struct between *between;
};

static void between_keep(struct between *between, const struct space *space, const uint32_t *values);

static bool rule_seen(void *context, const uint32_t *values)
{
    struct reveal *reveal = context;
    if (!changes(reveal->check, reveal->sum, values, reveal->rule)) return false;
    between_keep(reveal->between, reveal->check->space, values);
    return true;
}

/* Leads for which some rule of the score was seen to matter: their points lie between the bounds, so that others are
   likely to be seen there too. */
struct between {
    uint32_t *leads[SEEING];
    size_t count, next;
};

static void between_keep(struct between *between, const struct space *space, const uint32_t *values)
{
    size_t size = (space->slot_count + 1) * sizeof *values;
    uint32_t **lead = &between->leads[between->next];
    between->next = (between->next + 1) % SEEING;
    if (between->count < SEEING) between->count++;
    if (!*lead) *lead = memory_alloc(size);
    memcpy(*lead, values, space->slot_count * sizeof *values);
}

static void lay_over(const struct check *check, const uint32_t *lead, const uint32_t *own, const uint32_t *slots,
                     size_t slot_count, uint32_t *mixed)
{
    memcpy(mixed, lead, check->space->slot_count * sizeof *mixed);
    for (size_t i = 0; i < slot_count; i++) mixed[slots[i]] = own[slots[i]];
}

/* A lead in the neighbourhood of the rule's own for which the rule matters. */
static bool matters_nearby(struct reaching *r, size_t index, const struct sum *sum, struct board *board,
                           struct between *between)
{
    struct check *check = r->check;
    struct space *space = check->space;
    uint32_t *own = r->scratch;
    formula keep = check->rules[index].fires;
    if (space_solve(space, keep, false, own) != ANSWER_YES) return true;
    if (changes(check, sum, own, index)) {
        if (between->count < SEEING / 2) between_keep(between, space, own);
        return true;
    }
    const struct model_points *points = &check->model->rules[index].points;
    struct reveal reveal = {check, sum, index, between};
    int64_t size = points->most > 0 ? points->most : points->least;
    bool found = false;
    uint32_t *slots = memory_alloc((space->slot_count + 1) * sizeof *slots),
             *mixed = memory_alloc((space->slot_count + 1) * sizeof *mixed);
    size_t slot_count = formula_slots(space, keep, slots, 0);
    for (size_t i = 0; i < between->count && !found; i++) {
        lay_over(check, between->leads[i], own, slots, slot_count, mixed);
        found = changes(check, sum, mixed, index);
    }
    size_t starts = between->count < 3 ? between->count : 3;
    for (size_t i = 0; i < starts + 2 && !found && sat_clock() < r->idle_deadline; i++) { /* and uphill from there */
        if (i == 0) {
            memcpy(mixed, own, space->slot_count * sizeof *mixed);
        } else if (i <= starts) {
            lay_over(check, between->leads[(index + i) % between->count], own, slots, slot_count, mixed);
        } else {
            uint32_t *sample = memory_alloc((space->slot_count + 1) * sizeof *sample);
            sample_values(check, (index * 31) % check->sample_count, sample);
            lay_over(check, sample, own, slots, slot_count, mixed);
            free(sample);
        }
        found = board_reveal(board, mixed, keep, (uint32_t)index, size, rule_seen, &reveal);
    }
    free(mixed);
    free(slots);
    return found;
}

/* What is proved of the leads for which a rule fires: none has fewer (`above`), none has more points than `bound`. */
struct beyond {
    formula fires;
    bool above;
    int64_t bound;
};
struct beyond_list {
    struct beyond *items;
    size_t count, capacity;
};

/* Whether every lead for which the rule fires is beyond the same bound of its score, with its points and without. */
static enum answer always_beyond(struct reaching *r, size_t index, const struct sum *sum, struct board *board,
                                 struct between *between, struct beyond_list *known)
{
    struct check *check = r->check;
    const struct model_rule *rule = &check->model->rules[index];
    formula fires = check->rules[index].fires;
    if (rule->weight_ppm != 1000000 || sum->sparse || sum->open_most || sum->open_least || sum->rounded_to > 0)
        return ANSWER_UNKNOWN;
    if (rule->group != NO_INDEX && check->model->groups[rule->group].has_weight) return ANSWER_UNKNOWN;
    if (space_solve(check->space, fires, false, r->scratch) != ANSWER_YES) return ANSWER_UNKNOWN;
    struct sum bare = *sum;
    bare.has_least = bare.has_most = false;
    int64_t value = sum_value(check, &bare, r->scratch);
    bool above = sum->has_most && value >= sum->most - rule->points.most;
    if (!above && !sum->has_least) return ANSWER_UNKNOWN;
    int64_t up = rule->points.most > 0 ? rule->points.most : 0, down = rule->points.least < 0 ? rule->points.least : 0;
    int64_t edge = above ? sum->most + up : sum->least + down; /* at least, at most this: not seen */
    for (size_t i = 0; i < known->count; i++) {
        const struct beyond *other = &known->items[i];
        if (other->above != above || (above ? other->bound < edge : other->bound > edge)) continue;
        formula outside = formula_and(check->space, fires, formula_not(check->space, other->fires));
        if (space_solve(check->space, outside, false, NULL) == ANSWER_NO) return ANSWER_NO;
    }
    r->stops = true;
    r->stop_below = above ? -edge + 1 : edge + 1;
    struct optimum optimum = extreme(r, &bare, !above, fires, above ? edge - 1 : edge + 1);
    r->stops = false;
    if (!optimum.impossible && (above ? optimum.bound >= edge : optimum.bound <= edge) &&
        (!optimum.found || (above ? optimum.best >= edge : optimum.best <= edge))) {
        memory_reserve(&known->items, &known->capacity, known->count + 1, sizeof *known->items);
        known->items[known->count++] = (struct beyond){fires, above, optimum.bound};
        return ANSWER_NO;
    }
    if (!optimum.found) return ANSWER_UNKNOWN;
    struct reveal reveal = {check, sum, index, between};
    int64_t size = rule->points.most > 0 ? rule->points.most : rule->points.least;
    if (rule_seen(&reveal, optimum.values)) return ANSWER_YES;
    if (formula_true(check->space, fires, optimum.values) &&
        board_reveal(board, optimum.values, fires, (uint32_t)index, size, rule_seen, &reveal))
        return ANSWER_YES;
    return ANSWER_UNKNOWN;
}

static void check_idle_rules(struct reaching *r)
{
    struct check *check = r->check;
    const struct model *model = check->model;
    for (uint32_t score = 0; score < model->score_count; score++) {
        if (model->scores[score].combined || score_decays(model, score))
            continue; /* bounds come after what idle time takes */
        struct sum with = {0};
        struct board *board = NULL;
        struct between between = {0};
        struct beyond_list beyond = {0};
        size_t open_rules = 0;
        const struct model_rule *first_open = NULL;
        bool made = false;
        for (size_t i = 0; i < model->rule_count; i++) {
            const struct model_rule *rule = &model->rules[i];
            if (rule->score != score || !check->rules[i].scores || check->rules[i].never || !check->rules[i].active)
                continue;
            bool takes = rule->group != NO_INDEX && model->groups[rule->group].take != TAKE_SUM &&
                         model->groups[rule->group].take != TAKE_EXCLUSIVE; /* there, 0 points may win */
            bool nothing = !takes && rule->points.least == 0 && rule->points.most == 0 && rule->points.points != 0 &&
                           (rule->points.kind == POINTS_FIXED || rule->points.kind == POINTS_EACH);
            if (rule->points.kind == POINTS_EVERY || rule->points.kind == POINTS_EQUAL)
                continue; /* rarely settled by the leads sampled */
            if (!nothing && (!bounded_rule(check, rule) || (rule->points.least == 0 && rule->points.most == 0)))
                continue;
            if (!made) {
                sum_of_score(check, score, true, &with);
                made = true;
                board = board_new(check, &with);
            }
            if (with.inexact) break;
            bool idle = nothing;
            if (!idle && !matters_nearby(r, i, &with, board, &between)) {
                enum answer answer = ANSWER_UNKNOWN;
                if (sat_clock() < r->deadline) answer = always_beyond(r, i, &with, board, &between, &beyond);
                if (answer == ANSWER_UNKNOWN && !late_for(r) && term_count(&with) <= FEW_TERMS)
                    answer = exact_matters(check, i);
                if (answer == ANSWER_YES) continue;
                idle = answer == ANSWER_NO;
                if (!idle && open_rules++ == 0) first_open = rule;
            }
            if (!idle) continue;
            struct diagnostic *d = check_report(check, C1023, rule_span(rule), "`%s` never changes `%s`",
                                                rule->name.text, model->scores[score].name.text);
            if (!d) continue;
            diagnostic_label(d, rule_span(rule), nothing ? "gives nothing" : "whatever it gives, a bound takes away");
            if (rule->group != NO_INDEX && !nothing)
                diagnostic_label(d, model->groups[rule->group].name.span, "the bounds of this group");
            diagnostic_help(d, nothing ? "give it points, or remove it" : "widen the bound, or remove the rule");
            enum answer answer;
            struct witness *witness = witness_for(check, check->rules[i].fires, &answer);
            struct claim claim = {.kind = CLAIM_FIRES, .index = (uint32_t)i};
            if (witness && check_shows(check, witness, &claim, 1))
                check_witness(check, d, witness, &claim, 1,
                              arena_format(check->arena, "%s changes nothing", rule->name.text));
        }
        if (open_rules == 1)
            check_not_proven(check, rule_span(first_open),
                             "whether `%s` ever changes `%s`: no lead was found for which it does",
                             first_open->name.text, model->scores[score].name.text);
        if (open_rules > 1)
            check_not_proven(check, rule_span(first_open),
                             "whether `%s` and %zu other rules ever change `%s`: no lead was found for which they do",
                             first_open->name.text, open_rules - 1, model->scores[score].name.text);
        if (board) board_free(board);
        for (size_t i = 0; i < SEEING; i++) free(between.leads[i]);
        free(beyond.items);
        sum_free(&with);
    }
}

/* ---- the whole -------------------------------------------------------------------------------------------- */

static void rules_reach(struct check *check, struct reach_report *report)
{
    for (size_t i = 0; i < check->model->rule_count; i++) {
        const struct model_points *points = &check->model->rules[i].points;
        struct rule_reach *out = &report->rules[i];
        out->can_fire = check->rules[i].active && !check->rules[i].never;
        if (out->can_fire) {
            enum answer answer;
            if (!check->options->want_reach) continue;
            out->lead = witness_for(check, check->rules[i].fires, &answer);
            out->least = points->least;
            out->most = points->most;
        }
    }
}

/* An end that is not proved, with the lead that comes nearest to it. */
static void say_open_end(struct check *check, uint32_t score, bool short_of_time)
{
    const struct reach *reach = &check->report->reach->scores[score];
    bool up = !reach->most_proven && !reach->most_open;
    if (!up && (reach->least_proven || reach->least_open)) return;
    const struct name *name = &check->model->scores[score].name;
    struct diagnostic *d = check_not_proven(
        check, name->span, up ? "the most that a lead can get in `%s`: between %s and %s"
                              : "the least that a lead can get in `%s`: between %s and %s", name->text,
        check_number(check, up ? reach->most : reach->least_bound),
        check_number(check, up ? reach->most_bound : reach->least));
    if (!d) return;
    const struct witness *lead = up ? reach->most_lead : reach->least_lead;
    if (lead)
        diagnostic_note(d, "the best lead found gets %s: %s", check_number(check, up ? reach->most : reach->least),
                        check_lead_text(check, lead));
    if (short_of_time) diagnostic_help(d, "give it more time: `--budget 10s`");
}

void check_reach(struct check *check)
{
    const struct model *model = check->model;
    struct reach_report *report = check->report->reach = arena_alloc(check->arena, sizeof *report);
    report->scores = check->score_reach = arena_alloc(check->arena, (model->score_count + 1) * sizeof *report->scores);
    report->groups = arena_alloc(check->arena, (model->group_count + 1) * sizeof *report->groups);
    report->rules = arena_alloc(check->arena, (model->rule_count + 1) * sizeof *report->rules);
    for (size_t i = 0; i < model->score_count; i++) /* what bounds.c has proved, until better is known */
        check->score_reach[i] = (struct reach){.least = model->scores[i].lowest,
                                               .most = model->scores[i].highest,
                                               .least_bound = model->scores[i].lowest,
                                               .most_bound = model->scores[i].highest,
                                               .least_open = true,
                                               .most_open = true};
    rules_reach(check, report);
    if (!check->options->want_reach) return;
    for (uint32_t i = 0; i < model->score_count;
         i++) /* all steps of all sums are cuts: they are made before the solver sees the fields */
        for (int up = 0; up < 2; up++) {
            struct sum sum = {0};
            sum_of_score(check, i, up, &sum);
            sum_free(&sum);
        }
    struct reaching r = {.check = check, .sat = sat_new(check->space)};
    r.scratch = memory_alloc((check->space->slot_count + 1) * sizeof *r.scratch);
    r.deadline = sat_clock() + (check->options->budget_ms > 0 ? check->options->budget_ms : DEFAULT_BUDGET);
    for (uint32_t i = 0; i < model->score_count; i++)
        if (!model->scores[i].combined) plain_reach(&r, i, &report->scores[i]);
    bool *known = arena_alloc(check->arena, model->score_count + 1);
    for (size_t round = 0; round < model->score_count; round++)
        for (uint32_t i = 0; i < model->score_count; i++) {
            if (!model->scores[i].combined || known[i]) continue;
            bool ready = true;
            for (size_t p = 0; p < model->scores[i].part_count; p++) {
                uint32_t part = model->scores[i].parts[p].score;
                ready &= part == NO_INDEX || !model->scores[part].combined || known[part];
            }
            if (!ready) continue;
            combined_reach(&r, i, &report->scores[i]);
            known[i] = true;
        }
    for (uint32_t i = 0; i < model->group_count; i++)
        if (model->groups[i].score != NO_INDEX) group_reach(&r, i, &report->groups[i]);
    r.idle_deadline = sat_clock() + (check->options->budget_ms > 0 ? check->options->budget_ms : DEFAULT_BUDGET) / 4;
    check_idle_rules(&r);
    for (size_t i = 0; i < model->stage_count; i++) {
        check_thresholds(check, model->stages[i].when, false, arena_format(check->arena, "no lead gets this far"));
        check_thresholds(check, model->stages[i].stay, false, arena_format(check->arena, "no lead gets this far"));
    }
    for (size_t i = 0; i < model->action_count; i++)
        check_thresholds(check, model->actions[i].when, false, "no lead gets this far");
    check_labels(check);
    check_holes(check);
    int64_t budget = check->options->budget_ms > 0 ? check->options->budget_ms : DEFAULT_BUDGET;
    bool short_of_time = sat_clock() > r.deadline - budget / 2;
    for (uint32_t i = 0; i < model->score_count; i++) say_open_end(check, i, short_of_time);
    free(r.scratch);
    sat_free(r.sat);
}
