#include "tests/oracle/parts.h"

#include <string.h>

static struct value missing_of(const struct scene *scene, enum value_kind kind, struct value a, struct value b)
{
    return value_missing(kind, reasons_join(scene->arena, a.known ? NULL : a.reasons, b.known ? NULL : b.reasons));
}

static struct value negated_if(bool negated, struct value condition)
{
    if (condition.known && negated)
        condition.holds = !condition.holds;
    return condition;
}

/* ---- names */

static struct value setting_value(const struct constant *constant)
{
    switch (constant->kind) {
    case CONSTANT_NUMBER: return value_number(constant->units);
    case CONSTANT_TEXT:
        return value_text(VALUE_TEXT, (struct text){ constant->literal.bytes, constant->literal.length });
    case CONSTANT_PERCENT: {
        int64_t units = 0;
        number_divide(constant->units, 100 * NUMBER_ONE, &units);
        return value_number(units);
    }
    case CONSTANT_DURATION: break;                      /* stands only where a duration does */
    }
    return value_missing(VALUE_NUMBER, NULL);
}

/* A define sees its parameters and the lead, not the event of a `where` it is used in. */
static struct value define_value(const struct scene *scene, const struct declaration *define,
                                 const struct tree_item *arguments)
{
    struct scene inner = *scene;
    inner.event = NULL;
    inner.bindings = NULL;
    for (const struct name_list *parameter = define->parameters; parameter; parameter = parameter->next) {
        struct binding *binding = arena_alloc(scene->arena, sizeof *binding);
        binding->name = parameter->name.text;
        binding->value = tree_is_set(scene, arguments->value) ? condition_value(scene, arguments->value)
                                                              : expression_value(scene, arguments->value);
        binding->next = (struct binding *)inner.bindings;
        inner.bindings = binding;
        arguments = arguments->next;
    }
    return condition_value(&inner, define->expression);
}

static struct text text_of(const char *text)
{
    return (struct text){ text ? text : "", (uint32_t)(text ? strlen(text) : 0) };
}

/* A parameter of a define goes before everything else of that name; in `where`, names are the event's fields first,
   then the lead's. */
struct value name_value(const struct scene *scene, const struct name *name)
{
    for (const struct binding *binding = scene->bindings; binding; binding = binding->next)
        if (strcmp(binding->name, name->text) == 0)
            return binding->value;
    if (scene->event) {
        size_t index = 0;
        for (const struct tree_field *field = scene->any_type ? NULL : scene->event->type->fields; field;
             field = field->next, index++)
            if (strcmp(field->name.text, name->text) == 0)
                return scene->event->fields[index];
        if (strcmp(name->text, "at") == 0)
            return value_date(scene->event->at);
    }
    const struct named *named = name_find(scene->oracle, name->text);
    switch (named->meaning) {
    case MEANS_FIELD: return scene->lead->fields[named->index];
    case MEANS_SETTING: return setting_value(setting_find(scene->oracle, name->text));
    case MEANS_DEFINE: return define_value(scene, named->declaration, NULL);
    case MEANS_SCORE: return value_number(scene->scores[named->index]);
    case MEANS_BAND: return value_text(VALUE_LABEL, text_of(scene->bands[named->index]));
    case MEANS_MATRIX: return value_text(VALUE_LABEL, text_of(scene->matrices[named->index]));
    case MEANS_NOTHING: case MEANS_EVENT: case MEANS_LIST: case MEANS_GROUP: case MEANS_RULE: case MEANS_STAGE: break;
    }
    return value_missing(VALUE_CONDITION, NULL);
}

/* ---- Kleene's three values */

static struct value and_value(const struct scene *scene, struct value a, struct value b)
{
    if ((a.known && !a.holds) || (b.known && !b.holds))
        return value_condition(false);
    return a.known && b.known ? value_condition(true) : missing_of(scene, VALUE_CONDITION, a, b);
}

static struct value or_value(const struct scene *scene, struct value a, struct value b)
{
    if ((a.known && a.holds) || (b.known && b.holds))
        return value_condition(true);
    return a.known && b.known ? value_condition(false) : missing_of(scene, VALUE_CONDITION, a, b);
}

/* ---- predicates */

static bool compared(enum comparison comparison, struct value a, struct value b)
{
    switch (comparison) {
    case COMPARE_EQ: return value_same(a, b);
    case COMPARE_NE: return !value_same(a, b);
    case COMPARE_LT: return a.number < b.number;
    case COMPARE_LE: return a.number <= b.number;
    case COMPARE_GT: return a.number > b.number;
    case COMPARE_GE: return a.number >= b.number;
    }
    return false;
}

