#include "cli/infer.h"

#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

#include "vm/number.h"

/* ---- columns --------------------------------------------------------------------------------------------------------
 */

void inference_init(struct inference *inference, struct convert_options options)
{
    *inference = (struct inference){ .options = options, .key = SIZE_MAX };
    arena_init(&inference->arena);
}

static void columns_free(struct infer_columns *columns)
{
    for (size_t i = 0; i < columns->count; i++) {
        free(columns->items[i]->seen);
        free(columns->items[i]);
    }
    free(columns->items);
}

void inference_free(struct inference *inference)
{
    columns_free(&inference->columns);
    for (size_t i = 0; i < inference->event_count; i++) {
        columns_free(&inference->events[i]->fields);
        free(inference->events[i]);
    }
    free(inference->events);
    arena_free(&inference->arena);
}

struct infer_column *inference_column(struct inference *inference, struct infer_columns *columns, const char *name)
{
    for (size_t i = 0; i < columns->count; i++)
        if (strcmp(columns->items[i]->name, name) == 0)
            return columns->items[i];
    if (columns->count == INFER_COLUMNS) {
        columns->too_many = true;
        return NULL;
    }
    struct infer_column *column = memory_alloc(sizeof *column);
    column->name = arena_copy(&inference->arena, name, strlen(name));
    memory_reserve(&columns->items, &columns->capacity, columns->count + 1, sizeof *columns->items);
    return columns->items[columns->count++] = column;
}

/* ---- values ------------------------------------------------------------------------------------------------------ */

static bool is_placeholder(const char *folded)
{
    static const char *const words[] = {
        "select", "n/a", "na", "#n/a", "nan", "-", "--", "null", "nil", "unknown", "undefined", "(not set)", "not set",
        "?", "not available", "not provided", "not specified", "(empty)", "(blank)",
    };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(words[i], folded) == 0)
            return true;
    return false;
}

/* A set of hashes: two values of one hash count as repeated, which only costs a column its chance to be the key. */
static void see_unique(struct infer_column *column, const char *bytes, size_t length)
{
    if (column->repeated)
        return;
    if (column->seen_count * 2 >= column->seen_size) {
        uint64_t *old = column->seen;
        size_t old_size = column->seen_size;
        column->seen_size = old_size > 0 ? old_size * 2 : 64;
        column->seen = memory_alloc(column->seen_size * sizeof *column->seen);
        for (size_t i = 0; i < old_size; i++) {
            if (old[i] == 0)
                continue;
            size_t place = old[i] & (column->seen_size - 1);
            while (column->seen[place] != 0)
                place = (place + 1) & (column->seen_size - 1);
            column->seen[place] = old[i];
        }
        free(old);
    }
    uint64_t hash = text_hash(bytes, length) | 1;
    size_t place = hash & (column->seen_size - 1);
    for (; column->seen[place] != 0; place = (place + 1) & (column->seen_size - 1))
        if (column->seen[place] == hash) {
            column->repeated = true;
            free(column->seen);
            column->seen = NULL;
            column->seen_size = column->seen_count = 0;
            return;
        }
    column->seen[place] = hash;
    column->seen_count++;
}

/* Keeps the value among the distinct ones; whether it is a placeholder. */
static bool see_value(struct inference *inference, struct infer_column *column, struct text text)
{
    struct buffer folded = { 0 };
    buffer_add(&folded, "", 0);
    text_fold(text, &folded);
    buffer_add(&folded, "", 0);
    bool placeholder = is_placeholder(folded.data);
    for (size_t i = 0; i < column->value_count; i++)
        if (strcmp(column->values[i].folded, folded.data) == 0) {
            column->values[i].count++;
            buffer_free(&folded);
            return placeholder;
        }
    if (column->value_count == INFER_VALUES) {
        column->many_values = true;
        if (placeholder)                                /* worth more than the last one kept */
            column->value_count--;
    }
    if (column->value_count < INFER_VALUES) {
        struct infer_value *value = &column->values[column->value_count++];
        value->text = arena_copy(&inference->arena, text.bytes, text.length);
        value->folded = arena_copy(&inference->arena, folded.data, folded.length);
        value->count = 1;
        value->placeholder = placeholder;
    }
    buffer_free(&folded);
    return placeholder;
}

