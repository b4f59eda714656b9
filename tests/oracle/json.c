#include "tests/oracle/json.h"

#include <string.h>

struct reader { const char *at, *end; struct arena *arena; bool wrong; };

static void spaces_pass(struct reader *reader)
{
    while (reader->at < reader->end && strchr(" \t\r\n", *reader->at) && *reader->at)
        reader->at++;
}

static bool sign_take(struct reader *reader, char sign)
{
    spaces_pass(reader);
    if (reader->at == reader->end || *reader->at != sign)
        return false;
    reader->at++;
    return true;
}

static uint32_t hex_read(struct reader *reader)
{
    uint32_t value = 0;
    for (int digit = 0; digit < 4 && reader->at < reader->end; digit++, reader->at++) {
        const char *digits = "0123456789abcdef", *found = strchr(digits, *reader->at | 0x20);
        if (!found) {
            reader->wrong = true;
            return 0;
        }
        value = value * 16 + (uint32_t)(found - digits);
    }
    return value;
}

static void escape_read(struct reader *reader, struct buffer *out)
{
    char letter = *reader->at++;
    const char *letters = "nrtbf", *meanings = "\n\r\t\b\f", *found = strchr(letters, letter);
    if (letter != 'u') {
        buffer_char(out, found && letter ? meanings[found - letters] : letter);
        return;
    }
    uint32_t point = hex_read(reader);
    if (point >= 0xD800 && point < 0xDC00 && reader->end - reader->at >= 6 && reader->at[0] == '\\') {
        reader->at += 2;
        point = 0x10000 + ((point - 0xD800) << 10) + (hex_read(reader) - 0xDC00);
    }
    char encoded[4];
    buffer_add(out, encoded, utf8_encode(point, encoded));
}

static struct text text_read(struct reader *reader)
{
    struct buffer out = { 0 };
    while (reader->at < reader->end && *reader->at != '"') {
        if (*reader->at != '\\') {
            buffer_char(&out, *reader->at++);
            continue;
        }
        reader->at++;
        if (reader->at == reader->end)
            break;
        escape_read(reader, &out);
    }
    if (!sign_take(reader, '"'))
        reader->wrong = true;
    struct text text = { arena_copy(reader->arena, out.data ? out.data : "", out.length), (uint32_t)out.length };
    buffer_free(&out);
    return text;
}

static struct json *value_read(struct reader *reader);

static void children_read(struct reader *reader, struct json *parent, char close)
{
    if (sign_take(reader, close))
        return;
    struct json **tail = &parent->children;
    do {
        struct text name = { "", 0 };
        if (parent->kind == JSON_OBJECT) {
            if (!sign_take(reader, '"')) {
                reader->wrong = true;
                return;
            }
            name = text_read(reader);
            if (!sign_take(reader, ':'))
                reader->wrong = true;
        }
        struct json *child = value_read(reader);
        child->name = name;
        *tail = child;
        tail = &child->next;
    } while (!reader->wrong && sign_take(reader, ','));
    if (!sign_take(reader, close))
        reader->wrong = true;
}

static bool word_take(struct reader *reader, const char *word)
{
    size_t length = strlen(word);
    if ((size_t)(reader->end - reader->at) < length || memcmp(reader->at, word, length) != 0)
        return false;
    reader->at += length;
    return true;
}

static struct json *value_read(struct reader *reader)
{
    struct json *value = arena_alloc(reader->arena, sizeof *value);
    spaces_pass(reader);
    if (sign_take(reader, '"')) {
        value->kind = JSON_TEXT;
        value->text = text_read(reader);
    } else if (sign_take(reader, '{')) {
        value->kind = JSON_OBJECT;
        children_read(reader, value, '}');
    } else if (sign_take(reader, '[')) {
        value->kind = JSON_ARRAY;
        children_read(reader, value, ']');
    } else if (word_take(reader, "true")) {
        value->kind = JSON_YES;
    } else if (word_take(reader, "false")) {
        value->kind = JSON_NO;
    } else if (word_take(reader, "null")) {
        value->kind = JSON_NULL;
    } else {
        const char *start = reader->at;
        while (reader->at < reader->end && *reader->at && strchr("+-.eE0123456789", *reader->at))
            reader->at++;
        value->kind = JSON_NUMBER;
        value->text = (struct text){ start, (uint32_t)(reader->at - start) };
        if (reader->at == start)
            reader->wrong = true;
    }
    return value;
}

const struct json *json_read(const char *bytes, size_t length, struct arena *arena)
{
    struct reader reader = { bytes, bytes + length, arena, false };
    const struct json *value = value_read(&reader);
    spaces_pass(&reader);
    return reader.wrong || reader.at != reader.end ? NULL : value;
}

const struct json *json_member(const struct json *object, const char *name, size_t length)
{
    const struct json *found = NULL;
    if (object->kind == JSON_OBJECT)
        for (const struct json *child = object->children; child; child = child->next)
            if (child->name.length == length && memcmp(child->name.bytes, name, length) == 0)
                found = child;
    return found;
}
