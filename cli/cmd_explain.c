#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "cli/explanation.h"
#include "cli/ways.h"
#include "vm/actions.h"
#include "vm/number.h"
#include "vm/limits.h"

static bool key_is(const struct batch *batch, uint32_t lead, const char *wanted)
{
    char room[64];
    struct text key = batch_key(batch, lead, room);
    return key.length == strlen(wanted) && memcmp(key.bytes, wanted, key.length) == 0;
}

/* What was asked for, resolved against the program. */
struct question {
    const char *lead;
    uint32_t why_not, to_reach;
};

static int unknown_name(const char *what, const char *name, const char *const *names, size_t count)
{
    const char *nearest = suggest_nearest(name, names, count);
    say("rubric explain: the rubric has no %s `%s`%s%s%s\n", what, name, nearest ? "; did you mean `" : "",
            nearest ? nearest : "", nearest ? "`?" : "");
    return EXIT_USAGE;
}

static int read_question(const struct options *options, const struct program *program,
                         const struct compilation *compilation, struct question *question)
{
    *question = (struct question) { options->value[OPTION_LEAD], NO_INDEX, NO_INDEX };
    const char *rule = options->value[OPTION_WHY_NOT], *stage = options->value[OPTION_TO_REACH];
    const char **names = memory_alloc((program->rule_count + program->stage_count + 1) * sizeof *names);
    int status = EXIT_FINE;
    if (rule) {
        for (uint32_t i = 0; i < program->rule_count; i++) {
            names[i] = program->rules[i].name;
            if (strcmp(names[i], rule) == 0) question->why_not = i;
        }
        if (question->why_not == NO_INDEX) status = unknown_name("rule", rule, names, program->rule_count);
    }
    if (stage && status == EXIT_FINE) {
        for (uint32_t i = 0; i < program->stage_count; i++) {
            names[i] = program->stages[i].name;
            if (strcmp(names[i], stage) == 0 ||
                (program->stages[i].title && strcmp(program->stages[i].title, stage) == 0))
                question->to_reach = i;
        }
        if (question->to_reach == NO_INDEX) status = unknown_name("stage", stage, names, program->stage_count);
        else if (!compilation) {
            say("rubric explain: --to-reach needs the rubric itself, not its bytecode\n");
            status = EXIT_USAGE;
        }
    }
    free(names);
    return status;
}

static void write_ways(const struct compilation *compilation, const struct machine *machine, uint32_t lead,
                       uint32_t stage, struct buffer *out)
{
    const struct program *program = machine_program(machine);
    struct ways ways;
    ways_find(compilation, machine, lead, stage, WAYS_SHOWN, &ways);
    buffer_format(out, "\nNearest ways to %s\n", program->stages[stage].name);
    for (size_t i = 0; i < ways.count; i++) {
        const struct way *way = &ways.items[i];
        buffer_format(out, "  %zu. %s\n     then:", i + 1, way->text);
        for (uint32_t s = 0; s < program->score_count; s++) {
            char number[NUMBER_TEXT];
            number_format(way->scores[s], number);
            buffer_format(out, "%s %s is %s", s ? "," : "", program->scores[s].name, number);
        }
        buffer_format(out, ", stage is %s\n", stage_name(program, way->stage));
    }
    if (ways.count == 0)
        buffer_text(out, ways.searched_all ? "  none was found among up to three changes\n"
                                           : "  none was found among the changes that were tried\n");
    ways_free(&ways);
}

static void answer(const struct question *question, const struct compilation *compilation,
                   const struct machine *machine, uint32_t lead, struct buffer *out)
{
    const struct program *program = machine_program(machine);
    struct explain_options wanted = { 0 };
    if (question->why_not != NO_INDEX) explain_rule(machine, lead, question->why_not, &wanted, out);
    else if (question->to_reach == NO_INDEX) explain_lead(machine, lead, &wanted, out);
    if (!compilation || question->why_not != NO_INDEX) return;
    uint32_t stage = lead_stage(machine, lead);
    if (question->to_reach != NO_INDEX) {
        if (stage == question->to_reach)
            buffer_format(out, "The lead is in %s already.\n", program->stages[stage].name);
        else write_ways(compilation, machine, lead, question->to_reach, out);
    } else if (stage != NO_INDEX && stage + 1 < program->stage_count &&
               machine_condition(machine, program->stages[stage + 1].when, lead) != TRUTH_HOLDS)
        write_ways(compilation, machine, lead, stage + 1, out);
}

/* ---- the forms ------------------------------------------------------------------------------------------------------
 */

enum form { FORM_TEXT, FORM_JSON, FORM_HTML };

static bool ends_with(const char *path, const char *ending)
{
    size_t length = path ? strlen(path) : 0, tail = strlen(ending);
    return length > tail && strcmp(path + length - tail, ending) == 0;
}

