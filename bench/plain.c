/* The two rule sets as a C programmer writes them the first time: one pass over the line, fields copied out by name,
   then ifs.

     plain flat40|events30 IN.ndjson OUT      writes id,score,stage

   It trusts its input: lines are objects, times are UTC in one form. */
#include <ctype.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum {
    ID,
    EMAIL,
    TITLE,
    SENIORITY,
    DEPARTMENT,
    COMPANY,
    INDUSTRY,
    COUNTRY,
    SOURCE,
    CAMPAIGN,
    CREATED,
    EMPLOYEES,
    REVENUE,
    BUDGET,
    NEWSLETTER,
    FIELDS
};
static const char *const field_names[FIELDS] = {
    "id",          "email",        "job_title",  "seniority", "department",     "company", "industry",  "country",
    "lead_source", "utm_campaign", "created_at", "employees", "annual_revenue", "budget",  "newsletter"};

struct lead {
    const char *text[FIELDS]; /* NULL: missing */
    int pricing, product, docs, views7, case90, downloads, papers, webinars, demos, forms, clicks, opens, recent,
        careers, unsubscribes, events;
    unsigned types;
    char last[32];
};

static char *texts, *texts_at; /* of the line at hand */

static const char *skip_space(const char *at)
{
    while (*at == ' ' || *at == '\t' || *at == '\r' || *at == '\n') at++;
    return at;
}

static unsigned hex4(const char *at)
{
    unsigned value = 0;
    for (int i = 0; i < 4; i++)
        value = value * 16 + (unsigned)(isdigit((unsigned char)at[i]) ? at[i] - '0' : (at[i] | 32) - 'a' + 10);
    return value;
}

static const char *read_text(const char *at, const char **text)
{
    char *to = texts_at;
    for (at++; *at != '"'; at++) {
        if (*at != '\\') {
            *to++ = *at;
            continue;
        }
        at++;
        switch (*at) {
        case 'n': *to++ = '\n'; break;
        case 't': *to++ = '\t'; break;
        case 'r': *to++ = '\r'; break;
        case 'b': *to++ = '\b'; break;
        case 'f': *to++ = '\f'; break;
        case 'u': {
            unsigned code = hex4(at + 1);
            at += 4;
            if (code >= 0xd800 && code < 0xdc00 && at[1] == '\\' && at[2] == 'u') {
                code = 0x10000 + ((code - 0xd800) << 10) + (hex4(at + 3) - 0xdc00);
                at += 6;
            }
            if (code < 0x80)
                *to++ = (char)code;
            else if (code < 0x800) {
                *to++ = (char)(0xc0 | code >> 6);
                *to++ = (char)(0x80 | (code & 63));
            } else if (code < 0x10000) {
                *to++ = (char)(0xe0 | code >> 12);
                *to++ = (char)(0x80 | (code >> 6 & 63));
                *to++ = (char)(0x80 | (code & 63));
            } else {
                *to++ = (char)(0xf0 | code >> 18);
                *to++ = (char)(0x80 | (code >> 12 & 63));
                *to++ = (char)(0x80 | (code >> 6 & 63));
                *to++ = (char)(0x80 | (code & 63));
            }
            break;
        }
        default: *to++ = *at;
        }
    }
    *to++ = '\0';
    *text = texts_at;
    texts_at = to;
    return at + 1;
}

static const char *skip_value(const char *at)
{
    int depth = 0;
    for (;; at++) {
        if (*at == '"') {
            for (at++; *at != '"'; at++)
                if (*at == '\\') at++;
        } else if (*at == '{' || *at == '[')
            depth++;
        else if (*at == '}' || *at == ']') {
            if (depth == 0) return at;
            depth--;
            if (depth == 0) return at + 1;
        } else if (*at == ',' && depth == 0)
            return at;
        if (depth == 0 && *at == '"') return at + 1;
    }
}

static const char *read_value(const char *at, const char **text)
{
    if (*at == '"') return read_text(at, text);
    const char *end = skip_value(at);
    if (strncmp(at, "null", 4) == 0) {
        *text = NULL;
        return end;
    }
    size_t length = (size_t)(end - at);
    memcpy(texts_at, at, length);
    texts_at[length] = '\0';
    *text = texts_at;
    texts_at += length + 1;
    return end;
}

