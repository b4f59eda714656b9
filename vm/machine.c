#include "vm/machine.h"

#include <stdlib.h>
#include <string.h>

#include "vm/limits.h"
#include "vm/number.h"
#include "vm/registers.h"

/* What room of its own an instruction's result needs; the rest of it points at something that is there already. */
enum room { ROOM_NONE = 0, ROOM_HOLDS = 1, ROOM_FAILS = 2, ROOM_KNOWN = 4, ROOM_NUMBERS = 8, ROOM_CONDITION = 3, ROOM_NUMBER = 12 };

static unsigned instruction_room(const struct program *program, const struct instruction *code, uint32_t reg)
{
    switch ((enum opcode)code->opcode) {
    case OP_ALWAYS:
    case OP_NEVER:
    case OP_UNKNOWN:
    case OP_ACTIVE:
    case OP_NOT:
    case OP_LOAD_NUMBER:
    case OP_LOAD_AT:
    case OP_LOAD_STAGE:
        return ROOM_NONE;
    case OP_LOAD_YESNO:
    case OP_SETTLE:
    case OP_KNOWN:
        return ROOM_FAILS;
    case OP_TEXT_KNOWN:
    case OP_FOUND:
    case OP_AND:
    case OP_OR:
    case OP_THEN:
    case OP_COND_IF_COND:
    case OP_COND_IF_NUM:
    case OP_EQ:
    case OP_LT:
    case OP_LE:
    case OP_GT:
    case OP_GE:
    case OP_EQ_CONST:
    case OP_LT_CONST:
    case OP_LE_CONST:
    case OP_GT_CONST:
    case OP_GE_CONST:
    case OP_IN_SET:
    case OP_WITHIN:
    case OP_TEXT_CLASS:
    case OP_LIST_CLASS:
    case OP_TEXT_SAME:
    case OP_GATHER_COND:
    case OP_HAS:
    case OP_CHOSEN:
    case OP_PASSED:
        return ROOM_CONDITION;
    case OP_CONST:
    case OP_POINTS:
        return program->registers[reg].place == 0 ? ROOM_NONE : ROOM_NUMBERS;
    case OP_MISSING:
    case OP_NOW:
    case OP_AT_CLOCK:
    case OP_NUMBER_OF:
    case OP_COUNT_EVENTS:
    case OP_DISTINCT:
    case OP_DISTINCT_TEXT:
    case OP_TOTAL:
    case OP_TAKE:
    case OP_CLAMP:
    case OP_WEIGH:
    case OP_DECAY:
    case OP_STAGE_OF:
        return ROOM_NUMBERS;
    case OP_NUM_IF_COND:
    case OP_ONLY_IF:
        return ROOM_KNOWN;
    case OP_TEXT_LENGTH:
    case OP_LIST_COUNT:
    case OP_ADD:
    case OP_SUBTRACT:
    case OP_MULTIPLY:
    case OP_DIVIDE:
    case OP_NEGATE:
    case OP_UNITS_SINCE:
    case OP_GATHER_NUM:
    case OP_SUM:
    case OP_MIN:
    case OP_MAX:
    case OP_AVERAGE:
    case OP_FIRST:
    case OP_LAST:
    case OP_EACH:
    case OP_EVERY:
    case OP_CHOOSE:
    case OP_BAND_OF:
    case OP_CELL_OF:
        return ROOM_NUMBER;
    case OPCODE_COUNT:
        break;
    }
    return ROOM_NONE;
}

/* The value of a column that never changes, filled once when its room is made. */
static bool instruction_constant(const struct machine *machine, const struct instruction *code, uint32_t reg, int64_t *value)
{
    const struct program *program = machine->program;
    switch (code->opcode) {
    case OP_CONST: *value = program->constants[code->a]; return true;
    case OP_POINTS: *value = program->constants[code->b]; return true;
    case OP_NOW: *value = machine->as_of; return true;
    case OP_AT_CLOCK: *value = machine->clocks[code->a]; return true;
    case OP_MISSING: *value = 0; return true;
    case OP_EACH: *value = program->eaches[code->b].points; return reg == code->result + 1;
    default: return false;
    }
}

