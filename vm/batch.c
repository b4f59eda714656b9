#include "vm/batch.h"

#include <stdlib.h>
#include <string.h>

#include "vm/limits.h"
#include "vm/number.h"

/* Rows are reserved in steps of 512, so that kernels may work on whole blocks of eight words. */
#define ROW_STEP ((size_t)512)
/* A table that one huge lead has blown up beyond this is given back when the batch is cleared. */
#define KEPT_EVENT_ROWS ((size_t)4 * LIMIT_BATCH_EVENTS)
#define COPIED_KEPT 1024u
#define TEXT_ROOM ((size_t)4 << 10)
/* Texts of leads that were dropped stay in the arena until it is cleared: beyond this the batch counts as full. */
#define FULL_TEXT_BYTES ((size_t)64 << 20)

/* An event's place in time while a lead's events are put in order. */
struct moment { int64_t at; uint32_t row; };

/* What batch_new really makes: the batch and the room for sorting. */
struct batch_room {
    struct batch batch;
    struct moment *moments; size_t moment_capacity;            /* twice the events of a lead: merging goes to and fro */
    void *moved; size_t moved_capacity;                         /* values of a column on their way, 16 bytes each */
    size_t bitmap_words;                                        /* of the columns over leads */
    char *texts; size_t text_bytes;                             /* of the arena: room for texts, one close to the other */
    struct text *copied;                                        /* texts that were: those of events repeat (COPIED_KEPT) */
};

static size_t round_rows(size_t rows)
{
    return (rows + ROW_STEP - 1) / ROW_STEP * ROW_STEP;
}

static uint64_t *bitmap_grow(uint64_t *bits, size_t old_rows, size_t rows)
{
    bits = memory_resize(bits, rows / 8);
    memset(bits + old_rows / 64, 0, (rows - old_rows) / 8);
    return bits;
}

static void column_grow(struct column *column, size_t rows)
{
    size_t old = column->capacity;
    column->known = bitmap_grow(column->known, old, rows);
    switch (column->type) {
    case FIELD_NUMBER:
    case FIELD_DATE:
        column->numbers = memory_resize(column->numbers, rows * sizeof *column->numbers);
        memset(column->numbers + old, 0, (rows - old) * sizeof *column->numbers);
        break;
    case FIELD_YESNO:
        column->yes = bitmap_grow(column->yes, old, rows);
        break;
    case FIELD_TEXT:
    case FIELD_ONEOF:
        column->texts = memory_resize(column->texts, rows * sizeof *column->texts);
        break;
    case FIELD_LIST:
        column->lists = memory_resize(column->lists, rows * sizeof *column->lists);
        break;
    }
    column->capacity = rows;
}

static void column_free(struct column *column)
{
    free(column->known);
    free(column->numbers);
    free(column->yes);
    free(column->texts);
    free(column->lists);
    free(column->elements);
    *column = (struct column){.type = column->type};
}

static void table_grow(struct event_table *table, bool is_activity)
{
    size_t rows = table->capacity == 0 ? ROW_STEP : table->capacity * 2;
    table->lead = memory_resize(table->lead, rows * sizeof *table->lead);
    table->at = memory_resize(table->at, rows * sizeof *table->at);
    memset(table->at + table->capacity, 0, (rows - table->capacity) * sizeof *table->at);
    if (is_activity) {
        table->type = memory_resize(table->type, rows * sizeof *table->type);
        table->row = memory_resize(table->row, rows * sizeof *table->row);
    }
    for (uint32_t field = 0; field < table->field_count; field++)
        column_grow(&table->fields[field], rows);
    table->capacity = rows;
}

static void table_release_rows(struct event_table *table)
{
    free(table->lead);
    free(table->at);
    free(table->type);
    free(table->row);
    table->lead = NULL;
    table->at = NULL;
    table->type = NULL;
    table->row = NULL;
    for (uint32_t field = 0; field < table->field_count; field++)
        column_free(&table->fields[field]);
    table->rows = table->capacity = 0;
}

static void columns_make(struct column *columns, const struct program_field *fields, uint32_t count)
{
    for (uint32_t field = 0; field < count; field++)
        columns[field].type = (enum field_type)fields[field].type;
}

