#include "tests/oracle/parts.h"

#include <string.h>

bool tree_is_set(const struct scene *scene, const struct tree *tree)
{
    switch (tree->kind) {
    case TREE_ACTIVITY: case TREE_WHERE: case TREE_SET: return true;
    case TREE_WITHIN: case TREE_SINCE: case TREE_BEFORE: return tree_is_set(scene, tree->left);
    case TREE_NAME: {
        for (const struct binding *binding = scene->bindings; binding; binding = binding->next)
            if (strcmp(binding->name, tree->name.text) == 0)
                return false;
        for (const struct tree_field *field = scene->event && !scene->any_type ? scene->event->type->fields : NULL;
             field; field = field->next)
            if (strcmp(field->name.text, tree->name.text) == 0)
                return false;
        const struct named *named = name_find(scene->oracle, tree->name.text);
        return named && named->meaning == MEANS_EVENT;
    }
    default: return false;
    }
}

/* `count of tags` may come wrapped as a set although it is a list field; then it is none. */
static struct event_list nothing_known(struct reason *reasons)
{
    return (struct event_list){ .known = false, .reasons = reasons };
}

static struct event_list all_of_type(const struct scene *scene, const struct tree *tree)
{
    struct event_list list = { .known = true };
    list.items = arena_alloc(scene->arena, (scene->lead->event_count + 1) * sizeof *list.items);
    for (size_t i = 0; i < scene->lead->event_count; i++) {
        const struct event *event = &scene->lead->events[i];
        bool is = tree->kind == TREE_ACTIVITY ? !event->type->not_activity
                                              : strcmp(event->type->name.text, tree->name.text) == 0;
        if (is)
            list.items[list.count++] = event;
    }
    return list;
}

static const char *set_name(const struct tree *tree)
{
    while (tree->kind != TREE_NAME && tree->kind != TREE_ACTIVITY)
        tree = tree->left;
    return tree->kind == TREE_ACTIVITY ? "activity" : tree->name.text;
}

/* An event belongs to a set when its `where` holds; if it is unknown, it does not. */
static void keep_where(const struct scene *scene, struct event_list *list, const struct tree *where, bool any_type)
{
    size_t kept = 0;
    for (size_t i = 0; i < list->count; i++) {
        struct scene inside = *scene;
        inside.event = list->items[i];
        inside.any_type = any_type;
        struct value holds = condition_value(&inside, where);
        if (holds.known && holds.holds)
            list->items[kept++] = list->items[i];
    }
    list->count = kept;
}

/* within: (now - D, now]; since includes its instant, before does not. */
static void keep_window(const struct scene *scene, struct event_list *list, enum window_kind kind,
                        const struct duration *duration, const struct tree *date)
{
    struct value edge = { .known = true };
    if (kind == WINDOW_WITHIN) {
        int64_t count;
        enum time_unit unit;
        duration_find(scene->oracle, duration, &count, &unit);
        edge = value_date(instant_step(scene->now, -count, unit));
    } else if (kind != WINDOW_NONE) {
        edge = expression_value(scene, date);
    }
    if (!edge.known) { /* if the DATE of a `since` or `before` is missing, the set is unknown */
        *list = nothing_known(reasons_join(scene->arena, list->known ? NULL : list->reasons, edge.reasons));
        return;
    }
    size_t kept = 0;
    for (size_t i = 0; i < list->count; i++) {
        int64_t at = list->items[i]->at;
        bool inside = kind == WINDOW_NONE || (kind == WINDOW_WITHIN && at > edge.number) ||
                      (kind == WINDOW_SINCE && at >= edge.number) || (kind == WINDOW_BEFORE && at < edge.number);
        if (inside)
            list->items[kept++] = list->items[i];
    }
    list->count = kept;
}

struct event_list set_events(const struct scene *scene, const struct tree *tree)
{
    struct event_list list;
    switch (tree->kind) {
    case TREE_NAME: case TREE_ACTIVITY:
        return all_of_type(scene, tree);
    case TREE_WHERE: case TREE_SET:
        list = set_events(scene, tree->left);
        if (tree->kind == TREE_WHERE)
            keep_where(scene, &list, tree->right, strcmp(set_name(tree->left), "activity") == 0);
        keep_window(scene, &list, tree->window.kind, &tree->window.duration, tree->window.date);
        return list;
    case TREE_WITHIN: case TREE_SINCE: case TREE_BEFORE:
        list = set_events(scene, tree->left);
        keep_window(scene, &list,
                    tree->kind == TREE_WITHIN  ? WINDOW_WITHIN
                    : tree->kind == TREE_SINCE ? WINDOW_SINCE
                                               : WINDOW_BEFORE,
                    &tree->duration, tree->right);
        return list;
    default:
        return nothing_known(NULL);
    }
}

