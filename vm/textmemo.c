#include "vm/textclass.h"

#include <stdlib.h>
#include <string.h>

#include "vm/kernels.h"

#if !defined(RUBRIC_SCALAR) && defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) \
    && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define MEMO_DISPATCH 1
#include <immintrin.h>
#else
#define MEMO_DISPATCH 0
#endif

#define MEMO_ENTRIES ((size_t)16384)                    /* long texts remembered at most */
#define MEMO_SHORT ((size_t)8192)                       /* short texts remembered at most */
#define MEMO_SHORT_BYTES 32u                            /* a text of so many bytes is short: it lies in its slot */
#define MEMO_KEY_BYTES (((size_t)1 << 20) - 1)          /* bytes of all long texts */
#define MEMO_ROW_WORDS ((size_t)128 << 10)              /* words of all their rows: 1 MiB */
#define MEMO_FEWEST ((size_t)16)                        /* texts remembered at least, however long the rows */
#define MEMO_LONGEST ((size_t)4096)                     /* bytes; longer texts hardly repeat and would push out many */
#define MEMO_PROBES 16                                  /* slots looked at; an enemy's collisions cost no more */
#define MEMO_SCRATCH ((size_t)256 << 10)                /* bytes kept for folding from one text to the next */

/* The trial: of so many look-ups a quarter must hit, or the memo steps aside for a while; each failure in a row
   doubles the while.  What it has learned it keeps, so values that repeat over a long distance win the later trials. */
#define MEMO_TRIAL 2048u
#define MEMO_ASIDE_FIRST (8 * MEMO_TRIAL)
#define MEMO_ASIDE_MOST (64 * MEMO_TRIAL)

/* Where a classifier only asks whether a text is this or that, most texts are none of them, and a bit for each hash says
   so before anything is looked up: FILTER_BITS of them, for at most a sixteenth as many texts. */
#define FILTER_BITS 4096u

/* A text of up to 32 bytes, zeros behind it. */
struct short_text { uint64_t words[MEMO_SHORT_BYTES / 8]; };
/* row: the row itself when it is one word, else the number of the entry.  length 0: free. */
struct short_slot { struct short_text text; uint64_t row; uint32_t length; };
struct slot { uint32_t hash, entry; };                  /* entry: its number plus one, 0 when free */
struct remembered { uint32_t key_from, key_length; };

struct textmemo {
    const struct textclass *class;
    size_t words, most_entries, most_short;
    struct short_slot *shorts;
    size_t short_slots, short_count;
    struct slot *slots;
    size_t slot_count, long_count;
    struct remembered *entries;                         /* of long texts; of the others empty */
    size_t entry_count, entry_capacity;
    struct buffer keys, scratch;
    uint64_t *rows;                                     /* the row of entry i starts at i * words */
    size_t row_capacity;
    uint64_t *single_row;                               /* of a text that is not remembered */
    void (*find_rows)(struct textmemo *memo, const struct text *texts, uint64_t wanted, uint64_t *rows);
    uint64_t (*hash)(const struct short_text *text);
    bool filters;
    uint64_t filter[FILTER_BITS / 64];
    unsigned trial_lookups, trial_hits, aside_left, aside_next;
};

static void filter_build(struct textmemo *memo);

struct textmemo *textmemo_new(const struct textclass *class)
{
    struct textmemo *memo = memory_alloc(sizeof *memo);
    memo->class = class;
    memo->words = textclass_words(class);
    memo->most_entries = MEMO_ROW_WORDS / memo->words;
    if (memo->most_entries > MEMO_ENTRIES)
        memo->most_entries = MEMO_ENTRIES;
    if (memo->most_entries < MEMO_FEWEST)
        memo->most_entries = MEMO_FEWEST;
    memo->most_short = memo->most_entries < MEMO_SHORT ? memo->most_entries : MEMO_SHORT;
    memo->short_slots = 64;
    memo->shorts = memory_alloc(memo->short_slots * sizeof *memo->shorts);
    memo->slot_count = 64;
    memo->slots = memory_alloc(memo->slot_count * sizeof *memo->slots);
    memo->single_row = memory_alloc(memo->words * sizeof *memo->single_row);
    memo->aside_next = MEMO_ASIDE_FIRST;
    for (unsigned set = KERNELS_AVX512; !textmemo_choose(memo, (enum kernel_set)set); set--)
        ;
    return memo;
}

