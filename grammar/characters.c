#include "grammar/characters.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

#include "parser.h"
#include "vm/number.h"
#include "vm/text.h"

static const char *bytes_at(const struct parse_context *context, struct span span)
{
    return context->source->text + span.start;
}

static struct span part_of(struct span span, uint32_t start, uint32_t end)
{
    return (struct span){ span.file, span.start + start, span.start + end };
}

/* A mistake in characters silences a syntax error that only follows from it. */
static void note_mistake(struct parse_context *context, struct span span)
{
    if (span.end > context->mistake_end) context->mistake_end = span.end;
}

/* ---- comments and texts ------------------------------------------------------------------------------------------ */

static bool line_is_blank_before(const struct parse_context *context, uint32_t offset)
{
    while (offset > 0) {
        char c = context->source->text[--offset];
        if (c == '\n' || c == '\r') return true;
        if (c != ' ' && c != '\t') return false;
    }
    return true;
}

void scan_comment(struct parse_context *context, struct span span)
{
    struct comment *comment = arena_alloc(context->arena, sizeof *comment);
    while (span.end > span.start + 1
           && (context->source->text[span.end - 1] == ' ' || context->source->text[span.end - 1] == '\t'))
        span.end--;
    comment->span = span;
    comment->trailing = !line_is_blank_before(context, span.start);
    *context->next_comment = comment;
    context->next_comment = &comment->next;
}

static void report_escape(struct parse_context *context, struct span span, const char *what)
{
    struct diagnostic *d = diagnostic_report(context->diags, E0103, span, "%s `%.*s` in a text", what,
                                             (int)(span.end - span.start), bytes_at(context, span));
    diagnostic_label(d, span, "not an escape");
    diagnostic_help(d, "known are \\\" \\\\ \\n \\t and \\u{...}; for a backslash itself, write two");
}

/* Reads `u{…}` at `at`; returns the bytes taken, 0 when it is none. */
static size_t read_code_point(const char *at, const char *end, uint32_t *code_point)
{
    if (end - at < 4 || at[0] != 'u' || at[1] != '{') return 0;
    const char *digit = at + 2;
    uint32_t value = 0;
    for (; digit < end && *digit != '}'; digit++) {
        unsigned hex = *digit >= '0' && *digit <= '9' ? (unsigned)(*digit - '0')
            : *digit >= 'a' && *digit <= 'f' ? (unsigned)(*digit - 'a' + 10)
            : *digit >= 'A' && *digit <= 'F' ? (unsigned)(*digit - 'A' + 10) : 16;
        if (hex == 16 || digit - at > 7) return 0;
        value = value * 16 + hex;
    }
    if (digit == end || digit == at + 2) return 0;
    *code_point = value;
    return (size_t)(digit + 1 - at);
}

static void unescape(struct parse_context *context, struct span inside, struct literal *literal)
{
    const char *at = bytes_at(context, inside), *end = context->source->text + inside.end;
    char *out = arena_alloc(context->arena, (size_t)(end - at) + 1);
    size_t length = 0;
    while (at < end) {
        if (*at != '\\') {
            out[length++] = *at++;
            continue;
        }
        uint32_t start = (uint32_t)(at - context->source->text);
        at++;
        char c = at < end ? *at : '\0';
        uint32_t code_point = 0;
        size_t taken = c == 'u' ? read_code_point(at, end, &code_point) : 0;
        if (taken > 0) {
            at += taken;
            struct span span = { inside.file, start, (uint32_t)(at - context->source->text) };
            if (code_point == 0 || code_point > 0x10FFFF || (code_point >= 0xD800 && code_point < 0xE000))
                report_escape(context, span, "no character has the number");
            else
                length += utf8_encode(code_point, out + length);
            continue;
        }
        if (c == '"' || c == '\\') {
            out[length++] = c;
            at++;
        } else if (c == 'n' || c == 't') {
            out[length++] = c == 'n' ? '\n' : '\t';
            at++;
        } else {
            size_t used = 0;
            if (at < end) utf8_decode(at, (size_t)(end - at), &used);
            struct span span = { inside.file, start, start + 1 + (uint32_t)used };
            report_escape(context, span, "unknown escape");
        }
    }
    literal->bytes = out;
    literal->length = (uint32_t)length;
}

