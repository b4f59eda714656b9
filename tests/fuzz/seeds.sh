#!/bin/sh
# Seeds for the fuzz targets, from what the tests and examples have: seeds.sh FOLDER makes FOLDER/TARGET/….
root=$(cd "$(dirname "$0")/../.." && pwd)
rubric=${RUBRIC_BUILD:-$root/build}/rubric
out=$1
cd "$root" || exit 2
rm -rf "$out"
for target in rubric check bytecode json csv events agree; do mkdir -p "$out/$target" || exit 3; done

number=0
for file in examples/*/*.rubric tests/golden/*/*/*.rubric tests/stdlib/*.rubric stdlib/std/*.rubric stdlib/std/*/*.rubric; do
    [ "$(wc -c < "$file")" -lt 40000 ] || continue
    number=$((number + 1))
    cp "$file" "$out/rubric/$number"
    "$rubric" compile "$file" -o "$out/bytecode/$number" 2>/dev/null || continue
    cp "$file" "$out/check/$number"
done
# The first bytes choose options; see the targets.
number=0
for file in examples/*/*.ndjson tests/golden/*/*.ndjson tests/golden/*/*/*.ndjson tests/golden/*/*.json tests/golden/*/*/*.json; do
    [ -f "$file" ] || continue
    number=$((number + 1))
    { printf '\0'; head -c 8000 "$file"; } > "$out/json/$number"
    { printf '\1'; head -c 3000 "$file"; } > "$out/json/$number-sniffed"
    { head -c 2000 "$file"; printf '\n====\n{"lead":"1","type":"page_view","at":"2026-11-01","url":"/x"}\n'; } > "$out/events/$number"
done
cat > "$out/json/array" <<'END'
[{"id":"1","Job Title":"CEO","company":{"size":12.5},"newsletter":true,"created":"2026-11-22T10:30:00+01:00","tags":["a","b\u00e9"],
"utm":{"source":"Web"},"status":"MQL","events":[{"type":"page_view","at":1795305600,"url":"/pricing","d":{"sec":3e2}},{"type":"call","at":null}]},
 {"id":2,"title":"\ud83d\ude00","employees":"1.234,50","newsletter":"ja","tags":"x;y","created":"22.11.2026","status":"Marketing qualified"}]
END
{ printf '\2'; cat "$out/json/array"; } > "$out/json/array-2" && rm "$out/json/array"
number=0
for file in examples/*/*.csv tests/golden/*/*.csv tests/golden/*/*/*.csv; do
    [ -f "$file" ] || continue
    number=$((number + 1))
    { printf '\0\0'; head -c 4000 "$file"; } > "$out/csv/$number"
    { printf '\1\7'; head -c 4000 "$file"; } > "$out/csv/$number-sniffed"
done
printf '\0\0Lead ID;Job Title;employees;newsletter;created;tags;utm.source;status\n1;"CEO; ""big""\nboss";12,5;ja;2026-11-22;a,b;Web;MQL\n"2;x;1;no;2026-01-01;;Fair;Lead"\n' > "$out/csv/quotes"
printf '\0\6id,title,employees\r\n1,CEO,"1.234,50"\r\n2,,\r\n3,x\r\n' > "$out/csv/crlf"
printf '\0\0id,title\r1,a\r2,b\r' > "$out/csv/cr"
printf '\1\0\377\376i\0d\0,\0t\0i\0t\0l\0e\0\n\0001\0,\0\344\0\n\0' > "$out/csv/utf-16"
printf '\20\0id,title\n1,\344\200\n' > "$out/csv/windows-1252"
{ printf '\0\0'; printf 'id,title\n1,CEO\n' | gzip -nc; } > "$out/csv/gz"
if command -v zstd > /dev/null; then { printf '\0\0'; printf 'id,title\n1,CEO\n' | zstd -qc; } > "$out/csv/zst"; fi
printf '{"id":"1"}\n{"id":"2"}\n====\nlead,type,at,url,sec\n2,page_view,2026-11-01,/x,3\n1,page_view,2026-11-02T10:00:00Z,/y,\n3,call,2026-11-01,,\n' > "$out/events/csv"
printf '{"id":"1"}\n====\nid;type;at\n1;call;22.11.2026\n1;other;2026-11-01\n;page_view;2026-11-01\n' > "$out/events/csv-2"
for seed in 1 2 3 4 5 6 7 8; do printf 'seed%d' $seed > "$out/agree/$seed"; done
