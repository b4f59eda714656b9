/* Batches: columns, dropping leads, events in order of time, all activity together, a lead of a million events. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "vm/batch.h"
#include "vm/limits.h"

enum { FIELD_AGE, FIELD_OK, FIELD_NAME, FIELD_TAGS, FIELDS };
enum { EVENT_VISIT, EVENT_CALL, EVENT_BOUNCE, EVENTS };
enum { VISIT_SIZE, VISIT_OK, VISIT_URL, VISIT_TAGS, VISIT_FIELDS };

#define NOW INT64_C(1000000)

static struct text text_of(const char *text)
{
    return (struct text){text, (uint32_t)strlen(text)};
}

static struct program *program_make(void)
{
    struct program *program = program_new();
    struct arena *arena = &program->arena;
    program->fields = arena_alloc(arena, FIELDS * sizeof *program->fields);
    program->field_count = FIELDS;
    const uint8_t types[FIELDS] = {FIELD_NUMBER, FIELD_YESNO, FIELD_TEXT, FIELD_LIST};
    for (int field = 0; field < FIELDS; field++)
        program->fields[field].type = types[field];
    program->key_field = FIELD_NAME;
    program->event_fields = arena_alloc(arena, VISIT_FIELDS * sizeof *program->event_fields);
    program->event_field_count = VISIT_FIELDS;
    for (int field = 0; field < VISIT_FIELDS; field++)
        program->event_fields[field].type = types[field];
    program->events = arena_alloc(arena, EVENTS * sizeof *program->events);
    program->event_count = EVENTS;
    program->events[EVENT_VISIT] = (struct program_event){"visit", true, true, {0, VISIT_FIELDS}};
    program->events[EVENT_CALL] = (struct program_event){"call", true, true, {0, 0}};
    program->events[EVENT_BOUNCE] = (struct program_event){"bounce", false, true, {0, 0}};
    program->uses_activity = true;
    return program;
}

static void columns_keep_values(void **state)
{
    (void)state;
    struct program *program = program_make();
    struct batch *batch = batch_new(program, NOW, 4);
    for (int round = 0; round < 2; round++) {
        batch_clear(batch);
        assert_int_equal(batch_begin_lead(batch, 11), 0);
        batch_set_number(batch, FIELD_AGE, -5);
        batch_set_yesno(batch, FIELD_OK, true);
        char name[] = "Ada";
        batch_set_text(batch, FIELD_NAME, text_of(name), true);
        name[0] = '?';
        batch_begin_list(batch, FIELD_TAGS);
        batch_add_element(batch, FIELD_TAGS, text_of("a"), false);
        batch_add_element(batch, FIELD_TAGS, text_of("b"), false);
        batch_set_stage(batch, 2);
        batch_end_lead(batch);
        assert_int_equal(batch_begin_lead(batch, 12), 1);
        batch_set_yesno(batch, FIELD_OK, true);
        batch_set_yesno(batch, FIELD_OK, false);
        batch_begin_list(batch, FIELD_TAGS);
        batch_end_lead(batch);
        batch_finish(batch);

        assert_int_equal(batch->leads, 2);
        assert_true(bit_get(batch->fields[FIELD_AGE].known, 0));
        assert_int_equal(batch->fields[FIELD_AGE].numbers[0], -5);
        assert_false(bit_get(batch->fields[FIELD_AGE].known, 1));
        assert_int_equal(batch->fields[FIELD_OK].known[0], 3);
        assert_int_equal(batch->fields[FIELD_OK].yes[0], 1);
        assert_int_equal(batch->fields[FIELD_TAGS].known[0], 1);
        assert_int_equal(batch->fields[FIELD_TAGS].lists[0].count, 2);
        assert_memory_equal(batch->fields[FIELD_TAGS].elements[1].bytes, "b", 1);
        assert_int_equal(batch->stage[0], 2);
        assert_int_equal(batch->stage_known[0], 1);
        assert_int_equal(batch->source_row[1], 12);
        char out[64];
        struct text key = batch_key(batch, 0, out);
        assert_int_equal(key.length, 3);
        assert_memory_equal(key.bytes, "Ada", 3);
        assert_int_equal(batch_key(batch, 1, out).length, 0);
    }
    batch_free(batch);
    program_free(program);
}

static void dropped_leads_leave_nothing(void **state)
{
    (void)state;
    struct program *program = program_make();
    struct batch *batch = batch_new(program, NOW, 4);
    for (int attempt = 0; attempt < 3; attempt++) {
        batch_begin_lead(batch, 1);
        batch_set_number(batch, FIELD_AGE, 7);
        batch_set_yesno(batch, FIELD_OK, true);
        batch_set_text(batch, FIELD_NAME, text_of("gone"), true);
        batch_begin_list(batch, FIELD_TAGS);
        batch_add_element(batch, FIELD_TAGS, text_of("x"), true);
        batch_set_stage(batch, 1);
        for (int event = 0; event < 700; event++) {
            assert_true(batch_add_event(batch, EVENT_VISIT, event));
            batch_event_number(batch, EVENT_VISIT, VISIT_SIZE, event);
            batch_event_yesno(batch, EVENT_VISIT, VISIT_OK, true);
            struct text tag = text_of("t");
            batch_event_list(batch, EVENT_VISIT, VISIT_TAGS, &tag, 1, false);
            assert_true(batch_add_event(batch, EVENT_BOUNCE, event));
        }
        assert_int_equal(batch->event_rows, 1400);
        batch_drop_lead(batch);
        assert_int_equal(batch->event_rows, 0);
    }
    batch_begin_lead(batch, 2);
    batch_add_event(batch, EVENT_VISIT, 5);
    batch_end_lead(batch);
    batch_finish(batch);
    assert_int_equal(batch->leads, 1);
    for (int field = 0; field < FIELDS; field++)
        assert_int_equal(batch->fields[field].known[0], 0);
    assert_int_equal(batch->fields[FIELD_OK].yes[0], 0);
    assert_int_equal(batch->fields[FIELD_TAGS].element_count, 0);
    assert_int_equal(batch->stage_known[0], 0);
    const struct event_table *visits = &batch->events[EVENT_VISIT];
    assert_int_equal(visits->rows, 1);
    for (size_t word = 0; word < visits->capacity / 64; word++) {
        assert_int_equal(visits->fields[VISIT_SIZE].known[word], 0);
        assert_int_equal(visits->fields[VISIT_OK].yes[word], 0);
    }
    assert_int_equal(visits->fields[VISIT_TAGS].element_count, 0);
    assert_int_equal(batch->events[EVENTS].rows, 1);
    batch_free(batch);
    program_free(program);
}

static void later_than_now_is_left_out(void **state)
{
    (void)state;
    struct program *program = program_make();
    struct batch *batch = batch_new(program, NOW, 4);
    batch_begin_lead(batch, 1);
    assert_true(batch_add_event(batch, EVENT_CALL, NOW));
    assert_false(batch_add_event(batch, EVENT_CALL, NOW + 1));
    batch_end_lead(batch);
    batch_finish(batch);
    assert_int_equal(batch->events[EVENT_CALL].rows, 1);
    assert_int_equal(batch->events[EVENTS].rows, 1);
    batch_free(batch);
    program_free(program);
}

/* Every event bears its place in the record; after sorting, time ascends and, at one instant, so does that place. */
static void events_are_sorted_stably(void **state)
{
    (void)state;
    struct program *program = program_make();
    struct batch *batch = batch_new(program, NOW, 64);
    uint64_t seed = 88172645463325252u;
    for (int round = 0; round < 3; round++) {
        batch_clear(batch);
        for (uint32_t lead = 0; lead < 40; lead++) {
            batch_begin_lead(batch, lead);
            size_t events = lead == 7 ? 1000 : lead == 8 ? 0 : lead;
            for (size_t event = 0; event < events; event++) {
                seed ^= seed << 13, seed ^= seed >> 7, seed ^= seed << 17;
                int64_t at = lead % 3 == 0   ? (int64_t)event
                             : lead % 3 == 1 ? (int64_t)(events - event)
                                             : (int64_t)(seed % 20);
                if (seed >> 32 & 1) {
                    batch_add_event(batch, EVENT_CALL, at);
                    continue;
                }
                batch_add_event(batch, EVENT_VISIT, at);
                batch_event_number(batch, EVENT_VISIT, VISIT_SIZE, (int64_t)event * 1000 + at);
                if (at % 2 == 0)
                    batch_event_yesno(batch, EVENT_VISIT, VISIT_OK, at % 4 == 0);
                if (at % 3 == 0)
                    batch_event_text(batch, EVENT_VISIT, VISIT_URL,
                                     (struct text){"abcdefghijk", (uint32_t)(1 + at % 10)}, at % 6 == 0);
                struct text tags[2] = {text_of("a"), text_of("b")};
                if (at % 5 == 0)
                    batch_event_list(batch, EVENT_VISIT, VISIT_TAGS, tags, (size_t)(at % 2) + 1, false);
            }
            batch_end_lead(batch);
        }
        batch_finish(batch);
        const struct event_table *visits = &batch->events[EVENT_VISIT], *activity = &batch->events[EVENTS];
        assert_int_equal(activity->rows, visits->rows + batch->events[EVENT_CALL].rows);
        for (size_t row = 0; row < visits->rows; row++) {
            int64_t at = visits->at[row];
            assert_true(bit_get(visits->fields[VISIT_SIZE].known, row));
            assert_int_equal(visits->fields[VISIT_SIZE].numbers[row] % 1000, at % 1000);
            assert_int_equal(bit_get(visits->fields[VISIT_OK].known, row), at % 2 == 0);
            assert_int_equal(bit_get(visits->fields[VISIT_OK].yes, row), at % 4 == 0);
            assert_int_equal(bit_get(visits->fields[VISIT_URL].known, row), at % 3 == 0);
            if (at % 3 == 0)
                assert_int_equal(visits->fields[VISIT_URL].texts[row].length, 1 + at % 10);
            assert_int_equal(bit_get(visits->fields[VISIT_TAGS].known, row), at % 5 == 0);
            if (at % 5 == 0)
                assert_int_equal(visits->fields[VISIT_TAGS].lists[row].count, at % 2 + 1);
            if (row > 0 && visits->lead[row] == visits->lead[row - 1]) {
                assert_true(visits->at[row - 1] <= at);
                if (visits->at[row - 1] == at)
                    assert_true(visits->fields[VISIT_SIZE].numbers[row - 1] < visits->fields[VISIT_SIZE].numbers[row]);
            }
        }
        for (uint32_t lead = 0; lead < batch->leads; lead++)
            for (uint32_t row = activity->first[lead]; row < activity->first[lead + 1]; row++) {
                const struct event_table *table = &batch->events[activity->type[row]];
                assert_int_equal(activity->lead[row], lead);
                assert_int_equal(table->lead[activity->row[row]], lead);
                assert_int_equal(table->at[activity->row[row]], activity->at[row]);
                if (row > activity->first[lead])
                    assert_true(activity->at[row - 1] <= activity->at[row]);
                /* Rows of one type stay in their order. */
                for (uint32_t before = activity->first[lead]; before < row; before++)
                    if (activity->type[before] == activity->type[row])
                        assert_true(activity->row[before] < activity->row[row]);
            }
        for (int event = 0; event <= EVENTS; event++)
            for (uint32_t lead = 0; lead < batch->leads; lead++)
                for (uint32_t row = batch->events[event].first[lead]; row < batch->events[event].first[lead + 1]; row++)
                    assert_int_equal(batch->events[event].lead[row], lead);
    }
    batch_free(batch);
    program_free(program);
}

