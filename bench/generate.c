/* Deterministic leads for the benchmark: the same arguments give the same bytes on every machine.

     generate --leads N [--seed S] [--shape NAME[,NAME…]] [--events MEAN] [--one-lead-events N] --out FOLDER

   writes flat.ndjson, nested.ndjson (the same leads with their events), leads.csv and events.csv (the same as a pair).
   Shapes, which may be combined:
     usual     keys in one order but for 3 % of the leads, 2 % with escapes, 5 % of the fields missing
     shuffled  keys of every lead and event in an order of their own
     escapes   escapes in every text, and in some keys
     long      titles of hundreds of characters, and a note of some thousand
     events    ten times the events
     titles    titles, companies and addresses that hardly ever repeat
     spaces    white space after colons and commas
   --one-lead-events N writes one lead with N events in nested.ndjson instead.  Now is 2026-11-22; all times are UTC. */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DAY 86400
#define NOW_DAYS 20779 /* 2026-11-22 since 1970-01-01 */
#define COUNT(list) (sizeof(list) / sizeof(list)[0])

struct weighted {
    const char *text;
    unsigned weight;
};

static const char *const given_names[] = {
    "Ada",   "Bruno",  "Chiara", "Dmitri", "Esra",  "Felix",      "Gitte",       "Hanna",           "Ivo",
    "Jana",  "Kofi",   "Lena",   "Marek",  "Nadia", "Oskar",      "Paula",       "Rafael",          "Sophie",
    "Tariq", "Ursula", "Viktor", "Wanda",  "Yusuf", "Zo\xc3\xab", "J\xc3\xb6rg", "Ang\xc3\xa9lique"};
static const char *const family_names[] = {
    "Abel",     "Berger", "Castro",  "Dvorak",       "Eriksen",         "Fontana",  "Gruber",
    "Hoffmann", "Ito",    "Janssen", "Kaya",         "Lindqvist",       "Mendes",   "Nowak",
    "Okoye",    "Petrov", "Quist",   "Ricci",        "Schulz",          "Tremblay", "Ueda",
    "Vogel",    "Walsh",  "Yilmaz",  "Z\xc3\xa1vod", "Gr\xc3\xbcnwald", "D'Angelo"};
static const char *const titles[] = {"CEO & Founder",
                                     "Chief Revenue Officer",
                                     "chief of staff",
                                     "Co-founder",
                                     "VP Marketing",
                                     "VP, Customer Operations",
                                     "Vice President Growth",
                                     "Director of Marketing",
                                     "Director IT",
                                     "Sales Director EMEA",
                                     "HEAD OF SALES",
                                     "Head of Data",
                                     "Head of Demand Generation",
                                     "Marketing Manager",
                                     "Performance Marketing Manager",
                                     "Regional Sales Manager",
                                     "Project Manager",
                                     "Revenue Operations Manager",
                                     "Growth Lead",
                                     "Account Manager",
                                     "Backend Developer",
                                     "Data Engineer",
                                     "Controller",
                                     "Assistant to the Board",
                                     "Sales Assistant",
                                     "International Buyer",
                                     "HR Intern",
                                     "Marketing Student",
                                     "Working Student",
                                     "Recruiter",
                                     "Solutions Architect",
                                     "Support Agent",
                                     "Purchasing",
                                     "Team Lead \"Inbound\"",
                                     "G\xc3\xa9rant",
                                     "Gesch\xc3\xa4"
                                     "ftsf\xc3\xbchrerin"};
static const struct weighted seniorities[] = {{"c_level", 8},  {"vp", 6},      {"director", 12},
                                              {"manager", 22}, {"senior", 20}, {"junior", 18},
                                              {"intern", 4},   {"student", 4}, {"owner", 6}};
static const struct weighted departments[] = {
    {"marketing", 18}, {"sales", 21},      {"it", 13},          {"hr", 8},
    {"finance", 9},    {"operations", 11}, {"engineering", 12}, {"revenue operations", 5},
    {"legal", 3}};
