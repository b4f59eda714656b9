#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

#include "vm/text.h"

static struct text of(const char *bytes)
{
    return (struct text){bytes, (uint32_t)strlen(bytes)};
}

static uint64_t random_next(uint64_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed;
}

static void expect_fold(const char *raw, const char *folded)
{
    struct buffer out = {0};
    buffer_text(&out, "before");
    size_t length = text_fold(of(raw), &out);
    assert_int_equal(length, strlen(folded));
    assert_int_equal(out.length, 6 + length);
    assert_memory_equal(out.data, "before", 6);
    assert_string_equal(out.data + 6, folded);
    buffer_free(&out);
}

static void texts_are_folded(void **state)
{
    (void)state;
    expect_fold("", "");
    expect_fold("  CEO & Founder\t\r\n", "ceo & founder");
    expect_fold("@AZ[`az{ABCDEFGHIJKLMNOPQRSTUVWXYZ", "@az[`az{abcdefghijklmnopqrstuvwxyz");
    expect_fold("STRASSE", "strasse");
    expect_fold("Straße", "strasse");
    expect_fold("STRAẞE", "strasse");
    expect_fold("GESCHÄFTSFÜHRER", "geschäftsführer");
    expect_fold("GESCHA\u0308FTSFU\u0308HRER", "geschäftsführer");
    expect_fold("ÀÖ×ØÞß÷ÿ", "àö×øþss÷ÿ");
    expect_fold("µ", "μ");
    expect_fold("İ", "i\u0307");
    expect_fold("ŉ", "\u02BCn");
    expect_fold("ŸŹſ", "ÿźs");
    expect_fold("\u01F0", "\u01F0");
    expect_fold("ΣΊΣΥΦΟΣ", "σίσυφοσ");
    expect_fold("ДИРЕКТОР Й И\u0306", "директор й й");
    expect_fold("\uFB01nance", "finance");
    expect_fold("\u212B", "å");
    expect_fold("\u1100\u1161\u11A8", "각");
    expect_fold("\u00A0\u2003\u3000x\xC2\x85\u2028\u205F", "x");
    expect_fold("\u200Bx", "\u200Bx");
    expect_fold("\x1Cx", "\x1Cx");
    expect_fold("a\u0301\u0327", "\u00E1\u0327");
    expect_fold("q\u0301\u0327", "q\u0327\u0301");
}

/* The truth for folding: utf8proc's own normalisation around its folding of single code points. */
static void fold_slowly(const char *bytes, size_t length, struct buffer *out)
{
    utf8proc_uint8_t *composed = NULL, *again = NULL;
    utf8proc_ssize_t count = utf8proc_map((const utf8proc_uint8_t *)bytes, (utf8proc_ssize_t)length, &composed,
                                          UTF8PROC_COMPOSE | UTF8PROC_STABLE);
    assert_true(count >= 0);
    struct buffer folded = {0};
    buffer_text(&folded, "");
    for (utf8proc_ssize_t at = 0; at < count;) {
        utf8proc_int32_t code_point, many[32];
        int boundary = 0;
        at += utf8proc_iterate(composed + at, count - at, &code_point);
        utf8proc_ssize_t folds = utf8proc_decompose_char(code_point, many, 32, UTF8PROC_CASEFOLD, &boundary);
        for (utf8proc_ssize_t i = 0; i < folds; i++) {
            utf8proc_uint8_t encoded[4];
            buffer_add(&folded, (char *)encoded, (size_t)utf8proc_encode_char(many[i], encoded));
        }
    }
    count = utf8proc_map((const utf8proc_uint8_t *)folded.data, (utf8proc_ssize_t)folded.length, &again,
                         UTF8PROC_COMPOSE | UTF8PROC_STABLE);
    assert_true(count >= 0);
    buffer_reset(out);
    buffer_add(out, (char *)again, (size_t)count);
    buffer_free(&folded);
    free(composed);
    free(again);
}

static uint32_t random_code_point(uint64_t *seed)
{
    static const uint32_t ranges[][2] = {
        {0x21, 0x5F}, {0x61, 0x1E}, {0xA1, 0xDF}, {0x180, 0xD0}, {0x300, 0x70}, {0x370, 0x90}, {0x400, 0x100},
        {0x591, 0x60}, {0x1100, 0x100}, {0x1E00, 0x200}, {0xAC00, 0x2BA4}, {0xFB00, 0x20}, {0x1D100, 0x100},
        {0x21, 0x5F},
    };
    const uint32_t *range = ranges[random_next(seed) % (sizeof ranges / sizeof ranges[0])];
    return range[0] + (uint32_t)(random_next(seed) % range[1]);
}

