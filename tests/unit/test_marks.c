/* The places of quotes, backslashes and control characters: all kernels find what a loop over the bytes finds, and text
   that is not UTF-8 is told from text that is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "vm/input/json_scan.h"
#include "vm/input/keys.h"
#include "vm/input/marks.h"
#include "vm/limits.h"
#include "vm/memory.h"

static uint64_t random_next(uint64_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed >> 11;
}

static size_t fill(uint64_t *seed, char *text, size_t length, unsigned kind)
{
    static const char *const parts[] = {"\"", "\\", "\n", "\x1F", " ", "a", "~", "\x7F", "ü", "€", "😀", "\t", "name", ",\"x\":", ";", ","};
    size_t at = 0;
    while (at < length) {
        if (kind == 0) {
            text[at++] = (char)random_next(seed);
            continue;
        }
        const char *part = parts[random_next(seed) % (sizeof parts / sizeof parts[0])];
        if (at + strlen(part) > length)
            break;
        memcpy(text + at, part, strlen(part));
        at += strlen(part);
    }
    return at;
}

static void kernels_find_the_same_places(void **state)
{
    (void)state;
    uint64_t seed = 88172645463325252u;
    char text[1100 + INPUT_PADDING];
    for (int round = 0; round < 4000; round++) {
        size_t length = fill(&seed, text, random_next(&seed) % 1000, (unsigned)round % 2);
        const char other = ";\\,\t"[round % 4];
        memset(text + length, round % 3 ? 0 : '"', INPUT_PADDING);
        bool valid = true;
        for (size_t at = 0; at < length && valid;) {
            unsigned step = (unsigned char)text[at] < 0x80 ? 1 : scan_utf8(text + at);
            valid = step > 0;
            at += step;
        }
        for (unsigned set = 0; set < MARKS_SETS; set++) {
            marks_kernel *kernel = marks_kernel_of((enum marks_set)set);
            if (!kernel)
                continue;
            struct marks marks = {0};
            assert_int_equal(marks_find(&marks, kernel, other, text, length), valid);
            size_t count = 0;
            for (size_t at = 0; at < length; at++)
                if (text[at] == '"' || text[at] == other || (unsigned char)text[at] < 0x20)
                    assert_int_equal(marks.places[count++], at);
            assert_int_equal(marks.count, count);
            for (size_t i = 0; i < MARKS_BEHIND; i++)
                assert_int_equal(marks.places[count + i], length);
            marks_free(&marks);
        }
        uint32_t feeds = 0;
        for (size_t at = 0; at < length; at++)
            feeds += text[at] == '\n';
        assert_int_equal(marks_count(text, length, '\n'), feeds);
    }
}

/* What a sequence of UTF-8 is broken by may be the end of the piece, or of 64 bytes. */
static void sequences_over_an_edge(void **state)
{
    (void)state;
    char text[256 + INPUT_PADDING] = {0};
    const char other = ',';
    for (size_t before = 0; before < 130; before++) {
        memset(text, 'x', 200);
        memcpy(text + before, "😀", 4);
        for (unsigned set = 0; set < MARKS_SETS; set++) {
            marks_kernel *kernel = marks_kernel_of((enum marks_set)set);
            if (!kernel)
                continue;
            struct marks marks = {0};
            assert_true(marks_find(&marks, kernel, other, text, before + 4));
            text[before + 3] = 'x';
            assert_false(marks_find(&marks, kernel, other, text, before + 4));
            memcpy(text + before, "😀", 4);
            marks_free(&marks);
        }
    }
}

/* Numbered keys and others, near each other and strewn, against a list that is searched from its beginning. */
static void keys_that_were_there_before(void **state)
{
    (void)state;
    uint64_t seed = 362436069;
    enum { KEYS = 6000 };
    static char names[KEYS][40];
    static struct text texts[KEYS];
    for (unsigned spread = 10; spread <= 100000000; spread *= 100) {
        for (size_t i = 0; i < KEYS; i++) {
            static const char *const forms[] = {"%u", "L%08u", "%07u", "x%ux", "lead-%05u-%u", "K%u", "0%u", "this is a long name %u"};
            unsigned number = (unsigned)(random_next(&seed) % spread);
            int length = snprintf(names[i], sizeof names[i], forms[random_next(&seed) % 8], number, number % 7);
            texts[i] = (struct text){names[i], random_next(&seed) % 50 ? (uint32_t)length : 0};
        }
        for (size_t step = 1; step <= 1024; step *= 32) {
            struct key_set keys = {0};
            bool marks[1024], full = false;
            for (size_t from = 0; from < KEYS; from += step) {
                size_t count = KEYS - from < step ? KEYS - from : step;
                uint32_t found = key_set_add(&keys, texts + from, (uint32_t)count, SIZE_MAX / 2, marks, &full);
                for (size_t i = from; i < from + count; i++) {
                    bool before = false;
                    for (size_t k = 0; k < i && !before && texts[i].length > 0 && step == 1024; k++)
                        before = texts[k].length == texts[i].length && memcmp(names[k], names[i], texts[i].length) == 0;
                    if (step == 1024)
                        assert_int_equal(marks[i - from], before);
                    found -= marks[i - from];
                }
                assert_int_equal(found, 0);
            }
            assert_false(full);
            key_set_free(&keys);
        }
    }
}

/* Only so many are kept, whichever way they are kept and however many come at once. */
static void no_more_keys_than_wanted(void **state)
{
    (void)state;
    struct text texts[6] = {{"1", 1}, {"x", 1}, {"2", 1}, {"y", 1}, {"x", 1}, {"2", 1}};
    for (uint32_t step = 1; step <= 6; step++) {
        struct key_set keys = {0};
        bool marks[6], full = false;
        for (uint32_t from = 0; from < 6; from += step)
            key_set_add(&keys, texts + from, 6 - from < step ? 6 - from : step, 2, marks + from, &full);
        const bool expected[6] = {false, false, false, false, true, false};
        assert_memory_equal(marks, expected, sizeof expected);
        assert_true(full);
        assert_int_equal(keys.count, 2);
        key_set_free(&keys);
    }
}

/* A key that is no number takes a hash, and there are only so many. */
static void no_more_hashes_than_the_limit(void **state)
{
    (void)state;
    struct key_set keys = {0};
    bool mark, full = false;
    char name[32];
    for (uint32_t i = 0; i <= LIMIT_HASHED_KEYS; i++) {
        assert_false(full);
        struct text key = {name, (uint32_t)snprintf(name, sizeof name, "%u-x", i)};
        key_set_add(&keys, &key, 1, LIMIT_REMEMBERED_KEYS, &mark, &full);
        assert_false(mark);
    }
    assert_true(full);
    assert_int_equal(keys.hash_count, LIMIT_HASHED_KEYS);
    assert_true(keys.size * sizeof *keys.hashes <= (size_t)32 << 20);
    key_set_add(&keys, &(struct text){"0-x", 3}, 1, LIMIT_REMEMBERED_KEYS, &mark, &full);
    assert_true(mark);
    key_set_add(&keys, &(struct text){"7", 1}, 1, LIMIT_REMEMBERED_KEYS, &mark, &full);
    key_set_add(&keys, &(struct text){"7", 1}, 1, LIMIT_REMEMBERED_KEYS, &mark, &full);
    assert_true(mark);
    key_set_free(&keys);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kernels_find_the_same_places),
        cmocka_unit_test(sequences_over_an_edge),
        cmocka_unit_test(keys_that_were_there_before),
        cmocka_unit_test(no_more_keys_than_wanted),
        cmocka_unit_test(no_more_hashes_than_the_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
