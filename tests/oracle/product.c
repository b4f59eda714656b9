#include "tests/oracle/product.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "vm/actions.h"
#include "vm/input/input.h"
#include "vm/output/results.h"
#include "vm/trace.h"
#include "vm/undecided.h"

struct collecting { const struct machine *machine; uint32_t lead; struct arena *arena; struct verdict *verdict; };

static void action_add(void *context, const struct program_action *action)
{
    struct collecting *collecting = context;
    struct buffer text = { 0 };
    buffer_reset(&text);
    action_text(collecting->machine, action, collecting->lead, &text);
    *VERDICT_ADD(collecting->arena, collecting->verdict->actions) =
        (struct verdict_action){ action->kind, arena_copy(collecting->arena, text.data ? text.data : "", text.length) };
    buffer_free(&text);
}

static void undecided_add(struct collecting *collecting, uint32_t rule)
{
    const char *names[MISSING_NAMES];
    size_t count = undecided_missing(collecting->machine, rule, collecting->lead, names);
    struct { const char **items; size_t count, capacity; } kept = { 0 };
    for (size_t i = 0; i < count; i++)
        *VERDICT_ADD(collecting->arena, kept) = names[i];
    *VERDICT_ADD(collecting->arena, collecting->verdict->undecided) =
        (struct verdict_undecided){ machine_program(collecting->machine)->rules[rule].name, kept.items, kept.count };
}

static void lines_add(struct collecting *collecting)
{
    const struct program *program = machine_program(collecting->machine);
    struct trace trace = { 0 };
    trace_lead(collecting->machine, collecting->lead, &trace);
    for (size_t i = 0; i < trace.count; i++) {
        const struct trace_line *line = &trace.lines[i];
        bool of_rule = line->kind == LINE_RULE || line->kind == LINE_BEATEN;
        if (line->points == 0 && !of_rule)
            continue;
        const char *step = line->kind == LINE_RULE     ? "rule"
                           : line->kind == LINE_BEATEN ? "beaten"
                                                       : line_kind_step(line->kind);
        const char *name = of_rule                   ? program->rules[line->rule].name
                           : line->group != NO_INDEX ? program->groups[line->group].name
                                                     : "";
        *VERDICT_ADD(collecting->arena, collecting->verdict->lines) =
            (struct verdict_line){ program->scores[line->score].name, step, name, line->points, NULL };
    }
    trace_free(&trace);
}

void product_verdict(const struct machine *machine, uint32_t lead, struct arena *arena, struct verdict *verdict)
{
    const struct program *program = machine_program(machine);
    struct collecting collecting = { machine, lead, arena, verdict };
    char key[64];
    *verdict = (struct verdict){ 0 };
    struct text id = text_trim(batch_key(machine_batch(machine), lead, key));
    verdict->lead = arena_copy(arena, id.bytes ? id.bytes : "", id.length);
    for (uint32_t i = 0; i < program->score_count; i++)
        *VERDICT_ADD(arena, verdict->scores) =
            (struct verdict_score){ program->scores[i].name, lead_score(machine, i, lead) };
    for (uint32_t i = 0; i < program->band_count; i++)
        *VERDICT_ADD(arena, verdict->bands) =
            (struct verdict_label){ program->bands[i].name, lead_band(machine, i, lead) };
    for (uint32_t i = 0; i < program->matrix_count; i++)
        *VERDICT_ADD(arena, verdict->matrices) =
            (struct verdict_label){ program->matrices[i].name, lead_cell(machine, i, lead) };
    verdict->stage = stage_name(program, lead_stage(machine, lead));
    verdict->stage_before = stage_name(program, lead_stage_before(machine, lead));
    for (uint32_t i = 0; i < program->rule_count; i++) {
        if (program->rules[i].disqualifies && machine_condition(machine, program->rules[i].fires, lead) == TRUTH_HOLDS)
            *VERDICT_ADD(arena, verdict->disqualified) = program->rules[i].name;
        if (rule_is_undecided(machine, i, lead))
            undecided_add(&collecting, i);
    }
    actions_each(machine, lead, action_add, &collecting);
    lines_add(&collecting);
    if (program->outcome != NO_REGISTER) {
        enum truth won = machine_condition(machine, program->outcome, lead);
        verdict->won = won == TRUTH_HOLDS ? "yes" : won == TRUTH_FAILS ? "no" : "unknown";
    }
}

