#include "tests/oracle/making.h"

#include <string.h>

static void say_json_text(struct maker *maker, const char *text)
{
    buffer_char(maker->out, '"');
    for (const char *at = text; *at; at++) {
        if (*at == '"' || *at == '\\')
            say(maker, "\\%c", *at);
        else if ((unsigned char)*at < 0x20)
            say(maker, "\\u%04x", *at);
        else if (strncmp(at, "é", 2) == 0 && chance(maker, 40))
            buffer_text(maker->out, "\\u00e9"), at++;
        else if (strncmp(at, "😀", 4) == 0 && chance(maker, 50))
            buffer_text(maker->out, "\\ud83d\\uDE00"), at += 3;
        else
            buffer_char(maker->out, *at);
    }
    buffer_char(maker->out, '"');
}

static void say_json_number(struct maker *maker)
{
    static const char *const numbers[] = {
        "0",
        "1",
        "2",
        "3",
        "5",
        "10",
        "17.9999",
        "18",
        "21.5",
        "49.99994",
        "49.99995",
        "50",
        "50.0001",
        "100",
        "250",
        "249.9999",
        "0.5",
        "-1",
        "-10",
        "-0.00005",
        "1e3",
        "2.5E-1",
        "12.345678",
        "1000000",
        "922337203685477.5807",
        "-922337203685477.5808",
        "1e30",
        "-0",
        "33.3333",
        "7",
    };
    const char *number = numbers[below(maker, (int)(sizeof numbers / sizeof *numbers))];
    int way = below(maker, 100);
    if (way < 12)
        say(maker, "\"%s%s\"", number, chance(maker, 30) ? " " : "");
    else if (way < 15)
        say(maker, "\"about ten\"");
    else
        say(maker, "%s", number);
}

static void say_json_instant(struct maker *maker, int64_t instant)
{
    char text[INSTANT_TEXT];
    int way = below(maker, 100);
    if (way < 12) {                                     /* the same instant in another zone */
        size_t length = instant_format(instant + MICROS_HOUR, text);
        say(maker, "\"%.*s+01:00\"", (int)length - 1, text);
    } else if (way < 20) {                              /* without a zone: UTC */
        size_t length = instant_format(instant, text);
        say(maker, "\"%.*s\"", (int)length - 1, text);
    } else if (way < 24) {
        say(maker, "\"2026-02-30\"");
    } else {
        instant_format(instant, text);
        if (way < 30 && !strchr(text, '.')) {           /* finer than microseconds: cut */
            say(maker, "\"%.*s.0000009Z\"", (int)strlen(text) - 1, text);
            return;
        }
        if (way < 60)
            instant_format_day(instant, text);
        say(maker, "\"%s\"", text);
    }
}

static void say_json_yesno(struct maker *maker)
{
    static const char *const words[] = { "true",   "false",   "true",      "false", "\"yes\"",
                                         "\"no\"", "\"YES\"", "\"maybe\"", "null",  "\"No \"" };
    say(maker, "%s", words[below(maker, 10)]);
}

static void say_json_option(struct maker *maker)
{
    if (chance(maker, 10))
        say_json_text(maker, "Farming");
    else
        say_json_text(maker, any_option(maker));
}

static void say_json_tags(struct maker *maker)
{
    if (chance(maker, 15)) {
        say(maker, "\"vip; Gr\u00F6\u00DFe;;\"");
        return;
    }
    say(maker, "[");
    for (int i = 0, count = below(maker, 4); i < count; i++) {
        say(maker, i ? "," : "");
        if (chance(maker, 8))
            say(maker, chance(maker, 50) ? "null" : "12");
        else
            say_json_text(maker, any_tag(maker));
    }
    say(maker, "]");
}

/* A member, mostly there; sometimes null, empty or absent. */
static bool member_begin(struct maker *maker, const char *name)
{
    if (chance(maker, 18))
        return false;
    buffer_text(maker->out, maker->out->data[maker->out->length - 1] == '{' ? "" : ",");
    say_json_text(maker, name);
    buffer_char(maker->out, ':');
    if (chance(maker, 8)) {
        say(maker, chance(maker, 60) ? "null" : "\"\"");
        return false;
    }
    return true;
}

