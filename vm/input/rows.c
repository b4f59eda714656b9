#include "vm/input/rows.h"

#include <stdlib.h>
#include <string.h>

#include "vm/memory.h"

#if MARKS_DISPATCH
#include <immintrin.h>
#elif !defined(RUBRIC_SCALAR) && defined(__SSE2__)
#include <emmintrin.h>
#endif

/* ---------------------------------------------------------------- kernels */

static struct rows_found find_plain(const char *text, size_t length, char delimiter, uint32_t *places, uint32_t *breaks,
                                    struct marks_wide *wide)
{
    struct rows_found found = {0};
    bool start = true;
    for (size_t from = 0; from < length; from += 64) {
        uint64_t high = 0;
        for (size_t at = from; at < length && at < from + 64; at++) {
            unsigned char c = (unsigned char)text[at];
            bool mark = c == '"' || c == (unsigned char)delimiter || c < 0x20;
            if (mark && c != (unsigned char)delimiter)
                breaks[found.breaks++] = (uint32_t)found.places;
            if (!mark && start && (unsigned char)(c - '!') >= 0x5E)
                breaks[found.breaks++] = (uint32_t)found.places | ROWS_START;
            if (mark)
                places[found.places++] = (uint32_t)at;
            start = mark;
            high |= (uint64_t)(c >> 7) << (at - from);
        }
        if (high)
            wide[found.wide++] = (struct marks_wide){(uint32_t)from, high};
    }
    return found;
}

#if !defined(RUBRIC_SCALAR) && defined(__SSE2__)
static unsigned count_bits(uint64_t bits)               /* without the instruction, which plain x86-64 does not have */
{
    bits -= bits >> 1 & UINT64_C(0x5555555555555555);
    bits = (bits & UINT64_C(0x3333333333333333)) + (bits >> 2 & UINT64_C(0x3333333333333333));
    bits = (bits + (bits >> 4)) & UINT64_C(0x0F0F0F0F0F0F0F0F);
    return (unsigned)(bits * UINT64_C(0x0101010101010101) >> 56);
}

static struct rows_found find_sse2(const char *text, size_t length, char delimiter, uint32_t *places, uint32_t *breaks,
                                   struct marks_wide *wide)
{
    const __m128i quote = _mm_set1_epi8('"'), wanted = _mm_set1_epi8(delimiter), control = _mm_set1_epi8(0x1F);
    const __m128i first = _mm_set1_epi8('!'), beyond = _mm_set1_epi8(0x5E);
    struct rows_found all = {0};
    uint64_t start = 1;
    for (size_t from = 0; from < length; from += 64) {
        uint64_t marks = 0, others = 0, odd = 0, high = 0;
        for (unsigned part = 0; part < 64; part += 16) {
            __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)(text + from + part));
            __m128i delimiters = _mm_cmpeq_epi8(bytes, wanted);
            __m128i special = _mm_or_si128(_mm_cmpeq_epi8(bytes, quote), _mm_cmpeq_epi8(_mm_min_epu8(bytes, control), bytes));
            marks |= (uint64_t)(uint32_t)_mm_movemask_epi8(_mm_or_si128(delimiters, special)) << part;
            others |= (uint64_t)(uint32_t)_mm_movemask_epi8(_mm_andnot_si128(delimiters, special)) << part;
            __m128i moved = _mm_sub_epi8(bytes, first);
            odd |= (uint64_t)(uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(_mm_max_epu8(moved, beyond), moved)) << part;
            high |= (uint64_t)(uint32_t)_mm_movemask_epi8(bytes) << part;
        }
        wide[all.wide] = (struct marks_wide){(uint32_t)from, high};
        all.wide += high != 0;
        odd &= (marks << 1 | start) & ~marks;
        start = marks >> 63;
        for (others |= odd; others; others &= others - 1) {
            uint64_t bit = others & (0 - others);
            breaks[all.breaks++] = ((uint32_t)all.places + count_bits(marks & (bit - 1))) | (odd & bit ? ROWS_START : 0);
        }
        unsigned found = count_bits(marks);
        for (unsigned i = 0; i < found; i++, marks &= marks - 1)
            places[all.places + i] = (uint32_t)from + (uint32_t)__builtin_ctzll(marks);
        all.places += found;
    }
    return all;
}
#endif

