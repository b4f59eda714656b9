/* Friends of emit only: the builder that the three emit files share. */
#ifndef RUBRIC_COMPILER_EMIT_PARTS_H
#define RUBRIC_COMPILER_EMIT_PARTS_H

#include "compiler/emit.h"
#include "vm/program.h"

struct growing { size_t capacity; };                    /* of one program table */
struct seen { uint16_t opcode, place; uint32_t a, b, c, result; };
struct source_bit { enum text_predicate predicate; const struct text *texts; size_t count; uint64_t hash; uint32_t bit; };
/* What the emitter knows of a text source beside its program entry. */
struct source_bits { struct source_bit *bits; size_t count, capacity; uint32_t first_register; uint32_t *slots; size_t slot_count; };

/* A growing table of the program under construction; copied into the program's arena at the end. */
struct table { void *items; size_t count, capacity; };

struct emitter {
    const struct model *model; struct program *program; struct arena *arena;       /* arena: the program's */
    struct table code, registers, constants, clocks, set_values, sets, terms, term_lists, eaches, decays, band_labels, bands, matrices, cells,
        texts, patterns, strings, fields, events, event_fields, scores, score_terms, groups, indices, rules, inputs, atoms, rows, stages, actions,
        pieces, settings, files, lines;
    struct table sources;                               /* struct source_bits, one per text source */
    uint32_t *field_of;                                 /* model field → program field, or NO_INDEX */
    uint32_t **event_field_of; struct table *event_field_order;    /* per event: model field → program field; the order of use */
    bool *event_used; bool activity_used;
    uint32_t *score_reg, *band_reg, *matrix_reg; uint32_t stage_reg, disqualified_reg;
    struct seen *seen; uint32_t *seen_slots; size_t seen_count, seen_capacity, seen_slot_count;
    uint32_t *constant_slots; size_t constant_slot_count;
    uint32_t line;                                      /* of what is being emitted */
};

/* emit.c */
uint32_t table_add(struct table *table, const void *item, size_t bytes);
uint32_t emit(struct emitter *e, enum opcode opcode, uint32_t place, uint32_t a, uint32_t b, uint32_t c);      /* the result's register */
uint32_t emit_constant(struct emitter *e, int64_t value);
uint32_t emit_clock(struct emitter *e, int64_t count, enum time_unit unit);
uint32_t emit_set(struct emitter *e, const int64_t *sorted, size_t count);
uint32_t emit_line(struct emitter *e, struct span span);
uint32_t emit_field(struct emitter *e, uint32_t model_field);
uint32_t emit_event_field(struct emitter *e, uint32_t event, uint32_t model_field);
uint32_t emit_place(struct emitter *e, uint32_t event);         /* of an event's table; NO_INDEX is activity */
const char *emit_text(struct emitter *e, const char *text);     /* copied; NULL stays NULL */
struct range emit_strings(struct emitter *e, const struct text *texts, size_t count);

/* emit_expression.c */
struct emitted_set { uint32_t place, selected, gate; };         /* gate: unknown where the set is; NO_REGISTER when it never is */
void collect_texts(struct emitter *e, const struct node *node); /* first pass: which predicates each text source needs */
void collect_set_texts(struct emitter *e, const struct event_set *set);
void emit_text_classes(struct emitter *e);
uint32_t emit_condition(struct emitter *e, const struct node *node, uint32_t place);
uint32_t emit_number(struct emitter *e, const struct node *node, uint32_t place);
uint32_t emit_text_source(struct emitter *e, const struct node *node);
struct emitted_set emit_event_set(struct emitter *e, const struct event_set *set);

/* emit_explain.c: atoms, inputs, rows, what people are shown */
struct range emit_atoms(struct emitter *e, const struct node *condition);
void emit_inputs(struct emitter *e, const struct node *node, uint32_t from);       /* adds those not yet among inputs[from..) */
void emit_set_inputs(struct emitter *e, const struct event_set *set, uint32_t points, uint32_t from);

/* emit_scoring.c */
void collect_model_texts(struct emitter *e, const struct model_test *test);
void emit_scoring(struct emitter *e);

#endif
