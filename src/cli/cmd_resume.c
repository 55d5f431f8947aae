/* `resume BATCH.yaml [JOB...]`, `resume --account EMAIL` */
#include "cli/order.h"

static int run_resume(const struct invocation *invocation) {
  return order_run(invocation, "resume");
}

const struct command command_resume = {
    .name = "resume",
    .args = "BATCH.yaml [JOB...] | --account EMAIL",
    .summary = "lets go on what was paused",
    .examples = "  nightshift resume spring.yaml\n"
                "  nightshift resume --account one@example.com\n",
    .help = "A whole batch is resumed with those of its jobs that were paused one by one. Also\n"
            "while a run is at work.\n",
    .options = OPTION_BIT(OPTION_ACCOUNT),
    .args_most = ANY_NUMBER,
    .run = run_resume,
};
