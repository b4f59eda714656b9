/* Where the bytes stand that a reader must look at: quotes, control characters and one other (backslashes for JSON,
   delimiters for CSV), in order.  Found
   64 bytes at a time for a piece of text, and the piece's UTF-8 is checked on the way, so that a reader that goes by
   these places need not look at the bytes between them at all: a text that begins at a quote whose next place is a
   quote is a text without escapes.  All kernels find the same places; MARKS_PLAIN, byte by byte, is what they are tested against. */
#ifndef RUBRIC_VM_INPUT_MARKS_H
#define RUBRIC_VM_INPUT_MARKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Whether there are kernels for more than the processor that the build is for. */
#if !defined(RUBRIC_SCALAR) && defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) \
    && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define MARKS_DISPATCH 1
#else
#define MARKS_DISPATCH 0
#endif

/* What stands behind the last place, as often as this: the piece's length. */
#define MARKS_BEHIND ((size_t)64)

/* 64 bytes of which some are not ASCII. */
struct marks_wide { uint32_t from; uint64_t bytes; };
struct marks {
    const char *text; size_t length;
    uint32_t *places; size_t count, capacity;
    struct marks_wide *wide; size_t wide_capacity;
};

enum marks_set { MARKS_PLAIN, MARKS_SSE2, MARKS_AVX2, MARKS_AVX512, MARKS_SETS };
/* The places in text[0, length), and the 64 bytes that are not ASCII; returns how many places.  Room: for `length` +
   MARKS_BEHIND places and length / 64 + 1 of `wide`.  64 bytes behind the text can be read. */
typedef size_t marks_kernel(const char *text, size_t length, char other, uint32_t *places, struct marks_wide *wide,
                            size_t *wide_count);
marks_kernel *marks_kernel_of(enum marks_set set);      /* NULL when this build or this processor does not have it */

/* False when the piece is not UTF-8: its places are of no use then. */
bool marks_find(struct marks *marks, marks_kernel *kernel, char other, const char *text, size_t length);
/* Whether the bytes that are not ASCII, of which `wide` says where they are, make the text UTF-8. */
bool marks_check_wide(const char *text, size_t length, const struct marks_wide *wide, size_t wide_count);
uint32_t marks_count(const char *text, size_t length, char wanted);     /* how often a byte stands in the text */
void marks_free(struct marks *marks);

#endif
