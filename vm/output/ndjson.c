/* NDJSON, one object a lead.  Names, labels and reasons are escaped once, when the writer is made; what is left for a
   lead is to join slices and to write numbers.  Columns of a batch are looked up once a batch. */
#include <stdlib.h>
#include <string.h>

#include "vm/actions.h"
#include "vm/number.h"
#include "vm/output/writer.h"

/* A column of scores, of band labels, of matrix cells: where it is in the machine, and the bytes that go before a
   value. */
struct output_column {
    struct text before;
    uint32_t reg;
    const struct text *labels;
    uint64_t label_count;
    const int64_t *numbers;
    const uint64_t *known;
};
struct output_columns { struct output_column *columns; uint32_t count; };

struct ndjson {
    const struct program *program;
    struct arena arena;
    int64_t as_of; bool has_as_of;
    struct text head; /* ,"as_of":… to "scores":{ ; made anew when the instant changes */
    struct text facts;                                  /* the part of head that never changes */
    struct output_columns scores, bands, matrices;
    struct text *stages;                                /* quoted; one more than there are stages: Disqualified */
    struct text *disqualified;                          /* per rule: {"rule":…,"because":…} */
    struct text *undecided;                             /* per rule: {"rule":…,"missing":[ */
    uint32_t *disqualifiers, disqualifier_count;
    struct buffer made;                                 /* while pieces are made */
};

static struct text keep(struct ndjson *json)
{
    struct text kept = { arena_copy(&json->arena, json->made.data, json->made.length), (uint32_t)json->made.length };
    buffer_reset(&json->made);
    return kept;
}

static struct text keep_quoted(struct ndjson *json, const char *text)
{
    json_add_text(&json->made, text);
    return keep(json);
}

/* "name": with a comma before all but the first. */
static struct text keep_name(struct ndjson *json, const char *name, bool first)
{
    if (!first)
        buffer_char(&json->made, ',');
    json_add_text(&json->made, name);
    buffer_char(&json->made, ':');
    return keep(json);
}

static void make_columns(struct ndjson *json)
{
    const struct program *program = json->program;
    json->scores.count = program->score_count;
    json->scores.columns = arena_alloc(&json->arena, program->score_count * sizeof *json->scores.columns);
    for (uint32_t i = 0; i < program->score_count; i++)
        json->scores.columns[i] = (struct output_column){ .before = keep_name(json, program->scores[i].name, i == 0),
                                                          .reg = program->scores[i].after_clamp };
    json->bands.count = program->band_count;
    json->bands.columns = arena_alloc(&json->arena, program->band_count * sizeof *json->bands.columns);
    for (uint32_t i = 0; i < program->band_count; i++) {
        struct range range = program->bands[i].labels;
        struct text *labels = arena_alloc(&json->arena, range.count * sizeof *labels);
        for (uint32_t l = 0; l < range.count; l++)
            labels[l] = keep_quoted(json, program->band_labels[range.start + l].label);
        json->bands.columns[i] = (struct output_column){ .before = keep_name(json, program->bands[i].name, i == 0),
                                                         .reg = program->bands[i].reg,
                                                         .labels = labels,
                                                         .label_count = range.count };
    }
    json->matrices.count = program->matrix_count;
    json->matrices.columns = arena_alloc(&json->arena, program->matrix_count * sizeof *json->matrices.columns);
    struct text *cells = arena_alloc(&json->arena, program->cell_count * sizeof *cells);
    for (uint32_t i = 0; i < program->cell_count; i++)
        cells[i] = keep_quoted(json, program->cells[i]);
    for (uint32_t i = 0; i < program->matrix_count; i++) {
        const struct program_matrix *matrix = &program->matrices[i];
        uint64_t count = (uint64_t)program->bands[matrix->rows].labels.count *
                         program->bands[matrix->columns].labels.count;
        json->matrices.columns[i] = (struct output_column){ .before = keep_name(json, matrix->name, i == 0),
                                                            .reg = matrix->reg,
                                                            .labels = cells + matrix->first_cell,
                                                            .label_count = count };
    }
}

