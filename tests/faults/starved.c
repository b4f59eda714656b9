/* Linked into the program with --wrap, so that it works under ASan too, where nothing can be preloaded before malloc:
     RUBRIC_STARVED=N          the N-th allocation fails; with a minus before it that one and all later ones
     RUBRIC_STARVED_HIT=FILE   is made when it did */
#include <fcntl.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

void *__real_malloc(size_t bytes);
void *__real_calloc(size_t count, size_t bytes);
void *__real_realloc(void *block, size_t bytes);
void *__wrap_malloc(size_t bytes);
void *__wrap_calloc(size_t count, size_t bytes);
void *__wrap_realloc(void *block, size_t bytes);

static atomic_long calls;

static bool strikes(void)
{
    const char *at = getenv("RUBRIC_STARVED"), *hit = getenv("RUBRIC_STARVED_HIT");
    long number = at ? labs(atol(at)) : 0, call = atomic_fetch_add(&calls, 1) + 1;
    if (number == 0 || (call != number && !(*at == '-' && call > number)))
        return false;
    int file = hit ? open(hit, O_CREAT | O_WRONLY, 0600) : -1;
    if (file >= 0)
        close(file);
    return true;
}

void *__wrap_malloc(size_t bytes) { return strikes() ? NULL : __real_malloc(bytes); }
void *__wrap_calloc(size_t count, size_t bytes) { return strikes() ? NULL : __real_calloc(count, bytes); }
void *__wrap_realloc(void *block, size_t bytes) { return strikes() ? NULL : __real_realloc(block, bytes); }
