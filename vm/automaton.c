#include "vm/automaton.h"

#include <stdlib.h>
#include <string.h>

#include "vm/skip.h"

#define ROOT 0u
#define NO_PATTERN UINT32_MAX
#define SPEAKS (UINT32_C(1) << 31)                      /* in a full row: some pattern ends in the state it leads to */

/* States are numbered breadth first, so the children of one stand side by side, in the order of their bytes. */
struct state {
    uint32_t first_child, child_count;
    uint32_t fall_back;                                 /* the longest proper suffix that is a state */
    uint32_t pattern;                                   /* that ends here */
    uint32_t speaker;                                   /* first of it and its fall-backs where one ends, or ROOT */
};

struct automaton {
    struct state *states;
    uint8_t *labels;                                    /* of a state: the byte that leads into it */
    size_t state_count, state_capacity, label_capacity;
    uint8_t class_of[256];
    unsigned row_shift;                                 /* rows are a power of two long */
    uint32_t dense_count;
    uint32_t *rows;
    struct skip starts;
    skip_search *search;                                /* NULL: there is none */
};

/* While building: the patterns from..to share the bytes that lead to the state. */
struct span { uint32_t from, to; };

static void automaton_make_states(struct automaton *automaton, const struct text *patterns, uint32_t count)
{
    struct span *spans = NULL;
    size_t span_capacity = 0;
    memory_reserve(&spans, &span_capacity, 1, sizeof *spans);
    memory_reserve(&automaton->states, &automaton->state_capacity, 1, sizeof *automaton->states);
    memory_reserve(&automaton->labels, &automaton->label_capacity, 1, 1);
    automaton->state_count = 1;
    automaton->labels[ROOT] = 0;
    spans[ROOT] = (struct span){0, count};
    size_t depth = 0, depth_end = 1;
    for (size_t at = 0; at < automaton->state_count; at++) {
        if (at == depth_end) {
            depth++;
            depth_end = automaton->state_count;
        }
        uint32_t from = spans[at].from, to = spans[at].to;
        struct state state = {.pattern = NO_PATTERN, .first_child = (uint32_t)automaton->state_count};
        if (from < to && patterns[from].length == depth)
            state.pattern = from++;
        while (from < to) {
            char label = patterns[from].bytes[depth];
            uint32_t same = from + 1;
            while (same < to && patterns[same].bytes[depth] == label)
                same++;
            size_t child = automaton->state_count++;
            memory_reserve(&spans, &span_capacity, child + 1, sizeof *spans);
            memory_reserve(&automaton->states, &automaton->state_capacity, child + 1, sizeof *automaton->states);
            memory_reserve(&automaton->labels, &automaton->label_capacity, child + 1, 1);
            spans[child] = (struct span){from, same};
            automaton->labels[child] = (uint8_t)label;
            state.child_count++;
            from = same;
        }
        automaton->states[at] = state;
    }
    free(spans);
}

static void automaton_make_classes(struct automaton *automaton, size_t dense_bytes)
{
    bool seen[256] = {false};
    unsigned classes = 1;                               /* class 0: bytes of no pattern */
    for (size_t at = 1; at < automaton->state_count; at++)
        seen[automaton->labels[at]] = true;
    for (unsigned byte = 0; byte < 256; byte++)
        if (seen[byte] && classes < 256)
            automaton->class_of[byte] = (uint8_t)classes++;
    while ((1u << automaton->row_shift) < classes)
        automaton->row_shift++;
    size_t row_bytes = sizeof(uint32_t) << automaton->row_shift;
    size_t dense = dense_bytes / row_bytes;
    if (dense < 1)
        dense = 1;                                      /* the root always has its row: falling back ends there */
    if (dense > automaton->state_count)
        dense = automaton->state_count;
    automaton->dense_count = (uint32_t)dense;
    automaton->rows = memory_alloc(dense * row_bytes);
}

/* The child of `state` by `byte`, ROOT when there is none.  Few children are looked at in order, many by halving. */
static uint32_t state_child(const struct automaton *automaton, uint32_t state, uint8_t byte)
{
    uint32_t low = automaton->states[state].first_child, count = automaton->states[state].child_count;
    while (count > 8) {
        uint32_t half = count / 2;
        if (automaton->labels[low + half] <= byte) {
            low += half;
            count -= half;
        } else {
            count = half;
        }
    }
    for (uint32_t at = low; at < low + count; at++)
        if (automaton->labels[at] == byte)
            return at;
    return ROOT;
}

