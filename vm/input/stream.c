#include "vm/input/stream.h"

#include <errno.h>
#include <fcntl.h>
#include <iconv.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>
#include <zstd_errors.h>

#define PACKED_BYTES 65536u
#define WIDE_BYTES 65536u
#define SPILL_BYTES 64u
#define ROOM_LEAST 16u          /* more than a character in any encoding, and more than the mark of a remark */

enum packing { PACKING_NONE, PACKING_GZIP, PACKING_ZSTD };

struct stream {
    int descriptor; bool owned, regular, ended, failed;
    bool machine;                                       /* failed, and not for what is in the file */
    uint64_t bytes_read, bytes_total;
    char problem[512];
    const char *path;
    /* What was read from the file and not yet used. */
    unsigned char *packed; size_t packed_at, packed_end;
    enum packing packing;
    z_stream gzip; bool gzip_open, member_done;
    ZSTD_DStream *zstd; bool frame_done;
    /* Unpacked and not yet converted; with UTF-8 only what was looked at for the BOM. */
    char *wide; size_t wide_at, wide_end;
    bool converting; iconv_t converter; size_t unit;          /* bytes of the smallest unit of the encoding */
    /* A file of rejects: which of its lines are remarks.  matched: bytes of the mark seen at the start of this line. */
    bool has_remarks, in_remark, in_line; size_t matched;
    char spill[SPILL_BYTES]; size_t spill_at, spill_end;        /* what a caller with little room did not get yet */
};

static void fail(struct stream *stream, const char *what)
{
    stream->failed = true;
    if (stream->problem[0] == '\0')
        snprintf(stream->problem, sizeof stream->problem, "%s: %s",
                 strcmp(stream->path, "-") == 0 ? "standard input" : stream->path, what);
}

static size_t read_file(struct stream *stream, void *out, size_t capacity)
{
    ssize_t got;
    do
        got = read(stream->descriptor, out, capacity);
    while (got < 0 && errno == EINTR);
    if (got < 0) {
        fail(stream, strerror(errno));
        stream->machine = true;
        return 0;
    }
    stream->bytes_read += (uint64_t)got;
    stream->ended = stream->ended || got == 0;
    return (size_t)got;
}

/* Fills stream->packed again when it is used up; false at the end. */
static bool refill(struct stream *stream)
{
    if (stream->packed_at < stream->packed_end)
        return true;
    stream->packed_at = 0;
    stream->packed_end = stream->ended || stream->failed ? 0 : read_file(stream, stream->packed, PACKED_BYTES);
    return stream->packed_end > 0;
}

static size_t read_plain(struct stream *stream, char *out, size_t capacity)
{
    if (stream->packed_at < stream->packed_end) {
        size_t count = stream->packed_end - stream->packed_at;
        count = count < capacity ? count : capacity;
        memcpy(out, stream->packed + stream->packed_at, count);
        stream->packed_at += count;
        return count;
    }
    return stream->ended || stream->failed ? 0 : read_file(stream, out, capacity);
}

static size_t read_gzip(struct stream *stream, char *out, size_t capacity)
{
    z_stream *gzip = &stream->gzip;
    gzip->next_out = (Bytef *)out;
    gzip->avail_out = (uInt)(capacity < UINT32_MAX ? capacity : UINT32_MAX);
    const uInt room = gzip->avail_out;
    while (gzip->avail_out == room && !stream->failed) {
        if (!refill(stream)) {
            if (!stream->member_done)
                fail(stream, "the compressed file is cut off");
            break;
        }
        if (stream->member_done) {                      /* another member: gzip files may be put one after the other */
            const unsigned char *next = stream->packed + stream->packed_at;
            if (next[0] == 0) {                         /* padding with zeros is what tapes leave behind */
                stream->packed_at++;
                continue;
            }
            if (next[0] != 0x1F) {
                fail(stream, "something follows the compressed data");
                break;
            }
            inflateReset(gzip);
            stream->member_done = false;
        }
        gzip->next_in = stream->packed + stream->packed_at;
        gzip->avail_in = (uInt)(stream->packed_end - stream->packed_at);
        int state = inflate(gzip, Z_NO_FLUSH);
        stream->packed_at = stream->packed_end - gzip->avail_in;
        if (state == Z_STREAM_END)
            stream->member_done = true;
        else if (state == Z_MEM_ERROR)
            memory_refused();
        else if (state != Z_OK && state != Z_BUF_ERROR)
            fail(stream, "the compressed file is damaged");
    }
    return room - gzip->avail_out;
}

