/* The end of the run, when fewer jobs wait than tasks run: a job goes where it ends soonest, not
 * where a slot happens to be free first, and no clip is uploaded for a slot that will not be
 * needed. Also how many clips an account will need soon. Looks, changes nothing. */
#include <stdlib.h>

#include "core/state.h"
#include "util/check.h"

#define UPLOAD_USUAL_MS (5 * SECOND_MS)
#define SLOTS_MOST      256 /* with more it is not the end */
#define MARGIN          0.1 /* what is foreseen is off by so much: a small gain is none */

static int64_t waiting(const struct core *core) {
  return core->counts[JOB_QUEUED] + core->counts[JOB_UPLOADING];
}

static bool near_the_end(const struct core *core) {
  return waiting(core) <= core->open_count;
}

static duration_ms upload_time(const struct core *core) {
  return core->upload_ms > 0 ? core->upload_ms : UPLOAD_USUAL_MS;
}

/* Whether it is in service and nothing keeps it from starting jobs. */
static bool may_start(const struct core *core, const struct account *account) {
  struct wait wait;
  return account_usable(account) && guard_allows(core, account, &wait);
}

static bool has_room(const struct core *core, const struct account *account) {
  time_ms until;
  return may_start(core, account) && account->listed && account->submit_at <= core->now &&
         capacity_room(core, account, &until) == ROOM_FREE;
}

/* When a task there will end; the later it is, the longer it will still take. */
static time_ms end_of(const struct core *core, const struct attempt *attempt) {
  if (attempt->rec.state != ATTEMPT_ACCEPTED) return TIME_NEVER;
  time_ms end = foresee_end(core, attempt).end;
  return end == 0 ? TIME_NEVER : end < core->now ? core->now + (core->now - end) : end;
}

/* When its next slot will be free; TIME_NEVER: not known. */
static time_ms next_free(const struct core *core, const struct account *account) {
  time_ms at = has_room(core, account) ? core->now : TIME_NEVER;
  for (const struct attempt *attempt = attempt_at(core, account->first_there);
       attempt != NULL && at > core->now; attempt = attempt_at(core, attempt->next_there)) {
    time_ms end = end_of(core, attempt);
    if (end < at) at = end;
  }
  return at;
}

static duration_ms length_there(const struct core *core, const struct job *job,
                                const struct account *account) {
  return learn_expected(core, job, account, job->rec.explore == EXPLORE_ON).length;
}

static int by_time(const void *a, const void *b) {
  time_ms x = *(const time_ms *)a, y = *(const time_ms *)b;
  return x < y ? -1 : x > y;
}

/* When the job would end in each slot of the other accounts. Returns how many there are. */
static size_t ends_elsewhere(const struct core *core, const struct job *job,
                             const struct account *but, time_ms *ends) {
  size_t count = 0;
  for (int32_t i = 0; i < core->account_count; i++) {
    const struct account *account = &core->accounts[i];
    if (account == but || !may_start(core, account) || !pick_eligible(core, job, account)) continue;
    duration_ms length = length_there(core, job, account);
    for (const struct attempt *attempt = attempt_at(core, account->first_there);
         attempt != NULL && count < SLOTS_MOST; attempt = attempt_at(core, attempt->next_there)) {
      time_ms end = end_of(core, attempt);
      if (end != TIME_NEVER) ends[count++] = end + length;
    }
    if (has_room(core, account) && count < SLOTS_MOST)
      ends[count++] = core->now + upload_time(core) + length;
  }
  return count;
}

bool tail_fits(const struct core *core, const struct job *job, const struct account *account) {
  time_ms ends[SLOTS_MOST];
  size_t left = (size_t)waiting(core);
  duration_ms here = length_there(core, job, account);
  if (here == 0 || left == 0 || !near_the_end(core)) return true;
  size_t count = ends_elsewhere(core, job, account, ends);
  if (left > count) return true;
  qsort(ends, count, sizeof ends[0], by_time);
  /* All that wait could run elsewhere, and be done by then. */
  return core->now + here <= ends[left - 1] + (duration_ms)(MARGIN * (double)here);
}

bool tail_worth_moving(const struct core *core, const struct job *job, const struct account *from,
                       const struct account *to) {
  time_ms free_at = next_free(core, from);
  if (free_at == TIME_NEVER || !may_start(core, from)) return true;
  duration_ms upload = upload_ready(core, job, account_place(core, to)) ? 0 : upload_time(core);
  return core->now + upload + length_there(core, job, to) < free_at + length_there(core, job, from);
}

/* Slots elsewhere that will be free before the next one here. */
static int64_t free_before(const struct core *core, const struct account *account, time_ms at) {
  int64_t count = 0;
  for (int32_t i = 0; i < core->open_count; i++) {
    const struct attempt *attempt = &core->attempts[core->open[i]];
    if (attempt->account == NONE || attempt->account == account_place(core, account)) continue;
    count += may_start(core, &core->accounts[attempt->account]) && end_of(core, attempt) < at;
  }
  return count;
}

int tail_clips_wanted(const struct core *core, const struct account *account) {
  int soon = 0, ahead = core->options.upload_ahead;
  time_ms at = next_free(core, account);
  if (near_the_end(core) && at != TIME_NEVER && at > core->now &&
      free_before(core, account, at) >= waiting(core))
    return 0;
  for (const struct attempt *attempt = attempt_at(core, account->first_there); attempt != NULL;
       attempt = attempt_at(core, attempt->next_there))
    soon += end_of(core, attempt) <= core->now + upload_time(core);
  /* The slot that is free next takes one of those ahead of need, if there are any. */
  return ahead == 0 || soon == 0 ? ahead + soon : ahead + soon - 1;
}
