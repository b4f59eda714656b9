#include "compiler/conflicts/objective.h"

#include <stdlib.h>
#include <string.h>

#include "vm/limits.h"
#include "vm/number.h"

enum { MOST_STEPS = 48, FEW_STEPS = 12, MANY_STEPS = 128, SHORT_SUM = 24 };

static void add_term(struct sum *sum, formula f, int64_t points, size_t rule)
{
    if (f == FORMULA_FALSE || points == 0) return;
    memory_reserve(&sum->terms, &sum->capacity, sum->count + 1, sizeof *sum->terms);
    sum->terms[sum->count++] = (struct gain){f, points, (uint32_t)rule};
}

static int64_t weighed(const struct model_rule *rule, int64_t points)
{
    return rule->weight_ppm == 1000000 ? points : number_weigh(points, rule->weight_ppm);
}

/* ---- rules ---------------------------------------------------------------------------------------------- */

static int compare_numbers(const void *a, const void *b)
{
    int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;
    return left < right ? -1 : left > right;
}

/* The most events of a set that can count: days, weeks or months within its window when only one of each counts. */
static int64_t most_events(const struct check *check, const struct model_points *points)
{
    int64_t most = points->most_times > 0 ? points->most_times : LIMIT_EVENTS_PER_LEAD;
    if (points->once != ONCE_NONE && points->set->window == WINDOW_WITHIN) {
        enum time_unit unit = points->once == ONCE_DAY ? UNIT_DAY : points->once == ONCE_WEEK ? UNIT_WEEK : UNIT_MONTH;
        int64_t now = check->options->as_of;
        int64_t periods = instant_period(now, unit) -
                          instant_period(instant_step(now, -points->set->count, points->set->unit) + 1, unit) + 1;
        if (periods < most) most = periods;
    }
    if (points->has_most_points && points->points != 0) {
        int64_t size = points->points < 0 ? -points->points : points->points,
                needed = (points->most_points + size - 1) / size;
        if (needed < most) most = needed;
    }
    return most < 1 ? 1 : most;
}

static int64_t each_points(const struct model_points *points, int64_t count)
{
    wide_int total = (wide_int)points->points * count;
    if (points->has_most_points && total > points->most_points) total = points->most_points;
    if (points->has_most_points && total < -(wide_int)points->most_points) total = -(wide_int)points->most_points;
    int64_t narrow = INT64_MAX;
    number_narrow(total, &narrow);
    return narrow;
}

/* Of few rules, the sums are short enough to take every count up to more. */
static int64_t dense_steps(const struct check *check)
{
    return check->model->rule_count <= SHORT_SUM ? MANY_STEPS : MOST_STEPS;
}

static int64_t size_of(int64_t number)
{
    return number == INT64_MIN ? INT64_MAX : number < 0 ? -number : number;
}

/* What a stage or a band asks of a score, in events: there a step must be. */
static size_t threshold_steps(const struct model *model, int64_t points, int64_t from, int64_t below, int64_t *steps,
                              size_t room)
{
    size_t count = 0;
    points = size_of(points);
    if (points == 0) return 0;
    for (size_t b = 0; b < model->band_count; b++)
        for (size_t l = 0; l < model->bands[b].label_count && count + 2 <= room; l++) {
            if (!model->bands[b].labels[l].has_from) continue;
            int64_t n = size_of(model->bands[b].labels[l].from) / points;
            for (int64_t i = n; i < below && i - n < 2; i++)
                if (i > from) steps[count++] = i;
        }
    for (size_t s = 0; s < model->stage_count * 2; s++) {
        const struct node *open[32] = {s % 2 ? model->stages[s / 2].stay : model->stages[s / 2].when};
        for (size_t open_count = open[0] ? 1 : 0; open_count > 0;) {
            const struct node *node = open[--open_count];
            if (node->kind == NODE_COMPARE && node->right->kind == NODE_NUMBER && count + 2 <= room) {
                int64_t n = size_of(node->right->number) / points;
                for (int64_t i = n; i < below && i - n < 2; i++)
                    if (i > from) steps[count++] = i;
            }
            bool joins = node->kind == NODE_AND || node->kind == NODE_OR || node->kind == NODE_NOT;
            if (joins && node->left && open_count < 32) open[open_count++] = node->left;
            if (joins && node->right && open_count < 32) open[open_count++] = node->right;
        }
    }
    return count;
}

