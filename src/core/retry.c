/* Outcome and attempt to: again when, elsewhere, never. */
#include <stdio.h>

#include "core/state.h"

void retry_after_failure(struct core *core, struct job *job, struct attempt *attempt,
                         const char *cause) {
  job->rec.failures++;
  job->avoid = attempt->account;
  if (job->rec.state != JOB_QUEUED) job_move(core, job, JOB_QUEUED);
  if (job->rec.failures >= core->options.max_attempts) {
    char text[400];
    snprintf(text, sizeof text, "%s, %d times", cause, job->rec.failures);
    job_end(core, job, JOB_FAILED, text,
            "look at the clip; `nightshift retry` gives it another round");
    return;
  }
  struct log_line *line = job_log(core, job, LOG_WARN, LOG_JOB_RETRY, cause);
  log_number(line, "failures", job->rec.failures);
  job->rec.error = core_keep(core, cause);
  job_requeue(core, job);
}

duration_ms retry_backoff(struct core *core, duration_ms *pause, duration_ms first,
                          duration_ms most) {
  *pause = *pause == 0 ? first : *pause * 2 > most ? most : *pause * 2;
  return *pause + prng_between(&core->prng, 0, *pause / 4);
}
