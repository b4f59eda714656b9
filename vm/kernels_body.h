/* The kernels, once for each instruction set: included by kernels.c with KERNEL_NAME(name), the suffix of this set,
   KERNEL_LANES, the words of a vector register, and KERNEL_MASKS, 1 where the processor compares into bit masks
   (AVX-512).  Not a header for anybody else. */

typedef uint64_t KERNEL_NAME(lanes) __attribute__((vector_size(8 * KERNEL_LANES)));
typedef int64_t KERNEL_NAME(signed_lanes) __attribute__((vector_size(8 * KERNEL_LANES)));
typedef uint64_t KERNEL_NAME(lanes_at) __attribute__((vector_size(8 * KERNEL_LANES), aligned(8), may_alias));
typedef int64_t KERNEL_NAME(signed_lanes_at) __attribute__((vector_size(8 * KERNEL_LANES), aligned(8), may_alias));
#define lanes KERNEL_NAME(lanes)
#define signed_lanes KERNEL_NAME(signed_lanes)
#define lanes_at KERNEL_NAME(lanes_at)
#define signed_lanes_at KERNEL_NAME(signed_lanes_at)

#define LOAD(pointer) (*(const lanes_at *)(const void *)(pointer))
#define STORE(pointer, value) (*(lanes_at *)(void *)(pointer) = (value))
#define EACH_BLOCK(words) for (size_t w = 0; w < (words); w += KERNEL_LANES)

static void KERNEL_NAME(cond_and)(uint64_t *h, uint64_t *f, const uint64_t *ah, const uint64_t *af, const uint64_t *bh,
                                  const uint64_t *bf, size_t words)
{
    EACH_BLOCK(words) {
        lanes holds = LOAD(ah + w) & LOAD(bh + w), fails = LOAD(af + w) | LOAD(bf + w);
        STORE(h + w, holds);
        STORE(f + w, fails);
    }
}

static void KERNEL_NAME(cond_or)(uint64_t *h, uint64_t *f, const uint64_t *ah, const uint64_t *af, const uint64_t *bh,
                                 const uint64_t *bf, size_t words)
{
    EACH_BLOCK(words) {
        lanes holds = LOAD(ah + w) | LOAD(bh + w), fails = LOAD(af + w) & LOAD(bf + w);
        STORE(h + w, holds);
        STORE(f + w, fails);
    }
}

static void KERNEL_NAME(cond_then)(uint64_t *h, uint64_t *f, const uint64_t *ah, const uint64_t *af, const uint64_t *bh,
                                   const uint64_t *bf, size_t words)
{
    EACH_BLOCK(words) {
        lanes a = LOAD(ah + w), holds = a & LOAD(bh + w), fails = LOAD(af + w) | (a & LOAD(bf + w));
        STORE(h + w, holds);
        STORE(f + w, fails);
    }
}

static void KERNEL_NAME(cond_if)(uint64_t *h, uint64_t *f, const uint64_t *ah, const uint64_t *af, const uint64_t *p,
                                 const uint64_t *q, size_t words)
{
    EACH_BLOCK(words) {
        lanes decided = LOAD(p + w) | LOAD(q + w), holds = LOAD(ah + w) & decided, fails = LOAD(af + w) & decided;
        STORE(h + w, holds);
        STORE(f + w, fails);
    }
}

static void KERNEL_NAME(cond_found)(uint64_t *h, uint64_t *f, const uint64_t *ah, const uint64_t *af,
                                    const uint64_t *all, size_t words)
{
    EACH_BLOCK(words) {
        lanes decided = LOAD(ah + w) | LOAD(af + w), rest = LOAD(all + w) & ~decided;
        STORE(h + w, decided);
        STORE(f + w, rest);
    }
}

static void KERNEL_NAME(less)(uint64_t *out, const uint64_t *all, const uint64_t *bits, size_t words)
{
    EACH_BLOCK(words)
        STORE(out + w, LOAD(all + w) & ~LOAD(bits + w));
}

