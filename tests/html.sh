#!/bin/sh
# The pages that rubric writes: well formed, alone (nothing is loaded, nothing runs), everything from data and rubric
# escaped, and, where there is a chromium, drawn in light, dark and on a phone.
root=$(cd "$(dirname "$0")/.." && pwd)
PATH=${RUBRIC_BUILD:-$root/build}:$PATH NO_COLOR=1 LC_ALL=C.UTF-8
export PATH NO_COLOR LC_ALL
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0 failed=0
ok() { passed=$((passed + 1)); }
fail() { echo "FAILED $1"; failed=$((failed + 1)); }
expect() { if "$@" >/dev/null 2>&1; then ok; else fail "$*"; fi; }

# ---- pages -----------------------------------------------------------------------------------------------------------
cd "$root/tests/golden/explain" || exit 1
evil="<script>document.title='owned'</script>"
at="--as-of 2026-11-22"
rubric explain funnel.rubric leads.ndjson $at --lead 1 -o "$work/lead.html"
rubric explain funnel.rubric leads.ndjson $at --lead 2 -o "$work/disqualified.html"
rubric explain funnel.rubric leads.ndjson $at --lead 3 -o "$work/twice.html"
rubric explain funnel.rubric leads.ndjson $at --lead "$evil" -o "$work/evil.html"
rubric explain funnel.rubric leads.ndjson $at --lead 1 --why-not spring -o "$work/why-not.html"
rubric explain funnel.rubric leads.ndjson $at --lead 1 --to-reach Customer -o "$work/to-reach.html"
rubric compile funnel.rubric -o "$work/funnel.rbc" 2>/dev/null && rubric explain "$work/funnel.rbc" leads.ndjson $at --lead 1 -o "$work/compiled.html"
rubric doc funnel.rubric -o "$work/doc.html"
cat > "$work/evil.rubric" <<'END'
rubric "Rules </title><script>document.title='owned'</script>"
  version "<b>1</b>"
  owner   "A & B's \"own\""
  because "</style><script>document.title='owned'</script>"
lead
  id text key
  title text from "<script>document.title='owned'</script>"
# <img src=x onerror="document.title='owned'">
score fit
rule r "<script>document.title='owned'</script>" in fit
  when title contains "<svg onload=\"document.title='owned'\">"
  points +5
  because "<script>document.title='owned'</script>"
stage Lead "<i>Lead</i>"
stage Next "</svg><script>document.title='owned'</script>" when fit >= 5
on entering Next
  notify "<script>document.title='owned'</script> {title}"
END
rubric doc "$work/evil.rubric" -o "$work/evil-doc.html"
rubric reach "$work/evil.rubric" --as-of 2026-11-22 -o "$work/evil-reach.html"
rubric reach funnel.rubric --as-of 2026-11-22 -o "$work/reach.html"
for module in bant email crm.hubspot; do rubric doc std.$module -o "$work/$module.html"; done

# ---- one page, nothing from elsewhere, nothing that runs ---------------------------------------------------------------
for page in "$work"/*.html; do
    name=$(basename "$page")
    expect test -s "$page"
    # The one address there may be is the name of the SVG namespace.
    if sed 's|xmlns="http://www.w3.org/2000/svg"||g' "$page" | grep -q '="*[a-z]*://\|url(\|@import\|<link\|<iframe\|<object\|<embed'; then fail "$name refers to something"; else ok; fi
    if grep -qi '<script\|<img\|<[^>]* on[a-z]*=' "$page"; then fail "$name has something that runs"; else ok; fi
    if grep -q "Content-Security-Policy" "$page" && grep -q 'name="viewport"' "$page" && grep -q 'prefers-color-scheme:dark' "$page" && grep -q '@media print' "$page"; then ok
    else fail "$name lacks a part of its frame"; fi
    if command -v xmllint >/dev/null 2>&1; then expect xmllint --noout "$page"; fi
done
command -v xmllint >/dev/null 2>&1 || echo "SKIPPED well-formedness of the pages: there is no xmllint (libxml2-utils)"
expect grep -q '&lt;script&gt;' "$work/evil.html"
expect grep -q '&lt;script&gt;' "$work/evil-doc.html"
expect grep -q '&lt;script&gt;' "$work/evil-reach.html"
expect test "$(grep -c '<article>' "$work/twice.html")" = 2

# ---- the ledger on the page adds up: the last running sum of each score is the score ------------------------------------
sums=$(sed -n 's/.*<td class="num sum">\([^<]*\)<\/td>.*/\1/p; s/.*<tfoot><tr><td class="num">=<\/td><td class="num">\([^<]*\)<.*/= \1/p' "$work/lead.html" \
    | awk '$1 == "=" { if ($2 != last) bad = 1; n++ } { last = $NF } END { print n, bad + 0 }')
if [ "$sums" = "3 0" ]; then ok; else fail "the ledger of lead.html adds up ($sums)"; fi

# ---- drawn ------------------------------------------------------------------------------------------------------------
chromium=$(command -v chromium || command -v chromium-browser || command -v google-chrome)
browse() { # page, out, width, more options
    from=$1 out=$2 width=$3; shift 3
    timeout 90 "$chromium" --headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking \
        --disable-component-update --disable-sync --hide-scrollbars --user-data-dir="$work/profile" --window-size="$width",1200 "$@" \
        --screenshot="$out" "file://$from" >/dev/null 2>&1
}
if [ -n "$chromium" ]; then
    for page in lead evil doc; do
        browse "$work/$page.html" "$work/$page-light.png" 1000
        browse "$work/$page.html" "$work/$page-dark.png" 1000 --blink-settings=preferredColorScheme=0
        browse "$work/$page.html" "$work/$page-phone.png" 390
        for form in light dark phone; do
            size=$(wc -c < "$work/$page-$form.png" 2>/dev/null || echo 0)
            if [ "$size" -gt 20000 ]; then ok; else fail "$page is drawn ($form, $size bytes)"; fi
        done
        if cmp -s "$work/$page-light.png" "$work/$page-dark.png"; then fail "$page looks different in the dark"; else ok; fi
    done
    for page in evil evil-doc evil-reach; do
        timeout 90 "$chromium" --headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking \
            --disable-component-update --disable-sync --user-data-dir="$work/profile" --dump-dom "file://$work/$page.html" > "$work/dom" 2>/dev/null
        if grep -q '<title>owned' "$work/dom"; then fail "$page ran a script"; else ok; fi
        if grep -q '</footer>\|<h2>Rules</h2>' "$work/dom"; then ok; else fail "$page is whole in the browser"; fi
    done
else
    echo "SKIPPED drawing the pages: there is no chromium"
fi
echo "html: $passed passed, $failed failed"
[ $failed -eq 0 ]
