#include "compiler/conflicts/check.h"

#include <stdlib.h>
#include <string.h>

/* Rows of `by` and `choose`, groups that take one rule or are exclusive. */

static const char *row_name(struct check *check, const struct model_row *row)
{
    switch (row->kind) {
    case ROW_RANGE:
        if (row->has_from && row->has_below)
            return arena_format(check->arena, "from %s below %s", check_number(check, row->from),
                                check_number(check, row->below));
        return row->has_from ? arena_format(check->arena, "from %s", check_number(check, row->from))
                             : arena_format(check->arena, "below %s", check_number(check, row->below));
    case ROW_YES: return "yes";
    case ROW_NO: return "no";
    case ROW_MISSING: return "missing";
    case ROW_OTHERWISE: return "otherwise";
    default: return "this row";
    }
}

/* ---- rows by value -------------------------------------------------------------------------------------- */

static int compare_rows(const void *a, const void *b)
{
    const struct model_row *left = *(const struct model_row *const *)a, *right = *(const struct model_row *const *)b;
    int64_t x = left->has_from ? left->from : INT64_MIN, y = right->has_from ? right->from : INT64_MIN;
    return x < y ? -1 : x > y;
}

static void check_gap(struct check *check, size_t index, const struct model_row *low, const struct model_row *high)
{
    const struct model_rule *rule = &check->model->rules[index];
    struct model_row hole = {
        .kind = ROW_RANGE, .from = low->below, .below = high->from, .has_from = true, .has_below = true};
    formula f = formula_and(check->space, check->rules[index].when, value_row(check->space, rule->points.value, &hole));
    enum answer answer;
    struct witness *witness = witness_for(check, f, &answer);
    if (answer == ANSWER_NO) return; /* the value cannot lie there: whole numbers, for instance */
    struct claim claim = {.kind = CLAIM_SILENT, .index = (uint32_t)index};
    if (answer == ANSWER_UNKNOWN || (formula_inexact(check->space, f) && !check_shows(check, witness, &claim, 1))) {
        check_not_proven(check, low->tree->span, "whether a value of `%s` can lie between two rows", rule->name.text);
        return;
    }
    struct diagnostic *d = check_report(check, C1010, high->tree->span, "`%s` has no row from %s below %s",
                                        rule->name.text, check_number(check, hole.from),
                                        check_number(check, hole.below));
    if (!d) return;
    diagnostic_label(d, low->tree->span, "ends below %s", check_number(check, low->below));
    diagnostic_label(d, high->tree->span, "begins at %s", check_number(check, high->from));
    diagnostic_help(d, "let the upper row begin `from %s`", check_number(check, low->below));
    if (check->rules[index].active)
        check_witness(check, d, witness, &claim, 1,
                      arena_format(check->arena, "between two rows of %s", rule->name.text));
    diagnostic_note(d, "for instance: %s gets nothing", check_lead_text(check, witness));
}

static void check_ranges(struct check *check, size_t index)
{
    const struct model_rule *rule = &check->model->rules[index];
    const struct model_points *points = &rule->points;
    const struct model_row **rows = arena_alloc(check->arena, (points->row_count + 1) * sizeof *rows);
    size_t count = 0;
    bool otherwise = false;
    for (size_t i = 0; i < points->row_count; i++) {
        if (points->rows[i].kind == ROW_RANGE) rows[count++] = &points->rows[i];
        otherwise |= points->rows[i].kind == ROW_OTHERWISE;
    }
    if (count < 2) return;
    qsort(rows, count, sizeof *rows, compare_rows);
    for (size_t i = 0; i + 1 < count && !otherwise; i++)
        if (rows[i]->has_below && rows[i + 1]->has_from && rows[i]->below < rows[i + 1]->from)
            check_gap(check, index, rows[i], rows[i + 1]);
    int direction = 0;
    for (size_t i = 0; i + 1 < count; i++) {
        int step = rows[i + 1]->points > rows[i]->points ? 1 : rows[i + 1]->points < rows[i]->points ? -1 : 0;
        if (step == 0) continue;
        if (direction == 0) {
            direction = step;
            continue;
        }
        if (step == direction) continue;
        struct diagnostic *d = check_report(check, C1013, rows[i + 1]->tree->span, "the rows of `%s` %s, and then %s",
                                            rule->name.text, direction > 0 ? "rise" : "fall",
                                            direction > 0 ? "fall" : "rise");
        if (!d) return;
        diagnostic_label(d, rows[i + 1]->tree->span, "%s is %s than the row before",
                         check_points(check, rows[i + 1]->points), step > 0 ? "more" : "less");
        diagnostic_label(d, rows[i]->tree->span, "%s", check_points(check, rows[i]->points));
        diagnostic_help(d, "if more is not better here, accept it with `# rubric: allow NOT_MONOTONE because \"…\"`; "
                           "else mend the points");
        enum answer answer;
        formula f = formula_and(check->space, check->rules[index].when,
                                value_row(check->space, points->value, rows[i + 1]));
        struct witness *witness = witness_for(check, f, &answer);
        struct claim claim = {.kind = CLAIM_FIRES, .index = (uint32_t)index};
        if (witness && check->rules[index].active && check_shows(check, witness, &claim, 1))
            check_witness(check, d, witness, &claim, 1,
                          arena_format(check->arena, "a row of %s that breaks the order", rule->name.text));
        return;
    }
}

