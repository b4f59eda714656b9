#include "compiler/lower.h"

#include <stdio.h>
#include <string.h>

#include "compiler/format.h"
#include "vm/limits.h"
#include "vm/number.h"

static struct node *lower(const struct scope *scope, const struct tree *tree);

/* ---- small helpers ---------------------------------------------------------------------------------------------------- */

struct node *node_new(struct model *model, enum node_kind kind, enum type type, struct span span)
{
    struct node *node = arena_alloc(model->arena, sizeof *node);
    node->kind = kind;
    node->type = type;
    node->span = span;
    node->setting = node->define = NO_INDEX;
    node->event = NO_INDEX;
    return node;
}

struct node *node_pair(struct model *model, enum node_kind kind, struct node *left, struct node *right, struct span span)
{
    struct node *node = node_new(model, kind, TYPE_CONDITION, span);
    node->left = left;
    node->right = right;
    return node;
}

static struct node *error_node(const struct scope *scope, struct span span)
{
    return node_new(scope->model, NODE_ERROR, TYPE_ERROR, span);
}

const char *type_name(enum type type)
{
    switch (type) {
    case TYPE_ERROR: return "nothing";
    case TYPE_CONDITION: return "a yes/no value";
    case TYPE_NUMBER: return "a number";
    case TYPE_DATE: return "a date";
    case TYPE_TEXT: return "a text";
    case TYPE_LIST: return "a list";
    }
    return "";
}

const char *symbol_kind_name(enum symbol_kind kind)
{
    switch (kind) {
    case SYMBOL_FIELD: return "a field";
    case SYMBOL_EVENT: return "an event";
    case SYMBOL_SETTING: return "a setting";
    case SYMBOL_LIST: return "a list";
    case SYMBOL_DEFINE: return "a define";
    case SYMBOL_SCORE: return "a score";
    case SYMBOL_GROUP: return "a group";
    case SYMBOL_RULE: return "a rule";
    case SYMBOL_BAND: return "a band";
    case SYMBOL_MATRIX: return "a matrix";
    case SYMBOL_STAGE: return "a stage";
    }
    return "";
}

void report_unknown(struct model *model, struct span span, const char *name, unsigned kinds, const char *what)
{
    struct diagnostic *d = diagnostic_report(model->diags, E0301, span, "%s `%s` is not declared", what, name);
    diagnostic_label(d, span, "not declared");
    const char **names = arena_alloc(model->arena, (model->symbol_count + 1) * sizeof *names);
    size_t count = 0;
    for (size_t index = 0; index < model->symbol_count; index++)
        if (kinds & KIND_BIT(model->symbols[index].kind)) names[count++] = model->symbols[index].name;
    const char *nearest = suggest_nearest(name, names, count);
    if (nearest) {
        const struct symbol *symbol = model_find(model, nearest);
        diagnostic_help(d, "%s with a similar name exists: `%s`", symbol ? symbol_kind_name(symbol->kind) : "something", nearest);
    } else {
        diagnostic_help(d, "declare it, or correct the name");
    }
}

struct text lower_fold(struct model *model, const char *bytes, size_t length)
{
    uint32_t folded;
    char *copy = text_fold_copy(model->arena, bytes, length, &folded);
    return (struct text){ copy, folded };
}

bool lower_bound(struct model *model, const struct bound *bound, int64_t *units)
{
    int64_t value = bound->units;
    if (bound->kind == BOUND_PERCENT) number_divide(value, 100 * NUMBER_ONE, &value);
    if (bound->kind == BOUND_SETTING) {
        const struct symbol *symbol = model_find(model, bound->setting.text);
        if (!symbol || symbol->kind != SYMBOL_SETTING) {
            if (!symbol) report_unknown(model, bound->setting.span, bound->setting.text, KIND_BIT(SYMBOL_SETTING), "the setting");
            else {
                struct diagnostic *d = diagnostic_report(model->diags, E0303, bound->setting.span, "`%s` is %s, not a setting", bound->setting.text, symbol_kind_name(symbol->kind));
                diagnostic_label(d, bound->setting.span, "a number or a setting stands here");
                diagnostic_label(d, symbol->span, "declared here");
            }
            return false;
        }
        struct model_setting *setting = &model->settings[symbol->index];
        setting->used = true;
        if (setting->kind == CONSTANT_PERCENT) number_divide(setting->units, 100 * NUMBER_ONE, &value);
        else if (setting->kind == CONSTANT_NUMBER) value = setting->units;
        else {
            struct diagnostic *d = diagnostic_report(model->diags, E0401, bound->setting.span, "the setting `%s` is no number", bound->setting.text);
            diagnostic_label(d, bound->setting.span, "a number is needed here");
            diagnostic_label(d, symbol->span, "declared here");
            return false;
        }
    }
    *units = bound->sign == SIGN_MINUS ? -value : value;
    return true;
}

bool lower_percent(struct model *model, const struct bound *bound, int64_t *ppm)
{
    int64_t value = bound->units;
    if (bound->kind == BOUND_SETTING) {
        const struct symbol *symbol = model_find(model, bound->setting.text);
        if (!symbol) { report_unknown(model, bound->setting.span, bound->setting.text, KIND_BIT(SYMBOL_SETTING), "the setting"); return false; }
        if (symbol->kind != SYMBOL_SETTING || model->settings[symbol->index].kind != CONSTANT_PERCENT) {
            struct diagnostic *d = diagnostic_report(model->diags, E0401, bound->setting.span, "`%s` is no percentage", bound->setting.text);
            diagnostic_label(d, bound->setting.span, "a percentage such as 20%% is needed here");
            diagnostic_label(d, symbol->span, "declared here");
            return false;
        }
        model->settings[symbol->index].used = true;
        value = model->settings[symbol->index].units;
    } else if (bound->kind == BOUND_NUMBER) {
        struct diagnostic *d = diagnostic_report(model->diags, E0401, bound->span, "a percentage is needed here");
        diagnostic_label(d, bound->span, "write it with %%, such as 20%%");
        return false;
    }
    *ppm = bound->sign == SIGN_MINUS ? -value : value;
    return true;
}

bool lower_duration(struct model *model, const struct duration *duration, int64_t *count, enum time_unit *unit)
{
    const struct duration *literal = duration;
    if (duration->kind == DURATION_SETTING) {
        const struct symbol *symbol = model_find(model, duration->setting.text);
        if (!symbol) { report_unknown(model, duration->setting.span, duration->setting.text, KIND_BIT(SYMBOL_SETTING), "the setting"); return false; }
        if (symbol->kind != SYMBOL_SETTING || model->settings[symbol->index].kind != CONSTANT_DURATION) {
            struct diagnostic *d = diagnostic_report(model->diags, E0401, duration->setting.span, "`%s` is no duration", duration->setting.text);
            diagnostic_label(d, duration->setting.span, "a duration such as 30 days is needed here");
            diagnostic_label(d, symbol->span, "declared here");
            return false;
        }
        model->settings[symbol->index].used = true;
        literal = &model->settings[symbol->index].duration;
    }
    *count = literal->count;
    *unit = literal->unit;
    return true;
}

