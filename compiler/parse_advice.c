/* What to write instead, for mistakes that people make who know how it should read but not how it is written: `in the
   last 30 days`, `is not in`, `between 50 to 100`.  Looks at the token that does not fit and at its neighbours; what is
   not known here has no advice. */
#include <string.h>

#include "compiler/parse_advice.h"
#include "parser.h"

static bool word_is(const struct token *token, const char *word)
{
    return token->is_word && token->value.name.text && strcmp(token->value.name.text, word) == 0;
}

bool word_among(const struct token *token, const char *const *words)
{
    for (; *words; words++)
        if (word_is(token, *words)) return true;
    return false;
}

const char *written(const struct place *place, const struct token *token)
{
    return arena_copy(place->context->arena, place->context->source->text + token->span.start,
                      token->span.end - token->span.start);
}

static bool compares(int kind)
{
    return kind == '=' || kind == TOKEN_NE || kind == '<' || kind == TOKEN_LE || kind == '>' || kind == TOKEN_GE;
}

static bool begins_condition(int kind)
{
    return kind == TOKEN_WHEN || kind == TOKEN_AND || kind == TOKEN_OR || kind == TOKEN_NOT || kind == TOKEN_EXPECT ||
           kind == TOKEN_STAY_WHILE || kind == TOKEN_AS || kind == TOKEN_CHOOSE || kind == TOKEN_WHERE;
}

/* `is not in (…)`, `is at least 50`, `is greater than 50` */
static const char *after_is(const struct place *place)
{
    static const char *const greater[] = { "greater", "larger", "bigger", "higher", "above", "over", NULL };
    static const char *const less[] = { "less", "smaller", "lower", "under", NULL };
    const struct token *is = place->before;
    if (word_is(place->token, "than") && place->earlier->kind == TOKEN_IS)
        return word_among(place->before, greater) ? "numbers are compared with a sign: … > 50"
                                                  : "numbers are compared with a sign: … < 50";
    bool negated = is->kind == TOKEN_NOT;
    if (negated) is = place->earlier;
    if (is->kind != TOKEN_IS) return NULL;
    switch (place->token->kind) {
    case TOKEN_IN: return negated ? "leave out `is`: … not in (\"a\", \"b\")" : "leave out `is`: … in (\"a\", \"b\")";
    case TOKEN_ONE_OF:
        return negated ? "for none of several texts: … not in (\"a\", \"b\")"
                       : "for one of several texts: … in (\"a\", \"b\")";
    case TOKEN_BETWEEN:
        return negated ? "leave out `is`: … not between 5 and 10" : "leave out `is`: … between 5 and 10";
    case TOKEN_CONTAINS:
    case TOKEN_MATCHES:
    case TOKEN_HAS_WORD:
    case TOKEN_STARTS_WITH:
    case TOKEN_ENDS_WITH:
    case TOKEN_WITHIN:
    case TOKEN_BEFORE:
    case TOKEN_AFTER: return "leave out `is`";
    case TOKEN_AT_LEAST: return "numbers are compared with a sign: … >= 50";
    case TOKEN_AT_MOST: return "numbers are compared with a sign: … <= 50";
    case TOKEN_MORE_THAN: return "numbers are compared with a sign: … > 50";
    case TOKEN_FEWER_THAN: return "numbers are compared with a sign: … < 50";
    case TOKEN_BELOW: return "numbers are compared with a sign: … < 50";
    default: break;
    }
    if (word_among(place->token, greater)) return "numbers are compared with a sign: … > 50";
    if (word_among(place->token, less)) return "numbers are compared with a sign: … < 50";
    return NULL;
}

static const char *about_time(const struct place *place)
{
    static const char *const older[] = { "older", "longer", NULL }, *const newer[] = { "newer", "younger", NULL };
    static const char *const days[] = { "yesterday", "today", NULL };
    if (word_among(place->token, older)) return "an age is a number: days since created > 30";
    if (word_among(place->token, newer))
        return "an age is a number: days since created < 30, or `created within 30 days`";
    if (place->token->kind == TOKEN_LAST && (place->before->kind == TOKEN_IN || word_is(place->before, "the")))
        return "write `within 30 days`";
    if (place->token->kind == TOKEN_UNIT &&
        (place->before->kind == TOKEN_LAST || word_is(place->before, "the") || place->before->kind == TOKEN_WITHIN))
        return "a length of time has a number: within 1 month";
    if (place->token->kind == TOKEN_UNIT && place->before->kind == TOKEN_NUMBER && compares(place->earlier->kind))
        return "an age is a number: days since created > 30; or write `created within 30 days`";
    if (place->before->kind == TOKEN_NUMBER && place->earlier->kind == TOKEN_WITHIN && place->token->kind != TOKEN_UNIT)
        return arena_format(place->context->arena, "a length of time has a unit: within %s days",
                            written(place, place->before));
    if (place->before->kind == ')' && (place->token->kind == TOKEN_WITHIN || place->token->kind == TOKEN_SINCE ||
                                       place->token->kind == TOKEN_BEFORE))
        return "the window stands inside the parentheses: (page_view where url contains \"x\" within 30 days)";
    if (word_among(place->token, days) || word_among(place->before, days))
        return "write a date such as 2026-11-22, or `1 day ago` in `given`";
    return NULL;
}

