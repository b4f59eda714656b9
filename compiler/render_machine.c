/* Diagnostics for machines: JSON lines, GitHub annotations, SARIF 2.1.0.  Lines and columns count from 1, columns in
   code points, ends are exclusive. */
#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/render.h"

static void add_place(cJSON *object, const struct sources *sources, struct span span)
{
    struct position start = source_position(sources, span.file, span.start),
                    end = source_position(sources, span.file, span.end);
    cJSON_AddStringToObject(object, "file", sources->files[span.file].name);
    cJSON_AddNumberToObject(object, "line", start.line);
    cJSON_AddNumberToObject(object, "column", start.column);
    cJSON_AddNumberToObject(object, "end_line", end.line);
    cJSON_AddNumberToObject(object, "end_column", end.column);
}

static void add_remarks(cJSON *object, const char *name, const struct remark *remarks)
{
    cJSON *array = cJSON_AddArrayToObject(object, name);
    for (const struct remark *remark = remarks; remark; remark = remark->next)
        cJSON_AddItemToArray(array, cJSON_CreateString(remark->text));
}

static void print_and_free(cJSON *json, bool formatted, struct buffer *out)
{
    char *text = formatted ? cJSON_Print(json) : cJSON_PrintUnformatted(json);
    cJSON_Delete(json);
    if (!text) {
        memory_alloc(SIZE_MAX);                         /* cJSON ran out of memory: the handler has the word */
        return;
    }
    buffer_text(out, text);
    buffer_char(out, '\n');
    free(text);
}

void render_json(const struct diagnostics *diags, const struct sources *sources, struct buffer *out)
{
    for (size_t index = 0; index < diags->count; index++) {
        const struct diagnostic *d = diags->items[index];
        cJSON *object = cJSON_CreateObject();
        cJSON_AddStringToObject(object, "code", diagnostic_facts(d->code)->code);
        cJSON_AddStringToObject(object, "severity", severity_name(d->severity));
        cJSON_AddStringToObject(object, "message", d->message);
        add_place(object, sources, d->span);
        cJSON *labels = cJSON_AddArrayToObject(object, "labels");
        for (const struct label *label = d->labels; label; label = label->next) {
            cJSON *item = cJSON_CreateObject();
            add_place(item, sources, label->span);
            cJSON_AddStringToObject(item, "text", label->text);
            cJSON_AddItemToArray(labels, item);
        }
        add_remarks(object, "helps", d->helps);
        add_remarks(object, "notes", d->notes);
        if (d->witness) cJSON_AddStringToObject(object, "witness", d->witness);
        else cJSON_AddNullToObject(object, "witness");
        print_and_free(object, false, out);
    }
}

/* ---- GitHub ------------------------------------------------------------------------------------------------------ */

static void add_escaped(struct buffer *out, const char *text, bool property)
{
    for (; *text; text++) {
        unsigned char c = (unsigned char)*text;
        bool second = c == 0xC2 && ((unsigned char)text[1] & 0xE0) == 0x80;     /* control characters beyond ASCII */
        if (second) buffer_format(out, "%%C2%%%02X", (unsigned char)*++text);
        else if (c == '%' || c < ' ' || c == 0x7F || (property && (c == ':' || c == ','))) buffer_format(out, "%%%02X", c);
        else buffer_char(out, (char)c);
    }
}

void render_github(const struct diagnostics *diags, const struct sources *sources, struct buffer *out)
{
    for (size_t index = 0; index < diags->count; index++) {
        const struct diagnostic *d = diags->items[index];
        struct position start = source_position(sources, d->span.file, d->span.start);
        struct position end = source_position(sources, d->span.file, d->span.end);
        buffer_format(out, "::%s file=",
                      d->severity == SEVERITY_ERROR  ? "error"
                      : d->severity == SEVERITY_NOTE ? "notice"
                                                     : "warning");
        add_escaped(out, sources->files[d->span.file].name, true);
        buffer_format(out, ",line=%u,endLine=%u", start.line, end.line);
        if (start.line == end.line) buffer_format(out, ",col=%u,endColumn=%u", start.column, end.column);
        buffer_format(out, ",title=%s::", diagnostic_facts(d->code)->code);
        add_escaped(out, d->message, false);
        for (const struct remark *help = d->helps; help; help = help->next) {
            buffer_text(out, "%0Ahelp: ");
            add_escaped(out, help->text, false);
        }
        for (const struct remark *note = d->notes; note; note = note->next) {
            buffer_text(out, "%0Anote: ");
            add_escaped(out, note->text, false);
        }
        if (d->witness) {
            buffer_text(out, "%0Ashown by:%0A");
            add_escaped(out, d->witness, false);
        }
        buffer_char(out, '\n');
    }
}

/* ---- SARIF ------------------------------------------------------------------------------------------------------- */

static const char *sarif_level(enum severity severity)
{
    switch (severity) {
    case SEVERITY_NOTE: return "note";
    case SEVERITY_WARNING: case SEVERITY_CONFLICT: return "warning";
    case SEVERITY_ERROR: return "error";
    }
    return "error";
}

