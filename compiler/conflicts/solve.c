#include "compiler/conflicts/space.h"

#include <stdlib.h>
#include <string.h>

/* The search: literals are asserted slot by slot; what is left of a slot's pool is a bitmap, and where a pool that may
   be incomplete runs empty the slot's theory decides.  Disjunctions wait until only they are left; the one with the
   fewest possible parts is split first. */

struct asserted {
    uint32_t slot;
    uint64_t *kept;
    size_t kept_words;
    size_t kept_count;
};
struct slot_state {
    uint64_t *left;
    size_t words;
    uint32_t *literals;
    size_t count, capacity;
    bool touched;
};
struct search {
    struct space *space;
    struct slot_state *slots;
    uint32_t *touched;
    size_t touched_count;
    struct asserted *trail;
    size_t trail_count, trail_capacity;
    uint64_t steps;
    bool unsure;
    bool plain;
    unsigned solutions;
    uint64_t best_cost;
    uint32_t *best;
    uint32_t *values;
    struct arena scratch;
};

/* ---- one slot ------------------------------------------------------------------------------------------- */

static int compare_index(const void *a, const void *b)
{
    uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;
    return left < right ? -1 : left > right;
}

static struct memo_entry *memo_find(struct space *space, struct slot *slot, const uint32_t *literals, size_t count,
                                    uint64_t hash)
{
    if (slot->memo_count * 2 >= slot->memo_slots) {
        size_t slots = slot->memo_slots ? slot->memo_slots * 2 : 64;
        struct memo_entry *memo = arena_alloc(space->arena, slots * sizeof *memo);
        for (size_t i = 0; i < slot->memo_slots; i++) {
            if (!slot->memo[i].literals) continue;
            size_t at = slot->memo[i].hash & (slots - 1);
            while (memo[at].literals) at = (at + 1) & (slots - 1);
            memo[at] = slot->memo[i];
        }
        slot->memo = memo;
        slot->memo_slots = slots;
    }
    size_t at = hash & (slot->memo_slots - 1);
    for (; slot->memo[at].literals; at = (at + 1) & (slot->memo_slots - 1))
        if (slot->memo[at].hash == hash && slot->memo[at].count == count &&
            memcmp(slot->memo[at].literals, literals, count * sizeof *literals) == 0)
            break;
    return &slot->memo[at];
}

/* Is there a value of the slot for which all literals are true?  Remembered, whatever the answer. */
enum answer slot_satisfy(struct space *space, uint32_t slot_index, const struct literal_of *literals, size_t count,
                         uint32_t *value)
{
    uint32_t few[32], *sorted = count <= 32 ? few : memory_alloc(count * sizeof *sorted);
    for (size_t i = 0; i < count; i++) sorted[i] = literals[i].atom << 2 | (uint32_t)literals[i].polarity;
    qsort(sorted, count, sizeof *sorted, compare_index);
    size_t kept = 0;
    for (size_t i = 0; i < count; i++)
        if (kept == 0 || sorted[i] != sorted[kept - 1]) sorted[kept++] = sorted[i];
    uint64_t hash = 0x9e3779b97f4a7c15u;
    for (size_t i = 0; i < kept; i++) hash = (hash ^ sorted[i]) * 0xff51afd7ed558ccdu, hash ^= hash >> 32;
    struct memo_entry *entry = memo_find(space, &space->slots[slot_index], sorted, kept, hash);
    enum answer answer;
    if (entry->literals) {
        answer = (enum answer)entry->result;
        *value = entry->value;
    } else {
        struct literal_of *wanted = memory_alloc((kept + 1) * sizeof *wanted);
        for (size_t i = 0; i < kept; i++)
            wanted[i] = (struct literal_of){sorted[i] >> 2, (enum polarity)(sorted[i] & 3)};
        struct value found = {0};
        enum slot_kind kind = space->slots[slot_index].kind;
        bool missing = true; /* nothing given may do */
        for (size_t i = 0; i < kept && missing; i++)
            missing = literal_bit(space, wanted[i].atom, wanted[i].polarity, 0);
        answer = ANSWER_NO;
        *value = 0;
        if (missing) answer = ANSWER_YES;
        else if (kind == SLOT_TEXT) answer = text_satisfy(space, slot_index, wanted, kept, &found);
        else if (kind == SLOT_LIST) answer = list_satisfy(space, slot_index, wanted, kept, &found);
        else if (kind == SLOT_EVENTS) answer = events_satisfy(space, slot_index, wanted, kept, &found);
        if (answer == ANSWER_YES && !missing) {
            *value = pool_add(space, slot_index, found);
            for (size_t i = 0; i < kept; i++) /* a value is only what it shows itself to be */
                if (!literal_bit(space, wanted[i].atom, wanted[i].polarity, *value)) answer = ANSWER_UNKNOWN;
        }
        free(wanted);
        entry = memo_find(space, &space->slots[slot_index], sorted, kept, hash);
        entry->hash = hash;
        entry->literals = arena_alloc(space->arena, (kept + 1) * sizeof *entry->literals);
        memcpy(entry->literals, sorted, kept * sizeof *sorted);
        entry->count = kept;
        entry->result = (int)answer;
        entry->value = *value;
        space->slots[slot_index].memo_count++;
    }
    if (sorted != few) free(sorted);
    return answer;
}

