/* What the files of the theory of texts share: text_theory.c (which way to go), text_pieces.c (texts put together),
   text_search.c (the search over all texts). */
#ifndef RUBRIC_COMPILER_CONFLICTS_TEXT_PARTS_H
#define RUBRIC_COMPILER_CONFLICTS_TEXT_PARTS_H

#include "compiler/conflicts/space.h"

struct query {
    struct space *space;
    const struct slot *slot;
    const struct literal_of *literals;
    size_t count;
    bool need_domain, no_domain;
};

static inline bool positive(enum polarity polarity) { return polarity == SAYS_HOLDS || polarity == SAYS_NOT_FAILS; }
/* Whether all literals are true for the text, as it is or with spaces around it. */
bool text_try(const struct query *query, const char *bytes, size_t length, struct value *value);
enum answer text_put_together(const struct query *query, struct value *value);
enum answer text_search(const struct query *query, bool with_domain, struct value *value);

#endif
