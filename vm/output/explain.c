/* One lead in words, for sales: the scores line by line with a running sum, what did not count and why, what is not
   known, the stage and what the next one takes, and what follows.  Everything is read from the machine's registers and
   the ledger. */
#include <string.h>

#include "vm/actions.h"
#include "vm/number.h"
#include "vm/output/explain_parts.h"
#include "vm/printable.h"

#define LEDGER_INDENT 24u       /* two columns of numbers, and spaces around them */
#define DETAIL_INDENT 6u
#define DEFAULT_WIDTH 100u

static void add_right(struct buffer *out, const char *text, size_t length, size_t width)
{
    if (length < width)
        printable_pad(out, width - length);
    buffer_add(out, text, length);
}

/* The two columns in front of a ledger line: its points, and the sum so far. */
static void add_columns(struct explanation *explain, int64_t points, int64_t sum)
{
    char text[NUMBER_TEXT];
    struct buffer *signed_points = &explain->raw;
    buffer_reset(signed_points);
    add_signed(signed_points, points);
    add_right(explain->out, signed_points->data, signed_points->length, 11);
    add_right(explain->out, text, number_format(sum, text), 10);
    printable_pad(explain->out, LEDGER_INDENT - 21);
}

static void add_saw(struct explanation *explain, const struct program_rule *rule)
{
    if (rule->inputs.count == 0)
        return;
    buffer_text(&explain->line, "saw ");
    explain_inputs(explain, rule->inputs);
    explain_wrap(explain, LEDGER_INDENT);
}

/* How the points came about, where they are not simply what the rule says: the row taken, or what is counted. */
static void add_clause(struct explanation *explain, const struct program_rule *rule)
{
    for (uint32_t i = 0; i < rule->rows.count; i++) {
        const struct program_row *row = &explain->program->rows[rule->rows.start + i];
        if (machine_condition(explain->machine, row->reg, explain->lead) != TRUTH_HOLDS)
            continue;
        buffer_text(&explain->line, "row ");
        printable_text(&explain->line, row->text);
        explain_wrap(explain, LEDGER_INDENT);
        return;
    }
    if (rule->rows.count > 0 || rule->points == NO_REGISTER || rule->points_text == NULL
        || strchr(rule->points_text, ' ') == NULL)
        return;                                         /* a plain number stands in the column already */
    printable_text(&explain->line, rule->points_text);
    explain_wrap(explain, LEDGER_INDENT);
}

static void add_ledger_rule(struct explanation *explain, const struct trace_line *line)
{
    const struct program_rule *rule = &explain->program->rules[line->rule];
    printable_text(&explain->line, rule_title(rule));
    if (line->group != NO_INDEX) {
        buffer_text(&explain->line, ", in ");
        printable_text(&explain->line, explain->program->groups[line->group].name);
    }
    explain_headed(explain, LEDGER_INDENT, rule->line);
    if (rule->because != NULL) {
        printable_text(&explain->line, rule->because);
        explain_wrap(explain, LEDGER_INDENT);
    }
    add_clause(explain, rule);
    if (line->kind == LINE_BEATEN) {
        buffer_text(&explain->line, "counts for nothing: another rule of ");
        printable_text(&explain->line, explain->program->groups[line->group].name);
        buffer_text(&explain->line, " was taken");
        explain_wrap(explain, LEDGER_INDENT);
    }
    if (rule->weight_ppm != 1000000) {
        buffer_text(&explain->line, "weighted with ");
        explain_number(explain, rule->weight_ppm);      /* millionths, read as units of 0.0001, are the percent */
        buffer_char(&explain->line, '%');
        explain_wrap(explain, LEDGER_INDENT);
    }
    add_saw(explain, rule);
}

static void add_bound(struct explanation *explain, const char *words, int64_t bound)
{
    buffer_text(&explain->line, words);
    explain_number(explain, bound);
}

static void add_decay(struct explanation *explain, const struct program_score *score, const struct trace_line *line)
{
    if (score->decay == NO_INDEX) {
        buffer_text(&explain->line, "lost with time");
        return;
    }
    const struct decay *decay = &explain->program->decays[score->decay];
    buffer_text(&explain->line, "nothing happened for ");
    if (line->periods > 1)
        buffer_format(&explain->line, "%lld times ", (long long)line->periods);
    buffer_format(&explain->line, "%lld %s: loses ", (long long)decay->every_count,
                  time_unit_name((enum time_unit)decay->every_unit, decay->every_count != 1));
    explain_number(explain, decay->by_points ? decay->points : decay->ppm);
    buffer_text(&explain->line, decay->by_points ? " points" : "%");
    if (line->periods > 1)
        buffer_text(&explain->line, " each time");
}

