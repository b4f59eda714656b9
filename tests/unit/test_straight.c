/* The straight way against json.c and csv.c alone, with every instruction set: the same leads, the same reports, the same counts,
   whatever the records are like and however they are damaged.  RUBRIC_FUZZ_ROUNDS=n runs n rounds instead of 12. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/unit/input_fixture.h"
#include "vm/input/notes.h"
#include "vm/input/reader.h"

#define RECORDS 1500

static uint64_t seed = 3935559000370003845u;

static unsigned random_below(unsigned bound)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (unsigned)((seed >> 11) % bound);
}

static const struct fixture_field lead_fields[] = {
    {"id", FIELD_TEXT, NULL, NULL, NULL},
    {"title", FIELD_TEXT, NULL, NULL, NULL},
    {"employees", FIELD_NUMBER, NULL, NULL, NULL},
    {"newsletter", FIELD_YESNO, NULL, NULL, NULL},
    {"created", FIELD_DATE, NULL, NULL, NULL},
    {"company", FIELD_TEXT, "company.name", NULL, NULL},
    {"size", FIELD_NUMBER, "company.size|size", NULL, NULL},
    {"source", FIELD_ONEOF, NULL, NULL, "Web|Fair"},
    {"tags", FIELD_LIST, NULL, NULL, NULL},
    {"a field with a name of more than thirty-two bytes", FIELD_TEXT, NULL, NULL, NULL},
};
static const struct fixture_field url_field[] = {{"url", FIELD_TEXT, NULL, NULL, NULL}};
static const struct fixture_field two_fields[] = {{"name", FIELD_TEXT, NULL, NULL, NULL},
                                                  {"url", FIELD_TEXT, NULL, NULL, NULL}};
static const struct fixture_field amount_field[] = {{"amount", FIELD_NUMBER, NULL, NULL, NULL}};

static struct program *make_program(void)
{
    struct program *program = fixture_program(lead_fields, sizeof lead_fields / sizeof lead_fields[0]);
    fixture_event(program, "page_view", true, url_field, 1);
    fixture_event(program, "email_open", true, NULL, 0);
    fixture_event(program, "download", true, two_fields, 2);
    fixture_event(program, "purchase", true, amount_field, 1);
    fixture_event(program, "call", false, NULL, 0);
    fixture_event(program, "a_type_with_a_name_that_is_long", true, url_field, 1);
    program->uses_activity = true;
    return program;
}

#define PICK(list) list[random_below(sizeof list / sizeof list[0])]

static const char *any_text(void)
{
    static const char *const rare[] = {"\"\"", "\" a\"", "\"a \"", "\"\\u0041b\"", "\"a\\\"b\"", "\"\xC3\x9C" "ber\"", "\"a\xE2\x82\xAC\"",
                                       "\"\xC2\xA0\"", "null", "1", "true", "[]", "{}", "{\"x\":[1,{\"y\":\"\\n\"}]}", "\"a\tb\"",
                                       "\"\xFF\"", "\"\\x\"", "[\"a\",\"b\"]", "\"a text of more than thirty-two bytes, it is\""};
    static const char *const usual[] = {"\"CEO\"", "\"Web\"", "\"Fair\"", "\"L1\"", "\"Head of Marketing\"", "\"x\""};
    return random_below(12) ? PICK(usual) : PICK(rare);
}

static const char *any_number(void)
{
    static const char *const rare[] = {"-1", "0", "00", "01", "1.5", "1.23456", "12345678901234", "123456789012345", "1e3", "1E", "1.",
                                       ".5", "-", "0.0001", "99999999999999999999", "\"12\"", "\"x\"", "null", "false", "1.2e1", "+1"};
    static const char *const usual[] = {"1", "250", "1469276172", "17", "254014", "12.25"};
    return random_below(8) ? PICK(usual) : PICK(rare);
}

static const char *any_time(void)
{
    static const char *const rare[] = {"\"2024-02-29T00:00:00Z\"", "\"2023-02-29T00:00:00Z\"", "\"2026-13-01T00:00:00Z\"",
                                       "\"2026-00-01T00:00:00Z\"", "\"2026-01-00T00:00:00Z\"", "\"2026-04-31T00:00:00Z\"",
                                       "\"1969-12-31T23:59:59Z\"", "\"2226-01-01T00:00:00Z\"", "\"2225-12-31T23:59:59Z\"",
                                       "\"2026-11-20 10:30:00Z\"", "\"2026-11-20T24:00:00Z\"", "\"2026-11-20T10:60:00Z\"",
                                       "\"2026-11-20T10:30:60Z\"", "\"2026-11-20T10:30:00+\"", "\"2026-11-20\"", "\"0001-01-01T00:00:00Z\"",
                                       "\"2026-11-2oT10:30:00Z\"", "null", "17", "\"\"", "\"2027-01-01T00:00:00Z\""};
    static const char *const usual[] = {"\"2026-11-20T10:30:00Z\"", "\"2025-01-31T23:59:59Z\"", "\"2026-05-29T15:50:29Z\""};
    return random_below(10) ? PICK(usual) : PICK(rare);
}

static const char *any_truth(void)
{
    static const char *const all[] = {"true", "false", "true", "false", "true", "false", "true", "false", "null", "\"ja\"", "1", "tru", "False"};
    return PICK(all);
}

static const char *style_comma, *style_colon;           /* how the white space of a record is */

