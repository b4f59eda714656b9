#include "vm/input/keys.h"

#include <stdlib.h>
#include <string.h>

#include "vm/input/digits.h"
#include "vm/limits.h"
#include "vm/memory.h"

#define PAGE_NUMBERS ((size_t)1 << 15)
#define PAGE_BYTES (PAGE_NUMBERS / 8)
#define FREE_PAGES ((size_t)64)                         /* so many may be made before they must pay */
#define DIGITS_MOST 8u

/* ------------------------------------------------------------------ numbers */

/* A key as prefix and number; false when it is not numbered, or too long. */
struct numbered { uint32_t prefix_length, digits, number; };

static bool is_numbered(struct text key, struct numbered *numbered)
{
    uint64_t word = 0;
    if (key.length >= DIGITS_MOST)
        word = load_word(key.bytes + key.length - DIGITS_MOST);
    else if (key.length > 0)
        memcpy((char *)&word + DIGITS_MOST - key.length, key.bytes, key.length);
    word ^= UINT64_C(0x3030303030303030);
    uint64_t other = not_digits(word);
    uint32_t digits = DIGITS_MOST;
    if (other) {                                        /* the last byte is the highest */
        digits = (uint32_t)__builtin_clzll(other) / 8;
        word = digits > 0 ? word & UINT64_MAX << (64 - 8 * digits) : 0;
    }
    uint32_t number = (uint32_t)eight_digits(word);
    *numbered = (struct numbered){key.length - digits, digits, number};
    return digits > 0 && numbered->prefix_length <= KEY_PREFIX_MOST;
}

static bool fits_series(const struct key_series *series, struct text key, const struct numbered *numbered)
{
    return series->digits == numbered->digits && series->prefix_length == numbered->prefix_length
           && memcmp(series->prefix, key.bytes, numbered->prefix_length) == 0;
}

static struct key_series *find_series(struct key_set *keys, struct text key, const struct numbered *numbered)
{
    if (keys->series_count > 0 && fits_series(&keys->series[keys->latest], key, numbered))
        return &keys->series[keys->latest];
    for (uint32_t i = 0; i < keys->series_count; i++) {
        if (fits_series(&keys->series[i], key, numbered)) {
            keys->latest = i;
            return &keys->series[i];
        }
    }
    if (keys->strewn || keys->series_count == KEY_SERIES_MOST)
        return NULL;
    keys->latest = keys->series_count++;
    struct key_series *series = &keys->series[keys->latest];
    *series = (struct key_series){.prefix_length = numbered->prefix_length, .digits = numbered->digits};
    memcpy(series->prefix, key.bytes, numbered->prefix_length);
    return series;
}

/* The page of a number; NULL when it has none and gets none. */
static uint64_t *find_page(struct key_set *keys, struct key_series *series, uint32_t number)
{
    size_t page = number / PAGE_NUMBERS;
    if (page < series->page_count && series->pages[page])
        return series->pages[page];
    if (keys->strewn)
        return NULL;
    size_t more = page < series->page_count ? 0 : (page + 1 - series->page_count) * sizeof *series->pages;
    if (keys->page_bytes + PAGE_BYTES + more > FREE_PAGES * PAGE_BYTES + keys->count * sizeof *keys->hashes) {
        keys->strewn = true;
        return NULL;
    }
    if (more > 0) {
        series->pages = memory_resize(series->pages, (page + 1) * sizeof *series->pages);
        memset(series->pages + series->page_count, 0, more);
        series->page_count = page + 1;
    }
    keys->page_bytes += PAGE_BYTES + more;
    return series->pages[page] = memory_alloc(PAGE_BYTES);
}

/* ------------------------------------------------------------------- hashes */

static bool find_place(const struct key_set *keys, uint64_t hash, size_t *place)
{
    size_t mask = keys->size - 1;
    *place = hash & mask;
    for (; keys->hashes[*place] != 0; *place = (*place + 1) & mask) {
        if (keys->hashes[*place] == hash)
            return true;
    }
    return false;
}

static void grow_hashes(struct key_set *keys)
{
    uint64_t *old = keys->hashes;
    size_t old_size = keys->size;
    keys->size = old_size ? old_size * 2 : 4096;
    keys->hashes = memory_alloc(keys->size * sizeof *keys->hashes);
    for (size_t i = 0; i < old_size; i++) {
        size_t place;
        if (old[i] != 0 && !find_place(keys, old[i], &place))
            keys->hashes[place] = old[i];
    }
    free(old);
}

/* -------------------------------------------------------------------- both */

/* What is known of a key before any is added. */
struct waiting { uint64_t hash; uint32_t key; };

static bool set_bit(uint64_t *page, uint32_t number, bool add)
{
    uint64_t *word = &page[number % PAGE_NUMBERS / 64], bit = UINT64_C(1) << number % 64;
    bool was = (*word & bit) != 0;
    if (add)
        *word |= bit;
    return was;
}

uint32_t key_set_add(struct key_set *keys, const struct text *texts, uint32_t count, size_t most, bool *marks,
                     bool *full)
{
    struct waiting waiting[LIMIT_BATCH_LEADS];
    uint32_t waiting_count = 0, found = 0;
    if (count > 1 && keys->count + count > most) {      /* which are left out must not depend on how many come at once */
        for (uint32_t i = 0; i < count; i++)
            found += key_set_add(keys, &texts[i], 1, most, &marks[i], full);
        return found;
    }
    memset(marks, 0, count * sizeof *marks);
    for (uint32_t i = 0; i < count; i++) {
        struct numbered numbered;
        struct key_series *series;
        uint64_t *page;
        if (texts[i].length == 0)
            continue;
        if (is_numbered(texts[i], &numbered) && (series = find_series(keys, texts[i], &numbered))
            && (page = find_page(keys, series, numbered.number))) {
            bool room = keys->count < most, was = set_bit(page, numbered.number, room);
            marks[i] = was;
            found += was;
            keys->count += room && !was;
            *full |= !room && !was;
            continue;
        }
        uint64_t hash = text_hash(texts[i].bytes, texts[i].length);
        waiting[waiting_count++] = (struct waiting){hash ? hash : 1, i};
    }
    if (waiting_count == 0)
        return found;
    /* Three quarters full at most; the limit of hashes is three quarters of the largest table. */
    while (keys->size == 0
           || ((keys->hash_count + waiting_count) * 4 > keys->size * 3 && keys->size * 3 < (size_t)LIMIT_HASHED_KEYS * 4))
        grow_hashes(keys);
    /* So that the places they go to are on their way from memory when they are looked at. */
    for (uint32_t i = 0; i < waiting_count; i++)
        __builtin_prefetch(&keys->hashes[waiting[i].hash & (keys->size - 1)]);
    for (uint32_t i = 0; i < waiting_count; i++) {
        size_t place;
        if (find_place(keys, waiting[i].hash, &place)) {
            marks[waiting[i].key] = true;
            found++;
        } else if (keys->count >= most || keys->hash_count >= LIMIT_HASHED_KEYS) {
            *full = true;
        } else {
            keys->hashes[place] = waiting[i].hash;
            keys->hash_count++;
            keys->count++;
        }
    }
    return found;
}

void key_set_free(struct key_set *keys)
{
    free(keys->hashes);
    for (uint32_t i = 0; i < keys->series_count; i++) {
        for (size_t page = 0; page < keys->series[i].page_count; page++)
            free(keys->series[i].pages[page]);
        free(keys->series[i].pages);
    }
    *keys = (struct key_set){0};
}
