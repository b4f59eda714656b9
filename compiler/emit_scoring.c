#include "compiler/emit_parts.h"

#include <stdlib.h>
#include <string.h>

#include "compiler/format.h"
#include "vm/number.h"

void collect_model_texts(struct emitter *e, const struct model_test *test)
{
    const struct model *model = e->model;
    for (size_t i = 0; i < model->rule_count; i++) {
        const struct model_points *points = &model->rules[i].points;
        collect_texts(e, model->rules[i].when);
        collect_set_texts(e, points->set);
        collect_texts(e, points->value);
        for (size_t r = 0; r < points->row_count; r++) {
            collect_texts(e, points->rows[r].condition);
            if (points->rows[r].kind != ROW_TEXTS) continue;
            struct node row = { .kind = NODE_TEXT_TEST,
                                .predicate = TEXT_IS,
                                .left = points->value,
                                .texts = points->rows[r].texts,
                                .text_count = points->rows[r].text_count };
            collect_texts(e, &row);
        }
    }
    for (size_t i = 0; i < model->score_count; i++) collect_set_texts(e, model->scores[i].without);
    for (size_t i = 0; i < model->stage_count; i++) {
        collect_texts(e, model->stages[i].when);
        collect_texts(e, model->stages[i].stay);
    }
    for (size_t i = 0; i < model->action_count; i++) collect_texts(e, model->actions[i].when);
    collect_texts(e, model->outcome);
    for (size_t i = 0; test && i < test->expectation_count; i++) collect_texts(e, test->expectations[i].condition);
}

/* ---- terms
 * ---------------------------------------------------------------------------------------------------------------------
 */

struct term_list {
    struct table terms;
};

static void add_term(struct term_list *list, uint32_t reg, bool is_number, int64_t points)
{
    struct term term = { reg, is_number, points };
    table_add(&list->terms, &term, sizeof term);
}

static uint32_t finish_terms(struct emitter *e, struct term_list *list)
{
    struct range range = { (uint32_t)e->terms.count, (uint32_t)list->terms.count };
    for (size_t i = 0; i < list->terms.count; i++)
        table_add(&e->terms, &((struct term *)list->terms.items)[i], sizeof(struct term));
    free(list->terms.items);
    list->terms = (struct table) { 0 };
    return table_add(&e->term_lists, &range, sizeof range);
}

/* ---- points of a rule
 * --------------------------------------------------------------------------------------------------------------- */

/* What a points clause comes to: `says`, whether it has something to say; its number, or a constant. */
struct clause {
    uint32_t says, number, passed;
    int64_t constant;
};

static uint32_t cap(struct emitter *e, uint32_t reg, const struct model_points *points)
{
    if (!points->has_most_points) return reg;
    return emit(e, OP_CLAMP, 0, reg, emit_constant(e, -points->most_points), emit_constant(e, points->most_points));
}

static uint32_t always(struct emitter *e) { return emit(e, OP_ALWAYS, 0, 0, 0, 0); }

static struct clause clause_each(struct emitter *e, const struct model_points *points, uint32_t *event_points)
{
    struct each each = { .points = points->points,
                         .once = (uint32_t)points->once,
                         .most_times = points->most_times,
                         .fading = points->fading,
                         .fading_ppm = points->fading_ppm,
                         .fading_points = points->fading_points,
                         .every_count = points->fading ? points->fading_count : 1,
                         .every_unit = (uint32_t)points->fading_unit,
                         .capped = points->has_most_points,
                         .most_points = points->most_points };
    struct emitted_set set = emit_event_set(e, points->set);
    uint32_t index = table_add(&e->eaches, &each, sizeof each);
    uint32_t number = emit(e, OP_EACH, set.place, set.selected, index, 0);
    *event_points = number + 1;
    uint32_t says = emit(e, OP_KNOWN, 0, number, 0, 0);
    if (set.gate != NO_REGISTER) says = emit(e, OP_COND_IF_COND, 0, says, set.gate, 0);
    return (struct clause) { says, number, NO_REGISTER, 0 };
}

