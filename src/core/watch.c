/* When to look at running tasks, and what was seen. One list of an account covers all its tasks;
 * the next look follows from how long such tasks have taken, between the config's bounds. */
#include <stdio.h>
#include <string.h>

#include "core/state.h"
#include "util/check.h"

/* Tasks asked for when only running ones matter: those in flight, and what may have come and gone
 * beside them. One that is further down is asked for by itself. */
#define LIST_SHORT(in_flight) (2 * (in_flight) + 8)
#define PROGRESS_LEAST        8 /* percent between two sights before they count */
#define MISSING_BEFORE_GET    2

static time_ms earlier(time_ms a, time_ms b) {
  return a < b ? a : b;
}

duration_ms watch_expected(const struct core *core, const struct job *job,
                           const struct account *account, bool explore) {
  double pace =
      account != NULL && account->pace > 0 && !explore ? account->pace : core->pace[explore];
  duration_ms length = job->rec.clip_ms > 0 ? job->rec.clip_ms : 10 * SECOND_MS;
  return (duration_ms)(pace * (double)length);
}

/* A new value counts a quarter. */
static void learn(double *pace, double seen) {
  *pace = *pace == 0 ? seen : *pace * 0.75 + seen * 0.25;
}

static void learn_pace(struct core *core, const struct attempt *attempt) {
  const struct job *job = &core->jobs[attempt->job];
  if (attempt->started == 0 || job->rec.clip_ms <= 0 || attempt->account == NONE) return;
  double seen = (double)(core->now - attempt->started) / (double)job->rec.clip_ms;
  learn(&core->pace[attempt->rec.explore], seen);
  if (attempt->rec.explore) return;
  learn(&core->accounts[attempt->account].pace, seen);
  account_save(core, &core->accounts[attempt->account]);
}

void watch_soon(struct core *core, struct account *account, duration_ms delay) {
  account->look_at = earlier(account->look_at, core->now + delay);
}

/* When this running task is worth a look. */
static time_ms attempt_look_at(const struct core *core, const struct attempt *attempt) {
  const struct account *account = &core->accounts[attempt->account];
  const struct job *job = &core->jobs[attempt->job];
  duration_ms expected = watch_expected(core, job, account, attempt->rec.explore);
  time_ms since = attempt->started != 0 ? attempt->started : attempt->accepted;
  duration_ms age = core->now - since;
  if (attempt->predicted > core->now) return core->now + (attempt->predicted - core->now) * 9 / 10;
  if (expected == 0) return core->now + age / 6;
  if (age < expected * 7 / 10) return since + expected * 7 / 10;
  return core->now + expected / 30;
}

static bool wants_listing(const struct core *core, const struct account *account) {
  if (!account->listed) return !core->stopping;
  return account->others > 0 && account->state == ACCOUNT_READY && !core->stopping &&
         core->counts[JOB_QUEUED] + core->counts[JOB_UPLOADING] > 0 &&
         account->in_flight + account->others >= account->known;
}

/* When the account is to be listed next; TIME_NEVER: nothing there to see. */
static time_ms plan_look(const struct core *core, const struct account *account, bool *complete) {
  time_ms at = TIME_NEVER;
  *complete = !account->listed;
  if (account->state == ACCOUNT_LOST) return TIME_NEVER;
  if (wants_listing(core, account))
    at = account->listed ? core->now + core->options.poll_high : core->now;
  for (int32_t i = 0; i < core->open_count; i++) {
    const struct attempt *attempt = &core->attempts[core->open[i]];
    if (attempt->account != account_place(core, account)) continue;
    bool whole = false;
    time_ms look = TIME_NEVER;
    if (attempt->rec.state == ATTEMPT_UNSURE)
      look = settle_look_at(core, attempt, &whole);
    else if (attempt->rec.state == ATTEMPT_ACCEPTED && attempt->get_at == TIME_NEVER)
      look = attempt_look_at(core, attempt);
    if (whole && look <= core->now + core->options.poll_low) *complete = true;
    at = earlier(at, look);
  }
  if (at == TIME_NEVER) return at;
  if (at < account->last_look + core->options.poll_low)
    at = account->last_look + core->options.poll_low;
  if (account->in_flight > 0 && account->last_look > 0)
    at = earlier(at, account->last_look + core->options.poll_high);
  return at;
}

