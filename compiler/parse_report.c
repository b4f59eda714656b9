/* Syntax errors for people.  First the mistakes that have a name: a word of another language, a calculation as
   points, a text without quotes, …; each has its own message.  What is left says what was expected, in the words of
   the manual. */
#include <stdio.h>
#include <string.h>

#include "grammar/lexer.h"
#include "parser.h"
#include "vm/limits.h"

struct report {
    struct parse_context *context;
    const struct expected *expected;
    size_t count;
    const struct token *token, *before; /* what does not fit, and what stands before it */
    const struct token *next; /* what stands after it */
    const char *text; /* the token as written */
    int length;
};

static bool expects(const struct report *report, int token)
{
    for (size_t index = 0; index < report->count; index++)
        if (report->expected[index].token == token) return true;
    return false;
}

static bool is_word(const struct report *report, const char *word)
{
    return report->token->is_word && strcmp(report->token->value.name.text, word) == 0;
}

static struct diagnostic *report_at(const struct report *report, enum diagnostic_code code, const char *message,
                                    const char *label)
{
    struct diagnostic *d = diagnostic_report(report->context->diags, code, report->token->span, "%s", message);
    diagnostic_label(d, report->token->span, "%s", label);
    return d;
}

/* ---- what was expected ------------------------------------------------------------------------------------------- */

static bool is_soft(const struct report *report, int token)
{
    switch (token) {
    case TOKEN_VERSION:
    case TOKEN_OWNER:
    case TOKEN_COLUMN:
    case TOKEN_EVERY:
    case TOKEN_WITHOUT:
    case TOKEN_EXCLUSIVE:
    case TOKEN_ONCE:
    case TOKEN_A:
    case TOKEN_TIMES:
    case TOKEN_FADING:
    case TOKEN_UNTIL:
    case TOKEN_AGO:
    case TOKEN_GIVES:
    case TOKEN_FIRES:
    case TOKEN_SILENT:
    case TOKEN_UNDECIDED:
    case TOKEN_OVER:
    case TOKEN_TYPE_TEXT:
    case TOKEN_TYPE_NUMBER:
    case TOKEN_TYPE_DATE:
    case TOKEN_UNIT: return expects(report, TOKEN_NAME);
    default: return false;
    }
}

static bool is_operator(int token)
{
    switch (token) {
    case '=':
    case TOKEN_NE:
    case '<':
    case TOKEN_LE:
    case '>':
    case TOKEN_GE:
    case TOKEN_IS:
    case TOKEN_BETWEEN:
    case TOKEN_IN:
    case TOKEN_CONTAINS:
    case TOKEN_MATCHES:
    case TOKEN_HAS_WORD:
    case TOKEN_STARTS_WITH:
    case TOKEN_ENDS_WITH: return true;
    default: return false;
    }
}

static bool starts_value(int token)
{
    switch (token) {
    case TOKEN_NAME:
    case TOKEN_NUMBER:
    case TOKEN_PERCENT:
    case TOKEN_TEXT:
    case TOKEN_DATE:
    case TOKEN_YES:
    case TOKEN_NO:
    case '-':
    case '(':
    case TOKEN_NOW:
    case TOKEN_AT:
    case TOKEN_ACTIVITY:
    case TOKEN_DISQUALIFIED:
    case TOKEN_COUNT_OF:
    case TOKEN_SUM_OF:
    case TOKEN_MIN_OF:
    case TOKEN_MAX_OF:
    case TOKEN_AVERAGE_OF:
    case TOKEN_LENGTH_OF:
    case TOKEN_DOMAIN_OF:
    case TOKEN_DISTINCT:
    case TOKEN_FIRST:
    case TOKEN_LAST:
    case TOKEN_UNITS_SINCE:
    case TOKEN_NOT:
    case TOKEN_AT_LEAST:
    case TOKEN_AT_MOST:
    case TOKEN_EXACTLY:
    case TOKEN_MORE_THAN:
    case TOKEN_FEWER_THAN:
    case TOKEN_STAGE_IS:
    case TOKEN_MISSING:
    case TOKEN_KNOWN: return true;
    default: return false;
    }
}

