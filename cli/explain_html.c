/* The page of one lead, drawn from its document (cli/explanation.h).  Sections stand in the order of the questions
   people ask: where does it stand, what is it made of, what takes it further, what is missing, what happened, what did
   not count. */
#include <string.h>

#include "cli/explanation.h"
#include "cli/explain_parts_html.h"
#include "cli/html.h"
#include "cli/svg.h"
#include "vm/calendar.h"
#include "vm/number.h"

#define MOST_MARKS 12

/* ---- head and figures -------------------------------------------------------------------------------------------- */

static void add_figure(struct buffer *out, const char *name, const char *value, const char *beside)
{
    html_put(out, "<div><dt>%s</dt><dd>%s", name, value);
    if (beside != NULL)
        html_put(out, "<small>%s</small>", beside);
    buffer_text(out, "</dd></div>\n");
}

static void add_head(struct buffer *out, const cJSON *document)
{
    const char *version = part_text(document, "version");
    html_put(out, "<header>\n<p class=\"kicker\">%s%s%s, as of ", part_text(document, "rubric"),
             version != NULL ? ", version " : "", version != NULL ? version : "");
    part_time(out, part_text(document, "as_of"));
    buffer_text(out, "</p>\n");
    const char *lead = part_text(document, "lead");
    html_put(out, "<h1>Lead %s</h1>\n", lead != NULL ? lead : "without a key");
}

static void add_figures(struct buffer *out, const cJSON *document)
{
    const char *stage = part_text(document, "stage"), *before = part_text(document, "stage_before");
    buffer_text(out, "<dl class=\"figures\">\n");
    if (stage != NULL) {
        struct buffer beside = { 0 };
        if (before == NULL)
            buffer_text(&beside, "before: not known");
        else if (strcmp(before, stage) == 0)
            buffer_text(&beside, "as before");
        else
            buffer_format(&beside, "before: %s", before);
        add_figure(out, "stage", stage, beside.data);
        buffer_free(&beside);
    }
    for (const cJSON *score = part_first(document, "scores"); score != NULL; score = score->next) {
        buffer_text(out, "<div>");
        html_put(out, "<dt>%s</dt><dd>", score->string);
        html_number(out, score->valuestring, 0);
        buffer_text(out, "</dd></div>\n");
    }
    for (const cJSON *band = part_first(document, "bands"); band != NULL; band = band->next)
        add_figure(out, band->string, cJSON_IsString(band) ? band->valuestring : "no label", NULL);
    for (const cJSON *cell = part_first(document, "matrices"); cell != NULL; cell = cell->next)
        add_figure(out, cell->string, cJSON_IsString(cell) ? cell->valuestring : "no cell", NULL);
    buffer_text(out, "</dl>\n");
}

static void add_disqualified(struct buffer *out, const cJSON *document)
{
    if (part_first(document, "disqualified") == NULL)
        return;
    buffer_text(out, "<section>\n<h2>Disqualified</h2>\n<ul class=\"rules\">\n");
    for (const cJSON *rule = part_first(document, "disqualified"); rule != NULL; rule = rule->next) {
        part_rule_head(out, rule, NULL);
        part_because(out, rule);
        part_saw(out, cJSON_GetObjectItemCaseSensitive(rule, "inputs"));
        buffer_text(out, "</li>\n");
    }
    buffer_text(out, "</ul>\n</section>\n");
}

/* ---- scores ------------------------------------------------------------------------------------------------------ */

static int64_t limit_of(const cJSON *range, const char *declared, const char *proved, int64_t otherwise)
{
    int64_t limit;
    if (part_number(range, declared, &limit) || part_number(range, proved, &limit))
        return limit;
    return otherwise;
}

