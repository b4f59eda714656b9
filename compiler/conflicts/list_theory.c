#include "compiler/conflicts/space.h"

#include <string.h>

#include "vm/number.h"

/* Is there a list for which all literals are true?  Elements are chosen for the literals that want one, fewest first;
   filling elements that no atom names make it longer. */

struct choice {
    struct space *space;
    const struct literal_of *literals;
    size_t count;
    size_t most;
    struct text chosen[64];
    size_t chosen_count;
    uint64_t steps;
};

static bool in_texts(const struct atom *atom, struct text text)
{
    for (size_t i = 0; i < atom->text_count; i++)
        if (atom->texts[i].length == text.length && memcmp(atom->texts[i].bytes, text.bytes, text.length) == 0)
            return true;
    return false;
}

static bool wants(enum polarity polarity) { return polarity == SAYS_HOLDS || polarity == SAYS_NOT_FAILS; }

static bool forbidden(const struct choice *choice, struct text text)
{
    for (size_t i = 0; i < choice->count; i++) {
        const struct atom *atom = &choice->space->atoms[choice->literals[i].atom];
        if (atom->kind == ATOM_ELEMENT && !wants(choice->literals[i].polarity) && in_texts(atom, text)) return true;
    }
    return false;
}

static bool choose(struct choice *choice, size_t from)
{
    if (choice->steps++ > 20000) return false;
    for (size_t i = from; i < choice->count; i++) {
        const struct atom *atom = &choice->space->atoms[choice->literals[i].atom];
        if (atom->kind != ATOM_ELEMENT || !wants(choice->literals[i].polarity)) continue;
        bool there = false;
        for (size_t j = 0; j < choice->chosen_count && !there; j++) there = in_texts(atom, choice->chosen[j]);
        if (there) continue;
        if (choice->chosen_count == choice->most) return false;
        for (size_t j = 0; j < atom->text_count; j++) {
            if (forbidden(choice, atom->texts[j])) continue;
            choice->chosen[choice->chosen_count++] = atom->texts[j];
            if (choose(choice, i + 1)) return true;
            choice->chosen_count--;
        }
        return false;
    }
    return true;
}

enum answer list_satisfy(struct space *space, uint32_t slot, const struct literal_of *literals, size_t count,
                         struct value *value)
{
    (void)slot;
    struct choice choice = {.space = space, .literals = literals, .count = count};
    size_t wanted = 0;
    for (size_t i = 0; i < count; i++)
        wanted += space->atoms[literals[i].atom].kind == ATOM_ELEMENT && wants(literals[i].polarity);
    for (size_t size = 1; size <= 64; size++) { /* the shortest list first */
        struct value probe = {.known = true, .element_count = size};
        bool fits = true;
        for (size_t i = 0; i < count && fits; i++) {
            const struct atom *atom = &space->atoms[literals[i].atom];
            if (atom->kind == ATOM_SIZE) fits = literal_true(space, literals[i], &probe);
            if (atom->kind == ATOM_KNOWN && !wants(literals[i].polarity)) return ANSWER_NO;
        }
        if (!fits) continue;
        choice.most = size;
        choice.chosen_count = 0;
        if (!choose(&choice, 0)) {
            if (choice.steps > 20000) return ANSWER_UNKNOWN;
            continue;
        }
        *value = (struct value){.known = true,
                                .elements = arena_alloc(space->arena, size * sizeof *value->elements),
                                .cost = 3 + (uint32_t)size};
        memcpy(value->elements, choice.chosen, choice.chosen_count * sizeof *value->elements);
        value->element_count = choice.chosen_count;
        for (unsigned filler = 1; value->element_count < size; filler++) {
            char *name = arena_format(space->arena, "x%u", filler);
            struct text text = {name, (uint32_t)strlen(name)};
            if (!forbidden(&choice, text)) value->elements[value->element_count++] = text;
        }
        return ANSWER_YES;
    }
    if (wanted > 64) return ANSWER_UNKNOWN;
    /* Longer ones help only where the size is asked for. Between the ends of the intervals all sizes are alike. */
    for (size_t i = 0; i < count; i++) {
        const struct atom *atom = &space->atoms[literals[i].atom];
        if (atom->kind != ATOM_SIZE) continue;
        for (size_t part = 0; part < atom->holds.count * 2; part++) {
            const struct interval *interval = &atom->holds.items[part / 2];
            int64_t size = part % 2 == 0 ? interval->from : interval->to;
            size = size > INT64_MAX - 2 * NUMBER_ONE ? 65 : size / NUMBER_ONE + 1;
            for (int64_t near = size - 1; near <= size + 1; near++) {
                struct value probe = {.known = true, .element_count = near > 64 ? (size_t)near : 65};
                bool fits = true;
                for (size_t j = 0; j < count && fits; j++)
                    if (space->atoms[literals[j].atom].kind == ATOM_SIZE)
                        fits = literal_true(space, literals[j], &probe);
                if (fits) return ANSWER_UNKNOWN; /* a list of more than 64 elements: not looked for */
            }
        }
    }
    return ANSWER_NO;
}
