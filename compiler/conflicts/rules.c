#include "compiler/conflicts/check.h"

#include <stdlib.h>
#include <string.h>

#include "vm/number.h"

/* One rule: never, always, parts that never hold, moot.  Two rules: the same, opposite, one inside the other. */

/* Absolute dates beside `now` may make something impossible today and possible tomorrow: then nothing is said. */
static bool looks_at_clock(const struct node *node)
{
    if (!node) return false;
    if (node->kind == NODE_NOW || node->kind == NODE_WITHIN || node->kind == NODE_UNITS_SINCE) return true;
    if (node->set &&
        (node->set->window == WINDOW_WITHIN || looks_at_clock(node->set->where) || looks_at_clock(node->set->date)))
        return true;
    return looks_at_clock(node->left) || looks_at_clock(node->right);
}

/* A date behind `after`, whichever it is when that is INT64_MIN. */
static bool has_date(const struct node *node, int64_t after)
{
    if (!node) return false;
    if (node->kind == NODE_DATE) return node->number > after || after == INT64_MIN;
    if (node->kind == NODE_IN && node->left->type == TYPE_DATE) return true;
    if (node->set && (has_date(node->set->where, after) || has_date(node->set->date, after))) return true;
    return has_date(node->left, after) || has_date(node->right, after);
}

static bool has_events(const struct node *node)
{
    if (!node) return false;
    return node->set || has_events(node->left) || has_events(node->right);
}

/* Whether the answer could be another one on another day. Events have happened by now: without a clock, dates that are
   over divide them on every later day as they do today. */
bool depends_on_day(const struct check *check, const struct node *node)
{
    return has_date(node, INT64_MIN) &&
           (looks_at_clock(node) || (has_events(node) && has_date(node, check->options->as_of)));
}

static const char *define_note(struct check *check, const struct node *node)
{
    if (!node) return NULL;
    if (node->define != NO_INDEX) return check->model->defines[node->define].name.text;
    const char *found = define_note(check, node->left);
    return found ? found : define_note(check, node->right);
}

/* ---- one rule -------------------------------------------------------------------------------------------- */

/* Two operands of an `and` that exclude each other, for the labels: as small as the tree allows. */
static void conflicting_parts(struct check *check, const struct node *node, const struct node **first,
                              const struct node **second)
{
    const struct node *parts[32];
    size_t count = 0, open_count = 1;
    const struct node *open[32] = {node};
    while (open_count > 0) {
        const struct node *part = open[--open_count];
        if (part->kind == NODE_AND && open_count + 2 <= 32) {
            open[open_count++] = part->right;
            open[open_count++] = part->left;
        } else if (count < 32) {
            parts[count++] = part;
        }
    }
    *first = *second = NULL;
    for (size_t i = 0; i < count; i++) {
        formula a = condition_holds(check->space, parts[i]);
        if (space_solve(check->space, a, false, NULL) == ANSWER_NO) {
            *first = parts[i];
            return;
        }
        for (size_t j = i + 1; j < count; j++)
            if (space_solve(check->space, formula_and(check->space, a, condition_holds(check->space, parts[j])), false,
                            NULL) == ANSWER_NO) {
                *first = parts[i];
                *second = parts[j];
                return;
            }
    }
}

static void report_never(struct check *check, const struct model_rule *rule)
{
    struct diagnostic *d = check_report(check, C1001, when_span(rule), "the condition of `%s` never holds",
                                        rule->name.text);
    if (!d) return;
    const struct node *first = NULL, *second = NULL;
    if (rule->when) conflicting_parts(check, rule->when, &first, &second);
    bool same = first && second && first->span.file == second->span.file && first->span.start == second->span.start &&
                first->span.end == second->span.end;
    if (first && second && !same) {
        diagnostic_label(d, first->span, "a lead that meets this …");
        diagnostic_label(d, second->span, "… cannot meet this");
    } else {
        diagnostic_label(d, when_span(rule), "no lead can meet this");
    }
    const char *define = define_note(check, rule->when);
    if (define) diagnostic_note(d, "`%s` is a define: its condition counts too", define);
    diagnostic_help(d, "correct the values, or join the parts with `or` if either is enough");
}

