/* Values, conditions and rules as JSON: what the sections of an explanation are made of. */
#include <string.h>

#include "cli/explanation.h"
#include "vm/actions.h"
#include "vm/number.h"
#include "vm/undecided.h"

cJSON *json_number(int64_t units)
{
    char text[NUMBER_TEXT];
    number_format(units, text);
    return cJSON_CreateRaw(text);
}

/* cJSON's texts end at a NUL: one inside is shown as U+FFFD, so that what follows it is not lost. */
static cJSON *json_bytes(const char *bytes, size_t length)
{
    struct buffer text = { 0 };
    buffer_add(&text, "", 0);
    for (size_t i = 0; i < length; i++) {
        if (bytes[i] != 0)
            buffer_char(&text, bytes[i]);
        else
            buffer_text(&text, "\xEF\xBF\xBD");
    }
    cJSON *item = cJSON_CreateString(text.data != NULL ? text.data : "");
    buffer_free(&text);
    return item;
}

void json_set_text(cJSON *object, const char *name, const char *text)
{
    cJSON_AddItemToObject(object, name, text != NULL ? cJSON_CreateString(text) : cJSON_CreateNull());
}

void json_set_bytes(cJSON *object, const char *name, const char *bytes, size_t length)
{
    cJSON_AddItemToObject(object, name, json_bytes(bytes, length));
}

void json_set_instant(cJSON *object, const char *name, int64_t instant)
{
    char text[INSTANT_TEXT];
    instant_format(instant, text);
    json_set_text(object, name, text);
}

void json_set_place(cJSON *object, const struct program *program, uint32_t line)
{
    char place[512];
    if (line != NO_INDEX)
        json_set_text(object, "at", program_place_text(program, line, place, sizeof place));
}

cJSON *json_value(const struct column *column, size_t row)
{
    if (!bit_get(column->known, row))
        return cJSON_CreateNull();
    if (column->type == FIELD_YESNO)
        return cJSON_CreateBool(bit_get(column->yes, row));
    if (column->type == FIELD_NUMBER)
        return json_number(column->numbers[row]);
    struct buffer text = { 0 };
    cJSON *item;
    if (column->type == FIELD_LIST) {
        item = cJSON_CreateArray();
        struct list_cell cell = column->lists[row];
        for (uint32_t i = 0; i < cell.count; i++) {
            struct text element = text_trim(column->elements[cell.start + i]);
            cJSON_AddItemToArray(item, json_bytes(element.bytes, element.length));
        }
        return item;
    }
    column_text(column, row, &text);
    item = json_bytes(text.data, text.length);
    buffer_free(&text);
    return item;
}

/* ---- writing ----------------------------------------------------------------------------------------------------- */

#define SHORT_ENOUGH 100u

static void write_indented(const cJSON *item, size_t indent, struct buffer *out)
{
    char *line = cJSON_PrintUnformatted(item);
    bool opens = cJSON_IsObject(item) || cJSON_IsArray(item), names = cJSON_IsObject(item);
    if (!opens || item->child == NULL || strlen(line) + indent <= SHORT_ENOUGH) {
        buffer_text(out, line);
        cJSON_free(line);
        return;
    }
    cJSON_free(line);
    buffer_text(out, names ? "{\n" : "[\n");
    for (const cJSON *child = item->child; child != NULL; child = child->next) {
        buffer_format(out, "%*s", (int)indent + 2, "");
        if (names) {
            cJSON *name = cJSON_CreateString(child->string);
            char *quoted = cJSON_PrintUnformatted(name);
            buffer_format(out, "%s: ", quoted);
            cJSON_free(quoted);
            cJSON_Delete(name);
        }
        write_indented(child, indent + 2, out);
        buffer_text(out, child->next != NULL ? ",\n" : "\n");
    }
    buffer_format(out, "%*s%s", (int)indent, "", names ? "}" : "]");
}

void json_write(const cJSON *item, struct buffer *out)
{
    write_indented(item, 0, out);
    buffer_char(out, '\n');
}

/* ---- what was seen ----------------------------------------------------------------------------------------------- */

static const char *event_name(const struct program *program, const struct event_table *table, uint32_t place,
                              uint32_t row)
{
    uint32_t event = place - 1u;
    if (event == program->event_count)
        event = table->type[row];
    return program->events[event].name;
}

/* Whether an event is in a rule's set and, for points for each, gave points. */
static bool event_counts(const struct machine *machine, const struct program_input *input, uint32_t row,
                         int64_t *points)
{
    *points = 0;
    return machine_condition(machine, input->selected, row) == TRUTH_HOLDS &&
           (input->points == NO_REGISTER || machine_number(machine, input->points, row, points));
}

static void add_events(cJSON *array, const struct machine *machine, uint32_t lead, const struct program_input *input)
{
    const struct program *program = machine_program(machine);
    const struct event_table *table = &machine_batch(machine)->events[input->place - 1];
    int64_t points;
    for (uint32_t row = table->first[lead]; row < table->first[lead + 1]; row++) {
        if (!event_counts(machine, input, row, &points))
            continue;
        cJSON *event = cJSON_CreateObject();
        json_set_text(event, "event", event_name(program, table, input->place, row));
        json_set_instant(event, "at", table->at[row]);
        if (input->points != NO_REGISTER)
            cJSON_AddItemToObject(event, "points", json_number(points));
        cJSON_AddItemToArray(array, event);
    }
}

