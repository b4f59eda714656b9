/* What becomes of a run when the machine fails under it:  faults PROGRAM PRELOAD ROOT [--long]
   Every case runs the program as a user does and asks: the exit status, a message that names what failed, the output whole, as it was
   before, or absent, never half, and nothing left lying about.  --long: every allocation, not a sample of them. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/securebits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static const char *program, *preload;
static bool all_of_them;
static size_t passed, failed;

static void check(bool fine, const char *what, const char *detail)
{
    if (fine) { passed++; return; }
    failed++;
    printf("FAILED %s: %s\n", what, detail);
}

/* ---- running ---- */

#define MOST_WORDS 24
struct run {
    const char *words[MOST_WORDS];
    const char *fault;                                  /* RUBRIC_FAULT, or NULL */
    const char *to;                                     /* standard output: a path; NULL: nothing reads it; "closed": a pipe nobody reads */
    long kill_after;                                    /* microseconds, 0: never */
    long most_bytes;                                    /* ulimit -f, in bytes */
    bool bound;                                         /* by permissions, as root is not, who may write anywhere */
    int status, signal;
    char errors[8192];
};

/* Root without what makes it root: it stays the owner of its files, so the program is found even below a home that nobody else
   may enter.  What is executed does not get the rights back. */
static bool be_bound(void)
{
    struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
    struct __user_cap_data_struct none[2] = { 0 };
    return prctl(PR_SET_SECUREBITS, SECBIT_NOROOT) == 0 && syscall(SYS_capset, &header, none) == 0;
}

static void child(const struct run *run, int errors)
{
    int out = -1, ends[2];
    if (run->to && strcmp(run->to, "closed") == 0) {
        if (pipe(ends) == 0) { close(ends[0]); out = ends[1]; }
    } else out = open(run->to ? run->to : "/dev/null", O_WRONLY | O_CREAT | O_TRUNC, 0644);
    int nothing = open("/dev/null", O_RDONLY);
    dup2(nothing, 0);
    dup2(out, 1);
    dup2(errors, 2);
    unlink("hit");
    if (run->fault) {
        setenv("LD_PRELOAD", preload, 1);
        setenv("RUBRIC_FAULT", run->fault, 1);
        setenv("RUBRIC_FAULT_HIT", "hit", 1);
    }
    if (run->most_bytes) {
        struct rlimit limit = { (rlim_t)run->most_bytes, (rlim_t)run->most_bytes };
        setrlimit(RLIMIT_FSIZE, &limit);
    }
    if (run->bound && !be_bound()) _exit(99);
    const char *words[MOST_WORDS + 2] = { program };
    for (int i = 0; i < MOST_WORDS && run->words[i]; i++) words[i + 1] = run->words[i];
    execv(program, (char *const *)(size_t)words);
    _exit(98);
}

