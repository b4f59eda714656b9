#include <errno.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif
#include <signal.h>
#include <string.h>

#include "cli/command.h"
#include "cli/manuals.h"

#define VERSION "0.1.0"

const struct command commands[] = {
    { "init", "rubric init [FILE.rubric] [--from LEADS]",
      "a first rubric: a starter to learn from, or one that fits a file of leads",
      "rubric init leads.rubric --from leads.csv",
      TAKES(OPTION_FROM) | TAKES(OPTION_EVENTS) | TAKES(OPTION_OUTPUT) | TAKES(OPTION_ENCODING) |
          TAKES(OPTION_DECIMAL_COMMA) | TAKES(OPTION_DATES) | TAKES(OPTION_DELIMITER) | TAKES(OPTION_AS_OF) |
          TAKES(OPTION_QUIET),
      0, 1, command_init },
    { "check", "rubric check FILE…", "find what is wrong with a rubric", "rubric check b2b.rubric",
      TAKES(OPTION_FORMAT) | TAKES(OPTION_SET) | TAKES(OPTION_COLOR) | TAKES(OPTION_QUIET) | TAKES(OPTION_DUMP) |
          TAKES(OPTION_AS_OF) | TAKES(OPTION_FAIL_ON) | TAKES(OPTION_TESTS) | TAKES(OPTION_EXPLAIN) |
          TAKES(OPTION_BUDGET),
      1, 1000, command_check },
    { "test", "rubric test FILE…", "run the tests in a rubric", "rubric test b2b.rubric",
      TAKES(OPTION_COLOR) | TAKES(OPTION_QUIET) | TAKES(OPTION_SET) | TAKES(OPTION_JUNIT), 1, 1000, command_test },
    { "score", "rubric score FILE LEADS…", "scores, bands, stage and actions for every lead",
      "rubric score b2b.rubric leads.ndjson --as-of 2026-11-22 -o scored.csv",
      TAKES_RUN | TAKES(OPTION_FORMAT) | TAKES(OPTION_OUTPUT) | TAKES(OPTION_TRACE) | TAKES(OPTION_THREADS) |
          TAKES(OPTION_REASONS) | TAKES(OPTION_BATCH) | TAKES(OPTION_COLOR) | TAKES(OPTION_GUARD_FORMULAS) |
          TAKES(OPTION_COLUMNS) | TAKES(OPTION_NO_HEADER),
      2, 1000, command_score },
    { "explain", "rubric explain FILE LEADS --lead ID", "one lead, line by line: why this score, why this stage",
      "rubric explain b2b.rubric leads.ndjson --lead 42",
      TAKES_RUN | TAKES(OPTION_LEAD) | TAKES(OPTION_OUTPUT) | TAKES(OPTION_COLOR) | TAKES(OPTION_FORMAT) |
          TAKES(OPTION_WHY_NOT) | TAKES(OPTION_TO_REACH),
      2, 1000, command_explain },
    { "fmt", "rubric fmt FILE…", "one canonical layout for rubrics, comments kept", "rubric fmt --check b2b.rubric",
      TAKES(OPTION_CHECK) | TAKES(OPTION_DIFF) | TAKES(OPTION_COLOR) | TAKES(OPTION_OUTPUT), 1, 1000, command_fmt },
    { "doc", "rubric doc FILE|MODULE", "the rulebook for people who do not read code, as Markdown or HTML",
      "rubric doc b2b.rubric -o b2b.html",
      TAKES(OPTION_FORMAT) | TAKES(OPTION_OUTPUT) | TAKES(OPTION_SET) | TAKES(OPTION_COLOR), 1, 1, command_doc },
    { "reach", "rubric reach FILE", "what leads can get: scores, stages and bands, each with a smallest lead",
      "rubric reach b2b.rubric -o reach.html",
      TAKES(OPTION_FORMAT) | TAKES(OPTION_OUTPUT) | TAKES(OPTION_SET) | TAKES(OPTION_AS_OF) | TAKES(OPTION_COLOR), 1, 1,
      command_reach },
    { "compile", "rubric compile FILE -o X.rbc", "bytecode, to score without the rubric's text",
      "rubric compile b2b.rubric -o b2b.rbc", TAKES(OPTION_OUTPUT) | TAKES(OPTION_SET) | TAKES(OPTION_COLOR), 1, 1,
      command_compile },
    { "disasm", "rubric disasm FILE", "the bytecode's instructions beside the lines they come from",
      "rubric disasm b2b.rbc", TAKES(OPTION_OUTPUT) | TAKES(OPTION_SET) | TAKES(OPTION_COLOR), 1, 1, command_disasm },
    { "explain-code", "rubric explain-code CODE", "what a message such as E0301 means, with an example",
      "rubric explain-code E0301", 0, 0, 1, command_explain_code },
    { "manual", "rubric manual TOPIC", "the manuals of opcodes, words, messages and limits, as Markdown",
      "rubric manual messages", TAKES(OPTION_OUTPUT), 1, 1, command_manual },
};
const size_t command_count = sizeof commands / sizeof *commands;

