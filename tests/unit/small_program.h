/* A small program built by hand, with something in every table: for tests of what works on programs (image, verifier,
   disassembler, results) without the compiler.  What it says, as a rubric:

     lead: id text key, title text, employees number, newsletter yes/no, created date, tags list, industry one of
   "Software", "Retail" event page_view: url text fit from 0 to 100:      ceo +20 when title has word "CEO"; company
   +15.5 when employees >= 50 interest starts at 1, lose 20% every 30 days without page_view: pricing +15 when page_view
   where url starts with "/pricing" within 30 days visits in group content (at most 30): +10 for each page_view, at most
   3 times, fading 50% every 30 days total as fit + interest disqualify refused when newsletter is no stages Lead, MQL
   when total >= 40 stay while total >= 20 */
#ifndef RUBRIC_TESTS_SMALL_PROGRAM_H
#define RUBRIC_TESTS_SMALL_PROGRAM_H

#include <string.h>

#include "vm/number.h"
#include "vm/program.h"

#define SMALL_ROOM 64
#define SMALL_HASH "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

static inline uint32_t small_register(struct program *program, enum register_kind kind, uint16_t place)
{
    program->registers[program->register_count] = (struct register_facts){ (uint8_t)kind, place };
    return program->register_count++;
}

static inline uint32_t small_emit(struct program *program, enum opcode opcode, uint16_t place, uint32_t a, uint32_t b,
                                  uint32_t c)
{
    const struct opcode_facts *facts = opcode_facts(opcode);
    uint16_t result_place = facts->place == PLACE_REDUCE ? 0 : place;
    uint32_t result = small_register(program, facts->result == OPERAND_NUM ? REGISTER_NUM : REGISTER_COND,
                                     result_place);
    if (opcode == OP_EACH)
        small_register(program, REGISTER_NUM, place);
    program->code[program->code_count] = (struct instruction){ (uint16_t)opcode,       place, result, a, b, c,
                                                               program->code_count % 3 };
    program->code_count++;
    return result;
}

static inline uint32_t small_constant(struct program *program, int64_t value)
{
    program->constants[program->constant_count] = value;
    return program->constant_count++;
}

static inline uint32_t small_terms(struct program *program, const struct term *terms, uint32_t count)
{
    program->term_lists[program->term_list_count] = (struct range){ program->term_count, count };
    for (uint32_t i = 0; i < count; i++)
        program->terms[program->term_count++] = terms[i];
    return program->term_list_count++;
}

static inline struct range small_string(struct program *program, const char *string)
{
    program->strings[program->string_count] = string;
    return (struct range){ program->string_count++, 1 };
}

static inline void small_allocate(struct program *program)
{
    struct arena *arena = &program->arena;
    program->code = arena_alloc(arena, SMALL_ROOM * sizeof *program->code);
    program->registers = arena_alloc(arena, SMALL_ROOM * sizeof *program->registers);
    program->constants = arena_alloc(arena, SMALL_ROOM * sizeof *program->constants);
    program->clocks = arena_alloc(arena, SMALL_ROOM * sizeof *program->clocks);
    program->set_values = arena_alloc(arena, SMALL_ROOM * sizeof *program->set_values);
    program->sets = arena_alloc(arena, SMALL_ROOM * sizeof *program->sets);
    program->terms = arena_alloc(arena, SMALL_ROOM * sizeof *program->terms);
    program->term_lists = arena_alloc(arena, SMALL_ROOM * sizeof *program->term_lists);
    program->eaches = arena_alloc(arena, SMALL_ROOM * sizeof *program->eaches);
    program->decays = arena_alloc(arena, SMALL_ROOM * sizeof *program->decays);
    program->band_labels = arena_alloc(arena, SMALL_ROOM * sizeof *program->band_labels);
    program->bands = arena_alloc(arena, SMALL_ROOM * sizeof *program->bands);
    program->matrices = arena_alloc(arena, SMALL_ROOM * sizeof *program->matrices);
    program->cells = arena_alloc(arena, SMALL_ROOM * sizeof *program->cells);
    program->texts = arena_alloc(arena, SMALL_ROOM * sizeof *program->texts);
    program->patterns = arena_alloc(arena, SMALL_ROOM * sizeof *program->patterns);
    program->strings = arena_alloc(arena, SMALL_ROOM * sizeof *program->strings);
    program->fields = arena_alloc(arena, SMALL_ROOM * sizeof *program->fields);
    program->events = arena_alloc(arena, SMALL_ROOM * sizeof *program->events);
    program->event_fields = arena_alloc(arena, SMALL_ROOM * sizeof *program->event_fields);
    program->scores = arena_alloc(arena, SMALL_ROOM * sizeof *program->scores);
    program->score_terms = arena_alloc(arena, SMALL_ROOM * sizeof *program->score_terms);
    program->groups = arena_alloc(arena, SMALL_ROOM * sizeof *program->groups);
    program->indices = arena_alloc(arena, SMALL_ROOM * sizeof *program->indices);
    program->rules = arena_alloc(arena, SMALL_ROOM * sizeof *program->rules);
    program->inputs = arena_alloc(arena, SMALL_ROOM * sizeof *program->inputs);
    program->atoms = arena_alloc(arena, SMALL_ROOM * sizeof *program->atoms);
    program->rows = arena_alloc(arena, SMALL_ROOM * sizeof *program->rows);
    program->stages = arena_alloc(arena, SMALL_ROOM * sizeof *program->stages);
    program->actions = arena_alloc(arena, SMALL_ROOM * sizeof *program->actions);
    program->pieces = arena_alloc(arena, SMALL_ROOM * sizeof *program->pieces);
    program->settings = arena_alloc(arena, SMALL_ROOM * sizeof *program->settings);
    program->files = arena_alloc(arena, SMALL_ROOM * sizeof *program->files);
    program->lines = arena_alloc(arena, SMALL_ROOM * sizeof *program->lines);
}

