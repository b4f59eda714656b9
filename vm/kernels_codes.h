/* Comparisons on small codes (struct code_plan), for each instruction set: a part of kernels_body.h. */

/* The code of a number: see struct code_plan. */
#if KERNEL_MASKS
#define CORRECT(mask) \
        mask = _mm512_cmpge_epu64_mask(rest, step); \
        point = _mm512_mask_add_epi64(point, mask, point, one); \
        rest = _mm512_mask_sub_epi64(rest, mask, rest, step);
#define ENCODE(type, store) \
    const __m512i least = _mm512_set1_epi64(plan->least), most = _mm512_set1_epi64(plan->most); \
    const __m512i origin = _mm512_set1_epi64(plan->origin), one = _mm512_set1_epi64(1); \
    const __m512i low_bits = _mm512_set1_epi64((INT64_C(1) << plan->shift) - 1); \
    const __m512i step = _mm512_set1_epi64((int64_t)plan->step), factor = _mm512_set1_epi64((int64_t)plan->factor); \
    const __m128i shift = _mm_cvtsi64_si128((int64_t)plan->shift), high = _mm_cvtsi64_si128((int64_t)plan->high); \
    for (size_t row = 0; row < words * 64; row += 8) { \
        __m512i value = _mm512_min_epi64(_mm512_max_epi64(ROWS(a, row), least), most); \
        __m512i distance = _mm512_sub_epi64(value, origin), shifted = _mm512_srl_epi64(distance, shift); \
        __m512i point = _mm512_srli_epi64(_mm512_mul_epu32(_mm512_srl_epi64(shifted, high), factor), 32); \
        __m512i rest = _mm512_sub_epi64(shifted, _mm512_mul_epu32(point, step)); \
        __mmask8 more; \
        CORRECT(more) \
        CORRECT(more) \
        rest = _mm512_or_si512(rest, _mm512_and_si512(distance, low_bits)); \
        point = _mm512_add_epi64(point, point); \
        point = _mm512_mask_add_epi64(point, _mm512_test_epi64_mask(rest, rest), point, one); \
        store; \
    }
#else
#define ENCODE(type, store) \
    const int64_t least = plan->least, most = plan->most, origin = plan->origin; \
    const unsigned shift = plan->shift, high = plan->high; \
    const uint64_t step = plan->step, factor = plan->factor, low_bits = (UINT64_C(1) << shift) - 1; \
    for (size_t row = 0; row < words * 64; row++) { \
        int64_t value = a[row] < least ? least : a[row]; \
        value = value > most ? most : value; \
        uint64_t distance = (uint64_t)value - (uint64_t)origin, shifted = distance >> shift; \
        uint64_t point = ((shifted >> high) * factor) >> 32; \
        uint64_t rest = shifted - point * step; \
        for (int correction = 0; correction < 2; correction++) { \
            uint64_t is_less = (uint64_t)((int64_t)(rest - step) >> 63);    /* all ones or nothing */ \
            point += 1 + is_less; \
            rest -= step & ~is_less; \
        } \
        rest |= distance & low_bits; \
        codes[row] = (type)(2 * point + (rest != 0)); \
    }
#endif

static void KERNEL_NAME(encode8)(uint8_t *restrict codes, const int64_t *restrict a, const struct code_plan *plan,
                                 size_t words)
{
    ENCODE(uint8_t, _mm_storel_epi64((__m128i *)(void *)(codes + row), _mm512_cvtepi64_epi8(point)))
}

static void KERNEL_NAME(encode16)(uint16_t *restrict codes, const int64_t *restrict a, const struct code_plan *plan,
                                  size_t words)
{
    ENCODE(uint16_t, _mm_storeu_si128((__m128i *)(void *)(codes + row), _mm512_cvtepi64_epi16(point)))
}
#undef ENCODE
#undef CORRECT

#if KERNEL_MASKS
/* Both answers come out of a comparison under the mask of what is known. */
#define TEST_WORDS_8(yes_mask, no_mask) \
    for (size_t w = 0; w < words; w++) { \
        __m512i code = _mm512_loadu_si512((const void *)(codes + w * 64)); \
        __mmask64 is_known = (__mmask64)known[w]; \
        yes[w] = (uint64_t)(yes_mask); \
        no[w] = (uint64_t)(no_mask); \
    }
#define TEST_WORDS_16(answer) \
    for (size_t w = 0; w < words; w++) { \
        __m512i code = _mm512_loadu_si512((const void *)(codes + w * 64)); \
        uint64_t bits = (uint64_t)(uint32_t)(answer); \
        code = _mm512_loadu_si512((const void *)(codes + w * 64 + 32)); \
        bits |= (uint64_t)(uint32_t)(answer) << 32; \
        yes[w] = known[w] & bits; \
        no[w] = known[w] & ~bits; \
    }

