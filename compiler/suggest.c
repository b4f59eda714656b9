/* "Did you mean": the nearest name by edits (insert, drop, replace, swap two neighbours).  Case counts half an edit. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/diagnostic.h"

#define LONGEST 64                                          /* longer names are not worth guessing about */

static unsigned char lower(char c)
{
    return (unsigned char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

static unsigned smallest(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

/* Twice the edit distance, so that a difference of case alone counts as half an edit. */
static unsigned distance(const char *a, const char *b)
{
    size_t a_length = strlen(a), b_length = strlen(b);
    unsigned rows[3][LONGEST + 1];
    unsigned *before_last = rows[0], *last = rows[1], *now = rows[2];
    bool case_only = strcmp(a, b) != 0;
    for (size_t column = 0; column <= b_length; column++) last[column] = (unsigned)column;
    for (size_t row = 1; row <= a_length; row++) {
        now[0] = (unsigned)row;
        for (size_t column = 1; column <= b_length; column++) {
            unsigned char x = lower(a[row - 1]), y = lower(b[column - 1]);
            unsigned best = smallest(last[column] + 1, now[column - 1] + 1);
            best = smallest(best, last[column - 1] + (x != y));
            if (row > 1 && column > 1 && x == lower(b[column - 2]) && lower(a[row - 2]) == y)
                best = smallest(best, before_last[column - 2] + 1);
            now[column] = best;
        }
        unsigned *spare = before_last;
        before_last = last;
        last = now;
        now = spare;
    }
    unsigned edits = last[b_length];
    return edits == 0 && case_only ? 1 : edits * 2;
}

const char *suggest_nearest(const char *name, const char *const *candidates, size_t count)
{
    size_t length = strlen(name);
    if (length == 0 || length > LONGEST) return NULL;
    unsigned limit = length <= 2 ? 1 : length <= 4 ? 2 : length <= 7 ? 4 : 6;     /* twice the edits allowed */
    const char *nearest = NULL;
    unsigned nearest_distance = limit + 1;
    for (size_t index = 0; index < count; index++) {
        const char *candidate = candidates[index];
        if (!candidate || strlen(candidate) > LONGEST) continue;
        unsigned d = distance(name, candidate);
        if (d == 0 || d >= nearest_distance) continue;
        nearest = candidate;
        nearest_distance = d;
    }
    return nearest;
}