/* Unknown where the value is missing, else holds. */
static uint32_t where_known(struct emitter *e, const struct node *value)
{
    switch (value->type) {
    case TYPE_NUMBER:
    case TYPE_DATE: return emit(e, OP_COND_IF_NUM, 0, always(e), emit_number(e, value, 0), 0);
    case TYPE_TEXT:
        return emit(e, OP_COND_IF_NUM, 0, always(e), emit(e, OP_TEXT_LENGTH, 0, emit_text_source(e, value), 0, 0), 0);
    default: return emit(e, OP_COND_IF_COND, 0, always(e), emit_condition(e, value, 0), 0);
    }
}

static uint32_t missing_row(struct emitter *e, const struct node *value)
{
    struct node known = { .kind = NODE_KNOWN, .type = TYPE_CONDITION, .left = (struct node *)value };
    return emit(e, OP_NOT, 0, emit_condition(e, &known, 0), 0, 0);
}

static uint32_t row_condition(struct emitter *e, const struct model_points *points, const struct model_row *row)
{
    switch (row->kind) {
    case ROW_RANGE: {
        uint32_t value = emit_number(e, points->value, 0), from = NO_REGISTER, below = NO_REGISTER;
        if (row->has_from) from = emit(e, OP_GE_CONST, 0, value, emit_constant(e, row->from), 0);
        if (row->has_below) below = emit(e, OP_LT_CONST, 0, value, emit_constant(e, row->below), 0);
        if (from == NO_REGISTER) return below;
        return below == NO_REGISTER ? from : emit(e, OP_AND, 0, from, below, 0);
    }
    case ROW_TEXTS: {
        struct node test = { .kind = NODE_TEXT_TEST,
                             .type = TYPE_CONDITION,
                             .predicate = TEXT_IS,
                             .left = points->value,
                             .texts = row->texts,
                             .text_count = row->text_count };
        return emit_condition(e, &test, 0);
    }
    case ROW_YES: return emit_condition(e, points->value, 0);
    case ROW_NO: return emit(e, OP_NOT, 0, emit_condition(e, points->value, 0), 0, 0);
    case ROW_MISSING: return missing_row(e, points->value);
    case ROW_OTHERWISE: return points->kind == POINTS_CHOOSE ? always(e) : where_known(e, points->value);
    case ROW_CONDITION: return emit_condition(e, row->condition, 0);
    }
    return always(e);
}

static const char *row_text(struct emitter *e, const struct model_row *row)
{
    struct buffer text = { 0 };
    char number[NUMBER_TEXT];
    switch (row->kind) {
    case ROW_RANGE:
        if (row->has_from) {
            number_format(row->from, number);
            buffer_format(&text, "from %s", number);
        }
        if (row->has_below) {
            number_format(row->below, number);
            buffer_format(&text, "%sbelow %s", row->has_from ? " " : "", number);
        }
        break;
    case ROW_TEXTS:
        for (const struct literal_list *l = row->tree->texts; l; l = l->next) {
            if (text.length) buffer_text(&text, " or ");
            format_literal(l->literal.bytes, l->literal.length, &text);
        }
        break;
    case ROW_YES: buffer_text(&text, "yes"); break;
    case ROW_NO: buffer_text(&text, "no"); break;
    case ROW_MISSING: buffer_text(&text, "missing"); break;
    case ROW_OTHERWISE: buffer_text(&text, "otherwise"); break;
    case ROW_CONDITION: format_expression(row->tree->condition, &text); break;
    }
    const char *copy = arena_copy(e->arena, text.data ? text.data : "", text.length);
    buffer_free(&text);
    return copy;
}

