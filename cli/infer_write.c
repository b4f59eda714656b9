/* The first rubric for a file: its fields and events as they are, one rule that works, and suggestions as comments. */
#include <stdlib.h>
#include <string.h>

#include "cli/infer.h"
#include "compiler/format.h"
#include "vm/number.h"
#include "vm/printable.h"

#define SUGGESTIONS 12
#define OPTIONS_SUGGESTED 4

static void put_name(const char *name, struct buffer *out)
{
    buffer_format(out, name_is_reserved(name) ? "`%s`" : "%s", name);
}

static void put_text(const char *text, struct buffer *out)
{
    format_literal(text, strlen(text), out);
}

/* For a comment: a name of a file may hold a line end. */
static void put_comment_text(const char *text, struct buffer *out)
{
    printable_text(out, text);
}

/* ---- what the first rules look at -------------------------------------------------------------------------------- */

/* A field worth having: one that is not always there, by its name if it has a good one. */
static const struct infer_column *first_field(const struct inference *inference)
{
    static const char *const good[] = { "email", "e_mail", "phone", "company", "title", "employees", "industry" };
    const struct infer_column *best = NULL;
    uint64_t best_worth = 0;
    for (size_t i = 0; i < inference->columns.count; i++) {
        const struct infer_column *column = inference->columns.items[i];
        if (column->omitted || i == inference->key)
            continue;
        uint64_t worth = 1u + (column->filled > 0 ? 4 : 0) + (column->filled < inference->records)
                         + (column->type == FIELD_YESNO ? 0 : 2);
        for (size_t g = 0; g < sizeof good / sizeof *good; g++) {
            if (strcmp(column->identifier, good[g]) == 0)
                worth += 20;
            else if (strstr(column->identifier, good[g]) != NULL)
                worth += 2;
        }
        if (worth > best_worth) {
            best = column;
            best_worth = worth;
        }
    }
    return best != NULL ? best : inference->columns.items[inference->key];
}

static const struct infer_event *first_event(const struct inference *inference)
{
    const struct infer_event *best = NULL;
    for (size_t i = 0; i < inference->event_count; i++)
        if (inference->events[i]->is_name && (best == NULL || inference->events[i]->count > best->count))
            best = inference->events[i];
    return best;
}

static const struct infer_column *outcome_field(const struct inference *inference)
{
    static const char *const words[] = { "converted", "won", "is_won", "closed_won", "customer", "is_converted", "y" };
    for (size_t i = 0; i < inference->columns.count; i++) {
        const struct infer_column *column = inference->columns.items[i];
        if (column->omitted || column->type != FIELD_YESNO)
            continue;
        for (size_t w = 0; w < sizeof words / sizeof *words; w++)
            if (strcmp(column->identifier, words[w]) == 0)
                return column;
    }
    return NULL;
}

/* Whether the first rules leave a field of the lead unused. */
static bool has_unused_field(const struct inference *inference)
{
    for (size_t i = 0; i < inference->columns.count; i++) {
        const struct infer_column *column = inference->columns.items[i];
        if (!column->omitted && i != inference->key && column != first_field(inference)
            && column != outcome_field(inference))
            return true;
    }
    return false;
}

/* ---- fields ------------------------------------------------------------------------------------------------------ */

/* Placeholders of texts; those of other types have none. */
static size_t placeholders_of(const struct infer_column *column, const struct infer_value *found[INFER_VALUES])
{
    size_t count = 0;
    if (column->type != FIELD_TEXT && column->type != FIELD_ONEOF)
        return 0;
    for (size_t i = 0; i < column->value_count; i++)
        if (column->values[i].placeholder)
            found[count++] = &column->values[i];
    return count;
}

/* Placeholders that several fields have are named once, at the head of the block. */
struct common { const struct infer_value *items[INFER_PLACEHOLDERS]; size_t count; };

static bool is_common(const struct common *common, const struct infer_value *value)
{
    for (size_t i = 0; i < common->count; i++)
        if (strcmp(common->items[i]->folded, value->folded) == 0)
            return true;
    return false;
}

static void find_common(const struct inference *inference, struct common *common)
{
    *common = (struct common){ .count = 0 };
    for (size_t i = 0; i < inference->columns.count; i++) {
        const struct infer_value *mine[INFER_VALUES], *other[INFER_VALUES];
        if (inference->columns.items[i]->omitted)
            continue;
        size_t count = placeholders_of(inference->columns.items[i], mine);
        for (size_t p = 0; p < count && common->count < INFER_PLACEHOLDERS; p++) {
            bool again = false;
            for (size_t j = i + 1; j < inference->columns.count && !again; j++) {
                size_t others =
                    inference->columns.items[j]->omitted ? 0 : placeholders_of(inference->columns.items[j], other);
                for (size_t o = 0; o < others; o++)
                    again = again || strcmp(other[o]->folded, mine[p]->folded) == 0;
            }
            if (again && !is_common(common, mine[p]))
                common->items[common->count++] = mine[p];
        }
    }
}

