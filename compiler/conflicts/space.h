/* The space of all leads, as the check sees it.  A *slot* is a field, or the events of one type (types that `activity`
   joins share a slot); slots vary independently of each other.  An *atom* is a question about one slot; where the
   slot's value is missing, an atom neither holds nor fails.  A *formula* is an and/or tree over literals of atoms, with
   all `not` pushed down. Each slot keeps a *pool* of values: complete for numbers, dates and choices (one value for
   every cell between two cuts), and grown on demand for texts, lists and events, where texts.c, lists.c and events.c
   decide exactly whether a value exists. Events have a space of their own: the slots are the event's fields and its
   time.

   What no slot can express (arithmetic between fields, sums over events) becomes a slot of its own that may take any
   value: the space is then larger than reality, so what is impossible in it is impossible, and what is possible needs a
   verified witness. Everything lives in the arena of the check. */
#ifndef RUBRIC_COMPILER_CONFLICTS_SPACE_H
#define RUBRIC_COMPILER_CONFLICTS_SPACE_H

#include "compiler/model.h"

typedef uint32_t formula; /* index into space.formulas */
#define FORMULA_FALSE 0u
#define FORMULA_TRUE 1u

struct interval {
    int64_t from, to;
}; /* both ends included */
struct intervals {
    struct interval *items;
    size_t count;
}; /* ascending, not touching */

enum slot_kind { SLOT_ORDERED, SLOT_CHOICE, SLOT_TEXT, SLOT_LIST, SLOT_EVENTS };
enum slot_origin { ORIGIN_FIELD, ORIGIN_AT, ORIGIN_EVENTS, ORIGIN_SCORE, ORIGIN_STAGE, ORIGIN_OPAQUE };

enum atom_kind {
    ATOM_KNOWN,        /* the value is there; never unknown itself */
    ATOM_ORDER,        /* number, date: holds inside `holds`, fails inside `fails` */
    ATOM_YES,          /* choice: the value is yes */
    ATOM_TEXT,         /* a text predicate, any of `texts`, on the text or its domain */
    ATOM_DOMAIN_KNOWN, /* the text has a domain; never unknown itself */
    ATOM_LENGTH,       /* code points x 10000 inside `holds` */
    ATOM_ELEMENT,      /* list: an element is one of `texts` */
    ATOM_SIZE,         /* list: number of elements x 10000 inside `holds` */
    ATOM_COUNT         /* events: at least `number` in `set` */
};
/* What a literal says of its atom. */
enum polarity { SAYS_HOLDS, SAYS_NOT_HOLDS, SAYS_FAILS, SAYS_NOT_FAILS };

struct atom {
    enum atom_kind kind;
    uint32_t slot;
    bool two_valued, inexact; /* inexact: rests on something the space cannot express */
    struct intervals holds, fails;
    enum text_predicate predicate;
    bool domain;
    struct text *texts;
    size_t text_count;            /* folded (raw for the exact ones); sorted */
    uint32_t loose;               /* of an exact predicate: the atom without regard to case; else NO_INDEX or 0 */
    const struct text *raw_texts; /* for witnesses; may be NULL */
    uint32_t set;
    int64_t number;
    const struct node *node;           /* where it was met first, for messages; may be NULL */
    uint64_t *holds_bits, *fails_bits; /* over the slot's pool */
};

struct event_item {
    uint32_t event;
    int64_t count;
    uint32_t *values; /* pool index of each slot of the event's space */
};
struct value {
    bool known;
    int64_t number; /* ordered; choice: index of the option, 0 no and 1 yes */
    struct text raw, folded, domain;
    bool has_domain;
    int64_t length; /* text; domain is folded */
    struct text *elements;
    size_t element_count; /* list, folded */
    struct event_item *events;
    size_t event_count;
    uint32_t cost; /* plainness: the witness takes the cheapest */
};

struct literal_of {
    uint32_t atom;
    enum polarity polarity;
};
struct memo_entry {
    uint64_t hash;
    uint32_t *literals;
    size_t count;
    int result;
    uint32_t value;
};

struct slot {
    enum slot_kind kind;
    enum slot_origin origin;
    uint32_t index; /* field, score; event type of the first of a cluster */
    bool can_miss, date, complete, opaque, yes_no,
        varied;              /* varied: something opaque looks at it, so that several values are tried */
    int64_t lowest, highest; /* ordered: the line's ends */
    struct text *options;
    size_t option_count; /* choice: folded */
    uint32_t *atoms;
    size_t atom_count, atom_capacity;
    struct value *pool;
    size_t pool_count, pool_capacity; /* pool[0]: nothing is given (or the default) */
    uint32_t *events;
    size_t event_count; /* SLOT_EVENTS: the types in it */
    struct memo_entry *memo;
    size_t memo_count, memo_slots;
    struct textclass *classes;
    uint32_t class_bits;
    uint64_t *class_row;     /* text: answers its first class_bits atoms at once */
    const struct node *node; /* opaque: what it stands for */
    const char *why;         /* opaque: why it cannot be proved */
};

struct formula_node {
    uint8_t kind;
    uint8_t polarity;
    bool inexact;
    uint32_t atom;
    uint32_t first, count;
    uint32_t negation;
};
enum { FORMULA_KIND_CONSTANT, FORMULA_KIND_LITERAL, FORMULA_KIND_AND, FORMULA_KIND_OR };

/* Which events: for each event type of the slot, a formula over that type's space. */
struct event_group {
    uint32_t slot;
    formula *member;
    bool inexact;
    uint8_t *related; /* to each other set, as far as it was asked (sets.c) */
    size_t related_count;
};

