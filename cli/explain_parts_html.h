/* Pieces of a lead's page: members of its document, rules, conditions, values seen, the timeline.  Internal to the
   explanation; nothing fails, and all texts are escaped on their way out. */
#ifndef RUBRIC_CLI_EXPLAIN_PARTS_HTML_H
#define RUBRIC_CLI_EXPLAIN_PARTS_HTML_H

#include <cjson/cJSON.h>
#include <stdbool.h>

#include "vm/calendar.h"
#include "vm/memory.h"

const char *part_text(const cJSON *object, const char *name);           /* NULL when it is null or not there */
const char *part_raw(const cJSON *object, const char *name);            /* a number's digits; NULL */
bool part_number(const cJSON *object, const char *name, int64_t *units);
const cJSON *part_first(const cJSON *object, const char *name);         /* of an array or object; NULL when empty */
const char *part_instant(const char *instant, char out[INSTANT_TEXT]);  /* 2026-11-22 or 2026-11-22 10:30 */
void part_time(struct buffer *out, const char *instant);                /* the same, as an element */

void part_value(struct buffer *out, const cJSON *value);
void part_rule_head(struct buffer *out, const cJSON *rule, const char *gives);  /* opens <li>; the caller closes it */
void part_because(struct buffer *out, const cJSON *rule);
void part_saw(struct buffer *out, const cJSON *inputs);
void part_conditions(struct buffer *out, const cJSON *conditions);
void part_open_conditions(struct buffer *out, const cJSON *rule); /* only those that do not hold, as one sentence */
void part_why_not(struct buffer *out, const cJSON *rule);
void part_ledger_words(struct buffer *out, const cJSON *line);
void part_timeline(struct buffer *out, const cJSON *document);          /* cli/explain_timeline_html.c */

#endif
