/* The ledger of a lead: which lines there are, in which order, and that they add up; and what is missing behind an
   unknown. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/unit/machine_making.h"
#include "vm/trace.h"

#define NOW INT64_C(1795305600000000)
#define POINTS(n) ((int64_t)(n) * NUMBER_ONE)

/* Rules: y1 +10; n1 > 0: n1 points; group "best" (take highest, weight 50 %, at most 20, at least 5): y2 +30, date
   known +50. Score "fit": these, base 3, loses 50 % every 30 days since `date`, 0 to 60.  Score "total": fit × 2 and
   7. */
struct ledger_program { struct program *program; uint32_t fit, total; };

static struct program_rule rule_make(const char *name, uint32_t fires, uint32_t points, int64_t constant,
                                     uint32_t group)
{
    return (struct program_rule){.name = name,
                                 .score = 0,
                                 .group = group,
                                 .fires = fires,
                                 .passed = NO_REGISTER,
                                 .points = points,
                                 .constant = constant,
                                 .active = NO_REGISTER,
                                 .when = NO_REGISTER,
                                 .unweighted = NO_REGISTER,
                                 .weight_ppm = 1000000,
                                 .line = NO_INDEX};
}

static struct ledger_program ledger_make(void)
{
    struct program *p = making_new();
    uint32_t y1 = making_add(p, OP_LOAD_YESNO, 0, LEAD_Y1, 0, 0), y2 = making_add(p, OP_LOAD_YESNO, 0, LEAD_Y2, 0, 0);
    uint32_t n1 = making_add(p, OP_LOAD_NUMBER, 0, LEAD_N1, 0, 0),
             date = making_add(p, OP_LOAD_NUMBER, 0, LEAD_DATE, 0, 0);
    uint32_t above = making_add(p, OP_GE_CONST, 0, n1, making_constant(p, 0), 0);
    uint32_t points = making_add(p, OP_ONLY_IF, 0, n1, above, 0), dated = making_add(p, OP_KNOWN, 0, date, 0, 0);
    p->rules[0] = rule_make("y1", y1, NO_REGISTER, POINTS(10), NO_INDEX);
    p->rules[1] = rule_make("n1", above, points, 0, NO_INDEX);
    p->rules[2] = rule_make("y2", y2, NO_REGISTER, POINTS(30), 0);
    p->rules[3] = rule_make("dated", dated, NO_REGISTER, POINTS(50), 0);
    p->rule_count = 4;
    for (uint32_t at = 0; at < 4; at++)
        p->indices[p->index_count++] = at;
    struct term best[] = {{y2, false, POINTS(30)}, {dated, false, POINTS(50)}};
    uint32_t group = making_add(p, OP_TAKE, 0, making_terms(p, best, 2), TAKE_HIGHEST, 0);
    uint32_t weighed = making_add(p, OP_WEIGH, 0, group, making_constant(p, 500000), 0);
    uint32_t most = making_add(p, OP_CLAMP, 0, weighed, making_constant(p, INT64_MIN), making_constant(p, POINTS(20)));
    uint32_t least = making_add(p, OP_CLAMP, 0, most, making_constant(p, POINTS(5)), making_constant(p, INT64_MAX));
    p->groups[0] = (struct program_group){.name = "best",
                                          .take = TAKE_HIGHEST,
                                          .rules = {2, 2},
                                          .sum = group,
                                          .after_weight = weighed,
                                          .after_most = most,
                                          .after_least = least,
                                          .line = NO_INDEX};
    p->group_count = 1;
    struct term terms[] = {{y1, false, POINTS(10)}, {points, true, 0}, {least, true, 0}};
    uint32_t sum = making_add(p, OP_TOTAL, 0, making_terms(p, terms, 3), making_constant(p, POINTS(3)), 0);
    p->decays[0] = (struct decay){false, 500000, 0, 30, UNIT_DAY};
    p->decay_count = 1;
    uint32_t decayed = making_add(p, OP_DECAY, 0, sum, date, 0);
    uint32_t fit = making_add(p, OP_CLAMP, 0, decayed, making_constant(p, 0), making_constant(p, POINTS(60)));
    p->scores[0] = (struct program_score){.name = "fit",
                                          .groups = {0, 1},
                                          .rules = {0, 2},
                                          .sum = sum,
                                          .base = POINTS(3),
                                          .decay = 0,
                                          .last = date,
                                          .after_decay = decayed,
                                          .after_round = decayed,
                                          .after_clamp = fit,
                                          .line = NO_INDEX};
    uint32_t doubled = making_add(p, OP_WEIGH, 0, fit, making_constant(p, 2000000), 0);
    struct term combined[] = {{doubled, true, 0}};
    uint32_t total = making_add(p, OP_TOTAL, 0, making_terms(p, combined, 1), making_constant(p, POINTS(7)), 0);
    p->score_terms[0] = (struct score_term){0, doubled, 0, "fit * 2"};
    p->score_terms[1] = (struct score_term){NO_INDEX, NO_REGISTER, POINTS(7), "7"};
    p->score_term_count = 2;
    p->scores[1] = (struct program_score){.name = "total",
                                          .sum = total,
                                          .decay = NO_INDEX,
                                          .last = NO_REGISTER,
                                          .after_decay = total,
                                          .after_round = total,
                                          .after_clamp = total,
                                          .terms = {0, 2},
                                          .combined = true,
                                          .line = NO_INDEX};
    p->score_count = 2;
    return (struct ledger_program){p, fit, total};
}