static void KERNEL_NAME(test8)(const uint8_t *codes, const struct code_test *tests, size_t count, const uint64_t *known,
                               size_t words)
{
    for (const struct code_test *test = tests; test < tests + count; test++) {
        uint64_t *yes = test->yes, *no = test->no;
        const __m512i low = _mm512_set1_epi8((char)test->low), top = _mm512_set1_epi8((char)test->high);
        switch (test->kind) {
        case CODE_EQ:
            TEST_WORDS_8(_mm512_mask_cmpeq_epu8_mask(is_known, code, low),
                         _mm512_mask_cmpneq_epu8_mask(is_known, code, low))
            break;
        case CODE_LT:
            TEST_WORDS_8(_mm512_mask_cmplt_epu8_mask(is_known, code, low),
                         _mm512_mask_cmpge_epu8_mask(is_known, code, low))
            break;
        case CODE_GT:
            TEST_WORDS_8(_mm512_mask_cmpgt_epu8_mask(is_known, code, low),
                         _mm512_mask_cmple_epu8_mask(is_known, code, low))
            break;
        case CODE_WITHIN:
            TEST_WORDS_8(
                _mm512_mask_cmple_epu8_mask(_mm512_mask_cmpgt_epu8_mask(is_known, code, low), code, top),
                is_known & ~_mm512_mask_cmple_epu8_mask(_mm512_mask_cmpgt_epu8_mask(is_known, code, low), code, top))
            break;
        }
    }
}

static void KERNEL_NAME(test16)(const uint16_t *codes, const struct code_test *tests, size_t count,
                                const uint64_t *known, size_t words)
{
    for (const struct code_test *test = tests; test < tests + count; test++) {
        uint64_t *yes = test->yes, *no = test->no;
        const __m512i low = _mm512_set1_epi16((short)test->low), top = _mm512_set1_epi16((short)test->high);
        switch (test->kind) {
        case CODE_EQ: TEST_WORDS_16(_mm512_cmpeq_epu16_mask(code, low)) break;
        case CODE_LT: TEST_WORDS_16(_mm512_cmplt_epu16_mask(code, low)) break;
        case CODE_GT: TEST_WORDS_16(_mm512_cmpgt_epu16_mask(code, low)) break;
        case CODE_WITHIN:
            TEST_WORDS_16(_mm512_mask_cmple_epu16_mask(_mm512_cmpgt_epu16_mask(code, low), code, top)) break;
        }
    }
}
#undef TEST_WORDS_8
#undef TEST_WORDS_16
#elif KERNELS_DISPATCH
/* Whole bytes of ones or zeros, whose top bits the processor gathers.  There is no comparison of numbers without sign:
   a code is above `low` when it is the greater of itself and low + 1, and codes of constants are neither 0 nor the
   greatest.  Codes of 16 bits are compared by subtractions that stop at 0, and their answers packed into bytes. */
#if KERNEL_LANES == 4
#define code_lanes __m256i
#define CODE_LANES(suffix) _mm256_##suffix
#define CODE_LOAD(pointer) _mm256_loadu_si256((const __m256i *)(const void *)(pointer))
#define CODE_AND(a, b) _mm256_and_si256(a, b)
#define CODE_NONE _mm256_setzero_si256()
#define CODE_PACK(a, b) _mm256_permute4x64_epi64(_mm256_packs_epi16(a, b), 0xD8)
#else
#define code_lanes __m128i
#define CODE_LANES(suffix) _mm_##suffix
#define CODE_LOAD(pointer) _mm_loadu_si128((const __m128i *)(const void *)(pointer))
#define CODE_AND(a, b) _mm_and_si128(a, b)
#define CODE_NONE _mm_setzero_si128()
#define CODE_PACK(a, b) _mm_packs_epi16(a, b)
#endif
#define CODE_BYTES (8 * KERNEL_LANES)
#define TEST_WORDS_8(answer) \
    for (size_t w = 0; w < words; w++) { \
        uint64_t bits = 0; \
        for (size_t row = 0; row < 64; row += CODE_BYTES) { \
            code_lanes code = CODE_LOAD(codes + w * 64 + row); \
            bits |= (uint64_t)(uint32_t)CODE_LANES(movemask_epi8)(answer) << row; \
        } \
        yes[w] = known[w] & bits; \
        no[w] = known[w] & ~bits; \
    }
#define ABOVE_8 CODE_LANES(cmpeq_epi8)(CODE_LANES(max_epu8)(code, after), code)
#define UP_TO_8(limit) CODE_LANES(cmpeq_epi8)(CODE_LANES(min_epu8)(code, limit), code)

