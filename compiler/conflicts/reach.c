#include "compiler/conflicts/reach_parts.h"

#include <stdlib.h>
#include <string.h>

#include "vm/number.h"

/* How far scores, groups and combined scores go, with the leads that get there; and what follows: thresholds and labels out of
   reach. */

enum { MOST_STARTS = 24, FEW_STARTS = 6, DEFAULT_BUDGET = 600 }; /* milliseconds of processor time, when no budget is given */

struct optimum optimum_new(const struct check *check)
{
    return (struct optimum){.values = arena_alloc(check->arena, (check->space->slot_count + 8) * sizeof(uint32_t))};
}

/* Sums whose parts have bounds, without ladders: with its parts let out of their bounds a sum is a plain one, and no
   lead gets less by it.  Where a part must not fall below its least, either it counts as that, or it is above: every
   choice is a plain question.  False when that proves nothing; the best lead found is kept all the same. */
static bool relaxed(struct reaching *r, const struct sum *sum, formula hard, int64_t enough, struct optimum *out)
{
    struct check *check = r->check;
    unsigned floors = 0;
    size_t floor_count = 0;
    for (size_t i = 0; i < sum->part_count; i++) {
        struct sum bare = sum->parts[i];
        int64_t least, most;
        bare.has_least = false;
        sum_span(&bare, &least, &most);
        if (!sum->parts[i].has_least || least >= sum->parts[i].least) continue;
        floors |= i < 31 ? 1u << i : 0;
        floor_count++;
    }
    bool proves = floor_count <= 2;
    int64_t bound = INT64_MIN;
    for (unsigned choice = 0;; choice = (choice - floors) & floors) { /* all subsets of the floors */
        struct sum flat = {0};
        struct optimum one = optimum_new(check);
        one.stops = r->stops;
        one.stop_below = r->stop_below;
        bool exact = relax(sum, 1000000, choice, &proves, &flat);
        proves = proves && exact;
        sum_maximise(check, r->sat, &flat, sum, hard, enough, r->deadline, &one);
        sum_free(&flat);
        if (one.found) consider(check, sum, one.values, out);
        int64_t here = one.impossible ? INT64_MIN : sum_finish(sum, one.bound);
        if (here > bound) bound = here;
        if (out->found && out->best >= enough) break;
        if (!proves || choice == floors) break;
    }
    out->proven = out->found && (out->best >= enough || (proves && out->best >= bound));
    if (out->proven) out->bound = out->best;
    else if (proves && bound < out->bound) out->bound = bound;
    return out->proven;
}

/* The extremes of a sum in the space; for `down` everything is negated before and after. */
struct optimum extreme(struct reaching *r, struct sum *sum, bool up, formula hard, int64_t enough)
{
    struct optimum out = optimum_new(r->check);
    if (!up) {
        sum_negate(sum);
        enough = enough == INT64_MIN ? INT64_MAX : -enough;
    }
    int64_t least, most, now = sat_clock(), deadline = r->deadline;
    if (now < deadline) r->deadline = now + (deadline - now) / 3; /* the others have questions too */
    sum_span(sum, &least, &most);
    out.bound = most;
    if (sum->part_count == 0 || sum->weighted || term_count(sum) > REACH_MOST_TERMS ||
        !relaxed(r, sum, hard, enough < most ? enough : most, &out)) {
        struct optimum other = optimum_new(r->check);
        other.stops = r->stops;
        other.stop_below = r->stop_below;
        int64_t bound = out.bound;
        sum_maximise(r->check, r->sat, sum, NULL, hard, enough, r->deadline, &other);
        if (out.found && (!other.found || out.best > other.best)) {
            other.found = true;
            other.best = out.best;
            other.values = out.values;
        }
        if (sum->part_count > 0 && bound < other.bound) other.bound = bound;
        other.proven |= other.found && other.best >= other.bound;
        out = other;
    }
    r->deadline = deadline;
    if (!up) {
        sum_negate(sum);
        out.best = -out.best;
        out.bound = -out.bound;
    }
    if (out.found) keep_lead(r->check, out.values);
    return out;
}

/* ---- scores and groups ---------------------------------------------------------------------------------- */

static int64_t replayed(struct check *check, const struct witness *witness, uint32_t score)
{
    struct observation *seen = observation_new(check);
    check->options->replay(check->options->context, witness, seen);
    return seen->scores[score];
}

