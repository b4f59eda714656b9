/* That the ledger of a lead (vm/trace.c) adds up by construction: the sum of a group or a score is a TOTAL or TAKE of
   exactly the rules and groups that the tables list for it, in their order, and a rule's points are known only where it
   fires. */
#include "vm/verify_parts.h"

static const struct instruction *writer_of(const struct verifier *verifier, uint32_t reg)
{
    return &verifier->program->code[verifier->writer[reg]];
}

/* The next terms of a list, compared with what the tables say. */
struct cursor { const struct term *next, *end; };

static bool next_is(struct cursor *cursor, uint32_t reg, bool is_number, int64_t points)
{
    if (cursor->next == cursor->end)
        return false;
    const struct term *term = cursor->next++;
    return term->reg == reg && term->is_number == is_number && (is_number || term->points == points);
}

static struct cursor cursor_of(const struct program *program, uint32_t list)
{
    const struct term *first = program->term_count > 0 ? program->terms + program->term_lists[list].start : NULL;
    return (struct cursor){ first, first != NULL ? first + program->term_lists[list].count : NULL };
}

static bool next_are_rules(const struct program *program, struct cursor *cursor, struct range rules)
{
    for (uint32_t i = 0; i < rules.count; i++) {
        const struct program_rule *rule = &program->rules[program->indices[rules.start + i]];
        bool number = rule->points != NO_REGISTER;
        if (!next_is(cursor, number ? rule->points : rule->fires, number, rule->constant))
            return false;
    }
    return true;
}

static bool verify_points(struct verifier *verifier, uint32_t index)
{
    const struct program_rule *rule = &verifier->program->rules[index];
    if (rule->disqualifies || rule->points == NO_REGISTER)
        return true;
    const struct instruction *code = writer_of(verifier, rule->points);
    bool bound = (code->opcode == OP_ONLY_IF && code->b == rule->fires) ||
                 (code->opcode == OP_POINTS && code->a == rule->fires);
    return bound || verify_refuse(verifier, "rule %u: its points can be known where it does not fire", index);
}

static bool verify_group_sum(struct verifier *verifier, uint32_t index)
{
    const struct program *program = verifier->program;
    const struct program_group *group = &program->groups[index];
    const struct instruction *code = writer_of(verifier, group->sum);
    bool adds = group->take == TAKE_SUM || group->take == TAKE_EXCLUSIVE;
    bool right = adds ? code->opcode == OP_TOTAL && program->constants[code->b] == 0
                      : code->opcode == OP_TAKE && code->b == (uint32_t)group->take;
    if (!right)
        return verify_refuse(verifier, "group %u: its sum is made in another way than it says", index);
    struct cursor cursor = cursor_of(program, code->a);
    return (next_are_rules(program, &cursor, group->rules) && cursor.next == cursor.end) ||
           verify_refuse(verifier, "group %u: its sum is not that of its rules", index);
}

static bool verify_score_sum(struct verifier *verifier, uint32_t index)
{
    const struct program *program = verifier->program;
    const struct program_score *score = &program->scores[index];
    const struct instruction *code = writer_of(verifier, score->sum);
    if (code->opcode != OP_TOTAL)
        return verify_refuse(verifier, "score %u: its sum is none", index);
    struct cursor cursor = cursor_of(program, code->a);
    wide_int constant = score->combined ? 0 : score->base;
    bool good = next_are_rules(program, &cursor, score->rules);
    for (uint32_t i = 0; good && i < score->groups.count; i++)
        good = next_is(&cursor, program->groups[score->groups.start + i].after_least, true, 0);
    for (uint32_t i = 0; good && i < score->terms.count; i++) {
        const struct score_term *term = &program->score_terms[score->terms.start + i];
        if (term->score == NO_INDEX)
            constant += term->constant;
        else
            good = next_is(&cursor, term->reg, true, 0);
    }
    good = good && cursor.next == cursor.end && constant == program->constants[code->b];
    return good || verify_refuse(verifier, "score %u: its sum is not that of its rules and groups", index);
}

bool verify_ledger(struct verifier *verifier)
{
    const struct program *program = verifier->program;
    for (uint32_t i = 0; i < program->rule_count; i++)
        if (!verify_points(verifier, i))
            return false;
    for (uint32_t i = 0; i < program->group_count; i++)
        if (!verify_group_sum(verifier, i))
            return false;
    for (uint32_t i = 0; i < program->score_count; i++)
        if (!verify_score_sum(verifier, i))
            return false;
    return true;
}
