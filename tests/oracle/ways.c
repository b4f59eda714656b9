#include "tests/oracle/ways.h"

#include <string.h>

#include "tests/oracle/json.h"

const char *leads_form_name(enum leads_form form)
{
    switch (form) {
    case FORM_LINES: return "lines";
    case FORM_ARRAY: return "an array";
    case FORM_DOCUMENTS: return "documents";
    case FORM_TURNED: return "members turned round";
    case FORM_CSV: return "CSV";
    }
    return "";
}

/* ---- JSON in other layouts */

static void text_write(struct text text, bool escape, struct buffer *out)
{
    buffer_char(out, '"');
    for (uint32_t at = 0; at < text.length;) {
        size_t used = 1;
        uint32_t point = utf8_decode(text.bytes + at, text.length - at, &used);
        if (point == '"' || point == '\\')
            buffer_format(out, "\\%c", (char)point);
        else if (point < 0x20 || (escape && point > 0x7E && point < 0xD800))
            buffer_format(out, "\\u%04X", (unsigned)point);
        else
            buffer_add(out, text.bytes + at, used);
        at += (uint32_t)used;
    }
    buffer_char(out, '"');
}

static void json_write(const struct json *json, enum leads_form form, struct buffer *out);

static void children_write(const struct json *json, enum leads_form form, struct buffer *out)
{
    const struct json *children[1024];
    size_t count = 0;
    for (const struct json *child = json->children; child && count < 1024; child = child->next)
        children[count++] = child;
    bool turned = form == FORM_TURNED && json->kind == JSON_OBJECT;     /* the order of a list is its meaning */
    for (size_t i = 0; i < count; i++) {
        const struct json *child = children[turned ? count - 1 - i : i];
        buffer_text(out, i ? "," : "");
        buffer_text(out, form == FORM_DOCUMENTS ? "\n\t " : "");
        if (json->kind == JSON_OBJECT) {
            text_write(child->name, form == FORM_TURNED, out);
            buffer_text(out, form == FORM_DOCUMENTS ? " :\r\n " : ":");
        }
        json_write(child, form, out);
    }
}

static void json_write(const struct json *json, enum leads_form form, struct buffer *out)
{
    switch (json->kind) {
    case JSON_NULL: buffer_text(out, "null"); break;
    case JSON_YES: buffer_text(out, "true"); break;
    case JSON_NO: buffer_text(out, "false"); break;
    case JSON_NUMBER: buffer_add(out, json->text.bytes, json->text.length); break;
    case JSON_TEXT: text_write(json->text, form == FORM_TURNED, out); break;
    case JSON_ARRAY: case JSON_OBJECT:
        buffer_char(out, json->kind == JSON_ARRAY ? '[' : '{');
        children_write(json, form, out);
        buffer_char(out, json->kind == JSON_ARRAY ? ']' : '}');
        break;
    }
}

/* ---- CSV: a table of leads, and one of events */

struct table { struct arena *arena; struct { struct text *items; size_t count, capacity; } columns; };

static void column_add(struct table *table, struct text name)
{
    for (size_t i = 0; i < table->columns.count; i++)
        if (table->columns.items[i].length == name.length &&
            memcmp(table->columns.items[i].bytes, name.bytes, name.length) == 0)
            return;
    struct text *grown = arena_alloc(table->arena, (table->columns.count + 1) * sizeof *grown);
    if (table->columns.count)
        memcpy(grown, table->columns.items, table->columns.count * sizeof *grown);
    table->columns.items = grown;
    table->columns.items[table->columns.count++] = name;
}

static struct text joined(struct table *table, struct text outer, struct text inner)
{
    char *name =
        arena_format(table->arena, "%.*s.%.*s", (int)outer.length, outer.bytes, (int)inner.length, inner.bytes);
    return (struct text){ name, (uint32_t)strlen(name) };
}

/* A member a with members b becomes the column a.b. */
static void columns_add(struct table *table, const struct json *record)
{
    for (const struct json *child = record->children; child; child = child->next) {
        if (child->name.length == 6 && memcmp(child->name.bytes, "events", 6) == 0)
            continue;
        if (child->kind != JSON_OBJECT)
            column_add(table, child->name);
        for (const struct json *inner = child->kind == JSON_OBJECT ? child->children : NULL; inner; inner = inner->next)
            if (inner->kind != JSON_ARRAY)
                column_add(table, joined(table, child->name, inner->name));
    }
}

static bool is_there(const struct json *json)
{
    return json && json->kind != JSON_NULL && (json->kind != JSON_TEXT || text_trim(json->text).length > 0);
}

