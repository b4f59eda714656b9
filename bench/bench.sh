#!/bin/sh
# The whole table: builds what it needs, generates the data, races, appends to bench/history.csv.  See bench/README.md.
#   N=300000 leads  ROUNDS=5  SEED=1  ONLY="rules start" (some of: sets shapes csv packed rules start memory)
set -e
cd "$(dirname "$0")/.."
N=${N:-300000} ROUNDS=${ROUNDS:-5} SEED=${SEED:-1} ONLY=${ONLY:-sets shapes csv packed rules start memory}
B=build/bench CC=${CC:-gcc} AS_OF="--as-of 2026-11-22" RUBRIC=build/rubric
export LC_ALL=C.UTF-8
mkdir -p $B
say() { echo "$*" >&2; }
skip() { say "SKIPPED: $*"; }
wanted() { case " $ONLY " in *" $1 "*) return 0 ;; esac; return 1; }

# ---- programs ----
compile() {                                 # name, options …
    name=$1; shift
    [ "$B/$name" -nt "bench/$name.c" ] && return 0
    $CC -std=c11 -D_GNU_SOURCE "$@" -o "$B/$name" "bench/$name.c" -lm
}
compile generate -O2
compile rules -O2
compile race -O2
compile plain -O2
tuned=no
if [ "$(uname -m)" = x86_64 ]; then compile tuned -O3 -march=native && tuned=yes; else skip "the tuned program is for x86-64"; fi

duckdb=no
if ! command -v node >/dev/null || ! command -v npm >/dev/null; then skip "DuckDB: no node, npm"
else
    [ -d $B/duckdb/node_modules/@duckdb/node-api ] || { mkdir -p $B/duckdb; (cd $B/duckdb && timeout 300 npm install --silent --no-audit --no-fund --prefix . @duckdb/node-api >/dev/null 2>&1) || true; }
    if [ -d $B/duckdb/node_modules/@duckdb/node-api ]; then duckdb=yes; export DUCKDB_MODULES="$PWD/$B/duckdb"; else skip "DuckDB: npm could not install @duckdb/node-api"; fi
fi

# ---- data ----
data() {                                    # shape, leads → folder
    folder=$B/data/$1-$2-$SEED
    if [ ! -f "$folder/done" ]; then mkdir -p "$folder"; say "generating $folder"; $B/generate --leads "$2" --seed "$SEED" --shape "$1" --out "$folder"; touch "$folder/done"; fi
    echo "$folder"
}
bytes() { wc -c < "$1" | tr -d ' '; }
rubric() {                                  # rules, events → file
    file=$B/rules-$1-$2.rubric
    [ -f "$file" ] || $B/rules --rules "$1" --events "$2" > "$file"
    echo "$file"
}
row() { printf '%s\t%s\t%s\t%s\t%s\t%s\t%s\n' "$@"; }
short="--columns lead,total,stage --no-header --format csv -q $AS_OF"

set_cases() {                               # group, rule set, file, leads, more?
    group=$1 set=$2 file=$3 leads=$4 size=$(bytes "$3")
    [ $tuned = yes ] && row "$group" "tuned C" 0 exact "$leads" "$size" "$B/tuned $set $file {out}"
    row "$group" "plain C" 0 exact "$leads" "$size" "$B/plain $set $file {out}"
    row "$group" "rubric" 0 exact "$leads" "$size" "$RUBRIC score bench/$set.rubric $file $short --threads 1 -o {out}"
    [ "$5" = more ] || return 0
    row "$group" "rubric --trace (light, CSV)" 0 - "$leads" "$size" "$RUBRIC score bench/$set.rubric $file $short,trace --threads 1 -o {out}" | sed 's/--columns lead,total,stage --no-header --format csv -q --as-of 2026-11-22,trace/--columns lead,total,stage,trace --no-header --format csv -q --as-of 2026-11-22/'
    row "$group" "rubric, all columns (CSV)" 0 - "$leads" "$size" "$RUBRIC score bench/$set.rubric $file --format csv -q $AS_OF --threads 1 -o {out}"
    row "$group" "rubric, NDJSON" 0 - "$leads" "$size" "$RUBRIC score bench/$set.rubric $file --format ndjson -q $AS_OF --threads 1 -o {out}"
    row "$group" "rubric, NDJSON --trace" 0 - "$leads" "$size" "$RUBRIC score bench/$set.rubric $file --format ndjson --trace -q $AS_OF --threads 1 -o {out}"
    row "$group" "rubric, 2 threads" 0,1 exact "$leads" "$size" "$RUBRIC score bench/$set.rubric $file $short --threads 2 -o {out}"
    [ $duckdb = yes ] || return 0
    row "$group" "DuckDB, 1 thread" 0 lines "$leads" "$size" "node bench/duckdb.mjs $set $file {out} 1"
    row "$group" "DuckDB, 2 threads" 0,1 lines "$leads" "$size" "node bench/duckdb.mjs $set $file {out} 2"
}

