#include "compiler/declare.h"

#include <stdio.h>
#include <string.h>

#include "compiler/format.h"
#include "vm/limits.h"
#include "vm/number.h"

static const struct scope RULE_SCOPE = {
    .sees = SEES_DISQUALIFIED, .who = "a rule", .event = NO_INDEX, .define = NO_INDEX
};

static struct scope scope_of(struct model *model, unsigned sees, const char *who)
{
    struct scope scope = RULE_SCOPE;
    scope.model = model;
    scope.sees = sees;
    scope.who = who;
    return scope;
}

static const struct symbol *expect_symbol(struct model *model, const struct name *name, unsigned kinds,
                                          const char *what, const char *need)
{
    if (!name->text) return NULL;
    const struct symbol *symbol = model_find(model, name->text);
    if (!symbol) {
        report_unknown(model, name->span, name->text, kinds, what);
        return NULL;
    }
    if (kinds & KIND_BIT(symbol->kind)) return symbol;
    struct diagnostic *d = diagnostic_report(model->diags, E0303, name->span, "`%s` is %s", name->text,
                                             symbol_kind_name(symbol->kind));
    diagnostic_label(d, name->span, "%s is needed here", need);
    diagnostic_label(d, symbol->span, "declared here");
    return NULL;
}

static bool percent_between(struct model *model, const struct bound *bound, int64_t ppm)
{
    if (ppm >= 0 && ppm <= 1000000) return true;
    struct diagnostic *d = diagnostic_report(model->diags, E0514, bound->span,
                                             "what is lost lies between 0%% and 100%%");
    diagnostic_label(d, bound->span, "out of range");
    return false;
}

/* ---- scores
 * ---------------------------------------------------------------------------------------------------------------- */

static bool add_part(struct model *model, struct model_score *score, const struct tree *tree, bool negative,
                     size_t *capacity);

static bool not_a_sum(struct model *model, const struct tree *tree)
{
    struct diagnostic *d = diagnostic_report(model->diags, E0508, tree->span, "this is no term of a combined score");
    diagnostic_label(d, tree->span, "a term is a score, a score times a number or a percentage, or a number");
    diagnostic_help(d, "give each score a weight of its own: fit * 50%% + interest * 50%%");
    return false;
}

/* A constant factor: number, percent or setting, as exact millionths. */
static bool constant_ppm(struct model *model, const struct tree *tree, int64_t *ppm)
{
    if (tree->kind == TREE_PERCENT) {
        *ppm = tree->number;
        return true;
    }
    if (tree->kind == TREE_NUMBER) {
        *ppm = tree->number * 100;
        return tree->number < INT64_MAX / 100;
    }
    if (tree->kind == TREE_NEGATE) {
        if (!constant_ppm(model, tree->left, ppm)) return false;
        *ppm = -*ppm;
        return true;
    }
    if (tree->kind == TREE_NAME) {
        const struct symbol *symbol = model_find(model, tree->name.text);
        if (!symbol || symbol->kind != SYMBOL_SETTING) return false;
        struct model_setting *setting = &model->settings[symbol->index];
        if (setting->kind != CONSTANT_NUMBER && setting->kind != CONSTANT_PERCENT) return false;
        setting->used = true;
        *ppm = setting->kind == CONSTANT_PERCENT ? setting->units : setting->units * 100;
        return setting->units < INT64_MAX / 100 && setting->units > INT64_MIN / 100;
    }
    return false;
}

static bool is_score(const struct model *model, const struct tree *tree)
{
    const struct symbol *symbol = tree->kind == TREE_NAME ? model_find(model, tree->name.text) : NULL;
    return symbol && symbol->kind == SYMBOL_SCORE;
}

