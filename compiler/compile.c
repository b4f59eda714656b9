#include "compiler/compile.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/declare.h"
#include "compiler/emit.h"
#include "compiler/format.h"
#include "stdlib/modules.h"
#include "vm/limits.h"
#include "vm/sha256.h"

struct loader {
    struct compilation *compilation;
    struct declared_list all;
    const struct tree_file **files;
    size_t file_count, file_capacity;
    uint32_t stack[LIMIT_USE_DEPTH];
    size_t depth;
    struct use {
        uint32_t user, used;
    } * edges;
    size_t edge_count, edge_capacity;
};

struct compilation *compilation_new(void)
{
    struct compilation *c = memory_alloc(sizeof *c);
    arena_init(&c->arena);
    c->sources.arena = &c->arena;
    diagnostics_init(&c->diags, &c->arena);
    c->model.arena = &c->arena;
    c->model.sources = &c->sources;
    c->model.diags = &c->diags;
    c->model.key_field = c->model.stage_field = NO_INDEX;
    return c;
}

void compilation_free(struct compilation *compilation)
{
    if (!compilation) return;
    arena_free(&compilation->arena);
    free(compilation);
}

/* The whole of a file, or NULL with errno; EFBIG when it is larger than a rubric may be. */
static char *read_whole(struct arena *arena, const char *path, size_t *length)
{
    FILE *stream = strcmp(path, "-") == 0 ? stdin : fopen(path, "rb");
    if (!stream && errno == ENOMEM) memory_refused();
    if (!stream) return NULL;
    struct buffer text = { 0 };
    char block[65536];
    size_t got;
    while ((got = fread(block, 1, sizeof block, stream)) > 0 && text.length <= LIMIT_RUBRIC_BYTES)
        buffer_add(&text, block, got);
    int problem = ferror(stream) ? (errno ? errno : EIO) : text.length > LIMIT_RUBRIC_BYTES ? EFBIG : 0;
    if (stream != stdin) fclose(stream);
    char *copy = problem ? NULL : arena_copy(arena, text.data ? text.data : "", text.length);
    *length = text.length;
    buffer_free(&text);
    errno = problem;
    return copy;
}

/* The same path without `.`, `a/..` and double slashes, so that one file has one name. */
static char *path_plain(struct arena *arena, const char *path)
{
    char *plain = arena_alloc(arena, strlen(path) + 2);
    size_t length = 0;
    bool rooted = path[0] == '/';
    if (rooted) plain[length++] = '/';
    size_t floor = length; /* below it stand the root and leading `../` */
    while (*path) {
        size_t part = strcspn(path, "/");
        bool here = part == 0 || (part == 1 && path[0] == '.'), up = part == 2 && path[0] == '.' && path[1] == '.';
        if (up && length > floor) {
            while (length > floor && plain[length - 1] != '/') length--;
            if (length > floor) length--;
        } else if (!here && !(up && rooted)) {
            if (length > 0 && plain[length - 1] != '/') plain[length++] = '/';
            memcpy(plain + length, path, part);
            length += part;
            if (up) floor = length;
        }
        path += part;
        if (*path) path++;
    }
    plain[length] = 0;
    return plain;
}

static void load_uses(struct loader *loader, uint32_t file, const struct tree_file *tree);

static void load_file(struct loader *loader, uint32_t file)
{
    struct compilation *c = loader->compilation;
    struct tree_file *tree = parse_file(&c->sources, file, &c->diags, &c->arena);
    if (!tree) return;
    if (loader->file_count == loader->file_capacity) {
        size_t capacity = loader->file_capacity ? loader->file_capacity * 2 : 8;
        const struct tree_file **files = arena_alloc(&c->arena, capacity * sizeof *files);
        if (loader->file_count) memcpy(files, loader->files, loader->file_count * sizeof *files);
        loader->files = files;
        loader->file_capacity = capacity;
    }
    loader->files[loader->file_count++] = tree;
    loader->stack[loader->depth++] = file;
    load_uses(loader, file, tree);
    loader->depth--;
}