static size_t room_bytes(unsigned room, size_t rows)
{
    size_t bitmaps = (room & ROOM_HOLDS ? 1u : 0u) + (room & ROOM_FAILS ? 1u : 0u) + (room & ROOM_KNOWN ? 1u : 0u);
    return bitmaps * (rows / 8) + (room & ROOM_NUMBERS ? rows * sizeof(int64_t) : 0);
}

/* Lays out a place's registers anew for so many rows.  What they held is forgotten. */
static void place_lay_out(struct machine *machine, struct place *place, size_t rows)
{
    const struct program *program = machine->program;
    rows = (rows + 64 * KERNEL_BLOCK - 1) / (64 * KERNEL_BLOCK) * (64 * KERNEL_BLOCK);
    size_t bytes = 2 * (rows / 8) + 64;
    for (uint32_t at = 0; at < place->registers.count; at++) {
        uint32_t reg = machine->placed[place->registers.start + at];
        bytes += room_bytes(instruction_room(program, &program->code[machine->writers[reg]], reg), rows);
    }
    free(place->room);
    place->room = memory_alloc(bytes);
    unsigned char *next = place->room + (64 - (uintptr_t)place->room % 64) % 64;
#define TAKE_ROOM(pointer, type, size) ((pointer) = (type *)(void *)next, next += (size))
    TAKE_ROOM(place->all, uint64_t, rows / 8);
    TAKE_ROOM(place->none, uint64_t, rows / 8);
    for (uint32_t at = 0; at < place->registers.count; at++) {
        uint32_t reg = machine->placed[place->registers.start + at];
        const struct instruction *code = &program->code[machine->writers[reg]];
        unsigned room = instruction_room(program, code, reg);
        struct cells *cells = &machine->cells[reg];
        *cells = (struct cells){place->none, place->none, place->none, NULL};
        if (room & ROOM_HOLDS)
            TAKE_ROOM(cells->holds, uint64_t, rows / 8);
        if (room & ROOM_FAILS)
            TAKE_ROOM(cells->fails, uint64_t, rows / 8);
        if (room & ROOM_KNOWN)
            TAKE_ROOM(cells->known, uint64_t, rows / 8);
        if (room & ROOM_NUMBERS)
            TAKE_ROOM(cells->numbers, int64_t, rows * sizeof(int64_t));
        int64_t value;
        if (cells->numbers != NULL && instruction_constant(machine, code, reg, &value))
            machine->kernels->fill(cells->numbers, value, rows / 64);
    }
#undef TAKE_ROOM
    place->capacity = rows;
    place->rows = 0;
    place->lay_outs++;
}

/* A place that one huge lead has blown up beyond this is laid out smaller when it can be. */
#define KEPT_EVENT_ROWS ((size_t)4 * LIMIT_BATCH_EVENTS)

static void place_start(struct machine *machine, struct place *place, size_t rows)
{
    if (rows > place->capacity || (place->capacity > KEPT_EVENT_ROWS && rows < place->capacity / 4))
        place_lay_out(machine, place, rows);
    size_t old_words = (place->rows + 63) / 64;
    for (size_t word = rows / 64; word < old_words; word++)
        place->all[word] = 0;
    for (size_t word = place->rows / 64; word < rows / 64; word++)
        place->all[word] = ~UINT64_C(0);
    if (rows % 64 != 0)
        place->all[rows / 64] = (UINT64_C(1) << rows % 64) - 1;
    place->rows = rows;
    place->words = (rows + 64 * KERNEL_BLOCK - 1) / (64 * KERNEL_BLOCK) * KERNEL_BLOCK;
}

uint32_t instruction_results(const struct program *program, const struct instruction *code)
{
    if (code->opcode == OP_TEXT_CLASS || code->opcode == OP_LIST_CLASS)
        return program->texts[code->a].bits;
    return code->opcode == OP_EACH ? 2 : 1;
}

