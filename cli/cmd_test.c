#include <string.h>

#include "cli/testing.h"

static void xml_text(FILE *stream, const char *text)
{
    for (; *text; text++) switch (*text) {
        case '&': fputs("&amp;", stream); break;
        case '<': fputs("&lt;", stream); break;
        case '>': fputs("&gt;", stream); break;
        case '"': fputs("&quot;", stream); break;
        default:
            if ((unsigned char)*text >= 32 || *text == '\n' || *text == '\t') fputc(*text, stream);
            break;
        }
}

static void junit_case(FILE *stream, const char *path, const struct model_test *test,
                       const struct test_outcome *outcome)
{
    if (!stream) return;
    fputs("  <testcase classname=\"", stream);
    xml_text(stream, path);
    fputs("\" name=\"", stream);
    xml_text(stream, test->name);
    fputs(outcome->failure_count || outcome->problem ? "\">\n" : "\"/>\n", stream);
    if (!outcome->failure_count && !outcome->problem) return;
    for (size_t i = 0; i < outcome->failure_count; i++) {
        fputs("    <failure message=\"", stream);
        xml_text(stream, outcome->failures[i].text);
        fputs("\"/>\n", stream);
    }
    if (outcome->problem) {
        fputs("    <error message=\"", stream);
        xml_text(stream, outcome->problem);
        fputs("\"/>\n", stream);
    }
    fputs("  </testcase>\n", stream);
}

struct totals {
    size_t passed, failed;
};

static void report(const struct compilation *c, const struct model_test *test, const struct test_outcome *outcome,
                   bool color)
{
    struct position at = source_position(&c->sources, test->tree->span.file, test->tree->span.start);
    printf("%sFAILED%s \"", color ? "\033[1;31m" : "", color ? "\033[0m" : "");
    show(stdout, "%s\" (%s:", test->name, c->sources.files[test->tree->span.file].name);
    printf("%u)\n", at.line);
    for (size_t i = 0; i < outcome->failure_count; i++) {
        const struct tree_test_clause *clause = outcome->failures[i].expectation->tree;
        struct position line = source_position(&c->sources, clause->span.file, clause->span.start);
        printf("  line %u: ", line.line);
        show(stdout, "%s\n", outcome->failures[i].text);
    }
    if (outcome->problem) show(stdout, "  %s\n", outcome->problem);
    if (!outcome->expectations && !outcome->problem) printf("  it expects nothing\n");
}

static int test_one(const struct options *options, const char *path, struct totals *totals, FILE *junit)
{
    struct compilation *c;
    int status = load_rubric(options, path, &c);
    if (status != EXIT_FINE) return status;
    for (uint32_t i = 0; i < c->model.test_count; i++) {
        struct test_outcome outcome;
        test_run(c, path, options, i, &outcome);
        junit_case(junit, path, &c->model.tests[i], &outcome);
        if (outcome.failure_count || outcome.problem) {
            totals->failed++;
            report(c, &c->model.tests[i], &outcome, color_wanted(options, stdout));
            status = EXIT_FAULT;
        } else totals->passed++;
        test_outcome_free(&outcome);
    }
    compilation_free(c);
    return status;
}

int command_test(const struct options *options)
{
    struct totals totals = { 0 };
    int status = EXIT_FINE;
    struct output output = { 0 };
    const char *junit = options->value[OPTION_JUNIT];
    if (junit) {
        status = output_open(&output, junit);
        if (status != EXIT_FINE) return status;
        fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuite name=\"rubric\">\n", output.stream);
    }
    for (size_t i = 0; i < options->argument_count; i++) {
        int one = test_one(options, options->arguments[i], &totals, junit ? output.stream : NULL);
        if (one > status) status = one;
    }
    if (junit) {
        fputs("</testsuite>\n", output.stream);
        int commit = output_commit(&output);
        if (commit > status) status = commit;
    }
    printf("%zu passed, %zu failed\n", totals.passed, totals.failed);
    return status;
}
