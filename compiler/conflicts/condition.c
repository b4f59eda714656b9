#include "compiler/conflicts/space.h"

#include <stdlib.h>
#include <string.h>

#include "vm/limits.h"
#include "vm/number.h"

/* ---- slots of fields, scores, events -------------------------------------------------------------------- */

static const struct model_field *field_facts(const struct space *space, uint32_t index)
{
    return space->of_events ? &space->model->events[space->event].fields[index] : &space->model->fields[index];
}

static uint32_t field_slot(struct space *space, uint32_t index)
{
    size_t count = space->of_events ? space->model->events[space->event].field_count : space->model->field_count;
    if (!space->field_slots) {
        space->field_slots = arena_alloc(space->arena, (count + 1) * sizeof *space->field_slots);
        for (size_t i = 0; i < count; i++) space->field_slots[i] = NO_INDEX;
    }
    if (space->field_slots[index] != NO_INDEX) return space->field_slots[index];
    const struct model_field *field = field_facts(space, index);
    static const enum slot_kind kinds[] = {
        [FIELD_TEXT] = SLOT_TEXT,    [FIELD_NUMBER] = SLOT_ORDERED, [FIELD_YESNO] = SLOT_CHOICE,
        [FIELD_DATE] = SLOT_ORDERED, [FIELD_LIST] = SLOT_LIST,      [FIELD_ONEOF] = SLOT_CHOICE};
    uint32_t slot = slot_new(space, kinds[field->type], ORIGIN_FIELD, index);
    struct slot *facts = &space->slots[slot];
    facts->date = field->type == FIELD_DATE;
    facts->yes_no = field->type == FIELD_YESNO;
    if (facts->date) {
        facts->lowest = INSTANT_MIN;
        facts->highest = INSTANT_MAX;
    }
    if (field->type == FIELD_ONEOF) {
        facts->options = arena_alloc(space->arena, field->option_count * sizeof *facts->options);
        for (size_t i = 0; i < field->option_count; i++) {
            uint32_t length;
            facts->options[i].bytes = text_fold_copy(space->arena, field->options[i].bytes, field->options[i].length,
                                                     &length);
            facts->options[i].length = length;
        }
        facts->option_count = field->option_count;
    }
    return space->field_slots[index] = slot;
}

static uint32_t at_slot(struct space *space)
{
    if (space->at_slot != NO_INDEX) return space->at_slot;
    uint32_t slot = slot_new(space, SLOT_ORDERED, ORIGIN_AT, 0);
    space->slots[slot].can_miss = false;
    space->slots[slot].date = true;
    space->slots[slot].lowest = INSTANT_MIN;
    space->slots[slot].highest = space->now;
    space->slots[slot].varied = true;
    return space->at_slot = slot;
}

static uint32_t score_slot(struct space *space, uint32_t index)
{
    if (!space->score_slots) {
        space->score_slots = arena_alloc(space->arena, (space->model->score_count + 1) * sizeof *space->score_slots);
        for (size_t i = 0; i < space->model->score_count; i++) space->score_slots[i] = NO_INDEX;
    }
    if (space->score_slots[index] != NO_INDEX) return space->score_slots[index];
    uint32_t slot = slot_new(space, SLOT_ORDERED, ORIGIN_SCORE, index);
    space->slots[slot].can_miss = false;
    space->slots[slot].lowest = space->model->scores[index].lowest;
    space->slots[slot].highest = space->model->scores[index].highest;
    return space->score_slots[index] = slot;
}

static uint32_t stage_slot(struct space *space)
{
    if (space->stage_slot != NO_INDEX) return space->stage_slot;
    uint32_t slot = slot_new(space, SLOT_CHOICE, ORIGIN_STAGE, 0);
    space->slots[slot].can_miss = false;
    space->slots[slot].option_count = space->model->stage_count + 1;
    return space->stage_slot = slot;
}

static bool set_is_activity(const struct event_set *set) { return set && set->event == NO_INDEX; }

static bool uses_activity(const struct node *node)
{
    if (!node) return false;
    return set_is_activity(node->set) || uses_activity(node->left) || uses_activity(node->right);
}

/* Types of event that `activity` joins share a slot, so that what one condition says of all is what another says of
 * one. */
