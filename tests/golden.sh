#!/bin/sh
# Replays transcripts and compares them whole.
#   tests/golden.sh [--accept] FILE.expect … examples/*/expected.txt
# A transcript is `$ command` lines, each followed by what it prints (both streams) and `[exit N]` when that is not 0.
# Commands run in the transcript's folder, with the built program first on the PATH, without colour, in UTF-8.
# With --accept the transcript becomes what was seen: read the difference before you commit it.
# A rubric beside a transcript marks guilty lines with `#~ CODE` at their end: written by hand, checked here against the program.
accept=no
[ "$1" = --accept ] && { accept=yes; shift; }
root=$(cd "$(dirname "$0")/.." && pwd)
PATH=${RUBRIC_BUILD:-$root/build}:$PATH NO_COLOR=1 LC_ALL=C.UTF-8 TZ=UTC
export PATH NO_COLOR LC_ALL TZ
RUBRIC_SHARED=${RUBRIC_SHARED:-$root/../shared}
export RUBRIC_SHARED
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0 failed=0 skipped=0

replay() {                                  # transcript → what is seen now
    while IFS= read -r line; do
        case $line in
        '$ '*)
            printf '%s\n' "$line"
            (eval "${line#??}") </dev/null 2>&1
            status=$?
            [ $status -eq 0 ] || printf '[exit %d]\n' $status ;;
        esac
    done < "$1"
}

marks() {                                   # rubric file → "line code" of its marks, and of what the program reports
    grep -n '#~' "$1" | sed -n 's/^\([0-9]*\):.*#~ *\(.*\)$/\1 \2/p' | while read -r line codes; do for code in $codes; do echo "$line $code"; done; done | sort -u > "$work/marked"
    rubric check --format line "$1" 2>/dev/null | sed -n 's/^[^:]*:\([0-9]*\):[0-9]*: [a-z]*\[\([A-Z0-9]*\)\].*/\1 \2/p' | sort -u > "$work/reported"
    diff "$work/marked" "$work/reported" > "$work/marks"
}

for file; do
    folder=$(dirname "$file") name=$(basename "$file")
    first=$(head -n 1 "$file" 2>/dev/null)
    case $first in
    '#! needs '*)                           # a transcript that needs data of its own says so in its first line
        need=$(eval "echo ${first#\#! needs }")
        if [ ! -e "$need" ]; then echo "SKIPPED $file: $need is not there"; skipped=$((skipped + 1)); continue; fi ;;
    *) first= ;;
    esac
    ( [ -n "$first" ] && printf '%s\n' "$first"; cd "$folder" && replay "$name" ) > "$work/seen" 2>&1
    bad=
    if ! cmp -s "$file" "$work/seen"; then
        if [ $accept = yes ]; then cp "$work/seen" "$file"; echo "accepted $file"
        else bad=yes; echo "FAILED $file"; diff -u "$file" "$work/seen" | sed 1,2d | head -n 40; fi
    fi
    rubric=${file%.expect}.rubric
    if [ -f "$rubric" ] && grep -q '#~' "$rubric"; then
        if ! (cd "$folder" && marks "$(basename "$rubric")"); then bad=yes; echo "FAILED $rubric: marked (<) and reported (>) differ"; cat "$work/marks"; fi
    fi
    if [ -n "$bad" ]; then failed=$((failed + 1)); else passed=$((passed + 1)); fi
done
echo "golden: $passed passed, $failed failed, $skipped skipped"
[ $failed -eq 0 ]