int scan_text(struct parse_context *context, struct token *token, uint32_t open, uint32_t close)
{
    struct span inside = { token->span.file, token->span.start + open, token->span.end - close };
    unescape(context, inside, &token->value.literal);
    token->value.literal.span = token->span;
    return token->kind = TOKEN_TEXT;
}

int scan_unfinished_text(struct parse_context *context, struct token *token)
{
    struct diagnostic *d = diagnostic_report(context->diags, E0102, token->span, "this text has no closing quote");
    diagnostic_label(d, token->span, "starts here and runs to the end of the line");
    diagnostic_help(d, "end the text with \"; a line break inside a text is written \\n");
    note_mistake(context, token->span);
    struct span inside = { token->span.file, token->span.start + 1, token->span.end };
    if (inside.end > inside.start && context->source->text[inside.end - 1] == '\\') inside.end--;
    unescape(context, inside, &token->value.literal);
    token->value.literal.span = token->span;
    return token->kind = TOKEN_TEXT;
}

int scan_quoted_wrongly(struct parse_context *context, struct token *token)
{
    bool single = *bytes_at(context, token->span) == '\'';
    uint32_t quote = single ? 1 : 3;
    uint32_t end_quote = single || context->source->text[token->span.end - 1] == '"' ? 1 : 3;
    const char *inside = bytes_at(context, token->span) + quote;
    int length = (int)(token->span.end - token->span.start - quote - end_quote);
    struct diagnostic *d =
        diagnostic_report(context->diags, E0107, token->span, "a text stands in straight double quotes");
    diagnostic_label(d, token->span, single ? "these are single quotes" : "these are curly quotes");
    diagnostic_help(d, "write \"%.*s\"", length, inside);
    note_mistake(context, token->span);
    return scan_text(context, token, quote, end_quote);
}

/* ---- numbers and dates ------------------------------------------------------------------------------------------- */

int scan_number(struct parse_context *context, struct token *token, int kind)
{
    size_t length = token->span.end - token->span.start - (kind == TOKEN_PERCENT);
    char *digits = arena_alloc(context->arena, length + 1);
    size_t used = 0;
    const char *at = bytes_at(context, token->span);
    for (size_t index = 0; index < length; index++)
        if (at[index] != '_') digits[used++] = at[index];
    bool inexact = false;
    token->value.number = 0;
    if (!number_parse(digits, used, &token->value.number, &inexact)) {
        struct diagnostic *d = diagnostic_report(context->diags, E0104, token->span, "this number is too large");
        diagnostic_label(d, token->span, "the largest is 922337203685477.5807");
    } else if (inexact) {
        struct diagnostic *d = diagnostic_report(context->diags, E0104, token->span,
                                                 "this number has more than four digits after the point");
        char rounded[NUMBER_TEXT];
        number_format(token->value.number, rounded);
        diagnostic_label(d, token->span, "would have to be rounded");
        if (token->value.number != 0) diagnostic_help(d, "write %s%s", rounded, kind == TOKEN_PERCENT ? "%" : "");
    }
    return token->kind = kind;
}

int scan_date(struct parse_context *context, struct token *token)
{
    const char *written = bytes_at(context, token->span);
    size_t length = token->span.end - token->span.start;
    token->value.date.instant = 0;
    token->value.date.written =
        (struct literal){ arena_copy(context->arena, written, length), (uint32_t)length, token->span };
    if (instant_parse(written, length, DATES_ISO_ONLY, &token->value.date.instant)) return token->kind = TOKEN_DATE;
    struct diagnostic *d =
        diagnostic_report(context->diags, E0105, token->span, "`%.*s` is no date", (int)length, written);
    int64_t meant;
    if (instant_parse(written, length, DATES_DMY, &meant)) {
        char day[INSTANT_TEXT];
        instant_format_day(meant, day);
        diagnostic_label(d, token->span, "a date is written year-month-day");
        diagnostic_help(d, "write %s", day);
    } else {
        diagnostic_label(d, token->span, "no such day or time");
        diagnostic_help(d, "a date is written 2026-11-22 or 2026-11-22T10:30:00Z, and must be in the calendar");
    }
    return token->kind = TOKEN_DATE;
}

