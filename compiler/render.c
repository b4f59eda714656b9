/* Diagnostics for people: the message, the lines it is about with their marks, helps and notes.  Columns are counted
   as a terminal shows them: tabs are expanded, wide characters take two cells, combining marks none. */
#include "compiler/render.h"

#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

#include "vm/limits.h"
#include "vm/text.h"

#define TAB_CELLS 4
#define LINE_BYTES_SHOWN 400                            /* of longer lines only a part is shown */
#define LINE_BYTES_BEFORE 80

struct pen { struct buffer *out; struct render_options options; const struct sources *sources; unsigned gutter; };

enum paint { PAINT_ERROR, PAINT_WARNING, PAINT_CONFLICT, PAINT_NOTE, PAINT_FRAME, PAINT_STRONG, PAINT_NONE };

static void paint(struct pen *pen, enum paint color)
{
    static const char *const codes[] = {
        [PAINT_ERROR] = "\x1b[1;31m", [PAINT_WARNING] = "\x1b[1;33m", [PAINT_CONFLICT] = "\x1b[1;35m",
        [PAINT_NOTE] = "\x1b[1;36m",  [PAINT_FRAME] = "\x1b[34m",     [PAINT_STRONG] = "\x1b[1m",
        [PAINT_NONE] = "\x1b[0m",
    };
    if (pen->options.color) buffer_text(pen->out, codes[color]);
}

static enum paint severity_paint(enum severity severity)
{
    switch (severity) {
    case SEVERITY_NOTE: return PAINT_NOTE;
    case SEVERITY_WARNING: return PAINT_WARNING;
    case SEVERITY_CONFLICT: return PAINT_CONFLICT;
    case SEVERITY_ERROR: return PAINT_ERROR;
    }
    return PAINT_ERROR;
}

/* ---- characters and cells ---------------------------------------------------------------------------------------- */

static void add_cells(struct buffer *out, unsigned count, char c)
{
    while (count-- > 0) buffer_char(out, c);
}

/* Decodes the character at `at`; what is not UTF-8 counts as one byte and one cell. */
static uint32_t next_character(const char *at, size_t left, size_t *used)
{
    unsigned char lead = (unsigned char)*at;
    *used = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    if (lead < 0x80) return lead;
    if (*used > left || !utf8_valid(at, *used)) {
        *used = 1;
        return 0xFFFD;
    }
    return utf8_decode(at, left, used);
}

static unsigned cells_of(uint32_t character, unsigned column)
{
    if (character == '\t') return TAB_CELLS - column % TAB_CELLS;
    if (character < 0x20 || character == 0x7F) return 1;
    if (character < 0x7F) return 1;
    int width = utf8proc_charwidth((utf8proc_int32_t)character);
    return width < 0 ? 0 : (unsigned)width;
}

/* Writes text as a terminal may safely show it; returns the cells it takes. */
static unsigned add_shown(const struct pen *pen, const char *bytes, size_t length, unsigned column)
{
    unsigned start = column;
    for (size_t at = 0; at < length;) {
        size_t used;
        uint32_t character = next_character(bytes + at, length - at, &used);
        unsigned cells = cells_of(character, column);
        if (character == '\t') add_cells(pen->out, cells, ' ');
        else if (character < 0x20 || character == 0x7F || (character >= 0x80 && character < 0xA0)
                 || character == 0xFFFD)
            buffer_text(pen->out, pen->options.unicode ? "\xEF\xBF\xBD" : "?"), cells = 1;
        else buffer_add(pen->out, bytes + at, used);
        column += cells;
        at += used;
    }
    return column - start;
}

static unsigned cells_until(const char *bytes, size_t length)
{
    unsigned column = 0;
    for (size_t at = 0; at < length;) {
        size_t used;
        uint32_t character = next_character(bytes + at, length - at, &used);
        unsigned cells = cells_of(character, column);
        if (character == 0xFFFD || (character >= 0x80 && character < 0xA0)) cells = 1;
        column += cells;
        at += used;
    }
    return column;
}

/* ---- the frame --------------------------------------------------------------------------------------------------- */

