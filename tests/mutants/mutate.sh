#!/bin/sh
# mutate.sh WANTED SEED: do the tests notice when the machine is wrong?  Changes one place of the VM's kernels, points, events, texts or stages,
# builds, and runs the quick tests until one fails: the oracle, the machine's unit tests, transcripts, and oracle and unit tests once more under
# ASan, which sees what reads or writes a place too far.  WANTED mutants are chosen by SEED from all there are.  What survives stands in
# build/mutants/survivors unless tests/mutants/explained says why it must: FILE <tab> the line as it
# becomes (for one left out, the line before it and ;) <tab> the reason.  Those are counted, and not tried again.
# MUTANTS_FROM takes up a run that was stopped; MUTANTS_OF=LIST takes the mutants of a list instead of choosing.
root=$(cd "$(dirname "$0")/../.." && pwd)
cd "$root" || exit 2
wanted=${1:-200} seed=${2:-1}
work=$root/build/mutants
flags="-std=c11 -D_GNU_SOURCE -O1 -w -I$work -I. -Ibuild/gen -pthread"
libs=$(sed -n 's/^LIBS *:= *//p' Makefile)
files='vm/kernels_body.h vm/kernels_codes.inc vm/comparisons.c vm/points.c vm/events.c vm/machine.c vm/actions.c vm/registers.c vm/texts.c vm/trace.c vm/undecided.c vm/missing.c'
rm -rf "$work/vm"
mkdir -p "$work/vm" || exit 3
awk -f tests/mutants/mutate.awk $files > "$work/all"
total=$(wc -l < "$work/all")
awk -v seed="$seed" -v wanted="$wanted" 'BEGIN { srand(seed) } { lines[NR] = $0 } END { n = NR; if (wanted > n) wanted = n
    for (i = 1; i <= wanted; i++) { j = i + int(rand() * (n - i + 1)); t = lines[i]; lines[i] = lines[j]; lines[j] = t; print lines[i] } }' "$work/all" > "$work/chosen"
[ -z "$MUTANTS_OF" ] || cp "$MUTANTS_OF" "$work/chosen" || exit 2
asan="-std=c11 -D_GNU_SOURCE -O1 -w -I$work -I. -Ibuild/gen -pthread -fsanitize=address,undefined -fno-sanitize-recover=all -DRUBRIC_SCALAR"
asan_oracle=$(ls build/obj-asan/tests/oracle/*.o)
export ASAN_OPTIONS=detect_leaks=0
library=build/obj-release/librubric.a
oracle=$(ls build/obj-release/tests/oracle/*.o)
objects_of() {                              # the source files that a mutated one is part of
    case $1 in
    vm/kernels_*) echo vm/kernels.c ;;
    *) echo "$1" ;;
    esac
}
is_explained() {
    sed 's/^ *//' "$work/text" > "$work/key"
    [ "$(cat "$work/key")" != ';' ] || sed -n "$((line - 1))s/^ *\(.*\)/\1 ;/p" "$file" > "$work/key"
    awk -F '\t' -v file="$file" 'NR == FNR { key = $0; next } $1 == file && $2 == key { found = 1 } END { exit !found }' "$work/key" tests/mutants/explained
}
killed_by() {                               # prints what noticed; nothing when all is well
    gcc $flags -o "$work/agree" $oracle "$work/mutant.o" $library $libs 2> "$work/link" || { echo 'does not link'; return; }
    timeout 20 "$work/agree" --seed 1 --cases 60 > "$work/said" 2>&1 || { echo agree; return; }
    for test in trace output machine textclass library; do
        gcc $flags -o "$work/test" "build/mutants/test_$test.o" "$work/mutant.o" $library $libs -lcmocka 2> "$work/link" || { echo 'does not link'; return; }
        timeout 60 "$work/test" > "$work/said" 2>&1 || { echo "test_$test"; return; }
    done
    gcc $asan -c "$compiled" -o "$work/mutant-asan.o" 2> "$work/errors" && gcc $asan -o "$work/agree-asan" $asan_oracle "$work/mutant-asan.o" build/obj-asan/librubric.a $libs 2> "$work/link" || { echo 'does not link'; return; }
    timeout 120 "$work/agree-asan" --seed 1 --cases 30 > "$work/said" 2>&1 || { echo 'agree under ASan'; return; }
    for test in machine output textclass; do
        gcc $asan -o "$work/test" "build/mutants/test_$test-asan.o" "$work/mutant-asan.o" build/obj-asan/librubric.a $libs -lcmocka 2> "$work/link" || { echo 'does not link'; return; }
        timeout 60 "$work/test" > "$work/said" 2>&1 || { echo "test_$test under ASan"; return; }
    done
    timeout 120 "$work/agree" --seed 5000 --cases 1000 > "$work/said" 2>&1 || { echo 'agree, longer'; return; }
    mkdir -p "$work/bin"
    gcc $flags -o "$work/bin/rubric" build/obj-release/cli/*.o "$work/mutant.o" $library $libs 2> "$work/link" || { echo 'does not link'; return; }
    RUBRIC_BUILD=$work/bin timeout 120 sh tests/golden.sh examples/0[1-4]*/expected.txt tests/golden/*/good/*.expect > "$work/said" 2>&1
    if grep '^FAILED' "$work/said" | sort > "$work/failed" && ! cmp -s "$work/failed" "$work/failed-before"; then echo golden; fi
}
for test in machine output textclass; do gcc $asan -c "tests/unit/test_$test.c" -o "$work/test_$test-asan.o" || exit 2; done
for test in trace output machine textclass library; do gcc $flags -c "tests/unit/test_$test.c" -o "$work/test_$test.o" || exit 2; done
sh tests/golden.sh examples/0[1-4]*/expected.txt tests/golden/*/good/*.expect 2>&1 | grep '^FAILED' | sort > "$work/failed-before"
killed=0 explained=0 survived=0 invalid=0 number=0
: > "$work/survivors"
while IFS="$(printf '\t')" read -r file line what text; do
    number=$((number + 1))
    [ $number -ge "${MUTANTS_FROM:-1}" ] || continue
    awk -v line="$line" -v text="$text" 'FNR == line { print text; next } { print }' "$file" > "$work/$file" 2> /dev/null
    # awk -v reads escapes, which C has too: take the text from the list itself.
    awk -F '\t' -v file="$file" -v line="$line" -v number=$number 'FNR == number { print $4 }' "$work/chosen" > "$work/text"
    { head -n $((line - 1)) "$file"; cat "$work/text"; tail -n +$((line + 1)) "$file"; } > "$work/$file"
    if is_explained; then explained=$((explained + 1)); echo "$number survives, as explained: $file:$line: $what"; rm -f "$work/$file"; continue; fi
    source=$(objects_of "$file")
    if [ "$source" = "$file" ]; then compiled=$work/$file; else compiled=$source; fi
    if gcc $flags -c "$compiled" -o "$work/mutant.o" 2> "$work/errors"; then
        by=$(killed_by)
        if [ -n "$by" ]; then killed=$((killed + 1)); echo "$number killed by $by: $file:$line: $what"
        else survived=$((survived + 1)); echo "$number SURVIVED: $file:$line: $what: $(sed 's/^ *//' "$work/text")" | tee -a "$work/survivors"; fi
    else invalid=$((invalid + 1)); fi
    rm -f "$work/$file"
done < "$work/chosen"
echo "mutants: $killed killed, $explained survived as explained, $survived survived, $invalid did not compile; $total places in all"
