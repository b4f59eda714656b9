/* Friends of lower only: what the files that lower expressions share.  lower.c: constants, dispatch; lower_names.c: names, defines and
   event sets; lower_texts.c: text predicates and lists; lower_compare.c: comparisons; lower_numbers.c: arithmetic and aggregates. */
#ifndef RUBRIC_COMPILER_LOWER_PARTS_H
#define RUBRIC_COMPILER_LOWER_PARTS_H

#include "compiler/lower.h"

/* Texts being collected; failed when one of them was reported. */
struct text_collection { struct text *folded; struct text *raw; size_t count, capacity, raw_capacity; bool failed; };

/* lower.c */
struct node *error_node(const struct scope *scope, struct span span);
enum type field_value_type(enum field_type type);
struct node *number_node(const struct scope *scope, int64_t units, struct span span);
struct node *text_node(const struct scope *scope, const char *bytes, size_t length, struct span span);
struct node *truth_node(const struct scope *scope, bool truth, struct span span);
struct node *negate_if(const struct scope *scope, struct node *node, bool negated);
struct node *stamp(const struct scope *scope, struct node *node, const struct tree *tree);
struct node *mismatch(const struct scope *scope, const struct tree *tree, struct node *left, struct node *right);
struct node *lower(const struct scope *scope, const struct tree *tree);

/* lower_names.c */
struct node *expand(const struct scope *scope, uint32_t index, const struct tree *call);
struct node *set_condition(const struct scope *scope, struct event_set *set, enum comparison comparison,
    int64_t number, struct span span);
struct node *hidden(const struct scope *scope, const struct tree *tree, const char *what);
struct node *lower_name(const struct scope *scope, const struct tree *tree);
bool is_event_name(const struct scope *scope, const struct tree *tree);
bool is_set(const struct scope *scope, const struct tree *tree);

/* lower_texts.c */
const struct model_field *one_of_field(const struct scope *scope, const struct node *node);
void collect_text(const struct scope *scope, struct text_collection *all, const struct node *value,
    const char *bytes, size_t length, struct span span, bool exactly);
struct text_collection lower_texts(const struct scope *scope, const struct node *value, const struct tree_list *list,
    bool named_list_allowed);
struct node *text_test(const struct scope *scope, enum text_predicate predicate, struct node *value,
    struct text *texts, struct text *raw, size_t count, struct span span);
struct node *lower_text_op(const struct scope *scope, const struct tree *tree);

/* lower_compare.c */
struct node *compare_node(const struct scope *scope, enum comparison comparison, struct node *left,
    struct node *right, struct span span);
struct node *lower_is(const struct scope *scope, const struct tree *tree);
struct node *lower_compare(const struct scope *scope, const struct tree *tree);
struct node *lower_between(const struct scope *scope, const struct tree *tree);
struct node *lower_in(const struct scope *scope, const struct tree *tree);
struct node *lower_known(const struct scope *scope, const struct tree *tree, bool known);

/* lower_numbers.c */
struct node *want(const struct scope *scope, struct node *node, enum type type, const char *where);
struct node *arithmetic(const struct scope *scope, const struct tree *tree, enum node_kind kind);
struct node *set_value(const struct scope *scope, const struct tree *tree);

#endif
