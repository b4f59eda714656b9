/* Instructions over texts and lists.  The classifiers do the thinking; here their rows of bits become condition
   registers. */
#include <stdlib.h>
#include <string.h>

#include "vm/number.h"
#include "vm/registers.h"

static const struct column *source_column(const struct machine *machine, const struct text_source *source)
{
    return source->place == 0 ? &machine->batch->fields[source->field]
                              : &machine_table(machine, source->place)->fields[source->field];
}

/* The text of a row, its domain if that is what is asked for; false when it is missing. */
bool text_source_get(const struct machine *machine, const struct text_source *source, size_t row, struct text *text)
{
    if (source->constant) {
        *text = source->fixed;
    } else {
        const struct column *column = source_column(machine, source);
        if (!bit_get(column->known, row))
            return false;
        *text = column->texts[row];
    }
    if (source->domain)
        *text = text_domain(*text);
    return text->length > 0;
}

/* A word of `known` for rows that a loop over texts must look at; places of constants have all their rows. */
static uint64_t source_word(const struct machine *machine, const struct text_source *source, const struct place *place,
                            size_t word)
{
    return source->constant ? place->all[word] : source_column(machine, source)->known[word];
}

/* 64 rows of classes become one word of each condition register; several words at once, for registers lie far apart. */
static void spread_rows(struct machine *machine, uint64_t *rows, size_t class_words, unsigned bits, uint32_t result,
                        size_t word, size_t words, const uint64_t *known)
{
    for (size_t part = 0; part < class_words; part++) {
        unsigned count = bits - (unsigned)part * 64 < 64 ? bits - (unsigned)part * 64 : 64;
        for (size_t w = 0; w < words; w++) {
            uint64_t *matrix = rows + (w * class_words + part) * 64, any = 0;
            for (size_t row = 0; row < 64; row++)
                any |= matrix[row];
            if (any != 0)                               /* else it is its own transpose */
                machine->kernels->transpose(matrix, count);
        }
        for (unsigned bit = 0; bit < count; bit++) {
            const struct cells *cells = &machine->cells[result + part * 64 + bit];
            uint64_t *holds = cells->holds + word, *fails = cells->fails + word;
            for (size_t w = 0; w < words; w++) {
                uint64_t held = rows[(w * class_words + part) * 64 + bit];
                holds[w] = held;
                fails[w] = known[w] & ~held;
            }
        }
    }
}

/* So many words of rows at once stay in the nearest memory. */
static size_t words_at_once(size_t class_words)
{
    return class_words <= 4 ? 8 : class_words <= 16 ? 2 : 1;
}

static uint64_t *class_rows(struct machine *machine, size_t class_words)
{
    memory_reserve(&machine->text_rows, &machine->text_row_capacity, words_at_once(class_words) * class_words * 64,
                   sizeof *machine->text_rows);
    return machine->text_rows;
}

static void class_constant(struct machine *machine, const struct instruction *code, const struct text_source *source)
{
    const struct place *place = &machine->places[code->place];
    struct text text;
    bool is_known = text_source_get(machine, source, 0, &text);
    const uint64_t *row = is_known ? textmemo_row(machine->memos[code->a], text) : NULL;
    for (uint32_t bit = 0; bit < source->bits; bit++) {
        struct cells *cells = &machine->cells[code->result + bit];
        bool holds = is_known && bit_get(row, bit);
        memcpy(cells->holds, holds ? place->all : place->none, place->words * sizeof *cells->holds);
        memcpy(cells->fails, is_known && !holds ? place->all : place->none, place->words * sizeof *cells->fails);
    }
}

static const struct domains *find_domains(struct machine *machine, uint32_t index, const struct column *column,
                                          const struct place *place)
{
    struct domains *domains = &machine->domains[index];
    if (domains->run == machine->run)
        return domains;
    size_t rows = place->words * 64, capacity = domains->capacity;
    memory_reserve(&domains->texts, &domains->capacity, rows, sizeof *domains->texts);
    if (domains->capacity != capacity)
        domains->known = memory_resize(domains->known, (domains->capacity + 63) / 64 * sizeof *domains->known);
    for (size_t word = 0; word < place->words; word++) {
        uint64_t known = column->known[word];
        for (uint64_t left = known; left != 0; left &= left - 1) {
            size_t bit = (size_t)__builtin_ctzll(left), row = word * 64 + bit;
            domains->texts[row] = text_domain(column->texts[row]);
            known &= ~((uint64_t)(domains->texts[row].length == 0) << bit);
        }
        domains->known[word] = known;
    }
    domains->run = machine->run;
    return domains;
}

