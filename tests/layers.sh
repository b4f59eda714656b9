#!/bin/sh
# Includes are written from the root and go only downward (the folder table of the map in README.md); each header compiles alone.
# Prints every include that goes up, then `layers: N includes, N headers, N wrong`.
root=$(cd "$(dirname "$0")/.." && pwd)
cd "$root" || exit 2
CC=${CC:-gcc}
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT

# The format of programs, and what numbers, dates and texts are: all of vm/ that the grammar and the compiler may know.
format='program.h opcodes.def number.h calendar.h text.h textclass.h memory.h limits.h sha256.h rubric.h'

find grammar compiler stdlib vm cli \( -name '*.[chly]' -o -name '*.cpp' -o -name '*.def' \) | sort | xargs awk -v format="$format" '
function folder(path) { sub(/\/.*/, "", path); return path }
function name(path) { sub(/.*\//, "", path); return path }
function may(from, to,    where, what) {
    where = folder(from); what = folder(to)
    if (what == where) return !(where == "compiler" && to ~ /^compiler\/conflicts\// && from !~ /^compiler\/conflicts\//)
    if (what == "vm") {
        if (where == "stdlib") return 1
        if (where == "grammar" || where == "compiler") return to == "vm/" name(to) && (name(to) in known)
        return where == "cli"
    }
    if (what == "stdlib") return where == "compiler" || where == "cli"
    if (what == "grammar") return where == "compiler" || where == "cli"
    if (what == "compiler") return where == "cli" || (where == "grammar" && (to == "compiler/tree.h" || to == "compiler/source.h" || to == "compiler/diagnostic.h"))
    return 0
}
BEGIN { count = split(format, names, " "); for (i = 1; i <= count; i++) known[names[i]] = 1 }
/^[ \t]*#[ \t]*include[ \t]*"/ {
    split($0, parts, "\"")
    total++
    if (parts[2] == "parser.h") {                       # made by bison from grammar/parser.y
        if (FILENAME ~ /^grammar\// || FILENAME ~ /^compiler\/parse(_report|_advice|_advice_names)?\.c$/) next
    } else if (parts[2] ~ /^[a-z]+\/.*[a-z]$/ && may(FILENAME, parts[2])) next
    printf "%s:%d: must not include \"%s\"\n", FILENAME, FNR, parts[2]
    wrong++
}
END { print total + 0, wrong + 0 > counts }
' counts="$work/counts" > "$work/wrong" 2>&1 || { cat "$work/wrong"; exit 2; }
cat "$work/wrong"
read -r includes wrong < "$work/counts"

headers=0
for header in $(find grammar compiler stdlib vm cli tests -name '*.h' | sort); do
    headers=$((headers + 1))
    case $header in
    *_body.h) continue ;;                               # a body that its owner includes with other names, never alone
    esac
    if ! "$CC" -std=c11 -D_GNU_SOURCE -Wall -Wextra -I. -Ibuild/gen -fsyntax-only -x c "$header" > "$work/problem" 2>&1; then
        echo "$header does not compile alone"; sed -n 1,5p "$work/problem"; wrong=$((wrong + 1))
    fi
done
echo "layers: $includes includes, $headers headers, $wrong wrong"
[ "$wrong" -eq 0 ]
