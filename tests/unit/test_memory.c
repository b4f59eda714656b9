#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "vm/memory.h"

static jmp_buf refused;
static size_t refused_bytes;

static void jump_out(size_t bytes)
{
    refused_bytes = bytes;
    longjmp(refused, 1);
}

static bool all_zero(const unsigned char *bytes, size_t length)
{
    for (size_t at = 0; at < length; at++)
        if (bytes[at] != 0)
            return false;
    return true;
}

static void pieces_are_zeroed_aligned_and_apart(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena);
    for (int life = 0; life < 3; life++) {
        unsigned char *pieces[400];
        size_t sizes[400];
        for (size_t piece = 0; piece < 400; piece++) {
            sizes[piece] = piece % 50 == 49 ? 5000 : piece * 7 % 123;
            pieces[piece] = arena_alloc(&arena, sizes[piece]);
            assert_int_equal((uintptr_t)pieces[piece] % 16, 0);
            assert_true(all_zero(pieces[piece], sizes[piece]));
            memset(pieces[piece], (int)(piece % 255) + 1, sizes[piece]);
        }
        for (size_t piece = 0; piece < 400; piece++)
            for (size_t at = 0; at < sizes[piece]; at++)
                assert_int_equal(pieces[piece][at], piece % 255 + 1);
        arena_reset(&arena);
    }
    arena_free(&arena);
    assert_null(arena.newest);
    assert_int_equal(arena.bytes, 0);
}

static void reset_keeps_one_block(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena);
    for (int i = 0; i < 1000; i++)
        arena_alloc(&arena, 100);
    size_t before = arena.bytes;
    arena_reset(&arena);
    assert_true(arena.bytes > 0 && arena.bytes < before);
    size_t kept = arena.bytes;
    arena_alloc(&arena, 100);
    assert_int_equal(arena.bytes, kept);
    arena_free(&arena);
}

static void a_big_piece_does_not_end_the_block(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena);
    char *first = arena_alloc(&arena, 16);
    arena_alloc(&arena, 1 << 20);
    char *second = arena_alloc(&arena, 16);
    assert_ptr_equal(second, first + 16);
    arena_free(&arena);
}

static void copies_and_formats_end_in_nul(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena);
    char *copy = arena_copy(&arena, "abcdef", 3);
    assert_string_equal(copy, "abc");
    assert_string_equal(arena_copy(&arena, NULL, 0), "");
    assert_string_equal(arena_format(&arena, "%s and %d", copy, 42), "abc and 42");
    char long_text[3000];
    memset(long_text, 'x', sizeof long_text - 1);
    long_text[sizeof long_text - 1] = '\0';
    assert_string_equal(arena_format(&arena, "%s", long_text), long_text);
    arena_free(&arena);
}

static void buffers_grow_and_end_in_nul(void **state)
{
    (void)state;
    struct buffer buffer = {0};
    char expected[5001] = "";
    for (size_t i = 0; i < 5000; i++) {
        expected[i] = (char)('a' + i % 26);
        buffer_char(&buffer, expected[i]);
        assert_int_equal(buffer.data[buffer.length], '\0');
    }
    assert_int_equal(buffer.length, 5000);
    assert_memory_equal(buffer.data, expected, 5000);
    buffer_reset(&buffer);
    assert_int_equal(buffer.length, 0);
    assert_string_equal(buffer.data, "");
    buffer_text(&buffer, "one ");
    buffer_add(&buffer, "two and more", 3);
    buffer_add(&buffer, NULL, 0);
    buffer_format(&buffer, " %0200d", 3);
    assert_int_equal(buffer.length, 208);
    assert_int_equal(strlen(buffer.data), 208);
    assert_memory_equal(buffer.data, "one two 000", 11);
    assert_int_equal(buffer.data[207], '3');
    buffer_free(&buffer);
    assert_null(buffer.data);
}

static void a_format_that_just_fits_or_just_does_not(void **state)
{
    (void)state;
    for (int width = 1; width < 300; width++) {
        struct buffer buffer = {0};
        buffer_format(&buffer, "%*d", width, 7);
        assert_int_equal(buffer.length, width);
        assert_int_equal(buffer.data[width - 1], '7');
        assert_int_equal(buffer.data[width], '\0');
        buffer_free(&buffer);
    }
}

static void reserve_keeps_what_is_there(void **state)
{
    (void)state;
    int64_t *numbers = NULL;
    size_t capacity = 0;
    for (size_t count = 0; count < 1000; count++) {
        memory_reserve(&numbers, &capacity, count + 1, sizeof *numbers);
        assert_true(capacity >= count + 1);
        numbers[count] = (int64_t)count;
    }
    for (size_t at = 0; at < 1000; at++)
        assert_int_equal(numbers[at], at);
    int64_t *before = numbers;
    memory_reserve(&numbers, &capacity, 10, sizeof *numbers);
    assert_ptr_equal(before, numbers);
    free(numbers);
}

static void allocated_memory_is_zeroed(void **state)
{
    (void)state;
    unsigned char *block = memory_alloc(10000);
    assert_true(all_zero(block, 10000));
    block = memory_resize(block, 20000);
    assert_true(all_zero(block, 10000));
    free(block);
    block = memory_alloc(0);
    assert_non_null(block);
    free(block);
}

/* What cannot be given must end in the handler, not in a size that has wrapped around. */
static void sizes_that_overflow_reach_the_handler(void **state)
{
    (void)state;
    memory_on_failure(jump_out);
    volatile int reached = 0;
    if (setjmp(refused) == 0) {
        int64_t *numbers = NULL;
        size_t capacity = 0;
        memory_reserve(&numbers, &capacity, SIZE_MAX / 4, sizeof *numbers);
    } else {
        reached++;
    }
    struct arena arena;
    arena_init(&arena);
    if (setjmp(refused) == 0)
        arena_alloc(&arena, SIZE_MAX - 3);
    else
        reached++;
    if (setjmp(refused) == 0)
        arena_copy(&arena, "", SIZE_MAX);
    else
        reached++;
    if (setjmp(refused) == 0) {
        struct buffer buffer = {0};
        buffer_add(&buffer, "", SIZE_MAX);
    } else {
        reached++;
    }
    assert_int_equal(reached, 4);
    assert_true(refused_bytes > 0);
    memory_on_failure(NULL);
    arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pieces_are_zeroed_aligned_and_apart),
        cmocka_unit_test(reset_keeps_one_block),
        cmocka_unit_test(a_big_piece_does_not_end_the_block),
        cmocka_unit_test(copies_and_formats_end_in_nul),
        cmocka_unit_test(buffers_grow_and_end_in_nul),
        cmocka_unit_test(a_format_that_just_fits_or_just_does_not),
        cmocka_unit_test(reserve_keeps_what_is_there),
        cmocka_unit_test(allocated_memory_is_zeroed),
        cmocka_unit_test(sizes_that_overflow_reach_the_handler),
    };
    return cmocka_run_group_tests_name("memory", tests, NULL, NULL);
}
