/* Declarations in their canonical layout.  Each kind has a function below; comments are put around the elements they belong to. */
#include "compiler/format.h"

#include <inttypes.h>
#include <string.h>

#include "compiler/format_parts.h"

#define INDENT 2
#define TYPE_WIDTH 9                                    /* "yes/no" and some air */
#define MARK_WIDTH 14                                   /* "current stage" and one space */

/* A run of declarations of one kind without blank lines between them, aligned with each other. */
struct run { size_t name_width, head_width; };

static size_t larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

/* ---- elements ------------------------------------------------------------------------------------------------------------ */

/* Starts a line: blank line if the author had one (and `keep`), comments, indentation. */
static void open_line(struct writer *w, uint32_t start, unsigned indent, bool keep)
{
    if (w->source && keep) {
        uint32_t first = start;
        for (size_t index = w->comment_count; index-- > 0;) {
            const struct comment_place *place = &w->comments[index];
            if (!place->done && !place->trailing && place->target == start && place->comment->span.start < first)
                first = place->comment->span.start;
        }
        if (blank_line_before(w->source, first)) buffer_char(w->out, '\n');
    }
    put_leading_comments(w, start, indent);
    put_spaces(w, indent);
}

static void close_line(struct writer *w, uint32_t start)
{
    put_trailing_comments(w, start);
    buffer_char(w->out, '\n');
}

/* `keyword` padded to `width`, ready for its value. */
static void put_keyword(struct writer *w, const char *keyword, size_t width)
{
    put(w, keyword);
    size_t length = strlen(keyword);
    put_spaces(w, length < width ? width - length : 1);
}

static void text_clause(struct writer *w, const char *keyword, size_t width, struct literal literal)
{
    if (!literal.bytes) return;
    open_line(w, literal.span.start, INDENT, false);
    put_keyword(w, keyword, width);
    put_literal(w, literal);
    close_line(w, literal.span.start);
}

static void condition_clause(struct writer *w, const char *keyword, size_t width, const struct tree *tree)
{
    if (!tree) return;
    open_line(w, tree->span.start, INDENT, false);
    put_keyword(w, keyword, width);
    put_wrapped_expression(w, tree);
    close_line(w, tree->span.start);
}

static void bound_part(struct writer *w, const char *keyword, struct bound bound)
{
    if (bound.kind == BOUND_ABSENT) return;
    put(w, keyword);
    put_bound(w, bound);
}

/* ---- rubric, use, lead, event -------------------------------------------------------------------------------------------- */

static void put_rubric(struct writer *w, const struct declaration *d)
{
    put(w, "rubric ");
    put_literal(w, d->title);
    close_line(w, d->span.start);
    size_t width = d->because.bytes ? 8 : d->version.bytes ? 8 : 6;
    text_clause(w, "version", width, d->version);
    text_clause(w, "owner", width, d->owner);
    text_clause(w, "because", width, d->because);
}

static void put_use(struct writer *w, const struct declaration *d)
{
    put(w, "use ");
    if (!d->path.bytes) put(w, d->module);
    else put_literal(w, d->path);
    close_line(w, d->span.start);
}

static const char *type_name(enum field_type type)
{
    switch (type) {
    case FIELD_TEXT: return "text";
    case FIELD_NUMBER: return "number";
    case FIELD_YESNO: return "yes/no";
    case FIELD_DATE: return "date";
    case FIELD_LIST: return "list";
    case FIELD_ONEOF: return "one of";
    }
    return "text";
}

static void put_field_mark(struct writer *w, const struct tree_field *field)
{
    if (field->key) put(w, "key");
    if (field->current_stage) put(w, field->key ? " current stage" : "current stage");
}

