#include <string.h>

#include "cli/command.h"
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
    printf("%s: nothing is wrong (%zu rule%s", path, rules, rules == 1 ? "" : "s");
    if (disqualifications) printf(", %zu disqualification%s", disqualifications, disqualifications == 1 ? "" : "s");
    printf(", %zu test%s)\n", model->test_count, model->test_count == 1 ? "" : "s");
}

static int check_one(const struct options *options, const char *path)
{
    struct compilation *c = compilation_new();
    compilation_load(c, path, options->settings, options->setting_count);
    const char *format = options->value[OPTION_FORMAT];
    if (options->value[OPTION_DUMP] && c->main_file) dump_tree(c);
    struct buffer text = { 0 };
    if (!format || strcmp(format, "text") == 0)
        render_pretty(&c->diags, &c->sources, (struct render_options){ color_wanted(options, stdout), unicode_wanted(), 0 }, &text);
    else if (strcmp(format, "json") == 0) render_json(&c->diags, &c->sources, &text);
    else if (strcmp(format, "line") == 0) render_lines(&c->diags, &c->sources, &text);
    else if (strcmp(format, "github") == 0) render_github(&c->diags, &c->sources, &text);
    else if (strcmp(format, "sarif") == 0) render_sarif(&c->diags, &c->sources, &text);
    fwrite(text.data ? text.data : "", 1, text.length, stdout);
    buffer_free(&text);
    int status = c->diags.errors ? EXIT_FAULT : EXIT_FINE;
    if (status == EXIT_FINE && c->diags.count == 0 && (!format || strcmp(format, "text") == 0) && !options->value[OPTION_QUIET])
        print_fine(path, &c->model);
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
        fprintf(stderr, "rubric check: --format needs text, json, sarif, github or line, not `%s`\n", format);
        return EXIT_USAGE;
    }
    int status = EXIT_FINE;
    for (size_t i = 0; i < options->argument_count; i++) {
        int one = check_one(options, options->arguments[i]);
        if (one > status) status = one;
    }
    return status;
}
