/* Why a lead stands where it stands, and what the next stage takes. */
#include <string.h>

#include "vm/actions.h"
#include "vm/number.h"
#include "vm/output/explain_parts.h"
#include "vm/printable.h"

#define STAGE_INDENT 6u

static void add_stage_name(struct explanation *explain, uint32_t stage)
{
    printable_text(&explain->line, stage_name(explain->program, stage));
    if (stage < explain->program->stage_count && explain->program->stages[stage].title != NULL) {
        buffer_text(&explain->line, " (");
        printable_text(&explain->line, explain->program->stages[stage].title);
        buffer_char(&explain->line, ')');
    }
}

static void add_why(struct explanation *explain, uint32_t index)
{
    const struct program_stage *stage = &explain->program->stages[index];
    if (index == 0) {
        buffer_text(&explain->line, "the first stage: it takes nothing");
        explain_wrap(explain, STAGE_INDENT);
        return;
    }
    if (stage->when != NO_REGISTER && machine_condition(explain->machine, stage->when, explain->lead) == TRUTH_HOLDS) {
        buffer_text(&explain->line, "what it takes to enter:");
        explain_wrap(explain, STAGE_INDENT);
        explain_atoms(explain, stage->atoms, STAGE_INDENT + 2);
        return;
    }
    if (stage->forever) {
        buffer_text(&explain->line, "nobody falls back from it");
        explain_wrap(explain, STAGE_INDENT);
        return;
    }
    buffer_text(&explain->line, "not enough to enter any more, but enough to stay:");
    explain_wrap(explain, STAGE_INDENT);
    explain_atoms(explain, stage->stay_atoms.count > 0 ? stage->stay_atoms : stage->atoms, STAGE_INDENT + 2);
}

/* Whether points of `score` reach `of`: it is the same, or a part of it with a weight above 0. */
static bool score_feeds(const struct program *program, uint32_t score, uint32_t of)
{
    if (score == of)
        return true;
    struct range terms = program->scores[of].terms;
    for (uint32_t i = 0; i < terms.count; i++)
        if (program->score_terms[terms.start + i].score == score)
            return true;
    return false;
}

/* The most that a rule gives, as far as the rubric says it; false when it takes points, or gives none. */
static bool most_points(const struct program *program, const struct program_rule *rule, int64_t *points)
{
    *points = rule->constant;
    if (rule->points == NO_REGISTER)
        return *points > 0;
    int64_t most = 0;
    for (uint32_t i = 0; i < rule->rows.count; i++)
        if (program->rows[rule->rows.start + i].points > most)
            most = program->rows[rule->rows.start + i].points;
    *points = most;
    if (rule->rows.count > 0)
        return most > 0;
    return rule->points_text != NULL && rule->points_text[0] != '-';
}

/* Better: enough by itself and smaller; else bigger. */
static bool is_better(struct help a, struct help b, wide_int missing)
{
    bool a_enough = a.points >= missing, b_enough = b.points >= missing;
    if (a_enough != b_enough)
        return a_enough;
    return a_enough ? a.points < b.points : a.points > b.points;
}

size_t explain_helps(const struct machine *machine, uint32_t lead, const struct program_atom *atom,
                     struct help helps[HELPS_SHOWN])
{
    const struct program *program = machine_program(machine);
    bool wants_more = atom->comparison == OP_GE || atom->comparison == OP_GE_CONST || atom->comparison == OP_GT ||
                      atom->comparison == OP_GT_CONST;
    if (atom->score == NO_INDEX || !wants_more || machine_condition(machine, atom->reg, lead) == TRUTH_HOLDS)
        return 0;
    wide_int missing = (wide_int)atom->limit - lead_score(machine, atom->score, lead);
    size_t count = 0;
    for (uint32_t i = 0; i < program->rule_count; i++) {
        const struct program_rule *rule = &program->rules[i];
        if (rule->disqualifies || !score_feeds(program, rule->score, atom->score) ||
            machine_condition(machine, rule->fires, lead) == TRUTH_HOLDS ||
            (rule->active != NO_REGISTER && machine_condition(machine, rule->active, lead) == TRUTH_FAILS))
            continue;
        struct help help = { .rule = i };
        if (!most_points(program, rule, &help.points))
            continue;
        size_t at = count < HELPS_SHOWN ? count++ : HELPS_SHOWN;
        for (; at > 0 && is_better(help, helps[at - 1], missing); at--)
            if (at < HELPS_SHOWN)
                helps[at] = helps[at - 1];
        if (at < HELPS_SHOWN)
            helps[at] = help;
    }
    return count;
}

