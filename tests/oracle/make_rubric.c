#include "tests/oracle/making.h"

#include <stdio.h>
#include <string.h>

static const char *const score_names[] = { "fit", "interest", "extra" };
static const char *const group_names[] = { "content", "events", "firmographics", "signals" };

void chunk_end(struct maker *maker, struct sample *sample, bool movable)
{
    memory_reserve(&sample->chunks, &sample->chunk_capacity, sample->chunk_count + 1, sizeof *sample->chunks);
    char *text = memory_alloc(maker->out->length + 1);
    memcpy(text, maker->out->data ? maker->out->data : "", maker->out->length);
    sample->chunks[sample->chunk_count++] = (struct chunk){ text, movable };
    buffer_reset(maker->out);
}

static void make_lead_block(struct maker *maker, struct sample *sample)
{
    say(maker, "lead%s\n", chance(maker, 40) ? " missing when \"n/a\", \"select\"" : "");
    say(maker, "  id text key\n");
    say(maker, "  title text%s%s\n", chance(maker, 40) ? " from \"Job Title\" or \"title\"" : "",
        chance(maker, 30) ? " missing when \"CTO\"" : "");
    say(maker, "  company text\n  email text\n  `stage` text from \"old.stage\" or \"stage\"\n");
    say(maker, "  employees number%s\n", chance(maker, 40) ? " from \"crm.size\" or \"employees\"" : "");
    say(maker, "  budget number\n  größe number\n");
    say(maker, "  industry one of \"Software\", \"Straßenbau\", \"Retail & Co\"\n");
    say(maker, "  newsletter yes/no\n  converted yes/no\n  created date\n  renewed date\n  tags list%s\n",
        chance(maker, 20) ? " missing when \"N/A\", \"x\"" : "");
    say(maker,
        chance(maker, 85)
            ? "  crm_stage text current stage\n"
            : "  crm_stage one of \"Lead\", \"MQL\", \"Kunde\", \"Straße\", \"disqualified\" current stage from \"crm_stage\"\n");
    chunk_end(maker, sample, true);
}

static void make_events(struct maker *maker, struct sample *sample)
{
    static const char *const fields[5] = {
        "  url text\n  seconds number\n  topics list missing when \"x\"\n",
        "  answered yes/no\n  minutes number\n  due date\n",
        "",
        "  title text missing when \"CEO\"\n  pages number\n  kind one of \"Software\", \"Straßenbau\", \"Retail & Co\"\n",
        "  reason text\n",
    };
    for (int event = 0; event < 5; event++) {
        say(maker, "event %s%s\n%s", event_names[event], event == 4 || chance(maker, 10) ? ", not activity" : "",
            fields[event]);
        chunk_end(maker, sample, true);
    }
}

static void make_settings(struct maker *maker, struct sample *sample)
{
    say(maker, "setting bonus %s\n", chance(maker, 70) ? "7.5" : "3");
    chunk_end(maker, sample, true);
    say(maker, "setting limit %d\n", 1 + below(maker, 60));
    chunk_end(maker, sample, true);
    say(maker, "setting share %s\n", any_percent(maker));
    chunk_end(maker, sample, true);
    say(maker, "setting recently ");
    say_span(maker, any_span(maker));
    say(maker, "\n");
    chunk_end(maker, sample, true);
    say(maker, "setting buzzword ");
    say_quoted(maker, any_word(maker));
    say(maker, "\n");
    chunk_end(maker, sample, true);
    say(maker, "setting times %d\n", 1 + below(maker, 3));
    chunk_end(maker, sample, true);
}

static void make_lists(struct maker *maker, struct sample *sample)
{
    static const char *const names[] = { "titles", "domains" };
    for (int list = 0; list < 2; list++) {
        say(maker, "list %s ", names[list]);
        for (int i = 0, count = 1 + below(maker, 5); i < count; i++) {
            say(maker, i ? ", " : "");
            say_quoted(maker, list ? (chance(maker, 50) ? "gmail.com" : "STRASSE.de") : any_word(maker));
        }
        say(maker, "\n");
        chunk_end(maker, sample, true);
    }
}

