/* The check against brute force: small random rubrics over small domains, all leads of the domain scored on the
   machine, and every finding compared: none false, none missed, reach exact. brute [CASES [SEED]] Prints the rubric of
   the first case that differs, and how often the check said "not proven" where brute force knows. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/replay.h"
#include "compiler/compile.h"
#include "compiler/conflicts/conflicts.h"
#include "vm/machine.h"

enum { MOST_LEADS = 40000, MOST_RULES = 10, MOST_EVENTS = 5 };
#define AS_OF INT64_C(1795305600000000) /* 2026-11-22 */

static uint64_t random_state;

static unsigned pick(unsigned below)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return (unsigned)(random_state >> 33) % below;
}

/* ---- random rubrics ------------------------------------------------------------------------------------- */

enum shape { SHAPE_FIELDS, SHAPE_TEXT, SHAPE_EVENTS, SHAPES };

static void write_number(struct buffer *out)
{
    static const char *const operators[] = {">=", "<", "<=", ">", "=", "!="};
    switch (pick(7)) {
    case 0: buffer_format(out, "n between %u and %u", 1 + pick(2), 2 + pick(2)); break;
    case 1: buffer_text(out, pick(2) ? "n is missing" : "n is known"); break;
    case 2: buffer_format(out, "n in (%u, %u)", 1 + pick(3), 1 + pick(3)); break;
    case 3: buffer_format(out, "n * 2 %s %u", operators[pick(4)], 2 + pick(5)); break;
    default: buffer_format(out, "n %s %u", operators[pick(6)], 1 + pick(3)); break;
    }
}

static void write_choice(struct buffer *out)
{
    static const char *const texts[] = {
        "c is \"A\"", "c is \"B\"", "c in (\"A\", \"C\")", "c is not \"B\"", "c is missing", "y is yes",
        "y is no",    "y",          "y is known"};
    buffer_text(out, texts[pick(9)]);
}

static void write_text(struct buffer *out)
{
    static const char *const patterns[] = {"a", "b", "ab"};
    const char *pattern = patterns[pick(3)];
    switch (pick(8)) {
    case 0: buffer_format(out, "t is \"%s\"", pattern); break;
    case 1: buffer_format(out, "t starts with \"%s\"", pattern); break;
    case 2: buffer_format(out, "t ends with \"%s\"", pattern); break;
    case 3: buffer_format(out, "t has word \"%s\"", pattern); break;
    case 4: buffer_format(out, "t in (\"a\", \"%s\", \"b a\")", pattern); break;
    case 5: buffer_format(out, "t matches \"%s\"", pick(2) ? "a*" : "?b*"); break;
    default: buffer_format(out, "t contains \"%s\"", pattern); break;
    }
}

static void write_events(struct buffer *out)
{
    if (pick(6) == 0) {
        buffer_format(out, "days since last e %s %u", pick(2) ? "<" : ">=", pick(2) ? 7 : 30);
        return;
    }
    unsigned kind = pick(5);
    bool filtered = pick(3) == 0;
    if (kind == 0) buffer_text(out, "no ");
    else if (kind == 1) buffer_format(out, "at least %u ", filtered ? 1 : 2);
    else if (kind == 2) buffer_format(out, "fewer than %u ", filtered ? 2 : 1 + pick(2));
    buffer_text(out, "e");
    if (filtered) buffer_format(out, " where k is \"%s\"", pick(2) ? "p" : "q");
    if (pick(3)) buffer_format(out, " within %u days", pick(2) ? 7 : 30);
}

static void write_atom(struct buffer *out, enum shape shape, bool special)
{
    if (shape == SHAPE_TEXT) {
        if (special) write_text(out);
        else write_number(out);
        return;
    }
    if (shape == SHAPE_EVENTS) {
        if (special) write_events(out);
        else buffer_text(out, pick(2) ? "y is yes" : pick(2) ? "y" : "y is missing");
        return;
    }
    if (pick(5) < 3) write_number(out);
    else write_choice(out);
}

static void write_condition(struct buffer *out, enum shape shape)
{
    unsigned parts = 1;
    if (pick(2) == 0) parts++;
    if (shape == SHAPE_FIELDS && pick(3) == 0) parts++;
    if (pick(6) == 0) buffer_text(out, "not ");
    if (parts > 1) buffer_char(out, '(');
    for (unsigned i = 0; i < parts; i++) {
        if (i > 0) buffer_text(out, pick(2) ? " and " : " or ");
        if (pick(6) == 0) buffer_text(out, "not ");
        write_atom(out, shape, i == 0 || (shape == SHAPE_EVENTS && pick(3) == 0));
    }
    if (parts > 1) buffer_char(out, ')');
}