cases() {
    usual=$(data usual "$N")
    if wanted sets; then
        set_cases "flat40, $N leads" flat40 "$usual/flat.ndjson" "$N" more
        set_cases "events30, $N leads" events30 "$usual/nested.ndjson" "$N" more
    fi
    if wanted shapes; then
        some=$((N / 5))
        for shape in shuffled escapes spaces titles long events; do
            count=$some
            case $shape in long | events) count=$((N / 20)) ;; esac
            folder=$(data $shape $count)
            set_cases "flat40, $count leads, $shape" flat40 "$folder/flat.ndjson" $count no
            set_cases "events30, $count leads, $shape" events30 "$folder/nested.ndjson" $count no
        done
    fi
    if wanted csv; then
        row "CSV in, flat40, $N leads" "NDJSON" 0 exact "$N" "$(bytes "$usual/flat.ndjson")" "$RUBRIC score bench/flat40.rubric $usual/flat.ndjson $short --threads 1 -o {out}"
        row "CSV in, flat40, $N leads" "CSV" 0 exact "$N" "$(bytes "$usual/leads.csv")" "$RUBRIC score bench/flat40.rubric $usual/leads.csv $short --threads 1 -o {out}"
        row "CSV in, events30, $N leads" "NDJSON" 0 exact "$N" "$(bytes "$usual/nested.ndjson")" "$RUBRIC score bench/events30.rubric $usual/nested.ndjson $short --threads 1 -o {out}"
        row "CSV in, events30, $N leads" "CSV and a CSV of events" 0 exact "$N" "$(($(bytes "$usual/leads.csv") + $(bytes "$usual/events.csv")))" \
            "$RUBRIC score bench/events30.rubric $usual/leads.csv --events $usual/events.csv $short --threads 1 -o {out}"
    fi
    if wanted packed; then
        for kind in gz zst; do
            case $kind in gz) pack="gzip -6" unpack="gzip" ;; zst) pack="zstd -q -3" unpack="zstd" ;; esac
            if ! command -v $unpack >/dev/null; then skip "$kind: no $unpack"; continue; fi
            packed=$usual/flat.ndjson.$kind
            [ -f "$packed" ] || $pack -c "$usual/flat.ndjson" > "$packed"
            row "$kind in, flat40, $N leads" "$unpack alone" 0,1 - "$N" "$(bytes "$usual/flat.ndjson")" "$unpack -dc $packed > {out}"
            row "$kind in, flat40, $N leads" "rubric, 1 thread, 1 processor" 0 exact "$N" "$(bytes "$usual/flat.ndjson")" "$RUBRIC score bench/flat40.rubric $packed $short --threads 1 -o {out}"
            row "$kind in, flat40, $N leads" "rubric, 2 threads" 0,1 exact "$N" "$(bytes "$usual/flat.ndjson")" "$RUBRIC score bench/flat40.rubric $packed $short --threads 2 -o {out}"
        done
    fi
    if wanted rules; then
        for rules in 40 300 1000; do row "rules on attributes, $N leads" "$rules rules" 0 - "$N" "$(bytes "$usual/flat.ndjson")" "$RUBRIC score $(rubric $rules no) $usual/flat.ndjson $short --threads 1 -o {out}"; done
        for rules in 40 300 1000; do row "rules on attributes and events, $N leads" "$rules rules" 0 - "$N" "$(bytes "$usual/nested.ndjson")" "$RUBRIC score $(rubric $rules yes) $usual/nested.ndjson $short --threads 1 -o {out}"; done
        titles=$(data titles $((N / 5)))
        for rules in 40 300 1000; do row "rules on attributes, $((N / 5)) leads, titles that do not repeat" "$rules rules" 0 - $((N / 5)) "$(bytes "$titles/flat.ndjson")" "$RUBRIC score $(rubric $rules no) $titles/flat.ndjson $short --threads 1 -o {out}"; done
    fi
    if wanted start; then
        head -n 1 "$usual/nested.ndjson" > $B/one.ndjson
        for rules in 40 300 1000; do
            r=$(rubric $rules yes)
            row "start to exit, $rules rules" "compile (check without conflicts)" 0 - 0 0 "$RUBRIC compile $r -o {out}"
            row "start to exit, $rules rules" "explain, one lead" 0 - 0 0 "$RUBRIC explain $r $B/one.ndjson --lead L00000001 -q $AS_OF"
            row "start to exit, $rules rules" "score, one lead" 0 - 0 0 "$RUBRIC score $r $B/one.ndjson -q $AS_OF -o {out}"
        done
        row "start to exit, flat40" "check, with conflicts" 0 - 0 0 "$RUBRIC check bench/flat40.rubric -q --fail-on error"
        row "start to exit, flat40" "explain, one lead" 0 - 0 0 "$RUBRIC explain bench/flat40.rubric $B/one.ndjson --lead L00000001 -q $AS_OF"
    fi
    if wanted memory; then
        small=$(data usual $((N / 10)))
        many=$B/data/one-lead-of-a-million-events
        [ -f $many/done ] || { mkdir -p $many; $B/generate --one-lead-events 1000000 --out $many; touch $many/done; }
        row "memory, events30" "$((N / 10)) leads" 0 - $((N / 10)) "$(bytes "$small/nested.ndjson")" "$RUBRIC score bench/events30.rubric $small/nested.ndjson $short --threads 1 -o {out}"
        row "memory, events30" "$N leads" 0 - "$N" "$(bytes "$usual/nested.ndjson")" "$RUBRIC score bench/events30.rubric $usual/nested.ndjson $short --threads 1 -o {out}"
        row "memory, events30" "$N leads, 4 threads" 0,1 - "$N" "$(bytes "$usual/nested.ndjson")" "$RUBRIC score bench/events30.rubric $usual/nested.ndjson $short --threads 4 -o {out}"
        row "memory, events30" "$N leads, CSV pair" 0 - "$N" "$(($(bytes "$usual/leads.csv") + $(bytes "$usual/events.csv")))" "$RUBRIC score bench/events30.rubric $usual/leads.csv --events $usual/events.csv $short --threads 1 -o {out}"
        row "memory, events30" "1 lead of 1,000,000 events" 0 - 1 "$(bytes $many/nested.ndjson)" "$RUBRIC score bench/events30.rubric $many/nested.ndjson $short --threads 1 -o {out}"
    fi
}

