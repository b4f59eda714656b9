/* Comments in the formatted text.  A declaration consists of elements: its head, its fields, clauses, rows.  A
   comment on a line of its own belongs to the element that follows, one at the end of a line to the element it
   stands at; one inside an element goes before it. */
#include <stdlib.h>
#include <string.h>

#include "compiler/format_parts.h"

struct element { uint32_t start, end; };
struct elements { struct element *items; size_t count, capacity; };

static void add_element(struct elements *elements, struct span span)
{
    if (span.end == 0) return;
    memory_reserve(&elements->items, &elements->capacity, elements->count + 1, sizeof *elements->items);
    elements->items[elements->count++] = (struct element){ span.start, span.end };
}

static void add_literal(struct elements *elements, struct literal literal)
{
    if (literal.bytes) add_element(elements, literal.span);
}

static void add_clauses(struct elements *elements, const struct declaration *d)
{
    add_literal(elements, d->version);
    add_literal(elements, d->owner);
    add_literal(elements, d->because);
    if (d->missing) add_element(elements, d->missing->literal.span);
    for (const struct tree_field *field = d->fields; field; field = field->next) add_element(elements, field->span);
    for (const struct literal_list *text = d->texts; text; text = text->next) add_element(elements, text->literal.span);
    if (d->lose.present) add_element(elements, d->lose.span);
    if (d->when) add_element(elements, d->when->span);
    if (d->points.kind != POINTS_ABSENT) {
        bool rows = d->points.rows != NULL;
        struct span span = d->points.span;
        if (rows) span.end = span.start + 1;                /* its rows are elements of their own */
        add_element(elements, span);
    }
    for (const struct tree_row *row = d->points.rows; row; row = row->next) add_element(elements, row->span);
    if (d->kind == DECLARATION_RULE && d->weight.kind != BOUND_ABSENT) add_element(elements, d->weight.span);
    if (d->has_active_from || d->has_active_until) add_element(elements, d->active_span);
    for (const struct tree_band_row *row = d->bands; row; row = row->next) add_element(elements, row->span);
    if (d->labels) add_element(elements, d->labels->name.span);
    for (const struct tree_matrix_row *row = d->matrix_rows; row; row = row->next) add_element(elements, row->span);
    if (d->stay_while) add_element(elements, d->stay_while->span);
    if (d->only_from) add_element(elements, d->only_from->name.span);
    for (const struct tree_action *action = d->actions; action; action = action->next)
        add_element(elements, action->span);
    for (const struct tree_test_clause *clause = d->test; clause; clause = clause->next) {
        if (!clause->continues) add_element(elements, clause->span);
        else elements->items[elements->count - 1].end = clause->span.end;
    }
}

static int compare_elements(const void *a, const void *b)
{
    const struct element *left = a, *right = b;
    return left->start < right->start ? -1 : left->start > right->start;
}

/* Declarations that stand on one line as long as no comment is inside. */
static bool is_one_line(const struct declaration *d)
{
    return d->kind == DECLARATION_STAGE || (d->kind == DECLARATION_LIST && !d->texts);
}

static bool starts_line(const struct source *source, const struct comment *comment)
{
    return comment->span.start == 0 || source->text[comment->span.start - 1] == '\n'
           || source->text[comment->span.start - 1] == '\r';
}

static struct comment_place place_of(const struct declaration *d, const struct elements *elements,
                                     const struct comment *comment)
{
    struct comment_place place = { .comment = comment, .trailing = comment->trailing, .target = d->span.start };
    uint32_t at = comment->span.start;
    const struct element *before = NULL, *after = NULL;
    for (size_t index = 0; index < elements->count; index++) {
        if (elements->items[index].start < at) before = &elements->items[index];
        else if (!after) after = &elements->items[index];
    }
    bool inside = before && at < before->end;
    if (comment->trailing || inside) {
        if (before) place.target = before->start;
        return place;
    }
    place.target = after ? after->start : NO_ELEMENT;
    return place;
}

/* Comments at line ends of a declaration that fits one line belong to all of it, unless others force it onto several
   lines. */
static void comment_of_line(struct writer *w, const struct declaration *d)
{
    for (size_t index = 0; index < w->comment_count; index++) {
        const struct comment_place *place = &w->comments[index];
        bool outside = place->target == d->span.start || place->target == NO_ELEMENT;
        if (!outside && !place->trailing) return;
    }
    for (size_t index = 0; index < w->comment_count; index++)
        if (w->comments[index].target != NO_ELEMENT) w->comments[index].target = d->span.start;
}

