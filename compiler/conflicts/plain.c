#include "compiler/conflicts/check.h"

#include <stdlib.h>
#include <string.h>

#include "vm/number.h"

/* The smallest lead that still shows something: the fewest fields first, then the plainest values.  Values are left
   out, exchanged for plainer ones of the pool, events made fewer; then leads of one field and of two are tried, and one
   field in the place of two.  Whether a lead still shows it is the caller's question; `patience` bounds how often it is
   asked. */

enum { OF_A_FIELD = 20, OF_A_WORD = 6, FEW_WORDS = 3, PLAIN_FIELD = 30 };

struct plain {
    struct space *space;
    uint32_t *values, *trial;
    size_t size;
    bool (*keeps)(void *context, const uint32_t *values);
    void *context;
    size_t patience;
};

static bool between_words(char byte) { return byte == ' ' || byte == '-'; }

/* A text of many words is no plain value, though it is one field. */
static uint64_t value_cost(const struct space *space, uint32_t slot, uint32_t value)
{
    if (value == 0) return 0;
    const struct value *facts = &space->slots[slot].pool[value];
    uint64_t words = 1, cost = (uint64_t)facts->cost + OF_A_FIELD;
    for (uint32_t i = 0; i < facts->raw.length; i++) words += between_words(facts->raw.bytes[i]);
    return words > FEW_WORDS ? cost + OF_A_WORD * (words - FEW_WORDS) : cost;
}

uint64_t lead_cost(const struct space *space, const uint32_t *values)
{
    uint64_t cost = 0;
    for (uint32_t slot = 0; slot < space->slot_count; slot++) cost += value_cost(space, slot, values[slot]);
    return cost;
}

static bool of_a_lead(const struct slot *slot)
{
    return slot->origin == ORIGIN_FIELD || slot->origin == ORIGIN_EVENTS;
}

/* Takes `trial` when it still shows what the lead shows. */
static bool settle(struct plain *plain)
{
    if (plain->patience == 0) return false;
    plain->patience--;
    if (!plain->keeps(plain->context, plain->trial)) return false;
    memcpy(plain->values, plain->trial, plain->size);
    return true;
}

static void leave_out(struct plain *plain)
{
    for (;;) { /* the dearest first */
        bool dropped = false;
        uint64_t below = UINT64_MAX;
        for (;;) {
            uint32_t slot = NO_INDEX;
            uint64_t cost = 0;
            for (uint32_t i = 0; i < plain->space->slot_count; i++) {
                uint64_t own = value_cost(plain->space, i, plain->values[i]) * 1024 + i; /* no two alike */
                if (plain->values[i] == 0 || own >= below || own < cost) continue;
                cost = own;
                slot = i;
            }
            if (slot == NO_INDEX) break;
            below = cost;
            memcpy(plain->trial, plain->values, plain->size);
            plain->trial[slot] = 0;
            dropped |= settle(plain);
        }
        if (!dropped) return;
    }
}

struct choice {
    uint64_t cost;
    uint32_t slot, value;
};

static int compare_choices(const void *a, const void *b)
{
    const struct choice *left = a, *right = b;
    if (left->cost != right->cost) return left->cost < right->cost ? -1 : 1;
    if (left->slot != right->slot) return left->slot < right->slot ? -1 : 1;
    return left->value < right->value ? -1 : left->value > right->value;
}

/* The values of one slot, or of all, that cost less than `below`, the cheapest first. */
static size_t choices_below(const struct space *space, uint32_t only, uint64_t below, struct choice **out)
{
    size_t count = 0, capacity = 0;
    *out = NULL;
    for (uint32_t slot = 0; slot < space->slot_count; slot++) {
        if ((only != NO_INDEX && slot != only) || !of_a_lead(&space->slots[slot])) continue;
        for (uint32_t value = 1; value < space->slots[slot].pool_count; value++) {
            uint64_t cost = value_cost(space, slot, value);
            if (cost >= below) continue;
            memory_reserve(out, &capacity, count + 1, sizeof **out);
            (*out)[count++] = (struct choice){cost, slot, value};
        }
    }
    if (count > 1) qsort(*out, count, sizeof **out, compare_choices);
    return count;
}

static bool plainer_values(struct plain *plain)
{
    bool better = false;
    for (uint32_t slot = 0; slot < plain->space->slot_count; slot++) {
        if (plain->values[slot] == 0 || !of_a_lead(&plain->space->slots[slot])) continue;
        struct choice *choices;
        size_t count = choices_below(plain->space, slot, value_cost(plain->space, slot, plain->values[slot]), &choices);
        for (size_t i = 0; i < count; i++) {
            memcpy(plain->trial, plain->values, plain->size);
            plain->trial[slot] = choices[i].value;
            if (!settle(plain)) continue;
            better = true;
            break;
        }
        free(choices);
    }
    return better;
}

/* A value made for the trial: kept only when it does. */
static bool settle_new(struct plain *plain, uint32_t slot, struct value value)
{
    if (plain->patience == 0) return false;
    memcpy(plain->trial, plain->values, plain->size);
    plain->trial[slot] = pool_add(plain->space, slot, value);
    if (settle(plain)) return true;
    pool_drop(plain->space, slot);
    return false;
}

static bool settle_text(struct plain *plain, uint32_t slot, const struct buffer *bytes)
{
    struct value value;
    text_value(plain->space, bytes->data ? bytes->data : "", bytes->length, &value);
    return value.known && settle_new(plain, slot, value);
}

