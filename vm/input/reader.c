#include "vm/input/reader.h"

#include <stdlib.h>
#include <string.h>

#include "vm/limits.h"

/* ------------------------------------------------------------- making one */

static void add_stage_name(struct input_reader *reader, const char *name, uint32_t stage)
{
    if (!name)
        return;
    struct plan *stages = &reader->stages;
    plan_add_key(stages, stages->root, name, strlen(name))->slot = stage;
    uint32_t length;
    const char *folded = text_fold_copy(&reader->arena, name, strlen(name), &length);
    plan_add_key(stages, stages->root, folded, length)->slot = stage;
}

static void event_read(void *context);
static void event_bad(void *context, struct raw raw, const char *reason);
static void events_again(void *context);

static void make_plans(struct input_reader *reader)
{
    const struct program *program = reader->setting.program;
    plan_init(&reader->lead);
    plan_init(&reader->event);
    reader->fields = arena_alloc(&reader->arena, program->field_count * sizeof *reader->fields);
    for (uint32_t f = 0; f < program->field_count; f++)
        bind_field(&reader->fields[f], &reader->lead, &reader->arena, program, &program->fields[f], f);
    event_binder_init(&reader->binder, &reader->event, &reader->arena, program);
    if (program->event_count > 0)
        plan_add_key(&reader->lead, reader->lead.root, "events", 6)->events = true;
}

struct input_reader *reader_make(struct reader_setting setting)
{
    struct input_reader *reader = memory_alloc(sizeof *reader);
    reader->setting = setting;
    arena_init(&reader->arena);
    make_plans(reader);
    plan_init(&reader->stages);
    const struct program *program = setting.program;
    for (uint32_t s = 0; s < program->stage_count; s++) {
        add_stage_name(reader, program->stages[s].name, s);
        add_stage_name(reader, program->stages[s].title, s);
    }
    add_stage_name(reader, "Disqualified", program->stage_count);
    converter_init(&reader->converter, setting.convert);
    json_reader_init(&reader->json);
    reader->json.lead = &reader->lead;
    reader->json.event = &reader->event;
    reader->json.context = reader;
    reader->json.event_read = event_read;
    reader->json.event_bad = event_bad;
    reader->json.events_again = events_again;
    straight_init(&reader->straight, reader);
    return reader;
}

void reader_free(struct input_reader *reader)
{
    if (!reader)
        return;
    event_binder_free(&reader->binder);
    plan_free(&reader->lead);
    plan_free(&reader->event);
    plan_free(&reader->stages);
    converter_free(&reader->converter);
    csv_reader_free(&reader->csv);
    json_reader_free(&reader->json);
    straight_free(&reader->straight);
    straight_csv_free(&reader->rows);
    free(reader->undeclared);
    buffer_free(&reader->joining);
    arena_free(&reader->arena);
    free(reader);
}

/* ---------------------------------------------------------------- reports */

/* Says where it is: the line and the byte in it, of a record that may be over several lines. */
static void note_place(const struct input_reader *reader, struct note *made, const char *at)
{
    const bool cr_only = !reader->bracketed && !reader->json.lines && reader->csv.dialect.cr_only;
    uint64_t lines = count_line_ends(reader->record, (size_t)(at - reader->record), cr_only);
    const char *line = at;
    while (line > reader->record && line[-1] != '\n' && !(cr_only && line[-1] == '\r'))
        line--;
    made->place = lines > 0 ? made->row + lines : 0;
    made->column = (uint64_t)(at - line) + 1 + (lines > 0 ? 0 : reader->margin);
}

static struct note *note(struct input_reader *reader, enum report_kind kind, const char *reason, struct raw raw)
{
    struct note *made = notes_add(reader->notes, kind, reader->row, reason);
    made->lead = reader->batch->leads;
    if (raw.kind > RAW_NULL) {
        struct text value = {raw.bytes, raw.length};
        if (raw.kind == RAW_ESCAPED || raw.kind == RAW_DOUBLED) {
            memory_reserve(&reader->converter.decoded.data, &reader->converter.decoded.capacity, (size_t)raw.length + 1,
                           1);
            value = raw_text(raw, reader->converter.decoded.data);
        }
        made->value = notes_keep_value(reader->notes, value);
        if (!reader->copy)
            note_place(reader, made, raw.bytes);
    }
    return made;
}

static void note_value(struct input_reader *reader, const struct bound_field *bound, const char *event, struct raw raw,
                       const char *reason)
{
    struct note *made = note(reader, REPORT_VALUE, reason, raw);
    made->field = bound->facts.field->name;
    made->event = event;
    made->problems = bound->problems;
}

