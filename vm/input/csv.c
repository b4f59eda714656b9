#include "vm/input/csv.h"

#include "vm/limits.h"

#include <stdlib.h>
#include <string.h>

/* From `at` to the first delimiter, line break, zero byte or byte that is not ASCII. */
static inline const char *scan_cell(const char *at, char delimiter)
{
#if defined(__SSE2__) && !defined(RUBRIC_SCALAR)
    const __m128i delimiters = _mm_set1_epi8(delimiter), feeds = _mm_set1_epi8('\n'), returns = _mm_set1_epi8('\r');
    for (;; at += 16) {
        __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)at);
        __m128i special =
            _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(bytes, delimiters), _mm_cmpeq_epi8(bytes, feeds)),
                         _mm_or_si128(_mm_cmpeq_epi8(bytes, returns), _mm_cmpeq_epi8(bytes, _mm_setzero_si128())));
        unsigned found = (unsigned)_mm_movemask_epi8(_mm_or_si128(special, bytes));
        if (found)
            return at + __builtin_ctz(found);
    }
#else
    while (*at != delimiter && *at != '\n' && *at != '\r' && *at != '\0' && (unsigned char)*at < 0x80)
        at++;
    return at;
#endif
}

/* From `at` to the first quote, zero byte or byte that is not ASCII. */
static inline const char *scan_quoted(const char *at)
{
#if defined(__SSE2__) && !defined(RUBRIC_SCALAR)
    const __m128i quotes = _mm_set1_epi8('"');
    for (;; at += 16) {
        __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)at);
        __m128i special = _mm_or_si128(_mm_cmpeq_epi8(bytes, quotes), _mm_cmpeq_epi8(bytes, _mm_setzero_si128()));
        unsigned found = (unsigned)_mm_movemask_epi8(_mm_or_si128(special, bytes));
        if (found)
            return at + __builtin_ctz(found);
    }
#else
    while (*at != '"' && *at != '\0' && (unsigned char)*at < 0x80)
        at++;
    return at;
#endif
}

static bool fail(struct csv_problem *problem, const char *at, const char *reason)
{
    *problem = (struct csv_problem){at, reason};
    return false;
}

static const char not_utf8[] = "bytes that are not UTF-8; perhaps --encoding windows-1252 helps";
static const char zero_byte[] = "a NUL byte";

static bool read_quoted(const char **at, const char *limit, struct raw *cell, struct csv_problem *problem)
{
    const char *start = *at + 1, *in = start;
    bool doubled = false;
    for (;;) {
        in = scan_quoted(in);
        if (*in == '"') {
            if (in[1] != '"')
                break;
            doubled = true;
            in += 2;
        } else if (*in == '\0') {
            return in >= limit ? fail(problem, *at, "a quote that is not closed") : fail(problem, in, zero_byte);
        } else {
            unsigned length = scan_utf8(in);
            if (length == 0)
                return fail(problem, in, not_utf8);
            in += length;
        }
    }
    *cell = (struct raw){start, (uint32_t)(in - start), doubled ? RAW_DOUBLED : RAW_TEXT};
    *at = in + 1;
    return true;
}

/* The length of the line end at `at` (a CR or LF); 0 when that CR is only a character. */
static size_t line_end(const char *at, const char *limit, bool cr_only)
{
    if (*at == '\n' || cr_only)
        return *at == '\r' && at[1] == '\n' ? 2 : 1;
    const char *in = at;
    while (*in == '\r')
        in++;
    if (*in == '\n')
        return (size_t)(in - at) + 1;
    return in >= limit ? (size_t)(in - at) : 0;
}

