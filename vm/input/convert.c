#include "vm/input/convert.h"

#include "vm/number.h"

#include <stdlib.h>
#include <string.h>

void field_facts_init(struct field_facts *facts, struct arena *arena, const struct program *program,
                      const struct program_field *field)
{
    *facts = (struct field_facts){.field = field, .strings = program->strings};
    facts->missing_count = field->missing.count;
    facts->missing = arena_alloc(arena, field->missing.count * sizeof *facts->missing);
    for (uint32_t i = 0; i < field->missing.count; i++) {
        const char *text = program->strings[field->missing.start + i];
        facts->missing[i] = (struct text){text, (uint32_t)strlen(text)};
    }
    facts->option_count = field->options.count;
    facts->options = arena_alloc(arena, field->options.count * sizeof *facts->options);
    facts->folded_options = arena_alloc(arena, field->options.count * sizeof *facts->folded_options);
    for (uint32_t i = 0; i < field->options.count; i++) {
        const char *text = program->strings[field->options.start + i];
        facts->options[i] = (struct text){text, (uint32_t)strlen(text)};
        struct text *folded = &facts->folded_options[i];
        folded->bytes = text_fold_copy(arena, text, strlen(text), &folded->length);
    }
}

void converter_init(struct converter *converter, struct convert_options options)
{
    *converter = (struct converter){.options = options};
}

void converter_free(struct converter *converter)
{
    buffer_free(&converter->decoded);
    buffer_free(&converter->folded);
    free(converter->elements);
    *converter = (struct converter){0};
}

static bool text_equal(struct text a, struct text b)
{
    return a.length == b.length && memcmp(a.bytes, b.bytes, a.length) == 0;
}

/* Most texts begin and end with a plain letter: only the others need the Unicode table. */
static struct text trim(struct text raw)
{
    if (raw.length > 0) {
        unsigned char first = (unsigned char)raw.bytes[0], last = (unsigned char)raw.bytes[raw.length - 1];
        if (first > ' ' && first < 0x80 && last > ' ' && last < 0x80)
            return raw;
        return text_trim(raw);
    }
    return raw;
}

static struct text fold(struct converter *converter, struct text text)
{
    buffer_reset(&converter->folded);
    size_t length = text_fold(text, &converter->folded);
    return (struct text){converter->folded.data, (uint32_t)length};
}

static bool is_placeholder(struct converter *converter, const struct field_facts *facts, struct text text)
{
    if (facts->missing_count == 0)
        return false;
    struct text folded = fold(converter, text);
    for (uint32_t i = 0; i < facts->missing_count; i++) {
        if (text_equal(folded, facts->missing[i]))
            return true;
    }
    return false;
}

static bool is_option(struct converter *converter, const struct field_facts *facts, struct text text)
{
    for (uint32_t i = 0; i < facts->option_count; i++) {
        if (text_equal(text, facts->options[i]))
            return true;
    }
    struct text folded = fold(converter, text);
    for (uint32_t i = 0; i < facts->option_count; i++) {
        if (text_equal(folded, facts->folded_options[i]))
            return true;
    }
    return false;
}

/* "1.234,50" → "1234.50".  Dots separate thousands, so each must have three digits behind it: "1.5" is no number here,
   lest 1.5 be read as 15. */
static bool replace_comma(const char *bytes, size_t length, char *out, size_t *out_length)
{
    size_t at = 0, written = 0, digits = 0;
    bool grouped = false, fraction = false;
    if (length > 60)
        return false;
    if (at < length && (bytes[at] == '-' || bytes[at] == '+'))
        out[written++] = bytes[at++];
    for (; at < length; at++) {
        char c = bytes[at];
        if (c >= '0' && c <= '9') {
            out[written++] = c;
            digits++;
        } else if (c == '.' && !fraction) {
            if (grouped ? digits != 3 : digits < 1 || digits > 3)
                return false;
            grouped = true;
            digits = 0;
        } else if (c == ',' && !fraction) {
            if ((grouped && digits != 3) || digits == 0)
                return false;
            out[written++] = '.';
            fraction = true;
            digits = 0;
        } else if ((c == 'e' || c == 'E') && digits > 0 && !(grouped && !fraction && digits != 3)) {
            memcpy(out + written, bytes + at, length - at);     /* number_parse judges the exponent */
            *out_length = written + length - at;
            return memchr(bytes + at, '.', length - at) == NULL;
        } else {
            return false;
        }
    }
    *out_length = written;
    return digits > 0 && !(grouped && !fraction && digits != 3);
}

