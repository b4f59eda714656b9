/* CSV as people have it.  A row ends at LF, CRLF or CR CR LF; at a lone CR only in a file whose header ends so.  A
   quote opens a quoted cell only as the first byte of the cell; anywhere else it is a character like any other.  Quoted
   cells may hold delimiters, line breaks and doubled quotes.
   Decisions: rows of empty cells count as blank lines.  Fewer cells than the header has: rejected, for nobody can say
   which one is missing.  More: rejected, unless all that are too many are empty.  A row that is one quoted cell which
   itself reads as the right number of cells was quoted twice by a spreadsheet, and one whose quotes are wrong but right
   when \" is taken for "" was written by a database: both are read as they were meant, and counted as mended.  Two
   columns of one name: the first.
   Text to read must be followed by INPUT_PADDING zero bytes. */
#ifndef RUBRIC_VM_INPUT_CSV_H
#define RUBRIC_VM_INPUT_CSV_H

#include "vm/input/json_scan.h"
#include "vm/input/plan.h"

struct csv_dialect { char delimiter; bool cr_only; };
struct csv_header {
    struct csv_dialect dialect;
    struct text *names; uint32_t count;                         /* trimmed */
    size_t end;                                                 /* where the first row begins */
    uint32_t lines;                                             /* lines of the header and before it */
    bool open;                                                  /* the text ended before the header did, perhaps */
};
/* Reads the header of what begins at `text`; `delimiter` 0: told from it.  False with a reason; blank lines and a line
   "sep=;" before it are passed over.  Everything is copied into the arena. */
bool csv_read_header(struct csv_header *header, struct arena *arena, const char *text, size_t length, char delimiter,
                     const char **reason);

struct csv_reader {
    struct csv_dialect dialect;
    uint32_t column_count, *slots;              /* a slot for each column, NO_INDEX when nobody wants it */
    struct plan *plan;
    struct buffer mended;
    bool quoted;                                /* the last row had quotes or was bad: it may hold line breaks */
};
/* Which column fills which slot: a name is taken exactly, else as texts compare.  Frees what was there before. */
void csv_map_columns(struct csv_reader *reader, struct plan *plan, const struct csv_header *header);
void csv_reader_free(struct csv_reader *reader);

enum csv_row { CSV_ROW, CSV_MENDED /* texts are in reader->mended, until the next row */, CSV_BLANK, CSV_BAD };
struct csv_problem { const char *at, *reason; };
/* Reads the row at *at into the slots of a new record of the plan and moves on to the next; `limit` is the end of the
   text. */
enum csv_row csv_read_row(struct csv_reader *reader, const char **at, const char *limit, struct csv_problem *problem);

/* How many line ends there are in the row just read. */
uint32_t csv_lines(const struct csv_reader *reader, const char *from, const char *to);

/* For cutting a stream into blocks: the end of the last whole row in text[0, length), 0 when there is none.  *broken:
   the row at the beginning has quotes that cannot be right and runs over several lines: only its first line is to be
   given up. */
size_t csv_cut(const char *text, size_t length, struct csv_dialect dialect, bool at_end, bool *broken);

#endif
