/* The inner loops of the machine: plain C over bitmaps and columns, written so that gcc turns them into vector code, for several
   instruction sets at once (RUBRIC_SCALAR forces the one plain version, which is the truth the others are tested against).
   All `words` are whole blocks of KERNEL_BLOCK words; columns have 64 readable (and writable) rows for each word.
   Results never have bits where their operands (`known`, `all`) have none.  Nothing here can fail. */
#ifndef RUBRIC_VM_KERNELS_H
#define RUBRIC_VM_KERNELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define KERNEL_BLOCK ((size_t)8)

/* Conditions: h and f are where a condition holds and fails. */
void kernel_and(uint64_t *h, uint64_t *f, const uint64_t *ah, const uint64_t *af, const uint64_t *bh, const uint64_t *bf, size_t words);
void kernel_or(uint64_t *h, uint64_t *f, const uint64_t *ah, const uint64_t *af, const uint64_t *bh, const uint64_t *bf, size_t words);
void kernel_then(uint64_t *h, uint64_t *f, const uint64_t *ah, const uint64_t *af, const uint64_t *bh, const uint64_t *bf, size_t words);
/* h and f only where p or q has a bit. */
void kernel_if(uint64_t *h, uint64_t *f, const uint64_t *ah, const uint64_t *af, const uint64_t *p, const uint64_t *q, size_t words);
void kernel_found(uint64_t *h, uint64_t *f, const uint64_t *ah, const uint64_t *af, const uint64_t *all, size_t words);
/* Bitmaps. */
void kernel_less(uint64_t *out, const uint64_t *all, const uint64_t *bits, size_t words);        /* all & ~bits */
void kernel_both(uint64_t *out, const uint64_t *a, const uint64_t *b, size_t words);
void kernel_either(uint64_t *out, const uint64_t *a, const uint64_t *b, size_t words);
void kernel_either_within(uint64_t *out, const uint64_t *a, const uint64_t *b, const uint64_t *all, size_t words);   /* all & (a | b) */
void kernel_add_bits(uint64_t *out, const uint64_t *a, const uint64_t *b, size_t words);         /* out |= a & b */

/* Comparisons: `yes` where the answer is yes, `no` where it is no; neither where it is not known. */
void kernel_eq_const(uint64_t *yes, uint64_t *no, const int64_t *a, int64_t b, const uint64_t *known, size_t words);
void kernel_lt_const(uint64_t *yes, uint64_t *no, const int64_t *a, int64_t b, const uint64_t *known, size_t words);
void kernel_gt_const(uint64_t *yes, uint64_t *no, const int64_t *a, int64_t b, const uint64_t *known, size_t words);
/* above < a <= most */
void kernel_within(uint64_t *yes, uint64_t *no, const int64_t *a, int64_t above, int64_t most, const uint64_t *known, size_t words);
void kernel_eq(uint64_t *yes, uint64_t *no, const int64_t *a, const int64_t *b, const uint64_t *ak, const uint64_t *bk, size_t words);
void kernel_lt(uint64_t *yes, uint64_t *no, const int64_t *a, const int64_t *b, const uint64_t *ak, const uint64_t *bk, size_t words);

/* Numbers. */
void kernel_fill(int64_t *out, int64_t value, size_t words);
void kernel_add(int64_t *out, uint64_t *known, const int64_t *a, const int64_t *b, const uint64_t *ak, const uint64_t *bk, size_t words);
void kernel_subtract(int64_t *out, uint64_t *known, const int64_t *a, const int64_t *b, const uint64_t *ak, const uint64_t *bk,
                     size_t words);
void kernel_clamp(int64_t *out, const int64_t *a, int64_t least, int64_t most, size_t words);
void kernel_cell(int64_t *out, const int64_t *a, const int64_t *b, int64_t columns, size_t words);   /* a * columns + b, wrapping */
/* out = value where mask has a bit, and as it was elsewhere. */
void kernel_blend(int64_t *out, int64_t value, const uint64_t *mask, size_t words);
void kernel_blend_column(int64_t *out, const int64_t *a, const uint64_t *mask, size_t words);
/* out += value, or a's value, where mask has a bit (wrapping: the compiler has proved that sums stay in range). */
void kernel_add_column(int64_t *out, const int64_t *a, const uint64_t *mask, size_t words);

/* A sum of constants, each where its bitmap has a bit, as binary counters that stand upright: bit k of the counters of 64 leads is
   one word.  A step adds a bitmap, each word of it xor `flip`, at the counter bit that it is sorted under. */
struct counter_step { const uint64_t *bits; uint64_t flip; };
/* out = base + scale * the sum of all steps.  The first plane_steps[0] steps count 1, the next plane_steps[1] count 2, … of `planes`
   counter bits (at most 64), enough for the sum.  `carries` is room for KERNEL_BLOCK words for each carry of the fullest plane. */
void kernel_total(int64_t *out, int64_t base, int64_t scale, unsigned planes, const uint32_t *plane_steps,
                  const struct counter_step *steps, uint64_t *carries, size_t words);

/* Turns 64 rows of 64 bits by the diagonal: bit j of rows[i] becomes bit i of rows[j]. */
void kernel_transpose(uint64_t rows[64]);

#endif
