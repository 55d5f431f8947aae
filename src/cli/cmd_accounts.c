/* `accounts` */
#include <stdio.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/setup.h"
#include "util/arena.h"

static void show(const struct reached *reached, const struct options *options) {
  if (options->json)
    reached_print_accounts_json(reached, stdout);
  else
    reached_print_accounts(reached, color_wanted(options->color, STDOUT_FILENO), stdout);
}

static int run_accounts(const struct invocation *invocation) {
  struct setup setup;
  struct reached reached;
  struct arena arena;
  int status;
  if (!setup_begin(&setup, invocation, true, &status)) return status;
  arena_init(&arena);
  status = runtime_reach(&setup.run, &arena, &reached);
  if (status == EXIT_DONE) show(&reached, &invocation->options);
  arena_release(&arena);
  setup_release(&setup);
  return finish_stdout(status);
}

const struct command command_accounts = {
    .name = "accounts",
    .args = "",
    .summary = "the accounts that the token reaches, and what is wrong with them",
    .examples = "  nightshift accounts\n"
                "  nightshift accounts --json\n",
    .help = "Asks the service and spends nothing. Where the config names accounts, only those are\n"
            "shown; MAX JOBS is the smaller of what the config and the service say.\n",
    .options = OPTION_BIT(OPTION_JSON),
    .run = run_accounts,
};
