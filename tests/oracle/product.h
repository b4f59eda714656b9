/* What the product says, as verdicts: it compiles a rubric, reads leads, runs the machine, and its results are turned
   into the same values the oracle gives.  Everything through the product's public doors. */
#ifndef RUBRIC_TESTS_ORACLE_PRODUCT_H
#define RUBRIC_TESTS_ORACLE_PRODUCT_H

#include "tests/oracle/verdict.h"
#include "vm/machine.h"

/* Runs the leads (bytes; with `events` in a file of their own) in batches of `batch_size` and calls `found` for each,
   in order: with its verdict from the machine, or (written) with the one read back from the line of its NDJSON result.
   False, with a sentence in `problem`, when the leads cannot be read or a result is not as the contract says. */
struct product_way { uint32_t batch_size; bool written; size_t block_bytes; /* 0: as usual */ };
bool product_run(const struct program *program, int64_t as_of, struct product_way way, const struct buffer *leads,
                 const struct buffer *events, void (*found)(void *context, const struct verdict *verdict),
                 void *context, char *problem, size_t capacity);
/* The verdict about one lead of the machine's last run; lives in the arena. */
void product_verdict(const struct machine *machine, uint32_t lead, struct arena *arena, struct verdict *verdict);
/* The verdict that a line of NDJSON with `trace` tells; false when its members are not those of the contract, in its
   order. (result.c) */
bool result_verdict(const char *line, size_t length, struct arena *arena, struct verdict *verdict);

#endif
