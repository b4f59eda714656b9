/* Friends of define only: what the files that define a model share.  define_scores.c: scores and groups; define_points.c: rules
   and what they give; define_bands.c: bands and matrices; define_stages.c: stages and actions.  Whatever is wrong is reported to
   model->diags, and defining goes on with the next. */
#ifndef RUBRIC_COMPILER_DEFINE_PARTS_H
#define RUBRIC_COMPILER_DEFINE_PARTS_H

#include "compiler/declare.h"

/* define.c.  A scope outside of rows, defines and events, that sees what `sees` says; messages call it `who`. */
struct scope scope_of(struct model *model, unsigned sees, const char *who);
/* The symbol of a name if it is one of `kinds`, which are called `what`; else it is reported that `need` is needed, and NULL. */
const struct symbol *expect_symbol(struct model *model, const struct name *name, unsigned kinds, const char *what,
                                   const char *need);
bool percent_between(struct model *model, const struct bound *bound, int64_t ppm);

/* define_scores.c */
void define_score(struct model *model, struct model_score *score);
bool score_cycle(struct model *model, uint32_t index, char *state);
void implicit_total(struct model *model);
void define_group(struct model *model, struct model_group *group);

/* define_points.c */
void define_rule(struct model *model, struct model_rule *rule);

/* define_bands.c */
void define_band(struct model *model, struct model_band *band);
void define_matrix(struct model *model, struct model_matrix *matrix);

/* define_stages.c */
void define_stages(struct model *model);
void define_actions(struct model *model, const struct declared_list *all);

#endif
