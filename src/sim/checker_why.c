/* Whether every waiting job tells the truth about why it waits, and whether the core gets on: no
 * steps without end, no deadline long in the past. */
#include <stdio.h>
#include <string.h>

#include "sim/checker_parts.h"
#include "sim/world_parts.h"

/* A core that looks at a broken account every 10 minutes may believe so long that it still is. */
#define BELIEF_MS      (12 * MINUTE_MS)
#define BEHIND_MS      (10 * SECOND_MS)
#define STEPS_A_MOMENT 4
#define STEPS_A_LOOK   3000

/* ---- reasons ---- */

static int attempts_of(struct checker *checker, size_t job, enum attempt_state wanted) {
  int count = 0;
  for (size_t i = 0; i < checker->attempts.count; i++) {
    enum attempt_state state;
    const char *ref = checker->attempts.entries[i].key;
    if (checker_attempt(checker, ref, &state) && state == wanted)
      count += checker_job_of_ref(checker, ref) == job;
  }
  return count;
}

/* An attempt in doubt, or on the wire, of another job with the same clip and voice. */
static bool doubt_elsewhere(struct checker *checker, size_t job) {
  const struct world_job *mine = &checker->plan->jobs[job];
  for (size_t i = 0; i < checker->plan->job_count; i++) {
    const struct world_job *other = &checker->plan->jobs[i];
    const char *subject = mine->clip != NULL ? mine->clip : mine->asset;
    const char *theirs = other->clip != NULL ? other->clip : other->asset;
    if (i == job || strcmp(subject, theirs) != 0 || strcmp(mine->voice, other->voice) != 0)
      continue;
    if (attempts_of(checker, i, ATTEMPT_UNSURE) + attempts_of(checker, i, ATTEMPT_OPEN) > 0)
      return true;
  }
  return false;
}

static bool lately(const struct checker *checker, time_ms at) {
  return at != 0 && checker_now(checker) - at <= BELIEF_MS;
}

/* Whether what is said of an account goes with what it answered. */
static bool account_is_so(struct checker *checker, size_t place, const struct wait *wait) {
  const struct account_truth *truth = &checker->accounts[place];
  switch (wait->reason) {
  case WAIT_LISTING:
    return !truth->listed;
  case WAIT_COOLING:
    return truth->refused != 0;
  case WAIT_BROKEN:
    return truth->unwell >= truth->well && truth->unwell != 0 &&
           (lately(checker, truth->unwell) || lately(checker, truth->asked) ||
            !checker->network_up || lately(checker, checker->network_changed));
  case WAIT_EMPTY:
    return truth->penniless != 0;
  case WAIT_LOST:
    return truth->gone != 0;
  case WAIT_PAUSED:
    return truth->paused;
  case WAIT_STRIKES:
    return checker_strikes(checker, place) >= checker->plan->core.strikes;
  case WAIT_CAUTION:
    return checker->plan->core.strikes > 0;
  case WAIT_HOURS:
  case WAIT_DAY:
  case WAIT_GAP:
    return checker_time_is_so(checker, place, wait);
  case WAIT_PRICE:
  case WAIT_CREDITS:
    return checker_is_money_guarded(checker, place);
  case WAIT_NONE:
  case WAIT_TURN:
  case WAIT_UPLOAD:
  case WAIT_WIRE:
  case WAIT_TASK:
  case WAIT_FETCH:
  case WAIT_EVIDENCE:
  case WAIT_AGAIN:
  case WAIT_SAME_CLIP:
  case WAIT_PERSON:
  case WAIT_BATCH:
  case WAIT_RUN_OVER:
  case WAIT_CANCEL:
  case WAIT_STOPPING:
  case WAIT_COUNT:
    break;
  }
  return true;
}

