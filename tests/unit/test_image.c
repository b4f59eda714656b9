/* The file form: what is written is read back, what is damaged or hostile is refused, and nothing crashes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "tests/unit/small_program.h"
#include "vm/layout.h"
#include "vm/machine.h"
#include "vm/output/results.h"
#include "vm/sha256.h"

#define CHECKSUM 32u

static void write_image(struct buffer *image)
{
    struct program *program = small_program();
    char problem[256] = "";
    if (!program_verify(program, problem, sizeof problem))
        fail_msg("the small program is refused: %s", problem);
    image_write(program, image);
    program_free(program);
}

static void repair(struct buffer *image)
{
    uint8_t digest[CHECKSUM];
    sha256(image->data, image->length - CHECKSUM, digest);
    memcpy(image->data + image->length - CHECKSUM, digest, CHECKSUM);
}

static void is_read_back(void **state)
{
    (void)state;
    struct buffer image = {0}, again = {0};
    char problem[256] = "";
    write_image(&image);
    assert_true(image_is(image.data, image.length));
    struct program *program = image_read(image.data, image.length, problem, sizeof problem);
    assert_string_equal(problem, "");
    assert_non_null(program);
    assert_string_equal(program->name, "Small \"B2B\"");
    assert_null(program->owner);
    assert_string_equal(program->hash, SMALL_HASH);
    assert_int_equal(program->rule_count, 5);
    assert_int_equal(program->rules[2].constant, 150000);
    assert_string_equal(program->rules[2].because, "Whoever compares prices is buying");
    assert_int_equal(program->patterns[1].text.length, 8);
    assert_non_null(program->texts[0].classifier);
    image_write(program, &again);
    assert_int_equal(again.length, image.length);
    assert_memory_equal(again.data, image.data, image.length);
    program_free(program);
    buffer_free(&image);
    buffer_free(&again);
}

static void every_flipped_bit_is_refused(void **state)
{
    (void)state;
    struct buffer image = {0};
    write_image(&image);
    for (size_t at = 0; at < image.length; at++) {
        char problem[256] = "";
        unsigned char bit = (unsigned char)(1u << (at % 8));
        image.data[at] = (char)((unsigned char)image.data[at] ^ bit);
        assert_null(image_read(image.data, image.length, problem, sizeof problem));
        assert_string_not_equal(problem, "");
        image.data[at] = (char)((unsigned char)image.data[at] ^ bit);
    }
    buffer_free(&image);
}

static void every_cut_is_refused(void **state)
{
    (void)state;
    struct buffer image = {0};
    write_image(&image);
    for (size_t length = 0; length < image.length; length++) {
        char problem[256] = "";
        char *exact = malloc(length + 1);               /* so that a read past the end is seen by a sanitizer */
        memcpy(exact, image.data, length);
        assert_null(image_read(exact, length, problem, sizeof problem));
        assert_string_not_equal(problem, "");
        if (length > CHECKSUM) {
            struct buffer cut = { exact, length, length + 1 };
            repair(&cut);
            assert_null(image_read(exact, length, problem, sizeof problem));
        }
        free(exact);
    }
    buffer_free(&image);
}

static uint64_t random_next(uint64_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed;
}

/* A batch that touches every field, so that a program that was accepted has something to run over. */
static void fill(struct batch *batch, const struct program *program)
{
    static const char *const texts[] = { "CEO", "an assistant", "/pricing/eu", "Straße", "42" };
    for (uint32_t lead = 0; lead < 70; lead++) {
        batch_begin_lead(batch, lead);
        for (uint32_t field = 0; field < program->field_count; field++) {
            const char *text = texts[(lead + field) % 5];
            struct text value = { text, (uint32_t)strlen(text) };
            if ((lead + field) % 4 == 0)
                continue;
            switch (program->fields[field].type) {
            case FIELD_TEXT: case FIELD_ONEOF: batch_set_text(batch, field, value, true); break;
            case FIELD_NUMBER: batch_set_number(batch, field, (int64_t)lead * 300000 - 200000); break;
            case FIELD_DATE: batch_set_number(batch, field, (int64_t)lead * MICROS_DAY); break;
            case FIELD_YESNO: batch_set_yesno(batch, field, lead % 3 > 0); break;
            case FIELD_LIST: batch_begin_list(batch, field); batch_add_element(batch, field, value, true); break;
            }
        }
        for (uint32_t event = 0; event < program->event_count && lead % 2 == 0; event++)
            for (uint32_t times = 0; times < 5 && program->events[event].used; times++)
                if (batch_add_event(batch, event, (int64_t)(20000 - times * lead) * MICROS_DAY) &&
                    program->events[event].fields.count > 0 &&
                    program->event_fields[program->events[event].fields.start].type == FIELD_TEXT)
                    batch_event_text(batch, event, 0, (struct text){ texts[times], (uint32_t)strlen(texts[times]) },
                                     true);
        batch_end_lead(batch);
    }
    batch_finish(batch);
}

