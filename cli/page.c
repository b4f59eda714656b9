#include "cli/page.h"

#include <string.h>

#include "cli/html.h"
#include "vm/printable.h"

/* ---- Markdown ---------------------------------------------------------------------------------------------------- */

static bool is_word_byte(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (unsigned char)c >= 0x80;
}

/* What Markdown would take for markup is escaped; an underscore only where it does not stand inside a word, what makes
   lists and headings only at the start of a line. */
static void add_markdown(struct buffer *out, const char *text, bool line_start)
{
    struct buffer shown = { 0 };
    for (const char *at = text; *at != 0;) {
        size_t length = strcspn(at, "\r\n\t");
        printable_add(&shown, at, length);
        at += length;
        if (*at == 0)
            break;
        buffer_char(&shown, ' ');
        at += strspn(at, "\r\n\t");
    }
    for (size_t i = 0; i < shown.length; i++) {
        char c = shown.data[i];
        bool inside =
            i > 0 && i + 1 < shown.length && is_word_byte(shown.data[i - 1]) && is_word_byte(shown.data[i + 1]);
        if (strchr("\\`*|[]", c) != NULL || (c == '_' && !inside)
            || (i == 0 && line_start && strchr("#-+>=~", c) != NULL))
            buffer_char(out, '\\');
        if (c == '<')
            buffer_text(out, "&lt;");
        else if (c == '&')
            buffer_text(out, "&amp;");
        else
            buffer_char(out, c);
    }
    buffer_free(&shown);
}

static void add_code(struct buffer *out, const char *name)
{
    buffer_char(out, '`');
    buffer_text(out, name);                             /* names hold letters, digits, _ and spaces only */
    buffer_char(out, '`');
}

static void add_text(struct page *page, const char *text, bool line_start)
{
    if (page->html)
        html_text(page->out, text);
    else
        add_markdown(page->out, text, line_start);
}

/* ---- the frame, headings, paragraphs ----------------------------------------------------------------------------- */

void page_begin(struct page *page, const char *title)
{
    if (page->html)
        html_begin(page->out, title);
}

void page_end(struct page *page)
{
    if (page->html)
        html_end(page->out);
}

void page_heading(struct page *page, int level, const char *text)
{
    if (page->html) {
        html_put(page->out, "<h%d>%s</h%d>\n", level, text, level);
        return;
    }
    buffer_text(page->out, level > 1 ? "\n" : "");
    for (int i = 0; i < level; i++)
        buffer_char(page->out, '#');
    buffer_char(page->out, ' ');
    add_text(page, text, true);
    buffer_char(page->out, '\n');
}

void page_paragraph(struct page *page, const char *text)
{
    buffer_text(page->out, page->html ? "<p>" : "\n");
    add_text(page, text, true);
    buffer_text(page->out, page->html ? "</p>\n" : "\n");
}

void page_note(struct page *page, const char *text)
{
    buffer_text(page->out, page->html ? "<p class=\"note\">" : "\n");
    add_text(page, text, true);
    buffer_text(page->out, page->html ? "</p>\n" : "\n");
}

void page_lines(struct page *page, const char *text)
{
    buffer_text(page->out, page->html ? "<pre>" : "\n");
    for (const char *at = text; *at != 0;) {
        size_t length = strcspn(at, "\n");
        struct buffer line = { 0 };
        buffer_add(&line, at, length);
        if (page->html) {
            html_text(page->out, line.data);
        } else {
            if (length > 0)
                buffer_text(page->out, "    ");         /* an indented block: nothing in it is markup */
            printable_add(page->out, at, length);
        }
        buffer_free(&line);
        at += length;
        if (*at == '\n')
            at++;
        if (*at != 0 || !page->html)
            buffer_char(page->out, '\n');
    }
    if (page->html)
        buffer_text(page->out, "</pre>\n");
}

/* ---- tables ------------------------------------------------------------------------------------------------------ */

