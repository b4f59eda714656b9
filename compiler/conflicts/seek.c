#include "compiler/conflicts/objective.h"

#include <stdlib.h>
#include <string.h>

#include "vm/number.h"

/* Looks for a lead whose scores meet a condition: the sampled leads and the extremes found so far, and from the nearest
   of them uphill, one field at a time.  What is found is run on the machine; what is not found proves nothing. */

enum { STARTS = 12, MOST_VALUES = 48, MOST_MS = 40, FEW_MS = 5, LEADS_MS = 200, MUCH_WORK = 2000000, LITTLE_WORK = 50000, LEADS = 4 };

static const struct sum *score_sums(struct check *check)
{
    if (check->sums) return check->sums;
    check->sums = memory_alloc((check->model->score_count + 1) * sizeof *check->sums);
    for (uint32_t i = 0; i < check->model->score_count; i++)
        if (!check->model->scores[i].combined) sum_of_score(check, i, true, &check->sums[i]);
    return check->sums;
}

void seek_free(struct check *check)
{
    for (size_t i = 0; check->sums && i < check->model->score_count; i++) sum_free(&check->sums[i]);
    free(check->sums);
}

static int64_t combined_value(const struct model *model, uint32_t score, const int64_t *scores)
{
    const struct model_score *facts = &model->scores[score];
    wide_int total = facts->base;
    for (size_t i = 0; i < facts->part_count; i++) {
        const struct score_part *part = &facts->parts[i];
        total += part->score == NO_INDEX       ? part->constant
                 : part->weight_ppm == 1000000 ? scores[part->score]
                                               : number_weigh(scores[part->score], part->weight_ppm);
    }
    int64_t value = 0;
    number_narrow(total, &value);
    if (facts->rounded_to > 0) value = number_round(value, facts->rounded_to);
    if (facts->has_most && value > facts->most) value = facts->most;
    if (facts->has_least && value < facts->least) value = facts->least;
    return value;
}

static void scores_of(struct check *check, const uint32_t *values, int64_t *scores)
{
    const struct model *model = check->model;
    const struct sum *sums = score_sums(check);
    for (uint32_t i = 0; i < model->score_count; i++)
        if (!model->scores[i].combined) scores[i] = sum_value(check, &sums[i], values);
    for (size_t round = 0; round < 4; round++) /* combinations of combinations */
        for (uint32_t i = 0; i < model->score_count; i++)
            if (model->scores[i].combined) scores[i] = combined_value(model, i, scores);
}

static int64_t distance_to(const struct intervals *intervals, int64_t number)
{
    int64_t best = INT64_MAX / 4;
    for (size_t i = 0; i < intervals->count; i++) {
        int64_t from = intervals->items[i].from, to = intervals->items[i].to;
        if (number >= from && number <= to) return 0;
        wide_int far = number < from ? (wide_int)from - number : (wide_int)number - to;
        if (far < best) best = (int64_t)far;
    }
    return best;
}

/* 0 when f holds; else how far it is from holding. */
static int64_t distance(const struct space *space, formula f, const uint32_t *values, const int64_t *scores)
{
    const struct formula_node *node = &space->formulas[f];
    if (node->kind == FORMULA_KIND_CONSTANT) return f == FORMULA_TRUE ? 0 : INT64_MAX / 4;
    if (node->kind == FORMULA_KIND_LITERAL) {
        const struct atom *atom = &space->atoms[node->atom];
        if (space->slots[atom->slot].origin == ORIGIN_SCORE)
            return distance_to(node->polarity == SAYS_HOLDS || node->polarity == SAYS_NOT_FAILS ? &atom->holds
                                                                                                : &atom->fails,
                               scores[space->slots[atom->slot].index]);
        return literal_bit(space, node->atom, (enum polarity)node->polarity, values[atom->slot]) ? 0 : 30 * NUMBER_ONE;
    }
    bool is_and = node->kind == FORMULA_KIND_AND;
    int64_t total = is_and ? 0 : INT64_MAX / 4;
    for (uint32_t i = 0; i < node->count; i++) {
        int64_t part = distance(space, space->children[node->first + i], values, scores);
        if (is_and) total = total > INT64_MAX / 4 - part ? INT64_MAX / 4 : total + part;
        else if (part < total) total = part;
    }
    return total;
}

