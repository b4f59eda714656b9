/* Leads and a file of events of their own, parted by a line "====": every event belongs to a lead, is reported, or is counted as left
   out, and the order of the leads changes none of the sums. */
#include "tests/fuzz/fuzz_leads.h"

#define PARTING "\n====\n"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct program *program;
    if (!program)
        program = fuzz_leads_program();
    const char *leads = (const char *)data, *parting = size > 0 ? memmem(data, size, PARTING, strlen(PARTING)) : NULL;
    if (!parting)
        return 0;
    const char *events = parting + strlen(PARTING);
    const char *event_paths[] = { fuzz_path(1, events, size - (size_t)(events - leads)) };
    struct input_options options = { .events = event_paths, .event_files = 1 };
    const char *path = fuzz_path(0, leads, (size_t)(parting - leads));
    struct fixture whole = fuzz_read_once(program, options, path);
    options.block_bytes = 11;
    struct fixture cut = fuzz_read_once(program, options, path);
    if (strcmp(whole.problem, cut.problem) != 0 || strcmp(whole.leads.data, cut.leads.data) != 0 || strcmp(whole.reports.data, cut.reports.data) != 0)
        fuzz_broken("the join depends on the blocks\nwhole:\n%s%s%s\ncut:\n%s%s%s", whole.problem, whole.leads.data, whole.reports.data,
                    cut.problem, cut.leads.data, cut.reports.data);
    fixture_free(&whole);
    fixture_free(&cut);
    return 0;
}