static const char *about_events(const struct place *place)
{
    static const char *const each[] = { "per", "each", "every", "times", "x", NULL };
    int kind = place->token->kind, before = place->before->kind;
    if (kind == TOKEN_EVERY && before == TOKEN_NUMBER && place->earlier->kind == TOKEN_FADING)
        return arena_format(place->context->arena, "write `fading %s%% every …`, or `fading %s points every …`",
                            written(place, place->before), written(place, place->before));
    if (kind == TOKEN_AT_MOST && place->context->home == TOKEN_RULE &&
        (place->earlier->kind == TOKEN_FOR_EACH || before == TOKEN_UNIT))
        return "a comma stands before it: for each webinar, at most 3 times";
    if ((kind == TOKEN_AT_LEAST || kind == TOKEN_AT_MOST || kind == TOKEN_EXACTLY || kind == TOKEN_MORE_THAN ||
         kind == TOKEN_FEWER_THAN) && before == TOKEN_NAME && place->next->kind == TOKEN_NUMBER &&
        !word_starts_declaration(place->earlier->kind))
        return arena_format(place->context->arena, "the number stands before the events: %s %s %s",
                            written(place, place->token), written(place, place->next), written(place, place->before));
    if (kind == '.' && before == TOKEN_NAME && place->next->is_word && place->earlier->kind != TOKEN_USE)
        return arena_format(place->context->arena, "a field of an event is asked for in `where`: %s where %s …",
                            written(place, place->before), written(place, place->next));
    if (kind == TOKEN_NAME && word_is(place->before, "more") && place->earlier->kind == TOKEN_OR &&
        place->context->recent[3].kind == TOKEN_NUMBER)
        return arena_format(place->context->arena, "write `at least %s %s`",
                            written(place, &place->context->recent[3]), written(place, place->token));
    if (place->before->kind == TOKEN_NUMBER && word_among(place->token, each))
        return "points for events: +5 for each webinar";
    if (place->before->kind == TOKEN_NAME && place->earlier->kind == TOKEN_FOR_EVERY)
        return arena_format(place->context->arena,
                            "for events write `for each %s`; `for every 100 of …` is about numbers",
                            written(place, place->before));
    if (place->token->kind == TOKEN_NAME && place->before->kind == TOKEN_NUMBER &&
        begins_condition(place->earlier->kind))
        return arena_format(place->context->arena, "say how the number is meant: at least %s %s",
                            written(place, place->before), written(place, place->token));
    if (word_is(place->token, "max") || word_is(place->token, "maximum"))
        return "write `at most 3 times` or `at most 30 points`";
    return NULL;
}

static const char *about_lists(const struct place *place)
{
    if (place->token->kind == TOKEN_TEXT && place->before->kind == TOKEN_IN)
        return "a list stands in parentheses: in (\"a\", \"b\")";
    if (place->token->kind == ',' && place->before->kind == TOKEN_TEXT &&
        (place->earlier->kind == TOKEN_IS || place->earlier->kind == '='))
        return arena_format(place->context->arena, "for one of several texts: in (%s, \"…\")",
                            written(place, place->before));
    static const char *const does[] = { "does", "do", "doesnt", NULL };
    if (word_among(place->token, does))
        return place->next->kind == TOKEN_NOT ? "leave out `does`: title not contains \"x\"" : "leave out this word";
    if (word_is(place->token, "has") && place->next->kind == TOKEN_TEXT)
        return "write `contains`, or `has word` for a whole word";
    return NULL;
}

static const char *about_ranges(const struct place *place)
{
    static const char *const above[] = { "above", "over", "under", "up", NULL };
    if (place->context->home == TOKEN_BAND &&
        (place->token->kind == ':' || place->token->kind == TOKEN_NUMBER || word_among(place->token, above)))
        return "a label has a range: hot from 50 below 80; the last one may be open: hot from 50";
    if ((place->token->kind == TOKEN_TO || place->token->kind == '-') && place->earlier->kind == TOKEN_BETWEEN)
        return "write `between 50 and 100`";
    if (place->context->home == TOKEN_RULE && place->token->kind == TOKEN_NUMBER && place->token->first_on_line &&
        place->next->kind == '-')
        return "a row is written `from 1 below 51: +5`: 1 belongs to it, 51 to the next";
    if (place->token->kind == ':' && place->before->kind == TOKEN_NUMBER && compares(place->earlier->kind))
        return "a row has ends: `from 50: +5`, `below 50: +5`; rows with conditions stand behind `points choose`";
    if (place->token->kind == '-' && place->before->kind == TOKEN_NUMBER && place->earlier->kind == TOKEN_FROM)
        return "write `from 0 to 100`";
    if ((compares(place->token->kind)) && (place->before->kind == TOKEN_AND || place->before->kind == TOKEN_OR))
        return "say again what is compared: employees >= 50 and employees <= 100; or write `between 50 and 100`";
    return NULL;
}

