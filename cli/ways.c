#include "cli/ways.h"

#include <stdlib.h>
#include <string.h>

#include "compiler/format.h"
#include "vm/actions.h"
#include "vm/limits.h"
#include "vm/number.h"

#define MOST_MOVES 160
#define MOST_ALTERNATIVES 12

/* ---- copying a lead
 * ------------------------------------------------------------------------------------------------------------------ */

static bool in_bitmap(const uint64_t *bits, size_t row) { return bit_get(bits, row); }

static void copy_field(const struct column *column, size_t row, struct batch *to, uint32_t field)
{
    if (!in_bitmap(column->known, row)) return;
    switch (column->type) {
    case FIELD_NUMBER:
    case FIELD_DATE: batch_set_number(to, field, column->numbers[row]); break;
    case FIELD_YESNO: batch_set_yesno(to, field, in_bitmap(column->yes, row)); break;
    case FIELD_TEXT:
    case FIELD_ONEOF: batch_set_text(to, field, column->texts[row], true); break;
    case FIELD_LIST:
        batch_begin_list(to, field);
        for (uint32_t i = 0; i < column->lists[row].count; i++)
            batch_add_element(to, field, column->elements[column->lists[row].start + i], true);
        break;
    }
}

static void copy_event_field(const struct column *column, size_t row, struct batch *to, uint32_t event, uint32_t field)
{
    if (!in_bitmap(column->known, row)) return;
    switch (column->type) {
    case FIELD_NUMBER:
    case FIELD_DATE: batch_event_number(to, event, field, column->numbers[row]); break;
    case FIELD_YESNO: batch_event_yesno(to, event, field, in_bitmap(column->yes, row)); break;
    case FIELD_TEXT:
    case FIELD_ONEOF: batch_event_text(to, event, field, column->texts[row], true); break;
    case FIELD_LIST:
        batch_event_list(to, event, field, column->elements + column->lists[row].start, column->lists[row].count, true);
        break;
    }
}

static void copy_open(const struct batch *from, uint32_t lead, struct batch *to)
{
    const struct program *program = from->program;
    batch_begin_lead(to, from->source_row[lead]);
    for (uint32_t field = 0; field < program->field_count; field++) copy_field(&from->fields[field], lead, to, field);
    if (in_bitmap(from->stage_known, lead)) batch_set_stage(to, from->stage[lead]);
    for (uint32_t event = 0; event < program->event_count; event++) {
        const struct event_table *table = &from->events[event];
        if (!program->events[event].used || table->rows == 0) continue;
        for (uint32_t row = table->first[lead]; row < table->first[lead + 1]; row++) {
            if (!batch_add_event(to, event, table->at[row])) continue;
            for (uint32_t field = 0; field < table->field_count; field++)
                copy_event_field(&table->fields[field], row, to, event, field);
        }
    }
}

void batch_copy_lead(const struct batch *from, uint32_t lead, struct batch *to)
{
    copy_open(from, lead, to);
    batch_end_lead(to);
}

/* ---- changes that make a condition hold, or fail
 * ------------------------------------------------------------------------------------- */

struct option {
    struct change *changes;
    size_t count;
}; /* all of these together */
struct options_list {
    struct option items[MOST_ALTERNATIVES];
    size_t count;
};
struct maker {
    const struct compilation *c;
    struct arena *arena;
    int64_t as_of;
};

static void add_option(struct options_list *list, struct option option)
{
    if (list->count < MOST_ALTERNATIVES) list->items[list->count++] = option;
}

static void add_field(struct maker *m, struct options_list *list, struct model_given given)
{
    struct change *change = arena_alloc(m->arena, sizeof *change);
    change->field = given;
    add_option(list, (struct option) { change, 1 });
}

