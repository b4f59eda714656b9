#include <stdlib.h>
#include <string.h>

#include "cli/doc.h"
#include "compiler/format.h"
#include "vm/number.h"

void words_number(int64_t units, bool with_plus, struct buffer *out)
{
    char text[NUMBER_TEXT];
    if (with_plus && units > 0)
        buffer_char(out, '+');
    buffer_add(out, text, number_format(units, text));
}

void words_percent(int64_t ppm, struct buffer *out)
{
    words_number(ppm, false, out);                      /* millionths, read as units of 0.0001, are the percent */
    buffer_char(out, '%');
}

void words_duration(int64_t count, enum time_unit unit, struct buffer *out)
{
    if (count != 1)
        buffer_format(out, "%lld ", (long long)count);
    buffer_text(out, time_unit_name(unit, count != 1));
}

void words_setting(const struct model_setting *setting, struct buffer *out)
{
    switch (setting->kind) {
    case CONSTANT_NUMBER: words_number(setting->units, false, out); break;
    case CONSTANT_TEXT: format_literal(setting->text.bytes, setting->text.length, out); break;
    case CONSTANT_PERCENT:
        words_number(setting->units, false, out);
        buffer_char(out, '%');
        break;
    case CONSTANT_DURATION: {
        int64_t count = setting->duration.count;
        buffer_format(out, "%lld %s", (long long)count, time_unit_name(setting->duration.unit, count != 1));
        break;
    }
    }
}

static void add_value(const struct model *model, const struct tree *tree, struct buffer *out)
{
    format_expression(tree, out);
    const struct symbol *symbol = tree->kind == TREE_NAME ? model_find(model, tree->name.text) : NULL;
    if (symbol == NULL || symbol->kind != SYMBOL_SETTING)
        return;
    buffer_text(out, " (");
    words_setting(&model->settings[symbol->index], out);
    buffer_char(out, ')');
}

static void add_operand(const struct model *model, const struct tree *tree, bool guarded, struct buffer *out)
{
    buffer_text(out, guarded ? "(" : "");
    words_condition(model, tree, out);
    buffer_text(out, guarded ? ")" : "");
}

void words_condition(const struct model *model, const struct tree *tree, struct buffer *out)
{
    static const char *const comparisons[] = { " is ",         " is not ",       " is less than ",
                                               " is at most ", " is more than ", " is at least " };
    switch (tree->kind) {
    case TREE_AND:
        add_operand(model, tree->left, tree->left->kind == TREE_OR, out);
        buffer_text(out, " and ");
        add_operand(model, tree->right, tree->right->kind == TREE_OR, out);
        break;
    case TREE_OR:
        add_operand(model, tree->left, tree->left->kind == TREE_AND, out);
        buffer_text(out, " or ");
        add_operand(model, tree->right, tree->right->kind == TREE_AND, out);
        break;
    case TREE_NOT:
        buffer_text(out, "not ");
        add_operand(model, tree->left, tree->left->kind == TREE_AND || tree->left->kind == TREE_OR, out);
        break;
    case TREE_COMPARE:
        add_value(model, tree->left, out);
        buffer_text(out, comparisons[tree->comparison]);
        add_value(model, tree->right, out);
        break;
    default: format_expression(tree, out);
    }
}

/* ---- points ------------------------------------------------------------------------------------------------------ */

static void add_line(struct words_lines *lines, struct buffer *text)
{
    memory_reserve(&lines->lines, &lines->capacity, lines->count + 1, sizeof *lines->lines);
    buffer_add(text, "", 0);
    lines->lines[lines->count++] = text->data;
    *text = (struct buffer){ 0 };
}

static void add_row_head(const struct model *model, const struct model_row *row, struct buffer *out)
{
    switch (row->kind) {
    case ROW_RANGE:
        if (row->has_from && row->has_below) {
            words_number(row->from, false, out);
            buffer_text(out, " to below ");
            words_number(row->below, false, out);
        } else if (row->has_from) {
            buffer_text(out, "from ");
            words_number(row->from, false, out);
        } else {
            buffer_text(out, "below ");
            words_number(row->below, false, out);
        }
        break;
    case ROW_TEXTS:
        for (const struct literal_list *text = row->tree->texts; text != NULL; text = text->next) {
            format_literal(text->literal.bytes, text->literal.length, out);
            buffer_text(out, text->next != NULL ? " or " : "");
        }
        break;
    case ROW_YES: buffer_text(out, "yes"); break;
    case ROW_NO: buffer_text(out, "no"); break;
    case ROW_MISSING: buffer_text(out, "not known"); break;
    case ROW_OTHERWISE: buffer_text(out, "otherwise"); break;
    case ROW_CONDITION: words_condition(model, row->tree->condition, out); break;
    }
}

static void add_rows(const struct model *model, const struct model_points *points, struct words_lines *lines)
{
    for (size_t i = 0; i < points->row_count; i++) {
        struct buffer text = { 0 };
        add_row_head(model, &points->rows[i], &text);
        buffer_text(&text, ": ");
        words_number(points->rows[i].points, true, &text);
        add_line(lines, &text);
    }
}

void words_points(const struct model *model, const struct model_rule *rule, struct words_lines *lines)
{
    const struct model_points *points = &rule->points;
    struct buffer text = { 0 };
    switch (points->kind) {
    case POINTS_ABSENT: return;
    case POINTS_FIXED:
        words_number(points->points, true, &text);
        add_line(lines, &text);
        break;
    case POINTS_EACH: case POINTS_EVERY: case POINTS_EQUAL:
        format_points(&rule->tree->points, &text);
        add_line(lines, &text);
        break;
    case POINTS_BY:
        buffer_text(&text, "by ");
        format_expression(rule->tree->points.value, &text);
        add_line(lines, &text);
        add_rows(model, points, lines);
        break;
    case POINTS_CHOOSE:
        buffer_text(&text, "the first that holds");
        add_line(lines, &text);
        add_rows(model, points, lines);
        break;
    }
    if (rule->weight_ppm != 1000000) {
        buffer_text(&text, "weighted with ");
        words_percent(rule->weight_ppm, &text);
        add_line(lines, &text);
    }
}

void words_free(struct words_lines *lines)
{
    for (size_t i = 0; i < lines->count; i++)
        free(lines->lines[i]);
    free(lines->lines);
    *lines = (struct words_lines){ 0 };
}
