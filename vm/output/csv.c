/* CSV (RFC 4180): lead, each score, each band, each matrix, stage, stage_before, disqualified, assign, reason_1 …
   reason_N, trace; or those of them that were asked for, in that order. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#if defined(__SSE2__) && !defined(RUBRIC_SCALAR)
#include <emmintrin.h>
#endif

#include "vm/actions.h"
#include "vm/number.h"
#include "vm/output/csv_trace.h"
#include "vm/output/writer.h"

/* The ready pieces. */
struct csv {
    struct arena arena;
    struct output_columns scores, labels;               /* labels: of bands, of matrices, the stage now and before */
    bool staged;
    size_t most;                                        /* bytes of a line, but for cells that are not ready pieces */
    const uint64_t *disqualified;                       /* of the last batch */
    struct cell *cells;                                 /* what stands in a line, in order */
    uint32_t cell_count;
    struct csv_trace *trace;
    struct reason reasons[RESULTS_MOST_REASONS];        /* of the lead being written, once one was asked for */
    size_t reason_count;
    bool has_reasons;
};
/* `index`: of the score, of the label's column, of the reason. */
enum cell_kind { CELL_LEAD, CELL_SCORE, CELL_LABEL, CELL_EMPTY, CELL_DISQUALIFIED, CELL_ASSIGN, CELL_REASON, CELL_TRACE };
struct cell { enum cell_kind kind; uint32_t index; char name[24]; const char *long_name; };

#define SHORT_KEY 32u

#if defined(__SSE2__) && !defined(RUBRIC_SCALAR)
static __m128i special_bytes(__m128i bytes)
{
    return _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(bytes, _mm_set1_epi8(',')), _mm_cmpeq_epi8(bytes, _mm_set1_epi8('"'))),
                        _mm_or_si128(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('\n')),
                                     _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\r'))));
}
#endif

static bool needs_quotes(const char *bytes, size_t length)
{
    size_t at = 0;
#if defined(__SSE2__) && !defined(RUBRIC_SCALAR)
    for (; at + 8 <= length; at += 8)
        if ((unsigned)_mm_movemask_epi8(special_bytes(_mm_loadl_epi64((const __m128i *)(const void *)(bytes + at)))) & 0xFFu)
            return true;
#endif
    for (; at < length; at++)
        if (bytes[at] == ',' || bytes[at] == '"' || bytes[at] == '\n' || bytes[at] == '\r')
            return true;
    return false;
}

