/* Every instruction of the machine against its plain meaning (naive.h), over random leads, for counts of rows around
   the edges of words and blocks; what the machine says about missing data; the kernels that count. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>

#include "tests/unit/machine_making.h"
#include "tests/unit/naive.h"
#include "vm/registers.h"

#define NOW INT64_C(1795305600000000)                           /* 2026-11-22T00:00:00Z */

static uint64_t random_next(uint64_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed >> 11;
}

static uint32_t random_below(uint64_t *seed, uint64_t below)
{
    return (uint32_t)(random_next(seed) % below);
}

/* Small and round numbers, for equality and ties; now and then one from the edge of 64 bits. */
static int64_t random_number(uint64_t *seed)
{
    static const int64_t edges[] = {
        INT64_MIN, INT64_MIN + 1, INT64_MAX, INT64_MAX - 1, INT64_C(1) << 62, -(INT64_C(1) << 62), -1, 1};
    switch (random_below(seed, 8)) {
    case 0: return edges[random_below(seed, 8)];
    case 1: return (int64_t)(random_next(seed) * 1000003);
    case 2: return (int64_t)random_below(seed, 100000) - 50000;
    default: return ((int64_t)random_below(seed, 21) - 10) * NUMBER_ONE;
    }
}

static int64_t random_points(uint64_t *seed)
{
    if (random_below(seed, 6) == 0)
        return random_number(seed);
    return ((int64_t)random_below(seed, 41) - 20) * (random_below(seed, 4) == 0 ? 1234 : 50000);
}

static int64_t random_date(uint64_t *seed)
{
    if (random_below(seed, 16) == 0)
        return NOW;
    return NOW - (int64_t)random_below(seed, 4000) * MICROS_HOUR * 6 + (int64_t)random_below(seed, 3) - 1 - MICROS_HOUR;
}

static struct text random_text(uint64_t *seed)
{
    static const char *const texts[] = {
        "CEO", "ceo", " ceo ", "Director", "Head of Sales", "a@b.com", "x@B.COM", "no one", "bad@", "Stra\u00dfe",
        "STRASSE", "z@example.org", "\u00dcnal", "sales", "x"};
    return text_of(texts[random_below(seed, sizeof texts / sizeof texts[0])]);
}

static void fill_lead(struct batch *batch, uint64_t *seed)
{
    for (uint32_t field = 0; field < LEAD_FIELDS; field++) {
        if (random_below(seed, 4) == 0)
            continue;
        switch (batch->fields[field].type) {
        case FIELD_NUMBER: batch_set_number(batch, field, random_number(seed)); break;
        case FIELD_DATE: batch_set_number(batch, field, random_date(seed) + 2 * MICROS_DAY); break;
        case FIELD_YESNO: batch_set_yesno(batch, field, random_below(seed, 2) != 0); break;
        case FIELD_TEXT:
        case FIELD_ONEOF: batch_set_text(batch, field, random_text(seed), random_below(seed, 2) != 0); break;
        case FIELD_LIST:
            batch_begin_list(batch, field);
            for (uint32_t elements = random_below(seed, 4); elements > 0; elements--)
                batch_add_element(batch, field, random_text(seed), false);
            break;
        }
    }
    if (random_below(seed, 3) != 0)
        batch_set_stage(batch, random_below(seed, 6));
}

static void fill_visit(struct batch *batch, uint64_t *seed)
{
    for (uint32_t field = 0; field < VISIT_FIELDS; field++) {
        if (random_below(seed, 4) == 0)
            continue;
        struct text elements[2] = {random_text(seed), random_text(seed)};
        switch (batch->events[VISIT].fields[field].type) {
        case FIELD_NUMBER: batch_event_number(batch, VISIT, field, random_number(seed)); break;
        case FIELD_DATE: batch_event_number(batch, VISIT, field, random_date(seed)); break;
        case FIELD_YESNO: batch_event_yesno(batch, VISIT, field, random_below(seed, 2) != 0); break;
        case FIELD_TEXT: case FIELD_ONEOF: batch_event_text(batch, VISIT, field, random_text(seed), true); break;
        case FIELD_LIST: batch_event_list(batch, VISIT, field, elements, random_below(seed, 3), false); break;
        }
    }
}

