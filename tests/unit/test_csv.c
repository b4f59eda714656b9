#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <zlib.h>
#include <zstd.h>

#include "tests/unit/input_fixture.h"
#include "vm/input/csv.h"
#include "vm/limits.h"

static struct program *sample_program(void)
{
    static const struct fixture_field fields[] = {
        {"id", FIELD_TEXT, NULL, NULL, NULL},
        {"title", FIELD_TEXT, "Job Title|Straße", NULL, NULL},
        {"employees", FIELD_NUMBER, NULL, NULL, NULL},
        {"campaign", FIELD_TEXT, "utm.campaign", NULL, NULL},
    };
    return fixture_program(fields, 4);
}

static void check_bytes(const char *text, size_t length, struct input_options options, const char *leads,
                        const char *reports)
{
    struct program *program = sample_program();
    struct fixture fixture = fixture_read(program, options, text, length);
    assert_string_equal(fixture.problem, "");
    assert_string_equal(fixture.leads.data, leads);
    assert_string_equal(fixture.reports.data, reports);
    fixture_free(&fixture);
    program_free(program);
}

static void check(const char *text, const char *leads, const char *reports)
{
    check_bytes(text, strlen(text), (struct input_options){0}, leads, reports);
}

static void test_shapes(void **state)
{
    (void)state;
    const char *two = "2: id=<a> employees=1\n3: id=<b> employees=2\n";
    check("id,employees\na,1\nb,2\n", two, "");
    check("id;employees\na;1\nb;2", two, "");
    check("id\temployees\na\t1\nb\t2\n", two, "");
    check("id|employees\r\na|1\r\nb|2\r\n", two, "");
    check("id,employees\ra,1\rb,2\r", two, "");
    check("id,employees\r\r\na,1\r\r\nb,2\r\r\n", two, "");
    check("\xEF\xBB\xBFid,employees\na,1\nb,2\n", two, "");
    check("\"id\",\"employees\"\n\"a\",\"1\"\n\"b\",\"2\"\n", two, "");
    check("sep=;\nid;employees\nb;2\n", "3: id=<b> employees=2\n", "");
    check("\n\nid,employees\n\na,1\n\n\n,\nb,2\n", "5: id=<a> employees=1\n9: id=<b> employees=2\n", "");
    check("x,employees,id\n\"a,b\nc\",7,k\n", "2: id=<k> employees=7\n", "");
    check(" ID ,Employees\na,1\n", "2: id=<a> employees=1\n", "");
    check("id,job title\na,1\n", "2: id=<a> title=<1>\n", "");
    check("id,ID,STRASSE,utm.campaign\na,b,c,d\n", "2: id=<a> title=<c> campaign=<d>\n", "");
    check("id\na\nb\n", "2: id=<a>\n3: id=<b>\n", "");
    check("id,employees\n", "", "");
    check("id,employees", "", "");
}

static void test_quotes(void **state)
{
    (void)state;
    check("id,Job Title\na,\"say \"\"hi\"\",\r\nthere\"\nb,5\"\" x\"y\nc,\"\"\nd,\"\"\"\"\n",
          "2: id=<a> title=<say \"hi\",\\0d\\0athere>\n4: id=<b> title=<5\"\" x\"y>\n5: id=<c>\n6: id=<d> title=<\">\n",
          "");
    check("id,Job Title\na,\"x\"y\nb, \"z\"\n", "3: id=<b> title=< \"z\">\n",
          "reject 2:6 text behind a closing quote <a,\"x\"y>\n");
    /* A quote that is never closed costs its own line, not the rest of the file. */
    check("id,Job Title\na,\"x\nb,2\nc,3\n", "3: id=<b> title=<2>\n4: id=<c> title=<3>\n",
          "reject 2:0 a quote that is not closed, or text behind a closing quote <a,\"x>\n");
    check("id,Job Title\na,\"x\nb,2\nc,\"3\"\nd,4\n", "3: id=<b> title=<2>\n4: id=<c> title=<3>\n5: id=<d> title=<4>\n",
          "reject 2:0 a quote that is not closed, or text behind a closing quote <a,\"x>\n");
    check("id,Job Title\na,1\nb,\"2", "2: id=<a> title=<1>\n", "reject 3:3 a quote that is not closed <b,\"2>\n");
}

