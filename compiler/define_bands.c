#include "compiler/define_parts.h"

#include <string.h>

#include "vm/number.h"

void define_band(struct model *model, struct model_band *band)
{
    const struct symbol *symbol = expect_symbol(model, &band->tree->parent, KIND_BIT(SYMBOL_SCORE), "the score",
                                                "a score");
    band->score = symbol ? symbol->index : NO_INDEX;
    for (const struct tree_band_row *row = band->tree->bands; row; row = row->next) band->label_count++;
    band->labels = arena_alloc(model->arena, (band->label_count + 1) * sizeof *band->labels);
    size_t index = 0;
    for (const struct tree_band_row *row = band->tree->bands; row; row = row->next, index++) {
        struct model_label *label = &band->labels[index];
        label->name = row->label;
        label->tree = row;
        label->from = INT64_MIN;
        label->below = INT64_MAX;
        if (row->from.kind != BOUND_ABSENT) label->has_from = lower_bound(model, &row->from, &label->from);
        if (row->below.kind != BOUND_ABSENT) label->has_below = lower_bound(model, &row->below, &label->below);
        if (label->has_from && label->has_below && label->from >= label->below) {
            struct diagnostic *d = diagnostic_report(model->diags, E0514, row->span, "the label `%s` takes no score",
                                                     row->label.text);
            diagnostic_label(d, row->span, "it ends where it starts, or before");
        }
        for (size_t j = 0; j < index; j++) {
            struct model_label *other = &band->labels[j];
            if (strcmp(other->name.text, label->name.text) == 0) {
                struct diagnostic *d = diagnostic_report(model->diags, E0302, row->label.span,
                                                         "the label `%s` stands twice in `%s`", label->name.text,
                                                         band->name.text);
                diagnostic_label(d, row->label.span, "again here");
                diagnostic_label(d, other->name.span, "first here");
            }
            if (label->from < other->below && other->from < label->below) {
                char from[NUMBER_TEXT], below[NUMBER_TEXT];
                int64_t low = label->from > other->from ? label->from : other->from,
                        high = label->below < other->below ? label->below : other->below;
                number_format(low, from);
                number_format(high, below);
                struct diagnostic *d = diagnostic_report(
                    model->diags, E0502, row->span, "`%s` and `%s` both take %s%s%s%s", other->name.text,
                    label->name.text, low == INT64_MIN ? "every score" : "scores from ", low == INT64_MIN ? "" : from,
                    high == INT64_MAX ? "" : " below ", high == INT64_MAX ? "" : below);
                diagnostic_label(d, row->span, "this label");
                diagnostic_label(d, other->tree->span, "and this one");
                diagnostic_help(d, "let one end where the other begins");
            }
        }
    }
}

void define_matrix(struct model *model, struct model_matrix *matrix)
{
    const struct declaration *tree = matrix->tree;
    const struct symbol *rows = expect_symbol(model, &tree->parent, KIND_BIT(SYMBOL_BAND), "the band", "a band");
    const struct symbol *columns = expect_symbol(model, &tree->parent_by, KIND_BIT(SYMBOL_BAND), "the band", "a band");
    matrix->rows_band = matrix->columns_band = 0;
    if (!rows || !columns) return;
    matrix->rows_band = rows->index;
    matrix->columns_band = columns->index;
    const struct model_band *row_band = &model->bands[rows->index], *column_band = &model->bands[columns->index];
    size_t height = row_band->label_count, width = column_band->label_count;
    matrix->cells = arena_alloc(model->arena, (height * width + 1) * sizeof *matrix->cells);
    size_t *order = arena_alloc(model->arena, (width + 1) * sizeof *order);
    size_t count = 0;
    bool sound = true;
    for (const struct name_list *label = tree->labels; label; label = label->next, count++) {
        size_t found = width;
        for (size_t i = 0; i < width; i++)
            if (strcmp(column_band->labels[i].name.text, label->name.text) == 0) found = i;
        bool again = false;
        for (size_t i = 0; i < count && i < width; i++) again |= order[i] == found;
        if (found == width || again) {
            struct diagnostic *d = diagnostic_report(model->diags, E0507, label->name.span,
                                                     found == width ? "`%s` is no label of `%s`"
                                                                    : "the label `%s` of `%s` stands twice",
                                                     label->name.text, column_band->name.text);
            diagnostic_label(d, label->name.span, "in the head of the matrix");
            diagnostic_label(d, column_band->name.span, "the band");
            sound = false;
        } else if (count < width) order[count] = found;
    }
    if (sound && count != width) {
        struct diagnostic *d = diagnostic_report(model->diags, E0507, tree->name.span,
                                                 "the matrix `%s` names %zu of the %zu labels of `%s`", tree->name.text,
                                                 count, width, column_band->name.text);
        diagnostic_label(d, tree->name.span, "its first row names every label of `%s`", column_band->name.text);
        sound = false;
    }
    for (const struct tree_matrix_row *row = tree->matrix_rows; row && sound; row = row->next) {
        size_t at = height;
        for (size_t i = 0; i < height; i++)
            if (strcmp(row_band->labels[i].name.text, row->label.text) == 0) at = i;
        if (at == height || matrix->cells[at * width]) {
            struct diagnostic *d = diagnostic_report(model->diags, E0507, row->label.span,
                                                     at == height ? "`%s` is no label of `%s`"
                                                                  : "the row `%s` of `%s` stands twice",
                                                     row->label.text, row_band->name.text);
            diagnostic_label(d, row->label.span, "a row of the matrix");
            diagnostic_label(d, row_band->name.span, "the band");
            continue;
        }
        size_t cell = 0;
        for (const struct literal_list *text = row->cells; text; text = text->next, cell++)
            if (cell < width) matrix->cells[at * width + order[cell]] = text->literal.bytes;
        if (cell != width) {
            struct diagnostic *d = diagnostic_report(model->diags, E0507, row->span,
                                                     "the row `%s` has %zu text%s for %zu column%s", row->label.text,
                                                     cell, cell == 1 ? "" : "s", width, width == 1 ? "" : "s");
            diagnostic_label(d, row->span, "one text for each column");
        }
    }
    for (size_t i = 0; i < height && sound; i++)
        if (!matrix->cells[i * width]) {
            struct diagnostic *d = diagnostic_report(model->diags, E0507, tree->name.span,
                                                     "the matrix `%s` has no row for `%s`", tree->name.text,
                                                     row_band->labels[i].name.text);
            diagnostic_label(d, tree->name.span, "one row for each label of `%s`", row_band->name.text);
        }
    for (size_t i = 0; i < height * width; i++)
        if (!matrix->cells[i]) matrix->cells[i] = "";
}