static void fields_of(struct check *check, const struct node *node, bool *wanted)
{
    if (!node) return;
    const struct space *space = check->space;
    if (node->kind == NODE_FIELD && space->field_slots && space->field_slots[node->index] != NO_INDEX)
        wanted[space->field_slots[node->index]] = true;
    if (node->set) {
        for (uint32_t event = 0; event < check->model->event_count && space->event_slots; event++)
            if (node->set->event == event || node->set->event == NO_INDEX) wanted[space->event_slots[event]] = true;
        fields_of(check, node->set->where, wanted);
        fields_of(check, node->set->date, wanted);
    }
    fields_of(check, node->left, wanted);
    fields_of(check, node->right, wanted);
}

/* Leads at random over the values of the fields that the rule looks at, until it fires. */
static bool try_leads(struct check *check, size_t index)
{
    const struct model_rule *rule = &check->model->rules[index];
    struct space *space = check->space;
    bool *wanted = memory_alloc(space->slot_count + 1), found = false;
    uint32_t *values = memory_alloc((space->slot_count + 1) * sizeof *values);
    struct node set = {.kind = NODE_HAS, .set = rule->points.set};
    fields_of(check, rule->when, wanted);
    fields_of(check, rule->points.value, wanted);
    if (rule->points.set) fields_of(check, &set, wanted);
    uint64_t random = 0x9e3779b97f4a7c15u * (index + 1);
    struct claim claim = {.kind = CLAIM_FIRES, .index = (uint32_t)index};
    for (int trial = 0; trial < 120 && !found; trial++) {
        memset(values, 0, space->slot_count * sizeof *values);
        for (uint32_t slot = 0; slot < space->slot_count; slot++) {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            if (wanted[slot] && space->slots[slot].pool_count > 0 && (trial < 80 || random >> 61))
                values[slot] = (uint32_t)((random >> 20) % space->slots[slot].pool_count);
        }
        struct witness *witness = witness_of(check, values);
        found = check_shows(check, witness, &claim, 1);
    }
    free(wanted);
    free(values);
    return found;
}

static void check_one(struct check *check, size_t index)
{
    const struct model_rule *rule = &check->model->rules[index];
    struct rule_facts *facts = &check->rules[index];
    struct space *space = check->space;
    if (rule->has_active_until && check->options->as_of >= rule->active_until) {
        struct diagnostic *d = check_report(check, C1008, rule_span(rule), "the time of `%s` is over", rule->name.text);
        if (d) {
            char day[INSTANT_TEXT];
            instant_format_day(rule->active_until, day);
            diagnostic_label(d, rule_span(rule), "active until %s", day);
            diagnostic_help(d, "remove the rule, or give it a new `active until`");
        }
        return;
    }
    enum answer answer = space_solve(space, facts->when, false, NULL);
    if (answer == ANSWER_NO) {
        facts->never = true;
        if (!rule->when || !depends_on_day(check, rule->when)) report_never(check, rule);
        else { /* perhaps on another day: the ends of the rule's window */
            int64_t days[3] = {rule->has_active_from ? rule->active_from : check->options->as_of,
                               rule->has_active_until ? rule->active_until - 1 : INSTANT_MAX,
                               check->options->as_of + 3650 * MICROS_DAY};
            bool possible = false;
            for (int i = 0; i < 3 && !possible; i++) {
                if (rule->has_active_until && days[i] >= rule->active_until) continue;
                struct space *other = space_new(check->model, check->arena, days[i]);
                formula f = condition_holds(other, rule->when);
                space_freeze(other);
                possible = space_solve(other, f, false, NULL) != ANSWER_NO;
                space_free(other);
            }
            if (!possible) report_never(check, rule);
        }
        return;
    }
    if (answer == ANSWER_UNKNOWN) {
        check_not_proven(check, when_span(rule), "whether a lead can meet the condition of `%s`", rule->name.text);
        return;
    }
    if (facts->never) {
        struct diagnostic *d = check_report(check, C1001, rule_span(rule),
                                            "`%s` never fires: its condition and its points exclude each other",
                                            rule->name.text);
        if (d) {
            diagnostic_label(d, when_span(rule), "a lead that meets this …");
            if (rule->tree) diagnostic_label(d, rule->tree->points.span, "… has no points here");
            diagnostic_help(d, "compare the windows and values of the two");
        }
        return;
    }
    if (rule->when && rule->when->kind != NODE_TRUE && !depends_on_day(check, rule->when)) {
        if (space_solve(space, facts->fails, false, NULL) == ANSWER_NO) {
            bool ever = space_solve(space, formula_not(space, facts->when), false, NULL) == ANSWER_NO;
            facts->always = true;
            bool asks_known = !ever && rule->when->kind == NODE_KNOWN;
            if (!asks_known) {
                struct diagnostic *d = check_report(
                    check, C1002, when_span(rule),
                    ever ? "the condition of `%s` always holds"
                         : "the condition of `%s` holds for every lead of which the value is known",
                    rule->name.text);
                if (d) {
                    diagnostic_label(d, when_span(rule), ever ? "every lead meets this" : "no value fails this");
                    diagnostic_help(d, rule->disqualifies
                                           ? "correct the values: every lead is disqualified"
                                           : "correct the values, or give the points to everybody with `starts at`");
                }
            }
        }
    }
    if (formula_inexact(space, facts->fires)) { /* the space is too wide here: is there really such a lead? */
        struct witness *witness = witness_for(check, facts->fires, &answer);
        struct claim claim = {.kind = CLAIM_FIRES, .index = (uint32_t)index};
        if (witness && facts->active && check->options->replay && !check_shows(check, witness, &claim, 1) &&
            !try_leads(check, index)) {
            const char *why = opaque_reason(space, facts->fires);
            check_not_proven(check, when_span(rule), "whether a lead can meet the condition of `%s` (%s)",
                             rule->name.text, why ? why : "it looks at more than one value");
        }
    }
}

