/* Records from files into columns: CSV through the reader of leads, JSON through cJSON, record by record. */
#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

#include "cli/infer.h"
#include "vm/input/source.h"

#define MOST_DEPTH 4                                    /* objects in objects that become fields a.b.c */

/* A file of leads, or one of events: then what is not the key, the type and the time belongs to the event. */
struct file_reading { struct inference *inference; bool events; struct buffer decoded; };

static struct infer_event *event_of(struct inference *inference, const char *type)
{
    for (size_t i = 0; i < inference->event_count; i++)
        if (strcmp(inference->events[i]->type, type) == 0)
            return inference->events[i];
    if (inference->event_count == 200)
        return NULL;
    struct infer_event *event = memory_alloc(sizeof *event);
    event->type = arena_copy(&inference->arena, type, strlen(type));
    event->is_name = name_is_identifier(type);
    memory_reserve(&inference->events, &inference->event_capacity, inference->event_count + 1,
                   sizeof *inference->events);
    return inference->events[inference->event_count++] = event;
}

/* The members of an event that are not its own business. */
static bool is_envelope(const char *name)
{
    static const char *const names[] = { "type", "at", "lead", "lead_id" };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return false;
}

/* ---- JSON -------------------------------------------------------------------------------------------------------- */

static void see_object(struct inference *inference, struct infer_columns *columns, const cJSON *object,
                       const char *prefix, int depth);

static bool is_plain_list(const cJSON *array)
{
    for (const cJSON *item = array->child; item != NULL; item = item->next)
        if (!cJSON_IsString(item) && !cJSON_IsNumber(item) && !cJSON_IsNull(item))
            return false;
    return true;
}

static void see_json(struct inference *inference, struct infer_columns *columns, const cJSON *item, const char *name,
                     int depth)
{
    struct infer_column *column = inference_column(inference, columns, name);
    if (column == NULL)
        return;
    if (cJSON_IsString(item)) {
        inference_see(inference, column, RAW_TEXT, item->valuestring, strlen(item->valuestring));
    } else if (cJSON_IsNumber(item)) {
        char *digits = cJSON_PrintUnformatted(item);
        inference_see(inference, column, RAW_NUMBER, digits, strlen(digits));
        cJSON_free(digits);
    } else if (cJSON_IsBool(item)) {
        inference_see(inference, column, RAW_TRUE, "", 0);
    } else if (cJSON_IsArray(item)) {
        inference_see(inference, column, RAW_ARRAY, "", 0);
        column->odd_arrays += !is_plain_list(item);
    } else if (cJSON_IsObject(item)) {
        inference_see(inference, column, RAW_OBJECT, "", 0);
        struct buffer prefix = { 0 };
        buffer_format(&prefix, "%s.", name);
        see_object(inference, columns, item, prefix.data, depth + 1);
        buffer_free(&prefix);
    }
}

static void see_object(struct inference *inference, struct infer_columns *columns, const cJSON *object,
                       const char *prefix, int depth)
{
    if (depth > MOST_DEPTH)
        return;
    for (const cJSON *item = object->child; item != NULL; item = item->next) {
        if (item->string == NULL || item->string[0] == 0 || !utf8_valid(item->string, strlen(item->string)))
            continue;
        struct buffer name = { 0 };
        buffer_format(&name, "%s%s", prefix, item->string);
        see_json(inference, columns, item, name.data, depth);
        buffer_free(&name);
    }
}

static void see_event(struct inference *inference, const cJSON *object)
{
    const cJSON *type = cJSON_GetObjectItemCaseSensitive(object, "type");
    if (!cJSON_IsString(type) || type->valuestring[0] == 0)
        return;
    struct infer_event *event = event_of(inference, type->valuestring);
    if (event == NULL)
        return;
    event->count++;
    for (const cJSON *item = object->child; item != NULL; item = item->next)
        if (item->string != NULL && item->string[0] != 0 && !is_envelope(item->string))
            see_json(inference, &event->fields, item, item->string, 1);
}

static void see_record(struct file_reading *reading, const cJSON *record)
{
    struct inference *inference = reading->inference;
    if (reading->events) {
        see_event(inference, record);
        return;
    }
    inference->records++;
    for (const cJSON *item = record->child; item != NULL; item = item->next) {
        if (item->string == NULL || item->string[0] == 0 || !utf8_valid(item->string, strlen(item->string)))
            continue;
        if (strcmp(item->string, "events") == 0 && cJSON_IsArray(item)) {
            for (const cJSON *event = item->child; event != NULL; event = event->next)
                if (cJSON_IsObject(event))
                    see_event(inference, event);
        } else {
            see_json(inference, &inference->columns, item, item->string, 0);
        }
    }
}

static bool is_between(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == ',' || c == '[' || c == ']';
}

static void read_json_block(struct file_reading *reading, const struct input_block *block)
{
    const char *at = block->data, *limit = block->data + block->length;
    while (at < limit && reading->inference->records < INFER_RECORDS) {
        if (is_between(*at)) {
            at++;
            continue;
        }
        const char *end = json_lexical_end(at, limit, block->content);
        if (end <= at)
            end = at + 1;
        cJSON *record = *at == '{' ? cJSON_ParseWithLength(at, (size_t)(end - at)) : NULL;
        if (cJSON_IsObject(record))
            see_record(reading, record);
        else
            reading->inference->rejected++;
        cJSON_Delete(record);
        at = end;
    }
}

/* ---- CSV --------------------------------------------------------------------------------------------------------- */

/* The columns of a header as slots of a plan, so that the reader of leads reads them. */
struct csv_columns {
    struct plan plan;
    struct csv_reader reader;
    struct infer_column **columns;
    const struct csv_header *header;
};

