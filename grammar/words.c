/* From words to meaning.  A word is reserved, or a name that the grammar may take for a word of the language (both
   are rows of keywords.def), or the first half of a pair: `at most` is one token where the two stand together.
   Pairs are not made where the first word is being declared as a name, nor in bands and matrices, whose labels are
   names. */
#include <string.h>

#include "grammar/lexer.h"
#include "parser.h"

static const struct word word_table[] = {
#define WORD(token, text, meaning) { text, TOKEN_##token, true, false, UNIT_MINUTE },
#define SOFT(token, text, meaning) { text, TOKEN_##token, false, false, UNIT_MINUTE },
#define PAIR(token, first, second, meaning)
#define UNIT(unit, text) { text, TOKEN_UNIT, false, false, unit },
#include "grammar/keywords.def"
#undef WORD
#undef SOFT
#undef PAIR
#undef UNIT
};

static const struct pair { const char *first, *second; int kind; } pairs[] = {
#define WORD(token, text, meaning)
#define SOFT(token, text, meaning)
#define PAIR(token, first, second, meaning) { first, second, TOKEN_##token },
#define UNIT(unit, text)
#include "grammar/keywords.def"
#undef WORD
#undef SOFT
#undef PAIR
#undef UNIT
};

static unsigned slot_of(const char *text, size_t length)
{
    uint32_t hash = 2166136261u;
    for (size_t index = 0; index < length; index++) hash = (hash ^ (unsigned char)text[index]) * 16777619u;
    return (hash ^ hash >> 15) & (WORD_SLOTS - 1);
}

static const struct word **place_of(struct parse_context *context, const char *text, size_t length)
{
    unsigned slot = slot_of(text, length);
    while (context->words[slot]
           && (strncmp(context->words[slot]->text, text, length) != 0 || context->words[slot]->text[length]))
        slot = (slot + 1) & (WORD_SLOTS - 1);
    return &context->words[slot];
}

void words_init(struct parse_context *context)
{
    for (size_t index = 0; index < sizeof word_table / sizeof *word_table; index++)
        *place_of(context, word_table[index].text, strlen(word_table[index].text)) = &word_table[index];
    for (size_t index = 0; index < sizeof pairs / sizeof *pairs; index++) {
        const struct word **place = place_of(context, pairs[index].first, strlen(pairs[index].first));
        struct word *word = arena_alloc(context->arena, sizeof *word);
        if (*place) *word = **place;
        else *word = (struct word){ .text = pairs[index].first, .kind = TOKEN_NAME };
        word->starts_pair = true;
        *place = word;
    }
}

const struct word *word_find(const struct parse_context *context, const char *text, size_t length)
{
    unsigned slot = slot_of(text, length);
    while (context->words[slot]) {
        const struct word *word = context->words[slot];
        if (strncmp(word->text, text, length) == 0 && !word->text[length]) return word;
        slot = (slot + 1) & (WORD_SLOTS - 1);
    }
    return NULL;
}

bool word_starts_declaration(int kind)
{
    switch (kind) {
    case TOKEN_RUBRIC: case TOKEN_USE: case TOKEN_LEAD: case TOKEN_EVENT: case TOKEN_SETTING: case TOKEN_LIST:
    case TOKEN_DEFINE: case TOKEN_SCORE: case TOKEN_GROUP: case TOKEN_RULE: case TOKEN_DISQUALIFY: case TOKEN_BAND:
    case TOKEN_MATRIX: case TOKEN_STAGE: case TOKEN_OUTCOME: case TOKEN_TEST: case TOKEN_ON_ENTERING:
    case TOKEN_ON_LEAVING:
        return true;
    default:
        return false;
    }
}

/* ---- the stream -------------------------------------------------------------------------------------------------- */

static bool first_on_line(const struct parse_context *context, uint32_t offset)
{
    while (offset > 0) {
        char c = context->source->text[--offset];
        if (c == '\n' || c == '\r') return true;
        if (c != ' ' && c != '\t') return false;
    }
    return true;
}

static void fill(struct parse_context *context, unsigned count)
{
    while (context->queued < count) {
        struct token *token = &context->queue[context->queued++];
        *token = (struct token){ 0 };
        rubric_scan(token, context->scanner);
        token->first_on_line = first_on_line(context, token->span.start);
    }
}

static const struct word *word_of(const struct parse_context *context, const struct token *token)
{
    if (!token->is_word) return NULL;
    return word_find(context, token->value.name.text, strlen(token->value.name.text));
}

static int kind_of(const struct parse_context *context, const struct token *token)
{
    const struct word *word = word_of(context, token);
    return word ? word->kind : token->kind;
}

static bool declares_a_name(int kind)
{
    switch (kind) {
    case TOKEN_EVENT: case TOKEN_SETTING: case TOKEN_DEFINE: case TOKEN_SCORE: case TOKEN_GROUP: case TOKEN_RULE:
    case TOKEN_DISQUALIFY: case TOKEN_STAGE:
        return true;
    default:
        return false;
    }
}

