#!/bin/sh
# The parts of a run one by one, and the machine alone.  N=200000 leads, ROUNDS=5, SEED=1, CPU=0.
set -e
cd "$(dirname "$0")/.."
N=${N:-200000} ROUNDS=${ROUNDS:-5} SEED=${SEED:-1} CPU=${CPU:-0}
B=build/bench
pin() { if command -v taskset >/dev/null; then taskset -c "$CPU" "$@"; else "$@"; fi; }
[ $B/generate -nt bench/generate.c ] || ${CC:-gcc} -std=c11 -D_GNU_SOURCE -O2 -o $B/generate bench/generate.c
[ $B/rules -nt bench/rules.c ] || ${CC:-gcc} -std=c11 -D_GNU_SOURCE -O2 -o $B/rules bench/rules.c
D=$B/data/usual-$N-$SEED
[ -f "$D/done" ] || { mkdir -p "$D"; $B/generate --leads "$N" --seed "$SEED" --out "$D"; touch "$D/done"; }
pin $B/parts bench/flat40.rubric "$D/flat.ndjson" "$ROUNDS"
pin $B/parts bench/flat40.rubric "$D/leads.csv" "$ROUNDS"
pin $B/parts bench/events30.rubric "$D/nested.ndjson" "$ROUNDS"
for rules in 300 1000; do
    [ -f $B/rules-$rules-no.rubric ] || $B/rules --rules $rules --events no > $B/rules-$rules-no.rubric
    pin $B/parts $B/rules-$rules-no.rubric "$D/flat.ndjson" "$ROUNDS"
done
echo "the machine alone, over columns that are ready"
pin $B/vm_bench
