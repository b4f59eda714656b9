#include "compiler/lower_parts.h"

#include <stdio.h>
#include <string.h>

#include "compiler/format.h"
#include "vm/limits.h"
#include "vm/number.h"

static bool compare_constants(enum comparison comparison, int64_t a, int64_t b)
{
    switch (comparison) {
    case COMPARE_EQ: return a == b;
    case COMPARE_NE: return a != b;
    case COMPARE_LT: return a < b;
    case COMPARE_LE: return a <= b;
    case COMPARE_GT: return a > b;
    case COMPARE_GE: return a >= b;
    }
    return false;
}

struct node *compare_node(const struct scope *scope, enum comparison comparison, struct node *left, struct node *right,
                          struct span span)
{
    if ((left->kind == NODE_NUMBER && right->kind == NODE_NUMBER) ||
        (left->kind == NODE_DATE && right->kind == NODE_DATE))
        return truth_node(scope, compare_constants(comparison, left->number, right->number), span);
    struct node *node = node_pair(scope->model, NODE_COMPARE, left, right, span);
    node->comparison = comparison;
    return node;
}

/* `is` between values of any kind, settled by their types. */
static struct node *same(const struct scope *scope, const struct tree *tree, struct node *left, struct node *right)
{
    struct model *model = scope->model;
    if (left->kind == NODE_ERROR || right->kind == NODE_ERROR) return error_node(scope, tree->span);
    if (left->type != right->type) return mismatch(scope, tree, left, right);
    switch (left->type) {
    case TYPE_NUMBER:
    case TYPE_DATE: return compare_node(scope, COMPARE_EQ, left, right, tree->span);
    case TYPE_TEXT: {
        if (left->kind == NODE_TEXT && right->kind != NODE_TEXT) {
            struct node *swap = left;
            left = right;
            right = swap;
        }
        if (right->kind == NODE_TEXT) {
            struct text_collection all = { 0 };
            collect_text(scope, &all, left, right->text.bytes, right->text.length, right->span, false);
            if (all.failed) return error_node(scope, tree->span);
            struct node *test = text_test(scope, TEXT_IS, left, all.folded, all.raw, all.count, tree->span);
            test->setting = right->setting;
            return test;
        }
        const struct model_field *a = one_of_field(scope, left), *b = one_of_field(scope, right);
        if (a || b) {
            struct diagnostic *d = diagnostic_report(model->diags, E0402, tree->span,
                                                     "`%s` is compared with another field",
                                                     a ? a->name.text : b->name.text);
            diagnostic_label(d, tree->span, "a `one of` field compares with its own values only");
            return error_node(scope, tree->span);
        }
        return node_pair(model, NODE_TEXT_SAME, left, right, tree->span);
    }
    case TYPE_CONDITION:
        if (right->kind == NODE_TRUE) return left;
        if (right->kind == NODE_FALSE) return negate_if(scope, left, true);
        if (left->kind == NODE_TRUE) return right;
        if (left->kind == NODE_FALSE) return negate_if(scope, right, true);
        return node_pair(
            model, NODE_OR, node_pair(model, NODE_AND, left, right, tree->span),
            node_pair(model, NODE_AND, negate_if(scope, left, true), negate_if(scope, right, true), tree->span),
            tree->span);
    case TYPE_LIST: {
        struct diagnostic *d = diagnostic_report(model->diags, E0401, tree->span, "lists cannot be compared");
        diagnostic_label(d, tree->span, "ask with `contains` for an element");
        return error_node(scope, tree->span);
    }
    case TYPE_ERROR: break;
    }
    return error_node(scope, tree->span);
}

