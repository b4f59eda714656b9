#include "compiler/conflicts/objective.h"

#include <stdlib.h>
#include <string.h>

/* Questions about scores decided: each threshold becomes a literal on a ladder of what the score can come to, and the
   whole a question to the solver.  For rubrics of the size that people write; longer sums are left to seek.c. */

struct exact {
    struct check *check;
    struct sat *sat;
    size_t room;
    bool open;
};

static bool settled(const struct model_score *score, const struct sum *sum, bool up)
{
    return !sum->inexact && !sum->sparse && !score->loses && !(up ? sum->open_most : sum->open_least);
}

static int sum_at_most(struct exact *e, struct sum *sum, int64_t most, bool *made)
{
    sum_negate(sum);
    int literal = sum_at_least(e->check, e->sat, sum, -most, &e->room, made);
    sum_negate(sum);
    return literal;
}

/* The score, within its bounds, is at least (at most) n. */
static int score_bound(struct exact *e, uint32_t score, int64_t n, bool at_least)
{
    const struct model_score *facts = &e->check->model->scores[score];
    if (at_least ? n == INT64_MIN : n == INT64_MAX) return sat_true(e->sat);
    if (facts->has_most && (at_least ? n > facts->most : n >= facts->most))
        return at_least ? -sat_true(e->sat) : sat_true(e->sat);
    if (facts->has_least && (at_least ? n <= facts->least : n < facts->least))
        return at_least ? sat_true(e->sat) : -sat_true(e->sat);
    struct sum sum = {0};
    sum_of_score(e->check, score, at_least, &sum);
    if (!settled(facts, &sum, at_least)) { /* it could not be proved anyway: seek.c is quicker */
        e->open = true;
        e->room = 0;
        sum_free(&sum);
        return -sat_true(e->sat);
    }
    bool made;
    int literal = at_least ? sum_at_least(e->check, e->sat, &sum, n, &e->room, &made) : sum_at_most(e, &sum, n, &made);
    if (!made) e->open = true;
    sum_free(&sum);
    return literal;
}

static bool about_scores(const struct space *space, formula f)
{
    const struct formula_node *node = &space->formulas[f];
    if (node->kind == FORMULA_KIND_LITERAL) return space->slots[space->atoms[node->atom].slot].origin == ORIGIN_SCORE;
    for (uint32_t i = 0; i < node->count; i++)
        if (about_scores(space, space->children[node->first + i])) return true;
    return false;
}

static int joined(struct exact *e, const int *parts, size_t count, bool all)
{
    if (count == 1) return parts[0];
    int literal = sat_new_literal(e->sat), *clause = memory_alloc((count + 1) * sizeof *clause);
    clause[0] = -literal;
    for (size_t i = 0; i < count; i++) {
        clause[all ? 1 : i + 1] = parts[i];
        if (all) sat_clause(e->sat, clause, 2);
    }
    if (!all) sat_clause(e->sat, clause, count + 1);
    free(clause);
    return literal;
}

static int formula_literal_of(struct exact *e, formula f)
{
    struct space *space = e->check->space;
    if (!about_scores(space, f)) {
        if (formula_inexact(space, f)) e->open = true;
        return sat_formula(e->sat, f);
    }
    const struct formula_node node = space->formulas[f];
    if (node.kind == FORMULA_KIND_LITERAL) {
        const struct atom *atom = &space->atoms[node.atom];
        bool holds = node.polarity == SAYS_HOLDS || node.polarity == SAYS_NOT_FAILS;
        struct intervals where = holds ? atom->holds
                                       : intervals_not(e->check->arena, &atom->holds, INT64_MIN, INT64_MAX);
        uint32_t score = space->slots[atom->slot].index;
        int *parts = memory_alloc((where.count + 1) * sizeof *parts);
        const struct slot *slot = &space->slots[atom->slot];
        for (size_t i = 0; i < where.count; i++) { /* the ends of the line are no thresholds */
            int ends[2] = {
                score_bound(e, score, where.items[i].from <= slot->lowest ? INT64_MIN : where.items[i].from, true),
                score_bound(e, score, where.items[i].to >= slot->highest ? INT64_MAX : where.items[i].to, false)};
            parts[i] = joined(e, ends, 2, true);
        }
        int literal = where.count == 0 ? -sat_true(e->sat) : joined(e, parts, where.count, false);
        free(parts);
        return literal;
    }
    int *parts = memory_alloc((node.count + 1) * sizeof *parts);
    for (uint32_t i = 0; i < node.count; i++) parts[i] = formula_literal_of(e, space->children[node.first + i]);
    int literal = joined(e, parts, node.count, node.kind == FORMULA_KIND_AND);
    free(parts);
    return literal;
}

static enum answer solved(struct exact *e, int hard, uint32_t *values)
{
    if (e->open && e->room == 0) return ANSWER_UNKNOWN;
    int64_t bound;
    bool found = false;
    enum sat_end end = sat_maximise(e->sat, NULL, 0, hard, sat_clock() + 200, NULL, NULL, &bound, values, &found);
    if (found) return ANSWER_YES;
    return end == SAT_IMPOSSIBLE && !e->open ? ANSWER_NO : ANSWER_UNKNOWN;
}

