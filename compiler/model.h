/* The model: the checked meaning of a rubric and of the modules it uses.  Names are resolved, types are checked, defines are
   expanded, settings have their values, sugar is gone.  Built by compiler/model.c (declarations) and compiler/lower.c
   (expressions) from trees; read by bounds, emit, conflicts, doc and diff.  Everything lives in the compilation's arena.
   It is only complete when the diagnostics hold no error. */
#ifndef RUBRIC_COMPILER_MODEL_H
#define RUBRIC_COMPILER_MODEL_H

#include "compiler/diagnostic.h"
#include "compiler/tree.h"

enum type { TYPE_ERROR, TYPE_CONDITION, TYPE_NUMBER, TYPE_DATE, TYPE_TEXT, TYPE_LIST };

enum node_kind {
    NODE_ERROR,         /* already reported; silences its parents */
    NODE_TRUE, NODE_FALSE,      /* conditions */
    NODE_NUMBER,        /* number: units */
    NODE_DATE,          /* number: instant */
    NODE_TEXT,          /* text: raw bytes, as written */
    NODE_MISSING,       /* a value that is never known (division by a constant 0, domain of a text without @) */
    NODE_FIELD,         /* index: lead field; type: CONDITION for yes/no fields */
    NODE_EVENT_FIELD,   /* event, index: field of the event of the enclosing `where` (or of an aggregate) */
    NODE_AT,            /* the event's time */
    NODE_EVENT_TYPE,    /* which type an event of `activity` is; only of NODE_DISTINCT */
    NODE_NOW,
    NODE_ADD, NODE_SUBTRACT, NODE_MULTIPLY, NODE_DIVIDE,    /* left, right: numbers */
    NODE_NEGATE,        /* left */
    NODE_COUNT,         /* set */
    NODE_COUNT_LIST,    /* left: a list field */
    NODE_AGGREGATE,     /* aggregate, set, left: EVENT_FIELD, a number */
    NODE_DISTINCT,      /* set, left: EVENT_FIELD (or AT) of any type but list */
    NODE_FIRST, NODE_LAST,      /* set: a date */
    NODE_UNITS_SINCE,   /* unit, left: a date */
    NODE_LENGTH,        /* left: text */
    NODE_DOMAIN,        /* left: text */
    NODE_SCORE,         /* index */
    NODE_BAND_IS,       /* index: band, which: label */
    NODE_MATRIX_IS,     /* index: matrix, texts[0]: the cell */
    NODE_STAGE_IS,      /* which: stage index, stage_count: Disqualified */
    NODE_AND, NODE_OR,  /* left, right */
    NODE_NOT,           /* left */
    NODE_IF_KNOWN,      /* left: a condition, but unknown where right (a condition) is unknown: `between` with fields as ends */
    NODE_COMPARE,       /* comparison, left, right: numbers or dates */
    NODE_IN,            /* left: number or date; numbers[] */
    NODE_TEXT_TEST,     /* predicate, left: text (field, event field, domain); texts[]: any of them fits (folded; raw where the predicate is) */
    NODE_LIST_TEST,     /* left: list field; texts[]: any element is one of them (folded) */
    NODE_TEXT_SAME,     /* left, right: texts, neither constant */
    NODE_KNOWN,         /* left: any value or condition; `is missing` is NOT KNOWN */
    NODE_WITHIN,        /* left: date; duration: now - D < left <= now */
    NODE_HAS,           /* set, comparison, number: count as a plain integer: `at least 3 E` is GE 3, `no E` is EQ 0, `E` is GE 1 */
    NODE_DISQUALIFIED
};

struct event_set {
    uint32_t event;                                     /* index, or NO_INDEX for activity */
    struct node *where;                                 /* NULL: all */
    enum window_kind window; int64_t count; enum time_unit unit; struct node *date;     /* WITHIN: count units; SINCE, BEFORE: date */
    struct span span;
};
struct node {
    enum node_kind kind; enum type type; struct span span;
    struct node *left, *right;
    int64_t number; int64_t count; enum time_unit unit;         /* WITHIN: count units */
    uint32_t index, event, which;
    enum comparison comparison; enum aggregate aggregate; enum text_predicate predicate;
    struct event_set *set;
    struct text text;                                           /* NODE_TEXT */
    struct text *texts; size_t text_count;
    const struct text *raw_texts;                               /* the same as written, for messages and witnesses */
    int64_t *numbers; size_t number_count;
    uint32_t setting;                                           /* the setting it came from, or NO_INDEX */
    uint32_t define;                                            /* the define it was expanded from (outermost), or NO_INDEX */
    const struct tree *tree;                                    /* as written, for messages; may be NULL */
};

struct model_field {
    struct name name; enum field_type type; struct text *options; size_t option_count; struct literal_list *option_literals;
    bool key, current_stage; const char **from; size_t from_count; struct text *missing; size_t missing_count;      /* folded */
    bool used; const struct tree_field *tree;
};
struct model_event { struct name name; bool activity; struct model_field *fields; size_t field_count; bool used; const struct declaration *tree; };
struct model_setting { struct name name; enum constant_kind kind; int64_t units; struct literal text; struct duration duration; bool overridden, used; const struct declaration *tree; };
struct model_list { struct name name; struct text *folded; const struct text *raw; size_t count; bool used; const struct declaration *tree; };
struct model_define { struct name name; const struct declaration *tree; bool used, busy; struct node *body; /* without parameters */ };

