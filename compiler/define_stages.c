#include "compiler/define_parts.h"

#include <string.h>

#include "vm/number.h"

static bool same_word(const char *a, const char *b)
{
    return text_same((struct text) { a, (uint32_t)strlen(a) }, (struct text) { b, (uint32_t)strlen(b) });
}

void define_stages(struct model *model)
{
    for (uint32_t i = 0; i < model->stage_count; i++) {
        struct model_stage *stage = &model->stages[i];
        const struct declaration *tree = stage->tree;
        struct scope scope = scope_of(model, SEES_RESULTS | SEES_DISQUALIFIED, "a stage");
        stage->title = tree->title.bytes;
        if (tree->when) stage->when = lower_condition(&scope, tree->when);
        if (tree->stay_while) stage->stay = lower_condition(&scope, tree->stay_while);
        stage->forever = tree->stay_forever;
        if (i == 0 && (tree->when || tree->only_from)) {
            struct diagnostic *d = diagnostic_report(model->diags, E0504, tree->name.span,
                                                     "the first stage has no condition");
            diagnostic_label(d, tree->name.span, "every lead starts here");
            diagnostic_help(d, "declare a stage before it, such as `stage Lead`");
        }
        if (i > 0 && !tree->when) {
            struct diagnostic *d = diagnostic_report(model->diags, E0504, tree->name.span,
                                                     "the stage `%s` does not say what it takes to enter",
                                                     tree->name.text);
            diagnostic_label(d, tree->name.span, "needs `when`");
            diagnostic_label(d, model->stages[0].name.span, "only the first stage has no condition");
        }
        if (tree->only_from) {
            size_t count = 0;
            for (const struct name_list *n = tree->only_from; n; n = n->next) count++;
            stage->limited = true;
            stage->only_from = arena_alloc(model->arena, count * sizeof *stage->only_from);
            for (const struct name_list *n = tree->only_from; n; n = n->next) {
                const struct symbol *symbol = expect_symbol(model, &n->name, KIND_BIT(SYMBOL_STAGE), "the stage",
                                                            "a stage");
                if (symbol) stage->only_from[stage->only_from_count++] = symbol->index;
            }
        }
        for (uint32_t j = 0; j < i; j++) {
            const struct model_stage *other = &model->stages[j];
            bool clash = same_word(stage->name.text, other->name.text) ||
                         (stage->title && same_word(stage->title, other->name.text)) ||
                         (other->title && same_word(stage->name.text, other->title)) ||
                         (stage->title && other->title && same_word(stage->title, other->title));
            if (!clash) continue;
            struct diagnostic *d = diagnostic_report(model->diags, E0515, stage->name.span,
                                                     "the stages `%s` and `%s` cannot be told apart", other->name.text,
                                                     stage->name.text);
            diagnostic_label(d, stage->name.span, "recognised by name or title");
            diagnostic_label(d, other->name.span, "the same here");
        }
        if (stage->title && same_word(stage->title, "Disqualified")) {
            struct diagnostic *d = diagnostic_report(model->diags, E0515, tree->title.span,
                                                     "the title `%s` is the built-in stage's", stage->title);
            diagnostic_label(d, tree->title.span, "give it another");
        }
    }
}

static void add_piece(struct model_action *action, struct arena *arena, size_t *capacity, struct model_piece piece)
{
    if (action->piece_count == *capacity) {
        size_t grown = *capacity ? *capacity * 2 : 8;
        struct model_piece *pieces = arena_alloc(arena, grown * sizeof *pieces);
        if (action->piece_count) memcpy(pieces, action->pieces, action->piece_count * sizeof *pieces);
        action->pieces = pieces;
        *capacity = grown;
    }
    action->pieces[action->piece_count++] = piece;
}

/* A setting as it is written in a text: a number, 20%, 30 days. */
static const char *setting_text(struct model *model, const struct model_setting *setting)
{
    char number[NUMBER_TEXT];
    number_format(setting->units, number);
    switch (setting->kind) {
    case CONSTANT_NUMBER: return arena_copy(model->arena, number, strlen(number));
    case CONSTANT_PERCENT: return arena_format(model->arena, "%s%%", number);
    case CONSTANT_TEXT: return setting->text.bytes;
    case CONSTANT_DURATION:
        return arena_format(model->arena, "%lld %s", (long long)setting->duration.count,
                            time_unit_name(setting->duration.unit, setting->duration.count != 1));
    }
    return "";
}

