/* The layout of everything up to rules: rubric, fields, settings, lists, scores, groups, rules, disqualifications. */
#include <string.h>

#include "compiler/format_parts.h"

#define TYPE_WIDTH 9                                    /* "yes/no" and some air */
#define MARK_WIDTH 14                                   /* "current stage" and one space */

static size_t larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

/* ---- rubric, use, lead, event ------------------------------------------------------------------------------------ */

void put_rubric(struct writer *w, const struct declaration *d)
{
    put(w, "rubric ");
    put_literal(w, d->title);
    close_line(w, d->span.start);
    size_t width = d->because.bytes ? 8 : d->version.bytes ? 8 : 6;
    text_clause(w, "version", width, d->version);
    text_clause(w, "owner", width, d->owner);
    text_clause(w, "because", width, d->because);
}

void put_use(struct writer *w, const struct declaration *d)
{
    put(w, "use ");
    if (!d->path.bytes) put(w, d->module);
    else put_literal(w, d->path);
    close_line(w, d->span.start);
}

static const char *type_name(enum field_type type)
{
    switch (type) {
    case FIELD_TEXT: return "text";
    case FIELD_NUMBER: return "number";
    case FIELD_YESNO: return "yes/no";
    case FIELD_DATE: return "date";
    case FIELD_LIST: return "list";
    case FIELD_ONEOF: return "one of";
    }
    return "text";
}

static void put_field_mark(struct writer *w, const struct tree_field *field)
{
    if (field->key) put(w, "key");
    if (field->current_stage) put(w, field->key ? " current stage" : "current stage");
}

static void put_field(struct writer *w, const struct tree_field *field, size_t name_column, bool marks)
{
    put_name(w, field->name.text, NAME_OF_FIELD);
    put_spaces(w, name_column - name_width(field->name.text, NAME_OF_FIELD));
    put(w, type_name(field->type));
    if (field->options) {
        put(w, " ");
        put_wrapped_literals(w, field->options);
    }
    bool more = field->from || field->missing;
    if (!field->key && !field->current_stage && !more) return;
    size_t start = INDENT + name_column;
    size_t type_end = start + TYPE_WIDTH, mark_end = type_end + MARK_WIDTH;
    if (field->key || field->current_stage) {
        put_spaces(w, column_of(w) < type_end ? type_end - column_of(w) : 2);
        put_field_mark(w, field);
    }
    if (!more) return;
    size_t column = marks ? mark_end : type_end;
    put_spaces(w, column_of(w) < column ? column - column_of(w) : 2);
    if (field->from) {
        put(w, "from ");
        put_literals(w, field->from, " or ");
    }
    if (field->missing) {
        put(w, field->from ? "  missing when " : "missing when ");
        put_literals(w, field->missing, ", ");
    }
}

size_t field_width(const struct declaration *d)
{
    size_t width = 0;
    for (const struct tree_field *field = d->fields; field; field = field->next)
        width = larger(width, name_width(field->name.text, NAME_OF_FIELD));
    return width;
}

static void put_fields(struct writer *w, const struct declaration *d, size_t name_column)
{
    bool marks = false;
    for (const struct tree_field *field = d->fields; field; field = field->next)
        marks |= field->key || field->current_stage;
    for (const struct tree_field *field = d->fields; field; field = field->next) {
        open_line(w, field->span.start, INDENT, field != d->fields);
        put_field(w, field, name_column, marks);
        close_line(w, field->span.start);
    }
}

void put_lead(struct writer *w, const struct declaration *d)
{
    put(w, "lead");
    if (d->missing) {
        put(w, " missing when ");
        put_wrapped_literals(w, d->missing);
        put_trailing_comments(w, d->missing->literal.span.start);
    }
    close_line(w, d->span.start);
    put_fields(w, d, field_width(d) + 2);
}

void put_event(struct writer *w, const struct declaration *d, struct run run)
{
    put(w, "event ");
    put_name(w, d->name.text, NAME_DECLARED);
    if (d->not_activity) put(w, ", not activity");
    close_line(w, d->span.start);
    put_fields(w, d, larger(run.name_width, field_width(d)) + 1);
}

