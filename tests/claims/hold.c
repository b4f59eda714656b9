#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tests/claims/claims.h"
#include "vm/actions.h"
#include "vm/input/input.h"
#include "vm/machine.h"
#include "vm/trace.h"

enum { BATCH = 256 };

/* ---- leads through the machine */

/* Reads the leads and calls `found` for each that was scored. */
static void leads_score(const struct program *program, int64_t as_of, const struct buffer *leads,
                        void (*found)(void *context, const struct machine *machine, uint32_t lead), void *context)
{
    char path[64], problem[200];
    const char *paths[] = { path };
    int file = memfd_create("leads", 0);
    if (file < 0 || write(file, leads->data, leads->length) != (ssize_t)leads->length)
        abort();
    snprintf(path, sizeof path, "/proc/self/fd/%d", file);
    struct input_options options = { 0 };
    struct input *input = input_open(program, &options, paths, 1, problem, sizeof problem);
    if (!input)
        abort();
    struct batch *batch = batch_new(program, as_of, BATCH);
    struct machine *machine = machine_new(program, as_of);
    while (input_fill(input, batch) == INPUT_FILLED) {
        machine_run(machine, batch);
        for (uint32_t lead = 0; lead < batch->leads; lead++)
            found(context, machine, lead);
    }
    input_finish(input);
    input_close(input);
    batch_free(batch);
    machine_free(machine);
    close(file);
}

static void lead_at(const struct buffer *leads, size_t index, struct buffer *out)
{
    const char *line = leads->data;
    while (index-- > 0 && *line)
        line += strcspn(line, "\n") + (line[strcspn(line, "\n")] == '\n');
    buffer_add(out, line, strcspn(line, "\n"));
    buffer_text(out, "\n");
}

/* ---- one lead against one claim */

struct seen { const struct machine *machine; const struct program *program; const struct model *model; uint32_t lead; struct trace trace; };

static enum truth rule_truth(const struct seen *seen, uint32_t rule)
{
    return machine_condition(seen->machine, seen->program->rules[rule].fires, seen->lead);
}

static bool fires(const struct seen *seen, uint32_t rule) { return rule_truth(seen, rule) == TRUTH_HOLDS; }

/* Two rules are compared in the time in which both are active. */
static bool is_active(const struct seen *seen, uint32_t rule)
{
    const struct program_rule *facts = &seen->program->rules[rule];
    int64_t now = machine_as_of(seen->machine);
    return (!facts->has_active_from || now >= facts->active_from) && (!facts->has_active_until || now < facts->active_until);
}

static int64_t points_of(const struct seen *seen, uint32_t rule)
{
    const struct program_rule *facts = &seen->program->rules[rule];
    int64_t points = facts->constant;
    if (!fires(seen, rule))
        return 0;
    if (facts->points != NO_REGISTER && !machine_number(seen->machine, facts->points, seen->lead, &points))
        return 0;
    return points;
}

static bool has_label(const struct seen *seen, uint32_t band, uint32_t label)
{
    int64_t got;
    return machine_number(seen->machine, seen->program->bands[band].reg, seen->lead, &got) && got == (int64_t)label;
}

static bool has_line(const struct seen *seen, enum line_kind kind, uint32_t rule, uint32_t group)
{
    for (size_t i = 0; i < seen->trace.count; i++) {
        const struct trace_line *line = &seen->trace.lines[i];
        if (line->kind == kind && (rule == NO_INDEX || line->rule == rule) && (group == NO_INDEX || line->group == group))
            return true;
    }
    return false;
}

/* Groups stand score by score in the program. */
static uint32_t group_in_program(const struct seen *seen, uint32_t index)
{
    for (uint32_t i = 0; i < seen->program->group_count; i++)
        if (strcmp(seen->program->groups[i].name, seen->model->groups[index].name.text) == 0)
            return i;
    return seen->program->group_count;
}

static uint32_t firing_in(const struct seen *seen, uint32_t index)
{
    uint32_t count = 0, group = group_in_program(seen, index);
    for (uint32_t i = 0; i < seen->program->rule_count; i++)
        count += !seen->program->rules[i].disqualifies && seen->program->rules[i].group == group && fires(seen, i);
    return count;
}

static int64_t group_points(const struct seen *seen, uint32_t index)
{
    int64_t points = 0;
    uint32_t group = group_in_program(seen, index);
    for (size_t i = 0; i < seen->trace.count; i++) /* LINE_BEATEN gives 0 */
        if (seen->trace.lines[i].group == group)
            points += seen->trace.lines[i].points;
    return points;
}

