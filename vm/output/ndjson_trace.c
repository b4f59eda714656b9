/* The ledger of a lead as JSON: for every score, lines whose points sum to exactly that score.  What is the same for every
   lead is made once, as pieces; a line of a lead is two or three of them, its points and its values. */
#include <stdlib.h>

#include "vm/number.h"
#include "vm/output/writer.h"

struct trace_pieces {
    struct arena arena;
    struct text *rules, *rule_ends;                     /* ,{"score":…,"rule":…,"points":   ,"at":…,"because":…,"inputs":[ */
    struct text *inputs;                                /* ,{"field":…,"value": */
    struct text *events;                                /* ,{"event":…,"at":" */
    struct text *terms, *score_ends;                    /* ,{"score":…,"step":"term","term":…,"points":   ,"at":…} */
    struct buffer made;
};

static struct text keep(struct trace_pieces *pieces)
{
    struct text kept = piece_keep(&pieces->arena, pieces->made.data, pieces->made.length);
    buffer_reset(&pieces->made);
    return kept;
}

static void add_points(struct buffer *out, int64_t points)
{
    char text[NUMBER_TEXT];
    buffer_text(out, ",\"points\":");
    buffer_add(out, text, number_format(points, text));
}

static void add_at(const struct program *program, uint32_t line, struct buffer *out)
{
    if (line == NO_INDEX)
        return;
    char place[512];
    buffer_text(out, ",\"at\":");
    json_add_text(out, program_place_text(program, line, place, sizeof place));
}

static void add_member(struct buffer *out, const char *before, const char *text)
{
    buffer_text(out, before);
    json_add_text(out, text);
}

static void make_rule(struct trace_pieces *pieces, const struct program *program, uint32_t index)
{
    const struct program_rule *rule = &program->rules[index];
    struct buffer *out = &pieces->made;
    add_member(out, ",{\"score\":", rule->score != NO_INDEX ? program->scores[rule->score].name : NULL);
    add_member(out, ",\"rule\":", rule->name);
    if (rule->group != NO_INDEX)
        add_member(out, ",\"group\":", program->groups[rule->group].name);
    buffer_text(out, ",\"points\":");
    pieces->rules[index] = keep(pieces);
    add_at(program, rule->line, out);
    if (rule->because != NULL)
        add_member(out, ",\"because\":", rule->because);
    buffer_text(out, ",\"inputs\":[");
    pieces->rule_ends[index] = keep(pieces);
}

static void make_score(struct trace_pieces *pieces, const struct program *program, uint32_t index)
{
    const struct program_score *score = &program->scores[index];
    struct buffer *out = &pieces->made;
    for (uint32_t i = 0; i < score->terms.count; i++) {
        uint32_t term = score->terms.start + i;
        add_member(out, ",{\"score\":", score->name);
        add_member(out, ",\"step\":", line_kind_step(LINE_TERM));
        add_member(out, ",\"term\":", program->score_terms[term].text);
        buffer_text(out, ",\"points\":");
        pieces->terms[term] = keep(pieces);
    }
    add_at(program, score->line, out);
    buffer_char(out, '}');
    pieces->score_ends[index] = keep(pieces);
}

struct trace_pieces *trace_pieces_new(const struct program *program)
{
    struct trace_pieces *pieces = memory_alloc(sizeof *pieces);
    arena_init(&pieces->arena);
    struct arena *arena = &pieces->arena;
    pieces->rules = arena_alloc(arena, program->rule_count * sizeof *pieces->rules);
    pieces->rule_ends = arena_alloc(arena, program->rule_count * sizeof *pieces->rule_ends);
    pieces->inputs = arena_alloc(arena, program->input_count * sizeof *pieces->inputs);
    pieces->events = arena_alloc(arena, program->event_count * sizeof *pieces->events);
    pieces->terms = arena_alloc(arena, program->score_term_count * sizeof *pieces->terms);
    pieces->score_ends = arena_alloc(arena, program->score_count * sizeof *pieces->score_ends);
    for (uint32_t i = 0; i < program->rule_count; i++)
        make_rule(pieces, program, i);
    for (uint32_t i = 0; i < program->score_count; i++)
        make_score(pieces, program, i);
    for (uint32_t i = 0; i < program->input_count; i++) {
        if (program->inputs[i].kind != INPUT_FIELD)
            continue;
        add_member(&pieces->made, ",{\"field\":", program->fields[program->inputs[i].field].name);
        buffer_text(&pieces->made, ",\"value\":");
        pieces->inputs[i] = keep(pieces);
    }
    for (uint32_t i = 0; i < program->event_count; i++) {
        add_member(&pieces->made, ",{\"event\":", program->events[i].name);
        buffer_text(&pieces->made, ",\"at\":\"");
        pieces->events[i] = keep(pieces);
    }
    buffer_free(&pieces->made);
    return pieces;
}

void trace_pieces_free(struct trace_pieces *pieces)
{
    if (pieces == NULL)
        return;
    arena_free(&pieces->arena);
    free(pieces);
}

static void put_piece(struct buffer *out, struct text piece)
{
    room_used(out, piece_put(room_for(out, piece.length), piece));
}

/* A piece that begins with a comma, which the first of a list goes without; bytes behind it can be read as before. */
static struct text without_comma(struct text piece, bool first)
{
    return (struct text){piece.bytes + first, piece.length - first};
}

