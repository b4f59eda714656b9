#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/unit/input_fixture.h"

static struct program *sample_program(enum field_type key)
{
    const struct fixture_field fields[] = {{"id", key, "Lead ID|id", NULL, NULL},
                                           {"title", FIELD_TEXT, NULL, NULL, NULL}};
    static const struct fixture_field page[] = {
        {"url", FIELD_TEXT, NULL, NULL, NULL},
        {"seconds", FIELD_NUMBER, "sec", NULL, NULL},
        {"known", FIELD_YESNO, NULL, NULL, NULL},
        {"tags", FIELD_LIST, NULL, NULL, NULL},
    };
    struct program *program = fixture_program(fields, 2);
    fixture_event(program, "page_view", true, page, 4);
    fixture_event(program, "webinar", true, NULL, 0);
    fixture_event(program, "call", false, NULL, 0);
    return program;
}

static struct fixture read_both(const struct program *program, const char *leads, const char *events)
{
    char *lead_path = write_temporary(leads, strlen(leads)), *event_path = write_temporary(events, strlen(events));
    const char *leads_paths[] = {lead_path}, *events_paths[] = {event_path};
    struct fixture fixture =
        fixture_read_paths(program, (struct input_options){.events = events_paths, .event_files = 1}, leads_paths, 1);
    unlink(lead_path);
    unlink(event_path);
    free(lead_path);
    free(event_path);
    return fixture;
}

static void check(enum field_type key, const char *leads, const char *events, const char *expected, const char *reports)
{
    struct program *program = sample_program(key);
    struct fixture fixture = read_both(program, leads, events);
    assert_string_equal(fixture.problem, "");
    assert_string_equal(fixture.leads.data, expected);
    assert_string_equal(fixture.reports.data, reports);
    fixture_free(&fixture);
    program_free(program);
}

static void test_join(void **state)
{
    (void)state;
    const char *events = "type,at,id,lead_id,url,sec,tags,known\n"
                         "page_view,2026-03-02,e1,b,/late,5,,\n"
                         "webinar,2026-01-01,e2,a,,,,\n"
                         "page_view,2026-03-01T10:00:00Z,e3, b ,\"/a,b\",,x;y,ja\n"
                         "page_view,2026-03-02,e4,b,/later,,,\n"
                         "call,2026-03-02,e4,b,,,,\n";
    const char *expected =
        "2: id=<a> title=<x> (webinar 2026-01-01T00:00:00Z)\n"
        "3: id=<b> title=<y> (page_view 2026-03-01T10:00:00Z url=</a,b> known=yes tags=[<x><y>])"
        " (page_view 2026-03-02T00:00:00Z url=</late> seconds=5) (page_view 2026-03-02T00:00:00Z url=</later>)\n"
        "4: id=<c> title=<z>\n";
    check(FIELD_TEXT, "Lead ID,title\na,x\nb,y\nc,z\n", events, expected, "");
    /* The same as NDJSON, and in a lead that has events itself. */
    check(FIELD_TEXT, "{\"id\":\"a\",\"events\":[{\"type\":\"webinar\",\"at\":\"2026-02-01\"}]}\n",
          "{\"type\":\"webinar\",\"at\":\"2026-01-01\",\"lead\":\"\\u0061\"}\n[\n{\"lead\":\"a\",\"type\":\"page_"
          "view\",\"at\":\"2026-01-03\","
          "\"tags\":[\"q\\n\",\"r\"],\"url\":\"\\u00e4\"}\n",
          "1: id=<a> (page_view 2026-01-03T00:00:00Z url=<ä> tags=[<q\\0a><r>]) (webinar 2026-01-01T00:00:00Z) "
          "(webinar 2026-02-01T00:00:00Z)\n",
          "reject 2:1 a lead is an object: { is expected <[>\n");
    /* Keys that are numbers are compared as numbers; the key may have its own name in the file of events. */
    check(FIELD_NUMBER, "id,title\n7,x\n8.50,y\n", "id,type,at\n7.0,webinar,2026-01-01\n8.5,webinar,2026-01-02\n",
          "2: id=7 title=<x> (webinar 2026-01-01T00:00:00Z)\n3: id=8.5 title=<y> (webinar 2026-01-02T00:00:00Z)\n", "");
}

