/* The fields of a program tied to the slots of a plan: which value counts, and what it is.  Shared by the reader of
   leads and the reader of events in files of their own. */
#ifndef RUBRIC_VM_INPUT_BIND_H
#define RUBRIC_VM_INPUT_BIND_H

#include "vm/input/convert.h"
#include "vm/input/plan.h"

struct bound_field {
    struct field_facts facts; struct plan_binding binding;
    uint32_t problems;                                          /* index of its field_problems */
    bool plain_text;                            /* a text without placeholders: most are taken as they stand */
};
void bind_field(struct bound_field *bound, struct plan *plan, struct arena *arena, const struct program *program,
                const struct program_field *field, uint32_t problems);
/* The first of its slots that holds something: converted, or bad (*raw and *reason say what); CONVERT_MISSING when none
   does. */
enum converted bind_pick(const struct bound_field *bound, const struct plan *plan, struct converter *converter,
                         struct typed *typed, struct raw *raw, const char **reason);

/* The first of its slots that holds anything but null; NULL when none does. */
static inline const struct raw *bind_first(const struct bound_field *bound, const struct plan *plan)
{
    const uint32_t *order = plan->order + bound->binding.first;
    for (uint32_t i = 0; i < bound->binding.count; i++) {
        const struct plan_slot *slot = &plan->slots[order[i]];
        if (slot->record == plan->record && slot->raw.kind > RAW_NULL)
            return &slot->raw;
    }
    return NULL;
}

/* Whether it is the value of the field just as it stands: what bind_pick would say, without its calls. */
static inline bool bind_is_plain(const struct bound_field *bound, const struct raw *raw)
{
    return bound->plain_text && raw->kind == RAW_TEXT && raw->length > 0 && (unsigned char)(raw->bytes[0] - '!') < 0x5E;
}

/* Numbers, dates, true and false as they mostly are; false: ask bind_pick. */
static inline bool bind_quick(const struct bound_field *bound, const struct raw *raw,
                              const struct convert_options *options, struct typed *typed)
{
    bool text = raw->kind == RAW_TEXT && bound->facts.missing_count == 0;
    typed->borrowed = true;
    switch ((enum field_type)bound->facts.field->type) {
    case FIELD_NUMBER:
        return (text || raw->kind == RAW_NUMBER)
               && convert_number(raw->bytes, raw->length, options->decimal_comma && text, &typed->number);
    case FIELD_DATE:
        return text && convert_instant(raw->bytes, raw->length, options->dates, &typed->number);
    case FIELD_YESNO:
        typed->yes = raw->kind == RAW_TRUE;
        return typed->yes || raw->kind == RAW_FALSE || (text && convert_yesno(raw->bytes, raw->length, &typed->yes));
    default:
        return false;
    }
}

struct bound_event { bool wanted; struct bound_field *fields; uint32_t count; };
enum event_found {
    EVENT_USABLE,
    EVENT_UNUSED /* declared, no rule looks at it */,
    EVENT_UNDECLARED,
    EVENT_WITHOUT_TYPE,
    EVENT_WITHOUT_TIME
};
#define EVENT_TYPES_NAMED 1000u                 /* undeclared types that are counted apart; the rest together */
struct event_binder {
    const struct program *program; struct plan *plan;
    struct bound_event *events;                                 /* one for each event of the program */
    uint32_t type_slot; struct bound_field at;
    struct plan types;                          /* name → event index, or event_count + index into undeclared */
    const char **undeclared; size_t undeclared_count, undeclared_capacity;
};
/* Wants "type", "at" and the fields of all events in use. */
void event_binder_init(struct event_binder *binder, struct plan *plan, struct arena *arena,
                       const struct program *program);
void event_binder_free(struct event_binder *binder);
/* Looks at the event in the slots.  *event: its index; of EVENT_UNDECLARED an index into binder->undeclared,
   EVENT_TYPES_NAMED when there are too many.  *raw, *reason: what is wrong with its type or time. */
enum event_found event_binder_look(struct event_binder *binder, struct converter *converter, uint32_t *event,
                                   int64_t *at, struct raw *raw, const char **reason);

#endif
