#!/bin/sh
# Runs unit test programs one after the other; each says how many passed, the sum comes last.
passed=0 failed=0
for program; do
    output=$("$program" 2>&1) && status=0 || status=$?
    ok=$(printf '%s\n' "$output" | grep -c '^\[       OK \]')
    bad=$(printf '%s\n' "$output" | grep -c '^\[  FAILED  \] .*[a-z]')
    if [ $status -ne 0 ]; then
        echo "FAILED $program"; printf '%s\n' "$output" | grep -v '^\[ RUN\|^\[       OK' | head -n 40
        [ "$bad" -gt 0 ] || bad=1
        failed=$((failed + bad))
    fi
    passed=$((passed + ok))
done
echo "unit: $passed passed, $failed failed"
[ $failed -eq 0 ]