#if MARKS_DISPATCH
#pragma GCC push_options
#pragma GCC target("avx2,bmi,bmi2,popcnt")
/* The first one without a branch: mostly there is none or one. */
static inline __attribute__((always_inline)) size_t add_breaks(uint32_t *breaks, size_t count, size_t places,
                                                               uint64_t marks, uint64_t others, uint64_t odd)
{
    others |= odd;
    breaks[count] = (uint32_t)places + (uint32_t)__builtin_popcountll(marks & (_blsmsk_u64(others) >> 1));
    breaks[count] |= odd & (others & (0 - others)) ? ROWS_START : 0;
    count += others != 0;
    for (others = _blsr_u64(others); others; others = _blsr_u64(others)) {
        breaks[count] = (uint32_t)places + (uint32_t)__builtin_popcountll(marks & (_blsmsk_u64(others) >> 1));
        breaks[count++] |= odd & (others & (0 - others)) ? ROWS_START : 0;
    }
    return count;
}

static struct rows_found find_avx2(const char *text, size_t length, char delimiter, uint32_t *places, uint32_t *breaks,
                                   struct marks_wide *wide)
{
    const __m256i quote = _mm256_set1_epi8('"'), wanted = _mm256_set1_epi8(delimiter), control = _mm256_set1_epi8(0x1F);
    const __m256i first = _mm256_set1_epi8('!'), beyond = _mm256_set1_epi8(0x5E);
    struct rows_found all = {0};
    uint64_t start = 1;
    for (size_t from = 0; from < length; from += 64) {
        uint64_t marks = 0, others = 0, odd = 0, high = 0;
        for (unsigned part = 0; part < 64; part += 32) {
            __m256i bytes = _mm256_loadu_si256((const __m256i *)(const void *)(text + from + part));
            __m256i delimiters = _mm256_cmpeq_epi8(bytes, wanted);
            __m256i special = _mm256_or_si256(_mm256_cmpeq_epi8(bytes, quote),
                                              _mm256_cmpeq_epi8(_mm256_min_epu8(bytes, control), bytes));
            marks |= (uint64_t)(uint32_t)_mm256_movemask_epi8(_mm256_or_si256(delimiters, special)) << part;
            others |= (uint64_t)(uint32_t)_mm256_movemask_epi8(_mm256_andnot_si256(delimiters, special)) << part;
            __m256i moved = _mm256_sub_epi8(bytes, first);
            odd |= (uint64_t)(uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(_mm256_max_epu8(moved, beyond), moved)) << part;
            high |= (uint64_t)(uint32_t)_mm256_movemask_epi8(bytes) << part;
        }
        wide[all.wide] = (struct marks_wide){(uint32_t)from, high};
        all.wide += high != 0;
        odd &= (marks << 1 | start) & ~marks;
        start = marks >> 63;
        all.breaks = add_breaks(breaks, all.breaks, all.places, marks, others, odd);
        unsigned found = (unsigned)__builtin_popcountll(marks);
        uint32_t *out = places + all.places, at = (uint32_t)from;
        /* Eight at a time, whether or not there are as many: fewer branches that go wrong. */
        for (unsigned i = 0; i < found; i += 8) {
            for (unsigned k = 0; k < 8; k++, marks = _blsr_u64(marks))
                out[i + k] = at + (uint32_t)_tzcnt_u64(marks);
        }
        all.places += found;
    }
    return all;
}
#pragma GCC pop_options