static bool is_clause(int token)
{
    return token == TOKEN_WHEN || token == TOKEN_POINTS || token == TOKEN_BECAUSE || token == TOKEN_WEIGHT ||
           token == TOKEN_ACTIVE_FROM || token == TOKEN_ACTIVE_UNTIL;
}

struct list {
    const char *words[6];
    size_t count;
    bool more;
};

static void list_add(struct list *list, const char *words)
{
    if (list->count == sizeof list->words / sizeof *list->words) list->more = true;
    else list->words[list->count++] = words;
}

/* Groups what could stand here: "a condition", "a comparison", "the next declaration" instead of thirty words. */
static const char *describe_expected(const struct report *report)
{
    bool values = expects(report, TOKEN_NAME) && expects(report, '(') && expects(report, TOKEN_NUMBER) &&
                  expects(report, TOKEN_TEXT) && expects(report, TOKEN_NOW);
    bool conditions = values && expects(report, TOKEN_NOT) && expects(report, TOKEN_AT_LEAST);
    bool operators = expects(report, '=') && expects(report, TOKEN_IS);
    bool sums = expects(report, '*');
    bool declarations = expects(report, TOKEN_RULE) && expects(report, TOKEN_BAND);
    bool types = expects(report, TOKEN_TYPE_TEXT) && expects(report, TOKEN_ONE_OF);
    bool clauses = operators && expects(report, TOKEN_POINTS) && expects(report, TOKEN_BECAUSE);
    struct list list = { 0 };
    if (types) list_add(&list, "a type (`text`, `number`, `yes/no`, `date`, `list` or `one of`)");
    if (conditions) list_add(&list, "a condition");
    else if (values) list_add(&list, "a value");
    if (operators) list_add(&list, "a comparison such as `is` or `>`");
    for (size_t index = 0; index < report->count; index++) {
        int token = report->expected[index].token;
        if (token == TOKEN_SYNC || token == -1 || is_soft(report, token)) continue;
        if (values && starts_value(token)) continue;
        if (operators && (is_operator(token) || token == TOKEN_NOT)) continue;
        if (sums && (token == '+' || token == '-' || token == '*' || token == '/')) continue;
        if (declarations && (word_starts_declaration(token) || token == TOKEN_YYEOF)) continue;
        if (operators && (token == TOKEN_WITHIN || token == TOKEN_BEFORE || token == TOKEN_AFTER ||
                          token == TOKEN_SINCE || token == TOKEN_WHERE || token == '('))
            continue;
        if (clauses && is_clause(token)) continue;
        if (types && (token == TOKEN_LIST || token == TOKEN_ONE_OF || token == TOKEN_YES || token == TOKEN_TYPE_TEXT ||
                      token == TOKEN_TYPE_NUMBER || token == TOKEN_TYPE_DATE))
            continue;
        char quoted[8];
        const char *words = report->expected[index].words;
        if (words[0] == '\'') {
            snprintf(quoted, sizeof quoted, "`%c`", token);
            words = arena_copy(report->context->arena, quoted, strlen(quoted));
        }
        list_add(&list, words);
    }
    if (clauses) list_add(&list, "the next clause");
    if (declarations) list_add(&list, "the next declaration");
    if (list.count == 0) return NULL;
    struct buffer text = { 0 };
    for (size_t index = 0; index < list.count; index++) {
        if (index > 0) buffer_text(&text, index + 1 == list.count && !list.more ? " or " : ", ");
        buffer_text(&text, list.words[index]);
    }
    if (list.more) buffer_text(&text, " …");
    const char *copy = arena_copy(report->context->arena, text.data, text.length);
    buffer_free(&text);
    return copy;
}

/* ---- mistakes that have a name ----------------------------------------------------------------------------------- */

