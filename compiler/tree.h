/* The tree: what the author wrote, nothing resolved.  grammar/parser.y builds it through these structs; names are NFC texts with
   their span.  Everything lives in the compilation's arena and is immutable after parsing.  Lists are linked in file order. */
#ifndef RUBRIC_COMPILER_TREE_H
#define RUBRIC_COMPILER_TREE_H

#include "compiler/source.h"
#include "vm/calendar.h"
#include "vm/program.h"

struct name { const char *text; struct span span; };                    /* text NULL: not there */
struct name_list { struct name name; struct name_list *next; };
/* A text literal, unescaped UTF-8. */
struct literal { const char *bytes; uint32_t length; struct span span; };   /* bytes NULL: not there */
struct literal_list { struct literal literal; struct literal_list *next; };

/* A number or a setting's name, with its sign: `+20`, `-2.5`, `mql_from`, `- penalty`. */
enum sign { SIGN_NONE, SIGN_PLUS, SIGN_MINUS };
enum bound_kind { BOUND_ABSENT, BOUND_NUMBER, BOUND_PERCENT, BOUND_SETTING };
struct bound { enum bound_kind kind; enum sign sign; int64_t units; struct name setting; struct span span; };
/* units: the number without its sign in 0.0001 (a percent as written: 20 % is 200000); the sign is kept apart. */

enum duration_kind { DURATION_ABSENT, DURATION_LITERAL, DURATION_SETTING };
struct duration { enum duration_kind kind; int64_t count; enum time_unit unit; bool count_omitted; struct name setting; struct span span; };

enum tree_kind {
    TREE_NUMBER,        /* number: units */
    TREE_PERCENT,       /* number: units as written (20 % is 200000) */
    TREE_TEXT,          /* literal */
    TREE_DATE,          /* number: instant; literal.bytes: as written */
    TREE_YES, TREE_NO,
    TREE_NAME,          /* name */
    TREE_ACTIVITY, TREE_NOW, TREE_AT, TREE_DISQUALIFIED,
    TREE_CALL,          /* name, items: arguments */
    TREE_COUNT,         /* left: an event set or a name (list field): `count of X` */
    TREE_AGGREGATE,     /* aggregate, name: field, left: event set */
    TREE_DISTINCT,      /* name: field, left: event set */
    TREE_UNITS_SINCE,   /* unit, left: date */
    TREE_FIRST, TREE_LAST,      /* left: event set */
    TREE_LENGTH, TREE_DOMAIN,   /* left */
    TREE_NEGATE,        /* left */
    TREE_ADD, TREE_SUBTRACT, TREE_MULTIPLY, TREE_DIVIDE,    /* left, right */
    TREE_AND, TREE_OR,  /* left, right */
    TREE_NOT,           /* left */
    TREE_COMPARE,       /* comparison, left, right */
    TREE_IS,            /* left, right, negated: `is`, `is not` */
    TREE_IS_MISSING, TREE_IS_KNOWN,     /* left, negated */
    TREE_IS_EXACTLY,    /* left, literal, negated */
    TREE_BETWEEN,       /* left, right, third, negated */
    TREE_IN,            /* left, list, negated */
    TREE_TEXT_OP,       /* textop, left, quantifier, list, negated */
    TREE_MATCHES,       /* left, literal, negated */
    TREE_WITHIN,        /* left (an event set or a date), duration */
    TREE_BEFORE, TREE_AFTER, TREE_SINCE,    /* left (an event set or a date), right: date */
    TREE_WHERE,         /* an event set with where: left (NAME or ACTIVITY), right: condition, window */
    TREE_SET,           /* an event set without where: left (NAME, ACTIVITY, or a set in parentheses), window */
    TREE_NO_SET,        /* left: event set: `no E` */
    TREE_QUANTITY,      /* quantity, bound, left: event set: `at least 3 E` */
    TREE_STAGE_IS       /* name or literal, negated: `stage is X`, in actions and tests only */
};
enum comparison { COMPARE_EQ, COMPARE_NE, COMPARE_LT, COMPARE_LE, COMPARE_GT, COMPARE_GE };
enum textop {
    TEXTOP_CONTAINS, TEXTOP_HAS_WORD, TEXTOP_STARTS_WITH, TEXTOP_ENDS_WITH,
    TEXTOP_CONTAINS_EXACTLY, TEXTOP_STARTS_WITH_EXACTLY, TEXTOP_ENDS_WITH_EXACTLY
};
enum quantifier { QUANTIFIER_ONE, QUANTIFIER_ANY, QUANTIFIER_ALL };      /* "x" (or a name alone), any of, all of */
enum quantity { QUANTITY_AT_LEAST, QUANTITY_AT_MOST, QUANTITY_EXACTLY, QUANTITY_MORE_THAN, QUANTITY_FEWER_THAN };
enum aggregate { AGGREGATE_SUM, AGGREGATE_MIN, AGGREGATE_MAX, AGGREGATE_AVERAGE };

