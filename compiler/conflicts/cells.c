#include "compiler/conflicts/check.h"

#include <string.h>

/* Cells of a matrix that no lead gets: its two bands look at scores that hang together. */

enum { FEW_RULES = 200 }; /* beyond, the cells are only asked of the bands by themselves */

static formula label_holds(struct check *check, uint32_t band, uint32_t label)
{
    struct node *node = arena_alloc(check->arena, sizeof *node);
    *node = (struct node){.kind = NODE_BAND_IS,
                          .type = TYPE_CONDITION,
                          .index = band,
                          .which = label,
                          .setting = NO_INDEX,
                          .define = NO_INDEX,
                          .event = NO_INDEX};
    return condition_holds(check->space, node);
}

static bool possible_with(struct check *check, formula a, formula b)
{
    return space_solve(check->space, formula_and(check->space, a, b), false, NULL) != ANSWER_NO;
}

/* Where the cell is written: its text in the row of its label. */
static struct span cell_span(const struct model_matrix *matrix, const char *row_label, const char *column_label)
{
    const struct declaration *tree = matrix->tree;
    size_t at = 0;
    for (const struct name_list *label = tree->labels; label && strcmp(label->name.text, column_label) != 0;
         label = label->next)
        at++;
    for (const struct tree_matrix_row *row = tree->matrix_rows; row; row = row->next) {
        if (strcmp(row->label.text, row_label) != 0) continue;
        const struct literal_list *text = row->cells;
        for (size_t i = 0; text && i < at; i++) text = text->next;
        return text ? text->literal.span : row->span;
    }
    return tree->name.span;
}

static void check_cell(struct check *check, const struct model_matrix *matrix, uint32_t row, uint32_t column)
{
    const struct model *model = check->model;
    const struct model_band *rows = &model->bands[matrix->rows_band], *columns = &model->bands[matrix->columns_band];
    const struct model_label *row_label = &rows->labels[row], *column_label = &columns->labels[column];
    struct span span = cell_span(matrix, row_label->name.text, column_label->name.text);
    struct diagnostic *d = check_report(check, C1021, span, "no lead gets \"%s\" of `%s`",
                                        matrix->cells[row * columns->label_count + column], matrix->name.text);
    if (!d) return;
    diagnostic_label(d, span, "`%s` is never `%s` where `%s` is `%s`", rows->name.text, row_label->name.text,
                     columns->name.text, column_label->name.text);
    diagnostic_label(d, row_label->tree->span, "these scores …");
    diagnostic_label(d, column_label->tree->span, "… cannot be had together with these");
    diagnostic_help(d, "correct the labels, or accept it: the cell is there for nobody");
}

void check_cells(struct check *check)
{
    const struct model *model = check->model;
    if (model->matrix_count == 0) return;
    for (uint32_t b = 0; b < model->band_count;
         b++) /* the ends of labels cut the scores before their sums are worked out */
        for (uint32_t l = 0; l < model->bands[b].label_count; l++) label_holds(check, b, l);
    formula possible = scores_possible(check);
    for (size_t m = 0; m < model->matrix_count; m++) {
        const struct model_matrix *matrix = &model->matrices[m];
        const struct model_band *rows = &model->bands[matrix->rows_band],
                                *columns = &model->bands[matrix->columns_band];
        for (uint32_t r = 0; r < rows->label_count; r++) {
            formula row = formula_and(check->space, label_holds(check, matrix->rows_band, r), possible);
            if (!possible_with(check, row, FORMULA_TRUE))
                continue; /* the label itself is out of reach: said of the band */
            for (uint32_t c = 0; c < columns->label_count; c++) {
                formula column = formula_and(check->space, label_holds(check, matrix->columns_band, c), possible);
                if (!possible_with(check, column, FORMULA_TRUE)) continue;
                enum answer answer = possible_with(check, row, column) ? ANSWER_YES : ANSWER_NO;
                if (answer == ANSWER_YES && check->options->want_reach &&
                    model->rule_count <= FEW_RULES) /* possible for the parts: for a lead too? */
                    decide_lead(check,
                                formula_and(check->space, label_holds(check, matrix->rows_band, r),
                                            label_holds(check, matrix->columns_band, c)),
                                NULL, 0, &answer);
                if (answer == ANSWER_NO) check_cell(check, matrix, r, c);
            }
        }
    }
}
