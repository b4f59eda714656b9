/* What to write instead, where something is declared: names with spaces or in quotes, types of other programs, `=`
   behind a setting. */
#include <string.h>

#include "compiler/parse_advice.h"
#include "parser.h"

static bool declares(int kind)
{
    switch (kind) {
    case TOKEN_SCORE:
    case TOKEN_GROUP:
    case TOKEN_BAND:
    case TOKEN_MATRIX:
    case TOKEN_SETTING:
    case TOKEN_LIST:
    case TOKEN_EVENT:
    case TOKEN_DEFINE: return true;
    default: return false;
    }
}

static bool named_and_titled(int kind) { return kind == TOKEN_RULE || kind == TOKEN_STAGE || kind == TOKEN_DISQUALIFY; }

/* A text made into a name: "Very cold" is very_cold; the names of stages keep their capitals. */
static const char *as_name(const struct place *place, const struct token *token)
{
    char name[64];
    size_t count = 0;
    bool stage = place->before->kind == TOKEN_STAGE;
    const char *text = place->context->source->text;
    for (uint32_t at = token->span.start; at < token->span.end && count + 1 < sizeof name; at++) {
        unsigned char c = (unsigned char)text[at];
        if (c == '"') continue;
        bool letter = (c >= 'a' && c <= 'z') || c >= 0x80, upper = c >= 'A' && c <= 'Z', digit = c >= '0' && c <= '9';
        if (count == 0 && digit) name[count++] = '_';
        if (count + 1 >= sizeof name) break;
        if (letter || digit || (upper && stage)) name[count++] = (char)c;
        else if (upper) name[count++] = (char)(c - 'A' + 'a');
        else if (count > 0 && name[count - 1] != '_') name[count++] = '_';
    }
    while (count > 0 && name[count - 1] == '_') count--;
    if (count == 0) return "my_name";
    const struct word *word = word_find(place->context, name, count);
    return arena_format(place->context->arena, word && word->reserved ? "my_%.*s" : "%.*s", (int)count, name);
}

static bool begins_type(int kind)
{
    return kind == TOKEN_TYPE_TEXT || kind == TOKEN_TYPE_NUMBER || kind == TOKEN_TYPE_DATE || kind == TOKEN_LIST ||
           kind == TOKEN_ONE_OF || kind == TOKEN_YES;
}

static const char *about_fields(const struct place *place)
{
    static const char *const texts[] = { "string", "str", "char", "varchar", "email", "url", "phone", "txt", "words",
                                         "String", "Text", NULL };
    static const char *const numbers[] = { "int", "integer", "float", "decimal", "double", "money", "currency",
                                           "numeric", "num", "Number", NULL };
    static const char *const answers[] = { "bool", "boolean", "flag", "checkbox", "yesno", "Boolean", NULL };
    static const char *const dates[] = { "datetime", "timestamp", "time", "day", "Date", NULL };
    static const char *const choices[] = { "enum", "select", "picklist", "dropdown", "choice", "option", NULL };
    static const char *const lists[] = { "array", "multi", "multiselect", "tags", "set", NULL };
    struct arena *arena = place->context->arena;
    const struct token *token = place->token;
    if (token->kind == TOKEN_TEXT && token->first_on_line)
        return arena_format(arena, "a name without spaces comes first: %s text from %s", as_name(place, token),
                            written(place, token));
    if (token->kind == ':') return "leave out the colon";
    if (!token->is_word || token->first_on_line || place->before->kind != TOKEN_NAME) return NULL;
    if (begins_type(place->next->kind))
        return arena_format(arena, "a name has no spaces: %s_%s %s from \"%s %s\"", written(place, place->before),
                            written(place, token), place->next->kind == TOKEN_ONE_OF ? "one of …"
                            : place->next->kind == TOKEN_YES ? "yes/no" : written(place, place->next),
                            written(place, place->before), written(place, token));
    if (word_among(token, texts)) return "write `text`";
    if (word_among(token, numbers)) return "write `number`";
    if (word_among(token, answers)) return "write `yes/no`";
    if (word_among(token, dates)) return "write `date`: it may have a time of day";
    if (word_among(token, choices)) return "write the values: one of \"A\", \"B\"";
    if (word_among(token, lists)) return "write `list`: several texts";
    return NULL;
}