/* ---- what is asked of a set */

static const struct value *event_field(const struct event *event, const char *name)
{
    size_t index = 0;
    for (const struct tree_field *field = event->type->fields; field; field = field->next, index++)
        if (strcmp(field->name.text, name) == 0)
            return event->fields[index].known ? &event->fields[index] : NULL;
    return NULL;
}

/* sum of nothing is 0; min, max and average of nothing are missing; events without the field are passed over; added up
   wide. */
static struct value aggregate_value(const struct scene *scene, const struct tree *tree, const struct event_list *list)
{
    wide_int sum = 0;
    int64_t least = INT64_MAX, most = INT64_MIN, count = 0, result = 0;
    for (size_t i = 0; i < list->count; i++) {
        const struct value *field = event_field(list->items[i], tree->name.text);
        if (!field)
            continue;
        sum += field->number;
        least = field->number < least ? field->number : least;
        most = field->number > most ? field->number : most;
        count++;
    }
    struct value missing = value_missing(VALUE_NUMBER, NULL);
    if (tree->aggregate == AGGREGATE_SUM)
        return number_narrow(sum, &result) ? value_number(result) : missing;
    if (count == 0)
        return value_missing(VALUE_NUMBER, reason_one(scene->arena, set_name(tree->left)));
    if (tree->aggregate == AGGREGATE_AVERAGE)
        return number_average(sum, count, &result) ? value_number(result) : missing;
    return value_number(tree->aggregate == AGGREGATE_MIN ? least : most);
}

/* `distinct type over activity`: how many types of event. */
static struct value distinct_types(const struct event_list *list)
{
    int64_t count = 0;
    for (size_t i = 0; i < list->count; i++) {
        bool seen = false;
        for (size_t before = 0; before < i; before++)
            seen = seen || list->items[before]->type == list->items[i]->type;
        count += !seen;
    }
    return value_number(count * NUMBER_ONE);
}

static struct value distinct_value(const struct tree *tree, const struct event_list *list)
{
    int64_t count = 0;
    if (strcmp(set_name(tree->left), "activity") == 0)
        return distinct_types(list);
    for (size_t i = 0; i < list->count; i++) {
        const struct value *field = event_field(list->items[i], tree->name.text);
        bool seen = false;
        for (size_t before = 0; field && before < i; before++) {
            const struct value *other = event_field(list->items[before], tree->name.text);
            seen = seen || (other && value_same(*field, *other));
        }
        count += field && !seen;
    }
    return value_number(count * NUMBER_ONE);
}

static struct value quantity_value(const struct scene *scene, const struct tree *tree, size_t count)
{
    int64_t wanted = bound_units(scene->oracle, &tree->bound), have = (int64_t)count * NUMBER_ONE;
    switch (tree->quantity) {
    case QUANTITY_AT_LEAST: return value_condition(have >= wanted);
    case QUANTITY_AT_MOST: return value_condition(have <= wanted);
    case QUANTITY_EXACTLY: return value_condition(have == wanted);
    case QUANTITY_MORE_THAN: return value_condition(have > wanted);
    case QUANTITY_FEWER_THAN: return value_condition(have < wanted);
    }
    return value_condition(false);
}

struct value set_answer(const struct scene *scene, const struct tree *tree)
{
    bool asks = tree->kind == TREE_COUNT || tree->kind == TREE_AGGREGATE || tree->kind == TREE_DISTINCT ||
                tree->kind == TREE_FIRST || tree->kind == TREE_LAST || tree->kind == TREE_NO_SET ||
                tree->kind == TREE_QUANTITY;
    const struct tree *set = asks ? tree->left : tree;
    struct event_list list = set_events(scene, set);
    switch (tree->kind) {
    case TREE_COUNT: case TREE_AGGREGATE: case TREE_DISTINCT:
        if (!list.known)
            return value_missing(VALUE_NUMBER, list.reasons);
        return tree->kind == TREE_COUNT ? value_number((int64_t)list.count * NUMBER_ONE)
             : tree->kind == TREE_DISTINCT ? distinct_value(tree, &list) : aggregate_value(scene, tree, &list);
    case TREE_FIRST: case TREE_LAST:
        if (!list.known)
            return value_missing(VALUE_DATE, list.reasons);
        if (list.count == 0)
            return value_missing(VALUE_DATE, reason_one(scene->arena, set_name(set)));
        return value_date(list.items[tree->kind == TREE_FIRST ? 0 : list.count - 1]->at);
    default:
        break;
    }
    if (!list.known)
        return value_missing(VALUE_CONDITION, list.reasons);
    return tree->kind == TREE_NO_SET ? value_condition(list.count == 0)
         : tree->kind == TREE_QUANTITY ? quantity_value(scene, tree, list.count) : value_condition(list.count > 0);
}
