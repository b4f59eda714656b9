/* One lead as a JSON document: the members of the NDJSON result with the same names, then all that the text says. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/explanation.h"
#include "vm/actions.h"
#include "vm/number.h"
#include "vm/trace.h"
#include "vm/undecided.h"

static const struct program *program_of(const struct explain_request *request)
{
    return machine_program(request->machine);
}

static bool rule_fires(const struct explain_request *request, uint32_t rule)
{
    uint32_t reg = program_of(request)->rules[rule].fires;
    return machine_condition(request->machine, reg, request->lead) == TRUTH_HOLDS;
}

static void add_head(cJSON *document, const struct explain_request *request)
{
    const struct program *program = program_of(request);
    char room[64], hash[80] = "sha256:";
    struct text key = batch_key(machine_batch(request->machine), request->lead, room);
    if (key.length > 0)
        json_set_bytes(document, "lead", key.bytes, key.length);
    else
        cJSON_AddNullToObject(document, "lead");
    json_set_instant(document, "as_of", machine_as_of(request->machine));
    json_set_text(document, "rubric", program->name);
    json_set_text(document, "version", program->version);
    if (program->owner != NULL)
        json_set_text(document, "owner", program->owner);
    memcpy(hash + 7, program->hash, sizeof program->hash);
    json_set_text(document, "hash", hash);
}

static void add_scores(cJSON *document, const struct explain_request *request)
{
    const struct program *program = program_of(request);
    cJSON *scores = cJSON_AddObjectToObject(document, "scores");
    for (uint32_t i = 0; i < program->score_count; i++)
        cJSON_AddItemToObject(scores, program->scores[i].name,
                              json_number(lead_score(request->machine, i, request->lead)));
    cJSON *bands = cJSON_AddObjectToObject(document, "bands");
    for (uint32_t i = 0; i < program->band_count; i++)
        json_set_text(bands, program->bands[i].name, lead_band(request->machine, i, request->lead));
    cJSON *matrices = cJSON_AddObjectToObject(document, "matrices");
    for (uint32_t i = 0; i < program->matrix_count; i++)
        json_set_text(matrices, program->matrices[i].name, lead_cell(request->machine, i, request->lead));
}

static void add_disqualified(cJSON *document, const struct explain_request *request)
{
    const struct program *program = program_of(request);
    cJSON *array = cJSON_AddArrayToObject(document, "disqualified");
    for (uint32_t i = 0; i < program->rule_count; i++) {
        const struct program_rule *rule = &program->rules[i];
        if (!rule->disqualifies || !rule_fires(request, i))
            continue;
        cJSON *object = cJSON_CreateObject();
        json_add_rule(object, program, i);
        cJSON_AddItemToObject(object, "inputs", json_inputs(request->machine, request->lead, rule->inputs));
        cJSON_AddItemToArray(array, object);
    }
}

struct action_list { const struct explain_request *request; cJSON *array; };

static void add_action(void *context, const struct program_action *action)
{
    static const char *const verbs[] = { "assign", "notify", "tag" }, *const members[] = { "to", "text", "tag" };
    struct action_list *list = context;
    struct buffer text = { 0 };
    cJSON *object = cJSON_CreateObject();
    action_text(list->request->machine, action, list->request->lead, &text);
    json_set_text(object, "do", verbs[action->kind]);
    json_set_bytes(object, members[action->kind], text.data, text.length);
    cJSON_AddItemToArray(list->array, object);
    buffer_free(&text);
}

static void add_actions(cJSON *document, const struct explain_request *request)
{
    struct action_list list = { request, cJSON_AddArrayToObject(document, "actions") };
    actions_each(request->machine, request->lead, add_action, &list);
}

static void add_undecided(cJSON *document, const struct explain_request *request)
{
    const struct program *program = program_of(request);
    cJSON *array = cJSON_AddArrayToObject(document, "undecided");
    for (uint32_t i = 0; i < program->rule_count; i++) {
        if (!rule_is_undecided(request->machine, i, request->lead))
            continue;
        cJSON *object = cJSON_CreateObject();
        json_add_rule(object, program, i);
        cJSON_AddItemToObject(object, "missing", json_missing(request->machine, request->lead, i));
        if (rule_fires(request, i))                     /* a `choose` that passed over a row before the one it took */
            cJSON_AddBoolToObject(object, "gave_points", 1);
        cJSON_AddItemToArray(array, object);
    }
}

/* ---- the ledger -------------------------------------------------------------------------------------------------- */

static void add_taken_row(cJSON *object, const struct explain_request *request, const struct program_rule *rule)
{
    for (uint32_t i = 0; i < rule->rows.count; i++) {
        const struct program_row *row = &program_of(request)->rows[rule->rows.start + i];
        if (machine_condition(request->machine, row->reg, request->lead) != TRUTH_HOLDS)
            continue;
        json_set_text(object, "row", row->text);
        return;
    }
}

