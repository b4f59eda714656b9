/* The formatter: its layout is stable, keeps every comment and changes no meaning. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "compiler/format.h"
#include "compiler/render.h"
#include "front_fixture.h"

/* Everything at once, badly laid out, with comments in all places. */
static const char crowded[] =
    "# File header\n"
    "# second line\n"
    "\n"
    "# another block\n"
    "\n"
    "rubric \"T\" version \"1\"   # trailing rubric\n"
    "  because \"why\"\n"
    "use std.crm.hubspot use \"a.rubric\"\n"
    "lead missing when \"Select\", \"n/a\"\n"
    "  id text key\n"
    "  # about key\n"
    "  `stage` text  current stage  from \"A\" or \"B\" missing when \"x\" # trailing stage\n"
    "\n"
    "  tags list\n"
    "  date date\n"
    "  text text\n"
    "  `key` text\n"
    "  kind one of \"A\",\"B\" key\n"
    "  count number\n"
    "event e x text y list missing when \"q\"\n"
    "event day\n"
    "setting a 5 setting b -2.5 setting c 20% setting d 30 days setting t \"x\"\n"
    "setting `text` 3\n"
    "list l \"a\",   # first\n"
    "   \"b\"\n"
    "   # tail in list\n"
    "list m from \"f.csv\" column \"c\"\n"
    "define f(a, b) as a + b * 2 >= 3\n"
    "define g as (a or b) and not (c and d) or (x and y) or z and w\n"
    "define h as a - (b - c) - (-d) * -(e + 1) / (2 / 3)\n"
    "score s from -5 to 100 starts at a lose 5 points every week without (e where x is \"a\")\n"
    "score s2 lose 20% every month without activity\n"
    "score total as s * 50% + 2 * s2 from 0\n"
    "group g1 in s at most 30 points at least -5 weight 50% take first\n"
    "group g2 in s exclusive\n"
    "rule r1 in s because \"x\" points count active from 2026-01-01 until 2027-01-01T10:00:00Z\n"
    "rule r2 \"T\" in s\n"
    "  # before when\n"
    "  when at least 3 e where x contains \"y\" within the last 30 days and no (activity) and count of e "
    "where x is missing within 3 days >= 2 or last (e within 3 days) within 5 days # tr\n"
    "  # before points\n"
    "  points +5 for each e where (x is \"q\" and at before now) since last e, fading 5 points every d, at "
    "most 3 times, once a week, at most a points\n"
    "  because \"b\" # tb\n"
    "  # tail\n"
    "rule r3 in g1\n"
    "  points choose\n"
    "     # row comment\n"
    "     a is yes: +5   # rc\n"
    "     -x > 3: -a\n"
    "\n"
    "     sum of q over e within 3 days > 5 and distinct q over (e) = 1: 4\n"
    "     otherwise: 0\n"
    "  weight c\n"
    "rule r4 in g1 points by title \"a\" or \"b\": 4 missing: 2 otherwise: 1 when x\n"
    "rule r5 in s points +2 for every 5 of sum of q over activity where q > 3 , at most 10 points\n"
    "rule r6 in s points equal to count of tags + length of domain of email, at most 10 points\n"
    "disqualify dq when stage_x is not in_y and a not in (\"a\", \"b\", -5, zz, 2026-01-01) because \"x\"\n"
    "define pp as x not between 1 and 2 and y is exactly \"z\" and z not matches \"a*\" and (count of e) "
    "within 3 days and q has word all of (\"a\", \"b\")\n"
    "define qq as not not a and (not b) is yes and (a is b) = (c is d)\n"
    "define rr as days since created > 30 and weeks since last e < 3 and (`days` since 2026-01-01) and f(a, "
    "(b))\n"
    "band bb of s low below 5 mid from 5 below 10 high from 10\n"
    "matrix mm of bb by bb\n"
    "  low mid high\n"
    "  low \"a\" \"b\" \"c\" # row\n"
    "  # c\n"
    "  mid \"looong\" \"b\" \"c\"\n"
    "  high \"a\" \"b\" \"ccccc\"\n"
    "stage A\n"
    "stage B \"bee\" when x stay forever\n"
    "stage C when y only from A, B stay while z\n"
    "stage DDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDD when aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa and "
    "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb and ccccccccccccccccccccccc or dddddddddd stay while eeeee\n"
    "stage E when x # te\n"
    "  # inner\n"
    "  stay while y\n"
    "on entering B assign \"a\" when stage is not \"bee\" and x tag \"t\" assign \"bbb\" otherwise notify "
    "\"n\"\n"
    "on leaving C\n"
    "outcome when converted\n"
    "define long as title has word any of (\"aaaaaaaaaaaaaaaaa\", \"bbbbbbbbbbbbbbbbbbbbbbb\", "
    "\"ccccccccccccccccccccccc\", \"ddddddddddddddddddddd\", \"eeeeeeeeeeeeeee\")\n"
    "test \"t\" as of 2026-01-01T10:00:00+01:00 given a \"x\", b -5, l (\"a\", \"b\"), q yes given 2 e x "
    "\"a\" 3 days ago given e at 2026-01-02 given e d ago given stage \"bee\" given stage B given setting d 3 "
    "hours\n"
    "  expect s is 5, rule r1 gives -5, rule r2 undecided, action assign \"a\", stage is B, not disqualified\n"
    "  expect rule r3 fires\n"
    "\n"
    "  # end of test\n"
    "# EOF comment\n"
    "\n"
    "# last\n";

static char *formatted(const char *text)
{
    struct front front;
    front_parse(&front, text);
    struct buffer out = { 0 };
    if (front.diags.count > 0) {
        render_pretty(&front.diags, &front.sources, (struct render_options){ .unicode = true }, &out);
        print_error("%s\n%s", text, out.data);
        fail();
    }
    format_file(front.file, &front.sources, &out);
    front_free(&front);
    return out.data;
}