/* 1.000.000 is a number and two points behind it. */
static const char *about_numbers(const struct place *place)
{
    if (place->token->kind != '.' || place->before->kind != TOKEN_NUMBER ||
        place->before->span.end != place->token->span.start)
        return NULL;
    const char *text = place->context->source->text + place->before->span.start;
    char digits[32];
    size_t count = 0;
    for (; (*text == '.' || (*text >= '0' && *text <= '9')) && count + 1 < sizeof digits; text++)
        if (*text != '.') digits[count++] = *text;
    digits[count] = '\0';
    return arena_format(place->context->arena, "a number has no points between its thousands: %s", digits);
}

static const char *about_clauses(const struct place *place)
{
    static const char *const give[] = { "add", "give", "gives", "plus", "award", "subtract",
                                       "deduct", "lose", "score", NULL };
    static const char *const decay[] = { "decay", "decays", "fade", NULL };
    static const char *const send[] = { "email", "mail", "send", "alert", "slack", NULL };
    int kind = place->token->kind;
    bool in_rule = place->context->home == TOKEN_RULE;
    if (place->before->kind == TOKEN_POINTS && place->earlier->kind == TOKEN_NUMBER)
        return "leave out the second `points`: points +5";
    if (kind == TOKEN_PERCENT && (place->before->kind == TOKEN_POINTS || place->earlier->kind == TOKEN_POINTS))
        return arena_format(place->context->arena,
                            "points are a number: +%.*s; a share of a rule's points is a line of its own: weight %s",
                            (int)(place->token->span.end - place->token->span.start - 1),
                            written(place, place->token), written(place, place->token));
    if (kind == TOKEN_NUMBER && word_is(place->before, "minus"))
        return arena_format(place->context->arena, "write -%s", written(place, place->token));
    if (in_rule && place->token->first_on_line && (kind == '+' || kind == '-') && place->next->kind == TOKEN_NUMBER)
        return arena_format(place->context->arena, "points are written `points %c%s`", kind,
                            written(place, place->next));
    if (in_rule && place->token->first_on_line && kind == TOKEN_NUMBER && place->next->kind == TOKEN_POINTS)
        return arena_format(place->context->arena, "points are written `points +%s`", written(place, place->token));
    if (place->context->home == TOKEN_DISQUALIFY && kind == TOKEN_POINTS)
        return "a disqualified lead needs no minus points; points are given and taken by a `rule`";
    if (place->context->home == TOKEN_TEST && kind == TOKEN_NUMBER && place->before->kind == TOKEN_NAME &&
        (place->earlier->kind == TOKEN_EXPECT || place->earlier->kind == ','))
        return arena_format(place->context->arena, "say how it compares: %s is %s", written(place, place->before),
                            written(place, place->token));
    if (place->before->kind == TOKEN_UNIT && place->earlier->kind != TOKEN_WITHIN && place->token->first_on_line &&
        place->context->recent[3].kind == TOKEN_EVERY && !in_rule)
        return "say what has to be missing for so long: without activity";
    if (place->context->home == TOKEN_RULE && place->token->first_on_line && word_among(place->token, give))
        return "points are written `points +5` or `points -5`";
    if (place->context->home == TOKEN_RULE && place->token->first_on_line && word_among(place->token, decay))
        return "events fade with `fading 50% every 30 days` behind `for each`; a whole score decays with `lose 20% "
               "every 30 days without activity`";
    if (place->context->home == TOKEN_SCORE && word_among(place->token, decay))
        return "write `lose 20% every 30 days without activity`";
    if ((place->context->home == TOKEN_ON_ENTERING || place->context->home == TOKEN_ON_LEAVING) &&
        word_among(place->token, send))
        return "write `notify \"…\"`";
    return NULL;
}

const char *parse_advice(struct parse_context *context, const struct token *token, const struct token *next)
{
    static const char *(*const advisers[])(const struct place *) = { after_is,     about_time,   about_events,
                                                                     about_lists,  about_ranges, about_numbers,
                                                                     about_clauses, advice_about_names };
    struct place place = { context, token, &context->recent[1], &context->recent[2], next };
    for (size_t index = 0; index < sizeof advisers / sizeof *advisers; index++) {
        const char *advice = advisers[index](&place);
        if (advice) return advice;
    }
    return NULL;
}
