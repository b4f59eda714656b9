#include "tests/oracle/parts.h"

#include <string.h>

struct value value_condition(bool holds)
{
    return (struct value){ .kind = VALUE_CONDITION, .known = true, .holds = holds };
}
struct value value_number(int64_t units)
{
    return (struct value){ .kind = VALUE_NUMBER, .known = true, .number = units };
}
struct value value_date(int64_t instant)
{
    return (struct value){ .kind = VALUE_DATE, .known = true, .number = instant };
}

struct value value_text(enum value_kind kind, struct text text)
{
    return (struct value){ .kind = kind, .known = text_trim(text).length > 0, .text = text };
}

struct value value_missing(enum value_kind kind, struct reason *reasons)
{
    return (struct value){ .kind = kind, .known = false, .reasons = reasons };
}

struct reason *reason_one(struct arena *arena, const char *name)
{
    struct reason *reason = arena_alloc(arena, sizeof *reason);
    reason->name = name;
    return reason;
}

/* Copies, so that lists may be shared; each name stays once, where it was read first. */
struct reason *reasons_join(struct arena *arena, const struct reason *first, const struct reason *then)
{
    struct reason *joined = NULL, **tail = &joined;
    for (int part = 0; part < 2; part++)
        for (const struct reason *reason = part ? then : first; reason; reason = reason->next) {
            bool there = false;
            for (const struct reason *before = joined; before; before = before->next)
                there = there || strcmp(before->name, reason->name) == 0;
            if (there)
                continue;
            *tail = reason_one(arena, reason->name);
            tail = &(*tail)->next;
        }
    return joined;
}

bool value_same(struct value a, struct value b)
{
    if (a.kind == VALUE_CONDITION)
        return a.holds == b.holds;
    if (a.kind == VALUE_NUMBER || a.kind == VALUE_DATE)
        return a.number == b.number;
    return text_same(a.text, b.text);
}
