#include "compiler/conflicts/space.h"

#include <stdlib.h>
#include <string.h>

/* Formulas are hash-consed: equal ones have the same index, so that `a = b` is equality of meaning for everything that
   differs only in order and repetition. */

static uint64_t mix(uint64_t hash, uint64_t value)
{
    hash ^= value + 0x9e3779b97f4a7c15u + (hash << 6) + (hash >> 2);
    return hash * 0xff51afd7ed558ccdu;
}

static uint64_t formula_hash(const struct space *space, const struct formula_node *node)
{
    uint64_t hash = mix(node->kind, ((uint64_t)node->atom << 3) | node->polarity);
    for (uint32_t i = 0; i < node->count; i++) hash = mix(hash, space->children[node->first + i]);
    return hash ^ (hash >> 29);
}

static bool formula_same(const struct space *space, const struct formula_node *a, const struct formula_node *b)
{
    if (a->kind != b->kind || a->atom != b->atom || a->polarity != b->polarity || a->count != b->count) return false;
    return a->count == 0 ||
           memcmp(&space->children[a->first], &space->children[b->first], a->count * sizeof *space->children) == 0;
}

static void table_grow(struct space *space)
{
    size_t slots = space->formula_slots ? space->formula_slots * 2 : 1024;
    uint32_t *table = arena_alloc(space->arena, slots * sizeof *table);
    for (size_t index = 0; index < space->formula_count; index++) {
        size_t at = formula_hash(space, &space->formulas[index]) & (slots - 1);
        while (table[at]) at = (at + 1) & (slots - 1);
        table[at] = (uint32_t)index + 1;
    }
    space->formula_table = table;
    space->formula_slots = slots;
}

static formula formula_intern(struct space *space, struct formula_node node)
{
    if (space->formula_count * 2 >= space->formula_slots) table_grow(space);
    size_t at = formula_hash(space, &node) & (space->formula_slots - 1);
    for (; space->formula_table[at]; at = (at + 1) & (space->formula_slots - 1)) {
        uint32_t index = space->formula_table[at] - 1;
        if (!formula_same(space, &space->formulas[index], &node)) continue;
        if (node.count > 0) space->child_count = node.first; /* the copy of the children is not needed */
        return index;
    }
    memory_reserve(&space->formulas, &space->formula_capacity, space->formula_count + 1, sizeof *space->formulas);
    node.negation = NO_INDEX;
    for (uint32_t i = 0; i < node.count; i++) node.inexact |= space->formulas[space->children[node.first + i]].inexact;
    space->formulas[space->formula_count] = node;
    space->formula_table[at] = (uint32_t)space->formula_count + 1;
    return (uint32_t)space->formula_count++;
}

formula formula_literal(struct space *space, uint32_t atom, enum polarity polarity)
{
    const struct atom *facts = &space->atoms[atom];
    if (facts->two_valued && polarity >= SAYS_FAILS) polarity = polarity == SAYS_FAILS ? SAYS_NOT_HOLDS : SAYS_HOLDS;
    return formula_intern(space, (struct formula_node){.kind = FORMULA_KIND_LITERAL,
                                                       .polarity = (uint8_t)polarity,
                                                       .atom = atom,
                                                       .inexact = facts->inexact});
}

static int compare_index(const void *a, const void *b)
{
    uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;
    return left < right ? -1 : left > right;
}

