#include "vm/text.h"

#include <stdlib.h>
#include <string.h>
#if defined(__SSE2__) && !defined(RUBRIC_SCALAR)
#include <emmintrin.h>
#endif
#include <utf8proc.h>

#define EVERY_HIGH_BIT UINT64_C(0x8080808080808080)
#define EVERY_BYTE UINT64_C(0x0101010101010101)

static uint64_t load_8(const char *bytes)
{
    uint64_t word;
    memcpy(&word, bytes, sizeof word);
    return word;
}

static bool is_ascii(const char *bytes, size_t length)
{
    uint64_t seen = 0;
    size_t at = 0;
    for (; at + 8 <= length; at += 8)
        seen |= load_8(bytes + at);
    for (; at < length; at++)
        seen |= (uint8_t)bytes[at];
    return (seen & EVERY_HIGH_BIT) == 0;
}

/* ------------------------------------------------------------------ UTF-8 */

/* The length of the sequence at `bytes`, 0 when it is ill-formed: no surrogates, nothing longer than it must be. */
static size_t sequence_length(const uint8_t *bytes, size_t left)
{
    uint8_t first = bytes[0];
    if (first < 0x80)
        return 1;
    size_t length = first < 0xC2 ? 0 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : first < 0xF5 ? 4 : 0;
    if (length == 0 || left < length)
        return 0;
    for (size_t at = 1; at < length; at++)
        if ((bytes[at] & 0xC0) != 0x80)
            return 0;
    if ((first == 0xE0 && bytes[1] < 0xA0) || (first == 0xED && bytes[1] > 0x9F) || (first == 0xF0 && bytes[1] < 0x90)
        || (first == 0xF4 && bytes[1] > 0x8F))
        return 0;
    return length;
}

bool utf8_valid(const char *bytes, size_t length)
{
    size_t at = 0;
    while (at < length) {
        while (at + 8 <= length && (load_8(bytes + at) & EVERY_HIGH_BIT) == 0)
            at += 8;
        if (at == length)
            break;
        size_t used = sequence_length((const uint8_t *)bytes + at, length - at);
        if (used == 0)
            return false;
        at += used;
    }
    return true;
}

size_t utf8_encode(uint32_t code_point, char out[4])
{
    if (code_point < 0x80) {
        out[0] = (char)code_point;
        return 1;
    }
    if (code_point < 0x800) {
        out[0] = (char)(0xC0 | code_point >> 6);
        out[1] = (char)(0x80 | (code_point & 0x3F));
        return 2;
    }
    if (code_point > 0x10FFFF || (code_point >= 0xD800 && code_point <= 0xDFFF))
        return 0;
    if (code_point < 0x10000) {
        out[0] = (char)(0xE0 | code_point >> 12);
        out[1] = (char)(0x80 | (code_point >> 6 & 0x3F));
        out[2] = (char)(0x80 | (code_point & 0x3F));
        return 3;
    }
    out[0] = (char)(0xF0 | code_point >> 18);
    out[1] = (char)(0x80 | (code_point >> 12 & 0x3F));
    out[2] = (char)(0x80 | (code_point >> 6 & 0x3F));
    out[3] = (char)(0x80 | (code_point & 0x3F));
    return 4;
}

uint32_t utf8_decode(const char *bytes, size_t length, size_t *used)
{
    const uint8_t *at = (const uint8_t *)bytes;
    if (at[0] < 0x80) {
        *used = 1;
        return at[0];
    }
    size_t wanted = at[0] < 0xE0 ? 2 : at[0] < 0xF0 ? 3 : 4;
    if (wanted > length) {                              /* not valid text; never read past its end all the same */
        *used = 1;
        return 0xFFFD;
    }
    uint32_t code_point = at[0] & (0x7Fu >> wanted);
    for (size_t i = 1; i < wanted; i++)
        code_point = code_point << 6 | (at[i] & 0x3Fu);
    *used = wanted;
    return code_point;
}

