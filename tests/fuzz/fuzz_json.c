/* Leads as JSON: the strict reader agrees with a plain one on what is JSON at all; every record is a lead, a reject or a blank line;
   what comes out does not depend on where the input is cut into blocks. */
#include "tests/fuzz/fuzz_leads.h"
#include "tests/unit/simple_json.h"
#include "vm/input/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const enum input_content contents[] = { CONTENT_NDJSON, CONTENT_SNIFFED, CONTENT_JSON_ARRAY, CONTENT_JSON_DOCUMENTS };
    if (size < 1)
        return 0;
    const char *bytes = (const char *)data + 1;
    size_t length = size - 1;
    struct arena arena;
    arena_init(&arena);
    bool simple = simple_parse(&arena, bytes, length) != NULL;
    arena_free(&arena);
    if (simple != json_validate(bytes, length, NULL))
        fuzz_broken("the readers of JSON disagree: the plain one %s it", simple ? "accepts" : "refuses");
    struct input_options options = { .content = contents[data[0] & 3], .dates = (enum date_order)(data[0] >> 2 & 3), .decimal_comma = data[0] >> 4 & 1 };
    fuzz_read_leads(options, bytes, length);
    return 0;
}
