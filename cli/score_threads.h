/* Scoring an input with several threads; see score_threads.c. */
#ifndef RUBRIC_CLI_SCORE_THREADS_H
#define RUBRIC_CLI_SCORE_THREADS_H

#include "vm/input/input.h"
#include "vm/output/results.h"

struct score_job {
    const struct program *program; int64_t as_of; uint32_t batch_size; struct input *input;
    enum results_format format; const struct results_options *results_options;
    /* Both are called by one thread at a time, in the order of the input. */
    bool (*write)(void *context, const struct buffer *out);             /* false: could not be written, stop */
    void (*progress)(void *context, size_t leads);
    void *context;
};
struct score_result { enum input_state state; bool written; size_t scored; };
struct score_result score_threads(const struct score_job *job, unsigned threads);       /* threads >= 1 */

#endif