/* ---- rows that are never reached ------------------------------------------------------------------------ */

static void check_masked(struct check *check, size_t index)
{
    const struct model_rule *rule = &check->model->rules[index];
    const struct rule_facts *facts = &check->rules[index];
    struct space *space = check->space;
    for (size_t i = 0; i < facts->row_count; i++) {
        const struct model_row *row = &rule->points.rows[i];
        enum answer answer = space_solve(space, facts->takes[i], false, NULL);
        if (answer == ANSWER_YES) continue;
        if (answer == ANSWER_UNKNOWN) {
            check_not_proven(check, row->tree->span, "whether this row of `%s` can be reached", rule->name.text);
            continue;
        }
        bool alone = space_solve(space, facts->rows[i], false, NULL) == ANSWER_NO;
        bool with_when = !alone &&
                         space_solve(space, formula_and(space, facts->when, facts->rows[i]), false, NULL) == ANSWER_NO;
        size_t by = SIZE_MAX;
        for (size_t j = 0; j < i && !alone && !with_when && by == SIZE_MAX; j++)
            if (space_solve(space, formula_and(space, facts->rows[i], formula_not(space, facts->rows[j])), false,
                            NULL) == ANSWER_NO)
                by = j;
        struct diagnostic *d = check_report(check, C1012, row->tree->span, "the row `%s` of `%s` is never reached",
                                            row->kind == ROW_CONDITION
                                                ? arena_format(check->arena, "%s", check_points(check, row->points))
                                                : row_name(check, row),
                                            rule->name.text);
        if (!d) continue;
        if (alone) {
            diagnostic_label(d, row->tree->span, "no lead can meet this");
            diagnostic_help(d, "correct the condition, or remove the row");
        } else if (with_when) {
            diagnostic_label(d, row->tree->span, "no lead that comes here meets this");
            diagnostic_label(d, when_span(rule), "lets none of them through");
            diagnostic_help(d, "remove the row, or make the condition of the rule wider");
        } else if (by != SIZE_MAX) {
            diagnostic_label(d, row->tree->span, "whoever meets this …");
            diagnostic_label(d, rule->points.rows[by].tree->span, "… has already met this row");
            diagnostic_help(d, "put the stricter row first");
        } else {
            diagnostic_label(d, row->tree->span, "the rows before it together take every lead that could come here");
            diagnostic_help(d, "move the row up, or remove it");
        }
        if (alone || with_when) continue;
        formula f = formula_and(space, facts->when, facts->rows[i]);
        struct witness *witness = witness_for(check, f, &answer);
        struct claim claim = {.kind = CLAIM_FIRES, .index = (uint32_t)index};
        if (witness && facts->active && check_shows(check, witness, &claim, 1)) {
            check_witness(check, d, witness, &claim, 1,
                          arena_format(check->arena, "a row of %s that is never reached", rule->name.text));
            diagnostic_note(d, "for instance: %s is taken by a row before", check_lead_text(check, witness));
        }
    }
}

/* ---- groups --------------------------------------------------------------------------------------------- */

static void check_exclusive(struct check *check, uint32_t group)
{
    const struct model *model = check->model;
    size_t more = 0;
    struct diagnostic *first = NULL;
    for (size_t i = 0; i < model->rule_count; i++) {
        if (model->rules[i].group != group || model->rules[i].disqualifies || check->rules[i].never ||
            !check->rules[i].active)
            continue;
        for (size_t j = i + 1; j < model->rule_count; j++) {
            if (model->rules[j].group != group || model->rules[j].disqualifies || check->rules[j].never ||
                !check->rules[j].active)
                continue;
            enum answer answer;
            formula f = formula_and(check->space, check->rules[i].fires, check->rules[j].fires);
            if (f == FORMULA_FALSE) continue;
            if (space_solve(check->space, f, false, NULL) == ANSWER_NO) continue;
            if (first) {
                more++;
                continue;
            }
            struct witness *witness = witness_for(check, f, &answer);
            struct claim claims[2] = {{.kind = CLAIM_FIRES, .index = (uint32_t)i},
                                      {.kind = CLAIM_FIRES, .index = (uint32_t)j}};
            bool shown = witness && (!formula_inexact(check->space, f) || check_shows(check, witness, claims, 2));
            struct diagnostic *d = first = check_report(
                check, C1015, rule_span(&model->rules[j]),
                shown ? "the group `%s` is not exclusive: `%s` and `%s` can both fire"
                      : "the group `%s` is not proved exclusive: `%s` and `%s` might both fire",
                model->groups[group].name.text, model->rules[i].name.text, model->rules[j].name.text);
            diagnostic_label(d, rule_span(&model->rules[j]), "can fire together …");
            diagnostic_label(d, rule_span(&model->rules[i]), "… with this one");
            diagnostic_label(d, model->groups[group].name.span, "says that at most one rule fires");
            diagnostic_help(d, "make the conditions exclude each other, or let the group `take highest`");
            if (!shown) continue;
            check_witness(check, d, witness, claims, 2,
                          arena_format(check->arena, "two rules of %s", model->groups[group].name.text));
            diagnostic_note(d, "for instance: %s", check_lead_text(check, witness));
        }
    }
    if (first && more > 0) diagnostic_note(first, "%zu more pairs of rules in this group can fire together", more);
}

