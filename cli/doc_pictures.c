/* Pictures of a rulebook: inline SVG in HTML, a small table where that is of use in Markdown. */
#include <string.h>

#include "cli/doc.h"
#include "cli/html.h"
#include "cli/svg.h"
#include "vm/number.h"

#define DECAY_PERIODS 12

/* What is left of 100 points after so many periods. */
static int64_t left_after(const struct model_score *score, int64_t periods)
{
    if (score->lose_by_points) {
        int64_t lost = score->lose_points > 100 * NUMBER_ONE ? 100 * NUMBER_ONE : score->lose_points * periods;
        return lost < 100 * NUMBER_ONE ? 100 * NUMBER_ONE - lost : 0;
    }
    int64_t factor = FACTOR_ONE;
    for (int64_t i = 0; i < periods; i++)
        factor = factor_next(factor, score->lose_ppm);
    return number_decay(100 * NUMBER_ONE, factor);
}

static void write_age(const struct model_score *score, int64_t periods, struct buffer *out)
{
    int64_t count = score->lose_count * periods;
    buffer_format(out, "%lld %s", (long long)count, time_unit_name(score->lose_unit, count != 1));
}

/* One decimal is enough here. */
static void write_left(int64_t units, struct buffer *out)
{
    words_number((units + 500) / 1000 * 1000, false, out);
}

static void decay_table(struct doc *doc, const struct model_score *score)
{
    static const char *const columns[] = { "nothing for", "left of 100 points" };
    static const int64_t shown[] = { 1, 2, 3, 6, 12 };
    page_table(&doc->page, columns, 2, 2);
    for (size_t i = 0; i < sizeof shown / sizeof *shown; i++) {
        struct buffer age = { 0 }, left = { 0 };
        write_age(score, shown[i], &age);
        write_left(left_after(score, shown[i]), &left);
        page_row(&doc->page);
        page_cell(&doc->page, age.data);
        page_cell(&doc->page, left.data);
        page_row_end(&doc->page);
        buffer_free(&age);
        buffer_free(&left);
    }
    page_table_end(&doc->page);
}

static void decay_curve(struct doc *doc, const struct model_score *score)
{
    struct svg_point points[DECAY_PERIODS + 2];
    struct svg_scale across = { 0, DECAY_PERIODS + 1 }, upward = { 0, 100 * NUMBER_ONE };
    struct buffer *out = doc->page.out;
    char x[SVG_PERCENT];
    for (int64_t i = 0; i <= DECAY_PERIODS + 1; i++)
        points[i] = (struct svg_point){ i, left_after(score, i) };
    buffer_text(out, "<figure class=\"small\">\n");
    svg_begin(out, 132, "What is left of 100 points over time");
    html_put(out, "<line class=\"grid\" x1=\"1%%\" x2=\"99%%\" y1=\"6\" y2=\"6\"/><text x=\"99%%\" y=\"18\" "
                  "text-anchor=\"end\">100</text>");
    html_put(out, "<line class=\"grid\" x1=\"1%%\" x2=\"99%%\" y1=\"56\" y2=\"56\"/><text x=\"99%%\" y=\"68\" "
                  "text-anchor=\"end\">50</text>");
    html_put(out, "<line class=\"axis\" x1=\"1%%\" x2=\"99%%\" y1=\"106\" y2=\"106\"/>");
    svg_steps(out, across, upward, 6, 100, points, DECAY_PERIODS + 2);
    for (int64_t i = 0; i <= DECAY_PERIODS; i += 3) {
        struct buffer age = { 0 };
        if (i == 0)
            buffer_text(&age, "now");
        else
            write_age(score, i, &age);
        html_put(out, "<text x=\"%s\" y=\"122\" text-anchor=\"%s\">%s</text>", svg_percent(across, i, x),
                 i == 0 ? "start" : "middle", age.data);
        buffer_free(&age);
    }
    svg_end(out);
    struct buffer words = { 0 };
    buffer_text(&words, "Of 100 points there are left ");
    write_left(left_after(score, 1), &words);
    buffer_text(&words, " after ");
    write_age(score, 1, &words);
    buffer_text(&words, ", ");
    write_left(left_after(score, 3), &words);
    buffer_text(&words, " after ");
    write_age(score, 3, &words);
    buffer_text(&words, ", ");
    write_left(left_after(score, 12), &words);
    buffer_text(&words, " after ");
    write_age(score, 12, &words);
    html_put(out, "<figcaption>%s.</figcaption>\n</figure>\n", words.data);
    buffer_free(&words);
}