static size_t read_zstd(struct stream *stream, char *out, size_t capacity)
{
    ZSTD_outBuffer to = {out, capacity, 0};
    while (to.pos == 0 && !stream->failed) {
        if (!refill(stream)) {
            if (!stream->frame_done)
                fail(stream, "the compressed file is cut off");
            break;
        }
        ZSTD_inBuffer from = {stream->packed, stream->packed_end, stream->packed_at};
        size_t left = ZSTD_decompressStream(stream->zstd, &to, &from);
        stream->packed_at = from.pos;
        if (ZSTD_isError(left) && ZSTD_getErrorCode(left) == ZSTD_error_memory_allocation)
            memory_refused();
        if (ZSTD_isError(left))
            fail(stream, "the compressed file is damaged");
        stream->frame_done = left == 0;
    }
    return to.pos;
}

static size_t read_unpacked(struct stream *stream, char *out, size_t capacity)
{
    switch (stream->packing) {
    case PACKING_GZIP: return read_gzip(stream, out, capacity);
    case PACKING_ZSTD: return read_zstd(stream, out, capacity);
    default: return read_plain(stream, out, capacity);
    }
}

static bool at_least(struct stream *stream, size_t wanted)
{
    while (stream->wide_end - stream->wide_at < wanted) {
        size_t got = read_unpacked(stream, stream->wide + stream->wide_end, WIDE_BYTES - stream->wide_end);
        if (got == 0)
            return false;
        stream->wide_end += got;
    }
    return true;
}

/* Whatever iconv does not take is one byte (or one unit of UTF-16) of no meaning. */
static size_t convert(struct stream *stream, char *out, size_t capacity)
{
    char *to = out;
    size_t room = capacity;
    while (to == out) {
        char *from = stream->wide + stream->wide_at;
        size_t left = stream->wide_end - stream->wide_at;
        if (left > 0) {
            size_t done = iconv(stream->converter, &from, &left, &to, &room);
            stream->wide_at = stream->wide_end - left;
            if (done != (size_t)-1 || errno == E2BIG)
                continue;
            if (room == 0)
                break;                                  /* to > out: the next call has room for what comes now */
            if (errno == EILSEQ) {
                *to++ = '\xFF';
                room--;
                stream->wide_at += stream->unit < left ? stream->unit : left;
                continue;
            }
        }
        memmove(stream->wide, stream->wide + stream->wide_at, left);    /* half a character, or nothing */
        stream->wide_at = 0;
        stream->wide_end = left;
        size_t got = read_unpacked(stream, stream->wide + left, WIDE_BYTES - left);
        stream->wide_end += got;
        if (got == 0 && left > 0) {
            *to++ = '\xFF';
            stream->wide_end = 0;
        }
        if (got == 0)
            break;
    }
    return (size_t)(to - out);
}

static size_t read_text(struct stream *stream, char *out, size_t capacity)
{
    if (stream->converting)
        return convert(stream, out, capacity);
    if (stream->wide_at < stream->wide_end) {
        size_t count = stream->wide_end - stream->wide_at;
        count = count < capacity ? count : capacity;
        memcpy(out, stream->wide + stream->wide_at, count);
        stream->wide_at += count;
        return count;
    }
    return read_unpacked(stream, out, capacity);
}

/* As read_text, but of a remark only its line end is left, so that rows keep their numbers.  The start of a line that may
   yet turn out to be a remark waits in stream->matched: its bytes are those of the mark. */
