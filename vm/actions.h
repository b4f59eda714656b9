/* Which actions fire for a lead of a machine's last run, and their texts filled in.
   They fire only when the stage changes: those of the stage that is left, then those of the stage that is entered, each
   in file order.  A lead whose stage was unknown leaves none and enters the one it is given.  Of the assigns of one
   stage (and direction) the first that holds is taken.  The lists are the caller's; nothing here fails. */
#ifndef RUBRIC_VM_ACTIONS_H
#define RUBRIC_VM_ACTIONS_H

#include "vm/machine.h"

/* Where the stage of a lead is and was: index, stage_count for Disqualified. */
uint32_t lead_stage(const struct machine *machine, uint32_t lead);                 /* NO_INDEX without stages */
uint32_t lead_stage_before(const struct machine *machine, uint32_t lead);          /* NO_INDEX when it was unknown */
/* "Disqualified" for stage_count; NULL for NO_INDEX. */
const char *stage_name(const struct program *program, uint32_t stage);
/* Labels; NULL where no label covers the score (or a band of the matrix has none). */
const char *lead_band(const struct machine *machine, uint32_t band, uint32_t lead);
const char *lead_cell(const struct machine *machine, uint32_t matrix, uint32_t lead);
/* The value of a score; 0 when the register is not known. */
int64_t lead_score(const struct machine *machine, uint32_t score, uint32_t lead);

/* Calls `found` for every action that fires, in order. */
void actions_each(const struct machine *machine, uint32_t lead,
                  void (*found)(void *context, const struct program_action *action), void *context);
/* The "who" of the assign that fires on entering or leaving, or NULL. */
const struct program_action *actions_assign(const struct machine *machine, uint32_t lead);
/* Appends an action's text with its fields, scores, labels and stage filled in; what is missing is written (unknown).
   Raw: not escaped. */
void action_text(const struct machine *machine, const struct program_action *action, uint32_t lead, struct buffer *out);
/* Appends a field's value as people read it: shortest decimal, 2026-11-22T10:30:00Z, yes, no, list elements joined by
   ", ".  False, and nothing appended, when it is missing.  The column may be a lead's or an event table's. */
bool column_text(const struct column *column, size_t row, struct buffer *out);

#endif