static bool read_plain(const char **at, const char *limit, struct csv_dialect dialect, struct raw *cell,
                       struct csv_problem *problem)
{
    const char *start = *at, *in = start;
    for (;;) {
        in = scan_cell(in, dialect.delimiter);
        if (*in == dialect.delimiter || *in == '\n')
            break;
        if (*in == '\r') {
            if (line_end(in, limit, dialect.cr_only) > 0)
                break;
            in++;
        } else if (*in == '\0') {
            if (in >= limit)
                break;
            return fail(problem, in, zero_byte);
        } else {
            unsigned length = scan_utf8(in);
            if (length == 0)
                return fail(problem, in, not_utf8);
            in += length;
        }
    }
    *cell = (struct raw){start, (uint32_t)(in - start), RAW_TEXT};
    *at = in;
    return true;
}

enum next { NEXT_CELL, NEXT_ROW, NEXT_BAD };

/* One cell, and the delimiter or line end behind it. */
static inline enum next read_cell(const char **at, const char *limit, struct csv_dialect dialect, struct raw *cell,
                                  struct csv_problem *problem)
{
    bool quoted = **at == '"';
    if (quoted ? !read_quoted(at, limit, cell, problem) : !read_plain(at, limit, dialect, cell, problem))
        return NEXT_BAD;
    char c = **at;
    if (c == dialect.delimiter) {
        ++*at;
        return NEXT_CELL;
    }
    if (c == '\n' || c == '\r') {
        size_t length = line_end(*at, limit, dialect.cr_only);
        if (length > 0) {
            *at += length;
            return NEXT_ROW;
        }
    } else if (*at >= limit) {
        return NEXT_ROW;
    }
    fail(problem, *at, "text behind a closing quote");
    return NEXT_BAD;
}

/* The next row begins behind the line end that no quoted cell holds: read as csv_cut reads, whatever the row is like.
 */
static const char *row_end(const char *row, const char *limit, struct csv_dialect dialect)
{
    const char *in = row;
    bool cell_start = true;
    while (in < limit) {
        if (*in == '"' && cell_start) {
            for (in++; in < limit; in++) {
                if (*in == '"' && in[1] == '"')
                    in++;
                else if (*in == '"')
                    break;
            }
            in += in < limit;
            cell_start = false;
            continue;
        }
        if (*in == '\n' || *in == '\r') {
            size_t length = line_end(in, limit, dialect.cr_only);
            if (length > 0)
                return in + length;
        }
        cell_start = *in++ == dialect.delimiter;
    }
    return limit;
}

/* Fills the slots from one row; says how many cells it has and whether any is not empty. */
static bool fill_slots(struct csv_reader *reader, const char **at, const char *limit, uint32_t *cells, bool *any,
                       struct raw *first, struct csv_problem *problem)
{
    const struct csv_dialect dialect = reader->dialect;
    const uint32_t columns = reader->column_count, *slots = reader->slots;
    uint32_t count = 0;
    bool surplus = false;
    enum next next;
    *any = false;
    plan_begin_record(reader->plan);
    do {
        struct raw cell = {0};
        const char *start = *at, *end;
        if (*start != '"' && *(end = scan_cell(start, dialect.delimiter)) == dialect.delimiter) {
            cell = (struct raw){start, (uint32_t)(end - start), RAW_TEXT};      /* nearly all cells are so */
            *at = end + 1;
            next = NEXT_CELL;
        } else {
            reader->quoted |= *start == '"';
            next = read_cell(at, limit, dialect, &cell, problem);
            if (next == NEXT_BAD)
                return false;
        }
        if (count == 0)
            *first = cell;
        if (cell.length > 0) {
            *any = true;
            if (count >= columns) {
                if (!surplus)
                    *problem = (struct csv_problem){start, "more cells than the header has"};
                surplus = true;
            }
        }
        if (count < columns && slots[count] != NO_INDEX)
            plan_put(reader->plan, slots[count], cell);
        count++;
    } while (next == NEXT_CELL);
    *cells = count > columns && !surplus ? columns : count;
    return true;
}

/* Reads what stands in reader->mended as the row; whether it is one with the right number of cells. */
static bool read_mended(struct csv_reader *reader, size_t length)
{
    memset(reader->mended.data + length, 0, INPUT_PADDING);
    const char *at = reader->mended.data, *limit = at + length;
    uint32_t cells;
    bool any;
    struct raw first;
    struct csv_problem ignored;
    return fill_slots(reader, &at, limit, &cells, &any, &first, &ignored) && cells == reader->column_count
           && at == limit;
}

