#include "tests/oracle/verdict.h"

#include <string.h>

void *verdict_room(struct arena *arena, void *items, size_t element_bytes, size_t count, size_t *capacity)
{
    if (count < *capacity)
        return items;
    size_t wanted = *capacity ? *capacity * 2 : 8;
    char *grown = arena_alloc(arena, wanted * element_bytes);
    if (count)
        memcpy(grown, items, count * element_bytes);
    *capacity = wanted;
    return grown;
}

static const char *points_text(int64_t points, char out[NUMBER_TEXT])
{
    number_format(points, out);
    return out;
}

static void labels_print(const char *what, const struct verdict_label *labels, size_t count, struct buffer *out)
{
    for (size_t i = 0; i < count; i++)
        buffer_format(out, "  %s %s %s\n", what, labels[i].name, labels[i].label ? labels[i].label : "(none)");
}

static const char *action_word(enum action_kind kind)
{
    switch (kind) {
    case ACTION_ASSIGN: return "assign";
    case ACTION_NOTIFY: return "notify";
    case ACTION_TAG: return "tag";
    }
    return "?";
}

void verdict_print(const struct verdict *verdict, enum verdict_extent extent, struct buffer *out)
{
    char number[NUMBER_TEXT];
    buffer_format(out, "lead %s\n", verdict->lead);
    for (size_t i = 0; i < verdict->scores.count; i++)
        buffer_format(out, "  score %s %s\n", verdict->scores.items[i].name,
                      points_text(verdict->scores.items[i].points, number));
    labels_print("band", verdict->bands.items, verdict->bands.count, out);
    labels_print("matrix", verdict->matrices.items, verdict->matrices.count, out);
    buffer_format(out, "  stage %s before %s\n", verdict->stage ? verdict->stage : "(none)",
                  verdict->stage_before ? verdict->stage_before : "(unknown)");
    for (size_t i = 0; i < verdict->disqualified.count; i++)
        buffer_format(out, "  disqualified %s\n", verdict->disqualified.items[i]);
    for (size_t i = 0; i < verdict->actions.count; i++)
        buffer_format(out, "  action %s [%s]\n", action_word(verdict->actions.items[i].kind),
                      verdict->actions.items[i].text);
    for (size_t i = 0; i < verdict->undecided.count; i++) {
        const struct verdict_undecided *rule = &verdict->undecided.items[i];
        buffer_format(out, "  undecided %s for want of", rule->rule);
        for (size_t name = 0; name < rule->missing_count; name++)
            buffer_format(out, " %s", rule->missing[name]);
        buffer_char(out, '\n');
    }
    for (size_t i = 0; i < verdict->lines.count; i++) {
        const struct verdict_line *line = &verdict->lines.items[i];
        buffer_format(out, "  line %s %s %s %s", line->score, line->step, line->name,
                      points_text(line->points, number));
        buffer_format(out, "%s%s\n", extent == VERDICT_DETAILED && line->details ? " " : "",
                      extent == VERDICT_DETAILED && line->details ? line->details : "");
    }
    if (verdict->won && extent == VERDICT_PLAIN)
        buffer_format(out, "  won %s\n", verdict->won);
}

const char *verdict_unbalanced(const struct verdict *verdict)
{
    for (size_t i = 0; i < verdict->scores.count; i++) {
        wide_int sum = 0;
        for (size_t line = 0; line < verdict->lines.count; line++)
            if (strcmp(verdict->lines.items[line].score, verdict->scores.items[i].name) == 0)
                sum += verdict->lines.items[line].points;
        if (sum != verdict->scores.items[i].points)
            return verdict->scores.items[i].name;
    }
    return NULL;
}
