/* Runs a fuzz target over files, each in a process of its own, without any fuzzer:  replay FILE|FOLDER …
   Says which one fails; the last line is `NAME: N passed, N failed`.  With a single file and --here it runs in this process, for a
   debugger. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/fuzz/fuzz.h"
#include "vm/memory.h"

#define SECONDS_A_FILE 60

struct counts { size_t passed, failed; };

static void run_here(const char *path)
{
    struct buffer text = { 0 };
    char block[65536];
    size_t got;
    FILE *file = fopen(path, "rb");
    if (!file) { perror(path); exit(2); }
    while ((got = fread(block, 1, sizeof block, file)) > 0) buffer_add(&text, block, got);
    fclose(file);
    /* A copy of just that size, so that a read behind its end is seen. */
    uint8_t *exact = malloc(text.length ? text.length : 1);
    if (!exact) exit(2);
    if (text.length) memcpy(exact, text.data, text.length);
    LLVMFuzzerTestOneInput(exact, text.length);
    free(exact);
    buffer_free(&text);
}

static void run_file(const char *path, struct counts *counts)
{
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        alarm(SECONDS_A_FILE);
        run_here(path);
        exit(0);
    }
    int status = 0;
    if (child < 0 || waitpid(child, &status, 0) != child) { perror("fork"); exit(2); }
    if (status == 0) { counts->passed++; return; }
    counts->failed++;
    if (WIFSIGNALED(status)) printf("FAILED %s: signal %d\n", path, WTERMSIG(status));
    else printf("FAILED %s: exit %d\n", path, WEXITSTATUS(status));
}

static int by_name(const struct dirent **a, const struct dirent **b) { return strcmp((*a)->d_name, (*b)->d_name); }

static void run_path(const char *path, struct counts *counts)
{
    struct stat facts;
    if (stat(path, &facts) != 0) return;                /* a target without kept files has no folder */
    if (!S_ISDIR(facts.st_mode)) { run_file(path, counts); return; }
    struct dirent **entries;
    int count = scandir(path, &entries, NULL, by_name);
    for (int i = 0; i < count; i++) {
        char inside[4096];
        if (entries[i]->d_name[0] != '.') {
            snprintf(inside, sizeof inside, "%s/%s", path, entries[i]->d_name);
            run_path(inside, counts);
        }
        free(entries[i]);
    }
    if (count >= 0) free(entries);
}

int main(int count, char **arguments)
{
    struct counts counts = { 0 };
    if (count == 3 && strcmp(arguments[1], "--here") == 0) { run_here(arguments[2]); return 0; }
    for (int i = 1; i < count; i++) run_path(arguments[i], &counts);
    const char *slash = strrchr(arguments[0], '/');
    printf("%s: %zu passed, %zu failed\n", slash ? slash + 1 : arguments[0], counts.passed, counts.failed);
    return counts.failed || counts.passed == 0;
}
