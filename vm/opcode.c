#include "vm/program.h"

#include <stdio.h>
#include <string.h>
#include <stdlib.h>

static const struct opcode_facts facts[OPCODE_COUNT] = {
#define OP(name, result, a, b, c, place, synopsis, description) \
    { #name, OPERAND_##result, OPERAND_##a, OPERAND_##b, OPERAND_##c, PLACE_##place, synopsis, description },
#include "vm/opcodes.def"
#undef OP
};

const struct opcode_facts *opcode_facts(unsigned opcode)
{
    return opcode < OPCODE_COUNT ? &facts[opcode] : NULL;
}
