/* `rubric init`: a starter to learn from, or a first rubric for a file of leads. Nothing that exists is overwritten. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/infer.h"
#include "cli/starter.h"
#include "compiler/format.h"

/* ---- files ------------------------------------------------------------------------------------------------------- */

static int write_new(const char *path, const struct buffer *text)
{
    if (strcmp(path, "-") == 0)
        return fwrite(text->data, 1, text->length, stdout) == text->length ? EXIT_FINE : EXIT_MACHINE;
    int file = open(path, O_WRONLY | O_CREAT | O_EXCL, 0666);
    if (file < 0) {
        if (errno == EEXIST)
            say("rubric init: %s is there already, and is left as it is; name another file\n", path);
        else
            say("rubric init: %s: %s\n", path, strerror(errno));
        return errno == EEXIST || errno == ENOENT || errno == EACCES ? EXIT_USAGE : EXIT_MACHINE;
    }
    FILE *stream = fdopen(file, "wb");
    bool fine = fwrite(text->data, 1, text->length, stream) == text->length;
    fine = fclose(stream) == 0 && fine;
    if (fine)
        return EXIT_FINE;
    say("rubric init: %s: %s\n", path, strerror(errno));
    unlink(path);
    return EXIT_MACHINE;
}

static bool exists(const char *path)
{
    return strcmp(path, "-") != 0 && access(path, F_OK) == 0;
}

/* The rubric in its canonical layout; a mistake in it is ours. */
static bool lay_out(const char *name, const struct buffer *draft, struct buffer *out)
{
    struct compilation *c = compilation_new();
    uint32_t file = source_add(&c->sources, name, NULL, draft->data, draft->length);
    struct tree_file *tree = parse_file(&c->sources, file, &c->diags, &c->arena);
    bool fine = c->diags.errors == 0;
    if (fine)
        format_file(tree, &c->sources, out);
    compilation_free(c);
    if (!fine)
        return false;
    c = compilation_new();
    compilation_load_text(c, name, out->data, out->length, NULL, 0);
    fine = c->diags.errors == 0;
    compilation_free(c);
    return fine;
}

/* "out/first.rubric" and "-leads.ndjson": "out/first-leads.ndjson". */
static char *beside(const char *path, const char *ending)
{
    size_t length = strlen(path);
    if (length > 7 && strcmp(path + length - 7, ".rubric") == 0)
        length -= 7;
    struct buffer name = { 0 };
    buffer_add(&name, path, length);
    buffer_text(&name, ending);
    return name.data;
}

/* ---- the starter ------------------------------------------------------------------------------------------------- */

static int write_starter(const struct options *options, const char *path)
{
    struct buffer draft = { 0 }, text = { 0 }, leads = { 0 };
    char *leads_path = beside(path, "-leads.ndjson");
    int64_t as_of;
    int status = run_instant(options, &as_of, NULL);
    starter_rubric(&draft);
    bool stream = strcmp(path, "-") == 0;
    if (status == EXIT_FINE && !lay_out(path, &draft, &text)) {
        say("rubric init: the starter is wrong: this is a mistake of Rubric, please report it\n");
        status = EXIT_MACHINE;
    }
    if (status == EXIT_FINE && !stream && exists(leads_path)) {
        say("rubric init: %s is there already, and is left as it is; name another file\n", leads_path);
        status = EXIT_USAGE;
    }
    if (status == EXIT_FINE)
        status = write_new(path, &text);
    if (status == EXIT_FINE && !stream) {
        starter_leads(as_of, &leads);
        status = write_new(leads_path, &leads);
    }
    if (status == EXIT_FINE && !stream && !options->value[OPTION_QUIET])
        say("wrote %s and, to try it, %s\n\n  rubric check %s\n  rubric test %s\n  rubric score %s %s\n"
                "  rubric explain %s %s --lead 1\n",
                path, leads_path, path, path, path, leads_path, path, leads_path);
    free(leads_path);
    buffer_free(&draft);
    buffer_free(&text);
    buffer_free(&leads);
    return status;
}

/* ---- from a file of leads ---------------------------------------------------------------------------------------- */

static int read_options(const struct options *options, struct input_options *input, struct convert_options *convert)
{
    static const char *const orders[] = { "iso", "dmy", "mdy", "ymd" };
    const char *dates = options->value[OPTION_DATES], *encoding = options->value[OPTION_ENCODING],
               *delimiter = options->value[OPTION_DELIMITER];
    *input = (struct input_options){ 0 };
    *convert = (struct convert_options){ .decimal_comma = options->value[OPTION_DECIMAL_COMMA] != NULL };
    bool found = dates == NULL;
    for (int i = DATES_ISO_ONLY; dates != NULL && i <= DATES_YMD; i++)
        if (strcmp(orders[i], dates) == 0) {
            convert->dates = (enum date_order)i;
            found = true;
        }
    if (!found) {
        say("rubric init: --dates is dmy, mdy or ymd, not `%s`\n", dates);
        return EXIT_USAGE;
    }
    if (encoding != NULL && !input_encoding_named(encoding, &input->encoding)) {
        say("rubric init: there is no encoding `%s`; there are utf-8, windows-1252, latin-1 and utf-16\n",
                encoding);
        return EXIT_USAGE;
    }
    if (delimiter != NULL)
        input->delimiter = strcmp(delimiter, "\\t") == 0 || strcmp(delimiter, "tab") == 0 ? '\t' : delimiter[0];
    input->dates = convert->dates;
    input->decimal_comma = convert->decimal_comma;
    return EXIT_FINE;
}

