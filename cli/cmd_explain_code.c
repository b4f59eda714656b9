#include "cli/command.h"

static const char *severity_name(enum severity severity)
{
    switch (severity) {
    case SEVERITY_NOTE: return "note";
    case SEVERITY_WARNING: return "warning";
    case SEVERITY_CONFLICT: return "conflict";
    case SEVERITY_ERROR: return "error";
    }
    return "";
}

int command_explain_code(const struct options *options)
{
    if (options->argument_count == 0) {
        for (unsigned code = 0; code < DIAGNOSTIC_COUNT; code++) {
            const struct diagnostic_facts *facts = diagnostic_facts((enum diagnostic_code)code);
            printf("%-6s %-9s %s\n", facts->code, severity_name(facts->severity), facts->title);
        }
        return EXIT_FINE;
    }
    enum diagnostic_code code;
    if (!diagnostic_find(options->arguments[0], &code)) {
        fprintf(stderr, "rubric explain-code: there is no message `%s`; without a code, all are listed\n", options->arguments[0]);
        return EXIT_USAGE;
    }
    const struct diagnostic_facts *facts = diagnostic_facts(code);
    printf("%s (%s): %s\n\n%s\n", facts->code, severity_name(facts->severity), facts->title, facts->explanation);
    if (facts->wrong[0]) printf("\nwrong:\n\n%s", facts->wrong);
    if (facts->right[0]) printf("\nright:\n\n%s", facts->right);
    return EXIT_FINE;
}