static const struct weighted industries[] = {
    {"software", 15},  {"saas", 9},           {"fintech", 6},   {"financial services", 6},
    {"insurance", 5},  {"manufacturing", 11}, {"logistics", 6}, {"retail", 8},
    {"healthcare", 7}, {"education", 6},      {"nonprofit", 3}, {"government", 4},
    {"media", 5},      {"tourism", 4},        {"chemicals", 5}};
static const struct weighted countries[] = {{"US", 28}, {"DE", 13}, {"GB", 9}, {"FR", 7}, {"CA", 5}, {"NL", 4},
                                            {"SE", 3},  {"AT", 4},  {"CH", 3}, {"ES", 5}, {"IT", 5}, {"PL", 4},
                                            {"IN", 4},  {"BR", 3},  {"IR", 1}, {"KP", 1}, {"CU", 1}};
static const struct weighted sources[] = {
    {"demo_request", 7}, {"referral", 8}, {"partner", 5},      {"webinar", 10}, {"event", 7},
    {"content", 15},     {"organic", 20}, {"paid_search", 13}, {"social", 8},   {"purchased_list", 7}};
static const char *const campaigns[] = {
    "2026-fall-launch",   "2026-Enterprise-dach", "abm-ENTERPRISE-fs", "smb-nurture-3", "remarketing-q4",
    "enterprise-webinar", "summer-clearance",     "partner-week",      "podcast-2026",  "brand-search-uk"};
static const char *const freemail[] = {"gmail.com", "yahoo.com", "hotmail.com", "outlook.com", "icloud.com", "gmx.de",
                                       "web.de",    "mail.ru",   "live.com",    "qq.com",      "163.com"};
static const char *const company_starts[] = {
    "Arbor",    "Beacon", "Cascade",  "Dorado", "Elm",     "Falcon",   "Granite", "Helix", "Iris",  "Juniper",
    "Keystone", "Lumen",  "Meridian", "Nimbus", "Orchard", "Pinnacle", "Quarry",  "Ridge", "Sable", "Tundra"};
static const char *const company_kinds[] = {"Tools", "Freight",  "Bank",     "Robotics", "Insurance", "Clinics",
                                            "Data",  "Textiles", "Ventures", "Energy",   "Works",     "Studios"};
static const char *const company_forms[] = {"GmbH", "Inc.", "Ltd", "SE", "AB", "SAS", "& Sons", "Group"};
static const char *const endings[] = {"com", "com", "io", "de", "net", "co.uk"};

enum event_type { PAGE_VIEW, EMAIL_OPEN, EMAIL_CLICK, FORM_SUBMIT, DOWNLOAD, WEBINAR, DEMO_REQUEST, UNSUBSCRIBE };
static const struct weighted event_types[] = {{"page_view", 49},   {"email_open", 21}, {"email_click", 9},
                                              {"form_submit", 5},  {"download", 8},    {"webinar", 5},
                                              {"demo_request", 2}, {"unsubscribe", 1}};
static const struct weighted urls[] = {{"/pricing", 13},
                                       {"/", 13},
                                       {"/product", 9},
                                       {"/product/automation", 6},
                                       {"/products/compare", 4},
                                       {"/blog/rules-that-read-aloud", 10},
                                       {"/blog/what-a-point-is-worth", 9},
                                       {"/docs/start", 5},
                                       {"/help/docs", 3},
                                       {"/careers", 2},
                                       {"/case-studies", 5},
                                       {"/customers/granite", 4},
                                       {"/Docs", 1},
                                       {"/team", 8},
                                       {"/contact", 8}};
static const char *const names[8][5] = {
    [EMAIL_OPEN] = {"2026-10 newsletter", "product news 31", "invitation scoring live", "trial, day 2"},
    [EMAIL_CLICK] = {"2026-10 newsletter", "product news 31", "trial, day 2"},
    [FORM_SUBMIT] = {"contact", "calculator", "trial"},
    [DOWNLOAD] = {"Scoring WHITEPAPER", "Privacy whitepaper 2026", "Price list", "Checklist", "Brochure"},
    [WEBINAR] = {"Scoring in an hour", "Roadmap"},
    [DEMO_REQUEST] = {"demo"},
    [UNSUBSCRIBE] = {"all"}};
