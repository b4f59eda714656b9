#include "compiler/conflicts/check.h"

#include <stdlib.h>
#include <string.h>

#include "compiler/format.h"
#include "vm/number.h"

/* ---- from a point of the space to a lead ---------------------------------------------------------------- */

static bool given_value(const struct space *space, const struct slot *slot, const struct value *value,
                        struct model_given *given)
{
    if (slot->origin != ORIGIN_FIELD || !value->known) return false;
    const struct model_field *field = space->of_events ? &space->model->events[space->event].fields[slot->index]
                                                       : &space->model->fields[slot->index];
    *given = (struct model_given){.field = slot->index};
    switch (field->type) {
    case FIELD_NUMBER:
    case FIELD_DATE: given->number = value->number; break;
    case FIELD_YESNO: given->yes = value->number == 1; break;
    case FIELD_ONEOF: given->text = field->options[value->number]; break;
    case FIELD_TEXT: given->text = value->raw; break;
    case FIELD_LIST:
        given->list = value->elements;
        given->list_count = value->element_count;
        break;
    }
    return true;
}

static struct model_given_event given_event(const struct check *check, const struct event_item *item)
{
    const struct space *inner = check->space->event_spaces[item->event];
    struct model_given_event given = {
        .event = item->event, .count = item->count, .at = check->options->as_of - MICROS_DAY};
    given.values = arena_alloc(check->arena, (inner->slot_count + 1) * sizeof *given.values);
    for (size_t slot = 0; slot < inner->slot_count; slot++) {
        const struct value *value = &inner->slots[slot].pool[item->values[slot]];
        if (inner->slots[slot].origin == ORIGIN_AT) given.at = value->number;
        else if (given_value(inner, &inner->slots[slot], value, &given.values[given.value_count])) given.value_count++;
    }
    return given;
}

/* How far apart events of a type stand so that `once a day` (week, month) counts each; 0: no rule asks. */
static int64_t apart_of(const struct check *check, uint32_t event)
{
    static const int64_t sizes[] = {
        [ONCE_NONE] = 0, [ONCE_DAY] = MICROS_DAY, [ONCE_WEEK] = MICROS_WEEK, [ONCE_MONTH] = 31 * MICROS_DAY};
    int64_t apart = 0;
    for (size_t i = 0; i < check->model->rule_count; i++) {
        const struct model_points *points = &check->model->rules[i].points;
        if (points->kind == POINTS_EACH && (points->set->event == event || points->set->event == NO_INDEX) &&
            sizes[points->once] > apart)
            apart = sizes[points->once];
    }
    return apart;
}

/* Whether an event at another time counts for everything that it counts for now. */
static bool same_time(const struct space *inner, int64_t a, int64_t b)
{
    if (inner->at_slot == NO_INDEX) return true;
    const struct slot *slot = &inner->slots[inner->at_slot];
    struct value left = {.known = true, .number = a}, right = {.known = true, .number = b};
    for (size_t i = 0; i < slot->atom_count; i++)
        if (atom_truth(inner, &inner->atoms[slot->atoms[i]], &left) !=
            atom_truth(inner, &inner->atoms[slot->atoms[i]], &right))
            return false;
    return true;
}

static void given_events(struct check *check, struct witness *witness, const struct event_item *item)
{
    struct model_given_event given = given_event(check, item);
    const struct space *inner = check->space->event_spaces[item->event];
    int64_t apart = item->count > 1 && item->count <= 400 ? apart_of(check, item->event) : 0, at = given.at;
    size_t room = apart > 0 ? (size_t)item->count : 1;
    struct model_given_event *events = arena_alloc(check->arena, (witness->event_count + room + 4) * sizeof *events);
    if (witness->event_count > 0) memcpy(events, witness->events, witness->event_count * sizeof *events);
    witness->events = events;
    int64_t left = item->count;
    while (apart > 0 && left > 1 && at - apart > INSTANT_MIN && same_time(inner, given.at, at - apart)) {
        events[witness->event_count] = given;
        events[witness->event_count].count = 1;
        events[witness->event_count++].at = at;
        at -= apart;
        left--;
    }
    given.count = left;
    events[witness->event_count] = given;
    events[witness->event_count++].at = at;
}

