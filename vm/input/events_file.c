#include "vm/input/events_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vm/input/bind.h"
#include "vm/input/csv.h"
#include "vm/input/json.h"
#include "vm/input/source.h"
#include "vm/number.h"

/* An event: 24 bytes and its values; the events of a key are chained in the order of the file. */
struct stored_event { int64_t at; size_t values; uint32_t next, event; };
struct stored_key { struct text key; const char *file; uint64_t row; uint32_t first, last, count; bool met; };

struct events_file {
    const struct program *program;
    struct stored_event *events; size_t event_count, event_capacity;
    struct buffer values; /* of each field of the event: a tag and the value, see put_… */
    struct stored_key *keys; size_t key_count, key_capacity;
    uint32_t *table; size_t table_size;                         /* key index + 1, open addressing */
    struct arena arena;
};

/* ------------------------------------------------------------------- keys */

static size_t find_place(const struct events_file *events, struct text key)
{
    size_t mask = events->table_size - 1, place = text_hash(key.bytes, key.length) & mask;
    for (; events->table[place] != 0; place = (place + 1) & mask) {
        struct text other = events->keys[events->table[place] - 1].key;
        if (other.length == key.length && memcmp(other.bytes, key.bytes, key.length) == 0)
            break;
    }
    return place;
}

static void grow_table(struct events_file *events)
{
    free(events->table);
    events->table_size = events->table_size ? events->table_size * 2 : 1024;
    events->table = memory_alloc(events->table_size * sizeof *events->table);
    for (size_t i = 0; i < events->key_count; i++)
        events->table[find_place(events, events->keys[i].key)] = (uint32_t)i + 1;
}

static struct stored_key *key_of(struct events_file *events, struct text key, const char *file, uint64_t row)
{
    if (events->key_count * 2 >= events->table_size)
        grow_table(events);
    size_t place = find_place(events, key);
    if (events->table[place] == 0) {
        memory_reserve(&events->keys, &events->key_capacity, events->key_count + 1, sizeof *events->keys);
        struct text copy = {arena_copy(&events->arena, key.bytes, key.length), key.length};
        events->keys[events->key_count] = (struct stored_key){.key = copy, .file = file, .row = row, .first = NO_INDEX};
        events->table[place] = (uint32_t)++events->key_count;
    }
    return &events->keys[events->table[place] - 1];
}

/* ----------------------------------------------------------------- values */

static void put_text(struct buffer *values, struct text text)
{
    buffer_add(values, (const char *)&text.length, sizeof text.length);
    buffer_add(values, text.bytes, text.length);
}

static void put_value(struct events_file *events, enum field_type type, const struct typed *typed)
{
    struct buffer *values = &events->values;
    buffer_char(values, 1);
    switch (type) {
    case FIELD_NUMBER: case FIELD_DATE: buffer_add(values, (const char *)&typed->number, sizeof typed->number); break;
    case FIELD_YESNO: buffer_char(values, (char)typed->yes); break;
    case FIELD_TEXT: case FIELD_ONEOF: put_text(values, typed->text); break;
    case FIELD_LIST: {
        uint32_t count = (uint32_t)typed->element_count;
        buffer_add(values, (const char *)&count, sizeof count);
        for (uint32_t i = 0; i < count; i++)
            put_text(values, typed->elements[i]);
        break;
    }
    }
}

static struct text take_text(const char **at)
{
    struct text text;
    memcpy(&text.length, *at, sizeof text.length);
    text.bytes = *at + sizeof text.length;
    *at = text.bytes + text.length;
    return text;
}

/* One field of the event that is the current one of its type. */
static void add_value(struct batch *batch, uint32_t event, uint32_t field, enum field_type type, const char **at)
{
    int64_t number;
    if (*(*at)++ == 0)
        return;
    switch (type) {
    case FIELD_NUMBER: case FIELD_DATE:
        memcpy(&number, *at, sizeof number);
        *at += sizeof number;
        batch_event_number(batch, event, field, number);
        break;
    case FIELD_YESNO: batch_event_yesno(batch, event, field, *(*at)++ != 0); break;
    case FIELD_TEXT: case FIELD_ONEOF: batch_event_text(batch, event, field, take_text(at), false); break;
    case FIELD_LIST: {
        uint32_t count;
        memcpy(&count, *at, sizeof count);
        *at += sizeof count;
        struct text *elements = memory_alloc((count + 1) * sizeof *elements);
        for (uint32_t i = 0; i < count; i++)
            elements[i] = take_text(at);
        batch_event_list(batch, event, field, elements, count, false);
        free(elements);
        break;
    }
    }
}

