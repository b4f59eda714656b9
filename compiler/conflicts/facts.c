#include "compiler/conflicts/check.h"

#include <stdlib.h>
#include <string.h>

#include "vm/number.h"

/* Each rule as formulas, and a table of sampled leads that settles most questions between pairs of rules before the
 * search is asked. */

enum { SAMPLES = 2048 };

formula value_row(struct space *space, const struct node *value, const struct model_row *row)
{
    formula in = FORMULA_FALSE, out;
    switch (row->kind) {
    case ROW_RANGE:
        if (value_between(space, value, row->has_from ? row->from : INT64_MIN,
                          row->has_below ? row->below - 1 : INT64_MAX, &in, &out))
            return in;
        struct node *nodes = arena_alloc(space->arena, 4 * sizeof *nodes);
        nodes[2] = (struct node){.kind = NODE_NUMBER,
                                 .type = TYPE_NUMBER,
                                 .number = row->from,
                                 .span = value->span,
                                 .setting = NO_INDEX,
                                 .define = NO_INDEX};
        nodes[3] = nodes[2];
        nodes[3].number = row->below;
        nodes[0] = (struct node){.kind = NODE_COMPARE,
                                 .type = TYPE_CONDITION,
                                 .comparison = COMPARE_GE,
                                 .left = (struct node *)value,
                                 .right = &nodes[2],
                                 .span = value->span,
                                 .setting = NO_INDEX,
                                 .define = NO_INDEX};
        nodes[1] = nodes[0];
        nodes[1].comparison = COMPARE_LT;
        nodes[1].right = &nodes[3];
        formula above = row->has_from ? condition_holds(space, &nodes[0]) : FORMULA_TRUE;
        return formula_and(space, above, row->has_below ? condition_holds(space, &nodes[1]) : FORMULA_TRUE);
    case ROW_TEXTS: {
        struct node *test = arena_alloc(space->arena, sizeof *test);
        *test = (struct node){.kind = NODE_TEXT_TEST,
                              .type = TYPE_CONDITION,
                              .predicate = TEXT_IS,
                              .left = (struct node *)value,
                              .texts = row->texts,
                              .text_count = row->text_count,
                              .span = value->span,
                              .setting = NO_INDEX,
                              .define = NO_INDEX};
        return condition_holds(space, test);
    }
    case ROW_YES: return condition_holds(space, value);
    case ROW_NO: return condition_fails(space, value);
    case ROW_MISSING:
    case ROW_OTHERWISE: {
        struct node *known = arena_alloc(space->arena, sizeof *known);
        *known = (struct node){.kind = NODE_KNOWN,
                               .type = TYPE_CONDITION,
                               .left = (struct node *)value,
                               .span = value->span,
                               .setting = NO_INDEX,
                               .define = NO_INDEX};
        formula is_known = condition_holds(space, known);
        return row->kind == ROW_MISSING ? formula_not(space, is_known) : is_known;
    }
    case ROW_CONDITION: return condition_holds(space, row->condition);
    }
    return in;
}

static void row_facts(struct check *check, const struct model_rule *rule, struct rule_facts *facts)
{
    struct space *space = check->space;
    const struct model_points *points = &rule->points;
    facts->row_count = points->row_count;
    facts->rows = arena_alloc(check->arena, (points->row_count + 1) * sizeof *facts->rows);
    facts->takes = arena_alloc(check->arena, (points->row_count + 1) * sizeof *facts->takes);
    formula earlier = FORMULA_TRUE, any = FORMULA_FALSE;
    for (size_t i = 0; i < points->row_count; i++) {
        const struct model_row *row = &points->rows[i];
        formula takes = points->kind == POINTS_CHOOSE && row->kind == ROW_OTHERWISE
                            ? FORMULA_TRUE
                            : value_row(space, points->value, row);
        facts->rows[i] = takes;
        facts->takes[i] = formula_and(space, facts->when, formula_and(space, takes, earlier));
        earlier = formula_and(space, earlier, formula_not(space, takes));
        any = formula_or(space, any, takes);
    }
    facts->fires = formula_and(space, facts->when, any);
}