static void add_ledger_step(struct explanation *explain, const struct trace_line *line)
{
    const struct program *program = explain->program;
    const struct program_score *score = &program->scores[line->score];
    const struct program_group *group = line->group != NO_INDEX ? &program->groups[line->group] : NULL;
    uint32_t at = group != NULL ? group->line : score->line;
    if (group != NULL) {
        printable_text(&explain->line, group->name);
        buffer_char(&explain->line, ' ');
    }
    switch (line->kind) {
    case LINE_GROUP_WEIGHT:
        buffer_text(&explain->line, "is weighted with ");
        explain_number(explain, group->weight_ppm);
        buffer_char(&explain->line, '%');
        break;
    case LINE_GROUP_MOST: add_bound(explain, "gives at most ", group->most); break;
    case LINE_GROUP_LEAST: add_bound(explain, "gives at least ", group->least); break;
    case LINE_BASE: buffer_text(&explain->line, "what everybody starts with"); break;
    case LINE_DECAY: add_decay(explain, score, line); break;
    case LINE_ROUND: buffer_text(&explain->line, "rounded"); break;
    case LINE_CLAMP:
        printable_text(&explain->line, score->name);
        if (line->points < 0)
            add_bound(explain, " is at most ", score->most);
        else
            add_bound(explain, " is at least ", score->least);
        break;
    case LINE_TERM: printable_text(&explain->line, program->score_terms[line->term].text); break;
    case LINE_RULE:
    case LINE_BEATEN:
    case LINE_GROUP_TAKE: buffer_text(&explain->line, "takes one of its rules"); break;
    }
    explain_headed(explain, LEDGER_INDENT, at);
}

static void explain_score(struct explanation *explain, uint32_t index, size_t *at)
{
    const struct program_score *score = &explain->program->scores[index];
    int64_t value = lead_score(explain->machine, index, explain->lead), sum = 0;
    buffer_char(explain->out, '\n');
    printable_text(&explain->line, score->name);
    buffer_text(&explain->line, " is ");
    explain_number(explain, value);
    explain_headed(explain, 0, score->line);
    size_t first = *at;
    for (; *at < explain->trace.count && explain->trace.lines[*at].score == index; (*at)++) {
        const struct trace_line *line = &explain->trace.lines[*at];
        sum = (int64_t)((uint64_t)sum + (uint64_t)line->points);
        add_columns(explain, line->points, sum);
        if (line->kind == LINE_RULE || line->kind == LINE_BEATEN)
            add_ledger_rule(explain, line);
        else
            add_ledger_step(explain, line);
    }
    if (*at == first) {
        buffer_text(&explain->line, "nothing counted");
        explain_wrap(explain, LEDGER_INDENT);
    }
    char text[NUMBER_TEXT];
    buffer_text(explain->out, "          =");
    add_right(explain->out, text, number_format(value, text), 10);
    buffer_char(explain->out, '\n');
}

/* ---- what did not count ----------------------------------------------------------------------------------------- */

static void add_rule_head(struct explanation *explain, const struct program_rule *rule)
{
    printable_pad(explain->out, 2);
    printable_text(&explain->line, rule_title(rule));
    if (rule->disqualifies) {
        buffer_text(&explain->line, " (would disqualify)");
    } else {
        buffer_text(&explain->line, " (");
        printable_text(&explain->line, explain->program->scores[rule->score].name);
        if (rule->points_text != NULL) {
            buffer_text(&explain->line, ", ");
            printable_text(&explain->line, rule->points_text);
        }
        buffer_char(&explain->line, ')');
    }
    explain_headed(explain, 2, rule->line);
}

static void add_inactive(struct explanation *explain, const struct program_rule *rule)
{
    char text[INSTANT_TEXT];
    buffer_text(&explain->line, "is only active");
    if (rule->has_active_from) {
        buffer_text(&explain->line, " from ");
        buffer_add(&explain->line, text, instant_format_day(rule->active_from, text));
    }
    if (rule->has_active_until) {
        buffer_text(&explain->line, " until ");
        buffer_add(&explain->line, text, instant_format_day(rule->active_until, text));
    }
    explain_wrap(explain, DETAIL_INDENT);
}

