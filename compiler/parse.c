/* Runs the generated parser over one file.  The list of diagnostics, not the parser's return code, says whether it
   parsed. */
#include <string.h>

#include "grammar/lexer.h"
#include "parser.h"
#include "vm/limits.h"
#include "vm/text.h"

static uint32_t first_invalid_byte(const char *text, uint32_t length)
{
    uint32_t at = 0;
    while (at < length) {
        unsigned char lead = (unsigned char)text[at];
        uint32_t size = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
        if (size > length - at || !utf8_valid(text + at, size)) return at;
        at += size;
    }
    return length;
}

static bool readable(const struct source *source, uint32_t file, struct diagnostics *diags)
{
    if (source->length > LIMIT_RUBRIC_BYTES) {
        struct span start = { file, 0, 0 };
        struct diagnostic *d = diagnostic_report(diags, E0602, start, "this file is larger than 16 MiB");
        diagnostic_help(d, "keep long lists of texts in a file of their own: `list names from \"file.txt\"`");
        return false;
    }
    if (!utf8_valid(source->text, source->length)) {
        uint32_t at = first_invalid_byte(source->text, source->length);
        struct span span = { file, at, at + 1 };
        struct diagnostic *d = diagnostic_report(diags, E0106, span, "this file is not in the encoding UTF-8");
        diagnostic_label(d, span, "the first byte that is not UTF-8");
        diagnostic_help(d, "save the file again as UTF-8");
        return false;
    }
    const char *nothing = memchr(source->text, 0, source->length);
    if (nothing) {
        uint32_t at = (uint32_t)(nothing - source->text);
        struct span span = { file, at, at + 1 };
        struct diagnostic *d = diagnostic_report(diags, E0101, span, "the character `U+0000` does not belong in a text file");
        diagnostic_help(d, "this may be no rubric at all, or one saved as UTF-16: save it as UTF-8");
        return false;
    }
    return true;
}

struct tree_file *parse_file(struct sources *sources, uint32_t file, struct diagnostics *diags, struct arena *arena)
{
    struct tree_file *tree = arena_alloc(arena, sizeof *tree);
    tree->file = file;
    const struct source *source = &sources->files[file];
    if (!readable(source, file, diags)) return tree;
    struct parse_context context = {
        .sources = sources, .source = source, .file = file, .diags = diags, .arena = arena, .tree = tree,
        .next_declaration = &tree->declarations, .next_comment = &tree->comments,
    };
    words_init(&context);
    scanner_open(&context);
    rubric_parse(&context);
    scanner_close(&context);
    return tree;
}
