/* NDJSON, one object a lead.  Names, labels and reasons are escaped once, when the writer is made; what is left for a
   lead is to join slices and to write numbers.  Columns of a batch are looked up once a batch. */
#include <stdlib.h>
#include <string.h>

#include "vm/actions.h"
#include "vm/output/pieces.h"
#include "vm/output/writer.h"

struct only { struct text piece; uint32_t field; };      /* the whole entry; NO_INDEX: there is none */

struct ndjson {
    const struct program *program;
    struct arena arena;
    int64_t as_of; bool has_as_of;
    struct text head; /* ,"as_of":… to "scores":{ ; made anew when the instant changes */
    struct text facts;                                  /* the part of head that never changes */
    struct output_columns scores, bands, matrices, stages;      /* stages: now, and before; none without stages */
    struct text null, after_scores, after_bands, after_stages, without_stages;
    size_t most;                                        /* bytes of a line up to `disqualified`, without the key */
    struct text *disqualified;                          /* per rule: {"rule":…,"because":…} */
    struct text *undecided;                             /* per rule: {"rule":…,"missing":[ */
    struct only *only;                                  /* per rule: of one that looks at one field of the lead */
    uint32_t *disqualifiers, disqualifier_count;
    struct buffer made;                                 /* while pieces are made */
};

static struct text keep(struct ndjson *json)
{
    struct text kept = piece_keep(&json->arena, json->made.data, json->made.length);
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

/* What is missing where a rule looks at one field only, and that is missing, needs no search. */
static struct only only_input(struct ndjson *json, const struct program_rule *rule)
{
    const struct program *program = json->program;
    const struct program_input *input = &program->inputs[rule->inputs.start];
    if (rule->inputs.count != 1 || input->kind != INPUT_FIELD || rule->passed != NO_REGISTER)
        return (struct only){.field = NO_INDEX};
    buffer_text(&json->made, "{\"rule\":");
    json_add_text(&json->made, rule->name);
    buffer_text(&json->made, ",\"missing\":[");
    json_add_text(&json->made, program->fields[input->field].name);
    buffer_text(&json->made, "]}");
    return (struct only){keep(json), input->field};
}

static void make_rules(struct ndjson *json)
{
    const struct program *program = json->program;
    json->disqualified = arena_alloc(&json->arena, program->rule_count * sizeof *json->disqualified);
    json->undecided = arena_alloc(&json->arena, program->rule_count * sizeof *json->undecided);
    json->only = arena_alloc(&json->arena, program->rule_count * sizeof *json->only);
    json->disqualifiers = arena_alloc(&json->arena, program->rule_count * sizeof *json->disqualifiers);
    for (uint32_t i = 0; i < program->rule_count; i++) {
        const struct program_rule *rule = &program->rules[i];
        buffer_text(&json->made, "{\"rule\":");
        json_add_text(&json->made, rule->name);
        buffer_text(&json->made, ",\"missing\":[");
        json->undecided[i] = keep(json);
        json->only[i] = only_input(json, rule);
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

static struct text keep_bytes(struct ndjson *json, const char *bytes)
{
    return piece_keep(&json->arena, bytes, strlen(bytes));
}

static void make_stages(struct ndjson *json)
{
    const struct program *program = json->program;
    json->null = keep_bytes(json, "null");
    json->after_scores = keep_bytes(json, "},\"bands\":{");
    json->after_bands = keep_bytes(json, "},\"matrices\":{");
    json->after_stages = keep_bytes(json, ",\"disqualified\":[");
    json->without_stages = keep_bytes(json, "},\"stage\":null,\"stage_before\":null");
    json->stages.columns = arena_alloc(&json->arena, 2 * sizeof *json->stages.columns);
    if (program->stage_reg == NO_REGISTER)
        return;
    struct text *names = arena_alloc(&json->arena, ((size_t)program->stage_count + 1) * sizeof *names);
    for (uint32_t i = 0; i <= program->stage_count; i++)
        names[i] = keep_quoted(json, stage_name(program, i));
    for (uint32_t i = 0; i < 2; i++)
        json->stages.columns[i] =
            (struct output_column){.before = keep_bytes(json, i == 0 ? "},\"stage\":" : ",\"stage_before\":"),
                                   .reg = i == 0 ? program->stage_reg : program->stage_before_reg,
                                   .labels = names, .label_count = (uint64_t)program->stage_count + 1};
    json->stages.count = 2;
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
    make_stages(json);
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
    json->most = 64 + json->head.length + json->after_scores.length + json->after_bands.length
                 + json->after_stages.length + json->without_stages.length + columns_most(&json->scores)
                 + columns_most(&json->bands) + columns_most(&json->matrices) + columns_most(&json->stages);
    json->as_of = as_of;
    json->has_as_of = true;
}

static char *put_scores(const struct results *results, const struct output_columns *columns, uint32_t lead, char *to)
{
    for (uint32_t i = 0; i < columns->count; i++) {
        const struct output_column *column = &columns->columns[i];
        to = piece_put(to, column->before);
        to = number_put(to, results->numbers, bit_get(column->known, lead) ? column->numbers[lead] : 0);
    }
    return to;
}

static char *put_labels(const struct ndjson *json, const struct output_columns *columns, uint32_t lead, char *to)
{
    for (uint32_t i = 0; i < columns->count; i++) {
        const struct output_column *column = &columns->columns[i];
        const struct text *label = column_label(column, lead);
        to = piece_put(to, column->before);
        to = piece_put(to, label ? *label : json->null);
    }
    return to;
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
        const struct only *only = &results->ndjson->only[rule];
        if (only->field != NO_INDEX && !bit_get(machine_batch(machine)->fields[only->field].known, lead)) {
            room_used(out, piece_put(room_for(out, only->piece.length), only->piece));
            continue;
        }
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

static char *put_key(const struct batch *batch, uint32_t lead, struct buffer *out, size_t most)
{
    char number[64];
    struct text key = batch_key(batch, lead, number);
    char *to = room_for(out, most + key.length);
    if (key.length == 0) {
        memcpy(to, "{\"lead\":null", 12);
        return to + 12;
    }
    memcpy(to, "{\"lead\":\"", 9);
    if (json_is_plain(key.bytes, key.length)) {
        memcpy(to + 9, key.bytes, key.length);
        to += 9 + key.length;
    } else {
        room_used(out, to + 9);
        json_add_escaped(out, key.bytes, key.length);
        to = room_for(out, most);
    }
    *to = '"';
    return to + 1;
}

static void add_lead(struct results *results, const struct machine *machine, uint32_t lead, struct buffer *out)
{
    struct ndjson *json = results->ndjson;
    char *to = put_key(machine_batch(machine), lead, out, json->most);
    to = piece_put(to, json->head);
    to = put_scores(results, &json->scores, lead, to);
    to = piece_put(to, json->after_scores);
    to = put_labels(json, &json->bands, lead, to);
    to = piece_put(to, json->after_bands);
    to = put_labels(json, &json->matrices, lead, to);
    to = json->stages.count > 0 ? put_labels(json, &json->stages, lead, to) : piece_put(to, json->without_stages);
    to = piece_put(to, json->after_stages);
    room_used(out, to);
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
    columns_find(&json->scores, machine);
    columns_find(&json->bands, machine);
    columns_find(&json->matrices, machine);
    columns_find(&json->stages, machine);
    undecided_gather(&results->undecided, machine);
    uint32_t leads = machine_batch(machine)->leads;
    for (uint32_t lead = 0; lead < leads; lead++)
        if (chosen == NULL || bit_get(chosen, lead)) {
            add_lead(results, machine, lead, out);
            results->written++;
        }
}
