#include "compiler/conflicts/check.h"

#include <stdlib.h>
#include <string.h>

#include "vm/number.h"

/* Stages: conditions over scores, which are no slots of their own in truth.  Here a score may be anything within its
   reach, and a combined score what its parts allow.  What is impossible then is impossible; what is possible needs a
   lead that shows it. */

struct stage_facts {
    formula when, stays, falls;
};

static formula score_in(struct check *check, uint32_t score, int64_t from, int64_t to)
{
    struct node node = {
        .kind = NODE_SCORE, .type = TYPE_NUMBER, .index = score, .setting = NO_INDEX, .define = NO_INDEX};
    formula in = FORMULA_TRUE, out;
    if (from > to) return FORMULA_FALSE;
    value_between(check->space, &node, from, to, &in, &out);
    return in;
}

static int compare_numbers(const void *a, const void *b)
{
    int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;
    return left < right ? -1 : left > right;
}

/* The ends of a score that no lead passes: an open end is not where the search stopped, but what the points can hold.
 */
static int64_t lowest_possible(const struct check *check, uint32_t score)
{
    const struct reach *reach = &check->score_reach[score];
    return reach->least_open ? check->model->scores[score].lowest : reach->least_bound;
}

static int64_t highest_possible(const struct check *check, uint32_t score)
{
    const struct reach *reach = &check->score_reach[score];
    return reach->most_open ? check->model->scores[score].highest : reach->most_bound;
}

/* The stretches of a score between the thresholds that are asked for, within its reach. */
static size_t score_cells(struct check *check, uint32_t score, struct interval *cells, size_t most)
{
    int64_t cuts[256], lowest = lowest_possible(check, score), highest = highest_possible(check, score);
    size_t count = 0, used = 0;
    cuts[count++] = lowest;
    if (check->space->score_slots && check->space->score_slots[score] != NO_INDEX) {
        const struct slot *slot = &check->space->slots[check->space->score_slots[score]];
        for (size_t i = 0; i < slot->atom_count; i++) {
            const struct intervals *holds = &check->space->atoms[slot->atoms[i]].holds;
            for (size_t j = 0; j < holds->count && count < 250; j++) {
                if (holds->items[j].from > lowest && holds->items[j].from <= highest)
                    cuts[count++] = holds->items[j].from;
                if (holds->items[j].to >= lowest && holds->items[j].to < highest)
                    cuts[count++] = holds->items[j].to + 1;
            }
        }
    }
    qsort(cuts, count, sizeof *cuts, compare_numbers);
    for (size_t i = 0; i < count; i++) {
        if (i > 0 && cuts[i] == cuts[i - 1]) continue;
        if (used == most) return 0;
        if (used > 0) cells[used - 1].to = cuts[i] - 1;
        cells[used++] = (struct interval){cuts[i], highest};
    }
    return used;
}

static int64_t part_value(const struct score_part *part, int64_t value)
{
    return part->weight_ppm == 1000000 ? value : number_weigh(value, part->weight_ppm);
}

/* What the parts of a combined score say about it, for each combination of their stretches. */
static formula combined_rule(struct check *check, uint32_t score)
{
    const struct model_score *facts = &check->model->scores[score];
    struct interval cells[4][40];
    size_t counts[4], parts[4], used = 0, total = 1;
    wide_int constant = facts->base;
    for (size_t i = 0; i < facts->part_count; i++) {
        if (facts->parts[i].score == NO_INDEX) {
            constant += facts->parts[i].constant;
            continue;
        }
        if (used == 4) return FORMULA_TRUE;
        counts[used] = score_cells(check, facts->parts[i].score, cells[used], 40);
        if (counts[used] == 0) return FORMULA_TRUE;
        total *= counts[used];
        parts[used++] = i;
    }
    if (total > 600) return FORMULA_TRUE;
    formula result = FORMULA_TRUE;
    for (size_t combination = 0; combination < total; combination++) {
        size_t rest = combination;
        wide_int low = constant, high = constant;
        formula here = FORMULA_TRUE;
        for (size_t i = 0; i < used; i++) {
            const struct score_part *part = &facts->parts[parts[i]];
            struct interval cell = cells[i][rest % counts[i]];
            rest /= counts[i];
            int64_t a = part_value(part, cell.from), b = part_value(part, cell.to);
            low += a < b ? a : b;
            high += a < b ? b : a;
            here = formula_and(check->space, here, score_in(check, part->score, cell.from, cell.to));
        }
        int64_t from = INT64_MIN, to = INT64_MAX;
        number_narrow(low, &from);
        number_narrow(high, &to);
        if (facts->loses && from > 0) from = 0; /* idle time takes the rest */
        if (facts->rounded_to > 0) {
            from = number_round(from, facts->rounded_to);
            to = number_round(to, facts->rounded_to);
        }
        if (facts->has_most) {
            if (from > facts->most) from = facts->most;
            if (to > facts->most) to = facts->most;
        }
        if (facts->has_least) {
            if (from < facts->least) from = facts->least;
            if (to < facts->least) to = facts->least;
        }
        result = formula_and(
            check->space, result,
            formula_or(check->space, formula_not(check->space, here), score_in(check, score, from, to)));
    }
    return result;
}

