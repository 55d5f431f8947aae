/* The only writer of a job's state, and of where a waiting job stands. Every move is checked
 * against the one table (model/moves.c). */
#include <stdlib.h>
#include <string.h>

#include "core/state.h"
#include "util/check.h"

void job_count(struct core *core, const struct job *job, int by) {
  enum job_state state = job->rec.state;
  bool explore = job->rec.explore == EXPLORE_ON;
  if (!job->ours) return;
  core->counts[state] += by;
  if (state != JOB_QUEUED && state != JOB_UPLOADING) return;
  core->waiting[explore].count += by;
  core->waiting[explore].clips_ms += by * learn_clip(job);
}

void job_move(struct core *core, struct job *job, enum job_state to) {
  CHECK(job_move_allowed(job->rec.state, to));
  job_count(core, job, -1);
  job->rec.state = to;
  job_count(core, job, 1);
  if (job->ours && job_state_ended(to)) progress_on_end(core);
  job_touch(core, job);
}

static void leave_ahead(struct core *core, struct job *job) {
  struct account *account = &core->accounts[job->account];
  for (int32_t i = 0; i < account->ahead_count; i++) {
    if (account->ahead[i] != job_place(core, job)) continue;
    memmove(&account->ahead[i], &account->ahead[i + 1],
            (size_t)(account->ahead_count - i - 1) * sizeof account->ahead[0]);
    account->ahead_count--;
    return;
  }
  CHECK_UNREACHABLE();
}

static void leave_timed(struct core *core, struct job *job) {
  for (int32_t i = 0; i < core->timed_count; i++) {
    if (core->timed[i] != job_place(core, job)) continue;
    core->timed[i] = core->timed[--core->timed_count];
    return;
  }
}

static struct bitset *ready_set(struct core *core, const struct job *job) {
  return job->pin >= 0 ? &core->accounts[job->pin].pinned : &core->ready;
}

void jobs_ready_again(struct core *core) {
  for (int32_t rank = 0; rank < core->rank_count; rank++) {
    const struct job *job = &core->jobs[core->by_rank[rank]];
    if (job->place == PLACE_READY) bitset_add(ready_set(core, job), (size_t)rank);
  }
}

void job_unplace(struct core *core, struct job *job) {
  switch (job->place) {
  case PLACE_NONE:
    break;
  case PLACE_READY:
    bitset_remove(ready_set(core, job), (size_t)job->rank);
    break;
  case PLACE_DELAYED:
    leave_timed(core, job);
    break;
  case PLACE_AHEAD:
    leave_ahead(core, job);
    break;
  }
  job->place = PLACE_NONE;
}

void job_place_ready(struct core *core, struct job *job) {
  CHECK(job->rec.state == JOB_QUEUED && job->rank != NONE);
  job_unplace(core, job);
  job->account = NONE;
  if (job->pin == PIN_UNKNOWN) return; /* its account is not among those of this run */
  bitset_add(ready_set(core, job), (size_t)job->rank);
  job->place = PLACE_READY;
}

void job_timed(struct core *core, struct job *job) {
  for (int32_t i = 0; i < core->timed_count; i++)
    if (core->timed[i] == job_place(core, job)) return;
  GROW(core->timed, core->timed_count, core->timed_room);
  core->timed[core->timed_count++] = job_place(core, job);
}

void job_place_delayed(struct core *core, struct job *job, time_ms until) {
  CHECK(job->rec.state == JOB_QUEUED && job->rank != NONE);
  job_unplace(core, job);
  job->account = NONE;
  job->rec.again = until;
  job_touch(core, job);
  job_timed(core, job);
  job->place = PLACE_DELAYED;
}

void job_place_ahead(struct core *core, struct job *job, int32_t place) {
  job_unplace(core, job);
  struct account *account = &core->accounts[place];
  GROW(account->ahead, account->ahead_count, account->ahead_room);
  account->ahead[account->ahead_count++] = job_place(core, job);
  job->account = place;
  job->place = PLACE_AHEAD;
}

void jobs_wake(struct core *core) {
  for (int32_t i = core->timed_count; i-- > 0;) {
    struct job *job = &core->jobs[core->timed[i]];
    if (job->place == PLACE_DELAYED && job->rec.again <= core->now) job_place_ready(core, job);
  }
}

