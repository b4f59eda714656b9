/* The readers against files that others made to break readers: JSONTestSuite, csv-spectrum, two collections of
   ill-formed UTF-8, and messy CSV from real life.  The files are not part of the project: RUBRIC_SHARED says where they
   are, else ../shared. Where they are missing the tests are skipped, loudly. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>

#include "tests/unit/input_fixture.h"
#include "tests/unit/simple_json.h"
#include "vm/input/json.h"

static char *shared_path(const char *name)
{
    const char *shared = getenv("RUBRIC_SHARED");
    char *path = malloc(4096);
    snprintf(path, 4096, "%s/data/%s", shared ? shared : "../shared", name);
    return path;
}

/* The file's bytes, or NULL. */
static bool read_file(const char *path, struct buffer *out)
{
    FILE *file = fopen(path, "rb");
    char bytes[65536];
    size_t got;
    buffer_reset(out);
    buffer_text(out, "");
    if (!file)
        return false;
    while ((got = fread(bytes, 1, sizeof bytes, file)) > 0)
        buffer_add(out, bytes, got);
    fclose(file);
    return true;
}

static bool read_shared(const char *name, struct buffer *out)
{
    char *path = shared_path(name);
    bool found = read_file(path, out);
    free(path);
    return found;
}

static void need_shared(const char *name)
{
    struct buffer bytes = {0};
    bool found = read_shared(name, &bytes);
    buffer_free(&bytes);
    if (!found) {
        print_message("SKIPPED: there is no %s in ../shared/data nor below RUBRIC_SHARED\n", name);
        skip();
    }
}

/* Where the standard leaves a choice: these are accepted, the others refused. */
static const char *const chosen[] = {
    "i_number_double_huge_neg_exp.json",  "i_number_huge_exp.json",
    "i_number_neg_int_huge_exp.json",     "i_number_pos_double_huge_exp.json",
    "i_number_real_neg_overflow.json",    "i_number_real_pos_overflow.json",
    "i_number_real_underflow.json",       "i_number_too_big_neg_int.json",
    "i_number_too_big_pos_int.json",      "i_number_very_big_negative_int.json",
    "i_structure_500_nested_arrays.json",
};

static bool is_chosen(const char *name)
{
    for (size_t i = 0; i < sizeof chosen / sizeof chosen[0]; i++) {
        if (strcmp(name, chosen[i]) == 0)
            return true;
    }
    return false;
}

static void test_json_test_suite(void **state)
{
    (void)state;
    need_shared("corpora/json_test_suite/LICENSE");
    static const char *const folders[] = {"corpora/json_test_suite/test_parsing",
                                          "corpora/json_test_suite/test_transform"};
    static const struct fixture_field fields[] = {{"id", FIELD_TEXT, "id|a|b", NULL, NULL},
                                                  {"x", FIELD_LIST, "0|a.b", NULL, NULL}};
    struct program *program = fixture_program(fields, 2);
    fixture_event(program, "a", true, fields, 2);
    struct buffer bytes = {0};
    int counts[3] = {0}, failures = 0;
    for (int f = 0; f < 2; f++) {
        char *folder = shared_path(folders[f]);
        DIR *directory = opendir(folder);
        assert_non_null(directory);
        for (struct dirent *entry; (entry = readdir(directory));) {
            char path[8192];
            const char *name = entry->d_name;
            if (!strstr(name, ".json"))
                continue;
            snprintf(path, sizeof path, "%s/%s", folder, name);
            assert_true(read_file(path, &bytes));
            bool accepted = json_validate(bytes.data, bytes.length, NULL);
            bool wanted = f == 0 ? name[0] == 'y' || is_chosen(name) : accepted;
            if (f == 0)
                counts[name[0] == 'y' ? 0 : name[0] == 'n' ? 1 : 2]++;
            if (accepted != wanted) {
                print_error("%s: %s\n", name, accepted ? "accepted" : "refused");
                failures++;
            }
            /* As a file of leads it must at least be survived, and nothing refused as a document be read as a lead. */
            struct fixture fixture =
                fixture_read(program, (struct input_options){.content = CONTENT_NDJSON}, bytes.data, bytes.length);
            if (name[0] == 'n' && fixture.summary.leads > 0 && !memchr(bytes.data, '\n', bytes.length)) {
                print_error("%s: read as a lead\n", name);
                failures++;
            }
            fixture_free(&fixture);
            fixture = fixture_read(program, (struct input_options){.block_bytes = 7}, bytes.data, bytes.length);
            fixture_free(&fixture);
        }
        closedir(directory);
        free(folder);
    }
    print_message("must be accepted %d, must be refused %d, free to choose %d (%d accepted)\n", counts[0], counts[1],
                  counts[2], (int)(sizeof chosen / sizeof chosen[0]));
    for (size_t i = 0; i < sizeof chosen / sizeof chosen[0]; i++)
        print_message("  accepted by choice: %s\n", chosen[i]);
    assert_int_equal(failures, 0);
    assert_int_equal(counts[0], 95);
    assert_int_equal(counts[1], 188);
    assert_int_equal(counts[2], 35);
    buffer_free(&bytes);
    program_free(program);
}