/* Counts at which something changes: all up to a few, then those that conditions ask for, and the last. */
static size_t each_steps(const struct check *check, uint32_t slot, int64_t points, int64_t most, int64_t *steps)
{
    size_t count = 0;
    int64_t dense = most <= dense_steps(check) ? most : FEW_STEPS;
    for (int64_t n = 1; n <= dense; n++) steps[count++] = n;
    if (most == dense) return count;
    for (int64_t n = dense + dense / 2; n < most && count < MOST_STEPS; n += n / 2) steps[count++] = n;
    const struct slot *facts = &check->space->slots[slot];
    for (size_t i = 0; i < facts->atom_count && count < 4 * MOST_STEPS; i++) {
        int64_t number = check->space->atoms[facts->atoms[i]].number;
        if (check->space->atoms[facts->atoms[i]].kind != ATOM_COUNT) continue;
        for (int64_t n = number - 1; n <= number; n++)
            if (n > dense && n < most) steps[count++] = n;
    }
    count += threshold_steps(check->model, points, dense, most, &steps[count], 2 * MOST_STEPS);
    steps[count++] = most;
    qsort(steps, count, sizeof *steps, compare_numbers);
    return count;
}

static int64_t asked_of_scores(const struct node *node)
{
    if (!node) return 0;
    int64_t here = node->kind == NODE_COMPARE && node->left->kind == NODE_SCORE && node->right->kind == NODE_NUMBER
                       ? node->right->number
                       : 0;
    int64_t left = asked_of_scores(node->left), right = asked_of_scores(node->right);
    if (here < 0) here = -here;
    return here > left ? (here > right ? here : right) : left > right ? left : right;
}

/* The largest threshold that a stage or a band asks of any score: a search that stops before it says nothing about it.
 */
static int64_t farthest_threshold(const struct model *model)
{
    int64_t far = 0;
    for (size_t i = 0; i < model->stage_count; i++) {
        int64_t when = asked_of_scores(model->stages[i].when), stay = asked_of_scores(model->stages[i].stay);
        if (when > far) far = when;
        if (stay > far) far = stay;
    }
    for (size_t b = 0; b < model->band_count; b++)
        for (size_t l = 0; l < model->bands[b].label_count; l++) {
            const struct model_label *label = &model->bands[b].labels[l];
            if (label->has_from && label->from > far) far = label->from;
            if (label->has_below && -label->below > far) far = -label->below;
        }
    return far;
}

/* How many events bring the group or the score to its bound, whatever else takes points away. */
static int64_t enough_events(const struct check *check, const struct model_rule *rule)
{
    const struct model *model = check->model;
    const struct model_score *score = &model->scores[rule->score];
    bool up = rule->points.points > 0;
    wide_int span = up ? (score->has_most ? score->most : 0) : (score->has_least ? -(wide_int)score->least : 0);
    if (rule->group != NO_INDEX && (up ? model->groups[rule->group].has_most : model->groups[rule->group].has_least)) {
        wide_int own = up ? model->groups[rule->group].most : -(wide_int)model->groups[rule->group].least;
        if (own > span) span = own;
    }
    span = span < 0 ? -span : span;
    if (!(up ? score->has_most : score->has_least)) span += farthest_threshold(model);
    for (size_t i = 0; i < model->rule_count; i++) {
        const struct model_rule *other = &model->rules[i];
        if (other->disqualifies || other->score != rule->score) continue;
        int64_t bound = up ? other->points.least : other->points.most, size = bound < 0 ? -bound : bound;
        if (size < (int64_t)LIMIT_EVENTS_PER_LEAD * NUMBER_ONE) span += size;
    }
    int64_t points = weighed(rule, rule->points.points);
    if (points < 0) points = -points;
    if (points == 0) return 1;
    wide_int count = span / points + 2;
    return count > 5000 ? 5000 : count < MOST_STEPS ? MOST_STEPS : (int64_t)count;
}