static char *mended_room(struct csv_reader *reader, size_t length)
{
    memory_reserve(&reader->mended.data, &reader->mended.capacity, length + INPUT_PADDING, 1);
    return reader->mended.data;
}

/* The whole row was quoted once more. */
static bool mend_quoted_twice(struct csv_reader *reader, struct raw row)
{
    char *room = mended_room(reader, row.length);
    struct text text = raw_text(row, room);
    if (text.bytes != room)
        memcpy(room, text.bytes, text.length);
    return read_mended(reader, text.length);
}

/* Quotes inside cells were written \" and not "". */
static bool mend_backslashes(struct csv_reader *reader, const char *row, const char *end)
{
    while (end > row && (end[-1] == '\n' || end[-1] == '\r'))
        end--;
    size_t length = (size_t)(end - row);
    char *room = mended_room(reader, length);
    memcpy(room, row, length);
    bool found = false;
    for (size_t i = 0; i + 1 < length; i++) {
        if (room[i] == '\\' && room[i + 1] == '"') {
            room[i++] = '"';
            found = true;
        }
    }
    return found && read_mended(reader, length);
}

enum csv_row csv_read_row(struct csv_reader *reader, const char **at, const char *limit, struct csv_problem *problem)
{
    const char *row = *at;
    uint32_t cells;
    bool any;
    struct raw first;
    reader->quoted = false;
    if (!fill_slots(reader, at, limit, &cells, &any, &first, problem)) {
        *at = row_end(row, limit, reader->dialect);
        bool mended = mend_backslashes(reader, row, *at);
        reader->quoted = true;
        return mended ? CSV_MENDED : CSV_BAD;
    }
    if (!any)
        return CSV_BLANK;
    if (cells == reader->column_count)
        return CSV_ROW;
    if (cells == 1 && *row == '"' && mend_quoted_twice(reader, first))
        return CSV_MENDED;
    if (cells < reader->column_count)
        *problem = (struct csv_problem){row, "fewer cells than the header has"};
    return CSV_BAD;
}

static uint32_t line_ends(const char *from, const char *to, bool cr_only)
{
    uint32_t count = 0;
    for (; from < to; from++)
        count += *from == '\n' || (cr_only && *from == '\r' && from[1] != '\n');
    return count;
}

uint32_t csv_lines(const struct csv_reader *reader, const char *from, const char *to)
{
    if (!reader->quoted)
        return 1;
    return line_ends(from, to, reader->dialect.cr_only);
}

/* --------------------------------------------------------------- header */

/* Quotes open a cell here as they do in rows: only behind what may be a delimiter.  *open: the line does not end in the text. */
static char guess_delimiter(const char *line, size_t length, bool *open)
{
    static const char candidates[] = {',', ';', '\t', '|'};
    size_t counts[4] = {0}, best = 0, i = 0;
    bool quoted = false, cell_start = true;
    for (; i < length && (quoted || (line[i] != '\n' && line[i] != '\r')); i++) {
        if (quoted && line[i] == '"' && line[i + 1] == '"') {
            i++;
            continue;
        }
        if (line[i] == '"' && (quoted || cell_start))
            quoted = !quoted;
        cell_start = false;
        for (size_t c = 0; c < 4 && !quoted; c++) {
            counts[c] += line[i] == candidates[c];
            cell_start |= line[i] == candidates[c];
        }
    }
    *open = i >= length;
    for (size_t c = 1; c < 4; c++) {
        if (counts[c] > counts[best])
            best = c;
    }
    return candidates[best];
}

static bool is_cr_only(const char *line, const char *limit)
{
    while (line < limit && *line != '\r' && *line != '\n')
        line++;
    if (line == limit || *line == '\n')
        return false;
    while (line < limit && *line == '\r')
        line++;
    return line < limit && *line != '\n';
}

