/* The rule modules of the standard library, compiled in at build time: build/gen/modules.c is made from stdlib/std/. */
#ifndef RUBRIC_STDLIB_MODULES_H
#define RUBRIC_STDLIB_MODULES_H

#include <stddef.h>

struct stdlib_module { const char *name; /* "std.email" */ const char *file; /* "std/email.rubric" */ const char *text; size_t length; };
extern const struct stdlib_module stdlib_modules[];
extern const size_t stdlib_module_count;
const struct stdlib_module *stdlib_module_find(const char *name);

#endif
