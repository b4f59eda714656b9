/* A second reader of JSON, to test the first against: recursive, byte by byte, builds a tree.  It is as plain as the
   grammar in RFC 8259 and shares nothing with vm/input/json.c. */
#ifndef RUBRIC_TESTS_SIMPLE_JSON_H
#define RUBRIC_TESTS_SIMPLE_JSON_H

#include <string.h>

#include "vm/input/raw.h"
#include "vm/limits.h"

struct simple {
    enum raw_kind kind; const char *start, *end;        /* strings with their quotes */
    struct text name;                                   /* decoded, when it is a member */
    struct simple *first, *last, *next;                 /* elements or members */
};
struct simple_parser { const char *at, *end; struct arena *arena; unsigned depth; };

static struct simple *simple_value(struct simple_parser *p);

static void simple_space(struct simple_parser *p)
{
    while (p->at < p->end && strchr(" \t\r\n", *p->at) && *p->at)
        p->at++;
}

static bool simple_take(struct simple_parser *p, char c)
{
    if (p->at == p->end || *p->at != c)
        return false;
    p->at++;
    return true;
}

static bool simple_hex(struct simple_parser *p, unsigned *code)
{
    *code = 0;
    for (int i = 0; i < 4; i++) {
        const char *digits = "0123456789abcdef0123456789ABCDEF", *found;
        if (p->at == p->end || !*p->at || !(found = strchr(digits, *p->at)))
            return false;
        *code = *code * 16 + (unsigned)(found - digits) % 16;
        p->at++;
    }
    return true;
}

/* Decodes into `out`. */
static bool simple_string(struct simple_parser *p, struct buffer *out)
{
    if (!simple_take(p, '"'))
        return false;
    while (p->at < p->end && *p->at != '"') {
        unsigned char c = (unsigned char)*p->at++;
        if (c < 0x20)
            return false;
        if (c != '\\') {
            buffer_char(out, (char)c);
            continue;
        }
        if (p->at == p->end)
            return false;
        char escape = *p->at++;
        const char *plain = "\"\\/bfnrt", *means = "\"\\/\b\f\n\r\t", *found = strchr(plain, escape);
        if (escape && found) {
            buffer_char(out, means[found - plain]);
            continue;
        }
        unsigned code, low;
        if (escape != 'u' || !simple_hex(p, &code))
            return false;
        if (code >= 0xD800 && code <= 0xDFFF) {
            if (code >= 0xDC00 || !simple_take(p, '\\') || !simple_take(p, 'u') || !simple_hex(p, &low) || low < 0xDC00
                || low > 0xDFFF)
                return false;
            code = 0x10000 + (code - 0xD800) * 0x400 + (low - 0xDC00);
        }
        char bytes[4];
        buffer_add(out, bytes, utf8_encode(code, bytes));
    }
    return simple_take(p, '"');
}

static bool simple_digits(struct simple_parser *p)
{
    const char *start = p->at;
    while (p->at < p->end && *p->at >= '0' && *p->at <= '9')
        p->at++;
    return p->at > start;
}

static bool simple_number(struct simple_parser *p)
{
    simple_take(p, '-');
    if (!simple_take(p, '0') && !simple_digits(p))
        return false;
    if (simple_take(p, '.') && !simple_digits(p))
        return false;
    if (p->at < p->end && (*p->at == 'e' || *p->at == 'E')) {
        p->at++;
        if (!simple_take(p, '+'))
            simple_take(p, '-');
        return simple_digits(p);
    }
    return true;
}

static bool simple_word(struct simple_parser *p, const char *word)
{
    size_t length = strlen(word);
    if ((size_t)(p->end - p->at) < length || memcmp(p->at, word, length) != 0)
        return false;
    p->at += length;
    return true;
}

static bool simple_children(struct simple_parser *p, struct simple *parent, char close)
{
    if (++p->depth > LIMIT_JSON_DEPTH)
        return false;
    p->at++;
    simple_space(p);
    while (!simple_take(p, close)) {
        if (parent->first && !simple_take(p, ','))
            return false;
        simple_space(p);
        struct buffer name = {0};
        buffer_text(&name, "");
        bool named = close != '}' || simple_string(p, &name);
        struct text kept = {arena_copy(p->arena, name.data, name.length), (uint32_t)name.length};
        buffer_free(&name);
        simple_space(p);
        if (!named || (close == '}' && !simple_take(p, ':')))
            return false;
        simple_space(p);
        struct simple *child = simple_value(p);
        if (!child)
            return false;
        child->name = kept;
        if (parent->last)
            parent->last->next = child;
        else
            parent->first = child;
        parent->last = child;
        simple_space(p);
    }
    p->depth--;
    return true;
}

static struct simple *simple_value(struct simple_parser *p)
{
    struct simple *value = arena_alloc(p->arena, sizeof *value);
    value->start = p->at;
    struct buffer ignored = {0};
    bool fine = p->at < p->end;
    switch (fine ? *p->at : 'x') {
    case '{': value->kind = RAW_OBJECT; fine = simple_children(p, value, '}'); break;
    case '[': value->kind = RAW_ARRAY; fine = simple_children(p, value, ']'); break;
    case '"':
        fine = simple_string(p, &ignored);
        value->kind = memchr(value->start, '\\', (size_t)(p->at - value->start)) ? RAW_ESCAPED : RAW_TEXT;
        break;
    case 't': value->kind = RAW_TRUE; fine = simple_word(p, "true"); break;
    case 'f': value->kind = RAW_FALSE; fine = simple_word(p, "false"); break;
    case 'n': value->kind = RAW_NULL; fine = simple_word(p, "null"); break;
    default: value->kind = RAW_NUMBER; fine = fine && simple_number(p); break;
    }
    buffer_free(&ignored);
    value->end = p->at;
    return fine ? value : NULL;
}

/* NULL when it is no JSON. */
static struct simple *simple_parse(struct arena *arena, const char *text, size_t length)
{
    struct simple_parser p = {text, text + length, arena, 0};
    if (!utf8_valid(text, length))
        return NULL;
    simple_space(&p);
    struct simple *value = simple_value(&p);
    simple_space(&p);
    return p.at == p.end ? value : NULL;
}

/* The last member of the name, or NULL. */
static const struct simple *simple_member(const struct simple *object, const char *name, size_t length)
{
    const struct simple *found = NULL;
    if (!object || object->kind != RAW_OBJECT)
        return NULL;
    for (const struct simple *member = object->first; member; member = member->next) {
        if (member->name.length == length && memcmp(member->name.bytes, name, length) == 0)
            found = member;
    }
    return found;
}

__attribute__((unused)) static const struct simple *simple_path(const struct simple *object, const char *path)
{
    for (const char *dot; (dot = strchr(path, '.')); path = dot + 1)
        object = simple_member(object, path, (size_t)(dot - path));
    return simple_member(object, path, strlen(path));
}

__attribute__((unused)) static struct raw simple_raw(const struct simple *value)
{
    if (!value)
        return (struct raw){0};
    bool string = value->kind == RAW_TEXT || value->kind == RAW_ESCAPED;
    return (struct raw){value->start + string, (uint32_t)(value->end - value->start - 2 * string),
                        (uint8_t)value->kind};
}

#endif
