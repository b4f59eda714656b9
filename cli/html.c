#include "cli/html.h"

#include <string.h>

#include "vm/printable.h"

/* ---- escaping ---------------------------------------------------------------------------------------------------- */

static void add_entities(struct buffer *out, const char *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        switch (bytes[i]) {
        case '&': buffer_text(out, "&amp;"); break;
        case '<': buffer_text(out, "&lt;"); break;
        case '>': buffer_text(out, "&gt;"); break;
        case '"': buffer_text(out, "&quot;"); break;
        case '\'': buffer_text(out, "&#39;"); break;
        default: buffer_char(out, bytes[i]);
        }
    }
}

void html_text(struct buffer *out, const char *text)
{
    struct buffer shown = { 0 };
    for (const char *at = text; at != NULL && *at != 0;) {
        size_t length = strcspn(at, "\r\n\t");
        printable_add(&shown, at, length);
        at += length;
        if (*at == 0)
            break;
        buffer_char(&shown, ' ');
        at += strspn(at, "\r\n\t");
    }
    add_entities(out, shown.data, shown.length);
    buffer_free(&shown);
}

void html_put(struct buffer *out, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    for (const char *at = format; *at != 0; at++) {
        if (*at != '%') {
            buffer_char(out, *at);
            continue;
        }
        at++;
        if (*at == 's')
            html_text(out, va_arg(arguments, const char *));
        else if (*at == 'd')
            buffer_format(out, "%d", va_arg(arguments, int));
        else
            buffer_char(out, *at);
    }
    va_end(arguments);
}

void html_number(struct buffer *out, const char *decimal, int signed_plus)
{
    if (decimal[0] == '-')
        html_put(out, "\xE2\x88\x92%s", decimal + 1);
    else
        html_put(out, "%s%s", signed_plus && strcmp(decimal, "0") != 0 ? "+" : "", decimal);
}

/* ---- the frame --------------------------------------------------------------------------------------------------- */