/* Every cell of every row as csv-spectrum's own answer has it. */
static void test_csv_spectrum(void **state)
{
    (void)state;
    need_shared("corpora/csv_spectrum/package.json");
    static const char *const names[] = {"comma_in_quotes",
                                        "empty",
                                        "empty_crlf",
                                        "escaped_quotes",
                                        "json",
                                        "newlines",
                                        "newlines_crlf",
                                        "quotes_and_newlines",
                                        "simple",
                                        "simple_crlf",
                                        "utf8",
                                        "location_coordinates"};
    for (size_t n = 0; n < sizeof names / sizeof names[0]; n++) {
        char name[200];
        struct buffer answer = {0}, expected = {0};
        struct arena arena;
        arena_init(&arena);
        snprintf(name, sizeof name, "corpora/csv_spectrum/json/%s.json", names[n]);
        assert_true(read_shared(name, &answer));
        const struct simple *rows = simple_parse(&arena, answer.data, answer.length);
        assert_non_null(rows);
        const struct simple *first = rows->kind == RAW_ARRAY ? rows->first : rows;
        /* Its answer to this one has another telephone number than the question. */
        bool wrong_answer = strcmp(names[n], "location_coordinates") == 0;
        struct fixture_field fields[20];
        uint32_t count = 0;
        for (const struct simple *member = first->first; member; member = member->next)
            fields[count++] = (struct fixture_field){arena_copy(&arena, member->name.bytes, member->name.length),
                                                     FIELD_TEXT, NULL, NULL, NULL};
        if (wrong_answer)
            fields[0].from = "nothing";
        struct program *program = fixture_program(fields, count);
        buffer_text(&expected, "");
        for (const struct simple *row = first; row; row = row->next) {
            for (const struct simple *member = row->first; member; member = member->next) {
                char room[1000];
                struct text text = raw_text(simple_raw(member), room);
                if (text.length == 0 || (wrong_answer && member == row->first))
                    continue;
                buffer_format(&expected, " %.*s=", (int)member->name.length, member->name.bytes);
                dump_text(&expected, text);
            }
            buffer_text(&expected, "\n");
        }
        snprintf(name, sizeof name, "corpora/csv_spectrum/csvs/%s.csv", names[n]);
        char *path = shared_path(name);
        const char *paths[] = {path};
        struct fixture fixture = fixture_read_paths(program, (struct input_options){0}, paths, 1);
        struct buffer got = {0};
        buffer_text(&got, "");
        for (const char *line = fixture.leads.data; *line; line = strchr(line, '\n') + 1) /* without the row number */
            buffer_add(&got, strchr(line, ':') + 1, (size_t)(strchr(line, '\n') - strchr(line, ':')));
        assert_string_equal(got.data, expected.data);
        assert_int_equal(fixture.summary.rejected, 0);
        print_message("  %-30s every cell as csv-spectrum has it%s\n", names[n], wrong_answer ? ", but one that it has wrong itself" : "");
        free(path);
        fixture_free(&fixture);
        buffer_free(&got);
        buffer_free(&answer);
        buffer_free(&expected);
        program_free(program);
        arena_free(&arena);
    }
}

