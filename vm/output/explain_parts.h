/* What the explanation of a lead is made of: values seen, conditions with their answers, and lines of a given width.
   Internal to vm/output/. */
#ifndef RUBRIC_VM_OUTPUT_EXPLAIN_PARTS_H
#define RUBRIC_VM_OUTPUT_EXPLAIN_PARTS_H

#include "vm/output/writer.h"

struct explanation {
    const struct machine *machine;
    const struct program *program;
    uint32_t lead;
    size_t width;
    struct buffer *out;
    struct buffer line;                                 /* the text of a line before it is wrapped; printable */
    struct buffer raw;                                  /* a value before it is made printable */
    struct trace trace;
};

/* Writes `line` after `indent` spaces, wrapped at words, and empties it. */
void explain_wrap(struct explanation *explain, size_t indent);
/* A heading from column `column` on: `line` on the left, the source place on the right where there is room.  The caller
   has written what stands before the column. */
void explain_headed(struct explanation *explain, size_t column, uint32_t source_line);
void explain_number(struct explanation *explain, int64_t units);        /* appended to line */
/* "title "CEO", employees 250": appended to line; nothing for an empty range. */
void explain_inputs(struct explanation *explain, struct range inputs);
/* One line a condition: what it says, yes, no or not known, and what was seen; for scores how far it is. */
void explain_atoms(struct explanation *explain, struct range atoms, size_t indent);
const char *rule_title(const struct program_rule *rule);
void explain_stage(struct explanation *explain);        /* vm/output/explain_stage.c */

#endif
