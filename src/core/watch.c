/* What was seen of running tasks, by lists and by looks at single ones. */
#include <stdio.h>
#include <string.h>

#include "core/hint.h"
#include "core/state.h"
#include "util/check.h"

#define MISSING_BEFORE_GET 2
#define BESIDE_PERCENT     5 /* so far it got beside ours that just ended, not in its slot */

static void hold_task(struct core *core, struct attempt *attempt, const char *why) {
  struct job *job = &core->jobs[attempt->job];
  attempt_close(core, attempt, ATTEMPT_HELD, why);
  job_end(core, job, JOB_HELD, why,
          "look for the task on the website, then `nightshift retry` or `cancel`");
}

/* A known task is never 'not there': look again, and after the settle time a person must tell. */
static void not_there(struct core *core, struct attempt *attempt, const char *why) {
  if (attempt->delete_sent) { /* by our own doing, though its answer was lost */
    cancel_done(core, attempt);
    return;
  }
  if (attempt->lost_since == 0) attempt->lost_since = core->now;
  if (core->now >= attempt->lost_since + settle_time(core))
    hold_task(core, attempt, why);
  else
    attempt->get_at = core->now + core->options.poll_high;
}

/* Told once per task: when it is first seen at work, at the latest when its end is seen. */
static void tell_running(struct core *core, struct attempt *attempt) {
  if (attempt->running_told) return;
  attempt->running_told = true;
  job_log(core, &core->jobs[attempt->job], LOG_INFO, LOG_JOB_RUNNING, NULL);
}

static void ended_failed(struct core *core, struct attempt *attempt, const struct task_view *task) {
  struct job *job = &core->jobs[attempt->job];
  const char *why =
      task->failure_text == NULL ? "the task failed without a reason" : task->failure_text;
  if (task->failure == TASK_FAILURE_MODERATED) {
    attempt_close(core, attempt, ATTEMPT_MODERATED, why);
    job_end(core, job, JOB_MODERATED, why, "change the clip; moderated clips endanger accounts");
    moderation_struck(core, job,
                      attempt->account == NONE ? NULL : &core->accounts[attempt->account], why);
  } else if (task->failure == TASK_FAILURE_RETRY) {
    attempt_close(core, attempt, ATTEMPT_FAILED, why);
    retry_after_failure(core, job, attempt, why);
  } else {
    attempt_close(core, attempt, ATTEMPT_FAILED, why);
    job_end(core, job, JOB_FAILED, why, "look at the clip, then `nightshift retry`");
  }
}

static void succeeded(struct core *core, struct attempt *attempt, const struct task_view *task) {
  struct job *job = &core->jobs[attempt->job];
  if (task->artifact_url == NULL) {
    not_there(core, attempt, "the task has succeeded, but the service names no result");
    return;
  }
  tell_running(core, attempt);
  learn_ended(core, attempt,
              attempt->hint.looked ? core->now : foresee_ended(core, &attempt->course));
  attempt_close(core, attempt, ATTEMPT_SUCCEEDED, NULL);
  fetch_begin(core, job, task);
}

static void in_flight(struct core *core, struct attempt *attempt, const struct task_view *task) {
  foresee_sight(core, &attempt->course, task->status == TASK_THROTTLED, task->progress_percent);
  if (task->status == TASK_RUNNING) tell_running(core, attempt);
  if (task->status != TASK_UNKNOWN || task->status_text == NULL ||
      map_get(&core->odd_statuses, task->status_text, NULL))
    return;
  map_set(&core->odd_statuses, task->status_text, 1);
  struct log_line *line = log_add(core, LOG_WARN, LOG_API_ERROR);
  log_text(line, "task", attempt->rec.task_id);
  log_text(line, "error",
           arena_printf(core->out->arena, "unknown status \"%s\", taken as in flight",
                        task->status_text));
}

