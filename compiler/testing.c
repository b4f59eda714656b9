#include "compiler/declare.h"

#include <stdio.h>
#include <string.h>

#include "vm/limits.h"
#include "vm/number.h"

#define TEST_DEFAULT_AS_OF INT64_C(1767225600000000) /* 2026-01-01T00:00:00Z */

static void report_value(struct model *model, const struct tree_given_field *given, const struct model_field *field,
                         const char *need)
{
    struct span span = given->value ? given->value->span : given->field.span;
    struct diagnostic *d = diagnostic_report(model->diags, E0401, span, "`%s` takes %s", field->name.text, need);
    diagnostic_label(d, span, "does not fit");
    diagnostic_label(d, field->name.span, "declared here");
}

/* A value as it is written in `given`: a constant, perhaps with a sign, or a setting. */
static struct node *given_value(struct model *model, const struct tree *tree)
{
    struct scope scope = { .model = model, .who = "a test", .event = NO_INDEX, .define = NO_INDEX };
    return lower_any(&scope, tree);
}

static bool fill_given(struct model *model, const struct tree_given_field *given, const struct model_field *field,
                       uint32_t index, struct model_given *out)
{
    memset(out, 0, sizeof *out);
    out->field = index;
    if (field->type == FIELD_LIST) {
        size_t count = 0;
        for (const struct tree_item *item = given->list; item; item = item->next) count++;
        if (!given->list && !given->value) {
            report_value(model, given, field, "a list: (\"a\", \"b\")");
            return false;
        }
        struct text *texts = arena_alloc(model->arena, (count + 2) * sizeof *texts);
        for (const struct tree_item *item = given->list; item; item = item->next) {
            struct node *node = given_value(model, item->value);
            if (node->kind != NODE_TEXT) {
                if (node->kind != NODE_ERROR) report_value(model, given, field, "a list of texts");
                return false;
            }
            texts[out->list_count++] = node->text;
        }
        if (given->value) {
            struct node *node = given_value(model, given->value);
            if (node->kind != NODE_TEXT) {
                if (node->kind != NODE_ERROR) report_value(model, given, field, "a list: (\"a\", \"b\")");
                return false;
            }
            texts[out->list_count++] = node->text;
        }
        out->list = texts;
        return true;
    }
    if (!given->value) {
        report_value(model, given, field, "no list");
        return false;
    }
    struct node *node = given_value(model, given->value);
    if (node->kind == NODE_ERROR) return false;
    switch (field->type) {
    case FIELD_NUMBER:
        if (node->kind != NODE_NUMBER) {
            report_value(model, given, field, "a number");
            return false;
        }
        out->number = node->number;
        return true;
    case FIELD_DATE:
        if (node->kind != NODE_DATE) {
            report_value(model, given, field, "a date, such as 2026-11-22");
            return false;
        }
        out->number = node->number;
        return true;
    case FIELD_YESNO:
        if (node->kind != NODE_TRUE && node->kind != NODE_FALSE) {
            report_value(model, given, field, "`yes` or `no`");
            return false;
        }
        out->yes = node->kind == NODE_TRUE;
        return true;
    case FIELD_TEXT:
    case FIELD_ONEOF: {
        if (node->kind != NODE_TEXT) {
            report_value(model, given, field, "a text in quotes");
            return false;
        }
        out->text = node->text;
        struct text folded = lower_fold(model, node->text.bytes, node->text.length);
        bool option = field->type == FIELD_TEXT || folded.length == 0;
        for (size_t i = 0; i < field->option_count; i++) option |= text_same(field->options[i], folded);
        if (option) return true;
        struct diagnostic *d = diagnostic_report(model->diags, E0402, given->value->span, "`%s` is never \"%.*s\"",
                                                 field->name.text, (int)node->text.length, node->text.bytes);
        diagnostic_label(d, given->value->span, "not one of its values");
        diagnostic_label(d, field->name.span, "declared here");
        return false;
    }
    case FIELD_LIST: break;
    }
    return false;
}

