#include "vm/input/input.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "vm/input/keys.h"
#include "vm/input/notes.h"
#include "vm/input/reader.h"
#include "vm/limits.h"

struct input {
    const struct program *program;
    struct input_options options;
    struct arena arena;
    struct source source;
    struct events_file *events;
    struct input_summary summary;
    size_t type_capacity;
    struct key_set keys;
    const char *events_path;                                    /* not NULL while events files are loaded */
    /* Of input_fill. */
    struct input_reader *reader; struct input_notes *notes; struct input_block *block;
    uint64_t unmatched_reported;
    struct buffer header_row; const struct csv_header *header_shown;    /* of the last CSV that had a reject */
};

bool input_encoding_named(const char *name, enum input_encoding *encoding)
{
    static const struct { const char *name; enum input_encoding encoding; } names[] = {
        {"utf8", ENCODING_UTF_8}, {"windows1252", ENCODING_WINDOWS_1252}, {"cp1252", ENCODING_WINDOWS_1252},
        {"latin1", ENCODING_LATIN_1}, {"iso88591", ENCODING_LATIN_1}, {"utf16", ENCODING_UTF_16},
    };
    char plain[24];
    size_t length = 0;
    for (; *name; name++) {
        if (*name == '-' || *name == '_' || *name == ' ')
            continue;
        if (length == sizeof plain - 1)
            return false;
        plain[length++] = *name;
    }
    plain[length] = '\0';
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strcasecmp(plain, names[i].name) == 0) {
            *encoding = names[i].encoding;
            return true;
        }
    }
    return false;
}

bool input_has_problems(const struct input_summary *summary)
{
    return summary->rejected || summary->bad_values || summary->unknown_stages || summary->without_key
           || summary->duplicate_keys || summary->events_without_time || summary->events_without_type
           || summary->events_without_lead || summary->events_unmatched || summary->events_rejected;
}

/* -------------------------------------------------------------- settling */

static struct text lead_key(const struct batch *batch, uint32_t lead, char room[64])
{
    return batch && lead < batch->leads ? text_trim(batch_key(batch, lead, room)) : (struct text){"", 0};
}

static void report(struct input *input, const struct input_report *what)
{
    if (input->options.report)
        input->options.report(input->options.context, what);
}

static void keep_example(struct input *input, struct field_problems *problems, const struct input_report *what)
{
    if (problems->bad++ >= INPUT_EXAMPLES)
        return;
    struct input_example *example = &problems->examples[problems->bad - 1];
    example->lead = arena_copy(&input->arena, what->lead.bytes, what->lead.length);
    example->value = arena_copy(&input->arena, what->value.bytes, what->value.length);
    example->row = what->row;
    example->file = what->file;
    example->reason = what->reason;
}

/* A CSV's header as a row that reads as the same names. */
static struct text header_row(struct input *input, const struct csv_header *header)
{
    if (header && header != input->header_shown) {
        buffer_reset(&input->header_row);
        for (uint32_t i = 0; i < header->count; i++) {
            if (i > 0)
                buffer_char(&input->header_row, header->dialect.delimiter);
            const struct text name = header->names[i];
            bool plain = name.length > 0 && name.bytes[0] != '#';
            for (uint32_t at = 0; at < name.length; at++)
                plain = plain && !strchr("\"\r\n,;\t|", name.bytes[at]) && name.bytes[at] != header->dialect.delimiter;
            if (!plain)
                buffer_char(&input->header_row, '"');
            for (uint32_t at = 0; at < name.length; at++) {
                if (name.bytes[at] == '"')
                    buffer_char(&input->header_row, '"');
                buffer_char(&input->header_row, name.bytes[at]);
            }
            if (!plain)
                buffer_char(&input->header_row, '"');
        }
        input->header_shown = header;
    }
    return header ? (struct text){input->header_row.data, (uint32_t)input->header_row.length} : (struct text){"", 0};
}

