#include "cli/past.h"

#include <stdlib.h>

#include "cli/ways.h"
#include "vm/actions.h"

struct instants { int64_t *items; size_t count, capacity; };

static void add_instant(struct instants *instants, int64_t at)
{
    memory_reserve(&instants->items, &instants->capacity, instants->count + 1, sizeof *instants->items);
    instants->items[instants->count++] = at;
}

static int by_instant(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return x < y ? -1 : x > y;
}

static void sort_once(struct instants *instants)
{
    size_t kept = 0;
    if (instants->count > 1)
        qsort(instants->items, instants->count, sizeof *instants->items, by_instant);
    for (size_t i = 0; i < instants->count; i++)
        if (kept == 0 || instants->items[i] != instants->items[kept - 1])
            instants->items[kept++] = instants->items[i];
    instants->count = kept;
}

/* A lead with very many events is run less often: each run reads all of them. */
static size_t samples_of(uint32_t events, size_t most)
{
    size_t affordable = PAST_WORK / (events + 1u);
    return affordable < 8 ? 8 : affordable < most ? affordable : most;
}

/* The instants of the lead's events: the newest, and how far back they go in *first. */
static uint32_t event_instants(const struct batch *batch, uint32_t lead, struct instants *instants, int64_t *first)
{
    uint32_t events = 0;
    for (uint32_t event = 0; event < batch->program->event_count; event++) {
        const struct event_table *table = &batch->events[event];
        if (!batch->program->events[event].used || table->rows == 0)
            continue;
        events += table->first[lead + 1] - table->first[lead];
        for (uint32_t row = table->first[lead]; row < table->first[lead + 1]; row++)
            add_instant(instants, table->at[row]);
    }
    sort_once(instants);
    if (instants->count == 0)
        return 0;
    *first = instants->items[0];
    size_t most = samples_of(events, PAST_EVENTS);
    if (instants->count > most) {
        size_t left_out = instants->count - most;
        for (size_t i = 0; i < most; i++)
            instants->items[i] = instants->items[i + left_out];
        instants->count = most;
    }
    return events;
}

/* Midnights between, at most so many; the day before the first event, so that the start is seen. */
static void add_days(struct instants *instants, int64_t first, int64_t as_of, size_t most)
{
    int64_t start = first - MICROS_DAY < INSTANT_MIN ? INSTANT_MIN : first - MICROS_DAY;
    int64_t days = (as_of - start) / MICROS_DAY + 1, step = (days + (int64_t)most - 1) / (int64_t)most;
    add_instant(instants, start);
    for (int64_t at = as_of - (as_of - start) % MICROS_DAY; at > start; at -= step * MICROS_DAY) {
        int64_t midnight = at - ((at % MICROS_DAY) + MICROS_DAY) % MICROS_DAY;
        if (midnight > start && midnight < as_of)
            add_instant(instants, midnight);
        if (at < start + step * MICROS_DAY)
            break;
    }
    add_instant(instants, as_of);
    sort_once(instants);
}

static void read_sample(const struct machine *machine, uint32_t lead, struct past *past, int64_t at)
{
    const struct program *program = machine_program(machine);
    struct past_sample sample = { .at = at, .stage = lead_stage(machine, lead) };
    sample.scores = arena_alloc(&past->arena, (program->score_count + 1) * sizeof *sample.scores);
    for (uint32_t i = 0; i < program->score_count; i++)
        sample.scores[i] = lead_score(machine, i, lead);
    memory_reserve(&past->samples, &past->capacity, past->count + 1, sizeof *past->samples);
    past->samples[past->count++] = sample;
}

static void run_at(const struct machine *now, uint32_t lead, int64_t at, struct past *past)
{
    const struct program *program = machine_program(now);
    struct machine *machine = machine_new(program, at);
    struct batch *batch = batch_new(program, at, 1);
    batch_clear(batch);
    batch_copy_lead(machine_batch(now), lead, batch);
    uint32_t before = past->count > 0 ? past->samples[past->count - 1].stage : NO_INDEX;
    batch->stage_known[0] = before != NO_INDEX;
    batch->stage[0] = before != NO_INDEX ? (int64_t)before : 0;
    batch_finish(batch);
    machine_run(machine, batch);
    read_sample(machine, 0, past, at);
    batch_free(batch);
    machine_free(machine);
}

void past_replay(const struct machine *machine, uint32_t lead, struct past *past)
{
    struct instants instants = { 0 };
    int64_t first = 0, as_of = machine_as_of(machine);
    *past = (struct past){ 0 };
    arena_init(&past->arena);
    uint32_t events = event_instants(machine_batch(machine), lead, &instants, &first);
    if (events > 0) {
        add_days(&instants, first, as_of, samples_of(events, PAST_DAYS));
        past->from = instants.items[0];
        past->to = as_of;
        for (size_t i = 0; i + 1 < instants.count; i++)
            run_at(machine, lead, instants.items[i], past);
        read_sample(machine, lead, past, as_of);
    }
    free(instants.items);
}

void past_free(struct past *past)
{
    free(past->samples);
    arena_free(&past->arena);
    *past = (struct past){ 0 };
}
