/* Attempts in doubt: whether a submission whose answer we did not get made a task. docs/store.md
 * has the argument as numbered claims. An attempt leaves `unsure` by evidence alone:
 *
 * found: an unowned task with our replyRef, seen anywhere; or, where lists carry no replyRef, with
 * our asset's unique name and the voice, and not seen before the attempt was opened.
 * absent: two complete lists, both begun after the settle time, at least 30 s apart, lack it.
 * held: the evidence contradicts itself, a task came that tells in no way whose it is, or the
 * account could not be listed for an hour.
 *
 * It keeps its slot and blocks only its own clip and voice meanwhile. */
#include <stdio.h>
#include <string.h>

#include "core/state.h"
#include "util/check.h"
#include "util/text.h"

static const duration_ms early_looks[] = {2 * SECOND_MS, 8 * SECOND_MS, 20 * SECOND_MS,
                                          45 * SECOND_MS, 80 * SECOND_MS};
#define OUTAGE_ROUNDS 4 /* times max_attempts, at up to 12 minutes a try */
#define EARLY_LOOKS   (sizeof early_looks / sizeof early_looks[0])

static duration_ms latency_bound(int bucket) {
  double bound = 100;
  for (int i = 0; i < bucket; i++)
    bound *= 1.25;
  return (duration_ms)bound;
}

void settle_note_latency(struct core *core, duration_ms latency) {
  int bucket = 0;
  while (bucket < SETTLE_LATENCIES - 1 && latency_bound(bucket) < latency)
    bucket++;
  core->latency[bucket]++;
}

duration_ms settle_time(const struct core *core) {
  int64_t all = 0, above = 0;
  for (int i = 0; i < SETTLE_LATENCIES; i++)
    all += core->latency[i];
  int bucket = SETTLE_LATENCIES - 1;
  for (; bucket > 0; bucket--) { /* the last bucket whose longer ones are a thousandth at most */
    above += core->latency[bucket];
    if (above * 1000 > all) break;
  }
  duration_ms twice = all == 0 ? 0 : 2 * latency_bound(bucket);
  return twice > core->options.settle_ms ? twice : core->options.settle_ms;
}

void settle_begin(struct core *core, struct attempt *attempt, const char *cause) {
  struct job *job = &core->jobs[attempt->job];
  CHECK(attempt->rec.state == ATTEMPT_OPEN);
  attempt->rec.state = ATTEMPT_UNSURE;
  attempt->rec.over = core->now;
  attempt->rec.absent_once = 0;
  attempt->rec.cause = core_keep(core, cause);
  attempt_touch(core, attempt);
  job->rec.attempts++;
  job->rec.error = attempt->rec.cause;
  job_move(core, job, JOB_UNSURE);
  struct log_line *line = job_log(core, job, LOG_WARN, LOG_JOB_UNSURE, cause);
  log_number(line, "wait_ms", settle_time(core));
  if (attempt->account != NONE) look_soon(core, &core->accounts[attempt->account], early_looks[0]);
}

static void resolve_found(struct core *core, struct attempt *attempt, const struct task_view *task,
                          const char *how) {
  struct job *job = &core->jobs[attempt->job];
  attempt_accept(core, attempt, task->task_id);
  job->attempt = attempt_place(core, attempt);
  job->account = attempt->account;
  job->rec.account = attempt->rec.account;
  job->rec.task_id = attempt->rec.task_id;
  job->rec.explore_used = attempt->rec.explore;
  job->rec.error = job->rec.advice = NULL;
  job->rec.ended = 0;
  job_move(core, job, JOB_RUNNING);
  job_log(core, job, LOG_INFO, LOG_JOB_RESOLVED, how);
  if (attempt->account != NONE) capacity_found(core, &core->accounts[attempt->account]);
  watch_see(core, attempt, task);
}

