#include "compiler/conflicts/sat_parts.h"

#include <stdlib.h>
#include <string.h>

/* A counter over the falsified wishes of a core: outputs[i] is true when more than i are false. */
struct counter {
    int *outputs;
    size_t count, next;
};
struct soft {
    int literal;
    int64_t weight;
    size_t counter;
    size_t output;
}; /* counter: SIZE_MAX for a wish */
struct oll {
    struct sat *sat;
    struct soft *softs;
    size_t count, capacity;
    struct counter *counters;
    size_t counter_count, counter_capacity;
};

static void add_soft(struct oll *oll, int literal, int64_t weight, size_t counter, size_t output)
{
    for (size_t i = 0; i < oll->count; i++)
        if (oll->softs[i].literal == literal) {
            oll->softs[i].weight += weight;
            return;
        }
    memory_reserve(&oll->softs, &oll->capacity, oll->count + 1, sizeof *oll->softs);
    oll->softs[oll->count++] = (struct soft){literal, weight, counter, output};
}

static void totalizer(struct sat *sat, const int *inputs, size_t count, int *outputs)
{
    if (count == 1) {
        outputs[0] = inputs[0];
        return;
    }
    size_t half = count / 2, rest = count - half;
    int *left = memory_alloc(half * sizeof *left), *right = memory_alloc(rest * sizeof *right);
    totalizer(sat, inputs, half, left);
    totalizer(sat, inputs + half, rest, right);
    for (size_t i = 0; i < count; i++) outputs[i] = sat_new_literal(sat);
    for (size_t i = 0; i <= half; i++)
        for (size_t j = 0; j <= rest; j++) {
            if (i + j == 0) continue;
            int clause[3];
            size_t used = 0;
            if (i > 0) clause[used++] = -left[i - 1];
            if (j > 0) clause[used++] = -right[j - 1];
            clause[used++] = outputs[i + j - 1];
            sat_clause(sat, clause, used);
        }
    free(left);
    free(right);
}

static int compare_softs(const void *a, const void *b)
{
    const struct soft *left = a, *right = b;
    return left->weight > right->weight ? -1 : left->weight < right->weight;
}

/* Drops wishes from the core that are not needed, as long as that is cheap. */
static size_t minimise_core(struct sat *sat, int *core, size_t count)
{
    if (count > 40) return count;
    int *trial = memory_alloc((count + 1) * sizeof *trial);
    for (size_t i = 0; i < count && count > 1;) {
        size_t kept = 0;
        for (size_t j = 0; j < count; j++)
            if (j != i) trial[kept++] = core[j];
        for (size_t j = 0; j < kept; j++) ccadical_assume(sat->solver, trial[j]);
        ccadical_limit(sat->solver, "conflicts", 200);
        if (ccadical_solve(sat->solver) == 20) {
            size_t used = 0;
            for (size_t j = 0; j < kept; j++)
                if (ccadical_failed(sat->solver, trial[j])) core[used++] = trial[j];
            if (used == 0) {
                count = 0;
                break;
            }
            count = used;
        } else {
            i++;
        }
    }
    free(trial);
    return count;
}

static void relax(struct oll *oll, const int *core, size_t count, int64_t weight)
{
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < oll->count; j++) {
            if (oll->softs[j].literal != core[i]) continue;
            struct soft soft = oll->softs[j];
            oll->softs[j].weight -= weight;
            if (soft.counter == SIZE_MAX) break;
            struct counter *counter = &oll->counters[soft.counter];
            if (soft.output + 1 < counter->count)
                add_soft(oll, -counter->outputs[soft.output + 1], weight, soft.counter, soft.output + 1);
            break;
        }
    if (count < 2) return;
    int *inputs = memory_alloc(count * sizeof *inputs);
    for (size_t i = 0; i < count; i++) inputs[i] = -core[i];
    memory_reserve(&oll->counters, &oll->counter_capacity, oll->counter_count + 1, sizeof *oll->counters);
    struct counter *counter = &oll->counters[oll->counter_count++];
    counter->count = count;
    counter->outputs = memory_alloc(count * sizeof *counter->outputs);
    totalizer(oll->sat, inputs, count, counter->outputs);
    add_soft(oll, -counter->outputs[1], weight, oll->counter_count - 1, 1);
    free(inputs);
}

