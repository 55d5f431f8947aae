/* Which job an account should take next, or why a job waits. Looks, changes nothing.
 *
 * Jobs are ranked once: higher priority first, then the longest clip (the longest first keeps the
 * end of the night short), then the order of the file. Unpinned jobs are bound to an account as
 * late as its upload allows. */
#include <stdio.h>
#include <string.h>

#include "core/state.h"
#include "util/check.h"
#include "util/text.h"

#define LOOK_AHEAD 24 /* how many jobs of like length are looked at for one whose clip is there */

bool pick_limit_reached(const struct core *core) {
  return core->options.start_limit != 0 && core->begun >= core->options.start_limit;
}

/* --limit holds back jobs that never began; one that began goes on as often as it takes. */
static bool limit_allows(const struct core *core, const struct job *job) {
  return job->rec.attempts > 0 || !pick_limit_reached(core);
}

const char *voice_there(const struct core *core, const struct job *job,
                        const struct account *account) {
  const struct voice *voice = &core->voices[job->voice];
  return voice->there == NULL ? voice->id : voice->there[account_place(core, account)];
}

static bool same_subject(const struct core *core, const struct attempt *attempt,
                         const struct job *job) {
  const struct job *other = &core->jobs[attempt->job];
  if (other->voice != job->voice) return false;
  if (job->clip != NONE) return other->clip == job->clip;
  return other->clip == NONE && strcmp(other->rec.asset, job->rec.asset) == 0;
}

bool doubt_blocks(const struct core *core, const struct job *job, const struct account *account) {
  if (account->undecided == 0) return false;
  for (const struct attempt *attempt = attempt_at(core, account->first_there); attempt != NULL;
       attempt = attempt_at(core, attempt->next_there))
    if (attempt->rec.state != ATTEMPT_ACCEPTED && attempt->job != NONE &&
        same_subject(core, attempt, job))
      return true;
  return false;
}

bool pick_suits(const struct core *core, const struct job *job, const struct account *account) {
  if (job->pin != NONE && job->pin != account_place(core, account)) return false;
  if (voice_there(core, job, account) == NULL) return false;
  return job->rec.explore != EXPLORE_ON || !account->explore_missing;
}

static bool elsewhere(const struct core *core, const struct job *job, int32_t but) {
  for (int32_t i = 0; i < core->account_count; i++)
    if (i != but && account_usable(&core->accounts[i]) && pick_suits(core, job, &core->accounts[i]))
      return true;
  return false;
}

bool pick_eligible(const struct core *core, const struct job *job, const struct account *account) {
  int32_t place = account_place(core, account);
  if (!limit_allows(core, job)) return false;
  if (!pick_suits(core, job, account) || !guard_allows_job(core, account, job)) return false;
  if (job->avoid == place && elsewhere(core, job, place)) return false;
  return !doubt_blocks(core, job, account);
}

/* The first job of a set that may run there; among those of like length one whose clip is there. */
static int32_t pick_from(const struct core *core, const struct bitset *set,
                         const struct account *account) {
  int32_t first = NONE;
  int seen = 0;
  for (size_t rank = bitset_next(set, 0); rank != BITSET_END && seen < LOOK_AHEAD;
       rank = bitset_next(set, rank + 1)) {
    int32_t place = core->by_rank[rank];
    const struct job *job = &core->jobs[place];
    if (!pick_eligible(core, job, account)) continue;
    if (first == NONE) first = place;
    const struct job_record *best = &core->jobs[first].rec;
    if (job->rec.priority != best->priority) break;
    bool alike = job->rec.clip_ms * 10 >= best->clip_ms * 9; /* batches take turns: not sorted */
    if (alike && upload_ready(core, job, account_place(core, account))) return place;
    seen++;
  }
  return first;
}

bool pick_may_begin(const struct core *core, const struct job *job) {
  if (core->options.until != 0 && core->now >= core->options.until) return false;
  return !core->stopping && limit_allows(core, job);
}

