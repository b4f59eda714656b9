/* Lines that are too long, and the points clause on one line. */
#include <string.h>

#include "compiler/format_parts.h"

size_t column_of(const struct writer *w)
{
    size_t start = w->out->length;
    while (start > 0 && w->out->data[start - 1] != '\n') start--;
    return width_of(w->out->data + start, w->out->length - start);
}

static void add_without_marks(struct buffer *out, const char *bytes, size_t length)
{
    for (size_t index = 0; index < length; index++)
        if (bytes[index] != BREAK_CHAIN && bytes[index] != BREAK_INNER && bytes[index] != BREAK_LIST)
            buffer_char(out, bytes[index]);
}

static void new_line(struct buffer *out, size_t column)
{
    while (out->length > 0 && out->data[out->length - 1] == ' ') out->data[--out->length] = '\0';
    buffer_char(out, '\n');
    for (size_t index = 0; index < column; index++) buffer_char(out, ' ');
}

static size_t until(const char *bytes, size_t at, size_t length, char mark)
{
    const char *found = memchr(bytes + at, mark, length - at);
    return found ? (size_t)(found - bytes) : length;
}

/* Broken between the items of lists, where the line is full. */
static void add_filled(struct writer *w, const char *bytes, size_t length, size_t column)
{
    for (size_t at = 0, end; at < length; at = end + 1) {
        end = until(bytes, at, length, BREAK_LIST);
        size_t width = width_of(bytes + at, end - at);
        if (at > 0 && column_of(w) + width > FORMAT_WIDTH + 1)
            new_line(w->out, column); /* the space at the end does not count */
        add_without_marks(w->out, bytes + at, end - at);
    }
}

/* One part of a chain; when it does not fit, its own parts stand below each other. */
static void add_part(struct writer *w, const char *bytes, size_t length, size_t column)
{
    bool fits = column_of(w) + width_of(bytes, length) <= FORMAT_WIDTH + 1;
    if (fits || until(bytes, 0, length, BREAK_INNER) == length) {
        add_filled(w, bytes, length, column + 2);
        return;
    }
    for (size_t at = 0, end; at < length; at = end + 1) {
        end = until(bytes, at, length, BREAK_INNER);
        if (at > 0) new_line(w->out, column + 2);
        add_filled(w, bytes + at, end - at, column + 4);
    }
}

void put_laid_out(struct writer *w, const struct buffer *flat, size_t name_length)
{
    size_t column = column_of(w);
    const char *bytes = flat->data;
    size_t length = flat->length;
    if (column + width_of(bytes, length) <= FORMAT_WIDTH) {
        add_without_marks(w->out, bytes, length);
    } else {
        for (size_t at = 0, end; at < length; at = end + 1) {
            end = until(bytes, at, length, BREAK_CHAIN);
            if (at > 0) new_line(w->out, column);
            add_part(w, bytes + at, end - at, column);
        }
    }
    w->name_end = 0;
    if (name_length > 0) {
        w->name_end = w->out->length;
        w->name_start = w->out->length - name_length;
    }
}

static void lay_out_from(struct writer *w, struct writer *inner)
{
    struct buffer *flat = inner->out;
    size_t name_length =
        inner->name_end != 0 && inner->name_end == flat->length ? inner->name_end - inner->name_start : 0;
    put_laid_out(w, flat, name_length);
}

void put_wrapped_expression(struct writer *w, const struct tree *tree)
{
    struct buffer flat = { 0 };
    struct writer inner = { .out = &flat, .breaks = true, .canonical = w->canonical };
    put_expression(&inner, tree);
    lay_out_from(w, &inner);
    buffer_free(&flat);
}

void put_wrapped_literals(struct writer *w, const struct literal_list *list)
{
    struct buffer flat = { 0 };
    struct writer inner = { .out = &flat, .breaks = true };
    put_literals(&inner, list, ", ");
    lay_out_from(w, &inner);
    buffer_free(&flat);
}

