/* Instructions beside the source lines they come from.  Everything comes from the table of opcodes: the operand's kind
   decides how it is written, and the synopsis is filled in with the same texts. */
#include <string.h>

#include "vm/number.h"
#include "vm/printable.h"
#include "vm/program.h"

#define LISTED_TERMS 6u          /* of a list of terms or a set, before "…" */

static void add_number(struct buffer *out, int64_t units)
{
    char text[NUMBER_TEXT];
    buffer_add(out, text, number_format(units, text));
}

/* A constant is a number or an instant; which one, only its user knows.  Whole minutes of our age are shown as both. */
static void add_constant(struct buffer *out, int64_t value)
{
    if (value == INT64_MIN || value == INT64_MAX) {
        buffer_text(out, value < 0 ? "lowest" : "highest");     /* the open end of a bound */
        return;
    }
    add_number(out, value);
    if (value % MICROS_MINUTE != 0 || value < 365 * MICROS_DAY || value > 50000 * MICROS_DAY)
        return;
    char text[INSTANT_TEXT];
    buffer_text(out, " or ");
    buffer_add(out, text, instant_format_day(value, text));
}

static void add_duration(struct buffer *out, int64_t count, uint32_t unit)
{
    buffer_format(out, "%lld %s", (long long)count, time_unit_name((enum time_unit)unit, count != 1));
}

static void add_register(struct buffer *out, uint32_t reg)
{
    buffer_format(out, "r%u", reg);
}

static void add_field(struct buffer *out, const struct program *program, uint32_t place, uint32_t field)
{
    if (place == 0) {
        printable_text(out, program->fields[field].name);
        return;
    }
    const struct program_event *event = &program->events[place - 1];
    printable_text(out, event->name);
    buffer_char(out, '.');
    printable_text(out, program->event_fields[event->fields.start + field].name);
}

static void add_text_source(struct buffer *out, const struct program *program, uint32_t index)
{
    const struct text_source *source = &program->texts[index];
    if (source->constant) {
        printable_quoted(out, source->fixed);
        return;
    }
    if (source->domain)
        buffer_text(out, "domain of ");
    add_field(out, program, source->place, source->field);
}

static void add_terms(struct buffer *out, const struct program *program, uint32_t list)
{
    struct range range = program->term_lists[list];
    buffer_char(out, '[');
    for (uint32_t i = 0; i < range.count && i < LISTED_TERMS; i++) {
        const struct term *term = &program->terms[range.start + i];
        if (i > 0)
            buffer_text(out, ", ");
        add_register(out, term->reg);
        if (!term->is_number) {
            buffer_text(out, ": ");
            add_number(out, term->points);
        }
    }
    if (range.count > LISTED_TERMS)
        buffer_format(out, ", … %u in all", range.count);
    buffer_char(out, ']');
}

static void add_set(struct buffer *out, const struct program *program, uint32_t index)
{
    struct range range = program->sets[index];
    buffer_char(out, '{');
    for (uint32_t i = 0; i < range.count && i < LISTED_TERMS; i++) {
        if (i > 0)
            buffer_text(out, ", ");
        add_constant(out, program->set_values[range.start + i]);
    }
    if (range.count > LISTED_TERMS)
        buffer_format(out, ", … %u in all", range.count);
    buffer_char(out, '}');
}

static void add_loss(struct buffer *out, bool by_points, int64_t ppm, int64_t points, int64_t count, uint32_t unit)
{
    add_number(out, by_points ? points : ppm);          /* millionths, read as units of 0.0001, are the percent */
    buffer_text(out, by_points ? " points every " : "% every ");
    add_duration(out, count, unit);
}

static void add_each(struct buffer *out, const struct each *each)
{
    static const char *const once[] = { "", " once a day", " once a week", " once a month" };
    add_number(out, each->points);
    buffer_text(out, once[each->once]);
    if (each->most_times > 0)
        buffer_format(out, " at most %lld times", (long long)each->most_times);
    if (each->fading != 0) {
        buffer_text(out, " fading ");
        add_loss(out, each->fading == 2, each->fading_ppm, each->fading_points, each->every_count, each->every_unit);
    }
    if (each->capped) {
        buffer_text(out, " at most ");
        add_number(out, each->most_points);
        buffer_text(out, " points");
    }
}

