#include "vm/input/straight.h"

#include <stdlib.h>
#include <string.h>

#include "vm/input/reader.h"
#include "vm/input/straight_values.h"
#include "vm/limits.h"
#include "vm/number.h"

#define PIECE_BYTES ((size_t)32 << 10)                  /* marked at once: stays in the nearest memory until it is read */
#define PIECE_MOST ((size_t)4 << 20)                    /* a line longer than this is read by json.c */

#if MARKS_DISPATCH
#include <immintrin.h>
#endif

/* ------------------------------------------------------------ who goes straight */

static bool is_direct(const struct input_reader *reader, uint32_t f, enum plan_take *take)
{
    const struct bound_field *bound = &reader->fields[f];
    if (bound->binding.count != 1 || f == reader->setting.program->stage_field)
        return false;
    switch ((enum field_type)bound->facts.field->type) {
    case FIELD_TEXT: *take = TAKE_TEXT; return bound->plain_text;
    case FIELD_NUMBER: *take = TAKE_NUMBER; return true;
    case FIELD_DATE: *take = TAKE_DATE; return bound->facts.missing_count == 0;
    case FIELD_YESNO: *take = TAKE_YESNO; return true;
    case FIELD_ONEOF: case FIELD_LIST: break;
    }
    return false;
}

static inline size_t type_place(uint64_t head, uint64_t tail, uint64_t factor, unsigned shift)
{
    return (head ^ (tail << 29 | tail >> 35)) * factor >> shift;
}

struct slot_use { enum plan_take take; uint32_t field, users; };

static void set_takes(struct plan_node *node, const struct slot_use *uses)
{
    for (uint32_t i = 0; i < node->table_size; i++) {
        struct plan_key *key = node->table[i];
        if (!key)
            continue;
        if (key->child)
            set_takes(key->child, uses);
        if (key->child || key->events) {
            key->take = TAKE_INSIDE;
        } else if (key->slot != NO_INDEX) {
            const struct slot_use *use = uses ? &uses[key->slot] : NULL;
            bool direct = use && use->users == 1 && use->take != TAKE_NOTHING;
            key->take = (uint8_t)(direct ? use->take : TAKE_SLOT);
            key->field = (uint8_t)(direct ? use->field : 0);
            key->bit = direct ? UINT64_C(1) << use->field : 0;
        }
    }
}

/* A slot that an object fills, too (`from "a"` and `from "a.b"`), is not written into a column. */
static void forget_mixed(const struct plan_node *node, struct slot_use *uses)
{
    for (uint32_t i = 0; i < node->table_size; i++) {
        const struct plan_key *key = node->table[i];
        if (!key)
            continue;
        if (key->child)
            forget_mixed(key->child, uses);
        if ((key->child || key->events) && key->slot != NO_INDEX)
            uses[key->slot].take = TAKE_NOTHING;
    }
}

/* What an event is in the eyes of read_usual_event: a bit and a place for each text that is wanted of any. */
static void set_event_takes(struct straight *straight, struct input_reader *reader)
{
    const struct program *program = reader->setting.program;
    struct plan *plan = &reader->event;
    const struct event_binder *binder = &reader->binder;
    uint32_t time_slot = plan->order[binder->at.binding.first], next = 0;
    uint32_t *texts = memory_alloc((plan->slot_count + 1) * sizeof *texts);     /* by slot: their number plus one */
    straight->event_count = program->event_count;
    straight->events = arena_alloc(&reader->arena, program->event_count * sizeof *straight->events);
    straight->usual = arena_alloc(&reader->arena, program->event_count * sizeof *straight->usual);
    for (uint32_t e = 0; e < program->event_count; e++) {
        const struct bound_event *bound = &binder->events[e];
        struct straight_event *facts = &straight->events[e];
        bool usual = bound->count <= STRAIGHT_EVENT_TEXTS;
        *facts = (struct straight_event){.wanted = bound->wanted, .event = e,
                                         .activity = program->uses_activity && program->events[e].activity};
        facts->some = bound->count > 0 ? UINT64_MAX : 0;
        facts->texts = arena_alloc(&reader->arena, (usual && bound->count > 0 ? bound->count : 1) * sizeof *facts->texts);
        facts->texts[0] = (struct straight_event_text){.bit = UINT64_MAX, .field = NO_INDEX};
        for (uint32_t f = 0; f < bound->count && usual; f++) {
            const struct bound_field *field = &bound->fields[f];
            uint32_t slot = plan->order[field->binding.first];
            usual = field->plain_text && field->binding.count == 1 && slot != binder->type_slot && slot != time_slot
                    && (texts[slot] != 0 || next < STRAIGHT_EVENT_TEXTS);
            if (!usual)
                break;
            if (texts[slot] == 0)
                texts[slot] = ++next;
            facts->texts[facts->count++] = (struct straight_event_text){
                .bit = STRAIGHT_TIME << texts[slot], .text = texts[slot] - 1, .field = f, .problems = field->problems};
        }
        straight->usual[e] = usual ? facts : NULL;
    }
    set_takes(plan->root, NULL);
    for (uint32_t i = 0; i < plan->root->table_size; i++) {
        struct plan_key *key = plan->root->table[i];
        if (!key || key->take != TAKE_SLOT)
            continue;
        if (key->slot == binder->type_slot || key->slot == time_slot) {
            key->take = key->slot == time_slot ? TAKE_TIME : TAKE_TYPE;
            key->bit = key->slot == time_slot ? STRAIGHT_TIME : STRAIGHT_TYPE;
        } else if (texts[key->slot] != 0) {
            key->field = (uint8_t)(texts[key->slot] - 1);
            key->bit = STRAIGHT_TIME << texts[key->slot];
        }
    }
    free(texts);
}

