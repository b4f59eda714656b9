/* Exact decimals: points and numbers are whole multiples of 0.0001, held as int64 "units" (1.5 is 15000).
   Rounding is half away from zero everywhere.  Nothing here uses floating point.
   The compiler's constant folding, the VM and the tests' oracle all call these same functions. */
#ifndef RUBRIC_VM_NUMBER_H
#define RUBRIC_VM_NUMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

__extension__ typedef __int128 wide_int;                /* sums and products in between */

#define NUMBER_ONE INT64_C(10000)                       /* the units of 1 */
#define FACTOR_ONE INT64_C(1000000000000)               /* decay factors: 12 decimal places */

/* Each returns false, and leaves *result alone, when the result leaves 64 bits (or divides by zero). */
bool number_add(int64_t a, int64_t b, int64_t *result);
bool number_subtract(int64_t a, int64_t b, int64_t *result);
bool number_multiply(int64_t a, int64_t b, int64_t *result);
bool number_divide(int64_t a, int64_t b, int64_t *result);

/* points x fraction, rounded once.  Fractions are held in millionths of one ("ppm"): 20 % is 200000, 0.0001 % is 1.
   Saturates; the compiler proves from the bounds that it never has to. */
/* To a multiple of `step` (> 0), half away from zero; saturates at the last multiple within 64 bits. */
int64_t number_round(int64_t value, int64_t step);
int64_t number_weigh(int64_t points, int64_t fraction_ppm);
/* f(n+1) = f(n) * (1 - p), rounded half away from zero to 12 decimal places; p in ppm, 0..1000000. */
int64_t factor_next(int64_t factor, int64_t fraction_ppm);
/* points * factor, rounded to 0.0001. */
int64_t number_decay(int64_t points, int64_t factor);
/* total / count, rounded once; false when out of range.  count > 0. */
bool number_average(wide_int total, int64_t count, int64_t *result);
bool number_narrow(wide_int wide, int64_t *result);

/* Reads an optionally signed decimal, the whole of the text: "250", "-2.5", "+1e3", "007"; ".5" no, "1." no, exponent
   as in JSON.  Digits beyond the fourth decimal are rounded (half away from zero) and *inexact (may be NULL) says so.
   False when it is no number or leaves 64 bits.  Never looks at the locale. */
bool number_parse(const char *text, size_t length, int64_t *units, bool *inexact);
/* Shortest decimal ("0.5", "-12", "250"), NUL-terminated; returns its length.  `out` holds NUMBER_TEXT bytes. */
#define NUMBER_TEXT 24
size_t number_format(int64_t units, char *out);

/* Table of factors f(0), f(1), …: filled as far as needed, with check points every 1024 beyond 4096, so that any
   number of periods costs at most 1024 steps.  Reading fills it: a table belongs to one thread. */
struct factor_table {
    int64_t fraction_ppm;
    int64_t *first, *checkpoint;
    size_t first_count, checkpoint_count, checkpoint_capacity;
};
void factor_table_init(struct factor_table *table, int64_t fraction_ppm);
int64_t factor_table_get(struct factor_table *table, int64_t periods);  /* periods < 0 counts as 0 */
void factor_table_free(struct factor_table *table);

#endif
