/* The tree as indented text, for --dump: one line for each node, its parts below it. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "compiler/format.h"
#include "compiler/tree.h"
#include "vm/number.h"

struct printer { struct buffer *out; unsigned level; };

static void line(struct printer *printer, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void line(struct printer *printer, const char *format, ...)
{
    for (unsigned level = 0; level < printer->level; level++) buffer_text(printer->out, "  ");
    char small[256];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(small, sizeof small, format, arguments);
    va_end(arguments);
    if (length < (int)sizeof small) {
        buffer_text(printer->out, small);
    } else {
        char *large = memory_alloc((size_t)length + 1);
        va_start(arguments, format);
        vsnprintf(large, (size_t)length + 1, format, arguments);
        va_end(arguments);
        buffer_text(printer->out, large);
        free(large);
    }
    buffer_char(printer->out, '\n');
}

static void line_literal(struct printer *printer, const char *what, struct literal literal)
{
    if (!literal.bytes) return;
    for (unsigned level = 0; level < printer->level; level++) buffer_text(printer->out, "  ");
    buffer_text(printer->out, what);
    buffer_char(printer->out, ' ');
    format_literal(literal.bytes, literal.length, printer->out);
    buffer_char(printer->out, '\n');
}

static void line_literals(struct printer *printer, const char *what, const struct literal_list *list)
{
    for (; list; list = list->next) line_literal(printer, what, list->literal);
}

static void line_names(struct printer *printer, const char *what, const struct name_list *list)
{
    for (; list; list = list->next) line(printer, "%s %s", what, list->name.text);
}

static void line_bound(struct printer *printer, const char *what, struct bound bound)
{
    static const char *const signs[] = { [SIGN_NONE] = "", [SIGN_PLUS] = "+", [SIGN_MINUS] = "-" };
    char number[NUMBER_TEXT];
    switch (bound.kind) {
    case BOUND_ABSENT: return;
    case BOUND_SETTING: line(printer, "%s %ssetting %s", what, signs[bound.sign], bound.setting.text); return;
    case BOUND_NUMBER: case BOUND_PERCENT:
        number_format(bound.units, number);
        line(printer, "%s %s%s%s", what, signs[bound.sign], number, bound.kind == BOUND_PERCENT ? "%" : "");
    }
}

static void line_duration(struct printer *printer, const char *what, struct duration duration)
{
    switch (duration.kind) {
    case DURATION_ABSENT: return;
    case DURATION_SETTING: line(printer, "%s setting %s", what, duration.setting.text); return;
    case DURATION_LITERAL:
        line(printer, "%s %" PRId64 " %s", what, duration.count, time_unit_name(duration.unit, duration.count != 1));
    }
}

static void line_date(struct printer *printer, const char *what, int64_t instant)
{
    char day[INSTANT_TEXT];
    instant_format_day(instant, day);
    line(printer, "%s %s", what, day);
}

/* ---- expressions ------------------------------------------------------------------------------------------------- */

static const char *kind_name(enum tree_kind kind)
{
    switch (kind) {
    case TREE_NUMBER: return "number";
    case TREE_PERCENT: return "percent";
    case TREE_TEXT: return "text";
    case TREE_DATE: return "date";
    case TREE_YES: return "yes";
    case TREE_NO: return "no";
    case TREE_NAME: return "name";
    case TREE_ACTIVITY: return "activity";
    case TREE_NOW: return "now";
    case TREE_AT: return "at";
    case TREE_DISQUALIFIED: return "disqualified";
    case TREE_CALL: return "call";
    case TREE_COUNT: return "count";
    case TREE_AGGREGATE: return "aggregate";
    case TREE_DISTINCT: return "distinct";
    case TREE_UNITS_SINCE: return "units since";
    case TREE_FIRST: return "first";
    case TREE_LAST: return "last";
    case TREE_LENGTH: return "length";
    case TREE_DOMAIN: return "domain";
    case TREE_NEGATE: return "negate";
    case TREE_ADD: return "add";
    case TREE_SUBTRACT: return "subtract";
    case TREE_MULTIPLY: return "multiply";
    case TREE_DIVIDE: return "divide";
    case TREE_AND: return "and";
    case TREE_OR: return "or";
    case TREE_NOT: return "not";
    case TREE_COMPARE: return "compare";
    case TREE_IS: return "is";
    case TREE_IS_MISSING: return "is missing";
    case TREE_IS_KNOWN: return "is known";
    case TREE_IS_EXACTLY: return "is exactly";
    case TREE_BETWEEN: return "between";
    case TREE_IN: return "in";
    case TREE_TEXT_OP: return "text";
    case TREE_MATCHES: return "matches";
    case TREE_WITHIN: return "within";
    case TREE_BEFORE: return "before";
    case TREE_AFTER: return "after";
    case TREE_SINCE: return "since";
    case TREE_WHERE: return "events where";
    case TREE_SET: return "events";
    case TREE_NO_SET: return "no";
    case TREE_QUANTITY: return "quantity";
    case TREE_STAGE_IS: return "stage is";
    }
    return "?";
}