/* What stands on the right of a band or matrix may be a bare label. */
static struct value beside(const struct scene *scene, struct value left, const struct tree *tree)
{
    if (left.kind == VALUE_LABEL && tree->kind == TREE_NAME)
        return value_text(VALUE_TEXT, text_of(tree->name.text));
    return condition_value(scene, tree);
}

/* The members of LIST, one after the other, each with what `wanted` makes of it; a name may be a list, a setting or a
   label. */
struct members { struct value *items; size_t count, capacity; };

static void members_add_list(const struct scene *scene, const struct declaration *list, struct members *members)
{
    for (const struct literal_list *text = list->texts; text; text = text->next)
        *VERDICT_ADD(scene->arena, *members) =
            value_text(VALUE_TEXT, (struct text){ text->literal.bytes, text->literal.length });
}

static void members_add_name(const struct scene *scene, struct value left, const struct name *name,
                             struct members *members)
{
    const struct named *named = name_find(scene->oracle, name->text);
    if (left.kind == VALUE_LABEL)
        *VERDICT_ADD(scene->arena, *members) = value_text(VALUE_TEXT, text_of(name->text));
    else if (named && named->meaning == MEANS_LIST)
        members_add_list(scene, named->declaration, members);
    else
        *VERDICT_ADD(scene->arena, *members) = name_value(scene, name);
}

static struct members list_members(const struct scene *scene, struct value left, const struct tree_list *list)
{
    struct members members = { 0 };
    if (list->name.text)
        members_add_name(scene, left, &list->name, &members);
    for (const struct tree_item *item = list->items; item; item = item->next) {
        if (item->value->kind == TREE_NAME)
            members_add_name(scene, left, &item->value->name, &members);
        else
            *VERDICT_ADD(scene->arena, members) = expression_value(scene, item->value);
    }
    return members;
}

static struct value in_value(const struct scene *scene, const struct tree *tree)
{
    struct value left = condition_value(scene, tree->left);
    if (!left.known)
        return value_missing(VALUE_CONDITION, left.reasons);
    struct members members = list_members(scene, left, &tree->list);
    bool found = false;
    for (size_t i = 0; i < members.count; i++)
        found = found || (members.items[i].known && value_same(left, members.items[i]));
    return negated_if(tree->negated, value_condition(found));
}

static struct text folded(const struct scene *scene, struct text raw)
{
    struct text text;
    text.bytes = text_fold_copy(scene->arena, raw.bytes, raw.length, &text.length);
    return text;
}

static bool text_fits(const struct scene *scene, enum textop textop, struct value left, struct text part)
{
    if (left.kind == VALUE_LIST) {
        for (size_t i = 0; i < left.element_count; i++)
            if (text_same(left.elements[i], part))
                return true;
        return false;
    }
    struct text text = folded(scene, left.text), folded_part = folded(scene, part);
    bool longer = part.length > left.text.length;
    switch (textop) {
    case TEXTOP_CONTAINS: return text_contains(text, folded_part);
    case TEXTOP_HAS_WORD: return text_has_word(text, folded_part);
    case TEXTOP_STARTS_WITH: return text_starts(text, folded_part);
    case TEXTOP_ENDS_WITH: return text_ends(text, folded_part);
    case TEXTOP_CONTAINS_EXACTLY:
        for (size_t from = 0; !longer && from + part.length <= left.text.length; from++)
            if (memcmp(left.text.bytes + from, part.bytes, part.length) == 0)
                return true;
        return false;
    case TEXTOP_STARTS_WITH_EXACTLY: return !longer && memcmp(left.text.bytes, part.bytes, part.length) == 0;
    case TEXTOP_ENDS_WITH_EXACTLY:
        return !longer && memcmp(left.text.bytes + left.text.length - part.length, part.bytes, part.length) == 0;
    }
    return false;
}

static struct value text_op_value(const struct scene *scene, const struct tree *tree)
{
    struct value left = expression_value(scene, tree->left);
    if (!left.known)
        return value_missing(VALUE_CONDITION, left.reasons);
    struct members members = list_members(scene, left, &tree->list);
    bool any = false, all = true;
    for (size_t i = 0; i < members.count; i++) {
        bool fits = text_fits(scene, tree->textop, left, members.items[i].text);
        any = any || fits;
        all = all && fits;
    }
    return negated_if(tree->negated, value_condition(tree->quantifier == QUANTIFIER_ALL ? all : any));
}

