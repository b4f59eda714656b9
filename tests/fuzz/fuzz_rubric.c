/* The text of a rubric: it is read or refused; what the formatter writes is read as the same rubric, and formatting that
   changes nothing; every renderer copes with the messages; what compiles passes its own verifier and survives its file form. */
#include <string.h>

#include "compiler/compile.h"
#include "compiler/format.h"
#include "compiler/render.h"
#include "tests/fuzz/fuzz.h"

#define NAME "nowhere/fuzz.rubric"

static void render_all(const struct compilation *c)
{
    struct buffer out = { 0 };
    render_pretty(&c->diags, &c->sources, (struct render_options){ true, true, 0 }, &out);
    render_pretty(&c->diags, &c->sources, (struct render_options){ false, false, 3 }, &out);
    render_lines(&c->diags, &c->sources, &out);
    render_json(&c->diags, &c->sources, &out);
    render_github(&c->diags, &c->sources, &out);
    render_sarif(&c->diags, &c->sources, &out);
    buffer_free(&out);
}

static struct compilation *load(const char *text, size_t length)
{
    struct compilation *c = compilation_new();
    compilation_load_text(c, NAME, text, length, NULL, 0);
    return c;
}

/* Whether the text alone is well formed, whatever it means; its layout goes to `out`. */
static bool layout(const char *text, size_t length, struct buffer *out)
{
    struct compilation *c = compilation_new();
    uint32_t file = source_add(&c->sources, NAME, NULL, text, length);
    const struct tree_file *tree = parse_file(&c->sources, file, &c->diags, &c->arena);
    diagnostics_finish(&c->diags);
    bool fine = c->diags.errors == 0;
    if (fine)
        format_file(tree, &c->sources, out);
    compilation_free(c);
    return fine;
}

static void check_program(const struct compilation *c)
{
    struct program *program = compilation_emit(c, NO_INDEX, NULL);
    char problem[512] = "";
    if (!program_verify(program, problem, sizeof problem))
        fuzz_broken("the compiler's own program is refused: %s", problem);
    struct buffer image = { 0 };
    image_write(program, &image);
    struct program *read = image_read(image.data, image.length, problem, sizeof problem);
    if (!read)
        fuzz_broken("the program's file form is refused: %s", problem);
    struct buffer listing = { 0 };
    program_disassemble(read, NULL, NULL, &listing);
    struct batch *batch = batch_new(read, FUZZ_AS_OF, 3);
    struct machine *machine = machine_new(read, FUZZ_AS_OF);
    fuzz_fill(batch, 1);
    machine_run(machine, batch);
    fuzz_write_all(machine);
    machine_free(machine);
    batch_free(batch);
    buffer_free(&listing);
    buffer_free(&image);
    program_free(read);
    program_free(program);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (fuzz_names_files(data, size))
        return 0;
    const char *text = size > 0 ? (const char *)data : "";
    struct compilation *c = load(text, size);
    render_all(c);
    struct buffer once = { 0 }, twice = { 0 };
    if (layout(text, size, &once)) {
        buffer_text(&once, "");
        if (!layout(once.data, once.length, &twice))
            fuzz_broken("what the formatter wrote is no rubric:\n%s", once.data);
        buffer_text(&twice, "");
        if (strcmp(once.data, twice.data) != 0)
            fuzz_broken("formatted twice is not formatted once:\n%s\n---- twice\n%s", once.data, twice.data);
        struct compilation *again = load(once.data, once.length);
        if ((c->diags.errors == 0) != (again->diags.errors == 0))
            fuzz_broken("%s after the formatter:\n%s", again->diags.errors ? "refused" : "accepted", once.data);
        if (c->diags.errors == 0 && strcmp(c->model.hash, again->model.hash) != 0)
            fuzz_broken("the formatter changes the hash:\n%s", once.data);
        compilation_free(again);
    }
    if (c->diags.errors == 0)
        check_program(c);
    buffer_free(&once);
    buffer_free(&twice);
    compilation_free(c);
    return 0;
}