static int read_form(const struct options *options, enum form *form)
{
    static const char *const names[] = { "text", "json", "html" };
    const char *wanted = options->value[OPTION_FORMAT], *path = options->value[OPTION_OUTPUT];
    *form = ends_with(path, ".html") || ends_with(path, ".htm") ? FORM_HTML
            : ends_with(path, ".json")                          ? FORM_JSON
                                                                : FORM_TEXT;
    if (!wanted) return EXIT_FINE;
    for (int i = FORM_TEXT; i <= FORM_HTML; i++)
        if (strcmp(names[i], wanted) == 0) {
            *form = (enum form)i;
            return EXIT_FINE;
        }
    const char *nearest = suggest_nearest(wanted, names, 3);
    say("rubric explain: there is no format `%s`%s%s%s; the formats are text, json and html\n", wanted,
            nearest ? "; did you mean `" : "", nearest ? nearest : "", nearest ? "`?" : "");
    return EXIT_USAGE;
}

/* What was found so far: text, or documents that become a page at the end. */
struct answers {
    enum form form;
    struct buffer out;
    cJSON **documents;
    size_t count, capacity;
};

static void keep_answer(struct answers *answers, const struct question *question, const struct compilation *compilation,
                        const struct machine *machine, uint32_t lead)
{
    if (answers->form == FORM_TEXT) {
        if (answers->count++) buffer_text(&answers->out, "\n(another lead with the same key)\n\n");
        answer(question, compilation, machine, lead, &answers->out);
        return;
    }
    struct explain_request request = { machine, lead, compilation, question->why_not, question->to_reach };
    cJSON *document = explanation_new(&request);
    if (answers->form == FORM_HTML) {
        memory_reserve(&answers->documents, &answers->capacity, answers->count + 1, sizeof *answers->documents);
        answers->documents[answers->count++] = document;
        return;
    }
    json_write(document, &answers->out); /* those with the same key follow one another, as in a stream */
    cJSON_Delete(document);
    answers->count++;
}

static void finish_answers(struct answers *answers)
{
    if (answers->form == FORM_HTML) explain_html(answers->documents, answers->count, &answers->out);
    for (size_t i = 0; answers->documents && i < answers->count; i++) cJSON_Delete(answers->documents[i]);
    free(answers->documents);
}

static int explain(const struct options *options, const struct program *program, const struct compilation *compilation,
                   int64_t as_of, struct output *output)
{
    struct question question;
    struct answers answers = { 0 };
    int status = read_question(options, program, compilation, &question);
    if (status == EXIT_FINE) status = read_form(options, &answers.form);
    if (status != EXIT_FINE) return status;
    struct reports reports;
    struct input *input;
    struct options quiet = *options;
    quiet.value[OPTION_QUIET] = ""; /* one lead was asked for: the file's troubles are no part of the answer */
    status = open_leads(&quiet, program, options->arguments + 1, options->argument_count - 1, &reports, &input);
    if (status != EXIT_FINE) return status;
    struct machine *machine = machine_new(program, as_of);
    struct batch *batch = batch_new(program, as_of, LIMIT_BATCH_LEADS);
    size_t scored = 0;
    enum input_state state;
    while ((state = input_fill(input, batch)) == INPUT_FILLED) {
        bool here = false;
        scored += batch->leads;
        for (uint32_t lead = 0; lead < batch->leads; lead++) here |= key_is(batch, lead, question.lead);
        if (!here) continue;
        machine_run(machine, batch);
        for (uint32_t lead = 0; lead < batch->leads; lead++)
            if (key_is(batch, lead, question.lead)) keep_answer(&answers, &question, compilation, machine, lead);
    }
    size_t found = answers.count;
    finish_answers(&answers);
    if (state == INPUT_FAILED) {
        say("rubric: %s\n", input_problem(input));
        status = input_machine_failed(input) ? EXIT_MACHINE : EXIT_FAULT;
    } else if (!found) {
        say("rubric: no lead has the key `%s` among %zu leads\n", question.lead, scored);
        status = EXIT_FAULT;
    } else if (!output_write(output, &answers.out)) status = output_problem(output);
    input_finish(input);
    int closing = close_leads(&quiet, &reports, input, scored);
    if (status == EXIT_FINE) status = closing;
    buffer_free(&answers.out);
    batch_free(batch);
    machine_free(machine);
    return status;
}

int command_explain(const struct options *options)
{
    int64_t as_of;
    if (!options->value[OPTION_LEAD]) {
        say("rubric explain: which lead?  --lead ID\n");
        return EXIT_USAGE;
    }
    int status = run_instant(options, &as_of, NULL);
    if (status != EXIT_FINE) return status;
    struct program *program;
    struct compilation *compilation;
    status = load_program(options, options->arguments[0], &program, &compilation);
    if (status != EXIT_FINE) return status;
    struct output output;
    status = output_open(&output, options->value[OPTION_OUTPUT]);
    if (status == EXIT_FINE) {
        status = explain(options, program, compilation, as_of, &output);
        if (status == EXIT_FINE) status = output_commit(&output);
        else output_abandon(&output);
    }
    program_free(program);
    compilation_free(compilation);
    return status;
}
