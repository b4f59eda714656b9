/* Where the cells of rows of CSV end, for a piece of text at a time: the places of delimiters, quotes and control characters,
   found 64 bytes at a time as marks.c does, and beside them the breaks: which of these places are not delimiters, and which
   cells begin oddly.  A row is even when its first break is its line end, and stands where the last cell must end: nothing
   of it need be looked at.  In rows with quotes what stands inside of them is left out, so that of every row that was found the places are the ends
   of its cells.  Rows that are broken or rare (a line break within quotes, too many cells) are not found here: csv.c reads
   them. */
#ifndef RUBRIC_VM_INPUT_ROWS_H
#define RUBRIC_VM_INPUT_ROWS_H

#include "vm/input/marks.h"
#include "vm/limits.h"

/* Among the breaks: the cell that ends at this place begins with a byte that is not printable ASCII, so that it may have to
   be trimmed. */
#define ROWS_START (UINT32_C(1) << 31)

struct rows {
    char delimiter; uint32_t columns;
    const char *text; size_t length;                    /* the piece */
    uint32_t *room; size_t capacity;
    uint32_t *places; size_t count;                     /* room + 1: places[-1] + 1 is where the piece begins */
    uint32_t *breaks; size_t break_capacity, break_count;   /* which of the places are no delimiters; starts */
    struct marks_wide *wide; size_t wide_capacity;
    uint32_t *ends;                                     /* of a row with quotes, until it is known to be one */
    size_t next, next_break;                            /* where the next row begins */
    /* What was found last.  With cell = room + first[r] + c, cell c of row r is text[cell[0] + 1, cell[1]), quotes and all. */
    uint32_t first[LIMIT_BATCH_LEADS], row_count;
    uint32_t uneven_count; uint64_t uneven[LIMIT_BATCH_LEADS / 64];    /* rows with quotes or starts as below */
    uint64_t doubled[LIMIT_BATCH_LEADS / 64];                          /* of them, those with "" in quotes */
};

/* A kernel: places as marks_kernel has them, without what stands behind; breaks: room for length + 64. */
struct rows_found { size_t places, breaks, wide; };
typedef struct rows_found rows_kernel(const char *text, size_t length, char delimiter, uint32_t *places,
                                      uint32_t *breaks, struct marks_wide *wide);
rows_kernel *rows_kernel_of(enum marks_set set);        /* NULL when this build or this processor does not have it */

/* False when the piece is not UTF-8.  64 bytes behind the piece can be read. */
bool rows_index(struct rows *rows, rows_kernel *kernel, const char *text, size_t length);
/* Finds the rows from `at` on, `most` at most, and where they end; none: *end is NULL.  They may be found once only. */
uint32_t rows_find(struct rows *rows, const char *at, uint32_t most, const char **end);
void rows_free(struct rows *rows);

#endif
