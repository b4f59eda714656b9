#include "compiler/conflicts/condition_parts.h"

#include <stdlib.h>
#include <string.h>

#include "vm/limits.h"
#include "vm/number.h"

/* The one variable thing in an expression that otherwise has constants only, or NULL. */
static const struct node *chain_base(const struct space *space, const struct node *node)
{
    int64_t value;
    switch (node->kind) {
    case NODE_FIELD: return !space->of_events && (node->type == TYPE_NUMBER || node->type == TYPE_DATE) ? node : NULL;
    case NODE_EVENT_FIELD:
        return space->of_events && (node->type == TYPE_NUMBER || node->type == TYPE_DATE) ? node : NULL;
    case NODE_AT: return space->of_events ? node : NULL;
    case NODE_SCORE: return node;
    case NODE_COUNT_LIST:
    case NODE_LENGTH:
        return (node->left->kind == NODE_FIELD && !space->of_events) ||
                       (node->left->kind == NODE_EVENT_FIELD && space->of_events)
                   ? node
                   : NULL;
    case NODE_COUNT:
    case NODE_FIRST:
    case NODE_LAST: return space->of_events ? NULL : node;
    case NODE_AGGREGATE:
        return !space->of_events && (node->aggregate == AGGREGATE_MIN || node->aggregate == AGGREGATE_MAX) &&
                       node->left->kind == NODE_EVENT_FIELD
                   ? node
                   : NULL;
    case NODE_UNITS_SINCE:
    case NODE_NEGATE: return chain_base(space, node->left);
    case NODE_ADD:
    case NODE_SUBTRACT:
    case NODE_MULTIPLY:
        if (condition_constant_of(space, node->right, &value)) return chain_base(space, node->left);
        if (condition_constant_of(space, node->left, &value)) return chain_base(space, node->right);
        return NULL;
    case NODE_DIVIDE:
        return condition_constant_of(space, node->right, &value) && value != 0 ? chain_base(space, node->left) : NULL;
    default: return NULL;
    }
}

static bool chain_value(const struct space *space, const struct node *node, const struct node *base, int64_t x,
                        int64_t *value)
{
    int64_t left, right;
    if (node == base) {
        *value = x;
        return true;
    }
    if (condition_constant_of(space, node, value)) return true;
    switch (node->kind) {
    case NODE_UNITS_SINCE: {
        if (!chain_value(space, node->left, base, x, &left)) return false;
        int64_t units = instant_whole_units(left, space->now, node->unit);
        return number_multiply(units > INT64_MAX / NUMBER_ONE   ? INT64_MAX
                               : units < INT64_MIN / NUMBER_ONE ? INT64_MIN
                                                                : units * NUMBER_ONE,
                               NUMBER_ONE, value);
    }
    case NODE_NEGATE: return chain_value(space, node->left, base, x, &left) && number_subtract(0, left, value);
    case NODE_ADD:
    case NODE_SUBTRACT:
    case NODE_MULTIPLY:
    case NODE_DIVIDE:
        if (!chain_value(space, node->left, base, x, &left) || !chain_value(space, node->right, base, x, &right))
            return false;
        return node->kind == NODE_ADD        ? number_add(left, right, value)
               : node->kind == NODE_SUBTRACT ? number_subtract(left, right, value)
               : node->kind == NODE_MULTIPLY ? number_multiply(left, right, value)
                                             : number_divide(left, right, value);
    default: return false;
    }
}

static bool chain_rises(const struct space *space, const struct node *node, const struct node *base)
{
    int64_t value;
    if (node == base) return true;
    switch (node->kind) {
    case NODE_UNITS_SINCE:
    case NODE_NEGATE: return !chain_rises(space, node->left, base);
    case NODE_SUBTRACT:
        return condition_constant_of(space, node->left, &value) ? !chain_rises(space, node->right, base)
                                                                : chain_rises(space, node->left, base);
    case NODE_ADD:
    case NODE_MULTIPLY:
    case NODE_DIVIDE: {
        bool left = condition_constant_of(space, node->left, &value);
        if (!left && !condition_constant_of(space, node->right, &value)) return true;
        bool rises = chain_rises(space, left ? node->right : node->left, base);
        return node->kind != NODE_ADD && value < 0 ? !rises : rises;
    }
    default: return true;
    }
}

struct chain {
    const struct space *space;
    const struct node *node, *base;
};

static int64_t middle_of(int64_t low, int64_t high) { return (int64_t)(((wide_int)low + high) >> 1); }

