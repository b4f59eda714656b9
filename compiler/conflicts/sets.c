#include "compiler/conflicts/condition_parts.h"

#include <stdlib.h>
#include <string.h>

#include "vm/limits.h"
#include "vm/number.h"

uint32_t set_intern(struct space *space, uint32_t slot, const formula *member, bool inexact)
{
    size_t count = space->slots[slot].event_count;
    for (uint32_t i = 0; i < space->set_count; i++)
        if (space->sets[i].slot == slot && memcmp(space->sets[i].member, member, count * sizeof *member) == 0) return i;
    memory_reserve(&space->sets, &space->set_capacity, space->set_count + 1, sizeof *space->sets);
    struct event_group set = {
        .slot = slot, .member = arena_alloc(space->arena, count * sizeof *member), .inexact = inexact};
    memcpy(set.member, member, count * sizeof *member);
    for (size_t i = 0; i < count; i++)
        set.inexact |= formula_inexact(space->event_spaces[space->slots[slot].events[i]], member[i]);
    space->sets[space->set_count] = set;
    return (uint32_t)space->set_count++;
}

formula condition_in_order(struct space *space, uint32_t slot, int64_t from, int64_t to)
{
    const struct slot *facts = &space->slots[slot];
    if (from < facts->lowest) from = facts->lowest;
    if (to > facts->highest) to = facts->highest;
    if (from > to) return FORMULA_FALSE;
    struct atom atom = {.kind = ATOM_ORDER, .slot = slot, .two_valued = !facts->can_miss};
    intervals_add(space->arena, &atom.holds, from, to);
    atom.fails = intervals_not(space->arena, &atom.holds, facts->lowest, facts->highest);
    if (!facts->can_miss && atom.fails.count == 0) return FORMULA_TRUE;
    return formula_literal(space, atom_intern(space, &atom), SAYS_HOLDS);
}

bool condition_constant_of(const struct space *space, const struct node *node, int64_t *value)
{
    if (node->kind == NODE_NUMBER || node->kind == NODE_DATE) {
        *value = node->number;
        return true;
    }
    if (node->kind == NODE_NOW) {
        *value = space->now;
        return true;
    }
    return false;
}

uint32_t condition_set(struct space *space, const struct event_set *set)
{
    if (space->of_events) return NO_INDEX;
    if (!space->event_slots) condition_event_slots(space);
    const struct model *model = space->model;
    uint32_t slot = NO_INDEX;
    for (uint32_t event = 0; event < model->event_count && slot == NO_INDEX; event++)
        if (set->event == event || (set->event == NO_INDEX && model->events[event].activity))
            slot = space->event_slots[event];
    if (slot == NO_INDEX) return NO_INDEX;
    int64_t from = INSTANT_MIN, to = space->now, date = 0;
    if ((set->window == WINDOW_SINCE || set->window == WINDOW_BEFORE) &&
        !condition_constant_of(space, set->date, &date))
        return NO_INDEX;
    if (set->window == WINDOW_WITHIN) from = instant_step(space->now, -set->count, set->unit) + 1;
    if (set->window == WINDOW_SINCE) from = date;
    if (set->window == WINDOW_BEFORE) to = date == INT64_MIN ? date : date - 1;
    size_t count = space->slots[slot].event_count;
    formula *member = arena_alloc(space->arena, count * sizeof *member);
    for (size_t i = 0; i < count; i++) {
        uint32_t event = space->slots[slot].events[i];
        bool belongs = set->event == event || (set->event == NO_INDEX && model->events[event].activity);
        if (!belongs) continue; /* FORMULA_FALSE */
        struct space *inner = space->event_spaces[event];
        member[i] = condition_in_order(inner, condition_at_slot(inner), from, to);
        if (set->where) member[i] = formula_and(inner, member[i], condition_holds(inner, set->where));
    }
    return set_intern(space, slot, member, false);
}

uint32_t set_refine(struct space *space, uint32_t set, uint32_t field_or_at, int64_t from, int64_t to)
{
    uint32_t slot = space->sets[set].slot;
    size_t count = space->slots[slot].event_count;
    formula *member = arena_alloc(space->arena, count * sizeof *member);
    for (size_t i = 0; i < count; i++) {
        member[i] = space->sets[set].member[i];
        if (member[i] == FORMULA_FALSE) continue;
        struct space *inner = space->event_spaces[space->slots[slot].events[i]];
        uint32_t line = field_or_at == REFINE_AT ? condition_at_slot(inner) : condition_field_slot(inner, field_or_at);
        member[i] = formula_and(inner, member[i], condition_in_order(inner, line, from, to));
    }
    return set_intern(space, slot, member, space->sets[set].inexact);
}

/* ---- how sets lie to each other ------------------------------------------------------------------------- */

enum { INSIDE = 1, INSIDE_KNOWN = 2, APART = 4, APART_KNOWN = 8 };

static uint8_t *related(struct space *space, uint32_t a, uint32_t b)
{
    struct event_group *set = &space->sets[a];
    if (b >= set->related_count) {
        size_t count = space->set_count + space->set_count / 2 + 8;
        uint8_t *grown = arena_alloc(space->arena, count);
        memset(grown, 0, count);
        if (set->related_count > 0) memcpy(grown, set->related, set->related_count);
        set->related = grown;
        set->related_count = count;
    }
    return &set->related[b];
}

static bool no_event(struct space *space, uint32_t a, uint32_t b, bool in_both)
{
    const struct slot *slot = &space->slots[space->sets[a].slot];
    for (size_t i = 0; i < slot->event_count; i++) {
        struct space *inner = space->event_spaces[slot->events[i]];
        formula in = space->sets[a].member[i], other = space->sets[b].member[i];
        formula f = formula_and(inner, in, in_both ? other : formula_not(inner, other));
        if (f != FORMULA_FALSE && space_solve(inner, f, false, NULL) != ANSWER_NO) return false;
    }
    return true;
}

bool set_inside(struct space *space, uint32_t a, uint32_t b)
{
    if (a == b) return true;
    uint8_t *known = related(space, a, b);
    if (!(*known & INSIDE_KNOWN)) *known |= INSIDE_KNOWN | (no_event(space, a, b, false) ? INSIDE : 0);
    return *known & INSIDE;
}

bool set_apart(struct space *space, uint32_t a, uint32_t b)
{
    if (a > b) return set_apart(space, b, a);
    uint8_t *known = related(space, a, b);
    if (!(*known & APART_KNOWN)) *known |= APART_KNOWN | (no_event(space, a, b, true) ? APART : 0);
    return *known & APART;
}

formula set_at_least(struct space *space, uint32_t set, int64_t number)
{
    if (number <= 0) return FORMULA_TRUE;
    if (number > LIMIT_EVENTS_PER_LEAD) return FORMULA_FALSE;
    uint32_t slot = space->sets[set].slot;
    bool possible = false;
    for (size_t i = 0; i < space->slots[slot].event_count; i++) possible |= space->sets[set].member[i] != FORMULA_FALSE;
    if (!possible) return FORMULA_FALSE;
    struct atom atom = {.kind = ATOM_COUNT,
                        .slot = slot,
                        .set = set,
                        .number = number,
                        .two_valued = true,
                        .inexact = space->sets[set].inexact};
    return formula_literal(space, atom_intern(space, &atom), SAYS_HOLDS);
}
