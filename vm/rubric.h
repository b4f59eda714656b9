/* librubric: scores leads with a compiled rubric.

   Threads: a program may be shared by threads; a scorer belongs to one.  Memory: what a `_new`, `_read` or `_compile` gave you, you
   free; every other pointer is borrowed until the next call on the same object.  Running a batch allocates nothing once it is warm.
   When the machine refuses memory the handler set by rubric_on_no_memory is called; it must not return (the default prints a
   sentence and ends the process with status 3).

       char problem[256];
       struct rubric_program *program = rubric_program_compile("b2b.rubric", text, length, problem, sizeof problem);
       struct rubric_scorer *scorer = rubric_scorer_new(program, rubric_instant(2026, 11, 22));
       rubric_scorer_begin_lead(scorer);
       rubric_scorer_set_text(scorer, rubric_program_field(program, "title"), "CEO", 3);
       rubric_scorer_end_lead(scorer);
       rubric_scorer_run(scorer);
       int64_t total = rubric_scorer_score(scorer, 0, rubric_program_score(program, "total"));      // 45 points is 450000
*/
#ifndef RUBRIC_H
#define RUBRIC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define RUBRIC_VERSION_MAJOR 0
#define RUBRIC_VERSION_MINOR 1
#define RUBRIC_VERSION_PATCH 0
#define RUBRIC_UNITS_PER_POINT INT64_C(10000)           /* numbers and points are whole multiples of 0.0001 */
#define RUBRIC_MOST_LEADS 1024u                         /* leads of one run of a scorer */
#define RUBRIC_NONE UINT32_MAX                          /* no such name */

struct rubric_program;
struct rubric_scorer;

enum rubric_status {
    RUBRIC_OK = 0,
    RUBRIC_NO_SUCH_FIELD,       /* the index is not one of this program */
    RUBRIC_WRONG_TYPE,          /* the field is of another type */
    RUBRIC_BAD_VALUE,           /* not UTF-8, or none of the values of a `one of` field: the field stays missing */
    RUBRIC_FULL,                /* RUBRIC_MOST_LEADS are there: run, read the results, begin again */
    RUBRIC_IN_FUTURE            /* an event after the instant of the run: left out */
};
const char *rubric_status_text(enum rubric_status status);
void rubric_on_no_memory(void (*handler)(size_t bytes));

/* A program: from the text of a rubric, or from bytecode (.rbc), which is verified.  NULL with a sentence in `problem`. */
struct rubric_program *rubric_program_compile(const char *name, const char *text, size_t length, char *problem, size_t capacity);
struct rubric_program *rubric_program_read(const void *bytes, size_t length, char *problem, size_t capacity);
void rubric_program_free(struct rubric_program *program);
const char *rubric_program_hash(const struct rubric_program *program);     /* SHA-256 of its meaning, 64 hex digits */
/* Indices by name; RUBRIC_NONE when there is none.  A field that no rule looks at has no index: there is no need to set it. */
uint32_t rubric_program_field(const struct rubric_program *program, const char *name);
uint32_t rubric_program_event(const struct rubric_program *program, const char *name);
uint32_t rubric_program_event_field(const struct rubric_program *program, uint32_t event, const char *name);
uint32_t rubric_program_score(const struct rubric_program *program, const char *name);
uint32_t rubric_program_band(const struct rubric_program *program, const char *name);

/* Instants are microseconds since 1970-01-01T00:00:00Z. */
int64_t rubric_instant(int year, int month, int day);
/* Scores as of one instant.  The program is borrowed for the scorer's life. */
struct rubric_scorer *rubric_scorer_new(const struct rubric_program *program, int64_t as_of);
void rubric_scorer_free(struct rubric_scorer *scorer);

/* Leads of the next run: begin, set what is known (what is not set is missing), add events, end.  After a run, begin starts anew. */
enum rubric_status rubric_scorer_begin_lead(struct rubric_scorer *scorer);
enum rubric_status rubric_scorer_set_text(struct rubric_scorer *scorer, uint32_t field, const char *bytes, size_t length);
enum rubric_status rubric_scorer_set_number(struct rubric_scorer *scorer, uint32_t field, int64_t units);
enum rubric_status rubric_scorer_set_yesno(struct rubric_scorer *scorer, uint32_t field, bool yes);
enum rubric_status rubric_scorer_set_date(struct rubric_scorer *scorer, uint32_t field, int64_t instant);
enum rubric_status rubric_scorer_set_stage(struct rubric_scorer *scorer, const char *name_or_title);
enum rubric_status rubric_scorer_add_event(struct rubric_scorer *scorer, uint32_t event, int64_t at);
enum rubric_status rubric_scorer_event_text(struct rubric_scorer *scorer, uint32_t event, uint32_t field, const char *bytes, size_t length);
enum rubric_status rubric_scorer_event_number(struct rubric_scorer *scorer, uint32_t event, uint32_t field, int64_t units);
void rubric_scorer_end_lead(struct rubric_scorer *scorer);
void rubric_scorer_run(struct rubric_scorer *scorer);

/* Results of the last run; `lead` counts from 0 in the order they were begun. */
uint32_t rubric_scorer_leads(const struct rubric_scorer *scorer);
int64_t rubric_scorer_score(const struct rubric_scorer *scorer, uint32_t lead, uint32_t score);     /* units */
const char *rubric_scorer_band(const struct rubric_scorer *scorer, uint32_t lead, uint32_t band);   /* label, or NULL */
const char *rubric_scorer_stage(const struct rubric_scorer *scorer, uint32_t lead);                 /* NULL without stages */
bool rubric_scorer_disqualified(const struct rubric_scorer *scorer, uint32_t lead);
/* The whole result of a lead as one line of JSON, as `rubric score` writes it; with its trace on demand. */
const char *rubric_scorer_json(struct rubric_scorer *scorer, uint32_t lead, bool trace, size_t *length);

#ifdef __cplusplus
}
#endif
#endif