static void add_rule_line(cJSON *object, const struct explain_request *request, const struct trace_line *line)
{
    const struct program *program = program_of(request);
    const struct program_rule *rule = &program->rules[line->rule];
    json_set_text(object, "rule", rule->name);
    if (rule->title != NULL)
        json_set_text(object, "title", rule->title);
    if (rule->group != NO_INDEX)
        json_set_text(object, "group", program->groups[rule->group].name);
    cJSON_AddItemToObject(object, "points", json_number(line->points));
    if (line->kind == LINE_BEATEN)
        cJSON_AddBoolToObject(object, "beaten", 1);
    json_set_place(object, program, rule->line);
    if (rule->because != NULL)
        json_set_text(object, "because", rule->because);
    if (rule->rows.count > 0)
        add_taken_row(object, request, rule);
    else if (rule->points != NO_REGISTER && rule->points_text != NULL && strchr(rule->points_text, ' ') != NULL)
        json_set_text(object, "gives", rule->points_text);
    if (rule->weight_ppm != 1000000)                    /* millionths, read as units of 0.0001, are the percent */
        cJSON_AddItemToObject(object, "weight_percent", json_number(rule->weight_ppm));
    cJSON_AddItemToObject(object, "inputs", json_inputs(request->machine, request->lead, rule->inputs));
}

static void add_decay(cJSON *object, const struct program *program, const struct program_score *score)
{
    if (score->decay == NO_INDEX)
        return;
    const struct decay *decay = &program->decays[score->decay];
    char every[64];
    snprintf(every, sizeof every, "%lld %s", (long long)decay->every_count,
             time_unit_name((enum time_unit)decay->every_unit, decay->every_count != 1));
    cJSON_AddItemToObject(object, decay->by_points ? "loses_points" : "loses_percent",
                          json_number(decay->by_points ? decay->points : decay->ppm));
    json_set_text(object, "every", every);
}

static void add_step_line(cJSON *object, const struct program *program, const struct trace_line *line)
{
    const struct program_score *score = &program->scores[line->score];
    const struct program_group *group = line->group != NO_INDEX ? &program->groups[line->group] : NULL;
    json_set_text(object, "step", line_kind_step(line->kind));
    if (group != NULL)
        json_set_text(object, "group", group->name);
    if (line->kind == LINE_TERM)
        json_set_text(object, "term", program->score_terms[line->term].text);
    cJSON_AddItemToObject(object, "points", json_number(line->points));
    switch (line->kind) {
    case LINE_GROUP_WEIGHT: cJSON_AddItemToObject(object, "weight_percent", json_number(group->weight_ppm)); break;
    case LINE_GROUP_MOST: cJSON_AddItemToObject(object, "limit", json_number(group->most)); break;
    case LINE_GROUP_LEAST: cJSON_AddItemToObject(object, "limit", json_number(group->least)); break;
    case LINE_CLAMP:
        cJSON_AddItemToObject(object, "limit", json_number(line->points < 0 ? score->most : score->least));
        break;
    case LINE_DECAY:
        cJSON_AddItemToObject(object, "periods", json_number(line->periods * NUMBER_ONE));
        add_decay(object, program, score);
        break;
    default: break;
    }
    if (line->kind == LINE_GROUP_WEIGHT || line->kind == LINE_GROUP_MOST || line->kind == LINE_GROUP_LEAST
        || line->kind == LINE_CLAMP || line->kind == LINE_DECAY)
        cJSON_AddItemToObject(object, "before", json_number(line->before));
    json_set_place(object, program, group != NULL ? group->line : score->line);
}

static void add_trace(cJSON *document, const struct explain_request *request)
{
    const struct program *program = program_of(request);
    struct trace trace = { 0 };
    cJSON *array = cJSON_AddArrayToObject(document, "trace");
    trace_lead(request->machine, request->lead, &trace);
    for (size_t i = 0; i < trace.count; i++) {
        const struct trace_line *line = &trace.lines[i];
        cJSON *object = cJSON_CreateObject();
        json_set_text(object, "score", program->scores[line->score].name);
        if (line->kind == LINE_RULE || line->kind == LINE_BEATEN)
            add_rule_line(object, request, line);
        else
            add_step_line(object, program, line);
        cJSON_AddItemToArray(array, object);
    }
    trace_free(&trace);
}

