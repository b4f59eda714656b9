/* Refuses a malformed program in words.  First every member of every table by vm/layout.c, then the code, then what the
   tables say about each other.  The work is linear in the size of the program, also for a hostile one. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vm/layout.h"
#include "vm/limits.h"
#include "vm/verify_parts.h"

bool verify_refuse(struct verifier *verifier, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    if (verifier->capacity > 0)
        vsnprintf(verifier->problem, verifier->capacity, format, arguments);
    va_end(arguments);
    return false;
}

uint32_t verify_last_place(const struct program *program)
{
    return 1 + program->event_count;
}

bool verify_place(const struct program *program, uint32_t place)
{
    if (place == 0)
        return true;
    if (place <= program->event_count)
        return program->events[place - 1].used;
    return place == verify_last_place(program) && program->uses_activity;
}

bool verify_register(const struct program *program, uint32_t reg, enum register_kind kind, uint32_t place)
{
    return reg < program->register_count && program->registers[reg].kind == kind &&
           program->registers[reg].place == place;
}

static uint64_t member_value(const char *at, size_t size)
{
    uint8_t u8; uint16_t u16; uint32_t u32; uint64_t u64;
    switch (size) {
    case 1: memcpy(&u8, at, 1); return u8;
    case 2: memcpy(&u16, at, 2); return u16;
    case 4: memcpy(&u32, at, 4); return u32;
    default: memcpy(&u64, at, 8); return u64;
    }
}

static bool verify_member(struct verifier *verifier, const struct table *table, uint32_t index,
                          const struct member *member, const char *element)
{
    const struct program *program = verifier->program;
    const char *at = element + member->offset;
    const char *word = table->word, *name = member->name;
    uint64_t value = 0;
    switch (member->kind) {
    case MEMBER_NAME: case MEMBER_NOTE: {
        const char *string;
        memcpy(&string, at, sizeof string);
        if (string == NULL)
            return member->kind == MEMBER_NOTE || verify_refuse(verifier, "%s %u has no %s", word, index, name);
        return utf8_valid(string, strlen(string)) ||
               verify_refuse(verifier, "%s of %s %u is not UTF-8", name, word, index);
    }
    case MEMBER_TEXT: {
        struct text text;
        memcpy(&text, at, sizeof text);
        if (text.length > 0 && text.bytes == NULL)
            return verify_refuse(verifier, "%s of %s %u is not there", name, word, index);
        return text.length == 0 || utf8_valid(text.bytes, text.length) ||
               verify_refuse(verifier, "%s of %s %u is not UTF-8", name, word, index);
    }
    case MEMBER_HASH: {
        size_t length = strnlen(at, member->size);
        if ((length == 0 || length == 64) && strspn(at, "0123456789abcdef") == length)
            return true;
        return verify_refuse(verifier, "the hash of the rubric is not 64 hexadecimal digits");
    }
    case MEMBER_RANGE: {
        struct range range;
        memcpy(&range, at, sizeof range);
        uint32_t count = layout_count(program, (enum table_id)member->detail);
        if (range.start <= count && range.count <= count - range.start)
            return true;
        return verify_refuse(verifier, "%s of %s %u go past the last %s", name, word, index,
                             layout_table((enum table_id)member->detail)->word);
    }
    case MEMBER_FLAG:
    case MEMBER_NUMBER:
    case MEMBER_PLACE:
    case MEMBER_INDEX:
    case MEMBER_INDEX_OR_NONE:
    case MEMBER_COND:
    case MEMBER_COND_OR_NONE: case MEMBER_NUM: case MEMBER_NUM_OR_NONE: case MEMBER_REGISTER:
        value = member_value(at, member->size);
        break;
    }
    switch (member->kind) {
    case MEMBER_FLAG:
        return value <= 1 || verify_refuse(verifier, "%s of %s %u is neither yes nor no", name, word, index);
    case MEMBER_NUMBER:
        return member->detail == 0 || value < member->detail ||
               verify_refuse(verifier, "%s of %s %u is not known", name, word, index);
    case MEMBER_PLACE:
        return verify_place(program, (uint32_t)value) ||
               verify_refuse(verifier, "%s of %s %u is neither the leads nor an event type in use", name, word, index);
    case MEMBER_INDEX_OR_NONE:
        if (value == NO_INDEX)
            return true;
        __attribute__((fallthrough));
    case MEMBER_INDEX:
        return value < layout_count(program, (enum table_id)member->detail) ||
               verify_refuse(verifier, "%s of %s %u names a %s that is not there", name, word, index,
                             layout_table((enum table_id)member->detail)->word);
    case MEMBER_COND_OR_NONE:
        if (value == NO_REGISTER)
            return true;
        __attribute__((fallthrough));
    case MEMBER_COND:
        return verify_register(program, (uint32_t)value, REGISTER_COND, 0) ||
               verify_refuse(verifier, "%s of %s %u is no condition over leads", name, word, index);
    case MEMBER_NUM_OR_NONE:
        if (value == NO_REGISTER)
            return true;
        __attribute__((fallthrough));
    case MEMBER_NUM:
        return verify_register(program, (uint32_t)value, REGISTER_NUM, 0) ||
               verify_refuse(verifier, "%s of %s %u is no number over leads", name, word, index);
    case MEMBER_REGISTER: case MEMBER_NAME: case MEMBER_NOTE: case MEMBER_TEXT: case MEMBER_HASH: case MEMBER_RANGE:
        return true;
    }
    return true;
}

static bool verify_table(struct verifier *verifier, enum table_id id)
{
    const struct table *table = layout_table(id);
    uint32_t count = layout_count(verifier->program, id);
    const char *elements = layout_elements(verifier->program, id);
    for (uint32_t i = 0; i < count; i++)
        for (size_t m = 0; m < table->member_count; m++)
            if (!verify_member(verifier, table, i, &table->members[m], elements + (size_t)i * table->element_size))
                return false;
    return true;
}

static bool verify_limits(struct verifier *verifier)
{
    const struct program *program = verifier->program;
    if (program->rule_count > LIMIT_RULES)
        return verify_refuse(verifier, "there are %u rules, more than %u", program->rule_count, LIMIT_RULES);
    if (program->field_count > LIMIT_FIELDS)
        return verify_refuse(verifier, "there are %u fields, more than %u", program->field_count, LIMIT_FIELDS);
    if (program->event_count > LIMIT_EVENT_TYPES)
        return verify_refuse(verifier, "there are %u event types, more than %u", program->event_count,
                             LIMIT_EVENT_TYPES);
    for (enum table_id id = 0; id < TABLE_COUNT; id++)
        if (layout_count(program, id) > 0 && layout_elements(program, id) == NULL)
            return verify_refuse(verifier, "the table of each %s is missing", layout_table(id)->word);
    return true;
}

bool program_verify(const struct program *program, char *problem, size_t capacity)
{
    struct verifier verifier = { .program = program, .problem = problem, .capacity = capacity };
    bool good = verify_limits(&verifier);
    for (enum table_id id = 0; good && id < TABLE_COUNT; id++)
        good = verify_table(&verifier, id);
    if (good) {
        verifier.writer = memory_alloc(program->register_count * sizeof *verifier.writer);
        verifier.spans = memory_alloc(program->register_count * sizeof *verifier.spans);
        verifier.lists = memory_alloc(program->term_list_count * sizeof *verifier.lists);
        good = verify_values(&verifier) && verify_code(&verifier) && verify_model(&verifier) &&
               verify_ledger(&verifier);
        free(verifier.writer);
        free(verifier.spans);
        free(verifier.lists);
    }
    return good;
}
