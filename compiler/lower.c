#include "compiler/lower_parts.h"

#include <stdio.h>
#include <string.h>

#include "compiler/format.h"
#include "vm/limits.h"
#include "vm/number.h"

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

struct node *node_pair(struct model *model, enum node_kind kind, struct node *left, struct node *right,
                       struct span span)
{
    struct node *node = node_new(model, kind, TYPE_CONDITION, span);
    node->left = left;
    node->right = right;
    return node;
}

struct node *error_node(const struct scope *scope, struct span span)
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

void report_limit(struct model *model, struct span span, const char *who, int limit, const char *what, const char *help)
{
    struct diagnostic *d = diagnostic_report(model->diags, E0603, span, "%s %d %s", who, limit, what);
    diagnostic_label(d, span, "one too many");
    diagnostic_help(d, "%s", help);
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
        diagnostic_help(d, "%s with a similar name exists: `%s`", symbol ? symbol_kind_name(symbol->kind) : "something",
                        nearest);
        return;
    }
    static const struct {
        const char *word, *help;
    } foreign[] = {
        { "true", "write `yes`" },
        { "false", "write `no`" },
        { "else", "the last row is `otherwise`" },
        { "today", "the instant of the run is `now`" },
        { "empty", "write `is missing`, or `is known`" },
        { "blank", "write `is missing`, or `is known`" },
        { "null", "write `is missing`, or `is known`" },
        { "none", "write `is missing`, or `no` before events" },
        { "unknown", "write `is missing`, or `is known`" },
        { "set", "write `is known`" },
        { "one", "write the number in digits: 1" },
        { "two", "write the number in digits: 2" },
        { "three", "write the number in digits: 3" },
        { "four", "write the number in digits: 4" },
        { "five", "write the number in digits: 5" },
        { "ten", "write the number in digits: 10" },
        { "Disqualified", "this stage is built in, and who comes back from it counts as coming from the first stage" },
    };
    for (size_t index = 0; index < sizeof foreign / sizeof *foreign; index++)
        if (strcmp(foreign[index].word, name) == 0) {
            diagnostic_help(d, "%s", foreign[index].help);
            return;
        }
    diagnostic_help(d, "declare it, or correct the name");
}

void hint_text(struct model *model, struct span span, const char *name)
{
    struct diagnostic *d = model->diags->count ? model->diags->items[model->diags->count - 1] : NULL;
    if (!d || d->code != E0301 || d->span.file != span.file || d->span.start != span.start) return;
    if (d->helps && strcmp(d->helps->text, "declare it, or correct the name") == 0) d->helps = NULL;
    else if (d->helps && strncmp(d->helps->text, "write", 5) == 0) return;
    diagnostic_help(d, "a text stands in double quotes: \"%s\"", name);
}

struct text lower_fold(struct model *model, const char *bytes, size_t length)
{
    uint32_t folded;
    char *copy = text_fold_copy(model->arena, bytes, length, &folded);
    return (struct text) { copy, folded };
}

