#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli/command.h"

static const struct {
    const char *name;
    char letter;
    const char *argument;
    const char *help;
} table[OPTION_COUNT] = {
    [OPTION_AS_OF] = { "as-of", 0, "INSTANT", "score as of this instant, such as 2026-11-22 (default: now)" },
    [OPTION_SET] = { "set", 0, "NAME=VALUE", "give a setting another value for this run" },
    [OPTION_FORMAT] = { "format", 0, "FORMAT",
                        "how to write results (default: by the ending of -o; else for people on a terminal)" },
    [OPTION_OUTPUT] = { "output", 'o', "FILE", "write to this file; it appears whole or not at all" },
    [OPTION_TRACE] = { "trace", 0, NULL, "with every line that gave points (CSV: a column with the rules that fired)" },
    [OPTION_EVENTS] = { "events", 0, "FILE", "events in a file of their own, joined by the lead's key" },
    [OPTION_REJECTS] = { "rejects", 0, "FILE", "write what is no lead to this file, with line and reason" },
    [OPTION_STRICT] = { "strict", 0, NULL, "exit with 1 when any data was bad" },
    [OPTION_THREADS] = { "threads", 0, "N", "how many threads work (default: 1)" },
    [OPTION_QUIET] = { "quiet", 'q', NULL, "no summary, no progress" },
    [OPTION_LEAD] = { "lead", 0, "ID", "the lead's key" },
    [OPTION_REASONS] = { "reasons", 0, "N", "CSV: columns with the N reasons that moved the score most" },
    [OPTION_ENCODING] = { "encoding", 0, "NAME", "utf-8, windows-1252, latin-1 or utf-16 (default: told by the file)" },
    [OPTION_DECIMAL_COMMA] = { "decimal-comma", 0, NULL, "numbers are written 1.234,50" },
    [OPTION_DATES] = { "dates", 0, "ORDER", "dmy, mdy or ymd: how dates such as 22.11.2026 are written" },
    [OPTION_DELIMITER] = { "delimiter", 0, "CHAR",
                           "what stands between the columns of a CSV (default: told by its header)" },
    [OPTION_BATCH] = { "batch", 0, "N", "leads worked on together, 1 to 1024; changes no result" },
    [OPTION_CHECK] = { "check", 0, NULL, "change nothing; exit with 1 when a file is not in the canonical layout" },
    [OPTION_DIFF] = { "diff", 0, NULL, "show what would change, and change nothing" },
    [OPTION_COLOR] = { "color", 0, "WHEN", "auto, always or never" },
    [OPTION_JUNIT] = { "junit", 0, "FILE", "write the outcome as JUnit XML" },
    [OPTION_COVERAGE] = { "coverage", 0, NULL, "say which rules, rows and conditions the tests reach" },
    [OPTION_DUMP] = { "dump", 0, "STAGE", "print what a stage made: tree" },
    [OPTION_STOP_AFTER] = { "stop-after", 0, "STAGE", "stop after this stage" },
    [OPTION_FAIL_ON] = { "fail-on", 0, "LEVEL",
                         "error, conflict, warning or note: from which level on to exit with 1 (default: conflict)" },
    [OPTION_TESTS] = { "tests", 0, NULL, "print the witnesses as tests that can be pasted into the rubric" },
    [OPTION_EXPLAIN] = { "explain", 0, NULL, "show the reasoning" },
    [OPTION_BUDGET] = { "budget", 0, "DURATION", "how long hard questions may take, such as 10s" },
    [OPTION_WHY_NOT] = { "why-not", 0, "RULE", "why this rule did not fire" },
    [OPTION_TO_REACH] = { "to-reach", 0, "STAGE", "the smallest changes that would reach this stage" },
    [OPTION_FROM] = { "from", 0, "FILE", "infer fields and types from this file of leads" },
    [OPTION_GUARD_FORMULAS] = { "guard-formulas", 0, NULL,
                                "CSV: texts that a spreadsheet would run as a formula get a ' in front" },
    [OPTION_ERRORS] = { "errors", 0, "FORM", "text, line or json" },
    [OPTION_COLUMNS] = { "columns", 0, "LIST",
                         "CSV: only these columns, in this order, such as lead,total,stage,trace" },
    [OPTION_NO_HEADER] = { "no-header", 0, NULL, "CSV: without the line of column names" },
    [OPTION_WRITE] = { "write", 'w', NULL, "write the file" },
};

const char *option_help(enum option option, const char **argument)
{
    static char text[64];
    char letter[8] = "";
    if (table[option].letter) snprintf(letter, sizeof letter, "-%c, ", table[option].letter);
    snprintf(text, sizeof text, "%s--%s%s%s", letter, table[option].name, table[option].argument ? " " : "",
             table[option].argument ? table[option].argument : "");
    *argument = text;
    return table[option].help;
}

static int unknown_option(const struct command *command, const char *name)
{
    const char *names[OPTION_COUNT + 1];
    size_t count = 0;
    for (int option = 0; option < OPTION_COUNT; option++)
        if (command->takes & TAKES(option)) names[count++] = table[option].name;
    names[count++] = "help";
    const char *bare = name;
    while (*bare == '-') bare++;
    char word[64];
    snprintf(word, sizeof word, "%.*s", (int)strcspn(bare, "="), bare);
    const char *nearest = suggest_nearest(word, names, count);
    say("rubric %s: there is no option `%s`%s%s%s\n", command->name, name,
            nearest ? "; did you mean `--" : "", nearest ? nearest : "", nearest ? "`?" : "");
    say("`rubric %s --help` lists the options\n", command->name);
    return EXIT_USAGE;
}

