/* `check BATCH.yaml...` */
#include <stdio.h>

#include "cli/command.h"
#include "cli/setup.h"

static int run_check(const struct invocation *invocation) {
  struct setup setup;
  int status;
  if (!setup_begin(&setup, invocation, false, &status)) return status;
  status = runtime_check(&setup.run, stdout);
  setup_release(&setup);
  return finish_stdout(status);
}

const struct command command_check = {
    .name = "check",
    .args = "BATCH.yaml...",
    .summary = "finds every mistake and shows the plan, without spending anything",
    .help = "Without a token or network it checks all the rest and says what it could not.\n",
    .options = OPTION_BIT(OPTION_ALLOW_ABSOLUTE_OUTPUT),
    .args_least = 1,
    .args_most = ANY_NUMBER,
    .run = run_check,
};
