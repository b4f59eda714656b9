#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vm/automaton.h"
#include "vm/textclass.h"

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

static size_t random_below(uint64_t *seed, size_t bound)
{
    return (size_t)(random_next(seed) % bound);
}

/* Few letters, so that patterns hit; some that fold to others, to two, or compose with what stands before. */
static const char *const letters[] = {
    "a", "b", "A", "B", "ab", "1", " ", "-", "é", "E\u0301", "É", "ß", "SS", "s", "Ж", "ж", "中", "\u0301", "İ", "σ",
    "Σ", "ς", "😀", "\u00A0", "ﬁ", "f",
};

static void random_text(uint64_t *seed, struct buffer *out, size_t longest, bool wild)
{
    size_t few = random_below(seed, 3) == 0 ? sizeof letters / sizeof letters[0] : 6;
    buffer_reset(out);
    buffer_text(out, "");
    for (size_t count = random_below(seed, longest + 1); count > 0; count--) {
        if (wild && random_below(seed, 4) == 0)
            buffer_text(out, random_below(seed, 3) == 0 ? "?" : "*");
        else
            buffer_text(out, letters[random_below(seed, few)]);
    }
}

struct pattern { unsigned bit; enum text_predicate predicate; struct text text; };

/* The truth: one predicate after the other, with the simple functions. */
static bool pattern_fits(const struct pattern *pattern, struct text raw, struct text folded)
{
    if (folded.length == 0 || pattern->text.length == 0)
        return false;
    switch (pattern->predicate) {
    case TEXT_IS:
        return folded.length == pattern->text.length && memcmp(folded.bytes, pattern->text.bytes, folded.length) == 0;
    case TEXT_CONTAINS: return text_contains(folded, pattern->text);
    case TEXT_WORD: return text_has_word(folded, pattern->text);
    case TEXT_STARTS: return text_starts(folded, pattern->text);
    case TEXT_ENDS: return text_ends(folded, pattern->text);
    case TEXT_GLOB: return text_matches(folded, pattern->text);
    case TEXT_EXACTLY:
        return raw.length == pattern->text.length && memcmp(raw.bytes, pattern->text.bytes, raw.length) == 0;
    case TEXT_CONTAINS_EXACTLY: return text_contains(raw, pattern->text);
    case TEXT_STARTS_EXACTLY: return text_starts(raw, pattern->text);
    case TEXT_ENDS_EXACTLY: return text_ends(raw, pattern->text);
    }
    return false;
}

static void expect_row(const struct pattern *patterns, size_t count, struct text raw, unsigned words,
                       const uint64_t *row)
{
    struct buffer folded = {0};
    text_fold(raw, &folded);
    uint64_t *expected = memory_alloc(words * sizeof *expected);
    for (size_t at = 0; at < count; at++)
        if (pattern_fits(&patterns[at], raw, (struct text){folded.data, (uint32_t)folded.length}))
            expected[patterns[at].bit / 64] |= UINT64_C(1) << (patterns[at].bit % 64);
    for (size_t at = 0; at < count; at++) {
        unsigned bit = patterns[at].bit;
        if (((expected[bit / 64] ^ row[bit / 64]) >> (bit % 64)) & 1)
            fail_msg("predicate %d \"%.*s\" on \"%.*s\"", (int)patterns[at].predicate, (int)patterns[at].text.length,
                     patterns[at].text.bytes, (int)raw.length, raw.bytes);
    }
    assert_memory_equal(expected, row, words * sizeof *row);
    free(expected);
    buffer_free(&folded);
}

static size_t random_patterns(uint64_t *seed, struct arena *arena, struct pattern *patterns, size_t count,
                              unsigned bits)
{
    struct buffer text = {0};
    for (size_t at = 0; at < count; at++) {
        struct pattern *pattern = &patterns[at];
        pattern->bit = (unsigned)random_below(seed, bits);
        pattern->predicate = (enum text_predicate)random_below(seed, TEXT_PREDICATES);
        random_text(seed, &text, random_below(seed, 4) == 0 ? 12 : 3, pattern->predicate == TEXT_GLOB);
        if (text_predicate_is_raw(pattern->predicate))
            pattern->text = (struct text){arena_copy(arena, text.data, text.length), (uint32_t)text.length};
        else
            pattern->text.bytes = text_fold_copy(arena, text.data, text.length, &pattern->text.length);
    }
    buffer_free(&text);
    return count;
}