void textmemo_free(struct textmemo *memo)
{
    if (memo == NULL)
        return;
    free(memo->shorts);
    free(memo->slots);
    free(memo->entries);
    buffer_free(&memo->keys);
    buffer_free(&memo->scratch);
    free(memo->rows);
    free(memo->single_row);
    free(memo);
}

static void memo_classify(struct textmemo *memo, struct text raw, uint64_t *row)
{
    textclass_row(memo->class, raw, &memo->scratch, row);
    if (memo->scratch.capacity > MEMO_SCRATCH)
        buffer_free(&memo->scratch);
}

static const uint64_t *memo_classify_single(struct textmemo *memo, struct text raw)
{
    memo_classify(memo, raw, memo->single_row);
    return memo->single_row;
}

static void memo_empty(struct textmemo *memo)
{
    memset(memo->shorts, 0, memo->short_slots * sizeof *memo->shorts);
    memset(memo->slots, 0, memo->slot_count * sizeof *memo->slots);
    memo->entry_count = memo->short_count = memo->long_count = 0;
    buffer_reset(&memo->keys);
}

static void memo_watch(struct textmemo *memo, unsigned lookups, unsigned hits)
{
    memo->trial_hits += hits;
    memo->trial_lookups += lookups;
    if (memo->trial_lookups < MEMO_TRIAL)
        return;
    if (memo->trial_hits < memo->trial_lookups / 4) {
        memo->aside_left = memo->aside_next;
        memo->aside_next = memo->aside_next * 2 > MEMO_ASIDE_MOST ? MEMO_ASIDE_MOST : memo->aside_next * 2;
    } else {
        memo->aside_next = MEMO_ASIDE_FIRST;
    }
    memo->trial_lookups = memo->trial_hits = 0;
}

/* Room for one more row, and the row in it.  It is an entry only when the caller counts it, for a host's failure handler
   may jump out of the classification. */
static uint64_t *memo_next_row(struct textmemo *memo, struct text raw)
{
    size_t entry = memo->entry_count;
    memory_reserve(&memo->entries, &memo->entry_capacity, entry + 1, sizeof *memo->entries);
    memory_reserve(&memo->rows, &memo->row_capacity, (entry + 1) * memo->words, sizeof *memo->rows);
    uint64_t *row = memo->rows + entry * memo->words;
    memo_classify(memo, raw, row);
    return row;
}

/* -------------------------------------------------------------- short texts */

/* Whether 32 bytes may be read where a text of fewer begins: what stands behind it may be, as long as it is on the same
   page, the smallest of which is 4 KiB. */
static inline bool reads_beyond(const char *bytes)
{
#if !defined(RUBRIC_SCALAR) && !defined(__SANITIZE_ADDRESS__) && (defined(__x86_64__) || defined(__aarch64__))
    return ((uintptr_t)bytes & 4095) <= 4096 - MEMO_SHORT_BYTES;
#else
    (void)bytes;
    return false;
#endif
}

static const unsigned char ones[2 * MEMO_SHORT_BYTES] = {
    255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
    255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
};

/* Without a branch on the length, which is wrong as often as not. */
static inline struct short_text plain_load(struct text raw)
{
    struct short_text text = {{0}};
    if (!reads_beyond(raw.bytes)) {
        memcpy(&text, raw.bytes, raw.length);
        return text;
    }
    struct short_text mask;
    memcpy(&text, raw.bytes, sizeof text);
    memcpy(&mask, ones + MEMO_SHORT_BYTES - raw.length, sizeof mask);
    for (unsigned i = 0; i < MEMO_SHORT_BYTES / 8; i++)
        text.words[i] &= mask.words[i];
    return text;
}

/* The same for ASCII letters of either case, as the filter needs it.  Every instruction set has a hash of its own; the
   rows do not depend on it. */
#define HASH_FOLD UINT64_C(0x2020202020202020)
static const uint64_t hash_keys[MEMO_SHORT_BYTES / 8] = {
    UINT64_C(0xa0761d6478bd642f), UINT64_C(0xe7037ed1a0b428db), UINT64_C(0x8ebc6af09c88c6e3), UINT64_C(0x589965cc75374cc3),
};

