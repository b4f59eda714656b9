#include "tests/oracle/parts.h"

static struct firing silent(void) { return (struct firing){ .state = RULE_SILENT }; }
static struct firing fires(int64_t points) { return (struct firing){ .state = RULE_FIRES, .points = points }; }
static struct firing undecided(struct reason *reasons)
{
    return (struct firing){ .state = RULE_UNDECIDED, .reasons = reasons };
}

/* `at most P points` bounds the size, so it holds for penalties too. */
static int64_t capped(const struct oracle *oracle, const struct bound *most, wide_int points)
{
    if (most->kind != BOUND_ABSENT) {
        int64_t bound = bound_units(oracle, most);
        if (points > bound)
            points = bound;
        if (points < -(wide_int)bound)
            points = -(wide_int)bound;
    }
    return (int64_t)points;
}

/* ---- for each */

static enum time_unit once_unit(enum once once)
{
    return once == ONCE_WEEK ? UNIT_WEEK : once == ONCE_MONTH ? UNIT_MONTH : UNIT_DAY;
}

/* The event's points shrink by its own age in whole periods, never past zero. */
static int64_t faded(const struct scene *scene, const struct tree_points *clause, int64_t points,
                     const struct event *event)
{
    int64_t count;
    enum time_unit unit;
    duration_find(scene->oracle, &clause->fading_every, &count, &unit);
    int64_t periods = instant_whole_units(event->at, scene->now, unit) / count;
    if (clause->fading_by_points) {
        wide_int loss = (wide_int)bound_units(scene->oracle, &clause->fading_amount) * periods;
        wide_int size = points < 0 ? -(wide_int)points : points;
        size = loss >= size ? 0 : size - loss;
        return (int64_t)(points < 0 ? -size : size);
    }
    int64_t factor = FACTOR_ONE;
    for (int64_t period = 0; period < periods && factor > 0; period++)
        factor = factor_next(factor, bound_ppm(scene->oracle, &clause->fading_amount));
    return number_decay(points, factor);
}

static const char *event_with_points(const struct scene *scene, const struct event *event, int64_t points,
                                     const char *newer)
{
    char at[INSTANT_TEXT], number[NUMBER_TEXT];
    instant_format(event->at, at);
    number_format(points, number);
    return arena_format(scene->arena, "%s at %s gives %s; %s", event->type->name.text, at, number, newer);
}

static struct firing each_firing(const struct scene *scene, const struct tree_points *clause)
{
    struct event_list list = set_events(scene, clause->value);
    if (!list.known)
        return undecided(list.reasons);
    int64_t points = bound_units(scene->oracle, &clause->points), left = INT64_MAX, chosen = 0, period = 0;
    if (clause->most_times.kind != BOUND_ABSENT)
        left = bound_units(scene->oracle, &clause->most_times) / NUMBER_ONE;
    wide_int sum = 0;
    const char *details = "";
    for (size_t i = list.count; i-- > 0 && chosen < left;) {    /* the newest first */
        if (clause->once != ONCE_NONE) {                        /* only the newest of each day, week or month */
            int64_t its_period = instant_period(list.items[i]->at, once_unit(clause->once));
            if (chosen > 0 && its_period == period)
                continue;
            period = its_period;
        }
        chosen++;
        int64_t its_points = clause->fading ? faded(scene, clause, points, list.items[i]) : points;
        sum += its_points;
        details = event_with_points(scene, list.items[i], its_points, details);
    }
    struct firing firing = chosen > 0 ? fires(capped(scene->oracle, &clause->most_points, sum)) : silent();
    firing.details = details;
    return firing;
}

/* ---- for every, equal to */

static struct firing every_firing(const struct scene *scene, const struct tree_points *clause)
{
    struct value number = expression_value(scene, clause->value);
    if (!number.known)
        return undecided(number.reasons);
    int64_t multiples = number.number / bound_units(scene->oracle, &clause->every);     /* toward zero */
    if (multiples == 0)
        return silent();
    return fires(
        capped(scene->oracle, &clause->most_points, (wide_int)bound_units(scene->oracle, &clause->points) * multiples));
}

