/* The two rule sets as fast as we could make them by hand on one core: what a general tool is measured against.

     tuned flat40|events30 IN.ndjson OUT      writes id,score,stage

   Built with -march=native: AVX-512, AVX2 or SSE2, whichever the compiler is told of.  The ideas:
   - The next key is guessed: it is the one that followed this key before, or the one after that; one wide comparison.
   - Texts of few values (industry, country, …) meet their points in a table without collisions, found at the start.
   - Texts of many values (titles, campaigns, urls) meet theirs in a memo of one try; who is not there is searched for
     all words at once, 64 bytes at a time.
   - An event is type, time and text in fixed literals; its text and type name a class, the number of windows its time
     is in is counted without branches, and a table says what that adds to 32 saturating counters: one addition.
   - What does not look as guessed takes the slow way, which knows all of JSON that the data has.
   It validates nothing.  A change of a rule is a change of this program. */
#include <immintrin.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench/tuned_texts.h"

#define BLOCK (1u << 20)
#define PAD 128u

/* ---- the rule sets' tables ---- */
enum field {
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
    EVENTS,
    OTHER_FIRST,
    OTHER_LAST,
    KEYS,
    UNKNOWN = KEYS
};
static const char *const key_names[KEYS] = {
    "id",         "email",       "job_title",    "seniority",  "department", "company",        "industry",
    "country",    "lead_source", "utm_campaign", "created_at", "employees",  "annual_revenue", "budget",
    "newsletter", "events",      "first_name",   "last_name"};
static struct literal key_literals[KEYS]; /* ,"key": */
static uint8_t key_next[KEYS + 1], key_doubt[KEYS + 1];

enum { TOP = 1, IT = 2, SOFTWARE = 4, US_DE = 8, ASKED = 16 };
static struct values freemail, seniorities, departments, industries, countries, sources;
static const struct known freemail_known[] = {
    {"gmail.com", 1, 0}, {"yahoo.com", 1, 0},      {"hotmail.com", 1, 0}, {"outlook.com", 1, 0},
    {"aol.com", 1, 0},   {"icloud.com", 1, 0},     {"gmx.de", 1, 0},      {"web.de", 1, 0},
    {"mail.ru", 1, 0},   {"protonmail.com", 1, 0}, {"yandex.ru", 1, 0},   {"live.com", 1, 0},
    {"msn.com", 1, 0},   {"qq.com", 1, 0},         {"163.com", 1, 0},     {NULL, 0, 0}};
static const struct known seniority_a[] = {{"c_level", 15, TOP}, {"vp", 12, TOP},    {"director", 10, TOP},
                                           {"manager", 6, 0},    {"intern", -10, 0}, {"student", -10, 0},
                                           {NULL, 0, 0}};
static const struct known seniority_b[] = {
    {"c_level", 12, 0}, {"vp", 12, 0}, {"director", 12, 0}, {"manager", 6, 0}, {NULL, 0, 0}};
static const struct known department_a[] = {{"marketing", 6, 0}, {"sales", 6, 0}, {"it", 0, IT}, {NULL, 0, 0}};
static const struct known industry_a[] = {{"software", 10, SOFTWARE}, {"saas", 10, 0},         {"fintech", 10, 0},
                                          {"insurance", 10, 0},       {"manufacturing", 6, 0}, {"logistics", 6, 0},
                                          {"retail", 6, 0},           {"healthcare", 6, 0},    {"education", -5, 0},
                                          {"nonprofit", -5, 0},       {"government", -5, 0},   {NULL, 0, 0}};
static const struct known industry_b[] = {
    {"software", 10, 0}, {"saas", 10, 0}, {"fintech", 10, 0}, {"insurance", 10, 0}, {NULL, 0, 0}};
static const struct known country_a[] = {
    {"DE", 8, US_DE}, {"AT", 8, 0}, {"CH", 8, 0},   {"US", 5, US_DE}, {"GB", 5, 0},   {"CA", 5, 0},   {"FR", 5, 0},
    {"NL", 5, 0},     {"SE", 5, 0}, {"KP", -30, 0}, {"IR", -30, 0},   {"SY", -30, 0}, {"CU", -30, 0}, {NULL, 0, 0}};