static enum log_event end_event(enum job_state state) {
  switch (state) {
  case JOB_SUCCEEDED:
    return LOG_JOB_SUCCEEDED;
  case JOB_FAILED:
    return LOG_JOB_FAILED;
  case JOB_MODERATED:
    return LOG_JOB_MODERATED;
  case JOB_CANCELLED:
    return LOG_JOB_CANCELLED;
  case JOB_HELD:
    return LOG_JOB_HELD;
  case JOB_QUEUED:
  case JOB_UPLOADING:
  case JOB_SUBMITTING:
  case JOB_UNSURE:
  case JOB_RUNNING:
  case JOB_DOWNLOADING:
  case JOB_STATE_COUNT:
    break;
  }
  CHECK_UNREACHABLE();
}

void job_end(struct core *core, struct job *job, enum job_state state, const char *error,
             const char *advice) {
  CHECK(job_state_ended(state));
  job_unplace(core, job);
  leave_timed(core, job);
  free((char *)job->url);
  job->url = NULL;
  job->fetch_at = TIME_NEVER;
  job_move(core, job, state);
  if (job->ours) core->tally.ended[state]++;
  job->rec.error = core_keep(core, error);
  job->rec.advice = core_keep(core, advice);
  job->rec.ended = core->now;
  /* Who wanted it cancelled is asked to look, and orders it again. */
  if (state == JOB_HELD) job->rec.cancel_wanted = false;
  core->ended_stale = true;
  struct log_line *line = job_log(core, job, state == JOB_SUCCEEDED ? LOG_INFO : LOG_WARN,
                                  end_event(state), job->rec.error);
  if (state == JOB_SUCCEEDED) {
    log_text(line, "output", job->rec.result);
    log_number(line, "bytes", job->rec.result_bytes);
    int64_t cost = money_cost(core, job);
    if (cost >= 0) log_number(line, "credits", cost);
    if (job->accepted != 0) log_number(line, "took_ms", core->now - job->accepted);
  }
  log_text(line, "advice", job->rec.advice);
}

bool job_is_paused(const struct core *core, const struct job *job) {
  if (job->rec.paused) return true;
  for (int32_t i = 0; i < core->batch_count; i++)
    if (core->batches[i].id == job->rec.batch) return core->batches[i].rec.paused;
  return false;
}

void job_requeue(struct core *core, struct job *job) {
  job_unplace(core, job);
  if (job->rec.state != JOB_QUEUED) job_move(core, job, JOB_QUEUED);
  job->attempt = NONE;
  job->rec.account = NULL;
  job->rec.task_id = NULL;
  if (!job->rec.listed) {
    job_end(core, job, JOB_CANCELLED, "taken out of the batch file", NULL);
    return;
  }
  job_place_queued(core, job);
}

/* Its batch was taken for one whose work is finished, so that a clip that was not there was not
 * missed, and turned out to be another. */
static bool is_without_clip(const struct core *core, const struct job *job) {
  return core->started && job->clip == NONE && job->rec.asset == NULL;
}

void job_place_queued(struct core *core, struct job *job) {
  if (!job->ours || job->rank == NONE) return;
  if (is_without_clip(core, job)) {
    job_end(core, job, JOB_FAILED, "its clip was not there when the run looked at the clips",
            "put it in its place; after the run `nightshift retry`, and run again");
  } else if (moderation_forbids(core, job)) {
    moderation_end(core, job);
  } else if (job_is_paused(core, job)) {
    job_unplace(core, job);
    job->account = NONE;
  } else if (job->rec.again > core->now)
    job_place_delayed(core, job, job->rec.again);
  else
    job_place_ready(core, job);
}

struct job *job_by_id(struct core *core, job_id id) {
  int32_t low = 0, high = core->job_count;
  while (low < high) {
    int32_t middle = low + (high - low) / 2;
    if (core->jobs[core->by_id[middle]].rec.id < id)
      low = middle + 1;
    else
      high = middle;
  }
  if (low == core->job_count || core->jobs[core->by_id[low]].rec.id != id) return NULL;
  return &core->jobs[core->by_id[low]];
}
