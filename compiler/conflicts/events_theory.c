#include "compiler/conflicts/space.h"

#include <stdlib.h>
#include <string.h>

#include "vm/limits.h"

/* Are there events for which all counts are as the literals want them?  A literal is "at least n of the set S" or "at
   most m of the set T".  An event is what its memberships are; which memberships go together is a question to the space
   of that type of event.  Greedy first: for what is still wanted, an event that is in no set that is full, in as many
   wanted sets as possible.  If that fails, bounds that others imply are left out, all kinds of events that could help
   are enumerated, and the small system of whole numbers is solved by trying. */

enum { MOST_BOUNDS = 160, MOST_SETS = 64, MOST_KINDS = 400, MOST_TRIES = 4000, MOST_STEPS = 20000 };

struct bound_of {
    uint32_t set;
    int64_t number;
    int64_t have;
    bool implied;
};
struct kind {
    uint32_t event;
    uint32_t *values;
    uint64_t least_mask, most_mask;
};
struct plan {
    struct space *space;
    const struct slot *slot;
    struct bound_of least[MOST_BOUNDS], most[MOST_BOUNDS];
    size_t least_count, most_count;
    struct event_item *items;
    size_t item_count, item_capacity;
    struct kind kinds[MOST_KINDS];
    size_t kind_count;
    uint32_t empty[MOST_BOUNDS]; /* sets that may have no event */
    size_t empty_count;
    bool too_many, unsure;
    uint64_t steps, tries;
};

static bool member(const struct space *space, uint32_t set, const struct slot *slot, const struct event_item *item)
{
    for (size_t i = 0; i < slot->event_count; i++)
        if (slot->events[i] == item->event)
            return formula_true(space->event_spaces[item->event], space->sets[set].member[i], item->values);
    return false;
}

int64_t events_in_set(const struct space *space, uint32_t set, const struct value *value)
{
    const struct slot *slot = &space->slots[space->sets[set].slot];
    int64_t count = 0;
    for (size_t i = 0; i < value->event_count; i++)
        if (member(space, set, slot, &value->events[i])) count += value->events[i].count;
    return count;
}

static void add_item(struct plan *plan, uint32_t event, const uint32_t *values, int64_t count)
{
    struct space *inner = plan->space->event_spaces[event];
    memory_reserve(&plan->items, &plan->item_capacity, plan->item_count + 1, sizeof *plan->items);
    struct event_item item = {.event = event, .count = count};
    item.values = arena_alloc(plan->space->arena, (inner->slot_count + 8) * sizeof *item.values);
    memcpy(item.values, values, inner->slot_count * sizeof *values);
    plan->items[plan->item_count++] = item;
    for (size_t i = 0; i < plan->least_count; i++)
        if (member(plan->space, plan->least[i].set, plan->slot, &item)) plan->least[i].have += count;
    for (size_t i = 0; i < plan->most_count; i++)
        if (member(plan->space, plan->most[i].set, plan->slot, &item)) plan->most[i].have += count;
}

static formula member_of(const struct plan *plan, uint32_t set, size_t type)
{
    return plan->space->sets[set].member[type];
}

/* One more event (or several that count for no bounded set) of what `least` wants.  False when there is none. */
static bool add_wanted(struct plan *plan, size_t least, bool *progress)
{
    *progress = false;
    for (size_t type = 0; type < plan->slot->event_count; type++) {
        uint32_t event = plan->slot->events[type];
        struct space *inner = plan->space->event_spaces[event];
        formula f = member_of(plan, plan->least[least].set, type);
        for (size_t i = 0; i < plan->most_count; i++)
            if (plan->most[i].have >= plan->most[i].number)
                f = formula_and(inner, f, formula_not(inner, member_of(plan, plan->most[i].set, type)));
        if (f == FORMULA_FALSE) continue;
        enum answer answer = space_solve(inner, f, false, NULL);
        if (answer == ANSWER_UNKNOWN) plan->unsure = true;
        if (answer != ANSWER_YES) continue;
        for (size_t i = 0; i < plan->most_count; i++) { /* out of the sets that have a bound, where that is possible */
            if (plan->most[i].have >= plan->most[i].number) continue;
            formula outside = formula_and(inner, f, formula_not(inner, member_of(plan, plan->most[i].set, type)));
            if (outside != f && outside != FORMULA_FALSE && space_solve(inner, outside, false, NULL) == ANSWER_YES)
                f = outside;
        }
        for (size_t i = 0; i < plan->least_count; i++) { /* and into others that want one */
            if (plan->least[i].have >= plan->least[i].number) continue;
            formula inside = formula_and(inner, f, member_of(plan, plan->least[i].set, type));
            if (inside != f && inside != FORMULA_FALSE && space_solve(inner, inside, false, NULL) == ANSWER_YES)
                f = inside;
        }
        uint32_t *values = memory_alloc((inner->slot_count + 8) * sizeof *values);
        answer = space_solve(inner, f, true, values);
        if (answer == ANSWER_YES) {
            struct event_item probe = {.event = event, .count = 1, .values = values};
            int64_t count = plan->least[least].number - plan->least[least].have;
            for (size_t i = 0; i < plan->most_count; i++) {
                int64_t room = plan->most[i].number - plan->most[i].have;
                if (member(plan->space, plan->most[i].set, plan->slot, &probe) && room < count) count = room;
            }
            if (count > 0) {
                add_item(plan, event, values, count);
                *progress = true;
            }
        }
        free(values);
        if (*progress) return true;
    }
    return false;
}

