/* The front end: rubrics that must parse, mistakes that must be named, trees that must have their shape. */
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
#include "vm/limits.h"

static void no_diagnostics(struct front *front)
{
    if (front->diags.count == 0) return;
    struct buffer out = { 0 };
    render_pretty(&front->diags, &front->sources, (struct render_options){ .unicode = true }, &out);
    print_error("%s\n%s", front->sources.files[0].text, out.data);
    buffer_free(&out);
    fail();
}

static void sample_parses(void **state)
{
    (void)state;
    struct front front;
    front_parse(&front, SAMPLE);
    no_diagnostics(&front);
    size_t declarations = 0;
    for (struct declaration *d = front.file->declarations; d; d = d->next) declarations++;
    assert_int_equal(declarations, 29);
    front_free(&front);
}

/* ---- shapes ------------------------------------------------------------------------------------------------------ */

/* The condition of `define x as …`, written out again with all its parentheses where the grammar put them. */
static void shape(const char *expression, const char *printed)
{
    struct front front;
    char text[1024];
    snprintf(text, sizeof text, "define x as %s", expression);
    front_parse(&front, text);
    no_diagnostics(&front);
    struct buffer out = { 0 };
    tree_print(front.file, &out);
    if (!strstr(out.data, printed)) {
        print_error("%s\n%s", expression, out.data);
        fail();
    }
    buffer_free(&out);
    front_free(&front);
}

static void expressions_have_their_shape(void **state)
{
    (void)state;
    shape("a or b and not c",
          "or\n      name\n        name a\n      and\n        name\n          name b\n        not\n");
    shape("a - b - c", "subtract\n      subtract\n");
    shape("a + b * -c", "add\n      name\n        name a\n      multiply\n");
    shape("x between a and b and c", "and\n      between\n");
    shape("last webinar within the last 30 days", "within\n      last\n");
    shape("last (webinar within 30 days)", "last\n      events, in parentheses\n");
    shape("webinar where url contains \"x\" within 30 days",
          "events where\n      name\n        name webinar\n      text contains\n");
    shape("count of webinar where url contains \"x\" within 30 days >= 2",
          "compare >=\n      count\n        events where\n");
    shape("count of tags", "count\n      name\n");
    shape("count of webinar since 2026-01-01", "count\n      events\n");
    shape("days since last webinar > 30", "compare >\n      units since in days\n");
    shape("at least 3 webinar within 7 days", "quantity at least\n      number 3\n      events\n");
    shape("no (webinar where at before now)", "no\n      events where, in parentheses\n");
    shape("title not has word any of (\"a\", \"b\")", "text has word any of, negated\n");
    shape("title is not exactly \"a\"", "is exactly, negated\n");
    shape("country not in (\"a\", -5, b, 2026-01-01)", "in, negated\n");
    shape("sum of amount over order where kind is \"a\"", "aggregate sum\n      name amount\n      events where\n");
    shape("20% * total", "multiply\n      percent 20\n");
}

static void names_and_words(void **state)
{
    (void)state;
    struct front front;
    front_parse(
        &front,
        "lead\n  owner text\n  version text\n  tag text\n  times number\n  ago date\n  highest number\n  text text\n  "
        "date date\n"
        "  count number\n  domain text\n  word text\n  a yes/no\n  day number\n  any list\n  has yes/no\n  starts "
        "date\n"
        "  `stage` text\n  größe number\n  имя text\n  key text key\n  active yes/no\n  on yes/no\n  lose yes/no\n"
        "define x as owner is \"a\" and count > 5 and day < 3 and active and on and starts after now and `stage` is "
        "\"b\"\n"
        "score s\ngroup lose in s\n"
        "band level of s\n  low below 5\n  active from 5 below 10\n  only from 10 below 20\n  a from 20 below 30\n  "
        "day from 30\n");
    no_diagnostics(&front);
    size_t fields = 0;
    for (struct tree_field *field = front.file->declarations->fields; field; field = field->next) fields++;
    assert_int_equal(fields, 23);
    front_free(&front);
}

static void names_are_composed(void **state)
{
    (void)state;
    struct front front;
    front_parse(&front, "setting caf\xC3\xA9 1\nsetting cafe\xCC\x81 2");
    no_diagnostics(&front);
    assert_string_equal(front.file->declarations->name.text, front.file->declarations->next->name.text);
    front_free(&front);
}

