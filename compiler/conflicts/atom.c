#include "compiler/conflicts/space.h"

#include <stdlib.h>
#include <string.h>

#include "vm/number.h"

/* ---- intervals ------------------------------------------------------------------------------------------ */

bool intervals_contain(const struct intervals *intervals, int64_t number)
{
    size_t low = 0, high = intervals->count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (number < intervals->items[middle].from) high = middle;
        else if (number > intervals->items[middle].to) low = middle + 1;
        else return true;
    }
    return false;
}

void intervals_add(struct arena *arena, struct intervals *intervals, int64_t from, int64_t to)
{
    if (from > to) return;
    struct interval *items = arena_alloc(arena, (intervals->count + 1) * sizeof *items);
    size_t count = 0;
    bool placed = false;
    for (size_t i = 0; i < intervals->count; i++) {
        struct interval item = intervals->items[i];
        bool before = item.to < from && (item.to == INT64_MAX || item.to + 1 < from);
        bool after = item.from > to && (item.from == INT64_MIN || item.from - 1 > to);
        if (before) {
            items[count++] = item;
        } else if (after) {
            if (!placed) items[count++] = (struct interval){from, to};
            placed = true;
            items[count++] = item;
        } else {
            if (item.from < from) from = item.from;
            if (item.to > to) to = item.to;
        }
    }
    if (!placed) items[count++] = (struct interval){from, to};
    intervals->items = items;
    intervals->count = count;
}

struct intervals intervals_not(struct arena *arena, const struct intervals *intervals, int64_t lowest, int64_t highest)
{
    struct intervals result = {arena_alloc(arena, (intervals->count + 1) * sizeof(struct interval)), 0};
    int64_t next = lowest;
    bool open = true;
    for (size_t i = 0; i < intervals->count && open; i++) {
        struct interval item = intervals->items[i];
        if (item.to < lowest) continue;
        if (item.from > highest) break;
        if (item.from > next) result.items[result.count++] = (struct interval){next, item.from - 1};
        if (item.to >= highest) open = false;
        else next = item.to + 1;
    }
    if (open && next <= highest) result.items[result.count++] = (struct interval){next, highest};
    return result;
}

/* ---- slots and atoms ------------------------------------------------------------------------------------ */

uint32_t slot_new(struct space *space, enum slot_kind kind, enum slot_origin origin, uint32_t index)
{
    memory_reserve(&space->slots, &space->slot_capacity, space->slot_count + 1, sizeof *space->slots);
    space->slots[space->slot_count] = (struct slot){.kind = kind,
                                                    .origin = origin,
                                                    .index = index,
                                                    .can_miss = true,
                                                    .lowest = INT64_MIN,
                                                    .highest = INT64_MAX,
                                                    .complete = kind == SLOT_ORDERED || kind == SLOT_CHOICE};
    return (uint32_t)space->slot_count++;
}

static uint64_t hash_bytes(uint64_t hash, const void *bytes, size_t length)
{
    const unsigned char *p = bytes;
    for (size_t i = 0; i < length; i++) hash = (hash ^ p[i]) * 0x100000001b3u;
    return hash;
}

static uint64_t atom_hash(const struct atom *atom)
{
    uint64_t hash = 0xcbf29ce484222325u;
    uint64_t facts[5] = {atom->kind, atom->slot, (uint64_t)atom->predicate * 2 + atom->domain, atom->set,
                         (uint64_t)atom->number};
    hash = hash_bytes(hash, facts, sizeof facts);
    hash = hash_bytes(hash, atom->holds.items, atom->holds.count * sizeof(struct interval));
    hash = hash_bytes(hash, atom->fails.items, atom->fails.count * sizeof(struct interval));
    for (size_t i = 0; i < atom->text_count; i++)
        hash = hash_bytes(hash, atom->texts[i].bytes, atom->texts[i].length) * 31;
    return hash ^ (hash >> 31);
}

