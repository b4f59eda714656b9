/* The texts of a compilation: each file that was read, with its line starts.  Positions are byte offsets; lines and columns are
   computed when somebody asks.  Columns count characters (code points), from 1; a BOM does not count. */
#ifndef RUBRIC_COMPILER_SOURCE_H
#define RUBRIC_COMPILER_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "vm/memory.h"

struct span { uint32_t file, start, end; };             /* end is exclusive; file is an index into struct sources */

struct source {
    const char *name;                                   /* as shown in messages: the path given, or "std/email.rubric" */
    const char *module;                                 /* "std.email" for a module of the library, else NULL */
    const char *text;                                   /* NUL-terminated copy, valid UTF-8, BOM removed, line ends as they were */
    uint32_t length;
    uint32_t *line_starts, line_count;
};
struct sources { struct source *files; size_t count, capacity; struct arena *arena; };

struct position { uint32_t line, column; };             /* both from 1 */

uint32_t source_add(struct sources *sources, const char *name, const char *module, const char *text, size_t length);
uint32_t source_line_number(const struct sources *sources, uint32_t file, uint32_t offset);      /* without a look at the line */
struct position source_position(const struct sources *sources, uint32_t file, uint32_t offset);
struct text_line { const char *bytes; uint32_t length, offset; } ;
struct text_line source_line(const struct sources *sources, uint32_t file, uint32_t line);   /* without its line end */

#endif