/* Colour says nothing that words or shapes do not say as well.  Sizes in rem, so that a reader's own size counts. */
static const char *const style[] = {
    ":root{color-scheme:light dark;--page:#fff;--ink:#1b1f24;--soft:#59636e;--rule:#dde1e6;--fill:#f4f6f8;"
    "--accent:#1f5a94;--accent-soft:#dbe7f3;--up:#1d6b4f;--down:#a4371f;--on-accent:#fff}\n",
    "@media (prefers-color-scheme:dark){:root{--page:#14171a;--ink:#e4e7ea;--soft:#9ba5af;--rule:#2d343b;"
    "--fill:#1c2126;"
    "--accent:#86b6e6;--accent-soft:#22384e;--up:#7cc9a6;--down:#ef9a83;--on-accent:#10151a}}\n",
    "*{box-sizing:border-box}\n",
    "html{-webkit-text-size-adjust:100%;background:var(--page);color:var(--ink)}\n",
    "body{margin:0;"
    "font:1rem/1.5 system-ui,-apple-system,\"Segoe UI\",Roboto,\"Noto Sans\",\"DejaVu Sans\",sans-serif}\n",
    "main{max-width:54rem;margin:0 auto;padding:2.5rem 1.25rem 4rem}\n",
    "h1{font-size:2rem;line-height:1.2;margin:0;font-weight:650;letter-spacing:-.01em;overflow-wrap:anywhere}\n",
    "h2{font-size:1.25rem;line-height:1.3;margin:3rem 0 .75rem;font-weight:650}\n",
    "h3{font-size:1.0625rem;margin:1.75rem 0 .25rem;font-weight:650}\n",
    "p{margin:.4rem 0}\n",
    "a{color:var(--accent)}\n",
    ".kicker{color:var(--soft);margin:0 0 .25rem}\n",
    ".soft,.place,.because,.saw{color:var(--soft)}\n",
    ".soft,.because,.saw,.place,.note{font-size:.875rem}\n",
    ".place,time{white-space:nowrap}\n",
    ".note{color:var(--soft);max-width:42rem}\n",
    "code,.code{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,\"DejaVu Sans Mono\",monospace;font-size:.875em;"
    "overflow-wrap:anywhere}\n",
    "pre{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,\"DejaVu Sans Mono\",monospace;font-size:.8125rem;"
    "line-height:1.5;white-space:pre-wrap;background:var(--fill);padding:1rem;overflow-wrap:anywhere}\n",
    "h4{font-size:1rem;margin:1.5rem 0 .25rem;font-weight:650}.small{max-width:34rem}"
    ".more{font-variant-numeric:tabular-nums}\n",
    ".num{font-variant-numeric:tabular-nums;text-align:right;white-space:nowrap}\n",
    ".when{font-variant-numeric:tabular-nums}\n",
    ".up{color:var(--up)}.down{color:var(--down)}\n",
    /* the few figures under the title */
    ".figures{display:flex;flex-wrap:wrap;gap:.75rem 2.5rem;margin:1.5rem 0 0;padding:1rem 0;"
    "border-top:1px solid var(--rule);"
    "border-bottom:1px solid var(--rule)}\n",
    ".figures div{min-width:4rem}\n",
    ".figures dt{color:var(--soft);font-size:.875rem}\n",
    ".figures dd{margin:0;font-size:1.375rem;line-height:1.3;font-weight:600;font-variant-numeric:tabular-nums;"
    "overflow-wrap:anywhere}\n",
    ".figures small{display:block;font-size:.875rem;font-weight:400;color:var(--soft)}\n",
    /* tables */
    "table{border-collapse:collapse;width:100%;margin:.5rem 0 0}\n",
    "caption{text-align:left;font-weight:650;padding:0 0 .35rem}\n",
    "th{text-align:left;font-weight:500;color:var(--soft);font-size:.875rem;padding:.3rem .75rem .3rem 0;"
    "border-bottom:1px solid var(--rule);vertical-align:bottom}\n",
    "td{padding:.5rem .75rem .5rem 0;border-bottom:1px solid var(--rule);vertical-align:top;"
    "overflow-wrap:break-word}\n",
    "th.num,td.num{text-align:right}\n",
    "td:last-child,th:last-child{padding-right:0}\n",
    "tbody th{font-weight:inherit;color:inherit;font-size:inherit;padding:.5rem .75rem .5rem 0;vertical-align:top}\n",
    "tfoot td{font-weight:650;border-bottom:2px solid var(--ink)}\n",
    ".wide{overflow-x:auto}\n",
    ".ledger td.num,.ledger th.num{width:4.75rem}\n",
    ".ledger .what{display:flex;justify-content:space-between;gap:0 1rem}\n",
    ".ledger .sum{color:var(--soft)}\n",
    ".beaten{color:var(--soft)}\n",
    /* bars */
    ".bars>div{display:contents}\n",
    ".bars{display:grid;grid-template-columns:minmax(5rem,max-content) 1fr max-content;gap:.9rem 1rem;"
    "align-items:start;margin:1rem 0}\n",
    ".bars .name{font-weight:600;overflow-wrap:anywhere}.bars .picture{padding-top:.4rem}\n",
    ".bars .value{font-variant-numeric:tabular-nums;text-align:right;font-weight:600}\n",
    ".bars .value small{font-weight:400;color:var(--soft);font-size:.875rem}\n",
    "svg{display:block;overflow:visible}\n",
    "svg text{font-size:.75rem;fill:var(--soft)}\n",
    "svg .strong{fill:var(--ink);font-weight:600}\n",
    "svg .track{fill:var(--fill);stroke:var(--rule)}\n",
    "svg .bar{fill:var(--accent)}\n",
    "svg .bar-down{fill:var(--down)}\n",
    "svg .grid{stroke:var(--rule)}\n",
    "svg .axis{stroke:var(--soft)}\n",
    "svg .curve{stroke:var(--accent);stroke-width:2;fill:none;stroke-linecap:square}\n",
    "svg .dot{fill:var(--accent);stroke:var(--accent);stroke-width:1.5}\n",
    "svg .ring{fill:var(--page);stroke:var(--accent);stroke-width:1.5}\n",
    "svg .stage{fill:var(--accent-soft);stroke:var(--page);stroke-width:2}\n",
    "svg .now{stroke:var(--ink);stroke-dasharray:2 3}\n",
    /* the funnel as a row of steps */
    ".steps{list-style:none;display:flex;flex-wrap:wrap;gap:.4rem;padding:0;margin:.75rem 0 1rem}\n",
    ".steps li{border:1px solid var(--rule);border-radius:999px;padding:.15rem .8rem;color:var(--soft)}\n",
    ".steps li.passed{color:var(--ink);background:var(--fill)}\n",
    ".steps li[aria-current]{background:var(--accent);border-color:var(--accent);color:var(--on-accent);"
    "font-weight:650}\n",
    ".steps li.next{border-style:dashed;border-color:var(--soft);color:var(--ink)}\n",
    /* conditions with their answers */
    ".conditions{list-style:none;padding:0;margin:.35rem 0}\n",
    ".conditions li{display:grid;grid-template-columns:4.5rem 1fr;gap:0 .5rem;padding:.2rem 0}\n",
    ".answer{font-size:.875rem;font-weight:600;line-height:1.7}\n",
    ".answer.yes{color:var(--up)}.answer.no{color:var(--down)}.answer.unknown{color:var(--soft)}\n",
    ".rules{list-style:none;padding:0;margin:.5rem 0}\n",
    ".rules>li{padding:.6rem 0;border-bottom:1px solid var(--rule)}\n",
    ".rules .head{display:flex;justify-content:space-between;gap:0 1rem}\n",
    ".ways{padding-left:1.5rem}.ways li{padding:.3rem 0}\n",
    ".matrix{width:auto}.matrix td,.matrix th{text-align:center;border:1px solid var(--rule);padding:.4rem 1.25rem}\n",
    ".matrix td:first-child{border:0;text-align:right}.matrix th{border:0}\n",
    "figure{margin:1rem 0}figcaption{font-size:.875rem;color:var(--soft);margin-top:.4rem}\n",
    ".four{table-layout:fixed}.four th:nth-child(1){width:22%}.four th:nth-child(2){width:34%}"
    ".four th:nth-child(3){width:24%}\n",
    "footer{margin-top:3.5rem;padding-top:1rem;border-top:1px solid var(--rule);color:var(--soft);"
    "font-size:.8125rem;overflow-wrap:anywhere}\n",
    "article+article{margin-top:5rem;padding-top:3rem;border-top:3px solid var(--ink)}\n",
    "@media (max-width:34rem){main{padding:1.25rem 1rem 3rem}h1{font-size:1.625rem}h2{margin-top:2.25rem}"
    ".bars{display:block}.bars>div{display:grid;grid-template-columns:1fr max-content;margin-bottom:.9rem}"
    ".bars .picture{grid-column:1/-1;order:3}.head,.ledger .what{flex-wrap:wrap!important}"
    ".ledger td.num,.ledger th.num{width:3.6rem}"
    "td,th,tbody th{padding-right:.6rem}.figures{gap:.75rem 1.75rem}"
    ".stack thead{display:none}.stack,.stack tbody,.stack tr,.stack td,.stack th{display:block;width:auto}"
    ".stack tr{padding:.6rem 0;border-bottom:1px solid var(--rule)}.stack td,.stack tbody th{border:0;"
    "padding:.05rem 0;text-align:left}"
    ".stack td:empty{display:none}.stack td[data-label]:before{content:attr(data-label) \" \";color:var(--soft);"
    "font-size:.875rem}"
    ".conditions li{grid-template-columns:3.75rem 1fr}}\n",
    "@media print{:root{color-scheme:light;--page:#fff;--ink:#000;--soft:#444;--rule:#bbb;--fill:#f2f2f2;"
    "--accent:#1f5a94;"
    "--accent-soft:#e3ebf3;--up:#1d6b4f;--down:#a4371f;--on-accent:#fff}"
    "body{font-size:10.5pt}main{max-width:none;padding:0}h2,h3,caption{break-after:avoid}"
    "tr,.rules>li,figure,.bars,.figures{break-inside:avoid}*{print-color-adjust:exact;-webkit-print-color-adjust:exact}"
    "@page{margin:18mm 16mm}}\n",
};

void html_begin(struct buffer *out, const char *title)
{
    buffer_text(out, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n");
    buffer_text(out, "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n");
    buffer_text(out, "<meta name=\"generator\" content=\"rubric\"/>\n");
    buffer_text(out, "<meta name=\"referrer\" content=\"no-referrer\"/>\n");
    /* Nothing is loaded and nothing runs, whatever a text may hold. */
    buffer_text(out, "<meta http-equiv=\"Content-Security-Policy\" "
                     "content=\"default-src 'none'; style-src 'unsafe-inline'\"/>\n");
    html_put(out, "<title>%s</title>\n<style>\n", title);
    for (size_t i = 0; i < sizeof style / sizeof *style; i++)
        buffer_text(out, style[i]);
    buffer_text(out, "</style>\n</head>\n<body>\n<main>\n");
}

void html_end(struct buffer *out)
{
    buffer_text(out, "</main>\n</body>\n</html>\n");
}