/* ---------------------------------------------------------------- loading */

struct loader {
    struct events_file *events;
    struct plan plan; struct arena arena; struct event_binder binder; struct converter converter;
    struct bound_field key; bool has_key;
    struct json_reader json; struct csv_reader csv;
    struct input_notes *notes;
    const char *file, *record; uint64_t row;
    uint32_t file_index; bool any_file;
};

static struct note *note(struct loader *loader, enum report_kind kind, const char *reason, struct raw raw)
{
    struct note *made = notes_add(loader->notes, kind, loader->row, reason);
    if (raw.kind > RAW_NULL)
        made->value = notes_keep_value(loader->notes, (struct text){raw.bytes, raw.length});
    return made;
}

/* Ties the key: lead_id and lead before the names of the lead's own key, for `id` in a file of events may be the
   event's. */
static void bind_key(struct loader *loader)
{
    const struct program *program = loader->events->program;
    loader->has_key = program->key_field != NO_INDEX;
    if (!loader->has_key)
        return;
    const struct program_field *field = &program->fields[program->key_field];
    uint32_t first = (uint32_t)loader->plan.order_count;
    plan_want(&loader->plan, "lead_id");
    plan_want(&loader->plan, "lead");
    bind_field(&loader->key, &loader->plan, &loader->arena, program, field, program->key_field);
    plan_want(&loader->plan, field->name);
    loader->key.binding = (struct plan_binding){first, (uint32_t)loader->plan.order_count - first};
}

static struct text key_text(const struct typed *typed, enum field_type type, char room[64])
{
    switch (type) {
    case FIELD_NUMBER: return (struct text){room, (uint32_t)number_format(typed->number, room)};
    case FIELD_DATE: return (struct text){room, (uint32_t)instant_format(typed->number, room)};
    case FIELD_YESNO: return typed->yes ? (struct text){"yes", 3} : (struct text){"no", 2};
    default: return text_trim(typed->text);
    }
}

static void store(struct loader *loader)
{
    struct events_file *events = loader->events;
    struct event_binder *binder = &loader->binder;
    struct typed typed;
    struct raw raw;
    const char *reason;
    uint32_t event;
    int64_t at = 0;
    enum event_found found = event_binder_look(binder, &loader->converter, &event, &at, &raw, &reason);
    if (found == EVENT_UNUSED || found == EVENT_UNDECLARED) {
        struct input_notes *notes = loader->notes;
        notes->events_undeclared += found == EVENT_UNDECLARED;
        if (found == EVENT_UNDECLARED && event < EVENT_TYPES_NAMED) {
            memory_reserve(&notes->types, &notes->type_capacity, binder->undeclared_count, sizeof *notes->types);
            for (; notes->type_count < binder->undeclared_count; notes->type_count++)
                notes->types[notes->type_count] = (struct note_type){binder->undeclared[notes->type_count], 0};
            notes->types[event].count++;
        } else if (found == EVENT_UNDECLARED) {
            notes->types_not_named++;
        }
        return;
    }
    struct raw key_raw;
    const char *key_reason = "an event without the key of a lead";
    enum converted converted =
        bind_pick(&loader->key, &loader->plan, &loader->converter, &typed, &key_raw, &key_reason);
    if (converted != CONVERTED) {
        note(loader, REPORT_EVENT, key_reason, key_raw);
        loader->notes->events_without_lead++;
        return;
    }
    char room[64];
    struct text key = key_text(&typed, (enum field_type)loader->key.facts.field->type, room);
    if (found != EVENT_USABLE) {
        struct note *made = note(loader, REPORT_EVENT, reason, raw);
        made->key = notes_keep_value(loader->notes, key);
        made->event = found == EVENT_WITHOUT_TIME ? events->program->events[event].name : NULL;
        loader->notes->events_without_type += found == EVENT_WITHOUT_TYPE;
        loader->notes->events_without_time += found == EVENT_WITHOUT_TIME;
        return;
    }
    struct stored_key *owner = key_of(events, key, loader->file, loader->row);
    memory_reserve(&events->events, &events->event_capacity, events->event_count + 1, sizeof *events->events);
    uint32_t index = (uint32_t)events->event_count++;
    events->events[index] = (struct stored_event){at, events->values.length, NO_INDEX, event};
    if (owner->first == NO_INDEX)
        owner->first = index;
    else
        events->events[owner->last].next = index;
    owner->last = index;
    owner->count++;
    const struct bound_event *bound = &binder->events[event];
    for (uint32_t f = 0; f < bound->count; f++) {
        const struct bound_field *field = &bound->fields[f];
        converted = bind_pick(field, binder->plan, &loader->converter, &typed, &raw, &reason);
        if (converted != CONVERT_MISSING)
            loader->notes->found[field->problems]++;
        if (converted == CONVERTED) {
            put_value(events, (enum field_type)field->facts.field->type, &typed);
            continue;
        }
        buffer_char(&events->values, 0);
        if (converted == CONVERT_BAD) {
            struct note *made = note(loader, REPORT_VALUE, reason, raw);
            made->key = notes_keep_value(loader->notes, owner->key);
            made->event = events->program->events[event].name;
            made->field = field->facts.field->name;
            made->problems = field->problems;
        }
    }
}