void page_table(struct page *page, const char *const *columns, size_t count, unsigned numeric)
{
    page->column_count = count;
    for (size_t i = 0; i < count; i++) {
        page->columns[i] = columns[i];
        page->numeric[i] = (numeric >> i & 1) != 0;
    }
    if (page->html) {
        bool narrow = count > 1 && numeric == (1u << count) - 2;        /* a name and numbers need little room */
        const char *class = narrow ? " small" : columns[0][0] == 0 ? " small matrix" : count == 4 ? " four" : "";
        buffer_format(page->out, "<table class=\"%s%s\"><thead><tr>", columns[0][0] == 0 ? "grid" : "stack", class);
        for (size_t i = 0; i < count; i++)
            html_put(page->out, page->numeric[i] ? "<th class=\"num\">%s</th>" : "<th>%s</th>", columns[i]);
        buffer_text(page->out, "</tr></thead>\n<tbody>\n");
        return;
    }
    buffer_text(page->out, "\n|");
    for (size_t i = 0; i < count; i++) {
        buffer_char(page->out, ' ');
        add_text(page, columns[i], false);
        buffer_text(page->out, " |");
    }
    buffer_text(page->out, "\n|");
    for (size_t i = 0; i < count; i++)
        buffer_text(page->out, page->numeric[i] ? "---:|" : "---|");
    buffer_char(page->out, '\n');
}

void page_row(struct page *page)
{
    page->column = 0;
    buffer_text(page->out, page->html ? "<tr>" : "|");
}

static void close_cell(struct page *page)
{
    if (page->column > 0)
        buffer_text(page->out, page->html ? "</td>" : " |");
}

static void open_cell(struct page *page, bool empty)
{
    close_cell(page);
    size_t column = page->column++;
    page->cell_used = !empty;
    if (!page->html) {
        buffer_char(page->out, ' ');
        return;
    }
    const char *class = page->numeric[column] ? " class=\"num\"" : "";
    buffer_format(page->out, "<td%s", class);
    if (column > 0 && !empty && page->columns[column][0] != 0)
        html_put(page->out, " data-label=\"%s\"", page->columns[column]);
    buffer_char(page->out, '>');
}

void page_cell(struct page *page, const char *text)
{
    bool empty = text == NULL || text[0] == 0;
    open_cell(page, empty);
    if (!empty && page->html && (page->numeric[page->column - 1] || text[0] == '-'))
        html_number(page->out, text, 0);
    else if (!empty)
        add_text(page, text, false);
}

void page_cell_name(struct page *page, const char *name)
{
    open_cell(page, false);
    if (page->html)
        html_put(page->out, "<strong>%s</strong>", name);
    else
        add_code(page->out, name);
}

void page_cell_strong(struct page *page, const char *text)
{
    open_cell(page, false);
    buffer_text(page->out, page->html ? "<strong>" : "**");
    add_text(page, text, false);
    buffer_text(page->out, page->html ? "</strong>" : "**");
}

static void add_line(struct page *page, const char *text, const char *class)
{
    if (text == NULL || text[0] == 0)
        return;
    if (page->html) {
        html_put(page->out, "<div class=\"%s\">%s</div>", class, text);
    } else {
        buffer_text(page->out, page->cell_used ? "<br>" : "");
        add_markdown(page->out, text, false);
    }
    page->cell_used = true;
}

void page_cell_more(struct page *page, const char *text)
{
    add_line(page, text, "more");
}

void page_cell_soft(struct page *page, const char *text)
{
    add_line(page, text, "because");
}

void page_row_end(struct page *page)
{
    close_cell(page);
    buffer_text(page->out, page->html ? "</tr>\n" : "\n");
}

void page_table_end(struct page *page)
{
    if (page->html)
        buffer_text(page->out, "</tbody></table>\n");
}

/* ---- lists ------------------------------------------------------------------------------------------------------- */

void page_list(struct page *page)
{
    buffer_text(page->out, page->html ? "<ul>\n" : "\n");
}

void page_item(struct page *page, const char *text)
{
    buffer_text(page->out, page->html ? "<li>" : "- ");
    add_text(page, text, true);
    buffer_text(page->out, page->html ? "</li>\n" : "\n");
}

void page_list_end(struct page *page)
{
    if (page->html)
        buffer_text(page->out, "</ul>\n");
}