static void folding_agrees_with_the_slow_way(void **state)
{
    (void)state;
    uint64_t seed = 6546546542161;
    struct buffer raw = {0}, fast = {0}, slow = {0};
    for (int round = 0; round < 60000; round++) {
        buffer_reset(&raw);
        uint64_t count = 1 + random_next(&seed) % (round % 1000 == 0 ? 2000 : 12);
        uint32_t below = round % 3 == 0 ? 0x180 : 0x110000;
        while (count-- > 0) {
            uint32_t code_point = random_code_point(&seed);
            char bytes[4];
            if (code_point < below)
                buffer_add(&raw, bytes, utf8_encode(code_point, bytes));
        }
        if (raw.length == 0 || text_trim((struct text){raw.data, (uint32_t)raw.length}).length != raw.length)
            continue;
        assert_true(utf8_valid(raw.data, raw.length));
        buffer_reset(&fast);
        text_fold((struct text){raw.data, (uint32_t)raw.length}, &fast);
        fold_slowly(raw.data, raw.length, &slow);
        assert_int_equal(fast.length, slow.length);
        assert_memory_equal(fast.data, slow.data, slow.length);
        struct text one = {raw.data, (uint32_t)raw.length}, other = {fast.data, (uint32_t)fast.length};
        assert_true(text_same(one, other));
    }
    buffer_free(&raw);
    buffer_free(&fast);
    buffer_free(&slow);
}

/* Alternating classes over a megabyte: sorted by exchange it would take hours. */
static void a_million_marks_are_sorted(void **state)
{
    (void)state;
    struct buffer raw = {0}, folded = {0};
    buffer_text(&raw, "q");
    for (int i = 0; i < 500000; i++)
        buffer_text(&raw, "\u0301\u0327");
    text_fold((struct text){raw.data, (uint32_t)raw.length}, &folded);
    assert_int_equal(folded.length, raw.length);
    assert_memory_equal(folded.data, "q\u0327\u0327", 5);
    assert_memory_equal(folded.data + folded.length - 4, "\u0301\u0301", 4);
    assert_int_equal(text_length((struct text){raw.data, (uint32_t)raw.length}), 1000001);
    buffer_free(&raw);
    buffer_free(&folded);
}

static void texts_compare(void **state)
{
    (void)state;
    assert_true(text_same(of(" STRASSE "), of("Straße")));
    assert_true(text_same(of("José"), of("JOSE\u0301")));
    assert_false(text_same(of("Jose"), of("José")));
    assert_false(text_same(of("a"), of("a b")));
    struct arena arena;
    arena_init(&arena);
    uint32_t length = 0;
    assert_string_equal(text_fold_copy(&arena, " Ä ", 4, &length), "ä");
    assert_int_equal(length, 2);
    assert_string_equal(text_fold_copy(&arena, "", 0, &length), "");
    assert_int_equal(length, 0);
    arena_free(&arena);
}

static void white_space_is_trimmed(void **state)
{
    (void)state;
    int counted = 0;
    for (uint32_t code_point = 0; code_point < 0x110000; code_point++) {
        char raw[9];
        size_t length = utf8_encode(code_point, raw);
        if (length == 0)
            continue;
        raw[length] = 'x';
        memcpy(raw + length + 1, raw, length);
        struct text trimmed = text_trim((struct text){raw, (uint32_t)(2 * length + 1)});
        if (trimmed.length != 2 * length + 1) {
            assert_int_equal(trimmed.length, 1);
            assert_ptr_equal(trimmed.bytes, raw + length);
            counted++;
        }
    }
    assert_int_equal(counted, 25);                      /* so many code points have the property White_Space */
    assert_int_equal(text_trim(of(" \t\u3000 ")).length, 0);
    assert_int_equal(text_trim((struct text){NULL, 0}).length, 0);
}

static void lengths_count_code_points(void **state)
{
    (void)state;
    assert_int_equal(text_length(of("  abc ")), 3);
    assert_int_equal(text_length(of("Straße")), 6);
    assert_int_equal(text_length(of("e\u0301")), 1);
    assert_int_equal(text_length(of("q\u0301")), 2);
    assert_int_equal(text_length(of("😀")), 1);
    assert_int_equal(text_length(of("")), 0);
}