static void settle_note(struct input *input, const struct batch *batch, const struct input_notes *notes,
                        const struct note *note)
{
    char room[64];
    struct input_report what = {.kind = (enum report_kind)note->kind,
                                .file = notes->file,
                                .row = note->place ? note->place : note->row,
                                .column = note->column,
                                .event = note->event,
                                .field = note->field,
                                .value = note->value,
                                .reason = note->reason,
                                .line = note->line,
                                .of_events = notes->of_events};
    what.lead = note->key.length > 0 ? note->key : lead_key(batch, note->lead, room);
    switch (what.kind) {
    case REPORT_REJECT:
        what.header = header_row(input, notes->header);
        if (notes->converted && strstr(what.reason, "--encoding"))
            what.reason = "bytes that are no text in the file's encoding";
        break;
    case REPORT_VALUE:
        input->summary.bad_values++;
        if (note->problems != NO_INDEX)
            keep_example(input, &input->summary.fields[note->problems], &what);
        break;
    case REPORT_STAGE: input->summary.unknown_stages++; break;
    case REPORT_NO_KEY: input->summary.without_key++; break;
    default: break;
    }
    report(input, &what);
}

static void count_type(struct input *input, const char *name, uint64_t count)
{
    struct input_summary *summary = &input->summary;
    for (size_t i = 0; i < summary->type_count; i++) {
        if (strcmp(summary->types[i].type, name) == 0) {
            summary->types[i].count += count;
            return;
        }
    }
    if (summary->type_count == EVENT_TYPES_NAMED) {
        summary->types_not_named += count;
        return;
    }
    memory_reserve(&summary->types, &input->type_capacity, summary->type_count + 1, sizeof *summary->types);
    summary->types[summary->type_count++] =
        (struct type_problems){arena_copy(&input->arena, name, strlen(name)), count};
}

/* Marks the leads whose key came before; returns how many there are. */
static uint32_t find_duplicates(struct input *input, const struct batch *batch, bool *duplicate)
{
    struct text texts[LIMIT_BATCH_LEADS];
    size_t most = input->options.most_keys ? input->options.most_keys : LIMIT_REMEMBERED_KEYS;
    const struct column *column = &batch->fields[input->program->key_field];
    if (column->type == FIELD_TEXT) {
        for (uint32_t lead = 0; lead < batch->leads; lead++)
            texts[lead] = bit_get(column->known, lead) ? text_trim(column->texts[lead]) : (struct text){"", 0};
        return key_set_add(&input->keys, texts, batch->leads, most, duplicate, &input->summary.keys_forgotten);
    }
    uint32_t count = 0;
    for (uint32_t lead = 0; lead < batch->leads; lead++) {
        char room[64];
        struct text key = lead_key(batch, lead, room);
        count += key_set_add(&input->keys, &key, 1, most, &duplicate[lead], &input->summary.keys_forgotten);
    }
    return count;
}

static void report_duplicate(struct input *input, const struct batch *batch, uint32_t lead, const char *file)
{
    char room[64];
    input->summary.duplicate_keys++;
    struct input_report what = {.kind = REPORT_DUPLICATE_KEY, .file = file, .row = batch->source_row[lead],
                                .lead = lead_key(batch, lead, room), .reason = "an earlier lead has the same key"};
    report(input, &what);
}

/* Notes and duplicates in the order of their rows, whatever the batches are. */
static void settle_rows(struct input *input, const struct batch *batch, const struct input_notes *notes)
{
    bool duplicate[LIMIT_BATCH_LEADS];
    uint32_t lead = 0, leads = batch && input->program->key_field != NO_INDEX ? batch->leads : 0;
    if (leads > 0 && find_duplicates(input, batch, duplicate) == 0)
        leads = 0;                                      /* nothing to be said of any */
    for (size_t i = 0; i <= notes->count; i++) {
        uint64_t row = i < notes->count ? notes->items[i].row : UINT64_MAX;
        for (; lead < leads && batch->source_row[lead] < row; lead++) {
            if (duplicate[lead])
                report_duplicate(input, batch, lead, notes->file);
        }
        if (i < notes->count)
            settle_note(input, batch, notes, &notes->items[i]);
    }
}

