#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/score_threads.h"
#include "vm/limits.h"

/* Not an exit status: everything was scored and written, but --strict finds fault with the data. */
#define VERDICT_BAD_DATA (-1)

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
        else {
            say("rubric score: --format needs ndjson, csv or table, not `%s`\n", name);
            return false;
        }
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

struct progress {
    bool wanted;
    double start, last;
};

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

struct run {
    struct output *output;
    const struct input *input;
    struct progress progress;
};

static bool write_block(void *context, const struct buffer *out)
{
    return output_write(((struct run *)context)->output, out);
}

static void tell_progress(void *context, size_t leads)
{
    struct run *run = context;
    show_progress(&run->progress, run->input, leads);
}

/* All processors for what is worth it; a small file is done before a second thread has started. */
static long threads_by_default(const struct input *input)
{
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    return input_bytes_total(input) > (8u << 20) && processors > 1 ? (processors > 16 ? 16 : processors) : 1;
}

static int score_all(const struct options *options, const struct program *program, int64_t as_of,
                     enum results_format format, const struct results_options *wanted, struct output *output)
{
    long batch_size, threads;
    if (!option_number(options, OPTION_BATCH, 1, LIMIT_BATCH_LEADS, LIMIT_BATCH_LEADS, &batch_size)) return EXIT_USAGE;
    if (!option_number(options, OPTION_THREADS, 1, 256, 0, &threads)) return EXIT_USAGE;
    struct reports reports;
    struct input *input;
    int status = open_leads(options, program, options->arguments + 1, options->argument_count - 1, &reports, &input);
    if (status != EXIT_FINE) return status;
    if (threads == 0) threads = threads_by_default(input);
    if (format == RESULTS_TABLE) threads = 1; /* the columns of a table are as wide as what comes */
    struct run run = { output,
                       input,
                       { .wanted = !options->value[OPTION_QUIET] && isatty(STDERR_FILENO) && output->stream != stdout,
                         .start = seconds() } };
    struct results *results = results_new(program, format, wanted);
    struct buffer out = { 0 };
    struct score_result result = { INPUT_END, true, 0 };
    results_begin(results, &out);
    if (threads > 1) {
        result.written = output_write(output, &out);
        buffer_reset(&out);
        struct score_job job = { program, as_of,       (uint32_t)batch_size, input, format,
                                 wanted,  write_block, tell_progress,        &run };
        if (result.written) result = score_threads(&job, (unsigned)threads);
        if (result.state == INPUT_END && input_events_failed(input)) result.state = INPUT_FAILED;
    } else {
        struct machine *machine = machine_new(program, as_of);
        struct batch *batch = batch_new(program, as_of, (uint32_t)batch_size);
        while (result.written && (result.state = input_fill(input, batch)) == INPUT_FILLED) {
            machine_run(machine, batch);
            results_batch(results, machine, NULL, &out);
            result.scored = results_written(results);
            if (out.length > (1u << 18)) {
                result.written = output_write(output, &out);
                buffer_reset(&out);
            }
            show_progress(&run.progress, input, result.scored);
        }
        batch_free(batch);
        machine_free(machine);
    }
    results_end(results, &out);
    if (result.written)
        result.written = output_write(output, &out) && fflush(output->stream) == 0; /* before anything is said of it */
    if (run.progress.last > 0) fprintf(stderr, "\r\033[K");
    if (!result.written) status = output_problem(output);
    else if (result.state == INPUT_FAILED) {
        say("rubric: %s\n", input_problem(input));
        status = input_machine_failed(input) ? EXIT_MACHINE : EXIT_FAULT;
    }
    input_finish(input);
    const struct input_summary *summary = input_summary(input);
    if (status == EXIT_FINE && summary->leads != result.scored) {
        say("rubric: %" PRIu64 " leads were read but %zu scored: this is a mistake of Rubric, please report it\n",
                summary->leads, result.scored);
        status = EXIT_MACHINE;
    }
    reports.incomplete = status != EXIT_FINE;
    int closing = close_leads(options, &reports, input, result.scored);
    if (status == EXIT_FINE) status = closing == EXIT_FAULT ? VERDICT_BAD_DATA : closing;
    buffer_free(&out);
    results_free(results);
    return status;
}

/* Says which name is no column, and what there is. */
static int columns_problem(const struct program *program, const struct results_options *wanted)
{
    size_t length;
    const char *name = wanted->columns ? results_column_unknown(program, wanted, &length) : NULL;
    if (!name) return EXIT_FINE;
    say("rubric score: --columns: `%.*s` is no column of this rubric's results; they are\n  ", (int)length,
            name);
    struct results_options all = { .reasons = wanted->reasons, .trace = true };
    struct results *results = results_new(program, RESULTS_CSV, &all);
    struct buffer names = { 0 };
    results_begin(results, &names);
    fwrite(names.data, 1, names.length, stderr);
    buffer_free(&names);
    results_free(results);
    return EXIT_USAGE;
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
    if (!results_format(options, &format) ||
        !option_number(options, OPTION_REASONS, 0, RESULTS_MOST_REASONS, 0, &reasons))
        return EXIT_USAGE;
    if (format != RESULTS_CSV && (options->value[OPTION_COLUMNS] || options->value[OPTION_NO_HEADER])) {
        say("rubric score: %s is for CSV: give --format csv, or -o a file that ends in .csv\n",
                options->value[OPTION_COLUMNS] ? "--columns" : "--no-header");
        return EXIT_USAGE;
    }
    int status = run_instant(options, &as_of, &given);
    if (status != EXIT_FINE) return status;
    struct program *program;
    struct compilation *compilation;
    status = load_program(options, options->arguments[0], &program, &compilation);
    if (status != EXIT_FINE) return status;
    compilation_free(compilation);
    struct results_options wanted = { .trace = options->value[OPTION_TRACE] != NULL,
                                      .reasons = (uint32_t)reasons,
                                      .guard_formulas = options->value[OPTION_GUARD_FORMULAS] != NULL,
                                      .columns = options->value[OPTION_COLUMNS],
                                      .no_header = options->value[OPTION_NO_HEADER] != NULL };
    status = columns_problem(program, &wanted);
    if (status != EXIT_FINE) {
        program_free(program);
        return status;
    }
    struct output output;
    status = output_open(&output, options->value[OPTION_OUTPUT]);
    if (status == EXIT_FINE) {
        if (!given && !options->value[OPTION_QUIET]) {
            char text[INSTANT_TEXT];
            instant_format(as_of, text);
            say("as of %s\n", text);
        }
        wanted.width = terminal_width(output.stream);
        status = score_all(options, program, as_of, format, &wanted, &output);
        bool verdict = status == VERDICT_BAD_DATA; /* of --strict: the results are whole all the same */
        if (verdict) status = EXIT_FAULT;
        if (status == EXIT_FINE || verdict) {
            int commit = output_commit(&output);
            if (commit != EXIT_FINE) status = commit;
        } else output_abandon(&output);
    }
    program_free(program);
    return status;
}
