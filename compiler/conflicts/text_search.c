#include "compiler/conflicts/text_parts.h"

#include <stdlib.h>
#include <string.h>

#include "vm/number.h"

enum { MOST_GLOBS = 4, MOST_STATES = 20000, MOST_LENGTH = 400 };

/* ---- the automaton -------------------------------------------------------------------------------------- */

struct symbols {
    uint32_t *points;
    bool *is_word, *is_space;
    size_t count, capacity;
    uint32_t end;
    uint32_t at;
};

struct node_facts {
    uint64_t found, pending;
    bool bad, bad_pending;
};
struct automaton {
    size_t nodes, capacity, width;
    int32_t *next;
    int32_t *fail;
    struct node_facts *facts;
    int32_t start;
};

static uint32_t symbol_of(struct symbols *symbols, uint32_t point)
{
    for (uint32_t i = 0; i < symbols->count; i++)
        if (symbols->points[i] == point) return i;
    if (symbols->count == symbols->capacity) {
        symbols->capacity = symbols->capacity ? symbols->capacity * 2 : 64;
        symbols->points = memory_resize(symbols->points, symbols->capacity * sizeof *symbols->points);
        symbols->is_word = memory_resize(symbols->is_word, symbols->capacity * sizeof *symbols->is_word);
        symbols->is_space = memory_resize(symbols->is_space, symbols->capacity * sizeof *symbols->is_space);
    }
    char bytes[4];
    size_t length = utf8_encode(point, bytes);
    symbols->points[symbols->count] = point;
    symbols->is_word[symbols->count] = code_point_is_word(point);
    symbols->is_space[symbols->count] = text_trim((struct text){bytes, (uint32_t)length}).length == 0;
    return (uint32_t)symbols->count++;
}

static void symbols_of_text(struct symbols *symbols, struct text text, bool glob)
{
    for (size_t at = 0, used; at < text.length; at += used) {
        uint32_t point = utf8_decode(text.bytes + at, text.length - at, &used);
        if (!glob || (point != '*' && point != '?')) symbol_of(symbols, point);
    }
}

static int32_t node_new(struct automaton *automaton)
{
    if (automaton->nodes == automaton->capacity) {
        automaton->capacity = automaton->capacity ? automaton->capacity * 2 : 64;
        automaton->next = memory_resize(automaton->next,
                                        automaton->capacity * automaton->width * sizeof *automaton->next);
        automaton->fail = memory_resize(automaton->fail, automaton->capacity * sizeof *automaton->fail);
        automaton->facts = memory_resize(automaton->facts, automaton->capacity * sizeof *automaton->facts);
    }
    int32_t node = (int32_t)automaton->nodes++;
    for (size_t i = 0; i < automaton->width; i++) automaton->next[(size_t)node * automaton->width + i] = -1;
    automaton->fail[node] = 0;
    automaton->facts[node] = (struct node_facts){0};
    return node;
}

static int32_t node_step(struct automaton *automaton, int32_t node, uint32_t symbol)
{
    size_t at = (size_t)node * automaton->width + symbol;
    if (automaton->next[at] < 0) {
        int32_t made = node_new(automaton);
        automaton->next[at] = made;
    }
    return automaton->next[at];
}

static int32_t node_text(struct automaton *automaton, struct symbols *symbols, int32_t node, struct text text)
{
    for (size_t at = 0, used; at < text.length; at += used)
        node = node_step(automaton, node, symbol_of(symbols, utf8_decode(text.bytes + at, text.length - at, &used)));
    return node;
}