static void define_fields(struct model *model, struct model_test *test, const struct tree_test_clause *clause)
{
    for (const struct tree_given_field *given = clause->fields; given; given = given->next) {
        const struct symbol *symbol = model_find(model, given->field.text);
        if (!symbol) {
            report_unknown(model, given->field.span, given->field.text, KIND_BIT(SYMBOL_FIELD) | KIND_BIT(SYMBOL_EVENT),
                           "the field");
            continue;
        }
        if (symbol->kind != SYMBOL_FIELD) {
            struct diagnostic *d = diagnostic_report(model->diags, E0303, given->field.span, "`%s` is %s, not a field",
                                                     given->field.text, symbol_kind_name(symbol->kind));
            diagnostic_label(d, given->field.span, "a field of the lead is needed here");
            if (symbol->kind == SYMBOL_SETTING) diagnostic_help(d, "write `given setting %s …`", given->field.text);
            continue;
        }
        for (size_t i = 0; i < test->field_count; i++)
            if (test->fields[i].field == symbol->index) {
                struct diagnostic *d = diagnostic_report(model->diags, E0511, given->field.span, "`%s` is given twice",
                                                         given->field.text);
                diagnostic_label(d, given->field.span, "again here");
            }
        model->fields[symbol->index].used = true;
        if (fill_given(model, given, &model->fields[symbol->index], symbol->index, &test->fields[test->field_count]))
            test->field_count++;
    }
}

static void define_event(struct model *model, struct model_test *test, const struct tree_test_clause *clause)
{
    const struct symbol *symbol = model_find(model, clause->event.text);
    if (!symbol) {
        report_unknown(model, clause->event.span, clause->event.text, KIND_BIT(SYMBOL_EVENT) | KIND_BIT(SYMBOL_FIELD),
                       "the event");
        return;
    }
    if (symbol->kind != SYMBOL_EVENT) {
        struct diagnostic *d = diagnostic_report(model->diags, E0303, clause->event.span, "`%s` is %s, not an event",
                                                 clause->event.text, symbol_kind_name(symbol->kind));
        diagnostic_label(d, clause->event.span, "an event is needed here");
        return;
    }
    struct model_given_event *event = &test->events[test->event_count];
    struct model_event *type = &model->events[symbol->index];
    memset(event, 0, sizeof *event);
    type->used = true;
    event->event = symbol->index;
    event->count = clause->count < 1 ? 1 : clause->count;
    if (event->count > LIMIT_EVENTS_PER_LEAD) {
        report_limit(model, clause->span, "a lead has at most", LIMIT_EVENTS_PER_LEAD, "events", "give fewer");
        return;
    }
    event->at = test->as_of;
    if (clause->has_date) event->at = clause->date;
    if (clause->ago.kind != DURATION_ABSENT) {
        int64_t count;
        enum time_unit unit;
        if (!lower_duration(model, &clause->ago, &count, &unit)) return;
        event->at = instant_step(test->as_of, -count, unit);
    }
    size_t room = 0;
    for (const struct tree_given_field *given = clause->fields; given; given = given->next) room++;
    event->values = arena_alloc(model->arena, (room + 1) * sizeof *event->values);
    for (const struct tree_given_field *given = clause->fields; given; given = given->next) {
        uint32_t found = NO_INDEX;
        for (uint32_t i = 0; i < type->field_count; i++)
            if (strcmp(type->fields[i].name.text, given->field.text) == 0) found = i;
        if (found == NO_INDEX) {
            struct diagnostic *d = diagnostic_report(model->diags, E0301, given->field.span,
                                                     "the event `%s` has no field `%s`", type->name.text,
                                                     given->field.text);
            diagnostic_label(d, given->field.span, "not declared");
            const char **names = arena_alloc(model->arena, (type->field_count + 1) * sizeof *names);
            for (size_t i = 0; i < type->field_count; i++) names[i] = type->fields[i].name.text;
            const char *nearest = suggest_nearest(given->field.text, names, type->field_count);
            if (nearest) diagnostic_help(d, "it has a field `%s`", nearest);
            continue;
        }
        type->fields[found].used = true;
        if (fill_given(model, given, &type->fields[found], found, &event->values[event->value_count]))
            event->value_count++;
    }
    test->event_count++;
}

