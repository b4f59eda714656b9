#include "compiler/conflicts/objective.h"

#include <stdlib.h>
#include <string.h>

#include "vm/number.h"

/* A sum laid out flat for moving about: which terms look at which slot, what is true now, what each part comes to.
   Changing one slot costs only the terms that look at it. */

struct laid {
    formula f;
    int64_t points;
    uint32_t part, rule;
    bool now;
};
struct laid_part {
    const struct sum *sum;
    uint32_t parent;
    int64_t raw;
};
struct board {
    const struct check *check;
    struct laid *terms;
    size_t count, capacity;
    struct laid_part *parts;
    size_t part_count, part_capacity;
    uint32_t *first, *terms_of; /* of each slot: terms_of[first[s] .. first[s + 1]) */
    uint32_t *values;
    int64_t *scratch;
};

static void lay_out(struct board *board, const struct sum *sum, uint32_t parent)
{
    memory_reserve(&board->parts, &board->part_capacity, board->part_count + 1, sizeof *board->parts);
    uint32_t part = (uint32_t)board->part_count++;
    board->parts[part] = (struct laid_part){sum, parent, 0};
    for (size_t i = 0; i < sum->count; i++) {
        memory_reserve(&board->terms, &board->capacity, board->count + 1, sizeof *board->terms);
        board->terms[board->count++] = (struct laid){sum->terms[i].f, sum->terms[i].points, part, sum->terms[i].rule,
                                                     false};
    }
    for (size_t i = 0; i < sum->part_count; i++) lay_out(board, &sum->parts[i], part);
}

static int64_t board_value(const struct board *board)
{
    for (size_t i = 0; i < board->part_count; i++) board->scratch[i] = board->parts[i].raw;
    for (size_t i = board->part_count; i-- > 1;)
        board->scratch[board->parts[i].parent] += sum_finish(board->parts[i].sum, board->scratch[i]);
    return sum_finish(board->parts[0].sum, board->scratch[0]);
}

struct board *board_new(const struct check *check, const struct sum *sum)
{
    const struct space *space = check->space;
    struct board *board = memory_alloc(sizeof *board);
    board->check = check;
    lay_out(board, sum, 0);
    board->values = memory_alloc((space->slot_count + 1) * sizeof *board->values);
    board->scratch = memory_alloc((board->part_count + 1) * sizeof *board->scratch);
    board->first = memory_alloc((space->slot_count + 2) * sizeof *board->first);
    uint32_t *slots = memory_alloc((space->slot_count + 1) * sizeof *slots);
    for (int round = 0; round < 2; round++) { /* count, then place */
        for (size_t i = 0; i < board->count; i++) {
            size_t count = formula_slots(space, board->terms[i].f, slots, 0);
            for (size_t j = 0; j < count; j++) {
                if (round == 0) board->first[slots[j] + 1]++;
                else board->terms_of[board->first[slots[j]]++] = (uint32_t)i;
            }
        }
        if (round == 0) {
            for (size_t s = 0; s < space->slot_count; s++) board->first[s + 1] += board->first[s];
            board->terms_of = memory_alloc((board->first[space->slot_count] + 1) * sizeof *board->terms_of);
        }
    }
    for (size_t s = space->slot_count; s > 0; s--) board->first[s] = board->first[s - 1];
    board->first[0] = 0;
    free(slots);
    return board;
}

void board_free(struct board *board)
{
    free(board->terms);
    free(board->parts);
    free(board->first);
    free(board->terms_of);
    free(board->values);
    free(board->scratch);
    free(board);
}

static int64_t board_set(struct board *board, const uint32_t *values)
{
    memcpy(board->values, values, board->check->space->slot_count * sizeof *values);
    for (size_t i = 0; i < board->part_count; i++) board->parts[i].raw = board->parts[i].sum->constant;
    for (size_t i = 0; i < board->count; i++) {
        struct laid *term = &board->terms[i];
        term->now = formula_true(board->check->space, term->f, values);
        if (term->now) board->parts[term->part].raw += term->points;
    }
    return board_value(board);
}

