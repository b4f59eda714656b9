#include "vm/textclass.h"

#include <stdlib.h>
#include <string.h>

#include "vm/automaton.h"

/* What a pattern is used for.  The first five look for it within the folded text, and share its place there. */
enum use_kind { USE_CONTAINS, USE_WORD, USE_STARTS, USE_ENDS, USE_GLOB_PART, USE_IS, USE_EXACTLY, USE_GLOB };
#define SEARCHED_KINDS 5

/* One pattern for one bit; of USE_GLOB_PART the bit is the number of the glob whose longest literal it is. */
struct use { struct text text; enum use_kind kind; uint32_t bit; };

struct range { uint32_t from, to; };                    /* of `numbers` */
struct key { struct text text; uint64_t hash; struct range bits; };
struct lookup { struct key *keys; uint32_t *slots; size_t key_count, key_capacity, slot_mask; };
struct searched { uint32_t length; struct range use[SEARCHED_KINDS]; };
struct glob { struct text text; struct range bits; bool has_part; };
struct raw_part { struct text text; enum text_predicate predicate; uint32_t bit; };

struct textclass {
    unsigned bits, words;
    struct arena texts;
    struct use *uses;                                   /* until finish */
    size_t use_count, use_capacity;
    uint32_t *numbers;                                  /* bits and globs, in ranges */
    size_t number_count, number_capacity;
    struct lookup is, exactly;
    struct raw_part *raw_parts;
    size_t raw_part_count, raw_part_capacity;
    struct searched *searched;
    size_t searched_count, searched_capacity;
    struct glob *globs;
    size_t glob_count, glob_capacity;
    struct automaton *automaton;
    bool wants_fold;
};

struct textclass *textclass_new(unsigned bits)
{
    struct textclass *class = memory_alloc(sizeof *class);
    class->bits = bits;
    class->words = (bits + 63) / 64;
    arena_init(&class->texts);
    return class;
}

unsigned textclass_words(const struct textclass *class)
{
    return class->words;
}

static void textclass_add_use(struct textclass *class, enum use_kind kind, struct text text, uint32_t bit)
{
    memory_reserve(&class->uses, &class->use_capacity, class->use_count + 1, sizeof *class->uses);
    class->uses[class->use_count++] = (struct use){text, kind, bit};
}

static bool is_wild(char c)
{
    return c == '*' || c == '?';
}

/* Globs that only say what another predicate says become it; the rest wait for their longest literal. */
static void textclass_add_glob(struct textclass *class, struct text glob, uint32_t bit)
{
    uint32_t from = 0, to = glob.length;
    while (from < to && glob.bytes[from] == '*')
        from++;
    while (to > from && glob.bytes[to - 1] == '*')
        to--;
    struct text middle = {glob.bytes + from, to - from};
    bool literal = middle.length > 0;
    for (uint32_t at = 0; at < middle.length; at++)
        literal = literal && !is_wild(middle.bytes[at]);
    bool open_start = from > 0, open_end = to < glob.length;
    if (literal && open_start)
        textclass_add_use(class, open_end ? USE_CONTAINS : USE_ENDS, middle, bit);
    else if (literal)
        textclass_add_use(class, open_end ? USE_STARTS : USE_IS, middle, bit);
    else
        textclass_add_use(class, USE_GLOB, glob, bit);
}

void textclass_add(struct textclass *class, unsigned bit, enum text_predicate predicate, struct text pattern)
{
    if (pattern.length == 0)
        return;                                         /* an empty pattern fits nothing */
    struct text copy = {arena_copy(&class->texts, pattern.bytes, pattern.length), pattern.length};
    switch (predicate) {
    case TEXT_IS: textclass_add_use(class, USE_IS, copy, bit); break;
    case TEXT_CONTAINS: textclass_add_use(class, USE_CONTAINS, copy, bit); break;
    case TEXT_WORD: textclass_add_use(class, USE_WORD, copy, bit); break;
    case TEXT_STARTS: textclass_add_use(class, USE_STARTS, copy, bit); break;
    case TEXT_ENDS: textclass_add_use(class, USE_ENDS, copy, bit); break;
    case TEXT_GLOB: textclass_add_glob(class, copy, bit); break;
    case TEXT_EXACTLY: textclass_add_use(class, USE_EXACTLY, copy, bit); break;
    case TEXT_CONTAINS_EXACTLY: case TEXT_STARTS_EXACTLY: case TEXT_ENDS_EXACTLY:
        memory_reserve(&class->raw_parts, &class->raw_part_capacity, class->raw_part_count + 1, sizeof *class->raw_parts);
        class->raw_parts[class->raw_part_count++] = (struct raw_part){copy, predicate, bit};
        break;
    }
}

