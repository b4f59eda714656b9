#include "vm/input/json.h"

#include "vm/limits.h"

#include <stdlib.h>
#include <string.h>

static const char too_deep[] = "more than 1024 levels of brackets";

static const char *fail(struct json_reader *reader, const char *at, const char *reason)
{
    return scan_fail(&reader->scan, at, reason);
}

const char *json_skip_space(const struct json_reader *reader, const char *at)
{
    while (*at == ' ' || *at == '\t' || *at == '\r' || (*at == '\n' && !reader->lines))
        at++;
    return at;
}

static inline const char *skip_space(const struct json_reader *reader, const char *at)
{
    return (unsigned char)*at > ' ' ? at : json_skip_space(reader, at);
}

static const char *scan_word(struct json_reader *reader, const char *at, const char *word, size_t length)
{
    return memcmp(at, word, length) == 0 ? at + length : fail(reader, at, "a value is expected");
}

static const char *read_object(struct json_reader *reader, struct plan *plan, struct plan_node *node, const char *at,
                               unsigned depth);
static const char *read_array(struct json_reader *reader, const char *at, unsigned depth);

/* Any value; *raw says where it stands. */
static inline __attribute__((always_inline)) const char *read_value(struct json_reader *reader, const char *at,
                                                                    unsigned depth, struct raw *raw)
{
    const char *end;
    bool escaped = false;
    switch (*at) {
    case '"':
        end = scan_string(&reader->scan, at + 1, &escaped);
        if (!end)
            return NULL;
        *raw = (struct raw){at + 1, (uint32_t)(end - at - 1), escaped ? RAW_ESCAPED : RAW_TEXT};
        return end + 1;
    case '{': /* nobody wants its members, but they can be guessed all the same */
        end = read_object(reader, &reader->unwanted, reader->unwanted.root, at, depth);
        raw->kind = RAW_OBJECT;
        break;
    case '[':
        end = read_array(reader, at, depth);
        raw->kind = RAW_ARRAY;
        break;
    case 't': end = scan_word(reader, at, "true", 4); raw->kind = RAW_TRUE; break;
    case 'f': end = scan_word(reader, at, "false", 5); raw->kind = RAW_FALSE; break;
    case 'n': end = scan_word(reader, at, "null", 4); raw->kind = RAW_NULL; break;
    default: end = scan_number(&reader->scan, at); raw->kind = RAW_NUMBER; break;
    }
    if (!end)
        return NULL;
    raw->bytes = at;
    raw->length = (uint32_t)(end - at);
    return end;
}

/* A name with escapes is rare, and never longer than its escapes. */
struct plan_key *json_escaped_key(const struct plan_node *node, struct raw raw)
{
    char room[256], *decoded = raw.length < sizeof room ? room : memory_alloc((size_t)raw.length + 1);
    struct text name = raw_text(raw, decoded);
    struct plan_key *key = plan_find_key(node, name.bytes, name.length);
    if (decoded != room)
        free(decoded);
    return key;
}

/* `at` is the opening quote of a name; returns the first byte of the value. */
static const char *read_name(struct json_reader *reader, struct plan *plan, struct plan_node *node, const char *at,
                             struct plan_key **key)
{
    bool escaped = false;
    const char *end = scan_string(&reader->scan, at + 1, &escaped);
    if (!end)
        return NULL;
    struct raw name = {at + 1, (uint32_t)(end - at - 1), escaped ? RAW_ESCAPED : RAW_TEXT};
    if (escaped) {
        *key = json_escaped_key(node, name);
    } else {
        *key = plan_find_padded(node, name.bytes, name.length);
        if (!*key)
            *key = plan_learn_key(plan, node, name.bytes, name.length);
    }
    if (!*key)
        *key = &reader->nobody;
    at = skip_space(reader, end + 1);
    if (*at != ':')
        return fail(reader, at, "a colon is expected");
    return skip_space(reader, at + 1);
}

static const char *read_events(struct json_reader *reader, const char *at, unsigned depth);

static void forget_below(struct plan *plan, const struct plan_node *node)
{
    for (uint32_t i = 0; i < node->slot_count; i++)
        plan->slots[node->slots[i]].record = 0;
}

/* The value of a name that is looked into. */
static const char *read_inner(struct json_reader *reader, struct plan *plan, struct plan_key *key, const char *at,
                              unsigned depth, struct raw *raw)
{
    bool again = key->record == plan->record;
    key->record = plan->record;
    if (key->child && again)
        forget_below(plan, key->child);
    if (key->events && again)
        reader->events_again(reader->context);
    const char *end;
    if (key->child && *at == '{') {
        end = read_object(reader, plan, key->child, at, depth);
        raw->kind = RAW_OBJECT;
    } else if (key->events && *at == '[') {
        end = read_events(reader, at, depth);
        raw->kind = RAW_ARRAY;
    } else {
        end = read_value(reader, at, depth, raw);
        if (end && key->events && raw->kind != RAW_NULL)
            reader->event_bad(reader->context, *raw, "is no list of objects: events are one");
        return end;
    }
    raw->bytes = at;
    raw->length = end ? (uint32_t)(end - at) : 0;
    return end;
}