# ---- the reference, where it is ----
if [ -f ../shared/bench/reference.py ] && command -v python3 >/dev/null; then
    folder=$(data usual "$N")
    for pair in flat40:flat events30:nested; do
        set=${pair%:*} file=$folder/${pair#*:}.ndjson
        [ -f "$folder/reference.$set" ] || python3 ../shared/bench/reference.py $set "$file" "$folder/reference.$set" --trace
        $RUBRIC score bench/$set.rubric "$file" --format csv -q $AS_OF --columns lead,total,stage,trace --no-header -o "$folder/ours.$set"
        if cmp -s "$folder/ours.$set" "$folder/reference.$set"; then echo "$set: $N leads, their traces too, byte for byte those of the reference"; else echo "$set: DIFFERENT from the reference" >&2; exit 1; fi
    done
else
    skip "the reference of the peer benchmark is not here: outputs are compared with the C programs' only"
fi

machine="$(sed -n 's/^model name[^:]*: *//p' /proc/cpuinfo | head -1), $(nproc) processors"
commit=$(git rev-parse --short HEAD 2>/dev/null || echo none)
cases > $B/cases.txt
cd $B && sed "s#build/bench/#$PWD/#g; s#bench/duckdb.mjs#$PWD/../../bench/duckdb.mjs#; s#build/rubric #$PWD/../rubric #; s# bench/# $PWD/../../bench/#g" cases.txt |
    ./race --rounds "$ROUNDS" --history ../../bench/history.csv --machine "$machine" --commit "$commit"