bool intervals_same(const struct intervals *a, const struct intervals *b)
{
    return a->count == b->count && (a->count == 0 || memcmp(a->items, b->items, a->count * sizeof *a->items) == 0);
}

static bool atom_same(const struct atom *a, const struct atom *b)
{
    if (a->kind != b->kind || a->slot != b->slot || a->two_valued != b->two_valued || a->predicate != b->predicate ||
        a->domain != b->domain || a->set != b->set || a->number != b->number || a->text_count != b->text_count ||
        !intervals_same(&a->holds, &b->holds) || !intervals_same(&a->fails, &b->fails))
        return false;
    for (size_t i = 0; i < a->text_count; i++)
        if (a->texts[i].length != b->texts[i].length ||
            memcmp(a->texts[i].bytes, b->texts[i].bytes, a->texts[i].length) != 0)
            return false;
    return true;
}

static int compare_texts(const void *a, const void *b)
{
    const struct text *left = a, *right = b;
    if (left->length != right->length) return left->length < right->length ? -1 : 1;
    return memcmp(left->bytes, right->bytes, left->length);
}

static void table_grow(struct space *space)
{
    size_t slots = space->atom_slots ? space->atom_slots * 2 : 512;
    uint32_t *table = arena_alloc(space->arena, slots * sizeof *table);
    for (size_t index = 0; index < space->atom_count; index++) {
        size_t at = atom_hash(&space->atoms[index]) & (slots - 1);
        while (table[at]) at = (at + 1) & (slots - 1);
        table[at] = (uint32_t)index + 1;
    }
    space->atom_table = table;
    space->atom_slots = slots;
}

static void atom_bits(struct space *space, uint32_t index);
static void split_cells(struct space *space, uint32_t slot, const struct atom *atom);

uint32_t atom_intern(struct space *space, const struct atom *given)
{
    struct atom atom = *given;
    if (atom.text_count > 1) { /* sorted and without repetition: equal sets are the same atom */
        struct text *texts = arena_alloc(space->arena, atom.text_count * sizeof *texts);
        memcpy(texts, atom.texts, atom.text_count * sizeof *texts);
        qsort(texts, atom.text_count, sizeof *texts, compare_texts);
        size_t kept = 1;
        for (size_t i = 1; i < atom.text_count; i++)
            if (compare_texts(&texts[i], &texts[kept - 1]) != 0) texts[kept++] = texts[i];
        atom.texts = texts;
        atom.text_count = kept;
    }
    if (space->atom_count * 2 >= space->atom_slots) table_grow(space);
    size_t at = atom_hash(&atom) & (space->atom_slots - 1);
    for (; space->atom_table[at]; at = (at + 1) & (space->atom_slots - 1))
        if (atom_same(&space->atoms[space->atom_table[at] - 1], &atom)) return space->atom_table[at] - 1;
    memory_reserve(&space->atoms, &space->atom_capacity, space->atom_count + 1, sizeof *space->atoms);
    uint32_t index = (uint32_t)space->atom_count++;
    atom.holds_bits = atom.fails_bits = NULL;
    atom.inexact |= space->slots[atom.slot].opaque;
    space->atoms[index] = atom;
    space->atom_table[at] = index + 1;
    struct slot *slot = &space->slots[atom.slot];
    memory_reserve(&slot->atoms, &slot->atom_capacity, slot->atom_count + 1, sizeof *slot->atoms);
    slot->atoms[slot->atom_count++] = index;
    if (slot->pool_count > 0) {
        atom_bits(space, index);
        if (slot->kind == SLOT_ORDERED) split_cells(space, atom.slot, &space->atoms[index]);
    }
    return index;
}

/* ---- the truth of an atom for a value ------------------------------------------------------------------- */

static bool text_fits(enum text_predicate predicate, struct text folded, struct text pattern)
{
    switch (predicate) {
    case TEXT_IS: return folded.length == pattern.length && memcmp(folded.bytes, pattern.bytes, pattern.length) == 0;
    case TEXT_CONTAINS: return text_contains(folded, pattern);
    case TEXT_WORD: return text_has_word(folded, pattern);
    case TEXT_STARTS: return text_starts(folded, pattern);
    case TEXT_ENDS: return text_ends(folded, pattern);
    case TEXT_GLOB: return text_matches(folded, pattern);
    default: break;
    }
    return false;
}

