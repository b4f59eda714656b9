/* Instructions between leads and their events: gathering, counting, sums, firsts and lasts, points for each event.
   Events of a lead stand together and in order of time, so that each is one walk over the chosen rows. */
#include <stdlib.h>
#include <string.h>

#include "vm/number.h"
#include "vm/registers.h"

#define EACH_ROW(machine, code, row, bits) \
    for (size_t word_ = 0; word_ < (machine)->places[(code)->place].words; word_++) \
        for (uint64_t left_ = (bits)[word_]; left_ != 0; left_ &= left_ - 1) \
            for (size_t row = word_ * 64 + (size_t)__builtin_ctzll(left_), once_ = 1; once_ != 0; once_ = 0)

static void set_bits(uint64_t *bits, size_t from, size_t end)
{
    while (from < end) {
        size_t word = from / 64, last = word * 64 + 64 < end ? word * 64 + 64 : end;
        uint64_t run = last - from == 64 ? ~UINT64_C(0) : ((UINT64_C(1) << (last - from)) - 1) << from % 64;
        bits[word] |= run;
        from = last;
    }
}

static void gather_bits(const struct machine *machine, const struct instruction *code, uint64_t *out,
                        const uint64_t *bits)
{
    const struct event_table *table = machine_table(machine, code->place);
    memset(out, 0, machine->places[code->place].words * sizeof *out);
    for (size_t word = 0; word < machine->places[0].words; word++)
        for (uint64_t left = bits[word]; left != 0; left &= left - 1) {
            size_t lead = word * 64 + (size_t)__builtin_ctzll(left);
            set_bits(out, table->first[lead], table->first[lead + 1]);
        }
}

void run_gather_cond(struct machine *machine, const struct instruction *code)
{
    gather_bits(machine, code, machine->cells[code->result].holds, machine->cells[code->a].holds);
    gather_bits(machine, code, machine->cells[code->result].fails, machine->cells[code->a].fails);
}

void run_gather_num(struct machine *machine, const struct instruction *code)
{
    const struct event_table *table = machine_table(machine, code->place);
    struct cells *result = &machine->cells[code->result];
    const int64_t *numbers = machine->cells[code->a].numbers;
    gather_bits(machine, code, result->known, machine->cells[code->a].known);
    for (size_t row = 0; row < table->rows; row++)
        result->numbers[row] = numbers[table->lead[row]];
}

void run_has(struct machine *machine, const struct instruction *code)
{
    const struct place *leads = &machine->places[0];
    const struct event_table *table = machine_table(machine, code->place);
    const uint64_t *selected = machine->cells[code->a].holds;
    struct cells *result = &machine->cells[code->result];
    memset(result->holds, 0, leads->words * sizeof *result->holds);
    EACH_ROW(machine, code, row, selected)
        bit_set(result->holds, table->lead[row]);
    machine->kernels->less(result->fails, leads->all, result->holds, leads->words);
}

void run_count_events(struct machine *machine, const struct instruction *code)
{
    const struct place *leads = &machine->places[0];
    const struct event_table *table = machine_table(machine, code->place);
    const uint64_t *selected = machine->cells[code->a].holds;
    struct cells *result = &machine->cells[code->result];
    result->known = leads->all;
    memset(result->numbers, 0, leads->words * 64 * sizeof *result->numbers);
    EACH_ROW(machine, code, row, selected)
        result->numbers[table->lead[row]] += NUMBER_ONE;
}

/* The total of one lead so far; it is narrowed once, when the next lead begins. */
struct running { wide_int total; int64_t count; uint32_t lead; };

static void sum_close(struct cells *result, const struct running *running)
{
    if (running->lead == NO_INDEX)
        return;
    if (!number_narrow(running->total, &result->numbers[running->lead]))
        result->known[running->lead >> 6] &= ~(UINT64_C(1) << (running->lead & 63));
}

void run_sum(struct machine *machine, const struct instruction *code)
{
    const struct place *leads = &machine->places[0];
    const struct event_table *table = machine_table(machine, code->place);
    const struct cells *selected = &machine->cells[code->a], *values = &machine->cells[code->b];
    struct cells *result = &machine->cells[code->result];
    memcpy(result->known, leads->all, leads->words * sizeof *result->known);
    memset(result->numbers, 0, leads->words * 64 * sizeof *result->numbers);
    struct running running = {0, 0, NO_INDEX};
    EACH_ROW(machine, code, row, selected->holds) {
        if (!bit_get(values->known, row))
            continue;
        if (table->lead[row] != running.lead) {
            sum_close(result, &running);
            running = (struct running){0, 0, table->lead[row]};
        }
        running.total += values->numbers[row];
    }
    sum_close(result, &running);
}

