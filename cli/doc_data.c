/* The data dictionary: fields and events with who uses them; settings, lists, defines and tests. */
#include <string.h>

#include "cli/doc.h"
#include "compiler/format.h"
#include "vm/number.h"

#define LIST_SHOWN 12
#define USERS_SHOWN 8

/* ---- who uses what ----------------------------------------------------------------------------------------------- */

/* A field of the lead (event NO_INDEX), an event (field NO_INDEX), or a field of an event. */
struct subject { uint32_t event, field; };

static bool node_uses(const struct node *node, struct subject subject);

static bool set_uses(const struct event_set *set, struct subject subject)
{
    if (set == NULL)
        return false;
    if (subject.field == NO_INDEX && set->event == subject.event)
        return true;
    return node_uses(set->where, subject) || node_uses(set->date, subject);
}

static bool node_uses(const struct node *node, struct subject subject)
{
    if (node == NULL)
        return false;
    if (node->kind == NODE_FIELD && subject.event == NO_INDEX && node->index == subject.field)
        return true;
    if (node->kind == NODE_EVENT_FIELD && subject.event != NO_INDEX && node->event == subject.event
        && node->index == subject.field)
        return true;
    return node_uses(node->left, subject) || node_uses(node->right, subject) || set_uses(node->set, subject);
}

static bool rule_uses(const struct model_rule *rule, struct subject subject)
{
    if (node_uses(rule->when, subject) || node_uses(rule->points.value, subject) || set_uses(rule->points.set, subject))
        return true;
    for (size_t i = 0; i < rule->points.row_count; i++)
        if (node_uses(rule->points.rows[i].condition, subject))
            return true;
    return false;
}

struct users { struct buffer text; size_t count; };

static void add_user(struct users *users, const char *name)
{
    if (users->count++ < USERS_SHOWN)
        buffer_format(&users->text, "%s%s", users->text.length > 0 ? ", " : "", name);
}

/* Rules, stages, outcome and actions that look at it, as one text for a cell. */
static void write_users(const struct doc *doc, struct subject subject, struct users *users)
{
    const struct model *model = doc->model;
    for (size_t i = 0; i < model->rule_count; i++)
        if (rule_uses(&model->rules[i], subject))
            add_user(users, model->rules[i].name.text);
    for (size_t i = 0; i < model->stage_count; i++)
        if (node_uses(model->stages[i].when, subject) || node_uses(model->stages[i].stay, subject))
            add_user(users, model->stages[i].name.text);
    for (size_t i = 0; i < model->score_count; i++)
        if (set_uses(model->scores[i].without, subject))
            add_user(users, model->scores[i].name.text);
    if (node_uses(model->outcome, subject))
        add_user(users, "outcome");
    if (users->count > USERS_SHOWN)
        buffer_format(&users->text, " and %zu more", users->count - USERS_SHOWN);
}

/* ---- fields ------------------------------------------------------------------------------------------------------ */

static void write_type(const struct model_field *field, struct buffer *out)
{
    static const char *const names[] = { "text", "number", "yes or no", "date", "list of texts", "one of " };
    buffer_text(out, names[field->type]);
    for (const struct literal_list *option = field->option_literals; option != NULL; option = option->next) {
        format_literal(option->literal.bytes, option->literal.length, out);
        buffer_text(out, option->next != NULL ? ", " : "");
    }
}

static void add_field(struct doc *doc, const struct model_field *field, const char *prefix, struct subject subject)
{
    struct buffer text = { 0 };
    struct users users = { 0 };
    page_row(&doc->page);
    buffer_format(&text, "%s%s", prefix, field->name.text);
    page_cell_name(&doc->page, text.data);
    if (field->key)
        page_cell_soft(&doc->page, "the key");
    if (field->current_stage)
        page_cell_soft(&doc->page, "where the lead stands");
    buffer_reset(&text);
    write_type(field, &text);
    page_cell(&doc->page, text.data);
    buffer_reset(&text);
    for (size_t i = 0; i < field->from_count; i++) {
        buffer_text(&text, i > 0 ? ", else " : "");
        format_literal(field->from[i], strlen(field->from[i]), &text);
    }
    page_cell(&doc->page, text.data);
    if (field->tree != NULL && field->tree->missing != NULL) {
        buffer_reset(&text);
        buffer_text(&text, "missing when ");
        for (const struct literal_list *literal = field->tree->missing; literal != NULL; literal = literal->next) {
            format_literal(literal->literal.bytes, literal->literal.length, &text);
            buffer_text(&text, literal->next != NULL ? ", " : "");
        }
        page_cell_soft(&doc->page, text.data);
    }
    write_users(doc, subject, &users);
    page_cell(&doc->page, users.text.data);
    page_row_end(&doc->page);
    buffer_free(&text);
    buffer_free(&users.text);
}

static const char *const field_columns[] = { "field", "type", "read from", "used by" };