static size_t read_without_remarks(struct stream *stream, char *out, size_t capacity)
{
    const size_t mark = strlen(INPUT_REMARK);
    for (;;) {
        size_t kept = stream->matched;
        memcpy(out, INPUT_REMARK, kept);
        size_t got = read_text(stream, out + kept, capacity - kept), to = kept;
        if (got == 0) {
            stream->matched = 0;
            return kept;
        }
        for (size_t i = kept; i < kept + got; i++) {
            char c = out[i];
            out[to++] = c;
            if (stream->in_remark) {
                to -= c != '\n';
            } else if (!stream->in_line && c == INPUT_REMARK[stream->matched]) {
                if (++stream->matched < mark)
                    continue;
                to -= mark;
                stream->in_remark = true;
            } else {
                stream->in_line = true;
            }
            stream->matched = 0;
            if (c == '\n')
                stream->in_remark = stream->in_line = false;
        }
        to -= stream->matched;
        if (to > 0)
            return to;
    }
}

static size_t read_any(struct stream *stream, char *out, size_t capacity)
{
    return stream->has_remarks ? read_without_remarks(stream, out, capacity) : read_text(stream, out, capacity);
}

size_t stream_read(struct stream *stream, char *out, size_t capacity)
{
    if (stream->spill_at == stream->spill_end) {
        if (capacity >= ROOM_LEAST || (!stream->converting && !stream->has_remarks))
            return read_any(stream, out, capacity);
        stream->spill_at = 0;
        stream->spill_end = read_any(stream, stream->spill, SPILL_BYTES);
    }
    size_t left = stream->spill_end - stream->spill_at, count = left < capacity ? left : capacity;
    memcpy(out, stream->spill + stream->spill_at, count);
    stream->spill_at += count;
    return count;
}

static void tell_packing(struct stream *stream)
{
    while (stream->packed_end < 4) {
        size_t got = read_file(stream, stream->packed + stream->packed_end, PACKED_BYTES - stream->packed_end);
        if (got == 0)
            break;
        stream->packed_end += got;
    }
    if (stream->packed_end >= 3 && memcmp(stream->packed, "\x1F\x8B\x08", 3) == 0) {
        stream->packing = PACKING_GZIP;
        if (inflateInit2(&stream->gzip, 16 + MAX_WBITS) != Z_OK)        /* for want of memory, and nothing else */
            memory_refused();
        stream->gzip_open = true;
    } else if (stream->packed_end >= 4 && memcmp(stream->packed, "\x28\xB5\x2F\xFD", 4) == 0) {
        stream->packing = PACKING_ZSTD;
        stream->zstd = ZSTD_createDStream();
        if (!stream->zstd || ZSTD_isError(ZSTD_initDStream(stream->zstd)))
            memory_refused();
    }
}

/* A BOM outranks the option: whoever wrote it knew.  UTF-16 without one is told by which byte of the first letter is
   zero. */
static const char *tell_encoding(struct stream *stream, enum input_encoding encoding)
{
    at_least(stream, 3);
    const char *start = stream->wide + stream->wide_at;
    size_t count = stream->wide_end - stream->wide_at;
    if (count >= 3 && memcmp(start, "\xEF\xBB\xBF", 3) == 0) {
        stream->wide_at += 3;
        return NULL;
    }
    if (count >= 2 && (memcmp(start, "\xFF\xFE", 2) == 0 || memcmp(start, "\xFE\xFF", 2) == 0)
        && (encoding == ENCODING_SNIFFED || encoding == ENCODING_UTF_16)) {
        stream->wide_at += 2;
        return start[0] == '\xFF' ? "UTF-16LE" : "UTF-16BE";
    }
    switch (encoding) {
    case ENCODING_WINDOWS_1252: return "WINDOWS-1252";
    case ENCODING_LATIN_1: return "ISO-8859-1";
    case ENCODING_UTF_16: return count >= 2 && start[0] == '\0' ? "UTF-16BE" : "UTF-16LE";
    default: return NULL;
    }
}

