/* Loading rubrics and leads, the reports of a run, output that appears whole. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "compiler/render.h"
#include "vm/limits.h"
#include "vm/printable.h"

/* ---- rubrics
 * ----------------------------------------------------------------------------------------------------------------------
 */

char *read_all(const char *path, size_t *length)
{
    FILE *stream = strcmp(path, "-") == 0 ? stdin : fopen(path, "rb");
    if (!stream && errno == ENOMEM) memory_refused();
    if (!stream) return NULL;
    struct buffer text = { 0 };
    char block[65536];
    size_t got;
    while ((got = fread(block, 1, sizeof block, stream)) > 0) buffer_add(&text, block, got);
    int problem = ferror(stream) ? (errno ? errno : EIO) : 0;
    if (stream != stdin) fclose(stream);
    if (problem) {
        buffer_free(&text);
        errno = problem;
        return NULL;
    }
    *length = text.length;
    return text.data ? text.data : memory_alloc(1);
}

void print_diagnostics(const struct options *options, const struct compilation *compilation, FILE *stream)
{
    if (compilation->diags.count == 0) return;
    struct buffer text = { 0 };
    render_pretty(&compilation->diags, &compilation->sources,
                  (struct render_options) { color_wanted(options, stream), unicode_wanted(), 0 }, &text);
    fwrite(text.data, 1, text.length, stream);
    buffer_free(&text);
}

int load_rubric(const struct options *options, const char *path, struct compilation **compilation)
{
    *compilation = compilation_new();
    bool read = compilation_load(*compilation, path, options->settings, options->setting_count);
    if (read && (*compilation)->diags.errors == 0) return EXIT_FINE;
    print_diagnostics(options, *compilation, stderr);
    compilation_free(*compilation);
    *compilation = NULL;
    return EXIT_FAULT;
}

int load_program(const struct options *options, const char *path, struct program **program,
                 struct compilation **compilation)
{
    *compilation = NULL;
    size_t length;
    char *bytes = read_all(path, &length);
    if (!bytes) {
        int status = errno == EIO ? EXIT_MACHINE : EXIT_FAULT;
        say("rubric: %s: %s\n", path, strerror(errno));
        return status;
    }
    if (image_is(bytes, length)) {
        char problem[512];
        int status = EXIT_FINE;
        if (options->setting_count) {
            say("rubric: %s is compiled, and its settings with it; use --set when compiling, or with the .rubric\n",
                    path);
            status = EXIT_USAGE;
        } else if (!(*program = image_read(bytes, length, problem, sizeof problem))) {
            say("rubric: %s cannot be used: %s\n", path, problem);
            status = EXIT_FAULT;
        }
        free(bytes);
        return status;
    }
    *compilation = compilation_new();
    compilation_load_text(*compilation, strcmp(path, "-") == 0 ? "standard input" : path, bytes, length,
                          options->settings, options->setting_count);
    free(bytes);
    if ((*compilation)->diags.errors) {
        print_diagnostics(options, *compilation, stderr);
        compilation_free(*compilation);
        *compilation = NULL;
        return EXIT_FAULT;
    }
    *program = compilation_emit(*compilation, NO_INDEX, NULL);
    return EXIT_FINE;
}

/* ---- leads
 * --------------------------------------------------------------------------------------------------------------------------
 */

#define REPORTS_SHOWN 20

static void show_report(const struct input_report *report)
{
    struct buffer line = { 0 };
    printable_text(&line, report->file);
    buffer_format(&line, ":%" PRIu64, report->row);
    if (report->column) buffer_format(&line, ":%" PRIu64, report->column);
    buffer_text(&line, ": ");
    if (report->lead.length) {
        buffer_text(&line, "lead ");
        printable_add(&line, report->lead.bytes, report->lead.length);
        buffer_text(&line, ": ");
    }
    if (report->event) buffer_format(&line, "event `%s`: ", report->event);
    if (report->field) buffer_format(&line, "`%s`: ", report->field);
    if (report->value.length) {
        buffer_char(&line, '"');
        printable_add(&line, report->value.bytes, report->value.length);
        buffer_text(&line, "\" ");
    }
    buffer_text(&line, report->reason ? report->reason : "");
    say("%s\n", line.data ? line.data : "");
    buffer_free(&line);
}

/* Leads that are none go to the rejects file, events that are none to one of their own beside it. */
static void keep_reject(struct reports *reports, const struct input_report *report)
{
    struct rejects *kept = &reports->rejects[report->of_events];
    if (!kept->output.stream && !reports->failed) {
        char *path = memory_alloc(strlen(reports->rejects_path) + sizeof ".events");
        sprintf(path, "%s%s", reports->rejects_path, report->of_events ? ".events" : "");
        reports->failed = output_open(&kept->output, path) != EXIT_FINE;
        free(path);
    }
    if (reports->failed) return;
    struct buffer text = { 0 };
    /* Rejects are UTF-8; where the input was not, a BOM keeps the same --encoding from reading them wrong. */
    if (!kept->header.data && reports->options->value[OPTION_ENCODING]) buffer_text(&text, "\xEF\xBB\xBF");
    input_reject_text(report, &kept->header, &text);
    if (!output_write(&kept->output, &text)) reports->failed = true;
    buffer_free(&text);
}