static void registers_prepare(struct machine *machine)
{
    const struct program *program = machine->program;
    uint32_t place_count = program->event_count + 2;
    size_t registers = program->register_count;
    machine->cells = arena_alloc(&machine->arena, registers * sizeof *machine->cells);
    machine->places = arena_alloc(&machine->arena, place_count * sizeof *machine->places);
    machine->placed = arena_alloc(&machine->arena, registers * sizeof *machine->placed);
    machine->writers = arena_alloc(&machine->arena, registers * sizeof *machine->writers);
    machine->seen = arena_alloc(&machine->arena, registers * sizeof *machine->seen);
    for (uint32_t at = 0; at < program->code_count; at++) {
        uint32_t results = instruction_results(program, &program->code[at]);
        for (uint32_t result = 0; result < results; result++)
            machine->writers[program->code[at].result + result] = at;
    }
    for (uint32_t reg = 0; reg < registers; reg++)
        machine->places[program->registers[reg].place].registers.count++;
    uint32_t start = 0;
    for (uint32_t place = 0; place < place_count; place++) {
        machine->places[place].registers.start = start;
        start += machine->places[place].registers.count;
        machine->places[place].registers.count = 0;
    }
    for (uint32_t reg = 0; reg < registers; reg++) {
        struct range *placed = &machine->places[program->registers[reg].place].registers;
        machine->placed[placed->start + placed->count++] = reg;
    }
}

struct machine *machine_new(const struct program *program, int64_t as_of)
{
    struct machine *machine = memory_alloc(sizeof *machine);
    machine->program = program;
    machine->as_of = as_of;
    machine->kernels = kernels_best();
    arena_init(&machine->arena);
    machine->clocks = arena_alloc(&machine->arena, program->clock_count * sizeof *machine->clocks);
    for (uint32_t at = 0; at < program->clock_count; at++) {
        int64_t count = program->clocks[at].count;
        machine->clocks[at] = instant_step(as_of, count == INT64_MIN ? INT64_MAX : -count, (enum time_unit)program->clocks[at].unit);
    }
    machine->memos = arena_alloc(&machine->arena, program->text_count * sizeof *machine->memos);
    for (uint32_t at = 0; at < program->text_count; at++)
        if (program->texts[at].classifier != NULL)
            machine->memos[at] = textmemo_new(program->texts[at].classifier);
    machine->decays = arena_alloc(&machine->arena, program->decay_count * sizeof *machine->decays);
    for (uint32_t at = 0; at < program->decay_count; at++) {
        factor_table_init(&machine->decays[at].factors, program->decays[at].ppm);
        machine->decays[at].period = period_make(program->decays[at].every_unit, program->decays[at].every_count);
    }
    machine->faded = arena_alloc(&machine->arena, program->each_count * sizeof *machine->faded);
    for (uint32_t at = 0; at < program->each_count; at++) {
        factor_table_init(&machine->faded[at].factors, program->eaches[at].fading_ppm);
        machine->faded[at].period = period_make(program->eaches[at].every_unit, program->eaches[at].every_count);
    }
    for (size_t at = 0; at < sizeof machine->spare / sizeof machine->spare[0]; at++)
        machine->spare[at] = arena_alloc(&machine->arena, LIMIT_BATCH_LEADS / 8);
    machine->spare_numbers = arena_alloc(&machine->arena, LIMIT_BATCH_LEADS * sizeof(int64_t));