/* The first x in [low, high] where the chain is known, bisecting towards `anchor` where it is. */
static int64_t known_edge(const struct chain *chain, int64_t anchor, int64_t end)
{
    int64_t value, inside = anchor, outside = end;
    if (chain_value(chain->space, chain->node, chain->base, end, &value)) return end;
    for (;;) {
        int64_t middle = middle_of(inside, outside);
        if (middle == inside || middle == outside) {
            int64_t other = middle == inside ? outside : inside;
            return chain_value(chain->space, chain->node, chain->base, other, &value) ? other : inside;
        }
        if (chain_value(chain->space, chain->node, chain->base, middle, &value)) inside = middle;
        else outside = middle;
    }
}

/* The first x in [low, high] whose value is at least (rising) or at most (falling) the limit; false when there is none.
 */
static bool first_beyond(const struct chain *chain, bool rises, int64_t limit, int64_t low, int64_t high,
                         int64_t *found)
{
    int64_t value;
    bool any = false;
    while (low <= high) {
        int64_t middle = middle_of(low, high);
        chain_value(chain->space, chain->node, chain->base, middle, &value);
        if (rises ? value >= limit : value <= limit) {
            *found = middle;
            any = true;
            if (middle == INT64_MIN) break;
            high = middle - 1;
        } else {
            if (middle == INT64_MAX) break;
            low = middle + 1;
        }
    }
    return any;
}

void condition_order_formulas(struct space *space, uint32_t slot, enum atom_kind kind, const struct intervals *holds,
                              const struct intervals *fails, const struct node *node, formula *in, formula *out)
{
    struct atom atom = {.kind = kind, .slot = slot, .holds = *holds, .fails = *fails, .node = node};
    if (kind == ATOM_ORDER && !space->slots[slot].can_miss) {
        struct intervals rest = intervals_not(space->arena, holds, space->slots[slot].lowest,
                                              space->slots[slot].highest);
        atom.two_valued = intervals_same(&rest, fails);
    }
    uint32_t index = atom_intern(space, &atom);
    *in = formula_literal(space, index, SAYS_HOLDS);
    *out = formula_literal(space, index, SAYS_FAILS);
}

static formula count_inside(struct space *space, uint32_t set, const struct intervals *intervals)
{
    formula result = FORMULA_FALSE;
    for (size_t i = 0; i < intervals->count; i++) {
        int64_t from = intervals->items[i].from <= 0 ? 0 : (intervals->items[i].from + NUMBER_ONE - 1) / NUMBER_ONE;
        if (intervals->items[i].to < 0) continue;
        int64_t to = intervals->items[i].to / NUMBER_ONE;
        if (from > to) continue;
        formula part = set_at_least(space, set, from);
        part = formula_and(space, part, formula_not(space, set_at_least(space, set, to + 1)));
        result = formula_or(space, result, part);
    }
    return result;
}

/* The newest (highest) or oldest (lowest) of a set lies in the intervals: one there, none beyond. */
static formula extreme_inside(struct space *space, uint32_t set, uint32_t line, bool highest,
                              const struct intervals *intervals)
{
    formula result = FORMULA_FALSE;
    for (size_t i = 0; i < intervals->count; i++) {
        int64_t from = intervals->items[i].from, to = intervals->items[i].to;
        formula part;
        if (highest) {
            part = set_at_least(space, set_refine(space, set, line, from, INT64_MAX), 1);
            if (to < INT64_MAX)
                part = formula_and(
                    space, part,
                    formula_not(space, set_at_least(space, set_refine(space, set, line, to + 1, INT64_MAX), 1)));
        } else {
            part = set_at_least(space, set_refine(space, set, line, INT64_MIN, to), 1);
            if (from > INT64_MIN)
                part = formula_and(
                    space, part,
                    formula_not(space, set_at_least(space, set_refine(space, set, line, INT64_MIN, from - 1), 1)));
        }
        result = formula_or(space, result, part);
    }
    return result;
}

