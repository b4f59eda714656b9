/* Generated rubrics and leads: the oracle and the machine agree in every batch size, through the file form and the formatter.  The
   input is the generator's seed. */
#include <string.h>

#include "tests/fuzz/fuzz.h"
#include "tests/oracle/generate.h"
#include "tests/oracle/trial.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint64_t seed = 0;
    if (size < 4)
        return 0;
    for (size_t i = 0; i < size; i++)
        seed = (seed ^ data[i]) * UINT64_C(0x100000001B3);
    struct sample sample;
    struct buffer rubric = { 0 }, moved = { 0 }, report = { 0 };
    sample_generate(&sample, seed);
    sample_rubric(&sample, 0, &rubric);
    sample_rubric(&sample, seed + 1, &moved);
    struct trial trial = { .name = "sample.rubric", .rubric = rubric.data, .rubric_length = rubric.length, .lead_count = sample.lead_count,
                           .leads = (const char *const *)sample.leads, .as_of = sample.as_of, .overrides = sample.overrides,
                           .override_count = sample.override_count, .moved = moved.data };
    if (trial_run(&trial, &report) == TRIAL_DISAGREES)
        fuzz_broken("seed %llu (build/agree-release --seed %llu --cases 1):\n%s", (unsigned long long)seed, (unsigned long long)seed, report.data);
    buffer_free(&rubric);
    buffer_free(&moved);
    buffer_free(&report);
    sample_free(&sample);
    return 0;
}