static void test_reports(void **state)
{
    (void)state;
    struct program *program = sample_program(FIELD_TEXT);
    struct fixture fixture = read_both(program, "id\na\na\n",
                                       "lead_id,type,at,sec\na,webinar,2027-01-01,\na,webinar,,\na,,2026-01-01,\n,"
                                       "webinar,2026-01-01,\na,page_view,2026-01-01,long\n"
                                       "a,opened,2026-01-01,\na,webinar\nq,webinar,2026-01-01,\nq,webinar,2026-01-02,"
                                       "\nr,webinar,2026-01-02,\na,webinar,soon,\n");
    assert_string_equal(fixture.leads.data,
                        "2: id=<a> (page_view 2026-01-01T00:00:00Z)\n3: id=<a> (page_view 2026-01-01T00:00:00Z)\n");
    assert_string_equal(fixture.reports.data,
        "event 3:0 lead a event webinar an event without a time\n"
        "event 4:0 lead a an event without a type\n"
        "event 5:0 an event without the key of a lead\n"
        "value 6:0 lead a event page_view field seconds <long> is no number\n"
        "reject 8:1 fewer cells than the header has <a,webinar>\n"
        "event 12:0 lead a event webinar <soon> is no date\n"
        "duplicate 3:0 lead a an earlier lead has the same key\n"
        "unmatched 9:0 lead q no lead has this key\n"
        "unmatched 11:0 lead r no lead has this key\n");
    assert_int_equal(fixture.summary.events_unmatched, 3);
    assert_int_equal(fixture.summary.keys_unmatched, 2);
    assert_int_equal(fixture.summary.events_in_future, 2);
    assert_int_equal(fixture.summary.events_undeclared, 1);
    assert_int_equal(fixture.summary.events_without_time, 2);
    assert_int_equal(fixture.summary.events_without_type, 1);
    assert_int_equal(fixture.summary.events_without_lead, 1);
    assert_string_equal(fixture.types, "opened 1;");
    fixture_free(&fixture);
    program_free(program);
}

static void test_wrong_file(void **state)
{
    (void)state;
    static const char *const files[][2] = {
        {"type,at\n", "key"}, {"lead_id,at\n", "\"type\""}, {"lead_id,type,when\nx,y,z\n", "\"at\""},
    };
    struct program *program = sample_program(FIELD_TEXT);
    for (size_t i = 0; i < 3; i++) {
        struct buffer events = {0};
        buffer_text(&events, files[i][0]);
        if (i < 2)
            buffer_text(&events, "x,y\n");
        struct fixture fixture = read_both(program, "id\na\n", events.data);
        assert_non_null(strstr(fixture.problem, files[i][1]));
        fixture_free(&fixture);
        buffer_free(&events);
    }
    program->key_field = NO_INDEX;
    struct fixture fixture = read_both(program, "id\na\n", "lead,type,at\n");
    assert_non_null(strstr(fixture.problem, "no key"));
    fixture_free(&fixture);
    program_free(program);
}

/* Many keys, many events, out of order: each lead gets its own, in time's order. */
static void test_many(void **state)
{
    (void)state;
    struct program *program = sample_program(FIELD_TEXT);
    struct buffer leads = {0}, events = {0};
    buffer_text(&leads, "id\n");
    buffer_text(&events, "lead,type,at,url\n");
    for (int i = 0; i < 3000; i++)
        buffer_format(&leads, "k%d\n", i);
    for (int i = 0; i < 12000; i++)
        buffer_format(&events, "k%d,page_view,2026-0%d-01,/%d\n", i * 7 % 3000, 9 - i / 3000, i);
    struct fixture fixture = read_both(program, leads.data, events.data);
    assert_int_equal(fixture.summary.events, 12000);
    assert_int_equal(fixture.summary.events_unmatched, 0);
    assert_non_null(
        strstr(fixture.leads.data,
               "2: id=<k0> (page_view 2026-06-01T00:00:00Z url=</9000>) (page_view 2026-07-01T00:00:00Z url=</6000>)"
               " (page_view 2026-08-01T00:00:00Z url=</3000>) (page_view 2026-09-01T00:00:00Z url=</0>)\n"));
    fixture_free(&fixture);
    buffer_free(&leads);
    buffer_free(&events);
    program_free(program);
}

