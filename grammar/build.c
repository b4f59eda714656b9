#include "grammar/build.h"

#include <string.h>

#include "vm/limits.h"
#include "vm/number.h"

struct span span_join(const struct span *parts, int count)
{
    if (count == 0) return (struct span){ parts[0].file, parts[0].end, parts[0].end };
    int first = 1;
    while (first < count && parts[first].start == parts[first].end) first++;
    return (struct span){ parts[first].file, parts[first].start, parts[count].end };
}

/* ---- declarations ------------------------------------------------------------------------------------------------ */

struct declaration *declaration_open(struct parse_context *context, enum declaration_kind kind, struct span span)
{
    struct declaration *declaration = arena_alloc(context->arena, sizeof *declaration);
    declaration->kind = kind;
    declaration->span = span;
    *context->next_declaration = declaration;
    context->next_declaration = &declaration->next;
    context->declaration = declaration;
    memset(context->seen, 0, sizeof context->seen);
    context->too_deep = false;
    context->next_field = &declaration->fields;
    context->next_action = &declaration->actions;
    context->next_clause = &declaration->test;
    context->next_band = &declaration->bands;
    context->next_matrix_row = &declaration->matrix_rows;
    return declaration;
}

void declaration_close(struct parse_context *context, struct span span)
{
    if (context->declaration) context->declaration->span = span;
    context->declaration = NULL;
}

bool clause_once(struct parse_context *context, enum clause clause, struct span span)
{
    struct span *seen = &context->seen[clause];
    if (seen->end == 0) {
        *seen = span;
        return true;
    }
    struct diagnostic *d = diagnostic_report(context->diags, E0204, span, "this clause stands twice");
    diagnostic_label(d, span, "the second time");
    diagnostic_label(d, *seen, "the first time");
    diagnostic_help(d, "keep one of the two");
    return false;
}

void field_open(struct parse_context *context, struct name name, struct span span)
{
    struct tree_field *field = arena_alloc(context->arena, sizeof *field);
    field->name = name;
    field->span = span;
    *context->next_field = field;
    context->next_field = &field->next;
    context->field = field;
    for (int clause = CLAUSE_FIELD_KEY; clause <= CLAUSE_FIELD_STAGE; clause++)
        context->seen[clause] = (struct span){ 0 };
}

void rule_active(struct parse_context *context, const struct date_word *from, const struct date_word *until,
                 struct span span)
{
    struct declaration *declaration = context->declaration;
    declaration->active_span = span;
    if (from && clause_once(context, CLAUSE_ACTIVE_FROM, span)) {
        declaration->has_active_from = true;
        declaration->active_from = from->instant;
    }
    if (until && clause_once(context, CLAUSE_ACTIVE_UNTIL, span)) {
        declaration->has_active_until = true;
        declaration->active_until = until->instant;
    }
}

void score_lose(struct parse_context *context, bool by_points, struct bound amount, struct duration every,
                struct tree *without, struct span span)
{
    if (!clause_once(context, CLAUSE_LOSE, span)) return;
    context->declaration->lose = (struct tree_lose){
        .present = true, .by_points = by_points, .amount = amount, .every = every, .without = without, .span = span
    };
}

void add_band_row(struct parse_context *context, struct name label, struct bound from, struct bound below,
                  struct span span)
{
    struct tree_band_row *row = arena_alloc(context->arena, sizeof *row);
    *row = (struct tree_band_row){ .label = label, .from = from, .below = below, .span = span };
    *context->next_band = row;
    context->next_band = &row->next;
}

void add_matrix_row(struct parse_context *context, struct name label, struct literal_chain cells, struct span span)
{
    struct tree_matrix_row *row = arena_alloc(context->arena, sizeof *row);
    *row = (struct tree_matrix_row){ .label = label, .cells = cells.first, .span = span };
    *context->next_matrix_row = row;
    context->next_matrix_row = &row->next;
}

void add_action(struct parse_context *context, struct tree_action *action, enum action_kind kind, struct literal text,
                struct span span)
{
    action->kind = kind;
    action->text = text;
    action->span = span;
    *context->next_action = action;
    context->next_action = &action->next;
}

void add_test_clause(struct parse_context *context, struct tree_test_clause *clause)
{
    *context->next_clause = clause;
    context->next_clause = &clause->next;
}

/* ---- expressions ------------------------------------------------------------------------------------------------- */