static void put_field(struct writer *w, const struct tree_field *field, size_t name_column, bool marks)
{
    put_name(w, field->name.text, NAME_OF_FIELD);
    put_spaces(w, name_column - name_width(field->name.text, NAME_OF_FIELD));
    put(w, type_name(field->type));
    if (field->options) {
        put(w, " ");
        put_wrapped_literals(w, field->options);
    }
    bool more = field->from || field->missing;
    if (!field->key && !field->current_stage && !more) return;
    size_t start = INDENT + name_column;
    size_t type_end = start + TYPE_WIDTH, mark_end = type_end + MARK_WIDTH;
    if (field->key || field->current_stage) {
        put_spaces(w, column_of(w) < type_end ? type_end - column_of(w) : 2);
        put_field_mark(w, field);
    }
    if (!more) return;
    size_t column = marks ? mark_end : type_end;
    put_spaces(w, column_of(w) < column ? column - column_of(w) : 2);
    if (field->from) {
        put(w, "from ");
        put_literals(w, field->from, " or ");
    }
    if (field->missing) {
        put(w, field->from ? "  missing when " : "missing when ");
        put_literals(w, field->missing, ", ");
    }
}

static size_t field_width(const struct declaration *d)
{
    size_t width = 0;
    for (const struct tree_field *field = d->fields; field; field = field->next)
        width = larger(width, name_width(field->name.text, NAME_OF_FIELD));
    return width;
}

static void put_fields(struct writer *w, const struct declaration *d, size_t name_column)
{
    bool marks = false;
    for (const struct tree_field *field = d->fields; field; field = field->next) marks |= field->key || field->current_stage;
    for (const struct tree_field *field = d->fields; field; field = field->next) {
        open_line(w, field->span.start, INDENT, field != d->fields);
        put_field(w, field, name_column, marks);
        close_line(w, field->span.start);
    }
}

static void put_lead(struct writer *w, const struct declaration *d)
{
    put(w, "lead");
    if (d->missing) {
        put(w, " missing when ");
        put_wrapped_literals(w, d->missing);
        put_trailing_comments(w, d->missing->literal.span.start);
    }
    close_line(w, d->span.start);
    put_fields(w, d, field_width(d) + 2);
}

static void put_event(struct writer *w, const struct declaration *d, struct run run)
{
    put(w, "event ");
    put_name(w, d->name.text, NAME_DECLARED);
    if (d->not_activity) put(w, ", not activity");
    close_line(w, d->span.start);
    put_fields(w, d, larger(run.name_width, field_width(d)) + 1);
}

/* ---- settings, lists, defines, scores, groups ---------------------------------------------------------------------------- */

static void put_constant(struct writer *w, const struct constant *constant)
{
    switch (constant->kind) {
    case CONSTANT_TEXT: put_literal(w, constant->literal); return;
    case CONSTANT_DURATION: put_duration(w, constant->duration); return;
    case CONSTANT_NUMBER: case CONSTANT_PERCENT: {
        bool percent = constant->kind == CONSTANT_PERCENT;
        bool negative = constant->units < 0;
        put_bound(w, (struct bound){ .kind = percent ? BOUND_PERCENT : BOUND_NUMBER, .sign = negative ? SIGN_MINUS : SIGN_NONE,
                                     .units = negative ? -constant->units : constant->units });
    }
    }
}

static void put_setting(struct writer *w, const struct declaration *d)
{
    put(w, "setting ");
    put_name(w, d->name.text, NAME_DECLARED);
    put(w, " ");
    put_constant(w, &d->constant);
    close_line(w, d->span.start);
}

static void put_list_of_texts(struct writer *w, const struct declaration *d)
{
    put(w, "list ");
    put_name(w, d->name.text, NAME_DECLARED);
    if (d->texts && comments_inside(w, d)) {                /* one text a line, each with its comments */
        close_line(w, d->span.start);
        for (const struct literal_list *text = d->texts; text; text = text->next) {
            open_line(w, text->literal.span.start, INDENT, text != d->texts);
            put_literal(w, text->literal);
            if (text->next) put(w, ",");
            close_line(w, text->literal.span.start);
        }
        return;
    }
    put(w, " ");
    if (d->texts) put_wrapped_literals(w, d->texts);
    if (d->list_file.bytes) {
        put(w, "from ");
        put_literal(w, d->list_file);
        if (d->list_column.bytes) {
            put(w, " column ");
            put_literal(w, d->list_column);
        }
    }
    close_line(w, d->span.start);
}

