#include "vm/input/notes.h"

#include <stdlib.h>
#include <string.h>

struct input_notes *notes_new(void)
{
    struct input_notes *notes = memory_alloc(sizeof *notes);
    arena_init(&notes->arena);
    return notes;
}

void notes_free(struct input_notes *notes)
{
    if (!notes)
        return;
    arena_free(&notes->arena);
    free(notes->items);
    free(notes->types);
    free(notes->found);
    free(notes);
}

struct note *notes_add(struct input_notes *notes, enum report_kind kind, uint64_t row, const char *reason)
{
    memory_reserve(&notes->items, &notes->capacity, notes->count + 1, sizeof *notes->items);
    struct note *note = &notes->items[notes->count++];
    *note = (struct note){.kind = (uint8_t)kind, .lead = NO_INDEX, .problems = NO_INDEX, .row = row, .reason = reason};
    return note;
}

/* Cut to NOTE_VALUE_BYTES, never inside a character. */
struct text notes_keep_value(struct input_notes *notes, struct text value)
{
    uint32_t length = value.length;
    if (length > NOTE_VALUE_BYTES) {
        length = NOTE_VALUE_BYTES;
        while (length > 0 && ((unsigned char)value.bytes[length] & 0xC0) == 0x80)
            length--;
    }
    return (struct text){arena_copy(&notes->arena, value.bytes, length), length};
}

struct text notes_one_line(struct input_notes *notes, const char *start, const char *end)
{
    while (end > start && strchr(" \t\r\n", end[-1]))
        end--;
    end -= end > start && end[-1] == ',';
    char *line = arena_copy(&notes->arena, start, (size_t)(end - start));
    for (size_t i = 0; i < (size_t)(end - start); i++)
        line[i] = line[i] == '\n' || line[i] == '\r' ? ' ' : line[i];
    return (struct text){line, (uint32_t)(end - start)};
}

void notes_cut(struct input_notes *notes, size_t count)
{
    notes->count = count;
}

void notes_reset(struct input_notes *notes)
{
    arena_reset(&notes->arena);
    struct input_notes empty = {.arena = notes->arena,
                                .items = notes->items,
                                .capacity = notes->capacity,
                                .types = notes->types,
                                .type_capacity = notes->type_capacity,
                                .found = notes->found,
                                .found_count = notes->found_count};
    *notes = empty;
    if (notes->found)
        memset(notes->found, 0, notes->found_count * sizeof *notes->found);
}
