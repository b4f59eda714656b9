#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/unit/input_fixture.h"
#include "vm/input/json.h"
#include "vm/limits.h"

static struct program *sample_program(void)
{
    static const struct fixture_field fields[] = {
        {"id", FIELD_TEXT, NULL, NULL, NULL},
        {"title", FIELD_TEXT, "Job Title|title", "select|n/a", NULL},
        {"employees", FIELD_NUMBER, "employees|company.employees", NULL, NULL},
        {"newsletter", FIELD_YESNO, NULL, NULL, NULL},
        {"created", FIELD_DATE, NULL, NULL, NULL},
        {"tags", FIELD_LIST, NULL, NULL, NULL},
        {"industry", FIELD_ONEOF, NULL, NULL, "Software|Retail"},
        {"campaign", FIELD_TEXT, "utm.campaign", NULL, NULL},
    };
    static const struct fixture_field page[] = {{"url", FIELD_TEXT, NULL, NULL, NULL},
                                                {"seconds", FIELD_NUMBER, "sec|d.sec", NULL, NULL}};
    struct program *program = fixture_program(fields, 8);
    fixture_event(program, "page_view", true, page, 2);
    fixture_event(program, "webinar", true, NULL, 0);
    fixture_event(program, "call", false, NULL, 0);
    return program;
}

/* Reads `text` and compares the leads and the reports. */
static void check(const char *text, const char *leads, const char *reports)
{
    struct program *program = sample_program();
    struct fixture fixture = fixture_read(program, (struct input_options){0}, text, strlen(text));
    assert_string_equal(fixture.problem, "");
    assert_string_equal(fixture.leads.data, leads);
    assert_string_equal(fixture.reports.data, reports);
    fixture_free(&fixture);
    program_free(program);
}

static void test_types(void **state)
{
    (void)state;
    check("{\"id\":\"a\",\"title\":\"CEO\",\"employees\":250,\"newsletter\":true,\"created\":\"2026-01-02\",\"tags\":["
          "\"x\",\"y\"],"
          "\"industry\":\"retail\"}\n",
          "1: id=<a> title=<CEO> employees=250 newsletter=yes created=2026-01-02T00:00:00Z tags=[<x><y>] "
          "industry=<retail>\n",
          "");
    check("{\"id\":7,\"employees\":\"1.5\",\"newsletter\":\"nein\",\"tags\":\"x; y;;\"}\n",
          "1: id=<7> employees=1.5 newsletter=no tags=[<x>< y>]\n", "");
}


static void test_names(void **state)
{
    (void)state;
    /* The first name that is there and not empty; null, empty, white space and placeholders send on to the next. */
    check("{\"id\":\"a\",\"Job Title\":\"Select\",\"title\":\"CEO\"}\n{\"id\":\"b\",\"title\":\"CTO\",\"Job "
          "Title\":\"CEO\"}\n"
          "{\"id\":\"c\",\"title\":\"CTO\",\"Job Title\":\" \\u00a0\"}\n{\"id\":\"d\",\"Job "
          "Title\":\"N/A\",\"title\":null}\n",
          "1: id=<a> title=<CEO>\n2: id=<b> title=<CEO>\n3: id=<c> title=<CTO>\n4: id=<d>\n", "");
    /* The exact member goes before the path, wherever it stands. */
    check("{\"id\":\"a\",\"utm\":{\"x\":[{}],\"campaign\":\"path\"},\"utm.campaign\":\"exact\"}\n"
          "{\"id\":\"b\",\"utm\":{\"campaign\":\"path\"},\"utm.campaign\":\"\"}\n"
          "{\"id\":\"c\",\"company\":{\"employees\":12}}\n{\"id\":\"d\",\"utm\":\"text\"}\n",
          "1: id=<a> campaign=<exact>\n2: id=<b> campaign=<path>\n3: id=<c> employees=12\n4: id=<d>\n", "");
    /* Of two members of one name the last counts, also as null and as an object. */
    check("{\"id\":\"a\",\"title\":\"x\",\"title\":\"y\",\"employees\":1,\"employees\":null}\n"
          "{\"id\":\"b\",\"utm\":{\"campaign\":\"x\"},\"utm\":{\"other\":1}}\n",
          "1: id=<a> title=<y>\n2: id=<b>\n", "");
    /* Names with escapes are the same names. */
    check("{\"\\u0069d\":\"a\",\"\\ud83d\\ude00\":1,\"Job\\u0020Title\":\"x\\n\\u00e9\\ud83d\\ude00\\\"\\/\"}\n",
          "1: id=<a> title=<x\\0a\u00e9\U0001F600\"/>\n", "");
}