static void add_bar(struct buffer *out, const cJSON *range, int64_t value)
{
    struct svg_mark marks[MOST_MARKS];
    size_t count = 0;
    struct svg_scale scale = { limit_of(range, "from", "lowest", 0), limit_of(range, "to", "highest", 0) };
    const char *band = NULL, *name = part_text(range, "score");
    struct buffer label = { 0 };
    char text[NUMBER_TEXT], low[NUMBER_TEXT], high[NUMBER_TEXT];
    if (scale.low > 0)
        scale.low = 0;
    for (const cJSON *mark = part_first(range, "bands"); mark != NULL && count < MOST_MARKS; mark = mark->next) {
        if (band == NULL)
            band = part_text(mark, "band");
        if (strcmp(band, part_text(mark, "band")) != 0)
            continue;                                   /* a second band of the score is only a figure */
        int64_t from = scale.low;
        part_number(mark, "from", &from);
        marks[count++] = (struct svg_mark){ from, part_text(mark, "label") };
    }
    if (value < scale.low)
        scale.low = value;
    if (value > scale.high)
        scale.high = value;
    if (scale.high <= scale.low)
        scale.high = scale.low + NUMBER_ONE;
    number_format(value, text);
    number_format(scale.low, low);
    number_format(scale.high, high);
    buffer_format(&label, "%s is %s on a range from %s to %s", name, text, low, high);
    html_put(out, "<div><div class=\"name\">%s</div><div class=\"picture\">", name);
    svg_bar(out, label.data, scale, value, marks, count);
    buffer_text(out, "</div><div class=\"value\">");
    html_number(out, text, 0);
    html_put(out, " <small>of %s</small></div></div>\n", high);
    buffer_free(&label);
}

static void add_scores(struct buffer *out, const cJSON *document)
{
    buffer_text(out, "<section>\n<h2>Scores</h2>\n<div class=\"bars\">\n");
    const cJSON *scores = cJSON_GetObjectItemCaseSensitive(document, "scores");
    for (const cJSON *range = part_first(document, "ranges"); range != NULL; range = range->next) {
        int64_t value = 0;
        part_number(scores, part_text(range, "score"), &value);
        add_bar(out, range, value);
    }
    buffer_text(out, "</div>\n</section>\n");
}

static void add_ledger_line(struct buffer *out, const cJSON *line, int64_t *sum)
{
    char text[NUMBER_TEXT];
    int64_t points = 0;
    part_number(line, "points", &points);
    *sum += points;
    html_put(out, "<tr><td class=\"num %s\">", points > 0 ? "up" : points < 0 ? "down" : "soft");
    html_number(out, part_raw(line, "points"), 1);
    buffer_text(out, "</td><td class=\"num sum\">");
    number_format(*sum, text);
    html_number(out, text, 0);
    buffer_text(out, "</td><td>");
    part_ledger_words(out, line);
    buffer_text(out, "</td></tr>\n");
}

static void add_ledgers(struct buffer *out, const cJSON *document)
{
    buffer_text(out, "<section>\n<h2>How the points add up</h2>\n");
    const cJSON *line = part_first(document, "trace");
    for (const cJSON *score = part_first(document, "scores"); score != NULL; score = score->next) {
        int64_t sum = 0;
        html_put(out, "<h3>%s</h3>\n<table class=\"ledger\"><thead><tr><th class=\"num\">points</th>"
                      "<th class=\"num\">so far</th><th>for what</th></tr></thead>\n<tbody>\n", score->string);
        size_t lines = 0;
        for (; line != NULL && strcmp(part_text(line, "score"), score->string) == 0; line = line->next, lines++)
            add_ledger_line(out, line, &sum);
        if (lines == 0)
            buffer_text(out, "<tr><td class=\"num soft\">0</td><td class=\"num sum\">0</td><td class=\"soft\">nothing "
                             "counted</td></tr>\n");
        buffer_text(out, "</tbody>\n<tfoot><tr><td class=\"num\">=</td><td class=\"num\">");
        html_number(out, score->valuestring, 0);
        html_put(out, "</td><td>%s</td></tr></tfoot></table>\n", score->string);
    }
    buffer_text(out, "</section>\n");
}

/* ---- stage ------------------------------------------------------------------------------------------------------- */