/* `rule big company in fit`, `list countries DE, AT`, `setting limit = 50` */
static const char *behind_a_name(const struct place *place)
{
    struct arena *arena = place->context->arena;
    const struct token *token = place->token, *name = place->before, *next = place->next;
    int declared = place->earlier->kind, kind = token->kind;
    if (name->kind != TOKEN_NAME) return NULL;
    if (declared == TOKEN_RULE && token->first_on_line)
        return arena_format(arena, "say which score the rule belongs to: rule %s in fit", written(place, name));
    if (kind == '-' && next->is_word && name->span.end == token->span.start && token->span.end == next->span.start &&
        word_starts_declaration(declared))
        return arena_format(arena, "names are written with _: %s_%s", written(place, name), written(place, next));
    if (declared == TOKEN_SETTING && (kind == '=' || kind == TOKEN_IS || kind == ':' || kind == TOKEN_AS))
        return arena_format(arena, "the value stands right behind the name: setting %s %s", written(place, name),
                            next->kind == TOKEN_YYEOF ? "50" : written(place, next));
    if (declared == TOKEN_LIST && (kind == '=' || kind == TOKEN_IS || kind == ':' || kind == TOKEN_AS || kind == '('))
        return arena_format(arena, "the texts stand right behind the name: list %s \"a\", \"b\"",
                            written(place, name));
    if ((declared == TOKEN_SETTING || declared == TOKEN_LIST) && kind == TOKEN_NAME)
        return arena_format(arena, "a text stands in double quotes: \"%s\"", written(place, token));
    if (declared == TOKEN_GROUP && kind != TOKEN_NAME)
        return arena_format(arena, "say which score the group belongs to: group %s in fit", written(place, name));
    bool two_words = kind == TOKEN_NAME && !token->first_on_line &&
                     (next->kind == TOKEN_IN || next->kind == TOKEN_TEXT || next->kind == TOKEN_WHEN ||
                      next->kind == TOKEN_NAME || next->kind == TOKEN_YYEOF || next->first_on_line);
    if (two_words && named_and_titled(declared))
        return arena_format(arena, "a name has no spaces, a title may: %s %s_%s \"%s %s\"",
                            written(place, place->earlier), written(place, name), written(place, token),
                            written(place, name), written(place, token));
    if (two_words && (declared == TOKEN_GROUP || declared == TOKEN_EVENT))
        return arena_format(arena, "a name has no spaces: %s_%s", written(place, name), written(place, token));
    if (place->context->home == TOKEN_SETTING && kind == TOKEN_POINTS) return "the number alone is enough";
    return NULL;
}

const char *advice_about_names(const struct place *place)
{
    struct arena *arena = place->context->arena;
    const struct token *token = place->token, *next = place->next;
    int kind = token->kind, before = place->before->kind, home = place->context->home;
    bool touching = next->span.start == token->span.end;
    if (token->first_on_line && touching &&
        ((kind == '/' && (next->kind == '/' || next->kind == '*')) || (kind == '-' && next->kind == '-')))
        return "a comment starts with #";
    if (before == TOKEN_STAGE && kind == TOKEN_TEXT &&
        strlen(as_name(place, token)) + 2 == token->span.end - token->span.start)
        return arena_format(arena, "a name has no quotes: stage %s", as_name(place, token));
    if (named_and_titled(before) && kind == TOKEN_TEXT)
        return arena_format(arena, "a name without spaces comes first, then the title: %s %s %s",
                            written(place, place->before), as_name(place, token), written(place, token));
    if (declares(before) && kind == TOKEN_TEXT)
        return arena_format(arena, "a name has no quotes and no spaces: %s %s", written(place, place->before),
                            as_name(place, token));
    if ((home == TOKEN_BAND || home == TOKEN_MATRIX) && kind == TOKEN_TEXT && token->first_on_line)
        return arena_format(arena, "a label has no quotes and no spaces: %s", as_name(place, token));
    if (before == TOKEN_DISQUALIFY && kind == TOKEN_WHEN) return "give it a name: disqualify no_delivery";
    if (kind == '/' && place->earlier->kind == TOKEN_USE && next->is_word)
        return arena_format(arena, "modules are written with a point: use %s.%s; files in quotes: use \"%s/%s.rubric\"",
                            written(place, place->before), written(place, next), written(place, place->before),
                            written(place, next));
    if (home == TOKEN_SETTING && kind == TOKEN_POINTS && before == TOKEN_NUMBER) return "the number alone is enough";
    const char *advice = home == TOKEN_LEAD || home == TOKEN_EVENT ? about_fields(place) : NULL;
    return advice ? advice : behind_a_name(place);
}
