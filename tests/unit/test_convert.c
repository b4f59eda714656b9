#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/unit/input_fixture.h"
#include "vm/input/convert.h"

/* The number as text, or "bad". */
static const char *number(const char *text, bool decimal_comma)
{
    static char room[NUMBER_TEXT];
    int64_t units;
    if (!convert_number(text, strlen(text), decimal_comma, &units))
        return "bad";
    number_format(units, room);
    return room;
}

static void test_numbers(void **state)
{
    (void)state;
    static const char *const points[][2] = {
        {"0", "0"},
        {"250", "250"},
        {"-2.5", "-2.5"},
        {"+1e3", "1000"},
        {"123456789", "123456789"},
        {"1234567890123", "1234567890123"},
        {"0.00005", "0.0001"},
        {"1,5", "bad"},
        {"1,234", "bad"},
        {"", "bad"},
        {"x", "bad"},
        {"1 000", "bad"},
        {"1.", "bad"},
        {"99999999999999999999", "bad"},
        {"--1", "bad"},
        {"-", "bad"},
        {"0x10", "bad"},
        {"1e400", "bad"},
        {"NaN", "bad"},
    };
    for (size_t i = 0; i < sizeof points / sizeof points[0]; i++)
        assert_string_equal(number(points[i][0], false), points[i][1]);
    static const char *const commas[][2] = {
        {"1.234,50", "1234.5"},
        {"1234,5", "1234.5"},
        {"-0,25", "-0.25"},
        {"1.234.567", "1234567"},
        {"12", "12"},
        {"+7,5", "7.5"},
        {"1.234", "1234"},
        {"1.5", "bad"},
        {"1.23,4", "bad"},
        {"1,234.5", "bad"},
        {"1,2,3", "bad"},
        {",5", "bad"},
        {"5,", "bad"},
        {"1..234", "bad"},
        {"1234.567", "bad"},
        {".123", "bad"},
        {"1,5e3", "1500"},
        {"", "bad"},
        {"-", "bad"},
        {"1.2345", "bad"},
        {"123.456,7", "123456.7"},
        {"1e2.3", "bad"},
    };
    for (size_t i = 0; i < sizeof commas / sizeof commas[0]; i++)
        assert_string_equal(number(commas[i][0], true), commas[i][1]);
}

static void test_yesno(void **state)
{
    (void)state;
    static const char *const yes[] = {"yes", "YES", "true", "True", "1", "y", "Y", "ja", "Ja", "on", "ON"};
    static const char *const no[] = {"no", "No", "false", "FALSE", "0", "n", "nein", "NEIN", "off"};
    static const char *const neither[] = {"", "maybe", "2", "j", "yess", "oui", "t", "-1", "x", "neins", "01"};
    bool value = false;
    for (size_t i = 0; i < sizeof yes / sizeof yes[0]; i++) {
        value = false;
        assert_true(convert_yesno(yes[i], strlen(yes[i]), &value) && value);
    }
    for (size_t i = 0; i < sizeof no / sizeof no[0]; i++) {
        value = true;
        assert_true(convert_yesno(no[i], strlen(no[i]), &value) && !value);
    }
    for (size_t i = 0; i < sizeof neither / sizeof neither[0]; i++)
        assert_false(convert_yesno(neither[i], strlen(neither[i]), &value));
}

/* The quick way must agree with instant_parse on every day there is, and on damaged dates. */
static void test_dates(void **state)
{
    (void)state;
    char text[64];
    int64_t quick, slow;
    for (int64_t day = INSTANT_MIN; day < INSTANT_MAX; day += 97 * MICROS_DAY + 12345 * MICROS_SECOND) {
        size_t length = instant_format(day / MICROS_SECOND * MICROS_SECOND, text);
        assert_true(convert_instant(text, length, DATES_ISO_ONLY, &quick));
        assert_true(instant_parse(text, length, DATES_ISO_ONLY, &slow));
        assert_true(quick == slow);
    }
    for (int day = 0; day < 800; day++) {
        int64_t midnight = instant_from_civil(2023, 12, 1) + day * MICROS_DAY;
        size_t length = instant_format_day(midnight, text);
        assert_true(convert_instant(text, length, DATES_ISO_ONLY, &quick) && quick == midnight);
    }
    uint64_t seed = 88172645463325252u;
    for (int i = 0; i < 300000; i++) {
        strcpy(text, i % 2 ? "2026-11-22T10:30:00Z" : "2026-11-22");
        for (int changes = 0; changes <= i % 3; changes++) {
            seed ^= seed << 13, seed ^= seed >> 7, seed ^= seed << 17;
            text[seed % strlen(text)] = "0123456789-:TZ /.:;a"[(seed >> 32) % 20];
        }
        bool one = convert_instant(text, strlen(text), DATES_ISO_ONLY, &quick),
             other = instant_parse(text, strlen(text), DATES_ISO_ONLY, &slow);
        if (one != other || (one && quick != slow))
            fail_msg("%s", text);
    }
    assert_true(convert_instant("22.11.2026", 10, DATES_DMY, &quick) && quick == instant_from_civil(2026, 11, 22));
    assert_false(convert_instant("22.11.2026", 10, DATES_ISO_ONLY, &quick));
}