static bool add_part(struct model *model, struct model_score *score, const struct tree *tree, bool negative,
                     size_t *capacity)
{
    switch (tree->kind) {
    case TREE_ADD:
        return add_part(model, score, tree->left, negative, capacity) &&
               add_part(model, score, tree->right, negative, capacity);
    case TREE_SUBTRACT:
        return add_part(model, score, tree->left, negative, capacity) &&
               add_part(model, score, tree->right, !negative, capacity);
    case TREE_NEGATE: return add_part(model, score, tree->left, !negative, capacity);
    default: break;
    }
    struct score_part part = { .score = NO_INDEX, .weight_ppm = 1000000 };
    int64_t ppm = 0;
    const struct tree *named = NULL;
    if (is_score(model, tree)) named = tree;
    else if (tree->kind == TREE_MULTIPLY && is_score(model, tree->left) &&
             constant_ppm(model, tree->right, &part.weight_ppm))
        named = tree->left;
    else if (tree->kind == TREE_MULTIPLY && is_score(model, tree->right) &&
             constant_ppm(model, tree->left, &part.weight_ppm))
        named = tree->right;
    else if (constant_ppm(model, tree, &ppm)) {
        struct scope scope = scope_of(model, 0, "a score");
        struct node *constant = lower_number(&scope, tree);
        if (constant->kind != NODE_NUMBER) return constant->kind != NODE_ERROR ? not_a_sum(model, tree) : false;
        part.constant = negative ? -constant->number : constant->number;
    } else if (tree->kind == TREE_NAME && !model_find(model, tree->name.text)) {
        report_unknown(model, tree->span, tree->name.text, KIND_BIT(SYMBOL_SCORE), "the score");
        return false;
    } else return not_a_sum(model, tree);
    if (named) {
        part.score = model_find(model, named->name.text)->index;
        if (negative) part.weight_ppm = -part.weight_ppm;
    }
    struct buffer text = { 0 };
    if (negative) buffer_text(&text, "- ");
    format_expression(tree, &text);
    part.text = arena_copy(model->arena, text.data ? text.data : "", text.length);
    buffer_free(&text);
    if (score->part_count == *capacity) {
        size_t grown = *capacity ? *capacity * 2 : 8;
        struct score_part *parts = arena_alloc(model->arena, grown * sizeof *parts);
        if (score->part_count) memcpy(parts, score->parts, score->part_count * sizeof *parts);
        score->parts = parts;
        *capacity = grown;
    }
    score->parts[score->part_count++] = part;
    return true;
}

static void define_score(struct model *model, struct model_score *score)
{
    const struct declaration *tree = score->tree;
    if (tree->from.kind != BOUND_ABSENT) score->has_least = lower_bound(model, &tree->from, &score->least);
    if (tree->to.kind != BOUND_ABSENT) score->has_most = lower_bound(model, &tree->to, &score->most);
    if (score->has_least && score->has_most && score->least > score->most) {
        struct diagnostic *d = diagnostic_report(model->diags, E0514, tree->from.span, "`%s` starts above its end",
                                                 score->name.text);
        diagnostic_label(d, tree->from.span, "from");
        diagnostic_label(d, tree->to.span, "to");
    }
    if (tree->starts_at.kind != BOUND_ABSENT) lower_bound(model, &tree->starts_at, &score->base);
    if (tree->rounded_to.kind != BOUND_ABSENT && lower_bound(model, &tree->rounded_to, &score->rounded_to) &&
        score->rounded_to <= 0) {
        struct diagnostic *d = diagnostic_report(model->diags, E0514, tree->rounded_to.span,
                                                 "`rounded to` needs a number above 0");
        diagnostic_label(d, tree->rounded_to.span, "1 for whole points");
        score->rounded_to = 0;
    }
    if (tree->lose.present) {
        const struct tree_lose *lose = &tree->lose;
        score->loses = true;
        score->lose_by_points = lose->by_points;
        if (lose->by_points) {
            lower_bound(model, &lose->amount, &score->lose_points);
            if (score->lose_points < 0) {
                struct diagnostic *d = diagnostic_report(model->diags, E0514, lose->amount.span,
                                                         "what is lost cannot be below 0");
                diagnostic_label(d, lose->amount.span, "write it without a minus");
            }
        } else if (lower_percent(model, &lose->amount, &score->lose_ppm))
            percent_between(model, &lose->amount, score->lose_ppm);
        score->lose_count = 1;
        score->lose_unit = UNIT_DAY;
        lower_duration(model, &lose->every, &score->lose_count, &score->lose_unit);
        struct scope scope = scope_of(model, 0, "a score");
        score->without = lower_set(&scope, lose->without);
        if (score->without && score->without->window != WINDOW_NONE) {
            struct diagnostic *d = diagnostic_report(model->diags, E0401, lose->without->span,
                                                     "`without` takes no window");
            diagnostic_label(d, lose->without->span, "the time since the last of these events is what counts");
            diagnostic_help(d, "leave the window out");
        }
    }
    if (tree->expression) {
        size_t capacity = 0;
        score->combined = true;
        add_part(model, score, tree->expression, false, &capacity);
    }
}