static bool greedy(struct plan *plan)
{
    for (size_t round = 0; round < 4096; round++) {
        size_t wanted = plan->least_count;
        for (size_t i = 0; i < plan->least_count && wanted == plan->least_count; i++)
            if (plan->least[i].have < plan->least[i].number) wanted = i;
        if (wanted == plan->least_count) return true;
        bool progress;
        if (!add_wanted(plan, wanted, &progress)) return false;
    }
    return false;
}

/* ---- all kinds of events, and how many of each ---------------------------------------------------------- */

/* What an event of the type must be outside of: the sets that may have none. */
static formula outside_of_empty(const struct plan *plan, size_t type)
{
    struct space *inner = plan->space->event_spaces[plan->slot->events[type]];
    formula f = FORMULA_TRUE;
    for (size_t i = 0; i < plan->empty_count; i++)
        f = formula_and(inner, f, formula_not(inner, member_of(plan, plan->empty[i], type)));
    return f;
}

/* Leaves out the bounds that others imply, and those that cannot be reached: no more events are needed than what all
   `at least` that meet the set ask for together.  False when a bound contradicts another. */
static bool reduce(struct plan *plan)
{
    struct space *space = plan->space;
    size_t kept = 0;
    for (size_t i = 0; i < plan->least_count; i++) {
        const struct bound_of *bound = &plan->least[i];
        for (size_t j = 0; j < plan->most_count; j++)
            if (plan->most[j].number < bound->number && set_inside(space, bound->set, plan->most[j].set)) return false;
        bool implied = false;
        for (size_t j = 0; j < plan->least_count && !implied; j++)
            implied = j != i && plan->least[j].number >= bound->number &&
                      set_inside(space, plan->least[j].set, bound->set) &&
                      (j < i || plan->least[j].number > bound->number ||
                       !set_inside(space, bound->set, plan->least[j].set));
        plan->least[i].implied = implied;
    }
    for (size_t i = 0; i < plan->least_count; i++)
        if (!plan->least[i].implied) plan->least[kept++] = plan->least[i];
    plan->least_count = kept;
    for (size_t i = 0; i < plan->most_count; i++) {
        const struct bound_of *bound = &plan->most[i];
        int64_t needed = 0;
        for (size_t j = 0; j < plan->least_count && needed <= bound->number; j++)
            if (!set_apart(space, plan->least[j].set, bound->set)) needed += plan->least[j].number;
        bool implied = needed <= bound->number;
        for (size_t j = 0; j < plan->most_count && !implied; j++)
            implied = j != i && plan->most[j].number <= bound->number &&
                      set_inside(space, bound->set, plan->most[j].set) &&
                      (j < i || plan->most[j].number < bound->number ||
                       !set_inside(space, plan->most[j].set, bound->set));
        plan->most[i].implied = implied;
    }
    kept = 0;
    for (size_t i = 0; i < plan->most_count; i++) {
        if (plan->most[i].implied) continue;
        if (plan->most[i].number <= 0) plan->empty[plan->empty_count++] = plan->most[i].set;
        else plan->most[kept++] = plan->most[i];
    }
    plan->most_count = kept;
    return true;
}

/* An event that is in more wanted sets and in fewer bounded ones does whatever this one could do. */
static bool dominated(const struct plan *plan, uint64_t least_mask, uint64_t most_mask)
{
    for (size_t i = 0; i < plan->kind_count; i++)
        if ((plan->kinds[i].least_mask & least_mask) == least_mask &&
            (plan->kinds[i].most_mask & most_mask) == plan->kinds[i].most_mask)
            return true;
    return false;
}

