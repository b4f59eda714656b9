/* Builds small programs by hand, for tests of the machine: a lead and two events with fields of every type, and a
   call that appends an instruction.  Tables have fixed room (asserted); everything lives in the program's arena, so
   program_free ends it all. */
#ifndef RUBRIC_TESTS_MACHINE_MAKING_H
#define RUBRIC_TESTS_MACHINE_MAKING_H

#include <assert.h>
#include <string.h>

#include "vm/limits.h"
#include "vm/number.h"
#include "vm/machine.h"

enum { LEAD_N1, LEAD_N2, LEAD_DATE, LEAD_Y1, LEAD_Y2, LEAD_TEXT, LEAD_EMAIL, LEAD_LIST, LEAD_STAGE, LEAD_FIELDS };
enum { VISIT, CALL, EVENTS };                                   /* a call has no fields and is not activity */
enum { VISIT_N1, VISIT_N2, VISIT_DATE, VISIT_Y1, VISIT_Y2, VISIT_TEXT, VISIT_EMAIL, VISIT_LIST, VISIT_FIELDS };
enum { PLACE_OF_LEADS, PLACE_OF_VISITS, PLACE_OF_CALLS, PLACE_OF_ACTIVITY };

#define MAKING_ROOM 4096

static inline struct text text_of(const char *text)
{
    return (struct text){text, (uint32_t)strlen(text)};
}

static inline struct program *making_new(void)
{
    static const char *const names[LEAD_FIELDS] = {"n1", "n2", "date", "y1", "y2", "text", "email", "list", "stage"};
    static const uint8_t types[LEAD_FIELDS] = {FIELD_NUMBER, FIELD_NUMBER, FIELD_DATE, FIELD_YESNO, FIELD_YESNO,
                                               FIELD_TEXT,   FIELD_TEXT,   FIELD_LIST, FIELD_TEXT};
    struct program *program = program_new();
    struct arena *arena = &program->arena;
    program->fields = arena_alloc(arena, LEAD_FIELDS * sizeof *program->fields);
    program->event_fields = arena_alloc(arena, VISIT_FIELDS * sizeof *program->event_fields);
    for (int field = 0; field < LEAD_FIELDS; field++) {
        program->fields[field].name = names[field];
        program->fields[field].type = types[field];
        if (field < VISIT_FIELDS)
            program->event_fields[field] = program->fields[field];
    }
    program->field_count = LEAD_FIELDS;
    program->event_field_count = VISIT_FIELDS;
    program->stage_field = LEAD_STAGE;
    program->events = arena_alloc(arena, EVENTS * sizeof *program->events);
    program->event_count = EVENTS;
    program->events[VISIT] = (struct program_event){"visit", true, true, {0, VISIT_FIELDS}};
    program->events[CALL] = (struct program_event){"call", false, true, {0, 0}};
    program->uses_activity = true;
#define ROOM(table) program->table = arena_alloc(arena, MAKING_ROOM * sizeof *program->table)
    ROOM(code);
    ROOM(registers);
    ROOM(constants);
    ROOM(clocks);
    ROOM(set_values);
    ROOM(sets);
    ROOM(terms);
    ROOM(term_lists);
    ROOM(eaches);
    ROOM(decays);
    ROOM(bands);
    ROOM(band_labels);
    ROOM(texts);
    ROOM(patterns);
    ROOM(stages);
    ROOM(indices);
    ROOM(scores);
    ROOM(score_terms);
    ROOM(groups);
    ROOM(rules);
#undef ROOM
    return program;
}

static inline uint32_t making_register(struct program *program, bool number, unsigned place)
{
    assert(program->register_count < MAKING_ROOM);
    program->registers[program->register_count] =
        (struct register_facts){number ? REGISTER_NUM : REGISTER_COND, (uint16_t)place};
    return program->register_count++;
}

/* Appends an instruction; returns its (first) result. */
static inline uint32_t making_add(struct program *program, enum opcode opcode, unsigned place, uint32_t a, uint32_t b,
                                  uint32_t c)
{
    const struct opcode_facts *facts = opcode_facts(opcode);
    unsigned result_place = facts->place == PLACE_REDUCE ? 0 : place;
    uint32_t results = opcode == OP_TEXT_CLASS || opcode == OP_LIST_CLASS ? program->texts[a].bits : 1;
    uint32_t first = NO_REGISTER;
    for (uint32_t at = 0; at < results; at++) {
        uint32_t reg = making_register(program, facts->result == OPERAND_NUM, result_place);
        if (at == 0)
            first = reg;
    }
    if (opcode == OP_EACH)
        making_register(program, true, place);
    assert(program->code_count < MAKING_ROOM);
    program->code[program->code_count++] =
        (struct instruction){(uint16_t)opcode, (uint16_t)place, first, a, b, c, NO_INDEX};
    return first;
}

static inline uint32_t making_constant(struct program *program, int64_t value)
{
    for (uint32_t at = 0; at < program->constant_count; at++)
        if (program->constants[at] == value)
            return at;
    assert(program->constant_count < MAKING_ROOM);
    program->constants[program->constant_count] = value;
    return program->constant_count++;
}

static inline uint32_t making_terms(struct program *program, const struct term *terms, uint32_t count)
{
    assert(program->term_count + count <= MAKING_ROOM);
    memcpy(program->terms + program->term_count, terms, count * sizeof *terms);
    program->term_lists[program->term_list_count] = (struct range){program->term_count, count};
    program->term_count += count;
    return program->term_list_count++;
}

static inline uint32_t making_text(struct program *program, struct text_source source, const struct pattern *patterns,
                                   uint32_t count)
{
    source.patterns = (struct range){program->pattern_count, count};
    if (count > 0)
        memcpy(program->patterns + program->pattern_count, patterns, count * sizeof *patterns);
    program->pattern_count += count;
    program->texts[program->text_count] = source;
    return program->text_count++;
}

#endif