static void KERNEL_NAME(test8)(const uint8_t *codes, const struct code_test *tests, size_t count, const uint64_t *known,
                               size_t words)
{
    for (const struct code_test *test = tests; test < tests + count; test++) {
        uint64_t *yes = test->yes, *no = test->no;
        const code_lanes low = CODE_LANES(set1_epi8)((char)test->low), top = CODE_LANES(set1_epi8)((char)test->high);
        const code_lanes after = CODE_LANES(set1_epi8)((char)(test->low + 1));
        const code_lanes before = CODE_LANES(set1_epi8)((char)(test->low - 1));
        switch (test->kind) {
        case CODE_EQ: TEST_WORDS_8(CODE_LANES(cmpeq_epi8)(code, low)) break;
        case CODE_LT: TEST_WORDS_8(UP_TO_8(before)) break;
        case CODE_GT: TEST_WORDS_8(ABOVE_8) break;
        case CODE_WITHIN: TEST_WORDS_8(CODE_AND(ABOVE_8, UP_TO_8(top))) break;
        }
    }
}

#define TEST_WORDS_16(answer, flip) \
    for (size_t w = 0; w < words; w++) { \
        uint64_t bits = 0; \
        for (size_t row = 0; row < 64; row += CODE_BYTES) { \
            code_lanes code = CODE_LOAD(codes + w * 64 + row), first = (answer); \
            code = CODE_LOAD(codes + w * 64 + row + CODE_BYTES / 2); \
            code_lanes packed = CODE_PACK(first, (answer)); \
            bits |= (uint64_t)(uint32_t)CODE_LANES(movemask_epi8)(packed) << row; \
        } \
        bits ^= (flip); \
        yes[w] = known[w] & bits; \
        no[w] = known[w] & ~bits; \
    }
/* Ones where a code is at most, and where it is at least, a limit. */
#define AT_MOST_16(limit) CODE_LANES(cmpeq_epi16)(CODE_LANES(subs_epu16)(code, limit), CODE_NONE)
#define AT_LEAST_16(limit) CODE_LANES(cmpeq_epi16)(CODE_LANES(subs_epu16)(limit, code), CODE_NONE)

static void KERNEL_NAME(test16)(const uint16_t *codes, const struct code_test *tests, size_t count,
                                const uint64_t *known, size_t words)
{
    const uint64_t all_bits = ~UINT64_C(0);
    for (const struct code_test *test = tests; test < tests + count; test++) {
        uint64_t *yes = test->yes, *no = test->no;
        const code_lanes low = CODE_LANES(set1_epi16)((short)test->low);
        const code_lanes top = CODE_LANES(set1_epi16)((short)test->high);
        const code_lanes after = CODE_LANES(set1_epi16)((short)(test->low + 1));
        switch (test->kind) {
        case CODE_EQ: TEST_WORDS_16(CODE_LANES(cmpeq_epi16)(code, low), UINT64_C(0)) break;
        case CODE_LT: TEST_WORDS_16(AT_LEAST_16(low), all_bits) break;
        case CODE_GT: TEST_WORDS_16(AT_MOST_16(low), all_bits) break;
        case CODE_WITHIN: TEST_WORDS_16(CODE_AND(AT_LEAST_16(after), AT_MOST_16(top)), UINT64_C(0)) break;
        }
    }
}
#undef code_lanes
#undef CODE_LANES
#undef CODE_LOAD
#undef CODE_AND
#undef CODE_NONE
#undef CODE_PACK
#undef CODE_BYTES
#undef TEST_WORDS_8
#undef TEST_WORDS_16
#undef ABOVE_8
#undef UP_TO_8
#undef AT_MOST_16
#undef AT_LEAST_16
#else
/* A byte of 0 or 1 for each row, gathered eight at a time: the multiplication brings bit 0 of byte i to bit 56 + i. */
#define TEST_WORDS(answer) \
    for (size_t w = 0; w < words; w++, codes += 64) { \
        uint8_t answers[64]; \
        for (size_t row = 0; row < 64; row++) \
            answers[row] = (answer); \
        uint64_t bits = 0, eight; \
        for (size_t row = 0; row < 64; row += 8) { \
            memcpy(&eight, answers + row, 8); \
            bits |= ((eight * UINT64_C(0x0102040810204080)) >> 56) << row; \
        } \
        yes[w] = known[w] & bits; \
        no[w] = known[w] & ~bits; \
    }
#define TESTS(type) \
    for (const struct code_test *test = tests; test < tests + count; test++) { \
        uint64_t *yes = test->yes, *no = test->no; \
        const type low = (type)test->low, top = (type)test->high, *codes = all_codes; \
        switch (test->kind) { \
        case CODE_EQ: TEST_WORDS(codes[row] == low) break; \
        case CODE_LT: TEST_WORDS(codes[row] < low) break; \
        case CODE_GT: TEST_WORDS(codes[row] > low) break; \
        case CODE_WITHIN: TEST_WORDS((codes[row] > low) & (codes[row] <= top)) break; \
        } \
    }

static void KERNEL_NAME(test8)(const uint8_t *all_codes, const struct code_test *tests, size_t count,
                               const uint64_t *known, size_t words)
{
    TESTS(uint8_t)
}

static void KERNEL_NAME(test16)(const uint16_t *all_codes, const struct code_test *tests, size_t count,
                                const uint64_t *known, size_t words)
{
    TESTS(uint16_t)
}
#undef TEST_WORDS
#undef TESTS
#endif
