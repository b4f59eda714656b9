#include "vm/input/source.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vm/input/marks.h"
#include "vm/limits.h"

static bool is_space(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

uint32_t count_line_ends(const char *text, size_t length, bool cr_only)
{
    if (!cr_only)
        return marks_count(text, length, '\n');
    uint32_t count = 0;                                 /* where a lone CR ends a line, an LF does too */
    for (size_t i = 0; i < length; i++)
        count += text[i] == '\n' || (text[i] == '\r' && text[i + 1] != '\n');
    return count;
}

/* ---------------------------------------------------- JSON by its brackets */

/* Goes on from cutter->scanned.  In an array a record ends at a comma on its level or before the array's bracket, in a
   sequence of documents at a closing bracket. */
static void json_scan_on(struct json_cutter *cutter, const char *text, size_t length, bool array)
{
    size_t at = cutter->scanned;
    while (at < length && !cutter->done) {
        if (cutter->in_string) {
            while (at < length && text[at] != '"' && text[at] != '\\')
                at++;
            if (at == length)
                break;
            if (text[at] == '\\') {
                if (at + 1 == length)
                    break;
                at += 2;
                continue;
            }
            cutter->in_string = false;
            at++;
            continue;
        }
        char c = text[at++];
        bool ends = false;
        if (cutter->depth == 0 && !is_space(c) && c != ']')
            cutter->after_comma = c == ',';
        if (c == '"') {
            cutter->in_string = true;
        } else if (c == '{' || c == '[') {
            cutter->depth++;
        } else if (c == '}' || c == ']') {
            if (cutter->depth > 0)
                cutter->depth--;
            else if (array && c == ']')
                cutter->done = true;
            ends = cutter->done || (!array && cutter->depth == 0);
            if (cutter->done)
                at--;
        } else if (c == ',') {
            ends = array && cutter->depth == 0;
        }
        if (ends) {
            cutter->cut = at;
            if (cutter->first_cut == 0)
                cutter->first_cut = at;
        }
    }
    cutter->scanned = at;
}

const char *json_lexical_end(const char *at, const char *limit, enum input_content content)
{
    if (content == CONTENT_NDJSON) {
        const char *feed = memchr(at, '\n', (size_t)(limit - at));
        return feed ? feed + 1 : limit;
    }
    struct json_cutter cutter = {0};
    bool array = content == CONTENT_JSON_ARRAY;
    while (cutter.first_cut == 0 && cutter.scanned < (size_t)(limit - at) && !cutter.done) {
        size_t step = cutter.scanned + 4096;
        size_t left = (size_t)(limit - at);
        size_t before = cutter.scanned;
        json_scan_on(&cutter, at, step < left ? step : left, array);
        if (cutter.scanned == before && step >= left)
            break;
    }
    return cutter.first_cut > 0 ? at + cutter.first_cut : limit;
}

/* --------------------------------------------------------------- blocks */

static struct input_block *block_new(struct source *source)
{
    pthread_mutex_lock(&source->guard);
    struct input_block *block = source->spare;
    if (block)
        source->spare = block->next;
    pthread_mutex_unlock(&source->guard);
    if (!block)
        block = memory_alloc(sizeof *block);
    block->length = 0;
    block->broken = NULL;
    block->started = false;
    block->next = NULL;
    return block;
}

static void block_free(struct input_block *block)
{
    if (block)
        free(block->data);
    free(block);
}

void source_give_back(struct source *source, struct input_block *block)
{
    if (!block)
        return;
    if (block->capacity > 4 * source->block_bytes + INPUT_PADDING) { /* one long record must not cost memory for ever */
        free(block->data);
        block->data = NULL;
        block->capacity = 0;
    }
    pthread_mutex_lock(&source->guard);
    block->next = source->spare;
    source->spare = block;
    pthread_mutex_unlock(&source->guard);
}

static void block_reserve(struct input_block *block, size_t bytes)
{
    if (block->capacity < bytes) {
        block->data = memory_resize(block->data, bytes);
        block->capacity = bytes;
    }
}

static void drop_front(struct source *source, struct input_block *block, size_t count)
{
    bool cr_only = source->header && source->header->dialect.cr_only;
    source->line += count_line_ends(block->data, count, cr_only);
    memmove(block->data, block->data + count, block->length - count);
    block->length -= count;
    memset(block->data + block->length, 0, INPUT_PADDING);
}

static void fail(struct source *source, const char *what)
{
    source->failed = true;
    snprintf(source->problem, sizeof source->problem, "%s", what);
}

static const char *shown_path(const char *path) { return strcmp(path, "-") == 0 ? "standard input" : path; }

static bool open_next(struct source *source)
{
    source->stream =
        stream_open(source->paths[source->path_index], source->encoding, source->problem, sizeof source->problem);
    if (!source->stream) {
        source->failed = true;
        source->machine = errno == EIO;
        return false;
    }
    source->told = source->stream_ended = source->discarding = source->end_seen = false;
    source->header = NULL;
    source->cutter = (struct json_cutter){0};
    source->line = source->line_by_cr = 1;
    return true;
}

static void close_file(struct source *source)
{
    source->bytes_before += stream_bytes_read(source->stream);
    stream_close(source->stream);
    source->stream = NULL;
    source->path_index++;
}

bool source_open(struct source *source, const char *const *paths, size_t path_count,
                 const struct input_options *options)
{
    *source = (struct source){.paths = paths, .path_count = path_count};
    arena_init(&source->arena);
    pthread_mutex_init(&source->guard, NULL);
    source->encoding = options->encoding;
    source->content = options->content;
    source->delimiter = options->delimiter;
    source->block_bytes = options->block_bytes ? options->block_bytes : (size_t)512 << 10;
    /* Every file is looked for now, lest the third is found missing after an hour. */
    for (size_t i = 0; i < path_count; i++) {
        uint64_t bytes;
        if (!stream_check(paths[i], &bytes, source->problem, sizeof source->problem)) {
            source->failed = true;
            return false;
        }
        source->bytes_total += bytes;
    }
    return path_count == 0 || open_next(source);
}

void source_close(struct source *source)
{
    stream_close(source->stream);
    block_free(source->pending);
    while (source->spare) {
        struct input_block *next = source->spare->next;
        block_free(source->spare);
        source->spare = next;
    }
    pthread_mutex_destroy(&source->guard);
    arena_free(&source->arena);
}

uint64_t source_bytes_read(const struct source *source)
{
    return __atomic_load_n(&source->bytes_read, __ATOMIC_RELAXED);
}

static void note_progress(struct source *source)
{
    uint64_t bytes = source->bytes_before + (source->stream ? stream_bytes_read(source->stream) : 0);
    __atomic_store_n(&source->bytes_read, bytes, __ATOMIC_RELAXED);
}

/* Reads until the block has `wanted` bytes or there are no more; with `eager` a pipe that has none for now is enough.
 */
static void read_on(struct source *source, struct input_block *block, size_t wanted, bool eager)
{
    block_reserve(block, wanted + INPUT_PADDING);
    while (block->length < wanted && !source->stream_ended) {
        size_t got = stream_read(source->stream, block->data + block->length, wanted - block->length);
        if (got == 0) {
            source->stream_ended = true;
            if (stream_problem(source->stream))
                fail(source, stream_problem(source->stream));
            source->machine = source->machine || stream_machine_failed(source->stream);
        }
        block->length += got;
        if (eager && got > 0 && stream_would_wait(source->stream))
            break;
    }
    memset(block->data + block->length, 0, INPUT_PADDING);
}

/* Whether it is an object whose first line does not close it, followed by a line that does not begin another: laid out
   for people.  False, with *told false, when there is not enough to tell. */
static bool is_laid_out(const char *text, size_t length, bool *told)
{
    struct json_cutter cutter = {0};
    const char *feed = memchr(text, '\n', length), *limit = text + length;
    *told = feed != NULL;
    if (!feed)
        return false;
    json_scan_on(&cutter, text, (size_t)(feed - text), false);
    if (cutter.depth == 0 || cutter.in_string)
        return false;
    const char *at = feed;
    while (at < limit && is_space(*at))
        at++;
    *told = at < limit;
    return at < limit && *at != '{';
}

/* Tells what the file holds, and takes off what stands before the first record.  False: more bytes are needed to tell.
 */
static bool tell_content(struct source *source, struct input_block *block)
{
    size_t start = 0;
    while (start < block->length && is_space(block->data[start]))
        start++;
    if (start == block->length && !source->stream_ended) {
        /* The white space of the line that is still to come stays: columns count from its start. */
        const char *feed = memrchr(block->data, '\n', start);
        size_t passed = start > LIMIT_LINE_BYTES ? start : feed ? (size_t)(feed - block->data) + 1 : 0;
        source->line_by_cr += count_line_ends(block->data, passed, true);
        drop_front(source, block, passed);
        return false;
    }
    const char *text = block->data + start;
    size_t length = block->length - start;
    bool all = source->stream_ended || length > LIMIT_LINE_BYTES;
    enum input_content content = source->content;
    if (content == CONTENT_SNIFFED) {
        content = length == 0 || *text == '{' ? CONTENT_NDJSON : *text == '[' ? CONTENT_JSON_ARRAY : CONTENT_CSV;
        bool told = true;
        if (content == CONTENT_NDJSON && is_laid_out(text, length, &told))
            content = CONTENT_JSON_DOCUMENTS;
        if (!told && !all)
            return false;
    }
    source->file_content = content;
    const char *reason = NULL;
    if (content == CONTENT_CSV && length > 0) {
        bool whole = memchr(text, '\n', length) || memchr(text, '\r', length);
        if (!all && (!whole || text[length - 1] == '\r'))
            return false;
        struct csv_header *header = arena_alloc(&source->arena, sizeof *header);
        bool read = csv_read_header(header, &source->arena, block->data, block->length, source->delimiter, &reason);
        if (!all && (!read || header->open || header->end == block->length))
            return false;                               /* its last cell may go on in what is still to come */
        if (read) {
            uint64_t line = header->dialect.cr_only ? source->line_by_cr : source->line;
            drop_front(source, block, header->end);
            source->header = header;
            source->line = line + header->lines;
        }
    } else if (content == CONTENT_JSON_ARRAY && length > 0) {
        if (*text == '[')
            drop_front(source, block, start + 1);
        else
            reason = "a JSON array begins with [";
    }
    if (reason) {
        char sentence[400];
        snprintf(sentence, sizeof sentence, "%s: %s%s", shown_path(source->paths[source->path_index]),
                 content == CONTENT_CSV ? "the header cannot be read: " : "", reason);
        if (content == CONTENT_CSV && strstr(reason, "NUL") && !stream_is_converted(source->stream))
            strncat(sentence, "; perhaps --encoding utf-16 helps", sizeof sentence - strlen(sentence) - 1);
        fail(source, sentence);
    }
    return true;
}

/* Where the first line ends, if need be without a line end. */
static size_t first_line(const struct source *source, const struct input_block *block)
{
    const char *end = memchr(block->data, '\n', block->length);
    if (source->header && source->header->dialect.cr_only) {
        const char *cr = memchr(block->data, '\r', end ? (size_t)(end - block->data) : block->length);
        end = cr && cr[1] != '\n' ? cr : end;           /* what is behind the block is zero */
    }
    return end ? (size_t)(end - block->data) + 1 : block->length;
}

/* Whether the block's first line is all there. */
static bool has_first_line(const struct source *source, const struct input_block *block)
{
    size_t line = first_line(source, block);
    return line < block->length || (line > 0 && block->data[line - 1] == '\n');
}

static bool is_bracketed(const struct source *source)
{
    return source->file_content == CONTENT_JSON_ARRAY || source->file_content == CONTENT_JSON_DOCUMENTS;
}

static const char too_long[] = "longer than 64 MiB";

/* How much of the block is whole records; 0: read on.  Sets block->broken when that is one record that cannot be read.
 */
static size_t cut_records(struct source *source, struct input_block *block)
{
    bool broken = false, at_end = source->stream_ended && !source->failed;
    size_t cut = 0;
    if (source->file_content == CONTENT_CSV) {
        cut = csv_cut(block->data, block->length, source->header->dialect, at_end, &broken);
        if (cut == 0 && broken && !at_end && block->length <= LIMIT_LINE_BYTES && !has_first_line(source, block))
            return 0;
        if (cut == 0 && (broken || block->length > LIMIT_LINE_BYTES)) {
            cut = first_line(source, block);
            block->broken =
                cut > LIMIT_LINE_BYTES ? too_long : "a quote that is not closed, or text behind a closing quote";
            source->discarding = cut > LIMIT_LINE_BYTES && !source->stream_ended;
        }
        return cut;
    }
    if (is_bracketed(source)) {
        json_scan_on(&source->cutter, block->data, block->length, source->file_content == CONTENT_JSON_ARRAY);
        cut = source->cutter.cut;
        if (cut == 0 && at_end && !source->cutter.done)
            cut = source->cutter.scanned = block->length;
    } else {
        const char *feed = memrchr(block->data, '\n', block->length);
        cut = at_end ? block->length : feed ? (size_t)(feed - block->data) + 1 : 0;
    }
    if (cut == 0 && block->length > LIMIT_LINE_BYTES && !source->cutter.done) {
        cut = is_bracketed(source) ? source->cutter.scanned : block->length;
        block->broken = too_long;
        source->discarding = !source->stream_ended;
    }
    return cut;
}

/* The rest of a record that was given up for its length; discarding ends where the next one begins. */
static void discard(struct source *source, struct input_block *block)
{
    if (is_bracketed(source)) {
        struct json_cutter *cutter = &source->cutter;
        json_scan_on(cutter, block->data, block->length, source->file_content == CONTENT_JSON_ARRAY);
        source->discarding = cutter->first_cut == 0 && !cutter->done;
        drop_front(source, block, source->discarding ? cutter->scanned : cutter->first_cut);
        if (source->discarding)
            cutter->scanned = 0;
        else
            *cutter = (struct json_cutter){0};
    } else {
        size_t line = first_line(source, block);
        source->discarding = line == 0 || (block->data[line - 1] != '\n' && block->data[line - 1] != '\r');
        drop_front(source, block, line);
    }
}

static bool array_is_closed(const struct source *source)
{
    return source->file_content == CONTENT_JSON_ARRAY && source->cutter.done && source->cutter.scanned == 0;
}

/* Reads until there are whole records to cut off; 0 at the end of the file or of its array. */
static size_t read_records(struct source *source, struct input_block *block)
{
    size_t wanted = source->block_bytes > block->length ? source->block_bytes : block->length + source->block_bytes;
    for (;;) {
        if (array_is_closed(source))
            return 0;
        read_on(source, block, wanted, true);
        if (!source->told)
            source->told = tell_content(source, block);
        if (source->told && source->discarding)
            discard(source, block);
        bool usable = !source->failed || stream_problem(source->stream);       /* what was read before the failure */
        bool ready = source->told && usable && !source->discarding && block->length > 0;
        if (ready && source->file_content == CONTENT_CSV && !source->header)
            ready = false;
        size_t cut = ready ? cut_records(source, block) : 0;
        if (cut > 0 || source->stream_ended || source->failed)
            return cut;
        if (block->length >= wanted) {                  /* twice as much each time: nothing is looked at too often */
            size_t limit = (size_t)LIMIT_LINE_BYTES + 1;
            wanted = block->length * 2 < limit || block->length >= limit ? block->length * 2 : limit;
        }
    }
}

/* What is wrong behind the last record of the file, or NULL. */
static const char *end_problem(struct source *source, struct input_block *block)
{
    if (source->file_content != CONTENT_JSON_ARRAY || !source->told || source->end_seen)
        return NULL;
    source->end_seen = true;
    if (!array_is_closed(source))
        return "the array is not closed: perhaps the file is cut off";
    if (source->cutter.after_comma)
        return "a comma before the ] that closes the array";
    size_t at = 1;
    for (;;) {
        while (at < block->length && is_space(block->data[at]))
            at++;
        if (at < block->length)
            return "text behind the end of the array";
        if (source->stream_ended)
            return NULL;
        block->length = at = 0;
        read_on(source, block, source->block_bytes, false);
    }
}

static struct input_block *hand_out(struct source *source, struct input_block *block, size_t cut)
{
    struct input_block *rest = block_new(source);
    block_reserve(rest, block->length - cut + INPUT_PADDING);
    rest->length = block->length - cut;
    memcpy(rest->data, block->data + cut, rest->length);
    memset(rest->data + rest->length, 0, INPUT_PADDING);
    source->pending = rest;
    block->length = cut;
    memset(block->data + cut, 0, INPUT_PADDING);
    block->file = source->paths[source->path_index];
    block->file_index = (uint32_t)source->path_index;
    block->content = source->file_content;
    block->header = source->header;
    block->converted = stream_is_converted(source->stream);
    block->line = source->line;
    block->lines = count_line_ends(block->data, cut, source->header && source->header->dialect.cr_only);
    source->line += block->lines;
    source->cutter.scanned -= source->cutter.scanned < cut ? source->cutter.scanned : cut;
    source->cutter.cut = source->cutter.first_cut = 0;
    return block;
}

struct input_block *source_take(struct source *source, enum input_state *state)
{
    for (;;) {
        if (!source->failed && !source->stream && source->path_index < source->path_count)
            open_next(source);
        if (source->failed || !source->stream) {
            *state = source->failed ? INPUT_FAILED : INPUT_END;
            return NULL;
        }
        struct input_block *block = source->pending ? source->pending : block_new(source);
        source->pending = NULL;
        *state = INPUT_FILLED;
        size_t cut = read_records(source, block);
        note_progress(source);
        if (cut > 0)
            return hand_out(source, block, cut);
        if (!source->failed) {
            block->broken = end_problem(source, block);
            if (block->broken && !source->failed) {
                source->stream_ended = true;            /* what follows an array is not looked at any more */
                return hand_out(source, block, block->length);
            }
        }
        source_give_back(source, block);
        if (!source->failed)
            close_file(source);
    }
}
