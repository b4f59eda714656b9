#include "compiler/lower_parts.h"

#include <stdio.h>
#include <string.h>

#include "compiler/format.h"
#include "vm/limits.h"
#include "vm/number.h"

static struct node *field_node(const struct scope *scope, uint32_t index, struct span span)
{
    struct model_field *field = &scope->model->fields[index];
    field->used = true;
    struct node *node = node_new(scope->model, NODE_FIELD, field_value_type(field->type), span);
    node->index = index;
    return node;
}

static struct node *setting_node(const struct scope *scope, uint32_t index, struct span span)
{
    struct model_setting *setting = &scope->model->settings[index];
    setting->used = true;
    struct node *node;
    int64_t value;
    switch (setting->kind) {
    case CONSTANT_NUMBER: node = number_node(scope, setting->units, span); break;
    case CONSTANT_PERCENT:
        number_divide(setting->units, 100 * NUMBER_ONE, &value);
        node = number_node(scope, value, span);
        break;
    case CONSTANT_TEXT: node = text_node(scope, setting->text.bytes, setting->text.length, span); break;
    default: {
        struct diagnostic *d = diagnostic_report(scope->model->diags, E0303, span,
                                                 "the duration `%s` cannot stand here", setting->name.text);
        diagnostic_label(d, span, "a duration stands behind `within` or `every`");
        return error_node(scope, span);
    }
    }
    node->setting = index;
    return node;
}

struct node *expand(const struct scope *scope, uint32_t index, const struct tree *call)
{
    struct model *model = scope->model;
    struct model_define *define = &model->defines[index];
    const struct declaration *declaration = define->tree;
    define->used = true;
    if (define->busy) {
        struct diagnostic *d = diagnostic_report(model->diags, E0304, define->name.span,
                                                 "the define `%s` leads back to itself", define->name.text);
        diagnostic_label(d, define->name.span, "needs its own value");
        diagnostic_help(d, "take `%s` out of what it is made of", define->name.text);
        return error_node(scope, call->span);
    }
    if (scope->depth > LIMIT_NESTING) {
        report_limit(model, call->span, "defines use each other at most", LIMIT_NESTING, "levels deep",
                     "write out one of those in between");
        return error_node(scope, call->span);
    }
    struct parameter *parameters = NULL;
    size_t wanted = 0, given = 0;
    for (const struct name_list *p = declaration->parameters; p; p = p->next) wanted++;
    for (const struct tree_item *a = call->items; a; a = a->next) given++;
    if (wanted != given) {
        struct diagnostic *d = diagnostic_report(model->diags, E0308, call->span, "`%s` needs %zu value%s, not %zu",
                                                 define->name.text, wanted, wanted == 1 ? "" : "s", given);
        diagnostic_label(d, call->span, given ? "used here" : "used here without values");
        diagnostic_label(d, define->name.span, "declared here");
        return error_node(scope, call->span);
    }
    const struct tree_item *argument = call->items;
    for (const struct name_list *p = declaration->parameters; p; p = p->next, argument = argument->next) {
        struct parameter *parameter = arena_alloc(model->arena, sizeof *parameter);
        parameter->name = p->name.text;
        parameter->value = lower(scope, argument->value);
        parameter->next = parameters;
        parameters = parameter;
    }
    /* A define sees its parameters and the lead, not the event it is used for. */
    struct scope inner = { model,
                           scope->sees & (unsigned)~(SEES_RESULTS | SEES_STAGE),
                           "a define",
                           false,
                           NO_INDEX,
                           parameters,
                           scope->depth + 1,
                           scope->define == NO_INDEX ? index : scope->define };
    size_t said = model->diags->count;
    define->busy = true;
    struct node *result = lower(&inner, declaration->expression);
    define->busy = false;
    /* What is wrong inside a function depends on the values it is used with: show where. */
    for (size_t at = said; wanted > 0 && at < model->diags->count; at++)
        diagnostic_label(model->diags->items[at], call->span, "used with these values");
    struct node *copy = node_new(model, result->kind, result->type, call->span);
    *copy = *result;
    copy->span = call->span;
    copy->tree = call;
    copy->define = scope->define == NO_INDEX ? index : scope->define;
    return copy;
}

struct node *set_condition(const struct scope *scope, struct event_set *set, enum comparison comparison, int64_t number,
                           struct span span)
{
    if (!set) return error_node(scope, span);
    struct node *node = node_new(scope->model, NODE_HAS, TYPE_CONDITION, span);
    node->set = set;
    node->comparison = comparison;
    node->number = number;
    return node;
}

