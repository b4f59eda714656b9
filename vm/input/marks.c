#include "vm/input/marks.h"

#include <stdlib.h>
#include <string.h>

#include "vm/input/json_scan.h"
#include "vm/memory.h"

#if MARKS_DISPATCH
#include <immintrin.h>
#endif

static size_t find_plain(const char *text, size_t length, char other, uint32_t *places, struct marks_wide *wide,
                         size_t *wide_count)
{
    size_t count = 0;
    *wide_count = 0;
    for (size_t from = 0; from < length; from += 64) {
        uint64_t high = 0;
        for (size_t at = from; at < length && at < from + 64; at++) {
            unsigned char c = (unsigned char)text[at];
            if (c == '"' || c == (unsigned char)other || c < 0x20)
                places[count++] = (uint32_t)at;
            high |= (uint64_t)(c >> 7) << (at - from);
        }
        if (high)
            wide[(*wide_count)++] = (struct marks_wide){(uint32_t)from, high};
    }
    return count;
}

#if !defined(RUBRIC_SCALAR) && defined(__SSE2__)
static unsigned count_bits(uint64_t bits)               /* without the instruction, which plain x86-64 does not have */
{
    bits -= bits >> 1 & UINT64_C(0x5555555555555555);
    bits = (bits & UINT64_C(0x3333333333333333)) + (bits >> 2 & UINT64_C(0x3333333333333333));
    bits = (bits + (bits >> 4)) & UINT64_C(0x0F0F0F0F0F0F0F0F);
    return (unsigned)(bits * UINT64_C(0x0101010101010101) >> 56);
}

static size_t find_sse2(const char *text, size_t length, char other, uint32_t *places, struct marks_wide *wide,
                         size_t *wide_count)
{
    const __m128i quote = _mm_set1_epi8('"'), second = _mm_set1_epi8(other), control = _mm_set1_epi8(0x1F);
    size_t count = 0, wides = 0;
    for (size_t from = 0; from < length; from += 64) {
        uint64_t marks = 0, high = 0;
        for (unsigned part = 0; part < 64; part += 16) {
            __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)(text + from + part));
            __m128i special = _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(bytes, quote), _mm_cmpeq_epi8(bytes, second)),
                                           _mm_cmpeq_epi8(_mm_min_epu8(bytes, control), bytes));
            marks |= (uint64_t)(uint32_t)_mm_movemask_epi8(special) << part;
            high |= (uint64_t)(uint32_t)_mm_movemask_epi8(bytes) << part;
        }
        wide[wides] = (struct marks_wide){(uint32_t)from, high};
        wides += high != 0;
        unsigned found = count_bits(marks);
        for (unsigned i = 0; i < found; i++, marks &= marks - 1)
            places[count + i] = (uint32_t)from + (uint32_t)__builtin_ctzll(marks);
        count += found;
    }
    *wide_count = wides;
    return count;
}
#endif

#if MARKS_DISPATCH
#pragma GCC push_options
#pragma GCC target("avx2,bmi,bmi2,popcnt")
static size_t find_avx2(const char *text, size_t length, char other, uint32_t *places, struct marks_wide *wide,
                         size_t *wide_count)
{
    const __m256i quote = _mm256_set1_epi8('"'), second = _mm256_set1_epi8(other), control = _mm256_set1_epi8(0x1F);
    size_t count = 0, wides = 0;
    for (size_t from = 0; from < length; from += 64) {
        uint64_t marks = 0, high = 0;
        for (unsigned part = 0; part < 64; part += 32) {
            __m256i bytes = _mm256_loadu_si256((const __m256i *)(const void *)(text + from + part));
            __m256i special =
                _mm256_or_si256(_mm256_or_si256(_mm256_cmpeq_epi8(bytes, quote), _mm256_cmpeq_epi8(bytes, second)),
                                _mm256_cmpeq_epi8(_mm256_min_epu8(bytes, control), bytes));
            marks |= (uint64_t)(uint32_t)_mm256_movemask_epi8(special) << part;
            high |= (uint64_t)(uint32_t)_mm256_movemask_epi8(bytes) << part;
        }
        wide[wides] = (struct marks_wide){(uint32_t)from, high};
        wides += high != 0;
        unsigned found = (unsigned)__builtin_popcountll(marks);
        uint32_t *out = places + count, at = (uint32_t)from;
        /* Eight at a time, whether or not there are as many: fewer branches that go wrong. */
        for (unsigned i = 0; i < found; i += 8) {
            for (unsigned k = 0; k < 8; k++, marks = _blsr_u64(marks))
                out[i + k] = at + (uint32_t)_tzcnt_u64(marks);
        }
        count += found;
    }
    *wide_count = wides;
    return count;
}
#pragma GCC pop_options

