#include "vm/input/events_kept.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vm/limits.h"

/* An event in the temporary file: this, and its values. */
struct spilled_event { int64_t at; uint32_t length, event; };
#define SPILLED_READ ((size_t)64 << 10)                 /* of a lead's events at once */

/* ------------------------------------------------------------------- keys */

static size_t find_place(const struct events_file *events, uint64_t hash, struct text key)
{
    size_t mask = events->table_size - 1, place = hash & mask;
    for (; events->table[place] != 0; place = (place + 1) & mask) {
        const struct stored_key *other = &events->keys[events->table[place] - 1];
        if (other->hash == hash && other->key.length == key.length
            && memcmp(other->key.bytes, key.bytes, key.length) == 0)
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
        events->table[find_place(events, events->keys[i].hash, events->keys[i].key)] = (uint32_t)i + 1;
}

struct stored_key *events_kept_key(struct events_file *events, struct text key, const char *file, uint64_t row)
{
    if (events->key_count * 2 >= events->table_size)
        grow_table(events);
    uint64_t hash = text_hash(key.bytes, key.length);
    size_t place = find_place(events, hash, key);
    if (events->table[place] == 0) {
        memory_reserve(&events->keys, &events->key_capacity, events->key_count + 1, sizeof *events->keys);
        struct text copy = {arena_copy(&events->arena, key.bytes, key.length), key.length};
        events->keys[events->key_count] = (struct stored_key){.key = copy, .hash = hash, .file = file, .row = row, .first = NO_INDEX};
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

void events_kept_put(struct events_file *events, enum field_type type, const struct typed *typed)
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

void events_kept_put_missing(struct events_file *events) { buffer_char(&events->values, 0); }

void events_kept_add(struct events_file *events, struct stored_key *owner, uint32_t event, int64_t at)
{
    memory_reserve(&events->events, &events->event_capacity, events->event_count + 1, sizeof *events->events);
    uint32_t index = (uint32_t)events->event_count++;
    events->events[index] = (struct stored_event){at, events->values.length, NO_INDEX, event};
    if (owner->first == NO_INDEX)
        owner->first = index;
    else
        events->events[owner->last].next = index;
    owner->last = index;
    owner->count++;
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
static void add_value(struct batch *batch, uint32_t event, uint32_t field, enum field_type type, const char **at,
                      bool copy)
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
    case FIELD_TEXT: case FIELD_ONEOF: batch_event_text(batch, event, field, take_text(at), copy); break;
    case FIELD_LIST: {
        uint32_t count;
        memcpy(&count, *at, sizeof count);
        *at += sizeof count;
        struct text *elements = memory_alloc((count + 1) * sizeof *elements);
        for (uint32_t i = 0; i < count; i++)
            elements[i] = take_text(at);
        batch_event_list(batch, event, field, elements, count, copy);
        free(elements);
        break;
    }
    }
}

/* --------------------------------------------------------------- spilling */

static size_t bytes_held(const struct events_file *events)
{
    return events->event_count * sizeof *events->events + events->values.length
           + events->key_count * sizeof *events->keys + events->table_size * sizeof *events->table + events->arena.bytes;
}

static size_t values_length(const struct events_file *events, uint32_t event)
{
    size_t end = event + 1 < events->event_count ? events->events[event + 1].values : events->values.length;
    return end - events->events[event].values;
}

struct sorted_key { struct spill_group group; const struct stored_key *key; };

static int by_group(const void *a, const void *b)
{
    return spill_compare(&((const struct sorted_key *)a)->group, &((const struct sorted_key *)b)->group);
}

static bool spill_key(struct events_file *events, const struct sorted_key *sorted)
{
    bool fine = spill_begin_group(events->spill, &sorted->group);
    for (uint32_t i = sorted->key->first; i != NO_INDEX && fine; i = events->events[i].next) {
        const struct stored_event *event = &events->events[i];
        struct spilled_event head = {event->at, (uint32_t)values_length(events, i), event->event};
        fine = spill_add(events->spill, &head, sizeof head)
               && (head.length == 0 || spill_add(events->spill, events->values.data + event->values, head.length));
    }
    return fine;
}

/* What is held becomes a run of the temporary file.  False, with errno, when that could not be. */
static bool spill_held(struct events_file *events)
{
    if (!events->spill && !(events->spill = spill_new()))
        return false;
    struct sorted_key *sorted = memory_alloc((events->key_count + 1) * sizeof *sorted);
    for (size_t i = 0; i < events->key_count; i++) {
        const struct stored_key *key = &events->keys[i];
        sorted[i] = (struct sorted_key){
            {.hash = key->hash, .row = key->row, .count = key->count, .file = key->file, .key = key->key}, key};
        for (uint32_t event = key->first; event != NO_INDEX; event = events->events[event].next)
            sorted[i].group.bytes += sizeof(struct spilled_event) + values_length(events, event);
    }
    qsort(sorted, events->key_count, sizeof *sorted, by_group);
    bool fine = spill_begin_run(events->spill);
    for (size_t i = 0; i < events->key_count && fine; i++)
        fine = spill_key(events, &sorted[i]);
    int problem = errno;
    free(sorted);
    events->event_count = events->key_count = 0;
    buffer_reset(&events->values);
    arena_reset(&events->arena);
    memset(events->table, 0, events->table_size * sizeof *events->table);
    errno = problem;
    return fine;
}

bool events_kept_trim(struct events_file *events)
{
    return bytes_held(events) <= events->most || spill_held(events);
}

static void forget_held(struct events_file *events)
{
    free(events->events);
    free(events->keys);
    free(events->table);
    buffer_free(&events->values);
    events->events = NULL;
    events->keys = NULL;
    events->table = NULL;
}

/* All is read: when some of it is in the temporary file, the rest goes there, too. */
bool events_kept_finish(struct events_file *events)
{
    if (!events->spill)
        return true;
    if (!spill_held(events))
        return false;
    forget_held(events);
    if (!spill_finish(events->spill))
        return false;
    events->met = memory_alloc((size_t)(spill_keys(events->spill) / 8 + 1));
    return true;
}

/* ---------------------------------------------------------------- joining */

void events_kept_say(char *problem, size_t capacity, int error)
{
    snprintf(problem, capacity, "the temporary file for events that do not fit into memory: %s (TMPDIR says where it is)",
             strerror(error));
}

struct events_file *events_kept_new(const struct program *program, const struct input_options *options,
                                    const char *const *paths, size_t path_count)
{
    struct events_file *events = memory_alloc(sizeof *events);
    events->program = program;
    events->paths = paths;
    events->path_count = path_count;
    events->most = options->most_event_bytes ? options->most_event_bytes : LIMIT_EVENTS_MEMORY;
    arena_init(&events->arena);
    grow_table(events);
    return events;
}

void events_file_free(struct events_file *events)
{
    if (!events)
        return;
    forget_held(events);
    spill_free(events->spill);
    free(events->met);
    arena_free(&events->arena);
    free(events);
}

static void add_values(const struct events_file *events, struct batch *batch, uint32_t event, const char *at, bool copy)
{
    const struct program_event *type = &events->program->events[event];
    for (uint32_t f = 0; f < type->fields.count; f++)
        add_value(batch, event, f, (enum field_type)events->program->event_fields[type->fields.start + f].type, &at, copy);
}

static void fail(struct events_file *events)
{
    __atomic_store_n(&events->failed, errno ? errno : EIO, __ATOMIC_RELAXED);
}

/* What is read of a lead's events: a part at a time, so that a million of them need not be held twice. */
struct part { const struct events_file *events; struct buffer *room; uint64_t offset, left; size_t at, held; };

/* Makes sure of so many bytes at part->at. */
static bool have(struct part *part, size_t wanted)
{
    struct buffer *room = part->room;
    size_t kept = part->held - part->at, more = wanted > SPILLED_READ ? wanted : SPILLED_READ;
    if (kept >= wanted)
        return true;
    memory_reserve(&room->data, &room->capacity, kept + more, 1);
    memmove(room->data, room->data + part->at, kept);
    more = more < part->left ? more : (size_t)part->left;
    if (kept + more < wanted || !spill_read(part->events->spill, part->offset, room->data + kept, more))
        return false;
    part->offset += more;
    part->left -= more;
    part->at = 0;
    part->held = kept + more;
    return true;
}

static bool add_spilled(struct part *part, struct batch *batch, uint64_t *in_future)
{
    struct spilled_event head;
    if (!have(part, sizeof head))
        return false;
    memcpy(&head, part->room->data + part->at, sizeof head);
    if (!have(part, sizeof head + head.length))
        return false;
    if (batch_add_event(batch, head.event, head.at))
        add_values(part->events, batch, head.event, part->room->data + part->at + sizeof head, true);
    else
        ++*in_future;
    part->at += sizeof head + head.length;
    return true;
}

static uint64_t join_spilled(struct events_file *events, struct text key, struct batch *batch, uint64_t *in_future,
                             struct buffer *room)
{
    struct spill_place place = {0};
    bool found = false, fine = spill_find(events->spill, text_hash(key.bytes, key.length), key, room, &place, &found);
    if (fine && !found)
        return 0;
    if (fine) {
        __atomic_fetch_or(&events->met[place.number / 8], (unsigned char)(1u << place.number % 8), __ATOMIC_RELAXED);
        if (place.count > LIMIT_EVENTS_PER_LEAD)        /* the lead will be rejected */
            return place.count;
    }
    struct part part = {events, room, place.offset + place.held, place.bytes - place.held, place.at, place.at + place.held};
    for (uint64_t i = 0; fine && i < place.count; i++)
        fine = add_spilled(&part, batch, in_future);
    if (!fine)
        fail(events);
    return fine ? place.count : 0;
}

uint64_t events_file_join(struct events_file *events, struct text key, struct batch *batch, uint64_t *in_future,
                          struct buffer *room)
{
    if (events->spill)
        return join_spilled(events, key, batch, in_future, room);
    uint32_t found = events->table[find_place(events, text_hash(key.bytes, key.length), key)];
    if (found == 0)
        return 0;
    struct stored_key *owner = &events->keys[found - 1];
    __atomic_store_n(&owner->met, true, __ATOMIC_RELAXED); /* the only thing that readers change, all in the same way */
    if (owner->count > LIMIT_EVENTS_PER_LEAD)
        return owner->count;
    for (uint32_t i = owner->first; i != NO_INDEX; i = events->events[i].next) {
        const struct stored_event *event = &events->events[i];
        if (batch_add_event(batch, event->event, event->at))
            add_values(events, batch, event->event, events->values.data ? events->values.data + event->values : NULL, false);
        else
            ++*in_future;
    }
    return owner->count;
}

bool events_file_problem(const struct events_file *events, char *problem, size_t capacity)
{
    int error = __atomic_load_n(&events->failed, __ATOMIC_RELAXED);
    if (error)
        events_kept_say(problem, capacity, error);
    return error != 0;
}

/* ------------------------------------------------------------ unmatched keys */

/* The first of those that are not met, in the order of the files. */
struct unmatched { struct text key; uint64_t count, row; const char *file; };
struct unmatched_search {
    const struct events_file *events; struct arena arena;
    struct unmatched first[UNMATCHED_NAMED]; size_t count;
    events_unmatched *unmatched; void *context;
};

static size_t file_place(const struct events_file *events, const char *file)
{
    size_t place = 0;
    while (place < events->path_count && events->paths[place] != file)
        place++;
    return place;
}

static bool comes_before(const struct events_file *events, const struct unmatched *a, const struct unmatched *b)
{
    size_t file = file_place(events, a->file), other = file_place(events, b->file);
    return file != other ? file < other : a->row < b->row;
}

static void look_at(void *context, const struct spill_group *group, uint64_t number)
{
    struct unmatched_search *search = context;
    if (search->events->met[number / 8] >> number % 8 & 1)
        return;
    struct unmatched one = {group->key, group->count, group->row, group->file};
    size_t at = search->count;
    while (at > 0 && comes_before(search->events, &one, &search->first[at - 1]))
        at--;
    struct unmatched last = one;
    if (at < UNMATCHED_NAMED) {
        one.key.bytes = arena_copy(&search->arena, group->key.bytes, group->key.length);
        last = search->first[UNMATCHED_NAMED - 1];
        bool full = search->count == UNMATCHED_NAMED;
        size_t moved = (full ? UNMATCHED_NAMED - 1 : search->count) - at;
        memmove(&search->first[at + 1], &search->first[at], moved * sizeof one);
        search->first[at] = one;
        search->count += !full;
        if (!full)
            return;
    }
    search->unmatched(search->context, (struct text){"", 0}, last.count, last.file, last.row);
}

void events_file_unmatched(struct events_file *events, events_unmatched *unmatched, void *context)
{
    if (!events->spill) {
        for (size_t i = 0; i < events->key_count; i++) {
            const struct stored_key *key = &events->keys[i];
            if (!key->met)
                unmatched(context, key->key, key->count, key->file, key->row);
        }
        return;
    }
    struct unmatched_search *search = memory_alloc(sizeof *search);
    search->events = events;
    search->unmatched = unmatched;
    search->context = context;
    if (!spill_each(events->spill, look_at, search))
        fail(events);
    for (size_t i = 0; i < search->count; i++)
        unmatched(context, search->first[i].key, search->first[i].count, search->first[i].file, search->first[i].row);
    arena_free(&search->arena);
    free(search);
}