struct space {
    const struct model *model;
    struct arena *arena;
    int64_t now;
    bool of_events;
    uint32_t event;              /* the space of one event type */
    struct space **event_spaces; /* of the lead's space: one for each event type */
    uint32_t *field_slots;       /* field index → slot, or NO_INDEX */
    uint32_t *score_slots;
    uint32_t *event_slots;
    uint32_t stage_slot, at_slot;
    struct slot *slots;
    size_t slot_count, slot_capacity;
    struct atom *atoms;
    size_t atom_count, atom_capacity;
    struct formula_node *formulas;
    size_t formula_count, formula_capacity;
    uint32_t *children;
    size_t child_count, child_capacity;
    uint32_t *formula_table;
    size_t formula_slots;
    uint32_t *atom_table;
    size_t atom_slots;
    struct event_group *sets;
    size_t set_count, set_capacity;
    bool frozen;                /* pools are made; atoms added later extend them */
    uint64_t steps, most_steps; /* of the search; beyond it the answer is "not proven" */
    formula disqualified;
    bool disqualified_known;
};

struct space *space_new(const struct model *model, struct arena *arena, int64_t now);
void space_free(struct space *space);   /* what is not in the arena */
void space_freeze(struct space *space); /* makes the pools; after the formulas are built */

/* ---- formulas (formula.c) ---- */
formula formula_literal(struct space *space, uint32_t atom, enum polarity polarity);
formula formula_and(struct space *space, formula a, formula b);
formula formula_or(struct space *space, formula a, formula b);
formula formula_all(struct space *space, const formula *parts, size_t count);
formula formula_any(struct space *space, const formula *parts, size_t count);
formula formula_not(struct space *space, formula f);
bool formula_inexact(const struct space *space, formula f);
/* The slots it looks at, appended without repetition to `slots` (room for slot_count). */
size_t formula_slots(const struct space *space, formula f, uint32_t *slots, size_t count);
/* Whether it is true when slot s has the value pool[values[s]]. */
bool formula_true(const struct space *space, formula f, const uint32_t *values);

/* ---- atoms (atom.c) ---- */
uint32_t atom_intern(struct space *space, const struct atom *atom);
uint32_t slot_new(struct space *space, enum slot_kind kind, enum slot_origin origin, uint32_t index);
/* Whether the atom holds (1), fails (0) or neither (-1) for a value. */
struct text atom_raw(const struct atom *atom, struct text folded);
int atom_truth(const struct space *space, const struct atom *atom, const struct value *value);
bool literal_true(const struct space *space, struct literal_of literal, const struct value *value);
bool literal_bit(const struct space *space, uint32_t atom, enum polarity polarity, uint32_t value);
uint32_t pool_add(struct space *space, uint32_t slot, struct value value); /* computes every atom for it */
void pool_drop(struct space *space, uint32_t slot); /* the value added last: nothing may remember it */
bool intervals_contain(const struct intervals *intervals, int64_t number);
bool intervals_same(const struct intervals *a, const struct intervals *b);
struct intervals intervals_not(struct arena *arena, const struct intervals *intervals, int64_t lowest, int64_t highest);
void intervals_add(struct arena *arena, struct intervals *intervals, int64_t from, int64_t to);

/* ---- conditions of the model → formulas (condition.c) ---- */
formula condition_holds(struct space *space, const struct node *node);
formula condition_fails(struct space *space, const struct node *node);
/* The events of a set: its index in space.sets, or NO_INDEX when it cannot be expressed. */
uint32_t condition_set(struct space *space, const struct event_set *set);
formula set_at_least(struct space *space, uint32_t set, int64_t number);
/* The same events, of those where `member` holds too (a formula of every type's space, through an ordered atom on one
 * field or `at`). */
uint32_t set_refine(struct space *space, uint32_t set, uint32_t field_or_at, int64_t from, int64_t to);
#define REFINE_AT UINT32_MAX
/* The value of a number or date expression as intervals of one slot: `in` is true where it lies in [from, to], `out`
   where it is known and does not.  False when the expression looks at more than one thing. */
bool value_between(struct space *space, const struct node *node, int64_t from, int64_t to, formula *in, formula *out);
formula value_known(struct space *space, const struct node *node);
bool set_inside(struct space *space, uint32_t a, uint32_t b);  /* every event of a is in b: false where it is not proved */
bool set_apart(struct space *space, uint32_t a, uint32_t b);   /* no event is in both */
uint32_t set_intern(struct space *space, uint32_t slot, const formula *member, bool inexact);

/* ---- theories: is there a value of the slot for which all literals are true? ---- */
enum answer { ANSWER_NO, ANSWER_YES, ANSWER_UNKNOWN };
enum answer slot_satisfy(struct space *space, uint32_t slot, const struct literal_of *literals, size_t count,
                         uint32_t *value);
enum answer text_satisfy(struct space *space, uint32_t slot, const struct literal_of *literals, size_t count,
                         struct value *value);
enum answer list_satisfy(struct space *space, uint32_t slot, const struct literal_of *literals, size_t count,
                         struct value *value);
enum answer events_satisfy(struct space *space, uint32_t slot, const struct literal_of *literals, size_t count,
                           struct value *value);
void text_value(struct space *space, const char *bytes, size_t length, struct value *value);
int64_t events_in_set(const struct space *space, uint32_t set, const struct value *value);

/* ---- search (solve.c) ---- */
/* Is there a lead for which f is true?  `values` (slot_count entries, may be NULL) gets a pool index for each slot: 0
   where the slot does not matter.  With `plain`, the fewest and plainest values that the search finds within its
   patience. */
enum answer space_solve(struct space *space, formula f, bool plain, uint32_t *values);

#endif