#pragma GCC push_options
#pragma GCC target("avx2,bmi,bmi2,popcnt,avx512f,avx512bw,avx512dq,avx512vl,avx512vbmi2")
static size_t find_avx512(const char *text, size_t length, char other, uint32_t *places, struct marks_wide *wide,
                          size_t *wide_count)
{
    static const uint8_t counting[64] = {0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15,
                                         16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31,
                                         32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47,
                                         48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 62, 63};
    const __m512i quote = _mm512_set1_epi8('"'), second = _mm512_set1_epi8(other), control = _mm512_set1_epi8(0x20);
    const __m512i numbers = _mm512_loadu_si512(counting);
    size_t count = 0, wides = 0;
    for (size_t from = 0; from < length; from += 64) {
        __m512i bytes = _mm512_loadu_si512(text + from);
        uint64_t marks = _mm512_cmpeq_epi8_mask(bytes, quote) | _mm512_cmpeq_epi8_mask(bytes, second)
                         | _mm512_cmplt_epu8_mask(bytes, control);
        uint64_t high = _mm512_movepi8_mask(bytes);
        wide[wides] = (struct marks_wide){(uint32_t)from, high};
        wides += high != 0;
        unsigned found = (unsigned)__builtin_popcountll(marks);
        __m512i packed = _mm512_maskz_compress_epi8(marks, numbers), base = _mm512_set1_epi32((int)from);
        uint32_t *out = places + count;
        _mm512_storeu_si512(out, _mm512_add_epi32(base, _mm512_cvtepu8_epi32(_mm512_castsi512_si128(packed))));
        if (__builtin_expect(found > 16, 0)) {
            _mm512_storeu_si512(out + 16,
                                _mm512_add_epi32(base, _mm512_cvtepu8_epi32(_mm512_extracti32x4_epi32(packed, 1))));
            _mm512_storeu_si512(out + 32,
                                _mm512_add_epi32(base, _mm512_cvtepu8_epi32(_mm512_extracti32x4_epi32(packed, 2))));
            _mm512_storeu_si512(out + 48,
                                _mm512_add_epi32(base, _mm512_cvtepu8_epi32(_mm512_extracti32x4_epi32(packed, 3))));
        }
        count += found;
    }
    *wide_count = wides;
    return count;
}
#pragma GCC pop_options
#endif

marks_kernel *marks_kernel_of(enum marks_set set)
{
    switch (set) {
    case MARKS_PLAIN:
        return find_plain;
    case MARKS_SSE2:
#if !defined(RUBRIC_SCALAR) && defined(__SSE2__)
        return find_sse2;
#else
        return NULL;
#endif
    case MARKS_AVX2:
#if MARKS_DISPATCH
        if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2")
            && __builtin_cpu_supports("popcnt"))
            return find_avx2;
#endif
        return NULL;
    case MARKS_AVX512:
#if MARKS_DISPATCH
        if (marks_kernel_of(MARKS_AVX2) && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw")
            && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl")
            && __builtin_cpu_supports("avx512vbmi2"))
            return find_avx512;
#endif
        return NULL;
    case MARKS_SETS:
        break;
    }
    return NULL;
}

/* Goes from one byte that is not ASCII to the next that no sequence has used up. */
bool marks_check_wide(const char *text, size_t length, const struct marks_wide *wide, size_t wide_count)
{
    const char *done = text, *end = text + length;
    for (size_t i = 0; i < wide_count; i++) {
        const char *from = text + wide[i].from;
        uint64_t bytes = wide[i].bytes;
        if (done > from)                                /* a sequence is at most four bytes */
            bytes &= UINT64_MAX << (done - from);
        while (bytes) {
            const char *at = from + __builtin_ctzll(bytes);
            if (at >= end)
                break;
            unsigned sequence = scan_utf8(at);
            if (sequence == 0)
                return false;
            done = at + sequence;
            bytes = done - from >= 64 ? 0 : bytes & UINT64_MAX << (done - from);
        }
    }
    return true;
}