static bool same_values(const struct model_given_event *a, const struct model_given_event *b)
{
    if (a->event != b->event || a->value_count != b->value_count) return false;
    for (size_t i = 0; i < a->value_count; i++)
        if (a->values[i].field != b->values[i].field || a->values[i].number != b->values[i].number ||
            a->values[i].text.length != b->values[i].text.length ||
            (a->values[i].text.length &&
             memcmp(a->values[i].text.bytes, b->values[i].text.bytes, a->values[i].text.length) != 0))
            return false;
    return true;
}

/* Two values for one field, or two numbers of one kind of event (their sum is a change of its own). */
static bool clashes(const struct change *a, const struct change *b)
{
    if (a->is_event != b->is_event) return false;
    return a->is_event ? same_values(&a->event, &b->event) : a->field.field == b->field.field;
}

/* Both together; false when they clash. */
static bool merge(struct maker *m, struct option a, struct option b, struct option *both)
{
    both->changes = arena_alloc(m->arena, (a.count + b.count + 1) * sizeof *both->changes);
    both->count = a.count;
    if (a.count) memcpy(both->changes, a.changes, a.count * sizeof *a.changes);
    for (size_t i = 0; i < b.count; i++) {
        for (size_t j = 0; j < a.count; j++)
            if (clashes(&a.changes[j], &b.changes[i])) return false;
        both->changes[both->count++] = b.changes[i];
    }
    return both->count <= 6;
}

static int64_t number_beyond(enum comparison comparison, int64_t limit, bool want, int64_t step)
{
    static const enum comparison opposite[] = {
        COMPARE_NE, COMPARE_EQ, COMPARE_GE, COMPARE_GT, COMPARE_LE, COMPARE_LT
    };
    if (!want) comparison = opposite[comparison];
    switch (comparison) {
    case COMPARE_EQ:
    case COMPARE_LE:
    case COMPARE_GE: return limit;
    case COMPARE_NE:
    case COMPARE_GT: return limit > INT64_MAX - step ? limit : limit + step;
    case COMPARE_LT: return limit < INT64_MIN + step ? limit : limit - step;
    }
    return limit;
}

static struct text plain_text(struct maker *m, const struct node *test)
{
    struct text raw = test->raw_texts ? test->raw_texts[0] : test->texts[0];
    struct buffer out = { 0 };
    if (test->left->kind == NODE_DOMAIN) buffer_text(&out, "name@");
    for (uint32_t i = 0; i < raw.length; i++) {
        char c = raw.bytes[i];
        if (test->predicate == TEXT_GLOB && c == '*') continue;
        buffer_char(&out, test->predicate == TEXT_GLOB && c == '?' ? 'a' : c);
    }
    if (out.length == 0) buffer_char(&out, 'a');
    struct text text = { arena_copy(m->arena, out.data, out.length), (uint32_t)out.length };
    buffer_free(&out);
    return text;
}

static const struct model_field *node_field(const struct maker *m, const struct node *node)
{
    if (node->kind == NODE_FIELD) return &m->c->model.fields[node->index];
    if (node->kind == NODE_EVENT_FIELD) return &m->c->model.events[node->event].fields[node->index];
    return NULL;
}

static void make_text(struct maker *m, const struct node *test, bool want, struct options_list *list)
{
    const struct node *base = test->left->kind == NODE_DOMAIN ? test->left->left : test->left;
    const struct model_field *field = node_field(m, base);
    if (!field) return;
    struct model_given given = { .field = base->index };
    if (want) {
        given.text = plain_text(m, test);
        if (field->type == FIELD_ONEOF) { /* the first of its values that fits: the machine will tell */
            for (const struct literal_list *l = field->option_literals; l; l = l->next) {
                given.text = (struct text) { l->literal.bytes, l->literal.length };
                add_field(m, list, given);
            }
            return;
        }
        add_field(m, list, given);
        return;
    }
    if (field->type == FIELD_ONEOF) {
        for (const struct literal_list *l = field->option_literals; l; l = l->next) {
            given.text = (struct text) { l->literal.bytes, l->literal.length };
            add_field(m, list, given);
        }
        return;
    }
    given.text = (struct text) { "(something else)", 16 };
    add_field(m, list, given);
}

