#include "vm/machine.h"

#include <string.h>

#include "vm/quick.h"
#include "vm/registers.h"

static struct column *field_column(const struct machine *machine, const struct instruction *code)
{
    return code->place == 0 ? &machine->batch->fields[code->a] : &machine_table(machine, code->place)->fields[code->a];
}

static void run_in_set(const struct machine *machine, const struct instruction *code, struct cells *result,
                       const struct cells *a, size_t words)
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
    KNOWN_ROWS(r, a->known[word] & b->known[word], quick_multiply(a->numbers[row], b->numbers[row], &r->numbers[row]))
}

static void run_divide(struct cells *r, const struct cells *a, const struct cells *b, size_t words)
{
    KNOWN_ROWS(r, a->known[word] & b->known[word], quick_divide(a->numbers[row], b->numbers[row], &r->numbers[row]))
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

static void run_units_since(const struct machine *machine, const struct instruction *code, struct cells *r,
                            const struct cells *a, size_t words)
{
    int64_t now = machine->as_of;
    enum time_unit unit = (enum time_unit)code->b;
    KNOWN_ROWS(r, a->known[word], units_since(a->numbers[row], now, unit, &r->numbers[row]))
}

void machine_run(struct machine *machine, const struct batch *batch)
{
    const struct program *program = machine->program;
    machine->batch = batch;
    machine->run++;
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
        case OP_LOAD_TYPE: {
            const struct event_table *table = machine_table(machine, code->place);
            memset(r->known, 0, words * sizeof *r->known);
            if (table->type == NULL)
                break;
            memcpy(r->known, place->all, words * sizeof *r->known);
            for (size_t row = 0; row < table->rows; row++)
                r->numbers[row] = table->type[row];
            break;
        }
        case OP_LOAD_STAGE:
            r->known = batch->stage_known;
            r->numbers = batch->stage;
            break;
        case OP_CONST:
        case OP_NOW:
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
            machine->kernels->cond_found(r->holds, r->fails, cells[code->a].holds, cells[code->a].fails, place->all,
                                         words);
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
        case OP_ROUND:
            run_round(machine, code);
            break;
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
