/* `cancel BATCH.yaml [JOB...]` */
#include "cli/order.h"

static int run_cancel(const struct invocation *invocation) {
  return order_run(invocation, "cancel");
}

const struct command command_cancel = {
    .name = "cancel",
    .args = "BATCH.yaml JOB...",
    .summary = "gives jobs up; a task is looked at first, and fetched if it has succeeded",
    .examples = "  nightshift cancel spring.yaml 'clips.scene-02-*'\n"
                "  nightshift cancel --all spring.yaml\n",
    .help = "JOB is a job's id, or a glob: 'scene-12-*'; the whole batch takes --all. Also while\n"
            "a run is at work; with none, what has a task is written down for the next run.\n"
            "Exit status 1 when there is no such job.\n",
    .options = OPTION_BIT(OPTION_ALL),
    .args_least = 1,
    .args_most = ANY_NUMBER,
    .run = run_cancel,
};
