#include "tests/claims/claims.h"
#include "tests/oracle/making.h"

/* ---- leads: those of the sample, and more that are made in the same way */

void leads_make(const struct sample *sample, uint64_t seed, uint64_t rounds, struct buffer *leads)
{
    struct buffer out = { 0 };
    struct sample more = { 0 };
    buffer_reset(&out);
    struct maker maker = { .state = seed * UINT64_C(0x9E3779B97F4A7C15) + 7, .as_of = sample->as_of, .out = &out };
    for (uint64_t i = 0; i < rounds; i++)
        make_leads(&maker, &more);
    for (size_t i = 0; i < sample->lead_count; i++)
        buffer_format(leads, "%s\n", sample->leads[i]);
    for (size_t i = 0; i < more.lead_count; i++)
        buffer_format(leads, "%s\n", more.leads[i]);
    sample_free(&more);
    buffer_free(&out);
}