#pragma GCC push_options
#pragma GCC target("avx2,bmi,bmi2,popcnt,avx512f,avx512bw,avx512dq,avx512vl,avx512vbmi2")
static struct rows_found find_avx512(const char *text, size_t length, char delimiter, uint32_t *places, uint32_t *breaks,
                                     struct marks_wide *wide)
{
    static const uint8_t counting[64] = {0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15,
                                         16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31,
                                         32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47,
                                         48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 62, 63};
    const __m512i quote = _mm512_set1_epi8('"'), wanted = _mm512_set1_epi8(delimiter), control = _mm512_set1_epi8(0x20);
    const __m512i numbers = _mm512_loadu_si512(counting), first = _mm512_set1_epi8('!'), beyond = _mm512_set1_epi8(0x5E);
    struct rows_found all = {0};
    uint64_t start = 1;
    for (size_t from = 0; from < length; from += 64) {
        __m512i bytes = _mm512_loadu_si512(text + from);
        uint64_t delimiters = _mm512_cmpeq_epi8_mask(bytes, wanted);
        uint64_t special = _mm512_cmpeq_epi8_mask(bytes, quote) | _mm512_cmplt_epu8_mask(bytes, control);
        uint64_t marks = delimiters | special, high = _mm512_movepi8_mask(bytes);
        wide[all.wide] = (struct marks_wide){(uint32_t)from, high};
        all.wide += high != 0;
        uint64_t odd = _mm512_mask_cmpge_epu8_mask((marks << 1 | start) & ~marks, _mm512_sub_epi8(bytes, first), beyond);
        start = marks >> 63;
        all.breaks = add_breaks(breaks, all.breaks, all.places, marks, special & ~delimiters, odd);
        unsigned found = (unsigned)__builtin_popcountll(marks);
        __m512i packed = _mm512_maskz_compress_epi8(marks, numbers), base = _mm512_set1_epi32((int)from);
        uint32_t *out = places + all.places;
        _mm512_storeu_si512(out, _mm512_add_epi32(base, _mm512_cvtepu8_epi32(_mm512_castsi512_si128(packed))));
        if (__builtin_expect(found > 16, 0)) {
            _mm512_storeu_si512(out + 16,
                                _mm512_add_epi32(base, _mm512_cvtepu8_epi32(_mm512_extracti32x4_epi32(packed, 1))));
            _mm512_storeu_si512(out + 32,
                                _mm512_add_epi32(base, _mm512_cvtepu8_epi32(_mm512_extracti32x4_epi32(packed, 2))));
            _mm512_storeu_si512(out + 48,
                                _mm512_add_epi32(base, _mm512_cvtepu8_epi32(_mm512_extracti32x4_epi32(packed, 3))));
        }
        all.places += found;
    }
    return all;
}
#pragma GCC pop_options
#endif

rows_kernel *rows_kernel_of(enum marks_set set)
{
    if (!marks_kernel_of(set))
        return NULL;
    switch (set) {
    case MARKS_PLAIN: return find_plain;
#if !defined(RUBRIC_SCALAR) && defined(__SSE2__)
    case MARKS_SSE2: return find_sse2;
#endif
#if MARKS_DISPATCH
    case MARKS_AVX2: return find_avx2;
    case MARKS_AVX512: return find_avx512;
#endif
    default: return NULL;
    }
}

bool rows_index(struct rows *rows, rows_kernel *kernel, const char *text, size_t length)
{
    /* A kernel may write a whole vector behind the last place. */
    memory_reserve(&rows->room, &rows->capacity, length + 2 * MARKS_BEHIND + 1, sizeof *rows->room);
    memory_reserve(&rows->breaks, &rows->break_capacity, length + MARKS_BEHIND, sizeof *rows->breaks);
    memory_reserve(&rows->wide, &rows->wide_capacity, length / 64 + 2, sizeof *rows->wide);
    rows->places = rows->room + 1;
    rows->places[-1] = UINT32_MAX;
    rows->text = text;
    rows->length = length;
    struct rows_found found = kernel(text, length, rows->delimiter, rows->places, rows->breaks, rows->wide);
    while (found.places > 0 && rows->places[found.places - 1] >= length)
        found.places--;
    while (found.breaks > 0 && (rows->breaks[found.breaks - 1] & ~ROWS_START) >= found.places)
        found.breaks--;
    for (size_t i = 0; i < MARKS_BEHIND; i++)
        rows->places[found.places + i] = (uint32_t)length;
    rows->count = found.places;
    rows->break_count = found.breaks;
    rows->next = rows->next_break = 0;
    return marks_check_wide(text, length, rows->wide, found.wide);
}

/* ------------------------------------------------------------------ rows */

static inline uint32_t row_start(const struct rows *rows, size_t place) { return rows->room[place] + 1; }
static inline char place_byte(const struct rows *rows, size_t place) { return rows->text[rows->places[place]]; }