static void gutter(struct pen *pen, uint32_t line, const char *unicode, const char *ascii)
{
    paint(pen, PAINT_FRAME);
    if (line > 0) buffer_format(pen->out, "%*u ", (int)pen->gutter, line);
    else add_cells(pen->out, pen->gutter + 1, ' ');
    buffer_text(pen->out, pen->options.unicode ? unicode : ascii);
    paint(pen, PAINT_NONE);
}

/* One label on one line, in cells. */
struct mark { unsigned start, end; bool primary; const char *text; uint32_t line; };

static int compare_marks(const void *a, const void *b)
{
    const struct mark *left = a, *right = b;
    if (left->line != right->line) return left->line < right->line ? -1 : 1;
    if (left->start != right->start) return left->start < right->start ? -1 : 1;
    if (left->primary != right->primary) return left->primary ? -1 : 1;
    return left->end < right->end ? -1 : left->end > right->end;
}

static void underline(struct pen *pen, const struct mark *mark, enum paint color)
{
    paint(pen, mark->primary ? color : PAINT_FRAME);
    add_cells(pen->out, mark->end - mark->start, mark->primary ? '^' : '-');
    paint(pen, PAINT_NONE);
}

static void mark_text(struct pen *pen, const struct mark *mark, enum paint color)
{
    paint(pen, mark->primary ? color : PAINT_FRAME);
    add_shown(pen, mark->text, strlen(mark->text), 0);
    paint(pen, PAINT_NONE);
}

/* A row of bars under the first `count` marks, and the text of the last of them in place of its bar when `text`. */
static void bars(struct pen *pen, const struct mark *marks, size_t count, bool text, enum paint color)
{
    gutter(pen, 0, "│ ", "| ");
    unsigned column = 0;
    for (size_t index = 0; index < count; index++) {
        add_cells(pen->out, marks[index].start - column, ' ');
        column = marks[index].start + 1;
        if (text && index + 1 == count) {
            mark_text(pen, &marks[index], color);
            break;
        }
        paint(pen, marks[index].primary ? color : PAINT_FRAME);
        buffer_text(pen->out, pen->options.unicode ? "│" : "|");
        paint(pen, PAINT_NONE);
    }
    buffer_char(pen->out, '\n');
}

/* All marks of one line.  Side by side they share a row; where they overlap each has its own. */
static void draw_marks(struct pen *pen, const struct mark *marks, size_t count, enum paint color)
{
    bool overlap = false;
    for (size_t index = 1; index < count; index++) overlap |= marks[index].start < marks[index - 1].end;
    if (overlap) {
        for (size_t index = 0; index < count; index++) {
            gutter(pen, 0, "│ ", "| ");
            add_cells(pen->out, marks[index].start, ' ');
            underline(pen, &marks[index], color);
            if (marks[index].text[0]) buffer_char(pen->out, ' ');
            mark_text(pen, &marks[index], color);
            buffer_char(pen->out, '\n');
        }
        return;
    }
    gutter(pen, 0, "│ ", "| ");
    unsigned column = 0;
    for (size_t index = 0; index < count; index++) {
        add_cells(pen->out, marks[index].start - column, ' ');
        underline(pen, &marks[index], color);
        column = marks[index].end;
    }
    if (marks[count - 1].text[0]) buffer_char(pen->out, ' ');
    mark_text(pen, &marks[count - 1], color);
    buffer_char(pen->out, '\n');
    struct mark *speaking = memory_alloc(count * sizeof *speaking);        /* a mark without a text needs no bar */
    size_t left = 0;
    for (size_t index = 0; index + 1 < count; index++) if (marks[index].text[0]) speaking[left++] = marks[index];
    if (left > 0) bars(pen, speaking, left, false, color);
    for (; left > 0; left--) bars(pen, speaking, left, true, color);
    free(speaking);
}

/* Where the part of a line that is shown starts, in bytes: all of it, or some bytes before `first`. */
static uint32_t shown_from(struct text_line line, uint32_t first)
{
    if (line.length <= LINE_BYTES_SHOWN || first <= LINE_BYTES_BEFORE) return 0;
    uint32_t from = first - LINE_BYTES_BEFORE;
    while (from > 0 && ((unsigned char)line.bytes[from] & 0xC0) == 0x80) from--;
    return from;
}

