#include "compiler/conflicts/text_parts.h"

#include <stdlib.h>
#include <string.h>

#include "vm/number.h"

/* Is there a text for which all literals are true?  Every predicate (is, contains, has word, starts, ends, a glob, a
   length, the same of the domain) is a regular language, so the question is decided by a search over texts, letter by
   letter, shortest first: one Aho-Corasick automaton follows all patterns at once, `has word` is a pattern with each
   possible neighbour in front of it, and a set bit remembers what has already been found.  A text found is evaluated
   again by vm/text.c before it counts. */

void text_value(struct space *space, const char *bytes, size_t length, struct value *value)
{
    *value = (struct value){0};
    struct text raw = {arena_copy(space->arena, bytes, length), (uint32_t)length};
    struct buffer folded = {0};
    size_t used = text_fold(raw, &folded);
    value->raw = raw;
    value->folded = (struct text){arena_copy(space->arena, folded.data ? folded.data : "", used), (uint32_t)used};
    value->known = used > 0;
    buffer_reset(&folded);
    struct text domain = text_domain(raw);
    if (value->known && domain.length > 0) {
        used = text_fold(domain, &folded);
        value->has_domain = used > 0;
        value->domain = (struct text){arena_copy(space->arena, folded.data ? folded.data : "", used), (uint32_t)used};
    }
    buffer_free(&folded);
    value->length = text_length(raw);
    value->cost = 3 + (uint32_t)(length / 4);
}

static bool satisfies(const struct query *query, const struct value *value)
{
    if (!value->known) return false;
    for (size_t i = 0; i < query->count; i++)
        if (!literal_true(query->space, query->literals[i], value)) return false;
    return true;
}

/* A text as it is, and with spaces around it: trimmed it is the same, but not byte for byte (`is exactly`). */
bool text_try(const struct query *query, const char *bytes, size_t length, struct value *value)
{
    if (length == 0) return false;
    text_value(query->space, bytes, length, value);
    if (satisfies(query, value)) return true;
    bool exactly = false;
    for (size_t i = 0; i < query->count; i++)
        exactly |= text_predicate_is_raw(query->space->atoms[query->literals[i].atom].predicate);
    if (!exactly) return false;
    struct buffer padded = {0};
    bool found = false;
    for (int spaces = 1; spaces <= 3 && !found; spaces++) {
        buffer_add(&padded, bytes, padded.length == 0 ? length : 0);
        buffer_char(&padded, ' ');
        text_value(query->space, padded.data, padded.length, value);
        found = satisfies(query, value);
    }
    buffer_free(&padded);
    return found;
}

/* The simple texts first: the required pieces one after the other. */
static bool try_joined(const struct query *query, struct value *value)
{
    static const char *const separators[] = {" ", "-", ""};
    struct buffer text = {0};
    bool found = false;
    for (size_t way = 0; way < 3 && !found; way++) {
        buffer_reset(&text);
        struct text last = {0}, domain = {0};
        for (int round = 0; round < 2; round++)
            for (size_t i = 0; i < query->count; i++) {
                const struct atom *atom = &query->space->atoms[query->literals[i].atom];
                if (atom->kind != ATOM_TEXT || !positive(query->literals[i].polarity) || atom->text_count == 0)
                    continue;
                if (atom->domain) {
                    if (query->literals[i].polarity == SAYS_HOLDS) domain = atom_raw(atom, atom->texts[0]);
                    continue;
                }
                if (atom->predicate == TEXT_GLOB || (atom->predicate == TEXT_STARTS) != (round == 0)) continue;
                if (atom->predicate == TEXT_ENDS) {
                    last = atom_raw(atom, atom->texts[0]);
                    continue;
                }
                if (text.length > 0 && text_contains((struct text){text.data, (uint32_t)text.length}, atom->texts[0]))
                    continue;
                if (text.length > 0) buffer_text(&text, separators[way]);
                struct text raw = atom_raw(atom, atom->texts[0]);
                buffer_add(&text, raw.bytes, raw.length);
            }
        if (last.length > 0) {
            if (text.length > 0) buffer_text(&text, separators[way]);
            buffer_add(&text, last.bytes, last.length);
        }
        if (query->need_domain && !text.length) buffer_text(&text, "x");
        if (query->need_domain) {
            buffer_char(&text, '@');
            if (domain.length > 0) buffer_add(&text, domain.bytes, domain.length);
            else buffer_text(&text, "example.com");
        }
        if (text.length == 0) buffer_text(&text, "x");
        found = text_try(query, text.data, text.length, value);
    }
    buffer_free(&text);
    return found;
}

/* `is` and `is exactly` leave only their own texts. */
static enum answer try_listed(const struct query *query, const struct atom *atom, struct value *value)
{
    for (size_t i = 0; i < atom->text_count; i++) {
        struct text raw = atom_raw(atom, atom->texts[i]);
        if (text_try(query, raw.bytes, raw.length, value) ||
            text_try(query, atom->texts[i].bytes, atom->texts[i].length, value))
            return ANSWER_YES;
    }
    return ANSWER_NO;
}

