#include "tests/oracle/parts.h"

#include <string.h>

static bool is_placeholder(const struct literal_list *placeholders, struct text text)
{
    for (; placeholders; placeholders = placeholders->next)
        if (text_same(text, (struct text){ placeholders->literal.bytes, placeholders->literal.length }))
            return true;
    return false;
}

static bool is_word(struct text text, const char *word)
{
    return text_same(text, (struct text){ word, (uint32_t)strlen(word) });
}

static enum value_kind kind_of(enum field_type type)
{
    switch (type) {
    case FIELD_TEXT: case FIELD_ONEOF: return VALUE_TEXT;
    case FIELD_NUMBER: return VALUE_NUMBER;
    case FIELD_YESNO: return VALUE_CONDITION;
    case FIELD_DATE: return VALUE_DATE;
    case FIELD_LIST: return VALUE_LIST;
    }
    return VALUE_TEXT;
}

struct elements { struct text *items; size_t count, capacity; };

/* What is empty after trimming is missing, in lists too; the field's own placeholders as well. */
static void element_add(struct arena *arena, struct elements *elements, const struct tree_field *field,
                        struct text text)
{
    if (text_trim(text).length > 0 && !is_placeholder(field->missing, text))
        *VERDICT_ADD(arena, *elements) = text;
}

static struct value list_value(struct arena *arena, const struct tree_field *field, const struct json *json)
{
    struct elements elements = { 0 };
    if (json->kind == JSON_ARRAY) {
        for (const struct json *child = json->children; child; child = child->next) {
            if (child->kind == JSON_TEXT || child->kind == JSON_NUMBER)
                element_add(arena, &elements, field, child->text);
            else if (child->kind != JSON_NULL)
                return value_missing(VALUE_LIST, NULL);         /* does not fit */
        }
    } else {
        const char *at = json->text.bytes, *end = at + json->text.length;
        while (at <= end) {                                     /* one text: its parts between semicolons */
            const char *stop = at;
            while (stop < end && *stop != ';')
                stop++;
            element_add(arena, &elements, field, (struct text){ at, (uint32_t)(stop - at) });
            at = stop + 1;
        }
    }
    return (struct value){
        .kind = VALUE_LIST, .known = elements.count > 0, .elements = elements.items, .element_count = elements.count
    };
}

/* Whether the value is there and not empty; the next name is tried when it is not. */
static bool is_there(const struct json *json, const struct tree_field *field, const struct literal_list *head)
{
    if (!json || json->kind == JSON_NULL)
        return false;
    if (json->kind == JSON_TEXT)
        return text_trim(json->text).length > 0 && !is_placeholder(field->missing, json->text) &&
               !is_placeholder(head, json->text);
    return true;
}

static bool is_empty_list(struct arena *arena, const struct tree_field *field, const struct json *json)
{
    for (const struct json *child = json->children; child; child = child->next)
        if (child->kind != JSON_TEXT && child->kind != JSON_NUMBER && child->kind != JSON_NULL)
            return false;                                       /* not empty, but it does not fit */
    return !list_value(arena, field, json).known;
}

/* A value that does not fit its field counts as missing. */
static struct value typed_value(struct arena *arena, const struct tree_field *field, const struct json *json)
{
    struct value missing = value_missing(kind_of(field->type), NULL);
    struct text trimmed = text_trim(json->text);
    int64_t number;
    if (json->kind == JSON_OBJECT || (json->kind == JSON_ARRAY && field->type != FIELD_LIST))
        return missing;
    if (json->kind == JSON_YES || json->kind == JSON_NO)
        return field->type == FIELD_YESNO ? value_condition(json->kind == JSON_YES) : missing;
    switch (field->type) {
    case FIELD_TEXT:
        return value_text(VALUE_TEXT, json->text);
    case FIELD_ONEOF:
        for (const struct literal_list *option = field->options; option; option = option->next)
            if (text_same(json->text, (struct text){ option->literal.bytes, option->literal.length }))
                return value_text(VALUE_TEXT, json->text);
        return missing;
    case FIELD_NUMBER:
        return number_parse(trimmed.bytes, trimmed.length, &number, NULL) ? value_number(number) : missing;
    case FIELD_YESNO:
        if (is_word(trimmed, "yes") || is_word(trimmed, "ja") || is_word(trimmed, "true") || is_word(trimmed, "1"))
            return value_condition(true);
        if (is_word(trimmed, "no") || is_word(trimmed, "nein") || is_word(trimmed, "false") || is_word(trimmed, "0"))
            return value_condition(false);
        return missing;
    case FIELD_DATE:
        return json->kind == JSON_TEXT && instant_parse(trimmed.bytes, trimmed.length, DATES_ISO_ONLY, &number)
                   ? value_date(number)
                   : missing;
    case FIELD_LIST:
        return list_value(arena, field, json);
    }
    return missing;
}

static bool is_usable(struct arena *arena, const struct tree_field *field, const struct literal_list *head,
                      const struct json *json)
{
    if (!is_there(json, field, head))
        return false;                                           /* a list without elements is missing */
    return json->kind != JSON_ARRAY || field->type != FIELD_LIST || !is_empty_list(arena, field, json);
}

struct naming { struct arena *arena; const struct tree_field *field; const struct literal_list *head; };