static void reject(struct loader *loader, const char *end, const char *at, const char *reason)
{
    struct note *made = notes_add(loader->notes, REPORT_REJECT, loader->row, reason);
    while (end > loader->record && (end[-1] == '\n' || end[-1] == '\r'))
        end--;
    made->column = at ? (uint64_t)(at - loader->record) + 1 : 0;
    made->line = (struct text){loader->record, (uint32_t)(end - loader->record)};
    loader->notes->rejected++;
}

static const char *load_json(struct loader *loader, struct input_block *block)
{
    const char *limit = block->data + block->length, *at = json_skip_space(&loader->json, block->at);
    bool lines = loader->json.lines;
    if (!lines)
        block->at_line += count_line_ends(block->at, (size_t)(at - block->at), false);
    if (at >= limit)
        return limit;
    if (lines && *at == '\n') {
        block->at_line++;
        return at + 1;
    }
    const char *start = at, *reason = NULL;
    loader->record = start;
    loader->row = block->at_line;
    at = json_read_object(&loader->json, start);
    if (at) {
        at = json_skip_space(&loader->json, at);
        if (block->content != CONTENT_JSON_DOCUMENTS && at < limit && *at != (lines ? '\n' : ','))
            reason = "text behind the event";
    } else {
        at = loader->json.scan.error_at;
        reason = loader->json.scan.reason;
    }
    const char *next = at < limit && block->content != CONTENT_JSON_DOCUMENTS ? at + 1 : at;
    if (reason) {
        next = json_lexical_end(start, limit, block->content);
        reject(loader, next, at, reason);
    } else {
        store(loader);
    }
    block->at_line += lines ? 1 : count_line_ends(start, (size_t)(next - start), false);
    return next;
}

static const char *load_row(struct loader *loader, struct input_block *block)
{
    const char *next = block->at;
    struct csv_problem problem = {0};
    loader->record = block->at;
    loader->row = block->at_line;
    enum csv_row row = csv_read_row(&loader->csv, &next, block->data + block->length, &problem);
    if (row == CSV_BAD)
        reject(loader, next, problem.at, problem.reason);
    else if (row != CSV_BLANK)
        store(loader);
    loader->notes->mended_rows += row == CSV_MENDED;
    block->at_line += csv_lines(&loader->csv, block->at, next);
    return next;
}

static bool has_column(const struct csv_reader *csv, uint32_t slot)
{
    for (uint32_t i = 0; i < csv->column_count; i++) {
        if (csv->slots[i] == slot)
            return true;
    }
    return false;
}

/* A file of events that lacks a column all events need is the wrong file, and better said at once than once a row. */
static const char *missing_column(const struct loader *loader)
{
    bool has_key = false;
    for (uint32_t i = 0; i < loader->key.binding.count; i++)
        has_key = has_key || has_column(&loader->csv, loader->plan.order[loader->key.binding.first + i]);
    if (!has_key)
        return "there is no column with the lead's key, such as lead_id";
    if (!has_column(&loader->csv, loader->binder.type_slot))
        return "there is no column \"type\"";
    return has_column(&loader->csv, loader->plan.order[loader->binder.at.binding.first]) ? NULL
                                                                                         : "there is no column \"at\"";
}

static const char *load_block(struct loader *loader, struct input_block *block)
{
    loader->file = loader->notes->file = block->file;
    loader->notes->header = block->header;
    loader->notes->of_events = true;
    if (!loader->any_file || loader->file_index != block->file_index) {
        json_reader_set_lines(&loader->json, block->content == CONTENT_NDJSON);
        loader->any_file = true;
        loader->file_index = block->file_index;
        if (block->header) {
            csv_map_columns(&loader->csv, &loader->plan, block->header);
            const char *problem = missing_column(loader);
            if (problem)
                return problem;
        }
    }
    block->at = block->data;
    block->at_line = block->line;
    if (block->broken) {
        loader->record = block->data;
        loader->row = block->line;
        reject(loader, block->data + block->length, NULL, block->broken);
        return NULL;
    }
    while (block->at < block->data + block->length)
        block->at = block->content == CONTENT_CSV ? load_row(loader, block) : load_json(loader, block);
    return NULL;
}

