/* Leads as CSV in any encoding, packed or not: every row is a lead, a reject or a blank line, and what comes out does not depend on
   where the input is cut into blocks. */
#include "tests/fuzz/fuzz_leads.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char delimiters[] = { 0, ',', ';', '\t' };
    if (size < 2)
        return 0;
    struct input_options options = { .content = data[0] & 1 ? CONTENT_SNIFFED : CONTENT_CSV, .delimiter = delimiters[data[0] >> 1 & 3],
                                     .encoding = (enum input_encoding)((data[0] >> 3) % 5), .dates = (enum date_order)(data[1] & 3),
                                     .decimal_comma = data[1] >> 2 & 1 };
    fuzz_read_leads(options, (const char *)data + 2, size - 2);
    return 0;
}
