/* Model → program: straight-line code over registers, each subexpression once (hash-consing), and the tables that name things.
   emit.c: the builder and its constant tables; emit_expression.c: conditions and values; emit_scoring.c: rules, groups, scores, stages. */
#ifndef RUBRIC_COMPILER_EMIT_H
#define RUBRIC_COMPILER_EMIT_H

#include "compiler/model.h"

/* The program of a model without errors, prepared.  With a test, `expectation_registers` (one for each of its expectations) gets
   the condition register of each EXPECT_CONDITION, NO_REGISTER for the others. */
struct program *emit_program(const struct model *model, const struct model_test *test, uint32_t *expectation_registers);

#endif
