/* Text predicates, all of one text source at once.  A classifier answers, for one text, every predicate of every rule
   on that source together as a row of bits: a hash for `is` and `in`, one Aho-Corasick automaton over the folded text
   for contains, has word, starts with, ends with; globs one by one behind their longest literal; `exactly`
   on the bytes as they came (a hash for `is`, one by one for the others).  A missing text has an empty row, and an empty pattern fits nothing.
   A classifier is immutable after textclass_finish and may be shared by threads; a memo belongs to one thread. */
#ifndef RUBRIC_VM_TEXTCLASS_H
#define RUBRIC_VM_TEXTCLASS_H

#include "vm/kernels.h"
#include "vm/text.h"

enum text_predicate {
    TEXT_IS, TEXT_CONTAINS, TEXT_WORD, TEXT_STARTS, TEXT_ENDS, TEXT_GLOB,
    TEXT_EXACTLY, TEXT_CONTAINS_EXACTLY, TEXT_STARTS_EXACTLY, TEXT_ENDS_EXACTLY    /* on the bytes as they came */
};
#define TEXT_PREDICATES (TEXT_ENDS_EXACTLY + 1u)
static inline bool text_predicate_is_raw(enum text_predicate predicate) { return predicate >= TEXT_EXACTLY; }
/* One of the last four, for one raw text and one raw pattern. */
bool text_fits_exactly(enum text_predicate predicate, struct text raw, struct text pattern);

struct textclass *textclass_new(unsigned bits);         /* number of predicate bits, >= 1 */
/* `pattern` is folded (raw for the last four) and copied.  A bit is set when any of its patterns fits. */
void textclass_add(struct textclass *class, unsigned bit, enum text_predicate predicate, struct text pattern);
void textclass_finish(struct textclass *class);
void textclass_free(struct textclass *class);
unsigned textclass_words(const struct textclass *class);   /* 64-bit words of a row */
/* Classifies one raw text into row[0..words).  `scratch` is for folding.  The truth the memo is tested against. */
void textclass_row(const struct textclass *class, struct text raw, struct buffer *scratch, uint64_t *row);

/* A classifier that only asks whether a text is this or that: how many texts that are, and each of them (as it was added:
   folded, or raw).  0 when it asks more; then every text must be classified. */
size_t textclass_equal_count(const struct textclass *class);
struct text textclass_equal(const struct textclass *class, size_t index);

/* Memo: raw text → row, bounded (entries and bytes), emptied when full; it watches its own hit rate and steps aside for
   texts that hardly repeat. */
struct textmemo *textmemo_new(const struct textclass *class);
const uint64_t *textmemo_row(struct textmemo *memo, struct text raw);   /* valid until the next call */
/* The rows of those of 64 texts that `wanted` has a bit for, as 64 first words, 64 second words, …; the others are 0. */
void textmemo_rows(struct textmemo *memo, const struct text texts[64], uint64_t wanted, uint64_t *rows);
/* It takes the best instruction set there is; tests try the others, before anything is looked up.  False when there is none. */
bool textmemo_choose(struct textmemo *memo, enum kernel_set set);
size_t textmemo_bytes(const struct textmemo *memo);     /* held now: at most 4 MiB, and 17 rows if they are that long */
void textmemo_free(struct textmemo *memo);

#endif
