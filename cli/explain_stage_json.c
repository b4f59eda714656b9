/* Where a lead stands, what the next stage takes, the nearest ways to it, and what happened so far, as JSON. */
#include <stdlib.h>
#include <string.h>

#include "cli/explanation.h"
#include "cli/past.h"
#include "cli/ways.h"
#include "vm/actions.h"
#include "vm/number.h"
#include "vm/output/results.h"

#define EVENTS_LISTED 10000u

static void set_stage(cJSON *object, const char *name, const struct program *program, uint32_t stage)
{
    json_set_text(object, name, stage_name(program, stage));
}

static void add_title(cJSON *object, const struct program *program, uint32_t stage)
{
    if (stage < program->stage_count && program->stages[stage].title != NULL)
        json_set_text(object, "title", program->stages[stage].title);
}

static void add_why(cJSON *document, const struct explain_request *request, uint32_t index)
{
    const struct program *program = machine_program(request->machine);
    cJSON *why = cJSON_AddObjectToObject(document, "stage_why");
    if (index == program->stage_count) {
        json_set_text(why, "reason", "disqualified");
        return;
    }
    const struct program_stage *stage = &program->stages[index];
    struct range atoms = { 0, 0 };
    const char *reason;
    add_title(why, program, index);
    if (index == 0) {
        reason = "first";
    } else if (stage->when != NO_REGISTER
               && machine_condition(request->machine, stage->when, request->lead) == TRUTH_HOLDS) {
        reason = "enters";
        atoms = stage->atoms;
    } else if (stage->forever) {
        reason = "stays forever";
    } else {
        reason = "stays";
        atoms = stage->stay_atoms.count > 0 ? stage->stay_atoms : stage->atoms;
    }
    json_set_text(why, "reason", reason);
    cJSON_AddItemToObject(why, "conditions", json_conditions(request->machine, request->lead, atoms));
    json_set_place(why, program, stage->line);
}

/* The rules that could lift the scores that the next stage finds too low. */
static void add_helps(cJSON *next, const struct explain_request *request, const struct program_stage *stage)
{
    const struct program *program = machine_program(request->machine);
    cJSON *array = cJSON_AddArrayToObject(next, "could_add");
    for (uint32_t i = 0; i < stage->atoms.count; i++) {
        const struct program_atom *atom = &program->atoms[stage->atoms.start + i];
        struct help helps[HELPS_SHOWN];
        size_t count = explain_helps(request->machine, request->lead, atom, helps);
        for (size_t h = 0; h < count; h++) {
            cJSON *object = cJSON_CreateObject();
            json_set_text(object, "to", program->scores[atom->score].name);
            json_add_rule(object, program, helps[h].rule);
            if (helps[h].points > 0)
                cJSON_AddItemToObject(object, "points_at_most", json_number(helps[h].points));
            cJSON_AddItemToObject(
                object, "conditions",
                json_conditions(request->machine, request->lead, program->rules[helps[h].rule].atoms));
            cJSON_AddItemToArray(array, object);
        }
    }
}

/* `only from` can keep a lead out for one run although all that the next stage takes is there. */
static bool next_holds(const struct explain_request *request, uint32_t current)
{
    uint32_t when = machine_program(request->machine)->stages[current + 1].when;
    return when != NO_REGISTER && machine_condition(request->machine, when, request->lead) == TRUTH_HOLDS;
}

static void add_next(cJSON *document, const struct explain_request *request, uint32_t current)
{
    const struct program *program = machine_program(request->machine);
    if (current + 1 >= program->stage_count) {
        cJSON_AddNullToObject(document, "next_stage");
        return;
    }
    const struct program_stage *stage = &program->stages[current + 1];
    cJSON *next = cJSON_AddObjectToObject(document, "next_stage");
    set_stage(next, "stage", program, current + 1);
    add_title(next, program, current + 1);
    json_set_place(next, program, stage->line);
    cJSON_AddItemToObject(next, "conditions", json_conditions(request->machine, request->lead, stage->atoms));
    if (stage->limited) {
        cJSON *from = cJSON_AddArrayToObject(next, "only_from");
        for (uint32_t i = 0; i < stage->only_from.count; i++)
            cJSON_AddItemToArray(from,
                                 cJSON_CreateString(stage_name(program, program->indices[stage->only_from.start + i])));
    }
    if (next_holds(request, current))
        cJSON_AddBoolToObject(next, "holds", 1);        /* the next run takes the lead there */
    add_helps(next, request, stage);
}

