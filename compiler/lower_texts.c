#include "compiler/lower_parts.h"

#include <stdio.h>
#include <string.h>

#include "compiler/format.h"
#include "vm/limits.h"
#include "vm/number.h"

/* Which one-of field a text value comes from, or NULL. */
const struct model_field *one_of_field(const struct scope *scope, const struct node *node)
{
    if (node->kind == NODE_FIELD && scope->model->fields[node->index].type == FIELD_ONEOF)
        return &scope->model->fields[node->index];
    if (node->kind == NODE_EVENT_FIELD && scope->model->events[node->event].fields[node->index].type == FIELD_ONEOF)
        return &scope->model->events[node->event].fields[node->index];
    return NULL;
}

static bool check_option(const struct scope *scope, const struct node *value, struct text folded, const char *raw,
                         size_t raw_length, struct span span)
{
    const struct model_field *field = one_of_field(scope, value);
    if (!field) return true;
    for (size_t index = 0; index < field->option_count; index++)
        if (field->options[index].length == folded.length &&
            memcmp(field->options[index].bytes, folded.bytes, folded.length) == 0)
            return true;
    struct diagnostic *d = diagnostic_report(scope->model->diags, E0402, span, "`%s` is never \"%.*s\"",
                                             field->name.text, (int)raw_length, raw);
    diagnostic_label(d, span, "not one of its values");
    diagnostic_label(d, field->name.span, "declared here");
    const char **names = arena_alloc(scope->model->arena, (field->option_count + 1) * sizeof *names);
    size_t count = 0;
    struct buffer all = { 0 };
    for (const struct literal_list *l = field->option_literals; l; l = l->next) {
        names[count++] = l->literal.bytes;
        buffer_format(&all, "%s\"%s\"", count > 1 ? ", " : "", l->literal.bytes);
    }
    const char *nearest = suggest_nearest(arena_copy(scope->model->arena, raw, raw_length), names, count);
    if (nearest) diagnostic_help(d, "did you mean \"%s\"?", nearest);
    else diagnostic_help(d, "its values are %s", all.data ? all.data : "");
    buffer_free(&all);
    return false;
}

void collect_text(const struct scope *scope, struct text_collection *all, const struct node *value, const char *bytes,
                  size_t length, struct span span, bool exactly)
{
    struct text folded = exactly ? (struct text) { bytes, (uint32_t)length } : lower_fold(scope->model, bytes, length);
    if (folded.length == 0) {
        struct diagnostic *d = diagnostic_report(scope->model->diags, E0403, span, "an empty text fits nothing");
        diagnostic_label(d, span, "empty");
        diagnostic_help(d, "to find leads without a value, write `is missing`");
        all->failed = true;
        return;
    }
    struct text option = exactly ? lower_fold(scope->model, bytes, length) : folded; /* options are kept folded */
    if (value && !check_option(scope, value, option, bytes, length, span)) {
        all->failed = true;
        return;
    }
    if (all->count == all->capacity) {
        size_t capacity = all->capacity ? all->capacity * 2 : 4;
        struct text *grown = arena_alloc(scope->model->arena, capacity * sizeof *grown),
                    *raw = arena_alloc(scope->model->arena, capacity * sizeof *raw);
        if (all->count) {
            memcpy(grown, all->folded, all->count * sizeof *grown);
            memcpy(raw, all->raw, all->count * sizeof *raw);
        }
        all->folded = grown;
        all->raw = raw;
        all->capacity = capacity;
    }
    all->raw[all->count] = (struct text) { bytes, (uint32_t)length };
    all->folded[all->count++] = folded;
}

static void collect_list(const struct scope *scope, struct text_collection *all, const struct node *value,
                         uint32_t index, struct span span)
{
    struct model_list *list = &scope->model->lists[index];
    list->used = true;
    for (size_t i = 0; i < list->count; i++)
        collect_text(scope, all, value, list->raw[i].bytes, list->raw[i].length, span, false);
}