static void enumerate(struct plan *plan, size_t type, size_t depth, formula f, uint64_t least_mask, uint64_t most_mask)
{
    if (f == FORMULA_FALSE || plan->too_many) return;
    if (depth >= plan->least_count && (least_mask == 0 || dominated(plan, least_mask, most_mask))) return;
    struct space *inner = plan->space->event_spaces[plan->slot->events[type]];
    if (depth == plan->least_count + plan->most_count) {
        if (plan->kind_count == MOST_KINDS) {
            plan->too_many = true;
            return;
        }
        uint32_t *values = arena_alloc(plan->space->arena, (inner->slot_count + 8) * sizeof *values);
        enum answer answer = space_solve(inner, f, true, values);
        if (answer == ANSWER_UNKNOWN) plan->unsure = true;
        if (answer != ANSWER_YES) return;
        plan->kinds[plan->kind_count++] = (struct kind){plan->slot->events[type], values, least_mask, most_mask};
        return;
    }
    if (plan->tries++ > MOST_TRIES) {
        plan->too_many = true;
        return;
    }
    bool is_least = depth < plan->least_count;
    size_t index = is_least ? depth : depth - plan->least_count;
    formula in = member_of(plan, is_least ? plan->least[index].set : plan->most[index].set, type);
    for (int way = 0; way < 2; way++) { /* the useful first: into what is wanted, out of what is bounded */
        bool inside = is_least == (way == 0);
        formula part = formula_and(inner, f, inside ? in : formula_not(inner, in));
        if (part == FORMULA_FALSE) continue;
        enum answer answer = part == f ? ANSWER_YES : space_solve(inner, part, false, NULL);
        if (answer == ANSWER_UNKNOWN) plan->unsure = true;
        if (answer != ANSWER_YES) continue;
        enumerate(plan, type, depth + 1, part, least_mask | (inside && is_least ? UINT64_C(1) << index : 0),
                  most_mask | (inside && !is_least ? UINT64_C(1) << index : 0));
    }
}

/* Wants that no one event can meet together need room for all of them in the sets that all their events are in. */
static bool hopeless(const struct plan *plan)
{
    uint64_t within[MOST_SETS] = {0}, beside[MOST_SETS] = {0}, full = 0;
    for (size_t i = 0; i < plan->most_count; i++)
        if (plan->most[i].have >= plan->most[i].number) full |= UINT64_C(1) << i;
    for (size_t i = 0; i < plan->least_count; i++) {
        if (plan->least[i].have >= plan->least[i].number) continue;
        within[i] = ~UINT64_C(0);
        for (size_t k = 0; k < plan->kind_count; k++) {
            if (!(plan->kinds[k].least_mask >> i & 1) || (plan->kinds[k].most_mask & full)) continue;
            within[i] &= plan->kinds[k].most_mask;
            beside[i] |= plan->kinds[k].least_mask;
        }
        if (beside[i] == 0) return true;
    }
    for (size_t t = 0; t < plan->most_count; t++) {
        int64_t room = plan->most[t].number - plan->most[t].have;
        uint64_t taken = 0;
        for (size_t i = 0; i < plan->least_count; i++) {
            if (!(within[i] >> t & 1) || (taken >> i & 1)) continue;
            taken |= beside[i];
            room -= plan->least[i].number - plan->least[i].have;
        }
        if (room < 0) return true;
    }
    return false;
}

static bool distribute(struct plan *plan, size_t least, size_t kind, int64_t *amounts)
{
    if (plan->steps++ > MOST_STEPS) {
        plan->unsure = true;
        return false;
    }
    while (least < plan->least_count && plan->least[least].have >= plan->least[least].number) {
        least++;
        kind = 0;
    }
    if (least == plan->least_count) return true;
    if (hopeless(plan)) return false;
    int64_t need = plan->least[least].number - plan->least[least].have;
    for (; kind < plan->kind_count; kind++) {
        const struct kind *facts = &plan->kinds[kind];
        if (!(facts->least_mask >> least & 1)) continue;
        int64_t room = need;
        for (size_t i = 0; i < plan->most_count; i++)
            if ((facts->most_mask >> i & 1) && plan->most[i].number - plan->most[i].have < room)
                room = plan->most[i].number - plan->most[i].have;
        for (int64_t amount = room; amount > 0; amount--) {
            for (size_t i = 0; i < plan->least_count; i++)
                if (facts->least_mask >> i & 1) plan->least[i].have += amount;
            for (size_t i = 0; i < plan->most_count; i++)
                if (facts->most_mask >> i & 1) plan->most[i].have += amount;
            amounts[kind] += amount;
            if (distribute(plan, least, kind + 1, amounts)) return true;
            amounts[kind] -= amount;
            for (size_t i = 0; i < plan->least_count; i++)
                if (facts->least_mask >> i & 1) plan->least[i].have -= amount;
            for (size_t i = 0; i < plan->most_count; i++)
                if (facts->most_mask >> i & 1) plan->most[i].have -= amount;
            if (facts->most_mask == 0) break; /* fewer of what is bounded by nothing cannot help */
        }
    }
    return false;
}

