/* agree: does the product say what the oracle says?
     agree [--seed N] [--cases N] [--verbose]         random rubrics and leads
     agree --rubric FILE --leads FILE [--as-of DATE]   yours (NDJSON)
     agree --show N                                    what seed N generates
   Ends with 0 when all agree, 1 when something differs; the smallest case found is printed. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/oracle/generate.h"
#include "tests/oracle/trial.h"
#include "vm/calendar.h"

struct arguments { uint64_t seed, cases, show; bool verbose, shows, keep_going; const char *rubric, *leads, *as_of; };

static void disagreement_print(const struct trial *trial, const struct buffer *report)
{
    char as_of[INSTANT_TEXT];
    struct shrunk shrunk;
    struct buffer smaller = { 0 };
    printf("%s", report->data);
    trial_shrink(trial, report, &shrunk);
    struct trial small = *trial;
    small.rubric = shrunk.rubric;
    small.rubric_length = strlen(shrunk.rubric);
    small.leads = (const char *const *)shrunk.leads;
    small.lead_count = shrunk.lead_count;
    instant_format(trial->as_of, as_of);
    if (trial_run(&small, &smaller) == TRIAL_DISAGREES)
        printf("smaller, as of %s:\n%s---- rubric\n%s---- leads\n", as_of, smaller.data, shrunk.rubric);
    else                                                /* only the moved rubric differs, which is not made smaller */
        printf("as of %s:\n---- rubric\n%.*s---- moved\n%s---- leads\n", as_of, (int)trial->rubric_length,
               trial->rubric, trial->moved);
    for (size_t i = 0; i < shrunk.lead_count; i++)
        printf("%s\n", shrunk.leads[i]);
    for (size_t i = 0; i < trial->override_count; i++)
        printf("--set %s=%s\n", trial->overrides[i].name, trial->overrides[i].value);
    printf("----\n");
    buffer_free(&smaller);
    shrunk_free(&shrunk);
}

/* ---- random cases */

static enum trial_result case_run(uint64_t seed, bool verbose)
{
    struct sample sample;
    struct buffer rubric = { 0 }, moved = { 0 }, report = { 0 };
    sample_generate(&sample, seed);
    sample_rubric(&sample, 0, &rubric);
    sample_rubric(&sample, seed + 1, &moved);
    struct trial trial = { .name = "sample.rubric",
                           .rubric = rubric.data,
                           .rubric_length = rubric.length,
                           .lead_count = sample.lead_count,
                           .leads = (const char *const *)sample.leads,
                           .as_of = sample.as_of,
                           .overrides = sample.overrides,
                           .override_count = sample.override_count,
                           .moved = moved.data };
    enum trial_result result = trial_run(&trial, &report);
    if (result == TRIAL_DISAGREES) {
        printf("seed %llu: ", (unsigned long long)seed);
        disagreement_print(&trial, &report);
    } else if (result == TRIAL_REFUSED && verbose) {
        printf("seed %llu: refused\n%s", (unsigned long long)seed, report.data);
    }
    fflush(stdout);
    buffer_free(&rubric);
    buffer_free(&moved);
    buffer_free(&report);
    sample_free(&sample);
    return result;
}

static int cases_run(const struct arguments *arguments)
{
    uint64_t counts[3] = { 0 };
    for (uint64_t i = 0; i < arguments->cases; i++) {
        counts[case_run(arguments->seed + i, arguments->verbose)]++;
        if (counts[TRIAL_DISAGREES] && !arguments->keep_going)
            break;
    }
    printf("%llu agree, %llu differ, %llu refused by the compiler\n", (unsigned long long)counts[TRIAL_AGREES],
           (unsigned long long)counts[TRIAL_DISAGREES], (unsigned long long)counts[TRIAL_REFUSED]);
    printf("oracle: %llu passed, %llu failed\n", (unsigned long long)counts[TRIAL_AGREES], (unsigned long long)counts[TRIAL_DISAGREES]);
    /* A generator whose rubrics are mostly refused tests little. */
    return counts[TRIAL_DISAGREES] || counts[TRIAL_REFUSED] * 4 > arguments->cases ? 1 : 0;
}

