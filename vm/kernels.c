#include "vm/kernels.h"

#include <string.h>

/* Like inner loops, whatever the flags of the build. */
#if defined(__GNUC__) && !defined(__clang__) && !defined(RUBRIC_SCALAR)
#pragma GCC optimize("O3")
#endif

#if !defined(RUBRIC_SCALAR) && defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) \
    && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define KERNELS_DISPATCH 1
#include <immintrin.h>
#else
#define KERNELS_DISPATCH 0
#endif

#define ROW_BITS_8(n) UINT64_C(1) << (n), UINT64_C(2) << (n), UINT64_C(4) << (n), UINT64_C(8) << (n), \
        UINT64_C(16) << (n), UINT64_C(32) << (n), UINT64_C(64) << (n), UINT64_C(128) << (n)
static const uint64_t row_bits[64] __attribute__((aligned(64))) = {
    ROW_BITS_8(0),  ROW_BITS_8(8),  ROW_BITS_8(16), ROW_BITS_8(24),
    ROW_BITS_8(32), ROW_BITS_8(40), ROW_BITS_8(48), ROW_BITS_8(56),
};

#define KERNEL_MASKS 0
#define KERNEL_LANES 2
#define KERNEL_NAME(name) plain_##name
#include "vm/kernels_body.h"
#undef KERNEL_NAME

#if KERNELS_DISPATCH
#pragma GCC push_options
#pragma GCC target("avx2,bmi,bmi2")
#undef KERNEL_LANES
#define KERNEL_LANES 4
#define KERNEL_NAME(name) avx2_##name
#include "vm/kernels_body.h"
#undef KERNEL_NAME
#pragma GCC pop_options

#undef KERNEL_MASKS
#undef KERNEL_LANES
#define KERNEL_MASKS 1
#define KERNEL_LANES 8
#pragma GCC push_options
#pragma GCC target("avx2,bmi,bmi2,avx512f,avx512bw,avx512dq,avx512vl")
#define KERNEL_NAME(name) avx512_##name
#include "vm/kernels_body.h"
#undef KERNEL_NAME
#pragma GCC pop_options
#endif

const struct kernels *kernels_of(enum kernel_set set)
{
    switch (set) {
    case KERNELS_PLAIN:
        return &plain_kernels;
    case KERNELS_AVX2:
#if KERNELS_DISPATCH
        if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2"))
            return &avx2_kernels;
#endif
        return NULL;
    case KERNELS_AVX512:
#if KERNELS_DISPATCH
        if (kernels_of(KERNELS_AVX2) != NULL && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw")
            && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl"))
            return &avx512_kernels;
#endif
        return NULL;
    case KERNEL_SETS:
        break;
    }
    return NULL;
}

const struct kernels *kernels_best(void)
{
    unsigned set = KERNELS_AVX512;
    while (kernels_of((enum kernel_set)set) == NULL)
        set--;
    return kernels_of((enum kernel_set)set);
}
