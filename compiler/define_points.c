#include "compiler/define_parts.h"

#include "vm/number.h"

static void define_rows_by(struct model *model, struct model_points *points, const struct tree_points *tree)
{
    struct node *value = points->value;
    bool otherwise_seen = false, missing_seen = false, yes_seen = false, no_seen = false;
    for (size_t i = 0; i < points->row_count; i++) {
        struct model_row *row = &points->rows[i];
        const struct tree_row *from = row->tree;
        if (otherwise_seen && row->kind != ROW_MISSING) {
            struct diagnostic *d = diagnostic_report(model->diags, E0513, from->span, "a row behind `otherwise`");
            diagnostic_label(d, from->span, "never reached");
            diagnostic_help(d, "put `otherwise` last");
        }
        bool fits = true;
        switch (row->kind) {
        case ROW_RANGE:
            fits = value->type == TYPE_NUMBER;
            row->has_from = from->from.kind != BOUND_ABSENT && lower_bound(model, &from->from, &row->from);
            row->has_below = from->below.kind != BOUND_ABSENT && lower_bound(model, &from->below, &row->below);
            if (fits && row->has_from && row->has_below && row->from >= row->below) {
                struct diagnostic *d = diagnostic_report(model->diags, E0514, from->span, "this row takes nothing");
                diagnostic_label(d, from->span, "it ends where it starts, or before");
            }
            for (size_t j = 0; j < i && fits; j++) {
                struct model_row *other = &points->rows[j];
                if (other->kind != ROW_RANGE) continue;
                int64_t low = row->has_from ? row->from : INT64_MIN, high = row->has_below ? row->below : INT64_MAX;
                int64_t other_low = other->has_from ? other->from : INT64_MIN,
                        other_high = other->has_below ? other->below : INT64_MAX;
                if (low >= other_high || other_low >= high) continue;
                char a[NUMBER_TEXT];
                number_format(low > other_low ? low : other_low, a);
                struct diagnostic *d = diagnostic_report(model->diags, E0501, from->span,
                                                         "two rows take the same values");
                diagnostic_label(d, from->span, "this row takes %s",
                                 (low > other_low ? low : other_low) == INT64_MIN ? "small values too" : a);
                diagnostic_label(d, other->tree->span, "and so does this one");
                diagnostic_help(d, "let one end where the other begins");
                break;
            }
            break;
        case ROW_TEXTS: {
            fits = value->type == TYPE_TEXT;
            size_t count = 0;
            for (const struct literal_list *l = from->texts; l; l = l->next) count++;
            row->texts = arena_alloc(model->arena, (count + 1) * sizeof *row->texts);
            const struct model_field *field = value->kind == NODE_FIELD &&
                                                      model->fields[value->index].type == FIELD_ONEOF
                                                  ? &model->fields[value->index]
                                                  : NULL;
            for (const struct literal_list *l = from->texts; l && fits; l = l->next) {
                struct text folded = lower_fold(model, l->literal.bytes, l->literal.length);
                if (folded.length == 0) {
                    struct diagnostic *d = diagnostic_report(model->diags, E0403, l->literal.span,
                                                             "an empty text fits nothing");
                    diagnostic_label(d, l->literal.span, "empty");
                    diagnostic_help(d, "for leads without a value write the row `missing:`");
                    continue;
                }
                bool option = !field;
                for (size_t o = 0; field && o < field->option_count; o++)
                    option |= text_same(field->options[o], folded);
                if (!option) {
                    struct diagnostic *d = diagnostic_report(model->diags, E0402, l->literal.span,
                                                             "`%s` is never \"%s\"", field->name.text,
                                                             l->literal.bytes);
                    diagnostic_label(d, l->literal.span, "not one of its values");
                    diagnostic_label(d, field->name.span, "declared here");
                }
                for (size_t j = 0; j <= i; j++)
                    for (size_t t = 0; t < points->rows[j].text_count; t++)
                        if (text_same(points->rows[j].texts[t], folded)) {
                            struct diagnostic *d = diagnostic_report(model->diags, E0501, l->literal.span,
                                                                     "two rows take \"%s\"", l->literal.bytes);
                            diagnostic_label(d, l->literal.span, "again here");
                            if (j != i) diagnostic_label(d, points->rows[j].tree->span, "first here");
                        }
                row->texts[row->text_count++] = folded;
            }
            break;
        }
        case ROW_YES:
        case ROW_NO: {
            fits = value->type == TYPE_CONDITION;
            bool *seen = row->kind == ROW_YES ? &yes_seen : &no_seen;
            if (*seen) {
                struct diagnostic *d = diagnostic_report(model->diags, E0501, from->span, "this row stands twice");
                diagnostic_label(d, from->span, "again here");
            }
            *seen = true;
            break;
        }
        case ROW_MISSING:
            if (missing_seen) {
                struct diagnostic *d = diagnostic_report(model->diags, E0501, from->span, "this row stands twice");
                diagnostic_label(d, from->span, "again here");
            }
            missing_seen = true;
            break;
        case ROW_OTHERWISE: otherwise_seen = true; break;
        case ROW_CONDITION: break;
        }
        if (!fits && value->kind != NODE_ERROR) {
            struct diagnostic *d = diagnostic_report(model->diags, E0401, from->span, "this row does not fit %s",
                                                     type_name(value->type));
            diagnostic_label(d, from->span,
                             row->kind == ROW_RANGE   ? "for numbers"
                             : row->kind == ROW_TEXTS ? "for texts"
                                                      : "for yes/no values");
            diagnostic_label(d, value->span, "%s", type_name(value->type));
        }
    }
    (void)tree;
}