/* The code point that ends at `end`, which is > 0. */
static uint32_t decode_before(const char *bytes, size_t end, size_t *used)
{
    size_t start = end - 1;
    while (start > 0 && end - start < 4 && ((uint8_t)bytes[start] & 0xC0) == 0x80)
        start--;
    size_t forward;
    uint32_t code_point = utf8_decode(bytes + start, end - start, &forward);
    *used = end - start;
    return code_point;
}

/* --------------------------------------------------------------- trimming */

static bool is_white_space(uint32_t code_point)
{
    if (code_point < 0x80)
        return code_point == ' ' || (code_point >= 0x09 && code_point <= 0x0D);
    return code_point == 0x85 || code_point == 0xA0 || code_point == 0x1680
        || (code_point >= 0x2000 && code_point <= 0x200A) || code_point == 0x2028 || code_point == 0x2029
        || code_point == 0x202F || code_point == 0x205F || code_point == 0x3000;
}

/* ASCII, and no white space. */
static inline bool is_plain_end(char c)
{
    return (unsigned char)(c - '!') < 0x5E;
}

struct text text_trim(struct text raw)
{
    const char *bytes = raw.bytes;
    size_t start = 0, end = raw.length, used;
    if (end > 0 && is_plain_end(bytes[0]) && is_plain_end(bytes[end - 1]))
        return raw;                                     /* as most are */
    while (start < end && is_white_space(utf8_decode(bytes + start, end - start, &used)))
        start += used;
    while (end > start && is_white_space(decode_before(bytes + start, end - start, &used)))
        end -= used;
    return (struct text){start > 0 ? bytes + start : bytes, (uint32_t)(end - start)};
}

/* ---------------------------------------------------------------- folding */

/* Code points at work.  Short texts need no memory but the stack's. */
struct runes { int32_t *at; size_t count, capacity; int32_t inside[512]; };

static void runes_init(struct runes *runes)
{
    runes->at = runes->inside;
    runes->count = 0;
    runes->capacity = sizeof runes->inside / sizeof runes->inside[0];
}

static void runes_free(struct runes *runes)
{
    if (runes->at != runes->inside)
        free(runes->at);
}

static void runes_make_room(struct runes *runes, size_t more)
{
    size_t needed = runes->count + more;
    if (needed <= runes->capacity)
        return;
    if (runes->at != runes->inside) {
        memory_reserve(&runes->at, &runes->capacity, needed, sizeof *runes->at);
        return;
    }
    int32_t *outside = NULL;
    size_t capacity = 0;
    memory_reserve(&outside, &capacity, needed * 2, sizeof *outside);
    memcpy(outside, runes->inside, runes->count * sizeof *outside);
    runes->at = outside;
    runes->capacity = capacity;
}

/* No code point becomes more than this many in one step of decomposition or folding. */
#define MOST_OF_ONE 32

/* Appends what one code point becomes: its canonical decomposition, or its full case folding. */
static void runes_add(struct runes *runes, int32_t code_point, utf8proc_option_t how)
{
    runes_make_room(runes, MOST_OF_ONE);
    int boundary = 0;
    utf8proc_ssize_t count = utf8proc_decompose_char(code_point, runes->at + runes->count, MOST_OF_ONE, how, &boundary);
    if (count > 0 && count <= MOST_OF_ONE)
        runes->count += (size_t)count;
    else
        runes->at[runes->count++] = code_point;
}

static unsigned combining_class(int32_t code_point)
{
    return code_point < 0x300 ? 0 : (unsigned)utf8proc_get_property(code_point)->combining_class;
}

/* Sorts marks by class, equal ones as they stand: by insertion while they are few, a hostile million by counting. */
static void sort_marks(int32_t *marks, size_t count)
{
    if (count < 64) {
        for (size_t i = 1; i < count; i++) {
            int32_t mark = marks[i];
            unsigned class = combining_class(mark);
            size_t to = i;
            for (; to > 0 && combining_class(marks[to - 1]) > class; to--)
                marks[to] = marks[to - 1];
            marks[to] = mark;
        }
        return;
    }
    size_t place[257] = {0};
    for (size_t i = 0; i < count; i++)
        place[combining_class(marks[i]) + 1]++;
    for (size_t class = 1; class < 257; class++)
        place[class] += place[class - 1];
    int32_t *sorted = memory_alloc(count * sizeof *sorted);
    for (size_t i = 0; i < count; i++)
        sorted[place[combining_class(marks[i])]++] = marks[i];
    memcpy(marks, sorted, count * sizeof *marks);
    free(sorted);
}

