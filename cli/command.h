/* What the commands share: their table, their options, loading a rubric, the run's instant, output that appears whole. */
#ifndef RUBRIC_CLI_COMMAND_H
#define RUBRIC_CLI_COMMAND_H

#include <stdio.h>

#include "compiler/compile.h"
#include "vm/input/input.h"
#include "vm/output/results.h"

enum { EXIT_FINE = 0, EXIT_FAULT = 1, EXIT_USAGE = 2, EXIT_MACHINE = 3 };

/* To standard error, as printf does for %s, %.*s, %zu, %ld, %lu, %llu; what fills them in is shown as a terminal may see it. */
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));
void show(FILE *stream, const char *format, ...) __attribute__((format(printf, 2, 3)));     /* the same to another stream */

/* Options; each command names those it takes (options.c has the one table). */
enum option {
    OPTION_AS_OF, OPTION_SET, OPTION_FORMAT, OPTION_OUTPUT, OPTION_TRACE, OPTION_EVENTS, OPTION_REJECTS, OPTION_STRICT, OPTION_THREADS, OPTION_QUIET,
    OPTION_LEAD, OPTION_REASONS, OPTION_ENCODING, OPTION_DECIMAL_COMMA, OPTION_DATES, OPTION_DELIMITER, OPTION_BATCH, OPTION_CHECK, OPTION_DIFF, OPTION_COLOR,
    OPTION_JUNIT, OPTION_COVERAGE, OPTION_DUMP, OPTION_STOP_AFTER, OPTION_FAIL_ON, OPTION_TESTS, OPTION_EXPLAIN, OPTION_BUDGET, OPTION_WHY_NOT, OPTION_TO_REACH, OPTION_FROM,
    OPTION_GUARD_FORMULAS, OPTION_ERRORS, OPTION_WRITE, OPTION_COLUMNS, OPTION_NO_HEADER, OPTION_COUNT
};
#define TAKES(option) (UINT64_C(1) << (option))
#define TAKES_RUN (TAKES(OPTION_AS_OF) | TAKES(OPTION_SET) | TAKES(OPTION_EVENTS) | TAKES(OPTION_ENCODING) | TAKES(OPTION_DECIMAL_COMMA) \
                   | TAKES(OPTION_DATES) | TAKES(OPTION_DELIMITER) | TAKES(OPTION_REJECTS) | TAKES(OPTION_STRICT) | TAKES(OPTION_QUIET))

struct options {
    const char *value[OPTION_COUNT];                    /* of the last time it was given; "" for switches; NULL: not given */
    struct setting_override *settings; size_t setting_count, setting_capacity;
    const char **events; size_t event_count, event_capacity;
    const char **arguments; size_t argument_count, argument_capacity;      /* the rest, in order */
};

struct command {
    const char *name, *usage, *summary, *example; uint64_t takes; size_t least, most;  /* arguments */
    int (*run)(const struct options *options);
};
extern const struct command commands[];
extern const size_t command_count;

/* Reads the command line behind the command's name; EXIT_FINE or a status after a message. `help` when --help was asked for. */
int options_read(struct options *options, const struct command *command, int count, char **arguments, bool *help);
void options_free(struct options *options);
const char *option_help(enum option option, const char **argument);
/* Whether to write colour to this stream: --color, NO_COLOR, a terminal. */
bool color_wanted(const struct options *options, FILE *stream);
bool unicode_wanted(void);
/* A number of an option within bounds; false after a message. */
bool option_number(const struct options *options, enum option option, long least, long most, long absent, long *number);

/* The run's instant: --as-of, else now; EXIT_FINE or EXIT_USAGE after a message. */
int run_instant(const struct options *options, int64_t *as_of, bool *given);
/* Compiles a .rubric or reads a .rbc. Diagnostics are printed. EXIT_FINE with *program, else the status. *compilation may be NULL for a .rbc,
   and is the caller's (compilation_free). */
int load_program(const struct options *options, const char *path, struct program **program, struct compilation **compilation);
int load_rubric(const struct options *options, const char *path, struct compilation **compilation);     /* a .rubric only */
void print_diagnostics(const struct options *options, const struct compilation *compilation, FILE *stream);
char *read_all(const char *path, size_t *length);       /* "-": standard input; NULL with errno */

/* Output that appears whole or not at all: written beside, renamed by output_commit; standard output when path is NULL or "-". */
struct output { FILE *stream; char *path, *beside; bool nameless; /* beside is not there yet */ };
int output_open(struct output *output, const char *path);
int output_commit(struct output *output);               /* EXIT_FINE or EXIT_MACHINE after a message */
void output_abandon(struct output *output);
bool output_write(struct output *output, const struct buffer *buffer);
int output_problem(const struct output *output);        /* message and EXIT_MACHINE */

/* Leads. */
struct rejects { struct output output; struct buffer header; };
struct reports {
    const struct options *options; size_t shown; uint64_t rejected;
    const char *rejects_path; struct rejects rejects[2];        /* leads; events, in a file of their own */
    bool failed;                                                /* a reject could not be written */
    bool incomplete;                                            /* set by the caller when the run failed: no rejects file then */
};
int open_leads(const struct options *options, const struct program *program, const char *const *paths, size_t count, struct reports *reports, struct input **input);
/* Prints the summary to standard error; EXIT_FAULT under --strict when any data was bad. Closes the input. */
int close_leads(const struct options *options, struct reports *reports, struct input *input, size_t scored);

int command_check(const struct options *options);
int command_score(const struct options *options);
int command_explain(const struct options *options);
int command_test(const struct options *options);
int command_init(const struct options *options);
int command_doc(const struct options *options);
int command_reach(const struct options *options);
int command_compile(const struct options *options);
int command_disasm(const struct options *options);
int command_fmt(const struct options *options);
int command_explain_code(const struct options *options);
int command_manual(const struct options *options);

#endif