static struct textclass *class_of(const struct pattern *patterns, size_t count, unsigned bits)
{
    struct textclass *class = textclass_new(bits);
    for (size_t at = 0; at < count; at++)
        textclass_add(class, patterns[at].bit, patterns[at].predicate, patterns[at].text);
    textclass_finish(class);
    assert_int_equal(textclass_words(class), (bits + 63) / 64);
    return class;
}

static void rows_agree_with_the_simple_functions(void **state)
{
    (void)state;
    uint64_t seed = 3935559000370003845u;
    struct buffer text = {0}, scratch = {0};
    size_t set = 0, rows = 0;
    for (int round = 0; round < 300; round++) {
        static struct pattern patterns[300];
        struct arena arena;
        arena_init(&arena);
        unsigned bits = 1 + (unsigned)random_below(&seed, round % 5 == 0 ? 300 : 40);
        size_t count = random_patterns(&seed, &arena, patterns, random_below(&seed, round % 5 == 0 ? 300 : 20), bits);
        struct textclass *class = class_of(patterns, count, bits);
        uint64_t row[5];
        for (int texts = 0; texts < 120; texts++) {
            if (count > 0 && random_below(&seed, 3) == 0) {
                /* A pattern itself, or between two other things: random texts hardly ever are one. */
                struct text pattern = patterns[random_below(&seed, count)].text;
                random_text(&seed, &text, 2, false);
                buffer_add(&text, pattern.bytes, pattern.length);
                if (random_below(&seed, 2) == 0)
                    buffer_text(&text, letters[random_below(&seed, 10)]);
            } else {
                random_text(&seed, &text, 15, false);
            }
            memset(row, 0xFF, sizeof row);
            struct text raw = {text.data, (uint32_t)text.length};
            textclass_row(class, raw, &scratch, row);
            expect_row(patterns, count, raw, textclass_words(class), row);
            rows++;
            for (unsigned word = 0; word < textclass_words(class); word++)
                set += (size_t)__builtin_popcountll(row[word]);
        }
        textclass_free(class);
        arena_free(&arena);
    }
    assert_true(set > rows);                            /* the texts do meet the patterns */
    buffer_free(&text);
    buffer_free(&scratch);
}

static void each_predicate_by_hand(void **state)
{
    (void)state;
    struct textclass *class = textclass_new(70);
    textclass_add(class, 0, TEXT_IS, of("strasse"));
    textclass_add(class, 1, TEXT_CONTAINS, of("cto"));
    textclass_add(class, 2, TEXT_WORD, of("cto"));
    textclass_add(class, 3, TEXT_STARTS, of("head of"));
    textclass_add(class, 4, TEXT_ENDS, of("sales"));
    textclass_add(class, 5, TEXT_GLOB, of("h*d of ?ales"));
    textclass_add(class, 69, TEXT_EXACTLY, of(" Head of Sales"));
    textclass_add(class, 6, TEXT_GLOB, of("??"));
    textclass_add(class, 7, TEXT_CONTAINS, of(""));
    textclass_finish(class);
    static const struct { const char *text; uint64_t low, high; } cases[] = {
        {"Straße", 1, 0}, {"Director", 2, 0}, {"the CTO!", 6, 0}, {" Head of Sales", 8 + 16 + 32, 32},
        {"Head of Sales", 8 + 16 + 32, 0}, {"中文", 64, 0}, {"", 0, 0}, {"  ", 0, 0}, {"x", 0, 0},
    };
    struct buffer scratch = {0};
    for (size_t at = 0; at < sizeof cases / sizeof cases[0]; at++) {
        uint64_t row[2] = {~UINT64_C(0), ~UINT64_C(0)};
        textclass_row(class, of(cases[at].text), &scratch, row);
        assert_int_equal(row[0], cases[at].low);
        assert_int_equal(row[1], cases[at].high);
    }
    buffer_free(&scratch);
    textclass_free(class);
}

static void a_classifier_without_patterns(void **state)
{
    (void)state;
    struct textclass *class = textclass_new(1);
    textclass_finish(class);
    struct buffer scratch = {0};
    uint64_t row = 7;
    textclass_row(class, of("anything"), &scratch, &row);
    assert_int_equal(row, 0);
    buffer_free(&scratch);
    textclass_free(class);
}

