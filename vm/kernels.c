#include "vm/kernels.h"

/* The file is optimised as a whole like the inner loop it is, whatever the flags of the build. */
#if defined(__GNUC__) && !defined(__clang__) && !defined(RUBRIC_SCALAR)
#pragma GCC optimize("O3")
#endif

#if !defined(RUBRIC_SCALAR) && defined(__x86_64__) && defined(__gnu_linux__) && defined(__GLIBC__) && defined(__GNUC__) \
    && !defined(__clang__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define KERNEL __attribute__((target_clones("default", "avx2", "arch=x86-64-v4")))
#else
#define KERNEL
#endif

#define EACH_BLOCK(word, words) for (size_t block_ = 0; block_ < (words); block_ += KERNEL_BLOCK) \
        for (size_t word = block_; word < block_ + KERNEL_BLOCK; word++)

KERNEL void kernel_and(uint64_t *restrict h, uint64_t *restrict f, const uint64_t *ah, const uint64_t *af, const uint64_t *bh,
                       const uint64_t *bf, size_t words)
{
    EACH_BLOCK(w, words) {
        h[w] = ah[w] & bh[w];
        f[w] = af[w] | bf[w];
    }
}

KERNEL void kernel_or(uint64_t *restrict h, uint64_t *restrict f, const uint64_t *ah, const uint64_t *af, const uint64_t *bh,
                      const uint64_t *bf, size_t words)
{
    EACH_BLOCK(w, words) {
        h[w] = ah[w] | bh[w];
        f[w] = af[w] & bf[w];
    }
}

KERNEL void kernel_then(uint64_t *restrict h, uint64_t *restrict f, const uint64_t *ah, const uint64_t *af, const uint64_t *bh,
                        const uint64_t *bf, size_t words)
{
    EACH_BLOCK(w, words) {
        h[w] = ah[w] & bh[w];
        f[w] = af[w] | (ah[w] & bf[w]);
    }
}

KERNEL void kernel_if(uint64_t *restrict h, uint64_t *restrict f, const uint64_t *ah, const uint64_t *af, const uint64_t *p,
                      const uint64_t *q, size_t words)
{
    EACH_BLOCK(w, words) {
        uint64_t decided = p[w] | q[w];
        h[w] = ah[w] & decided;
        f[w] = af[w] & decided;
    }
}

KERNEL void kernel_found(uint64_t *restrict h, uint64_t *restrict f, const uint64_t *ah, const uint64_t *af, const uint64_t *all,
                         size_t words)
{
    EACH_BLOCK(w, words) {
        uint64_t decided = ah[w] | af[w];
        h[w] = decided;
        f[w] = all[w] & ~decided;
    }
}

KERNEL void kernel_less(uint64_t *out, const uint64_t *all, const uint64_t *bits, size_t words)
{
    EACH_BLOCK(w, words)
        out[w] = all[w] & ~bits[w];
}

KERNEL void kernel_both(uint64_t *out, const uint64_t *a, const uint64_t *b, size_t words)
{
    EACH_BLOCK(w, words)
        out[w] = a[w] & b[w];
}

KERNEL void kernel_either(uint64_t *out, const uint64_t *a, const uint64_t *b, size_t words)
{
    EACH_BLOCK(w, words)
        out[w] = a[w] | b[w];
}

KERNEL void kernel_either_within(uint64_t *out, const uint64_t *a, const uint64_t *b, const uint64_t *all, size_t words)
{
    EACH_BLOCK(w, words)
        out[w] = all[w] & (a[w] | b[w]);
}

KERNEL void kernel_add_bits(uint64_t *out, const uint64_t *a, const uint64_t *b, size_t words)
{
    EACH_BLOCK(w, words)
        out[w] |= a[w] & b[w];
}

/* One bit in each lane: a comparison's lanes are packed by picking their bit and joining all lanes with "or". */
#define ROW_BITS_8(n) UINT64_C(1) << (n), UINT64_C(2) << (n), UINT64_C(4) << (n), UINT64_C(8) << (n), \
        UINT64_C(16) << (n), UINT64_C(32) << (n), UINT64_C(64) << (n), UINT64_C(128) << (n)
static const uint64_t row_bits[64] __attribute__((aligned(64))) = {
    ROW_BITS_8(0), ROW_BITS_8(8), ROW_BITS_8(16), ROW_BITS_8(24), ROW_BITS_8(32), ROW_BITS_8(40), ROW_BITS_8(48), ROW_BITS_8(56),
};

#define PACK(bits, row, condition) \
        uint64_t bits = 0; \
        for (size_t row = 0; row < 64; row++) \
            bits |= (condition) ? row_bits[row] : 0

#define COMPARE_CONST(name, condition) \
KERNEL void name(uint64_t *restrict yes, uint64_t *restrict no, const int64_t *a, int64_t b, const uint64_t *known, size_t words) \
{ \
    for (size_t w = 0; w < words; w++) { \
        const int64_t *rows = a + w * 64; \
        PACK(bits, row, condition); \
        yes[w] = known[w] & bits; \
        no[w] = known[w] & ~bits; \
    } \
}

COMPARE_CONST(kernel_eq_const, rows[row] == b)
COMPARE_CONST(kernel_lt_const, rows[row] < b)
COMPARE_CONST(kernel_gt_const, rows[row] > b)

KERNEL void kernel_within(uint64_t *restrict yes, uint64_t *restrict no, const int64_t *a, int64_t above, int64_t most,
                          const uint64_t *known, size_t words)
{
    for (size_t w = 0; w < words; w++) {
        const int64_t *rows = a + w * 64;
        PACK(bits, row, (rows[row] > above) & (rows[row] <= most));
        yes[w] = known[w] & bits;
        no[w] = known[w] & ~bits;
    }
}

#define COMPARE(name, condition) \
KERNEL void name(uint64_t *restrict yes, uint64_t *restrict no, const int64_t *a, const int64_t *b, const uint64_t *ak, \
                 const uint64_t *bk, size_t words) \
{ \
    for (size_t w = 0; w < words; w++) { \
        const int64_t *left = a + w * 64, *right = b + w * 64; \
        uint64_t known = ak[w] & bk[w]; \
        PACK(bits, row, condition); \
        yes[w] = known & bits; \
        no[w] = known & ~bits; \
    } \
}

COMPARE(kernel_eq, left[row] == right[row])
COMPARE(kernel_lt, left[row] < right[row])

KERNEL void kernel_fill(int64_t *out, int64_t value, size_t words)
{
    for (size_t row = 0; row < words * 64; row++)
        out[row] = value;
}

/* Sums wrap in unsigned numbers; where the signs say that a sum has left 64 bits, it is missing. */
#define ADDITION(name, operator, overflow) \
KERNEL void name(int64_t *restrict out, uint64_t *restrict known, const int64_t *a, const int64_t *b, const uint64_t *ak, \
                 const uint64_t *bk, size_t words) \
{ \
    for (size_t w = 0; w < words; w++) { \
        const int64_t *left = a + w * 64, *right = b + w * 64; \
        int64_t *results = out + w * 64; \
        for (size_t row = 0; row < 64; row++) \
            results[row] = (int64_t)((uint64_t)left[row] operator (uint64_t)right[row]); \
        PACK(bits, row, (overflow) < 0); \
        known[w] = ak[w] & bk[w] & ~bits; \
    } \
}

ADDITION(kernel_add, +, (left[row] ^ results[row]) & (right[row] ^ results[row]))
ADDITION(kernel_subtract, -, (left[row] ^ right[row]) & (left[row] ^ results[row]))

KERNEL void kernel_clamp(int64_t *restrict out, const int64_t *a, int64_t least, int64_t most, size_t words)
{
    for (size_t row = 0; row < words * 64; row++) {
        int64_t value = a[row] < least ? least : a[row];
        out[row] = value > most ? most : value;
    }
}

KERNEL void kernel_cell(int64_t *restrict out, const int64_t *a, const int64_t *b, int64_t columns, size_t words)
{
    for (size_t row = 0; row < words * 64; row++)
        out[row] = (int64_t)((uint64_t)a[row] * (uint64_t)columns + (uint64_t)b[row]);
}

KERNEL void kernel_blend(int64_t *restrict out, int64_t value, const uint64_t *mask, size_t words)
{
    for (size_t w = 0; w < words; w++) {
        uint64_t bits = mask[w];
        int64_t *rows = out + w * 64;
        if (bits == 0)
            continue;
        for (size_t row = 0; row < 64; row++)
            rows[row] = (bits & row_bits[row]) != 0 ? value : rows[row];
    }
}

KERNEL void kernel_blend_column(int64_t *restrict out, const int64_t *a, const uint64_t *mask, size_t words)
{
    for (size_t w = 0; w < words; w++) {
        uint64_t bits = mask[w];
        int64_t *rows = out + w * 64;
        const int64_t *values = a + w * 64;
        if (bits == 0)
            continue;
        for (size_t row = 0; row < 64; row++)
            rows[row] = (bits & row_bits[row]) != 0 ? values[row] : rows[row];
    }
}

KERNEL void kernel_add_column(int64_t *restrict out, const int64_t *a, const uint64_t *mask, size_t words)
{
    for (size_t w = 0; w < words; w++) {
        uint64_t bits = mask[w];
        int64_t *rows = out + w * 64;
        const int64_t *values = a + w * 64;
        if (bits == 0)
            continue;
        for (size_t row = 0; row < 64; row++)
            rows[row] = (int64_t)((uint64_t)rows[row] + ((bits & row_bits[row]) != 0 ? (uint64_t)values[row] : 0));
    }
}

/* Three bits of one weight make one of that weight and one, the carry, of the next. */
#define FULL_ADD(sum, carry, b_word, c_word) \
    for (size_t w = 0; w < KERNEL_BLOCK; w++) { \
        uint64_t a_ = (sum)[w], b_ = (b_word), c_ = (c_word); \
        (sum)[w] = a_ ^ b_ ^ c_; \
        (carry)[w] = (a_ & b_) | (c_ & (a_ | b_)); \
    }

/* Plane by plane, 512 leads at once: the bitmaps of a plane are added up in pairs, and each pair leaves one bitmap of carries for the
   next plane.  N bitmaps cost about N full adders in all.  Carries are read in pairs and written one by one, so one buffer does. */
static inline __attribute__((always_inline)) void count_block(uint64_t count[64][KERNEL_BLOCK], unsigned planes,
                                                              const uint32_t *plane_steps, const struct counter_step *step,
                                                              uint64_t *restrict carries, size_t block)
{
    size_t incoming = 0;
    for (unsigned plane = 0; plane < planes; plane++) {
        uint64_t sum[KERNEL_BLOCK] = {0};
        size_t outgoing = 0, from = 0, left = plane_steps[plane];
        if (incoming > 0) {
            for (size_t w = 0; w < KERNEL_BLOCK; w++)
                sum[w] = carries[w];
            from = 1;
        } else if (left > 0) {
            const uint64_t *b = step->bits + block;
            uint64_t flip = step->flip;
            for (size_t w = 0; w < KERNEL_BLOCK; w++)
                sum[w] = b[w] ^ flip;
            step++;
            left--;
        }
        for (; from + 2 <= incoming; from += 2, outgoing++) {
            const uint64_t *b = carries + from * KERNEL_BLOCK, *c = b + KERNEL_BLOCK;
            uint64_t *to = carries + outgoing * KERNEL_BLOCK;
            FULL_ADD(sum, to, b[w], c[w])
        }
        if (from < incoming && left > 0) {
            const uint64_t *b = carries + from * KERNEL_BLOCK, *c = step->bits + block;
            uint64_t flip = step->flip;
            uint64_t *to = carries + outgoing++ * KERNEL_BLOCK;
            FULL_ADD(sum, to, b[w], c[w] ^ flip)
            step++;
            left--;
        } else if (from < incoming) {
            const uint64_t *b = carries + from * KERNEL_BLOCK;
            uint64_t *to = carries + outgoing++ * KERNEL_BLOCK;
            FULL_ADD(sum, to, b[w], UINT64_C(0))
        }
        for (; left >= 2; left -= 2, step += 2, outgoing++) {
            const uint64_t *b = step[0].bits + block, *c = step[1].bits + block;
            uint64_t b_flip = step[0].flip, c_flip = step[1].flip;
            uint64_t *to = carries + outgoing * KERNEL_BLOCK;
            FULL_ADD(sum, to, b[w] ^ b_flip, c[w] ^ c_flip)
        }
        if (left > 0) {
            const uint64_t *b = step->bits + block;
            uint64_t flip = step->flip;
            uint64_t *to = carries + outgoing++ * KERNEL_BLOCK;
            FULL_ADD(sum, to, b[w] ^ flip, UINT64_C(0))
            step++;
        }
        for (size_t w = 0; w < KERNEL_BLOCK; w++)
            count[plane][w] = sum[w];
        incoming = outgoing;
    }
}

KERNEL void kernel_total(int64_t *restrict out, int64_t base, int64_t scale, unsigned planes, const uint32_t *plane_steps,
                         const struct counter_step *steps, uint64_t *restrict carries, size_t words)
{
    uint64_t count[64][KERNEL_BLOCK];
    for (size_t block = 0; block < words; block += KERNEL_BLOCK) {
        count_block(count, planes, plane_steps, steps, carries, block);
        for (size_t w = 0; w < KERNEL_BLOCK; w++) {
            uint64_t sums[64];
            for (size_t row = 0; row < 64; row++)
                sums[row] = 0;
            for (unsigned plane = planes; plane-- > 0;) {
                uint64_t bits = count[plane][w];
                for (size_t row = 0; row < 64; row++)
                    sums[row] = (sums[row] << 1) | ((bits & row_bits[row]) != 0 ? 1 : 0);
            }
            int64_t *rows = out + (block + w) * 64;
            for (size_t row = 0; row < 64; row++)
                rows[row] = (int64_t)((uint64_t)base + (uint64_t)scale * sums[row]);
        }
    }
}

KERNEL void kernel_transpose(uint64_t rows[64])
{
#define TURN(distance, mask) \
    for (size_t from = 0; from < 64; from += 2 * (distance)) \
        for (size_t row = from; row < from + (distance); row++) { \
            uint64_t moved = ((rows[row] >> (distance)) ^ rows[row + (distance)]) & (mask); \
            rows[row] ^= moved << (distance); \
            rows[row + (distance)] ^= moved; \
        }
    TURN(32, UINT64_C(0x00000000FFFFFFFF))
    TURN(16, UINT64_C(0x0000FFFF0000FFFF))
    TURN(8, UINT64_C(0x00FF00FF00FF00FF))
    TURN(4, UINT64_C(0x0F0F0F0F0F0F0F0F))
    TURN(2, UINT64_C(0x3333333333333333))
    TURN(1, UINT64_C(0x5555555555555555))
#undef TURN
}