static void define_pieces(struct model *model, struct model_action *action)
{
    const struct literal *text = &action->tree->text;
    size_t capacity = 0;
    struct buffer plain = { 0 };
    for (uint32_t at = 0; at < text->length; at++) {
        char c = text->bytes[at];
        if ((c == '{' || c == '}') && at + 1 < text->length && text->bytes[at + 1] == c) {
            buffer_char(&plain, c);
            at++;
            continue;
        }
        if (c != '{') {
            buffer_char(&plain, c);
            continue;
        }
        const char *end = memchr(text->bytes + at, '}', text->length - at);
        if (!end) {
            struct diagnostic *d = diagnostic_report(model->diags, E0510, text->span, "a brace without an end");
            diagnostic_label(d, text->span, "in this text");
            diagnostic_help(d, "write {{ for a brace");
            break;
        }
        char *name = arena_copy(model->arena, text->bytes + at + 1, (size_t)(end - text->bytes) - at - 1);
        at = (uint32_t)(end - text->bytes);
        struct model_piece piece = { PIECE_TEXT, NULL, 0 };
        const struct symbol *symbol = model_find(model, name);
        if (strcmp(name, "stage") == 0) piece.kind = PIECE_STAGE;
        else if (symbol && symbol->kind == SYMBOL_FIELD) {
            piece.kind = PIECE_FIELD;
            piece.index = symbol->index;
            model->fields[symbol->index].used = true;
        } else if (symbol && symbol->kind == SYMBOL_SCORE) {
            piece.kind = PIECE_SCORE;
            piece.index = symbol->index;
        } else if (symbol && symbol->kind == SYMBOL_BAND) {
            piece.kind = PIECE_BAND;
            piece.index = symbol->index;
        } else if (symbol && symbol->kind == SYMBOL_MATRIX) {
            piece.kind = PIECE_MATRIX;
            piece.index = symbol->index;
        } else if (symbol && symbol->kind == SYMBOL_SETTING) {
            model->settings[symbol->index].used = true;
            buffer_text(&plain, setting_text(model, &model->settings[symbol->index]));
            continue;
        } else {
            struct diagnostic *d = diagnostic_report(model->diags, E0510, text->span, "`{%s}` cannot be filled in",
                                                     name);
            diagnostic_label(d, text->span,
                             symbol ? "that is no value of a lead" : "nothing is declared with this name");
            const char **names = arena_alloc(model->arena, (model->symbol_count + 1) * sizeof *names);
            size_t count = 0;
            for (size_t i = 0; i < model->symbol_count; i++) names[count++] = model->symbols[i].name;
            const char *nearest = suggest_nearest(name, names, count);
            if (nearest) diagnostic_help(d, "did you mean {%s}?", nearest);
            else
                diagnostic_help(
                    d, "fields, scores, bands, matrices, settings and {stage} can be filled in; {{ is a brace");
            continue;
        }
        if (plain.length)
            add_piece(action, model->arena, &capacity,
                      (struct model_piece) { PIECE_TEXT, arena_copy(model->arena, plain.data, plain.length), 0 });
        buffer_reset(&plain);
        add_piece(action, model->arena, &capacity, piece);
    }
    if (plain.length || action->piece_count == 0)
        add_piece(action, model->arena, &capacity,
                  (struct model_piece) { PIECE_TEXT,
                                         arena_copy(model->arena, plain.data ? plain.data : "", plain.length), 0 });
    buffer_free(&plain);
}

void define_actions(struct model *model, const struct declared_list *all)
{
    size_t count = 0;
    for (size_t i = 0; i < all->count; i++)
        for (const struct tree_action *a = all->items[i].declaration->actions; a; a = a->next) count++;
    model->actions = arena_alloc(model->arena, (count + 1) * sizeof *model->actions);
    bool warned = false;
    for (size_t i = 0; i < all->count; i++) {
        const struct declaration *declaration = all->items[i].declaration;
        if (declaration->kind != DECLARATION_ON) continue;
        uint32_t stage = (uint32_t)model->stage_count;
        if (strcmp(declaration->name.text, "Disqualified") != 0) {
            const struct symbol *symbol = expect_symbol(model, &declaration->name, KIND_BIT(SYMBOL_STAGE), "the stage",
                                                        "a stage");
            if (!symbol) continue;
            stage = symbol->index;
        }
        if (model->stage_field == NO_INDEX && !warned && declaration->actions) {
            warned = true;
            struct diagnostic *d = diagnostic_report(model->diags, W0903, declaration->name.span,
                                                     "these actions fire again on every run");
            diagnostic_label(d, declaration->name.span, "no field is marked `current stage`");
            diagnostic_help(d, "mark the field that holds the stage with `current stage`");
            d->severity = SEVERITY_WARNING;
        }
        for (const struct tree_action *tree = declaration->actions; tree; tree = tree->next) {
            struct model_action *action = &model->actions[model->action_count++];
            action->kind = tree->kind;
            action->stage = stage;
            action->leaving = declaration->leaving;
            action->otherwise = tree->otherwise;
            action->tree = tree;
            struct scope scope = scope_of(model, SEES_RESULTS | SEES_STAGE | SEES_DISQUALIFIED, "an action");
            if (tree->when) action->when = lower_condition(&scope, tree->when);
            if (tree->kind == ACTION_ASSIGN) {
                /* All lines for one stage and direction are one list, wherever they stand. */
                const struct model_action *last = NULL;
                for (size_t j = 0; j + 1 < model->action_count && !last; j++) {
                    const struct model_action *other = &model->actions[j];
                    if (other->kind == ACTION_ASSIGN && other->stage == stage && other->leaving == action->leaving &&
                        !other->when)
                        last = other;
                }
                if (last) {
                    struct diagnostic *d = diagnostic_report(model->diags, E0513, tree->span,
                                                             "an `assign` behind one that takes every lead");
                    diagnostic_label(d, tree->span, "never reached");
                    diagnostic_label(d, last->tree->span, "assigns every lead that comes to it");
                    diagnostic_help(d, "put it last");
                }
            }
            if (tree->otherwise && tree->kind != ACTION_ASSIGN) {
                struct diagnostic *d = diagnostic_report(model->diags, E0513, tree->span,
                                                         "`otherwise` belongs to `assign`");
                diagnostic_label(d, tree->span, "every notify and tag stands for itself");
                diagnostic_help(d, "write the condition with `when not …`");
            }
            define_pieces(model, action);
        }
    }
}