static int compare_texts(struct text a, struct text b)
{
    int order = memcmp(a.bytes, b.bytes, a.length < b.length ? a.length : b.length);
    if (order != 0)
        return order;
    return (a.length > b.length) - (a.length < b.length);
}

/* By table (the searched kinds are one), text, kind, bit. */
static int compare_uses(const void *left, const void *right)
{
    const struct use *a = left, *b = right;
    int table_a = a->kind < SEARCHED_KINDS ? 0 : (int)a->kind, table_b = b->kind < SEARCHED_KINDS ? 0 : (int)b->kind;
    if (table_a != table_b)
        return table_a - table_b;
    int order = compare_texts(a->text, b->text);
    if (order != 0)
        return order;
    if (a->kind != b->kind)
        return (int)a->kind - (int)b->kind;
    return (a->bit > b->bit) - (a->bit < b->bit);
}

static void textclass_sort_uses(struct textclass *class)
{
    if (class->use_count == 0)
        return;
    qsort(class->uses, class->use_count, sizeof *class->uses, compare_uses);
    size_t kept = 1;
    for (size_t at = 1; at < class->use_count; at++)
        if (compare_uses(&class->uses[at], &class->uses[kept - 1]) != 0)
            class->uses[kept++] = class->uses[at];
    class->use_count = kept;
}

/* Moves the numbers of all uses from `at` on with the same kind and text into one range; returns the use after them. */
static size_t textclass_gather(struct textclass *class, size_t at, struct range *range)
{
    const struct use *first = &class->uses[at];
    range->from = (uint32_t)class->number_count;
    for (; at < class->use_count; at++) {
        const struct use *use = &class->uses[at];
        if (use->kind != first->kind || compare_texts(use->text, first->text) != 0)
            break;
        memory_reserve(&class->numbers, &class->number_capacity, class->number_count + 1, sizeof *class->numbers);
        class->numbers[class->number_count++] = use->bit;
    }
    range->to = (uint32_t)class->number_count;
    return at;
}

/* The longest run without a star or question mark; length 0 when there is none. */
static struct text glob_longest_literal(struct text glob)
{
    struct text best = {glob.bytes, 0};
    for (uint32_t from = 0; from < glob.length;) {
        uint32_t to = from;
        while (to < glob.length && !is_wild(glob.bytes[to]))
            to++;
        if (to - from > best.length)
            best = (struct text){glob.bytes + from, to - from};
        from = to + 1;
    }
    return best;
}

/* Globs stand last among the sorted uses.  Their literals become uses of the first table. */
static void textclass_make_globs(struct textclass *class)
{
    size_t at = 0;
    while (at < class->use_count && class->uses[at].kind != USE_GLOB)
        at++;
    size_t end = class->use_count, plain_end = at;
    while (at < end) {
        struct glob glob = {.text = class->uses[at].text};
        at = textclass_gather(class, at, &glob.bits);
        memory_reserve(&class->globs, &class->glob_capacity, class->glob_count + 1, sizeof *class->globs);
        glob.has_part = glob_longest_literal(glob.text).length > 0;
        class->globs[class->glob_count++] = glob;
    }
    class->use_count = plain_end;
    for (uint32_t glob = 0; glob < class->glob_count; glob++)
        if (class->globs[glob].has_part)
            textclass_add_use(class, USE_GLOB_PART, glob_longest_literal(class->globs[glob].text), glob);
}

static void lookup_add(struct lookup *lookup, struct key key)
{
    memory_reserve(&lookup->keys, &lookup->key_capacity, lookup->key_count + 1, sizeof *lookup->keys);
    key.hash = text_hash(key.text.bytes, key.text.length);
    lookup->keys[lookup->key_count++] = key;
}

