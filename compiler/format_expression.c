/* Expressions, names, texts and numbers in their one canonical spelling.  Parentheses stand where the grammar needs
   them, around events with `where` inside a larger value, and around an `and` inside an `or` when the author put
   them there. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

#include "compiler/format_parts.h"
#include "vm/number.h"
#include "vm/text.h"

/* ---- words ------------------------------------------------------------------------------------------------------- */

enum word_kind { WORD_FREE, WORD_RESERVED, WORD_TYPE, WORD_UNIT, WORD_TRICKY };

static enum word_kind word_kind(const char *name)
{
    static const struct { const char *text; enum word_kind kind; } words[] = {
#define WORD(token, text, meaning) { text, WORD_RESERVED },
#define SOFT(token, text, meaning)
#define PAIR(token, first, second, meaning)
#define UNIT(unit, text) { text, WORD_UNIT },
#include "grammar/keywords.def"
#undef WORD
#undef SOFT
#undef PAIR
#undef UNIT
        { "text", WORD_TYPE }, { "number", WORD_TYPE }, { "date", WORD_TYPE },
        { "lose", WORD_TRICKY }, { "distinct", WORD_TRICKY }, { "the", WORD_TRICKY }, { "key", WORD_TRICKY },
    };
    for (size_t index = 0; index < sizeof words / sizeof *words; index++)
        if (words[index].text[0] == name[0] && strcmp(words[index].text, name) == 0) return words[index].kind;
    return WORD_FREE;
}

static bool is_pair(const char *first, size_t first_length, const char *second, size_t second_length)
{
    static const struct { const char *first, *second; } pairs[] = {
#define WORD(token, text, meaning)
#define SOFT(token, text, meaning)
#define PAIR(token, first, second, meaning) { first, second },
#define UNIT(unit, text) { text, "since" },
#include "grammar/keywords.def"
#undef WORD
#undef SOFT
#undef PAIR
#undef UNIT
    };
    for (size_t index = 0; index < sizeof pairs / sizeof *pairs; index++)
        if (pairs[index].first[0] == first[0] && strlen(pairs[index].first) == first_length && memcmp(pairs[index].first, first, first_length) == 0
            && strlen(pairs[index].second) == second_length && memcmp(pairs[index].second, second, second_length) == 0)
            return true;
    return false;
}

static bool needs_backquotes(const char *name, enum name_place place)
{
    switch (word_kind(name)) {
    case WORD_FREE: return false;
    case WORD_RESERVED: return true;
    case WORD_TYPE: return place == NAME_DECLARED || place == NAME_AS_DURATION;
    case WORD_UNIT: return place == NAME_AS_DURATION;
    case WORD_TRICKY: return true;
    }
    return true;
}

static bool is_break(char c)
{
    return c == BREAK_CHAIN || c == BREAK_INNER || c == BREAK_LIST;
}

/* Puts backquotes around the last name when it would be read together with the word that comes next. */
static void guard_name(struct writer *w, const char *text)
{
    if (w->name_end == 0) return;
    const char *start = w->out->data + w->name_end, *end = w->out->data + w->out->length;
    while (start < end && (*start == ' ' || *start == '\n' || is_break(*start))) start++;
    bool adjacent = start == end;
    while (*text == ' ' || *text == '\n') text++;
    if (*text == '\0' && adjacent) return;
    size_t length = 0;
    while (text[length] >= 'a' && text[length] <= 'z') length++;
    size_t name_length = w->name_end - w->name_start;
    if (adjacent && length > 0 && is_pair(w->out->data + w->name_start, name_length, text, length)) {
        size_t rest = w->out->length - w->name_end;
        buffer_add(w->out, "``", 2);
        char *name = w->out->data + w->name_start;
        memmove(name + name_length + 2, name + name_length, rest);
        memmove(name + 1, name, name_length);
        name[0] = '`';
        name[name_length + 1] = '`';
    }
    w->name_end = 0;
}

void put(struct writer *w, const char *text)
{
    guard_name(w, text);
    buffer_text(w->out, text);
}

void put_spaces(struct writer *w, size_t count)
{
    while (count-- > 0) buffer_char(w->out, ' ');
}

void put_break(struct writer *w, char mark)
{
    if (w->breaks) buffer_char(w->out, mark);
}

