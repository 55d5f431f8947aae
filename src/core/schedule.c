/* Fills the slots at the end of each step, keeps uploads ahead of need, and sees when the run is
 * over.
 */
#include <stdio.h>

#include "core/state.h"
#include "util/check.h"

/* The best job whose clip is there and that nothing forbids now; NONE. */
static int32_t submittable(const struct core *core, const struct account *account) {
  int32_t best = NONE, place = account_place(core, account);
  for (int32_t i = 0; i < account->ahead_count; i++) {
    const struct job *job = &core->jobs[account->ahead[i]];
    if (job->rec.state != JOB_QUEUED || !pick_may_begin(core, job) ||
        !guard_allows_job(core, account, job) || !upload_ready(core, job, place) ||
        doubt_blocks(core, job, account))
      continue;
    if (best == NONE || job->rank < core->jobs[best].rank) best = account->ahead[i];
  }
  int32_t other = pick_for(core, account);
  if (other != NONE && upload_ready(core, &core->jobs[other], place) &&
      (best == NONE || core->jobs[other].rank < core->jobs[best].rank))
    best = other;
  return best;
}

static bool in_service(const struct core *core, const struct account *account) {
  (void)core;
  return account_usable(account) && account->listed;
}

/* Submits when there is room. Returns whether the account could take one that is not there yet. */
static bool fill_slot(struct core *core, struct account *account) {
  time_ms until;
  struct wait wait;
  if (account->submit_wire != NONE || account->submit_at > core->now) return false;
  if (!guard_allows(core, account, &wait)) return false;
  if (capacity_room(core, account, &until) == ROOM_FULL) return false;
  int32_t place = submittable(core, account);
  if (place == NONE) return true;
  if (!tail_fits(core, &core->jobs[place], account)) return false;
  submit_start(core, &core->jobs[place], account);
  return false;
}

/* One bound to a busy account, that this one with room runs sooner. */
static int32_t moved(const struct core *core, const struct account *account) {
  time_ms until;
  if (account->ahead_count > 0 || capacity_room(core, account, &until) != ROOM_FREE) return NONE;
  return pick_steal(core, account);
}

static void fill_ahead(struct core *core, struct account *account, bool hungry) {
  int want = tail_clips_wanted(core, account) + (hungry ? 1 : 0);
  while (account->ahead_count < want && account->uploads_wire == 0 &&
         account->upload_at <= core->now) {
    int32_t place = pick_for(core, account);
    if (place == NONE && hungry) place = moved(core, account);
    if (place == NONE || !tail_fits(core, &core->jobs[place], account)) return;
    struct job *job = &core->jobs[place];
    if (job->place == PLACE_AHEAD) job_requeue(core, job);
    upload_start(core, job, account);
    if (hungry && upload_ready(core, job, account_place(core, account))) return;
  }
}

/* A list of each account comes before the first submission: it may show that the batch is at work
 * elsewhere. An account that cannot be listed holds up no others. */
static bool all_listed(struct core *core) {
  for (int32_t i = 0; i < core->account_count && !core->all_listed; i++) {
    const struct account *account = &core->accounts[i];
    if (account_usable(account) && !account->listed && account->list_fails == 0) return false;
  }
  core->all_listed = true;
  return true;
}

/* A job bound ahead before it was learned that the account's plan has no explore mode, or that it
 * would not be home in time any more. */
static void unbind_misfits(struct core *core, const struct account *account) {
  for (int32_t i = account->ahead_count; i-- > 0;) {
    struct job *job = &core->jobs[account->ahead[i]];
    if (job->rec.state == JOB_QUEUED &&
        (!pick_suits(core, job, account) || !guard_allows_job(core, account, job)))
      job_requeue(core, job);
  }
}

void schedule_fill(struct core *core) {
  if (!all_listed(core)) return;
  for (int32_t i = 0; i < core->account_count; i++) {
    struct account *account = &core->accounts[i];
    if (!in_service(core, account) || core->stopping) continue;
    unbind_misfits(core, account);
    bool hungry = fill_slot(core, account);
    fill_ahead(core, account, hungry);
    if (hungry) (void)fill_slot(core, account);
  }
}

/* ---- when the run is over ---- */

static void end_run(struct core *core, int status, const char *why) {
  core->over = true;
  money_tell(core);
  progress_wake(core);
  struct log_line *line = log_add(core, status == 0 ? LOG_INFO : LOG_WARN, LOG_RUN_FINISHED);
  log_number(line, "status", status);
  log_text(line, "why", why);
  for (int state = 0; state < JOB_STATE_COUNT; state++)
    if (core->counts[state] > 0)
      log_number(line, job_state_name((enum job_state)state), core->counts[state]);
  struct action *action = action_add(core, ACTION_END);
  action->exit_status = status;
  action->text = why;
}

static int64_t not_ended(const struct core *core) {
  int64_t count = 0;
  for (int state = 0; state < JOB_STATE_COUNT; state++)
    if (!job_state_ended((enum job_state)state)) count += core->counts[state];
  return count;
}

static bool broken_too_long(const struct core *core, const struct account *account) {
  return account->state == ACCOUNT_BROKEN && core->now - account->broken_since >= HOUR_MS;
}