/* ---- points ------------------------------------------------------------------------------------------------------ */

static void put_most_points(struct writer *w, struct bound most)
{
    if (most.kind == BOUND_ABSENT) return;
    put(w, ", ");
    put_break(w, BREAK_LIST);
    put(w, "at most ");
    put_bound(w, most);
    put(w, " points");
}

static void put_each(struct writer *w, const struct tree_points *points)
{
    static const char *const onces[] = {
        [ONCE_NONE] = "", [ONCE_DAY] = "once a day", [ONCE_WEEK] = "once a week", [ONCE_MONTH] = "once a month",
    };
    put_bound(w, points->points);
    put(w, " for each ");
    put_event_set(w, points->value);
    if (points->once != ONCE_NONE) {
        put(w, ", ");
        put_break(w, BREAK_LIST);
        put(w, onces[points->once]);
    }
    if (points->most_times.kind != BOUND_ABSENT) {
        put(w, ", ");
        put_break(w, BREAK_LIST);
        put(w, "at most ");
        put_bound(w, points->most_times);
        put(w, " times");
    }
    if (points->fading) {
        put(w, ", ");
        put_break(w, BREAK_LIST);
        put(w, "fading ");
        put_bound(w, points->fading_amount);
        put(w, points->fading_by_points ? " points every " : " every ");
        put_duration(w, points->fading_every);
    }
    put_most_points(w, points->most_points);
}

void put_points_line(struct writer *w, const struct tree_points *points)
{
    switch (points->kind) {
    case POINTS_ABSENT: return;
    case POINTS_FIXED: put_bound(w, points->points); return;
    case POINTS_EACH: put_each(w, points); return;
    case POINTS_EVERY:
        put_bound(w, points->points);
        put(w, " for every ");
        put_bound(w, points->every);
        put(w, " of ");
        put_value(w, points->value);
        put_most_points(w, points->most_points);
        return;
    case POINTS_EQUAL:
        put(w, "equal to ");
        put_value(w, points->value);
        put_most_points(w, points->most_points);
        return;
    case POINTS_BY:
        put(w, "by ");
        put_expression(w, points->value);
        return;
    case POINTS_CHOOSE: put(w, "choose"); return;
    }
}

void put_wrapped_points(struct writer *w, const struct tree_points *points)
{
    struct buffer flat = { 0 };
    struct writer inner = { .out = &flat, .breaks = true, .canonical = w->canonical };
    put_points_line(&inner, points);
    lay_out_from(w, &inner);
    buffer_free(&flat);
}

void put_row_head(struct writer *w, const struct tree_row *row)
{
    switch (row->kind) {
    case ROW_RANGE:
        if (row->from.kind != BOUND_ABSENT) {
            put(w, "from ");
            put_bound(w, row->from);
        }
        if (row->below.kind != BOUND_ABSENT) {
            put(w, row->from.kind != BOUND_ABSENT ? " below " : "below ");
            put_bound(w, row->below);
        }
        return;
    case ROW_TEXTS: put_literals(w, row->texts, " or "); return;
    case ROW_YES: put(w, "yes"); return;
    case ROW_NO: put(w, "no"); return;
    case ROW_MISSING: put(w, "missing"); return;
    case ROW_OTHERWISE: put(w, "otherwise"); return;
    case ROW_CONDITION: put_wrapped_expression(w, row->condition); return;
    }
}

void format_points(const struct tree_points *points, struct buffer *out)
{
    struct writer w = { .out = out, .canonical = true };
    put_points_line(&w, points);
    for (const struct tree_row *row = points->rows; row; row = row->next) {
        put(&w, row == points->rows ? " " : ", ");
        if (row->kind == ROW_CONDITION) put_expression(&w, row->condition);
        else put_row_head(&w, row);
        put(&w, ": ");
        put_bound(&w, row->points);
    }
}
