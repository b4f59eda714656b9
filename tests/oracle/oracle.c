#include "tests/oracle/parts.h"

const struct verdict *oracle_score(struct oracle *oracle, const char *line, size_t length, int64_t as_of)
{
    arena_reset(&oracle->lead_arena);
    oracle->verdict = (struct verdict){ 0 };
    const struct json *record = json_read(line, length, &oracle->lead_arena);
    if (!record || record->kind != JSON_OBJECT)
        return NULL;
    struct lead lead;
    lead_read(oracle, record, as_of, &lead);
    struct scene scene = { .oracle = oracle, .arena = &oracle->lead_arena, .now = as_of, .lead = &lead };
    oracle->verdict.lead = lead.key;
    scores_compute(&scene, &oracle->verdict);
    stages_compute(&scene, &oracle->verdict);
    if (oracle->outcome) {
        struct value won =
            condition_value(&scene, oracle->outcome->expression ? oracle->outcome->expression : oracle->outcome->when);
        oracle->verdict.won = !won.known ? "unknown" : won.holds ? "yes" : "no";
    }
    return &oracle->verdict;
}
