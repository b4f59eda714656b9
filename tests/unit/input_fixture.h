/* For the tests of the readers: a program made by hand, an input made from a string, and what came out of it as text.
   Static functions only: each test is a program of its own. */
#ifndef RUBRIC_TESTS_INPUT_FIXTURE_H
#define RUBRIC_TESTS_INPUT_FIXTURE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "vm/input/input.h"
#include "vm/number.h"

#define FIXTURE_AS_OF INT64_C(1795305600000000)         /* 2026-11-22T00:00:00Z */
#define UNUSED_FUNCTION __attribute__((unused))

/* "name type key from A|B missing x|y options p|q", one field a line; fields of an event follow "event name". */
struct fixture_field { const char *name; enum field_type type; const char *from, *missing, *options; };

UNUSED_FUNCTION static struct range fixture_strings(struct program *program, const char *list)
{
    struct range range = {program->string_count, 0};
    while (list && *list) {
        const char *bar = strchr(list, '|');
        size_t length = bar ? (size_t)(bar - list) : strlen(list);
        program->strings[program->string_count++] = arena_copy(&program->arena, list, length);
        range.count++;
        list += length + (bar != NULL);
    }
    return range;
}

UNUSED_FUNCTION static struct program_field fixture_field(struct program *program, const struct fixture_field *field)
{
    return (struct program_field){.name = field->name,
                                  .type = (uint8_t)field->type,
                                  .from = fixture_strings(program, field->from ? field->from : field->name),
                                  .missing = fixture_strings(program, field->missing),
                                  .options = fixture_strings(program, field->options)};
}

UNUSED_FUNCTION static struct program *fixture_program(const struct fixture_field *fields, uint32_t count)
{
    struct program *program = program_new();
    program->strings = arena_alloc(&program->arena, 1000 * sizeof *program->strings);
    program->fields = arena_alloc(&program->arena, (count + 1) * sizeof *program->fields);
    program->events = arena_alloc(&program->arena, 20 * sizeof *program->events);
    program->event_fields = arena_alloc(&program->arena, 40 * sizeof *program->event_fields);
    program->stages = arena_alloc(&program->arena, 10 * sizeof *program->stages);
    for (uint32_t f = 0; f < count; f++) {
        program->fields[f] = fixture_field(program, &fields[f]);
        if (strcmp(fields[f].name, "id") == 0)
            program->key_field = f;
        if (strcmp(fields[f].name, "status") == 0)
            program->stage_field = f;
    }
    program->field_count = count;
    return program;
}

UNUSED_FUNCTION static void fixture_event(struct program *program, const char *name, bool used,
                                          const struct fixture_field *fields, uint32_t count)
{
    program->events[program->event_count++] = (struct program_event){
        .name = name, .activity = true, .used = used, .fields = {program->event_field_count, count}};
    for (uint32_t f = 0; f < count; f++)
        program->event_fields[program->event_field_count++] = fixture_field(program, &fields[f]);
}

UNUSED_FUNCTION static void dump_text(struct buffer *out, struct text text)
{
    buffer_char(out, '<');
    for (uint32_t i = 0; i < text.length; i++) {
        unsigned char c = (unsigned char)text.bytes[i];
        if (c < 0x20)
            buffer_format(out, "\\%02x", c);
        else
            buffer_char(out, (char)c);
    }
    buffer_char(out, '>');
}

UNUSED_FUNCTION static void dump_value(struct buffer *out, const struct column *column, size_t row)
{
    char room[INSTANT_TEXT];
    switch (column->type) {
    case FIELD_NUMBER: number_format(column->numbers[row], room); buffer_text(out, room); break;
    case FIELD_DATE: instant_format(column->numbers[row], room); buffer_text(out, room); break;
    case FIELD_YESNO: buffer_text(out, bit_get(column->yes, row) ? "yes" : "no"); break;
    case FIELD_TEXT: case FIELD_ONEOF: dump_text(out, column->texts[row]); break;
    case FIELD_LIST:
        buffer_char(out, '[');
        for (uint32_t i = 0; i < column->lists[row].count; i++)
            dump_text(out, column->elements[column->lists[row].start + i]);
        buffer_char(out, ']');
        break;
    }
}

UNUSED_FUNCTION static void dump_columns(struct buffer *out, const struct program_field *fields,
                                         const struct column *columns, uint32_t count, size_t row)
{
    for (uint32_t f = 0; f < count; f++) {
        if (!bit_get(columns[f].known, row))
            continue;
        buffer_format(out, " %s=", fields[f].name);
        dump_value(out, &columns[f], row);
    }
}

