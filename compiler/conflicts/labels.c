#include "compiler/conflicts/check.h"

/* Thresholds of conditions and labels of bands against what scores can come to. */

static void report_threshold(struct check *check, const struct node *node, uint32_t score, bool up, int64_t limit,
                             const char *where)
{
    const struct reach *reach = &check->score_reach[score];
    const char *name = check->model->scores[score].name.text;
    struct witness *lead = up ? reach->most_lead : reach->least_lead;
    int64_t end = up ? reach->most_bound : reach->least_bound;
    struct diagnostic *d = check_report(check, C1020, node->span,
                                        up ? "`%s` never comes to %s: the most any lead can get is %s"
                                           : "`%s` never falls to %s: the least any lead can get is %s",
                                        name, check_number(check, limit), check_number(check, end));
    if (!d) return;
    diagnostic_label(d, node->span, "%s", where);
    diagnostic_label(d, check->model->scores[score].name.span, up ? "goes up to %s" : "goes down to %s",
                     check_number(check, end));
    diagnostic_help(d,
                    up ? "lower the threshold, or give more points" : "raise the threshold, or take more points away");
    if (!lead) return;
    bool reached = up ? reach->most == end : reach->least == end;
    if (!reached) return;
    struct claim claim = {.kind = CLAIM_SCORE, .index = score, .points = end};
    check_witness(check, d, lead, &claim, 1,
                  arena_format(check->arena, "the %s that %s can be", up ? "most" : "least", name));
    diagnostic_note(d, "the lead that gets the %s: %s", up ? "most" : "least", check_lead_text(check, lead));
}

void check_thresholds(struct check *check, const struct node *node, bool negated, const char *where)
{
    if (!node) return;
    if (node->kind == NODE_NOT) {
        check_thresholds(check, node->left, !negated, where);
        return;
    }
    if (node->kind == NODE_COMPARE && (node->left->kind == NODE_SCORE || node->right->kind == NODE_SCORE)) {
        static const enum comparison mirrored[] = {COMPARE_EQ, COMPARE_NE, COMPARE_GT,
                                                   COMPARE_GE, COMPARE_LT, COMPARE_LE};
        const struct node *score = node->left, *limit = node->right;
        enum comparison comparison = node->comparison;
        if (score->kind != NODE_SCORE) {
            score = node->right;
            limit = node->left;
            comparison = mirrored[comparison];
        }
        if (limit->kind != NODE_NUMBER) return;
        const struct reach *reach = &check->score_reach[score->index];
        int64_t n = limit->number;
        if (negated) return; /* `not total >= 50` is said of the least, and rarely meant as a threshold */
        bool high = (comparison == COMPARE_GE || comparison == COMPARE_EQ)
                        ? n > reach->most_bound
                        : comparison == COMPARE_GT && n >= reach->most_bound;
        bool low = (comparison == COMPARE_LE || comparison == COMPARE_EQ)
                       ? n < reach->least_bound
                       : comparison == COMPARE_LT && n <= reach->least_bound;
        if (high && !reach->most_open) report_threshold(check, node, score->index, true, n, where);
        if (low && !reach->least_open) report_threshold(check, node, score->index, false, n, where);
        return;
    }
    check_thresholds(check, node->left, negated, where);
    check_thresholds(check, node->right, negated, where);
}

void check_labels(struct check *check)
{
    const struct model *model = check->model;
    for (uint32_t band = 0; band < model->band_count; band++) {
        const struct model_band *facts = &model->bands[band];
        const struct reach *reach = &check->score_reach[facts->score];
        bool below = false, above = false; /* is the least, is the most in a label? */
        for (size_t i = 0; i < facts->label_count; i++) {
            const struct model_label *label = &facts->labels[i];
            struct span span = label->tree ? label->tree->span : label->name.span;
            below |= (!label->has_from || label->from <= reach->least) &&
                     (!label->has_below || reach->least < label->below);
            above |= (!label->has_from || label->from <= reach->most) &&
                     (!label->has_below || reach->most < label->below);
            bool high = label->has_from && label->from > reach->most_bound && !reach->most_open;
            bool low = label->has_below && label->below <= reach->least_bound && !reach->least_open;
            if (!high && !low) continue;
            struct node node = {.span = span};
            report_threshold(check, &node, facts->score, high, high ? label->from : label->below,
                             arena_format(check->arena, "no lead is ever `%s`", label->name.text));
        }
        for (int up = 0; up < 2; up++) {
            if (up ? above || reach->most_open : below || reach->least_open) continue;
            struct witness *lead = up ? reach->most_lead : reach->least_lead;
            struct claim claim = {.kind = CLAIM_NO_LABEL, .index = band};
            if (!lead || !check_shows(check, lead, &claim, 1)) continue;
            struct diagnostic *d = check_report(check, C1011, facts->name.span,
                                                "a lead with %s points has no label in `%s`",
                                                check_number(check, up ? reach->most : reach->least), facts->name.text);
            if (!d) continue;
            diagnostic_label(d, facts->name.span,
                             up ? "the labels end before what leads can get"
                                : "the labels begin after what leads can get");
            diagnostic_label(d, model->scores[facts->score].name.span, "goes %s %s", up ? "up to" : "down to",
                             check_number(check, up ? reach->most : reach->least));
            diagnostic_help(d, up ? "leave out `below` of the highest label" : "leave out `from` of the lowest label");
            check_witness(check, d, lead, &claim, 1, arena_format(check->arena, "no label of %s", facts->name.text));
            diagnostic_note(d, "for instance: %s", check_lead_text(check, lead));
        }
    }
}