static enum shape write_rubric(struct buffer *out, uint64_t seed)
{
    random_state = (seed + 1) * 0x9e3779b97f4a7c15u;
    for (int i = 0; i < 8; i++) pick(2);
    unsigned which = pick(20);
    enum shape shape = which < 13 ? SHAPE_FIELDS : which < 15 ? SHAPE_TEXT : SHAPE_EVENTS;
    buffer_text(out, "rubric \"small\"\nlead\n  id text key\n");
    if (shape != SHAPE_EVENTS) buffer_text(out, "  n number\n");
    if (shape != SHAPE_TEXT) buffer_text(out, "  y yes/no\n");
    if (shape == SHAPE_FIELDS) buffer_text(out, "  c one of \"A\", \"B\", \"C\"\n");
    if (shape == SHAPE_TEXT) buffer_text(out, "  t text\n");
    if (shape == SHAPE_EVENTS) buffer_text(out, "event e\n  k text\n");
    buffer_text(out, "score s");
    if (pick(2)) buffer_format(out, " from %d to %d", pick(2) ? 0 : -2, 5 + (int)pick(10));
    if (pick(3) == 0) buffer_format(out, " starts at %u", 1 + pick(3));
    buffer_text(out, "\nscore z");
    if (pick(2)) buffer_format(out, " from %d to %d", pick(2) ? 0 : -3, 4 + (int)pick(10));
    buffer_char(out, '\n');
    static const char *const takes[] = {"", " take highest", " take first", " exclusive", " take lowest"};
    buffer_format(out, "group g in s%s", takes[pick(5)]);
    if (pick(2)) buffer_format(out, " at most %u", 2 + pick(8));
    if (pick(4) == 0) buffer_format(out, " at least -%u", 1 + pick(4));
    buffer_char(out, '\n');
    unsigned rules = shape == SHAPE_FIELDS ? 4 + pick(MOST_RULES - 4) : 3 + pick(2);
    static const char *const places[] = {"s", "z", "g", "g", "s"};
    for (unsigned i = 0; i < rules; i++) {
        buffer_format(out, "rule r%u in %s\n", i, places[pick(5)]);
        unsigned kind = shape == SHAPE_FIELDS ? pick(8) : 7;
        if (kind == 0) {
            buffer_text(out, "  points choose\n");
            for (unsigned row = 0; row < 3; row++) {
                buffer_text(out, "    ");
                write_condition(out, shape);
                buffer_format(out, ": +%u\n", 1 + row * 2);
            }
            if (pick(2)) buffer_text(out, "    otherwise: 0\n");
            continue;
        }
        if (kind == 1) {
            if (pick(2)) {
                buffer_text(out, "  when ");
                write_condition(out, shape);
                buffer_char(out, '\n');
            }
            buffer_format(out, "  points by n\n    from 1 below 2: +%u\n    from %s: +%u\n", 1 + pick(4),
                          pick(2) ? "2" : "3", 2 + pick(4));
            if (pick(3) == 0) buffer_text(out, "    missing: -1\n");
            continue;
        }
        buffer_text(out, "  when ");
        write_condition(out, shape);
        buffer_format(out, "\n  points %s%u\n", pick(3) ? "+" : "-", 1 + pick(5));
    }
    if (pick(3) == 0) {
        buffer_text(out, "disqualify d\n  when ");
        write_condition(out, shape);
        buffer_char(out, '\n');
    }
    if (pick(2)) {
        buffer_format(out,
                      "stage A\nstage B when s >= %u\nstage C when total >= %u stay while total >= %u\nstage D when s "
                      ">= %u and z >= %u\n",
                      1 + pick(9), 1 + pick(12), 1 + pick(12), 1 + pick(9), pick(6));
    }
    return shape;
}

/* ---- all leads of the domain ---------------------------------------------------------------------------- */

struct lead {
    int n, y, c;
    const char *t;
    unsigned char events[MOST_EVENTS];
    unsigned event_count;
};                     /* 0: missing */
enum { NUMBERS = 15 }; /* the last two are too large to be doubled: n * 2 is missing */
static const int64_t numbers[NUMBERS] = {0,
                                         0,
                                         5000,
                                         10000,
                                         12500,
                                         15000,
                                         17500,
                                         20000,
                                         22500,
                                         25000,
                                         27500,
                                         30000,
                                         40000,
                                         INT64_C(6000000000000000000),
                                         -INT64_C(6000000000000000000)};
