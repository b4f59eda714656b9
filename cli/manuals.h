/* What is written for shells and for man from the tables of commands and options, so that none of it can be forgotten.
 */
#ifndef RUBRIC_CLI_MANUALS_H
#define RUBRIC_CLI_MANUALS_H

#include "cli/command.h"

/* The values that an option of a command takes, separated by spaces, where there are only so many; else NULL. */
const char *option_values(const struct command *command, enum option option);

void manual_completion_bash(struct buffer *out);
void manual_completion_zsh(struct buffer *out);
void manual_completion_fish(struct buffer *out);
/* man 1 rubric, or with a command's name man 1 rubric-score; false when there is no such command. */
void manual_man(struct buffer *out);
bool manual_man_command(const char *name, struct buffer *out);

#endif
