#include "compiler/lower_parts.h"

#include <stdio.h>
#include <string.h>

#include "compiler/format.h"
#include "vm/limits.h"
#include "vm/number.h"

struct node *want(const struct scope *scope, struct node *node, enum type type, const char *where)
{
    if (node->kind == NODE_ERROR || node->type == type) return node;
    struct diagnostic *d = diagnostic_report(scope->model->diags, E0401, node->span, "%s needs %s, not %s", where,
                                             type_name(type), type_name(node->type));
    diagnostic_label(d, node->span, "%s", type_name(node->type));
    if (node->kind == NODE_HAS) diagnostic_help(d, "to count events, write `count of …`");
    else if (type == TYPE_DATE && (node->type == TYPE_NUMBER || node->type == TYPE_TEXT))
        diagnostic_help(d, "a date is written year-month-day, without quotes: 2026-11-22");
    return error_node(scope, node->span);
}

struct node *arithmetic(const struct scope *scope, const struct tree *tree, enum node_kind kind)
{
    struct model *model = scope->model;
    struct node *left = want(scope, lower_value(scope, tree->left), TYPE_NUMBER, "arithmetic");
    struct node *right = want(scope, lower_value(scope, tree->right), TYPE_NUMBER, "arithmetic");
    if (left->kind == NODE_ERROR || right->kind == NODE_ERROR) return error_node(scope, tree->span);
    if (left->kind == NODE_NUMBER && right->kind == NODE_NUMBER) {
        int64_t result = 0;
        bool fits = kind == NODE_ADD        ? number_add(left->number, right->number, &result)
                    : kind == NODE_SUBTRACT ? number_subtract(left->number, right->number, &result)
                    : kind == NODE_MULTIPLY ? number_multiply(left->number, right->number, &result)
                                            : number_divide(left->number, right->number, &result);
        return fits ? number_node(scope, result, tree->span) : node_new(model, NODE_MISSING, TYPE_NUMBER, tree->span);
    }
    struct node *node = node_new(model, kind, TYPE_NUMBER, tree->span);
    node->left = left;
    node->right = right;
    return node;
}

static struct node *event_field(const struct scope *scope, struct event_set *set, const struct name *name,
                                bool numbers_only)
{
    struct model *model = scope->model;
    if (set->event != NO_INDEX) {
        struct model_event *event = &model->events[set->event];
        for (uint32_t index = 0; index < event->field_count; index++)
            if (strcmp(event->fields[index].name.text, name->text) == 0) {
                struct node *node = node_new(model, NODE_EVENT_FIELD, field_value_type(event->fields[index].type),
                                             name->span);
                node->event = set->event;
                node->index = index;
                event->fields[index].used = true;
                if (numbers_only && node->type != TYPE_NUMBER) {
                    struct diagnostic *d = diagnostic_report(
                        model->diags, E0401, name->span, "`%s` is %s, not a number", name->text, type_name(node->type));
                    diagnostic_label(d, name->span, "a number field of `%s` is needed", event->name.text);
                    return error_node(scope, name->span);
                }
                if (node->type == TYPE_LIST) {
                    struct diagnostic *d = diagnostic_report(model->diags, E0401, name->span, "`%s` is a list",
                                                             name->text);
                    diagnostic_label(d, name->span, "a text, a number or a date is needed");
                    return error_node(scope, name->span);
                }
                return node;
            }
        struct diagnostic *d = diagnostic_report(model->diags, E0301, name->span, "the event `%s` has no field `%s`",
                                                 event->name.text, name->text);
        diagnostic_label(d, name->span, "not declared below `event %s`", event->name.text);
        const char **names = arena_alloc(model->arena, (event->field_count + 1) * sizeof *names);
        for (size_t i = 0; i < event->field_count; i++) names[i] = event->fields[i].name.text;
        const char *nearest = suggest_nearest(name->text, names, event->field_count);
        if (nearest) diagnostic_help(d, "it has a field `%s`", nearest);
        return error_node(scope, name->span);
    }
    if (!numbers_only && strcmp(name->text, "type") == 0)
        return node_new(model, NODE_EVENT_TYPE, TYPE_NUMBER, name->span);
    struct diagnostic *d = diagnostic_report(model->diags, E0301, name->span, "`activity` has no field `%s`",
                                             name->text);
    diagnostic_label(d, name->span, "events of different types share only their time");
    diagnostic_help(d, "name one type of event, or ask for `distinct type over activity`");
    return error_node(scope, name->span);
}

struct node *set_value(const struct scope *scope, const struct tree *tree)
{
    struct model *model = scope->model;
    if (tree->kind == TREE_COUNT) {
        const struct tree *inner = tree->left;
        while (inner->kind == TREE_SET && inner->window.kind == WINDOW_NONE) inner = inner->left;
        if (inner->kind == TREE_NAME && !is_event_name(scope, inner)) {
            struct node *list = lower(scope, inner);
            if (list->kind == NODE_ERROR) return list;
            if (list->type != TYPE_LIST) {
                struct diagnostic *d = diagnostic_report(model->diags, E0401, inner->span,
                                                         "`count of` needs events or a list, not %s",
                                                         type_name(list->type));
                diagnostic_label(d, inner->span, "%s", type_name(list->type));
                return error_node(scope, tree->span);
            }
            struct node *node = node_new(model, NODE_COUNT_LIST, TYPE_NUMBER, tree->span);
            node->left = list;
            return node;
        }
    }
    struct event_set *set = lower_set(scope, tree->left);
    if (!set) return error_node(scope, tree->span);
    struct node *node = node_new(model, NODE_COUNT, TYPE_NUMBER, tree->span);
    node->set = set;
    switch (tree->kind) {
    case TREE_COUNT: break;
    case TREE_FIRST:
        node->kind = NODE_FIRST;
        node->type = TYPE_DATE;
        break;
    case TREE_LAST:
        node->kind = NODE_LAST;
        node->type = TYPE_DATE;
        break;
    default:
        node->kind = tree->kind == TREE_DISTINCT ? NODE_DISTINCT : NODE_AGGREGATE;
        node->aggregate = tree->aggregate;
        node->left = event_field(scope, set, &tree->name, tree->kind == TREE_AGGREGATE);
        if (node->left->kind == NODE_ERROR) return node->left;
        break;
    }
    return node;
}