struct domain {
    struct lead *leads;
    size_t count;
};

static void add_texts(struct domain *domain, char *text, size_t length)
{
    static const char letters[] = "ab z";
    if (length > 0 && text[0] != ' ' && text[length - 1] != ' ') {
        char *copy = strndup(text, length);
        for (int n = 0; n < NUMBERS; n++) domain->leads[domain->count++] = (struct lead){.t = copy, .n = n};
    }
    if (length == 5) return;
    for (const char *c = letters; *c; c++) {
        text[length] = *c;
        add_texts(domain, text, length + 1);
    }
}

/* Longer ones, from pieces: what several rules want at once. */
static void add_joined(struct domain *domain)
{
    static const char *const pieces[] = {"", "a", "b", "ab", "ba", "zab", "abz", "az", "zb", "aab", "z"};
    enum { PIECES = sizeof pieces / sizeof *pieces };
    for (size_t i = 1; i < PIECES; i++)
        for (size_t j = 1; j < PIECES; j++)
            for (size_t k = 0; k < PIECES; k++) {
                char *text = memory_alloc(24);
                snprintf(text, 24, "%s %s%s%s", pieces[i], pieces[j], k ? " " : "", pieces[k]);
                if (strlen(text) > 5)
                    for (int n = 0; n < NUMBERS; n++) domain->leads[domain->count++] = (struct lead){.t = text, .n = n};
                else free(text);
            }
}

static void add_events(struct domain *domain, struct lead lead, unsigned least)
{
    for (lead.y = 0; lead.y < 3; lead.y++) domain->leads[domain->count++] = lead;
    if (lead.event_count == MOST_EVENTS) return;
    for (unsigned kind = least; kind < 9; kind++) {
        struct lead more = lead;
        more.events[more.event_count++] = (unsigned char)kind;
        add_events(domain, more, kind);
    }
}

static struct domain domain_new(enum shape shape)
{
    struct domain domain = {memory_alloc(MOST_LEADS * sizeof(struct lead)), 0};
    char text[8];
    if (shape == SHAPE_FIELDS)
        for (int n = 0; n < NUMBERS; n++)
            for (int y = 0; y < 3; y++)
                for (int c = 0; c < 4; c++) domain.leads[domain.count++] = (struct lead){.n = n, .y = y, .c = c};
    if (shape == SHAPE_TEXT) {
        for (int n = 0; n < NUMBERS; n++) domain.leads[domain.count++] = (struct lead){.n = n};
        add_texts(&domain, text, 0);
        add_joined(&domain);
    }
    if (shape == SHAPE_EVENTS) add_events(&domain, (struct lead){0}, 0);
    return domain;
}

static uint32_t field_named(const struct program_field *fields, uint32_t count, const char *name)
{
    for (uint32_t i = 0; i < count; i++)
        if (strcmp(fields[i].name, name) == 0) return i;
    return NO_INDEX;
}

struct outcome {
    int64_t scores[3];
    int64_t points[MOST_RULES + 1];
    uint8_t rules[MOST_RULES + 1];
    bool disqualified;
};

