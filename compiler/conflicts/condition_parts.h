/* What the files that turn conditions into formulas share: slots.c (slots of what there is), sets.c (events), value.c
   (numbers and dates), condition.c (texts and conditions). */
#ifndef RUBRIC_COMPILER_CONFLICTS_CONDITION_PARTS_H
#define RUBRIC_COMPILER_CONFLICTS_CONDITION_PARTS_H

#include "compiler/conflicts/space.h"

const struct model_field *condition_field_facts(const struct space *space, uint32_t index);
uint32_t condition_field_slot(struct space *space, uint32_t index);
uint32_t condition_at_slot(struct space *space);
uint32_t condition_score_slot(struct space *space, uint32_t index);
uint32_t condition_stage_slot(struct space *space);
void condition_event_slots(struct space *space);
uint32_t condition_opaque_slot(struct space *space, const struct node *node, bool number, const char *why);
void condition_opaque(struct space *space, const struct node *node, const char *why, formula *in, formula *out);
bool condition_constant_of(const struct space *space, const struct node *node, int64_t *value);
formula condition_in_order(struct space *space, uint32_t slot, int64_t from, int64_t to);
void condition_order_formulas(struct space *space, uint32_t slot, enum atom_kind kind, const struct intervals *holds,
                              const struct intervals *fails, const struct node *node, formula *in, formula *out);

#endif