static void add_why_not(struct explanation *explain, const struct program_rule *rule)
{
    if (rule->active != NO_REGISTER &&
        machine_condition(explain->machine, rule->active, explain->lead) == TRUTH_FAILS) {
        add_inactive(explain, rule);
        return;
    }
    if (rule->when != NO_REGISTER && machine_condition(explain->machine, rule->when, explain->lead) == TRUTH_FAILS &&
        rule->atoms.count > 0) {
        explain_atoms(explain, rule->atoms, DETAIL_INDENT);
        return;
    }
    buffer_text(&explain->line, rule->rows.count > 0 ? "no row takes what it saw" : "nothing to count");
    if (rule->inputs.count > 0) {
        buffer_text(&explain->line, ": ");
        explain_inputs(explain, rule->inputs);
    }
    explain_wrap(explain, DETAIL_INDENT);
}

static void explain_silent(struct explanation *explain)
{
    bool heading = false;
    for (uint32_t i = 0; i < explain->program->rule_count; i++) {
        const struct program_rule *rule = &explain->program->rules[i];
        if (machine_condition(explain->machine, rule->fires, explain->lead) != TRUTH_FAILS)
            continue;
        if (!heading)
            buffer_text(explain->out, "\nDid not count\n");
        heading = true;
        add_rule_head(explain, rule);
        add_why_not(explain, rule);
    }
}

static void explain_undecided(struct explanation *explain)
{
    bool heading = false;
    for (uint32_t i = 0; i < explain->program->rule_count; i++) {
        if (!rule_is_undecided(explain->machine, i, explain->lead))
            continue;
        const struct program_rule *rule = &explain->program->rules[i];
        const char *names[MISSING_NAMES];
        size_t count = undecided_missing(explain->machine, i, explain->lead, names);
        if (!heading)
            buffer_text(explain->out, "\nCould not be decided\n");
        heading = true;
        add_rule_head(explain, rule);
        buffer_text(&explain->line, machine_condition(explain->machine, rule->fires, explain->lead) == TRUTH_HOLDS
                                        ? "an earlier row could be decided by: " : "would be decided by: ");
        for (size_t n = 0; n < count; n++) {
            if (n > 0)
                buffer_text(&explain->line, ", ");
            printable_text(&explain->line, names[n]);
        }
        if (count == 0)
            buffer_text(&explain->line, "values that are missing");
        explain_wrap(explain, DETAIL_INDENT);
    }
}

static void explain_disqualified(struct explanation *explain)
{
    if (machine_condition(explain->machine, explain->program->disqualified, explain->lead) != TRUTH_HOLDS)
        return;
    buffer_text(explain->out, "\nDisqualified\n");
    for (uint32_t i = 0; i < explain->program->rule_count; i++) {
        const struct program_rule *rule = &explain->program->rules[i];
        if (!rule->disqualifies || machine_condition(explain->machine, rule->fires, explain->lead) != TRUTH_HOLDS)
            continue;
        printable_pad(explain->out, 2);
        printable_text(&explain->line, rule_title(rule));
        explain_headed(explain, 2, rule->line);
        if (rule->because != NULL) {
            printable_text(&explain->line, rule->because);
            explain_wrap(explain, DETAIL_INDENT);
        }
        if (rule->inputs.count > 0) {
            buffer_text(&explain->line, "saw ");
            explain_inputs(explain, rule->inputs);
            explain_wrap(explain, DETAIL_INDENT);
        }
    }
}

static void explain_labels(struct explanation *explain)
{
    const struct program *program = explain->program;
    if (program->band_count + program->matrix_count > 0)
        buffer_char(explain->out, '\n');
    for (uint32_t i = 0; i < program->band_count + program->matrix_count; i++) {
        bool band = i < program->band_count;
        const char *name = band ? program->bands[i].name : program->matrices[i - program->band_count].name;
        const char *label = band ? lead_band(explain->machine, i, explain->lead)
                                 : lead_cell(explain->machine, i - program->band_count, explain->lead);
        printable_text(&explain->line, name);
        buffer_text(&explain->line, " is ");
        printable_text(&explain->line, label != NULL ? label : "none of its labels");
        explain_wrap(explain, 0);
    }
}

