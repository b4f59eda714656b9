#include "compiler/conflicts/condition_parts.h"

#include <stdlib.h>
#include <string.h>

#include "vm/limits.h"
#include "vm/number.h"

/* ---- slots of fields, scores, events -------------------------------------------------------------------- */

const struct model_field *condition_field_facts(const struct space *space, uint32_t index)
{
    return space->of_events ? &space->model->events[space->event].fields[index] : &space->model->fields[index];
}

uint32_t condition_field_slot(struct space *space, uint32_t index)
{
    size_t count = space->of_events ? space->model->events[space->event].field_count : space->model->field_count;
    if (!space->field_slots) {
        space->field_slots = arena_alloc(space->arena, (count + 1) * sizeof *space->field_slots);
        for (size_t i = 0; i < count; i++) space->field_slots[i] = NO_INDEX;
    }
    if (space->field_slots[index] != NO_INDEX) return space->field_slots[index];
    const struct model_field *field = condition_field_facts(space, index);
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

uint32_t condition_at_slot(struct space *space)
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

uint32_t condition_score_slot(struct space *space, uint32_t index)
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

uint32_t condition_stage_slot(struct space *space)
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
void condition_event_slots(struct space *space)
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
        uint32_t slot = condition_field_slot(space, node->index);
        if (!space->frozen) space->slots[slot].varied = true;
    }
    if (node->set && !space->of_events) {
        if (!space->event_slots) condition_event_slots(space);
        for (uint32_t event = 0; event < space->model->event_count; event++)
            if (!space->frozen && (node->set->event == event || node->set->event == NO_INDEX)) {
                space->slots[space->event_slots[event]].varied = true;
                condition_at_slot(space->event_spaces[event]);
            }
        look_inside(space, node->set->where);
        look_inside(space, node->set->date);
    }
    look_inside(space, node->left);
    look_inside(space, node->right);
}

uint32_t condition_opaque_slot(struct space *space, const struct node *node, bool number, const char *why)
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

void condition_opaque(struct space *space, const struct node *node, const char *why, formula *in, formula *out)
{
    uint32_t slot = condition_opaque_slot(space, node, false, why);
    uint32_t atom = atom_intern(space, &(struct atom){.kind = ATOM_YES, .slot = slot, .inexact = true, .node = node});
    *in = formula_literal(space, atom, SAYS_HOLDS);
    *out = formula_literal(space, atom, SAYS_FAILS);
}