static const char *const words[] = {"they",        "asked",   "about",  "the",  "offer",   "call", "again",
                                    "next",        "quarter", "budget", "is",   "planned", "with", "\"maybe\"",
                                    "procurement", "team",    "knows",  "us",   "from",    "a",    "fair",
                                    "caf\xc3\xa9", "and",     "likes",  "what", "was",     "shown"};

struct shape {
    bool shuffled, escapes, long_texts, many_events, titles, spaces;
};
struct sink {
    FILE *file;
    char *bytes;
    size_t length, capacity;
};
struct generator {
    uint64_t state[2];
    struct shape shape;
    unsigned mean_events;
    bool escaped;
};

/* ---- numbers ---- */
static uint64_t random_next(struct generator *g) /* xorshift128+ */
{
    uint64_t x = g->state[0], y = g->state[1];
    g->state[0] = y;
    x ^= x << 23;
    g->state[1] = x ^ y ^ (x >> 17) ^ (y >> 26);
    return (g->state[1] + y) >> 11;
}

static uint32_t below(struct generator *g, uint32_t bound) { return (uint32_t)(random_next(g) % bound); }
static bool chance(struct generator *g, uint32_t per_mille) { return below(g, 1000) < per_mille; }

static const char *pick(struct generator *g, const struct weighted *list, size_t count)
{
    unsigned sum = 0;
    for (size_t at = 0; at < count; at++) sum += list[at].weight;
    unsigned want = below(g, sum);
    for (size_t at = 0;; at++) {
        if (want < list[at].weight) return list[at].text;
        want -= list[at].weight;
    }
}

/* Skewed to small numbers, without floating point: the number of tosses is geometric, within a step uniform. */
static uint32_t skewed(struct generator *g, uint32_t mean)
{
    uint32_t steps = 0;
    while (steps < 12 && below(g, 2) != 0) steps++;
    return steps * mean + below(g, mean + 1) - (steps > 0 ? mean / 2 : 0);
}

/* ---- bytes ---- */
static void put_bytes(struct sink *sink, const char *bytes, size_t length)
{
    if (sink->length + length > sink->capacity) {
        if (sink->file && fwrite(sink->bytes, 1, sink->length, sink->file) != sink->length) {
            perror("generate");
            exit(3);
        }
        if (sink->file) sink->length = 0;
        if (sink->length + length > sink->capacity) {
            sink->capacity = (sink->length + length) * 2 + (1u << 20);
            sink->bytes = realloc(sink->bytes, sink->capacity);
            if (!sink->bytes) {
                perror("generate");
                exit(3);
            }
        }
    }
    memcpy(sink->bytes + sink->length, bytes, length);
    sink->length += length;
}

static void put(struct sink *sink, const char *text) { put_bytes(sink, text, strlen(text)); }

static void put_unicode(struct sink *sink, uint32_t code)
{
    char text[16];
    if (code >= 0x10000)
        snprintf(text, sizeof text, "\\u%04x\\u%04X", 0xd800 + ((code - 0x10000) >> 10),
                 0xdc00 + ((code - 0x10000) & 0x3ff));
    else
        snprintf(text, sizeof text, "\\u%04x", code);
    put(sink, text);
}

/* A JSON text.  `every`: of how many characters one is escaped though it need not be; 0: none; 1: all that are not
   ASCII. */
