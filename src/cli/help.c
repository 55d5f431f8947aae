/* Printing help. What this version cannot do is not offered. */
#include "cli/help.h"

#include "cli/command.h"

#define OPTION_COLUMNS 28

/* A failed write shows in finish_stdout, for help that was asked for. */
static int finish(FILE *stream, int status) {
  return stream == stdout ? finish_stdout(status) : status;
}

static void print_commands(FILE *stream) {
  for (size_t i = 0; command_table[i] != NULL; i++)
    if (!command_table[i]->hidden)
      fprintf(stream, "  %-10s %s\n", command_table[i]->name, command_table[i]->summary);
}

static void print_option(FILE *stream, int id) {
  const struct option *option = &option_table[id];
  char text[64], letter[8] = "";
  if (option->letter != '\0') snprintf(letter, sizeof letter, "-%c, ", option->letter);
  snprintf(text, sizeof text, "%s--%s%s%s", letter, option->name, option->value != NULL ? " " : "",
           option->value != NULL ? option->value : "");
  fprintf(stream, "  %-*s%s\n", OPTION_COLUMNS, text, option->summary);
}

static void print_options(FILE *stream, int from, int to, uint32_t bits) {
  for (int id = from; id < to; id++)
    if ((bits & OPTION_BIT(id)) != 0) print_option(stream, id);
}

int help_print_short(FILE *stream) {
  fputs("usage: nightshift COMMAND [OPTIONS] [BATCH.yaml...]\n\n", stream);
  print_commands(stream);
  fputs("\n'nightshift help COMMAND' tells more.\n", stream);
  return finish(stream, EXIT_USAGE);
}

int help_print(FILE *stream, int status) {
  fputs("nightshift: swaps the voices in video clips, over several accounts, through the night.\n\n"
        "usage: nightshift COMMAND [OPTIONS] [BATCH.yaml...]\n\n",
        stream);
  print_commands(stream);
  fputs("\nOptions of every command:\n", stream);
  print_options(stream, 0, OPTION_GLOBAL_COUNT, UINT32_MAX);
  fputs("\nThe token comes from USEAPI_TOKEN or the config file, never from the command line.\n"
        "'nightshift help COMMAND' tells more.\n",
        stream);
  return finish(stream, status);
}

int help_print_command(const struct command *command, FILE *stream) {
  fprintf(stream, "usage: nightshift %s%s%s\n\n%s: %s\n", command->name,
          command->args[0] != '\0' ? " " : "", command->args, command->name, command->summary);
  if (command->help != NULL) fprintf(stream, "\n%s", command->help);
  if (command->options != 0) {
    fputs("\nOptions:\n", stream);
    print_options(stream, OPTION_GLOBAL_COUNT, OPTION_COUNT, command->options);
  }
  fputs("\nOptions of every command:\n", stream);
  print_options(stream, 0, OPTION_GLOBAL_COUNT, UINT32_MAX);
  if (command->examples != NULL) fprintf(stream, "\nExamples:\n%s", command->examples);
  return finish(stream, EXIT_DONE);
}