/* to = NFC of from.  utf8proc would sort long runs of marks in quadratic time, so the sorting is ours. */
static void runes_compose(const struct runes *from, struct runes *to)
{
    to->count = 0;
    bool plain = true;
    for (size_t i = 0; i < from->count && plain; i++)
        plain = from->at[i] < 0x300;                    /* below the first combining mark everything is in NFC */
    if (plain) {
        runes_make_room(to, from->count);
        memcpy(to->at, from->at, from->count * sizeof *to->at);
        to->count = from->count;
        return;
    }
    for (size_t i = 0; i < from->count; i++)
        runes_add(to, from->at[i], UTF8PROC_DECOMPOSE);
    for (size_t i = 0; i < to->count;) {
        size_t end = i;
        while (end < to->count && combining_class(to->at[end]) != 0)
            end++;
        if (end - i > 1)
            sort_marks(to->at + i, end - i);
        i = end + 1;
    }
    utf8proc_ssize_t count = utf8proc_normalize_utf32(to->at, (utf8proc_ssize_t)to->count,
                                                      UTF8PROC_COMPOSE | UTF8PROC_STABLE);
    if (count >= 0)
        to->count = (size_t)count;
}

static void runes_decode(struct runes *runes, struct text text)
{
    runes_make_room(runes, text.length);
    for (size_t at = 0, used; at < text.length; at += used)
        runes->at[runes->count++] = (int32_t)utf8_decode(text.bytes + at, text.length - at, &used);
}

static void fold_any(struct text trimmed, struct buffer *out)
{
    struct runes one, other;
    runes_init(&one);
    runes_init(&other);
    runes_decode(&one, trimmed);
    runes_compose(&one, &other);
    one.count = 0;
    for (size_t i = 0; i < other.count; i++)
        runes_add(&one, other.at[i], UTF8PROC_CASEFOLD);
    runes_compose(&one, &other);
    for (size_t i = 0; i < other.count; i++) {
        char bytes[4];
        buffer_add(out, bytes, utf8_encode((uint32_t)other.at[i], bytes));
    }
    runes_free(&one);
    runes_free(&other);
}

/* Lower case of the ASCII letters among eight bytes at once; other bytes stay. */
static uint64_t lower_8(uint64_t word)
{
    uint64_t low = word & ~EVERY_HIGH_BIT;
    uint64_t from_a = low + EVERY_BYTE * (0x80 - 'A');
    uint64_t past_z = low + EVERY_BYTE * (0x80 - 'Z' - 1);
    uint64_t upper = (from_a & ~past_z & ~word) & EVERY_HIGH_BIT;
    return word | upper >> 2;
}

/* What one code point of U+0080 to U+017F folds to, as bytes.  Each result is in NFC beside any other of them. */
static size_t fold_latin(uint32_t code_point, char *out)
{
    if (code_point < 0xC0 ? code_point != 0xB5 : code_point >= 0xE0 && code_point < 0x100)
        return utf8_encode(code_point, out);
    int32_t folded[MOST_OF_ONE];
    int boundary = 0;
    utf8proc_ssize_t count
        = utf8proc_decompose_char((int32_t)code_point, folded, MOST_OF_ONE, UTF8PROC_CASEFOLD, &boundary);
    size_t length = 0;
    for (utf8proc_ssize_t i = 0; i < count && i < 3; i++)
        length += utf8_encode((uint32_t)folded[i], out + length);
    return length;
}

