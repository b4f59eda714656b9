/* Results: NDJSON to the byte, CSV and its quoting, the table, and an explanation that adds up. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "tests/unit/small_program.h"
#include "vm/machine.h"
#include "vm/output/results.h"
#include "vm/output/writer.h"
#include "vm/printable.h"

struct scene { struct program *program; struct batch *batch; struct machine *machine; struct buffer out; };

static struct text text_of(const char *bytes)
{
    return (struct text){ bytes, (uint32_t)strlen(bytes) };
}

static int64_t day(const char *text)
{
    int64_t instant = 0;
    assert_true(instant_parse(text, strlen(text), DATES_ISO_ONLY, &instant));
    return instant;
}

static void add_visit(struct batch *batch, const char *at, const char *url)
{
    assert_true(batch_add_event(batch, 0, day(at)));
    batch_event_text(batch, 0, 0, text_of(url), true);
}

/* Four leads: one that qualifies, one of whom little is known, one that is refused, one without a key. */
static struct scene scene_new(void)
{
    struct scene scene = { .program = small_program() };
    char problem[256];
    assert_true(program_verify(scene.program, problem, sizeof problem));
    program_prepare(scene.program);
    int64_t as_of = day("2026-11-22");
    scene.batch = batch_new(scene.program, as_of, 16);
    struct batch *batch = scene.batch;
    batch_begin_lead(batch, 1);
    batch_set_text(batch, SMALL_ID, text_of("a,\"1\""), true);
    batch_set_text(batch, SMALL_TITLE, text_of("  CEO & \x1b[31m \\ "), true);
    batch_set_number(batch, SMALL_EMPLOYEES, 2500000);
    batch_set_yesno(batch, SMALL_NEWSLETTER, true);
    batch_set_stage(batch, 0);
    add_visit(batch, "2026-11-20", "/pricing/eu");
    add_visit(batch, "2026-10-20", "/blog");
    batch_end_lead(batch);
    batch_begin_lead(batch, 2);
    batch_set_text(batch, SMALL_ID, text_of("=2+3"), true);
    batch_end_lead(batch);
    batch_begin_lead(batch, 3);
    batch_set_text(batch, SMALL_ID, text_of("c"), true);
    batch_set_text(batch, SMALL_TITLE, text_of("Clerk"), true);
    batch_set_number(batch, SMALL_EMPLOYEES, 10000);
    batch_set_yesno(batch, SMALL_NEWSLETTER, false);
    batch_end_lead(batch);
    batch_begin_lead(batch, 4);
    batch_set_text(batch, SMALL_TITLE, text_of("Clerk"), true);
    batch_set_number(batch, SMALL_EMPLOYEES, 600000);
    batch_set_yesno(batch, SMALL_NEWSLETTER, true);
    batch_end_lead(batch);
    batch_finish(batch);
    scene.machine = machine_new(scene.program, as_of);
    machine_run(scene.machine, batch);
    return scene;
}

static void scene_free(struct scene *scene)
{
    machine_free(scene->machine);
    batch_free(scene->batch);
    program_free(scene->program);
    buffer_free(&scene->out);
}

static void write_all(struct scene *scene, enum results_format format, const struct results_options *options)
{
    struct results *results = results_new(scene->program, format, options);
    buffer_reset(&scene->out);
    results_begin(results, &scene->out);
    results_batch(results, scene->machine, NULL, &scene->out);
    results_end(results, &scene->out);
    results_free(results);
}

#define HEAD \
    ",\"as_of\":\"2026-11-22T00:00:00Z\",\"rubric\":\"Small \\\"B2B\\\"\",\"version\":\"2026-11\"," \
    "\"hash\":\"sha256:" SMALL_HASH "\","

static void ndjson_is_as_promised(void **state)
{
    (void)state;
    struct scene scene = scene_new();
    write_all(&scene, RESULTS_NDJSON, NULL);
    assert_string_equal(
        scene.out.data,
        "{\"lead\":\"a,\\\"1\\\"\"" HEAD
        "\"scores\":{\"fit\":35.5,\"interest\":31,\"total\":66.5},\"bands\":{\"temperature\":\"hot\"},"
        "\"matrices\":{\"priority\":\"A\\\"3\\\"\"},\"stage\":\"MQL\",\"stage_before\":\"Lead\",\"disqualified\":[],"
        "\"actions\":[{\"do\":\"tag\",\"tag\":\"MQL\"},{\"do\":\"assign\",\"to\":\"Sales, \\\"DACH\\\"\"},"
        "{\"do\":\"notify\",\"text\":\"CEO & \\u001b[31m \\\\ at 66.5\"}],\"undecided\":[]}\n"
        "{\"lead\":\"=2+3\"" HEAD
        "\"scores\":{\"fit\":0,\"interest\":1,\"total\":1},\"bands\":{\"temperature\":\"cold\"},"
        "\"matrices\":{\"priority\":\"C1\"},\"stage\":\"Lead\",\"stage_before\":null,\"disqualified\":[],"
        "\"actions\":[],"
        "\"undecided\":[{\"rule\":\"ceo\",\"missing\":[\"title\"]},{\"rule\":\"company\",\"missing\":[\"employees\"]},"
        "{\"rule\":\"refused\",\"missing\":[\"newsletter\"]}]}\n"
        "{\"lead\":\"c\"" HEAD "\"scores\":{\"fit\":0,\"interest\":1,\"total\":1},\"bands\":{\"temperature\":\"cold\"},"
        "\"matrices\":{\"priority\":\"C1\"},\"stage\":\"Disqualified\",\"stage_before\":null,"
        "\"disqualified\":[{\"rule\":\"refused\",\"because\":\"They asked us not to\"}],\"actions\":[],"
        "\"undecided\":[]}\n"
        "{\"lead\":null" HEAD
        "\"scores\":{\"fit\":15.5,\"interest\":1,\"total\":16.5},\"bands\":{\"temperature\":\"cold\"},"
        "\"matrices\":{\"priority\":\"C1\"},\"stage\":\"Lead\",\"stage_before\":null,\"disqualified\":[],"
        "\"actions\":[],\"undecided\":[]}\n");
    scene_free(&scene);
}