/* Placeholders that the head of a lead block names for all its fields. */
static void add_placeholders(struct doc *doc)
{
    for (size_t f = 0; f < doc->model->file_count; f++)
        for (const struct declaration *d = doc->model->files[f]->declarations; d != NULL; d = d->next) {
            if (d->kind != DECLARATION_LEAD || d->missing == NULL || !doc_has_declaration(doc, d))
                continue;
            struct buffer text = { 0 };
            buffer_text(&text, "Missing, in every field: what is empty, and ");
            for (const struct literal_list *literal = d->missing; literal != NULL; literal = literal->next) {
                format_literal(literal->literal.bytes, literal->literal.length, &text);
                buffer_text(&text, literal->next != NULL ? ", " : ".");
            }
            page_paragraph(&doc->page, text.data);
            buffer_free(&text);
        }
}

static void add_fields(struct doc *doc)
{
    bool any = false;
    for (uint32_t i = 0; i < doc->model->field_count; i++) {
        const struct model_field *field = &doc->model->fields[i];
        if (field->tree == NULL || !doc_has(doc, field->tree->span))
            continue;
        if (!any) {
            page_heading(&doc->page, 2, "Fields");
            add_placeholders(doc);
            page_table(&doc->page, field_columns, 4, 0);
        }
        any = true;
        add_field(doc, field, "", (struct subject){ NO_INDEX, i });
    }
    if (any)
        page_table_end(&doc->page);
}

static void add_events(struct doc *doc)
{
    bool any = false;
    for (uint32_t i = 0; i < doc->model->event_count; i++) {
        const struct model_event *event = &doc->model->events[i];
        if (!doc_has_declaration(doc, event->tree))
            continue;
        struct buffer text = { 0 };
        struct users users = { 0 };
        if (!any)
            page_heading(&doc->page, 2, "Events");
        any = true;
        page_heading(&doc->page, 3, event->name.text);
        if (doc_comment(doc, event->tree->span, &text))
            page_paragraph(&doc->page, text.data);
        buffer_reset(&text);
        write_users(doc, (struct subject){ i, NO_INDEX }, &users);
        buffer_format(&text, "%s%s%s%s", event->activity ? "Counts as activity." : "Does not count as activity.",
                      users.count > 0 ? " Used by " : "", users.count > 0 ? users.text.data : "",
                      users.count > 0 ? "." : "");
        page_paragraph(&doc->page, text.data);
        if (event->field_count > 0) {
            page_table(&doc->page, field_columns, 4, 0);
            for (uint32_t f = 0; f < event->field_count; f++)
                add_field(doc, &event->fields[f], "", (struct subject){ i, f });
            page_table_end(&doc->page);
        }
        buffer_free(&text);
        buffer_free(&users.text);
    }
}

/* ---- settings, lists, defines ------------------------------------------------------------------------------------ */

static void add_settings(struct doc *doc)
{
    static const char *const columns[] = { "setting", "value", "what for" };
    bool any = false;
    for (size_t i = 0; i < doc->model->setting_count; i++) {
        const struct model_setting *setting = &doc->model->settings[i];
        if (!doc_has_declaration(doc, setting->tree))
            continue;
        struct buffer value = { 0 }, comment = { 0 };
        if (!any) {
            page_heading(&doc->page, 2, "Settings");
            page_table(&doc->page, columns, 3, 0);
        }
        any = true;
        words_setting(setting, &value);
        doc_comment(doc, setting->tree->span, &comment);
        page_row(&doc->page);
        page_cell_name(&doc->page, setting->name.text);
        page_cell(&doc->page, value.data);
        if (setting->overridden)
            page_cell_soft(&doc->page, "set for this page");
        page_cell(&doc->page, comment.data);
        page_row_end(&doc->page);
        buffer_free(&value);
        buffer_free(&comment);
    }
    if (any)
        page_table_end(&doc->page);
}

static void add_list(struct doc *doc, const struct model_list *list)
{
    struct buffer text = { 0 };
    size_t shown = doc->only != NO_INDEX || list->count <= LIST_SHOWN ? list->count : LIST_SHOWN;
    page_row(&doc->page);
    page_cell_name(&doc->page, list->name.text);
    doc_comment(doc, list->tree->span, &text);
    if (text.length > 0)
        page_cell_soft(&doc->page, text.data);
    buffer_reset(&text);
    buffer_format(&text, "%zu", list->count);
    page_cell(&doc->page, text.data);
    buffer_reset(&text);
    for (size_t i = 0; i < shown; i++) {
        buffer_text(&text, i > 0 ? ", " : "");
        buffer_add(&text, list->raw[i].bytes, list->raw[i].length);
    }
    if (shown < list->count)
        buffer_format(&text, " and %zu more", list->count - shown);
    page_cell(&doc->page, text.data);
    page_row_end(&doc->page);
    buffer_free(&text);
}