static void make(struct maker *m, const struct node *node, bool want, struct options_list *list);

static void make_events(struct maker *m, const struct event_set *set, int64_t least, int64_t most,
                        struct options_list *list)
{
    if (set->event == NO_INDEX) return;
    struct options_list where = { 0 };
    if (set->where) make(m, set->where, true, &where);
    else where.count = 1;
    for (size_t i = 0; i < where.count; i++)
        for (int64_t count = least; count <= most && count < least + 4; count++) {
            struct change *change = arena_alloc(m->arena, sizeof *change);
            change->is_event = true;
            change->event =
                (struct model_given_event) { .event = set->event, .count = count, .at = m->as_of - MICROS_MINUTE };
            change->event.values = arena_alloc(m->arena, (where.items[i].count + 1) * sizeof *change->event.values);
            for (size_t v = 0; v < where.items[i].count; v++)
                change->event.values[change->event.value_count++] = where.items[i].changes[v].field;
            if (set->window == WINDOW_BEFORE && set->date && set->date->kind == NODE_DATE)
                change->event.at = set->date->number - MICROS_DAY;
            if (change->event.at <= m->as_of) add_option(list, (struct option) { change, 1 });
        }
}

static void make_compare(struct maker *m, const struct node *node, bool want, struct options_list *list)
{
    const struct node *left = node->left, *right = node->right;
    if (right->kind != NODE_NUMBER && right->kind != NODE_DATE) return;
    const struct model_field *field = node_field(m, left);
    if (field) {
        int64_t step = left->type == TYPE_DATE ? MICROS_DAY : right->number % NUMBER_ONE ? 1 : NUMBER_ONE;
        add_field(m, list,
                  (struct model_given) { .field = left->index,
                                         .number = number_beyond(node->comparison, right->number, want, step) });
        return;
    }
    if (left->kind == NODE_UNITS_SINCE && node_field(m, left->left)) {
        int64_t units = number_beyond(node->comparison, right->number, want, NUMBER_ONE) / NUMBER_ONE;
        if (units >= 0)
            add_field(m, list,
                      (struct model_given) { .field = left->left->index,
                                             .number = instant_step(m->as_of, -units, left->unit) });
        return;
    }
    if (left->kind == NODE_COUNT) {
        int64_t wanted = number_beyond(node->comparison, right->number, want, NUMBER_ONE) / NUMBER_ONE;
        if (wanted > 0) make_events(m, left->set, 1, wanted, list);
    }
    if (left->kind == NODE_UNITS_SINCE && left->left->kind == NODE_LAST) make_events(m, left->left->set, 1, 1, list);
}

