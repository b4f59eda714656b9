/* Ways to a stage: small changes of a lead after which the machine puts it there.  Candidate changes come from the conditions of the
   rubric (what would make a rule fire, or keep one from firing); every way that is shown was run, and every change in it is needed.
   Smallest first: fewest changes, then events before fields. */
#ifndef RUBRIC_CLI_WAYS_H
#define RUBRIC_CLI_WAYS_H

#include "compiler/compile.h"
#include "vm/machine.h"

struct change { bool is_event; struct model_given field; struct model_given_event event; };
struct way { struct change *changes; size_t change_count; char *text; /* "title is \"CEO\", and 2 webinar now" */ int64_t *scores; uint32_t stage; };
struct ways { struct way *items; size_t count, capacity; bool searched_all; struct arena arena; };

/* `lead` of the machine's last batch; the machine is left as it was. At most `most` ways. */
void ways_find(const struct compilation *compilation, const struct machine *machine, uint32_t lead, uint32_t stage, size_t most, struct ways *ways);
void ways_free(struct ways *ways);
/* Copies a lead with its events into another batch of the same program. */
void batch_copy_lead(const struct batch *from, uint32_t lead, struct batch *to);

#endif