static void rule_each(struct check *check, size_t index, bool up, struct sum *out)
{
    const struct model_rule *rule = &check->model->rules[index];
    const struct rule_facts *facts = &check->rules[index];
    const struct model_points *points = &rule->points;
    if (facts->set == NO_INDEX) {
        out->inexact = true;
        add_term(out, facts->fires, weighed(rule, each_points(points, most_events(check, points))), index);
        return;
    }
    int64_t most = most_events(check, points);
    if (most == LIMIT_EVENTS_PER_LEAD) { /* a lead with more of them gets more, up to the bounds around it */
        most = enough_events(check, rule);
        if (points->points > 0) out->open_most = true;
        else out->open_least = true;
        if (most <= dense_steps(check)) most = dense_steps(check) + 1; /* few of the steps */
    }
    int64_t steps[8 * MOST_STEPS + MANY_STEPS], before = 0;
    if (most > dense_steps(check) || points->fading || points->once != ONCE_NONE) out->sparse = true;
    /* What fades may come to nothing, and of many events one may count: going the other way, no more than that is
     * certain. */
    bool against = up != (points->points > 0);
    if (against && points->fading) return;
    if (against && points->once != ONCE_NONE) most = 1;
    size_t count = each_steps(check, check->space->sets[facts->set].slot, weighed(rule, points->points), most, steps);
    for (size_t i = 0; i < count; i++) {
        if (i > 0 && steps[i] == steps[i - 1]) continue;
        int64_t after = weighed(rule, each_points(points, steps[i]));
        add_term(out, formula_and(check->space, facts->when, set_at_least(check->space, facts->set, steps[i])),
                 after - before, index);
        before = after;
    }
}

static void rule_every(struct check *check, size_t index, struct sum *out)
{
    const struct model_rule *rule = &check->model->rules[index];
    const struct rule_facts *facts = &check->rules[index];
    const struct model_points *points = &rule->points;
    int64_t size = points->points < 0 ? -points->points : points->points;
    int64_t most = points->has_most_points && size > 0 ? (points->most_points + size - 1) / size : MOST_STEPS;
    if (most > MOST_STEPS) {
        most = MOST_STEPS;
        out->inexact = true;
    }
    int64_t before = 0;
    for (int64_t n = 1; n <= most; n++) {
        formula above, below, out_of;
        wide_int edge = (wide_int)points->every * n;
        if (edge > INT64_MAX) break;
        if (!value_between(check->space, points->value, (int64_t)edge, INT64_MAX, &above, &out_of) ||
            !value_between(check->space, points->value, INT64_MIN, -(int64_t)edge, &below, &out_of)) {
            out->inexact = true;
            return;
        }
        int64_t after = weighed(rule, each_points(points, n));
        add_term(out, formula_and(check->space, facts->when, above), after - before, index);
        add_term(out, formula_and(check->space, facts->when, below), before - after, index);
        before = after;
    }
}

/* `equal to`: where nothing else distinguishes two values, the greater gives more; so the ends of the stretches are
 * enough. */