struct action_lines { struct explanation *explain; bool heading; };

static void add_action(void *context, const struct program_action *action)
{
    static const char *const words[] = { "assign to ", "notify: ", "tag " };
    struct action_lines *lines = context;
    struct explanation *explain = lines->explain;
    if (!lines->heading)
        buffer_text(explain->out, "\nWhat follows\n");
    lines->heading = true;
    buffer_text(&explain->line, words[action->kind]);
    buffer_reset(&explain->raw);
    action_text(explain->machine, action, explain->lead, &explain->raw);
    if (explain->raw.length > 0)
        printable_add(&explain->line, explain->raw.data, explain->raw.length);
    explain_wrap(explain, 2);
}

static void explain_head(struct explanation *explain)
{
    const struct program *program = explain->program;
    char text[64], instant[INSTANT_TEXT];
    struct text key = batch_key(machine_batch(explain->machine), explain->lead, text);
    buffer_text(&explain->line, "Lead ");
    if (key.length > 0)
        printable_add(&explain->line, key.bytes, key.length);
    else
        buffer_text(&explain->line, "(without a key)");
    buffer_text(&explain->line, ", as of ");
    buffer_add(&explain->line, instant, instant_format(machine_as_of(explain->machine), instant));
    buffer_text(&explain->line, ", by ");
    printable_text(&explain->line, program->name);
    if (program->version != NULL) {
        buffer_text(&explain->line, ", version ");
        printable_text(&explain->line, program->version);
    }
    explain_wrap(explain, 0);
}

void explain_lead(const struct machine *machine, uint32_t lead, const struct explain_options *options,
                  struct buffer *out)
{
    struct explanation explain = { .machine = machine, .program = machine_program(machine), .lead = lead, .out = out };
    explain.width = options != NULL && options->width > 0 ? options->width : DEFAULT_WIDTH;
    explain_head(&explain);
    trace_lead(machine, lead, &explain.trace);
    size_t at = 0;
    for (uint32_t i = 0; i < explain.program->score_count; i++)
        explain_score(&explain, i, &at);
    explain_labels(&explain);
    explain_disqualified(&explain);
    explain_stage(&explain);
    struct action_lines lines = { &explain, false };
    actions_each(machine, lead, add_action, &lines);
    explain_silent(&explain);
    explain_undecided(&explain);
    trace_free(&explain.trace);
    buffer_free(&explain.line);
    buffer_free(&explain.raw);
}

void explain_rule(const struct machine *machine, uint32_t lead, uint32_t index, const struct explain_options *options,
                  struct buffer *out)
{
    struct explanation explain = { .machine = machine, .program = machine_program(machine), .lead = lead, .out = out };
    explain.width = options != NULL && options->width > 0 ? options->width : DEFAULT_WIDTH;
    const struct program_rule *rule = &explain.program->rules[index];
    explain_head(&explain);
    buffer_char(out, '\n');
    add_rule_head(&explain, rule);
    switch (machine_condition(machine, rule->fires, lead)) {
    case TRUTH_HOLDS:
        buffer_text(&explain.line, rule->disqualifies ? "it holds: the lead is disqualified" : "it fired");
        explain_wrap(&explain, DETAIL_INDENT);
        explain_atoms(&explain, rule->atoms, DETAIL_INDENT);
        break;
    case TRUTH_FAILS: add_why_not(&explain, rule); break;
    case TRUTH_UNKNOWN: {
        const char *names[MISSING_NAMES];
        size_t count = undecided_missing(machine, index, lead, names);
        buffer_text(&explain.line, "it could not be decided; what is missing: ");
        for (size_t n = 0; n < count; n++) {
            if (n > 0)
                buffer_text(&explain.line, ", ");
            printable_text(&explain.line, names[n]);
        }
        explain_wrap(&explain, DETAIL_INDENT);
        explain_atoms(&explain, rule->atoms, DETAIL_INDENT);
        break;
    }
    }
    if (rule->because != NULL) {
        buffer_text(&explain.line, "why there is this rule: ");
        printable_text(&explain.line, rule->because);
        explain_wrap(&explain, DETAIL_INDENT);
    }
    buffer_free(&explain.line);
    buffer_free(&explain.raw);
}
