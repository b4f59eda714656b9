/* The parts that the formatter is made of; only compiler/format*.c include it. A writer appends to a buffer.  Long
   expressions are first written flat, with marks where they may break, and then laid out. */
#ifndef RUBRIC_COMPILER_FORMAT_PARTS_H
#define RUBRIC_COMPILER_FORMAT_PARTS_H

#include "compiler/format.h"

#define FORMAT_WIDTH 100                                /* columns a line should not exceed */
#define BREAK_CHAIN '\x01'                              /* before `and`, `or` of the outermost chain, at all */
#define BREAK_INNER '\x03'                             /* before `and` in a part of it: when the part is too long */
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
void put_break(struct writer *w, char mark);            /* only when the writer writes marks */
void put_name(struct writer *w, const char *name, enum name_place place);
void put_literal(struct writer *w, struct literal literal);
void put_literals(struct writer *w, const struct literal_list *list, const char *between);
void put_bound(struct writer *w, struct bound bound);
void put_duration(struct writer *w, struct duration duration);
void put_expression(struct writer *w, const struct tree *tree);
void put_value(struct writer *w, const struct tree *tree);       /* a condition in parentheses */
void put_event_set(struct writer *w, const struct tree *set);
void put_items(struct writer *w, const struct tree_item *items);    /* with parentheses */
void put_points_line(struct writer *w, const struct tree_points *points);   /* all but the rows */
void put_wrapped_points(struct writer *w, const struct tree_points *points);
void put_row_head(struct writer *w, const struct tree_row *row);
size_t name_width(const char *name, enum name_place place);
size_t width_of(const char *bytes, size_t length);      /* in code points */
size_t column_of(const struct writer *w);
/* Appends what `flat` holds, broken at its marks when it does not fit; further lines start at the column where it
   starts. */
void put_laid_out(struct writer *w, const struct buffer *flat, size_t name_length);
void put_wrapped_expression(struct writer *w, const struct tree *tree);
void put_wrapped_literals(struct writer *w, const struct literal_list *list);

/* ---- compiler/format_elements.c */
#define INDENT 2
/* Starts a line: a blank line if the author had one (and `keep`), comments, indentation. */
void open_line(struct writer *w, uint32_t start, unsigned indent, bool keep);
void close_line(struct writer *w, uint32_t start);
/* `keyword` padded to `width`, ready for its value. */
void put_keyword(struct writer *w, const char *keyword, size_t width);
void text_clause(struct writer *w, const char *keyword, size_t width, struct literal literal);
void condition_clause(struct writer *w, const char *keyword, size_t width, const struct tree *tree);
void bound_part(struct writer *w, const char *keyword, struct bound bound);
void put_title(struct writer *w, const struct declaration *d);
size_t literal_width(struct literal literal);

/* A run of declarations of one kind without blank lines between them, aligned with each other. */
struct run { size_t name_width, head_width; };

/* ---- compiler/format_rules.c */
void put_rubric(struct writer *w, const struct declaration *d);
void put_use(struct writer *w, const struct declaration *d);
void put_lead(struct writer *w, const struct declaration *d);
void put_event(struct writer *w, const struct declaration *d, struct run run);
void put_constant(struct writer *w, const struct constant *constant);
void put_setting(struct writer *w, const struct declaration *d);
void put_list_of_texts(struct writer *w, const struct declaration *d);
void put_define(struct writer *w, const struct declaration *d);
void put_score(struct writer *w, const struct declaration *d, struct run run);
void put_group(struct writer *w, const struct declaration *d);
void put_rule(struct writer *w, const struct declaration *d);
void put_disqualify(struct writer *w, const struct declaration *d);
size_t field_width(const struct declaration *d);        /* of the longest name of a field */

/* ---- compiler/format_stages.c */
void put_band(struct writer *w, const struct declaration *d);
void put_matrix(struct writer *w, const struct declaration *d);
void put_stage(struct writer *w, const struct declaration *d, struct run run);
void put_on(struct writer *w, const struct declaration *d);
void put_outcome(struct writer *w, const struct declaration *d);
const char *action_word(enum action_kind kind);
bool stage_stays(const struct declaration *d);
size_t stage_start_width(const struct declaration *d);  /* of what stands before `stay` */
size_t stage_end_width(const struct declaration *d);
size_t stay_column(size_t start_width);

/* ---- compiler/format_tests.c */
void put_test(struct writer *w, const struct declaration *d);

/* ---- compiler/format_comments.c */
/* Gives each comment between `from` and `to` to an element of the declaration, which is known by the offset where it
   starts. */
void comments_assign(struct writer *w, const struct declaration *declaration, const struct comment *first,
                     uint32_t from, uint32_t to);
void comments_free(struct writer *w);
bool comments_inside(const struct writer *w, const struct declaration *declaration);    /* any but those of its head */
void put_leading_comments(struct writer *w, uint32_t target, unsigned indent);
void put_trailing_comments(struct writer *w, uint32_t target);
void put_left_comments(struct writer *w, unsigned indent);  /* those no element took */
bool comments_at(const struct writer *w, uint32_t target);    /* on lines of their own, before an element */
bool line_starts_between(const struct source *source, uint32_t from, uint32_t to);
bool blank_line_before(const struct source *source, uint32_t offset);
uint32_t comments_reach(const struct source *source, const struct declaration *declaration,
                        const struct comment *first);
void put_comment_text(struct writer *w, const struct comment *comment);

#endif