/* ---- names ------------------------------------------------------------------------------------------------------- */

enum { CATEGORY_NONE, CATEGORY_START, CATEGORY_REST, CATEGORY_SPACE };

static int category_of(uint32_t code_point)
{
    if (code_point == '_') return CATEGORY_START;
    if (code_point > 0x10FFFF) return CATEGORY_NONE;
    switch (utf8proc_category((utf8proc_int32_t)code_point)) {
    case UTF8PROC_CATEGORY_LU: case UTF8PROC_CATEGORY_LL: case UTF8PROC_CATEGORY_LT: case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_LO:
        return CATEGORY_START;
    case UTF8PROC_CATEGORY_MN: case UTF8PROC_CATEGORY_MC: case UTF8PROC_CATEGORY_ME: case UTF8PROC_CATEGORY_ND:
    case UTF8PROC_CATEGORY_NL: case UTF8PROC_CATEGORY_NO:
        return CATEGORY_REST;
    case UTF8PROC_CATEGORY_ZS: case UTF8PROC_CATEGORY_ZL: case UTF8PROC_CATEGORY_ZP:
        return CATEGORY_SPACE;
    default:
        return code_point == 0x85 ? CATEGORY_SPACE : CATEGORY_NONE;
    }
}

/* The NFC form of a name in the arena. */
static const char *compose(struct parse_context *context, const char *bytes, size_t length)
{
    bool ascii = true;
    for (size_t index = 0; index < length && ascii; index++) ascii = (unsigned char)bytes[index] < 0x80;
    char *copy = arena_copy(context->arena, bytes, length);
    if (ascii) return copy;
    utf8proc_uint8_t *composed = utf8proc_NFC((const utf8proc_uint8_t *)copy);
    if (!composed) return copy;
    copy = arena_copy(context->arena, (const char *)composed, strlen((const char *)composed));
    free(composed);
    return copy;
}

/* Bytes of the name at the start of `bytes`, 0 when there is none. */
static size_t name_length(const char *bytes, size_t length)
{
    size_t at = 0;
    while (at < length) {
        size_t used;
        int category = category_of(utf8_decode(bytes + at, length - at, &used));
        if (category != CATEGORY_START && !(category == CATEGORY_REST && at > 0)) break;
        at += used;
    }
    return at;
}

size_t scan_word(struct parse_context *context, struct token *token)
{
    const char *bytes = bytes_at(context, token->span);
    size_t length = token->span.end - token->span.start;
    size_t taken = name_length(bytes, length);
    token->kind = 0;
    if (taken == 0) {
        size_t used;
        uint32_t code_point = utf8_decode(bytes, length, &used);
        if (category_of(code_point) == CATEGORY_SPACE) return used;
        struct span span = part_of(token->span, 0, (uint32_t)used);
        static const struct { uint32_t code_point; int kind; const char *instead; } signs[] = {
            { 0x2264, TOKEN_LE, "<=" }, { 0x2265, TOKEN_GE, ">=" }, { 0x2260, TOKEN_NE, "!=" }, { 0x2212, '-', "-" },
            { 0x2013, '-', "-" }, { 0x2014, '-', "-" }, { 0xD7, '*', "*" },
        };
        for (size_t index = 0; index < sizeof signs / sizeof *signs; index++) {
            if (signs[index].code_point != code_point) continue;
            struct diagnostic *d = diagnostic_report(context->diags, E0205, span, "`%.*s` is written `%s`", (int)used,
                                                     bytes, signs[index].instead);
            diagnostic_label(d, span, "a sign that rubrics write differently");
            token->kind = signs[index].kind;
            return used;
        }
        scan_stray(context, span);
        return used;
    }
    token->value.name = (struct name){ compose(context, bytes, taken), part_of(token->span, 0, (uint32_t)taken) };
    token->is_word = true;
    token->kind = TOKEN_NAME;
    return taken;
}

int scan_backquoted(struct parse_context *context, struct token *token)
{
    const char *bytes = bytes_at(context, token->span) + 1;
    size_t length = token->span.end - token->span.start - 2;
    if (length == 0 || name_length(bytes, length) != length) {
        struct diagnostic *d =
            diagnostic_report(context->diags, E0101, token->span, "what stands in backquotes must be a name");
        diagnostic_label(d, token->span, "a letter or `_`, then letters, digits and `_`");
        note_mistake(context, token->span);
    }
    token->value.name = (struct name){ compose(context, bytes, length), token->span };
    return token->kind = TOKEN_NAME;
}

