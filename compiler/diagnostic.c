#include "compiler/diagnostic.h"

#include <ctype.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct diagnostic_facts facts[] = {
#define DIAGNOSTIC(code, severity, title, explanation, wrong, right) \
    { #code, severity, title, explanation, wrong, right },
#include "compiler/diagnostics.def"
#undef DIAGNOSTIC
};

const struct diagnostic_facts *diagnostic_facts(enum diagnostic_code code)
{
    return &facts[code];
}

bool diagnostic_find(const char *code, enum diagnostic_code *found)
{
    for (unsigned index = 0; index < DIAGNOSTIC_COUNT; index++) {
        const char *a = facts[index].code, *b = code;
        while (*a && toupper((unsigned char)*b) == *a) a++, b++;
        if (*a || *b) continue;
        *found = (enum diagnostic_code)index;
        return true;
    }
    return false;
}

void diagnostic_codes_in_order(enum diagnostic_code codes[DIAGNOSTIC_COUNT])
{
    static const char letters[] = "EWC";
    for (size_t count = 0; count < DIAGNOSTIC_COUNT; count++) {
        const char *code = facts[count].code;
        size_t at = count;
        for (; at > 0; at--) {
            const char *other = facts[codes[at - 1]].code;
            ptrdiff_t by_letter = strchr(letters, other[0]) - strchr(letters, code[0]);
            if (by_letter < 0 || (by_letter == 0 && strcmp(other, code) <= 0)) break;
            codes[at] = codes[at - 1];
        }
        codes[at] = (enum diagnostic_code)count;
    }
}

const char *severity_name(enum severity severity)
{
    switch (severity) {
    case SEVERITY_NOTE: return "note";
    case SEVERITY_WARNING: return "warning";
    case SEVERITY_CONFLICT: return "conflict";
    case SEVERITY_ERROR: return "error";
    }
    return "";
}

static const char *format_text(struct arena *arena, const char *format, va_list arguments)
{
    va_list again;
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, again);
    va_end(again);
    char *text = arena_alloc(arena, (size_t)(length < 0 ? 0 : length) + 1);
    if (length > 0) vsnprintf(text, (size_t)length + 1, format, arguments);
    return text;
}

void diagnostics_init(struct diagnostics *diags, struct arena *arena)
{
    *diags = (struct diagnostics){ .arena = arena };
}

struct diagnostic *diagnostic_report(struct diagnostics *diags, enum diagnostic_code code, struct span span,
                                     const char *format, ...)
{
    struct diagnostic *d = arena_alloc(diags->arena, sizeof *d);
    d->code = code;
    d->severity = facts[code].severity;
    d->span = span;
    d->owner = diags;
    va_list arguments;
    va_start(arguments, format);
    d->message = format_text(diags->arena, format, arguments);
    va_end(arguments);
    if (diags->count == diags->capacity) {
        size_t capacity = diags->capacity ? diags->capacity * 2 : 16;
        struct diagnostic **items = arena_alloc(diags->arena, capacity * sizeof *items);
        if (diags->count > 0) memcpy(items, diags->items, diags->count * sizeof *items);
        diags->items = items;
        diags->capacity = capacity;
    }
    diags->items[diags->count++] = d;
    if (d->severity == SEVERITY_ERROR) diags->errors++;
    return d;
}

static bool same_span(struct span a, struct span b)
{
    return a.file == b.file && a.start == b.start && a.end == b.end;
}

void diagnostic_label(struct diagnostic *d, struct span span, const char *format, ...)
{
    struct label *label = arena_alloc(d->owner->arena, sizeof *label);
    label->span = span;
    va_list arguments;
    va_start(arguments, format);
    label->text = format_text(d->owner->arena, format, arguments);
    va_end(arguments);
    struct label **place = &d->labels;
    if (same_span(span, d->span)) {                         /* the primary one first, once */
        if (*place && same_span((*place)->span, d->span)) place = &(*place)->next;
    } else {
        while (*place) place = &(*place)->next;
    }
    label->next = *place;
    *place = label;
}

static void add_remark(struct diagnostic *d, struct remark **place, const char *text)
{
    struct remark *remark = arena_alloc(d->owner->arena, sizeof *remark);
    remark->text = text;
    while (*place) place = &(*place)->next;
    *place = remark;
}

void diagnostic_help(struct diagnostic *d, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    add_remark(d, &d->helps, format_text(d->owner->arena, format, arguments));
    va_end(arguments);
}

void diagnostic_note(struct diagnostic *d, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    add_remark(d, &d->notes, format_text(d->owner->arena, format, arguments));
    va_end(arguments);
}

static int compare_places(const struct diagnostic *a, const struct diagnostic *b)
{
    if (a->span.file != b->span.file) return a->span.file < b->span.file ? -1 : 1;
    if (a->span.start != b->span.start) return a->span.start < b->span.start ? -1 : 1;
    if (a->span.end != b->span.end) return a->span.end < b->span.end ? -1 : 1;
    if (a->code != b->code) return strcmp(facts[a->code].code, facts[b->code].code);
    return strcmp(a->message, b->message);
}

static int compare_items(const void *a, const void *b)
{
    const struct diagnostic *const *left = a, *const *right = b;
    return compare_places(*left, *right);
}

void diagnostics_finish(struct diagnostics *diags)
{
    if (diags->count == 0) return;
    qsort(diags->items, diags->count, sizeof *diags->items, compare_items);
    size_t kept = 0;
    diags->errors = 0;
    for (size_t index = 0; index < diags->count; index++) {
        struct diagnostic *d = diags->items[index];
        if (kept > 0 && compare_places(diags->items[kept - 1], d) == 0) continue;
        diags->items[kept++] = d;
        if (d->severity == SEVERITY_ERROR) diags->errors++;
    }
    diags->count = kept;
}