static void put_json(struct generator *g, struct sink *sink, const char *text, uint32_t every)
{
    put(sink, "\"");
    for (const unsigned char *at = (const unsigned char *)text; *at;) {
        uint32_t code = *at, size = 1;
        if (code >= 0xf0) {
            code = (code & 7u) << 18 | (at[1] & 63u) << 12 | (at[2] & 63u) << 6 | (at[3] & 63u);
            size = 4;
        } else if (code >= 0xe0) {
            code = (code & 15u) << 12 | (at[1] & 63u) << 6 | (at[2] & 63u);
            size = 3;
        } else if (code >= 0xc0) {
            code = (code & 31u) << 6 | (at[1] & 63u);
            size = 2;
        }
        if (code == '"' || code == '\\') {
            put(sink, "\\");
            put_bytes(sink, (const char *)at, 1);
        } else if (every == 1 ? code >= 0x80 : every > 1 && below(g, every) == 0) {
            if (code == '/')
                put(sink, "\\/");
            else
                put_unicode(sink, code);
        } else
            put_bytes(sink, (const char *)at, size);
        at += size;
    }
    put(sink, "\"");
}

static void put_cell(struct sink *sink, const char *text)
{
    if (!strpbrk(text, "\",\n\r")) {
        put(sink, text);
        return;
    }
    put(sink, "\"");
    for (; *text; text++) put_bytes(sink, *text == '"' ? "\"\"" : text, *text == '"' ? 2 : 1);
    put(sink, "\"");
}

/* ---- values ---- */
static void format_instant(int64_t seconds_ago, char text[32])
{
    int64_t now = (int64_t)NOW_DAYS * DAY - seconds_ago, day = now / DAY;
    int second = (int)(now % DAY);
    int64_t z = day + 719468, era = z / 146097, doe = z - era * 146097;
    int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365,
            doy = doe - (365 * yoe + yoe / 4 - yoe / 100), mp = (5 * doy + 2) / 153;
    int month = (int)(mp < 10 ? mp + 3 : mp - 9), year = (int)(yoe + era * 400 + (month <= 2));
    snprintf(text, 32, "%04d-%02d-%02dT%02d:%02d:%02dZ", year, month, (int)(doy - (153 * mp + 2) / 5 + 1),
             second / 3600, second / 60 % 60, second % 60);
}

enum value_kind { VALUE_TEXT, VALUE_BARE };
struct member {
    const char *key;
    enum value_kind kind;
    char text[8192];
    bool absent;
};
#define MEMBERS 18
static const char *const keys[MEMBERS] = {
    "id",          "email",        "first_name", "last_name", "job_title",      "seniority",
    "department",  "company",      "industry",   "employees", "annual_revenue", "country",
    "lead_source", "utm_campaign", "newsletter", "budget",    "created_at",     "note"};

static void add_words(struct generator *g, char *text, size_t room, size_t wanted)
{
    size_t length = strlen(text);
    while (length < wanted && length + 20 < room)
        length += (size_t)snprintf(text + length, room - length, " %s", words[below(g, COUNT(words))]);
}

