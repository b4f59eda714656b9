#include "compiler/conflicts/reach_parts.h"

#include <stdlib.h>
#include <string.h>

/* Rules that can never change their score, because its bounds always hide them. */

enum { SEEING = 24 };                                   /* leads kept for the next rules */

/* The sum of the rule's score, and of the same without the rule, for a lead. */
static bool changes(const struct check *check, const struct sum *sum, const uint32_t *values, size_t rule)
{
    return sum_value(check, sum, values) != sum_value_without(check, sum, values, (uint32_t)rule);
}

static bool late_for(const struct reaching *r) { return sat_clock() > r->deadline || sat_clock() > r->idle_deadline; }

static bool bounded_rule(const struct check *check, const struct model_rule *rule)
{
    const struct model_score *score = &check->model->scores[rule->score];
    const struct model_group *group = rule->group == NO_INDEX ? NULL : &check->model->groups[rule->group];
    if (group && group->take != TAKE_SUM && group->take != TAKE_EXCLUSIVE) return false; /* rows.c looks at these */
    return score->has_least || score->has_most || (group && (group->has_most || group->has_least));
}

struct reveal {
    struct check *check;
    const struct sum *sum;
    size_t rule;
    struct between *between;
};

static void between_keep(struct between *between, const struct space *space, const uint32_t *values);

static bool rule_seen(void *context, const uint32_t *values)
{
    struct reveal *reveal = context;
    if (!changes(reveal->check, reveal->sum, values, reveal->rule)) return false;
    between_keep(reveal->between, reveal->check->space, values);
    return true;
}

/* Leads for which some rule of the score was seen to matter: their points lie between the bounds, so that others are
   likely to be seen there too. */
struct between {
    uint32_t *leads[SEEING];
    size_t count, next;
};

static void between_keep(struct between *between, const struct space *space, const uint32_t *values)
{
    size_t size = (space->slot_count + 1) * sizeof *values;
    uint32_t **lead = &between->leads[between->next];
    between->next = (between->next + 1) % SEEING;
    if (between->count < SEEING) between->count++;
    if (!*lead) *lead = memory_alloc(size);
    memcpy(*lead, values, space->slot_count * sizeof *values);
}

static void lay_over(const struct check *check, const uint32_t *lead, const uint32_t *own, const uint32_t *slots,
                     size_t slot_count, uint32_t *mixed)
{
    memcpy(mixed, lead, check->space->slot_count * sizeof *mixed);
    for (size_t i = 0; i < slot_count; i++) mixed[slots[i]] = own[slots[i]];
}

/* A lead in the neighbourhood of the rule's own for which the rule matters. */
static bool matters_nearby(struct reaching *r, size_t index, const struct sum *sum, struct board *board,
                           struct between *between)
{
    struct check *check = r->check;
    struct space *space = check->space;
    uint32_t *own = r->scratch;
    formula keep = check->rules[index].fires;
    if (space_solve(space, keep, false, own) != ANSWER_YES) return true;
    if (changes(check, sum, own, index)) {
        if (between->count < SEEING / 2) between_keep(between, space, own);
        return true;
    }
    const struct model_points *points = &check->model->rules[index].points;
    struct reveal reveal = {check, sum, index, between};
    int64_t size = points->most > 0 ? points->most : points->least;
    bool found = false;
    uint32_t *slots = memory_alloc((space->slot_count + 1) * sizeof *slots),
             *mixed = memory_alloc((space->slot_count + 1) * sizeof *mixed);
    size_t slot_count = formula_slots(space, keep, slots, 0);
    for (size_t i = 0; i < between->count && !found; i++) {
        lay_over(check, between->leads[i], own, slots, slot_count, mixed);
        found = changes(check, sum, mixed, index);
    }
    size_t starts = between->count < 3 ? between->count : 3;
    for (size_t i = 0; i < starts + 2 && !found && sat_clock() < r->idle_deadline; i++) { /* and uphill from there */
        if (i == 0) {
            memcpy(mixed, own, space->slot_count * sizeof *mixed);
        } else if (i <= starts) {
            lay_over(check, between->leads[(index + i) % between->count], own, slots, slot_count, mixed);
        } else {
            uint32_t *sample = memory_alloc((space->slot_count + 1) * sizeof *sample);
            sample_values(check, (index * 31) % check->sample_count, sample);
            lay_over(check, sample, own, slots, slot_count, mixed);
            free(sample);
        }
        found = board_reveal(board, mixed, keep, (uint32_t)index, size, rule_seen, &reveal);
    }
    free(mixed);
    free(slots);
    return found;
}

/* What is proved of the leads for which a rule fires: none has fewer (`above`), none has more points than `bound`. */
struct beyond {
    formula fires;
    bool above;
    int64_t bound;
};
struct beyond_list {
    struct beyond *items;
    size_t count, capacity;
};