static void csv_open(struct file_reading *reading, struct csv_columns *csv, const struct csv_header *header)
{
    *csv = (struct csv_columns){ .header = header };
    plan_init(&csv->plan);
    csv->columns = memory_alloc((header->count + 1) * sizeof *csv->columns);
    for (uint32_t i = 0; i < header->count; i++) {
        struct text name = header->names[i];
        if (name.length == 0 || !utf8_valid(name.bytes, name.length) || memchr(name.bytes, 0, name.length) != NULL)
            continue;
        char *copy = arena_copy(&reading->inference->arena, name.bytes, name.length);
        plan_want(&csv->plan, copy);
        if (!reading->events)
            csv->columns[i] = inference_column(reading->inference, &reading->inference->columns, copy);
    }
    csv_map_columns(&csv->reader, &csv->plan, header);
}

static void csv_close(struct csv_columns *csv)
{
    csv_reader_free(&csv->reader);
    plan_free(&csv->plan);
    free(csv->columns);
}

static struct text cell_of(struct file_reading *reading, struct csv_columns *csv, uint32_t column)
{
    uint32_t slot = csv->reader.slots[column];
    struct raw raw = slot != NO_INDEX ? plan_get(&csv->plan, slot) : (struct raw){ 0 };
    if (raw.kind != RAW_TEXT && raw.kind != RAW_DOUBLED)
        return (struct text){ "", 0 };
    memory_reserve(&reading->decoded.data, &reading->decoded.capacity, (size_t)raw.length + 1, 1);
    struct text text = raw_text(raw, reading->decoded.data);
    return text_trim(text);
}

static const char *copy_cell(struct file_reading *reading, struct text cell)
{
    return arena_copy(&reading->inference->arena, cell.bytes, cell.length);
}

static void see_event_row(struct file_reading *reading, struct csv_columns *csv)
{
    struct infer_event *event = NULL;
    for (uint32_t i = 0; i < csv->header->count; i++)
        if (csv->header->names[i].length == 4 && memcmp(csv->header->names[i].bytes, "type", 4) == 0) {
            struct text type = cell_of(reading, csv, i);
            if (type.length > 0 && memchr(type.bytes, 0, type.length) == NULL)
                event = event_of(reading->inference, copy_cell(reading, type));
        }
    if (event == NULL)
        return;
    event->count++;
    for (uint32_t i = 0; i < csv->header->count; i++) {
        struct text cell = cell_of(reading, csv, i), name = csv->header->names[i];
        if (cell.length == 0 || name.length == 0 || !utf8_valid(name.bytes, name.length))
            continue;
        const char *copy = copy_cell(reading, name);
        bool key = reading->inference->key != SIZE_MAX
                   && strcmp(copy, reading->inference->columns.items[reading->inference->key]->name) == 0;
        if (is_envelope(copy) || key)
            continue;
        struct infer_column *column = inference_column(reading->inference, &event->fields, copy);
        if (column != NULL)
            inference_see(reading->inference, column, RAW_TEXT, cell.bytes, cell.length);
    }
}

static void read_csv_block(struct file_reading *reading, struct csv_columns *csv, const struct input_block *block)
{
    const char *at = block->data, *limit = block->data + block->length;
    while (at < limit && reading->inference->records < INFER_RECORDS) {
        struct csv_problem problem = { 0 };
        enum csv_row row = csv_read_row(&csv->reader, &at, limit, &problem);
        if (row == CSV_BAD)
            reading->inference->rejected++;
        if (row == CSV_BAD || row == CSV_BLANK)
            continue;
        if (reading->events) {
            see_event_row(reading, csv);
            continue;
        }
        reading->inference->records++;
        for (uint32_t i = 0; i < csv->header->count; i++) {
            struct text cell = cell_of(reading, csv, i);
            if (csv->columns[i] != NULL && csv->reader.slots[i] != NO_INDEX)
                inference_see(reading->inference, csv->columns[i], RAW_TEXT, cell.bytes, cell.length);
        }
    }
}

/* ---- files ------------------------------------------------------------------------------------------------------- */

static bool read_file(struct file_reading *reading, const char *path, const struct input_options *options)
{
    struct inference *inference = reading->inference;
    struct source source = { 0 };
    struct csv_columns csv = { 0 };
    enum input_state state = INPUT_END;
    if (!source_open(&source, &path, 1, options)) {
        memcpy(inference->problem, source.problem, sizeof inference->problem);
        return false;
    }
    struct input_block *block;
    while (inference->records < INFER_RECORDS && (block = source_take(&source, &state)) != NULL) {
        if (block->broken != NULL) {
            inference->rejected++;
        } else if (block->content == CONTENT_CSV) {
            if (csv.header == NULL)
                csv_open(reading, &csv, block->header);
            read_csv_block(reading, &csv, block);
        } else {
            read_json_block(reading, block);
        }
        source_give_back(&source, block);
    }
    inference->cut = inference->records >= INFER_RECORDS;
    bool fine = state != INPUT_FAILED;
    if (!fine)
        memcpy(inference->problem, source.problem, sizeof inference->problem);
    if (csv.header == NULL && fine && source.header != NULL && !reading->events)
        csv_open(reading, &csv, source.header);         /* a header without rows */
    if (csv.header != NULL)
        csv_close(&csv);
    source_close(&source);
    buffer_free(&reading->decoded);
    return fine;
}

bool inference_read(struct inference *inference, const char *path, const struct input_options *options)
{
    struct file_reading reading = { .inference = inference };
    return read_file(&reading, path, options);
}

bool inference_read_events(struct inference *inference, const char *path, const struct input_options *options)
{
    struct file_reading reading = { .inference = inference, .events = true };
    return read_file(&reading, path, options);
}