static struct clause clause_rows(struct emitter *e, const struct model_rule *rule, struct range *shown)
{
    const struct model_points *points = &rule->points;
    struct term_list list = { 0 };
    shown->start = (uint32_t)e->rows.count;
    for (size_t i = 0; i < points->row_count; i++) {
        const struct model_row *row = &points->rows[i];
        uint32_t condition = row_condition(e, points, row);
        int64_t given = rule->weight_ppm == 1000000 ? row->points : number_weigh(row->points, rule->weight_ppm);
        add_term(&list, condition, false, given);
        struct program_row facts = { row_text(e, row), condition, given, emit_line(e, row->tree->span) };
        table_add(&e->rows, &facts, sizeof facts);
    }
    /* A value that no row takes is silent; a missing one undecided, even where only `otherwise` stands. */
    shown->count = (uint32_t)e->rows.count - shown->start;
    uint32_t terms = finish_terms(e, &list);
    struct clause clause = { .number = emit(e, OP_CHOOSE, 0, terms, 0, 0),
                             .says = emit(e, OP_CHOSEN, 0, terms, 0, 0),
                             .passed = NO_REGISTER };
    if (points->kind == POINTS_CHOOSE) clause.passed = emit(e, OP_PASSED, 0, terms, 0, 0);
    return clause;
}

static const char *points_text(struct emitter *e, const struct tree_points *points)
{
    struct buffer text = { 0 };
    format_points(points, &text);
    const char *copy = arena_copy(e->arena, text.data ? text.data : "", text.length);
    buffer_free(&text);
    return copy;
}

static void emit_rule(struct emitter *e, const struct model_rule *rule, bool as_number)
{
    const struct model_points *points = &rule->points;
    struct program_rule facts = { .name = emit_text(e, rule->name.text),
                                  .title = emit_text(e, rule->title),
                                  .because = emit_text(e, rule->because),
                                  .score = rule->score,
                                  .group = rule->group,
                                  .passed = NO_REGISTER,
                                  .points = NO_REGISTER,
                                  .active = NO_REGISTER,
                                  .when = NO_REGISTER,
                                  .unweighted = NO_REGISTER,
                                  .weight_ppm = rule->weight_ppm,
                                  .has_active_from = rule->has_active_from,
                                  .has_active_until = rule->has_active_until,
                                  .active_from = rule->active_from,
                                  .active_until = rule->active_until };
    e->line = facts.line = emit_line(e, rule->name.span);
    if (rule->has_active_from || rule->has_active_until)
        facts.active = emit(e, OP_ACTIVE, 0, emit_constant(e, rule->has_active_from ? rule->active_from : INT64_MIN),
                            emit_constant(e, rule->has_active_until ? rule->active_until : INT64_MAX), 0);
    if (rule->when) facts.when = emit_condition(e, rule->when, 0);
    facts.points_text = points_text(e, &rule->tree->points);
    uint32_t event_points = NO_REGISTER;
    struct clause clause = { .says = NO_REGISTER, .number = NO_REGISTER, .passed = NO_REGISTER };
    bool weigh = rule->weight_ppm != 1000000;
    switch (points->kind) {
    case POINTS_ABSENT: break;
    case POINTS_FIXED:
        clause.constant = weigh ? number_weigh(points->points, rule->weight_ppm) : points->points;
        weigh = false;
        break;
    case POINTS_EACH: clause = clause_each(e, points, &event_points); break;
    case POINTS_EVERY: {
        uint32_t value = emit_number(e, points->value, 0);
        uint32_t number = emit(e, OP_EVERY, 0, value, emit_constant(e, points->points),
                               emit_constant(e, points->every));
        clause.says = emit(e, OP_COND_IF_NUM, 0, emit(e, OP_KNOWN, 0, number, 0, 0), value, 0);
        clause.number = cap(e, number, points);
        break;
    }
    case POINTS_EQUAL: {
        uint32_t value = emit_number(e, points->value, 0);
        clause.says = emit(e, OP_COND_IF_NUM, 0, always(e), value, 0);
        clause.number = cap(e, value, points);
        break;
    }
    case POINTS_BY:
    case POINTS_CHOOSE:
        clause = clause_rows(e, rule, &facts.rows);
        weigh = false;
        break;
    }
    uint32_t before = facts.when == NO_REGISTER ? NO_REGISTER : facts.when;
    if (facts.active != NO_REGISTER)
        before = before == NO_REGISTER ? facts.active : emit(e, OP_THEN, 0, facts.active, before, 0);
    if (clause.says == NO_REGISTER) facts.fires = before == NO_REGISTER ? always(e) : before;
    else facts.fires = before == NO_REGISTER ? clause.says : emit(e, OP_THEN, 0, before, clause.says, 0);
    if (clause.passed != NO_REGISTER)
        facts.passed = before == NO_REGISTER
                           ? clause.passed
                           : emit(e, OP_AND, 0, emit(e, OP_SETTLE, 0, before, 0, 0), clause.passed, 0);
    facts.constant = clause.constant;
    if (clause.number != NO_REGISTER) {
        facts.unweighted = weigh ? clause.number : NO_REGISTER;
        uint32_t number = weigh ? emit(e, OP_WEIGH, 0, clause.number, emit_constant(e, rule->weight_ppm), 0)
                                : clause.number;
        facts.points = emit(e, OP_ONLY_IF, 0, number, facts.fires, 0);
    } else if (as_number) {
        facts.points = emit(e, OP_POINTS, 0, facts.fires, emit_constant(e, clause.constant), 0);
    }
    facts.atoms = emit_atoms(e, rule->when);
    facts.inputs.start = (uint32_t)e->inputs.count;
    emit_inputs(e, rule->when, facts.inputs.start);
    emit_inputs(e, points->value, facts.inputs.start);
    emit_set_inputs(e, points->set, event_points, facts.inputs.start);
    for (size_t i = 0; i < points->row_count; i++) emit_inputs(e, points->rows[i].condition, facts.inputs.start);
    facts.inputs.count = (uint32_t)e->inputs.count - facts.inputs.start;
    table_add(&e->rules, &facts, sizeof facts);
}

