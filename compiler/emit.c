#include "compiler/emit_parts.h"

#include <stdlib.h>
#include <string.h>

#include "compiler/format.h"
#include "vm/number.h"

uint32_t table_add(struct table *table, const void *item, size_t bytes)
{
    memory_reserve(&table->items, &table->capacity, table->count + 1, bytes);
    memcpy((char *)table->items + table->count * bytes, item, bytes);
    return (uint32_t)table->count++;
}

/* ---- code, each expression once
 * ---------------------------------------------------------------------------------------------- */

static uint32_t new_register(struct emitter *e, enum register_kind kind, uint32_t place)
{
    struct register_facts facts = { (uint8_t)kind, (uint16_t)place };
    return table_add(&e->registers, &facts, sizeof facts);
}

static size_t seen_slot(const struct emitter *e, unsigned opcode, uint32_t place, uint32_t a, uint32_t b, uint32_t c)
{
    uint32_t key[5] = { opcode, place, a, b, c };
    size_t slot = (size_t)text_hash((const char *)key, sizeof key) & (e->seen_slot_count - 1);
    for (;; slot = (slot + 1) & (e->seen_slot_count - 1)) {
        if (e->seen_slots[slot] == NO_INDEX) return slot;
        const struct seen *seen = &e->seen[e->seen_slots[slot]];
        if (seen->opcode == opcode && seen->place == place && seen->a == a && seen->b == b && seen->c == c) return slot;
    }
}

static void remember(struct emitter *e, struct seen seen)
{
    if (2 * (e->seen_count + 1) > e->seen_slot_count) {
        e->seen_slot_count = e->seen_slot_count ? e->seen_slot_count * 2 : 1024;
        e->seen_slots = memory_resize(e->seen_slots, e->seen_slot_count * sizeof *e->seen_slots);
        memset(e->seen_slots, 0xff, e->seen_slot_count * sizeof *e->seen_slots);
        for (size_t i = 0; i < e->seen_count; i++) {
            const struct seen *old = &e->seen[i];
            e->seen_slots[seen_slot(e, old->opcode, old->place, old->a, old->b, old->c)] = (uint32_t)i;
        }
    }
    memory_reserve(&e->seen, &e->seen_capacity, e->seen_count + 1, sizeof *e->seen);
    e->seen_slots[seen_slot(e, seen.opcode, seen.place, seen.a, seen.b, seen.c)] = (uint32_t)e->seen_count;
    e->seen[e->seen_count++] = seen;
}

uint32_t emit(struct emitter *e, enum opcode opcode, uint32_t place, uint32_t a, uint32_t b, uint32_t c)
{
    if (e->seen_count) {
        size_t slot = seen_slot(e, opcode, place, a, b, c);
        if (e->seen_slots[slot] != NO_INDEX) return e->seen[e->seen_slots[slot]].result;
    }
    const struct opcode_facts *facts = opcode_facts(opcode);
    uint32_t result_place = facts->place == PLACE_REDUCE ? 0 : place;
    uint32_t result;
    if (opcode == OP_TEXT_CLASS || opcode == OP_LIST_CLASS) {
        uint32_t bits = ((struct text_source *)e->texts.items)[a].bits;
        result = (uint32_t)e->registers.count;
        for (uint32_t bit = 0; bit < bits; bit++) new_register(e, REGISTER_COND, place);
    } else {
        result = new_register(e, facts->result == OPERAND_COND ? REGISTER_COND : REGISTER_NUM, result_place);
        if (opcode == OP_EACH) new_register(e, REGISTER_NUM, place);
    }
    struct instruction code = { (uint16_t)opcode, (uint16_t)place, result, a, b, c, e->line };
    table_add(&e->code, &code, sizeof code);
    remember(e, (struct seen) { (uint16_t)opcode, (uint16_t)place, a, b, c, result });
    return result;
}

/* ---- constant tables
 * ------------------------------------------------------------------------------------------------------------ */

