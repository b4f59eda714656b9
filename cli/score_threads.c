/* Scoring with several threads: each takes a block of input, reads and scores it with a machine and a writer of its
   own, and leaves what came of it in the block's slot.  Whoever finds the slot whose turn it is finished counts,
   reports and writes it, and those behind it, while the others go on: nobody waits for a turn while there are slots.
   What comes out is byte for byte what one thread writes. */
#include "cli/score_threads.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "vm/limits.h"

/* The batches of one block: kept until its turn, because counting and reporting look at them in order. */
struct block_batches {
    struct batch **batches;
    struct input_notes **notes;
    size_t count, capacity, used;
};

struct slot {
    struct input_block *block;
    struct block_batches all;
    struct buffer out;
    uint64_t written; /* results in it, as the writer counted them */
    bool finished;
};

struct shared {
    const struct score_job *job;
    struct slot *slots;
    uint64_t slot_count; /* block n is in slot n % slot_count */
    pthread_mutex_t taking; /* guards: the input's taking, taken, state */
    uint64_t taken;
    enum input_state state;
    pthread_mutex_t order;
    pthread_cond_t turn_changed; /* guard: turn, draining, finished of the slots */
    uint64_t turn; /* the block that is to be written next */
    bool draining; /* somebody is writing; the next three are that thread's then */
    bool written;
    size_t scored;
    bool stopped; /* atomic: nothing more to take, or writing failed */
};

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

static uint64_t score_block(const struct score_job *job, struct input_reader *reader, struct input_block *block,
                        struct machine *machine, struct results *results, struct block_batches *all, struct buffer *out)
{
    all->used = 0;
    buffer_reset(out);
    uint64_t before = results_written(results);
    for (;;) {
        struct input_notes *notes;
        struct batch *batch = next_batch(all, job, &notes);
        enum input_state state = reader_fill(reader, block, batch, notes);
        if (state == INPUT_FILLED) {
            machine_run(machine, batch);
            results_batch(results, machine, NULL, out);
        }
        if (state != INPUT_FILLED) return results_written(results) - before; /* the last, empty batch may hold notes of rejects */
    }
}

/* Counts, reports and writes one block: one thread at a time, in the order of the input. */
static void write_slot(struct shared *shared, struct slot *slot)
{
    const struct score_job *job = shared->job;
    for (size_t i = 0; i < slot->all.used; i++) input_settle(job->input, slot->all.batches[i], slot->all.notes[i]);
    shared->scored += slot->written;
    if (shared->written && !job->write(job->context, &slot->out)) {
        shared->written = false;
        __atomic_store_n(&shared->stopped, true, __ATOMIC_RELAXED);
    }
    job->progress(job->context, shared->scored);
    input_release(job->input, slot->block);
}

static void finish_slot(struct shared *shared, struct slot *slot)
{
    pthread_mutex_lock(&shared->order);
    slot->finished = true;
    if (!shared->draining) {
        shared->draining = true;
        while ((slot = &shared->slots[shared->turn % shared->slot_count])->finished) {
            pthread_mutex_unlock(&shared->order);
            write_slot(shared, slot);
            pthread_mutex_lock(&shared->order);
            slot->finished = false;
            shared->turn++;
            pthread_cond_signal(&shared->turn_changed); /* only the one that is taking waits */
        }
        shared->draining = false;
    }
    pthread_mutex_unlock(&shared->order);
}

/* The next block's slot with the block in it, or NULL at the end. */
static struct slot *take_slot(struct shared *shared)
{
    struct slot *slot = NULL;
    pthread_mutex_lock(&shared->taking);
    pthread_mutex_lock(&shared->order);
    while (shared->taken - shared->turn >= shared->slot_count) pthread_cond_wait(&shared->turn_changed, &shared->order);
    pthread_mutex_unlock(&shared->order);
    if (!__atomic_load_n(&shared->stopped, __ATOMIC_RELAXED)) {
        enum input_state state = INPUT_END;
        struct input_block *block = input_take(shared->job->input, &state);
        if (block) {
            slot = &shared->slots[shared->taken++ % shared->slot_count];
            slot->block = block;
        } else {
            shared->state = state;
            __atomic_store_n(&shared->stopped, true, __ATOMIC_RELAXED);
        }
    }
    pthread_mutex_unlock(&shared->taking);
    return slot;
}

struct worker {
    struct shared *shared;
    struct input_reader *reader;
    pthread_t thread;
};

static void *work(void *argument)
{
    struct worker *worker = argument;
    struct shared *shared = worker->shared;
    const struct score_job *job = shared->job;
    struct machine *machine = machine_new(job->program, job->as_of);
    struct results *results = results_new(job->program, job->format, job->results_options);
    for (struct slot *slot; (slot = take_slot(shared)) != NULL;) {
        slot->written = score_block(job, worker->reader, slot->block, machine, results, &slot->all, &slot->out);
        finish_slot(shared, slot);
    }
    results_free(results);
    machine_free(machine);
    return NULL;
}

static void slot_free(struct slot *slot)
{
    for (size_t i = 0; i < slot->all.count; i++) {
        batch_free(slot->all.batches[i]);
        notes_free(slot->all.notes[i]);
    }
    free(slot->all.batches);
    free(slot->all.notes);
    buffer_free(&slot->out);
}

struct score_result score_threads(const struct score_job *job, unsigned threads)
{
    struct shared shared = { .job = job, .written = true, .state = INPUT_END, .slot_count = threads + threads / 2 + 1 };
    shared.slots = memory_alloc(shared.slot_count * sizeof *shared.slots);
    pthread_mutex_init(&shared.taking, NULL);
    pthread_mutex_init(&shared.order, NULL);
    pthread_cond_init(&shared.turn_changed, NULL);
    struct worker *workers = memory_alloc(threads * sizeof *workers);
    for (unsigned i = 0; i < threads; i++)
        workers[i] = (struct worker) { .shared = &shared, .reader = reader_new(job->input) };
    unsigned started = 1;
    while (started < threads && pthread_create(&workers[started].thread, NULL, work, &workers[started]) == 0) started++;
    work(&workers[0]); /* this thread works too: without a second one it does all */
    for (unsigned i = 1; i < started; i++) pthread_join(workers[i].thread, NULL);
    for (unsigned i = 0; i < threads; i++)
        reader_free(workers[i].reader); /* notes point into readers until they are settled */
    for (uint64_t i = 0; i < shared.slot_count; i++) slot_free(&shared.slots[i]);
    free(shared.slots);
    free(workers);
    pthread_cond_destroy(&shared.turn_changed);
    pthread_mutex_destroy(&shared.order);
    pthread_mutex_destroy(&shared.taking);
    return (struct score_result) { shared.state, shared.written, shared.scored };
}