static struct value between_value(const struct scene *scene, const struct tree *tree)
{
    struct value value = expression_value(scene, tree->left), low = expression_value(scene, tree->right);
    struct value high = expression_value(scene, tree->third);
    if (!value.known || !low.known || !high.known) {
        struct value two = missing_of(scene, VALUE_CONDITION, value, low);
        return value_missing(VALUE_CONDITION,
                             reasons_join(scene->arena, two.reasons, high.known ? NULL : high.reasons));
    }
    return negated_if(tree->negated, value_condition(low.number <= value.number && value.number <= high.number));
}

/* within D: later than now minus D, not after now. */
static struct value date_within_value(const struct scene *scene, const struct tree *tree)
{
    struct value date = expression_value(scene, tree->left);
    if (!date.known)
        return value_missing(VALUE_CONDITION, date.reasons);
    int64_t count;
    enum time_unit unit;
    duration_find(scene->oracle, &tree->duration, &count, &unit);
    return value_condition(date.number > instant_step(scene->now, -count, unit) && date.number <= scene->now);
}

static struct value stage_is_value(const struct scene *scene, const struct tree *tree)
{
    const struct declared *stages = &scene->oracle->stages;
    struct text wanted =
        tree->name.text ? text_of(tree->name.text) : (struct text){ tree->literal.bytes, tree->literal.length };
    bool is = false;
    if (scene->stage == stages->count) {
        is = text_same(wanted, text_of("Disqualified"));
    } else {
        const struct declaration *stage = stages->items[scene->stage];
        is = text_same(wanted, text_of(stage->name.text)) ||
             (stage->title.bytes && text_same(wanted, (struct text){ stage->title.bytes, stage->title.length }));
    }
    return negated_if(tree->negated, value_condition(is));
}

/* ---- values */

static struct value arithmetic_value(const struct scene *scene, const struct tree *tree)
{
    struct value a = expression_value(scene, tree->left), b = expression_value(scene, tree->right);
    if (!a.known || !b.known)
        return missing_of(scene, VALUE_NUMBER, a, b);
    int64_t result = 0;
    bool fits = tree->kind == TREE_ADD ? number_add(a.number, b.number, &result)
              : tree->kind == TREE_SUBTRACT ? number_subtract(a.number, b.number, &result)
              : tree->kind == TREE_MULTIPLY ? number_multiply(a.number, b.number, &result)
              : number_divide(a.number, b.number, &result);
    return fits ? value_number(result) : value_missing(VALUE_NUMBER, NULL);
}

static struct value negate_value(const struct scene *scene, const struct tree *tree)
{
    struct value value = expression_value(scene, tree->left);
    int64_t result = 0;
    if (!value.known)
        return value_missing(VALUE_NUMBER, value.reasons);
    return number_subtract(0, value.number, &result) ? value_number(result) : value_missing(VALUE_NUMBER, NULL);
}

static struct value whole_number(int64_t whole)
{
    int64_t units = 0;
    return number_multiply(whole, NUMBER_ONE * NUMBER_ONE, &units) ? value_number(units)
                                                                   : value_missing(VALUE_NUMBER, NULL);
}

static struct value units_since_value(const struct scene *scene, const struct tree *tree)
{
    struct value date = expression_value(scene, tree->left);
    if (!date.known)
        return value_missing(VALUE_NUMBER, date.reasons);
    return whole_number(instant_whole_units(date.number, scene->now, tree->unit));
}

static struct value length_value(const struct scene *scene, const struct tree *tree)
{
    struct value text = expression_value(scene, tree->left);
    return text.known ? whole_number(text_length(text.text)) : value_missing(VALUE_NUMBER, text.reasons);
}

static struct value domain_value(const struct scene *scene, const struct tree *tree)
{
    struct value text = expression_value(scene, tree->left);
    if (text.is_domain)                                 /* a domain has no @: no data could mend that */
        return (struct value){ .kind = VALUE_TEXT, .is_domain = true };
    struct value domain = text.known ? value_text(VALUE_TEXT, text_domain(text.text)) : value_missing(VALUE_TEXT, NULL);
    domain.reasons = text.reasons;
    domain.is_domain = true;
    return domain;
}

static struct value count_value(const struct scene *scene, const struct tree *tree)
{
    if (tree_is_set(scene, tree->left))
        return set_answer(scene, tree);
    struct value list = expression_value(scene, tree->left);
    return list.known ? whole_number((int64_t)list.element_count) : value_missing(VALUE_NUMBER, list.reasons);
}

