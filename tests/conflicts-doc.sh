#!/bin/sh
# docs/conflicts.md: each ```rubric block is checked, and what the check prints must be the ```text block behind it.
#   tests/conflicts-doc.sh [--accept]      writes what is printed now into the document: read the difference before you commit it
root=$(cd "$(dirname "$0")/.." && pwd)
PATH=${RUBRIC_BUILD:-$root/build}:$PATH NO_COLOR=1 LC_ALL=C.UTF-8
export PATH NO_COLOR LC_ALL
document=$root/docs/conflicts.md
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
awk -v work="$work" '
    /^```rubric/ { count++; file = sprintf("%s/%03d.rubric", work, count); inside = 1; next }
    /^```text/ && count { file = sprintf("%s/%03d.wanted", work, count); printf "" > file; inside = 1; next }
    /^```/ { inside = 0; next }
    inside { print > file }' "$document"
passed=0 failed=0
for rubric in "$work"/*.rubric; do
    name=${rubric%.rubric}
    cp "$rubric" "$work/example.rubric"
    (cd "$work" && rubric check example.rubric --as-of 2026-11-22) > "$name.seen" 2>&1
    if cmp -s "$name.wanted" "$name.seen"; then passed=$((passed + 1))
    else failed=$((failed + 1)); [ "$1" = --accept ] || { echo "FAILED docs/conflicts.md, rubric $(basename "$name")"; diff "$name.wanted" "$name.seen" | head -20; }; fi
done
if [ "$1" = --accept ]; then
    awk -v work="$work" '
        /^```rubric/ { count++ }
        /^```text/ && count { print; file = sprintf("%s/%03d.seen", work, count); while ((getline line < file) > 0) print line; skip = 1; next }
        /^```/ && skip { skip = 0 }
        !skip { print }' "$document" > "$work/document" && cp "$work/document" "$document"
    echo "accepted"
    exit 0
fi
echo "conflicts: $passed passed, $failed failed"
[ $failed -eq 0 ]
