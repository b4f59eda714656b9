/* Text in, program or diagnostics out.  A compilation owns its arena: sources, trees, model, diagnostics.
     struct compilation *c = compilation_new();
     compilation_load(c, "b2b.rubric", NULL, 0);                 // parses, resolves, checks, bounds
     if (c->diags.errors == 0) { struct program *p = compilation_emit(c, NO_INDEX); … program_free(p); }
     compilation_free(c); */
#ifndef RUBRIC_COMPILER_COMPILE_H
#define RUBRIC_COMPILER_COMPILE_H

#include "compiler/model.h"

struct setting_override { const char *name, *value; };          /* value as on the command line: 40, 20%, "30 days", text */
struct compilation {
    struct arena arena; struct sources sources; struct diagnostics diags; struct model model; const struct tree_file *main_file;
};
struct compilation *compilation_new(void);
void compilation_free(struct compilation *compilation);
/* Reads, parses and checks `path` and all it uses ("-" is standard input).  False when the file cannot be read (a diagnostic says so). */
bool compilation_load(struct compilation *compilation, const char *path, const struct setting_override *overrides, size_t override_count);
/* The same from text in memory (`name` is shown in messages; `use "file"` is relative to it). */
bool compilation_load_text(struct compilation *compilation, const char *name, const char *text, size_t length,
                           const struct setting_override *overrides, size_t override_count);
/* The program of a compilation without errors; prepared.  With a test's index, the program also has that test's
   expectations as condition registers (see emit.h).  Caller frees with program_free. */
struct program *compilation_emit(const struct compilation *compilation, uint32_t test, uint32_t *expectation_registers);

#endif