struct model_row {
    enum row_kind kind; int64_t from, below; bool has_from, has_below;      /* ROW_RANGE, units */
    struct text *texts; size_t text_count;                                  /* ROW_TEXTS, folded */
    struct node *condition;                                                 /* ROW_CONDITION */
    int64_t points; const struct tree_row *tree;
};
struct model_points {
    enum points_kind kind; int64_t points;              /* FIXED, EACH, EVERY; units, signed */
    struct event_set *set; enum once once; int64_t most_times; bool has_most_points; int64_t most_points;
    uint32_t fading; int64_t fading_ppm, fading_points, fading_count; enum time_unit fading_unit;      /* fading: 0, 1 percent, 2 points */
    struct node *value; int64_t every;                  /* EVERY, EQUAL, BY */
    struct model_row *rows; size_t row_count;
    int64_t least, most;                                /* bounds of what the clause can give, weight included, 0 included when it may not fire */
};
struct model_rule {
    struct name name; const char *title, *because; bool disqualifies; uint32_t score, group;
    struct node *when;                                  /* NULL: always */
    struct model_points points; int64_t weight_ppm;     /* 1000000 without */
    bool has_active_from, has_active_until; int64_t active_from, active_until;
    const struct declaration *tree;
};
struct model_group {
    struct name name; uint32_t score; enum take take; int64_t weight_ppm; bool has_weight, has_most, has_least; int64_t most, least;
    const struct declaration *tree;
};
struct score_part { uint32_t score; /* NO_INDEX: constant */ int64_t constant; int64_t weight; /* units of a factor: 1 is 10000; percent exact in ppm: */ int64_t weight_ppm; const char *text; };
struct model_score {
    struct name name; bool has_least, has_most; int64_t least, most, base;
    int64_t rounded_to;                                 /* 0: not rounded; half away from zero to a multiple, after decay, before the clamp */
    bool loses; bool lose_by_points; int64_t lose_ppm, lose_points, lose_count; enum time_unit lose_unit; struct event_set *without;
    bool combined, implicit; struct score_part *parts; size_t part_count;
    int64_t lowest, highest;                            /* proved bounds of the final score (bounds.c) */
    int64_t sum_lowest, sum_highest;                    /* before decay and clamp */
    const struct declaration *tree;
};
struct model_label { struct name name; bool has_from, has_below; int64_t from, below; const struct tree_band_row *tree; };
struct model_band { struct name name; uint32_t score; struct model_label *labels; size_t label_count; const struct declaration *tree; };
struct model_matrix { struct name name; uint32_t rows_band, columns_band; const char **cells; /* row-major by label index */ const struct declaration *tree; };
struct model_stage {
    struct name name; const char *title; struct node *when, *stay; bool forever; bool limited; uint32_t *only_from; size_t only_from_count;
    const struct declaration *tree;
};
struct model_piece { enum piece_kind kind; const char *text; uint32_t index; };
struct model_action { enum action_kind kind; uint32_t stage; bool leaving, otherwise; struct node *when; struct model_piece *pieces; size_t piece_count; const struct tree_action *tree; };
struct model_expectation {
    enum expect_kind kind; struct node *condition; uint32_t rule; int64_t points; enum action_kind action; struct text action_text;
    const struct tree_test_clause *tree;
};
struct model_given {                                    /* one value of a test's lead or event */
    uint32_t field; int64_t number; bool yes; struct text text; const struct text *list; size_t list_count;
};
struct model_given_event { uint32_t event; int64_t count; int64_t at; struct model_given *values; size_t value_count; };
struct model_test {
    const char *name; int64_t as_of; struct model_given *fields; size_t field_count; struct model_given_event *events; size_t event_count;
    bool has_stage; uint32_t stage; bool sets_settings; /* its clauses name settings: compile again with them */
    struct model_expectation *expectations; size_t expectation_count; const struct declaration *tree;
};

/* What a name means: one namespace (language.md). */
enum symbol_kind { SYMBOL_FIELD, SYMBOL_EVENT, SYMBOL_SETTING, SYMBOL_LIST, SYMBOL_DEFINE, SYMBOL_SCORE, SYMBOL_GROUP, SYMBOL_RULE, SYMBOL_BAND, SYMBOL_MATRIX, SYMBOL_STAGE };
struct symbol { const char *name; enum symbol_kind kind; uint32_t index; struct span span; };

struct model {
    struct arena *arena; struct sources *sources; struct diagnostics *diags;
    const char *name, *version, *owner, *because;
    struct model_field *fields; size_t field_count; uint32_t key_field, stage_field;
    struct model_event *events; size_t event_count;
    struct model_setting *settings; size_t setting_count;
    struct model_list *lists; size_t list_count;
    struct model_define *defines; size_t define_count;
    struct model_score *scores; size_t score_count;
    struct model_group *groups; size_t group_count;
    struct model_rule *rules; size_t rule_count;        /* rules and disqualifications in file order */
    struct model_band *bands; size_t band_count;
    struct model_matrix *matrices; size_t matrix_count;
    struct model_stage *stages; size_t stage_count;
    struct model_action *actions; size_t action_count;
    struct model_test *tests; size_t test_count;
    struct node *outcome; const struct declaration *outcome_tree;
    struct symbol *symbols; size_t symbol_count; uint32_t *symbol_slots; size_t symbol_slot_count;     /* hash by name */
    bool *uses;                                         /* files x files: whether the first uses the second, through others too */
    size_t node_count;                                  /* of all expressions, against LIMIT_EXPANSION */
    const struct tree_file **files; size_t file_count;  /* the main file first, then what it uses, in order */
    char hash[65];
};

const struct symbol *model_find(const struct model *model, const char *name);
const char *symbol_kind_name(enum symbol_kind kind);    /* "a field", "an event", … */

#endif
