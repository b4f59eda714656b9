/* CSV (RFC 4180): lead, each score, each band, each matrix, stage, stage_before, disqualified, assign, reason_1 …
   reason_N. */
#include <stdlib.h>
#include <string.h>
#if defined(__SSE2__) && !defined(RUBRIC_SCALAR)
#include <emmintrin.h>
#endif

#include "vm/actions.h"
#include "vm/number.h"
#include "vm/output/writer.h"

/* The ready pieces, each with the comma before it. */
struct csv {
    struct arena arena;
    struct output_columns scores, labels;               /* labels: of bands, of matrices, the stage now and before */
    bool staged;
    size_t most;                                        /* bytes of a line up to `disqualified`, without the key */
};

static bool needs_quotes(const char *bytes, size_t length)
{
    size_t at = 0;
#if defined(__SSE2__) && !defined(RUBRIC_SCALAR)
    const __m128i comma = _mm_set1_epi8(','), quote = _mm_set1_epi8('"'), feed = _mm_set1_epi8('\n'),
                  carriage = _mm_set1_epi8('\r');
    for (; at + 8 <= length; at += 8) {
        __m128i eight = _mm_loadl_epi64((const __m128i *)(const void *)(bytes + at));
        __m128i special = _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(eight, comma), _mm_cmpeq_epi8(eight, quote)),
                                       _mm_or_si128(_mm_cmpeq_epi8(eight, feed), _mm_cmpeq_epi8(eight, carriage)));
        if (_mm_movemask_epi8(special) & 0xFF)
            return true;
    }
#endif
    for (; at < length; at++)
        if (bytes[at] == ',' || bytes[at] == '"' || bytes[at] == '\n' || bytes[at] == '\r')
            return true;
    return false;
}

/* A spreadsheet takes what begins with one of these for a formula, and runs it. */
static bool needs_guard(const struct results *results, const char *bytes, size_t length)
{
    return results->options.guard_formulas && length > 0 && memchr("=+-@\t\r", bytes[0], 6) != NULL;
}