static void clauses_and_rows(void **state)
{
    (void)state;
    struct front front;
    front_parse(&front, "rule r in s because \"b\" points -bonus for each e within 3 days, once a week, at most 3 "
                        "times, fading 5 points every day,"
                        " at most 20 points weight 50% active from 2026-01-01 until 2026-02-01 when x");
    no_diagnostics(&front);
    const struct declaration *d = front.file->declarations;
    assert_int_equal(d->points.kind, POINTS_EACH);
    assert_int_equal(d->points.points.sign, SIGN_MINUS);
    assert_string_equal(d->points.points.setting.text, "bonus");
    assert_int_equal(d->points.once, ONCE_WEEK);
    assert_int_equal(d->points.most_times.units, 30000);
    assert_int_equal(d->points.most_points.units, 200000);
    assert_true(d->points.fading_by_points && d->points.fading_every.count_omitted);
    assert_int_equal(d->weight.units, 500000);
    assert_true(d->has_active_from && d->has_active_until && d->when);
    front_free(&front);

    front_parse(&front, "rule r in s points choose a: +5 -b > 2: -3 (c or d): 1 otherwise: 0 stage x");
    no_diagnostics(&front);
    size_t rows = 0;
    for (struct tree_row *row = front.file->declarations->points.rows; row; row = row->next) rows++;
    assert_int_equal(rows, 4);
    front_free(&front);
}

static void tests_have_clauses(void **state)
{
    (void)state;
    struct front front;
    front_parse(&front, "test \"t\" as of 2026-01-01T10:00:00+01:00 given a \"x\", b -5 given c (\"p\", \"q\") given e "
                        "given 2 e x \"a\", y 3 3 days ago"
                        " given e at 2026-01-01 given e span ago given stage S given setting k 5 days expect s is 5, "
                        "stage is not \"S\","
                        " rule r gives -5, rule r undecided, action tag \"t\"");
    no_diagnostics(&front);
    static const enum test_clause_kind kinds[] = {
        TEST_AS_OF,       TEST_GIVEN_FIELDS, TEST_GIVEN_FIELDS, TEST_GIVEN_EVENT,   TEST_GIVEN_EVENT,
        TEST_GIVEN_EVENT, TEST_GIVEN_EVENT,  TEST_GIVEN_STAGE,  TEST_GIVEN_SETTING, TEST_EXPECT,
        TEST_EXPECT,      TEST_EXPECT,       TEST_EXPECT,       TEST_EXPECT,
    };
    size_t index = 0;
    for (struct tree_test_clause *clause = front.file->declarations->test; clause; clause = clause->next) {
        assert_true(index < sizeof kinds / sizeof *kinds);
        assert_int_equal(clause->kind, kinds[index]);
        index++;
    }
    assert_int_equal(index, sizeof kinds / sizeof *kinds);
    assert_int_equal(front.file->declarations->test->date, INT64_C(1767258000000000));
    front_free(&front);
}

static void texts_are_unescaped(void **state)
{
    (void)state;
    struct front front;
    front_parse(&front, "setting x \"a\\\"\\\\\\n\\t\\u{e9}\\u{1F600}\"");
    no_diagnostics(&front);
    assert_string_equal(front.file->declarations->constant.literal.bytes, "a\"\\\n\t\xC3\xA9\xF0\x9F\x98\x80");
    front_free(&front);
}

/* ---- mistakes ---------------------------------------------------------------------------------------------------- */

/* `text` gives exactly the codes, in order ("E0205 E0207"), and a message with `words` in it. */
static void mistake(const char *text, const char *codes, const char *words)
{
    struct front front;
    front_parse(&front, text);
    struct buffer found = { 0 }, out = { 0 };
    buffer_text(&found, "");
    for (size_t index = 0; index < front.diags.count; index++)
        buffer_format(&found, "%s%s", index ? " " : "", diagnostic_facts(front.diags.items[index]->code)->code);
    render_pretty(&front.diags, &front.sources, (struct render_options){ .unicode = true }, &out);
    buffer_text(&out, "");
    if (strcmp(found.data, codes) != 0 || !strstr(out.data, words)) {
        print_error("%s\nexpected %s with: %s\ngot %s\n%s", text, codes, words, found.data, out.data);
        fail();
    }
    buffer_free(&found);
    buffer_free(&out);
    front_free(&front);
}

