/* Runs commands against each other so that a busy machine does not favour one of them: in every round each runs once,
   in turn, pinned; the table shows medians with the fastest and slowest run, and processor time beside wall time,
   because only the first is our own when others share the machine.

     race --rounds N --folder FOR_OUTPUTS --history FILE --machine TEXT --commit TEXT < cases

   A case is a line of fields parted by tabs:
     group, name, processors ("0", "0,1", "-": any), check, leads, bytes, command
   `check`: "exact" and "lines" outputs of a group must be the same (exact: also in order), "-": not compared.  In the
   command {out} is the file it writes.  The first case of a group is what the ratios are of: its time over the case's
   (above 1: faster), of wall time and of processor time.
   Exit status 1 when a command fails or an output differs. */
#include <fcntl.h>
#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MOST_CASES 200
#define MOST_ROUNDS 101

struct race_case {
    char *group, *name, *processors, *check, *command;
    double leads, bytes, wall[MOST_ROUNDS], cpu[MOST_ROUNDS];
    long peak;
    uint64_t in_order, any_order;
    bool failed, different;
};

static int compare(const void *a, const void *b)
{
    double left = *(const double *)a, right = *(const double *)b;
    return (left > right) - (left < right);
}

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static void pin(const char *processors)
{
    if (strcmp(processors, "-") == 0) return;
    cpu_set_t set;
    CPU_ZERO(&set);
    for (const char *at = processors; *at; at += *at == ',') CPU_SET(strtoul(at, (char **)(void *)&at, 10), &set);
    sched_setaffinity(0, sizeof set, &set); /* fewer processors than hoped for: it runs where it can */
}

static char *with_out(const char *command, const char *out)
{
    size_t length = strlen(command) + 1;
    for (const char *at = command; (at = strstr(at, "{out}")); at += 5) length += strlen(out);
    char *made = malloc(length), *to = made;
    if (!made) abort();
    for (const char *at = command; *at;) {
        if (strncmp(at, "{out}", 5) == 0) {
            to = stpcpy(to, out);
            at += 5;
        } else
            *to++ = *at++;
    }
    *to = '\0';
    return made;
}

static void run(struct race_case *the_case, int round, const char *out)
{
    char *command = with_out(the_case->command, out);
    bool shell = strpbrk(command, "|<>&;") != NULL;
    char *words[256], *copy = strdup(command);
    int count = 0;
    for (char *word = strtok(copy, " "); word && count < 255; word = strtok(NULL, " ")) words[count++] = word;
    words[count] = NULL;
    unlink(out);
    double start = seconds();
    pid_t child = fork();
    if (child == 0) {
        pin(the_case->processors);
        int nothing = open("/dev/null", O_WRONLY);
        if (nothing >= 0) dup2(nothing, STDOUT_FILENO);
        if (shell)
            execl("/bin/sh", "sh", "-c", command, (char *)NULL);
        else
            execvp(words[0], words);
        perror(words[0]);
        _exit(127);
    }
    int status = 0;
    struct rusage used;
    if (child < 0 || wait4(child, &status, 0, &used) < 0) {
        perror("race");
        exit(3);
    }
    the_case->wall[round] = seconds() - start;
    the_case->cpu[round] = (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
                           1e-6 * (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec);
    if (used.ru_maxrss > the_case->peak) the_case->peak = used.ru_maxrss;
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) the_case->failed = true;
    free(command);
    free(copy);
}

/* Sums of an output: one that knows the order of its lines, one that does not. */
static void sum_output(struct race_case *the_case, const char *out)
{
    FILE *file = fopen(out, "rb");
    if (!file) {
        the_case->failed = true;
        return;
    }
    uint64_t all = 14695981039346656037u, line = all, lines = 0;
    static char bytes[1 << 16];
    size_t got;
    while ((got = fread(bytes, 1, sizeof bytes, file)) > 0)
        for (size_t at = 0; at < got; at++) {
            line = (line ^ (unsigned char)bytes[at]) * 1099511628211u;
            if (bytes[at] != '\n') continue;
            lines += line * (line >> 32 | 1);
            all = (all ^ line) * 1099511628211u;
            line = 14695981039346656037u;
        }
    fclose(file);
    the_case->in_order = all;
    the_case->any_order = lines;
}

static char *field(char **rest)
{
    char *start = *rest, *tab = strchr(start, '\t');
    if (!tab) {
        fprintf(stderr, "race: a case has too few fields: %s\n", start);
        exit(2);
    }
    *tab = '\0';
    *rest = tab + 1;
    return start;
}

static size_t read_cases(struct race_case *cases)
{
    char *line = NULL;
    size_t capacity = 0, count = 0;
    ssize_t length;
    while ((length = getline(&line, &capacity, stdin)) > 0 && count < MOST_CASES) {
        if (line[length - 1] == '\n') line[length - 1] = '\0';
        if (line[0] == '\0' || line[0] == '#') continue;
        char *rest = strdup(line);
        struct race_case *the_case = &cases[count++];
        the_case->group = field(&rest);
        the_case->name = field(&rest);
        the_case->processors = field(&rest);
        the_case->check = field(&rest);
        the_case->leads = strtod(field(&rest), NULL);
        the_case->bytes = strtod(field(&rest), NULL);
        the_case->command = rest;
    }
    free(line);
    return count;
}