static void event_slots_make(struct space *space)
{
    const struct model *model = space->model;
    space->event_slots = arena_alloc(space->arena, (model->event_count + 1) * sizeof *space->event_slots);
    bool joined = false;
    for (size_t i = 0; i < model->rule_count && !joined; i++) {
        const struct model_rule *rule = &model->rules[i];
        joined = uses_activity(rule->when) || uses_activity(rule->points.value) || set_is_activity(rule->points.set);
        for (size_t j = 0; j < rule->points.row_count; j++) joined |= uses_activity(rule->points.rows[j].condition);
    }
    for (size_t i = 0; i < model->stage_count && !joined; i++)
        joined = uses_activity(model->stages[i].when) || uses_activity(model->stages[i].stay);
    for (size_t i = 0; i < model->action_count && !joined; i++) joined = uses_activity(model->actions[i].when);
    joined |= uses_activity(model->outcome);
    uint32_t shared = NO_INDEX;
    for (uint32_t event = 0; event < model->event_count; event++) {
        bool shares = joined && model->events[event].activity;
        uint32_t slot = shares ? shared : NO_INDEX;
        if (slot == NO_INDEX) {
            slot = slot_new(space, SLOT_EVENTS, ORIGIN_EVENTS, event);
            space->slots[slot].events = arena_alloc(space->arena, model->event_count * sizeof(uint32_t));
            space->slots[slot].can_miss = false;
            if (shares) shared = slot;
        }
        space->slots[slot].events[space->slots[slot].event_count++] = event;
        space->event_slots[event] = slot;
    }
    space->event_spaces = arena_alloc(space->arena, (model->event_count + 1) * sizeof *space->event_spaces);
    for (uint32_t event = 0; event < model->event_count; event++) {
        struct space *inner = space_new(model, space->arena, space->now);
        inner->of_events = true;
        inner->event = event;
        space->event_spaces[event] = inner;
    }
}

/* ---- what cannot be expressed --------------------------------------------------------------------------- */

static bool node_same(const struct node *a, const struct node *b)
{
    if (a == b) return true;
    if (!a || !b || a->kind != b->kind || a->number != b->number || a->count != b->count || a->unit != b->unit ||
        a->index != b->index || a->event != b->event || a->which != b->which || a->comparison != b->comparison ||
        a->aggregate != b->aggregate || a->predicate != b->predicate || a->text_count != b->text_count ||
        a->number_count != b->number_count || a->text.length != b->text.length)
        return false;
    if (a->text.length && memcmp(a->text.bytes, b->text.bytes, a->text.length) != 0) return false;
    for (size_t i = 0; i < a->text_count; i++)
        if (a->texts[i].length != b->texts[i].length ||
            memcmp(a->texts[i].bytes, b->texts[i].bytes, a->texts[i].length) != 0)
            return false;
    for (size_t i = 0; i < a->number_count; i++)
        if (a->numbers[i] != b->numbers[i]) return false;
    if (!a->set != !b->set) return false;
    if (a->set && (a->set->event != b->set->event || a->set->window != b->set->window ||
                   a->set->count != b->set->count || a->set->unit != b->set->unit ||
                   !node_same(a->set->where, b->set->where) || !node_same(a->set->date, b->set->date)))
        return false;
    return node_same(a->left, b->left) && node_same(a->right, b->right);
}

/* What an opaque condition looks at gets slots too, and more values than its own cuts ask for: leads are tried with
 * them. */
static void look_inside(struct space *space, const struct node *node)
{
    if (!node) return;
    if (node->kind == NODE_FIELD && !space->of_events) {
        uint32_t slot = field_slot(space, node->index);
        if (!space->frozen) space->slots[slot].varied = true;
    }
    if (node->set && !space->of_events) {
        if (!space->event_slots) event_slots_make(space);
        for (uint32_t event = 0; event < space->model->event_count; event++)
            if (!space->frozen && (node->set->event == event || node->set->event == NO_INDEX)) {
                space->slots[space->event_slots[event]].varied = true;
                at_slot(space->event_spaces[event]);
            }
        look_inside(space, node->set->where);
        look_inside(space, node->set->date);
    }
    look_inside(space, node->left);
    look_inside(space, node->right);
}