static bool climb(struct check *check, formula f, uint32_t *values, int64_t *scores, int64_t deadline)
{
    struct space *space = check->space;
    scores_of(check, values, scores);
    int64_t now = distance(space, f, values, scores);
    for (int round = 0; round < 8 && now > 0; round++) {
        bool better = false;
        for (uint32_t slot = 0; slot < space->slot_count && now > 0; slot++) {
            enum slot_origin origin = space->slots[slot].origin;
            if (origin == ORIGIN_SCORE || origin == ORIGIN_STAGE || origin == ORIGIN_OPAQUE) continue;
            uint32_t best = values[slot], count = (uint32_t)space->slots[slot].pool_count;
            uint32_t step = count > MOST_VALUES ? count / MOST_VALUES : 1;
            for (uint32_t value = 0; value < count; value += step) {
                values[slot] = value;
                scores_of(check, values, scores);
                int64_t then = distance(space, f, values, scores);
                if (then < now) {
                    now = then;
                    best = value;
                    better = true;
                }
            }
            values[slot] = best;
            if (sat_clock() > deadline) return false;
        }
        if (!better) break;
    }
    scores_of(check, values, scores);
    return now == 0;
}

struct start {
    int64_t distance;
    const uint32_t *values;
};

static int compare_starts(const void *a, const void *b)
{
    const struct start *left = a, *right = b;
    return left->distance < right->distance ? -1 : left->distance > right->distance;
}

struct holding {
    struct check *check;
    formula f;
    int64_t *scores;
};

static bool still_holds(void *context, const uint32_t *values)
{
    struct holding *holding = context;
    scores_of(holding->check, values, holding->scores);
    return distance(holding->check->space, holding->f, values, holding->scores) == 0;
}

/* How often a lead may be looked at: as much work whether the sums are short or long, more where leads are asked for. */
static size_t patience_for(struct check *check)
{
    if (check->answers_only) return 0;
    const struct sum *sums = score_sums(check);
    size_t terms = 40;
    for (uint32_t i = 0; i < check->model->score_count; i++) terms += sum_terms(&sums[i]);
    return (check->options->want_leads ? MUCH_WORK : LITTLE_WORK) / terms;
}

struct witness *shrink_lead(struct check *check, formula f, uint32_t *values, const struct claim *claims,
                            size_t claim_count)
{
    size_t size = check->space->slot_count * sizeof *values;
    struct holding holding = {check, f, memory_alloc((check->model->score_count + 1) * sizeof *holding.scores)};
    uint32_t *before = memory_alloc(size + sizeof *before);
    memcpy(before, values, size);
    if (still_holds(&holding, values))
        lead_make_plain(check->space, values, still_holds, &holding, patience_for(check));
    free(holding.scores);
    struct witness *witness = witness_of(check, values);
    if (!check_shows(check, witness, claims, claim_count)) { /* what the space does not know needed the rest */
        memcpy(values, before, size);
        witness = witness_of(check, values);
        if (!check_shows(check, witness, claims, claim_count)) witness = NULL;
    }
    free(before);
    return witness;
}

static int64_t seek_patience(const struct check *check)
{
    if (check->options->want_leads && check->model->rule_count <= 200) return LEADS_MS;
    return check->options->want_reach && check->model->rule_count > 200 ? MOST_MS : FEW_MS;
}