static int64_t board_move(struct board *board, uint32_t slot, uint32_t value)
{
    board->values[slot] = value;
    for (uint32_t i = board->first[slot]; i < board->first[slot + 1]; i++) {
        struct laid *term = &board->terms[board->terms_of[i]];
        bool then = formula_true(board->check->space, term->f, board->values);
        if (then == term->now) continue;
        board->parts[term->part].raw += then ? term->points : -term->points;
        term->now = then;
    }
    return board_value(board);
}

/* For which values of a slot f is true, all of them at once, the other slots being as they are. */
static void true_for(const struct space *space, formula f, uint32_t slot, const uint32_t *values, uint64_t *mask,
                     size_t words)
{
    const struct formula_node *node = &space->formulas[f];
    if (node->kind == FORMULA_KIND_CONSTANT) {
        memset(mask, f == FORMULA_TRUE ? 0xff : 0, words * sizeof *mask);
        return;
    }
    if (node->kind == FORMULA_KIND_LITERAL) {
        const struct atom *atom = &space->atoms[node->atom];
        if (atom->slot != slot) {
            memset(mask, literal_bit(space, node->atom, (enum polarity)node->polarity, values[atom->slot]) ? 0xff : 0,
                   words * sizeof *mask);
            return;
        }
        const uint64_t *bits = node->polarity < SAYS_FAILS ? atom->holds_bits : atom->fails_bits;
        for (size_t i = 0; i < words; i++) mask[i] = node->polarity & 1 ? ~bits[i] : bits[i];
        return;
    }
    bool is_and = node->kind == FORMULA_KIND_AND;
    uint64_t few[32], *part = words <= 32 ? few : memory_alloc(words * sizeof *part);
    memset(mask, is_and ? 0xff : 0, words * sizeof *mask);
    for (uint32_t i = 0; i < node->count; i++) {
        uint64_t any = 0, all = ~UINT64_C(0);
        true_for(space, space->children[node->first + i], slot, values, part, words);
        for (size_t j = 0; j < words; j++) {
            mask[j] = is_and ? mask[j] & part[j] : mask[j] | part[j];
            any |= mask[j];
            all &= mask[j];
        }
        if (is_and ? any == 0 : all == ~UINT64_C(0)) break;
    }
    if (part != few) free(part);
}

/* What every value of a slot would make of the parts: totals[part * count + value]. */
static void board_all(struct board *board, uint32_t slot, int64_t *totals, size_t count)
{
    size_t words = (count + 63) / 64;
    uint64_t *mask = memory_alloc((words + 1) * sizeof *mask);
    for (size_t part = 0; part < board->part_count; part++) {
        int64_t rest = board->parts[part].raw;
        for (uint32_t i = board->first[slot]; i < board->first[slot + 1]; i++) {
            const struct laid *term = &board->terms[board->terms_of[i]];
            if (term->part == part && term->now) rest -= term->points;
        }
        for (size_t value = 0; value < count; value++) totals[part * count + value] = rest;
    }
    for (uint32_t i = board->first[slot]; i < board->first[slot + 1]; i++) {
        const struct laid *term = &board->terms[board->terms_of[i]];
        int64_t *row = &totals[term->part * count];
        true_for(board->check->space, term->f, slot, board->values, mask, words);
        for (size_t word = 0; word < words; word++)
            for (uint64_t bits = mask[word]; bits; bits &= bits - 1) {
                size_t value = word * 64 + (size_t)__builtin_ctzll(bits);
                if (value < count) row[value] += term->points;
            }
    }
    free(mask);
}

static int64_t totals_value(const struct board *board, const int64_t *totals, size_t count, size_t value)
{
    for (size_t i = 0; i < board->part_count; i++) board->scratch[i] = totals[i * count + value];
    for (size_t i = board->part_count; i-- > 1;)
        board->scratch[board->parts[i].parent] += sum_finish(board->parts[i].sum, board->scratch[i]);
    return sum_finish(board->parts[0].sum, board->scratch[0]);
}

