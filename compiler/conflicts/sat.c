#include "compiler/conflicts/sat_parts.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

/* ---- clauses of the space ------------------------------------------------------------------------------- */

int64_t sat_clock(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now); /* what else the machine does has no part in the answer */
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int sat_true(const struct sat *sat) { return sat->yes; }

int sat_new_literal(struct sat *sat) { return sat->next++; }

void sat_clause(struct sat *sat, const int *literals, size_t count)
{
    for (size_t i = 0; i < count; i++) ccadical_add(sat->solver, literals[i]);
    ccadical_add(sat->solver, 0);
}

static void clause2(struct sat *sat, int a, int b) { sat_clause(sat, (int[]){a, b}, 2); }
static void clause3(struct sat *sat, int a, int b, int c) { sat_clause(sat, (int[]){a, b, c}, 3); }

/* std::set_new_handler: CaDiCaL must end as all else does when there is no memory, not by an exception that nobody catches. */
extern void (*cplusplus_new_handler(void (*handler)(void)))(void) __asm__("_ZSt15set_new_handlerPFvvE");

static void no_memory(void) { memory_refused(); }

struct sat *sat_new(struct space *space)
{
    cplusplus_new_handler(no_memory);
    struct sat *sat = memory_alloc(sizeof *sat);
    sat->space = space;
    sat->solver = ccadical_init();
    static const char *const off[] = {"elim",      "probe",   "vivify",   "subsume", "lucky",   "walk",
                                      "decompose", "ternary", "transred", "compact", "rephase", "phase"};
    for (size_t i = 0; i < sizeof off / sizeof *off; i++) ccadical_set_option(sat->solver, off[i], 0);
    sat->next = 1;
    sat->slot_count = space->slot_count;
    sat->slots = memory_alloc((space->slot_count + 1) * sizeof *sat->slots);
    sat->yes = sat_new_literal(sat);
    sat_clause(sat, &sat->yes, 1);
    sat->guard = sat_new_literal(sat);
    sat->stop_below = INT64_MIN;
    return sat;
}

void sat_free(struct sat *sat)
{
    if (!sat) return;
    ccadical_release(sat->solver);
    for (size_t i = 0; i < sat->slot_count; i++) {
        free(sat->slots[i].upto);
        free(sat->slots[i].order);
    }
    free(sat->slots);
    free(sat->holds);
    free(sat->fails);
    free(sat->of_formula);
    free(sat->roots);
    free(sat->is_root);
    free(sat->made);
    free(sat);
}

static int compare_values(const void *a, const void *b, void *context)
{
    const struct value *pool = context;
    const struct value *left = &pool[*(const uint32_t *)a], *right = &pool[*(const uint32_t *)b];
    if (left->known != right->known) return left->known ? 1 : -1;
    return left->number < right->number ? -1 : left->number > right->number;
}

/* A slot with a complete pool: its values in order, and a literal "at most the i-th" for all but the last. */
static struct slot_code *slot_code(struct sat *sat, uint32_t index)
{
    struct slot_code *code = &sat->slots[index];
    if (code->made) return code;
    code->made = true;
    const struct slot *slot = &sat->space->slots[index];
    if (!slot->complete) {
        code->missing = slot->can_miss ? sat_new_literal(sat) : -sat->yes;
        if (slot->kind == SLOT_TEXT) {
            code->domain = sat_new_literal(sat);
            clause2(sat, -code->domain, -code->missing);
        }
        return code;
    }
    code->count = slot->pool_count;
    code->order = memory_alloc((code->count + 1) * sizeof *code->order);
    code->upto = memory_alloc((code->count + 1) * sizeof *code->upto);
    for (uint32_t i = 0; i < code->count; i++) code->order[i] = i;
    qsort_r(code->order, code->count, sizeof *code->order, compare_values, slot->pool);
    for (size_t i = 0; i + 1 < code->count; i++) {
        code->upto[i] = sat_new_literal(sat);
        if (i > 0) clause2(sat, -code->upto[i - 1], code->upto[i]);
    }
    code->upto[code->count - 1] = sat->yes;
    return code;
}