static void make_defines(struct maker *maker, struct sample *sample)
{
    for (int i = 0, count = below(maker, 7); i < count; i++) {
        struct made_define define = { .kind = (enum made)below(maker, 4) };
        bool pure = chance(maker, 60);
        snprintf(define.name, sizeof define.name, "d%d%s", i, pure ? "_pure" : "");
        define.parameter_count = chance(maker, 45) ? 1 + below(maker, 2) : 0;
        for (int p = 0; p < define.parameter_count; p++)
            define.parameters[p] = (enum made)below(maker, 4);
        say(maker, "define %s%s as ", define.name,
            define.parameter_count == 0   ? ""
            : define.parameter_count == 1 ? "(p)"
                                          : "(p, q)");
        struct view view = { .event = NO_EVENT, .define = &define };
        switch (define.kind) {
        case MADE_CONDITION: say_condition(maker, &view, 1); break;
        case MADE_NUMBER: say_number(maker, &view, 1); break;
        case MADE_TEXT: say_text(maker, &view); break;
        case MADE_DATE: say_date(maker, &view); break;
        }
        say(maker, "\n");
        maker->defines[maker->define_count++] = define;
        chunk_end(maker, sample, true);
    }
}

/* Values that a run gives to settings. */
static void make_overrides(struct maker *maker, struct sample *sample)
{
    static const struct setting_override some[MOST_OVERRIDES] = {
        { "bonus", "12.5" },        { "limit", "20" },       { "share", "40%" },
        { "recently", "2 months" }, { "buzzword", "Sales" }, { "times", "1" },
    };
    for (int i = 0; i < MOST_OVERRIDES; i++)
        if (chance(maker, 5))
            sample->overrides[sample->override_count++] = some[i];
}

/* ---- scores and groups */

static void make_lose(struct maker *maker)
{
    struct view view = { .event = NO_EVENT };
    if (chance(maker, 60))
        say(maker, "  lose %s every ", chance(maker, 20) ? "share" : any_percent(maker));
    else
        say(maker, "  lose %s points every ", chance(maker, 20) ? "bonus" : chance(maker, 50) ? "5" : "0.75");
    if (chance(maker, 30))
        say(maker, chance(maker, 50) ? "week" : "month");
    else
        say_duration(maker);
    say(maker, " without ");
    if (chance(maker, 55))
        say(maker, "activity");
    else
        say_set(maker, &view, true, false);
    say(maker, "\n");
}

static void make_rounding(struct maker *maker)
{
    static const char *const steps[] = { "1", "0.25", "5", "0.3", "limit", "bonus" };
    say(maker, "  rounded to %s\n", steps[below(maker, 6)]);
}

static void make_scores(struct maker *maker, struct sample *sample)
{
    for (int i = 0, count = 1 + below(maker, 3); i < count; i++) {
        struct made_score *score = &maker->scores[maker->score_count++];
        *score =
            (struct made_score){ .name = score_names[i], .has_from = chance(maker, 55), .has_to = chance(maker, 45) };
        say(maker, "score %s\n", score->name);
        if (score->has_from)
            say(maker, "  from %s\n", chance(maker, 70) ? "0" : "-20");
        if (score->has_to)
            say(maker, "  to %s\n", chance(maker, 70) ? "100" : chance(maker, 70) ? "30" : "limit");
        if (chance(maker, 30))
            say(maker, "  starts at %s\n", chance(maker, 70) ? "10" : chance(maker, 50) ? "-5.5" : "limit");
        if (chance(maker, 20))
            make_rounding(maker);
        if (chance(maker, 50))
            make_lose(maker);
        chunk_end(maker, sample, true);
    }
}

static void make_combined(struct maker *maker, struct sample *sample)
{
    bool declared_total = chance(maker, 50);
    for (int i = 0, count = declared_total ? 1 + below(maker, 2) : below(maker, 2); i < count; i++) {
        const char *name = i == 0 && declared_total ? "total" : "blend";
        say(maker, "score %s as ", name);
        for (int term = 0, terms = 1 + below(maker, 4); term < terms; term++) {
            const char *of = maker->scores[below(maker, maker->score_count)].name;
            if (term)
                say(maker, chance(maker, 70) ? " + " : " - ");
            switch (below(maker, 7)) {
            case 0: say(maker, "%s * %s", of, any_percent(maker)); break;
            case 1: say(maker, "%s * %s", chance(maker, 50) ? "0.3333" : "2", of); break;
            case 2: say(maker, "%s * %s", of, chance(maker, 50) ? "share" : "bonus"); break;
            case 3: say(maker, "%s", chance(maker, 50) ? "5" : "bonus"); break;
            default: say(maker, "%s", of); break;
            }
        }
        say(maker, "\n");
        struct made_score *score = &maker->scores[maker->score_count];
        *score = (struct made_score){
            .name = name, .has_from = chance(maker, 30), .has_to = chance(maker, 30), .combined = true
        };
        if (score->has_from)
            say(maker, "  from 0\n");
        if (score->has_to)
            say(maker, "  to 60\n");
        if (chance(maker, 20))
            make_rounding(maker);
        if (chance(maker, 20))
            make_lose(maker);
        maker->score_count++;
        chunk_end(maker, sample, true);
    }
    if (!declared_total)
        maker->scores[maker->score_count++] = (struct made_score){ .name = "total", .combined = true };
}