static bool foreign_word(const struct report *report)
{
    static const struct {
        const char *word, *message, *help;
        enum diagnostic_code code;
    } words[] = {
        { "if", "a rule has no `if`", "the condition stands after `when`", E0206 },
        { "then", "a rule has no `then`", "the points stand after `points`", E0206 },
        { "else", "a rule has no `else`", "the last row of `choose` or `by` is `otherwise`", E0206 },
        { "elif", "a rule has no `elif`", "several cases are rows of `choose`", E0206 },
        { "equals", "`equals` is written `is`", "write `is` in its place", E0201 },
        { "includes", "`includes` is written `contains`", "write `contains` in its place", E0201 },
        { "contain", "`contain` is written `contains`", "write `contains` in its place", E0201 },
        { "like", "`like` is written `matches`", "patterns have * for any letters and ? for one: matches \"*sales*\"",
          E0201 },
        { "are", "`are` is written `is`", "write `is` in its place", E0201 },
        { "null", "`null` is written `missing`", "write `is missing` or `is known`", E0201 },
        { "empty", "`empty` is written `missing`", "write `is missing` or `is known`", E0201 },
        { "true", "`true` is written `yes`", "write `yes` in its place", E0201 },
        { "false", "`false` is written `no`", "write `no` in its place", E0201 },
    };
    for (size_t index = 0; index < sizeof words / sizeof *words; index++) {
        bool before = report->before->is_word && report->before->kind == TOKEN_NAME &&
                      strcmp(report->before->value.name.text, words[index].word) == 0;
        if (!before && !is_word(report, words[index].word)) continue;
        struct span span = before ? report->before->span : report->token->span;
        struct diagnostic *d = diagnostic_report(report->context->diags, words[index].code, span, "%s",
                                                 words[index].message);
        diagnostic_label(d, span, "not a word of rubrics");
        diagnostic_help(d, "%s", words[index].help);
        return true;
    }
    return false;
}

/* A word that fits elsewhere: `from 1 to 50` in rows, `score total is …`, `on enter …`. */
static bool neighbouring_word(const struct report *report)
{
    int kind = report->token->kind;
    const char *message = NULL, *help = NULL;
    if (kind == TOKEN_TO && expects(report, TOKEN_BELOW)) {
        message = "the upper end of a row is written `below`";
        help = "`from 1 below 50` holds for 1 and for everything under 50; the next row starts with `from 50`";
    } else if ((kind == TOKEN_IS || kind == '=') && expects(report, TOKEN_AS)) {
        message = "what a name stands for is written after `as`";
        help = "write `as` in its place";
    } else if ((kind == TOKEN_IS || kind == '=') && expects(report, TOKEN_GIVEN) && expects(report, TOKEN_TEXT)) {
        message = "in `given`, the value stands right behind the name";
        help = "leave this out: given title \"CEO\"";
    } else if (kind == TOKEN_UNIT && report->before->kind == TOKEN_NUMBER &&
               (report->context->recent[2].kind == TOKEN_SINCE || report->context->recent[2].kind == TOKEN_BEFORE ||
                report->context->recent[2].kind == TOKEN_AFTER)) {
        message = "`since`, `before` and `after` take a date, not a length of time";
        help = "for the time before now, write `within`: within 3 days";
    } else if (is_word(report, "on") && report->token->first_on_line) {
        message = "actions start with `on entering` or `on leaving`";
        help = "and then the name of the stage";
    }
    if (!message) return false;
    diagnostic_help(report_at(report, E0201, message, "does not fit here"), "%s", help);
    return true;
}

static bool unmatched_parenthesis(const struct report *report)
{
    const struct parse_context *context = report->context;
    int kind = report->token->kind;
    if (kind == ')' && context->closes_nothing) {
        diagnostic_help(report_at(report, E0214, "this parenthesis closes nothing", "no `(` belongs to it"),
                        "remove it, or open one before");
        return true;
    }
    bool ends = kind == TOKEN_WHEN || kind == TOKEN_POINTS || kind == TOKEN_BECAUSE || kind == TOKEN_WEIGHT ||
                kind == TOKEN_YYEOF || kind == TOKEN_STAY_WHILE || kind == TOKEN_EXPECT || kind == TOKEN_GIVEN ||
                word_starts_declaration(kind);
    if (!ends || context->open_count == 0 || context->open_count > OPEN_PARENTHESES || !expects(report, ')'))
        return false;
    struct span span = context->open[context->open_count - 1];
    struct diagnostic *d = diagnostic_report(context->diags, E0214, span, "this parenthesis is not closed");
    diagnostic_label(d, span, "opened here");
    diagnostic_label(d, report->token->span, "not closed before this");
    diagnostic_help(d, "add a `)` where it ends");
    return true;
}

