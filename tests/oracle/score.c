#include "tests/oracle/parts.h"

#include <string.h>

struct ledger {
    struct scene *scene;
    struct verdict *verdict;
    const struct declaration *score;
    const char *score_name;
    struct firing *firings;
};

static struct verdict_line *line_add(const struct ledger *ledger, const char *step, const char *name, int64_t points)
{
    bool of_rule = strcmp(step, "rule") == 0 || strcmp(step, "beaten") == 0;
    if (points == 0 && !of_rule)
        return NULL;                                    /* a step is a line when it changes anything */
    struct verdict_line *line = VERDICT_ADD(ledger->scene->arena, ledger->verdict->lines);
    *line = (struct verdict_line){ ledger->score_name, step, name, points, NULL };
    return line;
}

static void rule_line_add(const struct ledger *ledger, size_t rule, bool beaten)
{
    const struct firing *firing = &ledger->firings[rule];
    const char *name = ledger->scene->oracle->rules.items[rule]->name.text;
    line_add(ledger, beaten ? "beaten" : "rule", name, beaten ? 0 : firing->points)->details = firing->details;
}

static bool rule_is_in(const struct declaration *rule, const struct declaration *parent)
{
    return rule->kind == DECLARATION_RULE && strcmp(rule->parent.text, parent->name.text) == 0;
}

/* ---- groups */

/* The winner of a `take`: among the rules that fire, ties to the first in the file.  SIZE_MAX: none fires, or the group
   adds up. */
static size_t group_winner(const struct ledger *ledger, const struct declaration *group)
{
    const struct declared *rules = &ledger->scene->oracle->rules;
    size_t winner = SIZE_MAX;
    if (group->take != TAKE_HIGHEST && group->take != TAKE_LOWEST && group->take != TAKE_FIRST)
        return winner;
    for (size_t i = 0; i < rules->count; i++) {
        if (!rule_is_in(rules->items[i], group) || ledger->firings[i].state != RULE_FIRES)
            continue;
        if (winner == SIZE_MAX ||
            (group->take == TAKE_HIGHEST && ledger->firings[i].points > ledger->firings[winner].points) ||
            (group->take == TAKE_LOWEST && ledger->firings[i].points < ledger->firings[winner].points))
            winner = i;
    }
    return winner;
}

static int64_t group_points(const struct ledger *ledger, const struct declaration *group)
{
    const struct oracle *oracle = ledger->scene->oracle;
    size_t winner = group_winner(ledger, group);
    int64_t sum = 0, before;
    for (size_t i = 0; i < oracle->rules.count; i++) {
        if (!rule_is_in(oracle->rules.items[i], group) || ledger->firings[i].state != RULE_FIRES)
            continue;
        bool beaten = winner != SIZE_MAX && i != winner;
        rule_line_add(ledger, i, beaten);
        sum += beaten ? 0 : ledger->firings[i].points;
    }
    before = sum;
    if (group->weight.kind != BOUND_ABSENT)
        sum = number_weigh(sum, bound_ppm(oracle, &group->weight));
    line_add(ledger, "weight", group->name.text, sum - before);
    before = sum;
    if (group->at_most.kind != BOUND_ABSENT && sum > bound_units(oracle, &group->at_most))
        sum = bound_units(oracle, &group->at_most);
    line_add(ledger, "at most", group->name.text, sum - before);
    before = sum;
    if (group->at_least.kind != BOUND_ABSENT && sum < bound_units(oracle, &group->at_least))
        sum = bound_units(oracle, &group->at_least);
    line_add(ledger, "at least", group->name.text, sum - before);
    return sum;
}

/* ---- what every score goes through: decay, rounding, clamp */

/* Only where the sum is positive; a lead that never had any does not decay. */
static int64_t decayed(const struct ledger *ledger, const struct tree_lose *lose, int64_t sum, int64_t *idle)
{
    struct scene *scene = ledger->scene;
    if (!lose->present || sum <= 0)
        return sum;
    struct event_list events = set_events(scene, lose->without);
    if (!events.known || events.count == 0)
        return sum;
    int64_t count;
    enum time_unit unit;
    duration_find(scene->oracle, &lose->every, &count, &unit);
    int64_t periods = instant_whole_units(events.items[events.count - 1]->at, scene->now, unit) / count;
    *idle = periods;
    if (lose->by_points) {
        wide_int left = (wide_int)sum - (wide_int)bound_units(scene->oracle, &lose->amount) * periods;
        return left < 0 ? 0 : (int64_t)left;
    }
    int64_t factor = FACTOR_ONE;
    for (int64_t period = 0; period < periods && factor > 0; period++)
        factor = factor_next(factor, bound_ppm(scene->oracle, &lose->amount));
    return number_decay(sum, factor);
}

