#include "cli/testing.h"

#include <stdlib.h>
#include <string.h>

#include "compiler/format.h"
#include "vm/actions.h"
#include "vm/number.h"

/* ---- the lead of a test
 * ------------------------------------------------------------------------------------------------------------ */

static uint32_t program_field_of(const struct program_field *fields, uint32_t count, const char *name)
{
    for (uint32_t i = 0; i < count; i++)
        if (strcmp(fields[i].name, name) == 0) return i;
    return NO_INDEX;
}

static bool blank(struct text text) { return text_trim(text).length == 0; }

static void fill_field(struct batch *batch, uint32_t field, enum field_type type, const struct model_given *given)
{
    switch (type) {
    case FIELD_NUMBER:
    case FIELD_DATE: batch_set_number(batch, field, given->number); break;
    case FIELD_YESNO: batch_set_yesno(batch, field, given->yes); break;
    case FIELD_TEXT:
    case FIELD_ONEOF:
        if (!blank(given->text)) batch_set_text(batch, field, given->text, true);
        break;
    case FIELD_LIST:
        batch_begin_list(batch, field);
        for (size_t i = 0; i < given->list_count; i++)
            if (!blank(given->list[i])) batch_add_element(batch, field, given->list[i], true);
        break;
    }
}

static void fill_event_field(struct batch *batch, uint32_t event, uint32_t field, enum field_type type,
                             const struct model_given *given)
{
    switch (type) {
    case FIELD_NUMBER:
    case FIELD_DATE: batch_event_number(batch, event, field, given->number); break;
    case FIELD_YESNO: batch_event_yesno(batch, event, field, given->yes); break;
    case FIELD_TEXT:
    case FIELD_ONEOF:
        if (!blank(given->text)) batch_event_text(batch, event, field, given->text, true);
        break;
    case FIELD_LIST: batch_event_list(batch, event, field, given->list, given->list_count, true); break;
    }
}

static uint32_t stage_named(const struct model *model, struct text text)
{
    for (uint32_t i = 0; i < model->stage_count; i++) {
        const struct model_stage *stage = &model->stages[i];
        if (text_same(text, (struct text) { stage->name.text, (uint32_t)strlen(stage->name.text) })) return i;
        if (stage->title && text_same(text, (struct text) { stage->title, (uint32_t)strlen(stage->title) })) return i;
    }
    return text_same(text, (struct text) { "Disqualified", 12 }) ? (uint32_t)model->stage_count : NO_INDEX;
}

void test_fill(const struct model *model, const struct model_test *test, const struct program *program,
               struct batch *batch)
{
    batch_begin_lead(batch, 1);
    for (size_t i = 0; i < test->field_count; i++) {
        const struct model_field *field = &model->fields[test->fields[i].field];
        uint32_t bound = program_field_of(program->fields, program->field_count, field->name.text);
        if (bound != NO_INDEX) fill_field(batch, bound, field->type, &test->fields[i]);
        if (test->fields[i].field == model->stage_field && !test->has_stage) {
            uint32_t stage = stage_named(model, test->fields[i].text);
            if (stage != NO_INDEX) batch_set_stage(batch, stage);
        }
    }
    if (test->has_stage) batch_set_stage(batch, test->stage);
    for (size_t i = 0; i < test->event_count; i++) {
        const struct model_given_event *event = &test->events[i];
        const struct model_event *type = &model->events[event->event];
        const struct program_event *facts = &program->events[event->event];
        if (!facts->used) continue;
        for (int64_t n = 0; n < event->count; n++) {
            if (!batch_add_event(batch, event->event, event->at)) break;
            for (size_t v = 0; v < event->value_count; v++) {
                const struct model_field *field = &type->fields[event->values[v].field];
                uint32_t bound = program_field_of(program->event_fields + facts->fields.start, facts->fields.count,
                                                  field->name.text);
                if (bound != NO_INDEX) fill_event_field(batch, event->event, bound, field->type, &event->values[v]);
            }
        }
    }
    batch_end_lead(batch);
    batch_finish(batch);
}

