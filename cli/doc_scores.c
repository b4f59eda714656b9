/* Scores with their rules: what gives points, when, and why. */
#include <stdlib.h>
#include <string.h>

#include "cli/doc.h"
#include "compiler/format.h"
#include "vm/number.h"

static void add_instant(int64_t instant, struct buffer *out)
{
    char text[INSTANT_TEXT];
    buffer_add(out, text, instant_format_day(instant, text));
}

/* ---- rules ------------------------------------------------------------------------------------------------------- */

static void add_when(struct doc *doc, const struct model_rule *rule)
{
    struct buffer when = { 0 };
    if (rule->tree->when != NULL)
        words_condition(doc->model, rule->tree->when, &when);
    page_cell(&doc->page, when.length > 0 ? when.data : "always");
    buffer_reset(&when);
    if (rule->has_active_from || rule->has_active_until) {
        buffer_text(&when, "only");
        if (rule->has_active_from) {
            buffer_text(&when, " from ");
            add_instant(rule->active_from, &when);
        }
        if (rule->has_active_until) {
            buffer_text(&when, rule->has_active_from ? " to before " : " before ");
            add_instant(rule->active_until, &when);
        }
        page_cell_soft(&doc->page, when.data);
    }
    buffer_free(&when);
}

static void add_rule(struct doc *doc, const struct model_rule *rule)
{
    struct words_lines points = { 0 };
    page_row(&doc->page);
    if (rule->title != NULL) {
        page_cell_strong(&doc->page, rule->title);
        page_cell_soft(&doc->page, rule->name.text);
    } else {
        page_cell_name(&doc->page, rule->name.text);
    }
    add_when(doc, rule);
    if (!rule->disqualifies) {
        words_points(doc->model, rule, &points);
        page_cell(&doc->page, points.count > 0 ? points.lines[0] : "");
        for (size_t i = 1; i < points.count; i++)
            page_cell_more(&doc->page, points.lines[i]);
        words_free(&points);
    }
    page_cell(&doc->page, rule->because);
    page_row_end(&doc->page);
}

static void add_rules(struct doc *doc, uint32_t score, uint32_t group)
{
    static const char *const columns[] = { "rule", "when", "points", "why" };
    bool any = false;
    for (size_t i = 0; i < doc->model->rule_count; i++) {
        const struct model_rule *rule = &doc->model->rules[i];
        if (rule->disqualifies || rule->score != score || rule->group != group || !doc_has_declaration(doc, rule->tree))
            continue;
        if (!any)
            page_table(&doc->page, columns, 4, 0);
        any = true;
        add_rule(doc, rule);
    }
    if (any)
        page_table_end(&doc->page);
}

/* ---- groups ------------------------------------------------------------------------------------------------------ */

static void describe_group(const struct model_group *group, struct buffer *out)
{
    switch (group->take) {
    case TAKE_SUM: buffer_text(out, "The rules add up."); break;
    case TAKE_HIGHEST: buffer_text(out, "Of the rules that fire, only the highest counts."); break;
    case TAKE_LOWEST: buffer_text(out, "Of the rules that fire, only the lowest counts."); break;
    case TAKE_FIRST: buffer_text(out, "Of the rules that fire, only the first counts."); break;
    case TAKE_EXCLUSIVE: buffer_text(out, "No two of the rules ever fire together."); break;
    }
    if (group->has_weight) {
        buffer_text(out, " The sum is weighted with ");
        words_percent(group->weight_ppm, out);
        buffer_char(out, '.');
    }
    if (group->has_most) {
        buffer_text(out, " Together they give at most ");
        words_number(group->most, false, out);
        buffer_text(out, " points.");
    }
    if (group->has_least) {
        buffer_text(out, " Together they give at least ");
        words_number(group->least, false, out);
        buffer_text(out, " points.");
    }
}

static void add_groups(struct doc *doc, uint32_t score)
{
    for (uint32_t i = 0; i < doc->model->group_count; i++) {
        const struct model_group *group = &doc->model->groups[i];
        if (group->score != score || !doc_has_declaration(doc, group->tree))
            continue;
        struct buffer text = { 0 };
        buffer_format(&text, "Group %s", group->name.text);
        page_heading(&doc->page, 4, text.data);
        buffer_reset(&text);
        if (doc_comment(doc, group->tree->span, &text))
            page_paragraph(&doc->page, text.data);
        buffer_reset(&text);
        describe_group(group, &text);
        page_paragraph(&doc->page, text.data);
        buffer_free(&text);
        add_rules(doc, score, i);
    }
}