static void resolve_absent(struct core *core, struct attempt *attempt) {
  struct job *job = &core->jobs[attempt->job];
  attempt_close(core, attempt, ATTEMPT_ABSENT, "two complete lists lack it");
  job_log(core, job, LOG_INFO, LOG_JOB_RESOLVED,
          "no task came of it: two complete lists after the settle time lack it");
  /* While no submission at all is answered it is the service that fails, not this job: but an
   * outage that lasts for hours ends it all the same. */
  bool outage = core->answered_at < attempt->rec.opened &&
                job->rec.attempts < OUTAGE_ROUNDS * core->options.max_attempts;
  if (outage)
    job_requeue(core, job);
  else
    retry_after_failure(core, job, attempt, "a submission without an answer made no task");
}

static void resolve_held(struct core *core, struct attempt *attempt, const char *why) {
  struct job *job = &core->jobs[attempt->job];
  attempt_close(core, attempt, ATTEMPT_HELD, why);
  job_end(core, job, JOB_HELD, why,
          "look at the account's tasks on the website, then `nightshift retry` or `cancel`");
}

/* While the job's next submission is on the wire or in doubt it is not known yet whether the late
 * task is one too many: it may be refused. */
static bool undecided(const struct job *job) {
  return job->rec.state == JOB_SUBMITTING || job->rec.state == JOB_UNSURE;
}

static void remember_late(struct core *core, struct attempt *attempt, const char *task_id) {
  if (attempt->late_task != NULL) return;
  attempt->late_task = core_keep(core, task_id);
  GROW(core->late, core->late_count, core->late_room);
  core->late[core->late_count++] = attempt_place(core, attempt);
}

/* A task of an attempt that was believed absent or told to be refused: taken over if the job has
 * not moved on. */
static void late_task(struct core *core, struct attempt *attempt, const struct task_view *task) {
  struct job *job = &core->jobs[attempt->job];
  int64_t owner;
  if (map_get(&core->by_task, task->task_id, &owner)) return;
  if (undecided(job)) {
    remember_late(core, attempt, task->task_id);
    return;
  }
  if (job->rec.state == JOB_UPLOADING) job_move(core, job, JOB_QUEUED);
  bool given_up = job->rec.state == JOB_FAILED && job->attempt == attempt_place(core, attempt);
  bool unwanted = job->rec.state == JOB_CANCELLED;
  if (unwanted) cancel_wish(core, job, "its task turned up after the job had been cancelled");
  if (job->rec.state == JOB_QUEUED || given_up || unwanted) {
    job_unplace(core, job);
    resolve_found(core, attempt, task, "its task turned up late");
    return;
  }
  map_set(&core->by_task, task->task_id, attempt_place(core, attempt));
  attempt->rec.task_id = core_keep(core, task->task_id);
  attempt_touch(core, attempt);
  job_log(core, job, LOG_ERROR, LOG_JOB_RESOLVED,
          attempt->rec.state == ATTEMPT_ABSENT
              ? "a task that was believed absent turned up after the job was submitted again: paid "
                "twice"
              : "a task of a submission that had been refused turned up, too late to be taken "
                "over: paid twice if the job was submitted again");
}

static bool same_account(const struct account *account, const struct attempt *attempt) {
  return strcmp(account->email, attempt->rec.account) == 0;
}

static bool name_fits(const struct attempt *attempt, const struct task_view *task) {
  size_t length;
  if (attempt->rec.asset_name == NULL || task->name == NULL) return false;
  length = strlen(attempt->rec.asset_name);
  if (!text_ends_with(task->name, attempt->rec.asset_name)) return false;
  size_t before = strlen(task->name) - length;
  if (before > 0 && task->name[before - 1] != '_') return false;
  return task->voice_id == NULL || attempt->rec.voice_id == NULL ||
         strcmp(task->voice_id, attempt->rec.voice_id) == 0;
}

/* Whether the name ends with the name of any asset that we uploaded. */
static bool bears_our_name(const struct core *core, const struct task_view *task) {
  const char *at = task->name == NULL ? NULL : strchr(task->name, '_');
  for (; at != NULL; at = strchr(at + 1, '_'))
    if (map_get(&core->assets, at + 1, NULL)) return true;
  return task->name != NULL && map_get(&core->assets, task->name, NULL);
}