static void test_bad_values(void **state)
{
    (void)state;
    check("{\"id\":\"a\",\"title\":true,\"employees\":\"many\",\"newsletter\":\"perhaps\",\"created\":20260102,"
          "\"tags\":[[1]],"
          "\"industry\":\"Mining\"}\n",
          "1: id=<a>\n",
          "value 1:19 lead a field title <true> is true or false, which only yes/no fields take\n"
          "value 1:37 lead a field employees <many> is no number\n"
          "value 1:57 lead a field newsletter <perhaps> is neither yes nor no\n"
          "value 1:76 lead a field created <20260102> is a number, not a date\n"
          "value 1:92 lead a field tags <[[1]]> is a list with lists or objects in it; the elements must be texts\n"
          "value 1:110 lead a field industry <Mining> is none of the field's values\n");
    /* A bad value is there: the next name is not asked. */
    check("{\"id\":\"a\",\"employees\":{},\"company\":{\"employees\":5},\"created\":\"2026-02-30\"}\n", "1: id=<a>\n",
          "value 1:23 lead a field employees <{}> is an object, not a single value\n"
          "value 1:63 lead a field created <2026-02-30> is no date\n");
    check("{\"id\":\"a\",\"employees\":1e300}\n{\"title\":\"x\"}\n{\"id\":\"a\"}\n",
          "1: id=<a>\n2: title=<x>\n3: id=<a>\n",
          "value 1:23 lead a field employees <1e300> is out of the range of numbers\n"
          "no key 2:0 has no key\n"
          "duplicate 3:0 lead a an earlier lead has the same key\n");
}

static void test_rejects(void **state)
{
    (void)state;
    check(
        "{\"id\":\"a\"}\n{\"id\":\"b\",}\n\n{\"id\":\"c\"} x\n[1]\n{\"id\":\"d\",\"x\":\"\xff\"}\n{\"id\":\"e\"",
        "1: id=<a>\n",
        "reject 2:11 a name in quotes is expected <{\"id\":\"b\",}>\n"
        "reject 4:12 text behind the lead <{\"id\":\"c\"} x>\n"
        "reject 5:1 a lead is an object: { is expected <[1]>\n"
        "reject 6:16 bytes that are not UTF-8; perhaps --encoding windows-1252 helps <{\"id\":\"d\",\"x\":\"\xff\"}>\n"
        "reject 7:10 the line ends before the lead does: leads stand one a line, or in a JSON array <{\"id\":\"e\">\n");
    /* What was read of a rejected lead is forgotten: its fields, its events, its reports. */
    check(
        "{\"id\":\"a\",\"events\":[{\"type\":\"webinar\",\"at\":\"2026-01-01\"},{\"type\":\"webinar\",\"at\":1}],"
        "\"employees\":1\n{\"id\":\"b\"}\n",
        "2: id=<b>\n",
        "reject 1:98 the line ends before the lead does: leads stand one a line, or in a JSON array <{\"id\":\"a\",\"events\":[{\"type\":\"webinar\",\"at\":\"2026-01-01\"},"
        "{\"type\":\"webinar\",\"at\":1}],\"employees\":1>\n");
    check("{\"id\":\"a\"}\r\n{\"id\":\"b\"}\r\n", "1: id=<a>\n2: id=<b>\n", "");
    check("", "", "");
    check("\n \n", "", "");
}

