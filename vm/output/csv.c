/* CSV (RFC 4180): lead, each score, each band, each matrix, stage, stage_before, disqualified, assign, reason_1 …
   reason_N. */
#include <string.h>

#include "vm/actions.h"
#include "vm/number.h"
#include "vm/output/writer.h"

/* A text cell.  A spreadsheet takes what begins with one of these for a formula, and runs it. */
static void add_cell(const struct results *results, const char *bytes, size_t length, struct buffer *out)
{
    bool guard = results->options.guard_formulas && length > 0 && memchr("=+-@\t\r", bytes[0], 6) != NULL;
    bool quote = false;
    for (size_t i = 0; i < length && !quote; i++)
        quote = bytes[i] == ',' || bytes[i] == '"' || bytes[i] == '\n' || bytes[i] == '\r';
    if (!quote) {
        if (guard)
            buffer_char(out, '\'');
        buffer_add(out, bytes, length);
        return;
    }
    buffer_char(out, '"');
    if (guard)
        buffer_char(out, '\'');
    size_t start = 0;
    for (size_t i = 0; i < length; i++) {
        if (bytes[i] != '"')
            continue;
        buffer_add(out, bytes + start, i + 1 - start);
        start = i;                                      /* the quote is written once more with what follows */
    }
    buffer_add(out, bytes + start, length - start);
    buffer_char(out, '"');
}

static void add_next(const struct results *results, const char *text, struct buffer *out)
{
    buffer_char(out, ',');
    if (text != NULL)
        add_cell(results, text, strlen(text), out);
}

void csv_header(struct results *results, struct buffer *out)
{
    const struct program *program = results->program;
    buffer_text(out, "lead");
    for (uint32_t i = 0; i < program->score_count; i++)
        add_next(results, program->scores[i].name, out);
    for (uint32_t i = 0; i < program->band_count; i++)
        add_next(results, program->bands[i].name, out);
    for (uint32_t i = 0; i < program->matrix_count; i++)
        add_next(results, program->matrices[i].name, out);
    buffer_text(out, ",stage,stage_before,disqualified,assign");
    for (uint32_t i = 0; i < results->options.reasons; i++)
        buffer_format(out, ",reason_%u", i + 1);
    buffer_char(out, '\n');
}

static void add_disqualified(struct results *results, const struct machine *machine, uint32_t lead, struct buffer *out)
{
    const struct program *program = results->program;
    buffer_char(out, ',');
    if (machine_condition(machine, program->disqualified, lead) != TRUTH_HOLDS)
        return;
    struct buffer *scratch = &results->scratch;
    buffer_reset(scratch);
    for (uint32_t i = 0; i < program->rule_count; i++) {
        if (!program->rules[i].disqualifies || machine_condition(machine, program->rules[i].fires, lead) != TRUTH_HOLDS)
            continue;
        if (scratch->length > 0)
            buffer_char(scratch, ';');
        buffer_text(scratch, program->rules[i].name);
    }
    add_cell(results, scratch->data, scratch->length, out);
}

static void add_reasons(struct results *results, const struct machine *machine, uint32_t lead, struct buffer *out)
{
    struct reason reasons[RESULTS_MOST_REASONS];
    uint32_t most = results->options.reasons;
    size_t count = reasons_of(results, machine, lead, reasons, most);
    for (uint32_t i = 0; i < most; i++) {
        buffer_char(out, ',');
        if (i >= count)
            continue;
        buffer_reset(&results->scratch);
        reason_add_text(results->program, reasons[i], &results->scratch);
        add_cell(results, results->scratch.data, results->scratch.length, out);
    }
}

static void add_lead(struct results *results, const struct machine *machine, uint32_t lead, struct buffer *out)
{
    const struct program *program = results->program;
    char text[64];
    struct text key = batch_key(machine_batch(machine), lead, text);
    add_cell(results, key.bytes, key.length, out);
    for (uint32_t i = 0; i < program->score_count; i++) {
        buffer_char(out, ',');
        buffer_add(out, text, number_format(lead_score(machine, i, lead), text));
    }
    for (uint32_t i = 0; i < program->band_count; i++)
        add_next(results, lead_band(machine, i, lead), out);
    for (uint32_t i = 0; i < program->matrix_count; i++)
        add_next(results, lead_cell(machine, i, lead), out);
    add_next(results, stage_name(program, lead_stage(machine, lead)), out);
    add_next(results, stage_name(program, lead_stage_before(machine, lead)), out);
    add_disqualified(results, machine, lead, out);
    buffer_char(out, ',');
    const struct program_action *assign = actions_assign(machine, lead);
    if (assign != NULL) {
        buffer_reset(&results->scratch);
        action_text(machine, assign, lead, &results->scratch);
        add_cell(results, results->scratch.data, results->scratch.length, out);
    }
    add_reasons(results, machine, lead, out);
    buffer_char(out, '\n');
}

void csv_batch(struct results *results, const struct machine *machine, const uint64_t *chosen, struct buffer *out)
{
    uint32_t leads = machine_batch(machine)->leads;
    for (uint32_t lead = 0; lead < leads; lead++)
        if (chosen == NULL || bit_get(chosen, lead))
            add_lead(results, machine, lead, out);
}
