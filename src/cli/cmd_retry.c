/* `retry BATCH.yaml [JOB...]` */
#include "cli/order.h"

static int run_retry(const struct invocation *invocation) {
  return order_run(invocation, "retry");
}

const struct command command_retry = {
    .name = "retry",
    .args = "BATCH.yaml [JOB...]",
    .summary = "jobs that failed, are held or cancelled: once more",
    .examples = "  nightshift retry spring.yaml\n"
                "  nightshift retry spring.yaml 'clips.scene-*'\n"
                "  nightshift retry --force spring.yaml clips.hello-Maya\n",
    .help = "JOB is a job's id, or a glob: 'scene-12-*'; without one, all that can be retried. A\n"
            "job whose task has succeeded is fetched, not paid for again, unless --again is\n"
            "given. A held job is submitted again: that is a person's word that it may be. The\n"
            "next run takes up what the batch says by now of a retried job. Also while a run is\n"
            "at work. Exit status 1 when nothing is there to retry.\n",
    .options = OPTION_BIT(OPTION_FORCE) | OPTION_BIT(OPTION_AGAIN),
    .args_least = 1,
    .args_most = ANY_NUMBER,
    .run = run_retry,
};
