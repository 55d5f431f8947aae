/* `run BATCH.yaml...` */
#include "cli/command.h"
#include "cli/setup.h"

static int run_run(const struct invocation *invocation) {
  struct setup setup;
  int status;
  if (!setup_begin(&setup, invocation, true, &status)) return status;
  status = runtime_run(&setup.run);
  setup_release(&setup);
  return status;
}

const struct command command_run = {
    .name = "run",
    .args = "BATCH.yaml...",
    .summary = "works through the batches; run it again to go on where it stopped",
    .examples = "  nightshift run --limit 2 spring.yaml\n"
                "  nightshift run --until 07:00 --log-file night.log spring.yaml\n"
                "  nightshift run spring.yaml\n",
    .help =
        "Ctrl-C stops it: nothing new is submitted, nothing is lost. Exit status: 0 all jobs\n"
        "succeeded, 1 all ended but some not well, 2 a mistake in usage, config or batch\n"
        "(nothing was sent), 3 stopped before the end, 4 cannot go on, 70 a fault of its own.\n",
    .options = OPTION_BIT(OPTION_UNTIL) | OPTION_BIT(OPTION_MAX_CREDITS) |
               OPTION_BIT(OPTION_LIMIT) | OPTION_BIT(OPTION_OVERWRITE) | OPTION_BIT(OPTION_ADOPT) |
               OPTION_BIT(OPTION_LISTEN) | OPTION_BIT(OPTION_PUBLIC_URL) |
               OPTION_BIT(OPTION_SPEED) | OPTION_BIT(OPTION_ALLOW_ABSOLUTE_OUTPUT),
    .args_least = 1,
    .args_most = ANY_NUMBER,
    .run = run_run,
};
