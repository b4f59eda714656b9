/* Comparisons of a number with constants.  All of one column run together, right after the column is there: its rows
   are still in the nearest cache, and where the constants lie on a grid (50, 200, 1000 employees; 7, 30, 90 days),
   each row is turned once into a small code, after which a comparison costs 64 rows an instruction. */
#include <stdlib.h>
#include <string.h>

#include "vm/registers.h"

static bool is_comparison(const struct instruction *code)
{
    return code->opcode == OP_EQ_CONST || code->opcode == OP_LT_CONST || code->opcode == OP_LE_CONST
           || code->opcode == OP_GT_CONST || code->opcode == OP_GE_CONST || code->opcode == OP_WITHIN;
}

void run_comparison(struct machine *machine, const struct instruction *code)
{
    const struct cells *a = &machine->cells[code->a];
    struct cells *r = &machine->cells[code->result];
    const struct kernels *kernels = machine->kernels;
    size_t words = machine->places[code->place].words;
    int64_t constant = code->opcode == OP_WITHIN ? 0 : machine->program->constants[code->b];
    switch (code->opcode) {
    case OP_EQ_CONST: kernels->eq_const(r->holds, r->fails, a->numbers, constant, a->known, words); break;
    case OP_LT_CONST: kernels->lt_const(r->holds, r->fails, a->numbers, constant, a->known, words); break;
    case OP_LE_CONST: kernels->gt_const(r->fails, r->holds, a->numbers, constant, a->known, words); break;
    case OP_GT_CONST: kernels->gt_const(r->holds, r->fails, a->numbers, constant, a->known, words); break;
    case OP_GE_CONST: kernels->lt_const(r->fails, r->holds, a->numbers, constant, a->known, words); break;
    default:
        kernels->within(r->holds, r->fails, a->numbers, machine->clocks[code->b], machine->as_of, a->known, words);
        break;
    }
}

/* The constants that an instruction compares with, one or two; their number. */
static unsigned comparison_constants(const struct machine *machine, const struct instruction *code,
                                     int64_t constants[2])
{
    if (code->opcode != OP_WITHIN) {
        constants[0] = machine->program->constants[code->b];
        return 1;
    }
    constants[0] = machine->clocks[code->b];
    constants[1] = machine->as_of;
    return 2;
}