/* One line a lead: its row, what is known of its fields, its stage, its events by type. */
UNUSED_FUNCTION static void dump_batch(struct buffer *out, const struct batch *batch)
{
    const struct program *program = batch->program;
    char room[INSTANT_TEXT];
    for (uint32_t lead = 0; lead < batch->leads; lead++) {
        buffer_format(out, "%d:", (int)batch->source_row[lead]);
        dump_columns(out, program->fields, batch->fields, program->field_count, lead);
        if (bit_get(batch->stage_known, lead))
            buffer_format(out, " stage=%d", (int)batch->stage[lead]);
        for (uint32_t e = 0; e < program->event_count; e++) {
            const struct event_table *table = &batch->events[e];
            for (uint32_t row = table->first[lead]; row < table->first[lead + 1]; row++) {
                instant_format(table->at[row], room);
                buffer_format(out, " (%s %s", program->events[e].name, room);
                dump_columns(out, program->event_fields + program->events[e].fields.start, table->fields,
                             table->field_count, row);
                buffer_char(out, ')');
            }
        }
        buffer_char(out, '\n');
    }
}

struct fixture {
    struct buffer leads, reports;
    struct input_summary summary;                       /* the numbers; its tables are gone with the input */
    char fields[400], types[400], problem[600];
};

UNUSED_FUNCTION static void fixture_report(void *context, const struct input_report *report)
{
    static const char *const kinds[] = {"reject", "value", "stage", "event", "no key", "duplicate", "unmatched"};
    struct fixture *fixture = context;
    struct buffer *out = &fixture->reports;
    buffer_format(out, "%s %d:%d", kinds[report->kind], (int)report->row, (int)report->column);
    if (report->lead.length > 0)
        buffer_format(out, " lead %.*s", (int)report->lead.length, report->lead.bytes);
    if (report->event)
        buffer_format(out, " event %s", report->event);
    if (report->field)
        buffer_format(out, " field %s", report->field);
    if (report->value.length > 0) {
        buffer_char(out, ' ');
        dump_text(out, report->value);
    }
    buffer_format(out, " %s", report->reason);
    if (report->kind == REPORT_REJECT) {
        buffer_char(out, ' ');
        dump_text(out, report->line);
    }
    buffer_char(out, '\n');
}

UNUSED_FUNCTION static void fixture_free(struct fixture *fixture)
{
    buffer_free(&fixture->leads);
    buffer_free(&fixture->reports);
}

UNUSED_FUNCTION static char *write_temporary(const char *bytes, size_t length)
{
    static char path[64];
    snprintf(path, sizeof path, "%s/rubric_test_XXXXXX", P_tmpdir);
    int descriptor = mkstemp(path);
    if (descriptor < 0 || write(descriptor, bytes, length) != (ssize_t)length)
        abort();
    close(descriptor);
    return strdup(path);
}

UNUSED_FUNCTION static struct fixture fixture_read_paths(const struct program *program, struct input_options options,
                                                         const char *const *paths, size_t count)
{
    struct fixture fixture = {0};
    buffer_text(&fixture.leads, "");
    buffer_text(&fixture.reports, "");
    options.report = fixture_report;
    options.context = &fixture;
    struct input *input = input_open(program, &options, paths, count, fixture.problem, sizeof fixture.problem);
    if (!input)
        return fixture;
    struct batch *batch = batch_new(program, FIXTURE_AS_OF, 1024);
    enum input_state state;
    while ((state = input_fill(input, batch)) == INPUT_FILLED)
        dump_batch(&fixture.leads, batch);
    if (state == INPUT_FAILED)
        snprintf(fixture.problem, sizeof fixture.problem, "%s", input_problem(input));
    input_finish(input);
    fixture.summary = *input_summary(input);
    for (size_t i = 0; i < fixture.summary.type_count; i++) {
        size_t length = strlen(fixture.types);
        snprintf(fixture.types + length, sizeof fixture.types - length, "%s %d;", fixture.summary.types[i].type,
                 (int)fixture.summary.types[i].count);
    }
    for (size_t i = 0; i < fixture.summary.field_count; i++) {
        const struct field_problems *field = &fixture.summary.fields[i];
        size_t length = strlen(fixture.fields);
        snprintf(fixture.fields + length, sizeof fixture.fields - length, "%s %d/%d;", field->field, (int)field->bad,
                 (int)field->found);
    }
    batch_free(batch);
    input_close(input);
    return fixture;
}

UNUSED_FUNCTION static struct fixture fixture_read(const struct program *program, struct input_options options,
                                                   const char *bytes, size_t length)
{
    char *path = write_temporary(bytes, length);
    const char *paths[] = {path};
    struct fixture fixture = fixture_read_paths(program, options, paths, 1);
    unlink(path);
    free(path);
    return fixture;
}

#endif
