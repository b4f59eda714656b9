#include "vm/textclass.h"

#include <stdlib.h>
#include <string.h>

#define MEMO_ENTRIES ((size_t)16384)                    /* texts remembered at most */
#define MEMO_KEY_BYTES (((size_t)2 << 20) - 1)          /* bytes of all their raw texts */
#define MEMO_ROW_WORDS ((size_t)128 << 10)              /* words of all their rows: 1 MiB */
#define MEMO_FEWEST ((size_t)16)                        /* texts remembered at least, however long the rows */
#define MEMO_LONGEST ((size_t)4096)                     /* bytes; longer texts hardly repeat and would push out many */
#define MEMO_PROBES 16                                  /* slots looked at; an enemy's collisions cost no more */
#define MEMO_SCRATCH ((size_t)256 << 10)                /* bytes kept for folding from one text to the next */

/* The trial: of so many look-ups a quarter must hit, or the memo steps aside for a while; each failure in a row
   doubles the while.  What it has learned it keeps, so values that repeat over a long distance win the later trials. */
#define MEMO_TRIAL 2048u
#define MEMO_HITS_WANTED (MEMO_TRIAL / 4)
#define MEMO_ASIDE_FIRST (8 * MEMO_TRIAL)
#define MEMO_ASIDE_MOST (64 * MEMO_TRIAL)

struct slot { uint32_t hash, entry; };                  /* entry: its number plus one, 0 when free */
struct remembered { uint32_t key_from, key_length; };

struct textmemo {
    const struct textclass *class;
    size_t words, most_entries;
    struct slot *slots;
    size_t slot_count;
    struct remembered *entries;
    size_t entry_count, entry_capacity;
    struct buffer keys, scratch;
    uint64_t *rows;                                     /* the row of entry i starts at i * words */
    size_t row_capacity;
    uint64_t *single_row;                               /* of a text that is not remembered */
    unsigned trial_lookups, trial_hits, aside_left, aside_next;
};

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
    memo->slot_count = 64;
    memo->slots = memory_alloc(memo->slot_count * sizeof *memo->slots);
    memo->single_row = memory_alloc(memo->words * sizeof *memo->single_row);
    memo->aside_next = MEMO_ASIDE_FIRST;
    return memo;
}

void textmemo_free(struct textmemo *memo)
{
    if (memo == NULL)
        return;
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

/* An entry without a free slot within the probes is not found any more: its text is classified anew when it returns. */
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

static void memo_empty(struct textmemo *memo)
{
    memset(memo->slots, 0, memo->slot_count * sizeof *memo->slots);
    memo->entry_count = 0;
    buffer_reset(&memo->keys);
}

static void memo_watch(struct textmemo *memo, bool hit)
{
    memo->trial_hits += hit;
    if (++memo->trial_lookups < MEMO_TRIAL)
        return;
    if (memo->trial_hits < MEMO_HITS_WANTED) {
        memo->aside_left = memo->aside_next;
        memo->aside_next = memo->aside_next * 2 > MEMO_ASIDE_MOST ? MEMO_ASIDE_MOST : memo->aside_next * 2;
    } else {
        memo->aside_next = MEMO_ASIDE_FIRST;
    }
    memo->trial_lookups = memo->trial_hits = 0;
}

const uint64_t *textmemo_row(struct textmemo *memo, struct text raw)
{
    if (memo->aside_left > 0) {
        memo->aside_left--;
        return memo_classify_single(memo, raw);
    }
    if (raw.length == 0 || raw.length > MEMO_LONGEST)
        return memo_classify_single(memo, raw);

    uint32_t hash = (uint32_t)text_hash(raw.bytes, raw.length);
    size_t mask = memo->slot_count - 1, at = hash & mask;
    int probe = 0;
    for (; probe < MEMO_PROBES && memo->slots[at].entry != 0; probe++, at = (at + 1) & mask) {
        if (memo->slots[at].hash != hash)
            continue;
        size_t entry = memo->slots[at].entry - 1;
        const struct remembered *known = &memo->entries[entry];
        if (known->key_length == raw.length && memcmp(memo->keys.data + known->key_from, raw.bytes, raw.length) == 0) {
            memo_watch(memo, true);
            return memo->rows + entry * memo->words;
        }
    }
    memo_watch(memo, false);
    if (probe == MEMO_PROBES)
        return memo_classify_single(memo, raw);
    if (memo->entry_count == memo->most_entries || memo->keys.length + raw.length > MEMO_KEY_BYTES - 1) {
        memo_empty(memo);
        at = hash & mask;
    }
    /* Remembered only when the row is there: a host's failure handler may jump out of the classification. */
    size_t entry = memo->entry_count;
    memory_reserve(&memo->entries, &memo->entry_capacity, entry + 1, sizeof *memo->entries);
    memory_reserve(&memo->rows, &memo->row_capacity, (entry + 1) * memo->words, sizeof *memo->rows);
    uint64_t *row = memo->rows + entry * memo->words;
    memo_classify(memo, raw, row);
    memo->entries[entry] = (struct remembered){(uint32_t)memo->keys.length, raw.length};
    buffer_add(&memo->keys, raw.bytes, raw.length);
    memo->slots[at] = (struct slot){hash, (uint32_t)entry + 1};
    memo->entry_count++;
    if (memo->entry_count * 2 > memo->slot_count)
        memo_grow_slots(memo);
    return row;
}

size_t textmemo_bytes(const struct textmemo *memo)
{
    return sizeof *memo + memo->slot_count * sizeof *memo->slots + memo->entry_capacity * sizeof *memo->entries
        + memo->keys.capacity + memo->scratch.capacity + (memo->row_capacity + memo->words) * sizeof *memo->rows;
}
