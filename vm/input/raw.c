#include "vm/input/raw.h"

#include <string.h>
#if defined(__SSE2__) && !defined(RUBRIC_SCALAR)
#include <emmintrin.h>
#endif

/* A hexadecimal digit's value without a branch: a letter is 9 more than its last four bits. */
static inline uint32_t hex_value(char c)
{
    return ((unsigned char)c & 15u) + ((unsigned char)c >> 6) * 9u;
}

static inline uint32_t read_hex4(const char *bytes)
{
    return hex_value(bytes[0]) << 12 | hex_value(bytes[1]) << 8 | hex_value(bytes[2]) << 4 | hex_value(bytes[3]);
}

/* Copies what stands before the next escape, or the end; returns where that is.  Where there is an escape there are often
   more, at distances that nobody can guess: so sixteen bytes are copied, whatever they are, and looked at together.  There
   is room for them, for what is written is never longer than what was read. */
static inline const char *copy_plain(const char *in, const char *end, char **to)
{
#if defined(__SSE2__) && !defined(RUBRIC_SCALAR)
    for (unsigned step = 0; step < 4 && end - in >= 16; step++) {
        __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)in);
        unsigned escapes = (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\')));
        _mm_storeu_si128((__m128i *)(void *)*to, bytes);
        unsigned plain = escapes ? (unsigned)__builtin_ctz(escapes) : 16;
        in += plain;
        *to += plain;
        if (escapes)
            return in;
    }
#endif
    if (end - in > 16) {
        const char *escape = memchr(in, '\\', (size_t)(end - in));
        size_t plain = (size_t)((escape ? escape : end) - in);
        memcpy(*to, in, plain);
        *to += plain;
        return in + plain;
    }
    while (in < end && *in != '\\')
        *(*to)++ = *in++;
    return in;
}

/* The escapes were validated when the string was read: no check is repeated here. */
static struct text decode_escapes(struct raw raw, char *out)
{
    const char *in = raw.bytes, *end = raw.bytes + raw.length;
    char *to = out;
    while ((in = copy_plain(in, end, &to)) < end) {
        char escape = in[1];
        in += 2;
        switch (escape) {
        case 'b': *to++ = '\b'; break;
        case 'f': *to++ = '\f'; break;
        case 'n': *to++ = '\n'; break;
        case 'r': *to++ = '\r'; break;
        case 't': *to++ = '\t'; break;
        case 'u': {
            uint32_t code = read_hex4(in);
            in += 4;
            if (code >= 0xD800 && code < 0xDC00) {
                code = 0x10000 + ((code - 0xD800) << 10) + (read_hex4(in + 2) - 0xDC00);
                in += 6;
            }
            if (code < 0x80)
                *to++ = (char)code;
            else
                to += utf8_encode(code, to);            /* never longer than the escape */
            break;
        }
        default: *to++ = escape; break;
        }
    }
    return (struct text){out, (uint32_t)(to - out)};
}

static struct text halve_quotes(struct raw raw, char *out)
{
    char *to = out;
    for (uint32_t i = 0; i < raw.length; i++) {
        *to++ = raw.bytes[i];
        if (raw.bytes[i] == '"')
            i++;
    }
    return (struct text){out, (uint32_t)(to - out)};
}

struct text raw_text(struct raw raw, char *out)
{
    if (raw.kind == RAW_ESCAPED)
        return decode_escapes(raw, out);
    if (raw.kind == RAW_DOUBLED)
        return halve_quotes(raw, out);
    return (struct text){raw.bytes, raw.length};
}

static const char *string_end(const char *at, bool *escaped)
{
    for (at++; *at != '"'; at++) {
        if (*at == '\\') {
            *escaped = true;
            at++;
        }
    }
    return at + 1;
}

static const char *container_end(const char *at)
{
    unsigned depth = 0;
    bool ignored = false;
    do {
        if (*at == '"') {
            at = string_end(at, &ignored);
            continue;
        }
        if (*at == '[' || *at == '{')
            depth++;
        else if (*at == ']' || *at == '}')
            depth--;
        at++;
    } while (depth > 0);
    return at;
}

bool raw_next_element(const char **at, struct raw *element)
{
    const char *in = *at;
    while (*in == ' ' || *in == '\t' || *in == '\n' || *in == '\r' || *in == ',')
        in++;
    if (*in == ']')
        return false;
    const char *start = in;
    bool escaped = false;
    *element = (struct raw){start, 0, RAW_NUMBER};
    switch (*in) {
    case '"':
        in = string_end(in, &escaped);
        *element = (struct raw){start + 1, (uint32_t)(in - start - 2), escaped ? RAW_ESCAPED : RAW_TEXT};
        break;
    case '[': in = container_end(in); element->kind = RAW_ARRAY; break;
    case '{': in = container_end(in); element->kind = RAW_OBJECT; break;
    case 't': in += 4; element->kind = RAW_TRUE; break;
    case 'f': in += 5; element->kind = RAW_FALSE; break;
    case 'n': in += 4; element->kind = RAW_NULL; break;
    default:
        while (*in == '-' || *in == '+' || *in == '.' || *in == 'e' || *in == 'E' || (*in >= '0' && *in <= '9'))
            in++;
        break;
    }
    if (element->kind != RAW_TEXT && element->kind != RAW_ESCAPED)
        element->length = (uint32_t)(in - start);
    *at = in;
    return true;
}
