/* `help [COMMAND]` */
#include "cli/command.h"
#include "cli/help.h"

static int run_help(const struct invocation *invocation) {
  const struct options *options = &invocation->options;
  if (options->arg_count == 0) return help_print(stdout, EXIT_DONE);
  const struct command *command = command_find(options->args[0]);
  if (command == NULL) {
    command_complain_unknown(options->args[0]);
    return EXIT_USAGE;
  }
  return help_print_command(command, stdout);
}

const struct command command_help = {
    .name = "help",
    .args = "[COMMAND]",
    .summary = "what there is, or more about one command",
    .examples = "  nightshift help run\n",
    .args_most = 1,
    .run = run_help,
};