/* What the machine says about the lead found counts; where it says less than was claimed, the claim is only a bound. */
static void settle(struct reaching *r, uint32_t score, const struct sum *sum, bool up, const struct optimum *optimum,
                   struct reach *out)
{
    struct check *check = r->check;
    struct witness *witness = optimum->found ? witness_of(check, optimum->values) : NULL;
    int64_t value = optimum->best, bound = optimum->bound;
    bool proven = optimum->proven && !sum->inexact;
    const struct model_score *facts = &check->model->scores[score];
    if (facts->loses && facts->without && !up && bound > 0)
        bound = facts->has_least && facts->least > 0 ? facts->least : 0;
    if (witness && check->options->replay) {
        value = replayed(check, witness, score);
        if (facts->loses && facts->without && (up ? value < optimum->best : value > 0 && optimum->best > 0)) {
            /* idle time: going up, something recent that gives no points; going down, something long ago */
            for (uint32_t event = 0; event < check->model->event_count; event++) {
                if (facts->without->event == NO_INDEX ? !check->model->events[event].activity
                                                      : facts->without->event != event)
                    continue;
                struct witness *other = witness_of(check, optimum->values);
                witness_add_event(check, other, event,
                                  up ? check->options->as_of - MICROS_HOUR
                                     : INSTANT_MIN + 5000 * 366 * MICROS_DAY / 10);
                int64_t with = replayed(check, other, score);
                if (up ? with > value : with < value) {
                    value = with;
                    witness = other;
                }
            }
        }
        if (value != bound && sum->sparse) { /* older events have faded further */
            struct witness *other = witness_aged(check, optimum->values);
            int64_t with = replayed(check, other, score);
            if (up ? with > value : with < value) {
                value = with;
                witness = other;
            }
        }
        proven = value == bound; /* a bound that a lead reaches is the truth, however it was found */
    }
    if (facts->loses && !up && optimum->best > 0 && !check->options->replay) proven = false;
    if (up) {
        out->most = value;
        out->most_bound = bound;
        out->most_proven = proven;
        out->most_lead = witness;
        out->most_open = sum->open_most;
    } else {
        out->least = value;
        out->least_bound = bound;
        out->least_proven = proven;
        out->least_lead = witness;
        out->least_open = sum->open_least;
    }
}

static void plain_reach(struct reaching *r, uint32_t score, struct reach *out)
{
    for (int up = 0; up < 2; up++) {
        struct sum sum = {0};
        sum_of_score(r->check, score, up, &sum);
        struct optimum optimum = extreme(r, &sum, up, FORMULA_TRUE, up ? INT64_MAX : INT64_MIN);
        if (sum.inexact)
            optimum.bound = up ? r->check->model->scores[score].highest : r->check->model->scores[score].lowest;
        settle(r, score, &sum, up, &optimum, out);
        sum_free(&sum);
    }
}

static void combined_reach(struct reaching *r, uint32_t score, struct reach *out)
{
    struct check *check = r->check;
    for (int up = 0; up < 2; up++) {
        struct sum sum = {0};
        sum_of_score(check, score, up, &sum);
        int64_t bound = parts_bound(check, score, up);
        struct optimum best = {.bound = bound,
                               .values = arena_alloc(check->arena, (check->space->slot_count + 8) * sizeof(uint32_t))};
        if (!up) sum_negate(&sum); /* from here on, upwards */
        int64_t goal = up ? bound : -bound;
        for (size_t i = 0; i < check->lead_count; i++) consider(check, &sum, check->leads[i], &best);
        if (best.best < goal) {
            struct board *board = board_new(check, &sum);
            bool few = term_count(&sum) <= REACH_FEW_TERMS;
            climb_from(r, board, few ? FEW_STARTS : MOST_STARTS, &best, goal);
            if (best.best < goal && !few) search_nearby(r, &sum, &best, goal);
            if (best.best < goal) weigh_parts(r, &sum, board, &best, goal);
            board_free(board);
        }
        if (best.best < goal && sat_clock() < r->deadline && sum.count + sum.part_count < 4000) {
            struct sat *kept = r->sat; /* ladders are long: in a solver of their own */
            r->sat = sat_new(check->space);
            struct optimum exact = extreme(r, &sum, true, FORMULA_TRUE, goal);
            sat_free(r->sat);
            r->sat = kept;
            if (exact.found) consider(check, &sum, exact.values, &best);
            if (exact.bound < goal && !sum.inexact) goal = exact.bound;
        }
        bool met = best.found && best.best >= goal;
        best.bound = met ? best.best : goal;
        if (best.found) keep_lead(check, best.values);
        if (!up) {
            sum_negate(&sum);
            best.best = -best.best;
            best.bound = -best.bound;
        }
        best.proven = met;
        settle(r, score, &sum, up, &best, out);
        sum_free(&sum);
    }
}

/* ---- bounds that never bind, rules that never matter ---------------------------------------------------- */