bool convert_number(const char *bytes, size_t length, bool decimal_comma, int64_t *units)
{
    if (length > 0 && length <= 9) {            /* small whole numbers are nearly all there are */
        int64_t value = 0;
        size_t i = 0;
        for (; i < length && bytes[i] >= '0' && bytes[i] <= '9'; i++)
            value = value * 10 + (bytes[i] - '0');
        if (i == length && (bytes[0] != '0' || length == 1)) {
            *units = value * NUMBER_ONE;
            return true;
        }
    }
    if (decimal_comma) {
        char plain[64];
        size_t plain_length;
        return replace_comma(bytes, length, plain, &plain_length) && number_parse(plain, plain_length, units, NULL);
    }
    return number_parse(bytes, length, units, NULL);
}

static uint64_t load8(const char *bytes)
{
    uint64_t word;
    memcpy(&word, bytes, sizeof word);
    return word;
}

bool convert_yesno(const char *bytes, size_t length, bool *yes)
{
    static const struct { char word[8]; bool yes; } words[] = {
        {"yes", true}, {"no", false}, {"true", true}, {"false", false}, {"1", true},  {"0", false},
        {"y", true},   {"n", false},  {"ja", true},   {"nein", false},  {"on", true}, {"off", false},
    };
    char lower[8] = {0};
    if (length == 0 || length > 5)
        return false;
    for (size_t i = 0; i < length; i++)
        lower[i] = (char)(bytes[i] >= 'A' && bytes[i] <= 'Z' ? bytes[i] | 0x20 : bytes[i]);
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (load8(lower) == load8(words[i].word)) {
            *yes = words[i].yes;
            return true;
        }
    }
    return false;
}

/* The word with '0' taken off its digits and `pattern` off its separators; fits: digits are digits, separators are
   right. */
static uint64_t take_off(const char *bytes, const char *pattern, uint64_t separators, bool *fits)
{
    uint64_t word = load8(bytes) ^ load8(pattern);
    *fits &= (((word + UINT64_C(0x7676767676767676)) | word) & UINT64_C(0x8080808080808080)) == 0
             && (word & separators) == 0;
    return word;
}

static int two_digits(uint64_t word, int index)
{
    return (int)(word >> 8 * index & 0xFF) * 10 + (int)(word >> (8 * index + 8) & 0xFF);
}

/* "2026-11-22T10:30:00Z" and "2026-11-22", eight bytes at once; everything else goes to instant_parse, with the 29th of
   February. */
