/* How the tuned program looks at texts: wide words of AVX-512, AVX2 or SSE2; tables of texts of few values, without
   collisions; a memo of one try for texts of many.  Buffers have PAD bytes behind them that may be read. */
#ifndef RUBRIC_BENCH_TUNED_TEXTS_H
#define RUBRIC_BENCH_TUNED_TEXTS_H

#include <immintrin.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- wide words ---- */
#if defined(__AVX512BW__) && defined(__AVX512VL__)
#define WIDE 64u
typedef __m512i wide;
static inline wide wide_load(const void *at) { return _mm512_loadu_si512(at); }
static inline wide wide_all(char c) { return _mm512_set1_epi8(c); }
static inline uint64_t wide_same(wide a, wide b) { return _mm512_cmpeq_epi8_mask(a, b); }
static inline wide wide_or(wide a, wide b) { return _mm512_or_si512(a, b); }
#elif defined(__AVX2__)
#define WIDE 32u
typedef __m256i wide;
static inline wide wide_load(const void *at) { return _mm256_loadu_si256(at); }
static inline wide wide_all(char c) { return _mm256_set1_epi8(c); }
static inline uint64_t wide_same(wide a, wide b) { return (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(a, b)); }
static inline wide wide_or(wide a, wide b) { return _mm256_or_si256(a, b); }
#else
#define WIDE 16u
typedef __m128i wide;
static inline wide wide_load(const void *at) { return _mm_loadu_si128(at); }
static inline wide wide_all(char c) { return _mm_set1_epi8(c); }
static inline uint64_t wide_same(wide a, wide b) { return (uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(a, b)); }
static inline wide wide_or(wide a, wide b) { return _mm_or_si128(a, b); }
#endif

static inline uint64_t load8(const char *at)
{
    uint64_t word;
    memcpy(&word, at, 8);
    return word;
}
static inline uint64_t low_bytes(uint64_t word, size_t count)
{
    return count >= 8 ? word : word & ((UINT64_C(1) << count * 8) - 1);
}

/* The first quote or backslash. */
static inline const char *find_special(const char *at)
{
    for (;; at += WIDE) {
        wide bytes = wide_load(at);
        uint64_t found = wide_same(bytes, wide_all('"')) | wide_same(bytes, wide_all('\\'));
        if (found) return at + __builtin_ctzll(found);
    }
}

struct literal {
    char bytes[32];
    uint32_t length, mask;
};
static struct literal literal_of(const char *text)
{
    struct literal literal = {.length = (uint32_t)strlen(text)};
    memcpy(literal.bytes, text, literal.length);
    literal.mask = literal.length == 32 ? ~0u : (1u << literal.length) - 1;
    return literal;
}
static inline bool literal_at(const struct literal *literal, const char *at)
{
#ifdef __AVX2__
    uint32_t same = (uint32_t)_mm256_movemask_epi8(
        _mm256_cmpeq_epi8(_mm256_loadu_si256((const void *)at), _mm256_loadu_si256((const void *)literal->bytes)));
#else
    uint32_t same = (uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(_mm_loadu_si128((const void *)at),
                                                               _mm_loadu_si128((const void *)literal->bytes))) |
                    (uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(_mm_loadu_si128((const void *)(at + 16)),
                                                               _mm_loadu_si128((const void *)(literal->bytes + 16))))
                        << 16;
#endif
    return (~same & literal->mask) == 0;
}

/* ---- texts of few values ---- */
struct value {
    uint64_t head, tail;
    uint32_t length;
    int16_t points;
    uint16_t flags;
};
struct values {
    struct value slots[128];
    uint64_t factor;
};
struct known {
    const char *text;
    int points;
    unsigned flags;
};

static inline uint64_t head_of(const char *text, size_t length) { return low_bytes(load8(text), length); }
static inline uint64_t tail_of(const char *text, size_t length) { return length > 8 ? load8(text + length - 8) : 0; }
static inline size_t value_slot(const struct values *values, uint64_t head, uint64_t tail)
{
    return (head * values->factor + tail * 0x9e3779b97f4a7c15u) >> 57;
}

static void values_build(struct values *values, const struct known *known)
{
    for (uint64_t seed = 1;; seed++) {
        bool clash = false;
        memset(values, 0, sizeof *values);
        values->factor = seed * 0xd1342543de82ef95u | 1;
        for (const struct known *at = known; at->text && !clash; at++) {
            char text[64] = {0};
            size_t length = strlen(at->text);
            memcpy(text, at->text, length);
            struct value value = {head_of(text, length), tail_of(text, length), (uint32_t)length, (int16_t)at->points,
                                  (uint16_t)at->flags};
            struct value *slot = &values->slots[value_slot(values, value.head, value.tail)];
            clash = slot->length != 0;
            *slot = value;
        }
        if (!clash) return;
    }
}

static inline struct value values_find(const struct values *values, uint64_t head, uint64_t tail, size_t length)
{
    const struct value *slot = &values->slots[value_slot(
        values, head, tail)]; /* heads and tails cover up to 16 bytes; the known are no longer */
    bool same = slot->head == head && slot->tail == tail && slot->length == length;
    return (struct value){.points = same ? slot->points : 0, .flags = same ? slot->flags : 0};
}
static struct value value_of(const struct values *values, const char *text, size_t length)
{
    struct value value = values_find(values, head_of(text, length), tail_of(text, length), length);
    return value;
}

/* ---- texts of many values ---- */
struct memo_slot {
    char text[64];
    uint32_t length, kind;
    int32_t result;
};
#define MEMO_SLOTS 4096u
static struct memo_slot *memo;

static inline uint64_t text_key(const char *text, size_t length, uint32_t kind)
{
    uint64_t middle = length > 16 ? load8(text + length / 2 - 4) : 0;
    return head_of(text, length) * 0x9e3779b97f4a7c15u + tail_of(text, length) * 0xd1342543de82ef95u +
           middle * 0xc2b2ae3d27d4eb4fu + (length << 8 | kind) * 0xff51afd7ed558ccdu;
}
static inline bool text_same(const char *a, const char *b, size_t length)
{
#if WIDE == 64
    __mmask64 mask = length >= 64 ? ~UINT64_C(0) : (UINT64_C(1) << length) - 1;
    return _mm512_mask_cmpneq_epi8_mask(mask, _mm512_loadu_si512(a), _mm512_loadu_si512(b)) == 0;
#else
    return memcmp(a, b, length) == 0;
#endif
}

/* Which of the words are in the text, whatever the case of ASCII letters (`exact`: as they are). */
struct word {
    const char *text;
    unsigned bit;
};
static unsigned find_words(const char *text, size_t length, const struct word *words, bool exact)
{
    unsigned found = 0;
    char c = exact ? 0 : 0x20;
    for (size_t at = 0; at < length; at += WIDE) {
        wide first = wide_or(wide_load(text + at), wide_all(c)),
             second = wide_or(wide_load(text + at + 1), wide_all(c));
        for (const struct word *word = words; word->text; word++) {
            uint64_t places = wide_same(first, wide_all(word->text[0])) & wide_same(second, wide_all(word->text[1]));
            for (; places && !(found & word->bit); places &= places - 1) {
                size_t from = at + (size_t)__builtin_ctzll(places), size = strlen(word->text), i = 0;
                if (from + size > length) break;
                while (i < size) {
                    char have = text[from + i];
                    if (!exact && have >= 'A' && have <= 'Z') have = (char)(have | 0x20);
                    if (have != word->text[i]) break;
                    i++;
                }
                if (i == size) found |= word->bit;
            }
        }
    }
    return found;
}

#endif
