#include "tests/oracle/making.h"

#include <stdio.h>
#include <string.h>

#define ANY(maker, pool) (pool)[below((maker), (int)(sizeof (pool) / sizeof *(pool)))]

/* splitmix64 */
uint64_t roll(struct maker *maker)
{
    uint64_t z = maker->state += UINT64_C(0x9E3779B97F4A7C15);
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

int below(struct maker *maker, int limit) { return (int)(roll(maker) % (uint64_t)limit); }
bool chance(struct maker *maker, int percent) { return below(maker, 100) < percent; }

void say(struct maker *maker, const char *format, ...)
{
    char line[4096];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    buffer_text(maker->out, line);
}

void say_quoted(struct maker *maker, const char *text)
{
    buffer_char(maker->out, '"');
    for (const char *at = text; *at; at++) {
        if (*at == '"' || *at == '\\')
            say(maker, "\\%c", *at);
        else if (*at == '\n')
            buffer_text(maker->out, "\\n");
        else if (*at == '\t')
            buffer_text(maker->out, "\\t");
        else if (strncmp(at, "ß", 2) == 0 && chance(maker, 30))
            buffer_text(maker->out, "\\u{df}"), at++;
        else
            buffer_char(maker->out, *at);
    }
    buffer_char(maker->out, '"');
}

/* Odd cases, accents composed and not, full folds (ß, ﬁ, İ), words beside each other, white space of Unicode. */
static const char *const words[] = {
    "CEO", "ceo", "Ceo & Founder", "Chief Executive Officer", "Director", "CTO", "cto/ceo", "VP Sales", "Intern",
    "Praktikant", "Ingénieur", "Inge\u0301nieur", "INGÉNIEUR", "Straße", "STRASSE", "strasse 5", "ﬁnance", "Finance",
    "İstanbul", "Ωmega", "ωMEGA", "Å", "A\u030A", "a", "e", "co", "o", "founder", "Head of Ünits", "5", "Sales 2",
    "x\"y", "back\\slash", "  CEO  ", "\u00A0CTO", "😀 CEO", "ΣΊΣΥΦΟΣ", "σίσυφος", "C.E.O.", "ǰ", "J\u030C", "ŉ",
    "line\nbreak", "tab\tbed", "Ῥ", "ᾳ", "ΑΙ",
};
static const char *const blanks[] = { "", " ", "\u00A0", "\u3000\t ", "n/a", " Select ", "N/A" };

const char *any_word(struct maker *maker) { return ANY(maker, words); }
const char *any_text(struct maker *maker) { return chance(maker, 12) ? ANY(maker, blanks) : any_word(maker); }

const char *any_number(struct maker *maker)
{
    static const char *const numbers[] = {
        "0",       "1",   "2",   "3",   "5",      "10",  "18",    "21.5",    "49.9999", "50",
        "50.0001", "100", "250", "0.5", "0.0001", "2.5", "1_000", "33.3333", "7",       "12",
    };
    static const char *const extremes[] = { "922337203685477.5807", "1_000_000", "100000000", "0.3333" };
    return chance(maker, 4) ? ANY(maker, extremes) : ANY(maker, numbers);
}

const char *any_percent(struct maker *maker)
{
    static const char *const percents[] = { "20%", "50%", "12.5%", "100%", "33%", "1%", "99%", "10%" };
    return ANY(maker, percents);
}

const char *any_glob(struct maker *maker)
{
    static const char *const globs[] = {
        "*",       "?",   "ceo*", "*CEO",  "*o*", "C?O", "??",        "*STRASSE*", "stra?e",
        "stra??e", "*é*", "?*r",  "*a*e*", "**",  "D*r", "ing?nieur", "*/*",       "CEO",
    };
    return ANY(maker, globs);
}

const char *any_option(struct maker *maker)
{
    static const char *const options[] = { "Software",    "SOFTWARE",    "Straßenbau", "STRASSENBAU",
                                           "Retail & Co", "retail & co", " Software " };
    return ANY(maker, options);
}

const char *any_address(struct maker *maker)
{
    static const char *const addresses[] = {
        "a@gmail.com", "b@GMAIL.com",   "c@straße.de", "c@STRASSE.de", "no-at",        "@",
        "x@",          "two@at@web.de", "web.de",      "d@ web.de ",   " e@gmail.com", "f@gmail.co",
    };
    return ANY(maker, addresses);
}

const char *any_path(struct maker *maker)
{
    static const char *const paths[] = { "/pricing", "/Pricing/eu", "/careers",  "/", "/blog/pricing",
                                         "/straße",  "/STRASSE",    "/jobs?x=1", "" };
    return ANY(maker, paths);
}

const char *any_tag(struct maker *maker)
{
    static const char *const tags[] = { "vip", "VIP",          "newsletter", "Größe", "gro\u0308ße", "GRÖSSE",
                                        "x",   "VIP customer", " vip ",      "",      "n/a" };
    return ANY(maker, tags);
}

static const struct span_of_time spans[] = {
    { 30, UNIT_DAY },  { 7, UNIT_DAY },     { 1, UNIT_WEEK }, { 1, UNIT_MONTH }, { 2, UNIT_MONTH },  { 1, UNIT_YEAR },
    { 12, UNIT_HOUR }, { 90, UNIT_MINUTE }, { 90, UNIT_DAY }, { 1, UNIT_DAY },   { 13, UNIT_MONTH }, { 10, UNIT_WEEK },
};
struct span_of_time any_span(struct maker *maker) { return ANY(maker, spans); }

void say_span(struct maker *maker, struct span_of_time span)
{
    say(maker, "%d %s", (int)span.count, time_unit_name(span.unit, span.count != 1 || chance(maker, 20)));
}

void say_duration(struct maker *maker)
{
    if (chance(maker, 15))
        say(maker, "recently");
    else
        say_span(maker, any_span(maker));
}

static const char *const dates[] = {
    "2026-01-31", "2026-02-28",           "2026-03-01T00:00:00Z", "2026-03-31T00:00:00+01:00",
    "2024-02-29", "2026-11-22T10:30:00Z", "2025-12-31T23:59:59Z", "2026-11-01",
};
const char *any_date(struct maker *maker) { return ANY(maker, dates); }

int64_t any_instant(struct maker *maker)
{
    int64_t instant = maker->as_of;
    int way = below(maker, 100);
    if (way < 45) {
        struct span_of_time span = any_span(maker);
        int64_t times = chance(maker, 60) ? 1 : 1 + below(maker, 4);
        instant = instant_step(instant, -span.count * times, span.unit);
    } else if (way < 60) {
        const char *literal = any_date(maker);
        instant_parse(literal, strlen(literal), DATES_ISO_ONLY, &instant);
    } else if (way < 70) {
        int64_t year;
        int month, day;
        instant_to_civil(instant, &year, &month, &day);
        instant = instant_step(instant_from_civil(year, month, 1), -below(maker, 14), UNIT_MONTH);
    } else if (way < 85) {
        instant -= (int64_t)(roll(maker) % (uint64_t)(400 * MICROS_DAY));
    } else if (way < 92) {
        instant -= instant % MICROS_DAY + MICROS_DAY * below(maker, 15);       /* midnights: days and weeks begin */
    }
    if (chance(maker, 40))
        instant += chance(maker, 50) ? 1 : -1;
    if (chance(maker, 4))
        instant += MICROS_DAY * (1 + below(maker, 400));
    return instant;
}

const char *const stage_names[6] = { "Lead", "MQL", "SQL", "Größer", "Opportunity", "Customer" };
const char *const stage_titles[6] = { "A lead", "Marketing qualified", "Sales \"qualified\"", "Straße", "Chance",
                                      "Kunde" };
const char *const event_names[5] = { "page_view", "call", "webinar", "download", "unsubscribe" };
