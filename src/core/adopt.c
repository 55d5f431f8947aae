/* Tasks of our batch that the state knows nothing of: the batch is at work elsewhere, or its state
 * was lost. A reference says whose it is (attempts.c makes it: "ns1:<batch>:<job>:<random>",
 * then a blank and the job's own `reference` where it has one).
 *
 * Going on would pay for those jobs again, so the run stops and says what to do; with --adopt the
 * tasks are taken over as if this state had ordered them. Tasks that ended badly are of no concern.
 */
#include <stdio.h>
#include <string.h>

#include "core/state.h"
#include "util/check.h"
#include "util/text.h"

/* The part of a reference between its first colons, as long as `length`. */
static bool part_is(const char *part, size_t length, const char *wanted) {
  return strlen(wanted) == length && memcmp(part, wanted, length) == 0;
}

struct parts {
  const char *batch, *job;
  size_t batch_length, job_length;
};

static bool split(const char *ref, struct parts *parts) {
  if (!text_starts_with(ref, "ns1:")) return false;
  parts->batch = ref + strlen("ns1:");
  const char *second = strchr(parts->batch, ':');
  if (second == NULL) return false;
  parts->batch_length = (size_t)(second - parts->batch);
  parts->job = second + 1;
  const char *third = strchr(parts->job, ':');
  if (third == NULL) return false;
  parts->job_length = (size_t)(third - parts->job);
  return true;
}

/* The batch of this run that the reference names; -1: none. */
static int32_t batch_of(struct core *core, const struct parts *parts) {
  for (int32_t i = 0; i < core->batch_count; i++)
    if (core->batches[i].worked_on &&
        part_is(parts->batch, parts->batch_length, attempt_ref_part(core, core->batches[i].key)))
      return i;
  return -1;
}

static struct job *job_of(struct core *core, const struct parts *parts, batch_id batch) {
  for (int32_t i = 0; i < core->rank_count; i++) {
    struct job *job = &core->jobs[core->by_rank[i]];
    if (job->rec.batch == batch &&
        part_is(parts->job, parts->job_length, attempt_ref_part(core, job->rec.name)))
      return job;
  }
  return NULL;
}

static void stop_for(struct core *core, struct account *account, const struct task_view *task,
                     const struct parts *parts) {
  core->stopping = true;
  core->stop_status = 4;
  core->stop_why = core_keep(
      core,
      arena_printf(core->out->arena,
                   "%s has a task of this batch (job %.*s) that this state does not know: the "
                   "batch is at work elsewhere or its state was lost; run with that state, or "
                   "with --adopt to take its tasks over",
                   account->email, (int)parts->job_length, parts->job));
  struct log_line *line = account_log(core, account, LOG_ERROR, LOG_RUN_STOPPING);
  log_text(line, "task", core_keep(core, task->task_id));
  log_text(line, "why", core->stop_why);
}

static void take_over(struct core *core, struct account *account, struct job *job,
                      const struct task_view *task) {
  job_unplace(core, job);
  if (job->rec.state == JOB_UPLOADING) job_move(core, job, JOB_QUEUED);
  job->account = account_place(core, account);
  job->rec.account = account->email;
  job->rec.result = submit_result_path(core, job, account);
  struct attempt *attempt = attempt_adopt(core, job, account, task->reply_ref);
  job_move(core, job, JOB_SUBMITTING);
  attempt_accept(core, attempt, task->task_id);
  attempt->course.since = 0; /* nobody here knows */
  job->rec.attempts++;
  job->rec.task_id = attempt->rec.task_id;
  job_move(core, job, JOB_RUNNING);
  job_log(core, job, LOG_INFO, LOG_JOB_RESOLVED,
          "its task was ordered elsewhere and is taken over");
  watch_see(core, attempt, task);
}

bool adopt_see(struct core *core, struct account *account, const struct task_view *task) {
  struct parts parts;
  bool of_worth = task_status_in_flight(task->status) || task->status == TASK_SUCCEEDED;
  if (task->reply_ref == NULL || !of_worth || !split(task->reply_ref, &parts)) return false;
  int32_t batch = batch_of(core, &parts);
  if (batch < 0 || core->stopping) return false;
  if (!core->options.adopt) {
    stop_for(core, account, task, &parts);
    return true;
  }
  struct job *job = job_of(core, &parts, core->batches[batch].id);
  if (job == NULL || (job->rec.state != JOB_QUEUED && job->rec.state != JOB_UPLOADING))
    return false;
  take_over(core, account, job, task);
  return true;
}