static void fill(struct batch *batch, uint32_t leads, uint32_t most_events, uint64_t *seed)
{
    batch_clear(batch);
    for (uint32_t lead = 0; lead < leads; lead++) {
        batch_begin_lead(batch, lead);
        fill_lead(batch, seed);
        for (uint32_t events = random_below(seed, most_events + 1); events > 0; events--) {
            int64_t at = random_date(seed);
            if (random_below(seed, 3) == 0)
                batch_add_event(batch, CALL, at);
            else if (batch_add_event(batch, VISIT, at))
                fill_visit(batch, seed);
        }
        batch_end_lead(batch);
    }
    batch_finish(batch);
}

/* Registers to take operands from, by place and kind. */
struct pool { uint32_t regs[4][2][1024]; uint32_t count[4][2]; };

static void pool_add(struct pool *pool, const struct program *program, uint32_t from)
{
    for (uint32_t reg = from; reg < program->register_count; reg++) {
        struct register_facts facts = program->registers[reg];
        pool->regs[facts.place][facts.kind][pool->count[facts.place][facts.kind]++] = reg;
    }
}

static uint32_t pool_pick(const struct pool *pool, unsigned place, unsigned kind, uint64_t *seed)
{
    return pool->regs[place][kind][random_below(seed, pool->count[place][kind])];
}

static uint32_t random_terms(struct program *program, const struct pool *pool, uint64_t *seed)
{
    struct term terms[40];
    uint32_t count = random_below(seed, random_below(seed, 3) == 0 ? 40 : 6);
    for (uint32_t at = 0; at < count; at++) {
        bool is_number = random_below(seed, 4) == 0;
        terms[at] = (struct term){pool_pick(pool, 0, is_number ? REGISTER_NUM : REGISTER_COND, seed), is_number,
                                  random_points(seed)};
    }
    return making_terms(program, terms, count);
}

static uint32_t random_each(struct program *program, uint64_t *seed)
{
    static const int64_t counts[] = {1, 3, 30};
    program->eaches[program->each_count] = (struct each){.points = ((int64_t)random_below(seed, 41) - 20) * 33333,
                                                         .once = random_below(seed, 4),
                                                         .most_times = random_below(seed, 4),
                                                         .fading = random_below(seed, 3),
                                                         .fading_ppm = random_below(seed, 5) * 250000,
                                                         .fading_points = random_below(seed, 5) * 10000,
                                                         .every_count = counts[random_below(seed, 3)],
                                                         .every_unit = 1 + random_below(seed, 5),
                                                         .capped = random_below(seed, 3) == 0,
                                                         .most_points = random_below(seed, 30) * 10000};
    return program->each_count++;
}