void json_add_stage(cJSON *document, const struct explain_request *request)
{
    const struct program *program = machine_program(request->machine);
    uint32_t stage = lead_stage(request->machine, request->lead);
    set_stage(document, "stage", program, stage);
    set_stage(document, "stage_before", program, lead_stage_before(request->machine, request->lead));
    cJSON *stages = cJSON_AddArrayToObject(document, "stages");
    for (uint32_t i = 0; i < program->stage_count; i++)
        cJSON_AddItemToArray(stages, cJSON_CreateString(program->stages[i].name));
    if (stage == NO_INDEX)
        return;
    add_why(document, request, stage);
    if (stage == program->stage_count)
        return;
    add_next(document, request, stage);
    if (request->compilation != NULL && stage + 1 < program->stage_count && !next_holds(request, stage))
        json_add_ways(document, request, stage + 1);
}

/* ---- ways -------------------------------------------------------------------------------------------------------- */

static cJSON *given_value(const struct model_field *field, const struct model_given *given)
{
    cJSON *holder = cJSON_CreateObject();
    switch (field->type) {
    case FIELD_NUMBER: cJSON_AddItemToObject(holder, "v", json_number(given->number)); break;
    case FIELD_DATE: json_set_instant(holder, "v", given->number); break;
    case FIELD_YESNO: cJSON_AddBoolToObject(holder, "v", given->yes); break;
    case FIELD_TEXT: case FIELD_ONEOF: json_set_bytes(holder, "v", given->text.bytes, given->text.length); break;
    case FIELD_LIST: {
        cJSON *list = cJSON_AddArrayToObject(holder, "v");
        for (size_t i = 0; i < given->list_count; i++) {
            cJSON *element = cJSON_CreateObject();
            json_set_bytes(element, "v", given->list[i].bytes, given->list[i].length);
            cJSON_AddItemToArray(list, cJSON_DetachItemFromObject(element, "v"));
            cJSON_Delete(element);
        }
        break;
    }
    }
    cJSON *value = cJSON_DetachItemFromObject(holder, "v");
    cJSON_Delete(holder);
    return value;
}

static cJSON *change_object(const struct model *model, const struct change *change)
{
    cJSON *object = cJSON_CreateObject();
    if (!change->is_event) {
        const struct model_field *field = &model->fields[change->field.field];
        json_set_text(object, "field", field->name.text);
        cJSON_AddItemToObject(object, "value", given_value(field, &change->field));
        return object;
    }
    const struct model_event *event = &model->events[change->event.event];
    json_set_text(object, "event", event->name.text);
    cJSON_AddItemToObject(object, "count", json_number(change->event.count * NUMBER_ONE));
    json_set_instant(object, "at", change->event.at);
    cJSON *fields = cJSON_AddObjectToObject(object, "fields");
    for (size_t i = 0; i < change->event.value_count; i++) {
        const struct model_given *given = &change->event.values[i];
        cJSON_AddItemToObject(fields, event->fields[given->field].name.text,
                              given_value(&event->fields[given->field], given));
    }
    return object;
}

void json_add_ways(cJSON *document, const struct explain_request *request, uint32_t stage)
{
    const struct program *program = machine_program(request->machine);
    struct ways ways = { 0 };
    cJSON *object = cJSON_AddObjectToObject(document, "ways");
    set_stage(object, "to", program, stage);
    if (lead_stage(request->machine, request->lead) == stage) {
        cJSON_AddBoolToObject(object, "there_already", 1);
        return;
    }
    ways_find(request->compilation, request->machine, request->lead, stage, WAYS_SHOWN, &ways);
    cJSON_AddBoolToObject(object, "searched_all", ways.searched_all);
    cJSON *found = cJSON_AddArrayToObject(object, "found");
    for (size_t i = 0; i < ways.count; i++) {
        const struct way *way = &ways.items[i];
        cJSON *item = cJSON_CreateObject();
        json_set_text(item, "text", way->text);
        cJSON *changes = cJSON_AddArrayToObject(item, "changes");
        for (size_t c = 0; c < way->change_count; c++)
            cJSON_AddItemToArray(changes, change_object(&request->compilation->model, &way->changes[c]));
        cJSON *scores = cJSON_AddObjectToObject(item, "scores");
        for (uint32_t s = 0; s < program->score_count; s++)
            cJSON_AddItemToObject(scores, program->scores[s].name, json_number(way->scores[s]));
        set_stage(item, "stage", program, way->stage);
        cJSON_AddItemToArray(found, item);
    }
    ways_free(&ways);
}

/* ---- what happened so far ---------------------------------------------------------------------------------------- */

struct happening { uint32_t event, row; int64_t at; };
struct happenings { struct happening *items; size_t count, capacity; };

/* Newest first; of one instant, the later in the record is newer. */
static int by_time(const void *a, const void *b)
{
    const struct happening *x = a, *y = b;
    if (x->at != y->at)
        return x->at > y->at ? -1 : 1;
    if (x->event != y->event)
        return x->event < y->event ? -1 : 1;
    return x->row > y->row ? -1 : x->row < y->row;
}