static void mistakes_have_names(void **state)
{
    (void)state;
    mistake("define x as a == 5", "E0205", "`==` is written `=`");
    mistake("define x as a => 5", "E0205", "`=>` is written `>=`");
    mistake("define x as a && b || !c", "E0205 E0205 E0205", "`||` is written `or`");
    mistake("define x as a \xE2\x89\xA5 5", "E0205", "is written `>=`");
    mistake("setting x 5;", "E0205", "leave the `;` out");
    mistake("rule r in s\n  if x\n  points 5", "E0206", "stands after `when`");
    mistake("rule r in s\n  when if x\n  points 5", "E0206", "stands after `when`");
    mistake("rule r in s\n  when x then\n  points 5", "E0206", "stand after `points`");
    mistake("rule r in s\n  because We like it", "E0208", "write \"We\"");
    mistake("define x as a > 1,000", "E0207", "1_000");
    mistake("define x as a is 'b'", "E0107", "single quotes");
    mistake("define x as a is \xE2\x80\x9C"
            "b\xE2\x80\x9D and c is \xE2\x80\x98"
            "d\xE2\x80\x99",
            "E0107 E0107", "curly quotes");
    mistake("define x as a contains 5", "E0209", "needs a text");
    mistake("define x as a has word (\"b\", \"c\")", "E0209", "`has word any of");
    mistake("rule r in s\n  points +5 * 2", "E0203", "`weight 50%`");
    mistake("rule r in s\n  points (5)", "E0203", "one number or one setting");
    mistake("rule r in s\n  points by x\n    from 1 below 2: 5 + 3", "E0203", "one number or one setting");
    mistake("rule r in s\n  when count of c where a >= 2", "E0210", "count of (c where a) >= 2");
    mistake("lead\n  stage text\n  weight number", "E0202 E0202", "`stage`");
    mistake("define x as points > 5", "E0202", "write it in backquotes: `points`");
    mistake("rule rule in s\n  points 5", "E0202", "`rule`");
    mistake("rule r in s\n  points 5\n  because \"a\"\n  points 6", "E0204", "the first time");
    mistake("lead\n  id text key from \"a\" key", "E0204", "stands twice");
    mistake("define x as (a or b", "E0214", "is not closed");
    mistake("define x as a or b)", "E0214", "closes nothing");
    mistake("define x as a is \"b", "E0102", "no closing quote");
    mistake("define x as a is \"\\q\"", "E0103", "`\\q`");
    mistake("define x as a is \"\\u{D800}\"", "E0103", "no character");
    mistake("setting x 0.00001", "E0104", "four digits");
    mistake("setting x 922337203685477.5808", "E0104", "too large");
    mistake("define x as a > 2026-02-30", "E0105", "no date");
    mistake("define x as a > 22.11.2026", "E0105", "write 2026-11-22");
    mistake("setting x \"\xFF\"", "E0106", "UTF-8");
    mistake("setting x 0 days", "E0212", "whole number");
    mistake("setting x 1.5 days", "E0212", "whole number");
    mistake("setting x$ 5", "E0101", "`$`");
    mistake("setting x\xE2\x80\x8B 5", "E0101", "U+200B");
    mistake("rule r in s\n  when stage is X", "E0213", "actions and tests");
    mistake("rule r in s\n  whenn x", "E0201", "did you mean `when`?");
    mistake("rule r in s\n  points by x\n    from 1 to 5: 3", "E0201", "written `below`");
    mistake("define x as a within 30", "E0211", "a unit of time");
    mistake("define x as a since 3 days", "E0201", "`within`");
    mistake("stage", "E0211", "expected a name");
    mistake("test \"t\"\n  given title is \"CEO\"", "E0201", "right behind the name");
}

/* Each declaration with a mistake is reported once, and what follows is read. */
static void mistakes_do_not_cascade(void **state)
{
    (void)state;
    struct front front;
    front_parse(&front, "rule a in s\n  when x is is y\n  points 5\nrule b in s\n  points by\nrule c in s\n  points 5\n"
                        "test \"t\"\n  given ( 5\n  expect rule c fires\nstage X when\nstage Y\n");
    assert_int_equal(front.diags.count, 4);
    size_t whole = 0;
    for (struct declaration *d = front.file->declarations; d; d = d->next) whole += !d->broken;
    assert_int_equal(whole, 2);
    front_free(&front);
}

/* ---- limits ------------------------------------------------------------------------------------------------------ */

static void nested(const char *before, const char *inside, const char *after, int levels, const char *codes)
{
    struct buffer text = { 0 };
    buffer_text(&text, "define x as ");
    for (int level = 0; level < levels; level++) buffer_text(&text, before);
    buffer_text(&text, inside);
    for (int level = 0; level < levels; level++) buffer_text(&text, after);
    mistake(text.data, codes, "");
    buffer_free(&text);
}

