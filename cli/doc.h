/* The rulebook of a rubric, for people who do not read code: drawn from the checked model, as Markdown or HTML.
   With `only` set to a file it is the documentation of one module: what that file declares, and nothing else. */
#ifndef RUBRIC_CLI_DOC_H
#define RUBRIC_CLI_DOC_H

#include "cli/page.h"
#include "compiler/compile.h"

struct doc { struct page page; const struct compilation *c; const struct model *model; uint32_t only; };

/* Whether what stands at this place belongs into this rulebook. */
bool doc_has(const struct doc *doc, struct span span);
bool doc_has_declaration(const struct doc *doc, const struct declaration *declaration);
/* The comment block right above a place, joined to one line; false without one. */
bool doc_comment(const struct doc *doc, struct span span, struct buffer *out);

/* The parts, in the order of the page. */
void doc_scores(struct doc *doc);                       /* cli/doc_scores.c: scores, groups, rules, disqualifications */
void doc_stages(struct doc *doc);                       /* cli/doc_stages.c: bands, matrices, stages, actions */
void doc_data(struct doc *doc); /* cli/doc_data.c: fields, events, settings, lists, defines, tests */
void doc_pictures_decay(struct doc *doc, const struct model_score *score);              /* cli/doc_pictures.c */
void doc_pictures_band(struct doc *doc, const struct model_band *band);
void doc_pictures_funnel(struct doc *doc);

/* cli/words.c: expressions as people say them: `fit >= 40` is "fit is at least 40"; a setting is
   followed by its value. */
void words_condition(const struct model *model, const struct tree *tree, struct buffer *out);
/* What a rule gives, line by line: "+20", or "by employees", "from 1 below 50: +5", … */
struct words_lines { char **lines; size_t count, capacity; };
void words_points(const struct model *model, const struct model_rule *rule, struct words_lines *lines);
void words_free(struct words_lines *lines);
void words_duration(int64_t count, enum time_unit unit, struct buffer *out);           /* "30 days", "week" for one */
void words_number(int64_t units, bool with_plus, struct buffer *out);
void words_setting(const struct model_setting *setting, struct buffer *out);
void words_percent(int64_t ppm, struct buffer *out);

#endif
