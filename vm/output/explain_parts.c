#include "vm/output/explain_parts.h"

#include <string.h>

#include "vm/actions.h"
#include "vm/number.h"
#include "vm/printable.h"

#define EVENTS_SHOWN 5u

void explain_wrap(struct explanation *explain, size_t indent)
{
    struct buffer *out = explain->out, *line = &explain->line;
    size_t room = explain->width > indent + 20 ? explain->width - indent : 20;
    size_t at = 0;
    while (at < line->length) {
        /* As many words as fit; a word that is too long by itself stands alone and sticks out. */
        size_t end = at, next = at;
        while (next < line->length) {
            const char *space = memchr(line->data + next, ' ', line->length - next);
            size_t word_end = space == NULL ? line->length : (size_t)(space - line->data);
            if (end > at && printable_width(line->data + at, word_end - at) > room)
                break;
            end = word_end;
            next = word_end + 1;
        }
        printable_pad(out, indent);
        buffer_add(out, line->data + at, end - at);
        buffer_char(out, '\n');
        at = end + 1;
    }
    buffer_reset(line);
}

void explain_headed(struct explanation *explain, size_t column, uint32_t source_line)
{
    char place[512];
    struct buffer *out = explain->out, *line = &explain->line;
    program_place_text(explain->program, source_line, place, sizeof place);
    struct buffer shown = {0};
    printable_text(&shown, place);
    size_t used = column + printable_width(line->data, line->length);
    size_t place_width = shown.length > 0 ? printable_width(shown.data, shown.length) : 0;
    buffer_add(out, line->data, line->length);
    if (place_width > 0) {
        printable_pad(out, used + 2 + place_width <= explain->width ? explain->width - used - place_width : 2);
        buffer_add(out, shown.data, shown.length);
    }
    buffer_char(out, '\n');
    buffer_free(&shown);
    buffer_reset(line);
}

void explain_number(struct explanation *explain, int64_t units)
{
    char text[NUMBER_TEXT];
    buffer_add(&explain->line, text, number_format(units, text));
}

const char *rule_title(const struct program_rule *rule)
{
    return rule->title != NULL ? rule->title : rule->name;
}

static void add_field(struct explanation *explain, uint32_t field)
{
    const struct column *column = &machine_batch(explain->machine)->fields[field];
    printable_text(&explain->line, explain->program->fields[field].name);
    buffer_char(&explain->line, ' ');
    buffer_reset(&explain->raw);
    if (!column_text(column, explain->lead, &explain->raw)) {
        buffer_text(&explain->line, "is not known");
        return;
    }
    struct text value = { explain->raw.data, (uint32_t)explain->raw.length };
    if (column->type == FIELD_TEXT || column->type == FIELD_ONEOF)
        printable_quoted(&explain->line, value);
    else
        printable_add(&explain->line, value.bytes, value.length);
}

static bool event_counts(const struct explanation *explain, const struct program_input *input, uint32_t row,
                         int64_t *points)
{
    return machine_condition(explain->machine, input->selected, row) == TRUTH_HOLDS &&
           (input->points == NO_REGISTER || machine_number(explain->machine, input->points, row, points));
}

static void add_events(struct explanation *explain, const struct program_input *input)
{
    const struct event_table *table = &machine_batch(explain->machine)->events[input->place - 1];
    uint32_t from = table->first[explain->lead], to = table->first[explain->lead + 1], count = 0, shown = 0;
    bool activity = input->place == explain->program->event_count + 1;
    const char *name = activity ? "activity" : explain->program->events[input->place - 1].name;
    int64_t points = 0;
    for (uint32_t row = from; row < to; row++)
        count += event_counts(explain, input, row, &points);
    if (count == 0) {
        buffer_text(&explain->line, "no ");
        printable_text(&explain->line, name);
        if (to > from)
            buffer_format(&explain->line, " that counts, of %u", to - from);
        return;
    }
    buffer_format(&explain->line, "%u ", count);
    printable_text(&explain->line, name);
    buffer_text(&explain->line, ": ");
    for (uint32_t row = to; row-- > from && shown < EVENTS_SHOWN;) {
        char text[INSTANT_TEXT];
        if (!event_counts(explain, input, row, &points))
            continue;
        if (shown++ > 0)
            buffer_text(&explain->line, ", ");
        buffer_add(&explain->line, text, instant_format_day(table->at[row], text));
        if (input->points != NO_REGISTER) {
            buffer_text(&explain->line, " (");
            add_signed(&explain->line, points);
            buffer_char(&explain->line, ')');
        }
    }
    if (count > shown)
        buffer_format(&explain->line, " and %u older", count - shown);
}

void explain_inputs(struct explanation *explain, struct range inputs)
{
    for (uint32_t i = 0; i < inputs.count; i++) {
        const struct program_input *input = &explain->program->inputs[inputs.start + i];
        if (i > 0)
            buffer_text(&explain->line, ", ");
        switch (input->kind) {
        case INPUT_FIELD: add_field(explain, input->field); break;
        case INPUT_EVENTS: add_events(explain, input); break;
        case INPUT_SCORE:
            printable_text(&explain->line, explain->program->scores[input->field].name);
            buffer_char(&explain->line, ' ');
            explain_number(explain, lead_score(explain->machine, input->field, explain->lead));
            break;
        }
    }
}

/* "total is 42, needs at least 50: 8 short". */
static void add_distance(struct explanation *explain, const struct program_atom *atom, bool holds)
{
    static const char *const words[] = { "exactly", "less than", "at most", "more than", "at least" };
    int64_t value = lead_score(explain->machine, atom->score, explain->lead);
    printable_text(&explain->line, explain->program->scores[atom->score].name);
    buffer_text(&explain->line, " is ");
    explain_number(explain, value);
    int word = -1;
    switch (atom->comparison) {
    case OP_EQ: case OP_EQ_CONST: word = 0; break;
    case OP_LT: case OP_LT_CONST: word = 1; break;
    case OP_LE: case OP_LE_CONST: word = 2; break;
    case OP_GT: case OP_GT_CONST: word = 3; break;
    case OP_GE: case OP_GE_CONST: word = 4; break;
    default: break;
    }
    if (holds || word < 0)
        return;
    wide_int gap = (wide_int)value - atom->limit;
    int64_t size;
    buffer_format(&explain->line, ", needs %s ", words[word]);
    explain_number(explain, atom->limit);
    if (gap == 0 || !number_narrow(gap < 0 ? -gap : gap, &size))
        return;
    buffer_text(&explain->line, ": ");
    explain_number(explain, size);
    buffer_text(&explain->line, gap < 0 ? " short" : " too much");
}

void explain_atoms(struct explanation *explain, struct range atoms, size_t indent)
{
    static const char *const answers[] = { ": no", ": yes", ": not known" };
    for (uint32_t i = 0; i < atoms.count; i++) {
        const struct program_atom *atom = &explain->program->atoms[atoms.start + i];
        enum truth truth = machine_condition(explain->machine, atom->reg, explain->lead);
        printable_text(&explain->line, atom->text);
        buffer_text(&explain->line, answers[truth]);
        if (atom->score != NO_INDEX) {
            buffer_text(&explain->line, ", ");
            add_distance(explain, atom, truth == TRUTH_HOLDS);
        } else if (atom->inputs.count > 0) {
            buffer_text(&explain->line, " (");
            explain_inputs(explain, atom->inputs);
            buffer_char(&explain->line, ')');
        }
        explain_wrap(explain, indent);
    }
}