static uint32_t random_operand(struct program *program, const struct pool *pool, enum operand_kind kind,
                               enum opcode opcode, unsigned place, uint64_t *seed)
{
    switch (kind) {
    case OPERAND_NONE: return 0;
    case OPERAND_COND: return pool_pick(pool, place, REGISTER_COND, seed);
    case OPERAND_NUM: return pool_pick(pool, place, REGISTER_NUM, seed);
    case OPERAND_LEAD_COND: return pool_pick(pool, 0, REGISTER_COND, seed);
    case OPERAND_LEAD_NUM: return pool_pick(pool, 0, REGISTER_NUM, seed);
    case OPERAND_CONSTANT:
        if (opcode == OP_WEIGH)
            return making_constant(program, random_below(seed, 5) * 333333);
        if (opcode == OP_ACTIVE)
            return making_constant(program, NOW + (int64_t)random_below(seed, 3) - 1);
        return making_constant(program, random_points(seed));
    case OPERAND_FIELD:
        return opcode == OP_LOAD_YESNO ? LEAD_Y1 + random_below(seed, 2) : LEAD_N1 + random_below(seed, 3);
    case OPERAND_TEXT: return 0;
    case OPERAND_CLOCK:
        program->clocks[program->clock_count] = (struct clock){1 + random_below(seed, 40), random_below(seed, 6)};
        return program->clock_count++;
    case OPERAND_UNIT: return random_below(seed, UNIT_YEAR + 1);
    case OPERAND_SET: {
        struct range set = {program->set_value_count, 1 + random_below(seed, 9)};
        for (uint32_t at = 0; at < set.count; at++)
            program->set_values[program->set_value_count++] = ((int64_t)at * 2 - 8) * NUMBER_ONE;
        program->sets[program->set_count] = set;
        return program->set_count++;
    }
    case OPERAND_TERMS: return random_terms(program, pool, seed);
    case OPERAND_EACH: return random_each(program, seed);
    case OPERAND_DECAY:
        program->decays[program->decay_count] =
            (struct decay){random_below(seed, 2) != 0, random_below(seed, 5) * 250000, random_below(seed, 4) * 50000,
                           1 + random_below(seed, 40), 1 + random_below(seed, 5)};
        return program->decay_count++;
    case OPERAND_BAND: {
        struct range labels = {program->band_label_count, 1 + random_below(seed, 4)};
        for (uint32_t at = 0; at < labels.count; at++)
            program->band_labels[program->band_label_count++] = (struct band_label){
                "label", at == 0 && random_below(seed, 2) != 0 ? INT64_MIN : ((int64_t)at * 3 - 5) * NUMBER_ONE,
                at + 1 == labels.count && random_below(seed, 2) != 0 ? INT64_MAX : ((int64_t)at * 3 - 2) * NUMBER_ONE};
        program->bands[program->band_count] = (struct program_band){"band", 0, NO_REGISTER, labels};
        return program->band_count++;
    }
    case OPERAND_MODE: return random_below(seed, TAKE_EXCLUSIVE + 1);
    case OPERAND_COUNT: return 1 + random_below(seed, 5);
    }
    return 0;
}

struct texts { uint32_t plain, domain, list, constant, nothing; };

static void texts_make(struct program *program, unsigned place, struct texts *texts)
{
    struct pattern patterns[70];
    uint32_t count = 0;
    for (; count < 60; count++)
        patterns[count] = (struct pattern){count, TEXT_CONTAINS, text_of(count % 2 == 0 ? "sal" : "qqq")};
    patterns[count++] = (struct pattern){60, TEXT_IS, text_of("ceo")};
    patterns[count++] = (struct pattern){61, TEXT_IS, text_of("strasse")};
    patterns[count++] = (struct pattern){63, TEXT_EXACTLY, text_of("CEO")};
    patterns[count++] = (struct pattern){64, TEXT_WORD, text_of("head")};
    patterns[count++] = (struct pattern){65, TEXT_ENDS, text_of(".com")};
    uint16_t at = (uint16_t)place;
    texts->plain =
        making_text(program, (struct text_source){.place = at, .field = LEAD_TEXT, .bits = 67}, patterns, count);
    texts->list = making_text(program, (struct text_source){.place = at, .field = LEAD_LIST, .list = true, .bits = 67},
                              patterns, count);
    struct pattern domains[2] = {{0, TEXT_IS, text_of("b.com")}, {1, TEXT_ENDS, text_of(".org")}};
    texts->domain = making_text(
        program, (struct text_source){.place = at, .field = LEAD_EMAIL, .domain = true, .bits = 2}, domains, 2);
    texts->constant = making_text(
        program,
        (struct text_source){.place = at, .constant = true, .fixed = text_of("Q@B.com"), .domain = true, .bits = 2},
        domains, 2);
    texts->nothing = making_text(program, (struct text_source){.place = at, .constant = true, .bits = 2}, domains, 2);
}

static void text_code_make(struct program *program, unsigned place)
{
    struct texts texts;
    texts_make(program, place, &texts);
    const uint32_t plain[] = {texts.plain, texts.domain, texts.constant, texts.nothing};
    for (int at = 0; at < 4; at++) {
        making_add(program, OP_TEXT_CLASS, place, plain[at], 0, 0);
        making_add(program, OP_TEXT_KNOWN, place, plain[at], 0, 0);
        making_add(program, OP_TEXT_LENGTH, place, plain[at], 0, 0);
        for (int other = 0; other < 4; other++)
            making_add(program, OP_TEXT_SAME, place, plain[at], plain[other], 0);
    }
    making_add(program, OP_LIST_CLASS, place, texts.list, 0, 0);
    making_add(program, OP_TEXT_KNOWN, place, texts.list, 0, 0);
    making_add(program, OP_LIST_COUNT, place, texts.list, 0, 0);
    if (place == PLACE_OF_VISITS) {
        uint32_t always = making_add(program, OP_ALWAYS, place, 0, 0, 0),
                 some = making_add(program, OP_LOAD_YESNO, place, VISIT_Y1, 0, 0);
        for (int at = 0; at < 4; at++) {
            making_add(program, OP_DISTINCT_TEXT, place, always, plain[at], 0);
            making_add(program, OP_DISTINCT_TEXT, place, some, plain[at], 0);
        }
    }
}

