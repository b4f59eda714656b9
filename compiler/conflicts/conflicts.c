#include "compiler/conflicts/check.h"

#include <stdlib.h>
#include <string.h>

/* The passes in their order.  Each reads the facts of facts.c and reports by itself. */

static bool has_score_rules(const struct model *model)
{
    return model->rule_count > 0 || model->stage_count > 0 || model->band_count > 0;
}

struct conflict_report *conflicts_check(const struct model *model, const struct conflict_options *options,
                                        struct diagnostics *diags)
{
    struct conflict_report *report = memory_alloc(sizeof *report);
    arena_init(&report->arena);
    struct check check = {
        .model = model, .options = options, .diags = diags, .report = report, .arena = &report->arena};
    size_t before = diags->count;
    check.space = space_new(model, check.arena, options->as_of);
    facts_make(&check);
    if (has_score_rules(model)) {
        check_rules(&check);
        check_rows(&check);
        check_reach(&check);
        check_stages(&check);
        check_cells(&check);
    }
    if (options->hygiene) check_hygiene(&check);
    report_finish(&check);
    check_allowed(&check, before);
    free(check.samples);
    free(check.signatures);
    free(check.open);
    free(check.leads);
    seek_free(&check);
    space_free(check.space);
    return report;
}

void conflicts_free(struct conflict_report *report)
{
    if (!report) return;
    arena_free(&report->arena);
    free(report);
}
