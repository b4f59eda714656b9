/* What the formats of results share.  Internal to vm/output/. */
#ifndef RUBRIC_VM_OUTPUT_WRITER_H
#define RUBRIC_VM_OUTPUT_WRITER_H

#include "vm/output/pieces.h"
#include "vm/output/results.h"
#include "vm/trace.h"
#include "vm/undecided.h"

struct ndjson;                                          /* the ready pieces, vm/output/ndjson.c */
struct trace_pieces;                                    /* those of its traces, vm/output/ndjson_trace.c */
struct csv;                                             /* and those of vm/output/csv.c */
struct results {
    const struct program *program;
    enum results_format format;
    struct results_options options;
    struct undecided undecided;
    struct trace trace;
    struct buffer scratch;                              /* a text before it is escaped */
    struct small_number *numbers;
    struct ndjson *ndjson; struct trace_pieces *pieces;
    struct csv *csv;
    uint64_t written;                                   /* results, for the account at the end of a run */
};

/* A reason: a rule that fired, by the size of its points, then in file order. */
struct reason { uint32_t rule; int64_t points; };
size_t reasons_of(struct results *results, const struct machine *machine, uint32_t lead, struct reason *reasons,
                  size_t most);
/* "+15 Whoever compares prices is buying". */
void reason_add_text(const struct program *program, struct reason reason, struct buffer *out);
void add_signed(struct buffer *out, int64_t points);    /* +15, -2.5, 0 */
static inline void add_slice(struct buffer *out, struct text slice) { buffer_add(out, slice.bytes, slice.length); }

/* JSON: quotes, backslashes and control characters are escaped, nothing else. */
bool json_is_plain(const char *bytes, size_t length);   /* nothing of it is escaped */
void json_add_escaped(struct buffer *out, const char *bytes, size_t length);
void json_add_text(struct buffer *out, const char *text);               /* in quotes; NULL is null */
void json_add_value(struct buffer *out, const struct column *column, size_t row);   /* null when it is missing */

struct ndjson *ndjson_new(const struct program *program);
void ndjson_free(struct ndjson *ndjson);
void ndjson_batch(struct results *results, const struct machine *machine, const uint64_t *chosen, struct buffer *out);
struct trace_pieces *trace_pieces_new(const struct program *program);
void trace_pieces_free(struct trace_pieces *pieces);
void ndjson_trace(struct results *results, const struct machine *machine, uint32_t lead, struct buffer *out);
struct csv *csv_new(const struct results *results);
void csv_free(struct csv *csv);
void csv_header(struct results *results, struct buffer *out);
void csv_batch(struct results *results, const struct machine *machine, const uint64_t *chosen, struct buffer *out);
void table_header(struct results *results, struct buffer *out);
void table_batch(struct results *results, const struct machine *machine, const uint64_t *chosen, struct buffer *out);

#endif
