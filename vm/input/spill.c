#include "vm/input/spill.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define WAYS ((size_t)64)                               /* runs that are merged at once */
#define READ_BYTES ((size_t)64 << 10)                   /* of each of them */
#define WRITE_BYTES ((size_t)256 << 10)
#define FIND_BYTES ((size_t)1536)
#define SAMPLES_MOST ((size_t)1 << 18)                  /* of the index: a hash, and where its group stands */
#define SAMPLE_STEP ((uint64_t)512)

/* A group in the file: this, the key, the bytes. */
struct head { uint64_t hash, row, bytes, count, number; const char *file; uint64_t key_length; };
struct sample { uint64_t hash, offset; };
struct run { uint64_t from, to; };

struct spill {
    int file;
    char *written; size_t written_length; uint64_t end;         /* what is not in the file yet; where it will end */
    struct run *runs; size_t run_count, run_capacity;
    uint64_t keys, sample_step, sample_next;
    struct sample *samples; size_t sample_count, sample_capacity;
};

static int make_file(void)
{
    const char *folder = getenv("TMPDIR");
    if (!folder || !*folder)
        folder = "/tmp";
    int file = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (file >= 0)
        return file;
    size_t length = strlen(folder) + sizeof "/rubric-XXXXXX";
    char *path = memory_alloc(length);
    snprintf(path, length, "%s/rubric-XXXXXX", folder);
    file = mkostemp(path, O_CLOEXEC);
    if (file >= 0)
        unlink(path);
    free(path);
    return file;
}

struct spill *spill_new(void)
{
    int file = make_file();
    if (file < 0)
        return NULL;
    struct spill *spill = memory_alloc(sizeof *spill);
    spill->file = file;
    spill->written = memory_alloc(WRITE_BYTES);
    return spill;
}

void spill_free(struct spill *spill)
{
    if (!spill)
        return;
    close(spill->file);
    free(spill->written);
    free(spill->runs);
    free(spill->samples);
    free(spill);
}

int spill_compare(const struct spill_group *a, const struct spill_group *b)
{
    if (a->hash != b->hash)
        return a->hash < b->hash ? -1 : 1;
    uint32_t least = a->key.length < b->key.length ? a->key.length : b->key.length;
    int order = memcmp(a->key.bytes, b->key.bytes, least);
    return order != 0 ? order : (a->key.length > b->key.length) - (a->key.length < b->key.length);
}

/* --------------------------------------------------------------- writing */

static bool flush(struct spill *spill)
{
    uint64_t offset = spill->end - spill->written_length;
    for (size_t done = 0; done < spill->written_length;) {
        ssize_t wrote = pwrite(spill->file, spill->written + done, spill->written_length - done, (off_t)(offset + done));
        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote <= 0) {
            errno = wrote == 0 ? ENOSPC : errno;
            return false;
        }
        done += (size_t)wrote;
    }
    spill->written_length = 0;
    return true;
}

bool spill_add(struct spill *spill, const void *bytes, size_t length)
{
    const char *from = bytes;
    while (length > 0) {
        size_t part = WRITE_BYTES - spill->written_length;
        part = part < length ? part : length;
        memcpy(spill->written + spill->written_length, from, part);
        spill->written_length += part;
        spill->end += part;
        from += part;
        length -= part;
        if (spill->written_length == WRITE_BYTES && !flush(spill))
            return false;
    }
    return true;
}

bool spill_begin_run(struct spill *spill)
{
    if (spill->run_count > 0)
        spill->runs[spill->run_count - 1].to = spill->end;
    memory_reserve(&spill->runs, &spill->run_capacity, spill->run_count + 1, sizeof *spill->runs);
    spill->runs[spill->run_count++] = (struct run){spill->end, spill->end};
    return true;
}

static bool write_head(struct spill *spill, const struct spill_group *group, uint64_t number)
{
    struct head head = {group->hash, group->row, group->bytes, group->count, number, group->file, group->key.length};
    return spill_add(spill, &head, sizeof head) && spill_add(spill, group->key.bytes, group->key.length);
}

bool spill_begin_group(struct spill *spill, const struct spill_group *group)
{
    return write_head(spill, group, 0);
}

/* --------------------------------------------------------------- reading */

bool spill_read(const struct spill *spill, uint64_t offset, void *bytes, size_t length)
{
    char *to = bytes;
    while (length > 0) {
        ssize_t got = pread(spill->file, to, length, (off_t)offset);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0) {
            errno = got == 0 ? EIO : errno;
            return false;
        }
        to += got;
        offset += (uint64_t)got;
        length -= (size_t)got;
    }
    return true;
}