static void loader_init(struct loader *loader, struct events_file *events, const struct input_options *options)
{
    *loader = (struct loader){.events = events, .notes = notes_new()};
    arena_init(&loader->arena);
    plan_init(&loader->plan);
    event_binder_init(&loader->binder, &loader->plan, &loader->arena, events->program);
    bind_key(loader);
    converter_init(&loader->converter, (struct convert_options){options->dates, options->decimal_comma});
    json_reader_init(&loader->json);
    loader->json.lead = &loader->plan;
    loader->notes->found_count = (size_t)events->program->field_count + events->program->event_field_count;
    loader->notes->found = memory_alloc((loader->notes->found_count + 1) * sizeof *loader->notes->found);
}

static void loader_free(struct loader *loader)
{
    event_binder_free(&loader->binder);
    converter_free(&loader->converter);
    csv_reader_free(&loader->csv);
    json_reader_free(&loader->json);
    plan_free(&loader->plan);
    arena_free(&loader->arena);
    notes_free(loader->notes);
}

struct events_file *events_file_load(const struct program *program, const struct input_options *options,
                                     const char *const *paths, size_t path_count,
                                     void (*settle)(void *context, struct input_notes *notes), void *context,
                                     char *problem, size_t capacity)
{
    struct events_file *events = memory_alloc(sizeof *events);
    events->program = program;
    arena_init(&events->arena);
    grow_table(events);
    struct loader loader;
    loader_init(&loader, events, options);
    struct input_options open_options = *options;
    open_options.content = CONTENT_SNIFFED;             /* what is said of the leads need not hold for their events */
    open_options.delimiter = 0;
    struct source source;
    bool fine = source_open(&source, paths, path_count, &open_options);
    enum input_state state = INPUT_FILLED;
    if (fine && !loader.has_key) {
        snprintf(source.problem, sizeof source.problem, "the rubric names no key by which events could be joined");
        fine = false;
    }
    while (fine) {
        struct input_block *block = source_take(&source, &state);
        if (!block)
            break;
        const char *wrong = load_block(&loader, block);
        settle(context, loader.notes);
        if (wrong) {
            snprintf(source.problem, sizeof source.problem, "%s: %s", block->file, wrong);
            fine = false;
        }
        source_give_back(&source, block);
    }
    fine = fine && state == INPUT_END;
    if (!fine)
        snprintf(problem, capacity, "%s", source.problem);
    bool machine = source.machine;
    source_close(&source);
    loader_free(&loader);
    if (fine)
        return events;
    events_file_free(events);
    errno = machine ? EIO : 0;
    return NULL;
}

void events_file_free(struct events_file *events)
{
    if (!events)
        return;
    free(events->events);
    free(events->keys);
    free(events->table);
    buffer_free(&events->values);
    arena_free(&events->arena);
    free(events);
}

uint64_t events_file_join(struct events_file *events, struct text key, struct batch *batch, uint64_t *in_future)
{
    uint32_t found = events->table[find_place(events, key)];
    if (found == 0)
        return 0;
    struct stored_key *owner = &events->keys[found - 1];
    __atomic_store_n(&owner->met, true, __ATOMIC_RELAXED); /* the only thing that readers change, all in the same way */
    for (uint32_t i = owner->first; i != NO_INDEX; i = events->events[i].next) {
        const struct stored_event *event = &events->events[i];
        if (!batch_add_event(batch, event->event, event->at)) {
            ++*in_future;
            continue;
        }
        const struct program_event *type = &events->program->events[event->event];
        const char *at = events->values.data ? events->values.data + event->values : NULL;
        for (uint32_t f = 0; f < type->fields.count; f++)
            add_value(batch, event->event, f,
                      (enum field_type)events->program->event_fields[type->fields.start + f].type, &at);
    }
    return owner->count;
}

void events_file_unmatched(const struct events_file *events,
                           void (*unmatched)(void *context, struct text key, uint64_t count, const char *file,
                                             uint64_t row),
                           void *context)
{
    for (size_t i = 0; i < events->key_count; i++) {
        const struct stored_key *key = &events->keys[i];
        if (!key->met)
            unmatched(context, key->key, key->count, key->file, key->row);
    }
}
