#include "compiler/declare.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vm/limits.h"
#include "vm/number.h"

/* ---- the one namespace
 * --------------------------------------------------------------------------------------------------- */

static size_t slot_of(const struct model *model, const char *name)
{
    size_t slot = (size_t)text_hash(name, strlen(name)) % model->symbol_slot_count;
    while (model->symbol_slots[slot] != NO_INDEX && strcmp(model->symbols[model->symbol_slots[slot]].name, name) != 0)
        slot = (slot + 1) % model->symbol_slot_count;
    return slot;
}

const struct symbol *model_find(const struct model *model, const char *name)
{
    if (model->symbol_slot_count == 0) return NULL;
    uint32_t index = model->symbol_slots[slot_of(model, name)];
    return index == NO_INDEX ? NULL : &model->symbols[index];
}

static void report_twice(struct model *model, struct span span, struct span earlier, const char *name)
{
    struct diagnostic *d = diagnostic_report(model->diags, E0302, span, "`%s` is declared twice", name);
    diagnostic_label(d, span, "declared again here");
    diagnostic_label(d, earlier, "first declared here");
    diagnostic_help(d, "give one of the two another name");
}

static bool add_symbol(struct model *model, const struct name *name, enum symbol_kind kind, uint32_t index)
{
    size_t slot = slot_of(model, name->text);
    if (model->symbol_slots[slot] != NO_INDEX) {
        report_twice(model, name->span, model->symbols[model->symbol_slots[slot]].span, name->text);
        return false;
    }
    model->symbol_slots[slot] = (uint32_t)model->symbol_count;
    model->symbols[model->symbol_count++] = (struct symbol) { name->text, kind, index, name->span };
    return true;
}

/* ---- fields and events
 * ---------------------------------------------------------------------------------------------------- */

static struct text *fold_literals(struct model *model, const struct literal_list *list, size_t *count)
{
    *count = 0;
    for (const struct literal_list *l = list; l; l = l->next) (*count)++;
    struct text *folded = arena_alloc(model->arena, (*count + 1) * sizeof *folded);
    size_t index = 0;
    for (const struct literal_list *l = list; l; l = l->next)
        folded[index++] = lower_fold(model, l->literal.bytes, l->literal.length);
    return folded;
}

static void fill_field(struct model *model, struct model_field *field, const struct tree_field *tree,
                       const struct literal_list *head_missing)
{
    memset(field, 0, sizeof *field);
    field->name = tree->name;
    field->type = tree->type;
    field->tree = tree;
    field->key = tree->key;
    field->current_stage = tree->current_stage;
    field->option_literals = tree->options;
    field->options = fold_literals(model, tree->options, &field->option_count);
    for (size_t i = 0; i < field->option_count; i++) {
        const struct literal_list *literal = tree->options;
        for (size_t skip = i; skip > 0; skip--) literal = literal->next;
        if (field->options[i].length == 0) {
            struct diagnostic *d = diagnostic_report(model->diags, E0403, literal->literal.span,
                                                     "an empty text cannot be a value of `%s`", field->name.text);
            diagnostic_label(d, literal->literal.span, "empty");
        }
        for (size_t j = 0; j < i; j++)
            if (field->options[i].length && text_same(field->options[i], field->options[j])) {
                struct diagnostic *d = diagnostic_report(model->diags, E0302, literal->literal.span,
                                                         "`%s` lists one value twice", field->name.text);
                diagnostic_label(d, literal->literal.span, "stands there already");
                break;
            }
    }
    size_t count = 0;
    for (const struct literal_list *l = tree->from; l; l = l->next) count++;
    field->from = arena_alloc(model->arena, (count + 1) * sizeof *field->from);
    for (const struct literal_list *l = tree->from; l; l = l->next) field->from[field->from_count++] = l->literal.bytes;
    if (count == 0) field->from[field->from_count++] = field->name.text;
    bool text_like = field->type == FIELD_TEXT || field->type == FIELD_ONEOF;
    bool holds_texts = text_like ||
                       field->type == FIELD_LIST; /* elements of a list have only the field's own placeholders */
    if (tree->missing && !holds_texts) {
        struct diagnostic *d = diagnostic_report(model->diags, E0401, tree->missing->literal.span,
                                                 "`missing when` belongs to texts, and `%s` is none", field->name.text);
        diagnostic_label(d, tree->type_span, "declared so");
        diagnostic_help(d, "what is no number or date counts as missing anyway, and is reported");
    }
    size_t own, head;
    struct text *own_texts = fold_literals(model, holds_texts ? tree->missing : NULL, &own);
    struct text *head_texts = fold_literals(model, head_missing && text_like ? head_missing : NULL, &head);
    field->missing = arena_alloc(model->arena, (own + head + 1) * sizeof *field->missing);
    for (size_t i = 0; i < own; i++)
        if (own_texts[i].length) field->missing[field->missing_count++] = own_texts[i];
    for (size_t i = 0; i < head; i++)
        if (head_texts[i].length) field->missing[field->missing_count++] = head_texts[i];
}

