/* What each instruction means, said again as plainly as can be, one row at a time, on top of the values that the
   machine has in the instruction's operands: naive_result(machine, instruction, which result, row).  Slow on
   purpose; shares nothing with the machine but number.h, calendar.h and text.h. */
#ifndef RUBRIC_TESTS_NAIVE_H
#define RUBRIC_TESTS_NAIVE_H

#include <string.h>

#include "vm/machine.h"
#include "vm/number.h"

/* A condition, or a number that is known or not. */
struct naive { enum truth truth; bool known; int64_t number; };

static struct naive condition(enum truth truth)
{
    return (struct naive){truth, false, 0};
}

static struct naive decided(bool holds)
{
    return condition(holds ? TRUTH_HOLDS : TRUTH_FAILS);
}

static struct naive number(int64_t value)
{
    return (struct naive){TRUTH_UNKNOWN, true, value};
}

static const struct naive missing = {TRUTH_UNKNOWN, false, 0};

static struct naive number_of(const struct machine *machine, uint32_t reg, uint32_t row)
{
    int64_t value;
    return machine_number(machine, reg, row, &value) ? number(value) : missing;
}

static enum truth not(enum truth truth)
{
    return truth == TRUTH_UNKNOWN ? TRUTH_UNKNOWN : truth == TRUTH_HOLDS ? TRUTH_FAILS : TRUTH_HOLDS;
}

static enum truth and(enum truth a, enum truth b)
{
    if (a == TRUTH_FAILS || b == TRUTH_FAILS)
        return TRUTH_FAILS;
    return a == TRUTH_HOLDS && b == TRUTH_HOLDS ? TRUTH_HOLDS : TRUTH_UNKNOWN;
}

static const struct event_table *table_of(const struct machine *machine, const struct instruction *code)
{
    return &machine_batch(machine)->events[code->place - 1];
}

static const struct column *column_of(const struct machine *machine, unsigned place, uint32_t field)
{
    const struct batch *batch = machine_batch(machine);
    return place == 0 ? &batch->fields[field] : &batch->events[place - 1].fields[field];
}

static bool text_get(const struct machine *machine, uint32_t index, uint32_t row, struct text *text)
{
    const struct text_source *source = &machine_program(machine)->texts[index];
    *text = source->fixed;
    if (!source->constant) {
        const struct column *column = column_of(machine, source->place, source->field);
        if (!bit_get(column->known, row))
            return false;
        *text = column->texts[row];
    }
    if (source->domain)
        *text = text_domain(*text);
    return text->length > 0;
}

static struct naive classify(const struct machine *machine, const struct instruction *code, uint32_t bit, uint32_t row)
{
    const struct text_source *source = &machine_program(machine)->texts[code->a];
    uint64_t bits[64];
    struct buffer scratch = {0};
    bool holds = false, known = true;
    if (source->list) {
        const struct column *column = column_of(machine, source->place, source->field);
        known = bit_get(column->known, row);
        for (uint32_t at = 0; known && at < column->lists[row].count; at++) {
            textclass_row(source->classifier, column->elements[column->lists[row].start + at], &scratch, bits);
            holds = holds || bit_get(bits, bit);
        }
    } else {
        struct text text;
        known = text_get(machine, code->a, row, &text);
        if (known) {
            textclass_row(source->classifier, text, &scratch, bits);
            holds = bit_get(bits, bit);
        }
    }
    buffer_free(&scratch);
    return known ? decided(holds) : condition(TRUTH_UNKNOWN);
}

static struct naive compare(enum opcode opcode, struct naive a, struct naive b)
{
    if (!a.known || !b.known)
        return condition(TRUTH_UNKNOWN);
    switch (opcode) {
    case OP_EQ: case OP_EQ_CONST: return decided(a.number == b.number);
    case OP_LT: case OP_LT_CONST: return decided(a.number < b.number);
    case OP_LE: case OP_LE_CONST: return decided(a.number <= b.number);
    case OP_GT: case OP_GT_CONST: return decided(a.number > b.number);
    default: return decided(a.number >= b.number);
    }
}

/* Arithmetic as number.h has it. */
static struct naive calculate(bool (*function)(int64_t, int64_t, int64_t *), struct naive a, struct naive b)
{
    int64_t result;
    return a.known && b.known && function(a.number, b.number, &result) ? number(result) : missing;
}

