/* One lead explained as a document: gathered once as JSON, and drawn from that JSON as a page, so that the two cannot
   disagree.  Texts are data of strangers: the page escapes all of them (cli/html.h). */
#ifndef RUBRIC_CLI_EXPLANATION_H
#define RUBRIC_CLI_EXPLANATION_H

#include <cjson/cJSON.h>

#include "compiler/compile.h"
#include "vm/machine.h"

#define WAYS_SHOWN 5

struct explain_request {
    const struct machine *machine; uint32_t lead;               /* of the machine's last batch */
    const struct compilation *compilation; /* NULL for a compiled rubric: no ways, no proved bounds */
    uint32_t why_not, to_reach;                                 /* a rule, a stage; NO_INDEX: the whole lead */
};
/* The caller frees it with cJSON_Delete.  Numbers are raw JSON: the shortest decimal, never a double. */
cJSON *explanation_new(const struct explain_request *request);
/* Indented by two, with what is short on one line. */
void json_write(const cJSON *item, struct buffer *out);
/* cli/explain_parts_json.c: what several sections are made of. */
cJSON *json_number(int64_t units);
void json_set_text(cJSON *object, const char *name, const char *text);                  /* NULL is null */
void json_set_bytes(cJSON *object, const char *name, const char *bytes, size_t length);
void json_set_instant(cJSON *object, const char *name, int64_t instant);
void json_set_place(cJSON *object, const struct program *program, uint32_t line);      /* "at"; nothing for NO_INDEX */
cJSON *json_value(const struct column *column, size_t row);                             /* null when missing */
cJSON *json_inputs(const struct machine *machine, uint32_t lead, struct range inputs);  /* as in the NDJSON trace */
cJSON *json_conditions(const struct machine *machine, uint32_t lead, struct range atoms);
cJSON *json_missing(const struct machine *machine, uint32_t lead, uint32_t rule);
/* Adds rule, title, score, group, gives, at and because, as far as there are such. */
void json_add_rule(cJSON *object, const struct program *program, uint32_t rule);
/* cli/explain_stage_json.c: where the lead stands, what the next stage takes, the nearest ways, and its past. */
void json_add_stage(cJSON *document, const struct explain_request *request);
void json_add_ways(cJSON *document, const struct explain_request *request, uint32_t stage);
void json_add_timeline(cJSON *document, const struct explain_request *request);

/* The page of one document, or of several with the same key (cli/explain_html.c). */
void explain_html(cJSON *const *documents, size_t count, struct buffer *out);

#endif
