/* Pages that stand alone: one file, no network, no script; light and dark as the reader's device says; printable.
   Everything that is not markup of ours goes through html_put's %s or html_text and is escaped there: names, titles and
   values come from strangers.  Nothing here fails. */
#ifndef RUBRIC_CLI_HTML_H
#define RUBRIC_CLI_HTML_H

#include "vm/memory.h"

/* The text with & < > " ' as entities, control and direction characters made visible, line ends as spaces.  Good in
   elements and in quoted attributes. */
void html_text(struct buffer *out, const char *text);
/* A format with %s (escaped as above), %d and %%; everything else is markup and goes out as it stands. */
void html_put(struct buffer *out, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* A decimal as text, with a true minus sign; `signed_plus` puts a + before what is above zero. */
void html_number(struct buffer *out, const char *decimal, int signed_plus);

void html_begin(struct buffer *out, const char *title);         /* up to <main> */
void html_end(struct buffer *out);

#endif