/* Whether file `user` uses file `used`, directly or through others. */
static bool uses(const struct model *model, uint32_t user, uint32_t used)
{
    return model->uses[user * model->sources->count + used];
}

static void declare_lead(struct model *model, const struct declaration *declaration)
{
    for (const struct tree_field *tree = declaration->fields; tree; tree = tree->next) {
        if (model->field_count >= LIMIT_FIELDS) {
            report_limit(model, tree->name.span, "a lead has at most", LIMIT_FIELDS, "fields",
                         "declare only the fields that rules use; all others are passed over");
            return;
        }
        /* The using file's field stands in for the module's, whether `use` comes before the `lead` block or behind it.
         */
        const struct symbol *symbol = model_find(model, tree->name.text);
        bool is_field = symbol && symbol->kind == SYMBOL_FIELD;
        bool replaces = is_field && uses(model, tree->name.span.file, symbol->span.file);
        if (replaces || (is_field && uses(model, symbol->span.file, tree->name.span.file))) {
            struct model_field *earlier = &model->fields[symbol->index];
            const struct tree_field *user = replaces ? tree : earlier->tree, *used = replaces ? earlier->tree : tree;
            if (earlier->type != tree->type) {
                struct diagnostic *d = diagnostic_report(model->diags, E0401, user->type_span,
                                                         "`%s` has another type in the file that is used",
                                                         tree->name.text);
                diagnostic_label(d, user->type_span, "declared again with this type");
                diagnostic_label(d, used->type_span, "first declared here");
                diagnostic_help(d, "declare it with the same type");
                continue;
            }
            if (replaces) {
                fill_field(model, earlier, tree, declaration->missing);
                model->symbols[symbol - model->symbols].span = tree->name.span;
            }
            continue;
        }
        uint32_t index = (uint32_t)model->field_count;
        if (!add_symbol(model, &tree->name, SYMBOL_FIELD, index)) continue;
        fill_field(model, &model->fields[model->field_count++], tree, declaration->missing);
    }
}

