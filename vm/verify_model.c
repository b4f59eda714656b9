/* The tables of a program: those that instructions use, and then what rules, groups, scores, bands, matrices, stages
   and actions say about each other.  Ranges of one table that belong to one owner each must not be longer together than
   their table: that keeps the verifier, and the machine, linear in the size of a hostile file. */
#include "vm/limits.h"
#include "vm/verify_parts.h"

#include <stdlib.h>

/* ---- before the code -------------------------------------------------------------------------------------------- */

static bool check_idle(struct verifier *verifier, const char *word, uint32_t index, int64_t ppm, int64_t points,
                       int64_t count)
{
    if (ppm < 0 || ppm > 1000000)
        return verify_refuse(verifier, "%s %u: its percentage is not between 0 and 100", word, index);
    if (points < 0 || count <= 0)
        return verify_refuse(verifier, "%s %u: its points or its period are below what they can be", word, index);
    return true;
}

static bool verify_times(struct verifier *verifier)
{
    const struct program *program = verifier->program;
    for (uint32_t i = 0; i < program->clock_count; i++)
        if (program->clocks[i].count <= 0)
            return verify_refuse(verifier, "clock %u has no duration", i);
    for (uint32_t i = 0; i < program->each_count; i++) {
        const struct each *each = &program->eaches[i];
        if (each->most_times < 0 || each->most_points < 0)
            return verify_refuse(verifier, "points for each %u: a bound is below 0", i);
        if (each->fading != 0 &&
            !check_idle(verifier, "points for each", i, each->fading_ppm, each->fading_points, each->every_count))
            return false;
    }
    for (uint32_t i = 0; i < program->decay_count; i++) {
        const struct decay *decay = &program->decays[i];
        if (!check_idle(verifier, "decay", i, decay->ppm, decay->points, decay->every_count))
            return false;
    }
    return true;
}

static bool verify_sets(struct verifier *verifier)
{
    const struct program *program = verifier->program;
    uint64_t values = 0, terms = 0, labels = 0;
    for (uint32_t i = 0; i < program->set_count; i++) {
        struct range set = program->sets[i];
        values += set.count;
        if (values > program->set_value_count)
            return verify_refuse(verifier, "set %u shares values with another", i);
        for (uint32_t v = 1; v < set.count; v++)
            if (program->set_values[set.start + v - 1] >= program->set_values[set.start + v])
                return verify_refuse(verifier, "set %u is not sorted", i);
    }
    for (uint32_t i = 0; i < program->term_list_count; i++) {
        terms += program->term_lists[i].count;
        if (terms > program->term_count)
            return verify_refuse(verifier, "term list %u shares terms with another", i);
    }
    for (uint32_t i = 0; i < program->band_count; i++) {
        struct range range = program->bands[i].labels;
        labels += range.count;
        if (range.count == 0 || labels > program->band_label_count)
            return verify_refuse(verifier, "band %u has no labels of its own", i);
        for (uint32_t l = 0; l < range.count; l++)
            if (program->band_labels[range.start + l].from >= program->band_labels[range.start + l].below)
                return verify_refuse(verifier, "band %u: label %u is empty", i, l);
    }
    return true;
}

static bool verify_text_source(struct verifier *verifier, uint32_t index)
{
    const struct program *program = verifier->program;
    const struct text_source *source = &program->texts[index];
    if (source->constant) {
        if (source->domain || source->list)
            return verify_refuse(verifier, "text %u is a constant and something else", index);
    } else {
        if (source->place > program->event_count)
            return verify_refuse(verifier, "text %u is of all activity, which has no fields", index);
        struct range fields = { 0, program->field_count };
        if (source->place > 0)
            fields = program->events[source->place - 1].fields;
        if (source->field >= fields.count)
            return verify_refuse(verifier, "text %u names a field that is not there", index);
        const struct program_field *field =
            source->place > 0 ? &program->event_fields[fields.start + source->field] : &program->fields[source->field];
        bool right = source->list ? field->type == FIELD_LIST && !source->domain
                                  : field->type == FIELD_TEXT || field->type == FIELD_ONEOF;
        if (!right)
            return verify_refuse(verifier, "text %u is of a field of another type", index);
    }
    for (uint32_t i = 0; i < source->patterns.count; i++)
        if (program->patterns[source->patterns.start + i].bit >= source->bits)
            return verify_refuse(verifier, "text %u: the predicate of pattern %u is not there", index, i);
    return true;
}