static void full_at_its_limits(void **state)
{
    (void)state;
    struct program *program = program_make();
    struct batch *batch = batch_new(program, NOW, LIMIT_BATCH_LEADS);
    for (uint32_t lead = 0; lead < LIMIT_BATCH_LEADS; lead++) {
        assert_false(batch_full(batch));
        batch_begin_lead(batch, lead);
        batch_set_number(batch, FIELD_AGE, lead);
        batch_end_lead(batch);
    }
    assert_true(batch_full(batch));
    batch_clear(batch);
    assert_int_equal(batch->fields[FIELD_AGE].known[LIMIT_BATCH_LEADS / 64 - 1], 0);
    batch_begin_lead(batch, 1);
    for (uint32_t event = 0; event < LIMIT_BATCH_EVENTS - 1; event++)
        batch_add_event(batch, EVENT_BOUNCE, event);
    assert_false(batch_full(batch));
    batch_add_event(batch, EVENT_BOUNCE, 0);
    assert_true(batch_full(batch));
    batch_free(batch);
    program_free(program);
}

static void a_lead_of_a_million_events(void **state)
{
    (void)state;
    struct program *program = program_make();
    struct batch *batch = batch_new(program, NOW, 4);
    for (int round = 0; round < 2; round++) {
        batch_clear(batch);
        batch_begin_lead(batch, 1);
        for (int64_t event = 0; event < LIMIT_EVENTS_PER_LEAD; event++) {
            batch_add_event(batch, EVENT_VISIT, NOW - event);
            batch_event_number(batch, EVENT_VISIT, VISIT_SIZE, NOW - event);
        }
        batch_end_lead(batch);
        batch_finish(batch);
        const struct event_table *visits = &batch->events[EVENT_VISIT];
        assert_int_equal(visits->rows, LIMIT_EVENTS_PER_LEAD);
        for (size_t row = 0; row < visits->rows; row++)
            if (visits->at[row] != (int64_t)row + 1 || visits->fields[VISIT_SIZE].numbers[row] != (int64_t)row + 1
                || batch->events[EVENTS].row[row] != row)
                fail_msg("row %zu is out of order", row);
    }
    batch_clear(batch);
    assert_int_equal(batch->events[EVENT_VISIT].capacity, 0);
    batch_free(batch);
    program_free(program);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(columns_keep_values),
        cmocka_unit_test(dropped_leads_leave_nothing),
        cmocka_unit_test(later_than_now_is_left_out),
        cmocka_unit_test(events_are_sorted_stably),
        cmocka_unit_test(full_at_its_limits),
        cmocka_unit_test(a_lead_of_a_million_events),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