static char *tree_of(const char *text)
{
    struct front front;
    front_parse(&front, text);
    struct buffer out = { 0 };
    buffer_text(&out, "");
    tree_print(front.file, &out);
    front_free(&front);
    char *marks = out.data;                             /* parentheses that mean nothing may go */
    while ((marks = strstr(marks, ", in parentheses")) != NULL)
        memmove(marks, marks + strlen(", in parentheses"), strlen(marks + strlen(", in parentheses")) + 1);
    return out.data;
}

static size_t count_of(const char *text, char c)
{
    size_t count = 0;
    for (; *text; text++) count += *text == c;
    return count;
}

static void same_text(const char *found, const char *expected)
{
    if (strcmp(found, expected) == 0) return;
    print_error("expected:\n%s\nfound:\n%s\n", expected, found);
    fail();
}

static void holds_its_promises(const char *text)
{
    char *once = formatted(text), *twice = formatted(once);
    same_text(twice, once);
    char *before = tree_of(text), *after = tree_of(once);
    same_text(after, before);
    assert_int_equal(count_of(once, '#'), count_of(text, '#'));
    free(once);
    free(twice);
    free(before);
    free(after);
}

static void becomes(const char *text, const char *expected)
{
    char *once = formatted(text);
    same_text(once, expected);
    free(once);
    holds_its_promises(text);
}

static void sample_is_canonical(void **state)
{
    (void)state;
    becomes(SAMPLE, SAMPLE);
}

static void crowded_is_laid_out(void **state)
{
    (void)state;
    holds_its_promises(crowded);
}

static void one_line_is_enough(void **state)
{
    (void)state;
    struct buffer flat = { 0 };
    for (const char *at = SAMPLE; *at; at++) buffer_char(&flat, *at == '\n' ? ' ' : *at);
    char *before = tree_of(SAMPLE), *after = tree_of(flat.data);
    same_text(after, before);
    holds_its_promises(flat.data);
    free(before);
    free(after);
    buffer_free(&flat);
}

static void comments_stay(void **state)
{
    (void)state;
    becomes("# head\n\n\n# about a\nsetting a 1   # one\n# about b\nsetting b 2\n#last",
            "# head\n\n# about a\nsetting a 1  # one\n# about b\nsetting b 2\n\n#last\n");
    becomes("rule r in s\n# w\nwhen a # x\n and b # y\n  # p\n points 5 # five\n  # end\n\nstage A",
            "rule r in s\n  # w\n  # x\n  when    a and b  # y\n  # p\n  points  5  # five\n  # end\n\nstage A\n");
    becomes("list l \"a\", # A\n\"b\"", "list l\n  \"a\",  # A\n  \"b\"\n");
    becomes("stage A when b # c", "stage A when b  # c\n");
    becomes("# only", "# only\n");
    becomes("", "");
}

static void parentheses_where_needed(void **state)
{
    (void)state;
    becomes("define x as ((a)) and ((b or c)) and not (d)", "define x as a and (b or c) and not d\n");
    becomes("define x as (a and b) or c", "define x as (a and b) or c\n");
    becomes("define x as (a * b) + (c - (d - e))", "define x as a * b + (c - (d - e))\n");
    becomes("define x as (a * b) + (c)", "define x as a * b + c\n");
    becomes("define x as count of e where y is 1 >= 2", "define x as count of (e where y is 1) >= 2\n");
    becomes("define x as (count of e) within 3 days", "define x as (count of e) within 3 days\n");
    becomes("define x as no (e where ((a) or b) within 3 days)", "define x as no e where (a or b) within 3 days\n");
    becomes("define x as last (e within 3 days) within 5 days", "define x as last (e within 3 days) within 5 days\n");
}

static void names_keep_their_backquotes(void **state)
{
    (void)state;
    becomes("define x as `stage` is `owner` and `count` > 1", "define x as `stage` is owner and count > 1\n");
    becomes("define x as `days` since 2026-01-01", "define x as `days` since 2026-01-01\n");
    becomes("score s from `equal` to 5", "score s from `equal` to 5\n");
    becomes("define x as a within `day`", "define x as a within `day`\n");
    becomes("event `text`", "event `text`\n");
}

static void long_lines_break(void **state)
{
    (void)state;
    becomes("rule r in s\n  when aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa and bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb "
            "and ccccccccccccccccccccccccc",
            "rule r in s\n  when    aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n          and "
            "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb\n"
            "          and ccccccccccccccccccccccccc\n");
}

static void expressions_alone(void **state)
{
    (void)state;
    struct front front;
    front_parse(&front, "define x as (a and b) or last (e within the last 30 days) after 2026-01-01T00:00:00Z");
    struct buffer out = { 0 };
    format_expression(front.file->declarations->expression, &out);
    assert_string_equal(out.data, "a and b or last (e within 30 days) after 2026-01-01");
    buffer_free(&out);
    front_free(&front);
    front_parse(&front, "rule r in s points +10 for each e within 90 days, at most 3 times, once a day");
    format_points(&front.file->declarations->points, &out);
    assert_string_equal(out.data, "+10 for each e within 90 days, once a day, at most 3 times");
    buffer_free(&out);
    front_free(&front);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sample_is_canonical),      cmocka_unit_test(crowded_is_laid_out),
        cmocka_unit_test(one_line_is_enough),       cmocka_unit_test(comments_stay),
        cmocka_unit_test(parentheses_where_needed), cmocka_unit_test(names_keep_their_backquotes),
        cmocka_unit_test(long_lines_break),         cmocka_unit_test(expressions_alone),
    };
    return cmocka_run_group_tests_name("format", tests, NULL, NULL);
}