/* A literal for "the value is among those whose bit is set": equivalent. */
static int values_literal(struct sat *sat, const struct slot_code *code, const uint64_t *bits)
{
    int *runs = memory_alloc((code->count + 2) * sizeof *runs);
    size_t count = 0;
    for (size_t i = 0; i < code->count; i++) {
        if (!(bits[code->order[i] >> 6] >> (code->order[i] & 63) & 1)) continue;
        size_t end = i;
        while (end + 1 < code->count && (bits[code->order[end + 1] >> 6] >> (code->order[end + 1] & 63) & 1)) end++;
        int run;
        if (i == 0) run = code->upto[end];
        else if (end + 1 == code->count) run = -code->upto[i - 1];
        else {
            run = sat_new_literal(sat);
            clause2(sat, -run, code->upto[end]);
            clause2(sat, -run, -code->upto[i - 1]);
            clause3(sat, run, -code->upto[end], code->upto[i - 1]);
        }
        runs[count++] = run;
        i = end;
    }
    int any = count == 0 ? -sat->yes : count == 1 ? runs[0] : sat_new_literal(sat);
    for (size_t i = 0; i < count && count > 1; i++) clause2(sat, any, -runs[i]);
    if (count > 1) {
        runs[count] = -any;
        sat_clause(sat, runs, count + 1);
    }
    free(runs);
    return any;
}

/* ---- atoms of texts and events: what one says about another --------------------------------------------- */

static bool part_of(enum text_predicate inside, struct text text, enum text_predicate predicate, struct text part)
{
    switch (predicate) { /* whatever holds `inside` text also holds `predicate` part */
    case TEXT_CONTAINS: return inside < TEXT_GLOB && text_contains(text, part);
    case TEXT_WORD: return (inside == TEXT_WORD || inside == TEXT_IS) && text_has_word(text, part);
    case TEXT_STARTS: return (inside == TEXT_STARTS || inside == TEXT_IS) && text_starts(text, part);
    case TEXT_ENDS: return (inside == TEXT_ENDS || inside == TEXT_IS) && text_ends(text, part);
    case TEXT_GLOB: return inside == TEXT_IS && text_matches(text, part);
    case TEXT_IS:
        return inside == TEXT_IS && text.length == part.length && memcmp(text.bytes, part.bytes, part.length) == 0;
    default: break;
    }
    return false;
}

static bool starts_apart(struct text a, struct text b)
{
    uint32_t length = a.length < b.length ? a.length : b.length;
    return memcmp(a.bytes, b.bytes, length) != 0;
}

static bool ends_apart(struct text a, struct text b)
{
    uint32_t length = a.length < b.length ? a.length : b.length;
    return memcmp(a.bytes + a.length - length, b.bytes + b.length - length, length) != 0;
}

static bool excludes(enum text_predicate p, struct text text, enum text_predicate q, struct text other)
{
    if (p == TEXT_IS && !text_predicate_is_raw(q)) return !part_of(TEXT_IS, text, q, other);
    if (p == TEXT_STARTS && q == TEXT_STARTS) return starts_apart(text, other);
    if (p == TEXT_ENDS && q == TEXT_ENDS) return ends_apart(text, other);
    return false;
}

/* Holds a imply b (1), exclude b (-1), neither (0): by looking at the texts only. */
static int text_relation(const struct atom *a, const struct atom *b)
{
    if (a->text_count == 0 || a->text_count > 16 || b->text_count > 64 || a->domain != b->domain) return 0;
    bool implies = true, apart = true;
    for (size_t i = 0; i < a->text_count && (implies || apart); i++) {
        bool any = false, all_apart = true;
        for (size_t j = 0; j < b->text_count; j++) {
            any |= part_of(a->predicate, a->texts[i], b->predicate, b->texts[j]);
            all_apart &= excludes(a->predicate, a->texts[i], b->predicate, b->texts[j]);
        }
        implies &= any;
        apart &= all_apart;
    }
    return implies ? 1 : apart ? -1 : 0;
}

