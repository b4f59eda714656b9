/* What each part of a run costs by itself, on one core, over a file in the page cache:

     parts RUBRIC LEADS [ROUNDS]

   Each line adds a part to the one above: the kernel's read(); the reader, which fills batches; the machine; a writer
   into memory.  Processor time, in seconds.  In every round all of them run in turn; medians.  A cycle is a tick of the time-stamp counter (x86-64).
   Memory is what a copy of 256 MiB moves, read and written. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#if defined(__x86_64__)
#include <x86intrin.h>
#endif

#include "compiler/compile.h"
#include "vm/input/input.h"
#include "vm/limits.h"
#include "vm/output/results.h"

#define NOW INT64_C(1795305600000000) /* 2026-11-22 */
#define MOST_ROUNDS 51

enum part {
    PART_KERNEL,
    PART_READER,
    PART_MACHINE,
    PART_SHORT,
    PART_LIGHT,
    PART_CSV,
    PART_NDJSON,
    PART_TRACE,
    PARTS
};
static const char *const names[PARTS] = {"read() in pieces of 1 MiB",
                                         "+ the reader: batches of columns",
                                         "+ the machine: all rules",
                                         "  + CSV: lead, total, stage",
                                         "  + CSV: lead, total, stage, trace",
                                         "  + CSV: all columns",
                                         "  + NDJSON",
                                         "  + NDJSON with --trace"};

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);       /* others may share the processor */
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

/* The time-stamp counter goes by wall time. */
static double cycles_a_second(void)
{
#if defined(__x86_64__)
    struct timespec from, to;
    clock_gettime(CLOCK_MONOTONIC, &from);
    unsigned long long ticks = __rdtsc();
    for (volatile int wait = 0; wait < 50000000; wait++) {
    }
    ticks = __rdtsc() - ticks;
    clock_gettime(CLOCK_MONOTONIC, &to);
    return (double)ticks / ((double)(to.tv_sec - from.tv_sec) + (double)(to.tv_nsec - from.tv_nsec) * 1e-9);
#else
    return 0;
#endif
}

static int compare(const void *a, const void *b)
{
    double left = *(const double *)a, right = *(const double *)b;
    return (left > right) - (left < right);
}

struct run {
    double seconds;
    size_t leads, events, bytes, written;
};

static size_t read_file(const char *path)
{
    static char piece[1 << 20];
    int file = open(path, O_RDONLY);
    size_t bytes = 0;
    ssize_t got;
    while (file >= 0 && (got = read(file, piece, sizeof piece)) > 0) bytes += (size_t)got;
    close(file);
    return bytes;
}

static struct results *writer_of(const struct program *program, enum part part)
{
    struct results_options options = {.no_header = true};
    if (part == PART_SHORT) options.columns = "lead,total,stage";
    if (part == PART_LIGHT) options.columns = "lead,total,stage,trace";
    options.trace = part == PART_TRACE;
    return results_new(program, part == PART_NDJSON || part == PART_TRACE ? RESULTS_NDJSON : RESULTS_CSV, &options);
}

static struct run run_part(const struct program *program, const char *path, enum part part)
{
    struct run run = {.seconds = seconds()};
    if (part == PART_KERNEL) {
        run.bytes = read_file(path);
        run.seconds = seconds() - run.seconds;
        return run;
    }
    char problem[512];
    struct input_options options = {.most_keys = 0};
    struct input *input = input_open(program, &options, &path, 1, problem, sizeof problem);
    if (!input) {
        fprintf(stderr, "parts: %s\n", problem);
        exit(1);
    }
    struct batch *batch = batch_new(program, NOW, LIMIT_BATCH_LEADS);
    struct machine *machine = machine_new(program, NOW);
    struct results *results = part >= PART_SHORT ? writer_of(program, part) : NULL;
    struct buffer out = {0};
    while (input_fill(input, batch) == INPUT_FILLED) {
        run.leads += batch->leads;
        if (part >= PART_MACHINE) machine_run(machine, batch);
        if (!results) continue;
        results_batch(results, machine, NULL, &out);
        run.written += out.length;
        buffer_reset(&out);
    }
    input_finish(input);
    run.events = input_summary(input)->events;
    run.bytes = input_bytes_read(input);
    buffer_free(&out);
    results_free(results);
    machine_free(machine);
    batch_free(batch);
    input_close(input);
    run.seconds = seconds() - run.seconds;
    return run;
}

static double memory_bandwidth(void)
{
    size_t bytes = (size_t)256 << 20;
    char *from = malloc(bytes), *to = malloc(bytes);
    double best = 1e9;
    if (!from || !to) return 0;
    memset(from, 1, bytes);
    memset(to, 2, bytes);
    for (int round = 0; round < 5; round++) {
        double start = seconds();
        memcpy(to, from, bytes);
        from[round] = to[bytes - 1];
        double took = seconds() - start;
        if (took < best) best = took;
    }
    free(from);
    free(to);
    return 2 * (double)bytes / best / 1e9;
}

int main(int count, char **arguments)
{
    if (count < 3) {
        fprintf(stderr, "parts RUBRIC LEADS [ROUNDS]\n");
        return 2;
    }
    int rounds = count > 3 ? (int)strtol(arguments[3], NULL, 10) : 5;
    if (rounds < 1 || rounds > MOST_ROUNDS) rounds = 5;
    struct compilation *compilation = compilation_new();
    if (!compilation_load(compilation, arguments[1], NULL, 0) || compilation->diags.errors) {
        fprintf(stderr, "parts: %s has errors\n", arguments[1]);
        return 1;
    }
    struct program *program = compilation_emit(compilation, NO_INDEX, NULL);
    static double times[PARTS][MOST_ROUNDS];
    struct run last[PARTS];
    for (int round = 0; round < rounds; round++)
        for (int part = 0; part < PARTS; part++) {
            last[part] = run_part(program, arguments[2], (enum part)part);
            times[part][round] = last[part].seconds;
        }
    double speed = cycles_a_second(), leads = (double)last[PART_READER].leads,
           bytes = (double)last[PART_READER].bytes;
    printf("%s over %s: %.0f leads, %.1f events and %.0f bytes each; memory %.1f GB/s\n", arguments[1], arguments[2],
           leads, (double)last[PART_READER].events / leads, bytes / leads, memory_bandwidth());
    printf("  %-36s %9s %9s %9s %9s %11s %12s\n", "", "median s", "fastest", "ns/lead", "GB/s", "cycles/byte",
           "added ns/lead");
    for (int part = 0; part < PARTS; part++) {
        qsort(times[part], (size_t)rounds, sizeof(double), compare);
        double median = times[part][rounds / 2],
               base = part == 0 ? 0 : times[part > PART_SHORT ? PART_MACHINE : part - 1][rounds / 2];
        printf("  %-36s %9.4f %9.4f %9.1f %9.2f", names[part], median, times[part][0], median * 1e9 / leads,
               bytes / median / 1e9);
        if (speed > 0)
            printf(" %11.2f", median * speed / bytes);
        else
            printf(" %11s", "-");
        printf(" %12.1f", (median - base) * 1e9 / leads);
        if (part >= PART_SHORT)
            printf("  (%.0f bytes a lead, %.2f GB/s)", (double)last[part].written / leads,
                   (double)last[part].written / (median - base) / 1e9);
        printf("\n");
    }
    program_free(program);
    compilation_free(compilation);
    return 0;
}
