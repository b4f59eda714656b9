#include "tests/oracle/making.h"

#include <stdio.h>
#include <string.h>

/* Fields by type; those of the event first when a `where` looks at one.  `title` is a field of the lead and of
   downloads. */
static const char *lead_field(struct maker *maker, enum made kind)
{
    static const char *const conditions[] = { "newsletter", "converted" }, *const numbers[] = { "employees", "budget",
                                                                                                "größe",
                                                                                                "gro\u0308ße" };
    static const char *const texts[] = { "title", "company", "email", "`stage`" }, *const dates[] = { "created",
                                                                                                      "renewed" };
    switch (kind) {
    case MADE_CONDITION: return conditions[below(maker, 2)];
    case MADE_NUMBER: return numbers[below(maker, 4)];     /* one name, composed or not */
    case MADE_TEXT: return texts[below(maker, 4)];
    case MADE_DATE: return dates[below(maker, 2)];
    }
    return "";
}

static const char *event_field(struct maker *maker, int event, enum made kind)
{
    static const char *const fields[5][4] = {           /* by event, then condition, number, text, date */
        { NULL, "seconds", "url", NULL }, { "answered", "minutes", NULL, "due" }, { NULL, NULL, NULL, NULL },
        { NULL, "pages", "title", NULL }, { NULL, NULL, "reason", NULL },
    };
    (void)maker;
    if (kind == MADE_DATE && (event == ACTIVITY_TYPE || !fields[event][MADE_DATE]))
        return "at";
    return event == ACTIVITY_TYPE ? NULL : fields[event][kind];
}

static const char *any_field(struct maker *maker, const struct view *view, enum made kind)
{
    const char *field = view->event == NO_EVENT ? NULL : event_field(maker, view->event, kind);
    return field && chance(maker, 75) ? field : lead_field(maker, kind);
}

static int any_parameter(struct maker *maker, const struct view *view, enum made kind)
{
    if (!view->define || chance(maker, 40))
        return -1;
    for (int i = 0; i < view->define->parameter_count; i++)
        if (view->define->parameters[i] == kind)
            return i;
    return -1;
}

static const char *parameter_name(int index) { return index ? "q" : "p"; }

static void say_argument(struct maker *maker, const struct view *view, enum made kind)
{
    switch (kind) {
    case MADE_CONDITION:
        chance(maker, 50) ? say(maker, "%s", any_field(maker, view, MADE_CONDITION)) : say_condition(maker, view, 0);
        break;
    case MADE_NUMBER: say_number(maker, view, 1); break;
    case MADE_TEXT: chance(maker, 15) ? say_quoted(maker, any_word(maker)) : say_text(maker, view); break;
    case MADE_DATE: say_date(maker, view); break;
    }
}

/* Event sets do not stand in a `where`; defines named …_pure are made without them, to be used there. */
static bool sets_allowed(const struct view *view)
{
    return view->event == NO_EVENT && !(view->define && strstr(view->define->name, "_pure"));
}

/* A define of this kind, with what it needs; false when there is none (yet). */
static bool say_define(struct maker *maker, const struct view *view, enum made kind)
{
    int start = maker->define_count ? below(maker, maker->define_count) : 0;
    for (int i = 0; i < maker->define_count; i++) {
        const struct made_define *define = &maker->defines[(start + i) % maker->define_count];
        if (define->kind != kind || define == view->define)
            continue;
        if (!sets_allowed(view) && !strstr(define->name, "_pure"))
            continue;
        say(maker, "%s", define->name);
        for (int p = 0; p < define->parameter_count; p++) {
            say(maker, p ? ", " : "(");
            say_argument(maker, view, define->parameters[p]);
        }
        if (define->parameter_count)
            say(maker, ")");
        return true;
    }
    return false;
}

/* ---- event sets */

static void say_predicate(struct maker *maker, const struct view *view, int depth, bool bare);

static int any_event(struct maker *maker) { return chance(maker, 18) ? ACTIVITY_TYPE : below(maker, 5); }
static const char *event_name(int event) { return event == ACTIVITY_TYPE ? "activity" : event_names[event]; }

static void say_where(struct maker *maker, const struct view *view, int event)
{
    struct view inside = { .event = event, .define = view->define };
    say(maker, " where ");
    if (chance(maker, 65)) {
        if (chance(maker, 15))
            say(maker, "not ");
        say_predicate(maker, &inside, 0, true);
        return;
    }
    say(maker, "%s(", chance(maker, 15) ? "not " : "");
    say_condition(maker, &inside, 1);
    say(maker, ")");
}

