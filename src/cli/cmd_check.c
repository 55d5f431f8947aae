/* `check BATCH.yaml...` */
#include <stdio.h>

#include "cli/command.h"
#include "cli/setup.h"
#include "nightshift/sim.h"

static int run_check(const struct invocation *invocation) {
  struct setup setup;
  int status;
  if (!setup_begin(&setup, invocation, false, &status)) return status;
  setup.run.expected = sim_forecast_end;
  status = runtime_check(&setup.run, stdout);
  setup_release(&setup);
  return finish_stdout(status);
}

const struct command command_check = {
    .name = "check",
    .args = "BATCH.yaml...",
    .summary = "finds every mistake and shows the plan, without spending anything",
    .examples = "  nightshift check spring.yaml\n"
                "  nightshift check -c nightshift.yaml spring.yaml\n",
    .help = "Without a token or network it checks all the rest and says what it could not. When\n"
            "the night will end is told roughly; `rehearse` tells it with its spread.\n",
    .options = OPTION_BIT(OPTION_ALLOW_ABSOLUTE_OUTPUT),
    .args_least = 1,
    .args_most = ANY_NUMBER,
    .run = run_check,
};
