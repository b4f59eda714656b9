/* Scoring with several threads: each takes a block of input, reads and scores it with batches, a machine and a writer of its own,
   then waits for its block's turn to count, report and write.  What comes out is byte for byte what one thread writes. */
#include "cli/score_threads.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "vm/limits.h"

struct shared {
    const struct score_job *job;
    pthread_mutex_t lock; pthread_cond_t turn_changed;
    uint64_t taken, turn;                               /* blocks handed out; the block whose turn it is */
    bool stopped;                                       /* nothing more to take, or writing failed */
    enum input_state state;
    bool written;
    size_t scored;
};

/* The batches of one block: kept until its turn, because counting and reporting look at them in order. */
struct block_batches { struct batch **batches; struct input_notes **notes; size_t count, capacity, used; };

static struct batch *next_batch(struct block_batches *all, const struct score_job *job, struct input_notes **notes)
{
    if (all->used == all->count) {
        size_t capacity = all->capacity;
        memory_reserve(&all->batches, &all->capacity, all->count + 1, sizeof *all->batches);
        if (all->capacity != capacity) all->notes = memory_resize(all->notes, all->capacity * sizeof *all->notes);
        all->batches[all->count] = batch_new(job->program, job->as_of, job->batch_size);
        all->notes[all->count++] = notes_new();
    }
    *notes = all->notes[all->used];
    return all->batches[all->used++];
}

static void score_block(const struct score_job *job, struct input_reader *reader, struct input_block *block, struct machine *machine, struct results *results,
                        struct block_batches *all, struct buffer *out)
{
    all->used = 0;
    buffer_reset(out);
    for (;;) {
        struct input_notes *notes;
        struct batch *batch = next_batch(all, job, &notes);
        enum input_state state = reader_fill(reader, block, batch, notes);
        if (state == INPUT_FILLED) {
            machine_run(machine, batch);
            results_batch(results, machine, NULL, out);
        }
        if (state != INPUT_FILLED) return;              /* the last, empty batch may hold notes of rejects */
    }
}

static void finish_block(struct shared *shared, uint64_t ticket, struct input_block *block, struct block_batches *all, struct buffer *out)
{
    const struct score_job *job = shared->job;
    pthread_mutex_lock(&shared->lock);
    while (shared->turn != ticket) pthread_cond_wait(&shared->turn_changed, &shared->lock);
    for (size_t i = 0; i < all->used; i++) {
        input_settle(job->input, all->batches[i], all->notes[i]);
        shared->scored += all->batches[i]->leads;
    }
    if (shared->written && !job->write(job->context, out)) { shared->written = false; shared->stopped = true; }
    job->progress(job->context, shared->scored);
    shared->turn++;
    pthread_cond_broadcast(&shared->turn_changed);
    pthread_mutex_unlock(&shared->lock);
    input_release(job->input, block);
}

static void *work(void *argument)
{
    struct shared *shared = argument;
    const struct score_job *job = shared->job;
    struct input_reader *reader = reader_new(job->input);
    struct machine *machine = machine_new(job->program, job->as_of);
    struct results *results = results_new(job->program, job->format, job->results_options);
    struct block_batches all = { 0 };
    struct buffer out = { 0 };
    for (;;) {
        pthread_mutex_lock(&shared->lock);
        enum input_state state = INPUT_END;
        struct input_block *block = shared->stopped ? NULL : input_take(job->input, &state);
        uint64_t ticket = shared->taken;
        if (block) shared->taken++;
        else if (!shared->stopped) { shared->stopped = true; shared->state = state; }
        pthread_mutex_unlock(&shared->lock);
        if (!block) break;
        score_block(job, reader, block, machine, results, &all, &out);
        finish_block(shared, ticket, block, &all, &out);
    }
    for (size_t i = 0; i < all.count; i++) { batch_free(all.batches[i]); notes_free(all.notes[i]); }
    free(all.batches);
    free(all.notes);
    buffer_free(&out);
    results_free(results);
    machine_free(machine);
    reader_free(reader);
    return NULL;
}

struct score_result score_threads(const struct score_job *job, unsigned threads)
{
    struct shared shared = { .job = job, .written = true, .state = INPUT_END };
    pthread_mutex_init(&shared.lock, NULL);
    pthread_cond_init(&shared.turn_changed, NULL);
    pthread_t *workers = memory_alloc(threads * sizeof *workers);
    unsigned started = 0;
    while (started + 1 < threads && pthread_create(&workers[started], NULL, work, &shared) == 0) started++;
    work(&shared);                                      /* this thread works too: without a second one it does all */
    for (unsigned i = 0; i < started; i++) pthread_join(workers[i], NULL);
    free(workers);
    pthread_cond_destroy(&shared.turn_changed);
    pthread_mutex_destroy(&shared.lock);
    return (struct score_result){ shared.state, shared.written, shared.scored };
}