/* Finds a factor that gives each name a place of its own. */
static void place_types(struct straight *straight, struct input_reader *reader)
{
    const struct program *program = reader->setting.program;
    unsigned bits = 4;
    while (bits < 16 && (1u << bits) < 4 * program->event_count)
        bits++;
    struct straight_type *types = arena_alloc(&reader->arena, sizeof *types << bits);
    uint64_t factor = UINT64_C(0x9E3779B97F4A7C15);
    for (unsigned tries = 0; tries < 1000; tries++, factor = factor * UINT64_C(6364136223846793005) + 2) {
        bool fits = true;
        memset(types, 0, sizeof *types << bits);
        for (uint32_t e = 0; e < program->event_count && fits; e++) {
            size_t length = strlen(program->events[e].name);
            struct straight_type type = {.event = straight->usual[e]};
            if (length > sizeof type.name)
                continue;
            memcpy(type.name, program->events[e].name, length);
            struct straight_type *place = &types[type_place(load_word(type.name), load_word(type.name + 8), factor, 64 - bits)];
            fits = place->name[0] == 0;
            *place = type;
        }
        if (!fits)
            continue;
        straight->types = types;
        straight->type_factor = factor;
        straight->type_shift = 64 - bits;
        return;
    }
}

static void make_months(struct straight *straight, struct input_reader *reader)
{
    static const unsigned char lengths[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    straight->months = arena_alloc(&reader->arena, STRAIGHT_YEARS * 12 * sizeof *straight->months);
    uint32_t days = 0;
    for (uint32_t i = 0; i < STRAIGHT_YEARS * 12; i++) {
        uint32_t year = STRAIGHT_YEAR + i / 12, before = days;
        bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        days += lengths[i % 12] + (i % 12 == 1 && leap ? 1u : 0u);
        straight->months[i] = (struct straight_month){(before - 1) * 1440, days * 1440};
    }
}

void straight_init(struct straight *straight, struct input_reader *reader)
{
    const struct program *program = reader->setting.program;
    *straight = (struct straight){.nobody.slot = NO_INDEX};
    straight->kernels = kernels_best();
    for (unsigned set = MARKS_AVX512; !straight_choose(straight, (enum marks_set)set); set--)
        ;
    make_months(straight, reader);
    straight->nowhere = (struct column){.texts = &straight->nowhere_text, .known = &straight->nowhere_known};
    struct slot_use *uses = memory_alloc((reader->lead.slot_count + 1) * sizeof *uses);
    for (uint32_t f = 0; f < program->field_count; f++) {
        const struct plan_binding binding = reader->fields[f].binding;
        enum plan_take take = TAKE_NOTHING;
        bool direct = f < STRAIGHT_FIELDS && is_direct(reader, f, &take);
        for (uint32_t i = 0; i < binding.count; i++) {
            struct slot_use *use = &uses[reader->lead.order[binding.first + i]];
            *use = (struct slot_use){direct ? take : TAKE_NOTHING, f, use->users + 1};
        }
    }
    forget_mixed(reader->lead.root, uses);
    straight->slots = arena_alloc(&reader->arena, (reader->lead.slot_count + 1) * sizeof *straight->slots);
    for (size_t slot = 0; slot < reader->lead.slot_count; slot++) {
        straight->slots[slot] = (struct straight_slot){.take = TAKE_SLOT};
        if (uses[slot].users != 1 || uses[slot].take == TAKE_NOTHING)
            continue;
        straight->slots[slot] = (struct straight_slot){(uint8_t)uses[slot].take, (uint8_t)uses[slot].field};
        straight->direct |= UINT64_C(1) << uses[slot].field;
        if (uses[slot].take == TAKE_YESNO)
            straight->yesno |= UINT64_C(1) << uses[slot].field;
    }
    uint64_t all = program->field_count < STRAIGHT_FIELDS ? (UINT64_C(1) << program->field_count) - 1 : UINT64_MAX;
    straight->waiting = all & ~straight->direct;
    set_takes(reader->lead.root, uses);
    set_event_takes(straight, reader);
    place_types(straight, reader);
    free(uses);
}

void straight_free(struct straight *straight)
{
    marks_free(&straight->marks);
}

void straight_begin_block(struct straight *straight)
{
    straight->from = straight->to = NULL;
    straight->usable = false;
}

void straight_begin_batch(struct straight *straight, struct batch *batch, uint64_t *found)
{
    for (uint32_t f = 0; f < batch->program->field_count && f < STRAIGHT_FIELDS; f++) {
        straight->numbers[f] = batch->fields[f].numbers;
        straight->texts[f] = batch->fields[f].texts;
    }
    for (uint32_t e = 0; e < straight->event_count; e++) {
        struct straight_event *facts = &straight->events[e];
        facts->table = &batch->events[e];
        facts->texts[0].column = &straight->nowhere;
        facts->texts[0].found = &straight->found_nowhere;
        for (uint32_t i = 0; i < facts->count; i++) {
            facts->texts[i].column = &facts->table->fields[facts->texts[i].field];
            facts->texts[i].found = &found[facts->texts[i].problems];
        }
    }
}

/* ------------------------------------------------------------------- objects */

static inline const char *skip_space(const struct input_reader *reader, const char *at)
{
    return (unsigned char)*at > ' ' ? at : json_skip_space(&reader->json, at);
}

/* Any value, by the reader of json.c; with its slot, if it has one. */
static const char *read_oddly(struct input_reader *reader, struct plan *plan, const struct plan_key *key,
                              const char *at, unsigned depth)
{
    struct raw raw;
    at = json_read_value(&reader->json, at, depth + 1, &raw);
    if (at && key->slot != NO_INDEX)
        plan_put(plan, key->slot, raw);
    return at;
}

/* A text with escapes, whose opening quote is at *place: from mark to mark, for what is not ASCII has been checked.
   Returns its closing quote with *place at it; NULL when it is broken. */
static const char *escaped_text(struct input_reader *reader, const uint32_t **place)
{
    const char *text = reader->straight.marks.text;
    for (const uint32_t *next = *place + 1;;) {
        const char *at = text + *next;
        if (*at == '"') {
            *place = next;
            return at;
        }
        if (*at != '\\' || !(at = scan_escape(&reader->json.scan, at)))
            return NULL;
        next = catch_up(next, text, at);
    }
}

/* The opening quote of a name that was not guessed, at a place; returns the colon behind it, or NULL. */
static const char *read_name(struct input_reader *reader, struct plan *plan, struct plan_node *node, const char *at,
                             const uint32_t *place, struct plan_key **key)
{
    struct straight *straight = &reader->straight;
    const char *end = straight->marks.text + place[1];
    if (*end == '"') {
        *key = plan_find_padded(node, at + 1, (size_t)(end - at - 1));
        if (!*key)
            *key = plan_learn_key(plan, node, at + 1, (size_t)(end - at - 1));
    } else {
        end = escaped_text(reader, &place);
        if (!end)
            return NULL;
        *key = json_escaped_key(node, (struct raw){at + 1, (uint32_t)(end - at - 1), RAW_ESCAPED});
    }
    if (!*key)
        *key = &straight->nobody;
    return end + 1;
}

/* The event of a name, if nothing but texts is wanted of it; NULL when it is another one, or none, or not easily told. */
static inline __attribute__((always_inline)) const struct straight_event *find_type(const struct input_reader *reader,
                                                                                     const char *name, uint32_t length)
{
    const struct straight *straight = &reader->straight;
    if (length - 1 >= 16 || !straight->types) {
        const struct plan_key *key = plan_find_key(reader->binder.types.root, name, length);
        return key && key->slot < straight->event_count ? straight->usual[key->slot] : NULL;
    }
    uint64_t head, tail;
#if defined(__SSE2__) && !defined(RUBRIC_SCALAR)
    static const unsigned char ones[32] = {255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255};
    __m128i bytes = _mm_and_si128(_mm_loadu_si128((const __m128i *)(const void *)name),
                                  _mm_loadu_si128((const __m128i *)(const void *)(ones + 16 - length)));
    head = (uint64_t)_mm_cvtsi128_si64(bytes);
    tail = (uint64_t)_mm_cvtsi128_si64(_mm_unpackhi_epi64(bytes, bytes));
#else
    char bytes[16] = {0};
    memcpy(bytes, name, length);
    head = load_word(bytes);
    tail = load_word(bytes + 8);
#endif
    const struct straight_type *type =
        &straight->types[type_place(head, tail, straight->type_factor, straight->type_shift)];
    uint64_t other = (head ^ load_word(type->name)) | (tail ^ load_word(type->name + 8));
    return other == 0 ? type->event : NULL;
}

/* A guess with `before` in front of it and the opening quote of its value behind.  Its marks are all quotes. */
static bool stands_between(struct straight_between *between, const struct plan_guess *guess, char before)
{
    uint32_t length = guess->length + 2;
    if (!guess->key || guess->marks != 2 || length > sizeof between->bytes)
        return false;
    *between = (struct straight_between){.length = length, .key = guess->key};
    between->mask = length < PLAN_GUESS_BYTES ? (UINT32_C(1) << length) - 1 : UINT32_MAX;
    between->bytes[0] = (unsigned char)before;
    memcpy(between->bytes + 1, guess->bytes, guess->length);
    between->bytes[length - 1] = '"';
    return true;
}

static void find_alike(struct straight *straight, const struct plan *plan)
{
    struct straight_alike *alike = &straight->alike;
    *alike = (struct straight_alike){.version = plan->version};
    if (!stands_between(&alike->type, plan->root->start.next, '{') || alike->type.key->take != TAKE_TYPE
        || !stands_between(&alike->time, alike->type.key->next, '"') || alike->time.key->take != TAKE_TIME)
        return;
    for (unsigned i = 0; i < 2; i++) {
        struct straight_between *text = &alike->text[i];
        bool fits = stands_between(text, alike->time.key->next + i, '"') && text->key->take == TAKE_SLOT && text->key->bit;
        alike->usable |= fits;
        if (!fits) {                                    /* what is no UTF-8 is never met */
            *text = (struct straight_between){.length = sizeof text->bytes, .mask = UINT32_MAX, .key = alike->time.key};
            memset(text->bytes, 0xFF, sizeof text->bytes);
        }
    }
}

/* What read_events knows and counts until it is done.  left: how many events the lead may still have. */
struct tally { uint64_t left, added, in_future; int64_t as_of, latest; uint32_t lead; bool unsorted; };

static inline struct tally tally_begin(const struct input_reader *reader)
{
    const struct batch *batch = reader->batch;
    uint64_t seen = reader->events_seen;
    return (struct tally){.left = seen < LIMIT_EVENTS_PER_LEAD ? LIMIT_EVENTS_PER_LEAD - seen : 0, .as_of = batch->as_of,
                          .latest = batch->latest, .lead = batch->leads};
}

static void tally_up(struct input_reader *reader, struct tally tally)
{
    struct batch *batch = reader->batch;
    uint64_t seen = tally_begin(reader).left - tally.left;
    reader->events_seen += seen;
    reader->events += seen;
    reader->in_future += tally.in_future;
    batch->event_rows += tally.added;
    batch->latest = tally.latest;
    batch->unsorted |= tally.unsorted;
}

/* Keeps an event of a type that only texts are wanted of; `met` says which of them there are.  Those that no rule looks
   at are only counted.  False: it must be looked at member by member. */
static inline __attribute__((always_inline)) bool keep_event(struct input_reader *reader, struct tally *tally,
                                                             const struct straight_event *facts, int64_t at,
                                                             const struct text *texts, uint64_t met)
{
    if (!facts || tally->left == 0)
        return false;
    tally->left--;
    if (!facts->wanted)
        return true;
    if (at > tally->as_of) {
        tally->in_future++;
        return true;
    }
    struct batch *batch = reader->batch;
    struct event_table *table = facts->table, *activity = &batch->events[reader->straight.event_count];
    size_t row = table->rows;
    tally->unsorted |= at < tally->latest;
    tally->latest = at;
    if (row < table->capacity && (!facts->activity || activity->rows < activity->capacity)) {
        table->rows = row + 1;
        table->lead[row] = tally->lead;
        table->at[row] = at;
        tally->added++;
        if (facts->activity) {
            size_t place = activity->rows++;
            activity->lead[place] = tally->lead;
            activity->at[place] = at;
            activity->type[place] = (uint16_t)facts->event;
            activity->row[place] = (uint32_t)row;
        }
    } else {
        batch_add_event(batch, facts->event, at);       /* makes room */
    }
    /* The first text without asking whether any is wanted, which would be a branch that nobody can guess: what is not
       goes nowhere. */
    const struct straight_event_text *text = facts->texts;
    row &= facts->some;
    for (uint32_t i = 0;; text++) {
        if (met & text->bit) {
            struct column *column = text->column;
            column->texts[row].bytes = texts[text->text].bytes;         /* one by one, as they were written */
            column->texts[row].length = texts[text->text].length;
            bit_set(column->known, row);
            ++*text->found;
        }
        if (++i >= facts->count)
            return true;
    }
}

/* Three times the same, with what the processor has for comparing 32 bytes. */
static inline bool plain_instant(const struct straight *straight, const char *bytes, uint32_t length, int64_t *instant)
{
    (void)straight;
    return convert_plain_instant(bytes, length, instant);
}
#define STRAIGHT_NAME(name) plain_##name
#define GUESS_FITS(guess, at) plan_guess_fits(guess, at)
#define BETWEEN_FITS(between, at) plain_between_fits(between, at)
static inline unsigned plain_between_fits(const struct straight_between *between, const char *at)
{
    return memcmp(at, between->bytes, between->length) == 0;
}
#include "vm/input/straight_body.inc"
#undef STRAIGHT_NAME
#undef GUESS_FITS
#undef BETWEEN_FITS

#if MARKS_DISPATCH
#pragma GCC push_options
#pragma GCC target("avx2,bmi,bmi2,popcnt")
static inline __attribute__((always_inline)) bool guess_fits_avx2(const struct plan_guess *guess, const char *at)
{
    __m256i same = _mm256_cmpeq_epi8(_mm256_loadu_si256((const __m256i *)(const void *)at),
                                     _mm256_loadu_si256((const __m256i *)(const void *)guess->bytes));
    return (((uint32_t)_mm256_movemask_epi8(same) & guess->mask) == guess->mask) & (guess->key != NULL);
}
static inline __attribute__((always_inline)) bool avx2_instant(const struct straight *straight, const char *bytes,
                                                               uint32_t length, int64_t *instant)
{
    if (length != 20)
        return convert_plain_instant(bytes, length, instant);
    return wide_instant(straight->months, _mm_loadu_si128((const __m128i *)(const void *)bytes),
                        _mm_loadu_si128((const __m128i *)(const void *)(bytes + 4)), instant)
           || convert_plain_instant(bytes, length, instant);
}
#define STRAIGHT_NAME(name) avx2_##name
#define GUESS_FITS(guess, at) guess_fits_avx2(guess, at)
static inline __attribute__((always_inline)) unsigned avx2_between_fits(const struct straight_between *between,
                                                                        const char *at)
{
    __m256i same = _mm256_cmpeq_epi8(_mm256_loadu_si256((const __m256i *)(const void *)at),
                                     _mm256_loadu_si256((const __m256i *)(const void *)between->bytes));
    return ((uint32_t)_mm256_movemask_epi8(same) & between->mask) == between->mask;
}
#define BETWEEN_FITS(between, at) avx2_between_fits(between, at)
#include "vm/input/straight_body.inc"
#undef STRAIGHT_NAME
#undef GUESS_FITS
#undef BETWEEN_FITS
#pragma GCC pop_options

#pragma GCC push_options
#pragma GCC target("avx2,bmi,bmi2,popcnt,avx512f,avx512bw,avx512dq,avx512vl")
static inline __attribute__((always_inline)) bool guess_fits_avx512(const struct plan_guess *guess, const char *at)
{
    return (_mm256_mask_cmpneq_epi8_mask(guess->mask, _mm256_loadu_si256((const __m256i *)(const void *)at),
                                        _mm256_loadu_si256((const __m256i *)(const void *)guess->bytes)) == 0)
           & (guess->key != NULL);
}
static inline __attribute__((always_inline)) bool avx512_instant(const struct straight *straight, const char *bytes,
                                                                 uint32_t length, int64_t *instant)
{
    return avx2_instant(straight, bytes, length, instant);
}
#define STRAIGHT_NAME(name) avx512_##name
#define GUESS_FITS(guess, at) guess_fits_avx512(guess, at)
static inline __attribute__((always_inline)) unsigned avx512_between_fits(const struct straight_between *between,
                                                                          const char *at)
{
    return _mm256_mask_cmpneq_epi8_mask(between->mask, _mm256_loadu_si256((const __m256i *)(const void *)at),
                                        _mm256_loadu_si256((const __m256i *)(const void *)between->bytes)) == 0;
}
#define BETWEEN_FITS(between, at) avx512_between_fits(between, at)
#include "vm/input/straight_body.inc"
#undef STRAIGHT_NAME
#undef GUESS_FITS
#undef BETWEEN_FITS
#pragma GCC pop_options
#endif

bool straight_choose(struct straight *straight, enum marks_set set)
{
    straight->set = set;
    if (set == MARKS_SETS) {
        straight->read_lead = NULL;
        return true;
    }
    marks_kernel *kernel = marks_kernel_of(set);
    if (!kernel)
        return false;
    straight->find_marks = kernel;
    straight->read_lead = plain_read_lead;
#if MARKS_DISPATCH
    if (set == MARKS_AVX2)
        straight->read_lead = avx2_read_lead;
    if (set == MARKS_AVX512)
        straight->read_lead = avx512_read_lead;
#endif
    return true;
}

/* ------------------------------------------------------------------- records */

bool straight_mark(struct straight *straight, const char *at, const char *limit, bool lines, char other)
{
    if (at >= straight->from && at < straight->to)
        return straight->usable;
    straight->from = at;
    straight->to = limit;
    if (lines && (size_t)(limit - at) > PIECE_BYTES) {
        const char *feed = memchr(at + PIECE_BYTES, '\n', (size_t)(limit - at) - PIECE_BYTES);
        straight->to = feed ? feed + 1 : limit;
    }
    size_t length = (size_t)(straight->to - at);
    straight->usable = length <= PIECE_MOST && marks_find(&straight->marks, straight->find_marks, other, at, length);
    straight->place = straight->marks.places;
    return straight->usable;
}

const char *straight_read(struct input_reader *reader, const char *at, const char *limit)
{
    struct straight *straight = &reader->straight;
    if (!straight->read_lead)
        return NULL;
    if (!straight_mark(straight, at, limit, reader->json.lines, '\\') || *at != '{')
        return NULL;
    straight->place = catch_up(straight->place, straight->marks.text, at);
    straight->met = straight->seen = straight->yes = straight->odd = 0;
    plan_begin_record(&reader->lead);
    return straight->read_lead(reader, at);
}

/* ------------------------------------------------------------------- batches */

void straight_finish_batch(struct straight *straight, struct batch *batch, uint64_t *found)
{
    uint64_t rows[64];
    unsigned bits = batch->program->field_count < STRAIGHT_FIELDS ? batch->program->field_count : STRAIGHT_FIELDS;
    for (uint32_t from = 0; from < batch->leads; from += 64) {
        uint32_t count = batch->leads - from < 64 ? batch->leads - from : 64, word = from / 64;
        memset(rows, 0, sizeof rows);
        memcpy(rows, straight->seen_rows + from, count * sizeof *rows);
        straight->kernels->transpose(rows, bits);
        for (uint64_t left = straight->direct; left; left &= left - 1) {
            unsigned f = (unsigned)__builtin_ctzll(left);
            batch->fields[f].known[word] |= rows[f];
            found[f] += (uint64_t)__builtin_popcountll(rows[f]);
        }
        if (!straight->yesno)
            continue;
        memset(rows, 0, sizeof rows);
        memcpy(rows, straight->yes_rows + from, count * sizeof *rows);
        straight->kernels->transpose(rows, bits);
        for (uint64_t left = straight->yesno; left; left &= left - 1) {
            unsigned f = (unsigned)__builtin_ctzll(left);
            batch->fields[f].yes[word] |= rows[f];
        }
    }
}
