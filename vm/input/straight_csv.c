/* Rows of CSV the straight way, column by column. */
#include "vm/input/straight_csv.h"

#include <stdlib.h>
#include <string.h>

#include "vm/input/reader.h"
#include "vm/input/straight_values.h"

#if MARKS_DISPATCH
#include <immintrin.h>
#endif

#define PIECE_BYTES ((size_t)16 << 10)                  /* looked at at once: stays in the nearest memory until it is read */
#define PIECE_MOST ((size_t)4 << 20)                    /* a line longer than this is read by csv.c */

static enum plan_take take_of(const struct input_reader *reader, uint32_t slot, uint8_t *field)
{
    const struct straight_slot *direct = &reader->straight.slots[slot];
    enum plan_take take = (enum plan_take)direct->take;
    *field = direct->field;
    if (take == TAKE_SLOT || take == TAKE_TEXT)
        return take;
    /* A cell may be a placeholder, or a number with a comma. */
    bool plain = reader->fields[direct->field].facts.missing_count == 0
                 && !(take == TAKE_NUMBER && reader->setting.convert.decimal_comma);
    return plain ? take : TAKE_SLOT;
}

/* Whether a column fills a slot of the field. */
static bool has_column(const struct input_reader *reader, uint32_t f)
{
    const struct plan_binding binding = reader->fields[f].binding;
    const struct csv_reader *csv = &reader->csv;
    for (uint32_t i = 0; i < csv->column_count; i++) {
        for (uint32_t k = 0; k < binding.count; k++) {
            if (csv->slots[i] == reader->lead.order[binding.first + k])
                return true;
        }
    }
    return false;
}

void straight_csv_map(struct input_reader *reader)
{
    struct straight_rows *rows = &reader->rows;
    const struct csv_reader *csv = &reader->csv;
    const struct program *program = reader->setting.program;
    rows->usable = !csv->dialect.cr_only && csv->column_count > 0;
    rows->rows.delimiter = csv->dialect.delimiter;
    rows->rows.columns = csv->column_count;
    rows->rows.ends = memory_resize(rows->rows.ends, csv->column_count * sizeof *rows->rows.ends);
    free(rows->cells);
    rows->cells = memory_alloc((reader->lead.slot_count + 1) * sizeof *rows->cells);
    rows->cell_count = 0;
    rows->direct = rows->waiting = 0;
    for (uint32_t i = 0; i < csv->column_count; i++) {
        if (csv->slots[i] == NO_INDEX)
            continue;
        struct straight_cell *cell = &rows->cells[rows->cell_count++];
        cell->column = i;
        cell->slot = csv->slots[i];
        cell->take = (uint8_t)take_of(reader, cell->slot, &cell->field);
        if (cell->take != TAKE_SLOT)
            cell->bit = UINT64_C(1) << cell->field;
        rows->direct |= cell->bit;
    }
    for (uint32_t f = 0; f < program->field_count && f < STRAIGHT_FIELDS; f++) {
        if (!(rows->direct >> f & 1) && has_column(reader, f))
            rows->waiting |= UINT64_C(1) << f;
    }
    uint32_t key = program->key_field;
    bool key_stands = key == NO_INDEX || (key < STRAIGHT_FIELDS && rows->direct >> key & 1);
    rows->all_looked_at = rows->waiting != 0 || reader->setting.events_file || program->field_count > STRAIGHT_FIELDS
                          || !key_stands;
}

void straight_csv_begin_block(struct straight_rows *rows)
{
    rows->from = rows->to = NULL;
}

void straight_csv_free(struct straight_rows *rows)
{
    rows_free(&rows->rows);
    free(rows->cells);
}

/* ------------------------------------------------------------------- columns */

#define WORD_TRUE UINT32_C(0x65757274)
#define WORD_FALSE UINT64_C(0x65736C6166)
#define WORD_FIVE UINT64_C(0xFFFFFFFFFF)

static inline unsigned plain_csv_number(struct text text, int64_t *units)
{
    return plain_number(text.bytes, units) == text.bytes + text.length;
}
static inline unsigned plain_csv_instant(const struct straight *straight, struct text text, int64_t *instant)
{
    (void)straight;
    return convert_plain_instant(text.bytes, text.length, instant);
}
#define CSV_NAME(name) plain_csv_##name
#include "vm/input/straight_csv_body.inc"
#undef CSV_NAME

#if MARKS_DISPATCH
#pragma GCC push_options
#pragma GCC target("avx2,bmi,bmi2,popcnt")
/* Up to 14 digits without a branch: brought to the right, then joined in pairs, fours and eights.  What is no digit, and
   decimals, go to plain_number. */