formula scores_possible(struct check *check)
{
    formula result = FORMULA_TRUE;
    for (uint32_t i = 0; i < check->model->score_count; i++)
        result = formula_and(check->space, result,
                             score_in(check, i, lowest_possible(check, i), highest_possible(check, i)));
    for (uint32_t i = 0; i < check->model->score_count; i++)
        if (check->model->scores[i].combined) result = formula_and(check->space, result, combined_rule(check, i));
    return result;
}

/* Without the reach of scores, hardly a question about stages can be settled: then it is not even asked. */
#define stage_open(check, ...)                                                                                         \
    do {                                                                                                               \
        if ((check)->options->want_reach) check_not_proven(check, __VA_ARGS__);                                        \
    } while (0)

static struct span stage_span(const struct model_stage *stage) { return stage->name.span; }

static bool thresholds_said(const struct check *check, const struct node *node)
{
    for (size_t i = 0; i < check->diags->count; i++) {
        const struct diagnostic *d = check->diags->items[i];
        if (d->code == C1020 && d->span.file == node->span.file && d->span.start >= node->span.start &&
            d->span.end <= node->span.end)
            return true;
    }
    return false;
}

static void check_entry(struct check *check, size_t index, struct stage_facts *facts, formula possible)
{
    const struct model_stage *stage = &check->model->stages[index];
    struct space *space = check->space;
    formula f = formula_and(space, facts->when, possible);
    enum answer answer = space_solve(space, f, false, NULL);
    if (answer == ANSWER_YES)
        answer = decide(check, facts->when); /* possible for the parts: but is there a lead? */
    if (answer == ANSWER_UNKNOWN) {
        stage_open(check, stage_span(stage), "whether a lead can enter `%s`", stage->name.text);
        return;
    }
    if (answer == ANSWER_NO) {
        if (thresholds_said(check, stage->when)) return;
        struct diagnostic *d = check_report(check, C1024, stage_span(stage), "no lead can enter `%s`",
                                            stage->name.text);
        diagnostic_label(d, stage->when->span, "no lead meets this");
        for (uint32_t i = 0; i < check->model->score_count; i++) {
            formula other = formula_and(space, facts->when,
                                        score_in(check, i, lowest_possible(check, i), highest_possible(check, i)));
            if (space_solve(space, other, false, NULL) != ANSWER_NO) continue;
            diagnostic_note(d, "`%s` goes from %s to %s", check->model->scores[i].name.text,
                            check_number(check, lowest_possible(check, i)),
                            check_number(check, highest_possible(check, i)));
        }
        diagnostic_help(d, "correct the thresholds; the parts of the condition may exclude each other");
        return;
    }
    bool only_disqualified = false;
    if (check->sees_disqualified != FORMULA_FALSE) {
        formula other = formula_not(space, check->sees_disqualified);
        only_disqualified = space_solve(space, formula_and(space, f, other), false, NULL) == ANSWER_NO;
        if (!only_disqualified) {
            decide_lead(check, formula_and(space, facts->when, other), NULL, 0, &answer);
            only_disqualified = answer == ANSWER_NO;
            if (answer == ANSWER_UNKNOWN)
                stage_open(check, stage_span(stage), "whether a lead that is not disqualified can enter `%s`",
                           stage->name.text);
        }
    }
    if (only_disqualified) {
        struct diagnostic *d = check_report(check, C1033, stage_span(stage),
                                            "every lead that could enter `%s` is disqualified", stage->name.text);
        if (d) {
            diagnostic_label(d, stage->when->span, "whoever meets this is disqualified");
            for (size_t i = 0; i < check->model->rule_count; i++)
                if (check->model->rules[i].disqualifies && !check->rules[i].never) {
                    formula spared = formula_and(space, facts->when, formula_not(space, check->rules[i].when));
                    decide_lead(check, spared, NULL, 0, &answer);
                    if (answer == ANSWER_NO)
                        diagnostic_label(d, rule_span(&check->model->rules[i]), "disqualifies them");
                }
            diagnostic_help(d, "make the disqualification narrower, or remove the stage");
        }
    }
    if (space_solve(space, formula_and(space, formula_not(space, facts->when), possible), false, NULL) == ANSWER_NO) {
        struct diagnostic *d = check_report(check, C1002, stage->when->span, "every lead meets the condition of `%s`",
                                            stage->name.text);
        if (d) {
            diagnostic_label(d, stage->when->span, "always holds");
            diagnostic_help(d, "raise the threshold, or remove the stage");
        }
    }
    if (stage->limited) {
        bool way = false;
        for (size_t i = 0; i < stage->only_from_count; i++) way |= stage->only_from[i] != index;
        if (!way) {
            struct diagnostic *d = check_report(check, C1024, stage_span(stage), "no lead can enter `%s`",
                                                stage->name.text);
            diagnostic_label(d, stage_span(stage), "only from itself");
            diagnostic_help(d, "name the stages that one may come from");
        }
    }
}

