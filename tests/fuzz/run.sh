#!/bin/sh
# run.sh [--afl] FUZZ TARGET SECONDS: with FUZZ_RUNS=N as many runs from a fixed seed, so that one commit always gets one answer; with
# FUZZ_TIMEOUT=900 (seconds) on a machine that others keep busy, where a run that waits is no run that hangs; fuzzes one target from its seeds, its kept crashes and what earlier runs found.
# What crashes is left in FUZZ/found/TARGET: mend the program, then keep the file in tests/fuzz/kept/TARGET.
root=$(cd "$(dirname "$0")/../.." && pwd)
tool=libfuzzer
[ "$1" = --afl ] && { tool=afl; shift; }
fuzz=$1 target=$2 seconds=$3
rubric=${RUBRIC_BUILD:-$root/build}/rubric
mkdir -p "$fuzz/afl" "$fuzz/corpus/$target" "$fuzz/found/$target" || exit 3
"$rubric" manual fuzz-dictionary > "$fuzz/dictionary" || exit 2
case $target in
rubric|check) most=6000 ;;
bytecode) most=60000 ;;
agree) most=16 ;;
*) most=4000 ;;
esac
if [ $tool = afl ]; then
    AFL_SKIP_CPUFREQ=1 AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES=1 AFL_NO_UI=1 AFL_NO_AFFINITY=1 \
        afl-fuzz -i "$fuzz/seeds/$target" -o "$fuzz/afl/$target" -x "$fuzz/dictionary" -m none -t 5000+ -V "$seconds" -- "$fuzz/afl_$target" > "$fuzz/afl_$target.log" 2>&1
    sed -n 's/^\(execs_done\|saved_crashes\|saved_hangs\|corpus_count\) *: *\(.*\)/\1 \2/p' "$fuzz/afl/$target/default/fuzzer_stats"
    crashes=$(sed -n 's/^saved_crashes *: *//p' "$fuzz/afl/$target/default/fuzzer_stats")
    [ "${crashes:-1}" -eq 0 ]
    exit
fi
kept=
[ -d "$root/tests/fuzz/kept/$target" ] && kept=$root/tests/fuzz/kept/$target
"$fuzz/fuzz_$target" ${FUZZ_RUNS:+-seed=1 -runs=$FUZZ_RUNS} -max_total_time="$seconds" -timeout="${FUZZ_TIMEOUT:-60}" -rss_limit_mb=4096 -max_len=$most -dict="$fuzz/dictionary" -print_final_stats=1 \
    -artifact_prefix="$fuzz/found/$target/" "$fuzz/corpus/$target" "$fuzz/seeds/$target" $kept > "$fuzz/$target.log" 2>&1
status=$?
if [ $status -ne 0 ]; then grep -v '^#' "$fuzz/$target.log" | grep -v '^INFO' | tail -n 60; fi
executions=$(sed -n 's/^stat::number_of_executed_units: *//p' "$fuzz/$target.log")
echo "$target: ${executions:-no} executions in $seconds s, $([ $status -eq 0 ] && echo nothing found || echo "found something: $fuzz/found/$target")"
exit $status
