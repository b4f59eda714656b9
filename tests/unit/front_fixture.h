/* What the tests of the front end share: parsing a text, and the rubric that the language's description shows. */
#ifndef RUBRIC_TESTS_FRONT_FIXTURE_H
#define RUBRIC_TESTS_FRONT_FIXTURE_H

#include <stdio.h>
#include <string.h>

#include "compiler/diagnostic.h"
#include "compiler/tree.h"

struct front { struct arena arena; struct sources sources; struct diagnostics diags; struct tree_file *file; };

static inline void front_parse(struct front *front, const char *text)
{
    arena_init(&front->arena);
    front->sources = (struct sources){ .arena = &front->arena };
    diagnostics_init(&front->diags, &front->arena);
    uint32_t file = source_add(&front->sources, "test.rubric", NULL, text, strlen(text));
    front->file = parse_file(&front->sources, file, &front->diags, &front->arena);
    diagnostics_finish(&front->diags);
}

static inline void front_free(struct front *front)
{
    arena_free(&front->arena);
}

#define SAMPLE \
    "rubric \"B2B SaaS\"\n" \
    "  version \"2026-11\"\n" \
    "  owner   \"Marketing Ops\"\n" \
    "\n" \
    "use std.email\n" \
    "use std.titles\n" \
    "\n" \
    "lead\n" \
    "  id          text     key           from \"Lead ID\" or \"id\"\n" \
    "  title       text                   from \"Job Title\"\n" \
    "  email       text\n" \
    "  country     text\n" \
    "  employees   number                 from \"Number of Employees\"\n" \
    "  industry    one of \"Software\", \"Manufacturing\", \"Retail\"\n" \
    "  newsletter  yes/no\n" \
    "  created     date\n" \
    "  converted   yes/no\n" \
    "\n" \
    "event page_view\n" \
    "  url   text\n" \
    "event webinar\n" \
    "event download\n" \
    "  asset text\n" \
    "event unsubscribe, not activity\n" \
    "\n" \
    "setting mql_from 50\n" \
    "list no_delivery \"KP\", \"IR\"\n" \
    "define decision_maker as title has word any of executive_titles\n" \
    "\n" \
    "score fit      from 0 to 100\n" \
    "score interest from 0 to 100\n" \
    "  lose 20% every 30 days without activity\n" \
    "score total as fit + interest\n" \
    "\n" \
    "group content in interest at most 30\n" \
    "\n" \
    "rule decision_maker_title \"Decision maker\" in fit\n" \
    "  when    decision_maker\n" \
    "  points  +20\n" \
    "  because \"They can sign the contract\"\n" \
    "\n" \
    "rule intern in fit\n" \
    "  when    title has word any of (\"intern\", \"Praktikant\")\n" \
    "  points  -10\n" \
    "  because \"Interns read, but do not buy\"\n" \
    "\n" \
    "rule company_size in fit\n" \
    "  points by employees\n" \
    "    from 1 below 50: +5\n" \
    "    from 50 below 250: +15\n" \
    "    from 250: +25\n" \
    "    missing: 0\n" \
    "  because \"Mid-market and above is where we win\"\n" \
    "\n" \
    "rule pricing_page in interest\n" \
    "  when    page_view where url starts with \"/pricing\" within 30 days\n" \
    "  points  +15\n" \
    "  because \"Whoever compares prices is buying\"\n" \
    "\n" \
    "rule webinars in content\n" \
    "  points  +10 for each webinar within 90 days, at most 3 times, fading 50% every 30 days\n" \
    "  because \"An hour of attention\"\n" \
    "\n" \
    "rule careers_page in interest\n" \
    "  when    page_view where url contains \"/careers\"\n" \
    "  points  -50\n" \
    "  because \"Applicants, not customers\"\n" \
    "\n" \
    "disqualify no_delivery_country\n" \
    "  when    country in no_delivery\n" \
    "  because \"We do not deliver there\"\n" \
    "\n" \
    "band temperature of total\n" \
    "  cold from 0  below 20\n" \
    "  warm from 20 below 50\n" \
    "  hot  from 50\n" \
    "\n" \
    "stage Lead\n" \
    "stage MQL when total >= mql_from                stay while total >= 40\n" \
    "stage SQL when fit >= 40 and interest >= 30     stay while total >= 50\n" \
    "stage Customer when converted is yes\n" \
    "\n" \
    "on entering SQL\n" \
    "  assign \"Inside Sales DACH\" when country in (\"DE\", \"AT\", \"CH\")\n" \
    "  assign \"Inside Sales\"      otherwise\n" \
    "  notify \"{title} at {total} points is ready for a call\"\n" \
    "\n" \
    "test \"a CEO on the pricing page\"\n" \
    "  as of 2026-11-22\n" \
    "  given title \"CEO\", employees 250, country \"DE\"\n" \
    "  given page_view url \"/pricing\" 3 days ago\n" \
    "  given 2 webinar 10 days ago\n" \
    "  expect fit is 45, interest is 35, total is 80, stage is SQL\n" \
    "  expect rule pricing_page gives 15\n" \
    "  expect rule intern silent\n"

#endif