/* The line end at a place: how many places it has, 0 when it is none. */
static inline size_t line_end_places(const struct rows *rows, size_t place)
{
    if (place_byte(rows, place) == '\n')
        return 1;
    bool both = place_byte(rows, place) == '\r' && place + 1 < rows->count
                && rows->places[place + 1] == rows->places[place] + 1 && place_byte(rows, place + 1) == '\n';
    return both ? 2 : 0;
}

/* Passes over a quoted cell whose opening quote is at *place, to the delimiter or line end behind its closing one. */
static bool pass_quoted(const struct rows *rows, size_t *place, bool *doubled)
{
    for (size_t at = *place + 1; at < rows->count; at++) {
        switch (place_byte(rows, at)) {
        case '"':
            *place = at + 1;
            if (rows->places[at + 1] != rows->places[at] + 1 || at + 1 >= rows->count)
                return false;
            if (place_byte(rows, at + 1) != '"')
                return true;
            *doubled = true;
            at++;
            break;
        case '\n': case '\0':
            return false;
        default:
            break;
        }
    }
    return false;
}

/* The row that begins at `place`, and has more in it than delimiters; returns where the next one begins, 0 when it must be
   read by csv.c. */
static size_t walk_row(struct rows *rows, size_t place, bool *doubled)
{
    const char delimiter = rows->delimiter;
    uint32_t start = row_start(rows, place), cells = 0;
    bool any = false;
    const size_t row = place;
    for (;; place++) {
        if (rows->text[start] == '"') {
            if (!pass_quoted(rows, &place, doubled))
                return 0;
            any |= rows->places[place] > start + 2;
        } else {
            while (place < rows->count && place_byte(rows, place) != delimiter && line_end_places(rows, place) == 0) {
                if (place_byte(rows, place) == '\0' || place_byte(rows, place) == '\r')
                    return 0;
                place++;
            }
            any |= rows->places[place] > start;
        }
        if (place >= rows->count || cells == rows->columns)
            return 0;
        rows->ends[cells++] = rows->places[place];
        if (place_byte(rows, place) != delimiter)
            break;
        start = rows->places[place] + 1;
    }
    size_t behind = line_end_places(rows, place);
    if (behind == 0 || cells != rows->columns || !any)
        return 0;
    memcpy(rows->places + row, rows->ends, cells * sizeof *rows->ends);
    return place + behind;
}

uint32_t rows_find(struct rows *rows, const char *at, uint32_t most, const char **end)
{
    const uint32_t last = rows->columns - 1;
    size_t place = rows->next, next_break = rows->next_break;
    uint32_t count = 0;
    *end = NULL;
    while (place < rows->count && rows->text + row_start(rows, place) < at)
        place++;
    if (rows->text + row_start(rows, place) != at)
        return 0;
    memset(rows->uneven, 0, sizeof rows->uneven);
    memset(rows->doubled, 0, sizeof rows->doubled);
    rows->uneven_count = 0;
    while (count < most) {
        while (next_break < rows->break_count && (rows->breaks[next_break] & ~ROWS_START) < place)
            next_break++;
        if (next_break == rows->break_count)
            break;
        size_t stop = rows->breaks[next_break], line_end;       /* what is a start is far from where it must be */
        if (stop == place + last && (line_end = line_end_places(rows, stop)) > 0) {
            if (rows->places[stop] == row_start(rows, place) + last)    /* all cells are empty */
                break;
            rows->first[count++] = (uint32_t)place;
            place = stop + line_end;
            continue;
        }
        bool doubled = false;
        size_t next = walk_row(rows, place, &doubled);
        if (next == 0)
            break;
        rows->uneven[count / 64] |= UINT64_C(1) << count % 64;
        rows->doubled[count / 64] |= (uint64_t)doubled << count % 64;
        rows->uneven_count++;
        rows->first[count++] = (uint32_t)place;
        place = next;
    }
    rows->next = place;
    rows->next_break = next_break;
    rows->row_count = count;
    if (count > 0)
        *end = rows->text + row_start(rows, place);
    return count;
}

void rows_free(struct rows *rows)
{
    free(rows->room);
    free(rows->breaks);
    free(rows->wide);
    free(rows->ends);
}