bool convert_plain_instant(const char *bytes, size_t length, int64_t *instant)
{
    static const unsigned char days_of_month[13] = {0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    const uint64_t separator = 0xFF;
    bool fits = true;
    if (length != 20 && length != 10)
        return false;
    uint64_t early = take_off(bytes, "0000-00-", separator << 32 | separator << 56, &fits);
    uint64_t late = take_off(bytes + 2, "00-00-00", separator << 16 | separator << 40, &fits);
    int year = two_digits(early, 0) * 100 + two_digits(early, 2), month = two_digits(early, 5),
        day = two_digits(late, 6);
    if (!fits || year < 1 || month < 1 || month > 12 || day < 1 || day > days_of_month[month])
        return false;
    /* Days from 0000-03-01: years that begin in March need no table. */
    uint32_t shifted_year = (uint32_t)(month > 2 ? year : year - 1),
             shifted_month = (uint32_t)(month > 2 ? month - 3 : month + 9);
    uint32_t days = shifted_year * 365 + shifted_year / 4 - shifted_year / 100 + shifted_year / 400
                    + (153 * shifted_month + 2) / 5 + (uint32_t)day - 1;
    int64_t result = ((int64_t)days - 719468) * MICROS_DAY;
    if (length == 20) {
        uint64_t hours =
            take_off(bytes + 8, bytes[10] == ' ' ? "00 00:00" : "00T00:00", separator << 16 | separator << 40, &fits);
        uint64_t seconds = take_off(bytes + 12, "0:00:00Z", separator << 8 | separator << 32 | separator << 56, &fits);
        int hour = two_digits(hours, 3), minute = two_digits(hours, 6), second = two_digits(seconds, 5);
        if (!fits || hour > 23 || minute > 59 || second > 59)
            return false;
        result += (hour * 3600 + minute * 60 + second) * MICROS_SECOND;
    }
    *instant = result;
    return true;
}

bool convert_instant(const char *bytes, size_t length, enum date_order order, int64_t *instant)
{
    return convert_plain_instant(bytes, length, instant) || instant_parse(bytes, length, order, instant);
}

static enum converted bad(const char **reason, const char *text)
{
    *reason = text;
    return CONVERT_BAD;
}

static void add_element(struct converter *converter, struct typed *typed, struct text element)
{
    memory_reserve(&converter->elements, &converter->element_capacity, typed->element_count + 1,
                   sizeof *converter->elements);
    converter->elements[typed->element_count++] = element;
    typed->elements = converter->elements;
}

static void add_list_text(struct converter *converter, const struct field_facts *facts, struct typed *typed,
                          struct text text)
{
    struct text trimmed = trim(text);
    if (trimmed.length > 0 && !is_placeholder(converter, facts, trimmed))
        add_element(converter, typed, text);
}

static enum converted convert_list(struct converter *converter, const struct field_facts *facts, struct raw raw,
                                   struct text text, struct typed *typed, const char **reason)
{
    if (raw.kind == RAW_ARRAY) {
        const char *at = raw.bytes + 1;
        char *to = converter->decoded.data;
        struct raw element;
        while (raw_next_element(&at, &element)) {
            if (element.kind == RAW_ARRAY || element.kind == RAW_OBJECT)
                return bad(reason, "is a list with lists or objects in it; the elements must be texts");
            if (element.kind == RAW_TRUE || element.kind == RAW_FALSE)
                return bad(reason, "is a list with true or false in it; the elements must be texts");
            if (element.kind == RAW_NULL)
                continue;
            struct text decoded = raw_text(element, to);
            if (decoded.bytes == to)
                to += decoded.length;
            add_list_text(converter, facts, typed, decoded);
        }
    } else {
        const char *at = text.bytes, *end = text.bytes + text.length;
        while (at <= end) {
            const char *stop = at < end ? memchr(at, ';', (size_t)(end - at)) : NULL;
            if (!stop)
                stop = end;
            add_list_text(converter, facts, typed, (struct text){at, (uint32_t)(stop - at)});
            at = stop + 1;
        }
    }
    return typed->element_count > 0 ? CONVERTED : CONVERT_MISSING;
}

enum converted convert_value(struct converter *converter, const struct field_facts *facts, struct raw raw,
                             struct typed *typed, const char **reason)
{
    enum field_type type = (enum field_type)facts->field->type;
    struct text text = {0};
    typed->element_count = 0;
    typed->borrowed = true;
    switch ((enum raw_kind)raw.kind) {
    case RAW_NONE: case RAW_NULL:
        return CONVERT_MISSING;
    case RAW_TRUE: case RAW_FALSE:
        if (type != FIELD_YESNO)
            return bad(reason, "is true or false, which only yes/no fields take");
        typed->yes = raw.kind == RAW_TRUE;
        return CONVERTED;
    case RAW_OBJECT:
        return bad(reason, "is an object, not a single value");
    case RAW_ARRAY:
        if (type != FIELD_LIST)
            return bad(reason, "is a list, not a single value");
        break;
    case RAW_NUMBER:
        text = (struct text){raw.bytes, raw.length};
        break;
    case RAW_TEXT: case RAW_ESCAPED: case RAW_DOUBLED:
        break;
    }
    if (raw.kind == RAW_ESCAPED || raw.kind == RAW_DOUBLED || raw.kind == RAW_ARRAY) {
        memory_reserve(&converter->decoded.data, &converter->decoded.capacity, (size_t)raw.length + 1, 1);
        typed->borrowed = false;
    }
    if (raw.kind == RAW_TEXT || raw.kind == RAW_ESCAPED || raw.kind == RAW_DOUBLED) {
        text = raw_text(raw, converter->decoded.data);
        struct text trimmed = trim(text);
        if (trimmed.length == 0 || is_placeholder(converter, facts, trimmed))
            return CONVERT_MISSING;
        if (type != FIELD_TEXT && type != FIELD_ONEOF)
            text = trimmed;
    }
    switch (type) {
    case FIELD_TEXT:
        typed->text = text;
        return CONVERTED;
    case FIELD_ONEOF:
        if (!is_option(converter, facts, text))
            return bad(reason, "is none of the field's values");
        typed->text = text;
        return CONVERTED;
    case FIELD_NUMBER:
        if (!convert_number(text.bytes, text.length, converter->options.decimal_comma && raw.kind != RAW_NUMBER,
                            &typed->number))
            return bad(reason, raw.kind == RAW_NUMBER ? "is out of the range of numbers" : "is no number");
        return CONVERTED;
    case FIELD_YESNO:
        if (!convert_yesno(text.bytes, text.length, &typed->yes))
            return bad(reason, "is neither yes nor no");
        return CONVERTED;
    case FIELD_DATE:
        if (raw.kind == RAW_NUMBER)
            return bad(reason, "is a number, not a date");
        if (!convert_instant(text.bytes, text.length, converter->options.dates, &typed->number))
            return bad(reason, "is no date");
        return CONVERTED;
    case FIELD_LIST:
        return convert_list(converter, facts, raw, text, typed, reason);
    }
    return CONVERT_MISSING;
}