static void the_trace_names_lines_and_steps(void **state)
{
    (void)state;
    struct scene scene = scene_new();
    write_all(&scene, RESULTS_NDJSON, &(struct results_options){ .trace = true });
    char *end = strchr(scene.out.data, '\n');
    assert_non_null(end);
    *end = '\0';
    const char *trace = strstr(scene.out.data, ",\"trace\":");
    assert_non_null(trace);
    assert_string_equal(
        trace,
        ",\"trace\":[{\"score\":\"fit\",\"rule\":\"ceo\",\"points\":20,\"at\":\"small.rubric:10\","
        "\"because\":\"They can sign, \\\"today\\\"\","
        "\"inputs\":[{\"field\":\"title\",\"value\":\"CEO & \\u001b[31m \\\\\"}]},"
        "{\"score\":\"fit\",\"rule\":\"company\",\"points\":15.5,\"at\":\"small.rubric:11\","
        "\"inputs\":[{\"field\":\"employees\",\"value\":250}]},"
        "{\"score\":\"interest\",\"rule\":\"pricing\",\"points\":15,\"at\":\"small.rubric:12\","
        "\"because\":\"Whoever compares prices is buying\","
        "\"inputs\":[{\"event\":\"page_view\",\"at\":\"2026-11-20T00:00:00Z\"}]},"
        "{\"score\":\"interest\",\"rule\":\"visits\",\"group\":\"content\",\"points\":15,\"at\":\"small.rubric:10\","
        "\"inputs\":[{\"event\":\"page_view\",\"at\":\"2026-10-20T00:00:00Z\",\"points\":5},"
        "{\"event\":\"page_view\",\"at\":\"2026-11-20T00:00:00Z\",\"points\":10}]},"
        "{\"score\":\"interest\",\"step\":\"base\",\"points\":1,\"at\":\"small.rubric:11\"},"
        "{\"score\":\"total\",\"step\":\"term\",\"term\":\"fit\",\"points\":35.5},"
        "{\"score\":\"total\",\"step\":\"term\",\"term\":\"interest\",\"points\":31}]}");
    scene_free(&scene);
}

static void only_the_chosen_are_written(void **state)
{
    (void)state;
    struct scene scene = scene_new();
    struct results *results = results_new(scene.program, RESULTS_CSV, NULL);
    uint64_t chosen[1] = { 4 };
    results_batch(results, scene.machine, chosen, &scene.out);
    assert_string_equal(scene.out.data, "c,0,1,1,cold,C1,Disqualified,,refused,\n");
    results_free(results);
    scene_free(&scene);
}

static void csv_is_quoted(void **state)
{
    (void)state;
    struct scene scene = scene_new();
    write_all(&scene, RESULTS_CSV, &(struct results_options){ .reasons = 2 });
    assert_string_equal(
        scene.out.data,
        "lead,fit,interest,total,temperature,priority,stage,stage_before,disqualified,assign,reason_1,reason_2\n"
        "\"a,\"\"1\"\"\",35.5,31,66.5,hot,\"A\"\"3\"\"\",MQL,Lead,,\"Sales, \"\"DACH\"\"\",\"+20 They can sign,"
        " \"\"today\"\"\",+15.5 company\n"
        "=2+3,0,1,1,cold,C1,Lead,,,,,\n"
        "c,0,1,1,cold,C1,Disqualified,,refused,,,\n"
        ",15.5,1,16.5,cold,C1,Lead,,,,+15.5 company,\n");
    write_all(&scene, RESULTS_CSV, &(struct results_options){ .guard_formulas = true });
    assert_non_null(strstr(scene.out.data, "\n'=2+3,0,"));
    scene_free(&scene);
}

