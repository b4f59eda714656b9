/* What people are shown: the predicates of a condition as the author wrote them, and what a rule looks at. */
#include "compiler/emit_parts.h"

#include <string.h>

#include "compiler/format.h"

static const char *expression_text(struct emitter *e, const struct tree *tree)
{
    struct buffer text = { 0 };
    format_expression(tree, &text);
    const char *copy = arena_copy(e->arena, text.data ? text.data : "", text.length);
    buffer_free(&text);
    return copy;
}

static bool same_input(const struct program_input *a, const struct program_input *b)
{
    return a->kind == b->kind && a->field == b->field && a->place == b->place && a->selected == b->selected;
}

static void add_input(struct emitter *e, struct program_input input, uint32_t from)
{
    struct program_input *inputs = e->inputs.items;
    for (size_t i = from; i < e->inputs.count; i++)
        if (same_input(&inputs[i], &input)) {
            if (inputs[i].points == NO_REGISTER) inputs[i].points = input.points;
            return;
        }
    table_add(&e->inputs, &input, sizeof input);
}

void emit_set_inputs(struct emitter *e, const struct event_set *set, uint32_t points, uint32_t from)
{
    if (!set) return;
    struct emitted_set emitted = emit_event_set(e, set);
    add_input(e, (struct program_input) { INPUT_EVENTS, NO_INDEX, (uint16_t)emitted.place, emitted.selected, points },
              from);
    emit_inputs(e, set->where, from);
    emit_inputs(e, set->date, from);
}

void emit_inputs(struct emitter *e, const struct node *node, uint32_t from)
{
    if (!node) return;
    if (node->kind == NODE_FIELD)
        add_input(e, (struct program_input) { INPUT_FIELD, emit_field(e, node->index), 0, NO_REGISTER, NO_REGISTER },
                  from);
    if (node->kind == NODE_SCORE)
        add_input(e, (struct program_input) { INPUT_SCORE, node->index, 0, NO_REGISTER, NO_REGISTER }, from);
    if (node->kind == NODE_BAND_IS)
        add_input(
            e, (struct program_input) { INPUT_SCORE, e->model->bands[node->index].score, 0, NO_REGISTER, NO_REGISTER },
            from);
    emit_inputs(e, node->left, from);
    emit_inputs(e, node->right, from);
    emit_set_inputs(e, node->set, NO_REGISTER, from);
}

static bool same_span(struct span a, struct span b) { return a.file == b.file && a.start == b.start && a.end == b.end; }

/* Whether the node only joins others: those are shown instead of it.  `not` before a single predicate stays with it, so
   that the answer is the answer to what is asked for. */
static bool joins(const struct node *node)
{
    if (node->kind != NODE_AND && node->kind != NODE_OR && node->kind != NODE_NOT) return false;
    if (node->kind == NODE_NOT && node->tree && node->tree->kind == TREE_NOT && !joins(node->left)) return false;
    if (node->kind == NODE_NOT && same_span(node->span, node->left->span)) return false; /* `is not`, `not in` */
    if (!node->tree) return true;
    switch (node->tree->kind) {
    case TREE_AND:
    case TREE_OR:
    case TREE_NOT: return true;
    case TREE_NAME:
    case TREE_CALL: return node->kind == NODE_NOT || node->left->tree != NULL; /* a define */
    default: return false;
    }
}

static void add_atoms(struct emitter *e, const struct node *node)
{
    if (joins(node)) {
        add_atoms(e, node->left);
        if (node->right) add_atoms(e, node->right);
        return;
    }
    struct program_atom atom = { .reg = emit_condition(e, node, 0), .score = NO_INDEX };
    atom.text = node->tree ? expression_text(e, node->tree) : "";
    atom.line = emit_line(e, node->tree ? node->tree->span : node->span);
    const struct node *bare = node->kind == NODE_NOT ? node->left : node;
    if (node->kind == NODE_COMPARE && bare->left->kind == NODE_SCORE && bare->right->kind == NODE_NUMBER) {
        static const uint32_t opcodes[] = { OP_EQ, OP_EQ, OP_LT, OP_LE, OP_GT, OP_GE };
        atom.score = bare->left->index;
        atom.comparison = opcodes[bare->comparison];
        atom.limit = bare->right->number;
    }
    atom.inputs.start = (uint32_t)e->inputs.count;
    emit_inputs(e, node, atom.inputs.start);
    atom.inputs.count = (uint32_t)e->inputs.count - atom.inputs.start;
    table_add(&e->atoms, &atom, sizeof atom);
}

struct range emit_atoms(struct emitter *e, const struct node *condition)
{
    struct range range = { (uint32_t)e->atoms.count, 0 };
    if (condition) add_atoms(e, condition);
    range.count = (uint32_t)e->atoms.count - range.start;
    return range;
}