static formula formula_join(struct space *space, uint8_t kind, const formula *parts, size_t count)
{
    formula neutral = kind == FORMULA_KIND_AND ? FORMULA_TRUE : FORMULA_FALSE;
    formula absorbing = kind == FORMULA_KIND_AND ? FORMULA_FALSE : FORMULA_TRUE;
    size_t total = 0;
    for (size_t i = 0; i < count; i++) {
        const struct formula_node *part = &space->formulas[parts[i]];
        total += part->kind == kind ? part->count : 1;
    }
    size_t first = space->child_count;
    memory_reserve(&space->children, &space->child_capacity, first + total, sizeof *space->children);
    uint32_t *out = &space->children[first];
    size_t used = 0;
    for (size_t i = 0; i < count; i++) {
        const struct formula_node *part = &space->formulas[parts[i]];
        if (parts[i] == neutral) continue;
        if (parts[i] == absorbing) return absorbing;
        if (part->kind == kind) {
            for (uint32_t j = 0; j < part->count; j++) out[used++] = space->children[part->first + j];
        } else {
            out[used++] = parts[i];
        }
    }
    if (used > 1) {
        qsort(out, used, sizeof *out, compare_index);
        size_t kept = 1;
        for (size_t i = 1; i < used; i++)
            if (out[i] != out[kept - 1]) out[kept++] = out[i];
        used = kept;
        for (size_t i = 0; i < used; i++) { /* a and not a */
            uint32_t negation = space->formulas[out[i]].negation;
            if (negation != NO_INDEX && bsearch(&negation, out, used, sizeof *out, compare_index)) return absorbing;
        }
    }
    if (used == 0) return neutral;
    if (used == 1) return out[0];
    space->child_count = first + used;
    return formula_intern(space,
                          (struct formula_node){.kind = kind, .first = (uint32_t)first, .count = (uint32_t)used});
}

formula formula_all(struct space *space, const formula *parts, size_t count)
{
    return formula_join(space, FORMULA_KIND_AND, parts, count);
}

formula formula_any(struct space *space, const formula *parts, size_t count)
{
    return formula_join(space, FORMULA_KIND_OR, parts, count);
}

formula formula_and(struct space *space, formula a, formula b)
{
    formula parts[2] = {a, b};
    return formula_join(space, FORMULA_KIND_AND, parts, 2);
}

formula formula_or(struct space *space, formula a, formula b)
{
    formula parts[2] = {a, b};
    return formula_join(space, FORMULA_KIND_OR, parts, 2);
}

formula formula_not(struct space *space, formula f)
{
    if (f == FORMULA_FALSE) return FORMULA_TRUE;
    if (f == FORMULA_TRUE) return FORMULA_FALSE;
    struct formula_node node = space->formulas[f];
    if (node.negation != NO_INDEX) return node.negation;
    formula result;
    if (node.kind == FORMULA_KIND_LITERAL) {
        result = formula_literal(space, node.atom, (enum polarity)(node.polarity ^ 1));
    } else {
        formula *parts = memory_alloc(node.count * sizeof *parts);
        for (uint32_t i = 0; i < node.count; i++) parts[i] = formula_not(space, space->children[node.first + i]);
        result = formula_join(space, node.kind == FORMULA_KIND_AND ? FORMULA_KIND_OR : FORMULA_KIND_AND, parts,
                              node.count);
        free(parts);
    }
    space->formulas[f].negation = result;
    if (result > FORMULA_TRUE) space->formulas[result].negation = f;
    return result;
}

bool formula_inexact(const struct space *space, formula f) { return space->formulas[f].inexact; }

size_t formula_slots(const struct space *space, formula f, uint32_t *slots, size_t count)
{
    const struct formula_node *node = &space->formulas[f];
    if (node->kind == FORMULA_KIND_LITERAL) {
        uint32_t slot = space->atoms[node->atom].slot;
        for (size_t i = 0; i < count; i++)
            if (slots[i] == slot) return count;
        slots[count] = slot;
        return count + 1;
    }
    for (uint32_t i = 0; i < node->count; i++)
        count = formula_slots(space, space->children[node->first + i], slots, count);
    return count;
}

bool formula_true(const struct space *space, formula f, const uint32_t *values)
{
    const struct formula_node *node = &space->formulas[f];
    switch (node->kind) {
    case FORMULA_KIND_CONSTANT: return f == FORMULA_TRUE;
    case FORMULA_KIND_LITERAL:
        return literal_bit(space, node->atom, (enum polarity)node->polarity, values[space->atoms[node->atom].slot]);
    case FORMULA_KIND_AND:
        for (uint32_t i = 0; i < node->count; i++)
            if (!formula_true(space, space->children[node->first + i], values)) return false;
        return true;
    default:
        for (uint32_t i = 0; i < node->count; i++)
            if (formula_true(space, space->children[node->first + i], values)) return true;
        return false;
    }
}