/* Where `byte` leads from `state`, as a row says it: with SPEAKS when a pattern ends there. */
static uint32_t automaton_step(const struct automaton *automaton, uint32_t state, uint8_t byte)
{
    while (state >= automaton->dense_count) {
        uint32_t child = state_child(automaton, state, byte);
        if (child != ROOT)
            return automaton->states[child].speaker != ROOT ? child | SPEAKS : child;
        state = automaton->states[state].fall_back;
    }
    return automaton->rows[((size_t)state << automaton->row_shift) + automaton->class_of[byte]];
}

/* Breadth first: what a state falls back on is nearer to the root, so its row and its edges are already there. */
static void automaton_link(struct automaton *automaton)
{
    size_t row_length = (size_t)1 << automaton->row_shift;
    for (uint32_t at = ROOT; at < automaton->state_count; at++) {
        struct state *state = &automaton->states[at];
        for (uint32_t child = state->first_child; child < state->first_child + state->child_count; child++) {
            struct state *below = &automaton->states[child];
            uint32_t back = at == ROOT ? ROOT : automaton_step(automaton, state->fall_back, automaton->labels[child]);
            below->fall_back = back & ~SPEAKS;
            below->speaker = below->pattern != NO_PATTERN ? child : automaton->states[below->fall_back].speaker;
        }
        if (at >= automaton->dense_count)
            continue;
        uint32_t *row = automaton->rows + ((size_t)at << automaton->row_shift);
        if (at != ROOT)
            memcpy(row, automaton->rows + ((size_t)state->fall_back << automaton->row_shift), row_length * sizeof *row);
        for (uint32_t child = state->first_child; child < state->first_child + state->child_count; child++)
            row[automaton->class_of[automaton->labels[child]]]
                = automaton->states[child].speaker != ROOT ? child | SPEAKS : child;
    }
}

struct automaton *automaton_new(const struct text *patterns, uint32_t count, size_t dense_bytes)
{
    struct automaton *automaton = memory_alloc(sizeof *automaton);
    automaton_make_states(automaton, patterns, count);
    automaton_make_classes(automaton, dense_bytes);
    automaton_link(automaton);
    skip_init(&automaton->starts, patterns, count);
    automaton->search = skip_best();
    return automaton;
}

void automaton_free(struct automaton *automaton)
{
    if (automaton == NULL)
        return;
    free(automaton->states);
    free(automaton->labels);
    free(automaton->rows);
    free(automaton);
}

void automaton_plainly(struct automaton *automaton)
{
    automaton->search = NULL;
}

/* Skipping pays while starts are rare: a look costs what SKIP_COST steps of the automaton cost. */
#define SKIP_COST 8u
#define SKIP_TRIAL 8u

void automaton_scan(const struct automaton *automaton, struct text text, automaton_found *found, void *context)
{
    const uint8_t *bytes = (const uint8_t *)text.bytes;
    const uint32_t *rows = automaton->rows;
    const unsigned row_shift = automaton->row_shift;
    const uint32_t dense_count = automaton->dense_count;
    skip_search *search = text.length >= SKIP_AHEAD ? automaton->search : NULL;
    size_t looks = 0;
    uint32_t state = ROOT;
    for (size_t at = 0; at < text.length; at++) {
        if (search != NULL && state == ROOT) {          /* nothing has begun before `at` */
            at = search(&automaton->starts, bytes, at, text.length);
            looks++;
            if (text.length - at < SKIP_AHEAD || (looks >= SKIP_TRIAL && looks * SKIP_COST > at))
                search = NULL;
        }
        uint32_t next = state < dense_count ? rows[((size_t)state << row_shift) + automaton->class_of[bytes[at]]]
                                            : automaton_step(automaton, state, bytes[at]);
        state = next & ~SPEAKS;
        if ((next & SPEAKS) == 0)
            continue;
        for (uint32_t speaker = automaton->states[state].speaker; speaker != ROOT;
             speaker = automaton->states[automaton->states[speaker].fall_back].speaker)
            found(context, automaton->states[speaker].pattern, at + 1);
    }
}

size_t automaton_bytes(const struct automaton *automaton)
{
    return sizeof *automaton + automaton->state_capacity * sizeof *automaton->states + automaton->label_capacity
        + ((size_t)automaton->dense_count << automaton->row_shift) * sizeof *automaton->rows;
}
