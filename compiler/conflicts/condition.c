#include "compiler/conflicts/condition_parts.h"

#include <stdlib.h>
#include <string.h>

#include "vm/limits.h"
#include "vm/number.h"

/* ---- texts ---------------------------------------------------------------------------------------------- */

static bool own_field(const struct space *space, const struct node *node)
{
    return node->kind == (space->of_events ? NODE_EVENT_FIELD : NODE_FIELD);
}

static bool option_fits(const struct node *node, struct text option)
{
    struct atom atom = {
        .kind = ATOM_TEXT, .predicate = node->predicate, .texts = node->texts, .text_count = node->text_count};
    if (node->predicate == TEXT_IS) atom.text_count = 0;
    for (size_t i = 0; i < node->text_count && node->predicate == TEXT_IS; i++)
        if (node->texts[i].length == option.length && memcmp(node->texts[i].bytes, option.bytes, option.length) == 0)
            return true;
    struct value value = {.known = true, .raw = option, .folded = option};
    return atom_truth(NULL, &atom, &value) == 1;
}

static bool text_formulas(struct space *space, const struct node *node, formula *in, formula *out)
{
    bool domain = node->left->kind == NODE_DOMAIN;
    const struct node *source = domain ? node->left->left : node->left;
    if (!own_field(space, source)) return false;
    uint32_t slot = condition_field_slot(space, source->index);
    if (space->slots[slot].kind == SLOT_CHOICE) { /* `one of`: the options it fits */
        struct intervals holds = {0}, fails = {0};
        if (domain) return false;
        for (size_t i = 0; i < space->slots[slot].option_count; i++) {
            struct text option = text_predicate_is_raw(node->predicate)
                                     ? condition_field_facts(space, source->index)->options[i]
                                     : space->slots[slot].options[i];
            bool fits = option_fits(node, option);
            intervals_add(space->arena, fits ? &holds : &fails, (int64_t)i, (int64_t)i);
        }
        condition_order_formulas(space, slot, ATOM_ORDER, &holds, &fails, node, in, out);
        return true;
    }
    if (space->slots[slot].kind != SLOT_TEXT ||
        (text_predicate_is_raw(node->predicate) && node->predicate != TEXT_EXACTLY))
        return false;
    struct atom atom = {.kind = ATOM_TEXT,
                        .slot = slot,
                        .predicate = node->predicate,
                        .domain = domain,
                        .texts = node->texts,
                        .text_count = node->text_count,
                        .raw_texts = node->raw_texts,
                        .node = node,
                        .loose = NO_INDEX};
    if (text_predicate_is_raw(node->predicate)) { /* what it implies without regard to case */
        static const enum text_predicate looser[] = {TEXT_IS, TEXT_CONTAINS, TEXT_STARTS, TEXT_ENDS};
        struct atom loose = {.kind = ATOM_TEXT,
                             .slot = slot,
                             .predicate = looser[node->predicate - TEXT_EXACTLY],
                             .domain = domain,
                             .text_count = node->text_count,
                             .texts = arena_alloc(space->arena, (node->text_count + 1) * sizeof *loose.texts),
                             .loose = NO_INDEX};
        for (size_t i = 0; i < node->text_count; i++)
            loose.texts[i].bytes = text_fold_copy(space->arena, node->texts[i].bytes, node->texts[i].length,
                                                  &loose.texts[i].length);
        atom.loose = atom_intern(space, &loose);
    }
    uint32_t index = atom_intern(space, &atom);
    *in = formula_literal(space, index, SAYS_HOLDS);
    *out = formula_literal(space, index, SAYS_FAILS);
    return true;
}

/* ---- conditions ----------------------------------------------------------------------------------------- */

static void both(struct space *space, const struct node *node, formula *in, formula *out);

static formula known_formula(struct space *space, const struct node *value, const struct node *node)
{
    formula in, out;
    if (value->type == TYPE_CONDITION) {
        both(space, value, &in, &out);
        return formula_or(space, in, out);
    }
    if (own_field(space, value)) {
        uint32_t slot = condition_field_slot(space, value->index);
        return formula_literal(
            space,
            atom_intern(space, &(struct atom){.kind = ATOM_KNOWN, .slot = slot, .two_valued = true, .node = node}),
            SAYS_HOLDS);
    }
    if (value->kind == NODE_DOMAIN && own_field(space, value->left)) {
        uint32_t slot = condition_field_slot(space, value->left->index);
        return formula_literal(
            space,
            atom_intern(space,
                        &(struct atom){.kind = ATOM_DOMAIN_KNOWN, .slot = slot, .two_valued = true, .node = node}),
            SAYS_HOLDS);
    }
    if (value->type == TYPE_NUMBER || value->type == TYPE_DATE) return value_known(space, value);
    if (value->kind == NODE_TEXT) return FORMULA_TRUE;
    condition_opaque(space, node, "it looks at more than one value", &in, &out);
    return in;
}

