#include "vm/output/pieces.h"

struct text piece_keep(struct arena *arena, const char *bytes, size_t length)
{
    char *copy = arena_alloc(arena, length + PIECE_PADDING);
    if (length > 0)
        memcpy(copy, bytes, length);
    return (struct text){copy, (uint32_t)length};
}

struct small_number *small_numbers_new(void)
{
    struct small_number *numbers = memory_alloc((2 * SMALL_NUMBERS + 1) * sizeof *numbers);
    for (int64_t whole = -SMALL_NUMBERS; whole <= SMALL_NUMBERS; whole++) {
        char text[NUMBER_TEXT];
        struct small_number *number = &numbers[whole + SMALL_NUMBERS];
        number->length = (uint8_t)number_format(whole * NUMBER_ONE, text);
        memcpy(number->text, text, number->length);
    }
    return numbers;
}

char *room_grow(struct buffer *out, size_t bytes)
{
    memory_reserve(&out->data, &out->capacity, out->length + bytes + PIECE_PADDING + 1, 1);
    return out->data + out->length;
}

void columns_find(struct output_columns *columns, const struct machine *machine)
{
    for (uint32_t i = 0; i < columns->count; i++) {
        columns->columns[i].numbers = machine_numbers(machine, columns->columns[i].reg);
        columns->columns[i].known = machine_known(machine, columns->columns[i].reg);
    }
}

size_t columns_most(const struct output_columns *columns)
{
    size_t most = 0;
    for (uint32_t i = 0; i < columns->count; i++) {
        const struct output_column *column = &columns->columns[i];
        size_t longest = NUMBER_TEXT;
        for (uint64_t label = 0; label < column->label_count; label++)
            if (column->labels[label].length > longest)
                longest = column->labels[label].length;
        most += column->before.length + longest;
    }
    return most;
}
