/* What scores lead to: bands, matrices, stages, and the actions on entering and leaving them. */
#include <string.h>

#include "cli/doc.h"
#include "compiler/format.h"

static void add_bands(struct doc *doc)
{
    static const char *const columns[] = { "label", "from", "below" };
    bool any = false;
    for (size_t i = 0; i < doc->model->band_count; i++) {
        const struct model_band *band = &doc->model->bands[i];
        if (!doc_has_declaration(doc, band->tree))
            continue;
        struct buffer title = { 0 };
        if (!any)
            page_heading(&doc->page, 2, "Bands");
        any = true;
        buffer_format(&title, "%s of %s", band->name.text, doc->model->scores[band->score].name.text);
        page_heading(&doc->page, 3, title.data);
        buffer_free(&title);
        doc_pictures_band(doc, band);
        page_table(&doc->page, columns, 3, 6);
        for (size_t l = 0; l < band->label_count; l++) {
            const struct model_label *label = &band->labels[l];
            struct buffer from = { 0 }, below = { 0 };
            if (label->has_from)
                words_number(label->from, false, &from);
            if (label->has_below)
                words_number(label->below, false, &below);
            page_row(&doc->page);
            page_cell_strong(&doc->page, label->name.text);
            page_cell(&doc->page, from.data);
            page_cell(&doc->page, below.data);
            page_row_end(&doc->page);
            buffer_free(&from);
            buffer_free(&below);
        }
        page_table_end(&doc->page);
    }
}

static void add_matrix(struct doc *doc, const struct model_matrix *matrix)
{
    const struct model_band *rows = &doc->model->bands[matrix->rows_band],
                            *columns = &doc->model->bands[matrix->columns_band];
    const char *headers[PAGE_COLUMNS] = { "" };
    struct buffer title = { 0 };
    buffer_format(&title, "%s of %s by %s", matrix->name.text, rows->name.text, columns->name.text);
    page_heading(&doc->page, 3, title.data);
    buffer_free(&title);
    size_t shown = columns->label_count < PAGE_COLUMNS - 1 ? columns->label_count : PAGE_COLUMNS - 1;
    for (size_t c = 0; c < shown; c++)
        headers[c + 1] = columns->labels[c].name.text;
    page_table(&doc->page, headers, shown + 1, 0);
    for (size_t r = 0; r < rows->label_count; r++) {
        page_row(&doc->page);
        page_cell_strong(&doc->page, rows->labels[r].name.text);
        for (size_t c = 0; c < shown; c++)
            page_cell(&doc->page, matrix->cells[r * columns->label_count + c]);
        page_row_end(&doc->page);
    }
    page_table_end(&doc->page);
    if (shown < columns->label_count)
        page_note(&doc->page, "More columns than fit here; the rubric has them all.");
}

static void add_matrices(struct doc *doc)
{
    bool any = false;
    for (size_t i = 0; i < doc->model->matrix_count; i++) {
        if (!doc_has_declaration(doc, doc->model->matrices[i].tree))
            continue;
        if (!any)
            page_heading(&doc->page, 2, "Matrices");
        any = true;
        add_matrix(doc, &doc->model->matrices[i]);
    }
}

/* ---- stages ------------------------------------------------------------------------------------------------------ */

static void add_stage(struct doc *doc, const struct model_stage *stage, bool first)
{
    struct buffer text = { 0 };
    page_row(&doc->page);
    page_cell_strong(&doc->page, stage->name.text);
    page_cell_soft(&doc->page, stage->title);
    if (stage->tree->when != NULL)
        words_condition(doc->model, stage->tree->when, &text);
    page_cell(&doc->page, first ? "nothing: everybody starts here" : text.data);
    if (stage->limited) {
        buffer_reset(&text);
        buffer_text(&text, "only from ");
        for (size_t i = 0; i < stage->only_from_count; i++)
            buffer_format(&text, "%s%s", i > 0 ? ", " : "", doc->model->stages[stage->only_from[i]].name.text);
        page_cell_soft(&doc->page, text.data);
    }
    buffer_reset(&text);
    if (stage->forever)
        buffer_text(&text, "nothing: nobody falls back");
    else if (stage->tree->stay_while != NULL)
        words_condition(doc->model, stage->tree->stay_while, &text);
    else if (!first)
        buffer_text(&text, "the same");
    page_cell(&doc->page, text.data);
    page_row_end(&doc->page);
    buffer_free(&text);
}

static void add_stages(struct doc *doc)
{
    static const char *const columns[] = { "stage", "takes", "to stay" };
    bool any = false;
    for (size_t i = 0; i < doc->model->stage_count; i++) {
        if (!doc_has_declaration(doc, doc->model->stages[i].tree))
            continue;
        if (!any) {
            page_heading(&doc->page, 2, "Stages");
            doc_pictures_funnel(doc);
            page_table(&doc->page, columns, 3, 0);
        }
        any = true;
        add_stage(doc, &doc->model->stages[i], i == 0);
    }
    if (any)
        page_table_end(&doc->page);
    if (any && doc->only == NO_INDEX)
        page_note(&doc->page, "A lead that is disqualified is in the stage Disqualified, whatever else holds.");
}

/* ---- actions ----------------------------------------------------------------------------------------------------- */

static void add_actions(struct doc *doc)
{
    static const char *const columns[] = { "when a lead", "then", "if" }, *const verbs[] = { "assign to ",
                                                                                             "notify: ", "tag " };
    bool any = false;
    for (size_t i = 0; i < doc->model->action_count; i++) {
        const struct model_action *action = &doc->model->actions[i];
        if (!doc_has(doc, action->tree->span))
            continue;
        struct buffer when = { 0 }, then = { 0 }, condition = { 0 };
        bool last = action->stage == doc->model->stage_count;
        if (!any) {
            page_heading(&doc->page, 2, "Actions");
            page_table(&doc->page, columns, 3, 0);
        }
        any = true;
        buffer_format(&when, "%s %s", action->leaving ? "leaves" : "enters",
                      last ? "Disqualified" : doc->model->stages[action->stage].name.text);
        buffer_text(&then, verbs[action->kind]);
        buffer_add(&then, action->tree->text.bytes, action->tree->text.length);
        if (action->otherwise)
            buffer_text(&condition, "otherwise");
        else if (action->tree->when != NULL)
            words_condition(doc->model, action->tree->when, &condition);
        page_row(&doc->page);
        page_cell(&doc->page, when.data);
        page_cell(&doc->page, then.data);
        page_cell(&doc->page, condition.data);
        page_row_end(&doc->page);
        buffer_free(&when);
        buffer_free(&then);
        buffer_free(&condition);
    }
    if (any)
        page_table_end(&doc->page);
}

void doc_stages(struct doc *doc)
{
    add_bands(doc);
    add_matrices(doc);
    add_stages(doc);
    add_actions(doc);
}
