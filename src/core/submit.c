/* The paid call: one at a time per account, written down before it leaves, and what its answer
 * means. Only a definite refusal is a refusal; everything else is doubt (settle.c). */
#include <stdio.h>
#include <string.h>

#include "core/state.h"
#include "util/check.h"
#include "util/plain.h"

#define UNSENT_PAUSE_FIRST_MS (2 * SECOND_MS)
#define UNSENT_PAUSE_MOST_MS  MINUTE_MS
#define DOUBT_PAUSE_FIRST_MS  SECOND_MS
#define DOUBT_PAUSE_MOST_MS   (10 * MINUTE_MS)
#define REUPLOADS_MOST        3

/* The account's address as a part of a name: the service may say anything. */
static const char *account_name(struct core *core, const struct account *account) {
  const char *name = plain_name(core->out->arena, account->email, '_');
  return strcmp(name, ".") == 0 || strcmp(name, "..") == 0 ? "_" : name;
}

const char *submit_result_path(struct core *core, const struct job *job,
                               const struct account *account) {
  static const char mark[] = "{account}";
  const char *path = job->rec.output, *at;
  if (strstr(path, mark) == NULL) return path;
  const char *name = account_name(core, account);
  for (size_t done = 0; (at = strstr(path + done, mark)) != NULL;) {
    int before = (int)(at - path);
    path = arena_printf(core->out->arena, "%.*s%s%s", before, path, name, at + sizeof mark - 1);
    done = (size_t)before + strlen(name);
  }
  return core_keep(core, path);
}

void submit_start(struct core *core, struct job *job, struct account *account) {
  CHECK(account->submit_wire == NONE && job->rec.state == JOB_QUEUED);
  job_unplace(core, job);
  job->account = account_place(core, account);
  job->rec.account = account->email;
  job->rec.result = submit_result_path(core, job, account);
  job->rec.renewed = false;
  if (job->rec.attempts == 0) core->begun++;
  struct attempt *attempt = attempt_add(core, job, account);
  attempt->hint.calls_back = core->options.reply_url != NULL;
  job_move(core, job, JOB_SUBMITTING);
  account->submitted = core->now;
  account_save(core, account);
  struct action *action = action_add(core, ACTION_CALL);
  action->job = job->rec.id;
  action->path = job->rec.result;
  time_ms closes = hours_close(core, account);
  action->not_after = closes == TIME_NEVER ? 0 : closes;
  action->call = (struct call){
      .kind = CALL_SUBMIT,
      .token = account->token,
      .email = account->email,
      .asset_id = attempt->rec.asset_id,
      .voice_id = attempt->rec.voice_id,
      .reply_ref = attempt_full_ref(core, attempt),
      .reply_url = core->options.reply_url != NULL ? core->options.reply_url : job->rec.reply_url,
      .explore = attempt->rec.explore,
      .max_jobs = account->max_jobs};
  struct request *request = request_add(core, REQUEST_SUBMIT, action);
  request->account = job->account;
  request->attempt = attempt_place(core, attempt);
  request->job = job_place(core, job);
  account->submit_wire = request->attempt;
}

static void accepted(struct core *core, struct account *account, struct job *job,
                     struct attempt *attempt, const struct task_view *task) {
  attempt_accept(core, attempt, task->task_id);
  job->rec.attempts++;
  job->rec.task_id = attempt->rec.task_id;
  job->rec.explore_used = attempt->rec.explore;
  job->rec.error = NULL;
  account->submit_pause = 0;
  job_move(core, job, JOB_RUNNING);
  struct log_line *line = job_log(core, job, LOG_INFO, LOG_JOB_SUBMITTED, NULL);
  log_text(line, "explore", attempt->rec.explore ? "true" : NULL);
  log_number(line, "running", account->in_flight);
  capacity_accepted(core, account);
  watch_see(core, attempt, task);
}

/* Refused, or never sent: a job whose first submission it was has not begun. */
static void not_begun(struct core *core, const struct job *job) {
  if (job->rec.attempts == 0) core->begun--;
}

/* It stays bound to the account: its clip is there. */
static void back_ahead(struct core *core, struct job *job, struct account *account) {
  job_move(core, job, JOB_QUEUED);
  job->attempt = NONE;
  bool goes_on = job->rec.listed && !job_is_paused(core, job) && !moderation_forbids(core, job);
  if (account_usable(account) && goes_on)
    job_place_ahead(core, job, account_place(core, account));
  else
    job_requeue(core, job);
}

static void busy(struct core *core, struct account *account, struct job *job,
                 struct attempt *attempt, const struct answer *answer) {
  attempt_close(core, attempt, ATTEMPT_REFUSED, outcome_name(answer->outcome.kind));
  not_begun(core, job);
  back_ahead(core, job, account);
  int others = 0;
  for (size_t i = 0; i < answer->busy_count; i++)
    if (!settle_see(core, account, &answer->busy[i])) others++;
  if (answer->busy_listed) capacity_others_told(core, account, others);
  capacity_refused(core, account, answer);
}

static void not_sent(struct core *core, struct account *account, struct job *job,
                     struct attempt *attempt, const struct outcome *outcome) {
  attempt_close(core, attempt, ATTEMPT_NOT_SENT, outcome->text);
  not_begun(core, job);
  back_ahead(core, job, account);
  bool first = account->submit_pause == 0;
  duration_ms pause =
      retry_backoff(core, &account->submit_pause, UNSENT_PAUSE_FIRST_MS, UNSENT_PAUSE_MOST_MS);
  account->submit_at = core->now + pause;
  struct log_line *line = account_log(core, account, first ? LOG_WARN : LOG_DEBUG, LOG_API_ERROR);
  log_text(line, "call", "submit");
  log_text(line, "error", arena_printf(core->out->arena, "not sent: %s", outcome->text));
  log_number(line, "wait_ms", pause);
}

