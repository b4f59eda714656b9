#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>
#include <time.h>

#include "vm/calendar.h"

static uint64_t random_next(uint64_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed;
}

static int64_t random_instant(uint64_t *seed)
{
    return INSTANT_MIN + (int64_t)(random_next(seed) % (uint64_t)(INSTANT_MAX - INSTANT_MIN + 1));
}

static int64_t at(const char *text)
{
    int64_t instant = 0;
    if (!instant_parse(text, strlen(text), DATES_ISO_ONLY, &instant))
        fail_msg("\"%s\" was refused", text);
    return instant;
}

static void expect_parse(const char *text, enum date_order order, const char *expected)
{
    int64_t instant = 0;
    if (!instant_parse(text, strlen(text), order, &instant))
        fail_msg("\"%s\" was refused", text);
    char shown[INSTANT_TEXT];
    instant_format(instant, shown);
    if (strcmp(shown, expected) != 0)
        fail_msg("\"%s\" became %s, not %s", text, shown, expected);
}

static void expect_refused(const char *text, enum date_order order)
{
    int64_t instant = 77;
    if (instant_parse(text, strlen(text), order, &instant))
        fail_msg("\"%s\" became %lld", text, (long long)instant);
    assert_int_equal(instant, 77);
}

static void iso_dates_are_read(void **state)
{
    (void)state;
    assert_int_equal(at("1970-01-01"), 0);
    assert_int_equal(at("1969-12-31T23:59:59.999999Z"), -1);
    assert_int_equal(at("0001-01-01"), INSTANT_MIN);
    assert_int_equal(at("9999-12-31T23:59:59.999999Z"), INSTANT_MAX);
    assert_int_equal(at("9999-12-31T23:59:59.9999999"), INSTANT_MAX);
    static const enum date_order orders[] = {DATES_ISO_ONLY, DATES_DMY, DATES_MDY, DATES_YMD};
    for (int order = 0; order < 4; order++) {
        expect_parse("2026-11-22", orders[order], "2026-11-22T00:00:00Z");
        expect_parse("2026-11-22T10:30:00Z", orders[order], "2026-11-22T10:30:00Z");
        expect_parse("2026-11-22T10:30", orders[order], "2026-11-22T10:30:00Z");
        expect_parse("2026-11-22 10:30:00", orders[order], "2026-11-22T10:30:00Z");
        expect_parse("2026-11-22T10:30:00.5Z", orders[order], "2026-11-22T10:30:00.5Z");
        expect_parse("2026-11-22T10:30:00.1234569999+00:00", orders[order], "2026-11-22T10:30:00.123456Z");
        expect_parse("2026-11-22T00:30+01:00", orders[order], "2026-11-21T23:30:00Z");
        expect_parse("2026-12-31T23:30:00-0100", orders[order], "2027-01-01T00:30:00Z");
        expect_parse("2024-02-29", orders[order], "2024-02-29T00:00:00Z");
        expect_parse("2000-02-29", orders[order], "2000-02-29T00:00:00Z");
    }
}

static void what_is_no_date_is_refused(void **state)
{
    (void)state;
    static const char *const refused[] = {
        "", "2026", "2026-11", "2026-11-2", "2026-1-02", "26-11-22", "2026-02-30", "2026-02-29", "1900-02-29",
        "2026-13-01", "2026-00-01", "2026-01-00", "2026-01-32", "2026-04-31", "0000-01-01", "2026-11-22T",
        "2026-11-22 ",
        " 2026-11-22",
        "2026-11-22T10", "2026-11-22T10:3", "2026-11-22T24:00", "2026-11-22T10:60", "2026-11-22T10:30:60",
        "2026-11-22T10:30:00.", "2026-11-22T10:30:00.Z", "2026-11-22T10:30:00+1", "2026-11-22T10:30:00+01:0",
        "2026-11-22T10:30:00+24:00", "2026-11-22T10:30:00+01:60", "2026-11-22T10:30:00ZZ", "2026-11-22Z", "2026/11/22",
        "22.11.2026", "2026-11-22T10:30 PM", "0001-01-01T00:00+00:01", "9999-12-31T23:59-00:01", "-2026-11-22",
    };
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++)
        expect_refused(refused[i], DATES_ISO_ONLY);
    int64_t instant = 0;
    assert_true(instant_parse("2026-11-22 and more", 10, DATES_ISO_ONLY, &instant));
    assert_false(instant_parse("2026-11-22", 9, DATES_ISO_ONLY, &instant));
    assert_false(instant_parse("2026-11-22\0", 11, DATES_ISO_ONLY, &instant));
}

