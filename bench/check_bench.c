/* How long a check takes: generated rubrics of 60, 1,000 and 5,000 rules like those that people write (titles, sizes,
   countries, counted events with windows, or and not), checked without and with reach, within the default budget.  The
   worst case is searched for among many seeds.  Processor time.
     check_bench                     the table: median and slowest of many seeds
     check_bench seeds RULES N       N seeds, one a line
     check_bench RULES SEED          one rubric to standard output */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli/replay.h"
#include "compiler/compile.h"
#include "compiler/conflicts/conflicts.h"

static uint64_t random_state;

static unsigned pick(unsigned below)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return (unsigned)(random_state >> 33) % below;
}

#define ONE_OF(list) (list)[pick((unsigned)(sizeof(list) / sizeof *(list)))]

static const char *const words[] = {
    "ceo",
    "cto",
    "cfo",
    "cmo",
    "coo",
    "chief",
    "founder",
    "owner",
    "president",
    "vice president",
    "vp",
    "director",
    "head of",
    "manager",
    "lead",
    "marketing",
    "sales",
    "growth",
    "revenue",
    "demand",
    "product",
    "engineering",
    "software",
    "data",
    "analytics",
    "security",
    "finance",
    "legal",
    "operations",
    "procurement",
    "logistics",
    "supply chain",
    "human resources",
    "talent",
    "customer success",
    "support",
    "intern",
    "student",
    "assistant",
    "trainee",
    "freelance",
    "consultant",
    "architect",
    "developer",
    "designer",
    "research",
    "quality",
    "compliance",
    "risk",
    "digital",
};
static const char *const countries[] = {"DE", "AT", "CH", "FR", "NL", "BE", "GB", "IE", "US", "CA",
                                        "SE", "NO", "DK", "FI", "PL", "CZ", "ES", "IT", "PT", "JP"};
static const char *const industries[] = {"Software", "Fintech",    "Insurance", "Manufacturing", "Logistics",
                                         "Retail",   "Healthcare", "Education", "Government",    "Energy"};
static const char *const pages[] = {"/pricing",      "/demo",         "/careers",  "/blog",       "/docs",
                                    "/case-studies", "/integrations", "/security", "/enterprise", "/trial"};
static const char *const events[] = {"page_view", "email_open", "email_click", "form_submit",
                                     "download",  "webinar",    "demo_request"};
static const unsigned windows[] = {7, 14, 30, 60, 90, 180, 365};

static void write_text(struct buffer *out)
{
    static const char *const predicates[] = {"has word", "contains", "has word", "starts with"};
    unsigned kind = pick(10);
    if (kind < 6) {
        buffer_format(out, "title %s \"%s\"", ONE_OF(predicates), ONE_OF(words));
        return;
    }
    if (kind < 9) {
        buffer_format(out, "title has word any of (\"%s\", \"%s\", \"%s\")", ONE_OF(words), ONE_OF(words),
                      ONE_OF(words));
        return;
    }
    buffer_format(out, "title is \"%s %s\"", ONE_OF(words), ONE_OF(words));
}

static void write_events(struct buffer *out)
{
    if (pick(2)) buffer_format(out, "at least %u ", 2 + pick(5));
    else if (pick(6) == 0) buffer_text(out, "no ");
    if (pick(3) == 0)
        buffer_format(out, "page_view where url %s \"%s\"", pick(2) ? "starts with" : "contains", ONE_OF(pages));
    else buffer_text(out, ONE_OF(events));
    if (pick(4)) buffer_format(out, " within %u days", ONE_OF(windows));
}