static void make(struct maker *m, const struct node *node, bool want, struct options_list *list)
{
    switch (node->kind) {
    case NODE_NOT: make(m, node->left, !want, list); break;
    case NODE_IF_KNOWN: make(m, node->left, want, list); break;
    case NODE_AND:
    case NODE_OR: {
        struct options_list left = { 0 }, right = { 0 };
        make(m, node->left, want, &left);
        make(m, node->right, want, &right);
        bool together = (node->kind == NODE_AND) == want;
        if (!together) {
            for (size_t i = 0; i < left.count; i++) add_option(list, left.items[i]);
            for (size_t i = 0; i < right.count; i++) add_option(list, right.items[i]);
            break;
        }
        /* One side may hold already: then the other alone will do. The machine decides. */
        for (size_t i = 0; i < left.count; i++) add_option(list, left.items[i]);
        for (size_t i = 0; i < right.count; i++) add_option(list, right.items[i]);
        for (size_t i = 0; i < left.count && i < 3; i++)
            for (size_t j = 0; j < right.count && j < 3; j++) {
                struct option both;
                if (merge(m, left.items[i], right.items[j], &both)) add_option(list, both);
            }
        break;
    }
    case NODE_TEXT_TEST: make_text(m, node, want, list); break;
    case NODE_LIST_TEST: {
        if (!want || !node_field(m, node->left)) break;
        struct text *one = arena_alloc(m->arena, sizeof *one);
        *one = node->raw_texts ? node->raw_texts[0] : node->texts[0];
        add_field(m, list, (struct model_given) { .field = node->left->index, .list = one, .list_count = 1 });
        break;
    }
    case NODE_COMPARE: make_compare(m, node, want, list); break;
    case NODE_IN:
        if (want && node_field(m, node->left) && node->number_count)
            add_field(m, list, (struct model_given) { .field = node->left->index, .number = node->numbers[0] });
        break;
    case NODE_FIELD:
    case NODE_EVENT_FIELD: add_field(m, list, (struct model_given) { .field = node->index, .yes = want }); break;
    case NODE_WITHIN:
        if (node_field(m, node->left))
            add_field(m, list,
                      (struct model_given) { .field = node->left->index,
                                             .number = want ? m->as_of
                                                            : instant_step(m->as_of, -2 * node->count, node->unit) });
        else if (node->left->kind == NODE_LAST && want) make_events(m, node->left->set, 1, 1, list);
        break;
    case NODE_KNOWN: {
        const struct model_field *field = node_field(m, node->left);
        if (!want || !field || field->type == FIELD_LIST) break;
        struct model_given given = { .field = node->left->index,
                                     .number = node->left->type == TYPE_DATE ? m->as_of : NUMBER_ONE,
                                     .yes = true,
                                     .text = { "(any)", 5 } };
        if (field->type == FIELD_ONEOF && field->option_literals)
            given.text = (struct text) { field->option_literals->literal.bytes,
                                         field->option_literals->literal.length };
        add_field(m, list, given);
        break;
    }
    case NODE_HAS:
        if (want &&
            (node->comparison == COMPARE_GE || node->comparison == COMPARE_GT || node->comparison == COMPARE_EQ) &&
            node->number + 1 > 0) {
            int64_t wanted = node->comparison == COMPARE_GT ? node->number + 1 : node->number;
            if (wanted > 0 && wanted <= 100) make_events(m, node->set, 1, wanted, list);
            if (wanted > 4 && wanted <= 100) make_events(m, node->set, wanted, wanted, list);
        }
        if (!want &&
            (node->comparison == COMPARE_EQ || node->comparison == COMPARE_LT || node->comparison == COMPARE_LE))
            make_events(m, node->set, 1, node->number + 1, list);
        break;
    default: break;
    }
}

/* ---- moves: what could help
 * ------------------------------------------------------------------------------------------------------------- */

struct moves {
    struct option items[MOST_MOVES];
    size_t count;
};

static bool same_change(const struct change *a, const struct change *b)
{
    if (a->is_event != b->is_event) return false;
    if (a->is_event) {
        if (a->event.event != b->event.event || a->event.count != b->event.count || a->event.at != b->event.at ||
            a->event.value_count != b->event.value_count)
            return false;
        for (size_t i = 0; i < a->event.value_count; i++) {
            struct change x = { .field = a->event.values[i] }, y = { .field = b->event.values[i] };
            if (!same_change(&x, &y)) return false;
        }
        return true;
    }
    return a->field.field == b->field.field && a->field.number == b->field.number && a->field.yes == b->field.yes &&
           a->field.list_count == b->field.list_count && a->field.text.length == b->field.text.length &&
           (a->field.text.length == 0 || memcmp(a->field.text.bytes, b->field.text.bytes, a->field.text.length) == 0);
}

