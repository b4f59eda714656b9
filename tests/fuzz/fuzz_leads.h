/* What the targets that read leads share: one program with a field of every kind and events, and reading the same bytes in blocks of
   two sizes. */
#ifndef RUBRIC_TESTS_FUZZ_LEADS_H
#define RUBRIC_TESTS_FUZZ_LEADS_H

#include "tests/fuzz/fuzz.h"
#include "tests/unit/input_fixture.h"

static inline struct program *fuzz_leads_program(void)
{
    static const struct fixture_field fields[] = {
        { "id", FIELD_TEXT, "Lead ID|id", NULL, NULL },
        { "title", FIELD_TEXT, "Job Title|title|person.title", "select", NULL },
        { "employees", FIELD_NUMBER, "employees|company.size", NULL, NULL },
        { "newsletter", FIELD_YESNO, NULL, NULL, NULL },
        { "created", FIELD_DATE, NULL, NULL, NULL },
        { "tags", FIELD_LIST, NULL, NULL, NULL },
        { "source", FIELD_ONEOF, "utm.source", NULL, "Web|Fair" },
        { "status", FIELD_TEXT, NULL, NULL, NULL },
    };
    static const struct fixture_field page[] = { { "url", FIELD_TEXT, NULL, NULL, NULL }, { "seconds", FIELD_NUMBER, "sec|d.sec", NULL, NULL } };
    struct program *program = fixture_program(fields, sizeof fields / sizeof *fields);
    program->stages[0] = (struct program_stage){ .name = "Lead" };
    program->stages[1] = (struct program_stage){ .name = "MQL", .title = "Marketing qualified" };
    program->stage_count = 2;
    fixture_event(program, "page_view", true, page, 2);
    fixture_event(program, "call", false, NULL, 0);
    return program;
}

static inline int fuzz_by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Of several records on one line it does not matter which is reported first: it depends on the batches. */
static inline void fuzz_sort_lines(char *text)
{
    size_t count = 0, length = strlen(text);
    char *copy = strdup(text), **lines = calloc(length + 1, sizeof *lines);
    for (char *line = strtok(copy, "\n"); line; line = strtok(NULL, "\n"))
        lines[count++] = line;
    if (count > 0)
        qsort(lines, count, sizeof *lines, fuzz_by_text);
    for (size_t i = 0; i < count; i++)
        text += sprintf(text, "%s\n", lines[i]);
    free(lines);
    free(copy);
}

/* Of what stands behind the end of an array only as much is shown as the block has.  Only a reject for that reason is meant: the
   words may stand in a value too. */
static inline void fuzz_hide_excerpts(char *reports)
{
    static const char *const reasons[] = { "text behind the end of the array", "a comma before the ] that closes the array" };
    for (char *line = reports; line && *line; line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL) {
        if (strncmp(line, "reject ", 7) != 0)
            continue;
        char *reason = strchr(line + 7, ' '), *end = strchr(line, '\n');
        for (size_t i = 0; reason && end && i < sizeof reasons / sizeof *reasons; i++) {
            char *shown = reason + 1 + strlen(reasons[i]);
            if (reason < end && strncmp(reason + 1, reasons[i], strlen(reasons[i])) == 0 && shown < end) {
                memmove(shown, end, strlen(end) + 1);
                break;
            }
        }
    }
}

static inline struct fixture fuzz_read_once(const struct program *program, struct input_options options, const char *path)
{
    const char *paths[] = { path };
    struct fixture fixture = fixture_read_paths(program, options, paths, 1);
    size_t leads = 0, rejects = 0;
    for (const char *at = fixture.leads.data; *at; at++)
        leads += *at == '\n';
    for (const char *at = fixture.reports.data; (at = strstr(at, "reject ")); at++)
        rejects += at == fixture.reports.data || at[-1] == '\n';
    if (fixture.problem[0] == 0 && (leads != fixture.summary.leads || rejects != fixture.summary.rejected + fixture.summary.events_rejected))
        fuzz_broken("%zu leads and %zu rejects came, %d and %d were counted", leads, rejects, (int)fixture.summary.leads, (int)fixture.summary.rejected);
    fuzz_hide_excerpts(fixture.reports.data);
    fuzz_sort_lines(fixture.reports.data);
    return fixture;
}

static inline void fuzz_read_leads(struct input_options options, const char *bytes, size_t length)
{
    static struct program *program;
    if (!program)
        program = fuzz_leads_program();
    const char *path = fuzz_path(0, bytes, length);
    options.block_bytes = 0;
    struct fixture whole = fuzz_read_once(program, options, path);
    options.block_bytes = 7;
    struct fixture cut = fuzz_read_once(program, options, path);
    if (strcmp(whole.problem, cut.problem) != 0)
        fuzz_broken("whole: %s\ncut: %s", whole.problem, cut.problem);
    if (strcmp(whole.leads.data, cut.leads.data) != 0)
        fuzz_broken("the leads depend on the blocks\nwhole:\n%s\ncut:\n%s", whole.leads.data, cut.leads.data);
    if (strcmp(whole.reports.data, cut.reports.data) != 0)
        fuzz_broken("the reports depend on the blocks\nwhole:\n%s\ncut:\n%s", whole.reports.data, cut.reports.data);
    fixture_free(&whole);
    fixture_free(&cut);
}

#endif
