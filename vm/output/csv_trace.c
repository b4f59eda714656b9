#include "vm/output/csv_trace.h"

#include <stdlib.h>

#include "vm/kernels.h"
#include "vm/limits.h"
#include "vm/registers.h"

/* A rule that scores: ` name+15`, or ` name` when its points are a register's. */
struct traced {
    struct text piece;
    uint32_t rule, points;
    const int64_t *numbers;
    const uint64_t *known, *fired;
};
struct csv_trace {
    struct arena arena;
    struct traced *rules;
    uint32_t count, words; /* words of a lead's row: a bit for each rule */
    bool takes; /* a group takes one of its rules: the ledger knows which */
    size_t most; /* bytes of a cell */
    uint64_t *rows;
};

struct csv_trace *csv_trace_new(const struct program *program)
{
    struct csv_trace *trace = memory_alloc(sizeof *trace);
    arena_init(&trace->arena);
    trace->rules = arena_alloc(&trace->arena, program->rule_count * sizeof *trace->rules);
    trace->most = (size_t)program->score_count * (sizeof " decay*" + NUMBER_TEXT);
    struct buffer text = {0};
    for (uint32_t i = 0; i < program->rule_count; i++) {
        const struct program_rule *rule = &program->rules[i];
        if (rule->disqualifies) continue;
        buffer_reset(&text);
        buffer_char(&text, ' ');
        buffer_text(&text, rule->name);
        if (rule->points == NO_REGISTER) {
            if (rule->constant == 0) buffer_char(&text, '+');
            add_signed(&text, rule->constant);
        }
        trace->rules[trace->count++] = (struct traced){
            .piece = piece_keep(&trace->arena, text.data, text.length), .rule = i, .points = rule->points};
        trace->most += text.length + 1 + NUMBER_TEXT;
        const struct program_group *group = rule->group == NO_INDEX ? NULL : &program->groups[rule->group];
        trace->takes = trace->takes || (group != NULL && group->take != TAKE_SUM && group->take != TAKE_EXCLUSIVE);
    }
    buffer_free(&text);
    trace->words = (trace->count + 63) / 64;
    trace->rows = memory_alloc((size_t)LIMIT_BATCH_LEADS * (trace->words + 1) * sizeof *trace->rows);
    return trace;
}

void csv_trace_free(struct csv_trace *trace)
{
    if (trace == NULL) return;
    arena_free(&trace->arena);
    free(trace->rows);
    free(trace);
}

void csv_trace_find(struct csv_trace *trace, const struct machine *machine)
{
    const struct program *program = machine_program(machine);
    for (uint32_t i = 0; i < trace->count; i++) {
        struct traced *traced = &trace->rules[i];
        traced->fired = machine_holds(machine, program->rules[traced->rule].fires);
        if (traced->points == NO_REGISTER) continue;
        traced->numbers = machine_numbers(machine, traced->points);
        traced->known = machine_known(machine, traced->points);
    }
    uint32_t leads = machine_batch(machine)->leads;
    const struct kernels *kernels = kernels_best();
    for (uint32_t word = 0; word < trace->words; word++)
        for (uint32_t from = 0; from < leads; from += 64) {
            uint64_t square[64] = {0};
            for (uint32_t i = 0; i < 64 && word * 64 + i < trace->count; i++)
                square[i] = trace->rules[word * 64 + i].fired[from / 64];
            kernels->transpose(square, 64);
            for (uint32_t lead = from; lead < from + 64 && lead < leads; lead++)
                trace->rows[(size_t)lead * trace->words + word] = square[lead - from];
        }
}

/* Rules of a `take` group that were beaten have given nothing: they leave the lead's row. */
static void drop_beaten(struct csv_trace *trace, struct results *results, const struct machine *machine,
                        uint32_t lead)
{
    uint64_t *row = trace->rows + (size_t)lead * trace->words;
    trace_lead(machine, lead, &results->trace);
    for (size_t i = 0; i < results->trace.count; i++) {
        if (results->trace.lines[i].kind != LINE_BEATEN) continue;
        for (uint32_t at = 0; at < trace->count; at++)
            if (trace->rules[at].rule == results->trace.lines[i].rule) row[at / 64] &= ~(UINT64_C(1) << (at % 64));
    }
}

static char *put_decay(char *to, const struct machine *machine, const struct program_score *score, uint32_t lead)
{
    int64_t sum, decayed, since;
    if (!machine_number(machine, score->sum, lead, &sum) ||
        !machine_number(machine, score->after_decay, lead, &decayed) || sum == decayed ||
        !machine_number(machine, score->last, lead, &since))
        return to;
    int64_t periods = whole_periods(&machine->decays[score->decay].period, since, machine_as_of(machine));
    memcpy(to, " decay*", 7);
    return to + 7 + number_format(periods * NUMBER_ONE, to + 7);
}

void csv_trace_add(struct csv_trace *trace, struct results *results, const struct machine *machine, uint32_t lead,
                   struct buffer *out)
{
    const struct program *program = machine_program(machine);
    if (trace->takes) drop_beaten(trace, results, machine, lead);
    char *start = room_for(out, trace->most), *to = start;
    for (uint32_t word = 0; word < trace->words; word++)
        for (uint64_t left = trace->rows[(size_t)lead * trace->words + word]; left != 0; left &= left - 1) {
            const struct traced *traced = &trace->rules[word * 64 + (uint32_t)__builtin_ctzll(left)];
            if (traced->points != NO_REGISTER && !bit_get(traced->known, lead)) continue;
            to = piece_put(to, traced->piece);
            if (traced->points == NO_REGISTER) continue;
            int64_t points = traced->numbers[lead];
            if (points >= 0) *to++ = '+';
            to = number_put(to, results->numbers, points);
        }
    for (uint32_t i = 0; i < program->score_count; i++)
        if (program->scores[i].decay != NO_INDEX && program->scores[i].after_decay != NO_REGISTER &&
            program->scores[i].sum != NO_REGISTER && program->scores[i].last != NO_REGISTER)
            to = put_decay(to, machine, &program->scores[i], lead);
    if (to > start) { /* pieces begin with the blank that parts them */
        memmove(start, start + 1, (size_t)(to - start - 1));
        to--;
    }
    room_used(out, to);
}