static uint32_t shown_to(struct text_line line, uint32_t from)
{
    if (line.length - from <= LINE_BYTES_SHOWN) return line.length;
    uint32_t to = from + LINE_BYTES_SHOWN;
    while (to < line.length && ((unsigned char)line.bytes[to] & 0xC0) == 0x80) to++;
    return to;
}

static void draw_source_line(struct pen *pen, uint32_t number, struct text_line line, uint32_t from)
{
    gutter(pen, number, "│", "|");
    uint32_t to = shown_to(line, from);
    while (to > from && (line.bytes[to - 1] == ' ' || line.bytes[to - 1] == '\t')) to--;
    if (to > from) {
        buffer_char(pen->out, ' ');
        add_shown(pen, line.bytes + from, to - from, 0);
    }
    buffer_char(pen->out, '\n');
}

/* All labels of one file. */
static void draw_file(struct pen *pen, const struct diagnostic *d, const struct label *labels, uint32_t file,
                      struct span place)
{
    size_t count = 0;
    for (const struct label *label = labels; label; label = label->next) count += label->span.file == file;
    struct mark *marks = memory_alloc(count * sizeof *marks);
    size_t used = 0;
    for (const struct label *label = labels; label; label = label->next) {
        if (label->span.file != file) continue;
        marks[used].line = source_line_number(pen->sources, file, label->span.start);
        marks[used].start = label->span.start;              /* bytes of the file for now */
        marks[used].end = label->span.end;
        marks[used].text = label->text;
        marks[used++].primary = label->span.file == d->span.file && label->span.start == d->span.start
            && label->span.end == d->span.end;
    }
    qsort(marks, count, sizeof *marks, compare_marks);
    struct position position = source_position(pen->sources, file, place.start);
    gutter(pen, 0, "┌─ ", "--> ");
    add_shown(pen, pen->sources->files[file].name, strlen(pen->sources->files[file].name), 0);
    buffer_format(pen->out, ":%u:%u\n", position.line, position.column);
    gutter(pen, 0, "│\n", "|\n");
    uint32_t before = 0;
    for (size_t first = 0; first < count;) {
        size_t end = first;
        while (end < count && marks[end].line == marks[first].line) end++;
        uint32_t number = marks[first].line;
        struct text_line line = source_line(pen->sources, file, number);
        uint32_t from = shown_from(line, marks[first].start - line.offset);
        if (before > 0 && number == before + 2)
            draw_source_line(pen, before + 1, source_line(pen->sources, file, before + 1), 0);
        else if (before > 0 && number > before + 2) gutter(pen, 0, "·\n", ".\n");
        draw_source_line(pen, number, line, from);
        uint32_t to = shown_to(line, from);
        for (size_t index = first; index < end; index++) {
            uint32_t start = marks[index].start - line.offset, stop = marks[index].end - line.offset;
            if (start > to) start = to;
            if (stop > to) stop = to;                       /* of a mark over several lines, the first */
            if (start < from) start = from;
            if (stop < start) stop = start;
            marks[index].start = cells_until(line.bytes + from, start - from);
            marks[index].end = cells_until(line.bytes + from, stop - from);
            if (marks[index].end <= marks[index].start) marks[index].end = marks[index].start + 1;
        }
        draw_marks(pen, marks + first, end - first, severity_paint(d->severity));
        before = number;
        first = end;
    }
    free(marks);
}

static void draw_remark(struct pen *pen, const char *kind, const char *text)
{
    add_cells(pen->out, pen->gutter + 1, ' ');
    paint(pen, PAINT_STRONG);
    buffer_format(pen->out, "= %s:", kind);
    paint(pen, PAINT_NONE);
    bool first = true;
    while (text) {
        const char *end = strchr(text, '\n');
        size_t length = end ? (size_t)(end - text) : strlen(text);
        if (end && end[1] == '\0') end = NULL;
        if (!first) add_cells(pen->out, pen->gutter + 4 + (unsigned)strlen(kind), ' ');
        if (length > 0) buffer_char(pen->out, ' ');
        add_shown(pen, text, length, 0);
        buffer_char(pen->out, '\n');
        text = end ? end + 1 : NULL;
        first = false;
    }
}

static unsigned digits_of(uint32_t number)
{
    unsigned digits = 1;
    while (number >= 10) number /= 10, digits++;
    return digits;
}