static int compare_fields(const void *a, const void *b)
{
    const struct model_given *left = a, *right = b;
    return left->field < right->field ? -1 : left->field > right->field;
}

struct witness *witness_aged(struct check *check, const uint32_t *values)
{
    static const int64_t ages[] = {15000, 3000, 1000, 300, 89, 59, 29, 13, 6};
    const struct space *space = check->space;
    struct witness *witness = witness_of(check, values);
    size_t at = 0;
    for (size_t slot = 0; slot < space->slot_count; slot++) {
        const struct value *value = &space->slots[slot].pool[values[slot]];
        for (size_t i = 0; i < value->event_count; i++) {
            struct model_given_event given = given_event(check, &value->events[i]);
            const struct space *inner = space->event_spaces[given.event];
            for (size_t age = 0; age < sizeof ages / sizeof *ages; age++)
                if (same_time(inner, given.at, check->options->as_of - ages[age] * MICROS_DAY)) {
                    given.at = check->options->as_of - ages[age] * MICROS_DAY;
                    break;
                }
            witness->events[at++] = given;
        }
    }
    witness->event_count = at;
    return witness;
}

struct witness *witness_of(struct check *check, const uint32_t *values)
{
    const struct space *space = check->space;
    struct witness *witness = arena_alloc(check->arena, sizeof *witness);
    witness->as_of = check->options->as_of;
    witness->stage = NO_INDEX;
    witness->fields = arena_alloc(check->arena, (space->slot_count + 1) * sizeof *witness->fields);
    for (size_t slot = 0; slot < space->slot_count; slot++) {
        const struct value *value = &space->slots[slot].pool[values[slot]];
        if (given_value(space, &space->slots[slot], value, &witness->fields[witness->field_count]))
            witness->field_count++;
    }
    qsort(witness->fields, witness->field_count, sizeof *witness->fields, compare_fields);
    for (size_t slot = 0; slot < space->slot_count; slot++) {
        const struct value *value = &space->slots[slot].pool[values[slot]];
        for (size_t i = 0; i < value->event_count; i++) given_events(check, witness, &value->events[i]);
    }
    return witness;
}

void witness_add_event(struct check *check, struct witness *witness, uint32_t event, int64_t at)
{
    struct model_given_event *events = arena_alloc(check->arena, (witness->event_count + 4) * sizeof *events);
    if (witness->event_count > 0) memcpy(events, witness->events, witness->event_count * sizeof *events);
    events[witness->event_count++] = (struct model_given_event){.event = event, .count = 1, .at = at};
    witness->events = events;
}

struct witness *witness_for(struct check *check, formula f, enum answer *answer)
{
    uint32_t *values = memory_alloc((check->space->slot_count + 1) * sizeof *values);
    *answer = space_solve(check->space, f, true, values);
    struct witness *witness = *answer == ANSWER_YES ? witness_of(check, values) : NULL;
    free(values);
    return witness;
}

struct observation *observation_new(struct check *check)
{
    const struct model *model = check->model;
    struct observation *seen = arena_alloc(check->arena, sizeof *seen);
    seen->scores = arena_alloc(check->arena, (model->score_count + 1) * sizeof *seen->scores);
    seen->labels = arena_alloc(check->arena, (model->band_count + 1) * sizeof *seen->labels);
    seen->rules = arena_alloc(check->arena, (model->rule_count + 1) * sizeof *seen->rules);
    seen->points = arena_alloc(check->arena, (model->rule_count + 1) * sizeof *seen->points);
    return seen;
}

/* ---- as clauses of a test ------------------------------------------------------------------------------- */

void check_write_name(struct buffer *out, const char *before, const char *name, const char *after)
{
    buffer_text(out, before);
    format_name(name, out);
    buffer_text(out, after);
}

