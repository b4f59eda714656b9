#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vm/program.h"

struct program *program_new(void)
{
    struct program *program = memory_alloc(sizeof *program);
    arena_init(&program->arena);
    program->key_field = program->stage_field = NO_INDEX;
    program->disqualified = program->stage_reg = program->stage_before_reg = NO_REGISTER;
    program->outcome = NO_REGISTER;
    return program;
}

void program_free(struct program *program)
{
    if (program == NULL)
        return;
    for (uint32_t text = 0; text < program->text_count; text++)
        textclass_free(program->texts[text].classifier);
    arena_free(&program->arena);
    free(program);
}

void program_prepare(struct program *program)
{
    for (uint32_t text = 0; text < program->text_count; text++) {
        struct text_source *source = &program->texts[text];
        if (source->bits == 0 || source->classifier != NULL)
            continue;
        source->classifier = textclass_new(source->bits);
        for (uint32_t at = 0; at < source->patterns.count; at++) {
            const struct pattern *pattern = &program->patterns[source->patterns.start + at];
            textclass_add(source->classifier, pattern->bit, (enum text_predicate)pattern->predicate, pattern->text);
        }
        textclass_finish(source->classifier);
    }
}

const char *program_place_text(const struct program *program, uint32_t line, char *out, size_t capacity)
{
    if (capacity == 0)
        return "";
    out[0] = '\0';
    if (line >= program->line_count)
        return out;
    struct source_line place = program->lines[line];
    const char *file = place.file < program->file_count ? program->files[place.file] : "";
    snprintf(out, capacity, "%s:%u", file, (unsigned)place.line);
    return out;
}
