/* rubric reach: what leads can get, per score, stage, band and rule, each with the smallest lead that gets it. */
#include <stdlib.h>
#include <string.h>

#include "cli/html.h"
#include "cli/replay.h"
#include "cli/svg.h"
#include "cli/command.h"
#include "compiler/conflicts/conflicts.h"
#include "vm/number.h"
#include "vm/printable.h"

struct view {
    const struct compilation *c;
    const struct reach_report *reach;
    struct buffer *out;
};

/* A lead on one line: the clauses that a test would give, joined. */
static char *lead_text(const struct view *view, const struct witness *witness)
{
    struct buffer clauses = { 0 }, line = { 0 };
    if (witness) witness_write(&view->c->model, witness, &clauses);
    for (char *at = clauses.data; at && *at;) {
        char *end = strchr(at, '\n');
        size_t length = end ? (size_t)(end - at) : strlen(at);
        const char *given = strstr(at, "given ");
        if (given && given < at + length) {
            if (line.length) buffer_text(&line, "; ");
            buffer_add(&line, given + 6, length - (size_t)(given - at) - 6);
        }
        at = end ? end + 1 : at + length;
    }
    if (!line.length) buffer_text(&line, witness ? "a lead of which nothing is known" : "");
    buffer_free(&clauses);
    return line.data;
}

static void bound_text(int64_t value, bool open, bool proven, int64_t bound, const char *open_word, char out[96])
{
    char number[NUMBER_TEXT], other[NUMBER_TEXT];
    number_format(value, number);
    number_format(bound, other);
    if (open) snprintf(out, 96, "%s", open_word);
    else if (proven) snprintf(out, 96, "%s", number);
    else snprintf(out, 96, "not proven, between %s and %s", value < bound ? number : other, value < bound ? other : number);
}

static void put_lead(struct view *view, const char *label, const struct witness *witness)
{
    if (!witness) return;
    char *text = lead_text(view, witness);
    buffer_format(view->out, "      %s: ", label);
    printable_text(view->out, text);
    buffer_char(view->out, '\n');
    free(text);
}

static void put_reach(struct view *view, const char *name, const struct reach *reach)
{
    char least[96], most[96];
    bound_text(reach->least, reach->least_open, reach->least_proven, reach->least_bound, "without an end", least);
    bound_text(reach->most, reach->most_open, reach->most_proven, reach->most_bound, "without an end", most);
    buffer_format(view->out, "  %-24s from %s to %s\n", name, least, most);
    if (!reach->least_open) put_lead(view, "least", reach->least_lead);
    if (!reach->most_open) put_lead(view, "most ", reach->most_lead);
}

static const char *possible_word(int possible)
{
    return possible == 1 ? "yes" : possible == 0 ? "no lead can" : "not proven";
}

static void write_text(struct view *view)
{
    const struct model *model = &view->c->model;
    buffer_text(view->out, "What leads can get by ");
    printable_text(view->out, model->name);
    buffer_text(view->out, "\n\nScores\n");
    for (size_t i = 0; i < model->score_count; i++)
        put_reach(view, model->scores[i].name.text, &view->reach->scores[i]);
    if (model->group_count) buffer_text(view->out, "\nGroups\n");
    for (size_t i = 0; i < model->group_count; i++)
        put_reach(view, model->groups[i].name.text, &view->reach->groups[i]);
    if (model->stage_count) buffer_text(view->out, "\nStages\n");
    for (size_t i = 0; i < model->stage_count; i++) {
        buffer_format(view->out, "  %-24s %s\n", model->stages[i].name.text,
                      possible_word(view->reach->stage_possible[i]));
        if (i) put_lead(view, "by", view->reach->stages[i]);
    }
    for (size_t b = 0; b < model->band_count; b++) {
        buffer_format(view->out, "\n%s\n", model->bands[b].name.text);
        for (size_t l = 0; l < model->bands[b].label_count; l++) {
            buffer_format(view->out, "  %-24s %s\n", model->bands[b].labels[l].name.text,
                          possible_word(view->reach->label_possible[b][l]));
            put_lead(view, "by", view->reach->labels[b][l]);
        }
    }
    buffer_text(view->out, "\nRules\n");
    for (size_t i = 0; i < model->rule_count; i++) {
        const struct rule_reach *rule = &view->reach->rules[i];
        char least[NUMBER_TEXT], most[NUMBER_TEXT];
        number_format(rule->least, least);
        number_format(rule->most, most);
        buffer_format(view->out, "  %-24s ", model->rules[i].name.text);
        if (!rule->can_fire) buffer_text(view->out, "can never fire\n");
        else if (model->rules[i].disqualifies) buffer_text(view->out, "disqualifies\n");
        else if (strcmp(least, most) == 0) buffer_format(view->out, "%s\n", most);
        else buffer_format(view->out, "from %s to %s\n", least, most);
    }
}

/* ---- as a page
 * ------------------------------------------------------------------------------------------------------------------------
 */