static inline uint64_t plain_hash(struct short_text text)
{
    uint64_t sum = 0;
    for (unsigned i = 0; i < MEMO_SHORT_BYTES / 8; i++) {
        uint64_t folded = text.words[i] | HASH_FOLD, mixed = folded ^ hash_keys[i];
        sum += (mixed & UINT32_MAX) * (mixed >> 32) + folded;
    }
    sum = (sum ^ sum >> 32) * UINT64_C(0xd6e8feb86659fd93);
    return sum ^ sum >> 32;
}

static inline uint64_t *filter_word(struct textmemo *memo, uint64_t hash)
{
    return &memo->filter[hash >> 40 & (FILTER_BITS / 64 - 1)];
}

static inline uint64_t filter_bit(uint64_t hash)
{
    return UINT64_C(1) << (hash >> 56 & 63);
}

static void filter_build(struct textmemo *memo)
{
    size_t count = textclass_equal_count(memo->class);
    memset(memo->filter, 0, sizeof memo->filter);
    memo->filters = count > 0 && count <= FILTER_BITS / 16;
    for (size_t i = 0; memo->filters && i < count; i++) {
        struct text text = textclass_equal(memo->class, i);
        if (text.length > MEMO_SHORT_BYTES)             /* no ASCII text of up to 32 bytes is it */
            continue;
        struct short_text bytes = {{0}};
        memcpy(&bytes, text.bytes, text.length);
        uint64_t hash = memo->hash(&bytes);
        *filter_word(memo, hash) |= filter_bit(hash);
    }
}

static inline bool plain_same(const struct short_slot *slot, struct short_text text, uint32_t length)
{
    uint64_t other = slot->length ^ length;
    for (unsigned i = 0; i < MEMO_SHORT_BYTES / 8; i++)
        other |= slot->text.words[i] ^ text.words[i];
    return other == 0;
}

static inline bool plain_is_ascii(struct short_text text)
{
    return ((text.words[0] | text.words[1] | text.words[2] | text.words[3]) & UINT64_C(0x8080808080808080)) == 0;
}

/* An entry without a free slot within the probes is not found any more: its text is classified anew when it returns. */
static void memo_grow_shorts(struct textmemo *memo)
{
    size_t count = memo->short_slots * 2, mask = count - 1;
    struct short_slot *slots = memory_alloc(count * sizeof *slots);
    for (size_t old = 0; old < memo->short_slots; old++) {
        const struct short_slot *slot = &memo->shorts[old];
        if (slot->length == 0)
            continue;
        size_t at = memo->hash(&slot->text) & mask;
        for (int probe = 0; probe < MEMO_PROBES; probe++, at = (at + 1) & mask) {
            if (slots[at].length == 0) {
                slots[at] = *slot;
                break;
            }
        }
    }
    free(memo->shorts);
    memo->shorts = slots;
    memo->short_slots = count;
}

static const uint64_t *short_row(const struct textmemo *memo, const struct short_slot *slot)
{
    return memo->words == 1 ? &slot->row : memo->rows + slot->row * memo->words;
}

static const uint64_t *memo_learn_short(struct textmemo *memo, struct text raw, const struct short_text *text,
                                        uint64_t hash)
{
    if (memo->short_count == memo->most_short || (memo->words > 1 && memo->entry_count == memo->most_entries))
        memo_empty(memo);
    const uint64_t *row = memo->words == 1 ? memo_classify_single(memo, raw) : memo_next_row(memo, raw);
    /* Far from full while that costs little: then nearly all lie where they are looked for first. */
    size_t share = memo->short_slots < 1024 ? 8 : memo->short_slots < MEMO_SHORT ? 4 : 2;
    if (memo->short_count * share >= memo->short_slots)
        memo_grow_shorts(memo);
    size_t mask = memo->short_slots - 1, at = hash & mask;
    for (int probe = 0; probe < MEMO_PROBES; probe++, at = (at + 1) & mask) {
        if (memo->shorts[at].length != 0)
            continue;
        memo->shorts[at] = (struct short_slot){*text, memo->words == 1 ? *row : memo->entry_count, raw.length};
        memo->short_count++;
        memo->entry_count += memo->words > 1;
        break;
    }
    return row;
}

