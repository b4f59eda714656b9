/* Which names of a record are wanted, and where their values are kept until the record is complete.
   A plan is a tree of nodes, one for each object that must be looked into; a node knows the names of its members.  Each
   wanted name has a slot.  A field has a list of slots in the order in which they count: `from "A" or "b.c"` is A, then
   the member "b.c", then c in b.  Values are only converted when the record is complete, so the order of its members
   never matters. A plan is built once per reader and owns its memory; it is not shared, for the slots change with every
   record. */
#ifndef RUBRIC_VM_INPUT_PLAN_H
#define RUBRIC_VM_INPUT_PLAN_H

#include <string.h>
#if defined(__SSE2__) && !defined(RUBRIC_SCALAR)
#include <emmintrin.h>
#endif

#include "vm/input/raw.h"
#include "vm/program.h"

#define PLAN_GUESS_BYTES 32
struct plan_key;
/* What stood between two values: `,"key":` with its white space, and the key it names.  marks: how many of its bytes
   are places of marks.h. */
struct plan_guess { unsigned char bytes[PLAN_GUESS_BYTES]; uint32_t length, mask, marks; struct plan_key *key; };
/* What straight.c does with a value: pass over it, put it into its slot (those of an event's type and time are known),
   look into it, or write it into a column. */
enum plan_take { TAKE_NOTHING, TAKE_SLOT, TAKE_TYPE, TAKE_TIME, TAKE_INSIDE, TAKE_TEXT, TAKE_NUMBER, TAKE_DATE, TAKE_YESNO };
struct plan_key {
    const char *name; uint32_t length;
    unsigned char head[16];                                     /* of the name, with zeros */
    uint32_t slot;                                              /* NO_INDEX: not wanted as a value */
    struct plan_node *child;                                    /* look into it when it is an object */
    bool events;                                                /* the array of events */
    uint8_t take, field; uint64_t bit;                          /* enum plan_take; of a column: which one, and its bit */
    uint64_t record;                            /* the last record in which `child` or `events` was met */
    struct plan_guess next[2];                                  /* what follows mostly, and what else */
    const struct plan_key *missed;                              /* what followed when neither did, the last time */
    uint64_t since; uint32_t others;            /* how often the second guess was right since that record */
};
struct plan_node {
    struct plan_key **table; uint32_t table_size, key_count;    /* open addressing, a power of two */
    struct plan_key start;                                      /* stands for the opening brace: has guesses, no name */
    uint32_t *slots; uint32_t slot_count;                       /* of this node and of all below it */
};
struct plan_slot { uint64_t record; struct raw raw; };
struct plan_binding { uint32_t first, count; };                 /* into plan.order */
struct plan {
    struct arena arena;
    struct plan_node *root;
    struct plan_slot *slots; size_t slot_count, slot_capacity;
    uint32_t *order; size_t order_count, order_capacity;
    uint64_t record;                            /* number of the current record; slots of another one are empty */
    uint64_t version;                                           /* changes with every guess that is learned or moved */
    uint32_t learned;                                           /* names kept only to be recognised again; bounded */
};

void plan_init(struct plan *plan);
void plan_free(struct plan *plan);
/* Wants `name`, as it is and, when there are dots in it, as a path; appends the slots to plan.order. */
void plan_want(struct plan *plan, const char *name);
/* All names of a field, in order. */
struct plan_binding plan_bind(struct plan *plan, const struct program *program, const struct program_field *field);
struct plan_key *plan_add_key(struct plan *plan, struct plan_node *node, const char *name, size_t length);
/* NULL when nobody wants it and it was not learned. */
struct plan_key *plan_find_key(const struct plan_node *node, const char *name, size_t length);
/* The same for a name that stands in the input: 16 bytes can be read at it, whatever its length. */
struct plan_key *plan_find_padded(const struct plan_node *node, const char *name, size_t length);
/* Keeps an unwanted name so that it can be guessed; NULL when enough are kept. */
struct plan_key *plan_learn_key(struct plan *plan, struct plan_node *node, const char *name, size_t length);

/* from … to is what stood between the value of `before` and that of `key`, and no guess. */
void plan_learn_guess(struct plan *plan, struct plan_key *before, struct plan_key *key, const char *from,
                      const char *to);
/* The second guess was right: the guess, which may be the first by now. */
const struct plan_guess *plan_other_guess(struct plan *plan, struct plan_key *before);
/* What followed what is learned anew. */
void plan_forget_guesses(struct plan *plan);

static inline bool plan_guess_fits(const struct plan_guess *guess, const char *at)
{
#if defined(__SSE2__) && !defined(RUBRIC_SCALAR)
    __m128i first = _mm_cmpeq_epi8(_mm_loadu_si128((const __m128i *)(const void *)at),
                                   _mm_loadu_si128((const __m128i *)(const void *)guess->bytes));
    __m128i second = _mm_cmpeq_epi8(_mm_loadu_si128((const __m128i *)(const void *)(at + 16)),
                                    _mm_loadu_si128((const __m128i *)(const void *)(guess->bytes + 16)));
    uint32_t same = (uint32_t)_mm_movemask_epi8(first) | (uint32_t)_mm_movemask_epi8(second) << 16;
    return (same & guess->mask) == guess->mask && guess->key;
#else
    return guess->key && memcmp(at, guess->bytes, guess->length) == 0;
#endif
}

static inline void plan_begin_record(struct plan *plan) { plan->record++; }
static inline void plan_put(struct plan *plan, uint32_t slot, struct raw raw)
{
    plan->slots[slot].record = plan->record;
    plan->slots[slot].raw = raw;
}
static inline struct raw plan_get(const struct plan *plan, uint32_t slot)
{
    return plan->slots[slot].record == plan->record ? plan->slots[slot].raw : (struct raw){0};
}

#endif