static void emit_disqualification(struct emitter *e, const struct model_rule *rule)
{
    struct program_rule facts = { .name = emit_text(e, rule->name.text),
                                  .because = emit_text(e, rule->because),
                                  .disqualifies = true,
                                  .score = NO_INDEX,
                                  .group = NO_INDEX,
                                  .passed = NO_REGISTER,
                                  .points = NO_REGISTER,
                                  .active = NO_REGISTER,
                                  .unweighted = NO_REGISTER,
                                  .weight_ppm = 1000000,
                                  .points_text = "" };
    facts.points_text = emit_text(e, "");
    e->line = facts.line = emit_line(e, rule->name.span);
    facts.when = facts.fires = emit_condition(e, rule->when, 0);
    facts.atoms = emit_atoms(e, rule->when);
    facts.inputs.start = (uint32_t)e->inputs.count;
    emit_inputs(e, rule->when, facts.inputs.start);
    facts.inputs.count = (uint32_t)e->inputs.count - facts.inputs.start;
    table_add(&e->rules, &facts, sizeof facts);
}

static void rule_term(struct emitter *e, struct term_list *list, uint32_t index)
{
    const struct program_rule *rule = &((struct program_rule *)e->rules.items)[index];
    if (rule->points != NO_REGISTER) add_term(list, rule->points, true, 0);
    else add_term(list, rule->fires, false, rule->constant);
}

/* ---- groups, scores
 * ----------------------------------------------------------------------------------------------------------------------
 */

static struct range add_rule_indices(struct emitter *e, uint32_t score, uint32_t group)
{
    struct range range = { (uint32_t)e->indices.count, 0 };
    for (uint32_t i = 0; i < e->model->rule_count; i++) {
        const struct model_rule *rule = &e->model->rules[i];
        if (!rule->disqualifies && rule->score == score && rule->group == group) table_add(&e->indices, &i, sizeof i);
    }
    range.count = (uint32_t)e->indices.count - range.start;
    return range;
}