static void rule_equal(struct check *check, size_t index, bool up, struct sum *out)
{
    const struct model_rule *rule = &check->model->rules[index];
    const struct model_points *points = &rule->points;
    const struct node *value = points->value;
    if (value->kind != NODE_FIELD || !points->has_most_points) {
        out->inexact = true;
        return;
    }
    uint32_t slot = check->space->field_slots[value->index];
    const struct slot *facts = &check->space->slots[slot];
    int64_t edges[512];
    size_t count = 0;
    edges[count++] = -points->most_points;
    edges[count++] = points->most_points;
    edges[count++] = 0;
    for (size_t i = 0; i < facts->atom_count && count < 500; i++) {
        const struct intervals *holds = &check->space->atoms[facts->atoms[i]].holds;
        for (size_t j = 0; j < holds->count && count < 500; j++) {
            int64_t ends[2] = {up ? holds->items[j].from : holds->items[j].from, holds->items[j].to};
            if (ends[0] > -points->most_points) edges[count++] = up ? ends[0] - 1 : ends[0];
            if (ends[1] < points->most_points) edges[count++] = up ? ends[1] : ends[1] + 1;
        }
    }
    qsort(edges, count, sizeof *edges, compare_numbers);
    for (size_t i = 0; i < count; i++) {
        if (i > 0 && edges[i] == edges[i - 1]) continue;
        if (edges[i] < -points->most_points || edges[i] > points->most_points) continue;
        formula in, out_of;
        int64_t from = edges[i] == -points->most_points ? INT64_MIN : edges[i],
                to = edges[i] == points->most_points ? INT64_MAX : edges[i];
        if (!value_between(check->space, value, from, to, &in, &out_of)) {
            out->inexact = true;
            return;
        }
        add_term(out, formula_and(check->space, check->rules[index].when, in), weighed(rule, edges[i]), index);
    }
}

static int compare_terms(const void *a, const void *b) /* the largest first; equal ones in the order of the file */
{
    const struct gain *left = a, *right = b;
    if (left->points != right->points) return left->points > right->points ? -1 : 1;
    return left->rule < right->rule ? -1 : left->rule > right->rule;
}

/* Points of which at most one can be had: x1 or x2 or … instead of each by itself, so that the greatest bounds them
 * all. */
static void add_exclusive(struct check *check, struct sum *out, struct gain *terms, size_t count)
{
    if (count == 0) return;
    qsort(terms, count, sizeof *terms, compare_terms);
    formula any = FORMULA_FALSE;
    size_t positive = 0;
    while (positive < count && terms[positive].points > 0) positive++;
    for (size_t i = 0; i < positive; i++) {
        any = formula_or(check->space, any, terms[i].f);
        add_term(out, any, terms[i].points - (i + 1 < positive ? terms[i + 1].points : 0), terms[i].rule);
    }
    any = FORMULA_FALSE;
    for (size_t i = count; i-- > positive;) {
        any = formula_or(check->space, any, terms[i].f);
        add_term(out, any, terms[i].points - (i > positive ? terms[i - 1].points : 0), terms[i].rule);
    }
}

void sum_of_rule(struct check *check, size_t index, bool up, struct sum *out)
{
    const struct model_rule *rule = &check->model->rules[index];
    const struct rule_facts *facts = &check->rules[index];
    if (!facts->active || !facts->scores || facts->never) return;
    switch (rule->points.kind) {
    case POINTS_ABSENT: break;
    case POINTS_FIXED: add_term(out, facts->fires, weighed(rule, rule->points.points), index); break;
    case POINTS_EACH: rule_each(check, index, up, out); break;
    case POINTS_EVERY: rule_every(check, index, out); break;
    case POINTS_EQUAL: {
        struct sum pieces = {0};
        rule_equal(check, index, up, &pieces);
        out->inexact |= pieces.inexact;
        add_exclusive(check, out, pieces.terms, pieces.count);
        out->constant += pieces.constant;
        free(pieces.terms);
        break;
    }
    case POINTS_BY:
    case POINTS_CHOOSE: {
        struct gain *terms = memory_alloc((facts->row_count + 1) * sizeof *terms);
        for (size_t i = 0; i < facts->row_count; i++)
            terms[i] = (struct gain){facts->takes[i], weighed(rule, rule->points.rows[i].points), (uint32_t)index};
        add_exclusive(check, out, terms, facts->row_count);
        free(terms);
        break;
    }
    }
}

/* ---- groups --------------------------------------------------------------------------------------------- */