static void add_moves(struct moves *moves, const struct options_list *list)
{
    for (size_t i = 0; i < list->count && moves->count < MOST_MOVES; i++) {
        bool known = false;
        for (size_t j = 0; j < moves->count && !known; j++) {
            if (moves->items[j].count != list->items[i].count) continue;
            known = true;
            for (size_t k = 0; k < list->items[i].count; k++)
                known = known && same_change(&moves->items[j].changes[k], &list->items[i].changes[k]);
        }
        if (!known && list->items[i].count) moves->items[moves->count++] = list->items[i];
    }
}

static void moves_of_condition(struct maker *m, struct moves *moves, const struct node *node, bool want)
{
    struct options_list list = { 0 };
    if (node) make(m, node, want, &list);
    add_moves(moves, &list);
}

static void moves_of_rule(struct maker *m, struct moves *moves, const struct model_rule *rule)
{
    const struct model_points *points = &rule->points;
    struct options_list when = { 0 }, clause = { 0 }, both = { 0 };
    if (rule->disqualifies) {
        moves_of_condition(m, moves, rule->when, false);
        return;
    }
    bool helps = points->most > 0;
    if (rule->when) make(m, rule->when, helps, &when);
    if (!helps) {
        add_moves(moves, &when);
        return;
    }
    switch (points->kind) {
    case POINTS_EACH:
        if (points->set) make_events(m, points->set, 1, points->most_times ? points->most_times : 4, &clause);
        break;
    case POINTS_EVERY:
    case POINTS_EQUAL:
        if (points->value->kind == NODE_FIELD && points->has_most_points)
            add_field(m, &clause,
                      (struct model_given) { .field = points->value->index,
                                             .number = points->kind == POINTS_EQUAL ? points->most_points
                                                       : points->points > 0
                                                           ? points->most_points / points->points * points->every +
                                                                 points->every
                                                           : points->every });
        if (points->value->kind == NODE_COUNT) make_events(m, points->value->set, 1, 4, &clause);
        break;
    case POINTS_BY:
    case POINTS_CHOOSE:
        for (size_t i = 0; i < points->row_count; i++) {
            const struct model_row *row = &points->rows[i];
            if (row->points <= 0) continue;
            const struct node *value = points->value;
            if (row->kind == ROW_CONDITION) make(m, row->condition, true, &clause);
            else if (row->kind == ROW_RANGE && value->kind == NODE_FIELD)
                add_field(m, &clause,
                          (struct model_given) { .field = value->index,
                                                 .number = row->has_from ? row->from : row->below - NUMBER_ONE });
            else if (row->kind == ROW_RANGE && value->kind == NODE_COUNT)
                make_events(m, value->set, 1, row->has_from ? row->from / NUMBER_ONE : 1, &clause);
            else if (row->kind == ROW_TEXTS && value->kind == NODE_FIELD)
                add_field(m, &clause,
                          (struct model_given) {
                              .field = value->index,
                              .text = { row->tree->texts->literal.bytes, row->tree->texts->literal.length } });
            else if ((row->kind == ROW_YES || row->kind == ROW_NO) && value->kind == NODE_FIELD)
                add_field(m, &clause, (struct model_given) { .field = value->index, .yes = row->kind == ROW_YES });
        }
        break;
    case POINTS_ABSENT:
    case POINTS_FIXED: break;
    }
    add_moves(moves, &when);
    add_moves(moves, &clause);
    for (size_t i = 0; i < when.count && i < 3; i++)
        for (size_t j = 0; j < clause.count && j < 3; j++) {
            struct option merged;
            if (merge(m, when.items[i], clause.items[j], &merged)) add_option(&both, merged);
        }
    add_moves(moves, &both);
}

/* ---- trying
 * ----------------------------------------------------------------------------------------------------------------------------------
 */

static uint32_t bound_field(const struct program_field *fields, uint32_t count, const char *name)
{
    for (uint32_t i = 0; i < count; i++)
        if (strcmp(fields[i].name, name) == 0) return i;
    return NO_INDEX;
}