static uint32_t emit_group(struct emitter *e, uint32_t index, uint32_t score)
{
    const struct model_group *group = &e->model->groups[index];
    struct program_group facts = { .name = emit_text(e, group->name.text),
                                   .score = score,
                                   .take = group->take,
                                   .weight_ppm = group->weight_ppm,
                                   .has_weight = group->has_weight,
                                   .has_most = group->has_most,
                                   .most = group->most,
                                   .has_least = group->has_least,
                                   .least = group->least };
    e->line = facts.line = emit_line(e, group->name.span);
    facts.rules = add_rule_indices(e, score, index);
    struct term_list list = { 0 };
    for (uint32_t i = 0; i < facts.rules.count; i++)
        rule_term(e, &list, ((uint32_t *)e->indices.items)[facts.rules.start + i]);
    uint32_t terms = finish_terms(e, &list);
    bool sum = group->take == TAKE_SUM || group->take == TAKE_EXCLUSIVE;
    facts.sum = sum ? emit(e, OP_TOTAL, 0, terms, emit_constant(e, 0), 0)
                    : emit(e, OP_TAKE, 0, terms, (uint32_t)group->take, 0);
    facts.after_weight = group->has_weight ? emit(e, OP_WEIGH, 0, facts.sum, emit_constant(e, group->weight_ppm), 0)
                                           : facts.sum;
    facts.after_most = group->has_most ? emit(e, OP_CLAMP, 0, facts.after_weight, emit_constant(e, INT64_MIN),
                                              emit_constant(e, group->most))
                                       : facts.after_weight;
    facts.after_least = group->has_least ? emit(e, OP_CLAMP, 0, facts.after_most, emit_constant(e, group->least),
                                                emit_constant(e, INT64_MAX))
                                         : facts.after_most;
    /* Groups stand score by score in the program, so their indices are not those of the model. */
    for (uint32_t i = 0; i < facts.rules.count; i++)
        ((struct program_rule *)e->rules.items)[((uint32_t *)e->indices.items)[facts.rules.start + i]].group =
            (uint32_t)e->groups.count;
    table_add(&e->groups, &facts, sizeof facts);
    return facts.after_least;
}

static void emit_plain_score(struct emitter *e, uint32_t index, struct program_score *facts)
{
    const struct model_score *score = &e->model->scores[index];
    struct term_list list = { 0 };
    facts->rules = add_rule_indices(e, index, NO_INDEX);
    for (uint32_t i = 0; i < facts->rules.count; i++)
        rule_term(e, &list, ((uint32_t *)e->indices.items)[facts->rules.start + i]);
    facts->groups.start = (uint32_t)e->groups.count;
    for (uint32_t g = 0; g < e->model->group_count; g++)
        if (e->model->groups[g].score == index) add_term(&list, emit_group(e, g, index), true, 0);
    facts->groups.count = (uint32_t)e->groups.count - facts->groups.start;
    e->line = facts->line;
    facts->sum = emit(e, OP_TOTAL, 0, finish_terms(e, &list), emit_constant(e, score->base), 0);
}

static void emit_steps(struct emitter *e, const struct model_score *score, struct program_score *facts)
{
    facts->after_decay = facts->sum;
    if (score->loses && score->without) {
        struct decay decay = { score->lose_by_points, score->lose_ppm, score->lose_points, score->lose_count,
                               (uint32_t)score->lose_unit };
        struct emitted_set set = emit_event_set(e, score->without);
        facts->last = emit(e, OP_LAST, set.place, set.selected, 0, 0);
        facts->decay = table_add(&e->decays, &decay, sizeof decay);
        facts->after_decay = emit(e, OP_DECAY, 0, facts->sum, facts->last, facts->decay);
    }
    facts->after_round = score->rounded_to
                             ? emit(e, OP_ROUND, 0, facts->after_decay, emit_constant(e, score->rounded_to), 0)
                             : facts->after_decay;
}

static void emit_combined_score(struct emitter *e, uint32_t index, struct program_score *facts)
{
    const struct model_score *score = &e->model->scores[index];
    struct term_list list = { 0 };
    int64_t base = score->base;
    facts->terms.start = (uint32_t)e->score_terms.count;
    for (size_t i = 0; i < score->part_count; i++) {
        const struct score_part *part = &score->parts[i];
        struct score_term term = { part->score, NO_REGISTER, part->constant, emit_text(e, part->text) };
        if (part->score == NO_INDEX) base += part->constant;
        else {
            uint32_t value = e->score_reg[part->score];
            term.reg = part->weight_ppm == 1000000 ? value
                                                   : emit(e, OP_WEIGH, 0, value, emit_constant(e, part->weight_ppm), 0);
            add_term(&list, term.reg, true, 0);
        }
        table_add(&e->score_terms, &term, sizeof term);
    }
    facts->terms.count = (uint32_t)e->score_terms.count - facts->terms.start;
    facts->combined = true;
    facts->sum = emit(e, OP_TOTAL, 0, finish_terms(e, &list), emit_constant(e, base), 0);
}