static void make_lead(struct generator *g, uint32_t number, struct member *members)
{
    char host[80];
    const char *given = given_names[below(g, COUNT(given_names))],
               *family = family_names[below(g, COUNT(family_names))];
    const char *start = company_starts[below(g, COUNT(company_starts))],
               *kind = company_kinds[below(g, COUNT(company_kinds))];
    for (int at = 0; at < MEMBERS; at++) {
        members[at].key = keys[at];
        members[at].kind = VALUE_TEXT;
        members[at].absent = false;
    }
    if (chance(g, 330))
        snprintf(host, sizeof host, "%s", freemail[below(g, COUNT(freemail))]);
    else
        snprintf(host, sizeof host, "%s%s%u.%s", start, kind, g->shape.titles ? below(g, 1000000) : below(g, 40),
                 endings[below(g, COUNT(endings))]);
    if (chance(g, 20) && host[0] >= 'a') host[0] = (char)(host[0] - 32);
    snprintf(members[0].text, 8192, "L%08u", number);
    snprintf(members[1].text, 8192, "%c.%s%u@%s", given[0] | 32, family, below(g, 2000), host);
    for (char *c = members[1].text; *c && *c != '@'; c++)
        if ((unsigned char)*c >= 0x80 || *c == '\'') *c = 'x';
    snprintf(members[2].text, 8192, "%s", given);
    snprintf(members[3].text, 8192, "%s", family);
    snprintf(members[4].text, 8192, "%s", titles[below(g, COUNT(titles))]);
    if (g->shape.titles) {
        size_t length = strlen(members[4].text);
        snprintf(members[4].text + length, 8192 - length, ", %s %s %u", start, kind, below(g, 1000000));
    }
    if (g->shape.long_texts) add_words(g, members[4].text, 8000, 100 + below(g, 700));
    snprintf(members[5].text, 8192, "%s", pick(g, seniorities, COUNT(seniorities)));
    snprintf(members[6].text, 8192, "%s", pick(g, departments, COUNT(departments)));
    if (g->shape.titles)
        snprintf(members[7].text, 8192, "%s %s %u", start, kind, below(g, 10000000));
    else
        snprintf(members[7].text, 8192, chance(g, 10) ? "%s \"%s\" %s" : "%s %s %s", start, kind,
                 company_forms[below(g, COUNT(company_forms))]);
    snprintf(members[8].text, 8192, "%s", pick(g, industries, COUNT(industries)));
    static const uint32_t sizes[] = {10, 50, 200, 500, 1000, 5000, 30000};
    uint32_t size = below(g, COUNT(sizes)), employees = 1 + below(g, sizes[size]);
    snprintf(members[9].text, 8192, "%u", employees);
    uint64_t revenue = (uint64_t)employees * (15000 + below(g, 300000));
    if (chance(g, 100))
        snprintf(members[10].text, 8192, "%llu.%02u", (unsigned long long)revenue, below(g, 100));
    else
        snprintf(members[10].text, 8192, "%llu", (unsigned long long)revenue);
    snprintf(members[11].text, 8192, "%s", pick(g, countries, COUNT(countries)));
    snprintf(members[12].text, 8192, "%s", pick(g, sources, COUNT(sources)));
    snprintf(members[13].text, 8192, "%s", campaigns[below(g, COUNT(campaigns))]);
    snprintf(members[14].text, 8192, "%s", chance(g, 400) ? "true" : "false");
    if (chance(g, 500))
        snprintf(members[15].text, 8192, "null");
    else
        snprintf(members[15].text, 8192, "%u", 500 + below(g, below(g, 400) + 1) * 250);
    int64_t ago = chance(g, 10) ? 30 * DAY : (int64_t)skewed(g, 60) * DAY + below(g, DAY);
    format_instant(ago, members[16].text);
    members[17].text[0] = '\0';
    if (g->shape.long_texts)
        add_words(g, members[17].text, 8000, 500 + below(g, 5000));
    else
        members[17].absent = true;
    for (int at = 1; at < MEMBERS - 1; at++) members[at].absent = chance(g, 50);
    members[9].kind = members[10].kind = members[14].kind = members[15].kind = VALUE_BARE;
}

static uint32_t json_escapes(struct generator *g) { return g->shape.escapes ? 4 : g->escaped ? 1 : 0; }

static void put_key(struct generator *g, struct sink *sink, const char *key)
{
    put_json(g, sink, key, g->shape.escapes && chance(g, 100) ? 3 : 0);
    put(sink, g->shape.spaces ? ": " : ":");
}

static void put_lead(struct generator *g, struct sink *sink, struct member *members, bool shuffle)
{
    int order[MEMBERS];
    for (int at = 0; at < MEMBERS; at++) order[at] = at;
    for (int at = MEMBERS - 1; shuffle && at > 0; at--) {
        int other = (int)below(g, (uint32_t)at + 1), kept = order[at];
        order[at] = order[other];
        order[other] = kept;
    }
    put(sink, "{");
    bool first = true;
    for (int at = 0; at < MEMBERS; at++) {
        const struct member *member = &members[order[at]];
        if (member->absent) continue;
        if (!first) put(sink, g->shape.spaces ? ", " : ",");
        first = false;
        put_key(g, sink, member->key);
        if (member->kind == VALUE_BARE)
            put(sink, member->text);
        else
            put_json(g, sink, member->text, json_escapes(g));
    }
}