static const struct known country_b[] = {{"DE", 8, 0}, {"AT", 8, 0}, {"CH", 8, 0},
                                         {"US", 8, 0}, {"GB", 8, 0}, {NULL, 0, 0}};
static const struct known source_a[] = {
    {"demo_request", 12, ASKED}, {"referral", 12, ASKED},   {"partner", 12, 0}, {"webinar", 6, 0}, {"event", 6, 0},
    {"content", 6, 0},           {"purchased_list", -8, 0}, {NULL, 0, 0}};

static bool with_events;
enum { KIND_TITLE = 1, KIND_CAMPAIGN, KIND_EVENT }; /* an event's kind is KIND_EVENT + its type */

static int classify_title(const char *text, size_t length)
{
    static const struct word words[] = {{"chief", 1},    {"founder", 1}, {"head of", 2}, {"marketing", 4},
                                        {"sales", 4},    {"growth", 4},  {"revenue", 8}, {"assistant", 16},
                                        {"student", 16}, {"intern", 16}, {NULL, 0}};
    unsigned found = find_words(text, length, words, false);
    if (with_events) return found & 4 ? 5 : 0;
    return (found & 1 ? 6 : 0) + (found & 2 ? 5 : 0) + (found & 12 ? 6 : 0) - (found & 16 ? 8 : 0);
}

/* Counters of events: 32 that stop at 255.  The last eight say that a type was there in the last 30 days. */
enum counter {
    PRICING,
    PRODUCT,
    DOCS,
    VIEWS7,
    CASE90,
    CAREERS,
    UNSUBSCRIBED,
    DOWNLOADS,
    PAPERS,
    WEBINARS,
    DEMOS,
    FORMS,
    CLICKS,
    OPENS,
    RECENT,
    ANY,
    TYPES = 24
};
enum type { PAGE_VIEW, EMAIL_OPEN, EMAIL_CLICK, FORM_SUBMIT, DOWNLOAD, WEBINAR, DEMO_REQUEST, UNSUBSCRIBE, NO_TYPE };
static const char *const type_names[NO_TYPE] = {"page_view", "email_open", "email_click",  "form_submit",
                                                "download",  "webinar",    "demo_request", "unsubscribe"};
static struct values types; /* of the first eight bytes of a type and what follows it */
static struct literal type_literals[NO_TYPE], detail_literals[NO_TYPE];
/* A class is a type and what its text says: bits of pricing, product, docs, case, careers, or of paper. */
enum { IS_PRICING = 1, IS_PRODUCT = 2, IS_DOCS = 4, IS_CASE = 8, IS_CAREERS = 16, IS_PAPER = 1 };
#define CLASSES (32 + 2 * NO_TYPE)
static uint8_t adds[CLASSES][7][32]
    __attribute__((aligned(64))); /* by windows: 0 none, 1: 90 days, 2: 60, 3: 30, 4: 14, 5: 7, 6: 3 */
static uint64_t window_starts[8];

static int classify_event(uint32_t type, const char *text, size_t length)
{
    static const struct word docs[] = {{"docs", 1}, {NULL, 0}}, paper[] = {{"whitepaper", 1}, {NULL, 0}};
    if (type == PAGE_VIEW) {
        int bits = 0;
        if (length == 8 && memcmp(text, "/pricing", 8) == 0) bits |= IS_PRICING;
        if (length >= 8 && memcmp(text, "/product", 8) == 0) bits |= IS_PRODUCT;
        if (find_words(text, length, docs, true)) bits |= IS_DOCS;
        if ((length == 13 && memcmp(text, "/case-studies", 13) == 0) ||
            (length >= 11 && memcmp(text, "/customers/", 11) == 0))
            bits |= IS_CASE;
        if (length == 8 && memcmp(text, "/careers", 8) == 0) bits |= IS_CAREERS;
        return bits;
    }
    return 32 + 2 * (int)type + (type == DOWNLOAD && find_words(text, length, paper, false) ? IS_PAPER : 0);
}