static void add_input_value(cJSON *array, const struct machine *machine, uint32_t lead,
                            const struct program_input *input)
{
    const struct program *program = machine_program(machine);
    cJSON *object = cJSON_CreateObject();
    if (input->kind == INPUT_FIELD) {
        json_set_text(object, "field", program->fields[input->field].name);
        cJSON_AddItemToObject(object, "value", json_value(&machine_batch(machine)->fields[input->field], lead));
    } else {
        json_set_text(object, "score", program->scores[input->field].name);
        cJSON_AddItemToObject(object, "value", json_number(lead_score(machine, input->field, lead)));
    }
    cJSON_AddItemToArray(array, object);
}

cJSON *json_inputs(const struct machine *machine, uint32_t lead, struct range inputs)
{
    cJSON *array = cJSON_CreateArray();
    for (uint32_t i = 0; i < inputs.count; i++) {
        const struct program_input *input = &machine_program(machine)->inputs[inputs.start + i];
        if (input->kind == INPUT_EVENTS)
            add_events(array, machine, lead, input);
        else
            add_input_value(array, machine, lead, input);
    }
    return array;
}

/* In conditions the events are counted, not listed: how many belong to the set, and how many there are at all. */
static void add_event_count(cJSON *array, const struct machine *machine, uint32_t lead,
                            const struct program_input *input)
{
    const struct program *program = machine_program(machine);
    const struct event_table *table = &machine_batch(machine)->events[input->place - 1];
    uint32_t from = table->first[lead], to = table->first[lead + 1];
    int64_t points, counted = 0;
    for (uint32_t row = from; row < to; row++)
        counted += event_counts(machine, input, row, &points);
    cJSON *object = cJSON_CreateObject();
    bool activity = input->place == program->event_count + 1;
    json_set_text(object, "event", activity ? "activity" : program->events[input->place - 1].name);
    cJSON_AddItemToObject(object, "counted", json_number(counted * NUMBER_ONE));
    cJSON_AddItemToObject(object, "of", json_number((int64_t)(to - from) * NUMBER_ONE));
    cJSON_AddItemToArray(array, object);
}

static cJSON *condition_inputs(const struct machine *machine, uint32_t lead, struct range inputs)
{
    cJSON *array = cJSON_CreateArray();
    for (uint32_t i = 0; i < inputs.count; i++) {
        const struct program_input *input = &machine_program(machine)->inputs[inputs.start + i];
        if (input->kind == INPUT_EVENTS)
            add_event_count(array, machine, lead, input);
        else
            add_input_value(array, machine, lead, input);
    }
    return array;
}

/* How far a score is from what a condition asks of it. */
static void add_distance(cJSON *condition, const struct machine *machine, uint32_t lead,
                         const struct program_atom *atom, bool holds)
{
    const char *needs;
    switch (atom->comparison) {
    case OP_EQ: case OP_EQ_CONST: needs = "exactly"; break;
    case OP_LT: case OP_LT_CONST: needs = "less than"; break;
    case OP_LE: case OP_LE_CONST: needs = "at most"; break;
    case OP_GT: case OP_GT_CONST: needs = "more than"; break;
    default: needs = "at least"; break;
    }
    int64_t value = lead_score(machine, atom->score, lead), size;
    wide_int gap = (wide_int)value - atom->limit;
    cJSON *distance = cJSON_AddObjectToObject(condition, "distance");
    json_set_text(distance, "score", machine_program(machine)->scores[atom->score].name);
    cJSON_AddItemToObject(distance, "value", json_number(value));
    json_set_text(distance, "needs", needs);
    cJSON_AddItemToObject(distance, "limit", json_number(atom->limit));
    if (!holds && gap != 0 && number_narrow(gap < 0 ? -gap : gap, &size))
        cJSON_AddItemToObject(distance, gap < 0 ? "short" : "over", json_number(size));
}

cJSON *json_conditions(const struct machine *machine, uint32_t lead, struct range atoms)
{
    static const char *const answers[] = { "no", "yes", "unknown" };
    cJSON *array = cJSON_CreateArray();
    for (uint32_t i = 0; i < atoms.count; i++) {
        const struct program_atom *atom = &machine_program(machine)->atoms[atoms.start + i];
        enum truth truth = machine_condition(machine, atom->reg, lead);
        cJSON *condition = cJSON_CreateObject();
        json_set_text(condition, "condition", atom->text);
        json_set_text(condition, "answer", answers[truth]);
        cJSON_AddItemToObject(condition, "saw", condition_inputs(machine, lead, atom->inputs));
        if (atom->score != NO_INDEX)
            add_distance(condition, machine, lead, atom, truth == TRUTH_HOLDS);
        cJSON_AddItemToArray(array, condition);
    }
    return array;
}

cJSON *json_missing(const struct machine *machine, uint32_t lead, uint32_t rule)
{
    const char *names[MISSING_NAMES];
    size_t count = undecided_missing(machine, rule, lead, names);
    cJSON *array = cJSON_CreateArray();
    for (size_t i = 0; i < count; i++)
        cJSON_AddItemToArray(array, cJSON_CreateString(names[i]));
    return array;
}

void json_add_rule(cJSON *object, const struct program *program, uint32_t index)
{
    const struct program_rule *rule = &program->rules[index];
    json_set_text(object, "rule", rule->name);
    if (rule->title != NULL)
        json_set_text(object, "title", rule->title);
    if (rule->disqualifies)
        cJSON_AddBoolToObject(object, "disqualifies", 1);
    if (rule->score != NO_INDEX)
        json_set_text(object, "score", program->scores[rule->score].name);
    if (rule->group != NO_INDEX)
        json_set_text(object, "group", program->groups[rule->group].name);
    if (rule->points_text != NULL && !rule->disqualifies)
        json_set_text(object, "gives", rule->points_text);
    json_set_place(object, program, rule->line);
    if (rule->because != NULL)
        json_set_text(object, "because", rule->because);
}