size_t text_fold(struct text raw, struct buffer *out)
{
    struct text trimmed = text_trim(raw);
    size_t length = trimmed.length, before = out->length, at = 0;
    const char *bytes = trimmed.bytes;
    /* In the second of Unicode's first blocks a byte pair becomes at most three bytes: twice the length is enough. */
    memory_reserve(&out->data, &out->capacity, before + 2 * length + 8, 1);
    char *to = out->data + before;
    while (at < length) {
        if (at + 8 <= length) {
            uint64_t word = load_8(bytes + at);
            if ((word & EVERY_HIGH_BIT) == 0) {
                word = lower_8(word);
                memcpy(to, &word, 8);
                to += 8;
                at += 8;
                continue;
            }
        }
        uint8_t first = (uint8_t)bytes[at];
        if (first < 0x80) {
            *to++ = (char)(first >= 'A' && first <= 'Z' ? first + 32 : first);
            at++;
        } else if (first < 0xC6) {
            size_t used;
            to += fold_latin(utf8_decode(bytes + at, length - at, &used), to);
            at += used;
        } else {
            out->length = before;
            fold_any(trimmed, out);
            return out->length - before;
        }
    }
    *to = '\0';
    out->length = (size_t)(to - out->data);
    return out->length - before;
}

char *text_fold_copy(struct arena *arena, const char *bytes, size_t length, uint32_t *folded_length)
{
    struct buffer folded = {0};
    text_fold((struct text){bytes, (uint32_t)length}, &folded);
    char *copy = arena_copy(arena, folded.data, folded.length);
    *folded_length = (uint32_t)folded.length;
    buffer_free(&folded);
    return copy;
}

bool text_same(struct text a, struct text b)
{
    struct buffer folded = {0};
    size_t length_a = text_fold(a, &folded);
    size_t length_b = text_fold(b, &folded);
    bool same = length_a == length_b && memcmp(folded.data, folded.data + length_a, length_a) == 0;
    buffer_free(&folded);
    return same;
}

int64_t text_length(struct text raw)
{
    struct text trimmed = text_trim(raw);
    if (is_ascii(trimmed.bytes, trimmed.length))
        return trimmed.length;
    struct runes one, other;
    runes_init(&one);
    runes_init(&other);
    runes_decode(&one, trimmed);
    runes_compose(&one, &other);
    int64_t count = (int64_t)other.count;
    runes_free(&one);
    runes_free(&other);
    return count;
}

static const char *last_at_sign(struct text raw)
{
    if (raw.length == 0)
        return NULL;
#if defined(__SSE2__) && !defined(RUBRIC_SCALAR) && !defined(__SANITIZE_ADDRESS__)
    /* Nearly always it is one of the last 32 bytes.  What stands before a shorter text may be read, too, as long as it
       is on the page of the text's end; without a branch on the length, which would be wrong as often as not. */
    const char *end = raw.bytes + raw.length;
    if (((uintptr_t)(end - 1) & 4095) >= 31) {
        __m128i at = _mm_set1_epi8('@');
        unsigned early = (unsigned)_mm_movemask_epi8(
            _mm_cmpeq_epi8(_mm_loadu_si128((const __m128i *)(const void *)(end - 32)), at));
        unsigned late = (unsigned)_mm_movemask_epi8(
            _mm_cmpeq_epi8(_mm_loadu_si128((const __m128i *)(const void *)(end - 16)), at));
        unsigned found = early | late << 16;
        found &= raw.length < 32 ? UINT32_MAX << (32 - raw.length) : UINT32_MAX;
        if (found != 0)
            return end - 1 - __builtin_clz(found);
        if (raw.length <= 32)
            return NULL;
    }
#endif
    return memrchr(raw.bytes, '@', raw.length);
}

struct text text_domain(struct text raw)
{
    const char *at_sign = last_at_sign(raw);
    if (at_sign == NULL)
        return (struct text){raw.bytes, 0};
    const char *start = at_sign + 1;
    struct text domain = {start, (uint32_t)(raw.length - (size_t)(start - raw.bytes))};
    return domain.length > 0 && is_plain_end(start[0]) && is_plain_end(start[domain.length - 1]) ? domain
                                                                                                 : text_trim(domain);
}

/* -------------------------------------------------- over folded texts */

bool code_point_is_word(uint32_t code_point)
{
    if (code_point < 0x80)
        return (code_point >= '0' && code_point <= '9') || ((code_point | 0x20) >= 'a' && (code_point | 0x20) <= 'z');
    switch (utf8proc_category((int32_t)code_point)) {
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LT:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_LO:
    case UTF8PROC_CATEGORY_ND:
    case UTF8PROC_CATEGORY_NL:
    case UTF8PROC_CATEGORY_NO:
        return true;
    default:
        return false;
    }
}