static uint32_t opaque_slot(struct space *space, const struct node *node, bool number, const char *why)
{
    for (uint32_t i = 0; i < space->slot_count; i++)
        if (space->slots[i].opaque && (space->slots[i].kind == SLOT_ORDERED) == number &&
            node_same(space->slots[i].node, node))
            return i;
    uint32_t slot = slot_new(space, number ? SLOT_ORDERED : SLOT_CHOICE, ORIGIN_OPAQUE, 0);
    space->slots[slot].opaque = true;
    space->slots[slot].yes_no = !number;
    space->slots[slot].date = number && node->type == TYPE_DATE;
    space->slots[slot].node = node;
    space->slots[slot].why = why;
    look_inside(space, node);
    return slot;
}

static void opaque_condition(struct space *space, const struct node *node, const char *why, formula *in, formula *out)
{
    uint32_t slot = opaque_slot(space, node, false, why);
    uint32_t atom = atom_intern(space, &(struct atom){.kind = ATOM_YES, .slot = slot, .inexact = true, .node = node});
    *in = formula_literal(space, atom, SAYS_HOLDS);
    *out = formula_literal(space, atom, SAYS_FAILS);
}

/* ---- sets of events ------------------------------------------------------------------------------------- */

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

static formula in_order(struct space *space, uint32_t slot, int64_t from, int64_t to)
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

static bool constant_of(const struct space *space, const struct node *node, int64_t *value)
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
    if (!space->event_slots) event_slots_make(space);
    const struct model *model = space->model;
    uint32_t slot = NO_INDEX;
    for (uint32_t event = 0; event < model->event_count && slot == NO_INDEX; event++)
        if (set->event == event || (set->event == NO_INDEX && model->events[event].activity))
            slot = space->event_slots[event];
    if (slot == NO_INDEX) return NO_INDEX;
    int64_t from = INSTANT_MIN, to = space->now, date = 0;
    if ((set->window == WINDOW_SINCE || set->window == WINDOW_BEFORE) && !constant_of(space, set->date, &date))
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
        member[i] = in_order(inner, at_slot(inner), from, to);
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
        uint32_t line = field_or_at == REFINE_AT ? at_slot(inner) : field_slot(inner, field_or_at);
        member[i] = formula_and(inner, member[i], in_order(inner, line, from, to));
    }
    return set_intern(space, slot, member, space->sets[set].inexact);
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