/* `only from` names stages that no way leads to: nobody starts there, and they come from each other. */
static void check_ways(struct check *check)
{
    const struct model *model = check->model;
    bool *reached = memory_alloc(model->stage_count + 1), more = true;
    for (size_t i = 0; i < model->stage_count; i++) reached[i] = i == 0 || !model->stages[i].limited;
    while (more) {
        more = false;
        for (size_t i = 1; i < model->stage_count; i++)
            for (size_t from = 0; from < model->stages[i].only_from_count && !reached[i]; from++)
                more |= reached[i] = model->stages[i].only_from[from] != i && reached[model->stages[i].only_from[from]];
    }
    for (size_t i = 1; i < model->stage_count; i++) {
        bool itself = true; /* said already */
        for (size_t from = 0; from < model->stages[i].only_from_count; from++)
            itself &= model->stages[i].only_from[from] == i;
        if (reached[i] || itself) continue;
        struct diagnostic *d = check_report(check, C1024, stage_span(&model->stages[i]), "no way leads to `%s`",
                                            model->stages[i].name.text);
        if (!d) continue;
        diagnostic_label(d, stage_span(&model->stages[i]), "none of the stages it is entered from can be entered");
        for (size_t from = 0; from < model->stages[i].only_from_count; from++)
            if (model->stages[i].only_from[from] != i)
                diagnostic_label(d, stage_span(&model->stages[model->stages[i].only_from[from]]), "nobody gets here");
        diagnostic_help(d, "name a stage in `only from` that leads can be in, such as `%s`",
                        model->stages[0].name.text);
    }
    free(reached);
}