static void KERNEL_NAME(both)(uint64_t *out, const uint64_t *a, const uint64_t *b, size_t words)
{
    EACH_BLOCK(words)
        STORE(out + w, LOAD(a + w) & LOAD(b + w));
}

static void KERNEL_NAME(either)(uint64_t *out, const uint64_t *a, const uint64_t *b, size_t words)
{
    EACH_BLOCK(words)
        STORE(out + w, LOAD(a + w) | LOAD(b + w));
}

static void KERNEL_NAME(either_within)(uint64_t *out, const uint64_t *a, const uint64_t *b, const uint64_t *all,
                                       size_t words)
{
    EACH_BLOCK(words)
        STORE(out + w, LOAD(all + w) & (LOAD(a + w) | LOAD(b + w)));
}

static void KERNEL_NAME(add_both)(uint64_t *out, const uint64_t *a, const uint64_t *b, size_t words)
{
    EACH_BLOCK(words)
        STORE(out + w, LOAD(out + w) | (LOAD(a + w) & LOAD(b + w)));
}

/* A word of answers about 64 rows.  With masks each comparison of 8 rows is a byte of it; without, each lane picks
   its row's bit and all lanes are joined by "or". */
#if KERNEL_MASKS
#define PACK(bits, row, comparison, masked) \
    uint64_t bits = 0; \
    for (size_t row = 0; row < 64; row += 8) \
        bits |= (uint64_t)(masked) << row
#define ROWS(pointer, row) _mm512_loadu_si512((const void *)((pointer) + (row)))
#else
#define PACK(bits, row, comparison, masked) \
    lanes picked_ = {0}; \
    for (size_t row = 0; row < 64; row += KERNEL_LANES) \
        picked_ |= (lanes)(comparison) & LOAD(row_bits + (row)); \
    uint64_t bits = 0; \
    for (size_t lane_ = 0; lane_ < KERNEL_LANES; lane_++) \
        bits |= picked_[lane_]
#define SIGNED(pointer, row) (*(const signed_lanes_at *)(const void *)((pointer) + (row)))
#endif

#if KERNEL_MASKS
#define CONSTANT_LANES(value) _mm512_set1_epi64(value)
#else
#define CONSTANT_LANES(value) ((signed_lanes){0} + (value))
#endif

#define COMPARE_CONST(name, comparison, masked) \
static void KERNEL_NAME(name)(uint64_t *yes, uint64_t *no, const int64_t *a, int64_t b, const uint64_t *known, \
                              size_t words) \
{ \
    const constant_lanes constant = CONSTANT_LANES(b); \
    for (size_t w = 0; w < words; w++, a += 64) { \
        PACK(bits, row, comparison, masked); \
        uint64_t is_known = known[w]; \
        yes[w] = is_known & bits; \
        no[w] = is_known & ~bits; \
    } \
}

#if KERNEL_MASKS
#define constant_lanes __m512i
#else
#define constant_lanes signed_lanes
#endif

COMPARE_CONST(eq_const, SIGNED(a, row) == constant, _mm512_cmpeq_epi64_mask(ROWS(a, row), constant))
COMPARE_CONST(lt_const, SIGNED(a, row) < constant, _mm512_cmplt_epi64_mask(ROWS(a, row), constant))
COMPARE_CONST(gt_const, SIGNED(a, row) > constant, _mm512_cmpgt_epi64_mask(ROWS(a, row), constant))

static void KERNEL_NAME(within)(uint64_t *yes, uint64_t *no, const int64_t *a, int64_t above, int64_t most,
                                const uint64_t *known, size_t words)
{
    const constant_lanes low = CONSTANT_LANES(above), high = CONSTANT_LANES(most);
    for (size_t w = 0; w < words; w++, a += 64) {
        PACK(bits, row, (SIGNED(a, row) > low) & (SIGNED(a, row) <= high),
             _mm512_mask_cmple_epi64_mask(_mm512_cmpgt_epi64_mask(ROWS(a, row), low), ROWS(a, row), high));
        uint64_t is_known = known[w];
        yes[w] = is_known & bits;
        no[w] = is_known & ~bits;
    }
}

