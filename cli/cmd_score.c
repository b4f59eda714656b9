#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "cli/command.h"
#include "vm/limits.h"

static bool ends_with(const char *text, const char *end)
{
    size_t a = strlen(text), b = strlen(end);
    return a >= b && strcmp(text + a - b, end) == 0;
}

static bool results_format(const struct options *options, enum results_format *format)
{
    const char *name = options->value[OPTION_FORMAT], *path = options->value[OPTION_OUTPUT];
    if (name) {
        if (strcmp(name, "ndjson") == 0) *format = RESULTS_NDJSON;
        else if (strcmp(name, "csv") == 0) *format = RESULTS_CSV;
        else if (strcmp(name, "table") == 0) *format = RESULTS_TABLE;
        else { fprintf(stderr, "rubric score: --format needs ndjson, csv or table, not `%s`\n", name); return false; }
        return true;
    }
    if (path && ends_with(path, ".csv")) *format = RESULTS_CSV;
    else if (path && (ends_with(path, ".txt") || ends_with(path, ".table"))) *format = RESULTS_TABLE;
    else if (!path && isatty(STDOUT_FILENO)) *format = RESULTS_TABLE;
    else *format = RESULTS_NDJSON;
    return true;
}

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

struct progress { bool wanted; double start, last; };

static void show_progress(struct progress *progress, const struct input *input, uint64_t leads)
{
    double now = seconds();
    if (!progress->wanted || now - progress->last < 0.5) return;
    progress->last = now;
    double spent = now - progress->start;
    uint64_t total = input_bytes_total(input), read = input_bytes_read(input);
    fprintf(stderr, "\r%" PRIu64 " leads, %.0f a second", leads, spent > 0 ? (double)leads / spent : 0);
    if (total && read && read <= total) fprintf(stderr, ", %.0f s left", spent * (double)(total - read) / (double)read);
    fprintf(stderr, "\033[K");
}

static int score_all(const struct options *options, const struct program *program, int64_t as_of, struct results *results, struct output *output)
{
    long batch_size;
    if (!option_number(options, OPTION_BATCH, 1, LIMIT_BATCH_LEADS, LIMIT_BATCH_LEADS, &batch_size)) return EXIT_USAGE;
    struct reports reports;
    struct input *input;
    int status = open_leads(options, program, options->arguments + 1, options->argument_count - 1, &reports, &input);
    if (status != EXIT_FINE) return status;
    struct machine *machine = machine_new(program, as_of);
    struct batch *batch = batch_new(program, as_of, (uint32_t)batch_size);
    struct buffer out = { 0 };
    struct progress progress = { .wanted = !options->value[OPTION_QUIET] && isatty(STDERR_FILENO) && output->stream != stdout, .start = seconds() };
    size_t scored = 0;
    enum input_state state;
    bool written = true;
    results_begin(results, &out);
    while (written && (state = input_fill(input, batch)) == INPUT_FILLED) {
        machine_run(machine, batch);
        results_batch(results, machine, NULL, &out);
        scored += batch->leads;
        if (out.length > (1u << 18)) { written = output_write(output, &out); buffer_reset(&out); }
        show_progress(&progress, input, scored);
    }
    results_end(results, &out);
    if (written) written = output_write(output, &out);
    if (progress.last > 0) fprintf(stderr, "\r\033[K");
    if (!written) status = output_problem(output);
    else if (state == INPUT_FAILED) {
        fprintf(stderr, "rubric: %s\n", input_problem(input));
        status = EXIT_FAULT;
    }
    input_finish(input);
    int closing = close_leads(options, &reports, input, scored);
    if (status == EXIT_FINE) status = closing;
    buffer_free(&out);
    batch_free(batch);
    machine_free(machine);
    return status;
}

static uint32_t terminal_width(FILE *stream)
{
    struct winsize size;
    if (isatty(fileno(stream)) && ioctl(fileno(stream), TIOCGWINSZ, &size) == 0 && size.ws_col > 20) return size.ws_col;
    return 0;
}

int command_score(const struct options *options)
{
    enum results_format format;
    int64_t as_of;
    bool given;
    long reasons;
    if (!results_format(options, &format) || !option_number(options, OPTION_REASONS, 0, RESULTS_MOST_REASONS, 0, &reasons)) return EXIT_USAGE;
    int status = run_instant(options, &as_of, &given);
    if (status != EXIT_FINE) return status;
    struct program *program;
    struct compilation *compilation;
    status = load_program(options, options->arguments[0], &program, &compilation);
    if (status != EXIT_FINE) return status;
    compilation_free(compilation);
    struct output output;
    status = output_open(&output, options->value[OPTION_OUTPUT]);
    if (status == EXIT_FINE) {
        if (!given && !options->value[OPTION_QUIET]) {
            char text[INSTANT_TEXT];
            instant_format(as_of, text);
            fprintf(stderr, "as of %s\n", text);
        }
        struct results_options wanted = { .trace = options->value[OPTION_TRACE] != NULL, .reasons = (uint32_t)reasons,
                                          .guard_formulas = options->value[OPTION_GUARD_FORMULAS] != NULL, .width = terminal_width(output.stream) };
        struct results *results = results_new(program, format, &wanted);
        status = score_all(options, program, as_of, results, &output);
        /* Bad data under --strict is a verdict on the data: the results are whole all the same. */
        if (status == EXIT_FINE || (status == EXIT_FAULT && options->value[OPTION_STRICT])) {
            int commit = output_commit(&output);
            if (commit != EXIT_FINE) status = commit;
        } else output_abandon(&output);
        results_free(results);
    }
    program_free(program);
    return status;
}
