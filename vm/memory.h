/* Memory: an arena per lifetime (a compilation, a program, a batch), and a checked malloc for what grows.
   Nothing here returns NULL: when the machine refuses memory, the handler is called and must not return
   (the default prints one sentence and ends the process with status 3; a host of the library may install its own,
   for instance one that jumps out). */
#ifndef RUBRIC_VM_MEMORY_H
#define RUBRIC_VM_MEMORY_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

void memory_on_failure(void (*handler)(size_t bytes));
/* For what a library, not this file, was refused: calls the handler. */
_Noreturn void memory_refused(void);
void *memory_alloc(size_t bytes);                       /* zeroed; free with free() */
void *memory_resize(void *block, size_t bytes);         /* like realloc; new bytes are not zeroed */
/* Grows `*block` (elements of `element_bytes`) so that `*capacity` >= `needed`. */
void memory_reserve(void *block_pointer, size_t *capacity, size_t needed, size_t element_bytes);

struct arena { struct arena_block *newest; size_t bytes; };
void arena_init(struct arena *arena);
void *arena_alloc(struct arena *arena, size_t bytes);   /* zeroed, aligned to 16 */
char *arena_copy(struct arena *arena, const char *bytes, size_t length);   /* adds a final NUL */
char *arena_format(struct arena *arena, const char *format, ...) __attribute__((format(printf, 2, 3)));
void arena_reset(struct arena *arena);                  /* forgets everything, keeps one block for reuse */
void arena_free(struct arena *arena);

/* A growing byte buffer; `data` always ends in a NUL that is not counted. */
struct buffer { char *data; size_t length, capacity; };
void buffer_add(struct buffer *buffer, const char *bytes, size_t length);
void buffer_text(struct buffer *buffer, const char *text);
void buffer_char(struct buffer *buffer, char c);
void buffer_format(struct buffer *buffer, const char *format, ...) __attribute__((format(printf, 2, 3)));
void buffer_reset(struct buffer *buffer);
void buffer_free(struct buffer *buffer);

#endif
