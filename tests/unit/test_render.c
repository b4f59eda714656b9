/* Diagnostics as they are shown: lines, marks, tabs, wide characters, several labels; and what machines read. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cjson/cJSON.h>
#include <cmocka.h>

#include "compiler/render.h"
#include "front_fixture.h"

static void same_text(const char *found, const char *expected)
{
    if (strcmp(found, expected) == 0) return;
    print_error("expected:\n%s\nfound:\n%s\n", expected, found);
    fail();
}

static void start(struct front *front, const char *text)
{
    arena_init(&front->arena);
    front->sources = (struct sources){ .arena = &front->arena };
    diagnostics_init(&front->diags, &front->arena);
    source_add(&front->sources, "a.rubric", NULL, text, strlen(text));
}

static struct span find(const struct front *front, const char *part)
{
    const char *text = front->sources.files[0].text;
    uint32_t at = (uint32_t)(strstr(text, part) - text);
    return (struct span){ 0, at, at + (uint32_t)strlen(part) };
}

static void drawn(struct front *front, bool unicode, const char *expected)
{
    struct buffer out = { 0 };
    render_pretty(&front->diags, &front->sources, (struct render_options){ .unicode = unicode }, &out);
    same_text(out.data, expected);
    buffer_free(&out);
}

static void one_label(void **state)
{
    (void)state;
    struct front front;
    start(&front, "a\nb\n\tcaf\xC3\xA9 \xE4\xBD\xA0\xE5\xA5\xBD wrong end\n");
    struct diagnostic *d = diagnostic_report(&front.diags, E0201, find(&front, "wrong"), "this is %s", "wrong");
    diagnostic_label(d, find(&front, "wrong"), "here");
    diagnostic_help(d, "first line\nsecond line");
    diagnostic_note(d, "a note");
    drawn(&front, true,
          "error[E0201]: this is wrong\n"
          "  ┌─ a.rubric:3:10\n"
          "  │\n"
          "3 │     caf\xC3\xA9 \xE4\xBD\xA0\xE5\xA5\xBD wrong end\n"
          "  │               ^^^^^ here\n"
          "  │\n"
          "  = help: first line\n"
          "          second line\n"
          "  = note: a note\n"
          "\n"
          "1 error\n");
    front_free(&front);
}

static void several_labels(void **state)
{
    (void)state;
    struct front front;
    start(&front, "one two three\n\n\nfour\nfive\nsix\n");
    struct diagnostic *d = diagnostic_report(&front.diags, E0201, find(&front, "two"), "several");
    diagnostic_label(d, find(&front, "three"), "C");
    diagnostic_label(d, find(&front, "one"), "A");
    diagnostic_label(d, find(&front, "six"), "F");
    diagnostic_label(d, find(&front, "four"), "D");
    diagnostic_label(d, find(&front, "two"), "B");
    assert_string_equal(d->labels->text, "B");
    drawn(&front, false,
          "error[E0201]: several\n"
          "  --> a.rubric:1:5\n"
          "  |\n"
          "1 | one two three\n"
          "  | --- ^^^ ----- C\n"
          "  | |   |\n"
          "  | |   B\n"
          "  | A\n"
          "  .\n"
          "4 | four\n"
          "  | ---- D\n"
          "5 | five\n"
          "6 | six\n"
          "  | --- F\n"
          "\n"
          "1 error\n");
    front_free(&front);
}

static void only_so_many(void **state)
{
    (void)state;
    struct front front;
    start(&front, "x");
    for (int count = 0; count < 25; count++) diagnostic_report(&front.diags, E0201, find(&front, "x"), "number %d", count);
    diagnostic_report(&front.diags, E0201, find(&front, "x"), "number 3");
    diagnostics_finish(&front.diags);
    assert_int_equal(front.diags.count, 25);
    struct buffer out = { 0 };
    render_pretty(&front.diags, &front.sources, (struct render_options){ .color = true }, &out);
    assert_non_null(strstr(out.data, "25 errors; 5 of them not shown\n"));
    assert_non_null(strstr(out.data, "\x1b["));
    buffer_free(&out);
    front_free(&front);
}

static void control_characters_are_not_passed_on(void **state)
{
    (void)state;
    struct front front;
    start(&front, "a \x1b[31m b\n");
    diagnostic_report(&front.diags, E0201, find(&front, "b"), "bad \x1b[0m text");
    struct buffer out = { 0 };
    render_pretty(&front.diags, &front.sources, (struct render_options){ 0 }, &out);
    render_lines(&front.diags, &front.sources, &out);
    assert_null(strchr(out.data, '\x1b'));
    buffer_free(&out);
    front_free(&front);
}

static void machines_can_read(void **state)
{
    (void)state;
    struct front front;
    start(&front, "x\ny z\n");
    struct diagnostic *d = diagnostic_report(&front.diags, E0201, find(&front, "z"), "50%% \"wrong\"\nhere");
    diagnostic_label(d, find(&front, "x"), "label");
    diagnostic_help(d, "help, please");
    d->witness = "test \"w\"\n  expect x\n";
    struct buffer out = { 0 };
    render_json(&front.diags, &front.sources, &out);
    cJSON *json = cJSON_Parse(out.data);
    assert_non_null(json);
    assert_string_equal(cJSON_GetObjectItem(json, "code")->valuestring, "E0201");
    assert_int_equal(cJSON_GetObjectItem(json, "line")->valueint, 2);
    assert_int_equal(cJSON_GetObjectItem(json, "column")->valueint, 3);
    assert_int_equal(cJSON_GetObjectItem(json, "end_column")->valueint, 4);
    assert_string_equal(cJSON_GetObjectItem(json, "message")->valuestring, "50% \"wrong\"\nhere");
    assert_int_equal(strchr(out.data, '\n') - out.data, (long)out.length - 1);
    cJSON_Delete(json);
    buffer_reset(&out);
    render_github(&front.diags, &front.sources, &out);
    same_text(out.data, "::error file=a.rubric,line=2,endLine=2,col=3,endColumn=4,title=E0201::50%25 \"wrong\"%0Ahere"
                        "%0Ahelp: help, please%0Ashown by:%0Atest \"w\"%0A  expect x%0A\n");
    buffer_reset(&out);
    render_sarif(&front.diags, &front.sources, &out);
    json = cJSON_Parse(out.data);
    assert_non_null(json);
    assert_string_equal(cJSON_GetObjectItem(json, "version")->valuestring, "2.1.0");
    cJSON *run = cJSON_GetArrayItem(cJSON_GetObjectItem(json, "runs"), 0);
    cJSON *result = cJSON_GetArrayItem(cJSON_GetObjectItem(run, "results"), 0);
    assert_string_equal(cJSON_GetObjectItem(result, "ruleId")->valuestring, "E0201");
    assert_string_equal(cJSON_GetObjectItem(result, "level")->valuestring, "error");
    assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(result, "relatedLocations")), 1);
    cJSON_Delete(json);
    buffer_reset(&out);
    render_lines(&front.diags, &front.sources, &out);
    assert_ptr_equal(strstr(out.data, "a.rubric:2:3: error[E0201]: 50% \"wrong\""), out.data);
    buffer_free(&out);
    front_free(&front);
}

static void ends_of_files(void **state)
{
    (void)state;
    struct front front;
    start(&front, "x");
    diagnostic_report(&front.diags, E0211, (struct span){ 0, 1, 1 }, "ends");
    drawn(&front, true, "error[E0211]: ends\n  ┌─ a.rubric:1:2\n  │\n1 │ x\n  │  ^\n\n1 error\n");
    front_free(&front);
    start(&front, "");
    diagnostic_report(&front.diags, E0211, (struct span){ 0, 0, 0 }, "empty");
    drawn(&front, true, "error[E0211]: empty\n  ┌─ a.rubric:1:1\n  │\n1 │\n  │ ^\n\n1 error\n");
    front_free(&front);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_label), cmocka_unit_test(several_labels), cmocka_unit_test(only_so_many),
        cmocka_unit_test(control_characters_are_not_passed_on), cmocka_unit_test(machines_can_read),
        cmocka_unit_test(ends_of_files),
    };
    return cmocka_run_group_tests_name("render", tests, NULL, NULL);
}