static void put_define(struct writer *w, const struct declaration *d)
{
    put(w, "define ");
    put_name(w, d->name.text, NAME_DECLARED);
    if (d->is_function) {
        put(w, "(");
        for (const struct name_list *link = d->parameters; link; link = link->next) {
            put_name(w, link->name.text, NAME_IN_EXPRESSION);
            if (link->next) put(w, ", ");
        }
        put(w, ")");
    }
    put(w, " as ");
    put_wrapped_expression(w, d->expression);
    close_line(w, d->span.start);
}

static void put_score(struct writer *w, const struct declaration *d, struct run run)
{
    put(w, "score ");
    put_name(w, d->name.text, NAME_DECLARED);
    bool ends = d->from.kind != BOUND_ABSENT || d->to.kind != BOUND_ABSENT || d->starts_at.kind != BOUND_ABSENT;
    size_t width = name_width(d->name.text, NAME_DECLARED);
    if (d->expression) {
        put(w, " as ");
        put_wrapped_expression(w, d->expression);
    } else if (ends && run.name_width > width) {
        put_spaces(w, run.name_width - width);
    }
    bound_part(w, " from ", d->from);
    bound_part(w, " to ", d->to);
    bound_part(w, " starts at ", d->starts_at);
    close_line(w, d->span.start);
    if (!d->lose.present) return;
    open_line(w, d->lose.span.start, INDENT, false);
    put(w, "lose ");
    put_bound(w, d->lose.amount);
    put(w, d->lose.by_points ? " points every " : " every ");
    put_duration(w, d->lose.every);
    put(w, " without ");
    put_event_set(w, d->lose.without);
    close_line(w, d->lose.span.start);
}

static void put_group(struct writer *w, const struct declaration *d)
{
    static const char *const takes[] = {
        [TAKE_SUM] = "", [TAKE_HIGHEST] = " take highest", [TAKE_LOWEST] = " take lowest", [TAKE_FIRST] = " take first",
        [TAKE_EXCLUSIVE] = " exclusive",
    };
    put(w, "group ");
    put_name(w, d->name.text, NAME_DECLARED);
    put(w, " in ");
    put_name(w, d->parent.text, NAME_IN_EXPRESSION);
    put(w, takes[d->take]);
    bound_part(w, " weight ", d->weight);
    bound_part(w, " at most ", d->at_most);
    bound_part(w, " at least ", d->at_least);
    close_line(w, d->span.start);
}

/* ---- rules --------------------------------------------------------------------------------------------------------------- */

static void put_title(struct writer *w, const struct declaration *d)
{
    if (!d->title.bytes) return;
    put(w, " ");
    put_literal(w, d->title);
}

static void put_rows(struct writer *w, const struct tree_row *rows)
{
    for (const struct tree_row *row = rows; row; row = row->next) {
        open_line(w, row->span.start, 2 * INDENT, row != rows);
        put_row_head(w, row);
        put(w, ": ");
        put_bound(w, row->points);
        close_line(w, row->span.start);
    }
}

static void put_points(struct writer *w, const struct tree_points *points)
{
    if (points->kind == POINTS_ABSENT) return;
    open_line(w, points->span.start, INDENT, false);
    put_keyword(w, "points", points->rows ? 7 : 8);
    put_points_line(w, points);
    close_line(w, points->span.start);
    put_rows(w, points->rows);
}

static void put_active(struct writer *w, const struct declaration *d)
{
    if (!d->has_active_from && !d->has_active_until) return;
    char day[INSTANT_TEXT];
    open_line(w, d->active_span.start, INDENT, false);
    put_keyword(w, "active", 8);
    if (d->has_active_from) {
        instant_format_day(d->active_from, day);
        put(w, "from ");
        put(w, day);
    }
    if (d->has_active_until) {
        instant_format_day(d->active_until, day);
        put(w, d->has_active_from ? " until " : "until ");
        put(w, day);
    }
    close_line(w, d->active_span.start);
}