static const struct json *cell_find(const struct json *record, struct text name)
{
    const struct json *exact = json_member(record, name.bytes, name.length);
    const char *dot = memchr(name.bytes, '.', name.length);
    if (is_there(exact) || !dot)
        return exact;
    size_t outer = (size_t)(dot - name.bytes);
    const struct json *object = json_member(record, name.bytes, outer);
    return object ? json_member(object, dot + 1, name.length - outer - 1) : NULL;
}

static void cell_write(struct text text, struct buffer *out)
{
    buffer_char(out, '"');
    for (uint32_t at = 0; at < text.length; at++) {
        if (text.bytes[at] == '"')
            buffer_char(out, '"');
        buffer_char(out, text.bytes[at]);
    }
    buffer_char(out, '"');
}

static void value_write(const struct json *json, struct buffer *out)
{
    if (!json || json->kind == JSON_NULL || json->kind == JSON_OBJECT)
        return;
    if (json->kind == JSON_YES || json->kind == JSON_NO) {
        buffer_text(out, json->kind == JSON_YES ? "true" : "false");
    } else if (json->kind == JSON_ARRAY) {
        struct buffer list = { 0 };
        buffer_reset(&list);
        for (const struct json *child = json->children; child; child = child->next) {
            buffer_add(&list, child->text.bytes, child->text.length);
            buffer_text(&list, child->next ? ";" : "");
        }
        cell_write((struct text){ list.data ? list.data : "", (uint32_t)list.length }, out);
        buffer_free(&list);
    } else {
        cell_write(json->text, out);
    }
}

static void head_write(const struct table *table, struct buffer *out)
{
    for (size_t i = 0; i < table->columns.count; i++) {
        buffer_text(out, i ? "," : "");
        cell_write(table->columns.items[i], out);
    }
    buffer_text(out, "\r\n");
}

static void row_write(const struct table *table, const struct json *record, struct buffer *out)
{
    for (size_t i = 0; i < table->columns.count; i++) {
        buffer_text(out, i ? "," : "");
        value_write(cell_find(record, table->columns.items[i]), out);
    }
    buffer_text(out, "\r\n");
}

static bool tables_write(const struct json *const *records, size_t count, struct arena *arena, struct buffer *out,
                         struct buffer *events)
{
    struct table leads = { .arena = arena }, happened = { .arena = arena };
    column_add(&leads, (struct text){ "id", 2 });
    column_add(&happened, (struct text){ "lead", 4 });
    column_add(&happened, (struct text){ "type", 4 });
    column_add(&happened, (struct text){ "at", 2 });
    for (size_t i = 0; i < count; i++) {
        const struct json *list = json_member(records[i], "events", 6);
        if (!is_there(json_member(records[i], "id", 2)) || (list && list->kind != JSON_ARRAY))
            return false;
        columns_add(&leads, records[i]);
        for (const struct json *event = list ? list->children : NULL; event; event = event->next)
            columns_add(&happened, event);
    }
    head_write(&leads, out);
    head_write(&happened, events);
    for (size_t i = 0; i < count; i++) {
        const struct json *list = json_member(records[i], "events", 6), *id = json_member(records[i], "id", 2);
        row_write(&leads, records[i], out);
        for (const struct json *event = list ? list->children : NULL; event; event = event->next) {
            struct json with_key = { .kind = JSON_OBJECT }, key = *id;
            key.name = (struct text){ "lead", 4 };
            key.next = event->children;
            with_key.children = &key;
            row_write(&happened, &with_key, events);
        }
    }
    return true;
}

bool leads_write(const char *const *leads, size_t lead_count, enum leads_form form, struct buffer *out,
                 struct buffer *events)
{
    struct arena arena;
    bool written = true;
    arena_init(&arena);
    const struct json **records = arena_alloc(&arena, (lead_count + 1) * sizeof *records);
    buffer_reset(out);
    buffer_reset(events);
    for (size_t i = 0; i < lead_count; i++)
        written = (records[i] = json_read(leads[i], strlen(leads[i]), &arena)) != NULL && written;
    if (written && form == FORM_CSV) {
        written = tables_write(records, lead_count, &arena, out, events);
    } else if (written) {
        buffer_text(out, form == FORM_ARRAY ? "\n[ " : "");
        for (size_t i = 0; i < lead_count; i++) {
            buffer_text(out, i && form == FORM_ARRAY ? " ,\n" : "");
            json_write(records[i], form, out);
            buffer_text(out, form == FORM_ARRAY ? "" : form == FORM_DOCUMENTS ? " " : "\n");
        }
        buffer_text(out, form == FORM_ARRAY ? "]\n" : "");
    }
    arena_free(&arena);
    return written;
}
