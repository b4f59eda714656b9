/* What a check has claimed about a rubric, as claims that a single lead can refute, and the leads that may.  The caller
   owns the compilation, the report and the buffers; claims_free frees the claims.  What is refuted is said, one sentence
   a line, in `problem`; nothing else can fail (without memory the process ends). */
#ifndef RUBRIC_TESTS_CLAIMS_CLAIMS_H
#define RUBRIC_TESTS_CLAIMS_CLAIMS_H

#include "cli/replay.h"
#include "compiler/compile.h"
#include "tests/oracle/generate.h"

enum claim_of {
    NEVER_FIRES,        /* rule a */
    NEVER_SILENT,       /* rule a */
    FIRES_INSIDE,       /* whenever rule a fires, rule b does */
    FIRES_DISQUALIFIED, /* whoever makes rule a fire is disqualified */
    NEVER_GIVES,        /* rule a never gives `from` */
    NEVER_COUNTS,       /* rule a fires, if at all, beaten */
    POINTS_WITHIN,      /* what rule a gives is in from … to */
    ONE_AT_MOST,        /* of the rules of group a */
    SCORE_WITHIN,       /* score a */
    GROUP_WITHIN,       /* group a, with its bounds */
    LABEL_NEVER,        /* label b of band a */
    LABEL_ALWAYS,       /* every lead has one of band a */
    CELL_NEVER,         /* of matrix a: label `from` of its rows, `to` of its columns */
    BOUND_NEVER,        /* group a: a line of kind b */
    STAGE_NEVER,        /* stage a is never entered */
    STAGE_KEPT,         /* nobody falls back from stage a */
    CHANGES_NOTHING     /* rule a: without it, all scores are the same */
};
struct claimed { enum claim_of of; uint32_t a, b; int64_t from, to; const char *message; bool refuted; };
struct claims { struct claimed *items; size_t count, capacity; };

/* The leads of a sample, and of `rounds` more that are made for it, as NDJSON. */
void leads_make(const struct sample *sample, uint64_t seed, uint64_t rounds, struct buffer *leads);
void claims_collect(struct claims *claims, const struct model *model, const struct conflict_report *report,
                    const struct diagnostics *diags);
/* Scores the leads (NDJSON) and holds every claim against each; returns how many leads were scored. */
uint64_t claims_hold(struct claims *claims, const struct compilation *c, int64_t as_of, const struct buffer *leads,
                     struct buffer *problem);
/* The claims that need another rubric: the one without the rule. */
void claims_without_rules(struct claims *claims, const struct compilation *c, const struct buffer *rubric, const struct sample *sample,
                          const struct buffer *leads, struct buffer *problem);
void claims_free(struct claims *claims);

#endif