static void put_rule(struct writer *w, const struct declaration *d)
{
    put(w, "rule ");
    put_name(w, d->name.text, NAME_DECLARED);
    put_title(w, d);
    put(w, " in ");
    put_name(w, d->parent.text, NAME_IN_EXPRESSION);
    close_line(w, d->span.start);
    condition_clause(w, "when", 8, d->when);
    put_points(w, &d->points);
    if (d->weight.kind != BOUND_ABSENT) {
        open_line(w, d->weight.span.start, INDENT, false);
        put_keyword(w, "weight", 8);
        put_bound(w, d->weight);
        close_line(w, d->weight.span.start);
    }
    put_active(w, d);
    text_clause(w, "because", 8, d->because);
}

static void put_disqualify(struct writer *w, const struct declaration *d)
{
    put(w, "disqualify ");
    put_name(w, d->name.text, NAME_DECLARED);
    put_title(w, d);
    close_line(w, d->span.start);
    condition_clause(w, "when", 8, d->when);
    text_clause(w, "because", 8, d->because);
}

/* ---- bands and matrices -------------------------------------------------------------------------------------------------- */

/* The width of a bound when it is written. */
static size_t bound_width(struct bound bound)
{
    if (bound.kind == BOUND_ABSENT) return 0;
    struct buffer text = { 0 };
    struct writer w = { .out = &text };
    put_bound(&w, bound);
    size_t width = width_of(text.data, text.length);
    buffer_free(&text);
    return width;
}

static void put_band(struct writer *w, const struct declaration *d)
{
    put(w, "band ");
    put_name(w, d->name.text, NAME_DECLARED);
    put(w, " of ");
    put_name(w, d->parent.text, NAME_IN_EXPRESSION);
    close_line(w, d->span.start);
    size_t labels = 0, froms = 0;
    bool any_from = false;
    for (const struct tree_band_row *row = d->bands; row; row = row->next) {
        labels = larger(labels, name_width(row->label.text, NAME_IN_EXPRESSION));
        any_from |= row->from.kind != BOUND_ABSENT;
        if (row->below.kind != BOUND_ABSENT) froms = larger(froms, bound_width(row->from));
    }
    for (const struct tree_band_row *row = d->bands; row; row = row->next) {
        open_line(w, row->span.start, INDENT, row != d->bands);
        put_name(w, row->label.text, NAME_IN_EXPRESSION);
        put_spaces(w, labels - name_width(row->label.text, NAME_IN_EXPRESSION));
        bound_part(w, " from ", row->from);
        if (row->below.kind != BOUND_ABSENT) {
            size_t width = row->from.kind != BOUND_ABSENT ? bound_width(row->from) : 0;
            size_t from_word = any_from && row->from.kind == BOUND_ABSENT ? strlen(" from ") : 0;
            put_spaces(w, from_word + froms - width);
            bound_part(w, " below ", row->below);
        }
        close_line(w, row->span.start);
    }
}

static size_t literal_width(struct literal literal)
{
    struct buffer text = { 0 };
    format_literal(literal.bytes, literal.length, &text);
    size_t width = width_of(text.data, text.length);
    buffer_free(&text);
    return width;
}

/* The width of a column of a matrix: its label and its cells. */
static size_t column_width(const struct declaration *d, const struct name_list *label, size_t column)
{
    size_t width = label ? name_width(label->name.text, NAME_IN_EXPRESSION) : 0;
    for (const struct tree_matrix_row *row = d->matrix_rows; row; row = row->next) {
        const struct literal_list *cell = row->cells;
        for (size_t index = 0; cell && index < column; index++) cell = cell->next;
        if (cell) width = larger(width, literal_width(cell->literal));
    }
    return width;
}

