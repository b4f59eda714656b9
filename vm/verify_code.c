/* The instructions: operands of the right kind, place and range; registers written exactly once and before they are
   read; and the values that every number register can have, so that no sum of points can leave 64 bits while a lead is
   scored. */
#include <string.h>

#include "vm/calendar.h"
#include "vm/limits.h"
#include "vm/verify_parts.h"

#define PPM_ONE 1000000

static const struct span span_full = { INT64_MIN, INT64_MAX };
static const struct span span_instant = { INSTANT_MIN, INSTANT_MAX };

/* ---- spans ------------------------------------------------------------------------------------------------------ */

static int64_t wide_clip(wide_int value)
{
    if (value < INT64_MIN)
        return INT64_MIN;
    return value > INT64_MAX ? INT64_MAX : (int64_t)value;
}

static struct span span_clip(wide_int low, wide_int high)
{
    return (struct span){ wide_clip(low), wide_clip(high) };
}

static bool wide_fits(wide_int low, wide_int high)
{
    return low >= INT64_MIN && high <= INT64_MAX;
}

static struct span span_with_zero(struct span span)
{
    return (struct span){ span.low < 0 ? span.low : 0, span.high > 0 ? span.high : 0 };
}

static int64_t clamp_value(int64_t value, int64_t least, int64_t most)
{
    if (value < least)
        return least;
    return value > most ? most : value;
}

static wide_int wide_least(wide_int a, wide_int b)
{
    return a < b ? a : b;
}

static wide_int wide_most(wide_int a, wide_int b)
{
    return a > b ? a : b;
}

/* The least and the most of a product of two spans, before any division; products of 64 bits fit in 128. */
static void span_product(struct span a, struct span b, wide_int *low, wide_int *high)
{
    wide_int corners[4] = { (wide_int)a.low * b.low, (wide_int)a.low * b.high, (wide_int)a.high * b.low,
                            (wide_int)a.high * b.high };
    *low = wide_least(wide_least(corners[0], corners[1]), wide_least(corners[2], corners[3]));
    *high = wide_most(wide_most(corners[0], corners[1]), wide_most(corners[2], corners[3]));
}

/* Rounding moves a quotient by less than one unit; one more on both sides is on the safe side. */
static void wide_divide_outward(wide_int *low, wide_int *high, int64_t divisor)
{
    *low = *low / divisor - 1;
    *high = *high / divisor + 1;
}

/* ---- operands --------------------------------------------------------------------------------------------------- */

struct step { uint32_t number; const struct instruction *code; const struct opcode_facts *facts; };

static bool refuse(struct verifier *verifier, const struct step *step, const char *what)
{
    return verify_refuse(verifier, "instruction %u (%s): %s", step->number, step->facts->name, what);
}

static bool refuse_operand(struct verifier *verifier, const struct step *step, char letter, uint32_t value,
                           const char *what)
{
    return verify_refuse(verifier, "instruction %u (%s): operand %c, %u, %s", step->number, step->facts->name, letter,
                         value, what);
}

static bool check_read(struct verifier *verifier, const struct step *step, char letter, uint32_t reg,
                       enum register_kind kind, uint32_t place)
{
    if (!verify_register(verifier->program, reg, kind, place))
        return refuse_operand(verifier, step, letter, reg,
                              kind == REGISTER_COND ? "is no condition of this place" : "is no number of this place");
    if (verifier->writer[reg] == NO_INDEX)
        return refuse_operand(verifier, step, letter, reg, "is a register that is read before it is written");
    return true;
}

static const struct program_field *field_of_place(const struct program *program, uint32_t place, uint32_t field)
{
    if (place == 0)
        return field < program->field_count ? &program->fields[field] : NULL;
    if (place > program->event_count)
        return NULL;                                    /* all activity has a time and nothing else */
    struct range fields = program->events[place - 1].fields;
    return field < fields.count ? &program->event_fields[fields.start + field] : NULL;
}