/* ---- expectations
 * --------------------------------------------------------------------------------------------------------------------
 */

static void fail(struct test_outcome *outcome, const struct model_expectation *expectation, struct buffer *text)
{
    memory_reserve(&outcome->failures, &outcome->capacity, outcome->failure_count + 1, sizeof *outcome->failures);
    outcome->failures[outcome->failure_count++] = (struct test_failure) { expectation, text->data };
    *text = (struct buffer) { 0 };
}

/* The values that an expectation looks at, as the VM has them: "total is 75", "temperature is warm". */
static void add_values(const struct model *model, const struct node *node, const struct program *program,
                       const struct machine *machine, struct buffer *text)
{
    if (!node) return;
    int64_t value;
    char number[NUMBER_TEXT];
    const char *between = text->length ? ", " : "";
    switch (node->kind) {
    case NODE_SCORE:
        machine_number(machine, program->scores[node->index].after_clamp, 0, &value);
        number_format(value, number);
        buffer_format(text, "%s%s is %s", between, program->scores[node->index].name, number);
        break;
    case NODE_BAND_IS:
        if (machine_number(machine, program->bands[node->index].reg, 0, &value))
            buffer_format(text, "%s%s is %s", between, program->bands[node->index].name,
                          program->band_labels[program->bands[node->index].labels.start + (uint32_t)value].label);
        else buffer_format(text, "%s%s has no label", between, program->bands[node->index].name);
        break;
    case NODE_MATRIX_IS:
        if (machine_number(machine, program->matrices[node->index].reg, 0, &value))
            buffer_format(text, "%s%s is \"%s\"", between, program->matrices[node->index].name,
                          program->cells[program->matrices[node->index].first_cell + (uint32_t)value]);
        else buffer_format(text, "%s%s has no label", between, program->matrices[node->index].name);
        break;
    case NODE_STAGE_IS:
        if (machine_number(machine, program->stage_reg, 0, &value))
            buffer_format(text, "%sstage is %s", between,
                          (size_t)value < model->stage_count ? program->stages[value].name : "Disqualified");
        break;
    case NODE_DISQUALIFIED:
        buffer_format(text, "%sthe lead is%s disqualified", between,
                      machine_condition(machine, program->disqualified, 0) == TRUTH_HOLDS ? "" : " not");
        break;
    default: break;
    }
    add_values(model, node->left, program, machine, text);
    add_values(model, node->right, program, machine, text);
}

static void check_condition(const struct model *model, const struct model_expectation *expectation, uint32_t reg,
                            const struct program *program, const struct machine *machine, struct test_outcome *outcome)
{
    enum truth truth = machine_condition(machine, reg, 0);
    if (truth == TRUTH_HOLDS) return;
    struct buffer text = { 0 }, values = { 0 };
    buffer_text(&text, "expected ");
    format_expression(expectation->tree->condition, &text);
    add_values(model, expectation->condition, program, machine, &values);
    if (truth == TRUTH_UNKNOWN) buffer_text(&text, ", but that is unknown");
    if (values.length) buffer_format(&text, ", but %s", values.data);
    buffer_free(&values);
    fail(outcome, expectation, &text);
}

static bool is_undecided(const struct program_rule *rule, const struct machine *machine)
{
    return machine_condition(machine, rule->fires, 0) == TRUTH_UNKNOWN ||
           (rule->passed != NO_REGISTER && machine_condition(machine, rule->passed, 0) == TRUTH_HOLDS);
}

/* What a rule gives by itself, before its group. */
static int64_t rule_points(const struct program_rule *rule, const struct machine *machine)
{
    int64_t value = 0;
    if (machine_condition(machine, rule->fires, 0) != TRUTH_HOLDS) return 0;
    if (rule->points == NO_REGISTER) return rule->constant;
    machine_number(machine, rule->points, 0, &value);
    return value;
}

