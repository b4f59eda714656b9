/* JSON texts and values. */
#include <string.h>
#if defined(__SSE2__) && !defined(RUBRIC_SCALAR)
#include <emmintrin.h>
#endif

#include "vm/number.h"
#include "vm/output/writer.h"

static bool needs_escape(char c)
{
    return (unsigned char)c < 0x20 || c == '"' || c == '\\';
}

static void add_escape(struct buffer *out, char c)
{
    static const char digits[] = "0123456789abcdef";
    switch (c) {
    case '"': buffer_add(out, "\\\"", 2); return;
    case '\\': buffer_add(out, "\\\\", 2); return;
    case '\b': buffer_add(out, "\\b", 2); return;
    case '\f': buffer_add(out, "\\f", 2); return;
    case '\n': buffer_add(out, "\\n", 2); return;
    case '\r': buffer_add(out, "\\r", 2); return;
    case '\t': buffer_add(out, "\\t", 2); return;
    default: break;
    }
    const char escape[6] = { '\\', 'u', '0', '0', digits[(unsigned char)c >> 4], digits[(unsigned char)c & 15] };
    buffer_add(out, escape, sizeof escape);
}

bool json_is_plain(const char *bytes, size_t length)
{
    size_t at = 0;
#if defined(__SSE2__) && !defined(RUBRIC_SCALAR)
    const __m128i quote = _mm_set1_epi8('"'), backslash = _mm_set1_epi8('\\'), control = _mm_set1_epi8(0x1F);
    for (; at + 8 <= length; at += 8) {
        __m128i eight = _mm_loadl_epi64((const __m128i *)(const void *)(bytes + at));
        __m128i special = _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(eight, quote), _mm_cmpeq_epi8(eight, backslash)),
                                       _mm_cmpeq_epi8(_mm_min_epu8(eight, control), eight));
        if (_mm_movemask_epi8(special) & 0xFF)
            return false;
    }
#endif
    for (; at < length; at++)
        if (needs_escape(bytes[at]))
            return false;
    return true;
}

void json_add_escaped(struct buffer *out, const char *bytes, size_t length)
{
    if (json_is_plain(bytes, length)) {
        buffer_add(out, bytes, length);
        return;
    }
    size_t clean = 0;
    for (size_t at = 0; at < length; at++) {
        if (!needs_escape(bytes[at]))
            continue;
        buffer_add(out, bytes + clean, at - clean);
        add_escape(out, bytes[at]);
        clean = at + 1;
    }
    buffer_add(out, bytes + clean, length - clean);
}

void json_add_text(struct buffer *out, const char *text)
{
    if (text == NULL) {
        buffer_add(out, "null", 4);
        return;
    }
    buffer_char(out, '"');
    json_add_escaped(out, text, strlen(text));
    buffer_char(out, '"');
}

static void add_quoted(struct buffer *out, struct text text)
{
    if (json_is_plain(text.bytes, text.length)) {
        char *to = room_for(out, (size_t)text.length + 2);
        *to = '"';
        memcpy(to + 1, text.bytes, text.length);
        to[text.length + 1] = '"';
        room_used(out, to + text.length + 2);
        return;
    }
    buffer_char(out, '"');
    json_add_escaped(out, text.bytes, text.length);
    buffer_char(out, '"');
}

void json_add_value(struct buffer *out, const struct column *column, size_t row)
{
    if (!bit_get(column->known, row)) {
        buffer_add(out, "null", 4);
        return;
    }
    char text[INSTANT_TEXT > NUMBER_TEXT ? INSTANT_TEXT : NUMBER_TEXT];
    switch (column->type) {
    case FIELD_NUMBER:
        buffer_add(out, text, number_format(column->numbers[row], text));
        return;
    case FIELD_DATE: {
        size_t length = instant_format(column->numbers[row], text);
        add_quoted(out, (struct text){ text, (uint32_t)length });
        return;
    }
    case FIELD_YESNO:
        buffer_text(out, bit_get(column->yes, row) ? "true" : "false");
        return;
    case FIELD_TEXT: case FIELD_ONEOF:
        add_quoted(out, text_trim(column->texts[row]));
        return;
    case FIELD_LIST: {
        struct list_cell cell = column->lists[row];
        buffer_char(out, '[');
        for (uint32_t i = 0; i < cell.count; i++) {
            if (i > 0)
                buffer_char(out, ',');
            add_quoted(out, text_trim(column->elements[cell.start + i]));
        }
        buffer_char(out, ']');
        return;
    }
    }
}
