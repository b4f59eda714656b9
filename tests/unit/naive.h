/* What each instruction means, said again as plainly as can be, one row at a time, on top of the values that the machine has in the
   instruction's operands.  Slow on purpose; shares nothing with the machine but number.h, calendar.h and text.h. */
#ifndef RUBRIC_TESTS_NAIVE_H
#define RUBRIC_TESTS_NAIVE_H

#include "vm/machine.h"

/* A condition, or a number that is known or not. */
struct naive { enum truth truth; bool known; int64_t number; };

/* The value of the instruction's `which`-th result for one row. */
struct naive naive_result(const struct machine *machine, const struct instruction *code, uint32_t which, uint32_t row);

#endif