struct occurrences { uint32_t pattern[4096]; size_t end[4096], count; };

static void note_occurrence(void *context, uint32_t pattern, size_t end)
{
    struct occurrences *seen = context;
    assert_true(seen->count < 4096);
    seen->pattern[seen->count] = pattern;
    seen->end[seen->count++] = end;
}

static int compare_patterns(const void *left, const void *right)
{
    const struct text *a = left, *b = right;
    int order = memcmp(a->bytes, b->bytes, a->length < b->length ? a->length : b->length);
    return order != 0 ? order : (a->length > b->length) - (a->length < b->length);
}

/* With all rows full, with some, and with the root's only: the same occurrences, all of them, the longest first. */
static void full_rows_and_links_find_the_same(void **state)
{
    (void)state;
    uint64_t seed = 2862933555777941757u;
    static struct occurrences seen, naive;
    for (int round = 0; round < 400; round++) {
        struct arena arena;
        arena_init(&arena);
        struct text patterns[60];
        size_t count = 0, wanted = 1 + random_below(&seed, 60);
        size_t spread = 2 + random_below(&seed, round % 4 == 0 ? 40 : 3);
        for (size_t at = 0; at < wanted; at++) {
            char bytes[12];
            uint32_t length = 1 + (uint32_t)random_below(&seed, 12);
            for (uint32_t i = 0; i < length; i++)
                bytes[i] = (char)(0xF0 + random_below(&seed, spread) * 3);
            patterns[count++] = (struct text){arena_copy(&arena, bytes, length), length};
        }
        qsort(patterns, count, sizeof patterns[0], compare_patterns);
        size_t kept = 1;
        for (size_t at = 1; at < count; at++)
            if (compare_patterns(&patterns[at], &patterns[kept - 1]) != 0)
                patterns[kept++] = patterns[at];
        char text[60];
        uint32_t length = (uint32_t)random_below(&seed, 60);
        for (uint32_t i = 0; i < length; i++)
            text[i] = (char)(0xF0 + random_below(&seed, spread + 1) * 3);

        naive.count = 0;
        for (size_t end = 1; end <= length; end++) {
            for (uint32_t size = 12; size > 0; size--) {
                for (uint32_t at = 0; at < kept && size <= end; at++)
                    if (patterns[at].length == size && memcmp(text + end - size, patterns[at].bytes, size) == 0)
                        note_occurrence(&naive, at, end);
            }
        }
        static const size_t dense_bytes[] = {AUTOMATON_DENSE_BYTES, 0, 256};
        for (size_t way = 0; way < 3; way++) {
            struct automaton *automaton = automaton_new(patterns, (uint32_t)kept, dense_bytes[way]);
            seen.count = 0;
            automaton_scan(automaton, (struct text){text, length}, note_occurrence, &seen);
            assert_int_equal(seen.count, naive.count);
            assert_memory_equal(seen.pattern, naive.pattern, seen.count * sizeof seen.pattern[0]);
            assert_memory_equal(seen.end, naive.end, seen.count * sizeof seen.end[0]);
            automaton_free(automaton);
        }
        arena_free(&arena);
    }
}

