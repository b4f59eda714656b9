#!/bin/sh
# starved.sh PROGRAM: with a sanitized program, every allocation of check, score and explain fails once, and once with all after it: a sentence
# and exit 3, or the same output as ever; no report of a sanitizer, leaks included.
root=$(cd "$(dirname "$0")/../.." && pwd)
program=$(realpath "$1")
work=$(mktemp -d) || exit 3
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 3
export NO_COLOR=1 LC_ALL=C.UTF-8 RUBRIC_STARVED_HIT=hit
cat > rubric.rubric <<'END'
rubric "Starved"
lead
  id text key
  title text
  employees number
event visit
score s
  lose 10% every 30 days without visit
rule a in s
  when title has word any of ("CEO", "CTO")
  points +10
  because "a"
rule b in s
  points +1 for each visit within 30 days, at most 3 times
  because "b"
rule c in s
  points by employees
    below 10: 1
    from 10: 2
  because "c"
band heat of s
  cold below 10
  hot from 10
stage Lead
stage Hot when s >= 10
on entering Hot
  assign "{title}"
test "ceo"
  given title "CEO"
  expect s is 10
END
printf '{"id":"1","title":"CEO","employees":5,"events":[{"type":"visit","at":"2026-11-20"},{"type":"x","at":"2026-11-20"}]}\n{"id":"2","title":\n{"id":"2","title":"a\\u00e9","employees":"x"}\n' > leads.ndjson
printf 'id;title;employees\n1;CEO;1,5\n2;"x\n' > leads.csv
printf 'lead,type,at\n1,visit,2026-11-20\n1,visit\n' > events.csv
gzip -c leads.ndjson > leads.gz
passed=0 failed=0
starve() {                                  # NAME SIGN ARGUMENT…
    name=$1 sign=$2 n=0 ended=0
    shift 2
    rm -f want got; RUBRIC_STARVED=0 "$program" "$@" > want 2> /dev/null; good=$?
    while :; do
        n=$((n + 1))
        rm -f hit got
        RUBRIC_STARVED=$sign$n "$program" "$@" > got 2> err
        status=$?
        [ -f hit ] || break
        if grep -q 'Sanitizer\|runtime error' err; then fine=
        elif [ $status -eq 3 ] && grep -q 'no memory\|annot allocate memory' err; then fine=1 ended=$((ended + 1))
        elif [ $status -eq $good ] && cmp -s want got; then fine=1
        else fine=; fi
        if [ "$fine" ]; then passed=$((passed + 1)); else failed=$((failed + 1)); echo "FAILED $name, allocation $sign$n: exit $status: $(head -n 12 err)"; fi
        [ $n -lt "${STARVED_MOST:-1000000}" ] || { n=$((n + 1)); break; }
    done
    echo "$name${sign:+ (and all after it)}: $((n - 1)) allocations failed, $ended of them ended the run with a message"
}
"$program" compile rubric.rubric -o rubric.rbc
for sign in '' -; do
    starve score "$sign" score rubric.rubric leads.ndjson --as-of 2026-11-22 --trace --threads 1
    starve 'score bytecode, packed' "$sign" score rubric.rbc leads.gz --as-of 2026-11-22 --format csv
    starve 'score a CSV with events' "$sign" score rubric.rubric leads.csv --events events.csv --decimal-comma --encoding latin-1 --rejects rejects --as-of 2026-11-22 --format csv --threads 2
    starve explain "$sign" explain rubric.rubric leads.ndjson --as-of 2026-11-22 --lead 1 --format html
    starve 'explain as text' "$sign" explain rubric.rubric leads.ndjson --as-of 2026-11-22 --lead 1 --format text --to-reach Hot
    starve check "$sign" check rubric.rubric --as-of 2026-11-22
done
echo "starved: $passed passed, $failed failed"
[ $failed -eq 0 ]
