/* The same leads written in other ways: whoever reads them must find the same.  Caller frees both buffers; nothing can
   fail but CSV, which needs a key in each lead to join the events (false then). */
#ifndef RUBRIC_TESTS_ORACLE_WAYS_H
#define RUBRIC_TESTS_ORACLE_WAYS_H

#include <stdbool.h>
#include "vm/memory.h"

enum leads_form {
    FORM_LINES,
    FORM_ARRAY,
    FORM_DOCUMENTS /* over several lines */,
    FORM_TURNED /* members from the last to the first */,
    FORM_CSV
};
#define LEADS_FORMS 5
bool leads_write(const char *const *leads, size_t lead_count, enum leads_form form, struct buffer *out,
                 struct buffer *events);
const char *leads_form_name(enum leads_form form);

#endif
