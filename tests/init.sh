#!/bin/sh
# A first rubric for every file of leads there is: `rubric init --from` must never crash, and what it writes must pass
# check and test, be in the canonical layout, and score that very file without a value that does not fit its field.
#   tests/init.sh [FOLDER]      default: the examples, and the shared data when they are there
root=$(cd "$(dirname "$0")/.." && pwd)
PATH=${RUBRIC_BUILD:-$root/build}:$PATH NO_COLOR=1 LC_ALL=C.UTF-8
export PATH NO_COLOR LC_ALL
shared=${RUBRIC_SHARED:-$root/../shared}/data
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0 failed=0 refused=0

fail() { echo "FAILED $1: $2"; head -n 12 "$work/log"; failed=$((failed + 1)); }

try() {
    file=$1
    rm -f "$work/r.rubric"
    rubric init "$work/r.rubric" --from "$file" > "$work/log" 2>&1
    status=$?
    if [ $status -eq 1 ] && [ ! -e "$work/r.rubric" ] && [ -s "$work/log" ]; then refused=$((refused + 1)); return; fi
    if [ $status -ne 0 ]; then fail "$file" "init ended with $status"; return; fi
    rubric check "$work/r.rubric" > "$work/log" 2>&1 || { fail "$file" check; return; }
    if grep -q '^warning' "$work/log"; then fail "$file" "check warns"; return; fi
    rubric test "$work/r.rubric" > "$work/log" 2>&1 || { fail "$file" test; return; }
    rubric fmt --check "$work/r.rubric" > "$work/log" 2>&1 || { fail "$file" layout; return; }
    rubric score "$work/r.rubric" "$file" --as-of 2026-01-01 --format ndjson -o "$work/out" > "$work/log" 2>&1 || { fail "$file" score; return; }
    if grep -q ' did not fit ' "$work/log"; then fail "$file" "bad values"; return; fi
    # The suggestions must be rules, once the # is taken off.
    sed 's/^#\( rule by_\)/\1/; s/^#   / /' "$work/r.rubric" > "$work/s.rubric"
    rubric check --fail-on error "$work/s.rubric" > "$work/log" 2>&1 || { fail "$file" "a suggestion is no rule"; return; }
    passed=$((passed + 1))
}

if [ -n "$1" ]; then folders=$1
else
    folders="$root/examples"
    if [ -d "$shared" ]; then folders="$folders $shared"
    else echo "SKIPPED init over the shared data: $shared is not there"; fi
fi
find $folders -type f \( -name '*.csv' -o -name '*.json' -o -name '*.ndjson' -o -name '*.tsv' -o -name '*.txt' -o -name '*.ssv' -o -name '*.psv' \) \
    ! -name expected.txt | sort > "$work/files"
while IFS= read -r file; do try "$file"; done < "$work/files"
echo "init: $passed passed, $failed failed, $refused refused with a reason"
[ $failed -eq 0 ] && [ $passed -gt 0 ]
