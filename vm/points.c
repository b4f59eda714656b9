/* Instructions that make points: choosing, adding up, weighing, decaying, and what follows from scores (bands,
   stages). */
#include <stdlib.h>
#include <string.h>

#include "vm/quick.h"
#include "vm/registers.h"

/* A term's share of a TOTAL, in units of the list's common divisor, is written with the digits 1, 0 and -1 so that
   no two neighbours are set: the fewest bitmaps to add.  A digit -1 adds the complement of the bitmap, and takes one
   off the base for every lead. */
struct digits { uint64_t plus, minus; };

static struct digits digits_of(uint64_t size)
{
    struct digits digits = {0, 0};
    for (unsigned bit = 0; bit < 64 && size != 0; bit++, size >>= 1) {
        if ((size & 1) == 0)
            continue;
        if ((size & 2) == 0 || bit == 63) {
            digits.plus |= UINT64_C(1) << bit;
            continue;
        }
        digits.minus |= UINT64_C(1) << bit;
        size += 1;                                          /* a size is at most 2^63: this cannot wrap */
    }
    return digits;
}

static uint64_t common_divisor(uint64_t a, uint64_t b)
{
    while (b != 0) {
        uint64_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

static void total_prepare(struct machine *machine, struct total_plan *plan, struct range list, int64_t base)
{
    const struct term *terms = machine->program->terms + list.start;
    uint64_t divisor = 0, sum = (uint64_t)base;
    size_t counts[64] = {0};
    for (uint32_t at = 0; at < list.count; at++)
        if (!terms[at].is_number)
            divisor = common_divisor(divisor, quick_size(terms[at].points));
    plan->step_count = 0;
    for (int pass = 0; divisor != 0 && pass < 2; pass++) {
        size_t next[64], start = 0;
        for (unsigned plane = 0; plane < 64; plane++) {
            next[plane] = start;
            start += counts[plane];
        }
        if (pass == 1) {
            plan->step_count = start;
            plan->steps = arena_alloc(&machine->arena, start * sizeof *plan->steps);
            plan->step_terms = arena_alloc(&machine->arena, start * sizeof *plan->step_terms);
        }
        for (uint32_t at = 0; at < list.count; at++) {
            if (terms[at].is_number || terms[at].points == 0)
                continue;
            struct digits digits = digits_of(quick_size(terms[at].points) / divisor);
            if (terms[at].points < 0)
                digits = (struct digits){digits.minus, digits.plus};
            for (unsigned plane = 0; plane < 64; plane++) {
                bool minus = digits.minus >> plane & 1;
                if (!minus && (digits.plus >> plane & 1) == 0)
                    continue;
                if (pass == 0) {
                    counts[plane]++;
                    continue;
                }
                size_t step = next[plane]++;
                plan->steps[step] = (struct counter_step){NULL, minus ? ~UINT64_C(0) : 0};
                plan->step_terms[step] = at;
                if (minus)
                    sum -= divisor << plane;
            }
        }
    }
    /* Planes until nothing is left to carry; beyond 64 all arithmetic wraps alike. */
    size_t carries = 0, most = 0;
    plan->planes = 0;
    plan->plane_steps = arena_alloc(&machine->arena, 64 * sizeof *plan->plane_steps);
    for (unsigned plane = 0; plane < 64; plane++) {
        size_t inputs = counts[plane] + carries;
        plan->plane_steps[plane] = (uint32_t)counts[plane];
        if (inputs > 0)
            plan->planes = plane + 1;
        carries = inputs / 2;
        if (carries > most)
            most = carries;
    }
    plan->carries = arena_alloc(&machine->arena, (most + 2) * KERNEL_BLOCK * sizeof *plan->carries + 64);
    plan->carries += (64 - (uintptr_t)plan->carries % 64) % 64 / sizeof *plan->carries;
    plan->base = (int64_t)sum;
    plan->scale = (int64_t)divisor;
}

void points_prepare(struct machine *machine)
{
    const struct program *program = machine->program;
    machine->instruction_totals =
        arena_alloc(&machine->arena, program->code_count * sizeof *machine->instruction_totals);
    uint32_t count = 0;
    for (uint32_t at = 0; at < program->code_count; at++)
        machine->instruction_totals[at] = program->code[at].opcode == OP_TOTAL ? count++ : NO_INDEX;
    machine->totals = arena_alloc(&machine->arena, count * sizeof *machine->totals);
    for (uint32_t at = 0; at < program->code_count; at++)
        if (program->code[at].opcode == OP_TOTAL)
            total_prepare(machine, &machine->totals[machine->instruction_totals[at]],
                          program->term_lists[program->code[at].a], program->constants[program->code[at].b]);
}

void run_total(struct machine *machine, const struct instruction *code)
{
    const struct range list = machine->program->term_lists[code->a];
    const struct term *terms = machine->program->terms + list.start;
    const struct place *leads = &machine->places[0];
    struct total_plan *plan = &machine->totals[machine->instruction_totals[code - machine->program->code]];
    struct cells *result = &machine->cells[code->result];
    result->known = leads->all;
    for (size_t step = 0; step < plan->step_count; step++)
        plan->steps[step].bits = machine->cells[terms[plan->step_terms[step]].reg].holds;
    if (plan->step_count > 0)
        machine->kernels->total(result->numbers, plan->base, plan->scale, plan->planes, plan->plane_steps, plan->steps,
                                plan->carries, leads->words);
    else
        machine->kernels->fill(result->numbers, plan->base, leads->words);
    for (uint32_t at = 0; at < list.count; at++)
        if (terms[at].is_number)
            machine->kernels->add_column(result->numbers, machine->cells[terms[at].reg].numbers,
                                         machine->cells[terms[at].reg].known, leads->words);
}

void run_every(struct machine *machine, const struct instruction *code)
{
    const struct cells *a = &machine->cells[code->a];
    struct cells *result = &machine->cells[code->result];
    int64_t points = machine->program->constants[code->b], step = machine->program->constants[code->c];
    for (size_t word = 0; word < machine->places[0].words; word++) {
        uint64_t known = 0;
        for (uint64_t left = step > 0 ? a->known[word] : 0; left != 0; left &= left - 1) {
            size_t row = word * 64 + (size_t)__builtin_ctzll(left);
            int64_t times = a->numbers[row] / step, product;
            if (times == 0)
                continue;
            if (__builtin_mul_overflow(times, points, &product))
                product = (times < 0) == (points < 0) ? INT64_MAX : INT64_MIN;
            result->numbers[row] = product;
            known |= left & (0 - left);
        }
        result->known[word] = known;
    }
}

void run_round(struct machine *machine, const struct instruction *code)
{
    struct cells *result = &machine->cells[code->result];
    const struct cells *a = &machine->cells[code->a];
    int64_t step = machine->program->constants[code->b];
    result->known = a->known;
    for (uint32_t row = 0; row < machine->batch->leads; row++)
        result->numbers[row] = number_round(a->numbers[row], step);
}

void run_weigh(struct machine *machine, const struct instruction *code)
{
    const struct cells *a = &machine->cells[code->a];
    struct cells *result = &machine->cells[code->result];
    int64_t fraction = machine->program->constants[code->b];
    result->known = a->known;
    for (size_t word = 0; word < machine->places[0].words; word++)
        for (uint64_t left = a->known[word]; left != 0; left &= left - 1) {
            size_t row = word * 64 + (size_t)__builtin_ctzll(left);
            result->numbers[row] = quick_weigh(a->numbers[row], fraction);
        }
}

static void blend_term(const struct machine *machine, const struct term *term, int64_t *numbers, const uint64_t *mask)
{
    if (term->is_number)
        machine->kernels->blend_column(numbers, machine->cells[term->reg].numbers, mask, machine->places[0].words);
    else
        machine->kernels->blend(numbers, term->points, mask, machine->places[0].words);
}

/* The first term that gives points: its points in `numbers`, and where there is one in `taken`. */
static void take_first(struct machine *machine, struct range list, int64_t *numbers, uint64_t *taken)
{
    const struct term *terms = machine->program->terms + list.start;
    size_t words = machine->places[0].words;
    memset(taken, 0, words * sizeof *taken);
    for (uint32_t at = 0; at < list.count; at++) {
        const uint64_t *mask = term_mask(machine, &terms[at]);
        machine->kernels->less(machine->spare[0], mask, taken, words);
        blend_term(machine, &terms[at], numbers, machine->spare[0]);
        machine->kernels->either(taken, taken, mask, words);
    }
}

void run_choose(struct machine *machine, const struct instruction *code)
{
    struct cells *result = &machine->cells[code->result];
    take_first(machine, machine->program->term_lists[code->a], result->numbers, result->known);
}

/* Where a term cannot give points; a number that is missing is unknown, not silent. */
static const uint64_t *term_fails(const struct machine *machine, const struct term *term)
{
    return term->is_number ? machine->places[0].none : machine->cells[term->reg].fails;
}

void run_chosen(struct machine *machine, const struct instruction *code)
{
    const struct range list = machine->program->term_lists[code->a];
    const struct place *leads = &machine->places[0];
    struct cells *result = &machine->cells[code->result];
    memset(result->holds, 0, leads->words * sizeof *result->holds);
    memcpy(result->fails, leads->all, leads->words * sizeof *result->fails);
    for (uint32_t at = 0; at < list.count; at++) {
        const struct term *term = &machine->program->terms[list.start + at];
        machine->kernels->either(result->holds, result->holds, term_mask(machine, term), leads->words);
        machine->kernels->both(result->fails, result->fails, term_fails(machine, term), leads->words);
    }
}

void run_passed(struct machine *machine, const struct instruction *code)
{
    const struct range list = machine->program->term_lists[code->a];
    const struct place *leads = &machine->places[0];
    struct cells *result = &machine->cells[code->result];
    uint64_t *taken = machine->spare[0], *unknown = machine->spare[1];
    memset(taken, 0, leads->words * sizeof *taken);
    memset(unknown, 0, leads->words * sizeof *unknown);
    memset(result->holds, 0, leads->words * sizeof *result->holds);
    for (uint32_t at = 0; at < list.count; at++) {
        const struct term *term = &machine->program->terms[list.start + at];
        const uint64_t *mask = term_mask(machine, term), *fails = term_fails(machine, term);
        for (size_t word = 0; word < leads->words; word++) {
            result->holds[word] |= mask[word] & ~taken[word] & unknown[word];
            taken[word] |= mask[word];
            unknown[word] |= leads->all[word] & ~(mask[word] | fails[word]);
        }
    }
    machine->kernels->less(result->fails, leads->all, result->holds, leads->words);
}

/* One more term of `take highest` or `take lowest`: it is taken where none was before, or where it is better. */
static void take_better(struct machine *machine, const struct term *term, int64_t *numbers, uint64_t *taken,
                        bool highest)
{
    size_t words = machine->places[0].words;
    const uint64_t *mask = term_mask(machine, term);
    uint64_t *both = machine->spare[1], *better = machine->spare[2], *worse = machine->spare[3];
    machine->kernels->both(both, mask, taken, words);
    if (!term->is_number && highest)
        machine->kernels->lt_const(better, worse, numbers, term->points, both, words);
    else if (!term->is_number)
        machine->kernels->gt_const(better, worse, numbers, term->points, both, words);
    else if (highest)
        machine->kernels->lt(better, worse, numbers, machine->cells[term->reg].numbers, both, both, words);
    else
        machine->kernels->lt(better, worse, machine->cells[term->reg].numbers, numbers, both, both, words);
    machine->kernels->less(both, mask, taken, words);
    machine->kernels->either(better, better, both, words);
    blend_term(machine, term, numbers, better);
    machine->kernels->either(taken, taken, mask, words);
}

void run_take(struct machine *machine, const struct instruction *code)
{
    const struct range list = machine->program->term_lists[code->a];
    const struct term *terms = machine->program->terms + list.start;
    const struct place *leads = &machine->places[0];
    struct cells *result = &machine->cells[code->result];
    result->known = leads->all;
    memset(result->numbers, 0, leads->words * 64 * sizeof *result->numbers);
    uint64_t *taken = machine->spare[1];
    switch ((enum take)code->b) {
    case TAKE_FIRST:
        take_first(machine, list, result->numbers, taken);
        break;
    case TAKE_HIGHEST:
    case TAKE_LOWEST:
        taken = machine->spare[0];
        memset(taken, 0, leads->words * sizeof *taken);
        for (uint32_t at = 0; at < list.count; at++)
            take_better(machine, &terms[at], result->numbers, taken, code->b == TAKE_HIGHEST);
        break;
    case TAKE_SUM:
    case TAKE_EXCLUSIVE:
        for (uint32_t at = 0; at < list.count; at++) {
            const int64_t *numbers = machine->cells[terms[at].reg].numbers;
            if (!terms[at].is_number) {
                machine->kernels->fill(machine->spare_numbers, terms[at].points, leads->words);
                numbers = machine->spare_numbers;
            }
            machine->kernels->add_column(result->numbers, numbers, term_mask(machine, &terms[at]), leads->words);
        }
        break;
    }
}

void run_decay(struct machine *machine, const struct instruction *code)
{
    const struct decay *decay = &machine->program->decays[code->c];
    struct decay_plan *plan = &machine->decays[code->c];
    const struct cells *a = &machine->cells[code->a], *b = &machine->cells[code->b];
    size_t words = machine->places[0].words;
    struct cells *result = &machine->cells[code->result];
    uint64_t *positive = machine->spare[0];
    result->known = a->known;
    machine->kernels->gt_const(positive, machine->spare[1], a->numbers, 0, a->known, words);
    memcpy(result->numbers, a->numbers, words * 64 * sizeof *result->numbers);
    for (size_t word = 0; word < words; word++)
        for (uint64_t left = positive[word] & b->known[word]; left != 0; left &= left - 1) {
            size_t row = word * 64 + (size_t)__builtin_ctzll(left);
            int64_t periods = whole_periods(&plan->period, b->numbers[row], machine->as_of), loss;
            if (periods == 0)
                continue;
            if (!decay->by_points)
                result->numbers[row] = quick_decay(a->numbers[row], factor_table_get(&plan->factors, periods));
            else if (__builtin_mul_overflow(periods, decay->points, &loss) || loss > a->numbers[row])
                result->numbers[row] = 0;
            else
                result->numbers[row] = a->numbers[row] - loss;
        }
}

void run_band_of(struct machine *machine, const struct instruction *code)
{
    const struct range labels = machine->program->bands[code->b].labels;
    const struct cells *a = &machine->cells[code->a];
    size_t words = machine->places[0].words;
    struct cells *result = &machine->cells[code->result];
    uint64_t *from = machine->spare[0], *covered = machine->spare[1], *unused = machine->spare[2];
    memset(result->known, 0, words * sizeof *result->known);
    memset(result->numbers, 0, words * 64 * sizeof *result->numbers);
    for (uint32_t at = 0; at < labels.count; at++) {
        const struct band_label *label = &machine->program->band_labels[labels.start + at];
        if (label->from == INT64_MIN)
            memcpy(from, a->known, words * sizeof *from);
        else
            machine->kernels->lt_const(unused, from, a->numbers, label->from, a->known, words);
        if (label->below == INT64_MAX)
            memcpy(covered, from, words * sizeof *covered);
        else
            machine->kernels->lt_const(covered, unused, a->numbers, label->below, from, words);
        machine->kernels->blend(result->numbers, (int64_t)at, covered, words);
        machine->kernels->either(result->known, result->known, covered, words);
    }
}

/* Where each lead stands, as far as stages are concerned: unknown and Disqualified count as the first. */
static void stage_standing(struct machine *machine, const struct cells *current)
{
    int64_t *standing = machine->spare_numbers, count = machine->program->stage_count;
    memset(standing, 0, machine->places[0].words * 64 * sizeof *standing);
    for (size_t word = 0; word < machine->places[0].words; word++)
        for (uint64_t left = current->known[word]; left != 0; left &= left - 1) {
            size_t row = word * 64 + (size_t)__builtin_ctzll(left);
            if (current->numbers[row] > 0 && current->numbers[row] < count)
                standing[row] = current->numbers[row];
        }
}

void run_stage_of(struct machine *machine, const struct instruction *code)
{
    const struct program *program = machine->program;
    const struct place *leads = &machine->places[0];
    size_t words = leads->words;
    struct cells *result = &machine->cells[code->result];
    uint64_t *qualifies = machine->spare[0], *unused = machine->spare[1], *allowed = machine->spare[2],
             *found = machine->spare[3];
    stage_standing(machine, &machine->cells[code->a]);
    result->known = leads->all;
    memset(result->numbers, 0, words * 64 * sizeof *result->numbers);
    for (uint32_t at = 1; at < program->stage_count; at++) {
        const struct program_stage *stage = &program->stages[at];
        /* Those who stand here or later stay, unless staying is known to fail. */
        machine->kernels->lt_const(unused, qualifies, machine->spare_numbers, at, leads->all, words);
        uint32_t stay = stage->stay != NO_REGISTER ? stage->stay : stage->when;
        if (!stage->forever && stay != NO_REGISTER)
            machine->kernels->less(qualifies, qualifies, machine->cells[stay].fails, words);
        const uint64_t *enters = stage->when != NO_REGISTER ? machine->cells[stage->when].holds : leads->all;
        if (stage->limited) {
            memset(allowed, 0, words * sizeof *allowed);
            for (uint32_t from = 0; from < stage->only_from.count; from++) {
                machine->kernels->eq_const(found, unused, machine->spare_numbers,
                                           program->indices[stage->only_from.start + from], leads->all, words);
                machine->kernels->either(allowed, allowed, found, words);
            }
            machine->kernels->add_both(qualifies, enters, allowed, words);
        } else {
            machine->kernels->either(qualifies, qualifies, enters, words);
        }
        machine->kernels->blend(result->numbers, at, qualifies, words);
    }
    machine->kernels->blend(result->numbers, program->stage_count, machine->cells[code->b].holds, words);
}