static struct outcome *score_all(const struct program *program, const struct domain *domain)
{
    static const int64_t ages[] = {2, 20, 200};
    static const char *const options[] = {"", "A", "B", "C"}, *const kinds[] = {"", "p", "q"};
    struct outcome *outcomes = memory_alloc(domain->count * sizeof *outcomes);
    struct machine *machine = machine_new(program, AS_OF);
    struct batch *batch = batch_new(program, AS_OF, 1024);
    uint32_t n = field_named(program->fields, program->field_count, "n"),
             y = field_named(program->fields, program->field_count, "y");
    uint32_t c = field_named(program->fields, program->field_count, "c"),
             t = field_named(program->fields, program->field_count, "t");
    for (size_t first = 0; first < domain->count; first += 1024) {
        batch_clear(batch);
        size_t size = domain->count - first < 1024 ? domain->count - first : 1024;
        for (size_t i = 0; i < size; i++) {
            const struct lead *lead = &domain->leads[first + i];
            batch_begin_lead(batch, i + 1);
            if (n != NO_INDEX && lead->n) batch_set_number(batch, n, numbers[lead->n]);
            if (y != NO_INDEX && lead->y) batch_set_yesno(batch, y, lead->y == 1);
            if (c != NO_INDEX && lead->c) batch_set_text(batch, c, (struct text){options[lead->c], 1}, false);
            if (t != NO_INDEX && lead->t)
                batch_set_text(batch, t, (struct text){lead->t, (uint32_t)strlen(lead->t)}, false);
            for (unsigned e = 0; e < lead->event_count && program->events[0].used; e++) {
                batch_add_event(batch, 0, AS_OF - ages[lead->events[e] % 3] * MICROS_DAY);
                if (program->events[0].fields.count > 0 && lead->events[e] / 3 > 0)
                    batch_event_text(batch, 0, 0, (struct text){kinds[lead->events[e] / 3], 1}, false);
            }
            batch_end_lead(batch);
        }
        batch_finish(batch);
        machine_run(machine, batch);
        for (uint32_t i = 0; i < size; i++) {
            struct outcome *out = &outcomes[first + i];
            for (uint32_t s = 0; s < program->score_count; s++)
                machine_number(machine, program->scores[s].after_clamp, i, &out->scores[s]);
            for (uint32_t r = 0; r < program->rule_count; r++) {
                enum truth truth = machine_condition(machine, program->rules[r].fires, i);
                out->rules[r] = truth == TRUTH_HOLDS ? RULE_FIRES : truth == TRUTH_FAILS ? RULE_SILENT : RULE_UNDECIDED;
                out->points[r] = program->rules[r].constant;
                if (program->rules[r].points != NO_REGISTER)
                    machine_number(machine, program->rules[r].points, i, &out->points[r]);
                if (truth != TRUTH_HOLDS) out->points[r] = 0;
            }
            out->disqualified = machine_condition(machine, program->disqualified, i) == TRUTH_HOLDS;
        }
    }
    machine_free(machine);
    batch_free(batch);
    return outcomes;
}

/* ---- what brute force says ------------------------------------------------------------------------------ */

struct trial {
    struct compilation *c;
    struct outcome *outcomes;
    size_t count;
    size_t unproven;
    struct replay *replay;
    bool beyond;
    char problem[400];
};

static bool found_at(const struct trial *trial, enum diagnostic_code code, struct span span)
{
    for (size_t i = 0; i < trial->c->diags.count; i++) {
        const struct diagnostic *d = trial->c->diags.items[i];
        if (d->code == code && d->span.start >= span.start && d->span.end <= span.end) return true;
    }
    return false;
}

static bool open_at(struct trial *trial, struct span span)
{
    if (!found_at(trial, C1090, span)) return false;
    trial->unproven++;
    return true;
}

static bool differs(struct trial *trial, const char *what, const char *name, bool expected)
{
    snprintf(trial->problem, sizeof trial->problem, "%s of `%s`: brute force says %s, the check says %s", what, name,
             expected ? "yes" : "no", expected ? "no" : "yes");
    return false;
}

static bool compare(struct trial *trial, enum diagnostic_code code, struct span span, bool expected, const char *what,
                    const char *name)
{
    return found_at(trial, code, span) == expected || (expected && open_at(trial, span)) ||
           differs(trial, what, name, expected);
}

static int sign_of(const struct model_rule *rule)
{
    if (rule->points.kind == POINTS_FIXED) return rule->points.points > 0 ? 1 : -1;
    bool up = false, down = false;
    for (size_t i = 0; i < rule->points.row_count; i++) {
        up |= rule->points.rows[i].points > 0;
        down |= rule->points.rows[i].points < 0;
    }
    return up && !down ? 1 : down && !up ? -1 : 0;
}

static bool fires(const struct trial *trial, size_t lead, size_t rule)
{
    return trial->outcomes[lead].rules[rule] == RULE_FIRES;
}

static size_t fire_count(const struct trial *trial, size_t rule)
{
    size_t count = 0;
    for (size_t i = 0; i < trial->count; i++) count += fires(trial, i, rule);
    return count;
}

static bool inside(const struct trial *trial, size_t a, size_t b)
{
    for (size_t i = 0; i < trial->count; i++)
        if (fires(trial, i, a) && !fires(trial, i, b)) return false;
    return true;
}

static bool takes_one(const struct model *model, size_t rule)
{
    if (model->rules[rule].group == NO_INDEX) return false;
    enum take take = model->groups[model->rules[rule].group].take;
    return take == TAKE_HIGHEST || take == TAKE_LOWEST || take == TAKE_FIRST;
}

