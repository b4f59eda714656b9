#include <errno.h>
#include <string.h>

#include "cli/command.h"

static int write_out(const struct options *options, const struct buffer *out)
{
    struct output output;
    int status = output_open(&output, options->value[OPTION_OUTPUT]);
    if (status != EXIT_FINE) return status;
    if (!output_write(&output, out)) {
        status = output_problem(&output);
        output_abandon(&output);
        return status;
    }
    return output_commit(&output);
}

int command_compile(const struct options *options)
{
    if (!options->value[OPTION_OUTPUT]) {
        say("rubric compile: where to?  -o FILE.rbc, or -o - for standard output\n");
        return EXIT_USAGE;
    }
    struct compilation *compilation;
    int status = load_rubric(options, options->arguments[0], &compilation);
    if (status != EXIT_FINE) return status;
    struct program *program = compilation_emit(compilation, NO_INDEX, NULL);
    struct buffer out = { 0 };
    image_write(program, &out);
    status = write_out(options, &out);
    buffer_free(&out);
    program_free(program);
    compilation_free(compilation);
    return status;
}

struct listing { const struct compilation *compilation; char line[400]; };

static const char *line_text(void *context, uint32_t file, uint32_t line)
{
    struct listing *listing = context;
    if (!listing->compilation || file >= listing->compilation->sources.count) return NULL;
    struct text_line text = source_line(&listing->compilation->sources, file, line);
    uint32_t skip = 0;
    while (skip < text.length && text.bytes[skip] == ' ') skip++;
    size_t length = text.length - skip < sizeof listing->line - 1 ? text.length - skip : sizeof listing->line - 1;
    memcpy(listing->line, text.bytes + skip, length);
    listing->line[length] = 0;
    return listing->line;
}

int command_disasm(const struct options *options)
{
    struct program *program;
    struct compilation *compilation;
    int status = load_program(options, options->arguments[0], &program, &compilation);
    if (status != EXIT_FINE) return status;
    struct listing listing = { .compilation = compilation };
    struct buffer out = { 0 };
    program_disassemble(program, line_text, &listing, &out);
    status = write_out(options, &out);
    buffer_free(&out);
    program_free(program);
    compilation_free(compilation);
    return status;
}