struct tree *tree_new(struct parse_context *context, enum tree_kind kind, struct span span)
{
    struct tree *tree = arena_alloc(context->arena, sizeof *tree);
    tree->kind = kind;
    tree->span = span;
    tree->terms = tree->depth = 1;
    return tree;
}

static void report_depth(struct parse_context *context, struct span span, const char *what)
{
    if (context->too_deep) return;
    context->too_deep = true;
    struct diagnostic *d = diagnostic_report(context->diags, E0601, span, "this expression is nested too deeply");
    diagnostic_label(d, span, "%s", what);
    diagnostic_help(d, "give a part of it a name with `define`, and use the name");
}

static unsigned larger(unsigned a, unsigned b)
{
    return a > b ? a : b;
}

static bool joins_terms(enum tree_kind kind)
{
    switch (kind) {
    case TREE_AND: case TREE_OR: case TREE_ADD: case TREE_SUBTRACT: case TREE_MULTIPLY: case TREE_DIVIDE: return true;
    default: return false;
    }
}

/* Adds up the levels below.  Beyond the limit the part below stands for the whole, so that no later pass goes
   deeper. */
static struct tree *measure(struct parse_context *context, struct tree *tree, bool nests)
{
    const struct tree *parts[] = { tree->left, tree->right, tree->third, tree->window.date };
    unsigned nesting = 0, terms = 1, depth = 0;
    for (size_t index = 0; index < sizeof parts / sizeof *parts; index++) {
        if (!parts[index]) continue;
        nesting = larger(nesting, parts[index]->nesting);
        terms = larger(terms, parts[index]->terms);
        depth = larger(depth, parts[index]->depth);
    }
    for (const struct tree_item *item = tree->items; item; item = item->next) {
        nesting = larger(nesting, item->value->nesting);
        terms = larger(terms, item->value->terms);
        depth = larger(depth, item->value->depth);
    }
    if (nests) nesting++;
    if (joins_terms(tree->kind)) terms++;
    depth++;
    if (nesting > LIMIT_NESTING) {
        report_depth(context, tree->span, "more than 100 levels of parentheses, `not` and signs");
        return tree->left ? tree->left : tree;
    }
    if (terms > LIMIT_CHAIN || depth > LIMIT_CHAIN + 4 * LIMIT_NESTING) {
        report_depth(context, tree->span, "more than 4096 terms joined in one expression");
        return tree->left ? tree->left : tree;
    }
    tree->nesting = (uint16_t)nesting;
    tree->terms = (uint16_t)terms;
    tree->depth = (uint16_t)depth;
    return tree;
}

struct tree *tree_name(struct parse_context *context, struct name name)
{
    struct tree *tree = tree_new(context, TREE_NAME, name.span);
    tree->name = name;
    return tree;
}

struct tree *tree_text(struct parse_context *context, struct literal literal)
{
    struct tree *tree = tree_new(context, TREE_TEXT, literal.span);
    tree->literal = literal;
    return tree;
}

struct tree *tree_number(struct parse_context *context, enum tree_kind kind, int64_t units, struct span span)
{
    struct tree *tree = tree_new(context, kind, span);
    tree->number = units;
    return tree;
}

struct tree *tree_date(struct parse_context *context, struct date_word date)
{
    struct tree *tree = tree_new(context, TREE_DATE, date.written.span);
    tree->number = date.instant;
    tree->literal = date.written;
    return tree;
}

struct tree *tree_one(struct parse_context *context, enum tree_kind kind, struct tree *left, struct span span)
{
    struct tree *tree = tree_new(context, kind, span);
    tree->left = left;
    bool nests = kind == TREE_NOT || kind == TREE_NEGATE || kind == TREE_LENGTH || kind == TREE_DOMAIN
                 || kind == TREE_UNITS_SINCE;
    return measure(context, tree, nests);
}

struct tree *tree_two(struct parse_context *context, enum tree_kind kind, struct tree *left, struct tree *right,
                      struct span span)
{
    struct tree *tree = tree_new(context, kind, span);
    tree->left = left;
    tree->right = right;
    return measure(context, tree, false);
}

struct tree *tree_call(struct parse_context *context, struct name name, struct tree_item *arguments, struct span span)
{
    struct tree *tree = tree_new(context, TREE_CALL, span);
    tree->name = name;
    tree->items = arguments;
    struct tree *measured = measure(context, tree, true);
    if (context->too_deep) measured->items = NULL;
    return measured;
}