    registers_prepare(machine);
    place_lay_out(machine, &machine->places[0], LIMIT_BATCH_LEADS);
    for (uint32_t place = 1; place < program->event_count + 2; place++)
        place_lay_out(machine, &machine->places[place], 0);
    machine->constant_columns = arena_alloc(&machine->arena, program->constant_count * sizeof *machine->constant_columns);
    for (uint32_t at = 0; at < program->code_count; at++) {
        const struct instruction *code = &program->code[at];
        if ((code->opcode != OP_CONST && code->opcode != OP_POINTS) || program->registers[code->result].place != 0)
            continue;
        uint32_t constant = code->opcode == OP_CONST ? code->a : code->b;
        if (machine->constant_columns[constant] == NULL) {
            machine->constant_columns[constant] = arena_alloc(&machine->arena, LIMIT_BATCH_LEADS * sizeof(int64_t));
            machine->kernels->fill(machine->constant_columns[constant], program->constants[constant], LIMIT_BATCH_LEADS / 64);
        }
        machine->cells[code->result].numbers = machine->constant_columns[constant];
    }
    points_prepare(machine);
    comparisons_prepare(machine);
    return machine;
}

void machine_free(struct machine *machine)
{
    if (machine == NULL)
        return;
    const struct program *program = machine->program;
    for (uint32_t at = 0; at < program->text_count; at++)
        if (machine->memos[at] != NULL)
            textmemo_free(machine->memos[at]);
    for (uint32_t at = 0; at < program->decay_count; at++)
        factor_table_free(&machine->decays[at].factors);
    for (uint32_t at = 0; at < program->each_count; at++) {
        factor_table_free(&machine->faded[at].factors);
        free(machine->faded[at].points);
    }
    for (uint32_t place = 0; place < program->event_count + 2; place++)
        free(machine->places[place].room);
    free(machine->values);
    free(machine->codes);
    free(machine->text_rows);
    buffer_free(&machine->folded[0]);
    buffer_free(&machine->folded[1]);
    free(machine->slots);
    free(machine->walk);
    arena_free(&machine->arena);
    free(machine);
}

static struct column *field_column(const struct machine *machine, const struct instruction *code)
{
    return code->place == 0 ? &machine->batch->fields[code->a] : &machine_table(machine, code->place)->fields[code->a];
}

static void run_in_set(const struct machine *machine, const struct instruction *code, struct cells *result, const struct cells *a,
                       size_t words)
{
    const struct range set = machine->program->sets[code->b];
    const int64_t *values = machine->program->set_values + set.start;
    for (size_t word = 0; word < words; word++) {
        uint64_t holds = 0;
        for (uint64_t left = a->known[word]; left != 0; left &= left - 1) {
            unsigned bit = (unsigned)__builtin_ctzll(left);
            int64_t value = a->numbers[word * 64 + bit];
            size_t low = 0, high = set.count;
            while (low < high) {
                size_t middle = low + (high - low) / 2;
                if (values[middle] < value)
                    low = middle + 1;
                else
                    high = middle;
            }
            if (low < set.count && values[low] == value)
                holds |= UINT64_C(1) << bit;
        }
        result->holds[word] = holds;
        result->fails[word] = a->known[word] & ~holds;
    }
}

/* An instruction that makes each row's number by a call: only rows that are known are touched. */
#define KNOWN_ROWS(out, mask_word, expression) \
    for (size_t word = 0; word < words; word++) { \
        uint64_t known = 0; \
        for (uint64_t left = (mask_word); left != 0; left &= left - 1) { \
            unsigned bit = (unsigned)__builtin_ctzll(left); \
            size_t row = word * 64 + bit; \
            if (expression) \
                known |= UINT64_C(1) << bit; \
        } \
        (out)->known[word] = known; \
    }

static void run_multiply(struct cells *r, const struct cells *a, const struct cells *b, size_t words)
{
    KNOWN_ROWS(r, a->known[word] & b->known[word], number_multiply(a->numbers[row], b->numbers[row], &r->numbers[row]))
}

static void run_divide(struct cells *r, const struct cells *a, const struct cells *b, size_t words)
{
    KNOWN_ROWS(r, a->known[word] & b->known[word], number_divide(a->numbers[row], b->numbers[row], &r->numbers[row]))
}

static void run_negate(struct cells *r, const struct cells *a, size_t words)
{
    KNOWN_ROWS(r, a->known[word], number_subtract(0, a->numbers[row], &r->numbers[row]))
}