#define COMPARE(name, comparison, masked) \
static void KERNEL_NAME(name)(uint64_t *yes, uint64_t *no, const int64_t *a, const int64_t *b, const uint64_t *ak, \
                              const uint64_t *bk, size_t words) \
{ \
    for (size_t w = 0; w < words; w++, a += 64, b += 64) { \
        PACK(bits, row, comparison, masked); \
        uint64_t is_known = ak[w] & bk[w]; \
        yes[w] = is_known & bits; \
        no[w] = is_known & ~bits; \
    } \
}

COMPARE(eq, SIGNED(a, row) == SIGNED(b, row), _mm512_cmpeq_epi64_mask(ROWS(a, row), ROWS(b, row)))
COMPARE(lt, SIGNED(a, row) < SIGNED(b, row), _mm512_cmplt_epi64_mask(ROWS(a, row), ROWS(b, row)))

static void KERNEL_NAME(fill)(int64_t *out, int64_t value, size_t words)
{
    const lanes constant = (lanes){0} + (uint64_t)value;
    for (size_t row = 0; row < words * 64; row += KERNEL_LANES)
        STORE(out + row, constant);
}

/* Sums wrap; where the signs say that a sum has left 64 bits (the top bit of `overflow`), it is missing. */
#if KERNEL_MASKS
#define TOP_BITS(value) _mm512_movepi64_mask((__m512i)(value))
#else
#define TOP_BITS(value) 0
#endif
#define ADDITION(name, operator, overflow) \
static void KERNEL_NAME(name)(int64_t *out, uint64_t *known, const int64_t *a, const int64_t *b, const uint64_t *ak, \
                              const uint64_t *bk, size_t words) \
{ \
    for (size_t w = 0; w < words; w++, a += 64, b += 64, out += 64) { \
        for (size_t row = 0; row < 64; row += KERNEL_LANES) \
            STORE(out + row, LOAD(a + row) operator LOAD(b + row)); \
        PACK(bits, row, (signed_lanes)(overflow) < 0, TOP_BITS(overflow)); \
        known[w] = ak[w] & bk[w] & ~bits; \
    } \
}

ADDITION(add, +, (LOAD(a + row) ^ LOAD(out + row)) & (LOAD(b + row) ^ LOAD(out + row)))
ADDITION(subtract, -, (LOAD(a + row) ^ LOAD(b + row)) & (LOAD(a + row) ^ LOAD(out + row)))

static void KERNEL_NAME(clamp)(int64_t *restrict out, const int64_t *restrict a, int64_t least, int64_t most,
                               size_t words)
{
    for (size_t row = 0; row < words * 64; row++) {
        int64_t value = a[row] < least ? least : a[row];
        out[row] = value > most ? most : value;
    }
}

static void KERNEL_NAME(cell)(int64_t *restrict out, const int64_t *restrict a, const int64_t *restrict b,
                              int64_t columns, size_t words)
{
    for (size_t row = 0; row < words * 64; row++)
        out[row] = (int64_t)((uint64_t)a[row] * (uint64_t)columns + (uint64_t)b[row]);
}

/* All ones in the lanes of the rows that have their bit, from `row` on, of a word. */
#define CHOSEN_LANES(bits, row) ((lanes)((((lanes){0} + (bits)) & LOAD(row_bits + (row))) != 0))

#if KERNEL_MASKS
#define CHOOSE_LANES(bits, row, chosen, other) \
    ((lanes)_mm512_mask_mov_epi64((__m512i)(other), (__mmask8)((bits) >> (row)), (__m512i)(chosen)))
#define ADD_LANES(sum, bits, row, addend) \
    ((lanes)_mm512_mask_add_epi64((__m512i)(sum), (__mmask8)((bits) >> (row)), (__m512i)(sum), (__m512i)(addend)))