/* What may follow `since` and `before` in a window: one primary. */
static void say_edge(struct maker *maker, const struct view *view)
{
    int way = below(maker, 10);
    if (way < 4)
        say(maker, "%s", any_date(maker));
    else if (way < 7 || view->event != NO_EVENT)
        say(maker, "%s", lead_field(maker, MADE_DATE));
    else if (way < 8)
        say(maker, "now");
    else
        say(maker, "%s %s", chance(maker, 50) ? "first" : "last", event_name(any_event(maker)));
}

void say_set(struct maker *maker, const struct view *view, bool bare_where, bool window)
{
    if (chance(maker, 8)) {
        say(maker, "(");
        say_set(maker, view, true, window);
        say(maker, ")");
        return;
    }
    int event = any_event(maker);
    say(maker, "%s", event_name(event));
    if (bare_where && chance(maker, 50))
        say_where(maker, view, event);
    if (!window || chance(maker, 45))
        return;
    int way = below(maker, 10);
    if (way < 6) {
        say(maker, " within %s", chance(maker, 15) ? "the last " : "");
        say_duration(maker);
    } else {
        say(maker, way < 8 ? " since " : " before ");
        say_edge(maker, view);
    }
}

/* ---- numbers, dates, texts */

static void say_aggregate(struct maker *maker)
{
    static const char *const kinds[] = { "sum of", "min of", "max of", "average of" };
    static const char *const events[] = { "page_view", "call", "download" }, *const fields[] = { "seconds", "minutes",
                                                                                                 "pages" };
    static const struct { const char *event, *field;
    } distinct[] = {
        { "page_view", "url" }, { "page_view", "seconds" },  { "call", "due" },      { "download", "title" },
        { "download", "kind" }, { "unsubscribe", "reason" }, { "call", "answered" }, { "activity", "type" },
    };
    int which = below(maker, 3);
    struct view lead = { .event = NO_EVENT };
    if (chance(maker, 30)) {
        int pair = below(maker, 8);
        bool where = pair < 2 && chance(maker, 40);
        say(maker, "distinct %s over %s%s", distinct[pair].field, where ? "(" : "", distinct[pair].event);
        if (where) {
            say_where(maker, &lead, 0);
            say(maker, ")");
            return;
        }
    } else if (chance(maker, 40)) {
        say(maker, "%s %s over (%s", kinds[below(maker, 4)], fields[which], events[which]);
        say_where(maker, &lead, which == 2 ? 3 : which);
        say(maker, ")");
        return;
    } else {
        say(maker, "%s %s over %s", kinds[below(maker, 4)], fields[which], events[which]);
    }
    if (chance(maker, 40)) {
        say(maker, " within ");
        say_span(maker, any_span(maker));
    }
}

static void say_primary_number(struct maker *maker, const struct view *view, int depth)
{
    static const char *const units[] = { "days", "hours", "weeks", "months", "years", "minutes" };
    int way = below(maker, 100), parameter = any_parameter(maker, view, MADE_NUMBER);
    if (parameter >= 0)
        say(maker, "%s", parameter_name(parameter));
    else if (way < 22)
        say(maker, "%s", any_number(maker));
    else if (way < 50)
        say(maker, "%s", any_field(maker, view, MADE_NUMBER));
    else if (way < 56)
        say(maker, "%s", chance(maker, 50) ? "bonus" : chance(maker, 50) ? "share" : "limit");
    else if (way < 58)
        say(maker, "%s", any_percent(maker));
    else if (way < 64 && depth > 0) {
        say(maker, "(");
        say_number(maker, view, depth - 1);
        say(maker, ")");
    } else if (way < 70) {
        if (!say_define(maker, view, MADE_NUMBER))
            say(maker, "employees");
    } else if (way < 76) {
        say(maker, "%s since ", units[below(maker, 6)]);
        if (chance(maker, 70))
            say(maker, "%s", any_field(maker, view, MADE_DATE));
        else
            say(maker, "%s", any_date(maker));
    } else if (way < 80) {
        say(maker, "length of ");
        say(maker, "%s", any_field(maker, view, MADE_TEXT));
    } else if (way < 83) {
        say(maker, "count of %s", view->event == 0 && chance(maker, 60) ? "topics" : "tags");
    } else if (view->results && way < 92 && maker->score_count) {
        say(maker, "%s", maker->scores[below(maker, maker->score_count)].name);
    } else if (sets_allowed(view) && way < 92) {
        say(maker, "count of ");
        if (chance(maker, 50)) {
            say_set(maker, view, false, true);
        } else {
            say(maker, "(");
            say_set(maker, view, true, true);
            say(maker, ")");
        }
    } else if (sets_allowed(view)) {
        say_aggregate(maker);
    } else {
        say(maker, "%s", any_field(maker, view, MADE_NUMBER));
    }
}

