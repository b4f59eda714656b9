#!/bin/sh
# Makes build/gen/modules.c: the rule modules of stdlib/std as C texts.
# usage: modules.sh stdlib/std/email.rubric …
echo '/* Made by stdlib/modules.sh from stdlib/std; do not edit. */'
echo '#include "stdlib/modules.h"'
echo 'const struct stdlib_module stdlib_modules[] = {'
count=0
for file; do
    name=$(echo "$file" | sed 's,^stdlib/,,; s,\.rubric$,,; s,/,.,g')
    short=${file#stdlib/}
    echo "{ \"$name\", \"$short\","
    sed 's/\\/\\\\/g; s/"/\\"/g; s/^/"/; s/$/\\n"/' "$file"
    echo ", $(LC_ALL=C wc -c < "$file") },"
    count=$((count + 1))
done
echo '{ 0, 0, 0, 0 } };'
echo "const size_t stdlib_module_count = $count;"