static void check_skipped(struct check *check, size_t index, const struct stage_facts *facts, formula possible)
{
    const struct model *model = check->model;
    struct space *space = check->space;
    formula f = formula_and(space, formula_and(space, facts[index].when, possible),
                            formula_not(space, check->sees_disqualified)),
            later = f;
    if (space_solve(space, f, false, NULL) == ANSWER_NO) return; /* said elsewhere */
    size_t by = SIZE_MAX;
    for (size_t next = index + 1; next < model->stage_count; next++) {
        if (model->stages[next].limited) continue;
        formula without = formula_not(space, facts[next].when);
        if (by == SIZE_MAX && space_solve(space, formula_and(space, f, without), false, NULL) == ANSWER_NO) by = next;
        later = formula_and(space, later, without);
    }
    if (later == f) return;
    if (space_solve(space, later, false, NULL) != ANSWER_NO) {
        formula stops = formula_and(space, facts[index].when, formula_not(space, check->sees_disqualified));
        for (size_t next = index + 1; next < model->stage_count; next++)
            if (!model->stages[next].limited) stops = formula_and(space, stops, formula_not(space, facts[next].when));
        enum answer answer = decide(check, stops);
        if (answer == ANSWER_UNKNOWN)
            stage_open(check, stage_span(&model->stages[index]), "whether any lead stops at `%s`",
                       model->stages[index].name.text);
        if (answer != ANSWER_NO) return;
    }
    struct diagnostic *d = check_report(check, C1030, stage_span(&model->stages[index]),
                                        "the stage `%s` is skipped: whoever could enter it goes on to a later one",
                                        model->stages[index].name.text);
    if (!d) return;
    diagnostic_label(d, model->stages[index].when->span, "whoever meets this …");
    if (by != SIZE_MAX)
        diagnostic_label(d, model->stages[by].when->span, "… meets this too, and enters `%s`",
                         model->stages[by].name.text);
    diagnostic_help(d, "make the later stage stricter, or swap the two");
    struct claim claim = {.kind = CLAIM_NOT_STAGE, .index = (uint32_t)index};
    struct witness *witness = seek_lead(
        check, formula_and(space, facts[index].when, formula_not(space, check->sees_disqualified)), &claim, 1);
    if (!witness) return;
    check_witness(check, d, witness, &claim, 1,
                  arena_format(check->arena, "%s is skipped", model->stages[index].name.text));
    diagnostic_note(d, "for instance: %s", check_lead_text(check, witness));
}

static void check_staying(struct check *check, size_t index, const struct stage_facts *facts, formula possible)
{
    const struct model_stage *stage = &check->model->stages[index];
    struct space *space = check->space;
    if (stage->forever || !stage->stay) return;
    formula f = formula_and(space, facts->falls, possible);
    enum answer answer = space_solve(space, f, false, NULL);
    if (answer == ANSWER_YES) answer = decide(check, facts->falls);
    if (answer == ANSWER_UNKNOWN)
        stage_open(check, stage->stay->span, "whether a lead can ever fall back from `%s`", stage->name.text);
    if (answer == ANSWER_NO) {
        if (stage->stay->kind == NODE_TRUE) return;
        struct diagnostic *d = check_report(check, C1032, stage->stay->span, "nobody ever falls back from `%s`",
                                            stage->name.text);
        if (d) {
            diagnostic_label(d, stage->stay->span, "no lead ever fails this");
            diagnostic_help(d, "raise the threshold, or write `stay forever` if that is meant");
        }
        return;
    }
    f = formula_and(space, f, formula_and(space, facts->when, formula_not(space, check->sees_disqualified)));
    if (space_solve(space, f, false, NULL) == ANSWER_NO) return;
    formula real = formula_and(space, formula_and(space, facts->when, facts->falls),
                               formula_not(space, check->sees_disqualified));
    struct witness *witness = decide_lead(check, real, NULL, 0, &answer);
    if (answer == ANSWER_NO) return;
    if (!witness) {
        stage_open(check, stage->stay->span, "whether a lead can enter `%s` and fail its `stay while` at once",
                   stage->name.text);
        return;
    }
    struct diagnostic *d = check_report(check, C1031, stage->stay->span,
                                        "a lead can enter `%s` and fail its `stay while` at the same time",
                                        stage->name.text);
    if (!d) return;
    diagnostic_label(d, stage->stay->span, "fails …");
    diagnostic_label(d, stage->when->span, "… where this holds");
    diagnostic_help(d, "let `stay while` ask for less than `when`");
    struct observation *seen = observation_new(check);
    struct claim claim = {.kind = CLAIM_STAGE, .index = (uint32_t)index};
    if (check->options->replay) { /* it may stand in a later stage already: what it gets is what the test says */
        check->options->replay(check->options->context, witness, seen);
        claim.index = seen->stage;
    }
    check_witness(check, d, witness, &claim, check->options->replay ? 1 : 0,
                  arena_format(check->arena, "enters %s, and would not stay", stage->name.text));
    diagnostic_note(d, "for instance: %s", check_lead_text(check, witness));
}

/* ---- holes between stages ------------------------------------------------------------------------------- */

static bool only_score(const struct space *space, formula f, uint32_t slot)
{
    const struct formula_node *node = &space->formulas[f];
    if (node->kind == FORMULA_KIND_LITERAL) return space->atoms[node->atom].slot == slot;
    for (uint32_t i = 0; i < node->count; i++)
        if (!only_score(space, space->children[node->first + i], slot)) return false;
    return true;
}