static void adds_build(void)
{
    for (int class = 0; class < CLASSES; class ++)
        for (int windows = 0; windows < 7; windows++) {
            uint8_t *add = adds[class][windows];
            int type = class < 32 ? PAGE_VIEW : (class - 32) / 2;
            bool in90 = windows >= 1, in60 = windows >= 2, in30 = windows >= 3, in14 = windows >= 4,
                 in7 = windows >= 5;
            add[ANY] = 1;
            add[RECENT] = windows >= 6;
            add[TYPES + type] = in30;
            if (type == PAGE_VIEW) {
                add[PRICING] = in30 && class & IS_PRICING;
                add[PRODUCT] = in30 && class & IS_PRODUCT;
                add[DOCS] = in30 && class & IS_DOCS;
                add[VIEWS7] = in7;
                add[CASE90] = in90 && class & IS_CASE;
                add[CAREERS] = (class & IS_CAREERS) != 0;
            }
            if (type == UNSUBSCRIBE) add[UNSUBSCRIBED] = 1;
            if (type == DOWNLOAD) {
                add[DOWNLOADS] = in90;
                add[PAPERS] = in90 && (class & IS_PAPER);
            }
            if (type == WEBINAR) add[WEBINARS] = in90;
            if (type == DEMO_REQUEST) add[DEMOS] = in60;
            if (type == FORM_SUBMIT) add[FORMS] = in30;
            if (type == EMAIL_CLICK) add[CLICKS] = in14;
            if (type == EMAIL_OPEN) add[OPENS] = in30;
        }
}

static inline int memo_find(uint32_t kind, const char *text, size_t length)
{
    struct memo_slot *slot = &memo[text_key(text, length, kind) >> 52];
    if (slot->length == length && slot->kind == kind && length <= 64 && text_same(slot->text, text, length))
        return slot->result;
    static const struct word enterprise[] = {{"enterprise", 1}, {NULL, 0}};
    int result = kind == KIND_TITLE      ? classify_title(text, length)
                 : kind == KIND_CAMPAIGN ? (find_words(text, length, enterprise, false) ? 4 : 0)
                                         : classify_event(kind - KIND_EVENT, text, length);
    if (length > 64) return result;
    memcpy(slot->text, text, length);
    slot->length = (uint32_t)length;
    slot->kind = kind;
    slot->result = result;
    return result;
}

static void tables_build(bool events)
{
    with_events = events;
    memo = calloc(MEMO_SLOTS, sizeof *memo);
    if (!memo) {
        perror("tuned");
        exit(3);
    }
    values_build(&freemail, freemail_known);
    values_build(&seniorities, events ? seniority_b : seniority_a);
    static const struct known nothing[] = {{NULL, 0, 0}};
    values_build(&departments, events ? nothing : department_a);
    values_build(&industries, events ? industry_b : industry_a);
    values_build(&countries, events ? country_b : country_a);
    values_build(&sources, events ? nothing : source_a);
    static const uint8_t usual[] = {ID,         EMAIL,    OTHER_FIRST, OTHER_LAST, TITLE,   SENIORITY,
                                    DEPARTMENT, COMPANY,  INDUSTRY,    EMPLOYEES,  REVENUE, COUNTRY,
                                    SOURCE,     CAMPAIGN, NEWSLETTER,  BUDGET,     CREATED, EVENTS};
    for (size_t at = 0; at < sizeof usual; at++) key_next[usual[at]] = usual[(at + 1) % sizeof usual];
    key_next[UNKNOWN] = ID;
    for (int key = 0; key < KEYS; key++) {
        char text[64];
        snprintf(text, sizeof text, ",\"%s\":", key_names[key]);
        key_literals[key] = literal_of(text);
    }
    struct known known[NO_TYPE + 1] = {{NULL, 0, 0}};
    char heads[NO_TYPE][9];
    for (int type = 0; type < NO_TYPE; type++) {
        char text[64];
        snprintf(text, sizeof text, "%s\",\"at\":\"", type_names[type]);
        type_literals[type] = literal_of(text);
        detail_literals[type] = literal_of(type == PAGE_VIEW ? "\",\"url\":\"" : "\",\"name\":\"");
        memcpy(heads[type], text, 8);
        heads[type][8] = '\0';
        known[type] = (struct known){heads[type], type, 0};
    }
    values_build(&types, known);
    adds_build();
    static const char *const starts[] = {"26-08-24", "26-09-23", "26-10-23", "26-11-08", "26-11-15", "26-11-19"};
    for (int at = 0; at < 8; at++) window_starts[at] = at < 6 ? __builtin_bswap64(load8(starts[at])) : ~UINT64_C(0);
}

