/* Fuzzing: each fuzz_NAME.c is one target, LLVMFuzzerTestOneInput, for libFuzzer, AFL++ and replay.c (plain gcc).  A
   target returns when all is well and ends the process when a promise is broken.  What they share is in fuzz.c. */
#ifndef RUBRIC_TESTS_FUZZ_H
#define RUBRIC_TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>

#include "vm/machine.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Says what is wrong and aborts. */
_Noreturn void fuzz_broken(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* A path under which the bytes can be read, as often as wanted, until the next call with the same slot (0 or 1). */
const char *fuzz_path(unsigned slot, const void *bytes, size_t length);
/* Whether a rubric names a file of this machine: reading one is no matter of the rubric's text. */
int fuzz_names_files(const uint8_t *data, size_t size);

#define FUZZ_AS_OF INT64_C(1795305600000000)            /* 2026-11-22T00:00:00Z */
/* Leads made up for any program: every field and event with small, large, empty-looking and odd values, some missing. */
void fuzz_fill(struct batch *batch, uint64_t seed);
/* Writes the machine's last batch in every format, with traces, explanations and reasons; nothing is kept.  Aborts when
   the lines of a score do not add up. */
void fuzz_write_all(const struct machine *machine);

#endif