/* On a ladder of stages over one score, a stretch of points that puts a lead further back than fewer points do. */
static void check_ladder(struct check *check, uint32_t score, const struct stage_facts *facts)
{
    const struct model *model = check->model;
    struct space *space = check->space;
    uint32_t slot = space->score_slots ? space->score_slots[score] : NO_INDEX;
    if (slot == NO_INDEX) return;
    size_t rungs = 0;
    for (size_t i = 1; i < model->stage_count; i++)
        rungs += model->stages[i].when && only_score(space, facts[i].when, slot);
    if (rungs < 2) return;
    struct interval cells[60];
    size_t count = score_cells(check, score, cells, 60), before = 0;
    bool risen = false; /* a stage for few points (`total < 0`) is no ladder */
    uint32_t *values = memory_alloc((space->slot_count + 1) * sizeof *values);
    for (size_t cell = 0; cell < count; cell++) {
        size_t stage = 0;
        for (uint32_t value = 0; value < space->slots[slot].pool_count; value++) {
            int64_t number = space->slots[slot].pool[value].number;
            if (number >= cells[cell].from && number <= cells[cell].to) {
                values[slot] = value;
                break;
            }
        }
        for (size_t i = 1; i < model->stage_count; i++)
            if (model->stages[i].when && only_score(space, facts[i].when, slot) &&
                formula_true(space, facts[i].when, values))
                stage = i;
        if (cell > 0 && stage < before && risen) {
            enum answer answer;
            struct witness *witness = find_score_in(check, score, cells[cell].from, cells[cell].to + 1, &answer);
            if (witness) {
                struct diagnostic *d = check_report(check, C1034, stage_span(&model->stages[before]),
                                                    "with more points, a lead falls from `%s` to `%s`",
                                                    model->stages[before].name.text, model->stages[stage].name.text);
                if (d) {
                    bool above = cells[cell].from % NUMBER_ONE ==
                                 1; /* `<= 79` is written, 79.0001 is meant by nobody */
                    const char *edge = check_number(check, above ? cells[cell].from - 1 : cells[cell].from);
                    diagnostic_label(d, model->stages[before].when->span, above ? "ends at %s" : "ends below %s", edge);
                    if (before + 1 < model->stage_count && model->stages[before + 1].when)
                        diagnostic_label(d, model->stages[before + 1].when->span,
                                         above ? "does not begin right above %s" : "does not take %s", edge);
                    diagnostic_help(d, "use `%s >= …` for each stage: the last one that holds counts",
                                    model->scores[score].name.text);
                    struct observation *seen = observation_new(check);
                    struct claim claim = {.kind = CLAIM_STAGE, .index = (uint32_t)stage};
                    if (check->options->replay) {
                        check->options->replay(check->options->context, witness, seen);
                        claim.index = seen->stage;
                    }
                    check_witness(
                        check, d, witness, &claim, check->options->replay ? 1 : 0,
                        arena_format(check->arena, "between %s and the next stage", model->stages[before].name.text));
                    diagnostic_note(d, "for instance: %s", check_lead_text(check, witness));
                }
            }
        }
        risen |= cell > 0 && stage > before;
        before = stage;
    }
    free(values);
}

/* ---- assign without `otherwise` ------------------------------------------------------------------------- */

