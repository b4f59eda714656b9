#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

#include "cli/replay.h"
#include "cli/testing.h"
#include "compiler/conflicts/conflicts.h"
#include "compiler/render.h"

static int dump_tree(const struct compilation *compilation)
{
    struct buffer text = { 0 };
    tree_print(compilation->main_file, &text);
    fwrite(text.data ? text.data : "", 1, text.length, stdout);
    buffer_free(&text);
    return EXIT_FINE;
}

static void print_fine(const char *path, const struct model *model)
{
    size_t disqualifications = 0;
    for (size_t i = 0; i < model->rule_count; i++) disqualifications += model->rules[i].disqualifies;
    size_t rules = model->rule_count - disqualifications;
    show(stdout, "%s: nothing is wrong (%zu rule%s", path, rules, rules == 1 ? "" : "s");
    if (disqualifications) printf(", %zu disqualification%s", disqualifications, disqualifications == 1 ? "" : "s");
    printf(", %zu test%s)\n", model->test_count, model->test_count == 1 ? "" : "s");
}

static bool severity_named(const char *name, enum severity *severity)
{
    static const char *const names[] = { "note", "warning", "conflict", "error" };
    for (int i = 0; i < 4; i++)
        if (strcmp(name, names[i]) == 0) {
            *severity = (enum severity)i;
            return true;
        }
    return false;
}

/* "10s", "500ms", "2m": milliseconds. */
static bool budget_parse(const char *text, int64_t *milliseconds)
{
    char *end;
    long value = strtol(text, &end, 10);
    if (end == text || value < 1 || value > 1000000) return false;
    int64_t unit = strcmp(end, "ms") == 0               ? 1
                   : strcmp(end, "s") == 0 || *end == 0 ? 1000
                   : strcmp(end, "m") == 0              ? 60000
                                                        : 0;
    *milliseconds = value * unit;
    return unit != 0;
}

/* Which rules some test of the rubric makes fire; tests with settings of their own count with the rubric's. */
static bool *fired_in_tests(const struct compilation *c)
{
    bool *fired = memory_alloc(c->model.rule_count + 1);
    struct program *program = compilation_emit(c, NO_INDEX, NULL);
    for (size_t t = 0; t < c->model.test_count; t++) {
        const struct model_test *test = &c->model.tests[t];
        struct machine *machine = machine_new(program, test->as_of);
        struct batch *batch = batch_new(program, test->as_of, 1);
        batch_clear(batch);
        test_fill(&c->model, test, program, batch);
        machine_run(machine, batch);
        for (uint32_t r = 0; r < program->rule_count; r++)
            fired[r] |= machine_condition(machine, program->rules[r].fires, 0) == TRUTH_HOLDS;
        batch_free(batch);
        machine_free(machine);
    }
    program_free(program);
    return fired;
}

static struct conflict_report *prove(struct compilation *c, int64_t as_of, int64_t budget_ms)
{
    struct replay *replay = replay_new(c);
    bool *fired = fired_in_tests(c);
    struct conflict_options wanted = { .as_of = as_of,
                                       .budget_ms = budget_ms,
                                       .want_reach = true,
                                       .hygiene = true,
                                       .replay = replay_witness,
                                       .context = replay,
                                       .fired_in_tests = fired };
    struct conflict_report *report = conflicts_check(&c->model, &wanted, &c->diags);
    diagnostics_finish(&c->diags);
    free(fired);
    replay_free(replay);
    return report;
}

/* The witnesses as tests that can be pasted into the rubric. */
static void print_tests(const struct compilation *c)
{
    for (size_t i = 0; i < c->diags.count; i++) {
        const struct diagnostic *d = c->diags.items[i];
        if (!d->witness) continue;
        struct position at = source_position(&c->sources, d->span.file, d->span.start);
        printf("# %s, line %u: %s\n%s\n", diagnostic_facts(d->code)->code, at.line, d->message, d->witness);
    }
}

/* --explain: what each kind of finding means, once, and how it is known. */
static void explain_findings(struct diagnostics *diags)
{
    bool *told = memory_alloc(DIAGNOSTIC_COUNT);
    for (size_t i = 0; i < diags->count; i++) {
        struct diagnostic *d = diags->items[i];
        if (d->code == C1090)
            diagnostic_note(d, "how it is known: it is not; the question was left open rather than guessed");
        else if (d->witness)
            diagnostic_note(d, "how it is known: the conditions were solved for all leads there can be; the lead that "
                               "is shown was then scored by the machine");
        else if (diagnostic_facts(d->code)->code[0] == 'C')
            diagnostic_note(
                d, "how it is known: no lead there can be does otherwise; the conditions were solved, not sampled");
        if (!told[d->code]) diagnostic_note(d, "%s", diagnostic_facts(d->code)->explanation);
        told[d->code] = true;
    }
    free(told);
}