static void say_product(struct maker *maker, const struct view *view, int depth)
{
    if (chance(maker, 7))
        say(maker, "- ");
    say_primary_number(maker, view, depth);
    while (depth > 0 && chance(maker, 18)) {
        say(maker, chance(maker, 50) ? " * " : " / ");
        if (chance(maker, 7))
            say(maker, "-");
        say_primary_number(maker, view, depth - 1);
    }
}

void say_number(struct maker *maker, const struct view *view, int depth)
{
    say_product(maker, view, depth);
    while (depth > 0 && chance(maker, 22)) {
        say(maker, chance(maker, 50) ? " + " : " - ");
        say_product(maker, view, depth - 1);
    }
}

static bool say_last(struct maker *maker, const struct view *view)
{
    if (!sets_allowed(view))
        return false;
    say(maker, "%s ", chance(maker, 50) ? "last" : "first");
    if (chance(maker, 50)) {
        say(maker, "%s", event_name(any_event(maker)));
        return true;
    }
    say(maker, "(");
    say_set(maker, view, true, true);
    say(maker, ")");
    return true;
}

void say_date(struct maker *maker, const struct view *view)
{
    int way = below(maker, 10), parameter = any_parameter(maker, view, MADE_DATE);
    if (parameter >= 0)
        say(maker, "%s", parameter_name(parameter));
    else if (way < 2)
        say(maker, "%s", any_date(maker));
    else if (way < 3)
        say(maker, "now");
    else if (way < 5 && say_last(maker, view))
        return;
    else if (way < 6 && say_define(maker, view, MADE_DATE))
        return;
    else
        say(maker, "%s", any_field(maker, view, MADE_DATE));
}

void say_text(struct maker *maker, const struct view *view)
{
    int way = below(maker, 10), parameter = any_parameter(maker, view, MADE_TEXT);
    if (parameter >= 0)
        say(maker, chance(maker, 20) ? "domain of %s" : "%s", parameter_name(parameter));
    else if (way < 2)
        say(maker, "domain of %s", chance(maker, 80) ? "email" : any_field(maker, view, MADE_TEXT));
    else if (way < 3 && say_define(maker, view, MADE_TEXT))
        return;
    else if (chance(maker, 4))
        say(maker, "buzzword");
    else
        say(maker, "%s", any_field(maker, view, MADE_TEXT));
}

static const char *fitting_word(struct maker *maker)
{
    int way = below(maker, 10);
    if (way < 6)
        return any_word(maker);
    if (way < 8)
        return any_address(maker);
    const char *path = any_path(maker);
    return *path ? path : "/";
}

/* ---- predicates */

static void say_items(struct maker *maker)
{
    if (chance(maker, 30)) {
        say(maker, "%s", chance(maker, 50) ? "titles" : "domains");
        return;
    }
    say(maker, "(");
    for (int i = 0, count = 1 + below(maker, 4); i < count; i++) {
        say(maker, i ? ", " : "");
        if (chance(maker, 12))
            say(maker, "buzzword");
        else
            say_quoted(maker, fitting_word(maker));
    }
    say(maker, ")");
}

static void say_texts(struct maker *maker)
{
    int way = below(maker, 10);
    if (way < 5) {
        say_quoted(maker, fitting_word(maker));
    } else if (way < 6) {
        say(maker, "buzzword");
    } else {
        say(maker, way < 9 ? "any of " : "all of ");
        say_items(maker);
    }
}

static const char *maybe_not(struct maker *maker) { return chance(maker, 20) ? "not " : ""; }

static void say_number_predicate(struct maker *maker, const struct view *view, int depth)
{
    static const char *const signs[] = { "=", "!=", "<", "<=", ">", ">=" };
    int way = below(maker, 10);
    say_number(maker, view, depth);
    if (way < 6) {
        say(maker, " %s ", signs[below(maker, 6)]);
        say_number(maker, view, depth);
    } else if (way < 7) {
        say(maker, " is %s%s", maybe_not(maker), any_number(maker));
    } else if (way < 9) {
        say(maker, " %sbetween ", maybe_not(maker));
        chance(maker, 70) ? say(maker, "%s", any_number(maker)) : say_number(maker, view, 0);
        say(maker, " and ");
        chance(maker, 70) ? say(maker, "%s", any_number(maker)) : say_number(maker, view, 0);
    } else {
        say(maker, " %sin (%s, -%s, bonus", maybe_not(maker), any_number(maker), any_number(maker));
        say(maker, ", %s)", any_number(maker));
    }
}

