/* Preloaded into the program by faults.c: lets the machine fail at a chosen moment.
     RUBRIC_FAULT=CALL:N:ERRNO    the N-th call of CALL fails with ERRNO; with `+` behind N that one and all later ones
     RUBRIC_FAULT_HIT=FILE        is made when the fault struck
   CALL is write (fwrite, write), flush (fflush, fclose), sync (fsync), name (rename, linkat), read (fread, read), memory (malloc,
   calloc, realloc, by whomever), thread (pthread_create). */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char call_name[16];
static long call_number;
static int call_errno;
static bool call_onward;
static atomic_long calls;

extern void *__libc_malloc(size_t bytes);
extern void *__libc_calloc(size_t count, size_t bytes);
extern void *__libc_realloc(void *block, size_t bytes);

/* Before anything of the program runs; getenv and sscanf allocate nothing. */
__attribute__((constructor)) static void read_fault(void)
{
    const char *fault = getenv("RUBRIC_FAULT");
    char onward = 0;
    if (!fault || sscanf(fault, "%15[a-z]:%ld%c", call_name, &call_number, &onward) < 2) return;
    call_onward = onward == '+';
    call_errno = atoi(strrchr(fault, ':') + 1);
}

static bool strikes(const char *name)
{
    if (call_number == 0 || strcmp(name, call_name) != 0) return false;
    long number = atomic_fetch_add(&calls, 1) + 1;
    if (number != call_number && !(call_onward && number > call_number)) return false;
    const char *hit = getenv("RUBRIC_FAULT_HIT");
    int file = hit ? open(hit, O_CREAT | O_WRONLY, 0600) : -1;
    if (file >= 0) close(file);
    errno = call_errno;
    return true;
}

#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))
#define SEEN_ERROR 0x20                                 /* glibc's own flags: ferror() must say so */
#define READS_ONLY 0x08

size_t fwrite(const void *bytes, size_t size, size_t count, FILE *stream)
{
    if (stream != stderr && strikes("write")) { stream->_flags |= SEEN_ERROR; return 0; }
    return NEXT(fwrite)(bytes, size, count, stream);
}
ssize_t write(int file, const void *bytes, size_t count)
{
    return file != STDERR_FILENO && strikes("write") ? -1 : NEXT(write)(file, bytes, count);
}
int fflush(FILE *stream)
{
    if (stream && stream != stderr && strikes("flush")) { stream->_flags |= SEEN_ERROR; return EOF; }
    return NEXT(fflush)(stream);
}
int fclose(FILE *stream)
{
    bool fails = !(stream->_flags & READS_ONLY) && strikes("flush");
    int result = NEXT(fclose)(stream);
    if (fails) errno = call_errno;
    return fails ? EOF : result;
}
int fsync(int file) { return strikes("sync") ? -1 : NEXT(fsync)(file); }
int rename(const char *from, const char *to) { return strikes("name") ? -1 : NEXT(rename)(from, to); }
int linkat(int from_folder, const char *from, int to_folder, const char *to, int flags)
{
    return strikes("name") ? -1 : NEXT(linkat)(from_folder, from, to_folder, to, flags);
}
size_t fread(void *bytes, size_t size, size_t count, FILE *stream)
{
    if (strikes("read")) { stream->_flags |= SEEN_ERROR; return 0; }
    return NEXT(fread)(bytes, size, count, stream);
}
ssize_t read(int file, void *bytes, size_t count) { return strikes("read") ? -1 : NEXT(read)(file, bytes, count); }

void *malloc(size_t bytes) { return strikes("memory") ? NULL : __libc_malloc(bytes); }
void *calloc(size_t count, size_t bytes) { return strikes("memory") ? NULL : __libc_calloc(count, bytes); }
void *realloc(void *block, size_t bytes) { return strikes("memory") ? NULL : __libc_realloc(block, bytes); }

int pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*start)(void *), void *argument)
{
    return strikes("thread") ? call_errno : NEXT(pthread_create)(thread, attributes, start, argument);
}