/* Where a score can be: what the rubric says, and with its text at hand what the compiler proved. */
static void add_ranges(cJSON *document, const struct explain_request *request)
{
    const struct program *program = program_of(request);
    cJSON *ranges = cJSON_AddArrayToObject(document, "ranges");
    for (uint32_t i = 0; i < program->score_count; i++) {
        const struct program_score *score = &program->scores[i];
        bool proved = request->compilation != NULL && i < request->compilation->model.score_count;
        const struct model_score *model = proved ? &request->compilation->model.scores[i] : NULL;
        cJSON *range = cJSON_CreateObject();
        json_set_text(range, "score", score->name);
        cJSON_AddItemToObject(range, "from", score->has_least ? json_number(score->least) : cJSON_CreateNull());
        cJSON_AddItemToObject(range, "to", score->has_most ? json_number(score->most) : cJSON_CreateNull());
        if (proved) {
            cJSON_AddItemToObject(range, "lowest", json_number(model->lowest));
            cJSON_AddItemToObject(range, "highest", json_number(model->highest));
        }
        cJSON *marks = cJSON_AddArrayToObject(range, "bands");
        for (uint32_t b = 0; b < program->band_count; b++) {
            if (program->bands[b].score != i)
                continue;
            for (uint32_t l = 0; l < program->bands[b].labels.count; l++) {
                const struct band_label *label = &program->band_labels[program->bands[b].labels.start + l];
                cJSON *mark = cJSON_CreateObject();
                json_set_text(mark, "band", program->bands[b].name);
                json_set_text(mark, "label", label->label);
                cJSON_AddItemToObject(mark, "from",
                                      label->from == INT64_MIN ? cJSON_CreateNull() : json_number(label->from));
                cJSON_AddItemToObject(mark, "below",
                                      label->below == INT64_MAX ? cJSON_CreateNull() : json_number(label->below));
                cJSON_AddItemToArray(marks, mark);
            }
        }
        cJSON_AddItemToArray(ranges, range);
    }
}

/* ---- what did not count ------------------------------------------------------------------------------------------ */

static void add_why_not(cJSON *object, const struct explain_request *request, const struct program_rule *rule)
{
    const struct machine *machine = request->machine;
    if (rule->active != NO_REGISTER && machine_condition(machine, rule->active, request->lead) == TRUTH_FAILS) {
        json_set_text(object, "reason", "not active");
        if (rule->has_active_from)
            json_set_instant(object, "active_from", rule->active_from);
        if (rule->has_active_until)
            json_set_instant(object, "active_until", rule->active_until);
        return;
    }
    if (rule->when != NO_REGISTER && machine_condition(machine, rule->when, request->lead) == TRUTH_FAILS
        && rule->atoms.count > 0) {
        json_set_text(object, "reason", "condition");
        cJSON_AddItemToObject(object, "conditions", json_conditions(machine, request->lead, rule->atoms));
        return;
    }
    json_set_text(object, "reason", rule->rows.count > 0 ? "no row takes it" : "nothing to count");
    cJSON_AddItemToObject(object, "inputs", json_inputs(machine, request->lead, rule->inputs));
}

static void add_silent(cJSON *document, const struct explain_request *request)
{
    const struct program *program = program_of(request);
    cJSON *array = cJSON_AddArrayToObject(document, "silent");
    for (uint32_t i = 0; i < program->rule_count; i++) {
        const struct program_rule *rule = &program->rules[i];
        if (machine_condition(request->machine, rule->fires, request->lead) != TRUTH_FAILS)
            continue;
        cJSON *object = cJSON_CreateObject();
        json_add_rule(object, program, i);
        add_why_not(object, request, rule);
        cJSON_AddItemToArray(array, object);
    }
}

static void add_fields(cJSON *document, const struct explain_request *request)
{
    const struct program *program = program_of(request);
    cJSON *fields = cJSON_AddObjectToObject(document, "fields");
    for (uint32_t i = 0; i < program->field_count; i++)
        cJSON_AddItemToObject(fields, program->fields[i].name,
                              json_value(&machine_batch(request->machine)->fields[i], request->lead));
}

/* The answer to --why-not. */
static void add_one_rule(cJSON *document, const struct explain_request *request)
{
    const struct program_rule *rule = &program_of(request)->rules[request->why_not];
    cJSON *object = cJSON_AddObjectToObject(document, "why_not");
    json_add_rule(object, program_of(request), request->why_not);
    switch (machine_condition(request->machine, rule->fires, request->lead)) {
    case TRUTH_HOLDS: json_set_text(object, "answer", rule->disqualifies ? "holds" : "fired"); break;
    case TRUTH_FAILS:
        json_set_text(object, "answer", "silent");
        add_why_not(object, request, rule);
        break;
    case TRUTH_UNKNOWN:
        json_set_text(object, "answer", "undecided");
        cJSON_AddItemToObject(object, "missing", json_missing(request->machine, request->lead, request->why_not));
        break;
    }
    if (!cJSON_HasObjectItem(object, "conditions"))
        cJSON_AddItemToObject(object, "conditions", json_conditions(request->machine, request->lead, rule->atoms));
}

cJSON *explanation_new(const struct explain_request *request)
{
    cJSON_InitHooks(&(cJSON_Hooks){ memory_alloc, free });      /* so that it never comes back empty-handed */
    cJSON *document = cJSON_CreateObject();
    add_head(document, request);
    if (request->why_not != NO_INDEX) {
        add_one_rule(document, request);
        return document;
    }
    add_scores(document, request);
    if (request->to_reach != NO_INDEX) {
        json_set_text(document, "stage", stage_name(program_of(request), lead_stage(request->machine, request->lead)));
        json_add_ways(document, request, request->to_reach);
        return document;
    }
    json_add_stage(document, request);
    add_disqualified(document, request);
    add_actions(document, request);
    add_undecided(document, request);
    add_trace(document, request);
    add_silent(document, request);
    add_ranges(document, request);
    add_fields(document, request);
    json_add_timeline(document, request);
    return document;
}
