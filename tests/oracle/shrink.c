#include "tests/oracle/trial.h"

#include <stdlib.h>
#include <string.h>

#include "tests/oracle/json.h"

/* ---- the rubric: whole declarations first, then lines */

static char *copy_of(const char *text, size_t length)
{
    char *copy = memory_alloc(length + 1);
    memcpy(copy, text, length);
    return copy;
}

/* What kind of thing differs: the word that the first differing line begins with, or the sentence without its numbers.
   A smaller case must differ in the same. */
static void kind_of_difference(const struct buffer *report, char kind[32])
{
    const char *line = report->data ? strstr(report->data, "  oracle:") : NULL;
    const char *at = line ? line + strlen("  oracle:") : report->data ? report->data : "";
    size_t length = 0;
    at += strspn(at, " ");
    while (length < 31 && at[length] && !strchr(line ? " \n" : "\n0123456789", at[length]))
        length++;
    memcpy(kind, at, length);
    kind[length] = 0;
}

static bool still_disagrees(const struct trial *trial, const char *rubric, char **leads, size_t lead_count,
                            const char *kind)
{
    struct trial candidate = *trial;
    struct buffer report = { 0 };
    candidate.rubric = rubric;
    candidate.rubric_length = strlen(rubric);
    candidate.leads = (const char *const *)leads;
    candidate.lead_count = lead_count;
    candidate.moved = NULL;
    char its_kind[32];
    bool disagrees = lead_count > 0 && trial_run(&candidate, &report) == TRIAL_DISAGREES;
    kind_of_difference(&report, its_kind);
    disagrees = disagrees && strcmp(kind, its_kind) == 0;
    buffer_free(&report);
    return disagrees;
}

/* A declaration begins at the left edge; its clauses are indented. */
static size_t piece_end(const char *text, size_t start, bool whole_declaration)
{
    size_t end = start;
    do {
        end += strcspn(text + end, "\n");
        end += text[end] == '\n';
    } while (whole_declaration && text[end] && (text[end] == ' ' || text[end] == '\n'));
    return end;
}

static bool rubric_shrink(const struct trial *trial, struct shrunk *shrunk, bool whole_declarations)
{
    bool any = false;
    for (size_t start = 0; shrunk->rubric[start];) {
        size_t end = piece_end(shrunk->rubric, start, whole_declarations), length = strlen(shrunk->rubric);
        char *without = copy_of(shrunk->rubric, length);
        memmove(without + start, without + end, length - end + 1);
        if (still_disagrees(trial, without, shrunk->leads, shrunk->lead_count, shrunk->kind)) {
            free(shrunk->rubric);
            shrunk->rubric = without;
            any = true;
        } else {
            free(without);
            start = end;
        }
    }
    return any;
}

/* Conditions: one side of an `and` or `or` at a time, cut out of its line. */
static bool words_shrink(const struct trial *trial, struct shrunk *shrunk)
{
    static const char *const joints[] = { " and ", " or ", " + ", " - ", ", " };
    bool any = false;
    for (size_t at = 0; shrunk->rubric[at]; at++)
        for (size_t joint = 0; joint < sizeof joints / sizeof *joints; joint++) {
            size_t width = strlen(joints[joint]), length = strlen(shrunk->rubric);
            if (at >= length || strncmp(shrunk->rubric + at, joints[joint], width) != 0)
                continue;
            size_t line_end = at + strcspn(shrunk->rubric + at, "\n");
            for (size_t end = line_end; end > at + width; end--) {
                char *without = copy_of(shrunk->rubric, length);
                memmove(without + at, without + end, length - end + 1);
                if (still_disagrees(trial, without, shrunk->leads, shrunk->lead_count, shrunk->kind)) {
                    free(shrunk->rubric);
                    shrunk->rubric = without;
                    any = true;
                    break;
                }
                free(without);
            }
        }
    return any;
}

/* ---- leads */

