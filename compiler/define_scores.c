#include "compiler/define_parts.h"

#include <string.h>

#include "compiler/format.h"

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

void define_score(struct model *model, struct model_score *score)
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
bool score_cycle(struct model *model, uint32_t index, char *state)
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

void implicit_total(struct model *model)
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

void define_group(struct model *model, struct model_group *group)
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
