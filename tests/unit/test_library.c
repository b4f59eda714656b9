/* The snippet of vm/rubric.h, and what it promises. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "vm/rubric.h"

static const char text[] = "rubric \"library\"\nlead\n  id text\n  title text\n  size number\n  kind one of \"A\", "
                           "\"B\"\nevent visit\n  url text\n"
                           "score fit\nscore interest\n"
                           "rule ceo in fit\n  when title is \"CEO\"\n  points +45\n  because \"decides\"\n"
                           "rule visits in interest\n  points +5 for each visit where url starts with \"/pricing\", at "
                           "most 2 times\n  because \"looks\"\n"
                           "disqualify tiny\n  when size < 2\n  because \"too small\"\n"
                           "band heat of total\n  cold below 40\n  hot from 40\n"
                           "stage Lead\nstage MQL \"Marketing qualified\" when total >= 40\n";

static void snippet(void **state)
{
    (void)state;
    char problem[256];
    struct rubric_program *program = rubric_program_compile("b2b.rubric", text, sizeof text - 1, problem,
                                                            sizeof problem);
    assert_non_null(program);
    struct rubric_scorer *scorer = rubric_scorer_new(program, rubric_instant(2026, 11, 22));
    for (int round = 0; round < 2; round++) {
        assert_int_equal(rubric_scorer_begin_lead(scorer), RUBRIC_OK);
        assert_int_equal(rubric_scorer_set_text(scorer, rubric_program_field(program, "title"), "ceo", 3), RUBRIC_OK);
        uint32_t visit = rubric_program_event(program, "visit");
        for (int i = 0; i < 3; i++) {
            assert_int_equal(rubric_scorer_add_event(scorer, visit, rubric_instant(2026, 11, 20)), RUBRIC_OK);
            assert_int_equal(rubric_scorer_event_text(scorer, visit, rubric_program_event_field(program, visit, "url"),
                                                      "/pricing", 8),
                             RUBRIC_OK);
        }
        assert_int_equal(rubric_scorer_add_event(scorer, visit, rubric_instant(2026, 11, 23)), RUBRIC_IN_FUTURE);
        rubric_scorer_end_lead(scorer);
        assert_int_equal(rubric_scorer_begin_lead(scorer), RUBRIC_OK);
        assert_int_equal(
            rubric_scorer_set_number(scorer, rubric_program_field(program, "size"), RUBRIC_UNITS_PER_POINT), RUBRIC_OK);
        assert_int_equal(rubric_scorer_set_number(scorer, rubric_program_field(program, "title"), 1),
                         RUBRIC_WRONG_TYPE);
        assert_int_equal(rubric_scorer_set_number(scorer, 99, 1), RUBRIC_NO_SUCH_FIELD);
        assert_int_equal(rubric_scorer_set_stage(scorer, "marketing QUALIFIED"), RUBRIC_OK);
        assert_int_equal(rubric_scorer_set_stage(scorer, "nowhere"), RUBRIC_BAD_VALUE);
        rubric_scorer_end_lead(scorer);
        rubric_scorer_run(scorer);
        assert_int_equal(rubric_scorer_leads(scorer), 2);
        assert_int_equal(rubric_scorer_score(scorer, 0, rubric_program_score(program, "total")),
                         55 * RUBRIC_UNITS_PER_POINT);
        assert_string_equal(rubric_scorer_band(scorer, 0, rubric_program_band(program, "heat")), "hot");
        assert_string_equal(rubric_scorer_stage(scorer, 0), "MQL");
        assert_false(rubric_scorer_disqualified(scorer, 0));
        assert_true(rubric_scorer_disqualified(scorer, 1));
        assert_string_equal(rubric_scorer_stage(scorer, 1), "Disqualified");
        size_t length;
        const char *json = rubric_scorer_json(scorer, 1, true, &length);
        assert_int_equal(json[0], '{');
        assert_non_null(strstr(json, "\"stage_before\":\"MQL\""));
        assert_int_equal(strlen(rubric_program_hash(program)), 64);
    }
    rubric_scorer_free(scorer);
    rubric_program_free(program);
}

static void mistakes(void **state)
{
    (void)state;
    char problem[256];
    assert_null(rubric_program_compile(
        "bad.rubric", "rubric \"x\"\nlead\n  id text\nscore s\nrule r in s\n  when titel is \"x\"\n  points 1\n", 68,
        problem, sizeof problem));
    assert_non_null(strstr(problem, "bad.rubric:"));
    assert_null(rubric_program_read("no bytecode", 11, problem, sizeof problem));
    assert_true(strlen(problem) > 0);
    for (int status = RUBRIC_OK; status <= RUBRIC_IN_FUTURE; status++)
        assert_true(strlen(rubric_status_text((enum rubric_status)status)) > 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(snippet), cmocka_unit_test(mistakes) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
