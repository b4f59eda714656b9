/* What to write instead, for mistakes that people make who know how it should read but not how it is written: `in the
   last 30 days`, `is not in`, `between 50 to 100`.  Looks at the token that does not fit and at its neighbours; what is
   not known here has no advice. */
#include <string.h>

#include "grammar/lexer.h"
#include "parser.h"

struct place {
    struct parse_context *context;
    const struct token *token, *before, *earlier, *next; /* what does not fit; two before it; one behind it */
};

static bool word_is(const struct token *token, const char *word)
{
    return token->is_word && token->value.name.text && strcmp(token->value.name.text, word) == 0;
}

static bool word_among(const struct token *token, const char *const *words)
{
    for (; *words; words++)
        if (word_is(token, *words)) return true;
    return false;
}

static const char *written(const struct place *place, const struct token *token)
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
    if (word_among(place->token, days) || word_among(place->before, days))
        return "write a date such as 2026-11-22, or `1 day ago` in `given`";
    return NULL;
}

static const char *about_events(const struct place *place)
{
    static const char *const each[] = { "per", "each", "every", "times", "x", NULL };
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
    if (place->token->kind == '-' && place->before->kind == TOKEN_NUMBER && place->earlier->kind == TOKEN_FROM)
        return "write `from 0 to 100`";
    if ((compares(place->token->kind)) && (place->before->kind == TOKEN_AND || place->before->kind == TOKEN_OR))
        return "say again what is compared: employees >= 50 and employees <= 100; or write `between 50 and 100`";
    return NULL;
}

static bool named_and_titled(int kind) { return kind == TOKEN_RULE || kind == TOKEN_STAGE || kind == TOKEN_DISQUALIFY; }

static const char *about_names(const struct place *place)
{
    int before = place->before->kind;
    if (named_and_titled(before) && place->token->kind == TOKEN_TEXT)
        return arena_format(place->context->arena, "a name without spaces comes first, then the title: %s my_name %s",
                            written(place, place->before), written(place, place->token));
    if (before == TOKEN_DISQUALIFY && place->token->kind == TOKEN_WHEN) return "give it a name: disqualify no_delivery";
    if (place->earlier->kind == TOKEN_RULE && place->token->first_on_line)
        return arena_format(place->context->arena, "say which score the rule belongs to: rule %s in fit",
                            written(place, place->before));
    if (place->token->kind == '-' && before == TOKEN_NAME && place->next->is_word &&
        place->before->span.end == place->token->span.start && place->token->span.end == place->next->span.start &&
        word_starts_declaration(place->earlier->kind))
        return arena_format(place->context->arena, "names are written with _: %s_%s", written(place, place->before),
                            written(place, place->next));
    return NULL;
}

static const char *about_clauses(const struct place *place)
{
    static const char *const give[] = { "add", "give", "gives", "plus", "award", "subtract", "score", NULL };
    static const char *const decay[] = { "decay", "decays", "fade", NULL };
    static const char *const send[] = { "email", "mail", "send", "alert", "slack", NULL };
    if (place->before->kind == TOKEN_POINTS && place->earlier->kind == TOKEN_NUMBER)
        return "leave out the second `points`: points +5";
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
                                                                     about_lists,  about_ranges, about_names,
                                                                     about_clauses };
    struct place place = { context, token, &context->recent[1], &context->recent[2], next };
    for (size_t index = 0; index < sizeof advisers / sizeof *advisers; index++) {
        const char *advice = advisers[index](&place);
        if (advice) return advice;
    }
    return NULL;
}