static void write_atom(struct buffer *out)
{
    static const unsigned sizes[] = {10, 50, 100, 200, 250, 500, 1000, 5000}, revenues[] = {1, 5, 10, 50, 100, 500};
    unsigned kind = pick(20);
    if (kind < 6) write_text(out);
    else if (kind < 9) {
        unsigned low = ONE_OF(sizes);
        if (pick(2)) buffer_format(out, "employees >= %u", low);
        else buffer_format(out, "employees between %u and %u", low, low * (2 + pick(4)));
    } else if (kind < 10) buffer_format(out, "revenue %s %u_000_000", pick(3) ? ">=" : "<", ONE_OF(revenues));
    else if (kind < 12)
        buffer_format(out, "country in (\"%s\", \"%s\", \"%s\")", ONE_OF(countries), ONE_OF(countries),
                      ONE_OF(countries));
    else if (kind < 13) buffer_format(out, "industry is \"%s\"", ONE_OF(industries));
    else if (kind < 14) buffer_format(out, "newsletter is %s", pick(2) ? "yes" : "no");
    else if (kind < 15) buffer_format(out, "created within %u days", ONE_OF(windows));
    else write_events(out);
}

static void write_condition(struct buffer *out)
{
    unsigned kind = pick(10);
    if (kind < 5) {
        write_atom(out);
        return;
    }
    if (pick(5) == 0) buffer_text(out, "not ");
    buffer_char(out, '(');
    write_atom(out);
    buffer_text(out, kind < 8 ? " and " : " or ");
    if (pick(6) == 0) buffer_text(out, "not ");
    write_atom(out);
    buffer_char(out, ')');
    if (pick(4) == 0) {
        buffer_text(out, " and ");
        write_atom(out);
    }
}

static void write_rubric(struct buffer *out, unsigned rules, uint64_t seed)
{
    static const char *const scores[] = {"company", "persona", "intent"};
    random_state = seed * 0x9e3779b97f4a7c15u + 1;
    buffer_text(out, "rubric \"generated\"\nlead\n  id text key\n  title text\n  country text\n  industry one of ");
    for (size_t i = 0; i < sizeof industries / sizeof *industries; i++)
        buffer_format(out, "%s\"%s\"", i ? ", " : "", industries[i]);
    buffer_text(out, "\n  employees number\n  revenue number\n  newsletter yes/no\n  created date\n");
    for (size_t i = 0; i < sizeof events / sizeof *events; i++)
        buffer_format(out, "event %s\n%s", events[i], i == 0 ? "  url text\n" : "");
    buffer_text(out, "score company from -20 to 100\nscore persona from -20 to 100\nscore intent from 0 to 100\n"
                     "group content in intent at most 30\ngroup seniority in persona take highest\n");
    for (unsigned i = 0; i < rules; i++) {
        unsigned score = pick(3), group = pick(10);
        const char *where = score == 2 && group < 2 ? "content" : score == 1 && group < 2 ? "seniority" : scores[score];
        buffer_format(out, "rule r%u in %s\n", i, where);
        unsigned kind = pick(12);
        if (kind == 0) {
            buffer_format(out, "  points +%u for each %s within %u days, at most %u times\n", 1 + pick(5),
                          ONE_OF(events), ONE_OF(windows), 2 + pick(6));
        } else if (kind == 1) {
            buffer_text(
                out, "  points by employees\n    from 1 below 50: +2\n    from 50 below 500: +8\n    from 500: +15\n");
        } else {
            buffer_text(out, "  when ");
            write_condition(out);
            buffer_format(out, "\n  points %s%u\n", pick(4) ? "+" : "-", 1 + pick(20));
        }
        buffer_text(out, "  because \"generated\"\n");
    }
    buffer_text(out, "band temperature of total\n  cold below 50\n  warm from 50 below 120\n  hot from 120\n"
                     "stage Lead\nstage MQL when total >= 80 stay while total >= 60\nstage SQL when company >= 40 and "
                     "intent >= 30\n");
}

static double milliseconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

struct timing {
    double load, plain, reach;
    size_t not_proven, open_ends;
};

