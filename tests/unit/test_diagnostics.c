/* Every message has an example that gives it and one that does not: both are compiled here as the check compiles them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "compiler/compile.h"
#include "compiler/conflicts/conflicts.h"

/* Codes that no text of a rubric can show, and why. */
static const struct { enum diagnostic_code code; const char *reason; } without_example[] = {
    { E0602, "a file of more than 16 MiB: the transcripts of limits make one" },
    { E0603, "as many of something as a limit allows: the transcripts of limits make them" },
    { C1099, "a mistake in the program itself" },
};
/* Codes whose example needs leads to be scored, which the command does and this test does not: tests/messages.sh shows them. */
static const enum diagnostic_code scored_elsewhere[] = { C1090, W0904 /* decay is only proved with the machine */, W0912 };

static const char *reason_without(enum diagnostic_code code)
{
    for (size_t i = 0; i < sizeof without_example / sizeof *without_example; i++)
        if (without_example[i].code == code) return without_example[i].reason;
    return NULL;
}

static bool is_scored_elsewhere(enum diagnostic_code code)
{
    for (size_t i = 0; i < sizeof scored_elsewhere / sizeof *scored_elsewhere; i++) if (scored_elsewhere[i] == code) return true;
    return false;
}

/* 2026-11-22: what a check compares `active` windows with. */
#define AS_OF INT64_C(1795305600000000)

static struct compilation *check(const char *text)
{
    struct compilation *c = compilation_new();
    compilation_load_text(c, "example.rubric", text, strlen(text), NULL, 0);
    if (c->diags.errors == 0) {
        struct conflict_options options = { .as_of = AS_OF, .hygiene = true, .want_reach = true };
        conflicts_free(conflicts_check(&c->model, &options, &c->diags));
        diagnostics_finish(&c->diags);
    }
    return c;
}

static void print_found(const char *code, const char *which, const struct compilation *c)
{
    print_error("%s, %s:", code, which);
    for (size_t i = 0; i < c->diags.count; i++)
        print_error(" %s (%s)", diagnostic_facts(c->diags.items[i]->code)->code, c->diags.items[i]->message);
    print_error("\n");
}

static void test_wrong_examples(void **state)
{
    (void)state;
    size_t bad = 0;
    for (unsigned code = 0; code < DIAGNOSTIC_COUNT; code++) {
        const struct diagnostic_facts *facts = diagnostic_facts((enum diagnostic_code)code);
        const char *reason = reason_without((enum diagnostic_code)code);
        if (!facts->wrong[0]) {
            if (!reason) { print_error("%s has no wrong example\n", facts->code); bad++; }
            continue;
        }
        if (reason) { print_error("%s has an example after all\n", facts->code); bad++; }
        if (is_scored_elsewhere((enum diagnostic_code)code)) continue;
        struct compilation *c = check(facts->wrong);
        bool exactly = c->diags.count > 0;
        for (size_t i = 0; i < c->diags.count; i++) exactly &= c->diags.items[i]->code == code;
        if (!exactly) { print_found(facts->code, "wrong", c); bad++; }
        compilation_free(c);
    }
    assert_int_equal(bad, 0);
}

static void test_right_examples(void **state)
{
    (void)state;
    size_t bad = 0;
    for (unsigned code = 0; code < DIAGNOSTIC_COUNT; code++) {
        const struct diagnostic_facts *facts = diagnostic_facts((enum diagnostic_code)code);
        if (!facts->right[0]) {
            if (facts->wrong[0]) { print_error("%s has no right example\n", facts->code); bad++; }
            continue;
        }
        if (code == W0904) continue;
        struct compilation *c = check(facts->right);
        if (c->diags.count > 0) { print_found(facts->code, "right", c); bad++; }
        compilation_free(c);
    }
    assert_int_equal(bad, 0);
}

/* What is wrong, where, and what to do: a message, a place with words, a way out in its help or its explanation. */
static void test_messages_say_what_where_and_what_to_do(void **state)
{
    (void)state;
    size_t bad = 0;
    for (unsigned code = 0; code < DIAGNOSTIC_COUNT; code++) {
        const struct diagnostic_facts *facts = diagnostic_facts((enum diagnostic_code)code);
        size_t length = strlen(facts->explanation);
        if (!facts->title[0] || facts->title[strlen(facts->title) - 1] == '.') { print_error("%s: its title\n", facts->code); bad++; }
        if (length < 20 || facts->explanation[length - 1] != '.') { print_error("%s: its explanation\n", facts->code); bad++; }
        if (!facts->wrong[0]) continue;
        struct compilation *c = check(facts->wrong);
        for (size_t i = 0; i < c->diags.count; i++) {
            const struct diagnostic *d = c->diags.items[i];
            bool whole = d->span.end == 0;              /* of the rubric as a whole */
            if (d->message[0] && (d->labels || whole) && (d->labels || d->helps)) continue;
            print_error("%s: \"%s\" has no label and no help\n", facts->code, d->message);
            bad++;
        }
        compilation_free(c);
    }
    assert_int_equal(bad, 0);
}

static void test_codes_are_found_by_name(void **state)
{
    (void)state;
    enum diagnostic_code code;
    for (unsigned index = 0; index < DIAGNOSTIC_COUNT; index++) {
        assert_true(diagnostic_find(diagnostic_facts((enum diagnostic_code)index)->code, &code));
        assert_int_equal(code, index);
    }
    assert_true(diagnostic_find("e0301", &code));
    assert_int_equal(code, E0301);
    assert_false(diagnostic_find("E03", &code));
    assert_false(diagnostic_find("E03011", &code));
    assert_false(diagnostic_find("", &code));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_wrong_examples),
        cmocka_unit_test(test_right_examples),
        cmocka_unit_test(test_messages_say_what_where_and_what_to_do),
        cmocka_unit_test(test_codes_are_found_by_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