uint32_t emit_constant(struct emitter *e, int64_t value)
{
    if (2 * (e->constants.count + 1) > e->constant_slot_count) {
        e->constant_slot_count = e->constant_slot_count ? e->constant_slot_count * 2 : 256;
        e->constant_slots = memory_resize(e->constant_slots, e->constant_slot_count * sizeof *e->constant_slots);
        memset(e->constant_slots, 0xff, e->constant_slot_count * sizeof *e->constant_slots);
        for (uint32_t i = 0; i < e->constants.count; i++) {
            int64_t old = ((int64_t *)e->constants.items)[i];
            size_t slot = (size_t)text_hash((const char *)&old, sizeof old) & (e->constant_slot_count - 1);
            while (e->constant_slots[slot] != NO_INDEX) slot = (slot + 1) & (e->constant_slot_count - 1);
            e->constant_slots[slot] = i;
        }
    }
    size_t slot = (size_t)text_hash((const char *)&value, sizeof value) & (e->constant_slot_count - 1);
    for (; e->constant_slots[slot] != NO_INDEX; slot = (slot + 1) & (e->constant_slot_count - 1))
        if (((int64_t *)e->constants.items)[e->constant_slots[slot]] == value) return e->constant_slots[slot];
    return e->constant_slots[slot] = table_add(&e->constants, &value, sizeof value);
}

uint32_t emit_clock(struct emitter *e, int64_t count, enum time_unit unit)
{
    struct clock *clocks = e->clocks.items;
    for (uint32_t i = 0; i < e->clocks.count; i++)
        if (clocks[i].count == count && clocks[i].unit == (uint32_t)unit) return i;
    struct clock clock = { count, (uint32_t)unit };
    return table_add(&e->clocks, &clock, sizeof clock);
}

uint32_t emit_set(struct emitter *e, const int64_t *sorted, size_t count)
{
    struct range *sets = e->sets.items;
    for (uint32_t i = 0; i < e->sets.count; i++)
        if (sets[i].count == count &&
            (count == 0 || memcmp((int64_t *)e->set_values.items + sets[i].start, sorted, count * sizeof *sorted) == 0))
            return i;
    struct range range = { (uint32_t)e->set_values.count, (uint32_t)count };
    for (size_t i = 0; i < count; i++) table_add(&e->set_values, &sorted[i], sizeof *sorted);
    return table_add(&e->sets, &range, sizeof range);
}

/* A file as results name it: beside the main file, so that the folder it lies in changes nothing. */
static const char *short_name(struct emitter *e, uint32_t file)
{
    const char *main_name = e->model->sources->files[0].name, *name = e->model->sources->files[file].name;
    const char *slash = strrchr(main_name, '/');
    if (slash && strncmp(name, main_name, (size_t)(slash - main_name) + 1) == 0) name += slash - main_name + 1;
    return emit_text(e, name);
}

uint32_t emit_line(struct emitter *e, struct span span)
{
    if (span.end == 0 && span.start == 0) return NO_INDEX;
    while (e->files.count <= span.file) {
        const char *name = short_name(e, (uint32_t)e->files.count);
        table_add(&e->files, &name, sizeof name);
    }
    struct source_line line = { span.file, source_line_number(e->model->sources, span.file, span.start) };
    struct source_line *lines = e->lines.items;
    for (size_t i = e->lines.count; i > 0 && i + 64 > e->lines.count; i--)
        if (lines[i - 1].file == line.file && lines[i - 1].line == line.line) return (uint32_t)(i - 1);
    return table_add(&e->lines, &line, sizeof line);
}

const char *emit_text(struct emitter *e, const char *text)
{
    return text ? arena_copy(e->arena, text, strlen(text)) : NULL;
}

struct range emit_strings(struct emitter *e, const struct text *texts, size_t count)
{
    struct range range = { (uint32_t)e->strings.count, (uint32_t)count };
    for (size_t i = 0; i < count; i++) {
        const char *copy = arena_copy(e->arena, texts[i].bytes, texts[i].length);
        table_add(&e->strings, &copy, sizeof copy);
    }
    return range;
}

/* ---- fields and events: only what is looked at
 * ------------------------------------------------------------------------------------- */

static struct program_field field_facts(struct emitter *e, const struct model_field *field)
{
    struct program_field facts = { .name = emit_text(e, field->name.text),
                                   .type = (uint8_t)field->type,
                                   .key = field->key,
                                   .current_stage = field->current_stage };
    facts.from = (struct range) { (uint32_t)e->strings.count, (uint32_t)field->from_count };
    for (size_t i = 0; i < field->from_count; i++) {
        const char *copy = emit_text(e, field->from[i]);
        table_add(&e->strings, &copy, sizeof copy);
    }
    facts.missing = emit_strings(e, field->missing, field->missing_count);
    facts.options = (struct range) { (uint32_t)e->strings.count, (uint32_t)field->option_count };
    for (const struct literal_list *l = field->option_literals; l; l = l->next) {
        const char *copy = arena_copy(e->arena, l->literal.bytes, l->literal.length);
        table_add(&e->strings, &copy, sizeof copy);
    }
    return facts;
}

