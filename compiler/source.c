#include "compiler/source.h"

#include <string.h>

/* A line ends at \n, \r\n or a lone \r. */
static uint32_t count_lines(const char *text, uint32_t length, uint32_t *starts)
{
    uint32_t lines = 0;
    if (starts) starts[lines] = 0;
    lines++;
    bool returns = memchr(text, '\r', length) != NULL;       /* mostly there are none: then lines are found faster */
    for (uint32_t at = 0; at < length; at++) {
        if (!returns) {
            const char *feed = memchr(text + at, '\n', length - at);
            if (!feed) break;
            at = (uint32_t)(feed - text);
        }
        if (text[at] != '\n' && text[at] != '\r') continue;
        if (text[at] == '\r' && at + 1 < length && text[at + 1] == '\n') at++;
        if (starts) starts[lines] = at + 1;
        lines++;
    }
    return lines;
}

uint32_t source_add(struct sources *sources, const char *name, const char *module, const char *text, size_t length)
{
    if (length >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0) {
        text += 3;
        length -= 3;
    }
    if (sources->count == sources->capacity) {
        size_t capacity = sources->capacity ? sources->capacity * 2 : 8;
        struct source *files = arena_alloc(sources->arena, capacity * sizeof *files);
        if (sources->count > 0) memcpy(files, sources->files, sources->count * sizeof *files);
        sources->files = files;
        sources->capacity = capacity;
    }
    if (length > UINT32_MAX / 4) length = UINT32_MAX / 4;   /* far above LIMIT_RUBRIC_BYTES, which the parser reports */
    struct source *source = &sources->files[sources->count];
    source->name = arena_copy(sources->arena, name, strlen(name));
    source->module = module ? arena_copy(sources->arena, module, strlen(module)) : NULL;
    source->text = arena_copy(sources->arena, text, length);
    source->length = (uint32_t)length;
    source->line_count = count_lines(source->text, source->length, NULL);
    source->line_starts = arena_alloc(sources->arena, source->line_count * sizeof *source->line_starts);
    count_lines(source->text, source->length, source->line_starts);
    return (uint32_t)sources->count++;
}

static uint32_t line_of(const struct source *source, uint32_t offset)
{
    uint32_t low = 0, high = source->line_count;            /* the last line that starts at or before offset */
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        if (source->line_starts[middle] <= offset) low = middle;
        else high = middle;
    }
    return low;
}

uint32_t source_line_number(const struct sources *sources, uint32_t file, uint32_t offset)
{
    const struct source *source = &sources->files[file];
    return line_of(source, offset > source->length ? source->length : offset) + 1;
}

struct position source_position(const struct sources *sources, uint32_t file, uint32_t offset)
{
    const struct source *source = &sources->files[file];
    if (offset > source->length) offset = source->length;
    uint32_t line = line_of(source, offset);
    uint32_t column = 1;
    for (uint32_t at = source->line_starts[line]; at < offset; at++)
        if (((unsigned char)source->text[at] & 0xC0) != 0x80) column++;
    return (struct position){ line + 1, column };
}

struct text_line source_line(const struct sources *sources, uint32_t file, uint32_t line)
{
    const struct source *source = &sources->files[file];
    if (line < 1) line = 1;
    if (line > source->line_count) line = source->line_count;
    uint32_t start = source->line_starts[line - 1];
    uint32_t end = line < source->line_count ? source->line_starts[line] : source->length;
    while (end > start && (source->text[end - 1] == '\n' || source->text[end - 1] == '\r')) end--;
    return (struct text_line){ source->text + start, end - start, start };
}