static bool verify_texts(struct verifier *verifier)
{
    const struct program *program = verifier->program;
    uint64_t bits = 0, patterns = 0;
    for (uint32_t i = 0; i < program->text_count; i++) {
        bits += program->texts[i].bits;
        patterns += program->texts[i].patterns.count;
        if (bits > program->register_count)
            return verify_refuse(verifier, "text %u has more predicates than there are registers", i);
        if (patterns > program->pattern_count)
            return verify_refuse(verifier, "text %u shares patterns with another", i);
        if (!verify_text_source(verifier, i))
            return false;
    }
    return true;
}

static bool verify_field_table(struct verifier *verifier, const char *word, const struct program_field *fields,
                               uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        if (fields[i].from.count == 0)
            return verify_refuse(verifier, "%s %u is read from nowhere", word, i);
        if (fields[i].type == FIELD_ONEOF && fields[i].options.count == 0)
            return verify_refuse(verifier, "%s %u is one of nothing", word, i);
    }
    return true;
}

static bool verify_fields(struct verifier *verifier)
{
    const struct program *program = verifier->program;
    if (!verify_field_table(verifier, "field", program->fields, program->field_count) ||
        !verify_field_table(verifier, "event field", program->event_fields, program->event_field_count))
        return false;
    uint64_t fields = 0;
    for (uint32_t i = 0; i < program->event_count; i++) {
        const struct program_event *event = &program->events[i];
        fields += event->fields.count;
        if (event->fields.count > LIMIT_FIELDS || fields > program->event_field_count)
            return verify_refuse(verifier, "event %u has too many fields, or shares them with another", i);
        if (program->uses_activity && event->activity && !event->used)
            return verify_refuse(verifier, "event %u counts as activity, which is used, but is not read", i);
    }
    if (program->key_field != NO_INDEX) {
        const struct program_field *key = &program->fields[program->key_field];
        if (key->type == FIELD_LIST || key->type == FIELD_YESNO)
            return verify_refuse(verifier, "the key is neither a text nor a number");
    }
    if (program->stage_field != NO_INDEX) {
        uint8_t type = program->fields[program->stage_field].type;
        if (type != FIELD_TEXT && type != FIELD_ONEOF)
            return verify_refuse(verifier, "the current stage is no text");
    }
    return true;
}

bool verify_values(struct verifier *verifier)
{
    return verify_times(verifier) && verify_sets(verifier) && verify_fields(verifier) && verify_texts(verifier);
}

/* ---- after the code --------------------------------------------------------------------------------------------- */

static const struct instruction *writer_of(const struct verifier *verifier, uint32_t reg)
{
    return &verifier->program->code[verifier->writer[reg]];
}

static bool is_band(const struct verifier *verifier, uint32_t reg, uint32_t band)
{
    const struct instruction *code = writer_of(verifier, reg);
    return code->opcode == OP_BAND_OF && code->b == band;
}

static bool verify_bands(struct verifier *verifier)
{
    const struct program *program = verifier->program;
    for (uint32_t i = 0; i < program->band_count; i++)
        if (!is_band(verifier, program->bands[i].reg, i))
            return verify_refuse(verifier, "band %u: its register is not its label", i);
    for (uint32_t i = 0; i < program->matrix_count; i++) {
        const struct program_matrix *matrix = &program->matrices[i];
        const struct instruction *code = writer_of(verifier, matrix->reg);
        if (code->opcode != OP_CELL_OF || !is_band(verifier, code->a, matrix->rows) ||
            !is_band(verifier, code->b, matrix->columns))
            return verify_refuse(verifier, "matrix %u: its register is not its cell", i);
        uint64_t cells = (uint64_t)program->bands[matrix->rows].labels.count *
                         program->bands[matrix->columns].labels.count;
        if (matrix->first_cell > program->cell_count || cells > program->cell_count - matrix->first_cell)
            return verify_refuse(verifier, "matrix %u has too few cells", i);
    }
    return true;
}