enum { SMALL_ID, SMALL_TITLE, SMALL_EMPLOYEES, SMALL_NEWSLETTER, SMALL_CREATED, SMALL_TAGS, SMALL_INDUSTRY };

static inline void small_field(struct program *program, const char *name, enum field_type type)
{
    program->fields[program->field_count++] =
        (struct program_field){ .name = name, .type = (uint8_t)type, .from = small_string(program, name) };
}

static inline void small_fields(struct program *program)
{
    small_field(program, "id", FIELD_TEXT);
    small_field(program, "title", FIELD_TEXT);
    small_field(program, "employees", FIELD_NUMBER);
    small_field(program, "newsletter", FIELD_YESNO);
    small_field(program, "created", FIELD_DATE);
    small_field(program, "tags", FIELD_LIST);
    small_field(program, "industry", FIELD_ONEOF);
    program->fields[SMALL_ID].key = true;
    program->key_field = SMALL_ID;
    program->fields[SMALL_INDUSTRY].options = small_string(program, "Software");
    small_string(program, "Retail");
    program->fields[SMALL_INDUSTRY].options.count = 2;
    program->fields[SMALL_TITLE].missing = small_string(program, "n/a");
    program->event_fields[0] =
        (struct program_field){ .name = "url", .type = FIELD_TEXT, .from = small_string(program, "url") };
    program->event_field_count = 1;
    program->events[0] =
        (struct program_event){ .name = "page_view", .activity = true, .used = true, .fields = { 0, 1 } };
    program->event_count = 1;
    program->texts[0] = (struct text_source){ .field = SMALL_TITLE, .bits = 1, .patterns = { 0, 1 } };
    program->texts[1] = (struct text_source){ .place = 1, .field = 0, .bits = 1, .patterns = { 1, 1 } };
    program->text_count = 2;
    program->patterns[0] = (struct pattern){ 0, TEXT_WORD, { "ceo", 3 } };
    program->patterns[1] = (struct pattern){ 0, TEXT_STARTS, { "/pricing", 8 } };
    program->pattern_count = 2;
    program->files[0] = "small.rubric";
    program->file_count = 1;
    for (uint32_t i = 0; i < 3; i++)
        program->lines[i] = (struct source_line){ 0, 10 + i };
    program->line_count = 3;
}

