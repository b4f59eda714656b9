/* Every limit of Rubric: LIMIT(name, value, what is counted).  Each has a message and a test at n and at n+1.
   `rubric manual limits` prints them. */
#ifndef RUBRIC_VM_LIMITS_H
#define RUBRIC_VM_LIMITS_H

#define RUBRIC_LIMITS(LIMIT) \
    LIMIT(LIMIT_NESTING, 100, "levels of parentheses, `not`, defines in one expression") \
    LIMIT(LIMIT_CHAIN, 4096, "terms joined by `and`, `or`, `+`, … in one expression") \
    LIMIT(LIMIT_RUBRIC_BYTES, 16 << 20, "bytes of one rubric file") \
    LIMIT(LIMIT_RULES, 65536, "rules and disqualifications of one rubric") \
    LIMIT(LIMIT_LINE_BYTES, 64 << 20, "bytes of one line (one lead) of input") \
    LIMIT(LIMIT_EVENTS_PER_LEAD, 1000000, "events of one lead") \
    LIMIT(LIMIT_ERRORS_SHOWN, 20, "diagnostics shown before \"and N more\"") \
    LIMIT(LIMIT_FIELDS, 4096, "fields of the lead, and of each event") \
    LIMIT(LIMIT_EVENT_TYPES, 4096, "declared types of event") \
    LIMIT(LIMIT_JSON_DEPTH, 1024, "nested arrays and objects in one lead") \
    LIMIT(LIMIT_CSV_COLUMNS, 16384, "columns of a CSV file") \
    LIMIT(LIMIT_BATCH_LEADS, 1024, "leads of a batch; 1 to this") \
    LIMIT(LIMIT_BATCH_EVENTS, 65536, "events; a batch with more of them is run before the next lead joins it") \
    LIMIT(LIMIT_REMEMBERED_KEYS, 16 << 20, "keys of leads among which a run looks for duplicates") \
    LIMIT(LIMIT_HASHED_KEYS, 3 << 20, "of them keys that are no numbers, with or without a prefix") \
    LIMIT(LIMIT_EVENTS_MEMORY, 16 << 20, "bytes of events from files of their own in memory; more go to a temporary file") \
    LIMIT(LIMIT_USE_DEPTH, 32, "files that use files that use files …") \
    LIMIT(LIMIT_EXPANSION, 1000000, "parts of expressions after all defines are expanded")

enum {
#define LIMIT(name, value, meaning) name = value,
    RUBRIC_LIMITS(LIMIT)
#undef LIMIT
};

#endif