/* Long texts in which patterns are rare, common, at the very ends: with skipping and step by step. */
static void skipping_finds_the_same(void **state)
{
    (void)state;
    uint64_t seed = 6364136223846793005u;
    static struct occurrences seen, steps;
    size_t total = 0;
    for (int round = 0; round < 3000; round++) {
        char bytes[20][6];
        struct text patterns[20];
        size_t wanted = 1 + random_below(&seed, round % 3 == 0 ? 20 : 3), spread = 2 + random_below(&seed, 90);
        for (size_t at = 0; at < wanted; at++) {
            patterns[at] = (struct text){bytes[at], 1 + (uint32_t)random_below(&seed, 6)};
            for (uint32_t i = 0; i < patterns[at].length; i++)
                bytes[at][i] = (char)(0xD0 + random_below(&seed, spread) * 7);
        }
        qsort(patterns, wanted, sizeof patterns[0], compare_patterns);
        size_t kept = 1;
        for (size_t at = 1; at < wanted; at++)
            if (compare_patterns(&patterns[at], &patterns[kept - 1]) != 0)
                patterns[kept++] = patterns[at];
        size_t length = random_below(&seed, 300);
        char *text = memory_alloc(length + 1);          /* so that a sanitizer sees what is read behind it */
        text = memory_resize(text, length > 0 ? length : 1);
        for (size_t i = 0; i < length; i++)
            text[i] = (char)(0xD0 + random_below(&seed, spread + 1) * 7);
        for (size_t copies = random_below(&seed, 4); copies > 0 && length > 6; copies--) {
            struct text one = patterns[random_below(&seed, kept)];
            size_t from = random_below(&seed, 3) == 0 ? length - one.length : random_below(&seed, length - one.length);
            memcpy(text + from, one.bytes, one.length);
        }
        struct automaton *automaton = automaton_new(patterns, (uint32_t)kept, AUTOMATON_DENSE_BYTES);
        seen.count = steps.count = 0;
        automaton_scan(automaton, (struct text){text, (uint32_t)length}, note_occurrence, &seen);
        automaton_plainly(automaton);
        automaton_scan(automaton, (struct text){text, (uint32_t)length}, note_occurrence, &steps);
        assert_int_equal(seen.count, steps.count);
        assert_memory_equal(seen.pattern, steps.pattern, seen.count * sizeof seen.pattern[0]);
        assert_memory_equal(seen.end, steps.end, seen.count * sizeof seen.end[0]);
        total += seen.count;
        automaton_free(automaton);
        free(text);
    }
    assert_true(total > 3000);
}

/* A hundred thousand patterns: full rows for all their states would be some hundred megabytes. */
static void many_patterns_stay_bounded(void **state)
{
    (void)state;
    uint64_t seed = 11400714819323198485u;
    struct arena arena;
    arena_init(&arena);
    enum { PATTERNS = 50000, LENGTH = 12 };
    struct text *patterns = memory_alloc(PATTERNS * sizeof *patterns);
    for (size_t at = 0; at < PATTERNS; at++) {
        char bytes[LENGTH];
        for (size_t i = 0; i < LENGTH; i++)
            bytes[i] = (char)('a' + random_below(&seed, 26));
        patterns[at] = (struct text){arena_copy(&arena, bytes, LENGTH), LENGTH};
    }
    qsort(patterns, PATTERNS, sizeof *patterns, compare_patterns);
    struct automaton *automaton = automaton_new(patterns, PATTERNS, AUTOMATON_DENSE_BYTES);
    assert_true(automaton_bytes(automaton) < AUTOMATON_DENSE_BYTES + PATTERNS * (size_t)LENGTH * 64);
    static struct occurrences seen;
    for (uint32_t at = 0; at < PATTERNS; at += 997) {
        char text[2 * LENGTH];
        memcpy(text, patterns[at].bytes, LENGTH);
        memcpy(text + LENGTH, patterns[PATTERNS - 1 - at].bytes, LENGTH);
        seen.count = 0;
        automaton_scan(automaton, (struct text){text, sizeof text}, note_occurrence, &seen);
        assert_true(seen.count >= 2);
        assert_int_equal(seen.pattern[0], at);
        assert_int_equal(seen.end[0], LENGTH);
        assert_int_equal(seen.pattern[seen.count - 1], PATTERNS - 1 - at);
        assert_int_equal(seen.end[seen.count - 1], 2 * LENGTH);
    }
    automaton_free(automaton);
    free(patterns);
    arena_free(&arena);
}

/* Sixty-four at a time, by classifiers of every kind, among them those that only ask for equality (which refuse most texts
   without looking them up): the same rows. */