static void gather(const struct batch *batch, uint32_t lead, struct happenings *happenings)
{
    for (uint32_t event = 0; event < batch->program->event_count; event++) {
        const struct event_table *table = &batch->events[event];
        if (!batch->program->events[event].used || table->rows == 0)
            continue;
        for (uint32_t row = table->first[lead]; row < table->first[lead + 1]; row++) {
            memory_reserve(&happenings->items, &happenings->capacity, happenings->count + 1, sizeof *happenings->items);
            happenings->items[happenings->count++] = (struct happening){ event, row, table->at[row] };
        }
    }
    if (happenings->count > 1)
        qsort(happenings->items, happenings->count, sizeof *happenings->items, by_time);
}

/* The rules that fired and counted this event; with points for each also how many it gave. */
static cJSON *counted_in(const struct explain_request *request, const struct happening *happening)
{
    const struct program *program = machine_program(request->machine);
    cJSON *array = cJSON_CreateArray();
    for (uint32_t i = 0; i < program->rule_count; i++) {
        const struct program_rule *rule = &program->rules[i];
        if (machine_condition(request->machine, rule->fires, request->lead) != TRUTH_HOLDS)
            continue;
        for (uint32_t n = 0; n < rule->inputs.count; n++) {
            const struct program_input *input = &program->inputs[rule->inputs.start + n];
            int64_t points = 0;
            if (input->kind != INPUT_EVENTS || input->place != happening->event + 1
                || machine_condition(request->machine, input->selected, happening->row) != TRUTH_HOLDS)
                continue;
            if (input->points != NO_REGISTER
                && !machine_number(request->machine, input->points, happening->row, &points))
                continue;
            cJSON *object = cJSON_CreateObject();
            json_set_text(object, "rule", rule->name);
            if (input->points != NO_REGISTER)
                cJSON_AddItemToObject(object, "points", json_number(points));
            cJSON_AddItemToArray(array, object);
            break;
        }
    }
    return array;
}

static cJSON *happening_object(const struct explain_request *request, const struct happening *happening)
{
    const struct program *program = machine_program(request->machine);
    const struct program_event *event = &program->events[happening->event];
    const struct event_table *table = &machine_batch(request->machine)->events[happening->event];
    cJSON *object = cJSON_CreateObject(), *fields = cJSON_CreateObject();
    json_set_text(object, "event", event->name);
    json_set_instant(object, "at", happening->at);
    for (uint32_t i = 0; i < event->fields.count && i < table->field_count; i++)
        if (bit_get(table->fields[i].known, happening->row))
            cJSON_AddItemToObject(fields, program->event_fields[event->fields.start + i].name,
                                  json_value(&table->fields[i], happening->row));
    cJSON_AddItemToObject(object, "fields", fields);
    cJSON_AddItemToObject(object, "counted_in", counted_in(request, happening));
    return object;
}

/* Only where something changed: the stage, or a score. */
static void add_past(cJSON *timeline, const struct program *program, const struct past *past)
{
    cJSON *steps = cJSON_AddArrayToObject(timeline, "past");
    const struct past_sample *before = NULL;
    for (size_t i = 0; i < past->count; i++) {
        const struct past_sample *sample = &past->samples[i];
        bool same = before != NULL && before->stage == sample->stage
                    && memcmp(before->scores, sample->scores, program->score_count * sizeof *sample->scores) == 0;
        if (same && i + 1 < past->count)
            continue;
        cJSON *step = cJSON_CreateObject(), *scores = cJSON_CreateObject();
        json_set_instant(step, "at", sample->at);
        set_stage(step, "stage", program, sample->stage);
        for (uint32_t s = 0; s < program->score_count; s++)
            cJSON_AddItemToObject(scores, program->scores[s].name, json_number(sample->scores[s]));
        cJSON_AddItemToObject(step, "scores", scores);
        cJSON_AddItemToArray(steps, step);
        before = sample;
    }
}

void json_add_timeline(cJSON *document, const struct explain_request *request)
{
    struct happenings happenings = { 0 };
    struct past past;
    gather(machine_batch(request->machine), request->lead, &happenings);
    cJSON *timeline = cJSON_AddObjectToObject(document, "timeline");
    cJSON *events = cJSON_AddArrayToObject(timeline, "events");
    for (size_t i = 0; i < happenings.count && i < EVENTS_LISTED; i++)
        cJSON_AddItemToArray(events, happening_object(request, &happenings.items[i]));
    size_t left_out = happenings.count > EVENTS_LISTED ? happenings.count - EVENTS_LISTED : 0;
    cJSON_AddItemToObject(timeline, "older_events", json_number((int64_t)left_out * NUMBER_ONE));
    past_replay(request->machine, request->lead, &past);
    add_past(timeline, machine_program(request->machine), &past);
    past_free(&past);
    free(happenings.items);
}
