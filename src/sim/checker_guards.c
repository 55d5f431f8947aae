/* Guards of a person's config, judged by what the service really did and by the rows that the state
 * keeps of it: never more moderated tasks on an account than its limit allows, whatever becomes of
 * those in flight; no clip again that was moderated; no submission of a batch that has to rest. */
#include <string.h>

#include "sim/checker_parts.h"
#include "sim/service.h"
#include "util/check.h"
#include "util/text.h"

/* ---- what the state keeps ---- */

void checker_moderation_written(struct checker *checker, const struct moderation_record *row) {
  size_t job = (size_t)row->job - 1;
  if (row->id <= checker->last_moderation) return; /* known */
  checker->last_moderation = row->id;
  if (job >= checker->plan->job_count) {
    checker_complain(checker, "moderation %lld is of no job", (long long)row->id);
    return;
  }
  checker->jobs[job].flagged = true;
  if (checker_tally_job(checker, job).moderated == 0 && checker->plan->class == FAULT_WITHIN)
    checker_complain(checker, "moderation of %s is written down, but nobody said so",
                     checker->plan->jobs[job].name);
  if (row->account == NULL) return;
  size_t account = checker_account(checker, row->account, strlen(row->account));
  if (account == NO_SUCH || checker->strike_count == STRIKES_MAX) return;
  checker->strikes[checker->strike_count++] = (struct strike){account, row->time};
}

void checker_batch_written(struct checker *checker, const struct batch_record *batch) {
  checker->batch_guarded = batch->paused && batch->why != NULL;
  checker->batch_pardoned = batch->pardoned;
}

void checker_account_written(struct checker *checker, const struct account_record *row) {
  size_t account = checker_account(checker, row->email, strlen(row->email));
  if (account != NO_SUCH) checker->accounts[account].pardoned = row->pardoned;
}

int checker_strikes(const struct checker *checker, size_t account) {
  time_ms now = checker_now(checker);
  int count = 0;
  for (size_t i = 0; i < checker->strike_count; i++)
    count += checker->strikes[i].account == account &&
             checker->strikes[i].time > checker->accounts[account].pardoned &&
             checker->strikes[i].time + checker->plan->core.strike_window > now;
  return count;
}

/* ---- what has to hold ---- */

/* Given up on with evidence or for want of it: it holds no slot, whatever it still does. */
static bool is_out_of_sight(const struct checker *checker, const char *ref) {
  enum attempt_state state;
  return !checker_attempt(checker, ref, &state) || state == ATTEMPT_HELD || state == ATTEMPT_ABSENT;
}

/* The submission that leaves now is in flight already as far as the limit goes. */
static void check_strikes(struct checker *checker, size_t account, const char *leaving) {
  int limit = checker->plan->core.strikes, in_flight = 1, moderated = 0;
  time_ms since = checker_now(checker) - checker->plan->core.strike_window;
  if (limit == 0 || checker->plan->class == FAULT_BEYOND) return;
  if (since < checker->accounts[account].pardoned) since = checker->accounts[account].pardoned;
  checker_refresh(checker);
  for (size_t i = 0; i < checker->task_count; i++) {
    struct sim_task_truth task = sim_service_task(checker->service, i);
    if (!task.ordered || task.reply_ref == NULL || strcmp(task.reply_ref, leaving) == 0 ||
        checker_account(checker, task.email, strlen(task.email)) != account ||
        is_out_of_sight(checker, task.reply_ref))
      continue;
    bool flagged = strcmp(task.status, "FAILED") == 0 && task.reason != NULL &&
                   text_starts_with(task.reason, "SAFETY.");
    in_flight += task.created != 0 && task.ended == 0;
    moderated += flagged && task.ended > since;
  }
  for (size_t i = 0; i < checker->paper_count; i++)
    moderated += checker->papers[i].account == account && checker->papers[i].flagged &&
                 checker->papers[i].answered > since;
  if (in_flight + moderated > limit)
    checker_complain(checker, "%s leaves, the %d. in flight on %s, where %d of %d were moderated",
                     leaving, in_flight, checker->plan->accounts[account].email, moderated, limit);
}