static bool units_since(int64_t start, int64_t now, enum time_unit unit, int64_t *result)
{
    /* Only a hostile file asks this of numbers that are no dates. */
    if (start < INSTANT_MIN || start > INSTANT_MAX)
        return false;
    *result = instant_whole_units(start, now, unit) * NUMBER_ONE;
    return true;
}

static void run_units_since(const struct machine *machine, const struct instruction *code, struct cells *r, const struct cells *a,
                            size_t words)
{
    int64_t now = machine->as_of;
    enum time_unit unit = (enum time_unit)code->b;
    KNOWN_ROWS(r, a->known[word], units_since(a->numbers[row], now, unit, &r->numbers[row]))
}

void machine_run(struct machine *machine, const struct batch *batch)
{
    const struct program *program = machine->program;
    machine->batch = batch;
    place_start(machine, &machine->places[0], batch->leads);
    for (uint32_t event = 0; event <= program->event_count; event++)
        if (machine->places[1 + event].registers.count > 0)
            place_start(machine, &machine->places[1 + event], batch->events[event].rows);

    struct cells *cells = machine->cells;
    const int64_t *constants = program->constants;
    const struct place *leads = &machine->places[0];
    for (uint32_t step = 0; step < machine->schedule_count; step++) {
        if (machine->schedule[step] & SCHEDULE_GROUP) {
            run_comparison_group(machine, &machine->groups[machine->schedule[step] & ~SCHEDULE_GROUP]);
            continue;
        }
        const struct instruction *code = &program->code[machine->schedule[step]];
        const struct place *place = &machine->places[code->place];
        const size_t words = place->words;
        struct cells *r = &cells[code->result];
        switch ((enum opcode)code->opcode) {
        case OP_ALWAYS:
            r->holds = place->all;
            break;
        case OP_NEVER:
            r->fails = place->all;
            break;
        case OP_UNKNOWN:
            break;
        case OP_ACTIVE:
            if (constants[code->a] <= machine->as_of && machine->as_of < constants[code->b])
                r->holds = place->all;
            else
                r->fails = place->all;
            break;
        case OP_LOAD_YESNO: {
            const struct column *column = field_column(machine, code);
            r->holds = column->yes;
            machine->kernels->less(r->fails, column->known, column->yes, words);
            break;
        }
        case OP_LOAD_NUMBER: {
            const struct column *column = field_column(machine, code);
            r->known = column->known;
            r->numbers = column->numbers;
            break;
        }
        case OP_LOAD_AT:
            r->known = place->all;
            r->numbers = machine_table(machine, code->place)->at;
            break;
        case OP_LOAD_STAGE:
            r->known = batch->stage_known;
            r->numbers = batch->stage;
            break;
        case OP_CONST:
        case OP_NOW:
        case OP_AT_CLOCK:
            r->known = place->all;
            break;
        case OP_MISSING:
            break;
        case OP_AND: {
            const struct cells *a = &cells[code->a], *b = &cells[code->b];
            machine->kernels->cond_and(r->holds, r->fails, a->holds, a->fails, b->holds, b->fails, words);
            break;
        }
        case OP_OR: {
            const struct cells *a = &cells[code->a], *b = &cells[code->b];
            machine->kernels->cond_or(r->holds, r->fails, a->holds, a->fails, b->holds, b->fails, words);
            break;
        }
        case OP_NOT:
            r->holds = cells[code->a].fails;
            r->fails = cells[code->a].holds;
            break;
        case OP_THEN: {
            const struct cells *a = &cells[code->a], *b = &cells[code->b];
            machine->kernels->cond_then(r->holds, r->fails, a->holds, a->fails, b->holds, b->fails, words);
            break;
        }
        case OP_SETTLE:
            r->holds = cells[code->a].holds;
            machine->kernels->less(r->fails, place->all, r->holds, words);
            break;
        case OP_FOUND:
            machine->kernels->cond_found(r->holds, r->fails, cells[code->a].holds, cells[code->a].fails, place->all, words);
            break;
        case OP_COND_IF_COND: {
            const struct cells *a = &cells[code->a], *b = &cells[code->b];
            machine->kernels->cond_if(r->holds, r->fails, a->holds, a->fails, b->holds, b->fails, words);
            break;
        }
        case OP_COND_IF_NUM: {
            const struct cells *a = &cells[code->a], *b = &cells[code->b];
            machine->kernels->cond_if(r->holds, r->fails, a->holds, a->fails, b->known, b->known, words);
            break;
        }
        case OP_NUM_IF_COND: {
            const struct cells *a = &cells[code->a], *b = &cells[code->b];
            r->numbers = a->numbers;
            machine->kernels->either_within(r->known, b->holds, b->fails, a->known, words);
            break;
        }
        case OP_ONLY_IF:
            r->numbers = cells[code->a].numbers;
            machine->kernels->both(r->known, cells[code->a].known, cells[code->b].holds, words);
            break;
        case OP_KNOWN:
            r->holds = cells[code->a].known;
            machine->kernels->less(r->fails, place->all, r->holds, words);
            break;
        case OP_TEXT_KNOWN:
            run_text_known(machine, code);
            break;
        case OP_EQ: {
            const struct cells *a = &cells[code->a], *b = &cells[code->b];
            machine->kernels->eq(r->holds, r->fails, a->numbers, b->numbers, a->known, b->known, words);
            break;
        }
        case OP_LT: {
            const struct cells *a = &cells[code->a], *b = &cells[code->b];
            machine->kernels->lt(r->holds, r->fails, a->numbers, b->numbers, a->known, b->known, words);
            break;
        }
        case OP_LE: {
            const struct cells *a = &cells[code->a], *b = &cells[code->b];
            machine->kernels->lt(r->fails, r->holds, b->numbers, a->numbers, b->known, a->known, words);
            break;
        }
        case OP_GT: {
            const struct cells *a = &cells[code->a], *b = &cells[code->b];
            machine->kernels->lt(r->holds, r->fails, b->numbers, a->numbers, b->known, a->known, words);
            break;
        }
        case OP_GE: {
            const struct cells *a = &cells[code->a], *b = &cells[code->b];
            machine->kernels->lt(r->fails, r->holds, a->numbers, b->numbers, a->known, b->known, words);
            break;
        }
        case OP_EQ_CONST:
        case OP_LT_CONST:
        case OP_LE_CONST:
        case OP_GT_CONST:
        case OP_GE_CONST:
        case OP_WITHIN:
            run_comparison(machine, code);
            break;
        case OP_IN_SET:
            run_in_set(machine, code, r, &cells[code->a], words);
            break;
        case OP_TEXT_CLASS:
            run_text_class(machine, code);
            break;
        case OP_LIST_CLASS:
            run_list_class(machine, code);
            break;
        case OP_TEXT_SAME:
            run_text_same(machine, code);
            break;
        case OP_TEXT_LENGTH:
            run_text_length(machine, code);
            break;
        case OP_LIST_COUNT:
            run_list_count(machine, code);
            break;
        case OP_ADD: {
            const struct cells *a = &cells[code->a], *b = &cells[code->b];
            machine->kernels->add(r->numbers, r->known, a->numbers, b->numbers, a->known, b->known, words);
            break;
        }
        case OP_SUBTRACT: {
            const struct cells *a = &cells[code->a], *b = &cells[code->b];
            machine->kernels->subtract(r->numbers, r->known, a->numbers, b->numbers, a->known, b->known, words);
            break;
        }
        case OP_MULTIPLY:
            run_multiply(r, &cells[code->a], &cells[code->b], words);
            break;
        case OP_DIVIDE:
            run_divide(r, &cells[code->a], &cells[code->b], words);
            break;
        case OP_NEGATE:
            run_negate(r, &cells[code->a], words);
            break;
        case OP_NUMBER_OF:
            r->known = place->all;
            memset(r->numbers, 0, words * 64 * sizeof *r->numbers);
            machine->kernels->blend(r->numbers, NUMBER_ONE, cells[code->a].holds, words);
            break;
        case OP_UNITS_SINCE:
            run_units_since(machine, code, r, &cells[code->a], words);
            break;
        case OP_GATHER_COND:
            run_gather_cond(machine, code);
            break;
        case OP_GATHER_NUM:
            run_gather_num(machine, code);
            break;
        case OP_HAS:
            run_has(machine, code);
            break;
        case OP_COUNT_EVENTS:
            run_count_events(machine, code);
            break;
        case OP_SUM:
            run_sum(machine, code);
            break;
        case OP_MIN:
            run_extreme(machine, code, false);
            break;
        case OP_MAX:
            run_extreme(machine, code, true);
            break;
        case OP_AVERAGE:
            run_average(machine, code);
            break;
        case OP_DISTINCT:
            run_distinct(machine, code);
            break;
        case OP_DISTINCT_TEXT:
            run_distinct_text(machine, code);
            break;
        case OP_FIRST:
            run_first(machine, code);
            break;
        case OP_LAST:
            run_last(machine, code);
            break;
        case OP_EACH:
            run_each(machine, code);
            break;
        case OP_EVERY:
            run_every(machine, code);
            break;
        case OP_CLAMP: {
            const struct cells *a = &cells[code->a];
            r->known = a->known;
            machine->kernels->clamp(r->numbers, a->numbers, constants[code->b], constants[code->c], words);
            break;
        }
        case OP_WEIGH:
            run_weigh(machine, code);
            break;
        case OP_POINTS:
            r->known = cells[code->a].holds;
            break;
        case OP_CHOOSE:
            run_choose(machine, code);
            break;
        case OP_CHOSEN:
            run_chosen(machine, code);
            break;
        case OP_PASSED:
            run_passed(machine, code);
            break;
        case OP_TOTAL:
            run_total(machine, code);
            break;
        case OP_TAKE:
            run_take(machine, code);
            break;
        case OP_DECAY:
            run_decay(machine, code);
            break;
        case OP_BAND_OF:
            run_band_of(machine, code);
            break;
        case OP_CELL_OF: {
            const struct cells *a = &cells[code->a], *b = &cells[code->b];
            machine->kernels->both(r->known, a->known, b->known, leads->words);
            machine->kernels->cell(r->numbers, a->numbers, b->numbers, (int64_t)code->c, leads->words);
            break;
        }
        case OP_STAGE_OF:
            run_stage_of(machine, code);
            break;
        case OPCODE_COUNT:
            break;
        }
    }
}