/* Runs a program that the verifier let through: whatever it is, it ends and stays within its bounds. */
static void run(const struct program *program)
{
    int64_t as_of = 20010 * MICROS_DAY;
    struct batch *batch = batch_new(program, as_of, 128);
    struct machine *machine = machine_new(program, as_of);
    struct results *results = results_new(program, RESULTS_NDJSON, &(struct results_options){ .trace = true });
    struct buffer out = {0};
    fill(batch, program);
    machine_run(machine, batch);
    results_batch(results, machine, NULL, &out);
    for (uint32_t lead = 0; lead < 4; lead++)
        explain_lead(machine, lead, NULL, &out);
    program_disassemble(program, NULL, NULL, &out);
    assert_true(out.length > 0);
    results_free(results);
    machine_free(machine);
    batch_free(batch);
    buffer_free(&out);
}

static void mutations_never_crash(void **state)
{
    (void)state;
    struct buffer image = {0}, changed = {0};
    uint64_t seed = UINT64_C(0x9E3779B97F4A7C15);
    size_t accepted = 0, refused = 0;
    write_image(&image);
    for (size_t round = 0; round < 20000; round++) {
        char problem[256] = "";
        buffer_reset(&changed);
        buffer_add(&changed, image.data, image.length);
        size_t changes = 1 + random_next(&seed) % 3;
        for (size_t i = 0; i < changes; i++) {
            size_t at = 28 + random_next(&seed) % (changed.length - CHECKSUM - 28);
            static const unsigned char telling[] = { 0, 1, 2, 0x7F, 0x80, 0xFF };
            uint64_t value = random_next(&seed);
            changed.data[at] = (char)(value % 2 == 0 ? telling[value / 2 % sizeof telling]
                                                     : (unsigned char)(value >> 8));
        }
        repair(&changed);
        struct program *program = image_read(changed.data, changed.length, problem, sizeof problem);
        if (program == NULL) {
            assert_string_not_equal(problem, "");
            refused++;
            continue;
        }
        accepted++;
        run(program);
        program_free(program);
    }
    assert_true(accepted > 0);
    assert_true(refused > 0);
    buffer_free(&image);
    buffer_free(&changed);
}

/* Finds the head of a section: its tag is followed by its count. */
static size_t section_at(const struct buffer *image, enum table_id id)
{
    for (size_t at = 28; at + 16 < image->length; at++)
        if (memcmp(image->data + at, layout_table(id)->tag, 4) == 0)
            return at;
    fail_msg("no section %s", layout_table(id)->tag);
    return 0;
}

static void a_count_is_not_believed(void **state)
{
    (void)state;
    struct buffer image = {0};
    write_image(&image);
    for (enum table_id id = 0; id < TABLE_COUNT; id++) {
        char problem[256] = "", kept[4];
        size_t at = section_at(&image, id) + 4;
        memcpy(kept, image.data + at, 4);
        memset(image.data + at, 0xFF, 4);
        repair(&image);
        assert_null(image_read(image.data, image.length, problem, sizeof problem));
        assert_non_null(strstr(problem, "length"));
        memcpy(image.data + at, kept, 4);
    }
    buffer_free(&image);
}

struct refusal { const char *says; void (*spoil)(struct program *program); };

