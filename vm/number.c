#include "vm/number.h"

#include <stdlib.h>
#include <string.h>

#include "vm/memory.h"

#define PPM_ONE INT64_C(1000000)

__extension__ typedef unsigned __int128 wide_size;

static wide_size magnitude(wide_int value)
{
    return value < 0 ? (wide_size)0 - (wide_size)value : (wide_size)value;
}

/* dividend / divisor, half away from zero; divisor is not 0.  Only -2^127 / -1 could leave the type: nobody asks it. */
static wide_int divide_rounded(wide_int dividend, int64_t divisor)
{
    wide_size size = magnitude(dividend), by = magnitude(divisor);
    wide_size quotient = size / by, rest = size % by;
    if (rest >= by - rest)
        quotient++;
    return (dividend < 0) != (divisor < 0) ? -(wide_int)quotient : (wide_int)quotient;
}

static int64_t saturate(wide_int value)
{
    if (value > INT64_MAX)
        return INT64_MAX;
    return value < INT64_MIN ? INT64_MIN : (int64_t)value;
}

bool number_narrow(wide_int wide, int64_t *result)
{
    if (wide > INT64_MAX || wide < INT64_MIN)
        return false;
    *result = (int64_t)wide;
    return true;
}

bool number_add(int64_t a, int64_t b, int64_t *result)
{
    int64_t sum;
    if (__builtin_add_overflow(a, b, &sum))
        return false;
    *result = sum;
    return true;
}

bool number_subtract(int64_t a, int64_t b, int64_t *result)
{
    int64_t difference;
    if (__builtin_sub_overflow(a, b, &difference))
        return false;
    *result = difference;
    return true;
}

bool number_multiply(int64_t a, int64_t b, int64_t *result)
{
    return number_narrow(divide_rounded((wide_int)a * b, NUMBER_ONE), result);
}

bool number_divide(int64_t a, int64_t b, int64_t *result)
{
    if (b == 0)
        return false;
    return number_narrow(divide_rounded((wide_int)a * NUMBER_ONE, b), result);
}

bool number_average(wide_int total, int64_t count, int64_t *result)
{
    return number_narrow(divide_rounded(total, count), result);
}

int64_t number_round(int64_t value, int64_t step)
{
    int64_t rest = value % step, whole = value - rest, distance = rest < 0 ? -rest : rest;
    if (distance < step - distance)
        return whole;
    int64_t away;
    return __builtin_add_overflow(whole, value < 0 ? -step : step, &away) ? whole : away;
}

int64_t number_weigh(int64_t points, int64_t fraction_ppm)
{
    return saturate(divide_rounded((wide_int)points * fraction_ppm, PPM_ONE));
}

int64_t factor_next(int64_t factor, int64_t fraction_ppm)
{
    return saturate(divide_rounded((wide_int)factor * (PPM_ONE - fraction_ppm), PPM_ONE));
}

