/* Bounds: the least and the most that every rule, group and score can come to, in 128 bits, from the rubric alone (a
   lead has at most LIMIT_EVENTS_PER_LEAD events).  Refuses a rubric whose sums could leave 64 bits, so that the machine
   never needs to look. */
#include "compiler/declare.h"

#include <stdio.h>

#include "vm/limits.h"
#include "vm/number.h"

struct reach {
    wide_int least, most;
};

static struct reach around(wide_int points)
{
    return (struct reach) { points < 0 ? points : 0, points > 0 ? points : 0 };
}

static wide_int weighed(wide_int value, int64_t ppm)
{
    wide_int product = value * ppm; /* |value| < 2^97 or so, ppm < 2^63 only for scores that fit 64 bits */
    wide_int half = product < 0 ? -500000 : 500000;
    return (product + half) / 1000000;
}

static struct reach weigh(struct reach reach, int64_t ppm)
{
    wide_int a = weighed(reach.least, ppm), b = weighed(reach.most, ppm);
    return (struct reach) { a < b ? a : b, a < b ? b : a };
}

static bool fits(struct reach reach) { return reach.least >= -(wide_int)INT64_MAX && reach.most <= INT64_MAX; }

static struct reach rule_reach(const struct model_rule *rule)
{
    const struct model_points *points = &rule->points;
    struct reach reach = { 0, 0 };
    switch (points->kind) {
    case POINTS_ABSENT: break;
    case POINTS_FIXED: reach = around(points->points); break;
    case POINTS_EACH:
        reach = around((wide_int)points->points * (points->most_times && points->most_times < LIMIT_EVENTS_PER_LEAD
                                                       ? points->most_times
                                                       : LIMIT_EVENTS_PER_LEAD));
        break;
    case POINTS_EVERY: {
        wide_int steps = (wide_int)INT64_MAX / (points->every > 0 ? points->every : 1),
                 size = (points->points < 0 ? -(wide_int)points->points : points->points) * steps;
        reach = (struct reach) { -size, size };
        break;
    }
    case POINTS_EQUAL: reach = (struct reach) { -(wide_int)INT64_MAX, INT64_MAX }; break;
    case POINTS_BY:
    case POINTS_CHOOSE:
        for (size_t i = 0; i < points->row_count; i++) {
            if (points->rows[i].points < reach.least) reach.least = points->rows[i].points;
            if (points->rows[i].points > reach.most) reach.most = points->rows[i].points;
        }
        break;
    }
    if (points->has_most_points) {
        if (reach.least < -(wide_int)points->most_points) reach.least = -(wide_int)points->most_points;
        if (reach.most > points->most_points) reach.most = points->most_points;
    }
    return rule->weight_ppm == 1000000 ? reach : weigh(reach, rule->weight_ppm);
}

static void refuse_rule(struct model *model, const struct model_rule *rule)
{
    struct diagnostic *d = diagnostic_report(model->diags, E0506, rule->tree->points.span,
                                             "the points of `%s` could grow without a bound", rule->name.text);
    diagnostic_label(d, rule->tree->points.span, "more than points can hold");
    diagnostic_help(d, "add a cap: `, at most 100 points`");
}

