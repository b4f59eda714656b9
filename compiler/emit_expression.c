#include "compiler/emit_parts.h"

#include <stdlib.h>
#include <string.h>

#include "vm/number.h"

/* ---- text sources
 * ---------------------------------------------------------------------------------------------------------- */

/* Whether the value or condition looks at the event of the `where` it stands in. */
static bool looks_at_event(const struct node *node)
{
    if (!node) return false;
    if (node->kind == NODE_EVENT_FIELD || node->kind == NODE_AT || node->kind == NODE_EVENT_TYPE) return true;
    if (node->set) return false; /* a set's own `where` is about its own events */
    return looks_at_event(node->left) || looks_at_event(node->right);
}

uint32_t emit_text_source(struct emitter *e, const struct node *node)
{
    struct text_source wanted = { 0 };
    const struct node *base = node;
    if (base->kind == NODE_DOMAIN) {
        wanted.domain = true;
        base = base->left;
    }
    if (base->kind == NODE_EVENT_FIELD) {
        wanted.place = (uint16_t)emit_place(e, base->event);
        wanted.field = emit_event_field(e, base->event, base->index);
        wanted.list = e->model->events[base->event].fields[base->index].type == FIELD_LIST;
    } else if (base->kind == NODE_FIELD) {
        wanted.field = emit_field(e, base->index);
        wanted.list = e->model->fields[base->index].type == FIELD_LIST;
    } else {
        wanted.constant = true;
        wanted.fixed = (struct text) {
            arena_copy(e->arena, base->text.bytes ? base->text.bytes : "", base->text.length), base->text.length
        };
    }
    struct text_source *sources = e->texts.items;
    for (uint32_t i = 0; i < e->texts.count; i++)
        if (sources[i].place == wanted.place && sources[i].field == wanted.field &&
            sources[i].domain == wanted.domain && sources[i].constant == wanted.constant &&
            (!wanted.constant || (sources[i].fixed.length == wanted.fixed.length &&
                                  memcmp(sources[i].fixed.bytes, wanted.fixed.bytes, wanted.fixed.length) == 0)))
            return i;
    struct source_bits none = { .first_register = NO_REGISTER };
    table_add(&e->sources, &none, sizeof none);
    return table_add(&e->texts, &wanted, sizeof wanted);
}

static uint64_t test_hash(enum text_predicate predicate, const struct text *texts, size_t count)
{
    uint64_t hash = (uint64_t)predicate * 0x9E3779B97F4A7C15u + count;
    for (size_t i = 0; i < count; i++) hash = hash * 31 + text_hash(texts[i].bytes, texts[i].length);
    return hash;
}

static bool same_test(const struct source_bit *bit, uint64_t hash, enum text_predicate predicate,
                      const struct text *texts, size_t count)
{
    if (bit->hash != hash || bit->predicate != predicate || bit->count != count) return false;
    for (size_t i = 0; i < count; i++)
        if (bit->texts[i].length != texts[i].length ||
            memcmp(bit->texts[i].bytes, texts[i].bytes, texts[i].length) != 0)
            return false;
    return true;
}

/* The bit of a test among those of its source; adds it when `add`. */
static uint32_t test_bit(struct emitter *e, uint32_t source, enum text_predicate predicate, const struct text *texts,
                         size_t count, bool add)
{
    struct source_bits *bits = &((struct source_bits *)e->sources.items)[source];
    uint64_t hash = test_hash(predicate, texts, count);
    if (bits->slot_count) {
        for (size_t slot = (size_t)hash & (bits->slot_count - 1); bits->slots[slot] != NO_INDEX;
             slot = (slot + 1) & (bits->slot_count - 1))
            if (same_test(&bits->bits[bits->slots[slot]], hash, predicate, texts, count)) return bits->slots[slot];
    }
    if (!add) return NO_INDEX;
    if (2 * (bits->count + 1) > bits->slot_count) {
        bits->slot_count = bits->slot_count ? bits->slot_count * 2 : 16;
        bits->slots = memory_resize(bits->slots, bits->slot_count * sizeof *bits->slots);
        memset(bits->slots, 0xff, bits->slot_count * sizeof *bits->slots);
        for (uint32_t i = 0; i < bits->count; i++) {
            size_t slot = (size_t)bits->bits[i].hash & (bits->slot_count - 1);
            while (bits->slots[slot] != NO_INDEX) slot = (slot + 1) & (bits->slot_count - 1);
            bits->slots[slot] = i;
        }
    }
    memory_reserve(&bits->bits, &bits->capacity, bits->count + 1, sizeof *bits->bits);
    uint32_t bit = (uint32_t)bits->count++;
    bits->bits[bit] = (struct source_bit) { predicate, texts, count, hash, bit };
    size_t slot = (size_t)hash & (bits->slot_count - 1);
    while (bits->slots[slot] != NO_INDEX) slot = (slot + 1) & (bits->slot_count - 1);
    bits->slots[slot] = bit;
    ((struct text_source *)e->texts.items)[source].bits = (uint32_t)bits->count;
    return bit;
}