static void define_rows_choose(struct model *model, struct model_points *points, const struct scope *scope)
{
    for (size_t i = 0; i < points->row_count; i++) {
        struct model_row *row = &points->rows[i];
        if (row->kind == ROW_CONDITION) row->condition = lower_condition(scope, row->tree->condition);
        else if (i + 1 < points->row_count) {
            struct diagnostic *d = diagnostic_report(model->diags, E0513, row->tree->span,
                                                     "`otherwise` takes every lead that comes to it");
            diagnostic_label(d, row->tree->span, "rows behind it are never reached");
            diagnostic_help(d, "put it last");
        }
    }
}

static void define_points(struct model *model, struct model_rule *rule, const struct scope *scope)
{
    const struct tree_points *tree = &rule->tree->points;
    struct model_points *points = &rule->points;
    points->kind = tree->kind;
    if (tree->points.kind != BOUND_ABSENT) lower_bound(model, &tree->points, &points->points);
    if (tree->most_points.kind != BOUND_ABSENT) {
        points->has_most_points = lower_bound(model, &tree->most_points, &points->most_points);
        if (points->has_most_points && points->most_points < 0) {
            struct diagnostic *d = diagnostic_report(model->diags, E0514, tree->most_points.span,
                                                     "`at most … points` bounds the size, and is not below 0");
            diagnostic_label(d, tree->most_points.span, "write it without a minus; it holds for penalties too");
        }
    }
    switch (tree->kind) {
    case POINTS_ABSENT:
    case POINTS_FIXED: break;
    case POINTS_EACH:
        points->set = lower_set(scope, tree->value);
        points->once = tree->once;
        if (tree->most_times.kind != BOUND_ABSENT) {
            int64_t units;
            if (lower_bound(model, &tree->most_times, &units)) {
                if (units < NUMBER_ONE || units % NUMBER_ONE) {
                    struct diagnostic *d = diagnostic_report(model->diags, E0514, tree->most_times.span,
                                                             "`at most … times` needs a whole number from 1 on");
                    diagnostic_label(d, tree->most_times.span, "not such a number");
                } else points->most_times = units / NUMBER_ONE;
            }
        }
        if (tree->fading) {
            points->fading = tree->fading_by_points ? 2 : 1;
            if (tree->fading_by_points) {
                if (lower_bound(model, &tree->fading_amount, &points->fading_points) && points->fading_points < 0) {
                    struct diagnostic *d = diagnostic_report(model->diags, E0514, tree->fading_amount.span,
                                                             "what fades cannot be below 0");
                    diagnostic_label(d, tree->fading_amount.span, "write it without a minus");
                }
            } else if (lower_percent(model, &tree->fading_amount, &points->fading_ppm))
                percent_between(model, &tree->fading_amount, points->fading_ppm);
            points->fading_count = 1;
            points->fading_unit = UNIT_DAY;
            lower_duration(model, &tree->fading_every, &points->fading_count, &points->fading_unit);
        }
        break;
    case POINTS_EVERY:
        points->value = lower_number(scope, tree->value);
        points->every = NUMBER_ONE;
        if (lower_bound(model, &tree->every, &points->every) && points->every <= 0) {
            struct diagnostic *d = diagnostic_report(model->diags, E0514, tree->every.span,
                                                     "`for every` needs a number above 0");
            diagnostic_label(d, tree->every.span, "how many make one step?");
            points->every = NUMBER_ONE;
        }
        break;
    case POINTS_EQUAL: points->value = lower_number(scope, tree->value); break;
    case POINTS_BY:
    case POINTS_CHOOSE: {
        for (const struct tree_row *row = tree->rows; row; row = row->next) points->row_count++;
        points->rows = arena_alloc(model->arena, (points->row_count + 1) * sizeof *points->rows);
        size_t index = 0;
        for (const struct tree_row *row = tree->rows; row; row = row->next, index++) {
            points->rows[index].kind = row->kind;
            points->rows[index].tree = row;
            lower_bound(model, &row->points, &points->rows[index].points);
        }
        if (tree->kind == POINTS_CHOOSE) {
            define_rows_choose(model, points, scope);
            break;
        }
        points->value = lower_value(scope, tree->value);
        if (points->value->type == TYPE_DATE || points->value->type == TYPE_LIST) {
            struct diagnostic *d = diagnostic_report(model->diags, E0401, points->value->span,
                                                     "`by` needs a number, a text or a yes/no value, not %s",
                                                     type_name(points->value->type));
            diagnostic_label(d, points->value->span, "%s", type_name(points->value->type));
            if (points->value->type == TYPE_DATE) diagnostic_help(d, "take its age: `days since …`");
            break;
        }
        if (points->value->kind == NODE_NUMBER || points->value->kind == NODE_TEXT ||
            points->value->kind == NODE_TRUE || points->value->kind == NODE_FALSE) {
            struct diagnostic *d = diagnostic_report(model->diags, E0405, points->value->span,
                                                     "`by` needs a value that differs between leads");
            diagnostic_label(d, points->value->span, "the same for every lead");
            break;
        }
        define_rows_by(model, points, tree);
        break;
    }
    }
}