/* Texts of `contains "x"`, `any of LIST`, `in LIST`: constants, settings, lists. */
struct text_collection lower_texts(const struct scope *scope, const struct node *value, const struct tree_list *list,
                                   bool named_list_allowed)
{
    struct text_collection all = { 0 };
    if (list->name.text) {
        const struct symbol *symbol = model_find(scope->model, list->name.text);
        if (symbol && symbol->kind == SYMBOL_LIST && named_list_allowed) {
            collect_list(scope, &all, value, symbol->index, list->name.span);
            return all;
        }
        struct tree name = { .kind = TREE_NAME, .span = list->name.span, .name = list->name };
        if (symbol && symbol->kind == SYMBOL_LIST) {
            struct diagnostic *d = diagnostic_report(scope->model->diags, E0303, list->name.span,
                                                     "`%s` is a list of texts", list->name.text);
            diagnostic_label(d, list->name.span, "one text is needed here");
            diagnostic_help(d, "write `any of %s` or `all of %s`", list->name.text, list->name.text);
            all.failed = true;
            return all;
        }
        struct node *node = lower_name(scope, &name);
        if (node->kind == NODE_TEXT)
            collect_text(scope, &all, value, node->text.bytes, node->text.length, list->name.span, false);
        else {
            if (node->kind != NODE_ERROR) {
                struct diagnostic *d = diagnostic_report(scope->model->diags, E0405, list->name.span, "`%s` is no %s",
                                                         list->name.text, named_list_allowed ? "list" : "fixed text");
                diagnostic_label(d, list->name.span, "a list, or texts in parentheses, stand here");
                diagnostic_help(d, "to compare two fields, write `… is %s`", list->name.text);
            }
            all.failed = true;
        }
        return all;
    }
    for (const struct tree_item *item = list->items; item; item = item->next) {
        if (item->value->kind == TREE_NAME) {
            const struct symbol *symbol = model_find(scope->model, item->value->name.text);
            if (symbol && symbol->kind == SYMBOL_LIST) {
                collect_list(scope, &all, value, symbol->index, item->value->span);
                continue;
            }
        }
        struct node *node = lower(scope, item->value);
        if (node->kind == NODE_TEXT)
            collect_text(scope, &all, value, node->text.bytes, node->text.length, item->value->span, false);
        else {
            if (node->kind != NODE_ERROR) {
                struct diagnostic *d = diagnostic_report(scope->model->diags, node->type == TYPE_TEXT ? E0405 : E0401,
                                                         item->value->span, "a fixed text is needed here, not %s",
                                                         node->type == TYPE_TEXT ? "another field"
                                                                                 : type_name(node->type));
                diagnostic_label(d, item->value->span, "not a text in quotes");
            } else if (item->value->kind == TREE_NAME)
                hint_text(scope->model, item->value->span, item->value->name.text);
            all.failed = true;
        }
    }
    return all;
}

/* One text test over constants; a constant on the left is decided here. */
struct node *text_test(const struct scope *scope, enum text_predicate predicate, struct node *value, struct text *texts,
                       struct text *raw, size_t count, struct span span)
{
    if (value->kind == NODE_TEXT) {
        struct text folded = text_predicate_is_raw(predicate)
                                 ? value->text
                                 : lower_fold(scope->model, value->text.bytes, value->text.length);
        bool fits = false;
        for (size_t i = 0; i < count && !fits; i++) switch (predicate) {
            case TEXT_IS:
                fits = folded.length == texts[i].length && memcmp(folded.bytes, texts[i].bytes, folded.length) == 0;
                break;
            case TEXT_CONTAINS: fits = text_contains(folded, texts[i]); break;
            case TEXT_WORD: fits = text_has_word(folded, texts[i]); break;
            case TEXT_STARTS: fits = text_starts(folded, texts[i]); break;
            case TEXT_ENDS: fits = text_ends(folded, texts[i]); break;
            case TEXT_GLOB: fits = text_matches(folded, texts[i]); break;
            default: fits = text_fits_exactly(predicate, folded, texts[i]); break;
            }
        return truth_node(scope, fits, span);
    }
    if (value->kind == NODE_MISSING) { /* unknown for every lead: a comparison of what is missing */
        struct node *node = node_new(scope->model, NODE_COMPARE, TYPE_CONDITION, span);
        node->left = node->right = node_new(scope->model, NODE_MISSING, TYPE_NUMBER, span);
        return node;
    }
    struct node *node = node_new(scope->model, NODE_TEXT_TEST, TYPE_CONDITION, span);
    node->predicate = predicate;
    node->left = value;
    node->texts = texts;
    node->raw_texts = raw;
    node->text_count = count;
    return node;
}

