/* A document written once and read twice: as Markdown, or as an HTML page of cli/html.h.  Texts are escaped for the
   form they go into; the calls nest as they are named.  Nothing here fails. */
#ifndef RUBRIC_CLI_PAGE_H
#define RUBRIC_CLI_PAGE_H

#include <stdbool.h>
#include <stddef.h>

#include "vm/memory.h"

#define PAGE_COLUMNS 12
struct page {
    struct buffer *out; bool html;
    const char *columns[PAGE_COLUMNS]; bool numeric[PAGE_COLUMNS]; size_t column_count, column;
    bool cell_used;
};

void page_begin(struct page *page, const char *title);
void page_end(struct page *page);
void page_heading(struct page *page, int level, const char *text);
void page_paragraph(struct page *page, const char *text);
void page_note(struct page *page, const char *text);            /* a paragraph of less weight */
void page_lines(struct page *page, const char *text); /* as it stands, line by line, in letters of one width */

/* A table: headers, a bitmap of columns that hold numbers, then rows of cells.  A cell holds lines: page_cell begins it
   with one, page_cell_name with a name, page_cell_more and page_cell_soft add others. */
void page_table(struct page *page, const char *const *columns, size_t count, unsigned numeric);
void page_row(struct page *page);
void page_cell(struct page *page, const char *text);            /* NULL or "": empty */
void page_cell_name(struct page *page, const char *name);
void page_cell_strong(struct page *page, const char *text);
void page_cell_more(struct page *page, const char *text);
void page_cell_soft(struct page *page, const char *text);
void page_row_end(struct page *page);
void page_table_end(struct page *page);

void page_list(struct page *page);
void page_item(struct page *page, const char *text);
void page_list_end(struct page *page);

#endif
