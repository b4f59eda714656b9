/* The check of a rubric, with the search for conflicts: it ends, never crashes, and every lead it shows does on the machine what it
   is shown for. */
#include <string.h>

#include "cli/replay.h"
#include "compiler/render.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (fuzz_names_files(data, size))
        return 0;
    struct compilation *c = compilation_new();
    compilation_load_text(c, "nowhere/fuzz.rubric", size > 0 ? (const char *)data : "", size, NULL, 0);
    if (c->diags.errors == 0) {
        struct replay *replay = replay_new(c);
        struct conflict_options options = { .as_of = FUZZ_AS_OF, .budget_ms = 200, .want_reach = true, .hygiene = true,
                                            .replay = replay_witness, .context = replay };
        struct conflict_report *report = conflicts_check(&c->model, &options, &c->diags);
        diagnostics_finish(&c->diags);
        for (size_t i = 0; i < c->diags.count; i++)
            if (strcmp(diagnostic_facts(c->diags.items[i]->code)->code, "C1099") == 0)
                fuzz_broken("a witness does not show what it should: %s", c->diags.items[i]->message);
        conflicts_free(report);
        replay_free(replay);
    }
    struct buffer out = { 0 };
    render_pretty(&c->diags, &c->sources, (struct render_options){ false, true, 0 }, &out);
    render_sarif(&c->diags, &c->sources, &out);
    buffer_free(&out);
    compilation_free(c);
    return 0;
}