static bool has_leading_zero(struct text text)
{
    uint32_t at = text.length > 0 && text.bytes[0] == '-';
    bool digit_follows = at + 1 < text.length && text.bytes[at + 1] >= '0' && text.bytes[at + 1] <= '9';
    return (text.bytes[at] == '0' && digit_follows) || text.bytes[0] == '+';
}

static void see_text(struct inference *inference, struct infer_column *column, struct text text)
{
    char padded[64] = { 0 };                            /* the converters may look a little beyond the end */
    int64_t number, instant;
    bool yes;
    if (see_value(inference, column, text)) {
        column->placeholders++;
        return;
    }
    if (memchr(text.bytes, ';', text.length) != NULL)
        column->semicolons++;
    if (text.length >= sizeof padded - 16)
        return;
    memcpy(padded, text.bytes, text.length);
    if (convert_number(padded, text.length, inference->options.decimal_comma, &number)) {
        column->numbers++;
        column->leading_zeros += has_leading_zero(text);
        column->ones_and_zeros += number == 0 || number == NUMBER_ONE;
        if (column->kept_count < INFER_NUMBERS)
            column->kept_numbers[column->kept_count++] = number;
    }
    column->comma_numbers += convert_number(padded, text.length, true, &number);
    column->yesnos += convert_yesno(padded, text.length, &yes);
    for (int order = DATES_ISO_ONLY; order <= DATES_YMD; order++)
        column->dates[order] += convert_instant(padded, text.length, (enum date_order)order, &instant);
}

void inference_see(struct inference *inference, struct infer_column *column, enum raw_kind kind, const char *bytes,
                   size_t length)
{
    struct text text = text_trim((struct text){ bytes, (uint32_t)length });
    switch (kind) {
    case RAW_NONE: case RAW_NULL: return;
    case RAW_TRUE: case RAW_FALSE:
        column->filled++;
        column->booleans++;
        column->yesnos++;
        column->repeated = column->repeated || column->booleans > 1;
        return;
    case RAW_OBJECT:
        column->filled++;
        column->objects++;
        return;
    case RAW_ARRAY:
        column->filled++;
        column->arrays++;
        return;
    case RAW_NUMBER: column->json_numbers++; break;
    case RAW_TEXT: case RAW_ESCAPED: case RAW_DOUBLED:
        if (text.length == 0)
            return;
        column->texts++;
        break;
    }
    column->filled++;
    if (text.length > column->longest)
        column->longest = text.length;
    see_unique(column, text.bytes, text.length);
    see_text(inference, column, text);
}

/* ---- types ------------------------------------------------------------------------------------------------------- */

static size_t distinct_values(const struct infer_column *column)
{
    size_t count = 0;
    for (size_t i = 0; i < column->value_count; i++)
        count += !column->values[i].placeholder;
    return count;
}

/* `NA` among other short codes is Namibia, or North America. */
static void keep_short_codes(struct infer_column *column)
{
    if (column->longest > 3)
        return;
    for (size_t i = 0; i < column->value_count; i++)
        if (column->values[i].placeholder && strcmp(column->values[i].folded, "na") == 0
            && distinct_values(column) > 0) {
            column->values[i].placeholder = false;
            column->placeholders -= column->values[i].count;
        }
}

static void omit(struct infer_column *column, const char *note)
{
    column->omitted = true;
    column->note = note;
}

/* What the values are, placeholders aside; FIELD_TEXT when they are nothing else. */
static enum field_type scalar_type(const struct inference *inference, struct infer_column *column, uint64_t real)
{
    bool both = column->ones_and_zeros == real && distinct_values(column) == 2 && real >= 10;
    if (column->numbers == real && column->leading_zeros == 0)
        return both ? FIELD_YESNO : FIELD_NUMBER;
    if (column->yesnos == real)
        return FIELD_YESNO;
    if (column->json_numbers == 0 && column->dates[inference->options.dates] == real)
        return FIELD_DATE;
    if (column->json_numbers == 0 && column->dates[DATES_DMY] == real)
        column->note = "dates written day first: say --dates dmy to init and to score, and they are read as dates";
    else if (column->json_numbers == 0 && column->dates[DATES_MDY] == real)
        column->note = "dates written month first: say --dates mdy to init and to score, and they are read as dates";
    else if (column->comma_numbers == real && column->leading_zeros == 0)
        column->note =
            "numbers with a decimal comma: say --decimal-comma to init and to score, and they are read as numbers";
    return FIELD_TEXT;
}