static void take_report(void *context, const struct input_report *report)
{
    struct reports *reports = context;
    if (report->kind == REPORT_REJECT) reports->rejected += !report->of_events;
    if (report->kind == REPORT_REJECT && reports->rejects_path) keep_reject(reports, report);
    if (reports->options->value[OPTION_QUIET]) return;
    if (reports->shown++ < REPORTS_SHOWN) show_report(report);
}

static int close_rejects(struct reports *reports, bool whole)
{
    int status = EXIT_FINE;
    for (int i = 0; i < 2; i++) {
        struct rejects *kept = &reports->rejects[i];
        if (kept->output.stream && whole && !reports->failed) {
            if (output_commit(&kept->output) != EXIT_FINE) status = EXIT_MACHINE;
        } else {
            if (kept->output.stream && reports->failed) status = output_problem(&kept->output);
            output_abandon(&kept->output);
        }
        buffer_free(&kept->header);
    }
    return reports->failed ? EXIT_MACHINE : status;
}

int open_leads(const struct options *options, const struct program *program, const char *const *paths, size_t count,
               struct reports *reports, struct input **input)
{
    struct input_options wanted = { .events = options->events,
                                    .event_files = options->event_count,
                                    .decimal_comma = options->value[OPTION_DECIMAL_COMMA] != NULL,
                                    .report = take_report,
                                    .context = reports };
    *reports = (struct reports) { .options = options, .rejects_path = options->value[OPTION_REJECTS] };
    const char *dates = options->value[OPTION_DATES], *delimiter = options->value[OPTION_DELIMITER],
               *encoding = options->value[OPTION_ENCODING];
    if (dates) {
        if (strcmp(dates, "dmy") == 0) wanted.dates = DATES_DMY;
        else if (strcmp(dates, "mdy") == 0) wanted.dates = DATES_MDY;
        else if (strcmp(dates, "ymd") == 0) wanted.dates = DATES_YMD;
        else {
            say("rubric: --dates needs dmy, mdy or ymd, not `%s`\n", dates);
            return EXIT_USAGE;
        }
    }
    if (delimiter) {
        if (strcmp(delimiter, "tab") == 0 || strcmp(delimiter, "\\t") == 0) wanted.delimiter = '\t';
        else if (strlen(delimiter) == 1 && delimiter[0] != '"' && delimiter[0] != '\n' && delimiter[0] != '\r')
            wanted.delimiter = delimiter[0];
        else {
            say("rubric: --delimiter needs one character, or `tab`, not `%s`\n", delimiter);
            return EXIT_USAGE;
        }
    }
    if (encoding && !input_encoding_named(encoding, &wanted.encoding)) {
        say("rubric: --encoding needs utf-8, windows-1252, latin-1 or utf-16, not `%s`\n", encoding);
        return EXIT_USAGE;
    }
    /* Opened now, lest an hour's work has nowhere to go; it appears, even empty, at the end of the run. */
    if (reports->rejects_path && output_open(&reports->rejects[0].output, reports->rejects_path) != EXIT_FINE)
        return EXIT_MACHINE;
    char problem[512];
    *input = input_open(program, &wanted, paths, count, problem, sizeof problem);
    if (*input) return EXIT_FINE;
    int status = errno == EIO ? EXIT_MACHINE : EXIT_FAULT;
    say("rubric: %s\n", problem);
    close_rejects(reports, false);
    return status;
}

static void count_line(uint64_t count, const char *one, const char *many, const char *more)
{
    if (count) say("  %" PRIu64 " %s%s\n", count, count == 1 ? one : many, more);
}

/* What would make such values fit, when all that is wanting is an option. */
static const char *hint(const struct reports *reports, const struct field_problems *field)
{
    const struct options *options = reports->options;
    for (size_t i = 0; i < INPUT_EXAMPLES && field->examples[i].value; i++) {
        const char *value = field->examples[i].value, *reason = field->examples[i].reason;
        bool date = reason && strstr(reason, "date"), number = reason && strstr(reason, "number");
        size_t digits = strspn(value, "0123456789");
        if (date && !options->value[OPTION_DATES] && (digits == 1 || digits == 2) && strchr("./-", value[digits]))
            return "; --dates dmy or mdy says what stands first";
        if (date && !options->value[OPTION_DATES] && digits == 4 && strchr("./", value[digits]))
            return "; --dates ymd reads such dates";
        if (number && !options->value[OPTION_DECIMAL_COMMA] && strchr(value, ',') && strspn(value, "-+0123456789.,") == strlen(value))
            return "; --decimal-comma reads numbers such as 1.234,50";
        if (number && options->value[OPTION_DECIMAL_COMMA] && strchr(value, '.') && !strchr(value, ',')
            && strspn(value, "-+0123456789.") == strlen(value))
            return "; with --decimal-comma a . stands before three digits only";
    }
    return "";
}