void watch_see(struct core *core, struct attempt *attempt, const struct task_view *task) {
  if (attempt->rec.state != ATTEMPT_ACCEPTED || attempt->job == NONE) return;
  attempt->status = task->status;
  attempt->missing = 0;
  if (!task_status_in_flight(task->status)) hint_ended(core, attempt);
  switch (task->status) {
  case TASK_PENDING:
  case TASK_THROTTLED:
  case TASK_RUNNING:
  case TASK_UNKNOWN:
    attempt->lost_since = 0;
    attempt->get_at = TIME_NEVER;
    in_flight(core, attempt, task);
    break;
  case TASK_SUCCEEDED:
    succeeded(core, attempt, task);
    break;
  case TASK_FAILED:
    ended_failed(core, attempt, task);
    break;
  case TASK_CANCELLED:
    if (core->jobs[attempt->job].rec.cancel_wanted) {
      cancel_done(core, attempt);
      break;
    }
    attempt_close(core, attempt, ATTEMPT_CANCELLED, "cancelled by others");
    job_end(core, &core->jobs[attempt->job], JOB_CANCELLED, "its task was cancelled by others",
            "`nightshift retry` submits it again");
    break;
  }
}

static void keep_anchors(struct core *core, struct account *account, const struct answer *answer) {
  size_t most = sizeof account->anchors / sizeof account->anchors[0], kept = 0;
  if (answer->task_count > 0) account->ever_task = true;
  for (size_t i = 0; i < answer->task_count && kept < most; i++) {
    const char *id = answer->tasks[i].task_id;
    if (id != NULL) account->anchors[kept++] = core_intern(core, id);
  }
}

/* Whether lists show replyRef is learned from our own tasks in them. */
static void learn_refs(struct core *core, const struct attempt *attempt,
                       const struct task_view *task) {
  if (attempt->rec.reply_ref == NULL) return;
  if (task->reply_ref != NULL)
    core->carries_ref = 1;
  else if (core->carries_ref != 1)
    core->carries_ref = 0;
}

/* Tasks of ours that hold a slot. */
static int at_work(const struct core *core, const struct account *account) {
  int count = 0;
  for (const struct attempt *attempt = attempt_at(core, account->first_there); attempt != NULL;
       attempt = attempt_at(core, attempt->next_there))
    count += attempt->rec.state == ATTEMPT_ACCEPTED && attempt->status != TASK_THROTTLED;
  return count;
}

static void see_all(struct core *core, struct account *account, const struct answer *answer) {
  int others = 0, working = 0, beside = 0, ended = 0;
  others_begin(account);
  for (size_t i = 0; i < answer->task_count; i++) {
    const struct task_view *task = &answer->tasks[i];
    int64_t place;
    if (task->task_id == NULL) continue;
    if (map_get(&core->by_task, task->task_id, &place)) {
      struct attempt *attempt = &core->attempts[place];
      bool told = attempt->rec.state == ATTEMPT_ACCEPTED && attempt->hint.looked;
      learn_refs(core, attempt, task);
      watch_see(core, attempt, task);
      ended += told && attempt->rec.state != ATTEMPT_ACCEPTED;
    } else if (!settle_see(core, account, task) && task_status_in_flight(task->status)) {
      others++;
      working += task->status != TASK_THROTTLED;
      beside += task->status != TASK_THROTTLED && task->progress_percent >= BESIDE_PERCENT;
      others_see(core, account, task);
      money_see_other(core, account, task->task_id);
    }
  }
  others_end(account);
  if (!answer->whole) return;
  capacity_others_listed(core, account, others);
  capacity_seen(core, account, at_work(core, account) + working);
  if (ended > 0) capacity_seen(core, account, at_work(core, account) + beside + ended);
}

