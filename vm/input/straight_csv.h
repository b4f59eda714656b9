/* Rows of CSV the straight way: as many as there are in a piece of text at once, and of them column by column, by the places
   of rows.h.  Like straight.h it reports nothing: rows that are not as rows mostly are do not get here, and cells that are
   not as cells mostly are wait, for the reader to convert them as it does after csv.c. */
#ifndef RUBRIC_VM_INPUT_STRAIGHT_CSV_H
#define RUBRIC_VM_INPUT_STRAIGHT_CSV_H

#include "vm/batch.h"
#include "vm/input/rows.h"

struct input_reader;
#define ROW_WORDS (LIMIT_BATCH_LEADS / 64)
/* A column that is wanted; bitmaps over the rows: who has a value, for whom it is yes, whose cell waits. */
struct straight_cell {
    uint32_t column, slot; uint64_t bit; uint8_t take, field;
    uint64_t known[ROW_WORDS], yes[ROW_WORDS], odd[ROW_WORDS];
};
struct straight_rows {
    bool usable;                                        /* false when the rows of this file do not go straight */
    struct rows rows;
    const char *from, *to; bool indexed;                /* the piece of the block that was looked at last */
    struct straight_cell *cells; uint32_t cell_count;
    uint64_t direct, waiting;                           /* fields that have columns here; that wait in slots */
    bool all_looked_at;                                 /* each row must be looked at by itself */
    uint32_t first;                                     /* the row of the batch that the first of them is */
    uint64_t looked_at[ROW_WORDS];                      /* these rows must be */
};

void straight_csv_free(struct straight_rows *rows);
/* The columns of a file as they were mapped to slots. */
void straight_csv_map(struct input_reader *reader);
void straight_csv_begin_block(struct straight_rows *rows);
/* Reads rows from `at` on into the columns of the batch, `most` at most; returns how many and where they end.  None: csv.c
   must read the next one. */
uint32_t straight_csv_read(struct input_reader *reader, const char *at, const char *limit, uint32_t most, const char **end);
/* Where a row of them begins; the fields that wait in slots, or must look into them, which are filled. */
const char *straight_csv_at(const struct straight_rows *rows, uint32_t row);
uint64_t straight_csv_put(struct input_reader *reader, uint32_t row);
/* The first `count` of them count, the others never were. */
void straight_csv_keep(struct input_reader *reader, uint32_t count, uint64_t *found);

#endif
