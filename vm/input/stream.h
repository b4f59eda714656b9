/* Bytes of one file as UTF-8 text: opened, unpacked (gzip, zstd, told by their magic) and brought to UTF-8 (BOM, or the
   encoding named).  UTF-8 itself is passed through and not checked here.  What cannot be converted becomes the byte
   0xFF, which no UTF-8 text holds, so that the record it stands in is refused where the others are.  In a file that
   begins with a remark (INPUT_REMARK: a file of rejects) all lines that begin so become empty lines. */
#ifndef RUBRIC_VM_INPUT_STREAM_H
#define RUBRIC_VM_INPUT_STREAM_H

#include "vm/input/input.h"

struct stream;
/* Whether the file could be opened, without opening it: a pipe can be opened only once.  *bytes: its size, 0 for a
 * pipe. */
bool stream_check(const char *path, uint64_t *bytes, char *problem, size_t capacity);
/* "-" is standard input.  NULL with a sentence when it cannot be opened; errno is EIO then when reading failed. */
struct stream *stream_open(const char *path, enum input_encoding encoding, char *problem, size_t capacity);
/* Up to `capacity` bytes (at least 1); 0 at the end, or after a failure (stream_problem is not NULL then). */
size_t stream_read(struct stream *stream, char *out, size_t capacity);
const char *stream_problem(const struct stream *stream);
bool stream_is_converted(const struct stream *stream);          /* the file is not UTF-8 */
bool stream_machine_failed(const struct stream *stream);        /* reading failed, whatever the file holds */
bool stream_would_wait(
    const struct stream *stream);               /* nothing to read at this moment: a pipe whose writer is not done */
uint64_t stream_bytes_read(const struct stream *stream);        /* of the file as it lies there */
uint64_t stream_bytes_total(const struct stream *stream);       /* 0: not known */
void stream_close(struct stream *stream);

#endif