static void add_state(const struct program_rule *rule, const struct machine *machine, struct buffer *text)
{
    char number[NUMBER_TEXT];
    switch (machine_condition(machine, rule->fires, 0)) {
    case TRUTH_HOLDS:
        number_format(rule_points(rule, machine), number);
        if (rule->disqualifies) buffer_text(text, "it fires");
        else buffer_format(text, "it gives %s", number);
        break;
    case TRUTH_FAILS: buffer_text(text, "it is silent"); break;
    case TRUTH_UNKNOWN: {
        const char *names[64];
        size_t count = machine_missing(machine, rule->fires, 0, names, 64);
        buffer_text(text, "it is undecided");
        for (size_t i = 0; i < count; i++) buffer_format(text, "%s%s", i ? ", " : ": missing ", names[i]);
        break;
    }
    }
}

static void check_rule(const struct model_expectation *expectation, const struct program *program,
                       const struct machine *machine, struct test_outcome *outcome)
{
    const struct program_rule *rule = &program->rules[expectation->rule];
    enum truth truth = machine_condition(machine, rule->fires, 0);
    struct buffer text = { 0 };
    char number[NUMBER_TEXT];
    bool met = false;
    switch (expectation->kind) {
    case EXPECT_RULE_GIVES:
        number_format(expectation->points, number);
        met = truth == TRUTH_HOLDS && rule_points(rule, machine) == expectation->points;
        buffer_format(&text, "expected the rule %s to give %s, but ", rule->name, number);
        break;
    case EXPECT_RULE_FIRES:
        met = truth == TRUTH_HOLDS;
        buffer_format(&text, "expected the rule %s to fire, but ", rule->name);
        break;
    case EXPECT_RULE_SILENT:
        met = truth == TRUTH_FAILS;
        buffer_format(&text, "expected the rule %s to be silent, but ", rule->name);
        break;
    default:
        met = is_undecided(rule, machine);
        buffer_format(&text, "expected the rule %s to be undecided, but ", rule->name);
        break;
    }
    if (met) {
        buffer_free(&text);
        return;
    }
    add_state(rule, machine, &text);
    fail(outcome, expectation, &text);
}

static const char *action_name(enum action_kind kind)
{
    return kind == ACTION_ASSIGN ? "assign" : kind == ACTION_NOTIFY ? "notify" : "tag";
}

struct action_search {
    const struct machine *machine;
    const struct model_expectation *expectation;
    struct buffer text;
    size_t seen;
    bool met;
};

static void see_action(void *context, const struct program_action *action)
{
    struct action_search *search = context;
    struct buffer said = { 0 };
    action_text(search->machine, action, 0, &said);
    struct text wanted = search->expectation->action_text;
    search->met |= action->kind == search->expectation->action && said.length == wanted.length &&
                   (said.length == 0 || memcmp(said.data, wanted.bytes, said.length) == 0);
    buffer_format(&search->text, "%s%s \"%s\"", search->seen++ ? ", " : "there is ", action_name(action->kind),
                  said.data ? said.data : "");
    buffer_free(&said);
}

static void check_action(const struct model_expectation *expectation, const struct machine *machine,
                         struct test_outcome *outcome)
{
    struct action_search search = { .machine = machine, .expectation = expectation };
    buffer_format(&search.text, "expected the action %s \"%.*s\", but ", action_name(expectation->action),
                  (int)expectation->action_text.length, expectation->action_text.bytes);
    actions_each(machine, 0, see_action, &search);
    if (search.seen == 0) buffer_text(&search.text, "there is none");
    if (search.met) buffer_free(&search.text);
    else fail(outcome, expectation, &search.text);
}

/* ---- running
 * ---------------------------------------------------------------------------------------------------------------------------
 */