/* `temperature is hot`, `priority is "A1"`: the left side names a band or a matrix. */
static struct node *lower_label(const struct scope *scope, const struct tree *tree, const struct symbol *symbol)
{
    struct model *model = scope->model;
    if (!(scope->sees & SEES_RESULTS))
        return hidden(scope, tree->left, symbol->kind == SYMBOL_BAND ? "bands" : "matrices");
    const struct tree *right = tree->right;
    if (!right || (right->kind != TREE_NAME && right->kind != TREE_TEXT)) {
        struct diagnostic *d = diagnostic_report(model->diags, E0401, tree->span, "`%s` has labels, such as `%s is …`",
                                                 symbol->name, symbol->name);
        diagnostic_label(d, tree->span, "a label is needed");
        return error_node(scope, tree->span);
    }
    const char *wanted = right->kind == TREE_NAME ? right->name.text : right->literal.bytes;
    size_t wanted_length = right->kind == TREE_NAME ? strlen(wanted) : right->literal.length;
    struct text folded = lower_fold(model, wanted, wanted_length);
    const char **names;
    size_t count;
    struct node *node = NULL;
    if (symbol->kind == SYMBOL_BAND) {
        struct model_band *band = &model->bands[symbol->index];
        count = band->label_count;
        names = arena_alloc(model->arena, (count + 1) * sizeof *names);
        for (size_t i = 0; i < count; i++) {
            names[i] = band->labels[i].name.text;
            if (strcmp(names[i], wanted) == 0 ||
                (right->kind == TREE_TEXT && text_same(lower_fold(model, names[i], strlen(names[i])), folded))) {
                node = node_new(model, NODE_BAND_IS, TYPE_CONDITION, tree->span);
                node->index = symbol->index;
                node->which = (uint32_t)i;
            }
        }
    } else {
        struct model_matrix *matrix = &model->matrices[symbol->index];
        if (!matrix->cells) return error_node(scope, tree->span); /* its bands are not declared: reported there */
        count = model->bands[matrix->rows_band].label_count * model->bands[matrix->columns_band].label_count;
        names = arena_alloc(model->arena, (count + 1) * sizeof *names);
        for (size_t i = 0; i < count; i++) {
            names[i] = matrix->cells[i];
            if (!node && text_same((struct text) { names[i], (uint32_t)strlen(names[i]) }, folded)) {
                node = node_new(model, NODE_MATRIX_IS, TYPE_CONDITION, tree->span);
                node->index = symbol->index;
                node->texts = arena_alloc(model->arena, sizeof *node->texts);
                node->texts[0] = folded;
                node->text_count = 1;
            }
        }
    }
    if (node) return node;
    struct diagnostic *d = diagnostic_report(model->diags, E0402, right->span, "`%s` has no label `%s`", symbol->name,
                                             wanted);
    diagnostic_label(d, right->span, "not one of its labels");
    diagnostic_label(d, symbol->span, "declared here");
    const char *nearest = suggest_nearest(wanted, names, count);
    if (nearest) diagnostic_help(d, "did you mean `%s`?", nearest);
    return error_node(scope, tree->span);
}

struct node *lower_is(const struct scope *scope, const struct tree *tree)
{
    if (tree->left->kind == TREE_NAME) {
        const struct symbol *symbol = model_find(scope->model, tree->left->name.text);
        if (symbol && (symbol->kind == SYMBOL_BAND || symbol->kind == SYMBOL_MATRIX))
            return negate_if(scope, stamp(scope, lower_label(scope, tree, symbol), tree), tree->negated);
    }
    struct node *left = lower(scope, tree->left), *right = lower(scope, tree->right);
    if (right->kind == NODE_ERROR && left->type == TYPE_TEXT && tree->right->kind == TREE_NAME)
        hint_text(scope->model, tree->right->span, tree->right->name.text);
    struct node *result = same(scope, tree, left, right);
    if (result == left || result == right) { /* `converted is yes` is the field, but people read the whole of it */
        struct node *whole = node_new(scope->model, result->kind, result->type, tree->span);
        *whole = *result;
        whole->tree = NULL;
        result = whole;
    }
    stamp(scope, result, tree);
    return negate_if(scope, result, tree->negated);
}

static struct node *without_order(const struct scope *scope, const struct tree *tree)
{
    struct diagnostic *d = diagnostic_report(scope->model->diags, E0401, tree->span, "texts have no order");
    diagnostic_label(d, tree->span, "which of two texts is the greater?");
    diagnostic_help(d, "compare numbers or dates, or use `is`");
    return error_node(scope, tree->span);
}