/* ---- what does not belong ---------------------------------------------------------------------------------------- */

int scan_foreign_sign(struct parse_context *context, struct token *token)
{
    static const struct { const char *sign; int kind; const char *instead;
    } signs[] = {
        { "==", '=', "=" },        { "===", '=', "=" },      { ":=", '=', "=" },        { "=>", TOKEN_GE, ">=" },
        { "=<", TOKEN_LE, "<=" },  { "<>", TOKEN_NE, "!=" }, { "!==", TOKEN_NE, "!=" }, { "&&", TOKEN_AND, "and" },
        { "&", TOKEN_AND, "and" }, { "||", TOKEN_OR, "or" }, { "|", TOKEN_OR, "or" },   { "!", TOKEN_NOT, "not" },
        { ";", 0, NULL },          { "**", '*', "*" },
    };
    const char *bytes = bytes_at(context, token->span);
    size_t length = token->span.end - token->span.start, index = 0;
    while (strlen(signs[index].sign) != length || memcmp(signs[index].sign, bytes, length) != 0) index++;
    struct diagnostic *d;
    if (signs[index].instead) {
        d = diagnostic_report(context->diags, E0205, token->span, "`%s` is written `%s`", signs[index].sign,
                              signs[index].instead);
        diagnostic_label(d, token->span, "a sign of another language");
        if (signs[index].kind == '=') diagnostic_help(d, "for texts, `is` reads better");
    } else {
        d = diagnostic_report(context->diags, E0205, token->span, "nothing stands at the end of a line");
        diagnostic_label(d, token->span, "not needed");
        diagnostic_help(d, "leave the `;` out");
    }
    return token->kind = signs[index].kind;
}

/* Whether the bracket that this one closes stands before it on the line, and so was reported. */
static bool opened_on_line(const struct parse_context *context, uint32_t offset, char opening)
{
    while (offset > 0) {
        char c = context->source->text[--offset];
        if (c == opening) return true;
        if (c == '\n' || c == '\r') return false;
    }
    return false;
}

void scan_stray(struct parse_context *context, struct span span)
{
    const char *bytes = bytes_at(context, span);
    unsigned char first = (unsigned char)*bytes;
    size_t used;
    uint32_t code_point = utf8_decode(bytes, span.end - span.start, &used);
    char shown[16];
    bool invisible =
        first < 0x20 || first == 0x7F || (code_point >= 0x80 && utf8proc_charwidth((utf8proc_int32_t)code_point) == 0);
    if (invisible) snprintf(shown, sizeof shown, "U+%04X", (unsigned)code_point);
    else snprintf(shown, sizeof shown, "%.*s", (int)used, bytes);
    note_mistake(context, span);
    if (first == '"' || first == '\'') {
        struct diagnostic *d =
            diagnostic_report(context->diags, E0107, span, "a text stands in straight double quotes");
        diagnostic_label(d, span, "a single quote");
        return;
    }
    if (code_point >= 0x2018 && code_point <= 0x201F) {
        struct diagnostic *d =
            diagnostic_report(context->diags, E0107, span, "a text stands in straight double quotes");
        diagnostic_label(d, span, "a curly quote");
        return;
    }
    if ((first == ']' || first == '}') && opened_on_line(context, span.start, first == ']' ? '[' : '{')) return;
    struct diagnostic *d =
        diagnostic_report(context->diags, E0101, span, "the character `%s` does not belong here", shown);
    diagnostic_label(d, span, invisible ? "an invisible character" : "not part of the language");
    if (first == '%') diagnostic_help(d, "a percent is written without a space: 20%%");
    else if (first == '{' || first == '[') diagnostic_help(d, "lists stand in round parentheses: (\"a\", \"b\"); in a declaration without any: list names "
                           "\"a\", \"b\"");
    else if (first == '`') diagnostic_help(d, "a name in backquotes ends with a backquote");
    else diagnostic_help(d, "remove it, or put it in a text in quotes");
}