/* Whether every lead for which the rule fires is beyond the same bound of its score, with its points and without. */
static enum answer always_beyond(struct reaching *r, size_t index, const struct sum *sum, struct board *board,
                                 struct between *between, struct beyond_list *known)
{
    struct check *check = r->check;
    const struct model_rule *rule = &check->model->rules[index];
    formula fires = check->rules[index].fires;
    if (rule->weight_ppm != 1000000 || sum->sparse || sum->open_most || sum->open_least || sum->rounded_to > 0)
        return ANSWER_UNKNOWN;
    if (rule->group != NO_INDEX && check->model->groups[rule->group].has_weight) return ANSWER_UNKNOWN;
    if (space_solve(check->space, fires, false, r->scratch) != ANSWER_YES) return ANSWER_UNKNOWN;
    struct sum bare = *sum;
    bare.has_least = bare.has_most = false;
    int64_t value = sum_value(check, &bare, r->scratch);
    bool above = sum->has_most && value >= sum->most - rule->points.most;
    if (!above && !sum->has_least) return ANSWER_UNKNOWN;
    int64_t up = rule->points.most > 0 ? rule->points.most : 0, down = rule->points.least < 0 ? rule->points.least : 0;
    int64_t edge = above ? sum->most + up : sum->least + down; /* at least, at most this: not seen */
    for (size_t i = 0; i < known->count; i++) {
        const struct beyond *other = &known->items[i];
        if (other->above != above || (above ? other->bound < edge : other->bound > edge)) continue;
        formula outside = formula_and(check->space, fires, formula_not(check->space, other->fires));
        if (space_solve(check->space, outside, false, NULL) == ANSWER_NO) return ANSWER_NO;
    }
    r->stops = true;
    r->stop_below = above ? -edge + 1 : edge + 1;
    struct optimum optimum = extreme(r, &bare, !above, fires, above ? edge - 1 : edge + 1);
    r->stops = false;
    if (!optimum.impossible && (above ? optimum.bound >= edge : optimum.bound <= edge) &&
        (!optimum.found || (above ? optimum.best >= edge : optimum.best <= edge))) {
        memory_reserve(&known->items, &known->capacity, known->count + 1, sizeof *known->items);
        known->items[known->count++] = (struct beyond){fires, above, optimum.bound};
        return ANSWER_NO;
    }
    if (!optimum.found) return ANSWER_UNKNOWN;
    struct reveal reveal = {check, sum, index, between};
    int64_t size = rule->points.most > 0 ? rule->points.most : rule->points.least;
    if (rule_seen(&reveal, optimum.values)) return ANSWER_YES;
    if (formula_true(check->space, fires, optimum.values) &&
        board_reveal(board, optimum.values, fires, (uint32_t)index, size, rule_seen, &reveal))
        return ANSWER_YES;
    return ANSWER_UNKNOWN;
}

void check_idle_rules(struct reaching *r)
{
    struct check *check = r->check;
    const struct model *model = check->model;
    for (uint32_t score = 0; score < model->score_count; score++) {
        if (model->scores[score].combined || score_decays(model, score))
            continue; /* bounds come after what idle time takes */
        struct sum with = {0};
        struct board *board = NULL;
        struct between between = {0};
        struct beyond_list beyond = {0};
        size_t open_rules = 0;
        const struct model_rule *first_open = NULL;
        bool made = false;
        for (size_t i = 0; i < model->rule_count; i++) {
            const struct model_rule *rule = &model->rules[i];
            if (rule->score != score || !check->rules[i].scores || check->rules[i].never || !check->rules[i].active)
                continue;
            bool takes = rule->group != NO_INDEX && model->groups[rule->group].take != TAKE_SUM &&
                         model->groups[rule->group].take != TAKE_EXCLUSIVE; /* there, 0 points may win */
            bool nothing = !takes && rule->points.least == 0 && rule->points.most == 0 && rule->points.points != 0 &&
                           (rule->points.kind == POINTS_FIXED || rule->points.kind == POINTS_EACH);
            if (rule->points.kind == POINTS_EVERY || rule->points.kind == POINTS_EQUAL)
                continue; /* rarely settled by the leads sampled */
            if (!nothing && (!bounded_rule(check, rule) || (rule->points.least == 0 && rule->points.most == 0)))
                continue;
            if (!made) {
                sum_of_score(check, score, true, &with);
                made = true;
                board = board_new(check, &with);
            }
            if (with.inexact) break;
            bool idle = nothing;
            if (!idle && !matters_nearby(r, i, &with, board, &between)) {
                enum answer answer = ANSWER_UNKNOWN;
                if (sat_clock() < r->deadline) answer = always_beyond(r, i, &with, board, &between, &beyond);
                if (answer == ANSWER_UNKNOWN && !late_for(r) && term_count(&with) <= REACH_FEW_TERMS)
                    answer = exact_matters(check, i);
                if (answer == ANSWER_YES) continue;
                idle = answer == ANSWER_NO;
                if (!idle && open_rules++ == 0) first_open = rule;
            }
            if (!idle) continue;
            struct diagnostic *d = check_report(check, C1023, rule_span(rule), "`%s` never changes `%s`",
                                                rule->name.text, model->scores[score].name.text);
            if (!d) continue;
            diagnostic_label(d, rule_span(rule), nothing ? "gives nothing" : "whatever it gives, a bound takes away");
            if (rule->group != NO_INDEX && !nothing)
                diagnostic_label(d, model->groups[rule->group].name.span, "the bounds of this group");
            diagnostic_help(d, nothing ? "give it points, or remove it" : "widen the bound, or remove the rule");
            enum answer answer;
            struct witness *witness = witness_for(check, check->rules[i].fires, &answer);
            struct claim claim = {.kind = CLAIM_FIRES, .index = (uint32_t)i};
            if (witness && check_shows(check, witness, &claim, 1))
                check_witness(check, d, witness, &claim, 1,
                              arena_format(check->arena, "%s changes nothing", rule->name.text));
        }
        if (open_rules == 1)
            check_not_proven(check, rule_span(first_open),
                             "whether `%s` ever changes `%s`: no lead was found for which it does",
                             first_open->name.text, model->scores[score].name.text);
        if (open_rules > 1)
            check_not_proven(check, rule_span(first_open),
                             "whether `%s` and %zu other rules ever change `%s`: no lead was found for which they do",
                             first_open->name.text, open_rules - 1, model->scores[score].name.text);
        if (board) board_free(board);
        for (size_t i = 0; i < SEEING; i++) free(between.leads[i]);
        free(beyond.items);
        sum_free(&with);
    }
}