#else
#define CHOOSE_LANES(bits, row, chosen, other) ((other) ^ (((other) ^ (chosen)) & CHOSEN_LANES(bits, row)))
#define ADD_LANES(sum, bits, row, addend) ((sum) + ((addend) & CHOSEN_LANES(bits, row)))
#endif

static void KERNEL_NAME(blend)(int64_t *out, int64_t value, const uint64_t *mask, size_t words)
{
    const lanes constant = (lanes){0} + (uint64_t)value;
    for (size_t w = 0; w < words; w++, out += 64) {
        uint64_t bits = mask[w];
        if (bits == 0)
            continue;
        for (size_t row = 0; row < 64; row += KERNEL_LANES)
            STORE(out + row, CHOOSE_LANES(bits, row, constant, LOAD(out + row)));
    }
}

static void KERNEL_NAME(blend_column)(int64_t *out, const int64_t *a, const uint64_t *mask, size_t words)
{
    for (size_t w = 0; w < words; w++, out += 64, a += 64) {
        uint64_t bits = mask[w];
        if (bits == 0)
            continue;
        for (size_t row = 0; row < 64; row += KERNEL_LANES)
            STORE(out + row, CHOOSE_LANES(bits, row, LOAD(a + row), LOAD(out + row)));
    }
}

static void KERNEL_NAME(add_column)(int64_t *out, const int64_t *a, const uint64_t *mask, size_t words)
{
    for (size_t w = 0; w < words; w++, out += 64, a += 64) {
        uint64_t bits = mask[w];
        if (bits == 0)
            continue;
        for (size_t row = 0; row < 64; row += KERNEL_LANES)
            STORE(out + row, ADD_LANES(LOAD(out + row), bits, row, LOAD(a + row)));
    }
}

/* Three bits of one weight make one of that weight and one, the carry, of the next. */
#define FULL_ADD(sum, carry, b_lanes, c_lanes) do { \
        lanes b_ = (b_lanes), c_ = (c_lanes), either_ = (sum) ^ b_; \
        STORE(carry, ((sum) & b_) | (c_ & either_)); \
        (sum) = either_ ^ c_; \
    } while (0)
#define HALF_ADD(sum, carry, b_lanes) do { \
        lanes b_ = (b_lanes); \
        STORE(carry, (sum) & b_); \
        (sum) ^= b_; \
    } while (0)
#define STEP_LANES(step) (LOAD((step)->bits + block) ^ ((lanes){0} + (step)->flip))

/* Plane by plane, a register of words at once: the bitmaps of a plane are added up in pairs, and each pair leaves one
   bitmap of carries for the next plane.  N bitmaps cost about N full adders in all.  Carries are read in pairs and
   written one by one, so one buffer does. */
static inline void KERNEL_NAME(count_block)(uint64_t count[64][KERNEL_LANES], unsigned planes,
                                            const uint32_t *plane_steps, const struct counter_step *step,
                                            uint64_t *carries, size_t block)
{
    size_t incoming = 0;
    for (unsigned plane = 0; plane < planes; plane++) {
        size_t left = plane_steps[plane];
        const uint64_t *from = carries, *from_end = carries + incoming * KERNEL_LANES;
        uint64_t *to = carries;
        lanes sum = {0};
        if (from < from_end) {
            sum = LOAD(from);
            from += KERNEL_LANES;
        } else if (left > 0) {
            sum = STEP_LANES(step);
            step++;
            left--;
        }
        for (; from + KERNEL_LANES < from_end; from += 2 * KERNEL_LANES, to += KERNEL_LANES)
            FULL_ADD(sum, to, LOAD(from), LOAD(from + KERNEL_LANES));
        if (from < from_end && left > 0) {
            FULL_ADD(sum, to, LOAD(from), STEP_LANES(step));
            to += KERNEL_LANES;
            step++;
            left--;
        } else if (from < from_end) {
            HALF_ADD(sum, to, LOAD(from));
            to += KERNEL_LANES;
        }
        for (; left >= 2; left -= 2, step += 2, to += KERNEL_LANES)
            FULL_ADD(sum, to, STEP_LANES(step), STEP_LANES(step + 1));
        if (left > 0) {
            HALF_ADD(sum, to, STEP_LANES(step));
            to += KERNEL_LANES;
            step++;
        }
        STORE(count[plane], sum);
        incoming = (size_t)(to - carries) / KERNEL_LANES;
    }
}

