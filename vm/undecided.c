#include "vm/undecided.h"

#include <stdlib.h>
#include <string.h>

/* Sixty-four leads of a rule at once: the bits of those for which it is undecided. */
static uint64_t undecided_word(const struct machine *machine, const struct program_rule *rule, size_t word)
{
    uint64_t holds = machine_holds(machine, rule->fires)[word], fails = machine_fails(machine, rule->fires)[word];
    uint64_t open = ~(holds | fails);
    if (rule->passed != NO_REGISTER)
        open |= holds & machine_holds(machine, rule->passed)[word];
    return open;
}

static uint64_t tail_mask(uint32_t leads, size_t word)
{
    size_t rest = leads - word * 64;
    return rest >= 64 ? UINT64_MAX : (UINT64_C(1) << rest) - 1;
}

void undecided_gather(struct undecided *undecided, const struct machine *machine)
{
    const struct program *program = machine_program(machine);
    uint32_t leads = machine_batch(machine)->leads;
    size_t words = (leads + (size_t)63) / 64;
    memory_reserve(&undecided->first, &undecided->lead_capacity, (size_t)leads + 2, sizeof *undecided->first);
    uint32_t *first = undecided->first;
    memset(first, 0, ((size_t)leads + 2) * sizeof *first);
    /* Count, sum up, fill: entry i + 2 counts lead i, so that filling leaves the starts where they belong. */
    for (uint32_t r = 0; r < program->rule_count; r++)
        for (size_t word = 0; word < words; word++)
            for (uint64_t open = undecided_word(machine, &program->rules[r], word) & tail_mask(leads, word); open != 0;
                 open &= open - 1)
                first[word * 64 + (size_t)__builtin_ctzll(open) + 2]++;
    for (size_t lead = 0; lead < leads; lead++)
        first[lead + 2] += first[lead + 1];
    memory_reserve(&undecided->rules, &undecided->rule_capacity, first[leads + 1], sizeof *undecided->rules);
    for (uint32_t r = 0; r < program->rule_count; r++)
        for (size_t word = 0; word < words; word++)
            for (uint64_t open = undecided_word(machine, &program->rules[r], word) & tail_mask(leads, word); open != 0;
                 open &= open - 1)
                undecided->rules[first[word * 64 + (size_t)__builtin_ctzll(open) + 1]++] = r;
}

void undecided_free(struct undecided *undecided)
{
    free(undecided->first);
    free(undecided->rules);
    *undecided = (struct undecided){0};
}

bool rule_is_undecided(const struct machine *machine, uint32_t rule, uint32_t lead)
{
    const struct program_rule *facts = &machine_program(machine)->rules[rule];
    enum truth fires = machine_condition(machine, facts->fires, lead);
    return fires == TRUTH_UNKNOWN || (fires == TRUTH_HOLDS && facts->passed != NO_REGISTER &&
                                      machine_condition(machine, facts->passed, lead) == TRUTH_HOLDS);
}

static size_t add_once(const char **names, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(names[i], name) == 0)
            return count;
    if (count < MISSING_NAMES)
        names[count++] = name;
    return count;
}

size_t undecided_missing(const struct machine *machine, uint32_t rule, uint32_t lead, const char *names[MISSING_NAMES])
{
    const struct program *program = machine_program(machine);
    const struct program_rule *facts = &program->rules[rule];
    if (machine_condition(machine, facts->fires, lead) == TRUTH_UNKNOWN)
        return machine_missing(machine, facts->fires, lead, names, MISSING_NAMES);
    /* It gives points, but rows before the one that is taken are unknown: what they lack, in their order. */
    size_t count = 0;
    for (uint32_t i = 0; i < facts->rows.count; i++) {
        uint32_t reg = program->rows[facts->rows.start + i].reg;
        enum truth row = machine_condition(machine, reg, lead);
        if (row == TRUTH_HOLDS)
            break;
        if (row == TRUTH_FAILS)
            continue;
        const char *more[MISSING_NAMES];
        size_t found = machine_missing(machine, reg, lead, more, MISSING_NAMES);
        for (size_t n = 0; n < found; n++)
            count = add_once(names, count, more[n]);
    }
    return count;
}
