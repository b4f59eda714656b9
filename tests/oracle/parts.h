/* What the parts of the oracle share: the rubric with its names found (names.c), one lead as typed values (lead.c),
   values and their reasons (value.c), expressions (expression.c), event sets (events.c), points of rules (points.c),
   scores (score.c), stages and actions (stage.c).  Values live in the arena of the lead.  Nothing here can fail: the
   rubric has been checked. */
#ifndef RUBRIC_TESTS_ORACLE_PARTS_H
#define RUBRIC_TESTS_ORACLE_PARTS_H

#include "tests/oracle/json.h"
#include "tests/oracle/oracle.h"

/* ---- names.c */

enum meaning {
    MEANS_NOTHING, MEANS_FIELD, MEANS_EVENT, MEANS_SETTING, MEANS_LIST, MEANS_DEFINE, MEANS_SCORE, MEANS_GROUP,
    MEANS_RULE, MEANS_BAND, MEANS_MATRIX, MEANS_STAGE
};
struct named { const char *name; enum meaning meaning; size_t index; const struct declaration *declaration; };
struct declared { const struct declaration **items; size_t count, capacity; };
struct lead_field {
    const struct tree_field *field;
    const struct declaration *block;
    size_t depth; /* of its file: 0 is the one that is run */
};

struct oracle {
    struct arena arena;
    struct { struct named *items; size_t count, capacity; } names;
    struct { struct lead_field *items; size_t count, capacity; } fields;
    size_t key, stage_field;                            /* SIZE_MAX: none */
    bool implicit_total;                                /* its index is scores.count */
    struct declared events, settings, lists, defines, scores, groups, rules, bands, matrices, stages, reactions;
    const struct declaration *outcome;
    struct constant *setting_values;                    /* by index of settings: as declared, or as the run gives it */
    struct arena lead_arena;
    struct verdict verdict;
};
const struct named *name_find(const struct oracle *oracle, const char *name);      /* NULL: nobody declared it */
const struct constant *setting_find(const struct oracle *oracle, const char *name);
/* Signed; a percent is the number over 100. */
int64_t bound_units(const struct oracle *oracle, const struct bound *bound);
int64_t bound_ppm(const struct oracle *oracle, const struct bound *bound);          /* of a percent: 20 % is 200000 */
void duration_find(const struct oracle *oracle, const struct duration *duration, int64_t *count, enum time_unit *unit);

/* ---- value.c */

/* Why something is unknown: fields and events in reading order. */
struct reason { const char *name; struct reason *next; };
enum value_kind { VALUE_CONDITION, VALUE_NUMBER, VALUE_DATE, VALUE_TEXT, VALUE_LABEL, VALUE_LIST };
struct value {
    enum value_kind kind;
    bool known;
    bool holds;                                         /* CONDITION */
    int64_t number;                                     /* NUMBER, DATE */
    bool is_domain;                                     /* TEXT made by `domain of` */
    struct text text;                                   /* TEXT as it came; LABEL of a band, cell of a matrix */
    const struct text *elements; size_t element_count;  /* LIST */
    struct reason *reasons;                             /* not known; of a known text: the field it comes from */
};
struct value value_condition(bool holds);
struct value value_number(int64_t units);
struct value value_date(int64_t instant);
struct value value_text(enum value_kind kind, struct text text);
struct value value_missing(enum value_kind kind, struct reason *reasons);
struct reason *reason_one(struct arena *arena, const char *name);
struct reason *reasons_join(struct arena *arena, const struct reason *first, const struct reason *then);
bool value_same(struct value a, struct value b);        /* of known values */

/* ---- lead.c */

struct event { const struct declaration *type; int64_t at; size_t order; struct value *fields; };
struct lead {
    const char *key;
    struct value *fields;                               /* by index of oracle.fields */
    struct event *events;
    size_t event_count; /* not after now; oldest first, equal instants in the record's order */
    size_t stage;                                       /* index; SIZE_MAX: unknown; stages.count: Disqualified */
};
void lead_read(struct oracle *oracle, const struct json *record, int64_t now, struct lead *lead);

/* ---- expression.c */

struct binding { const char *name; struct value value; struct binding *next; };
struct scene {
    struct oracle *oracle; struct arena *arena; int64_t now; const struct lead *lead;
    const struct event *event;                          /* inside a `where`: the event looked at */
    bool any_type;                                      /* … of `activity`: such events share only their time */
    const struct binding *bindings;                     /* inside a define: its parameters */
    bool disqualified;
    const int64_t *scores; const char *const *bands, *const *matrices;      /* NULL until they are computed */
    size_t stage;                   /* for actions */
};
struct value expression_value(const struct scene *scene, const struct tree *tree);
struct value name_value(const struct scene *scene, const struct name *name);

/* ---- events.c */

struct event_list { bool known; struct reason *reasons; const struct event **items; size_t count; };
bool tree_is_set(const struct scene *scene, const struct tree *tree);
struct event_list set_events(const struct scene *scene, const struct tree *tree);
struct value set_answer(const struct scene *scene, const struct tree *tree); /* of the expressions that end in a set */

/* ---- points.c */

struct firing {                                         /* what a rule does for a lead */
    enum { RULE_SILENT, RULE_FIRES, RULE_UNDECIDED } state;
    int64_t points;
    bool passed_over; /* a row of `choose` was unknown although a later one gave points */
    struct reason *reasons;                             /* of undecided and passed_over */
    const char *details; /* of `for each`: the events chosen, oldest first, with what each gave */
};
struct firing rule_firing(const struct scene *scene, const struct declaration *rule);

/* ---- score.c, stage.c: each fills its part of the verdict */

void scores_compute(struct scene *scene, struct verdict *verdict);
void stages_compute(struct scene *scene, struct verdict *verdict);
/* An event set counts as a condition. (expression.c) */
struct value condition_value(const struct scene *scene, const struct tree *tree);

#endif