/* The largest k with start + k * count units <= end, found step by step. */
static int64_t periods_between(int64_t start, int64_t end, enum time_unit unit, int64_t count)
{
    int64_t periods = 0;
    while (instant_step(start, (periods + 1) * count, unit) <= end)
        periods++;
    return periods;
}

static int64_t factor_after(int64_t ppm, int64_t periods)
{
    int64_t factor = FACTOR_ONE;
    while (periods-- > 0)
        factor = factor_next(factor, ppm);
    return factor;
}

/* Points for each event of a lead: the sum, or (event >= 0) what that event gives. */
static struct naive each_of(const struct machine *machine, const struct instruction *code, uint32_t lead, int64_t event)
{
    const struct each *each = &machine_program(machine)->eaches[code->b];
    const struct event_table *table = table_of(machine, code);
    int64_t sum = 0, taken = 0, now = machine_as_of(machine);
    int64_t periods_seen[4096];
    size_t seen = 0;
    for (size_t row = table->rows; row-- > 0;) {
        if (table->lead[row] != lead || machine_condition(machine, code->a, (uint32_t)row) != TRUTH_HOLDS)
            continue;
        if (each->once != ONCE_NONE) {
            int64_t period = instant_period(table->at[row], each->once == ONCE_DAY    ? UNIT_DAY
                                                            : each->once == ONCE_WEEK ? UNIT_WEEK
                                                                                      : UNIT_MONTH);
            bool had = false;
            for (size_t at = 0; at < seen; at++)
                had = had || periods_seen[at] == period;
            if (had)
                continue;
            periods_seen[seen++] = period;
        }
        if (each->most_times > 0 && taken == each->most_times)
            continue;
        taken++;
        int64_t points = each->points;
        if (each->fading != 0) {
            int64_t periods = periods_between(table->at[row], now, (enum time_unit)each->every_unit, each->every_count);
            if (each->fading == 1) {
                points = number_decay(points, factor_after(each->fading_ppm, periods));
            } else {
                int64_t loss = periods * each->fading_points;
                if (points >= 0)
                    points = loss > points ? 0 : points - loss;
                else
                    points = loss > -points ? 0 : points + loss;
            }
        }
        if ((int64_t)row == event)
            return number(points);
        sum += points;
    }
    if (event >= 0 || taken == 0)
        return missing;
    if (each->capped && sum > each->most_points)
        sum = each->most_points;
    if (each->capped && sum < -each->most_points)
        sum = -each->most_points;
    return number(sum);
}

static struct naive reduce(const struct machine *machine, const struct instruction *code, uint32_t lead)
{
    const struct event_table *table = table_of(machine, code);
    int64_t count = 0, least = INT64_MAX, most = INT64_MIN, with_value = 0, different = 0, first = INT64_MAX,
            last = INT64_MIN;
    wide_int total = 0;
    for (uint32_t row = 0; row < table->rows; row++) {
        if (table->lead[row] != lead || machine_condition(machine, code->a, row) != TRUTH_HOLDS)
            continue;
        count++;
        first = table->at[row] < first ? table->at[row] : first;
        last = table->at[row] > last ? table->at[row] : last;
        if (code->opcode == OP_DISTINCT_TEXT) {
            struct text text, other;
            if (!text_get(machine, code->b, row, &text))
                continue;
            bool is_new = true;
            for (uint32_t before = 0; before < row; before++)
                if (table->lead[before] == lead && machine_condition(machine, code->a, before) == TRUTH_HOLDS
                    && text_get(machine, code->b, before, &other) && text_same(text, other))
                    is_new = false;
            different += is_new;
            continue;
        }
        if (opcode_facts(code->opcode)->b != OPERAND_NUM)
            continue;
        struct naive value = number_of(machine, code->b, row);
        if (!value.known)
            continue;
        with_value++;
        total += value.number;
        least = value.number < least ? value.number : least;
        most = value.number > most ? value.number : most;
        bool is_new = true;
        for (uint32_t before = 0; before < row; before++) {
            struct naive other = number_of(machine, code->b, before);
            if (table->lead[before] == lead && machine_condition(machine, code->a, before) == TRUTH_HOLDS && other.known
                && other.number == value.number)
                is_new = false;
        }
        different += is_new;
    }
    int64_t result;
    switch ((int)code->opcode) {
    case OP_HAS: return decided(count > 0);
    case OP_COUNT_EVENTS: return number(count * NUMBER_ONE);
    case OP_SUM: return number_narrow(total, &result) ? number(result) : missing;
    case OP_MIN: return with_value > 0 ? number(least) : missing;
    case OP_MAX: return with_value > 0 ? number(most) : missing;
    case OP_AVERAGE: return with_value > 0 && number_average(total, with_value, &result) ? number(result) : missing;
    case OP_DISTINCT:
    case OP_DISTINCT_TEXT: return number(different * NUMBER_ONE);
    case OP_FIRST: return count > 0 ? number(first) : missing;
    default: return count > 0 ? number(last) : missing;
    }
}

