#include "compiler/conflicts/check.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* What is left lying about: names that nothing uses, rules without a reason or a test, tests that expect nothing, and
   `contains` with a short word that stands inside common words. */

/* ---- never used ----------------------------------------------------------------------------------------- */

static bool own_file(const struct check *check, struct span span)
{
    return check->model->file_count == 0 ||
           span.file == check->model->files[0]->file; /* of the library, only what is used matters */
}

static void unused(struct check *check, struct span span, const char *kind, const char *name)
{
    if (!own_file(check, span)) return;
    struct diagnostic *d = check_report(check, W0910, span, "the %s `%s` is declared and never used", kind, name);
    if (!d) return;
    diagnostic_label(d, span, "nothing uses it");
    diagnostic_help(d, "remove it, or use it");
}

static bool shown_in_text(const struct model *model, enum piece_kind kind, uint32_t index)
{
    for (size_t i = 0; i < model->action_count; i++)
        for (size_t j = 0; j < model->actions[i].piece_count; j++)
            if (model->actions[i].pieces[j].kind == kind && model->actions[i].pieces[j].index == index) return true;
    return false;
}

static void check_unused(struct check *check)
{
    const struct model *model = check->model;
    for (size_t i = 0; i < model->setting_count; i++)
        if (!model->settings[i].used)
            unused(check, model->settings[i].name.span, "setting", model->settings[i].name.text);
    for (size_t i = 0; i < model->list_count; i++)
        if (!model->lists[i].used) unused(check, model->lists[i].name.span, "list", model->lists[i].name.text);
    for (size_t i = 0; i < model->define_count; i++)
        if (!model->defines[i].used) unused(check, model->defines[i].name.span, "define", model->defines[i].name.text);
    for (size_t i = 0; i < model->event_count; i++)
        if (!model->events[i].used) {
            bool decays = false; /* counts as activity where a score decays without any */
            for (size_t j = 0; j < model->score_count; j++)
                decays |= model->scores[j].loses && model->scores[j].without &&
                          model->scores[j].without->event == NO_INDEX;
            if (!(decays && model->events[i].activity))
                unused(check, model->events[i].name.span, "event", model->events[i].name.text);
        }
    for (uint32_t i = 0; i < model->field_count; i++)
        if (!model->fields[i].used && !model->fields[i].key && !model->fields[i].current_stage &&
            !shown_in_text(model, PIECE_FIELD, i))
            unused(check, model->fields[i].name.span, "field", model->fields[i].name.text);
    bool any = false;
    for (size_t j = 0; j < model->rule_count; j++) any |= !model->rules[j].disqualifies;
    for (uint32_t i = 0; i < model->score_count && any; i++) { /* nothing in it, and it is no combination */
        const struct model_score *score = &model->scores[i];
        bool used = score->combined || score->base != 0 || score->name.span.end <= score->name.span.start;
        for (size_t j = 0; j < model->rule_count && !used; j++)
            used = !model->rules[j].disqualifies && model->rules[j].score == i;
        if (used || !own_file(check, score->name.span)) continue;
        struct diagnostic *d = check_report(check, W0910, score->name.span, "no rule gives points in `%s`",
                                            score->name.text);
        if (!d) continue;
        diagnostic_label(d, score->name.span, "is always 0");
        diagnostic_help(d, "remove it, or put rules into it");
    }
    for (uint32_t i = 0; i < model->group_count; i++) {
        bool used = false;
        for (size_t j = 0; j < model->rule_count && !used; j++)
            used = !model->rules[j].disqualifies && model->rules[j].group == i;
        if (!used) unused(check, model->groups[i].name.span, "group", model->groups[i].name.text);
    }
}

/* ---- reasons and tests ---------------------------------------------------------------------------------- */

static void check_reasons(struct check *check)
{
    const struct model *model = check->model;
    for (size_t i = 0; i < model->rule_count; i++) {
        const struct model_rule *rule = &model->rules[i];
        if (rule->because || !own_file(check, rule->name.span)) continue;
        struct diagnostic *d = check_report(check, W0911, rule->name.span, "`%s` does not say why", rule->name.text);
        if (!d) continue;
        diagnostic_label(d, rule->name.span, "no `because`");
        diagnostic_help(d, "add `because \"…\"`: it is shown to sales beside the points");
    }
}