static void add_member(struct buffer *out, bool *first, const char *name, const char *value)
{
    if (!*first)
        buffer_text(out, style_comma);
    *first = false;
    buffer_format(out, "\"%s\"%s%s", name, style_colon, value);
}

static void add_event(struct buffer *out)
{
    static const char *const types[] = {"page_view", "email_open", "download", "purchase", "call", "unheard_of",
                                        "a_type_with_a_name_that_is_long", ""};
    char type[48];
    snprintf(type, sizeof type, "\"%s\"", PICK(types));
    bool first = true, swapped = random_below(20) == 0;
    buffer_char(out, '{');
    if (!swapped && random_below(50))
        add_member(out, &first, "type", type);
    if (random_below(50))
        add_member(out, &first, "at", any_time());
    if (swapped)
        add_member(out, &first, "type", random_below(9) ? type : "7");
    if (strcmp(type, "\"purchase\"") == 0)
        add_member(out, &first, "amount", any_number());
    else if (random_below(8))
        add_member(out, &first, random_below(2) ? "url" : "name", any_text());
    while (random_below(8) == 0)
        add_member(out, &first, random_below(2) ? "name" : "more", any_text());
    buffer_char(out, '}');
}

static void add_record(struct buffer *out, unsigned number)
{
    static const char *const commas[] = {",", ",", ",", ", ", " ,\t"}, *const colons[] = {":", ":", ":", ": ", " : "};
    static const char *const names[] = {"title", "employees", "newsletter", "created", "company", "size", "source", "tags", "unknown",
                                        "a field with a name of more than thirty-two bytes", "events", "ti\\u0074le"};
    unsigned style = number / 100 % 5, order = random_below(10) ? 0 : random_below(12);
    style_comma = commas[style];
    style_colon = colons[style];
    bool first = true;
    char id[32];
    snprintf(id, sizeof id, "\"L%u\"", number);
    buffer_char(out, '{');
    if (random_below(100))
        add_member(out, &first, "id", id);
    for (unsigned i = 0; i < 12; i++) {
        unsigned which = (i + order) % 12;
        if (random_below(which == 11 ? 100 : 10) == 0)
            continue;
        if (which == 11 && random_below(20))
            continue;
        struct buffer value = {0};
        switch (which) {
        case 1: case 5: buffer_text(&value, any_number()); break;
        case 2: buffer_text(&value, any_truth()); break;
        case 3: buffer_text(&value, any_time()); break;
        case 4:
            if (random_below(10) == 0) {
                buffer_text(&value, any_text());
                break;
            }
            buffer_format(&value, "{\"name\"%s%s%s\"size\"%s%s}", style_colon, any_text(), style_comma, style_colon, any_number());
            break;
        case 10:
            buffer_char(&value, '[');
            for (unsigned events = random_below(6), e = 0; e < events; e++) {
                if (e > 0)
                    buffer_text(&value, random_below(20) ? "," : " , ");
                add_event(&value);
            }
            buffer_char(&value, ']');
            break;
        default: buffer_text(&value, any_text()); break;
        }
        add_member(out, &first, names[which], value.data);
        if (random_below(300) == 0)
            add_member(out, &first, names[which], value.data);
        buffer_free(&value);
    }
    buffer_text(out, random_below(50) ? "}" : " }");
}