enum window_kind { WINDOW_NONE, WINDOW_WITHIN, WINDOW_SINCE, WINDOW_BEFORE };
struct window { enum window_kind kind; struct duration duration; struct tree *date; struct span span; };

/* A list where one is asked for: a list's name, or items in parentheses (or the one text of `contains "x"`). */
struct tree_list { struct name name; struct tree_item *items; struct span span; };
struct tree_item { struct tree *value; struct tree_item *next; };   /* value: NUMBER (maybe under NEGATE), TEXT, NAME, DATE */

struct tree {
    enum tree_kind kind;
    bool negated, parenthesised;
    uint16_t nesting, terms, depth;                     /* levels of parentheses, `not`, signs; terms joined; levels of the whole tree: all have limits */
    enum comparison comparison; enum textop textop; enum quantifier quantifier; enum quantity quantity; enum aggregate aggregate;
    enum time_unit unit;
    struct span span;                                   /* of the whole expression */
    int64_t number;
    struct name name;
    struct literal literal;
    struct tree *left, *right, *third;
    struct tree_item *items;
    struct tree_list list;
    struct duration duration;
    struct window window;
    struct bound bound;
};

/* ---- declarations ------------------------------------------------------------------------------------------------------- */

enum declaration_kind {
    DECLARATION_RUBRIC, DECLARATION_USE, DECLARATION_LEAD, DECLARATION_EVENT, DECLARATION_SETTING, DECLARATION_LIST, DECLARATION_DEFINE,
    DECLARATION_SCORE, DECLARATION_GROUP, DECLARATION_RULE, DECLARATION_DISQUALIFY, DECLARATION_BAND, DECLARATION_MATRIX,
    DECLARATION_STAGE, DECLARATION_ON, DECLARATION_OUTCOME, DECLARATION_TEST
};

struct tree_field {
    struct name name; enum field_type type; struct literal_list *options; bool key, current_stage;
    struct literal_list *from, *missing; struct span span, type_span; struct tree_field *next;
};

enum constant_kind { CONSTANT_NUMBER, CONSTANT_TEXT, CONSTANT_PERCENT, CONSTANT_DURATION };
struct constant { enum constant_kind kind; int64_t units; /* signed; percent as written */ struct literal literal; struct duration duration; struct span span; };

struct tree_lose { bool present; bool by_points; struct bound amount; struct duration every; struct tree *without; struct span span; };

enum points_kind { POINTS_ABSENT, POINTS_FIXED, POINTS_EACH, POINTS_EVERY, POINTS_EQUAL, POINTS_BY, POINTS_CHOOSE };
enum row_kind { ROW_RANGE, ROW_TEXTS, ROW_YES, ROW_NO, ROW_MISSING, ROW_OTHERWISE, ROW_CONDITION };
struct tree_row {
    enum row_kind kind; struct bound from, below;       /* ROW_RANGE: either may be BOUND_ABSENT */
    struct literal_list *texts; struct tree *condition; struct bound points; struct span span; struct tree_row *next;
};
struct tree_points {
    enum points_kind kind; struct bound points;         /* FIXED, EACH, EVERY */
    struct tree *value;                                 /* EACH: event set; EVERY: the NUMBER; EQUAL; BY */
    struct bound every;                                 /* EVERY: M */
    enum once once; struct bound most_times, most_points;   /* BOUND_ABSENT when not given */
    bool fading, fading_by_points; struct bound fading_amount; struct duration fading_every;
    struct tree_row *rows;                              /* BY, CHOOSE */
    struct span span;
};

struct tree_band_row { struct name label; struct bound from, below; struct span span; struct tree_band_row *next; };
struct tree_matrix_row { struct name label; struct literal_list *cells; struct span span; struct tree_matrix_row *next; };

