/* Writing results fast: texts that are the same for every lead are kept ready as pieces, numbers as people use them stand
   in a table, and a whole line is written into room that was made for it before.  Internal to vm/output/. */
#ifndef RUBRIC_VM_OUTPUT_PIECES_H
#define RUBRIC_VM_OUTPUT_PIECES_H

#include <string.h>

#include "vm/machine.h"
#include "vm/number.h"

/* So many bytes can be read at a piece and written behind any, whatever its length. */
#define PIECE_PADDING ((size_t)32)
struct text piece_keep(struct arena *arena, const char *bytes, size_t length);
static inline char *piece_put(char *to, struct text piece)
{
    memcpy(to, piece.bytes, PIECE_PADDING);             /* two moves; most pieces are no longer */
    if (piece.length > PIECE_PADDING)
        memcpy(to, piece.bytes, piece.length);
    return to + piece.length;
}

/* Whole numbers of up to three digits. */
#define SMALL_NUMBERS 999
struct small_number { char text[7]; uint8_t length; };
struct small_number *small_numbers_new(void);           /* 2 * SMALL_NUMBERS + 1 of them, from -999 on; free() them */
/* Room for NUMBER_TEXT bytes at `to`. */
static inline char *number_put(char *to, const struct small_number *numbers, int64_t units)
{
    int64_t whole = units / NUMBER_ONE;
    if (whole * NUMBER_ONE == units && whole >= -SMALL_NUMBERS && whole <= SMALL_NUMBERS) {
        const struct small_number *number = &numbers[whole + SMALL_NUMBERS];
        memcpy(to, number, sizeof *number);
        return to + number->length;
    }
    return to + number_format(units, to);
}

/* Where `bytes` more can be written, and PIECE_PADDING behind them; what was written counts when room_used is called. */
char *room_grow(struct buffer *out, size_t bytes);
static inline char *room_for(struct buffer *out, size_t bytes)
{
    if (out->capacity - out->length > bytes + PIECE_PADDING)
        return out->data + out->length;
    return room_grow(out, bytes);
}
static inline void room_used(struct buffer *out, char *to)
{
    *to = '\0';
    out->length = (size_t)(to - out->data);
}

/* A column of scores, of band labels, of matrix cells, of stages: where it is in the machine, and the bytes that go
   before a value. */
struct output_column {
    struct text before;
    uint32_t reg;
    const struct text *labels;
    uint64_t label_count;
    const int64_t *numbers;
    const uint64_t *known;
};
struct output_columns { struct output_column *columns; uint32_t count; };
void columns_find(struct output_columns *columns, const struct machine *machine);       /* those of the last batch */
size_t columns_most(const struct output_columns *columns);      /* bytes of all of a lead's values, at most */
/* The label of a lead, or NULL. */
static inline const struct text *column_label(const struct output_column *column, uint32_t lead)
{
    uint64_t label = (uint64_t)column->numbers[lead];
    return bit_get(column->known, lead) && label < column->label_count ? &column->labels[label] : NULL;
}

#endif