static const char *read_object(struct json_reader *reader, struct plan *plan, struct plan_node *node, const char *at,
                               unsigned depth)
{
    if (depth == LIMIT_JSON_DEPTH)
        return fail(reader, at, too_deep);
    struct plan_key *before = &node->start, *key;
    bool first = true;
    at++;
    for (;;) {
        if (plan_guess_fits(&before->next[0], at)) {
            key = before->next[0].key;
            at += before->next[0].length;
        } else if (plan_guess_fits(&before->next[1], at)) {
            const struct plan_guess *guess = plan_other_guess(plan, before);
            key = guess->key;
            at += guess->length;
        } else {
            const char *gap = at;
            at = skip_space(reader, at);
            if (*at == '}')
                return at + 1;
            if (!first) {
                if (*at != ',')
                    return fail(reader, at, "a comma or } is expected");
                at = skip_space(reader, at + 1);
            }
            if (*at != '"')
                return fail(reader, at, "a name in quotes is expected");
            at = read_name(reader, plan, node, at, &key);
            if (!at)
                return NULL;
            if (key != &reader->nobody && before != &reader->nobody)
                plan_learn_guess(plan, before, key, gap, at);
        }
        at = skip_space(reader, at);                    /* a guess may end where more white space stands this time */
        struct raw raw;
        if (key->child || key->events)
            at = read_inner(reader, plan, key, at, depth + 1, &raw);
        else
            at = read_value(reader, at, depth + 1, &raw);
        if (!at)
            return NULL;
        if (key->slot != NO_INDEX)
            plan_put(plan, key->slot, raw);
        if (*at == '}')
            return at + 1;
        before = key;
        first = false;
    }
}

/* An array that nobody looks into. */
static const char *read_array(struct json_reader *reader, const char *at, unsigned depth)
{
    if (depth == LIMIT_JSON_DEPTH)
        return fail(reader, at, too_deep);
    at = skip_space(reader, at + 1);
    if (*at == ']')
        return at + 1;
    for (;;) {
        struct raw raw;
        at = read_value(reader, at, depth + 1, &raw);
        if (!at)
            return NULL;
        at = skip_space(reader, at);
        if (*at == ']')
            return at + 1;
        if (*at != ',')
            return fail(reader, at, "a comma or ] is expected");
        at = skip_space(reader, at + 1);
    }
}

static const char *read_events(struct json_reader *reader, const char *at, unsigned depth)
{
    if (depth == LIMIT_JSON_DEPTH)
        return fail(reader, at, too_deep);
    at = skip_space(reader, at + 1);
    if (*at == ']')
        return at + 1;
    for (;;) {
        if (*at == '{') {
            plan_begin_record(reader->event);
            at = read_object(reader, reader->event, reader->event->root, at, depth + 1);
            if (!at)
                return NULL;
            reader->event_read(reader->context);
        } else {
            struct raw raw;
            at = read_value(reader, at, depth + 1, &raw);
            if (!at)
                return NULL;
            reader->event_bad(reader->context, raw, raw.kind == RAW_NULL ? "null is no event" : "is no event: an object is expected");
        }
        at = skip_space(reader, at);
        if (*at == ']')
            return at + 1;
        if (*at != ',')
            return fail(reader, at, "a comma or ] is expected");
        at = skip_space(reader, at + 1);
    }
}

const char *json_read_value(struct json_reader *reader, const char *at, unsigned depth, struct raw *raw)
{
    return read_value(reader, at, depth, raw);
}

const char *json_read_object(struct json_reader *reader, const char *at)
{
    plan_begin_record(reader->lead);
    if (*at != '{')
        return fail(reader, at, "a lead is an object: { is expected");
    return read_object(reader, reader->lead, reader->lead->root, at, 0);
}

void json_reader_init(struct json_reader *reader)
{
    *reader = (struct json_reader){.nobody.slot = NO_INDEX};
    plan_init(&reader->unwanted);
}

void json_reader_free(struct json_reader *reader)
{
    if (reader->unwanted.root)
        plan_free(&reader->unwanted);
}

void json_reader_set_lines(struct json_reader *reader, bool lines)
{
    if (lines != reader->lines) {                       /* what was learned may hold line breaks */
        plan_forget_guesses(&reader->unwanted);
        plan_forget_guesses(reader->lead);
        if (reader->event)
            plan_forget_guesses(reader->event);
    }
    reader->lines = lines;
}

bool json_validate(const char *bytes, size_t length, struct json_error *error)
{
    struct json_reader reader;
    json_reader_init(&reader);
    char *copy = memory_alloc(length + INPUT_PADDING);
    if (length > 0)
        memcpy(copy, bytes, length);
    struct raw raw;
    const char *start = skip_space(&reader, copy), *at = read_value(&reader, start, 0, &raw);
    if (at) {
        at = skip_space(&reader, at);
        if (at != copy + length)
            at = fail(&reader, at, "text after the value");
    }
    if (!at && error)
        *error = (struct json_error){(size_t)(reader.scan.error_at - copy), reader.scan.reason};
    free(copy);
    json_reader_free(&reader);
    return at != NULL;
}