struct event {
    int64_t ago;
    enum event_type type;
    const char *detail;
};

static struct event make_event(struct generator *g, int64_t base)
{
    static const int edges[] = {3, 7, 14, 30, 60, 90, 120, 150};
    struct event event = {.ago = base + (int64_t)skewed(g, 25) * DAY + below(g, DAY)};
    if (event.ago > 400 * (int64_t)DAY) event.ago = 400 * (int64_t)DAY;
    if (chance(g, 10)) event.ago = (int64_t)edges[below(g, COUNT(edges))] * DAY;
    const char *type = pick(g, event_types, COUNT(event_types));
    for (unsigned at = 0; at < COUNT(event_types); at++)
        if (event_types[at].text == type) event.type = (enum event_type)at;
    if (event.type == PAGE_VIEW)
        event.detail = pick(g, urls, COUNT(urls));
    else {
        uint32_t count = 0;
        while (count < 5 && names[event.type][count]) count++;
        event.detail = names[event.type][below(g, count)];
    }
    return event;
}

static void put_event(struct generator *g, struct sink *sink, const struct event *event)
{
    char at[32];
    format_instant(event->ago, at);
    const char *member[3] = {"type", "at", event->type == PAGE_VIEW ? "url" : "name"},
               *value[3] = {event_types[event->type].text, at, event->detail};
    uint32_t start = g->shape.shuffled ? below(g, 3) : 0, step = g->shape.shuffled ? 1 + below(g, 2) : 1;
    put(sink, "{");
    for (uint32_t i = 0; i < 3; i++) {
        uint32_t which = (start + i * step) % 3;
        if (i > 0) put(sink, g->shape.spaces ? ", " : ",");
        put_key(g, sink, member[which]);
        put_json(g, sink, value[which], which == 1 && !g->shape.escapes ? 0 : json_escapes(g));
    }
    put(sink, "}");
}

static int newest_last(const void *a, const void *b)
{
    int64_t left = ((const struct event *)a)->ago, right = ((const struct event *)b)->ago;
    return (left < right) - (left > right);
}

struct files {
    struct sink flat, nested, leads, events;
};

static void one_lead(struct generator *g, uint32_t number, struct files *files, uint32_t forced_events)
{
    static struct member members[MEMBERS]; /* large; one thread */
    make_lead(g, number, members);
    g->escaped = chance(g, 20);
    struct sink *flat = &files->flat;
    struct sink line = {.file = NULL};
    put_lead(g, &line, members, g->shape.shuffled || chance(g, 30));
    put_bytes(flat, line.bytes, line.length);
    put(flat, "}\n");
    put_bytes(&files->nested, line.bytes, line.length);
    free(line.bytes);
    uint32_t count = forced_events ? forced_events : skewed(g, g->mean_events);
    int64_t base = (int64_t)skewed(g, 14) * DAY;
    if (count > 0 || chance(g, 700)) {
        struct event *events = malloc((count + 1) * sizeof *events);
        if (!events) {
            perror("generate");
            exit(3);
        }
        for (uint32_t at = 0; at < count; at++) events[at] = make_event(g, base);
        qsort(events, count, sizeof *events, newest_last);
        put(&files->nested, g->shape.spaces ? ", " : ",");
        put_key(g, &files->nested, "events");
        put(&files->nested, "[");
        for (uint32_t at = 0; at < count; at++) {
            if (at > 0) put(&files->nested, g->shape.spaces ? ", " : ",");
            put_event(g, &files->nested, &events[at]);
            char text[64], when[32];
            format_instant(events[at].ago, when);
            snprintf(text, sizeof text, "%s,%s,%s,", members[0].text, event_types[events[at].type].text, when);
            put(&files->events, text);
            if (events[at].type != PAGE_VIEW) put(&files->events, ",");
            put_cell(&files->events, events[at].detail);
            put(&files->events, events[at].type == PAGE_VIEW ? ",\n" : "\n");
        }
        put(&files->nested, "]");
        free(events);
    }
    put(&files->nested, "}\n");
    for (int at = 0; at < MEMBERS - 1; at++) {
        if (at > 0) put(&files->leads, ",");
        if (!members[at].absent && strcmp(members[at].text, "null") != 0) put_cell(&files->leads, members[at].text);
    }
    if (g->shape.long_texts) {
        put(&files->leads, ",");
        put_cell(&files->leads, members[17].text);
    }
    put(&files->leads, "\n");
}

