/* What was moderated, and what follows from it. An account that had too many moderated tasks within
 * a while rests until the while has passed, and never has more tasks in flight than it has strikes
 * left, so that the limit holds even when all of them are moderated. A clip that was moderated is
 * not sent again anywhere. A batch of which too large a share was moderated is paused until a
 * person has looked. */
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "core/state.h"
#include "util/check.h"
#include "util/text.h"

/* What is not to be sent again: the clip by its content, or the asset. NULL: not known. */
static const char *subject_of(const struct job *job) {
  return job->clip != NONE ? job->rec.clip_hash : job->rec.asset;
}

/* ---- what is kept ---- */

static void remember(struct core *core, const struct moderation_record *record) {
  int64_t account = NONE;
  if (record->account != NULL) (void)map_get(&core->account_by_email, record->account, &account);
  GROW(core->moderations, core->moderation_count, core->moderation_room);
  struct moderation *moderation = &core->moderations[core->moderation_count];
  *moderation = (struct moderation){
      .id = record->id, .job = record->job, .account = (int32_t)account, .time = record->time};
  if (!map_get(&core->flagged, record->subject, NULL))
    map_set(&core->flagged, record->subject, core->moderation_count);
  core->moderation_count++;
  struct job *job = job_by_id(core, record->job);
  if (job != NULL) job->struck = true;
}

void moderation_restore(struct core *core, const struct moderation_record *record) {
  remember(core, record);
  core->ended_stale = true;
}

void moderation_rejoin(struct core *core, int64_t id, int32_t account) {
  for (int32_t i = 0; i < core->moderation_count; i++)
    if (core->moderations[i].id == id) core->moderations[i].account = account;
}

/* ---- clips ---- */

static const struct job *flagged_by(const struct core *core, const struct job *job) {
  const char *subject = subject_of(job);
  int64_t place;
  if (subject == NULL || job->rec.forced || !map_get(&core->flagged, subject, &place)) return NULL;
  return job_by_id((struct core *)core, core->moderations[place].job);
}

bool moderation_forbids(const struct core *core, const struct job *job) {
  return flagged_by(core, job) != NULL;
}

const char *moderation_words(struct core *core, const struct job *job) {
  const struct job *first = flagged_by(core, job);
  CHECK(first != NULL);
  return arena_printf(core->out->arena, "its clip was moderated before: job %s of batch %s",
                      first->rec.name, batch_key(core, first->rec.batch));
}

void moderation_end(struct core *core, struct job *job) {
  if (job->rec.state == JOB_UPLOADING) job_move(core, job, JOB_QUEUED); /* the upload is kept */
  job_end(core, job, JOB_MODERATED, moderation_words(core, job),
          "not sent; change the clip, or give `nightshift retry --force`");
}

/* Other jobs of the clip that have not left yet. */
static void end_siblings(struct core *core, const char *subject) {
  for (int32_t rank = 0; subject != NULL && rank < core->rank_count; rank++) {
    struct job *job = &core->jobs[core->by_rank[rank]];
    const char *theirs = subject_of(job);
    bool waits = job->rec.state == JOB_QUEUED || job->rec.state == JOB_UPLOADING;
    if (waits && theirs != NULL && strcmp(theirs, subject) == 0 && moderation_forbids(core, job))
      moderation_end(core, job);
  }
}

void moderation_struck(struct core *core, struct job *job, const struct account *account,
                       const char *words) {
  const char *subject = subject_of(job);
  if (subject == NULL) return;
  if (account != NULL) core->accounts[account_place(core, account)].tally.moderated++;
  struct moderation_record record = {
      .id = core->moderation_count == 0 ? 1 : core->moderations[core->moderation_count - 1].id + 1,
      .job = job->rec.id,
      .account = account == NULL ? NULL : account->email,
      .subject = subject,
      .time = core->now,
      .words = arena_string(core->out->arena, words)};
  record_add(core, RECORD_MODERATION)->as.moderation = record;
  remember(core, &record);
  core->ended_stale = true;
  end_siblings(core, subject);
}

/* ---- accounts ---- */

/* The time of the account's strike that is the n-th from the end, 0: it has not so many within the
 * window. */
static time_ms strike_from_end(const struct core *core, const struct account *account, int n) {
  for (int32_t i = core->moderation_count; i-- > 0;) {
    const struct moderation *moderation = &core->moderations[i];
    if (moderation->time + core->options.strike_window <= core->now) return 0;
    if (moderation->account != account_place(core, account) ||
        moderation->time <= account->pardoned)
      continue;
    if (--n == 0) return moderation->time;
  }
  return 0;
}

static int strikes(const struct core *core, const struct account *account) {
  int count = 0;
  while (count < core->options.strikes && strike_from_end(core, account, count + 1) != 0)
    count++;
  return count;
}

time_ms moderation_rest(const struct core *core, const struct account *account) {
  if (core->options.strikes == 0) return 0;
  time_ms first = strike_from_end(core, account, core->options.strikes);
  return first == 0 ? 0 : first + core->options.strike_window;
}

const char *moderation_rest_words(struct core *core) {
  char window[40];
  text_from_duration(core->options.strike_window, window, sizeof window);
  return arena_printf(core->out->arena,
                      "%d moderated within %s: rests until that has passed, or `nightshift resume "
                      "--account`",
                      core->options.strikes, window);
}

bool moderation_allows(const struct core *core, const struct account *account, time_ms *until) {
  *until = 0;
  if (core->options.strikes == 0) return true;
  int count = strikes(core, account);
  if (account->in_flight + count < core->options.strikes) return true;
  if (count > 0) *until = strike_from_end(core, account, count) + core->options.strike_window;
  return false;
}

/* ---- batches ---- */

/* What has ended since a person last let the batch go on; without what was not even sent because
 * its clip had been moderated before. */
static void weigh_batch(struct core *core, int32_t place) {
  const struct batch_record *batch = &core->batches[place].rec;
  int64_t ended = 0, moderated = 0;
  for (int32_t rank = 0; rank < core->rank_count; rank++) {
    const struct job *job = &core->jobs[core->by_rank[rank]];
    if (job->rec.batch != batch->id || !job_state_ended(job->rec.state) ||
        job->rec.ended <= batch->pardoned)
      continue;
    if (job->rec.state == JOB_MODERATED && !job->struck) continue;
    ended++;
    moderated += job->rec.state == JOB_MODERATED;
  }
  if (ended < core->options.batch_least || moderated * 100 < ended * core->options.batch_percent)
    return;
  batch_set_paused(core, place, true,
                   arena_printf(core->out->arena,
                                "%lld of %lld jobs that ended were moderated (moderation."
                                "pause_batch: %d%% of %d)",
                                (long long)moderated, (long long)ended, core->options.batch_percent,
                                core->options.batch_least));
}

void moderation_wake(struct core *core) {
  if (!core->ended_stale || core->moderation_count == 0) return;
  core->ended_stale = false;
  if (core->options.batch_percent == 0) return;
  for (int32_t i = 0; i < core->batch_count; i++)
    if (core->batches[i].worked_on && !core->batches[i].rec.paused) weigh_batch(core, i);
}

const char *moderation_batch_words(struct core *core) {
  for (int32_t i = 0; i < core->batch_count; i++) {
    const struct batch_record *batch = &core->batches[i].rec;
    if (!core->batches[i].worked_on || !batch->paused || batch->why == NULL) continue;
    return arena_printf(core->out->arena,
                        "batch %s is paused: %s; look at the moderated clips in `nightshift "
                        "status`, then `nightshift resume` it and run again",
                        batch->key, batch->why);
  }
  return NULL;
}