static void expect_line(const struct trace *trace, size_t at, enum line_kind kind, uint32_t score, uint32_t item,
                        int64_t points)
{
    assert_true(at < trace->count);
    const struct trace_line *line = &trace->lines[at];
    assert_int_equal(line->kind, kind);
    assert_int_equal(line->score, score);
    assert_int_equal(line->points, points);
    switch (kind) {
    case LINE_RULE: case LINE_BEATEN: assert_int_equal(line->rule, item); break;
    case LINE_GROUP_TAKE:
    case LINE_GROUP_WEIGHT:
    case LINE_GROUP_MOST:
    case LINE_GROUP_LEAST: assert_int_equal(line->group, item); break;
    case LINE_TERM: assert_int_equal(line->term, item); break;
    case LINE_BASE: case LINE_DECAY: case LINE_ROUND: case LINE_CLAMP: assert_int_equal(line->rule, NO_INDEX); break;
    }
}

static void lines_stand_in_order_and_add_up(void **state)
{
    (void)state;
    struct ledger_program ledger = ledger_make();
    struct machine *machine = machine_new(ledger.program, NOW);
    struct batch *batch = batch_new(ledger.program, NOW, 8);
    batch_begin_lead(batch, 1);                                 /* everything fires */
    batch_set_yesno(batch, LEAD_Y1, true);
    batch_set_yesno(batch, LEAD_Y2, true);
    batch_set_number(batch, LEAD_N1, POINTS(100));
    batch_set_number(batch, LEAD_DATE, NOW - 30 * MICROS_DAY);
    batch_end_lead(batch);
    batch_begin_lead(batch, 2);                                 /* nothing is known */
    batch_end_lead(batch);
    batch_begin_lead(batch, 3);                                 /* a rule fires with 0 points */
    batch_set_number(batch, LEAD_N1, 0);
    batch_set_yesno(batch, LEAD_Y1, false);
    batch_set_number(batch, LEAD_DATE, NOW);
    batch_end_lead(batch);
    batch_finish(batch);
    machine_run(machine, batch);

    struct trace trace = {0};
    trace_lead(machine, 0, &trace);
    expect_line(&trace, 0, LINE_RULE, 0, 0, POINTS(10));
    expect_line(&trace, 1, LINE_RULE, 0, 1, POINTS(100));
    expect_line(&trace, 2, LINE_BEATEN, 0, 2, 0);
    expect_line(&trace, 3, LINE_RULE, 0, 3, POINTS(50));
    expect_line(&trace, 4, LINE_GROUP_WEIGHT, 0, 0, POINTS(-25));
    expect_line(&trace, 5, LINE_GROUP_MOST, 0, 0, POINTS(-5));
    expect_line(&trace, 6, LINE_BASE, 0, NO_INDEX, POINTS(3));
    expect_line(&trace, 7, LINE_DECAY, 0, NO_INDEX, -665000);
    assert_int_equal(trace.lines[7].before, POINTS(133));
    assert_int_equal(trace.lines[7].after, 665000);
    assert_int_equal(trace.lines[7].periods, 1);
    expect_line(&trace, 8, LINE_CLAMP, 0, NO_INDEX, -65000);
    expect_line(&trace, 9, LINE_TERM, 1, 0, POINTS(120));
    expect_line(&trace, 10, LINE_TERM, 1, 1, POINTS(7));
    assert_int_equal(trace.count, 11);

    trace_lead(machine, 1, &trace);
    expect_line(&trace, 0, LINE_GROUP_LEAST, 0, 0, POINTS(5));
    expect_line(&trace, 1, LINE_BASE, 0, NO_INDEX, POINTS(3));
    expect_line(&trace, 2, LINE_TERM, 1, 0, POINTS(16));
    expect_line(&trace, 3, LINE_TERM, 1, 1, POINTS(7));
    assert_int_equal(trace.count, 4);

    trace_lead(machine, 2, &trace);
    expect_line(&trace, 0, LINE_RULE, 0, 1, 0);
    expect_line(&trace, 1, LINE_RULE, 0, 3, POINTS(50));
    expect_line(&trace, 2, LINE_GROUP_WEIGHT, 0, 0, POINTS(-25));
    expect_line(&trace, 3, LINE_GROUP_MOST, 0, 0, POINTS(-5));
    int64_t fit = 0;
    assert_true(machine_number(machine, ledger.fit, 2, &fit));
    assert_int_equal(fit, POINTS(23));
    trace_free(&trace);
    machine_free(machine);
    batch_free(batch);
    program_free(ledger.program);
}