void put_name(struct writer *w, const char *name, enum name_place place)
{
    guard_name(w, name);
    if (needs_backquotes(name, place)) {
        buffer_format(w->out, "`%s`", name);
        w->name_end = 0;
        return;
    }
    w->name_start = w->out->length;
    buffer_text(w->out, name);
    w->name_end = w->out->length;
}

void format_name(const char *name, struct buffer *out)
{
    buffer_format(out, needs_backquotes(name, NAME_IN_EXPRESSION) ? "`%s`" : "%s", name);
}

size_t width_of(const char *bytes, size_t length)
{
    size_t width = 0;
    for (size_t index = 0; index < length; index++)
        width += ((unsigned char)bytes[index] & 0xC0) != 0x80 && !is_break(bytes[index]);
    return width;
}

size_t name_width(const char *name, enum name_place place)
{
    return width_of(name, strlen(name)) + (needs_backquotes(name, place) ? 2 : 0);
}

/* ---- texts, numbers, durations ----------------------------------------------------------------------------------- */

static bool is_shown(uint32_t code_point)
{
    if (code_point < 0x20 || code_point == 0x7F) return false;
    if (code_point < 0x80) return true;
    switch (utf8proc_category((utf8proc_int32_t)code_point)) {
    case UTF8PROC_CATEGORY_CC: case UTF8PROC_CATEGORY_CF: case UTF8PROC_CATEGORY_CO: case UTF8PROC_CATEGORY_CN:
    case UTF8PROC_CATEGORY_ZL: case UTF8PROC_CATEGORY_ZP:
        return false;
    case UTF8PROC_CATEGORY_ZS:
        return false;                                   /* a no-break space looks like a space and is none */
    default:
        return true;
    }
}

void format_literal(const char *bytes, size_t length, struct buffer *out)
{
    buffer_char(out, '"');
    for (size_t at = 0; at < length;) {
        size_t used;
        uint32_t code_point = utf8_decode(bytes + at, length - at, &used);
        if (code_point == '"' || code_point == '\\') buffer_format(out, "\\%c", (char)code_point);
        else if (code_point == '\n') buffer_text(out, "\\n");
        else if (code_point == '\t') buffer_text(out, "\\t");
        else if (is_shown(code_point)) buffer_add(out, bytes + at, used);
        else buffer_format(out, "\\u{%" PRIx32 "}", code_point);
        at += used;
    }
    buffer_char(out, '"');
}

void put_literal(struct writer *w, struct literal literal)
{
    w->name_end = 0;
    format_literal(literal.bytes, literal.length, w->out);
}

void put_literals(struct writer *w, const struct literal_list *list, const char *between)
{
    for (const struct literal_list *link = list; link; link = link->next) {
        if (link != list) {
            put(w, between);
            put_break(w, BREAK_LIST);
        }
        put_literal(w, link->literal);
    }
}

static void put_units(struct writer *w, int64_t units)
{
    char text[NUMBER_TEXT], grouped[NUMBER_TEXT + 8];
    size_t length = number_format(units, text), digits = strcspn(text, "."), out = 0;
    size_t start = text[0] == '-' ? 1 : 0;
    for (size_t i = 0; i <= length; i++) {              /* from five digits on, people read 1_000_000 */
        if (i > start && i < digits && digits - start >= 5 && (digits - i) % 3 == 0) grouped[out++] = '_';
        grouped[out++] = text[i];
    }
    put(w, grouped);
}

void put_bound(struct writer *w, struct bound bound)
{
    if (bound.sign == SIGN_PLUS) put(w, "+");
    if (bound.sign == SIGN_MINUS) put(w, "-");
    switch (bound.kind) {
    case BOUND_ABSENT: return;
    case BOUND_SETTING: put_name(w, bound.setting.text, NAME_IN_EXPRESSION); return;
    case BOUND_NUMBER: put_units(w, bound.units); return;
    case BOUND_PERCENT:
        put_units(w, bound.units);
        put(w, "%");
    }
}