static bool leads_shrink(const struct trial *trial, struct shrunk *shrunk)
{
    bool any = false;
    for (size_t i = 0; i < shrunk->lead_count && shrunk->lead_count > 1;) {
        char *kept = shrunk->leads[i];
        memmove(&shrunk->leads[i], &shrunk->leads[i + 1], (shrunk->lead_count - i - 1) * sizeof *shrunk->leads);
        if (still_disagrees(trial, shrunk->rubric, shrunk->leads, shrunk->lead_count - 1, shrunk->kind)) {
            shrunk->lead_count--;
            free(kept);
            any = true;
            continue;
        }
        memmove(&shrunk->leads[i + 1], &shrunk->leads[i], (shrunk->lead_count - i - 1) * sizeof *shrunk->leads);
        shrunk->leads[i++] = kept;
    }
    return any;
}

/* Where a member or element that begins at `start` ends, with the comma behind it (or before it) in the cut. */
static size_t value_end(const char *text, size_t at)
{
    int depth = 0;
    bool quoted = false;
    for (; text[at]; at++) {
        if (quoted) {
            if (text[at] == '\\' && text[at + 1])
                at++;
            else if (text[at] == '"')
                quoted = false;
            continue;
        }
        if (text[at] == '"')
            quoted = true;
        else if (text[at] == '{' || text[at] == '[')
            depth++;
        else if ((text[at] == '}' || text[at] == ']') && depth-- == 0)
            return at;
        else if (text[at] == ',' && depth == 0)
            return at;
    }
    return at;
}

static char *lead_without(const char *lead, size_t start)
{
    size_t length = strlen(lead), end = value_end(lead, start);
    if (lead[end] == ',')
        end++;
    else if (start > 0 && lead[start - 1] == ',')
        start--;
    char *without = copy_of(lead, length);
    memmove(without + start, without + end, length - end + 1);
    return without;
}

static bool members_shrink(const struct trial *trial, struct shrunk *shrunk)
{
    bool any = false;
    for (size_t i = 0; i < shrunk->lead_count; i++)
        for (size_t at = 1; at < strlen(shrunk->leads[i]); at++) {
            char before = shrunk->leads[i][at - 1];
            if (before != '{' && before != '[' && before != ',')
                continue;
            char *kept = shrunk->leads[i], *without = lead_without(kept, at);
            struct arena arena;
            arena_init(&arena);
            bool sound = strlen(without) < strlen(kept) && json_read(without, strlen(without), &arena);
            arena_free(&arena);
            shrunk->leads[i] = without;
            if (sound && still_disagrees(trial, shrunk->rubric, shrunk->leads, shrunk->lead_count, shrunk->kind)) {
                free(kept);
                any = true;
                at--;
                continue;
            }
            shrunk->leads[i] = kept;
            free(without);
        }
    return any;
}

void trial_shrink(const struct trial *trial, const struct buffer *report, struct shrunk *shrunk)
{
    kind_of_difference(report, shrunk->kind);
    shrunk->rubric = copy_of(trial->rubric, trial->rubric_length);
    shrunk->leads = memory_alloc((trial->lead_count + 1) * sizeof *shrunk->leads);
    shrunk->lead_count = trial->lead_count;
    for (size_t i = 0; i < trial->lead_count; i++)
        shrunk->leads[i] = copy_of(trial->leads[i], strlen(trial->leads[i]));
    bool smaller = true;
    for (int round = 0; smaller && round < 6; round++) {
        smaller = leads_shrink(trial, shrunk);
        smaller = rubric_shrink(trial, shrunk, true) || smaller;
        smaller = rubric_shrink(trial, shrunk, false) || smaller;
        smaller = words_shrink(trial, shrunk) || smaller;
        smaller = members_shrink(trial, shrunk) || smaller;
    }
}

void shrunk_free(struct shrunk *shrunk)
{
    for (size_t i = 0; i < shrunk->lead_count; i++)
        free(shrunk->leads[i]);
    free(shrunk->leads);
    free(shrunk->rubric);
    *shrunk = (struct shrunk){ 0 };
}