static void define_expectation(struct model *model, struct model_test *test, const struct tree_test_clause *clause)
{
    struct model_expectation *expectation = &test->expectations[test->expectation_count];
    memset(expectation, 0, sizeof *expectation);
    expectation->kind = clause->expect;
    expectation->tree = clause;
    expectation->rule = NO_INDEX;
    struct scope scope = { .model = model,
                           .sees = SEES_RESULTS | SEES_STAGE | SEES_DISQUALIFIED,
                           .who = "a test",
                           .event = NO_INDEX,
                           .define = NO_INDEX };
    switch (clause->expect) {
    case EXPECT_CONDITION:
        expectation->condition = lower_condition(&scope, clause->condition);
        if (expectation->condition->kind == NODE_ERROR) return;
        break;
    case EXPECT_RULE_GIVES:
    case EXPECT_RULE_FIRES:
    case EXPECT_RULE_SILENT:
    case EXPECT_RULE_UNDECIDED: {
        const struct symbol *symbol = model_find(model, clause->rule.text);
        if (!symbol) {
            report_unknown(model, clause->rule.span, clause->rule.text, KIND_BIT(SYMBOL_RULE), "the rule");
            return;
        }
        if (symbol->kind != SYMBOL_RULE) {
            struct diagnostic *d = diagnostic_report(model->diags, E0303, clause->rule.span, "`%s` is %s, not a rule",
                                                     clause->rule.text, symbol_kind_name(symbol->kind));
            diagnostic_label(d, clause->rule.span, "a rule is needed here");
            return;
        }
        expectation->rule = symbol->index;
        if (clause->expect == EXPECT_RULE_GIVES && !lower_bound(model, &clause->points, &expectation->points)) return;
        break;
    }
    case EXPECT_ACTION:
        expectation->action = clause->action;
        expectation->action_text = (struct text) { clause->action_text.bytes, clause->action_text.length };
        break;
    }
    test->expectation_count++;
}

static void define_test(struct model *model, const struct declaration *tree)
{
    struct model_test *test = &model->tests[model->test_count++];
    memset(test, 0, sizeof *test);
    test->tree = tree;
    test->name = tree->title.bytes ? tree->title.bytes : "";
    test->as_of = TEST_DEFAULT_AS_OF;
    size_t fields = 0, clauses = 0;
    for (const struct tree_test_clause *clause = tree->test; clause; clause = clause->next) {
        clauses++;
        for (const struct tree_given_field *given = clause->fields; given; given = given->next) fields++;
        if (clause->kind == TEST_AS_OF) test->as_of = clause->date;
        if (clause->kind == TEST_GIVEN_SETTING) test->sets_settings = true;
    }
    test->fields = arena_alloc(model->arena, (fields + 1) * sizeof *test->fields);
    test->events = arena_alloc(model->arena, (clauses + 1) * sizeof *test->events);
    test->expectations = arena_alloc(model->arena, (clauses + 1) * sizeof *test->expectations);
    for (const struct tree_test_clause *clause = tree->test; clause; clause = clause->next) switch (clause->kind) {
        case TEST_AS_OF: break;
        case TEST_GIVEN_FIELDS: define_fields(model, test, clause); break;
        case TEST_GIVEN_EVENT: define_event(model, test, clause); break;
        case TEST_GIVEN_STAGE: {
            const char *name = clause->stage.text ? clause->stage.text : clause->stage_text.bytes;
            struct text wanted = { name, (uint32_t)strlen(name) };
            test->stage = NO_INDEX;
            for (uint32_t i = 0; i < model->stage_count; i++) {
                const struct model_stage *stage = &model->stages[i];
                if (strcmp(stage->name.text, name) == 0 ||
                    (!clause->stage.text &&
                     (text_same((struct text) { stage->name.text, (uint32_t)strlen(stage->name.text) }, wanted) ||
                      (stage->title &&
                       text_same((struct text) { stage->title, (uint32_t)strlen(stage->title) }, wanted)))))
                    test->stage = i;
            }
            if (strcmp(name, "Disqualified") == 0) test->stage = (uint32_t)model->stage_count;
            if (test->stage == NO_INDEX) report_unknown(model, clause->span, name, KIND_BIT(SYMBOL_STAGE), "the stage");
            else test->has_stage = true;
            break;
        }
        case TEST_GIVEN_SETTING: {
            const struct symbol *symbol = model_find(model, clause->setting.text);
            if (!symbol || symbol->kind != SYMBOL_SETTING) {
                report_unknown(model, clause->setting.span, clause->setting.text, KIND_BIT(SYMBOL_SETTING),
                               "the setting");
                break;
            }
            if (model->settings[symbol->index].tree->constant.kind != clause->value.kind) {
                struct diagnostic *d = diagnostic_report(model->diags, E0512, clause->value.span,
                                                         "the setting `%s` is of another kind", clause->setting.text);
                diagnostic_label(d, clause->value.span, "does not fit");
                diagnostic_label(d, model->settings[symbol->index].tree->constant.span, "declared so");
            }
            break;
        }
        case TEST_EXPECT: define_expectation(model, test, clause); break;
        }
}

void define_tests(struct model *model, const struct declared_list *all)
{
    for (size_t i = 0; i < all->count; i++)
        if (all->items[i].declaration->kind == DECLARATION_TEST) define_test(model, all->items[i].declaration);
}