/* ----------------------------------------------------------------- events */

static void event_bad(void *context, struct raw raw, const char *reason)
{
    struct input_reader *reader = context;
    reader->without_type++;
    note(reader, REPORT_EVENT, reason, raw);
}

static void event_read(void *context)
{
    reader_take_event(context);
}

void reader_take_event(struct input_reader *reader)
{
    struct event_binder *binder = &reader->binder;
    uint32_t event;
    int64_t at;
    struct raw raw;
    const char *reason;
    if (++reader->events_seen > LIMIT_EVENTS_PER_LEAD)          /* the lead will be rejected */
        return;
    switch (event_binder_look(binder, &reader->converter, &event, &at, &raw, &reason)) {
    case EVENT_UNUSED:
        reader->events++;
        return;
    case EVENT_UNDECLARED:
        memory_reserve(&reader->undeclared, &reader->undeclared_capacity, reader->undeclared_count + 1,
                       sizeof *reader->undeclared);
        reader->undeclared[reader->undeclared_count++] = event;
        return;
    case EVENT_WITHOUT_TYPE:
        event_bad(reader, raw, reason);
        return;
    case EVENT_WITHOUT_TIME:
        reader->without_time++;
        note(reader, REPORT_EVENT, reason, raw)->event = reader->setting.program->events[event].name;
        return;
    case EVENT_USABLE:
        break;
    }
    reader->events++;
    struct batch *batch = reader->batch;
    if (!batch_add_event(batch, event, at)) {
        reader->in_future++;
        return;
    }
    const struct bound_event *bound = &binder->events[event];
    for (uint32_t f = 0; f < bound->count; f++) {
        struct typed typed;
        const struct bound_field *field = &bound->fields[f];
        const struct raw *found = bind_first(field, binder->plan);
        if (!found)
            continue;
        if (bind_is_plain(field, found)) {
            reader->notes->found[field->problems]++;
            batch_event_text(batch, event, f, (struct text){found->bytes, found->length}, reader->copy);
            continue;
        }
        enum converted converted = CONVERTED;
        if (!bind_quick(field, found, &reader->converter.options, &typed))
            converted = bind_pick(field, binder->plan, &reader->converter, &typed, &raw, &reason);
        if (converted == CONVERT_MISSING)
            continue;
        reader->notes->found[field->problems]++;
        if (converted == CONVERT_BAD) {
            note_value(reader, field, reader->setting.program->events[event].name, raw, reason);
            continue;
        }
        bool copy = reader->copy || !typed.borrowed;
        switch ((enum field_type)field->facts.field->type) {
        case FIELD_NUMBER: case FIELD_DATE: batch_event_number(batch, event, f, typed.number); break;
        case FIELD_YESNO: batch_event_yesno(batch, event, f, typed.yes); break;
        case FIELD_TEXT: case FIELD_ONEOF: batch_event_text(batch, event, f, typed.text, copy); break;
        case FIELD_LIST: batch_event_list(batch, event, f, typed.elements, typed.element_count, copy); break;
        }
    }
}

/* ------------------------------------------------------------------ leads */

static void begin_lead(struct input_reader *reader)
{
    batch_begin_lead(reader->batch, reader->row);
    reader->notes_before = reader->notes->count;
    reader->events_seen = reader->events = reader->in_future = reader->without_type = reader->without_time = 0;
    reader->undeclared_count = 0;
}

/* What was found in the events of the lead begun is found no more. */
static void uncount_events(struct input_reader *reader)
{
    const struct program *program = reader->setting.program;
    const struct batch *batch = reader->batch;
    uint64_t *found = reader->notes->found;
    for (uint32_t e = 0; e < program->event_count; e++) {
        const struct event_table *table = &batch->events[e];
        uint32_t first = program->field_count + program->events[e].fields.start;
        for (size_t row = table->rows; row > 0 && table->lead[row - 1] == batch->leads; row--)
            for (uint32_t f = 0; f < table->field_count; f++)
                found[first + f] -= bit_get(table->fields[f].known, row - 1);
    }
    for (size_t i = reader->notes_before; i < reader->notes->count; i++) {
        const struct note *one = &reader->notes->items[i];
        if (one->kind == REPORT_VALUE && one->event)
            found[one->problems]--;
    }
}

static void forget_lead(struct input_reader *reader)
{
    uncount_events(reader);
    batch_drop_lead(reader->batch);
    notes_cut(reader->notes, reader->notes_before);
}