static void compare_formulas(struct space *space, const struct node *node, formula *in, formula *out)
{
    static const enum comparison mirrored[] = {COMPARE_EQ, COMPARE_NE, COMPARE_GT, COMPARE_GE, COMPARE_LT, COMPARE_LE};
    const struct node *value = node->left;
    enum comparison comparison = node->comparison;
    int64_t limit;
    *in = *out = FORMULA_FALSE;
    if (node->left->kind == NODE_MISSING || node->right->kind == NODE_MISSING) return;
    if (!condition_constant_of(space, node->right, &limit)) {
        if (!condition_constant_of(space, node->left, &limit)) {
            condition_opaque(space, node, "it compares two values of the lead with each other", in, out);
            return;
        }
        value = node->right;
        comparison = mirrored[comparison];
    }
    int64_t from = INT64_MIN, to = INT64_MAX;
    bool empty = false;
    switch (comparison) {
    case COMPARE_EQ:
    case COMPARE_NE: from = to = limit; break;
    case COMPARE_GE: from = limit; break;
    case COMPARE_LE: to = limit; break;
    case COMPARE_GT:
        empty = limit == INT64_MAX;
        from = empty ? limit : limit + 1;
        break;
    case COMPARE_LT:
        empty = limit == INT64_MIN;
        to = empty ? limit : limit - 1;
        break;
    }
    if (empty) {
        from = 1;
        to = 0;
    }
    bool done = comparison == COMPARE_NE ? value_between(space, value, from, to, out, in)
                                         : value_between(space, value, from, to, in, out);
    if (done) return;
    uint32_t slot = condition_opaque_slot(space, value, true, "it looks at more than one value");
    struct intervals holds = {0};
    intervals_add(space->arena, &holds, from, to);
    struct intervals fails = intervals_not(space->arena, &holds, INT64_MIN, INT64_MAX);
    if (comparison == COMPARE_NE) {
        struct intervals swap = holds;
        holds = fails;
        fails = swap;
    }
    condition_order_formulas(space, slot, ATOM_ORDER, &holds, &fails, node, in, out);
}

static void label_formulas(struct space *space, const struct model_band *band, const struct model_label *label,
                           formula *in)
{
    *in = condition_in_order(space, condition_score_slot(space, band->score), label->has_from ? label->from : INT64_MIN,
                             label->has_below ? label->below - 1 : INT64_MAX);
}