/* A group without rules is unused; its bounds need not be spoken of. */
static bool has_rules(const struct model *model, uint32_t group)
{
    for (size_t i = 0; i < model->rule_count; i++)
        if (!model->rules[i].disqualifies && model->rules[i].group == group) return true;
    return false;
}

/* What the points clauses of the rules allow, where the search cannot follow what they look at. */
static int64_t group_bound(const struct model *model, uint32_t group, bool up)
{
    const struct model_group *facts = &model->groups[group];
    bool adds = facts->take == TAKE_SUM || facts->take == TAKE_EXCLUSIVE;
    wide_int total = 0;
    for (size_t i = 0; i < model->rule_count; i++) {
        const struct model_rule *rule = &model->rules[i];
        if (rule->disqualifies || rule->group != group) continue;
        wide_int end = up ? rule->points.most : rule->points.least;
        if (adds) total += end;
        else if (up ? end > total : end < total) total = end;
    }
    int64_t bound = up ? INT64_MAX : INT64_MIN;
    if (!number_narrow(total, &bound)) return bound;
    return facts->has_weight ? number_weigh(bound, facts->weight_ppm) : bound;
}

static void group_reach(struct reaching *r, uint32_t group, struct reach *out)
{
    struct check *check = r->check;
    const struct model_group *facts = &check->model->groups[group];
    struct reach bare = {0};
    bool inexact = false;
    for (int up = 0; up < 2; up++) {
        struct sum sum = {0};
        sum_of_group(check, group, up, &sum);
        sum.has_least = sum.has_most = false;
        struct optimum optimum = extreme(r, &sum, up, FORMULA_TRUE,
                                         up ? (facts->has_most ? facts->most : INT64_MAX)
                                            : (facts->has_least ? facts->least : INT64_MIN));
        inexact |= sum.inexact;
        if (sum.inexact) optimum.bound = group_bound(check->model, group, up);
        if (up) {
            bare.most = optimum.best;
            bare.most_bound = optimum.bound;
            bare.most_proven = optimum.proven && !sum.inexact;
            bare.most_open = sum.open_most || (facts->has_most && optimum.best >= facts->most);
            bare.most_lead = optimum.found ? witness_of(check, optimum.values) : NULL;
        } else {
            bare.least = optimum.best;
            bare.least_bound = optimum.bound;
            bare.least_proven = optimum.proven && !sum.inexact;
            bare.least_open = sum.open_least || (facts->has_least && optimum.best <= facts->least);
            bare.least_lead = optimum.found ? witness_of(check, optimum.values) : NULL;
        }
        sum_free(&sum);
    }
    bool used = has_rules(check->model, group);
    if (used && facts->has_most && bare.most_bound < facts->most && !inexact && !bare.most_open) {
        struct diagnostic *d = check_report(check, C1022, facts->name.span, "`at most %s` of `%s` never binds",
                                            check_number(check, facts->most), facts->name.text);
        if (d) {
            diagnostic_label(d, facts->tree ? facts->tree->at_most.span : facts->name.span,
                             "the group comes to %s at most", check_number(check, bare.most_bound));
            diagnostic_help(d, "remove the bound, or lower it");
            if (bare.most_lead)
                diagnostic_note(d, "the lead that gets the most: %s", check_lead_text(check, bare.most_lead));
        }
    }
    if (used && facts->has_least && bare.least_bound > facts->least && !inexact && !bare.least_open) {
        struct diagnostic *d = check_report(check, C1022, facts->name.span, "`at least %s` of `%s` never binds",
                                            check_number(check, facts->least), facts->name.text);
        if (d) {
            diagnostic_label(d, facts->tree ? facts->tree->at_least.span : facts->name.span,
                             "the group comes to %s at least", check_number(check, bare.least_bound));
            diagnostic_help(d, "remove the bound, or raise it");
        }
    }
    *out = bare;
    int64_t *ends[4] = {&out->least, &out->most, &out->least_bound, &out->most_bound};
    for (int i = 0; i < 4; i++) {
        if (facts->has_most && *ends[i] > facts->most) *ends[i] = facts->most;
        if (facts->has_least && *ends[i] < facts->least) *ends[i] = facts->least;
    }
    out->most_open &= !facts->has_most;
    out->least_open &= !facts->has_least;
}

/* ---- the whole -------------------------------------------------------------------------------------------- */

static void rules_reach(struct check *check, struct reach_report *report)
{
    for (size_t i = 0; i < check->model->rule_count; i++) {
        const struct model_points *points = &check->model->rules[i].points;
        struct rule_reach *out = &report->rules[i];
        out->can_fire = check->rules[i].active && !check->rules[i].never;
        if (out->can_fire) {
            enum answer answer;
            if (!check->options->want_reach) continue;
            out->lead = witness_for(check, check->rules[i].fires, &answer);
            out->least = points->least;
            out->most = points->most;
        }
    }
}