static bool adds_up(const struct model *model, size_t a, size_t b)
{
    return model->rules[a].score == model->rules[b].score &&
           !(model->rules[a].group == model->rules[b].group && takes_one(model, a));
}

static bool compare_rules(struct trial *trial)
{
    const struct model *model = &trial->c->model;
    bool fixed[MOST_RULES + 1], everybody[MOST_RULES + 1], used[MOST_RULES + 1] = {false};
    size_t counts[MOST_RULES + 1];
    for (size_t i = 0; i < model->rule_count; i++) {
        const struct model_rule *rule = &model->rules[i];
        struct span span = rule->tree->span;
        counts[i] = fire_count(trial, i);
        fixed[i] = rule->disqualifies || rule->points.kind == POINTS_FIXED;
        everybody[i] = counts[i] == trial->count;
        if (!fixed[i]) continue;
        if (!compare(trial, C1001, span, counts[i] == 0, "never holds", rule->name.text)) return false;
        bool fails = false;
        for (size_t lead = 0; lead < trial->count; lead++) fails |= trial->outcomes[lead].rules[i] == RULE_SILENT;
        if (counts[i] > 0 && !compare(trial, C1002, span, !fails, "always holds", rule->name.text)) return false;
    }
    for (size_t i = 0; i < model->rule_count; i++) { /* the same; inside */
        const struct model_rule *rule = &model->rules[i];
        if (rule->disqualifies || counts[i] == 0 || everybody[i] || used[i]) continue;
        size_t last = i;
        for (size_t j = i + 1; j < model->rule_count; j++) {
            if (model->rules[j].disqualifies || used[j] || counts[j] != counts[i] || !adds_up(model, i, j) ||
                !inside(trial, i, j))
                continue;
            used[j] = true;
            last = j;
        }
        bool same = found_at(trial, C1003, model->rules[last].name.span) ||
                    found_at(trial, C1004, model->rules[last].name.span);
        if (last != i && !same && !open_at(trial, rule->tree->span))
            return differs(trial, "counts the same", rule->name.text, true);
        used[i] = last != i;
    }
    for (size_t i = 0; i < model->rule_count; i++)
        if (!used[i] &&
            (found_at(trial, C1003, model->rules[i].name.span) || found_at(trial, C1004, model->rules[i].name.span)))
            return differs(trial, "counts the same", model->rules[i].name.text, false);
    for (size_t d = 0; d < trial->c->diags.count; d++) { /* every pair said to be inside is */
        const struct diagnostic *finding = trial->c->diags.items[d];
        if (finding->code != C1005) continue;
        size_t narrow = SIZE_MAX, wide = SIZE_MAX;
        for (size_t i = 0; i < model->rule_count; i++) {
            if (model->rules[i].name.span.start == finding->span.start) narrow = i;
            if (finding->labels->next && model->rules[i].name.span.start == finding->labels->next->span.start) wide = i;
        }
        if (narrow == SIZE_MAX || wide == SIZE_MAX || !inside(trial, narrow, wide) || counts[narrow] == 0)
            return differs(trial, "inside another", model->rules[narrow].name.text, false);
    }
    for (size_t wide = 0; wide < model->rule_count; wide++) {
        const struct model_rule *rule = &model->rules[wide];
        bool first = true, expected = false, said = false, always = found_at(trial, C1002, rule->tree->span);
        if (rule->disqualifies || sign_of(rule) == 0 || counts[wide] == 0 || everybody[wide] || always) continue;
        for (size_t j = 0; j < wide; j++)
            first &= !(!model->rules[j].disqualifies && counts[j] == counts[wide] && adds_up(model, j, wide) &&
                       inside(trial, j, wide));
        if (!first) continue;
        for (size_t j = 0; j < model->rule_count; j++)
            expected |= j != wide && !model->rules[j].disqualifies && sign_of(&model->rules[j]) == sign_of(rule) &&
                        adds_up(model, j, wide) && counts[j] > 0 && counts[j] < counts[wide] && inside(trial, j, wide);
        for (size_t d = 0; d < trial->c->diags.count; d++) {
            const struct diagnostic *finding = trial->c->diags.items[d];
            said |= finding->code == C1005 && finding->labels->next &&
                    finding->labels->next->span.start == rule->name.span.start;
        }
        if (expected && !said && !open_at(trial, rule->tree->span))
            return differs(trial, "has another inside", rule->name.text, true);
    }
    return true;
}