/* A step of the ledger is a number of its own: what it adds to the value before it must fit in 64 bits too. */
static bool step_fits(const struct verifier *verifier, uint32_t before, uint32_t after)
{
    if (before == after)
        return true;
    struct span from = verifier->spans[before], to = verifier->spans[after];
    const struct instruction *code = writer_of(verifier, after);
    wide_int low = (wide_int)to.low - from.high, high = (wide_int)to.high - from.low;
    if (code->opcode == OP_CLAMP && code->a == before) {
        low = (wide_int)verifier->program->constants[code->c] - from.high;
        high = (wide_int)verifier->program->constants[code->b] - from.low;
    } else if ((code->opcode == OP_DECAY && code->a == before) ||
               (code->opcode == OP_WEIGH && code->a == before && verifier->program->constants[code->b] >= 0 &&
                verifier->program->constants[code->b] <= 1000000)) {
        return true;                                    /* toward zero: never more than the value itself */
    }
    /* The one number without a counterpart, INT64_MIN, is a value that data can only give beside a bound. */
    return low >= INT64_MIN && high <= (wide_int)INT64_MAX + 1;
}

/* Marks the rules of a range of indices as listed by (score, group); each must say the same of itself, and be listed
   once. */
static bool list_rules(struct verifier *verifier, struct range range, uint32_t score, uint32_t group, uint8_t *listed,
                       uint64_t *indices)
{
    const struct program *program = verifier->program;
    *indices += range.count;
    if (*indices > program->index_count)
        return verify_refuse(verifier, "lists of rules overlap");
    for (uint32_t i = 0; i < range.count; i++) {
        uint32_t rule = program->indices[range.start + i];
        if (rule >= program->rule_count || listed[rule])
            return verify_refuse(verifier, "a list of score %u names a rule that is not there, or is listed already",
                                 score);
        if (program->rules[rule].score != score || program->rules[rule].group != group)
            return verify_refuse(verifier, "rule %u belongs to another score or group than the one that lists it",
                                 rule);
        listed[rule] = 1;
    }
    return true;
}

static bool verify_score(struct verifier *verifier, uint32_t index, uint64_t *terms)
{
    const struct program *program = verifier->program;
    const struct program_score *score = &program->scores[index];
    *terms += score->terms.count;
    if (*terms > program->score_term_count)
        return verify_refuse(verifier, "score %u shares terms with another", index);
    if (score->combined ? score->groups.count > 0 || score->rules.count > 0 : score->terms.count > 0)
        return verify_refuse(verifier, "score %u is of rules and of other scores", index);
    if (score->decay != NO_INDEX && score->last == NO_REGISTER)
        return verify_refuse(verifier, "score %u decays, but nothing says since when", index);
    if (score->decay == NO_INDEX && score->after_decay != score->sum)
        return verify_refuse(verifier, "score %u has no decay, but a value after it", index);
    for (uint32_t t = 0; t < score->terms.count; t++) {
        const struct score_term *term = &program->score_terms[score->terms.start + t];
        if (term->score != NO_INDEX && term->reg == NO_REGISTER)
            return verify_refuse(verifier, "score %u: term %u has no value", index, t);
    }
    if (!step_fits(verifier, score->sum, score->after_decay) ||
        !step_fits(verifier, score->after_decay, score->after_round) ||
        !step_fits(verifier, score->after_round, score->after_clamp))
        return verify_refuse(verifier, "score %u: a step of its ledger can leave 64 bits", index);
    return true;
}

static bool verify_scores(struct verifier *verifier, uint8_t *listed, uint8_t *group_listed, uint64_t *indices)
{
    const struct program *program = verifier->program;
    uint64_t terms = 0, groups = 0;
    for (uint32_t i = 0; i < program->score_count; i++) {
        const struct program_score *score = &program->scores[i];
        groups += score->groups.count;
        if (!verify_score(verifier, i, &terms) || !list_rules(verifier, score->rules, i, NO_INDEX, listed, indices))
            return false;
        if (groups > program->group_count)
            return verify_refuse(verifier, "score %u shares groups with another", i);
        for (uint32_t g = 0; g < score->groups.count; g++) {
            uint32_t group = score->groups.start + g;
            if (program->groups[group].score != i || group_listed[group])
                return verify_refuse(verifier, "group %u belongs to another score than the one that lists it", group);
            group_listed[group] = 1;
        }
    }
    for (uint32_t i = 0; i < program->group_count; i++) {
        const struct program_group *group = &program->groups[i];
        if (!group_listed[i])
            return verify_refuse(verifier, "group %u is in no score", i);
        if (!list_rules(verifier, group->rules, group->score, i, listed, indices))
            return false;
        if (!step_fits(verifier, group->sum, group->after_weight) ||
            !step_fits(verifier, group->after_weight, group->after_most) ||
            !step_fits(verifier, group->after_most, group->after_least))
            return verify_refuse(verifier, "group %u: a step of its ledger can leave 64 bits", i);
    }
    return true;
}