static void expect_text(struct text text, const char *expected)
{
    assert_int_equal(text.length, strlen(expected));
    assert_memory_equal(text.bytes, expected, text.length);
}

static void domains(void **state)
{
    (void)state;
    expect_text(text_domain(of("ann@example.com")), "example.com");
    expect_text(text_domain(of(" \"a@b\"@Example.com ")), "Example.com");
    expect_text(text_domain(of("nobody")), "");
    expect_text(text_domain(of("nobody@ ")), "");
    expect_text(text_domain(of("")), "");
}

static void parts_of_texts(void **state)
{
    (void)state;
    assert_true(text_contains(of("director"), of("cto")));
    assert_false(text_contains(of("direct"), of("cto")));
    assert_true(text_starts(of("/pricing/eu"), of("/pricing")));
    assert_false(text_starts(of("/pri"), of("/pricing")));
    assert_true(text_ends(of("a.pdf"), of(".pdf")));
    assert_false(text_ends(of("pdf"), of(".pdf")));
    assert_false(text_contains(of("a"), of("")));
    assert_false(text_starts(of("a"), of("")));
    assert_false(text_ends(of("a"), of("")));
    assert_false(text_has_word(of("a"), of("")));
}

static void words_have_boundaries(void **state)
{
    (void)state;
    assert_false(text_has_word(of("director"), of("cto")));
    assert_true(text_has_word(of("director, cto"), of("cto")));
    assert_true(text_has_word(of("cto"), of("cto")));
    assert_true(text_has_word(of("(cto)"), of("cto")));
    assert_false(text_has_word(of("cto2"), of("cto")));
    assert_false(text_has_word(of("2cto"), of("cto")));
    assert_false(text_has_word(of("ctoé"), of("cto")));
    assert_false(text_has_word(of("école"), of("cole")));
    assert_true(text_has_word(of("acto cto"), of("cto")));
    assert_true(text_has_word(of("co-founder & ceo"), of("ceo")));
    assert_true(text_has_word(of("co-founder"), of("founder")));
    assert_true(text_has_word(of("cto_emea"), of("cto")));
    assert_true(text_has_word(of("cto—emea"), of("cto")));
    assert_false(text_has_word(of("cto²"), of("cto")));
    assert_true(text_has_word(of("vice president of sales"), of("vice president")));
    assert_true(text_has_word(of("c++ dev"), of("c++")));
    assert_true(text_has_word(of("aaa aa"), of("aa")));
    assert_true(code_point_is_word(0x2160));
    assert_true(code_point_is_word(0x4E2D));
    assert_false(code_point_is_word(0x301));
    assert_false(code_point_is_word('_'));
}

static bool glob_slowly(const char *text, const char *text_end, const char *glob, const char *glob_end)
{
    if (glob == glob_end)
        return text == text_end;
    if (*glob == '*') {
        if (glob_slowly(text, text_end, glob + 1, glob_end))
            return true;
        return text < text_end && glob_slowly(text + 1, text_end, glob, glob_end);
    }
    if (text == text_end)
        return false;
    if (*glob == '?') {
        size_t used;
        utf8_decode(text, (size_t)(text_end - text), &used);
        return glob_slowly(text + used, text_end, glob + 1, glob_end);
    }
    return *text == *glob && glob_slowly(text + 1, text_end, glob + 1, glob_end);
}

static void globs_match_the_whole_text(void **state)
{
    (void)state;
    assert_true(text_matches(of("head of sales"), of("head of *")));
    assert_false(text_matches(of("the head of sales"), of("head of *")));
    assert_true(text_matches(of("head of "), of("head of *")));
    assert_true(text_matches(of("müller"), of("m?ller")));
    assert_false(text_matches(of("mueller"), of("m?ller")));
    assert_true(text_matches(of("abcbd"), of("a*b?")));
    assert_true(text_matches(of("x"), of("*")));
    assert_true(text_matches(of(""), of("**")));
    assert_false(text_matches(of(""), of("?")));
    assert_false(text_matches(of("x"), of("")));
    uint64_t seed = 1442695040888963407u;
    static const char *const letters[] = {"a", "b", "é", "中"};
    int matched = 0;
    for (int round = 0; round < 100000; round++) {
        struct buffer text = {0}, glob = {0};
        buffer_text(&text, "");
        buffer_text(&glob, "");
        for (uint64_t count = random_next(&seed) % 9; count > 0; count--)
            buffer_text(&text, letters[random_next(&seed) % 4]);
        for (uint64_t count = random_next(&seed) % 7; count > 0; count--) {
            uint64_t kind = random_next(&seed) % 8;
            buffer_text(&glob, kind < 4 ? letters[kind] : kind < 6 ? "*" : "?");
        }
        bool expected = glob_slowly(text.data, text.data + text.length, glob.data, glob.data + glob.length);
        matched += expected;
        if (text_matches(of(text.data), of(glob.data)) != expected)
            fail_msg("\"%s\" on \"%s\"", glob.data, text.data);
        buffer_free(&text);
        buffer_free(&glob);
    }
    assert_true(matched > 1000);
}

