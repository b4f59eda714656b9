/* The inner loops of the machine, over bitmaps and columns.  They are written once (kernels_body.h) and compiled for
   several instruction sets; kernels_best picks what the processor has.  All sets give the same results to the last
   bit; KERNELS_PLAIN is the one for every machine, and the only one with RUBRIC_SCALAR, with other compilers than
   gcc, under sanitizers and on other processors. All `words` are whole blocks of KERNEL_BLOCK words; columns have 64
   readable (and writable) rows for each word. A result has no bits where `known` or `all` has none.  Results may lie
   on operands only where it says so.  Nothing here can fail. */
#ifndef RUBRIC_VM_KERNELS_H
#define RUBRIC_VM_KERNELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define KERNEL_BLOCK ((size_t)8)

/* Keeps the compiler from making two branches of "a or b", where which of them it is cannot be guessed but either mostly
   is: NOT_TAKEN_APART(either) on an integer, before the `if`. */
#if defined(__GNUC__)
#define NOT_TAKEN_APART(value) __asm__("" : "+r"(value))
#else
#define NOT_TAKEN_APART(value) (void)(value)
#endif

enum kernel_set { KERNELS_PLAIN, KERNELS_AVX2, KERNELS_AVX512, KERNEL_SETS };

/* A sum of constants, each where its bitmap has a bit, as binary counters that stand upright: bit k of the counters
   of 64 leads is one word.  A step adds a bitmap, each word of it xor `flip`, at the counter bit that it is sorted
   under. */
struct counter_step { const uint64_t *bits; uint64_t flip; };

/* Many comparisons of one column with constants that lie on a grid: each number is turned once into its small code,
   2k on point k of the grid and 2k + 1 between k and k + 1, and then compared as that.  Grid point k is origin + k *
   step; numbers are first brought into least … most, just beyond the constants.  The division by `step`, shifted by
   its factors of two, is a multiplication that comes out at most two too small. */
struct code_plan { int64_t least, most, origin; unsigned shift, high; uint64_t step, factor; };
enum code_test_kind { CODE_EQ, CODE_LT, CODE_GT, CODE_WITHIN };   /* within: low < code <= high */
struct code_test { uint64_t *yes, *no; enum code_test_kind kind; uint16_t low, high; };

