/* A trial: one rubric and its leads, once through the oracle and several times through the product (batch sizes, the
   file form of the program, the formatter), all of which must say the same.  What differs is written into a report that
   can be read. */
#ifndef RUBRIC_TESTS_ORACLE_TRIAL_H
#define RUBRIC_TESTS_ORACLE_TRIAL_H

#include <stdbool.h>
#include <stdint.h>
#include "compiler/compile.h"

enum trial_result { TRIAL_AGREES, TRIAL_DISAGREES, TRIAL_REFUSED };
struct trial {
    const char *name;                                   /* of the rubric's file, for messages and `use` */
    const char *rubric; size_t rubric_length;
    const char *const *leads; size_t lead_count;        /* JSON objects, one a line */
    int64_t as_of;
    const struct setting_override *overrides; size_t override_count;
    const char *moved;                                  /* the same rubric with rules in another order, or NULL */
};
/* `report` says what differs, or why the rubric was refused. */
enum trial_result trial_run(const struct trial *trial, struct buffer *report);

/* Takes away declarations, lines of the rubric, leads, members and events as long as a disagreement of the kind that
   `report` tells of stays. */
struct shrunk { char *rubric; char **leads; size_t lead_count; char kind[32]; };
void trial_shrink(const struct trial *trial, const struct buffer *report, struct shrunk *shrunk);
void shrunk_free(struct shrunk *shrunk);

#endif
