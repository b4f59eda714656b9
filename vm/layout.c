#include "vm/layout.h"

#include <string.h>

#include "vm/sha256.h"

#define MEMBER(type, member, kind, detail) \
    { #member, MEMBER_##kind, detail, offsetof(struct type, member), sizeof(((struct type *)0)->member) }
/* A table of plain values: the element is its own only member. */
#define VALUE(type, kind, detail) { "value", MEMBER_##kind, detail, 0, sizeof(type) }
#define MEMBERS(name) name##_members, sizeof name##_members / sizeof name##_members[0]

static const struct member head_members[] = {
    MEMBER(program, name, NAME, 0),
    MEMBER(program, version, NOTE, 0),
    MEMBER(program, owner, NOTE, 0),
    MEMBER(program, because, NOTE, 0),
    MEMBER(program, hash, HASH, 0),
    MEMBER(program, key_field, INDEX_OR_NONE, TABLE_FIELDS),
    MEMBER(program, stage_field, INDEX_OR_NONE, TABLE_FIELDS),
    MEMBER(program, uses_activity, FLAG, 0),
    MEMBER(program, disqualified, COND, 0),
    MEMBER(program, stage_reg, NUM_OR_NONE, 0),
    MEMBER(program, stage_before_reg, NUM_OR_NONE, 0),
    MEMBER(program, outcome, COND_OR_NONE, 0),
};
static const struct member code_members[] = {
    MEMBER(instruction, opcode, NUMBER, OPCODE_COUNT),
    MEMBER(instruction, place, PLACE, 0),
    MEMBER(instruction, result, NUMBER, 0),
    MEMBER(instruction, a, NUMBER, 0),
    MEMBER(instruction, b, NUMBER, 0),
    MEMBER(instruction, c, NUMBER, 0),
    MEMBER(instruction, line, INDEX_OR_NONE, TABLE_LINES),
};
static const struct member register_members[] = {
    MEMBER(register_facts, kind, NUMBER, REGISTER_NUM + 1),
    MEMBER(register_facts, place, PLACE, 0),
};
static const struct member constant_members[] = { VALUE(int64_t, NUMBER, 0) };
static const struct member clock_members[] = {
    MEMBER(clock, count, NUMBER, 0),
    MEMBER(clock, unit, NUMBER, UNIT_YEAR + 1),
};
static const struct member set_value_members[] = { VALUE(int64_t, NUMBER, 0) };
static const struct member set_members[] = { VALUE(struct range, RANGE, TABLE_SET_VALUES) };
static const struct member term_members[] = {
    MEMBER(term, reg, REGISTER, 0),
    MEMBER(term, is_number, FLAG, 0),
    MEMBER(term, points, NUMBER, 0),
};
static const struct member term_list_members[] = { VALUE(struct range, RANGE, TABLE_TERMS) };
static const struct member each_members[] = {
    MEMBER(each, points, NUMBER, 0),
    MEMBER(each, once, NUMBER, ONCE_MONTH + 1),
    MEMBER(each, most_times, NUMBER, 0),
    MEMBER(each, fading, NUMBER, 3),
    MEMBER(each, fading_ppm, NUMBER, 0),
    MEMBER(each, fading_points, NUMBER, 0),
    MEMBER(each, every_count, NUMBER, 0),
    MEMBER(each, every_unit, NUMBER, UNIT_YEAR + 1),
    MEMBER(each, capped, FLAG, 0),
    MEMBER(each, most_points, NUMBER, 0),
};
static const struct member decay_members[] = {
    MEMBER(decay, by_points, FLAG, 0),
    MEMBER(decay, ppm, NUMBER, 0),
    MEMBER(decay, points, NUMBER, 0),
    MEMBER(decay, every_count, NUMBER, 0),
    MEMBER(decay, every_unit, NUMBER, UNIT_YEAR + 1),
};
static const struct member band_label_members[] = {
    MEMBER(band_label, label, NAME, 0),
    MEMBER(band_label, from, NUMBER, 0),
    MEMBER(band_label, below, NUMBER, 0),
};
static const struct member band_members[] = {
    MEMBER(program_band, name, NAME, 0),
    MEMBER(program_band, score, INDEX, TABLE_SCORES),
    MEMBER(program_band, reg, NUM, 0),
    MEMBER(program_band, labels, RANGE, TABLE_BAND_LABELS),
};
static const struct member matrix_members[] = {
    MEMBER(program_matrix, name, NAME, 0),
    MEMBER(program_matrix, rows, INDEX, TABLE_BANDS),
    MEMBER(program_matrix, columns, INDEX, TABLE_BANDS),
    MEMBER(program_matrix, reg, NUM, 0),
    MEMBER(program_matrix, first_cell, NUMBER, 0),
};
static const struct member cell_members[] = { VALUE(const char *, NAME, 0) };
static const struct member text_members[] = {
    MEMBER(text_source, place, PLACE, 0),
    MEMBER(text_source, field, NUMBER, 0),
    MEMBER(text_source, domain, FLAG, 0),
    MEMBER(text_source, list, FLAG, 0),
    MEMBER(text_source, constant, FLAG, 0),
    MEMBER(text_source, fixed, TEXT, 0),
    MEMBER(text_source, bits, NUMBER, 0),
    MEMBER(text_source, patterns, RANGE, TABLE_PATTERNS),
};
static const struct member pattern_members[] = {
    MEMBER(pattern, bit, NUMBER, 0),
    MEMBER(pattern, predicate, NUMBER, TEXT_PREDICATES),
    MEMBER(pattern, text, TEXT, 0),
};
static const struct member string_members[] = { VALUE(const char *, NAME, 0) };
static const struct member field_members[] = {
    MEMBER(program_field, name, NAME, 0),
    MEMBER(program_field, type, NUMBER, FIELD_ONEOF + 1),
    MEMBER(program_field, key, FLAG, 0),
    MEMBER(program_field, current_stage, FLAG, 0),
    MEMBER(program_field, from, RANGE, TABLE_STRINGS),
    MEMBER(program_field, missing, RANGE, TABLE_STRINGS),
    MEMBER(program_field, options, RANGE, TABLE_STRINGS),
};
static const struct member event_members[] = {
    MEMBER(program_event, name, NAME, 0),
    MEMBER(program_event, activity, FLAG, 0),
    MEMBER(program_event, used, FLAG, 0),
    MEMBER(program_event, fields, RANGE, TABLE_EVENT_FIELDS),
};
static const struct member score_members[] = {
    MEMBER(program_score, name, NAME, 0),
    MEMBER(program_score, groups, RANGE, TABLE_GROUPS),
    MEMBER(program_score, rules, RANGE, TABLE_INDICES),
    MEMBER(program_score, sum, NUM, 0),
    MEMBER(program_score, base, NUMBER, 0),
    MEMBER(program_score, decay, INDEX_OR_NONE, TABLE_DECAYS),
    MEMBER(program_score, last, NUM_OR_NONE, 0),
    MEMBER(program_score, after_decay, NUM, 0),
    MEMBER(program_score, after_round, NUM, 0),
    MEMBER(program_score, after_clamp, NUM, 0),
    MEMBER(program_score, has_least, FLAG, 0),
    MEMBER(program_score, has_most, FLAG, 0),
    MEMBER(program_score, least, NUMBER, 0),
    MEMBER(program_score, most, NUMBER, 0),
    MEMBER(program_score, terms, RANGE, TABLE_SCORE_TERMS),
    MEMBER(program_score, combined, FLAG, 0),
    MEMBER(program_score, implicit, FLAG, 0),
    MEMBER(program_score, line, INDEX_OR_NONE, TABLE_LINES),
};
static const struct member score_term_members[] = {
    MEMBER(score_term, score, INDEX_OR_NONE, TABLE_SCORES),
    MEMBER(score_term, reg, NUM_OR_NONE, 0),
    MEMBER(score_term, constant, NUMBER, 0),
    MEMBER(score_term, text, NAME, 0),
};
static const struct member group_members[] = {
    MEMBER(program_group, name, NAME, 0),
    MEMBER(program_group, score, INDEX, TABLE_SCORES),
    MEMBER(program_group, take, NUMBER, TAKE_EXCLUSIVE + 1),
    MEMBER(program_group, rules, RANGE, TABLE_INDICES),
    MEMBER(program_group, sum, NUM, 0),
    MEMBER(program_group, after_weight, NUM, 0),
    MEMBER(program_group, after_most, NUM, 0),
    MEMBER(program_group, after_least, NUM, 0),
    MEMBER(program_group, weight_ppm, NUMBER, 0),
    MEMBER(program_group, most, NUMBER, 0),
    MEMBER(program_group, least, NUMBER, 0),
    MEMBER(program_group, has_weight, FLAG, 0),
    MEMBER(program_group, has_most, FLAG, 0),
    MEMBER(program_group, has_least, FLAG, 0),
    MEMBER(program_group, line, INDEX_OR_NONE, TABLE_LINES),
};
static const struct member index_members[] = { VALUE(uint32_t, NUMBER, 0) };
static const struct member rule_members[] = {
    MEMBER(program_rule, name, NAME, 0),
    MEMBER(program_rule, title, NOTE, 0),
    MEMBER(program_rule, because, NOTE, 0),
    MEMBER(program_rule, disqualifies, FLAG, 0),
    MEMBER(program_rule, score, INDEX_OR_NONE, TABLE_SCORES),
    MEMBER(program_rule, group, INDEX_OR_NONE, TABLE_GROUPS),
    MEMBER(program_rule, fires, COND, 0),
    MEMBER(program_rule, passed, COND_OR_NONE, 0),
    MEMBER(program_rule, points, NUM_OR_NONE, 0),
    MEMBER(program_rule, constant, NUMBER, 0),
    MEMBER(program_rule, active, COND_OR_NONE, 0),
    MEMBER(program_rule, when, COND_OR_NONE, 0),
    MEMBER(program_rule, has_active_from, FLAG, 0),
    MEMBER(program_rule, has_active_until, FLAG, 0),
    MEMBER(program_rule, active_from, NUMBER, 0),
    MEMBER(program_rule, active_until, NUMBER, 0),
    MEMBER(program_rule, points_text, NOTE, 0),
    MEMBER(program_rule, unweighted, NUM_OR_NONE, 0),
    MEMBER(program_rule, weight_ppm, NUMBER, 0),
    MEMBER(program_rule, inputs, RANGE, TABLE_INPUTS),
    MEMBER(program_rule, atoms, RANGE, TABLE_ATOMS),
    MEMBER(program_rule, rows, RANGE, TABLE_ROWS),
    MEMBER(program_rule, line, INDEX_OR_NONE, TABLE_LINES),
};
static const struct member input_members[] = {
    MEMBER(program_input, kind, NUMBER, INPUT_SCORE + 1),
    MEMBER(program_input, field, NUMBER, 0),
    MEMBER(program_input, place, PLACE, 0),
    MEMBER(program_input, selected, REGISTER, 0),
    MEMBER(program_input, points, REGISTER, 0),
};
static const struct member atom_members[] = {
    MEMBER(program_atom, reg, COND, 0),
    MEMBER(program_atom, text, NAME, 0),
    MEMBER(program_atom, line, INDEX_OR_NONE, TABLE_LINES),
    MEMBER(program_atom, inputs, RANGE, TABLE_INPUTS),
    MEMBER(program_atom, score, INDEX_OR_NONE, TABLE_SCORES),
    MEMBER(program_atom, comparison, NUMBER, OPCODE_COUNT),
    MEMBER(program_atom, limit, NUMBER, 0),
};
static const struct member row_members[] = {
    MEMBER(program_row, text, NAME, 0),
    MEMBER(program_row, reg, COND, 0),
    MEMBER(program_row, points, NUMBER, 0),
    MEMBER(program_row, line, INDEX_OR_NONE, TABLE_LINES),
};
static const struct member stage_members[] = {
    MEMBER(program_stage, name, NAME, 0),
    MEMBER(program_stage, title, NOTE, 0),
    MEMBER(program_stage, when, COND_OR_NONE, 0),
    MEMBER(program_stage, stay, COND_OR_NONE, 0),
    MEMBER(program_stage, forever, FLAG, 0),
    MEMBER(program_stage, limited, FLAG, 0),
    MEMBER(program_stage, only_from, RANGE, TABLE_INDICES),
    MEMBER(program_stage, atoms, RANGE, TABLE_ATOMS),
    MEMBER(program_stage, stay_atoms, RANGE, TABLE_ATOMS),
    MEMBER(program_stage, line, INDEX_OR_NONE, TABLE_LINES),
};
static const struct member action_members[] = {
    MEMBER(program_action, kind, NUMBER, ACTION_TAG + 1),
    MEMBER(program_action, stage, NUMBER, 0),
    MEMBER(program_action, leaving, FLAG, 0),
    MEMBER(program_action, otherwise, FLAG, 0),
    MEMBER(program_action, when, COND_OR_NONE, 0),
    MEMBER(program_action, pieces, RANGE, TABLE_PIECES),
    MEMBER(program_action, line, INDEX_OR_NONE, TABLE_LINES),
};
static const struct member piece_members[] = {
    MEMBER(piece, kind, NUMBER, PIECE_STAGE + 1),
    MEMBER(piece, text, NOTE, 0),
    MEMBER(piece, index, NUMBER, 0),
};
static const struct member setting_members[] = {
    MEMBER(program_setting, name, NAME, 0),
    MEMBER(program_setting, value, NAME, 0),
};
static const struct member file_members[] = { VALUE(const char *, NAME, 0) };
static const struct member line_members[] = {
    MEMBER(source_line, file, INDEX, TABLE_FILES),
    MEMBER(source_line, line, NUMBER, 0),
};

#define TABLE(id, tag, word, pointer, count, type, members)                                                            \
    [TABLE_##id] = {                                                                                                   \
        tag, word, offsetof(struct program, pointer), offsetof(struct program, count), sizeof(type), MEMBERS(members)  \
    }

static const struct table tables[TABLE_COUNT] = {
    [TABLE_HEAD] = { "HEAD", "rubric", 0, 0, sizeof(struct program), MEMBERS(head) },
    TABLE(CODE, "CODE", "instruction", code, code_count, struct instruction, code),
    TABLE(REGISTERS, "REGS", "register", registers, register_count, struct register_facts, register),
    TABLE(CONSTANTS, "CNST", "constant", constants, constant_count, int64_t, constant),
    TABLE(CLOCKS, "CLCK", "clock", clocks, clock_count, struct clock, clock),
    TABLE(SET_VALUES, "SETV", "set value", set_values, set_value_count, int64_t, set_value),
    TABLE(SETS, "SETS", "set", sets, set_count, struct range, set),
    TABLE(TERMS, "TERM", "term", terms, term_count, struct term, term),
    TABLE(TERM_LISTS, "TLST", "term list", term_lists, term_list_count, struct range, term_list),
    TABLE(EACHES, "EACH", "points for each", eaches, each_count, struct each, each),
    TABLE(DECAYS, "DCAY", "decay", decays, decay_count, struct decay, decay),
    TABLE(BAND_LABELS, "LABL", "band label", band_labels, band_label_count, struct band_label, band_label),
    TABLE(BANDS, "BAND", "band", bands, band_count, struct program_band, band),
    TABLE(MATRICES, "MTRX", "matrix", matrices, matrix_count, struct program_matrix, matrix),
    TABLE(CELLS, "CELL", "matrix cell", cells, cell_count, const char *, cell),
    TABLE(TEXTS, "TEXT", "text source", texts, text_count, struct text_source, text),
    TABLE(PATTERNS, "PTRN", "pattern", patterns, pattern_count, struct pattern, pattern),
    TABLE(STRINGS, "STRG", "string", strings, string_count, const char *, string),
    TABLE(FIELDS, "FLDS", "field", fields, field_count, struct program_field, field),
    TABLE(EVENTS, "EVNT", "event", events, event_count, struct program_event, event),
    TABLE(EVENT_FIELDS, "EFLD", "event field", event_fields, event_field_count, struct program_field, field),
    TABLE(SCORES, "SCOR", "score", scores, score_count, struct program_score, score),
    TABLE(SCORE_TERMS, "STRM", "score term", score_terms, score_term_count, struct score_term, score_term),
    TABLE(GROUPS, "GRUP", "group", groups, group_count, struct program_group, group),
    TABLE(INDICES, "INDX", "index", indices, index_count, uint32_t, index),
    TABLE(RULES, "RULE", "rule", rules, rule_count, struct program_rule, rule),
    TABLE(INPUTS, "INPT", "input", inputs, input_count, struct program_input, input),
    TABLE(ATOMS, "ATOM", "condition", atoms, atom_count, struct program_atom, atom),
    TABLE(ROWS, "ROWS", "row", rows, row_count, struct program_row, row),
    TABLE(STAGES, "STGE", "stage", stages, stage_count, struct program_stage, stage),
    TABLE(ACTIONS, "ACTN", "action", actions, action_count, struct program_action, action),
    TABLE(PIECES, "PIEC", "piece of a text", pieces, piece_count, struct piece, piece),
    TABLE(SETTINGS, "STNG", "setting", settings, setting_count, struct program_setting, setting),
    TABLE(FILES, "FILE", "file", files, file_count, const char *, file),
    TABLE(LINES, "LINE", "source line", lines, line_count, struct source_line, line),
};

const struct table *layout_table(enum table_id id)
{
    return &tables[id];
}

const void *layout_elements(const struct program *program, enum table_id id)
{
    if (id == TABLE_HEAD)
        return program;
    const void *elements; /* pointers of every type are stored alike here; copying the bytes is the way C allows */
    memcpy(&elements, (const char *)program + tables[id].pointer, sizeof elements);
    return elements;
}

uint32_t layout_count(const struct program *program, enum table_id id)
{
    if (id == TABLE_HEAD)
        return 1;
    uint32_t count;
    memcpy(&count, (const char *)program + tables[id].count, sizeof count);
    return count;
}

size_t layout_least_bytes(const struct table *table)
{
    size_t bytes = 0;
    for (size_t i = 0; i < table->member_count; i++) {
        const struct member *member = &table->members[i];
        if (member->kind == MEMBER_NAME || member->kind == MEMBER_NOTE || member->kind == MEMBER_TEXT ||
            member->kind == MEMBER_HASH)
            bytes += 4;
        else
            bytes += member->size;
    }
    return bytes;
}

void layout_fingerprint(uint8_t fingerprint[8])
{
    struct buffer facts = {0};
    for (enum table_id id = 0; id < TABLE_COUNT; id++) {
        buffer_text(&facts, tables[id].tag);
        for (size_t i = 0; i < tables[id].member_count; i++) {
            const struct member *member = &tables[id].members[i];
            buffer_text(&facts, member->name);
            buffer_char(&facts, (char)('a' + (int)member->kind));
            /* Pointers are as wide as the machine's; only integers have a width in the file. */
            buffer_char(&facts, (char)('0' + (member->kind <= MEMBER_PLACE ? (int)member->size : 0)));
        }
    }
    for (unsigned opcode = 0; opcode < OPCODE_COUNT; opcode++) {
        const struct opcode_facts *of = opcode_facts(opcode);
        buffer_text(&facts, of->name);
        const enum operand_kind kinds[] = { of->result, of->a, of->b, of->c };
        for (size_t i = 0; i < 4; i++)
            buffer_char(&facts, (char)('a' + (int)kinds[i]));
        buffer_char(&facts, (char)('0' + (int)of->place));
    }
    uint8_t digest[32];
    sha256(facts.data, facts.length, digest);
    memcpy(fingerprint, digest, 8);
    buffer_free(&facts);
}
