#include "vm/skip.h"

#include <string.h>

#if !defined(RUBRIC_SCALAR) && defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#define SKIP_DISPATCH 1
#include <immintrin.h>
#else
#define SKIP_DISPATCH 0
#endif

void skip_init(struct skip *skip, const struct text *patterns, uint32_t count)
{
    memset(skip, 0, sizeof *skip);
    for (uint32_t at = 0; at < count; at++) {
        uint8_t bucket = (uint8_t)(1u << ((uint64_t)at * 8 / count));   /* they are sorted: neighbours begin alike */
        for (uint32_t i = 0; i < SKIP_BYTES; i++) {
            bool any = i >= patterns[at].length;
            uint8_t byte = any ? 0 : (uint8_t)patterns[at].bytes[i];
            for (unsigned nibble = 0; nibble < 16; nibble++) {
                if (any || nibble == (byte & 15))
                    skip->low[i][nibble] |= bucket;
                if (any || nibble == byte >> 4)
                    skip->high[i][nibble] |= bucket;
            }
        }
    }
}

#if SKIP_DISPATCH
#pragma GCC push_options
#pragma GCC target("avx2,bmi")
static inline __m256i buckets_of(const struct skip *skip, unsigned i, const uint8_t *bytes)
{
    const __m256i nibbles = _mm256_set1_epi8(15);
    __m256i text = _mm256_loadu_si256((const __m256i *)(const void *)(bytes + i));
    __m256i low = _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)(const void *)skip->low[i])),
            high = _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)(const void *)skip->high[i]));
    return _mm256_and_si256(
        _mm256_shuffle_epi8(low, _mm256_and_si256(text, nibbles)),
        _mm256_shuffle_epi8(high, _mm256_and_si256(_mm256_srli_epi16(text, 4), nibbles)));
}

static size_t skip_avx2(const struct skip *skip, const uint8_t *bytes, size_t at, size_t length)
{
    for (; length - at >= SKIP_AHEAD; at += 32) {
        __m256i buckets = _mm256_and_si256(
            _mm256_and_si256(buckets_of(skip, 0, bytes + at), buckets_of(skip, 1, bytes + at)),
            buckets_of(skip, 2, bytes + at));
        uint32_t none = (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(buckets, _mm256_setzero_si256()));
        if (none != UINT32_MAX)
            return at + (size_t)__builtin_ctz(~none);
    }
    return at;
}
#pragma GCC pop_options
#endif

skip_search *skip_best(void)
{
#if SKIP_DISPATCH
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi"))
        return skip_avx2;
#endif
    return NULL;
}