struct node *hidden(const struct scope *scope, const struct tree *tree, const char *what)
{
    struct diagnostic *d = diagnostic_report(scope->model->diags, E0306, tree->span, "%s cannot see %s", scope->who,
                                             what);
    diagnostic_label(d, tree->span, "decided only after all rules");
    diagnostic_help(d, "stages and actions can ask for scores and bands");
    return error_node(scope, tree->span);
}

struct node *lower_name(const struct scope *scope, const struct tree *tree)
{
    struct model *model = scope->model;
    const char *name = tree->name.text;
    for (const struct parameter *p = scope->parameters; p; p = p->next)
        if (strcmp(p->name, name) == 0) {
            struct node *copy = node_new(model, p->value->kind, p->value->type, tree->span);
            *copy = *p->value;
            copy->span = tree->span;
            return copy;
        }
    if (scope->in_event && scope->event != NO_INDEX) {
        struct model_event *event = &model->events[scope->event];
        for (uint32_t index = 0; index < event->field_count; index++)
            if (strcmp(event->fields[index].name.text, name) == 0) {
                event->fields[index].used = true;
                struct node *node = node_new(model, NODE_EVENT_FIELD, field_value_type(event->fields[index].type),
                                             tree->span);
                node->event = scope->event;
                node->index = index;
                return node;
            }
    }
    const struct symbol *symbol = model_find(model, name);
    if (!symbol) {
        const char *what = "the name";
        if (scope->in_event && scope->event != NO_INDEX) {
            struct model_event *event = &model->events[scope->event];
            struct diagnostic *d = diagnostic_report(
                model->diags, E0301, tree->span, "neither `%s` nor the lead has a field `%s`", event->name.text, name);
            diagnostic_label(d, tree->span, "not declared");
            const char **names = arena_alloc(model->arena,
                                             (event->field_count + model->symbol_count + 1) * sizeof *names);
            size_t count = 0;
            for (size_t index = 0; index < event->field_count; index++) names[count++] = event->fields[index].name.text;
            for (size_t index = 0; index < model->symbol_count; index++) names[count++] = model->symbols[index].name;
            const char *nearest = suggest_nearest(name, names, count);
            if (nearest) diagnostic_help(d, "a similar name exists: `%s`", nearest);
            else diagnostic_help(d, "declare it below `event %s`", event->name.text);
            return error_node(scope, tree->span);
        }
        report_unknown(model, tree->span, name,
                       KIND_ALL & ~(KIND_BIT(SYMBOL_RULE) | KIND_BIT(SYMBOL_GROUP) | KIND_BIT(SYMBOL_STAGE)), what);
        return error_node(scope, tree->span);
    }
    switch (symbol->kind) {
    case SYMBOL_FIELD: return field_node(scope, symbol->index, tree->span);
    case SYMBOL_SETTING: return setting_node(scope, symbol->index, tree->span);
    case SYMBOL_DEFINE: return expand(scope, symbol->index, tree);
    case SYMBOL_EVENT: return set_condition(scope, lower_set(scope, tree), COMPARE_GE, 1, tree->span);
    case SYMBOL_SCORE:
        if (!(scope->sees & SEES_RESULTS)) return hidden(scope, tree, "scores");
        {
            struct node *node = node_new(model, NODE_SCORE, TYPE_NUMBER, tree->span);
            node->index = symbol->index;
            return node;
        }
    case SYMBOL_BAND:
    case SYMBOL_MATRIX:
        if (!(scope->sees & SEES_RESULTS))
            return hidden(scope, tree, symbol->kind == SYMBOL_BAND ? "bands" : "matrices");
        {
            struct diagnostic *d = diagnostic_report(model->diags, E0303, tree->span,
                                                     "`%s` is %s: ask for its label with `is`", name,
                                                     symbol_kind_name(symbol->kind));
            diagnostic_label(d, tree->span, "such as `%s is …`", name);
            return error_node(scope, tree->span);
        }
    default: {
        struct diagnostic *d = diagnostic_report(model->diags, E0303, tree->span, "`%s` is %s, and cannot stand here",
                                                 name, symbol_kind_name(symbol->kind));
        diagnostic_label(d, tree->span, "a field, a setting, a define or an event is needed");
        diagnostic_label(d, symbol->span, "declared here");
        if (symbol->kind == SYMBOL_LIST) diagnostic_help(d, "write `… in %s`, or `… has word any of %s`", name, name);
        return error_node(scope, tree->span);
    }
    }
}

bool is_event_name(const struct scope *scope, const struct tree *tree)
{
    if (tree->kind == TREE_ACTIVITY) return true;
    if (tree->kind != TREE_NAME) return false;
    for (const struct parameter *p = scope->parameters; p; p = p->next)
        if (strcmp(p->name, tree->name.text) == 0) return false;
    const struct symbol *symbol = model_find(scope->model, tree->name.text);
    return symbol && symbol->kind == SYMBOL_EVENT;
}