static bool is(const char *text, const char *other) { return text && strcmp(text, other) == 0; }
static bool any_of(const char *text, const char *const *list)
{
    for (; text && *list; list++)
        if (strcmp(text, *list) == 0) return true;
    return false;
}
#define ANY(text, ...) any_of(text, (const char *const[]){__VA_ARGS__, NULL})
static bool has(const char *text, const char *part) { return text && strcasestr(text, part); }

static const char *const day3 = "2026-11-19T00:00:00Z", *const day7 = "2026-11-15T00:00:00Z",
                         *const day14 = "2026-11-08T00:00:00Z", *const day30 = "2026-10-23T00:00:00Z",
                         *const day60 = "2026-09-23T00:00:00Z", *const day90 = "2026-08-24T00:00:00Z";

static void count_event(struct lead *lead, const char *type, const char *at, const char *url, const char *name)
{
    static const char *const types[] = {"page_view", "email_open", "email_click",  "form_submit",
                                        "download",  "webinar",    "demo_request", "unsubscribe"};
    lead->events++;
    if (strcmp(at, lead->last) > 0) snprintf(lead->last, sizeof lead->last, "%s", at);
    if (strcmp(at, day3) >= 0) lead->recent++;
    bool in30 = strcmp(at, day30) >= 0, in90 = strcmp(at, day90) >= 0;
    for (unsigned i = 0; i < 8; i++)
        if (in30 && is(type, types[i])) lead->types |= 1u << i;
    if (is(type, "page_view")) {
        if (in30 && is(url, "/pricing")) lead->pricing++;
        if (in30 && url && strncmp(url, "/product", 8) == 0) lead->product++;
        if (in30 && url && strstr(url, "docs")) lead->docs++;
        if (strcmp(at, day7) >= 0) lead->views7++;
        if (in90 && url && (is(url, "/case-studies") || strncmp(url, "/customers/", 11) == 0)) lead->case90++;
        if (is(url, "/careers")) lead->careers++;
    } else if (is(type, "email_open"))
        lead->opens += in30;
    else if (is(type, "email_click"))
        lead->clicks += strcmp(at, day14) >= 0;
    else if (is(type, "form_submit"))
        lead->forms += in30;
    else if (is(type, "download")) {
        lead->downloads += in90;
        lead->papers += in90 && has(name, "whitepaper");
    } else if (is(type, "webinar"))
        lead->webinars += in90;
    else if (is(type, "demo_request"))
        lead->demos += strcmp(at, day60) >= 0;
    else if (is(type, "unsubscribe"))
        lead->unsubscribes++;
}

static const char *read_events(const char *at, struct lead *lead)
{
    if (*at != '[') return skip_value(at);
    at = skip_space(at + 1);
    while (*at != ']') {
        const char *type = NULL, *when = NULL, *url = NULL, *name = NULL;
        char *kept = texts_at;
        at = skip_space(at + 1);
        while (*at != '}') {
            const char *key;
            at = skip_space(read_text(at, &key));
            at = skip_space(at + 1);
            if (is(key, "type"))
                at = read_value(at, &type);
            else if (is(key, "at"))
                at = read_value(at, &when);
            else if (is(key, "url"))
                at = read_value(at, &url);
            else if (is(key, "name"))
                at = read_value(at, &name);
            else
                at = skip_value(at);
            at = skip_space(at);
            if (*at == ',') at = skip_space(at + 1);
        }
        at = skip_space(at + 1);
        if (*at == ',') at = skip_space(at + 1);
        if (type && when) count_event(lead, type, when, url, name);
        texts_at = kept;
    }
    return at + 1;
}

static void read_lead(const char *at, struct lead *lead, bool with_events)
{
    memset(lead, 0, sizeof *lead);
    texts_at = texts;
    at = skip_space(skip_space(at) + 1);
    while (*at != '}') {
        const char *key;
        at = skip_space(read_text(at, &key));
        at = skip_space(at + 1);
        int field = 0;
        while (field < FIELDS && strcmp(key, field_names[field]) != 0) field++;
        if (field < FIELDS)
            at = read_value(at, &lead->text[field]);
        else if (with_events && strcmp(key, "events") == 0)
            at = read_events(at, lead);
        else
            at = skip_value(at);
        at = skip_space(at);
        if (*at == ',') at = skip_space(at + 1);
    }
}