static void emit_scores(struct emitter *e)
{
    const struct model *model = e->model;
    struct program_score *all = memory_alloc((model->score_count + 1) * sizeof *all);
    bool *done = memory_alloc(model->score_count + 1);
    for (size_t round = 0; round <= model->score_count; round++)
        for (uint32_t i = 0; i < model->score_count; i++) {
            const struct model_score *score = &model->scores[i];
            bool ready = !done[i];
            for (size_t p = 0; p < score->part_count; p++)
                ready = ready && (score->parts[p].score == NO_INDEX || done[score->parts[p].score]);
            if (!ready) continue;
            struct program_score *facts = &all[i];
            *facts = (struct program_score) { .name = emit_text(e, score->name.text),
                                              .base = score->base,
                                              .decay = NO_INDEX,
                                              .last = NO_REGISTER,
                                              .has_least = score->has_least,
                                              .has_most = score->has_most,
                                              .least = score->least,
                                              .most = score->most,
                                              .implicit = score->implicit };
            e->line = facts->line = score->implicit ? NO_INDEX : emit_line(e, score->name.span);
            if (score->combined) emit_combined_score(e, i, facts);
            else emit_plain_score(e, i, facts);
            emit_steps(e, score, facts);
            facts->after_clamp = facts->after_round;
            if (score->has_least || score->has_most)
                facts->after_clamp = emit(e, OP_CLAMP, 0, facts->after_round,
                                          emit_constant(e, score->has_least ? score->least : INT64_MIN),
                                          emit_constant(e, score->has_most ? score->most : INT64_MAX));
            e->score_reg[i] = facts->after_clamp;
            done[i] = true;
        }
    for (size_t i = 0; i < model->score_count; i++) table_add(&e->scores, &all[i], sizeof all[i]);
    free(all);
    free(done);
}

/* ---- bands, matrices, stages, actions
 * ---------------------------------------------------------------------------------------------------- */

static void emit_bands(struct emitter *e)
{
    const struct model *model = e->model;
    for (uint32_t i = 0; i < model->band_count; i++) {
        const struct model_band *band = &model->bands[i];
        struct program_band facts = { .name = emit_text(e, band->name.text), .score = band->score };
        facts.labels = (struct range) { (uint32_t)e->band_labels.count, (uint32_t)band->label_count };
        for (size_t l = 0; l < band->label_count; l++) {
            struct band_label label = { emit_text(e, band->labels[l].name.text), band->labels[l].from,
                                        band->labels[l].below };
            table_add(&e->band_labels, &label, sizeof label);
        }
        e->line = emit_line(e, band->name.span);
        e->band_reg[i] = facts.reg = emit(e, OP_BAND_OF, 0, e->score_reg[band->score], i, 0);
        table_add(&e->bands, &facts, sizeof facts);
    }
    for (uint32_t i = 0; i < model->matrix_count; i++) {
        const struct model_matrix *matrix = &model->matrices[i];
        uint32_t height = (uint32_t)model->bands[matrix->rows_band].label_count,
                 width = (uint32_t)model->bands[matrix->columns_band].label_count;
        struct program_matrix facts = { .name = emit_text(e, matrix->name.text),
                                        .rows = matrix->rows_band,
                                        .columns = matrix->columns_band,
                                        .first_cell = (uint32_t)e->cells.count };
        for (uint32_t c = 0; c < height * width; c++) {
            const char *cell = emit_text(e, matrix->cells[c]);
            table_add(&e->cells, &cell, sizeof cell);
        }
        e->line = emit_line(e, matrix->name.span);
        e->matrix_reg[i] = facts.reg = emit(e, OP_CELL_OF, 0, e->band_reg[matrix->rows_band],
                                            e->band_reg[matrix->columns_band], width);
        table_add(&e->matrices, &facts, sizeof facts);
    }
}