int32_t pick_for(const struct core *core, const struct account *account) {
  int32_t pinned = pick_from(core, &account->pinned, account);
  int32_t any = pick_from(core, &core->ready, account);
  if (pinned == NONE) return any;
  if (any == NONE) return pinned;
  /* A pinned job of the same priority goes first: it has nowhere else to go. */
  return core->jobs[pinned].rec.priority >= core->jobs[any].rec.priority ? pinned : any;
}

int32_t pick_steal(const struct core *core, const struct account *account) {
  int32_t best = NONE;
  for (int32_t i = 0; i < core->account_count; i++) {
    const struct account *other = &core->accounts[i];
    if (other == account || other->ahead_count == 0) continue;
    for (int32_t k = 0; k < other->ahead_count; k++) {
      const struct job *job = &core->jobs[other->ahead[k]];
      if (job->pin != NONE || !pick_eligible(core, job, account) ||
          !tail_worth_moving(core, job, other, account))
        continue;
      if (best == NONE || job->rank < core->jobs[best].rank) best = other->ahead[k];
    }
  }
  return best;
}

/* ---- why a job waits ---- */

static struct wait account_wait(const struct core *core, const struct account *account) {
  struct core_account_view view = core_account_at(core, account_place(core, account), core->now);
  struct wait wait = {.reason = WAIT_TURN, .account = account->email, .until = view.until};
  switch (view.state) {
  case ACCOUNT_READY:
    if (!guard_allows(core, account, &wait)) return wait;
    wait.reason = account->listed ? WAIT_TURN : WAIT_LISTING;
    break;
  case ACCOUNT_COOLING:
    wait.reason = WAIT_COOLING;
    break;
  case ACCOUNT_EMPTY:
    wait.reason = WAIT_EMPTY;
    break;
  case ACCOUNT_BROKEN:
    wait.reason = WAIT_BROKEN;
    break;
  case ACCOUNT_PAUSED:
    wait.reason =
        account->paused != NULL || account->rest == WAIT_NONE ? WAIT_PAUSED : account->rest;
    break;
  case ACCOUNT_LOST:
    wait.reason = WAIT_LOST;
    break;
  case ACCOUNT_STATE_COUNT:
    CHECK_UNREACHABLE();
  }
  return wait;
}

/* What one account has to say to the job, were it bound there. */
static struct wait waiting_there(const struct core *core, const struct job *job,
                                 const struct account *account) {
  enum wait_reason money = money_allows(core, account, job);
  if (account->removed) return (struct wait){.reason = WAIT_LOST, .account = account->email};
  if (!hours_home_in_time(core, job, account))
    return (struct wait){.reason = WAIT_RUN_OVER, .account = account->email};
  if (money != WAIT_NONE && account_usable(account))
    return (struct wait){.reason = money, .account = account->email};
  if (account_usable(account) && doubt_blocks(core, job, account))
    return (struct wait){.reason = WAIT_SAME_CLIP, .account = account->email};
  return account_wait(core, account);
}

/* Of the accounts that suit the job, the one that keeps it waiting least; where one would take it,
 * or several say the same, none is named. */
static struct wait waiting_anywhere(const struct core *core, const struct job *job) {
  static const enum wait_reason least_first[] = {
      WAIT_TURN,      WAIT_LISTING, WAIT_COOLING,  WAIT_GAP,     WAIT_CAUTION, WAIT_PRICE,
      WAIT_SAME_CLIP, WAIT_HOURS,   WAIT_DAY,      WAIT_STRIKES, WAIT_BROKEN,  WAIT_EMPTY,
      WAIT_CREDITS,   WAIT_PAUSED,  WAIT_RUN_OVER, WAIT_LOST};
  for (size_t k = 0; k < sizeof least_first / sizeof least_first[0]; k++) {
    struct wait best = {.reason = WAIT_NONE};
    for (int32_t i = 0; i < core->account_count; i++) {
      if (!pick_suits(core, job, &core->accounts[i])) continue;
      struct wait wait = waiting_there(core, job, &core->accounts[i]);
      if (wait.reason != least_first[k]) continue;
      bool several = best.reason != WAIT_NONE;
      if (!several || (wait.until != 0 && wait.until < best.until)) best.until = wait.until;
      best.account = several || wait.reason == WAIT_TURN ? NULL : wait.account;
      best.reason = wait.reason;
    }
    if (best.reason != WAIT_NONE) return best;
  }
  return (struct wait){.reason = WAIT_LOST};
}