static bool compare_rows(struct trial *trial)
{
    const struct model *model = &trial->c->model;
    for (size_t i = 0; i < model->rule_count; i++) {
        const struct model_rule *rule = &model->rules[i];
        if (rule->points.kind != POINTS_CHOOSE) continue;
        for (size_t row = 0; row < rule->points.row_count; row++) {
            bool taken = false;
            for (size_t lead = 0; lead < trial->count && !taken; lead++)
                taken = fires(trial, lead, i) && trial->outcomes[lead].points[i] == rule->points.rows[row].points;
            if (!compare(trial, C1012, rule->points.rows[row].tree->span, !taken, "a row never reached",
                         rule->name.text))
                return false;
        }
    }
    for (uint32_t group = 0; group < model->group_count; group++) {
        enum take take = model->groups[group].take;
        bool both = false;
        for (size_t i = 0; i < model->rule_count; i++) {
            const struct model_rule *rule = &model->rules[i];
            if (rule->disqualifies || rule->group != group || fire_count(trial, i) == 0) continue;
            bool wins = false, fixed = rule->points.kind == POINTS_FIXED;
            for (size_t lead = 0; lead < trial->count; lead++) {
                if (!fires(trial, lead, i)) continue;
                bool beaten = false;
                for (size_t j = 0; j < model->rule_count; j++) {
                    if (j == i || model->rules[j].disqualifies || model->rules[j].group != group ||
                        !fires(trial, lead, j))
                        continue;
                    both = true;
                    int64_t a = trial->outcomes[lead].points[j], b = trial->outcomes[lead].points[i];
                    if (take == TAKE_FIRST) beaten |= j < i;
                    else if (model->rules[j].points.kind == POINTS_FIXED)
                        beaten |= a == b ? j < i : (a > b) == (take == TAKE_HIGHEST);
                }
                wins |= !beaten;
            }
            if (take == TAKE_SUM || take == TAKE_EXCLUSIVE || (take != TAKE_FIRST && !fixed)) continue;
            if (!compare(trial, C1016, rule->name.span, !wins, "never counts", rule->name.text)) return false;
        }
        if (take == TAKE_EXCLUSIVE) {
            bool said = false;
            for (size_t d = 0; d < trial->c->diags.count; d++) said |= trial->c->diags.items[d]->code == C1015;
            if (said != both) return differs(trial, "not exclusive", model->groups[group].name.text, both);
        }
    }
    return true;
}

/* Whether the lead that the check shows gets this score on the machine: then the small domain has no such lead, and is
 * at fault. */
static bool lead_gets(struct trial *trial, const struct witness *lead, size_t score, int64_t value)
{
    const struct model *model = &trial->c->model;
    if (!lead) return false;
    struct observation seen = {0};
    seen.scores = memory_alloc((model->score_count + 1) * sizeof *seen.scores);
    seen.labels = memory_alloc((model->band_count + 1) * sizeof *seen.labels);
    seen.rules = memory_alloc(model->rule_count + 1);
    seen.points = memory_alloc((model->rule_count + 1) * sizeof *seen.points);
    replay_witness(trial->replay, lead, &seen);
    bool gets = seen.scores[score] == value;
    free(seen.scores);
    free(seen.labels);
    free(seen.rules);
    free(seen.points);
    return gets;
}

static bool compare_reach(struct trial *trial, const struct conflict_report *report)
{
    const struct model *model = &trial->c->model;
    for (size_t s = 0; s < model->score_count; s++) {
        int64_t least = INT64_MAX, most = INT64_MIN;
        for (size_t lead = 0; lead < trial->count; lead++) {
            int64_t value = trial->outcomes[lead].scores[s];
            if (value < least) least = value;
            if (value > most) most = value;
        }
        const struct reach *reach = &report->reach->scores[s];
        if (!reach->least_proven || !reach->most_proven) trial->unproven++;
        if (reach->most > most && reach->least <= least && lead_gets(trial, reach->most_lead, s, reach->most))
            trial->beyond = true;
        if (reach->least < least && reach->most >= most && lead_gets(trial, reach->least_lead, s, reach->least))
            trial->beyond = true;
        if (trial->beyond) return true;
        if ((reach->least_proven && reach->least != least) || (reach->most_proven && reach->most != most) ||
            reach->least_bound > least || reach->most_bound < most) {
            snprintf(trial->problem, sizeof trial->problem,
                     "the reach of `%s`: brute force says %g to %g, the check says %g to %g",
                     model->scores[s].name.text, (double)least / 1e4, (double)most / 1e4, (double)reach->least / 1e4,
                     (double)reach->most / 1e4);
            return false;
        }
    }
    return true;
}

