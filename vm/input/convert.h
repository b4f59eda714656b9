/* From a value as it was found to a value of a field's type.  The one place that decides what "ja", "1.234,50" or
   "Select" mean. A converter belongs to one thread; what it hands out in `typed` holds until its next call. */
#ifndef RUBRIC_VM_INPUT_CONVERT_H
#define RUBRIC_VM_INPUT_CONVERT_H

#include "vm/input/raw.h"
#include "vm/program.h"

struct convert_options { enum date_order dates; bool decimal_comma; };
enum converted { CONVERTED, CONVERT_MISSING, CONVERT_BAD };

/* What a conversion needs to know of a field, looked up once. */
struct field_facts {
    const struct program_field *field;
    const char *const *strings;                                 /* program.strings */
    struct text *missing; uint32_t missing_count;               /* folded */
    struct text *options; struct text *folded_options; uint32_t option_count;
};
struct typed {
    int64_t number;                                             /* NUMBER, DATE */
    bool yes;
    struct text text;
    bool borrowed;                              /* borrowed: stands in the input, need not be copied now */
    struct text *elements; size_t element_count;                /* LIST; not empty */
};
struct converter {
    struct convert_options options;
    struct buffer decoded, folded;
    struct text *elements; size_t element_capacity;
};

void field_facts_init(struct field_facts *facts, struct arena *arena, const struct program *program,
                      const struct program_field *field);
void converter_init(struct converter *converter, struct convert_options options);
void converter_free(struct converter *converter);
/* CONVERT_MISSING: null, empty, or a placeholder: the next name may be tried.  CONVERT_BAD: there, but not of the type;
   *reason says why, as in "is no number". */
enum converted convert_value(struct converter *converter, const struct field_facts *facts, struct raw raw,
                             struct typed *typed, const char **reason);
/* The parts of it. */
bool convert_number(const char *bytes, size_t length, bool decimal_comma, int64_t *units);
bool convert_yesno(const char *bytes, size_t length, bool *yes);
bool convert_plain_instant(const char *bytes, size_t length, int64_t *instant);     /* false: ask convert_instant */
bool convert_instant(const char *bytes, size_t length, enum date_order order, int64_t *instant);

#endif