struct tree *tree_is(struct parse_context *context, enum tree_kind kind, struct tree *left, bool negated,
                     struct span span)
{
    struct tree *tree = tree_one(context, kind, left, span);
    tree->negated = negated;
    return tree;
}

struct tree *tree_parentheses(struct parse_context *context, struct tree *inside, struct span span)
{
    if (inside->nesting >= LIMIT_NESTING) {
        report_depth(context, span, "more than 100 levels of parentheses, `not` and signs");
        return inside;
    }
    inside->parenthesised = true;
    inside->nesting++;
    return inside;
}

struct tree *tree_set(struct parse_context *context, struct tree *events, struct window window, struct span span)
{
    struct tree *tree = tree_new(context, TREE_SET, span);
    tree->left = events;
    tree->window = window;
    return measure(context, tree, false);
}

/* The `count of tags` that a bare `where` ends with, or NULL. */
static struct tree *last_count(struct tree *tree)
{
    while (tree && !tree->parenthesised) {
        switch (tree->kind) {
        case TREE_COUNT: return tree;
        case TREE_NOT: case TREE_NEGATE: tree = tree->left; break;
        case TREE_COMPARE: case TREE_IS: case TREE_ADD: case TREE_SUBTRACT: case TREE_MULTIPLY: case TREE_DIVIDE: tree = tree->right; break;
        case TREE_BETWEEN: tree = tree->third; break;
        default: return NULL;
        }
    }
    return NULL;
}

struct tree *tree_where(struct parse_context *context, struct tree *events, struct tree *holds, struct window window,
                        struct span span)
{
    /* Events do not stand in a `where`, so a window behind `count of tags` belongs to the events, as it does behind everything else. */
    struct tree *count = window.kind == WINDOW_NONE ? last_count(holds) : NULL;
    if (count && count->left->kind == TREE_SET && !count->left->parenthesised && count->left->left->kind == TREE_NAME) {
        window = count->left->window;
        count->left = count->left->left;
    }
    struct tree *tree = tree_new(context, TREE_WHERE, span);
    tree->left = events;
    tree->right = holds;
    tree->window = window;
    return measure(context, tree, false);
}

struct tree *tree_count(struct parse_context *context, struct tree *set, struct span span)
{
    if (set->kind == TREE_SET && set->window.kind == WINDOW_NONE && set->left->kind == TREE_NAME) set = set->left;
    return tree_one(context, TREE_COUNT, set, span);
}

struct tree *tree_with_literal(struct parse_context *context, enum tree_kind kind, struct tree *left,
                               struct literal literal, bool negated, struct span span)
{
    struct tree *tree = tree_is(context, kind, left, negated, span);
    tree->literal = literal;
    return tree;
}

struct tree *tree_between(struct parse_context *context, struct tree *value, struct tree *low, struct tree *high,
                          bool negated, struct span span)
{
    struct tree *tree = tree_new(context, TREE_BETWEEN, span);
    tree->left = value;
    tree->right = low;
    tree->third = high;
    tree->negated = negated;
    return measure(context, tree, false);
}

struct tree *tree_in(struct parse_context *context, struct tree *left, struct tree_list list, bool negated,
                     struct span span)
{
    struct tree *tree = tree_is(context, TREE_IN, left, negated, span);
    tree->list = list;
    return tree;
}

struct tree *tree_text_op(struct parse_context *context, enum textop textop, struct tree *left, struct tree_list texts,
                          enum quantifier quantifier, bool negated, struct span span)
{
    struct tree *tree = tree_is(context, TREE_TEXT_OP, left, negated, span);
    tree->textop = textop;
    tree->list = texts;
    tree->quantifier = quantifier;
    return tree;
}

struct tree_list list_of_one(struct parse_context *context, struct literal literal)
{
    struct tree_item *item = arena_alloc(context->arena, sizeof *item);
    item->value = tree_text(context, literal);
    return (struct tree_list){ .items = item, .span = literal.span };
}

