#include "vm/printable.h"

#include <string.h>
#include <utf8proc.h>

static bool is_printable(uint32_t code_point)
{
    if (code_point == 0x200C || code_point == 0x200D)
        return true;                                    /* joiners are part of words and of emoji */
    switch (utf8proc_category((utf8proc_int32_t)code_point)) {
    case UTF8PROC_CATEGORY_CC: case UTF8PROC_CATEGORY_CF: case UTF8PROC_CATEGORY_CS: case UTF8PROC_CATEGORY_CN:
    case UTF8PROC_CATEGORY_CO: case UTF8PROC_CATEGORY_ZL: case UTF8PROC_CATEGORY_ZP:
        return false;
    default:
        return true;
    }
}

static void add_escaped(struct buffer *out, uint32_t value)
{
    static const char digits[] = "0123456789abcdef";
    char hex[8];
    int count = 0;
    do {
        hex[count++] = digits[value & 15];
        value >>= 4;
    } while (value != 0);
    buffer_add(out, "\\u{", 3);
    while (count > 0)
        buffer_char(out, hex[--count]);
    buffer_char(out, '}');
}

static bool decode(const char *bytes, size_t length, uint32_t *code_point, size_t *used)
{
    utf8proc_int32_t decoded;
    utf8proc_ssize_t count = utf8proc_iterate((const utf8proc_uint8_t *)bytes, (utf8proc_ssize_t)length, &decoded);
    if (count <= 0) {
        *code_point = (uint8_t)bytes[0];
        *used = 1;
        return false;
    }
    *code_point = (uint32_t)decoded;
    *used = (size_t)count;
    return true;
}

void printable_add(struct buffer *out, const char *bytes, size_t length)
{
    size_t clean = 0, at = 0;                           /* [clean, at) is printable and not yet written */
    while (at < length) {
        if ((uint8_t)bytes[at] >= 0x20 && (uint8_t)bytes[at] < 0x7F) {
            at++;
            continue;
        }
        uint32_t code_point;
        size_t used;
        if (decode(bytes + at, length - at, &code_point, &used) && is_printable(code_point)) {
            at += used;
            continue;
        }
        buffer_add(out, bytes + clean, at - clean);
        add_escaped(out, code_point);
        at += used;
        clean = at;
    }
    buffer_add(out, bytes + clean, at - clean);
}

void printable_text(struct buffer *out, const char *text)
{
    if (text != NULL)
        printable_add(out, text, strlen(text));
}

void printable_quoted(struct buffer *out, struct text text)
{
    buffer_char(out, '"');
    uint32_t start = 0;
    for (uint32_t i = 0; i < text.length; i++) {
        if (text.bytes[i] != '"' && text.bytes[i] != '\\')
            continue;
        printable_add(out, text.bytes + start, i - start);
        buffer_char(out, '\\');
        start = i;
    }
    printable_add(out, text.bytes + start, text.length - start);
    buffer_char(out, '"');
}

static size_t code_point_width(uint32_t code_point)
{
    int width = utf8proc_charwidth((utf8proc_int32_t)code_point);
    return width > 0 ? (size_t)width : 0;
}

size_t printable_width(const char *bytes, size_t length)
{
    size_t width = 0;
    for (size_t at = 0, used; at < length; at += used) {
        uint32_t code_point;
        width += decode(bytes + at, length - at, &code_point, &used) ? code_point_width(code_point) : 1;
    }
    return width;
}

size_t printable_cut(struct buffer *out, const char *bytes, size_t length, size_t width)
{
    size_t whole = printable_width(bytes, length);
    if (whole <= width) {
        buffer_add(out, bytes, length);
        return whole;
    }
    if (width == 0)
        return 0;
    size_t taken = 0, at = 0, used;
    while (at < length) {
        uint32_t code_point;
        size_t step = decode(bytes + at, length - at, &code_point, &used) ? code_point_width(code_point) : 1;
        if (taken + step > width - 1)
            break;
        taken += step;
        at += used;
    }
    buffer_add(out, bytes, at);
    buffer_text(out, "…");
    return taken + 1;
}

void printable_pad(struct buffer *out, size_t columns)
{
    static const char spaces[] = "                                ";
    while (columns > 0) {
        size_t some = columns < sizeof spaces - 1 ? columns : sizeof spaces - 1;
        buffer_add(out, spaces, some);
        columns -= some;
    }
}
