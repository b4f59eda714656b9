/* Scores the leads that the check proposes: the `replay` of compiler/conflicts/conflicts.h, on the machine.  One
   program, a batch of one, a machine for each instant asked for (nearly always one). */
#ifndef RUBRIC_CLI_REPLAY_H
#define RUBRIC_CLI_REPLAY_H

#include "compiler/compile.h"
#include "compiler/conflicts/conflicts.h"

struct replay;
struct replay *
replay_new(const struct compilation *compilation); /* of a compilation without errors; borrows its model */
void replay_free(struct replay *replay);
void replay_witness(void *replay, const struct witness *witness, struct observation *seen);

#endif