static void add_steps(struct buffer *out, const cJSON *document, const char *stage)
{
    const cJSON *first = part_first(document, "stages"), *here = NULL;
    for (const cJSON *step = first; step != NULL; step = step->next)
        if (strcmp(step->valuestring, stage) == 0)
            here = step;
    bool passed = here != NULL; /* nothing is passed when it is Disqualified, which is no step */
    buffer_text(out, "<ol class=\"steps\">\n");
    for (const cJSON *step = first; step != NULL; step = step->next) {
        if (step == here) {
            html_put(out, "<li aria-current=\"step\">%s, now</li>\n", step->valuestring);
            passed = false;
        } else {
            bool next = here != NULL && here->next == step;
            html_put(out, "<li class=\"%s\">%s</li>\n", passed ? "passed" : next ? "next" : "ahead", step->valuestring);
        }
    }
    if (here == NULL)
        html_put(out, "<li aria-current=\"step\">%s, now</li>\n", stage);
    buffer_text(out, "</ol>\n");
}

static void add_why(struct buffer *out, const cJSON *document, const char *stage)
{
    const cJSON *why = cJSON_GetObjectItemCaseSensitive(document, "stage_why");
    const char *reason = part_text(why, "reason");
    if (strcmp(reason, "disqualified") == 0) {
        buffer_text(out, "<p>As long as it is disqualified; after that it starts over from the first stage.</p>\n");
        return;
    }
    const char *title = part_text(why, "title");
    html_put(out, "<h3>Why %s</h3>\n", stage);
    if (title != NULL)
        html_put(out, "<p class=\"soft\">%s</p>\n", title);
    if (strcmp(reason, "first") == 0)
        buffer_text(out, "<p>It is the first stage, and takes nothing.</p>\n");
    else if (strcmp(reason, "stays forever") == 0)
        buffer_text(out, "<p>Nobody falls back from it.</p>\n");
    else if (strcmp(reason, "stays") == 0)
        buffer_text(out, "<p>Not enough to enter any more, but enough to stay:</p>\n");
    part_conditions(out, cJSON_GetObjectItemCaseSensitive(why, "conditions"));
}

static void add_could(struct buffer *out, const cJSON *next)
{
    if (part_first(next, "could_add") == NULL)
        return;
    buffer_text(out, "<p>Rules that did not count and could lift it:</p>\n<ul class=\"rules\">\n");
    for (const cJSON *help = part_first(next, "could_add"); help != NULL; help = help->next) {
        const char *most = part_raw(help, "points_at_most");
        struct buffer gives = { 0 };
        buffer_format(&gives, "%s%s to %s", most != NULL ? "up to +" : "",
                      most != NULL ? most : part_text(help, "gives"), part_text(help, "to"));
        part_rule_head(out, help, gives.data);
        part_open_conditions(out, help);
        buffer_text(out, "</li>\n");
        buffer_free(&gives);
    }
    buffer_text(out, "</ul>\n");
}

static void add_next(struct buffer *out, const cJSON *document)
{
    const cJSON *next = cJSON_GetObjectItemCaseSensitive(document, "next_stage");
    if (cJSON_IsNull(next))
        buffer_text(out, "<p>It is the last stage.</p>\n");
    if (!cJSON_IsObject(next))
        return;
    const char *title = part_text(next, "title");
    html_put(out, "<h3>What %s takes</h3>\n", part_text(next, "stage"));
    if (title != NULL)
        html_put(out, "<p class=\"soft\">%s</p>\n", title);
    part_conditions(out, cJSON_GetObjectItemCaseSensitive(next, "conditions"));
    if (cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(next, "holds")))
        buffer_text(out, "<p>All of it holds: from where it stands now, the next run takes it there.</p>\n");
    const cJSON *from = part_first(next, "only_from");
    if (from != NULL) {
        buffer_text(out, "<p>It can only be entered from ");
        for (const cJSON *stage = from; stage != NULL; stage = stage->next)
            html_put(out, "%s%s", stage->valuestring, stage->next != NULL ? ", " : ".");
        buffer_text(out, "</p>\n");
    }
    add_could(out, next);
}