static struct timing measure(unsigned rules, uint64_t seed)
{
    struct buffer text = {0};
    write_rubric(&text, rules, seed);
    struct timing timing = {0};
    double start = milliseconds();
    struct compilation *c = compilation_new();
    compilation_load_text(c, "generated.rubric", text.data, text.length, NULL, 0);
    timing.load = milliseconds() - start;
    if (c->diags.errors > 0) {
        fprintf(stderr, "the generated rubric has errors: %s\n", c->diags.items[0]->message);
        exit(1);
    }
    struct replay *replay = replay_new(c);
    struct conflict_options options = {
        .as_of = 1795305600000000, .hygiene = true, .replay = replay_witness, .context = replay};
    for (int reach = 0; reach < 2; reach++) {
        options.want_reach = reach;
        start = milliseconds();
        struct conflict_report *report = conflicts_check(&c->model, &options, &c->diags);
        *(reach ? &timing.reach : &timing.plain) = milliseconds() - start;
        timing.not_proven = report->not_proven;
        for (size_t i = 0; reach && i < c->model.score_count; i++) {
            const struct reach *ends = &report->reach->scores[i];
            if (!ends->most_proven && !ends->most_open) timing.open_ends++;
            if (!ends->least_proven && !ends->least_open) timing.open_ends++;
        }
        conflicts_free(report);
    }
    replay_free(replay);
    compilation_free(c);
    buffer_free(&text);
    return timing;
}

static int compare_times(const void *a, const void *b)
{
    double left = *(const double *)a, right = *(const double *)b;
    return left < right ? -1 : left > right;
}

/* Seeds 1 to `seeds`: the median, the slowest and which it was, and in how many a score's end was left open. */
static void search(unsigned rules, unsigned seeds, bool each)
{
    double *plain = calloc(seeds, sizeof *plain), *reach = calloc(seeds, sizeof *reach);
    double slowest_plain = 0, slowest = 0;
    unsigned at = 0, open = 0;
    for (unsigned seed = 1; seed <= seeds; seed++) {
        struct timing timing = measure(rules, seed);
        plain[seed - 1] = timing.plain;
        reach[seed - 1] = timing.reach;
        open += timing.open_ends > 0;
        if (timing.plain > slowest_plain) slowest_plain = timing.plain;
        if (timing.reach > slowest) {
            slowest = timing.reach;
            at = seed;
        }
        if (each)
            printf("seed %3u: %8.1f ms without reach, %8.1f ms with, %zu not proven, %zu of them ends of scores\n", seed,
                   timing.plain, timing.reach, timing.not_proven, timing.open_ends);
        fflush(stdout);
    }
    qsort(plain, seeds, sizeof *plain, compare_times);
    qsort(reach, seeds, sizeof *reach, compare_times);
    printf("%8u %8u %10.1f %10.1f %10.1f %10.1f %10u %10u\n", rules, seeds, plain[seeds / 2], slowest_plain,
           reach[seeds / 2], slowest, at, open);
    free(plain);
    free(reach);
}

int main(int count, char **arguments)
{
    if (count == 3) {
        struct buffer text = {0};
        write_rubric(&text, (unsigned)atoi(arguments[1]), (uint64_t)atoll(arguments[2]));
        fputs(text.data, stdout);
        buffer_free(&text);
        return 0;
    }
    static const struct {
        unsigned rules, seeds;
    } table[] = {{60, 60}, {1000, 30}, {5000, 3}};
    unsigned wanted = count == 4 ? (unsigned)atoi(arguments[2]) : 0;
    if (wanted) search(wanted, (unsigned)atoi(arguments[3]), true);
    else if (count != 1) return 2;
    if (!wanted)
        printf("%8s %8s %21s %21s %10s %10s\n%8s %8s %10s %10s %10s %10s %10s %10s\n", "rules", "seeds",
               "ms without reach", "ms with reach", "slowest", "seeds with", "", "", "median", "slowest", "median",
               "slowest", "seed", "open ends");
    for (size_t i = 0; i < sizeof table / sizeof *table && !wanted; i++) search(table[i].rules, table[i].seeds, false);
    return 0;
}