void run_text_class(struct machine *machine, const struct instruction *code)
{
    const struct text_source *source = &machine->program->texts[code->a];
    if (source->bits == 0)
        return;
    if (source->constant) {
        class_constant(machine, code, source);
        return;
    }
    const struct place *place = &machine->places[code->place];
    const struct column *column = source_column(machine, source);
    struct textmemo *memo = machine->memos[code->a];
    size_t class_words = textclass_words(source->classifier);
    uint64_t *rows = class_rows(machine, class_words);
    const uint64_t *known = column->known;
    const struct text *texts = column->texts;
    if (source->domain) {
        const struct domains *domains = find_domains(machine, code->a, column, place);
        known = domains->known;
        texts = domains->texts;
    }
    const size_t most = words_at_once(class_words);
    for (size_t word = 0; word < place->words; word += most) {
        size_t words = place->words - word < most ? place->words - word : most;
        for (size_t w = 0; w < words; w++)
            textmemo_rows(memo, texts + (word + w) * 64, known[word + w], rows + w * class_words * 64);
        spread_rows(machine, rows, class_words, source->bits, code->result, word, words, known + word);
    }
}

void run_list_class(struct machine *machine, const struct instruction *code)
{
    const struct text_source *source = &machine->program->texts[code->a];
    if (source->bits == 0)
        return;
    const struct place *place = &machine->places[code->place];
    const struct column *column = source_column(machine, source);
    struct textmemo *memo = machine->memos[code->a];
    size_t class_words = textclass_words(source->classifier);
    uint64_t *rows = class_rows(machine, class_words);
    for (size_t word = 0; word < place->words; word++) {
        memset(rows, 0, class_words * 64 * sizeof *rows);
        for (uint64_t left = column->known[word]; left != 0; left &= left - 1) {
            unsigned bit = (unsigned)__builtin_ctzll(left);
            struct list_cell list = column->lists[word * 64 + bit];
            for (uint32_t at = 0; at < list.count; at++) {
                const uint64_t *row = textmemo_row(memo, column->elements[list.start + at]);
                for (size_t part = 0; part < class_words; part++)
                    rows[part * 64 + bit] |= row[part];
            }
        }
        spread_rows(machine, rows, class_words, source->bits, code->result, word, 1, &column->known[word]);
    }
}

void run_text_known(struct machine *machine, const struct instruction *code)
{
    const struct text_source *source = &machine->program->texts[code->a];
    const struct place *place = &machine->places[code->place];
    struct cells *result = &machine->cells[code->result];
    if (source->domain && !source->constant) {
        const struct domains *domains = find_domains(machine, code->a, source_column(machine, source), place);
        for (size_t word = 0; word < place->words; word++) {
            result->holds[word] = domains->known[word];
            result->fails[word] = place->all[word] & ~domains->known[word];
        }
        return;
    }
    for (size_t word = 0; word < place->words; word++) {
        uint64_t known = source_word(machine, source, place, word);
        if (source->constant)
            for (uint64_t left = known; left != 0; left &= left - 1) {
                struct text text;
                if (!text_source_get(machine, source, word * 64 + (size_t)__builtin_ctzll(left), &text))
                    known &= ~(left & (0 - left));
            }
        result->holds[word] = known;
        result->fails[word] = place->all[word] & ~known;
    }
}

static struct text fold_into(struct buffer *buffer, struct text raw)
{
    buffer_reset(buffer);
    size_t length = text_fold(raw, buffer);
    return (struct text){buffer->data, (uint32_t)length};
}

static bool folded_same(struct text a, struct text b)
{
    return a.length == b.length && memcmp(a.bytes, b.bytes, a.length) == 0;
}

/* The row of a source for a row of the place: `where url is company` looks from an event at its lead. */
static size_t source_row(const struct machine *machine, const struct text_source *source,
                         const struct instruction *code, size_t row)
{
    return source->place == 0 && code->place != 0 && !source->constant ? machine_table(machine, code->place)->lead[row]
                                                                       : row;
}