/* ---- one lead ---- */
struct lead {
    const char *id;
    size_t id_length;
    uint32_t present;
    int company, persona, intent; /* company is also fit */
    unsigned flags;
    uint64_t employees;
    __m128i counts[2];
    uint64_t last_day, last_time;
};

static char *scratch;
static size_t scratch_capacity;

/* The text from behind its opening quote; *end is behind the closing one. */
static const char *decode_text(const char *at, size_t *length, const char **end)
{
    const char *stop = at;
    while (*(stop = find_special(stop)) == '\\') stop += 2;
    size_t raw = (size_t)(stop - at);
    if (raw + PAD > scratch_capacity) {
        scratch_capacity = raw * 2 + PAD;
        scratch = realloc(scratch, scratch_capacity);
        if (!scratch) {
            perror("tuned");
            exit(3);
        }
    }
    char *to = scratch;
    while (at < stop) {
        if (*at != '\\') {
            *to++ = *at++;
            continue;
        }
        char c = at[1];
        at += 2;
        if (c != 'u') {
            *to++ = c == 'n' ? '\n' : c == 't' ? '\t' : c == 'r' ? '\r' : c == 'b' ? '\b' : c == 'f' ? '\f' : c;
            continue;
        }
        char hex[5] = {at[0], at[1], at[2], at[3], 0};
        uint32_t code = (uint32_t)strtoul(hex, NULL, 16);
        at += 4;
        if (code >= 0xd800 && code < 0xdc00 && at[0] == '\\' && at[1] == 'u') {
            memcpy(hex, at + 2, 4);
            code = 0x10000 + ((code - 0xd800) << 10) + ((uint32_t)strtoul(hex, NULL, 16) - 0xdc00);
            at += 6;
        }
        if (code < 0x80)
            *to++ = (char)code;
        else {
            if (code < 0x800)
                *to++ = (char)(0xc0 | code >> 6);
            else {
                if (code < 0x10000)
                    *to++ = (char)(0xe0 | code >> 12);
                else {
                    *to++ = (char)(0xf0 | code >> 18);
                    *to++ = (char)(0x80 | (code >> 12 & 63));
                }
                *to++ = (char)(0x80 | (code >> 6 & 63));
            }
            *to++ = (char)(0x80 | (code & 63));
        }
    }
    *length = (size_t)(to - scratch);
    memset(to, 0, PAD - 64);
    *end = stop + 1;
    return scratch;
}

static inline const char *text_at(const char *at, size_t *length, const char **end)
{
    const char *stop = find_special(at);
    if (*stop == '\\') return decode_text(at, length, end);
    *length = (size_t)(stop - at);
    *end = stop + 1;
    return at;
}

static inline const char *skip_space(const char *at)
{
    while (*at == ' ' || *at == '\t' || *at == '\r') at++;
    return at;
}

static const char *skip_value(const char *at)
{
    int depth = 0;
    for (;; at++) {
        if (*at == '"') {
            at++;
            while (*(at = find_special(at)) == '\\') at += 2;
            if (depth == 0) return at + 1;
        } else if (*at == '{' || *at == '[')
            depth++;
        else if (*at == '}' || *at == ']') {
            if (depth == 0) return at;
            if (--depth == 0) return at + 1;
        } else if (*at == ',' && depth == 0)
            return at;
    }
}

/* A number's whole part: no threshold has a fraction. */
static inline const char *number_at(const char *at, uint64_t *number)
{
    uint64_t word = load8(at), digits = word ^ 0x3030303030303030u;
    uint64_t other = ((digits + 0x7676767676767676u) | digits) & 0x8080808080808080u;
    size_t count = other ? (size_t)__builtin_ctzll(other) / 8 : 8;
    uint64_t value = 0;
    if (count > 0) {
        digits = (digits << (8 - count) * 8);
        digits = digits * 10 + (digits >> 8);
        value = (((digits & 0x000000ff000000ffu) * 0x000f424000000064u) +
                 ((digits >> 16 & 0x000000ff000000ffu) * 0x0000271000000001u)) >>
                    32 &
                0xffffffffu;
    }
    at += count;
    while (*at >= '0' && *at <= '9') value = value * 10 + (uint64_t)(*at++ - '0');
    if (*at == '.') do
            at++;
        while (*at >= '0' && *at <= '9');
    *number = value;
    return at;
}

