#include "tests/fuzz/fuzz.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "vm/output/results.h"

_Noreturn void fuzz_broken(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fprintf(stderr, "broken: ");
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
    abort();
}

const char *fuzz_path(unsigned slot, const void *bytes, size_t length)
{
    static int files[2] = { -1, -1 };
    static char paths[2][64];
    if (files[slot] < 0) {
        files[slot] = memfd_create("fuzz", 0);
        if (files[slot] < 0)
            fuzz_broken("no memory file");
        snprintf(paths[slot], sizeof paths[slot], "/proc/self/fd/%d", files[slot]);
    }
    if (ftruncate(files[slot], 0) != 0 || pwrite(files[slot], bytes, length, 0) != (ssize_t)length)
        fuzz_broken("the memory file cannot be written");
    return paths[slot];
}

int fuzz_names_files(const uint8_t *data, size_t size)
{
    /* Paths that are not absolute lead nowhere: the rubric is said to lie in a folder that is not there. */
    for (size_t i = 1; i < size; i++) {
        if (data[i] != '"')
            continue;
        size_t before = i;
        while (before > 0 && strchr(" \t\r\n", data[before - 1]) && data[before - 1])
            before--;
        if (i + 1 < size && (data[i + 1] == '/' || data[i + 1] == '\\')
            && ((before >= 4 && memcmp(data + before - 4, "from", 4) == 0) || (before >= 3 && memcmp(data + before - 3, "use", 3) == 0)))
            return 1;
    }
    return 0;
}

static uint64_t next(uint64_t *state)
{
    uint64_t z = *state += UINT64_C(0x9E3779B97F4A7C15);
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

static struct text any_text(uint64_t *state)
{
    static const char *const texts[] = { "CEO", "cto/ceo", "x", "Stra\xc3\x9f" "e", "a@gmail.com", "@", "/pricing", "\xf0\x9f\x98\x80 e\xcc\x81",
                                         "12", "a long text with many words that is longer than a vector of a machine is wide" };
    const char *text = texts[next(state) % (sizeof texts / sizeof *texts)];
    return (struct text){ text, (uint32_t)strlen(text) };
}

static int64_t any_number(uint64_t *state)
{
    static const int64_t numbers[] = { 0, 1, -1, 10000, 500000, -10000, 25000000, INT64_MAX, INT64_MIN, INT64_MIN + 1, 9999, 123456789 };
    return numbers[next(state) % (sizeof numbers / sizeof *numbers)];
}

static int64_t any_instant(uint64_t *state)
{
    static const int64_t ago[] = { 0, 1, 60, 3600, 86399, 86400, 86401, 2592000, 7776000, 31622400, 3155760000 };
    return FUZZ_AS_OF - ago[next(state) % (sizeof ago / sizeof *ago)] * 1000000 - (int64_t)(next(state) % 3);
}

static void fill_lead(struct batch *batch, uint64_t *state)
{
    const struct program *program = batch->program;
    for (uint32_t f = 0; f < program->field_count; f++) {
        const struct program_field *field = &program->fields[f];
        if (next(state) % 5 == 0)
            continue;
        switch ((enum field_type)field->type) {
        case FIELD_NUMBER: batch_set_number(batch, f, any_number(state)); break;
        case FIELD_DATE: batch_set_number(batch, f, any_instant(state)); break;
        case FIELD_YESNO: batch_set_yesno(batch, f, next(state) & 1); break;
        case FIELD_LIST:
            batch_begin_list(batch, f);
            for (uint64_t n = next(state) % 4; n > 0; n--)
                batch_add_element(batch, f, any_text(state), false);
            break;
        case FIELD_TEXT: case FIELD_ONEOF:
            if (field->options.count > 0 && next(state) % 4) {
                const char *option = program->strings[field->options.start + next(state) % field->options.count];
                struct text text = text_trim((struct text){ option, (uint32_t)strlen(option) });
                if (text.length > 0)
                    batch_set_text(batch, f, text, false);
            } else
                batch_set_text(batch, f, any_text(state), false);
            break;
        }
    }
    if (program->stage_count > 0 && next(state) % 2)
        batch_set_stage(batch, (int64_t)(next(state) % (program->stage_count + 1)));
}

static void fill_event(struct batch *batch, uint32_t event, uint64_t *state)
{
    const struct program *program = batch->program;
    const struct program_event *facts = &program->events[event];
    if (!facts->used || !batch_add_event(batch, event, any_instant(state)))
        return;
    for (uint32_t f = 0; f < facts->fields.count; f++) {
        if (next(state) % 5 == 0)
            continue;
        struct text texts[2] = { any_text(state), any_text(state) };
        switch ((enum field_type)program->event_fields[facts->fields.start + f].type) {
        case FIELD_NUMBER: batch_event_number(batch, event, f, any_number(state)); break;
        case FIELD_DATE: batch_event_number(batch, event, f, any_instant(state)); break;
        case FIELD_YESNO: batch_event_yesno(batch, event, f, next(state) & 1); break;
        case FIELD_LIST: batch_event_list(batch, event, f, texts, 2, false); break;
        case FIELD_TEXT: case FIELD_ONEOF: batch_event_text(batch, event, f, texts[0], false); break;
        }
    }
}

void fuzz_fill(struct batch *batch, uint64_t seed)
{
    uint64_t state = seed;
    batch_clear(batch);
    for (uint64_t row = 1; !batch_full(batch); row++) {
        batch_begin_lead(batch, row);
        fill_lead(batch, &state);
        for (uint32_t e = 0; e < batch->program->event_count; e++)
            for (uint64_t n = next(&state) % 4; n > 0; n--)
                fill_event(batch, e, &state);
        batch_end_lead(batch);
    }
    batch_finish(batch);
}

static void write_results(const struct machine *machine, enum results_format format, struct results_options options)
{
    struct buffer out = { 0 };
    struct results *results = results_new(machine_program(machine), format, &options);
    results_begin(results, &out);
    results_batch(results, machine, NULL, &out);
    results_end(results, &out);
    results_free(results);
    buffer_free(&out);
}

void fuzz_write_all(const struct machine *machine)
{
    const struct program *program = machine_program(machine);
    write_results(machine, RESULTS_NDJSON, (struct results_options){ .trace = true });
    write_results(machine, RESULTS_CSV, (struct results_options){ .reasons = 3, .guard_formulas = true });
    write_results(machine, RESULTS_TABLE, (struct results_options){ .width = 80 });
    struct buffer out = { 0 };
    struct explain_options options = { 0 };
    explain_lead(machine, 0, &options, &out);
    if (program->rule_count > 0)
        explain_rule(machine, machine_batch(machine)->leads - 1, program->rule_count - 1, &options, &out);
    buffer_free(&out);
}
