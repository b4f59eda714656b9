/* What the machine costs by itself: nanoseconds a lead for programs of 40 to 5,000 rules, built by hand over columns
   that are ready (numbers; yes/no fields in place of texts and counts that have been worked out already), with and
   without events and texts.  Usage: vm_bench [rules ...].  Prints the median and the fastest of several runs. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "vm/limits.h"
#include "vm/machine.h"
#include "vm/number.h"

#define NOW INT64_C(1795305600000000)
#define NUMBERS 12u
#define BATCHES 16u
#define RUNS 15

static uint64_t random_next(uint64_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed >> 11;
}

static uint32_t random_below(uint64_t *seed, uint32_t below)
{
    return (uint32_t)(random_next(seed) % below);
}

/* Thresholds are round, as people choose them, and one that is asked for again is the same instruction, as the
   compiler has it. */
#define THRESHOLDS 40u
struct builder {
    struct program *program; uint32_t numbers[NUMBERS], flags, flag_count; uint64_t seed;
    uint32_t comparisons[NUMBERS][2][THRESHOLDS];               /* register, or 0 */
};

static uint32_t add(struct builder *builder, enum opcode opcode, unsigned place, uint32_t a, uint32_t b, uint32_t c)
{
    struct program *program = builder->program;
    bool is_number = opcode_facts(opcode)->result == OPERAND_NUM;
    bool reduces = opcode_facts(opcode)->place == PLACE_REDUCE;
    uint32_t first = program->register_count;
    uint32_t count = opcode == OP_TEXT_CLASS ? program->texts[a].bits : 1;
    for (uint32_t at = 0; at < count; at++)
        program->registers[program->register_count++] =
            (struct register_facts){is_number ? REGISTER_NUM : REGISTER_COND, (uint16_t)(reduces ? 0 : place)};
    program->code[program->code_count++] =
        (struct instruction){(uint16_t)opcode, (uint16_t)place, first, a, b, c, NO_INDEX};
    return first;
}

static uint32_t constant(struct builder *builder, int64_t value)
{
    struct program *program = builder->program;
    program->constants[program->constant_count] = value;
    return program->constant_count++;
}

static uint32_t compare(struct builder *builder, uint32_t number, enum opcode opcode, uint32_t threshold)
{
    uint32_t *known = &builder->comparisons[number][opcode == OP_LT_CONST][threshold];
    if (*known == 0)
        *known = add(builder, opcode, 0, builder->numbers[number], constant(builder, threshold * 25 * NUMBER_ONE), 0);
    return *known;
}

/* One predicate: a text's or count's bit, a comparison of a number, a range. */
static uint32_t predicate(struct builder *builder)
{
    uint32_t number = random_below(&builder->seed, NUMBERS), kind = random_below(&builder->seed, 10);
    if (kind < 4)
        return builder->flags + random_below(&builder->seed, builder->flag_count);
    if (kind < 7)
        return compare(builder, number, OP_GE_CONST, random_below(&builder->seed, THRESHOLDS));
    uint32_t from = random_below(&builder->seed, THRESHOLDS - 4);
    uint32_t low = compare(builder, number, OP_GE_CONST, from);
    uint32_t high =
        compare(builder, number, OP_LT_CONST, from + 1 + random_below(&builder->seed, THRESHOLDS - 1 - from));
    return add(builder, OP_AND, 0, low, high, 0);
}

