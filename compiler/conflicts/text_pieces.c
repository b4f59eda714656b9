#include "compiler/conflicts/text_parts.h"

#include <stdlib.h>
#include <string.h>

/* Without lengths, domains and globs with holes, a text can be put together from pieces with a letter or sign between
   them that occurs in no pattern: nothing unwanted can arise across such a joint, so that each wanted piece is a
   question by itself. */
struct piece_literal {
    enum text_predicate predicate;
    struct text *texts;
    size_t count;
    bool wanted;
};
struct pieces {
    struct piece_literal *literals;
    size_t count;
    char letter[4], sign[4];
    size_t letter_length, sign_length;
};

static struct text bytes_of(const struct buffer *buffer)
{
    return (struct text){buffer->data ? buffer->data : "", (uint32_t)buffer->length};
}

/* `*x*`, `x*`, `*x` are plain predicates; others are not. */
static bool simple_glob(struct space *space, const struct atom *atom, struct piece_literal *out)
{
    if (atom->text_count != 1) return false;
    struct text text = atom->texts[0];
    bool front = text.length > 0 && text.bytes[0] == '*', back = text.length > 1 && text.bytes[text.length - 1] == '*';
    if (front) {
        text.bytes++;
        text.length--;
    }
    if (back) text.length--;
    if (text.length == 0 || (!front && !back) || memchr(text.bytes, '*', text.length) ||
        memchr(text.bytes, '?', text.length))
        return false;
    out->predicate = front && back ? TEXT_CONTAINS : front ? TEXT_ENDS : TEXT_STARTS;
    out->texts = arena_alloc(space->arena, sizeof text);
    out->texts[0] = text;
    out->count = 1;
    return true;
}

static bool no_unwanted(const struct pieces *pieces, struct text text, bool at_start, bool at_end)
{
    for (size_t i = 0; i < pieces->count; i++) {
        const struct piece_literal *literal = &pieces->literals[i];
        if (literal->wanted) continue;
        for (size_t j = 0; j < literal->count; j++) {
            bool fits = literal->predicate == TEXT_CONTAINS ? text_contains(text, literal->texts[j])
                        : literal->predicate == TEXT_WORD   ? text_has_word(text, literal->texts[j])
                        : literal->predicate == TEXT_STARTS
                            ? at_start && text_starts(text, literal->texts[j])
                            : literal->predicate == TEXT_ENDS && at_end && text_ends(text, literal->texts[j]);
            if (fits) return false;
        }
    }
    return true;
}

static void add_joint(const struct pieces *pieces, struct buffer *out, int kind)
{
    if (kind == 0) buffer_add(out, pieces->sign, pieces->sign_length);
    else buffer_add(out, pieces->letter, pieces->letter_length);
}

/* A piece for a wanted literal that stands in the middle; false: every text of it brings something unwanted along. */
static bool middle_piece(const struct pieces *pieces, const struct piece_literal *literal, struct buffer *out)
{
    size_t from = out->length;
    for (size_t i = 0; i < literal->count; i++)
        for (int joints = 0; joints < (literal->predicate == TEXT_WORD ? 1 : 4); joints++) {
            add_joint(pieces, out, joints & 1);
            buffer_add(out, literal->texts[i].bytes, literal->texts[i].length);
            add_joint(pieces, out, joints >> 1);
            if (no_unwanted(pieces, (struct text){out->data + from, (uint32_t)(out->length - from)}, false, false))
                return true;
            out->length = from;
        }
    return false;
}

