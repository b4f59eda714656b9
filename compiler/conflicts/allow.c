#include "compiler/conflicts/check.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* `# rubric: allow DOUBLE_COUNT because "…"` above a declaration accepts the findings of that kind in it.  An allow
   that accepts nothing is a finding itself. */

static const struct {
    const char *name;
    enum diagnostic_code code;
} names[] = {
    {"NEVER", C1001},        {"ALWAYS", C1002},
    {"DOUBLE_COUNT", C1003}, {"OPPOSITE", C1004},
    {"INSIDE", C1005},       {"MOOT", C1006},
    {"DEAD_PART", C1007},    {"OVER", C1008},
    {"GAP", C1010},          {"NO_LABEL", C1011},
    {"MASKED", C1012},       {"NOT_MONOTONE", C1013},
    {"UNASSIGNED", C1014},   {"BEATEN", C1016},
    {"OUT_OF_REACH", C1020}, {"CELL", C1021},
    {"IDLE_BOUND", C1022},   {"IDLE_RULE", C1023},
    {"SKIPPED", C1030},      {"BOUNCES", C1031},
    {"NO_WAY_BACK", C1032},  {"DISQUALIFIED_ONLY", C1033},
    {"STAGE_GAP", C1034},    {"SHORT_WORD", C1040},
    {"HAS_WORD", C1041},     {"NOT_PROVEN", C1090},
    {"UNUSED", W0910},       {"NO_REASON", W0911},
    {"UNTESTED", W0912},
};

static bool code_named(const char *word, size_t length, enum diagnostic_code *code)
{
    char name[40];
    if (length >= sizeof name) return false;
    memcpy(name, word, length);
    name[length] = 0;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcasecmp(names[i].name, name) == 0) {
            *code = names[i].code;
            return true;
        }
    return diagnostic_find(name, code);
}

static const char *skip_spaces(const char *at, const char *end)
{
    while (at < end && (*at == ' ' || *at == '\t')) at++;
    return at;
}

static bool skip_word(const char **at, const char *end, const char *word)
{
    size_t length = strlen(word);
    const char *from = skip_spaces(*at, end);
    if ((size_t)(end - from) < length || memcmp(from, word, length) != 0) return false;
    *at = from + length;
    return true;
}

/* The declaration that follows the comment: its span, or an empty one. */
static struct span declaration_below(const struct tree_file *file, uint32_t offset)
{
    struct span best = {file->file, 0, 0};
    for (const struct declaration *d = file->declarations; d; d = d->next)
        if (d->span.start >= offset && (best.end == 0 || d->span.start < best.start)) best = d->span;
    return best;
}

static bool lies_in(const struct diagnostic *d, struct span span)
{
    if (d->span.file == span.file && d->span.start >= span.start && d->span.start < span.end) return true;
    for (const struct label *label = d->labels; label; label = label->next)
        if (label->span.file == span.file && label->span.start >= span.start && label->span.start < span.end)
            return true;
    return false;
}

static void read_allow(struct check *check, const struct tree_file *file, const struct comment *comment, size_t first)
{
    const struct source *source = &check->model->sources->files[file->file];
    const char *at = source->text + comment->span.start, *end = source->text + comment->span.end;
    if (!skip_word(&at, end, "#") || !skip_word(&at, end, "rubric:")) return;
    enum diagnostic_code code = DIAGNOSTIC_COUNT;
    bool good = skip_word(&at, end, "allow");
    if (good) {
        const char *word = at = skip_spaces(at, end);
        while (at < end && (isalnum((unsigned char)*at) || *at == '_')) at++;
        good = code_named(word, (size_t)(at - word), &code) && skip_word(&at, end, "because");
        const char *quote = skip_spaces(at, end);
        good = good && quote + 2 < end && *quote == '"' && memchr(quote + 1, '"', (size_t)(end - quote - 1));
    }
    if (!good) {
        struct diagnostic *d = check_report(check, W0915, comment->span, "this `allow` cannot be read");
        if (!d) return;
        diagnostic_label(d, comment->span, "not understood");
        diagnostic_help(
            d, "write `# rubric: allow DOUBLE_COUNT because \"…\"`, with a code or a name of `rubric explain`");
        return;
    }
    struct span below = declaration_below(file, comment->span.end);
    size_t kept = first, accepted = 0;
    for (size_t i = first; i < check->diags->count; i++) {
        struct diagnostic *d = check->diags->items[i];
        if (d->code == code && below.end > 0 && lies_in(d, below)) {
            accepted++;
            continue;
        }
        check->diags->items[kept++] = d;
    }
    check->diags->count = kept;
    check->report->allowed += accepted;
    if (accepted > 0) return;
    struct diagnostic *d = check_report(check, W0914, comment->span, "this `allow` accepts nothing");
    if (!d) return;
    diagnostic_label(d, comment->span, "no such finding in the declaration below");
    diagnostic_help(d, "remove it");
}

void check_allowed(struct check *check, size_t first)
{
    for (size_t i = 0; i < check->model->file_count; i++)
        for (const struct comment *comment = check->model->files[i]->comments; comment; comment = comment->next)
            read_allow(check, check->model->files[i], comment, first);
}