/* ---- settings, lists, defines, scores, groups -------------------------------------------------------------------- */

void put_constant(struct writer *w, const struct constant *constant)
{
    switch (constant->kind) {
    case CONSTANT_TEXT: put_literal(w, constant->literal); return;
    case CONSTANT_DURATION: put_duration(w, constant->duration); return;
    case CONSTANT_NUMBER: case CONSTANT_PERCENT: {
        bool percent = constant->kind == CONSTANT_PERCENT;
        bool negative = constant->units < 0;
        put_bound(w, (struct bound){ .kind = percent ? BOUND_PERCENT : BOUND_NUMBER,
                                     .sign = negative ? SIGN_MINUS : SIGN_NONE,
                                     .units = negative ? -constant->units : constant->units });
    }
    }
}

void put_setting(struct writer *w, const struct declaration *d)
{
    put(w, "setting ");
    put_name(w, d->name.text, NAME_DECLARED);
    put(w, " ");
    put_constant(w, &d->constant);
    close_line(w, d->span.start);
}

static bool spans_lines(const struct writer *w, const struct declaration *d)
{
    if (!w->source) return false;
    const char *start = w->source->text + d->span.start;
    return memchr(start, '\n', d->span.end - d->span.start) != NULL;
}

static bool fits_in_line(struct writer *w, const struct literal_list *texts)
{
    size_t width = column_of(w) + 1;
    for (; texts; texts = texts->next) width += literal_width(texts->literal) + (texts->next ? 2 : 0);
    return width <= FORMAT_WIDTH;
}

/* The texts below the list's name: a new line where the author had one, at comments, and where a line is full. */
static void put_list_lines(struct writer *w, const struct declaration *d)
{
    bool line_open = false;
    const struct literal_list *before = NULL;
    for (const struct literal_list *text = d->texts; text; before = text, text = text->next) {
        uint32_t start = text->literal.span.start;
        bool wanted =
            !before || comments_at(w, start) || line_starts_between(w->source, before->literal.span.end, start);
        if (line_open) {
            size_t width = column_of(w) + 1 + literal_width(text->literal) + (text->next ? 1 : 0);
            if (!wanted && width <= FORMAT_WIDTH) {
                put(w, " ");
            } else {
                close_line(w, before->literal.span.start);
                line_open = false;
            }
        }
        if (!line_open) open_line(w, start, INDENT, before != NULL);
        line_open = true;
        put_literal(w, text->literal);
        if (text->next) put(w, ",");
    }
    if (before) close_line(w, before->literal.span.start);
}

void put_list_of_texts(struct writer *w, const struct declaration *d)
{
    put(w, "list ");
    put_name(w, d->name.text, NAME_DECLARED);
    if (d->texts && (comments_inside(w, d) || spans_lines(w, d) || !fits_in_line(w, d->texts))) {
        close_line(w, d->span.start);
        put_list_lines(w, d);
        return;
    }
    put(w, " ");
    if (d->texts) put_literals(w, d->texts, ", ");
    if (d->list_file.bytes) {
        put(w, "from ");
        put_literal(w, d->list_file);
        if (d->list_column.bytes) {
            put(w, " column ");
            put_literal(w, d->list_column);
        }
    }
    close_line(w, d->span.start);
}

void put_define(struct writer *w, const struct declaration *d)
{
    put(w, "define ");
    put_name(w, d->name.text, NAME_DECLARED);
    if (d->is_function) {
        put(w, "(");
        for (const struct name_list *link = d->parameters; link; link = link->next) {
            put_name(w, link->name.text, NAME_IN_EXPRESSION);
            if (link->next) put(w, ", ");
        }
        put(w, ")");
    }
    put(w, " as ");
    put_wrapped_expression(w, d->expression);
    close_line(w, d->span.start);
}