void run_text_same(struct machine *machine, const struct instruction *code)
{
    const struct text_source *left_source = &machine->program->texts[code->a],
                             *right_source = &machine->program->texts[code->b];
    const struct place *place = &machine->places[code->place];
    struct cells *result = &machine->cells[code->result];
    for (size_t word = 0; word < place->words; word++) {
        uint64_t holds = 0, fails = 0;
        for (uint64_t left = place->all[word]; left != 0; left &= left - 1) {
            size_t row = word * 64 + (size_t)__builtin_ctzll(left);
            struct text a, b;
            if (!text_source_get(machine, left_source, source_row(machine, left_source, code, row), &a) ||
                !text_source_get(machine, right_source, source_row(machine, right_source, code, row), &b))
                continue;
            a = fold_into(&machine->folded[0], a);
            b = fold_into(&machine->folded[1], b);
            if (folded_same(a, b))
                holds |= left & (0 - left);
            else
                fails |= left & (0 - left);
        }
        result->holds[word] = holds;
        result->fails[word] = fails;
    }
}

void run_text_length(struct machine *machine, const struct instruction *code)
{
    const struct text_source *source = &machine->program->texts[code->a];
    const struct place *place = &machine->places[code->place];
    struct cells *result = &machine->cells[code->result];
    for (size_t word = 0; word < place->words; word++) {
        uint64_t known = source_word(machine, source, place, word);
        for (uint64_t left = known; left != 0; left &= left - 1) {
            size_t row = word * 64 + (size_t)__builtin_ctzll(left);
            struct text text;
            if (text_source_get(machine, source, row, &text))
                result->numbers[row] = text_length(text) * NUMBER_ONE;
            else
                known &= ~(left & (0 - left));
        }
        result->known[word] = known;
    }
}

void run_list_count(struct machine *machine, const struct instruction *code)
{
    const struct place *place = &machine->places[code->place];
    const struct column *column = source_column(machine, &machine->program->texts[code->a]);
    struct cells *result = &machine->cells[code->result];
    for (size_t word = 0; word < place->words; word++) {
        for (uint64_t left = column->known[word]; left != 0; left &= left - 1) {
            size_t row = word * 64 + (size_t)__builtin_ctzll(left);
            result->numbers[row] = column->lists[row].count * NUMBER_ONE;
        }
        result->known[word] = column->known[word];
    }
}

/* An open table of the folded texts of one lead's events: where a text lies in machine.folded[1], and its hash. */
struct text_slot { uint64_t hash; size_t start; uint32_t length; uint32_t mark; };

/* Whether the text is new among those that bear `mark`; then it is kept. */
static bool slots_add(struct machine *machine, size_t slot_count, uint32_t mark, struct text folded)
{
    struct buffer *kept = &machine->folded[1];
    uint64_t hash = text_hash(folded.bytes, folded.length);
    for (size_t at = (size_t)hash & (slot_count - 1);; at = (at + 1) & (slot_count - 1)) {
        struct text_slot *slot = &machine->slots[at];
        if (slot->mark != mark) {
            *slot = (struct text_slot){hash, kept->length, folded.length, mark};
            buffer_add(kept, folded.bytes, folded.length);
            return true;
        }
        if (slot->hash == hash && folded_same((struct text){kept->data + slot->start, slot->length}, folded))
            return false;
    }
}

void run_distinct_text(struct machine *machine, const struct instruction *code)
{
    const struct text_source *source = &machine->program->texts[code->b];
    const struct place *leads = &machine->places[0];
    const struct event_table *table = machine_table(machine, code->place);
    const uint64_t *selected = machine->cells[code->a].holds;
    struct cells *result = &machine->cells[code->result];
    result->known = leads->all;
    memset(result->numbers, 0, leads->words * 64 * sizeof *result->numbers);

    size_t slot_count = 16, most = 0;
    for (size_t lead = 0; lead < leads->rows; lead++)
        if (table->first[lead + 1] - table->first[lead] > most)
            most = table->first[lead + 1] - table->first[lead];
    while (slot_count < 2 * most)
        slot_count *= 2;
    memory_reserve(&machine->slots, &machine->slot_capacity, slot_count, sizeof *machine->slots);
    memset(machine->slots, 0, slot_count * sizeof *machine->slots);

    uint32_t lead = NO_INDEX;
    for (size_t word = 0; word < machine->places[code->place].words; word++)
        for (uint64_t left = selected[word]; left != 0; left &= left - 1) {
            size_t row = word * 64 + (size_t)__builtin_ctzll(left);
            struct text text;
            if (!text_source_get(machine, source, row, &text))
                continue;
            if (table->lead[row] != lead) {
                lead = table->lead[row];
                buffer_reset(&machine->folded[1]);
            }
            if (slots_add(machine, slot_count, lead + 1, fold_into(&machine->folded[0], text)))
                result->numbers[lead] += NUMBER_ONE;
        }
}
