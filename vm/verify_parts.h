/* What the three parts of the verifier share: vm/verify.c (every member of every table, by vm/layout.c),
   vm/verify_code.c (instructions and the values that they can give), vm/verify_model.c (the tables that instructions
   use, and what the tables say about each other), vm/verify_ledger.c (sums are of what is listed for them).
   A verifier lives for one call of program_verify and owns its arrays. */
#ifndef RUBRIC_VM_VERIFY_PARTS_H
#define RUBRIC_VM_VERIFY_PARTS_H

#include "vm/number.h"
#include "vm/program.h"

/* The values that a number register can have: low <= value <= high. */
struct span { int64_t low, high; };
/* Of a term list: checked once, used by any number of instructions. */
struct list_facts {
    bool checked, sum_fits;
    struct span sum, choice;            /* of what its terms add up to; of what one of them gives */
};

struct verifier {
    const struct program *program;
    char *problem; size_t capacity;
    uint32_t *writer;                   /* per register: the instruction that writes it, or NO_INDEX */
    struct span *spans;                 /* per register */
    struct list_facts *lists;           /* per term list */
};

/* Writes the problem and returns false. */
bool verify_refuse(struct verifier *verifier, const char *format, ...) __attribute__((format(printf, 2, 3)));
uint32_t verify_last_place(const struct program *program);
/* The leads, an event type that is used, or activity where that is used. */
bool verify_place(const struct program *program, uint32_t place);
bool verify_register(const struct program *program, uint32_t reg, enum register_kind kind, uint32_t place);
bool verify_values(struct verifier *verifier);          /* tables that instructions use */
bool verify_code(struct verifier *verifier);            /* after those */
bool verify_model(struct verifier *verifier);           /* after the code */
bool verify_ledger(struct verifier *verifier);          /* after the model */

#endif