static void drop_first(struct parse_context *context)
{
    context->queued--;
    memmove(context->queue, context->queue + 1, context->queued * sizeof *context->queue);
}

/* Whether a pair has a meaning here.  Elsewhere its first word is a name that happens to stand before the second:
   `title is missing` before `when`, a field `active` before a row `from 1`. */
static bool pair_stands_here(struct parse_context *context, int kind)
{
    switch (kind) {
    case TOKEN_MISSING_WHEN:
    case TOKEN_CURRENT_STAGE: return context->home == TOKEN_LEAD || context->home == TOKEN_EVENT;
    case TOKEN_ACTION_ASSIGN: case TOKEN_ACTION_NOTIFY: case TOKEN_ACTION_TAG: return context->home == TOKEN_TEST;
    case TOKEN_ONLY_FROM: return context->home == TOKEN_STAGE;
    case TOKEN_STARTS_AT: case TOKEN_ROUNDED_TO: return context->home == TOKEN_SCORE;
    case TOKEN_EQUAL_TO: return context->recent[0].kind == TOKEN_POINTS;
    case TOKEN_ACTIVE_FROM:
        switch (context->recent[0].kind) {              /* behind these stands a value: `by active from 1` */
        case TOKEN_BY: case '+': case '-': case '*': case '/': case '(': return false;
        default: return context->home == TOKEN_RULE;
        }
    case TOKEN_ACTIVE_UNTIL: return context->home == TOKEN_RULE;
    default: return true;
    }
}

/* Joins queue[0] and queue[1] when they are a pair. */
static void join_pair(struct parse_context *context, const struct word *first)
{
    struct token *token = &context->queue[0];
    if (context->home == TOKEN_BAND || context->home == TOKEN_MATRIX) {
        if (token->kind != TOKEN_NAME || strcmp(first->text, "on") != 0) return;
    } else if (declares_a_name(context->recent[0].kind)) {
        return;
    }
    fill(context, 2);
    const struct token *next = &context->queue[1];
    if (!next->is_word) return;
    int joined = 0;
    for (size_t index = 0; index < sizeof pairs / sizeof *pairs && !joined; index++)
        if (strcmp(pairs[index].first, token->value.name.text) == 0
            && strcmp(pairs[index].second, next->value.name.text) == 0)
            joined = pairs[index].kind;
    if (!joined || !pair_stands_here(context, joined)) return;
    struct token both = *token;
    both.kind = joined;
    both.is_word = false;
    both.span.end = next->span.end;
    both.value.name.span.end = next->span.end;
    drop_first(context);
    context->queue[0] = both;
}

static bool is_type_word(int kind)
{
    return kind == TOKEN_TYPE_TEXT || kind == TOKEN_TYPE_NUMBER || kind == TOKEN_TYPE_DATE;
}

/* A field that is named like a reserved word: `stage text`.  Told from the type that follows, so that reading goes
   on unhurt. */
static bool is_field_named_by_word(struct parse_context *context, int kind)
{
    if (context->home != TOKEN_LEAD && context->home != TOKEN_EVENT) return false;
    switch (kind) {                                     /* words behind which a field named `text` may well stand */
    case TOKEN_LIST: case TOKEN_NO: case TOKEN_ACTIVITY: case TOKEN_LEAD: case TOKEN_EVENT: case TOKEN_YES:
    case TOKEN_USE:
        return false;
    default:
        break;
    }
    fill(context, 2);
    return is_type_word(kind_of(context, &context->queue[1]));
}

static void report_word_as_name(struct parse_context *context, const struct token *token)
{
    const char *text = token->value.name.text;
    struct diagnostic *d =
        diagnostic_report(context->diags, E0202, token->span, "`%s` is a word of the language, not a name", text);
    diagnostic_label(d, token->span, "used as the name of a field");
    diagnostic_help(d, "write it in backquotes: `%s`", text);
}

static bool next_is_word(struct parse_context *context, unsigned ahead, const char *text)
{
    fill(context, ahead + 1);
    return context->queue[ahead].is_word && strcmp(context->queue[ahead].value.name.text, text) == 0;
}

/* Words that the grammar cannot tell from names by itself: their neighbours do. */
static bool is_name_after_all(struct parse_context *context, int kind)
{
    switch (kind) {
    case TOKEN_LOSE:
        return context->home != TOKEN_SCORE || declares_a_name(context->recent[0].kind);
    case TOKEN_THE:
        return context->recent[0].kind != TOKEN_WITHIN;
    case TOKEN_ASSIGN: case TOKEN_NOTIFY: case TOKEN_TAG:
        fill(context, 2);
        return (context->home != TOKEN_ON_ENTERING && context->home != TOKEN_ON_LEAVING)
               || context->queue[1].kind != TOKEN_TEXT;
    case TOKEN_DISTINCT:
        fill(context, 2);
        return !context->queue[1].is_word || !next_is_word(context, 2, "over");
    case TOKEN_KEY:
        if (declares_a_name(context->recent[0].kind)) return true;
        if (context->home != TOKEN_LEAD && context->home != TOKEN_EVENT) return true;
        fill(context, 3);
        if (next_is_word(context, 1, "yes")) return true;
        if (next_is_word(context, 1, "one") && next_is_word(context, 2, "of")) return true;
        return is_type_word(kind_of(context, &context->queue[1]))
               && !is_type_word(kind_of(context, &context->queue[2]));
    default:
        return false;
    }
}