static int text_truth(const struct atom *atom, const struct value *value)
{
    struct text folded = value->folded;
    if (atom->domain) {
        if (!value->has_domain) return -1;
        folded = value->domain;
    }
    if (text_predicate_is_raw(atom->predicate)) { /* byte for byte as it came; a domain is trimmed first */
        struct text raw = atom->domain ? text_domain(value->raw) : value->raw;
        for (size_t i = 0; i < atom->text_count; i++)
            if (text_fits_exactly(atom->predicate, raw, atom->texts[i])) return 1;
        return 0;
    }
    if (atom->predicate == TEXT_IS && atom->text_count > 8)
        return bsearch(&folded, atom->texts, atom->text_count, sizeof *atom->texts, compare_texts) != NULL;
    for (size_t i = 0; i < atom->text_count; i++)
        if (text_fits(atom->predicate, folded, atom->texts[i])) return 1;
    return 0;
}

int atom_truth(const struct space *space, const struct atom *atom, const struct value *value)
{
    if (atom->kind == ATOM_COUNT) return events_in_set(space, atom->set, value) >= atom->number;
    if (atom->kind == ATOM_KNOWN) return value->known;
    if (atom->kind == ATOM_DOMAIN_KNOWN) return value->known && value->has_domain;
    if (!value->known) return -1;
    switch (atom->kind) {
    case ATOM_ORDER:
        return intervals_contain(&atom->holds, value->number)   ? 1
               : intervals_contain(&atom->fails, value->number) ? 0
                                                                : -1;
    case ATOM_YES: return value->number == 1;
    case ATOM_TEXT: return text_truth(atom, value);
    case ATOM_LENGTH:
        return intervals_contain(&atom->holds, value->length * NUMBER_ONE)   ? 1
               : intervals_contain(&atom->fails, value->length * NUMBER_ONE) ? 0
                                                                             : -1;
    case ATOM_SIZE: {
        int64_t size = (int64_t)value->element_count * NUMBER_ONE;
        return intervals_contain(&atom->holds, size) ? 1 : intervals_contain(&atom->fails, size) ? 0 : -1;
    }
    case ATOM_ELEMENT:
        for (size_t i = 0; i < value->element_count; i++)
            if (bsearch(&value->elements[i], atom->texts, atom->text_count, sizeof *atom->texts, compare_texts))
                return 1;
        return 0;
    default: return -1;
    }
}

static bool truth_fits(int truth, enum polarity polarity)
{
    switch (polarity) {
    case SAYS_HOLDS: return truth == 1;
    case SAYS_NOT_HOLDS: return truth != 1;
    case SAYS_FAILS: return truth == 0;
    case SAYS_NOT_FAILS: return truth != 0;
    }
    return false;
}

bool literal_true(const struct space *space, struct literal_of literal, const struct value *value)
{
    return truth_fits(atom_truth(space, &space->atoms[literal.atom], value), literal.polarity);
}

bool literal_bit(const struct space *space, uint32_t atom, enum polarity polarity, uint32_t value)
{
    const uint64_t *bits = polarity < SAYS_FAILS ? space->atoms[atom].holds_bits : space->atoms[atom].fails_bits;
    return (bool)(bits[value >> 6] >> (value & 63) & 1) == !(polarity & 1);
}

/* ---- pools ---------------------------------------------------------------------------------------------- */

static void set_bits(struct space *space, struct atom *atom, const struct slot *slot, size_t value, size_t position)
{
    int truth;
    if (position < slot->class_bits && atom->kind == ATOM_TEXT && !atom->domain && slot->pool[value].known)
        truth = (int)(slot->class_row[position >> 6] >> (position & 63) & 1);
    else truth = atom_truth(space, atom, &slot->pool[value]);
    if (truth == 1) atom->holds_bits[value >> 6] |= UINT64_C(1) << (value & 63);
    else if (truth == 0) atom->fails_bits[value >> 6] |= UINT64_C(1) << (value & 63);
}