static void draw_diagnostic(struct pen *pen, const struct diagnostic *d)
{
    enum paint color = severity_paint(d->severity);
    paint(pen, color);
    buffer_format(pen->out, "%s[%s]", severity_name(d->severity), diagnostic_facts(d->code)->code);
    paint(pen, PAINT_NONE);
    paint(pen, PAINT_STRONG);
    buffer_text(pen->out, ": ");
    add_shown(pen, d->message, strlen(d->message), 0);
    paint(pen, PAINT_NONE);
    buffer_char(pen->out, '\n');
    struct label implied = { d->span, "", d->labels };
    const struct label *labels = &implied;
    for (const struct label *label = d->labels; label; label = label->next)
        if (label->span.file == d->span.file && label->span.start == d->span.start && label->span.end == d->span.end)
            labels = d->labels;
    pen->gutter = 1;
    for (const struct label *label = labels; label; label = label->next) {
        unsigned digits = digits_of(source_line_number(pen->sources, label->span.file, label->span.start));
        if (digits > pen->gutter) pen->gutter = digits;
    }
    draw_file(pen, d, labels, d->span.file, d->span);
    for (const struct label *label = labels; label; label = label->next) {
        bool drawn = label->span.file == d->span.file;
        for (const struct label *other = labels; other != label; other = other->next)
            drawn |= other->span.file == label->span.file;
        if (!drawn) draw_file(pen, d, labels, label->span.file, label->span);
    }
    if (d->helps || d->notes || d->witness) gutter(pen, 0, "│\n", "|\n");
    for (const struct remark *help = d->helps; help; help = help->next) draw_remark(pen, "help", help->text);
    for (const struct remark *note = d->notes; note; note = note->next) draw_remark(pen, "note", note->text);
    if (d->witness) draw_remark(pen, "shown by", d->witness);
    buffer_char(pen->out, '\n');
}

static void add_count(struct buffer *out, size_t count, const char *what, bool *first)
{
    if (count == 0) return;
    buffer_format(out, "%s%zu %s%s", *first ? "" : ", ", count, what, count == 1 ? "" : "s");
    *first = false;
}

void render_pretty(const struct diagnostics *diags, const struct sources *sources, struct render_options options,
                   struct buffer *out)
{
    if (diags->count == 0) return;
    struct pen pen = { .out = out, .options = options, .sources = sources };
    size_t most = options.most ? options.most : LIMIT_ERRORS_SHOWN;
    size_t counts[4] = { 0 };
    for (size_t index = 0; index < diags->count; index++) counts[diags->items[index]->severity]++;
    size_t errors_left = most, others_left = counts[SEVERITY_ERROR] < most ? most - counts[SEVERITY_ERROR] : 0,
           shown = 0;
    for (size_t index = 0; index < diags->count; index++) {     /* errors go before others when not all can be shown */
        const struct diagnostic *d = diags->items[index];
        size_t *left = d->severity == SEVERITY_ERROR ? &errors_left : &others_left;
        if (*left == 0) continue;
        --*left;
        shown++;
        draw_diagnostic(&pen, d);
    }
    bool first = true;
    add_count(out, counts[SEVERITY_ERROR], "error", &first);
    add_count(out, counts[SEVERITY_CONFLICT], "conflict", &first);
    add_count(out, counts[SEVERITY_WARNING], "warning", &first);
    add_count(out, counts[SEVERITY_NOTE], "note", &first);
    if (shown < diags->count) buffer_format(out, "; %zu of them not shown", diags->count - shown);
    buffer_char(out, '\n');
}

void render_lines(const struct diagnostics *diags, const struct sources *sources, struct buffer *out)
{
    struct pen pen = { .out = out, .options = { .unicode = true }, .sources = sources };
    for (size_t index = 0; index < diags->count; index++) {
        const struct diagnostic *d = diags->items[index];
        struct position position = source_position(sources, d->span.file, d->span.start);
        add_shown(&pen, sources->files[d->span.file].name, strlen(sources->files[d->span.file].name), 0);
        buffer_format(out, ":%u:%u: %s[%s]: ", position.line, position.column, severity_name(d->severity),
                      diagnostic_facts(d->code)->code);
        add_shown(&pen, d->message, strlen(d->message), 0);
        buffer_char(out, '\n');
    }
}