/* Texts with one space between their words, and without one word after the other. */
static void fewer_words(struct plain *plain)
{
    struct space *space = plain->space;
    for (uint32_t slot = 0; slot < space->slot_count; slot++) {
        if (plain->values[slot] == 0 || space->slots[slot].kind != SLOT_TEXT) continue;
        struct text raw = space->slots[slot].pool[plain->values[slot]].raw;
        struct buffer bytes = {0};
        for (uint32_t i = 0; i < raw.length; i++) {
            if (!between_words(raw.bytes[i])) buffer_char(&bytes, raw.bytes[i]);
            else if (bytes.length > 0 && bytes.data[bytes.length - 1] != ' ') buffer_char(&bytes, ' ');
        }
        if (bytes.length != raw.length || memcmp(bytes.data, raw.bytes, raw.length) != 0)
            settle_text(plain, slot, &bytes);
        for (uint32_t from = 0; plain->patience > 0;) {
            raw = space->slots[slot].pool[plain->values[slot]].raw;
            if (from >= raw.length) break;
            uint32_t end = from;
            while (end < raw.length && !between_words(raw.bytes[end])) end++;
            uint32_t next = end, kept = from;
            while (next < raw.length && between_words(raw.bytes[next])) next++;
            while (next == raw.length && kept > 0 && between_words(raw.bytes[kept - 1])) kept--; /* the last word */
            buffer_reset(&bytes);
            buffer_add(&bytes, raw.bytes, kept);
            buffer_add(&bytes, raw.bytes + next, raw.length - next);
            if (!settle_text(plain, slot, &bytes)) from = next > from ? next : from + 1;
        }
        buffer_free(&bytes);
    }
}

/* Without one of its kinds of events, and with fewer of each. */
static void fewer_events(struct plain *plain)
{
    struct space *space = plain->space;
    for (uint32_t slot = 0; slot < space->slot_count; slot++) {
        if (plain->values[slot] == 0 || space->slots[slot].kind != SLOT_EVENTS) continue;
        for (size_t item = 0; item < space->slots[slot].pool[plain->values[slot]].event_count;) {
            const struct value now = space->slots[slot].pool[plain->values[slot]];
            int64_t least = now.event_count > 1 ? 0 : 1, most = now.events[item].count;
            while (least < most && plain->patience > 0) { /* the fewest, by halves */
                int64_t middle = least + (most - least) / 2;
                struct value other = now;
                other.events = arena_alloc(space->arena, now.event_count * sizeof *other.events);
                memcpy(other.events, now.events, now.event_count * sizeof *other.events);
                other.events[item].count = middle;
                int64_t gone = most - middle;
                other.cost -= (uint32_t)(gone < other.cost / 2 ? gone : other.cost / 2);
                if (middle == 0) {
                    memmove(&other.events[item], &other.events[item + 1],
                            (now.event_count - item - 1) * sizeof *other.events);
                    other.event_count--;
                }
                if (settle_new(plain, slot, other)) most = middle;
                else least = middle + 1;
                if (middle == 0 && most == 0) break;
            }
            if (most > 0 || now.event_count == 1) item++;
        }
    }
}

/* Leads with one field or two, and one field in the place of two. */
static bool fewer_fields(struct plain *plain)
{
    struct space *space = plain->space;
    size_t given = 0;
    for (uint32_t slot = 0; slot < space->slot_count; slot++) given += plain->values[slot] != 0;
    struct choice *choices;
    uint64_t cost = lead_cost(space, plain->values);
    if (cost <= PLAIN_FIELD) return false;
    bool for_two = given > 2 || cost > 2 * PLAIN_FIELD; /* two plain fields are better than one of many words */
    size_t count = choices_below(space, NO_INDEX, cost, &choices);
    bool found = false;
    memset(plain->trial, 0, plain->size);
    for (size_t i = 0; i < count && !found && plain->patience > 0; i++) {
        memset(plain->trial, 0, plain->size);
        plain->trial[choices[i].slot] = choices[i].value;
        found = settle(plain);
    }
    for (uint32_t a = 0; a < space->slot_count && given > 2 && !found; a++)
        for (uint32_t b = a + 1; b < space->slot_count && !found; b++) {
            if (plain->values[a] == 0 || plain->values[b] == 0) continue;
            uint64_t both = value_cost(space, a, plain->values[a]) + value_cost(space, b, plain->values[b]);
            for (size_t i = 0; i < count && !found && choices[i].cost < both && plain->patience > 0; i++) {
                memcpy(plain->trial, plain->values, plain->size);
                plain->trial[a] = plain->trial[b] = 0;
                plain->trial[choices[i].slot] = choices[i].value;
                found = settle(plain);
            }
        }
    for (size_t i = 0; i < count && for_two && !found; i++) {
        for (size_t j = 0; j < i && !found && plain->patience > 0; j++) {
            if (choices[j].slot == choices[i].slot || choices[i].cost + choices[j].cost >= cost) continue;
            memset(plain->trial, 0, plain->size);
            plain->trial[choices[i].slot] = choices[i].value;
            plain->trial[choices[j].slot] = choices[j].value;
            found = settle(plain);
        }
        if (plain->patience == 0) break;
    }
    free(choices);
    return found;
}

void lead_make_plain(struct space *space, uint32_t *values, bool (*keeps)(void *context, const uint32_t *values),
                     void *context, size_t patience)
{
    struct plain plain = {.space = space,
                          .values = values,
                          .size = space->slot_count * sizeof *values,
                          .keeps = keeps,
                          .context = context,
                          .patience = patience};
    plain.trial = memory_alloc(plain.size + sizeof *values);
    do {
        leave_out(&plain);
        fewer_words(&plain);
        fewer_events(&plain);
        while (plainer_values(&plain)) leave_out(&plain);
    } while (fewer_fields(&plain) && plain.patience > 0);
    free(plain.trial);
}
