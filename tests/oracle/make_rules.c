#include "tests/oracle/making.h"

static void make_each(struct maker *maker)
{
    struct view view = { .event = NO_EVENT };
    say_points(maker);
    say(maker, " for each ");
    say_set(maker, &view, true, true);
    int order = below(maker, 2);
    for (int part = 0; part < 2; part++) {              /* in any order; they apply in theirs */
        if (part == order) {
            if (chance(maker, 35))
                say(maker, ", once a %s", chance(maker, 50) ? "day" : chance(maker, 50) ? "week" : "month");
            if (chance(maker, 45))
                say(maker, ", at most %s times", chance(maker, 30) ? "times" : chance(maker, 50) ? "2" : "3");
            continue;
        }
        if (chance(maker, 45)) {
            bool percent = chance(maker, 60);
            say(maker, ", fading %s every ",
                percent             ? (chance(maker, 20) ? "share" : any_percent(maker))
                : chance(maker, 50) ? "3 points"
                                    : "bonus points");
            if (chance(maker, 25))
                say(maker, chance(maker, 50) ? "week" : "month");
            else
                say_duration(maker);
        }
        if (chance(maker, 35)) {
            say(maker, ", at most ");
            say_bound(maker);
            say(maker, " points");
        }
    }
}

/* Rows that do not overlap: ascending edges, with holes here and there. */
static void make_number_rows(struct maker *maker)
{
    static const char *const edges[] = { "-10", "0", "0.5", "1", "18", "21.5", "50", "250", "1000" };
    int edge = below(maker, 4);
    if (chance(maker, 15)) {
        say(maker, "\n    below limit: ");
        say_points(maker);
        say(maker, "\n    from limit: ");
        say_points(maker);
        return;
    }
    if (chance(maker, 40)) {
        say(maker, "\n    below %s: ", edges[edge]);
        say_points(maker);
    }
    while (edge < 7 && chance(maker, 75)) {
        int next = edge + 1 + below(maker, 2);
        if (!chance(maker, 15)) {
            say(maker, "\n    from %s below %s: ", edges[edge], edges[next]);
            say_points(maker);
        }
        edge = next;
    }
    say(maker, "\n    from %s: ", edges[edge]);
    say_points(maker);
}

static void make_rows(struct maker *maker)
{
    struct view view = { .event = NO_EVENT };
    int way = below(maker, 10);
    say(maker, "by ");
    if (way < 5) {                                      /* a value that differs between leads, or it is refused */
        if (chance(maker, 40)) {
            say(maker, "%s %s ", chance(maker, 50) ? "budget" : "count of page_view", chance(maker, 50) ? "+" : "/");
            say_number(maker, &view, 0);
        } else {
            say(maker, "%s", chance(maker, 50) ? "employees" : chance(maker, 50) ? "größe" : "days since created");
        }
        make_number_rows(maker);
    } else if (way < 7) {
        say(maker, "%s", chance(maker, 50) ? "title" : chance(maker, 50) ? "domain of email" : "company");
        say(maker, "\n    \"CEO\" or \"strasse\": ");
        say_points(maker);
        say(maker, "\n    \"gmail.com\" or \"Ing\u00E9nieur\": ");
        say_points(maker);
    } else if (way < 8) {
        say(maker, "industry\n    \"software\": ");
        say_points(maker);
        say(maker, "\n    \"Strassenbau\": ");
        say_points(maker);
    } else {
        if (chance(maker, 40))
            say(maker, "(title contains \"o\" or %s)", chance(maker, 50) ? "newsletter" : "webinar");
        else
            say(maker, "%s", chance(maker, 50) ? "newsletter" : "converted");
        say(maker, "\n    yes: ");
        say_points(maker);
        if (chance(maker, 60)) {
            say(maker, "\n    no: ");
            say_points(maker);
            if (chance(maker, 40)) {
                say(maker, "\n    missing: ");
                say_points(maker);
            }
            return;
        }
    }
    if (chance(maker, 40)) {
        say(maker, "\n    missing: ");
        say_points(maker);
    }
    if (chance(maker, 40)) {
        say(maker, "\n    otherwise: ");
        say_points(maker);
    }
}

static void make_choose(struct maker *maker)
{
    struct view view = { .event = NO_EVENT, .disqualified = true };
    say(maker, "choose");
    for (int i = 0, count = 1 + below(maker, 3); i < count; i++) {
        say(maker, "\n    ");
        say_condition(maker, &view, 1);
        say(maker, ": ");
        say_points(maker);
    }
    if (chance(maker, 50)) {
        say(maker, "\n    otherwise: ");
        say_points(maker);
    }
}

static void make_points(struct maker *maker)
{
    struct view view = { .event = NO_EVENT };
    int way = below(maker, 100);
    say(maker, "  points ");
    if (way < 30) {
        say_points(maker);
    } else if (way < 55) {
        make_each(maker);
    } else if (way < 65) {
        say_points(maker);
        say(maker, " for every %s of ", chance(maker, 50) ? "10" : chance(maker, 50) ? "0.3" : "limit");
        say_number(maker, &view, 1);
        say(maker, ", at most ");
        say_bound(maker);
        say(maker, " points");
    } else if (way < 72) {
        say(maker, "equal to ");
        say_number(maker, &view, 1);
        say(maker, ", at most ");
        say_bound(maker);
        say(maker, " points");
    } else if (way < 87) {
        make_rows(maker);
    } else {
        make_choose(maker);
    }
    say(maker, "\n");
}

static void make_active(struct maker *maker)
{
    int way = below(maker, 3);
    char day[INSTANT_TEXT];
    instant_format_day(
        chance(maker, 50) ? maker->as_of : instant_step(maker->as_of, chance(maker, 50) ? 1 : -1, UNIT_DAY), day);
    if (way == 0)
        say(maker, "  active from %s\n", day);
    else if (way == 1)
        say(maker, "  active until %s\n", day);
    else
        say(maker, "  active from 2024-01-31 until %s\n", day);
}

void make_rules(struct maker *maker, struct sample *sample)
{
    struct view view = { .event = NO_EVENT, .disqualified = true };
    for (int i = 0, count = maker->large ? 60 + below(maker, 60) : 3 + below(maker, 9); i < count; i++) {
        bool grouped = maker->group_count && chance(maker, 50);
        int group = grouped ? below(maker, maker->group_count) : 0;
        say(maker, "rule r%d %sin %s\n", i, chance(maker, 15) ? "\"A title\" " : "",
            grouped ? maker->groups[group] : any_plain_score(maker));
        if (chance(maker, 75)) {
            say(maker, "  when ");
            say_condition(maker, &view, 2);
            say(maker, "\n");
        }
        make_points(maker);
        if (chance(maker, 20))
            say(maker, "  weight %s\n", chance(maker, 30) ? "share" : chance(maker, 30) ? "0.05%" : any_percent(maker));
        if (chance(maker, 12))
            make_active(maker);
        if (chance(maker, 40))
            say(maker, "  because \"reason %d\"\n", i);
        chunk_end(maker, sample, !(grouped && maker->group_takes_first[group]));
    }
    struct view plain = { .event = NO_EVENT };
    for (int i = 0, count = below(maker, 3); i < count; i++) {
        say(maker, "disqualify x%d\n  when ", i);
        say_condition(maker, &plain, 1);
        if (chance(maker, 60))
            say(maker, " and count of webinar >= 1");
        say(maker, "\n  because \"no\"\n");
        chunk_end(maker, sample, true);
    }
}
