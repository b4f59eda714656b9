#!/bin/sh
# conformance.sh PROGRAM: the table of what the readers make of other people's files, suite by suite; the last line counts the suites.
output=$("$1" 2>&1)
status=$?
printf '%s\n' "$output" | awk '
    /^\[ RUN      \] / { sub(/^\[ RUN      \] test_/, ""); print "\n" $0; next }
    /^\[       OK \] / { print "  => all as it must be"; next }
    /^\[  FAILED  \] test_/ { if (!seen[$0]++) print "  => FAILED"; next }
    /^\[  SKIPPED \] test_/ { if (!seen[$0]++) print "  => SKIPPED"; next }
    !/^\[/ && NF'
passed=$(printf '%s\n' "$output" | grep -c '^\[       OK \]')
failed=$(printf '%s\n' "$output" | grep '^\[  FAILED  \] test_' | sort -u | wc -l)
[ $status -eq 0 ] || [ "$failed" -gt 0 ] || failed=1
echo "conformance: $passed passed, $failed failed"
[ "$failed" -eq 0 ]