static void add_lists(struct doc *doc)
{
    static const char *const columns[] = { "list", "how many", "texts" };
    bool any = false;
    for (size_t i = 0; i < doc->model->list_count; i++) {
        const struct model_list *list = &doc->model->lists[i];
        if (!doc_has_declaration(doc, list->tree) || (doc->only == NO_INDEX && !list->used))
            continue;
        if (!any) {
            page_heading(&doc->page, 2, "Lists");
            page_table(&doc->page, columns, 3, 2);
        }
        any = true;
        add_list(doc, list);
    }
    if (any)
        page_table_end(&doc->page);
}

/* Whether the condition came from this define. A module brings many; a rulebook shows those that are used. */
static bool node_comes_from(const struct node *node, uint32_t define)
{
    if (node == NULL)
        return false;
    if (node->define == define || node_comes_from(node->left, define) || node_comes_from(node->right, define))
        return true;
    return node->set != NULL && (node_comes_from(node->set->where, define) || node_comes_from(node->set->date, define));
}

static bool define_is_used(const struct model *model, uint32_t define)
{
    for (size_t i = 0; i < model->rule_count; i++) {
        const struct model_rule *rule = &model->rules[i];
        if (node_comes_from(rule->when, define) || node_comes_from(rule->points.value, define))
            return true;
        if (rule->points.set != NULL && node_comes_from(rule->points.set->where, define))
            return true;
        for (size_t r = 0; r < rule->points.row_count; r++)
            if (node_comes_from(rule->points.rows[r].condition, define))
                return true;
    }
    for (size_t i = 0; i < model->stage_count; i++)
        if (node_comes_from(model->stages[i].when, define) || node_comes_from(model->stages[i].stay, define))
            return true;
    for (size_t i = 0; i < model->action_count; i++)
        if (node_comes_from(model->actions[i].when, define))
            return true;
    return node_comes_from(model->outcome, define);
}

static void add_define(struct doc *doc, const struct model_define *define)
{
    struct buffer text = { 0 };
    page_row(&doc->page);
    buffer_text(&text, define->name.text);
    if (define->tree->is_function) {
        buffer_char(&text, '(');
        for (const struct name_list *parameter = define->tree->parameters; parameter != NULL;
             parameter = parameter->next)
            buffer_format(&text, "%s%s", parameter->name.text, parameter->next != NULL ? ", " : "");
        buffer_char(&text, ')');
    }
    page_cell_name(&doc->page, text.data);
    buffer_reset(&text);
    words_condition(doc->model, define->tree->expression, &text);
    page_cell(&doc->page, text.data);
    buffer_reset(&text);
    doc_comment(doc, define->tree->span, &text);
    page_cell_soft(&doc->page, text.data);
    page_row_end(&doc->page);
    buffer_free(&text);
}

static void add_defines(struct doc *doc)
{
    static const char *const columns[] = { "word", "means" };
    bool any = false;
    for (uint32_t i = 0; i < doc->model->define_count; i++) {
        const struct model_define *define = &doc->model->defines[i];
        if (!doc_has_declaration(doc, define->tree) || (doc->only == NO_INDEX && !define_is_used(doc->model, i)))
            continue;
        if (!any) {
            page_heading(&doc->page, 2, "Words of this rubric");
            page_table(&doc->page, columns, 2, 0);
        }
        any = true;
        add_define(doc, define);
    }
    if (any)
        page_table_end(&doc->page);
}

static void add_tests(struct doc *doc)
{
    size_t count = 0;
    struct buffer text = { 0 };
    for (size_t i = 0; i < doc->model->test_count; i++)
        count += doc_has_declaration(doc, doc->model->tests[i].tree);
    if (count == 0 && doc->only != NO_INDEX)
        return;
    page_heading(&doc->page, 2, "Tests");
    if (count == 0)
        buffer_text(&text, "No test says what these rules must do.");
    else
        buffer_format(&text, "%zu test%s what these rules must do:", count, count == 1 ? " says" : "s say");
    page_paragraph(&doc->page, text.data);
    buffer_free(&text);
    if (count == 0)
        return;
    page_list(&doc->page);
    for (size_t i = 0; i < doc->model->test_count; i++)
        if (doc_has_declaration(doc, doc->model->tests[i].tree))
            page_item(&doc->page, doc->model->tests[i].name);
    page_list_end(&doc->page);
}

static void add_outcome(struct doc *doc)
{
    if (doc->model->outcome_tree == NULL || !doc_has_declaration(doc, doc->model->outcome_tree))
        return;
    struct buffer text = { 0 };
    page_heading(&doc->page, 2, "Which leads were won");
    const struct declaration *tree = doc->model->outcome_tree;
    words_condition(doc->model, tree->when != NULL ? tree->when : tree->expression, &text);
    page_paragraph(&doc->page, text.data);
    buffer_free(&text);
}

void doc_data(struct doc *doc)
{
    add_defines(doc);
    add_lists(doc);
    add_settings(doc);
    add_outcome(doc);
    add_fields(doc);
    add_events(doc);
    add_tests(doc);
}
