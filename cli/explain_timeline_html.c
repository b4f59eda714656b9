/* What happened, as a picture and as a list: a score over time, the stage under it, a lane of dots for each type of
   event. */
#include <stdlib.h>
#include <string.h>

#include "cli/explain_parts_html.h"
#include "cli/html.h"
#include "cli/svg.h"
#include "vm/number.h"

#define CHART_TOP 22
#define CHART_HEIGHT 84
#define STAGE_TOP 122
#define STAGE_HEIGHT 24
#define LANES_TOP 160
#define LANE_HEIGHT 32
#define MOST_LANES 10
#define MOST_DOTS 300
#define EVENTS_LISTED 40

struct lane { const char *event; int dots, count; };
struct picture { struct svg_scale across, upward; struct lane lanes[MOST_LANES]; int lane_count; const char *score; };

static int64_t instant_of(const cJSON *object)
{
    const char *text = part_text(object, "at");
    int64_t at = 0;
    if (text != NULL)
        instant_parse(text, strlen(text), DATES_ISO_ONLY, &at);
    return at;
}

/* The score that is drawn: `total` when there is one, else the last. */
static const char *drawn_score(const cJSON *document)
{
    const char *name = NULL;
    for (const cJSON *score = part_first(document, "scores"); score != NULL; score = score->next)
        if (name == NULL || strcmp(name, "total") != 0)
            name = score->string;
    return name;
}

static void measure(struct picture *picture, const cJSON *document, const cJSON *timeline)
{
    *picture = (struct picture){ .score = drawn_score(document) };
    const cJSON *first = part_first(timeline, "past");
    picture->across.low = instant_of(first);
    for (const cJSON *step = first; step != NULL; step = step->next) {
        int64_t value = 0;
        part_number(cJSON_GetObjectItemCaseSensitive(step, "scores"), picture->score, &value);
        picture->across.high = instant_of(step);
        if (value < picture->upward.low)
            picture->upward.low = value;
        if (value > picture->upward.high)
            picture->upward.high = value;
    }
    if (picture->upward.high == picture->upward.low)
        picture->upward.high = picture->upward.low + NUMBER_ONE;
    for (const cJSON *event = part_first(timeline, "events"); event != NULL; event = event->next) {
        const char *name = part_text(event, "event");
        int lane = 0;
        while (lane < picture->lane_count && strcmp(picture->lanes[lane].event, name) != 0)
            lane++;
        if (lane == MOST_LANES)
            continue;
        if (lane == picture->lane_count)
            picture->lanes[picture->lane_count++].event = name;
        picture->lanes[lane].count++;
    }
}

static void add_chart(struct buffer *out, const struct picture *picture, const cJSON *timeline)
{
    struct svg_point *points = NULL;
    size_t count = 0, capacity = 0;
    char text[NUMBER_TEXT], high[NUMBER_TEXT];
    for (const cJSON *step = part_first(timeline, "past"); step != NULL; step = step->next) {
        struct svg_point point = { instant_of(step), 0 };
        part_number(cJSON_GetObjectItemCaseSensitive(step, "scores"), picture->score, &point.value);
        memory_reserve(&points, &capacity, count + 1, sizeof *points);
        points[count++] = point;
    }
    number_format(picture->upward.low, text);
    number_format(picture->upward.high, high);
    html_put(out, "<text x=\"1%%\" y=\"12\"><tspan class=\"strong\">%s</tspan>, drawn from %s to %s</text>",
             picture->score, text, high);
    html_put(out, "<line class=\"grid\" x1=\"1%%\" x2=\"99%%\" y1=\"%d\" y2=\"%d\"/>", CHART_TOP, CHART_TOP);
    html_put(out, "<line class=\"grid\" x1=\"1%%\" x2=\"99%%\" y1=\"%d\" y2=\"%d\"/>", CHART_TOP + CHART_HEIGHT,
             CHART_TOP + CHART_HEIGHT);
    svg_steps(out, picture->across, picture->upward, CHART_TOP, CHART_HEIGHT, points, count);
    if (count > 0) {
        number_format(points[count - 1].value, text);
        html_put(out, "<text class=\"strong\" x=\"99%%\" y=\"12\" text-anchor=\"end\">%s now</text>", text);
    }
    free(points);
}

/* One bar a stretch in one stage; the name inside is cut where the stretch ends. */
static void add_stretch(struct buffer *out, const struct picture *picture, int64_t from, int64_t to, const char *stage)
{
    char x[SVG_PERCENT], width[SVG_PERCENT];
    svg_percent(picture->across, from, x);
    svg_width(picture->across, from, to, width);
    html_put(out,
             "<svg x=\"%s\" y=\"%d\" width=\"%s\" height=\"%d\" overflow=\"hidden\" style=\"overflow:hidden\">"
             "<title>%s</title><rect class=\"stage\" width=\"100%%\" height=\"%d\"/>"
             "<text class=\"strong\" x=\"6\" y=\"16\">%s</text></svg>",
             x, STAGE_TOP, width, STAGE_HEIGHT, stage, STAGE_HEIGHT, stage);
}