static void decide_type(const struct inference *inference, struct infer_column *column)
{
    keep_short_codes(column);
    uint64_t scalars = column->texts + column->json_numbers, real = scalars - column->placeholders;
    column->type = FIELD_TEXT;
    if (column->objects > 0) {
        if (scalars + column->booleans + column->arrays > 0)
            omit(column, "is sometimes an object and sometimes a value");
        else
            omit(column, "is an object; its members are fields of their own");
    } else if (column->odd_arrays > 0) {
        omit(column, "is a list of objects or lists");
    } else if (column->arrays > 0) {
        column->type = FIELD_LIST;
        if (column->booleans > 0)
            omit(column, "is sometimes a list and sometimes true or false");
    } else if (column->booleans > 0) {
        column->type = FIELD_YESNO;
        if (column->yesnos != column->filled)
            omit(column, "is sometimes true or false and sometimes a text");
    } else if (real > 0) {
        enum field_type type = scalar_type(inference, column, real);
        size_t distinct = distinct_values(column);
        if (type != FIELD_TEXT && column->placeholders > 0) {
            static const char *const notes[] = {
                [FIELD_NUMBER] = "numbers, but for the placeholder: without it this could be a number",
                [FIELD_YESNO] = "yes or no, but for the placeholder: without it this could be a yes/no",
                [FIELD_DATE] = "dates, but for the placeholder: without it this could be a date",
            };
            column->note = notes[type];
            type = FIELD_TEXT;
        }
        if (type == FIELD_TEXT && column->json_numbers == 0 && column->semicolons * 10 >= real * 3
            && column->semicolons > 1)
            type = FIELD_LIST;
        else if (type == FIELD_TEXT && !column->many_values && distinct >= 2 && distinct <= INFER_OPTIONS && real >= 10
                 && real >= 3 * distinct && column->longest <= 60)
            type = FIELD_ONEOF;
        column->type = type;
    }
}

/* ---- names ------------------------------------------------------------------------------------------------------- */

static bool is_letter(uint32_t code_point)
{
    switch (utf8proc_category((utf8proc_int32_t)code_point)) {
    case UTF8PROC_CATEGORY_LU: case UTF8PROC_CATEGORY_LL: case UTF8PROC_CATEGORY_LT: case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_LO:
        return true;
    default:
        return false;
    }
}

bool name_is_identifier(const char *name)
{
    size_t length = strlen(name);
    if (length == 0 || length > 100 || !utf8_valid(name, length))
        return false;
    for (size_t at = 0, used; at < length; at += used) {
        uint32_t code_point = utf8_decode(name + at, length - at, &used);
        bool digit = code_point >= '0' && code_point <= '9';
        if (code_point != '_' && !is_letter(code_point) && !(digit && at > 0))
            return false;
    }
    return true;
}

bool name_is_reserved(const char *name)
{
    static const char *const words[] = {
#define WORD(token, text, meaning) text,
#define SOFT(token, text, meaning)
#define PAIR(token, first, second, meaning)
#define UNIT(unit, text) text,
#include "grammar/keywords.def"
#undef WORD
#undef SOFT
#undef PAIR
#undef UNIT
    };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(words[i], name) == 0)
            return true;
    return false;
}

#define NAME_LONGEST 60u

/* "Lead Source (Last)" is lead_source_last: folded, with one underscore for all that is no letter and no digit. */
static void make_identifier(const char *name, struct buffer *out)
{
    struct buffer folded = { 0 };
    bool gap = false;
    text_fold((struct text){ name, (uint32_t)strlen(name) }, &folded);
    for (size_t at = 0, used; at < folded.length && out->length < NAME_LONGEST; at += used) {
        uint32_t code_point = utf8_decode(folded.data + at, folded.length - at, &used);
        bool digit = code_point >= '0' && code_point <= '9';
        if (!digit && !is_letter(code_point)) {
            gap = true;
            continue;
        }
        if (out->length == 0 && digit)
            buffer_text(out, "field");
        if (out->length > 0 && (gap || (digit && strcmp(out->data, "field") == 0)))
            buffer_char(out, '_');
        gap = false;
        buffer_add(out, folded.data + at, used);
    }
    if (out->length == 0)
        buffer_text(out, "field");
    buffer_free(&folded);
}