static void put_matrix(struct writer *w, const struct declaration *d)
{
    put(w, "matrix ");
    put_name(w, d->name.text, NAME_DECLARED);
    put(w, " of ");
    put_name(w, d->parent.text, NAME_IN_EXPRESSION);
    put(w, " by ");
    put_name(w, d->parent_by.text, NAME_IN_EXPRESSION);
    close_line(w, d->span.start);
    size_t labels = 0;
    for (const struct tree_matrix_row *row = d->matrix_rows; row; row = row->next)
        labels = larger(labels, name_width(row->label.text, NAME_IN_EXPRESSION));
    open_line(w, d->labels->name.span.start, INDENT, false);
    put_spaces(w, labels + 3);
    size_t column = 0;
    for (const struct name_list *label = d->labels; label; label = label->next, column++) {
        put_name(w, label->name.text, NAME_IN_EXPRESSION);
        if (label->next)
            put_spaces(w, column_width(d, label, column) + 2 - name_width(label->name.text, NAME_IN_EXPRESSION));
    }
    close_line(w, d->labels->name.span.start);
    for (const struct tree_matrix_row *row = d->matrix_rows; row; row = row->next) {
        open_line(w, row->span.start, INDENT, false);
        put_name(w, row->label.text, NAME_IN_EXPRESSION);
        put_spaces(w, labels + 3 - name_width(row->label.text, NAME_IN_EXPRESSION));
        const struct name_list *label = d->labels;
        column = 0;
        for (const struct literal_list *cell = row->cells; cell; cell = cell->next, column++) {
            put_literal(w, cell->literal);
            if (cell->next) put_spaces(w, column_width(d, label, column) + 2 - literal_width(cell->literal));
            if (label) label = label->next;
        }
        close_line(w, row->span.start);
    }
}

/* ---- stages and actions -------------------------------------------------------------------------------------------------- */

static void put_stage_head(struct writer *w, const struct declaration *d)
{
    put(w, "stage ");
    put_name(w, d->name.text, NAME_DECLARED);
    put_title(w, d);
}

static void put_only_from(struct writer *w, const struct declaration *d)
{
    for (const struct name_list *link = d->only_from; link; link = link->next) {
        put_name(w, link->name.text, NAME_IN_EXPRESSION);
        if (link->next) put(w, ", ");
    }
}

static bool stage_stays(const struct declaration *d)
{
    return d->stay_while || d->stay_forever;
}

/* The part before `stay`, on one line. */
static void put_stage_start(struct writer *w, const struct declaration *d)
{
    put_stage_head(w, d);
    if (d->when) {
        put(w, " when ");
        put_expression(w, d->when);
    }
    if (d->only_from) {
        put(w, " only from ");
        put_only_from(w, d);
    }
}

static size_t stage_start_width(const struct declaration *d)
{
    struct buffer text = { 0 };
    struct writer w = { .out = &text };
    put_stage_start(&w, d);
    size_t width = width_of(text.data, text.length);
    buffer_free(&text);
    return width;
}

static size_t stage_end_width(const struct declaration *d)
{
    if (d->stay_forever) return strlen("stay forever");
    if (!d->stay_while) return 0;
    struct buffer text = { 0 };
    struct writer w = { .out = &text };
    put(&w, "stay while ");
    put_expression(&w, d->stay_while);
    size_t width = width_of(text.data, text.length);
    buffer_free(&text);
    return width;
}

/* Where `stay` stands: two spaces behind the longest start, and on a multiple of four. */
static size_t stay_column(size_t start_width)
{
    return (start_width + 2 + 3) / 4 * 4;
}

/* Behind its neighbours' column or, when that is too far, right behind its own start; 0: not on one line. */
static size_t stage_column(const struct declaration *d, struct run run)
{
    size_t own = stage_start_width(d), end = stage_end_width(d);
    if (!stage_stays(d)) return own <= FORMAT_WIDTH ? own : 0;
    size_t shared = stay_column(larger(own, run.head_width));
    if (shared + end <= FORMAT_WIDTH) return shared;
    return stay_column(own) + end <= FORMAT_WIDTH ? stay_column(own) : 0;
}

static void put_stage(struct writer *w, const struct declaration *d, struct run run)
{
    size_t column = comments_inside(w, d) ? 0 : stage_column(d, run);
    if (column > 0) {
        put_stage_start(w, d);
        if (stage_stays(d)) {
            put_spaces(w, column - stage_start_width(d));
            put(w, d->stay_forever ? "stay forever" : "stay while ");
            if (d->stay_while) put_expression(w, d->stay_while);
        }
        close_line(w, d->span.start);
        return;
    }
    put_stage_head(w, d);
    close_line(w, d->span.start);
    condition_clause(w, "when", 11, d->when);
    if (d->only_from) {
        open_line(w, d->only_from->name.span.start, INDENT, false);
        put_keyword(w, "only from", 11);
        put_only_from(w, d);
        close_line(w, d->only_from->name.span.start);
    }
    condition_clause(w, "stay while", 11, d->stay_while);
    if (!d->stay_forever) return;
    put_spaces(w, INDENT);
    put(w, "stay forever");
    buffer_char(w->out, '\n');
}