static void atom_bits(struct space *space, uint32_t index)
{
    struct atom *atom = &space->atoms[index];
    const struct slot *slot = &space->slots[atom->slot];
    size_t words = (slot->pool_capacity + 63) / 64;
    atom->holds_bits = arena_alloc(space->arena, words * sizeof(uint64_t));
    atom->fails_bits = arena_alloc(space->arena, words * sizeof(uint64_t));
    for (size_t value = 0; value < slot->pool_count; value++) set_bits(space, atom, slot, value, SIZE_MAX);
}

void pool_drop(struct space *space, uint32_t slot_index)
{
    struct slot *slot = &space->slots[slot_index];
    size_t value = --slot->pool_count;
    for (size_t i = 0; i < slot->atom_count; i++) {
        space->atoms[slot->atoms[i]].holds_bits[value >> 6] &= ~(UINT64_C(1) << (value & 63));
        space->atoms[slot->atoms[i]].fails_bits[value >> 6] &= ~(UINT64_C(1) << (value & 63));
    }
}

uint32_t pool_add(struct space *space, uint32_t slot_index, struct value value)
{
    struct slot *slot = &space->slots[slot_index];
    if (slot->pool_count == slot->pool_capacity) {
        size_t capacity = slot->pool_capacity ? slot->pool_capacity * 2 : 64;
        struct value *pool = arena_alloc(space->arena, capacity * sizeof *pool);
        if (slot->pool_count > 0) memcpy(pool, slot->pool, slot->pool_count * sizeof *pool);
        slot->pool = pool;
        for (size_t i = 0; i < slot->atom_count; i++) {
            struct atom *atom = &space->atoms[slot->atoms[i]];
            uint64_t *holds = arena_alloc(space->arena, capacity / 64 * sizeof *holds);
            uint64_t *fails = arena_alloc(space->arena, capacity / 64 * sizeof *fails);
            if (slot->pool_count > 0) {
                memcpy(holds, atom->holds_bits, slot->pool_capacity / 64 * sizeof *holds);
                memcpy(fails, atom->fails_bits, slot->pool_capacity / 64 * sizeof *fails);
            }
            atom->holds_bits = holds;
            atom->fails_bits = fails;
        }
        slot->pool_capacity = capacity;
    }
    uint32_t index = (uint32_t)slot->pool_count++;
    slot->pool[index] = value;
    if (slot->classes && value.known) {
        struct buffer scratch = {0};
        textclass_row(slot->classes, value.raw, &scratch, slot->class_row);
        buffer_free(&scratch);
    }
    for (size_t i = 0; i < slot->atom_count; i++) set_bits(space, &space->atoms[slot->atoms[i]], slot, index, i);
    return index;
}

/* ---- plain numbers and dates ---------------------------------------------------------------------------- */

static bool multiple_in(int64_t from, int64_t to, int64_t step,
                        int64_t *found) /* the one nearest to zero, else to from */
{
    if (from <= 0 && to >= 0) {
        *found = 0;
        return true;
    }
    if (from > 0) {
        int64_t up = from % step == 0 ? from : from > INT64_MAX - step ? INT64_MAX : from - from % step + step;
        if (up > to || up % step != 0) return false;
        *found = up;
        return true;
    }
    int64_t down = to % step == 0 ? to : to < INT64_MIN + step ? INT64_MIN : to - to % step - step;
    if (down < from || down % step != 0) return false;
    *found = down;
    return true;
}