static void declare_event(struct model *model, const struct declaration *declaration)
{
    if (model->event_count >= LIMIT_EVENT_TYPES) {
        report_limit(model, declaration->name.span, "a rubric has at most", LIMIT_EVENT_TYPES, "types of event",
                     "declare one type with a field that tells its kinds apart");
        return;
    }
    if (!add_symbol(model, &declaration->name, SYMBOL_EVENT, (uint32_t)model->event_count)) return;
    struct model_event *event = &model->events[model->event_count++];
    event->name = declaration->name;
    event->activity = !declaration->not_activity;
    event->tree = declaration;
    size_t count = 0;
    for (const struct tree_field *tree = declaration->fields; tree; tree = tree->next) count++;
    event->fields = arena_alloc(model->arena, (count + 1) * sizeof *event->fields);
    for (const struct tree_field *tree = declaration->fields; tree; tree = tree->next) {
        bool twice = false;
        for (size_t i = 0; i < event->field_count; i++)
            if (strcmp(event->fields[i].name.text, tree->name.text) == 0) {
                report_twice(model, tree->name.span, event->fields[i].name.span, tree->name.text);
                twice = true;
            }
        if (twice) continue;
        if (tree->key || tree->current_stage) {
            struct diagnostic *d = diagnostic_report(model->diags, E0303, tree->span,
                                                     "%s belongs to the lead, not to an event",
                                                     tree->key ? "`key`" : "`current stage`");
            diagnostic_label(d, tree->span, "a field of an event");
        }
        if (event->field_count >= LIMIT_FIELDS) {
            report_limit(model, tree->name.span, "an event has at most", LIMIT_FIELDS, "fields",
                         "declare only the fields that rules use; all others are passed over");
            break;
        }
        fill_field(model, &event->fields[event->field_count++], tree, declaration->missing);
    }
}

static void find_key(struct model *model, const struct declared_list *all)
{
    model->key_field = model->stage_field = NO_INDEX;
    for (uint32_t i = 0; i < model->field_count; i++) {
        struct model_field *field = &model->fields[i];
        if (field->key) {
            if (model->key_field != NO_INDEX) {
                struct model_field *other = &model->fields[model->key_field];
                struct diagnostic *d = diagnostic_report(model->diags, E0302, field->name.span,
                                                         "a lead has one key, not two");
                diagnostic_label(d, field->name.span, "a second key");
                diagnostic_label(d, other->name.span, "the first");
            } else model->key_field = i;
            if (field->type != FIELD_TEXT && field->type != FIELD_NUMBER) {
                struct diagnostic *d = diagnostic_report(model->diags, E0401, field->tree->type_span,
                                                         "a key is a text or a number");
                diagnostic_label(d, field->tree->type_span, "not %s", "this type");
            }
        }
        if (field->current_stage) {
            if (model->stage_field != NO_INDEX) {
                struct diagnostic *d = diagnostic_report(model->diags, E0302, field->name.span,
                                                         "a lead has one current stage, not two");
                diagnostic_label(d, field->name.span, "a second one");
                diagnostic_label(d, model->fields[model->stage_field].name.span, "the first");
            } else model->stage_field = i;
            field->used = true;
            if (field->type != FIELD_TEXT && field->type != FIELD_ONEOF) {
                struct diagnostic *d = diagnostic_report(model->diags, E0401, field->tree->type_span,
                                                         "the current stage is a text");
                diagnostic_label(d, field->tree->type_span, "not this type");
            }
        }
    }
    if (model->key_field == NO_INDEX) {
        const struct symbol *id = model_find(model, "id");
        if (id && id->kind == SYMBOL_FIELD &&
            (model->fields[id->index].type == FIELD_TEXT || model->fields[id->index].type == FIELD_NUMBER)) {
            model->key_field = id->index;
        } else {
            struct span span = { 0, 0, 0 };
            for (size_t i = 0; i < all->count; i++)
                if (all->items[i].declaration->kind == DECLARATION_LEAD ||
                    (span.end == 0 && all->items[i].declaration->kind == DECLARATION_RUBRIC))
                    span = all->items[i].declaration->span;
            span.end = span.start + 4 < span.end ? span.start + 4 : span.end;
            struct diagnostic *d = diagnostic_report(model->diags, E0505, span, "the lead has no key");
            diagnostic_label(d, span, "no field is marked `key`, and none is called `id`");
            diagnostic_help(d, "add a field that tells leads apart, such as `id text key`");
            return;
        }
    }
    model->fields[model->key_field].key = true;
    model->fields[model->key_field].used = true;
}