/* A text cell. */
static void add_cell(const struct results *results, const char *bytes, size_t length, struct buffer *out)
{
    bool guard = needs_guard(results, bytes, length);
    if (!needs_quotes(bytes, length)) {
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
    if (!bit_get(machine_holds(machine, program->disqualified), lead))
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

static struct text keep_cell(const struct results *results, struct csv *csv, const char *text)
{
    struct buffer made = {0};
    add_next(results, text, &made);
    struct text kept = piece_keep(&csv->arena, made.data, made.length);
    buffer_free(&made);
    return kept;
}

static void add_column(struct output_columns *columns, uint32_t reg, const struct text *labels, uint64_t label_count)
{
    columns->columns[columns->count++] = (struct output_column){.reg = reg, .labels = labels, .label_count = label_count};
}

static void make_labels(const struct results *results, struct csv *csv)
{
    const struct program *program = results->program;
    struct text *labels = arena_alloc(&csv->arena, ((size_t)program->band_label_count + program->cell_count
                                                    + program->stage_count + 1) * sizeof *labels);
    for (uint32_t i = 0; i < program->band_label_count; i++)
        labels[i] = keep_cell(results, csv, program->band_labels[i].label);
    for (uint32_t i = 0; i < program->band_count; i++)
        add_column(&csv->labels, program->bands[i].reg, labels + program->bands[i].labels.start,
                   program->bands[i].labels.count);
    labels += program->band_label_count;
    for (uint32_t i = 0; i < program->cell_count; i++)
        labels[i] = keep_cell(results, csv, program->cells[i]);
    for (uint32_t i = 0; i < program->matrix_count; i++) {
        const struct program_matrix *matrix = &program->matrices[i];
        add_column(&csv->labels, matrix->reg, labels + matrix->first_cell,
                   (uint64_t)program->bands[matrix->rows].labels.count * program->bands[matrix->columns].labels.count);
    }
    labels += program->cell_count;
    csv->staged = program->stage_reg != NO_REGISTER;
    if (!csv->staged)
        return;
    for (uint32_t i = 0; i <= program->stage_count; i++)
        labels[i] = keep_cell(results, csv, stage_name(program, i));
    add_column(&csv->labels, program->stage_reg, labels, (uint64_t)program->stage_count + 1);
    add_column(&csv->labels, program->stage_before_reg, labels, (uint64_t)program->stage_count + 1);
}

struct csv *csv_new(const struct results *results)
{
    const struct program *program = results->program;
    struct csv *csv = memory_alloc(sizeof *csv);
    arena_init(&csv->arena);
    csv->scores.columns = arena_alloc(&csv->arena, program->score_count * sizeof *csv->scores.columns);
    for (uint32_t i = 0; i < program->score_count; i++)
        add_column(&csv->scores, program->scores[i].after_clamp, NULL, 0);
    csv->labels.columns = arena_alloc(&csv->arena, ((size_t)program->band_count + program->matrix_count + 2)
                                                       * sizeof *csv->labels.columns);
    make_labels(results, csv);
    csv->most = 64 + program->score_count + columns_most(&csv->scores) + csv->labels.count + columns_most(&csv->labels);
    return csv;
}

void csv_free(struct csv *csv)
{
    if (csv == NULL)
        return;
    arena_free(&csv->arena);
    free(csv);
}

static char *put_key(const struct results *results, const struct machine *machine, uint32_t lead, struct buffer *out)
{
    char text[64];
    struct text key = batch_key(machine_batch(machine), lead, text);
    char *to = room_for(out, results->csv->most + key.length);
    if (needs_quotes(key.bytes, key.length) || needs_guard(results, key.bytes, key.length)) {
        add_cell(results, key.bytes, key.length, out);
        return room_for(out, results->csv->most);
    }
    memcpy(to, key.bytes, key.length);
    return to + key.length;
}

static void add_assign(struct results *results, const struct machine *machine, uint32_t lead, struct buffer *out)
{
    const struct program_action *assign = actions_assign(machine, lead);
    if (assign == NULL)
        return;
    buffer_reset(&results->scratch);
    action_text(machine, assign, lead, &results->scratch);
    add_cell(results, results->scratch.data, results->scratch.length, out);
}

static void add_lead(struct results *results, const struct machine *machine, uint32_t lead, struct buffer *out)
{
    const struct csv *csv = results->csv;
    char *to = put_key(results, machine, lead, out);
    for (uint32_t i = 0; i < csv->scores.count; i++) {
        const struct output_column *column = &csv->scores.columns[i];
        *to++ = ',';
        to = number_put(to, results->numbers, bit_get(column->known, lead) ? column->numbers[lead] : 0);
    }
    for (uint32_t i = 0; i < csv->labels.count; i++) {
        const struct text *label = column_label(&csv->labels.columns[i], lead);
        if (label)
            to = piece_put(to, *label);
        else
            *to++ = ',';
    }
    if (!csv->staged) {
        *to++ = ',';
        *to++ = ',';
    }
    room_used(out, to);
    add_disqualified(results, machine, lead, out);
    buffer_char(out, ',');
    if (results->program->action_count > 0)
        add_assign(results, machine, lead, out);
    if (results->options.reasons > 0)
        add_reasons(results, machine, lead, out);
    buffer_char(out, '\n');
}

void csv_batch(struct results *results, const struct machine *machine, const uint64_t *chosen, struct buffer *out)
{
    columns_find(&results->csv->scores, machine);
    columns_find(&results->csv->labels, machine);
    uint32_t leads = machine_batch(machine)->leads;
    for (uint32_t lead = 0; lead < leads; lead++)
        if (chosen == NULL || bit_get(chosen, lead))
            add_lead(results, machine, lead, out);
}
