#include "tests/oracle/product.h"

#include <string.h>

#include "tests/oracle/json.h"

struct result { const struct json *object; struct arena *arena; struct verdict *verdict; };

static const char *word_of(const struct result *result, struct text text)
{
    return arena_copy(result->arena, text.bytes, text.length);
}

static const struct json *member(const struct json *object, const char *name)
{
    return json_member(object, name, strlen(name));
}

static const char *text_of(const struct result *result, const struct json *object, const char *name)
{
    const struct json *found = member(object, name);
    return found && found->kind == JSON_TEXT ? word_of(result, found->text) : NULL;
}

static int64_t points_of(const struct json *json)
{
    int64_t points = INT64_MIN;
    if (json && json->kind == JSON_NUMBER)
        number_parse(json->text.bytes, json->text.length, &points, NULL);
    return points;
}

/* The members of the contract, in its order. */
static bool names_are_right(const struct json *object)
{
    static const char *const names[] = {
        "lead",     "as_of", "rubric",       "version",      "hash",    "scores",    "bands",
        "matrices", "stage", "stage_before", "disqualified", "actions", "undecided", "trace",
    };
    const struct json *child = object->children;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++, child = child->next)
        if (!child || child->name.length != strlen(names[i]) ||
            memcmp(child->name.bytes, names[i], child->name.length) != 0)
            return false;
    return child == NULL;
}

static void labels_add(struct result *result, const char *what)
{
    bool bands = strcmp(what, "bands") == 0;
    for (const struct json *child = member(result->object, what)->children; child; child = child->next) {
        struct verdict_label *label = bands ? VERDICT_ADD(result->arena, result->verdict->bands)
                                            : VERDICT_ADD(result->arena, result->verdict->matrices);
        *label = (struct verdict_label){ word_of(result, child->name),
                                         child->kind == JSON_TEXT ? word_of(result, child->text) : NULL };
    }
}

static void undecided_add(struct result *result, const struct json *rule)
{
    struct { const char **items; size_t count, capacity; } names = { 0 };
    for (const struct json *name = member(rule, "missing")->children; name; name = name->next)
        *VERDICT_ADD(result->arena, names) = word_of(result, name->text);
    *VERDICT_ADD(result->arena, result->verdict->undecided) =
        (struct verdict_undecided){ text_of(result, rule, "rule"), names.items, names.count };
}

static bool action_add(struct result *result, const struct json *action)
{
    static const struct { const char *what, *text; enum action_kind kind; } kinds[] = {
        { "assign", "to", ACTION_ASSIGN }, { "notify", "text", ACTION_NOTIFY }, { "tag", "tag", ACTION_TAG },
    };
    const char *what = text_of(result, action, "do");
    for (size_t i = 0; what && i < 3; i++)
        if (strcmp(what, kinds[i].what) == 0) {
            const char *text = text_of(result, action, kinds[i].text);
            *VERDICT_ADD(result->arena, result->verdict->actions) =
                (struct verdict_action){ kinds[i].kind, text ? text : "(no text)" };
            return true;
        }
    return false;
}

/* The events that gave points, oldest first; the fields a rule looked at are passed over. */
static const char *inputs_text(const struct result *result, const struct json *inputs)
{
    const char *text = NULL;
    for (const struct json *input = inputs ? inputs->children : NULL; input; input = input->next) {
        const struct json *points = member(input, "points");
        char number[NUMBER_TEXT];
        if (!points)
            continue;
        number_format(points_of(points), number);
        text = arena_format(result->arena, "%s%s at %s gives %s; ", text ? text : "", text_of(result, input, "event"),
                            text_of(result, input, "at"), number);
    }
    return text;
}

static void line_add(struct result *result, const struct json *json)
{
    const char *rule = text_of(result, json, "rule"), *step = text_of(result, json, "step"),
               *group = text_of(result, json, "group");
    const struct json *beaten = member(json, "beaten"), *periods = member(json, "periods");
    struct verdict_line line = { text_of(result, json, "score"), "rule", rule, points_of(member(json, "points")),
                                 NULL };
    if (rule) {
        line.step = beaten && beaten->kind == JSON_YES ? "beaten" : "rule";
        line.details = inputs_text(result, member(json, "inputs"));
    } else {
        line.step = step ? step : "(no step)";
        line.name = group ? group : "";
        if (periods)
            line.details = arena_format(result->arena, "after %s periods", word_of(result, periods->text));
    }
    if (rule || line.points != 0)
        *VERDICT_ADD(result->arena, result->verdict->lines) = line;
}

bool result_verdict(const char *text, size_t length, struct arena *arena, struct verdict *verdict)
{
    const struct json *object = json_read(text, length, arena);
    struct result result = { object, arena, verdict };
    bool sound = object && object->kind == JSON_OBJECT && names_are_right(object);
    *verdict = (struct verdict){ 0 };
    if (!sound)
        return false;
    verdict->lead = text_of(&result, object, "lead");
    verdict->lead = verdict->lead ? verdict->lead : "";
    for (const struct json *score = member(object, "scores")->children; score; score = score->next)
        *VERDICT_ADD(arena, verdict->scores) =
            (struct verdict_score){ word_of(&result, score->name), points_of(score) };
    labels_add(&result, "bands");
    labels_add(&result, "matrices");
    verdict->stage = text_of(&result, object, "stage");
    verdict->stage_before = text_of(&result, object, "stage_before");
    for (const struct json *rule = member(object, "disqualified")->children; rule; rule = rule->next)
        *VERDICT_ADD(arena, verdict->disqualified) = text_of(&result, rule, "rule");
    for (const struct json *action = member(object, "actions")->children; action; action = action->next)
        sound = action_add(&result, action) && sound;
    for (const struct json *rule = member(object, "undecided")->children; rule; rule = rule->next)
        undecided_add(&result, rule);
    for (const struct json *line = member(object, "trace")->children; line; line = line->next)
        line_add(&result, line);
    return sound;
}