struct tree *tree_stage_is(struct parse_context *context, struct name name, struct literal literal, bool negated,
                           struct span span)
{
    struct tree *tree = tree_new(context, TREE_STAGE_IS, span);
    tree->name = name;
    tree->literal = literal;
    tree->negated = negated;
    const struct declaration *declaration = context->declaration;
    if (!declaration || declaration->kind == DECLARATION_ON || declaration->kind == DECLARATION_TEST) return tree;
    struct diagnostic *d =
        diagnostic_report(context->diags, E0213, span, "the stage can only be asked for in actions and tests");
    diagnostic_label(d, span, "the stage is decided after this");
    diagnostic_help(d, "ask for the scores or bands that the stage depends on");
    return tree;
}

static bool is_comparison(const struct tree *tree)
{
    return tree->kind == TREE_COMPARE || tree->kind == TREE_IS || tree->kind == TREE_BETWEEN || tree->kind == TREE_IN;
}

struct tree *tree_condition(struct parse_context *context, struct tree *tree)
{
    if (tree->kind != TREE_COUNT && tree->kind != TREE_AGGREGATE && tree->kind != TREE_DISTINCT) return tree;
    const struct tree *set = tree->left;
    if (set->kind != TREE_WHERE || set->parenthesised || !is_comparison(set->right) || set->right->parenthesised)
        return tree;
    const struct tree *compared = set->right;
    struct span head = { tree->span.file, tree->span.start, set->span.start };
    struct span inner = { set->span.file, set->span.start, compared->left->span.end };
    struct span rest = { set->span.file, compared->left->span.end, compared->span.end };
    const char *text = context->source->text;
    struct diagnostic *d =
        diagnostic_report(context->diags, E0210, compared->span, "it is not clear what is compared here");
    diagnostic_label(d, compared->span, "belongs to the events, not to the number of them");
    diagnostic_help(d, "to compare the number, put the events in parentheses: %.*s(%.*s)%.*s",
                    (int)(head.end - head.start), text + head.start, (int)(inner.end - inner.start),
                    text + inner.start, (int)(rest.end - rest.start), text + rest.start);
    return tree;
}

/* ---- bounds and durations ---------------------------------------------------------------------------------------- */

struct bound bound_number(enum sign sign, int64_t units, struct span span)
{
    return (struct bound){ .kind = BOUND_NUMBER, .sign = sign, .units = units, .span = span };
}

struct bound bound_setting(enum sign sign, struct name name, struct span span)
{
    return (struct bound){ .kind = BOUND_SETTING, .sign = sign, .setting = name, .span = span };
}

struct bound bound_percent(int64_t units, struct span span)
{
    return (struct bound){ .kind = BOUND_PERCENT, .units = units, .span = span };
}

int64_t whole_count(struct parse_context *context, int64_t units, struct span span)
{
    if (units > 0 && units % NUMBER_ONE == 0) return units / NUMBER_ONE;
    struct diagnostic *d = diagnostic_report(context->diags, E0212, span, "here stands a whole number above 0");
    diagnostic_label(d, span, "not a whole number above 0");
    return 1;
}

struct duration duration_of(struct parse_context *context, int64_t units, struct unit_word unit, struct span count,
                            struct span span)
{
    struct duration duration = { .kind = DURATION_LITERAL, .unit = unit.unit, .span = span };
    duration.count = whole_count(context, units, count);
    return duration;
}

struct duration duration_setting(struct name name)
{
    return (struct duration){ .kind = DURATION_SETTING, .setting = name, .span = name.span };
}

struct duration duration_one(struct unit_word unit, struct span span)
{
    return (struct duration){
        .kind = DURATION_LITERAL, .unit = unit.unit, .count = 1, .count_omitted = true, .span = span
    };
}

/* ---- lists ------------------------------------------------------------------------------------------------------- */

struct literal_chain literal_append(struct parse_context *context, struct literal_chain chain, struct literal literal)
{
    struct literal_list *link = arena_alloc(context->arena, sizeof *link);
    link->literal = literal;
    if (chain.last) chain.last->next = link;
    else chain.first = link;
    chain.last = link;
    return chain;
}

struct name_chain name_append(struct parse_context *context, struct name_chain chain, struct name name)
{
    struct name_list *link = arena_alloc(context->arena, sizeof *link);
    link->name = name;
    if (chain.last) chain.last->next = link;
    else chain.first = link;
    chain.last = link;
    return chain;
}

struct item_chain item_append(struct parse_context *context, struct item_chain chain, struct tree *value)
{
    struct tree_item *link = arena_alloc(context->arena, sizeof *link);
    link->value = value;
    if (chain.last) chain.last->next = link;
    else chain.first = link;
    chain.last = link;
    return chain;
}