static void print_field(const struct reports *reports, const struct field_problems *field)
{
    say("  %" PRIu64 " value%s of `%s%s%s` did not fit and count%s as missing", field->bad,
            field->bad == 1 ? "" : "s", field->event ? field->event : "", field->event ? "." : "", field->field,
            field->bad == 1 ? "s" : "");
    const char *between = ", such as ";
    for (size_t i = 0; i < INPUT_EXAMPLES && field->examples[i].value; i++) {
        struct buffer text = { 0 };
        printable_text(&text, field->examples[i].value);
        say("%s\"%s\"", between, text.data ? text.data : "");
        buffer_free(&text);
        between = ", ";
    }
    say("%s\n", hint(reports, field));
}

static void print_summary(const struct input_summary *s, const struct reports *reports, size_t scored)
{
    if (reports->shown > REPORTS_SHOWN) say("… and %zu more such lines\n", reports->shown - REPORTS_SHOWN);
    say("%" PRIu64 " lead%s read, %zu scored, %" PRIu64 " rejected\n", s->leads + s->rejected,
            s->leads + s->rejected == 1 ? "" : "s", scored, s->rejected);
    if (s->rejected && reports->rejects_path && !reports->incomplete)
        say("  the rejected lines are in %s; mend them and run that file again\n", reports->rejects_path);
    else if (s->rejected && !reports->rejects_path) say("  keep the rejected lines with --rejects FILE\n");
    for (size_t i = 0; i < s->field_count; i++)
        if (s->fields[i].bad) print_field(reports, &s->fields[i]);
    count_line(s->unknown_stages, "current stage is", "current stages are",
               " none of the rubric's stages: counted as unknown");
    count_line(s->without_key, "lead has", "leads have", " no key");
    count_line(s->duplicate_keys, "lead has", "leads have", " a key that was there before: all were scored");
    count_line(s->mended_rows, "row was", "rows were", " quoted twice by a spreadsheet: mended");
    count_line(s->events_rejected, "line is", "lines are", " no event: rejected");
    if (s->events_rejected && reports->rejects_path && !reports->incomplete)
        say("  these are in %s.events; mend them and give that file to --events\n", reports->rejects_path);
    count_line(s->events_without_time, "event has", "events have", " no usable time: left out");
    count_line(s->events_without_type, "event has", "events have", " no type: left out");
    count_line(s->events_in_future, "event lies", "events lie", " after the instant of the run: not yet happened");
    count_line(s->events_unmatched, "event belongs", "events belong", " to leads that never came");
    if (s->events_undeclared) {
        say("  %" PRIu64 " event%s of types that the rubric does not declare, not counted as activity:",
                s->events_undeclared, s->events_undeclared == 1 ? "" : "s");
        for (size_t i = 0; i < s->type_count && i < 5; i++) {
            struct buffer text = { 0 };
            printable_text(&text, s->types[i].type);
            say("%s %s (%" PRIu64 ")", i ? "," : "", text.data ? text.data : "", s->types[i].count);
            buffer_free(&text);
        }
        say("%s\n", s->type_count > 5 ? ", …" : "");
    }
}

int close_leads(const struct options *options, struct reports *reports, struct input *input, size_t scored)
{
    const struct input_summary *summary = input_summary(input);
    int status = EXIT_FINE;
    if (!options->value[OPTION_QUIET]) print_summary(summary, reports, scored);
    if (summary->records != summary->leads + summary->rejected) {
        say("rubric: %" PRIu64 " records were read, but %" PRIu64 " leads and %" PRIu64
            " rejected lines came of them: this is a mistake of Rubric, please report it\n",
            summary->records, summary->leads, summary->rejected);
        reports->incomplete = true;
        status = EXIT_MACHINE;
    }
    if (summary->rejected != reports->rejected) {
        say("rubric: %" PRIu64 " lines were rejected but %" PRIu64
                " reported: this is a mistake of Rubric, please report it\n",
                summary->rejected, reports->rejected);
        reports->incomplete = true;
        status = EXIT_MACHINE;
    }
    int rejects = close_rejects(reports, !reports->incomplete);
    if (status == EXIT_FINE) status = rejects;
    if (status == EXIT_FINE && options->value[OPTION_STRICT] && input_has_problems(summary)) status = EXIT_FAULT;
    input_close(input);
    return status;
}