/* `points +5 * 2`, `from 0 below 10: (3)` */
static bool points_calculation(const struct report *report)
{
    int kind = report->token->kind;
    if (kind != '+' && kind != '-' && kind != '*' && kind != '/' && kind != '(') return false;
    const struct token *recent = report->context->recent;
    size_t at = 1;
    if (kind != '(') {
        if (recent[at].kind != TOKEN_NUMBER && recent[at].kind != TOKEN_NAME && recent[at].kind != TOKEN_PERCENT)
            return false;
        at++;
        if (recent[at].kind == '+' || recent[at].kind == '-') at++;
    }
    if (recent[at].kind != TOKEN_POINTS && recent[at].kind != ':') return false;
    struct diagnostic *d = report_at(report, E0203, "points are one number or one setting, not a calculation",
                                     "a calculation starts here");
    diagnostic_help(d, "write the result, name it with `setting`, or multiply it with `weight 50%%`");
    return true;
}

static bool comma_in_number(const struct report *report)
{
    const struct token *recent = report->context->recent;
    const struct token *comma = report->token, *left = report->before, *right = report->next;
    if (comma->kind == TOKEN_NUMBER && left->kind == ',') {
        comma = &recent[1];
        left = &recent[2];
        right = &recent[0];
    }
    if (comma->kind != ',' || left->kind != TOKEN_NUMBER || right->kind != TOKEN_NUMBER) return false;
    if (left->span.end != comma->span.start || comma->span.end != right->span.start) return false;
    struct span span = { left->span.file, left->span.start, right->span.end };
    const char *text = report->context->source->text;
    struct diagnostic *d = diagnostic_report(report->context->diags, E0207, span,
                                             "a number is written without a comma");
    diagnostic_label(d, span, "two numbers with a comma between them");
    int a = (int)(left->span.end - left->span.start), b = (int)(right->span.end - right->span.start);
    const char *x = text + left->span.start, *y = text + right->span.start;
    if (memchr(x, '.', (size_t)a)) diagnostic_help(d, "thousands have no sign, decimals a point: 5000.5");
    else if (b == 3)
        diagnostic_help(d, "a thousand: %.*s%.*s or %.*s_%.*s; a decimal: %.*s.%.*s", a, x, b, y, a, x, b, y, a, x, b,
                        y);
    else diagnostic_help(d, "decimals have a point: %.*s.%.*s", a, x, b, y);
    return true;
}

static bool text_comparison(int kind)
{
    return kind == TOKEN_CONTAINS || kind == TOKEN_HAS_WORD || kind == TOKEN_STARTS_WITH || kind == TOKEN_ENDS_WITH ||
           kind == TOKEN_MATCHES;
}

static bool comparison_without_text(const struct report *report)
{
    if (!text_comparison(report->before->kind) || !expects(report, TOKEN_TEXT)) return false;
    struct span span = report->before->span;
    const char *text = report->context->source->text + span.start;
    int length = (int)(span.end - span.start);
    bool ends_line = report->token->first_on_line ||
                     report->token->kind == TOKEN_YYEOF; /* then what stands there is innocent */
    struct span where = ends_line ? span : report->token->span;
    struct diagnostic *d = diagnostic_report(report->context->diags, E0209, where, "`%.*s` needs a text in quotes",
                                             length, text);
    diagnostic_label(d, where, ends_line ? "expected a text in quotes after this" : "expected a text in quotes");
    if (report->token->kind == '(')
        diagnostic_help(d, "for several texts: `%.*s any of (\"a\", \"b\")` or `all of`", length, text);
    return true;
}