static void stages_make(struct program *program, const struct pool *pool, uint64_t *seed)
{
    program->stage_count = 5;
    for (uint32_t at = 0; at < 5; at++) {
        struct program_stage *stage = &program->stages[at];
        *stage = (struct program_stage){.when = NO_REGISTER, .stay = NO_REGISTER};
        if (at == 0)
            continue;
        stage->when = pool_pick(pool, 0, REGISTER_COND, seed);
        if (random_below(seed, 2) != 0)
            stage->stay = pool_pick(pool, 0, REGISTER_COND, seed);
        stage->forever = random_below(seed, 4) == 0;
        stage->limited = random_below(seed, 2) != 0;
        stage->only_from = (struct range){program->index_count, random_below(seed, 3)};
        for (uint32_t from = 0; from < stage->only_from.count; from++)
            program->indices[program->index_count++] = random_below(seed, 5);
    }
}

/* A program with every instruction several times, operands drawn from what was computed before. */
static struct program *random_program(uint64_t *seed)
{
    struct program *program = making_new();
    struct pool *pool = memory_alloc(sizeof *pool);
    for (unsigned place = 0; place < 4; place++) {
        if (place == PLACE_OF_LEADS || place == PLACE_OF_VISITS) {
            text_code_make(program, place);
            for (uint32_t field = LEAD_N1; field <= LEAD_Y2; field++)
                making_add(program, field < LEAD_Y1 ? OP_LOAD_NUMBER : OP_LOAD_YESNO, place, field, 0, 0);
        }
        if (place != PLACE_OF_LEADS)
            making_add(program, OP_LOAD_AT, place, 0, 0, 0);
        uint32_t date = place == 0 ? making_add(program, OP_NOW, 0, 0, 0, 0) : program->register_count - 1;
        uint32_t recent =
            making_add(program, OP_GT_CONST, place, date, making_constant(program, NOW - 40 * MICROS_DAY), 0);
        making_add(program, OP_NOT, place, recent, 0, 0);
    }
    pool_add(pool, program, 0);
    stages_make(program, pool, seed);
    uint32_t lead_date = NO_REGISTER;
    for (uint32_t at = 0; at < program->code_count; at++)
        if (program->code[at].opcode == OP_LOAD_NUMBER && program->code[at].place == 0
            && program->code[at].a == LEAD_DATE)
            lead_date = program->code[at].result;
    for (int round = 0; round < 4; round++)
        for (unsigned opcode = 0; opcode < OPCODE_COUNT; opcode++) {
            const struct opcode_facts *facts = opcode_facts(opcode);
            if (facts->a == OPERAND_TEXT || facts->b == OPERAND_TEXT)
                continue;
            unsigned place = facts->place == PLACE_LEADS ? 0
                             : facts->place == PLACE_ANY ? random_below(seed, 4)
                                                         : 1 + random_below(seed, 3);
            if (facts->a == OPERAND_FIELD && place > 1)
                place = random_below(seed, 2);
            uint32_t a = random_operand(program, pool, facts->a, (enum opcode)opcode, place, seed);
            uint32_t b = random_operand(program, pool, facts->b, (enum opcode)opcode, place, seed);
            uint32_t c = random_operand(program, pool, facts->c, (enum opcode)opcode, place, seed);
            if (opcode == OP_DECAY)
                b = lead_date;                   /* stepping from other numbers would take the plain meaning for ever */
            if (opcode == OP_EVERY)
                c = making_constant(program, 1 + random_below(seed, 90000));
            if (opcode == OP_ROUND)
                b = making_constant(program, 1 + random_below(seed, 90000));
            if (opcode == OP_CLAMP && program->constants[b] > program->constants[c])
                c = b;
            uint32_t before = program->register_count;
            making_add(program, (enum opcode)opcode, place, a, b, c);
            pool_add(pool, program, before);
        }
    free(pool);
    program_prepare(program);
    return program;
}