enum answer exact_lead(struct check *check, formula f, uint32_t *values)
{
    if (f == FORMULA_FALSE) return ANSWER_NO;
    struct exact e = {.check = check, .sat = sat_new(check->space), .room = MOST_PAIRS};
    sat_begin(e.sat);
    int hard = formula_literal_of(&e, f);
    enum answer answer = solved(&e, hard, values);
    sat_free(e.sat);
    return answer;
}

/* ---- does a rule ever change its score ------------------------------------------------------------------ */

static void leave_out(struct sum *sum, size_t rule)
{
    size_t kept = 0;
    for (size_t i = 0; i < sum->count; i++)
        if (sum->terms[i].rule != rule) sum->terms[kept++] = sum->terms[i];
    sum->count = kept;
    for (size_t i = 0; i < sum->part_count; i++) leave_out(&sum->parts[i], rule);
}

/* The sum with the points and the one without lie on different sides of no bound: the higher is above the lower bound,
   and the lower below the upper one. */
static bool add_visible(struct exact *e, struct sum *with, struct sum *without, bool up, int *parts, size_t *count)
{
    struct sum *high = up ? with : without, *low = up ? without : with;
    bool made = true;
    if (with->has_least) parts[(*count)++] = sum_at_least(e->check, e->sat, high, with->least + 1, &e->room, &made);
    if (made && with->has_most) parts[(*count)++] = sum_at_most(e, low, with->most - 1, &made);
    return made;
}

static enum answer matters_with(struct check *check, size_t index, formula when, int64_t points)
{
    const struct model_rule *rule = &check->model->rules[index];
    struct exact e = {.check = check, .sat = sat_new(check->space), .room = MOST_PAIRS};
    bool up = points > 0, made = true;
    int parts[8];
    size_t count = 0;
    sat_begin(e.sat);
    parts[count++] = sat_formula(e.sat, when);
    for (int level = 0; level < 2 && made; level++) {
        if (level == 1 && rule->group == NO_INDEX) break;
        struct sum with = {0}, without = {0};
        if (level == 0) {
            sum_of_score(check, rule->score, true, &with);
            sum_of_score(check, rule->score, true, &without);
        } else {
            sum_of_group(check, rule->group, true, &with);
            sum_of_group(check, rule->group, true, &without);
        }
        leave_out(&without, index);
        if (with.inexact || with.sparse || with.open_most || with.open_least || with.rounded_to > 0 ||
            (level == 1 && with.weighted))
            e.open = true;
        made = add_visible(&e, &with, &without, up, parts, &count);
        sum_free(&with);
        sum_free(&without);
    }
    enum answer answer = ANSWER_UNKNOWN;
    if (made) {
        uint32_t *values = memory_alloc((check->space->slot_count + 1) * sizeof *values);
        answer = solved(&e, joined(&e, parts, count, true), values);
        free(values);
    }
    sat_free(e.sat);
    return answer;
}

enum answer exact_matters(struct check *check, size_t index)
{
    const struct model_rule *rule = &check->model->rules[index];
    const struct rule_facts *facts = &check->rules[index];
    enum answer answer = ANSWER_NO;
    if (rule->points.kind == POINTS_FIXED) return matters_with(check, index, facts->fires, rule->points.points);
    if (rule->points.kind != POINTS_BY && rule->points.kind != POINTS_CHOOSE) return ANSWER_UNKNOWN;
    for (size_t i = 0; i < facts->row_count && answer == ANSWER_NO; i++)
        if (rule->points.rows[i].points != 0)
            answer = matters_with(check, index, facts->takes[i], rule->points.rows[i].points);
    return answer;
}

/* Of few, the ladders are short and the exact way is the shorter one; of many, they are too long. */
enum { FEW_RULES = 24, MANY_RULES = 400 };

struct witness *decide_lead(struct check *check, formula f, const struct claim *claims, size_t claim_count,
                            enum answer *answer)
{
    bool few = check->model->rule_count <= FEW_RULES;
    struct witness *witness = few ? NULL : seek_lead(check, f, claims, claim_count);
    *answer = witness ? ANSWER_YES : ANSWER_UNKNOWN;
    if (witness || (!few && !check->options->want_reach) || check->model->rule_count > MANY_RULES) return witness;
    uint32_t *values = memory_alloc((check->space->slot_count + 1) * sizeof *values);
    *answer = exact_lead(check, f, values);
    if (*answer == ANSWER_YES) witness = shrink_lead(check, f, values, claims, claim_count);
    if (*answer != ANSWER_NO && !witness && few) witness = seek_lead(check, f, claims, claim_count);
    if (*answer != ANSWER_NO) *answer = witness ? ANSWER_YES : ANSWER_UNKNOWN;
    free(values);
    return witness;
}

enum answer decide(struct check *check, formula f)
{
    enum answer answer;
    check->answers_only = true;
    decide_lead(check, f, NULL, 0, &answer);
    check->answers_only = false;
    return answer;
}
