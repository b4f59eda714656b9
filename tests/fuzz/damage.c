/* Valid compiled rubrics, damaged at random, through the target fuzz_bytecode:  damage COUNT SEED FILE …
   Half of them have one bit flipped, the others up to eight changes; checksums are put right by the target, so that the damage is
   seen by the verifier.  Each damage is the same on every machine: `damage 1 SEED FILE …` repeats one.  The last line says how many. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/fuzz/fuzz.h"
#include "vm/memory.h"

static uint64_t next(uint64_t *state)
{
    uint64_t z = *state += UINT64_C(0x9E3779B97F4A7C15);
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

static void put_at(struct buffer *image, size_t at, uint64_t value, size_t size)
{
    for (size_t i = 0; i < size && at + i < image->length; i++)
        image->data[at + i] = (char)(value >> (8 * i));
}

static void change(struct buffer *image, uint64_t *state)
{
    static const uint64_t odd[] = { 0, 1, 2, 63, 64, 255, 256, 1023, 1024, 65535, 65536, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFE, 0xFFFFFFFF,
                                    0x7FFFFFFFFFFFFFFF, 0x8000000000000000, 0xFFFFFFFFFFFFFFFF };
    size_t at = next(state) % image->length, from = next(state) % image->length, run = 1 + next(state) % 32;
    switch (next(state) % 7) {
    case 0: image->data[at] = (char)(image->data[at] ^ (1 << next(state) % 8)); break;
    case 1: image->data[at] = (char)next(state); break;
    case 2: put_at(image, at, odd[next(state) % (sizeof odd / sizeof *odd)], 4); break;
    case 3: put_at(image, at & ~(size_t)3, odd[next(state) % (sizeof odd / sizeof *odd)], (next(state) & 1) ? 4 : 8); break;
    case 4: put_at(image, at, next(state) % 64, 4); break;
    case 5:                                             /* a run of bytes from elsewhere */
        for (size_t i = 0; i < run && at + i < image->length && from + i < image->length; i++)
            image->data[at + i] = image->data[from + i];
        break;
    case 6:                                             /* shorter by a few bytes in the middle */
        if (run < image->length - at) {
            memmove(image->data + at, image->data + at + run, image->length - at - run);
            image->length -= run;
        }
        break;
    }
}

static void damage(const struct buffer *valid, uint64_t seed)
{
    uint64_t state = seed;
    struct buffer image = { 0 };
    buffer_add(&image, valid->data, valid->length);
    if (next(&state) & 1) {
        size_t bit = next(&state) % (image.length * 8);
        image.data[bit / 8] = (char)(image.data[bit / 8] ^ (1 << bit % 8));
    } else
        for (uint64_t n = 1 + next(&state) % 8; n > 0 && image.length > 100; n--)
            change(&image, &state);
    uint8_t *exact = memory_alloc(image.length);
    memcpy(exact, image.data, image.length);
    LLVMFuzzerTestOneInput(exact, image.length);
    free(exact);
    buffer_free(&image);
}

static struct buffer read_file(const char *path)
{
    struct buffer bytes = { 0 };
    char block[65536];
    size_t got;
    FILE *file = fopen(path, "rb");
    if (!file) { perror(path); exit(2); }
    while ((got = fread(block, 1, sizeof block, file)) > 0) buffer_add(&bytes, block, got);
    fclose(file);
    return bytes;
}

int main(int count, char **words)
{
    if (count < 4) { fprintf(stderr, "damage COUNT SEED FILE …\n"); return 2; }
    uint64_t wanted = strtoull(words[1], NULL, 10), seed = strtoull(words[2], NULL, 10), failed = 0;
    size_t files = (size_t)count - 3;
    struct buffer *valid = memory_alloc(files * sizeof *valid);
    for (size_t i = 0; i < files; i++) valid[i] = read_file(words[i + 3]);
    /* A child works until it dies or is done; where it was stands in memory that both see. */
    volatile uint64_t *at = mmap(NULL, sizeof *at, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (at == MAP_FAILED) return 2;
    for (*at = 0; *at < wanted;) {
        fflush(stdout);
        pid_t child = fork();
        if (child == 0) {
            for (; *at < wanted; ++*at) {
                alarm(60);
                damage(&valid[(seed + *at) % files], seed + *at);
            }
            exit(0);                                    /* with a look for leaks where ASan is there */
        }
        int status = 0;
        if (child < 0 || waitpid(child, &status, 0) != child) return 2;
        if (status == 0) break;
        printf("FAILED seed %llu (%s)\n", (unsigned long long)(seed + *at), words[3 + (seed + *at) % files]);
        ++*at;
        if (++failed > 50) break;
    }
    for (size_t i = 0; i < files; i++) buffer_free(&valid[i]);
    free(valid);
    printf("damage: %llu passed, %llu failed\n", (unsigned long long)(*at - failed), (unsigned long long)failed);
    return failed > 0;
}
