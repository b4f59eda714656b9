/* A value as a reader found it: where it stands in the input and what kind of thing it is.  Nothing is copied; the
   bytes hold as long as the block they stand in.  Texts are valid UTF-8 by then. */
#ifndef RUBRIC_VM_INPUT_RAW_H
#define RUBRIC_VM_INPUT_RAW_H

#include "vm/text.h"

enum raw_kind {
    RAW_NONE, RAW_NULL, RAW_TRUE, RAW_FALSE,
    RAW_NUMBER,                                                 /* the JSON literal */
    RAW_TEXT,                                   /* a JSON string without escapes (between its quotes), or a CSV cell */
    RAW_ESCAPED,                                                /* a JSON string with escapes, between its quotes */
    RAW_DOUBLED,                                                /* a CSV cell with doubled quotes, between its quotes */
    RAW_ARRAY, RAW_OBJECT       /* from bracket to bracket, already found to be well formed */
};
struct raw { const char *bytes; uint32_t length; uint8_t kind; };

/* The text of RAW_TEXT, RAW_ESCAPED, RAW_DOUBLED; decoded into `out` (at least raw.length bytes) unless it stands there
   as it is. */
struct text raw_text(struct raw raw, char *out);
/* Steps through the elements of a RAW_ARRAY: `*at` begins as raw.bytes + 1.  False at its end. */
bool raw_next_element(const char **at, struct raw *element);

#endif