static struct value matches_value(const struct scene *scene, const struct tree *tree)
{
    struct value text = expression_value(scene, tree->left);
    if (!text.known)
        return value_missing(VALUE_CONDITION, text.reasons);
    struct text glob = folded(scene, (struct text){ tree->literal.bytes, tree->literal.length });
    return negated_if(tree->negated, value_condition(text_matches(folded(scene, text.text), glob)));
}

static struct value exactly_value(const struct scene *scene, const struct tree *tree)
{
    struct value text = expression_value(scene, tree->left);
    if (!text.known)
        return value_missing(VALUE_CONDITION, text.reasons);
    bool same =
        text.text.length == tree->literal.length && memcmp(text.text.bytes, tree->literal.bytes, text.text.length) == 0;
    return negated_if(tree->negated, value_condition(same));
}

static struct value two_sided_value(const struct scene *scene, const struct tree *tree)
{
    struct value left = condition_value(scene, tree->left), right = beside(scene, left, tree->right);
    if (!left.known || !right.known)
        return missing_of(scene, VALUE_CONDITION, left, right);
    if (tree->kind == TREE_COMPARE)
        return value_condition(compared(tree->comparison, left, right));
    if (tree->kind == TREE_BEFORE)
        return value_condition(left.number < right.number);
    if (tree->kind == TREE_AFTER)
        return value_condition(left.number > right.number);
    return negated_if(tree->negated, value_condition(value_same(left, right)));
}

struct value condition_value(const struct scene *scene, const struct tree *tree)
{
    return tree_is_set(scene, tree) ? set_answer(scene, tree) : expression_value(scene, tree);
}

struct value expression_value(const struct scene *scene, const struct tree *tree)
{
    switch (tree->kind) {
    case TREE_NUMBER: return value_number(tree->number);
    case TREE_PERCENT: {
        int64_t units = 0;
        number_divide(tree->number, 100 * NUMBER_ONE, &units);
        return value_number(units);
    }
    case TREE_TEXT: return value_text(VALUE_TEXT, (struct text){ tree->literal.bytes, tree->literal.length });
    case TREE_DATE: return value_date(tree->number);
    case TREE_YES: return value_condition(true);
    case TREE_NO: return value_condition(false);
    case TREE_NAME: return name_value(scene, &tree->name);
    case TREE_NOW: return value_date(scene->now);
    case TREE_AT: return name_value(scene, &(struct name){ .text = "at" });
    case TREE_DISQUALIFIED: return value_condition(scene->disqualified);
    case TREE_CALL: return define_value(scene, name_find(scene->oracle, tree->name.text)->declaration, tree->items);
    case TREE_COUNT: return count_value(scene, tree);
    case TREE_UNITS_SINCE: return units_since_value(scene, tree);
    case TREE_LENGTH: return length_value(scene, tree);
    case TREE_DOMAIN: return domain_value(scene, tree);
    case TREE_NEGATE: return negate_value(scene, tree);
    case TREE_ADD: case TREE_SUBTRACT: case TREE_MULTIPLY: case TREE_DIVIDE: return arithmetic_value(scene, tree);
    case TREE_AND: return and_value(scene, condition_value(scene, tree->left), condition_value(scene, tree->right));
    case TREE_OR: return or_value(scene, condition_value(scene, tree->left), condition_value(scene, tree->right));
    case TREE_NOT: return negated_if(true, condition_value(scene, tree->left));
    case TREE_COMPARE: case TREE_IS: case TREE_BEFORE: case TREE_AFTER: return two_sided_value(scene, tree);
    case TREE_IS_MISSING: return value_condition(condition_value(scene, tree->left).known == tree->negated);
    case TREE_IS_KNOWN: return value_condition(condition_value(scene, tree->left).known != tree->negated);
    case TREE_IS_EXACTLY: return exactly_value(scene, tree);
    case TREE_BETWEEN: return between_value(scene, tree);
    case TREE_IN: return in_value(scene, tree);
    case TREE_TEXT_OP: return text_op_value(scene, tree);
    case TREE_MATCHES: return matches_value(scene, tree);
    case TREE_WITHIN: return date_within_value(scene, tree);
    case TREE_STAGE_IS: return stage_is_value(scene, tree);
    case TREE_AGGREGATE: case TREE_DISTINCT: case TREE_FIRST: case TREE_LAST: case TREE_NO_SET: case TREE_QUANTITY:
    case TREE_ACTIVITY: case TREE_WHERE: case TREE_SET: case TREE_SINCE:
        return set_answer(scene, tree);
    }
    return value_missing(VALUE_CONDITION, NULL);
}