static void print_rate(double rate)
{
    if (rate >= 1e6)
        printf(" %9.2f M", rate / 1e6);
    else if (rate > 0)
        printf(" %9.0f k", rate / 1e3);
    else
        printf(" %11s", "-");
}

int main(int count, char **arguments)
{
    int rounds = 5;
    const char *history = NULL, *machine = "", *commit = "", *folder = ".";
    for (int at = 1; at + 1 < count; at += 2) {
        if (strcmp(arguments[at], "--rounds") == 0)
            rounds = (int)strtol(arguments[at + 1], NULL, 10);
        else if (strcmp(arguments[at], "--folder") == 0)
            folder = arguments[at + 1];
        else if (strcmp(arguments[at], "--history") == 0)
            history = arguments[at + 1];
        else if (strcmp(arguments[at], "--machine") == 0)
            machine = arguments[at + 1];
        else if (strcmp(arguments[at], "--commit") == 0)
            commit = arguments[at + 1];
        else {
            fprintf(stderr, "race: no option %s\n", arguments[at]);
            return 2;
        }
    }
    if (rounds < 1) rounds = 1;
    if (rounds > MOST_ROUNDS) rounds = MOST_ROUNDS;
    static struct race_case cases[MOST_CASES];
    size_t case_count = read_cases(cases);
    char out[4096];
    snprintf(out, sizeof out, "%s/race-%ld.out", folder, (long)getpid());
    bool fine = true;
    FILE *log = history ? fopen(history, "a") : NULL;
    if (history && !log) {
        perror(history);
        return 3;
    }
    if (log && ftell(log) == 0)
        fprintf(log, "date,machine,commit,group,case,median_s,fastest_s,slowest_s,cpu_s,peak_kib,ratio,cpu_ratio\n");
    char date[32];
    time_t now = time(NULL);
    strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%SZ", gmtime(&now));
    for (size_t first = 0, end; first < case_count; first = end) {
        for (end = first + 1; end < case_count && strcmp(cases[end].group, cases[first].group) == 0;) end++;
        for (int round = -1; round < rounds; round++) /* the round before the first only warms up and is checked */
            for (size_t at = first; at < end; at++) {
                run(&cases[at], round < 0 ? 0 : round, out);
                if (round < 0 && strcmp(cases[at].check, "-") != 0) sum_output(&cases[at], out);
            }
        unlink(out);
        struct race_case *truth = NULL;
        printf("\n%s\n  %-34s %9s %9s %9s %9s %11s %8s %8s %7s %7s  %s\n", cases[first].group, "", "median s",
               "fastest", "slowest", "cpu s", "leads/s", "MB/s", "peak MiB", "ratio", "of cpu", "result");
        for (size_t at = first; at < end; at++) {
            struct race_case *one = &cases[at];
            qsort(one->wall, (size_t)rounds, sizeof *one->wall, compare);
            qsort(one->cpu, (size_t)rounds, sizeof *one->cpu, compare);
            if (strcmp(one->check, "-") != 0) {
                if (!truth) truth = one;
                one->different = strcmp(one->check, "lines") == 0 ? one->any_order != truth->any_order
                                                                  : one->in_order != truth->in_order;
            }
            double median = one->wall[rounds / 2], cpu = one->cpu[rounds / 2],
                   ratio = cases[first].wall[rounds / 2] / median,
                   cpu_ratio = cpu > 0 ? cases[first].cpu[rounds / 2] / cpu : 0;
            printf("  %-34s %9.4f %9.4f %9.4f %9.4f", one->name, median, one->wall[0], one->wall[rounds - 1], cpu);
            print_rate(one->leads / median);
            if (one->bytes > 0)
                printf(" %8.0f", one->bytes / median / 1e6);
            else
                printf(" %8s", "-");
            printf(" %8.1f %7.2f %7.2f  %s\n", (double)one->peak / 1024, ratio, cpu_ratio,
                   one->failed                        ? "FAILED"
                   : one->different                   ? "DIFFERENT"
                   : strcmp(one->check, "-") == 0     ? ""
                   : strcmp(one->check, "lines") == 0 ? "same lines"
                                                      : "same");
            fine = fine && !one->failed && !one->different;
            if (log)
                fprintf(log, "%s,\"%s\",%s,\"%s\",\"%s\",%.4f,%.4f,%.4f,%.4f,%ld,%.3f,%.3f\n", date, machine, commit,
                        one->group, one->name, median, one->wall[0], one->wall[rounds - 1], cpu, one->peak, ratio,
                        cpu_ratio);
        }
        fflush(stdout);
    }
    if (log) fclose(log);
    return fine ? 0 : 1;
}