/* ---- settings
 * -------------------------------------------------------------------------------------------------------------- */

static const char *constant_kind_name(enum constant_kind kind)
{
    switch (kind) {
    case CONSTANT_NUMBER: return "a number";
    case CONSTANT_TEXT: return "a text";
    case CONSTANT_PERCENT: return "a percentage such as 20%";
    case CONSTANT_DURATION: return "a duration such as 30 days";
    }
    return "";
}

bool constant_parse(struct model *model, const char *text, enum constant_kind kind, struct constant *constant)
{
    size_t length = strlen(text);
    memset(constant, 0, sizeof *constant);
    constant->kind = kind;
    bool inexact = false;
    switch (kind) {
    case CONSTANT_TEXT: {
        if (length >= 2 && text[0] == '"' && text[length - 1] == '"') {
            text++;
            length -= 2;
        }
        constant->literal.bytes = arena_copy(model->arena, text, length);
        constant->literal.length = (uint32_t)length;
        return length > 0 && utf8_valid(text, length);
    }
    case CONSTANT_NUMBER: return number_parse(text, length, &constant->units, &inexact) && !inexact;
    case CONSTANT_PERCENT:
        if (length && text[length - 1] == '%') length--;
        return number_parse(text, length, &constant->units, &inexact) && !inexact;
    case CONSTANT_DURATION: {
        static const struct {
            const char *word;
            enum time_unit unit;
        } units[] = { { "minute", UNIT_MINUTE }, { "hour", UNIT_HOUR },   { "day", UNIT_DAY },
                      { "week", UNIT_WEEK },     { "month", UNIT_MONTH }, { "year", UNIT_YEAR } };
        char *end;
        long long count = strtoll(text, &end, 10);
        if (end == text || count < 1 || count > 1000000) return false;
        while (*end == ' ') end++;
        for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
            size_t word = strlen(units[i].word);
            if (strncmp(end, units[i].word, word) == 0 &&
                (end[word] == 0 || (end[word] == 's' && end[word + 1] == 0))) {
                constant->duration =
                    (struct duration) { .kind = DURATION_LITERAL, .count = count, .unit = units[i].unit };
                return true;
            }
        }
        return false;
    }
    }
    return false;
}

static void set_value(struct model *model, struct model_setting *setting, const struct constant *constant)
{
    setting->kind = constant->kind;
    setting->units = constant->units;
    setting->text = constant->literal;
    setting->duration = constant->duration;
    (void)model;
}

static void declare_setting(struct model *model, const struct declaration *declaration,
                            const struct setting_override *overrides, size_t override_count)
{
    if (!add_symbol(model, &declaration->name, SYMBOL_SETTING, (uint32_t)model->setting_count)) return;
    struct model_setting *setting = &model->settings[model->setting_count++];
    setting->name = declaration->name;
    setting->tree = declaration;
    set_value(model, setting, &declaration->constant);
    for (size_t i = 0; i < override_count; i++) {
        if (strcmp(overrides[i].name, setting->name.text) != 0) continue;
        struct constant constant;
        if (constant_parse(model, overrides[i].value, setting->kind, &constant)) {
            set_value(model, setting, &constant);
            setting->overridden = true;
        } else {
            struct diagnostic *d = diagnostic_report(model->diags, E0512, setting->name.span,
                                                     "the setting `%s` cannot be `%s`", setting->name.text,
                                                     overrides[i].value);
            diagnostic_label(d, declaration->constant.span, "it is %s", constant_kind_name(setting->kind));
            diagnostic_help(d, "give it such a value: --set %s=…", setting->name.text);
        }
    }
}

/* ---- lists
 * ----------------------------------------------------------------------------------------------------------------- */

