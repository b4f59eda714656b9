#include "vm/actions.h"

#include "vm/number.h"

uint32_t lead_stage(const struct machine *machine, uint32_t lead)
{
    const struct program *program = machine_program(machine);
    int64_t stage;
    if (program->stage_reg == NO_REGISTER || !machine_number(machine, program->stage_reg, lead, &stage) || stage < 0 ||
        stage > (int64_t)program->stage_count)
        return NO_INDEX;
    return (uint32_t)stage;
}

uint32_t lead_stage_before(const struct machine *machine, uint32_t lead)
{
    const struct program *program = machine_program(machine);
    int64_t stage;
    if (program->stage_before_reg == NO_REGISTER || !machine_number(machine, program->stage_before_reg, lead, &stage) ||
        stage < 0 || stage > (int64_t)program->stage_count)
        return NO_INDEX;
    return (uint32_t)stage;
}

const char *stage_name(const struct program *program, uint32_t stage)
{
    if (stage < program->stage_count)
        return program->stages[stage].name;
    return stage == program->stage_count && stage != NO_INDEX && program->stage_count > 0 ? "Disqualified" : NULL;
}

const char *lead_band(const struct machine *machine, uint32_t band, uint32_t lead)
{
    const struct program *program = machine_program(machine);
    const struct program_band *facts = &program->bands[band];
    int64_t label;
    if (!machine_number(machine, facts->reg, lead, &label) || label < 0 || label >= (int64_t)facts->labels.count)
        return NULL;
    return program->band_labels[facts->labels.start + (uint32_t)label].label;
}

const char *lead_cell(const struct machine *machine, uint32_t matrix, uint32_t lead)
{
    const struct program *program = machine_program(machine);
    const struct program_matrix *facts = &program->matrices[matrix];
    uint64_t cells = (uint64_t)program->bands[facts->rows].labels.count * program->bands[facts->columns].labels.count;
    int64_t cell;
    if (!machine_number(machine, facts->reg, lead, &cell) || cell < 0 || (uint64_t)cell >= cells)
        return NULL;
    return program->cells[facts->first_cell + (uint32_t)cell];
}

int64_t lead_score(const struct machine *machine, uint32_t score, uint32_t lead)
{
    int64_t value;
    return machine_number(machine, machine_program(machine)->scores[score].after_clamp, lead, &value) ? value : 0;
}

static bool action_holds(const struct machine *machine, const struct program_action *action, uint32_t lead)
{
    return action->when == NO_REGISTER || machine_condition(machine, action->when, lead) == TRUTH_HOLDS;
}

static void actions_of(const struct machine *machine, uint32_t lead, uint32_t stage, bool leaving,
                       void (*found)(void *context, const struct program_action *action), void *context)
{
    const struct program *program = machine_program(machine);
    bool assigned = false;
    for (uint32_t i = 0; i < program->action_count; i++) {
        const struct program_action *action = &program->actions[i];
        if (action->stage != stage || action->leaving != leaving || (action->kind == ACTION_ASSIGN && assigned))
            continue;
        if (!action_holds(machine, action, lead))
            continue;
        assigned = assigned || action->kind == ACTION_ASSIGN;
        found(context, action);
    }
}

void actions_each(const struct machine *machine, uint32_t lead,
                  void (*found)(void *context, const struct program_action *action), void *context)
{
    if (machine_program(machine)->action_count == 0)
        return;
    uint32_t before = lead_stage_before(machine, lead), stage = lead_stage(machine, lead);
    if (before == stage)
        return;
    if (before != NO_INDEX)
        actions_of(machine, lead, before, true, found, context);
    if (stage != NO_INDEX)
        actions_of(machine, lead, stage, false, found, context);
}

static void keep_assign(void *context, const struct program_action *action)
{
    const struct program_action **kept = context;
    if (action->kind == ACTION_ASSIGN)
        *kept = action;                                 /* the last: entering comes after leaving and has the say */
}

const struct program_action *actions_assign(const struct machine *machine, uint32_t lead)
{
    const struct program_action *assign = NULL;
    actions_each(machine, lead, keep_assign, &assign);
    return assign;
}

bool column_text(const struct column *column, size_t row, struct buffer *out)
{
    if (!bit_get(column->known, row))
        return false;
    char text[INSTANT_TEXT > NUMBER_TEXT ? INSTANT_TEXT : NUMBER_TEXT];
    switch (column->type) {
    case FIELD_NUMBER:
        buffer_add(out, text, number_format(column->numbers[row], text));
        return true;
    case FIELD_DATE:
        buffer_add(out, text, instant_format(column->numbers[row], text));
        return true;
    case FIELD_YESNO:
        buffer_text(out, bit_get(column->yes, row) ? "yes" : "no");
        return true;
    case FIELD_TEXT: case FIELD_ONEOF: {
        struct text value = text_trim(column->texts[row]);
        buffer_add(out, value.bytes, value.length);
        return true;
    }
    case FIELD_LIST: {
        struct list_cell cell = column->lists[row];
        for (uint32_t i = 0; i < cell.count; i++) {
            struct text value = text_trim(column->elements[cell.start + i]);
            if (i > 0)
                buffer_add(out, ", ", 2);
            buffer_add(out, value.bytes, value.length);
        }
        return true;
    }
    }
    return false;
}

static void add_label(struct buffer *out, const char *label)
{
    buffer_text(out, label != NULL ? label : "(unknown)");
}

void action_text(const struct machine *machine, const struct program_action *action, uint32_t lead, struct buffer *out)
{
    const struct program *program = machine_program(machine);
    const struct batch *batch = machine_batch(machine);
    for (uint32_t i = 0; i < action->pieces.count; i++) {
        const struct piece *piece = &program->pieces[action->pieces.start + i];
        char number[NUMBER_TEXT];
        switch (piece->kind) {
        case PIECE_TEXT:
            buffer_text(out, piece->text);
            break;
        case PIECE_FIELD:
            if (!column_text(&batch->fields[piece->index], lead, out))
                add_label(out, NULL);
            break;
        case PIECE_SCORE:
            buffer_add(out, number, number_format(lead_score(machine, piece->index, lead), number));
            break;
        case PIECE_BAND: add_label(out, lead_band(machine, piece->index, lead)); break;
        case PIECE_MATRIX: add_label(out, lead_cell(machine, piece->index, lead)); break;
        case PIECE_STAGE: add_label(out, stage_name(program, lead_stage(machine, lead))); break;
        }
    }
}