static void spoil_operand(struct program *program) { program->code[7].b = program->code[8].result; }
static void spoil_kind(struct program *program) { program->code[3].a = program->code[1].result; }
static void spoil_twice(struct program *program) { program->code[1].result = program->code[0].result; }
static void spoil_place(struct program *program) { program->code[5].place = 0; }
static void spoil_constant(struct program *program) { program->code[3].b = program->constant_count; }
static void spoil_unused(struct program *program) { program->code[0].a = 1; }
static void spoil_clock(struct program *program) { program->clocks[0].count = 0; }
static void spoil_unit(struct program *program) { program->clocks[0].unit = UNIT_YEAR + 1; }
static void spoil_percent(struct program *program) { program->decays[0].ppm = 1000001; }
static void spoil_fading(struct program *program) { program->eaches[0].fading_ppm = -1; }
static void spoil_set(struct program *program) { program->set_values[1] = 10000; }
static void spoil_bit(struct program *program) { program->patterns[0].bit = 1; }
static void spoil_text(struct program *program) { program->rules[0].because = "\xC3("; }
static void spoil_name(struct program *program) { program->rules[0].name = NULL; }
static void spoil_sum(struct program *program) { program->terms[0].points = INT64_MAX; }
static void spoil_each(struct program *program) { program->eaches[0].points = INT64_MAX / 2; }
static void spoil_list(struct program *program) { program->indices[1] = 0; }
static void spoil_group(struct program *program) { program->rules[3].score = 0; }
static void spoil_cells(struct program *program) { program->cell_count = 8; }
static void spoil_first(struct program *program) { program->stages[0].when = program->stages[1].when; }
static void spoil_field(struct program *program) { program->fields[SMALL_EMPLOYEES].type = FIELD_TEXT; }
static void spoil_key(struct program *program) { program->key_field = program->field_count; }
static void spoil_piece(struct program *program) { program->pieces[3].index = 3; }
static void spoil_action(struct program *program) { program->actions[0].stage = 3; }
static void spoil_rules(struct program *program) { program->rule_count = 65537; }
static void spoil_unused_event(struct program *program) { program->events[0].used = false; }
static void spoil_rule_sum(struct program *program) { program->rules[0].constant = 10000; }
static void spoil_base(struct program *program) { program->scores[1].base = 0; }
static void spoil_take(struct program *program) { program->groups[0].take = TAKE_FIRST; }
static void spoil_points(struct program *program) { program->rules[3].fires = program->rules[2].fires; }
static void spoil_input(struct program *program) { program->inputs[3].points = program->inputs[3].selected; }

static void each_fault_has_its_words(void **state)
{
    (void)state;
    static const struct refusal refusals[] = {
        { "instruction 7 (AND): operand b", spoil_operand },
        { "instruction 3 (GE_CONST): operand a", spoil_kind },
        { "written twice", spoil_twice },
        { "instruction 5 (LOAD_AT): works over events only", spoil_place },
        { "past the end of its table", spoil_constant },
        { "should be 0", spoil_unused },
        { "clock 0 has no duration", spoil_clock },
        { "unit of clock 0", spoil_unit },
        { "between 0 and 100", spoil_percent },
        { "between 0 and 100", spoil_fading },
        { "set 0 is not sorted", spoil_set },
        { "the predicate of pattern 0", spoil_bit },
        { "because of rule 0 is not UTF-8", spoil_text },
        { "rule 0 has no name", spoil_name },
        { "the sum can leave 64 bits", spoil_sum },
        { "all events together can leave", spoil_each },
        { "is listed already", spoil_list },
        { "belongs to another score", spoil_group },
        { "matrix 0 has too few cells", spoil_cells },
        { "the first has no condition", spoil_first },
        { "neither a number nor a date", spoil_field },
        { "names a field that is not there", spoil_key },
        { "piece 3", spoil_piece },
        { "action 0", spoil_action },
        { "65537 rules", spoil_rules },
        { "neither the leads nor an event type in use", spoil_unused_event },
        { "input 3", spoil_input },
        { "score 0: its sum is not that of its rules", spoil_rule_sum },
        { "score 1: its sum is not", spoil_base },
        { "made in another way", spoil_take },
        { "known where it does not fire", spoil_points },
    };
    for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
        struct program *program = small_program();
        char problem[256] = "";
        refusals[i].spoil(program);
        assert_false(program_verify(program, problem, sizeof problem));
        if (strstr(problem, refusals[i].says) == NULL)
            fail_msg("\"%s\" does not say \"%s\"", problem, refusals[i].says);
        program->rule_count = 5;
        program_free(program);
    }
}

static void every_instruction_is_listed(void **state)
{
    (void)state;
    struct program *program = small_program();
    struct buffer out = {0};
    program_disassemble(program, NULL, NULL, &out);
    assert_non_null(strstr(out.data, "small.rubric:10"));
    assert_non_null(strstr(out.data, "classify text title"));
    assert_non_null(strstr(out.data, "now - 30 days < r5 <= now"));
    assert_non_null(strstr(out.data, "20% every 30 days"));
    assert_non_null(strstr(out.data, "r2 >= 50"));
    assert_non_null(strstr(out.data, "(over page_view)"));
    program_free(program);
    buffer_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_read_back),
        cmocka_unit_test(every_flipped_bit_is_refused),
        cmocka_unit_test(every_cut_is_refused),
        cmocka_unit_test(a_count_is_not_believed),
        cmocka_unit_test(each_fault_has_its_words),
        cmocka_unit_test(every_instruction_is_listed),
        cmocka_unit_test(mutations_never_crash),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
