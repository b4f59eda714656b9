/* Values as they mostly are.  Inside vm/input only. */
#ifndef RUBRIC_VM_INPUT_STRAIGHT_VALUES_H
#define RUBRIC_VM_INPUT_STRAIGHT_VALUES_H

#include <stdbool.h>
#if defined(__SSE2__) && !defined(RUBRIC_SCALAR)
#include <emmintrin.h>
#endif

#include "vm/input/digits.h"
#include "vm/input/straight.h"
#include "vm/number.h"
#if MARKS_DISPATCH
#include <immintrin.h>
#endif

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

#if MARKS_DISPATCH
#pragma GCC push_options
#pragma GCC target("avx2,bmi,bmi2,popcnt")
/* "2026-11-22T10:30:00Z" between 1970 and 2225, as its bytes 0 to 15 and 4 to 19: the digits are brought together, checked
   and joined in pairs all at once, without a branch.  0: it is another one, or none. */
static inline __attribute__((always_inline)) unsigned wide_instant(const struct straight_month *months, __m128i early,
                                                                   __m128i late, int64_t *instant)
{
    /* Years, years, months, days, hours, minutes, seconds; the others are 0 from `early`'s and `late`'s places of none. */
    __m128i digits = _mm_or_si128(
        _mm_shuffle_epi8(early, _mm_setr_epi8(0, 1, 2, 3, 5, 6, 8, 9, 11, 12, 14, 15, -1, -1, -1, -1)),
        _mm_shuffle_epi8(late, _mm_setr_epi8(-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, 13, 14, -1, -1)));
    digits = _mm_sub_epi8(digits, _mm_setr_epi8('0', '0', '0', '0', '0', '0', '0', '0', '0', '0', '0', '0', '0', '0', 0, 0));
    __m128i separators = _mm_or_si128(
        _mm_xor_si128(_mm_shuffle_epi8(early, _mm_setr_epi8(4, 7, 10, 13, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1)),
                      _mm_setr_epi8('-', '-', 'T', ':', 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)),
        _mm_xor_si128(_mm_shuffle_epi8(late, _mm_setr_epi8(-1, -1, -1, -1, 12, 15, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1)),
                      _mm_setr_epi8(0, 0, 0, 0, ':', 'Z', 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)));
    __m128i beyond = _mm_subs_epu8(digits, _mm_set1_epi8(9));           /* not 0: no digit */
    __m128i pairs = _mm_maddubs_epi16(digits, _mm_setr_epi8(10, 1, 10, 1, 10, 1, 10, 1, 10, 1, 10, 1, 10, 1, 0, 0));
    /* A month or a day of 0 wraps round to far beyond the most. */
    __m128i wrong = _mm_subs_epu16(_mm_sub_epi16(pairs, _mm_setr_epi16(0, 0, 1, 1, 0, 0, 0, 0)),
                                   _mm_setr_epi16(99, 99, 11, 30, 23, 59, 59, 0));
    wrong = _mm_or_si128(_mm_or_si128(separators, beyond), wrong);
    /* Century and year in months; the month; the day and the hour in minutes; the minute: added two by two. */
    __m128i sums = _mm_madd_epi16(_mm_shuffle_epi8(pairs, _mm_setr_epi8(0, 1, 2, 3, 4, 5, -1, -1, 6, 7, 8, 9, 10, 11, -1, -1)),
                                  _mm_setr_epi16(1200, 12, 1, 0, 1440, 60, 1, 0));
    sums = _mm_add_epi32(sums, _mm_srli_epi64(sums, 32));
    uint32_t month = (uint32_t)_mm_cvtsi128_si32(sums) - (STRAIGHT_YEAR * 12 + 1);
    unsigned fits = (unsigned)_mm_testz_si128(wrong, wrong) & (month < STRAIGHT_YEARS * 12);
    month = fits ? month : 0;
    uint32_t minutes = (uint32_t)_mm_extract_epi32(sums, 2) + months[month].before;
    *instant = ((int64_t)minutes * 60 + _mm_extract_epi16(pairs, 6)) * MICROS_SECOND;
    return fits & (minutes < months[month].end);        /* not so on the 30th of February */
}
#pragma GCC pop_options
#endif

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
