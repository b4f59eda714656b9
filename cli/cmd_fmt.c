#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/command.h"
#include "compiler/format.h"

/* The lines that differ, in the manner of diff -u without context: what goes, what comes. */
static void print_difference(const char *name, const char *old, const char *new)
{
    char old_path[] = "/tmp/rubric-old-XXXXXX", new_path[] = "/tmp/rubric-new-XXXXXX";
    int a = mkstemp(old_path), b = mkstemp(new_path);
    if (a < 0 || b < 0) return;
    FILE *first = fdopen(a, "w"), *second = fdopen(b, "w");
    if (!first || !second) memory_refused();
    fputs(old, first);
    fputs(new, second);
    fclose(first);
    fclose(second);
    fflush(stdout);
    struct buffer command = { 0 };
    buffer_format(&command, "diff -u --label '%s' --label '%s' %s %s", "as it is", "formatted", old_path, new_path);
    show(stdout, "%s\n", name);
    fflush(stdout);
    if (system(command.data) < 0) say("rubric fmt: diff could not be started\n");
    buffer_free(&command);
    unlink(old_path);
    unlink(new_path);
}

static int format_one(const struct options *options, const char *path)
{
    size_t length;
    char *text = read_all(path, &length);
    if (!text) {
        say("rubric: %s: %s\n", path, strerror(errno));
        return EXIT_FAULT;
    }
    struct compilation *c = compilation_new();
    uint32_t file = source_add(&c->sources, path, NULL, text, length);
    struct tree_file *tree = parse_file(&c->sources, file, &c->diags, &c->arena);
    diagnostics_finish(&c->diags);
    int status = EXIT_FINE;
    struct buffer out = { 0 };
    if (c->diags.errors) {
        print_diagnostics(options, c, stderr);
        status = EXIT_FAULT;
    } else {
        format_file(tree, &c->sources, &out);
        if (out.length == 0 && length > 0 && tree->declarations) {
            say("rubric fmt: %s came out empty: this is a mistake of Rubric, please report it; the file is as it was\n",
                path);
            buffer_free(&out);
            compilation_free(c);
            free(text);
            return EXIT_MACHINE;
        }
        bool same = out.length == length && memcmp(out.data, text, length) == 0;
        if (options->value[OPTION_DIFF]) {
            if (!same) print_difference(path, text, out.data);
        } else if (options->value[OPTION_CHECK]) {
            if (!same) show(stdout, "%s is not in the canonical layout; run `rubric fmt %s`\n", path, path);
        } else if (strcmp(path, "-") == 0 || options->value[OPTION_OUTPUT]) {
            struct output output;
            status = output_open(&output, options->value[OPTION_OUTPUT]);
            if (status == EXIT_FINE) {
                if (!output_write(&output, &out)) {
                    status = output_problem(&output);
                    output_abandon(&output);
                } else status = output_commit(&output);
            }
        } else if (!same) {
            struct output output;
            status = output_open(&output, path);
            if (status == EXIT_FINE) {
                if (!output_write(&output, &out)) {
                    status = output_problem(&output);
                    output_abandon(&output);
                } else status = output_commit(&output);
            }
        }
        if (!same && options->value[OPTION_CHECK]) status = EXIT_FAULT;
    }
    buffer_free(&out);
    compilation_free(c);
    free(text);
    return status;
}

int command_fmt(const struct options *options)
{
    int status = EXIT_FINE;
    for (size_t i = 0; i < options->argument_count; i++) {
        int one = format_one(options, options->arguments[i]);
        if (one > status) status = one;
    }
    return status;
}