/* The batch's results as NDJSON, read back line by line. */
static bool results_read(const struct machine *machine, struct arena *arena,
                         void (*found)(void *context, const struct verdict *verdict), void *context)
{
    struct results_options options = { .trace = true };
    struct results *results = results_new(machine_program(machine), RESULTS_NDJSON, &options);
    struct buffer text = { 0 };
    bool sound = true;
    buffer_reset(&text);
    results_begin(results, &text);
    results_batch(results, machine, NULL, &text);
    results_end(results, &text);
    for (const char *line = text.data; sound && line && *line; line += strcspn(line, "\n") + 1) {
        struct verdict verdict;
        arena_reset(arena);
        sound = result_verdict(line, strcspn(line, "\n"), arena, &verdict);
        if (sound)
            found(context, &verdict);
    }
    results_free(results);
    buffer_free(&text);
    return sound;
}

/* Bytes as a file that can be opened by its path. */
static int memory_file(const struct buffer *bytes, char path[64])
{
    int file = memfd_create("leads", 0);
    if (file >= 0 && write(file, bytes->data, bytes->length) != (ssize_t)bytes->length) {
        close(file);
        return -1;
    }
    snprintf(path, 64, "/proc/self/fd/%d", file);
    return file;
}

static bool input_run(struct input *input, const struct program *program, int64_t as_of, struct product_way way,
                      void (*found)(void *context, const struct verdict *verdict), void *context, char *problem,
                      size_t capacity)
{
    struct batch *batch = batch_new(program, as_of, way.batch_size);
    struct machine *machine = machine_new(program, as_of);
    struct arena arena;
    enum input_state state;
    bool sound = true;
    arena_init(&arena);
    while ((state = input_fill(input, batch)) == INPUT_FILLED) {
        machine_run(machine, batch);
        if (way.written)
            sound = results_read(machine, &arena, found, context) && sound;
        for (uint32_t lead = 0; !way.written && lead < batch->leads; lead++) {
            struct verdict verdict;
            arena_reset(&arena);
            product_verdict(machine, lead, &arena, &verdict);
            found(context, &verdict);
        }
    }
    if (state == INPUT_FAILED)
        snprintf(problem, capacity, "%s", input_problem(input));
    if (!sound)
        snprintf(problem, capacity, "a result is not as the contract says");
    input_finish(input);
    batch_free(batch);
    machine_free(machine);
    arena_free(&arena);
    return sound && state != INPUT_FAILED;
}

bool product_run(const struct program *program, int64_t as_of, struct product_way way, const struct buffer *leads,
                 const struct buffer *events, void (*found)(void *context, const struct verdict *verdict),
                 void *context, char *problem, size_t capacity)
{
    char leads_path[64], events_path[64];
    const char *leads_paths[] = { leads_path }, *events_paths[] = { events_path };
    bool apart = events && events->length > 0, run = false;
    int leads_file = memory_file(leads, leads_path), events_file = apart ? memory_file(events, events_path) : -1;
    struct input_options options = { .block_bytes = way.block_bytes,
                                     .events = apart ? events_paths : NULL,
                                     .event_files = apart };
    struct input *input = NULL;
    if (leads_file < 0 || (apart && events_file < 0))
        snprintf(problem, capacity, "no memory file for the leads");
    else
        input = input_open(program, &options, leads_paths, 1, problem, capacity);
    if (input) {
        run = input_run(input, program, as_of, way, found, context, problem, capacity);
        input_close(input);
    }
    if (leads_file >= 0)
        close(leads_file);
    if (events_file >= 0)
        close(events_file);
    return run;
}