void input_settle(struct input *input, const struct batch *batch, struct input_notes *notes)
{
    struct input_summary *summary = &input->summary;
    settle_rows(input, batch, notes);
    for (size_t i = 0; i < notes->type_count; i++) {
        if (notes->types[i].count > 0)
            count_type(input, notes->types[i].name, notes->types[i].count);
    }
    for (size_t i = 0; i < notes->found_count; i++)
        summary->fields[i].found += notes->found[i];
    *(notes->of_events ? &summary->events_rejected : &summary->rejected) += notes->rejected;
    summary->records += notes->of_events ? 0 : notes->records;
    summary->blank_lines += notes->blank_lines;
    summary->mended_rows += notes->mended_rows;
    summary->events += notes->events;
    summary->events_undeclared += notes->events_undeclared;
    summary->events_in_future += notes->events_in_future;
    summary->events_without_time += notes->events_without_time;
    summary->events_without_type += notes->events_without_type;
    summary->events_without_lead += notes->events_without_lead;
    summary->types_not_named += notes->types_not_named;
    if (batch)
        summary->leads += batch->leads;
    notes_reset(notes);
}

/* ------------------------------------------------------ opening, closing */

static void settle_events(void *context, struct input_notes *notes)
{
    input_settle(context, NULL, notes);
}

static const char *const *copy_paths(struct input *input, const char *const *paths, size_t count)
{
    const char **copies = arena_alloc(&input->arena, (count + 1) * sizeof *copies);
    for (size_t i = 0; i < count; i++)
        copies[i] = arena_copy(&input->arena, paths[i], strlen(paths[i]));
    return copies;
}

static void name_fields(struct input *input)
{
    const struct program *program = input->program;
    struct input_summary *summary = &input->summary;
    summary->field_count = (size_t)program->field_count + program->event_field_count;
    summary->fields = arena_alloc(&input->arena, summary->field_count * sizeof *summary->fields);
    for (uint32_t f = 0; f < program->field_count; f++)
        summary->fields[f].field = program->fields[f].name;
    for (uint32_t e = 0; e < program->event_count; e++) {
        struct range fields = program->events[e].fields;
        for (uint32_t f = fields.start; f < fields.start + fields.count; f++) {
            summary->fields[program->field_count + f].event = program->events[e].name;
            summary->fields[program->field_count + f].field = program->event_fields[f].name;
        }
    }
}

struct input *input_open(const struct program *program, const struct input_options *options, const char *const *paths,
                         size_t path_count, char *problem, size_t capacity)
{
    struct input *input = memory_alloc(sizeof *input);
    input->program = program;
    input->options = *options;
    arena_init(&input->arena);
    name_fields(input);
    paths = copy_paths(input, paths, path_count);
    bool fine = source_open(&input->source, paths, path_count, options);
    if (!fine)
        snprintf(problem, capacity, "%s", input->source.problem);
    errno = 0;
    if (fine && options->event_files > 0) {
        const char *const *events = copy_paths(input, options->events, options->event_files);
        input->events =
            events_file_load(program, options, events, options->event_files, settle_events, input, problem, capacity);
        fine = input->events != NULL;
    }
    if (fine)
        return input;
    bool machine = input->source.machine || (options->event_files > 0 && errno == EIO);
    input_close(input);
    errno = machine ? EIO : 0;
    return NULL;
}

void input_close(struct input *input)
{
    if (!input)
        return;
    source_give_back(&input->source, input->block);
    source_close(&input->source);
    reader_free(input->reader);
    notes_free(input->notes);
    events_file_free(input->events);
    free(input->summary.types);
    key_set_free(&input->keys);
    buffer_free(&input->header_row);
    arena_free(&input->arena);
    free(input);
}

/* --------------------------------------------------------------- reading */