/* A combined score that leads back to itself; state: 0 new, 1 on the way, 2 done. */
static bool score_cycle(struct model *model, uint32_t index, char *state)
{
    if (state[index] == 2) return false;
    if (state[index] == 1) {
        const struct model_score *score = &model->scores[index];
        struct diagnostic *d = diagnostic_report(model->diags, E0304, score->name.span,
                                                 "the score `%s` leads back to itself", score->name.text);
        diagnostic_label(d, score->name.span, "needs its own value");
        return true;
    }
    state[index] = 1;
    for (size_t i = 0; i < model->scores[index].part_count; i++)
        if (model->scores[index].parts[i].score != NO_INDEX &&
            score_cycle(model, model->scores[index].parts[i].score, state)) {
            state[index] = 2;
            return true;
        }
    state[index] = 2;
    return false;
}

static void implicit_total(struct model *model)
{
    for (size_t i = 0; i < model->score_count; i++)
        if (strcmp(model->scores[i].name.text, "total") == 0) return;
    size_t plain = 0;
    for (size_t i = 0; i < model->score_count; i++) plain += !model->scores[i].combined;
    if (model->score_count == 0) return;
    struct model_score *total = &model->scores[model->score_count];
    *total = (struct model_score) { .name = { "total", { 0, 0, 0 } }, .combined = true, .implicit = true };
    total->parts = arena_alloc(model->arena, (plain + 1) * sizeof *total->parts);
    for (uint32_t i = 0; i < model->score_count; i++)
        if (!model->scores[i].combined)
            total->parts[total->part_count++] =
                (struct score_part) { .score = i, .weight_ppm = 1000000, .text = model->scores[i].name.text };
    /* Its name is free for everybody unless something else took it; then only the result shows it. */
    if (!model_find(model, "total")) {
        size_t slot = (size_t)text_hash("total", 5) % model->symbol_slot_count;
        while (model->symbol_slots[slot] != NO_INDEX) slot = (slot + 1) % model->symbol_slot_count;
        model->symbol_slots[slot] = (uint32_t)model->symbol_count;
        model->symbols[model->symbol_count++] =
            (struct symbol) { "total", SYMBOL_SCORE, (uint32_t)model->score_count, { 0, 0, 0 } };
    }
    model->score_count++;
}

static void define_group(struct model *model, struct model_group *group)
{
    const struct declaration *tree = group->tree;
    const struct symbol *symbol = expect_symbol(model, &tree->parent, KIND_BIT(SYMBOL_SCORE), "the score", "a score");
    group->score = symbol ? symbol->index : NO_INDEX;
    if (symbol && model->scores[symbol->index].combined) {
        struct diagnostic *d = diagnostic_report(model->diags, E0516, tree->parent.span,
                                                 "`%s` is a combined score, and has no groups of its own",
                                                 tree->parent.text);
        diagnostic_label(d, tree->parent.span, "a plain score is needed");
    }
    group->take = tree->take;
    group->weight_ppm = 1000000;
    if (tree->weight.kind != BOUND_ABSENT) group->has_weight = lower_percent(model, &tree->weight, &group->weight_ppm);
    if (tree->at_most.kind != BOUND_ABSENT) group->has_most = lower_bound(model, &tree->at_most, &group->most);
    if (tree->at_least.kind != BOUND_ABSENT) group->has_least = lower_bound(model, &tree->at_least, &group->least);
    if (group->has_most && group->has_least && group->least > group->most) {
        struct diagnostic *d = diagnostic_report(model->diags, E0514, tree->at_least.span,
                                                 "`%s` asks for at least more than it allows at most",
                                                 group->name.text);
        diagnostic_label(d, tree->at_least.span, "at least");
        diagnostic_label(d, tree->at_most.span, "at most");
    }
    if (group->has_least && group->least > 0) {
        struct diagnostic *d = diagnostic_report(
            model->diags, W0902, tree->at_least.span,
            "every lead gets these points from `%s`, even when none of its rules fires", group->name.text);
        diagnostic_label(d, tree->at_least.span, "above 0");
        diagnostic_help(d, "for a base use `starts at` of the score");
    }
}

