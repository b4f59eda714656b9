/* The file form of a program; its bytes are described in vm/README.md.  What is in it comes from vm/layout.c, for both
   directions. */
#include <stdio.h>
#include <string.h>

#include "vm/layout.h"
#include "vm/sha256.h"

static const char image_magic[4] = { 'R', 'B', 'C', '1' };
#define IMAGE_VERSION 1u
#define IMAGE_CHECKSUM 32u
#define IMAGE_HEADER 28u        /* magic, version, payload length, fingerprint, number of sections */

/* ---- writing ---------------------------------------------------------------------------------------------------- */

static void put_number(struct buffer *out, uint64_t value, size_t size)
{
    char bytes[8];
    for (size_t i = 0; i < size; i++)
        bytes[i] = (char)(value >> (8 * i));
    buffer_add(out, bytes, size);
}

static void patch_number(struct buffer *out, size_t at, uint64_t value, size_t size)
{
    for (size_t i = 0; i < size; i++)
        out->data[at + i] = (char)(value >> (8 * i));
}

static uint64_t member_number(const void *at, size_t size)
{
    uint8_t u8; uint16_t u16; uint32_t u32; uint64_t u64;
    switch (size) {
    case 1: memcpy(&u8, at, 1); return u8;
    case 2: memcpy(&u16, at, 2); return u16;
    case 4: memcpy(&u32, at, 4); return u32;
    default: memcpy(&u64, at, 8); return u64;
    }
}

static void put_string(struct buffer *out, const char *string)
{
    if (string == NULL) {
        put_number(out, 0, 4);
        return;
    }
    size_t length = strlen(string);
    put_number(out, length + 1, 4);
    buffer_add(out, string, length + 1);
}

static void put_member(struct buffer *out, const struct member *member, const char *element)
{
    const char *at = element + member->offset;
    switch (member->kind) {
    case MEMBER_NAME: case MEMBER_NOTE: {
        const char *string;
        memcpy(&string, at, sizeof string);
        put_string(out, string);
        return;
    }
    case MEMBER_HASH:
        put_string(out, at);
        return;
    case MEMBER_TEXT: {
        struct text text;
        memcpy(&text, at, sizeof text);
        put_number(out, text.length, 4);
        if (text.length > 0)
            buffer_add(out, text.bytes, text.length);
        return;
    }
    case MEMBER_RANGE: {
        struct range range;
        memcpy(&range, at, sizeof range);
        put_number(out, range.start, 4);
        put_number(out, range.count, 4);
        return;
    }
    case MEMBER_NUMBER:
    case MEMBER_FLAG:
    case MEMBER_PLACE:
    case MEMBER_INDEX:
    case MEMBER_INDEX_OR_NONE:
    case MEMBER_COND:
    case MEMBER_COND_OR_NONE: case MEMBER_NUM: case MEMBER_NUM_OR_NONE: case MEMBER_REGISTER:
        put_number(out, member_number(at, member->size), member->size);
        return;
    }
}

void image_write(const struct program *program, struct buffer *out)
{
    size_t start = out->length;
    uint8_t fingerprint[8];
    layout_fingerprint(fingerprint);
    buffer_add(out, image_magic, sizeof image_magic);
    put_number(out, IMAGE_VERSION, 4);
    size_t length_at = out->length;
    put_number(out, 0, 8);
    buffer_add(out, (const char *)fingerprint, sizeof fingerprint);
    put_number(out, TABLE_COUNT, 4);
    for (enum table_id id = 0; id < TABLE_COUNT; id++) {
        const struct table *table = layout_table(id);
        const char *elements = layout_elements(program, id);
        uint32_t count = layout_count(program, id);
        buffer_add(out, table->tag, 4);
        put_number(out, count, 4);
        size_t body_length_at = out->length;
        put_number(out, 0, 8);
        size_t body = out->length;
        for (uint32_t i = 0; i < count; i++)
            for (size_t m = 0; m < table->member_count; m++)
                put_member(out, &table->members[m], elements + (size_t)i * table->element_size);
        patch_number(out, body_length_at, out->length - body, 8);
    }
    patch_number(out, length_at, out->length - start - IMAGE_HEADER, 8);
    uint8_t digest[IMAGE_CHECKSUM];
    sha256(out->data + start, out->length - start, digest);
    buffer_add(out, (const char *)digest, sizeof digest);
}