struct tree_action { enum action_kind kind; struct literal text; struct tree *when; bool otherwise; struct span span; struct tree_action *next; };

struct tree_given_field { struct name field; struct tree *value; struct tree_item *list; struct tree_given_field *next; };
enum expect_kind { EXPECT_CONDITION, EXPECT_RULE_GIVES, EXPECT_RULE_FIRES, EXPECT_RULE_SILENT, EXPECT_RULE_UNDECIDED, EXPECT_ACTION };
enum test_clause_kind { TEST_AS_OF, TEST_GIVEN_FIELDS, TEST_GIVEN_EVENT, TEST_GIVEN_STAGE, TEST_GIVEN_SETTING, TEST_EXPECT };
/* `given NAME …`: whether NAME is a field or an event is only known after names are resolved.  GIVEN_FIELDS has no event name:
   `given title "CEO", employees 250`; GIVEN_EVENT: `given page_view url "/x" 3 days ago`, `given 2 webinar 10 days ago`, `given webinar`. */
struct tree_test_clause {
    enum test_clause_kind kind; struct span span;
    int64_t date; bool has_date;                        /* AS_OF; GIVEN_EVENT `at DATE` */
    struct duration ago;                                /* GIVEN_EVENT, may be absent */
    int64_t count; struct name event;                   /* GIVEN_EVENT: count 1 when left out */
    struct tree_given_field *fields;
    struct name stage; struct literal stage_text;       /* GIVEN_STAGE */
    struct name setting; struct constant value;         /* GIVEN_SETTING */
    enum expect_kind expect; struct tree *condition; struct name rule; struct bound points;
    enum action_kind action; struct literal action_text;
    bool continues;                                     /* EXPECT: stands behind a comma, not behind `expect` */
    struct tree_test_clause *next;                      /* one clause per expectation: `expect a, b` is two */
};

struct declaration {
    enum declaration_kind kind;
    struct span span;                                   /* the whole declaration */
    bool broken;                                        /* a syntax error inside: what it says is incomplete */
    struct name name;                                   /* of what has one; ON: the stage */
    struct literal title;                               /* RUBRIC: its name; RULE, STAGE: the title; TEST: its name */
    struct literal because;
    struct literal version, owner;                      /* RUBRIC */
    struct literal path; const char *module;            /* USE: a file, or "std.email" */
    struct tree_field *fields; struct literal_list *missing;    /* LEAD, EVENT */
    bool not_activity;                                  /* EVENT */
    struct constant constant;                           /* SETTING */
    struct literal_list *texts; struct literal list_file, list_column;   /* LIST */
    struct name_list *parameters; bool is_function; struct tree *expression;   /* DEFINE, SCORE … as, OUTCOME */
    struct bound from, to, starts_at, rounded_to; struct tree_lose lose;    /* SCORE */
    struct name parent;                                 /* GROUP, RULE: in; BAND: of; MATRIX: of */
    struct name parent_by;                              /* MATRIX: by */
    struct bound at_most, at_least, weight; enum take take; struct span take_span;   /* GROUP; RULE: weight */
    struct tree *when; struct tree_points points;       /* RULE, DISQUALIFY, STAGE: when */
    bool has_active_from, has_active_until; int64_t active_from, active_until;   /* RULE */
    struct span active_span;
    struct tree_band_row *bands; struct name_list *labels; struct tree_matrix_row *matrix_rows;
    struct tree *stay_while; bool stay_forever; struct name_list *only_from;     /* STAGE */
    bool leaving; struct tree_action *actions;          /* ON */
    struct tree_test_clause *test;                      /* TEST */
    struct declaration *next;
};

/* A comment, for the formatter: `# …` without its line end, and whether something stood before it on its line. */
struct comment { struct span span; bool trailing; struct comment *next; };
struct tree_file { struct declaration *declarations; struct comment *comments; uint32_t file; };

struct diagnostics;
/* Parses one file of `sources`.  Problems go to diags; what could be read is returned all the same. (compiler/parse.c) */
struct tree_file *parse_file(struct sources *sources, uint32_t file, struct diagnostics *diags, struct arena *arena);
/* The tree as indented text, for --dump. (compiler/tree_print.c) */
void tree_print(const struct tree_file *file, struct buffer *out);

#endif