/* A path as a relative URI reference. */
static void add_uri(cJSON *object, const char *path)
{
    struct buffer uri = { 0 };
    buffer_text(&uri, "");
    for (; *path; path++) {
        unsigned char c = (unsigned char)*path;
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || strchr("-._~/+@", c);
        if (plain) buffer_char(&uri, (char)c);
        else buffer_format(&uri, "%%%02X", c);
    }
    cJSON_AddStringToObject(object, "uri", uri.data ? uri.data : "");
    buffer_free(&uri);
}

static cJSON *location_of(const struct sources *sources, struct span span, const char *text)
{
    cJSON *location = cJSON_CreateObject(), *physical = cJSON_AddObjectToObject(location, "physicalLocation");
    add_uri(cJSON_AddObjectToObject(physical, "artifactLocation"), sources->files[span.file].name);
    struct position start = source_position(sources, span.file, span.start),
                    end = source_position(sources, span.file, span.end);
    cJSON *region = cJSON_AddObjectToObject(physical, "region");
    cJSON_AddNumberToObject(region, "startLine", start.line);
    cJSON_AddNumberToObject(region, "startColumn", start.column);
    cJSON_AddNumberToObject(region, "endLine", end.line);
    cJSON_AddNumberToObject(region, "endColumn", end.column);
    if (text) cJSON_AddStringToObject(cJSON_AddObjectToObject(location, "message"), "text", text);
    return location;
}

static cJSON *sarif_rule(enum diagnostic_code code)
{
    const struct diagnostic_facts *facts = diagnostic_facts(code);
    cJSON *rule = cJSON_CreateObject();
    cJSON_AddStringToObject(rule, "id", facts->code);
    cJSON_AddStringToObject(cJSON_AddObjectToObject(rule, "shortDescription"), "text", facts->title);
    cJSON_AddStringToObject(cJSON_AddObjectToObject(rule, "fullDescription"), "text", facts->explanation);
    cJSON_AddStringToObject(cJSON_AddObjectToObject(rule, "defaultConfiguration"), "level",
                            sarif_level(facts->severity));
    return rule;
}

static cJSON *sarif_result(const struct diagnostic *d, const struct sources *sources, int rule_index)
{
    cJSON *result = cJSON_CreateObject();
    cJSON_AddStringToObject(result, "ruleId", diagnostic_facts(d->code)->code);
    cJSON_AddNumberToObject(result, "ruleIndex", rule_index);
    cJSON_AddStringToObject(result, "level", sarif_level(d->severity));
    struct buffer text = { 0 };
    buffer_text(&text, d->message);
    for (const struct remark *help = d->helps; help; help = help->next) buffer_format(&text, "\nhelp: %s", help->text);
    for (const struct remark *note = d->notes; note; note = note->next) buffer_format(&text, "\nnote: %s", note->text);
    if (d->witness) buffer_format(&text, "\nshown by:\n%s", d->witness);
    cJSON_AddStringToObject(cJSON_AddObjectToObject(result, "message"), "text", text.data);
    buffer_free(&text);
    cJSON_AddItemToArray(cJSON_AddArrayToObject(result, "locations"), location_of(sources, d->span, NULL));
    if (d->labels) {
        cJSON *related = cJSON_AddArrayToObject(result, "relatedLocations");
        for (const struct label *label = d->labels; label; label = label->next)
            cJSON_AddItemToArray(related, location_of(sources, label->span, label->text));
    }
    return result;
}

void render_sarif(const struct diagnostics *diags, const struct sources *sources, struct buffer *out)
{
    cJSON *log = cJSON_CreateObject();
    cJSON_AddStringToObject(log, "$schema", "https://json.schemastore.org/sarif-2.1.0.json");
    cJSON_AddStringToObject(log, "version", "2.1.0");
    cJSON *run = cJSON_CreateObject();
    cJSON_AddItemToArray(cJSON_AddArrayToObject(log, "runs"), run);
    cJSON *driver = cJSON_AddObjectToObject(cJSON_AddObjectToObject(run, "tool"), "driver");
    cJSON_AddStringToObject(driver, "name", "rubric");
    cJSON *rules = cJSON_AddArrayToObject(driver, "rules");
    cJSON_AddStringToObject(run, "columnKind", "unicodeCodePoints");
    cJSON *results = cJSON_AddArrayToObject(run, "results");
    int rule_of[DIAGNOSTIC_COUNT];
    for (int code = 0; code < DIAGNOSTIC_COUNT; code++) rule_of[code] = -1;
    for (size_t index = 0; index < diags->count; index++) {
        const struct diagnostic *d = diags->items[index];
        if (rule_of[d->code] < 0) {
            rule_of[d->code] = cJSON_GetArraySize(rules);
            cJSON_AddItemToArray(rules, sarif_rule(d->code));
        }
        cJSON_AddItemToArray(results, sarif_result(d, sources, rule_of[d->code]));
    }
    print_and_free(log, true, out);
}