void collect_set_texts(struct emitter *e, const struct event_set *set)
{
    if (!set) return;
    collect_texts(e, set->where);
    collect_texts(e, set->date);
}

void collect_texts(struct emitter *e, const struct node *node)
{
    if (!node) return;
    if (node->kind == NODE_TEXT_TEST)
        test_bit(e, emit_text_source(e, node->left), node->predicate, node->texts, node->text_count, true);
    if (node->kind == NODE_LIST_TEST)
        test_bit(e, emit_text_source(e, node->left), TEXT_IS, node->texts, node->text_count, true);
    collect_set_texts(e, node->set);
    collect_texts(e, node->left);
    collect_texts(e, node->right);
}

void emit_text_classes(struct emitter *e)
{
    for (uint32_t i = 0; i < e->texts.count; i++) {
        struct text_source source = ((struct text_source *)e->texts.items)[i];
        if (source.bits == 0) continue;
        uint32_t first = emit(e, source.list ? OP_LIST_CLASS : OP_TEXT_CLASS, source.place, i, 0, 0);
        ((struct source_bits *)e->sources.items)[i].first_register = first;
    }
}

static uint32_t emit_test(struct emitter *e, const struct node *node, enum text_predicate predicate)
{
    uint32_t source = emit_text_source(e, node->left);
    uint32_t bit = test_bit(e, source, predicate, node->texts, node->text_count, false);
    return ((struct source_bits *)e->sources.items)[source].first_register + bit;
}

/* ---- event sets
 * --------------------------------------------------------------------------------------------------------------- */

struct emitted_set emit_event_set(struct emitter *e, const struct event_set *set)
{
    struct emitted_set result = { .place = emit_place(e, set->event), .gate = NO_REGISTER };
    uint32_t selected = NO_REGISTER;
    if (set->where) selected = emit_condition(e, set->where, result.place);
    if (set->window != WINDOW_NONE) {
        uint32_t at = emit(e, OP_LOAD_AT, result.place, 0, 0, 0), window;
        if (set->window == WINDOW_WITHIN) {
            window = emit(e, OP_WITHIN, result.place, at, emit_clock(e, set->count, set->unit), 0);
        } else {
            enum opcode fixed = set->window == WINDOW_SINCE ? OP_GE_CONST : OP_LT_CONST,
                        other = set->window == WINDOW_SINCE ? OP_GE : OP_LT;
            if (set->date->kind == NODE_DATE)
                window = emit(e, fixed, result.place, at, emit_constant(e, set->date->number), 0);
            else {
                uint32_t date = emit_number(e, set->date, 0);
                result.gate = emit(e, OP_COND_IF_NUM, 0, emit(e, OP_ALWAYS, 0, 0, 0, 0), date, 0);
                window = emit(e, other, result.place, at, emit(e, OP_GATHER_NUM, result.place, date, 0, 0), 0);
            }
        }
        selected = selected == NO_REGISTER ? window : emit(e, OP_AND, result.place, selected, window, 0);
    }
    result.selected = selected == NO_REGISTER ? emit(e, OP_ALWAYS, result.place, 0, 0, 0) : selected;
    return result;
}