static void add_ways(struct buffer *out, const cJSON *document)
{
    const cJSON *ways = cJSON_GetObjectItemCaseSensitive(document, "ways");
    if (ways == NULL)
        return;
    html_put(out, "<h3>Nearest ways to %s</h3>\n", part_text(ways, "to"));
    if (cJSON_HasObjectItem(ways, "there_already")) {
        buffer_text(out, "<p>The lead is there already.</p>\n");
        return;
    }
    if (part_first(ways, "found") == NULL) {
        bool all = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(ways, "searched_all"));
        html_put(out, "<p>None was found among %s.</p>\n", all ? "up to three changes" : "the changes that were tried");
        return;
    }
    buffer_text(
        out,
        "<p class=\"note\">Each was run through the rules: with these changes, and no fewer, the lead is there.</p>\n"
        "<ol class=\"ways\">\n");
    for (const cJSON *way = part_first(ways, "found"); way != NULL; way = way->next) {
        html_put(out, "<li>%s<div class=\"soft\">then ", part_text(way, "text"));
        for (const cJSON *score = part_first(way, "scores"); score != NULL; score = score->next) {
            html_put(out, "%s ", score->string);
            html_number(out, score->valuestring, 0);
            buffer_text(out, ", ");
        }
        html_put(out, "stage %s</div></li>\n", part_text(way, "stage"));
    }
    buffer_text(out, "</ol>\n");
}

static void add_stage(struct buffer *out, const cJSON *document)
{
    const char *stage = part_text(document, "stage");
    if (stage == NULL)
        return;
    buffer_text(out, "<section>\n<h2>Stage</h2>\n");
    add_steps(out, document, stage);
    add_why(out, document, stage);
    add_next(out, document);
    add_ways(out, document);
    if (part_first(document, "actions") != NULL) {
        buffer_text(out, "<h3>What follows</h3>\n<ul>\n");
        for (const cJSON *action = part_first(document, "actions"); action != NULL; action = action->next) {
            const char *to = part_text(action, "to"), *text = part_text(action, "text"),
                       *tag = part_text(action, "tag");
            html_put(out, "<li>%s %s</li>\n", to != NULL ? "assign to" : text != NULL ? "notify:" : "tag",
                     to != NULL ? to : text != NULL ? text : tag);
        }
        buffer_text(out, "</ul>\n");
    }
    buffer_text(out, "</section>\n");
}

/* ---- what is open, what did not count ---------------------------------------------------------------------------- */

static void add_undecided(struct buffer *out, const cJSON *document)
{
    if (part_first(document, "undecided") == NULL)
        return;
    buffer_text(out,
                "<section>\n<h2>What is missing</h2>\n"
                "<p class=\"note\">These rules could not be decided, and gave nothing. What would decide them:</p>\n"
                "<ul class=\"rules\">\n");
    for (const cJSON *rule = part_first(document, "undecided"); rule != NULL; rule = rule->next) {
        part_rule_head(out, rule, part_text(rule, "gives"));
        if (cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(rule, "gave_points")))
            buffer_text(out, "<div>It gave points; an earlier row could be decided by ");
        else
            buffer_text(out, "<div>would be decided by ");
        const cJSON *name = part_first(rule, "missing");
        if (name == NULL)
            buffer_text(out, "values that are missing");
        for (; name != NULL; name = name->next)
            html_put(out, "<strong>%s</strong>%s", name->valuestring, name->next != NULL ? ", " : "");
        buffer_text(out, "</div></li>\n");
    }
    buffer_text(out, "</ul>\n</section>\n");
}