/* Events that do not fit into memory: the same leads and the same reports, whether they are in one run or in hundreds. */
static void test_spilled(void **state)
{
    (void)state;
    struct program *program = sample_program(FIELD_TEXT);
    struct buffer leads = {0}, first = {0}, second = {0};
    buffer_text(&leads, "Lead ID,title\n");
    for (unsigned i = 0; i < 900; i++)
        buffer_format(&leads, "key %u,x\n", i * 7 % 1000);      /* some have no events, some events no lead */
    buffer_text(&first, "lead_id,type,at,url,sec,tags\n");
    for (unsigned i = 0; i < 6000; i++)
        buffer_format(&first, "key %u,%s,2026-%02u-11,/page/%u,%u,a;b%u\n", i * i % 1013, i % 5 ? "page_view" : "webinar",
                      1 + i % 11, i % 17, i, i % 3);
    for (unsigned i = 0; i < 400; i++)
        buffer_format(&second, "{\"lead\":\"%s %u\",\"type\":\"page_view\",\"at\":\"2026-03-0%u\"}\n", i % 3 ? "key" : "nobody",
                      i, 1 + i % 9);
    buffer_text(&second, "{\"lead\":\"key 7\",\"type\":\"page_view\",\"at\":\"2026-03-01\",\"url\":\"");
    for (unsigned i = 0; i < 30000; i++)
        buffer_text(&second, "long");                   /* more than is read at once */
    buffer_text(&second, "\"}\n");
    char *paths[] = {write_temporary(leads.data, leads.length), write_temporary(first.data, first.length),
                     write_temporary(second.data, second.length)};
    const char *events[] = {paths[1], paths[2]}, *lead_paths[] = {paths[0]};
    struct input_options options = {.events = events, .event_files = 2, .block_bytes = 1000};
    struct fixture held = fixture_read_paths(program, options, lead_paths, 1);
    assert_string_equal(held.problem, "");
    assert_int_equal(held.summary.leads, 900);
    assert_true(held.summary.keys_unmatched > 150 && held.summary.events > 5000);
    const size_t most[] = {1, 20000, 100000};
    for (unsigned i = 0; i < 3; i++) {
        options.most_event_bytes = most[i];
        struct fixture spilled = fixture_read_paths(program, options, lead_paths, 1);
        assert_string_equal(spilled.problem, "");
        assert_string_equal(spilled.leads.data, held.leads.data);
        assert_string_equal(spilled.reports.data, held.reports.data);
        assert_int_equal(spilled.summary.events, held.summary.events);
        assert_int_equal(spilled.summary.keys_unmatched, held.summary.keys_unmatched);
        assert_int_equal(spilled.summary.events_unmatched, held.summary.events_unmatched);
        fixture_free(&spilled);
    }
    fixture_free(&held);
    for (unsigned i = 0; i < 3; i++) {
        unlink(paths[i]);
        free(paths[i]);
    }
    buffer_free(&leads);
    buffer_free(&first);
    buffer_free(&second);
    program_free(program);
}

/* A lead with more events than it may have is refused, and those behind it are read as they stand. */
static void test_too_many(void **state)
{
    (void)state;
    struct program *program = sample_program(FIELD_TEXT);
    struct buffer events = {0};
    buffer_text(&events, "lead_id,type,at\nc,webinar,2026-02-01\n");
    for (unsigned i = 0; i <= 1000000; i++)
        buffer_text(&events, "b,webinar,2026-01-01\n");
    for (unsigned spilled = 0; spilled < 2; spilled++) {
        char *lead_path = write_temporary("id,title\na,x\nb,y\nc,z\nd,\n", 24), *event_path = write_temporary(events.data, events.length);
        const char *leads_paths[] = {lead_path}, *events_paths[] = {event_path};
        struct fixture fixture = fixture_read_paths(
            program, (struct input_options){.events = events_paths, .event_files = 1, .most_event_bytes = spilled ? 0 : SIZE_MAX},
            leads_paths, 1);
        assert_string_equal(fixture.leads.data,
                            "2: id=<a> title=<x>\n4: id=<c> title=<z> (webinar 2026-02-01T00:00:00Z)\n5: id=<d>\n");
        assert_string_equal(fixture.reports.data, "reject 3:0 more than 1000000 events <b,y>\n");
        fixture_free(&fixture);
        unlink(lead_path);
        unlink(event_path);
        free(lead_path);
        free(event_path);
    }
    buffer_free(&events);
    program_free(program);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_join),
        cmocka_unit_test(test_reports),
        cmocka_unit_test(test_wrong_file),
        cmocka_unit_test(test_many),
        cmocka_unit_test(test_spilled),
        cmocka_unit_test(test_too_many),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
