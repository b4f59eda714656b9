#!/bin/sh
# What reaches a terminal: no control character of data, of a rubric, of a file's name or of the command line, whatever is called.
root=$(cd "$(dirname "$0")/.." && pwd)
rubric=${RUBRIC_BUILD:-$root/build}/rubric
export NO_COLOR=1 LC_ALL=C.UTF-8
work=$(mktemp -d) || exit 3
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 3
passed=0 failed=0
evil=$(printf '\033[31mX\302\233\007\302\205')
at='--as-of 2026-11-22'

clean() {                                   # ARGUMENT…: runs it; neither what is printed nor what is said has a control character but line ends
    "$rubric" "$@" > out 2>&1 < /dev/null
    # Bytes below a space but LF and tab, DEL, and C1 in UTF-8 (C2 80 to C2 9F).
    if od -An -v -tx1 out | tr -s ' \n' '  ' | grep -Eq ' (0[0-8bcdef]|1[0-9a-f]|7f) | c2 [89][0-9a-f] '; then
        failed=$((failed + 1)); echo "FAILED rubric $*: $(grep -an -m 1 "$(printf '[\001-\010\013-\037]')" out)" | od -c | head -n 20
    else passed=$((passed + 1)); fi
}

printf 'rubric "a" # \033[31m\nlead\n  id text key\n  title text\nscore s\nrule r in s\n  when titel is "\033[31m" and \033 title\n  points 5\n' > wrong.rubric
cat > fine.rubric <<'END'
rubric "a\u{1b}[31m"
  version "\u{9b}31m"
  because "\u{7}"
lead
  id text key
  title text
event visit
score s
rule r "\u{1b}[31mT" in s
  when title is "\u{1b}[31m" or title is "\u{9b}"
  points 5
  because "\u{1b}[31m"
stage Lead
stage N "\u{1b}[31mN" when s >= 5
on entering N
  notify "\u{1b}[31m {title}"
test "\u{1b}t"
  given title "\u{1b}[31m"
  expect s is 7
  expect action notify "\u{1b}"
END
printf 'rubric "x"\nuse "\033[31m.rubric"\nlist l from "\033.txt"\nlead\n  id text key\nscore s\n' > use.rubric
printf '{"id":"%s","title":"\\u001b[31m","events":[{"type":"\\u001b","at":"\\u001b"},{"type":"visit","at":"\\u009b"}]}\n{"id":"\\u001b"}\n\033\n{"id":"\\u001b","\033"}\n' 1 > leads.ndjson
printf 'id,title,%s,x\n%s,"%s",%s,%s\n\033,2\n' "$evil" "$evil" "$evil" "$evil" "$evil" > leads.csv
printf 'lead,type,at\n1,%s,2026-01-01\n%s,visit,x\n%s,visit,2026-01-01\n\033\n' "$evil" "$evil" "$evil" > events.csv

for command in check test disasm doc reach; do clean $command fine.rubric; clean $command wrong.rubric; clean $command "$evil"; done
clean check use.rubric; clean check "std.$evil"; clean doc "std.$evil"; clean doc fine.rubric --format markdown; clean doc fine.rubric --format html; clean reach fine.rubric --format html
for format in text json sarif github line "$evil"; do clean check fine.rubric --format "$format"; clean check wrong.rubric --format "$format"; done
clean check fine.rubric --tests; clean check fine.rubric --explain; clean check fine.rubric --fail-on "$evil"; clean check fine.rubric --budget "$evil"
clean test fine.rubric --coverage; clean test fine.rubric --junit "$evil/x"
for format in text html "$evil"; do clean explain fine.rubric leads.ndjson --lead 1 $at --format "$format"; done
for word in --lead --why-not --to-reach; do clean explain fine.rubric leads.ndjson --lead 1 $at $word "$evil"; done
clean explain fine.rubric leads.ndjson --lead 1 $at --to-reach N
clean score fine.rubric leads.ndjson leads.csv $at --format table --trace --events events.csv
clean score fine.rubric leads.ndjson leads.csv $at --format ndjson --trace -o results --rejects rejects
for option in --format --dates --delimiter --encoding --as-of --set --columns --threads --batch --reasons "--$evil"; do clean score fine.rubric leads.ndjson --format csv -o results $option "$evil"; done
clean score fine.rubric leads.ndjson --set "$evil=1"; clean score fine.rubric leads.ndjson -o "$evil/x"; clean score fine.rubric leads.ndjson --rejects "$evil/x"; clean score fine.rubric "$evil"
clean "$evil"; clean "--$evil"; clean explain-code "$evil"; clean manual "$evil"; clean compile fine.rubric -o "$evil/x"; clean fmt "$evil"; clean fmt wrong.rubric
clean init --from leads.csv -o -; clean init --from "$evil"; clean init "$evil/q"
# The same in the name of a file that is there.
cp leads.csv "$evil.csv"; cp leads.ndjson "$evil.ndjson"
for rubric_file in fine wrong; do
    cp $rubric_file.rubric "$evil.rubric"
    for command in check test fmt disasm; do clean $command "$evil.rubric"; done
    clean fmt --check "$evil.rubric"; clean check "$evil.rubric" --format github; clean check "$evil.rubric" --format line
    clean score "$evil.rubric" "$evil.ndjson" "$evil.csv" $at --format table --events "$evil.csv"
    clean explain "$evil.rubric" "$evil.ndjson" --lead 1 $at
done
clean init --from "$evil.csv" -o -
echo "terminal: $passed passed, $failed failed"
[ $failed -eq 0 ]
