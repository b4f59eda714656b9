#include "tests/oracle/trial.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/format.h"
#include "tests/oracle/oracle.h"
#include "tests/oracle/product.h"
#include "tests/oracle/ways.h"

/* Enough leads that batches of 65 end in the middle. */
#define LEADS_IN_A_RUN 140
/* Sometimes more than one batch of 1,024, and more words of leads than any kernel takes at once. */
#define LEADS_IN_A_LONG_RUN 1100

struct texts { char **items; size_t count, capacity; };

static void texts_add(struct texts *texts, const struct buffer *text)
{
    memory_reserve(&texts->items, &texts->capacity, texts->count + 1, sizeof *texts->items);
    char *copy = memory_alloc(text->length + 1);
    memcpy(copy, text->data ? text->data : "", text->length);
    texts->items[texts->count++] = copy;
}

static void texts_free(struct texts *texts)
{
    for (size_t i = 0; i < texts->count; i++)
        free(texts->items[i]);
    free(texts->items);
    *texts = (struct texts){ 0 };
}

/* ---- compiling */

static void diagnostics_say(const struct compilation *compilation, struct buffer *report)
{
    for (size_t i = 0; i < compilation->diags.count; i++) {
        const struct diagnostic *diagnostic = compilation->diags.items[i];
        if (diagnostic->severity != SEVERITY_ERROR)
            continue;
        struct position at = source_position(&compilation->sources, diagnostic->span.file, diagnostic->span.start);
        buffer_format(report, "  %s:%u:%u: %s: %s\n", compilation->sources.files[diagnostic->span.file].name, at.line,
                      at.column, diagnostic_facts(diagnostic->code)->code, diagnostic->message);
    }
}

static struct compilation *compiled(const struct trial *trial, const char *text, size_t length, struct buffer *report)
{
    struct compilation *compilation = compilation_new();
    bool loaded =
        compilation_load_text(compilation, trial->name, text, length, trial->overrides, trial->override_count);
    if (loaded && compilation->diags.errors == 0)
        return compilation;
    diagnostics_say(compilation, report);
    compilation_free(compilation);
    return NULL;
}

/* ---- comparing */

struct comparing {
    const struct texts *expected;
    enum verdict_extent extent;
    const char *how;
    struct buffer *report;
    size_t lead;
    bool differs;
};

static void differing_lines(const char *expected, const char *found, struct buffer *report)
{
    while (*expected || *found) {
        size_t expected_length = strcspn(expected, "\n"), found_length = strcspn(found, "\n");
        if (expected_length != found_length || memcmp(expected, found, expected_length) != 0) {
            buffer_format(report, "  oracle:  %.*s\n", (int)expected_length, expected);
            buffer_format(report, "  product: %.*s\n", (int)found_length, found);
        }
        expected += expected_length + (expected[expected_length] == '\n');
        found += found_length + (found[found_length] == '\n');
    }
}

static void compare(void *context, const struct verdict *verdict)
{
    struct comparing *comparing = context;
    size_t lead = comparing->lead++ % comparing->expected->count;
    struct buffer text = { 0 };
    verdict_print(verdict, comparing->extent, &text);
    if (strcmp(text.data, comparing->expected->items[lead]) != 0 && !comparing->differs) {
        comparing->differs = true;
        buffer_format(comparing->report, "%s, lead %zu (%s):\n", comparing->how, comparing->lead - 1, verdict->lead);
        differing_lines(comparing->expected->items[lead], text.data, comparing->report);
    }
    const char *unbalanced = verdict_unbalanced(verdict);
    if (unbalanced && !comparing->differs) {
        comparing->differs = true;
        buffer_format(comparing->report, "%s, lead %zu: the lines of %s do not add up\n", comparing->how, lead,
                      unbalanced);
    }
    buffer_free(&text);
}

static bool reads_alike(const struct trial *trial, const struct program *program, struct product_way way,
                        const struct buffer *leads, const struct buffer *events, size_t lead_count,
                        const struct texts *expected, const char *how, struct buffer *report)
{
    char problem[256] = "";
    struct comparing comparing = { expected, way.written ? VERDICT_DETAILED : VERDICT_PLAIN, how, report, 0, false };
    bool read = product_run(program, trial->as_of, way, leads, events, compare, &comparing, problem, sizeof problem);
    if (!read)
        buffer_format(report, "%s: %s\n", how, problem);
    else if (comparing.lead != lead_count)
        buffer_format(report, "%s: %zu leads came back of %zu\n", how, comparing.lead, lead_count);
    return read && comparing.lead == lead_count && !comparing.differs;
}