/* Sums and choices of a term list are worked out where it is first used: its registers never change afterwards. */
static bool check_terms(struct verifier *verifier, const struct step *step, char letter, uint32_t list)
{
    const struct program *program = verifier->program;
    if (list >= program->term_list_count)
        return refuse_operand(verifier, step, letter, list, "is no term list");
    struct list_facts *facts = &verifier->lists[list];
    if (facts->checked)
        return true;
    struct range range = program->term_lists[list];
    wide_int low = 0, high = 0;
    struct span choice = { INT64_MAX, INT64_MIN };
    for (uint32_t i = 0; i < range.count; i++) {
        const struct term *term = &program->terms[range.start + i];
        if (!check_read(verifier, step, letter, term->reg, term->is_number ? REGISTER_NUM : REGISTER_COND, 0))
            return false;
        struct span gives = term->is_number ? verifier->spans[term->reg] : (struct span){ term->points, term->points };
        low += wide_least(gives.low, 0);
        high += wide_most(gives.high, 0);
        choice.low = (int64_t)wide_least(choice.low, gives.low);
        choice.high = (int64_t)wide_most(choice.high, gives.high);
    }
    if (range.count == 0)
        choice = (struct span){ 0, 0 };
    facts->choice = choice;
    facts->sum_fits = wide_fits(low, high);
    facts->sum = span_clip(low, high);
    facts->checked = true;
    return true;
}

static bool check_text(struct verifier *verifier, const struct step *step, char letter, uint32_t text)
{
    const struct program *program = verifier->program;
    if (text >= program->text_count)
        return refuse_operand(verifier, step, letter, text, "is no text");
    const struct text_source *source = &program->texts[text];
    bool of_the_lead = step->code->opcode == OP_TEXT_SAME &&
                       source->place == 0; /* an event's text beside one of its lead */
    if (!source->constant && !of_the_lead && source->place != step->code->place)
        return refuse_operand(verifier, step, letter, text, "is a text of another place");
    bool wants_list = step->code->opcode == OP_LIST_CLASS || step->code->opcode == OP_LIST_COUNT;
    if (step->code->opcode != OP_TEXT_KNOWN && source->list != wants_list)
        return refuse_operand(verifier, step, letter, text, wants_list ? "is no list" : "is a list");
    return true;
}

static bool check_operand(struct verifier *verifier, const struct step *step, char letter, enum operand_kind kind,
                          uint32_t value)
{
    const struct program *program = verifier->program;
    uint32_t place = step->code->place, below = 0;
    switch (kind) {
    case OPERAND_NONE:
        return value == 0 || refuse_operand(verifier, step, letter, value, "should be 0: it is not used");
    case OPERAND_COND: return check_read(verifier, step, letter, value, REGISTER_COND, place);
    case OPERAND_NUM: return check_read(verifier, step, letter, value, REGISTER_NUM, place);
    case OPERAND_LEAD_COND: return check_read(verifier, step, letter, value, REGISTER_COND, 0);
    case OPERAND_LEAD_NUM: return check_read(verifier, step, letter, value, REGISTER_NUM, 0);
    case OPERAND_TERMS: return check_terms(verifier, step, letter, value);
    case OPERAND_TEXT: return check_text(verifier, step, letter, value);
    case OPERAND_FIELD:
        return field_of_place(program, place, value) != NULL ||
               refuse_operand(verifier, step, letter, value, "is no field of this place");
    case OPERAND_CONSTANT: below = program->constant_count; break;
    case OPERAND_CLOCK: below = program->clock_count; break;
    case OPERAND_UNIT: below = UNIT_YEAR + 1; break;
    case OPERAND_SET: below = program->set_count; break;
    case OPERAND_EACH: below = program->each_count; break;
    case OPERAND_DECAY: below = program->decay_count; break;
    case OPERAND_BAND: below = program->band_count; break;
    case OPERAND_MODE: below = TAKE_EXCLUSIVE + 1; break;
    case OPERAND_COUNT: return true;                    /* CELL_OF looks at it */
    }
    return value < below || refuse_operand(verifier, step, letter, value, "is past the end of its table");
}