/* Symbols of the automaton: the letters, then START (in front of the text) and END. */
static void automaton_add(struct automaton *automaton, struct symbols *symbols, const struct atom *atom, bool wanted,
                          uint64_t bit)
{
    uint32_t start = (uint32_t)automaton->width - 2, end = start + 1;
    for (size_t i = 0; i < atom->text_count; i++) {
        struct text text = atom->texts[i];
        if (atom->predicate == TEXT_WORD) {
            for (uint32_t before = 0; before <= start; before++) {
                if (before < symbols->count && symbols->is_word[before]) continue;
                int32_t node = node_text(automaton, symbols, node_step(automaton, 0, before), text);
                if (wanted) automaton->facts[node].pending |= bit;
                else automaton->facts[node].bad_pending = true;
            }
            continue;
        }
        int32_t node = 0;
        if (atom->predicate == TEXT_IS || atom->predicate == TEXT_STARTS) node = node_step(automaton, node, start);
        node = node_text(automaton, symbols, node, text);
        if (atom->predicate == TEXT_IS || atom->predicate == TEXT_ENDS) node = node_step(automaton, node, end);
        if (wanted) automaton->facts[node].found |= bit;
        else automaton->facts[node].bad = true;
    }
}

static void automaton_finish(struct automaton *automaton)
{
    int32_t *queue = memory_alloc(automaton->nodes * sizeof *queue);
    size_t head = 0, tail = 0;
    for (size_t symbol = 0; symbol < automaton->width; symbol++) {
        int32_t child = automaton->next[symbol];
        if (child < 0) automaton->next[symbol] = 0;
        else queue[tail++] = child;
    }
    while (head < tail) {
        int32_t node = queue[head++], fail = automaton->fail[node];
        automaton->facts[node].found |= automaton->facts[fail].found;
        automaton->facts[node].pending |= automaton->facts[fail].pending;
        automaton->facts[node].bad |= automaton->facts[fail].bad;
        automaton->facts[node].bad_pending |= automaton->facts[fail].bad_pending;
        for (size_t symbol = 0; symbol < automaton->width; symbol++) {
            int32_t *child = &automaton->next[(size_t)node * automaton->width + symbol];
            int32_t other = automaton->next[(size_t)fail * automaton->width + symbol];
            if (*child < 0) {
                *child = other;
            } else {
                automaton->fail[*child] = other;
                queue[tail++] = *child;
            }
        }
    }
    free(queue);
    automaton->start = automaton->next[automaton->width - 2];
}

static void automaton_free(struct automaton *automaton)
{
    free(automaton->next);
    free(automaton->fail);
    free(automaton->facts);
}

/* ---- globs: the set of positions in the pattern that may be reached ------------------------------------- */

struct glob {
    uint32_t points[64];
    unsigned length;
    bool wanted;
    uint64_t bit;
};

static uint64_t glob_close(const struct glob *glob, uint64_t positions)
{
    for (unsigned i = 0; i < glob->length; i++)
        if ((positions >> i & 1) && glob->points[i] == '*') positions |= UINT64_C(1) << (i + 1);
    return positions;
}

static uint64_t glob_step(const struct glob *glob, uint64_t positions, uint32_t point)
{
    uint64_t next = 0;
    for (unsigned i = 0; i < glob->length; i++) {
        if (!(positions >> i & 1)) continue;
        if (glob->points[i] == '*') next |= UINT64_C(1) << i;
        else if (glob->points[i] == '?' || glob->points[i] == point) next |= UINT64_C(1) << (i + 1);
    }
    return glob_close(glob, next);
}

/* ---- the search ----------------------------------------------------------------------------------------- */

enum mode {
    MODE_PLAIN,
    MODE_AT,
    MODE_AFTER,
    MODE_DOMAIN
}; /* no @ yet; just behind one; behind one for good; in the domain */
struct state {
    int32_t node, inner;
    uint64_t found;
    uint64_t globs[MOST_GLOBS];
    uint16_t depth;
    uint8_t mode;
    uint8_t last;
};
struct visited {
    struct state *states;
    int32_t *parent;
    uint32_t *symbol;
    size_t count, capacity;
    uint32_t *table;
    size_t slots;
};