static void add_stages(struct buffer *out, const struct picture *picture, const cJSON *timeline)
{
    const char *stage = NULL;
    int64_t since = picture->across.low;
    for (const cJSON *step = part_first(timeline, "past"); step != NULL; step = step->next) {
        const char *now = part_text(step, "stage");
        if (now == NULL)
            return;
        if (stage != NULL && strcmp(stage, now) != 0) {
            add_stretch(out, picture, since, instant_of(step), stage);
            since = instant_of(step);
        }
        stage = now;
    }
    if (stage != NULL)
        add_stretch(out, picture, since, picture->across.high, stage);
}

static void add_dot(struct buffer *out, const struct picture *picture, const cJSON *event, int y)
{
    char x[SVG_PERCENT], at[INSTANT_TEXT];
    bool counted = part_first(event, "counted_in") != NULL;
    html_put(out, "<circle class=\"%s\" cx=\"%s\" cy=\"%d\" r=\"4\"><title>%s, %s%s</title></circle>",
             counted ? "dot" : "ring", svg_percent(picture->across, instant_of(event), x), y, part_text(event, "event"),
             part_instant(part_text(event, "at"), at), counted ? ", counts now" : ", does not count now");
}

static void add_lanes(struct buffer *out, struct picture *picture, const cJSON *timeline)
{
    for (int lane = 0; lane < picture->lane_count; lane++) {
        int y = LANES_TOP + lane * LANE_HEIGHT;
        html_put(out, "<text x=\"1%%\" y=\"%d\">%s, %d</text>", y + 10, picture->lanes[lane].event,
                 picture->lanes[lane].count);
        html_put(out, "<line class=\"grid\" x1=\"1%%\" x2=\"99%%\" y1=\"%d\" y2=\"%d\"/>", y + 21, y + 21);
    }
    for (const cJSON *event = part_first(timeline, "events"); event != NULL; event = event->next)
        for (int lane = 0; lane < picture->lane_count; lane++)
            if (strcmp(picture->lanes[lane].event, part_text(event, "event")) == 0
                && picture->lanes[lane].dots++ < MOST_DOTS)
                add_dot(out, picture, event, LANES_TOP + lane * LANE_HEIGHT + 21);
}

static void add_picture(struct buffer *out, const cJSON *document, const cJSON *timeline)
{
    struct picture picture;
    measure(&picture, document, timeline);
    int bottom = LANES_TOP + picture.lane_count * LANE_HEIGHT;
    buffer_text(out, "<figure>\n");
    svg_begin(out, bottom + 24, "Events of the lead over time, with its score and its stage");
    add_chart(out, &picture, timeline);
    add_stages(out, &picture, timeline);
    add_lanes(out, &picture, timeline);
    svg_dates(out, picture.across, bottom + 16);
    svg_end(out);
    buffer_text(out, "<figcaption>A filled dot counts now, an open one does not. Score and stage are "
                     "today\xE2\x80\x99s rules applied to the "
                     "events of each day, with the fields as they are today.");
    if (part_text(document, "stage_before") != NULL)
        buffer_text(
            out, " The record says where the lead stood; the stages drawn here are what the rules alone make of it.");
    buffer_text(out, "</figcaption>\n</figure>\n");
}

static void add_list(struct buffer *out, const cJSON *timeline)
{
    int shown = 0, count = 0;
    buffer_text(out, "<table class=\"stack\"><thead><tr><th>when</th><th>what</th><th>details</th><th>counts "
                     "in</th></tr></thead>\n<tbody>\n");
    for (const cJSON *event = part_first(timeline, "events"); event != NULL; event = event->next) {
        count++;
        if (shown == EVENTS_LISTED)
            continue;
        shown++;
        buffer_text(out, "<tr><td class=\"when\">");
        part_time(out, part_text(event, "at"));
        html_put(out, "</td><td>%s</td><td>", part_text(event, "event"));
        for (const cJSON *field = part_first(event, "fields"); field != NULL; field = field->next) {
            html_put(out, "%s ", field->string);
            part_value(out, field);
            if (field->next != NULL)
                buffer_text(out, ", ");
        }
        buffer_text(out, part_first(event, "counted_in") != NULL ? "</td><td data-label=\"counts in\">" : "</td><td>");
        for (const cJSON *rule = part_first(event, "counted_in"); rule != NULL; rule = rule->next) {
            html_put(out, "%s", part_text(rule, "rule"));
            if (part_raw(rule, "points") != NULL) {
                buffer_text(out, " (");
                html_number(out, part_raw(rule, "points"), 1);
                buffer_text(out, ")");
            }
            if (rule->next != NULL)
                buffer_text(out, ", ");
        }
        buffer_text(out, "</td></tr>\n");
    }
    buffer_text(out, "</tbody></table>\n");
    int64_t older = 0;
    part_number(timeline, "older_events", &older);
    count += (int)(older / NUMBER_ONE);
    if (count > shown)
        html_put(out, "<p class=\"note\">and %d older events</p>\n", count - shown);
}

void part_timeline(struct buffer *out, const cJSON *document)
{
    const cJSON *timeline = cJSON_GetObjectItemCaseSensitive(document, "timeline");
    if (timeline == NULL)
        return;
    buffer_text(out, "<section>\n<h2>What happened</h2>\n");
    if (part_first(timeline, "events") == NULL) {
        buffer_text(out, "<p>No events are known that the rules look at.</p>\n</section>\n");
        return;
    }
    add_picture(out, document, timeline);
    add_list(out, timeline);
    buffer_text(out, "</section>\n");
}