static bool beats(const struct check *check, enum take take, size_t other, size_t index)
{
    const struct model_rule *a = &check->model->rules[other], *b = &check->model->rules[index];
    if (take == TAKE_FIRST) return other < index;
    if (a->points.kind != POINTS_FIXED || b->points.kind != POINTS_FIXED || a->weight_ppm != b->weight_ppm)
        return false;
    if (a->points.points == b->points.points) return other < index;
    return (a->points.points > b->points.points) == (take == TAKE_HIGHEST);
}

static void check_beaten(struct check *check, uint32_t group)
{
    const struct model *model = check->model;
    enum take take = model->groups[group].take;
    for (size_t i = 0; i < model->rule_count; i++) {
        if (model->rules[i].group != group || model->rules[i].disqualifies || check->rules[i].never ||
            !check->rules[i].active)
            continue;
        formula f = check->rules[i].fires;
        size_t by = SIZE_MAX;
        for (size_t j = 0; j < model->rule_count; j++) {
            if (j == i || model->rules[j].group != group || model->rules[j].disqualifies || check->rules[j].never ||
                !check->rules[j].active)
                continue;
            if (model->rules[j].has_active_until || model->rules[j].has_active_from || !beats(check, take, j, i))
                continue;
            formula left = formula_not(check->space, check->rules[j].fires);
            if (by == SIZE_MAX && space_solve(check->space, formula_and(check->space, check->rules[i].fires, left),
                                              false, NULL) == ANSWER_NO)
                by = j;
            f = formula_and(check->space, f, left);
        }
        if (f == check->rules[i].fires) continue;
        enum answer answer = space_solve(check->space, f, false, NULL);
        if (answer == ANSWER_UNKNOWN)
            check_not_proven(check, rule_span(&model->rules[i]), "whether `%s` can ever be the one that counts",
                             model->rules[i].name.text);
        if (answer != ANSWER_NO) continue;
        struct diagnostic *d = check_report(check, C1016, rule_span(&model->rules[i]),
                                            "`%s` never counts: in `%s` another rule wins whenever it fires",
                                            model->rules[i].name.text, model->groups[group].name.text);
        if (!d) continue;
        if (take == TAKE_FIRST) d->severity = SEVERITY_ERROR;
        diagnostic_label(d, rule_span(&model->rules[i]),
                         by != SIZE_MAX ? "fires only where another one wins"
                                        : "the others together win wherever it fires");
        if (by != SIZE_MAX) diagnostic_label(d, rule_span(&model->rules[by]), "wins");
        diagnostic_label(d, model->groups[group].name.span,
                         take == TAKE_FIRST     ? "takes the first that fires"
                         : take == TAKE_HIGHEST ? "takes the highest"
                                                : "takes the lowest");
        diagnostic_help(d, take == TAKE_FIRST ? "put the stricter rule first"
                                              : "give it more weight than the wider rule, or remove it");
        struct witness *witness = witness_for(check, check->rules[i].fires, &answer);
        struct claim claim = {.kind = CLAIM_FIRES, .index = (uint32_t)i};
        if (witness && check_shows(check, witness, &claim, 1))
            check_witness(check, d, witness, &claim, 1,
                          arena_format(check->arena, "%s is beaten", model->rules[i].name.text));
    }
}

void check_rows(struct check *check)
{
    const struct model *model = check->model;
    for (size_t i = 0; i < model->rule_count; i++) {
        if (check->rules[i].row_count == 0 || model->rules[i].disqualifies) continue;
        if (check->rules[i].when != FORMULA_FALSE &&
            space_solve(check->space, check->rules[i].when, false, NULL) == ANSWER_NO)
            continue;
        if (model->rules[i].points.kind == POINTS_BY) check_ranges(check, i);
        check_masked(check, i);
    }
    for (uint32_t group = 0; group < model->group_count; group++) {
        enum take take = model->groups[group].take;
        if (take == TAKE_EXCLUSIVE) check_exclusive(check, group);
        else if (take != TAKE_SUM) check_beaten(check, group);
    }
}