static void tell_remarks(struct stream *stream)
{
    const size_t mark = strlen(INPUT_REMARK);
    if (stream->wide_at < stream->wide_end && stream->wide[stream->wide_at] == INPUT_REMARK[0] && at_least(stream, mark))
        stream->has_remarks = memcmp(stream->wide + stream->wide_at, INPUT_REMARK, mark) == 0;
}

bool stream_check(const char *path, uint64_t *bytes, char *problem, size_t capacity)
{
    struct stat facts;
    *bytes = 0;
    if (strcmp(path, "-") == 0)
        return true;
    if (stat(path, &facts) != 0 || access(path, R_OK) != 0) {
        snprintf(problem, capacity, "%s: %s", path, strerror(errno));
        return false;
    }
    if (S_ISDIR(facts.st_mode)) {
        snprintf(problem, capacity, "%s: is a folder, not a file", path);
        return false;
    }
    if (S_ISREG(facts.st_mode))
        *bytes = (uint64_t)facts.st_size;
    return true;
}

struct stream *stream_open(const char *path, enum input_encoding encoding, char *problem, size_t capacity)
{
    struct stream *stream = memory_alloc(sizeof *stream);
    stream->path = path;
    stream->owned = strcmp(path, "-") != 0;
    stream->descriptor = stream->owned ? open(path, O_RDONLY | O_CLOEXEC) : STDIN_FILENO;
    stream->packed = memory_alloc(PACKED_BYTES);
    stream->wide = memory_alloc(WIDE_BYTES);
    struct stat facts;
    if (stream->descriptor < 0 || fstat(stream->descriptor, &facts) != 0) {
        fail(stream, strerror(errno));
    } else if (S_ISDIR(facts.st_mode)) {
        fail(stream, "is a folder, not a file");
    } else {
        stream->regular = S_ISREG(facts.st_mode);
        stream->bytes_total = stream->regular ? (uint64_t)facts.st_size : 0;
        tell_packing(stream);
    }
    if (!stream->failed) {
        const char *name = tell_encoding(stream, encoding);
        if (name) {
            stream->unit = strncmp(name, "UTF-16", 6) == 0 ? 2 : 1;
            stream->converter = iconv_open("UTF-8", name);
            if (stream->converter == (iconv_t)-1)       /* for want of memory it says that it does not know the name */
                stream->converter = iconv_open("UTF-8", name);
            stream->converting = stream->converter != (iconv_t)-1;
            if (!stream->converting && errno == ENOMEM)
                memory_refused();
            if (!stream->converting)
                fail(stream, "this system cannot convert its encoding");
        }
    }
    if (!stream->failed)
        tell_remarks(stream);
    if (!stream->failed)
        return stream;
    snprintf(problem, capacity, "%s", stream->problem);
    bool machine = stream->machine;
    stream_close(stream);
    errno = machine ? EIO : 0;
    return NULL;
}

const char *stream_problem(const struct stream *stream) { return stream->failed ? stream->problem : NULL; }
bool stream_is_converted(const struct stream *stream) { return stream->converting; }
bool stream_machine_failed(const struct stream *stream) { return stream->machine; }
uint64_t stream_bytes_read(const struct stream *stream) { return stream->bytes_read; }
uint64_t stream_bytes_total(const struct stream *stream) { return stream->bytes_total; }

bool stream_would_wait(const struct stream *stream)
{
    if (stream->regular || stream->ended || stream->failed || stream->packed_at < stream->packed_end)
        return false;
    struct pollfd wanted = {.fd = stream->descriptor, .events = POLLIN};
    return poll(&wanted, 1, 0) == 0;
}

void stream_close(struct stream *stream)
{
    if (!stream)
        return;
    if (stream->gzip_open)
        inflateEnd(&stream->gzip);
    ZSTD_freeDStream(stream->zstd);
    if (stream->converting)
        iconv_close(stream->converter);
    if (stream->owned && stream->descriptor >= 0)
        close(stream->descriptor);
    free(stream->packed);
    free(stream->wide);
    free(stream);
}
