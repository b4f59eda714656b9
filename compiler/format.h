/* The one canonical layout of a rubric, from its tree.  Idempotent; comments stay with the declaration or clause they stand at. */
#ifndef RUBRIC_COMPILER_FORMAT_H
#define RUBRIC_COMPILER_FORMAT_H

#include "compiler/tree.h"

void format_file(const struct tree_file *file, const struct sources *sources, struct buffer *out);          /* with comments */
void format_expression(const struct tree *expression, struct buffer *out);      /* one line, canonical: for traces, docs, hashes */
void format_declaration(const struct declaration *declaration, struct buffer *out);                         /* without comments */
void format_name(const char *name, struct buffer *out);      /* in backquotes where it needs them */
void format_literal(const char *bytes, size_t length, struct buffer *out);      /* quoted and escaped */
void format_points(const struct tree_points *points, struct buffer *out);       /* "+10 for each webinar within 90 days, …" one line */

#endif
