/* A verdict: everything a run says about one lead, as plain values.  The oracle makes one from the tree, product.c
   makes one from the machine; they are compared as texts, so that a disagreement can be read.  The arena that made it
   owns it; nothing can fail. */
#ifndef RUBRIC_TESTS_ORACLE_VERDICT_H
#define RUBRIC_TESTS_ORACLE_VERDICT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "vm/memory.h"
#include "vm/number.h"
#include "vm/program.h"

struct verdict_score { const char *name; int64_t points; };
struct verdict_label { const char *name, *label; };                 /* of a band or a matrix; label NULL: none */
struct verdict_undecided { const char *rule; const char **missing; size_t missing_count; };
struct verdict_action { enum action_kind kind; const char *text; };
/* One line of the trace.  step: "rule", "beaten", or the name of a step; name: the rule's, the group's or "".
   details: the events that `for each` chose with what each gave, the periods of a decay; NULL when there are none. */
struct verdict_line { const char *score, *step, *name; int64_t points; const char *details; };

#define VERDICT_LIST(type, what) struct { struct type *items; size_t count, capacity; } what
struct verdict {
    const char *lead;                                               /* the key as text, "" without */
    VERDICT_LIST(verdict_score, scores);
    VERDICT_LIST(verdict_label, bands);
    VERDICT_LIST(verdict_label, matrices);
    const char *stage, *stage_before;                               /* NULL: none, unknown */
    struct { const char **items; size_t count, capacity; } disqualified;
    VERDICT_LIST(verdict_undecided, undecided);
    VERDICT_LIST(verdict_action, actions);
    VERDICT_LIST(verdict_line, lines);
    const char *won; /* "yes", "no", "unknown"; NULL without an outcome */
};

/* Appends an element to one of the lists above and yields its address. */
#define VERDICT_ADD(arena, list) \
    ((list).items = verdict_room((arena), (list).items, sizeof *(list).items, (list).count, &(list).capacity), \
     &(list).items[(list).count++])
void *verdict_room(struct arena *arena, void *items, size_t element_bytes, size_t count, size_t *capacity);

enum verdict_extent { VERDICT_PLAIN, VERDICT_DETAILED }; /* detailed: as results tell it, without whether it was won */
void verdict_print(const struct verdict *verdict, enum verdict_extent extent, struct buffer *out);
/* The first score whose lines do not sum to it, or NULL: promise 1 of the language. */
const char *verdict_unbalanced(const struct verdict *verdict);

#endif