static bool runs_alike(const struct trial *trial, const struct program *program, struct product_way way,
                       const struct texts *expected, const char *how, struct buffer *report)
{
    struct buffer leads = { 0 };
    size_t run = way.batch_size == 1024 && trial->rubric_length % 8 == 0 ? LEADS_IN_A_LONG_RUN : LEADS_IN_A_RUN;
    size_t wanted = way.batch_size <= 2 ? trial->lead_count : run;
    for (size_t i = 0; i < wanted; i++)
        buffer_format(&leads, "%s\n", trial->leads[i % trial->lead_count]);
    bool alike = reads_alike(trial, program, way, &leads, NULL, wanted, expected, how, report);
    buffer_free(&leads);
    return alike;
}

/* However the leads are written, and whatever the blocks they are read in. */
static bool forms_alike(const struct trial *trial, const struct program *program, const struct texts *expected,
                        struct buffer *report)
{
    struct buffer leads = { 0 }, events = { 0 };
    bool alike = true;
    for (int form = 0; alike && form < LEADS_FORMS; form++) {
        struct product_way way = { .batch_size = 1024, .block_bytes = form % 2 ? 0 : 1 };
        char how[64];
        snprintf(how, sizeof how, "leads as %s", leads_form_name((enum leads_form)form));
        if (leads_write(trial->leads, trial->lead_count, (enum leads_form)form, &leads, &events))
            alike = reads_alike(trial, program, way, &leads, &events, trial->lead_count, expected, how, report);
    }
    buffer_free(&leads);
    buffer_free(&events);
    return alike;
}

static bool batches_alike(const struct trial *trial, const struct program *program, const struct texts *expected,
                          const char *what, struct buffer *report)
{
    static const uint32_t sizes[] = { 1, 2, 63, 64, 65, 1024 };
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        char how[64];
        snprintf(how, sizeof how, "%s in batches of %u", what, sizes[i]);
        if (!runs_alike(trial, program, (struct product_way){ .batch_size = sizes[i] }, expected, how, report))
            return false;
    }
    return true;
}

static bool image_alike(const struct trial *trial, const struct program *program, const struct texts *expected,
                        struct buffer *report)
{
    struct buffer image = { 0 };
    char problem[256] = "";
    image_write(program, &image);
    struct program *read = image_read(image.data, image.length, problem, sizeof problem);
    buffer_free(&image);
    if (!read) {
        buffer_format(report, "the program as a file is refused: %s\n", problem);
        return false;
    }
    bool alike =
        runs_alike(trial, read, (struct product_way){ .batch_size = 64 }, expected, "the program as a file", report);
    program_free(read);
    return alike;
}

/* What the formatter makes of the rubric is the same rubric, and formatting it again changes nothing. */
static bool format_alike(const struct trial *trial, const struct compilation *compilation,
                         const struct program *program, const struct texts *expected, struct buffer *report)
{
    struct buffer once = { 0 }, twice = { 0 };
    format_file(compilation->main_file, &compilation->sources, &once);
    struct compilation *again = compiled(trial, once.data, once.length, report);
    bool alike = false;
    if (!again) {
        buffer_format(report, "what the formatter wrote is refused:\n%s", once.data);
    } else {
        format_file(again->main_file, &again->sources, &twice);
        struct program *formatted = compilation_emit(again, NO_INDEX, NULL);
        alike = runs_alike(trial, formatted, (struct product_way){ .batch_size = 64 }, expected, "after the formatter",
                           report);
        if (once.length != twice.length || memcmp(once.data, twice.data, once.length) != 0) {
            buffer_format(report, "formatted twice is not formatted once:\n");
            differing_lines(once.data, twice.data, report);
            alike = false;
        }
        if (strcmp(formatted->hash, program->hash) != 0) {
            buffer_format(report, "the formatter changes the hash\n");
            alike = false;
        }
        program_free(formatted);
    }
    compilation_free(again);
    buffer_free(&once);
    buffer_free(&twice);
    return alike;
}

/* ---- moving rules changes no points */