static void run(const struct compilation *c, uint32_t index, struct test_outcome *outcome)
{
    const struct model *model = &c->model;
    const struct model_test *test = &model->tests[index];
    uint32_t *registers = memory_alloc((test->expectation_count + 1) * sizeof *registers);
    struct program *program = compilation_emit(c, index, registers);
    struct machine *machine = machine_new(program, test->as_of);
    struct batch *batch = batch_new(program, test->as_of, 1);
    batch_clear(batch);
    test_fill(model, test, program, batch);
    machine_run(machine, batch);
    outcome->expectations = test->expectation_count;
    for (size_t i = 0; i < test->expectation_count; i++) {
        const struct model_expectation *expectation = &test->expectations[i];
        if (expectation->kind == EXPECT_CONDITION)
            check_condition(model, expectation, registers[i], program, machine, outcome);
        else if (expectation->kind == EXPECT_ACTION) check_action(expectation, machine, outcome);
        else check_rule(expectation, program, machine, outcome);
    }
    batch_free(batch);
    machine_free(machine);
    program_free(program);
    free(registers);
}

static char *constant_text(const struct constant *constant)
{
    struct buffer text = { 0 };
    char number[NUMBER_TEXT];
    number_format(constant->units, number);
    switch (constant->kind) {
    case CONSTANT_NUMBER: buffer_text(&text, number); break;
    case CONSTANT_PERCENT: buffer_format(&text, "%s%%", number); break;
    case CONSTANT_TEXT: buffer_format(&text, "%.*s", (int)constant->literal.length, constant->literal.bytes); break;
    case CONSTANT_DURATION:
        buffer_format(&text, "%lld %s", (long long)constant->duration.count,
                      time_unit_name(constant->duration.unit, true));
        break;
    }
    return text.data;
}

void test_run(const struct compilation *compilation, const char *path, const struct options *options, uint32_t index,
              struct test_outcome *outcome)
{
    *outcome = (struct test_outcome) { 0 };
    const struct model_test *test = &compilation->model.tests[index];
    if (!test->sets_settings) {
        run(compilation, index, outcome);
        return;
    }
    /* A setting is a constant of the program: with another value it is another program. */
    struct setting_override *overrides = NULL;
    size_t count = 0, capacity = 0;
    for (size_t i = 0; i < options->setting_count; i++) {
        memory_reserve(&overrides, &capacity, count + 1, sizeof *overrides);
        overrides[count++] = options->settings[i];
    }
    size_t own = count;
    for (const struct tree_test_clause *clause = test->tree->test; clause; clause = clause->next) {
        if (clause->kind != TEST_GIVEN_SETTING) continue;
        memory_reserve(&overrides, &capacity, count + 1, sizeof *overrides);
        overrides[count++] = (struct setting_override) { clause->setting.text, constant_text(&clause->value) };
    }
    struct compilation *again = compilation_new();
    const struct source *main_source = &compilation->sources.files[0];
    (void)path;
    compilation_load_text(again, main_source->name, main_source->text, main_source->length, overrides, count);
    if (again->diags.errors == 0 && index < again->model.test_count) {
        run(again, index, outcome);
        /* Failures point into the compilation that is about to go; the same expectations stand in the first one. */
        for (size_t i = 0; i < outcome->failure_count; i++)
            outcome->failures[i].expectation =
                &test->expectations[outcome->failures[i].expectation - again->model.tests[index].expectations];
    } else {
        struct buffer text = { 0 };
        buffer_format(&text, "with these settings the rubric has a mistake: %s",
                      again->diags.count ? again->diags.items[0]->message : "unknown");
        outcome->problem = text.data;
    }
    compilation_free(again);
    for (size_t i = own; i < count; i++) free((void *)(uintptr_t)overrides[i].value);
    free(overrides);
}

void test_outcome_free(struct test_outcome *outcome)
{
    for (size_t i = 0; i < outcome->failure_count; i++) free(outcome->failures[i].text);
    free(outcome->failures);
    free(outcome->problem);
    *outcome = (struct test_outcome) { 0 };
}
