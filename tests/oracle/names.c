#include "tests/oracle/parts.h"

#include <stdlib.h>
#include <string.h>

const struct named *name_find(const struct oracle *oracle, const char *name)
{
    for (size_t i = 0; i < oracle->names.count; i++)
        if (strcmp(oracle->names.items[i].name, name) == 0)
            return &oracle->names.items[i];
    return NULL;
}

static void name_add(struct oracle *oracle, const char *name, enum meaning meaning, size_t index,
                     const struct declaration *declaration)
{
    struct named *named = VERDICT_ADD(&oracle->arena, oracle->names);
    *named = (struct named){ name, meaning, index, declaration };
}

static void declared_add(struct oracle *oracle, struct declared *list, enum meaning meaning,
                         const struct declaration *declaration)
{
    if (meaning != MEANS_NOTHING && declaration->name.text)
        name_add(oracle, declaration->name.text, meaning, list->count, declaration);
    *VERDICT_ADD(&oracle->arena, *list) = declaration;
}

/* Blocks are joined; what the using file declares stands in for the field of that name of the file it uses, which lies
   deeper. */
static void fields_add(struct oracle *oracle, const struct declaration *block, size_t depth)
{
    for (const struct tree_field *field = block->fields; field; field = field->next) {
        const struct named *there = name_find(oracle, field->name.text);
        size_t index = there ? there->index : oracle->fields.count;
        if (there && oracle->fields.items[index].depth <= depth)
            continue;
        if (!there) {
            name_add(oracle, field->name.text, MEANS_FIELD, index, block);
            (void)VERDICT_ADD(&oracle->arena, oracle->fields);
        }
        oracle->fields.items[index] = (struct lead_field){ field, block, depth };
    }
}

static void marks_find(struct oracle *oracle)
{
    oracle->key = oracle->stage_field = SIZE_MAX;
    for (size_t i = 0; i < oracle->fields.count; i++) {
        if (oracle->fields.items[i].field->key)
            oracle->key = i;
        if (oracle->fields.items[i].field->current_stage)
            oracle->stage_field = i;
    }
    /* Without a field marked `key`, the field named id. */
    for (size_t i = 0; oracle->key == SIZE_MAX && i < oracle->fields.count; i++)
        if (strcmp(oracle->fields.items[i].field->name.text, "id") == 0)
            oracle->key = i;
}

static void declaration_add(struct oracle *oracle, const struct declaration *declaration, size_t depth)
{
    switch (declaration->kind) {
    case DECLARATION_RUBRIC: case DECLARATION_USE: case DECLARATION_TEST: return;
    case DECLARATION_LEAD: fields_add(oracle, declaration, depth); return;
    case DECLARATION_EVENT: declared_add(oracle, &oracle->events, MEANS_EVENT, declaration); return;
    case DECLARATION_SETTING: declared_add(oracle, &oracle->settings, MEANS_SETTING, declaration); return;
    case DECLARATION_LIST: declared_add(oracle, &oracle->lists, MEANS_LIST, declaration); return;
    case DECLARATION_DEFINE: declared_add(oracle, &oracle->defines, MEANS_DEFINE, declaration); return;
    case DECLARATION_SCORE: declared_add(oracle, &oracle->scores, MEANS_SCORE, declaration); return;
    case DECLARATION_GROUP: declared_add(oracle, &oracle->groups, MEANS_GROUP, declaration); return;
    case DECLARATION_RULE: case DECLARATION_DISQUALIFY:
        declared_add(oracle, &oracle->rules, MEANS_RULE, declaration);
        return;
    case DECLARATION_BAND: declared_add(oracle, &oracle->bands, MEANS_BAND, declaration); return;
    case DECLARATION_MATRIX: declared_add(oracle, &oracle->matrices, MEANS_MATRIX, declaration); return;
    case DECLARATION_STAGE: declared_add(oracle, &oracle->stages, MEANS_STAGE, declaration); return;
    case DECLARATION_ON: declared_add(oracle, &oracle->reactions, MEANS_NOTHING, declaration); return;
    case DECLARATION_OUTCOME: oracle->outcome = declaration; return;
    }
}

const struct constant *setting_find(const struct oracle *oracle, const char *name)
{
    return &oracle->setting_values[name_find(oracle, name)->index];
}

/* As on the command line: 40, 20%, "30 days", text. */
static struct constant value_given(const struct constant *declared, const char *value)
{
    struct constant constant = *declared;
    size_t length = strlen(value);
    char *rest;
    switch (constant.kind) {
    case CONSTANT_NUMBER: number_parse(value, length, &constant.units, NULL); break;
    case CONSTANT_PERCENT: number_parse(value, length - (value[length - 1] == '%'), &constant.units, NULL); break;
    case CONSTANT_TEXT: constant.literal = (struct literal){ .bytes = value, .length = (uint32_t)length }; break;
    case CONSTANT_DURATION:
        constant.duration.count = strtoll(value, &rest, 10);
        for (int unit = UNIT_MINUTE; unit <= UNIT_YEAR; unit++)
            if (strstr(rest, time_unit_name((enum time_unit)unit, false)))
                constant.duration.unit = (enum time_unit)unit;
        break;
    }
    return constant;
}

