#include "tests/claims/claims.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vm/trace.h"

static struct claimed *claim_add(struct claims *claims, enum claim_of of, size_t a, size_t b, const char *message)
{
    memory_reserve(&claims->items, &claims->capacity, claims->count + 1, sizeof *claims->items);
    struct claimed *claim = &claims->items[claims->count++];
    *claim = (struct claimed){ .of = of, .a = (uint32_t)a, .b = (uint32_t)b, .message = message };
    return claim;
}

static bool span_in(struct span inner, struct span outer)
{
    return inner.file == outer.file && inner.start >= outer.start && inner.end <= outer.end;
}

static uint32_t rule_at(const struct model *model, struct span span)
{
    for (uint32_t i = 0; i < model->rule_count; i++)
        if (model->rules[i].tree && span_in(span, model->rules[i].tree->span))
            return i;
    return NO_INDEX;
}

static uint32_t stage_at(const struct model *model, struct span span)
{
    for (uint32_t i = 0; i < model->stage_count; i++)
        if (model->stages[i].tree && span_in(span, model->stages[i].tree->span))
            return i;
    return NO_INDEX;
}

/* The row that the finding is about, when no other row of the rule gives the same points. */
static const struct model_row *row_at(const struct model_rule *rule, struct span span)
{
    const struct model_row *found = NULL;
    for (size_t i = 0; i < rule->points.row_count; i++)
        if (rule->points.rows[i].tree && span_in(span, rule->points.rows[i].tree->span))
            found = &rule->points.rows[i];
    for (size_t i = 0; found && i < rule->points.row_count; i++)
        if (&rule->points.rows[i] != found && rule->points.rows[i].points == found->points)
            return NULL;
    return found;
}

static void of_rule(struct claims *claims, const struct model *model, const struct diagnostic *d, uint32_t rule)
{
    const struct model_rule *facts = &model->rules[rule];
    const struct model_row *row;
    switch (d->code) {
    case C1001:
    case C1008: claim_add(claims, NEVER_FIRES, rule, 0, d->message); return;
    case C1002:
        if ((facts->disqualifies || facts->points.kind == POINTS_FIXED) && !facts->has_active_from && !facts->has_active_until)
            claim_add(claims, NEVER_SILENT, rule, 0, d->message);
        return;
    case C1006: claim_add(claims, FIRES_DISQUALIFIED, rule, 0, d->message); return;
    case C1012:
        row = row_at(facts, d->span);
        if (row && facts->weight_ppm == 1000000)
            claim_add(claims, NEVER_GIVES, rule, 0, d->message)->from = row->points;
        return;
    case C1016: claim_add(claims, NEVER_COUNTS, rule, 0, d->message); return;
    case C1023: claim_add(claims, CHANGES_NOTHING, rule, 0, d->message); return;
    default: return;
    }
}

/* Two or more rules, of which the labels tell; they are compared while all are active. */
static void of_rules(struct claims *claims, const struct model *model, const struct diagnostic *d)
{
    uint32_t first = rule_at(model, d->span);
    for (const struct label *label = d->labels; label && first != NO_INDEX; label = label->next) {
        uint32_t other = rule_at(model, label->span);
        if (other == NO_INDEX || other == first)
            continue;
        if (d->code != C1005) {
            claim_add(claims, FIRES_INSIDE, first, other, d->message);
            claim_add(claims, FIRES_INSIDE, other, first, d->message);
        } else if (label == d->labels->next) {
            claim_add(claims, FIRES_INSIDE, first, other, d->message);
        } else {
            claim_add(claims, FIRES_INSIDE, other, rule_at(model, d->labels->next->span), d->message);
        }
    }
}

static void of_stage(struct claims *claims, const struct model *model, const struct diagnostic *d, uint32_t stage)
{
    const struct model_stage *facts = &model->stages[stage];
    bool whole = facts->when && facts->when->span.start == d->span.start && facts->when->span.end == d->span.end;
    if (d->code == C1024 || d->code == C1030 || d->code == C1033 || (d->code == C1020 && whole) || (d->code == C1001 && whole))
        claim_add(claims, STAGE_NEVER, stage, 0, d->message);
    if (d->code == C1032)
        claim_add(claims, STAGE_KEPT, stage, 0, d->message);
}

static void of_label(struct claims *claims, const struct model *model, const struct diagnostic *d)
{
    for (size_t band = 0; band < model->band_count; band++)
        for (size_t i = 0; i < model->bands[band].label_count; i++)
            if (span_in(d->span, model->bands[band].labels[i].tree->span))
                claim_add(claims, LABEL_NEVER, band, i, d->message);
}