/* Slots hold the number of a key plus one; at most half of them are taken. */
static void lookup_finish(struct lookup *lookup)
{
    if (lookup->key_count == 0)
        return;
    size_t slot_count = 4;
    while (slot_count < lookup->key_count * 2)
        slot_count *= 2;
    lookup->slot_mask = slot_count - 1;
    lookup->slots = memory_alloc(slot_count * sizeof *lookup->slots);
    for (size_t key = 0; key < lookup->key_count; key++) {
        size_t slot = lookup->keys[key].hash & lookup->slot_mask;
        while (lookup->slots[slot] != 0)
            slot = (slot + 1) & lookup->slot_mask;
        lookup->slots[slot] = (uint32_t)key + 1;
    }
}

static const struct key *lookup_find(const struct lookup *lookup, struct text text)
{
    if (lookup->key_count == 0)
        return NULL;
    uint64_t hash = text_hash(text.bytes, text.length);
    for (size_t slot = hash & lookup->slot_mask; lookup->slots[slot] != 0; slot = (slot + 1) & lookup->slot_mask) {
        const struct key *key = &lookup->keys[lookup->slots[slot] - 1];
        if (key->hash == hash && key->text.length == text.length
            && memcmp(key->text.bytes, text.bytes, text.length) == 0)
            return key;
    }
    return NULL;
}

size_t textclass_equal_count(const struct textclass *class)
{
    bool asks_more = class->automaton != NULL || class->glob_count > 0 || class->raw_part_count > 0;
    return asks_more ? 0 : class->is.key_count + class->exactly.key_count;
}

struct text textclass_equal(const struct textclass *class, size_t index)
{
    return index < class->is.key_count ? class->is.keys[index].text
                                       : class->exactly.keys[index - class->is.key_count].text;
}

static void lookup_free(struct lookup *lookup)
{
    free(lookup->keys);
    free(lookup->slots);
}

void textclass_finish(struct textclass *class)
{
    textclass_sort_uses(class);
    textclass_make_globs(class);
    textclass_sort_uses(class);

    struct text *patterns = NULL;
    size_t pattern_capacity = 0;
    for (size_t at = 0; at < class->use_count;) {
        const struct use use = class->uses[at];
        struct range range;
        at = textclass_gather(class, at, &range);
        if (use.kind == USE_IS || use.kind == USE_EXACTLY) {
            lookup_add(use.kind == USE_IS ? &class->is : &class->exactly, (struct key){use.text, 0, range});
            continue;
        }
        size_t last = class->searched_count;
        if (last == 0 || compare_texts(patterns[last - 1], use.text) != 0) {
            memory_reserve(&class->searched, &class->searched_capacity, last + 1, sizeof *class->searched);
            memory_reserve(&patterns, &pattern_capacity, last + 1, sizeof *patterns);
            class->searched[last] = (struct searched){.length = use.text.length};
            patterns[last] = use.text;
            class->searched_count = ++last;
        }
        class->searched[last - 1].use[use.kind] = range;
    }
    lookup_finish(&class->is);
    lookup_finish(&class->exactly);
    if (class->searched_count > 0)
        class->automaton = automaton_new(patterns, (uint32_t)class->searched_count, AUTOMATON_DENSE_BYTES);
    class->wants_fold = class->automaton != NULL || class->is.key_count > 0 || class->glob_count > 0;
    free(patterns);
    free(class->uses);
    class->uses = NULL;
    class->use_count = class->use_capacity = 0;
}

void textclass_free(struct textclass *class)
{
    if (class == NULL)
        return;
    lookup_free(&class->is);
    lookup_free(&class->exactly);
    automaton_free(class->automaton);
    free(class->uses);
    free(class->numbers);
    free(class->searched);
    free(class->globs);
    free(class->raw_parts);
    arena_free(&class->texts);
    free(class);
}

/* One text at work: what an occurrence is judged by, and where its bits go. */
struct classifying {
    const struct textclass *class;
    struct text folded;
    uint8_t *tried;                                     /* a bit for each glob: matching it once is enough */
    uint64_t *row;
};