int64_t number_decay(int64_t points, int64_t factor)
{
    return saturate(divide_rounded((wide_int)points * factor, FACTOR_ONE));
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* The exponent's digits; capped far beyond the length of any text, so that adding to it cannot overflow. */
static int64_t read_exponent(const char *text, size_t from, size_t to)
{
    int64_t exponent = 0;
    for (size_t at = from; at < to; at++)
        if (exponent < INT64_C(1000000000000000))
            exponent = exponent * 10 + (text[at] - '0');
    return exponent;
}

bool number_parse(const char *text, size_t length, int64_t *units, bool *inexact)
{
    size_t at = 0;
    bool negative = false;
    if (at < length && (text[at] == '-' || text[at] == '+'))
        negative = text[at++] == '-';
    size_t whole_from = at;
    while (at < length && is_digit(text[at]))
        at++;
    size_t whole_to = at, fraction_to = at;
    if (whole_to == whole_from)
        return false;
    if (at < length && text[at] == '.') {
        at++;
        while (at < length && is_digit(text[at]))
            at++;
        fraction_to = at;
        if (fraction_to == whole_to + 1)
            return false;
    }
    int64_t exponent = 0;
    if (at < length && (text[at] == 'e' || text[at] == 'E')) {
        at++;
        bool shrinks = false;
        if (at < length && (text[at] == '-' || text[at] == '+'))
            shrinks = text[at++] == '-';
        size_t digits_from = at;
        while (at < length && is_digit(text[at]))
            at++;
        if (at == digits_from)
            return false;
        exponent = read_exponent(text, digits_from, at);
        if (shrinks)
            exponent = -exponent;
    }
    if (at != length)
        return false;

    /* Of the digits in a row, without the point, the first `kept` make the units; the next one rounds. */
    int64_t kept = (int64_t)(whole_to - whole_from) + exponent + 4;
    int64_t position = 0;
    uint64_t size = 0;
    const uint64_t limit = (uint64_t)INT64_MAX + (negative ? 1 : 0);
    bool cut = false, up = false;
    for (at = whole_from; at < fraction_to; at++) {
        if (text[at] == '.')
            continue;
        unsigned digit = (unsigned)(text[at] - '0');
        if (position < kept) {
            if (size > (limit - digit) / 10)
                return false;
            size = size * 10 + digit;
        } else {
            cut = cut || digit != 0;
            up = up || (position == kept && digit >= 5);
        }
        position++;
    }
    for (; size > 0 && position < kept; position++) {
        if (size > limit / 10)
            return false;
        size *= 10;
    }
    if (up && size++ == limit)
        return false;
    *units = negative ? (int64_t)((uint64_t)0 - size) : (int64_t)size;
    if (inexact != NULL)
        *inexact = cut;
    return true;
}

size_t number_format(int64_t units, char *out)
{
    uint64_t size = units < 0 ? (uint64_t)0 - (uint64_t)units : (uint64_t)units;
    uint64_t whole = size / (uint64_t)NUMBER_ONE;
    unsigned fraction = (unsigned)(size % (uint64_t)NUMBER_ONE);
    char reversed[NUMBER_TEXT];
    size_t count = 0, length = 0;
    if (fraction != 0) {
        for (int digit = 0; digit < 4; digit++, fraction /= 10)
            if (count > 0 || fraction % 10 != 0)
                reversed[count++] = (char)('0' + fraction % 10);
        reversed[count++] = '.';
    }
    do {
        reversed[count++] = (char)('0' + whole % 10);
        whole /= 10;
    } while (whole > 0);
    if (units < 0)
        out[length++] = '-';
    while (count > 0)
        out[length++] = reversed[--count];
    out[length] = '\0';
    return length;
}

/* The table below `FIRST_FACTORS` periods is kept whole; checkpoint k is f(FIRST_FACTORS + k * FACTOR_STRIDE). */
#define FIRST_FACTORS 4096
#define FACTOR_STRIDE 1024

void factor_table_init(struct factor_table *table, int64_t fraction_ppm)
{
    *table = (struct factor_table){.fraction_ppm = fraction_ppm};
}

static int64_t factor_after(int64_t factor, int64_t steps, int64_t fraction_ppm)
{
    while (steps-- > 0) {
        int64_t next = factor_next(factor, fraction_ppm);
        if (next == factor)
            break;                                      /* rounding has brought it to rest: it stays */
        factor = next;
    }
    return factor;
}

/* `first` is always full, and its size a power of two, so that it needs no capacity. */
static void first_factors_grow(struct factor_table *table, int64_t periods)
{
    size_t count = table->first_count > 0 ? table->first_count : 32;
    while (count <= (size_t)periods)
        count *= 2;
    table->first = memory_resize(table->first, count * sizeof *table->first);
    for (size_t at = table->first_count; at < count; at++)
        table->first[at] = at == 0 ? FACTOR_ONE : factor_next(table->first[at - 1], table->fraction_ppm);
    table->first_count = count;
}

int64_t factor_table_get(struct factor_table *table, int64_t periods)
{
    if (periods < 0)
        periods = 0;
    int64_t wanted = periods < FIRST_FACTORS ? periods : FIRST_FACTORS - 1;
    if ((size_t)wanted >= table->first_count)
        first_factors_grow(table, wanted);
    if (periods < FIRST_FACTORS)
        return table->first[periods];

    size_t checkpoint = (size_t)((periods - FIRST_FACTORS) / FACTOR_STRIDE);
    while (table->checkpoint_count <= checkpoint) {
        size_t count = table->checkpoint_count;
        /* Equal neighbours mean the factor has come to rest: billions of periods need no more of them. */
        if (count >= 2 && table->checkpoint[count - 1] == table->checkpoint[count - 2])
            return table->checkpoint[count - 1];
        int64_t before = count == 0 ? table->first[FIRST_FACTORS - 1] : table->checkpoint[count - 1];
        int64_t steps = count == 0 ? 1 : FACTOR_STRIDE;
        memory_reserve(&table->checkpoint, &table->checkpoint_capacity, count + 1, sizeof *table->checkpoint);
        table->checkpoint[count] = factor_after(before, steps, table->fraction_ppm);
        table->checkpoint_count = count + 1;
    }
    int64_t rest = (periods - FIRST_FACTORS) % FACTOR_STRIDE;
    return factor_after(table->checkpoint[checkpoint], rest, table->fraction_ppm);
}

void factor_table_free(struct factor_table *table)
{
    free(table->first);
    free(table->checkpoint);
    factor_table_init(table, table->fraction_ppm);
}
