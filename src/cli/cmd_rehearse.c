/* `rehearse BATCH.yaml...` */
#include <stdio.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/setup.h"
#include "nightshift/sim.h"
#include "util/arena.h"

static void show(const struct prospect *night, const struct options *options, struct arena *arena) {
  const struct forecast *forecast = sim_forecast(night, arena);
  if (options->json)
    forecast_print_json(night, forecast, stdout);
  else
    forecast_print(night, forecast, color_wanted(options->color, STDOUT_FILENO), stdout);
}

static int run_rehearse(const struct invocation *invocation) {
  struct setup setup;
  struct prospect night;
  struct arena arena;
  int status;
  if (!setup_begin(&setup, invocation, false, &status)) return status;
  arena_init(&arena);
  status = runtime_prospect(&setup.run, &arena, &night);
  if (status == EXIT_DONE) show(&night, &invocation->options, &arena);
  arena_release(&arena);
  setup_release(&setup);
  return finish_stdout(status);
}

const struct command command_rehearse = {
    .name = "rehearse",
    .args = "BATCH.yaml...",
    .summary = "predicts the night in virtual time",
    .examples = "  nightshift rehearse spring.yaml\n"
                "  nightshift rehearse --until 07:00 spring.yaml\n",
    .help =
        "Lets the night pass many times in a pretend service, with what is left of the batches,\n"
        "the accounts that there are, and what was learned of them: when it will end, give or\n"
        "take, what it will cost, which account does how much, and what limits it. Asks the\n"
        "service what accounts there are, where it can; spends nothing and writes nothing.\n",
    .options = OPTION_BIT(OPTION_LIMIT) | OPTION_BIT(OPTION_UNTIL) |
               OPTION_BIT(OPTION_MAX_CREDITS) | OPTION_BIT(OPTION_ALLOW_ABSOLUTE_OUTPUT) |
               OPTION_BIT(OPTION_SPEED) | OPTION_BIT(OPTION_JSON),
    .args_least = 1,
    .args_most = ANY_NUMBER,
    .run = run_rehearse,
};