static void test_rejects(void **state)
{
    (void)state;
    check("id,employees\na\nb,1,2\nc,1,,\nd,1\n", "4: id=<c> employees=1\n5: id=<d> employees=1\n",
          "reject 2:1 fewer cells than the header has <a>\nreject 3:5 more cells than the header has <b,1,2>\n");
    static const char zero[] = "id,employees\na\0,1\nb,2\n";
    check_bytes(zero, sizeof zero - 1, (struct input_options){0}, "3: id=<b> employees=2\n",
                "reject 2:2 a NUL byte <a\\00,1>\n");
    check("id,x\na,\xe4\nb,\xc3\xa4\nc,\"\xff\"\n", "3: id=<b>\n",
          "reject 2:3 bytes that are not UTF-8; perhaps --encoding windows-1252 helps <a,\xe4>\n"
          "reject 4:4 bytes that are not UTF-8; perhaps --encoding windows-1252 helps <c,\"\xff\">\n");
}

static void test_mended(void **state)
{
    (void)state;
    struct program *program = sample_program();
    const char *text = "id,Job Title,employees\n\"a,\"\"x, y\"\",3\"\nb,z,4\n\"c,\"\"d\"\"\"\n";
    struct fixture fixture = fixture_read(program, (struct input_options){0}, text, strlen(text));
    assert_string_equal(fixture.leads.data, "2: id=<a> title=<x, y> employees=3\n3: id=<b> title=<z> employees=4\n");
    assert_string_equal(fixture.reports.data, "reject 4:1 fewer cells than the header has <\"c,\"\"d\"\"\">\n");
    assert_int_equal(fixture.summary.mended_rows, 1);
    fixture_free(&fixture);
    program_free(program);
    /* \" for "": only where the row cannot be read otherwise. */
    check("id,Job Title,x\na,\"s:2:\\\"ab\\\";\",1\nb,\"C:\\\",1\n",
          "2: id=<a> title=<s:2:\"ab\";>\n3: id=<b> title=<C:\\>\n", "");
    check("\"id,\"\"employees\"\"\"\n\"a,\"\"1\"\"\"\n", "2: id=<a> employees=1\n", "");
}

static void test_encodings(void **state)
{
    (void)state;
    const char *leads = "2: id=<a> title=<Öl €>\n3: id=<b> title=<\U0001F600>\n";
    static const char little[] = "\xFF\xFEi\0d\0;\0J\0o\0b\0 \0T\0i\0t\0l\0e\0\n\0"
                                 "a\0;\0\xD6\0l\0 \0\xAC\x20\n\0"
                                 "b\0;\0\x3D\xD8\x00\xDE\n\0";
    check_bytes(little, sizeof little - 1, (struct input_options){0}, leads, "");
    check_bytes(little + 2, sizeof little - 3, (struct input_options){.encoding = ENCODING_UTF_16}, leads, "");
    char big[sizeof little];
    for (size_t i = 0; i + 1 < sizeof little; i += 2) {
        big[i] = little[i + 1];
        big[i + 1] = little[i];
    }
    check_bytes(big, sizeof little - 1, (struct input_options){0}, leads, "");
    check_bytes(big + 2, sizeof little - 3, (struct input_options){.encoding = ENCODING_UTF_16}, leads, "");
    static const char windows[] = "id;Job Title\na;\xD6l \x80\nb;x\x81y\n";
    check_bytes(windows, sizeof windows - 1, (struct input_options){.encoding = ENCODING_WINDOWS_1252},
                "2: id=<a> title=<Öl €>\n", "reject 3:4 bytes that are no text in the file's encoding <b;x\xFFy>\n");
    for (size_t room = 1; room < 40; room++)            /* less room than a character needs: once waited for ever */
        check_bytes(windows, sizeof windows - 1, (struct input_options){.encoding = ENCODING_WINDOWS_1252, .block_bytes = room},
                    "2: id=<a> title=<Öl €>\n", "reject 3:4 bytes that are no text in the file's encoding <b;x\xFFy>\n");
    static const char latin[] = "id;Job Title\na;\xD6l\n";
    check_bytes(latin, sizeof latin - 1, (struct input_options){.encoding = ENCODING_LATIN_1}, "2: id=<a> title=<Öl>\n",
                "");
    static const char lone[] = "\xFF\xFEi\0d\0\n\0\x3D\xD8\n\0b\0";
    check_bytes(lone, sizeof lone - 1, (struct input_options){0}, "3: id=<b>\n",
                "reject 2:1 bytes that are no text in the file's encoding <\xFF>\n");
    enum input_encoding encoding;
    assert_true(input_encoding_named("Windows-1252", &encoding) && encoding == ENCODING_WINDOWS_1252);
    assert_true(input_encoding_named("latin1", &encoding) && encoding == ENCODING_LATIN_1);
    assert_true(input_encoding_named("UTF-16", &encoding) && encoding == ENCODING_UTF_16);
    assert_false(input_encoding_named("ebcdic", &encoding));
}