bool lower_bound(struct model *model, const struct bound *bound, int64_t *units)
{
    int64_t value = bound->units;
    if (bound->kind == BOUND_PERCENT) number_divide(value, 100 * NUMBER_ONE, &value);
    if (bound->kind == BOUND_SETTING) {
        const struct symbol *symbol = model_find(model, bound->setting.text);
        if (!symbol || symbol->kind != SYMBOL_SETTING) {
            if (!symbol)
                report_unknown(model, bound->setting.span, bound->setting.text, KIND_BIT(SYMBOL_SETTING),
                               "the setting");
            else {
                struct diagnostic *d = diagnostic_report(model->diags, E0303, bound->setting.span,
                                                         "`%s` is %s, not a setting", bound->setting.text,
                                                         symbol_kind_name(symbol->kind));
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
            struct diagnostic *d = diagnostic_report(model->diags, E0401, bound->setting.span,
                                                     "the setting `%s` is no number", bound->setting.text);
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
        if (!symbol) {
            report_unknown(model, bound->setting.span, bound->setting.text, KIND_BIT(SYMBOL_SETTING), "the setting");
            return false;
        }
        if (symbol->kind != SYMBOL_SETTING || model->settings[symbol->index].kind != CONSTANT_PERCENT) {
            struct diagnostic *d = diagnostic_report(model->diags, E0401, bound->setting.span, "`%s` is no percentage",
                                                     bound->setting.text);
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
        if (!symbol) {
            report_unknown(model, duration->setting.span, duration->setting.text, KIND_BIT(SYMBOL_SETTING),
                           "the setting");
            return false;
        }
        if (symbol->kind != SYMBOL_SETTING || model->settings[symbol->index].kind != CONSTANT_DURATION) {
            struct diagnostic *d = diagnostic_report(model->diags, E0401, duration->setting.span, "`%s` is no duration",
                                                     duration->setting.text);
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

enum type field_value_type(enum field_type type)
{
    switch (type) {
    case FIELD_TEXT:
    case FIELD_ONEOF: return TYPE_TEXT;
    case FIELD_NUMBER: return TYPE_NUMBER;
    case FIELD_YESNO: return TYPE_CONDITION;
    case FIELD_DATE: return TYPE_DATE;
    case FIELD_LIST: return TYPE_LIST;
    }
    return TYPE_ERROR;
}

struct node *number_node(const struct scope *scope, int64_t units, struct span span)
{
    struct node *node = node_new(scope->model, NODE_NUMBER, TYPE_NUMBER, span);
    node->number = units;
    return node;
}

struct node *text_node(const struct scope *scope, const char *bytes, size_t length, struct span span)
{
    struct node *node = node_new(scope->model, NODE_TEXT, TYPE_TEXT, span);
    node->text = (struct text) { bytes, (uint32_t)length };
    return node;
}

struct node *truth_node(const struct scope *scope, bool truth, struct span span)
{
    return node_new(scope->model, truth ? NODE_TRUE : NODE_FALSE, TYPE_CONDITION, span);
}

struct node *negate_if(const struct scope *scope, struct node *node, bool negated)
{
    if (!negated || node->kind == NODE_ERROR) return node;
    if (node->kind == NODE_TRUE || node->kind == NODE_FALSE)
        return truth_node(scope, node->kind == NODE_FALSE, node->span);
    return node_pair(scope->model, NODE_NOT, node, NULL, node->span);
}

/* Copies a tree's span and the tree itself onto what was made of it, for messages. */
struct node *stamp(const struct scope *scope, struct node *node, const struct tree *tree)
{
    if (!node->tree) {
        node->tree = tree;
        node->span = tree->span;
    }
    if (node->define == NO_INDEX) node->define = scope->define;
    return node;
}

struct node *mismatch(const struct scope *scope, const struct tree *tree, struct node *left, struct node *right)
{
    struct diagnostic *d = diagnostic_report(scope->model->diags, E0401, tree->span, "%s is compared with %s",
                                             type_name(left->type), type_name(right->type));
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

static struct node *lower_stage_is(const struct scope *scope, const struct tree *tree)
{
    struct model *model = scope->model;
    if (!(scope->sees & SEES_STAGE)) return hidden(scope, tree, "the stage");
    const char *wanted = tree->name.text ? tree->name.text : tree->literal.bytes;
    struct text folded = lower_fold(model, wanted, tree->name.text ? strlen(wanted) : tree->literal.length);
    uint32_t found = NO_INDEX;
    for (uint32_t i = 0; i < model->stage_count; i++) {
        const struct model_stage *stage = &model->stages[i];
        if (strcmp(stage->name.text, wanted) == 0) {
            found = i;
            break;
        }
        if (!tree->name.text &&
            (text_same((struct text) { stage->name.text, (uint32_t)strlen(stage->name.text) }, folded) ||
             (stage->title && text_same((struct text) { stage->title, (uint32_t)strlen(stage->title) }, folded))))
            found = i;
    }
    if (found == NO_INDEX && text_same(folded, (struct text) { "disqualified", 12 }))
        found = (uint32_t)model->stage_count;
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
    struct node *left = want(scope, lower_value(scope, tree->left), TYPE_DATE,
                             tree->kind == TREE_WITHIN   ? "`within`"
                             : tree->kind == TREE_BEFORE ? "`before`"
                                                         : "`after`");
    if (left->kind == NODE_ERROR) return left;
    if (tree->kind == TREE_WITHIN) {
        struct node *node = node_pair(model, NODE_WITHIN, left, NULL, tree->span);
        if (!lower_duration(model, &tree->duration, &node->count, &node->unit)) return error_node(scope, tree->span);
        return node;
    }
    if (tree->kind == TREE_SINCE) {
        struct diagnostic *d = diagnostic_report(model->diags, E0401, tree->span,
                                                 "`since` belongs to events, and this is a date");
        diagnostic_label(d, tree->left->span, "a date");
        diagnostic_help(d, "write `>=` to include the day itself, or `after`");
        return error_node(scope, tree->span);
    }
    struct node *right = want(scope, lower_value(scope, tree->right), TYPE_DATE,
                              tree->kind == TREE_BEFORE ? "`before`" : "`after`");
    if (right->kind == NODE_ERROR) return right;
    return compare_node(scope, tree->kind == TREE_BEFORE ? COMPARE_LT : COMPARE_GT, left, right, tree->span);
}

static struct node *lower_quantity(const struct scope *scope, const struct tree *tree)
{
    static const enum comparison comparisons[] = { COMPARE_GE, COMPARE_LE, COMPARE_EQ, COMPARE_GT, COMPARE_LT };
    int64_t units;
    if (!lower_bound(scope->model, &tree->bound, &units)) return error_node(scope, tree->span);
    if (units < 0 || units % NUMBER_ONE != 0) {
        struct diagnostic *d = diagnostic_report(scope->model->diags, E0514, tree->bound.span,
                                                 "events are counted in whole numbers");
        diagnostic_label(d, tree->bound.span, "0, 1, 2, …");
        return error_node(scope, tree->span);
    }
    struct node *node = set_condition(scope, lower_set(scope, tree->left), comparisons[tree->quantity],
                                      units / NUMBER_ONE, tree->span);
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
    case TREE_YES:
    case TREE_NO: return truth_node(scope, tree->kind == TREE_YES, tree->span);
    case TREE_NAME: return lower_name(scope, tree);
    case TREE_CALL: {
        const struct symbol *symbol = model_find(model, tree->name.text);
        if (!symbol) {
            report_unknown(model, tree->name.span, tree->name.text, KIND_BIT(SYMBOL_DEFINE), "the define");
            return error_node(scope, tree->span);
        }
        if (symbol->kind != SYMBOL_DEFINE) {
            struct diagnostic *d = diagnostic_report(model->diags, E0303, tree->name.span,
                                                     "`%s` is %s, and takes no values in parentheses", tree->name.text,
                                                     symbol_kind_name(symbol->kind));
            diagnostic_label(d, tree->name.span, "not a define");
            diagnostic_label(d, symbol->span, "declared here");
            return error_node(scope, tree->span);
        }
        return expand(scope, symbol->index, tree);
    }
    case TREE_ACTIVITY:
    case TREE_SET:
    case TREE_WHERE: return set_condition(scope, lower_set(scope, tree), COMPARE_GE, 1, tree->span);
    case TREE_NO_SET: return set_condition(scope, lower_set(scope, tree->left), COMPARE_EQ, 0, tree->span);
    case TREE_QUANTITY: return lower_quantity(scope, tree);
    case TREE_WITHIN:
    case TREE_BEFORE:
    case TREE_SINCE:
    case TREE_AFTER:
        if (tree->kind != TREE_AFTER && is_set(scope, tree->left))
            return set_condition(scope, lower_set(scope, tree), COMPARE_GE, 1, tree->span);
        if (tree->kind == TREE_AFTER && is_set(scope, tree->left)) {
            struct diagnostic *d = diagnostic_report(model->diags, E0401, tree->span,
                                                     "`after` belongs to dates, and these are events");
            diagnostic_label(d, tree->left->span, "events");
            diagnostic_help(d, "write `since` (the day itself included), or `where (at after …)`");
            return error_node(scope, tree->span);
        }
        return date_predicate(scope, tree);
    case TREE_NOW: return node_new(model, NODE_NOW, TYPE_DATE, tree->span);
    case TREE_AT:
        if (!scope->in_event) {
            struct diagnostic *d = diagnostic_report(model->diags, E0303, tree->span,
                                                     "`at` is the time of an event, and stands only in its `where`");
            diagnostic_label(d, tree->span, "no event here");
            return error_node(scope, tree->span);
        }
        return node_new(model, NODE_AT, TYPE_DATE, tree->span);
    case TREE_DISQUALIFIED:
        if (!(scope->sees & SEES_DISQUALIFIED)) return hidden(scope, tree, "whether the lead is disqualified");
        return node_new(model, NODE_DISQUALIFIED, TYPE_CONDITION, tree->span);
    case TREE_COUNT:
    case TREE_AGGREGATE:
    case TREE_DISTINCT:
    case TREE_FIRST:
    case TREE_LAST: return set_value(scope, tree);
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
            return domain.length ? text_node(scope, domain.bytes, domain.length, tree->span)
                                 : node_new(model, NODE_MISSING, TYPE_TEXT, tree->span);
        }
        if (left->kind == NODE_DOMAIN || left->kind == NODE_MISSING)
            return node_new(model, NODE_MISSING, TYPE_TEXT, tree->span); /* a domain has no @ */
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
    case TREE_AND:
    case TREE_OR: {
        left = lower_condition(scope, tree->left);
        struct node *right = lower_condition(scope, tree->right);
        if (left->kind == NODE_ERROR || right->kind == NODE_ERROR) return error_node(scope, tree->span);
        return node_pair(model, tree->kind == TREE_AND ? NODE_AND : NODE_OR, left, right, tree->span);
    }
    case TREE_NOT: left = lower_condition(scope, tree->left); return negate_if(scope, left, true);
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
        return negate_if(scope,
                         stamp(scope, text_test(scope, TEXT_EXACTLY, left, all.folded, all.raw, 1, tree->span), tree),
                         tree->negated);
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
        return negate_if(scope,
                         stamp(scope, text_test(scope, TEXT_GLOB, left, all.folded, all.raw, 1, tree->span), tree),
                         tree->negated);
    }
    case TREE_STAGE_IS: return lower_stage_is(scope, tree);
    }
    return error_node(scope, tree->span);
}

struct node *lower(const struct scope *scope, const struct tree *tree)
{
    if (scope->depth > 4 * LIMIT_NESTING) {
        report_limit(scope->model, tree->span, "conditions are nested at most", 4 * LIMIT_NESTING, "levels deep",
                     "give a part of it a name with `define`, and use the name");
        return error_node(scope, tree->span);
    }
    if (++scope->model->node_count > LIMIT_EXPANSION) {
        if (scope->model->node_count == LIMIT_EXPANSION + 1)
            report_limit(scope->model, tree->span, "the conditions of a rubric have at most", LIMIT_EXPANSION,
                         "parts, defines put in their places",
                         "a define that uses another one twice doubles it: use each once");
        return error_node(scope, tree->span);
    }
    return stamp(scope, lower_bare(scope, tree), tree);
}

struct node *lower_condition(const struct scope *scope, const struct tree *tree)
{
    struct node *node = lower(scope, tree);
    if (node->kind == NODE_ERROR || node->type == TYPE_CONDITION) return node;
    struct diagnostic *d = diagnostic_report(scope->model->diags, E0406, node->span,
                                             "a condition is needed here, not %s", type_name(node->type));
    diagnostic_label(d, node->span, "%s", type_name(node->type));
    if (node->kind == NODE_FIELD)
        diagnostic_help(d, "compare it, or ask whether it is there: `%s is known`",
                        scope->model->fields[node->index].name.text);
    else if (node->type == TYPE_DATE && (node->kind == NODE_AT || node->kind == NODE_EVENT_FIELD))
        diagnostic_help(d, "in a `where`, a condition about a date stands in parentheses: where (at within 30 days)");
    else if (node->kind == NODE_TEXT)
        diagnostic_help(d, "say again what is compared; or for one of several texts: `… in (\"a\", \"b\")`, `… "
                           "contains any of (\"a\", \"b\")`");
    return error_node(scope, tree->span);
}

struct node *lower_value(const struct scope *scope, const struct tree *tree)
{
    struct node *node = lower(scope, tree);
    if (node->kind == NODE_HAS) {
        struct diagnostic *d = diagnostic_report(scope->model->diags, E0407, node->span,
                                                 "a value is needed here, and these are events");
        diagnostic_label(d, node->span, "events");
        diagnostic_help(d, "to count them, write `count of …`; for the time of the newest, `last …`; to ask about one of "
                           "their fields, `… where url contains \"/pricing\"`");
        return error_node(scope, tree->span);
    }
    return node;
}

struct node *lower_number(const struct scope *scope, const struct tree *tree)
{
    return want(scope, lower_value(scope, tree), TYPE_NUMBER, "this place");
}

struct node *lower_any(const struct scope *scope, const struct tree *tree) { return lower(scope, tree); }