static inline void add_event(struct lead *lead, uint32_t type, const char *at, const char *text, size_t length)
{
    uint64_t day = __builtin_bswap64(load8(at + 2)), time = __builtin_bswap64(load8(at + 11));
#if WIDE == 64
    unsigned windows = (unsigned)__builtin_popcount(
        _mm512_cmpge_epu64_mask(_mm512_set1_epi64((long long)day), _mm512_loadu_si512(window_starts)));
#else
    unsigned windows = 0;
    for (int i = 0; i < 6; i++) windows += day >= window_starts[i];
#endif
    const uint8_t *add = adds[memo_find(KIND_EVENT + type, text, length)][windows];
    lead->counts[0] = _mm_adds_epu8(lead->counts[0], _mm_load_si128((const void *)add));
    lead->counts[1] = _mm_adds_epu8(lead->counts[1], _mm_load_si128((const void *)(add + 16)));
    bool later = day > lead->last_day || (day == lead->last_day && time > lead->last_time);
    lead->last_day = later ? day : lead->last_day;
    lead->last_time = later ? time : lead->last_time;
}

static const char *slow_event(struct lead *lead, const char *at)
{
    uint32_t type = NO_TYPE;
    char when[64] = {0}, *detail = NULL;
    size_t length, detail_length = 0;
    const char *end;
    at = skip_space(at + 1);
    while (*at != '}') {
        char key[8] = {0};
        const char *text = text_at(at + 1, &length, &end);
        memcpy(key, text, length < 7 ? length : 7);
        at = skip_space(skip_space(end) + 1);
        if (*at != '"')
            end = skip_value(at);
        else {
            text = text_at(at + 1, &length, &end);
            if (strcmp(key, "type") == 0)
                for (type = 0; type < NO_TYPE; type++)
                    if (strlen(type_names[type]) == length && memcmp(type_names[type], text, length) == 0) break;
            if (strcmp(key, "at") == 0) memcpy(when, text, length < 32 ? length : 32);
            if (strcmp(key, "url") == 0 || strcmp(key, "name") == 0) {
                detail = malloc(length + PAD);
                if (!detail) {
                    perror("tuned");
                    exit(3);
                }
                memcpy(detail, text, length);
                memset(detail + length, 0, PAD);
                detail_length = length;
            }
        }
        at = skip_space(end);
        if (*at == ',') at = skip_space(at + 1);
    }
    char none[PAD] = {0};
    if (type < NO_TYPE) add_event(lead, type, when, detail ? detail : none, detail_length);
    free(detail);
    return at + 1;
}

static inline const char *events_at(struct lead *lead, const char *at)
{
    static const char open[9] = "{\"type\":\"";
    at++;
    for (;;) {
        at = *at == ' ' ? skip_space(at) : at;
        if (*at == ']') return at + 1;
        const char *from = at;
        if (load8(at) != load8(open) || at[8] != '"') goto slow;
        at += 9;
        uint64_t head = load8(at);
        const struct value *slot = &types.slots[value_slot(&types, head, 0)];
        uint32_t type = (uint32_t)slot->points;
        if (!literal_at(&type_literals[type], at)) goto slow;
        const char *when = at + type_literals[type].length;
        if (!literal_at(&detail_literals[type], when + 20)) goto slow;
        const char *text = when + 20 + detail_literals[type].length, *stop = find_special(text);
        if (*stop == '\\' || stop[1] != '}') goto slow;
        add_event(lead, type, when, text, (size_t)(stop - text));
        at = stop + 2;
        if (*at == ',') at++;
        continue;
    slow:
        at = skip_space(slow_event(lead, from));
        if (*at == ',') at = skip_space(at + 1);
    }
}

static inline int freemail_of(const char *text, size_t length)
{
    size_t from = length;
    while (from > 0 && text[from - 1] != '@') from--;
    text += from;
    length -= from;
    uint64_t head = head_of(text, length) | low_bytes(0x2020202020202020u, length),
             tail = tail_of(text, length) | (length > 8 ? 0x2020202020202020u : 0);
    return values_find(&freemail, head, tail, length).points;
}

