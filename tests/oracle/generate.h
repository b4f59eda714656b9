/* Random rubrics and leads that fit them: well typed, with every construct of the language, from small pools of
   constants so that things happen.  The same seed gives the same bytes on every machine.  Caller frees with
   sample_free; nothing can fail. */
#ifndef RUBRIC_TESTS_ORACLE_GENERATE_H
#define RUBRIC_TESTS_ORACLE_GENERATE_H

#include <stdbool.h>
#include <stdint.h>
#include "compiler/compile.h"
#include "vm/memory.h"

/* A declaration as text.  `movable`: changing its place must not change any points. */
struct chunk { char *text; bool movable; };
#define MOST_OVERRIDES 6
struct sample {
    int64_t as_of;
    struct chunk *chunks; size_t chunk_count, chunk_capacity;   /* the rubric, declaration by declaration */
    struct setting_override overrides[MOST_OVERRIDES]; size_t override_count;    /* as a run may give them */
    char **leads; size_t lead_count, lead_capacity;             /* one JSON object each, without a line end */
};
void sample_generate(struct sample *sample, uint64_t seed);
void sample_free(struct sample *sample);
/* The rubric's text; with a seed other than 0, its movable declarations stand in another order. */
void sample_rubric(const struct sample *sample, uint64_t moving_seed, struct buffer *out);

#endif