static void facts_of_rule(struct check *check, const struct model_rule *rule, struct rule_facts *facts)
{
    struct space *space = check->space;
    const struct model_points *points = &rule->points;
    int64_t now = check->options->as_of;
    facts->active = (!rule->has_active_from || now >= rule->active_from) &&
                    (!rule->has_active_until || now < rule->active_until);
    facts->scores = !rule->disqualifies && rule->score != NO_INDEX;
    facts->set = NO_INDEX;
    facts->when = rule->when ? condition_holds(space, rule->when) : FORMULA_TRUE;
    facts->fails = rule->when ? condition_fails(space, rule->when) : FORMULA_FALSE;
    facts->fires = facts->when;
    formula says = FORMULA_TRUE, out;
    switch (points->kind) {
    case POINTS_ABSENT:
    case POINTS_FIXED: break;
    case POINTS_EACH:
        facts->set = condition_set(space, points->set);
        if (facts->set != NO_INDEX) {
            says = set_at_least(space, facts->set, 1);
        } else {
            struct node *has = arena_alloc(check->arena, sizeof *has);
            *has = (struct node){.kind = NODE_HAS,
                                 .type = TYPE_CONDITION,
                                 .set = points->set,
                                 .comparison = COMPARE_GE,
                                 .number = 1,
                                 .span = points->set->span,
                                 .setting = NO_INDEX,
                                 .define = NO_INDEX};
            says = condition_holds(space, has);
        }
        break;
    case POINTS_EVERY: /* from one whole multiple on, in either direction */
        if (!value_between(space, points->value, points->every <= 0 ? 0 : 1 - points->every, points->every - 1, &out,
                           &says)) {
            struct node *known = arena_alloc(check->arena, sizeof *known);
            *known = (struct node){.kind = NODE_KNOWN,
                                   .type = TYPE_CONDITION,
                                   .left = points->value,
                                   .span = points->value->span,
                                   .setting = NO_INDEX,
                                   .define = NO_INDEX};
            says = condition_holds(space, known);
        }
        break;
    case POINTS_EQUAL: says = value_known(space, points->value); break;
    case POINTS_BY:
    case POINTS_CHOOSE: row_facts(check, rule, facts); return;
    }
    facts->fires = formula_and(space, facts->when, says);
}

/* ---- sampled leads -------------------------------------------------------------------------------------- */