void comments_assign(struct writer *w, const struct declaration *d, const struct comment *first, uint32_t from,
                     uint32_t to)
{
    w->comments = NULL;
    w->comment_count = 0;
    size_t capacity = 0;
    struct elements elements = { 0 };
    for (const struct comment *comment = first; comment && comment->span.start < to; comment = comment->next) {
        if (comment->span.start < from) continue;
        if (elements.count == 0) {
            add_element(&elements, (struct span){ d->span.file, d->span.start, d->span.start + 1 });
            add_clauses(&elements, d);
            if (elements.count == 1) elements.items[0].end = d->span.end;
            qsort(elements.items, elements.count, sizeof *elements.items, compare_elements);
        }
        memory_reserve(&w->comments, &capacity, w->comment_count + 1, sizeof *w->comments);
        w->comments[w->comment_count++] = place_of(d, &elements, comment);
    }
    free(elements.items);
    if (is_one_line(d)) comment_of_line(w, d);
    /* A line has room for one comment at its end: the last; the others go before. */
    for (size_t index = 0; index < w->comment_count; index++)
        for (size_t later = index + 1; later < w->comment_count && w->comments[index].trailing; later++)
            if (w->comments[later].trailing && w->comments[later].target == w->comments[index].target)
                w->comments[index].trailing = false;
}

void comments_free(struct writer *w)
{
    free(w->comments);
    w->comments = NULL;
    w->comment_count = 0;
}

bool comments_inside(const struct writer *w, const struct declaration *d)
{
    for (size_t index = 0; index < w->comment_count; index++)
        if (w->comments[index].target != d->span.start && w->comments[index].target != NO_ELEMENT) return true;
    return false;
}

bool comments_at(const struct writer *w, uint32_t target)
{
    for (size_t index = 0; index < w->comment_count; index++)
        if (w->comments[index].target == target && !w->comments[index].trailing) return true;
    return false;
}

bool line_starts_between(const struct source *source, uint32_t from, uint32_t to)
{
    if (!source) return false;
    for (uint32_t at = from; at < to; at++)
        if (source->text[at] == '\n' || source->text[at] == '\r') return true;
    return false;
}

void put_comment_text(struct writer *w, const struct comment *comment)
{
    w->name_end = 0;
    buffer_add(w->out, w->source->text + comment->span.start, comment->span.end - comment->span.start);
}

void put_leading_comments(struct writer *w, uint32_t target, unsigned indent)
{
    for (size_t index = 0; index < w->comment_count; index++) {
        struct comment_place *place = &w->comments[index];
        if (place->done || place->trailing || place->target != target) continue;
        put_spaces(w, indent);
        put_comment_text(w, place->comment);
        buffer_char(w->out, '\n');
        place->done = true;
    }
}

void put_trailing_comments(struct writer *w, uint32_t target)
{
    for (size_t index = 0; index < w->comment_count; index++) {
        struct comment_place *place = &w->comments[index];
        if (place->done || !place->trailing || place->target != target) continue;
        put_spaces(w, 2);
        put_comment_text(w, place->comment);
        place->done = true;
        return;
    }
}

void put_left_comments(struct writer *w, unsigned indent)
{
    for (size_t index = 0; index < w->comment_count; index++) {
        struct comment_place *place = &w->comments[index];
        if (place->done) continue;
        put_spaces(w, indent);
        put_comment_text(w, place->comment);
        buffer_char(w->out, '\n');
        place->done = true;
    }
}

bool blank_line_before(const struct source *source, uint32_t offset)
{
    unsigned lines = 0;
    while (offset > 0) {
        char c = source->text[--offset];
        if (c == '\n' || (c == '\r' && source->text[offset + 1] != '\n')) lines++;
        else if (c != ' ' && c != '\t' && c != '\r' && c != '\f' && c != '\v') return lines >= 2;
    }
    return false;
}

/* ---- between declarations ---------------------------------------------------------------------------------------- */

/* Where the comments that still belong to a declaration end: at its line's end, and as long as they are indented
   below it. */
uint32_t comments_reach(const struct source *source, const struct declaration *d, const struct comment *first)
{
    uint32_t reach = d->span.end;
    uint32_t limit = d->next ? d->next->span.start : source->length;
    for (const struct comment *comment = first; comment && comment->span.start < limit; comment = comment->next) {
        if (comment->span.start < d->span.end) continue;
        if (!comment->trailing && starts_line(source, comment)) break;
        reach = comment->span.end;
    }
    return reach;
}