/* A rule's points as pieces that exclude each other, for groups that take one rule. */
static void rule_pieces(struct check *check, size_t index, bool up, struct sum *out)
{
    const struct model_rule *rule = &check->model->rules[index];
    const struct rule_facts *facts = &check->rules[index];
    if (!facts->active || facts->never) return;
    if (rule->points.kind == POINTS_BY || rule->points.kind == POINTS_CHOOSE) {
        for (size_t i = 0; i < facts->row_count; i++) {
            memory_reserve(&out->terms, &out->capacity, out->count + 1, sizeof *out->terms);
            out->terms[out->count++] = (struct gain){facts->takes[i], weighed(rule, rule->points.rows[i].points),
                                                     (uint32_t)index};
        }
        return;
    }
    if (rule->points.kind == POINTS_FIXED) {
        memory_reserve(&out->terms, &out->capacity, out->count + 1, sizeof *out->terms);
        out->terms[out->count++] = (struct gain){facts->fires, weighed(rule, rule->points.points), (uint32_t)index};
        return;
    }
    struct sum steps = {0};
    sum_of_rule(check, index, up, &steps);
    out->inexact |= steps.inexact;
    out->sparse |= steps.sparse;
    out->open_most |= steps.open_most;
    out->open_least |= steps.open_least;
    if (rule->points.kind != POINTS_EACH) out->inexact = true;
    formula nothing = facts->fires; /* fires, and what it gives is 0: it takes part all the same */
    if (steps.count > 0) nothing = formula_and(check->space, nothing, formula_not(check->space, steps.terms[0].f));
    memory_reserve(&out->terms, &out->capacity, out->count + 1, sizeof *out->terms);
    out->terms[out->count++] = (struct gain){nothing, 0, (uint32_t)index};
    int64_t total = 0;
    for (size_t i = 0; i < steps.count; i++) { /* exactly so many */
        total += steps.terms[i].points;
        formula f = steps.terms[i].f;
        if (i + 1 < steps.count) f = formula_and(check->space, f, formula_not(check->space, steps.terms[i + 1].f));
        memory_reserve(&out->terms, &out->capacity, out->count + 1, sizeof *out->terms);
        out->terms[out->count++] = (struct gain){f, total, (uint32_t)index};
    }
    sum_free(&steps);
}

static void take_one(struct check *check, uint32_t group, bool up, struct sum *out)
{
    const struct model *model = check->model;
    enum take take = model->groups[group].take;
    struct sum pieces = {0};
    for (size_t i = 0; i < model->rule_count; i++)
        if (model->rules[i].group == group && check->rules[i].scores) rule_pieces(check, i, up, &pieces);
    out->inexact |= pieces.inexact;
    out->sparse |= pieces.sparse;
    out->open_most |= pieces.open_most;
    out->open_least |= pieces.open_least;
    if (take == TAKE_FIRST) {
        formula earlier = FORMULA_TRUE;
        for (size_t i = 0; i < pieces.count;) {
            uint32_t rule = pieces.terms[i].rule;
            for (; i < pieces.count && pieces.terms[i].rule == rule; i++)
                pieces.terms[i].f = formula_and(check->space, pieces.terms[i].f, earlier);
            earlier = formula_and(check->space, earlier, formula_not(check->space, check->rules[rule].fires));
        }
        add_exclusive(check, out, pieces.terms, pieces.count);
    } else if (pieces.count > 0) { /* the best of what fires: each step down the order weighs the difference */
        qsort(pieces.terms, pieces.count, sizeof *pieces.terms, compare_terms);
        formula any = FORMULA_FALSE;
        for (size_t n = 0; n < pieces.count; n++) {
            size_t i = take == TAKE_HIGHEST ? n : pieces.count - 1 - n;
            bool last = n + 1 == pieces.count;
            size_t next = take == TAKE_HIGHEST ? n + 1 : pieces.count - 2 - n;
            any = formula_or(check->space, any, pieces.terms[i].f);
            add_term(out, any, pieces.terms[i].points - (last ? 0 : pieces.terms[next].points), pieces.terms[i].rule);
        }
    }
    sum_free(&pieces);
}