/* Whether a term gives points for a lead, and how many. */
static enum truth term_of(const struct machine *machine, const struct term *term, uint32_t lead, int64_t *points)
{
    if (!term->is_number) {
        *points = term->points;
        return machine_condition(machine, term->reg, lead);
    }
    struct naive value = number_of(machine, term->reg, lead);
    *points = value.number;
    return value.known ? TRUTH_HOLDS : TRUTH_UNKNOWN;
}

static struct naive terms(const struct machine *machine, const struct instruction *code, uint32_t lead)
{
    const struct program *program = machine_program(machine);
    const struct range list = program->term_lists[code->a];
    bool taken = false, unknown = false, unknown_before = false;
    int64_t first = 0, highest = 0, lowest = 0, sum = code->opcode == OP_TOTAL ? program->constants[code->b] : 0;
    for (uint32_t at = 0; at < list.count; at++) {
        int64_t points;
        enum truth truth = term_of(machine, &program->terms[list.start + at], lead, &points);
        unknown = unknown || truth == TRUTH_UNKNOWN;
        if (truth != TRUTH_HOLDS)
            continue;
        if (!taken) {
            first = highest = lowest = points;
            unknown_before = unknown;
        }
        taken = true;
        highest = points > highest ? points : highest;
        lowest = points < lowest ? points : lowest;
        sum = (int64_t)((uint64_t)sum + (uint64_t)points);
    }
    switch ((int)code->opcode) {
    case OP_CHOOSE: return taken ? number(first) : missing;
    case OP_CHOSEN: return taken ? decided(true) : condition(unknown ? TRUTH_UNKNOWN : TRUTH_FAILS);
    case OP_PASSED: return decided(unknown_before);
    case OP_TOTAL: return number(sum);
    default: break;
    }
    return number(code->b == TAKE_HIGHEST  ? highest
                  : code->b == TAKE_LOWEST ? lowest
                  : code->b == TAKE_FIRST  ? first
                                           : sum);
}

static struct naive decay_of(const struct machine *machine, const struct instruction *code, uint32_t lead)
{
    const struct decay *decay = &machine_program(machine)->decays[code->c];
    struct naive score = number_of(machine, code->a, lead), since = number_of(machine, code->b, lead);
    if (!score.known || score.number <= 0 || !since.known)
        return score;
    int64_t periods =
        periods_between(since.number, machine_as_of(machine), (enum time_unit)decay->every_unit, decay->every_count);
    if (!decay->by_points)
        return number(number_decay(score.number, factor_after(decay->ppm, periods)));
    wide_int left = (wide_int)score.number - (wide_int)periods * decay->points;
    return number(left < 0 ? 0 : (int64_t)left);
}

static struct naive stage_of(const struct machine *machine, const struct instruction *code, uint32_t lead)
{
    const struct program *program = machine_program(machine);
    struct naive current = number_of(machine, code->a, lead);
    if (machine_condition(machine, code->b, lead) == TRUTH_HOLDS)
        return number(program->stage_count);
    int64_t from = current.known && current.number > 0 && current.number < program->stage_count ? current.number : 0, result = 0;
    for (uint32_t at = 0; at < program->stage_count; at++) {
        const struct program_stage *stage = &program->stages[at];
        bool enters = at == 0 || machine_condition(machine, stage->when, lead) == TRUTH_HOLDS,
             allowed = !stage->limited;
        for (uint32_t index = 0; index < stage->only_from.count; index++)
            allowed = allowed || program->indices[stage->only_from.start + index] == from;
        uint32_t stay = stage->stay == NO_REGISTER ? stage->when : stage->stay;
        bool stays = from >= at && (at == 0 || stage->forever || machine_condition(machine, stay, lead) != TRUTH_FAILS);
        if (at == 0 || (enters && allowed) || stays)
            result = at;
    }
    return number(result);
}

