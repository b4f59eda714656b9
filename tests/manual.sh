#!/bin/sh
# The examples of the language manual are tests.  Fenced blocks of grammar/README.md (or of the files named):
#   ```rubric                  a whole rubric: no errors in the check, and its tests pass
#   ```rubric-head             what the fragments behind it are parts of (the last one holds)
#   ```rubric-fragment         a part of a rubric: joined to the head, it must do the same
#   ```rubric-conditions       one condition a line; joined to the head as a define each, they check
#   ```rubric E0401            … and the same with fragment: the check finds exactly this code, and exits with 1
#   ```file NAME               a file that rubrics of the same section use
# Ends with `manual: N passed, N failed`.
root=$(cd "$(dirname "$0")/.." && pwd)
rubric=${RUBRIC_BUILD:-$root/build}/rubric
NO_COLOR=1 LC_ALL=C.UTF-8 TZ=UTC
export NO_COLOR LC_ALL TZ
[ $# -gt 0 ] || set -- "$root/grammar/README.md"
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
passed=0 failed=0

for manual; do
    rm -rf "$work/blocks"; mkdir "$work/blocks"
    # Each block becomes a file LINE.rubric; the list says: line, code or `-`.
    awk -v folder="$work/blocks" '
    function begin(    kind) {
        kind = $1; sub(/^```/, "", kind)
        code = "-"; out = ""
        if (kind == "file") { out = folder "/" $2; return }
        if (kind != "rubric" && kind != "rubric-head" && kind != "rubric-fragment" && kind != "rubric-conditions") return
        if (NF > 1) code = $2
        mode = kind
        if (kind == "rubric-head") { head = ""; return }
        out = folder "/" FNR ".rubric"
        printf "%s", (kind == "rubric" ? "" : head) > out
        print FNR, code > (folder "/list")
    }
    /^```/ {
        if (inside) { inside = 0; if (out != "") close(out); out = ""; mode = ""; next }
        inside = 1; mode = ""; begin(); next
    }
    inside && mode == "rubric-head" { head = head $0 "\n"; next }
    inside && mode == "rubric-conditions" { if ($0 !~ /^ *(#.*)?$/) print "define condition_" FNR " as " $0 > out; next }
    inside && out != "" { print > out }
    END { if (inside) print "unfinished block" > "/dev/stderr" }
    ' "$manual" || exit 2
    [ -f "$work/blocks/list" ] || { echo "no examples in $manual"; exit 2; }
    while read -r line code; do
        file=$work/blocks/$line.rubric
        found=$("$rubric" check --format line "$file" 2>&1)
        status=$?
        tests=
        errors=$(printf '%s\n' "$found" | sed -n 's/^[^ ]*: error\[\([A-Z0-9]*\)\].*/\1/p' | sort -u | tr '\n' ' ')
        if [ "$code" = - ]; then
            if [ -z "$errors" ] && [ $status -le 1 ] && tests=$("$rubric" test "$file" 2>&1); then passed=$((passed + 1)); continue; fi
            echo "FAILED ${manual#"$root"/}:$line"
            printf '%s\n' "$found" | grep 'error\[' | sed "s,^$work/blocks/,  ,"
            printf '%s\n' "$tests" | sed "s,$work/blocks/,,; s/^/  /"
        else
            if [ "$errors" = "$code " ] && [ $status -eq 1 ]; then passed=$((passed + 1)); continue; fi
            echo "FAILED ${manual#"$root"/}:$line: expected $code, found ${errors:-nothing} (exit $status)"
            printf '%s\n' "$found" | sed "s,^$work/blocks/,  ,"
        fi
        failed=$((failed + 1))
    done < "$work/blocks/list"
done
echo "manual: $passed passed, $failed failed"
[ "$failed" -eq 0 ]