/* A domain that the literals name, behind the simplest of names. */
static bool try_domains(const struct query *query, struct value *value)
{
    struct buffer text = {0};
    bool found = false;
    for (size_t i = 0; i < query->count && !found; i++) {
        const struct atom *atom = &query->space->atoms[query->literals[i].atom];
        if (atom->kind != ATOM_TEXT || !atom->domain || query->literals[i].polarity != SAYS_HOLDS ||
            atom->predicate == TEXT_GLOB)
            continue;
        for (size_t j = 0; j < atom->text_count && j < 64 && !found; j++)
            for (int way = 0; way < 2 && !found; way++) {
                buffer_reset(&text);
                buffer_text(&text, way == 0 ? "x@" : "x@x");
                buffer_add(&text, atom->texts[j].bytes, atom->texts[j].length);
                if (way == 1 && atom->predicate == TEXT_STARTS) continue;
                found = text_try(query, text.data, text.length, value);
            }
    }
    static const char *const simple[] = {"x@example.com", "x@y.z", "x"};
    for (size_t i = 0; i < sizeof simple / sizeof *simple && !found; i++)
        found = text_try(query, simple[i], strlen(simple[i]), value);
    buffer_free(&text);
    return found;
}

/* Predicates on the bytes as they came: what they imply without regard to case must be possible; then the text is tried
   in capitals and small letters, and with the pieces as they are written. */
static enum answer exact_satisfy(struct space *space, uint32_t slot, const struct literal_of *literals, size_t count,
                                 struct value *value)
{
    struct query query = {.space = space, .slot = &space->slots[slot], .literals = literals, .count = count};
    struct literal_of *loose = memory_alloc((count + 1) * sizeof *loose);
    size_t kept = 0;
    struct buffer text = {0};
    for (size_t i = 0; i < count; i++) {
        const struct atom *atom = &space->atoms[literals[i].atom];
        bool raw = atom->kind == ATOM_TEXT && text_predicate_is_raw(atom->predicate);
        if (!raw) loose[kept++] = literals[i];
        else if (positive(literals[i].polarity)) loose[kept++] = (struct literal_of){atom->loose, literals[i].polarity};
    }
    enum answer answer = kept > 0 ? text_satisfy(space, slot, loose, kept, value) : ANSWER_YES;
    free(loose);
    if (answer != ANSWER_YES) return answer;
    struct text base = kept > 0 ? value->raw : (struct text){"x", 1};
    bool found = text_try(&query, base.bytes, base.length, value);
    for (int way = 0; way < 2 && !found; way++) {
        buffer_reset(&text);
        for (uint32_t i = 0; i < base.length; i++) {
            char c = base.bytes[i];
            buffer_char(&text, way == 0 && c >= 'a' && c <= 'z'   ? (char)(c - 32)
                               : way == 1 && c >= 'A' && c <= 'Z' ? (char)(c + 32)
                                                                  : c);
        }
        found = text_try(&query, text.data ? text.data : "", text.length, value);
    }
    for (size_t i = 0; i < count && !found; i++) { /* each piece by itself, and in front of and behind what was found */
        const struct atom *atom = &space->atoms[literals[i].atom];
        if (atom->kind != ATOM_TEXT || !text_predicate_is_raw(atom->predicate) || !positive(literals[i].polarity))
            continue;
        for (size_t j = 0; j < atom->text_count && !found; j++)
            for (int way = 0; way < 3 && !found; way++) {
                buffer_reset(&text);
                if (way == 1) {
                    buffer_add(&text, base.bytes, base.length);
                    buffer_char(&text, ' ');
                }
                buffer_add(&text, atom->texts[j].bytes, atom->texts[j].length);
                if (way == 2) {
                    buffer_char(&text, ' ');
                    buffer_add(&text, base.bytes, base.length);
                }
                found = text_try(&query, text.data, text.length, value);
            }
    }
    buffer_free(&text);
    return found ? ANSWER_YES : ANSWER_UNKNOWN;
}

enum answer text_satisfy(struct space *space, uint32_t slot, const struct literal_of *literals, size_t count,
                         struct value *value)
{
    struct query query = {.space = space, .slot = &space->slots[slot], .literals = literals, .count = count};
    const struct atom *listed = NULL;
    bool about_domain = false, raw = false;
    for (size_t i = 0; i < count; i++) {
        const struct atom *atom = &space->atoms[literals[i].atom];
        raw |= atom->kind == ATOM_TEXT && text_predicate_is_raw(atom->predicate) &&
               (atom->domain || atom->predicate != TEXT_EXACTLY);
    }
    if (raw) return exact_satisfy(space, slot, literals, count, value);
    for (size_t i = 0; i < count; i++) {
        const struct atom *atom = &space->atoms[literals[i].atom];
        bool wanted = positive(literals[i].polarity);
        if (atom->kind == ATOM_KNOWN && !wanted) return ANSWER_NO;
        if (atom->kind == ATOM_DOMAIN_KNOWN) {
            if (wanted) query.need_domain = true;
            else query.no_domain = true;
            about_domain = true;
        }
        if (atom->kind == ATOM_TEXT && atom->domain) {
            about_domain = true;
            if (literals[i].polarity == SAYS_HOLDS || literals[i].polarity == SAYS_FAILS) query.need_domain = true;
        }
        if (atom->kind == ATOM_TEXT && !atom->domain && wanted &&
            (atom->predicate == TEXT_IS || atom->predicate == TEXT_EXACTLY) &&
            (!listed || atom->text_count < listed->text_count))
            listed = atom;
    }
    if (query.need_domain && query.no_domain) return ANSWER_NO;
    if (listed) return try_listed(&query, listed, value);
    if (try_joined(&query, value)) return ANSWER_YES;
    enum answer answer = text_put_together(&query, value);
    if (answer != ANSWER_UNKNOWN) return answer;
    if (about_domain && try_domains(&query, value)) return ANSWER_YES;
    answer = ANSWER_NO;
    if (!query.need_domain) answer = text_search(&query, false, value);
    if (answer != ANSWER_YES && about_domain && !query.no_domain) {
        enum answer with = text_search(&query, true, value);
        if (with == ANSWER_YES || answer == ANSWER_NO) answer = with;
    }
    return answer;
}