static struct node *list_test(const struct scope *scope, struct node *value, struct text *texts, struct text *raw,
                              size_t count, struct span span)
{
    struct node *node = node_new(scope->model, NODE_LIST_TEST, TYPE_CONDITION, span);
    node->left = value;
    node->texts = texts;
    node->raw_texts = raw;
    node->text_count = count;
    return node;
}

struct node *lower_text_op(const struct scope *scope, const struct tree *tree)
{
    static const enum text_predicate predicates[] = {
        TEXT_CONTAINS, TEXT_WORD, TEXT_STARTS, TEXT_ENDS, TEXT_CONTAINS_EXACTLY, TEXT_STARTS_EXACTLY, TEXT_ENDS_EXACTLY
    };
    static const char *const names[] = { "contains",         "has word",         "starts with",
                                         "ends with",        "contains exactly", "starts with exactly",
                                         "ends with exactly" };
    struct node *value = lower_value(scope, tree->left);
    if (value->kind == NODE_ERROR) return value;
    bool is_list = value->type == TYPE_LIST && tree->textop == TEXTOP_CONTAINS;
    if (value->type != TYPE_TEXT && !is_list) {
        struct diagnostic *d = diagnostic_report(scope->model->diags, E0401, tree->left->span,
                                                 "`%s` needs a text, not %s", names[tree->textop],
                                                 type_name(value->type));
        diagnostic_label(d, tree->left->span, "%s", type_name(value->type));
        if (value->type == TYPE_LIST) diagnostic_help(d, "ask with `contains` whether an element is in a list");
        return error_node(scope, tree->span);
    }
    /* `contains` asks for a part of a text, so the parts of a one-of field need not be its values. */
    struct text_collection all = lower_texts(scope, NULL, &tree->list, tree->quantifier != QUANTIFIER_ONE);
    if (all.failed) return error_node(scope, tree->span);
    if (all.count == 0) { /* any of nothing fails, all of nothing holds, of what is missing both are unknown */
        struct node *none = is_list
                                ? list_test(scope, value, all.folded, all.raw, 0, tree->span)
                                : text_test(scope, predicates[tree->textop], value, all.folded, all.raw, 0, tree->span);
        return negate_if(scope, negate_if(scope, stamp(scope, none, tree), tree->quantifier == QUANTIFIER_ALL),
                         tree->negated);
    }
    if (text_predicate_is_raw(predicates[tree->textop])) all.folded = all.raw;
    if (tree->quantifier != QUANTIFIER_ALL || all.count == 1) {
        struct node *test = is_list ? list_test(scope, value, all.folded, all.raw, all.count, tree->span)
                                    : text_test(scope, predicates[tree->textop], value, all.folded, all.raw, all.count,
                                                tree->span);
        return negate_if(scope, stamp(scope, test, tree), tree->negated);
    }
    struct node *every = NULL;
    for (size_t i = 0; i < all.count; i++) {
        struct node *test = is_list ? list_test(scope, value, &all.folded[i], &all.raw[i], 1, tree->span)
                                    : text_test(scope, predicates[tree->textop], value, &all.folded[i], &all.raw[i], 1,
                                                tree->span);
        every = every ? node_pair(scope->model, NODE_AND, every, test, tree->span) : test;
    }
    return negate_if(scope, stamp(scope, every, tree), tree->negated);
}
