/* Declarations in their canonical layout, one after the other, with the comments and blank lines between them. */
#include "compiler/format.h"

#include "compiler/format_parts.h"

static size_t larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

static void put_declaration(struct writer *w, const struct declaration *d, struct run run)
{
    w->name_end = 0;
    put_leading_comments(w, d->span.start, 0);
    switch (d->kind) {
    case DECLARATION_RUBRIC: put_rubric(w, d); break;
    case DECLARATION_USE: put_use(w, d); break;
    case DECLARATION_LEAD: put_lead(w, d); break;
    case DECLARATION_EVENT: put_event(w, d, run); break;
    case DECLARATION_SETTING: put_setting(w, d); break;
    case DECLARATION_LIST: put_list_of_texts(w, d); break;
    case DECLARATION_DEFINE: put_define(w, d); break;
    case DECLARATION_SCORE: put_score(w, d, run); break;
    case DECLARATION_GROUP: put_group(w, d); break;
    case DECLARATION_RULE: put_rule(w, d); break;
    case DECLARATION_DISQUALIFY: put_disqualify(w, d); break;
    case DECLARATION_BAND: put_band(w, d); break;
    case DECLARATION_MATRIX: put_matrix(w, d); break;
    case DECLARATION_STAGE: put_stage(w, d, run); break;
    case DECLARATION_ON: put_on(w, d); break;
    case DECLARATION_OUTCOME: put_outcome(w, d); break;
    case DECLARATION_TEST: put_test(w, d); break;
    }
    put_left_comments(w, INDENT);
}

void format_declaration(const struct declaration *declaration, struct buffer *out)
{
    struct writer w = { .out = out };
    put_declaration(&w, declaration, (struct run){ 0 });
}

/* Short declarations may stand without a blank line between them, if the author had them so. */
static bool may_stand_close(enum declaration_kind a, enum declaration_kind b)
{
    switch (a) {
    case DECLARATION_USE: case DECLARATION_EVENT: case DECLARATION_SCORE: case DECLARATION_GROUP:
    case DECLARATION_STAGE: case DECLARATION_OUTCOME:
        return a == b;
    case DECLARATION_SETTING: case DECLARATION_LIST: case DECLARATION_DEFINE:
        return b == DECLARATION_SETTING || b == DECLARATION_LIST || b == DECLARATION_DEFINE;
    default:
        return false;
    }
}

static const struct comment *comment_from(const struct comment *comment, uint32_t offset)
{
    while (comment && comment->span.start < offset) comment = comment->next;
    return comment;
}

/* Where a declaration starts together with the comments before it. */
static uint32_t start_with_comments(const struct declaration *d, const struct comment *first, uint32_t reach)
{
    const struct comment *comment = comment_from(first, reach);
    return comment && comment->span.start < d->span.start ? comment->span.start : d->span.start;
}

static bool stands_close(const struct source *source, const struct declaration *d, const struct comment *first,
                         uint32_t reach)
{
    if (!d->next || !may_stand_close(d->kind, d->next->kind)) return false;
    return !blank_line_before(source, start_with_comments(d->next, first, reach));
}

/* What the run that starts at `d` shares. */
static struct run measure_run(const struct source *source, const struct declaration *d, const struct comment *first)
{
    struct run run = { 0 };
    for (;; d = d->next) {
        if (d->kind == DECLARATION_EVENT) run.name_width = larger(run.name_width, field_width(d));
        if (d->kind == DECLARATION_SCORE && !d->expression && (d->from.kind || d->to.kind || d->starts_at.kind))
            run.name_width = larger(run.name_width, name_width(d->name.text, NAME_DECLARED));
        if (d->kind == DECLARATION_STAGE && stage_stays(d)
            && stay_column(stage_start_width(d)) + stage_end_width(d) <= FORMAT_WIDTH)
            run.head_width = larger(run.head_width, stage_start_width(d));
        if (!stands_close(source, d, first, comments_reach(source, d, first))) return run;
        first = comment_from(first, d->span.end);
    }
}

/* The comments between two declarations, as blocks. */
static void put_comments_between(struct writer *w, const struct comment *first, uint32_t from, uint32_t to,
                                 bool *started)
{
    for (const struct comment *comment = comment_from(first, from); comment && comment->span.start < to;
         comment = comment->next) {
        if (*started && blank_line_before(w->source, comment->span.start)) buffer_char(w->out, '\n');
        put_comment_text(w, comment);
        buffer_char(w->out, '\n');
        *started = true;
    }
}

void format_file(const struct tree_file *file, const struct sources *sources, struct buffer *out)
{
    struct writer w = { .out = out, .source = &sources->files[file->file] };
    const struct comment *comments = file->comments;
    struct run run = { 0 };
    bool close = false;
    uint32_t reach = 0;
    for (const struct declaration *d = file->declarations; d; d = d->next) {
        if (!close) run = measure_run(w.source, d, comments);
        bool started = false;
        if (d != file->declarations && !close) buffer_char(out, '\n');
        put_comments_between(&w, comments, reach, d->span.start, &started);
        if (started && blank_line_before(w.source, d->span.start)) buffer_char(out, '\n');
        comments = comment_from(comments, d->span.start);
        reach = comments_reach(w.source, d, comments);
        comments_assign(&w, d, comments, d->span.start, reach);
        put_declaration(&w, d, run);
        comments_free(&w);
        comments = comment_from(comments, reach);
        close = stands_close(w.source, d, comments, reach);
    }
    bool started = false;
    if (file->declarations && comment_from(comments, reach)) buffer_char(out, '\n');
    put_comments_between(&w, comments, reach, UINT32_MAX, &started);
    buffer_text(out, "");
}