/* ---- two rules ------------------------------------------------------------------------------------------ */

static bool windows_meet(const struct model_rule *a, const struct model_rule *b)
{
    int64_t from = INT64_MIN, until = INT64_MAX;
    if (a->has_active_from && a->active_from > from) from = a->active_from;
    if (b->has_active_from && b->active_from > from) from = b->active_from;
    if (a->has_active_until && a->active_until < until) until = a->active_until;
    if (b->has_active_until && b->active_until < until) until = b->active_until;
    return from < until;
}

static bool takes_one(const struct check *check, const struct model_rule *rule)
{
    if (rule->group == NO_INDEX) return false;
    enum take take = check->model->groups[rule->group].take;
    return take == TAKE_HIGHEST || take == TAKE_LOWEST || take == TAKE_FIRST;
}

static bool over(const struct check *check, const struct model_rule *rule)
{
    return rule->has_active_until && check->options->as_of >= rule->active_until;
}

static bool pair_counts(const struct check *check, size_t a, size_t b)
{
    const struct model_rule *left = &check->model->rules[a], *right = &check->model->rules[b];
    if (!check->rules[a].scores || !check->rules[b].scores || left->score != right->score) return false;
    if (left->group == right->group && takes_one(check, left)) return false;
    return windows_meet(left, right) && !over(check, left) && !over(check, right) && !check->rules[a].never &&
           !check->rules[b].never;
}

static int sign_of(const struct model_rule *rule) /* of what the rule gives: 0 when it can be either */
{
    const struct model_points *points = &rule->points;
    if (points->kind == POINTS_FIXED || points->kind == POINTS_EACH)
        return points->points > 0 ? 1 : points->points < 0 ? -1 : 0;
    if (points->kind != POINTS_CHOOSE && points->kind != POINTS_BY) return 0;
    bool up = false, down = false;
    for (size_t i = 0; i < points->row_count; i++) {
        up |= points->rows[i].points > 0;
        down |= points->rows[i].points < 0;
    }
    return up && !down ? 1 : down && !up ? -1 : 0;
}