static void print_help(void)
{
    printf("rubric: lead-scoring rules as text\n\nusage: rubric COMMAND …\n\n");
    for (size_t i = 0; i < command_count; i++) printf("  %-13s %s\n", commands[i].name, commands[i].summary);
    printf("\n`rubric COMMAND --help` tells more.  A file may be `-`: standard input.\n"
           "exit status: 0 fine, 1 the rubric, the tests or the data are at fault, 2 the call is, 3 the machine is\n");
}

static void print_command_help(const struct command *command)
{
    printf("%s\n%s\n\n", command->usage, command->summary);
    for (int option = 0; option < OPTION_COUNT; option++) {
        if (!(command->takes & TAKES(option))) continue;
        const char *argument, *text = option_help((enum option)option, &argument);
        const char *values = option == OPTION_FORMAT ? option_values(command, OPTION_FORMAT) : NULL;
        if (values) printf("  %-26s %s: %s\n", argument, text, values);
        else printf("  %-26s %s\n", argument, text);
    }
    printf("\nexample:\n  %s\n", command->example);
}

static int unknown_command(const char *name)
{
    const char *names[sizeof commands / sizeof *commands];
    for (size_t i = 0; i < command_count; i++) names[i] = commands[i].name;
    const char *nearest = suggest_nearest(name, names, command_count);
    say("rubric: there is no command `%s`%s%s%s\n", name, nearest ? "; did you mean `" : "",
            nearest ? nearest : "", nearest ? "`?" : "");
    say("`rubric --help` lists the commands\n");
    return EXIT_USAGE;
}

int main(int count, char **arguments)
{
#ifdef M_MMAP_THRESHOLD
    mallopt(M_MMAP_THRESHOLD, 256 << 10); /* what is large grows in place, and goes back when it is freed */
#endif
    signal(SIGPIPE, SIG_IGN); /* a closed pipe is a failed write, and is said so */
    signal(SIGXFSZ, SIG_IGN); /* and so is a file larger than `ulimit -f` */
    if (count < 2) {
        print_help();
        return EXIT_USAGE;
    }
    if (strcmp(arguments[1], "--help") == 0 || strcmp(arguments[1], "-h") == 0 || strcmp(arguments[1], "help") == 0) {
        print_help();
        return EXIT_FINE;
    }
    if (strcmp(arguments[1], "--version") == 0) {
        printf("rubric " VERSION "\n");
        return EXIT_FINE;
    }
    for (size_t i = 0; i < command_count; i++) {
        const struct command *command = &commands[i];
        if (strcmp(command->name, arguments[1]) != 0) continue;
        struct options options = { 0 };
        bool help = false;
        int status = options_read(&options, command, count - 2, arguments + 2, &help);
        if (status == EXIT_FINE && help) print_command_help(command);
        else if (status == EXIT_FINE) status = command->run(&options);
        if (fflush(stdout) != 0 || ferror(stdout)) {
            if (status != EXIT_MACHINE)
                say("rubric: standard output: %s\n", errno ? strerror(errno) : "could not be written");
            status = EXIT_MACHINE;
        }
        options_free(&options);
        return status;
    }
    return unknown_command(arguments[1]);
}