static struct firing equal_firing(const struct scene *scene, const struct tree_points *clause)
{
    struct value number = expression_value(scene, clause->value);
    return number.known ? fires(capped(scene->oracle, &clause->most_points, number.number)) : undecided(number.reasons);
}

/* ---- rows */

static bool row_takes(const struct oracle *oracle, const struct tree_row *row, struct value value)
{
    switch (row->kind) {
    case ROW_RANGE:
        return value.known && (row->from.kind == BOUND_ABSENT || value.number >= bound_units(oracle, &row->from)) &&
               (row->below.kind == BOUND_ABSENT || value.number < bound_units(oracle, &row->below));
    case ROW_TEXTS:
        for (const struct literal_list *text = row->texts; value.known && text; text = text->next)
            if (text_same(value.text, (struct text){ text->literal.bytes, text->literal.length }))
                return true;
        return false;
    case ROW_YES: return value.known && value.holds;
    case ROW_NO: return value.known && !value.holds;
    case ROW_MISSING: return !value.known;
    case ROW_OTHERWISE: case ROW_CONDITION: break;
    }
    return false;
}

/* `otherwise` takes known values only, and what no other row takes. */
static struct firing by_firing(const struct scene *scene, const struct tree_points *clause)
{
    struct value value = condition_value(scene, clause->value);
    const struct tree_row *otherwise = NULL;
    for (const struct tree_row *row = clause->rows; row; row = row->next) {
        if (row_takes(scene->oracle, row, value))
            return fires(bound_units(scene->oracle, &row->points));
        if (row->kind == ROW_OTHERWISE)
            otherwise = row;
    }
    if (!value.known)
        return undecided(value.reasons);
    return otherwise ? fires(bound_units(scene->oracle, &otherwise->points)) : silent();
}

/* An unknown condition is passed over, and reported; `otherwise` applies even then. */
static struct firing choose_firing(const struct scene *scene, const struct tree_points *clause)
{
    struct reason *passed = NULL;
    bool passed_over = false;
    for (const struct tree_row *row = clause->rows; row; row = row->next) {
        struct value holds =
            row->kind == ROW_OTHERWISE ? value_condition(true) : condition_value(scene, row->condition);
        if (holds.known && holds.holds) {
            struct firing firing = fires(bound_units(scene->oracle, &row->points));
            firing.reasons = passed;
            firing.passed_over = passed_over;
            return firing;
        }
        if (!holds.known) {
            passed_over = true;
            passed = reasons_join(scene->arena, passed, holds.reasons);
        }
    }
    return passed_over ? undecided(passed) : silent();
}

static struct firing clause_firing(const struct scene *scene, const struct tree_points *clause)
{
    switch (clause->kind) {
    case POINTS_ABSENT: break;
    case POINTS_FIXED: return fires(bound_units(scene->oracle, &clause->points));
    case POINTS_EACH: return each_firing(scene, clause);
    case POINTS_EVERY: return every_firing(scene, clause);
    case POINTS_EQUAL: return equal_firing(scene, clause);
    case POINTS_BY: return by_firing(scene, clause);
    case POINTS_CHOOSE: return choose_firing(scene, clause);
    }
    return silent();
}

struct firing rule_firing(const struct scene *scene, const struct declaration *rule)
{
    if (rule->has_active_from && scene->now < rule->active_from)
        return silent();
    if (rule->has_active_until && scene->now >= rule->active_until)
        return silent();
    struct value when = rule->when ? condition_value(scene, rule->when) : value_condition(true);
    if (!when.known)
        return undecided(when.reasons);
    if (!when.holds)
        return silent();
    if (rule->kind == DECLARATION_DISQUALIFY)
        return fires(0);
    struct firing firing = clause_firing(scene, &rule->points);
    if (firing.state == RULE_FIRES && rule->weight.kind != BOUND_ABSENT)
        firing.points = number_weigh(firing.points, bound_ppm(scene->oracle, &rule->weight));
    return firing;
}