static void write_value(const struct model_field *field, const struct model_given *given, struct buffer *out)
{
    char text[NUMBER_TEXT > INSTANT_TEXT ? NUMBER_TEXT : INSTANT_TEXT];
    format_name(field->name.text, out);
    buffer_char(out, ' ');
    switch (field->type) {
    case FIELD_NUMBER:
        number_format(given->number, text);
        buffer_text(out, text);
        break;
    case FIELD_DATE:
        instant_format_day(given->number, text);
        buffer_text(out, text);
        break;
    case FIELD_YESNO: buffer_text(out, given->yes ? "yes" : "no"); break;
    case FIELD_TEXT:
    case FIELD_ONEOF: format_literal(given->text.bytes, given->text.length, out); break;
    case FIELD_LIST:
        buffer_char(out, '(');
        for (size_t i = 0; i < given->list_count; i++) {
            if (i > 0) buffer_text(out, ", ");
            format_literal(given->list[i].bytes, given->list[i].length, out);
        }
        buffer_char(out, ')');
        break;
    }
}

static void write_time(int64_t as_of, int64_t at, struct buffer *out)
{
    static const int64_t sizes[] = {MICROS_DAY, MICROS_HOUR, MICROS_MINUTE};
    static const enum time_unit units[] = {UNIT_DAY, UNIT_HOUR, UNIT_MINUTE};
    int64_t age = as_of - at;
    if (age == 0) return;
    for (size_t i = 0; i < 3; i++) {
        if (age % sizes[i] != 0) continue;
        int64_t count = age / sizes[i];
        if (i == 0 && count > 4000) break;
        buffer_format(out, " %lld %s ago", (long long)count, time_unit_name(units[i], count != 1));
        return;
    }
    char text[INSTANT_TEXT];
    instant_format_day(at, text);
    buffer_format(out, " at %s", text);
}

static void write_event(const struct model *model, const struct witness *witness, const struct model_given_event *event,
                        struct buffer *out)
{
    const struct model_event *facts = &model->events[event->event];
    if (event->count != 1) buffer_format(out, "%lld ", (long long)event->count);
    format_name(facts->name.text, out);
    for (size_t i = 0; i < event->value_count; i++) {
        buffer_text(out, i > 0 ? ", " : " ");
        write_value(&facts->fields[event->values[i].field], &event->values[i], out);
    }
    write_time(witness->as_of, event->at, out);
}

void witness_write(const struct model *model, const struct witness *witness, struct buffer *out)
{
    char text[INSTANT_TEXT];
    instant_format_day(witness->as_of, text);
    buffer_format(out, "  as of %s\n", text);
    for (size_t i = 0; i < witness->field_count; i++) {
        buffer_text(out, i == 0 ? "  given " : ", ");
        write_value(&model->fields[witness->fields[i].field], &witness->fields[i], out);
    }
    if (witness->field_count > 0) buffer_char(out, '\n');
    for (size_t i = 0; i < witness->event_count; i++) {
        buffer_text(out, "  given ");
        write_event(model, witness, &witness->events[i], out);
        buffer_char(out, '\n');
    }
    if (witness->stage < model->stage_count)
        check_write_name(out, "  given stage ", model->stages[witness->stage].name.text, "\n");
}

const char *check_lead_text(struct check *check, const struct witness *witness)
{
    struct buffer out = {0};
    for (size_t i = 0; i < witness->field_count; i++) {
        if (out.length > 0) buffer_text(&out, ", ");
        write_value(&check->model->fields[witness->fields[i].field], &witness->fields[i], &out);
    }
    for (size_t i = 0; i < witness->event_count; i++) {
        if (out.length > 0) buffer_text(&out, ", ");
        write_event(check->model, witness, &witness->events[i], &out);
    }
    const char *copy = out.length > 0 ? arena_copy(check->arena, out.data, out.length)
                                      : "any lead, even one about which nothing is known";
    buffer_free(&out);
    return copy;
}