/* ---- points
 * ---------------------------------------------------------------------------------------------------------------- */

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

static void define_rule(struct model *model, struct model_rule *rule)
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

/* ---- bands, matrices
 * -------------------------------------------------------------------------------------------------------- */

static void define_band(struct model *model, struct model_band *band)
{
    const struct symbol *symbol = expect_symbol(model, &band->tree->parent, KIND_BIT(SYMBOL_SCORE), "the score",
                                                "a score");
    band->score = symbol ? symbol->index : NO_INDEX;
    for (const struct tree_band_row *row = band->tree->bands; row; row = row->next) band->label_count++;
    band->labels = arena_alloc(model->arena, (band->label_count + 1) * sizeof *band->labels);
    size_t index = 0;
    for (const struct tree_band_row *row = band->tree->bands; row; row = row->next, index++) {
        struct model_label *label = &band->labels[index];
        label->name = row->label;
        label->tree = row;
        label->from = INT64_MIN;
        label->below = INT64_MAX;
        if (row->from.kind != BOUND_ABSENT) label->has_from = lower_bound(model, &row->from, &label->from);
        if (row->below.kind != BOUND_ABSENT) label->has_below = lower_bound(model, &row->below, &label->below);
        if (label->has_from && label->has_below && label->from >= label->below) {
            struct diagnostic *d = diagnostic_report(model->diags, E0514, row->span, "the label `%s` takes no score",
                                                     row->label.text);
            diagnostic_label(d, row->span, "it ends where it starts, or before");
        }
        for (size_t j = 0; j < index; j++) {
            struct model_label *other = &band->labels[j];
            if (strcmp(other->name.text, label->name.text) == 0) {
                struct diagnostic *d = diagnostic_report(model->diags, E0302, row->label.span,
                                                         "the label `%s` stands twice in `%s`", label->name.text,
                                                         band->name.text);
                diagnostic_label(d, row->label.span, "again here");
                diagnostic_label(d, other->name.span, "first here");
            }
            if (label->from < other->below && other->from < label->below) {
                char from[NUMBER_TEXT], below[NUMBER_TEXT];
                int64_t low = label->from > other->from ? label->from : other->from,
                        high = label->below < other->below ? label->below : other->below;
                number_format(low, from);
                number_format(high, below);
                struct diagnostic *d = diagnostic_report(
                    model->diags, E0502, row->span, "`%s` and `%s` both take %s%s%s%s", other->name.text,
                    label->name.text, low == INT64_MIN ? "every score" : "scores from ", low == INT64_MIN ? "" : from,
                    high == INT64_MAX ? "" : " below ", high == INT64_MAX ? "" : below);
                diagnostic_label(d, row->span, "this label");
                diagnostic_label(d, other->tree->span, "and this one");
                diagnostic_help(d, "let one end where the other begins");
            }
        }
    }
}

