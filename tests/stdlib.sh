#!/bin/sh
# Runs the tests of the rubrics in tests/stdlib: each uses modules of the library as a rubric of one's own would.
root=$(cd "$(dirname "$0")/.." && pwd)
PATH=${RUBRIC_BUILD:-$root/build}:$PATH
passed=0 failed=0
for file in "$root"/tests/stdlib/*.rubric; do
    output=$(rubric test "$file" 2>&1)
    status=$?
    counts=$(printf '%s\n' "$output" | sed -n 's/^\([0-9]*\) passed, \([0-9]*\) failed$/\1 \2/p')
    if [ -z "$counts" ] || [ $status -ne 0 ]; then
        printf '%s\n' "$output" | head -n 30
        [ -n "$counts" ] || counts='0 1'
    fi
    passed=$((passed + ${counts% *})) failed=$((failed + ${counts#* }))
done
echo "stdlib: $passed passed, $failed failed"
[ $failed -eq 0 ]
