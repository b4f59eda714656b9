/* Where none of many patterns can begin, 32 bytes of text at a time: for the automaton, which most texts leave at its
   root.  Each pattern is in one of eight buckets; two tables of nibbles for each of the first three bytes say which
   buckets a byte may be of (after the "Teddy" of Hyperscan, Intel 2015).  Every start is among what is found; what is
   found need not be one. */
#ifndef RUBRIC_VM_SKIP_H
#define RUBRIC_VM_SKIP_H

#include "vm/text.h"

#define SKIP_BYTES 3u                                   /* of a pattern that are looked at */
#define SKIP_AHEAD (32 + SKIP_BYTES - 1)                /* bytes that are read at a place */

struct skip { uint8_t low[SKIP_BYTES][16], high[SKIP_BYTES][16]; };
/* The first place from `at` on where a pattern may begin, or less than SKIP_AHEAD bytes are left. */
typedef size_t skip_search(const struct skip *skip, const uint8_t *bytes, size_t at, size_t length);

void skip_init(struct skip *skip, const struct text *patterns, uint32_t count);
/* NULL when this build or this processor has no way that is faster than the automaton. */
skip_search *skip_best(void);

#endif