/* KERNEL(name, parameters): the list, for declaring and for choosing. */
#define KERNELS(KERNEL) \
    /* Conditions: h and f are where a condition holds and fails.  cond_if: only where p or q has a bit. */ \
    KERNEL(cond_and, (uint64_t *h, uint64_t *f, const uint64_t *ah, const uint64_t *af, const uint64_t *bh, \
                      const uint64_t *bf, size_t words)) \
    KERNEL(cond_or, (uint64_t *h, uint64_t *f, const uint64_t *ah, const uint64_t *af, const uint64_t *bh, \
                     const uint64_t *bf, size_t words)) \
    KERNEL(cond_then, (uint64_t *h, uint64_t *f, const uint64_t *ah, const uint64_t *af, const uint64_t *bh, \
                       const uint64_t *bf, size_t words)) \
    KERNEL(cond_if, (uint64_t *h, uint64_t *f, const uint64_t *ah, const uint64_t *af, const uint64_t *p, \
                     const uint64_t *q, size_t words)) \
    KERNEL(cond_found, (uint64_t *h, uint64_t *f, const uint64_t *ah, const uint64_t *af, const uint64_t *all, \
                        size_t words)) \
    /* Bitmaps; the result may be an operand: all & ~bits, a & b, a | b, all & (a | b), out | (a & b). */ \
    KERNEL(less, (uint64_t *out, const uint64_t *all, const uint64_t *bits, size_t words)) \
    KERNEL(both, (uint64_t *out, const uint64_t *a, const uint64_t *b, size_t words)) \
    KERNEL(either, (uint64_t *out, const uint64_t *a, const uint64_t *b, size_t words)) \
    KERNEL(either_within, (uint64_t *out, const uint64_t *a, const uint64_t *b, const uint64_t *all, size_t words)) \
    KERNEL(add_both, (uint64_t *out, const uint64_t *a, const uint64_t *b, size_t words)) \
    /* Comparisons: `yes` where the answer is yes, `no` where it is no; neither where it is not known. \
       within: above < a <= most. */ \
    KERNEL(eq_const, (uint64_t *yes, uint64_t *no, const int64_t *a, int64_t b, const uint64_t *known, size_t words)) \
    KERNEL(lt_const, (uint64_t *yes, uint64_t *no, const int64_t *a, int64_t b, const uint64_t *known, size_t words)) \
    KERNEL(gt_const, (uint64_t *yes, uint64_t *no, const int64_t *a, int64_t b, const uint64_t *known, size_t words)) \
    KERNEL(within, (uint64_t *yes, uint64_t *no, const int64_t *a, int64_t above, int64_t most, \
                    const uint64_t *known, size_t words)) \
    KERNEL(eq, (uint64_t *yes, uint64_t *no, const int64_t *a, const int64_t *b, const uint64_t *ak, \
                const uint64_t *bk, size_t words)) \
    KERNEL(lt, (uint64_t *yes, uint64_t *no, const int64_t *a, const int64_t *b, const uint64_t *ak, \
                const uint64_t *bk, size_t words)) \
    /* Numbers.  cell: a * columns + b, wrapping. */ \
    KERNEL(fill, (int64_t *out, int64_t value, size_t words)) \
    KERNEL(add, (int64_t *out, uint64_t *known, const int64_t *a, const int64_t *b, const uint64_t *ak, \
                 const uint64_t *bk, size_t words)) \
    KERNEL(subtract, (int64_t *out, uint64_t *known, const int64_t *a, const int64_t *b, const uint64_t *ak, \
                      const uint64_t *bk, size_t words)) \
    KERNEL(clamp, (int64_t *out, const int64_t *a, int64_t least, int64_t most, size_t words)) \
    KERNEL(cell, (int64_t *out, const int64_t *a, const int64_t *b, int64_t columns, size_t words)) \
    /* Where mask has a bit: out = value, out = a, out += a (wrapping: sums have been proved to stay in range). */ \
    KERNEL(blend, (int64_t *out, int64_t value, const uint64_t *mask, size_t words)) \
    KERNEL(blend_column, (int64_t *out, const int64_t *a, const uint64_t *mask, size_t words)) \
    KERNEL(add_column, (int64_t *out, const int64_t *a, const uint64_t *mask, size_t words)) \
    /* out = base + scale * the sum of all steps.  The first plane_steps[0] steps count 1, the next plane_steps[1] \
       count 2, … of `planes` counter bits (at most 64), enough for the sum.  `carries` is room for KERNEL_BLOCK \
       words for each carry of the fullest plane. */ \
    KERNEL(total, (int64_t *out, int64_t base, int64_t scale, unsigned planes, const uint32_t *plane_steps, \
                   const struct counter_step *steps, uint64_t *carries, size_t words)) \
    KERNEL(encode8, (uint8_t *codes, const int64_t *a, const struct code_plan *plan, size_t words)) \
    KERNEL(encode16, (uint16_t *codes, const int64_t *a, const struct code_plan *plan, size_t words)) \
    KERNEL(test8, (const uint8_t *codes, const struct code_test *tests, size_t count, const uint64_t *known, \
                   size_t words)) \
    KERNEL(test16, (const uint16_t *codes, const struct code_test *tests, size_t count, const uint64_t *known, \
                    size_t words)) \
    /* Turns 64 rows of 64 bits by the diagonal: bit j of rows[i] becomes bit i of rows[j], for the first `bits` j (of 64); \
       what is in the other rows then is of no use. */ \
    KERNEL(transpose, (uint64_t rows[64], unsigned bits))

struct kernels {
#define KERNEL(name, parameters) void (*name) parameters;
    KERNELS(KERNEL)
#undef KERNEL
    size_t tests_worth8, tests_worth16;                         /* from how many comparisons of a column on codes pay */
};

const struct kernels *kernels_best(void);
const struct kernels *kernels_of(enum kernel_set set);     /* NULL when this build or this processor does not have it */

#endif