static void KERNEL_NAME(total)(int64_t *out, int64_t base, int64_t scale, unsigned planes, const uint32_t *plane_steps,
                               const struct counter_step *steps, uint64_t *carries, size_t words)
{
    uint64_t count[64][KERNEL_LANES];
    const lanes start = (lanes){0} + (uint64_t)base;
    for (size_t block = 0; block < words; block += KERNEL_LANES) {
        KERNEL_NAME(count_block)(count, planes, plane_steps, steps, carries, block);
        for (size_t w = 0; w < KERNEL_LANES; w++, out += 64)
            for (size_t row = 0; row < 64; row += 8 * KERNEL_LANES) {
                lanes sums[8] = {start, start, start, start, start, start, start, start};
                for (unsigned plane = 0; plane < planes; plane++) {
                    uint64_t bits = count[plane][w];
                    const lanes weight = (lanes){0} + ((uint64_t)scale << plane);
                    for (size_t part = 0; part < 8; part++)
                        sums[part] = ADD_LANES(sums[part], bits, row + part * KERNEL_LANES, weight);
                }
                for (size_t part = 0; part < 8; part++)
                    STORE(out + row + part * KERNEL_LANES, sums[part]);
            }
    }
}

#include "vm/kernels_codes.inc"

#if KERNEL_MASKS
/* Eight bits of all rows are 64 bytes, and one instruction takes a bit of each byte. */
static void KERNEL_NAME(transpose)(uint64_t rows[64], unsigned bits)
{
    __m512i all[8];
    for (unsigned i = 0; i < 8; i++)
        all[i] = _mm512_loadu_si512(rows + 8 * i);
    for (unsigned from = 0; from < bits; from += 8) {
        __m128i pairs[4];
        for (unsigned i = 0; i < 4; i++) {
            pairs[i] = _mm_unpacklo_epi64(_mm512_cvtepi64_epi8(all[2 * i]), _mm512_cvtepi64_epi8(all[2 * i + 1]));
            all[2 * i] = _mm512_srli_epi64(all[2 * i], 8);
            all[2 * i + 1] = _mm512_srli_epi64(all[2 * i + 1], 8);
        }
        __m512i plane = _mm512_inserti64x4(_mm512_castsi256_si512(_mm256_set_m128i(pairs[1], pairs[0])),
                                           _mm256_set_m128i(pairs[3], pairs[2]), 1);
        for (unsigned bit = 8; bit-- > 0;) {
            rows[from + bit] = _mm512_movepi8_mask(plane);
            plane = _mm512_add_epi8(plane, plane);      /* the next lower bit comes to the top */
        }
    }
}
#else
static void KERNEL_NAME(transpose)(uint64_t rows[64], unsigned bits)
{
    (void)bits;
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
#endif

static const struct kernels KERNEL_NAME(kernels) = {
#define KERNEL(name, parameters) .name = KERNEL_NAME(name),
    KERNELS(KERNEL)
#undef KERNEL
    .tests_worth8 = KERNEL_MASKS ? 5 : 8,
    .tests_worth16 = KERNEL_MASKS ? 6 : 10,
};

#undef lanes
#undef signed_lanes
#undef lanes_at
#undef signed_lanes_at
#undef LOAD
#undef STORE
#undef EACH_BLOCK
#undef PACK
#undef ROWS
#undef SIGNED
#undef CONSTANT_LANES
#undef constant_lanes
#undef COMPARE_CONST
#undef COMPARE
#undef TOP_BITS
#undef ADDITION
#undef CHOSEN_LANES
#undef CHOOSE_LANES
#undef ADD_LANES
#undef FULL_ADD
#undef HALF_ADD
#undef STEP_LANES
