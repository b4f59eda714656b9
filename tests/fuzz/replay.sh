#!/bin/sh
# replay.sh SEEDS REPLAY…: each target over the crashes kept in tests/fuzz/kept and over its seeds; sums up.
root=$(cd "$(dirname "$0")/../.." && pwd)
seeds=$1
shift
passed=0 failed=0
for program; do
    target=${program##*/fuzz_}
    output=$("$program" "$root/tests/fuzz/kept/$target" "$seeds/$target" 2>&1)
    status=$?
    counts=$(printf '%s\n' "$output" | sed -n 's/^fuzz_[a-z]*: \([0-9]*\) passed, \([0-9]*\) failed$/\1 \2/p')
    [ $status -eq 0 ] || printf '%s\n' "$output" | tail -n 60
    [ -n "$counts" ] || counts='0 1'
    passed=$((passed + ${counts% *})) failed=$((failed + ${counts#* }))
    [ $status -eq 0 ] || [ "${counts#* }" -gt 0 ] || failed=$((failed + 1))
done
echo "fuzz: $passed passed, $failed failed"
[ $failed -eq 0 ]