struct batch *batch_new(const struct program *program, int64_t as_of, uint32_t capacity)
{
    struct batch_room *room = memory_alloc(sizeof *room);
    struct batch *batch = &room->batch;
    if (capacity < 1)
        capacity = 1;
    if (capacity > LIMIT_BATCH_LEADS)
        capacity = LIMIT_BATCH_LEADS;
    size_t rows = round_rows(capacity);
    room->bitmap_words = rows / 64;
    batch->program = program;
    batch->as_of = as_of;
    batch->capacity = capacity;
    batch->fields = memory_alloc(program->field_count * sizeof *batch->fields);
    columns_make(batch->fields, program->fields, program->field_count);
    for (uint32_t field = 0; field < program->field_count; field++)
        column_grow(&batch->fields[field], rows);
    batch->events = memory_alloc(((size_t)program->event_count + 1) * sizeof *batch->events);
    for (uint32_t event = 0; event <= program->event_count; event++) {
        struct event_table *table = &batch->events[event];
        table->first = memory_alloc(((size_t)capacity + 1) * sizeof *table->first);
        if (event == program->event_count)
            break;
        struct range fields = program->events[event].fields;
        table->field_count = fields.count;
        table->fields = memory_alloc(fields.count * sizeof *table->fields);
        columns_make(table->fields, fields.count > 0 ? program->event_fields + fields.start : NULL, fields.count);
    }
    batch->stage_known = memory_alloc(rows / 8);
    batch->stage = memory_alloc(rows * sizeof *batch->stage);
    batch->source_row = memory_alloc(rows * sizeof *batch->source_row);
    arena_init(&batch->arena);
    return batch;
}

void batch_free(struct batch *batch)
{
    if (batch == NULL)
        return;
    for (uint32_t field = 0; field < batch->program->field_count; field++)
        column_free(&batch->fields[field]);
    for (uint32_t event = 0; event <= batch->program->event_count; event++) {
        table_release_rows(&batch->events[event]);
        free(batch->events[event].fields);
        free(batch->events[event].first);
    }
    free(batch->fields);
    free(batch->events);
    free(batch->stage_known);
    free(batch->stage);
    free(batch->source_row);
    arena_free(&batch->arena);
    struct batch_room *room = (struct batch_room *)batch;
    free(room->moments);
    free(room->copied);
    free(room->moved);
    free(room);
}

static void column_clear(struct column *column, size_t words)
{
    if (words == 0)
        return;
    memset(column->known, 0, words * sizeof *column->known);
    if (column->yes != NULL)
        memset(column->yes, 0, words * sizeof *column->yes);
    column->element_count = 0;
}

void batch_clear(struct batch *batch)
{
    struct batch_room *room = (struct batch_room *)batch;
    for (uint32_t field = 0; field < batch->program->field_count; field++)
        column_clear(&batch->fields[field], room->bitmap_words);
    memset(batch->stage_known, 0, room->bitmap_words * sizeof *batch->stage_known);
    for (uint32_t event = 0; event <= batch->program->event_count; event++) {
        struct event_table *table = &batch->events[event];
        if (table->capacity > KEPT_EVENT_ROWS)
            table_release_rows(table);
        for (uint32_t field = 0; field < table->field_count; field++)
            column_clear(&table->fields[field], (table->rows + 63) / 64);
        table->rows = 0;
    }
    batch->leads = 0;
    batch->event_rows = 0;
    batch->unsorted = false;
    arena_reset(&batch->arena);
    room->texts = NULL;
    room->text_bytes = 0;
    if (room->copied)
        memset(room->copied, 0, COPIED_KEPT * sizeof *room->copied);
}

uint32_t batch_begin_lead(struct batch *batch, uint64_t source_row)
{
    batch->source_row[batch->leads] = source_row;
    batch->latest = INT64_MIN;
    return batch->leads;
}

void batch_end_lead(struct batch *batch)
{
    batch->leads++;
}

static void bit_clear(uint64_t *bits, size_t index)
{
    bits[index >> 6] &= ~(UINT64_C(1) << (index & 63));
}

static void column_forget(struct column *column, size_t row)
{
    if (!bit_get(column->known, row))
        return;
    bit_clear(column->known, row);
    if (column->type == FIELD_YESNO)
        bit_clear(column->yes, row);
    if (column->type == FIELD_LIST)
        column->element_count = column->lists[row].start;
}