static void page_reach(struct view *view, const char *name, const struct reach *reach, struct svg_scale scale)
{
    char least[96], most[96], label[300], from[SVG_PERCENT], width[SVG_PERCENT];
    bound_text(reach->least, reach->least_open, reach->least_proven, reach->least_bound, "without an end", least);
    bound_text(reach->most, reach->most_open, reach->most_proven, reach->most_bound, "without an end", most);
    snprintf(label, sizeof label, "%.60s: from %s to %s", name, least, most);
    html_put(view->out, "<h3>%s</h3><p>from %s to %s</p>\n", name, least, most);
    svg_begin(view->out, 24, label);
    buffer_format(view->out,
                  "<rect class=\"track\" x=\"1%%\" y=\"6\" width=\"98%%\" height=\"12\" rx=\"3\"/><rect class=\"bar\" "
                  "x=\"%s\" y=\"6\" width=\"%s\" height=\"12\" rx=\"3\"/>",
                  svg_percent(scale, reach->least, from), svg_width(scale, reach->least, reach->most, width));
    svg_end(view->out);
    if (reach->most_lead && !reach->most_open) {
        char *text = lead_text(view, reach->most_lead);
        html_put(view->out, "<p class=\"quiet\">most: %s</p>\n", text);
        free(text);
    }
    if (reach->least_lead && !reach->least_open) {
        char *text = lead_text(view, reach->least_lead);
        html_put(view->out, "<p class=\"quiet\">least: %s</p>\n", text);
        free(text);
    }
}

static void page_row(struct view *view, const char *name, int possible, const struct witness *lead)
{
    char *text = lead_text(view, lead);
    html_put(view->out, "<tr><td>%s</td><td>%s</td><td>%s</td></tr>\n", name, possible_word(possible),
             text ? text : "");
    free(text);
}

static void write_page(struct view *view)
{
    const struct model *model = &view->c->model;
    struct svg_scale scale = { 0, NUMBER_ONE };
    for (size_t i = 0; i < model->score_count; i++) {
        if (view->reach->scores[i].least < scale.low) scale.low = view->reach->scores[i].least;
        if (view->reach->scores[i].most > scale.high) scale.high = view->reach->scores[i].most;
    }
    html_begin(view->out, model->name);
    html_put(view->out, "<h1>What leads can get by %s</h1>\n<h2>Scores</h2>\n", model->name);
    for (size_t i = 0; i < model->score_count; i++)
        page_reach(view, model->scores[i].name.text, &view->reach->scores[i], scale);
    if (model->stage_count) {
        buffer_text(view->out,
                    "<h2>Stages</h2>\n<table><tr><th>stage</th><th>within reach</th><th>smallest lead</th></tr>\n");
        for (size_t i = 0; i < model->stage_count; i++)
            page_row(view, model->stages[i].name.text, view->reach->stage_possible[i],
                     i ? view->reach->stages[i] : NULL);
        buffer_text(view->out, "</table>\n");
    }
    for (size_t b = 0; b < model->band_count; b++) {
        html_put(view->out, "<h2>%s</h2>\n<table><tr><th>label</th><th>within reach</th><th>smallest lead</th></tr>\n",
                 model->bands[b].name.text);
        for (size_t l = 0; l < model->bands[b].label_count; l++)
            page_row(view, model->bands[b].labels[l].name.text, view->reach->label_possible[b][l],
                     view->reach->labels[b][l]);
        buffer_text(view->out, "</table>\n");
    }
    buffer_text(view->out, "<h2>Rules</h2>\n<table><tr><th>rule</th><th>least</th><th>most</th></tr>\n");
    for (size_t i = 0; i < model->rule_count; i++) {
        const struct rule_reach *rule = &view->reach->rules[i];
        char least[NUMBER_TEXT], most[NUMBER_TEXT];
        number_format(rule->least, least);
        number_format(rule->most, most);
        bool points = rule->can_fire && !model->rules[i].disqualifies;
        html_put(view->out, "<tr><td>%s</td><td>%s</td><td>%s</td></tr>\n", model->rules[i].name.text,
                 points            ? least
                 : !rule->can_fire ? "never fires"
                                   : "disqualifies",
                 points ? most : "");
    }
    buffer_text(view->out, "</table>\n");
    html_end(view->out);
}

static bool wants_page(const struct options *options, int *status)
{
    const char *format = options->value[OPTION_FORMAT], *path = options->value[OPTION_OUTPUT];
    *status = EXIT_FINE;
    if (format && strcmp(format, "html") == 0) return true;
    if (format && strcmp(format, "text") != 0) {
        say("rubric reach: --format needs text or html, not `%s`\n", format);
        *status = EXIT_USAGE;
    }
    size_t length = path ? strlen(path) : 0;
    return !format && length > 5 && strcmp(path + length - 5, ".html") == 0;
}

int command_reach(const struct options *options)
{
    int status;
    int64_t as_of;
    bool page = wants_page(options, &status);
    if (status == EXIT_FINE) status = run_instant(options, &as_of, NULL);
    if (status != EXIT_FINE) return status;
    struct compilation *c;
    status = load_rubric(options, options->arguments[0], &c);
    if (status != EXIT_FINE) return status;
    struct replay *replay = replay_new(c);
    struct conflict_options wanted = {
        .as_of = as_of, .want_reach = true, .want_leads = true, .replay = replay_witness, .context = replay
    };
    struct conflict_report *report = conflicts_check(&c->model, &wanted, &c->diags);
    struct buffer out = { 0 };
    struct view view = { c, report->reach, &out };
    if (page) write_page(&view);
    else write_text(&view);
    struct output output;
    status = output_open(&output, options->value[OPTION_OUTPUT]);
    if (status == EXIT_FINE) {
        if (!output_write(&output, &out)) {
            status = output_problem(&output);
            output_abandon(&output);
        } else status = output_commit(&output);
    }
    buffer_free(&out);
    conflicts_free(report);
    replay_free(replay);
    compilation_free(c);
    return status;
}