uint32_t emit_field(struct emitter *e, uint32_t model_field)
{
    if (e->field_of[model_field] != NO_INDEX) return e->field_of[model_field];
    struct program_field facts = field_facts(e, &e->model->fields[model_field]);
    return e->field_of[model_field] = table_add(&e->fields, &facts, sizeof facts);
}

uint32_t emit_event_field(struct emitter *e, uint32_t event, uint32_t model_field)
{
    e->event_used[event] = true;
    uint32_t *known = &e->event_field_of[event][model_field];
    if (*known == NO_INDEX) *known = table_add(&e->event_field_order[event], &model_field, sizeof model_field);
    return *known;
}

uint32_t emit_place(struct emitter *e, uint32_t event)
{
    if (event == NO_INDEX) {
        e->activity_used = true;
        return 1 + (uint32_t)e->model->event_count;
    }
    e->event_used[event] = true;
    return 1 + event;
}

static void emit_events(struct emitter *e)
{
    for (uint32_t i = 0; i < e->model->event_count; i++) {
        const struct model_event *event = &e->model->events[i];
        struct program_event facts = { .name = emit_text(e, event->name.text),
                                       .activity = event->activity,
                                       .used = e->event_used[i] || (e->activity_used && event->activity) };
        facts.fields = (struct range) { (uint32_t)e->event_fields.count, (uint32_t)e->event_field_order[i].count };
        for (size_t f = 0; f < e->event_field_order[i].count; f++) {
            struct program_field field = field_facts(e, &event->fields[((uint32_t *)e->event_field_order[i].items)[f]]);
            table_add(&e->event_fields, &field, sizeof field);
        }
        table_add(&e->events, &facts, sizeof facts);
    }
}

/* ---- all
 * ------------------------------------------------------------------------------------------------------------------------------
 */

static void emit_settings(struct emitter *e)
{
    for (size_t i = 0; i < e->model->setting_count; i++) {
        const struct model_setting *setting = &e->model->settings[i];
        char number[NUMBER_TEXT];
        number_format(setting->units, number);
        const char *value = "";
        switch (setting->kind) {
        case CONSTANT_NUMBER: value = arena_copy(e->arena, number, strlen(number)); break;
        case CONSTANT_PERCENT: value = arena_format(e->arena, "%s%%", number); break;
        case CONSTANT_TEXT: value = arena_copy(e->arena, setting->text.bytes, setting->text.length); break;
        case CONSTANT_DURATION:
            value = arena_format(e->arena, "%lld %s", (long long)setting->duration.count,
                                 time_unit_name(setting->duration.unit, setting->duration.count != 1));
            break;
        }
        struct program_setting facts = { emit_text(e, setting->name.text), value };
        table_add(&e->settings, &facts, sizeof facts);
    }
}

static void emit_patterns(struct emitter *e)
{
    for (size_t s = 0; s < e->texts.count; s++) {
        struct text_source *source = &((struct text_source *)e->texts.items)[s];
        const struct source_bits *bits = &((struct source_bits *)e->sources.items)[s];
        source->patterns.start = (uint32_t)e->patterns.count;
        for (size_t b = 0; b < bits->count; b++)
            for (size_t t = 0; t < bits->bits[b].count; t++) {
                struct text text = bits->bits[b].texts[t];
                struct pattern pattern = { bits->bits[b].bit,
                                           bits->bits[b].predicate,
                                           { arena_copy(e->arena, text.bytes, text.length), text.length } };
                table_add(&e->patterns, &pattern, sizeof pattern);
            }
        source->patterns.count = (uint32_t)e->patterns.count - source->patterns.start;
    }
}

static void move_table(struct emitter *e, struct table *table, size_t bytes, void *items_pointer, uint32_t *count)
{
    void *copy = arena_alloc(e->arena, table->count * bytes + 1);
    if (table->count) memcpy(copy, table->items, table->count * bytes);
    memcpy(items_pointer, &copy, sizeof copy);
    *count = (uint32_t)table->count;
    free(table->items);
}