static bool job_is_so(struct checker *checker, size_t job, const struct wait *wait) {
  enum job_state state = checker->jobs[job].state;
  switch (wait->reason) {
  case WAIT_NONE:
    return job_state_ended(state);
  case WAIT_TURN:
  case WAIT_LISTING:
  case WAIT_COOLING:
  case WAIT_EMPTY:
  case WAIT_BROKEN:
  case WAIT_LOST:
  case WAIT_STRIKES:
  case WAIT_CAUTION:
  case WAIT_HOURS:
  case WAIT_DAY:
  case WAIT_GAP:
  case WAIT_PRICE:
  case WAIT_CREDITS:
    return state == JOB_QUEUED && attempts_of(checker, job, ATTEMPT_ACCEPTED) == 0;
  case WAIT_UPLOAD:
    return state == JOB_UPLOADING;
  case WAIT_WIRE:
    return state == JOB_SUBMITTING && attempts_of(checker, job, ATTEMPT_OPEN) == 1;
  case WAIT_TASK:
    return state == JOB_RUNNING && attempts_of(checker, job, ATTEMPT_ACCEPTED) == 1 &&
           checker_tally_job(checker, job).all > 0;
  case WAIT_FETCH:
    return state == JOB_DOWNLOADING && checker_tally_job(checker, job).succeeded > 0;
  case WAIT_EVIDENCE:
    return state == JOB_UNSURE && attempts_of(checker, job, ATTEMPT_UNSURE) == 1;
  case WAIT_AGAIN:
    return wait->until > world_clock(checker->world);
  case WAIT_SAME_CLIP:
    return doubt_elsewhere(checker, job);
  case WAIT_STOPPING:
    return checker->stopped;
  case WAIT_PAUSED:
    return state == JOB_QUEUED && checker_is_paused(checker);
  case WAIT_PERSON:
    return state == JOB_QUEUED && (checker->jobs[job].paused || checker->batch_paused);
  case WAIT_RUN_OVER:
    return state == JOB_QUEUED && checker->until != 0;
  case WAIT_BATCH:
    return state == JOB_QUEUED && checker->batch_guarded;
  case WAIT_CANCEL:
    return state == JOB_RUNNING && checker->jobs[job].cancel_ordered;
  case WAIT_COUNT:
    break;
  }
  return false;
}

static void look_at_job(struct checker *checker, size_t job) {
  struct wait wait = world_job_why(checker->world, job);
  char words[400];
  size_t account =
      wait.account == NULL ? NO_SUCH : checker_account(checker, wait.account, strlen(wait.account));
  bool unknown = wait.reason == WAIT_LOST; /* also one that the config does not name */
  if (job_is_so(checker, job, &wait) &&
      (account == NO_SUCH || unknown || account_is_so(checker, account, &wait)))
    return;
  wait_describe(&wait, words, sizeof words);
  checker_complain(checker, "job %s (%s) says that it waits because \"%s\", which is not so",
                   checker->plan->jobs[job].name, job_state_name(checker->jobs[job].state), words);
}

void checker_look_at_jobs(struct checker *checker) {
  checker_read_listed(checker);
  for (size_t i = 0; i < checker->plan->job_count; i++)
    if (checker->jobs[i].listed) look_at_job(checker, i);
}

/* ---- pace ---- */

void checker_look_at_pace(struct checker *checker) {
  /* Callbacks do not count: others may send as many as they like. */
  int64_t steps = world_steps(checker->world) - world_callback_counts(checker->world).taken -
                  checker->steps_then;
  int64_t moments = checker->moments - checker->moments_then;
  duration_ms now = world_now(checker->world);
  time_ms deadline = core_deadline(world_core(checker->world));
  checker->steps_then += steps;
  checker->moments_then += moments;
  if (steps > STEPS_A_LOOK + STEPS_A_MOMENT * moments)
    checker_complain(checker, "%lld steps, but only %lld things happened", (long long)steps,
                     (long long)moments);
  if (deadline >= world_clock(checker->world) - SECOND_MS)
    checker->behind_since = -1;
  else if (checker->behind_since < 0)
    checker->behind_since = now;
  else if (now - checker->behind_since > BEHIND_MS)
    checker_complain(checker, "the deadline lies in the past since %lld s",
                     (long long)(checker->behind_since / SECOND_MS));
}