static void define_matrix(struct model *model, struct model_matrix *matrix)
{
    const struct declaration *tree = matrix->tree;
    const struct symbol *rows = expect_symbol(model, &tree->parent, KIND_BIT(SYMBOL_BAND), "the band", "a band");
    const struct symbol *columns = expect_symbol(model, &tree->parent_by, KIND_BIT(SYMBOL_BAND), "the band", "a band");
    matrix->rows_band = matrix->columns_band = 0;
    if (!rows || !columns) return;
    matrix->rows_band = rows->index;
    matrix->columns_band = columns->index;
    const struct model_band *row_band = &model->bands[rows->index], *column_band = &model->bands[columns->index];
    size_t height = row_band->label_count, width = column_band->label_count;
    matrix->cells = arena_alloc(model->arena, (height * width + 1) * sizeof *matrix->cells);
    size_t *order = arena_alloc(model->arena, (width + 1) * sizeof *order);
    size_t count = 0;
    bool sound = true;
    for (const struct name_list *label = tree->labels; label; label = label->next, count++) {
        size_t found = width;
        for (size_t i = 0; i < width; i++)
            if (strcmp(column_band->labels[i].name.text, label->name.text) == 0) found = i;
        bool again = false;
        for (size_t i = 0; i < count && i < width; i++) again |= order[i] == found;
        if (found == width || again) {
            struct diagnostic *d = diagnostic_report(model->diags, E0507, label->name.span,
                                                     found == width ? "`%s` is no label of `%s`"
                                                                    : "the label `%s` of `%s` stands twice",
                                                     label->name.text, column_band->name.text);
            diagnostic_label(d, label->name.span, "in the head of the matrix");
            diagnostic_label(d, column_band->name.span, "the band");
            sound = false;
        } else if (count < width) order[count] = found;
    }
    if (sound && count != width) {
        struct diagnostic *d = diagnostic_report(model->diags, E0507, tree->name.span,
                                                 "the matrix `%s` names %zu of the %zu labels of `%s`", tree->name.text,
                                                 count, width, column_band->name.text);
        diagnostic_label(d, tree->name.span, "its first row names every label of `%s`", column_band->name.text);
        sound = false;
    }
    for (const struct tree_matrix_row *row = tree->matrix_rows; row && sound; row = row->next) {
        size_t at = height;
        for (size_t i = 0; i < height; i++)
            if (strcmp(row_band->labels[i].name.text, row->label.text) == 0) at = i;
        if (at == height || matrix->cells[at * width]) {
            struct diagnostic *d = diagnostic_report(model->diags, E0507, row->label.span,
                                                     at == height ? "`%s` is no label of `%s`"
                                                                  : "the row `%s` of `%s` stands twice",
                                                     row->label.text, row_band->name.text);
            diagnostic_label(d, row->label.span, "a row of the matrix");
            diagnostic_label(d, row_band->name.span, "the band");
            continue;
        }
        size_t cell = 0;
        for (const struct literal_list *text = row->cells; text; text = text->next, cell++)
            if (cell < width) matrix->cells[at * width + order[cell]] = text->literal.bytes;
        if (cell != width) {
            struct diagnostic *d = diagnostic_report(model->diags, E0507, row->span,
                                                     "the row `%s` has %zu text%s for %zu column%s", row->label.text,
                                                     cell, cell == 1 ? "" : "s", width, width == 1 ? "" : "s");
            diagnostic_label(d, row->span, "one text for each column");
        }
    }
    for (size_t i = 0; i < height && sound; i++)
        if (!matrix->cells[i * width]) {
            struct diagnostic *d = diagnostic_report(model->diags, E0507, tree->name.span,
                                                     "the matrix `%s` has no row for `%s`", tree->name.text,
                                                     row_band->labels[i].name.text);
            diagnostic_label(d, tree->name.span, "one row for each label of `%s`", row_band->name.text);
        }
    for (size_t i = 0; i < height * width; i++)
        if (!matrix->cells[i]) matrix->cells[i] = "";
}

/* ---- stages and actions
 * ------------------------------------------------------------------------------------------------------ */

static bool same_word(const char *a, const char *b)
{
    return text_same((struct text) { a, (uint32_t)strlen(a) }, (struct text) { b, (uint32_t)strlen(b) });
}