static void make_rules(struct ndjson *json)
{
    const struct program *program = json->program;
    json->disqualified = arena_alloc(&json->arena, program->rule_count * sizeof *json->disqualified);
    json->undecided = arena_alloc(&json->arena, program->rule_count * sizeof *json->undecided);
    json->disqualifiers = arena_alloc(&json->arena, program->rule_count * sizeof *json->disqualifiers);
    for (uint32_t i = 0; i < program->rule_count; i++) {
        const struct program_rule *rule = &program->rules[i];
        buffer_text(&json->made, "{\"rule\":");
        json_add_text(&json->made, rule->name);
        buffer_text(&json->made, ",\"missing\":[");
        json->undecided[i] = keep(json);
        if (!rule->disqualifies)
            continue;
        json->disqualifiers[json->disqualifier_count++] = i;
        buffer_text(&json->made, "{\"rule\":");
        json_add_text(&json->made, rule->name);
        buffer_text(&json->made, ",\"because\":");
        json_add_text(&json->made, rule->because);
        buffer_char(&json->made, '}');
        json->disqualified[i] = keep(json);
    }
}

struct ndjson *ndjson_new(const struct program *program)
{
    struct ndjson *json = memory_alloc(sizeof *json);
    json->program = program;
    arena_init(&json->arena);
    buffer_text(&json->made, "\",\"rubric\":");
    json_add_text(&json->made, program->name);
    buffer_text(&json->made, ",\"version\":");
    json_add_text(&json->made, program->version);
    buffer_text(&json->made, ",\"hash\":\"sha256:");
    buffer_text(&json->made, program->hash);
    buffer_text(&json->made, "\",\"scores\":{");
    json->facts = keep(json);
    make_columns(json);
    json->stages = arena_alloc(&json->arena, ((size_t)program->stage_count + 1) * sizeof *json->stages);
    for (uint32_t i = 0; i <= program->stage_count; i++)
        json->stages[i] = keep_quoted(json, stage_name(program, i));
    make_rules(json);
    return json;
}

void ndjson_free(struct ndjson *json)
{
    if (json == NULL)
        return;
    arena_free(&json->arena);
    buffer_free(&json->made);
    free(json);
}

static void make_head(struct ndjson *json, int64_t as_of)
{
    if (json->has_as_of && json->as_of == as_of)
        return;
    char text[INSTANT_TEXT];
    buffer_text(&json->made, ",\"as_of\":\"");
    buffer_add(&json->made, text, instant_format(as_of, text));
    add_slice(&json->made, json->facts);
    json->head = keep(json);
    json->as_of = as_of;
    json->has_as_of = true;
}

static void find_columns(struct output_columns *columns, const struct machine *machine)
{
    for (uint32_t i = 0; i < columns->count; i++) {
        columns->columns[i].numbers = machine_numbers(machine, columns->columns[i].reg);
        columns->columns[i].known = machine_known(machine, columns->columns[i].reg);
    }
}

static void add_scores(const struct output_columns *columns, uint32_t lead, struct buffer *out)
{
    char text[NUMBER_TEXT];
    for (uint32_t i = 0; i < columns->count; i++) {
        const struct output_column *column = &columns->columns[i];
        add_slice(out, column->before);
        int64_t value = bit_get(column->known, lead) ? column->numbers[lead] : 0;
        buffer_add(out, text, number_format(value, text));
    }
}

static void add_labels(const struct output_columns *columns, uint32_t lead, struct buffer *out)
{
    for (uint32_t i = 0; i < columns->count; i++) {
        const struct output_column *column = &columns->columns[i];
        add_slice(out, column->before);
        int64_t label = bit_get(column->known, lead) ? column->numbers[lead] : -1;
        if (label < 0 || (uint64_t)label >= column->label_count)
            buffer_add(out, "null", 4);
        else
            add_slice(out, column->labels[label]);
    }
}

static void add_stage(const struct ndjson *json, uint32_t stage, struct buffer *out)
{
    if (stage == NO_INDEX)
        buffer_add(out, "null", 4);
    else
        add_slice(out, json->stages[stage]);
}