static int64_t clamp(int64_t value, bool has_least, int64_t least, bool has_most, int64_t most)
{
    if (has_most && value > most) value = most;
    if (has_least && value < least) value = least;
    return value;
}

/* A plain score of a lead with one rule left out. */
static int64_t score_without(const struct trial *trial, size_t lead, uint32_t score, size_t left_out)
{
    const struct model *model = &trial->c->model;
    int64_t total = model->scores[score].base;
    for (size_t i = 0; i < model->rule_count; i++)
        if (!model->rules[i].disqualifies && model->rules[i].score == score && model->rules[i].group == NO_INDEX &&
            i != left_out)
            total += trial->outcomes[lead].points[i];
    for (uint32_t g = 0; g < model->group_count; g++) {
        if (model->groups[g].score != score) continue;
        int64_t sum = 0;
        for (size_t i = 0; i < model->rule_count; i++)
            if (!model->rules[i].disqualifies && model->rules[i].group == g && i != left_out)
                sum += trial->outcomes[lead].points[i];
        total += clamp(sum, model->groups[g].has_least, model->groups[g].least, model->groups[g].has_most,
                       model->groups[g].most);
    }
    return clamp(total, model->scores[score].has_least, model->scores[score].least, model->scores[score].has_most,
                 model->scores[score].most);
}

static bool compare_idle(struct trial *trial)
{
    const struct model *model = &trial->c->model;
    for (size_t i = 0; i < model->rule_count; i++) {
        const struct model_rule *rule = &model->rules[i];
        bool plain = true;
        for (uint32_t g = 0; g < model->group_count; g++)
            plain &= model->groups[g].score != rule->score || model->groups[g].take == TAKE_SUM ||
                     model->groups[g].take == TAKE_EXCLUSIVE;
        if (rule->disqualifies || !plain || fire_count(trial, i) == 0) continue;
        bool matters = false, gives = false;
        for (size_t lead = 0; lead < trial->count && !matters; lead++) {
            gives |= trial->outcomes[lead].points[i] != 0;
            matters = score_without(trial, lead, rule->score, i) != score_without(trial, lead, rule->score, SIZE_MAX);
        }
        if (!gives && !matters) continue;
        if (found_at(trial, C1023, rule->name.span) && matters)
            return differs(trial, "never changes a score", rule->name.text, false);
        if (!matters && !found_at(trial, C1023, rule->name.span)) {
            bool open = false; /* said of several rules at the first of them */
            for (size_t d = 0; d < trial->c->diags.count; d++) open |= trial->c->diags.items[d]->code == C1090;
            if (!open) return differs(trial, "never changes a score", rule->name.text, true);
            trial->unproven++;
        }
    }
    return true;
}

static int64_t score_of(const struct trial *trial, size_t lead, const char *name)
{
    for (size_t s = 0; s < trial->c->model.score_count; s++)
        if (strcmp(trial->c->model.scores[s].name.text, name) == 0) return trial->outcomes[lead].scores[s];
    return 0;
}