static bool define(struct verifier *verifier, const struct step *step, uint64_t reg, enum register_kind kind,
                   uint32_t place)
{
    if (reg >= verifier->program->register_count)
        return refuse(verifier, step, "its result is no register");
    if (!verify_register(verifier->program, (uint32_t)reg, kind, place))
        return refuse(verifier, step, "its result has another kind or place than its register");
    if (verifier->writer[reg] != NO_INDEX)
        return refuse(verifier, step, "its result is written twice");
    verifier->writer[reg] = step->number;
    return true;
}

static bool check_place(struct verifier *verifier, const struct step *step)
{
    uint32_t place = step->code->place;
    switch (step->facts->place) {
    case PLACE_ANY: return true;
    case PLACE_LEADS: return place == 0 || refuse(verifier, step, "works over leads only");
    case PLACE_EVENTS:
    case PLACE_REDUCE:
    case PLACE_GATHER: return place != 0 || refuse(verifier, step, "works over events only");
    }
    return false;
}

/* ---- what single instructions ask for --------------------------------------------------------------------------- */

static bool written_by(const struct verifier *verifier, uint32_t reg, enum opcode opcode)
{
    return verifier->program->code[verifier->writer[reg]].opcode == opcode;
}

static bool check_stage(struct verifier *verifier, const struct step *step)
{
    const struct program *program = verifier->program;
    if (program->stage_count == 0 || program->stage_reg != step->code->result)
        return refuse(verifier, step, "its result is not the stage of the rubric");
    if (!written_by(verifier, step->code->a, OP_LOAD_STAGE))
        return refuse(verifier, step, "its operand a is not the current stage");
    for (uint32_t i = 0; i < program->stage_count; i++) {
        const uint32_t regs[] = { program->stages[i].when, program->stages[i].stay };
        for (size_t r = 0; r < 2; r++)
            if (regs[r] != NO_REGISTER && verifier->writer[regs[r]] == NO_INDEX)
                return refuse(verifier, step, "a condition of a stage is written after it");
    }
    return true;
}

static bool check_cell(struct verifier *verifier, const struct step *step)
{
    const struct program *program = verifier->program;
    if (!written_by(verifier, step->code->a, OP_BAND_OF) || !written_by(verifier, step->code->b, OP_BAND_OF))
        return refuse(verifier, step, "its operands are not bands");
    const struct program_band *columns = &program->bands[program->code[verifier->writer[step->code->b]].b];
    if (step->code->c != columns->labels.count)
        return refuse(verifier, step, "its operand c is not the number of labels of b");
    return true;
}

static bool check_special(struct verifier *verifier, const struct step *step)
{
    const struct program *program = verifier->program;
    const struct instruction *code = step->code;
    uint32_t place = code->place;
    switch (code->opcode) {
    case OP_LOAD_YESNO:
        return field_of_place(program, place, code->a)->type == FIELD_YESNO ||
               refuse(verifier, step, "its field is not yes/no");
    case OP_LOAD_NUMBER: {
        uint8_t type = field_of_place(program, place, code->a)->type;
        return type == FIELD_NUMBER || type == FIELD_DATE ||
               refuse(verifier, step, "its field is neither a number nor a date");
    }
    case OP_LOAD_STAGE:
        return program->stage_count > 0 || refuse(verifier, step, "there are no stages");
    case OP_TEXT_CLASS: case OP_LIST_CLASS:
        return program->texts[code->a].bits > 0 || refuse(verifier, step, "its text has no predicates");
    case OP_EVERY:
        return program->constants[code->c] > 0 || refuse(verifier, step, "a multiple of nothing is asked for");
    case OP_ROUND:
        return program->constants[code->b] > 0 || refuse(verifier, step, "it rounds to a multiple of nothing");
    case OP_CLAMP:
        return program->constants[code->b] <= program->constants[code->c] ||
               refuse(verifier, step, "its lower bound is above its upper one");
    case OP_CELL_OF: return check_cell(verifier, step);
    case OP_STAGE_OF: return check_stage(verifier, step);
    default: return true;                               /* the table of opcodes says all there is to say */
    }
}

/* ---- the values of a result ------------------------------------------------------------------------------------- */

