#include "compiler/conflicts/objective.h"

#include <stdlib.h>
#include <string.h>

#include "vm/number.h"

/* A sum laid out flat for moving about: which terms look at which slot, what is true now, what each part comes to.  Changing one
   slot costs only the terms that look at it. */

struct laid { formula f; int64_t points; uint32_t part, rule; bool now; };
struct laid_part { const struct sum *sum; uint32_t parent; int64_t raw; };
struct board {
    const struct check *check; struct laid *terms; size_t count, capacity; struct laid_part *parts; size_t part_count, part_capacity;
    uint32_t *first, *terms_of;                         /* of each slot: terms_of[first[s] .. first[s + 1]) */
    uint32_t *values; int64_t *scratch;
};

static void lay_out(struct board *board, const struct sum *sum, uint32_t parent)
{
    memory_reserve(&board->parts, &board->part_capacity, board->part_count + 1, sizeof *board->parts);
    uint32_t part = (uint32_t)board->part_count++;
    board->parts[part] = (struct laid_part){ sum, parent, 0 };
    for (size_t i = 0; i < sum->count; i++) {
        memory_reserve(&board->terms, &board->capacity, board->count + 1, sizeof *board->terms);
        board->terms[board->count++] = (struct laid){ sum->terms[i].f, sum->terms[i].points, part, sum->terms[i].rule, false };
    }
    for (size_t i = 0; i < sum->part_count; i++) lay_out(board, &sum->parts[i], part);
}

static int64_t finish(const struct sum *sum, int64_t value)
{
    if (sum->weighted) value = number_weigh(value, sum->weight_ppm);
    if (sum->has_most && value > sum->most) value = sum->most;
    if (sum->has_least && value < sum->least) value = sum->least;
    return value;
}

static int64_t board_value(const struct board *board)
{
    for (size_t i = 0; i < board->part_count; i++) board->scratch[i] = board->parts[i].raw;
    for (size_t i = board->part_count; i-- > 1;) board->scratch[board->parts[i].parent] += finish(board->parts[i].sum, board->scratch[i]);
    return finish(board->parts[0].sum, board->scratch[0]);
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
    for (int round = 0; round < 2; round++) {           /* count, then place */
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

int64_t board_climb(struct board *board, uint32_t *values, int64_t enough, int64_t deadline)
{
    const struct space *space = board->check->space;
    int64_t best = board_set(board, values);
    for (int round = 0; round < 12 && best < enough; round++) {
        bool better = false;
        for (uint32_t slot = 0; slot < space->slot_count && best < enough; slot++) {
            if (board->first[slot] == board->first[slot + 1]) continue;
            uint32_t kept = board->values[slot], count = (uint32_t)space->slots[slot].pool_count;
            for (uint32_t value = 0; value < count && best < enough; value++) {
                if (value == kept) continue;
                int64_t then = board_move(board, slot, value);
                if (then > best) { best = then; kept = value; better = true; }
            }
            board_move(board, slot, kept);
            if (sat_clock() > deadline) round = 12;
        }
        if (!better) break;
    }
    memcpy(values, board->values, space->slot_count * sizeof *values);
    return best;
}

/* ---- making one rule visible ------------------------------------------------------------------------------------------------------ */

/* How far the part of the rule, and what stands around it, are from where `points` more or less can be seen through the bounds. */
static int64_t hidden_by(struct board *board, uint32_t part, int64_t points)
{
    board_value(board);                                 /* leaves what each part comes to in scratch */
    int64_t far = 0;
    for (;;) {
        const struct sum *sum = board->parts[part].sum;
        int64_t value = board->scratch[part];
        int64_t low = sum->has_least ? sum->least + (points < 0 ? points : 0) + 1 : INT64_MIN, high = sum->has_most ? sum->most + (points > 0 ? points : 0) - 1 : INT64_MAX;
        if (value < low) far += low - value;
        if (value > high) far += value - high;
        if (part == 0) return far;
        part = board->parts[part].parent;
    }
}

bool board_reveal(struct board *board, const uint32_t *from, formula keep, uint32_t rule, int64_t points, bool (*seen)(void *context, const uint32_t *values), void *context)
{
    const struct space *space = board->check->space;
    uint32_t part = 0;
    for (size_t i = 0; i < board->count; i++) if (board->terms[i].rule == rule) part = board->terms[i].part;
    board_set(board, from);
    int64_t best = hidden_by(board, part, points);
    for (int round = 0; round < 4; round++) {
        if (best == 0 && seen(context, board->values)) return true;
        bool better = false;
        for (uint32_t slot = 0; slot < space->slot_count; slot++) {
            if (board->first[slot] == board->first[slot + 1]) continue;
            uint32_t kept = board->values[slot], count = (uint32_t)space->slots[slot].pool_count, step = count > 40 ? count / 40 : 1;
            for (uint32_t value = (rule + slot) % step; value < count; value += step) {
                if (value == kept) continue;
                board->values[slot] = value;
                if (!formula_true(space, keep, board->values)) continue;
                board_move(board, slot, value);
                int64_t then = hidden_by(board, part, points);
                if (then < best) { best = then; kept = value; better = true; }
                if (then == 0 && seen(context, board->values)) return true;
            }
            board_move(board, slot, kept);
        }
        if (!better) break;
    }
    return false;
}
