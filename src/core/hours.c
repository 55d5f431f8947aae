/* Guards of time: the hours in which an account is given jobs, how many in a day, the gap between
 * two, and --until, by which the last tasks shall be home. The core knows no time zone: windows
 * come as times. */
#include "core/state.h"
#include "util/check.h"

#define DAY_MS      (24 * HOUR_MS)
#define HOME_LEAST  (30 * SECOND_MS) /* to see its end and to fetch it */
#define HOME_MARGIN 5                /* a fifth more than such tasks have taken */

/* ---- hours ---- */

/* The window that is open, or else the next one; NULL: there is none any more. */
static const struct time_window *window_at(const struct core *core, const struct account *account) {
  for (size_t i = 0; i < account->guards.hour_count; i++)
    if (account->guards.hours[i].until > core->now) return &account->guards.hours[i];
  return NULL;
}

bool hours_open(const struct core *core, const struct account *account, time_ms *until) {
  *until = 0;
  if (account->guards.hour_count == 0) return true;
  const struct time_window *window = window_at(core, account);
  if (window != NULL && window->from <= core->now) return true;
  if (window != NULL) *until = window->from;
  return false;
}

time_ms hours_close(const struct core *core, const struct account *account) {
  if (account->guards.hour_count == 0) return TIME_NEVER;
  const struct time_window *window = window_at(core, account);
  return window == NULL ? 0 : window->until;
}

/* ---- jobs a day ---- */

/* A submission that made a task, or may have. */
static bool began_one(const struct attempt *attempt) {
  return attempt->rec.state != ATTEMPT_REFUSED && attempt->rec.state != ATTEMPT_NOT_SENT &&
         attempt->rec.state != ATTEMPT_ABSENT && attempt->rec.state != ATTEMPT_OPEN;
}

bool hours_day_allows(const struct core *core, const struct account *account, time_ms *until) {
  int64_t left = account->guards.jobs_per_day;
  *until = 0;
  for (int32_t i = core->attempt_count; left > 0 && i-- > 0;) {
    const struct attempt *attempt = &core->attempts[i];
    if (attempt->rec.opened + DAY_MS <= core->now) return true;
    if (attempt->account != account_place(core, account) || !began_one(attempt)) continue;
    if (--left == 0) *until = attempt->rec.opened + DAY_MS;
  }
  return *until == 0;
}

/* ---- the gap between two ---- */

bool hours_gap_allows(const struct core *core, const struct account *account, time_ms *until) {
  *until = account->submitted + account->guards.min_gap;
  return account->guards.min_gap == 0 || account->submitted == 0 || *until <= core->now;
}

/* ---- --until ---- */

static duration_ms way_home(const struct core *core, const struct job *job,
                            const struct account *account) {
  bool explore = job->rec.explore == EXPLORE_ON ||
                 (job->rec.explore == EXPLORE_AUTO && !account->explore_missing);
  duration_ms expected = learn_expected(core, job, account, explore).length;
  return expected == 0 ? 0 : expected + expected / HOME_MARGIN + HOME_LEAST;
}

bool hours_home_in_time(const struct core *core, const struct job *job,
                        const struct account *account) {
  time_ms until = core->options.until;
  return until == 0 || (core->now < until && core->now + way_home(core, job, account) <= until);
}

/* Whether --until holds back a job that some account might take else. */
bool hours_until_reached(const struct core *core) {
  for (int32_t rank = 0; core->options.until != 0 && rank < core->rank_count; rank++) {
    const struct job *job = &core->jobs[core->by_rank[rank]];
    bool waits = job->rec.state == JOB_QUEUED || job->rec.state == JOB_UPLOADING;
    if (!waits || job_is_paused(core, job)) continue;
    for (int32_t i = 0; i < core->account_count; i++)
      if (pick_suits(core, job, &core->accounts[i]) &&
          !hours_home_in_time(core, job, &core->accounts[i]))
        return true;
  }
  return false;
}