static enum answer exhaustive(struct plan *plan)
{
    if (!reduce(plan)) return ANSWER_NO;
    if (plan->least_count > MOST_SETS || plan->most_count > MOST_SETS) return ANSWER_UNKNOWN;
    plan->item_count = 0;
    for (size_t i = 0; i < plan->least_count; i++) plan->least[i].have = 0;
    for (size_t i = 0; i < plan->most_count; i++) plan->most[i].have = 0;
    for (size_t type = 0; type < plan->slot->event_count; type++)
        enumerate(plan, type, 0, outside_of_empty(plan, type), 0, 0);
    if (plan->too_many) return ANSWER_UNKNOWN;
    int64_t *amounts = memory_alloc((plan->kind_count + 1) * sizeof *amounts);
    bool found = distribute(plan, 0, 0, amounts);
    if (found) {
        for (size_t i = 0; i < plan->least_count; i++) plan->least[i].have = 0;
        for (size_t i = 0; i < plan->most_count; i++) plan->most[i].have = 0;
        for (size_t kind = 0; kind < plan->kind_count; kind++)
            if (amounts[kind] > 0) add_item(plan, plan->kinds[kind].event, plan->kinds[kind].values, amounts[kind]);
    }
    free(amounts);
    return found ? ANSWER_YES : plan->unsure ? ANSWER_UNKNOWN : ANSWER_NO;
}

static bool add_bound(struct bound_of *bounds, size_t *count, uint32_t set, int64_t number, bool highest)
{
    for (size_t i = 0; i < *count; i++) {
        if (bounds[i].set != set) continue;
        if (highest ? number > bounds[i].number : number < bounds[i].number) bounds[i].number = number;
        return true;
    }
    if (*count == MOST_BOUNDS) return false;
    bounds[(*count)++] = (struct bound_of){.set = set, .number = number};
    return true;
}

enum answer events_satisfy(struct space *space, uint32_t slot, const struct literal_of *literals, size_t count,
                           struct value *value)
{
    struct plan *plan = memory_alloc(sizeof *plan);
    plan->space = space;
    plan->slot = &space->slots[slot];
    enum answer answer = ANSWER_UNKNOWN;
    for (size_t i = 0; i < count; i++) {
        const struct atom *atom = &space->atoms[literals[i].atom];
        bool wanted = literals[i].polarity == SAYS_HOLDS || literals[i].polarity == SAYS_NOT_FAILS;
        bool room = wanted ? add_bound(plan->least, &plan->least_count, atom->set, atom->number, true)
                           : add_bound(plan->most, &plan->most_count, atom->set, atom->number - 1, false);
        if (!room) goto done;
    }
    if (greedy(plan)) answer = ANSWER_YES;
    else answer = exhaustive(plan);
    if (answer == ANSWER_YES) {
        *value = (struct value){.known = true, .event_count = plan->item_count, .cost = 0};
        value->events = arena_alloc(space->arena, (plan->item_count + 1) * sizeof *value->events);
        int64_t total = 0;
        for (size_t i = 0; i < plan->item_count; i++) {
            value->events[i] = plan->items[i];
            total += plan->items[i].count;
            struct space *inner = space->event_spaces[plan->items[i].event];
            for (uint32_t s = 0; s < inner->slot_count; s++)
                value->cost += inner->slots[s].pool[plan->items[i].values[s]].cost;
        }
        value->cost += (uint32_t)(3 * plan->item_count) + (uint32_t)(total > 100 ? 100 : total);
        if (total > LIMIT_EVENTS_PER_LEAD) answer = ANSWER_UNKNOWN;
    }
done:
    free(plan->items);
    free(plan);
    return answer;
}