static struct program *build(uint32_t rules, bool events, uint32_t *score)
{
    struct builder builder = {.program = program_new(), .seed = 88172645463325252u};
    struct program *program = builder.program;
    struct arena *arena = &program->arena;
    builder.flag_count = 40 + rules / 3;
    size_t room = 2000 + (size_t)rules * 12 + builder.flag_count * 2;
    program->code = arena_alloc(arena, room * sizeof *program->code);
    program->registers = arena_alloc(arena, room * sizeof *program->registers);
    program->constants = arena_alloc(arena, room * sizeof *program->constants);
    program->terms = arena_alloc(arena, room * sizeof *program->terms);
    program->term_lists = arena_alloc(arena, 8 * sizeof *program->term_lists);
    program->clocks = arena_alloc(arena, 400 * sizeof *program->clocks);
    program->texts = arena_alloc(arena, 2 * sizeof *program->texts);
    program->patterns = arena_alloc(arena, 400 * sizeof *program->patterns);
    program->field_count = NUMBERS + builder.flag_count + 1;
    program->fields = arena_alloc(arena, program->field_count * sizeof *program->fields);
    for (uint32_t at = 0; at < NUMBERS; at++) {
        program->fields[at].type = FIELD_NUMBER;
        builder.numbers[at] = add(&builder, OP_LOAD_NUMBER, 0, at, 0, 0);
    }
    builder.flags = program->register_count;
    for (uint32_t at = 0; at < builder.flag_count; at++) {
        program->fields[NUMBERS + at].type = FIELD_YESNO;
        add(&builder, OP_LOAD_YESNO, 0, NUMBERS + at, 0, 0);
    }
    program->fields[program->field_count - 1].type = FIELD_TEXT;
    program->event_count = 4;
    program->events = arena_alloc(arena, 4 * sizeof *program->events);
    for (uint32_t at = 0; at < 4; at++)
        program->events[at] = (struct program_event){"event", true, true, {0, 0}};
    if (events) {
        uint32_t bits = 64;
        for (uint32_t at = 0; at < bits; at++) {
            char *word = arena_format(arena, "word%u", (unsigned)at);
            program->patterns[at] =
                (struct pattern){at, at % 2 == 0 ? TEXT_CONTAINS : TEXT_WORD, {word, (uint32_t)strlen(word)}};
        }
        program->texts[0] =
            (struct text_source){.place = 0, .field = program->field_count - 1, .bits = bits, .patterns = {0, bits}};
        program->text_count = 1;
        program->pattern_count = bits;
        add(&builder, OP_TEXT_CLASS, 0, 0, 0, 0);
        /* Windows of each type of event: has, count, last. */
        for (uint32_t at = 0; at < 40; at++) {
            unsigned place = 1 + at % 4;
            program->clocks[program->clock_count] = (struct clock){1 + at * 9, UNIT_DAY};
            uint32_t when = add(&builder, OP_LOAD_AT, place, 0, 0, 0);
            uint32_t within = add(&builder, OP_WITHIN, place, when, program->clock_count++, 0);
            add(&builder, at % 3 == 0 ? OP_HAS : at % 3 == 1 ? OP_COUNT_EVENTS : OP_LAST, place, within, 0, 0);
        }
    }
    struct range list = {0, 0};
    for (uint32_t rule = 0; rule < rules; rule++) {
        uint32_t condition = predicate(&builder), kind = random_below(&builder.seed, 10);
        if (kind < 3)
            condition = add(&builder, OP_AND, 0, condition, predicate(&builder), 0);
        else if (kind < 5)
            condition = add(&builder, OP_OR, 0, condition, predicate(&builder), 0);
        else if (kind < 6)
            condition = add(&builder, OP_NOT, 0, condition, 0, 0);
        int64_t points = ((int64_t)random_below(&builder.seed, 20) - 6) * 5 * NUMBER_ONE;
        program->terms[program->term_count++] = (struct term){condition, false, points};
        if (rule + 1 == rules / 2 || rule + 1 == rules) {
            list = (struct range){list.start + list.count, program->term_count - list.start - list.count};
            program->term_lists[program->term_list_count] = list;
            uint32_t total = add(&builder, OP_TOTAL, 0, program->term_list_count++, constant(&builder, 0), 0);
            *score = add(&builder, OP_CLAMP, 0, total, constant(&builder, 0), constant(&builder, 100 * NUMBER_ONE));
        }
    }
    program_prepare(program);
    return program;
}

static struct batch *fill(const struct program *program, bool events, uint64_t *seed)
{
    struct batch *batch = batch_new(program, NOW, LIMIT_BATCH_LEADS);
    while (!batch_full(batch)) {
        batch_begin_lead(batch, 0);
        for (uint32_t field = 0; field + 1 < program->field_count; field++)
            if (random_below(seed, 8) != 0) {
                if (field < NUMBERS)
                    batch_set_number(batch, field, random_below(seed, 1100) * NUMBER_ONE);
                else
                    batch_set_yesno(batch, field, random_below(seed, 4) == 0);
            }
        char title[40];
        int length =
            snprintf(title, sizeof title, "Head of word%u and %u", random_below(seed, 80), random_below(seed, 100));
        batch_set_text(batch, program->field_count - 1, (struct text){title, (uint32_t)length}, true);
        for (uint32_t count = events ? random_below(seed, 16) : 0; count > 0; count--)
            batch_add_event(batch, random_below(seed, 4), NOW - (int64_t)random_below(seed, 400) * MICROS_DAY);
        batch_end_lead(batch);
    }
    batch_finish(batch);
    return batch;
}

static double now_seconds(void)
{
    struct timespec time;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);      /* others may share the processor */
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

static int compare_times(const void *a, const void *b)
{
    double left = *(const double *)a, right = *(const double *)b;
    return (left > right) - (left < right);
}

static void measure(uint32_t rules, bool events)
{
    uint32_t score = 0;
    uint64_t seed = 362436069, sum = 0;
    struct program *program = build(rules, events, &score);
    struct machine *machine = machine_new(program, NOW);
    struct batch *batches[BATCHES];
    for (uint32_t at = 0; at < BATCHES; at++)
        batches[at] = fill(program, events, &seed);
    double times[RUNS];
    for (int run = -1; run < RUNS; run++) {
        double start = now_seconds();
        size_t leads = 0;
        for (uint32_t round = 0; round < 4; round++)
            for (uint32_t at = 0; at < BATCHES; at++) {
                machine_run(machine, batches[at]);
                leads += batches[at]->leads;
                sum += (uint64_t)machine_numbers(machine, score)[at];
            }
        if (run >= 0)
            times[run] = (now_seconds() - start) * 1e9 / (double)leads;
    }
    qsort(times, RUNS, sizeof times[0], compare_times);
    printf("%5u rules%s: %8.2f ns a lead (fastest %.2f; %u instructions; sum %llu)\n", rules,
           events ? ", events and texts" : "", times[RUNS / 2], times[0], program->code_count, (unsigned long long)sum);
    for (uint32_t at = 0; at < BATCHES; at++)
        batch_free(batches[at]);
    machine_free(machine);
    program_free(program);
}

int main(int count, char **arguments)
{
    static const uint32_t usual[] = {40, 300, 1000, 5000};
    for (int at = 1; at < count; at++)
        measure((uint32_t)strtoul(arguments[at], NULL, 10), false);
    for (size_t at = 0; count < 2 && at < sizeof usual / sizeof usual[0]; at++)
        measure(usual[at], false);
    if (count < 2) {
        measure(40, true);
        measure(1000, true);
    }
    return 0;
}