static void relate(struct sat *sat, uint32_t new_atom)
{
    const struct space *space = sat->space;
    const struct atom *a = &space->atoms[new_atom];
    for (size_t i = 0; i < sat->made_count; i++) {
        uint32_t other = sat->made[i];
        const struct atom *b = &space->atoms[other];
        if (b->slot != a->slot || b->kind != a->kind) continue;
        if (a->kind == ATOM_TEXT) {
            int forwards = text_relation(a, b), backwards = text_relation(b, a);
            if (forwards == 1) clause2(sat, -sat->holds[new_atom], sat->holds[other]);
            if (backwards == 1) clause2(sat, -sat->holds[other], sat->holds[new_atom]);
            if (forwards == -1 || backwards == -1) clause2(sat, -sat->holds[new_atom], -sat->holds[other]);
        } else if (a->kind == ATOM_COUNT) {
            if (a->number >= b->number && set_inside(sat->space, a->set, b->set))
                clause2(sat, -sat->holds[new_atom], sat->holds[other]);
            else if (b->number >= a->number && set_inside(sat->space, b->set, a->set))
                clause2(sat, -sat->holds[other], sat->holds[new_atom]);
        }
    }
    memory_reserve(&sat->made, &sat->made_capacity, sat->made_count + 1, sizeof *sat->made);
    sat->made[sat->made_count++] = new_atom;
}

static void make_atom(struct sat *sat, uint32_t index)
{
    if (index >= sat->atom_capacity) {
        size_t capacity = sat->space->atom_count + 64;
        sat->holds = memory_resize(sat->holds, capacity * sizeof *sat->holds);
        sat->fails = memory_resize(sat->fails, capacity * sizeof *sat->fails);
        memset(sat->holds + sat->atom_capacity, 0, (capacity - sat->atom_capacity) * sizeof *sat->holds);
        memset(sat->fails + sat->atom_capacity, 0, (capacity - sat->atom_capacity) * sizeof *sat->fails);
        sat->atom_capacity = capacity;
    }
    if (sat->holds[index]) return;
    const struct atom *atom = &sat->space->atoms[index];
    struct slot_code *code = slot_code(sat, atom->slot);
    if (sat->space->slots[atom->slot].complete) {
        if (sat->space->slots[atom->slot].pool_count != code->count) sat->stale = true;
        sat->holds[index] = values_literal(sat, code, atom->holds_bits);
        sat->fails[index] = atom->two_valued ? -sat->holds[index] : values_literal(sat, code, atom->fails_bits);
        return;
    }
    if (atom->kind == ATOM_KNOWN) {
        sat->holds[index] = -code->missing;
        sat->fails[index] = code->missing;
        return;
    }
    if (atom->kind == ATOM_DOMAIN_KNOWN) {
        sat->holds[index] = code->domain;
        sat->fails[index] = -code->domain;
        return;
    }
    int holds = sat->holds[index] = sat_new_literal(sat);
    if (atom->two_valued) {
        sat->fails[index] = -holds;
    } else {
        int there = atom->domain ? code->domain : -code->missing;
        int fails = sat->fails[index] = sat_new_literal(sat);
        clause2(sat, -holds, there);
        clause2(sat, -fails, there);
        clause2(sat, -fails, -holds);
        if (atom->kind != ATOM_LENGTH && atom->kind != ATOM_SIZE) clause3(sat, -there, holds, fails);
    }
    relate(sat, index);
    if (atom->kind != ATOM_TEXT || !text_predicate_is_raw(atom->predicate)) return;
    uint32_t loose = atom->loose;
    make_atom(sat, loose);
    clause2(sat, -sat->holds[index], sat->holds[loose]);
}

static int literal_of(struct sat *sat, uint32_t atom, enum polarity polarity)
{
    make_atom(sat, atom);
    int literal = polarity < SAYS_FAILS ? sat->holds[atom] : sat->fails[atom];
    return polarity & 1 ? -literal : literal;
}

static int formula_code(struct sat *sat, formula f)
{
    if (f >= sat->formula_capacity) {
        size_t capacity = sat->space->formula_count + 256;
        sat->of_formula = memory_resize(sat->of_formula, capacity * sizeof *sat->of_formula);
        memset(sat->of_formula + sat->formula_capacity, 0,
               (capacity - sat->formula_capacity) * sizeof *sat->of_formula);
        sat->formula_capacity = capacity;
    }
    if (f == FORMULA_TRUE) return sat->yes;
    if (f == FORMULA_FALSE) return -sat->yes;
    if (sat->of_formula[f]) return sat->of_formula[f];
    const struct formula_node node = sat->space->formulas[f];
    if (node.kind == FORMULA_KIND_LITERAL)
        return sat->of_formula[f] = literal_of(sat, node.atom, (enum polarity)node.polarity);
    int *parts = memory_alloc((node.count + 1) * sizeof *parts);
    for (uint32_t i = 0; i < node.count; i++) parts[i] = formula_code(sat, sat->space->children[node.first + i]);
    int literal = sat_new_literal(sat);
    if (node.kind == FORMULA_KIND_AND) {
        for (uint32_t i = 0; i < node.count; i++) clause2(sat, -literal, parts[i]);
    } else {
        parts[node.count] = -literal;
        sat_clause(sat, parts, node.count + 1);
    }
    free(parts);
    return sat->of_formula[f] = literal;
}