static bool within_signature(const struct check *check, size_t a, size_t b)
{
    uint32_t own = check->rules[a].own_sample; /* the lead made for a: nearly always enough */
    if (own != NO_INDEX && !(check->signatures[b * check->signature_words + own / 64] >> (own % 64) & 1)) return false;
    const uint64_t *left = &check->signatures[a * check->signature_words],
                   *right = &check->signatures[b * check->signature_words];
    for (size_t word = 0; word < check->signature_words; word++)
        if (left[word] & ~right[word]) return false;
    return true;
}

/* Whether every lead for which a fires makes b fire too. */
static bool implies(struct check *check, size_t a, size_t b)
{
    if (check->rules[a].fires == check->rules[b].fires) return true;
    formula against = formula_and(check->space, check->rules[a].fires,
                                  formula_not(check->space, check->rules[b].fires));
    return space_solve(check->space, against, false, NULL) == ANSWER_NO;
}

static bool day_free(const struct check *check, size_t a, size_t b)
{
    const struct rule_facts *left = &check->rules[a], *right = &check->rules[b];
    return left->fires == right->fires ||
           (!left->depends_on_day && !right->depends_on_day && !(left->has_date && right->sees_clock) &&
            !(right->has_date && left->sees_clock));
}

static void both_fire(struct check *check, struct diagnostic *d, size_t a, size_t b)
{
    enum answer answer;
    const struct model_rule *left = &check->model->rules[a], *right = &check->model->rules[b];
    struct witness *witness = witness_for(
        check, formula_and(check->space, check->rules[a].fires, check->rules[b].fires), &answer);
    if (!witness || !d || !check->rules[a].active || !check->rules[b].active) return;
    struct claim claims[2] = {{.kind = CLAIM_FIRES, .index = (uint32_t)a}, {.kind = CLAIM_FIRES, .index = (uint32_t)b}};
    if (formula_inexact(check->space, check->rules[a].fires) || formula_inexact(check->space, check->rules[b].fires))
        if (!check_shows(check, witness, claims, 2)) return;
    check_witness(check, d, witness, claims, 2,
                  arena_format(check->arena, "%s and %s", left->name.text, right->name.text));
    diagnostic_note(d, "for instance: %s", check_lead_text(check, witness));
}

static const char *points_text(struct check *check, const struct model_rule *rule)
{
    if (rule->points.kind == POINTS_FIXED)
        return arena_format(check->arena, "gives %s", check_points(check, rule->points.points));
    if (rule->points.kind == POINTS_EACH)
        return arena_format(check->arena, "gives %s for each", check_points(check, rule->points.points));
    return "gives points";
}

static void report_same(struct check *check, const uint32_t *rules, size_t count)
{
    const struct model_rule *first = &check->model->rules[rules[0]];
    const char *score = check->model->scores[first->score].name.text;
    bool up = false, down = false, open = false;
    for (size_t i = 0; i < count; i++) {
        int sign = sign_of(&check->model->rules[rules[i]]);
        if (sign > 0) up = true;
        else if (sign < 0) down = true;
        else open = true;
    }
    bool opposite = up && down;
    const struct model_rule *last = &check->model->rules[rules[count - 1]];
    (void)open;
    struct diagnostic *d;
    if (opposite && count == 2) {
        bool cancel = first->points.kind == POINTS_FIXED && last->points.kind == POINTS_FIXED &&
                      (wide_int)first->points.points * first->weight_ppm ==
                          -(wide_int)last->points.points * last->weight_ppm;
        d = check_report(check, C1004, rule_span(last),
                         cancel ? "`%s` and `%s` always cancel each other in `%s`"
                                : "`%s` and `%s` give and take points in `%s` for the same leads",
                         first->name.text, last->name.text, score);
    } else {
        d = check_report(check, C1003, rule_span(last),
                         count == 2 ? "`%s` and `%s` count the same thing twice in `%s`"
                                    : "`%s`, `%s` and others count the same thing several times in `%s`",
                         first->name.text, last->name.text, score);
    }
    if (!d) return;
    for (size_t i = count; i-- > 0;) {
        const struct model_rule *rule = &check->model->rules[rules[i]];
        diagnostic_label(d, rule_span(rule), i == count - 1 ? "fires for the same leads, and %s" : "%s",
                         points_text(check, rule));
    }
    if (opposite) diagnostic_help(d, "keep one rule with the points that are meant");
    else diagnostic_help(d, "keep one of them, or put both into a group that says `take highest`");
    both_fire(check, d, rules[0], rules[count - 1]);
}

