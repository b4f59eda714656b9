/* `rubric doc FILE` or `rubric doc std.email`: the rulebook of a rubric, or the documentation of a module. */
#include <string.h>

#include "cli/command.h"
#include "cli/doc.h"
#include "cli/html.h"
#include "stdlib/modules.h"

/* ---- places and comments ----------------------------------------------------------------------------------------- */

bool doc_has(const struct doc *doc, struct span span)
{
    if (doc->only != NO_INDEX)
        return span.file == doc->only;
    return true;
}

bool doc_has_declaration(const struct doc *doc, const struct declaration *declaration)
{
    return declaration != NULL && doc_has(doc, declaration->span);
}

/* A line that is a comment and nothing else: its text behind `#` and one space; false when it is not. */
static bool comment_of(const struct sources *sources, uint32_t file, uint32_t number, struct text *text)
{
    struct text_line line = source_line(sources, file, number);
    *text = text_trim((struct text){ line.bytes, line.length });
    if (text->length == 0 || text->bytes[0] != '#')
        return false;
    text->bytes++;
    text->length--;
    if (text->length > 0 && text->bytes[0] == ' ') {
        text->bytes++;
        text->length--;
    }
    return true;
}

bool doc_comment(const struct doc *doc, struct span span, struct buffer *out)
{
    struct text text;
    uint32_t line = source_line_number(&doc->c->sources, span.file, span.start), first = line;
    while (first > 1 && comment_of(&doc->c->sources, span.file, first - 1, &text))
        first--;
    if (first == 1 && line > 1)
        return false;                                   /* that is the head of the file */
    for (; first < line; first++) {
        comment_of(&doc->c->sources, span.file, first, &text);
        if (out->length > 0)
            buffer_char(out, ' ');
        buffer_add(out, text.bytes, text.length);
    }
    return out->length > 0;
}

/* The comment that a file begins with, as it stands. */
static void head_comment(const struct doc *doc, uint32_t file, struct buffer *out)
{
    struct text text;
    for (uint32_t line = 1; line <= doc->c->sources.files[file].line_count; line++) {
        if (!comment_of(&doc->c->sources, file, line, &text))
            return;
        buffer_add(out, text.bytes, text.length);
        buffer_char(out, '\n');
    }
}

/* ---- the head ---------------------------------------------------------------------------------------------------- */

static void add_head(struct doc *doc)
{
    const struct model *model = doc->model;
    struct buffer text = { 0 };
    page_heading(&doc->page, 1, model->name != NULL ? model->name : "Rules");
    if (model->because != NULL)
        page_paragraph(&doc->page, model->because);
    if (model->version != NULL)
        buffer_format(&text, "Version %s", model->version);
    if (model->owner != NULL)
        buffer_format(&text, "%s %s", text.length > 0 ? ", kept by" : "Kept by", model->owner);
    if (text.length > 0) {
        buffer_char(&text, '.');
        page_paragraph(&doc->page, text.data);
    }
    buffer_reset(&text);
    for (size_t i = 1; i < model->file_count; i++) {
        const struct source *source = &doc->c->sources.files[model->files[i]->file];
        buffer_format(&text, "%s%s", text.length > 0 ? ", " : "It uses ",
                      source->module != NULL ? source->module : source->name);
    }
    if (text.length > 0) {
        buffer_char(&text, '.');
        page_paragraph(&doc->page, text.data);
    }
    buffer_free(&text);
}

static void add_hash(struct doc *doc)
{
    struct buffer text = { 0 };
    buffer_format(&text, "Written by rubric doc from the rules with the hash sha256:%s.", doc->model->hash);
    if (doc->page.html)
        html_put(doc->page.out, "<footer>%s</footer>\n", text.data);
    else
        page_note(&doc->page, text.data);
    buffer_free(&text);
}

static void add_module_head(struct doc *doc, const char *name)
{
    struct buffer text = { 0 };
    page_heading(&doc->page, 1, name);
    head_comment(doc, doc->only, &text);
    if (text.length > 0)
        page_lines(&doc->page, text.data);
    buffer_free(&text);
}

/* ---- the command ------------------------------------------------------------------------------------------------- */