/* A spreadsheet takes what begins with one of these for a formula, and runs it. */
static bool needs_guard(const struct results *results, const char *bytes, size_t length)
{
    if (!results->options.guard_formulas || length == 0)
        return false;
    if (memchr("=+-@\t\r\n", bytes[0], 7) != NULL)
        return true;
    /* Their wide forms, which spreadsheets set for Japanese take for the same. */
    static const char wide[][4] = { "\uFF1D", "\uFF0B", "\uFF0D", "\uFF20" };
    for (size_t i = 0; length >= 3 && i < sizeof wide / sizeof *wide; i++)
        if (memcmp(bytes, wide[i], 3) == 0)
            return true;
    return false;
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

static void add_text(const struct results *results, const char *text, struct buffer *out)
{
    if (text != NULL)
        add_cell(results, text, strlen(text), out);
}

void csv_header(struct results *results, struct buffer *out)
{
    const struct csv *csv = results->csv;
    for (uint32_t i = 0; i < csv->cell_count && !results->options.no_header; i++) {
        if (i > 0)
            buffer_char(out, ',');
        add_text(results, csv->cells[i].long_name ? csv->cells[i].long_name : csv->cells[i].name, out);
    }
    if (!results->options.no_header)
        buffer_char(out, '\n');
}

static void add_disqualified(struct results *results, const struct machine *machine, uint32_t lead, struct buffer *out)
{
    const struct program *program = results->program;
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

static void add_reason(struct results *results, const struct machine *machine, uint32_t lead, uint32_t index,
                       struct buffer *out)
{
    struct csv *csv = results->csv;
    if (!csv->has_reasons)
        csv->reason_count = reasons_of(results, machine, lead, csv->reasons, results->options.reasons);
    csv->has_reasons = true;
    if (index >= csv->reason_count)
        return;
    buffer_reset(&results->scratch);
    reason_add_text(results->program, csv->reasons[index], &results->scratch);
    add_cell(results, results->scratch.data, results->scratch.length, out);
}

static struct text keep_cell(const struct results *results, struct csv *csv, const char *text)
{
    struct buffer made = {0};
    add_text(results, text, &made);
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

static void add_kind(struct csv *csv, enum cell_kind kind, uint32_t index, const char *name)
{
    struct cell *cell = &csv->cells[csv->cell_count++];
    *cell = (struct cell){.kind = kind, .index = index, .long_name = name};
}

/* Every column there is, in the order in which they stand when nobody asks for another. */
static void make_cells(const struct results *results, struct csv *csv)
{
    const struct program *program = results->program;
    uint32_t label = 0, reasons = results->options.reasons;
    csv->cells = arena_alloc(&csv->arena, ((size_t)program->score_count + program->band_count + program->matrix_count
                                           + reasons + 6) * sizeof *csv->cells);
    add_kind(csv, CELL_LEAD, 0, "lead");
    for (uint32_t i = 0; i < program->score_count; i++)
        add_kind(csv, CELL_SCORE, i, program->scores[i].name);
    for (uint32_t i = 0; i < program->band_count; i++)
        add_kind(csv, CELL_LABEL, label++, program->bands[i].name);
    for (uint32_t i = 0; i < program->matrix_count; i++)
        add_kind(csv, CELL_LABEL, label++, program->matrices[i].name);
    add_kind(csv, csv->staged ? CELL_LABEL : CELL_EMPTY, label++, "stage");
    add_kind(csv, csv->staged ? CELL_LABEL : CELL_EMPTY, label++, "stage_before");
    add_kind(csv, CELL_DISQUALIFIED, 0, "disqualified");
    add_kind(csv, program->action_count > 0 ? CELL_ASSIGN : CELL_EMPTY, 0, "assign");
    for (uint32_t i = 0; i < reasons; i++) {
        add_kind(csv, CELL_REASON, i, NULL);
        snprintf(csv->cells[csv->cell_count - 1].name, sizeof csv->cells->name, "reason_%u", i + 1);
    }
    if (results->options.trace || results->options.columns != NULL)
        add_kind(csv, CELL_TRACE, 0, "trace");
}

static const struct cell *cell_named(const struct csv *csv, const char *name, size_t length)
{
    for (uint32_t i = 0; i < csv->cell_count; i++) {
        const char *own = csv->cells[i].long_name ? csv->cells[i].long_name : csv->cells[i].name;
        if (strlen(own) == length && memcmp(own, name, length) == 0)
            return &csv->cells[i];
    }
    return NULL;
}

/* Only those that were asked for; names that are no column's are left out: the caller has asked results_column_unknown. */
static void choose_cells(struct csv *csv, const char *wanted)
{
    size_t names = 1;
    for (const char *at = wanted; *at; at++)
        names += *at == ',';
    struct cell *chosen = arena_alloc(&csv->arena, names * sizeof *chosen);
    uint32_t count = 0;
    for (const char *from = wanted;; from++) {
        size_t length = strcspn(from, ",");
        const struct cell *cell = cell_named(csv, from, length);
        if (cell != NULL)
            chosen[count++] = *cell;
        from += length;
        if (*from == '\0')
            break;
    }
    csv->cells = chosen;
    csv->cell_count = count;
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
    make_cells(results, csv);
    if (results->options.columns != NULL)
        choose_cells(csv, results->options.columns);
    csv->most = 64;
    for (uint32_t i = 0; i < csv->cell_count; i++) {
        const struct cell *cell = &csv->cells[i];
        struct output_column *label = cell->kind == CELL_LABEL ? &csv->labels.columns[cell->index] : NULL;
        csv->most += 1 + (cell->kind == CELL_SCORE ? (size_t)NUMBER_TEXT : 0) + (cell->kind == CELL_LEAD ? SHORT_KEY : 0)
                     + (label ? columns_most(&(struct output_columns){label, 1}) : 0);
    }
    for (uint32_t i = 0; i < csv->cell_count && csv->trace == NULL; i++)
        if (csv->cells[i].kind == CELL_TRACE)
            csv->trace = csv_trace_new(program);
    return csv;
}

void csv_free(struct csv *csv)
{
    if (csv == NULL)
        return;
    csv_trace_free(csv->trace);
    arena_free(&csv->arena);
    free(csv);
}

const char *results_column_unknown(const struct program *program, const struct results_options *options, size_t *length)
{
    struct results *results = results_new(program, RESULTS_CSV, &(struct results_options){
        .reasons = options->reasons, .trace = options->trace, .columns = options->columns });
    const char *unknown = NULL;
    for (const char *from = options->columns;; from++) {
        *length = strcspn(from, ",");
        if (cell_named(results->csv, from, *length) == NULL)
            unknown = from;
        from += *length;
        if (unknown != NULL || *from == '\0')
            break;
    }
    results_free(results);
    return unknown;
}

/* A key of 8 to 32 bytes, which most are: from both its ends, which may overlap.  NULL: add_key must look at it. */
static char *put_short_key(const struct results *results, struct text key, char *to)
{
#if defined(__SSE2__) && !defined(RUBRIC_SCALAR)
    if (key.length - 8 > SHORT_KEY - 8 || results->options.guard_formulas)
        return NULL;
    const char *end = key.bytes + key.length;
    __m128i first, last;
    if (key.length >= 16) {
        first = _mm_loadu_si128((const __m128i *)(const void *)key.bytes);
        last = _mm_loadu_si128((const __m128i *)(const void *)(end - 16));
    } else {
        first = _mm_unpacklo_epi64(_mm_loadl_epi64((const __m128i *)(const void *)key.bytes),
                                   _mm_loadl_epi64((const __m128i *)(const void *)(end - 8)));
        last = first;
    }
    if (_mm_movemask_epi8(_mm_or_si128(special_bytes(first), special_bytes(last))) != 0)
        return NULL;
    if (key.length >= 16) {
        _mm_storeu_si128((__m128i *)(void *)to, first);
        _mm_storeu_si128((__m128i *)(void *)(to + key.length - 16), last);
    } else {
        _mm_storel_epi64((__m128i *)(void *)to, first);
        _mm_storel_epi64((__m128i *)(void *)(to + key.length - 8), _mm_unpackhi_epi64(first, first));
    }
    return to + key.length;
#else
    (void)results;
    (void)key;
    (void)to;
    return NULL;
#endif
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

/* A cell that is no ready piece. */
static void add_special(struct results *results, const struct machine *machine, uint32_t lead, const struct cell *cell,
                        struct text key, struct buffer *out)
{
    switch (cell->kind) {
    case CELL_LEAD: add_cell(results, key.bytes, key.length, out); break;
    case CELL_DISQUALIFIED: add_disqualified(results, machine, lead, out); break;
    case CELL_ASSIGN: add_assign(results, machine, lead, out); break;
    case CELL_REASON: add_reason(results, machine, lead, cell->index, out); break;
    case CELL_TRACE: csv_trace_add(results->csv->trace, results, machine, lead, out); break;
    case CELL_SCORE: case CELL_LABEL: case CELL_EMPTY: break;
    }
}

static void add_lead(struct results *results, const struct machine *machine, uint32_t lead, struct buffer *out)
{
    struct csv *csv = results->csv;
    char room[64], *to = room_for(out, csv->most);
    csv->has_reasons = false;
    for (uint32_t i = 0; i < csv->cell_count; i++) {
        const struct cell *cell = &csv->cells[i];
        struct text key = {0};
        if (i > 0)
            *to++ = ',';
        switch (cell->kind) {
        case CELL_SCORE: {
            const struct output_column *column = &csv->scores.columns[cell->index];
            to = number_put(to, results->numbers, bit_get(column->known, lead) ? column->numbers[lead] : 0);
            continue;
        }
        case CELL_LABEL: {
            const struct text *label = column_label(&csv->labels.columns[cell->index], lead);
            to = label ? piece_put(to, *label) : to;
            continue;
        }
        case CELL_LEAD: {
            key = batch_key(machine_batch(machine), lead, room);
            char *end = put_short_key(results, key, to);
            if (end) {
                to = end;
                continue;
            }
            break;
        }
        case CELL_DISQUALIFIED:
            if (!bit_get(csv->disqualified, lead))
                continue;
            break;
        case CELL_EMPTY: continue;
        case CELL_ASSIGN: case CELL_REASON: case CELL_TRACE: break;
        }
        room_used(out, to);
        add_special(results, machine, lead, cell, key, out);
        to = room_for(out, csv->most);
    }
    *to++ = '\n';
    room_used(out, to);
}

void csv_batch(struct results *results, const struct machine *machine, const uint64_t *chosen, struct buffer *out)
{
    columns_find(&results->csv->scores, machine);
    columns_find(&results->csv->labels, machine);
    results->csv->disqualified = machine_holds(machine, results->program->disqualified);
    if (results->csv->trace != NULL)
        csv_trace_find(results->csv->trace, machine);
    uint32_t leads = machine_batch(machine)->leads;
    for (uint32_t lead = 0; lead < leads; lead++)
        if (chosen == NULL || bit_get(chosen, lead)) {
            add_lead(results, machine, lead, out);
            results->written++;
        }
}