struct search {
    const struct query *query;
    struct symbols symbols;
    struct automaton whole, domain;
    struct glob globs[MOST_GLOBS];
    size_t glob_count;
    uint64_t wanted;
    bool lengths;
    bool with_domain;
    bool watch_at;
    struct visited visited;
};

static uint64_t state_hash(const struct state *state)
{
    uint64_t hash = (uint64_t)(uint32_t)state->node * 0x9e3779b97f4a7c15u ^
                    (uint64_t)(uint32_t)state->inner * 0xc2b2ae3d27d4eb4fu;
    hash ^= state->found * 0x165667b19e3779f9u ^
            ((uint64_t)state->depth << 16 | (uint64_t)state->mode << 8 | state->last) * 0x27d4eb2f165667c5u;
    for (int i = 0; i < MOST_GLOBS; i++) hash = (hash ^ state->globs[i]) * 0xff51afd7ed558ccdu;
    return hash ^ (hash >> 29);
}

static bool state_same(const struct state *a, const struct state *b)
{
    return a->node == b->node && a->inner == b->inner && a->found == b->found && a->depth == b->depth &&
           a->mode == b->mode && a->last == b->last && memcmp(a->globs, b->globs, sizeof a->globs) == 0;
}

static bool visit(struct visited *visited, const struct state *state, int32_t parent, uint32_t symbol)
{
    if (visited->count * 2 >= visited->slots) {
        size_t slots = visited->slots ? visited->slots * 2 : 256;
        visited->table = memory_resize(visited->table, slots * sizeof *visited->table);
        memset(visited->table, 0, slots * sizeof *visited->table);
        visited->slots = slots;
        for (size_t i = 0; i < visited->count; i++) {
            size_t at = state_hash(&visited->states[i]) & (slots - 1);
            while (visited->table[at]) at = (at + 1) & (slots - 1);
            visited->table[at] = (uint32_t)i + 1;
        }
    }
    size_t at = state_hash(state) & (visited->slots - 1);
    for (; visited->table[at]; at = (at + 1) & (visited->slots - 1))
        if (state_same(&visited->states[visited->table[at] - 1], state)) return false;
    if (visited->count == visited->capacity) {
        visited->capacity = visited->capacity ? visited->capacity * 2 : 128;
        visited->states = memory_resize(visited->states, visited->capacity * sizeof *visited->states);
        visited->parent = memory_resize(visited->parent, visited->capacity * sizeof *visited->parent);
        visited->symbol = memory_resize(visited->symbol, visited->capacity * sizeof *visited->symbol);
    }
    visited->table[at] = (uint32_t)visited->count + 1;
    visited->states[visited->count] = *state;
    visited->parent[visited->count] = parent;
    visited->symbol[visited->count++] = symbol;
    return true;
}

static bool length_fits(const struct search *search, int64_t length)
{
    const struct query *query = search->query;
    for (size_t i = 0; i < query->count; i++) {
        const struct atom *atom = &query->space->atoms[query->literals[i].atom];
        if (atom->kind != ATOM_LENGTH) continue;
        struct value value = {.known = true, .length = length};
        if (!literal_true(query->space, query->literals[i], &value)) return false;
    }
    return true;
}

/* Moves one automaton; false when something unwanted is found. */
static bool advance(const struct automaton *automaton, int32_t *node, uint32_t symbol, bool boundary, uint64_t *found)
{
    const struct node_facts *before = &automaton->facts[*node];
    if (boundary) { /* what stands before it is a word of its own */
        if (before->bad_pending) return false;
        *found |= before->pending;
    }
    *node = automaton->next[(size_t)*node * automaton->width + symbol];
    const struct node_facts *after = &automaton->facts[*node];
    if (after->bad) return false;
    *found |= after->found;
    return true;
}

