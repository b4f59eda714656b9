#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <locale.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "vm/number.h"

#define MOST INT64_MAX
#define LEAST INT64_MIN

static uint64_t random_next(uint64_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed;
}

static void expect_parse(const char *text, int64_t units, bool inexact)
{
    int64_t parsed = 77;
    bool was_inexact = !inexact;
    if (!number_parse(text, strlen(text), &parsed, &was_inexact))
        fail_msg("\"%s\" was refused", text);
    if (parsed != units || was_inexact != inexact)
        fail_msg("\"%s\" became %lld (inexact %d)", text, (long long)parsed, was_inexact);
    assert_true(number_parse(text, strlen(text), &parsed, NULL));
}

static void expect_refused(const char *text)
{
    int64_t parsed = 77;
    bool inexact = true;
    if (number_parse(text, strlen(text), &parsed, &inexact))
        fail_msg("\"%s\" became %lld", text, (long long)parsed);
    assert_int_equal(parsed, 77);
    assert_true(inexact);
}

static void numbers_are_read(void **state)
{
    (void)state;
    expect_parse("0", 0, false);
    expect_parse("-0", 0, false);
    expect_parse("250", 2500000, false);
    expect_parse("-2.5", -25000, false);
    expect_parse("+1e3", 10000000, false);
    expect_parse("1E-4", 1, false);
    expect_parse("007", 70000, false);
    expect_parse("12.50e1", 1250000, false);
    expect_parse("0.0001", 1, false);
    expect_parse("0e999999999999999999999999", 0, false);
    expect_parse("0.000e5", 0, false);
    expect_parse("0.00000000000000000000000012e26", 120000, false);
    expect_parse("1200000000000000000000000000e-26", 120000, false);
    expect_parse("1.00000000000000000000000000000000000000000", 10000, false);
}

static void digits_beyond_the_fourth_are_rounded(void **state)
{
    (void)state;
    expect_parse("0.00005", 1, true);
    expect_parse("0.00004999999999999999999999999", 0, true);
    expect_parse("-0.00005", -1, true);
    expect_parse("-0.00004", 0, true);
    expect_parse("1.23455", 12346, true);
    expect_parse("1.23445", 12345, true);
    expect_parse("0.99995", 10000, true);
    expect_parse("5e-5", 1, true);
    expect_parse("5e-6", 0, true);
    expect_parse("9e-99999999999999999999", 0, true);
    expect_parse("99999999999999999999999999e-30", 1, true);
}

static void numbers_at_the_edge_of_64_bits(void **state)
{
    (void)state;
    expect_parse("922337203685477.5807", MOST, false);
    expect_parse("-922337203685477.5808", LEAST, false);
    expect_parse("922337203685477.58074", MOST, true);
    expect_parse("-922337203685477.58084", LEAST, true);
    expect_parse("9223372036854775807e-4", MOST, false);
    expect_refused("922337203685477.5808");
    expect_refused("922337203685477.58075");
    expect_refused("-922337203685477.5809");
    expect_refused("-922337203685477.58085");
    expect_refused("1e15");
    expect_refused("1e99999999999999999999999");
    expect_refused("100000000000000000000000000000000000000000");
}

static void what_is_no_number_is_refused(void **state)
{
    (void)state;
    static const char *const refused[] = {
        "", " ", "+", "-", ".", ".5", "1.", "-.5", "1..2", "1.2.3", "1e", "1e+", "e5", "1 ", " 1", "1,5", "1_000",
        "0x10", "--1", "+-1", "NaN", "inf", "1e1.5", "1.e5", "12a", "\xD9\xA1",
    };
    for (size_t at = 0; at < sizeof refused / sizeof refused[0]; at++)
        expect_refused(refused[at]);
    int64_t parsed = 0;
    assert_false(number_parse("1\0" "2", 3, &parsed, NULL));
    assert_true(number_parse("123456", 3, &parsed, NULL));
    assert_int_equal(parsed, 1230000);
}

static void expect_format(int64_t units, const char *expected)
{
    char text[NUMBER_TEXT];
    memset(text, '#', sizeof text);
    assert_int_equal(number_format(units, text), strlen(expected));
    assert_string_equal(text, expected);
}

static void the_shortest_decimal_is_written(void **state)
{
    (void)state;
    expect_format(0, "0");
    expect_format(5000, "0.5");
    expect_format(-120000, "-12");
    expect_format(2500000, "250");
    expect_format(1, "0.0001");
    expect_format(-1, "-0.0001");
    expect_format(10010, "1.001");
    expect_format(1000000, "100");
    expect_format(MOST, "922337203685477.5807");
    expect_format(LEAST, "-922337203685477.5808");
}