static const char *action_word(enum action_kind kind)
{
    switch (kind) {
    case ACTION_ASSIGN: return "assign";
    case ACTION_NOTIFY: return "notify";
    case ACTION_TAG: return "tag";
    }
    return "tag";
}

/* The widest text with a condition among neighbours of one kind. */
static size_t action_text_width(const struct tree_action *actions, const struct tree_action *one)
{
    size_t width = 0;
    bool reached = false;
    for (const struct tree_action *action = actions; action; action = action->next) {
        if (action->kind != one->kind) {
            if (reached) return width;
            width = 0;
            continue;
        }
        reached |= action == one;
        if (action->when || action->otherwise) width = larger(width, literal_width(action->text));
    }
    return width;
}

static void put_on(struct writer *w, const struct declaration *d)
{
    put(w, d->leaving ? "on leaving " : "on entering ");
    put_name(w, d->name.text, NAME_IN_EXPRESSION);
    close_line(w, d->span.start);
    size_t keyword = 0;
    for (const struct tree_action *action = d->actions; action; action = action->next)
        keyword = larger(keyword, strlen(action_word(action->kind)) + 1);
    for (const struct tree_action *action = d->actions; action; action = action->next) {
        open_line(w, action->span.start, INDENT, action != d->actions);
        put_keyword(w, action_word(action->kind), keyword);
        put_literal(w, action->text);
        if (action->when || action->otherwise) {
            put_spaces(w, action_text_width(d->actions, action) - literal_width(action->text) + 1);
            put(w, action->when ? "when " : "otherwise");
            if (action->when) put_wrapped_expression(w, action->when);
        }
        close_line(w, action->span.start);
    }
}

static void put_outcome(struct writer *w, const struct declaration *d)
{
    put(w, "outcome when ");
    put_wrapped_expression(w, d->expression);
    close_line(w, d->span.start);
}

/* ---- tests --------------------------------------------------------------------------------------------------------------- */

static void put_given_fields(struct writer *w, const struct tree_given_field *fields)
{
    for (const struct tree_given_field *given = fields; given; given = given->next) {
        put_name(w, given->field.text, NAME_IN_EXPRESSION);
        put(w, " ");
        if (given->value) put_expression(w, given->value);
        else put_items(w, given->list);
        if (!given->next) return;
        put(w, ", ");
        if (w->breaks) buffer_char(w->out, BREAK_LIST);
    }
}

static void put_given_event(struct writer *w, const struct tree_test_clause *clause)
{
    if (clause->count != 1) {
        buffer_format(w->out, "%" PRId64 " ", clause->count);
        w->name_end = 0;
    }
    put_name(w, clause->event.text, NAME_IN_EXPRESSION);
    if (clause->fields) {
        put(w, " ");
        put_given_fields(w, clause->fields);
    }
    if (clause->ago.kind != DURATION_ABSENT) {
        put(w, " ");
        put_duration(w, clause->ago);
        put(w, " ago");
    } else if (clause->has_date) {
        char day[INSTANT_TEXT];
        instant_format_day(clause->date, day);
        put(w, " at ");
        put(w, day);
    }
}