static void settings_fill(struct oracle *oracle, const struct setting_override *overrides, size_t override_count)
{
    oracle->setting_values = arena_alloc(&oracle->arena, (oracle->settings.count + 1) * sizeof *oracle->setting_values);
    for (size_t i = 0; i < oracle->settings.count; i++) {
        oracle->setting_values[i] = oracle->settings.items[i]->constant;
        for (size_t given = 0; given < override_count; given++)
            if (strcmp(overrides[given].name, oracle->settings.items[i]->name.text) == 0)
                oracle->setting_values[i] = value_given(&oracle->setting_values[i], overrides[given].value);
    }
}

/* A used file's declarations stand where it is used for the first time; `files` are in the order in which they were
   met. */
struct met { const char *what; struct met *next; };
struct inclusion { const struct tree_file *const *files; size_t file_count, next; struct met *met; };

static bool met_before(struct oracle *oracle, struct inclusion *inclusion, const char *what)
{
    for (const struct met *met = inclusion->met; met; met = met->next)
        if (strcmp(met->what, what) == 0)
            return true;
    struct met *met = arena_alloc(&oracle->arena, sizeof *met);
    *met = (struct met){ what, inclusion->met };
    inclusion->met = met;
    return false;
}

static void file_add(struct oracle *oracle, const struct tree_file *file, size_t depth, struct inclusion *inclusion)
{
    for (const struct declaration *declaration = file->declarations; declaration; declaration = declaration->next) {
        if (declaration->kind != DECLARATION_USE) {
            declaration_add(oracle, declaration, depth);
            continue;
        }
        const char *what = declaration->module ? declaration->module : declaration->path.bytes;
        if (!met_before(oracle, inclusion, what) && inclusion->next < inclusion->file_count)
            file_add(oracle, inclusion->files[inclusion->next++], depth + 1, inclusion);
    }
}

struct oracle *oracle_new(const struct tree_file *const *files, size_t file_count,
                          const struct setting_override *overrides, size_t override_count)
{
    struct oracle *oracle = memory_alloc(sizeof *oracle);
    arena_init(&oracle->arena);
    arena_init(&oracle->lead_arena);
    struct inclusion inclusion = { files, file_count, 1, NULL };
    if (file_count > 0)
        file_add(oracle, files[0], 0, &inclusion);
    marks_find(oracle);
    settings_fill(oracle, overrides, override_count);
    /* If no score is named `total`, there is one: the sum of the plain scores. */
    const struct named *total = name_find(oracle, "total");
    oracle->implicit_total = oracle->scores.count > 0 && (!total || total->meaning != MEANS_SCORE);
    if (oracle->implicit_total && !total)
        name_add(oracle, "total", MEANS_SCORE, oracle->scores.count, NULL);
    return oracle;
}

void oracle_free(struct oracle *oracle)
{
    if (!oracle)
        return;
    arena_free(&oracle->arena);
    arena_free(&oracle->lead_arena);
    free(oracle);
}

/* Numbers and percents in 0.0001 as written (20 % is 200000); whether it was a percent. */
static int64_t bound_written(const struct oracle *oracle, const struct bound *bound, bool *percent)
{
    int64_t units = bound->units;
    *percent = bound->kind == BOUND_PERCENT;
    if (bound->kind == BOUND_SETTING) {
        const struct constant *constant = setting_find(oracle, bound->setting.text);
        units = constant->units;
        *percent = constant->kind == CONSTANT_PERCENT;
    }
    return bound->sign == SIGN_MINUS ? -units : units;
}

int64_t bound_units(const struct oracle *oracle, const struct bound *bound)
{
    bool percent;
    int64_t written = bound_written(oracle, bound, &percent), result = 0;
    if (!percent)
        return written;
    number_divide(written, 100 * NUMBER_ONE, &result);
    return result;
}

int64_t bound_ppm(const struct oracle *oracle, const struct bound *bound)
{
    bool percent;
    int64_t written = bound_written(oracle, bound, &percent);
    return percent ? written : written * 100;           /* 1 is 10000 units and 1000000 ppm */
}

void duration_find(const struct oracle *oracle, const struct duration *duration, int64_t *count, enum time_unit *unit)
{
    if (duration->kind == DURATION_SETTING)
        duration = &setting_find(oracle, duration->setting.text)->duration;
    *count = duration->count;
    *unit = duration->unit;
}
