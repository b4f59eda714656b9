/* The parts that the formatter is made of; only compiler/format*.c include it.
   A writer appends to a buffer.  Long expressions are first written flat, with marks where they may break, and then laid out. */
#ifndef RUBRIC_COMPILER_FORMAT_PARTS_H
#define RUBRIC_COMPILER_FORMAT_PARTS_H

#include "compiler/format.h"

#define FORMAT_WIDTH 100                                /* columns a line should not exceed */
#define BREAK_CHAIN '\x01'                              /* before `and` or `or` of the outermost chain: break at all or at none */
#define BREAK_LIST '\x02'                               /* between items of a list: break where the line is full */

#define NO_ELEMENT UINT32_MAX                           /* of a comment behind the last element */

struct comment_place { const struct comment *comment; uint32_t target; bool trailing, done; };

struct writer {
    struct buffer *out;
    const struct source *source;                        /* NULL: without comments and blank lines */
    struct comment_place *comments;                     /* those of the declaration being written */
    size_t comment_count;
    bool breaks;                                        /* write the marks above */
    bool canonical;                                     /* one form for one meaning: for traces and hashes */
    size_t name_start, name_end;                        /* the last name written without backquotes, 0: none */
};

/* Where a name stands; some words need backquotes only there. */
enum name_place { NAME_IN_EXPRESSION, NAME_DECLARED, NAME_OF_FIELD, NAME_AS_DURATION };

/* ---- compiler/format_expression.c */
void put(struct writer *w, const char *text);           /* guards a name before it that would become half of a pair */
void put_spaces(struct writer *w, size_t count);
void put_name(struct writer *w, const char *name, enum name_place place);
void put_literal(struct writer *w, struct literal literal);
void put_literals(struct writer *w, const struct literal_list *list, const char *between);
void put_bound(struct writer *w, struct bound bound);
void put_duration(struct writer *w, struct duration duration);
void put_expression(struct writer *w, const struct tree *tree);
void put_event_set(struct writer *w, const struct tree *set);
void put_items(struct writer *w, const struct tree_item *items);    /* with parentheses */
void put_points_line(struct writer *w, const struct tree_points *points);   /* all but the rows */
void put_row_head(struct writer *w, const struct tree_row *row);
size_t name_width(const char *name, enum name_place place);
size_t width_of(const char *bytes, size_t length);      /* in code points */
size_t column_of(const struct writer *w);
/* Appends what `flat` holds, broken at its marks when it does not fit; further lines start at the column where it starts. */
void put_laid_out(struct writer *w, const struct buffer *flat, size_t name_length);
void put_wrapped_expression(struct writer *w, const struct tree *tree);
void put_wrapped_literals(struct writer *w, const struct literal_list *list);

/* ---- compiler/format_comments.c */
/* Gives each comment between `from` and `to` to an element of the declaration, which is known by the offset where it starts. */
void comments_assign(struct writer *w, const struct declaration *declaration, const struct comment *first, uint32_t from, uint32_t to);
void comments_free(struct writer *w);
bool comments_inside(const struct writer *w, const struct declaration *declaration);    /* any but those of its head */
void put_leading_comments(struct writer *w, uint32_t target, unsigned indent);
void put_trailing_comments(struct writer *w, uint32_t target);
void put_left_comments(struct writer *w, unsigned indent);  /* those no element took */
bool blank_line_before(const struct source *source, uint32_t offset);
uint32_t comments_reach(const struct source *source, const struct declaration *declaration, const struct comment *first);
void put_comment_text(struct writer *w, const struct comment *comment);

#endif
