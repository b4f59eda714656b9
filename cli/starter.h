/* The starter of `rubric init`: a commented rubric that passes check and test, and leads that it can score at once. */
#ifndef RUBRIC_CLI_STARTER_H
#define RUBRIC_CLI_STARTER_H

#include <stdint.h>

#include "vm/memory.h"

void starter_rubric(struct buffer *out);
void starter_leads(int64_t as_of, struct buffer *out); /* NDJSON, with events in the weeks before this instant */

#endif