static void put_type(const struct infer_column *column, struct buffer *out)
{
    static const char *const names[] = { "text", "number", "yes/no", "date", "list", "one of" };
    buffer_text(out, names[column->type]);
    if (column->type != FIELD_ONEOF)
        return;
    bool first = true;
    for (size_t i = 0; i < column->value_count; i++) {
        if (column->values[i].placeholder)
            continue;
        buffer_text(out, first ? " " : ", ");
        put_text(column->values[i].text, out);
        first = false;
    }
}

static void put_field(const struct infer_column *column, bool key, const struct common *common, struct buffer *out)
{
    const struct infer_value *placeholders[INFER_VALUES];
    if (column->note != NULL)
        buffer_format(out, "  # %s: %s\n", column->identifier, column->note);
    buffer_format(out, "  `%s` ", column->identifier);
    put_type(column, out);
    buffer_text(out, key ? " key" : "");
    if (strcmp(column->name, column->identifier) != 0) {
        buffer_text(out, " from ");
        put_text(column->name, out);
    }
    size_t count = placeholders_of(column, placeholders);
    bool first = true;
    for (size_t i = 0; i < count; i++) {
        if (common != NULL && is_common(common, placeholders[i]))
            continue;
        buffer_text(out, first ? " missing when " : ", ");
        put_text(placeholders[i]->text, out);
        first = false;
    }
    buffer_char(out, '\n');
}

static void put_omitted(const struct infer_columns *columns, struct buffer *out)
{
    for (size_t i = 0; i < columns->count; i++) {
        if (!columns->items[i]->omitted || columns->items[i]->objects == columns->items[i]->filled)
            continue;
        buffer_text(out, "  # left out: ");
        put_comment_text(columns->items[i]->name, out);
        buffer_format(out, " %s\n", columns->items[i]->note);
    }
    if (columns->too_many)
        buffer_format(out, "  # left out: all columns beyond the first %u\n", INFER_COLUMNS);
}

static void put_lead(const struct inference *inference, struct buffer *out)
{
    struct common common;
    find_common(inference, &common);
    if (has_unused_field(inference))
        buffer_text(out, "# rubric: allow W0910 because \"Written by rubric init: not every field has a rule yet\"\n");
    buffer_text(out, "lead");
    for (size_t i = 0; i < common.count; i++) {
        buffer_text(out, i == 0 ? " missing when " : ", ");
        put_text(common.items[i]->text, out);
    }
    buffer_char(out, '\n');
    if (!inference->key_is_unique)
        buffer_format(out, "  # %s is not different in every record: choose a better key, or duplicates are reported\n",
                      inference->columns.items[inference->key]->identifier);
    for (size_t i = 0; i < inference->columns.count; i++)
        if (!inference->columns.items[i]->omitted)
            put_field(inference->columns.items[i], i == inference->key, &common, out);
    put_omitted(&inference->columns, out);
    buffer_char(out, '\n');
}

static void put_events(const struct inference *inference, struct buffer *out)
{
    for (size_t i = 0; i < inference->event_count; i++) {
        const struct infer_event *event = inference->events[i];
        if (!event->is_name) {
            buffer_text(out, "# An event's type must be a name; this one is not, and is left out: ");
            put_comment_text(event->type, out);
            buffer_text(out, "\n\n");
            continue;
        }
        buffer_format(out, "event `%s`\n", event->type);
        for (size_t f = 0; f < event->fields.count; f++)
            if (!event->fields.items[f]->omitted)
                put_field(event->fields.items[f], false, NULL, out);
        put_omitted(&event->fields, out);
        buffer_char(out, '\n');
    }
}

/* ---- the rule that works ----------------------------------------------------------------------------------------- */

static void put_value(const struct infer_column *column, struct buffer *out)
{
    char number[NUMBER_TEXT];
    const char *text = "something";
    for (size_t i = column->value_count; i-- > 0;)
        if (!column->values[i].placeholder && strlen(column->values[i].text) <= 60)
            text = column->values[i].text;
    switch (column->type) {
    case FIELD_NUMBER:
        number_format(column->kept_count > 0 ? column->kept_numbers[0] : NUMBER_ONE, number);
        buffer_text(out, number);
        break;
    case FIELD_DATE: buffer_text(out, "2026-01-01"); break;
    case FIELD_YESNO: buffer_text(out, "yes"); break;
    case FIELD_LIST: buffer_text(out, "(\"something\")"); break;
    case FIELD_TEXT: case FIELD_ONEOF: put_text(text, out); break;
    }
}

