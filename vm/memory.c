#include "vm/memory.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/* The one piece of state of the library outside any object: it must be reachable where nothing can be passed. */
static void (*failure_handler)(size_t bytes);

/* Under ASan the pieces of an arena are fenced like blocks of malloc, so that reading or writing beyond one is seen. */
#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
#define ARENA_FENCE 16u
#define FENCE_OFF(start, bytes) ASAN_POISON_MEMORY_REGION(start, bytes)
#define FENCE_IN(start, bytes) ASAN_UNPOISON_MEMORY_REGION(start, bytes)
#else
#define ARENA_FENCE 0u
#define FENCE_OFF(start, bytes) ((void)0)
#define FENCE_IN(start, bytes) ((void)0)
#endif

#define ARENA_ALIGNMENT 16u
#define ARENA_FIRST_BLOCK ((size_t)4096)
#define ARENA_LARGEST_BLOCK ((size_t)1 << 20)
#define ARENA_TOUCHED ((size_t)256 << 10)

/* `dirty` is how far an earlier life of the block has written: only that part must be cleared again. */
struct arena_block {
    struct arena_block *older;
    size_t capacity, used, dirty;
    _Alignas(ARENA_ALIGNMENT) unsigned char bytes[];
};

static _Noreturn void memory_fail(size_t bytes)
{
    if (failure_handler != NULL)
        failure_handler(bytes);
    fprintf(stderr, bytes > 0 ? "rubric: the machine has no memory left (%zu bytes were asked for).\n"
                              : "rubric: the machine has no memory left.\n", bytes);
    exit(3);
}

_Noreturn void memory_refused(void)
{
    memory_fail(0);
}

void memory_on_failure(void (*handler)(size_t bytes))
{
    failure_handler = handler;
}

void *memory_alloc(size_t bytes)
{
    void *block = calloc(1, bytes > 0 ? bytes : 1);
    if (block == NULL)
        memory_fail(bytes);
    return block;
}

void *memory_resize(void *block, size_t bytes)
{
    void *resized = realloc(block, bytes > 0 ? bytes : 1);
    if (resized == NULL)
        memory_fail(bytes);
    return resized;
}

void memory_reserve(void *block_pointer, size_t *capacity, size_t needed, size_t element_bytes)
{
    if (needed <= *capacity)
        return;
    size_t grown = *capacity < 8 ? 8 : *capacity;
    while (grown < needed) {
        if (grown > SIZE_MAX / 2)
            memory_fail(SIZE_MAX);
        grown *= 2;
    }
    size_t bytes;
    if (__builtin_mul_overflow(grown, element_bytes, &bytes))
        memory_fail(SIZE_MAX);
    /* `block_pointer` is the address of a pointer of any type: copying it is the way C allows. */
    void *block;
    memcpy(&block, block_pointer, sizeof block);
    block = memory_resize(block, bytes);
    memcpy(block_pointer, &block, sizeof block);
    *capacity = grown;
}

void arena_init(struct arena *arena)
{
    *arena = (struct arena){0};
}

/* Asks for all pages of a large block at once, which is cheaper than one by one: an arena that has come so far mostly fills
   it.  Where that cannot be done nothing is lost. */
static void touch(void *block, size_t bytes)
{
#ifdef MADV_POPULATE_WRITE
    const uintptr_t page = 4096;
    uintptr_t from = ((uintptr_t)block + page - 1) & ~(page - 1), to = ((uintptr_t)block + bytes) & ~(page - 1);
    if (bytes >= ARENA_TOUCHED && bytes <= 2 * ARENA_LARGEST_BLOCK)
        madvise((void *)from, to - from, MADV_POPULATE_WRITE);
#else
    (void)block;
    (void)bytes;
#endif
}

static struct arena_block *block_new(struct arena *arena, size_t capacity)
{
    size_t bytes;
    if (__builtin_add_overflow(capacity, sizeof(struct arena_block), &bytes))
        memory_fail(SIZE_MAX);
    struct arena_block *block = memory_alloc(bytes);
    touch(block, bytes);
    block->capacity = capacity;
    FENCE_OFF(block->bytes, capacity);
    arena->bytes += bytes;
    return block;
}

static void *block_take(struct arena_block *block, size_t bytes, size_t asked)
{
    unsigned char *taken = block->bytes + block->used;
    FENCE_IN(taken, bytes);
    if (block->used < block->dirty) {
        size_t stale = block->dirty - block->used;
        memset(taken, 0, stale < bytes ? stale : bytes);
    }
    FENCE_OFF(taken + asked, bytes - asked);
    (void)asked;
    block->used += bytes;
    return taken;
}