static void use_one(struct loader *loader, uint32_t file, const struct declaration *declaration)
{
    struct compilation *c = loader->compilation;
    const char *name = NULL, *module = NULL;
    struct span span = declaration->path.bytes ? declaration->path.span : declaration->span;
    const struct stdlib_module *library = NULL;
    if (declaration->module) {
        library = stdlib_module_find(declaration->module);
        if (!library) {
            struct diagnostic *d = diagnostic_report(&c->diags, E0307, declaration->span, "there is no module `%s`",
                                                     declaration->module);
            diagnostic_label(d, declaration->span, "not in the standard library");
            const char **names = arena_alloc(&c->arena, (stdlib_module_count + 1) * sizeof *names);
            for (size_t i = 0; i < stdlib_module_count; i++) names[i] = stdlib_modules[i].name;
            const char *nearest = suggest_nearest(declaration->module, names, stdlib_module_count);
            if (nearest) diagnostic_help(d, "did you mean `use %s`?", nearest);
            else diagnostic_help(d, "a file of your own is used with its path in quotes: `use \"fit.rubric\"`");
            return;
        }
        name = library->file;
        module = library->name;
    } else {
        const char *owner = c->sources.files[file].name, *slash = strrchr(owner, '/');
        const char *path = declaration->path.bytes;
        name = path_plain(&c->arena, path[0] == '/' || !slash
                                         ? path
                                         : arena_format(&c->arena, "%.*s/%s", (int)(slash - owner), owner, path));
    }
    uint32_t used = NO_INDEX;
    for (uint32_t i = 0; i < c->sources.count; i++)
        if (!c->sources.files[i].module == !module &&
            strcmp(path_plain(&c->arena, c->sources.files[i].name), name) == 0)
            used = i;
    if (used != NO_INDEX) {
        for (size_t i = 0; i < loader->depth; i++) {
            if (loader->stack[i] != used) continue;
            struct diagnostic *d = diagnostic_report(&c->diags, E0304, span, "`%s` uses a file that leads back to it",
                                                     c->sources.files[file].name);
            diagnostic_label(d, span, "on the way here already");
            diagnostic_help(d, "move what both need into a third file");
            return;
        }
    }
    if (used == NO_INDEX && loader->depth >= LIMIT_USE_DEPTH) {
        report_limit(&c->model, span, "files use each other at most", LIMIT_USE_DEPTH, "levels deep",
                     "use the file from the rubric itself");
        return;
    }
    bool fresh = used == NO_INDEX;
    if (fresh) {
        size_t length;
        const char *text = library ? library->text : read_whole(&c->arena, name, &length);
        if (!text) {
            struct diagnostic *d = diagnostic_report(&c->diags, E0305, span, "`%s` cannot be read: %s", name,
                                                     strerror(errno));
            diagnostic_label(d, span, "looked for beside this file");
            if (declaration->path.bytes && stdlib_module_find(declaration->path.bytes))
                diagnostic_help(d, "a module of the library is written without quotes: use %s",
                                declaration->path.bytes);
            return;
        }
        if (library) length = library->length;
        used = source_add(&c->sources, name, module, text, length);
    }
    memory_reserve(&loader->edges, &loader->edge_capacity, loader->edge_count + 1, sizeof *loader->edges);
    loader->edges[loader->edge_count++] = (struct use) { file, used };
    if (fresh) load_file(loader, used);
}

static void load_uses(struct loader *loader, uint32_t file, const struct tree_file *tree)
{
    for (const struct declaration *d = tree->declarations; d; d = d->next) {
        if (d->kind == DECLARATION_USE) {
            use_one(loader, file, d);
            continue;
        }
        memory_reserve(&loader->all.items, &loader->all.capacity, loader->all.count + 1, sizeof *loader->all.items);
        loader->all.items[loader->all.count++] = (struct declared) { d, file };
    }
}

static void close_uses(struct loader *loader)
{
    struct model *model = &loader->compilation->model;
    size_t count = loader->compilation->sources.count;
    model->uses = arena_alloc(model->arena, count * count * sizeof *model->uses);
    for (size_t i = 0; i < loader->edge_count; i++)
        model->uses[loader->edges[i].user * count + loader->edges[i].used] = true;
    for (size_t k = 0; k < count; k++)
        for (size_t i = 0; i < count; i++)
            for (size_t j = 0; j < count; j++)
                if (model->uses[i * count + k] && model->uses[k * count + j]) model->uses[i * count + j] = true;
}

/* Lists and defines that nothing looks at mean nothing: a library may grow without changing who uses another part of
 * it. */
static bool is_used(const struct model *model, const struct declaration *d)
{
    const struct symbol *symbol = d->name.text ? model_find(model, d->name.text) : NULL;
    if (d->kind == DECLARATION_LIST) return symbol && symbol->kind == SYMBOL_LIST && model->lists[symbol->index].used;
    if (d->kind == DECLARATION_DEFINE)
        return symbol && symbol->kind == SYMBOL_DEFINE && model->defines[symbol->index].used;
    return true;
}

/* A list with its texts written out, wherever they came from. */
static struct declaration list_written_out(struct model *model, const struct declaration *d,
                                           const struct model_list *list)
{
    struct declaration copy = *d;
    struct literal_list **end = &copy.texts;
    copy.list_file = copy.list_column = (struct literal) { 0 };
    for (size_t t = 0; t < list->count; t++) {
        *end = arena_alloc(model->arena, sizeof **end);
        (*end)->literal = (struct literal) { .bytes = list->raw[t].bytes, .length = list->raw[t].length };
        end = &(*end)->next;
    }
    *end = NULL;
    return copy;
}