static int take_setting(struct options *options, const char *text)
{
    const char *equals = strchr(text, '=');
    if (!equals || equals == text) {
        say("rubric: --set needs NAME=VALUE, such as --set mql_from=40, not `%s`\n", text);
        return EXIT_USAGE;
    }
    char *name = memory_alloc((size_t)(equals - text) + 1);
    memcpy(name, text, (size_t)(equals - text));
    memory_reserve(&options->settings, &options->setting_capacity, options->setting_count + 1,
                   sizeof *options->settings);
    options->settings[options->setting_count++] = (struct setting_override) { name, equals + 1 };
    return EXIT_FINE;
}

static int take_option(struct options *options, enum option option, const char *value)
{
    options->value[option] = value;
    if (option == OPTION_SET) return take_setting(options, value);
    if (option == OPTION_EVENTS) {
        memory_reserve(&options->events, &options->event_capacity, options->event_count + 1, sizeof *options->events);
        options->events[options->event_count++] = value;
    }
    return EXIT_FINE;
}

int options_read(struct options *options, const struct command *command, int count, char **arguments, bool *help)
{
    bool only_arguments = false;
    for (int i = 0; i < count; i++) {
        const char *word = arguments[i];
        if (only_arguments || word[0] != '-' || word[1] == 0) {
            memory_reserve(&options->arguments, &options->argument_capacity, options->argument_count + 1,
                           sizeof *options->arguments);
            options->arguments[options->argument_count++] = word;
            continue;
        }
        if (strcmp(word, "--") == 0) {
            only_arguments = true;
            continue;
        }
        if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0) {
            *help = true;
            return EXIT_FINE;
        }
        int found = -1;
        const char *value = NULL;
        for (int option = 0; option < OPTION_COUNT && found < 0; option++) {
            if (!(command->takes & TAKES(option))) continue;
            size_t length = strlen(table[option].name);
            if (word[1] == '-' && strncmp(word + 2, table[option].name, length) == 0 &&
                (word[2 + length] == 0 || word[2 + length] == '=')) {
                found = option;
                if (word[2 + length] == '=') value = word + 3 + length;
            } else if (word[1] != '-' && word[1] == table[option].letter && table[option].letter) {
                found = option;
                if (word[2]) value = word + 2;
            }
        }
        if (found < 0) return unknown_option(command, word);
        if (!table[found].argument && value) {
            say("rubric %s: --%s takes no value\n", command->name, table[found].name);
            return EXIT_USAGE;
        }
        if (table[found].argument && !value) {
            if (i + 1 >= count) {
                say("rubric %s: --%s needs a value: %s\n", command->name, table[found].name,
                        table[found].argument);
                return EXIT_USAGE;
            }
            value = arguments[++i];
        }
        int status = take_option(options, (enum option)found, value ? value : "");
        if (status != EXIT_FINE) return status;
    }
    if (options->argument_count < command->least || options->argument_count > command->most) {
        say("rubric %s: %s\nusage: %s\n", command->name,
                options->argument_count < command->least ? "something is missing" : "too many files", command->usage);
        return EXIT_USAGE;
    }
    return EXIT_FINE;
}

void options_free(struct options *options)
{
    for (size_t i = 0; i < options->setting_count; i++) free((void *)(uintptr_t)options->settings[i].name);
    free(options->settings);
    free(options->events);
    free(options->arguments);
}

bool color_wanted(const struct options *options, FILE *stream)
{
    const char *when = options->value[OPTION_COLOR];
    if (when && strcmp(when, "always") == 0) return true;
    if (when && strcmp(when, "never") == 0) return false;
    const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");
    return !(no_color && *no_color) && isatty(fileno(stream)) && !(term && strcmp(term, "dumb") == 0);
}

bool unicode_wanted(void)
{
    const char *names[] = { "LC_ALL", "LC_CTYPE", "LANG" };
    for (size_t i = 0; i < 3; i++) {
        const char *value = getenv(names[i]);
        if (value && *value) return strstr(value, "UTF-8") || strstr(value, "utf8") || strstr(value, "UTF8");
    }
    return false;
}

bool option_number(const struct options *options, enum option option, long least, long most, long absent, long *number)
{
    *number = absent;
    const char *text = options->value[option];
    if (!text) return true;
    char *end;
    errno = 0;
    long value = strtol(text, &end, 10);
    if (errno || end == text || *end || value < least || value > most) {
        say("rubric: --%s needs a whole number from %ld to %ld, not `%s`\n", table[option].name, least,
                most, text);
        return false;
    }
    *number = value;
    return true;
}

int run_instant(const struct options *options, int64_t *as_of, bool *given)
{
    const char *text = options->value[OPTION_AS_OF];
    if (given) *given = text != NULL;
    if (!text || strcmp(text, "now") == 0) {
        struct timespec now;
        clock_gettime(CLOCK_REALTIME, &now);
        *as_of = (int64_t)now.tv_sec * MICROS_SECOND;
        return EXIT_FINE;
    }
    if (instant_parse(text, strlen(text), DATES_ISO_ONLY, as_of)) return EXIT_FINE;
    say("rubric: --as-of needs a date such as 2026-11-22 or 2026-11-22T10:30:00Z, not `%s`\n", text);
    return EXIT_USAGE;
}