static const uint64_t *memo_short(struct textmemo *memo, struct text raw, unsigned *hits)
{
    struct short_text text = plain_load(raw);
    uint64_t hash = memo->hash(&text);
    size_t mask = memo->short_slots - 1, at = hash & mask;
    for (int probe = 0; probe < MEMO_PROBES && memo->shorts[at].length != 0; probe++, at = (at + 1) & mask) {
        if (plain_same(&memo->shorts[at], text, raw.length)) {
            ++*hits;
            return short_row(memo, &memo->shorts[at]);
        }
    }
    return memo_learn_short(memo, raw, &text, hash);
}

/* --------------------------------------------------------------- long texts */

static void memo_grow_slots(struct textmemo *memo)
{
    size_t slot_count = memo->slot_count * 2, mask = slot_count - 1;
    struct slot *slots = memory_alloc(slot_count * sizeof *slots);
    for (size_t old = 0; old < memo->slot_count; old++) {
        if (memo->slots[old].entry == 0)
            continue;
        size_t at = memo->slots[old].hash & mask;
        for (int probe = 0; probe < MEMO_PROBES; probe++, at = (at + 1) & mask) {
            if (slots[at].entry == 0) {
                slots[at] = memo->slots[old];
                break;
            }
        }
    }
    free(memo->slots);
    memo->slots = slots;
    memo->slot_count = slot_count;
}

static const uint64_t *memo_long(struct textmemo *memo, struct text raw, unsigned *hits)
{
    uint32_t hash = (uint32_t)text_hash(raw.bytes, raw.length);
    size_t mask = memo->slot_count - 1, at = hash & mask;
    int probe = 0;
    for (; probe < MEMO_PROBES && memo->slots[at].entry != 0; probe++, at = (at + 1) & mask) {
        if (memo->slots[at].hash != hash)
            continue;
        size_t entry = memo->slots[at].entry - 1;
        const struct remembered *known = &memo->entries[entry];
        if (known->key_length == raw.length && memcmp(memo->keys.data + known->key_from, raw.bytes, raw.length) == 0) {
            ++*hits;
            return memo->rows + entry * memo->words;
        }
    }
    if (probe == MEMO_PROBES)
        return memo_classify_single(memo, raw);
    if (memo->entry_count == memo->most_entries || memo->keys.length + raw.length > MEMO_KEY_BYTES - 1) {
        memo_empty(memo);
        at = hash & mask;
    }
    const uint64_t *row = memo_next_row(memo, raw);
    memo->entries[memo->entry_count] = (struct remembered){(uint32_t)memo->keys.length, raw.length};
    buffer_add(&memo->keys, raw.bytes, raw.length);
    memo->slots[at] = (struct slot){hash, (uint32_t)++memo->entry_count};
    if (++memo->long_count * 2 > memo->slot_count)
        memo_grow_slots(memo);
    return row;
}

/* ------------------------------------------------------------------ look-ups */

/* The row of a text while the memo does not stand aside. */
static inline const uint64_t *memo_find(struct textmemo *memo, struct text raw, unsigned *hits)
{
    if (raw.length - 1 < MEMO_SHORT_BYTES)
        return memo_short(memo, raw, hits);
    if (raw.length - 1 < MEMO_LONGEST)
        return memo_long(memo, raw, hits);
    return memo_classify_single(memo, raw);
}

const uint64_t *textmemo_row(struct textmemo *memo, struct text raw)
{
    if (memo->aside_left > 0) {
        memo->aside_left--;
        return memo_classify_single(memo, raw);
    }
    unsigned hits = 0;
    const uint64_t *row = memo_find(memo, raw, &hits);
    memo_watch(memo, 1, hits);
    return row;
}

/* While the memo stands aside. */
static void rows_aside(struct textmemo *memo, const struct text *texts, uint64_t wanted, uint64_t *rows)
{
    memset(rows, 0, 64 * memo->words * sizeof *rows);
    unsigned count = 0;
    for (uint64_t left = wanted; left != 0; left &= left - 1, count++) {
        unsigned bit = (unsigned)__builtin_ctzll(left);
        const uint64_t *row = memo_classify_single(memo, texts[bit]);
        for (size_t part = 0; part < memo->words; part++)
            rows[part * 64 + bit] = row[part];
    }
    memo->aside_left -= count < memo->aside_left ? count : memo->aside_left;
}