static bool name_is_taken(const struct inference *inference, const struct infer_columns *columns, size_t before,
                          const char *name)
{
    /* Names that the rubric itself will use. */
    static const char *const ours[] = { "fit", "interest", "total", "activity" };
    bool of_lead = columns == &inference->columns;
    for (size_t i = 0; of_lead && i < sizeof ours / sizeof *ours; i++)
        if (strcmp(ours[i], name) == 0)
            return true;
    for (size_t i = 0; of_lead && i < inference->event_count; i++)
        if (strcmp(inference->events[i]->type, name) == 0)
            return true;
    for (size_t i = 0; i < before; i++)
        if (!columns->items[i]->omitted && strcmp(columns->items[i]->identifier, name) == 0)
            return true;
    return !of_lead && (strcmp(name, "at") == 0 || strcmp(name, "type") == 0);
}

static void name_columns(struct inference *inference, struct infer_columns *columns)
{
    for (size_t i = 0; i < columns->count; i++) {
        struct infer_column *column = columns->items[i];
        if (column->omitted)
            continue;
        struct buffer name = { 0 };
        make_identifier(column->name, &name);
        size_t stem = name.length;
        for (int n = 2; name_is_taken(inference, columns, i, name.data); n++) {
            name.length = stem;
            if (n == 2 && stem < NAME_LONGEST)
                buffer_text(&name, "_field");
            else
                buffer_format(&name, "_%d", n);
        }
        column->identifier = arena_copy(&inference->arena, name.data, name.length);
        buffer_free(&name);
    }
}

/* ---- the key ----------------------------------------------------------------------------------------------------- */

/* How much a name sounds like a key: 0 not at all. */
static int key_likeness(const char *identifier)
{
    static const char *const best[] = { "id",        "lead_id",     "leadid", "contact_id", "prospect_id",
                                        "record_id", "customer_id", "key",    "uuid" };
    size_t length = strlen(identifier);
    for (size_t i = 0; i < sizeof best / sizeof *best; i++)
        if (strcmp(best[i], identifier) == 0)
            return 5;
    if (length > 3 && strcmp(identifier + length - 3, "_id") == 0)
        return 4;
    if (strstr(identifier, "email") != NULL || strstr(identifier, "e_mail") != NULL)
        return 3;
    if (length > 2 && strcmp(identifier + length - 2, "id") == 0)
        return 2;
    return strstr(identifier, "number") != NULL || strstr(identifier, "code") != NULL;
}

static void choose_key(struct inference *inference)
{
    int best = -1;
    for (size_t i = 0; i < inference->columns.count; i++) {
        const struct infer_column *column = inference->columns.items[i];
        if (column->omitted || column->booleans > 0 || column->arrays > 0)
            continue;
        bool unique = inference->records > 0 && !column->repeated && column->filled == inference->records
                      && column->placeholders == 0;
        int rank =
            key_likeness(column->identifier) + (unique ? 100 : 0) + (unique && column->type == FIELD_TEXT ? 1 : 0);
        if (rank <= best)
            continue;
        best = rank;
        inference->key = i;
        inference->key_is_unique = unique;
    }
    if (inference->key == SIZE_MAX)
        return;
    struct infer_column *key = inference->columns.items[inference->key];
    key->type = FIELD_TEXT;                             /* compared as it is written: 007 is not 7 */
    key->note = NULL;
}

void inference_decide(struct inference *inference)
{
    for (size_t i = 0; i < inference->columns.count; i++)
        decide_type(inference, inference->columns.items[i]);
    name_columns(inference, &inference->columns);
    choose_key(inference);
    for (size_t i = 0; i < inference->event_count; i++) {
        struct infer_columns *fields = &inference->events[i]->fields;
        for (size_t f = 0; f < fields->count; f++) {
            decide_type(inference, fields->items[f]);
            if (fields->items[f]->type == FIELD_ONEOF)  /* what happens tomorrow may have another value */
                fields->items[f]->type = FIELD_TEXT;
        }
        name_columns(inference, fields);
    }
}