struct witness *seek_lead(struct check *check, formula f, const struct claim *claims, size_t claim_count)
{
    struct space *space = check->space;
    if (f == FORMULA_FALSE) return NULL;
    size_t samples = check->sample_count < 1024 ? check->sample_count : 1024, count = 0;
    int64_t deadline = sat_clock() + seek_patience(check),
            *scores = memory_alloc((check->model->score_count + 1) * sizeof *scores);
    struct start *starts = memory_alloc((samples + check->lead_count + 2) * sizeof *starts);
    uint32_t *values = memory_alloc((space->slot_count + 1) * sizeof *values),
             *nothing = memory_alloc((space->slot_count + 1) * sizeof *nothing);
    starts[count++].values = nothing;
    for (size_t i = 0; i < check->lead_count; i++) starts[count++].values = check->leads[i];
    for (size_t i = 0; i < samples; i++)
        starts[count++].values = &check->samples[i * check->sample_count / samples * space->slot_count];
    for (size_t i = 0; i < count; i++) {
        scores_of(check, starts[i].values, scores);
        starts[i].distance = distance(space, f, starts[i].values, scores);
        if ((i & 63) == 63 && sat_clock() > deadline) {
            count = i + 1;
            break;
        }
    }
    qsort(starts, count, sizeof *starts, compare_starts);
    struct witness *found = NULL;
    uint64_t cost = UINT64_MAX;
    size_t tried = 0, wanted = check->options->want_leads && !check->answers_only ? LEADS : 1; /* of a few */
    for (size_t i = 0; i < count && i < STARTS && tried < wanted; i++) {
        memcpy(values, starts[i].values, space->slot_count * sizeof *values);
        if (starts[i].distance > 0 && !climb(check, f, values, scores, deadline)) {
            if (sat_clock() > deadline) break;
            continue;
        }
        struct witness *lead = shrink_lead(check, f, values, claims, claim_count);
        if (!lead) continue;
        tried++;
        uint64_t own = lead_cost(space, values);
        if (own < cost) {
            found = lead;
            cost = own;
        }
    }
    free(starts);
    free(scores);
    free(values);
    free(nothing);
    return found;
}

static int64_t common(int64_t a, int64_t b)
{
    if (a < 0) a = -a;
    if (b < 0) b = -b;
    while (b != 0) {
        int64_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

/* Everything that the sum can come to differs by multiples of this; 1 where nothing is known. */
static int64_t grid_of(const struct sum *sum, int64_t grid)
{
    if (sum->inexact || sum->weighted || sum->rounded_to > 0) return 1;
    for (size_t i = 0; i < sum->count; i++) grid = common(grid, sum->terms[i].points);
    for (size_t i = 0; i < sum->part_count; i++) {
        const struct sum *part = &sum->parts[i];
        grid = grid_of(part, grid);
        if (part->has_least) grid = common(grid, part->least - part->constant);
        if (part->has_most) grid = common(grid, part->most - part->constant);
    }
    return grid;
}

static int64_t start_of(const struct sum *sum)
{
    int64_t start = sum->constant;
    for (size_t i = 0; i < sum->part_count; i++) start += start_of(&sum->parts[i]);
    return start;
}

/* Whole points do not come between 79 and 80, whatever the rules are: no value of the score lies in [from, below). */
static bool between_steps(struct check *check, uint32_t score, int64_t from, int64_t below)
{
    const struct model_score *facts = &check->model->scores[score];
    if (facts->combined || facts->loses) return false;
    for (size_t i = 0; i < check->model->rule_count; i++) { /* what fades is on no grid */
        const struct model_rule *rule = &check->model->rules[i];
        if (!rule->disqualifies && rule->score == score && rule->points.fading) return false;
    }
    const struct sum *sum = &score_sums(check)[score];
    int64_t grid = grid_of(sum, 0), start = start_of(sum);
    if ((facts->has_least && facts->least >= from && facts->least < below) ||
        (facts->has_most && facts->most >= from && facts->most < below))
        return false;
    if (grid == 0) return start < from || start >= below;
    int64_t rest = (int64_t)((((wide_int)from - start) % grid + grid) % grid);
    return rest != 0 && (wide_int)below - from <= grid - rest;
}

struct witness *find_score_in(struct check *check, uint32_t score, int64_t from, int64_t below, enum answer *answer)
{
    struct node node = {
        .kind = NODE_SCORE, .type = TYPE_NUMBER, .index = score, .setting = NO_INDEX, .define = NO_INDEX};
    formula in, out;
    *answer = ANSWER_UNKNOWN;
    if (between_steps(check, score, from, below)) {
        *answer = ANSWER_NO;
        return NULL;
    }
    if (!value_between(check->space, &node, from, below - 1, &in, &out)) return NULL;
    space_freeze(check->space);
    struct claim claim = {.kind = CLAIM_SCORE_IN, .index = score, .points = from, .below = below};
    return decide_lead(check, in, &claim, 1, answer);
}
