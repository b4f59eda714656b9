/* Leads from files into batches: NDJSON, a JSON array, JSON documents one after the other, or CSV, told by content;
   plain, gzip or zstd; UTF-8 or what a BOM or an option says.  Memory is bounded: blocks of about 512 KiB, a record of at
   most LIMIT_LINE_BYTES.

   One thread:
     input_open → { input_fill → machine_run … } while it is INPUT_FILLED → input_finish → input_close
   Several threads:
     input_open
     → { one at a time: input_take
         → { a worker: reader_fill → machine_run; in the order of the input: input_settle } until the block is spent
         → input_release }
     → input_finish → input_close

   Texts of a batch may point into the block it came from: they hold until the next input_fill, or until input_release.
   What can fail: opening (NULL and a sentence), and reading later on (INPUT_FAILED and input_problem).  Bad records and
   values stop nothing: they are reported, counted and left out. */
#ifndef RUBRIC_VM_INPUT_INPUT_H
#define RUBRIC_VM_INPUT_INPUT_H

#include "vm/batch.h"

enum input_content { CONTENT_SNIFFED, CONTENT_NDJSON, CONTENT_JSON_ARRAY, CONTENT_JSON_DOCUMENTS, CONTENT_CSV };
enum input_encoding { ENCODING_SNIFFED, ENCODING_UTF_8, ENCODING_WINDOWS_1252, ENCODING_LATIN_1, ENCODING_UTF_16 };
/* "utf-8", "windows-1252", "cp1252", "latin-1", "iso-8859-1", "utf-16", in any case, with or without the hyphens. */
bool input_encoding_named(const char *name, enum input_encoding *encoding);

enum report_kind {
    REPORT_REJECT,                      /* a record that is no lead: `line` is the record as it was (in UTF-8; what is in a
                                           JSON array on one line, without its comma) */
    REPORT_VALUE,                               /* a value that does not fit its field: counts as missing */
    REPORT_STAGE,                               /* a current stage that is no stage of the rubric: counts as unknown */
    REPORT_EVENT,                               /* an event that cannot be used: without type, without a time */
    REPORT_NO_KEY,
    REPORT_DUPLICATE_KEY,
    REPORT_UNMATCHED /* events of an events file whose lead never came; from input_finish, one a key, the first 100 */
};
struct input_report {
    enum report_kind kind;
    const char *file;                                           /* as it was given; "-" is standard input */
    uint64_t row;                               /* the line of the place, else that on which the record begins; the first is 1 */
    uint64_t column;                            /* byte in that line, from 1; 0: the record as a whole */
    struct text lead;                           /* key; length 0 when there is none or it is not known */
    const char *event, *field;                                  /* names in the rubric, or NULL */
    struct text value;                                          /* as it was, cut to 200 bytes */
    const char *reason;                                         /* "is no number", "a comma or } is expected" */
    struct text line;
    bool of_events;                             /* from a file of events */
    struct text header;                         /* of a CSV, as a row; empty otherwise */
};

struct input_options {                                          /* all zero is a good start */
    enum input_encoding encoding;
    enum input_content content;
    enum date_order dates;
    bool decimal_comma;                                         /* 1.234,50 in texts and cells; not in JSON numbers */
    char delimiter;                                             /* of CSV; 0: told from the header */
    const char *const *events; size_t event_files;              /* files of events, joined by the lead's key */
    size_t block_bytes, most_keys;      /* 0: 512 KiB; LIMIT_REMEMBERED_KEYS (duplicates are looked for among these) */
    size_t most_event_bytes;            /* 0: LIMIT_EVENTS_MEMORY; events files that need more go to a temporary file */
    /* Called in the order of the input, only by input_fill, input_settle, input_finish and input_open (events files).
       May be NULL. */
    void (*report)(void *context, const struct input_report *report); void *context;
};

