/* `pause BATCH.yaml [JOB...]`, `pause --account EMAIL` */
#include "cli/order.h"

static int run_pause(const struct invocation *invocation) {
  return order_run(invocation, "pause");
}

const struct command command_pause = {
    .name = "pause",
    .args = "BATCH.yaml [JOB...] | --account EMAIL",
    .summary = "submits nothing of a batch, of jobs, or to an account, until resumed",
    .examples = "  nightshift pause spring.yaml\n"
                "  nightshift pause spring.yaml 'clips.scene-*'\n"
                "  nightshift pause --account one@example.com\n",
    .help = "JOB is a job's id, or a glob: 'scene-12-*'. What is under way goes on. It holds over\n"
            "restarts. A run whose rest is paused ends with status 3. Also while a run is at\n"
            "work.\n",
    .options = OPTION_BIT(OPTION_ACCOUNT),
    .args_most = ANY_NUMBER,
    .run = run_pause,
};
