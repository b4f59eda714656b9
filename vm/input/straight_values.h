/* Values as they mostly are.  Inside vm/input only. */
#ifndef RUBRIC_VM_INPUT_STRAIGHT_VALUES_H
#define RUBRIC_VM_INPUT_STRAIGHT_VALUES_H

#include <stdbool.h>
#if defined(__SSE2__) && !defined(RUBRIC_SCALAR)
#include <emmintrin.h>
#endif

#include "vm/input/digits.h"
#include "vm/number.h"

/* A number of at most 14 digits and 4 decimals, without a sign or an exponent; NULL when it is another one, or none. */
static inline const char *plain_number(const char *at, int64_t *units)
{
    uint64_t whole;
    unsigned count;
#if defined(__SSE2__) && !defined(RUBRIC_SCALAR)
    __extension__ typedef unsigned __int128 wide;
    __m128i digits = _mm_sub_epi8(_mm_loadu_si128((const __m128i *)(const void *)at), _mm_set1_epi8('0'));
    unsigned other = ~(unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(_mm_min_epu8(digits, _mm_set1_epi8(9)), digits));
    count = (unsigned)__builtin_ctz(other);             /* the upper half has bits in any case */
    if (count == 0 || count > 14)
        return NULL;
    wide all = (wide)(uint64_t)_mm_cvtsi128_si64(_mm_unpackhi_epi64(digits, digits)) << 64
               | (uint64_t)_mm_cvtsi128_si64(digits);
    all <<= 8 * (16 - count);                           /* what stood behind the digits is gone, zeros stand before */
    whole = eight_digits((uint64_t)all) * 100000000 + eight_digits((uint64_t)(all >> 64));
#else
    whole = 0;
    for (count = 0; count < 15 && (unsigned char)(at[count] - '0') < 10; count++)
        whole = whole * 10 + (unsigned char)(at[count] - '0');
    if (count == 0 || count > 14)
        return NULL;
#endif
    if (*at == '0' && count > 1)
        return NULL;
    at += count;
    *units = (int64_t)whole * NUMBER_ONE;
    if (*at == '.') {
        int64_t unit = NUMBER_ONE;
        for (at++; (unsigned char)(*at - '0') < 10; at++) {
            if (unit == 1)
                return NULL;
            unit /= 10;
            *units += (*at - '0') * unit;
        }
        if (unit == NUMBER_ONE)
            return NULL;
    }
    return (*at | 0x20) == 'e' ? NULL : at;
}

/* Whether a text stands as its value just as it is: what is trimmed begins (or, all of it, ends) in white space. */
static inline bool begins_plainly(const char *at)
{
    return (unsigned char)(*at - '!') < 0x5E;
}

/* A place is never behind what is read next; this brings it to it. */
static inline const uint32_t *catch_up(const uint32_t *place, const char *text, const char *at)
{
    while (text + *place < at)
        place++;
    return place;
}

#endif