/* The conditions of the stages are those that write_rubric writes: s >= a; total >= b (stay c); s >= d and z >= e. */
static bool compare_stages(struct trial *trial)
{
    const struct model *model = &trial->c->model;
    if (model->stage_count < 4) return true;
    int64_t a = model->stages[1].when->right->number, b = model->stages[2].when->right->number,
            c = model->stages[2].stay->right->number;
    int64_t d = model->stages[3].when->left->right->number, e = model->stages[3].when->right->right->number;
    bool enters[4] = {true}, stops[4] = {true}, all[4] = {true, true, true, true}, bounces = false, falls = false;
    for (size_t lead = 0; lead < trial->count; lead++) {
        int64_t s = score_of(trial, lead, "s"), z = score_of(trial, lead, "z"), total = score_of(trial, lead, "total");
        bool holds[4] = {true, s >= a, total >= b, s >= d && z >= e};
        falls |= total < c;
        for (int i = 1; i < 4; i++) {
            enters[i] |= holds[i];
            all[i] &= holds[i];
        }
        if (trial->outcomes[lead].disqualified) continue;
        stops[1] |= holds[1] && !holds[2] && !holds[3];
        stops[2] |= holds[2] && !holds[3];
        bounces |= holds[2] && total < c;
    }
    for (int i = 1; i < 4; i++) {
        struct span span = model->stages[i].tree->span;
        if (!enters[i] && !found_at(trial, C1020, span) && !found_at(trial, C1024, span) && !open_at(trial, span))
            return differs(trial, "cannot be entered", model->stages[i].name.text, true);
        if (enters[i] && (found_at(trial, C1020, model->stages[i].when->span) || found_at(trial, C1024, span)))
            return differs(trial, "cannot be entered", model->stages[i].name.text, false);
        if (!enters[i]) continue;
        if (i < 3 && found_at(trial, C1030, span) && stops[i])
            return differs(trial, "skipped", model->stages[i].name.text, false);
        bool disqualified = found_at(trial, C1033, span);
        if (i < 3 && !stops[i] && !disqualified && !found_at(trial, C1030, span) && !open_at(trial, span))
            return differs(trial, "skipped", model->stages[i].name.text, true);
        if (found_at(trial, C1002, model->stages[i].when->span) && !all[i])
            return differs(trial, "everybody's stage", model->stages[i].name.text, false);
    }
    if (enters[2]) {
        struct span span = model->stages[2].tree->span;
        if (found_at(trial, C1031, span) && !bounces) return differs(trial, "bounces", "C", false);
        if (bounces && !found_at(trial, C1031, span) && !open_at(trial, span))
            return differs(trial, "bounces", "C", true);
        if (found_at(trial, C1032, span) && falls) return differs(trial, "no way back", "C", false);
        if (!falls && !found_at(trial, C1032, span) && !open_at(trial, span))
            return differs(trial, "no way back", "C", true);
    }
    return true;
}

static bool witnesses_shown(struct trial *trial)
{
    for (size_t i = 0; i < trial->c->diags.count; i++)
        if (trial->c->diags.items[i]->code == C1099)
            return differs(trial, "a witness that shows nothing", trial->c->diags.items[i]->labels->text, false);
    return true;
}

static bool run_case(const struct domain *domains, uint64_t seed, size_t *unproven, size_t *findings, size_t *beyond)
{
    struct buffer text = {0};
    enum shape shape = write_rubric(&text, seed);
    struct trial trial = {.c = compilation_new()};
    compilation_load_text(trial.c, "small.rubric", text.data, text.length, NULL, 0);
    bool good = true;
    if (trial.c->diags.errors == 0) { /* a rubric with overlapping rows, say, is refused before */
        struct replay *replay = replay_new(trial.c);
        struct program *program = compilation_emit(trial.c, NO_INDEX, NULL);
        struct conflict_options options = {
            .as_of = AS_OF, .want_reach = true, .replay = replay_witness, .context = replay, .show_all = true};
        struct conflict_report *report = conflicts_check(&trial.c->model, &options, &trial.c->diags);
        trial.outcomes = score_all(program, &domains[shape]);
        trial.count = domains[shape].count;
        *findings += report->findings;
        trial.replay = replay;
        good = witnesses_shown(&trial) && compare_rules(&trial) && compare_rows(&trial) &&
               compare_reach(&trial, report);
        if (!trial.beyond) good = good && compare_idle(&trial) && compare_stages(&trial);
        *beyond += trial.beyond;
        *unproven += trial.unproven;
        if (!good) printf("seed %llu: %s\n\n%s\n", (unsigned long long)seed, trial.problem, text.data);
        conflicts_free(report);
        program_free(program);
        replay_free(replay);
        free(trial.outcomes);
    }
    compilation_free(trial.c);
    buffer_free(&text);
    return good;
}

int main(int count, char **arguments)
{
    uint64_t cases = count > 1 ? strtoull(arguments[1], NULL, 10) : 2000,
             seed = count > 2 ? strtoull(arguments[2], NULL, 10) : 1;
    struct domain domains[SHAPES];
    for (int shape = 0; shape < SHAPES; shape++) domains[shape] = domain_new((enum shape)shape);
    size_t unproven = 0, findings = 0, failed = 0, beyond = 0;
    for (uint64_t i = 0; i < cases; i++) {
        if (run_case(domains, seed + i, &unproven, &findings, &beyond)) continue;
        if (++failed == 5) break;
    }
    printf("%llu rubrics, %zu findings compared with brute force, %zu differ; %zu times \"not proven\"; %zu times a "
           "lead outside the small domain gets more\n",
           (unsigned long long)cases, findings, failed, unproven, beyond);
    printf("proofs: %llu passed, %zu failed\n", (unsigned long long)cases - failed, failed);
    return failed > 0;
}
