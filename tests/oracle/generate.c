#include "tests/oracle/making.h"

#include <stdlib.h>
#include <string.h>

static void chunks_swap(struct chunk *a, struct chunk *b)
{
    struct chunk kept = *a;
    *a = *b;
    *b = kept;
}

/* Shuffles the movable chunks among their own places; the others keep theirs. */
static void chunks_move(struct maker *maker, struct chunk *chunks, size_t count)
{
    for (size_t i = count; i-- > 1;) {
        size_t other = (size_t)(roll(maker) % (i + 1));
        if (chunks[i].movable && chunks[other].movable)
            chunks_swap(&chunks[i], &chunks[other]);
    }
}

void sample_generate(struct sample *sample, uint64_t seed)
{
    static const char *const instants[] = {
        "2026-03-31", "2026-03-01T12:00:00Z", "2024-02-29T23:59:59.999999Z", "2026-11-22T10:30:00Z", "2027-01-01",
        "2026-11-23", "2025-02-28",
    };
    struct buffer out = { 0 };
    struct maker maker = { .state = seed * UINT64_C(0xD1342543DE82EF95) + 1, .out = &out };
    *sample = (struct sample){ 0 };
    buffer_reset(&out);
    const char *instant = instants[below(&maker, 7)];
    instant_parse(instant, strlen(instant), DATES_ISO_ONLY, &maker.as_of);
    sample->as_of = maker.as_of;
    make_rubric(&maker, sample);
    make_leads(&maker, sample);
    if (chance(&maker, 50))
        chunks_move(&maker, sample->chunks, sample->chunk_count);
    buffer_free(&out);
}

void sample_free(struct sample *sample)
{
    for (size_t i = 0; i < sample->chunk_count; i++)
        free(sample->chunks[i].text);
    for (size_t i = 0; i < sample->lead_count; i++)
        free(sample->leads[i]);
    free(sample->chunks);
    free(sample->leads);
    *sample = (struct sample){ 0 };
}

void sample_rubric(const struct sample *sample, uint64_t moving_seed, struct buffer *out)
{
    struct chunk *chunks = memory_alloc((sample->chunk_count + 1) * sizeof *chunks);
    memcpy(chunks, sample->chunks, sample->chunk_count * sizeof *chunks);
    struct maker maker = { .state = moving_seed };
    if (moving_seed)
        chunks_move(&maker, chunks, sample->chunk_count);
    for (size_t i = 0; i < sample->chunk_count; i++)
        buffer_text(out, chunks[i].text);
    free(chunks);
}
