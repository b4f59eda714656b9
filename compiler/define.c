#include "compiler/define_parts.h"

static const struct scope RULE_SCOPE = {
    .sees = SEES_DISQUALIFIED, .who = "a rule", .event = NO_INDEX, .define = NO_INDEX
};

struct scope scope_of(struct model *model, unsigned sees, const char *who)
{
    struct scope scope = RULE_SCOPE;
    scope.model = model;
    scope.sees = sees;
    scope.who = who;
    return scope;
}

const struct symbol *expect_symbol(struct model *model, const struct name *name, unsigned kinds,
                                          const char *what, const char *need)
{
    if (!name->text) return NULL;
    const struct symbol *symbol = model_find(model, name->text);
    if (!symbol) {
        report_unknown(model, name->span, name->text, kinds, what);
        return NULL;
    }
    if (kinds & KIND_BIT(symbol->kind)) return symbol;
    struct diagnostic *d = diagnostic_report(model->diags, E0303, name->span, "`%s` is %s", name->text,
                                             symbol_kind_name(symbol->kind));
    diagnostic_label(d, name->span, "%s is needed here", need);
    diagnostic_label(d, symbol->span, "declared here");
    return NULL;
}

bool percent_between(struct model *model, const struct bound *bound, int64_t ppm)
{
    if (ppm >= 0 && ppm <= 1000000) return true;
    struct diagnostic *d = diagnostic_report(model->diags, E0514, bound->span,
                                             "what is lost lies between 0%% and 100%%");
    diagnostic_label(d, bound->span, "out of range");
    return false;
}

/* Looking into a define that nobody uses is no use of what stands in it. */
struct uses {
    bool *fields, *events, *settings, *lists, *defines;
};

static void keep_uses(struct model *model, struct uses *kept, bool restore)
{
#define KEEP(items, count) \
    do { \
        if (!restore) kept->items = arena_alloc(model->arena, model->count + 1); \
        for (size_t i = 0; i < model->count; i++) { \
            if (restore) model->items[i].used = kept->items[i]; \
            else kept->items[i] = model->items[i].used; \
        } \
    } while (0)
    KEEP(fields, field_count);
    KEEP(events, event_count);
    KEEP(settings, setting_count);
    KEEP(lists, list_count);
    KEEP(defines, define_count);
#undef KEEP
}

static void define_defines(struct model *model)
{
    struct uses kept;
    keep_uses(model, &kept, false);
    for (size_t i = 0; i < model->define_count; i++) {
        struct model_define *define = &model->defines[i];
        struct parameter *parameters = NULL;
        for (const struct name_list *p = define->tree->parameters; p; p = p->next) {
            struct parameter *parameter = arena_alloc(model->arena, sizeof *parameter);
            parameter->name = p->name.text;
            parameter->value = node_new(model, NODE_ERROR, TYPE_ERROR,
                                        p->name.span); /* any type: only names are checked here */
            parameter->next = parameters;
            parameters = parameter;
        }
        struct scope scope = scope_of(model, SEES_DISQUALIFIED, "a define");
        scope.parameters = parameters;
        scope.define = (uint32_t)i;
        define->busy = true;
        struct node *body = define->tree->expression ? lower_any(&scope, define->tree->expression) : NULL;
        define->busy = false;
        if (!define->tree->is_function) define->body = body;
    }
    keep_uses(model, &kept, true);
}

void define_scoring(struct model *model, const struct declared_list *all)
{
    for (size_t i = 0; i < model->score_count; i++) define_score(model, &model->scores[i]);
    char *state = arena_alloc(model->arena, model->score_count + 1);
    for (uint32_t i = 0; i < model->score_count; i++)
        if (score_cycle(model, i, state)) return;
    implicit_total(model);
    for (size_t i = 0; i < model->group_count; i++) define_group(model, &model->groups[i]);
    for (size_t i = 0; i < model->band_count; i++) define_band(model, &model->bands[i]);
    for (size_t i = 0; i < model->matrix_count; i++) define_matrix(model, &model->matrices[i]);
    define_defines(model);
    for (size_t i = 0; i < model->rule_count; i++) define_rule(model, &model->rules[i]);
    define_stages(model);
    define_actions(model, all);
    for (size_t i = 0; i < all->count; i++) {
        const struct declaration *declaration = all->items[i].declaration;
        if (declaration->kind != DECLARATION_OUTCOME) continue;
        if (model->outcome_tree) {
            struct diagnostic *d = diagnostic_report(model->diags, E0302, declaration->span, "a second `outcome`");
            diagnostic_label(d, declaration->span, "one says which leads were won");
            diagnostic_label(d, model->outcome_tree->span, "the first");
            continue;
        }
        struct scope scope = scope_of(model, 0, "the outcome");
        model->outcome_tree = declaration;
        model->outcome = lower_condition(&scope, declaration->expression ? declaration->expression : declaration->when);
    }
}
