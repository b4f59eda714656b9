#include "vm/trace.h"

#include <stdio.h>
#include <stdlib.h>

#include "vm/registers.h"

/* The walk through one lead's scores; `running` is what the lines of the score have added up to. */
struct ledger { const struct machine *machine; uint32_t lead; struct trace *trace; uint32_t score; int64_t running; };

static struct trace_line *line_add(struct ledger *ledger, enum line_kind kind, int64_t points)
{
    struct trace *trace = ledger->trace;
    memory_reserve(&trace->lines, &trace->capacity, trace->count + 1, sizeof *trace->lines);
    struct trace_line *line = &trace->lines[trace->count++];
    *line = (struct trace_line){
        .kind = kind, .score = ledger->score, .rule = NO_INDEX, .group = NO_INDEX, .term = NO_INDEX, .points = points};
    ledger->running = (int64_t)((uint64_t)ledger->running + (uint64_t)points);
    return line;
}

/* A register of a score; where there is none, the step before stands.  What is not known has given nothing. */
static int64_t value_of(const struct ledger *ledger, uint32_t reg, int64_t otherwise)
{
    int64_t value = 0;
    if (reg == NO_REGISTER)
        return otherwise;
    return machine_number(ledger->machine, reg, ledger->lead, &value) ? value : 0;
}

/* A line for a step that changes anything. */
static struct trace_line *step_add(struct ledger *ledger, enum line_kind kind, int64_t before, int64_t after)
{
    if (before == after)
        return NULL;
    struct trace_line *line = line_add(ledger, kind, (int64_t)((uint64_t)after - (uint64_t)before));
    line->before = before;
    line->after = after;
    return line;
}

static bool rule_points(const struct ledger *ledger, uint32_t index, int64_t *points)
{
    const struct program_rule *rule = &ledger->machine->program->rules[index];
    if (machine_condition(ledger->machine, rule->fires, ledger->lead) != TRUTH_HOLDS)
        return false;
    *points = rule->constant;
    return rule->points == NO_REGISTER || machine_number(ledger->machine, rule->points, ledger->lead, points);
}

/* Of the rules that fire, the one a `take` group counts; ties go to the first. */
static uint32_t rule_taken(const struct ledger *ledger, const struct program_group *group)
{
    const uint32_t *indices = ledger->machine->program->indices;
    uint32_t taken = NO_INDEX;
    int64_t best = 0, points;
    for (uint32_t at = 0; at < group->rules.count; at++) {
        uint32_t rule = indices[group->rules.start + at];
        if (!rule_points(ledger, rule, &points))
            continue;
        if (taken == NO_INDEX || (group->take == TAKE_HIGHEST && points > best)
            || (group->take == TAKE_LOWEST && points < best)) {
            taken = rule;
            best = points;
        }
    }
    return taken;
}

static void trace_rules(struct ledger *ledger, struct range range, uint32_t group, bool takes, uint32_t taken)
{
    const uint32_t *indices = ledger->machine->program->indices;
    int64_t points;
    for (uint32_t at = 0; at < range.count; at++) {
        uint32_t rule = indices[range.start + at];
        if (!rule_points(ledger, rule, &points))
            continue;
        bool beaten = takes && rule != taken;
        struct trace_line *line = line_add(ledger, beaten ? LINE_BEATEN : LINE_RULE, beaten ? 0 : points);
        line->rule = rule;
        line->group = group;
    }
}

