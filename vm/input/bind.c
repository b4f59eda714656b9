#include "vm/input/bind.h"

#include <stdlib.h>
#include <string.h>

void bind_field(struct bound_field *bound, struct plan *plan, struct arena *arena, const struct program *program,
                const struct program_field *field, uint32_t problems)
{
    field_facts_init(&bound->facts, arena, program, field);
    bound->binding = plan_bind(plan, program, field);
    bound->problems = problems;
    bound->plain_text = field->type == FIELD_TEXT && field->missing.count == 0;
}

enum converted bind_pick(const struct bound_field *bound, const struct plan *plan, struct converter *converter,
                         struct typed *typed, struct raw *raw, const char **reason)
{
    const uint32_t *order = plan->order + bound->binding.first;
    for (uint32_t i = 0; i < bound->binding.count; i++) {
        *raw = plan_get(plan, order[i]);
        if (raw->kind <= RAW_NULL)
            continue;
        enum converted converted = convert_value(converter, &bound->facts, *raw, typed, reason);
        if (converted != CONVERT_MISSING)
            return converted;
    }
    return CONVERT_MISSING;
}

static const struct program_field at_field = {.name = "at", .type = FIELD_DATE};

void event_binder_init(struct event_binder *binder, struct plan *plan, struct arena *arena,
                       const struct program *program)
{
    *binder = (struct event_binder){.program = program, .plan = plan};
    plan_want(plan, "type");
    binder->type_slot = plan->order[plan->order_count - 1];
    bind_field(&binder->at, plan, arena, program, &at_field, NO_INDEX);
    plan_init(&binder->types);
    binder->events = arena_alloc(arena, program->event_count * sizeof *binder->events);
    for (uint32_t e = 0; e < program->event_count; e++) {
        const struct program_event *event = &program->events[e];
        struct bound_event *bound = &binder->events[e];
        plan_add_key(&binder->types, binder->types.root, event->name, strlen(event->name))->slot = e;
        bound->wanted = event->used || (program->uses_activity && event->activity);
        if (!bound->wanted)
            continue;
        bound->count = event->fields.count;
        bound->fields = arena_alloc(arena, bound->count * sizeof *bound->fields);
        for (uint32_t f = 0; f < bound->count; f++) {
            uint32_t index = event->fields.start + f;
            bind_field(&bound->fields[f], plan, arena, program, &program->event_fields[index],
                       program->field_count + index);
        }
    }
}

void event_binder_free(struct event_binder *binder)
{
    if (binder->types.root)
        plan_free(&binder->types);
    free(binder->undeclared);
}

static struct plan_key *add_undeclared(struct event_binder *binder, struct text type)
{
    if (binder->undeclared_count == EVENT_TYPES_NAMED)
        return NULL;
    struct plan_key *key = plan_add_key(&binder->types, binder->types.root, type.bytes, type.length);
    key->slot = binder->program->event_count + (uint32_t)binder->undeclared_count;
    memory_reserve(&binder->undeclared, &binder->undeclared_capacity, binder->undeclared_count + 1,
                   sizeof *binder->undeclared);
    binder->undeclared[binder->undeclared_count++] = key->name;
    return key;
}

enum event_found event_binder_look(struct event_binder *binder, struct converter *converter, uint32_t *event,
                                   int64_t *at, struct raw *raw, const char **reason)
{
    *raw = plan_get(binder->plan, binder->type_slot);
    if (raw->kind <= RAW_NULL) {
        *reason = "an event without a type";
        return EVENT_WITHOUT_TYPE;
    }
    if (raw->kind != RAW_TEXT && raw->kind != RAW_ESCAPED && raw->kind != RAW_DOUBLED) {
        *reason = "the type of an event is a text";
        return EVENT_WITHOUT_TYPE;
    }
    struct text type = {raw->bytes, raw->length};
    if (raw->kind != RAW_TEXT) {
        memory_reserve(&converter->decoded.data, &converter->decoded.capacity, (size_t)raw->length + 1, 1);
        type = raw_text(*raw, converter->decoded.data);
    }
    const struct plan_key *key = raw->kind == RAW_TEXT ? plan_find_padded(binder->types.root, type.bytes, type.length)
                                                       : plan_find_key(binder->types.root, type.bytes, type.length);
    if (!key) {
        type = text_trim(type);
        if (type.length == 0) {
            *reason = "an event without a type";
            return EVENT_WITHOUT_TYPE;
        }
        key = plan_find_key(binder->types.root, type.bytes, type.length);
        if (!key)
            key = add_undeclared(binder, type);
    }
    uint32_t known = binder->program->event_count;
    *event = key ? key->slot : known + EVENT_TYPES_NAMED;
    if (*event >= known) {
        *event -= known;
        return EVENT_UNDECLARED;
    }
    if (!binder->events[*event].wanted)
        return EVENT_UNUSED;
    const struct raw *time = bind_first(&binder->at, binder->plan);
    if (time && time->kind == RAW_TEXT && convert_instant(time->bytes, time->length, converter->options.dates, at))
        return EVENT_USABLE;
    struct typed typed;
    enum converted converted = bind_pick(&binder->at, binder->plan, converter, &typed, raw, reason);
    if (converted == CONVERTED) {
        *at = typed.number;
        return EVENT_USABLE;
    }
    if (converted == CONVERT_MISSING)
        *reason = "an event without a time";
    return EVENT_WITHOUT_TIME;
}
