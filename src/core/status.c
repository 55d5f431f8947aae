/* Where everything stands, as log lines, when a person asks for it (SIGUSR1): the whole, each
 * account, each job under way, and what the others wait for, told once for all that wait for the
 * same. */
#include <string.h>

#include "core/state.h"
#include "util/check.h"

#define JOBS_MOST    200  /* lines about single jobs; the rest is counted */
#define WAITING_MOST 1000 /* jobs that are asked why they wait, first in line first */
#define WAITS_MOST   64   /* different reasons */

struct tally {
  struct wait wait;
  int64_t count;
  const struct job *first;
};

struct tallies {
  struct tally list[WAITS_MOST];
  size_t count;
  int64_t others; /* for which there was no room */
};

static void tell_whole(struct core *core) {
  int64_t per_hour = core_per_hour(core, core->now);
  struct log_line *line = log_add(core, LOG_INFO, LOG_STATUS_RUN);
  log_number(line, "count", core->rank_count);
  for (int state = 0; state < JOB_STATE_COUNT; state++)
    if (core->counts[state] > 0)
      log_number(line, job_state_name((enum job_state)state), core->counts[state]);
  if (per_hour >= 0) log_number(line, "per_hour", per_hour);
  log_number(line, "eta", core_eta(core, core->now));
  if (core->stopping) log_text(line, "why", core->stop_why);
}

static void tell_account(struct core *core, int32_t place) {
  struct core_account_view view = core_account_at(core, place, core->now);
  struct log_line *line = account_log(core, &core->accounts[place], LOG_INFO, LOG_STATUS_ACCOUNT);
  log_text(line, "state", account_state_name(view.state));
  if (view.until != TIME_NEVER) log_number(line, "until", view.until);
  log_number(line, "running", view.running);
  if (view.others > 0) log_number(line, "others", view.others);
  if (view.capacity > 0) log_number(line, "capacity", view.capacity);
  if (view.credits >= 0) log_number(line, "credits", view.credits);
  log_text(line, "why", view.reason);
}

static void add_wait(struct log_line *line, const struct wait *wait) {
  log_text(line, "account", wait->account);
  if (wait->until != TIME_NEVER) log_number(line, "until", wait->until);
  log_text(line, "why", wait_words(wait->reason));
}

static void tell_job(struct core *core, const struct job *job) {
  struct wait wait = core_why(core, job->rec.id, core->now);
  struct log_line *line = log_add(core, LOG_INFO, LOG_STATUS_JOB);
  log_text(line, "batch", batch_key(core, job->rec.batch));
  log_text(line, "job", job->rec.name);
  log_text(line, "state", job_state_name(job->rec.state));
  log_text(line, "task", job->rec.task_id);
  if (job->attempt != NONE) log_number(line, "attempt", core->attempts[job->attempt].rec.number);
  wait.account = job->rec.account;
  add_wait(line, &wait);
}

static bool same(const struct wait *a, const struct wait *b) {
  bool same_account = a->account == b->account || (a->account != NULL && b->account != NULL &&
                                                   strcmp(a->account, b->account) == 0);
  return a->reason == b->reason && same_account;
}

/* Of several times the first. */
static void add_tally(struct tallies *tallies, const struct wait *wait, const struct job *job) {
  size_t i = 0;
  while (i < tallies->count && !same(&tallies->list[i].wait, wait))
    i++;
  if (i == WAITS_MOST) {
    tallies->others++;
    return;
  }
  struct tally *tally = &tallies->list[i];
  if (i == tallies->count) *tally = (struct tally){.wait = *wait, .first = job};
  if (i == tallies->count) tallies->count++;
  tally->count++;
  if (wait->until != 0 && (tally->wait.until == 0 || wait->until < tally->wait.until))
    tally->wait.until = wait->until;
}

static void tell_waiting(struct core *core, const struct tally *tally) {
  struct log_line *line = log_add(core, LOG_INFO, LOG_STATUS_WAITING);
  log_number(line, "count", tally->count);
  add_wait(line, &tally->wait);
  log_text(line, "first", tally->first->rec.name);
}

static void tell_left_out(struct core *core, int64_t count) {
  if (count == 0) return;
  struct log_line *line = log_add(core, LOG_INFO, LOG_STATUS_WAITING);
  log_number(line, "count", count);
  log_text(line, "why", "further jobs, left out here: `nightshift status` has them all");
}

void status_on_event(struct core *core) {
  struct tallies tallies = {0};
  int64_t told = 0, asked = 0, left_out = 0;
  tell_whole(core);
  for (int32_t i = 0; i < core->account_count; i++)
    tell_account(core, i);
  for (int32_t rank = 0; rank < core->rank_count; rank++) {
    const struct job *job = &core->jobs[core->by_rank[rank]];
    bool waits = job->rec.state == JOB_QUEUED;
    if (job_state_ended(job->rec.state)) continue;
    if (waits ? asked++ >= WAITING_MOST : told++ >= JOBS_MOST) {
      left_out++;
    } else if (waits) {
      struct wait wait = core_why(core, job->rec.id, core->now);
      add_tally(&tallies, &wait, job);
    } else {
      tell_job(core, job);
    }
  }
  for (size_t i = 0; i < tallies.count; i++)
    tell_waiting(core, &tallies.list[i]);
  tell_left_out(core, left_out + tallies.others);
}
