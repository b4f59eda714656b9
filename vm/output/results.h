/* Results: one a lead, in the order of the leads, as NDJSON, CSV or a table for people.
   A writer keeps what is the same for every lead ready as bytes, and appends to the caller's buffer; the caller writes
   that to its file when it likes.  A writer belongs to one thread; several writers of one program write the same bytes
   for the same lead, so that workers can each have one and their buffers be joined in order.
   Life:  results_new → results_begin → { machine_run → results_batch } … → results_end → results_free.
   Nothing here fails. */
#ifndef RUBRIC_VM_OUTPUT_RESULTS_H
#define RUBRIC_VM_OUTPUT_RESULTS_H

#include "vm/machine.h"

enum results_format { RESULTS_NDJSON, RESULTS_CSV, RESULTS_TABLE };
#define RESULTS_MOST_REASONS 100u

struct results_options {                                /* all zero is a good start */
    bool trace;                                         /* NDJSON: with the ledger; CSV: a column of the rules that fired */
    uint32_t reasons;                                   /* CSV: columns reason_1 … reason_N; at most RESULTS_MOST_REASONS */
    bool guard_formulas;                    /* CSV: what a spreadsheet takes for a formula gets a ' in front */
    uint32_t width;                                     /* table: columns of the terminal; 0: as wide as it gets */
    const char *columns;                    /* CSV: only these, in this order, commas between; NULL: all; borrowed by results_new only */
    bool no_header;                                     /* CSV: without the line of names */
};

struct results;
struct results *results_new(const struct program *program, enum results_format format,
                            const struct results_options *options);
void results_free(struct results *results);
void results_begin(struct results *results, struct buffer *out);       /* headers; once for a whole output */
/* All leads of the machine's last batch; with `chosen` (a bitmap over leads, may be NULL) only those. */
void results_batch(struct results *results, const struct machine *machine, const uint64_t *chosen, struct buffer *out);
uint64_t results_written(const struct results *results);                /* how many results, counted where each is written */
void results_end(struct results *results, struct buffer *out);         /* what closes a whole output */

/* The first of options->columns that is no column of the CSV result (up to *length bytes), or NULL. */
const char *results_column_unknown(const struct program *program, const struct results_options *options, size_t *length);

/* One lead of the machine's last batch, in words (vm/output/explain.c). */
struct explain_options { uint32_t width; /* columns of the terminal, 0: 100 */ };
void explain_lead(const struct machine *machine, uint32_t lead, const struct explain_options *options,
                  struct buffer *out);
/* One rule of one lead: whether it fired, and if not, why not. */
void explain_rule(const struct machine *machine, uint32_t lead, uint32_t rule, const struct explain_options *options,
                  struct buffer *out);
/* For a condition on a score that is too low: the rules that did not count and could lift it, the best first; `points`
   is the most that is known of what a rule gives, 0 when that depends on the lead. */
struct help { uint32_t rule; int64_t points; };
#define HELPS_SHOWN 5u
size_t explain_helps(const struct machine *machine, uint32_t lead, const struct program_atom *atom,
                     struct help helps[HELPS_SHOWN]);

#endif