static void keep_stranger(struct core *core, struct account *account,
                          const struct task_view *task) {
  map_set(&core->strangers, task->task_id, core->now);
  record_add(core, RECORD_STRANGER)->as.stranger =
      (struct stranger_record){.task_id = core_keep(core, task->task_id),
                               .account = account->email,
                               .name = core_keep(core, task->name),
                               .seen = core->now};
}

static void remember_stranger(struct core *core, struct account *account,
                              const struct task_view *task) {
  if (bears_our_name(core, task) && !map_get(&core->strangers, task->task_id, NULL))
    keep_stranger(core, account, task);
}

/* What an unowned task says of one attempt that is on the wire or in doubt, by its name. */
static void weigh_by_name(struct account *account, struct attempt *attempt,
                          const struct task_view *task, time_ms first_seen, bool *ours) {
  if (!same_account(account, attempt) || !name_fits(attempt, task)) return;
  if (task->reply_ref != NULL) return; /* it bears another's reference */
  if (first_seen != 0 && first_seen <= attempt->rec.opened) return; /* it was there before */
  *ours = true;
  if (attempt->rec.state != ATTEMPT_UNSURE) return; /* its answer may still come */
  attempt->suspicious = true;
  attempt->candidate_count++;
}

/* Nothing but a request that arrived twice makes two tasks of one reference (docs/store.md). Told
 * once, also across runs. */
static void second_task(struct core *core, struct account *account, struct attempt *attempt,
                        const struct task_view *task) {
  if (map_get(&core->strangers, task->task_id, NULL)) return;
  keep_stranger(core, account, task);
  job_log(core, &core->jobs[attempt->job], LOG_ERROR, LOG_JOB_RESOLVED,
          "the service has a second task of the same submission: its request arrived twice, and "
          "was paid twice");
}

/* A task that bears the reference of one of our attempts. */
static void see_referred(struct core *core, struct account *account, struct attempt *attempt,
                         const struct task_view *task) {
  bool of_worth = task_status_in_flight(task->status) || task->status == TASK_SUCCEEDED;
  if (attempt->rec.state == ATTEMPT_UNSURE)
    resolve_found(core, attempt, task, "its task was found by its reference");
  else if (attempt->rec.task_id != NULL && of_worth)
    second_task(core, account, attempt, task);
  else if (attempt->rec.state == ATTEMPT_ABSENT ||
           (attempt->rec.state == ATTEMPT_REFUSED && of_worth))
    late_task(core, attempt, task);
}

bool settle_see(struct core *core, struct account *account, const struct task_view *task) {
  int64_t place, seen = 0;
  bool ours = false;
  if (map_get(&core->by_task, task->task_id, &place)) return true;
  struct attempt *attempt = attempt_of_ref(core, task->reply_ref);
  if (attempt != NULL) {
    if (attempt->job != NONE) see_referred(core, account, attempt, task);
    return true;
  }
  if (adopt_see(core, account, task)) return true;
  (void)map_get(&core->strangers, task->task_id, &seen);
  for (int32_t i = 0; i < core->open_count; i++) {
    struct attempt *open = &core->attempts[core->open[i]];
    if (open->rec.state == ATTEMPT_ACCEPTED) continue;
    weigh_by_name(account, open, task, seen, &ours);
  }
  if (!ours) remember_stranger(core, account, task);
  return ours;
}

/* Whether the task was known on the account before the attempt. */
static bool is_anchor(const struct attempt *attempt, const struct task_view *task) {
  if (attempt->rec.anchors == NULL) return false;
  const char *found = strstr(attempt->rec.anchors, task->task_id);
  size_t length = strlen(task->task_id);
  return found != NULL && (found == attempt->rec.anchors || found[-1] == ' ') &&
         (found[length] == ' ' || found[length] == '\0');
}

/* Whether the list reaches back to before the attempt: it shows a task known then, or is the whole
 * history of an account where none was ever seen. */