static void say_text_predicate(struct maker *maker, const struct view *view)
{
    static const char *const operations[] = { "contains",         "has word",         "starts with",
                                              "ends with",        "contains exactly", "starts with exactly",
                                              "ends with exactly" };
    int way = below(maker, 10);
    say_text(maker, view);
    if (way < 2) {
        say(maker, " is %s", maybe_not(maker));
        chance(maker, 80) ? say_quoted(maker, fitting_word(maker)) : say_text(maker, view);
    } else if (way < 3) {
        say(maker, chance(maker, 50) ? " = " : " != ");
        chance(maker, 70) ? say_quoted(maker, fitting_word(maker)) : say_text(maker, view);
    } else if (way < 4) {
        say(maker, " is %sexactly ", maybe_not(maker));
        say_quoted(maker, fitting_word(maker));
    } else if (way < 5) {
        say(maker, " %sin ", maybe_not(maker));
        say_items(maker);
    } else if (way < 6) {
        say(maker, " %smatches ", maybe_not(maker));
        say_quoted(maker, any_glob(maker));
    } else {
        say(maker, " %s%s ", maybe_not(maker), operations[below(maker, 7)]);
        say_texts(maker);
    }
}

/* Inside a bare `where`, date predicates with a window of their own stand in parentheses. */
static void say_date_predicate(struct maker *maker, const struct view *view, bool bare)
{
    static const char *const signs[] = { "=", "<", "<=", ">", ">=" };
    int way = below(maker, bare ? 4 : 10);
    if (way < 3) {
        say_date(maker, view);
        say(maker, " %s ", signs[below(maker, 5)]);
        say_date(maker, view);
    } else if (way < 4 && chance(maker, 25)) {
        say_date(maker, view);
        say(maker, " %sin (%s", maybe_not(maker), any_date(maker));
        say(maker, ", %s)", any_date(maker));
    } else if (way < 4) {
        say_date(maker, view);
        say(maker, " %sbetween %s and ", maybe_not(maker), any_date(maker));
        chance(maker, 60) ? say(maker, "%s", any_date(maker)) : say(maker, "now");
    } else if (way < 8) {
        say_date(maker, view);
        say(maker, " within %s", chance(maker, 15) ? "the last " : "");
        say_duration(maker);
    } else {
        say_date(maker, view);
        say(maker, way < 9 ? " before " : " after ");
        say_date(maker, view);
    }
}

static void say_set_predicate(struct maker *maker, const struct view *view)
{
    static const char *const quantities[] = { "at least", "at most", "exactly", "more than", "fewer than" };
    int way = below(maker, 10);
    if (way < 2)
        say(maker, "no ");
    else if (way < 6)
        say(maker, "%s %d ", quantities[below(maker, 5)], below(maker, 4));
    say_set(maker, view, true, true);
}

static void say_presence(struct maker *maker, const struct view *view)
{
    int way = below(maker, 10);
    if (way < 2)
        say(maker, "tags");
    else if (way < 4)
        say_number(maker, view, 0);
    else if (way < 6)
        say(maker, "%s", any_field(maker, view, MADE_DATE));
    else if (way < 7)
        say(maker, "%s", any_field(maker, view, MADE_CONDITION));
    else
        say_text(maker, view);
    say(maker, " is %s%s", maybe_not(maker), chance(maker, 60) ? "missing" : "known");
}

