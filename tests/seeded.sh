#!/bin/sh
# Rubrics with seeded faults, and their correct twins: tests/conflicts/seeded/*.rubrics, one behind each `### name`.
#   tests/seeded.sh [NAME]
# A guilty line ends with `#~ CODE …`, by hand. What the check reports must be at these lines, and nothing elsewhere;
# hygiene that no mark of the rubric asks for is passed over, since these rubrics are as short as they can be.
# Every witness is pasted into its rubric, and `rubric test` must pass.
root=$(cd "$(dirname "$0")/.." && pwd)
PATH=${RUBRIC_BUILD:-$root/build}:$PATH NO_COLOR=1 LC_ALL=C.UTF-8 TZ=UTC
export PATH NO_COLOR LC_ALL TZ
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
quiet='W0903 W0904 W0910 W0911 W0912 C1041'
passed=0 failed=0 shown=0
for file in "$root"/tests/conflicts/seeded/*.rubrics; do
    rm -f "$work"/*.rubric
    awk -v work="$work" '
        /^### / { count++; file = sprintf("%s/%04d.rubric", work, count); printf "# %s\n", substr($0, 5) > file; next }
        file { print > file }' "$file"
    for rubric in "$work"/*.rubric; do
        name=$(sed -n '1s/^# //p' "$rubric")
        case $name in *"$1"*) ;; *) continue ;; esac
        sed -n '/#~/{=;s/.*#~ *//p}' "$rubric" | sed 'N;s/\n/ /' |
            while read -r line codes; do for code in $codes; do echo "$line $code"; done; done | sort -u > "$work/marked"
        rubric check --as-of 2026-11-22 --format line "$rubric" > "$work/said" 2>&1
        sed -n 's/^.*\.rubric:\([0-9]*\):[0-9]*: [a-z]*\[\([A-Z0-9]*\)\].*/\1 \2/p' "$work/said" | sort -u > "$work/all"
        for code in $quiet; do
            grep -q " $code\$" "$work/marked" && continue
            grep -v " $code\$" "$work/all" > "$work/kept"
            mv "$work/kept" "$work/all"
        done
        bad=
        diff "$work/marked" "$work/all" > "$work/difference" || bad=yes
        if ! grep -q ' E' "$work/all"; then
            rubric check --as-of 2026-11-22 --tests --fail-on error "$rubric" > "$work/tests" 2> /dev/null
            if grep -q '^test ' "$work/tests"; then
                { cat "$rubric"; awk '/^test "/ { sub(/^test "/, "test \"" ++n ": ") } { print }' "$work/tests"; } > "$work/pasted.txt"
                count=$(grep -c '^test ' "$work/tests")
                shown=$((shown + count))
                rubric test "$work/pasted.txt" > "$work/replay" 2>&1 || { bad=yes; tail -20 "$work/replay" >> "$work/difference"; }
            fi
        fi
        if [ -n "$bad" ]; then
            failed=$((failed + 1))
            echo "FAILED $(basename "$file"), $name: marked (<) and reported (>)"
            cat "$work/difference"
        else passed=$((passed + 1)); fi
    done
done
echo "seeded: $passed passed, $failed failed ($shown witnesses replayed)"
[ $failed -eq 0 ]
