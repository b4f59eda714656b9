/* Diagnostics as data: code, severity, message, a primary span with a label, more labels, helps and notes.  Renderers are apart
   (compiler/render.h).  The texts are written out at the call site; diagnostics.def holds code, severity, title, explanation,
   a wrong and a right example.

     struct diagnostic *d = diagnostic_report(diags, E0301, span, "the lead has no field `%s`", name);
     diagnostic_label(d, span, "not declared in `lead`");             // first label with the primary span labels it
     diagnostic_help(d, "a field with a similar name exists: `%s`", nearest);

   Everything is copied into the collector's arena.  Wording: lower case, no full stop, the words of a marketing person, names in
   backquotes; the message says what is wrong, help says what to do. */
#ifndef RUBRIC_COMPILER_DIAGNOSTIC_H
#define RUBRIC_COMPILER_DIAGNOSTIC_H

#include "compiler/source.h"

enum severity { SEVERITY_NOTE, SEVERITY_WARNING, SEVERITY_CONFLICT, SEVERITY_ERROR };

enum diagnostic_code {
#define DIAGNOSTIC(code, severity, title, explanation, wrong, right) code,
#include "compiler/diagnostics.def"
#undef DIAGNOSTIC
    DIAGNOSTIC_COUNT
};

struct diagnostic_facts { const char *code; enum severity severity; const char *title, *explanation, *wrong, *right; };
const struct diagnostic_facts *diagnostic_facts(enum diagnostic_code code);
bool diagnostic_find(const char *code, enum diagnostic_code *found);    /* "E0301", any case */
void diagnostic_codes_in_order(enum diagnostic_code codes[DIAGNOSTIC_COUNT]);     /* errors, warnings, conflicts; by number */
const char *severity_name(enum severity severity);      /* "error" */

struct label { struct span span; const char *text; struct label *next; };
struct remark { const char *text; struct remark *next; };
struct diagnostic {
    enum diagnostic_code code;
    enum severity severity;                             /* from the table; may be lowered by the reporter */
    struct span span;
    const char *message;
    struct label *labels;                               /* in the order given; a label whose span is the primary one comes first */
    struct remark *helps, *notes;
    const char *witness;                                /* a `test` block that shows it, or NULL */
    struct diagnostics *owner;
};
struct diagnostics { struct diagnostic **items; size_t count, capacity; size_t errors; struct arena *arena; };

void diagnostics_init(struct diagnostics *diags, struct arena *arena);
struct diagnostic *diagnostic_report(struct diagnostics *diags, enum diagnostic_code code, struct span span, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
void diagnostic_label(struct diagnostic *d, struct span span, const char *format, ...) __attribute__((format(printf, 3, 4)));
void diagnostic_help(struct diagnostic *d, const char *format, ...) __attribute__((format(printf, 2, 3)));
void diagnostic_note(struct diagnostic *d, const char *format, ...) __attribute__((format(printf, 2, 3)));
void diagnostics_finish(struct diagnostics *diags);     /* sorts by file and position, drops duplicates */

/* Nearest of `count` candidates to `name` within a distance limit, or NULL.  (compiler/suggest.c) */
const char *suggest_nearest(const char *name, const char *const *candidates, size_t count);

#endif
