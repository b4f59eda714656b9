/* What the passes of the check share: the space of leads, each rule as a formula, and how findings are reported.
   Passes, in this order: rules.c (one rule, pairs), rows.c (rows, lists of assign, bands), reach.c (how far scores go),
   stages.c, hygiene.c, allow.c (what the author accepts). */
#ifndef RUBRIC_COMPILER_CONFLICTS_CHECK_H
#define RUBRIC_COMPILER_CONFLICTS_CHECK_H

#include "compiler/conflicts/conflicts.h"
#include "compiler/conflicts/space.h"

struct rule_facts {
    bool active, scores;        /* active as of now; adds points to a score */
    formula when, fails, fires; /* the condition holds, fails; the rule fires */
    uint32_t set;               /* of `for each`, or NO_INDEX */
    formula *rows, *takes;
    size_t row_count;   /* row i alone; row i is the one taken (and `when` holds) */
    bool never, always; /* as far as rules.c has found: no lead meets it; no value fails it */
    bool has_date, sees_clock, depends_on_day;
    int sign;            /* of what it gives; 0: either */
    uint32_t own_sample; /* a sampled lead made for it, or NO_INDEX */
};
struct claim { /* what a witness shows */
    enum {
        CLAIM_FIRES,
        CLAIM_SILENT,
        CLAIM_NOT_FIRES,
        CLAIM_GIVES,
        CLAIM_SCORE,
        CLAIM_STAGE,
        CLAIM_NOT_STAGE,
        CLAIM_DISQUALIFIED,
        CLAIM_NO_LABEL,
        CLAIM_NOT_ASSIGNED,
        CLAIM_SCORE_IN
    } kind;
    uint32_t index;
    int64_t points, below;
};
struct check {
    const struct model *model;
    const struct conflict_options *options;
    struct diagnostics *diags;
    struct conflict_report *report;
    struct arena *arena;
    struct space *space;
    struct rule_facts *rules;
    uint64_t *signatures;
    size_t signature_words; /* of each rule's `fires`, over sampled leads */
    uint32_t *samples;
    size_t sample_count;       /* sample i: a pool index for each slot */
    formula sees_disqualified; /* some disqualification holds */
    struct reach *score_reach;
    uint32_t **leads;
    size_t lead_count, lead_capacity; /* leads found on the way: extremes of scores */
    bool answers_only;                /* leads that are found need not be small: nobody will see them */
    struct sum *sums;                 /* of each score, for evaluating leads; made when first asked for */
    size_t shown[DIAGNOSTIC_COUNT];
    struct not_proven {
        struct span span;
    } * open;
    size_t open_count, open_capacity;
};

enum { MOST_OF_A_KIND = 12 }; /* findings shown of one code; the others are counted */

/* ---- report.c ---- */
/* NULL when enough of this code have been shown (it is counted then). */
struct diagnostic *check_report(struct check *check, enum diagnostic_code code, struct span span, const char *format,
                                ...) __attribute__((format(printf, 4, 5)));
/* NULL when the place has been named before, or enough have been shown. */
struct diagnostic *check_not_proven(struct check *check, struct span span, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Runs the witness, writes it as a test and puts it on the finding.  False when it does not show the claims. */
bool check_witness(struct check *check, struct diagnostic *d, const struct witness *witness, const struct claim *claims,
                   size_t count, const char *name);
bool check_shows(struct check *check, const struct witness *witness, const struct claim *claims, size_t count);
/* `name` as it is written in a rubric, between two texts. */
void check_write_name(struct buffer *out, const char *before, const char *name, const char *after);
/* The witness in one line, for a note: `title "CEO", employees 250, 3 page_view 1 day ago`. */
const char *check_lead_text(struct check *check, const struct witness *witness);
const char *check_points(struct check *check, int64_t units);                         /* "+20" */
const char *check_number(struct check *check, int64_t units);                         /* "20" */
const char *check_value(struct check *check, const struct node *node, int64_t units); /* a number, or a date */
struct span rule_span(const struct model_rule *rule);                                 /* its name */
struct span when_span(const struct model_rule *rule);                                 /* its condition, or its name */
void report_finish(struct check *check);

/* ---- witness.c ---- */
struct witness *witness_of(struct check *check, const uint32_t *values); /* of pool indices */
/* The same with its events as old as they may be, all of a kind at one time: where points fade, or one a day counts. */
struct witness *witness_aged(struct check *check, const uint32_t *values);
/* A lead for f; NULL when there is none, or none was found (*answer says which). */
struct witness *witness_for(struct check *check, formula f, enum answer *answer);
struct observation *observation_new(struct check *check);
void witness_add_event(struct check *check, struct witness *witness, uint32_t event, int64_t at);

/* ---- seek.c ---- */
/* A lead for which f holds when the scores in it are what the lead really gets; looked for, so NULL proves nothing. */
struct witness *seek_lead(struct check *check, formula f, const struct claim *claims, size_t claim_count);
/* The smallest lead near `values` for which f still holds; NULL when it does not show the claims. */
struct witness *shrink_lead(struct check *check, formula f, uint32_t *values, const struct claim *claims,
                            size_t claim_count);
struct witness *find_score_in(struct check *check, uint32_t score, int64_t from, int64_t below, enum answer *answer);
void seek_free(struct check *check);
/* ---- plain.c ---- */
/* Makes the lead small while `keeps` stays true of it: the fewest fields, the plainest values.  `patience`: how often it
   may ask. */
void lead_make_plain(struct space *space, uint32_t *values, bool (*keeps)(void *context, const uint32_t *values),
                     void *context, size_t patience);
uint64_t lead_cost(const struct space *space, const uint32_t *values); /* the smaller, the plainer */
/* ---- exact.c ---- */
/* The same question decided: NO is proved; YES comes with pool indices.  UNKNOWN where the sums are too long or not
 * exact. */
enum answer exact_lead(struct check *check, formula f, uint32_t *values);
/* Whether some lead for which the rule fires has another score because of it. */
enum answer exact_matters(struct check *check, size_t rule);
/* seek_lead, and where that finds nothing, exact_lead; NULL with *answer NO or UNKNOWN. */
struct witness *decide_lead(struct check *check, formula f, const struct claim *claims, size_t claim_count,
                            enum answer *answer);
enum answer decide(struct check *check, formula f); /* whether there is such a lead */

/* ---- passes ---- */
void facts_make(struct check *check); /* facts.c: formulas, samples, signatures */
formula value_row(struct space *space, const struct node *value, const struct model_row *row);
void check_rules(struct check *check);
/* Whether the answer could be another one on another day. */
bool depends_on_day(const struct check *check, const struct node *node);
/* parts.c: `when` and all other conditions, alternatives that never hold and operands that never fail */
void check_all_parts(struct check *check);
void check_rows(struct check *check);
void check_reach(struct check *check);
/* labels.c: after the reach is known */
void check_thresholds(struct check *check, const struct node *node, bool negated, const char *where);
void check_labels(struct check *check);
void check_holes(struct check *check);
void check_stages(struct check *check);
formula
scores_possible(struct check *check);  /* stages.c: what the reach of scores, and how they are combined, says of them */
void check_cells(struct check *check); /* cells.c */
void check_hygiene(struct check *check);
void check_allowed(struct check *check, size_t first); /* of diags from `first` on */
const char *opaque_reason(const struct space *space, formula f);
void sample_values(const struct check *check, size_t sample, uint32_t *values);
void formula_signature(const struct check *check, formula f, uint64_t *out);

#endif
