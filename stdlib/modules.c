#include "stdlib/modules.h"

#include <string.h>

const struct stdlib_module *stdlib_module_find(const char *name)
{
    for (size_t i = 0; i < stdlib_module_count; i++) if (strcmp(stdlib_modules[i].name, name) == 0) return &stdlib_modules[i];
    return NULL;
}