static const char *detail(const struct tree *tree)
{
    static const char *const comparisons[] = { " =", " !=", " <", " <=", " >", " >=" };
    static const char *const textops[] = { " contains", " has word", " starts with", " ends with",
        " contains exactly", " starts with exactly", " ends with exactly" };
    static const char *const quantities[] = { " at least", " at most", " exactly", " more than", " fewer than" };
    static const char *const aggregates[] = { " sum", " min", " max", " average" };
    switch (tree->kind) {
    case TREE_COMPARE: return comparisons[tree->comparison];
    case TREE_TEXT_OP: return textops[tree->textop];
    case TREE_QUANTITY: return quantities[tree->quantity];
    case TREE_AGGREGATE: return aggregates[tree->aggregate];
    default: return "";
    }
}

static void print_tree(struct printer *printer, const struct tree *tree);

static void print_items(struct printer *printer, const char *what, const struct tree_item *items)
{
    if (!items) return;
    line(printer, "%s", what);
    printer->level++;
    for (; items; items = items->next) print_tree(printer, items->value);
    printer->level--;
}

static void print_tree(struct printer *printer, const struct tree *tree)
{
    char number[INSTANT_TEXT + NUMBER_TEXT];
    if (tree->kind == TREE_NUMBER || tree->kind == TREE_PERCENT) {
        number_format(tree->number, number);
        line(printer, "%s %s", kind_name(tree->kind), number);
        return;
    }
    if (tree->kind == TREE_TEXT) {
        line_literal(printer, "text", tree->literal);
        return;
    }
    if (tree->kind == TREE_DATE) {
        line_date(printer, "date", tree->number);
        return;
    }
    static const char *const quantifiers[] = { "", " any of", " all of" };
    line(printer, "%s%s%s%s%s%s%s", kind_name(tree->kind), detail(tree),
         tree->kind == TREE_TEXT_OP ? quantifiers[tree->quantifier] : "", tree->kind == TREE_UNITS_SINCE ? " in " : "",
         tree->kind == TREE_UNITS_SINCE ? time_unit_name(tree->unit, true) : "", tree->negated ? ", negated" : "",
         tree->parenthesised ? ", in parentheses" : "");
    printer->level++;
    if (tree->name.text) line(printer, "name %s", tree->name.text);
    line_literal(printer, "text", tree->literal);
    line_bound(printer, "number", tree->bound);
    if (tree->left) print_tree(printer, tree->left);
    if (tree->right) print_tree(printer, tree->right);
    if (tree->third) print_tree(printer, tree->third);
    print_items(printer, "arguments", tree->items);
    if (tree->list.name.text) line(printer, "list %s", tree->list.name.text);
    print_items(printer, "list", tree->list.items);
    line_duration(printer, "duration", tree->duration);
    switch (tree->window.kind) {
    case WINDOW_NONE: break;
    case WINDOW_WITHIN: line_duration(printer, "window within", tree->window.duration); break;
    case WINDOW_SINCE: case WINDOW_BEFORE:
        line(printer, "window %s", tree->window.kind == WINDOW_SINCE ? "since" : "before");
        printer->level++;
        print_tree(printer, tree->window.date);
        printer->level--;
    }
    printer->level--;
}