struct row_chain row_append(struct row_chain chain, struct tree_row *row)
{
    if (chain.last) chain.last->next = row;
    else chain.first = row;
    chain.last = row;
    return chain;
}

struct given_chain given_append(struct given_chain chain, struct tree_given_field *given)
{
    if (chain.last) chain.last->next = given;
    else chain.first = given;
    chain.last = given;
    return chain;
}

struct tree_row *row_new(struct parse_context *context, enum row_kind kind, struct span span)
{
    struct tree_row *row = arena_alloc(context->arena, sizeof *row);
    row->kind = kind;
    row->span = span;
    return row;
}

struct tree_points *points_new(struct parse_context *context, enum points_kind kind, struct span span)
{
    struct tree_points *points = arena_alloc(context->arena, sizeof *points);
    points->kind = kind;
    points->span = span;
    return points;
}

static void report_twice(struct parse_context *context, struct span span)
{
    struct diagnostic *d = diagnostic_report(context->diags, E0204, span, "this stands twice");
    diagnostic_label(d, span, "the second time");
    diagnostic_help(d, "keep one of the two");
}

void points_once(struct parse_context *context, struct tree_points *points, struct unit_word unit, struct span span)
{
    if (points->once != ONCE_NONE) report_twice(context, span);
    switch (unit.unit) {
    case UNIT_DAY: points->once = ONCE_DAY; break;
    case UNIT_WEEK: points->once = ONCE_WEEK; break;
    case UNIT_MONTH: points->once = ONCE_MONTH; break;
    default: {
        struct diagnostic *d =
            diagnostic_report(context->diags, E0201, span, "`once a %s` is not known", unit.word.text);
        diagnostic_label(d, span, "expected `day`, `week` or `month`");
        points->once = ONCE_DAY;
    }
    }
}

void points_most(struct parse_context *context, struct bound *most, struct bound given, struct span start,
                 struct span end)
{
    if (most->kind != BOUND_ABSENT) report_twice(context, (struct span){ start.file, start.start, end.end });
    *most = given;
}

void points_fading(struct parse_context *context, struct tree_points *points, bool by_points, struct bound amount,
                   struct duration every, struct span span)
{
    if (points->fading) report_twice(context, span);
    points->fading = true;
    points->fading_by_points = by_points;
    points->fading_amount = amount;
    points->fading_every = every;
}

struct tree_action *action_new(struct parse_context *context)
{
    return arena_alloc(context->arena, sizeof (struct tree_action));
}

/* ---- tests ------------------------------------------------------------------------------------------------------- */

struct tree_test_clause *test_clause_new(struct parse_context *context, enum test_clause_kind kind, struct span span)
{
    struct tree_test_clause *clause = arena_alloc(context->arena, sizeof *clause);
    clause->kind = kind;
    clause->span = span;
    clause->count = 1;
    return clause;
}

struct tree_test_clause *given_event(struct parse_context *context, struct name event, struct tree_given_field *fields,
                                     struct span span)
{
    struct tree_test_clause *clause = test_clause_new(context, TEST_GIVEN_EVENT, span);
    clause->event = event;
    clause->fields = fields;
    return clause;
}

struct tree_test_clause *given_event_at(struct parse_context *context, struct name event,
                                        struct tree_given_field *fields, struct tree_test_clause *time,
                                        struct span span)
{
    (void)context;
    time->event = event;
    time->fields = fields;
    time->span = span;
    return time;
}

struct tree_given_field *given_new(struct parse_context *context, struct name field, struct tree *value,
                                   struct tree_item *list)
{
    struct tree_given_field *given = arena_alloc(context->arena, sizeof *given);
    given->field = field;
    given->value = value;
    given->list = list;
    return given;
}

struct tree_test_clause *expect_new(struct parse_context *context, enum expect_kind expect, struct span span)
{
    struct tree_test_clause *clause = test_clause_new(context, TEST_EXPECT, span);
    clause->expect = expect;
    return clause;
}

struct tree_test_clause *expect_action(struct parse_context *context, enum action_kind action, struct literal text,
                                       struct span span)
{
    struct tree_test_clause *clause = expect_new(context, EXPECT_ACTION, span);
    clause->action = action;
    clause->action_text = text;
    return clause;
}

const char *module_append(struct parse_context *context, const char *before, struct name name)
{
    return arena_format(context->arena, "%s.%s", before, name.text);
}
