/* The proof half of a check: what is wrong with a scoring model although it compiles, each finding with a lead that
   shows it. Findings go to `diags` (families W09xx and C10xx), with both places, a way out and a witness; the witness
   of a finding is also written as a `test` block into diagnostic.witness.

   This library may not run programs; the caller hands in `replay`, which scores a witness on the machine
   (cli/replay.c).  A witness that does not show there what it should show is reported as C1099, an internal error;
   without `replay`, witnesses are not verified.  What cannot be decided is said once for each place (C1090, "not
   proven"), and counted.

   Nothing here fails: without memory the process ends (vm/memory.h).  The report lives until conflicts_free. */
#ifndef RUBRIC_COMPILER_CONFLICTS_CONFLICTS_H
#define RUBRIC_COMPILER_CONFLICTS_CONFLICTS_H

#include "compiler/model.h"

/* A lead that shows something: values and events as a test gives them. */
struct witness {
    int64_t as_of;
    uint32_t stage; /* where it stood: NO_INDEX when unknown */
    struct model_given *fields;
    size_t field_count;
    struct model_given_event *events;
    size_t event_count;
};
enum rule_outcome { RULE_SILENT, RULE_FIRES, RULE_UNDECIDED };
struct observation { /* arrays by the model's indices, made by the caller of replay */
    int64_t *scores;
    uint32_t *labels /* of each band, NO_INDEX: none */;
    uint8_t *rules /* enum rule_outcome */;
    int64_t *points;
    uint32_t stage;
    bool disqualified;
    const char *assigned /* or NULL */;
};

struct conflict_options {
    int64_t as_of;
    int64_t budget_ms;           /* for the reach of all scores together; 0: the default, 600; of processor time */
    bool want_reach, want_leads; /* exact reach; a lead for every stage and label too (`rubric reach`) */
    bool show_all;               /* also beyond twelve findings of a kind */
    bool hygiene;                /* unused declarations, missing reasons, rules without a test */
    void (*replay)(void *context, const struct witness *witness, struct observation *seen);
    void *context;
    const bool *fired_in_tests; /* by rule: whether a test of the rubric makes it fire; NULL: not known */
};

/* `open`: grows (falls) with every further event, without an end.  Not proven: no lead below `least_bound` or above
   `most_bound`, and `least`, `most` are what the leads found get. */
struct reach {
    bool least_open, most_open;
    int64_t least, most;
    bool least_proven, most_proven;
    int64_t least_bound, most_bound;
    struct witness *least_lead, *most_lead;
};
struct rule_reach {
    int64_t least, most;
    bool can_fire;
    struct witness *lead;
};
struct reach_report {
    struct reach *scores, *groups;
    struct rule_reach *rules;
    struct witness **stages;
    int *stage_possible; /* 1 with a lead, 0 proved out of reach, -1 not proven */
    struct witness ***labels;
    int **label_possible; /* of each band */
};
struct conflict_report {
    size_t findings, more /* found and not shown */, not_proven, allowed;
    struct reach_report *reach;
    struct arena arena;
};

struct conflict_report *conflicts_check(const struct model *model, const struct conflict_options *options,
                                        struct diagnostics *diags);
void conflicts_free(struct conflict_report *report);
/* The lead as the clauses of a test ("  given …"), without a name and expectations. */
void witness_write(const struct model *model, const struct witness *witness, struct buffer *out);

#endif
