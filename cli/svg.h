/* Small drawings for pages: inline SVG as wide as the page lets it be.  Places along the width are percents, heights
   are pixels, so that texts and lines keep their size on a phone.  Colours and strokes are classes of the page's style.
   Nothing here uses floating point; nothing fails. */
#ifndef RUBRIC_CLI_SVG_H
#define RUBRIC_CLI_SVG_H

#include <stdbool.h>
#include <stdint.h>

#include "vm/memory.h"

struct svg_scale { int64_t low, high; };                /* onto 1 % … 99 % of the width; low < high, or all is at 1 % */
#define SVG_PERCENT 32
const char *svg_percent(struct svg_scale scale, int64_t value, char out[SVG_PERCENT]);
const char *svg_width(struct svg_scale scale, int64_t from, int64_t to, char out[SVG_PERCENT]); /* between two values */

void svg_begin(struct buffer *out, int height, const char *label); /* the label is read out in place of the picture */
void svg_end(struct buffer *out);

/* A score on its range: a track, a bar from zero (or the low end), and marks with labels below where bands begin. */
struct svg_mark { int64_t at; const char *label; };
void svg_bar(struct buffer *out, const char *label, struct svg_scale scale, int64_t value,
             const struct svg_mark *marks, size_t count);

/* A step line: each value holds until the next instant. */
struct svg_point { int64_t at, value; };
void svg_steps(struct buffer *out, struct svg_scale across, struct svg_scale upward, int top, int height,
               const struct svg_point *points, size_t count);
/* A smooth enough line through points. */
void svg_curve(struct buffer *out, struct svg_scale across, struct svg_scale upward, int top, int height,
               const struct svg_point *points, size_t count);
/* Dates along the bottom: both ends and the middle. */
void svg_dates(struct buffer *out, struct svg_scale across, int y);

#endif
