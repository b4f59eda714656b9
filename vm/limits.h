/* Every limit of Rubric, named, with its unit.  Each has a message and a test at n and at n+1. */
#ifndef RUBRIC_VM_LIMITS_H
#define RUBRIC_VM_LIMITS_H

#define LIMIT_NESTING 100                       /* levels of parentheses, `not`, defines in one expression */
#define LIMIT_CHAIN 4096                        /* terms joined by `and`, `or`, `+`, … in one expression */
#define LIMIT_RUBRIC_BYTES (16u << 20)          /* bytes of one rubric file */
#define LIMIT_RULES 65536u                      /* rules and disqualifications of one rubric */
#define LIMIT_LINE_BYTES (64u << 20)            /* bytes of one line (one lead) of input */
#define LIMIT_EVENTS_PER_LEAD 1000000u          /* events of one lead */
#define LIMIT_ERRORS_SHOWN 20                   /* diagnostics shown before "and N more" */
#define LIMIT_FIELDS 4096u                      /* fields of the lead, and of each event */
#define LIMIT_EVENT_TYPES 4096u                 /* declared types of event */
#define LIMIT_JSON_DEPTH 1024                   /* nested arrays and objects in one lead */
#define LIMIT_CSV_COLUMNS 16384u                /* columns of a CSV file */
#define LIMIT_BATCH_LEADS 1024u                 /* leads of a batch; 1 to this */
#define LIMIT_BATCH_EVENTS 65536u               /* a batch with more events is run before the next lead joins it */
#define LIMIT_REMEMBERED_KEYS (16u << 20)       /* keys of leads among which a run looks for duplicates */
#define LIMIT_USE_DEPTH 32                      /* files that use files that use files … */
#define LIMIT_EXPANSION 1000000u                /* expression nodes after all defines are expanded */

#endif
