/* The keys of leads seen so far, to tell which came before.  Keys that are numbered (a prefix and up to eight digits at
   the end, as most ids are) are bits on pages of numbers; all others are hashes.  A page is only made while pages cost
   no more than the hashes of as many keys would, so that ids strewn over a large range cost what hashes cost; a number
   whose page was not made then is a hash for good.  There are at most LIMIT_HASHED_KEYS hashes, which is 32 MiB.
   Two keys with one 64-bit hash are taken for one: with 16 million keys that happens once in a hundred thousand runs,
   and costs a wrong line in a report, never a score. */
#ifndef RUBRIC_VM_INPUT_KEYS_H
#define RUBRIC_VM_INPUT_KEYS_H

#include "vm/text.h"

#define KEY_SERIES_MOST 16u
#define KEY_PREFIX_MOST 16u
/* All keys with one prefix and one number of digits. */
struct key_series { char prefix[KEY_PREFIX_MOST]; uint32_t prefix_length, digits; uint64_t **pages; size_t page_count; };
struct key_set {
    uint64_t *hashes; size_t size, hash_count;          /* 0: an empty place */
    struct key_series series[KEY_SERIES_MOST]; uint32_t series_count, latest;
    size_t page_bytes, count;                           /* count: all keys */
    bool strewn;                                        /* no more pages */
};

/* Adds keys (trimmed; length 0: none) in their order while there are fewer than `most`; marks[i]: the key was there.
   Returns how many were; *full is set when some could not be added. */
uint32_t key_set_add(struct key_set *keys, const struct text *texts, uint32_t count, size_t most, bool *marks,
                     bool *full);
void key_set_free(struct key_set *keys);

#endif