#define INPUT_EXAMPLES 3
struct input_example { char *lead, *value; uint64_t row; const char *file; const char *reason; };
struct field_problems {
    const char *event, *field;
    uint64_t found, bad;
    struct input_example examples[INPUT_EXAMPLES];
};
struct type_problems { char *type; uint64_t count; };
struct input_summary {
    uint64_t records;           /* counted where each begins: leads and rejected together, or a mistake was made */
    uint64_t leads, rejected, blank_lines;                      /* blank lines are passed over */
    uint64_t bad_values, unknown_stages, without_key, duplicate_keys;
    bool keys_forgotten;                        /* more leads than most_keys: later duplicates went unnoticed */
    uint64_t mended_rows;                       /* rows quoted twice, or with \" for "": read as they were meant */
    uint64_t events, events_undeclared, events_in_future, events_without_time, events_without_type, events_without_lead,
        events_unmatched, events_rejected;          /* events_rejected: records of events files; no part of `rejected` */
    uint64_t keys_unmatched;
    struct field_problems *fields;
    size_t field_count;                         /* the lead's fields, then those of the events, as in the program */
    struct type_problems *types;
    size_t type_count;                          /* undeclared event types, most frequent first after input_finish */
    uint64_t types_not_named;                   /* events of types beyond the 1,000 that are kept apart */
};
/* Whether --strict must fail: rejected records, bad values, unknown stages, events left out for their fault, keys
   missing or twice. */
bool input_has_problems(const struct input_summary *summary);

enum input_state { INPUT_FILLED, INPUT_END, INPUT_FAILED };

struct input;
/* NULL with a sentence; errno is EIO then when the machine could not read, and not when the files are at fault. */
struct input *input_open(const struct program *program, const struct input_options *options, const char *const *paths,
                         size_t path_count, char *problem, size_t capacity);
/* Clears the batch, fills it from the next block, finishes it.  INPUT_FILLED: at least one lead. */
enum input_state input_fill(struct input *input, struct batch *batch);
const char *input_problem(const struct input *input);           /* of INPUT_FAILED */
bool input_machine_failed(const struct input *input);           /* it is the machine's, not the file's */
/* After everything was read by several threads (input_fill looks itself): whether the temporary file with events failed. */
bool input_events_failed(struct input *input);
void input_finish(struct input *input);                         /* after the last fill: what is known only at the end */
const struct input_summary *input_summary(const struct input *input);
uint64_t input_bytes_read(const struct input *input); /* for progress, any thread: bytes as they lie on the disk */
uint64_t input_bytes_total(const struct input *input);          /* 0 when it is not known (a pipe) */
void input_close(struct input *input);

/* The record of a reject as it goes to a rejects file: a remark "# rejected leads.csv:17:4: reason", then the line as it
   was; before the first row of a CSV also its header.  A file that begins with a remark is read without its remarks, so
   that mended rejects can be run again.  `header` is the one written last, empty at first; the caller keeps it. */
#define INPUT_REMARK "# rejected "
void input_reject_text(const struct input_report *report, struct buffer *header, struct buffer *out);

/* For several threads.  A block belongs to who took it until input_release; a reader and its batch to one thread.  A
   reader must not be freed before its notes are settled. */
struct input_block; struct input_reader; struct input_notes;
struct input_block *input_take(struct input *input,
                               enum input_state *state); /* one thread at a time; NULL at INPUT_END, INPUT_FAILED */
struct input_reader *reader_new(struct input *input);
void reader_free(struct input_reader *reader);
/* As input_fill, from one block; INPUT_END when it is spent: the batch is empty then, but there may be
   notes all the same.  `notes` must be settled before the next fill with the same batch. */
enum input_state reader_fill(struct input_reader *reader, struct input_block *block, struct batch *batch,
                             struct input_notes *notes);
struct input_notes *notes_new(void);
void notes_free(struct input_notes *notes);
void input_settle(struct input *input, const struct batch *batch,
                  struct input_notes *notes);                   /* counts, reports, empties the notes */
void input_release(struct input *input, struct input_block *block);     /* any thread; guarded inside */

#endif