static void put_scores(const struct inference *inference, struct buffer *out)
{
    const struct infer_column *field = first_field(inference);
    const struct infer_event *event = first_event(inference);
    buffer_text(out, "# How well a lead fits: what is known of it gives points.\nscore fit from 0 to 100\n");
    if (event != NULL)
        buffer_text(out, "# What a lead does gives interest, and interest fades.\nscore interest from 0 to 100\n"
                         "  lose 20% every 30 days without activity\n");
    buffer_text(out, "\nrule we_know_more in fit\n  when ");
    put_name(field->identifier, out);
    buffer_text(out, " is known\n  points +10\n  because \"What we know, we can work with\"\n\n");
    if (event != NULL) {
        buffer_text(out, "rule it_is_active in interest\n  points +5 for each ");
        put_name(event->type, out);
        buffer_text(out, " within 30 days, at most 4 times\n  because \"Who comes back is interested\"\n\n");
    }
    buffer_text(out, "stage Lead\nstage Qualified when fit >= 10\n\n");
    buffer_text(out, "test \"a lead of which we know more\"\n  as of 2026-01-31\n  given ");
    put_name(field->identifier, out);
    buffer_char(out, ' ');
    put_value(field, out);
    buffer_text(out, "\n  expect fit is 10, stage is Qualified\n  expect rule we_know_more gives 10\n\n"
                     "test \"a lead of which we know nothing\"\n  as of 2026-01-31\n"
                     "  expect fit is 0, stage is Lead\n  expect rule we_know_more silent\n\n");
    if (event == NULL)
        return;
    buffer_text(out, "test \"a lead that is active\"\n  as of 2026-01-31\n  given 2 ");
    put_name(event->type, out);
    buffer_text(out, " 3 days ago\n  expect interest is 10\n  expect rule it_is_active gives 10\n\n");
}

/* ---- suggestions ------------------------------------------------------------------------------------------------- */

static int by_number(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return x < y ? -1 : x > y;
}

/* A round number near a quartile: two digits are enough for a threshold. */
static int64_t round_threshold(int64_t value)
{
    int64_t size = value < 0 ? -value : value, step = 1;
    while (size / step >= 100)
        step *= 10;
    return value / step * step;
}

static bool suggest_number(const struct infer_column *column, struct buffer *out)
{
    char low[NUMBER_TEXT], high[NUMBER_TEXT];
    if (column->kept_count < 8 || !column->repeated)   /* numbers that never come twice are names of something */
        return false;
    int64_t *sorted = memory_alloc(column->kept_count * sizeof *sorted);
    memcpy(sorted, column->kept_numbers, column->kept_count * sizeof *sorted);
    qsort(sorted, column->kept_count, sizeof *sorted, by_number);
    int64_t half = round_threshold(sorted[column->kept_count / 2]),
            top = round_threshold(sorted[column->kept_count * 3 / 4]);
    free(sorted);
    if (half >= top)
        return false;
    number_format(half, low);
    number_format(top, high);
    buffer_format(out, "#   points by ");
    put_name(column->identifier, out);
    buffer_format(out, "\n#     from %s below %s: +5\n#     from %s: +10\n", low, high, high);
    return true;
}

static int by_count(const void *a, const void *b)
{
    const struct infer_value *x = a, *y = b;
    return x->count > y->count ? -1 : x->count < y->count;
}

static bool suggest_options(const struct infer_column *column, struct buffer *out)
{
    struct infer_value sorted[INFER_VALUES];
    memcpy(sorted, column->values, column->value_count * sizeof *sorted);
    qsort(sorted, column->value_count, sizeof *sorted, by_count);
    int shown = 0;
    buffer_text(out, "#   points by ");
    put_name(column->identifier, out);
    buffer_char(out, '\n');
    for (size_t i = 0; i < column->value_count && shown < OPTIONS_SUGGESTED; i++) {
        if (sorted[i].placeholder)
            continue;
        buffer_text(out, "#     ");
        put_text(sorted[i].text, out);
        buffer_format(out, ": +%d\n", 8 - 2 * shown++);
    }
    return shown > 0;
}