static void expect_missing(const struct machine *machine, uint32_t reg, uint32_t lead, const char *expected)
{
    const char *names[8];
    char joined[200] = "";
    size_t count = machine_missing(machine, reg, lead, names, 8);
    for (size_t at = 0; at < count; at++) {
        strcat(joined, at > 0 ? " " : "");
        strcat(joined, names[at]);
    }
    assert_string_equal(joined, expected);
}

static void missing_data_is_named(void **state)
{
    (void)state;
    struct program *p = making_new();
    struct pattern pattern = {0, TEXT_IS, text_of("b.com")};
    uint32_t domain = making_text(p, (struct text_source){.field = LEAD_EMAIL, .domain = true, .bits = 1}, &pattern, 1);
    uint32_t y1 = making_add(p, OP_LOAD_YESNO, 0, LEAD_Y1, 0, 0), y2 = making_add(p, OP_LOAD_YESNO, 0, LEAD_Y2, 0, 0);
    uint32_t n1 = making_add(p, OP_LOAD_NUMBER, 0, LEAD_N1, 0, 0), n2 = making_add(p, OP_LOAD_NUMBER, 0, LEAD_N2, 0, 0);
    uint32_t mail = making_add(p, OP_TEXT_CLASS, 0, domain, 0, 0);
    uint32_t visits = making_add(p, OP_ALWAYS, PLACE_OF_VISITS, 0, 0, 0),
             all = making_add(p, OP_ALWAYS, PLACE_OF_ACTIVITY, 0, 0, 0);
    uint32_t last_visit = making_add(p, OP_LAST, PLACE_OF_VISITS, visits, 0, 0),
             last = making_add(p, OP_LAST, PLACE_OF_ACTIVITY, all, 0, 0);
    uint32_t sum = making_add(p, OP_ADD, 0, n2, n1, 0),
             large = making_add(p, OP_GT_CONST, 0, sum, making_constant(p, 1), 0);
    uint32_t both = making_add(p, OP_AND, 0, y1, large, 0), more = making_add(p, OP_OR, 0, both, mail, 0);
    uint32_t recent = making_add(p, OP_GT, 0, last_visit, last, 0), then = making_add(p, OP_THEN, 0, y2, recent, 0);
    struct term terms[] = {{y1, false, 1}, {mail, false, 2}, {y2, false, 3}};
    uint32_t list = making_terms(p, terms, 3), chosen = making_add(p, OP_CHOSEN, 0, list, 0, 0),
             passed = making_add(p, OP_PASSED, 0, list, 0, 0);
    uint32_t only = making_add(p, OP_ONLY_IF, 0, n1, y1, 0), stage = making_add(p, OP_LOAD_STAGE, 0, 0, 0, 0);
    program_prepare(p);
    struct machine *machine = machine_new(p, NOW);
    struct batch *batch = batch_new(p, NOW, 8);
    batch_begin_lead(batch, 1);                                 /* nothing */
    batch_end_lead(batch);
    batch_begin_lead(batch, 2);                                 /* decided in part */
    batch_set_yesno(batch, LEAD_Y1, true);
    batch_set_yesno(batch, LEAD_Y2, true);
    batch_set_number(batch, LEAD_N1, 5);
    batch_set_text(batch, LEAD_EMAIL, text_of("nobody"), false);
    batch_add_event(batch, VISIT, NOW);
    batch_set_stage(batch, 0);
    batch_end_lead(batch);
    batch_begin_lead(batch, 3);
    batch_set_yesno(batch, LEAD_Y1, false);
    batch_set_yesno(batch, LEAD_Y2, true);
    batch_set_text(batch, LEAD_EMAIL, text_of("me@b.com"), false);
    batch_end_lead(batch);
    batch_finish(batch);
    machine_run(machine, batch);

    expect_missing(machine, more, 0, "y1 n2 n1 email");
    expect_missing(machine, more, 1, "n2 email");
    expect_missing(machine, more, 2, "");
    expect_missing(machine, both, 2, "");
    expect_missing(machine, recent, 0, "visit activity");
    expect_missing(machine, recent, 1, "");
    expect_missing(machine, then, 0, "y2");
    expect_missing(machine, then, 2, "visit activity");
    expect_missing(machine, chosen, 0, "y1 email y2");
    expect_missing(machine, passed, 1, "");
    expect_missing(machine, passed, 2, "");
    expect_missing(machine, only, 0, "y1");
    expect_missing(machine, only, 2, "");
    expect_missing(machine, stage, 0, "stage");
    expect_missing(machine, stage, 1, "");
    const char *names[2];
    assert_int_equal(machine_missing(machine, more, 0, names, 2), 2);

    batch_clear(batch);                                         /* a choose that passed over what it did not know */
    batch_begin_lead(batch, 4);
    batch_set_yesno(batch, LEAD_Y2, true);
    batch_end_lead(batch);
    batch_finish(batch);
    machine_run(machine, batch);
    assert_int_equal(machine_condition(machine, passed, 0), TRUTH_HOLDS);
    expect_missing(machine, passed, 0, "y1 email");
    machine_free(machine);
    batch_free(batch);
    program_free(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_stand_in_order_and_add_up),
        cmocka_unit_test(missing_data_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