void batch_drop_lead(struct batch *batch)
{
    uint32_t lead = batch->leads;
    for (uint32_t field = 0; field < batch->program->field_count; field++)
        column_forget(&batch->fields[field], lead);
    bit_clear(batch->stage_known, lead);
    for (uint32_t event = 0; event <= batch->program->event_count; event++) {
        struct event_table *table = &batch->events[event];
        while (table->rows > 0 && table->lead[table->rows - 1] == lead) {
            table->rows--;
            for (uint32_t field = 0; field < table->field_count; field++)
                column_forget(&table->fields[field], table->rows);
            if (event < batch->program->event_count)
                batch->event_rows--;
        }
    }
}

bool batch_full(const struct batch *batch)
{
    return batch->leads >= batch->capacity || batch->event_rows >= LIMIT_BATCH_EVENTS
           || batch->arena.bytes > FULL_TEXT_BYTES;
}

static struct text keep_text(struct batch *batch, struct text text, bool copy)
{
    struct batch_room *room = (struct batch_room *)batch;
    if (!copy)
        return text;
    if (!room->copied)
        room->copied = memory_alloc(COPIED_KEPT * sizeof *room->copied);
    struct text *same = &room->copied[text_hash(text.bytes, text.length) % COPIED_KEPT];
    if (same->length == text.length && memcmp(same->bytes, text.bytes, text.length) == 0)
        return *same;
    if (room->text_bytes < text.length) {
        room->text_bytes = text.length > TEXT_ROOM ? text.length : TEXT_ROOM;
        room->texts = arena_alloc(&batch->arena, room->text_bytes);
    }
    char *kept = memcpy(room->texts, text.bytes, text.length);
    room->texts += text.length;
    room->text_bytes -= text.length;
    text.bytes = kept;
    *same = text;
    return text;
}

static void column_set_number(struct column *column, size_t row, int64_t value)
{
    column->numbers[row] = value;
    bit_set(column->known, row);
}

static void column_set_yesno(struct column *column, size_t row, bool yes)
{
    bit_set(column->known, row);
    if (yes)
        bit_set(column->yes, row);
    else
        bit_clear(column->yes, row);
}

static void column_set_text(struct batch *batch, struct column *column, size_t row, struct text text, bool copy)
{
    if (text.length == 0)
        return;
    column->texts[row] = keep_text(batch, text, copy);
    bit_set(column->known, row);
}

static void column_begin_list(struct column *column, size_t row)
{
    column_forget(column, row);
    column->lists[row] = (struct list_cell){(uint32_t)column->element_count, 0};
}

static void column_add_element(struct batch *batch, struct column *column, size_t row, struct text text, bool copy)
{
    if (text.length == 0)
        return;
    memory_reserve(&column->elements, &column->element_capacity, column->element_count + 1, sizeof *column->elements);
    column->elements[column->element_count++] = keep_text(batch, text, copy);
    column->lists[row].count++;
    bit_set(column->known, row);
}

void batch_set_number(struct batch *batch, uint32_t field, int64_t value)
{
    column_set_number(&batch->fields[field], batch->leads, value);
}

void batch_set_yesno(struct batch *batch, uint32_t field, bool yes)
{
    column_set_yesno(&batch->fields[field], batch->leads, yes);
}

void batch_set_text(struct batch *batch, uint32_t field, struct text text, bool copy)
{
    column_set_text(batch, &batch->fields[field], batch->leads, text, copy);
}

void batch_begin_list(struct batch *batch, uint32_t field)
{
    column_begin_list(&batch->fields[field], batch->leads);
}

void batch_add_element(struct batch *batch, uint32_t field, struct text text, bool copy)
{
    column_add_element(batch, &batch->fields[field], batch->leads, text, copy);
}

void batch_set_stage(struct batch *batch, int64_t stage)
{
    batch->stage[batch->leads] = stage;
    bit_set(batch->stage_known, batch->leads);
}

static void table_add(struct event_table *table, uint32_t lead, int64_t at)
{
    size_t row = table->rows++;
    table->lead[row] = lead;
    table->at[row] = at;
}

bool batch_add_event(struct batch *batch, uint32_t event, int64_t at)
{
    if (at > batch->as_of)
        return false;
    const struct program *program = batch->program;
    struct event_table *table = &batch->events[event];
    batch->unsorted |= at < batch->latest;
    batch->latest = at;
    if (table->rows == table->capacity)
        table_grow(table, false);
    table_add(table, batch->leads, at);
    batch->event_rows++;
    if (program->uses_activity && program->events[event].activity) {
        struct event_table *activity = &batch->events[program->event_count];
        if (activity->rows == activity->capacity)
            table_grow(activity, true);
        activity->type[activity->rows] = (uint16_t)event;
        activity->row[activity->rows] = (uint32_t)(table->rows - 1);
        table_add(activity, batch->leads, at);
    }
    return true;
}