static enum wait_reason paused_why(const struct core *core, const struct job *job) {
  for (int32_t i = 0; i < core->batch_count && !job->rec.paused; i++)
    if (core->batches[i].id == job->rec.batch && core->batches[i].rec.why != NULL)
      return WAIT_BATCH;
  return WAIT_PERSON;
}

static struct wait queued_wait(const struct core *core, const struct job *job) {
  if (core->stopping) return (struct wait){.reason = WAIT_STOPPING};
  if (job_is_paused(core, job)) return (struct wait){.reason = paused_why(core, job)};
  if (!pick_may_begin(core, job)) return (struct wait){.reason = WAIT_RUN_OVER};
  if (job->rec.again > core->now)
    return (struct wait){.reason = WAIT_AGAIN, .until = job->rec.again};
  if (job->pin == PIN_UNKNOWN) return (struct wait){.reason = WAIT_LOST, .account = job->rec.pin};
  int32_t bound = job->pin >= 0 ? job->pin : job->place == PLACE_AHEAD ? job->account : NONE;
  if (bound == NONE) return waiting_anywhere(core, job);
  const struct account *account = &core->accounts[bound];
  return waiting_there(core, job, account);
}

struct wait core_why(const struct core *core, job_id id, time_ms now) {
  (void)now;
  const struct job *job = job_by_id((struct core *)core, id);
  if (job == NULL) return (struct wait){.reason = WAIT_NONE};
  struct wait wait = {.account = job->rec.account};
  switch (job->rec.state) {
  case JOB_QUEUED:
    return queued_wait(core, job);
  case JOB_UPLOADING:
    wait.reason = WAIT_UPLOAD;
    break;
  case JOB_SUBMITTING:
    wait.reason = WAIT_WIRE;
    break;
  case JOB_UNSURE:
    wait.reason = WAIT_EVIDENCE;
    if (job->attempt != NONE)
      wait.until = core->attempts[job->attempt].rec.over + settle_time(core);
    break;
  case JOB_RUNNING:
    wait.reason = job->rec.cancel_wanted ? WAIT_CANCEL : WAIT_TASK;
    break;
  case JOB_DOWNLOADING:
    wait.reason = WAIT_FETCH;
    break;
  case JOB_SUCCEEDED:
  case JOB_FAILED:
  case JOB_MODERATED:
  case JOB_CANCELLED:
  case JOB_HELD:
    wait.reason = WAIT_NONE;
    break;
  case JOB_STATE_COUNT:
    CHECK_UNREACHABLE();
  }
  return wait;
}

const char *wait_words(enum wait_reason reason) {
#define X(name, words) words,
  static const char *const words[] = {WAITS(X)};
#undef X
  CHECK((int)reason >= 0 && reason < WAIT_COUNT);
  return words[reason];
}

void wait_describe(const struct wait *wait, char *text, size_t size) {
  char until[40] = "";
  if (wait->until > 0 && wait->until != TIME_NEVER)
    text_from_time(wait->until, until, sizeof until);
  bool has_until = until[0] != '\0', has_account = wait->account != NULL;
  snprintf(text, size, "%s%s%s%s%s%s%s", wait_words(wait->reason),
           has_until || has_account ? " (" : "", has_account ? wait->account : "",
           has_until && has_account ? ", " : "", has_until ? "until " : "", until,
           has_until || has_account ? ")" : "");
}