/* A part of the file from its beginning to its end; `group` is the one at hand. */
struct cursor {
    const struct spill *spill;
    uint64_t offset, to;                                /* of what is read next into the room */
    char *room; size_t capacity, at, length;
    struct spill_group group; uint64_t number; bool ended;
};

/* Makes sure of so many bytes at cursor->at. */
static bool have(struct cursor *cursor, size_t wanted)
{
    size_t left = cursor->length - cursor->at;
    if (left >= wanted)
        return true;
    if (left > 0)
        memmove(cursor->room, cursor->room + cursor->at, left);
    cursor->at = 0;
    cursor->length = left;
    if (cursor->capacity < wanted || cursor->capacity == 0) {
        cursor->capacity = wanted > READ_BYTES ? wanted : READ_BYTES;
        cursor->room = memory_resize(cursor->room, cursor->capacity);
    }
    size_t more = cursor->capacity - left;
    if (more > cursor->to - cursor->offset)
        more = (size_t)(cursor->to - cursor->offset);
    if (left + more < wanted) {
        errno = EIO;
        return false;
    }
    if (!spill_read(cursor->spill, cursor->offset, cursor->room + left, more))
        return false;
    cursor->offset += more;
    cursor->length += more;
    return true;
}

/* Goes on to the next group, whose bytes come next. */
static bool next_group(struct cursor *cursor)
{
    struct head head;
    cursor->ended = cursor->at == cursor->length && cursor->offset == cursor->to;
    if (cursor->ended)
        return true;
    if (!have(cursor, sizeof head))
        return false;
    memcpy(&head, cursor->room + cursor->at, sizeof head);
    cursor->at += sizeof head;
    if (!have(cursor, head.key_length))
        return false;
    cursor->number = head.number;
    cursor->group = (struct spill_group){head.hash, head.row, head.bytes, head.count, head.file,
                                         {cursor->room + cursor->at, (uint32_t)head.key_length}};
    cursor->at += head.key_length;
    return true;
}

/* ---------------------------------------------------------------- merging */

/* An index of twice the step when there are too many samples. */
static void sample(struct spill *spill, uint64_t hash, uint64_t offset)
{
    if (offset < spill->sample_next)
        return;
    if (spill->sample_count == SAMPLES_MOST) {
        for (size_t i = 0; i < SAMPLES_MOST / 2; i++)
            spill->samples[i] = spill->samples[2 * i];
        spill->sample_count /= 2;
        spill->sample_step *= 2;
    }
    memory_reserve(&spill->samples, &spill->sample_capacity, spill->sample_count + 1, sizeof *spill->samples);
    spill->samples[spill->sample_count++] = (struct sample){hash, offset};
    spill->sample_next = offset + spill->sample_step;
}

static bool copy_bytes(struct spill *spill, struct cursor *cursor)
{
    for (uint64_t left = cursor->group.bytes; left > 0;) {
        if (cursor->at == cursor->length && !have(cursor, 1))
            return false;
        size_t part = cursor->length - cursor->at;
        part = part < left ? part : (size_t)left;
        if (!spill_add(spill, cursor->room + cursor->at, part))
            return false;
        cursor->at += part;
        left -= part;
    }
    return true;
}

/* The groups of the least key among the runs become one group; false also when there is none, with *ended. */
static bool merge_least(struct spill *spill, struct cursor *cursors, size_t count, bool *ended)
{
    const struct cursor *least = NULL;
    for (size_t i = 0; i < count; i++) {
        if (!cursors[i].ended && (!least || spill_compare(&cursors[i].group, &least->group) < 0))
            least = &cursors[i];
    }
    *ended = least == NULL;
    if (*ended)
        return false;
    struct spill_group all = least->group;
    bool same[WAYS] = {false};
    for (size_t i = 0; i < count; i++) {
        same[i] = &cursors[i] == least || (!cursors[i].ended && spill_compare(&cursors[i].group, &least->group) == 0);
        if (same[i] && &cursors[i] != least) {          /* it is a later run: the first of them counts */
            all.bytes += cursors[i].group.bytes;
            all.count += cursors[i].group.count;
        }
    }
    sample(spill, all.hash, spill->end);
    if (!write_head(spill, &all, spill->keys++))
        return false;
    for (size_t i = 0; i < count; i++) {
        if (same[i] && (!copy_bytes(spill, &cursors[i]) || !next_group(&cursors[i])))
            return false;
    }
    return true;
}