void sat_stop_below(struct sat *sat, int64_t bound) { sat->stop_below = bound; }

enum sat_end sat_maximise(struct sat *sat, const struct wish *wishes, size_t count, int hard, int64_t deadline,
                          bool (*enough)(void *context, const uint32_t *values), void *context, int64_t *bound,
                          uint32_t *values, bool *found)
{
    struct oll oll = {.sat = sat};
    sat->deadline = deadline;
    sat->late = false;
    sat->ticks = 0;
    ccadical_set_terminate(sat->solver, sat, sat_out_of_time);
    int64_t cost = 0, total = 0, level = 0;
    for (size_t i = 0; i < count; i++) {
        if (wishes[i].literal == -sat->yes) continue;
        total += wishes[i].weight;
        if (wishes[i].literal == sat->yes) continue;
        size_t at = 0; /* l and not l: one of them is lost */
        int64_t weight = wishes[i].weight;
        while (at < oll.count && oll.softs[at].literal != -wishes[i].literal) at++;
        if (at < oll.count) {
            int64_t lost = oll.softs[at].weight < weight ? oll.softs[at].weight : weight;
            cost += lost;
            oll.softs[at].weight -= lost;
            weight -= lost;
        }
        if (weight > 0) add_soft(&oll, wishes[i].literal, weight, SIZE_MAX, 0);
    }
    for (size_t i = 0; i < oll.count; i++)
        if (oll.softs[i].weight > level) level = oll.softs[i].weight;
    *found = false;
    enum sat_end end = SAT_BOUNDED;
    size_t assumed_capacity = 64;
    int *assumed = memory_alloc(assumed_capacity * sizeof *assumed);
    for (;;) {
        if (oll.count > 1) qsort(oll.softs, oll.count, sizeof *oll.softs, compare_softs);
        while (oll.count > 0 && oll.softs[oll.count - 1].weight == 0) oll.count--;
        memory_reserve(&assumed, &assumed_capacity, oll.count + 1, sizeof *assumed);
        size_t used = 0;
        if (hard) assumed[used++] = hard;
        for (size_t i = 0; i < oll.count && oll.softs[i].weight >= level; i++) assumed[used++] = oll.softs[i].literal;
        int result = sat_solve(sat, assumed, used, values);
        if (result == 10) {
            *found = true;
            if (enough && enough(context, values)) break;
            int64_t next = 0; /* the next lighter wishes join, a good part of them at once */
            size_t lighter = used - (hard != 0);
            if (lighter < oll.count) next = oll.softs[lighter + (oll.count - lighter) / 4].weight;
            if (next == 0) {
                end = SAT_EXACT;
                break;
            }
            level = next;
            continue;
        }
        if (result != 20) break;
        size_t core_count = 0;
        int *core = memory_alloc((used + 1) * sizeof *core);
        for (size_t i = 0; i < used; i++)
            if (assumed[i] != hard && ccadical_failed(sat->solver, assumed[i])) core[core_count++] = assumed[i];
        if (core_count == 0) {
            free(core);
            end = SAT_IMPOSSIBLE;
            break;
        }
        if (!hard && core_count > 1) core_count = minimise_core(sat, core, core_count);
        if (core_count == 0) {
            free(core);
            end = SAT_IMPOSSIBLE;
            break;
        }
        int64_t weight = INT64_MAX;
        for (size_t i = 0; i < core_count; i++)
            for (size_t j = 0; j < oll.count; j++)
                if (oll.softs[j].literal == core[i] && oll.softs[j].weight < weight) weight = oll.softs[j].weight;
        cost += weight;
        relax(&oll, core, core_count, weight);
        free(core);
        if (total - cost < sat->stop_below) break;
    }
    *bound = total - cost;
    sat->stop_below = INT64_MIN;
    if (sat->stale) {
        *bound = total;
        end = SAT_BOUNDED;
    }
    ccadical_set_terminate(sat->solver, NULL, NULL);
    for (size_t i = 0; i < oll.counter_count; i++) free(oll.counters[i].outputs);
    free(oll.counters);
    free(oll.softs);
    free(assumed);
    return end;
}
