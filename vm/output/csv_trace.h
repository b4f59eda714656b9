/* The light trace, one cell of a CSV line: the rules that fired with the points they gave, and `decay*2` for a score
   that decayed for two periods: `c01+15 p13-8 decay*2`.  What bounds and weights of groups change is in the NDJSON
   trace only.  The bitmaps of what fired are turned from one row a rule to one row a lead, so that a lead costs what
   fired, not what could have.  Internal to vm/output/; belongs to its writer. */
#ifndef RUBRIC_VM_OUTPUT_CSV_TRACE_H
#define RUBRIC_VM_OUTPUT_CSV_TRACE_H

#include "vm/output/writer.h"

struct csv_trace;
struct csv_trace *csv_trace_new(const struct program *program);
void csv_trace_free(struct csv_trace *trace);
void csv_trace_find(struct csv_trace *trace, const struct machine *machine);        /* once a batch */
void csv_trace_add(struct csv_trace *trace, struct results *results, const struct machine *machine, uint32_t lead,
                   struct buffer *out);

#endif