static void events_again(void *context)
{
    struct input_reader *reader = context;
    forget_lead(reader);
    begin_lead(reader);
}

static void set_stage(struct input_reader *reader, struct text text, struct raw raw)
{
    const struct program *program = reader->setting.program;
    const struct plan_node *names = reader->stages.root;
    if (program->stage_count == 0)
        return;
    const struct plan_key *key = plan_find_key(names, text.bytes, text.length);
    if (!key) {
        buffer_reset(&reader->converter.folded);
        size_t length = text_fold(text, &reader->converter.folded);
        key = plan_find_key(names, reader->converter.folded.data, length);
    }
    if (key)
        batch_set_stage(reader->batch, key->slot);
    else
        note(reader, REPORT_STAGE, "is no stage of the rubric", raw)->field =
            program->fields[program->stage_field].name;
}

static void set_field(struct input_reader *reader, uint32_t f)
{
    const struct bound_field *bound = &reader->fields[f];
    struct batch *batch = reader->batch;
    struct typed typed;
    struct raw raw;
    const char *reason;
    const struct raw *found = bind_first(bound, &reader->lead);
    if (!found)
        return;
    if (bind_is_plain(bound, found) && f != reader->setting.program->stage_field) {
        reader->notes->found[f]++;
        batch_set_text(batch, f, (struct text){found->bytes, found->length}, reader->copy);
        return;
    }
    enum converted converted = CONVERTED;
    if (!bind_quick(bound, found, &reader->converter.options, &typed))
        converted = bind_pick(bound, &reader->lead, &reader->converter, &typed, &raw, &reason);
    if (converted == CONVERT_MISSING)
        return;
    reader->notes->found[f]++;
    if (converted == CONVERT_BAD) {
        note_value(reader, bound, NULL, raw, reason);
        return;
    }
    bool copy = reader->copy || !typed.borrowed;
    switch ((enum field_type)bound->facts.field->type) {
    case FIELD_NUMBER: case FIELD_DATE: batch_set_number(batch, f, typed.number); break;
    case FIELD_YESNO: batch_set_yesno(batch, f, typed.yes); break;
    case FIELD_TEXT: case FIELD_ONEOF:
        batch_set_text(batch, f, typed.text, copy);
        if (f == reader->setting.program->stage_field)
            set_stage(reader, typed.text, raw);
        break;
    case FIELD_LIST:
        batch_begin_list(batch, f);
        for (size_t i = 0; i < typed.element_count; i++)
            batch_add_element(batch, f, typed.elements[i], copy);
        break;
    }
}

static void count_events(struct input_reader *reader)
{
    struct input_notes *notes = reader->notes;
    notes->events += reader->events;
    notes->events_in_future += reader->in_future;
    notes->events_without_type += reader->without_type;
    notes->events_without_time += reader->without_time;
    notes->events_undeclared += reader->undeclared_count;
    for (size_t i = 0; i < reader->undeclared_count; i++) {
        uint32_t type = reader->undeclared[i];
        if (type >= EVENT_TYPES_NAMED) {
            notes->types_not_named++;
            continue;
        }
        memory_reserve(&notes->types, &notes->type_capacity, reader->binder.undeclared_count, sizeof *notes->types);
        while (notes->type_count < reader->binder.undeclared_count) {
            notes->types[notes->type_count] = (struct note_type){reader->binder.undeclared[notes->type_count], 0};
            notes->type_count++;
        }
        notes->types[type].count++;
    }
}

/* NULL, or why the lead cannot be taken after all.  Its fields stand in the slots, or only those of `waiting` do: the
   others below STRAIGHT_FIELDS are written already. */
static const char *finish_lead(struct input_reader *reader, bool straight, uint64_t waiting)
{
    const struct program *program = reader->setting.program;
    struct batch *batch = reader->batch;
    uint32_t rest = 0;
    if (straight) {
        for (; waiting; waiting &= waiting - 1)
            set_field(reader, (uint32_t)__builtin_ctzll(waiting));
        rest = STRAIGHT_FIELDS;
    }
    for (uint32_t f = rest; f < program->field_count; f++)
        set_field(reader, f);
    straight_keep(&reader->straight, batch->leads, straight);
    uint32_t key_field = program->key_field;
    bool keyed = straight && key_field < STRAIGHT_FIELDS && (reader->straight.seen >> key_field & 1);
    if (keyed)
        bit_set(batch->fields[key_field].known, batch->leads);
    char room[64];
    struct text key = {"", 0};
    if (!keyed || reader->setting.events_file)
        key = batch_key(batch, batch->leads, room);
    if (!keyed && key.length == 0 && key_field != NO_INDEX)
        notes_add(reader->notes, REPORT_NO_KEY, reader->row, "has no key")->lead = batch->leads;
    if (reader->setting.events_file && key.length > 0) {
        uint64_t in_future = 0,
                 joined = events_file_join(reader->setting.events_file, text_trim(key), batch, &in_future, &reader->joining);
        reader->events += joined;
        reader->events_seen += joined;
        reader->in_future += in_future;
    }
    if (reader->events_seen > LIMIT_EVENTS_PER_LEAD)
        return "more than 1000000 events";
    count_events(reader);
    batch_end_lead(batch);
    return NULL;
}

