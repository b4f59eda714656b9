/* The rules and disqualifications that could not be decided for each lead of a machine's last run, in file order.
   A rule is undecided when it is not known whether it fires, and a `choose` also when it passed over an unknown row
   before the one that gave points.  The struct owns its lists (start from zero, free with undecided_free); nothing here
   fails. */
#ifndef RUBRIC_VM_UNDECIDED_H
#define RUBRIC_VM_UNDECIDED_H

#include "vm/machine.h"

struct undecided {
    uint32_t *first; /* leads + 1 entries: the rules of lead i are rules[first[i]] to rules[first[i + 1]] */
    uint32_t *rules;
    size_t lead_capacity, rule_capacity;
};
void undecided_gather(struct undecided *undecided, const struct machine *machine); /* all leads of the batch at once */
void undecided_free(struct undecided *undecided);
bool rule_is_undecided(const struct machine *machine, uint32_t rule, uint32_t lead);
/* The names of the fields and events whose absence leaves an undecided rule open, in reading order, each once. */
#define MISSING_NAMES 64u
size_t undecided_missing(const struct machine *machine, uint32_t rule, uint32_t lead, const char *names[MISSING_NAMES]);

#endif