static void emit_stages(struct emitter *e)
{
    const struct model *model = e->model;
    struct program *program = e->program;
    program->disqualified = e->disqualified_reg;
    program->stage_reg = program->stage_before_reg = NO_REGISTER;
    if (model->stage_count == 0) return;
    for (size_t i = 0; i < model->stage_count; i++) {
        const struct model_stage *stage = &model->stages[i];
        struct program_stage facts = { .name = emit_text(e, stage->name.text),
                                       .title = emit_text(e, stage->title),
                                       .when = NO_REGISTER,
                                       .stay = NO_REGISTER,
                                       .forever = stage->forever,
                                       .limited = stage->limited };
        e->line = facts.line = emit_line(e, stage->name.span);
        if (stage->when) facts.when = emit_condition(e, stage->when, 0);
        if (stage->stay) facts.stay = emit_condition(e, stage->stay, 0);
        facts.only_from = (struct range) { (uint32_t)e->indices.count, (uint32_t)stage->only_from_count };
        for (size_t o = 0; o < stage->only_from_count; o++)
            table_add(&e->indices, &stage->only_from[o], sizeof stage->only_from[o]);
        facts.atoms = emit_atoms(e, stage->when);
        facts.stay_atoms = emit_atoms(e, stage->stay);
        table_add(&e->stages, &facts, sizeof facts);
    }
    e->line = NO_INDEX;
    program->stage_before_reg = emit(e, OP_LOAD_STAGE, 0, 0, 0, 0);
    program->stage_reg = e->stage_reg = emit(e, OP_STAGE_OF, 0, program->stage_before_reg, e->disqualified_reg, 0);
}

static void emit_actions(struct emitter *e)
{
    for (size_t i = 0; i < e->model->action_count; i++) {
        const struct model_action *action = &e->model->actions[i];
        struct program_action facts = { .kind = action->kind,
                                        .stage = action->stage,
                                        .leaving = action->leaving,
                                        .otherwise = action->otherwise,
                                        .when = NO_REGISTER };
        e->line = facts.line = emit_line(e, action->tree->span);
        if (action->when) facts.when = emit_condition(e, action->when, 0);
        facts.pieces = (struct range) { (uint32_t)e->pieces.count, (uint32_t)action->piece_count };
        for (size_t p = 0; p < action->piece_count; p++) {
            struct piece piece = { action->pieces[p].kind, emit_text(e, action->pieces[p].text),
                                   action->pieces[p].index };
            if (piece.kind == PIECE_FIELD) piece.index = emit_field(e, piece.index);
            table_add(&e->pieces, &piece, sizeof piece);
        }
        table_add(&e->actions, &facts, sizeof facts);
    }
}

void emit_scoring(struct emitter *e)
{
    const struct model *model = e->model;
    /* Disqualifications first: rules may ask for them. */
    uint32_t any = NO_REGISTER;
    for (size_t i = 0; i < model->rule_count; i++) {
        const struct model_rule *rule = &model->rules[i];
        if (!rule->disqualifies) continue;
        e->line = emit_line(e, rule->name.span);
        uint32_t condition = emit_condition(e, rule->when, 0);
        any = any == NO_REGISTER ? condition : emit(e, OP_OR, 0, any, condition, 0);
    }
    e->line = NO_INDEX;
    e->disqualified_reg = any == NO_REGISTER ? emit(e, OP_NEVER, 0, 0, 0, 0) : emit(e, OP_SETTLE, 0, any, 0, 0);
    for (size_t i = 0; i < model->rule_count; i++) {
        const struct model_rule *rule = &model->rules[i];
        if (rule->disqualifies) emit_disqualification(e, rule);
        else {
            enum take take = rule->group == NO_INDEX ? TAKE_SUM : model->groups[rule->group].take;
            emit_rule(e, rule, take != TAKE_SUM && take != TAKE_EXCLUSIVE);
        }
    }
    emit_scores(e);
    emit_bands(e);
    emit_stages(e);
    emit_actions(e);
    e->line = NO_INDEX;
    e->program->outcome = model->outcome ? emit_condition(e, model->outcome, 0) : NO_REGISTER;
}