/* A cell of a CSV file with options, as the reader sees it. */
static void check_cell(enum field_type type, const char *cell, struct input_options options, const char *expected)
{
    struct fixture_field field = {"value", type, NULL, "select|-|n/a", "Software|Straße|Öl"};
    struct program *program = fixture_program(&field, 1);
    char text[400];
    snprintf(text, sizeof text, "value\n%s\n", cell);
    options.content = CONTENT_CSV;
    struct fixture fixture = fixture_read(program, options, text, strlen(text));
    char got[400];
    snprintf(got, sizeof got, "%s%s", fixture.leads.length > 3 ? fixture.leads.data + 3 : "", fixture.reports.data);
    assert_string_equal(got, expected);
    fixture_free(&fixture);
    program_free(program);
}

static void test_cells(void **state)
{
    (void)state;
    struct input_options plain = {0}, german = {.decimal_comma = true, .dates = DATES_DMY, .delimiter = '\t'};
    check_cell(FIELD_TEXT, " a ", plain, "value=< a >\n");
    check_cell(FIELD_TEXT, "SELECT", plain, "");
    check_cell(FIELD_NUMBER, " 12 ", plain, "value=12\n");
    check_cell(FIELD_NUMBER, "n/a", plain, "");
    check_cell(FIELD_NUMBER, "\"1.234,50\"", german, "value=1234.5\n");
    check_cell(FIELD_NUMBER, "\"1.234,50\"", plain, "value 2:2 field value <1.234,50> is no number\n");
    check_cell(FIELD_YESNO, "Nein", plain, "value=no\n");
    check_cell(FIELD_DATE, "22.11.2026", german, "value=2026-11-22T00:00:00Z\n");
    check_cell(FIELD_DATE, "22.11.2026", plain, "value 2:1 field value <22.11.2026> is no date\n");
    check_cell(FIELD_ONEOF, "STRASSE", plain, "value=<STRASSE>\n");
    check_cell(FIELD_ONEOF, " öl", plain, "value=< öl>\n");
    check_cell(FIELD_ONEOF, "Gas", plain, "value 2:1 field value <Gas> is none of the field's values\n");
    check_cell(FIELD_LIST, "a;\u00a0;n/a;\"b\";c d", plain, "value=[<a><\"b\"><c d>]\n");
    check_cell(FIELD_LIST, ";;-", plain, "");
}

static void test_stages(void **state)
{
    (void)state;
    struct fixture_field fields[] = {{"id", FIELD_TEXT, NULL, NULL, NULL}, {"status", FIELD_TEXT, NULL, "n/a", NULL}};
    struct program *program = fixture_program(fields, 2);
    program->stages[0] = (struct program_stage){.name = "Lead"};
    program->stages[1] = (struct program_stage){.name = "MQL", .title = "Größter Lead"};
    program->stage_count = 2;
    const char *text = "id,status\n1,lead\n2,GRÖSSTER LEAD\n3, MQL \n4,disqualified\n5,\n6,New\n7,n/a\n8,Lead\n";
    struct fixture fixture = fixture_read(program, (struct input_options){0}, text, strlen(text));
    assert_string_equal(
        fixture.leads.data,
        "2: id=<1> status=<lead> stage=0\n3: id=<2> status=<GRÖSSTER LEAD> stage=1\n"
        "4: id=<3> status=< MQL > stage=1\n5: id=<4> status=<disqualified> stage=2\n6: id=<5>\n7: id=<6> status=<New>\n"
        "8: id=<7>\n9: id=<8> status=<Lead> stage=0\n");
    assert_string_equal(fixture.reports.data, "stage 7:3 lead 6 field status <New> is no stage of the rubric\n");
    assert_int_equal(fixture.summary.unknown_stages, 1);
    fixture_free(&fixture);
    program_free(program);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numbers), cmocka_unit_test(test_yesno),  cmocka_unit_test(test_dates),
        cmocka_unit_test(test_cells),   cmocka_unit_test(test_stages),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
