/* What all declarations are written with: lines, clauses, keywords. */
#include <string.h>

#include "compiler/format_parts.h"

/* Starts a line: blank line if the author had one (and `keep`), comments, indentation. */
void open_line(struct writer *w, uint32_t start, unsigned indent, bool keep)
{
    if (w->source && keep) {
        uint32_t first = start;
        for (size_t index = w->comment_count; index-- > 0;) {
            const struct comment_place *place = &w->comments[index];
            if (!place->done && !place->trailing && place->target == start && place->comment->span.start < first)
                first = place->comment->span.start;
        }
        if (blank_line_before(w->source, first)) buffer_char(w->out, '\n');
    }
    put_leading_comments(w, start, indent);
    put_spaces(w, indent);
}

void close_line(struct writer *w, uint32_t start)
{
    put_trailing_comments(w, start);
    buffer_char(w->out, '\n');
}

/* `keyword` padded to `width`, ready for its value. */
void put_keyword(struct writer *w, const char *keyword, size_t width)
{
    put(w, keyword);
    size_t length = strlen(keyword);
    put_spaces(w, length < width ? width - length : 1);
}

void text_clause(struct writer *w, const char *keyword, size_t width, struct literal literal)
{
    if (!literal.bytes) return;
    open_line(w, literal.span.start, INDENT, false);
    put_keyword(w, keyword, width);
    put_literal(w, literal);
    close_line(w, literal.span.start);
}

void condition_clause(struct writer *w, const char *keyword, size_t width, const struct tree *tree)
{
    if (!tree) return;
    open_line(w, tree->span.start, INDENT, false);
    put_keyword(w, keyword, width);
    put_wrapped_expression(w, tree);
    close_line(w, tree->span.start);
}

void bound_part(struct writer *w, const char *keyword, struct bound bound)
{
    if (bound.kind == BOUND_ABSENT) return;
    put(w, keyword);
    put_bound(w, bound);
}

size_t literal_width(struct literal literal)
{
    struct buffer text = { 0 };
    format_literal(literal.bytes, literal.length, &text);
    size_t width = width_of(text.data, text.length);
    buffer_free(&text);
    return width;
}

void put_title(struct writer *w, const struct declaration *d)
{
    if (!d->title.bytes) return;
    put(w, " ");
    put_literal(w, d->title);
}