static void define_stages(struct model *model)
{
    for (uint32_t i = 0; i < model->stage_count; i++) {
        struct model_stage *stage = &model->stages[i];
        const struct declaration *tree = stage->tree;
        struct scope scope = scope_of(model, SEES_RESULTS | SEES_DISQUALIFIED, "a stage");
        stage->title = tree->title.bytes;
        if (tree->when) stage->when = lower_condition(&scope, tree->when);
        if (tree->stay_while) stage->stay = lower_condition(&scope, tree->stay_while);
        stage->forever = tree->stay_forever;
        if (i == 0 && (tree->when || tree->only_from)) {
            struct diagnostic *d = diagnostic_report(model->diags, E0504, tree->name.span,
                                                     "the first stage has no condition");
            diagnostic_label(d, tree->name.span, "every lead starts here");
            diagnostic_help(d, "declare a stage before it, such as `stage Lead`");
        }
        if (i > 0 && !tree->when) {
            struct diagnostic *d = diagnostic_report(model->diags, E0504, tree->name.span,
                                                     "the stage `%s` does not say what it takes to enter",
                                                     tree->name.text);
            diagnostic_label(d, tree->name.span, "needs `when`");
            diagnostic_label(d, model->stages[0].name.span, "only the first stage has no condition");
        }
        if (tree->only_from) {
            size_t count = 0;
            for (const struct name_list *n = tree->only_from; n; n = n->next) count++;
            stage->limited = true;
            stage->only_from = arena_alloc(model->arena, count * sizeof *stage->only_from);
            for (const struct name_list *n = tree->only_from; n; n = n->next) {
                const struct symbol *symbol = expect_symbol(model, &n->name, KIND_BIT(SYMBOL_STAGE), "the stage",
                                                            "a stage");
                if (symbol) stage->only_from[stage->only_from_count++] = symbol->index;
            }
        }
        for (uint32_t j = 0; j < i; j++) {
            const struct model_stage *other = &model->stages[j];
            bool clash = same_word(stage->name.text, other->name.text) ||
                         (stage->title && same_word(stage->title, other->name.text)) ||
                         (other->title && same_word(stage->name.text, other->title)) ||
                         (stage->title && other->title && same_word(stage->title, other->title));
            if (!clash) continue;
            struct diagnostic *d = diagnostic_report(model->diags, E0515, stage->name.span,
                                                     "the stages `%s` and `%s` cannot be told apart", other->name.text,
                                                     stage->name.text);
            diagnostic_label(d, stage->name.span, "recognised by name or title");
            diagnostic_label(d, other->name.span, "the same here");
        }
        if (stage->title && same_word(stage->title, "Disqualified")) {
            struct diagnostic *d = diagnostic_report(model->diags, E0515, tree->title.span,
                                                     "the title `%s` is the built-in stage's", stage->title);
            diagnostic_label(d, tree->title.span, "give it another");
        }
    }
}

static void add_piece(struct model_action *action, struct arena *arena, size_t *capacity, struct model_piece piece)
{
    if (action->piece_count == *capacity) {
        size_t grown = *capacity ? *capacity * 2 : 8;
        struct model_piece *pieces = arena_alloc(arena, grown * sizeof *pieces);
        if (action->piece_count) memcpy(pieces, action->pieces, action->piece_count * sizeof *pieces);
        action->pieces = pieces;
        *capacity = grown;
    }
    action->pieces[action->piece_count++] = piece;
}

/* A setting as it is written in a text: a number, 20%, 30 days. */
static const char *setting_text(struct model *model, const struct model_setting *setting)
{
    char number[NUMBER_TEXT];
    number_format(setting->units, number);
    switch (setting->kind) {
    case CONSTANT_NUMBER: return arena_copy(model->arena, number, strlen(number));
    case CONSTANT_PERCENT: return arena_format(model->arena, "%s%%", number);
    case CONSTANT_TEXT: return setting->text.bytes;
    case CONSTANT_DURATION:
        return arena_format(model->arena, "%lld %s", (long long)setting->duration.count,
                            time_unit_name(setting->duration.unit, setting->duration.count != 1));
    }
    return "";
}