static void open_sink(struct sink *sink, const char *folder, const char *name)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    *sink = (struct sink){.file = fopen(path, "wb")};
    if (!sink->file) {
        perror(path);
        exit(3);
    }
}

static void close_sink(struct sink *sink)
{
    if (fwrite(sink->bytes, 1, sink->length, sink->file) != sink->length || fclose(sink->file) != 0) {
        perror("generate");
        exit(3);
    }
    free(sink->bytes);
}

static struct shape read_shape(const char *list)
{
    struct shape shape = {.shuffled = false};
    char copy[200];
    snprintf(copy, sizeof copy, "%s", list);
    for (char *name = strtok(copy, ","); name; name = strtok(NULL, ",")) {
        if (strcmp(name, "shuffled") == 0)
            shape.shuffled = true;
        else if (strcmp(name, "escapes") == 0)
            shape.escapes = true;
        else if (strcmp(name, "long") == 0)
            shape.long_texts = true;
        else if (strcmp(name, "events") == 0)
            shape.many_events = true;
        else if (strcmp(name, "titles") == 0)
            shape.titles = true;
        else if (strcmp(name, "spaces") == 0)
            shape.spaces = true;
        else if (strcmp(name, "usual") != 0) {
            fprintf(stderr, "generate: no shape is named %s\n", name);
            exit(2);
        }
    }
    return shape;
}

int main(int count, char **arguments)
{
    uint32_t leads = 1000, one = 0;
    uint64_t seed = 1;
    const char *folder = ".", *shape = "usual";
    struct generator g = {.mean_events = 0};
    for (int at = 1; at + 1 < count; at += 2) {
        const char *option = arguments[at], *value = arguments[at + 1];
        if (strcmp(option, "--leads") == 0)
            leads = (uint32_t)strtoul(value, NULL, 10);
        else if (strcmp(option, "--seed") == 0)
            seed = strtoull(value, NULL, 10);
        else if (strcmp(option, "--shape") == 0)
            shape = value;
        else if (strcmp(option, "--events") == 0)
            g.mean_events = (unsigned)strtoul(value, NULL, 10);
        else if (strcmp(option, "--one-lead-events") == 0)
            one = (uint32_t)strtoul(value, NULL, 10);
        else if (strcmp(option, "--out") == 0)
            folder = value;
        else {
            fprintf(stderr, "generate: no option %s\n", option);
            return 2;
        }
    }
    g.shape = read_shape(shape);
    if (g.mean_events == 0) g.mean_events = g.shape.many_events ? 80 : 8;
    g.state[0] = seed * 0x9e3779b97f4a7c15u + 1;
    g.state[1] = seed ^ 0xd1b54a32d192ed03u;
    for (int at = 0; at < 20; at++) random_next(&g);
    struct files files;
    open_sink(&files.flat, folder, "flat.ndjson");
    open_sink(&files.nested, folder, "nested.ndjson");
    open_sink(&files.leads, folder, "leads.csv");
    open_sink(&files.events, folder, "events.csv");
    for (int at = 0; at < MEMBERS - !g.shape.long_texts; at++) {
        put(&files.leads, at > 0 ? "," : "");
        put(&files.leads, keys[at]);
    }
    put(&files.leads, "\n");
    put(&files.events, "lead_id,type,at,url,name\n");
    if (one > 0) leads = 1;
    for (uint32_t number = 1; number <= leads; number++) one_lead(&g, number, &files, one);
    close_sink(&files.flat);
    close_sink(&files.nested);
    close_sink(&files.leads);
    close_sink(&files.events);
    return 0;
}