static void both(struct space *space, const struct node *node, formula *in, formula *out)
{
    const struct model *model = space->model;
    formula left_in, left_out, right_in, right_out;
    *in = *out = FORMULA_FALSE;
    switch (node->kind) {
    case NODE_TRUE: *in = FORMULA_TRUE; return;
    case NODE_FALSE: *out = FORMULA_TRUE; return;
    case NODE_AND:
    case NODE_OR:
        both(space, node->left, &left_in, &left_out);
        both(space, node->right, &right_in, &right_out);
        *in = node->kind == NODE_AND ? formula_and(space, left_in, right_in) : formula_or(space, left_in, right_in);
        *out = node->kind == NODE_AND ? formula_or(space, left_out, right_out)
                                      : formula_and(space, left_out, right_out);
        return;
    case NODE_NOT: both(space, node->left, out, in); return;
    case NODE_IF_KNOWN:
        both(space, node->left, &left_in, &left_out);
        both(space, node->right, &right_in, &right_out);
        right_in = formula_or(space, right_in, right_out);
        *in = formula_and(space, left_in, right_in);
        *out = formula_and(space, left_out, right_in);
        return;
    case NODE_KNOWN:
        *in = known_formula(space, node->left, node);
        *out = formula_not(space, *in);
        return;
    case NODE_FIELD:
    case NODE_EVENT_FIELD:
        if (own_field(space, node)) {
            uint32_t atom = atom_intern(
                space,
                &(struct atom){.kind = ATOM_YES, .slot = condition_field_slot(space, node->index), .node = node});
            *in = formula_literal(space, atom, SAYS_HOLDS);
            *out = formula_literal(space, atom, SAYS_FAILS);
            return;
        }
        break;
    case NODE_COMPARE: compare_formulas(space, node, in, out); return;
    case NODE_IN: {
        *out = FORMULA_TRUE;
        bool done = true;
        for (size_t i = 0; i < node->number_count && done; i++) {
            done = value_between(space, node->left, node->numbers[i], node->numbers[i], &left_in, &left_out);
            if (!done) break;
            *in = formula_or(space, *in, left_in);
            *out = formula_and(space, *out, left_out);
        }
        if (done) return;
        break;
    }
    case NODE_WITHIN:
        if (value_between(space, node->left, instant_step(space->now, -node->count, node->unit) + 1, space->now, in,
                          out))
            return;
        break;
    case NODE_TEXT_TEST:
        if (text_formulas(space, node, in, out)) return;
        break;
    case NODE_LIST_TEST:
        if (own_field(space, node->left)) {
            struct atom atom = {.kind = ATOM_ELEMENT,
                                .slot = condition_field_slot(space, node->left->index),
                                .texts = node->texts,
                                .text_count = node->text_count,
                                .raw_texts = node->raw_texts,
                                .node = node};
            uint32_t index = atom_intern(space, &atom);
            *in = formula_literal(space, index, SAYS_HOLDS);
            *out = formula_literal(space, index, SAYS_FAILS);
            return;
        }
        break;
    case NODE_HAS: {
        uint32_t set = condition_set(space, node->set);
        if (set == NO_INDEX) break;
        int64_t n = node->number;
        switch (node->comparison) {
        case COMPARE_GE: *in = set_at_least(space, set, n); break;
        case COMPARE_GT: *in = set_at_least(space, set, n + 1); break;
        case COMPARE_LT: *in = formula_not(space, set_at_least(space, set, n)); break;
        case COMPARE_LE: *in = formula_not(space, set_at_least(space, set, n + 1)); break;
        case COMPARE_EQ:
        case COMPARE_NE:
            *in = formula_and(space, set_at_least(space, set, n), formula_not(space, set_at_least(space, set, n + 1)));
            if (node->comparison == COMPARE_NE) *in = formula_not(space, *in);
            break;
        }
        *out = formula_not(space, *in);
        return;
    }
    case NODE_DISQUALIFIED:
        if (space->of_events) break;
        for (size_t i = 0; i < model->rule_count; i++)
            if (model->rules[i].disqualifies)
                *in = formula_or(space, *in,
                                 model->rules[i].when ? condition_holds(space, model->rules[i].when) : FORMULA_TRUE);
        *out = formula_not(space, *in);
        return;
    case NODE_BAND_IS:
        label_formulas(space, &model->bands[node->index], &model->bands[node->index].labels[node->which], in);
        *out = formula_not(space, *in);
        return;
    case NODE_MATRIX_IS: {
        const struct model_matrix *matrix = &model->matrices[node->index];
        const struct model_band *rows = &model->bands[matrix->rows_band],
                                *columns = &model->bands[matrix->columns_band];
        for (size_t r = 0; r < rows->label_count; r++)
            for (size_t c = 0; c < columns->label_count; c++) {
                const char *cell = matrix->cells[r * columns->label_count + c];
                if (!text_same((struct text){cell, (uint32_t)strlen(cell)}, node->texts[0])) continue;
                label_formulas(space, rows, &rows->labels[r], &left_in);
                label_formulas(space, columns, &columns->labels[c], &right_in);
                *in = formula_or(space, *in, formula_and(space, left_in, right_in));
            }
        *out = formula_not(space, *in);
        return;
    }
    case NODE_STAGE_IS: {
        struct intervals holds = {0};
        intervals_add(space->arena, &holds, node->which, node->which);
        struct intervals fails = intervals_not(space->arena, &holds, 0, (int64_t)model->stage_count);
        struct atom atom = {.kind = ATOM_ORDER,
                            .slot = condition_stage_slot(space),
                            .two_valued = true,
                            .holds = holds,
                            .fails = fails};
        *in = formula_literal(space, atom_intern(space, &atom), SAYS_HOLDS);
        *out = formula_not(space, *in);
        return;
    }
    default: break;
    }
    const char *why = node->kind == NODE_TEXT_TEST && text_predicate_is_raw(node->predicate)
                          ? "it looks at a part of a text byte for byte"
                      : node->set || (node->left && node->left->set) ? "its events depend on other values of the lead"
                      : space->of_events                             ? "it compares an event with a value of the lead"
                                                                     : "it looks at more than one value";
    condition_opaque(space, node, why, in, out);
}

formula condition_holds(struct space *space, const struct node *node)
{
    formula in, out;
    both(space, node, &in, &out);
    return in;
}

formula condition_fails(struct space *space, const struct node *node)
{
    formula in, out;
    both(space, node, &in, &out);
    return out;
}