static void forget_field(struct batch *batch, uint32_t field)
{
    uint32_t row = batch->leads; /* the lead that is open */
    batch->fields[field].known[row >> 6] &= ~(UINT64_C(1) << (row & 63));
}

static void apply(const struct model *model, const struct change *change, struct batch *batch)
{
    const struct program *program = batch->program;
    if (change->is_event) {
        const struct model_given_event *event = &change->event;
        const struct program_event *facts = &program->events[event->event];
        if (!facts->used) return;
        for (int64_t n = 0; n < event->count; n++) {
            if (!batch_add_event(batch, event->event, event->at)) return;
            for (size_t v = 0; v < event->value_count; v++) {
                const struct model_given *given = &event->values[v];
                const struct model_field *field = &model->events[event->event].fields[given->field];
                uint32_t bound = bound_field(program->event_fields + facts->fields.start, facts->fields.count,
                                             field->name.text);
                if (bound == NO_INDEX) continue;
                switch (field->type) {
                case FIELD_NUMBER:
                case FIELD_DATE: batch_event_number(batch, event->event, bound, given->number); break;
                case FIELD_YESNO: batch_event_yesno(batch, event->event, bound, given->yes); break;
                case FIELD_TEXT:
                case FIELD_ONEOF: batch_event_text(batch, event->event, bound, given->text, true); break;
                case FIELD_LIST:
                    batch_event_list(batch, event->event, bound, given->list, given->list_count, true);
                    break;
                }
            }
        }
        return;
    }
    const struct model_field *field = &model->fields[change->field.field];
    uint32_t bound = bound_field(program->fields, program->field_count, field->name.text);
    if (bound == NO_INDEX) return;
    forget_field(batch, bound);
    switch (field->type) {
    case FIELD_NUMBER:
    case FIELD_DATE: batch_set_number(batch, bound, change->field.number); break;
    case FIELD_YESNO: batch_set_yesno(batch, bound, change->field.yes); break;
    case FIELD_TEXT:
    case FIELD_ONEOF: batch_set_text(batch, bound, change->field.text, true); break;
    case FIELD_LIST:
        batch_begin_list(batch, bound);
        for (size_t i = 0; i < change->field.list_count; i++)
            batch_add_element(batch, bound, change->field.list[i], true);
        break;
    }
}

struct search {
    const struct compilation *c;
    const struct batch *source;
    uint32_t lead, stage;
    struct machine *machine;
    struct batch *batch;
    struct option waiting[LIMIT_BATCH_LEADS];
    size_t waiting_count;
    struct ways *ways;
    size_t most;
    struct arena *arena;
};

static void put(struct search *s, struct option option)
{
    copy_open(s->source, s->lead, s->batch);
    for (size_t i = 0; i < option.count; i++) apply(&s->c->model, &option.changes[i], s->batch);
    batch_end_lead(s->batch);
    s->waiting[s->waiting_count++] = option;
}

static bool reaches(const struct search *s, uint32_t row)
{
    uint32_t stage = lead_stage(s->machine, row);
    return stage != NO_INDEX && stage >= s->stage && stage < s->c->model.stage_count;
}

/* Whether all changes of a way that is known already are among these. */
static bool contains_known(const struct ways *ways, struct option option)
{
    for (size_t w = 0; w < ways->count; w++) {
        size_t found = 0;
        for (size_t i = 0; i < ways->items[w].change_count; i++)
            for (size_t j = 0; j < option.count; j++)
                if (same_change(&ways->items[w].changes[i], &option.changes[j])) {
                    found++;
                    break;
                }
        if (found == ways->items[w].change_count) return true;
    }
    return false;
}

/* A smaller number of the same events, or another value of the same fields, is the same way told again. */
static bool told_again(const struct ways *ways, struct option option)
{
    for (size_t w = 0; w < ways->count; w++) {
        if (ways->items[w].change_count != option.count) continue;
        bool same = true;
        for (size_t i = 0; i < option.count && same; i++) {
            const struct change *a = &ways->items[w].changes[i], *b = &option.changes[i];
            same = a->is_event == b->is_event &&
                   (a->is_event ? a->event.event == b->event.event : a->field.field == b->field.field);
        }
        if (same) return true;
    }
    return false;
}