static int64_t clamped(const struct ledger *ledger, int64_t sum)
{
    const struct oracle *oracle = ledger->scene->oracle;
    const struct declaration *score = ledger->score;
    if (score->to.kind != BOUND_ABSENT && sum > bound_units(oracle, &score->to))
        sum = bound_units(oracle, &score->to);
    if (score->from.kind != BOUND_ABSENT && sum < bound_units(oracle, &score->from))
        sum = bound_units(oracle, &score->from);
    return sum;
}

/* Half away from zero, to a multiple of the step. */
static int64_t rounded(const struct ledger *ledger, int64_t sum)
{
    if (ledger->score->rounded_to.kind == BOUND_ABSENT)
        return sum;
    int64_t step = bound_units(ledger->scene->oracle, &ledger->score->rounded_to);
    wide_int size = sum < 0 ? -(wide_int)sum : sum, steps = (2 * size + step) / (2 * (wide_int)step);
    return (int64_t)(sum < 0 ? -steps * step : steps * step);
}

static int64_t steps_taken(const struct ledger *ledger, int64_t sum)
{
    int64_t before = sum, idle = 0;
    sum = decayed(ledger, &ledger->score->lose, sum, &idle);
    struct verdict_line *line = line_add(ledger, "decay", "", sum - before);
    if (line)
        line->details = arena_format(ledger->scene->arena, "after %lld periods", (long long)idle);
    before = sum;
    sum = rounded(ledger, sum);
    line_add(ledger, "rounding", "", sum - before);
    before = sum;
    sum = clamped(ledger, sum);
    line_add(ledger, "clamp", "", sum - before);
    return sum;
}

/* Rules, groups, base. */
static int64_t plain_sum(const struct ledger *ledger)
{
    const struct oracle *oracle = ledger->scene->oracle;
    int64_t sum = 0;
    for (size_t i = 0; i < oracle->rules.count; i++)
        if (rule_is_in(oracle->rules.items[i], ledger->score) && ledger->firings[i].state == RULE_FIRES) {
            rule_line_add(ledger, i, false);
            sum += ledger->firings[i].points;
        }
    for (size_t i = 0; i < oracle->groups.count; i++)
        if (strcmp(oracle->groups.items[i]->parent.text, ledger->score->name.text) == 0)
            sum += group_points(ledger, oracle->groups.items[i]);
    int64_t base = ledger->score->starts_at.kind == BOUND_ABSENT ? 0 : bound_units(oracle, &ledger->score->starts_at);
    line_add(ledger, "base", "", base);
    return sum + base;
}

/* ---- combined scores */

struct scores { struct ledger ledger; int64_t *points; bool *done; };

static int64_t score_points(struct scores *scores, size_t index);

static const struct named *score_named(const struct scores *scores, const struct tree *tree)
{
    const struct named *named =
        tree->kind == TREE_NAME ? name_find(scores->ledger.scene->oracle, tree->name.text) : NULL;
    return named && named->meaning == MEANS_SCORE ? named : NULL;
}

static bool has_score(const struct scores *scores, const struct tree *tree)
{
    return tree && (score_named(scores, tree) || has_score(scores, tree->left) || has_score(scores, tree->right));
}

/* The factor of a term, exact in millionths: percents and numbers, possibly several. */
static int64_t factor_ppm(const struct scores *scores, const struct tree *tree)
{
    if (score_named(scores, tree))
        return 1000000;
    switch (tree->kind) {
    case TREE_PERCENT: return tree->number;
    case TREE_NUMBER: return tree->number * 100;
    case TREE_NEGATE: return -factor_ppm(scores, tree->left);
    case TREE_MULTIPLY:
        return (int64_t)((wide_int)factor_ppm(scores, tree->left) * factor_ppm(scores, tree->right) / 1000000);
    case TREE_NAME: {
        struct bound bound = { .kind = BOUND_SETTING, .setting = tree->name };
        return bound_ppm(scores->ledger.scene->oracle, &bound);
    }
    default: return 0;
    }
}