static inline const char *value_at(struct lead *lead, uint32_t key, const char *at)
{
    const char *end;
    size_t length;
    uint64_t number;
    if (*at == 'n') return at + 4;
    lead->present |= 1u << key;
    switch (key) {
    case ID:
        lead->id = text_at(at + 1, &lead->id_length, &end);
        if (lead->id == scratch) { /* the scratch is used again before the line is written */
            static char kept[256];
            if (lead->id_length > sizeof kept) lead->id_length = sizeof kept;
            lead->id = memcpy(kept, scratch, lead->id_length);
        }
        return end;
    case EMAIL: {
        const char *text = text_at(at + 1, &length, &end);
        int is_free = freemail_of(text, length);
        lead->persona += is_free ? -8 : 4; /* of set B only the -8 counts */
        lead->flags |= is_free ? 0x100 : 0;
        return end;
    }
    case TITLE: {
        const char *text = text_at(at + 1, &length, &end);
        lead->persona += memo_find(KIND_TITLE, text, length);
        return end;
    }
    case CAMPAIGN: {
        const char *text = text_at(at + 1, &length, &end);
        if (!with_events) lead->intent += memo_find(KIND_CAMPAIGN, text, length);
        return end;
    }
    case SENIORITY: {
        const char *text = text_at(at + 1, &length, &end);
        struct value value = value_of(&seniorities, text, length);
        lead->persona += value.points;
        lead->flags |= value.flags;
        return end;
    }
    case DEPARTMENT: {
        const char *text = text_at(at + 1, &length, &end);
        struct value value = value_of(&departments, text, length);
        if (!with_events && length == 18 && memcmp(text, "revenue operations", 18) == 0) value.points = 6;
        lead->persona += value.points;
        lead->flags |= value.flags;
        return end;
    }
    case INDUSTRY: {
        const char *text = text_at(at + 1, &length, &end);
        struct value value = value_of(&industries, text, length);
        if (length == 18 && memcmp(text, "financial services", 18) == 0) value.points = 10;
        lead->company += value.points;
        lead->flags |= value.flags;
        return end;
    }
    case COUNTRY: {
        const char *text = text_at(at + 1, &length, &end);
        struct value value = value_of(&countries, text, length);
        lead->company += value.points;
        lead->flags |= value.flags;
        return end;
    }
    case SOURCE: {
        const char *text = text_at(at + 1, &length, &end);
        struct value value = value_of(&sources, text, length);
        lead->intent += value.points;
        lead->flags |= value.flags;
        return end;
    }
    case CREATED: {
        const char *text = text_at(at + 1, &length, &end);
        if (!with_events) lead->intent += __builtin_bswap64(load8(text + 2)) >= window_starts[2] ? 4 : 0;
        return end;
    }
    case COMPANY:
    case OTHER_FIRST:
    case OTHER_LAST: return skip_value(at);
    case EMPLOYEES:
        at = number_at(at, &number);
        lead->employees = number;
        if (with_events)
            lead->company += number >= 1000 ? 15 : number >= 100 ? 10 : number < 10 ? -5 : 0;
        else
            lead->company += number >= 1000 ? 15 : number >= 200 ? 12 : number >= 50 ? 8 : number >= 10 ? 3 : -5;
        return at;
    case REVENUE:
        at = number_at(at, &number);
        if (with_events)
            lead->company += number >= 10000000 ? 7 : 0;
        else
            lead->company += number >= 100000000 ? 10 : number >= 10000000 ? 7 : number >= 1000000 ? 3 : 0;
        return at;
    case BUDGET:
        at = number_at(at, &number);
        if (with_events)
            lead->company += number >= 20000 ? 8 : 0;
        else
            lead->intent += number >= 50000 ? 10 : number >= 10000 ? 6 : 0;
        return at;
    case NEWSLETTER: lead->intent += *at == 't' ? 3 : 0; return at + (*at == 't' ? 4 : 5);
    case EVENTS: return with_events && *at == '[' ? events_at(lead, at) : skip_value(at);
    default: return skip_value(at);
    }
}