static void average_close(struct cells *result, const struct running *running)
{
    if (running->lead != NO_INDEX && number_average(running->total, running->count, &result->numbers[running->lead]))
        bit_set(result->known, running->lead);
}

void run_average(struct machine *machine, const struct instruction *code)
{
    const struct event_table *table = machine_table(machine, code->place);
    const struct cells *selected = &machine->cells[code->a], *values = &machine->cells[code->b];
    struct cells *result = &machine->cells[code->result];
    memset(result->known, 0, machine->places[0].words * sizeof *result->known);
    struct running running = {0, 0, NO_INDEX};
    EACH_ROW(machine, code, row, selected->holds) {
        if (!bit_get(values->known, row))
            continue;
        if (table->lead[row] != running.lead) {
            average_close(result, &running);
            running = (struct running){0, 0, table->lead[row]};
        }
        running.total += values->numbers[row];
        running.count++;
    }
    average_close(result, &running);
}

void run_extreme(struct machine *machine, const struct instruction *code, bool greatest)
{
    const struct event_table *table = machine_table(machine, code->place);
    const struct cells *selected = &machine->cells[code->a], *values = &machine->cells[code->b];
    struct cells *result = &machine->cells[code->result];
    memset(result->known, 0, machine->places[0].words * sizeof *result->known);
    EACH_ROW(machine, code, row, selected->holds) {
        if (!bit_get(values->known, row))
            continue;
        uint32_t lead = table->lead[row];
        int64_t value = values->numbers[row];
        if (!bit_get(result->known, lead)) {
            bit_set(result->known, lead);
            result->numbers[lead] = value;
        } else if (greatest ? value > result->numbers[lead] : value < result->numbers[lead]) {
            result->numbers[lead] = value;
        }
    }
}

static int compare_numbers(const void *a, const void *b)
{
    int64_t left, right;
    memcpy(&left, a, sizeof left);
    memcpy(&right, b, sizeof right);
    return left < right ? -1 : left > right;
}

static int64_t count_bits(uint64_t bits)
{
    int64_t count = 0;
    for (; bits != 0; bits &= bits - 1)
        count++;
    return count;
}

/* Few values are looked through as they come; many are sorted. */
static int64_t count_different(int64_t *values, size_t count)
{
    size_t different = 0;
    if (count <= 16) {
        for (size_t at = 0; at < count; at++) {
            size_t before = 0;
            while (before < different && values[before] != values[at])
                before++;
            if (before == different)
                values[different++] = values[at];
        }
        return (int64_t)different;
    }
    qsort(values, count, sizeof *values, compare_numbers);
    for (size_t at = 0; at < count; at++)
        if (at == 0 || values[at] != values[at - 1])
            different++;
    return (int64_t)different;
}

void run_distinct(struct machine *machine, const struct instruction *code)
{
    const struct place *leads = &machine->places[0];
    const struct event_table *table = machine_table(machine, code->place);
    const struct cells *selected = &machine->cells[code->a], *values = &machine->cells[code->b];
    struct cells *result = &machine->cells[code->result];
    result->known = leads->all;
    memset(result->numbers, 0, leads->words * 64 * sizeof *result->numbers);
    size_t count = 0;
    uint32_t lead = NO_INDEX;
    uint64_t small = 0;                                 /* values below 64, as types are: a bit for each */
    EACH_ROW(machine, code, row, selected->holds) {
        if (!bit_get(values->known, row))
            continue;
        if (table->lead[row] != lead) {
            if (lead != NO_INDEX)
                result->numbers[lead] = (count_different(machine->values, count) + count_bits(small)) * NUMBER_ONE;
            lead = table->lead[row];
            count = 0;
            small = 0;
        }
        if ((uint64_t)values->numbers[row] < 64) {
            small |= UINT64_C(1) << values->numbers[row];
            continue;
        }
        memory_reserve(&machine->values, &machine->value_capacity, count + 1, sizeof *machine->values);
        machine->values[count++] = values->numbers[row];
    }
    if (lead != NO_INDEX)
        result->numbers[lead] = (count_different(machine->values, count) + count_bits(small)) * NUMBER_ONE;
}

void run_first(struct machine *machine, const struct instruction *code)
{
    const struct event_table *table = machine_table(machine, code->place);
    const uint64_t *selected = machine->cells[code->a].holds;
    struct cells *result = &machine->cells[code->result];
    memset(result->known, 0, machine->places[0].words * sizeof *result->known);
    EACH_ROW(machine, code, row, selected) {
        uint32_t lead = table->lead[row];
        if (!bit_get(result->known, lead))
            result->numbers[lead] = table->at[row];
        bit_set(result->known, lead);
    }
}