static enum type field_value_type(enum field_type type)
{
    switch (type) {
    case FIELD_TEXT: case FIELD_ONEOF: return TYPE_TEXT;
    case FIELD_NUMBER: return TYPE_NUMBER;
    case FIELD_YESNO: return TYPE_CONDITION;
    case FIELD_DATE: return TYPE_DATE;
    case FIELD_LIST: return TYPE_LIST;
    }
    return TYPE_ERROR;
}

static struct node *number_node(const struct scope *scope, int64_t units, struct span span)
{
    struct node *node = node_new(scope->model, NODE_NUMBER, TYPE_NUMBER, span);
    node->number = units;
    return node;
}

static struct node *text_node(const struct scope *scope, const char *bytes, size_t length, struct span span)
{
    struct node *node = node_new(scope->model, NODE_TEXT, TYPE_TEXT, span);
    node->text = (struct text){ bytes, (uint32_t)length };
    return node;
}

static struct node *truth_node(const struct scope *scope, bool truth, struct span span)
{
    return node_new(scope->model, truth ? NODE_TRUE : NODE_FALSE, TYPE_CONDITION, span);
}

static struct node *negate_if(const struct scope *scope, struct node *node, bool negated)
{
    if (!negated || node->kind == NODE_ERROR) return node;
    if (node->kind == NODE_TRUE || node->kind == NODE_FALSE) return truth_node(scope, node->kind == NODE_FALSE, node->span);
    return node_pair(scope->model, NODE_NOT, node, NULL, node->span);
}

/* Copies a tree's span and the tree itself onto what was made of it, for messages. */
static struct node *stamp(const struct scope *scope, struct node *node, const struct tree *tree)
{
    if (!node->tree) { node->tree = tree; node->span = tree->span; }
    if (node->define == NO_INDEX) node->define = scope->define;
    return node;
}

static struct node *mismatch(const struct scope *scope, const struct tree *tree, struct node *left, struct node *right)
{
    struct diagnostic *d = diagnostic_report(scope->model->diags, E0401, tree->span, "%s is compared with %s", type_name(left->type), type_name(right->type));
    diagnostic_label(d, left->span, "%s", type_name(left->type));
    diagnostic_label(d, right->span, "%s", type_name(right->type));
    if (left->type == TYPE_NUMBER && right->kind == NODE_TEXT) {
        int64_t units;
        if (number_parse(right->text.bytes, right->text.length, &units, NULL))
            diagnostic_help(d, "numbers are written without quotes: %.*s", (int)right->text.length, right->text.bytes);
    } else if (left->type == TYPE_DATE && right->kind == NODE_TEXT) {
        diagnostic_help(d, "dates are written without quotes: 2026-11-22");
    } else if (left->type == TYPE_CONDITION) {
        diagnostic_help(d, "compare a yes/no field with `yes` or `no`");
    } else if (left->type == TYPE_TEXT && right->kind == NODE_NUMBER) {
        diagnostic_help(d, "texts are written in quotes; if the field holds numbers, declare it as `number`");
    } else if (left->type == TYPE_LIST) {
        diagnostic_help(d, "ask with `contains` whether an element is in a list");
    }
    return error_node(scope, tree->span);
}

/* ---- names ------------------------------------------------------------------------------------------------------------- */

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
        struct diagnostic *d = diagnostic_report(scope->model->diags, E0303, span, "the duration `%s` cannot stand here", setting->name.text);
        diagnostic_label(d, span, "a duration stands behind `within` or `every`");
        return error_node(scope, span);
    }
    }
    node->setting = index;
    return node;
}

static struct node *expand(const struct scope *scope, uint32_t index, const struct tree *call)
{
    struct model *model = scope->model;
    struct model_define *define = &model->defines[index];
    const struct declaration *declaration = define->tree;
    define->used = true;
    if (define->busy) {
        struct diagnostic *d = diagnostic_report(model->diags, E0304, define->name.span, "the define `%s` leads back to itself", define->name.text);
        diagnostic_label(d, define->name.span, "needs its own value");
        diagnostic_help(d, "take `%s` out of what it is made of", define->name.text);
        return error_node(scope, call->span);
    }
    if (scope->depth > LIMIT_NESTING) {
        diagnostic_report(model->diags, E0603, call->span, "defines use each other more than %d levels deep", LIMIT_NESTING);
        return error_node(scope, call->span);
    }
    struct parameter *parameters = NULL;
    size_t wanted = 0, given = 0;
    for (const struct name_list *p = declaration->parameters; p; p = p->next) wanted++;
    for (const struct tree_item *a = call->items; a; a = a->next) given++;
    if (wanted != given) {
        struct diagnostic *d = diagnostic_report(model->diags, E0308, call->span, "`%s` needs %zu value%s, not %zu", define->name.text, wanted, wanted == 1 ? "" : "s", given);
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
    struct scope inner = { model, scope->sees & (unsigned)~(SEES_RESULTS | SEES_STAGE), "a define", false, NO_INDEX, parameters, scope->depth + 1,
                           scope->define == NO_INDEX ? index : scope->define };
    size_t said = model->diags->count;
    define->busy = true;
    struct node *result = lower(&inner, declaration->expression);
    define->busy = false;
    /* What is wrong inside a function depends on the values it is used with: show where. */
    for (size_t index = said; wanted > 0 && index < model->diags->count; index++) diagnostic_label(model->diags->items[index], call->span, "used with these values");
    struct node *copy = node_new(model, result->kind, result->type, call->span);
    *copy = *result;
    copy->span = call->span;
    copy->tree = call;
    copy->define = scope->define == NO_INDEX ? index : scope->define;
    return copy;
}

static struct node *set_condition(const struct scope *scope, struct event_set *set, enum comparison comparison, int64_t number, struct span span)
{
    if (!set) return error_node(scope, span);
    struct node *node = node_new(scope->model, NODE_HAS, TYPE_CONDITION, span);
    node->set = set;
    node->comparison = comparison;
    node->number = number;
    return node;
}

static struct node *hidden(const struct scope *scope, const struct tree *tree, const char *what)
{
    struct diagnostic *d = diagnostic_report(scope->model->diags, E0306, tree->span, "%s cannot see %s", scope->who, what);
    diagnostic_label(d, tree->span, "decided only after all rules");
    diagnostic_help(d, "stages and actions can ask for scores and bands");
    return error_node(scope, tree->span);
}

static struct node *lower_name(const struct scope *scope, const struct tree *tree)
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
                struct node *node = node_new(model, NODE_EVENT_FIELD, field_value_type(event->fields[index].type), tree->span);
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
            struct diagnostic *d = diagnostic_report(model->diags, E0301, tree->span, "neither `%s` nor the lead has a field `%s`", event->name.text, name);
            diagnostic_label(d, tree->span, "not declared");
            const char **names = arena_alloc(model->arena, (event->field_count + model->symbol_count + 1) * sizeof *names);
            size_t count = 0;
            for (size_t index = 0; index < event->field_count; index++) names[count++] = event->fields[index].name.text;
            for (size_t index = 0; index < model->symbol_count; index++) names[count++] = model->symbols[index].name;
            const char *nearest = suggest_nearest(name, names, count);
            if (nearest) diagnostic_help(d, "a similar name exists: `%s`", nearest);
            else diagnostic_help(d, "declare it below `event %s`", event->name.text);
            return error_node(scope, tree->span);
        }
        report_unknown(model, tree->span, name, KIND_ALL & ~(KIND_BIT(SYMBOL_RULE) | KIND_BIT(SYMBOL_GROUP) | KIND_BIT(SYMBOL_STAGE)), what);
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
    case SYMBOL_BAND: case SYMBOL_MATRIX:
        if (!(scope->sees & SEES_RESULTS)) return hidden(scope, tree, symbol->kind == SYMBOL_BAND ? "bands" : "matrices");
        {
            struct diagnostic *d = diagnostic_report(model->diags, E0303, tree->span, "`%s` is %s: ask for its label with `is`", name, symbol_kind_name(symbol->kind));
            diagnostic_label(d, tree->span, "such as `%s is …`", name);
            return error_node(scope, tree->span);
        }
    default: {
        struct diagnostic *d = diagnostic_report(model->diags, E0303, tree->span, "`%s` is %s, and cannot stand here", name, symbol_kind_name(symbol->kind));
        diagnostic_label(d, tree->span, "a field, a setting, a define or an event is needed");
        diagnostic_label(d, symbol->span, "declared here");
        if (symbol->kind == SYMBOL_LIST) diagnostic_help(d, "write `… in %s`, or `… has word any of %s`", name, name);
        return error_node(scope, tree->span);
    }
    }
}