static size_t pack_gzip(const char *text, size_t length, char *out, size_t capacity)
{
    z_stream stream = {0};
    assert_int_equal(deflateInit2(&stream, 6, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY), Z_OK);
    stream.next_in = (Bytef *)(uintptr_t)text;
    stream.avail_in = (uInt)length;
    stream.next_out = (Bytef *)out;
    stream.avail_out = (uInt)capacity;
    assert_int_equal(deflate(&stream, Z_FINISH), Z_STREAM_END);
    size_t packed = capacity - stream.avail_out;
    deflateEnd(&stream);
    return packed;
}

static void test_packed(void **state)
{
    (void)state;
    const char *one = "id,employees\na,1\n", *other = "b,2\n",
               *leads = "2: id=<a> employees=1\n3: id=<b> employees=2\n";
    char packed[1000];
    size_t first = pack_gzip(one, strlen(one), packed, sizeof packed);
    size_t both = first + pack_gzip(other, strlen(other), packed + first, sizeof packed - first);
    check_bytes(packed, both, (struct input_options){0}, leads, "");
    size_t frame = ZSTD_compress(packed, sizeof packed, one, strlen(one), 1);
    size_t frames = frame + ZSTD_compress(packed + frame, sizeof packed - frame, other, strlen(other), 1);
    check_bytes(packed, frames, (struct input_options){0}, leads, "");

    /* Cut off or damaged: what came before is read, then reading fails with a sentence. */
    struct program *program = sample_program();
    struct buffer text = {0};
    uint64_t noise = 88172645463325252u;
    buffer_text(&text, "id,employees\n");
    for (int i = 0; i < 40000; i++) {
        noise ^= noise << 13, noise ^= noise >> 7, noise ^= noise << 17;
        buffer_format(&text, "%llx,%d\n", (unsigned long long)noise, i);
    }
    char *big = memory_alloc(text.length + 1000);
    for (int kind = 0; kind < 2; kind++) {
        size_t size = kind ? ZSTD_compress(big, text.length + 1000, text.data, text.length, 1)
                           : pack_gzip(text.data, text.length, big, text.length + 1000);
        struct fixture whole = fixture_read(program, (struct input_options){0}, big, size);
        assert_int_equal(whole.summary.leads, 40000);
        struct fixture cut = fixture_read(program, (struct input_options){.block_bytes = 100000}, big, size / 2);
        assert_non_null(strstr(cut.problem, "cut off"));
        assert_in_range(cut.summary.leads, 1000, 39000);
        assert_int_equal(cut.summary.rejected, 0);
        memset(big + size / 2, 0xA5, 100);
        struct fixture damaged = fixture_read(program, (struct input_options){.block_bytes = 100000}, big, size);
        assert_true(damaged.problem[0] != '\0' || damaged.summary.rejected > 0);
        fixture_free(&whole);
        fixture_free(&cut);
        fixture_free(&damaged);
    }
    free(big);
    buffer_free(&text);
    program_free(program);
}

