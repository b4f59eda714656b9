#include "cli/svg.h"

#include <stdio.h>
#include <string.h>

#include "cli/html.h"
#include "vm/calendar.h"
#include "vm/number.h"

/* Hundredths of a percent of the width. */
static int place_of(struct svg_scale scale, int64_t value)
{
    wide_int width = (wide_int)scale.high - scale.low, at = (wide_int)value - scale.low;
    if (at < 0)
        at = 0;
    if (at > width)
        at = width;
    return width > 0 ? (int)(at * 9800 / width) + 100 : 100;
}

static const char *percent_text(int hundredths, char out[SVG_PERCENT])
{
    snprintf(out, SVG_PERCENT, "%d.%02d%%", hundredths / 100, hundredths % 100);
    return out;
}

const char *svg_percent(struct svg_scale scale, int64_t value, char out[SVG_PERCENT])
{
    return percent_text(place_of(scale, value), out);
}

const char *svg_width(struct svg_scale scale, int64_t from, int64_t to, char out[SVG_PERCENT])
{
    int width = place_of(scale, to) - place_of(scale, from);
    return percent_text(width > 0 ? width : 0, out);
}

void svg_begin(struct buffer *out, int height, const char *label)
{
    html_put(out,
             "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" aria-label=\"%s\" width=\"100%%\" height=\"%d\">",
             label, height);
}

void svg_end(struct buffer *out)
{
    buffer_text(out, "</svg>\n");
}

#define BAR_HEIGHT 12
#define BAR_LABELS 30
#define LETTER_PLACE 190        /* a letter on the narrowest phone, in hundredths of a percent */

void svg_bar(struct buffer *out, const char *label, struct svg_scale scale, int64_t value, const struct svg_mark *marks,
             size_t count)
{
    char x[SVG_PERCENT], width[SVG_PERCENT];
    int64_t zero = scale.low > 0 ? scale.low : scale.high < 0 ? scale.high : 0;
    svg_begin(out, count > 0 ? BAR_LABELS : BAR_HEIGHT, label);
    html_put(out, "<rect class=\"track\" x=\"1%%\" y=\".5\" width=\"98%%\" height=\"%d\" rx=\"2\"/>", BAR_HEIGHT - 1);
    int64_t from = value < zero ? value : zero, to = value < zero ? zero : value;
    html_put(out, "<rect class=\"%s\" x=\"%s\" y=\"2\" width=\"%s\" height=\"%d\"/>", value < zero ? "bar-down" : "bar",
             svg_percent(scale, from, x), svg_width(scale, from, to, width), BAR_HEIGHT - 4);
    if (zero > scale.low) {
        svg_percent(scale, zero, x);
        html_put(out, "<line class=\"axis\" x1=\"%s\" x2=\"%s\" y1=\"0\" y2=\"%d\"/>", x, x, BAR_HEIGHT);
    }
    int free_from = 0;
    for (size_t i = 0; i < count; i++) {
        int place = place_of(scale, marks[i].at);
        percent_text(place, x);
        html_put(out, "<line class=\"axis\" x1=\"%s\" x2=\"%s\" y1=\"0\" y2=\"%d\"/>", x, x, BAR_HEIGHT + 4);
        if (place < free_from)
            continue;                                   /* it would stand on the one before */
        html_put(out, "<text x=\"%s\" y=\"%d\" dx=\"3\">%s</text>", x, BAR_HEIGHT + 14, marks[i].label);
        free_from = place + 150 + LETTER_PLACE * (int)strlen(marks[i].label);
    }
    svg_end(out);
}

static int height_of(struct svg_scale upward, int top, int height, int64_t value)
{
    wide_int range = (wide_int)upward.high - upward.low;
    if (range <= 0)
        return top + height;
    wide_int up = ((wide_int)value - upward.low) * height / range;
    return top + height - (int)(up < 0 ? 0 : up > height ? height : up);
}

static void add_line(struct buffer *out, const char *x1, int y1, const char *x2, int y2)
{
    html_put(out, "<line class=\"curve\" x1=\"%s\" y1=\"%d\" x2=\"%s\" y2=\"%d\"/>", x1, y1, x2, y2);
}

void svg_steps(struct buffer *out, struct svg_scale across, struct svg_scale upward, int top, int height,
               const struct svg_point *points, size_t count)
{
    char x1[SVG_PERCENT], x2[SVG_PERCENT];
    for (size_t i = 0; i + 1 < count; i++) {
        int y = height_of(upward, top, height, points[i].value);
        int next = height_of(upward, top, height, points[i + 1].value);
        svg_percent(across, points[i].at, x1);
        svg_percent(across, points[i + 1].at, x2);
        add_line(out, x1, y, x2, y);
        if (next != y)
            add_line(out, x2, y, x2, next);
    }
}

void svg_curve(struct buffer *out, struct svg_scale across, struct svg_scale upward, int top, int height,
               const struct svg_point *points, size_t count)
{
    char x1[SVG_PERCENT], x2[SVG_PERCENT];
    for (size_t i = 0; i + 1 < count; i++)
        add_line(out, svg_percent(across, points[i].at, x1), height_of(upward, top, height, points[i].value),
                 svg_percent(across, points[i + 1].at, x2), height_of(upward, top, height, points[i + 1].value));
}

void svg_dates(struct buffer *out, struct svg_scale across, int y)
{
    static const char *const anchors[] = { "start", "middle", "end" };
    for (int i = 0; i < 3; i++) {
        int64_t at = i == 2 ? across.high : across.low + (across.high - across.low) / 2 * i;
        int64_t year;
        int month, day;
        char x[SVG_PERCENT], text[48];
        instant_to_civil(at, &year, &month, &day);
        snprintf(text, sizeof text, "%04d-%02d-%02d", (int)year, month, day);
        html_put(out, "<text x=\"%s\" y=\"%d\" text-anchor=\"%s\">%s</text>", svg_percent(across, at, x), y, anchors[i],
                 text);
    }
}