static void what_is_written_is_read_back(void **state)
{
    (void)state;
    uint64_t seed = 88172645463325252u;
    for (int round = 0; round < 100000; round++) {
        int64_t units = (int64_t)(random_next(&seed) >> (random_next(&seed) % 64));
        if (random_next(&seed) & 1)
            units = -units;
        char text[NUMBER_TEXT];
        size_t length = number_format(units, text);
        int64_t parsed;
        bool inexact;
        assert_true(number_parse(text, length, &parsed, &inexact));
        assert_int_equal(parsed, units);
        assert_false(inexact);
    }
}

static void the_locale_is_never_asked(void **state)
{
    (void)state;
    setlocale(LC_ALL, "de_DE.UTF-8");
    expect_parse("1.5", 15000, false);
    expect_refused("1,5");
    expect_format(15000, "1.5");
    setlocale(LC_ALL, "C");
}

static void sums_stay_in_64_bits(void **state)
{
    (void)state;
    int64_t result = 5;
    assert_true(number_add(1000, 2000, &result));
    assert_int_equal(result, 3000);
    assert_true(number_add(MOST, LEAST, &result));
    assert_int_equal(result, -1);
    assert_false(number_add(MOST, 1, &result));
    assert_false(number_add(LEAST, -1, &result));
    assert_false(number_subtract(LEAST, 1, &result));
    assert_false(number_subtract(0, LEAST, &result));
    assert_int_equal(result, -1);
    assert_true(number_subtract(-1, LEAST, &result));
    assert_int_equal(result, MOST);
}

static void products_are_rounded_half_away_from_zero(void **state)
{
    (void)state;
    int64_t result = 5;
    assert_true(number_multiply(15000, 20000, &result));
    assert_int_equal(result, 30000);
    assert_true(number_multiply(1, 5000, &result));
    assert_int_equal(result, 1);
    assert_true(number_multiply(-1, 5000, &result));
    assert_int_equal(result, -1);
    assert_true(number_multiply(1, 4999, &result));
    assert_int_equal(result, 0);
    assert_true(number_multiply(-3, 5000, &result));
    assert_int_equal(result, -2);
    assert_true(number_multiply(MOST, NUMBER_ONE, &result));
    assert_int_equal(result, MOST);
    assert_true(number_multiply(LEAST, NUMBER_ONE, &result));
    assert_int_equal(result, LEAST);
    assert_false(number_multiply(LEAST, -NUMBER_ONE, &result));
    assert_false(number_multiply(MOST, NUMBER_ONE + 1, &result));
    assert_false(number_multiply(LEAST, LEAST, &result));
    assert_int_equal(result, LEAST);
}

static void quotients_are_rounded_half_away_from_zero(void **state)
{
    (void)state;
    int64_t result = 5;
    assert_true(number_divide(10000, 30000, &result));
    assert_int_equal(result, 3333);
    assert_true(number_divide(20000, 30000, &result));
    assert_int_equal(result, 6667);
    assert_true(number_divide(-20000, 30000, &result));
    assert_int_equal(result, -6667);
    assert_true(number_divide(1, 20000, &result));
    assert_int_equal(result, 1);
    assert_true(number_divide(1, -20000, &result));
    assert_int_equal(result, -1);
    assert_true(number_divide(LEAST, NUMBER_ONE, &result));
    assert_int_equal(result, LEAST);
    assert_true(number_divide(MOST, LEAST, &result));
    assert_int_equal(result, -10000);
    assert_false(number_divide(LEAST, -NUMBER_ONE, &result));
    assert_false(number_divide(1, 0, &result));
    assert_false(number_divide(0, 0, &result));
    assert_false(number_divide(MOST, 1, &result));
    assert_int_equal(result, -10000);
}

/* The rounding against its definition: twice the error is at most the divisor, and a tie goes away from zero. */
static void rounding_fits_its_definition(void **state)
{
    (void)state;
    uint64_t seed = 2463534242u;
    for (int round = 0; round < 200000; round++) {
        int64_t a = (int64_t)(random_next(&seed) >> (20 + random_next(&seed) % 40));
        int64_t b = (int64_t)(random_next(&seed) >> (20 + random_next(&seed) % 40)) + 1;
        if (random_next(&seed) & 1)
            a = -a;
        if (random_next(&seed) & 1)
            b = -b;
        int64_t result;
        if (!number_divide(a, b, &result))
            continue;
        wide_int rest = (wide_int)a * NUMBER_ONE - (wide_int)result * b;
        wide_int twice = rest < 0 ? -2 * rest : 2 * rest, size = b < 0 ? -(wide_int)b : b;
        assert_true(twice <= size);
        if (twice == size)
            assert_true((rest < 0) != ((a < 0)));
    }
}