static void test_events(void **state)
{
    (void)state;
    check("{\"events\":[{\"at\":\"2026-01-03T10:00:00+01:00\",\"url\":\"/b\",\"type\":\"page_view\"},"
          "{\"type\":\"page_view\",\"d\":{\"sec\":5},\"at\":\"2026-01-01\",\"url\":\"/"
          "a\"},{\"type\":\"webinar\",\"at\":\"2027-01-01\"},"
          "{\"type\":\"other\"},{\"type\":\"call\"}],\"id\":\"a\"}\n",
          "1: id=<a> (page_view 2026-01-01T00:00:00Z url=</a> seconds=5) (page_view 2026-01-03T09:00:00Z url=</b>)\n",
          "");
    check("{\"id\":\"a\",\"events\":[{\"type\":\"webinar\"},{\"at\":\"2026-01-01\"},7,{\"type\":\"webinar\",\"at\":"
          "\"soon\"},"
          "{\"type\":\"page_view\",\"at\":\"2026-01-01\",\"sec\":\"x\"},{\"type\":[],\"at\":1}]}\n",
          "1: id=<a> (page_view 2026-01-01T00:00:00Z)\n",
          "event 1:0 lead a event webinar an event without a time\n"
          "event 1:0 lead a an event without a type\n"
          "event 1:60 lead a <7> is no event: an object is expected\n"
          "event 1:86 lead a event webinar <soon> is no date\n"
          "value 1:138 lead a event page_view field seconds <x> is no number\n"
          "event 1:150 lead a <[]> the type of an event is a text\n");
    check("{\"id\":\"a\",\"events\":null}\n{\"id\":\"b\",\"events\":{}}\n{\"id\":\"c\",\"events\":[]}\n"
          "{\"id\":\"d\",\"events\":[{\"type\":\"webinar\",\"at\":\"2026-01-01\"}],\"events\":[{\"type\":\"webinar\","
          "\"at\":\"2026-02-01\"}]}\n",
          "1: id=<a>\n2: id=<b>\n3: id=<c>\n4: id=<d> (webinar 2026-02-01T00:00:00Z)\n",
          "event 2:20 lead b <{}> is no list of objects: events are one\n");
}

static void test_summary(void **state)
{
    (void)state;
    struct program *program = sample_program();
    const char *text = "{\"id\":\"a\",\"employees\":\"x\",\"events\":[{\"type\":\"b\"},{\"type\":\"b\"},{\"type\":"
                       "\"aa\"},{\"type\":\"webinar\","
                       "\"at\":\"2030-01-01\"},{\"type\":\"webinar\",\"at\":\"2020-01-01\"}]}\n\nnonsense\n{\"id\":"
                       "\"a\",\"employees\":3}\n";
    struct fixture fixture =
        fixture_read(program, (struct input_options){.content = CONTENT_NDJSON}, text, strlen(text));
    const struct input_summary *summary = &fixture.summary;
    assert_int_equal(summary->leads, 2);
    assert_int_equal(summary->rejected, 1);
    assert_int_equal(summary->blank_lines, 1);
    assert_int_equal(summary->bad_values, 1);
    assert_int_equal(summary->duplicate_keys, 1);
    assert_int_equal(summary->events, 2);
    assert_int_equal(summary->events_in_future, 1);
    assert_int_equal(summary->events_undeclared, 3);
    assert_true(input_has_problems(summary));
    assert_string_equal(fixture.types, "b 2;aa 1;");
    assert_string_equal(
        fixture.fields,
        "id 0/2;title 0/0;employees 1/2;newsletter 0/0;created 0/0;tags 0/0;industry 0/0;campaign 0/0;url 0/0;"
        "seconds 0/0;");
    fixture_free(&fixture);
    program_free(program);
}