static void asset_unknown(struct core *core, struct account *account, struct job *job,
                          const char *text) {
  if (job->clip != NONE && ++job->reuploads <= REUPLOADS_MOST) {
    upload_forget(core, job->clip, account_place(core, account));
    job_log(core, job, LOG_WARN, LOG_JOB_RETRY, "the service forgot the uploaded clip");
    job_requeue(core, job);
    return;
  }
  job_end(core, job, JOB_FAILED, text,
          job->clip == NONE ? "see `nightshift assets` for what is there, or give the clip itself"
                            : "the service keeps forgetting the clip: try another account");
}

static void no_explore(struct core *core, struct account *account, struct job *job) {
  account->explore_missing = true;
  account_save(core, account);
  job_log(core, job, LOG_WARN, LOG_JOB_RETRY,
          job->rec.explore == EXPLORE_AUTO
              ? "this account's plan has no explore mode: uses credits"
              : "this account's plan has no explore mode: looks for another account");
  job_requeue(core, job);
}

static void refused(struct core *core, struct account *account, struct job *job,
                    struct attempt *attempt, const struct answer *answer) {
  const struct outcome *outcome = &answer->outcome;
  char text[400];
  snprintf(text, sizeof text, "refused (%d): %s", outcome->http_status, outcome->text);
  attempt_close(core, attempt, ATTEMPT_REFUSED, text);
  not_begun(core, job);
  if (account_on_outcome(core, account, outcome)) {
    job_log(core, job, LOG_WARN, LOG_JOB_RETRY, text);
    job_requeue(core, job);
    if (job->rec.state == JOB_QUEUED && job->pin == account_place(core, account) &&
        outcome->kind == OUTCOME_SUSPENDED)
      job_end(core, job, JOB_FAILED, text, "its account is lost: pin it elsewhere, then retry");
  } else if (outcome->kind == OUTCOME_NOT_FOUND) {
    asset_unknown(core, account, job, text);
  } else if (outcome->kind == OUTCOME_NO_EXPLORE && job->rec.explore != EXPLORE_OFF) {
    no_explore(core, account, job);
  } else if (outcome->kind == OUTCOME_MODERATED) {
    job_end(core, job, JOB_MODERATED, text, "change the clip; moderated clips endanger accounts");
    moderation_struck(core, job, account, text);
  } else {
    job_end(core, job, JOB_FAILED, text, "mend what the service names, then `nightshift retry`");
  }
}

/* Neither accepted nor refused: found out by evidence. One more at once would most likely end the
 * same way. */
static void doubted(struct core *core, struct account *account, struct attempt *attempt,
                    const char *text) {
  account->submit_at = core->now + retry_backoff(core, &account->doubt_pause, DOUBT_PAUSE_FIRST_MS,
                                                 DOUBT_PAUSE_MOST_MS);
  settle_begin(core, attempt, text);
}

void submit_on_answer(struct core *core, const struct request *request,
                      const struct answer *answer) {
  struct account *account = &core->accounts[request->account];
  struct attempt *attempt = &core->attempts[request->attempt];
  struct job *job = &core->jobs[request->job];
  CHECK(account->submit_wire == request->attempt);
  account->submit_wire = NONE;
  const struct outcome *outcome = &answer->outcome;
  tally_submission(core, account, outcome->kind);
  if (outcome->kind == OUTCOME_OK || outcome->refused) {
    core->answered_at = core->now;
    account->doubt_pause = 0;
  }
  if (attempt->rec.state == ATTEMPT_ACCEPTED) return; /* a list was quicker: it is known already */
  CHECK(attempt->rec.state == ATTEMPT_OPEN && job->rec.state == JOB_SUBMITTING);
  if (outcome->kind == OUTCOME_OK) {
    CHECK(answer->task_count == 1 && answer->tasks[0].task_id != NULL);
    if (map_get(&core->by_task, answer->tasks[0].task_id, NULL))
      doubted(core, account, attempt, "the answer names a task that is another submission's");
    else
      accepted(core, account, job, attempt, &answer->tasks[0]);
  } else if (outcome->kind == OUTCOME_NOT_SENT) {
    not_sent(core, account, job, attempt, outcome);
  } else if (!outcome->refused) {
    char text[400];
    snprintf(text, sizeof text, "%s: %s", outcome_name(outcome->kind), outcome->text);
    doubted(core, account, attempt, text);
  } else if (outcome->kind == OUTCOME_BUSY_QUEUE || outcome->kind == OUTCOME_BUSY_RUNWAY) {
    busy(core, account, job, attempt, answer);
  } else {
    refused(core, account, job, attempt, answer);
  }
}

void submit_on_output_taken(struct core *core, const struct request *request, const char *path) {
  struct account *account = &core->accounts[request->account];
  struct attempt *attempt = &core->attempts[request->attempt];
  struct job *job = &core->jobs[request->job];
  account->submit_wire = NONE;
  attempt_close(core, attempt, ATTEMPT_NOT_SENT, "the output is taken");
  not_begun(core, job);
  char text[1200];
  snprintf(text, sizeof text, "a file stands where the result shall be: %s", path);
  job_end(core, job, JOB_FAILED, text,
          "move it away, change `output`, or give --overwrite; then `nightshift retry`");
}
