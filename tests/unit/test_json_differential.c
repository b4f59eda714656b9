/* The reader of leads against the simple one, over records damaged at random: the same lines must be refused, and the
   same values come out of the others.  RUBRIC_FUZZ_ROUNDS=n runs n rounds of 2,000 records instead of 40. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/unit/input_fixture.h"
#include "tests/unit/simple_json.h"
#include "vm/input/convert.h"
#include "vm/input/json.h"

#define RECORDS 2000

static uint64_t seed = 88172645463325252u;

static uint64_t random_below(uint64_t bound)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (seed >> 11) % bound;
}

static const struct fixture_field lead_fields[] = {
    {"id", FIELD_TEXT, NULL, NULL, NULL},
    {"title", FIELD_TEXT, "Job Title|title|person.title", "select", NULL},
    {"employees", FIELD_NUMBER, "employees|company.size", NULL, NULL},
    {"newsletter", FIELD_YESNO, NULL, NULL, NULL},
    {"created", FIELD_DATE, NULL, NULL, NULL},
    {"tags", FIELD_LIST, NULL, NULL, NULL},
    {"source", FIELD_ONEOF, "utm.source", NULL, "Web|Fair"},
    {"campaign", FIELD_TEXT, "utm.campaign.name", NULL, NULL},
};
static const struct fixture_field page_fields[] = {{"url", FIELD_TEXT, NULL, NULL, NULL},
                                                   {"seconds", FIELD_NUMBER, "sec|d.sec", NULL, NULL}};
static const struct fixture_field mail_fields[] = {{"url", FIELD_TEXT, "url|link", NULL, NULL}};

static struct program *make_program(void)
{
    struct program *program = fixture_program(lead_fields, sizeof lead_fields / sizeof lead_fields[0]);
    fixture_event(program, "page_view", true, page_fields, 2);
    fixture_event(program, "mail", true, mail_fields, 1);
    fixture_event(program, "call", false, NULL, 0);
    program->key_field = NO_INDEX;                      /* damaged keys are no part of this test */
    return program;
}

/* ------------------------------------------------- the obviously right way */

struct truth { const struct program *program; struct converter converter; struct arena arena; struct batch *batch; };

static bool pick(struct truth *truth, const struct program_field *field, const struct simple *object,
                 struct typed *typed)
{
    struct field_facts facts;
    const char *reason;
    field_facts_init(&facts, &truth->arena, truth->program, field);
    for (uint32_t i = 0; i < field->from.count; i++) {
        const char *name = truth->program->strings[field->from.start + i];
        const struct simple *candidates[2] = {simple_member(object, name, strlen(name)),
                                              strchr(name, '.') ? simple_path(object, name) : NULL};
        for (int c = 0; c < 2; c++) {
            enum converted converted =
                convert_value(&truth->converter, &facts, simple_raw(candidates[c]), typed, &reason);
            if (converted != CONVERT_MISSING)
                return converted == CONVERTED;
        }
    }
    return false;
}

static void add_event(struct truth *truth, const struct simple *event)
{
    static const struct program_field type_field = {.name = "type", .type = FIELD_TEXT},
                                      at_field = {.name = "at", .type = FIELD_DATE};
    const struct program *program = truth->program;
    struct field_facts facts;
    struct typed typed;
    const char *reason;
    const struct simple *type = simple_member(event, "type", 4);
    field_facts_init(&facts, &truth->arena, program, &type_field);
    if (!type || (type->kind != RAW_TEXT && type->kind != RAW_ESCAPED)
        || convert_value(&truth->converter, &facts, simple_raw(type), &typed, &reason) != CONVERTED)
        return;
    struct text name = text_trim(typed.text);
    uint32_t e = 0;
    while (e < program->event_count && (strlen(program->events[e].name) != name.length
                                        || memcmp(program->events[e].name, name.bytes, name.length) != 0))
        e++;
    if (e == program->event_count || !program->events[e].used)
        return;
    field_facts_init(&facts, &truth->arena, program, &at_field);
    if (convert_value(&truth->converter, &facts, simple_raw(simple_member(event, "at", 2)), &typed, &reason)
            != CONVERTED
        || !batch_add_event(truth->batch, e, typed.number))
        return;
    for (uint32_t f = 0; f < program->events[e].fields.count; f++) {
        const struct program_field *field = &program->event_fields[program->events[e].fields.start + f];
        if (pick(truth, field, event, &typed)) {
            if (field->type == FIELD_NUMBER)
                batch_event_number(truth->batch, e, f, typed.number);
            else
                batch_event_text(truth->batch, e, f, typed.text, true);
        }
    }
}

