/* A rubric of N rules as big teams have them: most look at the same few texts, many at the same numbers and events.

     rules --rules N [--seed S] [--events yes|no] > big.rubric

   It fits the leads of bench/generate.c.  The same arguments give the same rubric. */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(list) (sizeof(list) / sizeof(list)[0])

static uint64_t state;
static uint32_t below(uint32_t bound) /* splitmix64 */
{
    uint64_t z = (state += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return (uint32_t)((z ^ (z >> 31)) >> 33) % bound;
}
#define PICK(list) list[below((uint32_t)COUNT(list))]

static const char *const ranks[] = {"chief",       "vice president", "vp",         "director",  "head of",
                                    "manager",     "lead",           "senior",     "junior",    "intern",
                                    "student",     "assistant",      "owner",      "founder",   "partner",
                                    "president",   "principal",      "specialist", "analyst",   "consultant",
                                    "coordinator", "executive",      "officer",    "architect", "buyer"};
static const char *const areas[] = {
    "marketing", "sales",          "growth",     "revenue",   "operations",     "finance",  "procurement",
    "logistics", "engineering",    "data",       "product",   "support",        "success",  "people",
    "legal",     "security",       "research",   "quality",   "supply chain",   "digital",  "brand",
    "content",   "demand",         "partner",    "channel",   "field",          "inbound",  "outbound",
    "events",    "communications", "e-commerce", "analytics", "infrastructure", "platform", "development",
    "training",  "risk",           "compliance", "treasury",  "audit"};
static const char *const companies[] = {
    "GmbH",        "Inc",       "Ltd",        "AG",     "SE",         "SAS",      "Group",    "Holding",
    "Bank",        "Insurance", "Clinic",     "Energy", "Freight",    "Robotics", "Studio",   "Tools",
    "Data",        "Textiles",  "Ventures",   "Works",  "University", "School",   "Ministry", "Foundation",
    "Association", "Agency",    "Consulting", "Labs",   "Media",      "Foods"};
static const char *const industries[] = {"software",     "saas",          "fintech",   "financial services",
                                         "insurance",    "manufacturing", "logistics", "retail",
                                         "healthcare",   "education",     "nonprofit", "government",
                                         "media",        "tourism",       "chemicals", "energy",
                                         "construction", "legal",         "mining"};
static const char *const countries[] = {"US", "DE", "GB", "FR", "CA", "NL", "SE", "AT", "CH", "ES",
                                        "IT", "PL", "IN", "BR", "JP", "AU", "DK", "NO", "FI", "BE"};
static const char *const sources[] = {"demo_request", "referral", "partner",     "webinar", "event",
                                      "content",      "organic",  "paid_search", "social",  "purchased_list"};
static const char *const campaigns[] = {"enterprise", "launch",  "abm",     "nurture", "remarketing",
                                        "webinar",    "partner", "podcast", "brand",   "2026",
                                        "smb",        "dach",    "uk"};
static const char *const paths[] = {"/pricing",      "/product",      "/docs",    "/blog", "/careers",
                                    "/case-studies", "/customers",    "/contact", "/team", "/help",
                                    "/security",     "/integrations", "/compare", "/roi",  "/demo"};
static const unsigned days[] = {3, 7, 14, 30, 60, 90, 180, 365};
static const unsigned sizes[] = {5, 10, 20, 50, 100, 200, 250, 500, 1000, 2000, 5000, 10000};

static void say_words(const char *const *list, uint32_t count)
{
    uint32_t many = 1 + below(4);
    if (many == 1) {
        printf("\"%s\"", list[below(count)]);
        return;
    }
    printf("any of (");
    for (uint32_t at = 0, from = below(count); at < many; at++)
        printf("%s\"%s\"", at ? ", " : "", list[(from + at * 7) % count]);
    printf(")");
}

static void say_title(void)
{
    switch (below(5)) {
    case 0:
        printf("job_title contains ");
        say_words(areas, COUNT(areas));
        break;
    case 1:
        printf("job_title has word ");
        say_words(ranks, COUNT(ranks));
        break;
    case 2: printf("job_title has word \"%s\" and job_title contains \"%s\"", PICK(ranks), PICK(areas)); break;
    case 3: printf("job_title contains \"%s %s\"", PICK(areas), PICK(ranks)); break;
    default: printf("job_title starts with \"%s %s\"", PICK(ranks), PICK(areas)); break;
    }
}

static void say_number(void)
{
    static const char *const names[] = {"employees", "annual_revenue", "budget"};
    uint32_t which = below(3), scale = which == 1 ? 10000 : which == 2 ? 10 : 1;
    uint32_t from = below((uint32_t)COUNT(sizes) - 1), to = from + 1 + below((uint32_t)COUNT(sizes) - 1 - from);
    if (below(3) == 0)
        printf("%s %s %u", names[which], below(2) ? ">=" : "<", sizes[from] * scale);
    else
        printf("%s >= %u and %s < %u", names[which], sizes[from] * scale, names[which], sizes[to] * scale);
}

static void say_attribute(void)
{
    switch (below(10)) {
    case 0:
    case 1:
    case 2:
    case 3: say_title(); break;
    case 4:
    case 5: say_number(); break;
    case 6:
        printf("company contains ");
        say_words(companies, COUNT(companies));
        break;
    case 7: printf(below(2) ? "industry is \"%s\"" : "industry is not \"%s\"", PICK(industries)); break;
    case 8:
        printf("country in (\"%s\", \"%s\", \"%s\")", countries[below(6)], countries[6 + below(7)],
               countries[13 + below(7)]);
        break;
    default:
        if (below(2))
            printf("lead_source is \"%s\"", PICK(sources));
        else
            printf("utm_campaign contains \"%s\"", PICK(campaigns));
    }
}

static void say_event(void)
{
    static const char *const others[] = {"email_open", "email_click", "form_submit",
                                         "download",   "webinar",     "demo_request"};
    unsigned window = PICK(days);
    switch (below(5)) {
    case 0: printf("page_view where url starts with \"%s\" within %u days", PICK(paths), window); break;
    case 1: printf("at least %u page_view within %u days", 2 + below(6), window); break;
    case 2:
        printf("at least %u page_view where url contains \"%s\" within %u days", 2 + below(3), PICK(paths), window);
        break;
    case 3: printf("%s within %u days", PICK(others), window); break;
    default: printf("no %s within %u days", PICK(others), window); break;
    }
}

int main(int count, char **arguments)
{
    uint32_t rules = 40;
    bool events = true;
    state = 1;
    for (int at = 1; at + 1 < count; at += 2) {
        if (strcmp(arguments[at], "--rules") == 0)
            rules = (uint32_t)strtoul(arguments[at + 1], NULL, 10);
        else if (strcmp(arguments[at], "--seed") == 0)
            state = strtoull(arguments[at + 1], NULL, 10);
        else if (strcmp(arguments[at], "--events") == 0)
            events = strcmp(arguments[at + 1], "no") != 0;
        else {
            fprintf(stderr, "rules: no option %s\n", arguments[at]);
            return 2;
        }
    }
    printf("rubric \"%u rules\"\n\nlead\n  id text key\n", (unsigned)rules);
    static const char *const texts[] = {"job_title", "seniority", "department",  "company",     "email",
                                        "industry",  "country",   "lead_source", "utm_campaign"};
    for (size_t at = 0; at < COUNT(texts); at++) printf("  %s text\n", texts[at]);
    printf(
        "  employees number\n  annual_revenue number\n  budget number\n  newsletter yes/no\n  created_at date\n\n");
    if (events)
        printf("event page_view\n  url text\nevent email_open\nevent email_click\nevent form_submit\nevent "
               "download\n  name text\nevent webinar\n"
               "event demo_request\nevent unsubscribe, not activity\n\n");
    printf("score fit from -100 to 100\nscore persona from -100 to 100\nscore interest from -100 to 100\n%s",
           events ? "  lose 10% every 30 days without activity\n" : "");
    static const char *const scores[] = {"fit", "persona", "interest"};
    for (uint32_t rule = 0; rule < rules; rule++) {
        bool of_event = events && below(4) == 0;
        int points = (int)(1 + below(15)) * (below(4) == 0 ? -1 : 1);
        printf("\nrule r%04u in %s\n", (unsigned)rule + 1, of_event ? "interest" : scores[below(2)]);
        if (of_event && below(4) == 0) {
            printf("  points %+d for each page_view where url starts with \"%s\" within %u days, at most %u times\n",
                   points, PICK(paths), PICK(days), 2 + below(4));
        } else {
            printf("  when ");
            uint32_t join = below(10);
            if (join < 3) printf("(");
            if (of_event)
                say_event();
            else
                say_attribute();
            if (join < 3) {
                printf(join < 2 ? ") and (" : ") or (");
                say_attribute();
                printf(")");
            }
            printf("\n  points %+d\n", points);
        }
        printf("  because \"Rule %u of the playbook\"\n", (unsigned)rule + 1);
    }
    printf("\nstage Subscriber\nstage MQL when total >= 40\nstage SQL when total >= 90 and fit >= 20\n");
    return 0;
}