static void reject(struct input_reader *reader, const char *end, const char *at, const char *reason)
{
    struct note *made = notes_add(reader->notes, REPORT_REJECT, reader->row, reason);
    const char *start = reader->record;
    while (end > start && (end[-1] == '\n' || end[-1] == '\r'))
        end--;
    if (at)
        note_place(reader, made, at);
    made->line = reader->bracketed ? notes_one_line(reader->notes, start, end) : (struct text){start, (uint32_t)(end - start)};
    reader->notes->rejected++;
}

/* ---------------------------------------------------------------- records */

static const char *read_json(struct input_reader *reader, struct input_block *block)
{
    const char *limit = block->data + block->length, *reason = NULL;
    const char *start = json_skip_space(&reader->json, block->at), *next = limit;
    bool lines = reader->json.lines;
    if (!lines)
        block->at_line += count_line_ends(block->at, (size_t)(start - block->at), false);
    if (start >= limit)
        return limit;
    if (lines && *start == '\n') {
        reader->notes->blank_lines++;
        block->at_line++;
        return start + 1;
    }
    reader->notes->records++;
    reader->record = lines ? block->at : start;
    for (reader->margin = 0; !lines && start - reader->margin > block->at && start[-1 - (ptrdiff_t)reader->margin] != '\n';)
        reader->margin++;
    if (!lines && start - reader->margin == block->at)  /* what comes before it on this line is not at hand */
        reader->margin = 0;
    reader->row = block->at_line;
    reader->copy = false;
    begin_lead(reader);
    struct straight *fast = &reader->straight;
    const char *at = straight_read(reader, start, limit);
    bool straight = at != NULL;
    if (!straight) {
        forget_lead(reader);
        begin_lead(reader);
        at = json_read_object(&reader->json, start);
    }
    if (at) {
        at = json_skip_space(&reader->json, at);
        next = at < limit ? at + 1 : limit;
        if (block->content == CONTENT_JSON_DOCUMENTS)
            next = at;
        else if (at < limit && *at != (lines ? '\n' : ','))
            reason = lines ? "text behind the lead" : "a comma is expected behind the lead";
        reader->json.scan.error_at = at;
    } else {
        reason = reader->json.scan.reason;
    }
    if (!reason) {
        reason = finish_lead(reader, straight, fast->odd | fast->waiting);
        at = NULL;
    } else {
        next = json_lexical_end(start, limit, block->content);
        at = reader->json.scan.error_at;
        if (lines && *start == '{' && (at >= limit || *at == '\n'))
            reason = "the line ends before the lead does: leads stand one a line, or in a JSON array";
    }
    if (reason) {
        forget_lead(reader);
        reject(reader, next, at, reason);
    }
    block->at_line += lines ? 1 : count_line_ends(start, (size_t)(next - start), false);
    return next;
}

/* The first bit from `at` on that is set in bits[0, count), or count. */
static uint32_t bits_next(const uint64_t *bits, uint32_t at, uint32_t count)
{
    for (; at < count; at = (at | 63) + 1) {
        uint64_t left = bits[at / 64] >> at % 64;
        if (left)
            return at + (uint32_t)__builtin_ctzll(left);
    }
    return count;
}

/* A row that was read the straight way and must be looked at by itself.  False when it had to be rejected. */
static bool finish_row(struct input_reader *reader, uint32_t row, const char *end)
{
    reader->record = straight_csv_at(&reader->rows, row);
    begin_lead(reader);
    const char *reason = finish_lead(reader, true, straight_csv_put(reader, row));
    if (!reason)
        return true;
    forget_lead(reader);
    reject(reader, end, NULL, reason);
    return false;
}

