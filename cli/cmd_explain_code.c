/* `rubric explain-code CODE`: what a message means, with a rubric that brings it and one that does not. */
#include <string.h>

#include "cli/command.h"
#include "compiler/render.h"

/* What the check says about the wrong example, as far as it is said before anything is proved. */
static void print_said(const struct options *options, const char *text)
{
    struct compilation *c = compilation_new();
    compilation_load_text(c, "wrong.rubric", text, strlen(text), NULL, 0);
    if (c->diags.count > 0) {
        struct buffer said = { 0 };
        render_pretty(&c->diags, &c->sources,
                      (struct render_options) { color_wanted(options, stdout), unicode_wanted(), 0 }, &said);
        printf("\nwhat the check says of it:\n\n%s", said.data);
        buffer_free(&said);
    }
    compilation_free(c);
}

static void print_list(void)
{
    enum diagnostic_code codes[DIAGNOSTIC_COUNT];
    diagnostic_codes_in_order(codes);
    for (size_t i = 0; i < DIAGNOSTIC_COUNT; i++) {
        const struct diagnostic_facts *facts = diagnostic_facts(codes[i]);
        printf("%-6s %-9s %s\n", facts->code, severity_name(facts->severity), facts->title);
    }
}

int command_explain_code(const struct options *options)
{
    if (options->argument_count == 0) {
        print_list();
        return EXIT_FINE;
    }
    enum diagnostic_code code;
    if (!diagnostic_find(options->arguments[0], &code)) {
        say("rubric explain-code: there is no message `%s`; without a code, all are listed\n",
                options->arguments[0]);
        return EXIT_USAGE;
    }
    const struct diagnostic_facts *facts = diagnostic_facts(code);
    printf("%s (%s): %s\n\n%s\n", facts->code, severity_name(facts->severity), facts->title, facts->explanation);
    if (facts->wrong[0]) {
        printf("\nwrong:\n\n%s", facts->wrong);
        print_said(options, facts->wrong);
    }
    if (facts->right[0]) printf("\nright:\n\n%s", facts->right);
    return EXIT_FINE;
}