static void test_arrays(void **state)
{
    (void)state;
    check("[{\"id\":\"a\"},{\"id\":\"b\"}]", "1: id=<a>\n1: id=<b>\n", "");
    check(" [ ]", "", "");
    check("[\n {\"id\":\"a\",\n  \"title\":\"],[\\\"\"},\n {\"id\":\"b\"}\n]\n", "2: id=<a> title=<],[\">\n4: id=<b>\n",
          "");
    check("[\n{\"id\":\"a\"},\n{\"id\":},\n{\"id\":\"c\"}]", "2: id=<a>\n4: id=<c>\n",
          "reject 3:7 a value is expected <{\"id\":}>\n");
    check("[\n  {\n    \"id\":\"a\",\n    \"employees\":\"x\"},\n  {\"id\":}]", "2: id=<a>\n",
          "value 4:18 lead a field employees <x> is no number\nreject 5:9 a value is expected <{\"id\":}>\n");
    check("[{\"id\":\"a\"},]", "1: id=<a>\n", "reject 1:0 a comma before the ] that closes the array <]>\n");
    check("[{\"id\":\"a\"}", "1: id=<a>\n", "reject 1:0 the array is not closed: perhaps the file is cut off <>\n");
    check("[{\"id\":\"a\"}]\nx", "1: id=<a>\n", "reject 1:0 text behind the end of the array <] x>\n");
    check("[{\"id\":\"a\"} {\"id\":\"b\"},{\"id\":\"c\"}]", "1: id=<c>\n",
          "reject 1:12 a comma is expected behind the lead <{\"id\":\"a\"} {\"id\":\"b\"}>\n");
    check("[1,{\"id\":\"a\"}]", "1: id=<a>\n", "reject 1:1 a lead is an object: { is expected <1>\n");
    check("{\n \"id\": \"a\",\n \"title\": \"x\"\n}\n{\n \"id\": \"b\"\n}\n", "1: id=<a> title=<x>\n5: id=<b>\n", "");
    check("{\n \"id\": \"a\",\n \"title\": x\n}\n{\n \"id\": \"b\"\n}\n", "5: id=<b>\n",
          "reject 3:11 a value is expected <{  \"id\": \"a\",  \"title\": x }>\n");
}

/* Whatever the size of the blocks, the same leads and reports come out. */
static void test_blocks(void **state)
{
    (void)state;
    struct program *program = sample_program();
    for (int kind = 0; kind < 2; kind++) {
        struct buffer text = {0};
        if (kind == 1)
            buffer_text(&text, "[\n");
        for (int i = 0; i < 3000; i++) {
            buffer_format(&text, "{\"id\":\"%d\",\"title\":\"%.*s\",\"employees\":%d%s%s}", i, i % 50,
                          "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz", i,
                          i % 7 == 0 ? ",\"utm\":{\"campaign\":\"\\\"x,]\\\\\"}" : "", i % 501 == 500 ? ",!" : "");
            buffer_text(&text, kind == 1 && i < 2999 ? ",\n" : "\n");
        }
        if (kind == 1)
            buffer_text(&text, "]\n");
        struct fixture whole = fixture_read(program, (struct input_options){0}, text.data, text.length);
        assert_int_equal(whole.summary.rejected, 5);
        assert_int_equal(whole.summary.leads, 2995);
        for (size_t bytes = 1; bytes < 5000; bytes = bytes * 3 + 1) {
            struct fixture cut =
                fixture_read(program, (struct input_options){.block_bytes = bytes}, text.data, text.length);
            assert_string_equal(cut.leads.data, whole.leads.data);
            assert_string_equal(cut.reports.data, whole.reports.data);
            fixture_free(&cut);
        }
        fixture_free(&whole);
        buffer_free(&text);
    }
    program_free(program);
}

static bool valid(const char *text)
{
    struct json_error error;
    return json_validate(text, strlen(text), &error);
}