void batch_event_number(struct batch *batch, uint32_t event, uint32_t field, int64_t value)
{
    struct event_table *table = &batch->events[event];
    column_set_number(&table->fields[field], table->rows - 1, value);
}

void batch_event_yesno(struct batch *batch, uint32_t event, uint32_t field, bool yes)
{
    struct event_table *table = &batch->events[event];
    column_set_yesno(&table->fields[field], table->rows - 1, yes);
}

void batch_event_text(struct batch *batch, uint32_t event, uint32_t field, struct text text, bool copy)
{
    struct event_table *table = &batch->events[event];
    column_set_text(batch, &table->fields[field], table->rows - 1, text, copy);
}

void batch_event_list(struct batch *batch, uint32_t event, uint32_t field, const struct text *elements, size_t count,
                      bool copy)
{
    struct event_table *table = &batch->events[event];
    struct column *column = &table->fields[field];
    column_begin_list(column, table->rows - 1);
    for (size_t at = 0; at < count; at++)
        column_add_element(batch, column, table->rows - 1, elements[at], copy);
}

/* Few events find their places by counting those before them: no branch to be guessed wrong. */
#define FEW_EVENTS ((size_t)12)

static void rank_sort(struct moment *order, const int64_t *at, size_t count, uint32_t from)
{
    for (size_t event = 0; event < count; event++) {
        size_t rank = 0;
        for (size_t other = 0; other < event; other++)
            rank += at[other] <= at[event];
        for (size_t other = event + 1; other < count; other++)
            rank += at[other] < at[event];
        order[rank] = (struct moment){at[event], from + (uint32_t)event};
    }
}

static void insertion_sort(struct moment *moments, size_t count)
{
    for (size_t at = 1; at < count; at++) {
        struct moment moment = moments[at];
        size_t hole = at;
        for (; hole > 0 && moments[hole - 1].at > moment.at; hole--)
            moments[hole] = moments[hole - 1];
        moments[hole] = moment;
    }
}

/* Stable: of two events at one instant, the later in the record stays the later one. */
static void merge_sort(struct moment *moments, struct moment *spare, size_t count)
{
    const size_t run = 16;
    for (size_t from = 0; from < count; from += run)
        insertion_sort(moments + from, count - from < run ? count - from : run);
    struct moment *source = moments, *target = spare;
    for (size_t width = run; width < count; width *= 2) {
        for (size_t from = 0; from < count; from += 2 * width) {
            size_t middle = from + width < count ? from + width : count;
            size_t end = from + 2 * width < count ? from + 2 * width : count;
            size_t left = from, right = middle;
            for (size_t to = from; to < end; to++) {
                if (left < middle && (right == end || source[left].at <= source[right].at))
                    target[to] = source[left++];
                else
                    target[to] = source[right++];
            }
        }
        struct moment *swap = source;
        source = target;
        target = swap;
    }
    if (source != moments)
        memcpy(moments, source, count * sizeof *moments);
}

/* Moves whole values: element `order[i].row` of the array goes to `from + i`. */
#define MOVE_VALUES(type, array) do { \
        type *moved_ = room->moved; \
        for (size_t i_ = 0; i_ < count; i_++) \
            moved_[i_] = (array)[order[i_].row]; \
        memcpy((array) + from, moved_, count * sizeof *moved_); \
    } while (0)

static void move_bits(struct batch_room *room, uint64_t *bits, const struct moment *order, size_t from, size_t count)
{
    unsigned char *moved = room->moved;
    for (size_t at = 0; at < count; at++)
        moved[at] = (unsigned char)bit_get(bits, order[at].row);
    for (size_t at = 0; at < count; at++) {
        bit_clear(bits, from + at);
        bits[(from + at) >> 6] |= (uint64_t)moved[at] << ((from + at) & 63);
    }
}

