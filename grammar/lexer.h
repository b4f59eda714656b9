/* From bytes to tokens.  Three layers: grammar/lexer.l cuts the text, grammar/words.c decides what a word means
   (reserved, only in its place, or half of a pair such as `at most`), grammar/parser.y asks for one token after the
   other through rubric_lex(). Everything they share is in struct parse_context, which lives for one call of
   parse_file(); what they make lives in its arena. Mistakes in characters are reported at once and mended where that
   is possible, so that they cause no second message. */
#ifndef RUBRIC_GRAMMAR_LEXER_H
#define RUBRIC_GRAMMAR_LEXER_H

#include "compiler/diagnostic.h"
#include "compiler/tree.h"

struct literal_chain { struct literal_list *first, *last; };
struct name_chain { struct name_list *first, *last; };
struct item_chain { struct tree_item *first, *last; };
struct row_chain { struct tree_row *first, *last; };
struct given_chain { struct tree_given_field *first, *last; };
struct date_word { int64_t instant; struct literal written; };
struct unit_word { enum time_unit unit; struct name word; };

/* What a token or a rule of the grammar carries. */
union token_value {
    struct name name;
    struct literal literal;
    int64_t number;
    struct date_word date;
    struct unit_word unit;
    struct tree *tree;
    struct bound bound;
    struct duration duration;
    struct window window;
    struct constant constant;
    struct tree_list list;
    struct literal_chain literals;
    struct name_chain names;
    struct item_chain items;
    struct row_chain rows;
    struct given_chain givens;
    struct tree_row *row;
    struct tree_points *points;
    struct tree_given_field *given;
    struct tree_test_clause *clause;
    struct tree_action *action;
    enum comparison comparison;
    enum textop textop;
    enum quantity quantity;
    enum aggregate aggregate;
    enum take take;
};

struct token {
    int kind;                                           /* a TOKEN_ of the generated parser */
    struct span span;
    union token_value value;
    bool is_word;                                       /* a word without backquotes: value.name holds it */
    bool first_on_line;
};

/* Clauses that may stand once in a declaration. */
enum clause {
    CLAUSE_VERSION, CLAUSE_OWNER, CLAUSE_BECAUSE, CLAUSE_WHEN, CLAUSE_POINTS, CLAUSE_WEIGHT, CLAUSE_ACTIVE_FROM,
    CLAUSE_ACTIVE_UNTIL, CLAUSE_FROM, CLAUSE_TO, CLAUSE_STARTS_AT, CLAUSE_ROUNDED_TO, CLAUSE_LOSE, CLAUSE_AT_MOST, CLAUSE_AT_LEAST,
    CLAUSE_TAKE, CLAUSE_STAY, CLAUSE_ONLY_FROM, CLAUSE_AS_OF, CLAUSE_FIELD_KEY, CLAUSE_FIELD_FROM, CLAUSE_FIELD_MISSING,
    CLAUSE_FIELD_STAGE,
    CLAUSE_COUNT
};

#define WORD_SLOTS 512                                  /* of the table of words: a power of two, far from full */
#define RECENT_TOKENS 4
#define OPEN_PARENTHESES 32

struct parse_context {
    struct sources *sources;
    const struct source *source;
    uint32_t file;
    struct diagnostics *diags;
    struct arena *arena;
    struct tree_file *tree;
    /* the tree under construction */
    struct declaration **next_declaration, *declaration;
    struct comment **next_comment;
    struct tree_field *field, **next_field;
    struct tree_action **next_action;
    struct tree_test_clause **next_clause;
    struct tree_band_row **next_band;
    struct tree_matrix_row **next_matrix_row;
    struct span seen[CLAUSE_COUNT];                     /* where a clause of the declaration stands; end 0: nowhere */
    bool too_deep;                                      /* reported once for a declaration */
    /* the stream of tokens */
    void *scanner;
    const char *scan_base;                              /* start of the scanner's own copy of the text */
    const struct word *words[WORD_SLOTS];
    struct token queue[4];
    unsigned queued;
    struct token recent[RECENT_TOKENS];                 /* handed to the parser, newest first */
    struct span open[OPEN_PARENTHESES];                 /* parentheses that are open, outermost first */
    unsigned open_count;                                /* may be larger than what is kept */
    bool closes_nothing;                                /* the newest `)` */
    int home;                                           /* the declaration word the reader is in */
    bool recovering, sync_given;
    uint32_t mistake_end;                               /* end of the newest mistake in characters, 0: none */
};

/* Cuts the next token; returns its kind. (grammar/lexer.l) */
int rubric_scan(struct token *token, void *scanner);
void scanner_open(struct parse_context *context);
void scanner_close(struct parse_context *context);

/* A word of the language, or the first half of a pair. (grammar/words.c) */
struct word { const char *text; int kind; bool reserved, starts_pair; enum time_unit unit; };
void words_init(struct parse_context *context);
const struct word *word_find(const struct parse_context *context, const char *text, size_t length);
bool word_starts_declaration(int kind);
/* 0: the next one the parser will get. */
const struct token *token_peek(struct parse_context *context, unsigned ahead);
/* Reads on at the next declaration after a syntax error at `token`. */
void tokens_recover(struct parse_context *context, const struct token *token);

/* What could have stood at the place of a syntax error: a token, and its name in messages. */
struct expected { int token; const char *words; };
/* What to write instead of a token that does not fit, or NULL. (compiler/parse_advice.c) */
const char *parse_advice(struct parse_context *context, const struct token *token, const struct token *next);
/* Every syntax error goes through here; the token that does not fit is context->recent[0]. (compiler/parse_report.c) */
void parse_report_unexpected(struct parse_context *context, const struct expected *expected, size_t count);
void parse_report_memory(struct parse_context *context, struct span span);

/* The next token for the parser; `union token_value` is its %union. (words.c) */
union token_value;
int rubric_lex(union token_value *value, struct span *span, struct parse_context *context);

#endif