bool is_set(const struct scope *scope, const struct tree *tree)
{
    switch (tree->kind) {
    case TREE_WHERE:
    case TREE_SET: return true;
    case TREE_WITHIN:
    case TREE_SINCE:
    case TREE_BEFORE: return is_set(scope, tree->left);
    default: return is_event_name(scope, tree);
    }
}

static bool lower_window(const struct scope *scope, struct event_set *set, enum window_kind kind,
                         const struct duration *duration, const struct tree *date, struct span span)
{
    if (kind == WINDOW_NONE) return true;
    if (set->window != WINDOW_NONE) {
        struct diagnostic *d = diagnostic_report(scope->model->diags, E0401, span,
                                                 "these events have a window already");
        diagnostic_label(d, span, "a second window");
        diagnostic_help(d, "leave one of the two out, or ask for `at` in the `where`");
        return false;
    }
    set->window = kind;
    if (kind == WINDOW_WITHIN) return lower_duration(scope->model, duration, &set->count, &set->unit);
    struct scope outer = *scope;
    outer.in_event = false;
    struct node *node = lower_value(&outer, date);
    if (node->kind == NODE_ERROR) return false;
    if (node->type != TYPE_DATE) {
        struct diagnostic *d = diagnostic_report(scope->model->diags, E0401, node->span,
                                                 "a date is needed here, not %s", type_name(node->type));
        diagnostic_label(d, node->span, "%s", type_name(node->type));
        return false;
    }
    set->date = node;
    return true;
}

struct event_set *lower_set(const struct scope *scope, const struct tree *tree)
{
    struct model *model = scope->model;
    if (scope->in_event) {
        struct diagnostic *d = diagnostic_report(model->diags, E0404, tree->span,
                                                 "events inside the `where` of an event");
        diagnostic_label(d, tree->span, "only fields of the event and of the lead can stand here");
        diagnostic_help(d, "take it out of the `where`, and join both with `and`");
        return NULL;
    }
    struct event_set *set;
    switch (tree->kind) {
    case TREE_NAME:
    case TREE_ACTIVITY: {
        set = arena_alloc(model->arena, sizeof *set);
        set->span = tree->span;
        set->event = NO_INDEX;
        if (tree->kind == TREE_ACTIVITY) return set;
        const struct symbol *symbol = model_find(model, tree->name.text);
        if (!symbol) {
            report_unknown(model, tree->span, tree->name.text, KIND_BIT(SYMBOL_EVENT), "the event");
            return NULL;
        }
        if (symbol->kind != SYMBOL_EVENT) {
            struct diagnostic *d = diagnostic_report(model->diags, E0303, tree->span, "`%s` is %s, not an event",
                                                     tree->name.text, symbol_kind_name(symbol->kind));
            diagnostic_label(d, tree->span, "an event is needed here");
            diagnostic_label(d, symbol->span, "declared here");
            return NULL;
        }
        set->event = symbol->index;
        model->events[symbol->index].used = true;
        return set;
    }
    case TREE_SET:
    case TREE_WHERE:
        set = lower_set(scope, tree->left);
        if (!set) return NULL;
        set->span = tree->span;
        if (tree->kind == TREE_WHERE) {
            struct scope inner = *scope;
            inner.in_event = true;
            inner.event = set->event;
            inner.sees = 0;
            inner.who = "the `where` of an event";
            struct node *where = lower_condition(&inner, tree->right);
            if (where->kind == NODE_ERROR) return NULL;
            set->where = set->where ? node_pair(model, NODE_AND, set->where, where, tree->span) : where;
        }
        if (!lower_window(scope, set, tree->window.kind, &tree->window.duration, tree->window.date, tree->window.span))
            return NULL;
        return set;
    case TREE_WITHIN:
    case TREE_SINCE:
    case TREE_BEFORE: {
        set = lower_set(scope, tree->left);
        if (!set) return NULL;
        set->span = tree->span;
        enum window_kind kind = tree->kind == TREE_WITHIN  ? WINDOW_WITHIN
                                : tree->kind == TREE_SINCE ? WINDOW_SINCE
                                                           : WINDOW_BEFORE;
        if (!lower_window(scope, set, kind, &tree->duration, tree->right, tree->span)) return NULL;
        return set;
    }
    default: {
        struct diagnostic *d = diagnostic_report(model->diags, E0303, tree->span, "events are needed here");
        diagnostic_label(d, tree->span, "this is no event");
        return NULL;
    }
    }
}