static void add_operand(struct buffer *out, const struct program *program, const struct instruction *code,
                        enum operand_kind kind, uint32_t value)
{
    static const char *const modes[] = { "sum", "highest", "lowest", "first", "exclusive" };
    switch (kind) {
    case OPERAND_NONE: return;
    case OPERAND_COND:
    case OPERAND_NUM:
    case OPERAND_LEAD_COND:
    case OPERAND_LEAD_NUM: add_register(out, value); return;
    case OPERAND_CONSTANT: add_constant(out, program->constants[value]); return;
    case OPERAND_FIELD: add_field(out, program, code->place, value); return;
    case OPERAND_TEXT: add_text_source(out, program, value); return;
    case OPERAND_CLOCK: add_duration(out, program->clocks[value].count, program->clocks[value].unit); return;
    case OPERAND_UNIT: buffer_text(out, time_unit_name((enum time_unit)value, true)); return;
    case OPERAND_SET: add_set(out, program, value); return;
    case OPERAND_TERMS: add_terms(out, program, value); return;
    case OPERAND_EACH: add_each(out, &program->eaches[value]); return;
    case OPERAND_DECAY: {
        const struct decay *decay = &program->decays[value];
        add_loss(out, decay->by_points, decay->ppm, decay->points, decay->every_count, decay->every_unit);
        return;
    }
    case OPERAND_BAND: printable_text(out, program->bands[value].name); return;
    case OPERAND_MODE: buffer_text(out, modes[value]); return;
    case OPERAND_COUNT: buffer_format(out, "%u", value); return;
    }
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* The synopsis, with the words a, b and c replaced by the operands where the operand is used.  "a" is an article in
   none of them. */
static void add_synopsis(struct buffer *out, const struct program *program, const struct instruction *code,
                         const struct opcode_facts *facts)
{
    const enum operand_kind kinds[] = { facts->a, facts->b, facts->c };
    const uint32_t values[] = { code->a, code->b, code->c };
    const char *text = facts->synopsis;
    for (size_t i = 0; text[i] != '\0'; i++) {
        bool alone = (i == 0 || !is_letter(text[i - 1])) && !is_letter(text[i + 1]);
        if (alone && text[i] >= 'a' && text[i] <= 'c' && kinds[text[i] - 'a'] != OPERAND_NONE)
            add_operand(out, program, code, kinds[text[i] - 'a'], values[text[i] - 'a']);
        else
            buffer_char(out, text[i]);
    }
}

static const char *place_name(const struct program *program, uint32_t place)
{
    if (place == 0)
        return NULL;
    return place <= program->event_count ? program->events[place - 1].name : "activity";
}

static void add_instruction(struct buffer *out, const struct program *program, uint32_t number)
{
    const struct instruction *code = &program->code[number];
    const struct opcode_facts *facts = opcode_facts(code->opcode);
    size_t start = out->length;
    buffer_format(out, "  %04u  r%-5u %-13s ", number, code->result, facts->name);
    const enum operand_kind kinds[] = { facts->a, facts->b, facts->c };
    const uint32_t values[] = { code->a, code->b, code->c };
    for (size_t i = 0; i < 3 && kinds[i] != OPERAND_NONE; i++) {
        if (i > 0)
            buffer_text(out, ", ");
        add_operand(out, program, code, kinds[i], values[i]);
    }
    size_t width = printable_width(out->data + start, out->length - start);
    printable_pad(out, width < 56 ? 56 - width : 1);
    buffer_char(out, ' ');
    add_synopsis(out, program, code, facts);
    const char *place = place_name(program, code->place);
    if (place != NULL) {
        buffer_text(out, "   (over ");
        printable_text(out, place);
        buffer_char(out, ')');
    }
    buffer_char(out, '\n');
}

static void add_source_line(struct buffer *out, const struct program *program, uint32_t line,
                            const char *(*source_text)(void *context, uint32_t file, uint32_t line), void *context)
{
    if (line == NO_INDEX) {
        buffer_text(out, "(for the whole rubric)\n");
        return;
    }
    struct source_line at = program->lines[line];
    printable_text(out, program->files[at.file]);
    buffer_format(out, ":%u", at.line);
    const char *text = source_text != NULL ? source_text(context, at.file, at.line) : NULL;
    if (text != NULL) {
        size_t length = strcspn(text, "\r\n");
        size_t blank = strspn(text, " \t");
        buffer_text(out, "  | ");
        if (blank < length)
            printable_add(out, text + blank, length - blank);
    }
    buffer_char(out, '\n');
}

void program_disassemble(const struct program *program,
                         const char *(*source_text)(void *context, uint32_t file, uint32_t line), void *context,
                         struct buffer *out)
{
    buffer_text(out, "rubric ");
    printable_quoted(out, (struct text){ program->name, (uint32_t)strlen(program->name) });
    buffer_format(out, "  %u instructions, %u registers, %u rules\n", program->code_count, program->register_count,
                  program->rule_count);
    for (uint32_t i = 0; i < program->code_count; i++) {
        uint32_t line = program->code[i].line;
        if (i == 0 || line != program->code[i - 1].line) {
            buffer_char(out, '\n');
            add_source_line(out, program, line, source_text, context);
        }
        add_instruction(out, program, i);
    }
}