static void finish_program(struct emitter *e)
{
    struct program *p = e->program;
    for (size_t i = 0; i < e->sources.count; i++) {
        free(((struct source_bits *)e->sources.items)[i].bits);
        free(((struct source_bits *)e->sources.items)[i].slots);
    }
    free(e->sources.items);
#define MOVE(table, items, counter) move_table(e, &e->table, sizeof *p->items, &p->items, &p->counter)
    MOVE(code, code, code_count);
    MOVE(registers, registers, register_count);
    MOVE(constants, constants, constant_count);
    MOVE(clocks, clocks, clock_count);
    MOVE(set_values, set_values, set_value_count);
    MOVE(sets, sets, set_count);
    MOVE(terms, terms, term_count);
    MOVE(term_lists, term_lists, term_list_count);
    MOVE(eaches, eaches, each_count);
    MOVE(decays, decays, decay_count);
    MOVE(band_labels, band_labels, band_label_count);
    MOVE(bands, bands, band_count);
    MOVE(matrices, matrices, matrix_count);
    MOVE(cells, cells, cell_count);
    MOVE(texts, texts, text_count);
    MOVE(patterns, patterns, pattern_count);
    MOVE(strings, strings, string_count);
    MOVE(fields, fields, field_count);
    MOVE(events, events, event_count);
    MOVE(event_fields, event_fields, event_field_count);
    MOVE(scores, scores, score_count);
    MOVE(score_terms, score_terms, score_term_count);
    MOVE(groups, groups, group_count);
    MOVE(indices, indices, index_count);
    MOVE(rules, rules, rule_count);
    MOVE(inputs, inputs, input_count);
    MOVE(atoms, atoms, atom_count);
    MOVE(rows, rows, row_count);
    MOVE(stages, stages, stage_count);
    MOVE(actions, actions, action_count);
    MOVE(pieces, pieces, piece_count);
    MOVE(settings, settings, setting_count);
    MOVE(files, files, file_count);
    MOVE(lines, lines, line_count);
#undef MOVE
    for (uint32_t i = 0; i < e->model->event_count; i++) free(e->event_field_order[i].items);
    free(e->seen);
    free(e->seen_slots);
    free(e->constant_slots);
}

struct program *emit_program(const struct model *model, const struct model_test *test, uint32_t *expectation_registers)
{
    struct program *program = program_new();
    struct emitter e = { .model = model, .program = program, .arena = &program->arena, .line = NO_INDEX };
    struct arena scratch;
    arena_init(&scratch);
    e.field_of = arena_alloc(&scratch, (model->field_count + 1) * sizeof *e.field_of);
    memset(e.field_of, 0xff, model->field_count * sizeof *e.field_of);
    e.event_field_of = arena_alloc(&scratch, (model->event_count + 1) * sizeof *e.event_field_of);
    e.event_field_order = arena_alloc(&scratch, (model->event_count + 1) * sizeof *e.event_field_order);
    e.event_used = arena_alloc(&scratch, model->event_count + 1);
    for (size_t i = 0; i < model->event_count; i++) {
        e.event_field_of[i] = arena_alloc(&scratch, (model->events[i].field_count + 1) * sizeof **e.event_field_of);
        memset(e.event_field_of[i], 0xff, model->events[i].field_count * sizeof **e.event_field_of);
    }
    e.score_reg = arena_alloc(&scratch, (model->score_count + 1) * sizeof *e.score_reg);
    e.band_reg = arena_alloc(&scratch, (model->band_count + 1) * sizeof *e.band_reg);
    e.matrix_reg = arena_alloc(&scratch, (model->matrix_count + 1) * sizeof *e.matrix_reg);

    program->name = emit_text(&e, model->name ? model->name : "");
    program->version = emit_text(&e, model->version);
    program->owner = emit_text(&e, model->owner);
    program->because = emit_text(&e, model->because);
    memcpy(program->hash, model->hash, sizeof program->hash);
    program->key_field = model->key_field == NO_INDEX ? NO_INDEX : emit_field(&e, model->key_field);
    program->stage_field = model->stage_field == NO_INDEX ? NO_INDEX : emit_field(&e, model->stage_field);

    collect_model_texts(&e, test);
    emit_text_classes(&e);
    emit_scoring(&e);
    for (size_t i = 0; test && i < test->expectation_count; i++) {
        const struct model_expectation *expectation = &test->expectations[i];
        expectation_registers[i] = NO_REGISTER;
        if (expectation->kind != EXPECT_CONDITION) continue;
        e.line = emit_line(&e, expectation->tree->span);
        expectation_registers[i] = emit_condition(&e, expectation->condition, 0);
    }
    emit_events(&e);
    emit_patterns(&e);
    emit_settings(&e);
    program->uses_activity = e.activity_used;
    finish_program(&e);
    arena_free(&scratch);
    program_prepare(program);
    return program;
}