static void put_expect(struct writer *w, const struct tree_test_clause *clause)
{
    switch (clause->expect) {
    case EXPECT_CONDITION: put_expression(w, clause->condition); return;
    case EXPECT_RULE_GIVES: case EXPECT_RULE_FIRES: case EXPECT_RULE_SILENT: case EXPECT_RULE_UNDECIDED:
        put(w, "rule ");
        put_name(w, clause->rule.text, NAME_IN_EXPRESSION);
        if (clause->expect == EXPECT_RULE_GIVES) {
            put(w, " gives ");
            put_bound(w, clause->points);
        } else {
            put(w, clause->expect == EXPECT_RULE_FIRES ? " fires" : clause->expect == EXPECT_RULE_SILENT ? " silent" : " undecided");
        }
        return;
    case EXPECT_ACTION:
        put(w, "action ");
        put(w, action_word(clause->action));
        put(w, " ");
        put_literal(w, clause->action_text);
    }
}

static void put_test_clause(struct writer *w, const struct tree_test_clause *clause)
{
    char day[INSTANT_TEXT];
    switch (clause->kind) {
    case TEST_AS_OF:
        instant_format_day(clause->date, day);
        put(w, "as of ");
        put(w, day);
        return;
    case TEST_GIVEN_FIELDS: case TEST_GIVEN_EVENT: {
        put(w, "given ");
        struct buffer flat = { 0 };
        struct writer inner = { .out = &flat, .breaks = true };
        if (clause->kind == TEST_GIVEN_FIELDS) put_given_fields(&inner, clause->fields);
        else put_given_event(&inner, clause);
        put_laid_out(w, &flat, 0);
        buffer_free(&flat);
        return;
    }
    case TEST_GIVEN_STAGE:
        put(w, "given stage ");
        if (clause->stage.text) put_name(w, clause->stage.text, NAME_IN_EXPRESSION);
        else put_literal(w, clause->stage_text);
        return;
    case TEST_GIVEN_SETTING:
        put(w, "given setting ");
        put_name(w, clause->setting.text, NAME_IN_EXPRESSION);
        put(w, " ");
        put_constant(w, &clause->value);
        return;
    case TEST_EXPECT: {
        put(w, "expect ");
        struct buffer flat = { 0 };
        struct writer inner = { .out = &flat, .breaks = true };
        put_expect(&inner, clause);
        for (const struct tree_test_clause *more = clause->next; more && more->continues; more = more->next) {
            put(&inner, ", ");
            buffer_char(inner.out, BREAK_LIST);
            put_expect(&inner, more);
        }
        put_laid_out(w, &flat, 0);
        buffer_free(&flat);
        return;
    }
    }
}

static void put_test(struct writer *w, const struct declaration *d)
{
    put(w, "test ");
    put_literal(w, d->title);
    close_line(w, d->span.start);
    for (const struct tree_test_clause *clause = d->test; clause; clause = clause->next) {
        if (clause->continues) continue;
        open_line(w, clause->span.start, INDENT, clause != d->test);
        put_test_clause(w, clause);
        close_line(w, clause->span.start);
    }
}

/* ---- the file ------------------------------------------------------------------------------------------------------------ */

static void put_declaration(struct writer *w, const struct declaration *d, struct run run)
{
    w->name_end = 0;
    put_leading_comments(w, d->span.start, 0);
    switch (d->kind) {
    case DECLARATION_RUBRIC: put_rubric(w, d); break;
    case DECLARATION_USE: put_use(w, d); break;
    case DECLARATION_LEAD: put_lead(w, d); break;
    case DECLARATION_EVENT: put_event(w, d, run); break;
    case DECLARATION_SETTING: put_setting(w, d); break;
    case DECLARATION_LIST: put_list_of_texts(w, d); break;
    case DECLARATION_DEFINE: put_define(w, d); break;
    case DECLARATION_SCORE: put_score(w, d, run); break;
    case DECLARATION_GROUP: put_group(w, d); break;
    case DECLARATION_RULE: put_rule(w, d); break;
    case DECLARATION_DISQUALIFY: put_disqualify(w, d); break;
    case DECLARATION_BAND: put_band(w, d); break;
    case DECLARATION_MATRIX: put_matrix(w, d); break;
    case DECLARATION_STAGE: put_stage(w, d, run); break;
    case DECLARATION_ON: put_on(w, d); break;
    case DECLARATION_OUTCOME: put_outcome(w, d); break;
    case DECLARATION_TEST: put_test(w, d); break;
    }
    put_left_comments(w, INDENT);
}

