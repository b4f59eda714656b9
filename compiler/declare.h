/* Declarations: trees → model.  In three steps, each a file: declare.c (names, fields, events, settings, lists: everything that
   needs no expression), define.c (scores, groups, rules, bands, matrices, stages, actions), testing.c (tests).  */
#ifndef RUBRIC_COMPILER_DECLARE_H
#define RUBRIC_COMPILER_DECLARE_H

#include "compiler/compile.h"
#include "compiler/lower.h"

/* All declarations of all files, in the order in which they count: a used file's stand where it is used. */
struct declared { const struct declaration *declaration; uint32_t file; };
struct declared_list { struct declared *items; size_t count, capacity; };

void declare_names(struct model *model, const struct declared_list *all, const struct setting_override *overrides, size_t override_count);
void define_scoring(struct model *model, const struct declared_list *all);
void define_tests(struct model *model, const struct declared_list *all);
void bounds_check(struct model *model);                  /* compiler/bounds.c: no sum can overflow */
/* A signed constant as written in `--set` or `setting`. */
bool constant_parse(struct model *model, const char *text, enum constant_kind kind, struct constant *constant);

#endif