static void define_pieces(struct model *model, struct model_action *action)
{
    const struct literal *text = &action->tree->text;
    size_t capacity = 0;
    struct buffer plain = { 0 };
    for (uint32_t at = 0; at < text->length; at++) {
        char c = text->bytes[at];
        if ((c == '{' || c == '}') && at + 1 < text->length && text->bytes[at + 1] == c) {
            buffer_char(&plain, c);
            at++;
            continue;
        }
        if (c != '{') {
            buffer_char(&plain, c);
            continue;
        }
        const char *end = memchr(text->bytes + at, '}', text->length - at);
        if (!end) {
            struct diagnostic *d = diagnostic_report(model->diags, E0510, text->span, "a brace without an end");
            diagnostic_label(d, text->span, "in this text");
            diagnostic_help(d, "write {{ for a brace");
            break;
        }
        char *name = arena_copy(model->arena, text->bytes + at + 1, (size_t)(end - text->bytes) - at - 1);
        at = (uint32_t)(end - text->bytes);
        struct model_piece piece = { PIECE_TEXT, NULL, 0 };
        const struct symbol *symbol = model_find(model, name);
        if (strcmp(name, "stage") == 0) piece.kind = PIECE_STAGE;
        else if (symbol && symbol->kind == SYMBOL_FIELD) {
            piece.kind = PIECE_FIELD;
            piece.index = symbol->index;
            model->fields[symbol->index].used = true;
        } else if (symbol && symbol->kind == SYMBOL_SCORE) {
            piece.kind = PIECE_SCORE;
            piece.index = symbol->index;
        } else if (symbol && symbol->kind == SYMBOL_BAND) {
            piece.kind = PIECE_BAND;
            piece.index = symbol->index;
        } else if (symbol && symbol->kind == SYMBOL_MATRIX) {
            piece.kind = PIECE_MATRIX;
            piece.index = symbol->index;
        } else if (symbol && symbol->kind == SYMBOL_SETTING) {
            model->settings[symbol->index].used = true;
            buffer_text(&plain, setting_text(model, &model->settings[symbol->index]));
            continue;
        } else {
            struct diagnostic *d = diagnostic_report(model->diags, E0510, text->span, "`{%s}` cannot be filled in",
                                                     name);
            diagnostic_label(d, text->span,
                             symbol ? "that is no value of a lead" : "nothing is declared with this name");
            const char **names = arena_alloc(model->arena, (model->symbol_count + 1) * sizeof *names);
            size_t count = 0;
            for (size_t i = 0; i < model->symbol_count; i++) names[count++] = model->symbols[i].name;
            const char *nearest = suggest_nearest(name, names, count);
            if (nearest) diagnostic_help(d, "did you mean {%s}?", nearest);
            else
                diagnostic_help(
                    d, "fields, scores, bands, matrices, settings and {stage} can be filled in; {{ is a brace");
            continue;
        }
        if (plain.length)
            add_piece(action, model->arena, &capacity,
                      (struct model_piece) { PIECE_TEXT, arena_copy(model->arena, plain.data, plain.length), 0 });
        buffer_reset(&plain);
        add_piece(action, model->arena, &capacity, piece);
    }
    if (plain.length || action->piece_count == 0)
        add_piece(action, model->arena, &capacity,
                  (struct model_piece) { PIECE_TEXT,
                                         arena_copy(model->arena, plain.data ? plain.data : "", plain.length), 0 });
    buffer_free(&plain);
}

static void define_actions(struct model *model, const struct declared_list *all)
{
    size_t count = 0;
    for (size_t i = 0; i < all->count; i++)
        for (const struct tree_action *a = all->items[i].declaration->actions; a; a = a->next) count++;
    model->actions = arena_alloc(model->arena, (count + 1) * sizeof *model->actions);
    bool warned = false;
    for (size_t i = 0; i < all->count; i++) {
        const struct declaration *declaration = all->items[i].declaration;
        if (declaration->kind != DECLARATION_ON) continue;
        uint32_t stage = (uint32_t)model->stage_count;
        if (strcmp(declaration->name.text, "Disqualified") != 0) {
            const struct symbol *symbol = expect_symbol(model, &declaration->name, KIND_BIT(SYMBOL_STAGE), "the stage",
                                                        "a stage");
            if (!symbol) continue;
            stage = symbol->index;
        }
        if (model->stage_field == NO_INDEX && !warned && declaration->actions) {
            warned = true;
            struct diagnostic *d = diagnostic_report(model->diags, W0903, declaration->name.span,
                                                     "these actions fire again on every run");
            diagnostic_label(d, declaration->name.span, "no field is marked `current stage`");
            diagnostic_help(d, "mark the field that holds the stage with `current stage`");
            d->severity = SEVERITY_WARNING;
        }
        for (const struct tree_action *tree = declaration->actions; tree; tree = tree->next) {
            struct model_action *action = &model->actions[model->action_count++];
            action->kind = tree->kind;
            action->stage = stage;
            action->leaving = declaration->leaving;
            action->otherwise = tree->otherwise;
            action->tree = tree;
            struct scope scope = scope_of(model, SEES_RESULTS | SEES_STAGE | SEES_DISQUALIFIED, "an action");
            if (tree->when) action->when = lower_condition(&scope, tree->when);
            if (tree->kind == ACTION_ASSIGN) {
                /* All lines for one stage and direction are one list, wherever they stand. */
                const struct model_action *last = NULL;
                for (size_t j = 0; j + 1 < model->action_count && !last; j++) {
                    const struct model_action *other = &model->actions[j];
                    if (other->kind == ACTION_ASSIGN && other->stage == stage && other->leaving == action->leaving &&
                        !other->when)
                        last = other;
                }
                if (last) {
                    struct diagnostic *d = diagnostic_report(model->diags, E0513, tree->span,
                                                             "an `assign` behind one that takes every lead");
                    diagnostic_label(d, tree->span, "never reached");
                    diagnostic_label(d, last->tree->span, "assigns every lead that comes to it");
                    diagnostic_help(d, "put it last");
                }
            }
            if (tree->otherwise && tree->kind != ACTION_ASSIGN) {
                struct diagnostic *d = diagnostic_report(model->diags, E0513, tree->span,
                                                         "`otherwise` belongs to `assign`");
                diagnostic_label(d, tree->span, "every notify and tag stands for itself");
                diagnostic_help(d, "write the condition with `when not …`");
            }
            define_pieces(model, action);
        }
    }
}