static void check_unassigned(struct check *check, size_t index, const struct stage_facts *facts, formula possible)
{
    const struct model *model = check->model;
    struct space *space = check->space;
    formula none = formula_and(space, facts->when, formula_not(space, check->sees_disqualified));
    const struct model_action *first = NULL;
    for (size_t i = 0; i < model->action_count; i++) {
        const struct model_action *action = &model->actions[i];
        if (action->kind != ACTION_ASSIGN || action->stage != index || action->leaving) continue;
        if (action->otherwise || !action->when) return;
        if (!first) first = action;
        none = formula_and(space, none, formula_not(space, condition_holds(space, action->when)));
    }
    if (!first) return;
    space_freeze(space);
    if (space_solve(space, formula_and(space, none, possible), false, NULL) == ANSWER_NO) return;
    struct claim claim = {.kind = CLAIM_NOT_ASSIGNED, .index = (uint32_t)index};
    enum answer answer;
    struct witness *witness = decide_lead(check, none, &claim, 1, &answer);
    if (answer == ANSWER_NO) return;
    if (!witness) {
        stage_open(check, first->tree->span, "whether every lead that enters `%s` is assigned to somebody",
                   model->stages[index].name.text);
        return;
    }
    struct diagnostic *d = check_report(check, C1014, first->tree->span,
                                        "a lead can enter `%s` and be assigned to nobody",
                                        model->stages[index].name.text);
    if (!d) return;
    diagnostic_label(d, first->tree->span, "none of the conditions from here on need hold");
    diagnostic_help(d, "add a last line: assign \"…\" otherwise");
    check_witness(check, d, witness, &claim, 1,
                  arena_format(check->arena, "%s, and assigned to nobody", model->stages[index].name.text));
    diagnostic_note(d, "for instance: %s", check_lead_text(check, witness));
}

/* ---- actions that are never carried out ----------------------------------------------------------------- */

static bool never_together(struct check *check, formula f, formula possible)
{
    space_freeze(check->space);
    enum answer answer = space_solve(check->space, formula_and(check->space, f, possible), false, NULL);
    if (answer == ANSWER_YES) answer = decide(check, f);
    return answer == ANSWER_NO;
}

static void check_actions(struct check *check, const struct stage_facts *facts, formula possible)
{
    const struct model *model = check->model;
    struct space *space = check->space;
    for (size_t i = 0; i < model->action_count; i++) {
        const struct model_action *action = &model->actions[i];
        bool of_stage = action->stage < model->stage_count && !action->leaving;
        formula enters = of_stage ? formula_and(space, facts[action->stage].when,
                                                formula_not(space, check->sees_disqualified))
                                  : FORMULA_TRUE;
        if (enters != FORMULA_TRUE && never_together(check, enters, possible)) continue; /* said of the stage */
        formula holds = action->otherwise || !action->when ? FORMULA_TRUE : condition_holds(space, action->when);
        if (action->when && (thresholds_said(check, action->when) || depends_on_day(check, action->when))) continue;
        bool alone = holds != FORMULA_TRUE && never_together(check, formula_and(space, enters, holds), possible);
        formula earlier = FORMULA_TRUE;
        for (size_t j = 0; j < i && action->kind == ACTION_ASSIGN; j++)
            if (model->actions[j].kind == ACTION_ASSIGN && model->actions[j].stage == action->stage &&
                model->actions[j].leaving == action->leaving)
                earlier = formula_and(space, earlier,
                                      model->actions[j].otherwise || !model->actions[j].when
                                          ? FORMULA_FALSE
                                          : formula_not(space, condition_holds(space, model->actions[j].when)));
        bool masked = !alone && earlier != FORMULA_TRUE &&
                      never_together(check, formula_and(space, enters, formula_and(space, holds, earlier)), possible);
        if (!alone && !masked) continue;
        bool assigns = action->kind == ACTION_ASSIGN;
        struct diagnostic *d = check_report(check, assigns ? C1012 : C1001, action->tree->span,
                                            assigns ? "this `assign` is never reached"
                                                    : "this action is never carried out");
        if (!d) continue;
        diagnostic_label(d, action->tree->span,
                         alone ? "no lead that comes here meets this"
                               : "the ones before take every lead that could come here");
        if (alone && of_stage && model->stages[action->stage].when)
            diagnostic_label(d, model->stages[action->stage].name.span, "what it takes to enter");
        diagnostic_help(d, alone ? "correct the condition, or remove it"
                                 : "put the stricter one first, or remove this one");
    }
    if (!model->outcome || depends_on_day(check, model->outcome)) return;
    const char *what = NULL;
    if (never_together(check, condition_holds(space, model->outcome), FORMULA_TRUE))
        what = "no lead is ever won: the condition of `outcome` never holds";
    else if (never_together(check, formula_not(space, condition_holds(space, model->outcome)), FORMULA_TRUE))
        what = "every lead is won: the condition of `outcome` always holds";
    if (!what) return;
    struct diagnostic *d = check_report(check, what[0] == 'n' ? C1001 : C1002, model->outcome->span, "%s", what);
    if (!d) return;
    diagnostic_label(d, model->outcome->span, what[0] == 'n' ? "no lead can meet this" : "every lead meets this");
    diagnostic_help(d, "correct the values: calibration learns nothing from this");
}