/* The line's text from `{` on; returns what is behind its `}`. */
static const char *lead_at(struct lead *lead, const char *at)
{
    memset(lead, 0, sizeof *lead);
    uint32_t last = UNKNOWN;
    bool first = true;
    for (;;) {
        uint32_t guess = key_next[last];
        const struct literal *literal = &key_literals[guess];
        at -= first; /* the brace stands where a comma is guessed */
        if (!first || last == UNKNOWN) {
            if (!first && literal_at(literal, at)) goto found;
            if (!first) {
                guess = key_next[guess];
                literal = &key_literals[guess];
                if (literal_at(literal, at)) goto found;
            }
        }
        at += first;
        if (!first) {
            at = skip_space(at);
            if (*at == '}') return at + 1;
            at++; /* the comma */
        }
        at = skip_space(at);
        if (*at == '}') return at + 1;
        const char *end;
        size_t length;
        const char *text = text_at(at + 1, &length, &end);
        uint32_t key = 0;
        while (key < KEYS && !(strlen(key_names[key]) == length && memcmp(key_names[key], text, length) == 0)) key++;
        if (!first && ++key_doubt[last] == 2) {
            key_next[last] = (uint8_t)(key < KEYS ? key : ID);
            key_doubt[last] = 0;
        }
        at = skip_space(skip_space(end) + 1);
        at = value_at(lead, key, at);
        last = key;
        first = false;
        continue;
    found:
        key_doubt[last] = 0;
        at = value_at(lead, guess, at + literal->length);
        last = guess;
        first = false;
    }
}

static int clamp(int value, int low, int high) { return value < low ? low : value > high ? high : value; }
static int least(int a, int b) { return a < b ? a : b; }
#define HAS(lead, field) ((lead)->present >> (field)&1)

static int score_flat(const struct lead *lead, const char **stage)
{
    int company = lead->company, persona = lead->persona, intent = lead->intent;
    unsigned flags = lead->flags;
    if (lead->employees >= 500 && (flags & (SOFTWARE | US_DE)) == (SOFTWARE | US_DE)) company += 5;
    company -= HAS(lead, COMPANY) ? 0 : 5;
    persona += (flags & (TOP | IT)) == (TOP | IT) ? 4 : 0;
    persona -= HAS(lead, TITLE) || HAS(lead, SENIORITY) ? 0 : 6;
    persona -= HAS(lead, EMAIL) ? 0 : 10;
    intent -= HAS(lead, BUDGET) || flags & ASKED ? 0 : 3;
    int total = clamp(company, -20, 50) + clamp(persona, -20, 40) + clamp(intent, -10, 30);
    *stage = total >= 75   ? "hot\n"
             : total >= 50 ? "warm\n"
             : total >= 25 ? "nurture\n"
             : total >= 5  ? "cold\n"
                           : "reject\n";
    return total;
}