static void trace_group(struct ledger *ledger, uint32_t index)
{
    const struct program_group *group = &ledger->machine->program->groups[index];
    bool takes = group->take != TAKE_SUM && group->take != TAKE_EXCLUSIVE;
    int64_t before = ledger->running;
    trace_rules(ledger, group->rules, index, takes, takes ? rule_taken(ledger, group) : NO_INDEX);
    int64_t sum = value_of(ledger, group->sum, (int64_t)((uint64_t)ledger->running - (uint64_t)before));
    int64_t weighed = value_of(ledger, group->after_weight, sum);
    int64_t most = value_of(ledger, group->after_most, weighed);
    int64_t least = value_of(ledger, group->after_least, most);
    struct trace_line *line = step_add(ledger, LINE_GROUP_WEIGHT, sum, weighed);
    if (line != NULL)
        line->group = index;
    line = step_add(ledger, LINE_GROUP_MOST, weighed, most);
    if (line != NULL)
        line->group = index;
    line = step_add(ledger, LINE_GROUP_LEAST, most, least);
    if (line != NULL)
        line->group = index;
}

static void trace_terms(struct ledger *ledger, const struct program_score *score)
{
    for (uint32_t at = 0; at < score->terms.count; at++) {
        const struct score_term *term = &ledger->machine->program->score_terms[score->terms.start + at];
        int64_t points = term->score == NO_INDEX ? term->constant : value_of(ledger, term->reg, 0);
        line_add(ledger, LINE_TERM, points)->term = score->terms.start + at;
    }
}

static void trace_score(struct ledger *ledger, const struct program_score *score)
{
    ledger->running = 0;
    if (score->combined) {
        trace_terms(ledger, score);
    } else {
        trace_rules(ledger, score->rules, NO_INDEX, false, NO_INDEX);
        for (uint32_t at = 0; at < score->groups.count; at++)
            trace_group(ledger, score->groups.start + at);
        if (score->base != 0) {
            struct trace_line *line = line_add(ledger, LINE_BASE, score->base);
            line->after = ledger->running;
            line->before = (int64_t)((uint64_t)line->after - (uint64_t)score->base);
        }
    }
    int64_t sum = value_of(ledger, score->sum, ledger->running);
    int64_t decayed = value_of(ledger, score->after_decay, sum);
    int64_t rounded = value_of(ledger, score->after_round, decayed);
    int64_t clamped = value_of(ledger, score->after_clamp, rounded);
    struct trace_line *line = step_add(ledger, LINE_DECAY, sum, decayed);
    int64_t since;
    if (line != NULL && score->decay != NO_INDEX && score->last != NO_REGISTER
        && machine_number(ledger->machine, score->last, ledger->lead, &since))
        line->periods =
            whole_periods(&ledger->machine->decays[score->decay].period, since, machine_as_of(ledger->machine));
    step_add(ledger, LINE_ROUND, decayed, rounded);
    step_add(ledger, LINE_CLAMP, rounded, clamped);
    if (ledger->running != clamped) {
        fprintf(stderr,
                "rubric: the lines of score \"%s\" add up to %lld, not to the score's %lld (in 0.0001 points): "
                "this is a defect of Rubric, please report it.\n",
                score->name, (long long)ledger->running, (long long)clamped);
        abort();
    }
}

void trace_lead(const struct machine *machine, uint32_t lead, struct trace *trace)
{
    const struct program *program = machine_program(machine);
    struct ledger ledger = {machine, lead, trace, 0, 0};
    trace->count = 0;
    for (uint32_t score = 0; score < program->score_count; score++) {
        ledger.score = score;
        trace_score(&ledger, &program->scores[score]);
    }
}

void trace_free(struct trace *trace)
{
    free(trace->lines);
    *trace = (struct trace){NULL, 0, 0};
}

const char *line_kind_step(enum line_kind kind)
{
    switch (kind) {
    case LINE_RULE:
    case LINE_BEATEN: return NULL;
    case LINE_GROUP_TAKE: return "take";
    case LINE_GROUP_WEIGHT: return "weight";
    case LINE_GROUP_MOST: return "at most";
    case LINE_GROUP_LEAST: return "at least";
    case LINE_BASE: return "base";
    case LINE_DECAY: return "decay";
    case LINE_ROUND: return "rounding";
    case LINE_CLAMP: return "clamp";
    case LINE_TERM: return "term";
    }
    return NULL;
}