struct input_reader *reader_new(struct input *input)
{
    return reader_make((struct reader_setting){
        input->program, {input->options.dates, input->options.decimal_comma}, input->events});
}

struct input_block *input_take(struct input *input, enum input_state *state)
{
    return source_take(&input->source, state);
}

void input_release(struct input *input, struct input_block *block)
{
    source_give_back(&input->source, block);
}

enum input_state input_fill(struct input *input, struct batch *batch)
{
    enum input_state state;
    if (!input->reader) {
        input->reader = reader_new(input);
        input->notes = notes_new();
    }
    for (;;) {
        if (!input->block)
            input->block = input_take(input, &state);
        if (!input->block) {
            batch_clear(batch);
            batch_finish(batch);
            return input_events_failed(input) ? INPUT_FAILED : state;
        }
        state = reader_fill(input->reader, input->block, batch, input->notes);
        input_settle(input, batch, input->notes);
        if (state == INPUT_FILLED)
            return state;
        input_release(input, input->block);
        input->block = NULL;
    }
}

bool input_events_failed(struct input *input)
{
    bool failed = input->events && events_file_problem(input->events, input->source.problem, sizeof input->source.problem);
    input->source.machine = input->source.machine || failed;
    return failed;
}

const char *input_problem(const struct input *input) { return input->source.problem; }
bool input_machine_failed(const struct input *input) { return input->source.machine; }
const struct input_summary *input_summary(const struct input *input) { return &input->summary; }
uint64_t input_bytes_read(const struct input *input) { return source_bytes_read(&input->source); }
uint64_t input_bytes_total(const struct input *input) { return input->source.bytes_total; }

static void count_unmatched(void *context, struct text key, uint64_t count, const char *file, uint64_t row)
{
    struct input *input = context;
    input->summary.events_unmatched += count;
    input->summary.keys_unmatched++;
    if (key.length == 0 || input->unmatched_reported++ >= UNMATCHED_NAMED)
        return;
    struct input_report what = {
        .kind = REPORT_UNMATCHED, .file = file, .row = row, .lead = key, .reason = "no lead has this key"};
    report(input, &what);
}

static int by_count(const void *a, const void *b)
{
    const struct type_problems *one = a, *other = b;
    if (one->count != other->count)
        return one->count < other->count ? 1 : -1;
    return strcmp(one->type, other->type);
}

void input_finish(struct input *input)
{
    if (input->events)
        events_file_unmatched(input->events, count_unmatched, input);
    if (input->summary.type_count > 1)
        qsort(input->summary.types, input->summary.type_count, sizeof *input->summary.types, by_count);
}

void input_reject_text(const struct input_report *report, struct buffer *header, struct buffer *out)
{
    const struct text row = report->header;
    bool first = header->data == NULL;
    bool other = !first && (header->length != row.length || (row.length > 0 && memcmp(header->data, row.bytes, row.length) != 0));
    if (first)
        buffer_text(out, INPUT_REMARK "lines of a run: mend them and run this file again; remarks such as this are passed over\n");
    if (other)
        buffer_text(out, INPUT_REMARK "lines with another header, or none, follow: move them to a file of their own\n");
    if (first || other) {
        buffer_reset(header);
        buffer_add(header, row.length > 0 ? row.bytes : "", row.length);
        buffer_add(out, row.length > 0 ? row.bytes : "", row.length);
        if (row.length > 0)
            buffer_char(out, '\n');
    }
    buffer_text(out, INPUT_REMARK);
    for (const char *at = report->file; *at; at++)      /* no line end of a file's name may end the remark */
        buffer_char(out, (unsigned char)*at < 0x20 ? '?' : *at);
    buffer_format(out, ":%llu", (unsigned long long)report->row);
    if (report->column > 0)
        buffer_format(out, ":%llu", (unsigned long long)report->column);
    buffer_format(out, ": %s\n", report->reason);
    buffer_add(out, report->line.bytes, report->line.length);
    buffer_char(out, '\n');
}
