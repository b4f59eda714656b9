/* Finds every occurrence of many byte patterns in one pass (Aho and Corasick, 1975).  The states near the root,
   where texts spend their time, have full rows over classes of bytes, up to a fixed size; the deeper ones have their
   own edges and a link to fall back on, so that memory stays proportional to the patterns however many there are.
   Immutable once built; the patterns are borrowed only while it is built.  Memory refused: see vm/memory.h. */
#ifndef RUBRIC_VM_AUTOMATON_H
#define RUBRIC_VM_AUTOMATON_H

#include "vm/text.h"

struct automaton;

#define AUTOMATON_DENSE_BYTES ((size_t)4 << 20)         /* bytes of full rows; tests build with less */

/* Patterns are not empty, all different, in the order of memcmp (the shorter first). */
struct automaton *automaton_new(const struct text *patterns, uint32_t count, size_t dense_bytes);
void automaton_free(struct automaton *automaton);
/* Calls `found` for every occurrence, by where it ends; of those that end together the longest first. */
typedef void automaton_found(void *context, uint32_t pattern, size_t end);
void automaton_scan(const struct automaton *automaton, struct text text, automaton_found *found, void *context);
/* For tests: from now on it steps through every byte. */
void automaton_plainly(struct automaton *automaton);
size_t automaton_bytes(const struct automaton *automaton);

#endif