static int clamp(int value, int low, int high) { return value < low ? low : value > high ? high : value; }
static int least(int a, int b) { return a < b ? a : b; }

static bool is_freemail(const char *email)
{
    if (!email) return false;
    const char *domain = strrchr(email, '@');
    char low[32];
    domain = domain ? domain + 1 : email;
    size_t length = strlen(domain);
    if (length >= sizeof low) return false;
    for (size_t i = 0; i <= length; i++) low[i] = (char)tolower((unsigned char)domain[i]);
    return ANY(low, "gmail.com", "yahoo.com", "hotmail.com", "outlook.com", "aol.com", "icloud.com", "gmx.de",
               "web.de", "mail.ru", "protonmail.com", "yandex.ru", "live.com", "msn.com", "qq.com", "163.com");
}

static double number(const char *text) { return text ? strtod(text, NULL) : -1; }

static int flat40(const struct lead *lead, const char **stage)
{
    const char *const *t = lead->text;
    double employees = number(t[EMPLOYEES]), revenue = number(t[REVENUE]), budget = number(t[BUDGET]);
    int company = 0, persona = 0, intent = 0;
    if (t[EMPLOYEES])
        company += employees >= 1000 ? 15 : employees >= 200 ? 12 : employees >= 50 ? 8 : employees >= 10 ? 3 : -5;
    if (t[REVENUE]) company += revenue >= 1e8 ? 10 : revenue >= 1e7 ? 7 : revenue >= 1e6 ? 3 : 0;
    if (ANY(t[INDUSTRY], "software", "saas", "fintech", "financial services", "insurance")) company += 10;
    if (ANY(t[INDUSTRY], "manufacturing", "logistics", "retail", "healthcare")) company += 6;
    if (ANY(t[INDUSTRY], "education", "nonprofit", "government")) company -= 5;
    if (ANY(t[COUNTRY], "DE", "AT", "CH")) company += 8;
    if (ANY(t[COUNTRY], "US", "GB", "CA", "FR", "NL", "SE")) company += 5;
    if (ANY(t[COUNTRY], "KP", "IR", "SY", "CU")) company -= 30;
    if (t[EMPLOYEES] && employees >= 500 && is(t[INDUSTRY], "software") && ANY(t[COUNTRY], "US", "DE")) company += 5;
    if (!t[COMPANY]) company -= 5;

    const char *title = t[TITLE], *seniority = t[SENIORITY];
    if (is(seniority, "c_level")) persona += 15;
    if (is(seniority, "vp")) persona += 12;
    if (is(seniority, "director")) persona += 10;
    if (is(seniority, "manager")) persona += 6;
    if (ANY(seniority, "intern", "student")) persona -= 10;
    if (has(title, "chief") || has(title, "founder")) persona += 6;
    if (has(title, "head of")) persona += 5;
    if (has(title, "marketing") || has(title, "sales") || has(title, "revenue") || has(title, "growth")) persona += 6;
    if (has(title, "assistant") || has(title, "student") || has(title, "intern")) persona -= 8;
    if (ANY(t[DEPARTMENT], "marketing", "sales", "revenue operations")) persona += 6;
    if (is(t[DEPARTMENT], "it") && ANY(seniority, "c_level", "vp", "director")) persona += 4;
    if (!title && !seniority) persona -= 6;
    if (!t[EMAIL])
        persona -= 10;
    else
        persona += is_freemail(t[EMAIL]) ? -8 : 4;

    if (ANY(t[SOURCE], "demo_request", "referral", "partner")) intent += 12;
    if (ANY(t[SOURCE], "webinar", "event", "content")) intent += 6;
    if (is(t[SOURCE], "purchased_list")) intent -= 8;
    if (has(t[CAMPAIGN], "enterprise")) intent += 4;
    if (is(t[NEWSLETTER], "true")) intent += 3;
    if (t[BUDGET])
        intent += budget >= 50000 ? 10 : budget >= 10000 ? 6 : 0;
    else if (!ANY(t[SOURCE], "demo_request", "referral"))
        intent -= 3;
    if (t[CREATED] && strcmp(t[CREATED], day30) >= 0) intent += 4;

    int total = clamp(company, -20, 50) + clamp(persona, -20, 40) + clamp(intent, -10, 30);
    *stage = total >= 75 ? "hot" : total >= 50 ? "warm" : total >= 25 ? "nurture" : total >= 5 ? "cold" : "reject";
    return total;
}