/* Gives queue[0] its final kind. */
static void settle(struct parse_context *context)
{
    fill(context, 1);
    struct token *token = &context->queue[0];
    const struct word *word = word_of(context, token);
    if (!word) return;
    if (word->starts_pair) {
        join_pair(context, word);
        token = &context->queue[0];
        if (!token->is_word) return;
    }
    if (word->kind == TOKEN_UNIT) {
        fill(context, 2);
        bool since = context->queue[1].is_word && strcmp(context->queue[1].value.name.text, "since") == 0;
        token = &context->queue[0];
        struct name name = token->value.name;
        token->kind = TOKEN_UNIT;
        token->value.unit = (struct unit_word){ word->unit, name };
        token->is_word = false;
        int before = context->recent[1].kind;           /* `within 3 days since …` ends a length of time */
        bool length = context->recent[0].kind == TOKEN_NUMBER
            && (before == TOKEN_WITHIN || before == TOKEN_THE || before == TOKEN_LAST || before == TOKEN_EVERY);
        if (!since || length || declares_a_name(context->recent[0].kind)) return;
        struct token both = *token;
        both.kind = TOKEN_UNITS_SINCE;
        both.span.end = context->queue[1].span.end;
        drop_first(context);
        context->queue[0] = both;
        return;
    }
    token->kind = word->kind;
    if (!word->reserved && is_name_after_all(context, word->kind)) context->queue[0].kind = TOKEN_NAME;
    token = &context->queue[0];
    if (word->reserved && is_field_named_by_word(context, word->kind)) {
        report_word_as_name(context, token);
        token = &context->queue[0];
        token->kind = TOKEN_NAME;
        token->is_word = false;
    }
}

const struct token *token_peek(struct parse_context *context, unsigned ahead)
{
    fill(context, ahead + 1);
    struct token *token = &context->queue[ahead];
    if (token->is_word && token->kind == TOKEN_NAME) token->kind = kind_of(context, token);
    return token;
}

void tokens_recover(struct parse_context *context, const struct token *token)
{
    context->recovering = true;
    if (!(token->first_on_line && word_starts_declaration(token->kind)) && token->kind != TOKEN_YYEOF) return;
    if (context->queued == sizeof context->queue / sizeof *context->queue)
        context->queued--; /* cannot be: two are read ahead */
    memmove(context->queue + 1, context->queue, context->queued * sizeof *context->queue);
    context->queue[0] = *token;
    context->queued++;
}

/* Passes over tokens up to the next declaration, which starts on a line of its own. */
static void skip_to_declaration(struct parse_context *context)
{
    int before = 0;
    for (;;) {
        settle(context);
        struct token *token = &context->queue[0];
        if (token->kind == TOKEN_YYEOF) return;
        if (token->first_on_line && word_starts_declaration(token->kind) && before != TOKEN_EXPECT
            && before != TOKEN_GIVEN && before != ',')
            return;
        before = token->kind;
        drop_first(context);
    }
}

int rubric_lex(union token_value *value, struct span *span, struct parse_context *context)
{
    if (context->recovering) {
        skip_to_declaration(context);
        context->recovering = false;
        context->home = 0;
        context->mistake_end = 0;
        context->open_count = 0;
        *span = (struct span){ context->file, context->queue[0].span.start, context->queue[0].span.start };
        return TOKEN_SYNC;
    }
    settle(context);
    struct token token = context->queue[0];
    drop_first(context);
    int before = context->recent[0].kind;
    bool is_type = token.kind == TOKEN_LIST && (context->home == TOKEN_LEAD || context->home == TOKEN_EVENT);
    if (word_starts_declaration(token.kind) && before != TOKEN_EXPECT && before != TOKEN_GIVEN && before != ','
        && !is_type)
        context->home = token.kind;
    if (token.kind == '(') {
        if (context->open_count < OPEN_PARENTHESES) context->open[context->open_count] = token.span;
        context->open_count++;
    } else if (token.kind == ')') {
        context->closes_nothing = context->open_count == 0;
        if (context->open_count > 0) context->open_count--;
    }
    memmove(context->recent + 1, context->recent, (RECENT_TOKENS - 1) * sizeof *context->recent);
    context->recent[0] = token;
    *value = token.value;
    *span = token.span;
    return token.kind;
}