/* Reads rows the straight way, `most` at most.  False: csv.c must read the next one. */
static bool read_rows(struct input_reader *reader, struct input_block *block, uint32_t most)
{
    struct straight_rows *rows = &reader->rows;
    struct batch *batch = reader->batch;
    const char *end;
    const uint32_t first = batch->leads;
    uint32_t count = straight_csv_read(reader, block->at, block->data + block->length, most, &end), kept = count;
    if (count == 0)
        return false;
    reader->copy = false;
    for (uint32_t row = 0; row < count; row++)
        batch->source_row[first + row] = block->at_line + row;
    for (uint32_t row = bits_next(rows->looked_at, 0, count); row < count; row = bits_next(rows->looked_at, row + 1, count)) {
        const char *row_end = row + 1 < count ? straight_csv_at(rows, row + 1) : end;
        batch->leads = first + row;
        reader->row = block->at_line + row;
        bool taken = finish_row(reader, row, row_end);
        if (taken && !batch_full(batch))
            continue;
        kept = row + taken;
        count = row + 1;
        end = row_end;
    }
    straight_csv_keep(reader, kept, reader->notes->found);
    batch->leads = first + kept;
    reader->notes->records += count;
    block->at = end;
    block->at_line += count;
    return true;
}

static const char *read_row(struct input_reader *reader, struct input_block *block)
{
    const char *limit = block->data + block->length, *next = block->at, *reason = NULL;
    struct csv_problem problem = {0};
    reader->record = block->at;
    reader->row = block->at_line;
    enum csv_row row = csv_read_row(&reader->csv, &next, limit, &problem);
    block->at_line += csv_lines(&reader->csv, block->at, next);
    if (row == CSV_BLANK) {
        reader->notes->blank_lines++;
        return next;
    }
    reader->notes->records++;
    if (row == CSV_BAD) {
        reject(reader, next, problem.at, problem.reason);
        return next;
    }
    reader->copy = row == CSV_MENDED;
    reader->notes->mended_rows += row == CSV_MENDED;
    begin_lead(reader);
    reason = finish_lead(reader, false, 0);
    if (reason) {
        forget_lead(reader);
        reject(reader, next, NULL, reason);
    }
    return next;
}

static void start_block(struct input_reader *reader, struct input_block *block)
{
    block->started = true;
    block->at = block->data;
    block->at_line = block->line;
    straight_begin_block(&reader->straight);
    straight_csv_begin_block(&reader->rows);
    reader->margin = 0;
    reader->bracketed = block->content == CONTENT_JSON_ARRAY || block->content == CONTENT_JSON_DOCUMENTS;
    if (reader->any_file && reader->file_index == block->file_index)
        return;
    json_reader_set_lines(&reader->json, block->content == CONTENT_NDJSON);
    if (block->header)
        csv_map_columns(&reader->csv, &reader->lead, block->header);
    if (block->header)
        straight_csv_map(reader);
    reader->any_file = true;
    reader->file_index = block->file_index;
}

enum input_state reader_fill(struct input_reader *reader, struct input_block *block, struct batch *batch,
                             struct input_notes *notes)
{
    const struct program *program = reader->setting.program;
    size_t fields = (size_t)program->field_count + program->event_field_count;
    if (!block->started)
        start_block(reader, block);
    if (!notes->found) {
        notes->found = memory_alloc((fields + 1) * sizeof *notes->found);
        notes->found_count = fields;
    }
    notes->file = block->file;
    notes->header = block->header;
    notes->converted = block->converted;
    reader->batch = batch;
    reader->notes = notes;
    batch_clear(batch);
    straight_begin_batch(&reader->straight, batch, notes->found);
    const char *limit = block->data + block->length;
    if (block->broken) {
        reader->record = block->data;
        reader->row = block->line;
        if (block->at) {
            notes->records++;
            reject(reader, limit, NULL, block->broken);
            block->at = NULL;                           /* said once */
        }
        batch_finish(batch);
        return INPUT_END;
    }
    /* Batches of equal size: a full one and a remnant would cost the machine more. */
    uint64_t end = block->line + block->lines, left = end > block->at_line ? end - block->at_line + 1 : 1;
    uint64_t parts = (left + batch->capacity - 1) / batch->capacity, target = (left + parts - 1) / parts;
    while (block->at < limit && batch->leads < target && !batch_full(batch)) {
        if (block->content != CONTENT_CSV)
            block->at = read_json(reader, block);
        else if (!read_rows(reader, block, (uint32_t)target - batch->leads))
            block->at = read_row(reader, block);
    }
    straight_finish_batch(&reader->straight, batch, notes->found);
    batch_finish(batch);
    return batch->leads > 0 ? INPUT_FILLED : INPUT_END;
}
