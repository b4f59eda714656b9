#!/bin/sh
# The examples of every message, as `rubric manual messages` prints them, given to the program: the wrong one brings exactly its
# code, the right one nothing, and the tests in the right one pass.  Ends with `messages: N examples, N failed`.
root=$(cd "$(dirname "$0")/.." && pwd)
rubric=${RUBRIC_BUILD:-$root/build}/rubric
NO_COLOR=1 LC_ALL=C.UTF-8 TZ=UTC
export NO_COLOR LC_ALL TZ
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
"$rubric" manual messages | awk -v folder="$work" '
/^### / { code = $2; sub(/:.*/, "", code) }
/^Wrong:/ { kind = "wrong" }
/^Right:/ { kind = "right" }
/^```/ { inside = !inside; if (!inside) close(file); else { file = folder "/" code "." kind; printf "" > file } next }
inside { print > file }
'
count=0 failed=0
for file in "$work"/*; do
    count=$((count + 1))
    code=$(basename "${file%.*}")
    found=$("$rubric" check --format line --as-of 2026-11-22 "$file" | sed -n 's/^[^ ]*: [a-z]*\[\([A-Z0-9]*\)\].*/\1/p' | sort -u | tr '\n' ' ')
    case $file in
    *.wrong) [ "$found" = "$code " ] || { failed=$((failed + 1)); echo "$code, wrong: ${found:-nothing}"; } ;;
    *.right)
        [ -z "$found" ] || { failed=$((failed + 1)); echo "$code, right: $found"; }
        "$rubric" test "$file" > "$work/outcome" || { failed=$((failed + 1)); echo "$code, right: its tests"; cat "$work/outcome"; } ;;
    esac
done
echo "messages: $count examples, $failed failed"
[ $count -gt 0 ] && [ $failed -eq 0 ]