void doc_pictures_decay(struct doc *doc, const struct model_score *score)
{
    if (doc->page.html)
        decay_curve(doc, score);
    else
        decay_table(doc, score);
}

/* ---- bands ------------------------------------------------------------------------------------------------------- */

void doc_pictures_band(struct doc *doc, const struct model_band *band)
{
    if (!doc->page.html)
        return;
    const struct model_score *score = &doc->model->scores[band->score];
    struct svg_scale across = { score->lowest, score->highest };
    struct buffer *out = doc->page.out;
    for (size_t i = 0; i < band->label_count; i++) {
        if (band->labels[i].has_from && band->labels[i].from < across.low)
            across.low = band->labels[i].from;
        if (band->labels[i].has_below && band->labels[i].below > across.high)
            across.high = band->labels[i].below;
    }
    if (across.high <= across.low)
        return;
    buffer_text(out, "<figure>\n");
    svg_begin(out, 46, "The labels over the range of the score");
    for (size_t i = 0; i < band->label_count; i++) {
        const struct model_label *label = &band->labels[i];
        char x[SVG_PERCENT], width[SVG_PERCENT], number[NUMBER_TEXT];
        int64_t from = label->has_from && label->from > across.low ? label->from : across.low;
        int64_t below = label->has_below && label->below < across.high ? label->below : across.high;
        number_format(from, number);
        html_put(out,
                 "<svg x=\"%s\" y=\"0\" width=\"%s\" height=\"28\" overflow=\"hidden\" style=\"overflow:hidden\">"
                 "<rect class=\"stage\" width=\"100%%\" height=\"28\"/><text class=\"strong\" x=\"8\" "
                 "y=\"18\">%s</text></svg>",
                 svg_percent(across, from, x), svg_width(across, from, below, width), label->name.text);
        html_put(out, "<text x=\"%s\" y=\"42\">%s</text>", x, number);
    }
    svg_end(out);
    buffer_text(out, "</figure>\n");
}

/* ---- the funnel -------------------------------------------------------------------------------------------------- */

#define FUNNEL_ROW 44

void doc_pictures_funnel(struct doc *doc)
{
    if (!doc->page.html || doc->model->stage_count == 0)
        return;
    struct buffer *out = doc->page.out;
    int count = (int)doc->model->stage_count;
    buffer_text(out, "<figure class=\"small\">\n");
    svg_begin(out, count * FUNNEL_ROW - 8, "The stages, from the first to the last");
    for (int i = 0; i < count; i++) {
        const struct model_stage *stage = &doc->model->stages[i];
        int width = count > 1 ? 98 - 58 * i / (count - 1) : 98, y = i * FUNNEL_ROW;
        html_put(out, "<rect class=\"stage\" x=\"%d.5%%\" width=\"%d%%\" y=\"%d\" height=\"32\" rx=\"3\"/>",
                 (99 - width) / 2, width, y);
        html_put(out, "<text class=\"strong\" x=\"50%%\" y=\"%d\" text-anchor=\"middle\">%s</text>", y + 20,
                 stage->name.text);
        if (i + 1 < count)
            html_put(out, "<line class=\"axis\" x1=\"50%%\" x2=\"50%%\" y1=\"%d\" y2=\"%d\"/>", y + 33,
                     y + FUNNEL_ROW - 1);
    }
    svg_end(out);
    buffer_text(out, "</figure>\n");
}