void run_last(struct machine *machine, const struct instruction *code)
{
    const struct event_table *table = machine_table(machine, code->place);
    const uint64_t *selected = machine->cells[code->a].holds;
    struct cells *result = &machine->cells[code->result];
    memset(result->known, 0, machine->places[0].words * sizeof *result->known);
    EACH_ROW(machine, code, row, selected) {
        result->numbers[table->lead[row]] = table->at[row];
        bit_set(result->known, table->lead[row]);
    }
}

/* Whole periods that fit between two instants; 0 when end is before start. */
int64_t whole_periods(const struct period *period, int64_t start, int64_t end)
{
    if (end <= start || period->count <= 0 || start < INSTANT_MIN || end > INSTANT_MAX)
        return 0;
    if (period->micros > 0)
        return (end - start) / period->micros;
    return instant_whole_units(start, end, period->unit) / period->count;
}

struct period period_make(uint32_t unit, int64_t count)
{
    struct period period = {(enum time_unit)unit, count, 0};
    if (unit != UNIT_MONTH && unit != UNIT_YEAR
        && __builtin_mul_overflow(instant_step(0, 1, period.unit), count, &period.micros))
        period.micros = 0;
    return period;
}

static int64_t fade(const struct each *each, struct faded_plan *plan, int64_t periods)
{
    if (each->fading == 1)
        return number_decay(each->points, factor_table_get(&plan->factors, periods));
    /* Negative points fade toward zero as well; below zero there is no size that could overflow. */
    int64_t size = each->points > 0 ? -each->points : each->points, loss;
    if (__builtin_mul_overflow(periods, each->fading_points, &loss) || loss < 0 || size >= -loss)
        return 0;
    return each->points > 0 ? -(size + loss) : size + loss;
}

#define FADED_KEPT 4096

static int64_t faded_points(const struct each *each, struct faded_plan *plan, int64_t periods)
{
    if (periods < (int64_t)plan->count)
        return plan->points[periods];
    if (periods >= FADED_KEPT)
        return fade(each, plan, periods);
    memory_reserve(&plan->points, &plan->capacity, (size_t)periods + 1, sizeof *plan->points);
    for (; (int64_t)plan->count <= periods; plan->count++)
        plan->points[plan->count] = fade(each, plan, (int64_t)plan->count);
    return plan->points[periods];
}

/* A lead's events from the newest to the oldest: how many have been kept, the period of the last one, what they
   gave. */
struct each_walk { uint32_t lead; int64_t kept, period; uint64_t sum; };

static void each_close(const struct each *each, struct cells *sums, const struct each_walk *walk)
{
    if (walk->kept == 0)
        return;
    int64_t points = (int64_t)walk->sum;
    if (each->capped) {
        int64_t most = each->most_points < 0 ? 0 : each->most_points;
        if (points > most)
            points = most;
        if (points < -most)
            points = -most;
    }
    sums->numbers[walk->lead] = points;
    bit_set(sums->known, walk->lead);
}

/* Backwards over the events, so that of each period and of all the newest come first.  Points that do not fade stand
   in their column already: it was filled with them when it was made. */
void run_each(struct machine *machine, const struct instruction *code)
{
    const struct each *each = &machine->program->eaches[code->b];
    struct faded_plan *plan = &machine->faded[code->b];
    const struct event_table *table = machine_table(machine, code->place);
    const uint64_t *selected = machine->cells[code->a].holds;
    struct cells *sums = &machine->cells[code->result], *events = &machine->cells[code->result + 1];
    enum time_unit unit = each->once == ONCE_DAY ? UNIT_DAY : each->once == ONCE_WEEK ? UNIT_WEEK : UNIT_MONTH;
    struct each_walk walk = {NO_INDEX, 0, 0, 0};
    memset(sums->known, 0, machine->places[0].words * sizeof *sums->known);
    for (size_t word = machine->places[code->place].words; word-- > 0;) {
        uint64_t kept = 0;
        for (uint64_t left = selected[word]; left != 0;) {
            unsigned bit = 63 - (unsigned)__builtin_clzll(left);
            size_t row = word * 64 + bit;
            left ^= UINT64_C(1) << bit;
            if (table->lead[row] != walk.lead) {
                each_close(each, sums, &walk);
                walk = (struct each_walk){table->lead[row], 0, 0, 0};
            }
            if (each->most_times > 0 && walk.kept == each->most_times)
                continue;
            if (each->once != ONCE_NONE) {
                int64_t period = instant_period(table->at[row], unit);
                if (walk.kept > 0 && period == walk.period)
                    continue;
                walk.period = period;
            }
            if (each->fading != 0)
                events->numbers[row] =
                    faded_points(each, plan, whole_periods(&plan->period, table->at[row], machine->as_of));
            walk.kept++;
            walk.sum += (uint64_t)events->numbers[row];
            kept |= UINT64_C(1) << bit;
        }
        events->known[word] = kept;
    }
    each_close(each, sums, &walk);
}
