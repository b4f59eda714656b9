#include "vm/input/events_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vm/input/bind.h"
#include "vm/input/csv.h"
#include "vm/input/events_kept.h"
#include "vm/input/json.h"
#include "vm/input/source.h"
#include "vm/number.h"

/* ---------------------------------------------------------------- loading */

struct loader {
    struct events_file *events;
    struct plan plan; struct arena arena; struct event_binder binder; struct converter converter;
    struct bound_field key; bool has_key;
    struct json_reader json; struct csv_reader csv;
    struct input_notes *notes;
    const char *file, *record; uint64_t row; bool bracketed;
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
    struct stored_key *owner = events_kept_key(events, key, loader->file, loader->row);
    events_kept_add(events, owner, event, at);
    const struct bound_event *bound = &binder->events[event];
    for (uint32_t f = 0; f < bound->count; f++) {
        const struct bound_field *field = &bound->fields[f];
        converted = bind_pick(field, binder->plan, &loader->converter, &typed, &raw, &reason);
        if (converted != CONVERT_MISSING)
            loader->notes->found[field->problems]++;
        if (converted == CONVERTED) {
            events_kept_put(events, (enum field_type)field->facts.field->type, &typed);
            continue;
        }
        events_kept_put_missing(events);
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
    made->line = loader->bracketed ? notes_one_line(loader->notes, loader->record, end)
                                   : (struct text){loader->record, (uint32_t)(end - loader->record)};
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
    loader->notes->converted = block->converted;
    loader->notes->of_events = true;
    loader->bracketed = block->content == CONTENT_JSON_ARRAY || block->content == CONTENT_JSON_DOCUMENTS;
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
    struct events_file *events = events_kept_new(program, options, paths, path_count);
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
        if (fine && !events_kept_trim(events)) {
            events_kept_say(source.problem, sizeof source.problem, errno);
            source.machine = true;
            fine = false;
        }
    }
    fine = fine && state == INPUT_END;
    if (fine && !events_kept_finish(events)) {
        events_kept_say(source.problem, sizeof source.problem, errno);
        source.machine = true;
        fine = false;
    }
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