int sat_formula(struct sat *sat, formula f)
{
    int literal = formula_code(sat, f);
    if (f <= FORMULA_TRUE) return literal;
    if (f >= sat->is_root_capacity) {
        size_t capacity = sat->space->formula_count + 256;
        sat->is_root = memory_resize(sat->is_root, capacity * sizeof *sat->is_root);
        memset(sat->is_root + sat->is_root_capacity, 0, (capacity - sat->is_root_capacity) * sizeof *sat->is_root);
        sat->is_root_capacity = capacity;
    }
    if (sat->is_root[f]) return literal;
    sat->is_root[f] = true;
    memory_reserve(&sat->roots, &sat->root_capacity, sat->root_count + 1, sizeof *sat->roots);
    sat->roots[sat->root_count++] = f;
    return literal;
}

void sat_begin(struct sat *sat)
{
    for (size_t i = 0; i < sat->root_count; i++) sat->is_root[sat->roots[i]] = false;
    sat->root_count = 0;
    sat_clause(sat, (int[]){-sat->guard}, 1); /* what was left aside is open again */
    sat->guard = sat_new_literal(sat);
}

/* ---- a model made real ---------------------------------------------------------------------------------- */

static bool model_true(const struct sat *sat, int literal)
{
    return literal > 0 ? ccadical_val(sat->solver, literal) > 0 : ccadical_val(sat->solver, -literal) < 0;
}

struct support {
    uint32_t *codes;
    size_t count, capacity;
    bool *seen;
};

/* The literals that make f true under the model, a few of them where one is enough. */
static void collect(struct sat *sat, formula f, struct support *support)
{
    if (f <= FORMULA_TRUE || support->seen[f]) return;
    support->seen[f] = true;
    const struct formula_node *node = &sat->space->formulas[f];
    if (node->kind == FORMULA_KIND_LITERAL) {
        memory_reserve(&support->codes, &support->capacity, support->count + 1, sizeof *support->codes);
        support->codes[support->count++] = node->atom << 2 | node->polarity;
        return;
    }
    if (node->kind == FORMULA_KIND_AND) {
        for (uint32_t i = 0; i < node->count; i++) collect(sat, sat->space->children[node->first + i], support);
        return;
    }
    formula chosen = FORMULA_FALSE;
    for (uint32_t i = 0; i < node->count; i++) {
        formula part = sat->space->children[node->first + i];
        if (!sat->of_formula[part] || !model_true(sat, sat->of_formula[part])) continue;
        if (support->seen[part]) return; /* made true already */
        if (chosen == FORMULA_FALSE) chosen = part;
    }
    collect(sat, chosen, support);
}

static int compare_codes(const void *a, const void *b, void *context)
{
    const struct space *space = context;
    uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;
    uint32_t x = space->atoms[left >> 2].slot, y = space->atoms[right >> 2].slot;
    if (x != y) return x < y ? -1 : 1;
    return left < right ? -1 : left > right;
}

/* As few of the literals as are impossible together. */
static size_t shrink_core(struct sat *sat, uint32_t slot, struct literal_of *core, size_t count)
{
    uint32_t value;
    struct literal_of *trial = memory_alloc((count + 1) * sizeof *trial);
    for (size_t chunk = count / 2; chunk >= 1; chunk /= 2)
        for (size_t from = 0; from < count;) {
            size_t size = from + chunk > count ? count - from : chunk;
            size_t kept = 0;
            for (size_t i = 0; i < count; i++)
                if (i < from || i >= from + size) trial[kept++] = core[i];
            if (kept > 0 && slot_satisfy(sat->space, slot, trial, kept, &value) == ANSWER_NO) {
                memcpy(core, trial, kept * sizeof *core);
                count = kept;
            } else {
                from += size;
            }
        }
    free(trial);
    return count;
}