static void test_files(void **state)
{
    (void)state;
    struct program *program = sample_program();
    char problem[300];
    const char *missing[] = {"there-is-no-such-file.csv"};
    assert_null(input_open(program, &(struct input_options){0}, missing, 1, problem, sizeof problem));
    assert_non_null(strstr(problem, "there-is-no-such-file.csv: No such file"));
    const char *folder[] = {"."};
    assert_null(input_open(program, &(struct input_options){0}, folder, 1, problem, sizeof problem));
    assert_non_null(strstr(problem, "is a folder"));

    /* Several files, each of its own kind. */
    char *csv = write_temporary("employees,id\n1,a\n", 17), *json = write_temporary("{\"id\":\"b\"}\n", 11);
    char *array = write_temporary("[{\"id\":\n\"c\"}]", 13), *empty = write_temporary("", 0),
         *german = write_temporary("id;employees\na;2\n", 17);
    const char *paths[] = {csv, json, empty, array, german};
    struct fixture fixture = fixture_read_paths(program, (struct input_options){0}, paths, 5);
    assert_string_equal(fixture.leads.data, "2: id=<a> employees=1\n1: id=<b>\n1: id=<c>\n2: id=<a> employees=2\n");
    assert_string_equal(fixture.reports.data, "duplicate 2:0 lead a an earlier lead has the same key\n");
    fixture_free(&fixture);
    char *all[] = {csv, json, array, empty, german};
    for (size_t i = 0; i < 5; i++) {
        unlink(all[i]);
        free(all[i]);
    }
    program_free(program);
}

/* Whatever the size of the blocks, the same leads and reports come out. */
static void test_blocks(void **state)
{
    (void)state;
    /* Where a lone CR ends the header, lines end with CR, LF and both, and are counted so wherever blocks are cut. */
    for (size_t room = 1; room < 30; room++)
        check_bytes("id,title\ra,b\n\nc,d\r\ne,f,g\r", 25, (struct input_options){.block_bytes = room},
                    "2: id=<a>\n4: id=<c>\n", "reject 5:5 more cells than the header has <e,f,g>\n");
    struct program *program = sample_program();
    static const char *const line_ends[] = {"\n", "\r\n", "\r", "\r\r\n"};
    for (int kind = 0; kind < 4; kind++) {
        const char *end = line_ends[kind];
        struct buffer text = {0};
        buffer_format(&text, "id,Job Title,employees%s", end);
        for (int i = 0; i < 400; i++) {
            buffer_format(&text, "%d,", i);
            if (i % 3 == 0)
                buffer_format(&text, "\"x%s\"\"y\"\", %d\"", i % 2 ? end : "", i);
            else
                buffer_text(&text, i % 50 == 1 ? "5\" x" : i % 90 == 2 ? "\"open" : "plain");
            buffer_format(&text, ",%d%s%s", i, i % 70 == 5 ? ",x" : "", end);
        }
        struct fixture whole = fixture_read(program, (struct input_options){0}, text.data, text.length);
        assert_in_range(whole.summary.leads, 380, 399);
        for (size_t bytes = 1; bytes < 5000; bytes = bytes * 2 + 1) {
            struct fixture cut =
                fixture_read(program, (struct input_options){.block_bytes = bytes}, text.data, text.length);
            assert_string_equal(cut.leads.data, whole.leads.data);
            assert_string_equal(cut.reports.data, whole.reports.data);
            fixture_free(&cut);
        }
        fixture_free(&whole);
        buffer_free(&text);
    }
    program_free(program);
}