void format_declaration(const struct declaration *declaration, struct buffer *out)
{
    struct writer w = { .out = out };
    put_declaration(&w, declaration, (struct run){ 0 });
}

/* Short declarations may stand without a blank line between them, if the author had them so. */
static bool may_stand_close(enum declaration_kind a, enum declaration_kind b)
{
    switch (a) {
    case DECLARATION_USE: case DECLARATION_EVENT: case DECLARATION_SCORE: case DECLARATION_GROUP: case DECLARATION_STAGE:
    case DECLARATION_OUTCOME:
        return a == b;
    case DECLARATION_SETTING: case DECLARATION_LIST: case DECLARATION_DEFINE:
        return b == DECLARATION_SETTING || b == DECLARATION_LIST || b == DECLARATION_DEFINE;
    default:
        return false;
    }
}

static const struct comment *comment_from(const struct comment *comment, uint32_t offset)
{
    while (comment && comment->span.start < offset) comment = comment->next;
    return comment;
}

/* Where a declaration starts together with the comments before it. */
static uint32_t start_with_comments(const struct declaration *d, const struct comment *first, uint32_t reach)
{
    const struct comment *comment = comment_from(first, reach);
    return comment && comment->span.start < d->span.start ? comment->span.start : d->span.start;
}

static bool stands_close(const struct source *source, const struct declaration *d, const struct comment *first, uint32_t reach)
{
    if (!d->next || !may_stand_close(d->kind, d->next->kind)) return false;
    return !blank_line_before(source, start_with_comments(d->next, first, reach));
}

/* What the run that starts at `d` shares. */
static struct run measure_run(const struct source *source, const struct declaration *d, const struct comment *first)
{
    struct run run = { 0 };
    for (;; d = d->next) {
        if (d->kind == DECLARATION_EVENT) run.name_width = larger(run.name_width, field_width(d));
        if (d->kind == DECLARATION_SCORE && !d->expression && (d->from.kind || d->to.kind || d->starts_at.kind))
            run.name_width = larger(run.name_width, name_width(d->name.text, NAME_DECLARED));
        if (d->kind == DECLARATION_STAGE && stage_stays(d) && stay_column(stage_start_width(d)) + stage_end_width(d) <= FORMAT_WIDTH)
            run.head_width = larger(run.head_width, stage_start_width(d));
        if (!stands_close(source, d, first, comments_reach(source, d, first))) return run;
        first = comment_from(first, d->span.end);
    }
}

/* The comments between two declarations, as blocks. */
static void put_comments_between(struct writer *w, const struct comment *first, uint32_t from, uint32_t to, bool *started)
{
    for (const struct comment *comment = comment_from(first, from); comment && comment->span.start < to; comment = comment->next) {
        if (*started && blank_line_before(w->source, comment->span.start)) buffer_char(w->out, '\n');
        put_comment_text(w, comment);
        buffer_char(w->out, '\n');
        *started = true;
    }
}

void format_file(const struct tree_file *file, const struct sources *sources, struct buffer *out)
{
    struct writer w = { .out = out, .source = &sources->files[file->file] };
    const struct comment *comments = file->comments;
    struct run run = { 0 };
    bool close = false;
    uint32_t reach = 0;
    for (const struct declaration *d = file->declarations; d; d = d->next) {
        if (!close) run = measure_run(w.source, d, comments);
        bool started = false;
        if (d != file->declarations && !close) buffer_char(out, '\n');
        put_comments_between(&w, comments, reach, d->span.start, &started);
        if (started && blank_line_before(w.source, d->span.start)) buffer_char(out, '\n');
        comments = comment_from(comments, d->span.start);
        reach = comments_reach(w.source, d, comments);
        comments_assign(&w, d, comments, d->span.start, reach);
        put_declaration(&w, d, run);
        comments_free(&w);
        comments = comment_from(comments, reach);
        close = stands_close(w.source, d, comments, reach);
    }
    bool started = false;
    if (file->declarations && comment_from(comments, reach)) buffer_char(out, '\n');
    put_comments_between(&w, comments, reach, UINT32_MAX, &started);
    buffer_text(out, "");
}
