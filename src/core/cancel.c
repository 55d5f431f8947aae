/* Jobs that a person wants cancelled. One without a task is cancelled at once. Where there is a
 * task, or may be one, the wish is written down and carried out when it is known to what: a task is
 * looked at first, one in flight is deleted, one that has succeeded is fetched. */
#include "core/state.h"
#include "util/check.h"

static const char why[] = "cancelled by a person";
static const char advice[] = "`nightshift retry` submits it again";

void cancel_now(struct core *core, struct job *job) {
  job->rec.cancel_wanted = job->rec.paused = false;
  job_end(core, job, JOB_CANCELLED, why, advice);
}

void cancel_done(struct core *core, struct attempt *attempt) {
  struct job *job = &core->jobs[attempt->job];
  attempt_close(core, attempt, ATTEMPT_CANCELLED, why);
  cancel_now(core, job);
}

void cancel_remember(struct core *core, struct job *job) {
  for (int32_t i = 0; i < core->wished_count; i++)
    if (core->wished[i] == job_place(core, job)) return;
  GROW(core->wished, core->wished_count, core->wished_room);
  core->wished[core->wished_count++] = job_place(core, job);
}

void cancel_wish(struct core *core, struct job *job, const char *cause) {
  cancel_remember(core, job);
  if (job->attempt != NONE) core->attempts[job->attempt].cancel_looked = false;
  if (job->rec.cancel_wanted) return;
  job->rec.cancel_wanted = true;
  job_touch(core, job);
  job_log(core, job, LOG_INFO, LOG_JOB_CANCELLING, cause);
}

static bool in_reach(const struct core *core, const struct attempt *attempt) {
  return attempt->rec.state == ATTEMPT_ACCEPTED && attempt->account != NONE &&
         core->accounts[attempt->account].state != ACCOUNT_LOST;
}

/* Asked for once; then watch.c goes on asking until it has an answer. */
static void look(struct core *core, const struct job *job) {
  if (job->attempt == NONE) return;
  struct attempt *attempt = &core->attempts[job->attempt];
  if (attempt->cancel_looked || !in_reach(core, attempt)) return;
  attempt->cancel_looked = true;
  attempt->get_at = core->now;
}

/* Carries the wish out if it can be by now. Whether it is over, so or so. */
static bool carry_out(struct core *core, struct job *job) {
  switch (job->rec.state) {
  case JOB_SUBMITTING:
  case JOB_UNSURE:
    return false;
  case JOB_RUNNING:
    look(core, job);
    return false;
  case JOB_QUEUED:
  case JOB_UPLOADING:
  case JOB_HELD:
    cancel_now(core, job);
    return true;
  case JOB_DOWNLOADING:
  case JOB_SUCCEEDED:
  case JOB_FAILED:
  case JOB_MODERATED:
  case JOB_CANCELLED:
    job->rec.cancel_wanted = false; /* it was quicker */
    job_touch(core, job);
    return true;
  case JOB_STATE_COUNT:
    break;
  }
  CHECK_UNREACHABLE();
}

void cancel_wake(struct core *core) {
  for (int32_t i = core->wished_count; i-- > 0;) {
    struct job *job = &core->jobs[core->wished[i]];
    if (job->rec.cancel_wanted && !carry_out(core, job)) continue;
    core->wished[i] = core->wished[--core->wished_count];
  }
}

void cancel_task(struct core *core, struct attempt *attempt) {
  const struct job *job = &core->jobs[attempt->job];
  if (!job->rec.cancel_wanted || attempt->delete_wire || core->stopping || !in_reach(core, attempt))
    return;
  const struct account *account = &core->accounts[attempt->account];
  struct action *action = action_add(core, ACTION_CALL);
  action->job = job->rec.id;
  action->call = (struct call){.kind = CALL_DELETE_TASK,
                               .token = account->token,
                               .email = account->email,
                               .task_id = attempt->rec.task_id};
  struct request *request = request_add(core, REQUEST_DELETE, action);
  request->account = attempt->account;
  request->attempt = attempt_place(core, attempt);
  attempt->delete_wire = attempt->delete_sent = true;
}

/* Without a clear answer the task is looked at again, which tells, or leads to another try. */
void cancel_on_answer(struct core *core, const struct request *request,
                      const struct answer *answer) {
  struct attempt *attempt = &core->attempts[request->attempt];
  struct account *account = &core->accounts[request->account];
  const struct outcome *outcome = &answer->outcome;
  attempt->delete_wire = false;
  if (attempt->rec.state != ATTEMPT_ACCEPTED) return; /* its end was seen meanwhile */
  if (outcome->kind == OUTCOME_OK) {
    cancel_done(core, attempt);
    return;
  }
  attempt->get_at = core->now + core->options.poll_low;
  if (account_on_outcome(core, account, outcome)) return;
  struct log_line *line = account_log(core, account, LOG_WARN, LOG_API_ERROR);
  log_text(line, "call", "delete-task");
  log_text(line, "task", attempt->rec.task_id);
  log_text(line, "error",
           arena_printf(core->out->arena, "%s: %s", outcome_name(outcome->kind), outcome->text));
  log_number(line, "wait_ms", core->options.poll_low);
}