static bool list_is_complete(const struct attempt *attempt, const struct answer *answer,
                             int64_t limit) {
  if (!answer->whole || limit < LIST_COMPLETE) return false;
  if (attempt->rec.anchors == NULL) return answer->task_count < (size_t)limit;
  for (size_t i = 0; i < answer->task_count; i++)
    if (is_anchor(attempt, &answer->tasks[i])) return true;
  return false;
}

/* Whether the list (newest first) shows a task that came since the attempt and tells in no way
 * whose it is: all its fields are optional, and it may be this one's. */
static bool may_hide(const struct core *core, const struct attempt *attempt,
                     const struct answer *answer) {
  if (core->carries_ref == 1) return false; /* ours would bear it */
  for (size_t i = 0; i < answer->task_count; i++) {
    const struct task_view *task = &answer->tasks[i];
    if (is_anchor(attempt, task)) return false;
    if (task->reply_ref == NULL && task->name == NULL &&
        !map_get(&core->by_task, task->task_id, NULL))
      return true;
  }
  return false;
}

/* The one unowned task that fits by name, where lists carry no replyRef. */
static const struct task_view *only_candidate(struct core *core, struct attempt *attempt,
                                              const struct answer *answer) {
  const struct task_view *only = NULL;
  for (size_t i = 0; i < answer->task_count; i++) {
    const struct task_view *task = &answer->tasks[i];
    int64_t seen = 0;
    if (map_get(&core->by_task, task->task_id, NULL) || task->reply_ref != NULL ||
        !name_fits(attempt, task))
      continue;
    (void)map_get(&core->strangers, task->task_id, &seen);
    if (seen != 0 && seen <= attempt->rec.opened) continue;
    if (only != NULL) return NULL;
    only = task;
  }
  return only;
}

/* Whether another attempt could claim the same task: one on the wire, in doubt, or held because of
 * this very task. */
static bool rival(const struct core *core, const struct attempt *attempt,
                  const struct task_view *task) {
  for (int32_t i = 0; i < core->attempt_count; i++) {
    const struct attempt *other = &core->attempts[i];
    enum attempt_state state = other->rec.state;
    bool undecided = state == ATTEMPT_OPEN || state == ATTEMPT_UNSURE || state == ATTEMPT_HELD;
    if (other != attempt && undecided && other->account == attempt->account &&
        name_fits(other, task))
      return true;
  }
  return false;
}

static bool settled(const struct core *core, const struct attempt *attempt, time_ms begun) {
  return begun >= attempt->rec.over + settle_time(core);
}

static void weigh_absence(struct core *core, struct attempt *attempt, const struct answer *answer,
                          time_ms begun, int64_t limit) {
  if (!settled(core, attempt, begun)) return;
  if (attempt->suspicious) {
    resolve_held(core, attempt,
                 attempt->candidate_count > 1
                     ? "more than one task fits it and none carries its reference"
                     : "a task of the same clip and voice appeared that carries no reference");
    return;
  }
  if (!list_is_complete(attempt, answer, limit)) return;
  if (may_hide(core, attempt, answer)) {
    resolve_held(core, attempt, "a task appeared that bears neither a reference nor a name");
    return;
  }
  if (attempt->rec.asset_name == NULL && core->carries_ref != 1) {
    resolve_held(core, attempt, "lists carry no reference, and its asset's name is not ours");
    return;
  }
  if (attempt->rec.absent_once == 0) {
    attempt->rec.absent_once = begun;
    attempt_touch(core, attempt);
  } else if (begun >= attempt->rec.absent_once + SETTLE_BETWEEN_MS) {
    resolve_absent(core, attempt);
  }
}

static void settle_one(struct core *core, struct attempt *attempt, const struct answer *answer,
                       time_ms begun, int64_t limit) {
  if (core->carries_ref != 1 && attempt->candidate_count == 1) {
    const struct task_view *task = only_candidate(core, attempt, answer);
    if (task != NULL && !rival(core, attempt, task)) {
      resolve_found(core, attempt, task, "its task was found by the clip's name and the voice");
      return;
    }
  }
  weigh_absence(core, attempt, answer, begun, limit);
}