void put_duration(struct writer *w, struct duration duration)
{
    switch (duration.kind) {
    case DURATION_ABSENT: return;
    case DURATION_SETTING: put_name(w, duration.setting.text, NAME_AS_DURATION); return;
    case DURATION_LITERAL:
        guard_name(w, duration.count_omitted ? time_unit_name(duration.unit, false) : "1");
        if (!duration.count_omitted) buffer_format(w->out, "%" PRId64 " ", duration.count);
        buffer_text(w->out, time_unit_name(duration.unit, duration.count != 1 && !duration.count_omitted));
    }
}

static void put_date(struct writer *w, const struct tree *date)
{
    if (!w->canonical && date->literal.bytes) {
        put(w, date->literal.bytes);
        return;
    }
    char text[INSTANT_TEXT];
    instant_format_day(date->number, text);
    put(w, text);
}

/* ---- expressions ------------------------------------------------------------------------------------------------- */

/* The layers of the grammar: an operand of a lower one stands in parentheses. */
enum layer {
    LAYER_OR = 1,
    LAYER_AND,
    LAYER_NOT,
    LAYER_PREDICATE,
    LAYER_SUM,
    LAYER_PRODUCT,
    LAYER_UNARY,
    LAYER_PRIMARY
};

static enum layer layer_of(const struct tree *tree)
{
    switch (tree->kind) {
    case TREE_OR: return LAYER_OR;
    case TREE_AND: return LAYER_AND;
    case TREE_NOT: return LAYER_NOT;
    case TREE_COMPARE: case TREE_IS: case TREE_IS_MISSING: case TREE_IS_KNOWN: case TREE_IS_EXACTLY:
    case TREE_BETWEEN: case TREE_IN: case TREE_TEXT_OP: case TREE_MATCHES: case TREE_WITHIN: case TREE_BEFORE:
    case TREE_AFTER: case TREE_SINCE: case TREE_WHERE: case TREE_SET: case TREE_NO_SET: case TREE_QUANTITY:
    case TREE_STAGE_IS:
        return LAYER_PREDICATE;
    case TREE_ADD: case TREE_SUBTRACT: return LAYER_SUM;
    case TREE_MULTIPLY: case TREE_DIVIDE: return LAYER_PRODUCT;
    case TREE_NEGATE: return LAYER_UNARY;
    case TREE_NUMBER: case TREE_PERCENT: case TREE_TEXT: case TREE_DATE: case TREE_YES: case TREE_NO: case TREE_NAME:
    case TREE_ACTIVITY: case TREE_NOW: case TREE_AT: case TREE_DISQUALIFIED: case TREE_CALL: case TREE_COUNT:
    case TREE_AGGREGATE: case TREE_DISTINCT: case TREE_UNITS_SINCE: case TREE_FIRST: case TREE_LAST:
    case TREE_LENGTH: case TREE_DOMAIN:
        return LAYER_PRIMARY;
    }
    return LAYER_PRIMARY;
}

static void put_inner(struct writer *w, const struct tree *tree, bool outermost);

static void put_in_parentheses(struct writer *w, const struct tree *tree)
{
    put(w, "(");
    put_inner(w, tree, false);
    put(w, ")");
}

static void put_operand(struct writer *w, const struct tree *tree, enum layer least)
{
    if (layer_of(tree) < least) put_in_parentheses(w, tree);
    else put_inner(w, tree, false);
}

/* `and` and `or` chains.  `mark` says where the line may break before the operator, 0: nowhere. */
static void put_chain(struct writer *w, const struct tree *tree, char mark)
{
    bool is_or = tree->kind == TREE_OR;
    const struct tree *parts[] = { tree->left, tree->right };
    for (int part = 0; part < 2; part++) {
        const struct tree *operand = parts[part];
        bool keep = !w->canonical && is_or && operand->kind == TREE_AND && operand->parenthesised;
        enum layer least = part == 0 ? (is_or ? LAYER_OR : LAYER_AND) : (is_or ? LAYER_AND : LAYER_NOT);
        if (part == 1) {
            put(w, " ");
            if (mark) put_break(w, mark);
            put(w, is_or ? "or " : "and ");
        }
        if (keep) put_in_parentheses(w, operand);
        else if (part == 0 && operand->kind == tree->kind) put_chain(w, operand, mark);
        else if (is_or && operand->kind == TREE_AND) put_chain(w, operand, mark == BREAK_CHAIN ? BREAK_INNER : '\0');
        else put_operand(w, operand, least);
    }
}