static bool state_step(const struct search *search, const struct state *from, uint32_t symbol, bool into_domain,
                       struct state *to)
{
    *to = *from;
    uint32_t point = search->symbols.points[symbol];
    if (search->symbols.is_space[symbol] && from->depth == 0) return false;
    if (search->with_domain) {
        if (from->mode == MODE_DOMAIN &&
            (point == '@' || (search->symbols.is_space[symbol] && from->inner == search->domain.start)))
            return false;
        if (into_domain) to->mode = MODE_DOMAIN;
    } else if (search->watch_at) {
        to->mode = point == '@' ? MODE_AT : from->mode == MODE_PLAIN ? MODE_PLAIN : MODE_AFTER;
    }
    bool boundary = !search->symbols.is_word[symbol];
    if (!advance(&search->whole, &to->node, symbol, boundary, &to->found)) return false;
    if (from->mode == MODE_DOMAIN && !advance(&search->domain, &to->inner, symbol, boundary, &to->found)) return false;
    if (into_domain) to->inner = search->domain.start;
    for (size_t i = 0; i < search->glob_count; i++) to->globs[i] = glob_step(&search->globs[i], from->globs[i], point);
    to->depth = from->depth == 0 || search->lengths ? (uint16_t)(from->depth + 1) : from->depth;
    to->last = search->symbols.is_space[symbol] ? 1 : into_domain ? 2 : 0;
    return true;
}

static bool state_accepts(const struct search *search, const struct state *state)
{
    if (state->depth == 0 || state->last == 1 || (search->lengths && !length_fits(search, state->depth))) return false;
    if (search->with_domain && (state->mode != MODE_DOMAIN || state->last == 2)) return false;
    if (search->watch_at && state->mode == MODE_AFTER) return false;
    struct state end = *state;
    if (!advance(&search->whole, &end.node, (uint32_t)search->whole.width - 1, true, &end.found)) return false;
    if (search->with_domain &&
        !advance(&search->domain, &end.inner, (uint32_t)search->domain.width - 1, true, &end.found))
        return false;
    for (size_t i = 0; i < search->glob_count; i++) {
        bool fits = state->globs[i] >> search->globs[i].length & 1;
        if (fits && !search->globs[i].wanted) return false;
        if (fits) end.found |= search->globs[i].bit;
    }
    return (end.found & search->wanted) == search->wanted;
}

static bool state_text(const struct search *search, size_t index, struct value *value)
{
    struct buffer text = {0};
    uint32_t points[MOST_LENGTH * 4];
    size_t count = 0;
    for (int32_t at = (int32_t)index; search->visited.parent[at] >= 0 && count < sizeof points / sizeof *points;
         at = search->visited.parent[at])
        points[count++] = search->symbols.points[search->visited.symbol[at]];
    while (count-- > 0) {
        char bytes[4];
        buffer_add(&text, bytes, utf8_encode(points[count], bytes));
    }
    bool found = text_try(search->query, text.data ? text.data : "", text.length, value);
    buffer_free(&text);
    return found;
}

static enum answer search_run(struct search *search, struct value *value)
{
    struct state first = {.node = search->whole.start, .inner = 0};
    for (size_t i = 0; i < search->glob_count; i++) first.globs[i] = glob_close(&search->globs[i], 1);
    if (search->whole.facts[first.node].bad) return ANSWER_NO;
    first.found = search->whole.facts[first.node].found;
    visit(&search->visited, &first, -1, 0);
    bool failed = false;
    for (size_t head = 0; head < search->visited.count; head++) {
        struct state state = search->visited.states[head];
        if (state_accepts(search, &state)) {
            if (state_text(search, head, value)) return ANSWER_YES;
            failed = true; /* folding changed what was put together: another text may do */
        }
        if (search->visited.count > MOST_STATES) return ANSWER_UNKNOWN;
        if (state.depth >= MOST_LENGTH) {
            failed = true;
            continue;
        }
        for (uint32_t symbol = 0; symbol < search->symbols.count; symbol++) {
            struct state next;
            if (state_step(search, &state, symbol, false, &next)) visit(&search->visited, &next, (int32_t)head, symbol);
            if (search->with_domain && state.mode == MODE_PLAIN && search->symbols.points[symbol] == '@' &&
                state_step(search, &state, symbol, true, &next))
                visit(&search->visited, &next, (int32_t)head, symbol);
        }
    }
    return failed ? ANSWER_UNKNOWN : ANSWER_NO;
}

