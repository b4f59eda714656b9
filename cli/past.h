/* A lead's past: the same rules run at earlier instants, with the events that had happened by then and the fields as
   they are today (a record does not say how they were).  The first sample stands where the rules put it; each later one
   starts from the stage of the one before.  The last sample is the run itself.  Nothing here fails. */
#ifndef RUBRIC_CLI_PAST_H
#define RUBRIC_CLI_PAST_H

#include "vm/machine.h"

struct past_sample { int64_t at; uint32_t stage; int64_t *scores; };        /* stage: NO_INDEX without stages */
struct past { struct past_sample *samples; size_t count, capacity; int64_t from, to; struct arena arena; };

/* `lead` of the machine's last batch; no samples when it has no events.  Samples: every instant of an event (the newest
   PAST_EVENTS of them), and days in between, so that what only time does (windows, decay) is seen as well. */
#define PAST_EVENTS 200u
#define PAST_DAYS 200u
#define PAST_WORK 400000u               /* events read in all runs together, about */
void past_replay(const struct machine *machine, uint32_t lead, struct past *past);
void past_free(struct past *past);

#endif
