/* What a reader has to say about one filling of a batch, kept until it is settled in the order of the input.  Values
   are copied; the lines of rejects still stand in their block. */
#ifndef RUBRIC_VM_INPUT_NOTES_H
#define RUBRIC_VM_INPUT_NOTES_H

#include "vm/input/input.h"

#define NOTE_VALUE_BYTES 200

struct note {
    uint8_t kind;                                               /* enum report_kind */
    uint32_t lead;                                              /* in the batch, or NO_INDEX */
    uint32_t problems;                                          /* index into input_summary.fields, or NO_INDEX */
    uint64_t row, column;                                       /* row: by which notes are in order */
    uint64_t place;                                             /* the line to be named, where it is another; 0: the row */
    const char *event, *field, *reason;
    struct text value, line, key;                               /* key: when there is no batch to ask */
};
/* An undeclared type of event; the names live as long as the reader. */
struct note_type { const char *name; uint64_t count; };
struct input_notes {
    struct arena arena;
    struct note *items; size_t count, capacity;
    struct note_type *types; size_t type_count, type_capacity;
    const char *file;
    bool converted;                                             /* the file is not UTF-8 and was converted */
    const struct csv_header *header; bool of_events;            /* header: NULL where the file is no CSV */
    uint64_t *found;
    size_t found_count;                         /* values found for each field, as input_summary.fields */
    uint64_t records;                           /* begun, whatever became of them */
    uint64_t rejected, blank_lines, mended_rows, events, events_undeclared, events_in_future, events_without_time,
             events_without_type, events_without_lead, types_not_named;
};

struct note *notes_add(struct input_notes *notes, enum report_kind kind, uint64_t row, const char *reason);
struct text notes_keep_value(struct input_notes *notes, struct text value);
/* A copy of a record of a JSON array or document, on one line and without its comma: mended, it can be run again only so. */
struct text notes_one_line(struct input_notes *notes, const char *start, const char *end);
void notes_reset(struct input_notes *notes);
/* Forgets all notes from `count` on that are about the lead begun. */
void notes_cut(struct input_notes *notes, size_t count);

#endif