bool text_word_bounded(struct text folded, size_t start, size_t end)
{
    size_t used;
    if (start > 0 && code_point_is_word(decode_before(folded.bytes, start, &used)))
        return false;
    return end == folded.length || !code_point_is_word(utf8_decode(folded.bytes + end, folded.length - end, &used));
}

bool text_contains(struct text folded, struct text part)
{
    return part.length > 0 && folded.length > 0
        && memmem(folded.bytes, folded.length, part.bytes, part.length) != NULL;
}

bool text_has_word(struct text folded, struct text word)
{
    if (word.length == 0)
        return false;
    for (size_t from = 0; from + word.length <= folded.length; from++) {
        const char *found = memmem(folded.bytes + from, folded.length - from, word.bytes, word.length);
        if (found == NULL)
            return false;
        from = (size_t)(found - folded.bytes);
        if (text_word_bounded(folded, from, from + word.length))
            return true;
    }
    return false;
}

bool text_starts(struct text folded, struct text part)
{
    return part.length > 0 && part.length <= folded.length && memcmp(folded.bytes, part.bytes, part.length) == 0;
}

bool text_ends(struct text folded, struct text part)
{
    return part.length > 0 && part.length <= folded.length
        && memcmp(folded.bytes + (folded.length - part.length), part.bytes, part.length) == 0;
}

/* Only the last star is ever taken back: what an earlier one could win by taking more, the later can win as well. */
bool text_matches(struct text folded, struct text glob)
{
    size_t at = 0, in_glob = 0, after_star = 0, star_ate_to = 0;
    bool star_seen = false;
    while (at < folded.length) {
        if (in_glob < glob.length && glob.bytes[in_glob] == '*') {
            star_seen = true;
            after_star = ++in_glob;
            star_ate_to = at;
            if (after_star == glob.length)
                return true;
        } else if (in_glob < glob.length && glob.bytes[in_glob] == '?') {
            size_t used;
            utf8_decode(folded.bytes + at, folded.length - at, &used);
            at += used;
            in_glob++;
        } else if (in_glob < glob.length && glob.bytes[in_glob] == folded.bytes[at]) {
            at++;
            in_glob++;
        } else if (star_seen) {
            size_t used;
            utf8_decode(folded.bytes + star_ate_to, folded.length - star_ate_to, &used);
            star_ate_to += used;
            at = star_ate_to;
            in_glob = after_star;
        } else {
            return false;
        }
    }
    while (in_glob < glob.length && glob.bytes[in_glob] == '*')
        in_glob++;
    return in_glob == glob.length;
}

/* Two rounds of 64 x 64 -> 128 bit multiplication over 16 bytes each: fast, well mixed, no defence against an enemy. */
static uint64_t mix(uint64_t a, uint64_t b)
{
    __extension__ typedef unsigned __int128 wide_size;
    wide_size product = (wide_size)a * b;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

uint64_t text_hash(const char *bytes, size_t length)
{
    const uint64_t key_1 = UINT64_C(0xa0761d6478bd642f), key_2 = UINT64_C(0xe7037ed1a0b428db);
    uint64_t state = (uint64_t)length * UINT64_C(0x9e3779b97f4a7c15) ^ key_1;
    size_t left = length;
    for (; left > 16; left -= 16, bytes += 16)
        state = mix(load_8(bytes) ^ key_1 ^ state, load_8(bytes + 8) ^ key_2);
    uint64_t a = 0, b = 0;
    if (left >= 8) {
        a = load_8(bytes);
        b = load_8(bytes + left - 8);
    } else if (left >= 4) {
        uint32_t head, tail;
        memcpy(&head, bytes, 4);
        memcpy(&tail, bytes + left - 4, 4);
        a = head;
        b = tail;
    } else if (left > 0) {
        a = (uint64_t)(uint8_t)bytes[0] << 16 | (uint64_t)(uint8_t)bytes[left / 2] << 8 | (uint8_t)bytes[left - 1];
    }
    return mix(mix(a ^ key_1, b ^ state), state ^ key_2);
}
