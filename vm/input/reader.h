/* Inside vm/input only: what input.c and reader.c know of each other. */
#ifndef RUBRIC_VM_INPUT_READER_H
#define RUBRIC_VM_INPUT_READER_H

#include "vm/input/bind.h"
#include "vm/input/csv.h"
#include "vm/input/events_file.h"
#include "vm/input/json.h"
#include "vm/input/source.h"
#include "vm/input/straight.h"
#include "vm/input/straight_csv.h"

/* What all readers of a run share; it does not change while they read. */
struct reader_setting {
    const struct program *program;
    struct convert_options convert;
    struct events_file *events_file;
};

struct input_reader {
    struct reader_setting setting;
    struct arena arena;
    struct plan lead, event, stages;                            /* stages: names and titles → stage index */
    struct bound_field *fields;                                 /* one for each field of the program */
    struct event_binder binder;
    struct converter converter;
    struct json_reader json; struct csv_reader csv; struct straight straight; struct straight_rows rows;
    uint32_t file_index; bool any_file;
    /* The record being read. */
    struct batch *batch; struct input_notes *notes;
    const char *record; uint64_t row; bool copy;                /* copy: texts do not stand in the block */
    uint64_t margin; bool bracketed;            /* white space before the record on its line; it may be over many lines */
    size_t notes_before; struct buffer joining;                 /* room for the events of a lead */
    uint64_t events_seen, events, in_future, without_type, without_time;
    uint32_t *undeclared; size_t undeclared_count, undeclared_capacity;
};
struct input_reader *reader_make(struct reader_setting setting);
/* An event stands in the slots of reader->event. */
void reader_take_event(struct input_reader *reader);

#endif