static size_t score_in(struct scores *scores, const struct tree *tree)
{
    const struct named *named = score_named(scores, tree);
    if (named)
        return named->index;
    return score_in(scores, tree->left && has_score(scores, tree->left) ? tree->left : tree->right);
}

/* A sum of terms, each a score times a number or percent, or a number; each weighted exactly and rounded once, at its
   line. */
static int64_t terms_points(struct scores *scores, const struct tree *tree, bool minus)
{
    if (tree->kind == TREE_ADD || tree->kind == TREE_SUBTRACT) {
        int64_t left = terms_points(scores, tree->left, minus);
        return left + terms_points(scores, tree->right, tree->kind == TREE_SUBTRACT ? !minus : minus);
    }
    if (tree->kind == TREE_NEGATE && (tree->left->kind == TREE_ADD || tree->left->kind == TREE_SUBTRACT))
        return terms_points(scores, tree->left, !minus);
    int64_t points;
    if (has_score(scores, tree)) {
        int64_t ppm = factor_ppm(scores, tree);
        points = number_weigh(scores->points[score_in(scores, tree)], minus ? -ppm : ppm);
    } else {
        points = expression_value(scores->ledger.scene, tree).number;
        points = minus ? -points : points;
    }
    line_add(&scores->ledger, "term", "", points);
    return points;
}

static void scores_needed(struct scores *scores, const struct tree *tree)
{
    if (!tree)
        return;
    const struct named *named = score_named(scores, tree);
    if (named)
        score_points(scores, named->index);
    scores_needed(scores, tree->left);
    scores_needed(scores, tree->right);
}

/* Index scores.count is the `total` that nobody declared: the sum of the plain scores. */
static int64_t score_points(struct scores *scores, size_t index)
{
    const struct oracle *oracle = scores->ledger.scene->oracle;
    struct ledger *ledger = &scores->ledger;
    if (scores->done[index])
        return scores->points[index];
    int64_t sum = 0;
    if (index == oracle->scores.count) {
        for (size_t i = 0; i < oracle->scores.count; i++)
            if (!oracle->scores.items[i]->expression)
                score_points(scores, i);
        ledger->score_name = "total";
        for (size_t i = 0; i < oracle->scores.count; i++)
            if (!oracle->scores.items[i]->expression) {
                line_add(ledger, "term", "", scores->points[i]);
                sum += scores->points[i];
            }
    } else {
        scores_needed(scores, oracle->scores.items[index]->expression);
        ledger->score = oracle->scores.items[index];
        ledger->score_name = ledger->score->name.text;
        sum = ledger->score->expression ? terms_points(scores, ledger->score->expression, false) : plain_sum(ledger);
        sum = steps_taken(ledger, sum);
    }
    scores->done[index] = true;
    return scores->points[index] = sum;
}

/* ---- bands and matrices */

static size_t band_label(const struct scene *scene, const struct declaration *band, const int64_t *points)
{
    int64_t score = points[name_find(scene->oracle, band->parent.text)->index];
    size_t index = 0;
    for (const struct tree_band_row *row = band->bands; row; row = row->next, index++) {
        if (row->from.kind != BOUND_ABSENT && score < bound_units(scene->oracle, &row->from))
            continue;
        if (row->below.kind != BOUND_ABSENT && score >= bound_units(scene->oracle, &row->below))
            continue;
        return index;
    }
    return SIZE_MAX;
}

static const char *label_name(const struct declaration *band, size_t index)
{
    const struct tree_band_row *row = band->bands;
    for (; row && index > 0; row = row->next)
        index--;
    return row && index == 0 ? row->label.text : NULL;
}

/* The second band's labels in a row, then for each label of the first band a row of texts. */
static const char *matrix_cell(const struct scene *scene, const struct declaration *matrix, const char *const *bands)
{
    const char *row_label = bands[name_find(scene->oracle, matrix->parent.text)->index];
    const char *column_label = bands[name_find(scene->oracle, matrix->parent_by.text)->index];
    if (!row_label || !column_label)
        return NULL;
    for (const struct tree_matrix_row *row = matrix->matrix_rows; row; row = row->next) {
        if (strcmp(row->label.text, row_label) != 0)
            continue;
        const struct literal_list *cell = row->cells;
        for (const struct name_list *label = matrix->labels; label && cell; label = label->next, cell = cell->next)
            if (strcmp(label->name.text, column_label) == 0)
                return cell->literal.bytes;
    }
    return NULL;
}