static bool read_names(struct csv_header *header, struct arena *arena, const char **at, const char *limit,
                       struct csv_problem *problem)
{
    size_t capacity = 0;
    struct text *names = NULL;
    enum next next;
    header->count = 0;
    do {
        struct raw cell;
        next = read_cell(at, limit, header->dialect, &cell, problem);
        if (next == NEXT_BAD || header->count == LIMIT_CSV_COLUMNS) {
            free(names);
            return next == NEXT_BAD ? false : fail(problem, *at, "more than 16384 columns");
        }
        memory_reserve(&names, &capacity, header->count + 1, sizeof *names);
        char *copy = arena_alloc(arena, (size_t)cell.length + 1);
        struct text name = raw_text(cell, copy);
        if (name.bytes != copy)
            memcpy(copy, name.bytes, name.length);
        names[header->count++] = text_trim((struct text){copy, name.length});
    } while (next == NEXT_CELL);
    header->names = arena_alloc(arena, header->count * sizeof *names);
    memcpy(header->names, names, header->count * sizeof *names);
    free(names);
    return true;
}

bool csv_read_header(struct csv_header *header, struct arena *arena, const char *text, size_t length, char delimiter,
                     const char **reason)
{
    const char *at = text, *limit = text + length;
    struct csv_problem problem = {0};
    *header = (struct csv_header){0};
    for (const char *in = at; in < limit && (*in == '\n' || *in == '\r' || *in == ' ' || *in == '\t'); in++) {
        if (*in == '\n' || *in == '\r')                 /* lines of white space; tabs before a name are delimiters */
            at = in + 1;
    }
    if (limit - at > 5 && memcmp(at, "sep=", 4) == 0 && !strchr("\r\n\"", at[4])
        && (at[5] == '\n' || at[5] == '\r')) {         /* Excel says so itself */
        delimiter = delimiter ? delimiter : at[4];
        for (at += 5; at < limit && (*at == '\n' || *at == '\r');)
            at++;
    }
    if (at == limit || (size_t)(limit - at) == strspn(at, " \t")) {
        *reason = "nothing but white space";
        return false;
    }
    header->dialect.cr_only = is_cr_only(at, limit);
    char guessed = guess_delimiter(at, (size_t)(limit - at), &header->open);
    header->dialect.delimiter = delimiter ? delimiter : guessed;
    const char *line = at;
    bool fine = read_names(header, arena, &at, limit, &problem);
    header->end = (size_t)(at - text);
    if (fine && header->count == 1 && *line == '"' && header->names[0].length > 0) {    /* all of it quoted again? */
        char *inner = arena_alloc(arena, header->names[0].length + INPUT_PADDING);
        memcpy(inner, header->names[0].bytes, header->names[0].length);
        const char *in = inner, *in_limit = inner + header->names[0].length;
        struct csv_header mended = *header;
        bool ends_within;
        guessed = guess_delimiter(inner, header->names[0].length, &ends_within);
        mended.dialect.delimiter = delimiter ? delimiter : guessed;
        struct csv_problem ignored;
        if (memchr(inner, mended.dialect.delimiter, header->names[0].length)
            && read_names(&mended, arena, &in, in_limit, &ignored) && mended.count > 1 && in == in_limit)
            *header = mended;
    }
    header->lines = line_ends(text, at, header->dialect.cr_only);
    *reason = problem.reason;
    return fine;
}