static void run(struct run *run)
{
    int errors[2];
    size_t got = 0;
    ssize_t more;
    if (pipe(errors) != 0) exit(2);
    fflush(stdout);
    pid_t process = fork();
    if (process == 0) { close(errors[0]); child(run, errors[1]); }
    close(errors[1]);
    if (run->kill_after) {
        struct timespec wait = { run->kill_after / 1000000, run->kill_after % 1000000 * 1000 };
        nanosleep(&wait, NULL);
        kill(process, SIGKILL);
    }
    while (got + 1 < sizeof run->errors && (more = read(errors[0], run->errors + got, sizeof run->errors - 1 - got)) > 0) got += (size_t)more;
    run->errors[got] = 0;
    close(errors[0]);
    int status;
    waitpid(process, &status, 0);
    run->signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    run->status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* ---- files ---- */

static char *contents(const char *path, size_t *length)
{
    FILE *file = fopen(path, "rb");
    if (!file) return NULL;
    fseek(file, 0, SEEK_END);
    long size = ftell(file);
    rewind(file);
    char *bytes = calloc(1, (size_t)size + 1);
    *length = bytes ? fread(bytes, 1, (size_t)size, file) : 0;
    fclose(file);
    return bytes;
}

static bool same(const char *a, const char *b)
{
    size_t first = 0, second = 0;
    char *one = contents(a, &first), *other = contents(b, &second);
    bool equal = one && other && first == second && memcmp(one, other, first) == 0;
    free(one);
    free(other);
    return equal;
}

static bool there(const char *path) { return access(path, F_OK) == 0; }

static void put(const char *path, const char *text)
{
    FILE *file = fopen(path, "wb");
    if (!file || fputs(text, file) < 0 || fclose(file) != 0) exit(2);
}

/* Files in the folder beside those with these names. */
static size_t strangers(const char *folder, const char *const *names, char *first, size_t room)
{
    size_t count = 0;
    DIR *directory = opendir(folder);
    for (struct dirent *entry; directory && (entry = readdir(directory));) {
        bool known = entry->d_name[0] == '.';
        for (int i = 0; names[i]; i++) known |= strcmp(names[i], entry->d_name) == 0;
        if (!known && count++ == 0) snprintf(first, room, "%s", entry->d_name);
    }
    if (directory) closedir(directory);
    return count;
}

/* ---- the leads ---- */

#define LEADS 20000
static const char rubric_text[] =
    "rubric \"Faults\"\nlead\n  id text key\n  title text\n  n number\nevent visit\nscore s\n"
    "rule a in s\n  when title has word any of (\"CEO\", \"CTO\")\n  points +10\n  because \"a\"\n"
    "rule b in s\n  points +1 for each visit within 30 days, at most 3 times\n  because \"b\"\n"
    "rule c in s\n  points by n\n    below 10: 1\n    from 10: 2\n  because \"c\"\n"
    "stage Lead\nstage Hot when s >= 10\ntest \"ceo\"\n  given title \"CEO\"\n  expect s is 10\n";

static void make_leads(void)
{
    FILE *leads = fopen("leads.ndjson", "wb"), *few = fopen("few.ndjson", "wb"), *csv = fopen("few.csv", "wb"), *events = fopen("events.csv", "wb");
    if (!leads || !few || !csv || !events) exit(2);
    fputs("id,title,n\n", csv);
    fputs("lead,type,at\n", events);
    for (int i = 0; i < LEADS; i++) {
        for (int to = 0; to < 2; to++) {
            FILE *file = to ? few : leads;
            if (to && i >= 40) break;
            if (i % 10 == 7) fprintf(file, "{\"id\":\"%d\",\"title\":\n", i);
            else fprintf(file, "{\"id\":\"%d\",\"title\":\"%s\",\"n\":%d,\"events\":[{\"type\":\"visit\",\"at\":\"2026-11-0%d\"}]}\n", i, i % 3 ? "CEO" : "Intern", i, 1 + i % 9);
        }
        if (i < 40) fprintf(csv, "%d,%s,%d\n", i, i % 3 ? "CEO" : "\"Intern, \"\"x\"\"\"", i);
        if (i < 40) fprintf(events, "%d,visit,2026-11-0%d\n", i, 1 + i % 9);
    }
    if (fclose(leads) | fclose(few) | fclose(csv) | fclose(events)) exit(2);
}

#define AS_OF "--as-of", "2026-11-22"
#define SCORE(leads) "score", "r.rubric", leads, AS_OF

/* ---- the cases ---- */

static const char *const out_names[] = { "out", "rejects", NULL };

/* With a fault at call n: the results are whole, as they were before the run, or absent. */
static bool sound(struct run *tried, const char *good, bool was_there, const char *what)
{
    char detail[600], stranger[300] = "";
    bool whole = same("o/out", good), before = was_there ? same("o/out", "before") : !there("o/out");
    /* Whole all the same when what failed is the last look at a standard output that had nothing to say. */
    bool late = whole && strstr(tried->errors, "standard output");
    bool fine = tried->signal == 0 && (tried->status == 0 ? whole : tried->status == 3 && (before || late));
    bool said = tried->status == 0 || strstr(tried->errors, "rubric: ");
    size_t left = strangers("o", out_names, stranger, sizeof stranger);
    snprintf(detail, sizeof detail, "exit %d, signal %d, output %s, left behind: %s, said: %.200s", tried->status, tried->signal,
             whole ? "whole" : before ? "as before" : "HALF", left ? stranger : "nothing", tried->errors);
    check(fine && said && left == 0, what, detail);
    return fine;
}

static void prepare(bool was_there)
{
    unlink("o/rejects");
    if (was_there) put("o/out", "what was there before\n");
    else unlink("o/out");
}

/* Writing, flushing, syncing and naming fail at their n-th call, for each n until the run has no n-th one. */
static void failing_output(const char *leads, const char *good)
{
    static const struct { const char *call; int problem; } faults[] = { { "write", ENOSPC }, { "write", EIO }, { "flush", ENOSPC }, { "sync", EIO }, { "name", EACCES } };
    put("before", "what was there before\n");
    for (size_t f = 0; f < sizeof faults / sizeof *faults; f++) {
        for (int n = 1;; n++) {
            char fault[64], what[128];
            snprintf(fault, sizeof fault, "%s:%d:%d", faults[f].call, n, faults[f].problem);
            snprintf(what, sizeof what, "%s, %s", leads, fault);
            prepare(n % 2);
            struct run tried = { .words = { SCORE(leads), "-o", "o/out", "--rejects", "o/rejects", "-q" }, .fault = fault };
            run(&tried);
            sound(&tried, good, n % 2, what);
            if (!there("hit") || n > 40) break;
            if (tried.status == 0) check(false, what, "the fault struck and nobody noticed");
        }
    }
}

static void failing_input(const char *good)
{
    static const char *const inputs[] = { "few.ndjson", "few.csv" };
    for (size_t i = 0; i < 2; i++) {
        for (int n = 1; n <= 20; n++) {
            char fault[64];
            snprintf(fault, sizeof fault, "read:%d:%d", n, EIO);
            prepare(false);
            struct run tried = { .words = { SCORE(inputs[i]), "-o", "o/out", "-q", "--events", "events.csv" }, .fault = fault };
            run(&tried);
            if (!there("hit")) break;
            check(tried.status == 3 && tried.signal == 0 && !there("o/out") && strstr(tried.errors, "Input/output error"), fault, tried.errors);
        }
    }
    (void)good;
}

static void full_disk(void)
{
    struct run full = { .words = { SCORE("leads.ndjson"), "-q" }, .to = "/dev/full" };
    run(&full);
    check(full.status == 3 && strstr(full.errors, "No space left on device") && strstr(full.errors, "make room"), "full disk", full.errors);
    struct run device = { .words = { SCORE("few.ndjson"), "-q", "-o", "/dev/full" } };
    run(&device);
    check(device.status == 3 && strstr(device.errors, "/dev/full"), "-o /dev/full", device.errors);
    struct run closed = { .words = { SCORE("leads.ndjson"), "-q" }, .to = "closed" };
    run(&closed);
    check(closed.status == 3 && closed.signal == 0 && strstr(closed.errors, "stopped reading"), "closed pipe", closed.errors);
    prepare(false);
    struct run limited = { .words = { SCORE("leads.ndjson"), "-q", "-o", "o/out" }, .most_bytes = 65536 };
    run(&limited);
    check(limited.status == 3 && limited.signal == 0 && !there("o/out") && strstr(limited.errors, "ulimit"), "ulimit -f", limited.errors);
    struct run compiled = { .words = { "compile", "r.rubric", "-o", "/dev/full" } };
    run(&compiled);
    check(compiled.status == 3, "compile -o /dev/full", compiled.errors);
    static const char *const verbs[] = { "check", "test", "disasm", "fmt" };
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++) {
        struct run verb = { .words = { verbs[i], strcmp(verbs[i], "fmt") ? "r.rubric" : "-" }, .to = "/dev/full" };
        run(&verb);
        if (strcmp(verbs[i], "fmt") != 0) check(verb.status == 3 && strstr(verb.errors, "standard output"), verbs[i], verb.errors);
    }
}