static bool pool_fits(const struct space *space, const struct literal_of *literals, size_t count, uint32_t slot,
                      uint32_t *value)
{
    size_t words = (space->slots[slot].pool_count + 63) / 64;
    for (size_t word = 0; word < words; word++) {
        uint64_t left = ~UINT64_C(0);
        if (word == words - 1 && space->slots[slot].pool_count % 64)
            left = (UINT64_C(1) << (space->slots[slot].pool_count % 64)) - 1;
        for (size_t i = 0; i < count && left; i++) {
            const struct atom *atom = &space->atoms[literals[i].atom];
            uint64_t bits = literals[i].polarity < SAYS_FAILS ? atom->holds_bits[word] : atom->fails_bits[word];
            left &= literals[i].polarity & 1 ? ~bits : bits;
        }
        if (left) {
            *value = (uint32_t)(word * 64 + (size_t)__builtin_ctzll(left));
            return true;
        }
    }
    return false;
}

/* ANSWER_YES: values is a lead; NO: a clause was learnt (a guarded one where a theory gave up). */
static enum answer realise(struct sat *sat, uint32_t *values)
{
    struct space *space = sat->space;
    struct support support = {.seen = memory_alloc(space->formula_count + 1)};
    for (size_t i = 0; i < sat->root_count; i++)
        if (model_true(sat, sat->of_formula[sat->roots[i]])) collect(sat, sat->roots[i], &support);
    if (support.count > 1) qsort_r(support.codes, support.count, sizeof *support.codes, compare_codes, space);
    memset(values, 0, space->slot_count * sizeof *values);
    enum answer answer = ANSWER_YES;
    struct literal_of *literals = memory_alloc((support.count + 1) * sizeof *literals);
    for (size_t i = 0; i < support.count;) {
        uint32_t slot = space->atoms[support.codes[i] >> 2].slot;
        size_t count = 0;
        for (; i < support.count && space->atoms[support.codes[i] >> 2].slot == slot; i++)
            literals[count++] = (struct literal_of){support.codes[i] >> 2, (enum polarity)(support.codes[i] & 3)};
        uint32_t value = 0;
        if (pool_fits(space, literals, count, slot, &value)) {
            values[slot] = value;
            continue;
        }
        enum answer one = space->slots[slot].complete ? ANSWER_UNKNOWN /* a cut that came after the clauses */
                                                      : slot_satisfy(space, slot, literals, count, &value);
        if (one == ANSWER_YES) {
            values[slot] = value;
            continue;
        }
        if (one == ANSWER_NO) count = shrink_core(sat, slot, literals, count);
        int *clause = memory_alloc((count + 2) * sizeof *clause);
        for (size_t j = 0; j < count; j++) clause[j] = -literal_of(sat, literals[j].atom, literals[j].polarity);
        clause[count] = -sat->guard;
        sat_clause(sat, clause, count + (one == ANSWER_UNKNOWN));
        free(clause);
        answer = ANSWER_NO;
    }
    free(literals);
    free(support.codes);
    free(support.seen);
    return answer;
}

/* Asked by the solver at every turn: the clock is looked at now and then. */
int sat_out_of_time(void *context)
{
    struct sat *sat = context;
    if ((sat->ticks++ & 63) == 0) sat->late = sat_clock() > sat->deadline;
    return sat->late;
}

/* 10: satisfiable and realised in `values`; 20: not; 0: out of time, or a theory gave up. */
int sat_solve(struct sat *sat, const int *assumed, size_t count, uint32_t *values)
{
    for (int round = 0; round < 5000; round++) {
        for (size_t i = 0; i < count; i++) ccadical_assume(sat->solver, assumed[i]);
        ccadical_assume(sat->solver, sat->guard);
        int result = ccadical_solve(sat->solver);
        if (result == 20 && ccadical_failed(sat->solver, sat->guard)) return 0;
        if (result != 10) return result;
        if (realise(sat, values) == ANSWER_YES) return 10;
        if (sat_clock() > sat->deadline) return 0;
    }
    return 0;
}