/* The same options that a run will need, for the commands that are shown. */
static void put_run_options(const struct options *options, struct buffer *out)
{
    for (size_t i = 0; i < options->event_count; i++)
        buffer_format(out, " --events %s", options->events[i]);
    if (options->value[OPTION_DATES])
        buffer_format(out, " --dates %s", options->value[OPTION_DATES]);
    if (options->value[OPTION_DECIMAL_COMMA])
        buffer_text(out, " --decimal-comma");
    if (options->value[OPTION_ENCODING])
        buffer_format(out, " --encoding %s", options->value[OPTION_ENCODING]);
    if (options->value[OPTION_DELIMITER])
        buffer_format(out, " --delimiter '%s'", options->value[OPTION_DELIMITER]);
}

static void tell(const struct options *options, const struct inference *inference, const char *path, const char *from)
{
    size_t fields = 0, omitted = 0, events = 0;
    struct buffer more = { 0 };
    buffer_add(&more, "", 0);
    put_run_options(options, &more);
    for (size_t i = 0; i < inference->columns.count; i++) {
        const struct infer_column *column = inference->columns.items[i];
        fields += !column->omitted;
        omitted += column->omitted && column->objects < column->filled;
    }
    for (size_t i = 0; i < inference->event_count; i++)
        events += inference->events[i]->is_name;
    say("%s%llu records read, %llu rejected; %zu fields, %zu types of event\n",
            inference->cut ? "the first " : "", (unsigned long long)inference->records,
            (unsigned long long)inference->rejected, fields, events);
    if (omitted > 0)
        say("%zu columns hold different kinds of things and were left out; the rubric says which\n",
                omitted);
    if (!inference->key_is_unique)
        say("no column is different in every record; %s was taken as the key\n",
                inference->columns.items[inference->key]->identifier);
    for (size_t i = 0; i < inference->columns.count; i++)
        if (inference->columns.items[i]->note != NULL && !inference->columns.items[i]->omitted)
            say("%s: %s\n", inference->columns.items[i]->identifier, inference->columns.items[i]->note);
    if (strcmp(path, "-") != 0)
        say("wrote %s\n\n  rubric check %s\n  rubric test %s\n  rubric score %s %s%s\n", path, path, path,
                path, from, more.data);
    buffer_free(&more);
}

static int infer(const struct options *options, const char *from, struct inference *inference,
                 const struct input_options *input)
{
    if (!inference_read(inference, from, input)) {
        say("rubric init: %s\n", inference->problem);
        return EXIT_FAULT;
    }
    inference_decide(inference);
    for (size_t i = 0; i < options->event_count; i++)
        if (!inference_read_events(inference, options->events[i], input)) {
            say("rubric init: %s\n", inference->problem);
            return EXIT_FAULT;
        }
    if (options->event_count > 0)
        inference_decide(inference);                    /* events have names of their own, which fields must not take */
    if (inference->key == SIZE_MAX) {
        say("rubric init: %s has no columns to make fields of (%llu records read, %llu rejected)\n",
                strcmp(from, "-") == 0 ? "standard input" : from,
                (unsigned long long)inference->records, (unsigned long long)inference->rejected);
        return EXIT_FAULT;
    }
    return EXIT_FINE;
}

static int write_inferred(const struct options *options, const char *path, const char *from)
{
    struct input_options input;
    struct convert_options convert;
    struct inference inference;
    struct buffer draft = { 0 }, text = { 0 };
    int status = read_options(options, &input, &convert);
    if (status != EXIT_FINE)
        return status;
    if (exists(path)) {
        say("rubric init: %s is there already, and is left as it is; name another file\n", path);
        return EXIT_USAGE;
    }
    inference_init(&inference, convert);
    status = infer(options, from, &inference, &input);
    if (status == EXIT_FINE) {
        inference_write(&inference, from, &draft);
        if (!lay_out(path, &draft, &text)) {
            say("rubric init: what was inferred is no rubric: this is a mistake of Rubric, please report it\n");
            status = EXIT_MACHINE;
        }
    }
    if (status == EXIT_FINE)
        status = write_new(path, &text);
    if (status == EXIT_FINE && !options->value[OPTION_QUIET])
        tell(options, &inference, path, from);
    inference_free(&inference);
    buffer_free(&draft);
    buffer_free(&text);
    return status;
}

int command_init(const struct options *options)
{
    const char *from = options->value[OPTION_FROM];
    const char *path = options->argument_count > 0 ? options->arguments[0] : options->value[OPTION_OUTPUT];
    if (path != NULL)
        return from != NULL ? write_inferred(options, path, from) : write_starter(options, path);
    if (from == NULL)
        return write_starter(options, "first.rubric");
    const char *name = strrchr(from, '/') != NULL ? strrchr(from, '/') + 1 : from;
    struct buffer stem = { 0 };
    buffer_add(&stem, name, strcspn(name, "."));
    buffer_text(&stem, stem.length == 0 || strcmp(from, "-") == 0 ? "leads.rubric" : ".rubric");
    int status = write_inferred(options, strcmp(from, "-") == 0 ? "leads.rubric" : stem.data, from);
    buffer_free(&stem);
    return status;
}