static uint32_t gate_number(struct emitter *e, uint32_t reg, const struct emitted_set *set)
{
    return set->gate == NO_REGISTER ? reg : emit(e, OP_NUM_IF_COND, 0, reg, set->gate, 0);
}

/* ---- values
 * -------------------------------------------------------------------------------------------------------------------
 */

static uint32_t emit_field_value(struct emitter *e, const struct node *node, enum opcode opcode)
{
    if (node->kind == NODE_EVENT_FIELD)
        return emit(e, opcode, emit_place(e, node->event), emit_event_field(e, node->event, node->index), 0, 0);
    return emit(e, opcode, 0, emit_field(e, node->index), 0, 0);
}

static uint32_t emit_distinct(struct emitter *e, const struct node *node, const struct emitted_set *set)
{
    if (node->left->type == TYPE_TEXT)
        return emit(e, OP_DISTINCT_TEXT, set->place, set->selected, emit_text_source(e, node->left), 0);
    uint32_t value;
    if (node->left->type == TYPE_CONDITION) {
        uint32_t yes = emit_field_value(e, node->left, OP_LOAD_YESNO); /* events without the field are passed over */
        value = emit(e, OP_NUM_IF_COND, set->place, emit(e, OP_NUMBER_OF, set->place, yes, 0, 0), yes, 0);
    } else value = emit_number(e, node->left, set->place);
    return emit(e, OP_DISTINCT, set->place, set->selected, value, 0);
}

uint32_t emit_number(struct emitter *e, const struct node *node, uint32_t place)
{
    if (place != 0 && !looks_at_event(node)) {
        if (node->kind == NODE_NUMBER || node->kind == NODE_DATE)
            return emit(e, OP_CONST, place, emit_constant(e, node->number), 0, 0);
        if (node->kind == NODE_NOW) return emit(e, OP_NOW, place, 0, 0, 0);
        return emit(e, OP_GATHER_NUM, place, emit_number(e, node, 0), 0, 0);
    }
    switch (node->kind) {
    case NODE_NUMBER:
    case NODE_DATE: return emit(e, OP_CONST, place, emit_constant(e, node->number), 0, 0);
    case NODE_MISSING: return emit(e, OP_MISSING, place, 0, 0, 0);
    case NODE_FIELD:
    case NODE_EVENT_FIELD: return emit_field_value(e, node, OP_LOAD_NUMBER);
    case NODE_AT: return emit(e, OP_LOAD_AT, place, 0, 0, 0);
    case NODE_EVENT_TYPE: return emit(e, OP_LOAD_TYPE, place, 0, 0, 0);
    case NODE_NOW: return emit(e, OP_NOW, place, 0, 0, 0);
    case NODE_ADD:
    case NODE_SUBTRACT:
    case NODE_MULTIPLY:
    case NODE_DIVIDE: {
        enum opcode opcode = node->kind == NODE_ADD        ? OP_ADD
                             : node->kind == NODE_SUBTRACT ? OP_SUBTRACT
                             : node->kind == NODE_MULTIPLY ? OP_MULTIPLY
                                                           : OP_DIVIDE;
        uint32_t left = emit_number(e, node->left, place);
        return emit(e, opcode, place, left, emit_number(e, node->right, place), 0);
    }
    case NODE_NEGATE: return emit(e, OP_NEGATE, place, emit_number(e, node->left, place), 0, 0);
    case NODE_UNITS_SINCE:
        return emit(e, OP_UNITS_SINCE, place, emit_number(e, node->left, place), (uint32_t)node->unit, 0);
    case NODE_LENGTH: return emit(e, OP_TEXT_LENGTH, place, emit_text_source(e, node->left), 0, 0);
    case NODE_COUNT_LIST: return emit(e, OP_LIST_COUNT, place, emit_text_source(e, node->left), 0, 0);
    case NODE_COUNT:
    case NODE_FIRST:
    case NODE_LAST: {
        struct emitted_set set = emit_event_set(e, node->set);
        enum opcode opcode = node->kind == NODE_COUNT ? OP_COUNT_EVENTS : node->kind == NODE_FIRST ? OP_FIRST : OP_LAST;
        return gate_number(e, emit(e, opcode, set.place, set.selected, 0, 0), &set);
    }
    case NODE_AGGREGATE: {
        static const enum opcode opcodes[] = { OP_SUM, OP_MIN, OP_MAX, OP_AVERAGE };
        struct emitted_set set = emit_event_set(e, node->set);
        uint32_t value = emit_number(e, node->left, set.place);
        return gate_number(e, emit(e, opcodes[node->aggregate], set.place, set.selected, value, 0), &set);
    }
    case NODE_DISTINCT: {
        struct emitted_set set = emit_event_set(e, node->set);
        return gate_number(e, emit_distinct(e, node, &set), &set);
    }
    case NODE_SCORE: return e->score_reg[node->index];
    default: return emit(e, OP_MISSING, place, 0, 0, 0); /* no number: never reached for a checked model */
    }
}

