#include "vm/input/plan.h"

#include <stdlib.h>
#include <string.h>

#define MOST_LEARNED 4096u      /* names that nobody wants: enough for any export, too few to be filled up by junk */

static struct plan_node *node_new(struct plan *plan)
{
    struct plan_node *node = arena_alloc(&plan->arena, sizeof *node);
    node->table_size = 32;
    node->table = arena_alloc(&plan->arena, node->table_size * sizeof *node->table);
    node->start.slot = NO_INDEX;
    return node;
}

void plan_init(struct plan *plan)
{
    *plan = (struct plan){0};
    arena_init(&plan->arena);
    plan->root = node_new(plan);
}

void plan_free(struct plan *plan)
{
    free(plan->slots);
    free(plan->order);
    arena_free(&plan->arena);
    *plan = (struct plan){0};
}

/* The first eight bytes and the last, which may overlap, and the length tell names apart; a collision costs a
   comparison. */
static uint32_t mix(uint64_t head, uint64_t tail, size_t length)
{
    uint64_t mixed = (head ^ (tail * UINT64_C(0x9E3779B97F4A7C15)) ^ length) * UINT64_C(0xD6E8FEB86659FD93);
    return (uint32_t)(mixed >> 32);
}

static uint64_t load8(const char *bytes)
{
    uint64_t word;
    memcpy(&word, bytes, sizeof word);
    return word;
}

static uint32_t key_hash(const char *name, size_t length)
{
    char padded[8] = {0};
    if (length >= 8)
        return mix(load8(name), load8(name + length - 8), length);
    memcpy(padded, name, length);
    return mix(load8(padded), 0, length);
}

static uint32_t find_place(const struct plan_node *node, const char *name, size_t length)
{
    uint32_t mask = node->table_size - 1;
    uint32_t place = key_hash(name, length) & mask;
    for (;; place = (place + 1) & mask) {
        const struct plan_key *key = node->table[place];
        if (!key || (key->length == length && memcmp(key->name, name, length) == 0))
            return place;
    }
}

struct plan_key *plan_find_key(const struct plan_node *node, const char *name, size_t length)
{
    return node->table[find_place(node, name, length)];
}

struct plan_key *plan_find_padded(const struct plan_node *node, const char *name, size_t length)
{
#if defined(__SSE2__) && !defined(RUBRIC_SCALAR)
    if (length > 16 || length == 0)
        return plan_find_key(node, name, length);
    uint64_t head = load8(name), tail = 0;
    if (length >= 8)
        tail = load8(name + length - 8);
    else
        head &= UINT64_MAX >> (64 - 8 * length);        /* as if zeros stood behind it; the first byte is the lowest */
    uint32_t mask = node->table_size - 1, wanted = (UINT32_C(1) << length) - 1;
    const __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)name);
    for (uint32_t place = mix(head, tail, length) & mask;; place = (place + 1) & mask) {
        struct plan_key *key = node->table[place];
        if (!key)
            return NULL;
        __m128i same = _mm_cmpeq_epi8(bytes, _mm_loadu_si128((const __m128i *)(const void *)key->head));
        if (key->length == length && ((uint32_t)_mm_movemask_epi8(same) & wanted) == wanted)
            return key;
    }
#else
    return plan_find_key(node, name, length);
#endif
}

static void grow_table(struct plan *plan, struct plan_node *node)
{
    struct plan_key **old = node->table;
    uint32_t old_size = node->table_size;
    node->table_size *= 4;
    node->table = arena_alloc(&plan->arena, node->table_size * sizeof *node->table);
    for (uint32_t i = 0; i < old_size; i++) {
        if (old[i])
            node->table[find_place(node, old[i]->name, old[i]->length)] = old[i];
    }
}

struct plan_key *plan_add_key(struct plan *plan, struct plan_node *node, const char *name, size_t length)
{
    struct plan_key *key = plan_find_key(node, name, length);
    if (key)
        return key;
    if (node->key_count * 4 >= node->table_size) /* a quarter full at most: most names are found at the first look */
        grow_table(plan, node);
    key = arena_alloc(&plan->arena, sizeof *key);
    key->name = arena_copy(&plan->arena, name, length);
    key->length = (uint32_t)length;
    memcpy(key->head, name, length < sizeof key->head ? length : sizeof key->head);
    key->slot = NO_INDEX;
    node->table[find_place(node, name, length)] = key;
    node->key_count++;
    return key;
}

struct plan_key *plan_learn_key(struct plan *plan, struct plan_node *node, const char *name, size_t length)
{
    if (plan->learned >= MOST_LEARNED || length >= PLAN_GUESS_BYTES)
        return NULL;
    plan->learned++;
    return plan_add_key(plan, node, name, length);
}