/* ---- leads for the picture of what can be reached ------------------------------------------------------- */

static void find_leads(struct check *check, const struct stage_facts *facts, formula possible)
{
    const struct model *model = check->model;
    struct reach_report *report = check->report->reach;
    report->stages = arena_alloc(check->arena, (model->stage_count + 1) * sizeof *report->stages);
    report->stage_possible = arena_alloc(check->arena, (model->stage_count + 1) * sizeof *report->stage_possible);
    for (uint32_t i = 0; i < model->stage_count; i++) {
        struct claim claim = {.kind = CLAIM_STAGE, .index = i};
        formula f = formula_and(check->space, facts[i].when, formula_not(check->space, check->sees_disqualified));
        bool impossible = space_solve(check->space, formula_and(check->space, f, possible), false, NULL) == ANSWER_NO;
        for (size_t later = i + 1; later < model->stage_count; later++)
            if (!model->stages[later].limited)
                f = formula_and(check->space, f, formula_not(check->space, facts[later].when));
        enum answer answer = ANSWER_NO;
        report->stages[i] = impossible ? NULL : decide_lead(check, f, &claim, 1, &answer);
        report->stage_possible[i] = report->stages[i] ? 1 : answer == ANSWER_NO ? 0 : -1;
    }
    report->labels = arena_alloc(check->arena, (model->band_count + 1) * sizeof *report->labels);
    report->label_possible = arena_alloc(check->arena, (model->band_count + 1) * sizeof *report->label_possible);
    for (size_t band = 0; band < model->band_count; band++) {
        const struct model_band *facts_of = &model->bands[band];
        int64_t lowest = lowest_possible(check, facts_of->score), highest = highest_possible(check, facts_of->score);
        report->labels[band] = arena_alloc(check->arena, (facts_of->label_count + 1) * sizeof **report->labels);
        report->label_possible[band] = arena_alloc(check->arena,
                                                   (facts_of->label_count + 1) * sizeof **report->label_possible);
        for (size_t i = 0; i < facts_of->label_count; i++) {
            const struct model_label *label = &facts_of->labels[i];
            int64_t from = label->has_from && label->from > lowest ? label->from : lowest;
            int64_t below = label->has_below && label->below <= highest ? label->below
                            : highest == INT64_MAX                      ? INT64_MAX
                                                                        : highest + 1;
            enum answer answer = ANSWER_NO;
            report->labels[band][i] = from < below ? find_score_in(check, facts_of->score, from, below, &answer) : NULL;
            report->label_possible[band][i] = report->labels[band][i] ? 1 : answer == ANSWER_NO ? 0 : -1;
        }
    }
}

void check_stages(struct check *check)
{
    const struct model *model = check->model;
    struct space *space = check->space;
    struct stage_facts *facts = arena_alloc(check->arena, (model->stage_count + 1) * sizeof *facts);
    for (size_t i = 0; i < model->stage_count; i++) {
        const struct model_stage *stage = &model->stages[i];
        facts[i].when = stage->when ? condition_holds(space, stage->when) : FORMULA_TRUE;
        facts[i].falls = stage->stay   ? condition_fails(space, stage->stay)
                         : stage->when ? condition_fails(space, stage->when)
                                       : FORMULA_FALSE;
        facts[i].stays = formula_not(space, facts[i].falls);
    }
    formula possible = model->stage_count > 0 || model->band_count > 0 ? scores_possible(check) : FORMULA_TRUE;
    space_freeze(space);
    for (size_t i = 1; i < model->stage_count; i++) {
        if (!model->stages[i].when) continue;
        check_entry(check, i, &facts[i], possible);
        if (i + 1 < model->stage_count) check_skipped(check, i, facts, possible);
        check_staying(check, i, &facts[i], possible);
    }
    for (uint32_t i = 0; i < model->score_count && check->options->want_reach; i++) check_ladder(check, i, facts);
    check_ways(check);
    for (size_t i = 0; i < model->stage_count; i++) check_unassigned(check, i, &facts[i], possible);
    check_actions(check, facts, possible);
    if (check->options->want_leads && check->report->reach) find_leads(check, facts, possible);
}