static void run_waiting(struct search *s)
{
    batch_finish(s->batch);
    machine_run(s->machine, s->batch);
}

/* Leaves out every change without which the stage is reached all the same. */
static struct option needed_only(struct search *s, struct option option)
{
    for (size_t drop = 0; drop < option.count && option.count > 1;) {
        struct option less = { arena_alloc(s->arena, option.count * sizeof *less.changes), 0 };
        for (size_t i = 0; i < option.count; i++)
            if (i != drop) less.changes[less.count++] = option.changes[i];
        batch_clear(s->batch);
        s->waiting_count = 0;
        put(s, less);
        run_waiting(s);
        if (reaches(s, 0)) {
            option = less;
            drop = 0;
        } else drop++;
    }
    return option;
}

static void write_value(const struct model_field *field, const struct model_given *given, struct buffer *out)
{
    char text[64];
    switch (field->type) {
    case FIELD_NUMBER:
        number_format(given->number, text);
        buffer_text(out, text);
        break;
    case FIELD_DATE:
        instant_format_day(given->number, text);
        buffer_text(out, text);
        break;
    case FIELD_YESNO: buffer_text(out, given->yes ? "yes" : "no"); break;
    case FIELD_TEXT:
    case FIELD_ONEOF: format_literal(given->text.bytes, given->text.length, out); break;
    case FIELD_LIST:
        for (size_t i = 0; i < given->list_count; i++) {
            if (i) buffer_text(out, ", ");
            format_literal(given->list[i].bytes, given->list[i].length, out);
        }
        break;
    }
}

static void write_change(const struct model *model, const struct change *change, int64_t as_of, struct buffer *out)
{
    if (!change->is_event) {
        const struct model_field *field = &model->fields[change->field.field];
        buffer_format(out, "%s is ", field->name.text);
        write_value(field, &change->field, out);
        return;
    }
    const struct model_event *event = &model->events[change->event.event];
    buffer_format(out, "%lld %s", (long long)change->event.count, event->name.text);
    for (size_t v = 0; v < change->event.value_count; v++) {
        const struct model_field *field = &event->fields[change->event.values[v].field];
        buffer_format(out, "%s %s ", v ? "," : " with", field->name.text);
        write_value(field, &change->event.values[v], out);
    }
    if (change->event.at + MICROS_HOUR < as_of) {
        char text[INSTANT_TEXT];
        instant_format_day(change->event.at, text);
        buffer_format(out, " at %s", text);
    } else buffer_text(out, " now");
}

static void keep_way(struct search *s, struct option option)
{
    option = needed_only(s, option);
    if (contains_known(s->ways, option) || told_again(s->ways, option)) return;
    batch_clear(s->batch);
    s->waiting_count = 0;
    put(s, option);
    run_waiting(s);
    if (!reaches(s, 0)) return;
    struct way way = { .changes = option.changes, .change_count = option.count, .stage = lead_stage(s->machine, 0) };
    way.scores = arena_alloc(s->arena, (s->c->model.score_count + 1) * sizeof *way.scores);
    for (uint32_t i = 0; i < s->c->model.score_count; i++) way.scores[i] = lead_score(s->machine, i, 0);
    struct buffer text = { 0 };
    for (size_t i = 0; i < option.count; i++) {
        if (i) buffer_text(&text, i + 1 == option.count ? ", and " : ", ");
        write_change(&s->c->model, &option.changes[i], machine_as_of(s->machine), &text);
    }
    way.text = arena_copy(s->arena, text.data, text.length);
    buffer_free(&text);
    memory_reserve(&s->ways->items, &s->ways->capacity, s->ways->count + 1, sizeof *s->ways->items);
    s->ways->items[s->ways->count++] = way;
}