static void put_binary(struct writer *w, const struct tree *tree, const char *operator, enum layer left,
                       enum layer right)
{
    put_operand(w, tree->left, left);
    put(w, operator);
    put_operand(w, tree->right, right);
}

static void put_window(struct writer *w, struct window window)
{
    switch (window.kind) {
    case WINDOW_NONE: return;
    case WINDOW_WITHIN:
        put(w, " within ");
        put_duration(w, window.duration);
        return;
    case WINDOW_SINCE: case WINDOW_BEFORE:
        put(w, window.kind == WINDOW_SINCE ? " since " : " before ");
        put_operand(w, window.date, LAYER_PRIMARY);
    }
}

static bool is_compare(const struct tree *tree)
{
    switch (tree->kind) {
    case TREE_COMPARE: case TREE_IS: case TREE_IS_MISSING: case TREE_IS_KNOWN: case TREE_IS_EXACTLY:
    case TREE_BETWEEN: case TREE_IN: case TREE_TEXT_OP: case TREE_MATCHES:
        return true;
    default:
        return false;
    }
}

/* Whether a window that follows would be drawn into the events at its end: `count of call within 30 days`. */
static bool ends_in_open_set(const struct tree *tree)
{
    switch (tree->kind) {
    case TREE_COUNT: case TREE_AGGREGATE: case TREE_DISTINCT:
        if (tree->left->kind == TREE_NAME) return true;
        if (tree->left->kind != TREE_SET || tree->left->window.kind == WINDOW_WITHIN) return false;
        return tree->left->window.kind == WINDOW_NONE || ends_in_open_set(tree->left->window.date);
    case TREE_ADD: case TREE_SUBTRACT: case TREE_MULTIPLY: case TREE_DIVIDE: case TREE_COMPARE: case TREE_IS:
        return ends_in_open_set(tree->right);
    case TREE_BETWEEN: return ends_in_open_set(tree->third);
    case TREE_NEGATE: case TREE_UNITS_SINCE: case TREE_LENGTH: case TREE_DOMAIN: return ends_in_open_set(tree->left);
    default: return false;
    }
}

static void put_before_window(struct writer *w, const struct tree *tree)
{
    if (ends_in_open_set(tree)) put_in_parentheses(w, tree);
    else put_operand(w, tree, LAYER_SUM);
}

/* A bare `where` takes one comparison or value, maybe under one `not`. */
static void put_where(struct writer *w, const struct tree *holds)
{
    put(w, " where ");
    const struct tree *inner = holds;
    if (holds->kind == TREE_NOT) inner = holds->left;
    bool bare = (is_compare(inner) || layer_of(inner) >= LAYER_SUM) && !ends_in_open_set(inner);
    if (!bare) {
        put_in_parentheses(w, holds);
        return;
    }
    if (inner != holds) put(w, "not ");
    put_inner(w, inner, false);
}

void put_event_set(struct writer *w, const struct tree *set)
{
    switch (set->kind) {
    case TREE_SET:
        if (set->left->kind == TREE_NAME || set->left->kind == TREE_ACTIVITY) {
            put_inner(w, set->left, false);
        } else {
            put(w, "(");
            put_event_set(w, set->left);
            put(w, ")");
        }
        put_window(w, set->window);
        return;
    case TREE_WHERE:
        put_inner(w, set->left, false);
        put_where(w, set->right);
        put_window(w, set->window);
        return;
    default:
        put_inner(w, set, false);
    }
}

/* An event set inside a value: what follows must not be drawn into its `where`. */
static void put_set_in_value(struct writer *w, const struct tree *set, bool window_apart)
{
    bool apart = set->kind == TREE_WHERE || (window_apart && set->kind == TREE_SET && set->window.kind != WINDOW_NONE);
    if (apart) put(w, "(");
    put_event_set(w, set);
    if (apart) put(w, ")");
}

void put_items(struct writer *w, const struct tree_item *items)
{
    put(w, "(");
    for (const struct tree_item *item = items; item; item = item->next) {
        if (item != items) {
            put(w, ", ");
            put_break(w, BREAK_LIST);
        }
        put_inner(w, item->value, false);
    }
    put(w, ")");
}