static struct naive naive_result(const struct machine *machine, const struct instruction *code, uint32_t which,
                                 uint32_t row)
{
    const struct program *program = machine_program(machine);
    const struct opcode_facts *facts = opcode_facts(code->opcode);
    const int64_t now = machine_as_of(machine);
    enum truth at = TRUTH_UNKNOWN, bt = TRUTH_UNKNOWN;
    struct naive an = missing, bn = missing;
    if (facts->place != PLACE_REDUCE && facts->place != PLACE_GATHER) {
        if (facts->a == OPERAND_COND)
            at = machine_condition(machine, code->a, row);
        if (facts->b == OPERAND_COND)
            bt = machine_condition(machine, code->b, row);
        if (facts->a == OPERAND_NUM)
            an = number_of(machine, code->a, row);
        if (facts->b == OPERAND_NUM)
            bn = number_of(machine, code->b, row);
        if (facts->b == OPERAND_CONSTANT)
            bn = number(program->constants[code->b]);
    }
    struct text left, right;
    switch ((enum opcode)code->opcode) {
    case OP_ALWAYS: return decided(true);
    case OP_NEVER: return decided(false);
    case OP_UNKNOWN: return condition(TRUTH_UNKNOWN);
    case OP_ACTIVE: return decided(program->constants[code->a] <= now && now < program->constants[code->b]);
    case OP_LOAD_YESNO: {
        const struct column *column = column_of(machine, code->place, code->a);
        return bit_get(column->known, row) ? decided(bit_get(column->yes, row)) : condition(TRUTH_UNKNOWN);
    }
    case OP_LOAD_NUMBER: {
        const struct column *column = column_of(machine, code->place, code->a);
        return bit_get(column->known, row) ? number(column->numbers[row]) : missing;
    }
    case OP_LOAD_TYPE: {
        const struct event_table *table = table_of(machine, code);
        return table->type ? number(table->type[row]) : missing;
    }
    case OP_LOAD_AT: return number(table_of(machine, code)->at[row]);
    case OP_LOAD_STAGE: {
        const struct batch *batch = machine_batch(machine);
        return bit_get(batch->stage_known, row) ? number(batch->stage[row]) : missing;
    }
    case OP_CONST: return number(program->constants[code->a]);
    case OP_MISSING: return missing;
    case OP_NOW: return number(now);
    case OP_AND: return condition(and(at, bt));
    case OP_OR: return condition(not(and(not(at), not(bt))));
    case OP_NOT: return condition(not(at));
    case OP_THEN: return condition(at == TRUTH_HOLDS ? bt : at);
    case OP_SETTLE: return decided(at == TRUTH_HOLDS);
    case OP_FOUND: return decided(at != TRUTH_UNKNOWN);
    case OP_COND_IF_COND: return condition(bt == TRUTH_UNKNOWN ? TRUTH_UNKNOWN : at);
    case OP_COND_IF_NUM: return condition(bn.known ? at : TRUTH_UNKNOWN);
    case OP_NUM_IF_COND: return bt == TRUTH_UNKNOWN ? missing : an;
    case OP_ONLY_IF: return bt == TRUTH_HOLDS ? an : missing;
    case OP_KNOWN: return decided(an.known);
    case OP_TEXT_KNOWN:
        if (program->texts[code->a].list)
            return decided(bit_get(column_of(machine, code->place, program->texts[code->a].field)->known, row));
        return decided(text_get(machine, code->a, row, &left));
    case OP_EQ: case OP_LT: case OP_LE: case OP_GT: case OP_GE:
    case OP_EQ_CONST: case OP_LT_CONST: case OP_LE_CONST: case OP_GT_CONST: case OP_GE_CONST:
        return compare((enum opcode)code->opcode, an, bn);
    case OP_IN_SET: {
        bool found = false;
        for (uint32_t index = 0; index < program->sets[code->b].count; index++)
            found = found || program->set_values[program->sets[code->b].start + index] == an.number;
        return an.known ? decided(found) : condition(TRUTH_UNKNOWN);
    }
    case OP_WITHIN: {
        int64_t from =
            instant_step(now, -program->clocks[code->b].count, (enum time_unit)program->clocks[code->b].unit);
        return an.known ? decided(from < an.number && an.number <= now) : condition(TRUTH_UNKNOWN);
    }
    case OP_TEXT_CLASS:
    case OP_LIST_CLASS: return classify(machine, code, which, row);
    case OP_TEXT_SAME:
        if (!text_get(machine, code->a, row, &left) || !text_get(machine, code->b, row, &right))
            return condition(TRUTH_UNKNOWN);
        return decided(text_same(left, right));
    case OP_TEXT_LENGTH:
        return text_get(machine, code->a, row, &left) ? number(text_length(left) * NUMBER_ONE) : missing;
    case OP_LIST_COUNT: {
        const struct column *column = column_of(machine, code->place, program->texts[code->a].field);
        return bit_get(column->known, row) ? number(column->lists[row].count * NUMBER_ONE) : missing;
    }
    case OP_ADD: return calculate(number_add, an, bn);
    case OP_SUBTRACT: return calculate(number_subtract, an, bn);
    case OP_MULTIPLY: return calculate(number_multiply, an, bn);
    case OP_DIVIDE: return calculate(number_divide, an, bn);
    case OP_NEGATE: return calculate(number_subtract, number(0), an);
    case OP_NUMBER_OF: return number(at == TRUTH_HOLDS ? NUMBER_ONE : 0);
    case OP_UNITS_SINCE:
        if (!an.known || an.number < INSTANT_MIN || an.number > INSTANT_MAX)
            return missing;
        return number(instant_whole_units(an.number, now, (enum time_unit)code->b) * NUMBER_ONE);
    case OP_GATHER_COND: return condition(machine_condition(machine, code->a, table_of(machine, code)->lead[row]));
    case OP_GATHER_NUM: return number_of(machine, code->a, table_of(machine, code)->lead[row]);
    case OP_HAS:
    case OP_COUNT_EVENTS:
    case OP_SUM:
    case OP_MIN:
    case OP_MAX:
    case OP_AVERAGE:
    case OP_DISTINCT:
    case OP_DISTINCT_TEXT:
    case OP_FIRST: case OP_LAST:
        return reduce(machine, code, row);
    case OP_EACH:
        return which == 0 ? each_of(machine, code, row, -1)
                          : each_of(machine, code, table_of(machine, code)->lead[row], row);
    case OP_EVERY: {
        int64_t times = an.known ? an.number / program->constants[code->c] : 0;
        wide_int product = (wide_int)times * program->constants[code->b];
        product = product > INT64_MAX ? INT64_MAX : product < INT64_MIN ? INT64_MIN : product;
        return times != 0 ? number((int64_t)product) : missing;
    }
    case OP_CLAMP: {
        int64_t least = program->constants[code->b], most = program->constants[code->c];
        return an.known ? number(an.number < least ? least : an.number > most ? most : an.number) : missing;
    }
    case OP_ROUND: return an.known ? number(number_round(an.number, program->constants[code->b])) : missing;
    case OP_WEIGH: return an.known ? number(number_weigh(an.number, program->constants[code->b])) : missing;
    case OP_POINTS: return at == TRUTH_HOLDS ? bn : missing;
    case OP_CHOOSE: case OP_CHOSEN: case OP_PASSED: case OP_TOTAL: case OP_TAKE: return terms(machine, code, row);
    case OP_DECAY: return decay_of(machine, code, row);
    case OP_BAND_OF: {
        const struct range labels = program->bands[code->b].labels;
        for (uint32_t index = 0; an.known && index < labels.count; index++) {
            const struct band_label *label = &program->band_labels[labels.start + index];
            if (an.number >= label->from && (an.number < label->below || label->below == INT64_MAX))
                return number(index);
        }
        return missing;
    }
    case OP_CELL_OF:
        return an.known && bn.known ? number((int64_t)((uint64_t)an.number * code->c + (uint64_t)bn.number)) : missing;
    case OP_STAGE_OF: return stage_of(machine, code, row);
    case OPCODE_COUNT: break;
    }
    return missing;
}

#endif