void define_rule(struct model *model, struct model_rule *rule)
{
    const struct declaration *tree = rule->tree;
    struct scope scope = scope_of(model, rule->disqualifies ? 0 : SEES_DISQUALIFIED,
                                  rule->disqualifies ? "a disqualification" : "a rule");
    rule->title = tree->title.bytes;
    rule->because = tree->because.bytes;
    rule->score = rule->group = NO_INDEX;
    rule->weight_ppm = 1000000;
    if (tree->when) rule->when = lower_condition(&scope, tree->when);
    if (rule->disqualifies) {
        if (!tree->when) {
            struct diagnostic *d = diagnostic_report(model->diags, E0503, tree->name.span,
                                                     "the disqualification `%s` says nothing", tree->name.text);
            diagnostic_label(d, tree->name.span, "needs a `when`");
        }
        return;
    }
    const struct symbol *symbol = expect_symbol(model, &tree->parent, KIND_BIT(SYMBOL_SCORE) | KIND_BIT(SYMBOL_GROUP),
                                                "the score or group", "a score or a group");
    if (symbol && symbol->kind == SYMBOL_GROUP) {
        rule->group = symbol->index;
        rule->score = model->groups[symbol->index].score;
    } else if (symbol) {
        rule->score = symbol->index;
        if (model->scores[symbol->index].combined) {
            struct diagnostic *d = diagnostic_report(model->diags, E0516, tree->parent.span,
                                                     "`%s` is a combined score, and has no rules of its own",
                                                     tree->parent.text);
            diagnostic_label(d, tree->parent.span, "a plain score is needed");
        }
    }
    if (tree->points.kind == POINTS_ABSENT) {
        struct diagnostic *d = diagnostic_report(model->diags, E0503, tree->name.span, "the rule `%s` gives no points",
                                                 tree->name.text);
        diagnostic_label(d, tree->name.span, "needs `points`");
        diagnostic_help(d, "add a line such as `points +10`");
    }
    define_points(model, rule, &scope);
    if (tree->weight.kind != BOUND_ABSENT) lower_percent(model, &tree->weight, &rule->weight_ppm);
    rule->has_active_from = tree->has_active_from;
    rule->has_active_until = tree->has_active_until;
    rule->active_from = tree->active_from;
    rule->active_until = tree->active_until;
    if (tree->has_active_from && tree->has_active_until && tree->active_from >= tree->active_until) {
        struct diagnostic *d = diagnostic_report(model->diags, E0514, tree->name.span, "the rule `%s` is never active",
                                                 tree->name.text);
        diagnostic_label(d, tree->name.span, "its end is not after its start");
    }
}
