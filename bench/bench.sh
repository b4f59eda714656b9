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

# ---- programs ----
compile() {                                 # name, options …
    name=$1; shift
    [ "$B/$name" -nt "bench/$name.c" ] && [ ! bench/tuned_texts.h -nt "$B/$name" ] && return 0
    $CC -std=c11 -D_GNU_SOURCE -I. "$@" -o "$B/$name" "bench/$name.c" -lm
}
for name in generate rules race plain; do compile $name -O2; done
tuned=no
if [ "$(uname -m)" = x86_64 ]; then compile tuned -O3 -march=native && tuned=yes
else skip "the tuned program is for x86-64"; fi

duckdb=no modules=$B/duckdb/node_modules/@duckdb/node-api
if ! command -v node >/dev/null || ! command -v npm >/dev/null; then skip "DuckDB: no node, npm"
else
    if [ ! -d $modules ]; then
        mkdir -p $B/duckdb
        (cd $B/duckdb && timeout 300 npm install --silent --no-audit --no-fund --prefix . @duckdb/node-api) \
            >/dev/null 2>&1 || true
    fi
    if [ -d $modules ]; then duckdb=yes; export DUCKDB_MODULES="$PWD/$B/duckdb"
    else skip "DuckDB: npm could not install @duckdb/node-api"; fi
fi

# ---- data ----
data() {                                    # shape, leads → folder
    folder=$B/data/$1-$2-$SEED
    if [ ! -f "$folder/done" ]; then
        mkdir -p "$folder"
        say "generating $folder"
        $B/generate --leads "$2" --seed "$SEED" --shape "$1" --out "$folder"
        touch "$folder/done"
    fi
    echo "$folder"
}
bytes() { cat "$@" | wc -c | tr -d ' '; }
rubric() {                                  # rules, events → file
    file=$B/rules-$1-$2.rubric
    [ -f "$file" ] || $B/rules --rules "$1" --events "$2" > "$file"
    echo "$file"
}

# ---- cases ----
row() { printf '%s\t%s\t%s\t%s\t%s\t%s\t%s\n' "$@"; }
# `group`, `leads`, `size` (bytes of input), `cpus` and `check` are what the next lines say nothing else of.
cpus=0 check=exact
case_of() { row "$group" "$1" "$cpus" "$check" "$leads" "$size" "$2"; }           # name, command
score() {                                   # name, rubric, input, options …
    name=$1 of=$2 in=$3; shift 3
    case_of "$name" "$RUBRIC score $of $in -q $AS_OF -o {out} $*"
}
short="--format csv --no-header --columns lead,total,stage"

programs() {                                # rule set, file
    [ $tuned = no ] || case_of "tuned C" "$B/tuned $1 $2 {out}"
    case_of "plain C" "$B/plain $1 $2 {out}"
    score "rubric" bench/$1.rubric "$2" $short --threads 1
}
formats() {
    check=-
    score "rubric, light trace" bench/$1.rubric "$2" $short,trace --threads 1
    score "rubric, CSV of all columns" bench/$1.rubric "$2" --format csv --threads 1
    score "rubric, NDJSON" bench/$1.rubric "$2" --format ndjson --threads 1
    score "rubric, NDJSON --trace" bench/$1.rubric "$2" --format ndjson --trace --threads 1
    check=exact cpus=0,1
    score "rubric, 2 threads" bench/$1.rubric "$2" $short --threads 2
    if [ $duckdb = yes ]; then
        check=lines cpus=0
        case_of "DuckDB, 1 thread" "node bench/duckdb.mjs $1 $2 {out} 1"
        cpus=0,1
        case_of "DuckDB, 2 threads" "node bench/duckdb.mjs $1 $2 {out} 2"
    fi
    check=exact cpus=0
}
of_file() { leads=$1 size=$(bytes "$2"); }  # leads, file