static void check_tests(struct check *check)
{
    const struct model *model = check->model;
    for (size_t i = 0; i < model->test_count; i++) {
        const struct model_test *test = &model->tests[i];
        if (test->expectation_count > 0 || !test->tree) continue;
        struct diagnostic *d = check_report(check, W0913, test->tree->title.span, "the test \"%s\" expects nothing",
                                            test->name);
        if (!d) continue;
        diagnostic_label(d, test->tree->title.span, "passes whatever the rubric does");
        diagnostic_help(d, "add `expect …`");
    }
    if (!check->options->fired_in_tests) return;
    for (size_t i = 0; i < model->rule_count; i++) {
        const struct model_rule *rule = &model->rules[i];
        if (check->options->fired_in_tests[i] || check->rules[i].never || !check->rules[i].active ||
            !own_file(check, rule->name.span))
            continue;
        struct diagnostic *d = check_report(check, W0912, rule->name.span, "no test makes `%s` fire", rule->name.text);
        if (!d) continue;
        diagnostic_label(d, rule->name.span, "untested");
        enum answer answer;
        struct witness *witness = witness_for(check, check->rules[i].fires, &answer);
        struct claim claim = {.kind = CLAIM_FIRES, .index = (uint32_t)i};
        if (witness && check_shows(check, witness, &claim, 1)) {
            check_witness(check, d, witness, &claim, 1,
                          arena_format(check->arena, "%s", rule->title ? rule->title : rule->name.text));
            diagnostic_help(d, "this lead does: %s", check_lead_text(check, witness));
        } else {
            diagnostic_help(d, "add a test with `expect rule %s fires`", rule->name.text);
        }
    }
}

/* ---- short words inside others -------------------------------------------------------------------------- */

/* Words of titles, departments and companies, in English and German, that a short text may be found in by mistake. */
static const char *const common_words[] = {
    "Director",
    "Directory",
    "Managing Director",
    "Executive Director",
    "Contractor",
    "Instructor",
    "Doctor",
    "Sector",
    "Vector",
    "Factory",
    "Actor",
    "Coordinator",
    "Administrator",
    "Architect",
    "Assistant",
    "Accountant",
    "Consultant",
    "Specialist",
    "Supervisor",
    "Representative",
    "Engineer",
    "Developer",
    "Designer",
    "Scientist",
    "Researcher",
    "Professor",
    "President",
    "Vice President",
    "Internal Auditor",
    "International Sales",
    "Internet Manager",
    "Interim Manager",
    "Marketing",
    "Merchandising",
    "Purchasing",
    "Procurement",
    "Production",
    "Operations",
    "Information",
    "Innovation",
    "Communication",
    "Education",
    "Transportation",
    "Certification",
    "Automation",
    "Facility Manager",
    "Security Officer",
    "Recruiter",
    "Secretary",
    "Receptionist",
    "Technician",
    "Mechanic",
    "Electrician",
    "Chemist",
    "Physician",
    "Pharmacist",
    "Dentist",
    "Veterinarian",
    "Hospitality",
    "Quality",
    "Reliability",
    "Sustainability",
    "Analyst",
    "Planner",
    "Buyer",
    "Broker",
    "Trader",
    "Agent",
    "Attorney",
    "Paralegal",
    "Head of Sales",
    "Headhunter",
    "Shareholder",
    "Stakeholder",
    "Householder",
    "Leadership",
    "Partnership",
    "Ownership",
    "Scholarship",
    "Entrepreneur",
    "Geschäftsführer",
    "Direktor",
    "Leiter",
    "Mitarbeiter",
    "Vorstand",
    "Vorstandsassistent",
    "Einkaufsleiter",
    "Vertriebsleiter",
    "Sachbearbeiter",
    "Werkstudent",
    "Praktikant",
    "Auszubildender",
    "Teamleiter",
    "Abteilungsleiter",
    "Bereichsleiter",
    "Projektleiter",
    "Konstrukteur",
    "Entwickler",
    "Softwareentwickler",
    "Informatiker",
    "Ingenieur",
    "Berater",
    "Verkäufer",
    "Kundenberater",
    "Prokurist",
    "Inhaber",
    "Gesellschafter",
};

/* Short words of titles in their own right: that a longer word begins with them is chance, where a beginning such as
   "market" is meant to be one. */
static bool own_word(struct text folded)
{
    static const char *const words[] = {"ceo", "cfo", "cto", "coo", "cio", "cmo", "cpo", "cso", "cdo", "vp", "svp",
                                        "evp", "hr", "it", "pr", "pm", "ops", "intern", "rep", "chef"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strlen(words[i]) == folded.length && memcmp(words[i], folded.bytes, folded.length) == 0) return true;
    return false;
}

static bool inside_word(struct check *check, struct text folded, struct value *found)
{
    for (size_t i = 0; i < sizeof common_words / sizeof *common_words; i++) {
        text_value(check->space, common_words[i], strlen(common_words[i]), found);
        if (text_contains(found->folded, folded) && !text_has_word(found->folded, folded) &&
            (own_word(folded) || !text_starts(found->folded, folded)))
            return true;
    }
    return false;
}

static bool is_one_word(struct text text)
{
    for (size_t at = 0, used; at < text.length; at += used)
        if (!code_point_is_word(utf8_decode(text.bytes + at, text.length - at, &used))) return false;
    return text.length > 0;
}

struct met {
    struct check *check;
    uint32_t rule; /* NO_INDEX: not the condition of a rule */
    const struct node **seen;
    size_t count, capacity;
};