/* Words that people give to fields, events and rules; the others are glue. */
static bool could_be_name(int kind)
{
    switch (kind) {
    case TOKEN_POINTS:
    case TOKEN_WEIGHT:
    case TOKEN_MISSING:
    case TOKEN_KNOWN:
    case TOKEN_FIRST:
    case TOKEN_LAST:
    case TOKEN_ACTIVITY:
    case TOKEN_NOW:
    case TOKEN_AT:
    case TOKEN_DISQUALIFIED:
    case TOKEN_CHOOSE:
    case TOKEN_OTHERWISE:
    case TOKEN_YES:
    case TOKEN_NO: return true;
    default: return word_starts_declaration(kind);
    }
}

/* A reserved word where a name is expected, and what follows shows that it is meant as one. */
static bool word_as_name(const struct report *report)
{
    const struct token *token = report->token;
    if (!token->is_word || !expects(report, TOKEN_NAME)) return false;
    const struct word *word = word_find(report->context, token->value.name.text, strlen(token->value.name.text));
    if (!word || !word->reserved) return false;
    bool starts = token->first_on_line && word_starts_declaration(token->kind);
    bool used = is_operator(report->next->kind) || report->next->kind == ',' || report->next->kind == ')' ||
                report->next->kind == ':';
    bool declared = report->before->kind == TOKEN_IN || word_starts_declaration(report->before->kind) ||
                    report->before->kind == TOKEN_GIVEN;
    bool joins = is_operator(token->kind) || token->kind == TOKEN_AND || token->kind == TOKEN_OR ||
                 token->kind == TOKEN_NOT;
    bool compared = is_operator(report->next->kind) && !joins; /* `since is "x"`: whatever the word, it is compared */
    if (starts || !(compared || (could_be_name(token->kind) && (used || declared)))) return false;
    struct diagnostic *d = diagnostic_report(report->context->diags, E0202, token->span,
                                             "`%s` is a word of the language, not a name", token->value.name.text);
    diagnostic_label(d, token->span, "used as a name");
    diagnostic_help(d, "write it in backquotes: `%s`", token->value.name.text);
    return true;
}

static bool text_without_quotes(const struct report *report)
{
    if (!report->token->is_word || expects(report, TOKEN_NAME) || !expects(report, TOKEN_TEXT)) return false;
    int before = report->before->kind;
    if (before != TOKEN_BECAUSE && before != TOKEN_RUBRIC && before != TOKEN_VERSION && before != TOKEN_OWNER &&
        before != TOKEN_TEST && before != TOKEN_ASSIGN && before != TOKEN_NOTIFY && before != TOKEN_TAG &&
        before != TOKEN_ONE_OF && before != TOKEN_MISSING_WHEN && before != TOKEN_FROM && before != TOKEN_COLUMN &&
        before != TOKEN_OR && before != ',' && before != TOKEN_ACTION_ASSIGN && before != TOKEN_ACTION_NOTIFY &&
        before != TOKEN_ACTION_TAG)
        return false;
    if (report->token->first_on_line && report->token->kind != TOKEN_NAME) return false;
    struct diagnostic *d = report_at(report, E0208, "a text stands in double quotes", "a text without quotes");
    diagnostic_help(d, "write \"%.*s\", with everything that belongs to the text", report->length, report->text);
    return true;
}

/* Words that begin a clause, mostly on a line of its own. */
static bool starts_clause(int kind)
{
    switch (kind) {
    case TOKEN_WHEN:
    case TOKEN_POINTS:
    case TOKEN_BECAUSE:
    case TOKEN_WEIGHT:
    case TOKEN_GIVEN:
    case TOKEN_EXPECT:
    case TOKEN_ACTIVE_FROM:
    case TOKEN_ACTIVE_UNTIL:
    case TOKEN_STAY_WHILE:
    case TOKEN_STAY_FOREVER:
    case TOKEN_ONLY_FROM:
    case TOKEN_STARTS_AT:
    case TOKEN_LOSE:
    case TOKEN_AS_OF:
    case TOKEN_ASSIGN:
    case TOKEN_NOTIFY:
    case TOKEN_TAG: return true;
    default: return false;
    }
}