/* Whoever it is: then it is no double counting, but everybody's points. */
static bool fires_for_all(struct check *check, size_t rule)
{
    return space_solve(check->space, formula_not(check->space, check->rules[rule].fires), false, NULL) == ANSWER_NO;
}

/* ---- all pairs ------------------------------------------------------------------------------------------ */

static void check_same(struct check *check, uint32_t *class_of)
{
    size_t count = check->model->rule_count;
    uint32_t *members = memory_alloc((count + 1) * sizeof *members);
    for (size_t i = 0; i < count; i++) class_of[i] = (uint32_t)i;
    uint64_t *hashes = memory_alloc((count + 1) * sizeof *hashes);
    for (size_t i = 0; i < count; i++) {
        hashes[i] = 0xcbf29ce484222325u;
        for (size_t word = 0; word < check->signature_words; word++)
            hashes[i] = (hashes[i] ^ check->signatures[i * check->signature_words + word]) * 0x100000001b3u;
    }
    for (size_t i = 0; i < count; i++) {
        if (class_of[i] != i || !check->rules[i].scores || check->rules[i].never) continue;
        size_t member_count = 1;
        members[0] = (uint32_t)i;
        for (size_t j = i + 1; j < count; j++) {
            if (class_of[j] != j || hashes[i] != hashes[j] || !pair_counts(check, i, j) || !day_free(check, i, j))
                continue;
            if (check->rules[i].fires == FORMULA_TRUE) continue;
            if (!implies(check, i, j) || !implies(check, j, i)) continue;
            class_of[j] = (uint32_t)i;
            members[member_count++] = (uint32_t)j;
        }
        if (member_count < 2 || fires_for_all(check, i)) continue;
        report_same(check, members, member_count);
    }
    free(members);
    free(hashes);
}

/* For each rule the rules that it is inside of; grouped under the wider one, only the nearest on a ladder. */
static void check_inside(struct check *check, const uint32_t *class_of)
{
    size_t count = check->model->rule_count;
    uint32_t *inner = memory_alloc((count + 1) * sizeof *inner);
    for (size_t wide = 0; wide < count; wide++) {
        if (class_of[wide] != wide || !check->rules[wide].scores || check->rules[wide].never ||
            check->rules[wide].always || check->rules[wide].fires == FORMULA_TRUE)
            continue;
        const struct model_rule *wide_rule = &check->model->rules[wide];
        int sign = check->rules[wide].sign;
        if (sign == 0) continue;
        size_t inner_count = 0;
        for (size_t narrow = 0; narrow < count; narrow++) {
            if (check->model->rules[narrow].score != wide_rule->score || check->rules[narrow].sign != sign ||
                narrow == wide || class_of[narrow] == wide)
                continue;
            if (!within_signature(check, narrow, wide) || !pair_counts(check, wide, narrow) ||
                !day_free(check, wide, narrow))
                continue;
            bool again = false; /* one of the same leads is among them already */
            for (size_t i = 0; i < inner_count && !again; i++) again = class_of[inner[i]] == class_of[narrow];
            if (again || !implies(check, narrow, wide)) continue;
            inner[inner_count++] = (uint32_t)narrow;
        }
        size_t nearest = 0;
        for (size_t i = 0; i < inner_count; i++) { /* inside another one that is inside this one: said there */
            bool farther = false;
            for (size_t j = 0; j < inner_count && !farther; j++)
                farther = i != j && within_signature(check, inner[i], inner[j]) &&
                          !within_signature(check, inner[j], inner[i]) && implies(check, inner[i], inner[j]);
            if (!farther) {
                uint32_t swap = inner[nearest];
                inner[nearest++] = inner[i];
                inner[i] = swap;
            }
        }
        if (inner_count == 0 || fires_for_all(check, wide)) continue;
        const struct model_rule *narrow = &check->model->rules[inner[0]];
        struct diagnostic *d = check_report(check, C1005, rule_span(narrow),
                                            "whoever gets the points of `%s` gets those of `%s` too", narrow->name.text,
                                            wide_rule->name.text);
        if (!d) continue;
        diagnostic_label(d, rule_span(narrow), "inside `%s`: %s", wide_rule->name.text, points_text(check, narrow));
        diagnostic_label(d, rule_span(wide_rule), "%s, on top", points_text(check, wide_rule));
        for (size_t i = 1; i < nearest && i < 4; i++) {
            const struct model_rule *other = &check->model->rules[inner[i]];
            diagnostic_label(d, rule_span(other), "inside `%s` as well", wide_rule->name.text);
        }
        if (inner_count > 4) diagnostic_note(d, "%zu rules in all are inside `%s`", inner_count, wide_rule->name.text);
        diagnostic_help(d, "if only the better one shall count, put them into a group that says `take highest`; if it "
                           "is a ladder, say so with `# rubric: allow INSIDE because \"…\"`");
        both_fire(check, d, inner[0], wide);
    }
    free(inner);
}

