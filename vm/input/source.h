/* A list of files as a sequence of blocks of whole records, each of about block_bytes.  What kind of content a file has
   is told from its beginning.  Records that cannot be cut out (longer than LIMIT_LINE_BYTES, quotes that never close)
   come as blocks of their own, marked as broken.  One thread at a time takes blocks; a block belongs to who took it
   until it is given back. */
#ifndef RUBRIC_VM_INPUT_SOURCE_H
#define RUBRIC_VM_INPUT_SOURCE_H

#include <pthread.h>

#include "vm/input/csv.h"
#include "vm/input/input.h"
#include "vm/input/stream.h"

struct input_block {
    char *data; size_t length, capacity;                        /* INPUT_PADDING zero bytes behind length */
    const char *file; uint32_t file_index; enum input_content content;
    const struct csv_header *header;                            /* of CSV */
    bool converted;                                             /* the file is not UTF-8 */
    uint64_t line;                                              /* number of the line at which `data` begins */
    uint32_t lines;
    const char *broken;                         /* not NULL: why all of it is one record that cannot be read */
    const char *at; uint64_t at_line; bool started;             /* how far a reader has come */
    struct input_block *next;
};
struct json_cutter { size_t scanned, cut, first_cut; uint32_t depth; bool in_string, done, after_comma; };
struct source {
    const char *const *paths; size_t path_count, path_index;
    enum input_encoding encoding; enum input_content content; char delimiter; size_t block_bytes;
    struct stream *stream;
    bool told, stream_ended, discarding, failed, machine; enum input_content file_content;
    const struct csv_header *header;
    struct json_cutter cutter; bool end_seen;                   /* what stands behind the last record was judged */
    uint64_t line;
    uint64_t line_by_cr;                        /* the same before the header, should lone CRs end the file's lines */
    struct input_block *pending;                                /* has what was read beyond the last cut */
    struct input_block *spare; pthread_mutex_t guard;           /* blocks to use again */
    struct arena arena;                                         /* headers */
    uint64_t bytes_before, bytes_total, bytes_read;             /* bytes_read: for other threads, as of the last take */
    char problem[512];
};

/* Opens the first file; false with source->problem set. */
bool source_open(struct source *source, const char *const *paths, size_t path_count,
                 const struct input_options *options);
void source_close(struct source *source);
struct input_block *source_take(struct source *source, enum input_state *state);
void source_give_back(struct source *source, struct input_block *block);
uint64_t source_bytes_read(const struct source *source);

/* One byte behind the text is looked at too. */
uint32_t count_line_ends(const char *text, size_t length, bool cr_only);
/* Behind the JSON value at `at`, found by its brackets and quotes alone: where reading can go on after an error. */
const char *json_lexical_end(const char *at, const char *limit, enum input_content content);

#endif