static void dates_in_the_order_of_the_country(void **state)
{
    (void)state;
    expect_parse("22.11.2026", DATES_DMY, "2026-11-22T00:00:00Z");
    expect_parse("22-11-2026", DATES_DMY, "2026-11-22T00:00:00Z");
    expect_parse("3/4/2026", DATES_DMY, "2026-04-03T00:00:00Z");
    expect_parse("3/4/2026", DATES_MDY, "2026-03-04T00:00:00Z");
    expect_parse("11/22/2026", DATES_MDY, "2026-11-22T00:00:00Z");
    expect_parse("2026/11/22", DATES_YMD, "2026-11-22T00:00:00Z");
    expect_parse("2026.1.2", DATES_YMD, "2026-01-02T00:00:00Z");
    expect_parse("22.11.2026 14:30", DATES_DMY, "2026-11-22T14:30:00Z");
    expect_parse("22.11.2026 9:05:07", DATES_DMY, "2026-11-22T09:05:07Z");
    expect_parse("11/22/2026 2:30 PM", DATES_MDY, "2026-11-22T14:30:00Z");
    expect_parse("11/22/2026 2:30:59 pm", DATES_MDY, "2026-11-22T14:30:59Z");
    expect_parse("11/22/2026 12:00 AM", DATES_MDY, "2026-11-22T00:00:00Z");
    expect_parse("11/22/2026 12:01 PM", DATES_MDY, "2026-11-22T12:01:00Z");
    static const char *const refused[] = {
        "11/22/2026", "22.11/2026", "22.11.26", "30.02.2026", "22.11.2026 ", "22.11.2026 24:00", "22.11.2026 13:00 PM",
        "22.11.2026 0:30 AM", "22.11.2026 2:30 XM", "22.11.2026 2:30 P", "22.11.2026 2:30 PMs", "22 11 2026", "22.11.",
        "222.11.2026", "0.1.2026", "22.11.0000", "22.11.20266",
    };
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++)
        expect_refused(refused[i], DATES_DMY);
}

static void days_are_those_of_the_c_library(void **state)
{
    (void)state;
    uint64_t seed = 362436069;
    for (int round = 0; round < 100000; round++) {
        int64_t instant = random_instant(&seed), year;
        int month, day;
        instant_to_civil(instant, &year, &month, &day);
        time_t seconds = (time_t)((instant - INSTANT_MIN) / MICROS_SECOND + INSTANT_MIN / MICROS_SECOND);
        struct tm broken;
        assert_non_null(gmtime_r(&seconds, &broken));
        assert_int_equal(year, broken.tm_year + 1900);
        assert_int_equal(month, broken.tm_mon + 1);
        assert_int_equal(day, broken.tm_mday);
        int64_t midnight = instant_from_civil(year, month, day);
        assert_true(midnight <= instant && instant < midnight + MICROS_DAY);
    }
}