static void set_bits(const struct classifying *work, struct range range)
{
    for (uint32_t at = range.from; at < range.to; at++) {
        uint32_t bit = work->class->numbers[at];
        work->row[bit / 64] |= UINT64_C(1) << (bit % 64);
    }
}

static bool all_set(const struct classifying *work, struct range range)
{
    for (uint32_t at = range.from; at < range.to; at++) {
        uint32_t bit = work->class->numbers[at];
        if ((work->row[bit / 64] >> (bit % 64) & 1) == 0)
            return false;
    }
    return true;
}

static void try_globs(const struct classifying *work, struct range range)
{
    for (uint32_t at = range.from; at < range.to; at++) {
        uint32_t number = work->class->numbers[at];
        uint8_t mark = (uint8_t)(1u << (number % 8));
        if (work->tried[number / 8] & mark)
            continue;
        work->tried[number / 8] |= mark;
        const struct glob *glob = &work->class->globs[number];
        if (!all_set(work, glob->bits) && text_matches(work->folded, glob->text))
            set_bits(work, glob->bits);
    }
}

static void pattern_found(void *context, uint32_t pattern, size_t end)
{
    const struct classifying *work = context;
    const struct searched *searched = &work->class->searched[pattern];
    size_t start = end - searched->length;
    set_bits(work, searched->use[USE_CONTAINS]);
    if (start == 0)
        set_bits(work, searched->use[USE_STARTS]);
    if (end == work->folded.length)
        set_bits(work, searched->use[USE_ENDS]);
    if (!all_set(work, searched->use[USE_WORD]) && text_word_bounded(work->folded, start, end))
        set_bits(work, searched->use[USE_WORD]);
    try_globs(work, searched->use[USE_GLOB_PART]);
}

bool text_fits_exactly(enum text_predicate predicate, struct text raw, struct text pattern)
{
    if (pattern.length == 0 || pattern.length > raw.length)
        return false;
    switch (predicate) {
    case TEXT_CONTAINS_EXACTLY: return memmem(raw.bytes, raw.length, pattern.bytes, pattern.length) != NULL;
    case TEXT_STARTS_EXACTLY: return memcmp(raw.bytes, pattern.bytes, pattern.length) == 0;
    case TEXT_ENDS_EXACTLY:
        return memcmp(raw.bytes + raw.length - pattern.length, pattern.bytes, pattern.length) == 0;
    default: return raw.length == pattern.length && memcmp(raw.bytes, pattern.bytes, pattern.length) == 0;
    }
}

void textclass_row(const struct textclass *class, struct text raw, struct buffer *scratch, uint64_t *row)
{
    memset(row, 0, class->words * sizeof *row);
    if (text_trim(raw).length == 0)
        return;                                         /* missing: nothing holds */
    struct classifying work = {.class = class, .row = row};
    const struct key *key = lookup_find(&class->exactly, raw);
    if (key != NULL)
        set_bits(&work, key->bits);
    for (size_t at = 0; at < class->raw_part_count; at++) {
        const struct raw_part *part = &class->raw_parts[at];
        if (text_fits_exactly(part->predicate, raw, part->text))
            row[part->bit / 64] |= UINT64_C(1) << (part->bit % 64);
    }
    if (!class->wants_fold)
        return;

    /* The marks of the globs stand in the scratch, behind the folded text. */
    buffer_reset(scratch);
    size_t length = text_fold(raw, scratch), mark_bytes = (class->glob_count + 7) / 8;
    memory_reserve(&scratch->data, &scratch->capacity, length + mark_bytes + 1, 1);
    memset(scratch->data + length, 0, mark_bytes + 1);
    work.folded = (struct text){scratch->data, (uint32_t)length};
    work.tried = (uint8_t *)scratch->data + length;

    key = lookup_find(&class->is, work.folded);
    if (key != NULL)
        set_bits(&work, key->bits);
    if (class->automaton != NULL)
        automaton_scan(class->automaton, work.folded, pattern_found, &work);
    for (size_t glob = 0; glob < class->glob_count; glob++)
        if (!class->globs[glob].has_part && text_matches(work.folded, class->globs[glob].text))
            set_bits(&work, class->globs[glob].bits);
}