const struct program *machine_program(const struct machine *machine)
{
    return machine->program;
}

const struct batch *machine_batch(const struct machine *machine)
{
    return machine->batch;
}

int64_t machine_as_of(const struct machine *machine)
{
    return machine->as_of;
}

enum truth machine_condition(const struct machine *machine, uint32_t reg, uint32_t row)
{
    const struct cells *cells = &machine->cells[reg];
    if (bit_get(cells->holds, row))
        return TRUTH_HOLDS;
    return bit_get(cells->fails, row) ? TRUTH_FAILS : TRUTH_UNKNOWN;
}

bool machine_number(const struct machine *machine, uint32_t reg, uint32_t row, int64_t *value)
{
    const struct cells *cells = &machine->cells[reg];
    if (!bit_get(cells->known, row))
        return false;
    *value = cells->numbers[row];
    return true;
}

const uint64_t *machine_holds(const struct machine *machine, uint32_t reg)
{
    return machine->cells[reg].holds;
}

const uint64_t *machine_fails(const struct machine *machine, uint32_t reg)
{
    return machine->cells[reg].fails;
}

const int64_t *machine_numbers(const struct machine *machine, uint32_t reg)
{
    return machine->cells[reg].numbers;
}

const uint64_t *machine_known(const struct machine *machine, uint32_t reg)
{
    return machine->cells[reg].known;
}
