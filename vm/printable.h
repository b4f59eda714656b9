/* Texts as a terminal may see them: data never reaches it raw, because a control character in a lead could move the
   cursor, recolour the screen or reverse the line.  Nothing here fails; ill-formed UTF-8 is written byte by byte as
   \u{..}. */
#ifndef RUBRIC_VM_PRINTABLE_H
#define RUBRIC_VM_PRINTABLE_H

#include "vm/text.h"

/* Appends the text; control and format characters, line and paragraph ends become \u{..}. */
void printable_add(struct buffer *out, const char *bytes, size_t length);
void printable_text(struct buffer *out, const char *text);
void printable_quoted(struct buffer *out, struct text text);           /* in quotes, with \" and \\ */
/* Columns that an already printable text takes on a terminal. */
size_t printable_width(const char *bytes, size_t length);
/* Appends as much of a printable text as fits into `width` columns, with … when something is left out; returns the
   columns. */
size_t printable_cut(struct buffer *out, const char *bytes, size_t length, size_t width);
void printable_pad(struct buffer *out, size_t columns);                /* spaces */

#endif