/* What is missing is missing where the line before ends, not where the next thing begins. */
static bool ends_too_early(const struct report *report)
{
    bool end = report->token->kind == TOKEN_YYEOF, clause = starts_clause(report->token->kind);
    if (!end && !(report->token->first_on_line && (clause || word_starts_declaration(report->token->kind))))
        return false;
    if (expects(report, TOKEN_YYEOF)) return false;
    struct span span = report->before->span;
    if (span.end == 0) span = report->token->span;
    const char *expected = describe_expected(report);
    struct diagnostic *d = diagnostic_report(report->context->diags, E0211, span,
                                             "something is missing at the end of this %s",
                                             clause ? "line" : "declaration");
    diagnostic_label(d, span, "expected %s after this", expected ? expected : "more");
    const char *advice = parse_advice(report->context, report->token, report->next);
    if (advice) diagnostic_help(d, "%s", advice);
    return true;
}

/* ---- all others -------------------------------------------------------------------------------------------------- */

static const char *suggestion(const struct report *report)
{
    if (!report->token->is_word) return NULL;
    const char *candidates[128];
    size_t used = 0;
    for (size_t index = 0; index < report->count && used < sizeof candidates / sizeof *candidates; index++) {
        const char *words = report->expected[index].words;
        size_t length = strlen(words);
        if (words[0] != '`' || length < 3) continue;
        candidates[used++] = arena_copy(report->context->arena, words + 1, length - 2);
    }
    return suggest_nearest(report->token->value.name.text, candidates, used);
}

static void report_generic(const struct report *report)
{
    const char *expected = describe_expected(report);
    struct diagnostic *d;
    if (report->token->kind == TOKEN_YYEOF)
        d = diagnostic_report(report->context->diags, E0211, report->token->span, "the file ends too early");
    else
        d = diagnostic_report(report->context->diags, E0201, report->token->span, "`%.*s` does not fit here",
                              report->length, report->text);
    if (expected) diagnostic_label(d, report->token->span, "expected %s", expected);
    else diagnostic_label(d, report->token->span, "not expected here");
    const char *advice = parse_advice(report->context, report->token, report->next), *nearest = suggestion(report);
    bool value = expects(report, TOKEN_TEXT) && !expects(report, TOKEN_IS);
    if (advice) diagnostic_help(d, "%s", advice);
    else if (nearest) diagnostic_help(d, "did you mean `%s`?", nearest);
    else if (report->count == 1 && report->expected[0].token == TOKEN_UNIT)
        diagnostic_help(d, "a length of time has a unit: 30 days");
    else if (value && report->before->kind == TOKEN_NAME && report->before->is_word)
        diagnostic_help(d, "a text stands in double quotes: \"%s\"", report->before->value.name.text);
    else if (report->token->kind == TOKEN_TEXT && report->before->kind == TOKEN_NAME)
        diagnostic_help(d, "between a name and a text stands a word such as `is` or `contains`");
}

void parse_report_unexpected(struct parse_context *context, const struct expected *expected, size_t count)
{
    struct token token = context->recent[0], next = *token_peek(context, 0);
    struct report report = {
        .context = context,
        .expected = expected,
        .count = count,
        .token = &token,
        .before = &context->recent[1],
        .next = &next,
        .text = context->source->text + token.span.start,
        .length = (int)(token.span.end - token.span.start),
    };
    if (report.length > 60) report.length = 60;
    if (context->declaration) context->declaration->broken = true;
    bool follows_mistake = context->mistake_end > 0 && context->mistake_end >= report.before->span.start;
    if (!follows_mistake && !foreign_word(&report) && !neighbouring_word(&report) && !unmatched_parenthesis(&report) &&
        !points_calculation(&report) && !comma_in_number(&report) && !comparison_without_text(&report) &&
        !word_as_name(&report) && !text_without_quotes(&report) && !ends_too_early(&report))
        report_generic(&report);
    tokens_recover(context, &token);
}

void parse_report_memory(struct parse_context *context, struct span span)
{
    struct diagnostic *d = diagnostic_report(context->diags, E0601, span, "this is nested too deeply");
    diagnostic_label(d, span, "more than %d levels", LIMIT_NESTING);
    diagnostic_help(d, "give a part of it a name with `define`, and use the name");
}
