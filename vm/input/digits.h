/* Eight decimal digits at once.  Inside vm/input only. */
#ifndef RUBRIC_VM_INPUT_DIGITS_H
#define RUBRIC_VM_INPUT_DIGITS_H

#include <stdint.h>
#include <string.h>

static inline uint64_t load_word(const char *bytes)
{
    uint64_t word;
    memcpy(&word, bytes, sizeof word);
    return word;
}

/* The top bit of every byte that is not 0 to 9. */
static inline uint64_t not_digits(uint64_t word)
{
    return ((word + UINT64_C(0x7676767676767676)) | word) & UINT64_C(0x8080808080808080);
}

/* Eight digits, '0' taken off, the first in the lowest byte. */
static inline uint64_t eight_digits(uint64_t digits)
{
    digits = digits * 10 + (digits >> 8);
    return ((digits & UINT64_C(0x000000FF000000FF)) * UINT64_C(0x000F424000000064)
            + (digits >> 16 & UINT64_C(0x000000FF000000FF)) * UINT64_C(0x0000271000000001)) >> 32;
}

#endif
