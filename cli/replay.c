#include "cli/replay.h"

#include <stdlib.h>

#include "cli/testing.h"
#include "vm/actions.h"

struct replay {
    const struct model *model;
    struct program *program;
    struct machine *machine;
    struct batch *batch;
    int64_t as_of;
};

struct replay *replay_new(const struct compilation *compilation)
{
    struct replay *replay = memory_alloc(sizeof *replay);
    replay->model = &compilation->model;
    replay->program = compilation_emit(compilation, NO_INDEX, NULL);
    return replay;
}

void replay_free(struct replay *replay)
{
    if (!replay) return;
    machine_free(replay->machine);
    batch_free(replay->batch);
    program_free(replay->program);
    free(replay);
}

static int64_t rule_points(const struct replay *replay, const struct program_rule *rule)
{
    int64_t points = 0;
    if (rule->points == NO_REGISTER) return rule->constant;
    return machine_number(replay->machine, rule->points, 0, &points) ? points : 0;
}

void replay_witness(void *context, const struct witness *witness, struct observation *seen)
{
    struct replay *replay = context;
    if (!replay->machine || replay->as_of != witness->as_of) {
        machine_free(replay->machine);
        batch_free(replay->batch);
        replay->machine = machine_new(replay->program, witness->as_of);
        replay->batch = batch_new(replay->program, witness->as_of, 1);
        replay->as_of = witness->as_of;
    }
    batch_clear(replay->batch);
    struct model_test test = {.as_of = witness->as_of,
                              .fields = witness->fields,
                              .field_count = witness->field_count,
                              .events = witness->events,
                              .event_count = witness->event_count,
                              .has_stage = witness->stage != NO_INDEX,
                              .stage = witness->stage};
    test_fill(replay->model, &test, replay->program, replay->batch);
    machine_run(replay->machine, replay->batch);
    for (uint32_t i = 0; i < replay->program->score_count; i++) seen->scores[i] = lead_score(replay->machine, i, 0);
    for (uint32_t i = 0; i < replay->program->band_count; i++) {
        int64_t label;
        seen->labels[i] = machine_number(replay->machine, replay->program->bands[i].reg, 0, &label) ? (uint32_t)label
                                                                                                    : NO_INDEX;
    }
    for (uint32_t i = 0; i < replay->program->rule_count; i++) {
        const struct program_rule *rule = &replay->program->rules[i];
        enum truth truth = machine_condition(replay->machine, rule->fires, 0);
        seen->rules[i] = truth == TRUTH_HOLDS ? RULE_FIRES : truth == TRUTH_FAILS ? RULE_SILENT : RULE_UNDECIDED;
        seen->points[i] = truth == TRUTH_HOLDS ? rule_points(replay, rule) : 0;
    }
    seen->stage = lead_stage(replay->machine, 0);
    seen->disqualified = machine_condition(replay->machine, replay->program->disqualified, 0) == TRUTH_HOLDS;
    const struct program_action *assign = actions_assign(replay->machine, 0);
    seen->assigned = assign ? "somebody" : NULL;
}