static void put_list(struct writer *w, const struct tree_list *list)
{
    if (list->name.text) put_name(w, list->name.text, NAME_IN_EXPRESSION);
    else put_items(w, list->items);
}

static void put_text_op(struct writer *w, const struct tree *tree)
{
    static const char *const operators[] = {
        [TEXTOP_CONTAINS] = "contains ", [TEXTOP_HAS_WORD] = "has word ", [TEXTOP_STARTS_WITH] = "starts with ",
        [TEXTOP_ENDS_WITH] = "ends with ", [TEXTOP_CONTAINS_EXACTLY] = "contains exactly ",
        [TEXTOP_STARTS_WITH_EXACTLY] = "starts with exactly ", [TEXTOP_ENDS_WITH_EXACTLY] = "ends with exactly ",
    };
    put_operand(w, tree->left, LAYER_SUM);
    put(w, tree->negated ? " not " : " ");
    put(w, operators[tree->textop]);
    switch (tree->quantifier) {
    case QUANTIFIER_ONE:
        if (tree->list.name.text) put_name(w, tree->list.name.text, NAME_IN_EXPRESSION);
        else put_inner(w, tree->list.items->value, false);
        return;
    case QUANTIFIER_ANY: put(w, "any of "); break;
    case QUANTIFIER_ALL: put(w, "all of "); break;
    }
    put_list(w, &tree->list);
}

static void put_predicate(struct writer *w, const struct tree *tree)
{
    static const char *const comparisons[] = {
        [COMPARE_EQ] = " = ",  [COMPARE_NE] = " != ", [COMPARE_LT] = " < ",
        [COMPARE_LE] = " <= ", [COMPARE_GT] = " > ",  [COMPARE_GE] = " >= ",
    };
    static const char *const quantities[] = {
        [QUANTITY_AT_LEAST] = "at least ", [QUANTITY_AT_MOST] = "at most ", [QUANTITY_EXACTLY] = "exactly ",
        [QUANTITY_MORE_THAN] = "more than ", [QUANTITY_FEWER_THAN] = "fewer than ",
    };
    switch (tree->kind) {
    case TREE_COMPARE: put_binary(w, tree, comparisons[tree->comparison], LAYER_SUM, LAYER_SUM); return;
    case TREE_IS: put_binary(w, tree, tree->negated ? " is not " : " is ", LAYER_SUM, LAYER_SUM); return;
    case TREE_AFTER: put_binary(w, tree, " after ", LAYER_SUM, LAYER_SUM); return;
    case TREE_BEFORE: case TREE_SINCE:
        put_before_window(w, tree->left);
        put(w, tree->kind == TREE_BEFORE ? " before " : " since ");
        put_operand(w, tree->right, LAYER_SUM);
        return;
    case TREE_IS_MISSING: case TREE_IS_KNOWN:
        put_operand(w, tree->left, LAYER_SUM);
        put(w, tree->negated ? " is not " : " is ");
        put(w, tree->kind == TREE_IS_MISSING ? "missing" : "known");
        return;
    case TREE_IS_EXACTLY: case TREE_MATCHES:
        put_operand(w, tree->left, LAYER_SUM);
        if (tree->kind == TREE_IS_EXACTLY) put(w, tree->negated ? " is not exactly " : " is exactly ");
        else put(w, tree->negated ? " not matches " : " matches ");
        put_literal(w, tree->literal);
        return;
    case TREE_BETWEEN:
        put_operand(w, tree->left, LAYER_SUM);
        put(w, tree->negated ? " not between " : " between ");
        put_operand(w, tree->right, LAYER_SUM);
        put(w, " and ");
        put_operand(w, tree->third, LAYER_SUM);
        return;
    case TREE_IN:
        put_operand(w, tree->left, LAYER_SUM);
        put(w, tree->negated ? " not in " : " in ");
        put_list(w, &tree->list);
        return;
    case TREE_TEXT_OP: put_text_op(w, tree); return;
    case TREE_WITHIN:
        put_before_window(w, tree->left);
        put(w, " within ");
        put_duration(w, tree->duration);
        return;
    case TREE_NO_SET:
        put(w, "no ");
        put_event_set(w, tree->left);
        return;
    case TREE_QUANTITY:
        put(w, quantities[tree->quantity]);
        put_bound(w, tree->bound);
        put(w, " ");
        put_event_set(w, tree->left);
        return;
    case TREE_STAGE_IS:
        put(w, tree->negated ? "stage is not " : "stage is ");
        if (tree->name.text) put_name(w, tree->name.text, NAME_IN_EXPRESSION);
        else put_literal(w, tree->literal);
        return;
    default:
        put_event_set(w, tree);
    }
}