static inline __attribute__((always_inline)) unsigned avx2_csv_number(struct text text, int64_t *units)
{
    static const unsigned char places[32] = {0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80,
                                             0x80, 0x80, 0x80, 0x80, 0x80, 0,    1,    2,    3,    4,    5,
                                             6,    7,    8,    9,    10,   11,   12,   13,   14,   15};
    __m128i digits = _mm_sub_epi8(_mm_loadu_si128((const __m128i *)(const void *)text.bytes), _mm_set1_epi8('0'));
    unsigned others = ~(unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(_mm_min_epu8(digits, _mm_set1_epi8(9)), digits));
    unsigned count = _tzcnt_u32(others);                /* the upper half has bits in any case */
    unsigned fits = (count == text.length) & (count - 1 < 14) & ((*text.bytes != '0') | (count == 1));
    digits = _mm_shuffle_epi8(digits, _mm_loadu_si128((const __m128i *)(const void *)(places + count)));
    __m128i pairs = _mm_maddubs_epi16(digits, _mm_setr_epi8(10, 1, 10, 1, 10, 1, 10, 1, 10, 1, 10, 1, 10, 1, 10, 1));
    __m128i fours = _mm_madd_epi16(pairs, _mm_setr_epi16(100, 1, 100, 1, 100, 1, 100, 1));
    __m128i eights = _mm_madd_epi16(_mm_packus_epi32(fours, fours), _mm_setr_epi16(10000, 1, 10000, 1, 10000, 1, 10000, 1));
    uint64_t halves = (uint64_t)_mm_cvtsi128_si64(eights);
    *units = (int64_t)(((halves & UINT32_MAX) * 100000000 + (halves >> 32)) * NUMBER_ONE);
    unsigned odd = (fits == 0) & (text.length > 0);
    NOT_TAKEN_APART(odd);                               /* which cells are empty nobody can guess */
    if (__builtin_expect(odd, 0))
        fits = plain_csv_number(text, units);
    return fits;
}
/* "2026-11-22T10:30:00Z" and "2026-11-22": a date alone is given a time. */
static inline __attribute__((always_inline)) unsigned avx2_csv_instant(const struct straight *straight, struct text text,
                                                                       int64_t *instant)
{
    __m128i early = _mm_loadu_si128((const __m128i *)(const void *)text.bytes),
            late = _mm_loadu_si128((const __m128i *)(const void *)(text.bytes + 4));
    const __m128i alone = _mm_set1_epi8((char)(text.length == 10 ? -1 : 0));
    const __m128i early_mask = _mm_and_si128(alone, _mm_setr_epi8(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -1, -1, -1, -1, -1, -1)),
                  late_mask = _mm_and_si128(alone, _mm_setr_epi8(0, 0, 0, 0, 0, 0, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1));
    early = _mm_blendv_epi8(early, _mm_setr_epi8(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 'T', '0', '0', ':', '0', '0'), early_mask);
    late = _mm_blendv_epi8(late, _mm_setr_epi8(0, 0, 0, 0, 0, 0, 'T', '0', '0', ':', '0', '0', ':', '0', '0', 'Z'), late_mask);
    unsigned fits = ((text.length == 20) | (text.length == 10)) & wide_instant(straight->months, early, late, instant);
    unsigned odd = (fits == 0) & (text.length > 0);
    NOT_TAKEN_APART(odd);                               /* which cells are empty nobody can guess */
    if (__builtin_expect(odd, 0))
        fits = convert_plain_instant(text.bytes, text.length, instant);
    return fits;
}
#define CSV_NAME(name) avx2_csv_##name
#include "vm/input/straight_csv_body.inc"
#undef CSV_NAME
#pragma GCC pop_options
#endif

static void read_columns(struct straight_rows *rows, const struct straight *straight)
{
#if MARKS_DISPATCH
    if (straight->set >= MARKS_AVX2) {
        avx2_csv_columns(rows, straight);
        return;
    }
#endif
    plain_csv_columns(rows, straight);
}

/* ---------------------------------------------------------------------- rows */

static bool index_piece(struct input_reader *reader, const char *at, const char *limit)
{
    struct straight_rows *rows = &reader->rows;
    if (at >= rows->from && at < rows->to)
        return rows->indexed;
    rows->from = at;
    rows->to = limit;
    if ((size_t)(limit - at) > PIECE_BYTES) {
        const char *feed = memchr(at + PIECE_BYTES, '\n', (size_t)(limit - at) - PIECE_BYTES);
        rows->to = feed ? feed + 1 : limit;
    }
    size_t length = (size_t)(rows->to - at);
    rows->indexed = length <= PIECE_MOST && rows_index(&rows->rows, rows_kernel_of(reader->straight.set), at, length);
    return rows->indexed;
}

/* A cell without its quotes. */
static struct raw raw_cell(const struct straight_rows *all, const struct straight_cell *cell, uint32_t row)
{
    const struct rows *rows = &all->rows;
    const uint32_t *ends = rows->room + rows->first[row] + cell->column;
    uint32_t start = ends[0] + 1, quoted = rows->text[start] == '"', length = ends[1] - start - 2 * quoted;
    const char *bytes = rows->text + start + quoted;
    bool doubled = quoted && bit_get(rows->doubled, row) && memchr(bytes, '"', length);
    return (struct raw){bytes, length, doubled ? RAW_DOUBLED : RAW_TEXT};
}