const char *any_plain_score(struct maker *maker)
{
    int plain = 0;
    while (plain < maker->score_count && !maker->scores[plain].combined)
        plain++;
    return maker->scores[below(maker, plain)].name;
}

static void make_groups(struct maker *maker, struct sample *sample)
{
    static const char *const takes[] = { "", "", "  take highest\n", "  take lowest\n", "  take first\n" };
    maker->group_count = below(maker, 4);
    for (int i = 0; i < maker->group_count; i++) {
        int take = below(maker, 5);
        maker->groups[i] = group_names[i];
        maker->group_takes_first[i] = take == 4;
        say(maker, "group %s in %s\n%s", group_names[i], any_plain_score(maker), takes[take]);
        if (chance(maker, 40))
            say(maker, "  weight %s\n", chance(maker, 20) ? "share" : any_percent(maker));
        if (chance(maker, 50))
            say(maker, "  at most %s%s\n", chance(maker, 50) ? "10" : "30", chance(maker, 50) ? " points" : "");
        if (chance(maker, 30))
            say(maker, "  at least %s\n", chance(maker, 50) ? "-5" : chance(maker, 60) ? "0" : "2.5");
        chunk_end(maker, sample, true);
    }
}

/* Two rules of which at most one fires, in a group that says so. */
static void make_exclusive(struct maker *maker, struct sample *sample)
{
    const char *edge = any_number(maker);
    say(maker, "group either in %s\n  exclusive\n%s", any_plain_score(maker), chance(maker, 50) ? "  at most 4\n" : "");
    chunk_end(maker, sample, true);
    say(maker, "rule small in either\n  when employees < %s\n  points +5\n", edge);
    chunk_end(maker, sample, true);
    say(maker, "rule big in either\n  when employees >= %s and newsletter\n  points -7\n", edge);
    chunk_end(maker, sample, true);
}

/* Only read, checked and formatted here: what tests mean is tested by running them. */
static void make_test(struct maker *maker, struct sample *sample)
{
    say(maker, "test \"number %d\"\n  as of %s\n  given title ", below(maker, 100), any_date(maker));
    say_quoted(maker, any_word(maker));
    say(maker, ", employees %s, newsletter yes, tags (\"vip\", \"x\"), created %s\n", any_number(maker),
        any_date(maker));
    say(maker,
        "  given page_view url \"/pricing\", seconds 5 3 days ago\n  given 2 webinar 1 month ago\n  given call answered no at %s\n",
        any_date(maker));
    say(maker, "  given setting bonus 3\n");
    if (maker->stage_count)
        say(maker, "  given stage %s\n  expect stage is %s\n", stage_names[0], stage_names[maker->stage_count - 1]);
    say(maker,
        "  expect fit >= 0, total < 1_000\n  expect rule r0 gives -2.5, rule r1 fires, rule r2 silent\n  expect rule r0 undecided\n");
    chunk_end(maker, sample, true);
}

void make_rubric(struct maker *maker, struct sample *sample)
{
    maker->uses_titles = chance(maker, 8);
    maker->large = chance(maker, 3);
    say(maker, "rubric \"Sample\"\n  version \"1\"\n  # a comment\n");
    chunk_end(maker, sample, true);
    if (maker->uses_titles) {
        say(maker, "use std.titles\nuse std.email\n");
        chunk_end(maker, sample, true);
    }
    make_lead_block(maker, sample);
    make_events(maker, sample);
    make_settings(maker, sample);
    make_overrides(maker, sample);
    make_lists(maker, sample);
    make_defines(maker, sample);
    make_scores(maker, sample);
    make_groups(maker, sample);
    if (chance(maker, 8))
        make_exclusive(maker, sample);
    make_combined(maker, sample);
    make_rules(maker, sample);
    make_bands(maker, sample);
    make_stages(maker, sample);
    make_reactions(maker, sample);
    if (chance(maker, 15))
        make_test(maker, sample);
    if (chance(maker, 30)) {
        struct view view = { .event = NO_EVENT };
        say(maker, "outcome when ");
        say_condition(maker, &view, 1);
        say(maker, "\n");
        chunk_end(maker, sample, true);
    }
}