/* ---- reading ---------------------------------------------------------------------------------------------------- */

/* Reads out of the program's own copy of the file, so that texts can stay where they are. */
struct reader { const char *at, *end; char *problem; size_t capacity; };

static bool reader_refuse(const struct reader *reader, const char *what)
{
    snprintf(reader->problem, reader->capacity, "%s", what);
    return false;
}

static bool get_number(struct reader *reader, size_t size, uint64_t *value)
{
    if ((size_t)(reader->end - reader->at) < size)
        return reader_refuse(reader, "the compiled rubric ends too early");
    *value = 0;
    for (size_t i = 0; i < size; i++)
        *value |= (uint64_t)(uint8_t)reader->at[i] << (8 * i);
    reader->at += size;
    return true;
}

static bool get_bytes(struct reader *reader, uint64_t length, const char **bytes)
{
    if ((uint64_t)(reader->end - reader->at) < length)
        return reader_refuse(reader, "a text of the compiled rubric ends too early");
    *bytes = reader->at;
    reader->at += length;
    return true;
}

static bool get_string(struct reader *reader, const char **string)
{
    uint64_t length;
    *string = NULL;
    if (!get_number(reader, 4, &length))
        return false;
    if (length == 0)
        return true;
    if (!get_bytes(reader, length, string))
        return false;
    if (memchr(*string, '\0', (size_t)length) != *string + length - 1)
        return reader_refuse(reader, "a text of the compiled rubric does not end where it says");
    return true;
}

static void set_number(void *at, size_t size, uint64_t value)
{
    uint8_t u8 = (uint8_t)value; uint16_t u16 = (uint16_t)value; uint32_t u32 = (uint32_t)value;
    switch (size) {
    case 1: memcpy(at, &u8, 1); break;
    case 2: memcpy(at, &u16, 2); break;
    case 4: memcpy(at, &u32, 4); break;
    default: memcpy(at, &value, 8); break;
    }
}

static bool get_member(struct reader *reader, const struct member *member, char *element)
{
    char *at = element + member->offset;
    uint64_t value, second;
    switch (member->kind) {
    case MEMBER_NAME: case MEMBER_NOTE: {
        const char *string;
        if (!get_string(reader, &string))
            return false;
        memcpy(at, &string, sizeof string);
        return true;
    }
    case MEMBER_HASH: {
        const char *string;
        if (!get_string(reader, &string))
            return false;
        if (string == NULL || strlen(string) >= member->size)
            return reader_refuse(reader, "the hash in the compiled rubric is none");
        memcpy(at, string, strlen(string) + 1);
        return true;
    }
    case MEMBER_TEXT: {
        struct text text = {0};
        if (!get_number(reader, 4, &value) || !get_bytes(reader, value, &text.bytes))
            return false;
        text.length = (uint32_t)value;
        memcpy(at, &text, sizeof text);
        return true;
    }
    case MEMBER_RANGE: {
        if (!get_number(reader, 4, &value) || !get_number(reader, 4, &second))
            return false;
        struct range range = { (uint32_t)value, (uint32_t)second };
        memcpy(at, &range, sizeof range);
        return true;
    }
    case MEMBER_FLAG:
        if (!get_number(reader, member->size, &value))
            return false;
        if (value > 1)
            return reader_refuse(reader, "a yes or no of the compiled rubric is neither");
        set_number(at, member->size, value);
        return true;
    case MEMBER_NUMBER:
    case MEMBER_PLACE:
    case MEMBER_INDEX:
    case MEMBER_INDEX_OR_NONE:
    case MEMBER_COND:
    case MEMBER_COND_OR_NONE:
    case MEMBER_NUM: case MEMBER_NUM_OR_NONE: case MEMBER_REGISTER:
        if (!get_number(reader, member->size, &value))
            return false;
        set_number(at, member->size, value);
        return true;
    }
    return false;
}