static void add_disqualified(const struct ndjson *json, const struct machine *machine, uint32_t lead,
                             struct buffer *out)
{
    if (!bit_get(machine_holds(machine, json->program->disqualified), lead))
        return;
    bool first = true;
    for (uint32_t i = 0; i < json->disqualifier_count; i++) {
        uint32_t rule = json->disqualifiers[i];
        if (!bit_get(machine_holds(machine, json->program->rules[rule].fires), lead))
            continue;
        if (!first)
            buffer_char(out, ',');
        first = false;
        add_slice(out, json->disqualified[rule]);
    }
}

struct action_list {
    struct results *results;
    const struct machine *machine;
    uint32_t lead;
    struct buffer *out;
    bool some;
};

static void add_action(void *context, const struct program_action *action)
{
    static const char *const openings[] = { "{\"do\":\"assign\",\"to\":\"", "{\"do\":\"notify\",\"text\":\"",
                                            "{\"do\":\"tag\",\"tag\":\"" };
    struct action_list *list = context;
    struct buffer *scratch = &list->results->scratch;
    if (list->some)
        buffer_char(list->out, ',');
    list->some = true;
    buffer_text(list->out, openings[action->kind]);
    buffer_reset(scratch);
    action_text(list->machine, action, list->lead, scratch);
    json_add_escaped(list->out, scratch->data, scratch->length);
    buffer_add(list->out, "\"}", 2);
}

static void add_undecided(struct results *results, const struct machine *machine, uint32_t lead, struct buffer *out)
{
    const struct undecided *undecided = &results->undecided;
    for (uint32_t i = undecided->first[lead]; i < undecided->first[lead + 1]; i++) {
        uint32_t rule = undecided->rules[i];
        if (i > undecided->first[lead])
            buffer_char(out, ',');
        add_slice(out, results->ndjson->undecided[rule]);
        const char *names[MISSING_NAMES];
        size_t count = undecided_missing(machine, rule, lead, names);
        for (size_t n = 0; n < count; n++) {
            if (n > 0)
                buffer_char(out, ',');
            json_add_text(out, names[n]);
        }
        buffer_add(out, "]}", 2);
    }
}

static void add_key(const struct batch *batch, uint32_t lead, struct buffer *out)
{
    char number[64];
    struct text key = batch_key(batch, lead, number);
    if (key.length == 0) {
        buffer_text(out, "{\"lead\":null");
        return;
    }
    buffer_add(out, "{\"lead\":\"", 9);
    json_add_escaped(out, key.bytes, key.length);
    buffer_char(out, '"');
}

static void add_lead(struct results *results, const struct machine *machine, uint32_t lead, struct buffer *out)
{
    struct ndjson *json = results->ndjson;
    add_key(machine_batch(machine), lead, out);
    add_slice(out, json->head);
    add_scores(&json->scores, lead, out);
    buffer_add(out, "},\"bands\":{", 11);
    add_labels(&json->bands, lead, out);
    buffer_add(out, "},\"matrices\":{", 14);
    add_labels(&json->matrices, lead, out);
    buffer_add(out, "},\"stage\":", 10);
    add_stage(json, lead_stage(machine, lead), out);
    buffer_add(out, ",\"stage_before\":", 16);
    add_stage(json, lead_stage_before(machine, lead), out);
    buffer_add(out, ",\"disqualified\":[", 17);
    add_disqualified(json, machine, lead, out);
    buffer_add(out, "],\"actions\":[", 13);
    struct action_list list = { results, machine, lead, out, false };
    actions_each(machine, lead, add_action, &list);
    buffer_add(out, "],\"undecided\":[", 15);
    add_undecided(results, machine, lead, out);
    buffer_char(out, ']');
    if (results->options.trace)
        ndjson_trace(results, machine, lead, out);
    buffer_add(out, "}\n", 2);
}

void ndjson_batch(struct results *results, const struct machine *machine, const uint64_t *chosen, struct buffer *out)
{
    struct ndjson *json = results->ndjson;
    make_head(json, machine_as_of(machine));
    find_columns(&json->scores, machine);
    find_columns(&json->bands, machine);
    find_columns(&json->matrices, machine);
    undecided_gather(&results->undecided, machine);
    uint32_t leads = machine_batch(machine)->leads;
    for (uint32_t lead = 0; lead < leads; lead++)
        if (chosen == NULL || bit_get(chosen, lead))
            add_lead(results, machine, lead, out);
}