/* ---- numbers and dates that look at one thing ----------------------------------------------------------- */

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
        if (constant_of(space, node->right, &value)) return chain_base(space, node->left);
        if (constant_of(space, node->left, &value)) return chain_base(space, node->right);
        return NULL;
    case NODE_DIVIDE:
        return constant_of(space, node->right, &value) && value != 0 ? chain_base(space, node->left) : NULL;
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
    if (constant_of(space, node, value)) return true;
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
        return constant_of(space, node->left, &value) ? !chain_rises(space, node->right, base)
                                                      : chain_rises(space, node->left, base);
    case NODE_ADD:
    case NODE_MULTIPLY:
    case NODE_DIVIDE: {
        bool left = constant_of(space, node->left, &value);
        if (!left && !constant_of(space, node->right, &value)) return true;
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

static void order_formulas(struct space *space, uint32_t slot, enum atom_kind kind, const struct intervals *holds,
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
        order_formulas(space, field_slot(space, base->index), ATOM_ORDER, holds, fails, node, in, out);
        return true;
    case NODE_AT: order_formulas(space, at_slot(space), ATOM_ORDER, holds, fails, node, in, out); return true;
    case NODE_SCORE:
        order_formulas(space, score_slot(space, base->index), ATOM_ORDER, holds, fails, node, in, out);
        return true;
    case NODE_LENGTH: {
        uint32_t slot = field_slot(space, base->left->index);
        if (space->slots[slot].kind != SLOT_TEXT) return false;
        order_formulas(space, slot, ATOM_LENGTH, holds, fails, node, in, out);
        return true;
    }
    case NODE_COUNT_LIST:
        order_formulas(space, field_slot(space, base->left->index), ATOM_SIZE, holds, fails, node, in, out);
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
    if (constant_of(space, node, &constant)) {
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
    uint32_t slot = opaque_slot(space, node, true, "it looks at more than one value");
    return formula_literal(
        space,
        atom_intern(space, &(struct atom){.kind = ATOM_KNOWN, .slot = slot, .two_valued = true, .inexact = true}),
        SAYS_HOLDS);
}

/* ---- texts ---------------------------------------------------------------------------------------------- */

static bool own_field(const struct space *space, const struct node *node)
{
    return node->kind == (space->of_events ? NODE_EVENT_FIELD : NODE_FIELD);
}

static bool option_fits(const struct node *node, struct text option)
{
    struct atom atom = {
        .kind = ATOM_TEXT, .predicate = node->predicate, .texts = node->texts, .text_count = node->text_count};
    if (node->predicate == TEXT_IS) atom.text_count = 0;
    for (size_t i = 0; i < node->text_count && node->predicate == TEXT_IS; i++)
        if (node->texts[i].length == option.length && memcmp(node->texts[i].bytes, option.bytes, option.length) == 0)
            return true;
    struct value value = {.known = true, .raw = option, .folded = option};
    return atom_truth(NULL, &atom, &value) == 1;
}

static bool text_formulas(struct space *space, const struct node *node, formula *in, formula *out)
{
    bool domain = node->left->kind == NODE_DOMAIN;
    const struct node *source = domain ? node->left->left : node->left;
    if (!own_field(space, source)) return false;
    uint32_t slot = field_slot(space, source->index);
    if (space->slots[slot].kind == SLOT_CHOICE) { /* `one of`: the options it fits */
        struct intervals holds = {0}, fails = {0};
        if (domain) return false;
        for (size_t i = 0; i < space->slots[slot].option_count; i++) {
            struct text option = text_predicate_is_raw(node->predicate) ? field_facts(space, source->index)->options[i]
                                                                        : space->slots[slot].options[i];
            bool fits = option_fits(node, option);
            intervals_add(space->arena, fits ? &holds : &fails, (int64_t)i, (int64_t)i);
        }
        order_formulas(space, slot, ATOM_ORDER, &holds, &fails, node, in, out);
        return true;
    }
    if (space->slots[slot].kind != SLOT_TEXT ||
        (text_predicate_is_raw(node->predicate) && node->predicate != TEXT_EXACTLY))
        return false;
    struct atom atom = {.kind = ATOM_TEXT,
                        .slot = slot,
                        .predicate = node->predicate,
                        .domain = domain,
                        .texts = node->texts,
                        .text_count = node->text_count,
                        .raw_texts = node->raw_texts,
                        .node = node,
                        .loose = NO_INDEX};
    if (text_predicate_is_raw(node->predicate)) { /* what it implies without regard to case */
        static const enum text_predicate looser[] = {TEXT_IS, TEXT_CONTAINS, TEXT_STARTS, TEXT_ENDS};
        struct atom loose = {.kind = ATOM_TEXT,
                             .slot = slot,
                             .predicate = looser[node->predicate - TEXT_EXACTLY],
                             .domain = domain,
                             .text_count = node->text_count,
                             .texts = arena_alloc(space->arena, (node->text_count + 1) * sizeof *loose.texts),
                             .loose = NO_INDEX};
        for (size_t i = 0; i < node->text_count; i++)
            loose.texts[i].bytes = text_fold_copy(space->arena, node->texts[i].bytes, node->texts[i].length,
                                                  &loose.texts[i].length);
        atom.loose = atom_intern(space, &loose);
    }
    uint32_t index = atom_intern(space, &atom);
    *in = formula_literal(space, index, SAYS_HOLDS);
    *out = formula_literal(space, index, SAYS_FAILS);
    return true;
}

/* ---- conditions ----------------------------------------------------------------------------------------- */

static void both(struct space *space, const struct node *node, formula *in, formula *out);

static formula known_formula(struct space *space, const struct node *value, const struct node *node)
{
    formula in, out;
    if (value->type == TYPE_CONDITION) {
        both(space, value, &in, &out);
        return formula_or(space, in, out);
    }
    if (own_field(space, value)) {
        uint32_t slot = field_slot(space, value->index);
        return formula_literal(
            space,
            atom_intern(space, &(struct atom){.kind = ATOM_KNOWN, .slot = slot, .two_valued = true, .node = node}),
            SAYS_HOLDS);
    }
    if (value->kind == NODE_DOMAIN && own_field(space, value->left)) {
        uint32_t slot = field_slot(space, value->left->index);
        return formula_literal(
            space,
            atom_intern(space,
                        &(struct atom){.kind = ATOM_DOMAIN_KNOWN, .slot = slot, .two_valued = true, .node = node}),
            SAYS_HOLDS);
    }
    if (value->type == TYPE_NUMBER || value->type == TYPE_DATE) return value_known(space, value);
    if (value->kind == NODE_TEXT) return FORMULA_TRUE;
    opaque_condition(space, node, "it looks at more than one value", &in, &out);
    return in;
}

static void compare_formulas(struct space *space, const struct node *node, formula *in, formula *out)
{
    static const enum comparison mirrored[] = {COMPARE_EQ, COMPARE_NE, COMPARE_GT, COMPARE_GE, COMPARE_LT, COMPARE_LE};
    const struct node *value = node->left;
    enum comparison comparison = node->comparison;
    int64_t limit;
    *in = *out = FORMULA_FALSE;
    if (node->left->kind == NODE_MISSING || node->right->kind == NODE_MISSING) return;
    if (!constant_of(space, node->right, &limit)) {
        if (!constant_of(space, node->left, &limit)) {
            opaque_condition(space, node, "it compares two values of the lead with each other", in, out);
            return;
        }
        value = node->right;
        comparison = mirrored[comparison];
    }
    int64_t from = INT64_MIN, to = INT64_MAX;
    bool empty = false;
    switch (comparison) {
    case COMPARE_EQ:
    case COMPARE_NE: from = to = limit; break;
    case COMPARE_GE: from = limit; break;
    case COMPARE_LE: to = limit; break;
    case COMPARE_GT:
        empty = limit == INT64_MAX;
        from = empty ? limit : limit + 1;
        break;
    case COMPARE_LT:
        empty = limit == INT64_MIN;
        to = empty ? limit : limit - 1;
        break;
    }
    if (empty) {
        from = 1;
        to = 0;
    }
    bool done = comparison == COMPARE_NE ? value_between(space, value, from, to, out, in)
                                         : value_between(space, value, from, to, in, out);
    if (done) return;
    uint32_t slot = opaque_slot(space, value, true, "it looks at more than one value");
    struct intervals holds = {0};
    intervals_add(space->arena, &holds, from, to);
    struct intervals fails = intervals_not(space->arena, &holds, INT64_MIN, INT64_MAX);
    if (comparison == COMPARE_NE) {
        struct intervals swap = holds;
        holds = fails;
        fails = swap;
    }
    order_formulas(space, slot, ATOM_ORDER, &holds, &fails, node, in, out);
}

static void label_formulas(struct space *space, const struct model_band *band, const struct model_label *label,
                           formula *in)
{
    *in = in_order(space, score_slot(space, band->score), label->has_from ? label->from : INT64_MIN,
                   label->has_below ? label->below - 1 : INT64_MAX);
}

static void both(struct space *space, const struct node *node, formula *in, formula *out)
{
    const struct model *model = space->model;
    formula left_in, left_out, right_in, right_out;
    *in = *out = FORMULA_FALSE;
    switch (node->kind) {
    case NODE_TRUE: *in = FORMULA_TRUE; return;
    case NODE_FALSE: *out = FORMULA_TRUE; return;
    case NODE_AND:
    case NODE_OR:
        both(space, node->left, &left_in, &left_out);
        both(space, node->right, &right_in, &right_out);
        *in = node->kind == NODE_AND ? formula_and(space, left_in, right_in) : formula_or(space, left_in, right_in);
        *out = node->kind == NODE_AND ? formula_or(space, left_out, right_out)
                                      : formula_and(space, left_out, right_out);
        return;
    case NODE_NOT: both(space, node->left, out, in); return;
    case NODE_IF_KNOWN:
        both(space, node->left, &left_in, &left_out);
        both(space, node->right, &right_in, &right_out);
        right_in = formula_or(space, right_in, right_out);
        *in = formula_and(space, left_in, right_in);
        *out = formula_and(space, left_out, right_in);
        return;
    case NODE_KNOWN:
        *in = known_formula(space, node->left, node);
        *out = formula_not(space, *in);
        return;
    case NODE_FIELD:
    case NODE_EVENT_FIELD:
        if (own_field(space, node)) {
            uint32_t atom = atom_intern(
                space, &(struct atom){.kind = ATOM_YES, .slot = field_slot(space, node->index), .node = node});
            *in = formula_literal(space, atom, SAYS_HOLDS);
            *out = formula_literal(space, atom, SAYS_FAILS);
            return;
        }
        break;
    case NODE_COMPARE: compare_formulas(space, node, in, out); return;
    case NODE_IN: {
        *out = FORMULA_TRUE;
        bool done = true;
        for (size_t i = 0; i < node->number_count && done; i++) {
            done = value_between(space, node->left, node->numbers[i], node->numbers[i], &left_in, &left_out);
            if (!done) break;
            *in = formula_or(space, *in, left_in);
            *out = formula_and(space, *out, left_out);
        }
        if (done) return;
        break;
    }
    case NODE_WITHIN:
        if (value_between(space, node->left, instant_step(space->now, -node->count, node->unit) + 1, space->now, in,
                          out))
            return;
        break;
    case NODE_TEXT_TEST:
        if (text_formulas(space, node, in, out)) return;
        break;
    case NODE_LIST_TEST:
        if (own_field(space, node->left)) {
            struct atom atom = {.kind = ATOM_ELEMENT,
                                .slot = field_slot(space, node->left->index),
                                .texts = node->texts,
                                .text_count = node->text_count,
                                .raw_texts = node->raw_texts,
                                .node = node};
            uint32_t index = atom_intern(space, &atom);
            *in = formula_literal(space, index, SAYS_HOLDS);
            *out = formula_literal(space, index, SAYS_FAILS);
            return;
        }
        break;
    case NODE_HAS: {
        uint32_t set = condition_set(space, node->set);
        if (set == NO_INDEX) break;
        int64_t n = node->number;
        switch (node->comparison) {
        case COMPARE_GE: *in = set_at_least(space, set, n); break;
        case COMPARE_GT: *in = set_at_least(space, set, n + 1); break;
        case COMPARE_LT: *in = formula_not(space, set_at_least(space, set, n)); break;
        case COMPARE_LE: *in = formula_not(space, set_at_least(space, set, n + 1)); break;
        case COMPARE_EQ:
        case COMPARE_NE:
            *in = formula_and(space, set_at_least(space, set, n), formula_not(space, set_at_least(space, set, n + 1)));
            if (node->comparison == COMPARE_NE) *in = formula_not(space, *in);
            break;
        }
        *out = formula_not(space, *in);
        return;
    }
    case NODE_DISQUALIFIED:
        if (space->of_events) break;
        for (size_t i = 0; i < model->rule_count; i++)
            if (model->rules[i].disqualifies)
                *in = formula_or(space, *in,
                                 model->rules[i].when ? condition_holds(space, model->rules[i].when) : FORMULA_TRUE);
        *out = formula_not(space, *in);
        return;
    case NODE_BAND_IS:
        label_formulas(space, &model->bands[node->index], &model->bands[node->index].labels[node->which], in);
        *out = formula_not(space, *in);
        return;
    case NODE_MATRIX_IS: {
        const struct model_matrix *matrix = &model->matrices[node->index];
        const struct model_band *rows = &model->bands[matrix->rows_band],
                                *columns = &model->bands[matrix->columns_band];
        for (size_t r = 0; r < rows->label_count; r++)
            for (size_t c = 0; c < columns->label_count; c++) {
                const char *cell = matrix->cells[r * columns->label_count + c];
                if (!text_same((struct text){cell, (uint32_t)strlen(cell)}, node->texts[0])) continue;
                label_formulas(space, rows, &rows->labels[r], &left_in);
                label_formulas(space, columns, &columns->labels[c], &right_in);
                *in = formula_or(space, *in, formula_and(space, left_in, right_in));
            }
        *out = formula_not(space, *in);
        return;
    }
    case NODE_STAGE_IS: {
        struct intervals holds = {0};
        intervals_add(space->arena, &holds, node->which, node->which);
        struct intervals fails = intervals_not(space->arena, &holds, 0, (int64_t)model->stage_count);
        struct atom atom = {
            .kind = ATOM_ORDER, .slot = stage_slot(space), .two_valued = true, .holds = holds, .fails = fails};
        *in = formula_literal(space, atom_intern(space, &atom), SAYS_HOLDS);
        *out = formula_not(space, *in);
        return;
    }
    default: break;
    }
    const char *why = node->kind == NODE_TEXT_TEST && text_predicate_is_raw(node->predicate)
                          ? "it looks at a part of a text byte for byte"
                      : node->set || (node->left && node->left->set) ? "its events depend on other values of the lead"
                      : space->of_events                             ? "it compares an event with a value of the lead"
                                                                     : "it looks at more than one value";
    opaque_condition(space, node, why, in, out);
}

formula condition_holds(struct space *space, const struct node *node)
{
    formula in, out;
    both(space, node, &in, &out);
    return in;
}

formula condition_fails(struct space *space, const struct node *node)
{
    formula in, out;
    both(space, node, &in, &out);
    return out;
}
