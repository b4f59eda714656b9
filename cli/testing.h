/* The tests inside a rubric, run on the VM: the lead of a test is a batch of one, its expectations are registers of the program. */
#ifndef RUBRIC_CLI_TESTING_H
#define RUBRIC_CLI_TESTING_H

#include "cli/command.h"
#include "vm/machine.h"

struct test_failure { const struct model_expectation *expectation; char *text; };
struct test_outcome { size_t expectations; struct test_failure *failures; size_t failure_count, capacity; char *problem; /* could not be run */ };
/* Runs one test of a compilation without errors (`path` is read again when the test sets settings). */
void test_run(const struct compilation *compilation, const char *path, const struct options *options, uint32_t test, struct test_outcome *outcome);
void test_outcome_free(struct test_outcome *outcome);
/* Fills the batch (cleared, of this program) with a test's lead. */
void test_fill(const struct model *model, const struct model_test *test, const struct program *program, struct batch *batch);

#endif