/* ---- conditions
 * ------------------------------------------------------------------------------------------------------------------ */

static enum comparison swapped(enum comparison comparison)
{
    switch (comparison) {
    case COMPARE_LT: return COMPARE_GT;
    case COMPARE_LE: return COMPARE_GE;
    case COMPARE_GT: return COMPARE_LT;
    case COMPARE_GE: return COMPARE_LE;
    default: return comparison;
    }
}

static uint32_t compare_constant(struct emitter *e, enum comparison comparison, uint32_t place, uint32_t reg,
                                 int64_t value)
{
    static const enum opcode opcodes[] = {
        OP_EQ_CONST, OP_EQ_CONST, OP_LT_CONST, OP_LE_CONST, OP_GT_CONST, OP_GE_CONST
    };
    uint32_t result = emit(e, opcodes[comparison], place, reg, emit_constant(e, value), 0);
    return comparison == COMPARE_NE ? emit(e, OP_NOT, place, result, 0, 0) : result;
}

static uint32_t emit_compare(struct emitter *e, const struct node *node, uint32_t place)
{
    static const enum opcode opcodes[] = { OP_EQ, OP_EQ, OP_LT, OP_LE, OP_GT, OP_GE };
    bool left_fixed = node->left->kind == NODE_NUMBER || node->left->kind == NODE_DATE;
    bool right_fixed = node->right->kind == NODE_NUMBER || node->right->kind == NODE_DATE;
    if (right_fixed)
        return compare_constant(e, node->comparison, place, emit_number(e, node->left, place), node->right->number);
    if (left_fixed)
        return compare_constant(e, swapped(node->comparison), place, emit_number(e, node->right, place),
                                node->left->number);
    uint32_t left = emit_number(e, node->left, place), right = emit_number(e, node->right, place);
    uint32_t result = emit(e, opcodes[node->comparison], place, left, right, 0);
    return node->comparison == COMPARE_NE ? emit(e, OP_NOT, place, result, 0, 0) : result;
}

static uint32_t emit_has(struct emitter *e, const struct node *node)
{
    struct emitted_set set = emit_event_set(e, node->set);
    uint32_t result;
    bool any = (node->comparison == COMPARE_GE && node->number == 1) ||
               (node->comparison == COMPARE_GT && node->number == 0);
    bool none = (node->comparison == COMPARE_EQ && node->number == 0) ||
                (node->comparison == COMPARE_LT && node->number == 1) ||
                (node->comparison == COMPARE_LE && node->number == 0);
    if (any || none) {
        result = emit(e, OP_HAS, set.place, set.selected, 0, 0);
        if (none) result = emit(e, OP_NOT, 0, result, 0, 0);
    } else {
        result = compare_constant(e, node->comparison, 0, emit(e, OP_COUNT_EVENTS, set.place, set.selected, 0, 0),
                                  node->number * NUMBER_ONE);
    }
    return set.gate == NO_REGISTER ? result : emit(e, OP_COND_IF_COND, 0, result, set.gate, 0);
}