/* Points are positive unless they say otherwise. */
static void write_plus(struct bound *points)
{
    if (points->kind != BOUND_ABSENT && points->sign == SIGN_NONE) points->sign = SIGN_PLUS;
}

static struct tree_row *rows_with_plus(struct model *model, const struct tree_row *rows)
{
    struct tree_row *first = NULL, **end = &first;
    for (; rows; rows = rows->next) {
        struct tree_row *row = arena_alloc(model->arena, sizeof *row);
        *row = *rows;
        row->next = NULL;
        write_plus(&row->points);
        *end = row;
        end = &row->next;
    }
    return first;
}

/* What the rubric means: every declaration but tests in canonical form, in order; lists from files with the texts that
   they had, settings with the value that this run gives them. */
static void make_hash(struct loader *loader)
{
    struct buffer text = { 0 };
    struct model *model = &loader->compilation->model;
    for (size_t i = 0; i < loader->all.count; i++) {
        struct declaration d = *loader->all.items[i].declaration;
        if (d.kind == DECLARATION_TEST || !is_used(model, &d)) continue;
        const struct symbol *symbol = d.name.text ? model_find(model, d.name.text) : NULL;
        if (d.kind == DECLARATION_LIST && symbol && symbol->kind == SYMBOL_LIST)
            d = list_written_out(model, &d, &model->lists[symbol->index]);
        if (d.kind == DECLARATION_SETTING && symbol && symbol->kind == SYMBOL_SETTING) {
            const struct model_setting *setting = &model->settings[symbol->index];
            d.constant.units = setting->units;
            d.constant.literal = setting->text;
            d.constant.duration = setting->duration;
        }
        write_plus(&d.points.points);
        d.points.rows = rows_with_plus(model, d.points.rows);
        format_declaration(&d, &text);
        buffer_char(&text, '\n');
    }
    sha256_hex(text.data ? text.data : "", text.length, model->hash);
    buffer_free(&text);
}

static void finish(struct loader *loader, const struct setting_override *overrides, size_t override_count)
{
    struct compilation *c = loader->compilation;
    struct model *model = &c->model;
    close_uses(loader);
    model->files = loader->files;
    model->file_count = loader->file_count;
    c->main_file = loader->file_count ? loader->files[0] : NULL;
    /* A file that could not be read as a rubric has names missing: saying so again helps nobody. */
    if (c->diags.errors == 0) {
        declare_names(model, &loader->all, overrides, override_count);
        define_scoring(model, &loader->all);
        if (!model->name) {
            struct span span = { 0, 0, 0 };
            struct diagnostic *d = diagnostic_report(&c->diags, E0509, span, "the rubric has no name");
            diagnostic_help(d, "begin with `rubric \"My model\"`");
        }
        if (c->diags.errors == 0) bounds_check(model);
        if (c->diags.errors == 0) define_tests(model, &loader->all);
        if (c->diags.errors == 0) make_hash(loader);
    }
    diagnostics_finish(&c->diags);
    free(loader->all.items);
    free(loader->edges);
}

bool compilation_load_text(struct compilation *c, const char *name, const char *text, size_t length,
                           const struct setting_override *overrides, size_t override_count)
{
    struct loader loader = { .compilation = c };
    uint32_t file = source_add(&c->sources, name, NULL, text, length);
    load_file(&loader, file);
    finish(&loader, overrides, override_count);
    return true;
}

bool compilation_load(struct compilation *c, const char *path, const struct setting_override *overrides,
                      size_t override_count)
{
    size_t length;
    const char *name = strcmp(path, "-") == 0 ? "standard input" : path, *text = read_whole(&c->arena, path, &length);
    if (!text) {
        int problem = errno;
        uint32_t file = source_add(&c->sources, name, NULL, "", 0);
        struct span span = { file, 0, 0 };
        if (problem == EFBIG) {
            struct diagnostic *d = diagnostic_report(
                &c->diags, E0603, span, "`%s` is larger than a rubric may be (%u MiB)", name, LIMIT_RUBRIC_BYTES >> 20);
            diagnostic_help(d, "keep long lists of texts in a file of their own: `list names from \"names.txt\"`, or "
                               "split it with `use`");
        } else diagnostic_report(&c->diags, E0305, span, "`%s` cannot be read: %s", name, strerror(problem));
        return false;
    }
    return compilation_load_text(c, name, text, length, overrides, override_count);
}

struct program *compilation_emit(const struct compilation *c, uint32_t test, uint32_t *expectation_registers)
{
    return emit_program(&c->model, test == NO_INDEX ? NULL : &c->model.tests[test], expectation_registers);
}