static void of_cell(struct claims *claims, const struct model *model, const struct diagnostic *d)
{
    for (size_t m = 0; m < model->matrix_count; m++) {
        const struct model_matrix *matrix = &model->matrices[m];
        size_t columns = model->bands[matrix->columns_band].label_count, rows = model->bands[matrix->rows_band].label_count;
        char said[256];
        for (size_t cell = 0; cell < rows * columns; cell++) {
            size_t same = 0;
            for (size_t i = 0; i < rows * columns; i++)
                same += strcmp(matrix->cells[i], matrix->cells[cell]) == 0;
            snprintf(said, sizeof said, "no lead gets \"%s\" of `%s`", matrix->cells[cell], matrix->name.text);
            if (same > 1 || strcmp(said, d->message) != 0)
                continue;
            struct claimed *claim = claim_add(claims, CELL_NEVER, m, 0, d->message);
            claim->from = (int64_t)(cell / columns);
            claim->to = (int64_t)(cell % columns);
        }
    }
}

static void of_bound(struct claims *claims, const struct model *model, const struct diagnostic *d)
{
    for (size_t i = 0; i < model->group_count; i++)
        if (span_in(d->span, model->groups[i].name.span))
            claim_add(claims, BOUND_NEVER, i, strncmp(d->message, "`at most", 8) == 0 ? LINE_GROUP_MOST : LINE_GROUP_LEAST,
                      d->message);
}

static void range_add(struct claims *claims, enum claim_of of, size_t a, const struct reach *reach)
{
    struct claimed *claim = claim_add(claims, of, a, 0, "what `rubric reach` says");
    claim->from = reach->least_open ? INT64_MIN : reach->least_proven ? reach->least : reach->least_bound;
    claim->to = reach->most_open ? INT64_MAX : reach->most_proven ? reach->most : reach->most_bound;
}

static bool said(const struct diagnostics *diags, enum diagnostic_code code)
{
    for (size_t i = 0; i < diags->count; i++)
        if (diags->items[i]->code == code)
            return true;
    return false;
}

static void of_report(struct claims *claims, const struct model *model, const struct reach_report *reach,
                      const struct diagnostics *diags)
{
    for (size_t i = 0; i < model->score_count; i++)
        range_add(claims, SCORE_WITHIN, i, &reach->scores[i]);
    for (size_t i = 0; i < model->group_count; i++)
        if (model->groups[i].score != NO_INDEX)
            range_add(claims, GROUP_WITHIN, i, &reach->groups[i]);
    for (size_t i = 0; i < model->rule_count; i++) {
        if (!reach->rules[i].can_fire) {
            claim_add(claims, NEVER_FIRES, i, 0, "what `rubric reach` says");
        } else if (!model->rules[i].disqualifies) {
            struct claimed *claim = claim_add(claims, POINTS_WITHIN, i, 0, "what `rubric reach` says");
            claim->from = reach->rules[i].least;
            claim->to = reach->rules[i].most;
        }
    }
    for (size_t i = 0; i < model->stage_count && reach->stage_possible; i++)
        if (reach->stage_possible[i] == 0 && i > 0)
            claim_add(claims, STAGE_NEVER, i, 0, "what `rubric reach` says");
    for (size_t i = 0; i < model->band_count && reach->label_possible; i++)
        for (size_t j = 0; j < model->bands[i].label_count; j++)
            if (reach->label_possible[i][j] == 0)
                claim_add(claims, LABEL_NEVER, i, j, "what `rubric reach` says");
    /* What it does not say is a claim too. */
    for (size_t i = 0; i < model->group_count && !said(diags, C1015); i++)
        if (model->groups[i].take == TAKE_EXCLUSIVE)
            claim_add(claims, ONE_AT_MOST, i, 0, "said to be exclusive");
    for (size_t i = 0; i < model->band_count && !said(diags, C1011) && !said(diags, C1090); i++)
        claim_add(claims, LABEL_ALWAYS, i, 0, "no gap was found");
}

void claims_collect(struct claims *claims, const struct model *model, const struct conflict_report *report,
                    const struct diagnostics *diags)
{
    *claims = (struct claims){ 0 };
    for (size_t i = 0; i < diags->count; i++) {
        const struct diagnostic *d = diags->items[i];
        uint32_t rule = rule_at(model, d->span), stage = stage_at(model, d->span);
        if (d->code == C1003 || d->code == C1004 || d->code == C1005)
            of_rules(claims, model, d);
        else if (rule != NO_INDEX)
            of_rule(claims, model, d, rule);
        else if (stage != NO_INDEX)
            of_stage(claims, model, d, stage);
        else if (d->code == C1020)
            of_label(claims, model, d);
        else if (d->code == C1021)
            of_cell(claims, model, d);
        else if (d->code == C1022)
            of_bound(claims, model, d);
    }
    if (report->reach)
        of_report(claims, model, report->reach, diags);
}

void claims_free(struct claims *claims)
{
    free(claims->items);
    *claims = (struct claims){ 0 };
}