static bool holds(const struct claimed *claim, const struct seen *seen)
{
    int64_t points;
    uint32_t stage = lead_stage(seen->machine, seen->lead), before = lead_stage_before(seen->machine, seen->lead);
    bool disqualified = machine_condition(seen->machine, seen->program->disqualified, seen->lead) == TRUTH_HOLDS;
    switch (claim->of) {
    case NEVER_FIRES: return !fires(seen, claim->a);
    case NEVER_SILENT: return rule_truth(seen, claim->a) != TRUTH_FAILS;
    case FIRES_INSIDE: return !fires(seen, claim->a) || fires(seen, claim->b) || !is_active(seen, claim->b);
    case FIRES_DISQUALIFIED: return !fires(seen, claim->a) || disqualified;
    case NEVER_GIVES: return !fires(seen, claim->a) || points_of(seen, claim->a) != claim->from;
    case NEVER_COUNTS: return !has_line(seen, LINE_RULE, claim->a, NO_INDEX);
    case POINTS_WITHIN:
        points = points_of(seen, claim->a);
        return !fires(seen, claim->a) || (points >= claim->from && points <= claim->to);
    case ONE_AT_MOST: return firing_in(seen, claim->a) <= 1;
    case SCORE_WITHIN:
        points = lead_score(seen->machine, claim->a, seen->lead);
        return points >= claim->from && points <= claim->to;
    case GROUP_WITHIN:
        points = group_points(seen, claim->a);
        return points >= claim->from && points <= claim->to;
    case LABEL_NEVER: return !has_label(seen, claim->a, claim->b);
    case LABEL_ALWAYS: return lead_band(seen->machine, claim->a, seen->lead) != NULL;
    case CELL_NEVER:
        return !has_label(seen, seen->program->matrices[claim->a].rows, (uint32_t)claim->from) ||
               !has_label(seen, seen->program->matrices[claim->a].columns, (uint32_t)claim->to);
    case BOUND_NEVER: return !has_line(seen, (enum line_kind)claim->b, NO_INDEX, group_in_program(seen, claim->a));
    case STAGE_NEVER: /* who falls back into it from a later one has not met its condition */
        return stage != claim->a || (before != NO_INDEX && before >= claim->a);
    case STAGE_KEPT: return before != claim->a || disqualified || stage >= claim->a;
    case CHANGES_NOTHING: return true; /* claims_without_rules */
    }
    return true;
}

struct holding { struct claims *claims; struct seen seen; const struct buffer *leads; struct buffer *problem; uint64_t count; };

static void lead_hold(void *context, const struct machine *machine, uint32_t lead)
{
    struct holding *holding = context;
    holding->seen.machine = machine;
    holding->seen.lead = lead;
    trace_lead(machine, lead, &holding->seen.trace);
    for (size_t i = 0; i < holding->claims->count; i++) {
        struct claimed *claim = &holding->claims->items[i];
        if (claim->refuted || holds(claim, &holding->seen))
            continue;
        claim->refuted = true;
        buffer_format(holding->problem, "refuted (%d %u %u %lld %lld): %s\n  by ", (int)claim->of, claim->a, claim->b,
                      (long long)claim->from, (long long)claim->to, claim->message);
        lead_at(holding->leads, holding->count, holding->problem);
    }
    holding->count++;
}

uint64_t claims_hold(struct claims *claims, const struct compilation *c, int64_t as_of, const struct buffer *leads,
                     struct buffer *problem)
{
    struct program *program = compilation_emit(c, NO_INDEX, NULL);
    struct holding holding = { .claims = claims, .seen = { .program = program, .model = &c->model }, .leads = leads, .problem = problem };
    leads_score(program, as_of, leads, lead_hold, &holding);
    trace_free(&holding.seen.trace);
    program_free(program);
    return holding.count;
}

/* ---- a rubric without one of its rules */

struct scored { int64_t *points; size_t count, capacity; };

static void lead_keep(void *context, const struct machine *machine, uint32_t lead)
{
    struct scored *scored = context;
    for (uint32_t i = 0; i < machine_program(machine)->score_count; i++) {
        memory_reserve(&scored->points, &scored->capacity, scored->count + 1, sizeof *scored->points);
        scored->points[scored->count++] = lead_score(machine, i, lead);
    }
}

static void text_score(const struct compilation *c, int64_t as_of, const struct buffer *leads, struct scored *scored)
{
    struct program *program = compilation_emit(c, NO_INDEX, NULL);
    leads_score(program, as_of, leads, lead_keep, scored);
    program_free(program);
}

void claims_without_rules(struct claims *claims, const struct compilation *c, const struct buffer *rubric, const struct sample *sample,
                          const struct buffer *leads, struct buffer *problem)
{
    struct scored with = { 0 };
    for (size_t i = 0; i < claims->count; i++) {
        struct claimed *claim = &claims->items[i];
        if (claim->of != CHANGES_NOTHING)
            continue;
        struct span span = c->model.rules[claim->a].tree->span;
        if (!with.points)
            text_score(c, sample->as_of, leads, &with);
        char *text = memory_alloc(rubric->length + 1);
        memcpy(text, rubric->data, rubric->length);
        memset(text + span.start, ' ', span.end - span.start);
        struct compilation *other = compilation_new();
        compilation_load_text(other, "without.rubric", text, rubric->length, sample->overrides, sample->override_count);
        if (other->diags.errors == 0) {
            struct scored without = { 0 };
            text_score(other, sample->as_of, leads, &without);
            size_t scores = c->model.score_count, at = 0;
            while (without.count == with.count && at < with.count && with.points[at] == without.points[at])
                at++;
            if (at < with.count) {
                buffer_format(problem, "refuted: %s: without it, `%s` is another\n  by ", claim->message,
                              c->model.scores[at % scores].name.text);
                lead_at(leads, at / scores, problem);
            }
            free(without.points);
        }
        compilation_free(other);
        free(text);
    }
    free(with.points);
}