static void the_table_is_aligned(void **state)
{
    (void)state;
    struct scene scene = scene_new();
    write_all(&scene, RESULTS_TABLE, &(struct results_options){ .width = 78 });
    assert_string_equal(scene.out.data,
        "lead                 fit  interest   total  temperature  stage         reason\n"
        "a,\"1\"               35.5        31    66.5  hot          MQL           +20 Th…\n"
        "=2+3                   0         1       1  cold         Lead\n"
        "c                      0         1       1  cold         Disqualified  They a…\n"
        "(no key)            15.5         1    16.5  cold         Lead          +15.5 …\n");
    scene_free(&scene);
}

/* In an explanation every ledger column ends in the score, and the terminal gets nothing raw. */
static void an_explanation_adds_up(void **state)
{
    (void)state;
    struct scene scene = scene_new();
    explain_lead(scene.machine, 0, &(struct explain_options){ 90 }, &scene.out);
    const char *text = scene.out.data;
    assert_non_null(strstr(text, "fit is 35.5"));
    assert_non_null(strstr(text, "        +20        20   Decision maker"));
    assert_non_null(strstr(text, "      +15.5      35.5   company"));
    assert_non_null(strstr(text, "          =      35.5\n"));
    assert_non_null(strstr(text, "saw title \"CEO & \\u{1b}[31m \\\\\""));
    assert_null(strchr(text, 0x1b));
    assert_non_null(strstr(text, "2 page_view: 2026-11-20 (+10), 2026-10-20 (+5)"));
    assert_non_null(strstr(text, "                        +10 for each page_view\n"));
    assert_non_null(strstr(text, "                        row from 50\n"));
    assert_non_null(strstr(text, "MQL (Marketing qualified lead), before: Lead"));
    assert_non_null(strstr(text, "total >= 40: yes, total is 66.5"));
    assert_non_null(strstr(text, "It is the last stage."));
    assert_non_null(strstr(text, "assign to Sales, \"DACH\""));
    buffer_reset(&scene.out);
    explain_lead(scene.machine, 1, NULL, &scene.out);
    text = scene.out.data;
    assert_non_null(strstr(text, "would be decided by: title"));
    assert_non_null(strstr(text, "total >= 40: no, total is 1, needs at least 40: 39 short"));
    assert_non_null(strstr(text, "+20 by Decision maker: title has word \"CEO\""));
    assert_non_null(strstr(text, "+10 for each page_view by visits"));
    assert_non_null(strstr(text, "nothing to count: no page_view"));
    buffer_reset(&scene.out);
    explain_lead(scene.machine, 2, NULL, &scene.out);
    text = scene.out.data;
    assert_non_null(strstr(text, "title has word \"CEO\": no (title \"Clerk\")"));
    assert_non_null(strstr(text, "after that it starts over from Lead"));
    assert_non_null(strstr(text, "saw newsletter no"));
    scene_free(&scene);
}

static void json_escapes_what_it_must(void **state)
{
    (void)state;
    struct buffer out = {0};
    char all[0x22];
    for (int i = 0; i < 0x22; i++)
        all[i] = (char)i;
    json_add_escaped(&out, all, sizeof all);
    assert_string_equal(
        out.data,
        "\\u0000\\u0001\\u0002\\u0003\\u0004\\u0005\\u0006\\u0007\\b\\t\\n\\u000b\\f\\r\\u000e\\u000f\\u0010\\u0011\\u0012"
        "\\u0013\\u0014\\u0015\\u0016\\u0017\\u0018\\u0019\\u001a\\u001b\\u001c\\u001d\\u001e\\u001f !");
    buffer_reset(&out);
    json_add_escaped(&out, "/ \\ \" \x7f Ünï\xE2\x80\xA8", 16);
    assert_string_equal(out.data, "/ \\\\ \\\" \x7f Ünï\xE2\x80\xA8");
    buffer_reset(&out);
    json_add_text(&out, NULL);
    assert_string_equal(out.data, "null");
    buffer_free(&out);
}

static void terminals_see_nothing_raw(void **state)
{
    (void)state;
    struct buffer out = {0};
    printable_text(&out, "a\x1b[2J\r\n\x7f\xC2\x9B\xE2\x80\xAE" "Ünï 日本\xFF");
    assert_string_equal(out.data, "a\\u{1b}[2J\\u{d}\\u{a}\\u{7f}\\u{9b}\\u{202e}Ünï 日本\\u{ff}");
    assert_int_equal(printable_width("日本", 6), 4);
    buffer_reset(&out);
    assert_int_equal(printable_cut(&out, "日本語", 9, 5), 5);
    assert_string_equal(out.data, "日本…");
    buffer_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ndjson_is_as_promised),       cmocka_unit_test(the_trace_names_lines_and_steps),
        cmocka_unit_test(only_the_chosen_are_written), cmocka_unit_test(csv_is_quoted),
        cmocka_unit_test(the_table_is_aligned),        cmocka_unit_test(an_explanation_adds_up),
        cmocka_unit_test(json_escapes_what_it_must),   cmocka_unit_test(terminals_see_nothing_raw),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
