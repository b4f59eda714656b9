/* What the two files of advice share: the place of a syntax error.  Nothing here can fail; texts live in the arena of
   the context.  Internal to compiler/parse_advice*.c. */
#ifndef RUBRIC_COMPILER_PARSE_ADVICE_H
#define RUBRIC_COMPILER_PARSE_ADVICE_H

#include "grammar/lexer.h"

struct place {
    struct parse_context *context;
    const struct token *token, *before, *earlier, *next; /* what does not fit; two before it; one behind it */
};

bool word_among(const struct token *token, const char *const *words);   /* ends with NULL */
const char *written(const struct place *place, const struct token *token);
const char *advice_about_names(const struct place *place);              /* compiler/parse_advice_names.c */

#endif