/* One section.  Its count is believed only when the bytes that so many elements take at least are there. */
static bool read_section(struct reader *reader, struct program *program, enum table_id id)
{
    const struct table *table = layout_table(id);
    const char *tag;
    uint64_t count, length;
    if (!get_bytes(reader, 4, &tag) || !get_number(reader, 4, &count) || !get_number(reader, 8, &length))
        return false;
    if (memcmp(tag, table->tag, 4) != 0)
        return reader_refuse(reader, "the sections of the compiled rubric are not in their order");
    if (length > (uint64_t)(reader->end - reader->at) || count > length / layout_least_bytes(table) ||
        (id == TABLE_HEAD && count != 1))
        return reader_refuse(reader, "a section of the compiled rubric has a length that cannot be");
    struct reader body = *reader;
    body.end = reader->at + length;
    char *elements = (char *)program;
    if (id != TABLE_HEAD && count > 0) {
        elements = arena_alloc(&program->arena, (size_t)count * table->element_size);
        uint32_t stored_count = (uint32_t)count;
        memcpy((char *)program + table->pointer, &elements, sizeof elements);
        memcpy((char *)program + table->count, &stored_count, sizeof stored_count);
    }
    for (size_t i = 0; i < count; i++)
        for (size_t m = 0; m < table->member_count; m++)
            if (!get_member(&body, &table->members[m], elements + i * table->element_size))
                return false;
    if (body.at != body.end)
        return reader_refuse(reader, "a section of the compiled rubric is longer than what is in it");
    reader->at = body.end;
    return true;
}

static bool read_header(struct reader *reader)
{
    uint8_t fingerprint[8];
    const char *magic, *stored_fingerprint;
    uint64_t version, length, sections;
    if (!get_bytes(reader, sizeof image_magic, &magic) || memcmp(magic, image_magic, sizeof image_magic) != 0)
        return reader_refuse(reader, "this is no compiled rubric");
    if (!get_number(reader, 4, &version) || !get_number(reader, 8, &length) ||
        !get_bytes(reader, 8, &stored_fingerprint) || !get_number(reader, 4, &sections))
        return false;
    layout_fingerprint(fingerprint);
    if (version != IMAGE_VERSION || memcmp(stored_fingerprint, fingerprint, sizeof fingerprint) != 0 ||
        sections != TABLE_COUNT)
        return reader_refuse(reader,
                             "this compiled rubric is from another version of Rubric: compile the rubric again");
    if (length != (uint64_t)(reader->end - reader->at))
        return reader_refuse(
            reader, "the compiled rubric is not as long as it says: the file was cut off or something was added");
    return true;
}

bool image_is(const void *bytes, size_t length)
{
    return length >= sizeof image_magic && memcmp(bytes, image_magic, sizeof image_magic) == 0;
}

struct program *image_read(const void *bytes, size_t length, char *problem, size_t capacity)
{
    if (!image_is(bytes, length)) {
        snprintf(problem, capacity, "this is no compiled rubric");
        return NULL;
    }
    if (length < IMAGE_HEADER + IMAGE_CHECKSUM) {
        snprintf(problem, capacity, "the compiled rubric ends too early");
        return NULL;
    }
    size_t covered = length - IMAGE_CHECKSUM;
    struct program *program = program_new();
    char *copy = arena_copy(&program->arena, bytes, covered);
    struct reader reader = { copy, copy + covered, problem, capacity };
    uint8_t digest[IMAGE_CHECKSUM];
    bool good = read_header(&reader);
    if (good) {
        sha256(copy, covered, digest);
        if (memcmp(digest, (const char *)bytes + covered, IMAGE_CHECKSUM) != 0)
            good = reader_refuse(&reader, "the compiled rubric is damaged: its checksum does not fit");
    }
    for (enum table_id id = 0; good && id < TABLE_COUNT; id++)
        good = read_section(&reader, program, id);
    if (good && reader.at != reader.end)
        good = reader_refuse(&reader, "something follows the last section of the compiled rubric");
    if (good)
        good = program_verify(program, problem, capacity);
    if (!good) {
        program_free(program);
        return NULL;
    }
    program_prepare(program);
    return program;
}