static void every_code_point_goes_through_utf8(void **state)
{
    (void)state;
    for (uint32_t code_point = 0; code_point < 0x110100; code_point++) {
        char bytes[4];
        size_t length = utf8_encode(code_point, bytes), used = 0;
        bool scalar = code_point < 0x110000 && (code_point < 0xD800 || code_point > 0xDFFF);
        assert_int_equal(length > 0, scalar);
        if (!scalar)
            continue;
        assert_true(utf8_valid(bytes, length));
        assert_int_equal(utf8_decode(bytes, length, &used), code_point);
        assert_int_equal(used, length);
        for (size_t cut = 1; cut < length; cut++)
            assert_false(utf8_valid(bytes, cut));
    }
}

/* All sequences of up to four bytes that matter: valid exactly when decoding and encoding again gives them back. */
static void ill_formed_utf8_is_found(void **state)
{
    (void)state;
    static const uint8_t edges[] = {0x00, 0x41, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC1, 0xC2, 0xDF,
                                    0xE0, 0xE1, 0xEC, 0xED, 0xEE, 0xEF, 0xF0, 0xF1, 0xF3, 0xF4, 0xF5, 0xFF};
    const size_t count = sizeof edges;
    for (size_t number = 0; number < count * count * count * count; number++) {
        uint8_t bytes[13] = "abcdefgh";
        size_t left = number;
        for (size_t at = 0; at < 4; at++, left /= count)
            bytes[8 + at] = edges[left % count];
        bool expected = true;
        for (size_t at = 8; at < 12 && expected;) {
            utf8proc_int32_t code_point;
            utf8proc_ssize_t used = utf8proc_iterate(bytes + at, (utf8proc_ssize_t)(12 - at), &code_point);
            expected = used > 0;
            at += expected ? (size_t)used : 0;
        }
        assert_int_equal(utf8_valid((char *)bytes, 12), expected);
        assert_int_equal(utf8_valid((char *)bytes + 8, 4), expected);
    }
}

static void hashes_differ(void **state)
{
    (void)state;
    enum { TEXTS = 2000 };
    static uint64_t hashes[TEXTS];
    char text[64];
    memset(text, 'a', sizeof text);
    for (size_t i = 0; i < TEXTS; i++) {
        size_t length = 1 + i % 63;
        text[i * 31 % length] = (char)('a' + i % 26);
        hashes[i] = text_hash(text, length);
        assert_int_equal(hashes[i], text_hash(text, length));
        text[0] ^= 1;
        assert_int_not_equal(hashes[i], text_hash(text, length));
        text[0] ^= 1;
    }
    assert_int_not_equal(text_hash("a", 1), text_hash("a\0", 2));
    assert_int_not_equal(text_hash("\0", 1), text_hash("\0\0", 2));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_are_folded),
        cmocka_unit_test(folding_agrees_with_the_slow_way),
        cmocka_unit_test(a_million_marks_are_sorted),
        cmocka_unit_test(texts_compare),
        cmocka_unit_test(white_space_is_trimmed),
        cmocka_unit_test(lengths_count_code_points),
        cmocka_unit_test(domains),
        cmocka_unit_test(parts_of_texts),
        cmocka_unit_test(words_have_boundaries),
        cmocka_unit_test(globs_match_the_whole_text),
        cmocka_unit_test(every_code_point_goes_through_utf8),
        cmocka_unit_test(ill_formed_utf8_is_found),
        cmocka_unit_test(hashes_differ),
    };
    return cmocka_run_group_tests_name("text", tests, NULL, NULL);
}