static char *read_beside(struct model *model, uint32_t file, const char *path, size_t *length)
{
    const char *owner = model->sources->files[file].name, *slash = strrchr(owner, '/');
    char *full = path[0] == '/' || !slash ? arena_copy(model->arena, path, strlen(path))
                                          : arena_format(model->arena, "%.*s/%s", (int)(slash - owner), owner, path);
    FILE *stream = fopen(full, "rb");
    if (!stream && errno == ENOMEM) memory_refused();
    if (!stream) return NULL;
    struct buffer text = { 0 };
    char block[65536];
    size_t got;
    while ((got = fread(block, 1, sizeof block, stream)) > 0 && text.length <= LIMIT_RUBRIC_BYTES)
        buffer_add(&text, block, got);
    bool failed = ferror(stream) != 0;
    fclose(stream);
    char *copy = failed ? NULL : arena_copy(model->arena, text.data ? text.data : "", text.length);
    *length = text.length;
    buffer_free(&text);
    return copy;
}

/* One cell of a comma- or semicolon-separated line; moves *at behind it.  Quotes as in RFC 4180. */
static struct text csv_cell(struct model *model, const char **at, const char *end, char separator)
{
    const char *p = *at;
    struct buffer cell = { 0 };
    if (p < end && *p == '"') {
        p++;
        while (p < end && !(*p == '"' && (p + 1 >= end || p[1] != '"'))) {
            if (*p == '"') p++;
            buffer_char(&cell, *p++);
        }
        if (p < end) p++;
    }
    while (p < end && *p != separator && *p != '\n' && *p != '\r') buffer_char(&cell, *p++);
    *at = p;
    struct text text = { arena_copy(model->arena, cell.data ? cell.data : "", cell.length), (uint32_t)cell.length };
    buffer_free(&cell);
    return text;
}

static void list_from_file(struct model *model, const struct declaration *declaration, struct model_list *list)
{
    size_t length;
    const char *path = declaration->list_file.bytes;
    char *text = read_beside(model, declaration->span.file, path, &length);
    if (!text || !utf8_valid(text, length)) {
        struct diagnostic *d = diagnostic_report(model->diags, E0305, declaration->list_file.span,
                                                 text ? "the list `%s` is not UTF-8" : "the list `%s` cannot be read",
                                                 path);
        diagnostic_label(d, declaration->list_file.span, "looked for beside this file");
        return;
    }
    const char *p = text, *end = text + length;
    if (length >= 3 && memcmp(p, "\xEF\xBB\xBF", 3) == 0) p += 3;
    size_t lines = 1;
    for (const char *q = p; q < end; q++) lines += *q == '\n';
    struct text *raw = arena_alloc(model->arena, (lines + 1) * sizeof *raw);
    size_t column = 0;
    char separator = '\n';
    if (declaration->list_column.bytes) {
        const char *header_end = memchr(p, '\n', (size_t)(end - p));
        if (!header_end) header_end = end;
        separator = memchr(p, ';', (size_t)(header_end - p)) && !memchr(p, ',', (size_t)(header_end - p)) ? ';'
                    : memchr(p, '\t', (size_t)(header_end - p))                                           ? '\t'
                                                                                                          : ',';
        bool found = false;
        for (size_t index = 0; p < end && *p != '\n' && *p != '\r'; index++) {
            struct text cell = csv_cell(model, &p, end, separator);
            if (text_same(cell, (struct text) { declaration->list_column.bytes, declaration->list_column.length })) {
                column = index;
                found = true;
            }
            if (p < end && *p == separator) p++;
        }
        if (!found) {
            struct diagnostic *d = diagnostic_report(model->diags, E0305, declaration->list_column.span,
                                                     "`%s` has no column `%s`", path, declaration->list_column.bytes);
            diagnostic_label(d, declaration->list_column.span, "not in its first line");
            return;
        }
        while (p < end && (*p == '\n' || *p == '\r')) p++;
    }
    while (p < end) {
        for (size_t index = 0; p < end && *p != '\n' && *p != '\r'; index++) {
            struct text cell = declaration->list_column.bytes ? csv_cell(model, &p, end, separator)
                                                              : (struct text) { p, 0 };
            if (!declaration->list_column.bytes) {
                const char *start = p;
                while (p < end && *p != '\n' && *p != '\r') p++;
                cell = (struct text) { arena_copy(model->arena, start, (size_t)(p - start)), (uint32_t)(p - start) };
            }
            cell = text_trim(cell);
            if (index == column && cell.length) raw[list->count++] = cell;
            if (p < end && *p == separator && separator != '\n') p++;
        }
        while (p < end && (*p == '\n' || *p == '\r')) p++;
    }
    list->raw = raw;
    list->folded = arena_alloc(model->arena, (list->count + 1) * sizeof *list->folded);
    for (size_t i = 0; i < list->count; i++) list->folded[i] = lower_fold(model, raw[i].bytes, raw[i].length);
}