/* SARIF is one document however many files are checked: each file is a run of it. */
static void sarif_join(cJSON **document, const char *text)
{
    cJSON *one = cJSON_Parse(text);
    if (!*document) {
        *document = one;
        return;
    }
    cJSON *runs = cJSON_GetObjectItem(one, "runs"), *all = cJSON_GetObjectItem(*document, "runs");
    while (cJSON_GetArraySize(runs) > 0) cJSON_AddItemToArray(all, cJSON_DetachItemFromArray(runs, 0));
    cJSON_Delete(one);
}

static int check_one(const struct options *options, const char *path, enum severity fail_on, int64_t as_of,
                     int64_t budget_ms, cJSON **sarif)
{
    struct compilation *c = compilation_new();
    compilation_load(c, path, options->settings, options->setting_count);
    const char *format = options->value[OPTION_FORMAT];
    bool text_format = !format || strcmp(format, "text") == 0;
    if (options->value[OPTION_DUMP] && c->main_file) dump_tree(c);
    struct conflict_report *report = c->diags.errors == 0 ? prove(c, as_of, budget_ms) : NULL;
    if (options->value[OPTION_EXPLAIN]) explain_findings(&c->diags);
    struct buffer text = { 0 };
    if (options->value[OPTION_TESTS]) print_tests(c);
    else if (text_format)
        render_pretty(&c->diags, &c->sources,
                      (struct render_options) { color_wanted(options, stdout), unicode_wanted(), 0 }, &text);
    else if (strcmp(format, "json") == 0) render_json(&c->diags, &c->sources, &text);
    else if (strcmp(format, "line") == 0) render_lines(&c->diags, &c->sources, &text);
    else if (strcmp(format, "github") == 0) render_github(&c->diags, &c->sources, &text);
    else if (strcmp(format, "sarif") == 0) {
        render_sarif(&c->diags, &c->sources, &text);
        sarif_join(sarif, text.data);
        buffer_reset(&text);
    }
    fwrite(text.data ? text.data : "", 1, text.length, stdout);
    buffer_free(&text);
    int status = EXIT_FINE;
    for (size_t i = 0; i < c->diags.count; i++)
        if (c->diags.items[i]->severity >= fail_on) status = EXIT_FAULT;
    if (report && text_format && !options->value[OPTION_QUIET] && !options->value[OPTION_TESTS]) {
        if (report->more && c->diags.count)
            printf("%zu more of the same kind %s not shown\n", report->more, report->more == 1 ? "is" : "are");
        if (report->not_proven)
            printf("%zu question%s could not be proved either way\n", report->not_proven,
                   report->not_proven == 1 ? "" : "s");
        if (report->allowed)
            printf("%zu finding%s allowed by the rubric\n", report->allowed, report->allowed == 1 ? " is" : "s are");
        if (c->diags.count == 0) print_fine(path, &c->model);
    }
    if (report) conflicts_free(report);
    compilation_free(c);
    return status;
}

int command_check(const struct options *options)
{
    static const char *const formats[] = { "text", "json", "sarif", "github", "line" };
    const char *format = options->value[OPTION_FORMAT];
    bool known = !format;
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) known |= format && strcmp(format, formats[i]) == 0;
    if (!known) {
        say("rubric check: --format needs text, json, sarif, github or line, not `%s`\n", format);
        return EXIT_USAGE;
    }
    enum severity fail_on = SEVERITY_CONFLICT;
    if (options->value[OPTION_FAIL_ON] && !severity_named(options->value[OPTION_FAIL_ON], &fail_on)) {
        say("rubric check: --fail-on needs error, conflict, warning or note, not `%s`\n",
                options->value[OPTION_FAIL_ON]);
        return EXIT_USAGE;
    }
    int64_t as_of, budget_ms = 0;
    if (options->value[OPTION_BUDGET] && !budget_parse(options->value[OPTION_BUDGET], &budget_ms)) {
        say("rubric check: --budget needs a time such as 10s, not `%s`\n", options->value[OPTION_BUDGET]);
        return EXIT_USAGE;
    }
    int status = run_instant(options, &as_of, NULL);
    if (status != EXIT_FINE) return status;
    cJSON *sarif = NULL;
    for (size_t i = 0; i < options->argument_count; i++) {
        int one = check_one(options, options->arguments[i], fail_on, as_of, budget_ms, &sarif);
        if (one > status) status = one;
    }
    if (sarif) {
        char *text = cJSON_Print(sarif);
        if (text) puts(text);
        free(text);
        cJSON_Delete(sarif);
    }
    return status;
}
