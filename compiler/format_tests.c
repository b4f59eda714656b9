/* The layout of tests. */
#include <inttypes.h>

#include "compiler/format_parts.h"

static void put_given_fields(struct writer *w, const struct tree_given_field *fields)
{
    for (const struct tree_given_field *given = fields; given; given = given->next) {
        put_name(w, given->field.text, NAME_IN_EXPRESSION);
        put(w, " ");
        if (given->value) put_expression(w, given->value);
        else put_items(w, given->list);
        if (!given->next) return;
        put(w, ", ");
        put_break(w, BREAK_LIST);
    }
}

static void put_given_event(struct writer *w, const struct tree_test_clause *clause)
{
    if (clause->count != 1) {
        buffer_format(w->out, "%" PRId64 " ", clause->count);
        w->name_end = 0;
    }
    put_name(w, clause->event.text, NAME_IN_EXPRESSION);
    if (clause->fields) {
        put(w, " ");
        put_given_fields(w, clause->fields);
    }
    if (clause->ago.kind != DURATION_ABSENT) {
        put(w, " ");
        put_duration(w, clause->ago);
        put(w, " ago");
    } else if (clause->has_date) {
        char day[INSTANT_TEXT];
        instant_format_day(clause->date, day);
        put(w, " at ");
        put(w, day);
    }
}

static void put_expect(struct writer *w, const struct tree_test_clause *clause)
{
    switch (clause->expect) {
    case EXPECT_CONDITION: put_expression(w, clause->condition); return;
    case EXPECT_RULE_GIVES: case EXPECT_RULE_FIRES: case EXPECT_RULE_SILENT: case EXPECT_RULE_UNDECIDED:
        put(w, "rule ");
        put_name(w, clause->rule.text, NAME_IN_EXPRESSION);
        if (clause->expect == EXPECT_RULE_GIVES) {
            put(w, " gives ");
            put_bound(w, clause->points);
        } else {
            put(w, clause->expect == EXPECT_RULE_FIRES    ? " fires"
                   : clause->expect == EXPECT_RULE_SILENT ? " silent"
                                                          : " undecided");
        }
        return;
    case EXPECT_ACTION:
        put(w, "action ");
        put(w, action_word(clause->action));
        put(w, " ");
        put_literal(w, clause->action_text);
    }
}

static void put_test_clause(struct writer *w, const struct tree_test_clause *clause)
{
    char day[INSTANT_TEXT];
    switch (clause->kind) {
    case TEST_AS_OF:
        instant_format_day(clause->date, day);
        put(w, "as of ");
        put(w, day);
        return;
    case TEST_GIVEN_FIELDS: case TEST_GIVEN_EVENT: {
        put(w, "given ");
        struct buffer flat = { 0 };
        struct writer inner = { .out = &flat, .breaks = true };
        if (clause->kind == TEST_GIVEN_FIELDS) put_given_fields(&inner, clause->fields);
        else put_given_event(&inner, clause);
        put_laid_out(w, &flat, 0);
        buffer_free(&flat);
        return;
    }
    case TEST_GIVEN_STAGE:
        put(w, "given stage ");
        if (clause->stage.text) put_name(w, clause->stage.text, NAME_IN_EXPRESSION);
        else put_literal(w, clause->stage_text);
        return;
    case TEST_GIVEN_SETTING:
        put(w, "given setting ");
        put_name(w, clause->setting.text, NAME_IN_EXPRESSION);
        put(w, " ");
        put_constant(w, &clause->value);
        return;
    case TEST_EXPECT: {
        put(w, "expect ");
        struct buffer flat = { 0 };
        struct writer inner = { .out = &flat, .breaks = true };
        put_expect(&inner, clause);
        for (const struct tree_test_clause *more = clause->next; more && more->continues; more = more->next) {
            put(&inner, ", ");
            put_break(&inner, BREAK_LIST);
            put_expect(&inner, more);
        }
        put_laid_out(w, &flat, 0);
        buffer_free(&flat);
        return;
    }
    }
}

void put_test(struct writer *w, const struct declaration *d)
{
    put(w, "test ");
    put_literal(w, d->title);
    close_line(w, d->span.start);
    for (const struct tree_test_clause *clause = d->test; clause; clause = clause->next) {
        if (clause->continues) continue;
        open_line(w, clause->span.start, INDENT, clause != d->test);
        put_test_clause(w, clause);
        close_line(w, clause->span.start);
    }
}