#define MEMO_BYTES struct short_text
#define MEMO_NAME(name) plain_##name
#include "vm/textmemo_body.inc"
#undef MEMO_BYTES
#undef MEMO_NAME

#if MEMO_DISPATCH
#define MEMO_BYTES __m256i
#pragma GCC push_options
#pragma GCC target("avx2,bmi,bmi2,aes")
static inline __m256i avx2_load(struct text raw)
{
    if (!reads_beyond(raw.bytes)) {
        struct short_text text = plain_load(raw);
        return _mm256_loadu_si256((const __m256i *)(const void *)&text);
    }
    return _mm256_and_si256(_mm256_loadu_si256((const __m256i *)(const void *)raw.bytes),
                            _mm256_loadu_si256((const __m256i *)(const void *)(ones + MEMO_SHORT_BYTES - raw.length)));
}

static inline uint64_t avx2_hash(__m256i bytes)
{
    __m256i folded = _mm256_or_si256(bytes, _mm256_set1_epi64x((int64_t)HASH_FOLD));
    __m128i keys = _mm_loadu_si128((const __m128i *)(const void *)hash_keys);
    __m128i mixed = _mm_aesenc_si128(_mm_xor_si128(_mm256_castsi256_si128(folded), keys),
                                     _mm256_extracti128_si256(folded, 1));
    mixed = _mm_aesenc_si128(_mm_aesenc_si128(mixed, keys), keys);
    return (uint64_t)_mm_cvtsi128_si64(mixed);
}

static inline bool avx2_same(const struct short_slot *slot, __m256i bytes, uint32_t length)
{
    __m256i other = _mm256_xor_si256(bytes, _mm256_loadu_si256((const __m256i *)(const void *)&slot->text));
    return _mm256_testz_si256(other, other) & (slot->length == length);
}

static inline bool avx2_is_ascii(__m256i bytes)
{
    return _mm256_movemask_epi8(bytes) == 0;
}
#define MEMO_NAME(name) avx2_##name
#include "vm/textmemo_body.inc"
#undef MEMO_NAME
#pragma GCC pop_options

#pragma GCC push_options
#pragma GCC target("avx2,bmi,bmi2,aes,avx512f,avx512bw,avx512dq,avx512vl")
/* Bytes that the mask leaves out are not read, whatever page they are on. */
static inline __m256i avx512_load(struct text raw)
{
    return _mm256_maskz_loadu_epi8((__mmask32)_bzhi_u32(UINT32_MAX, raw.length), raw.bytes);
}

static inline uint64_t avx512_hash(__m256i bytes)
{
    return avx2_hash(bytes);
}

static inline bool avx512_same(const struct short_slot *slot, __m256i bytes, uint32_t length)
{
    return avx2_same(slot, bytes, length);
}

static inline bool avx512_is_ascii(__m256i bytes)
{
    return _mm256_movepi8_mask(bytes) == 0;
}
#define MEMO_NAME(name) avx512_##name
#include "vm/textmemo_body.inc"
#undef MEMO_NAME
#pragma GCC pop_options
#endif

bool textmemo_choose(struct textmemo *memo, enum kernel_set set)
{
    memo->find_rows = plain_rows;
    memo->hash = plain_hash_of;
    bool there = set == KERNELS_PLAIN;
#if MEMO_DISPATCH
    if (set != KERNELS_PLAIN && kernels_of(set) != NULL && __builtin_cpu_supports("aes")) {
        memo->find_rows = set == KERNELS_AVX512 ? avx512_rows : avx2_rows;
        memo->hash = set == KERNELS_AVX512 ? avx512_hash_of : avx2_hash_of;
        there = true;
    }
#endif
    filter_build(memo);
    return there;
}

void textmemo_rows(struct textmemo *memo, const struct text texts[64], uint64_t wanted, uint64_t *rows)
{
    (memo->aside_left > 0 ? rows_aside : memo->find_rows)(memo, texts, wanted, rows);
}

size_t textmemo_bytes(const struct textmemo *memo)
{
    return sizeof *memo + memo->short_slots * sizeof *memo->shorts + memo->slot_count * sizeof *memo->slots
        + memo->entry_capacity * sizeof *memo->entries + memo->keys.capacity + memo->scratch.capacity
        + (memo->row_capacity + memo->words) * sizeof *memo->rows;
}