static void print_part(struct printer *printer, const char *what, const struct tree *tree)
{
    if (!tree) return;
    line(printer, "%s", what);
    printer->level++;
    print_tree(printer, tree);
    printer->level--;
}

/* ---- declarations ------------------------------------------------------------------------------------------------ */

static void print_fields(struct printer *printer, const struct tree_field *field)
{
    static const char *const types[] = { "text", "number", "yes/no", "date", "list", "one of" };
    for (; field; field = field->next) {
        line(printer, "field %s %s%s%s", field->name.text, types[field->type], field->key ? ", key" : "",
             field->current_stage ? ", current stage" : "");
        printer->level++;
        line_literals(printer, "option", field->options);
        line_literals(printer, "from", field->from);
        line_literals(printer, "missing when", field->missing);
        printer->level--;
    }
}

static void print_constant(struct printer *printer, struct constant constant)
{
    char number[NUMBER_TEXT];
    switch (constant.kind) {
    case CONSTANT_TEXT: line_literal(printer, "value", constant.literal); return;
    case CONSTANT_DURATION: line_duration(printer, "value", constant.duration); return;
    case CONSTANT_NUMBER: case CONSTANT_PERCENT:
        number_format(constant.units, number);
        line(printer, "value %s%s", number, constant.kind == CONSTANT_PERCENT ? "%" : "");
    }
}

static void print_rows(struct printer *printer, const struct tree_row *row)
{
    static const char *const kinds[] = { "range", "texts", "yes", "no", "missing", "otherwise", "condition" };
    for (; row; row = row->next) {
        line(printer, "row %s", kinds[row->kind]);
        printer->level++;
        line_bound(printer, "from", row->from);
        line_bound(printer, "below", row->below);
        line_literals(printer, "text", row->texts);
        if (row->condition) print_tree(printer, row->condition);
        line_bound(printer, "points", row->points);
        printer->level--;
    }
}

static void print_points(struct printer *printer, const struct tree_points *points)
{
    static const char *const kinds[] = { "", "fixed", "for each", "for every", "equal to", "by", "choose" };
    static const char *const onces[] = { "", "day", "week", "month" };
    if (points->kind == POINTS_ABSENT) return;
    line(printer, "points %s", kinds[points->kind]);
    printer->level++;
    line_bound(printer, "points", points->points);
    line_bound(printer, "every", points->every);
    if (points->value) print_tree(printer, points->value);
    if (points->once != ONCE_NONE) line(printer, "once a %s", onces[points->once]);
    line_bound(printer, "at most times", points->most_times);
    line_bound(printer, "at most points", points->most_points);
    line_bound(printer, points->fading_by_points ? "fading points" : "fading", points->fading_amount);
    line_duration(printer, "every", points->fading_every);
    print_rows(printer, points->rows);
    printer->level--;
}

static void print_test_clause(struct printer *printer, const struct tree_test_clause *clause)
{
    static const char *const kinds[] = { "as of",       "given fields",  "given event",
                                         "given stage", "given setting", "expect" };
    static const char *const expects[] = { "condition", "gives", "fires", "silent", "undecided", "action" };
    static const char *const actions[] = { "assign", "notify", "tag" };
    line(printer, "%s%s%s", kinds[clause->kind], clause->kind == TEST_EXPECT ? " " : "",
         clause->kind == TEST_EXPECT ? expects[clause->expect] : "");
    printer->level++;
    if (clause->event.text) line(printer, "event %s, %" PRId64 " times", clause->event.text, clause->count);
    for (const struct tree_given_field *field = clause->fields; field; field = field->next) {
        line(printer, "field %s", field->field.text);
        printer->level++;
        if (field->value) print_tree(printer, field->value);
        print_items(printer, "list", field->list);
        printer->level--;
    }
    if (clause->has_date) line_date(printer, "at", clause->date);
    line_duration(printer, "ago", clause->ago);
    if (clause->stage.text) line(printer, "stage %s", clause->stage.text);
    line_literal(printer, "stage", clause->stage_text);
    if (clause->setting.text) {
        line(printer, "setting %s", clause->setting.text);
        print_constant(printer, clause->value);
    }
    if (clause->condition) print_tree(printer, clause->condition);
    if (clause->rule.text) line(printer, "rule %s", clause->rule.text);
    line_bound(printer, "points", clause->points);
    if (clause->action_text.bytes) line_literal(printer, actions[clause->action], clause->action_text);
    printer->level--;
}