static void weights_and_averages(void **state)
{
    (void)state;
    assert_int_equal(number_weigh(100000, 200000), 20000);
    assert_int_equal(number_weigh(5, 500000), 3);
    assert_int_equal(number_weigh(-5, 500000), -3);
    assert_int_equal(number_weigh(5, 499999), 2);
    assert_int_equal(number_weigh(MOST, 1000000), MOST);
    assert_int_equal(number_weigh(LEAST, 1000000), LEAST);
    assert_int_equal(number_weigh(MOST, 2000000), MOST);
    assert_int_equal(number_weigh(MOST, -2000000), LEAST);
    int64_t result = 7;
    assert_true(number_average((wide_int)MOST * 1000, 1000, &result));
    assert_int_equal(result, MOST);
    assert_true(number_average(-5, 2, &result));
    assert_int_equal(result, -3);
    assert_true(number_average(7, 3, &result));
    assert_int_equal(result, 2);
    assert_false(number_average((wide_int)MOST * 3, 2, &result));
    assert_false(number_narrow((wide_int)MOST + 1, &result));
    assert_false(number_narrow((wide_int)LEAST - 1, &result));
    assert_int_equal(result, 2);
    assert_true(number_narrow(LEAST, &result));
    assert_int_equal(result, LEAST);
}

static void factors_follow_their_definition(void **state)
{
    (void)state;
    assert_int_equal(factor_next(FACTOR_ONE, 200000), INT64_C(800000000000));
    assert_int_equal(factor_next(1, 500000), 1);
    assert_int_equal(factor_next(1, 500001), 0);
    assert_int_equal(factor_next(FACTOR_ONE, 1000000), 0);
    assert_int_equal(factor_next(FACTOR_ONE, 0), FACTOR_ONE);
    assert_int_equal(number_decay(100000, INT64_C(800000000000)), 80000);
    assert_int_equal(number_decay(1, FACTOR_ONE / 2), 1);
    assert_int_equal(number_decay(-1, FACTOR_ONE / 2), -1);
    assert_int_equal(number_decay(1, FACTOR_ONE / 2 - 1), 0);
    assert_int_equal(number_decay(MOST, FACTOR_ONE), MOST);
}

static void the_table_is_the_recurrence(void **state)
{
    (void)state;
    static const int64_t fractions[] = {0, 1, 7, 1000, 200000, 500000, 999999, 1000000};
    for (size_t at = 0; at < sizeof fractions / sizeof fractions[0]; at++) {
        struct factor_table forward, backward;
        factor_table_init(&forward, fractions[at]);
        factor_table_init(&backward, fractions[at]);
        assert_int_equal(factor_table_get(&forward, -5), FACTOR_ONE);
        int64_t last = factor_table_get(&backward, 9000), factor = FACTOR_ONE;
        for (int64_t periods = 0; periods <= 9000; periods++) {
            assert_int_equal(factor_table_get(&forward, periods), factor);
            assert_int_equal(factor_table_get(&backward, periods), factor);
            if (periods == 9000)
                assert_int_equal(last, factor);
            factor = factor_next(factor, fractions[at]);
        }
        factor_table_free(&forward);
        factor_table_free(&backward);
    }
}

/* All the minutes of ten thousand years: the table must not grow with them. */
static void billions_of_periods_cost_little(void **state)
{
    (void)state;
    struct factor_table table;
    factor_table_init(&table, 1000);
    int64_t rest = factor_table_get(&table, INT64_C(5000000000));
    assert_int_equal(factor_next(rest, 1000), rest);
    assert_int_equal(factor_table_get(&table, MOST), rest);
    assert_true(table.checkpoint_count < 100);
    factor_table_free(&table);
    factor_table_init(&table, 0);
    assert_int_equal(factor_table_get(&table, MOST), FACTOR_ONE);
    assert_true(table.checkpoint_count < 10);
    factor_table_free(&table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_read),
        cmocka_unit_test(digits_beyond_the_fourth_are_rounded),
        cmocka_unit_test(numbers_at_the_edge_of_64_bits),
        cmocka_unit_test(what_is_no_number_is_refused),
        cmocka_unit_test(the_shortest_decimal_is_written),
        cmocka_unit_test(what_is_written_is_read_back),
        cmocka_unit_test(the_locale_is_never_asked),
        cmocka_unit_test(sums_stay_in_64_bits),
        cmocka_unit_test(products_are_rounded_half_away_from_zero),
        cmocka_unit_test(quotients_are_rounded_half_away_from_zero),
        cmocka_unit_test(rounding_fits_its_definition),
        cmocka_unit_test(weights_and_averages),
        cmocka_unit_test(factors_follow_their_definition),
        cmocka_unit_test(the_table_is_the_recurrence),
        cmocka_unit_test(billions_of_periods_cost_little),
    };
    return cmocka_run_group_tests_name("number", tests, NULL, NULL);
}