static void declare_list(struct model *model, const struct declaration *declaration)
{
    if (!add_symbol(model, &declaration->name, SYMBOL_LIST, (uint32_t)model->list_count)) return;
    struct model_list *list = &model->lists[model->list_count++];
    list->name = declaration->name;
    list->tree = declaration;
    if (declaration->list_file.bytes) {
        list_from_file(model, declaration, list);
        return;
    }
    list->folded = fold_literals(model, declaration->texts, &list->count);
    struct text *raw = arena_alloc(model->arena, (list->count + 1) * sizeof *raw);
    size_t i = 0;
    for (const struct literal_list *l = declaration->texts; l; l = l->next, i++) {
        raw[i] = (struct text) { l->literal.bytes, l->literal.length };
        if (list->folded[i].length == 0) {
            struct diagnostic *d = diagnostic_report(model->diags, E0403, l->literal.span,
                                                     "an empty text in the list `%s`", list->name.text);
            diagnostic_label(d, l->literal.span, "fits nothing");
        }
    }
    list->raw = raw;
}

/* ---- all
 * -------------------------------------------------------------------------------------------------------------------
 */

void declare_names(struct model *model, const struct declared_list *all, const struct setting_override *overrides,
                   size_t override_count)
{
    size_t fields = 0;
    bool rules_said = false;
    for (size_t i = 0; i < all->count; i++)
        for (const struct tree_field *f = all->items[i].declaration->fields; f; f = f->next) fields++;
    size_t room = all->count + fields + 8;
    model->symbols = arena_alloc(model->arena, room * sizeof *model->symbols);
    model->symbol_slot_count = room * 2;
    model->symbol_slots = arena_alloc(model->arena, model->symbol_slot_count * sizeof *model->symbol_slots);
    memset(model->symbol_slots, 0xff, model->symbol_slot_count * sizeof *model->symbol_slots);
    model->fields = arena_alloc(model->arena, room * sizeof *model->fields);
#define ROOM(member) model->member = arena_alloc(model->arena, (all->count + 2) * sizeof *model->member)
    ROOM(events);
    ROOM(settings);
    ROOM(lists);
    ROOM(defines);
    ROOM(scores);
    ROOM(groups);
    ROOM(rules);
    ROOM(bands);
    ROOM(matrices);
    ROOM(stages);
    ROOM(tests);
#undef ROOM
    for (size_t i = 0; i < all->count; i++) {
        const struct declaration *declaration = all->items[i].declaration;
        const struct name *name = &declaration->name;
        switch (declaration->kind) {
        case DECLARATION_LEAD: declare_lead(model, declaration); break;
        case DECLARATION_EVENT: declare_event(model, declaration); break;
        case DECLARATION_SETTING: declare_setting(model, declaration, overrides, override_count); break;
        case DECLARATION_LIST: declare_list(model, declaration); break;
        case DECLARATION_DEFINE:
            if (add_symbol(model, name, SYMBOL_DEFINE, (uint32_t)model->define_count))
                model->defines[model->define_count++] = (struct model_define) { .name = *name, .tree = declaration };
            break;
        case DECLARATION_SCORE:
            if (add_symbol(model, name, SYMBOL_SCORE, (uint32_t)model->score_count))
                model->scores[model->score_count++] = (struct model_score) { .name = *name, .tree = declaration };
            break;
        case DECLARATION_GROUP:
            if (add_symbol(model, name, SYMBOL_GROUP, (uint32_t)model->group_count))
                model->groups[model->group_count++] = (struct model_group) { .name = *name, .tree = declaration };
            break;
        case DECLARATION_RULE:
        case DECLARATION_DISQUALIFY:
            if (model->rule_count >= LIMIT_RULES) {
                if (model->rule_count == LIMIT_RULES && !rules_said)
                    report_limit(model, name->span, "a rubric has at most", LIMIT_RULES, "rules and disqualifications",
                                 "join rules about one value with `points by`");
                rules_said = true;
                break;
            }
            if (add_symbol(model, name, SYMBOL_RULE, (uint32_t)model->rule_count))
                model->rules[model->rule_count++] = (struct model_rule) {
                    .name = *name, .tree = declaration, .disqualifies = declaration->kind == DECLARATION_DISQUALIFY
                };
            break;
        case DECLARATION_BAND:
            if (add_symbol(model, name, SYMBOL_BAND, (uint32_t)model->band_count))
                model->bands[model->band_count++] = (struct model_band) { .name = *name, .tree = declaration };
            break;
        case DECLARATION_MATRIX:
            if (add_symbol(model, name, SYMBOL_MATRIX, (uint32_t)model->matrix_count))
                model->matrices[model->matrix_count++] = (struct model_matrix) { .name = *name, .tree = declaration };
            break;
        case DECLARATION_STAGE:
            if (strcmp(name->text, "Disqualified") == 0) {
                struct diagnostic *d = diagnostic_report(model->diags, E0302, name->span,
                                                         "the stage `Disqualified` is built in");
                diagnostic_label(d, name->span, "every disqualified lead is in it");
                break;
            }
            if (add_symbol(model, name, SYMBOL_STAGE, (uint32_t)model->stage_count))
                model->stages[model->stage_count++] = (struct model_stage) { .name = *name, .tree = declaration };
            break;
        case DECLARATION_RUBRIC:
            if (declaration->span.file != 0) break; /* a used file may have a head of its own */
            if (model->name) {
                struct diagnostic *d = diagnostic_report(model->diags, E0509, declaration->span, "a second `rubric`");
                diagnostic_label(d, declaration->title.span, "one rubric, one name");
                break;
            }
            model->name = declaration->title.bytes;
            model->version = declaration->version.bytes;
            model->owner = declaration->owner.bytes;
            model->because = declaration->because.bytes;
            break;
        case DECLARATION_USE:
        case DECLARATION_ON:
        case DECLARATION_OUTCOME:
        case DECLARATION_TEST: break;
        }
    }
    for (size_t i = 0; i < override_count; i++) {
        const struct symbol *symbol = model_find(model, overrides[i].name);
        if (symbol && symbol->kind == SYMBOL_SETTING) continue;
        const char **names = arena_alloc(model->arena, (model->setting_count + 1) * sizeof *names);
        for (size_t s = 0; s < model->setting_count; s++) names[s] = model->settings[s].name.text;
        const char *nearest = suggest_nearest(overrides[i].name, names, model->setting_count);
        struct diagnostic *d = diagnostic_report(model->diags, E0512, (struct span) { 0, 0, 0 },
                                                 "there is no setting `%s`", overrides[i].name);
        if (nearest) diagnostic_help(d, "did you mean `%s`?", nearest);
        else diagnostic_help(d, "declare it: `setting %s …`", overrides[i].name);
    }
    find_key(model, all);
}