static void what_is_written_is_read_back(void **state)
{
    (void)state;
    uint64_t seed = 521288629;
    for (int round = 0; round < 100000; round++) {
        int64_t instant = random_instant(&seed), parsed = 0;
        if (round % 3 == 0)
            instant -= instant % MICROS_DAY;
        char text[INSTANT_TEXT];
        size_t length = instant_format(instant, text);
        assert_int_equal(length, strlen(text));
        assert_true(instant_parse(text, length, DATES_ISO_ONLY, &parsed));
        assert_int_equal(parsed, instant);
        length = instant_format_day(instant, text);
        assert_true(instant_parse(text, length, DATES_ISO_ONLY, &parsed));
        assert_int_equal(parsed, instant);
    }
    char text[INSTANT_TEXT];
    assert_int_equal(instant_format_day(at("2026-11-22"), text), 10);
    assert_string_equal(text, "2026-11-22");
    instant_format_day(at("2026-11-22T00:00:01"), text);
    assert_string_equal(text, "2026-11-22T00:00:01Z");
    instant_format(at("2026-11-22T00:00:00.000001"), text);
    assert_string_equal(text, "2026-11-22T00:00:00.000001Z");
}

static void expect_step(const char *start, int64_t count, enum time_unit unit, const char *expected)
{
    char shown[INSTANT_TEXT];
    instant_format_day(instant_step(at(start), count, unit), shown);
    assert_string_equal(shown, expected);
}

static void months_are_clamped_and_added_at_once(void **state)
{
    (void)state;
    expect_step("2026-01-31", 1, UNIT_MONTH, "2026-02-28");
    expect_step("2026-01-31", 2, UNIT_MONTH, "2026-03-31");
    expect_step("2024-01-31", 1, UNIT_MONTH, "2024-02-29");
    expect_step("2024-02-29", 1, UNIT_YEAR, "2025-02-28");
    expect_step("2024-02-29", 4, UNIT_YEAR, "2028-02-29");
    expect_step("2026-03-31", -1, UNIT_MONTH, "2026-02-28");
    expect_step("2026-01-15T10:30:00Z", -1, UNIT_MONTH, "2025-12-15T10:30:00Z");
    expect_step("1969-12-31T23:59:59Z", 2, UNIT_MONTH, "1970-02-28T23:59:59Z");
    expect_step("2026-11-22", 0, UNIT_MONTH, "2026-11-22");
    expect_step("2026-11-22", 90, UNIT_MINUTE, "2026-11-22T01:30:00Z");
    expect_step("2026-11-22", 25, UNIT_HOUR, "2026-11-23T01:00:00Z");
    expect_step("2026-11-22", 30, UNIT_DAY, "2026-12-22");
    expect_step("2026-11-22", -1, UNIT_WEEK, "2026-11-15");
}

static void steps_saturate(void **state)
{
    (void)state;
    for (int unit = UNIT_MINUTE; unit <= UNIT_YEAR; unit++) {
        assert_int_equal(instant_step(at("2026-11-22"), INT64_MAX, (enum time_unit)unit), INSTANT_MAX);
        assert_int_equal(instant_step(at("2026-11-22"), INT64_MIN, (enum time_unit)unit), INSTANT_MIN);
        assert_int_equal(instant_step(INSTANT_MAX, 1, (enum time_unit)unit), INSTANT_MAX);
        assert_int_equal(instant_step(INSTANT_MIN, -1, (enum time_unit)unit), INSTANT_MIN);
    }
    assert_int_equal(instant_step(at("2026-11-22"), 7973, UNIT_YEAR), at("9999-11-22"));
    assert_int_equal(instant_step(at("2026-11-22"), 7974, UNIT_YEAR), INSTANT_MAX);
}

static void whole_units_between(void **state)
{
    (void)state;
    assert_int_equal(instant_whole_units(at("2026-01-31"), at("2026-02-28"), UNIT_MONTH), 1);
    assert_int_equal(instant_whole_units(at("2026-01-31"), at("2026-02-27T23:59:59"), UNIT_MONTH), 0);
    assert_int_equal(instant_whole_units(at("2026-01-31"), at("2026-03-30"), UNIT_MONTH), 1);
    assert_int_equal(instant_whole_units(at("2026-01-31"), at("2026-03-31"), UNIT_MONTH), 2);
    assert_int_equal(instant_whole_units(at("2024-02-29"), at("2025-02-28"), UNIT_YEAR), 1);
    assert_int_equal(instant_whole_units(at("2024-02-29"), at("2025-02-27"), UNIT_YEAR), 0);
    assert_int_equal(instant_whole_units(at("2026-11-22"), at("2026-11-21T23:59:59.999999"), UNIT_DAY), -1);
    assert_int_equal(instant_whole_units(at("2026-11-22"), at("2026-11-21"), UNIT_MONTH), -1);
    assert_int_equal(instant_whole_units(at("2026-11-22"), at("2026-11-22"), UNIT_YEAR), 0);
    assert_int_equal(instant_whole_units(at("2026-11-22"), at("2026-11-21"), UNIT_YEAR), -1);
    assert_int_equal(instant_whole_units(INSTANT_MIN, INSTANT_MAX, UNIT_YEAR), 9998);
    assert_int_equal(instant_whole_units(INSTANT_MAX, INSTANT_MIN, UNIT_YEAR), -9999);
}

