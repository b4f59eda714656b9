#!/bin/sh
# Completion and man pages: every command and option is in them, and the shells and groff that are there read them.
root=$(cd "$(dirname "$0")/.." && pwd)
PATH=${RUBRIC_BUILD:-$root/build}:$PATH NO_COLOR=1 LC_ALL=C.UTF-8
export PATH NO_COLOR LC_ALL
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0 failed=0
ok() { passed=$((passed + 1)); }
fail() { echo "FAILED $1"; failed=$((failed + 1)); }

for shell in bash zsh fish; do rubric manual completion-$shell -o "$work/$shell" || fail "manual completion-$shell"; done
rubric manual man -o "$work/rubric.1" || fail "manual man"
commands=$(rubric --help | sed -n 's/^  \([a-z][a-z-]*\) .*/\1/p')
[ -n "$commands" ] || fail "no commands in --help"
for command in $commands; do
    for file in bash zsh fish rubric.1; do
        if sed 's/\\-/-/g' "$work/$file" | grep -q -- "$command"; then ok; else fail "$file has no $command"; fi
    done
    rubric manual man-$command -o "$work/rubric-$command.1" || fail "manual man-$command"
    rubric $command --help > "$work/help" || fail "$command --help"
    if grep -A1 '^example:' "$work/help" | grep -q "  rubric $command\|  .*| rubric $command"; then ok; else fail "$command --help has no example"; fi
    for option in $(sed -n 's/^ .*--\([a-z][a-z-]*\).*/\1/p' "$work/help" | grep -v '^help$'); do
        grep -q -- "--$option" "$work/bash" && grep -q -- "--$option" "$work/zsh" && grep -q -- "-l $option" "$work/fish" \
            && sed 's/\\-/-/g' "$work/rubric-$command.1" | grep -q -- "--$option" && { ok; continue; }
        fail "--$option of $command is not everywhere"
    done
done
for shell in bash zsh fish; do
    if ! command -v $shell >/dev/null 2>&1; then echo "SKIPPED completion in $shell: it is not there"; continue; fi
    if $shell -n "$work/$shell" 2>"$work/log"; then ok; else fail "$shell reads its completion"; cat "$work/log"; fi
done
if command -v bash >/dev/null 2>&1; then
    seen=$(bash -c '. "$1"; COMP_WORDS=(rubric explain --format h); COMP_CWORD=3; _rubric; echo "${COMPREPLY[@]}"
        COMP_WORDS=(rubric ini); COMP_CWORD=1; _rubric; echo "${COMPREPLY[@]}"; COMP_WORDS=(rubric score --thr); COMP_CWORD=2; _rubric; echo "${COMPREPLY[@]}"' - "$work/bash" | tr '\n' ' ')
    if [ "$seen" = "html init --threads " ]; then ok; else fail "bash completes: $seen"; fi
fi
if command -v groff >/dev/null 2>&1; then
    for page in "$work"/*.1; do
        groff -ww -man -K utf8 -Tutf8 "$page" > "$work/out" 2> "$work/log"
        if [ -s "$work/out" ] && [ ! -s "$work/log" ]; then ok; else fail "groff reads $(basename "$page")"; cat "$work/log"; fi
    done
else echo "SKIPPED man pages in groff: it is not there"; fi
echo "shells: $passed passed, $failed failed"
[ $failed -eq 0 ]