/* ---- scores ------------------------------------------------------------------------------------------------------ */

static void describe_score(const struct model_score *score, struct buffer *out)
{
    if (score->combined && score->implicit) {
        buffer_text(out, "The sum of the scores.");
    } else if (score->combined) {
        buffer_text(out, "Made of other scores: ");
        format_expression(score->tree->expression, out);
        buffer_char(out, '.');
    }
    if (score->has_least || score->has_most) {
        buffer_text(out, score->combined ? " It is" : "It is");
        if (score->has_least) {
            buffer_text(out, " never below ");
            words_number(score->least, false, out);
        }
        if (score->has_most) {
            buffer_text(out, score->has_least ? " and never above " : " never above ");
            words_number(score->most, false, out);
        }
        buffer_char(out, '.');
    }
    if (score->base != 0) {
        buffer_text(out, " Everybody starts with ");
        words_number(score->base, false, out);
        buffer_char(out, '.');
    }
}

static void add_lose(struct doc *doc, const struct model_score *score)
{
    struct buffer text = { 0 };
    buffer_text(&text, "It loses ");
    if (score->lose_by_points) {
        words_number(score->lose_points, false, &text);
        buffer_text(&text, " points");
    } else {
        words_percent(score->lose_ppm, &text);
    }
    buffer_text(&text, " every ");
    words_duration(score->lose_count, score->lose_unit, &text);
    buffer_text(&text, " without ");
    const struct tree *without = score->tree->lose.without;
    if (without == NULL || without->kind == TREE_ACTIVITY)
        buffer_text(&text, "activity");
    else
        format_expression(without, &text);
    buffer_text(&text, score->lose_by_points ? ", but never more than is there." : ", each time of what is left.");
    page_paragraph(&doc->page, text.data);
    buffer_free(&text);
    doc_pictures_decay(doc, score);
}

static void add_reach(struct doc *doc, const struct model_score *score)
{
    struct buffer text = { 0 };
    buffer_text(&text, "With these rules a lead can get from ");
    words_number(score->lowest, false, &text);
    buffer_text(&text, " to ");
    words_number(score->highest, false, &text);
    buffer_char(&text, '.');
    page_note(&doc->page, text.data);
    buffer_free(&text);
}

static bool score_is_here(const struct doc *doc, uint32_t index)
{
    const struct model_score *score = &doc->model->scores[index];
    if (score->implicit)
        return doc->only == NO_INDEX;
    return doc_has_declaration(doc, score->tree);
}

static void add_score(struct doc *doc, uint32_t index)
{
    const struct model_score *score = &doc->model->scores[index];
    struct buffer text = { 0 };
    page_heading(&doc->page, 3, score->name.text);
    if (!score->implicit && doc_comment(doc, score->tree->span, &text))
        page_paragraph(&doc->page, text.data);
    buffer_reset(&text);
    describe_score(score, &text);
    if (text.length > 0)
        page_paragraph(&doc->page, text.data[0] == ' ' ? text.data + 1 : text.data);
    buffer_free(&text);
    if (score->loses)
        add_lose(doc, score);
    add_rules(doc, index, NO_INDEX);
    add_groups(doc, index);
    if (doc->only == NO_INDEX)
        add_reach(doc, score);
}

static void add_disqualifications(struct doc *doc)
{
    static const char *const columns[] = { "name", "when", "why" };
    bool any = false;
    for (size_t i = 0; i < doc->model->rule_count; i++) {
        const struct model_rule *rule = &doc->model->rules[i];
        if (!rule->disqualifies || !doc_has_declaration(doc, rule->tree))
            continue;
        if (!any) {
            page_heading(&doc->page, 2, "Who is disqualified");
            page_table(&doc->page, columns, 3, 0);
        }
        any = true;
        add_rule(doc, rule);
    }
    if (any)
        page_table_end(&doc->page);
}

void doc_scores(struct doc *doc)
{
    bool any = false;
    for (uint32_t i = 0; i < doc->model->score_count; i++) {
        if (!score_is_here(doc, i))
            continue;
        if (!any)
            page_heading(&doc->page, 2, "Scores");
        any = true;
        add_score(doc, i);
    }
    add_disqualifications(doc);
}
