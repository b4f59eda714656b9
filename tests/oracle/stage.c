#include "tests/oracle/parts.h"

#include <string.h>

/* A condition that must hold: unknown is not enough. */
static bool holds(const struct scene *scene, const struct tree *condition)
{
    struct value value = condition_value(scene, condition);
    return value.known && value.holds;
}

static bool may_enter(const struct scene *scene, size_t target, size_t from)
{
    const struct declaration *stage = scene->oracle->stages.items[target];
    bool allowed = stage->only_from == NULL;
    for (const struct name_list *name = stage->only_from; name; name = name->next)
        allowed = allowed || strcmp(name->name.text, scene->oracle->stages.items[from]->name.text) == 0;
    return allowed && stage->when && holds(scene, stage->when);
}

/* A `stay while` that is unknown counts as holding: nobody falls back for want of data. */
static bool may_stay(const struct scene *scene, size_t target)
{
    const struct declaration *stage = scene->oracle->stages.items[target];
    const struct tree *stay = stage->stay_while ? stage->stay_while : stage->when;
    if (stage->stay_forever || !stay)
        return true;
    struct value value = condition_value(scene, stay);
    return !value.known || value.holds;
}

/* The last stage T in funnel order such that T is the first stage, or its `when` holds (and S is allowed by `only
   from`), or S is T or later and T's `stay while` holds. */
static size_t stage_next(const struct scene *scene, size_t from)
{
    for (size_t target = scene->oracle->stages.count - 1; target > 0; target--)
        if (may_enter(scene, target, from) || (from >= target && may_stay(scene, target)))
            return target;
    return 0;
}

static const char *stage_name(const struct oracle *oracle, size_t stage)
{
    return stage == oracle->stages.count ? "Disqualified" : oracle->stages.items[stage]->name.text;
}

/* ---- actions */

static void value_write(struct value value, struct buffer *out)
{
    char text[INSTANT_TEXT];
    if (!value.known) {
        buffer_text(out, "(unknown)");
        return;
    }
    switch (value.kind) {
    case VALUE_CONDITION: buffer_text(out, value.holds ? "yes" : "no"); break;
    case VALUE_NUMBER: buffer_add(out, text, number_format(value.number, text)); break;
    case VALUE_DATE: buffer_add(out, text, instant_format(value.number, text)); break;
    case VALUE_TEXT:
    case VALUE_LABEL:
        value.text = text_trim(value.text);
        buffer_add(out, value.text.bytes, value.text.length);
        break;
    case VALUE_LIST:
        for (size_t i = 0; i < value.element_count; i++) {
            struct text element = text_trim(value.elements[i]);
            buffer_text(out, i ? ", " : "");
            buffer_add(out, element.bytes, element.length);
        }
        break;
    }
}

static void setting_write(const struct constant *constant, struct buffer *out)
{
    char number[NUMBER_TEXT];
    switch (constant->kind) {
    case CONSTANT_NUMBER: buffer_add(out, number, number_format(constant->units, number)); break;
    case CONSTANT_PERCENT:
        buffer_add(out, number, number_format(constant->units, number));
        buffer_char(out, '%');
        break;
    case CONSTANT_TEXT: buffer_add(out, constant->literal.bytes, constant->literal.length); break;
    case CONSTANT_DURATION:
        buffer_add(out, number, number_format(constant->duration.count * NUMBER_ONE, number));
        buffer_format(out, " %s", time_unit_name(constant->duration.unit, constant->duration.count != 1));
        break;
    }
}

static void name_write(const struct scene *scene, const char *name, struct buffer *out)
{
    if (strcmp(name, "stage") == 0) { /* the new stage; a field of that name is written in backquotes elsewhere */
        buffer_text(out, stage_name(scene->oracle, scene->stage));
        return;
    }
    const struct named *named = name_find(scene->oracle, name);
    if (named->meaning == MEANS_SETTING)
        setting_write(setting_find(scene->oracle, name), out);
    else
        value_write(name_value(scene, &(struct name){ .text = name }), out);
}

/* `{name}` is filled in, `{{` and `}}` are braces. */
static const char *text_fill(const struct scene *scene, const struct literal *literal)
{
    struct buffer out = { 0 };
    for (uint32_t at = 0; at < literal->length; at++) {
        char c = literal->bytes[at];
        if ((c == '{' || c == '}') && at + 1 < literal->length && literal->bytes[at + 1] == c) {
            buffer_char(&out, c);
            at++;
        } else if (c == '{') {
            uint32_t start = ++at;
            while (literal->bytes[at] != '}')
                at++;
            name_write(scene, arena_copy(scene->arena, literal->bytes + start, at - start), &out);
        } else {
            buffer_char(&out, c);
        }
    }
    const char *filled = arena_copy(scene->arena, out.data ? out.data : "", out.length);
    buffer_free(&out);
    return filled;
}

/* All `assign` lines for entering a stage (and so for leaving it) are one list, of which the first that holds counts;
   `notify` and `tag` each look at their own `when`. */
static void reaction_run(const struct scene *scene, const struct declaration *reaction, bool *assigned,
                         struct verdict *verdict)
{
    for (const struct tree_action *action = reaction->actions; action; action = action->next) {
        bool applies = !action->when || holds(scene, action->when);
        if (action->kind == ACTION_ASSIGN) {
            applies = applies && !*assigned;
            *assigned = *assigned || applies;
        }
        if (applies)
            *VERDICT_ADD(scene->arena, verdict->actions) =
                (struct verdict_action){ action->kind, text_fill(scene, &action->text) };
    }
}

static void reactions_run(const struct scene *scene, size_t stage, bool leaving, struct verdict *verdict)
{
    bool assigned = false;
    for (size_t i = 0; i < scene->oracle->reactions.count; i++) {
        const struct declaration *reaction = scene->oracle->reactions.items[i];
        if (reaction->leaving == leaving && strcmp(reaction->name.text, stage_name(scene->oracle, stage)) == 0)
            reaction_run(scene, reaction, &assigned, verdict);
    }
}

void stages_compute(struct scene *scene, struct verdict *verdict)
{
    const struct oracle *oracle = scene->oracle;
    size_t before = scene->lead->stage, count = oracle->stages.count;
    if (count == 0)
        return;
    /* Unknown counts as the first; who was Disqualified starts over from the first. */
    size_t from = before == SIZE_MAX || before == count ? 0 : before;
    scene->stage = scene->disqualified ? count : stage_next(scene, from);
    verdict->stage = stage_name(oracle, scene->stage);
    verdict->stage_before = before == SIZE_MAX ? NULL : stage_name(oracle, before);
    if (before == scene->stage)
        return;
    if (before != SIZE_MAX)                             /* leaving comes before entering; only the last is entered */
        reactions_run(scene, before, true, verdict);
    reactions_run(scene, scene->stage, false, verdict);
}