/* As json_add_value, with its closing brace. */
static void put_value(const struct results *results, struct buffer *out, const struct column *column, size_t row)
{
    if (column->type == FIELD_NUMBER && bit_get(column->known, row)) {
        char *to = number_put(room_for(out, NUMBER_TEXT + 1), results->numbers, column->numbers[row]);
        *to++ = '}';
        room_used(out, to);
        return;
    }
    json_add_value(out, column, row);
    buffer_char(out, '}');
}

/* The events of a set that belong to a lead; for points for each, those that gave points. */
static void add_events(const struct results *results, const struct machine *machine, const struct program_input *input,
                       uint32_t lead, bool *first, struct buffer *out)
{
    const struct program *program = machine_program(machine);
    const struct event_table *table = &machine_batch(machine)->events[input->place - 1];
    for (uint32_t row = table->first[lead]; row < table->first[lead + 1]; row++) {
        int64_t points = 0;
        if (machine_condition(machine, input->selected, row) != TRUTH_HOLDS)
            continue;
        if (input->points != NO_REGISTER && !machine_number(machine, input->points, row, &points))
            continue;
        uint32_t event = input->place - 1u;
        if (event == program->event_count)
            event = table->type[row];
        struct text piece = without_comma(results->pieces->events[event], *first);
        char *end = piece_put(room_for(out, piece.length + INSTANT_TEXT + NUMBER_TEXT + 16), piece);
        *first = false;
        end += instant_format(table->at[row], end);
        *end++ = '"';
        if (input->points != NO_REGISTER) {
            memcpy(end, ",\"points\":", 10);
            end = number_put(end + 10, results->numbers, points);
        }
        *end++ = '}';
        room_used(out, end);
    }
}

static void add_inputs(const struct results *results, const struct machine *machine, const struct program_rule *rule,
                       uint32_t lead, struct buffer *out)
{
    const struct program *program = machine_program(machine);
    bool first = true;
    for (uint32_t i = 0; i < rule->inputs.count; i++) {
        const struct program_input *input = &program->inputs[rule->inputs.start + i];
        switch (input->kind) {
        case INPUT_EVENTS:
            add_events(results, machine, input, lead, &first, out);
            break;
        case INPUT_FIELD:
            put_piece(out, without_comma(results->pieces->inputs[rule->inputs.start + i], first));
            put_value(results, out, &machine_batch(machine)->fields[input->field], lead);
            first = false;
            break;
        case INPUT_SCORE:
            break;                                      /* rules see nothing of the result */
        }
    }
    buffer_char(out, ']');
}

static void add_rule_line(const struct results *results, const struct machine *machine, const struct trace_line *line,
                          uint32_t lead, bool first, struct buffer *out)
{
    const struct trace_pieces *pieces = results->pieces;
    const struct text before = without_comma(pieces->rules[line->rule], first), after = pieces->rule_ends[line->rule];
    char *to = piece_put(room_for(out, before.length + NUMBER_TEXT + 16 + after.length), before);
    to = number_put(to, results->numbers, line->points);
    if (line->kind == LINE_BEATEN) {
        memcpy(to, ",\"beaten\":true", 14);
        to += 14;
    }
    room_used(out, piece_put(to, after));
    add_inputs(results, machine, &machine_program(machine)->rules[line->rule], lead, out);
    buffer_char(out, '}');
}

static void add_term_line(const struct results *results, const struct trace_line *line, bool first, struct buffer *out)
{
    const struct trace_pieces *pieces = results->pieces;
    const struct text before = without_comma(pieces->terms[line->term], first), after = pieces->score_ends[line->score];
    char *to = piece_put(room_for(out, before.length + NUMBER_TEXT + after.length), before);
    room_used(out, piece_put(number_put(to, results->numbers, line->points), after));
}

static void add_step_line(const struct program *program, const struct trace_line *line, struct buffer *out)
{
    add_member(out, ",\"step\":", line_kind_step(line->kind));
    uint32_t at = program->scores[line->score].line;
    if (line->group != NO_INDEX) {
        add_member(out, ",\"group\":", program->groups[line->group].name);
        at = program->groups[line->group].line;
    }
    add_points(out, line->points);
    if (line->kind == LINE_DECAY)
        buffer_format(out, ",\"periods\":%lld", (long long)line->periods);
    add_at(program, at, out);
}

void ndjson_trace(struct results *results, const struct machine *machine, uint32_t lead, struct buffer *out)
{
    const struct program *program = results->program;
    trace_lead(machine, lead, &results->trace);
    buffer_add(out, ",\"trace\":[", 10);
    for (size_t i = 0; i < results->trace.count; i++) {
        const struct trace_line *line = &results->trace.lines[i];
        if (line->kind == LINE_RULE || line->kind == LINE_BEATEN) {
            add_rule_line(results, machine, line, lead, i == 0, out);
        } else if (line->kind == LINE_TERM) {
            add_term_line(results, line, i == 0, out);
        } else {
            add_member(out, i == 0 ? "{\"score\":" : ",{\"score\":", program->scores[line->score].name);
            add_step_line(program, line, out);
            buffer_char(out, '}');
        }
    }
    buffer_char(out, ']');
}