/* utf8tests.bin says of each of its sequences whether it is valid; the JSON reader and the CSV reader must agree. */
static void test_utf8(void **state)
{
    (void)state;
    need_shared("corpora/utf8/utf8tests.bin");
    struct buffer bytes = {0}, document = {0}, table = {0};
    static const struct fixture_field fields[] = {{"x", FIELD_TEXT, NULL, NULL, NULL}};
    struct program *program = fixture_program(fields, 1);
    int valid = 0, invalid = 0, failures = 0;
    assert_true(read_shared("corpora/utf8/utf8tests.bin", &bytes));
    for (const char *line = bytes.data, *end = bytes.data + bytes.length; line < end;) {
        const char *feed = memchr(line, '\n', (size_t)(end - line)), *colon = memchr(line, ':', (size_t)(end - line));
        feed = feed ? feed : end;
        const char *start = colon ? memchr(colon + 1, ':', (size_t)(feed - colon)) : NULL;
        if (!start || (colon[1] != 'v' && colon[1] != 'i')) {   /* a sequence with a line break in it, or none */
            line = feed + 1;
            continue;
        }
        bool wanted = colon[1] == 'v', control = false;
        start++;
        size_t length = (size_t)(feed - start);
        buffer_reset(&document);
        buffer_text(&document, "\"");
        for (size_t i = 0; i < length; i++) {
            unsigned char c = (unsigned char)start[i];
            control = control || c < 0x20;
            if (c == '"' || c == '\\')
                buffer_char(&document, '\\');
            buffer_char(&document, (char)c);
        }
        buffer_text(&document, "\"");
        buffer_reset(&table);
        buffer_text(&table, "x\ty\n1\t");
        buffer_add(&table, start, length);
        buffer_text(&table, "\n");
        bool json = json_validate(document.data, document.length, NULL);
        struct fixture fixture =
            fixture_read(program, (struct input_options){.content = CONTENT_CSV}, table.data, table.length);
        bool csv = fixture.summary.rejected == 0;
        fixture_free(&fixture);
        if (!control && (json != wanted || csv != wanted)) {
            print_error("%.*s: json %d csv %d\n", (int)(start - line), line, json, csv);
            failures++;
        }
        valid += wanted;
        invalid += !wanted;
        line = feed + 1;
    }
    print_message("%d valid, %d invalid sequences\n", valid, invalid);
    assert_true(valid > 50 && invalid > 100);
    assert_int_equal(failures, 0);

    /* Kuhn's file: no verdicts in it that a program could read; but all of ours must be one. */
    assert_true(read_shared("corpora/utf8/UTF-8-test.txt", &bytes));
    int bad_lines = 0;
    for (const char *line = bytes.data, *end = bytes.data + bytes.length; line < end;) {
        const char *feed = memchr(line, '\n', (size_t)(end - line));
        feed = feed ? feed : end;
        buffer_reset(&document);
        buffer_text(&document, "\"");
        for (const char *c = line; c < feed; c++) {
            if (*c == '"' || *c == '\\')
                buffer_char(&document, '\\');
            buffer_char(&document, (unsigned char)*c < 0x20 ? ' ' : *c);
        }
        buffer_text(&document, "\"");
        bool fine = utf8_valid(line, (size_t)(feed - line));
        assert_int_equal(json_validate(document.data, document.length, NULL), fine);
        bad_lines += !fine;
        line = feed + 1;
    }
    print_message("%d ill-formed lines in UTF-8-test.txt\n", bad_lines);
    assert_in_range(bad_lines, 60, 200);
    buffer_free(&bytes);
    buffer_free(&document);
    buffer_free(&table);
    program_free(program);
}

struct messy { const char *name; enum input_encoding encoding; int leads, rejected, mended; bool refused; const char *words; };

