/* What the lexer does with the shapes it cuts: numbers, dates, texts with their escapes, names in any script, and
   the characters and signs that do not belong.  Each takes the token with its span set, fills in the rest and
   returns its kind.  Mistakes are reported here, and the token is mended as far as that goes. */
#ifndef RUBRIC_GRAMMAR_CHARACTERS_H
#define RUBRIC_GRAMMAR_CHARACTERS_H

#include "grammar/lexer.h"

void scan_comment(struct parse_context *context, struct span span);
/* open and close: the bytes of its quotes. */
int scan_text(struct parse_context *context, struct token *token, uint32_t open, uint32_t close);
int scan_unfinished_text(struct parse_context *context, struct token *token);
int scan_quoted_wrongly(struct parse_context *context, struct token *token);
int scan_backquoted(struct parse_context *context, struct token *token);
int scan_number(struct parse_context *context, struct token *token, int kind);
int scan_date(struct parse_context *context, struct token *token);
/* Returns how many bytes it takes; kind 0: they were no token. */
size_t scan_word(struct parse_context *context, struct token *token);
int scan_foreign_sign(struct parse_context *context, struct token *token);      /* 0: passed over */
void scan_stray(struct parse_context *context, struct span span);

#endif