static void read_only_folder(void)
{
    if (mkdir("locked", 0555) != 0 && errno != EEXIST) exit(2);
    struct run locked = { .words = { SCORE("few.ndjson"), "-q", "-o", "locked/out" }, .bound = geteuid() == 0 };
    run(&locked);
    check(locked.status == 3 && strstr(locked.errors, "may write to") && !there("locked/out"), "read-only folder", locked.errors);
    struct run rejects = { .words = { SCORE("few.ndjson"), "-q", "--rejects", "locked/rejects" }, .bound = geteuid() == 0 };
    run(&rejects);
    check(rejects.status == 3 && strstr(rejects.errors, "may write to"), "read-only folder for rejects", rejects.errors);
    rmdir("locked");
    struct run folder = { .words = { SCORE("few.ndjson"), "-q", "-o", "o" } };
    run(&folder);
    check(folder.status == 3, "-o a folder", folder.errors);
    struct run missing = { .words = { SCORE("few.ndjson"), "-q", "-o", "nowhere/out" } };
    run(&missing);
    check(missing.status == 3 && strstr(missing.errors, "make the folder"), "-o into a folder that is not there", missing.errors);
}

/* Killed at random moments of its life, a run leaves the old results or the new ones.  Between giving the new file a name and giving
   it the old one's place it may leave a NAME.rubric-part; the next run takes that away. */
