#include "cli/starter.h"

#include "vm/calendar.h"

static const char *const rubric[] = {
    "# A first rubric. Read it from top to bottom: it says who gets which points, and why.\n"
    "# Change it as you like, then:  rubric check FILE   finds mistakes and contradictions\n"
    "#                               rubric test FILE    runs the tests at the end\n"
    "#                               rubric score FILE LEADS\n"
    "#                               rubric explain FILE LEADS --lead ID\n\n"
    "rubric \"My first rubric\"\n  version \"1\"\n  owner   \"Marketing\"\n\n"
    "# Modules of the library: what a free-mail address is, and who is an executive in English and German.\n"
    "use std.email\nuse std.titles\n\n",
    "# The fields of a lead. `from` names the column or member that a field is read from, if it is called differently "
    "there.\n"
    "lead\n"
    "  id        text   key\n"
    "  title     text   from \"Job Title\"\n"
    "  email     text\n"
    "  country   text\n"
    "  employees number from \"Number of Employees\"\n"
    "  customer  yes/no\n\n"
    "# What leads do. Each event has a time, `at`.\n"
    "event page_view\n  url text\n\nevent webinar\n\n"
    "# Numbers with a name can be changed for one run: rubric score --set sales_ready=70\n"
    "setting sales_ready 50\n\n",
    "# Two dimensions: how well the company fits us, and how much interest the lead shows. Interest fades.\n"
    "score fit from 0 to 100\nscore interest from 0 to 100\n  lose 20% every 30 days without activity\n\n"
    "# Together: this is the score that stages look at.\nscore total as fit + interest\n\n"
    "rule decides \"Decision maker\" in fit\n  when executive_level(title)\n  points +30\n"
    "  because \"They can sign the contract\"\n\n"
    "rule size \"Size of the company\" in fit\n  points by employees\n    from 10 below 50: +10\n    from 50: +20\n"
    "  because \"From ten people on our product pays off\"\n\n"
    "rule private_address \"Private address\" in fit\n  when freemail(email)\n  points -10\n"
    "  because \"A company address tells us which company it is\"\n\n",
    "# Points for each event: the newest count most, and three are enough.\n"
    "rule webinars \"Webinars\" in interest\n"
    "  points +10 for each webinar within 90 days, at most 3 times, fading 50% every 30 days\n"
    "  because \"An hour of attention\"\n\n"
    "rule prices \"Looked at prices\" in interest\n  when page_view where url starts with \"/pricing\" within 30 "
    "days\n  points +20\n"
    "  because \"Whoever compares prices is buying\"\n\n"
    "# Nobody in these countries gets a call, whatever the score.\n"
    "disqualify no_delivery\n  when country in (\"KP\", \"IR\")\n  because \"We do not deliver there\"\n\n",
    "band temperature of total\n  cold from 0 below 20\n  warm from 20 below 50\n  hot from 50\n\n"
    "# The funnel, in order. `stay while` keeps a lead that has fallen a little from bouncing.\n"
    "stage Lead\nstage MQL \"Marketing qualified\" when total >= 30 stay while total >= 20\n"
    "stage SQL \"Sales qualified\" when total >= sales_ready and fit >= 20 stay while total >= 40\n"
    "stage Customer when customer is yes stay forever\n\n",
    "# Tests are examples: a lead, and what must come out. They run with `rubric test`.\n"
    "test \"a CEO who compares prices\"\n  as of 2026-11-22\n"
    "  given title \"CEO\", employees 120, email \"anna@bergermaschinen.example\"\n"
    "  given page_view url \"/pricing\" 3 days ago\n"
    "  expect fit is 50, interest is 20, total is 70, stage is SQL, temperature is hot\n"
    "  expect rule decides gives 30\n  expect rule size gives 20\n  expect rule prices fires\n\n"
    "test \"webinars fade\"\n  as of 2026-11-22\n  given webinar 2 days ago\n  given webinar 40 days ago\n"
    "  expect rule webinars gives 15, stage is Lead\n\n"
    "test \"a private address\"\n  as of 2026-11-22\n  given email \"anna@gmx.de\"\n"
    "  expect rule private_address gives -10, fit is 0\n\n"
    "test \"no delivery\"\n  as of 2026-11-22\n  given country \"KP\", title \"CEO\"\n  expect disqualified\n"
    "  expect rule no_delivery fires\n",
};

void starter_rubric(struct buffer *out)
{
    for (size_t i = 0; i < sizeof rubric / sizeof *rubric; i++)
        buffer_text(out, rubric[i]);
}

struct sample_event { const char *type, *more; int days_ago; };
struct sample { const char *members; struct sample_event events[4]; };

static const struct sample samples[] = {
    { "\"id\":\"1\",\"Job Title\":\"Managing "
      "Director\",\"email\":\"a.berger@bergermaschinen.example\",\"country\":\"DE\","
      "\"Number of Employees\":120,\"customer\":false",
      { { "page_view", ",\"url\":\"/pricing\"", 2 }, { "webinar", "", 9 }, { "webinar", "", 41 } } },
    { "\"id\":\"2\",\"Job Title\":\"Marketing Assistant\",\"email\":\"tom@northline.example\",\"country\":\"GB\","
      "\"Number of Employees\":35,\"customer\":false",
      { { "page_view", ",\"url\":\"/blog/first-steps\"", 1 }, { "webinar", "", 5 } } },
    { "\"id\":\"3\",\"email\":\"claire75@gmx.net\",\"country\":\"FR\",\"customer\":false",
      { { "page_view", ",\"url\":\"/pricing\"", 20 } } },
    { "\"id\":\"4\",\"Job Title\":\"CEO\",\"email\":\"office@example.kp\",\"country\":\"KP\",\"Number of "
      "Employees\":800,\"customer\":false",
      { { 0 } } },
    { "\"id\":\"5\",\"Job Title\":\"Founder\",\"email\":\"lena@holzwerk.example\",\"country\":\"AT\",\"Number of "
      "Employees\":14,\"customer\":true",
      { { "webinar", "", 70 } } },
};

void starter_leads(int64_t as_of, struct buffer *out)
{
    for (size_t i = 0; i < sizeof samples / sizeof *samples; i++) {
        buffer_format(out, "{%s,\"events\":[", samples[i].members);
        for (size_t e = 0; e < 4 && samples[i].events[e].type != NULL; e++) {
            const struct sample_event *event = &samples[i].events[e];
            char at[INSTANT_TEXT];
            instant_format(as_of - as_of % MICROS_DAY - event->days_ago * MICROS_DAY + 9 * MICROS_HOUR, at);
            buffer_format(out, "%s{\"type\":\"%s\",\"at\":\"%s\"%s}", e > 0 ? "," : "", event->type, at, event->more);
        }
        buffer_text(out, "]}\n");
    }
}
