/* The layout of bands, matrices, stages and actions. */
#include <string.h>

#include "compiler/format_parts.h"

static size_t larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

/* ---- bands and matrices ------------------------------------------------------------------------------------------ */

/* The width of a bound when it is written. */
static size_t bound_width(struct bound bound)
{
    if (bound.kind == BOUND_ABSENT) return 0;
    struct buffer text = { 0 };
    struct writer w = { .out = &text };
    put_bound(&w, bound);
    size_t width = width_of(text.data, text.length);
    buffer_free(&text);
    return width;
}

void put_band(struct writer *w, const struct declaration *d)
{
    put(w, "band ");
    put_name(w, d->name.text, NAME_DECLARED);
    put(w, " of ");
    put_name(w, d->parent.text, NAME_IN_EXPRESSION);
    close_line(w, d->span.start);
    size_t labels = 0, froms = 0;
    bool any_from = false;
    for (const struct tree_band_row *row = d->bands; row; row = row->next) {
        labels = larger(labels, name_width(row->label.text, NAME_IN_EXPRESSION));
        any_from |= row->from.kind != BOUND_ABSENT;
        if (row->below.kind != BOUND_ABSENT) froms = larger(froms, bound_width(row->from));
    }
    for (const struct tree_band_row *row = d->bands; row; row = row->next) {
        open_line(w, row->span.start, INDENT, row != d->bands);
        put_name(w, row->label.text, NAME_IN_EXPRESSION);
        put_spaces(w, labels - name_width(row->label.text, NAME_IN_EXPRESSION));
        bound_part(w, " from ", row->from);
        if (row->below.kind != BOUND_ABSENT) {
            size_t width = row->from.kind != BOUND_ABSENT ? bound_width(row->from) : 0;
            size_t from_word = any_from && row->from.kind == BOUND_ABSENT ? strlen(" from ") : 0;
            put_spaces(w, from_word + froms - width);
            bound_part(w, " below ", row->below);
        }
        close_line(w, row->span.start);
    }
}

/* The width of a column of a matrix: its label and its cells. */
static size_t column_width(const struct declaration *d, const struct name_list *label, size_t column)
{
    size_t width = label ? name_width(label->name.text, NAME_IN_EXPRESSION) : 0;
    for (const struct tree_matrix_row *row = d->matrix_rows; row; row = row->next) {
        const struct literal_list *cell = row->cells;
        for (size_t index = 0; cell && index < column; index++) cell = cell->next;
        if (cell) width = larger(width, literal_width(cell->literal));
    }
    return width;
}

void put_matrix(struct writer *w, const struct declaration *d)
{
    put(w, "matrix ");
    put_name(w, d->name.text, NAME_DECLARED);
    put(w, " of ");
    put_name(w, d->parent.text, NAME_IN_EXPRESSION);
    put(w, " by ");
    put_name(w, d->parent_by.text, NAME_IN_EXPRESSION);
    close_line(w, d->span.start);
    size_t labels = 0;
    for (const struct tree_matrix_row *row = d->matrix_rows; row; row = row->next)
        labels = larger(labels, name_width(row->label.text, NAME_IN_EXPRESSION));
    open_line(w, d->labels->name.span.start, INDENT, false);
    put_spaces(w, labels + 3);
    size_t column = 0;
    for (const struct name_list *label = d->labels; label; label = label->next, column++) {
        put_name(w, label->name.text, NAME_IN_EXPRESSION);
        if (label->next)
            put_spaces(w, column_width(d, label, column) + 2 - name_width(label->name.text, NAME_IN_EXPRESSION));
    }
    close_line(w, d->labels->name.span.start);
    for (const struct tree_matrix_row *row = d->matrix_rows; row; row = row->next) {
        open_line(w, row->span.start, INDENT, false);
        put_name(w, row->label.text, NAME_IN_EXPRESSION);
        put_spaces(w, labels + 3 - name_width(row->label.text, NAME_IN_EXPRESSION));
        const struct name_list *label = d->labels;
        column = 0;
        for (const struct literal_list *cell = row->cells; cell; cell = cell->next, column++) {
            put_literal(w, cell->literal);
            if (cell->next) put_spaces(w, column_width(d, label, column) + 2 - literal_width(cell->literal));
            if (label) label = label->next;
        }
        close_line(w, row->span.start);
    }
}

/* ---- stages and actions ------------------------------------------------------------------------------------------ */

static void put_stage_head(struct writer *w, const struct declaration *d)
{
    put(w, "stage ");
    put_name(w, d->name.text, NAME_DECLARED);
    put_title(w, d);
}

static void put_only_from(struct writer *w, const struct declaration *d)
{
    for (const struct name_list *link = d->only_from; link; link = link->next) {
        put_name(w, link->name.text, NAME_IN_EXPRESSION);
        if (link->next) put(w, ", ");
    }
}