static void ask_list(struct core *core, struct account *account, bool complete) {
  struct action *action = action_add(core, ACTION_CALL);
  account->list_limit = complete ? LIST_COMPLETE : LIST_SHORT(account->in_flight + account->others);
  action->call = (struct call){.kind = CALL_LIST_TASKS,
                               .token = account->token,
                               .email = account->email,
                               .limit = account->list_limit};
  struct request *request = request_add(core, REQUEST_LIST, action);
  request->account = account_place(core, account);
  request->limit = account->list_limit;
  account->list_wire = true;
  account->last_look = core->now;
  account->look_at = TIME_NEVER;
}

static void ask_task(struct core *core, struct attempt *attempt) {
  struct account *account = &core->accounts[attempt->account];
  struct action *action = action_add(core, ACTION_CALL);
  action->call = (struct call){.kind = CALL_GET_TASK,
                               .token = account->token,
                               .email = account->email,
                               .task_id = attempt->rec.task_id};
  struct request *request = request_add(core, REQUEST_GET_TASK, action);
  request->account = attempt->account;
  request->attempt = attempt_place(core, attempt);
  attempt->get_wire = true;
}

void watch_wake(struct core *core) {
  for (int32_t i = 0; i < core->account_count; i++) {
    struct account *account = &core->accounts[i];
    if (account->list_wire || account->state == ACCOUNT_LOST) continue;
    bool complete = false;
    time_ms planned = plan_look(core, account, &complete);
    bool held_off = account->list_fails > 0 || account->state == ACCOUNT_BROKEN;
    if (planned < account->look_at && (!held_off || account->look_at == TIME_NEVER))
      account->look_at = planned;
    if (account->look_at <= core->now &&
        (planned != TIME_NEVER || account->state == ACCOUNT_BROKEN))
      ask_list(core, account, complete);
    else if (planned == TIME_NEVER && account->state != ACCOUNT_BROKEN)
      account->look_at = TIME_NEVER;
  }
  for (int32_t i = 0; i < core->open_count; i++) {
    struct attempt *attempt = &core->attempts[core->open[i]];
    if (attempt->rec.state != ATTEMPT_ACCEPTED || attempt->get_wire || attempt->account == NONE ||
        attempt->get_at > core->now || core->accounts[attempt->account].state == ACCOUNT_LOST)
      continue;
    ask_task(core, attempt);
  }
}

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
  learn_pace(core, attempt);
  attempt_close(core, attempt, ATTEMPT_SUCCEEDED, NULL);
  fetch_begin(core, job, task);
}

/* Two sights of its progress tell how fast it goes; a percent more or less matters little then. */
static void predict(const struct core *core, struct attempt *attempt, int percent) {
  if (percent < 0 || percent >= 100) return;
  if (attempt->progress_first_at == 0) {
    attempt->progress_first_at = core->now;
    attempt->progress_first = percent;
  }
  int32_t gained = percent - attempt->progress_first;
  if (gained < PROGRESS_LEAST) return;
  duration_ms spent = core->now - attempt->progress_first_at;
  attempt->predicted = core->now + spent * (100 - percent) / gained;
}

static void in_flight(struct core *core, struct attempt *attempt, const struct task_view *task) {
  if (task->status == TASK_RUNNING) {
    if (attempt->started == 0) attempt->started = core->now;
    tell_running(core, attempt);
    predict(core, attempt, task->progress_percent);
  }
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

static void see_all(struct core *core, struct account *account, const struct answer *answer) {
  int others = 0;
  for (size_t i = 0; i < answer->task_count; i++) {
    const struct task_view *task = &answer->tasks[i];
    int64_t place;
    if (task->task_id == NULL) continue;
    if (map_get(&core->by_task, task->task_id, &place)) {
      learn_refs(core, &core->attempts[place], task);
      watch_see(core, &core->attempts[place], task);
    } else if (!settle_see(core, account, task) && task_status_in_flight(task->status)) {
      others++;
    }
  }
  if (answer->whole) capacity_others_listed(core, account, others);
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
    list_failed(core, account, &answer->outcome);
    return;
  }
  account->list_fails = 0;
  account->look_at = TIME_NEVER;
  if (account->state == ACCOUNT_BROKEN) account_mark_ready(core, account);
  see_all(core, account, answer);
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