static void table_sort_lead(struct batch_room *room, struct event_table *table, size_t from, size_t count,
                            uint32_t *new_rows)
{
    memory_reserve(&room->moments, &room->moment_capacity, 2 * count, sizeof *room->moments);
    memory_reserve(&room->moved, &room->moved_capacity, count, 16);
    struct moment *order = room->moments;
    if (count <= FEW_EVENTS) {
        rank_sort(order, table->at + from, count, (uint32_t)from);
    } else {
        for (size_t at = 0; at < count; at++)
            order[at] = (struct moment){table->at[from + at], (uint32_t)(from + at)};
        merge_sort(order, order + count, count);
    }

    for (size_t at = 0; at < count; at++)
        table->at[from + at] = order[at].at;
    for (size_t at = 0; new_rows != NULL && at < count; at++)
        new_rows[order[at].row] = (uint32_t)(from + at);
    if (table->type != NULL) {
        MOVE_VALUES(uint16_t, table->type);
        MOVE_VALUES(uint32_t, table->row);
    }
    for (uint32_t field = 0; field < table->field_count; field++) {
        struct column *column = &table->fields[field];
        move_bits(room, column->known, order, from, count);
        switch (column->type) {
        case FIELD_NUMBER:
        case FIELD_DATE: MOVE_VALUES(int64_t, column->numbers); break;
        case FIELD_YESNO: move_bits(room, column->yes, order, from, count); break;
        case FIELD_TEXT:
        case FIELD_ONEOF: MOVE_VALUES(struct text, column->texts); break;
        case FIELD_LIST: MOVE_VALUES(struct list_cell, column->lists); break;
        }
    }
}

static void table_sort(struct batch_room *room, struct event_table *table, uint32_t *new_rows)
{
    for (size_t row = 0; new_rows != NULL && row < table->rows; row++)
        new_rows[row] = (uint32_t)row;
    for (uint32_t lead = 0; lead < room->batch.leads; lead++) {
        size_t from = table->first[lead], end = table->first[lead + 1];
        for (size_t row = from + 1; row < end; row++)
            if (table->at[row] < table->at[row - 1]) {
                table_sort_lead(room, table, from, end - from, new_rows);
                break;
            }
    }
}

/* Finds where the rows of each lead begin. */
static void table_index(struct event_table *table, uint32_t leads)
{
    uint32_t *first = table->first, end = 0;
    const uint32_t *lead = table->lead;
    memset(first, 0, ((size_t)leads + 1) * sizeof *first);
    for (size_t row = 0; row < table->rows; row++)
        first[lead[row] + 1] = (uint32_t)row + 1;       /* the last of a lead stays */
    for (uint32_t i = 1; i <= leads; i++)
        first[i] = end = first[i] > end ? first[i] : end;
}

static void sort_all(struct batch *batch)
{
    struct batch_room *room = (struct batch_room *)batch;
    const struct program *program = batch->program;
    struct event_table *activity = &batch->events[program->event_count];
    uint32_t **new_rows = memory_alloc((program->event_count + 1) * sizeof *new_rows);
    for (uint32_t event = 0; event < program->event_count; event++) {
        struct event_table *table = &batch->events[event];
        if (table->rows > 0 && program->uses_activity && program->events[event].activity)
            new_rows[event] = memory_alloc(table->rows * sizeof *new_rows[event]);
        table_sort(room, table, new_rows[event]);
    }
    for (size_t row = 0; row < activity->rows; row++)
        activity->row[row] = new_rows[activity->type[row]][activity->row[row]];
    for (uint32_t event = 0; event < program->event_count; event++)
        free(new_rows[event]);
    free(new_rows);
    table_sort(room, activity, NULL);
}

void batch_finish(struct batch *batch)
{
    for (uint32_t event = 0; event <= batch->program->event_count; event++)
        table_index(&batch->events[event], batch->leads);
    if (batch->unsorted)
        sort_all(batch);
}

struct text batch_key(const struct batch *batch, uint32_t lead, char out[64])
{
    uint32_t field = batch->program->key_field;
    if (field == NO_INDEX || !bit_get(batch->fields[field].known, lead))
        return (struct text){"", 0};
    const struct column *column = &batch->fields[field];
    switch (column->type) {
    case FIELD_TEXT:
    case FIELD_ONEOF: return column->texts[lead];
    case FIELD_NUMBER: return (struct text){out, (uint32_t)number_format(column->numbers[lead], out)};
    case FIELD_DATE: return (struct text){out, (uint32_t)instant_format(column->numbers[lead], out)};
    case FIELD_YESNO: return bit_get(column->yes, lead) ? (struct text){"yes", 3} : (struct text){"no", 2};
    case FIELD_LIST: break;
    }
    return (struct text){"", 0};
}