bool marks_find(struct marks *marks, marks_kernel *kernel, char other, const char *text, size_t length)
{
    /* A kernel may write a whole vector behind the last place. */
    memory_reserve(&marks->places, &marks->capacity, length + 2 * MARKS_BEHIND, sizeof *marks->places);
    memory_reserve(&marks->wide, &marks->wide_capacity, length / 64 + 2, sizeof *marks->wide);
    marks->text = text;
    marks->length = length;
    size_t wide_count, count = kernel(text, length, other, marks->places, marks->wide, &wide_count);
    while (count > 0 && marks->places[count - 1] >= length)
        count--;
    for (size_t i = 0; i < MARKS_BEHIND; i++)
        marks->places[count + i] = (uint32_t)length;
    marks->count = count;
    return marks_check_wide(text, length, marks->wide, wide_count);
}

/* ---------------------------------------------------------------- counting */

#if !defined(RUBRIC_SCALAR) && defined(__SSE2__)
/* Counts in bytes, which are added up before they can overflow.  Returns how far it came. */
static size_t count_sse2(const char *text, size_t length, char wanted, uint64_t *count)
{
    const __m128i wanted16 = _mm_set1_epi8(wanted);
    __m128i sums = _mm_setzero_si128();
    size_t at = 0;
    while (at + 16 <= length) {
        __m128i counts = _mm_setzero_si128();
        for (int step = 0; step < 255 && at + 16 <= length; step++, at += 16)
            counts = _mm_sub_epi8(counts,
                                  _mm_cmpeq_epi8(_mm_loadu_si128((const __m128i *)(const void *)(text + at)), wanted16));
        sums = _mm_add_epi64(sums, _mm_sad_epu8(counts, _mm_setzero_si128()));
    }
    *count = (uint64_t)(_mm_cvtsi128_si64(sums) + _mm_cvtsi128_si64(_mm_unpackhi_epi64(sums, sums)));
    return at;
}
#endif

#if MARKS_DISPATCH
__attribute__((target("avx2"))) static size_t count_avx2(const char *text, size_t length, char wanted, uint64_t *count)
{
    const __m256i wanted32 = _mm256_set1_epi8(wanted);
    __m256i sums = _mm256_setzero_si256();
    size_t at = 0;
    while (at + 64 <= length) {
        __m256i counts = _mm256_setzero_si256(), others = _mm256_setzero_si256();
        for (int step = 0; step < 255 && at + 64 <= length; step++, at += 64) {
            counts = _mm256_sub_epi8(
                counts, _mm256_cmpeq_epi8(_mm256_loadu_si256((const __m256i *)(const void *)(text + at)), wanted32));
            others = _mm256_sub_epi8(
                others, _mm256_cmpeq_epi8(_mm256_loadu_si256((const __m256i *)(const void *)(text + at + 32)), wanted32));
        }
        sums = _mm256_add_epi64(sums, _mm256_add_epi64(_mm256_sad_epu8(counts, _mm256_setzero_si256()),
                                                       _mm256_sad_epu8(others, _mm256_setzero_si256())));
    }
    uint64_t lanes[4];
    _mm256_storeu_si256((__m256i *)(void *)lanes, sums);
    *count = lanes[0] + lanes[1] + lanes[2] + lanes[3];
    return at;
}
#endif

uint32_t marks_count(const char *text, size_t length, char wanted)
{
    uint64_t count = 0;
    size_t at = 0;
#if MARKS_DISPATCH
    if (__builtin_cpu_supports("avx2"))
        at = count_avx2(text, length, wanted, &count);
    else
        at = count_sse2(text, length, wanted, &count);
#elif !defined(RUBRIC_SCALAR) && defined(__SSE2__)
    at = count_sse2(text, length, wanted, &count);
#endif
    for (; at < length; at++)
        count += text[at] == wanted;
    return (uint32_t)count;
}

void marks_free(struct marks *marks)
{
    free(marks->places);
    free(marks->wide);
    *marks = (struct marks){0};
}
