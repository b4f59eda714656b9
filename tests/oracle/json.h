/* JSON for the oracle: a direct reader of one value, numbers kept as written (a double would lose them).  It is
   lenient; strictness is the product's business.  Everything lives in the arena given.  NULL when the text is no JSON
   value. */
#ifndef RUBRIC_TESTS_ORACLE_JSON_H
#define RUBRIC_TESTS_ORACLE_JSON_H

#include "vm/text.h"

enum json_kind { JSON_NULL, JSON_YES, JSON_NO, JSON_NUMBER, JSON_TEXT, JSON_ARRAY, JSON_OBJECT };
struct json {
    enum json_kind kind;
    struct text text;                       /* TEXT: unescaped; NUMBER: as written */
    struct text name;                       /* as a member of an object */
    struct json *children, *next;           /* of an array or object, in order */
};
const struct json *json_read(const char *bytes, size_t length, struct arena *arena);
/* The member of an object, or NULL.  Of two with one name, the last (as in most readers). */
const struct json *json_member(const struct json *object, const char *name, size_t length);

#endif
