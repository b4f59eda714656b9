/* The oracle: a slow, direct reading of the language that walks the tree for one lead at a time.  It exists only to
   disagree with the product.  It shares the tree (compiler/tree.h) and leaf functions (decimals, calendar, texts) and
   nothing else: it resolves names, expands defines, keeps three-valued logic and orders events by itself, sentence by
   sentence from the language manual.

     struct oracle *oracle = oracle_new(files, file_count, NULL, 0);  // trees of a rubric that the compiler found no
   error in const struct verdict *verdict = oracle_score(oracle, line, length, as_of); oracle_free(oracle);

   The trees are borrowed.  A verdict is valid until the next call.  NULL when the line is no lead. */
#ifndef RUBRIC_TESTS_ORACLE_ORACLE_H
#define RUBRIC_TESTS_ORACLE_ORACLE_H

#include "compiler/compile.h"
#include "tests/oracle/verdict.h"

struct oracle *oracle_new(const struct tree_file *const *files, size_t file_count,
                          const struct setting_override *overrides, size_t override_count);
const struct verdict *oracle_score(struct oracle *oracle, const char *line, size_t length, int64_t as_of);
void oracle_free(struct oracle *oracle);

#endif
