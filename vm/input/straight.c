#include "vm/input/straight.h"

#include <stdlib.h>
#include <string.h>

#include "vm/input/digits.h"
#include "vm/input/reader.h"
#include "vm/limits.h"
#include "vm/number.h"

#define PIECE_BYTES ((size_t)32 << 10)                  /* marked at once: stays in the nearest memory until it is read */
#define PIECE_MOST ((size_t)4 << 20)                    /* a line longer than this is read by json.c */

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

void straight_init(struct straight *straight, struct input_reader *reader)
{
    const struct program *program = reader->setting.program;
    *straight = (struct straight){.find_marks = marks_best(), .kernels = kernels_best(), .nobody.slot = NO_INDEX};
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
    for (size_t slot = 0; slot < reader->lead.slot_count; slot++) {
        if (uses[slot].users != 1 || uses[slot].take == TAKE_NOTHING)
            continue;
        straight->direct |= UINT64_C(1) << uses[slot].field;
        if (uses[slot].take == TAKE_YESNO)
            straight->yesno |= UINT64_C(1) << uses[slot].field;
    }
    uint64_t all = program->field_count < STRAIGHT_FIELDS ? (UINT64_C(1) << program->field_count) - 1 : UINT64_MAX;
    straight->waiting = all & ~straight->direct;
    set_takes(reader->lead.root, uses);
    set_takes(reader->event.root, NULL);
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

void straight_begin_batch(struct straight *straight, struct batch *batch)
{
    for (uint32_t f = 0; f < batch->program->field_count && f < STRAIGHT_FIELDS; f++) {
        straight->numbers[f] = batch->fields[f].numbers;
        straight->texts[f] = batch->fields[f].texts;
    }
}

/* -------------------------------------------------------------------- values */

/* A number of at most 14 digits and 4 decimals, without a sign or an exponent; NULL when it is another one, or none. */
static inline const char *plain_number(const char *at, int64_t *units)
{
    uint64_t whole;
    unsigned count;
#if defined(__SSE2__) && !defined(RUBRIC_SCALAR)
    __extension__ typedef unsigned __int128 wide;
    __m128i digits = _mm_sub_epi8(_mm_loadu_si128((const __m128i *)(const void *)at), _mm_set1_epi8('0'));
    unsigned other = ~(unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(_mm_min_epu8(digits, _mm_set1_epi8(9)), digits));
    count = (unsigned)__builtin_ctz(other);             /* the upper half has bits in any case */
    if (count == 0 || count > 14)
        return NULL;
    wide all = (wide)(uint64_t)_mm_cvtsi128_si64(_mm_unpackhi_epi64(digits, digits)) << 64
               | (uint64_t)_mm_cvtsi128_si64(digits);
    all <<= 8 * (16 - count);                           /* what stood behind the digits is gone, zeros stand before */
    whole = eight_digits((uint64_t)all) * 100000000 + eight_digits((uint64_t)(all >> 64));
#else
    whole = 0;
    for (count = 0; count < 15 && (unsigned char)(at[count] - '0') < 10; count++)
        whole = whole * 10 + (unsigned char)(at[count] - '0');
    if (count == 0 || count > 14)
        return NULL;
#endif
    if (*at == '0' && count > 1)
        return NULL;
    at += count;
    *units = (int64_t)whole * NUMBER_ONE;
    if (*at == '.') {
        int64_t unit = NUMBER_ONE;
        for (at++; (unsigned char)(*at - '0') < 10; at++) {
            if (unit == 1)
                return NULL;
            unit /= 10;
            *units += (*at - '0') * unit;
        }
        if (unit == NUMBER_ONE)
            return NULL;
    }
    return (*at | 0x20) == 'e' ? NULL : at;
}

/* Whether a text stands as its value just as it is: what is trimmed begins (or, all of it, ends) in white space. */
static inline bool begins_plainly(const char *at)
{
    return (unsigned char)(*at - '!') < 0x5E;
}

/* ------------------------------------------------------------------- objects */

/* A place is never behind what is read next; this brings it to it. */
static inline const uint32_t *catch_up(const uint32_t *place, const char *text, const char *at)
{
    while (text + *place < at)
        place++;
    return place;
}

static inline const char *skip_space(const struct input_reader *reader, const char *at)
{
    return (unsigned char)*at > ' ' ? at : json_skip_space(&reader->json, at);
}

static const char *read_inside(struct input_reader *reader, struct plan *plan, struct plan_key *key, const char *at,
                               unsigned depth);

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

/* The opening quote of a name that was not guessed, at a place; returns the colon behind it, or NULL. */
static const char *read_name(struct straight *straight, struct plan *plan, struct plan_node *node, const char *at,
                             const uint32_t *place, struct plan_key **key)
{
    const char *end = straight->marks.text + place[1];
    if (*end != '"')
        return NULL;
    *key = plan_find_padded(node, at + 1, (size_t)(end - at - 1));
    if (!*key)
        *key = plan_learn_key(plan, node, at + 1, (size_t)(end - at - 1));
    if (!*key)
        *key = &straight->nobody;
    return end + 1;
}

/* An object whose opening brace is at `at`.  The places are kept in a variable of its own, the fields of the lead in
   the reader's bits. */
static inline __attribute__((always_inline)) const char *read_members(struct input_reader *reader, struct plan *plan,
                                                                      struct plan_node *node, const char *at,
                                                                      unsigned depth)
{
    struct straight *straight = &reader->straight;
    const char *text = straight->marks.text;
    const uint32_t *place = straight->place;
    const uint32_t row = reader->batch->leads;
    struct plan_key *before = &node->start, *key;
    bool first = true;
    at++;
    for (;;) {
        const struct plan_guess *guess = before->next;
        if (plan_guess_fits(guess, at) || plan_guess_fits(++guess, at)) {
            key = guess->key;
            at += guess->length;
            place += guess->marks;
        } else {
            const char *gap = at;
            at = skip_space(reader, at);
            if (*at == '}')
                break;
            if (!first) {
                if (*at != ',')
                    return NULL;
                at = skip_space(reader, at + 1);
            }
            if (*at != '"')
                return NULL;
            place = catch_up(place, text, at);
            at = read_name(straight, plan, node, at, place, &key);
            if (!at)
                return NULL;
            at = skip_space(reader, at);
            if (*at != ':')
                return NULL;
            at = skip_space(reader, at + 1);
            place = catch_up(place, text, at);
            if (key != &straight->nobody && before != &straight->nobody)
                plan_learn_guess(before, key, gap, at);
        }
        if ((unsigned char)*at <= ' ') {                /* a guess may end where more white space stands this time */
            at = json_skip_space(&reader->json, at);
            place = catch_up(place, text, at);
        }
        const uint64_t bit = UINT64_C(1) << (key->field & 63);
        if (key->take >= TAKE_TEXT) {
            if (straight->met & bit)
                return NULL;
            straight->met |= bit;
        }
        switch ((enum plan_take)key->take) {
        case TAKE_NOTHING:
        case TAKE_SLOT:
            if (*at == '"') {
                const char *end = text + place[1];
                if (*end == '"') {
                    if (key->take == TAKE_SLOT)
                        plan_put(plan, key->slot, (struct raw){at + 1, (uint32_t)(end - at - 1), RAW_TEXT});
                    at = end + 1;
                    place += 2;
                    break;
                }
            }
            at = read_oddly(reader, plan, key, at, depth);
            if (!at)
                return NULL;
            place = catch_up(place, text, at);
            break;
        case TAKE_TEXT:
            if (*at == '"') {
                const char *end = text + place[1];
                if (*end == '"' && begins_plainly(at + 1)) {
                    straight->texts[key->field][row] = (struct text){at + 1, (uint32_t)(end - at - 1)};
                    straight->seen |= bit & (0 - (uint64_t)(end > at + 1));
                    at = end + 1;
                    place += 2;
                    break;
                }
            }
            goto odd;
        case TAKE_NUMBER: {
            const char *end = plain_number(at, &straight->numbers[key->field][row]);
            if (!end)
                goto odd;
            straight->seen |= bit;
            at = end;
            break;
        }
        case TAKE_DATE:
            if (*at == '"' && text[place[1]] == '"'
                && convert_plain_instant(at + 1, place[1] - place[0] - 1, &straight->numbers[key->field][row])) {
                straight->seen |= bit;
                at = text + place[1] + 1;
                place += 2;
                break;
            }
            goto odd;
        case TAKE_YESNO:
            if (memcmp(at, "true", 4) == 0) {
                straight->seen |= bit;
                straight->yes |= bit;
                at += 4;
                break;
            }
            if (memcmp(at, "false", 5) == 0) {
                straight->seen |= bit;
                at += 5;
                break;
            }
            goto odd;
        odd:
            at = read_oddly(reader, plan, key, at, depth);
            if (!at)
                return NULL;
            place = catch_up(place, text, at);
            straight->odd |= bit;
            break;
        case TAKE_INSIDE:
            straight->place = place;
            at = read_inside(reader, plan, key, at, depth);
            if (!at)
                return NULL;
            place = straight->place;
            break;
        }
        if (*at == '}')
            break;
        before = key;
        first = false;
    }
    straight->place = place;
    return at + 1;
}

static const char *read_child(struct input_reader *reader, struct plan *plan, struct plan_node *node, const char *at,
                              unsigned depth)
{
    return depth < LIMIT_JSON_DEPTH ? read_members(reader, plan, node, at, depth) : NULL;
}

static const char *read_events(struct input_reader *reader, const char *at, unsigned depth)
{
    struct straight *straight = &reader->straight;
    struct plan *plan = &reader->event;
    at = skip_space(reader, at + 1);
    if (*at == ']')
        return at + 1;
    for (;;) {
        if (*at != '{')
            return NULL;
        plan_begin_record(plan);
        straight->place = catch_up(straight->place, straight->marks.text, at);
        at = read_members(reader, plan, plan->root, at, depth + 1);
        if (!at)
            return NULL;
        reader_take_event(reader);
        at = skip_space(reader, at);
        if (*at == ']')
            return at + 1;
        if (*at != ',')
            return NULL;
        at = skip_space(reader, at + 1);
    }
}

static const char *read_inside(struct input_reader *reader, struct plan *plan, struct plan_key *key, const char *at,
                               unsigned depth)
{
    struct straight *straight = &reader->straight;
    const char *start = at;
    if (key->record == plan->record)                    /* twice in one record */
        return NULL;
    key->record = plan->record;
    struct raw raw = {start, 0, RAW_OBJECT};
    if (key->child && *at == '{') {
        at = read_child(reader, plan, key->child, at, depth + 1);
    } else if (key->events && *at == '[') {
        raw.kind = RAW_ARRAY;
        at = read_events(reader, at, depth + 1);
    } else if (key->events && *at != 'n') {
        return NULL;
    } else {
        at = read_oddly(reader, plan, key, at, depth);
        if (at)
            straight->place = catch_up(straight->place, straight->marks.text, at);
        return at;
    }
    if (!at)
        return NULL;
    raw.length = (uint32_t)(at - start);
    straight->place = catch_up(straight->place, straight->marks.text, at);
    if (key->slot != NO_INDEX)
        plan_put(plan, key->slot, raw);
    return at;
}

/* ------------------------------------------------------------------- records */

/* Marks the next piece of whole records. */
static void mark_piece(struct input_reader *reader, const char *at, const char *limit)
{
    struct straight *straight = &reader->straight;
    straight->from = at;
    straight->to = limit;
    if (reader->json.lines && (size_t)(limit - at) > PIECE_BYTES) {
        const char *feed = memchr(at + PIECE_BYTES, '\n', (size_t)(limit - at) - PIECE_BYTES);
        straight->to = feed ? feed + 1 : limit;
    }
    size_t length = (size_t)(straight->to - at);
    straight->usable = length <= PIECE_MOST && marks_find(&straight->marks, straight->find_marks, at, length);
    straight->place = straight->marks.places;
}

const char *straight_read(struct input_reader *reader, const char *at, const char *limit)
{
    struct straight *straight = &reader->straight;
    if (at < straight->from || at >= straight->to)
        mark_piece(reader, at, limit);
    if (!straight->usable || *at != '{')
        return NULL;
    straight->place = catch_up(straight->place, straight->marks.text, at);
    straight->met = straight->seen = straight->yes = straight->odd = 0;
    plan_begin_record(&reader->lead);
    return read_members(reader, &reader->lead, reader->lead.root, at, 0);
}

/* ------------------------------------------------------------------- batches */

void straight_finish_batch(struct straight *straight, struct batch *batch, uint64_t *found)
{
    uint64_t rows[64];
    for (uint32_t from = 0; from < batch->leads; from += 64) {
        uint32_t count = batch->leads - from < 64 ? batch->leads - from : 64, word = from / 64;
        memset(rows, 0, sizeof rows);
        memcpy(rows, straight->seen_rows + from, count * sizeof *rows);
        straight->kernels->transpose(rows);
        for (uint64_t left = straight->direct; left; left &= left - 1) {
            unsigned f = (unsigned)__builtin_ctzll(left);
            batch->fields[f].known[word] |= rows[f];
            found[f] += (uint64_t)__builtin_popcountll(rows[f]);
        }
        if (!straight->yesno)
            continue;
        memset(rows, 0, sizeof rows);
        memcpy(rows, straight->yes_rows + from, count * sizeof *rows);
        straight->kernels->transpose(rows);
        for (uint64_t left = straight->yesno; left; left &= left - 1) {
            unsigned f = (unsigned)__builtin_ctzll(left);
            batch->fields[f].yes[word] |= rows[f];
        }
    }
}