static void report_short(struct met *met, const struct node *node, size_t at, const struct value *word)
{
    struct check *check = met->check;
    struct text raw = node->raw_texts ? node->raw_texts[at] : node->texts[at];
    bool glob = node->predicate == TEXT_GLOB;
    struct diagnostic *d = check_report(check, C1040, node->span, "`%s \"%.*s\"` also fits \"%.*s\"",
                                        glob ? "matches" : "contains", (int)raw.length, raw.bytes,
                                        (int)word->raw.length, word->raw.bytes);
    if (!d) return;
    diagnostic_label(d, node->span, "looks inside of words");
    if (node->define != NO_INDEX)
        diagnostic_label(d, check->model->defines[node->define].name.span, "what it stands for");
    if (glob) raw = (struct text){raw.bytes + 1, raw.length - 2};
    diagnostic_help(d, "write `has word \"%.*s\"`", (int)raw.length, raw.bytes);
    if (met->rule == NO_INDEX) return;
    const struct model_rule *rule = &check->model->rules[met->rule];
    struct witness *witness = arena_alloc(check->arena, sizeof *witness);
    *witness = (struct witness){.as_of = check->options->as_of,
                                .stage = NO_INDEX,
                                .fields = arena_alloc(check->arena, sizeof *witness->fields),
                                .field_count = 1};
    witness->fields[0] = (struct model_given){.field = node->left->index, .text = word->raw};
    struct claim claim = {.kind = CLAIM_FIRES, .index = met->rule};
    if (check_shows(check, witness, &claim, 1))
        check_witness(
            check, d, witness, &claim, 1,
            arena_format(check->arena, "%s fires for: %.*s", rule->name.text, (int)word->raw.length, word->raw.bytes));
}

static void look_at(struct met *met, const struct node *node)
{
    if (!node) return;
    look_at(met, node->left);
    look_at(met, node->right);
    if (node->kind != NODE_TEXT_TEST || (node->predicate != TEXT_CONTAINS && node->predicate != TEXT_GLOB) ||
        node->left->kind != NODE_FIELD)
        return;
    if (met->check->model->fields[node->left->index].type != FIELD_TEXT) return;
    for (size_t i = 0; i < met->count; i++)
        if (met->seen[i]->span.start == node->span.start && met->seen[i]->span.file == node->span.file) return;
    memory_reserve(&met->seen, &met->capacity, met->count + 1, sizeof *met->seen);
    met->seen[met->count++] = node;
    if (!own_file(met->check, node->span)) return;
    for (size_t i = 0; i < node->text_count; i++) {
        struct value word;
        struct text text = node->texts[i];
        if (node->predicate == TEXT_GLOB) { /* `*word*` is the same as `contains` */
            if (text.length < 3 || text.bytes[0] != '*' || text.bytes[text.length - 1] != '*') continue;
            text = (struct text){text.bytes + 1, text.length - 2};
        }
        if ((text.length > 5 && !own_word(text)) || !is_one_word(text)) continue;
        if (inside_word(met->check, text, &word)) {
            report_short(met, node, i, &word);
            return;
        }
    }
    bool words = node->text_count > 0 && node->predicate == TEXT_CONTAINS;
    const char *field = met->check->model->fields[node->left->index].name.text;
    bool about_titles = strstr(field, "title") || strstr(field, "position") || strstr(field, "role");
    for (size_t i = 0; i < node->text_count && words; i++)
        words = is_one_word(node->texts[i]) && node->texts[i].length <= 5;
    if (!words || !about_titles) return;
    struct diagnostic *d = check_report(met->check, C1041, node->span, "this `contains` could be `has word`");
    if (!d) return;
    diagnostic_label(d, node->span, "looks inside of words too");
    diagnostic_help(d, "write `has word`, unless parts of words are meant");
}

static void check_words(struct check *check)
{
    struct met met = {.check = check};
    for (size_t i = 0; i < check->model->rule_count; i++) {
        met.rule = (uint32_t)i;
        look_at(&met, check->model->rules[i].when);
        for (size_t j = 0; j < check->model->rules[i].points.row_count; j++)
            look_at(&met, check->model->rules[i].points.rows[j].condition);
    }
    met.rule = NO_INDEX;
    for (size_t i = 0; i < check->model->stage_count; i++) {
        look_at(&met, check->model->stages[i].when);
        look_at(&met, check->model->stages[i].stay);
    }
    for (size_t i = 0; i < check->model->action_count; i++) look_at(&met, check->model->actions[i].when);
    free(met.seen);
}

/* Whoever lets a score decay without activity should know that only declared types of event are activity. */
static void check_activity(struct check *check)
{
    const struct model *model = check->model;
    for (size_t i = 0; i < model->score_count; i++) {
        const struct model_score *score = &model->scores[i];
        if (!score->loses || !score->without || score->without->event != NO_INDEX) continue;
        struct diagnostic *d = check_report(check, W0904, score->without->span,
                                            "events that this rubric does not declare do not keep `%s` from decaying",
                                            score->name.text);
        if (!d) continue;
        diagnostic_label(d, score->without->span, "events of the types that are declared here and count");
        diagnostic_help(d, "declare every type of event that is a sign of life; a run says which others its data has");
    }
}

void check_hygiene(struct check *check)
{
    check_activity(check);
    check_unused(check);
    check_reasons(check);
    check_tests(check);
    check_words(check);
}
