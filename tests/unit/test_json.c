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
        {"title", FIELD_TEXT, "Job Title|title", "Select|n/a", NULL},
        {"employees", FIELD_NUMBER, "employees|company.employees", NULL, NULL},
        {"newsletter", FIELD_YESNO, NULL, NULL, NULL},
        {"created", FIELD_DATE, NULL, NULL, NULL},
        {"tags", FIELD_LIST, NULL, NULL, NULL},
        {"industry", FIELD_ONEOF, NULL, NULL, "Software|Retail"},
        {"campaign", FIELD_TEXT, "utm.campaign", NULL, NULL},
    };
    static const struct fixture_field page[] = {{"url", FIELD_TEXT, NULL, NULL, NULL}, {"seconds", FIELD_NUMBER, "sec|d.sec", NULL, NULL}};
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
    check("{\"id\":\"a\",\"title\":\"CEO\",\"employees\":250,\"newsletter\":true,\"created\":\"2026-01-02\",\"tags\":[\"x\",\"y\"],"
          "\"industry\":\"retail\"}\n",
          "1: id=<a> title=<CEO> employees=250 newsletter=yes created=2026-01-02T00:00:00Z tags=[<x><y>] industry=<retail>\n", "");
    check("{\"id\":7,\"employees\":\"1.5\",\"newsletter\":\"nein\",\"tags\":\"x; y;;\"}\n",
          "1: id=<7> employees=1.5 newsletter=no tags=[<x>< y>]\n", "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_types)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