static void print_action(struct printer *printer, const struct tree_action *action)
{
    static const char *const kinds[] = { "assign", "notify", "tag" };
    line_literal(printer, kinds[action->kind], action->text);
    printer->level++;
    print_part(printer, "when", action->when);
    if (action->otherwise) line(printer, "otherwise");
    printer->level--;
}

static void print_score_and_group(struct printer *printer, const struct declaration *d)
{
    static const char *const takes[] = { "", "take highest", "take lowest", "take first", "exclusive" };
    line_bound(printer, "from", d->from);
    line_bound(printer, "to", d->to);
    line_bound(printer, "starts at", d->starts_at);
    line_bound(printer, "rounded to", d->rounded_to);
    if (d->lose.present) {
        line_bound(printer, d->lose.by_points ? "lose points" : "lose", d->lose.amount);
        line_duration(printer, "every", d->lose.every);
        print_part(printer, "without", d->lose.without);
    }
    line_bound(printer, "at most", d->at_most);
    line_bound(printer, "at least", d->at_least);
    line_bound(printer, "weight", d->weight);
    if (d->take != TAKE_SUM) line(printer, "%s", takes[d->take]);
}

static void print_declaration(struct printer *printer, const struct declaration *d)
{
    static const char *const kinds[] = {
        "rubric", "use",        "lead", "event",  "setting", "list", "define",  "score", "group",
        "rule",   "disqualify", "band", "matrix", "stage",   "on",   "outcome", "test",
    };
    line(printer, "%s%s%s%s%s", kinds[d->kind], d->name.text ? " " : "", d->name.text ? d->name.text : "",
         d->not_activity ? ", not activity" : "", d->broken ? ", broken" : "");
    printer->level++;
    if (d->leaving) line(printer, "leaving");
    line_literal(printer, "title", d->title);
    line_literal(printer, "version", d->version);
    line_literal(printer, "owner", d->owner);
    line_literal(printer, "path", d->path);
    if (d->parent.text) line(printer, "of %s", d->parent.text);
    if (d->parent_by.text) line(printer, "by %s", d->parent_by.text);
    line_literals(printer, "missing when", d->missing);
    print_fields(printer, d->fields);
    if (d->kind == DECLARATION_SETTING) print_constant(printer, d->constant);
    line_literals(printer, "text", d->texts);
    line_literal(printer, "file", d->list_file);
    line_literal(printer, "column", d->list_column);
    line_names(printer, "parameter", d->parameters);
    print_part(printer, "as", d->expression);
    print_score_and_group(printer, d);
    print_part(printer, "when", d->when);
    print_points(printer, &d->points);
    if (d->has_active_from) line_date(printer, "active from", d->active_from);
    if (d->has_active_until) line_date(printer, "active until", d->active_until);
    for (const struct tree_band_row *row = d->bands; row; row = row->next) {
        line(printer, "label %s", row->label.text);
        printer->level++;
        line_bound(printer, "from", row->from);
        line_bound(printer, "below", row->below);
        printer->level--;
    }
    line_names(printer, "column", d->labels);
    for (const struct tree_matrix_row *row = d->matrix_rows; row; row = row->next) {
        line(printer, "row %s", row->label.text);
        printer->level++;
        line_literals(printer, "cell", row->cells);
        printer->level--;
    }
    print_part(printer, "stay while", d->stay_while);
    if (d->stay_forever) line(printer, "stay forever");
    line_names(printer, "only from", d->only_from);
    for (const struct tree_action *action = d->actions; action; action = action->next) print_action(printer, action);
    for (const struct tree_test_clause *clause = d->test; clause; clause = clause->next)
        print_test_clause(printer, clause);
    line_literal(printer, "because", d->because);
    printer->level--;
}

void tree_print(const struct tree_file *file, struct buffer *out)
{
    struct printer printer = { .out = out };
    for (const struct declaration *d = file->declarations; d; d = d->next) print_declaration(&printer, d);
}