static void check_bits(const uint64_t *bits, uint32_t rows, const char *what)
{
    for (uint32_t row = rows; row < (rows + 511) / 512 * 512; row++)
        if (bit_get(bits, row))
            fail_msg("%s: bit %u is set, there are %u rows", what, row, rows);
}

static void check_instruction(const struct machine *machine, const struct instruction *code)
{
    const struct program *program = machine_program(machine);
    const struct opcode_facts *facts = opcode_facts(code->opcode);
    uint32_t results = code->opcode == OP_EACH ? 2 : 1;
    if (code->opcode == OP_TEXT_CLASS || code->opcode == OP_LIST_CLASS)
        results = program->texts[code->a].bits;
    for (uint32_t which = 0; which < results; which++) {
        uint32_t reg = code->result + which, place = program->registers[reg].place;
        uint32_t rows =
            place == 0 ? machine_batch(machine)->leads : (uint32_t)machine_batch(machine)->events[place - 1].rows;
        bool is_number = program->registers[reg].kind == REGISTER_NUM;
        if (rows == 0)
            continue;
        check_bits(is_number ? machine_known(machine, reg) : machine_holds(machine, reg), rows, facts->name);
        if (!is_number) {
            check_bits(machine_fails(machine, reg), rows, facts->name);
            for (uint32_t word = 0; word < (rows + 63) / 64; word++)
                assert_int_equal(machine_holds(machine, reg)[word] & machine_fails(machine, reg)[word], 0);
        }
        for (uint32_t row = 0; row < rows; row++) {
            struct naive expected = naive_result(machine, code, which, row);
            if (!is_number) {
                enum truth truth = machine_condition(machine, reg, row);
                if (truth != expected.truth)
                    fail_msg("%s (result %u, place %u, row %u of %u): %d, not %d", facts->name, which, place, row, rows,
                             (int)truth, (int)expected.truth);
                continue;
            }
            int64_t value = 0;
            bool known = machine_number(machine, reg, row, &value);
            if (known != expected.known || (known && value != expected.number))
                fail_msg("%s (result %u, place %u, row %u of %u): %d %lld, not %d %lld", facts->name, which, place, row,
                         rows, known, (long long)value, expected.known, (long long)expected.number);
        }
    }
}

static void check_program(const struct machine *machine)
{
    const struct program *program = machine_program(machine);
    for (uint32_t at = 0; at < program->code_count; at++)
        check_instruction(machine, &program->code[at]);
}

/* With every set of kernels that this build and this processor have: the same results with each. */
static void run_and_check(struct machine *machine, const struct batch *batch)
{
    for (int set = 0; set < KERNEL_SETS; set++) {
        if (kernels_of((enum kernel_set)set) == NULL)
            continue;
        machine->kernels = kernels_of((enum kernel_set)set);
        machine_run(machine, batch);
        check_program(machine);
    }
}

static void every_instruction_means_what_it_says(void **state)
{
    (void)state;
    static const uint32_t counts[] = {1024, 2, 65, 1, 1023, 64, 63, 0, 512, 513};
    uint64_t seed = 88172645463325252u;
    for (int round = 0; round < 6; round++) {
        struct program *program = random_program(&seed);
        struct machine *machine = machine_new(program, NOW);
        struct batch *batch = batch_new(program, NOW, LIMIT_BATCH_LEADS);
        /* Big and small batches in turn: nothing of a big one may be left over. */
        for (size_t at = 0; at < sizeof counts / sizeof counts[0]; at++) {
            if ((counts[at] > 512) && (size_t)round != at % 6)
                continue;
            fill(batch, counts[at], counts[at] > 512 ? 1 : counts[at] > 100 ? 3 : 6, &seed);
            run_and_check(machine, batch);
        }
        fill(batch, 3, 700, &seed);
        run_and_check(machine, batch);
        fill(batch, 5, 0, &seed);
        run_and_check(machine, batch);
        machine_free(machine);
        batch_free(batch);
        program_free(program);
    }
}