/* A letter and a sign that occur in no pattern stand for all others. */
static void add_others(struct symbols *symbols)
{
    static const char letters[] = "xqzkjvwybfghpmudlcoasrniet", signs[] = "-,/.|;+&!%~^_";
    symbol_of(symbols, ' ');
    size_t known = symbols->count;
    for (const char *c = letters; *c && symbols->count == known; c++) symbol_of(symbols, (uint32_t)*c);
    if (symbols->count == known) symbol_of(symbols, 0x3b8);
    known = symbols->count;
    for (const char *c = signs; *c && symbols->count == known; c++) symbol_of(symbols, (uint32_t)*c);
}

enum answer text_search(const struct query *query, bool with_domain, struct value *value)
{
    struct search search = {.query = query, .with_domain = with_domain};
    enum answer answer = ANSWER_UNKNOWN;
    for (size_t i = 0; i < query->count; i++) {
        const struct atom *atom = &query->space->atoms[query->literals[i].atom];
        search.lengths |= atom->kind == ATOM_LENGTH;
        search.watch_at |= !with_domain && (atom->domain || atom->kind == ATOM_DOMAIN_KNOWN);
        if (atom->kind != ATOM_TEXT || text_predicate_is_raw(atom->predicate) || (atom->domain && !with_domain))
            continue;
        for (size_t j = 0; j < atom->text_count; j++)
            symbols_of_text(&search.symbols, atom->texts[j], atom->predicate == TEXT_GLOB);
    }
    if (with_domain || search.watch_at) symbol_of(&search.symbols, '@');
    add_others(&search.symbols);
    search.whole.width = search.domain.width = search.symbols.count + 2;
    node_new(&search.whole);
    node_new(&search.domain);
    node_step(&search.whole, 0, (uint32_t)search.symbols.count); /* START exists even without patterns */
    node_step(&search.domain, 0, (uint32_t)search.symbols.count);
    uint64_t bit = 1;
    for (size_t i = 0; i < query->count; i++) {
        const struct atom *atom = &query->space->atoms[query->literals[i].atom];
        if (atom->kind != ATOM_TEXT || text_predicate_is_raw(atom->predicate) || (atom->domain && !with_domain))
            continue;
        bool wanted = positive(query->literals[i].polarity);
        if (wanted && bit == 0) goto done; /* more than 64 pieces */
        if (atom->predicate == TEXT_GLOB) {
            if (atom->domain) goto done;
            for (size_t j = 0; j < atom->text_count; j++) {
                if (search.glob_count == MOST_GLOBS) goto done;
                struct glob *glob = &search.globs[search.glob_count++];
                *glob = (struct glob){.wanted = wanted, .bit = bit};
                for (size_t at = 0, used; at < atom->texts[j].length; at += used) {
                    if (glob->length == 62) goto done;
                    glob->points[glob->length++] = utf8_decode(atom->texts[j].bytes + at, atom->texts[j].length - at,
                                                               &used);
                }
            }
        } else {
            automaton_add(atom->domain ? &search.domain : &search.whole, &search.symbols, atom, wanted, bit);
        }
        if (!wanted) continue;
        search.wanted |= bit;
        bit <<= 1;
    }
    automaton_finish(&search.whole);
    automaton_finish(&search.domain);
    answer = search_run(&search, value);
done:
    automaton_free(&search.whole);
    automaton_free(&search.domain);
    free(search.symbols.points);
    free(search.symbols.is_word);
    free(search.symbols.is_space);
    free(search.visited.states);
    free(search.visited.parent);
    free(search.visited.symbol);
    free(search.visited.table);
    return answer;
}