void sum_of_group(struct check *check, uint32_t group, bool up, struct sum *out)
{
    const struct model_group *facts = &check->model->groups[group];
    if (facts->take == TAKE_SUM || facts->take == TAKE_EXCLUSIVE) {
        for (size_t i = 0; i < check->model->rule_count; i++)
            if (check->model->rules[i].group == group && check->rules[i].scores) sum_of_rule(check, i, up, out);
    } else {
        take_one(check, group, up, out);
    }
    out->weighted = facts->has_weight && facts->weight_ppm != 1000000;
    out->weight_ppm = facts->weight_ppm;
    out->has_most = facts->has_most;
    out->most = facts->most;
    out->has_least = facts->has_least;
    out->least = facts->least;
    if (out->has_most) out->open_most = false;
    if (out->has_least) out->open_least = false;
}

/* A part whose weight is exact and whose bounds never bind is only a list of terms. */
static bool plain_part(const struct sum *part)
{
    int64_t least, most;
    struct sum bare = *part;
    bare.has_least = bare.has_most = false;
    if (part->part_count > 0 || part->rounded_to > 0) return false;
    if (part->weighted)
        for (size_t i = 0; i < part->count; i++)
            if ((wide_int)part->terms[i].points * part->weight_ppm % 1000000 != 0) return false;
    sum_span(&bare, &least, &most);
    return !(part->has_most && most > part->most) && !(part->has_least && least < part->least);
}

static void add_part(struct sum *sum, struct sum *part)
{
    sum->inexact |= part->inexact;
    sum->sparse |= part->sparse;
    sum->open_most |= part->open_most;
    sum->open_least |= part->open_least;
    if (plain_part(part)) {
        for (size_t i = 0; i < part->count; i++)
            add_term(sum, part->terms[i].f,
                     part->weighted ? number_weigh(part->terms[i].points, part->weight_ppm) : part->terms[i].points,
                     part->terms[i].rule);
        sum->constant += part->weighted ? number_weigh(part->constant, part->weight_ppm) : part->constant;
        sum_free(part);
        return;
    }
    memory_reserve(&sum->parts, &sum->part_capacity, sum->part_count + 1, sizeof *sum->parts);
    sum->parts[sum->part_count++] = *part;
}

bool score_decays(const struct model *model, uint32_t score)
{
    const struct model_score *facts = &model->scores[score];
    if (facts->loses && facts->without) return true;
    for (size_t i = 0; i < facts->part_count; i++)
        if (facts->parts[i].score != NO_INDEX && score_decays(model, facts->parts[i].score)) return true;
    return false;
}

void sum_of_score(struct check *check, uint32_t score, bool up, struct sum *out)
{
    const struct model *model = check->model;
    const struct model_score *facts = &model->scores[score];
    out->constant += facts->base;
    if (facts->combined) {
        for (size_t i = 0; i < facts->part_count; i++) {
            const struct score_part *part = &facts->parts[i];
            if (part->score == NO_INDEX) {
                out->constant += part->constant;
                continue;
            }
            struct sum inner = {0};
            if (score_decays(model, part->score))
                out->inexact = true; /* what idle time leaves of it is not in the sum */
            sum_of_score(check, part->score, part->weight_ppm < 0 ? !up : up, &inner);
            if (part->weight_ppm != 1000000) { /* the weight comes after the clamp: a part of its own around it */
                struct sum outer = {.weighted = true, .weight_ppm = part->weight_ppm};
                if (part->weight_ppm < 0) {
                    sum_negate(&inner);
                    outer.weight_ppm = -part->weight_ppm;
                }
                add_part(&outer, &inner);
                inner = outer;
            }
            add_part(out, &inner);
        }
    } else {
        for (size_t i = 0; i < model->rule_count; i++)
            if (model->rules[i].score == score && model->rules[i].group == NO_INDEX && check->rules[i].scores)
                sum_of_rule(check, i, up, out);
        for (uint32_t group = 0; group < model->group_count; group++) {
            if (model->groups[group].score != score) continue;
            struct sum part = {0};
            sum_of_group(check, group, up, &part);
            add_part(out, &part);
        }
    }
    out->rounded_to = facts->rounded_to;
    out->has_least = facts->has_least;
    out->least = facts->least;
    out->has_most = facts->has_most;
    out->most = facts->most;
    if (out->has_most) out->open_most = false;
    if (out->has_least) out->open_least = false;
}