static inline struct program *small_program(void)
{
    struct program *program = program_new();
    small_allocate(program);
    small_fields(program);
    program->name = "Small \"B2B\"";
    program->version = "2026-11";
    memcpy(program->hash, SMALL_HASH, sizeof SMALL_HASH);
    program->clocks[program->clock_count++] = (struct clock){ 30, UNIT_DAY };
    program->set_values[0] = 10000, program->set_values[1] = 20000, program->set_value_count = 2;
    program->sets[program->set_count++] = (struct range){ 0, 2 };
    program->eaches[program->each_count++] = (struct each){
        .points = 100000, .most_times = 3, .fading = 1, .fading_ppm = 500000, .every_count = 30, .every_unit = UNIT_DAY
    };
    program->decays[program->decay_count++] =
        (struct decay){ .ppm = 200000, .every_count = 30, .every_unit = UNIT_DAY };

    /* Conditions. */
    uint32_t never = small_emit(program, OP_NEVER, 0, 0, 0, 0);
    uint32_t ceo = small_emit(program, OP_TEXT_CLASS, 0, 0, 0, 0);
    uint32_t employees = small_emit(program, OP_LOAD_NUMBER, 0, SMALL_EMPLOYEES, 0, 0);
    uint32_t company = small_emit(program, OP_GE_CONST, 0, employees, small_constant(program, 500000), 0);
    uint32_t pricing_url = small_emit(program, OP_TEXT_CLASS, 1, 1, 0, 0);
    uint32_t at = small_emit(program, OP_LOAD_AT, 1, 0, 0, 0);
    uint32_t recent = small_emit(program, OP_WITHIN, 1, at, 0, 0);
    uint32_t chosen = small_emit(program, OP_AND, 1, pricing_url, recent, 0);
    uint32_t pricing = small_emit(program, OP_HAS, 1, chosen, 0, 0);
    uint32_t any = small_emit(program, OP_ALWAYS, 1, 0, 0, 0);
    uint32_t each = small_emit(program, OP_EACH, 1, any, 0, 0);
    uint32_t visited = small_emit(program, OP_KNOWN, 0, each, 0, 0);
    uint32_t visits = small_emit(program, OP_ONLY_IF, 0, each, visited, 0);
    uint32_t newsletter = small_emit(program, OP_LOAD_YESNO, 0, SMALL_NEWSLETTER, 0, 0);
    uint32_t refused = small_emit(program, OP_NOT, 0, newsletter, 0, 0);
    uint32_t disqualified = small_emit(program, OP_SETTLE, 0, refused, 0, 0);

    /* Scores. */
    uint32_t zero = small_constant(program, 0), hundred = small_constant(program, 1000000),
             one = small_constant(program, NUMBER_ONE);
    uint32_t fit_terms = small_terms(program,
                                     (const struct term[]){ { ceo, false, 200000 }, { company, false, 155000 } }, 2);
    uint32_t fit_sum = small_emit(program, OP_TOTAL, 0, fit_terms, zero, 0);
    uint32_t fit = small_emit(program, OP_CLAMP, 0, fit_sum, zero, hundred);
    uint32_t group_terms = small_terms(program, (const struct term[]){ { visits, true, 0 } }, 1);
    uint32_t group_sum = small_emit(program, OP_TOTAL, 0, group_terms, zero, 0);
    uint32_t group = small_emit(program, OP_CLAMP, 0, group_sum, small_constant(program, INT64_MIN),
                                small_constant(program, 300000));
    uint32_t interest_terms = small_terms(program,
                                          (const struct term[]){ { pricing, false, 150000 }, { group, true, 0 } }, 2);
    uint32_t interest_sum = small_emit(program, OP_TOTAL, 0, interest_terms, one, 0);
    uint32_t last = small_emit(program, OP_LAST, 1, any, 0, 0);
    uint32_t interest = small_emit(program, OP_DECAY, 0, interest_sum, last, 0);
    uint32_t total_terms = small_terms(program, (const struct term[]){ { fit, true, 0 }, { interest, true, 0 } }, 2);
    uint32_t total = small_emit(program, OP_TOTAL, 0, total_terms, zero, 0);

    /* Labels and stages. */
    uint32_t band = small_emit(program, OP_BAND_OF, 0, total, 0, 0);
    uint32_t cell = small_emit(program, OP_CELL_OF, 0, band, band, 3);
    uint32_t enters = small_emit(program, OP_GE_CONST, 0, total, small_constant(program, 400000), 0);
    uint32_t stays = small_emit(program, OP_GE_CONST, 0, total, small_constant(program, 200000), 0);
    uint32_t before = small_emit(program, OP_LOAD_STAGE, 0, 0, 0, 0);

    program->band_labels[0] = (struct band_label){ "cold", INT64_MIN, 200000 };
    program->band_labels[1] = (struct band_label){ "warm", 200000, 500000 };
    program->band_labels[2] = (struct band_label){ "hot", 500000, INT64_MAX };
    program->band_label_count = 3;
    program->bands[program->band_count++] = (struct program_band){ "temperature", 2, band, { 0, 3 } };
    static const char *const cells[9] = { "C1", "C2", "C3", "B1", "B2", "B3", "A1", "A2", "A\"3\"" };
    memcpy(program->cells, cells, sizeof cells);
    program->cell_count = 9;
    program->matrices[program->matrix_count++] = (struct program_matrix){ "priority", 0, 0, cell, 0 };

    program->scores[0] = (struct program_score){ .name = "fit",
                                                 .rules = { 0, 2 },
                                                 .sum = fit_sum,
                                                 .decay = NO_INDEX,
                                                 .last = NO_REGISTER,
                                                 .after_decay = fit_sum,
                                                 .after_round = fit_sum,
                                                 .after_clamp = fit,
                                                 .has_least = true,
                                                 .has_most = true,
                                                 .most = 1000000,
                                                 .line = 0 };
    program->scores[1] = (struct program_score){ .name = "interest",
                                                 .groups = { 0, 1 },
                                                 .rules = { 2, 1 },
                                                 .sum = interest_sum,
                                                 .base = NUMBER_ONE,
                                                 .decay = 0,
                                                 .last = last,
                                                 .after_decay = interest,
                                                 .after_round = interest,
                                                 .after_clamp = interest,
                                                 .line = 1 };
    program->scores[2] = (struct program_score){ .name = "total", .sum = total, .decay = NO_INDEX, .last = NO_REGISTER,
        .after_decay = total, .after_round = total, .after_clamp = total, .terms = { 0, 2 }, .combined = true, .line = NO_INDEX };
    program->score_count = 3;
    program->score_terms[0] = (struct score_term){ 0, fit, 0, "fit" };
    program->score_terms[1] = (struct score_term){ 1, interest, 0, "interest" };
    program->score_term_count = 2;
    program->groups[program->group_count++] = (struct program_group){ .name = "content",
                                                                      .score = 1,
                                                                      .take = TAKE_SUM,
                                                                      .rules = { 3, 1 },
                                                                      .sum = group_sum,
                                                                      .after_weight = group_sum,
                                                                      .after_most = group,
                                                                      .after_least = group,
                                                                      .has_most = true,
                                                                      .most = 300000,
                                                                      .weight_ppm = 1000000,
                                                                      .line = 1 };
    for (uint32_t i = 0; i < 4; i++)
        program->indices[program->index_count++] = i;

    program->inputs[0] = (struct program_input){ INPUT_FIELD, SMALL_TITLE, 0, NO_REGISTER, NO_REGISTER };
    program->inputs[1] = (struct program_input){ INPUT_FIELD, SMALL_EMPLOYEES, 0, NO_REGISTER, NO_REGISTER };
    program->inputs[2] = (struct program_input){ INPUT_EVENTS, 0, 1, chosen, NO_REGISTER };
    program->inputs[3] = (struct program_input){ INPUT_EVENTS, 0, 1, any, each + 1 };
    program->inputs[4] = (struct program_input){ INPUT_FIELD, SMALL_NEWSLETTER, 0, NO_REGISTER, NO_REGISTER };
    program->inputs[5] = (struct program_input){ INPUT_SCORE, 2, 0, NO_REGISTER, NO_REGISTER };
    program->input_count = 6;
    static const char *const atoms[6] = {
        "title has word \"CEO\"", "employees >= 50", "page_view where url starts with \"/pricing\" within 30 days",
        "newsletter is no",       "total >= 40",     "total >= 20"
    };
    const uint32_t atom_regs[6] = { ceo, company, pricing, refused, enters, stays };
    const uint32_t atom_inputs[6] = { 0, 1, 2, 4, 5, 5 };
    for (uint32_t i = 0; i < 6; i++)
        program->atoms[program->atom_count++] = (struct program_atom){ .reg = atom_regs[i], .text = atoms[i], .line = 0,
            .inputs = { atom_inputs[i], 1 }, .score = i < 4 ? NO_INDEX : 2, .comparison = i < 4 ? 0 : OP_GE_CONST,
            .limit = i == 4 ? 400000 : 200000 };
    program->rows[program->row_count++] = (struct program_row){ "from 50", company, 155000, 0 };

    const struct program_rule base = { .passed = NO_REGISTER,
                                       .points = NO_REGISTER,
                                       .active = NO_REGISTER,
                                       .when = NO_REGISTER,
                                       .unweighted = NO_REGISTER,
                                       .weight_ppm = 1000000,
                                       .group = NO_INDEX };
    for (uint32_t i = 0; i < 5; i++)
        program->rules[i] = base;
    program->rule_count = 5;
    struct program_rule *rules = program->rules;
    rules[0].name = "ceo", rules[0].title = "Decision maker", rules[0].because = "They can sign, \"today\"";
    rules[0].score = 0, rules[0].fires = rules[0].when = ceo, rules[0].constant = 200000, rules[0].points_text = "+20";
    rules[0].inputs = rules[0].atoms = (struct range){ 0, 1 };
    rules[1].name = "company", rules[1].score = 0, rules[1].fires = rules[1].when = company, rules[1].constant = 155000;
    rules[1].inputs = rules[1].atoms = (struct range){ 1, 1 }, rules[1].line = 1, rules[1].points_text = "+15.5";
    rules[1].rows = (struct range){ 0, 1 };
    rules[2].name = "pricing", rules[2].because = "Whoever compares prices is buying", rules[2].score = 1,
    rules[2].constant = 150000;
    rules[2].fires = rules[2].when = pricing, rules[2].inputs = rules[2].atoms = (struct range){ 2, 1 },
    rules[2].line = 2;
    rules[3].name = "visits", rules[3].score = 1, rules[3].group = 0, rules[3].fires = visited,
    rules[3].points = visits;
    rules[3].inputs = (struct range){ 3, 1 }, rules[3].points_text = "+10 for each page_view";
    rules[4].name = "refused", rules[4].because = "They asked us not to", rules[4].disqualifies = true,
    rules[4].score = NO_INDEX;
    rules[4].fires = rules[4].when = refused, rules[4].inputs = (struct range){ 4, 1 },
    rules[4].atoms = (struct range){ 3, 1 };

    program->stages[0] = (struct program_stage){ .name = "Lead", .when = NO_REGISTER, .stay = NO_REGISTER, .line = 2 };
    program->stages[1] = (struct program_stage){ .name = "MQL",
                                                 .title = "Marketing qualified lead",
                                                 .when = enters,
                                                 .stay = stays,
                                                 .atoms = { 4, 1 },
                                                 .stay_atoms = { 5, 1 },
                                                 .line = 2 };
    program->stage_count = 2;
    program->stage_before_reg = before;
    program->stage_reg = program->register_count;
    small_emit(program, OP_STAGE_OF, 0, before, disqualified, 0);
    program->disqualified = disqualified;
    program->outcome = never;

    program->pieces[0] = (struct piece){ PIECE_TEXT, "Sales, \"DACH\"", 0 };
    program->pieces[1] = (struct piece){ PIECE_FIELD, NULL, SMALL_TITLE };
    program->pieces[2] = (struct piece){ PIECE_TEXT, " at ", 0 };
    program->pieces[3] = (struct piece){ PIECE_SCORE, NULL, 2 };
    program->pieces[4] = (struct piece){ PIECE_BAND, NULL, 0 };
    program->pieces[5] = (struct piece){ PIECE_TEXT, "nobody", 0 };
    program->pieces[6] = (struct piece){ PIECE_STAGE, NULL, 0 };
    program->piece_count = 7;
    program->actions[0] =
        (struct program_action){ .kind = ACTION_ASSIGN, .stage = 1, .when = enters, .pieces = { 0, 1 }, .line = 2 };
    program->actions[1] = (struct program_action){
        .kind = ACTION_ASSIGN, .stage = 1, .otherwise = true, .when = NO_REGISTER, .pieces = { 5, 1 }, .line = 2
    };
    program->actions[2] = (struct program_action){
        .kind = ACTION_NOTIFY, .stage = 1, .when = NO_REGISTER, .pieces = { 1, 3 }, .line = 2
    };
    program->actions[3] = (struct program_action){
        .kind = ACTION_TAG, .stage = 0, .leaving = true, .when = NO_REGISTER, .pieces = { 6, 1 }, .line = 2
    };
    program->action_count = 4;
    program->settings[program->setting_count++] = (struct program_setting){ "mql_from", "40" };
    return program;
}

#endif
