/* Which data would decide what is unknown: the code, walked backwards from a register for one lead. */
#include <stdlib.h>
#include <string.h>

#include "vm/registers.h"

struct walk { struct machine *machine; uint32_t lead; const char **names; size_t count, capacity; };

static bool is_unknown(const struct machine *machine, uint32_t reg, uint32_t lead)
{
    const struct cells *cells = &machine->cells[reg];
    if (machine->program->registers[reg].kind == REGISTER_COND)
        return !bit_get(cells->holds, lead) && !bit_get(cells->fails, lead);
    return !bit_get(cells->known, lead);
}

static void add_name(struct walk *walk, const char *name)
{
    for (size_t at = 0; at < walk->count; at++)
        if (strcmp(walk->names[at], name) == 0)
            return;
    if (walk->count < walk->capacity)
        walk->names[walk->count++] = name;
}

static void add_field(struct walk *walk, uint32_t field)
{
    if (field != NO_INDEX)
        add_name(walk, walk->machine->program->fields[field].name);
}

static void add_text(struct walk *walk, uint32_t text)
{
    const struct text_source *source = &walk->machine->program->texts[text];
    struct text unused;
    if (source->constant)
        return;
    if (source->list ? !bit_get(walk->machine->batch->fields[source->field].known, walk->lead)
                     : !text_source_get(walk->machine, source, walk->lead, &unused))
        add_field(walk, source->field);
}

static void add_event(struct walk *walk, uint16_t place)
{
    const struct program *program = walk->machine->program;
    add_name(walk, place == program->event_count + 1u ? "activity" : program->events[place - 1].name);
}

/* The work still to do lies on a stack, the next register on top: expressions may nest deeper than the C stack
   should. */
static void push(struct machine *machine, size_t *depth, uint32_t reg)
{
    memory_reserve(&machine->walk, &machine->walk_capacity, *depth + 1, sizeof *machine->walk);
    machine->walk[(*depth)++] = reg;
}

/* Terms are pushed from the last to the first, so that they are visited as they stand. */
static void push_terms(struct walk *walk, size_t *depth, const struct instruction *code)
{
    struct machine *machine = walk->machine;
    const struct range list = machine->program->term_lists[code->a];
    const struct term *terms = machine->program->terms + list.start;
    uint32_t end = 0;
    /* CHOOSE and PASSED look at nothing behind the term that is taken; in CHOSEN none is taken. */
    while (end < list.count && !bit_get(term_mask(machine, &terms[end]), walk->lead))
        end++;
    while (end-- > 0)
        push(machine, depth, terms[end].reg);
}

static void visit(struct walk *walk, size_t *depth, const struct instruction *code)
{
    struct machine *machine = walk->machine;
    uint32_t lead = walk->lead;
    switch ((enum opcode)code->opcode) {
    case OP_LOAD_YESNO:
    case OP_LOAD_NUMBER:
        add_field(walk, code->a);
        break;
    case OP_LOAD_STAGE:
        add_field(walk, machine->program->stage_field);
        break;
    case OP_TEXT_CLASS:
    case OP_LIST_CLASS:
    case OP_TEXT_LENGTH:
    case OP_LIST_COUNT:
        add_text(walk, code->a);
        break;
    case OP_TEXT_SAME:
        add_text(walk, code->a);
        add_text(walk, code->b);
        break;
    case OP_FIRST:
    case OP_LAST:
    case OP_MIN:
    case OP_MAX:
    case OP_AVERAGE:
        add_event(walk, code->place);
        break;
    case OP_AND:
    case OP_OR:
    case OP_EQ:
    case OP_LT:
    case OP_LE:
    case OP_GT:
    case OP_GE:
    case OP_ADD:
    case OP_SUBTRACT:
    case OP_MULTIPLY:
    case OP_DIVIDE:
    case OP_CELL_OF:
        push(machine, depth, code->b);
        push(machine, depth, code->a);
        break;
    case OP_THEN:
        push(machine, depth, is_unknown(machine, code->a, lead) ? code->a : code->b);
        break;
    case OP_COND_IF_COND:
    case OP_COND_IF_NUM:
        push(machine, depth, code->b);
        push(machine, depth, code->a);
        break;
    case OP_NUM_IF_COND:                                    /* a set that is unknown has no events to want */
        push(machine, depth, is_unknown(machine, code->b, lead) ? code->b : code->a);
        break;
    case OP_ONLY_IF:
        if (is_unknown(machine, code->b, lead))
            push(machine, depth, code->b);
        else if (bit_get(machine->cells[code->b].holds, lead))
            push(machine, depth, code->a);
        break;
    case OP_NOT:
    case OP_EQ_CONST:
    case OP_LT_CONST:
    case OP_LE_CONST:
    case OP_GT_CONST:
    case OP_GE_CONST:
    case OP_IN_SET:
    case OP_WITHIN:
    case OP_NEGATE:
    case OP_UNITS_SINCE:
    case OP_EVERY:
    case OP_CLAMP:
    case OP_ROUND:
    case OP_WEIGH:
    case OP_POINTS:
    case OP_DECAY:
    case OP_BAND_OF:
        push(machine, depth, code->a);
        break;
    case OP_CHOOSE:
    case OP_CHOSEN:
    case OP_PASSED:
        push_terms(walk, depth, code);
        break;
    case OP_ALWAYS:
    case OP_NEVER:
    case OP_UNKNOWN:
    case OP_ACTIVE:
    case OP_LOAD_AT:
    case OP_LOAD_TYPE:
    case OP_CONST:
    case OP_MISSING:
    case OP_NOW:
    case OP_SETTLE:
    case OP_FOUND:
    case OP_KNOWN:
    case OP_TEXT_KNOWN:
    case OP_NUMBER_OF:
    case OP_GATHER_COND:
    case OP_GATHER_NUM:
    case OP_HAS:
    case OP_COUNT_EVENTS:
    case OP_SUM:
    case OP_DISTINCT:
    case OP_DISTINCT_TEXT:
    case OP_EACH:
    case OP_TOTAL:
    case OP_TAKE:
    case OP_STAGE_OF:
    case OPCODE_COUNT:
        break;                                              /* always decided, or nothing that data could mend */
    }
}

size_t machine_missing(const struct machine *const_machine, uint32_t reg, uint32_t lead, const char **names,
                       size_t capacity)
{
    /* The walk uses scratch of the machine; its registers are only read. */
    struct machine *machine = (struct machine *)(uintptr_t)const_machine;
    const struct program *program = machine->program;
    struct walk walk = {machine, lead, names, 0, capacity};
    size_t depth = 0;
    if (++machine->seen_mark == 0) {
        memset(machine->seen, 0, program->register_count * sizeof *machine->seen);
        machine->seen_mark = 1;
    }
    /* PASSED is decided, and still has its reasons. */
    const struct instruction *first = &program->code[machine->writers[reg]];
    if (first->opcode == OP_PASSED)
        push_terms(&walk, &depth, first);
    else
        push(machine, &depth, reg);
    while (depth > 0) {
        uint32_t next = machine->walk[--depth];
        if (machine->seen[next] == machine->seen_mark)
            continue;
        machine->seen[next] = machine->seen_mark;
        if (is_unknown(machine, next, lead))
            visit(&walk, &depth, &program->code[machine->writers[next]]);
    }
    return walk.count;
}