static void test_limits(void **state)
{
    (void)state;
    struct buffer text = {0};
    for (unsigned levels = LIMIT_JSON_DEPTH; levels <= LIMIT_JSON_DEPTH + 1; levels++) {
        buffer_reset(&text);
        for (unsigned i = 0; i < levels; i++)
            buffer_char(&text, '[');
        for (unsigned i = 0; i < levels; i++)
            buffer_char(&text, ']');
        assert_int_equal(valid(text.data), levels == LIMIT_JSON_DEPTH);
    }
    /* A line of 64 MiB is read, one byte more is not, and the next line is. */
    struct program *program = sample_program();
    for (size_t more = 0; more < 2; more++) {
        buffer_reset(&text);
        buffer_text(&text, "{\"id\":\"a\",\"x\":\"");
        size_t filler = LIMIT_LINE_BYTES + more - text.length - 2;
        memory_reserve(&text.data, &text.capacity, LIMIT_LINE_BYTES + 100, 1);
        memset(text.data + text.length, 'y', filler);
        text.length += filler;
        buffer_text(&text, "\"}\n{\"id\":\"b\"}\n");
        struct fixture fixture = fixture_read(program, (struct input_options){0}, text.data, text.length);
        assert_string_equal(fixture.leads.data, more ? "2: id=<b>\n" : "1: id=<a>\n2: id=<b>\n");
        assert_int_equal(fixture.summary.rejected, more);
        if (more)
            assert_non_null(strstr(fixture.reports.data, "longer than 64 MiB"));
        fixture_free(&fixture);
    }
    buffer_free(&text);
    program_free(program);
}

static void test_many_events(void **state)
{
    (void)state;
    struct program *program = sample_program();
    for (unsigned count = LIMIT_EVENTS_PER_LEAD; count <= LIMIT_EVENTS_PER_LEAD + 1; count++) {
        struct buffer text = {0};
        buffer_text(&text, "{\"id\":\"a\",\"events\":[");
        for (unsigned i = 0; i < count; i++)
            buffer_text(&text, i ? ",{\"type\":\"webinar\",\"at\":\"2026-01-01\"}" : "{\"type\":\"call\"}");
        buffer_text(&text, "]}\n{\"id\":\"b\"}\n");
        struct fixture fixture = fixture_read(program, (struct input_options){0}, text.data, text.length);
        bool fits = count == LIMIT_EVENTS_PER_LEAD;
        assert_int_equal(fixture.summary.leads, fits ? 2 : 1);
        assert_int_equal(fixture.summary.events, fits ? count : 0);
        assert_true(fits || strstr(fixture.reports.data, "reject 1:0 more than 1000000 events"));
        fixture_free(&fixture);
        buffer_free(&text);
    }
    program_free(program);
}

static void test_validate(void **state)
{
    (void)state;
    static const char *const good[] = {
        "1", "-0", "0.5e+10", "\"\"", " [ ] ", "{\"a\":{\"a\":[1,{\"b\":null}]}}", "\"\\ud834\\udd1e\"", "[1,2]\n"};
    static const char *const wrong[] = {"",
                                        " ",
                                        "01",
                                        "1.",
                                        ".5",
                                        "+1",
                                        "1e",
                                        "tru",
                                        "[1,]",
                                        "{\"a\"}",
                                        "{\"a\":1,}",
                                        "\"\\ud834\"",
                                        "\"\\udd1e\"",
                                        "\"\t\"",
                                        "\"\xc0\xaf\"",
                                        "\"\xed\xa0\x80\"",
                                        "\"\xf4\x90\x80\x80\"",
                                        "[1 2]",
                                        "{1:2}",
                                        "1 2",
                                        "[}",
                                        "nan",
                                        "'a'",
                                        "{\"a\":1 \"b\":2}",
                                        "\"\\x\"",
                                        "\"\\u12g4\"",
                                        "[",
                                        "\"a"};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        assert_true(valid(good[i]));
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_false(valid(wrong[i]));
    assert_false(json_validate("[1]\0", 4, NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_types),       cmocka_unit_test(test_names),    cmocka_unit_test(test_bad_values),
        cmocka_unit_test(test_rejects),     cmocka_unit_test(test_events),   cmocka_unit_test(test_summary),
        cmocka_unit_test(test_arrays),      cmocka_unit_test(test_blocks),   cmocka_unit_test(test_limits),
        cmocka_unit_test(test_many_events), cmocka_unit_test(test_validate),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