static int64_t plain_number(int64_t from, int64_t to, uint32_t *cost)
{
    int64_t found;
    *cost = 3;
    for (int64_t size = from > 0 ? from : to < 0 ? -(to + 1) : 0; size >= 1000 * NUMBER_ONE; size /= 10)
        ++*cost; /* large numbers are less plain */
    uint32_t plain = *cost;
    if (from > 0 && from % NUMBER_ONE == 0) return from;
    if (multiple_in(from, to, NUMBER_ONE, &found)) {
        *cost = plain + (found < 0 ? 2 : 0);
        return found;
    }
    *cost = plain + 5;
    for (int64_t step = NUMBER_ONE / 2; step > 1; step = step % 5 == 0 && step != 5 ? step / 5 : step / 2)
        if (multiple_in(from, to, step, &found)) return found;
    return from;
}

static int64_t plain_date(int64_t from, int64_t to, int64_t now, uint32_t *cost)
{
    *cost = 4;
    int64_t low = from < INSTANT_MIN ? INSTANT_MIN : from, high = to > INSTANT_MAX ? INSTANT_MAX : to;
    int64_t near = now < low ? low : now > high ? high : now; /* the midnight nearest to the day of the run */
    int64_t midnight = near - ((near % MICROS_DAY) + MICROS_DAY) % MICROS_DAY;
    for (int64_t step = 0; step <= 1; step++) {
        int64_t candidate = midnight + step * MICROS_DAY;
        if (candidate >= low && candidate <= high) return candidate;
    }
    *cost = 9;
    int64_t second = near - ((near % MICROS_SECOND) + MICROS_SECOND) % MICROS_SECOND;
    for (int64_t step = 0; step <= 1; step++) {
        int64_t candidate = second + step * MICROS_SECOND;
        if (candidate >= low && candidate <= high) return candidate;
    }
    *cost = 30;
    return near;
}

/* An event's time: whole days before now where that is possible, since a test writes it so. */
static int64_t plain_time(int64_t from, int64_t to, int64_t now, uint32_t *cost)
{
    static const int64_t steps[] = {MICROS_DAY, MICROS_HOUR, MICROS_MINUTE, MICROS_SECOND};
    if (from <= now - MICROS_DAY && to >= now - MICROS_DAY) {
        *cost = 1;
        return now - MICROS_DAY;
    }
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        int64_t age = (now - to + steps[i] - 1) / steps[i];
        if (age == 0 && now - steps[i] >= from) age = 1;
        *cost = (uint32_t)(2 + 3 * i);
        if (now - age * steps[i] >= from) return now - age * steps[i];
    }
    *cost = 30;
    return to;
}

static struct value cell_value(const struct space *space, const struct slot *slot, int64_t from, int64_t to)
{
    struct value value = {.known = true};
    if (slot->origin == ORIGIN_AT) value.number = plain_time(from, to, space->now, &value.cost);
    else if (slot->date) value.number = plain_date(from, to, space->now, &value.cost);
    else value.number = plain_number(from, to, &value.cost);
    return value;
}

static int compare_numbers(const void *a, const void *b)
{
    int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;
    return left < right ? -1 : left > right;
}

struct cuts {
    int64_t *items;
    size_t count, capacity;
};

static void cut_at(struct cuts *cuts, const struct slot *slot, const struct intervals *intervals)
{
    for (size_t i = 0; i < intervals->count; i++) {
        memory_reserve(&cuts->items, &cuts->capacity, cuts->count + 2, sizeof *cuts->items);
        if (intervals->items[i].from > slot->lowest) cuts->items[cuts->count++] = intervals->items[i].from;
        if (intervals->items[i].to < slot->highest) cuts->items[cuts->count++] = intervals->items[i].to + 1;
    }
}