static void flush(struct search *s)
{
    if (s->waiting_count == 0) return;
    struct option *found = memory_alloc(s->waiting_count * sizeof *found);
    size_t count = 0;
    run_waiting(s);
    for (uint32_t row = 0; row < s->waiting_count; row++)
        if (reaches(s, row)) found[count++] = s->waiting[row];
    for (size_t events_first = 0; events_first < 2; events_first++)
        for (size_t i = 0; i < count && s->ways->count < s->most; i++) {
            bool only_events = true;
            for (size_t k = 0; k < found[i].count; k++) only_events = only_events && found[i].changes[k].is_event;
            if (only_events == (events_first == 0) && !contains_known(s->ways, found[i])) keep_way(s, found[i]);
        }
    free(found);
    batch_clear(s->batch);
    s->waiting_count = 0;
}

static void attempt(struct search *s, struct option option)
{
    if (s->ways->count >= s->most || contains_known(s->ways, option)) return;
    put(s, option);
    if (s->waiting_count == LIMIT_BATCH_LEADS || batch_full(s->batch)) flush(s);
}

static int by_size(const void *a, const void *b)
{
    const struct way *x = a, *y = b;
    if (x->change_count != y->change_count) return x->change_count < y->change_count ? -1 : 1;
    return 0;
}

void ways_find(const struct compilation *c, const struct machine *machine, uint32_t lead, uint32_t stage, size_t most,
               struct ways *ways)
{
    const struct batch *source = machine_batch(machine);
    const struct model *model = &c->model;
    *ways = (struct ways) { .searched_all = true };
    arena_init(&ways->arena);
    struct maker maker = { c, &ways->arena, machine_as_of(machine) };
    struct moves *moves = memory_alloc(sizeof *moves);
    struct search *s = memory_alloc(sizeof *s);
    if (stage < model->stage_count) {
        moves_of_condition(&maker, moves, model->stages[stage].when, true);
        for (size_t i = 0; i < model->rule_count; i++) moves_of_rule(&maker, moves, &model->rules[i]);
    }
    *s = (struct search) {
        .c = c, .source = source, .lead = lead, .stage = stage, .ways = ways, .most = most, .arena = &ways->arena
    };
    s->machine = machine_new(machine_program(machine), machine_as_of(machine));
    s->batch = batch_new(machine_program(machine), machine_as_of(machine), LIMIT_BATCH_LEADS);
    batch_clear(s->batch);
    for (size_t i = 0; i < moves->count; i++) attempt(s, moves->items[i]);
    flush(s);
    /* Two and three together, as long as that stays cheap; a lead with very many events gets single changes only. */
    bool light = source->event_rows < 20000;
    for (size_t i = 0; light && i < moves->count && ways->count < most; i++)
        for (size_t j = i + 1; j < moves->count && ways->count < most; j++) {
            struct option both;
            if (merge(&maker, moves->items[i], moves->items[j], &both)) attempt(s, both);
        }
    flush(s);
    size_t third = moves->count < 48 ? moves->count : 48;
    if (light && ways->count < 2)
        for (size_t i = 0; i < third && ways->count < most; i++)
            for (size_t j = i + 1; j < third && ways->count < most; j++)
                for (size_t k = j + 1; k < third && ways->count < most; k++) {
                    struct option two, three;
                    if (merge(&maker, moves->items[i], moves->items[j], &two) &&
                        merge(&maker, two, moves->items[k], &three))
                        attempt(s, three);
                }
    flush(s);
    ways->searched_all = light && moves->count < MOST_MOVES;
    if (ways->count > 1) qsort(ways->items, ways->count, sizeof *ways->items, by_size);
    batch_free(s->batch);
    machine_free(s->machine);
    free(s);
    free(moves);
}

void ways_free(struct ways *ways)
{
    free(ways->items);
    arena_free(&ways->arena);
}
