/* Arithmetic of vm/number.h for the machine's loops: the same results to the last digit, inline and without 128-bit
   division where the operands let it.  Everything else goes to number.h. */
#ifndef RUBRIC_VM_QUICK_H
#define RUBRIC_VM_QUICK_H

#include "vm/number.h"

static inline uint64_t quick_size(int64_t value)
{
    return value < 0 ? (uint64_t)0 - (uint64_t)value : (uint64_t)value;
}

static inline int64_t quick_signed(uint64_t size, bool negative)
{
    return (int64_t)(negative ? (uint64_t)0 - size : size);
}

static inline bool quick_multiply(int64_t a, int64_t b, int64_t *result)
{
    int64_t product;
    if (__builtin_mul_overflow(a, b, &product))
        return number_multiply(a, b, result);
    *result = quick_signed((quick_size(product) + NUMBER_ONE / 2) / NUMBER_ONE, product < 0);
    return true;
}

static inline bool quick_divide(int64_t a, int64_t b, int64_t *result)
{
    int64_t dividend;
    if (b == 0 || __builtin_mul_overflow(a, NUMBER_ONE, &dividend))
        return number_divide(a, b, result);
    uint64_t size = quick_size(dividend), by = quick_size(b), quotient = size / by, rest = size % by;
    if (rest >= by - rest)
        quotient++;
    /* |dividend| may be 2^63, and so may the quotient by 1 or -1. */
    if (quotient > INT64_MAX)
        return number_divide(a, b, result);
    *result = quick_signed(quotient, (dividend < 0) != (b < 0));
    return true;
}

static inline int64_t quick_weigh(int64_t points, int64_t fraction_ppm)
{
    int64_t product;
    if (__builtin_mul_overflow(points, fraction_ppm, &product))
        return number_weigh(points, fraction_ppm);
    return quick_signed((quick_size(product) + 500000) / 1000000, product < 0);
}

/* points > 0 and 0 <= factor <= FACTOR_ONE: the product of 1,800 points and a factor still fits 64 bits without
   sign. */
static inline int64_t quick_decay(int64_t points, int64_t factor)
{
    if (points > INT64_C(18000000) || points < 0 || factor < 0 || factor > FACTOR_ONE)
        return number_decay(points, factor);
    return (int64_t)(((uint64_t)points * (uint64_t)factor + (uint64_t)FACTOR_ONE / 2) / (uint64_t)FACTOR_ONE);
}

#endif