void put_score(struct writer *w, const struct declaration *d, struct run run)
{
    put(w, "score ");
    put_name(w, d->name.text, NAME_DECLARED);
    bool ends = d->from.kind != BOUND_ABSENT || d->to.kind != BOUND_ABSENT || d->starts_at.kind != BOUND_ABSENT;
    size_t width = name_width(d->name.text, NAME_DECLARED);
    if (d->expression) {
        put(w, " as ");
        put_wrapped_expression(w, d->expression);
    } else if (ends && run.name_width > width) {
        put_spaces(w, run.name_width - width);
    }
    bound_part(w, " from ", d->from);
    bound_part(w, " to ", d->to);
    bound_part(w, " starts at ", d->starts_at);
    bound_part(w, " rounded to ", d->rounded_to);
    close_line(w, d->span.start);
    if (!d->lose.present) return;
    open_line(w, d->lose.span.start, INDENT, false);
    put(w, "lose ");
    put_bound(w, d->lose.amount);
    put(w, d->lose.by_points ? " points every " : " every ");
    put_duration(w, d->lose.every);
    put(w, " without ");
    put_event_set(w, d->lose.without);
    close_line(w, d->lose.span.start);
}

void put_group(struct writer *w, const struct declaration *d)
{
    static const char *const takes[] = {
        [TAKE_SUM] = "", [TAKE_HIGHEST] = " take highest", [TAKE_LOWEST] = " take lowest", [TAKE_FIRST] = " take first",
        [TAKE_EXCLUSIVE] = " exclusive",
    };
    put(w, "group ");
    put_name(w, d->name.text, NAME_DECLARED);
    put(w, " in ");
    put_name(w, d->parent.text, NAME_IN_EXPRESSION);
    put(w, takes[d->take]);
    bound_part(w, " weight ", d->weight);
    bound_part(w, " at most ", d->at_most);
    bound_part(w, " at least ", d->at_least);
    close_line(w, d->span.start);
}

/* ---- rules ------------------------------------------------------------------------------------------------------- */

static void put_rows(struct writer *w, const struct tree_row *rows)
{
    for (const struct tree_row *row = rows; row; row = row->next) {
        open_line(w, row->span.start, 2 * INDENT, row != rows);
        put_row_head(w, row);
        put(w, ": ");
        put_bound(w, row->points);
        close_line(w, row->span.start);
    }
}

static void put_points(struct writer *w, const struct tree_points *points)
{
    if (points->kind == POINTS_ABSENT) return;
    open_line(w, points->span.start, INDENT, false);
    put_keyword(w, "points", points->rows ? 7 : 8);
    put_wrapped_points(w, points);
    close_line(w, points->span.start);
    put_rows(w, points->rows);
}

static void put_active(struct writer *w, const struct declaration *d)
{
    if (!d->has_active_from && !d->has_active_until) return;
    char day[INSTANT_TEXT];
    open_line(w, d->active_span.start, INDENT, false);
    put_keyword(w, "active", 8);
    if (d->has_active_from) {
        instant_format_day(d->active_from, day);
        put(w, "from ");
        put(w, day);
    }
    if (d->has_active_until) {
        instant_format_day(d->active_until, day);
        put(w, d->has_active_from ? " until " : "until ");
        put(w, day);
    }
    close_line(w, d->active_span.start);
}

void put_rule(struct writer *w, const struct declaration *d)
{
    put(w, "rule ");
    put_name(w, d->name.text, NAME_DECLARED);
    put_title(w, d);
    put(w, " in ");
    put_name(w, d->parent.text, NAME_IN_EXPRESSION);
    close_line(w, d->span.start);
    condition_clause(w, "when", 8, d->when);
    put_points(w, &d->points);
    if (d->weight.kind != BOUND_ABSENT) {
        open_line(w, d->weight.span.start, INDENT, false);
        put_keyword(w, "weight", 8);
        put_bound(w, d->weight);
        close_line(w, d->weight.span.start);
    }
    put_active(w, d);
    text_clause(w, "because", 8, d->because);
}

void put_disqualify(struct writer *w, const struct declaration *d)
{
    put(w, "disqualify ");
    put_name(w, d->name.text, NAME_DECLARED);
    put_title(w, d);
    close_line(w, d->span.start);
    condition_clause(w, "when", 8, d->when);
    text_clause(w, "because", 8, d->because);
}