static void killed(const char *good, int times)
{
    struct timespec start, end;
    struct run whole = { .words = { SCORE("leads.ndjson"), "-q", "-o", "o/out", "--rejects", "o/rejects" } };
    long took = 0;
    for (int i = 0; i < 5; i++) {                       /* the slowest of five */
        prepare(true);
        clock_gettime(CLOCK_MONOTONIC, &start);
        run(&whole);
        clock_gettime(CLOCK_MONOTONIC, &end);
        long now = (end.tv_sec - start.tv_sec) * 1000000 + (end.tv_nsec - start.tv_nsec) / 1000;
        took = now > took ? now : took;
    }
    int done = 0, before = 0, parts = 0;
    srandom((unsigned)start.tv_nsec);
    for (int i = 0; i < times; i++) {
        char detail[400], stranger[300] = "nothing";
        prepare(true);
        whole.kill_after = 1 + random() % (took * 15 / 10);
        run(&whole);
        bool now = same("o/out", good), then = same("o/out", "before");
        size_t left = strangers("o", out_names, stranger, sizeof stranger);
        snprintf(detail, sizeof detail, "after %ld of %ld us: %s, left behind: %s", whole.kill_after, took, now ? "whole" : then ? "as before" : "HALF", stranger);
        check((now || then) && (left == 0 || strstr(stranger, ".rubric-part")) && (whole.signal == SIGKILL || now), "kill -9", detail);
        parts += left > 0;
        done += now;
        before += then;
    }
    printf("killed %d times within %ld us: the results were as before %d times, whole %d times; a part was left %d times\n", times, took, before, done, parts);
    char stranger[300] = "nothing";
    whole.kill_after = 0;
    run(&whole);
    check(whole.status == 0 && strangers("o", out_names, stranger, sizeof stranger) == 0, "the run after the killed ones takes their parts away", stranger);
}

/* Every allocation fails once: a sentence and exit 3, or nobody was hurt. */
static void no_memory(const char *name, const struct run *model, bool onward)
{
    long count = 0, hurt = 0, step = 1;
    struct run good = *model;
    good.to = "expected";
    run(&good);
    for (long n = 1;; n += step) {
        char fault[64], what[128], detail[600];
        snprintf(fault, sizeof fault, "memory:%ld%s:%d", n, onward ? "+" : "", ENOMEM);
        snprintf(what, sizeof what, "%s, %s", name, fault);
        struct run tried = *model;
        tried.fault = fault;
        tried.to = "got";
        run(&tried);
        if (!there("hit")) break;
        count++;
        hurt += tried.status == 3;
        snprintf(detail, sizeof detail, "exit %d, signal %d, said: %.300s", tried.status, tried.signal, tried.errors);
        bool message = strstr(tried.errors, "no memory") || strstr(tried.errors, "Cannot allocate memory");
        check(tried.signal == 0 && (tried.status == 3 ? message : tried.status == good.status && same("got", "expected")), what, detail);
        if (!all_of_them && n > 400) step = 7 + n / 40;
    }
    printf("no memory: %s: %ld allocations failed%s, %ld ended the run with a message\n", name, count, onward ? " and all after them" : "", hurt);
}