static int64_t days_of(uint64_t day) /* YY-MM-DD in a word, first byte highest */
{
    char text[9] = {0};
    day = __builtin_bswap64(day);
    memcpy(text, &day, 8);
    int64_t year = 2000 + (text[0] - '0') * 10 + text[1] - '0', month = (text[3] - '0') * 10 + text[4] - '0',
            date = (text[6] - '0') * 10 + text[7] - '0';
    year -= month <= 2;
    int64_t era = year / 400, yoe = year - era * 400, doy = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + date - 1;
    return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

static int score_events(const struct lead *lead, const char **stage)
{
    uint8_t n[32];
    memcpy(n, lead->counts, 32);
    int fit = lead->company + lead->persona;
    if (HAS(lead, EMAIL) && !(lead->flags & 0x100)) fit -= 4;
    fit -= n[CAREERS] ? 50 : 0;
    int interest = (n[PRICING] >= 1 ? 10 : 0) + (n[PRICING] >= 3 ? 10 : 0) + (n[DOWNLOADS] ? 8 : 0) +
                   (n[PAPERS] ? 5 : 0) + 10 * least(n[WEBINARS], 3) + (n[DEMOS] ? 30 : 0) + 8 * least(n[FORMS], 2) +
                   2 * least(n[CLICKS], 5) + least(n[OPENS], 5) + (n[VIEWS7] >= 5 ? 6 : 0) + least(n[PRODUCT], 6) +
                   (n[CASE90] ? 4 : 0) + (n[DOCS] ? 3 : 0) + (n[RECENT] ? 4 : 0) - (n[ANY] ? 0 : 5) -
                   (n[UNSUBSCRIBED] ? 50 : 0);
    int types_seen = 0;
    for (int type = 0; type < NO_TYPE; type++) types_seen += n[TYPES + type] != 0;
    interest += types_seen >= 4 ? 5 : 0;
    interest += lead->intent && !n[UNSUBSCRIBED] ? 3 : 0; /* in set B the intent is the newsletter's 3 */
    interest = clamp(interest, -50, 100);
    if (n[ANY] && interest > 0 && lead->last_day < window_starts[2] + 1) {
        static int64_t now = 0;
        if (now == 0) now = days_of(__builtin_bswap64(load8("26-11-22")));
        int64_t whole =
            now - days_of(lead->last_day) - (lead->last_time > __builtin_bswap64(load8("00:00:00")) ? 1 : 0);
        double left = interest;
        int64_t periods = whole / 30;
        for (int64_t i = 0; i < periods; i++) left *= 0.8;
        if (periods > 0) interest = (int)(left + 0.5);
    }
    int total = clamp(fit, -50, 50) + interest;
    *stage = total >= 80   ? "hot\n"
             : total >= 50 ? "warm\n"
             : total >= 20 ? "nurture\n"
             : total >= 0  ? "cold\n"
                           : "reject\n";
    return total;
}

static void write_all(int file, const char *bytes, size_t length)
{
    while (length > 0) {
        ssize_t done = write(file, bytes, length);
        if (done <= 0) {
            perror("tuned");
            exit(3);
        }
        bytes += done;
        length -= (size_t)done;
    }
}

int main(int count, char **arguments)
{
    if (count != 4) {
        fprintf(stderr, "tuned flat40|events30 IN OUT\n");
        return 2;
    }
    int in = open(arguments[2], O_RDONLY), to = open(arguments[3], O_WRONLY | O_CREAT | O_TRUNC, 0666);
    if (in < 0 || to < 0) {
        perror("tuned");
        return 3;
    }
    tables_build(strcmp(arguments[1], "events30") == 0);
    static struct {
        char text[12];
        uint32_t length;
    } numbers[512];
    for (int n = -256; n < 256; n++)
        numbers[n + 256].length = (uint32_t)snprintf(numbers[n + 256].text, 12, ",%d,", n);
    size_t capacity = BLOCK, have = 0;
    char *buffer = malloc(capacity + PAD), *out = malloc(BLOCK), *put = out;
    if (!buffer || !out) {
        perror("tuned");
        return 3;
    }
    for (bool ended = false; !ended;) {
        if (have == capacity) {
            capacity *= 2;
            buffer = realloc(buffer, capacity + PAD);
        }
        if (!buffer) {
            perror("tuned");
            return 3;
        }
        ssize_t got = read(in, buffer + have, capacity - have);
        if (got < 0) {
            perror("tuned");
            return 3;
        }
        have += (size_t)got;
        if (got == 0) {
            ended = true;
            if (have > 0 && buffer[have - 1] != '\n') buffer[have++] = '\n';
        }
        memset(buffer + have, 0, PAD);
        const char *stop = memrchr(buffer, '\n', have);
        if (!stop) continue;
        const char *at = buffer;
        while (at <= stop) {
            if (*at != '{') {
                at++;
                continue;
            }
            struct lead lead;
            at = lead_at(&lead, at + 1);
            const char *stage;
            int total = with_events ? score_events(&lead, &stage) : score_flat(&lead, &stage);
            if ((size_t)(out + BLOCK - put) < lead.id_length + 64) {
                write_all(to, out, (size_t)(put - out));
                put = out;
            }
            memcpy(put, lead.id, lead.id_length);
            put += lead.id_length;
            memcpy(put, numbers[total + 256].text, 8);
            put += numbers[total + 256].length;
            size_t length = strlen(stage);
            memcpy(put, stage, length);
            put += length;
            if (*at == '\n') at++;
        }
        have -= (size_t)(stop + 1 - buffer);
        memmove(buffer, stop + 1, have);
    }
    write_all(to, out, (size_t)(put - out));
    free(buffer);
    free(out);
    free(memo);
    free(scratch);
    return close(to) == 0 ? 0 : 3;
}
