/* The one description of a program's tables: which there are, which members an element has, and what each member means.
   vm/image.c writes and reads by it, vm/verify.c checks every index, range, register and text by it, so the three
   cannot drift.
   A new member of a struct in vm/program.h is one line in vm/layout.c.  Nothing here owns or fails. */
#ifndef RUBRIC_VM_LAYOUT_H
#define RUBRIC_VM_LAYOUT_H

#include "vm/program.h"

/* In the order of the sections of an image.  HEAD is the struct program itself: one element. */
enum table_id {
    TABLE_HEAD,
    TABLE_CODE,
    TABLE_REGISTERS,
    TABLE_CONSTANTS,
    TABLE_CLOCKS,
    TABLE_SET_VALUES,
    TABLE_SETS,
    TABLE_TERMS,
    TABLE_TERM_LISTS,
    TABLE_EACHES,
    TABLE_DECAYS,
    TABLE_BAND_LABELS,
    TABLE_BANDS,
    TABLE_MATRICES,
    TABLE_CELLS,
    TABLE_TEXTS,
    TABLE_PATTERNS,
    TABLE_STRINGS,
    TABLE_FIELDS,
    TABLE_EVENTS,
    TABLE_EVENT_FIELDS,
    TABLE_SCORES,
    TABLE_SCORE_TERMS,
    TABLE_GROUPS,
    TABLE_INDICES,
    TABLE_RULES,
    TABLE_INPUTS,
    TABLE_ATOMS,
    TABLE_ROWS,
    TABLE_STAGES,
    TABLE_ACTIONS,
    TABLE_PIECES,
    TABLE_SETTINGS,
    TABLE_FILES,
    TABLE_LINES,
    TABLE_COUNT
};

enum member_kind {
    /* An integer of the member's size; detail: it must be below this, 0 when anything goes here. */
    MEMBER_NUMBER,
    MEMBER_FLAG,                /* bool */
    MEMBER_PLACE,               /* the leads, an event type in use, or all activity */
    /* C strings; a note may be NULL. */
    MEMBER_NAME,
    MEMBER_NOTE,
    MEMBER_TEXT,                /* struct text */
    MEMBER_HASH,                /* 64 hexadecimal digits, or empty */
    /* Into the table `detail`. */
    MEMBER_INDEX,
    MEMBER_INDEX_OR_NONE,
    MEMBER_RANGE,
    /* Registers over leads. */
    MEMBER_COND,
    MEMBER_COND_OR_NONE,
    MEMBER_NUM,
    MEMBER_NUM_OR_NONE,
    /* A register whose kind and place depend on other members: the verifier looks at it by hand. */
    MEMBER_REGISTER
};

struct member { const char *name; enum member_kind kind; uint32_t detail; size_t offset, size; };
struct table {
    const char *tag;            /* four letters: the section's name in an image */
    const char *word;           /* what one element is called in messages */
    size_t pointer, count;      /* offsets within struct program; unused for HEAD */
    size_t element_size;
    const struct member *members; size_t member_count;
};

const struct table *layout_table(enum table_id id);
/* The elements of a table of `program` (its struct program for HEAD), and how many there are. */
const void *layout_elements(const struct program *program, enum table_id id);
uint32_t layout_count(const struct program *program, enum table_id id);
/* The bytes that one element takes in an image at least (texts empty). */
size_t layout_least_bytes(const struct table *table);
/* Two builds agree on it exactly when they agree on all tables and all instructions. */
void layout_fingerprint(uint8_t fingerprint[8]);

#endif
