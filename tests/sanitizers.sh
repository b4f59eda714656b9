#!/bin/sh
# The suite under ASan and UBSan, the threaded run under TSan, a slice under valgrind.  Each says what it ran; the last line counts.
# Slow: ten minutes and more.
root=$(cd "$(dirname "$0")/.." && pwd)
cd "$root" || exit 2
passed=0 failed=0
work=$(mktemp -d) || exit 3
trap 'rm -rf "$work"' EXIT
step() {                                    # NAME COMMAND…: one line when all is well, else all that was said
    name=$1
    shift
    if "$@" > "$work/said" 2>&1; then passed=$((passed + 1)); echo "$name: fine ($(tail -n 1 "$work/said"))"
    else failed=$((failed + 1)); echo "FAILED $name"; tail -n 60 "$work/said"; fi
}
step 'build for ASan and UBSan' make --no-print-directory MODE=asan build/rubric-asan
step 'ASan: unit' make --no-print-directory MODE=asan unit
step 'ASan: agree' make --no-print-directory MODE=asan agree CASES=400
step 'ASan: kept inputs of the fuzzers' make --no-print-directory MODE=asan fuzz-replay
step 'ASan: damaged bytecode' make --no-print-directory MODE=asan damage DAMAGED=20000
mkdir -p build/asan-bin && ln -sf ../rubric-asan build/asan-bin/rubric
# What takes seconds without sanitizers may run into the budget of a proof with them: those transcripts are in the suite without.
# shellcheck disable=SC2046
step 'ASan: transcripts' env RUBRIC_BUILD="$root/build/asan-bin" sh tests/golden.sh $(ls tests/golden/*/*.expect tests/golden/*/*/*.expect examples/*/expected.txt | grep -v '^tests/golden/conflicts/')
awk 'BEGIN { for (i = 0; i < 20000; i++) printf "{\"id\":\"%d\",\"title\":\"%s\",\"employees\":%d,\"events\":[{\"type\":\"webinar\",\"at\":\"2026-11-%02d\"}]}\n", i, (i % 3 ? "CEO" : "Intern"), i % 700, 1 + i % 20 }' > "$work/leads.ndjson"
step 'build for TSan' make --no-print-directory MODE=tsan build/rubric-tsan build/unit-tsan/test_input_threads
for batch in 1024 7; do
    step "TSan: 4 threads, batches of $batch" env TSAN_OPTIONS='halt_on_error=1 exitcode=66' build/rubric-tsan score examples/01-b2b/b2b.rubric "$work/leads.ndjson" --as-of 2026-11-22 --threads 4 --batch $batch --trace -o "$work/out"
done
step 'TSan: threads of the reader' build/unit-tsan/test_input_threads
if command -v valgrind > /dev/null; then
    head -n 300 "$work/leads.ndjson" > "$work/few.ndjson"
    for what in "check examples/01-b2b/b2b.rubric --as-of 2026-11-22" "test examples/01-b2b/b2b.rubric" "score examples/01-b2b/b2b.rubric $work/few.ndjson --as-of 2026-11-22 --trace -o $work/out" \
                "score examples/02-everyones-first-model/first-model.rubric examples/02-everyones-first-model/leads.csv --events examples/02-everyones-first-model/events.csv --as-of 2026-11-22 -o $work/out.csv" \
                "explain examples/01-b2b/b2b.rubric $work/few.ndjson --lead 7 --as-of 2026-11-22 -o $work/out.html --format html" "doc examples/01-b2b/b2b.rubric -o $work/doc.html"; do
        # shellcheck disable=SC2086
        step "valgrind: ${what%% *}" valgrind -q --error-exitcode=77 --leak-check=full build/rubric $what
    done
else
    echo 'SKIPPED valgrind: it is not installed'
fi
echo "sanitizers: $passed passed, $failed failed"
[ $failed -eq 0 ]