/* An end that is not proved, with the lead that comes nearest to it. */
static void say_open_end(struct check *check, uint32_t score, bool short_of_time)
{
    const struct reach *reach = &check->report->reach->scores[score];
    bool up = !reach->most_proven && !reach->most_open;
    if (!up && (reach->least_proven || reach->least_open)) return;
    const struct name *name = &check->model->scores[score].name;
    struct diagnostic *d = check_not_proven(
        check, name->span, up ? "the most that a lead can get in `%s`: between %s and %s"
                              : "the least that a lead can get in `%s`: between %s and %s", name->text,
        check_number(check, up ? reach->most : reach->least_bound),
        check_number(check, up ? reach->most_bound : reach->least));
    if (!d) return;
    const struct witness *lead = up ? reach->most_lead : reach->least_lead;
    if (lead)
        diagnostic_note(d, "the best lead found gets %s: %s", check_number(check, up ? reach->most : reach->least),
                        check_lead_text(check, lead));
    if (short_of_time) diagnostic_help(d, "give it more time: `--budget 10s`");
}

void check_reach(struct check *check)
{
    const struct model *model = check->model;
    struct reach_report *report = check->report->reach = arena_alloc(check->arena, sizeof *report);
    report->scores = check->score_reach = arena_alloc(check->arena, (model->score_count + 1) * sizeof *report->scores);
    report->groups = arena_alloc(check->arena, (model->group_count + 1) * sizeof *report->groups);
    report->rules = arena_alloc(check->arena, (model->rule_count + 1) * sizeof *report->rules);
    for (size_t i = 0; i < model->score_count; i++) /* what bounds.c has proved, until better is known */
        check->score_reach[i] = (struct reach){.least = model->scores[i].lowest,
                                               .most = model->scores[i].highest,
                                               .least_bound = model->scores[i].lowest,
                                               .most_bound = model->scores[i].highest,
                                               .least_open = true,
                                               .most_open = true};
    rules_reach(check, report);
    if (!check->options->want_reach) return;
    for (uint32_t i = 0; i < model->score_count;
         i++) /* all steps of all sums are cuts: they are made before the solver sees the fields */
        for (int up = 0; up < 2; up++) {
            struct sum sum = {0};
            sum_of_score(check, i, up, &sum);
            sum_free(&sum);
        }
    struct reaching r = {.check = check, .sat = sat_new(check->space)};
    r.scratch = memory_alloc((check->space->slot_count + 1) * sizeof *r.scratch);
    r.deadline = sat_clock() + (check->options->budget_ms > 0 ? check->options->budget_ms : DEFAULT_BUDGET);
    for (uint32_t i = 0; i < model->score_count; i++)
        if (!model->scores[i].combined) plain_reach(&r, i, &report->scores[i]);
    bool *known = arena_alloc(check->arena, model->score_count + 1);
    for (size_t round = 0; round < model->score_count; round++)
        for (uint32_t i = 0; i < model->score_count; i++) {
            if (!model->scores[i].combined || known[i]) continue;
            bool ready = true;
            for (size_t p = 0; p < model->scores[i].part_count; p++) {
                uint32_t part = model->scores[i].parts[p].score;
                ready &= part == NO_INDEX || !model->scores[part].combined || known[part];
            }
            if (!ready) continue;
            combined_reach(&r, i, &report->scores[i]);
            known[i] = true;
        }
    for (uint32_t i = 0; i < model->group_count; i++)
        if (model->groups[i].score != NO_INDEX) group_reach(&r, i, &report->groups[i]);
    r.idle_deadline = sat_clock() + (check->options->budget_ms > 0 ? check->options->budget_ms : DEFAULT_BUDGET) / 4;
    check_idle_rules(&r);
    for (size_t i = 0; i < model->stage_count; i++) {
        check_thresholds(check, model->stages[i].when, false, arena_format(check->arena, "no lead gets this far"));
        check_thresholds(check, model->stages[i].stay, false, arena_format(check->arena, "no lead gets this far"));
    }
    for (size_t i = 0; i < model->action_count; i++)
        check_thresholds(check, model->actions[i].when, false, "no lead gets this far");
    check_labels(check);
    check_holes(check);
    int64_t budget = check->options->budget_ms > 0 ? check->options->budget_ms : DEFAULT_BUDGET;
    bool short_of_time = sat_clock() > r.deadline - budget / 2;
    for (uint32_t i = 0; i < model->score_count; i++) say_open_end(check, i, short_of_time);
    free(r.scratch);
    sat_free(r.sat);
}