static bool suggest_text(const struct infer_column *column, struct buffer *out)
{
    if (strstr(column->identifier, "title") != NULL || strstr(column->identifier, "position") != NULL) {
        buffer_text(out, "#   when    ");
        put_name(column->identifier, out);
        buffer_text(out, " has word any of (\"CEO\", \"founder\", \"head\", \"director\")\n#   points  +10\n");
        return true;
    }
    /* The most frequent of its values, when one is frequent. */
    const struct infer_value *best = NULL;
    for (size_t i = 0; i < column->value_count; i++)
        if (!column->values[i].placeholder && (best == NULL || column->values[i].count > best->count))
            best = &column->values[i];
    if (best == NULL || best->count < 3 || strlen(best->text) > 40)
        return false;
    buffer_text(out, "#   when    ");
    put_name(column->identifier, out);
    buffer_text(out, " is ");
    put_text(best->text, out);
    buffer_text(out, "\n#   points  +5\n");
    return true;
}

/* What a yes means that is bad news, as far as a name says it. */
static bool speaks_against(const char *identifier)
{
    static const char *const words[] = { "do_not",      "donot",   "opt_out", "opted_out", "bounce",
                                         "unsubscribe", "deleted", "spam",    "invalid" };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strstr(identifier, words[i]) != NULL)
            return true;
    return false;
}

static bool suggest(const struct infer_column *column, struct buffer *out)
{
    switch (column->type) {
    case FIELD_NUMBER: return suggest_number(column, out);
    case FIELD_ONEOF: return suggest_options(column, out);
    case FIELD_YESNO:
        buffer_text(out, "#   when    ");
        put_name(column->identifier, out);
        buffer_format(out, " is yes\n#   points  %s\n", speaks_against(column->identifier) ? "-10" : "+5");
        return true;
    case FIELD_DATE:
        buffer_text(out, "#   when    ");
        put_name(column->identifier, out);
        buffer_text(out, " within 30 days\n#   points  +5\n");
        return true;
    case FIELD_TEXT: return suggest_text(column, out);
    case FIELD_LIST: return false;
    }
    return false;
}

static void put_suggestions(const struct inference *inference, struct buffer *out)
{
    int count = 0;
    for (size_t i = 0; i < inference->columns.count && count < SUGGESTIONS; i++) {
        const struct infer_column *column = inference->columns.items[i];
        struct buffer points = { 0 };
        bool open = !column->omitted && i != inference->key && column != outcome_field(inference) && column->filled > 0;
        if (open && suggest(column, &points)) {
            if (count++ == 0)
                buffer_text(out,
                            "# Suggestions, from what is in the file. Take off the # of a rule that says what you "
                            "think, and set the\n"
                            "# points to what it is worth. `rubric check` finds rules that contradict each other.\n");
            buffer_format(out, "#\n# rule by_%s in fit\n%s#   because \"Say why\"\n", column->identifier, points.data);
        }
        buffer_free(&points);
    }
}

static void put_outcome(const struct inference *inference, struct buffer *out)
{
    const struct infer_column *column = outcome_field(inference);
    if (column == NULL)
        return;
    buffer_text(out, "# Which leads were won: what a calibration learns from.\noutcome when ");
    put_name(column->identifier, out);
    buffer_text(out, " is yes\n\n");
}

/* ---- all of it --------------------------------------------------------------------------------------------------- */

static void put_head(const struct inference *inference, const char *source, struct buffer *out)
{
    const char *name = strrchr(source, '/') != NULL ? strrchr(source, '/') + 1 : source;
    if (strcmp(name, "-") == 0)
        name = "standard input";
    struct buffer stem = { 0 };
    buffer_add(&stem, name, strcspn(name, "."));
    if (stem.length == 0 || strcmp(source, "-") == 0 || !utf8_valid(stem.data, stem.length)) {
        buffer_reset(&stem);
        buffer_text(&stem, "Leads");
    }
    buffer_format(out, "# A first rubric, written by rubric init from %llu records of ",
                  (unsigned long long)inference->records);
    put_comment_text(utf8_valid(name, strlen(name)) ? name : "a file", out);
    buffer_text(out, ".\n# Everything here is yours to change: names, types, points.\n\nrubric ");
    put_text(stem.data, out);
    buffer_text(out, "\n  version \"1\"\n\n");
    buffer_free(&stem);
}

void inference_write(const struct inference *inference, const char *source, struct buffer *out)
{
    put_head(inference, source, out);
    put_lead(inference, out);
    put_events(inference, out);
    put_outcome(inference, out);
    put_scores(inference, out);
    put_suggestions(inference, out);
}
