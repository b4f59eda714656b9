/* A machine's registers: what room each needs, where it lies, and the making and freeing of a machine. */
#include <stdlib.h>
#include <string.h>

#include "vm/limits.h"
#include "vm/registers.h"

/* What room of its own an instruction's result needs; the rest of it points at something that is there already. */
enum room {
    ROOM_NONE = 0,
    ROOM_HOLDS = 1,
    ROOM_FAILS = 2,
    ROOM_KNOWN = 4,
    ROOM_NUMBERS = 8,
    ROOM_CONDITION = 3,
    ROOM_NUMBER = 12
};

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
    case OP_LOAD_TYPE:
        return ROOM_NUMBER;
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
    case OP_NUMBER_OF:
    case OP_COUNT_EVENTS:
    case OP_DISTINCT:
    case OP_DISTINCT_TEXT:
    case OP_TOTAL:
    case OP_TAKE:
    case OP_CLAMP:
    case OP_ROUND:
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
static bool instruction_constant(const struct machine *machine, const struct instruction *code, uint32_t reg,
                                 int64_t *value)
{
    const struct program *program = machine->program;
    switch (code->opcode) {
    case OP_CONST: *value = program->constants[code->a]; return true;
    case OP_POINTS: *value = program->constants[code->b]; return true;
    case OP_NOW: *value = machine->as_of; return true;
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

void place_start(struct machine *machine, struct place *place, size_t rows)
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
        machine->clocks[at] =
            instant_step(as_of, count == INT64_MIN ? INT64_MAX : -count, (enum time_unit)program->clocks[at].unit);
    }
    machine->domains = arena_alloc(&machine->arena, program->text_count * sizeof *machine->domains);
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
    machine->constant_columns =
        arena_alloc(&machine->arena, program->constant_count * sizeof *machine->constant_columns);
    for (uint32_t at = 0; at < program->code_count; at++) {
        const struct instruction *code = &program->code[at];
        if ((code->opcode != OP_CONST && code->opcode != OP_POINTS) || program->registers[code->result].place != 0)
            continue;
        uint32_t constant = code->opcode == OP_CONST ? code->a : code->b;
        if (machine->constant_columns[constant] == NULL) {
            machine->constant_columns[constant] = arena_alloc(&machine->arena, LIMIT_BATCH_LEADS * sizeof(int64_t));
            machine->kernels->fill(machine->constant_columns[constant], program->constants[constant],
                                   LIMIT_BATCH_LEADS / 64);
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
    for (uint32_t at = 0; at < program->text_count; at++) {
        free(machine->domains[at].texts);
        free(machine->domains[at].known);
    }
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