static bool say_result_predicate(struct maker *maker, const struct view *view)
{
    if (view->stage && maker->stage_count && chance(maker, 25)) {
        int stage = below(maker, maker->stage_count + 1);
        say(maker, "stage is %s", maybe_not(maker));
        if (stage == maker->stage_count)
            say(maker, "Disqualified");
        else if (maker->titled[stage] && chance(maker, 40))
            say_quoted(maker, stage_titles[stage]);
        else
            say(maker, "%s", stage_names[stage]);
        return true;
    }
    if (view->results && maker->has_matrix && chance(maker, 15)) {
        say(maker, "priority is %s\"c%d%d\"", maybe_not(maker), below(maker, maker->bands[0].label_count),
            below(maker, maker->bands[1].label_count));
        return true;
    }
    if (view->results && maker->band_count && chance(maker, 25)) {
        const struct made_band *band = &maker->bands[below(maker, maker->band_count)];
        bool quoted = chance(maker, 30);
        say(maker, "%s is %s%sL%d%s", band->name, maybe_not(maker), quoted ? "\"" : "", below(maker, band->label_count),
            quoted ? "\"" : "");
        return true;
    }
    if (view->results && maker->score_count && chance(maker, 60)) {
        say(maker, "%s %s ", maker->scores[below(maker, maker->score_count)].name, chance(maker, 50) ? ">=" : "<");
        chance(maker, 20) ? say(maker, "limit") : say(maker, "%s", any_number(maker));
        return true;
    }
    if (view->disqualified && chance(maker, 12)) {
        say(maker, "disqualified");
        return true;
    }
    return false;
}

static void say_option_predicate(struct maker *maker, const struct view *view)
{
    say(maker, "%s ", view->event == 3 && chance(maker, 60) ? "kind" : "industry");
    if (chance(maker, 60)) {
        say(maker, "is %s", maybe_not(maker));
        say_quoted(maker, any_option(maker));
        return;
    }
    say(maker, "%sin (", maybe_not(maker));
    say_quoted(maker, any_option(maker));
    say(maker, ", ");
    say_quoted(maker, any_option(maker));
    say(maker, ")");
}

static void say_predicate(struct maker *maker, const struct view *view, int depth, bool bare)
{
    int way = below(maker, 100), parameter = any_parameter(maker, view, MADE_CONDITION);
    if (say_result_predicate(maker, view))
        return;
    if (parameter >= 0) {
        say(maker, "%s", parameter_name(parameter));
    } else if (way < 20) {
        say_number_predicate(maker, view, depth);
    } else if (way < 45) {
        say_text_predicate(maker, view);
    } else if (way < 55) {
        say_date_predicate(maker, view, bare);
    } else if (way < 62) {
        say_presence(maker, view);
    } else if (way < 68) {
        say(maker, "%s", any_field(maker, view, MADE_CONDITION));
        if (chance(maker, 50))
            say(maker, " is %s%s", maybe_not(maker), chance(maker, 50) ? "yes" : "no");
        else if (chance(maker, 20))
            say(maker, " %s %s", chance(maker, 50) ? "is" : "!=", lead_field(maker, MADE_CONDITION));
    } else if (way < 72) {
        say_option_predicate(maker, view);
    } else if (way < 76) {
        say(maker, "%s %scontains ", view->event == 0 && chance(maker, 60) ? "topics" : "tags", maybe_not(maker));
        if (chance(maker, 60))
            say_quoted(maker, chance(maker, 50) ? "vip" : "Größe");
        else
            say(maker, "%s of (\"VIP\", \"gro\u0308sse\", \"x\")", chance(maker, 50) ? "any" : "all");
    } else if (maker->uses_titles && view->event == NO_EVENT && chance(maker, 30)) {
        say(maker, "%s", chance(maker, 50) ? "executive_level(title)" : "freemail(email)");
    } else if (way < 80 && say_define(maker, view, MADE_CONDITION)) {
        return;
    } else if (sets_allowed(view)) {
        say_set_predicate(maker, view);
    } else {
        say_text_predicate(maker, view);
    }
}

static void say_not(struct maker *maker, const struct view *view, int depth)
{
    if (chance(maker, 12))
        say(maker, "not ");
    if (depth > 0 && chance(maker, 20)) {
        say(maker, "(");
        say_condition(maker, view, depth - 1);
        say(maker, ")");
    } else {
        say_predicate(maker, view, depth, false);
    }
}

void say_condition(struct maker *maker, const struct view *view, int depth)
{
    say_not(maker, view, depth);
    while (depth > 0 && chance(maker, 30)) {
        say(maker, chance(maker, 50) ? " and " : " or ");
        say_not(maker, view, depth - 1);
    }
}

/* ---- points */

void say_bound(struct maker *maker)
{
    if (chance(maker, 12))
        say(maker, "limit");
    else
        say(maker, "%d", 1 + below(maker, 60));
}

void say_points(struct maker *maker)
{
    static const char *const points[] = { "5", "10", "25", "1", "0", "2.5", "0.0001", "7", "33.3333", "50" };
    say(maker, "%s", chance(maker, 60) ? "+" : chance(maker, 60) ? "-" : "");
    say(maker, "%s", chance(maker, 15) ? "bonus" : points[below(maker, 10)]);
}