/* Sums of many terms: every number of terms up to what fills several planes, small and awkward points. */
static void totals_of_any_size(void **state)
{
    (void)state;
    uint64_t seed = 362436069;
    static const uint32_t counts[] = {0, 1, 2, 3, 4, 5, 7, 8, 15, 16, 17, 31, 63, 64, 65, 200, 777};
    for (size_t at = 0; at < sizeof counts / sizeof counts[0]; at++)
        for (int kind = 0; kind < 3; kind++) {
            struct program *program = making_new();
            uint32_t conditions[8] = {making_add(program, OP_LOAD_YESNO, 0, LEAD_Y1, 0, 0),
                                      making_add(program, OP_LOAD_YESNO, 0, LEAD_Y2, 0, 0),
                                      making_add(program, OP_ALWAYS, 0, 0, 0, 0)};
            uint32_t number = making_add(program, OP_LOAD_NUMBER, 0, LEAD_N1, 0, 0);
            for (int more = 3; more < 8; more++)
                conditions[more] = making_add(program, OP_GT_CONST, 0, number,
                                              making_constant(program, (more - 5) * 3 * NUMBER_ONE), 0);
            struct term *terms = memory_alloc(1024 * sizeof *terms);
            for (uint32_t term = 0; term < counts[at]; term++) {
                int64_t points = kind == 0   ? 50000
                                 : kind == 1 ? ((int64_t)random_below(&seed, 21) - 10) * 50000
                                             : random_number(&seed);
                terms[term] = (struct term){conditions[random_below(&seed, 8)], false, points};
            }
            uint32_t list = making_terms(program, terms, counts[at]);
            free(terms);
            making_add(program, OP_TOTAL, 0, list, making_constant(program, -70000), 0);
            struct machine *machine = machine_new(program, NOW);
            struct batch *batch = batch_new(program, NOW, LIMIT_BATCH_LEADS);
            fill(batch, 600, 0, &seed);
            for (int set = 0; set < KERNEL_SETS; set++) {
                if (kernels_of((enum kernel_set)set) == NULL)
                    continue;
                machine->kernels = kernels_of((enum kernel_set)set);
                machine_run(machine, batch);
                check_instruction(machine, &program->code[program->code_count - 1]);
            }
            machine_free(machine);
            batch_free(batch);
            program_free(program);
        }
}

/* Many comparisons of one column, whose constants lie on grids of every kind or on none; rows at, beside and far
   from the constants. */