sets() {
    of_file "$N" "$flat"; group="flat40, $N leads"; programs flat40 "$flat"; formats flat40 "$flat"
    of_file "$N" "$nested"; group="events30, $N leads"; programs events30 "$nested"; formats events30 "$nested"
}
shapes() {
    for shape in shuffled escapes spaces titles long events; do
        some=$((N / 5))
        case $shape in long | events) some=$((N / 20)) ;; esac
        folder=$(data $shape $some)
        for pair in flat40:flat events30:nested; do
            of_file $some "$folder/${pair#*:}.ndjson"
            group="${pair%:*}, $some leads, $shape"
            programs ${pair%:*} "$folder/${pair#*:}.ndjson"
        done
    done
}
csv() {
    group="CSV in, flat40, $N leads"
    of_file "$N" "$flat"; score NDJSON bench/flat40.rubric "$flat" $short --threads 1
    of_file "$N" "$pair_leads"; score CSV bench/flat40.rubric "$pair_leads" $short --threads 1
    group="CSV in, events30, $N leads"
    of_file "$N" "$nested"; score NDJSON bench/events30.rubric "$nested" $short --threads 1
    size=$(bytes "$pair_leads" "$pair_events")
    score "CSV and a CSV of events" bench/events30.rubric "$pair_leads" --events "$pair_events" $short --threads 1
}
packed() {
    for kind in gz zst; do
        case $kind in gz) unpack=gzip level=-6 ;; zst) unpack=zstd level=-3 ;; esac
        if ! command -v $unpack >/dev/null; then skip "$kind: no $unpack"; continue; fi
        [ -f "$flat.$kind" ] || $unpack $level -c "$flat" > "$flat.$kind"
        of_file "$N" "$flat"
        group="$kind in, flat40, $N leads"
        check=- cpus=0,1
        case_of "$unpack alone" "$unpack -dc $flat.$kind > {out}"
        check=exact cpus=0
        score "rubric, 1 processor" bench/flat40.rubric "$flat.$kind" $short --threads 1
        cpus=0,1
        score "rubric, 2 threads" bench/flat40.rubric "$flat.$kind" $short --threads 2
        cpus=0
    done
}
rules() {
    check=-
    titles=$(data titles $((N / 5)))/flat.ndjson
    for of in "no:$flat:$N:on attributes" "yes:$nested:$N:on attributes and events" \
              "no:$titles:$((N / 5)):on attributes, titles that do not repeat"; do
        events=${of%%:*} rest=${of#*:}; in=${rest%%:*} rest=${rest#*:}; some=${rest%%:*} what=${rest#*:}
        of_file "$some" "$in"
        group="rules $what, $some leads"
        for count in 40 300 1000; do score "$count rules" "$(rubric $count $events)" "$in" $short --threads 1; done
    done
    of_file "$N" "$flat"
    group="rules on attributes, $N leads, NDJSON out"
    for count in 40 1000; do score "$count rules" "$(rubric $count no)" "$flat" --format ndjson --threads 1; done
    check=exact
}
start() {
    check=- leads=0 size=0 one=$B/one.ndjson
    head -n 1 "$nested" > $one
    for count in 40 300 1000; do
        of=$(rubric $count yes)
        group="start to exit, $count rules"
        case_of "compile (check without conflicts)" "$RUBRIC compile $of -o {out}"
        case_of "explain, one lead" "$RUBRIC explain $of $one --lead L00000001 -q $AS_OF"
        score "score, one lead" "$of" $one
    done
    group="start to exit, flat40"
    case_of "check, with conflicts" "$RUBRIC check bench/flat40.rubric -q --fail-on error"
    case_of "explain, one lead" "$RUBRIC explain bench/flat40.rubric $one --lead L00000001 -q $AS_OF"
    check=exact
}
memory() {
    check=- group="memory, events30" of=bench/events30.rubric
    small=$(data usual $((N / 10)))/nested.ndjson many=$B/data/one-lead-of-a-million-events
    if [ ! -f $many/done ]; then
        mkdir -p $many
        $B/generate --one-lead-events 1000000 --out $many
        touch $many/done
    fi
    of_file $((N / 10)) "$small"; score "$((N / 10)) leads" $of "$small" $short --threads 1
    of_file "$N" "$nested"; score "$N leads" $of "$nested" $short --threads 1
    cpus=0,1; score "$N leads, 4 threads" $of "$nested" $short --threads 4; cpus=0
    size=$(bytes "$pair_leads" "$pair_events")
    score "$N leads, CSV pair" $of "$pair_leads" --events "$pair_events" $short --threads 1
    leads=1 size=$(bytes $many/leads.csv $many/events.csv)     # as one line of NDJSON it would be longer than a line may be
    score "1 lead of 1,000,000 events, CSV pair" $of $many/leads.csv --events $many/events.csv $short --threads 1
    check=exact
}
usual=$(data usual "$N")
flat=$usual/flat.ndjson nested=$usual/nested.ndjson pair_leads=$usual/leads.csv pair_events=$usual/events.csv
cases() { for part in $ONLY; do $part; done; }

# ---- the reference, where it is ----
if [ -f ../shared/bench/reference.py ] && command -v python3 >/dev/null; then
    for pair in flat40:flat events30:nested; do
        set=${pair%:*} in=$usual/${pair#*:}.ndjson truth=$usual/reference.${pair%:*}
        [ -f "$truth" ] || python3 ../shared/bench/reference.py $set "$in" "$truth" --trace
        $RUBRIC score bench/$set.rubric "$in" -q $AS_OF -o "$usual/ours" $short,trace
        if cmp -s "$usual/ours" "$truth"; then
            echo "$set: $N leads, their traces too, byte for byte those of the reference"
        else
            say "$set: DIFFERENT from the reference"
            exit 1
        fi
    done
else
    skip "the reference of the peer benchmark is not here: outputs are compared with the C programs' only"
fi

machine="$(sed -n 's/^model name[^:]*: *//p' /proc/cpuinfo | head -1), $(nproc) processors"
commit=$(git rev-parse --short HEAD 2>/dev/null || echo none)
cases > $B/cases.txt
$B/race --rounds "$ROUNDS" --folder $B --history bench/history.csv --machine "$machine" --commit "$commit" < $B/cases.txt
