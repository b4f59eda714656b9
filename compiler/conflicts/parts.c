#include "compiler/conflicts/check.h"

/* Parts of conditions: alternatives of an `or` that never hold, operands of an `and` that never fail.  Looked at
 * wherever a condition stands: rules, rows, stages, actions, and the `where` of events. */

static bool said_already(const struct check *check, enum diagnostic_code code, struct span span)
{
    for (size_t i = 0; i < check->diags->count; i++) { /* a define that is used twice is wrong once */
        const struct diagnostic *d = check->diags->items[i];
        if (d->code == code && d->span.file == span.file && d->span.start == span.start && d->span.end == span.end)
            return true;
    }
    return false;
}

static bool impossible(struct space *space, formula f)
{
    space_freeze(space);
    return space_solve(space, f, false, NULL) == ANSWER_NO;
}

static void report_part(struct check *check, const struct node *part, bool never, bool open)
{
    if (said_already(check, C1007, part->span)) return;
    struct diagnostic *d = check_report(check, C1007, part->span,
                                        never  ? "this part of the condition never holds"
                                        : open ? "this part of the condition holds whenever its value is known"
                                               : "this part of the condition always holds");
    if (!d) return;
    diagnostic_label(d, part->span, never ? "no lead can meet this" : "no lead fails this");
    if (part->define != NO_INDEX) {
        struct span name = check->model->defines[part->define].name.span;
        if (name.file != part->span.file || name.end < part->span.start || name.start > part->span.end)
            diagnostic_label(d, name, "what it stands for");
    }
    diagnostic_help(d, never  ? "remove it, or correct the values in it"
                       : open ? "correct the values in it, or write `is known` if that is what is meant"
                              : "remove it, or correct the values in it");
}

static void look_at_part(struct check *check, struct space *space, const struct node *part, bool alternative)
{
    if (part->kind == NODE_TRUE || part->kind == NODE_FALSE || depends_on_day(check, part)) return;
    if (alternative) {
        if (impossible(space, condition_holds(space, part))) report_part(check, part, true, false);
        return;
    }
    const struct node *bare = part;
    while (bare->kind == NODE_NOT) bare = bare->left;
    if (bare->kind == NODE_KNOWN || !impossible(space, condition_fails(space, part))) return;
    formula holds = condition_holds(space, part);
    if (impossible(space, holds)) return; /* neither: nothing is known of it */
    report_part(check, part, false, !impossible(space, formula_not(space, holds)));
}

static void walk(struct check *check, struct space *space, const struct node *node)
{
    if (!node) return;
    switch (node->kind) {
    case NODE_NOT: walk(check, space, node->left); return;
    case NODE_AND:
    case NODE_OR: {
        const struct node *sides[2] = {node->left, node->right};
        for (int i = 0; i < 2; i++) {
            if (sides[i]->kind != node->kind) look_at_part(check, space, sides[i], node->kind == NODE_OR);
            walk(check, space, sides[i]);
        }
        return;
    }
    case NODE_HAS:
        if (node->set->where && node->set->event != NO_INDEX && check->space->event_spaces)
            walk(check, check->space->event_spaces[node->set->event], node->set->where);
        return;
    default: return;
    }
}

static void check_parts(struct check *check, const struct node *condition) { walk(check, check->space, condition); }

void check_all_parts(struct check *check)
{
    const struct model *model = check->model;
    for (size_t i = 0; i < model->rule_count; i++) {
        if (!check->rules[i].never) check_parts(check, model->rules[i].when);
        for (size_t row = 0; row < model->rules[i].points.row_count; row++)
            check_parts(check, model->rules[i].points.rows[row].condition);
    }
    for (size_t i = 0; i < model->stage_count; i++) {
        check_parts(check, model->stages[i].when);
        check_parts(check, model->stages[i].stay);
    }
    for (size_t i = 0; i < model->action_count; i++) check_parts(check, model->actions[i].when);
    check_parts(check, model->outcome);
}