static void comparisons_on_grids(void **state)
{
    (void)state;
    static const struct grid { int64_t start, step; uint32_t points, steps_apart; } grids[] = {
        {0, 10000, 20, 1}, {-50000, 50000, 126, 1}, {-50000, 50000, 127, 1}, {NUMBER_ONE, NUMBER_ONE, 9000, 700},
        {7, 1, 300, 3}, {0, 1, 2, 1}, {NOW - 700 * MICROS_DAY, MICROS_DAY, 700, 31}, {NOW, MICROS_HOUR, 30000, 1234},
        {-INT64_C(4000000000000000000), 3, 5, 1}, {0, INT64_C(1) << 40, 100, 9}, {123, INT64_C(4294967295), 100, 1},
        {123, INT64_C(4294967297), 100, 1}, {-1, INT64_C(8589934590), 60, 7}, {5, 999983, 32766, 2047},
        {5, 999983, 32767, 2047}, {0, 1, 126, 2}, {0, 1, 127, 2}, {0, 1, 128, 2}, {0, 1, 32766, 900},
        {0, 1, 32767, 900}, {0, 1, 32768, 900}, {INT64_MIN, INT64_C(1) << 60, 15, 1}, {INT64_MAX - 10, 1, 10, 1}};
    static const enum opcode opcodes[] = {OP_EQ_CONST, OP_LT_CONST, OP_LE_CONST, OP_GT_CONST, OP_GE_CONST};
    uint64_t seed = 2463534242;
    for (size_t at = 0; at < sizeof grids / sizeof grids[0]; at++) {
        struct program *program = making_new();
        uint32_t number = making_add(program, OP_LOAD_NUMBER, 0, LEAD_N1, 0, 0);
        uint32_t of_visit = making_add(program, OP_LOAD_NUMBER, PLACE_OF_VISITS, VISIT_N1, 0, 0);
        int64_t constants[64];
        uint32_t count = 0;
        for (uint32_t point = 0; point < grids[at].points && count < 64; point += grids[at].steps_apart)
            constants[count++] = (int64_t)((uint64_t)grids[at].start + point * (uint64_t)grids[at].step);
        constants[count > 1 ? count - 1 : 0] =
            (int64_t)((uint64_t)grids[at].start + (grids[at].points - 1) * (uint64_t)grids[at].step);
        for (uint32_t constant = 0; constant < count; constant++)
            for (int opcode = 0; opcode < 5; opcode++)
                if (opcode == (int)(constant % 5) || count < 8)
                    making_add(program, opcodes[opcode], opcode % 2 == 0 ? 0 : PLACE_OF_VISITS,
                               opcode % 2 == 0 ? number : of_visit, making_constant(program, constants[constant]), 0);
        for (uint32_t clock = 0; grids[at].start > NOW / 2 && grids[at].start <= NOW && clock < 5; clock++) {
            program->clocks[clock] = (struct clock){1 + clock * 7, UNIT_DAY};
            program->clock_count = clock + 1;
            making_add(program, OP_WITHIN, 0, number, clock, 0);
            making_add(program, OP_WITHIN, PLACE_OF_VISITS, of_visit, clock, 0);
        }
        struct machine *machine = machine_new(program, NOW);
        struct batch *batch = batch_new(program, NOW, LIMIT_BATCH_LEADS);
        for (int round = 0; round < 2; round++) {
            batch_clear(batch);
            for (uint32_t lead = 0; lead < (round == 0 ? 1000 : 70); lead++) {
                batch_begin_lead(batch, lead);
                for (int times = 0; times < 2; times++) {
                    int64_t value = constants[random_below(&seed, count)];
                    switch (random_below(&seed, 6)) {
                    case 0: value = (int64_t)((uint64_t)value + 1); break;
                    case 1: value = (int64_t)((uint64_t)value - 1); break;
                    case 2: value = random_number(&seed); break;
                    case 3:
                        value = (int64_t)((uint64_t)value + random_next(&seed) % (2 * (uint64_t)grids[at].step));
                        break;
                    default: break;
                    }
                    if (times == 0 && random_below(&seed, 5) != 0)
                        batch_set_number(batch, LEAD_N1, value);
                    if (times == 1 && batch_add_event(batch, VISIT, NOW) && random_below(&seed, 5) != 0)
                        batch_event_number(batch, VISIT, VISIT_N1, value);
                }
                batch_end_lead(batch);
            }
            batch_finish(batch);
            run_and_check(machine, batch);
        }
        machine_free(machine);
        batch_free(batch);
        program_free(program);
    }
}

static void transposing_turns_rows_and_columns(void **state)
{
    (void)state;
    uint64_t seed = 521288629, rows[64], turned[64];
    for (int row = 0; row < 64; row++)
        rows[row] = random_next(&seed) * 0x9E3779B97F4A7C15u;
    for (int set = 0; set < KERNEL_SETS; set++) {
        if (kernels_of((enum kernel_set)set) == NULL)
            continue;
        for (unsigned bits = 1; bits <= 64; bits++) {
            memcpy(turned, rows, sizeof turned);
            kernels_of((enum kernel_set)set)->transpose(turned, bits);
            for (unsigned row = 0; row < bits; row++)
                for (unsigned bit = 0; bit < 64; bit++)
                    assert_int_equal(turned[row] >> bit & 1, rows[bit] >> row & 1);
        }
    }
}