static int read_form(const struct options *options, bool *html)
{
    static const char *const names[] = { "markdown", "html" };
    const char *wanted = options->value[OPTION_FORMAT], *path = options->value[OPTION_OUTPUT];
    size_t length = path != NULL ? strlen(path) : 0;
    *html = (length > 5 && strcmp(path + length - 5, ".html") == 0)
            || (length > 4 && strcmp(path + length - 4, ".htm") == 0);
    if (wanted == NULL)
        return EXIT_FINE;
    *html = strcmp(wanted, "html") == 0;
    if (*html || strcmp(wanted, "markdown") == 0)
        return EXIT_FINE;
    const char *nearest = suggest_nearest(wanted, names, 2);
    say("rubric doc: there is no format `%s`%s%s%s; the formats are markdown and html\n", wanted,
            nearest ? "; did you mean `" : "", nearest ? nearest : "", nearest ? "`?" : "");
    return EXIT_USAGE;
}

/* A module stands on no legs of its own: it is checked inside the smallest rubric that uses it. */
static int load_module(const struct options *options, const struct stdlib_module *module,
                       struct compilation **compilation)
{
    for (int with_key = 0; with_key < 2; with_key++) {
        struct compilation *c = compilation_new();
        struct buffer text = { 0 };
        buffer_format(&text, "rubric \"%s\"\n\nuse %s\n%s", module->name, module->name,
                      with_key ? "\nlead\n  id text key\n" : "");
        compilation_load_text(c, module->name, text.data, text.length, NULL, 0);
        buffer_free(&text);
        if (c->diags.errors == 0) {
            *compilation = c;
            return EXIT_FINE;
        }
        if (with_key)
            print_diagnostics(options, c, stderr);
        compilation_free(c);
    }
    return EXIT_FAULT;
}

static uint32_t module_file(const struct compilation *c, const char *name)
{
    for (uint32_t i = 0; i < c->sources.count; i++)
        if (c->sources.files[i].module != NULL && strcmp(c->sources.files[i].module, name) == 0)
            return i;
    return NO_INDEX;
}

static int unknown_module(const char *name)
{
    const char *names[64];
    size_t count = 0;
    for (size_t i = 0; i < stdlib_module_count && count < 64; i++)
        names[count++] = stdlib_modules[i].name;
    const char *nearest = suggest_nearest(name, names, count);
    say("rubric doc: the library has no module `%s`%s%s%s; the modules are", name,
            nearest ? "; did you mean `" : "", nearest ? nearest : "", nearest ? "`?" : "");
    for (size_t i = 0; i < count; i++)
        say("%s %s", i > 0 ? "," : "", names[i]);
    fputc('\n', stderr);
    return EXIT_USAGE;
}

static void write_page(struct doc *doc, const char *title)
{
    page_begin(&doc->page, title);
    if (doc->only != NO_INDEX)
        add_module_head(doc, title);
    else
        add_head(doc);
    doc_scores(doc);
    doc_stages(doc);
    doc_data(doc);
    if (doc->only == NO_INDEX)
        add_hash(doc);
    page_end(&doc->page);
}

int command_doc(const struct options *options)
{
    const char *path = options->arguments[0];
    const struct stdlib_module *module = stdlib_module_find(path);
    struct compilation *c = NULL;
    bool html;
    int status = read_form(options, &html);
    if (status != EXIT_FINE)
        return status;
    if (module == NULL && strncmp(path, "std.", 4) == 0)
        return unknown_module(path);
    status = module != NULL ? load_module(options, module, &c) : load_rubric(options, path, &c);
    if (status != EXIT_FINE)
        return status;
    struct buffer out = { 0 };
    struct doc doc = { .page = { .out = &out, .html = html }, .c = c, .model = &c->model,
                       .only = module != NULL ? module_file(c, module->name) : NO_INDEX };
    write_page(&doc, module != NULL ? module->name : c->model.name != NULL ? c->model.name : "Rules");
    struct output output;
    status = output_open(&output, options->value[OPTION_OUTPUT]);
    if (status == EXIT_FINE) {
        if (output_write(&output, &out)) {
            status = output_commit(&output);
        } else {
            status = output_problem(&output);
            output_abandon(&output);
        }
    }
    buffer_free(&out);
    compilation_free(c);
    return status;
}