/* One value for every stretch between two cuts. */
static void ordered_pool(struct space *space, uint32_t index)
{
    struct slot *slot = &space->slots[index];
    struct cuts cuts = {0};
    for (size_t i = 0; i < slot->atom_count; i++) {
        cut_at(&cuts, slot, &space->atoms[slot->atoms[i]].holds);
        cut_at(&cuts, slot, &space->atoms[slot->atoms[i]].fails);
    }
    if (cuts.count > 1) qsort(cuts.items, cuts.count, sizeof *cuts.items, compare_numbers);
    if (slot->can_miss) pool_add(space, index, (struct value){0});
    size_t kept = 0;
    for (size_t i = 0; i < cuts.count; i++)
        if (kept == 0 || cuts.items[i] != cuts.items[kept - 1]) cuts.items[kept++] = cuts.items[i];
    for (size_t i = kept + 1; i-- > 0;) { /* downwards: an event's newest times come first */
        int64_t from = i == 0 ? slot->lowest : cuts.items[i - 1], to = i == kept ? slot->highest : cuts.items[i] - 1;
        if (from > to) continue;
        struct value value = cell_value(space, &space->slots[index], from, to);
        pool_add(space, index, value);
        slot = &space->slots[index];
    }
    if (slot->varied) {
        static const int64_t numbers[] = {0, 1, 2, 3, 5, 10, 50, 100, 1000},
                             days[] = {1, 2, 5, 10, 20, 45, 100, 200, 400};
        for (size_t i = 0; i < 9; i++) {
            bool date = space->slots[index].date;
            pool_add(space, index,
                     (struct value){.known = true,
                                    .number = date ? space->now - days[i] * MICROS_DAY : numbers[i] * NUMBER_ONE,
                                    .cost = 13});
        }
    }
    free(cuts.items);
}

/* An atom that comes after the pools were made: both sides of each of its cuts get a value. */
static void split_cells(struct space *space, uint32_t index, const struct atom *atom)
{
    struct cuts cuts = {0};
    cut_at(&cuts, &space->slots[index], &atom->holds);
    cut_at(&cuts, &space->slots[index], &atom->fails);
    for (size_t i = 0; i < cuts.count; i++) {
        pool_add(space, index, (struct value){.known = true, .number = cuts.items[i], .cost = 12});
        pool_add(space, index, (struct value){.known = true, .number = cuts.items[i] - 1, .cost = 12});
    }
    free(cuts.items);
}

static void choice_pool(struct space *space, uint32_t index)
{
    struct slot *slot = &space->slots[index];
    if (slot->can_miss) pool_add(space, index, (struct value){0});
    if (slot->yes_no) {
        pool_add(space, index, (struct value){.known = true, .number = 1, .cost = 2});
        pool_add(space, index, (struct value){.known = true, .number = 0, .cost = 3});
        return;
    }
    size_t count = slot->option_count;
    for (size_t i = 0; i < count; i++)
        pool_add(space, index, (struct value){.known = true, .number = (int64_t)i, .cost = (uint32_t)(2 + (i > 0))});
}

/* A text of an atom as the author wrote it, where that is known. */
struct text atom_raw(const struct atom *atom, struct text folded)
{
    const struct node *node = atom->node;
    if (!node || !node->raw_texts || text_predicate_is_raw(atom->predicate)) return folded;
    for (size_t i = 0; i < node->text_count; i++)
        if (node->texts[i].length == folded.length && memcmp(node->texts[i].bytes, folded.bytes, folded.length) == 0)
            return node->raw_texts[i];
    return folded;
}

/* Many predicates on one field: the classifier of the machine answers them together. */
static void text_classes(struct space *space, struct slot *slot)
{
    if (slot->atom_count < 24) return;
    slot->class_bits = (uint32_t)slot->atom_count;
    slot->classes = textclass_new(slot->class_bits);
    for (uint32_t i = 0; i < slot->class_bits; i++) {
        const struct atom *atom = &space->atoms[slot->atoms[i]];
        for (size_t j = 0; j < atom->text_count && atom->kind == ATOM_TEXT && !atom->domain; j++)
            textclass_add(slot->classes, i, atom->predicate, atom->texts[j]);
    }
    textclass_finish(slot->classes);
    slot->class_row = arena_alloc(space->arena, (textclass_words(slot->classes) + 1) * sizeof *slot->class_row);
}