static void labels_compute(struct scene *scene, struct verdict *verdict)
{
    const struct oracle *oracle = scene->oracle;
    const char **bands = arena_alloc(scene->arena, (oracle->bands.count + 1) * sizeof *bands);
    const char **matrices = arena_alloc(scene->arena, (oracle->matrices.count + 1) * sizeof *matrices);
    for (size_t i = 0; i < oracle->bands.count; i++) {
        size_t label = band_label(scene, oracle->bands.items[i], scene->scores);
        bands[i] = label == SIZE_MAX ? NULL : label_name(oracle->bands.items[i], label);
        *VERDICT_ADD(scene->arena, verdict->bands) =
            (struct verdict_label){ oracle->bands.items[i]->name.text, bands[i] };
    }
    for (size_t i = 0; i < oracle->matrices.count; i++) {
        matrices[i] = matrix_cell(scene, oracle->matrices.items[i], bands);
        *VERDICT_ADD(scene->arena, verdict->matrices) =
            (struct verdict_label){ oracle->matrices.items[i]->name.text, matrices[i] };
    }
    scene->bands = bands;
    scene->matrices = matrices;
}

/* ---- all of it */

static void undecided_add(struct scene *scene, struct verdict *verdict, const char *rule, const struct reason *reasons)
{
    struct { const char **items; size_t count, capacity; } names = { 0 };
    for (; reasons; reasons = reasons->next)
        *VERDICT_ADD(scene->arena, names) = reasons->name;
    *VERDICT_ADD(scene->arena, verdict->undecided) = (struct verdict_undecided){ rule, names.items, names.count };
}

/* Scores are computed as others need them; their lines stand in the order in which they are declared. */
static void lines_sort(struct scene *scene, struct verdict *verdict)
{
    struct verdict sorted = { 0 };
    for (size_t score = 0; score < verdict->scores.count; score++)
        for (size_t i = 0; i < verdict->lines.count; i++)
            if (strcmp(verdict->lines.items[i].score, verdict->scores.items[score].name) == 0)
                *VERDICT_ADD(scene->arena, sorted.lines) = verdict->lines.items[i];
    verdict->lines = sorted.lines;
}

void scores_compute(struct scene *scene, struct verdict *verdict)
{
    const struct oracle *oracle = scene->oracle;
    struct firing *firings = arena_alloc(scene->arena, (oracle->rules.count + 1) * sizeof *firings);
    /* A lead for which any holds is disqualified; rules see it, so this comes first. */
    for (size_t i = 0; i < oracle->rules.count; i++)
        if (oracle->rules.items[i]->kind == DECLARATION_DISQUALIFY) {
            firings[i] = rule_firing(scene, oracle->rules.items[i]);
            if (firings[i].state == RULE_FIRES)
                *VERDICT_ADD(scene->arena, verdict->disqualified) = oracle->rules.items[i]->name.text;
        }
    scene->disqualified = verdict->disqualified.count > 0;
    for (size_t i = 0; i < oracle->rules.count; i++) {
        if (oracle->rules.items[i]->kind == DECLARATION_RULE)
            firings[i] = rule_firing(scene, oracle->rules.items[i]);
        if (firings[i].state == RULE_UNDECIDED || firings[i].passed_over)
            undecided_add(scene, verdict, oracle->rules.items[i]->name.text, firings[i].reasons);
    }
    size_t count = oracle->scores.count + oracle->implicit_total;
    struct scores scores = { .ledger = { .scene = scene, .verdict = verdict, .firings = firings } };
    scores.points = arena_alloc(scene->arena, (count + 1) * sizeof *scores.points);
    scores.done = arena_alloc(scene->arena, (count + 1) * sizeof *scores.done);
    for (size_t i = 0; i < count; i++)
        *VERDICT_ADD(scene->arena, verdict->scores) =
            (struct verdict_score){ i < oracle->scores.count ? oracle->scores.items[i]->name.text : "total",
                                    score_points(&scores, i) };
    lines_sort(scene, verdict);
    scene->scores = scores.points;
    labels_compute(scene, verdict);
}