/* A row as people have it: nearly all cells plain, some quoted, some rows too short or too long. */
static void add_row(struct buffer *out, unsigned number, char delimiter)
{
    static const char *const texts[] = {"", "CEO", "Web", "Head of Marketing", "\"a, b\"", "\"say \"\"x\"\"\"", " x", "x ", "\xC3\x9C" "ber",
                                        "5\" pipe", "\"two\nlines\"", "\xC2\xA0", "Select", "\xFF", "a\tb", "a;b", "\"\""};
    static const char *const numbers[] = {"1", "250", "", "1.5", "007", "1,5", "-3", "1.234,5", "x", "1e3", "12345678901234567890", " 7", "1.", "\"12\"", "12345678901234", "0", "0.5"};
    static const char *const times[] = {"2026-11-20T10:30:00Z", "2025-01-31T23:59:59Z", "2026-11-20", "", "20.11.2026", "2024-02-30T00:00:00Z", "soon",
                                         "\"2026-11-20T10:30:00Z\"", "1969-12-31", "2026-04-31", "2026-11-20 10:30:00Z", "2225-12-31"};
    static const char *const truths[] = {"true", "false", "", "yes", "nein", "1", "TRUE", "truex", "maybe"};
    unsigned cells = random_below(60) ? 9 : 7 + random_below(4);
    for (unsigned i = 0; i < cells; i++) {
        if (i > 0)
            buffer_char(out, delimiter);
        unsigned rare = random_below(6) == 0;
        switch (i) {
        case 0: buffer_format(out, "L%u", number); break;
        case 2: case 6: buffer_text(out, rare ? PICK(numbers) : numbers[random_below(2)]); break;
        case 3: buffer_text(out, rare ? PICK(truths) : truths[random_below(2)]); break;
        case 4: buffer_text(out, rare ? PICK(times) : times[random_below(2)]); break;
        default: buffer_text(out, rare ? PICK(texts) : texts[random_below(4)]); break;
        }
    }
    buffer_text(out, number / 300 % 2 ? "\r\n" : "\n");
    if (random_below(100) == 0)
        buffer_text(out, random_below(2) ? "\n" : ",,,,,,,,\n");
}

static void damage(struct buffer *out, size_t from)
{
    static const char bytes[] = "\",:{}[]\\ \t0aZ\x80\xC3";
    while (random_below(30) == 0 && out->length > from)
        out->data[from + random_below((unsigned)(out->length - from))] = bytes[random_below(sizeof bytes - 1)];
}

/* As fixture_read_paths, with the set chosen: MARKS_SETS is json.c alone.  False when the set is not there. */
static bool read_with(const struct program *program, enum marks_set set, bool comma, const char *path,
                      struct fixture *fixture)
{
    *fixture = (struct fixture){0};
    struct input_options options = {.decimal_comma = comma, .report = fixture_report, .context = fixture, .block_bytes = 20000};
    struct input *input = input_open(program, &options, &path, 1, fixture->problem, sizeof fixture->problem);
    struct input_reader *reader = reader_new(input);
    struct batch *batch = batch_new(program, FIXTURE_AS_OF, 300);
    struct input_notes *notes = notes_new();
    bool there = straight_choose(&reader->straight, set);
    enum input_state state;
    struct input_block *block;
    while (there && (block = input_take(input, &state)) != NULL) {
        do {
            state = reader_fill(reader, block, batch, notes);
            dump_batch(&fixture->leads, batch);
            input_settle(input, batch, notes);
        } while (state == INPUT_FILLED);
        input_release(input, block);
    }
    input_finish(input);
    fixture->summary = *input_summary(input);
    for (size_t i = 0; i < fixture->summary.field_count; i++)
        buffer_format(&fixture->reports, "%s %d/%d;", fixture->summary.fields[i].field, (int)fixture->summary.fields[i].bad,
                      (int)fixture->summary.fields[i].found);
    notes_free(notes);
    batch_free(batch);
    reader_free(reader);
    input_close(input);
    return there;
}

