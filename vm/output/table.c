/* A table for people: lead, scores, bands, stage, and the reason that moved most.  Widths come from the rubric alone,
   so that rows can be written as they come and look the same on every thread; a longer key moves its own row only. */
#include <string.h>

#include "vm/actions.h"
#include "vm/number.h"
#include "vm/output/writer.h"
#include "vm/printable.h"

#define LEAD_WIDTH 16u
#define SCORE_WIDTH 6u
#define GAP 2u

/* Cells are laid side by side into `line`; `column` is where the next one begins. */
struct row { struct buffer *line; size_t column, reached; };

static void add_cell(struct row *row, const char *bytes, size_t length, size_t width, bool right)
{
    struct buffer cell = {0};
    printable_add(&cell, bytes, length);
    size_t taken = printable_width(cell.data, cell.length);
    size_t start = row->column + (right && taken < width ? width - taken : 0);
    if (row->reached > 0 && row->reached + 1 > start)
        start = row->reached + 1;                       /* the cell before was too long: one space is kept */
    printable_pad(row->line, start - row->reached);
    buffer_add(row->line, cell.data, cell.length);
    row->reached = start + taken;
    row->column += width + GAP;
    buffer_free(&cell);
}

static void add_text(struct row *row, const char *text, size_t width, bool right)
{
    if (text == NULL)
        text = "";
    add_cell(row, text, strlen(text), width, right);
}

/* Ends a row: cut to the terminal, without spaces at its end. */
static void finish(const struct results *results, struct row *row, struct buffer *out)
{
    struct buffer *line = row->line;
    while (line->length > 0 && line->data[line->length - 1] == ' ')
        line->length--;
    if (results->options.width == 0)
        buffer_add(out, line->data, line->length);
    else
        printable_cut(out, line->data, line->length, results->options.width);
    buffer_char(out, '\n');
    buffer_reset(line);
}

static size_t shown_width(const char *text)
{
    struct buffer shown = {0};
    printable_text(&shown, text);
    size_t width = printable_width(shown.data, shown.length);
    buffer_free(&shown);
    return width;
}

static size_t wider(size_t width, const char *text)
{
    size_t other = shown_width(text);
    return other > width ? other : width;
}

static size_t band_width(const struct program *program, uint32_t band)
{
    size_t width = wider(0, program->bands[band].name);
    struct range range = program->bands[band].labels;
    for (uint32_t i = 0; i < range.count; i++)
        width = wider(width, program->band_labels[range.start + i].label);
    return width;
}

static size_t stage_width(const struct program *program)
{
    size_t width = wider(0, "stage");
    for (uint32_t i = 0; i < program->stage_count; i++)
        width = wider(width, program->stages[i].name);
    for (uint32_t i = 0; i < program->rule_count; i++)
        if (program->rules[i].disqualifies)
            return wider(width, "Disqualified");
    return width;
}

void table_header(struct results *results, struct buffer *out)
{
    const struct program *program = results->program;
    struct buffer line = {0};
    struct row row = { &line, 0, 0 };
    add_text(&row, "lead", LEAD_WIDTH, false);
    for (uint32_t i = 0; i < program->score_count; i++)
        add_text(&row, program->scores[i].name, wider(SCORE_WIDTH, program->scores[i].name), true);
    for (uint32_t i = 0; i < program->band_count; i++)
        add_text(&row, program->bands[i].name, band_width(program, i), false);
    if (program->stage_count > 0)
        add_text(&row, "stage", stage_width(program), false);
    add_text(&row, "reason", 0, false);
    finish(results, &row, out);
    buffer_free(&line);
}

/* Who is disqualified needs to know why, more than what would have counted otherwise. */
static void add_reason(struct results *results, const struct machine *machine, uint32_t lead)
{
    const struct program *program = results->program;
    buffer_reset(&results->scratch);
    if (machine_condition(machine, program->disqualified, lead) == TRUTH_HOLDS)
        for (uint32_t i = 0; i < program->rule_count; i++) {
            const struct program_rule *rule = &program->rules[i];
            if (!rule->disqualifies || machine_condition(machine, rule->fires, lead) != TRUTH_HOLDS)
                continue;
            buffer_text(&results->scratch, rule->because != NULL ? rule->because
                                           : rule->title != NULL ? rule->title
                                                                 : rule->name);
            return;
        }
    struct reason reason;
    if (reasons_of(results, machine, lead, &reason, 1) == 1)
        reason_add_text(program, reason, &results->scratch);
}

/* The widths of a program's columns, worked out once a batch. */
struct widths { size_t *scores, *bands, stage; };

static void add_lead(struct results *results, const struct machine *machine, uint32_t lead, const struct widths *widths,
                     struct buffer *line, struct buffer *out)
{
    const struct program *program = results->program;
    struct row row = { line, 0, 0 };
    char text[64];
    struct text key = batch_key(machine_batch(machine), lead, text);
    if (key.length == 0)
        key = (struct text){ "(no key)", 8 };
    add_cell(&row, key.bytes, key.length, LEAD_WIDTH, false);
    for (uint32_t i = 0; i < program->score_count; i++)
        add_cell(&row, text, number_format(lead_score(machine, i, lead), text), widths->scores[i], true);
    for (uint32_t i = 0; i < program->band_count; i++)
        add_text(&row, lead_band(machine, i, lead), widths->bands[i], false);
    if (program->stage_count > 0)
        add_text(&row, stage_name(program, lead_stage(machine, lead)), widths->stage, false);
    add_reason(results, machine, lead);
    add_cell(&row, results->scratch.data != NULL ? results->scratch.data : "", results->scratch.length, 0, false);
    finish(results, &row, out);
}

void table_batch(struct results *results, const struct machine *machine, const uint64_t *chosen, struct buffer *out)
{
    const struct program *program = results->program;
    struct arena arena;
    arena_init(&arena);
    struct widths widths = { arena_alloc(&arena, program->score_count * sizeof(size_t)),
                             arena_alloc(&arena, program->band_count * sizeof(size_t)), stage_width(program) };
    for (uint32_t i = 0; i < program->score_count; i++)
        widths.scores[i] = wider(SCORE_WIDTH, program->scores[i].name);
    for (uint32_t i = 0; i < program->band_count; i++)
        widths.bands[i] = band_width(program, i);
    struct buffer line = {0};
    uint32_t leads = machine_batch(machine)->leads;
    for (uint32_t lead = 0; lead < leads; lead++)
        if (chosen == NULL || bit_get(chosen, lead)) {
            add_lead(results, machine, lead, &widths, &line, out);
            results->written++;
        }
    buffer_free(&line);
    arena_free(&arena);
}