static int sample_show(uint64_t seed)
{
    struct sample sample;
    struct buffer rubric = { 0 };
    char as_of[INSTANT_TEXT];
    sample_generate(&sample, seed);
    sample_rubric(&sample, 0, &rubric);
    instant_format(sample.as_of, as_of);
    printf("# as of %s\n%s", as_of, rubric.data);
    for (size_t i = 0; i < sample.lead_count; i++)
        printf("%s\n", sample.leads[i]);
    buffer_free(&rubric);
    sample_free(&sample);
    return 0;
}

/* ---- files */

static bool file_read(const char *path, struct buffer *out)
{
    FILE *file = fopen(path, "rb");
    char block[65536];
    size_t got;
    buffer_reset(out);
    if (!file) {
        perror(path);
        return false;
    }
    while ((got = fread(block, 1, sizeof block, file)) > 0)
        buffer_add(out, block, got);
    fclose(file);
    return true;
}

static int files_run(const struct arguments *arguments)
{
    struct buffer rubric = { 0 }, leads = { 0 }, report = { 0 };
    struct { const char **items; size_t count, capacity; } lines = { 0 };
    struct trial trial = { .name = arguments->rubric };
    enum trial_result result = TRIAL_REFUSED;
    const char *as_of = arguments->as_of ? arguments->as_of : "2026-11-22";
    if (!instant_parse(as_of, strlen(as_of), DATES_ISO_ONLY, &trial.as_of))
        fprintf(stderr, "agree: %s is no date\n", as_of);
    else if (file_read(arguments->rubric, &rubric) && file_read(arguments->leads, &leads)) {
        for (char *line = strtok(leads.data, "\n"); line; line = strtok(NULL, "\n")) {
            memory_reserve(&lines.items, &lines.capacity, lines.count + 1, sizeof *lines.items);
            lines.items[lines.count++] = line;
        }
        trial.rubric = rubric.data;
        trial.rubric_length = rubric.length;
        trial.leads = lines.items;
        trial.lead_count = lines.count;
        result = trial_run(&trial, &report);
        if (result == TRIAL_DISAGREES)
            disagreement_print(&trial, &report);
        else
            printf("%s%zu leads: %s\n", report.data ? report.data : "", lines.count,
                   result == TRIAL_AGREES ? "all agree" : "the rubric is refused");
    }
    free(lines.items);
    buffer_free(&rubric);
    buffer_free(&leads);
    buffer_free(&report);
    return result == TRIAL_AGREES ? 0 : 1;
}

int main(int count, char **words)
{
    struct arguments arguments = { .seed = 1, .cases = 1000 };
    for (int i = 1; i < count; i++) {
        const char *word = words[i], *value = i + 1 < count ? words[i + 1] : "";
        bool takes_value = true;
        if (strcmp(word, "--seed") == 0)
            arguments.seed = strtoull(value, NULL, 10);
        else if (strcmp(word, "--cases") == 0)
            arguments.cases = strtoull(value, NULL, 10);
        else if (strcmp(word, "--show") == 0)
            arguments.shows = true, arguments.show = strtoull(value, NULL, 10);
        else if (strcmp(word, "--rubric") == 0)
            arguments.rubric = value;
        else if (strcmp(word, "--leads") == 0)
            arguments.leads = value;
        else if (strcmp(word, "--as-of") == 0)
            arguments.as_of = value;
        else if (strcmp(word, "--verbose") == 0)
            arguments.verbose = true, takes_value = false;
        else if (strcmp(word, "--keep-going") == 0)
            arguments.keep_going = true, takes_value = false;
        else {
            fprintf(
                stderr,
                "agree: what is %s?  [--seed N] [--cases N] [--verbose] [--keep-going] | --show N | --rubric FILE --leads FILE\n",
                word);
            return 2;
        }
        i += takes_value;
    }
    if (arguments.shows)
        return sample_show(arguments.show);
    if (arguments.rubric && arguments.leads)
        return files_run(&arguments);
    return cases_run(&arguments);
}