/* For a score that is too low: the rules that did not count and could bring it there. */
static void add_helps(struct explanation *explain, const struct program_atom *atom)
{
    struct help helps[HELPS_SHOWN];
    size_t count = explain_helps(explain->machine, explain->lead, atom, helps);
    if (count == 0)
        return;
    buffer_text(&explain->line, "could add to ");
    printable_text(&explain->line, explain->program->scores[atom->score].name);
    buffer_char(&explain->line, ':');
    explain_wrap(explain, STAGE_INDENT + 2);
    for (size_t i = 0; i < count; i++) {
        const struct program_rule *rule = &explain->program->rules[helps[i].rule];
        if (helps[i].points > 0) {
            buffer_text(&explain->line, rule->rows.count > 0 ? "up to " : "");
            add_signed(&explain->line, helps[i].points);
        } else {
            printable_text(&explain->line, rule->points_text);
        }
        buffer_text(&explain->line, " by ");
        printable_text(&explain->line, rule_title(rule));
        bool first = true;
        for (uint32_t a = 0; a < rule->atoms.count; a++) {
            const struct program_atom *open = &explain->program->atoms[rule->atoms.start + a];
            if (machine_condition(explain->machine, open->reg, explain->lead) == TRUTH_HOLDS)
                continue;
            buffer_text(&explain->line, first ? ": " : "; ");
            first = false;
            printable_text(&explain->line, open->text);
        }
        explain_wrap(explain, STAGE_INDENT + 4);
    }
}

static void add_only_from(struct explanation *explain, const struct program_stage *stage, uint32_t standing)
{
    if (!stage->limited)
        return;
    for (uint32_t i = 0; i < stage->only_from.count; i++)
        if (explain->program->indices[stage->only_from.start + i] == standing)
            return;
    buffer_text(&explain->line, "it can only be entered from ");
    for (uint32_t i = 0; i < stage->only_from.count; i++) {
        if (i > 0)
            buffer_text(&explain->line, ", ");
        add_stage_name(explain, explain->program->indices[stage->only_from.start + i]);
    }
    explain_wrap(explain, STAGE_INDENT + 2);
}

static void add_next(struct explanation *explain, uint32_t current)
{
    const struct program *program = explain->program;
    if (current + 1 >= program->stage_count) {
        buffer_text(&explain->line, "It is the last stage.");
        explain_wrap(explain, 2);
        return;
    }
    const struct program_stage *next = &program->stages[current + 1];
    printable_pad(explain->out, 2);
    buffer_text(&explain->line, "Next stage: ");
    add_stage_name(explain, current + 1);
    explain_headed(explain, 2, next->line);
    explain_atoms(explain, next->atoms, STAGE_INDENT);
    if (next->when != NO_REGISTER && machine_condition(explain->machine, next->when, explain->lead) == TRUTH_HOLDS) {
        buffer_text(&explain->line, "all of it holds: from where it stands now, the next run takes it there");
        explain_wrap(explain, STAGE_INDENT);
        return;
    }
    add_only_from(explain, next, current);
    for (uint32_t i = 0; i < next->atoms.count; i++)
        add_helps(explain, &program->atoms[next->atoms.start + i]);
}

void explain_stage(struct explanation *explain)
{
    const struct program *program = explain->program;
    uint32_t stage = lead_stage(explain->machine, explain->lead),
             before = lead_stage_before(explain->machine, explain->lead);
    if (stage == NO_INDEX)
        return;
    buffer_text(explain->out, "\nStage\n  ");
    add_stage_name(explain, stage);
    buffer_text(&explain->line, before == NO_INDEX ? ", where it stood before is not known"
                                : before == stage  ? ", as before"
                                                   : ", before: ");
    if (before != NO_INDEX && before != stage)
        add_stage_name(explain, before);
    explain_headed(explain, 2, stage < program->stage_count ? program->stages[stage].line : NO_INDEX);
    if (stage == program->stage_count) {
        buffer_text(&explain->line, "as long as it is disqualified; after that it starts over from ");
        add_stage_name(explain, 0);
        explain_wrap(explain, STAGE_INDENT);
        return;
    }
    add_why(explain, stage);
    add_next(explain, stage);
}