static void add_lead(struct truth *truth, const struct simple *lead, uint64_t row)
{
    struct batch *batch = truth->batch;
    struct typed typed;
    batch_begin_lead(batch, row);
    for (uint32_t f = 0; f < truth->program->field_count; f++) {
        if (!pick(truth, &truth->program->fields[f], lead, &typed))
            continue;
        switch ((enum field_type)truth->program->fields[f].type) {
        case FIELD_NUMBER: case FIELD_DATE: batch_set_number(batch, f, typed.number); break;
        case FIELD_YESNO: batch_set_yesno(batch, f, typed.yes); break;
        case FIELD_TEXT: case FIELD_ONEOF: batch_set_text(batch, f, typed.text, true); break;
        case FIELD_LIST:
            batch_begin_list(batch, f);
            for (size_t i = 0; i < typed.element_count; i++)
                batch_add_element(batch, f, typed.elements[i], true);
            break;
        }
    }
    const struct simple *events = simple_member(lead, "events", 6);
    if (events && events->kind == RAW_ARRAY) {
        for (const struct simple *event = events->first; event; event = event->next) {
            if (event->kind == RAW_OBJECT)
                add_event(truth, event);
        }
    }
    batch_end_lead(batch);
}

/* --------------------------------------------------------------- records */

static const char *random_text(void)
{
    static const char *const texts[] = {"CEO",
                                        "Select",
                                        "",
                                        " ",
                                        "caf\u00e9",
                                        "\\u00e9\\n",
                                        "\\ud83d\\ude00",
                                        "x\\\"y",
                                        "\U0001F600",
                                        "2026-01-05",
                                        "2026-01-05T10:00:00Z",
                                        "a;b;;c",
                                        "Web",
                                        "fair",
                                        "ja",
                                        "1.5",
                                        "a long text that does not fit into sixteen bytes, nor thirty-two",
                                        "/p"};
    return texts[random_below(sizeof texts / sizeof texts[0])];
}

static void add_value(struct buffer *out, int depth)
{
    switch (random_below(depth > 3 ? 9 : 12)) {
    case 0: buffer_text(out, "null"); break;
    case 1: buffer_text(out, "true"); break;
    case 2: buffer_text(out, "false"); break;
    case 3: buffer_format(out, "%d", (int)random_below(100000) - 5000); break;
    case 4:
        buffer_format(out, "%d.%de%d", (int)random_below(100), (int)random_below(1000), (int)random_below(4));
        break;
    case 9: case 10:
        buffer_char(out, '[');
        for (uint64_t i = 0, n = random_below(4); i < n; i++) {
            buffer_text(out, i ? "," : "");
            add_value(out, depth + 1);
        }
        buffer_char(out, ']');
        break;
    case 11:
        buffer_char(out, '{');
        for (uint64_t i = 0, n = random_below(4); i < n; i++) {
            static const char *const names[] = {"source", "campaign", "name", "size", "title", "sec", "x"};
            buffer_format(out, "%s\"%s\":", i ? "," : "", names[random_below(7)]);
            add_value(out, depth + 1);
        }
        buffer_char(out, '}');
        break;
    default: buffer_format(out, "\"%s\"", random_text()); break;
    }
}

static void add_events(struct buffer *out)
{
    static const char *const types[] = {"page_view", "mail", "call", "other", "page\\u005fview", " mail "};
    buffer_char(out, '[');
    for (uint64_t i = 0, n = random_below(5); i < n; i++) {
        buffer_format(out, "%s{\"type\":\"%s\",\"at\":\"2026-%02d-%02d%s\"", i ? "," : "", types[random_below(6)],
                      (int)random_below(14), (int)random_below(32), random_below(2) ? "T10:11:12Z" : "");
        static const char *const names[] = {"url", "sec", "link", "d", "name"};
        for (uint64_t m = random_below(3); m > 0; m--) {
            buffer_format(out, ",\"%s\":", names[random_below(5)]);
            add_value(out, 2);
        }
        buffer_char(out, '}');
    }
    buffer_char(out, ']');
}

/* Mostly the same names in the same order, as in a real file; `gap` is what stands around them. */
static void add_record(struct buffer *out)
{
    static const char *const names[] = {
        "id",  "Job Title", "title",      "employees",         "company", "newsletter", "created", "tags",
        "utm", "person",    "utm.source", "utm.campaign.name", "other",   "note",       "events",  "company.size"};
    const char *gap = random_below(4) ? "" : " ";
    bool first = true;
    buffer_char(out, '{');
    for (size_t n = 0; n < sizeof names / sizeof names[0]; n++) {
        if (random_below(6) == 0)
            continue;
        const char *name = names[random_below(20) ? n : random_below(16)];
        buffer_format(out, "%s\"%s\":%s", first ? "" : *gap ? ", " : ",", name, gap);
        first = false;
        if (strcmp(name, "events") == 0 && random_below(8))
            add_events(out);
        else
            add_value(out, 0);
    }
    buffer_char(out, '}');
}