static uint32_t emit_known(struct emitter *e, const struct node *value, uint32_t place)
{
    switch (value->type) {
    case TYPE_NUMBER:
    case TYPE_DATE: return emit(e, OP_KNOWN, place, emit_number(e, value, place), 0, 0);
    case TYPE_TEXT:
    case TYPE_LIST: return emit(e, OP_TEXT_KNOWN, place, emit_text_source(e, value), 0, 0);
    default: return emit(e, OP_FOUND, place, emit_condition(e, value, place), 0, 0);
    }
}

static uint32_t emit_matrix_is(struct emitter *e, const struct node *node)
{
    const struct model_matrix *matrix = &e->model->matrices[node->index];
    size_t count = e->model->bands[matrix->rows_band].label_count * e->model->bands[matrix->columns_band].label_count,
           found = 0;
    int64_t *cells = memory_alloc((count + 1) * sizeof *cells);
    for (size_t i = 0; i < count; i++)
        if (text_same((struct text) { matrix->cells[i], (uint32_t)strlen(matrix->cells[i]) }, node->texts[0]))
            cells[found++] = (int64_t)i;
    uint32_t set = emit_set(e, cells, found);
    free(cells);
    return emit(e, OP_IN_SET, 0, e->matrix_reg[node->index], set, 0);
}

uint32_t emit_condition(struct emitter *e, const struct node *node, uint32_t place)
{
    if (place != 0 && !looks_at_event(node)) {
        if (node->kind == NODE_TRUE) return emit(e, OP_ALWAYS, place, 0, 0, 0);
        if (node->kind == NODE_FALSE) return emit(e, OP_NEVER, place, 0, 0, 0);
        return emit(e, OP_GATHER_COND, place, emit_condition(e, node, 0), 0, 0);
    }
    switch (node->kind) {
    case NODE_TRUE: return emit(e, OP_ALWAYS, place, 0, 0, 0);
    case NODE_FALSE: return emit(e, OP_NEVER, place, 0, 0, 0);
    case NODE_FIELD:
    case NODE_EVENT_FIELD: return emit_field_value(e, node, OP_LOAD_YESNO);
    case NODE_AND:
    case NODE_OR: {
        uint32_t left = emit_condition(e, node->left, place), right = emit_condition(e, node->right, place);
        return emit(e, node->kind == NODE_AND ? OP_AND : OP_OR, place, left, right, 0);
    }
    case NODE_NOT: return emit(e, OP_NOT, place, emit_condition(e, node->left, place), 0, 0);
    case NODE_IF_KNOWN: {
        uint32_t left = emit_condition(e, node->left, place), right = emit_condition(e, node->right, place);
        return emit(e, OP_COND_IF_COND, place, left, right, 0);
    }
    case NODE_COMPARE: return emit_compare(e, node, place);
    case NODE_IN:
        return emit(e, OP_IN_SET, place, emit_number(e, node->left, place),
                    emit_set(e, node->numbers, node->number_count), 0);
    case NODE_TEXT_TEST: return emit_test(e, node, node->predicate);
    case NODE_LIST_TEST: return emit_test(e, node, TEXT_IS);
    case NODE_TEXT_SAME: {
        uint32_t left = emit_text_source(e, node->left), right = emit_text_source(e, node->right);
        return emit(e, OP_TEXT_SAME, place, left, right, 0);
    }
    case NODE_KNOWN: return emit_known(e, node->left, place);
    case NODE_WITHIN:
        return emit(e, OP_WITHIN, place, emit_number(e, node->left, place), emit_clock(e, node->count, node->unit), 0);
    case NODE_HAS: return emit_has(e, node);
    case NODE_DISQUALIFIED: return e->disqualified_reg;
    case NODE_BAND_IS: return emit(e, OP_EQ_CONST, 0, e->band_reg[node->index], emit_constant(e, node->which), 0);
    case NODE_MATRIX_IS: return emit_matrix_is(e, node);
    case NODE_STAGE_IS: return emit(e, OP_EQ_CONST, 0, e->stage_reg, emit_constant(e, node->which), 0);
    default: return emit(e, OP_UNKNOWN, place, 0, 0, 0); /* no condition: never reached for a checked model */
    }
}