bool stage_stays(const struct declaration *d)
{
    return d->stay_while || d->stay_forever;
}

/* The part before `stay`, on one line. */
static void put_stage_start(struct writer *w, const struct declaration *d)
{
    put_stage_head(w, d);
    if (d->when) {
        put(w, " when ");
        put_expression(w, d->when);
    }
    if (d->only_from) {
        put(w, " only from ");
        put_only_from(w, d);
    }
}

size_t stage_start_width(const struct declaration *d)
{
    struct buffer text = { 0 };
    struct writer w = { .out = &text };
    put_stage_start(&w, d);
    size_t width = width_of(text.data, text.length);
    buffer_free(&text);
    return width;
}

size_t stage_end_width(const struct declaration *d)
{
    if (d->stay_forever) return strlen("stay forever");
    if (!d->stay_while) return 0;
    struct buffer text = { 0 };
    struct writer w = { .out = &text };
    put(&w, "stay while ");
    put_expression(&w, d->stay_while);
    size_t width = width_of(text.data, text.length);
    buffer_free(&text);
    return width;
}

/* Where `stay` stands: two spaces behind the longest start, and on a multiple of four. */
size_t stay_column(size_t start_width)
{
    return (start_width + 2 + 3) / 4 * 4;
}

/* Behind its neighbours' column or, when that is too far, right behind its own start; 0: not on one line. */
static size_t stage_column(const struct declaration *d, struct run run)
{
    size_t own = stage_start_width(d), end = stage_end_width(d);
    if (!stage_stays(d)) return own <= FORMAT_WIDTH ? own : 0;
    size_t shared = stay_column(larger(own, run.head_width));
    if (shared + end <= FORMAT_WIDTH) return shared;
    return stay_column(own) + end <= FORMAT_WIDTH ? stay_column(own) : 0;
}

void put_stage(struct writer *w, const struct declaration *d, struct run run)
{
    size_t column = comments_inside(w, d) ? 0 : stage_column(d, run);
    if (column > 0) {
        put_stage_start(w, d);
        if (stage_stays(d)) {
            put_spaces(w, column - stage_start_width(d));
            put(w, d->stay_forever ? "stay forever" : "stay while ");
            if (d->stay_while) put_expression(w, d->stay_while);
        }
        close_line(w, d->span.start);
        return;
    }
    put_stage_head(w, d);
    close_line(w, d->span.start);
    condition_clause(w, "when", 11, d->when);
    if (d->only_from) {
        open_line(w, d->only_from->name.span.start, INDENT, false);
        put_keyword(w, "only from", 11);
        put_only_from(w, d);
        close_line(w, d->only_from->name.span.start);
    }
    condition_clause(w, "stay while", 11, d->stay_while);
    if (!d->stay_forever) return;
    put_spaces(w, INDENT);
    put(w, "stay forever");
    buffer_char(w->out, '\n');
}

const char *action_word(enum action_kind kind)
{
    switch (kind) {
    case ACTION_ASSIGN: return "assign";
    case ACTION_NOTIFY: return "notify";
    case ACTION_TAG: return "tag";
    }
    return "tag";
}

/* The widest text with a condition among neighbours of one kind. */
static size_t action_text_width(const struct tree_action *actions, const struct tree_action *one)
{
    size_t width = 0;
    bool reached = false;
    for (const struct tree_action *action = actions; action; action = action->next) {
        if (action->kind != one->kind) {
            if (reached) return width;
            width = 0;
            continue;
        }
        reached |= action == one;
        if (action->when || action->otherwise) width = larger(width, literal_width(action->text));
    }
    return width;
}

void put_on(struct writer *w, const struct declaration *d)
{
    put(w, d->leaving ? "on leaving " : "on entering ");
    put_name(w, d->name.text, NAME_IN_EXPRESSION);
    close_line(w, d->span.start);
    size_t keyword = 0;
    for (const struct tree_action *action = d->actions; action; action = action->next)
        keyword = larger(keyword, strlen(action_word(action->kind)) + 1);
    for (const struct tree_action *action = d->actions; action; action = action->next) {
        open_line(w, action->span.start, INDENT, action != d->actions);
        put_keyword(w, action_word(action->kind), keyword);
        put_literal(w, action->text);
        if (action->when || action->otherwise) {
            put_spaces(w, action_text_width(d->actions, action) - literal_width(action->text) + 1);
            put(w, action->when ? "when " : "otherwise");
            if (action->when) put_wrapped_expression(w, action->when);
        }
        close_line(w, action->span.start);
    }
}

void put_outcome(struct writer *w, const struct declaration *d)
{
    put(w, "outcome when ");
    put_wrapped_expression(w, d->expression);
    close_line(w, d->span.start);
}