static bool same_clip(const struct world_job *a, const struct world_job *b) {
  if (a->clip != NULL) return b->clip != NULL && strcmp(a->clip, b->clip) == 0;
  return b->clip == NULL && strcmp(a->asset, b->asset) == 0;
}

static void check_clip(struct checker *checker, size_t job, const char *ref) {
  for (size_t i = 0; i < checker->plan->job_count && !checker->jobs[job].forced; i++)
    if (checker->jobs[i].flagged && same_clip(&checker->plan->jobs[job], &checker->plan->jobs[i]))
      checker_complain(checker, "%s leaves although its clip was moderated as job %s", ref,
                       checker->plan->jobs[i].name);
}

static void check_batch(struct checker *checker, const char *ref) {
  int ended = 0, moderated = 0, percent = checker->plan->core.batch_percent;
  if (percent > 0) checker_read_listed(checker);
  if (checker->batch_guarded) checker_complain(checker, "%s leaves although its batch rests", ref);
  for (size_t i = 0; i < checker->plan->job_count; i++) {
    const struct job_truth *truth = &checker->jobs[i];
    if (!job_state_ended(truth->state) || truth->ended <= checker->batch_pardoned) continue;
    if (!truth->listed) continue; /* whoever takes a clip out has seen to it */
    if (truth->state == JOB_MODERATED && !truth->flagged) continue;
    ended++;
    moderated += truth->state == JOB_MODERATED;
  }
  if (percent > 0 && moderated > 0 && ended >= checker->plan->core.batch_least &&
      moderated * 100 >= ended * percent)
    checker_complain(checker, "%s leaves although %d of %d that ended were moderated", ref,
                     moderated, ended);
}

/* ---- time ---- */

#define DAY_MS   (24 * HOUR_MS)
#define SLACK_MS (10 * MINUTE_MS) /* a full disk may hold up what was decided */

void checker_guards_read(struct checker *checker) {
  checker->until = checker->plan->core.until;
  checker->credits_limited = checker->plan->core.credits_limited;
  checker->max_credits = checker->plan->core.max_credits;
  checker->process_began = checker_now(checker);
  for (size_t i = 0; i < checker->plan->scenario->account_count; i++)
    checker->accounts[i].guards =
        checker->plan->guards == NULL ? (struct core_guards){0} : checker->plan->guards[i];
}

static bool is_open(const struct core_guards *guards, time_ms now) {
  for (size_t i = 0; i < guards->hour_count; i++)
    if (guards->hours[i].from <= now && now < guards->hours[i].until) return true;
  return guards->hour_count == 0;
}

/* Submissions within so long that made a task, or will. */
static int begun_within(struct checker *checker, size_t account, duration_ms length) {
  int count = 0;
  for (size_t i = 0; i < checker->paper_count; i++)
    if (checker->papers[i].account == account &&
        checker->papers[i].sent > checker_now(checker) - length &&
        checker_tally(checker, checker->by_ref.entries[i].key).all > 0)
      count++;
  return count;
}

static void check_times(struct checker *checker, size_t account, const char *ref) {
  const struct account_truth *truth = &checker->accounts[account];
  const char *email = checker->plan->accounts[account].email;
  time_ms now = checker_now(checker);
  if (!is_open(&truth->guards, now))
    checker_complain(checker, "%s leaves outside the hours of %s", ref, email);
  if (truth->guards.min_gap > 0 && truth->submitted != 0 &&
      now < truth->submitted + truth->guards.min_gap)
    checker_complain(checker, "%s leaves %lld ms after another on %s", ref,
                     (long long)(now - truth->submitted), email);
  int64_t most = truth->guards.jobs_per_day;
  if (most > 0 && begun_within(checker, account, DAY_MS - SLACK_MS) >= most)
    checker_complain(checker, "%s leaves, one more than %lld in a day on %s", ref, (long long)most,
                     email);
  if (checker->until != 0 && now >= checker->until + SLACK_MS)
    checker_complain(checker, "%s leaves after --until", ref);
}