static void add_silent(struct buffer *out, const cJSON *document)
{
    if (part_first(document, "silent") == NULL)
        return;
    buffer_text(out, "<section>\n<h2>What did not count, and why</h2>\n<ul class=\"rules\">\n");
    for (const cJSON *rule = part_first(document, "silent"); rule != NULL; rule = rule->next) {
        part_rule_head(out, rule, part_text(rule, "gives"));
        part_why_not(out, rule);
        buffer_text(out, "</li>\n");
    }
    buffer_text(out, "</ul>\n</section>\n");
}

static void add_fields(struct buffer *out, const cJSON *document)
{
    if (part_first(document, "fields") == NULL)
        return;
    buffer_text(out, "<section>\n<h2>What the rules could "
                     "see</h2>\n<table><thead><tr><th>field</th><th>value</th></tr></thead>\n<tbody>\n");
    for (const cJSON *field = part_first(document, "fields"); field != NULL; field = field->next) {
        html_put(out, "<tr><th scope=\"row\">%s</th><td>", field->string);
        part_value(out, field);
        buffer_text(out, "</td></tr>\n");
    }
    buffer_text(out, "</tbody></table>\n</section>\n");
}

/* The answer to --why-not alone. */
static void add_one_rule(struct buffer *out, const cJSON *rule)
{
    const char *answer = part_text(rule, "answer");
    buffer_text(out, "<section>\n<ul class=\"rules\">\n");
    part_rule_head(out, rule, part_text(rule, "gives"));
    if (strcmp(answer, "silent") == 0) {
        buffer_text(out, "<p>It did not fire:</p>\n");
        part_why_not(out, rule);
    } else {
        if (strcmp(answer, "undecided") == 0) {
            buffer_text(out, "<p>It could not be decided; what is missing: ");
            for (const cJSON *name = part_first(rule, "missing"); name != NULL; name = name->next)
                html_put(out, "<strong>%s</strong>%s", name->valuestring, name->next != NULL ? ", " : "");
            buffer_text(out, "</p>\n");
        } else {
            html_put(out, "<p>%s</p>\n",
                     strcmp(answer, "fired") == 0 ? "It fired:" : "It holds, and the lead is disqualified:");
        }
        part_conditions(out, cJSON_GetObjectItemCaseSensitive(rule, "conditions"));
    }
    part_because(out, rule);
    buffer_text(out, "</li>\n</ul>\n</section>\n");
}

static void add_document(struct buffer *out, const cJSON *document)
{
    const cJSON *one_rule = cJSON_GetObjectItemCaseSensitive(document, "why_not");
    buffer_text(out, "<article>\n");
    add_head(out, document);
    buffer_text(out, "</header>\n");
    if (one_rule != NULL) {
        add_one_rule(out, one_rule);
    } else {
        add_figures(out, document);
        add_disqualified(out, document);
        if (part_first(document, "ranges") != NULL)
            add_scores(out, document);
        if (cJSON_HasObjectItem(document, "stages"))
            add_stage(out, document);
        else
            add_ways(out, document);
        if (cJSON_HasObjectItem(document, "trace"))
            add_ledgers(out, document);
        add_undecided(out, document);
        part_timeline(out, document);
        add_silent(out, document);
        add_fields(out, document);
    }
    html_put(out, "<footer>%s%s%s%s%s. Rules %s. All times are UTC.</footer>\n</article>\n",
             part_text(document, "rubric"), part_text(document, "version") != NULL ? ", version " : "",
             part_text(document, "version") != NULL ? part_text(document, "version") : "",
             part_text(document, "owner") != NULL ? ", kept by " : "",
             part_text(document, "owner") != NULL ? part_text(document, "owner") : "", part_text(document, "hash"));
}

void explain_html(cJSON *const *documents, size_t count, struct buffer *out)
{
    struct buffer title = { 0 };
    const char *lead = count > 0 ? part_text(documents[0], "lead") : NULL;
    buffer_format(&title, "Lead %s, %s", lead != NULL ? lead : "", count > 0 ? part_text(documents[0], "rubric") : "");
    html_begin(out, title.data);
    for (size_t i = 0; i < count; i++)
        add_document(out, documents[i]);
    html_end(out);
    buffer_free(&title);
}