struct node *lower_compare(const struct scope *scope, const struct tree *tree)
{
    if (tree->comparison == COMPARE_EQ || tree->comparison == COMPARE_NE) {
        struct tree is = *tree;
        is.kind = TREE_IS;
        is.negated = tree->comparison == COMPARE_NE;
        struct tree *kept = arena_alloc(scope->model->arena, sizeof *kept);
        *kept = *tree;
        struct node *node = lower_is(scope, &is);
        if (node->tree == &is) node->tree = kept;
        if (node->left && node->left->tree == &is) node->left->tree = kept;
        return node;
    }
    struct node *left = lower_value(scope, tree->left), *right = lower_value(scope, tree->right);
    if (left->kind == NODE_ERROR || right->kind == NODE_ERROR) return error_node(scope, tree->span);
    if (left->type == TYPE_TEXT && right->type == TYPE_TEXT) return without_order(scope, tree);
    if (left->type != right->type || (left->type != TYPE_NUMBER && left->type != TYPE_DATE))
        return mismatch(scope, tree, left, right);
    return compare_node(scope, tree->comparison, left, right, tree->span);
}

struct node *lower_between(const struct scope *scope, const struct tree *tree)
{
    struct model *model = scope->model;
    struct node *value = lower_value(scope, tree->left), *low = lower_value(scope, tree->right),
                *high = lower_value(scope, tree->third);
    if (value->kind == NODE_ERROR || low->kind == NODE_ERROR || high->kind == NODE_ERROR)
        return error_node(scope, tree->span);
    if (value->type == TYPE_TEXT && low->type == TYPE_TEXT) return without_order(scope, tree);
    if (value->type != TYPE_NUMBER && value->type != TYPE_DATE) return mismatch(scope, tree, value, low);
    if (value->type != low->type) return mismatch(scope, tree, value, low);
    if (value->type != high->type) return mismatch(scope, tree, value, high);
    struct node *above = compare_node(scope, COMPARE_GE, value, low, tree->span),
                *below = compare_node(scope, COMPARE_LE, value, high, tree->span);
    struct node *both = node_pair(model, NODE_AND, above, below, tree->span);
    bool fixed = (low->kind == NODE_NUMBER || low->kind == NODE_DATE) &&
                 (high->kind == NODE_NUMBER || high->kind == NODE_DATE);
    if (!fixed) { /* one missing end makes the whole unknown, even where the other already fails */
        both = node_pair(model, NODE_IF_KNOWN, both, above, tree->span);
        both = node_pair(model, NODE_IF_KNOWN, both, below, tree->span);
    }
    return negate_if(scope, stamp(scope, both, tree), tree->negated);
}

static int compare_numbers(int64_t a, int64_t b) { return a < b ? -1 : a > b; }

/* `temperature in (hot, warm)`: one label after the other. */
static struct node *label_in(const struct scope *scope, const struct tree *tree, const struct symbol *symbol)
{
    struct node *any = NULL;
    if (tree->list.name.text) {
        struct diagnostic *d = diagnostic_report(scope->model->diags, E0405, tree->list.span,
                                                 "labels are needed here, not a list");
        diagnostic_label(d, tree->list.span, "such as (hot, warm)");
        return error_node(scope, tree->span);
    }
    for (const struct tree_item *item = tree->list.items; item; item = item->next) {
        struct tree *is = arena_alloc(scope->model->arena, sizeof *is);
        *is = (struct tree) { .kind = TREE_IS, .span = tree->span, .left = tree->left, .right = item->value };
        struct node *label = lower_label(scope, is, symbol);
        if (label->kind == NODE_ERROR) return label;
        any = any ? node_pair(scope->model, NODE_OR, any, label, tree->span) : label;
    }
    return negate_if(scope, stamp(scope, any, tree), tree->negated);
}