static void rows_together_are_the_rows(void **state)
{
    (void)state;
    uint64_t seed = 6364136223846793005u;
    struct buffer scratch = {0}, text = {0};
    size_t set = 0, none = 0;
    for (int round = 0; round < 300; round++) {
        struct arena arena;
        arena_init(&arena);
        struct pattern patterns[40];
        unsigned bits = 1 + (unsigned)random_below(&seed, 70);
        size_t count = random_patterns(&seed, &arena, patterns, 1 + random_below(&seed, 40), bits);
        for (size_t at = 0; at < count && round % 3 != 0; at++) {       /* of a folded pattern it is another raw text */
            bool exactly = random_below(&seed, 2) != 0;
            patterns[at].predicate = exactly ? TEXT_EXACTLY : TEXT_IS;
            patterns[at].text.bytes =
                text_fold_copy(&arena, patterns[at].text.bytes, patterns[at].text.length, &patterns[at].text.length);
        }
        struct textclass *class = class_of(patterns, count, bits);
        assert_true(round % 3 == 0 || textclass_equal_count(class) <= count);
        struct textmemo *memo = textmemo_new(class);
        unsigned words = textclass_words(class);
        uint64_t *rows = memory_alloc(64 * words * sizeof *rows), *row = memory_alloc(words * sizeof *row);
        for (int block = 0; block < 6; block++) {
            struct text texts[64];
            uint64_t wanted = block == 0 ? UINT64_MAX : random_next(&seed);
            for (size_t at = 0; at < 64; at++) {
                random_text(&seed, &text, at % 8 == 0 ? 40 : 3, false);
                texts[at] = (struct text){arena_copy(&arena, text.data, text.length), (uint32_t)text.length};
            }
            textmemo_rows(memo, texts, wanted, rows);
            for (size_t at = 0; at < 64; at++) {
                if (wanted >> at & 1)
                    textclass_row(class, texts[at], &scratch, row);
                else
                    memset(row, 0, words * sizeof *row);
                for (unsigned word = 0; word < words; word++) {
                    assert_int_equal(rows[word * 64 + at], row[word]);
                    set += row[word] != 0;
                    none += row[word] == 0;
                }
            }
        }
        free(rows);
        free(row);
        textmemo_free(memo);
        textclass_free(class);
        arena_free(&arena);
    }
    assert_true(set > 10000 && none > 10000);
    buffer_free(&scratch);
    buffer_free(&text);
}

/* Values that repeat, then values that never do (the memo steps aside and tries again), then both: always the row. */
static void the_memo_gives_the_row(void **state)
{
    (void)state;
    uint64_t seed = 1181783497276652981u;
    static struct pattern patterns[80];
    struct arena arena;
    arena_init(&arena);
    size_t count = random_patterns(&seed, &arena, patterns, 80, 100);
    struct textclass *class = class_of(patterns, count, 100);
    struct textmemo *memo = textmemo_new(class);
    struct buffer text = {0}, scratch = {0};
    uint64_t few_seed = 1;
    for (int round = 0; round < 200000; round++) {
        bool repeats = round < 40000 || (round > 120000 && round % 2 == 0) || round > 170000;
        if (repeats) {
            few_seed = 1 + (random_next(&seed) & 255);
            few_seed *= 0x9E3779B97F4A7C15u;
            random_text(&few_seed, &text, 12, false);
        } else {
            random_text(&seed, &text, 4, false);
            buffer_format(&text, "%d", round);
        }
        if (random_below(&seed, 5000) == 0)
            for (size_t length = random_below(&seed, 6000); text.length < length;)
                buffer_text(&text, " ab");
        struct text raw = {text.data, (uint32_t)text.length};
        uint64_t row[2];
        textclass_row(class, raw, &scratch, row);
        assert_memory_equal(textmemo_row(memo, raw), row, sizeof row);
    }
    textmemo_free(memo);
    textclass_free(class);
    arena_free(&arena);
    buffer_free(&text);
    buffer_free(&scratch);
}

/* Sixty-four texts at once, few of them known or all, short and long, with patterns or only with texts to be equal to:
   always the rows, and zeros where nothing is wanted. */