/* The exact member `a.b` goes before the path a → b; the first that is there and not empty. */
static const struct json *member_find(const struct naming *naming, const struct json *object, const char *name,
                                      size_t length)
{
    const struct json *found = json_member(object, name, length);
    if (is_usable(naming->arena, naming->field, naming->head, found))
        return found;
    found = NULL;
    for (size_t dot = 0; !found && dot < length; dot++)
        if (name[dot] == '.') {
            const struct json *inner = json_member(object, name, dot);
            found = inner && inner->kind == JSON_OBJECT ? member_find(naming, inner, name + dot + 1, length - dot - 1)
                                                        : NULL;
        }
    return found;
}

static struct value field_value(struct arena *arena, const struct tree_field *field, const struct literal_list *head,
                                const struct json *record)
{
    struct naming naming = { arena, field, head };
    struct value value = value_missing(kind_of(field->type), NULL);
    const struct json *json = NULL;
    if (!field->from)
        json = member_find(&naming, record, field->name.text, strlen(field->name.text));
    for (const struct literal_list *from = field->from; from && !json; from = from->next)
        json = member_find(&naming, record, from->literal.bytes, from->literal.length);
    if (json)
        value = typed_value(arena, field, json);
    value.reasons = reason_one(arena, field->name.text);        /* of a known text too: its domain may be missing */
    return value;
}

static bool text_equals(struct text text, const char *name)
{
    return text.length == strlen(name) && memcmp(text.bytes, name, text.length) == 0;
}

/* Events after now have not happened yet; one without a usable time is left out; undeclared types are nobody's. */
static void event_read(struct oracle *oracle, const struct json *record, int64_t now, size_t order, struct lead *lead,
                       size_t *capacity)
{
    struct arena *arena = &oracle->lead_arena;
    const struct json *type = json_member(record, "type", 4), *at = json_member(record, "at", 2);
    struct event event = { .order = order };
    struct text trimmed;
    for (size_t i = 0; type && type->kind == JSON_TEXT && i < oracle->events.count; i++)
        if (text_equals(type->text, oracle->events.items[i]->name.text))
            event.type = oracle->events.items[i];
    if (!event.type || !at || at->kind != JSON_TEXT)
        return;
    trimmed = text_trim(at->text);
    if (!instant_parse(trimmed.bytes, trimmed.length, DATES_ISO_ONLY, &event.at) || event.at > now)
        return;
    size_t field_count = 0, index = 0;
    for (const struct tree_field *field = event.type->fields; field; field = field->next)
        field_count++;
    event.fields = arena_alloc(arena, (field_count + 1) * sizeof *event.fields);
    for (const struct tree_field *field = event.type->fields; field; field = field->next)
        event.fields[index++] = field_value(arena, field, NULL, record);
    lead->events = verdict_room(arena, lead->events, sizeof *lead->events, lead->event_count, capacity);
    lead->events[lead->event_count++] = event;
}

/* Oldest first; of two at one instant, the later in the record is newer. */
static void events_sort(struct lead *lead)
{
    for (size_t i = 1; i < lead->event_count; i++) {
        struct event event = lead->events[i];
        size_t to = i;
        for (; to > 0 && lead->events[to - 1].at > event.at; to--)
            lead->events[to] = lead->events[to - 1];
        lead->events[to] = event;
    }
}

/* The current stage is recognised by name or title, as texts compare. */
static size_t stage_recognise(const struct oracle *oracle, struct text text)
{
    for (size_t i = 0; i < oracle->stages.count; i++) {
        const struct declaration *stage = oracle->stages.items[i];
        if (is_word(text, stage->name.text))
            return i;
        if (stage->title.bytes && text_same(text, (struct text){ stage->title.bytes, stage->title.length }))
            return i;
    }
    return oracle->stages.count > 0 && is_word(text, "Disqualified") ? oracle->stages.count : SIZE_MAX;
}

void lead_read(struct oracle *oracle, const struct json *record, int64_t now, struct lead *lead)
{
    struct arena *arena = &oracle->lead_arena;
    *lead = (struct lead){ .key = "", .stage = SIZE_MAX };
    lead->fields = arena_alloc(arena, (oracle->fields.count + 1) * sizeof *lead->fields);
    for (size_t i = 0; i < oracle->fields.count; i++)
        lead->fields[i] =
            field_value(arena, oracle->fields.items[i].field, oracle->fields.items[i].block->missing, record);
    size_t order = 0, capacity = 0;
    const struct json *events = json_member(record, "events", 6);
    for (const struct json *event = events && events->kind == JSON_ARRAY ? events->children : NULL; event;
         event = event->next)
        event_read(oracle, event, now, order++, lead, &capacity);
    events_sort(lead);
    if (oracle->stage_field != SIZE_MAX && lead->fields[oracle->stage_field].known)
        lead->stage = stage_recognise(oracle, lead->fields[oracle->stage_field].text);
    if (oracle->key != SIZE_MAX && lead->fields[oracle->key].known) {
        const struct value *key = &lead->fields[oracle->key];
        char number[NUMBER_TEXT];
        if (key->kind == VALUE_TEXT) {
            struct text trimmed = text_trim(key->text);
            lead->key = arena_copy(arena, trimmed.bytes, trimmed.length);
        } else if (key->kind == VALUE_NUMBER) {
            lead->key = arena_copy(arena, number, number_format(key->number, number));
        }
    }
}