struct node *lower_in(const struct scope *scope, const struct tree *tree)
{
    const struct symbol *symbol = tree->left->kind == TREE_NAME ? model_find(scope->model, tree->left->name.text)
                                                                : NULL;
    if (symbol && (symbol->kind == SYMBOL_BAND || symbol->kind == SYMBOL_MATRIX)) return label_in(scope, tree, symbol);
    struct model *model = scope->model;
    struct node *value = lower_value(scope, tree->left);
    if (value->kind == NODE_ERROR) return value;
    if (value->type == TYPE_TEXT) {
        struct text_collection all = lower_texts(scope, value, &tree->list, true);
        if (all.failed) return error_node(scope, tree->span);
        return negate_if(
            scope, stamp(scope, text_test(scope, TEXT_IS, value, all.folded, all.raw, all.count, tree->span), tree),
            tree->negated);
    }
    if (value->type == TYPE_NUMBER || value->type == TYPE_DATE) {
        size_t count = 0;
        for (const struct tree_item *item = tree->list.items; item; item = item->next) count++;
        int64_t *numbers = arena_alloc(model->arena, (count + 1) * sizeof *numbers);
        count = 0;
        if (tree->list.name.text) {
            struct diagnostic *d = diagnostic_report(model->diags, E0401, tree->list.span,
                                                     "a list holds texts, but this is %s", type_name(value->type));
            diagnostic_label(d, tree->left->span, "%s", type_name(value->type));
            diagnostic_label(d, tree->list.span, "texts");
            return error_node(scope, tree->span);
        }
        for (const struct tree_item *item = tree->list.items; item; item = item->next) {
            struct node *node = lower(scope, item->value);
            if (node->kind == NODE_ERROR) return error_node(scope, tree->span);
            if (node->type != value->type) return mismatch(scope, tree, value, node);
            if (node->kind != NODE_NUMBER && node->kind != NODE_DATE) {
                struct diagnostic *d = diagnostic_report(model->diags, E0405, item->value->span,
                                                         "fixed values are needed here");
                diagnostic_label(d, item->value->span, "not a fixed value");
                diagnostic_help(d, "to compare two fields, join comparisons with `or`");
                return error_node(scope, tree->span);
            }
            size_t at = count; /* sorted, without repetition: IN_SET searches */
            while (at > 0 && compare_numbers(numbers[at - 1], node->number) > 0) at--;
            if (at > 0 && numbers[at - 1] == node->number) continue;
            memmove(&numbers[at + 1], &numbers[at], (count - at) * sizeof *numbers);
            numbers[at] = node->number;
            count++;
        }
        if (value->kind == NODE_NUMBER || value->kind == NODE_DATE) {
            bool found = false;
            for (size_t i = 0; i < count; i++) found |= numbers[i] == value->number;
            return truth_node(scope, found != tree->negated, tree->span);
        }
        struct node *node = node_new(model, NODE_IN, TYPE_CONDITION, tree->span);
        node->left = value;
        node->numbers = numbers;
        node->number_count = count;
        return negate_if(scope, stamp(scope, node, tree), tree->negated);
    }
    struct diagnostic *d = diagnostic_report(model->diags, E0401, tree->left->span,
                                             "`in` needs a text, a number or a date, not %s", type_name(value->type));
    diagnostic_label(d, tree->left->span, "%s", type_name(value->type));
    if (value->type == TYPE_LIST) diagnostic_help(d, "write `… contains any of (…)`");
    return error_node(scope, tree->span);
}

struct node *lower_known(const struct scope *scope, const struct tree *tree, bool known)
{
    struct node *value = lower(scope, tree->left);
    if (value->kind == NODE_ERROR) return value;
    bool constant = value->kind == NODE_NUMBER || value->kind == NODE_DATE || value->kind == NODE_TEXT ||
                    value->kind == NODE_TRUE || value->kind == NODE_FALSE || value->kind == NODE_NOW ||
                    value->kind == NODE_AT || value->kind == NODE_SCORE;
    struct node *node;
    if (constant) node = truth_node(scope, true, tree->span);
    else if (value->kind == NODE_MISSING) node = truth_node(scope, false, tree->span);
    else node = node_pair(scope->model, NODE_KNOWN, value, NULL, tree->span);
    return negate_if(scope, stamp(scope, node, tree), known ? tree->negated : !tree->negated);
}