/* ---- event sets --------------------------------------------------------------------------------------------------------- */

static bool is_event_name(const struct scope *scope, const struct tree *tree)
{
    if (tree->kind == TREE_ACTIVITY) return true;
    if (tree->kind != TREE_NAME) return false;
    for (const struct parameter *p = scope->parameters; p; p = p->next)
        if (strcmp(p->name, tree->name.text) == 0) return false;
    const struct symbol *symbol = model_find(scope->model, tree->name.text);
    return symbol && symbol->kind == SYMBOL_EVENT;
}

static bool is_set(const struct scope *scope, const struct tree *tree)
{
    switch (tree->kind) {
    case TREE_WHERE: case TREE_SET: return true;
    case TREE_WITHIN: case TREE_SINCE: case TREE_BEFORE: return is_set(scope, tree->left);
    default: return is_event_name(scope, tree);
    }
}

static bool lower_window(const struct scope *scope, struct event_set *set, enum window_kind kind, const struct duration *duration,
                         const struct tree *date, struct span span)
{
    if (kind == WINDOW_NONE) return true;
    if (set->window != WINDOW_NONE) {
        struct diagnostic *d = diagnostic_report(scope->model->diags, E0401, span, "these events have a window already");
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
        struct diagnostic *d = diagnostic_report(scope->model->diags, E0401, node->span, "a date is needed here, not %s", type_name(node->type));
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
        struct diagnostic *d = diagnostic_report(model->diags, E0404, tree->span, "events inside the `where` of an event");
        diagnostic_label(d, tree->span, "only fields of the event and of the lead can stand here");
        diagnostic_help(d, "take it out of the `where`, and join both with `and`");
        return NULL;
    }
    struct event_set *set;
    switch (tree->kind) {
    case TREE_NAME: case TREE_ACTIVITY: {
        set = arena_alloc(model->arena, sizeof *set);
        set->span = tree->span;
        set->event = NO_INDEX;
        if (tree->kind == TREE_ACTIVITY) return set;
        const struct symbol *symbol = model_find(model, tree->name.text);
        if (!symbol) { report_unknown(model, tree->span, tree->name.text, KIND_BIT(SYMBOL_EVENT), "the event"); return NULL; }
        if (symbol->kind != SYMBOL_EVENT) {
            struct diagnostic *d = diagnostic_report(model->diags, E0303, tree->span, "`%s` is %s, not an event", tree->name.text, symbol_kind_name(symbol->kind));
            diagnostic_label(d, tree->span, "an event is needed here");
            diagnostic_label(d, symbol->span, "declared here");
            return NULL;
        }
        set->event = symbol->index;
        model->events[symbol->index].used = true;
        return set;
    }
    case TREE_SET: case TREE_WHERE:
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
        if (!lower_window(scope, set, tree->window.kind, &tree->window.duration, tree->window.date, tree->window.span)) return NULL;
        return set;
    case TREE_WITHIN: case TREE_SINCE: case TREE_BEFORE: {
        set = lower_set(scope, tree->left);
        if (!set) return NULL;
        set->span = tree->span;
        enum window_kind kind = tree->kind == TREE_WITHIN ? WINDOW_WITHIN : tree->kind == TREE_SINCE ? WINDOW_SINCE : WINDOW_BEFORE;
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

/* ---- texts -------------------------------------------------------------------------------------------------------------- */

/* Which one-of field a text value comes from, or NULL. */
static const struct model_field *one_of_field(const struct scope *scope, const struct node *node)
{
    if (node->kind == NODE_FIELD && scope->model->fields[node->index].type == FIELD_ONEOF) return &scope->model->fields[node->index];
    if (node->kind == NODE_EVENT_FIELD && scope->model->events[node->event].fields[node->index].type == FIELD_ONEOF)
        return &scope->model->events[node->event].fields[node->index];
    return NULL;
}

static bool check_option(const struct scope *scope, const struct node *value, struct text folded, const char *raw, size_t raw_length, struct span span)
{
    const struct model_field *field = one_of_field(scope, value);
    if (!field) return true;
    for (size_t index = 0; index < field->option_count; index++)
        if (field->options[index].length == folded.length && memcmp(field->options[index].bytes, folded.bytes, folded.length) == 0) return true;
    struct diagnostic *d = diagnostic_report(scope->model->diags, E0402, span, "`%s` is never \"%.*s\"", field->name.text, (int)raw_length, raw);
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

struct text_collection { struct text *folded; struct text *raw; size_t count, capacity, raw_capacity; bool failed; };

static void collect_text(const struct scope *scope, struct text_collection *all, const struct node *value, const char *bytes, size_t length,
                         struct span span, bool exactly)
{
    struct text folded = exactly ? (struct text){ bytes, (uint32_t)length } : lower_fold(scope->model, bytes, length);
    if (folded.length == 0) {
        struct diagnostic *d = diagnostic_report(scope->model->diags, E0403, span, "an empty text fits nothing");
        diagnostic_label(d, span, "empty");
        diagnostic_help(d, "to find leads without a value, write `is missing`");
        all->failed = true;
        return;
    }
    struct text option = exactly ? lower_fold(scope->model, bytes, length) : folded;       /* options are kept folded */
    if (value && !check_option(scope, value, option, bytes, length, span)) { all->failed = true; return; }
    if (all->count == all->capacity) {
        size_t capacity = all->capacity ? all->capacity * 2 : 4;
        struct text *grown = arena_alloc(scope->model->arena, capacity * sizeof *grown), *raw = arena_alloc(scope->model->arena, capacity * sizeof *raw);
        if (all->count) { memcpy(grown, all->folded, all->count * sizeof *grown); memcpy(raw, all->raw, all->count * sizeof *raw); }
        all->folded = grown;
        all->raw = raw;
        all->capacity = capacity;
    }
    all->raw[all->count] = (struct text){ bytes, (uint32_t)length };
    all->folded[all->count++] = folded;
}

static void collect_list(const struct scope *scope, struct text_collection *all, const struct node *value, uint32_t index, struct span span)
{
    struct model_list *list = &scope->model->lists[index];
    list->used = true;
    for (size_t i = 0; i < list->count; i++) collect_text(scope, all, value, list->raw[i].bytes, list->raw[i].length, span, false);
}

/* Texts of `contains "x"`, `any of LIST`, `in LIST`: constants, settings, lists. */
static struct text_collection lower_texts(const struct scope *scope, const struct node *value, const struct tree_list *list, bool named_list_allowed)
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
            struct diagnostic *d = diagnostic_report(scope->model->diags, E0303, list->name.span, "`%s` is a list of texts", list->name.text);
            diagnostic_label(d, list->name.span, "one text is needed here");
            diagnostic_help(d, "write `any of %s` or `all of %s`", list->name.text, list->name.text);
            all.failed = true;
            return all;
        }
        struct node *node = lower_name(scope, &name);
        if (node->kind == NODE_TEXT) collect_text(scope, &all, value, node->text.bytes, node->text.length, list->name.span, false);
        else {
            if (node->kind != NODE_ERROR) {
                struct diagnostic *d = diagnostic_report(scope->model->diags, E0405, list->name.span, "`%s` is no %s", list->name.text, named_list_allowed ? "list" : "fixed text");
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
            if (symbol && symbol->kind == SYMBOL_LIST) { collect_list(scope, &all, value, symbol->index, item->value->span); continue; }
        }
        struct node *node = lower(scope, item->value);
        if (node->kind == NODE_TEXT) collect_text(scope, &all, value, node->text.bytes, node->text.length, item->value->span, false);
        else {
            if (node->kind != NODE_ERROR) {
                struct diagnostic *d = diagnostic_report(scope->model->diags, node->type == TYPE_TEXT ? E0405 : E0401, item->value->span, "a fixed text is needed here, not %s",
                    node->type == TYPE_TEXT ? "another field" : type_name(node->type));
                diagnostic_label(d, item->value->span, "not a text in quotes");
            }
            all.failed = true;
        }
    }
    return all;
}

/* One text test over constants; a constant on the left is decided here. */
static struct node *text_test(const struct scope *scope, enum text_predicate predicate, struct node *value, struct text *texts, struct text *raw,
                              size_t count, struct span span)
{
    if (value->kind == NODE_TEXT) {
        struct text folded = predicate == TEXT_EXACTLY ? value->text : lower_fold(scope->model, value->text.bytes, value->text.length);
        bool fits = false;
        for (size_t i = 0; i < count && !fits; i++)
            switch (predicate) {
            case TEXT_IS: case TEXT_EXACTLY: fits = folded.length == texts[i].length && memcmp(folded.bytes, texts[i].bytes, folded.length) == 0; break;
            case TEXT_CONTAINS: fits = text_contains(folded, texts[i]); break;
            case TEXT_WORD: fits = text_has_word(folded, texts[i]); break;
            case TEXT_STARTS: fits = text_starts(folded, texts[i]); break;
            case TEXT_ENDS: fits = text_ends(folded, texts[i]); break;
            case TEXT_GLOB: fits = text_matches(folded, texts[i]); break;
            }
        return truth_node(scope, fits, span);
    }
    if (value->kind == NODE_MISSING) {          /* unknown for every lead: a comparison of what is missing */
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

static struct node *list_test(const struct scope *scope, struct node *value, struct text *texts, struct text *raw, size_t count, struct span span)
{
    struct node *node = node_new(scope->model, NODE_LIST_TEST, TYPE_CONDITION, span);
    node->left = value;
    node->texts = texts;
    node->raw_texts = raw;
    node->text_count = count;
    return node;
}

static struct node *lower_text_op(const struct scope *scope, const struct tree *tree)
{
    static const enum text_predicate predicates[] = { TEXT_CONTAINS, TEXT_WORD, TEXT_STARTS, TEXT_ENDS };
    static const char *const names[] = { "contains", "has word", "starts with", "ends with" };
    struct node *value = lower_value(scope, tree->left);
    if (value->kind == NODE_ERROR) return value;
    bool is_list = value->type == TYPE_LIST && tree->textop == TEXTOP_CONTAINS;
    if (value->type != TYPE_TEXT && !is_list) {
        struct diagnostic *d = diagnostic_report(scope->model->diags, E0401, tree->left->span, "`%s` needs a text, not %s", names[tree->textop], type_name(value->type));
        diagnostic_label(d, tree->left->span, "%s", type_name(value->type));
        if (value->type == TYPE_LIST) diagnostic_help(d, "ask with `contains` whether an element is in a list");
        return error_node(scope, tree->span);
    }
    /* `contains` asks for a part of a text, so the parts of a one-of field need not be its values. */
    struct text_collection all = lower_texts(scope, NULL, &tree->list, tree->quantifier != QUANTIFIER_ONE);
    if (all.failed) return error_node(scope, tree->span);
    if (all.count == 0) return negate_if(scope, truth_node(scope, tree->quantifier == QUANTIFIER_ALL, tree->span), tree->negated);
    if (tree->quantifier != QUANTIFIER_ALL || all.count == 1) {
        struct node *test = is_list ? list_test(scope, value, all.folded, all.raw, all.count, tree->span)
                                    : text_test(scope, predicates[tree->textop], value, all.folded, all.raw, all.count, tree->span);
        return negate_if(scope, stamp(scope, test, tree), tree->negated);
    }
    struct node *every = NULL;
    for (size_t i = 0; i < all.count; i++) {
        struct node *test = is_list ? list_test(scope, value, &all.folded[i], &all.raw[i], 1, tree->span)
                                    : text_test(scope, predicates[tree->textop], value, &all.folded[i], &all.raw[i], 1, tree->span);
        every = every ? node_pair(scope->model, NODE_AND, every, test, tree->span) : test;
    }
    return negate_if(scope, stamp(scope, every, tree), tree->negated);
}

/* ---- comparisons -------------------------------------------------------------------------------------------------------- */

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

static struct node *compare_node(const struct scope *scope, enum comparison comparison, struct node *left, struct node *right, struct span span)
{
    if ((left->kind == NODE_NUMBER && right->kind == NODE_NUMBER) || (left->kind == NODE_DATE && right->kind == NODE_DATE))
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
    case TYPE_NUMBER: case TYPE_DATE: return compare_node(scope, COMPARE_EQ, left, right, tree->span);
    case TYPE_TEXT: {
        if (left->kind == NODE_TEXT && right->kind != NODE_TEXT) { struct node *swap = left; left = right; right = swap; }
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
            struct diagnostic *d = diagnostic_report(model->diags, E0402, tree->span, "`%s` is compared with another field", a ? a->name.text : b->name.text);
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
        return node_pair(model, NODE_OR, node_pair(model, NODE_AND, left, right, tree->span),
                         node_pair(model, NODE_AND, negate_if(scope, left, true), negate_if(scope, right, true), tree->span), tree->span);
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
    if (!(scope->sees & SEES_RESULTS)) return hidden(scope, tree->left, symbol->kind == SYMBOL_BAND ? "bands" : "matrices");
    const struct tree *right = tree->right;
    if (!right || (right->kind != TREE_NAME && right->kind != TREE_TEXT)) {
        struct diagnostic *d = diagnostic_report(model->diags, E0401, tree->span, "`%s` has labels, such as `%s is …`", symbol->name, symbol->name);
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
            if (strcmp(names[i], wanted) == 0 || (right->kind == TREE_TEXT && text_same(lower_fold(model, names[i], strlen(names[i])), folded))) {
                node = node_new(model, NODE_BAND_IS, TYPE_CONDITION, tree->span);
                node->index = symbol->index;
                node->which = (uint32_t)i;
            }
        }
    } else {
        struct model_matrix *matrix = &model->matrices[symbol->index];
        if (!matrix->cells) return error_node(scope, tree->span);       /* its bands are not declared: reported there */
        count = model->bands[matrix->rows_band].label_count * model->bands[matrix->columns_band].label_count;
        names = arena_alloc(model->arena, (count + 1) * sizeof *names);
        for (size_t i = 0; i < count; i++) {
            names[i] = matrix->cells[i];
            if (!node && text_same((struct text){ names[i], (uint32_t)strlen(names[i]) }, folded)) {
                node = node_new(model, NODE_MATRIX_IS, TYPE_CONDITION, tree->span);
                node->index = symbol->index;
                node->texts = arena_alloc(model->arena, sizeof *node->texts);
                node->texts[0] = folded;
                node->text_count = 1;
            }
        }
    }
    if (node) return node;
    struct diagnostic *d = diagnostic_report(model->diags, E0402, right->span, "`%s` has no label `%s`", symbol->name, wanted);
    diagnostic_label(d, right->span, "not one of its labels");
    diagnostic_label(d, symbol->span, "declared here");
    const char *nearest = suggest_nearest(wanted, names, count);
    if (nearest) diagnostic_help(d, "did you mean `%s`?", nearest);
    return error_node(scope, tree->span);
}

static struct node *lower_is(const struct scope *scope, const struct tree *tree)
{
    if (tree->left->kind == TREE_NAME) {
        const struct symbol *symbol = model_find(scope->model, tree->left->name.text);
        if (symbol && (symbol->kind == SYMBOL_BAND || symbol->kind == SYMBOL_MATRIX))
            return negate_if(scope, stamp(scope, lower_label(scope, tree, symbol), tree), tree->negated);
    }
    struct node *left = lower(scope, tree->left), *right = lower(scope, tree->right);
    struct node *result = same(scope, tree, left, right);
    if (result == left || result == right) {            /* `converted is yes` is the field, but people read the whole of it */
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

static struct node *lower_compare(const struct scope *scope, const struct tree *tree)
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
    if (left->type != right->type || (left->type != TYPE_NUMBER && left->type != TYPE_DATE)) return mismatch(scope, tree, left, right);
    return compare_node(scope, tree->comparison, left, right, tree->span);
}

static struct node *lower_between(const struct scope *scope, const struct tree *tree)
{
    struct model *model = scope->model;
    struct node *value = lower_value(scope, tree->left), *low = lower_value(scope, tree->right), *high = lower_value(scope, tree->third);
    if (value->kind == NODE_ERROR || low->kind == NODE_ERROR || high->kind == NODE_ERROR) return error_node(scope, tree->span);
    if (value->type == TYPE_TEXT && low->type == TYPE_TEXT) return without_order(scope, tree);
    if (value->type != TYPE_NUMBER && value->type != TYPE_DATE) return mismatch(scope, tree, value, low);
    if (value->type != low->type) return mismatch(scope, tree, value, low);
    if (value->type != high->type) return mismatch(scope, tree, value, high);
    struct node *above = compare_node(scope, COMPARE_GE, value, low, tree->span), *below = compare_node(scope, COMPARE_LE, value, high, tree->span);
    struct node *both = node_pair(model, NODE_AND, above, below, tree->span);
    bool fixed = (low->kind == NODE_NUMBER || low->kind == NODE_DATE) && (high->kind == NODE_NUMBER || high->kind == NODE_DATE);
    if (!fixed) {                               /* one missing end makes the whole unknown, even where the other already fails */
        both = node_pair(model, NODE_IF_KNOWN, both, above, tree->span);
        both = node_pair(model, NODE_IF_KNOWN, both, below, tree->span);
    }
    return negate_if(scope, stamp(scope, both, tree), tree->negated);
}

static int compare_numbers(int64_t a, int64_t b) { return a < b ? -1 : a > b; }

static struct node *lower_in(const struct scope *scope, const struct tree *tree)
{
    struct model *model = scope->model;
    struct node *value = lower_value(scope, tree->left);
    if (value->kind == NODE_ERROR) return value;
    if (value->type == TYPE_TEXT) {
        struct text_collection all = lower_texts(scope, value, &tree->list, true);
        if (all.failed) return error_node(scope, tree->span);
        return negate_if(scope, stamp(scope, text_test(scope, TEXT_IS, value, all.folded, all.raw, all.count, tree->span), tree), tree->negated);
    }
    if (value->type == TYPE_NUMBER || value->type == TYPE_DATE) {
        size_t count = 0;
        for (const struct tree_item *item = tree->list.items; item; item = item->next) count++;
        int64_t *numbers = arena_alloc(model->arena, (count + 1) * sizeof *numbers);
        count = 0;
        if (tree->list.name.text) {
            struct diagnostic *d = diagnostic_report(model->diags, E0401, tree->list.span, "a list holds texts, but this is %s", type_name(value->type));
            diagnostic_label(d, tree->left->span, "%s", type_name(value->type));
            diagnostic_label(d, tree->list.span, "texts");
            return error_node(scope, tree->span);
        }
        for (const struct tree_item *item = tree->list.items; item; item = item->next) {
            struct node *node = lower(scope, item->value);
            if (node->kind == NODE_ERROR) return error_node(scope, tree->span);
            if (node->type != value->type) return mismatch(scope, tree, value, node);
            if (node->kind != NODE_NUMBER && node->kind != NODE_DATE) {
                struct diagnostic *d = diagnostic_report(model->diags, E0405, item->value->span, "fixed values are needed here");
                diagnostic_label(d, item->value->span, "not a fixed value");
                diagnostic_help(d, "to compare two fields, join comparisons with `or`");
                return error_node(scope, tree->span);
            }
            size_t at = count;                  /* sorted, without repetition: IN_SET searches */
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
    struct diagnostic *d = diagnostic_report(model->diags, E0401, tree->left->span, "`in` needs a text, a number or a date, not %s", type_name(value->type));
    diagnostic_label(d, tree->left->span, "%s", type_name(value->type));
    if (value->type == TYPE_LIST) diagnostic_help(d, "write `… contains any of (…)`");
    return error_node(scope, tree->span);
}

static struct node *lower_known(const struct scope *scope, const struct tree *tree, bool known)
{
    struct node *value = lower(scope, tree->left);
    if (value->kind == NODE_ERROR) return value;
    bool constant = value->kind == NODE_NUMBER || value->kind == NODE_DATE || value->kind == NODE_TEXT || value->kind == NODE_TRUE || value->kind == NODE_FALSE || value->kind == NODE_NOW
        || value->kind == NODE_AT || value->kind == NODE_SCORE;
    struct node *node;
    if (constant) node = truth_node(scope, true, tree->span);
    else if (value->kind == NODE_MISSING) node = truth_node(scope, false, tree->span);
    else node = node_pair(scope->model, NODE_KNOWN, value, NULL, tree->span);
    return negate_if(scope, stamp(scope, node, tree), known ? tree->negated : !tree->negated);
}

/* ---- numbers and dates --------------------------------------------------------------------------------------------------- */

static struct node *want(const struct scope *scope, struct node *node, enum type type, const char *where)
{
    if (node->kind == NODE_ERROR || node->type == type) return node;
    struct diagnostic *d = diagnostic_report(scope->model->diags, E0401, node->span, "%s needs %s, not %s", where, type_name(type), type_name(node->type));
    diagnostic_label(d, node->span, "%s", type_name(node->type));
    if (node->kind == NODE_HAS) diagnostic_help(d, "to count events, write `count of …`");
    return error_node(scope, node->span);
}

static struct node *arithmetic(const struct scope *scope, const struct tree *tree, enum node_kind kind)
{
    struct model *model = scope->model;
    struct node *left = want(scope, lower_value(scope, tree->left), TYPE_NUMBER, "arithmetic");
    struct node *right = want(scope, lower_value(scope, tree->right), TYPE_NUMBER, "arithmetic");
    if (left->kind == NODE_ERROR || right->kind == NODE_ERROR) return error_node(scope, tree->span);
    if (left->kind == NODE_NUMBER && right->kind == NODE_NUMBER) {
        int64_t result = 0;
        bool fits = kind == NODE_ADD ? number_add(left->number, right->number, &result)
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

static struct node *event_field(const struct scope *scope, struct event_set *set, const struct name *name, bool numbers_only)
{
    struct model *model = scope->model;
    if (set->event != NO_INDEX) {
        struct model_event *event = &model->events[set->event];
        for (uint32_t index = 0; index < event->field_count; index++)
            if (strcmp(event->fields[index].name.text, name->text) == 0) {
                struct node *node = node_new(model, NODE_EVENT_FIELD, field_value_type(event->fields[index].type), name->span);
                node->event = set->event;
                node->index = index;
                event->fields[index].used = true;
                if (numbers_only && node->type != TYPE_NUMBER) {
                    struct diagnostic *d = diagnostic_report(model->diags, E0401, name->span, "`%s` is %s, not a number", name->text, type_name(node->type));
                    diagnostic_label(d, name->span, "a number field of `%s` is needed", event->name.text);
                    return error_node(scope, name->span);
                }
                if (node->type == TYPE_LIST) {
                    struct diagnostic *d = diagnostic_report(model->diags, E0401, name->span, "`%s` is a list", name->text);
                    diagnostic_label(d, name->span, "a text, a number or a date is needed");
                    return error_node(scope, name->span);
                }
                return node;
            }
        struct diagnostic *d = diagnostic_report(model->diags, E0301, name->span, "the event `%s` has no field `%s`", event->name.text, name->text);
        diagnostic_label(d, name->span, "not declared below `event %s`", event->name.text);
        const char **names = arena_alloc(model->arena, (event->field_count + 1) * sizeof *names);
        for (size_t i = 0; i < event->field_count; i++) names[i] = event->fields[i].name.text;
        const char *nearest = suggest_nearest(name->text, names, event->field_count);
        if (nearest) diagnostic_help(d, "it has a field `%s`", nearest);
        return error_node(scope, name->span);
    }
    if (!numbers_only && strcmp(name->text, "type") == 0) return node_new(model, NODE_EVENT_TYPE, TYPE_NUMBER, name->span);
    struct diagnostic *d = diagnostic_report(model->diags, E0301, name->span, "`activity` has no field `%s`", name->text);
    diagnostic_label(d, name->span, "events of different types share only their time");
    diagnostic_help(d, "name one type of event, or ask for `distinct type over activity`");
    return error_node(scope, name->span);
}

static struct node *set_value(const struct scope *scope, const struct tree *tree)
{
    struct model *model = scope->model;
    if (tree->kind == TREE_COUNT) {
        const struct tree *inner = tree->left;
        while (inner->kind == TREE_SET && inner->window.kind == WINDOW_NONE) inner = inner->left;
        if (inner->kind == TREE_NAME && !is_event_name(scope, inner)) {
            struct node *list = lower(scope, inner);
            if (list->kind == NODE_ERROR) return list;
            if (list->type != TYPE_LIST) {
                struct diagnostic *d = diagnostic_report(model->diags, E0401, inner->span, "`count of` needs events or a list, not %s", type_name(list->type));
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
    case TREE_FIRST: node->kind = NODE_FIRST; node->type = TYPE_DATE; break;
    case TREE_LAST: node->kind = NODE_LAST; node->type = TYPE_DATE; break;
    default:
        node->kind = tree->kind == TREE_DISTINCT ? NODE_DISTINCT : NODE_AGGREGATE;
        node->aggregate = tree->aggregate;
        node->left = event_field(scope, set, &tree->name, tree->kind == TREE_AGGREGATE);
        if (node->left->kind == NODE_ERROR) return node->left;
        break;
    }
    return node;
}

/* ---- the whole ----------------------------------------------------------------------------------------------------------- */

static struct node *lower_stage_is(const struct scope *scope, const struct tree *tree)
{
    struct model *model = scope->model;
    if (!(scope->sees & SEES_STAGE)) return hidden(scope, tree, "the stage");
    const char *wanted = tree->name.text ? tree->name.text : tree->literal.bytes;
    struct text folded = lower_fold(model, wanted, tree->name.text ? strlen(wanted) : tree->literal.length);
    uint32_t found = NO_INDEX;
    for (uint32_t i = 0; i < model->stage_count; i++) {
        const struct model_stage *stage = &model->stages[i];
        if (strcmp(stage->name.text, wanted) == 0) { found = i; break; }
        if (!tree->name.text && (text_same((struct text){ stage->name.text, (uint32_t)strlen(stage->name.text) }, folded)
            || (stage->title && text_same((struct text){ stage->title, (uint32_t)strlen(stage->title) }, folded)))) found = i;
    }
    if (found == NO_INDEX && text_same(folded, (struct text){ "disqualified", 12 })) found = (uint32_t)model->stage_count;
    if (found == NO_INDEX) {
        report_unknown(model, tree->span, wanted, KIND_BIT(SYMBOL_STAGE), "the stage");
        return error_node(scope, tree->span);
    }
    struct node *node = node_new(model, NODE_STAGE_IS, TYPE_CONDITION, tree->span);
    node->which = found;
    return negate_if(scope, stamp(scope, node, tree), tree->negated);
}

static struct node *date_predicate(const struct scope *scope, const struct tree *tree)
{
    struct model *model = scope->model;
    struct node *left = want(scope, lower_value(scope, tree->left), TYPE_DATE, tree->kind == TREE_WITHIN ? "`within`" : tree->kind == TREE_BEFORE ? "`before`" : "`after`");
    if (left->kind == NODE_ERROR) return left;
    if (tree->kind == TREE_WITHIN) {
        struct node *node = node_pair(model, NODE_WITHIN, left, NULL, tree->span);
        if (!lower_duration(model, &tree->duration, &node->count, &node->unit)) return error_node(scope, tree->span);
        return node;
    }
    if (tree->kind == TREE_SINCE) {
        struct diagnostic *d = diagnostic_report(model->diags, E0401, tree->span, "`since` belongs to events, and this is a date");
        diagnostic_label(d, tree->left->span, "a date");
        diagnostic_help(d, "write `>=` to include the day itself, or `after`");
        return error_node(scope, tree->span);
    }
    struct node *right = want(scope, lower_value(scope, tree->right), TYPE_DATE, tree->kind == TREE_BEFORE ? "`before`" : "`after`");
    if (right->kind == NODE_ERROR) return right;
    return compare_node(scope, tree->kind == TREE_BEFORE ? COMPARE_LT : COMPARE_GT, left, right, tree->span);
}

static struct node *lower_quantity(const struct scope *scope, const struct tree *tree)
{
    static const enum comparison comparisons[] = { COMPARE_GE, COMPARE_LE, COMPARE_EQ, COMPARE_GT, COMPARE_LT };
    int64_t units;
    if (!lower_bound(scope->model, &tree->bound, &units)) return error_node(scope, tree->span);
    if (units < 0 || units % NUMBER_ONE != 0) {
        struct diagnostic *d = diagnostic_report(scope->model->diags, E0514, tree->bound.span, "events are counted in whole numbers");
        diagnostic_label(d, tree->bound.span, "0, 1, 2, …");
        return error_node(scope, tree->span);
    }
    struct node *node = set_condition(scope, lower_set(scope, tree->left), comparisons[tree->quantity], units / NUMBER_ONE, tree->span);
    if (tree->bound.kind == BOUND_SETTING) {
        const struct symbol *symbol = model_find(scope->model, tree->bound.setting.text);
        if (symbol) node->setting = symbol->index;
    }
    return node;
}

static struct node *lower_bare(const struct scope *scope, const struct tree *tree)
{
    struct model *model = scope->model;
    struct node *node, *left;
    switch (tree->kind) {
    case TREE_NUMBER: return number_node(scope, tree->number, tree->span);
    case TREE_PERCENT: {
        int64_t value = tree->number;
        number_divide(value, 100 * NUMBER_ONE, &value);
        return number_node(scope, value, tree->span);
    }
    case TREE_TEXT: return text_node(scope, tree->literal.bytes, tree->literal.length, tree->span);
    case TREE_DATE:
        node = node_new(model, NODE_DATE, TYPE_DATE, tree->span);
        node->number = tree->number;
        return node;
    case TREE_YES: case TREE_NO: return truth_node(scope, tree->kind == TREE_YES, tree->span);
    case TREE_NAME: return lower_name(scope, tree);
    case TREE_CALL: {
        const struct symbol *symbol = model_find(model, tree->name.text);
        if (!symbol) { report_unknown(model, tree->name.span, tree->name.text, KIND_BIT(SYMBOL_DEFINE), "the define"); return error_node(scope, tree->span); }
        if (symbol->kind != SYMBOL_DEFINE) {
            struct diagnostic *d = diagnostic_report(model->diags, E0303, tree->name.span, "`%s` is %s, and takes no values in parentheses", tree->name.text, symbol_kind_name(symbol->kind));
            diagnostic_label(d, tree->name.span, "not a define");
            diagnostic_label(d, symbol->span, "declared here");
            return error_node(scope, tree->span);
        }
        return expand(scope, symbol->index, tree);
    }
    case TREE_ACTIVITY: case TREE_SET: case TREE_WHERE: return set_condition(scope, lower_set(scope, tree), COMPARE_GE, 1, tree->span);
    case TREE_NO_SET: return set_condition(scope, lower_set(scope, tree->left), COMPARE_EQ, 0, tree->span);
    case TREE_QUANTITY: return lower_quantity(scope, tree);
    case TREE_WITHIN: case TREE_BEFORE: case TREE_SINCE: case TREE_AFTER:
        if (tree->kind != TREE_AFTER && is_set(scope, tree->left)) return set_condition(scope, lower_set(scope, tree), COMPARE_GE, 1, tree->span);
        if (tree->kind == TREE_AFTER && is_set(scope, tree->left)) {
            struct diagnostic *d = diagnostic_report(model->diags, E0401, tree->span, "`after` belongs to dates, and these are events");
            diagnostic_label(d, tree->left->span, "events");
            diagnostic_help(d, "write `since` (the day itself included), or `where (at after …)`");
            return error_node(scope, tree->span);
        }
        return date_predicate(scope, tree);
    case TREE_NOW: return node_new(model, NODE_NOW, TYPE_DATE, tree->span);
    case TREE_AT:
        if (!scope->in_event) {
            struct diagnostic *d = diagnostic_report(model->diags, E0303, tree->span, "`at` is the time of an event, and stands only in its `where`");
            diagnostic_label(d, tree->span, "no event here");
            return error_node(scope, tree->span);
        }
        return node_new(model, NODE_AT, TYPE_DATE, tree->span);
    case TREE_DISQUALIFIED:
        if (!(scope->sees & SEES_DISQUALIFIED)) return hidden(scope, tree, "whether the lead is disqualified");
        return node_new(model, NODE_DISQUALIFIED, TYPE_CONDITION, tree->span);
    case TREE_COUNT: case TREE_AGGREGATE: case TREE_DISTINCT: case TREE_FIRST: case TREE_LAST: return set_value(scope, tree);
    case TREE_UNITS_SINCE:
        left = want(scope, lower_value(scope, tree->left), TYPE_DATE, "`… since`");
        if (left->kind == NODE_ERROR) return left;
        node = node_new(model, NODE_UNITS_SINCE, TYPE_NUMBER, tree->span);
        node->left = left;
        node->unit = tree->unit;
        return node;
    case TREE_LENGTH:
        left = want(scope, lower_value(scope, tree->left), TYPE_TEXT, "`length of`");
        if (left->kind == NODE_ERROR) return left;
        if (left->kind == NODE_TEXT) return number_node(scope, text_length(left->text) * NUMBER_ONE, tree->span);
        if (left->kind == NODE_MISSING) return node_new(model, NODE_MISSING, TYPE_NUMBER, tree->span);
        node = node_new(model, NODE_LENGTH, TYPE_NUMBER, tree->span);
        node->left = left;
        return node;
    case TREE_DOMAIN:
        left = want(scope, lower_value(scope, tree->left), TYPE_TEXT, "`domain of`");
        if (left->kind == NODE_ERROR) return left;
        if (left->kind == NODE_TEXT) {
            struct text domain = text_domain(left->text);
            return domain.length ? text_node(scope, domain.bytes, domain.length, tree->span) : node_new(model, NODE_MISSING, TYPE_TEXT, tree->span);
        }
        if (left->kind == NODE_DOMAIN || left->kind == NODE_MISSING) return node_new(model, NODE_MISSING, TYPE_TEXT, tree->span);    /* a domain has no @ */
        node = node_new(model, NODE_DOMAIN, TYPE_TEXT, tree->span);
        node->left = left;
        return node;
    case TREE_NEGATE:
        left = want(scope, lower_value(scope, tree->left), TYPE_NUMBER, "a sign");
        if (left->kind == NODE_ERROR) return left;
        if (left->kind == NODE_NUMBER) return number_node(scope, -left->number, tree->span);
        node = node_new(model, NODE_NEGATE, TYPE_NUMBER, tree->span);
        node->left = left;
        return node;
    case TREE_ADD: return arithmetic(scope, tree, NODE_ADD);
    case TREE_SUBTRACT: return arithmetic(scope, tree, NODE_SUBTRACT);
    case TREE_MULTIPLY: return arithmetic(scope, tree, NODE_MULTIPLY);
    case TREE_DIVIDE: return arithmetic(scope, tree, NODE_DIVIDE);
    case TREE_AND: case TREE_OR: {
        left = lower_condition(scope, tree->left);
        struct node *right = lower_condition(scope, tree->right);
        if (left->kind == NODE_ERROR || right->kind == NODE_ERROR) return error_node(scope, tree->span);
        return node_pair(model, tree->kind == TREE_AND ? NODE_AND : NODE_OR, left, right, tree->span);
    }
    case TREE_NOT:
        left = lower_condition(scope, tree->left);
        return negate_if(scope, left, true);
    case TREE_COMPARE: return lower_compare(scope, tree);
    case TREE_IS: return lower_is(scope, tree);
    case TREE_IS_MISSING: return lower_known(scope, tree, false);
    case TREE_IS_KNOWN: return lower_known(scope, tree, true);
    case TREE_IS_EXACTLY: {
        left = want(scope, lower_value(scope, tree->left), TYPE_TEXT, "`is exactly`");
        if (left->kind == NODE_ERROR) return left;
        struct text_collection all = { 0 };
        collect_text(scope, &all, left, tree->literal.bytes, tree->literal.length, tree->literal.span, true);
        if (all.failed) return error_node(scope, tree->span);
        return negate_if(scope, stamp(scope, text_test(scope, TEXT_EXACTLY, left, all.folded, all.raw, 1, tree->span), tree), tree->negated);
    }
    case TREE_BETWEEN: return lower_between(scope, tree);
    case TREE_IN: return lower_in(scope, tree);
    case TREE_TEXT_OP: return lower_text_op(scope, tree);
    case TREE_MATCHES: {
        left = want(scope, lower_value(scope, tree->left), TYPE_TEXT, "`matches`");
        if (left->kind == NODE_ERROR) return left;
        struct text_collection all = { 0 };
        collect_text(scope, &all, NULL, tree->literal.bytes, tree->literal.length, tree->literal.span, false);
        if (all.failed) return error_node(scope, tree->span);
        return negate_if(scope, stamp(scope, text_test(scope, TEXT_GLOB, left, all.folded, all.raw, 1, tree->span), tree), tree->negated);
    }
    case TREE_STAGE_IS: return lower_stage_is(scope, tree);
    }
    return error_node(scope, tree->span);
}

static struct node *lower(const struct scope *scope, const struct tree *tree)
{
    if (scope->depth > 4 * LIMIT_NESTING) {
        diagnostic_report(scope->model->diags, E0603, tree->span, "nested more than %d levels deep", 4 * LIMIT_NESTING);
        return error_node(scope, tree->span);
    }
    if (++scope->model->node_count > LIMIT_EXPANSION) {
        if (scope->model->node_count == LIMIT_EXPANSION + 1)
            diagnostic_report(scope->model->diags, E0603, tree->span, "the defines of this rubric expand to more than %u parts", LIMIT_EXPANSION);
        return error_node(scope, tree->span);
    }
    return stamp(scope, lower_bare(scope, tree), tree);
}

struct node *lower_condition(const struct scope *scope, const struct tree *tree)
{
    struct node *node = lower(scope, tree);
    if (node->kind == NODE_ERROR || node->type == TYPE_CONDITION) return node;
    struct diagnostic *d = diagnostic_report(scope->model->diags, E0406, node->span, "a condition is needed here, not %s", type_name(node->type));
    diagnostic_label(d, node->span, "%s", type_name(node->type));
    if (node->kind == NODE_FIELD)
        diagnostic_help(d, "compare it, or ask whether it is there: `%s is known`", scope->model->fields[node->index].name.text);
    return error_node(scope, tree->span);
}

struct node *lower_value(const struct scope *scope, const struct tree *tree)
{
    struct node *node = lower(scope, tree);
    if (node->kind == NODE_HAS) {
        struct diagnostic *d = diagnostic_report(scope->model->diags, E0407, node->span, "a value is needed here, and these are events");
        diagnostic_label(d, node->span, "events");
        diagnostic_help(d, "to count them, write `count of …`; for the time of the newest, `last …`");
        return error_node(scope, tree->span);
    }
    return node;
}

struct node *lower_number(const struct scope *scope, const struct tree *tree)
{
    return want(scope, lower_value(scope, tree), TYPE_NUMBER, "this place");
}

struct node *lower_any(const struct scope *scope, const struct tree *tree)
{
    return lower(scope, tree);
}