static void a_huge_lead_and_then_small_ones(void **state)
{
    (void)state;
    struct program *program = making_new();
    uint32_t always = making_add(program, OP_ALWAYS, PLACE_OF_VISITS, 0, 0, 0);
    uint32_t size = making_add(program, OP_LOAD_NUMBER, PLACE_OF_VISITS, VISIT_N1, 0, 0);
    uint32_t large = making_add(program, OP_GE_CONST, PLACE_OF_VISITS, size, making_constant(program, 500000), 0);
    uint32_t count = making_add(program, OP_COUNT_EVENTS, PLACE_OF_VISITS, large, 0, 0);
    uint32_t different = making_add(program, OP_DISTINCT, PLACE_OF_VISITS, always, size, 0);
    uint32_t sum = making_add(program, OP_SUM, PLACE_OF_VISITS, always, size, 0);
    program->eaches[0] = (struct each){.points = 2 * NUMBER_ONE, .once = ONCE_DAY, .every_count = 1};
    program->each_count = 1;
    uint32_t each = making_add(program, OP_EACH, PLACE_OF_VISITS, always, 0, 0);
    struct machine *machine = machine_new(program, NOW);
    struct batch *batch = batch_new(program, NOW, 8);
    int64_t value = 0;
    for (int round = 0; round < 2; round++) {
        batch_clear(batch);
        batch_begin_lead(batch, 1);
        for (int64_t event = 0; event < LIMIT_EVENTS_PER_LEAD; event++) {
            batch_add_event(batch, VISIT, NOW - event * MICROS_MINUTE);
            batch_event_number(batch, VISIT, VISIT_N1, event);
        }
        batch_end_lead(batch);
        batch_finish(batch);
        machine_run(machine, batch);
        assert_true(machine_number(machine, count, 0, &value));
        assert_int_equal(value, 500000 * NUMBER_ONE);
        assert_true(machine_number(machine, different, 0, &value));
        assert_int_equal(value, 1000000 * NUMBER_ONE);
        assert_true(machine_number(machine, sum, 0, &value));
        assert_int_equal(value, INT64_C(499999500000));
        assert_true(machine_number(machine, each, 0, &value));
        assert_int_equal(value, (999999 / 1440 + 2) * 2 * NUMBER_ONE);
        batch_clear(batch);
        batch_begin_lead(batch, 2);
        batch_add_event(batch, VISIT, NOW);
        batch_end_lead(batch);
        batch_finish(batch);
        machine_run(machine, batch);
        assert_true(machine_number(machine, sum, 0, &value));
        assert_int_equal(value, 0);
        assert_true(machine_number(machine, each, 0, &value));
        assert_int_equal(value, 2 * NUMBER_ONE);
    }
    machine_free(machine);
    batch_free(batch);
    program_free(program);
}

static uint64_t next_word(uint64_t *seed)
{
    *seed = *seed * UINT64_C(6364136223846793005) + 1442695040888963407;
    return *seed ^ *seed >> 31;
}

/* Bitmaps of more words than a vector has, word by word against what C says. */
static void bitmaps_of_many_words(void **state)
{
    (void)state;
    enum { WORDS = 4 * KERNEL_BLOCK };
    _Alignas(64) uint64_t a[WORDS], b[WORDS], all[WORDS], out[WORDS], before[WORDS];
    uint64_t seed = 1;
    for (unsigned set = 0; set < KERNEL_SETS; set++) {
        const struct kernels *kernels = kernels_of((enum kernel_set)set);
        if (kernels == NULL)
            continue;
        for (size_t w = 0; w < WORDS; w++) {
            a[w] = next_word(&seed);
            b[w] = next_word(&seed);
            all[w] = next_word(&seed);
            out[w] = before[w] = next_word(&seed);
        }
        kernels->add_both(out, a, b, WORDS);
        for (size_t w = 0; w < WORDS; w++)
            assert_true(out[w] == (before[w] | (a[w] & b[w])));
        kernels->either_within(out, a, b, all, WORDS);
        for (size_t w = 0; w < WORDS; w++)
            assert_true(out[w] == (all[w] & (a[w] | b[w])));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bitmaps_of_many_words),
        cmocka_unit_test(every_instruction_means_what_it_says),
        cmocka_unit_test(totals_of_any_size),
        cmocka_unit_test(comparisons_on_grids),
        cmocka_unit_test(transposing_turns_rows_and_columns),
        cmocka_unit_test(a_huge_lead_and_then_small_ones),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
