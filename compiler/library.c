/* The part of librubric's public header that needs the compiler. */
#include "vm/rubric.h"

#include <stdio.h>

#include "compiler/compile.h"

struct rubric_program *rubric_program_compile(const char *name, const char *text, size_t length, char *problem,
                                              size_t capacity)
{
    struct compilation *compilation = compilation_new();
    struct program *program = NULL;
    compilation_load_text(compilation, name, text, length, NULL, 0);
    if (compilation->diags.errors == 0) program = compilation_emit(compilation, NO_INDEX, NULL);
    else
        for (size_t i = 0; i < compilation->diags.count; i++) {
            const struct diagnostic *d = compilation->diags.items[i];
            if (d->severity != SEVERITY_ERROR) continue;
            struct position at = source_position(&compilation->sources, d->span.file, d->span.start);
            snprintf(problem, capacity, "%s:%u:%u: %s", compilation->sources.files[d->span.file].name, at.line,
                     at.column, d->message);
            break;
        }
    compilation_free(compilation);
    return (struct rubric_program *)(void *)program;
}