static void text_pool(struct space *space, uint32_t index)
{
    text_classes(space, &space->slots[index]);
    pool_add(space, index, (struct value){0});
    struct value value;
    text_value(space, "x", 1, &value);
    value.cost = 6;
    pool_add(space, index, value);
    for (size_t i = 0; i < space->slots[index].atom_count; i++) {
        struct atom atom = space->atoms[space->slots[index].atoms[i]];
        if (atom.kind != ATOM_TEXT || atom.predicate == TEXT_GLOB) continue;
        size_t most = atom.text_count > 4 ? 4
                                          : atom.text_count; /* of long lists a few; the others when they are needed */
        for (size_t j = 0; j < most; j++) {
            struct buffer bytes = {0};
            if (atom.domain) buffer_text(&bytes, "x@");
            struct text raw = atom_raw(&atom, atom.texts[j]);
            buffer_add(&bytes, raw.bytes, raw.length);
            text_value(space, bytes.data, bytes.length, &value);
            if (value.known) pool_add(space, index, value);
            buffer_free(&bytes);
        }
    }
}

static void events_pool(struct space *space, uint32_t index)
{
    pool_add(space, index, (struct value){.known = true});
    if (!space->slots[index].varied) return;
    for (size_t i = 0; i < space->slots[index].event_count; i++) {
        uint32_t event = space->slots[index].events[i];
        struct space *inner = space->event_spaces[event];
        if (inner->at_slot == NO_INDEX) continue;
        for (uint32_t at = 0; at < inner->slots[inner->at_slot].pool_count && at < 12; at++) {
            struct value value = {
                .known = true, .events = arena_alloc(space->arena, sizeof *value.events), .event_count = 1, .cost = 9};
            value.events[0] = (struct event_item){
                .event = event,
                .count = 1 + at % 2,
                .values = arena_alloc(space->arena, (inner->slot_count + 8) * sizeof(uint32_t))};
            value.events[0].values[inner->at_slot] = at;
            for (uint32_t slot = 0; slot < inner->slot_count; slot++)
                if (slot != inner->at_slot) value.events[0].values[slot] = at % (uint32_t)inner->slots[slot].pool_count;
            pool_add(space, index, value);
        }
    }
}

struct space *space_new(const struct model *model, struct arena *arena, int64_t now)
{
    struct space *space = arena_alloc(arena, sizeof *space);
    space->model = model;
    space->arena = arena;
    space->now = now;
    space->stage_slot = space->at_slot = NO_INDEX;
    space->most_steps = 200000;
    for (uint32_t constant = 0; constant < 2; constant++) {
        memory_reserve(&space->formulas, &space->formula_capacity, 2, sizeof *space->formulas);
        space->formulas[space->formula_count++] = (struct formula_node){
            .kind = FORMULA_KIND_CONSTANT, .atom = constant, .negation = !constant};
    }
    return space;
}

void space_free(struct space *space)
{
    if (space->event_spaces)
        for (size_t event = 0; event < space->model->event_count; event++) space_free(space->event_spaces[event]);
    for (size_t slot = 0; slot < space->slot_count; slot++) {
        free(space->slots[slot].atoms);
        textclass_free(space->slots[slot].classes);
    }
    free(space->slots);
    free(space->atoms);
    free(space->formulas);
    free(space->children);
    free(space->sets);
}

void space_freeze(struct space *space)
{
    if (space->event_spaces)
        for (size_t event = 0; event < space->model->event_count; event++)
            if (space->event_spaces[event]) space_freeze(space->event_spaces[event]);
    space->frozen = true;
    for (uint32_t index = 0; index < space->slot_count; index++) {
        if (space->slots[index].pool_count > 0) continue;
        switch (space->slots[index].kind) {
        case SLOT_ORDERED: ordered_pool(space, index); break;
        case SLOT_CHOICE: choice_pool(space, index); break;
        case SLOT_TEXT: text_pool(space, index); break;
        case SLOT_LIST: pool_add(space, index, (struct value){0}); break;
        case SLOT_EVENTS: events_pool(space, index); break;
        }
    }
}