/* Points that only disqualified leads get. */
static void check_moot(struct check *check)
{
    for (size_t i = 0; i < check->model->rule_count; i++) {
        if (!check->rules[i].scores || check->rules[i].never || over(check, &check->model->rules[i]) ||
            check->rules[i].fires == FORMULA_TRUE || sign_of(&check->model->rules[i]) < 0)
            continue;
        size_t by = SIZE_MAX;
        formula left = check->rules[i].fires;
        bool said = false;
        for (size_t j = 0; j < check->model->rule_count && by == SIZE_MAX; j++) {
            if (!check->model->rules[j].disqualifies || check->rules[j].never || !day_free(check, i, j)) continue;
            if (check->rules[j].always) said = true; /* everybody is: that is said there */
            left = formula_and(check->space, left, formula_not(check->space, check->rules[j].fires));
            if (within_signature(check, i, j) && implies(check, i, j)) by = j;
        }
        if (said || left == check->rules[i].fires) continue;
        if (by == SIZE_MAX && space_solve(check->space, left, false, NULL) != ANSWER_NO) continue;
        const struct model_rule *rule = &check->model->rules[i];
        struct diagnostic *d = check_report(check, C1006, rule_span(rule),
                                            "every lead that gets the points of `%s` is disqualified", rule->name.text);
        if (!d) continue;
        diagnostic_label(d, rule_span(rule), "the points are of no use");
        for (size_t j = 0, shown = 0; j < check->model->rule_count && shown < 4; j++) {
            if (by == SIZE_MAX ? !check->model->rules[j].disqualifies || check->rules[j].never : j != by) continue;
            formula both = formula_and(check->space, check->rules[i].fires, check->rules[j].fires);
            if (space_solve(check->space, both, false, NULL) != ANSWER_YES) continue;
            diagnostic_label(d, rule_span(&check->model->rules[j]),
                             by != SIZE_MAX ? "disqualifies all of them" : "disqualifies some of them");
            if (shown++ == 0) both_fire(check, d, i, j);
        }
        if (by != SIZE_MAX)
            diagnostic_help(d, "remove the rule, or make `%s` narrower", check->model->rules[by].name.text);
        else diagnostic_help(d, "remove the rule, or make the disqualifications narrower");
    }
}

void check_rules(struct check *check)
{
    size_t count = check->model->rule_count;
    for (size_t i = 0; i < count; i++) {
        struct rule_facts *facts = &check->rules[i];
        const struct node *when = check->model->rules[i].when;
        facts->sign = sign_of(&check->model->rules[i]);
        facts->has_date = has_date(when, INT64_MIN);
        facts->sees_clock = looks_at_clock(when);
        facts->depends_on_day = depends_on_day(check, when);
        check_one(check, i);
    }
    uint32_t *class_of = memory_alloc((count + 1) * sizeof *class_of);
    check_same(check, class_of);
    check_inside(check, class_of);
    check_moot(check);
    check_all_parts(check);
    free(class_of);
}