static uint64_t common_divisor(uint64_t a, uint64_t b)
{
    while (b != 0) {
        uint64_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

/* Finds the grid of a group's constants.  8 or 16: the bits of a code; 0 when there is no grid that is coarse
   enough. */
static unsigned plan_make(const struct machine *machine, const struct comparison_group *group, struct code_plan *plan)
{
    int64_t constants[2], least = INT64_MAX, most = INT64_MIN;
    for (uint32_t at = 0; at < group->count; at++)
        for (unsigned count = comparison_constants(machine, group->codes[at], constants); count-- > 0;) {
            least = constants[count] < least ? constants[count] : least;
            most = constants[count] > most ? constants[count] : most;
        }
    if (least < INT64_MIN / 4 || most > INT64_MAX / 4)
        return 0;
    uint64_t divisor = 0;
    for (uint32_t at = 0; at < group->count; at++)
        for (unsigned count = comparison_constants(machine, group->codes[at], constants); count-- > 0;)
            divisor = common_divisor(divisor, (uint64_t)constants[count] - (uint64_t)least);
    if (divisor == 0)
        divisor = 1;
    uint64_t span = (uint64_t)most - (uint64_t)least, points = span / divisor + 1;
    if (points > 32766 || divisor > (uint64_t)INT64_MAX / 4)
        return 0;
    unsigned shift = (unsigned)__builtin_ctzll(divisor),
             bits = 64 - (unsigned)__builtin_clzll((span + divisor + 1) >> shift | 1);
    unsigned high = bits > 31 ? bits - 31 : 0;
    uint64_t step = divisor >> shift;
    if (step > UINT32_MAX)
        return 0;
    /* 2^(32 + high) / step, rounded down; it does not fit 32 bits only where step is 1, and then comes out one too
       small. */
    uint64_t factor = high < 32 ? (UINT64_C(1) << (32 + high)) / step : UINT64_MAX / step;
    *plan = (struct code_plan){least - 1, most + 1, (int64_t)((uint64_t)least - divisor), shift, high, step,
                               factor > UINT32_MAX ? UINT32_MAX : factor};
    if (high >= 32)
        return 0;
    return points <= 126 ? 8 : 16;
}

static uint16_t plan_code(const struct code_plan *plan, int64_t constant)
{
    return (uint16_t)(2 * ((((uint64_t)constant - (uint64_t)plan->origin) >> plan->shift) / plan->step));
}

static struct code_test test_make(const struct machine *machine, const struct code_plan *plan,
                                  const struct instruction *code)
{
    int64_t constants[2] = {0, 0};
    unsigned count = comparison_constants(machine, code, constants);
    struct code_test test = {.low = plan_code(plan, constants[0]),
                             .high = count == 2 ? plan_code(plan, constants[1]) : 0};
    switch (code->opcode) {
    case OP_EQ_CONST: test.kind = CODE_EQ; break;
    case OP_LT_CONST:
    case OP_GE_CONST: test.kind = CODE_LT; break;
    case OP_GT_CONST:
    case OP_LE_CONST: test.kind = CODE_GT; break;
    default: test.kind = CODE_WITHIN; break;
    }
    return test;
}

static void tests_place(const struct machine *machine, struct comparison_group *group)
{
    for (uint32_t at = 0; at < group->count; at++) {
        const struct cells *result = &machine->cells[group->codes[at]->result];
        bool opposite = group->codes[at]->opcode == OP_GE_CONST || group->codes[at]->opcode == OP_LE_CONST;
        group->tests[at].yes = opposite ? result->fails : result->holds;
        group->tests[at].no = opposite ? result->holds : result->fails;
    }
}

/* Orders the code: every comparison moves up behind the instruction that makes its number. */
void comparisons_prepare(struct machine *machine)
{
    const struct program *program = machine->program;
    uint32_t *sizes = memory_alloc(program->register_count * sizeof *sizes),
             *groups = memory_alloc(program->register_count * sizeof *groups);
    uint32_t group_count = 0;
    for (uint32_t at = 0; at < program->code_count; at++)
        if (is_comparison(&program->code[at]))
            sizes[program->code[at].a]++;
    for (uint32_t reg = 0; reg < program->register_count; reg++)
        groups[reg] = sizes[reg] > 1 ? group_count++ : NO_INDEX;
    machine->groups = arena_alloc(&machine->arena, group_count * sizeof *machine->groups);
    machine->schedule =
        arena_alloc(&machine->arena, ((size_t)program->code_count + group_count) * sizeof *machine->schedule);
    for (uint32_t at = 0; at < program->code_count; at++) {
        const struct instruction *code = &program->code[at];
        if (!is_comparison(code) || groups[code->a] == NO_INDEX)
            continue;
        struct comparison_group *group = &machine->groups[groups[code->a]];
        if (group->codes == NULL)
            group->codes = arena_alloc(&machine->arena, sizes[code->a] * sizeof *group->codes);
        group->codes[group->count++] = code;
    }
    for (uint32_t at = 0; at < group_count; at++) {
        struct comparison_group *group = &machine->groups[at];
        group->bits = plan_make(machine, group, &group->plan);
        if (group->bits == 0)
            continue;
        group->tests = arena_alloc(&machine->arena, group->count * sizeof *group->tests);
        for (uint32_t test = 0; test < group->count; test++)
            group->tests[test] = test_make(machine, &group->plan, group->codes[test]);
    }
    for (uint32_t at = 0; at < program->code_count; at++) {
        const struct instruction *code = &program->code[at];
        if (is_comparison(code) && groups[code->a] != NO_INDEX)
            continue;
        machine->schedule[machine->schedule_count++] = at;
        uint32_t results = instruction_results(program, code);
        for (uint32_t reg = code->result; reg < code->result + results; reg++)
            if (groups[reg] != NO_INDEX)
                machine->schedule[machine->schedule_count++] = SCHEDULE_GROUP | groups[reg];
    }
    free(sizes);
    free(groups);
}

void run_comparison_group(struct machine *machine, struct comparison_group *group)
{
    const struct place *place = &machine->places[group->codes[0]->place];
    const struct cells *a = &machine->cells[group->codes[0]->a];
    bool is_worth_it = group->bits == 8 ? group->count >= machine->kernels->tests_worth8
                                        : group->bits == 16 && group->count >= machine->kernels->tests_worth16;
    if (!is_worth_it) {
        for (uint32_t at = 0; at < group->count; at++)
            run_comparison(machine, group->codes[at]);
        return;
    }
    if (group->lay_out != place->lay_outs) {
        tests_place(machine, group);
        group->lay_out = place->lay_outs;
    }
    memory_reserve(&machine->codes, &machine->code_capacity, place->words * 64, sizeof *machine->codes);
    if (group->bits == 8) {
        uint8_t *codes = (uint8_t *)machine->codes;
        machine->kernels->encode8(codes, a->numbers, &group->plan, place->words);
        machine->kernels->test8(codes, group->tests, group->count, a->known, place->words);
    } else {
        machine->kernels->encode16(machine->codes, a->numbers, &group->plan, place->words);
        machine->kernels->test16(machine->codes, group->tests, group->count, a->known, place->words);
    }
}