static void test_limits(void **state)
{
    (void)state;
    struct program *program = sample_program();
    for (unsigned columns = LIMIT_CSV_COLUMNS; columns <= LIMIT_CSV_COLUMNS + 1; columns++) {
        struct buffer text = {0};
        buffer_text(&text, "id");
        for (unsigned i = 1; i < columns; i++)
            buffer_format(&text, ",c%u", i);
        buffer_text(&text, "\n");
        struct fixture fixture = fixture_read(program, (struct input_options){0}, text.data, text.length);
        if (columns == LIMIT_CSV_COLUMNS)
            assert_string_equal(fixture.problem, "");
        else
            assert_non_null(strstr(fixture.problem, "more than 16384 columns"));
        fixture_free(&fixture);
        buffer_free(&text);
    }
    /* Duplicates are looked for among the first `most_keys` keys. */
    const char *text = "id,employees\na,1\nb,2\nc,3\nc,4\na,5\n";
    struct fixture all = fixture_read(program, (struct input_options){.most_keys = 3}, text, strlen(text));
    assert_int_equal(all.summary.duplicate_keys, 2);
    assert_false(all.summary.keys_forgotten);
    struct fixture some = fixture_read(program, (struct input_options){.most_keys = 2}, text, strlen(text));
    assert_int_equal(some.summary.duplicate_keys, 1);
    assert_true(some.summary.keys_forgotten);
    fixture_free(&all);
    fixture_free(&some);
    program_free(program);
}

/* What is rejected, mended and read again comes out as it should have the first time, rows counted as they lie there. */
static void test_reject_text(void **state)
{
    (void)state;
    struct buffer out = {0}, header = {0};
    struct input_report report = {.file = "leads.csv", .row = 17, .column = 4, .reason = "a NUL byte",
                                  .line = {"a,CEO", 5}, .header = {"id,title", 8}};
    input_reject_text(&report, &header, &out);
    report.column = 0;
    report.line = (struct text){"#b,\"C\nTO\"", 9};
    input_reject_text(&report, &header, &out);
    assert_string_equal(out.data,
                        "# rejected lines of a run: mend them and run this file again; remarks such as this are passed over\n"
                        "id,title\n# rejected leads.csv:17:4: a NUL byte\na,CEO\n# rejected leads.csv:17: a NUL byte\n#b,\"C\nTO\"\n");
    static const struct fixture_field fields[] = {{"id", FIELD_TEXT, NULL, NULL, NULL}, {"title", FIELD_TEXT, NULL, NULL, NULL}};
    struct program *program = fixture_program(fields, 2);
    for (size_t room = 1; room < 60; room++) {
        struct fixture fixture = fixture_read(program, (struct input_options){.block_bytes = room}, out.data, out.length);
        assert_string_equal(fixture.leads.data, "4: id=<a> title=<CEO>\n6: id=<#b> title=<C\\0aTO>\n");
        assert_string_equal(fixture.reports.data, "");
        fixture_free(&fixture);
    }
    report.header = (struct text){"", 0};
    input_reject_text(&report, &header, &out);
    assert_non_null(strstr(out.data, "another header"));
    buffer_reset(&out);
    buffer_free(&header);
    header = (struct buffer){0};
    report.file = "leads.ndjson";
    report.line = (struct text){"{\"id\":\"c\"}", 10};
    input_reject_text(&report, &header, &out);
    struct fixture fixture = fixture_read(program, (struct input_options){0}, out.data, out.length);
    assert_string_equal(fixture.leads.data, "3: id=<c>\n");
    fixture_free(&fixture);
    program_free(program);
    buffer_free(&header);
    buffer_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shapes),      cmocka_unit_test(test_quotes),    cmocka_unit_test(test_rejects),
        cmocka_unit_test(test_mended),      cmocka_unit_test(test_encodings), cmocka_unit_test(test_packed),
        cmocka_unit_test(test_files),       cmocka_unit_test(test_blocks),    cmocka_unit_test(test_limits),
        cmocka_unit_test(test_reject_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
