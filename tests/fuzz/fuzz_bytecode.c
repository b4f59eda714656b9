/* A compiled rubric from a stranger, its length and checksum put right so that they hide nothing: it is refused with a sentence, or it
   runs within its bounds, over leads of every kind, and all writers cope with it. */
#include <string.h>

#include "tests/fuzz/fuzz.h"
#include "vm/sha256.h"

#define HEADER 28u
#define CHECKSUM 32u
#define LENGTH_AT 8u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char problem[512] = "";
    struct program *as_it_is = image_read(data, size, problem, sizeof problem);
    program_free(as_it_is);
    if (size < HEADER + CHECKSUM)
        return 0;
    struct buffer image = { 0 };
    buffer_add(&image, (const char *)data, size);
    uint64_t payload = size - HEADER - CHECKSUM;
    for (size_t i = 0; i < 8; i++)
        image.data[LENGTH_AT + i] = (char)(payload >> (8 * i));
    sha256(image.data, size - CHECKSUM, (uint8_t *)image.data + size - CHECKSUM);
    struct program *program = image_read(image.data, image.length, problem, sizeof problem);
    if (program) {
        struct buffer listing = { 0 };
        program_disassemble(program, NULL, NULL, &listing);
        buffer_free(&listing);
        /* Memory is a register a condition, a column a number: a program of half a million registers is lawful, and slow here. */
        if (program->register_count < 20000 && program->field_count < 2000) {
            struct batch *batch = batch_new(program, FUZZ_AS_OF, 70);
            struct machine *machine = machine_new(program, FUZZ_AS_OF);
            fuzz_fill(batch, size);
            machine_run(machine, batch);
            fuzz_write_all(machine);
            machine_free(machine);
            batch_free(batch);
        }
        program_free(program);
    } else if (problem[0] == 0)
        fuzz_broken("refused without a reason");
    buffer_free(&image);
    return 0;
}