bool checker_time_is_so(struct checker *checker, size_t account, const struct wait *wait) {
  const struct account_truth *truth = &checker->accounts[account];
  time_ms now = checker_now(checker);
  switch ((int)wait->reason) {
  case WAIT_HOURS:
    return !is_open(&truth->guards, now) && wait->until > now &&
           is_open(&truth->guards, wait->until);
  case WAIT_DAY:
    return truth->guards.jobs_per_day > 0 && wait->until > now && wait->until <= now + DAY_MS;
  case WAIT_GAP:
    return wait->until > now && wait->until <= now + truth->guards.min_gap;
  default:
    return true;
  }
}

/* ---- money ---- */

/* Before a price is known one task leaves whatever it costs: that of the longest clip. */
#define CLIP_LONGEST_S 30.0

bool checker_is_money_guarded(const struct checker *checker, size_t account) {
  const struct core_guards *guards = &checker->accounts[account].guards;
  return checker->credits_limited || guards->credits_limited || guards->keep_credits > 0;
}

bool checker_has_money_guard(const struct checker *checker) {
  for (size_t i = 0; i < checker->plan->scenario->account_count; i++)
    if (checker_is_money_guarded(checker, i)) return true;
  return false;
}

/* What the service has charged, and not given back, for submissions of this process. */
static double charged(struct checker *checker, size_t account) {
  double sum = 0;
  checker_refresh(checker);
  for (size_t i = 0; i < checker->task_count; i++) {
    struct sim_task_truth task = sim_service_task(checker->service, i);
    int64_t paper = -1;
    if (!task.ordered || task.reply_ref == NULL || task.created == 0 ||
        !map_get(&checker->by_ref, task.reply_ref, &paper) ||
        checker->papers[paper].sent < checker->process_began ||
        checker->papers[paper].account != account)
      continue;
    bool back = task.ended != 0 && strcmp(task.status, "SUCCEEDED") != 0;
    if (!back) sum += task.credits;
  }
  return sum;
}

static bool has_strangers(const struct checker *checker, size_t account) {
  const struct sim_account_plan *plan = &checker->plan->accounts[account];
  return plan->by_hand.given_count > 0 || plan->by_program.given_count > 0;
}

/* Asked at each submission, of those that left before it: by then they have been charged. */
static void check_money(struct checker *checker, size_t job, size_t account, const char *ref) {
  double slack = CLIP_LONGEST_S * checker->plan->scenario->credits_per_second, sum = 0;
  const struct account_truth *truth = &checker->accounts[account];
  const struct sim_account *there = &checker->service->accounts[account];
  bool is_paid = checker->plan->jobs[job].explore == EXPLORE_OFF; /* auto may be either */
  if (!is_paid || !checker_has_money_guard(checker) || checker->plan->class == FAULT_BEYOND) return;
  for (size_t i = 0; i < checker->plan->scenario->account_count; i++)
    sum += charged(checker, i);
  if (checker->credits_limited && sum > (double)checker->max_credits + slack)
    checker_complain(checker, "%s leaves, and %g credits are spent of %lld", ref, sum,
                     (long long)checker->max_credits);
  if (truth->guards.credits_limited &&
      charged(checker, account) > (double)truth->guards.max_credits + slack)
    checker_complain(checker, "%s leaves, and more than %lld credits are spent on %s", ref,
                     (long long)truth->guards.max_credits, there->plan->email);
  double left = there->plan->credits - there->used;
  if (truth->guards.keep_credits > 0 && !has_strangers(checker, account) &&
      left < (double)truth->guards.keep_credits - slack)
    checker_complain(checker, "%s leaves, and %g credits are left of %lld on %s", ref, left,
                     (long long)truth->guards.keep_credits, there->plan->email);
}

void checker_guards_permit(struct checker *checker, size_t job, size_t account, const char *ref) {
  check_strikes(checker, account, ref);
  check_clip(checker, job, ref);
  check_batch(checker, ref);
  check_times(checker, account, ref);
  check_money(checker, job, account, ref);
}

/* Of a job that counts as moderated without having been sent. */
bool checker_clip_flagged(const struct checker *checker, size_t job) {
  for (size_t i = 0; i < checker->plan->job_count; i++)
    if (checker->jobs[i].flagged && same_clip(&checker->plan->jobs[job], &checker->plan->jobs[i]))
      return true;
  return false;
}
