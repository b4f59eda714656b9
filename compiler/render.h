/* Diagnostics for people and machines.  Pretty as in `rubric check`; lines `file:line:col: error[E0301]: …`; JSON one object a line. */
#ifndef RUBRIC_COMPILER_RENDER_H
#define RUBRIC_COMPILER_RENDER_H

#include "compiler/diagnostic.h"

struct render_options { bool color; bool unicode; size_t most; /* 0: LIMIT_ERRORS_SHOWN */ };
void render_pretty(const struct diagnostics *diags, const struct sources *sources, struct render_options options, struct buffer *out);
void render_lines(const struct diagnostics *diags, const struct sources *sources, struct buffer *out);
void render_json(const struct diagnostics *diags, const struct sources *sources, struct buffer *out);
void render_github(const struct diagnostics *diags, const struct sources *sources, struct buffer *out);
void render_sarif(const struct diagnostics *diags, const struct sources *sources, struct buffer *out);

#endif