static uint64_t next_random(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

void sample_values(const struct check *check, size_t sample, uint32_t *values)
{
    memcpy(values, &check->samples[sample * check->space->slot_count], check->space->slot_count * sizeof *values);
}

/* Bit i: whether f is true for sample i. */
void formula_signature(const struct check *check, formula f, uint64_t *out)
{
    const struct space *space = check->space;
    const struct formula_node *node = &space->formulas[f];
    size_t words = check->signature_words;
    if (node->kind == FORMULA_KIND_CONSTANT) {
        memset(out, f == FORMULA_TRUE ? 0xff : 0, words * sizeof *out);
        return;
    }
    if (node->kind == FORMULA_KIND_LITERAL) {
        const struct atom *atom = &space->atoms[node->atom];
        const uint64_t *bits = node->polarity < SAYS_FAILS ? atom->holds_bits : atom->fails_bits;
        uint64_t flip = node->polarity & 1 ? ~UINT64_C(0) : 0;
        const uint32_t *column = &check->samples[atom->slot];
        size_t step = space->slot_count;
        for (size_t word = 0; word < words; word++) {
            uint64_t result = 0;
            for (size_t bit = 0; bit < 64; bit++, column += step)
                result |= (bits[*column >> 6] >> (*column & 63) & 1) << bit;
            out[word] = result ^ flip;
        }
        return;
    }
    bool is_and = node->kind == FORMULA_KIND_AND;
    uint64_t *part = memory_alloc(words * sizeof *part);
    memset(out, is_and ? 0xff : 0, words * sizeof *out);
    for (uint32_t i = 0; i < node->count; i++) {
        formula_signature(check, space->children[node->first + i], part);
        for (size_t word = 0; word < words; word++)
            out[word] = is_and ? out[word] & part[word] : out[word] | part[word];
    }
    free(part);
}

/* The first samples are leads for which a rule fires, as plain as can be: each refutes most claims about its rule. */
static void samples_make(struct check *check)
{
    struct space *space = check->space;
    size_t slots = space->slot_count, rules = check->model->rule_count;
    uint32_t *values = memory_alloc((slots + 1) * sizeof *values);
    uint32_t *firing = memory_alloc((rules + 1) * (slots + 1) * sizeof *firing);
    size_t firing_count = 0;
    for (size_t i = 0; i < rules; i++) {
        struct rule_facts *facts = &check->rules[i];
        enum answer answer = space_solve(space, facts->fires, false, values);
        facts->never = answer == ANSWER_NO;
        facts->own_sample = answer == ANSWER_YES ? (uint32_t)firing_count * 2 : NO_INDEX;
        if (answer == ANSWER_YES) memcpy(&firing[firing_count++ * slots], values, slots * sizeof *values);
    }
    for (size_t i = 0; i < rules && rules <= 2000; i++) { /* several events, where each of them counts */
        static const int64_t numbers[] = {2, 3, 5, 8, 13, 20};
        int64_t most = check->model->rules[i].points.most_times > 0 ? check->model->rules[i].points.most_times
                                                                    : INT64_MAX;
        for (size_t n = 0; check->rules[i].set != NO_INDEX && n < 6 && numbers[n] <= most; n++)
            space_solve(space, set_at_least(space, check->rules[i].set, numbers[n]), false, values);
    }
    size_t count = (firing_count * 2 + SAMPLES + 63) / 64 * 64;
    check->sample_count = count;
    check->signature_words = count / 64;
    check->samples = memory_alloc((count * slots + 1) * sizeof *check->samples);
    uint64_t random = 0x9e3779b97f4a7c15u;
    for (size_t sample = 0; sample < count; sample++) {
        uint32_t *row = &check->samples[sample * slots];
        size_t base = sample < firing_count * 2 ? sample / 2 : SIZE_MAX;
        if (base != SIZE_MAX) memcpy(row, &firing[base * slots], slots * sizeof *row);
        if (base != SIZE_MAX && sample % 2 == 0) continue;
        for (size_t slot = 0; slot < slots; slot++) {
            if (space->slots[slot].pool_count == 0) continue;
            if (base != SIZE_MAX && row[slot] != 0) continue; /* the rule's lead, with everything else given too */
            if (base == SIZE_MAX && next_random(&random) % 8 == 0) continue;
            row[slot] = (uint32_t)(next_random(&random) % space->slots[slot].pool_count);
        }
    }
    check->signatures = memory_alloc((rules * check->signature_words + 1) * sizeof *check->signatures);
    for (size_t i = 0; i < rules; i++)
        formula_signature(check, check->rules[i].fires, &check->signatures[i * check->signature_words]);
    free(firing);
    free(values);
}

/* A number that becomes points is cut where a band or a stage asks: so that a lead between two thresholds is there. */
static void threshold_cut(struct check *check, const struct model_points *points, int64_t limit)
{
    formula in, out;
    wide_int value = limit;
    if (points->kind == POINTS_EVERY)
        value = points->points == 0 ? 0
                                    : (wide_int)(limit / points->points + (limit % points->points != 0)) * points->every;
    int64_t from;
    if (number_narrow(value, &from)) value_between(check->space, points->value, from, INT64_MAX, &in, &out);
}

static void threshold_cuts(struct check *check, const struct model_rule *rule)
{
    const struct model *model = check->model;
    size_t room = 64;
    if (rule->points.kind != POINTS_EQUAL && rule->points.kind != POINTS_EVERY) return;
    for (size_t b = 0; b < model->band_count; b++)
        for (size_t l = 0; l < model->bands[b].label_count && room > 0; l++)
            if (model->bands[b].labels[l].has_from) {
                room--;
                threshold_cut(check, &rule->points, model->bands[b].labels[l].from);
            }
    for (size_t s = 0; s < model->stage_count * 2; s++) {
        const struct node *open[32] = {s % 2 ? model->stages[s / 2].stay : model->stages[s / 2].when};
        for (size_t count = open[0] ? 1 : 0; count > 0;) {
            const struct node *node = open[--count];
            if (node->kind == NODE_COMPARE && node->right->kind == NODE_NUMBER && room > 0) {
                room--;
                threshold_cut(check, &rule->points, node->right->number);
            }
            bool joins = node->kind == NODE_AND || node->kind == NODE_OR || node->kind == NODE_NOT;
            if (joins && node->left && count < 32) open[count++] = node->left;
            if (joins && node->right && count < 32) open[count++] = node->right;
        }
    }
}

void facts_make(struct check *check)
{
    check->rules = arena_alloc(check->arena, (check->model->rule_count + 1) * sizeof *check->rules);
    for (size_t i = 0; i < check->model->rule_count; i++)
        facts_of_rule(check, &check->model->rules[i], &check->rules[i]);
    const struct model *model = check->model; /* everything that will be asked, so that the pools are made once */
    for (size_t i = 0; i < model->stage_count; i++) {
        if (model->stages[i].when) condition_holds(check->space, model->stages[i].when);
        if (model->stages[i].stay) condition_holds(check->space, model->stages[i].stay);
    }
    for (size_t i = 0; i < model->action_count; i++)
        if (model->actions[i].when) condition_holds(check->space, model->actions[i].when);
    if (model->outcome) condition_holds(check->space, model->outcome);
    for (uint32_t i = 0; i < model->score_count && (model->band_count > 0 || model->stage_count > 0); i++) {
        struct node node = {
            .kind = NODE_SCORE, .type = TYPE_NUMBER, .index = i, .setting = NO_INDEX, .define = NO_INDEX};
        formula in, out;
        value_between(check->space, &node, 0, 0, &in, &out);
    }
    for (size_t i = 0; i < model->rule_count; i++) threshold_cuts(check, &model->rules[i]);
    check->sees_disqualified = FORMULA_FALSE;
    for (size_t i = 0; i < model->rule_count; i++)
        if (model->rules[i].disqualifies)
            check->sees_disqualified = formula_or(check->space, check->sees_disqualified, check->rules[i].when);
    space_freeze(check->space);
    samples_make(check);
}
