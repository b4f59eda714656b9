/* Several threads read one input: what is counted, reported and read must be what one thread gets, in the same order.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <pthread.h>

#include "tests/unit/input_fixture.h"

#define WORKERS 3

/* The outcome of a block waits here for its turn. */
struct turn { struct input_block *block; size_t number; };
struct shared {
    struct input *input; const struct program *program;
    pthread_mutex_t taking, settling; pthread_cond_t settled;
    size_t taken, next;
    struct buffer leads;
};

static struct turn take(struct shared *shared)
{
    enum input_state state;
    pthread_mutex_lock(&shared->taking);
    struct turn turn = {input_take(shared->input, &state), shared->taken};
    shared->taken += turn.block != NULL;
    pthread_mutex_unlock(&shared->taking);
    return turn;
}

static void *work(void *context)
{
    struct shared *shared = context;
    struct input_reader *reader = reader_new(shared->input);
    struct input_notes *notes = notes_new();
    struct batch *batch = batch_new(shared->program, FIXTURE_AS_OF, 64);
    for (struct turn turn; (turn = take(shared)).block;) {
        enum input_state state = reader_fill(reader, turn.block, batch, notes);
        pthread_mutex_lock(&shared->settling);
        while (shared->next != turn.number)
            pthread_cond_wait(&shared->settled, &shared->settling);
        for (;;) {                                      /* this test cares for order, not for speed */
            dump_batch(&shared->leads, batch);
            input_settle(shared->input, batch, notes);
            if (state == INPUT_END)
                break;
            state = reader_fill(reader, turn.block, batch, notes);
        }
        shared->next++;
        input_release(shared->input, turn.block);
        pthread_cond_broadcast(&shared->settled);
        pthread_mutex_unlock(&shared->settling);
        assert_true(input_bytes_read(shared->input) > 0);
    }
    batch_free(batch);
    notes_free(notes);
    reader_free(reader);
    return NULL;
}

static void check_threads(const struct program *program, struct input_options options, const char *text, size_t length)
{
    struct fixture one = fixture_read(program, options, text, length), many = {0};
    char *path = write_temporary(text, length);
    const char *paths[] = {path};
    struct shared shared = {.program = program};
    buffer_text(&shared.leads, "");
    buffer_text(&many.reports, "");
    options.report = fixture_report;
    options.context = &many;
    shared.input = input_open(program, &options, paths, 1, many.problem, sizeof many.problem);
    assert_non_null(shared.input);
    pthread_mutex_init(&shared.taking, NULL);
    pthread_mutex_init(&shared.settling, NULL);
    pthread_cond_init(&shared.settled, NULL);
    pthread_t workers[WORKERS];
    for (int i = 0; i < WORKERS; i++)
        assert_int_equal(pthread_create(&workers[i], NULL, work, &shared), 0);
    for (int i = 0; i < WORKERS; i++)
        pthread_join(workers[i], NULL);
    input_finish(shared.input);
    const struct input_summary *summary = input_summary(shared.input);
    assert_true(shared.taken > 20);
    assert_string_equal(shared.leads.data, one.leads.data);
    assert_string_equal(many.reports.data, one.reports.data);
    assert_int_equal(summary->leads, one.summary.leads);
    assert_int_equal(summary->rejected, one.summary.rejected);
    assert_int_equal(summary->duplicate_keys, one.summary.duplicate_keys);
    assert_int_equal(summary->events_undeclared, one.summary.events_undeclared);
    assert_int_equal(summary->events_unmatched, one.summary.events_unmatched);
    input_close(shared.input);
    unlink(path);
    free(path);
    buffer_free(&shared.leads);
    fixture_free(&one);
    fixture_free(&many);
}

static void test_threads(void **state)
{
    (void)state;
    static const struct fixture_field fields[] = {{"id", FIELD_TEXT, NULL, NULL, NULL},
                                                  {"employees", FIELD_NUMBER, NULL, NULL, NULL}};
    struct program *program = fixture_program(fields, 2);
    fixture_event(program, "webinar", true, NULL, 0);
    struct buffer json = {0}, csv = {0}, events = {0};
    buffer_text(&csv, "id,employees\n");
    buffer_text(&events, "lead,type,at\n");
    for (int i = 0; i < 5000; i++) {
        buffer_format(&json,
                      "{\"id\":\"%d\",\"employees\":%s,\"events\":[{\"type\":\"%s\",\"at\":\"2026-01-01\"}]%s}\n",
                      i % 4900, i % 97 == 5 ? "\"x\"" : "7",
                      i % 3   ? "webinar"
                      : i % 2 ? "a"
                              : "b",
                      i % 211 == 9 ? "," : "");
        buffer_format(&csv, "\"%d\n\",%d%s\n", i % 4900, i, i % 211 == 9 ? ",7" : "");
        buffer_format(&events, "%d,webinar,2026-01-01\n", i + 3);
    }
    char *path = write_temporary(events.data, events.length);
    const char *paths[] = {path};
    check_threads(program, (struct input_options){.block_bytes = 5000}, json.data, json.length);
    check_threads(program, (struct input_options){.block_bytes = 900, .events = paths, .event_files = 1}, csv.data,
                  csv.length);
    unlink(path);
    free(path);
    buffer_free(&json);
    buffer_free(&csv);
    buffer_free(&events);
    program_free(program);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_threads)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