static void compressed(const char *tool, const char *from, const char *to)
{
    char command[200];
    snprintf(command, sizeof command, "%s -c %s > %s 2>/dev/null", tool, from, to);
    if (system(command) != 0) unlink(to);
}

static void out_of_memory(void)
{
    compressed("gzip", "few.ndjson", "few.gz");
    compressed("zstd -q", "few.ndjson", "few.zst");
    const struct run checks = { .words = { "check", "r.rubric", AS_OF } }, score = { .words = { SCORE("few.ndjson"), "-q", "--threads", "1" } };
    const struct run csv = { .words = { SCORE("few.csv"), "-q", "--events", "events.csv", "--format", "csv", "--encoding", "latin-1" } };
    const struct run packed = { .words = { SCORE(there("few.zst") ? "few.zst" : "few.gz"), "-q", "--format", "table" } };
    const struct run gzip = { .words = { SCORE("few.gz"), "-q" } };
    const struct run explain = { .words = { "explain", "r.rubric", "few.ndjson", AS_OF, "--lead", "4" } };
    const struct run bytecode = { .words = { "score", "r.rbc", "few.ndjson", AS_OF, "-q" } };
    no_memory("check", &checks, false);
    no_memory("check", &checks, true);
    no_memory("score", &score, false);
    no_memory("score", &score, true);
    no_memory("score a CSV with events", &csv, false);
    no_memory("score what is compressed", &packed, false);
    if (there("few.gz")) no_memory("score what is gzipped", &gzip, false);
    no_memory("score with bytecode", &bytecode, false);
    no_memory("explain", &explain, false);
    no_memory("explain", &explain, true);
    struct run thread = { .words = { SCORE("leads.ndjson"), "-q", "--threads", "4", "-o", "o/out" }, .fault = "thread:2+:11" };
    prepare(false);
    run(&thread);
    check(thread.status == 0 && there("o/out"), "no second thread", thread.errors);
}

/* Mended rejects are run again, and together all leads were scored. */
static void mended(void)
{
    struct run first = { .words = { SCORE("few.ndjson"), "-o", "o/out", "--rejects", "o/rejects" } };
    prepare(false);
    run(&first);
    check(first.status == 0 && strstr(first.errors, "40 leads read, 36 scored, 4 rejected"), "rejects are counted", first.errors);
    if (system("sed -i '/^{/s/$/\"CEO\"}/' o/rejects") != 0) exit(2);
    struct run again = { .words = { SCORE("o/rejects"), "-o", "o/out", "--rejects", "o/rejects" } };
    run(&again);
    check(again.status == 0 && strstr(again.errors, "4 leads read, 4 scored, 0 rejected"), "mended rejects are scored, into the very file they came from", again.errors);
}

int main(int count, char **words)
{
    if (count < 4) { fprintf(stderr, "faults PROGRAM PRELOAD FOLDER [--long]\n"); return 2; }
    program = realpath(words[1], NULL);
    preload = realpath(words[2], NULL);
    all_of_them = count > 4 && strcmp(words[4], "--long") == 0;
    if (!program || !preload || chdir(words[3]) != 0) { perror("faults"); return 2; }
    mkdir("o", 0755);
    chmod(".", 0755);
    put("r.rubric", rubric_text);
    put("before", "what was there before\n");
    make_leads();
    struct run compile = { .words = { "compile", "r.rubric", "-o", "r.rbc" } };
    run(&compile);
    struct run good = { .words = { SCORE("leads.ndjson"), "-q", "-o", "good" } }, few = { .words = { SCORE("few.ndjson"), "-q", "-o", "good-few" } };
    run(&good);
    run(&few);
    check(compile.status == 0 && good.status == 0 && few.status == 0 && there("good") && there("good-few"), "a run that nothing disturbs", good.errors);
    failing_output("few.ndjson", "good-few");
    failing_output("leads.ndjson", "good");
    failing_input("good-few");
    full_disk();
    read_only_folder();
    mended();
    killed("good", 200);
    out_of_memory();
    printf("faults: %zu passed, %zu failed\n", passed, failed);
    return failed > 0;
}