/* Labels within what leads can get, that no lead gets all the same. */
static void check_passed_over(struct check *check)
{
    const struct model *model = check->model;
    for (uint32_t band = 0; band < model->band_count; band++) {
        const struct model_band *facts = &model->bands[band];
        const struct reach *reach = &check->score_reach[facts->score];
        for (size_t i = 0; i < facts->label_count; i++) {
            const struct model_label *label = &facts->labels[i];
            if (!label->has_from || !label->has_below) continue; /* an end: the reach has said it */
            if (label->from > reach->most_bound || label->below <= reach->least_bound) continue;
            enum answer answer;
            find_score_in(check, facts->score, label->from, label->below, &answer);
            struct span span = label->tree ? label->tree->span : label->name.span;
            if (answer == ANSWER_UNKNOWN)
                check_not_proven(check, span, "whether a lead is ever `%s`", label->name.text);
            if (answer != ANSWER_NO) continue;
            struct diagnostic *d = check_report(check, C1020, span, "no lead is ever `%s`", label->name.text);
            if (!d) continue;
            diagnostic_label(d, span, "no lead gets from %s below %s points", check_number(check, label->from),
                             check_number(check, label->below));
            diagnostic_help(d, "make the label wider, or remove it");
        }
    }
}

/* Holes between labels that a lead falls into. */
void check_holes(struct check *check)
{
    const struct model *model = check->model;
    check_passed_over(check);
    for (uint32_t band = 0; band < model->band_count; band++) {
        const struct model_band *facts = &model->bands[band];
        for (size_t i = 0; i < facts->label_count; i++) {
            const struct model_label *low = &facts->labels[i], *high = NULL;
            if (!low->has_below) continue;
            bool taken = false;
            for (size_t j = 0; j < facts->label_count; j++) {
                const struct model_label *label = &facts->labels[j];
                if ((!label->has_from || label->from <= low->below) && (!label->has_below || low->below < label->below))
                    taken = true;
                if (label->has_from && label->from > low->below && (!high || label->from < high->from)) high = label;
            }
            if (taken || !high) continue;
            enum answer answer;
            struct witness *lead = find_score_in(check, facts->score, low->below, high->from, &answer);
            struct claim claim = {.kind = CLAIM_NO_LABEL, .index = band};
            if (answer == ANSWER_NO) continue; /* no lead gets so many points */
            if (!lead || !check_shows(check, lead, &claim, 1)) {
                check_not_proven(check, high->tree ? high->tree->span : high->name.span,
                                 "whether a lead can get from %s below %s points, where `%s` has no label",
                                 check_number(check, low->below), check_number(check, high->from), facts->name.text);
                continue;
            }
            struct span span = high->tree ? high->tree->span : high->name.span;
            struct diagnostic *d = check_report(check, C1011, span, "`%s` has no label from %s below %s",
                                                facts->name.text, check_number(check, low->below),
                                                check_number(check, high->from));
            if (!d) continue;
            diagnostic_label(d, low->tree ? low->tree->span : low->name.span, "ends below %s",
                             check_number(check, low->below));
            diagnostic_label(d, span, "begins at %s", check_number(check, high->from));
            diagnostic_help(d, "let `%s` begin `from %s`", high->name.text, check_number(check, low->below));
            check_witness(check, d, lead, &claim, 1,
                          arena_format(check->arena, "between two labels of %s", facts->name.text));
            diagnostic_note(d, "for instance: %s", check_lead_text(check, lead));
        }
    }
}