int64_t board_climb(struct board *board, uint32_t *values, int64_t enough, int64_t deadline)
{
    const struct space *space = board->check->space;
    int64_t best = board_set(board, values), *totals = NULL;
    size_t room = 0;
    for (int round = 0; round < 12 && best < enough; round++) {
        bool better = false;
        for (uint32_t slot = 0; slot < space->slot_count && best < enough; slot++) {
            if (board->first[slot] == board->first[slot + 1]) continue;
            size_t count = space->slots[slot].pool_count, kept = board->values[slot];
            memory_reserve(&totals, &room, count * board->part_count, sizeof *totals);
            board_all(board, slot, totals, count);
            for (size_t value = 0; value < count; value++) {
                int64_t then = totals_value(board, totals, count, value);
                if (then > best) {
                    best = then;
                    kept = value;
                    better = true;
                }
            }
            if (kept != board->values[slot]) board_move(board, slot, (uint32_t)kept);
            if (sat_clock() > deadline) round = 12;
        }
        if (!better) break;
    }
    free(totals);
    memcpy(values, board->values, space->slot_count * sizeof *values);
    return best;
}

/* ---- making one rule visible ---------------------------------------------------------------------------- */

/* How far the part of the rule, and what stands around it, are from where `points` more or less can be seen through the
   bounds; scratch holds what each part comes to. */
static int64_t hidden_by(const struct board *board, uint32_t part, int64_t points)
{
    int64_t far = 0;
    for (;;) {
        const struct sum *sum = board->parts[part].sum;
        int64_t value = board->scratch[part];
        int64_t low = sum->has_least ? sum->least + (points < 0 ? points : 0) + 1 : INT64_MIN,
                high = sum->has_most ? sum->most + (points > 0 ? points : 0) - 1 : INT64_MAX;
        if (value < low) far += low - value;
        if (value > high) far += value - high;
        if (part == 0) return far;
        part = board->parts[part].parent;
    }
}

bool board_reveal(struct board *board, const uint32_t *from, formula keep, uint32_t rule, int64_t points,
                  bool (*seen)(void *context, const uint32_t *values), void *context)
{
    const struct space *space = board->check->space;
    uint32_t part = 0;
    for (size_t i = 0; i < board->count; i++)
        if (board->terms[i].rule == rule) part = board->terms[i].part;
    board_set(board, from);
    int64_t best = hidden_by(board, part, points), *totals = NULL;
    size_t room = 0;
    bool found = best == 0 && seen(context, board->values);
    for (int round = 0; round < 4 && !found; round++) {
        bool better = false;
        for (uint32_t slot = 0; slot < space->slot_count && !found; slot++) {
            if (board->first[slot] == board->first[slot + 1]) continue;
            size_t count = space->slots[slot].pool_count, words = (count + 63) / 64, kept = board->values[slot];
            memory_reserve(&totals, &room, count * board->part_count, sizeof *totals);
            board_all(board, slot, totals, count);
            uint64_t *fires = memory_alloc((words + 1) * sizeof *fires);
            true_for(space, keep, slot, board->values, fires, words);
            size_t tries = 0;
            for (size_t value = 0; value < count && !found; value++) {
                if (!(fires[value >> 6] >> (value & 63) & 1)) continue;
                totals_value(board, totals, count, value);
                int64_t then = hidden_by(board, part, points);
                if (then < best) {
                    best = then;
                    kept = value;
                    better = true;
                }
                if (then > 0 || tries++ > 20) continue;
                uint32_t old = board->values[slot];
                board_move(board, slot, (uint32_t)value);
                found = seen(context, board->values);
                if (!found) board_move(board, slot, old);
            }
            free(fires);
            if (!found && kept != board->values[slot]) board_move(board, slot, (uint32_t)kept);
        }
        if (!better) break;
    }
    free(totals);
    return found;
}