static void nesting_is_limited(void **state)
{
    (void)state;
    nested("(", "a", ")", LIMIT_NESTING, "");
    nested("(", "a", ")", LIMIT_NESTING + 1, "E0601");
    nested("not ", "a", "", LIMIT_NESTING, "");
    nested("not ", "a", "", LIMIT_NESTING + 1, "E0601");
    nested("length of ", "a", "", LIMIT_NESTING + 1, "E0601");
    nested("f(", "a", ")", LIMIT_NESTING + 1, "E0601");
    nested("(", "a", ")", 100000, "E0601");
    nested("-", "a", "", 100000, "E0601");
    nested("", "a", " or a", LIMIT_CHAIN - 1, "");
    nested("", "a", " or a", LIMIT_CHAIN, "E0601");
    nested("", "1", " + 1", 100000, "E0601");
}

static void size_is_limited(void **state)
{
    (void)state;
    struct front front;
    size_t length = LIMIT_RUBRIC_BYTES;
    char *text = memory_alloc(length + 2);
    memset(text, ' ', length + 1);
    front_parse(&front, text);
    assert_int_equal(front.diags.count, 1);
    assert_string_equal(diagnostic_facts(front.diags.items[0]->code)->code, "E0602");
    front_free(&front);
    text[length] = '\0';
    front_parse(&front, text);
    assert_int_equal(front.diags.count, 0);
    front_free(&front);
    free(text);
}

/* ---- the table --------------------------------------------------------------------------------------------------- */

/* The front end's own codes: what is wrong gives exactly this code, and everything right parses. */
static void examples_of_the_table(void **state)
{
    (void)state;
    for (int code = 0; code < DIAGNOSTIC_COUNT; code++) {
        const struct diagnostic_facts *facts = diagnostic_facts((enum diagnostic_code)code);
        bool ours = strncmp(facts->code, "E01", 3) == 0 || strncmp(facts->code, "E02", 3) == 0
                    || strncmp(facts->code, "E06", 3) == 0;
        if (facts->right[0]) mistake(facts->right, "", "");
        if (facts->wrong[0] && ours && strcmp(facts->code, "E0603") < 0) mistake(facts->wrong, facts->code, "");
        assert_true(strlen(facts->code) == 5 && facts->title[0] && facts->explanation[0]);
        enum diagnostic_code found;
        assert_true(diagnostic_find(facts->code, &found) && (int)found == code);
    }
}

static void suggestions(void **state)
{
    (void)state;
    static const char *const names[] = { "country", "county", "employees", "Title" };
    assert_string_equal(suggest_nearest("contry", names, 4), "country");
    assert_string_equal(suggest_nearest("title", names, 4), "Title");
    assert_string_equal(suggest_nearest("emploeyes", names, 4), "employees");
    assert_null(suggest_nearest("zebra", names, 4));
    assert_null(suggest_nearest("", names, 4));
}

static void positions(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena);
    struct sources sources = { .arena = &arena };
    const char *text = "\xEF\xBB\xBF" "a\xC3\xA9 b\r\nc\rd\n";
    uint32_t file = source_add(&sources, "x", NULL, text, strlen(text));
    struct position position = source_position(&sources, file, 4);
    assert_int_equal(position.line, 1);
    assert_int_equal(position.column, 4);
    position = source_position(&sources, file, 9);
    assert_int_equal(position.line, 3);
    assert_int_equal(position.column, 1);
    assert_int_equal(sources.files[file].line_count, 4);
    assert_int_equal(source_line(&sources, file, 1).length, 5);
    assert_int_equal(source_line(&sources, file, 4).length, 0);
    arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sample_parses),
        cmocka_unit_test(expressions_have_their_shape),
        cmocka_unit_test(names_and_words),
        cmocka_unit_test(names_are_composed),
        cmocka_unit_test(clauses_and_rows),
        cmocka_unit_test(tests_have_clauses),
        cmocka_unit_test(texts_are_unescaped),
        cmocka_unit_test(mistakes_have_names),
        cmocka_unit_test(mistakes_do_not_cascade),
        cmocka_unit_test(nesting_is_limited),
        cmocka_unit_test(size_is_limited),
        cmocka_unit_test(examples_of_the_table),
        cmocka_unit_test(suggestions),
        cmocka_unit_test(positions),
    };
    return cmocka_run_group_tests_name("parse", tests, NULL, NULL);
}