static void make_event(struct maker *maker, int64_t *last)
{
    int event = below(maker, 5);
    int64_t at = chance(maker, 15) ? *last : any_instant(maker);
    *last = at;
    say(maker, "{\"type\":\"%s\"", chance(maker, 4) ? "nobody_declared" : event_names[event]);
    if (!chance(maker, 4)) {
        say(maker, ",\"at\":");
        say_json_instant(maker, at);
    }
    if (event == 0 && member_begin(maker, "url"))
        say_json_text(maker, any_path(maker));
    if (event == 0 && member_begin(maker, "seconds"))
        say_json_number(maker);
    if (event == 0 && chance(maker, 60) && member_begin(maker, "topics"))
        say_json_tags(maker);
    if (event == 1 && member_begin(maker, "answered"))
        say_json_yesno(maker);
    if (event == 1 && member_begin(maker, "minutes"))
        say_json_number(maker);
    if (event == 1 && member_begin(maker, "due"))
        say_json_instant(maker, any_instant(maker));
    if (event == 3 && member_begin(maker, "title"))
        say_json_text(maker, any_text(maker));
    if (event == 3 && member_begin(maker, "pages"))
        say_json_number(maker);
    if (event == 3 && member_begin(maker, "kind"))
        say_json_option(maker);
    if (event == 4 && member_begin(maker, "reason"))
        say_json_text(maker, any_text(maker));
    say(maker, "}");
}

static void say_json_stage(struct maker *maker)
{
    int stage = below(maker, 6), way = below(maker, 10);
    if (way < 5)
        say_json_text(maker, stage_names[stage]);
    else if (way < 7)
        say_json_text(maker, stage_titles[stage]);
    else if (way < 8)
        say_json_text(maker, chance(maker, 50) ? " mql " : "GRO\u0308SSER");
    else
        say_json_text(maker, chance(maker, 60) ? "Disqualified" : "Somewhere else");
}

static void make_lead(struct maker *maker, int index)
{
    say(maker, "{\"id\":\"%d\"", index);
    if (member_begin(maker, "title"))
        say_json_text(maker, any_text(maker));
    if (chance(maker, 50) && member_begin(maker, "Job Title"))
        say_json_text(maker, any_text(maker));
    if (member_begin(maker, "company"))
        say_json_text(maker, any_text(maker));
    if (member_begin(maker, "email"))
        say_json_text(maker, any_address(maker));
    if (member_begin(maker, "stage"))
        say_json_text(maker, any_text(maker));
    if (chance(maker, 30) && member_begin(maker, "old")) {
        say(maker, "{\"x\":[1,{}],\"stage\":");
        say_json_text(maker, any_text(maker));
        say(maker, "}");
    }
    if (member_begin(maker, "employees"))
        say_json_number(maker);
    if (chance(maker, 20) && member_begin(maker, "crm")) {
        say(maker, "{\"size\":");
        say_json_number(maker);
        say(maker, "}");
    }
    if (chance(maker, 20) && member_begin(maker, "crm.size"))
        say_json_number(maker);
    if (member_begin(maker, "budget"))
        say_json_number(maker);
    if (member_begin(maker, "größe"))
        say_json_number(maker);
    if (member_begin(maker, "industry"))
        say_json_option(maker);
    if (member_begin(maker, "newsletter"))
        say_json_yesno(maker);
    if (member_begin(maker, "converted"))
        say_json_yesno(maker);
    if (member_begin(maker, "created"))
        say_json_instant(maker, any_instant(maker));
    if (member_begin(maker, "renewed"))
        say_json_instant(maker, any_instant(maker));
    if (member_begin(maker, "tags"))
        say_json_tags(maker);
    if (member_begin(maker, "crm_stage"))
        say_json_stage(maker);
    say(maker, ",\"events\":[");
    int64_t last = maker->as_of;
    int most = chance(maker, 1) ? 400 : chance(maker, 10) ? 40 : 9;
    for (int i = 0, count = chance(maker, 15) ? 0 : below(maker, most); i < count; i++) {
        say(maker, i ? "," : "");
        make_event(maker, &last);
    }
    say(maker, "]}");
}

void make_leads(struct maker *maker, struct sample *sample)
{
    for (int i = 0, count = 3 + below(maker, 12); i < count; i++) {
        make_lead(maker, i);
        memory_reserve(&sample->leads, &sample->lead_capacity, sample->lead_count + 1, sizeof *sample->leads);
        char *text = memory_alloc(maker->out->length + 1);
        memcpy(text, maker->out->data, maker->out->length);
        sample->leads[sample->lead_count++] = text;
        buffer_reset(maker->out);
    }
}
