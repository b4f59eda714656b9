/* The scanners of strings and numbers, inlined into the reader of JSON.
   All of them may read up to 32 bytes past what they accept: what is read is followed by INPUT_PADDING zero bytes, and
   a zero byte ends everything.  They return where the token ends, or NULL with `error_at` and `reason` set. */
#ifndef RUBRIC_VM_INPUT_JSON_SCAN_H
#define RUBRIC_VM_INPUT_JSON_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#if defined(__SSE2__) && !defined(RUBRIC_SCALAR)
#include <emmintrin.h>
#endif

#define INPUT_PADDING 64

struct json_scan { const char *error_at, *reason; };

static inline const char *scan_fail(struct json_scan *scan, const char *at, const char *reason)
{
    scan->error_at = at;
    scan->reason = reason;
    return NULL;
}

/* The length of the UTF-8 sequence at `at` (its first byte is not ASCII); 0 when it is none: too long a form, a
   surrogate, cut off. */
static inline unsigned scan_utf8(const char *at)
{
    const unsigned char *bytes = (const unsigned char *)at;
    unsigned char first = bytes[0];
    if (first < 0xC2)
        return 0;
    if (first < 0xE0)
        return (bytes[1] & 0xC0) == 0x80 ? 2 : 0;
    if (first < 0xF0) {
        unsigned char least = first == 0xE0 ? 0xA0 : 0x80, most = first == 0xED ? 0x9F : 0xBF;
        return bytes[1] >= least && bytes[1] <= most && (bytes[2] & 0xC0) == 0x80 ? 3 : 0;
    }
    if (first < 0xF5) {
        unsigned char least = first == 0xF0 ? 0x90 : 0x80, most = first == 0xF4 ? 0x8F : 0xBF;
        return bytes[1] >= least && bytes[1] <= most && (bytes[2] & 0xC0) == 0x80 && (bytes[3] & 0xC0) == 0x80 ? 4 : 0;
    }
    return 0;
}

/* From `at` to the first byte that is a quote, a backslash, a control character or not ASCII. */
static inline const char *scan_plain(const char *at)
{
#if defined(__SSE2__) && !defined(RUBRIC_SCALAR)
    const __m128i quote = _mm_set1_epi8('"'), backslash = _mm_set1_epi8('\\'), control = _mm_set1_epi8(0x1F);
    for (;; at += 16) {
        __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)at);
        __m128i special = _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(bytes, quote), _mm_cmpeq_epi8(bytes, backslash)),
                                       _mm_cmpeq_epi8(_mm_min_epu8(bytes, control), bytes));
        unsigned found = (unsigned)_mm_movemask_epi8(_mm_or_si128(special, bytes));     /* the top bit says not ASCII */
        if (found)
            return at + __builtin_ctz(found);
    }
#else
    while ((unsigned char)*at >= 0x20 && *at != '"' && *at != '\\' && (unsigned char)*at < 0x80)
        at++;
    return at;
#endif
}

static inline int scan_hex4(const char *at)
{
    int value = 0;
    for (int i = 0; i < 4; i++) {
        char c = at[i], lower = (char)(c | 0x20);
        if (c >= '0' && c <= '9')
            value = value * 16 + (c - '0');
        else if (lower >= 'a' && lower <= 'f')
            value = value * 16 + (lower - 'a' + 10);
        else
            return -1;
    }
    return value;
}

/* `at` is the backslash; returns what follows the escape. */
static inline const char *scan_escape(struct json_scan *scan, const char *at)
{
    switch (at[1]) {
    case '"': case '\\': case '/': case 'b': case 'f': case 'n': case 'r': case 't':
        return at + 2;
    case 'u': {
        int code = scan_hex4(at + 2);
        if (code < 0)
            return scan_fail(scan, at, "\\u needs four hexadecimal digits");
        if (code < 0xD800 || code > 0xDFFF)
            return at + 6;
        int low = code < 0xDC00 && at[6] == '\\' && at[7] == 'u' ? scan_hex4(at + 8) : -1;
        if (low < 0xDC00 || low > 0xDFFF)
            return scan_fail(scan, at, "half of a surrogate pair: no character");
        return at + 12;
    }
    default:
        return scan_fail(scan, at, "no such escape; a backslash is written \\\\");
    }
}

/* The less common rest of a string, from its first byte that is not plain; returns the closing quote. */
static const char *scan_string_rest(struct json_scan *scan, const char *at, bool *escaped)
{
    for (;;) {
        unsigned char c = (unsigned char)*at;
        if (c == '"')
            return at;
        if (c == '\\') {
            *escaped = true;
            at = scan_escape(scan, at);
            if (!at)
                return NULL;
        } else if (c >= 0x80) {
            do {
                unsigned length = scan_utf8(at);
                if (length == 0)
                    return scan_fail(scan, at, "bytes that are not UTF-8; perhaps --encoding windows-1252 helps");
                at += length;
            } while ((unsigned char)*at >= 0x80);
        } else if (c < 0x20) {
            if (c == '\n' || c == '\0')
                return scan_fail(scan, at, "the text is not closed");
            return scan_fail(scan, at, "a control character in a text; it is written as an escape");
        }
        at = scan_plain(at);
    }
}

/* `at` is behind the opening quote; returns the closing one.  *escaped is set, never cleared. */
static inline const char *scan_string(struct json_scan *scan, const char *at, bool *escaped)
{
    at = scan_plain(at);
    return *at == '"' ? at : scan_string_rest(scan, at, escaped);
}

static inline bool is_digit(char c) { return (unsigned char)(c - '0') < 10; }

static inline const char *scan_number(struct json_scan *scan, const char *at)
{
    if (*at == '-')
        at++;
    if (*at == '0') {
        at++;
        if (is_digit(*at))
            return scan_fail(scan, at, "a number does not begin with 0");
    } else if (is_digit(*at)) {
        do
            at++;
        while (is_digit(*at));
    } else {
        return scan_fail(scan, at, "a value is expected");
    }
    if (*at == '.') {
        if (!is_digit(*++at))
            return scan_fail(scan, at, "a digit is expected after the point");
        do
            at++;
        while (is_digit(*at));
    }
    if (*at == 'e' || *at == 'E') {
        at++;
        if (*at == '+' || *at == '-')
            at++;
        if (!is_digit(*at))
            return scan_fail(scan, at, "a digit is expected in the exponent");
        do
            at++;
        while (is_digit(*at));
    }
    return at;
}

#endif