static void node_add_slot(struct plan *plan, struct plan_node *node, uint32_t slot)
{
    uint32_t count = node->slot_count;
    if ((count & (count - 1)) == 0) {                   /* 0, 1, 2, 4, 8, …: full */
        uint32_t *longer = arena_alloc(&plan->arena, (count == 0 ? 1 : 2 * (size_t)count) * sizeof *longer);
        if (count > 0)
            memcpy(longer, node->slots, count * sizeof *longer);
        node->slots = longer;
    }
    node->slots[node->slot_count++] = slot;
}

static uint32_t key_slot(struct plan *plan, struct plan_key *key)
{
    if (key->slot == NO_INDEX) {
        memory_reserve(&plan->slots, &plan->slot_capacity, plan->slot_count + 1, sizeof *plan->slots);
        plan->slots[plan->slot_count] = (struct plan_slot){0};
        key->slot = (uint32_t)plan->slot_count++;
    }
    return key->slot;
}

static void append_order(struct plan *plan, uint32_t slot)
{
    memory_reserve(&plan->order, &plan->order_capacity, plan->order_count + 1, sizeof *plan->order);
    plan->order[plan->order_count++] = slot;
}

/* A path with an empty part ("a..b", ".a") is only a name. */
static bool is_path(const char *name)
{
    size_t length = strlen(name);
    return length > 2 && strchr(name, '.') && name[0] != '.' && name[length - 1] != '.' && !strstr(name, "..");
}

static void want_path(struct plan *plan, const char *name)
{
    struct plan_node *node = plan->root, *passed[64];
    size_t depth = 0;
    const char *dot;
    for (; (dot = strchr(name, '.')); name = dot + 1) {
        struct plan_key *key = plan_add_key(plan, node, name, (size_t)(dot - name));
        if (!key->child)
            key->child = node_new(plan);
        node = key->child;
        if (depth == sizeof passed / sizeof passed[0])
            return;                                     /* a path of more than 64 steps is only a name, too */
        passed[depth++] = node;
    }
    struct plan_key *key = plan_add_key(plan, node, name, strlen(name));
    uint32_t slot = key_slot(plan, key);
    append_order(plan, slot);
    for (size_t i = 0; i < depth; i++)
        node_add_slot(plan, passed[i], slot);
}

void plan_want(struct plan *plan, const char *name)
{
    append_order(plan, key_slot(plan, plan_add_key(plan, plan->root, name, strlen(name))));
    if (is_path(name))
        want_path(plan, name);
}

struct plan_binding plan_bind(struct plan *plan, const struct program *program, const struct program_field *field)
{
    struct plan_binding binding = {(uint32_t)plan->order_count, 0};
    for (uint32_t i = 0; i < field->from.count; i++)
        plan_want(plan, program->strings[field->from.start + i]);
    if (field->from.count == 0)
        plan_want(plan, field->name);
    binding.count = (uint32_t)plan->order_count - binding.first;
    return binding;
}

const struct plan_guess *plan_other_guess(struct plan *plan, struct plan_key *before)
{
    if (++before->others * UINT64_C(2) <= plan->record - before->since)
        return &before->next[1];
    struct plan_guess other = before->next[1];          /* right more often than not */
    plan->version++;
    before->next[1] = before->next[0];
    before->next[0] = other;
    before->since = plan->record;
    before->others = 0;
    return &before->next[0];
}

/* A second guess is only given up for what followed twice in a row where no guess was right: names in another order in
   every record teach nothing, and learning costs. */
void plan_learn_guess(struct plan *plan, struct plan_key *before, struct plan_key *key, const char *from,
                      const char *to)
{
    size_t length = (size_t)(to - from);
    if (length >= PLAN_GUESS_BYTES)
        return;
    struct plan_guess *guess = &before->next[before->next[0].key != NULL];
    if (guess->key && before->missed != key) {
        before->missed = key;
        return;
    }
    plan->version++;
    memset(guess->bytes, 0, sizeof guess->bytes);
    memcpy(guess->bytes, from, length);
    guess->length = (uint32_t)length;
    guess->mask = (UINT32_C(1) << length) - 1;
    guess->marks = 0;
    for (size_t i = 0; i < length; i++)
        guess->marks += from[i] == '"' || from[i] == '\\' || (unsigned char)from[i] < 0x20;
    guess->key = key;
    before->since = plan->record;
    before->others = 0;
}

static void forget_guesses(struct plan_node *node)
{
    memset(node->start.next, 0, sizeof node->start.next);
    for (uint32_t i = 0; i < node->table_size; i++) {
        struct plan_key *key = node->table[i];
        if (!key)
            continue;
        memset(key->next, 0, sizeof key->next);
        if (key->child)
            forget_guesses(key->child);
    }
}

void plan_forget_guesses(struct plan *plan)
{
    plan->version++;
    forget_guesses(plan->root);
}
