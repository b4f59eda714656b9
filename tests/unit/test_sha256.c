#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "vm/memory.h"
#include "vm/sha256.h"

static void expect_hash(const char *text, const char *expected)
{
    char hex[65];
    sha256_hex(text, strlen(text), hex);
    assert_string_equal(hex, expected);
}

static void the_vectors_of_the_standard(void **state)
{
    (void)state;
    expect_hash("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    expect_hash("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    expect_hash("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
                "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    struct buffer million = {0};
    for (int i = 0; i < 1000000; i++)
        buffer_char(&million, 'a');
    expect_hash(million.data, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
    buffer_free(&million);
}

/* Every length around the edges of blocks: the hash of all their hashes, computed by another program. */
static void every_length_up_to_five_blocks(void **state)
{
    (void)state;
    struct buffer all = {0};
    for (size_t length = 0; length <= 300; length++) {
        uint8_t bytes[300];
        for (size_t at = 0; at < length; at++)
            bytes[at] = (uint8_t)(at * 7 + length);
        char hex[65];
        sha256_hex(bytes, length, hex);
        buffer_text(&all, hex);
    }
    expect_hash(all.data, "94bc81110d562891b0adac6bac4837f28ae9118c192446b6ac4414fdf4c6e629");
    buffer_free(&all);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_vectors_of_the_standard),
        cmocka_unit_test(every_length_up_to_five_blocks),
    };
    return cmocka_run_group_tests_name("sha256", tests, NULL, NULL);
}