static bool assert_literal(struct search *search, uint32_t atom_index, enum polarity polarity)
{
    struct space *space = search->space;
    uint32_t slot_index = space->atoms[atom_index].slot;
    struct slot_state *state = &search->slots[slot_index];
    size_t words = (space->slots[slot_index].pool_count + 63) / 64, pool = space->slots[slot_index].pool_count;
    if (!state->touched) {
        state->touched = true;
        search->touched[search->touched_count++] = slot_index;
        state->words = 0;
        state->left = NULL;
        state->count = 0;
    }
    uint32_t code = atom_index << 2 | (uint32_t)polarity;
    for (size_t i = 0; i < state->count; i++)
        if (state->literals[i] == code) return true;
    memory_reserve(&search->trail, &search->trail_capacity, search->trail_count + 1, sizeof *search->trail);
    search->trail[search->trail_count++] = (struct asserted){slot_index, state->left, state->words, state->count};
    memory_reserve(&state->literals, &state->capacity, state->count + 1, sizeof *state->literals);
    state->literals[state->count++] = code;
    const uint64_t *bits = polarity < SAYS_FAILS ? space->atoms[atom_index].holds_bits
                                                 : space->atoms[atom_index].fails_bits;
    bool negated = polarity & 1;
    size_t size = state->left && state->words < words ? state->words : words;
    uint64_t *left = arena_alloc(&search->scratch, (words + 1) * sizeof *left), any = 0;
    for (size_t i = 0; i < size; i++) {
        uint64_t mask = negated ? ~bits[i] : bits[i];
        if (i == words - 1 && pool % 64 != 0) mask &= (UINT64_C(1) << (pool % 64)) - 1;
        left[i] = state->left ? state->left[i] & mask : mask;
        any |= left[i];
    }
    state->left = left;
    state->words = size;
    if (any) return true;
    if (space->slots[slot_index].complete) return false;
    struct literal_of few[32] = {0},
                      *literals = state->count <= 32 ? few : memory_alloc(state->count * sizeof *literals);
    for (size_t i = 0; i < state->count; i++)
        literals[i] = (struct literal_of){state->literals[i] >> 2, (enum polarity)(state->literals[i] & 3)};
    uint32_t value;
    enum answer answer = slot_satisfy(space, slot_index, literals, state->count, &value);
    if (literals != few) free(literals);
    state = &search->slots[slot_index];
    if (answer == ANSWER_UNKNOWN) search->unsure = true;
    if (answer != ANSWER_YES) return false;
    words = (space->slots[slot_index].pool_count + 63) / 64;
    state->left = arena_alloc(&search->scratch, (words + 1) * sizeof *left);
    state->left[value >> 6] |= UINT64_C(1) << (value & 63);
    state->words = words;
    return true;
}

