/* The writer object: it picks the format and keeps what all formats share. */
#include "vm/output/results.h"

#include <stdlib.h>

#include "vm/number.h"
#include "vm/output/writer.h"

struct results *results_new(const struct program *program, enum results_format format,
                            const struct results_options *options)
{
    struct results *results = memory_alloc(sizeof *results);
    results->program = program;
    results->format = format;
    if (options != NULL)
        results->options = *options;
    if (results->options.reasons > RESULTS_MOST_REASONS)
        results->options.reasons = RESULTS_MOST_REASONS;
    results->numbers = small_numbers_new();
    if (format == RESULTS_CSV)
        results->csv = csv_new(results);
    if (format == RESULTS_NDJSON)
        results->ndjson = ndjson_new(program);
    if (format == RESULTS_NDJSON && results->options.trace)
        results->pieces = trace_pieces_new(program);
    return results;
}

void results_free(struct results *results)
{
    if (results == NULL)
        return;
    ndjson_free(results->ndjson);
    trace_pieces_free(results->pieces);
    csv_free(results->csv);
    free(results->numbers);
    undecided_free(&results->undecided);
    trace_free(&results->trace);
    buffer_free(&results->scratch);
    free(results);
}

void results_begin(struct results *results, struct buffer *out)
{
    switch (results->format) {
    case RESULTS_NDJSON: break;
    case RESULTS_CSV: csv_header(results, out); break;
    case RESULTS_TABLE: table_header(results, out); break;
    }
}

void results_batch(struct results *results, const struct machine *machine, const uint64_t *chosen, struct buffer *out)
{
    switch (results->format) {
    case RESULTS_NDJSON: ndjson_batch(results, machine, chosen, out); break;
    case RESULTS_CSV: csv_batch(results, machine, chosen, out); break;
    case RESULTS_TABLE: table_batch(results, machine, chosen, out); break;
    }
}

uint64_t results_written(const struct results *results) { return results->written; }

void results_end(struct results *results, struct buffer *out)
{
    (void)results;
    (void)out;                                          /* none of today's formats closes anything */
}

void add_signed(struct buffer *out, int64_t points)
{
    char text[NUMBER_TEXT];
    if (points > 0)
        buffer_char(out, '+');
    buffer_add(out, text, number_format(points, text));
}

static uint64_t magnitude(int64_t points)
{
    return points < 0 ? 0 - (uint64_t)points : (uint64_t)points;
}

size_t reasons_of(struct results *results, const struct machine *machine, uint32_t lead, struct reason *reasons,
                  size_t most)
{
    size_t count = 0;
    if (most == 0)
        return 0;
    trace_lead(machine, lead, &results->trace);
    for (size_t i = 0; i < results->trace.count; i++) {
        const struct trace_line *line = &results->trace.lines[i];
        if (line->kind != LINE_RULE || line->points == 0)
            continue;
        struct reason found = { line->rule, line->points };
        size_t at = count;
        while (at > 0 &&
               (magnitude(reasons[at - 1].points) < magnitude(found.points) ||
                (magnitude(reasons[at - 1].points) == magnitude(found.points) && reasons[at - 1].rule > found.rule)))
            at--;
        if (at == most)
            continue;
        if (count < most)
            count++;
        for (size_t move = count - 1; move > at; move--)
            reasons[move] = reasons[move - 1];
        reasons[at] = found;
    }
    return count;
}

void reason_add_text(const struct program *program, struct reason reason, struct buffer *out)
{
    const struct program_rule *rule = &program->rules[reason.rule];
    add_signed(out, reason.points);
    buffer_char(out, ' ');
    buffer_text(out, rule->because != NULL ? rule->because : rule->title != NULL ? rule->title : rule->name);
}