void *arena_alloc(struct arena *arena, size_t bytes)
{
    const size_t asked = bytes;
    if (bytes > SIZE_MAX - ARENA_ALIGNMENT - ARENA_FENCE)
        memory_fail(bytes);
    bytes = bytes == 0 ? ARENA_ALIGNMENT : (bytes + ARENA_FENCE + ARENA_ALIGNMENT - 1) & ~(size_t)(ARENA_ALIGNMENT - 1);
    struct arena_block *newest = arena->newest;
    if (newest != NULL && bytes <= newest->capacity - newest->used)
        return block_take(newest, bytes, asked);
    size_t usual = newest == NULL ? ARENA_FIRST_BLOCK : newest->capacity * 2;
    if (usual > ARENA_LARGEST_BLOCK)
        usual = ARENA_LARGEST_BLOCK;
    if (usual < ARENA_FIRST_BLOCK)
        usual = ARENA_FIRST_BLOCK;
    if (newest != NULL && bytes > usual / 4) {
        /* A big piece gets a block of its own behind the newest, whose free room stays in use. */
        struct arena_block *own = block_new(arena, bytes);
        own->older = newest->older;
        newest->older = own;
        return block_take(own, bytes, asked);
    }
    struct arena_block *block = block_new(arena, bytes > usual ? bytes : usual);
    block->older = newest;
    arena->newest = block;
    return block_take(block, bytes, asked);
}

char *arena_copy(struct arena *arena, const char *bytes, size_t length)
{
    if (length == SIZE_MAX)
        memory_fail(length);
    char *copy = arena_alloc(arena, length + 1);
    if (length > 0)
        memcpy(copy, bytes, length);
    return copy;
}

char *arena_format(struct arena *arena, const char *format, ...)
{
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    size_t room = length < 0 ? 1 : (size_t)length + 1;
    char *text = arena_alloc(arena, room);
    if (length > 0)
        vsnprintf(text, room, format, again);
    va_end(again);
    return text;
}

/* Frees all blocks but `kept`, which may be NULL. */
static void arena_drop(struct arena *arena, struct arena_block *kept)
{
    struct arena_block *block = arena->newest;
    while (block != NULL) {
        struct arena_block *older = block->older;
        if (block != kept)
            free(block);
        block = older;
    }
    arena->newest = kept;
    arena->bytes = kept == NULL ? 0 : kept->capacity + sizeof(struct arena_block);
}

void arena_reset(struct arena *arena)
{
    struct arena_block *largest = arena->newest;
    if (largest == NULL)
        return;
    for (struct arena_block *block = largest->older; block != NULL; block = block->older)
        if (block->capacity > largest->capacity)
            largest = block;
    arena_drop(arena, largest);
    largest->older = NULL;
    if (largest->dirty < largest->used)
        largest->dirty = largest->used;
    largest->used = 0;
    FENCE_OFF(largest->bytes, largest->capacity);
}

void arena_free(struct arena *arena)
{
    arena_drop(arena, NULL);
}

static void buffer_make_room(struct buffer *buffer, size_t more)
{
    size_t needed;
    if (__builtin_add_overflow(buffer->length, more, &needed) || needed == SIZE_MAX)
        memory_fail(SIZE_MAX);
    if (needed + 1 <= buffer->capacity)
        return;
    memory_reserve(&buffer->data, &buffer->capacity, needed + 1 < 64 ? 64 : needed + 1, 1);
}

void buffer_add(struct buffer *buffer, const char *bytes, size_t length)
{
    buffer_make_room(buffer, length);
    if (length > 0)
        memcpy(buffer->data + buffer->length, bytes, length);
    buffer->length += length;
    buffer->data[buffer->length] = '\0';
}

void buffer_text(struct buffer *buffer, const char *text)
{
    buffer_add(buffer, text, strlen(text));
}

void buffer_char(struct buffer *buffer, char c)
{
    buffer_make_room(buffer, 1);
    buffer->data[buffer->length++] = c;
    buffer->data[buffer->length] = '\0';
}

void buffer_format(struct buffer *buffer, const char *format, ...)
{
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    buffer_make_room(buffer, 0);
    size_t room = buffer->capacity - buffer->length;
    int length = vsnprintf(buffer->data + buffer->length, room, format, arguments);
    va_end(arguments);
    if (length >= 0 && (size_t)length >= room) {
        buffer_make_room(buffer, (size_t)length);
        vsnprintf(buffer->data + buffer->length, (size_t)length + 1, format, again);
    }
    va_end(again);
    if (length > 0)
        buffer->length += (size_t)length;
    buffer->data[buffer->length] = '\0';
}

void buffer_reset(struct buffer *buffer)
{
    buffer->length = 0;
    if (buffer->data != NULL)
        buffer->data[0] = '\0';
}

void buffer_free(struct buffer *buffer)
{
    free(buffer->data);
    *buffer = (struct buffer){0};
}