static void undo(struct search *search, size_t trail)
{
    while (search->trail_count > trail) {
        struct asserted *last = &search->trail[--search->trail_count];
        struct slot_state *state = &search->slots[last->slot];
        state->left = last->kept;
        state->words = last->kept_words;
        state->count = last->kept_count;
    }
}

/* ---- the tree ------------------------------------------------------------------------------------------- */

/* -1: cannot be true any more; 1: is true for whatever is left; 0: open. */
static int literal_state(const struct search *search, const struct formula_node *node)
{
    const struct space *space = search->space;
    const struct slot_state *state = &search->slots[space->atoms[node->atom].slot];
    if (!state->touched || !state->left || state->count == 0) return 0;
    uint32_t code = node->atom << 2 | node->polarity;
    for (size_t i = 0; i < state->count; i++) {
        if (state->literals[i] == code) return 1;
        if (state->literals[i] == (code ^ 1)) return -1;
    }
    if (!space->slots[space->atoms[node->atom].slot].complete) return 0;
    const uint64_t *bits = node->polarity < SAYS_FAILS ? space->atoms[node->atom].holds_bits
                                                       : space->atoms[node->atom].fails_bits;
    bool fits = false, misses = false;
    for (size_t i = 0; i < state->words; i++) {
        uint64_t mask = node->polarity & 1 ? ~bits[i] : bits[i];
        fits |= (state->left[i] & mask) != 0;
        misses |= (state->left[i] & ~mask) != 0;
    }
    return !fits ? -1 : !misses ? 1 : 0;
}

static int formula_state(const struct search *search, formula f, unsigned *open)
{
    const struct formula_node *node = &search->space->formulas[f];
    if (node->kind == FORMULA_KIND_CONSTANT) return f == FORMULA_TRUE ? 1 : -1;
    if (node->kind == FORMULA_KIND_LITERAL) return literal_state(search, node);
    bool is_and = node->kind == FORMULA_KIND_AND;
    unsigned count = 0;
    for (uint32_t i = 0; i < node->count; i++) {
        unsigned inner;
        int state = formula_state(search, search->space->children[node->first + i], &inner);
        if (is_and ? state < 0 : state > 0) return is_and ? -1 : 1;
        count += state == 0;
    }
    if (open) *open = count;
    return count == 0 ? (is_and ? 1 : -1) : 0;
}

static uint32_t cheapest(const struct search *search, uint32_t slot, uint64_t *cost)
{
    const struct slot_state *state = &search->slots[slot];
    const struct value *pool = search->space->slots[slot].pool;
    uint32_t best = 0;
    uint64_t best_cost = UINT64_MAX;
    for (size_t i = 0; i < state->words; i++)
        for (uint64_t bits = state->left[i]; bits; bits &= bits - 1) {
            uint32_t value = (uint32_t)(i * 64 + (size_t)__builtin_ctzll(bits));
            uint64_t own = (uint64_t)pool[value].cost + (value > 0 && search->space->slots[slot].can_miss ? 20 : 0);
            if (own < best_cost) {
                best_cost = own;
                best = value;
            }
        }
    *cost += best_cost;
    return best;
}

static void take_solution(struct search *search)
{
    uint64_t cost = 0;
    memset(search->values, 0, search->space->slot_count * sizeof *search->values);
    for (size_t i = 0; i < search->touched_count; i++) {
        uint32_t slot = search->touched[i];
        if (search->slots[slot].count > 0) search->values[slot] = cheapest(search, slot, &cost);
    }
    search->solutions++;
    if (cost >= search->best_cost) return;
    search->best_cost = cost;
    memcpy(search->best, search->values, search->space->slot_count * sizeof *search->values);
}

struct pending {
    formula *items;
    size_t count;
};