/* The piece at an end: one text that satisfies all wanted literals of that end. */
static bool end_piece(const struct pieces *pieces, enum text_predicate predicate, struct buffer *out, bool *any)
{
    bool start = predicate == TEXT_STARTS;
    size_t from = out->length;
    *any = false;
    for (size_t i = 0; i < pieces->count; i++)
        *any |= pieces->literals[i].wanted && pieces->literals[i].predicate == predicate;
    if (!*any) return true;
    for (size_t i = 0; i < pieces->count; i++) {
        const struct piece_literal *literal = &pieces->literals[i];
        if (!literal->wanted || literal->predicate != predicate) continue;
        for (size_t j = 0; j < literal->count; j++) {
            struct text text = literal->texts[j];
            bool all = true;
            for (size_t k = 0; k < pieces->count && all; k++) {
                const struct piece_literal *other = &pieces->literals[k];
                if (!other->wanted || other->predicate != predicate) continue;
                bool one = false;
                for (size_t l = 0; l < other->count && !one; l++)
                    one = start ? text_starts(text, other->texts[l]) : text_ends(text, other->texts[l]);
                all = one;
            }
            for (int joint = 0; joint < 2 && all; joint++) {
                if (!start) add_joint(pieces, out, joint);
                buffer_add(out, text.bytes, text.length);
                if (start) add_joint(pieces, out, joint);
                if (no_unwanted(pieces, (struct text){out->data + from, (uint32_t)(out->length - from)}, start, !start))
                    return true;
                out->length = from;
            }
        }
    }
    return false;
}

static void choose_joints(struct pieces *pieces, const bool *used)
{
    static const char letters[] = "xqzkjvwybfghpmudlcoasrniet", signs[] = "-,/|;+&!%~^_";
    pieces->letter_length = utf8_encode(0x3b8, pieces->letter);
    pieces->sign_length = utf8_encode(0xb7, pieces->sign);
    for (const char *c = letters; *c; c++)
        if (!used[(unsigned char)*c]) {
            pieces->letter[0] = *c;
            pieces->letter_length = 1;
            break;
        }
    for (const char *c = signs; *c; c++)
        if (!used[(unsigned char)*c]) {
            pieces->sign[0] = *c;
            pieces->sign_length = 1;
            break;
        }
}

enum answer text_put_together(const struct query *query, struct value *value)
{
    struct pieces pieces = {.literals = memory_alloc((query->count + 1) * sizeof *pieces.literals)};
    bool used[256] = {false}, any_start = false, any_end = false;
    enum answer answer = ANSWER_UNKNOWN;
    struct buffer text = {0}, last = {0};
    for (size_t i = 0; i < query->count; i++) {
        const struct atom *atom = &query->space->atoms[query->literals[i].atom];
        struct piece_literal *literal = &pieces.literals[pieces.count];
        if (atom->kind == ATOM_KNOWN) continue;
        if (atom->kind != ATOM_TEXT || atom->domain) goto done;
        *literal = (struct piece_literal){atom->predicate, atom->texts, atom->text_count,
                                          positive(query->literals[i].polarity)};
        if (atom->predicate == TEXT_GLOB && !simple_glob(query->space, atom, literal)) goto done;
        if (text_predicate_is_raw(atom->predicate) && atom->predicate != TEXT_EXACTLY) goto done;
        if (atom->predicate == TEXT_EXACTLY || atom->predicate == TEXT_IS) {
            if (literal->wanted) goto done; /* not wanted: what is put together with a joint is never one of them */
        }
        for (size_t j = 0; j < literal->count; j++)
            for (size_t k = 0; k < literal->texts[j].length; k++)
                used[(unsigned char)literal->texts[j].bytes[k]] = true;
        pieces.count++;
    }
    if (used[0xce] || used[0xc2]) goto done; /* the stand-ins outside of ASCII could be part of a pattern */
    choose_joints(&pieces, used);
    answer = ANSWER_NO;
    if (!end_piece(&pieces, TEXT_STARTS, &text, &any_start) || !end_piece(&pieces, TEXT_ENDS, &last, &any_end))
        goto done;
    for (size_t i = 0; i < pieces.count; i++) {
        const struct piece_literal *literal = &pieces.literals[i];
        if (!literal->wanted || (literal->predicate != TEXT_CONTAINS && literal->predicate != TEXT_WORD)) continue;
        if (!middle_piece(&pieces, literal, &text)) goto done;
    }
    add_joint(&pieces, &text, 1);
    buffer_add(&text, last.data ? last.data : "", last.length);
    struct text whole = bytes_of(&text);
    answer = text_try(query, whole.bytes, whole.length, value) ? ANSWER_YES : ANSWER_UNKNOWN;
done:
    buffer_free(&text);
    buffer_free(&last);
    free(pieces.literals);
    return answer;
}