static bool span_each(struct verifier *verifier, const struct step *step, struct span *sum)
{
    const struct each *each = &verifier->program->eaches[step->code->b];
    int64_t times = each->most_times > 0 && each->most_times < LIMIT_EVENTS_PER_LEAD ? each->most_times
                                                                                     : LIMIT_EVENTS_PER_LEAD;
    wide_int total = (wide_int)each->points * times;
    if (!wide_fits(total, total) || each->points == INT64_MIN)
        return refuse(verifier, step, "the points of all events together can leave 64 bits");
    int64_t narrow = (int64_t)total;
    *sum = span_with_zero((struct span){ narrow, narrow });
    if (each->capped)
        *sum = (struct span){ clamp_value(sum->low, -each->most_points, each->most_points),
                              clamp_value(sum->high, -each->most_points, each->most_points) };
    verifier->spans[step->code->result + 1] = span_with_zero((struct span){ each->points, each->points });
    return true;
}

static bool span_total(struct verifier *verifier, const struct step *step, struct span *span)
{
    struct list_facts list = verifier->lists[step->code->a];
    struct span sum = list.sum;
    int64_t constant = verifier->program->constants[step->code->b];
    wide_int low = (wide_int)sum.low + wide_least(constant, 0), high = (wide_int)sum.high + wide_most(constant, 0);
    if (!list.sum_fits || !wide_fits(low, high))
        return refuse(verifier, step, "the sum can leave 64 bits");
    *span = span_clip((wide_int)sum.low + constant, (wide_int)sum.high + constant);
    return true;
}

static bool span_weigh(struct verifier *verifier, const struct step *step, struct span *span)
{
    int64_t ppm = verifier->program->constants[step->code->b];
    wide_int low, high;
    span_product(*span, (struct span){ ppm, ppm }, &low, &high);
    if (ppm != PPM_ONE)
        wide_divide_outward(&low, &high, PPM_ONE);
    else
        low = span->low, high = span->high;
    if (ppm > PPM_ONE || ppm < -PPM_ONE || ppm == 0) {
        if (!wide_fits(low, high))
            return refuse(verifier, step, "the weighted points can leave 64 bits");
    }
    *span = span_clip(low, high);
    return true;
}

