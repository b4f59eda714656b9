#include "compiler/conflicts/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vm/number.h"

struct span rule_span(const struct model_rule *rule) { return rule->name.span; }

struct span when_span(const struct model_rule *rule)
{
    return rule->when && rule->when->span.end > rule->when->span.start ? rule->when->span : rule->name.span;
}

const char *check_number(struct check *check, int64_t units)
{
    char text[NUMBER_TEXT];
    size_t length = number_format(units, text);
    return arena_copy(check->arena, text, length);
}

const char *check_points(struct check *check, int64_t units)
{
    return units >= 0 ? arena_format(check->arena, "+%s", check_number(check, units)) : check_number(check, units);
}

const char *check_value(struct check *check, const struct node *node, int64_t units)
{
    if (node->type != TYPE_DATE) return check_number(check, units);
    char text[INSTANT_TEXT];
    size_t length = instant_format_day(units, text);
    return arena_copy(check->arena, text, length);
}

struct diagnostic *check_report(struct check *check, enum diagnostic_code code, struct span span, const char *format,
                                ...)
{
    check->report->findings++;
    if (++check->shown[code] > MOST_OF_A_KIND && !check->options->show_all &&
        diagnostic_facts(code)->severity < SEVERITY_ERROR) {
        check->report->more++;
        return NULL;
    }
    va_list arguments;
    va_start(arguments, format);
    char *text = memory_alloc(4096);
    vsnprintf(text, 4096, format, arguments);
    va_end(arguments);
    struct diagnostic *d = diagnostic_report(check->diags, code, span, "%s", text);
    free(text);
    return d;
}

struct diagnostic *check_not_proven(struct check *check, struct span span, const char *format, ...)
{
    for (size_t i = 0; i < check->open_count; i++)
        if (memcmp(&check->open[i].span, &span, sizeof span) == 0) return NULL;
    memory_reserve(&check->open, &check->open_capacity, check->open_count + 1, sizeof *check->open);
    check->open[check->open_count++].span = span;
    check->report->not_proven++;
    if (check->report->not_proven > MOST_OF_A_KIND && !check->options->show_all) {
        check->report->more++;
        return NULL;
    }
    va_list arguments;
    va_start(arguments, format);
    char *text = memory_alloc(4096);
    vsnprintf(text, 4096, format, arguments);
    va_end(arguments);
    struct diagnostic *d = diagnostic_report(check->diags, C1090, span, "not proven: %s", text);
    diagnostic_label(d, span, "the check cannot follow this");
    free(text);
    return d;
}

static bool claim_shown(const struct claim *claim, const struct observation *seen, const struct model *model)
{
    switch (claim->kind) {
    case CLAIM_FIRES: return seen->rules[claim->index] == RULE_FIRES;
    case CLAIM_SILENT: return seen->rules[claim->index] == RULE_SILENT;
    case CLAIM_NOT_FIRES: return seen->rules[claim->index] != RULE_FIRES;
    case CLAIM_GIVES: return seen->rules[claim->index] == RULE_FIRES && seen->points[claim->index] == claim->points;
    case CLAIM_SCORE: return seen->scores[claim->index] == claim->points;
    case CLAIM_SCORE_IN:
        return seen->scores[claim->index] >= claim->points && seen->scores[claim->index] < claim->below;
    case CLAIM_STAGE: return claim->index == model->stage_count ? seen->disqualified : seen->stage == claim->index;
    case CLAIM_NOT_STAGE: return seen->stage != claim->index;
    case CLAIM_DISQUALIFIED: return seen->disqualified;
    case CLAIM_NO_LABEL: return seen->labels[claim->index] == NO_INDEX;
    case CLAIM_NOT_ASSIGNED: return seen->stage == claim->index && seen->assigned == NULL;
    }
    return false;
}

bool check_shows(struct check *check, const struct witness *witness, const struct claim *claims, size_t count)
{
    if (!check->options->replay) return true;
    struct observation *seen = observation_new(check);
    check->options->replay(check->options->context, witness, seen);
    for (size_t i = 0; i < count; i++)
        if (!claim_shown(&claims[i], seen, check->model)) return false;
    return true;
}

static void write_score(struct check *check, uint32_t score, int64_t points, struct buffer *out)
{
    check_write_name(out, "  expect ", check->model->scores[score].name.text, " is ");
    buffer_format(out, "%s\n", check_number(check, points));
}

