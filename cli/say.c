/* Messages to people: what is filled in never reaches the terminal raw, be it data, a file's name or a word of the
   command line. */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "vm/printable.h"

/* One %s or %.*s; the words between go through as they are. */
static void add_words(struct buffer *out, va_list *words, bool bounded)
{
    int most = bounded ? va_arg(*words, int) : -1;
    const char *text = va_arg(*words, const char *);
    size_t length = bounded && most >= 0 ? strnlen(text, (size_t)most) : strlen(text);
    printable_add(out, text, length);
}

static void fill_in(FILE *stream, const char *format, va_list given)
{
    struct buffer line = { 0 };
    va_list words;
    va_copy(words, given);
    for (const char *at = format; *at;) {
        size_t plain = strcspn(at, "%");
        buffer_add(&line, at, plain);
        at += plain;
        if (!*at) break;
        if (strncmp(at, "%s", 2) == 0 || strncmp(at, "%.*s", 4) == 0) {
            add_words(&line, &words, at[1] == '.');
            at += at[1] == '.' ? 4 : 2;
        } else if (strncmp(at, "%zu", 3) == 0) {
            buffer_format(&line, "%zu", va_arg(words, size_t));
            at += 3;
        } else if (strncmp(at, "%lu", 3) == 0) {                /* PRIu64 */
            buffer_format(&line, "%lu", va_arg(words, unsigned long));
            at += 3;
        } else if (strncmp(at, "%ld", 3) == 0) {
            buffer_format(&line, "%ld", va_arg(words, long));
            at += 3;
        } else if (strncmp(at, "%llu", 4) == 0) {
            buffer_format(&line, "%llu", va_arg(words, unsigned long long));
            at += 4;
        } else abort();                                         /* a message of ours has another kind of blank */
    }
    va_end(words);
    if (line.length) fwrite(line.data, 1, line.length, stream);
    buffer_free(&line);
}

void say(const char *format, ...)
{
    va_list words;
    va_start(words, format);
    fill_in(stderr, format, words);
    va_end(words);
}

void show(FILE *stream, const char *format, ...)
{
    va_list words;
    va_start(words, format);
    fill_in(stream, format, words);
    va_end(words);
}