void bounds_check(struct model *model)
{
    struct reach *groups = arena_alloc(model->arena, (model->group_count + 1) * sizeof *groups);
    struct reach *scores = arena_alloc(model->arena, (model->score_count + 1) * sizeof *scores);
    const struct model_rule **widest = arena_alloc(model->arena, (model->score_count + 1) * sizeof *widest);
    wide_int *width = arena_alloc(model->arena, (model->score_count + 1) * sizeof *width);
    for (size_t i = 0; i < model->rule_count; i++) {
        struct model_rule *rule = &model->rules[i];
        if (rule->disqualifies || rule->score == NO_INDEX) continue;
        struct reach reach = rule_reach(rule);
        if (!fits(reach)) {
            refuse_rule(model, rule);
            continue;
        }
        rule->points.least = (int64_t)reach.least;
        rule->points.most = (int64_t)reach.most;
        if (reach.most - reach.least > width[rule->score]) {
            width[rule->score] = reach.most - reach.least;
            widest[rule->score] = rule;
        }
        struct reach *sum = rule->group != NO_INDEX ? &groups[rule->group] : &scores[rule->score];
        sum->least += reach.least;
        sum->most += reach.most;
    }
    for (size_t i = 0; i < model->group_count; i++) {
        const struct model_group *group = &model->groups[i];
        if (group->score == NO_INDEX) continue;
        struct reach reach = groups[i];
        if (!fits(reach)) {
            if (widest[group->score]) refuse_rule(model, widest[group->score]);
            continue;
        }
        if (group->has_weight) {
            struct reach weighted = weigh(reach, group->weight_ppm);
            struct reach change = { weighted.least - reach.most, weighted.most - reach.least };
            if (!fits(change)) {
                if (widest[group->score]) refuse_rule(model, widest[group->score]);
                continue;
            }
            reach = weighted;
        }
        wide_int cut = group->has_most ? reach.most - group->most : 0,
                 lifted = group->has_least ? group->least - reach.least : 0;
        if (cut > INT64_MAX || lifted > INT64_MAX) {
            if (widest[group->score]) refuse_rule(model, widest[group->score]);
            continue;
        }
        if (group->has_most) {
            if (reach.most > group->most) reach.most = group->most;
            if (reach.least > group->most) reach.least = group->most;
        }
        if (group->has_least) {
            if (reach.least < group->least) reach.least = group->least;
            if (reach.most < group->least) reach.most = group->least;
        }
        if (!fits(reach)) {
            struct diagnostic *d = diagnostic_report(model->diags, E0506, group->name.span,
                                                     "the points of the group `%s` could exceed what points can hold",
                                                     group->name.text);
            diagnostic_help(d, "bound it with `at most` and `at least`");
            continue;
        }
        if (reach.least > 0) reach.least = 0; /* running sums pass through 0 */
        if (reach.most < 0) reach.most = 0;
        scores[group->score].least += reach.least;
        scores[group->score].most += reach.most;
    }
    /* Plain scores first; combined ones as their parts become known (no cycles: at most score_count rounds). */
    bool *known = arena_alloc(model->arena, (model->score_count + 1) * sizeof *known);
    for (size_t round = 0; round <= model->score_count; round++)
        for (size_t i = 0; i < model->score_count; i++) {
            struct model_score *score = &model->scores[i];
            if (known[i]) continue;
            struct reach reach = scores[i];
            if (score->combined) {
                bool ready = true;
                for (size_t p = 0; p < score->part_count; p++) {
                    const struct score_part *part = &score->parts[p];
                    if (part->score == NO_INDEX) {
                        reach.least += part->constant;
                        reach.most += part->constant;
                        continue;
                    }
                    if (!known[part->score]) {
                        ready = false;
                        break;
                    }
                    struct reach term = { model->scores[part->score].lowest, model->scores[part->score].highest };
                    if (part->weight_ppm != 1000000) term = weigh(term, part->weight_ppm);
                    reach.least += term.least < 0 || !fits(term) ? term.least : 0;
                    reach.most += term.most > 0 || !fits(term) ? term.most : 0;
                }
                if (!ready) continue;
            }
            known[i] = true;
            reach.least += score->base;
            reach.most += score->base;
            if (score->loses && reach.least > 0) reach.least = 0; /* idle time can take all of it */
            reach.least -= score->rounded_to; /* rounding moves by half a step at most */
            reach.most += score->rounded_to;
            /* The line of a clamp is a difference: it must fit as well. */
            wide_int lifted = score->has_least ? score->least - reach.least : 0,
                     cut = score->has_most ? reach.most - score->most : 0;
            if (!fits(reach) || lifted > INT64_MAX || cut > INT64_MAX) {
                if (widest[i]) refuse_rule(model, widest[i]);
                else {
                    struct diagnostic *d = diagnostic_report(model->diags, E0506, score->name.span,
                                                             "the score `%s` could exceed what points can hold",
                                                             score->name.text);
                    diagnostic_help(d, "bound its parts with `from … to …`");
                }
                reach = (struct reach) { 0, 0 };
            }
            score->sum_lowest = (int64_t)reach.least;
            score->sum_highest = (int64_t)reach.most;
            score->lowest = score->has_least && reach.least < score->least ? score->least : (int64_t)reach.least;
            score->highest = score->has_most && reach.most > score->most ? score->most : (int64_t)reach.most;
            if (score->has_most && score->lowest > score->most) score->lowest = score->most;
            if (score->has_least && score->highest < score->least) score->highest = score->least;
        }
}