static void put_primary(struct writer *w, const struct tree *tree)
{
    static const char *const aggregates[] = {
        [AGGREGATE_SUM] = "sum of ",
        [AGGREGATE_MIN] = "min of ",
        [AGGREGATE_MAX] = "max of ",
        [AGGREGATE_AVERAGE] = "average of ",
    };
    switch (tree->kind) {
    case TREE_NUMBER: put_units(w, tree->number); return;
    case TREE_PERCENT:
        put_units(w, tree->number);
        put(w, "%");
        return;
    case TREE_TEXT: put_literal(w, tree->literal); return;
    case TREE_DATE: put_date(w, tree); return;
    case TREE_YES: put(w, "yes"); return;
    case TREE_NO: put(w, "no"); return;
    case TREE_NAME: put_name(w, tree->name.text, NAME_IN_EXPRESSION); return;
    case TREE_ACTIVITY: put(w, "activity"); return;
    case TREE_NOW: put(w, "now"); return;
    case TREE_AT: put(w, "at"); return;
    case TREE_DISQUALIFIED: put(w, "disqualified"); return;
    case TREE_CALL:
        put_name(w, tree->name.text, NAME_IN_EXPRESSION);
        put_items(w, tree->items);
        return;
    case TREE_COUNT:
        put(w, "count of ");
        put_set_in_value(w, tree->left, false);
        return;
    case TREE_AGGREGATE: case TREE_DISTINCT:
        put(w, tree->kind == TREE_DISTINCT ? "distinct " : aggregates[tree->aggregate]);
        put_name(w, tree->name.text, NAME_IN_EXPRESSION);
        put(w, " over ");
        put_set_in_value(w, tree->left, false);
        return;
    case TREE_UNITS_SINCE:
        put(w, time_unit_name(tree->unit, true));
        put(w, " since ");
        put_operand(w, tree->left, LAYER_PRIMARY);
        return;
    case TREE_FIRST: case TREE_LAST:
        put(w, tree->kind == TREE_FIRST ? "first " : "last ");
        put_set_in_value(w, tree->left, true);
        return;
    case TREE_LENGTH: case TREE_DOMAIN:
        put(w, tree->kind == TREE_LENGTH ? "length of " : "domain of ");
        put_operand(w, tree->left, LAYER_PRIMARY);
        return;
    default:
        put_predicate(w, tree);
    }
}

static void put_inner(struct writer *w, const struct tree *tree, bool outermost)
{
    switch (layer_of(tree)) {
    case LAYER_OR: case LAYER_AND: put_chain(w, tree, outermost ? BREAK_CHAIN : '\0'); return;
    case LAYER_NOT:
        put(w, "not ");
        put_operand(w, tree->left, LAYER_NOT);
        return;
    case LAYER_PREDICATE: put_predicate(w, tree); return;
    case LAYER_SUM: put_binary(w, tree, tree->kind == TREE_ADD ? " + " : " - ", LAYER_SUM, LAYER_PRODUCT); return;
    case LAYER_PRODUCT:
        put_binary(w, tree, tree->kind == TREE_MULTIPLY ? " * " : " / ", LAYER_PRODUCT, LAYER_UNARY);
        return;
    case LAYER_UNARY:
        put(w, "-");
        put_operand(w, tree->left, LAYER_UNARY);
        return;
    case LAYER_PRIMARY: put_primary(w, tree); return;
    }
}

void put_expression(struct writer *w, const struct tree *tree)
{
    put_inner(w, tree, true);
}

void put_value(struct writer *w, const struct tree *tree)
{
    put_operand(w, tree, LAYER_SUM);
}

void format_expression(const struct tree *expression, struct buffer *out)
{
    struct writer w = { .out = out, .canonical = true };
    put_expression(&w, expression);
}
