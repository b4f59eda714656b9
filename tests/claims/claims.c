/* claims: is what the check says true?  Random rubrics of the oracle's generator are checked, and every claim of the
   check (no lead fires this, these two fire for the same leads, no score above this, nobody enters this stage) is held
   against many leads of the same generator, scored on the machine.  Every witness is run again as the `test` it is
   printed as.  A lead that a claim rules out, a witness whose test fails, and an internal error are failures.
     claims [--cases N] [--seed N] [--leads N] [--show]      ends with 0 when every claim holds */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/testing.h"
#include "tests/claims/claims.h"

struct arguments { uint64_t cases, seed, rounds; bool show; };
struct totals { uint64_t rubrics, refused, findings, claims, leads, witnesses, open, failures; };

/* ---- witnesses: pasted into the rubric, each must pass as a test */

static void witness_tests(const struct sample *sample, const char *rubric, const struct diagnostics *diags, struct totals *totals,
                          struct buffer *problem)
{
    struct buffer text = { 0 };
    size_t count = 0;
    buffer_text(&text, rubric);
    for (size_t i = 0; i < diags->count; i++) {
        const char *rest = diags->items[i]->witness ? strchr(diags->items[i]->witness, '\n') : NULL;
        if (rest && diags->items[i]->code != C1015) /* two rules of an exclusive group: refused until it is mended */
            buffer_format(&text, "test \"shown %zu\"%s\n", i, rest), count++;
    }
    struct compilation *c = compilation_new();
    struct options options = { 0 };
    compilation_load_text(c, "pasted.rubric", text.data, text.length, sample->overrides, sample->override_count);
    for (size_t i = 0; i < c->diags.count; i++)
        if (count > 0 && c->diags.items[i]->severity == SEVERITY_ERROR)
            buffer_format(problem, "the witnesses cannot be pasted: %s\n%s", c->diags.items[i]->message, text.data);
    for (uint32_t i = 0; c->diags.errors == 0 && i < c->model.test_count; i++) {
        struct test_outcome outcome = { 0 };
        test_run(c, "pasted.rubric", &options, i, &outcome);
        size_t index;
        bool own = sscanf(c->model.tests[i].name, "shown %zu", &index) != 1;
        if (!own && (outcome.failure_count > 0 || outcome.problem)) {
            const struct diagnostic *d = diags->items[index];
            buffer_format(problem, "the witness of \"%s\" does not show it: %s\n%s\n", d->message,
                          outcome.problem ? outcome.problem : outcome.failures[0].text, d->witness);
        }
        test_outcome_free(&outcome);
        totals->witnesses += !own;
    }
    compilation_free(c);
    buffer_free(&text);
}

static void case_run(const struct arguments *arguments, uint64_t seed, struct totals *totals)
{
    struct sample sample;
    struct buffer rubric = { 0 }, leads = { 0 }, problem = { 0 };
    sample_generate(&sample, seed);
    sample_rubric(&sample, 0, &rubric);
    struct compilation *c = compilation_new();
    compilation_load_text(c, "sample.rubric", rubric.data, rubric.length, sample.overrides, sample.override_count);
    if (c->diags.errors > 0) {
        totals->refused++;
    } else {
        struct replay *replay = replay_new(c);
        bool *fired = memory_alloc(c->model.rule_count + 1);
        struct conflict_options options = { .as_of = sample.as_of, .budget_ms = 100, .want_reach = true, .want_leads = true,
                                            .show_all = true, .hygiene = true, .fired_in_tests = fired,
                                            .replay = replay_witness, .context = replay };
        struct conflict_report *report = conflicts_check(&c->model, &options, &c->diags);
        struct claims claims;
        leads_make(&sample, seed, arguments->rounds, &leads);
        claims_collect(&claims, &c->model, report, &c->diags);
        totals->leads += claims_hold(&claims, c, sample.as_of, &leads, &problem);
        claims_without_rules(&claims, c, &rubric, &sample, &leads, &problem);
        totals->rubrics++;
        totals->findings += report->findings;
        totals->open += report->not_proven;
        totals->claims += claims.count;
        witness_tests(&sample, rubric.data, &c->diags, totals, &problem);
        claims_free(&claims);
        conflicts_free(report);
        replay_free(replay);
        free(fired);
    }
    if (problem.length > 0) {
        totals->failures++;
        printf("seed %llu:\n%s", (unsigned long long)seed, problem.data);
        if (arguments->show)
            printf("----\n%s----\n", rubric.data);
        fflush(stdout);
    }
    compilation_free(c);
    buffer_free(&rubric);
    buffer_free(&leads);
    buffer_free(&problem);
    sample_free(&sample);
}

int main(int count, char **words)
{
    struct arguments arguments = { .cases = 200, .seed = 1, .rounds = 20 };
    struct totals totals = { 0 };
    for (int i = 1; i < count; i++) {
        const char *value = i + 1 < count ? words[i + 1] : "";
        if (strcmp(words[i], "--show") == 0) {
            arguments.show = true;
            continue;
        }
        uint64_t *number = strcmp(words[i], "--cases") == 0   ? &arguments.cases
                           : strcmp(words[i], "--seed") == 0  ? &arguments.seed
                           : strcmp(words[i], "--leads") == 0 ? &arguments.rounds
                                                              : NULL;
        if (!number) {
            fprintf(stderr, "claims: what is %s?  [--cases N] [--seed N] [--leads N] [--show]\n", words[i]);
            return 2;
        }
        *number = strtoull(value, NULL, 10);
        i++;
    }
    for (uint64_t i = 0; i < arguments.cases; i++)
        case_run(&arguments, arguments.seed + i, &totals);
    printf("claims: %llu rubrics, %llu findings, %llu claims against %llu leads, %llu witnesses run again, %llu not proven: "
           "%llu failed\n",
           (unsigned long long)totals.rubrics, (unsigned long long)totals.findings, (unsigned long long)totals.claims,
           (unsigned long long)totals.leads, (unsigned long long)totals.witnesses, (unsigned long long)totals.open,
           (unsigned long long)totals.failures);
    return totals.failures > 0 || totals.claims == 0 || totals.refused * 4 > arguments.cases ? 1 : 0;
}