void settle_on_list(struct core *core, struct account *account, const struct answer *answer,
                    time_ms begun, int64_t limit) {
  for (int32_t i = core->open_count; i-- > 0;) {
    struct attempt *attempt = &core->attempts[core->open[i]];
    if (attempt->rec.state != ATTEMPT_UNSURE || !same_account(account, attempt)) continue;
    settle_one(core, attempt, answer, begun, limit);
  }
  for (int32_t i = 0; i < core->open_count; i++) { /* evidence is weighed afresh with each list */
    struct attempt *attempt = &core->attempts[core->open[i]];
    if (!same_account(account, attempt)) continue;
    attempt->candidate_count = 0;
    attempt->suspicious = false;
  }
}

time_ms settle_look_at(const struct core *core, const struct attempt *attempt, bool *complete) {
  const struct account *account = &core->accounts[attempt->account];
  time_ms end = attempt->rec.over + settle_time(core);
  time_ms again = account->last_look + core->options.poll_high;
  *complete = true;
  if (attempt->rec.absent_once != 0) {
    time_ms second = attempt->rec.absent_once + SETTLE_BETWEEN_MS;
    return account->last_look < second || second > again ? second : again;
  }
  if (core->now >= end) return account->last_look < end ? end : again;
  *complete = false;
  for (size_t i = 0; i < EARLY_LOOKS; i++) {
    time_ms look = attempt->rec.over + early_looks[i];
    if (look < end && account->last_look < look) return look;
  }
  *complete = true;
  return end;
}

static void ask_scheduler(struct core *core, struct attempt *attempt) {
  struct account *account = &core->accounts[attempt->account];
  struct action *action = action_add(core, ACTION_CALL);
  action->call = (struct call){.kind = CALL_SCHEDULER, .token = account->token};
  struct request *request = request_add(core, REQUEST_SCHEDULER, action);
  request->account = attempt->account;
  request->token = account->token;
  for (int32_t i = 0; i < core->open_count; i++) { /* one answer serves all of this token */
    struct attempt *other = &core->attempts[core->open[i]];
    if (other->rec.state == ATTEMPT_UNSURE && other->account != NONE &&
        core->accounts[other->account].token == account->token)
      other->scheduler_asked = true;
  }
}

/* Late tasks whose job's next submission has been decided. Before slots are filled, so that one
 * that was refused is not sent again. */
static void decide_late(struct core *core) {
  for (int32_t i = core->late_count; i-- > 0;) {
    struct attempt *attempt = &core->attempts[core->late[i]];
    if (undecided(&core->jobs[attempt->job])) continue;
    struct task_view task = {.task_id = attempt->late_task,
                             .status = TASK_PENDING,
                             .progress_percent = -1,
                             .starts_in_ms = -1,
                             .artifact_bytes = -1};
    core->late[i] = core->late[--core->late_count];
    attempt->late_task = NULL;
    late_task(core, attempt, &task);
  }
}

void settle_wake(struct core *core) {
  decide_late(core);
  for (int32_t i = core->open_count; i-- > 0;) {
    struct attempt *attempt = &core->attempts[core->open[i]];
    if (attempt->rec.state != ATTEMPT_UNSURE) continue;
    time_ms give_up = attempt->rec.over + settle_time(core) + SETTLE_GIVE_UP_MS;
    bool lost = attempt->account == NONE || core->accounts[attempt->account].state == ACCOUNT_LOST;
    if (core->now >= give_up && !lost)
      resolve_held(core, attempt, "its account could not be listed whole for an hour");
    else if (!lost && !attempt->scheduler_asked && core->now >= attempt->rec.over + SECOND_MS)
      ask_scheduler(core, attempt);
  }
}

void settle_hold_suspended(struct core *core) {
  for (int32_t i = core->open_count; i-- > 0;) {
    struct attempt *attempt = &core->attempts[core->open[i]];
    if (attempt->account == NONE || !core->accounts[attempt->account].suspended) continue;
    resolve_held(core, attempt, "its account is suspended: what became of its task cannot be seen");
  }
}
