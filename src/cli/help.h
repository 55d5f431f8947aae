/* Help, made from the tables of commands and options. */
#ifndef CLI_HELP_H
#define CLI_HELP_H

#include <stdio.h>

struct command;

/* Each returns the exit status. */
int help_print_short(FILE *stream); /* for `nightshift` alone: 2 */
int help_print(FILE *stream, int status);
int help_print_command(const struct command *command, FILE *stream);

#endif