static long days(const char *at) /* since 1970-01-01, of a date in text */
{
    long year = strtol(at, NULL, 10), month = strtol(at + 5, NULL, 10), day = strtol(at + 8, NULL, 10);
    year -= month <= 2;
    long era = year / 400, yoe = year - era * 400, doy = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

static int events30(const struct lead *lead, const char **stage)
{
    const char *const *t = lead->text;
    double employees = number(t[EMPLOYEES]);
    int fit = 0, interest = 0;
    if (t[EMPLOYEES]) fit += employees >= 1000 ? 15 : employees >= 100 ? 10 : employees < 10 ? -5 : 0;
    if (ANY(t[INDUSTRY], "software", "saas", "fintech", "financial services", "insurance")) fit += 10;
    if (ANY(t[COUNTRY], "DE", "AT", "CH", "US", "GB")) fit += 8;
    if (t[REVENUE] && number(t[REVENUE]) >= 1e7) fit += 7;
    if (ANY(t[SENIORITY], "c_level", "vp", "director")) fit += 12;
    if (is(t[SENIORITY], "manager")) fit += 6;
    if (has(t[TITLE], "marketing") || has(t[TITLE], "sales") || has(t[TITLE], "growth")) fit += 5;
    if (is_freemail(t[EMAIL])) fit -= 8;
    if (t[BUDGET] && number(t[BUDGET]) >= 20000) fit += 8;
    if (lead->careers) fit -= 50;

    if (lead->pricing >= 1) interest += 10;
    if (lead->pricing >= 3) interest += 10;
    if (lead->downloads) interest += 8;
    if (lead->papers) interest += 5;
    interest += 10 * least(lead->webinars, 3);
    if (lead->demos) interest += 30;
    interest += 8 * least(lead->forms, 2) + 2 * least(lead->clicks, 5) + least(lead->opens, 5);
    if (lead->views7 >= 5) interest += 6;
    interest += least(lead->product, 6);
    if (lead->case90) interest += 4;
    if (lead->docs) interest += 3;
    if (__builtin_popcount(lead->types) >= 4) interest += 5;
    if (lead->recent) interest += 4;
    if (lead->events == 0) interest -= 5;
    if (lead->unsubscribes) interest -= 50;
    if (is(t[NEWSLETTER], "true") && !lead->unsubscribes) interest += 3;
    interest = clamp(interest, -50, 100);
    if (lead->events > 0 && interest > 0) {
        long seconds = (days("2026-11-22") - days(lead->last)) * 86400 -
                       (strtol(lead->last + 11, NULL, 10) * 3600 + strtol(lead->last + 14, NULL, 10) * 60 +
                        strtol(lead->last + 17, NULL, 10));
        long periods = seconds / (30 * 86400);
        if (periods > 0) interest = (int)(interest * pow(0.8, (double)periods) + 0.5);
    }
    int total = clamp(fit, -50, 50) + interest;
    *stage = total >= 80 ? "hot" : total >= 50 ? "warm" : total >= 20 ? "nurture" : total >= 0 ? "cold" : "reject";
    return total;
}

int main(int count, char **arguments)
{
    if (count != 4) {
        fprintf(stderr, "plain flat40|events30 IN OUT\n");
        return 2;
    }
    bool with_events = strcmp(arguments[1], "events30") == 0;
    FILE *in = fopen(arguments[2], "r"), *out = fopen(arguments[3], "w");
    if (!in || !out) {
        perror("plain");
        return 3;
    }
    char *line = NULL;
    size_t capacity = 0, room = 0;
    ssize_t length;
    while ((length = getline(&line, &capacity, in)) > 0) {
        if (capacity * 2 > room) {
            room = capacity * 2;
            texts = realloc(texts, room);
        }
        if (!texts) {
            perror("plain");
            return 3;
        }
        struct lead lead;
        const char *stage;
        read_lead(line, &lead, with_events);
        int total = with_events ? events30(&lead, &stage) : flat40(&lead, &stage);
        fprintf(out, "%s,%d,%s\n", lead.text[ID] ? lead.text[ID] : "", total, stage);
    }
    free(line);
    free(texts);
    fclose(in);
    return fclose(out) == 0 ? 0 : 3;
}
