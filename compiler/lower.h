/* Expressions: tree → typed node.  Names are resolved, defines expanded, settings and constants folded (through vm/number.h, so
   that folding can never disagree with running).  Mistakes are reported once; NODE_ERROR silences what stands around them. */
#ifndef RUBRIC_COMPILER_LOWER_H
#define RUBRIC_COMPILER_LOWER_H

#include "compiler/model.h"

/* What an expression may look at. */
enum { SEES_RESULTS = 1, SEES_STAGE = 2, SEES_DISQUALIFIED = 4 };
struct parameter { const char *name; struct node *value; struct parameter *next; };
struct scope {
    struct model *model; unsigned sees; const char *who;        /* "a rule", for messages */
    bool in_event; uint32_t event;                              /* inside `where`: the event, NO_INDEX is activity */
    const struct parameter *parameters; unsigned depth; uint32_t define;
};

struct node *lower_condition(const struct scope *scope, const struct tree *tree);
struct node *lower_value(const struct scope *scope, const struct tree *tree);      /* number, date, text, list or a yes/no value */
struct node *lower_any(const struct scope *scope, const struct tree *tree);          /* a value or a condition */
struct node *lower_number(const struct scope *scope, const struct tree *tree);
struct event_set *lower_set(const struct scope *scope, const struct tree *tree);   /* NULL when reported */

/* Constants of the tree; settings become their values.  False when reported. */
bool lower_bound(struct model *model, const struct bound *bound, int64_t *units);          /* a number with its sign; a percent over 100 */
bool lower_percent(struct model *model, const struct bound *bound, int64_t *ppm);          /* 20% is 200000 */
bool lower_duration(struct model *model, const struct duration *duration, int64_t *count, enum time_unit *unit);
struct text lower_fold(struct model *model, const char *bytes, size_t length);
struct node *node_new(struct model *model, enum node_kind kind, enum type type, struct span span);
struct node *node_pair(struct model *model, enum node_kind kind, struct node *left, struct node *right, struct span span);
const char *type_name(enum type type);                  /* "a number", … */
/* Reports an unknown name with the nearest of what could stand there. */
/* Where a text is compared with a name that nobody declared, the quotes are missing: says so. */
void hint_text(struct model *model, struct span span, const char *name);
/* E0603: "a lead has at most" 4096 "fields", and what to do. */
void report_limit(struct model *model, struct span span, const char *who, int limit, const char *what, const char *help);
void report_unknown(struct model *model, struct span span, const char *name, unsigned symbol_kinds, const char *what);
#define KIND_BIT(kind) (1u << (kind))
#define KIND_ALL (~0u)

#endif