static void damage(struct buffer *text, size_t start)
{
    static const char *const pieces[] = {"\"",
                                         "\\",
                                         "{",
                                         "}",
                                         "[",
                                         "]",
                                         ",",
                                         ":",
                                         "0",
                                         "-",
                                         ".",
                                         "e",
                                         " ",
                                         "\t",
                                         "\r",
                                         "\xc3",
                                         "\xa9",
                                         "\xed\xa0\x80",
                                         "\x01",
                                         "\xff",
                                         "\\u12",
                                         "\\ud800",
                                         "null",
                                         "\"x\":1,",
                                         ",\"id\":\"z\"",
                                         "1e999",
                                         "\xf0\x9f\x98\x80",
                                         "\\"};
    for (uint64_t changes = random_below(3); changes > 0; changes--) {
        size_t length = text->length - start, at = start + random_below(length);
        const char *piece = pieces[random_below(sizeof pieces / sizeof pieces[0])];
        size_t piece_length = strlen(piece);
        switch (random_below(4)) {
        case 0:                                         /* a byte becomes another */
            text->data[at] = piece[0];
            break;
        case 1: {                                       /* a run of bytes goes */
            size_t run = 1 + random_below(random_below(3) ? 1 : length);
            run = at + run > text->length ? text->length - at : run;
            memmove(text->data + at, text->data + at + run, text->length - at - run);
            text->length -= run;
            break;
        }
        default:                                        /* something comes in between */
            buffer_text(text, "                ");
            text->length -= 16;
            memmove(text->data + at + piece_length, text->data + at, text->length - at);
            memcpy(text->data + at, piece, piece_length);
            text->length += piece_length;
            break;
        }
        if (text->length == start)
            buffer_char(text, 'x');
    }
}

static void test_agreement(void **state)
{
    (void)state;
    const char *rounds_text = getenv("RUBRIC_FUZZ_ROUNDS");
    long rounds = rounds_text ? atol(rounds_text) : 40;
    struct program *program = make_program();
    struct truth truth = {.program = program, .batch = batch_new(program, FIXTURE_AS_OF, 1024)};
    uint64_t valid = 0, invalid = 0;
    converter_init(&truth.converter, (struct convert_options){0});
    arena_init(&truth.arena);
    for (long round = 0; round < rounds; round++) {
        struct buffer text = {0}, expected = {0};
        buffer_text(&expected, "");
        for (int record = 0; record < RECORDS; record++) {
            size_t start = text.length;
            add_record(&text);
            damage(&text, start);
            arena_reset(&truth.arena);
            batch_clear(truth.batch);
            const struct simple *lead = simple_parse(&truth.arena, text.data + start, text.length - start);
            assert_int_equal(lead != NULL, json_validate(text.data + start, text.length - start, NULL));
            if (lead && lead->kind == RAW_OBJECT)
                add_lead(&truth, lead, (uint64_t)record + 1);
            valid += truth.batch->leads;
            invalid += truth.batch->leads == 0;
            batch_finish(truth.batch);
            dump_batch(&expected, truth.batch);
            buffer_char(&text, '\n');
        }
        struct input_options options = {.content = CONTENT_NDJSON, .block_bytes = 20000};
        struct fixture fixture = fixture_read(program, options, text.data, text.length);
        if (strcmp(fixture.leads.data, expected.data) != 0) {
            size_t at = 0;
            while (fixture.leads.data[at] == expected.data[at])
                at++;
            while (at > 0 && expected.data[at - 1] != '\n')
                at--;
            fail_msg("round %ld\nexpected %.600s\ngot      %.600s", round, expected.data + at, fixture.leads.data + at);
        }
        fixture_free(&fixture);
        buffer_free(&text);
        buffer_free(&expected);
    }
    print_message("%llu valid, %llu refused\n", (unsigned long long)valid, (unsigned long long)invalid);
    assert_true(valid > (uint64_t)rounds * 200 && invalid > (uint64_t)rounds * 200);
    converter_free(&truth.converter);
    arena_free(&truth.arena);
    batch_free(truth.batch);
    program_free(program);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_agreement)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
