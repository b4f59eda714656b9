/* The machine: runs a program over batches.  One machine per thread; the program may be shared.
   All registers keep their values after a run (code is SSA), so results, traces and explanations are read from them: there is no
   second evaluator in the product. */
#ifndef RUBRIC_VM_MACHINE_H
#define RUBRIC_VM_MACHINE_H

#include "vm/batch.h"

enum truth { TRUTH_FAILS, TRUTH_HOLDS, TRUTH_UNKNOWN };

struct machine *machine_new(const struct program *program, int64_t as_of);
void machine_free(struct machine *machine);
void machine_run(struct machine *machine, const struct batch *batch);       /* the batch must be finished; it is borrowed until the next run */
const struct program *machine_program(const struct machine *machine);
const struct batch *machine_batch(const struct machine *machine);
int64_t machine_as_of(const struct machine *machine);

/* Registers of the last run; `row` is a lead, or a row of an event table for registers of that place. */
enum truth machine_condition(const struct machine *machine, uint32_t reg, uint32_t row);
bool machine_number(const struct machine *machine, uint32_t reg, uint32_t row, int64_t *value);     /* false: not known */
const uint64_t *machine_holds(const struct machine *machine, uint32_t reg);     /* bitmaps, for writers that scan */
const uint64_t *machine_fails(const struct machine *machine, uint32_t reg);
const int64_t *machine_numbers(const struct machine *machine, uint32_t reg);
const uint64_t *machine_known(const struct machine *machine, uint32_t reg);

/* The fields (or events) whose absence leaves a register unknown for a lead, in reading order, each once: names are appended to
   `names` (room for `capacity`); returns how many.  Found by walking the code backwards from the register. */
size_t machine_missing(const struct machine *machine, uint32_t reg, uint32_t lead, const char **names, size_t capacity);

#endif
