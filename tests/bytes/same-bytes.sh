#!/bin/sh
# same-bytes.sh PROGRAM [SET …]: the results of a run are the same bytes whatever the machine does.  One check an axis and model; a SET is
# a program build/rubric-SET that knows no other instructions.
root=$(cd "$(dirname "$0")/../.." && pwd)
program=$root/${1#"$root/"}
shift
work=$(mktemp -d) || exit 3
trap 'rm -rf "$work"' EXIT
passed=0 failed=0 skipped=0
export LC_ALL=C.UTF-8 TZ=UTC NO_COLOR=1

# Leads enough for several batches and blocks, with texts, numbers, dates, lists and events of every age, some of it bad.
awk 'BEGIN {
    split("CEO,VP Sales,Praktikant,Straße,STRASSE,Inge\xcc\x81nieur,INGÉNIEUR,CTO/CEO,,Head of Ünits,İstanbul,ﬁnance", titles, ",");
    split("Software,manufacturing,Retail,Other,", industries, ","); srand(7)
    for (i = 1; i <= 12000; i++) {
        printf "{\"id\":\"%d\",\"title\":\"%s\",\"Job Title\":\"%s\",\"employees\":%s,\"industry\":\"%s\",\"country\":\"%s\",\"email\":\"a%d@%s\",\"newsletter\":%s,\"created\":\"2026-%02d-%02d\"",
            i, titles[1 + i % 12], titles[1 + (i * 7) % 12], (i % 13 ? (i * 37) % 900 "." i % 7 : "\"many\""), industries[1 + i % 5], (i % 9 ? "DE" : "KP"), i, (i % 3 ? "gmail.com" : "firma.de"),
            (i % 2 ? "true" : "false"), 1 + i % 12, 1 + i % 28
        if (i % 4) {
            printf ",\"events\":["
            n = i % 6
            for (e = 0; e < n; e++) printf "%s{\"type\":\"%s\",\"at\":\"2026-%02d-%02dT%02d:%02d:00Z\",\"url\":\"/%s\",\"asset\":\"x%d\"}", (e ? "," : ""), (e % 3 == 0 ? "page_view" : e % 3 == 1 ? "webinar" : "download"), 8 + (i + e) % 5, 1 + (i * e) % 28, (i + e) % 24, i % 60, (e % 2 ? "careers" : "pricing?x=1"), e
            printf "]"
        }
        print (i % 997 ? "}" : "")
    }
}' > "$work/leads.ndjson"
awk 'BEGIN { print "id;title;employees;country;newsletter;created"; for (i = 1; i <= 6000; i++) printf "%d;%s;%s;%s;%s;%02d.%02d.2026\n", i, (i % 5 ? "CEO" : "\"Praktikant; \"\"neu\"\"\""), (i % 11 ? i % 800 ",5" : "viele"), (i % 8 ? "DE" : "KP"), (i % 2 ? "ja" : "nein"), 1 + i % 28, 1 + i % 12 }' > "$work/leads.csv"
gzip -c "$work/leads.ndjson" > "$work/leads.ndjson.gz"
cp "$root/examples/01-b2b/b2b.rubric" "$work/b2b.rubric"
cd "$work" || exit 3

run() {                                     # [env NAME=VALUE …] PROGRAM RUBRIC LEADS OPTIONS… → results, then what was said of them
    if [ "$1" = env ]; then set -- "$@" --as-of 2026-11-22; else how=$1; shift; set -- "$how" score "$@" --as-of 2026-11-22; fi
    "$@" 2> said
    cat said
}
check() {                                   # NAME, then a command that prints what must be $work/want
    local name=$1
    shift
    "$@" > got 2>&1
    if cmp -s want got; then passed=$((passed + 1)); else failed=$((failed + 1)); echo "FAILED $model, $name: $(cmp want got 2>&1)"; fi
}
skip() { echo "SKIPPED $1"; skipped=$((skipped + 1)); }

# A locale whose decimal point is a comma, made here when the system has none.
locale=
if locale -a 2>/dev/null | grep -qix 'de_DE.utf8'; then locale=de_DE.UTF-8
elif command -v localedef > /dev/null && mkdir locales && localedef -c -i de_DE -f UTF-8 locales/de_DE.UTF-8 > /dev/null 2>&1; then locale=de_DE.UTF-8; export LOCPATH=$work/locales
fi

"$program" compile b2b.rubric -o b2b.rbc || exit 1
for model in trace reasons table csv; do
    case $model in
    trace) options='leads.ndjson --format ndjson --trace' ;;
    reasons) options='leads.ndjson --format csv --reasons 3' ;;
    table) options='leads.ndjson --format table' ;;
    csv) options='leads.csv --format ndjson --decimal-comma --dates dmy --encoding utf-8' ;;
    esac
    # shellcheck disable=SC2086
    {
    run "$program" b2b.rubric $options --threads 1 > want
    [ "$(wc -l < want)" -gt 5000 ] || { echo "FAILED $model: nothing to compare: $(tail -n 3 want)"; failed=$((failed + 1)); continue; }
    check 'twice in a row' run "$program" b2b.rubric $options --threads 1
    for batch in 1 2 63 64 65 1000; do check "batches of $batch" run "$program" b2b.rubric $options --threads 1 --batch $batch; done
    for threads in 2 3 8; do check "$threads threads" run "$program" b2b.rubric $options --threads $threads; done
    check '3 threads in batches of 7' run "$program" b2b.rubric $options --threads 3 --batch 7
    check 'compiled before' run "$program" b2b.rbc $options --threads 1
    for set; do
        if [ "$set" != scalar ] && ! grep -q "$set" /proc/cpuinfo; then skip "$set: this processor does not have it"; continue; fi
        check "only $set" run "$root/build/rubric-$set" b2b.rubric $options --threads 1
        "$root/build/rubric-$set" compile b2b.rubric -o other.rbc && check "compiled with only $set" sh -c "cmp -s b2b.rbc other.rbc && cat want"
    done
    for zone in America/New_York Asia/Kathmandu; do check "time zone $zone" run env TZ=$zone "$program" score b2b.rubric $options --threads 1; done
    check 'locale C' run env LC_ALL=C "$program" score b2b.rubric $options --threads 1
    if [ -n "$locale" ]; then check "locale $locale" run env LC_ALL=$locale LC_NUMERIC=$locale "$program" score b2b.rubric $options --threads 1
    else skip "locale de_DE.UTF-8: this system has none and cannot make it"; fi
    }
    if [ "$model" = trace ]; then
        # Packed, and through a pipe that delivers in pieces: the names of the files in the messages differ, the results do not.
        "$program" score b2b.rubric leads.ndjson --format ndjson --trace --as-of 2026-11-22 -q > want
        check 'gzip' "$program" score b2b.rubric leads.ndjson.gz --format ndjson --trace --as-of 2026-11-22 -q
        check 'a slow pipe' sh -c '{ head -c 70001 leads.ndjson; sleep 0.2; tail -c +70002 leads.ndjson; } | "$0" score b2b.rubric - --format ndjson --trace --as-of 2026-11-22 -q' "$program"
    fi
done
echo "same-bytes: $passed passed, $failed failed, $skipped skipped"
[ $failed -eq 0 ]