/* What is in doubt there has an hour of its own, then a person is asked. */
static bool doubt_on(const struct core *core, const struct account *account) {
  for (const struct attempt *attempt = attempt_at(core, account->first_there); attempt != NULL;
       attempt = attempt_at(core, attempt->next_there))
    if (attempt->rec.state == ATTEMPT_UNSURE) return true;
  return false;
}

/* Whether the account may still bring anything about without a person. */
static bool account_alive(const struct core *core, const struct account *account) {
  if (account->state != ACCOUNT_READY && account->state != ACCOUNT_BROKEN) {
    /* An empty account takes no more, but what runs there goes on. */
    return account->state == ACCOUNT_EMPTY && account->in_flight > 0;
  }
  if (broken_too_long(core, account)) return doubt_on(core, account);
  if (account->paused != NULL || account->removed) return account->in_flight > 0;
  if (account->in_flight > 0 || money_is_open(core, account)) return true;
  if (pick_for(core, account) != NONE) return true;
  for (int32_t i = 0; i < account->ahead_count; i++) {
    const struct job *job = &core->jobs[account->ahead[i]];
    if (pick_may_begin(core, job) && guard_allows_job(core, account, job)) return true;
  }
  return false;
}

static bool anything_left(const struct core *core) {
  for (int32_t i = 0; i < core->account_count; i++)
    if (account_alive(core, &core->accounts[i])) return true;
  for (int32_t i = 0; i < core->timed_count; i++) {
    const struct job *job = &core->jobs[core->timed[i]];
    if (job->place == PLACE_DELAYED && pick_may_begin(core, job)) return true;
    if (job->rec.state == JOB_DOWNLOADING && (job->fetch_wire || job->fetch_at != TIME_NEVER))
      return true;
  }
  return false;
}

/* Jobs that no account of this run could take even if all were in service. */
static void fail_hopeless_of(struct core *core, const struct bitset *set) {
  for (size_t rank = bitset_next(set, 0); rank != BITSET_END; rank = bitset_next(set, rank + 1)) {
    struct job *job = &core->jobs[core->by_rank[rank]];
    bool hope = false;
    for (int32_t i = 0; i < core->account_count && !hope; i++)
      hope = (job->pin == NONE || job->pin == i) &&
             voice_there(core, job, &core->accounts[i]) != NULL &&
             (job->rec.explore != EXPLORE_ON || !core->accounts[i].explore_missing);
    if (!hope)
      job_end(core, job, JOB_FAILED,
              job->pin == NONE
                  ? "no account has its voice, or explore mode where it asks for it"
                  : "its account does not have its voice, or explore mode where it asks for it",
              "name another voice, or set `explore: auto`; then `nightshift retry`");
  }
}

static void fail_hopeless(struct core *core) {
  fail_hopeless_of(core, &core->ready);
  for (int32_t i = 0; i < core->account_count; i++)
    fail_hopeless_of(core, &core->accounts[i].pinned);
}

/* Whether a person's `resume` would let it go on. */
static bool is_paused(const struct core *core, const struct job *job) {
  if (job->rec.state != JOB_QUEUED) return false;
  if (job_is_paused(core, job)) return true;
  for (int32_t i = 0; i < core->account_count; i++)
    if (core->accounts[i].paused != NULL && core->accounts[i].state != ACCOUNT_LOST &&
        voice_there(core, job, &core->accounts[i]) != NULL && (job->pin == NONE || job->pin == i))
      return true;
  return false;
}

static bool all_left_is_paused(const struct core *core) {
  for (int32_t rank = 0; rank < core->rank_count; rank++) {
    const struct job *job = &core->jobs[core->by_rank[rank]];
    if (!job_state_ended(job->rec.state) && !is_paused(core, job)) return false;
  }
  return true;
}

static bool wire_is_quiet(const struct core *core) {
  return core->request_count == 0;
}

static void end_when_all_ended(struct core *core) {
  bool well = core->counts[JOB_SUCCEEDED] == core->rank_count;
  end_run(core, well ? 0 : 1, well ? "every job succeeded" : "all jobs ended, some not well");
}

static void end_run_paused(struct core *core) {
  const char *batch = moderation_batch_words(core);
  end_run(core, 3,
          batch != NULL ? batch : "what is left is paused: `nightshift resume`, then run again");
}

void schedule_end(struct core *core) {
  if (core->over || !wire_is_quiet(core)) return;
  if (!core->stopping && money_last_reading(core)) return;
  if (not_ended(core) == 0) {
    end_when_all_ended(core);
    return;
  }
  if (core->stopping) {
    end_run(core, core->stop_status, core->stop_why);
    return;
  }
  if (anything_left(core)) return;
  if (pick_limit_reached(core)) {
    end_run(core, 3, "--limit is reached; run again to go on");
    return;
  }
  if (hours_until_reached(core)) {
    end_run(core, 3, "--until is reached; run again to go on");
    return;
  }
  const char *money = money_words(core);
  if (money != NULL) {
    end_run(core, 3, money);
    return;
  }
  fail_hopeless(core);
  settle_hold_suspended(core);
  if (not_ended(core) == 0)
    end_when_all_ended(core);
  else if (all_left_is_paused(core))
    end_run_paused(core);
  else
    end_run(core, 4, "what is left waits for a person: see the accounts' reasons in `status`");
}