static bool verify_rules(struct verifier *verifier, const uint8_t *listed)
{
    const struct program *program = verifier->program;
    for (uint32_t i = 0; i < program->rule_count; i++) {
        const struct program_rule *rule = &program->rules[i];
        if (rule->disqualifies ? rule->score != NO_INDEX || rule->group != NO_INDEX : rule->score == NO_INDEX)
            return verify_refuse(verifier, "rule %u gives points to no score, or disqualifies and gives points", i);
        if (!rule->disqualifies && !listed[i])
            return verify_refuse(verifier, "rule %u is in no list of its score", i);
    }
    for (uint32_t i = 0; i < program->input_count; i++) {
        const struct program_input *input = &program->inputs[i];
        bool good = false;
        switch (input->kind) {
        case INPUT_FIELD: good = input->place == 0 && input->field < program->field_count; break;
        case INPUT_SCORE: good = input->field < program->score_count; break;
        case INPUT_EVENTS:
            good = input->place > 0 && verify_register(program, input->selected, REGISTER_COND, input->place) &&
                   (input->points == NO_REGISTER ||
                    verify_register(program, input->points, REGISTER_NUM, input->place));
            break;
        }
        if (!good)
            return verify_refuse(verifier, "input %u names what is not there", i);
    }
    return true;
}

static bool verify_stages(struct verifier *verifier, uint64_t *indices)
{
    const struct program *program = verifier->program;
    bool some = program->stage_count > 0;
    if ((program->stage_reg != NO_REGISTER) != some || (program->stage_before_reg != NO_REGISTER) != some)
        return verify_refuse(verifier, "there are stages and no register for them, or the other way round");
    if (some && (writer_of(verifier, program->stage_reg)->opcode != OP_STAGE_OF ||
                 writer_of(verifier, program->stage_before_reg)->opcode != OP_LOAD_STAGE))
        return verify_refuse(verifier, "the registers of the stages hold something else");
    for (uint32_t i = 0; i < program->stage_count; i++) {
        const struct program_stage *stage = &program->stages[i];
        if ((stage->when == NO_REGISTER) != (i == 0))
            return verify_refuse(verifier, "stage %u: the first has no condition, all others have one", i);
        *indices += stage->only_from.count;
        if (*indices > program->index_count)
            return verify_refuse(verifier, "stage %u shares its list with another", i);
        for (uint32_t from = 0; from < stage->only_from.count; from++)
            if (program->indices[stage->only_from.start + from] >= program->stage_count)
                return verify_refuse(verifier, "stage %u comes from a stage that is not there", i);
    }
    return true;
}

static bool verify_piece(const struct program *program, const struct piece *piece)
{
    switch (piece->kind) {
    case PIECE_TEXT: return piece->text != NULL;
    case PIECE_FIELD: return piece->index < program->field_count;
    case PIECE_SCORE: return piece->index < program->score_count;
    case PIECE_BAND: return piece->index < program->band_count;
    case PIECE_MATRIX: return piece->index < program->matrix_count;
    case PIECE_STAGE: return true;
    }
    return false;
}

static bool verify_actions(struct verifier *verifier)
{
    const struct program *program = verifier->program;
    uint64_t pieces = 0;
    if (program->action_count > 0 && program->stage_count == 0)
        return verify_refuse(verifier, "there are actions, but no stages");
    for (uint32_t i = 0; i < program->action_count; i++) {
        const struct program_action *action = &program->actions[i];
        pieces += action->pieces.count;
        if (action->stage > program->stage_count || pieces > program->piece_count)
            return verify_refuse(verifier, "action %u: its stage or its text is not there", i);
    }
    for (uint32_t i = 0; i < program->piece_count; i++)
        if (!verify_piece(program, &program->pieces[i]))
            return verify_refuse(verifier, "piece %u of a text names what is not there", i);
    return true;
}

bool verify_model(struct verifier *verifier)
{
    const struct program *program = verifier->program;
    uint8_t *listed = memory_alloc(program->rule_count), *group_listed = memory_alloc(program->group_count);
    uint64_t indices = 0;
    bool good = verify_bands(verifier) && verify_scores(verifier, listed, group_listed, &indices) &&
                verify_rules(verifier, listed) && verify_stages(verifier, &indices) && verify_actions(verifier);
    free(listed);
    free(group_listed);
    return good;
}