/* The span of a number result; what operands there are has been checked. */
static bool span_result(struct verifier *verifier, const struct step *step, struct span *span)
{
    const struct program *program = verifier->program;
    const struct instruction *code = step->code;
    const struct span *spans = verifier->spans;
    wide_int low, high;
    *span = span_full;
    switch (code->opcode) {
    case OP_LOAD_STAGE: case OP_STAGE_OF: *span = (struct span){ 0, program->stage_count }; return true;
    case OP_CONST: *span = (struct span){ program->constants[code->a], program->constants[code->a] }; return true;
    case OP_MISSING: *span = (struct span){ 0, 0 }; return true;
    case OP_NOW: case OP_FIRST: case OP_LAST: *span = span_instant; return true;
    case OP_NUM_IF_COND: case OP_ONLY_IF: case OP_GATHER_NUM: *span = spans[code->a]; return true;
    case OP_ADD:
        *span = span_clip((wide_int)spans[code->a].low + spans[code->b].low,
                          (wide_int)spans[code->a].high + spans[code->b].high);
        return true;
    case OP_SUBTRACT:
        *span = span_clip((wide_int)spans[code->a].low - spans[code->b].high,
                          (wide_int)spans[code->a].high - spans[code->b].low);
        return true;
    case OP_MULTIPLY:
        span_product(spans[code->a], spans[code->b], &low, &high);
        wide_divide_outward(&low, &high, NUMBER_ONE);
        *span = span_clip(low, high);
        return true;
    case OP_NEGATE: *span = span_clip(-(wide_int)spans[code->a].high, -(wide_int)spans[code->a].low); return true;
    case OP_NUMBER_OF: *span = (struct span){ 0, NUMBER_ONE }; return true;
    case OP_COUNT_EVENTS: case OP_DISTINCT: case OP_DISTINCT_TEXT:
        *span = (struct span){ 0, LIMIT_EVENTS_PER_LEAD * NUMBER_ONE };
        return true;
    case OP_MIN: case OP_MAX: case OP_AVERAGE: *span = spans[code->b]; return true;
    case OP_EACH: return span_each(verifier, step, span);
    case OP_EVERY: {
        int64_t multiple = program->constants[code->c], points = program->constants[code->b];
        span_product((struct span){ spans[code->a].low / multiple, spans[code->a].high / multiple },
                     (struct span){ points, points }, &low, &high);
        *span = span_clip(low, high);
        return true;
    }
    case OP_CLAMP: {
        int64_t least = program->constants[code->b], most = program->constants[code->c];
        *span = (struct span){ clamp_value(spans[code->a].low, least, most),
                               clamp_value(spans[code->a].high, least, most) };
        return true;
    }
    case OP_ROUND: {
        int64_t multiple = program->constants[code->b];
        *span = span_clip((wide_int)spans[code->a].low - multiple, (wide_int)spans[code->a].high + multiple);
        return true;
    }
    case OP_WEIGH: *span = spans[code->a]; return span_weigh(verifier, step, span);
    case OP_POINTS: *span = (struct span){ program->constants[code->b], program->constants[code->b] }; return true;
    case OP_CHOOSE: *span = verifier->lists[code->a].choice; return true;
    case OP_TOTAL: return span_total(verifier, step, span);
    case OP_TAKE:
        *span = span_with_zero(verifier->lists[code->a].choice);
        if (code->b == TAKE_SUM || code->b == TAKE_EXCLUSIVE)
            *span = verifier->lists[code->a].sum;
        return verifier->lists[code->a].sum_fits || (code->b != TAKE_SUM && code->b != TAKE_EXCLUSIVE) ||
               refuse(verifier, step, "the sum can leave 64 bits");
    case OP_DECAY: {
        struct span score = spans[code->a];
        *span = (struct span){ score.low > 0 ? 0 : score.low, score.high };
        return true;
    }
    case OP_BAND_OF: *span = (struct span){ 0, program->bands[code->b].labels.count }; return true;
    case OP_CELL_OF:
        *span = span_clip(0, (wide_int)(spans[code->a].high + 1) * code->c + spans[code->b].high);
        return true;
    default: return true;                               /* any number */
    }
}

static bool check_results(struct verifier *verifier, const struct step *step)
{
    const struct instruction *code = step->code;
    uint32_t place = step->facts->place == PLACE_REDUCE ? 0 : code->place;
    bool number = step->facts->result == OPERAND_NUM;
    uint32_t count = 1;
    if (code->opcode == OP_TEXT_CLASS || code->opcode == OP_LIST_CLASS)
        count = verifier->program->texts[code->a].bits;
    for (uint32_t i = 0; i < count; i++)
        if (!define(verifier, step, (uint64_t)code->result + i, number ? REGISTER_NUM : REGISTER_COND, place))
            return false;
    if (code->opcode == OP_EACH && !define(verifier, step, (uint64_t)code->result + 1, REGISTER_NUM, code->place))
        return false;
    if (!number)
        return true;
    struct span span;
    if (!span_result(verifier, step, &span))
        return false;
    verifier->spans[code->result] = span;
    return true;
}

bool verify_code(struct verifier *verifier)
{
    const struct program *program = verifier->program;
    for (uint32_t reg = 0; reg < program->register_count; reg++)
        verifier->writer[reg] = NO_INDEX;
    for (uint32_t i = 0; i < program->code_count; i++) {
        const struct instruction *code = &program->code[i];
        struct step step = { i, code, opcode_facts(code->opcode) };
        if (!check_place(verifier, &step) || !check_operand(verifier, &step, 'a', step.facts->a, code->a) ||
            !check_operand(verifier, &step, 'b', step.facts->b, code->b) ||
            !check_operand(verifier, &step, 'c', step.facts->c, code->c) || !check_special(verifier, &step) ||
            !check_results(verifier, &step))
            return false;
    }
    for (uint32_t reg = 0; reg < program->register_count; reg++)
        if (verifier->writer[reg] == NO_INDEX)
            return verify_refuse(verifier, "register %u is never written", reg);
    return true;
}