/* ---- all
 * ----------------------------------------------------------------------------------------------------------------------
 */

/* Looking into a define that nobody uses is no use of what stands in it. */
struct uses {
    bool *fields, *events, *settings, *lists, *defines;
};

static void keep_uses(struct model *model, struct uses *kept, bool restore)
{
#define KEEP(items, count) \
    do { \
        if (!restore) kept->items = arena_alloc(model->arena, model->count + 1); \
        for (size_t i = 0; i < model->count; i++) { \
            if (restore) model->items[i].used = kept->items[i]; \
            else kept->items[i] = model->items[i].used; \
        } \
    } while (0)
    KEEP(fields, field_count);
    KEEP(events, event_count);
    KEEP(settings, setting_count);
    KEEP(lists, list_count);
    KEEP(defines, define_count);
#undef KEEP
}

static void define_defines(struct model *model)
{
    struct uses kept;
    keep_uses(model, &kept, false);
    for (size_t i = 0; i < model->define_count; i++) {
        struct model_define *define = &model->defines[i];
        struct parameter *parameters = NULL;
        for (const struct name_list *p = define->tree->parameters; p; p = p->next) {
            struct parameter *parameter = arena_alloc(model->arena, sizeof *parameter);
            parameter->name = p->name.text;
            parameter->value = node_new(model, NODE_ERROR, TYPE_ERROR,
                                        p->name.span); /* any type: only names are checked here */
            parameter->next = parameters;
            parameters = parameter;
        }
        struct scope scope = scope_of(model, SEES_DISQUALIFIED, "a define");
        scope.parameters = parameters;
        scope.define = (uint32_t)i;
        define->busy = true;
        struct node *body = define->tree->expression ? lower_any(&scope, define->tree->expression) : NULL;
        define->busy = false;
        if (!define->tree->is_function) define->body = body;
    }
    keep_uses(model, &kept, true);
}

void define_scoring(struct model *model, const struct declared_list *all)
{
    for (size_t i = 0; i < model->score_count; i++) define_score(model, &model->scores[i]);
    char *state = arena_alloc(model->arena, model->score_count + 1);
    for (uint32_t i = 0; i < model->score_count; i++)
        if (score_cycle(model, i, state)) return;
    implicit_total(model);
    for (size_t i = 0; i < model->group_count; i++) define_group(model, &model->groups[i]);
    for (size_t i = 0; i < model->band_count; i++) define_band(model, &model->bands[i]);
    for (size_t i = 0; i < model->matrix_count; i++) define_matrix(model, &model->matrices[i]);
    define_defines(model);
    for (size_t i = 0; i < model->rule_count; i++) define_rule(model, &model->rules[i]);
    define_stages(model);
    define_actions(model, all);
    for (size_t i = 0; i < all->count; i++) {
        const struct declaration *declaration = all->items[i].declaration;
        if (declaration->kind != DECLARATION_OUTCOME) continue;
        if (model->outcome_tree) {
            struct diagnostic *d = diagnostic_report(model->diags, E0302, declaration->span, "a second `outcome`");
            diagnostic_label(d, declaration->span, "one says which leads were won");
            diagnostic_label(d, model->outcome_tree->span, "the first");
            continue;
        }
        struct scope scope = scope_of(model, 0, "the outcome");
        model->outcome_tree = declaration;
        model->outcome = lower_condition(&scope, declaration->expression ? declaration->expression : declaration->when);
    }
}
