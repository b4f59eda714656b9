#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "vm/limits.h"

static bool key_is(const struct batch *batch, uint32_t lead, const char *wanted)
{
    char room[64];
    struct text key = batch_key(batch, lead, room);
    return key.length == strlen(wanted) && memcmp(key.bytes, wanted, key.length) == 0;
}

static int explain(const struct options *options, const struct program *program, int64_t as_of, struct output *output)
{
    const char *wanted = options->value[OPTION_LEAD];
    struct reports reports;
    struct input *input;
    int status = open_leads(options, program, options->arguments + 1, options->argument_count - 1, &reports, &input);
    if (status != EXIT_FINE) return status;
    struct machine *machine = machine_new(program, as_of);
    struct batch *batch = batch_new(program, as_of, LIMIT_BATCH_LEADS);
    struct buffer out = { 0 };
    size_t scored = 0, found = 0;
    enum input_state state;
    while ((state = input_fill(input, batch)) == INPUT_FILLED) {
        bool here = false;
        scored += batch->leads;
        for (uint32_t lead = 0; lead < batch->leads; lead++) here |= key_is(batch, lead, wanted);
        if (!here) continue;
        machine_run(machine, batch);
        for (uint32_t lead = 0; lead < batch->leads; lead++) {
            if (!key_is(batch, lead, wanted)) continue;
            if (found++) buffer_text(&out, "\n(another lead with the same key)\n\n");
            explain_lead(machine, lead, &(struct explain_options){ 0 }, &out);
        }
    }
    if (state == INPUT_FAILED) { fprintf(stderr, "rubric: %s\n", input_problem(input)); status = EXIT_FAULT; }
    else if (!found) { fprintf(stderr, "rubric: no lead has the key `%s` among %zu leads\n", wanted, scored); status = EXIT_FAULT; }
    else if (!output_write(output, &out)) status = output_problem(output);
    input_finish(input);
    struct options quiet = *options;
    if (status == EXIT_FINE) quiet.value[OPTION_QUIET] = "";            /* one lead was asked for: the file's troubles are no part of the answer */
    int closing = close_leads(&quiet, &reports, input, scored);
    if (status == EXIT_FINE) status = closing;
    buffer_free(&out);
    batch_free(batch);
    machine_free(machine);
    return status;
}

int command_explain(const struct options *options)
{
    int64_t as_of;
    if (!options->value[OPTION_LEAD]) {
        fprintf(stderr, "rubric explain: which lead?  --lead ID\n");
        return EXIT_USAGE;
    }
    int status = run_instant(options, &as_of, NULL);
    if (status != EXIT_FINE) return status;
    struct program *program;
    struct compilation *compilation;
    status = load_program(options, options->arguments[0], &program, &compilation);
    if (status != EXIT_FINE) return status;
    compilation_free(compilation);
    struct output output;
    status = output_open(&output, options->value[OPTION_OUTPUT]);
    if (status == EXIT_FINE) {
        status = explain(options, program, as_of, &output);
        if (status == EXIT_FINE) status = output_commit(&output);
        else output_abandon(&output);
    }
    program_free(program);
    return status;
}