static bool base_formulas(struct space *space, const struct node *base, const struct intervals *holds,
                          const struct intervals *fails, const struct node *node, formula *in, formula *out)
{
    uint32_t set;
    switch (base->kind) {
    case NODE_FIELD:
    case NODE_EVENT_FIELD:
        condition_order_formulas(space, condition_field_slot(space, base->index), ATOM_ORDER, holds, fails, node, in,
                                 out);
        return true;
    case NODE_AT:
        condition_order_formulas(space, condition_at_slot(space), ATOM_ORDER, holds, fails, node, in, out);
        return true;
    case NODE_SCORE:
        condition_order_formulas(space, condition_score_slot(space, base->index), ATOM_ORDER, holds, fails, node, in,
                                 out);
        return true;
    case NODE_LENGTH: {
        uint32_t slot = condition_field_slot(space, base->left->index);
        if (space->slots[slot].kind != SLOT_TEXT) return false;
        condition_order_formulas(space, slot, ATOM_LENGTH, holds, fails, node, in, out);
        return true;
    }
    case NODE_COUNT_LIST:
        condition_order_formulas(space, condition_field_slot(space, base->left->index), ATOM_SIZE, holds, fails, node,
                                 in, out);
        return true;
    case NODE_COUNT:
        set = condition_set(space, base->set);
        if (set == NO_INDEX) return false;
        *in = count_inside(space, set, holds);
        *out = count_inside(space, set, fails);
        return true;
    case NODE_FIRST:
    case NODE_LAST:
        set = condition_set(space, base->set);
        if (set == NO_INDEX) return false;
        *in = extreme_inside(space, set, REFINE_AT, base->kind == NODE_LAST, holds);
        *out = extreme_inside(space, set, REFINE_AT, base->kind == NODE_LAST, fails);
        return true;
    case NODE_AGGREGATE:
        set = condition_set(space, base->set);
        if (set == NO_INDEX || base->set->event == NO_INDEX) return false;
        *in = extreme_inside(space, set, base->left->index, base->aggregate == AGGREGATE_MAX, holds);
        *out = extreme_inside(space, set, base->left->index, base->aggregate == AGGREGATE_MAX, fails);
        return true;
    default: return false;
    }
}

static void base_line(const struct space *space, const struct node *base, int64_t *low, int64_t *high)
{
    *low = INT64_MIN;
    *high = INT64_MAX;
    if (base->type == TYPE_DATE) {
        *low = INSTANT_MIN;
        *high = INSTANT_MAX;
    }
    if (base->kind == NODE_AT || base->kind == NODE_FIRST || base->kind == NODE_LAST) *high = space->now;
    if (base->kind == NODE_COUNT || base->kind == NODE_COUNT_LIST || base->kind == NODE_LENGTH) {
        *low = 0;
        *high = INT64_C(1) << 50;
    }
    if (base->kind == NODE_SCORE) {
        *low = space->model->scores[base->index].lowest;
        *high = space->model->scores[base->index].highest;
    }
}

bool value_between(struct space *space, const struct node *node, int64_t from, int64_t to, formula *in, formula *out)
{
    int64_t constant;
    if (condition_constant_of(space, node, &constant)) {
        *in = constant >= from && constant <= to ? FORMULA_TRUE : FORMULA_FALSE;
        *out = *in == FORMULA_TRUE ? FORMULA_FALSE : FORMULA_TRUE;
        return true;
    }
    const struct node *base = chain_base(space, node);
    if (!base) return false;
    struct chain chain = {space, node, base};
    int64_t low, high, value;
    base_line(space, base, &low, &high);
    int64_t anchor = low > 0 ? low : high < 0 ? high : 0;
    if (!chain_value(space, node, base, anchor, &value)) return false;
    low = known_edge(&chain, anchor, low);
    high = known_edge(&chain, anchor, high);
    bool rises = chain_rises(space, node, base);
    struct intervals inside = {0}, all = {0};
    intervals_add(space->arena, &all, low, high);
    int64_t first, beyond;
    if (from <= to && first_beyond(&chain, rises, rises ? from : to, low, high, &first)) {
        int64_t last = high;
        bool open = rises ? to == INT64_MAX : from == INT64_MIN;
        if (!open && first_beyond(&chain, rises, rises ? to + 1 : from - 1, low, high, &beyond))
            last = beyond == INT64_MIN ? beyond : beyond - 1;
        if (!(last < first)) intervals_add(space->arena, &inside, first, last);
    }
    struct intervals outside = intervals_not(space->arena, &inside, low, high);
    return base_formulas(space, base, &inside, &outside, node, in, out);
}

formula value_known(struct space *space, const struct node *node)
{
    formula in, out;
    if (value_between(space, node, INT64_MIN, INT64_MAX, &in, &out)) return formula_or(space, in, out);
    uint32_t slot = condition_opaque_slot(space, node, true, "it looks at more than one value");
    return formula_literal(
        space,
        atom_intern(space, &(struct atom){.kind = ATOM_KNOWN, .slot = slot, .two_valued = true, .inexact = true}),
        SAYS_HOLDS);
}
