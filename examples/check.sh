#!/bin/sh
# Replays the commands of every example and compares what they print with expected.txt.  `rubric` is taken from the PATH, or from
# RUBRIC=FILE.  A transcript is `$ command`, its standard output, then its standard error, and `[exit N]` when N is not 0.
#   sh examples/check.sh              all examples
#   sh examples/check.sh 01-b2b       one of them
#   sh examples/check.sh --accept     what is printed now becomes what is expected: read the difference before you commit it
cd "$(dirname "$0")" || exit 1
[ -z "$RUBRIC" ] || PATH=$(cd "$(dirname "$RUBRIC")" && pwd):$PATH
export PATH NO_COLOR=1 LC_ALL=C COLUMNS=100
accept=no
[ "$1" != --accept ] || { accept=yes; shift; }
[ $# -gt 0 ] || set -- [0-9]*
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
passed=0 failed=0 skipped=0

# compare EXPECTED WHAT: $work/now against the file
compare() {
    if [ $accept = yes ]; then cp "$work/now" "$1"; fi
    if diff -u "$1" "$work/now" > "$work/diff" 2>&1; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "examples/$2 prints something else:"
        head -n 60 "$work/diff"
    fi
}

for example; do
    : > "$work/now"
    while IFS= read -r command; do
        printf '$ %s\n' "$command" >> "$work/now"
        (cd "$example" && sh -c "$command") > "$work/out" 2> "$work/err" < /dev/null
        status=$?
        cat "$work/out" "$work/err" >> "$work/now"
        [ $status -eq 0 ] || printf '[exit %d]\n' $status >> "$work/now"
    done < "$example/commands"
    compare "$example/expected.txt" "$example"
    if [ -f "$example/run.sh" ]; then
        sh "$example/run.sh" > "$work/now" 2> "$work/err"
        if grep -q '^SKIPPED' "$work/err"; then
            skipped=$((skipped + 1))
            cat "$work/err"
        else
            cat "$work/err" >> "$work/now"
            compare "$example/measured.txt" "$example/run.sh"
        fi
    fi
done
echo "$passed passed, $failed failed, $skipped skipped"
[ $failed -eq 0 ]
