/* Texts.  Two texts are the same when their folded forms are the same bytes: trimmed of Unicode white space, NFC, full
   case folding, NFC again (`STRASSE` is `Straße`).  All text is valid UTF-8; readers refuse or convert what is not. */
#ifndef RUBRIC_VM_TEXT_H
#define RUBRIC_VM_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "vm/memory.h"

struct text { const char *bytes; uint32_t length; };   /* borrowed, not NUL-terminated; length 0 is missing */

bool utf8_valid(const char *bytes, size_t length);
size_t utf8_encode(uint32_t code_point, char out[4]);   /* its bytes, 1 to 4; 0 for a surrogate or beyond U+10FFFF */
uint32_t utf8_decode(const char *bytes, size_t length, size_t *used);  /* of valid text; used >= 1 */
struct text text_trim(struct text raw);                 /* Unicode White_Space on both sides; points into raw */
/* The folded form, appended to *out; returns its length.  ASCII takes a fast path. */
size_t text_fold(struct text raw, struct buffer *out);
char *text_fold_copy(struct arena *arena, const char *bytes, size_t length, uint32_t *folded_length);
bool text_same(struct text a, struct text b);           /* folds both: for tests and rare uses */
int64_t text_length(struct text raw);                   /* code points of the trimmed text in NFC (not folded) */
struct text text_domain(struct text raw);               /* what follows the last @, trimmed; length 0 without one */
bool code_point_is_word(uint32_t code_point);           /* general category L* or N* */
/* Over folded texts; an empty part fits nothing: */
bool text_contains(struct text folded, struct text part);
bool text_has_word(struct text folded, struct text word);
/* Whether bytes start..end of the text have no letter or digit beside them. */
bool text_word_bounded(struct text folded, size_t start, size_t end);
bool text_starts(struct text folded, struct text part);
bool text_ends(struct text folded, struct text part);
/* * any run, ? one code point; the whole text.  No recursion; at worst text length times glob length. */
bool text_matches(struct text folded, struct text glob);
uint64_t text_hash(const char *bytes, size_t length);

#endif
