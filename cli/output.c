/* Output that appears whole or not at all.  Where the file system can, it is written into a file without a name, which
   a killed process leaves nothing of; elsewhere into NAME.XXXXXX beside it.  Then it gets its name in one step. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/command.h"

/* What a person can do about it. */
static const char *advice(int problem)
{
    switch (problem) {
    case ENOSPC:
    case EDQUOT: return "; make room there, or write to another place";
    case EFBIG: return "; the file would be larger than this system or `ulimit -f` allows";
    case EACCES:
    case EPERM:
    case EROFS: return "; write to a folder that you may write to";
    case ENOENT:
    case ENOTDIR: return "; make the folder first";
    case EPIPE: return "; whoever read it has stopped reading";
    default: return "";
    }
}

static int say_problem(const char *path, int problem)
{
    say("rubric: %s: %s%s\n", path, problem ? strerror(problem) : "could not be written", advice(problem));
    return EXIT_MACHINE;
}

int output_problem(const struct output *output)
{
    return say_problem(output->path ? output->path : "standard output", errno);
}

static char *text_of(const char *text, size_t length, size_t more)
{
    char *copy = memory_alloc(length + more + 1);
    memcpy(copy, text, length);
    return copy;
}

/* Opens what becomes the file; -1 with errno. */
static int open_beside(struct output *output, const struct stat *old)
{
    const char *slash = strrchr(output->path, '/');
    char *folder = slash ? text_of(output->path, slash == output->path ? 1 : (size_t)(slash - output->path), 0)
                         : text_of(".", 1, 0);
    int file = open(folder, O_TMPFILE | O_WRONLY | O_CLOEXEC, 0666);
    output->nameless = file >= 0;
    free(folder);
    output->beside = text_of(output->path, strlen(output->path), 32);
    if (file < 0 && (errno == EOPNOTSUPP || errno == EISDIR || errno == EINVAL || errno == ENOENT)) {
        strcat(output->beside, ".XXXXXX");
        file = mkstemp(output->beside);
        mode_t mask = umask(0);
        umask(mask);
        if (file >= 0) fchmod(file, 0666 & ~mask);
    }
    if (file >= 0 && old) fchmod(file, old->st_mode & 07777); /* who could not read the old one cannot read this one */
    return file;
}

int output_open(struct output *output, const char *path)
{
    *output = (struct output) { 0 };
    if (!path || strcmp(path, "-") == 0) {
        output->stream = stdout;
        return EXIT_FINE;
    }
    struct stat facts;
    bool there = stat(path, &facts) == 0;
    output->path = there ? realpath(path, NULL) : NULL; /* a link stays a link */
    if (!output->path) output->path = text_of(path, strlen(path), 0);
    int file = -1;
    if (there && S_ISDIR(facts.st_mode)) errno = EISDIR;
    else if (there && !S_ISREG(facts.st_mode))
        file = open(path, O_WRONLY | O_CLOEXEC); /* a device or a pipe has no beside */
    else file = open_beside(output, there ? &facts : NULL);
    if (file >= 0) output->stream = fdopen(file, "wb");
    if (output->stream) return EXIT_FINE;
    say_problem(path, errno);
    if (file >= 0) close(file);
    free(output->path);
    free(output->beside);
    *output = (struct output) { 0 };
    return EXIT_MACHINE;
}

bool output_write(struct output *output, const struct buffer *buffer)
{
    return buffer->length == 0 || fwrite(buffer->data, 1, buffer->length, output->stream) == buffer->length;
}

void output_abandon(struct output *output)
{
    if (output->stream && output->stream != stdout) fclose(output->stream);
    if (output->beside && !output->nameless) unlink(output->beside);
    free(output->path);
    free(output->beside);
    *output = (struct output) { 0 };
}

/* Gives the nameless file its name.  Where there is a file of that name already it takes two steps, and who is killed between them
   leaves NAME.rubric-part, which is whole and which the next run to the same place takes away. */
static bool name_file(struct output *output, int file)
{
    char self[64];
    snprintf(self, sizeof self, "/proc/self/fd/%d", file);
    strcpy(output->beside + strlen(output->path), ".rubric-part");
    for (int tries = 0; tries < 100; tries++) {         /* two runs to one place may take each other's part away */
        unlink(output->beside);
        if (linkat(AT_FDCWD, self, AT_FDCWD, output->path, AT_SYMLINK_FOLLOW) == 0) return true;
        if (errno != EEXIST || linkat(AT_FDCWD, self, AT_FDCWD, output->beside, AT_SYMLINK_FOLLOW) != 0) {
            if (errno != EEXIST) return false;
            continue;
        }
        if (rename(output->beside, output->path) == 0) return true;
        if (errno != ENOENT) { int problem = errno; unlink(output->beside); errno = problem; return false; }
    }
    return false;
}

int output_commit(struct output *output)
{
    errno = 0;
    bool fine = fflush(output->stream) == 0 && !ferror(output->stream);
    if (output->stream != stdout) {
        if (fine && output->beside) fine = fsync(fileno(output->stream)) == 0;
        int file = fine && output->nameless ? dup(fileno(output->stream)) : -1;     /* without a descriptor it would be gone */
        fine = fine && (file >= 0 || !output->nameless);
        int problem = errno;
        fine = fclose(output->stream) == 0 && fine;
        if (!fine && problem) errno = problem;
        output->stream = NULL;
        if (fine && output->nameless) fine = name_file(output, file);
        else if (fine && output->beside) fine = rename(output->beside, output->path) == 0;
        problem = errno;
        if (file >= 0) close(file);
        errno = problem;
    }
    int status = fine ? EXIT_FINE : output_problem(output);
    if (!fine && output->beside && !output->nameless) unlink(output->beside);
    free(output->path);
    free(output->beside);
    *output = (struct output) { 0 };
    return status;
}