/* ---- values --------------------------------------------------------------------------------------------- */

int64_t sum_finish(const struct sum *sum, int64_t value)
{
    if (sum->weighted) value = number_weigh(value, sum->weight_ppm);
    if (sum->rounded_to > 0) value = number_round(value, sum->rounded_to);
    if (sum->has_most && value > sum->most) value = sum->most;
    if (sum->has_least && value < sum->least) value = sum->least;
    return value;
}

int64_t sum_value(const struct check *check, const struct sum *sum, const uint32_t *values)
{
    int64_t value = sum->constant;
    for (size_t i = 0; i < sum->count; i++)
        if (formula_true(check->space, sum->terms[i].f, values)) value += sum->terms[i].points;
    for (size_t i = 0; i < sum->part_count; i++) value += sum_value(check, &sum->parts[i], values);
    return sum_finish(sum, value);
}

int64_t sum_value_without(const struct check *check, const struct sum *sum, const uint32_t *values, uint32_t rule)
{
    int64_t value = sum->constant;
    for (size_t i = 0; i < sum->count; i++)
        if (sum->terms[i].rule != rule && formula_true(check->space, sum->terms[i].f, values))
            value += sum->terms[i].points;
    for (size_t i = 0; i < sum->part_count; i++) value += sum_value_without(check, &sum->parts[i], values, rule);
    return sum_finish(sum, value);
}

void sum_span(const struct sum *sum, int64_t *least, int64_t *most)
{
    wide_int low = sum->constant, high = sum->constant;
    for (size_t i = 0; i < sum->count; i++) {
        if (sum->terms[i].points < 0) low += sum->terms[i].points;
        else high += sum->terms[i].points;
    }
    for (size_t i = 0; i < sum->part_count; i++) {
        int64_t a, b;
        sum_span(&sum->parts[i], &a, &b);
        low += a;
        high += b;
    }
    if (!number_narrow(low, least)) *least = INT64_MIN;
    if (!number_narrow(high, most)) *most = INT64_MAX;
    *least = sum_finish(sum, *least);
    *most = sum_finish(sum, *most);
    if (*least > *most) {
        int64_t swap = *least;
        *least = *most;
        *most = swap;
    }
}

size_t sum_terms(const struct sum *sum)
{
    size_t count = sum->count;
    for (size_t i = 0; i < sum->part_count; i++) count += sum_terms(&sum->parts[i]);
    return count;
}

void sum_negate(struct sum *sum)
{
    sum->constant = -sum->constant;
    for (size_t i = 0; i < sum->count; i++) sum->terms[i].points = -sum->terms[i].points;
    for (size_t i = 0; i < sum->part_count; i++) sum_negate(&sum->parts[i]);
    int64_t least = sum->least;
    bool has_least = sum->has_least, open = sum->open_least;
    sum->has_least = sum->has_most;
    sum->least = -sum->most;
    sum->has_most = has_least;
    sum->most = -least;
    sum->open_least = sum->open_most;
    sum->open_most = open;
}

void sum_free(struct sum *sum)
{
    for (size_t i = 0; i < sum->part_count; i++) sum_free(&sum->parts[i]);
    free(sum->parts);
    free(sum->terms);
    sum->parts = NULL;
    sum->terms = NULL;
    sum->count = sum->part_count = 0;
}