/* One row of the table: what a file became, and how that is meant. */
static bool messy_row(const struct program *program, const char *folder, const struct messy *file)
{
    static const char *const encodings[] = {"", "utf-8", "windows-1252", "latin-1", "utf-16"};
    char name[512];
    snprintf(name, sizeof name, "%s/%s", folder, file->name);
    char *path = shared_path(name);
    const char *paths[] = {path};
    struct fixture fixture = fixture_read_paths(program, (struct input_options){.encoding = file->encoding}, paths, 1);
    const struct input_summary *got = &fixture.summary;
    bool fine = (int)got->leads == file->leads && (int)got->rejected == file->rejected && (int)got->mended_rows == file->mended
                && (fixture.problem[0] != '\0') == file->refused;
    print_message("  %-45s %-12s %6d %8d %6d  %s%s\n", file->name, encodings[file->encoding], (int)got->leads, (int)got->rejected,
                  (int)got->mended_rows, fine ? "" : "WRONG: ", file->words);
    fixture_free(&fixture);
    free(path);
    return fine;
}

static void test_messy_csv(void **state)
{
    (void)state;
    need_shared("messy_csv/SOURCE.md");
    static const struct messy files[] = {
#define MESSY(name, encoding, leads, rejected, mended, refused, words) {name, encoding, leads, rejected, mended, refused, words},
#include "tests/conformance/messy.def"
#undef MESSY
    }, mautic[] = {
        {"mautic/fakepagehitdata.csv", ENCODING_SNIFFED, 130, 0, 130, false, "quotes written with a backslash: mended"},
        {"mautic/fakeleaddata.csv", ENCODING_SNIFFED, 54, 0, 0, false, "read"},
    };
    static const struct fixture_field fields[] = {{"x", FIELD_TEXT, NULL, NULL, NULL}};
    struct program *program = fixture_program(fields, 1);
    int failures = 0;
    print_message("  %-45s %-12s %6s %8s %6s\n", "file", "--encoding", "leads", "rejected", "mended");
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
        failures += !messy_row(program, "messy_csv", &files[i]);
    for (size_t i = 0; i < sizeof mautic / sizeof mautic[0]; i++)
        failures += !messy_row(program, "crm_samples", &mautic[i]);
    program_free(program);
    assert_int_equal(failures, 0);
}

/* The same 500 leads in four dresses. */
static void test_dresses(void **state)
{
    (void)state;
    need_shared("messy_csv/x_education/crcrlf_500.csv");
    static const struct fixture_field fields[] = {
        {"id", FIELD_TEXT, "Prospect ID", NULL, NULL},
        {"origin", FIELD_TEXT, "Lead Origin", NULL, NULL},
        {"visits", FIELD_NUMBER, "TotalVisits", NULL, NULL},
        {"time", FIELD_NUMBER, "Total Time Spent on Website", NULL, NULL},
        {"city", FIELD_TEXT, "City", "select", NULL},
        {"matters", FIELD_TEXT, "What matters most to you in choosing a course", NULL, NULL},
        {"country", FIELD_TEXT, "Country", NULL, NULL},
        {"tags", FIELD_TEXT, "Tags", NULL, NULL},
        {"mail", FIELD_YESNO, "Do Not Email", NULL, NULL},
    };
    static const char *const dresses[] = {"x_education/public.csv", "messy_csv/x_education/crcrlf_500.csv",
                                          "messy_csv/x_education/requoted_500.csv",
                                          "messy_csv/x_education/utf16le_bom_semicolon_500.csv"};
    struct program *program = fixture_program(fields, 9);
    struct fixture plain = {0};
    for (size_t i = 0; i < 4; i++) {
        char *path = shared_path(dresses[i]);
        const char *paths[] = {path};
        struct fixture fixture = fixture_read_paths(program, (struct input_options){0}, paths, 1);
        if (i == 0) {
            plain = fixture;
        } else {
            assert_int_equal(fixture.summary.leads, 500);
            assert_int_equal(fixture.summary.bad_values, 0);
            plain.leads.data[fixture.leads.length] = '\0';
            assert_string_equal(fixture.leads.data, plain.leads.data);
            fixture_free(&fixture);
        }
        print_message("  %-45s %6d leads, the same as the first\n", dresses[i], (int)(i == 0 ? plain.summary.leads : 500));
        free(path);
    }
    fixture_free(&plain);
    program_free(program);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_json_test_suite), cmocka_unit_test(test_csv_spectrum), cmocka_unit_test(test_utf8),
        cmocka_unit_test(test_messy_csv), cmocka_unit_test(test_dresses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