/* Running tasks that the list lacks are asked for by themselves. */
static void note_missing(struct core *core, struct account *account, const struct answer *answer,
                         time_ms begun) {
  for (int32_t i = 0; i < core->open_count; i++) {
    struct attempt *attempt = &core->attempts[core->open[i]];
    if (attempt->rec.state != ATTEMPT_ACCEPTED ||
        attempt->account != account_place(core, account) || attempt->accepted >= begun)
      continue;
    bool there = false;
    for (size_t k = 0; k < answer->task_count && !there; k++)
      there = answer->tasks[k].task_id != NULL &&
              strcmp(answer->tasks[k].task_id, attempt->rec.task_id) == 0;
    if (!there && ++attempt->missing >= MISSING_BEFORE_GET && attempt->get_at == TIME_NEVER)
      attempt->get_at = core->now;
  }
}

static void list_failed(struct core *core, struct account *account, const struct outcome *outcome) {
  if (account_on_outcome(core, account, outcome)) return;
  duration_ms pause = core->options.poll_low;
  for (int32_t i = 0; i < account->list_fails && pause < MINUTE_MS; i++)
    pause *= 2;
  if (outcome->retry_after_ms > pause) pause = outcome->retry_after_ms;
  account->look_at = core->now + pause;
  if (account->list_fails++ > 0) return; /* told once, until it works again */
  struct log_line *line = account_log(core, account, LOG_WARN, LOG_API_ERROR);
  log_text(line, "call", "list-tasks");
  log_text(line, "error",
           arena_printf(core->out->arena, "%s: %s", outcome_name(outcome->kind), outcome->text));
  log_number(line, "wait_ms", pause);
}

void watch_on_list(struct core *core, const struct request *request, const struct answer *answer,
                   time_ms begun) {
  struct account *account = &core->accounts[request->account];
  account->list_wire = false;
  if (answer->outcome.kind != OUTCOME_OK) {
    hint_listed(core, account);
    list_failed(core, account, &answer->outcome);
    return;
  }
  account->list_fails = 0;
  account->look_at = TIME_NEVER;
  if (account->state == ACCOUNT_BROKEN) account_mark_ready(core, account);
  see_all(core, account, answer);
  hint_listed(core, account);
  settle_on_list(core, account, answer, begun, request->limit);
  note_missing(core, account, answer, begun);
  keep_anchors(core, account, answer);
  if (answer->whole) account->listed = true;
}

void watch_on_task(struct core *core, const struct request *request, const struct answer *answer) {
  struct attempt *attempt = &core->attempts[request->attempt];
  struct account *account = &core->accounts[request->account];
  attempt->get_wire = false;
  if (attempt->rec.state != ATTEMPT_ACCEPTED) return;
  attempt->get_at = core->now + core->options.poll_high;
  const struct outcome *outcome = &answer->outcome;
  if (outcome->kind == OUTCOME_OK && answer->task_count == 1) {
    watch_see(core, attempt, &answer->tasks[0]);
    if (attempt->rec.state == ATTEMPT_ACCEPTED && task_status_in_flight(answer->tasks[0].status))
      cancel_task(core, attempt);
    hint_answered(core, attempt);
  } else if (outcome->kind == OUTCOME_NOT_FOUND || outcome->kind == OUTCOME_EXPIRED ||
             outcome->kind == OUTCOME_BAD_REQUEST)
    not_there(core, attempt, "the service no longer knows the task that it gave us");
  else
    (void)account_on_outcome(core, account, outcome);
}

void watch_on_scheduler(struct core *core, const struct request *request,
                        const struct answer *answer) {
  if (answer->outcome.kind != OUTCOME_OK) return; /* the lists will tell */
  for (size_t i = 0; i < answer->task_count; i++) {
    const struct task_view *task = &answer->tasks[i];
    struct attempt *attempt = attempt_of_ref(core, task->reply_ref);
    if (attempt == NULL || attempt->account == NONE ||
        core->accounts[attempt->account].token != request->token)
      continue;
    (void)settle_see(core, &core->accounts[attempt->account], task);
  }
}
