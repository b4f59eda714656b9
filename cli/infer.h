/* What a file of leads looks like, told from its records: columns with their types, placeholders, small sets of values,
   the key, and the events inside the records or in files of their own.  `rubric init --from` writes a rubric from it.
   Types are tried with the very functions that read leads later, so that what is inferred can be read. */
#ifndef RUBRIC_CLI_INFER_H
#define RUBRIC_CLI_INFER_H

#include "vm/input/convert.h"
#include "vm/input/input.h"

#define INFER_RECORDS 100000u           /* records looked at; beyond that nothing new is learned of a file of leads */
#define INFER_COLUMNS 1000u
#define INFER_VALUES 40u                /* distinct values kept of a column */
#define INFER_NUMBERS 2000u             /* numbers kept of a column, for quartiles */
#define INFER_OPTIONS 10u               /* a `one of` has at most so many values */
#define INFER_PLACEHOLDERS 16u

struct infer_value { const char *text, *folded; uint64_t count; bool placeholder; };
struct infer_column {
    const char *name;                                   /* as in the file; a path a.b for members of objects */
    /* what was seen */
    uint64_t filled, texts, booleans, json_numbers, arrays, objects, odd_arrays;
    uint64_t numbers, comma_numbers, leading_zeros, ones_and_zeros, yesnos, dates[4], semicolons, placeholders;
    struct infer_value values[INFER_VALUES]; size_t value_count; bool many_values;
    int64_t kept_numbers[INFER_NUMBERS]; size_t kept_count;
    uint64_t *seen; size_t seen_count, seen_size; bool repeated;    /* hashes of the values, for uniqueness */
    size_t longest;
    /* what was decided */
    enum field_type type; bool omitted; const char *note;          /* a remark for the rubric, or NULL */
    const char *identifier;
};
struct infer_columns { struct infer_column **items; size_t count, capacity; bool too_many; };
struct infer_event { const char *type; bool is_name; uint64_t count; struct infer_columns fields; };
struct inference {
    struct arena arena;
    struct convert_options options;
    struct infer_columns columns;
    struct infer_event **events; size_t event_count, event_capacity;
    size_t key; /* index of the key column; SIZE_MAX: there is no column at all */
    bool key_is_unique;
    uint64_t records, rejected; bool cut;               /* cut: there were more records than were looked at */
    char problem[512];
};

void inference_init(struct inference *inference, struct convert_options options);
void inference_free(struct inference *inference);
/* Reads leads, then files of events; false with inference->problem. (cli/infer_read.c) */
bool inference_read(struct inference *inference, const char *path, const struct input_options *options);
bool inference_read_events(struct inference *inference, const char *path, const struct input_options *options);
/* One value of a column. (cli/infer_columns.c) */
struct infer_column *inference_column(struct inference *inference, struct infer_columns *columns, const char *name);
void inference_see(struct inference *inference, struct infer_column *column, enum raw_kind kind, const char *bytes,
                   size_t length);
/* Decides types, identifiers and the key. */
void inference_decide(struct inference *inference);
bool name_is_reserved(const char *name);
/* Whether it could be written as a name (perhaps in backquotes). */
bool name_is_identifier(const char *name);
/* The rubric, not yet in the canonical layout. (cli/infer_write.c) */
void inference_write(const struct inference *inference, const char *source, struct buffer *out);

#endif