static void the_memo_gives_64_rows(void **state)
{
    (void)state;
    uint64_t seed = 6364136223846793005u;
    for (unsigned way = 0; way < 4 * KERNEL_SETS; way++) {
        struct textclass *class = textclass_new(way % 2 ? 70 : 20);
        for (unsigned bit = 0; bit < 20; bit++) {
            char text[24];
            snprintf(text, sizeof text, "text %u", bit);
            textclass_add(class, bit, way / 2 % 2 ? TEXT_IS : TEXT_CONTAINS, of(text));
            textclass_add(class, (bit + 3) % 20, TEXT_EXACTLY, of("Text 7"));
        }
        textclass_finish(class);
        struct textmemo *memo = textmemo_new(class);
        size_t words = textclass_words(class);
        struct buffer scratch = {0};
        static char bytes[64][64];
        bool there = textmemo_choose(memo, (enum kernel_set)(way / 4));
        for (int round = 0; round < 3000 && there; round++) {
            struct text texts[64];
            uint64_t rows[64 * 2], row[2], wanted = round % 3 ? random_next(&seed) * 0x9E3779B97F4A7C15u : UINT64_MAX;
            for (unsigned i = 0; i < 64; i++) {
                static const char *const forms[] = {"text %u", "Text %u", " text %u", "text %u\xC2\xA0", "TEXT %u",
                                                    "a longer text, text %u, than fits into a slot", "other %u", "t%u"};
                unsigned number = (unsigned)random_below(&seed, round % 5 == 0 ? 1000000 : 40);
                int length = snprintf(bytes[i], sizeof bytes[i], forms[random_below(&seed, 8)], number);
                texts[i] = (struct text){bytes[i], random_below(&seed, 30) == 0 ? 0 : (uint32_t)length};
            }
            textmemo_rows(memo, texts, wanted, rows);
            for (unsigned i = 0; i < 64; i++) {
                memset(row, 0, sizeof row);
                if (wanted >> i & 1)
                    textclass_row(class, texts[i], &scratch, row);
                for (size_t part = 0; part < words; part++)
                    assert_int_equal(rows[part * 64 + i], row[part]);
            }
        }
        buffer_free(&scratch);
        textmemo_free(memo);
        textclass_free(class);
    }
}

/* Half the look-ups repeat, so the memo never steps aside, and half are new and long, so it fills again and again. */
static void the_memo_stays_within_its_bytes(void **state)
{
    (void)state;
    static const unsigned bits[] = {1, 700, 70000};
    for (size_t way = 0; way < 3; way++) {
        struct textclass *class = textclass_new(bits[way]);
        textclass_add(class, 0, TEXT_CONTAINS, of("7"));
        textclass_finish(class);
        struct textmemo *memo = textmemo_new(class);
        struct buffer text = {0};
        size_t bound = ((size_t)4 << 20) + 17 * textclass_words(class) * sizeof(uint64_t);
        for (int round = 0; round < 60000; round++) {
            buffer_reset(&text);
            buffer_format(&text, "%d %0*d", round / 2, 1 + round % 400, 0);
            const uint64_t *row = textmemo_row(memo, (struct text){text.data, (uint32_t)text.length});
            assert_int_equal(row[0], strchr(text.data, '7') != NULL);
            row = textmemo_row(memo, (struct text){text.data, (uint32_t)text.length});
            assert_int_equal(row[0], strchr(text.data, '7') != NULL);
            assert_true(textmemo_bytes(memo) <= bound);
        }
        assert_true(textmemo_bytes(memo) > (size_t)1 << 20);
        buffer_free(&text);
        textmemo_free(memo);
        textclass_free(class);
    }
}

static void memos_share_a_classifier(void **state)
{
    (void)state;
    struct textclass *class = textclass_new(2);
    textclass_add(class, 1, TEXT_WORD, of("ceo"));
    textclass_finish(class);
    struct textmemo *one = textmemo_new(class), *other = textmemo_new(class);
    const uint64_t *row_one = textmemo_row(one, of("CEO")), *row_other = textmemo_row(other, of("intern"));
    assert_int_equal(row_one[0], 2);
    assert_int_equal(row_other[0], 0);
    textmemo_free(one);
    assert_int_equal(textmemo_row(other, of("the ceo"))[0], 2);
    assert_int_equal(textmemo_row(other, (struct text){NULL, 0})[0], 0);
    textmemo_free(other);
    textclass_free(class);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_agree_with_the_simple_functions),
        cmocka_unit_test(each_predicate_by_hand),
        cmocka_unit_test(a_classifier_without_patterns),
        cmocka_unit_test(full_rows_and_links_find_the_same),
        cmocka_unit_test(skipping_finds_the_same),
        cmocka_unit_test(many_patterns_stay_bounded),
        cmocka_unit_test(rows_together_are_the_rows),
        cmocka_unit_test(the_memo_gives_the_row),
        cmocka_unit_test(the_memo_gives_64_rows),
        cmocka_unit_test(the_memo_stays_within_its_bytes),
        cmocka_unit_test(memos_share_a_classifier),
    };
    return cmocka_run_group_tests_name("textclass", tests, NULL, NULL);
}