static bool merge_runs(struct spill *from, const struct run *runs, size_t count, struct spill *into)
{
    struct cursor cursors[WAYS] = {{0}};
    bool fine = true, ended = false;
    into->keys = into->sample_count = 0;
    into->sample_next = 0;
    into->sample_step = SAMPLE_STEP;
    for (size_t i = 0; i < count && fine; i++) {
        cursors[i] = (struct cursor){.spill = from, .offset = runs[i].from, .to = runs[i].to};
        fine = next_group(&cursors[i]);
    }
    while (fine && !ended)
        fine = merge_least(into, cursors, count, &ended);
    int problem = errno;
    for (size_t i = 0; i < count; i++)
        free(cursors[i].room);
    errno = problem;
    return ended;
}

/* All runs, WAYS at a time, into those of another file, which takes this one's place. */
static bool merge_all(struct spill *spill)
{
    struct spill *into = spill_new();
    if (!into)
        return false;
    bool fine = true;
    for (size_t i = 0; i < spill->run_count && fine; i += WAYS) {
        size_t count = spill->run_count - i < WAYS ? spill->run_count - i : WAYS;
        fine = spill_begin_run(into) && merge_runs(spill, spill->runs + i, count, into);
    }
    fine = fine && flush(into);
    if (into->run_count > 0)
        into->runs[into->run_count - 1].to = into->end;
    struct spill other = *spill;
    if (fine) {
        *spill = *into;
        *into = other;
    }
    int problem = errno;
    spill_free(into);
    errno = problem;
    return fine;
}

bool spill_finish(struct spill *spill)
{
    if (!flush(spill))
        return false;
    if (spill->run_count > 0)
        spill->runs[spill->run_count - 1].to = spill->end;
    do {                                                /* one run is merged, too: that makes its index */
        if (!merge_all(spill))
            return false;
    } while (spill->run_count > 1);
    return true;
}

/* ---------------------------------------------------------------- finding */

uint64_t spill_keys(const struct spill *spill) { return spill->keys; }

/* The last sample before the hash, or the first one.  Hashes lie evenly, so it is near to where its share of them ends. */
static size_t last_before(const struct spill *spill, uint64_t hash)
{
    const struct sample *samples = spill->samples;
    const size_t count = spill->sample_count;
    size_t guess = (size_t)((hash >> 32) * count >> 32), low = guess, high = guess + 1;     /* count is below 2^32 */
    for (size_t step = 16; low > 0 && samples[low].hash >= hash; step *= 2) {
        high = low;
        low = low > step ? low - step : 0;
    }
    for (size_t step = 16; high < count && samples[high].hash < hash; step *= 2) {
        low = high;
        high = count - high > step ? high + step : count;
    }
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (samples[middle].hash < hash)
            low = middle;
        else
            high = middle;
    }
    return low;
}

bool spill_find(const struct spill *spill, uint64_t hash, struct text key, struct buffer *room, struct spill_place *place,
                bool *found)
{
    const size_t most = sizeof(struct head) + key.length;
    *found = false;
    if (spill->sample_count == 0 || spill->samples[0].hash > hash)
        return true;
    const size_t low = last_before(spill, hash);
    uint64_t at = spill->samples[low].offset, from = 0;
    size_t length = 0;
    memory_reserve(&room->data, &room->capacity, most + FIND_BYTES, 1);
    while (at < spill->end) {
        size_t wanted = spill->end - at < most ? (size_t)(spill->end - at) : most;
        if (at < from || at + wanted > from + length) {
            length = spill->end - at < most + FIND_BYTES ? (size_t)(spill->end - at) : most + FIND_BYTES;
            from = at;
            if (!spill_read(spill, at, room->data, length))
                return false;
        }
        struct head head;
        memcpy(&head, room->data + (at - from), sizeof head);
        uint64_t offset = at + sizeof head + head.key_length;
        if (head.hash > hash)
            return true;
        if (head.hash == hash && head.key_length == key.length
            && memcmp(room->data + (at - from) + sizeof head, key.bytes, key.length) == 0) {
            size_t begin = (size_t)(offset - from), held = length - begin;
            held = held < head.bytes ? held : (size_t)head.bytes;
            *place = (struct spill_place){offset, head.bytes, head.count, head.number, begin, held};
            *found = true;
            return true;
        }
        at = offset + head.bytes;
    }
    return true;
}

bool spill_each(const struct spill *spill, void (*each)(void *context, const struct spill_group *group, uint64_t number),
                void *context)
{
    struct cursor cursor = {.spill = spill, .to = spill->end};
    bool fine = next_group(&cursor);
    while (fine && !cursor.ended) {
        each(context, &cursor.group, cursor.number);
        uint64_t left = cursor.group.bytes, held = cursor.length - cursor.at;
        if (left <= held) {
            cursor.at += (size_t)left;
        } else {
            cursor.at = cursor.length = 0;
            cursor.offset += left - held;
        }
        fine = next_group(&cursor);
    }
    free(cursor.room);
    return fine;
}