static void compare_sets(const struct program *program, bool comma, const struct buffer *text)
{
    char *path = write_temporary(text->data, text->length);
    struct fixture truth, other;
    assert_true(read_with(program, MARKS_SETS, comma, path, &truth));
    assert_true(truth.summary.leads > RECORDS / 3);
    for (unsigned set = 0; set < MARKS_SETS; set++) {
        if (read_with(program, (enum marks_set)set, comma, path, &other)) {
            assert_string_equal(other.leads.data, truth.leads.data);
            assert_string_equal(other.reports.data, truth.reports.data);
            assert_int_equal(other.summary.leads, truth.summary.leads);
            assert_int_equal(other.summary.rejected, truth.summary.rejected);
            assert_int_equal(other.summary.blank_lines, truth.summary.blank_lines);
            assert_int_equal(other.summary.mended_rows, truth.summary.mended_rows);
            assert_int_equal(other.summary.events, truth.summary.events);
            assert_int_equal(other.summary.events_in_future, truth.summary.events_in_future);
            assert_int_equal(other.summary.events_undeclared, truth.summary.events_undeclared);
        }
        fixture_free(&other);
    }
    fixture_free(&truth);
    unlink(path);
    free(path);
}

static long rounds_wanted(void)
{
    const char *wanted = getenv("RUBRIC_FUZZ_ROUNDS");
    return wanted ? atol(wanted) : 12;
}

static void all_sets_read_what_json_reads(void **state)
{
    (void)state;
    struct program *program = make_program();
    for (long round = 0; round < rounds_wanted(); round++) {
        struct buffer text = {0};
        for (unsigned i = 0; i < RECORDS; i++) {
            size_t from = text.length;
            add_record(&text, i);
            if (round % 2)
                damage(&text, from);
            buffer_char(&text, '\n');
        }
        compare_sets(program, false, &text);
        buffer_free(&text);
    }
    program_free(program);
}

static void all_sets_read_the_same_rows(void **state)
{
    (void)state;
    struct fixture_field fields[] = {
        {"id", FIELD_TEXT, NULL, NULL, NULL}, {"title", FIELD_TEXT, NULL, NULL, NULL}, {"employees", FIELD_NUMBER, NULL, NULL, NULL},
        {"newsletter", FIELD_YESNO, NULL, NULL, NULL}, {"created", FIELD_DATE, NULL, NULL, NULL},
        {"place", FIELD_TEXT, NULL, "Select", NULL}, {"size", FIELD_NUMBER, NULL, "x", NULL},
        {"source", FIELD_ONEOF, NULL, NULL, "Web|CEO"}, {"note", FIELD_TEXT, "remark|note", NULL, NULL},
    };
    /* All of them; those that never wait, so that rows need not be looked at one by one. */
    struct program *programs[] = {fixture_program(fields, 9), fixture_program(fields, 5)};
    for (long round = 0; round < 2 * rounds_wanted(); round++) {
        struct program *program = programs[round / 3 % 2];
        const char delimiter = ",;\t"[round % 3];
        struct buffer text = {0};
        static const char *const names[] = {"id", "title", "employees", "newsletter", "created", "place", "size", "source", "note"};
        for (unsigned i = 0; i < 9; i++)
            buffer_format(&text, "%.*s%s", i > 0, &delimiter, round % 5 == 4 && i == 1 ? "unwanted" : names[i]);
        buffer_char(&text, '\n');
        for (unsigned i = 0; i < RECORDS; i++) {
            size_t from = text.length;
            add_row(&text, i, delimiter);
            if (round % 4 == 3)
                damage(&text, from);
        }
        if (round % 2)
            text.length--;                              /* the last row has no line end */
        compare_sets(program, round % 7 == 6, &text);
        buffer_free(&text);
    }
    program_free(programs[0]);
    program_free(programs[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_sets_read_what_json_reads),
        cmocka_unit_test(all_sets_read_the_same_rows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
