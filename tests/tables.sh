#!/bin/sh
# Facts that stand in one table are repeated in documents and tests: this script fails when a repetition is stale or missing.
# `tests/tables.sh --write` prints the generated documents anew.
root=$(cd "$(dirname "$0")/.." && pwd)
rubric=${RUBRIC_BUILD:-$root/build}/rubric
cd "$root" || exit 2
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
checks=0 stale=0
complain() { echo "$1"; stale=$((stale + 1)); }

# Generated documents.
for pair in opcodes:vm/OPCODES.md messages:compiler/MESSAGES.md; do
    document=${pair#*:}
    "$rubric" manual "${pair%%:*}" > "$work/now" || exit 2
    [ "$1" = --write ] && cp "$work/now" "$document"
    checks=$((checks + 1))
    cmp -s "$work/now" "$document" || complain "$document is stale: run sh tests/tables.sh --write"
done

# The words of the language, as the manual lists them.
sed -n '/^## Reserved words/,$p' grammar/README.md | grep -v '^[A-Z]' | grep -o '`[^`]*`' | tr -d '`' | sort -u > "$work/listed"
sed -n 's/^\(WORD\|SOFT\)([A-Z_]*, "\([^"]*\)",.*/\2/p; s/^PAIR([A-Z_]*, "\([^"]*\)", "\([^"]*\)",.*/\1 \2/p' grammar/keywords.def | sort > "$work/words"
checks=$((checks + 1))
diff "$work/words" "$work/listed" > "$work/difference" || { complain "the words of grammar/README.md (>) are not those of grammar/keywords.def (<)"; cat "$work/difference"; }

# Every limit has a transcript that names it.
for limit in $(sed -n 's/^ *LIMIT(\(LIMIT_[A-Z_]*\),.*/\1/p' vm/limits.h); do
    checks=$((checks + 1))
    grep -rq "$limit" tests/golden/limits || complain "no transcript in tests/golden/limits names $limit"
done

# Every instruction is made by the compiler; every code is given by something, and every code that is given stands in the table.
for opcode in $(sed -n 's/^OP(\([A-Z_]*\),.*/\1/p' vm/opcodes.def); do
    checks=$((checks + 1))
    grep -rqw "OP_$opcode" compiler/*.c || complain "the compiler never makes $opcode"
done
for code in $(sed -n 's/^DIAGNOSTIC(\([A-Z0-9]*\),.*/\1/p' compiler/diagnostics.def); do
    checks=$((checks + 1))
    grep -rqw "$code" --include='*.c' --include='*.l' --include='*.y' compiler grammar cli vm || complain "nothing reports $code"
done

echo "tables: $checks checks, $stale stale"
[ $stale -eq 0 ]
