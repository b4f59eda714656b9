/* Rows of CSV the straight way: no quotes, as many cells as the header has, and each cell's end is a place. */
#include <stdlib.h>
#include <string.h>

#include "vm/input/reader.h"
#include "vm/input/straight_values.h"

static enum plan_take take_of(const struct input_reader *reader, uint32_t slot, uint8_t *field)
{
    const struct straight_slot *direct = &reader->straight.slots[slot];
    enum plan_take take = (enum plan_take)direct->take;
    *field = direct->field;
    if (take == TAKE_SLOT || take == TAKE_TEXT)
        return take;
    /* A cell may be a placeholder, or a number with a comma. */
    bool plain = reader->fields[direct->field].facts.missing_count == 0
                 && !(take == TAKE_NUMBER && reader->setting.convert.decimal_comma);
    return plain ? take : TAKE_SLOT;
}

void straight_map_columns(struct input_reader *reader)
{
    struct straight *straight = &reader->straight;
    const struct csv_reader *csv = &reader->csv;
    const struct program *program = reader->setting.program;
    uint64_t direct = 0;
    straight->rows = straight->read_lead && !csv->dialect.cr_only && csv->column_count > 0;
    straight->delimiter = csv->dialect.delimiter;
    straight->column_count = csv->column_count;
    straight->cells = memory_resize(straight->cells, (csv->column_count + (size_t)1) * sizeof *straight->cells);
    straight->cell_count = 0;
    for (uint32_t i = 0; i < csv->column_count; i++) {
        if (csv->slots[i] == NO_INDEX)
            continue;
        struct straight_cell cell = {.column = i, .slot = csv->slots[i]};
        cell.take = (uint8_t)take_of(reader, cell.slot, &cell.field);
        if (cell.take != TAKE_SLOT)
            cell.bit = UINT64_C(1) << cell.field;
        direct |= cell.bit;
        straight->cells[straight->cell_count++] = cell;
    }
    uint64_t all = program->field_count < STRAIGHT_FIELDS ? (UINT64_C(1) << program->field_count) - 1 : UINT64_MAX;
    straight->row_waiting = all & ~direct;
}

const char *straight_read_row(struct input_reader *reader, const char *at, const char *limit)
{
    struct straight *straight = &reader->straight;
    if (!straight->rows || !straight_mark(straight, at, limit, true, straight->delimiter))
        return NULL;
    const char *text = straight->marks.text;
    const uint32_t *place = straight->place = catch_up(straight->place, text, at);
    const uint32_t last = straight->column_count - 1, row = reader->batch->leads;
    if (place + last >= straight->marks.places + straight->marks.count)
        return NULL;
    unsigned wrong = 0;
    for (uint32_t i = 0; i < last; i++)
        wrong |= (unsigned)(text[place[i]] ^ straight->delimiter);
    const char *end = text + place[last], *next = end + 1;
    if (*end == '\r' && end[1] == '\n')
        next++;
    else if (*end != '\n')
        return NULL;
    if (wrong != 0 || end == at + last)                 /* all cells are empty: no row at all */
        return NULL;
    plan_begin_record(&reader->lead);
    uint64_t seen = 0, yes = 0, odd = 0;
    for (const struct straight_cell *cell = straight->cells, *behind = cell + straight->cell_count; cell < behind; cell++) {
        const char *start = cell->column > 0 ? text + place[cell->column - 1] + 1 : at, *stop = text + place[cell->column];
        uint32_t length = (uint32_t)(stop - start);
        bool fits = true;
        switch ((enum plan_take)cell->take) {
        case TAKE_TEXT:
            straight->texts[cell->field][row] = (struct text){start, length};
            seen |= cell->bit & (0 - (uint64_t)(length > 0));
            fits = begins_plainly(start) | (length == 0);
            break;
        case TAKE_NUMBER:
            if (length == 0)
                continue;
            fits = plain_number(start, &straight->numbers[cell->field][row]) == stop;
            seen |= cell->bit;
            break;
        case TAKE_DATE:
            if (length == 0)
                continue;
            fits = convert_plain_instant(start, length, &straight->numbers[cell->field][row]);
            seen |= cell->bit;
            break;
        case TAKE_YESNO:
            if (length == 0)
                continue;
        {
            unsigned is_yes = (length == 4) & (memcmp(start, "true", 4) == 0),
                     is_no = (length == 5) & (memcmp(start, "false", 5) == 0), either = is_yes | is_no;
            NOT_TAKEN_APART(either);
            yes |= cell->bit & (0 - (uint64_t)is_yes);
            fits = either != 0;
        }
            seen |= cell->bit;
            break;
        case TAKE_SLOT:
            plan_put(&reader->lead, cell->slot, (struct raw){start, length, RAW_TEXT});
            continue;
        case TAKE_NOTHING: case TAKE_TYPE: case TAKE_TIME: case TAKE_INSIDE:
            continue;
        }
        if (!fits) {
            plan_put(&reader->lead, cell->slot, (struct raw){start, length, RAW_TEXT});
            seen &= ~cell->bit;
            odd |= cell->bit;
        }
    }
    straight->seen = seen;
    straight->yes = yes;
    straight->odd = odd;
    straight->place = place + last;
    return next;
}
