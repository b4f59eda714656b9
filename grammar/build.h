/* Constructors for the actions of the grammar.  All of them allocate in the context's arena and cannot fail; limits
   on how deep an expression goes are kept here. */
#ifndef RUBRIC_GRAMMAR_BUILD_H
#define RUBRIC_GRAMMAR_BUILD_H

#include "grammar/lexer.h"

/* The span of a rule from its parts; empty parts do not stretch it. */
struct span span_join(const struct span *parts, int count);

/* A declaration is in the file's list from its head on, so that a mistake in a clause does not lose its name. */
struct declaration *declaration_open(struct parse_context *context, enum declaration_kind kind, struct span span);
void declaration_close(struct parse_context *context, struct span span);
/* False, with a message that shows both places, when the clause stood before. */
bool clause_once(struct parse_context *context, enum clause clause, struct span span);
void field_open(struct parse_context *context, struct name name, struct span span);
void rule_active(struct parse_context *context, const struct date_word *from, const struct date_word *until,
                 struct span span);
void score_lose(struct parse_context *context, bool by_points, struct bound amount, struct duration every,
                struct tree *without, struct span span);
void add_band_row(struct parse_context *context, struct name label, struct bound from, struct bound below,
                  struct span span);
void add_matrix_row(struct parse_context *context, struct name label, struct literal_chain cells, struct span span);
void add_action(struct parse_context *context, struct tree_action *action, enum action_kind kind, struct literal text,
                struct span span);
void add_test_clause(struct parse_context *context, struct tree_test_clause *clause);

struct tree *tree_new(struct parse_context *context, enum tree_kind kind, struct span span);
struct tree *tree_name(struct parse_context *context, struct name name);
struct tree *tree_text(struct parse_context *context, struct literal literal);
struct tree *tree_number(struct parse_context *context, enum tree_kind kind, int64_t units, struct span span);
struct tree *tree_date(struct parse_context *context, struct date_word date);
struct tree *tree_one(struct parse_context *context, enum tree_kind kind, struct tree *left, struct span span);
struct tree *tree_two(struct parse_context *context, enum tree_kind kind, struct tree *left, struct tree *right,
                      struct span span);
struct tree *tree_call(struct parse_context *context, struct name name, struct tree_item *arguments, struct span span);
struct tree *tree_is(struct parse_context *context, enum tree_kind kind, struct tree *left, bool negated,
                     struct span span);
struct tree *tree_parentheses(struct parse_context *context, struct tree *inside, struct span span);
struct tree *tree_set(struct parse_context *context, struct tree *events, struct window window, struct span span);
struct tree *tree_where(struct parse_context *context, struct tree *events, struct tree *condition,
                        struct window window, struct span span);
struct tree *tree_count(struct parse_context *context, struct tree *set, struct span span);
struct tree *tree_with_literal(struct parse_context *context, enum tree_kind kind, struct tree *left,
                               struct literal literal, bool negated, struct span span);
struct tree *tree_between(struct parse_context *context, struct tree *value, struct tree *low, struct tree *high,
                          bool negated, struct span span);
struct tree *tree_in(struct parse_context *context, struct tree *left, struct tree_list list, bool negated,
                     struct span span);
struct tree *tree_text_op(struct parse_context *context, enum textop textop, struct tree *left, struct tree_list texts,
                          enum quantifier quantifier, bool negated, struct span span);
struct tree_list list_of_one(struct parse_context *context, struct literal literal);
struct tree *tree_stage_is(struct parse_context *context, struct name name, struct literal literal, bool negated,
                           struct span span);
/* What stands where something holds or does not: notices a count that swallowed its comparison. */
struct tree *tree_condition(struct parse_context *context, struct tree *tree);

struct bound bound_number(enum sign sign, int64_t units, struct span span);
struct bound bound_setting(enum sign sign, struct name name, struct span span);
struct bound bound_percent(int64_t units, struct span span);
struct duration duration_of(struct parse_context *context, int64_t units, struct unit_word unit, struct span count,
                            struct span span);
struct duration duration_setting(struct name name);
struct duration duration_one(struct unit_word unit, struct span span);

struct literal_chain literal_append(struct parse_context *context, struct literal_chain chain, struct literal literal);
struct name_chain name_append(struct parse_context *context, struct name_chain chain, struct name name);
struct item_chain item_append(struct parse_context *context, struct item_chain chain, struct tree *value);
struct row_chain row_append(struct row_chain chain, struct tree_row *row);
struct given_chain given_append(struct given_chain chain, struct tree_given_field *given);
struct tree_row *row_new(struct parse_context *context, enum row_kind kind, struct span span);
struct tree_points *points_new(struct parse_context *context, enum points_kind kind, struct span span);
/* What follows `for each …`; each may stand once. */
void points_once(struct parse_context *context, struct tree_points *points, struct unit_word unit, struct span span);
void points_most(struct parse_context *context, struct bound *most, struct bound given, struct span start,
                 struct span end);
void points_fading(struct parse_context *context, struct tree_points *points, bool by_points, struct bound amount,
                   struct duration every, struct span span);
struct tree_action *action_new(struct parse_context *context);
struct tree_test_clause *test_clause_new(struct parse_context *context, enum test_clause_kind kind, struct span span);
struct tree_test_clause *given_event(struct parse_context *context, struct name event, struct tree_given_field *fields,
                                     struct span span);
struct tree_test_clause *given_event_at(struct parse_context *context, struct name event,
                                        struct tree_given_field *fields, struct tree_test_clause *time,
                                        struct span span);
struct tree_given_field *given_new(struct parse_context *context, struct name field, struct tree *value,
                                   struct tree_item *list);
struct tree_test_clause *expect_new(struct parse_context *context, enum expect_kind expect, struct span span);
struct tree_test_clause *expect_action(struct parse_context *context, enum action_kind action, struct literal text,
                                       struct span span);
int64_t whole_count(struct parse_context *context, int64_t units, struct span span);
const char *module_append(struct parse_context *context, const char *before, struct name name);

#endif