/* n is right when start + n units <= end < start + (n + 1) units; away from the ends of time, where steps saturate. */
static void whole_units_fit_their_definition(void **state)
{
    (void)state;
    uint64_t seed = 88675123;
    for (int round = 0; round < 100000; round++) {
        int64_t start = random_instant(&seed) / 2, end = start + random_instant(&seed) % (MICROS_DAY * 4000);
        enum time_unit unit = (enum time_unit)(random_next(&seed) % 6);
        int64_t count = instant_whole_units(start, end, unit);
        assert_true(instant_step(start, count, unit) <= end);
        assert_true(instant_step(start, count + 1, unit) > end);
    }
}

static void periods_change_where_they_should(void **state)
{
    (void)state;
    /* ISO weeks: 2026-11-23 is a Monday. */
    assert_int_equal(instant_period(at("2026-11-23"), UNIT_WEEK), instant_period(at("2026-11-29T23:59:59"), UNIT_WEEK));
    assert_int_equal(instant_period(at("2026-11-22T23:59:59"), UNIT_WEEK), instant_period(at("2026-11-16"), UNIT_WEEK));
    assert_int_equal(instant_period(at("2026-11-22"), UNIT_WEEK) + 1, instant_period(at("2026-11-23"), UNIT_WEEK));
    assert_int_equal(instant_period(at("1969-12-29"), UNIT_WEEK), instant_period(at("1970-01-04"), UNIT_WEEK));
    assert_int_equal(instant_period(at("2026-12-31"), UNIT_WEEK), instant_period(at("2027-01-01"), UNIT_WEEK));
    assert_int_equal(instant_period(-1, UNIT_DAY) + 1, instant_period(0, UNIT_DAY));
    assert_int_equal(instant_period(at("2026-11-30"), UNIT_MONTH) + 1, instant_period(at("2026-12-01"), UNIT_MONTH));
    assert_int_equal(instant_period(at("2026-12-31"), UNIT_MONTH) + 1, instant_period(at("2027-01-01"), UNIT_MONTH));
    assert_int_not_equal(instant_period(at("2025-11-01"), UNIT_MONTH), instant_period(at("2026-11-01"), UNIT_MONTH));
}

static void units_have_names(void **state)
{
    (void)state;
    assert_string_equal(time_unit_name(UNIT_MINUTE, false), "minute");
    assert_string_equal(time_unit_name(UNIT_MONTH, true), "months");
    assert_string_equal(time_unit_name(UNIT_YEAR, true), "years");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(iso_dates_are_read),
        cmocka_unit_test(what_is_no_date_is_refused),
        cmocka_unit_test(dates_in_the_order_of_the_country),
        cmocka_unit_test(days_are_those_of_the_c_library),
        cmocka_unit_test(what_is_written_is_read_back),
        cmocka_unit_test(months_are_clamped_and_added_at_once),
        cmocka_unit_test(steps_saturate),
        cmocka_unit_test(whole_units_between),
        cmocka_unit_test(whole_units_fit_their_definition),
        cmocka_unit_test(periods_change_where_they_should),
        cmocka_unit_test(units_have_names),
    };
    return cmocka_run_group_tests_name("calendar", tests, NULL, NULL);
}