static void write_expectation(struct check *check, const struct claim *claim, const struct observation *seen,
                              struct buffer *out)
{
    const struct model *model = check->model;
    const char *rule = claim->index < model->rule_count ? model->rules[claim->index].name.text : "";
    switch (claim->kind) {
    case CLAIM_FIRES: check_write_name(out, "  expect rule ", rule, " fires\n"); break;
    case CLAIM_SILENT: check_write_name(out, "  expect rule ", rule, " silent\n"); break;
    case CLAIM_NOT_FIRES:
        check_write_name(out, "  expect rule ", rule,
                         seen && seen->rules[claim->index] == RULE_UNDECIDED ? " undecided\n" : " silent\n");
        break;
    case CLAIM_GIVES:
        check_write_name(out, "  expect rule ", rule, " gives ");
        buffer_format(out, "%s\n", check_number(check, claim->points));
        break;
    case CLAIM_SCORE: write_score(check, claim->index, claim->points, out); break;
    case CLAIM_SCORE_IN:
        if (seen) write_score(check, claim->index, seen->scores[claim->index], out);
        break;
    case CLAIM_STAGE:
    case CLAIM_NOT_ASSIGNED:
        check_write_name(out, "  expect stage is ",
                         claim->index < model->stage_count ? model->stages[claim->index].name.text : "Disqualified",
                         "\n");
        break;
    case CLAIM_NOT_STAGE:
        check_write_name(out, "  expect stage is not ", model->stages[claim->index].name.text, "\n");
        break;
    case CLAIM_DISQUALIFIED: buffer_text(out, "  expect disqualified\n"); break;
    case CLAIM_NO_LABEL:
        if (seen)
            write_score(check, model->bands[claim->index].score, seen->scores[model->bands[claim->index].score], out);
        break;
    }
}

/* The least number of all is no literal: its digits stand without their sign. */
static bool can_be_written(const struct check *check, const struct witness *witness)
{
    for (size_t i = 0; i < witness->field_count; i++)
        if (check->model->fields[witness->fields[i].field].type == FIELD_NUMBER && witness->fields[i].number == INT64_MIN)
            return false;
    return true;
}

bool check_witness(struct check *check, struct diagnostic *d, const struct witness *witness, const struct claim *claims,
                   size_t count, const char *name)
{
    if (!witness) return false;
    struct observation *seen = NULL;
    bool shown = true;
    if (check->options->replay) {
        seen = observation_new(check);
        check->options->replay(check->options->context, witness, seen);
        for (size_t i = 0; i < count; i++) shown &= claim_shown(&claims[i], seen, check->model);
    }
    if (!d) return shown;
    if (!shown) {
        struct diagnostic *internal = diagnostic_report(check->diags, C1099, d->span,
                                                        "the lead found for this does not show it");
        diagnostic_label(internal, d->span, "%s", d->message);
        diagnostic_note(internal, "the lead: %s", check_lead_text(check, witness));
        diagnostic_help(internal, "this is a mistake in the check, not in the rubric: please report it");
        return false;
    }
    if (!can_be_written(check, witness)) return true;
    struct buffer out = {0};
    buffer_format(&out, "test \"%s\"\n", name);
    witness_write(check->model, witness, &out);
    for (size_t i = 0; i < count; i++) write_expectation(check, &claims[i], seen, &out);
    d->witness = arena_copy(d->owner->arena, out.data, out.length);
    buffer_free(&out);
    return true;
}

/* One line for what was found and not shown. */
void report_finish(struct check *check)
{
    for (size_t code = 0; code < DIAGNOSTIC_COUNT && !check->options->show_all; code++) {
        if (check->shown[code] <= MOST_OF_A_KIND ||
            diagnostic_facts((enum diagnostic_code)code)->severity >= SEVERITY_ERROR)
            continue;
        struct diagnostic *last = NULL;
        for (size_t i = 0; i < check->diags->count; i++)
            if (check->diags->items[i]->code == (enum diagnostic_code)code) last = check->diags->items[i];
        if (last) diagnostic_note(last, "and %zu more of this kind", check->shown[code] - MOST_OF_A_KIND);
    }
}

const char *opaque_reason(const struct space *space, formula f)
{
    const struct formula_node *node = &space->formulas[f];
    if (node->kind == FORMULA_KIND_LITERAL) {
        const struct slot *slot = &space->slots[space->atoms[node->atom].slot];
        if (slot->opaque) return slot->why;
        return space->atoms[node->atom].inexact ? "its events are compared with values of the lead" : NULL;
    }
    for (uint32_t i = 0; i < node->count; i++) {
        const char *why = opaque_reason(space, space->children[node->first + i]);
        if (why) return why;
    }
    return NULL;
}