static int line_order(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The lines that must not depend on the order in the file, sorted. */
static void unordered(const struct verdict *verdict, struct buffer *out)
{
    struct buffer text = { 0 };
    struct texts lines = { 0 };
    verdict_print(verdict, VERDICT_PLAIN, &text);
    for (char *line = strtok(text.data, "\n"); line; line = strtok(NULL, "\n")) {
        const char *word = line + strspn(line, " ");
        if (strncmp(word, "line ", 5) == 0 || strncmp(word, "undecided ", 10) == 0)
            continue;
        struct buffer kept = { .data = line, .length = strlen(line) };
        texts_add(&lines, &kept);
    }
    qsort(lines.items, lines.count, sizeof *lines.items, line_order);
    for (size_t i = 0; i < lines.count; i++)
        buffer_format(out, "%s\n", lines.items[i]);
    texts_free(&lines);
    buffer_free(&text);
}

static void unordered_add(void *context, const struct verdict *verdict)
{
    struct buffer text = { 0 };
    buffer_reset(&text);
    unordered(verdict, &text);
    texts_add(context, &text);
    buffer_free(&text);
}

static bool moved_alike(const struct trial *trial, const struct program *program, struct buffer *report)
{
    struct compilation *compilation = compiled(trial, trial->moved, strlen(trial->moved), report);
    if (!compilation) {
        buffer_format(report, "the rubric is refused when its rules move\n");
        return false;
    }
    struct program *moved = compilation_emit(compilation, NO_INDEX, NULL);
    struct buffer leads = { 0 };
    struct texts before = { 0 }, after = { 0 };
    struct product_way way = { .batch_size = 1024 };
    char problem[256];
    for (size_t i = 0; i < trial->lead_count; i++)
        buffer_format(&leads, "%s\n", trial->leads[i]);
    product_run(program, trial->as_of, way, &leads, NULL, unordered_add, &before, problem, sizeof problem);
    product_run(moved, trial->as_of, way, &leads, NULL, unordered_add, &after, problem, sizeof problem);
    bool alike = before.count == after.count;
    for (size_t i = 0; alike && i < before.count; i++)
        if (strcmp(before.items[i], after.items[i]) != 0) {
            buffer_format(report, "rules moved in the file, lead %zu (oracle: before, product: after):\n", i);
            differing_lines(before.items[i], after.items[i], report);
            alike = false;
        }
    texts_free(&before);
    texts_free(&after);
    buffer_free(&leads);
    program_free(moved);
    compilation_free(compilation);
    return alike;
}

/* ---- the whole */

static void verdict_keep(struct texts *texts, const struct verdict *verdict, enum verdict_extent extent)
{
    struct buffer text = { 0 };
    if (verdict)
        verdict_print(verdict, extent, &text);
    texts_add(texts, &text);
    buffer_free(&text);
}

static bool oracle_verdicts(const struct trial *trial, const struct compilation *compilation, struct texts *plain,
                            struct texts *detailed, struct buffer *report)
{
    struct oracle *oracle =
        oracle_new(compilation->model.files, compilation->model.file_count, trial->overrides, trial->override_count);
    bool balanced = true;
    for (size_t i = 0; i < trial->lead_count; i++) {
        const struct verdict *verdict = oracle_score(oracle, trial->leads[i], strlen(trial->leads[i]), trial->as_of);
        verdict_keep(plain, verdict, VERDICT_PLAIN);
        verdict_keep(detailed, verdict, VERDICT_DETAILED);
        if (verdict && verdict_unbalanced(verdict)) {
            buffer_format(report, "the oracle's own lines do not add up\n");
            balanced = false;
        }
    }
    oracle_free(oracle);
    return balanced;
}

enum trial_result trial_run(const struct trial *trial, struct buffer *report)
{
    buffer_reset(report);
    struct compilation *compilation = compiled(trial, trial->rubric, trial->rubric_length, report);
    if (!compilation)
        return TRIAL_REFUSED;
    struct program *program = compilation_emit(compilation, NO_INDEX, NULL);
    struct texts expected = { 0 }, detailed = { 0 };
    char problem[256] = "";
    bool alike = oracle_verdicts(trial, compilation, &expected, &detailed, report);
    if (!program_verify(program, problem, sizeof problem)) {
        buffer_format(report, "the program is not well formed: %s\n", problem);
        alike = false;
    }
    alike = alike && batches_alike(trial, program, &expected, "the product", report) &&
            runs_alike(trial, program, (struct product_way){ .batch_size = 64, .written = true }, &detailed,
                       "the results", report) &&
            forms_alike(trial, program, &expected, report) && image_alike(trial, program, &expected, report) &&
            format_alike(trial, compilation, program, &expected, report) &&
            (!trial->moved || moved_alike(trial, program, report));
    texts_free(&expected);
    texts_free(&detailed);
    program_free(program);
    compilation_free(compilation);
    return alike ? TRIAL_AGREES : TRIAL_DISAGREES;
}