void csv_map_columns(struct csv_reader *reader, struct plan *plan, const struct csv_header *header)
{
    free(reader->slots);
    reader->plan = plan;
    reader->dialect = header->dialect;
    reader->column_count = header->count;
    reader->slots = memory_alloc(header->count * sizeof *reader->slots);
    bool *taken = memory_alloc(plan->slot_count * sizeof *taken + 1);
    struct plan_key *key;
    for (uint32_t i = 0; i < header->count; i++) {
        key = plan_find_key(plan->root, header->names[i].bytes, header->names[i].length);
        bool wanted = key && key->slot != NO_INDEX && !taken[key->slot];
        reader->slots[i] = wanted ? key->slot : NO_INDEX;
        if (wanted)
            taken[key->slot] = true;
    }
    /* What no column has exactly is looked for as texts compare: a plan of the folded names tells. */
    struct plan folded_names;
    struct buffer folded = {0};
    plan_init(&folded_names);
    for (uint32_t k = 0; k < plan->root->table_size; k++) {
        key = plan->root->table[k];
        if (!key || key->slot == NO_INDEX || taken[key->slot])
            continue;
        buffer_reset(&folded);
        size_t length = text_fold((struct text){key->name, key->length}, &folded);
        struct plan_key *other = plan_add_key(&folded_names, folded_names.root, folded.data ? folded.data : "", length);
        other->slot =
            other->slot < key->slot ? other->slot : key->slot; /* of names that fold alike, the first wanted */
    }
    for (uint32_t i = 0; i < header->count && folded_names.root->key_count > 0; i++) {
        if (reader->slots[i] != NO_INDEX || header->names[i].length == 0)
            continue;
        buffer_reset(&folded);
        size_t length = text_fold(header->names[i], &folded);
        key = plan_find_key(folded_names.root, folded.data, length);
        if (key && !taken[key->slot]) {
            reader->slots[i] = key->slot;
            taken[key->slot] = true;
        }
    }
    buffer_free(&folded);
    plan_free(&folded_names);
    free(taken);
}

void csv_reader_free(struct csv_reader *reader)
{
    free(reader->slots);
    buffer_free(&reader->mended);
    *reader = (struct csv_reader){0};
}

/* --------------------------------------------------------------- cutting */

static size_t last_line_end(const char *text, size_t from, size_t to, size_t length, bool cr_only, bool at_end)
{
    if (!cr_only && to - from <= 4) {                   /* between two quoted cells, as nearly always */
        while (to > from && text[to - 1] != '\n')
            to--;
        return to;
    }
    if (!cr_only) {
        const char *feed = memrchr(text + from, '\n', to - from);
        return feed ? (size_t)(feed - text) + 1 : from;
    }
    for (; to > from; to--) {
        /* A CR at the very end of what there is may have its LF still to come. */
        if (text[to - 1] == '\n' || (text[to - 1] == '\r' && (at_end || to < length)))
            return to;
    }
    return from;
}

static bool holds_line_end(const char *text, size_t from, size_t to, bool cr_only)
{
    return memchr(text + from, '\n', to - from) || (cr_only && memchr(text + from, '\r', to - from));
}

size_t csv_cut(const char *text, size_t length, struct csv_dialect dialect, bool at_end, bool *broken)
{
    size_t row = 0, search = 0;
    *broken = false;
    for (;;) {
        const char *quote = memchr(text + search, '"', length - search);
        size_t at = quote ? (size_t)(quote - text) : length;
        size_t end = last_line_end(text, search, at, length, dialect.cr_only, at_end);
        if (end > search)
            row = end;
        if (!quote)
            return at_end ? length : row;
        if (at > row && text[at - 1] != dialect.delimiter) {
            search = at + 1;
            continue;
        }
        size_t close = at + 1;
        for (;; close += 2) {
            const char *next = close < length ? memchr(text + close, '"', length - close) : NULL;
            close = next ? (size_t)(next - text) : length;
            if (close >= length || close + 1 >= length || text[close + 1] != '"')
                break;
        }
        bool open = close >= length || (close + 1 == length && !at_end);
        if (open && !at_end)
            return row;
        char behind = close + 1 < length ? text[close + 1] : '\n';
        bool wrong = open || (behind != dialect.delimiter && behind != '\n' && behind != '\r');
        if (wrong && holds_line_end(text, row, close, dialect.cr_only)) {
            *broken = row == 0;
            return row;
        }
        if (open)
            return length;
        search = close + 1;
    }
}
