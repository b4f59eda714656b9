/* The ledger of a lead as JSON: for every score, lines whose points sum to exactly that score. */
#include "vm/number.h"
#include "vm/output/writer.h"

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

/* The events of a set that belong to a lead; for points for each, those that gave points. */
static void add_events(const struct machine *machine, const struct program_input *input, uint32_t lead, bool *first,
                       struct buffer *out)
{
    const struct program *program = machine_program(machine);
    const struct event_table *table = &machine_batch(machine)->events[input->place - 1];
    char text[INSTANT_TEXT > NUMBER_TEXT ? INSTANT_TEXT : NUMBER_TEXT];
    for (uint32_t row = table->first[lead]; row < table->first[lead + 1]; row++) {
        int64_t points = 0;
        if (machine_condition(machine, input->selected, row) != TRUTH_HOLDS)
            continue;
        if (input->points != NO_REGISTER && !machine_number(machine, input->points, row, &points))
            continue;
        uint32_t event = input->place - 1u;
        if (event == program->event_count)
            event = table->type[row];
        buffer_text(out, *first ? "{\"event\":" : ",{\"event\":");
        *first = false;
        json_add_text(out, program->events[event].name);
        buffer_text(out, ",\"at\":\"");
        buffer_add(out, text, instant_format(table->at[row], text));
        buffer_char(out, '"');
        if (input->points != NO_REGISTER)
            add_points(out, points);
        buffer_char(out, '}');
    }
}

static void add_inputs(const struct machine *machine, const struct program_rule *rule, uint32_t lead,
                       struct buffer *out)
{
    const struct program *program = machine_program(machine);
    bool first = true;
    buffer_text(out, ",\"inputs\":[");
    for (uint32_t i = 0; i < rule->inputs.count; i++) {
        const struct program_input *input = &program->inputs[rule->inputs.start + i];
        switch (input->kind) {
        case INPUT_EVENTS:
            add_events(machine, input, lead, &first, out);
            break;
        case INPUT_FIELD:
            add_member(out, first ? "{\"field\":" : ",{\"field\":", program->fields[input->field].name);
            buffer_text(out, ",\"value\":");
            json_add_value(out, &machine_batch(machine)->fields[input->field], lead);
            buffer_char(out, '}');
            first = false;
            break;
        case INPUT_SCORE:
            break;                                      /* rules see nothing of the result */
        }
    }
    buffer_char(out, ']');
}

static void add_rule_line(const struct machine *machine, const struct trace_line *line, uint32_t lead,
                          struct buffer *out)
{
    const struct program *program = machine_program(machine);
    const struct program_rule *rule = &program->rules[line->rule];
    add_member(out, ",\"rule\":", rule->name);
    if (rule->group != NO_INDEX)
        add_member(out, ",\"group\":", program->groups[rule->group].name);
    add_points(out, line->points);
    if (line->kind == LINE_BEATEN)
        buffer_text(out, ",\"beaten\":true");
    add_at(program, rule->line, out);
    if (rule->because != NULL)
        add_member(out, ",\"because\":", rule->because);
    add_inputs(machine, rule, lead, out);
}

static void add_step_line(const struct program *program, const struct trace_line *line, struct buffer *out)
{
    add_member(out, ",\"step\":", line_kind_step(line->kind));
    uint32_t at = program->scores[line->score].line;
    if (line->group != NO_INDEX) {
        add_member(out, ",\"group\":", program->groups[line->group].name);
        at = program->groups[line->group].line;
    }
    if (line->kind == LINE_TERM)
        add_member(out, ",\"term\":", program->score_terms[line->term].text);
    add_points(out, line->points);
    if (line->kind == LINE_DECAY)
        buffer_format(out, ",\"periods\":%lld", (long long)line->periods);
    add_at(program, at, out);
}

void ndjson_trace(struct results *results, const struct machine *machine, uint32_t lead, struct buffer *out)
{
    const struct program *program = results->program;
    trace_lead(machine, lead, &results->trace);
    buffer_text(out, ",\"trace\":[");
    for (size_t i = 0; i < results->trace.count; i++) {
        const struct trace_line *line = &results->trace.lines[i];
        add_member(out, i == 0 ? "{\"score\":" : ",{\"score\":", program->scores[line->score].name);
        if (line->kind == LINE_RULE || line->kind == LINE_BEATEN)
            add_rule_line(machine, line, lead, out);
        else
            add_step_line(program, line, out);
        buffer_char(out, '}');
    }
    buffer_char(out, ']');
}