/* Texts with doubled quotes wait. */
static void find_doubled(struct straight_rows *rows)
{
    for (uint32_t word = 0; word * 64 < rows->rows.row_count; word++) {
        for (uint64_t left = rows->rows.doubled[word]; left; left &= left - 1) {
            uint32_t row = word * 64 + (uint32_t)__builtin_ctzll(left);
            uint64_t bit = left & (0 - left);
            for (uint32_t i = 0; i < rows->cell_count; i++) {
                struct straight_cell *cell = &rows->cells[i];
                if (cell->take != TAKE_TEXT || !(cell->known[word] & bit) || raw_cell(rows, cell, row).kind != RAW_DOUBLED)
                    continue;
                cell->known[word] &= ~bit;
                cell->odd[word] |= bit;
            }
        }
    }
}

static void find_looked_at(struct input_reader *reader)
{
    struct straight_rows *rows = &reader->rows;
    const uint32_t key = reader->setting.program->key_field, count = rows->rows.row_count;
    for (uint32_t word = 0; word * 64 < count; word++) {
        uint64_t all = count - word * 64 < 64 ? (UINT64_C(1) << (count - word * 64)) - 1 : UINT64_MAX, some = 0;
        for (uint32_t i = 0; i < rows->cell_count; i++) {
            const struct straight_cell *cell = &rows->cells[i];
            if (cell->take == TAKE_SLOT)
                continue;
            some |= cell->odd[word];
            if (cell->field == key)
                some |= ~cell->known[word];
        }
        rows->looked_at[word] = (rows->all_looked_at ? UINT64_MAX : some) & all;
    }
}

uint32_t straight_csv_read(struct input_reader *reader, const char *at, const char *limit, uint32_t most, const char **end)
{
    struct straight_rows *rows = &reader->rows;
    if (!rows->usable || !reader->straight.read_lead || !index_piece(reader, at, limit))
        return 0;
    uint32_t count = rows_find(&rows->rows, at, most, end);
    if (count == 0)
        return 0;
    rows->first = reader->batch->leads;
    read_columns(rows, &reader->straight);
    if (rows->rows.uneven_count > 0)
        find_doubled(rows);
    find_looked_at(reader);
    return count;
}

const char *straight_csv_at(const struct straight_rows *rows, uint32_t row)
{
    return rows->rows.text + (uint32_t)(rows->rows.room[rows->rows.first[row]] + 1);
}

uint64_t straight_csv_put(struct input_reader *reader, uint32_t row)
{
    struct straight_rows *rows = &reader->rows;
    uint64_t fields = rows->waiting;
    plan_begin_record(&reader->lead);
    reader->straight.seen = reader->straight.yes = 0;
    for (uint32_t i = 0; i < rows->cell_count; i++) {
        const struct straight_cell *cell = &rows->cells[i];
        if (cell->take != TAKE_SLOT && cell->field == reader->setting.program->key_field && bit_get(cell->known, row))
            reader->straight.seen = cell->bit;
        if (cell->take != TAKE_SLOT && !bit_get(cell->odd, row))
            continue;
        fields |= cell->bit;
        plan_put(&reader->lead, cell->slot, raw_cell(rows, cell, row));
    }
    return fields;
}

/* bits[0, count) become known[at, at + count), which are zero. */
static void add_bits(uint64_t *known, uint32_t at, const uint64_t *bits, uint32_t count)
{
    unsigned shift = at % 64;
    for (uint32_t from = 0; from < count; from += 64) {
        uint64_t word = bits[from / 64];
        if (count - from < 64)
            word &= (UINT64_C(1) << (count - from)) - 1;
        uint64_t *to = known + (at + from) / 64;
        to[0] |= word << shift;
        if (shift > 0 && word >> (64 - shift) != 0)
            to[1] |= word >> (64 - shift);
    }
}

static uint64_t count_bits(const uint64_t *bits, uint32_t count)
{
    uint64_t sum = 0;
    for (uint32_t from = 0; from < count; from += 64) {
        uint64_t word = bits[from / 64];
        sum += (uint64_t)__builtin_popcountll(count - from < 64 ? word & ((UINT64_C(1) << (count - from)) - 1) : word);
    }
    return sum;
}

void straight_csv_keep(struct input_reader *reader, uint32_t count, uint64_t *found)
{
    struct straight_rows *rows = &reader->rows;
    struct straight *straight = &reader->straight;
    struct batch *batch = reader->batch;
    memset(straight->seen_rows + rows->first, 0, count * sizeof *straight->seen_rows);
    memset(straight->yes_rows + rows->first, 0, count * sizeof *straight->yes_rows);
    for (uint32_t i = 0; i < rows->cell_count; i++) {
        const struct straight_cell *cell = &rows->cells[i];
        if (cell->take == TAKE_SLOT)
            continue;
        add_bits(batch->fields[cell->field].known, rows->first, cell->known, count);
        if (cell->take == TAKE_YESNO)
            add_bits(batch->fields[cell->field].yes, rows->first, cell->yes, count);
        found[cell->field] += count_bits(cell->known, count);
    }
    /* What is left of the piece was found already: it must be looked at anew. */
    if (count < rows->rows.row_count)
        straight_csv_begin_block(rows);
}