/* Asserts what must be; true when the branch is exhausted and no further solution is wanted. */
static bool explore(struct search *search, const formula *open, size_t open_count)
{
    struct space *space = search->space;
    if (search->steps++ > space->most_steps) {
        search->unsure = true;
        return true;
    }
    size_t capacity = 16, count = 0;
    formula *waiting = memory_alloc(capacity * sizeof *waiting);
    for (size_t i = 0; i < open_count; i++) {
        memory_reserve(&waiting, &capacity, count + 1, sizeof *waiting);
        waiting[count++] = open[i];
    }
    bool done = false, changed = true;
    while (changed) { /* conjunctions and what follows, until only disjunctions are left */
        changed = false;
        for (size_t i = 0; i < count; i++) {
            const struct formula_node node = space->formulas[waiting[i]];
            if (node.kind == FORMULA_KIND_CONSTANT) {
                if (waiting[i] == FORMULA_FALSE) goto out;
            } else if (node.kind == FORMULA_KIND_LITERAL) {
                if (!assert_literal(search, node.atom, (enum polarity)node.polarity)) goto out;
            } else if (node.kind == FORMULA_KIND_AND) {
                memory_reserve(&waiting, &capacity, count + node.count, sizeof *waiting);
                for (uint32_t j = 0; j < node.count; j++) waiting[count++] = space->children[node.first + j];
            } else {
                unsigned parts = 0;
                int state = formula_state(search, waiting[i], &parts);
                if (state < 0) goto out;
                if (state == 0 && parts > 1) continue;
                if (state == 0) { /* one part is left: it must be */
                    for (uint32_t j = 0; j < node.count; j++)
                        if (formula_state(search, space->children[node.first + j], NULL) == 0) {
                            memory_reserve(&waiting, &capacity, count + 1, sizeof *waiting);
                            waiting[count++] = space->children[node.first + j];
                            break;
                        }
                }
            }
            waiting[i--] = waiting[--count];
            changed = true;
        }
    }
    if (count == 0) {
        take_solution(search);
        done = !search->plain || search->solutions >= 40;
        goto out;
    }
    size_t split = 0;
    unsigned fewest = UINT32_MAX;
    for (size_t i = 0; i < count; i++) {
        unsigned parts = 0;
        formula_state(search, waiting[i], &parts);
        if (parts < fewest) {
            fewest = parts;
            split = i;
        }
    }
    const struct formula_node node = space->formulas[waiting[split]];
    waiting[split] = waiting[count - 1];
    for (uint32_t j = 0; j < node.count && !done; j++) {
        formula part = space->children[node.first + j];
        if (formula_state(search, part, NULL) < 0) continue;
        size_t trail = search->trail_count;
        waiting[count - 1] = part;
        done = explore(search, waiting, count);
        undo(search, trail);
    }
out:
    free(waiting);
    return done;
}

enum answer space_solve(struct space *space, formula f, bool plain, uint32_t *values)
{
    if (f == FORMULA_FALSE) return ANSWER_NO;
    if (values) memset(values, 0, space->slot_count * sizeof *values);
    if (f == FORMULA_TRUE) return ANSWER_YES;
    struct search search = {.space = space, .plain = plain, .best_cost = UINT64_MAX};
    size_t slots = space->slot_count;
    search.slots = memory_alloc(slots * sizeof *search.slots);
    search.touched = memory_alloc(slots * sizeof *search.touched);
    search.values = memory_alloc(slots * sizeof *search.values);
    search.best = memory_alloc(slots * sizeof *search.best);
    arena_init(&search.scratch);
    explore(&search, &f, 1);
    undo(&search, 0);
    enum answer answer = search.solutions > 0 ? ANSWER_YES : search.unsure ? ANSWER_UNKNOWN : ANSWER_NO;
    if (answer == ANSWER_YES && values) memcpy(values, search.best, slots * sizeof *values);
    space->steps += search.steps;
    for (size_t i = 0; i < search.touched_count; i++) free(search.slots[search.touched[i]].literals);
    free(search.slots);
    free(search.touched);
    free(search.values);
    free(search.best);
    free(search.trail);
    arena_free(&search.scratch);
    return answer;
}
