/* From records to what people see of a batch. */
#include "cli/status_build.h"

#include <string.h>

#include "util/arena.h"

#define WHY_BYTES 256

/* Still in the file; or taken out of it, but being followed to its end. */
static bool belongs(const struct job_record *job, batch_id batch) {
  bool followed = !job_state_ended(job->state) && job->state != JOB_QUEUED;
  return job->batch == batch && (job->listed || followed);
}

static void count(const struct store_snapshot *snapshot, batch_id batch,
                  struct core_counts *counts) {
  for (size_t i = 0; i < snapshot->job_count; i++) {
    if (!belongs(&snapshot->jobs[i], batch)) continue;
    counts->jobs++;
    counts->by_state[snapshot->jobs[i].state]++;
  }
}

/* A run writes the progress of all its batches at the same time; the latest is the one at work. */
static bool is_worked_on(const struct status_source *source, batch_id batch) {
  const struct store_snapshot *snapshot = source->snapshot;
  time_ms latest = 0, own = 0;
  for (size_t i = 0; i < snapshot->progress_count; i++) {
    const struct progress_record *progress = &snapshot->progress[i];
    if (progress->time > latest) latest = progress->time;
    if (progress->batch == batch) own = progress->time;
  }
  return source->run_at_work && own == latest;
}

static enum batch_phase phase_of(const struct core_counts *counts, bool worked_on) {
  int64_t ended = 0;
  for (int state = 0; state < JOB_STATE_COUNT; state++)
    if (job_state_ended((enum job_state)state)) ended += counts->by_state[state];
  if (counts->jobs > 0 && ended == counts->jobs) return PHASE_FINISHED;
  return worked_on ? PHASE_RUNNING : PHASE_IDLE;
}

static time_ms eta_of(const struct store_snapshot *snapshot, batch_id batch) {
  for (size_t i = 0; i < snapshot->progress_count; i++)
    if (snapshot->progress[i].batch == batch) return snapshot->progress[i].eta;
  return 0;
}

/* ---- accounts ---- */

/* A job that is on the account and may have a task there, whatever its batch. */
static bool holds_slot(const struct job_record *job, const char *email) {
  bool may = job->state == JOB_SUBMITTING || job->state == JOB_UNSURE || job->state == JOB_RUNNING;
  return may && job->account != NULL && strcmp(job->account, email) == 0;
}

static struct status_account account_of(const struct status_source *source,
                                        const struct account_record *record) {
  struct status_account account = {.email = record->email,
                                   .state = record->state,
                                   .until = record->until,
                                   .capacity = record->capacity > 0 ? record->capacity : -1,
                                   .credits = record->credits};
  for (size_t i = 0; i < source->snapshot->job_count; i++)
    if (holds_slot(&source->snapshot->jobs[i], record->email)) account.running++;
  bool past = record->until != 0 && record->until <= source->now;
  if (past && (record->state == ACCOUNT_COOLING || record->state == ACCOUNT_PAUSED))
    account.state = ACCOUNT_READY; /* one that a person paused has no end */
  if (past || account.state == ACCOUNT_READY) account.until = 0;
  return account;
}

static void build_accounts(const struct status_source *source, struct arena *arena,
                           struct status_batch *status) {
  const struct store_snapshot *snapshot = source->snapshot;
  status->accounts = ARENA_NEW_ARRAY(arena, snapshot->account_count, struct status_account);
  status->account_count = snapshot->account_count;
  for (size_t i = 0; i < snapshot->account_count; i++)
    status->accounts[i] = account_of(source, &snapshot->accounts[i]);
}

/* ---- jobs, and why they do not go on ---- */

/* A core that knows all that is written down; it is only asked, never stepped. */
static struct core *core_of(const struct store_snapshot *snapshot,
                            const struct batch_record *batch) {
  const struct core_options options = {.retry_wait_low = 10 * SECOND_MS,
                                       .retry_wait_high = 30 * SECOND_MS,
                                       .poll_low = 3 * SECOND_MS,
                                       .poll_high = 30 * SECOND_MS,
                                       .max_attempts = 4,
                                       .upload_ahead = 1,
                                       .settle_ms = 120 * SECOND_MS};
  struct core *core = core_new(&options);
  for (size_t i = 0; i < snapshot->account_count; i++) {
    const struct account_record *account = &snapshot->accounts[i];
    (void)core_add_account(
        core, &(struct core_account){.email = account->email, .max_jobs = account->max_jobs});
  }
  core_load(core, snapshot, NULL, &batch->id, 1);
  return core;
}

static enum wait_reason reason_of(enum account_state state) {
  static const enum wait_reason reasons[ACCOUNT_STATE_COUNT] = {
      [ACCOUNT_READY] = WAIT_TURN,    [ACCOUNT_COOLING] = WAIT_COOLING,
      [ACCOUNT_EMPTY] = WAIT_EMPTY,   [ACCOUNT_BROKEN] = WAIT_BROKEN,
      [ACCOUNT_PAUSED] = WAIT_PAUSED, [ACCOUNT_LOST] = WAIT_LOST};
  return reasons[state];
}

/* How near an account is to taking a job: the lower the sooner. */
static int distance(const struct status_account *account) {
  static const int order[ACCOUNT_STATE_COUNT] = {
      [ACCOUNT_READY] = 0,  [ACCOUNT_COOLING] = 1, [ACCOUNT_EMPTY] = 2,
      [ACCOUNT_BROKEN] = 3, [ACCOUNT_PAUSED] = 4,  [ACCOUNT_LOST] = 5};
  return order[account->state];
}

/* A run begins with accounts that it takes for usable until it learns better, and so does the core
 * here; what the last run learned of them is written down, and tells more. */
static void wait_for_account(const struct status_batch *status, const struct job_record *job,
                             struct wait *wait) {
  const struct status_account *best = NULL;
  for (size_t i = 0; i < status->account_count; i++) {
    const struct status_account *account = &status->accounts[i];
    if (job->pin != NULL && strcmp(job->pin, account->email) != 0) continue;
    if (best == NULL || distance(account) < distance(best)) best = account;
  }
  if (best == NULL) { /* nothing was ever written of it: a run has yet to look */
    *wait = (struct wait){.reason = WAIT_LISTING, .account = job->pin};
    return;
  }
  bool certain = job->pin != NULL || best->state != ACCOUNT_READY;
  *wait = (struct wait){.reason = reason_of(best->state),
                        .account = certain ? best->email : NULL,
                        .until = best->until};
}

static struct wait wait_of(const struct status_source *source, const struct core *core,
                           const struct status_batch *status, const struct job_record *job) {
  struct wait wait = core_why(core, job->id, source->now);
  bool past = wait.until != 0 && wait.until <= source->now;
  if (past) wait.until = 0;
  if (past && wait.reason == WAIT_PAUSED) wait.reason = WAIT_TURN; /* a guard's rest is over */
  bool free = wait.reason == WAIT_TURN || wait.reason == WAIT_LISTING ||
              wait.reason == WAIT_COOLING || wait.reason == WAIT_LOST ||
              (past && wait.reason == WAIT_AGAIN);
  if (job->state == JOB_QUEUED && free) wait_for_account(status, job, &wait);
  return wait;
}

/* While no run is at work that is the reason, unless a person must mend something first. */
static const char *idle_why(enum job_state state, const struct wait *wait) {
  bool must_mend = wait->reason == WAIT_EMPTY || wait->reason == WAIT_BROKEN ||
                   wait->reason == WAIT_PAUSED || wait->reason == WAIT_LOST ||
                   wait->reason == WAIT_PERSON || wait->reason == WAIT_BATCH;
  if (must_mend) return NULL;
  if (state == JOB_QUEUED || state == JOB_UPLOADING) return "no run is at work";
  if (state == JOB_SUBMITTING || state == JOB_UNSURE)
    return "the next run finds out whether its submission made a task";
  return "the next run looks after its task and fetches the result";
}

static const char *why_of(const struct status_source *source, const struct core *core,
                          const struct status_batch *status, const struct job_record *job,
                          struct arena *arena) {
  char text[WHY_BYTES];
  if (job_state_ended(job->state)) return job->advice;
  struct wait wait = wait_of(source, core, status, job);
  const char *idle = status->phase == PHASE_RUNNING ? NULL : idle_why(job->state, &wait);
  if (idle != NULL) return idle;
  wait_describe(&wait, text, sizeof text);
  return arena_string(arena, text);
}

static void build_jobs(const struct status_source *source, const struct batch_record *batch,
                       struct arena *arena, struct status_batch *status) {
  const struct store_snapshot *snapshot = source->snapshot;
  struct core *core = core_of(snapshot, batch);
  status->jobs = ARENA_NEW_ARRAY(arena, (size_t)status->counts.jobs, struct status_job);
  for (size_t i = 0; i < snapshot->job_count; i++) {
    const struct job_record *job = &snapshot->jobs[i];
    if (!belongs(job, batch->id)) continue;
    status->jobs[status->job_count++] =
        (struct status_job){.id = job->name,
                            .state = job->state,
                            .account = job->account,
                            .task = job->task_id,
                            .output = job->result != NULL ? job->result : job->output,
                            .error = job->error,
                            .attempts = job->attempts,
                            .why = why_of(source, core, status, job, arena)};
  }
  core_free(core);
}

void status_build(const struct status_source *source, const struct batch_record *batch, bool jobs,
                  struct arena *arena, struct status_batch *status) {
  *status = (struct status_batch){.batch = batch->key, .path = batch->path};
  count(source->snapshot, batch->id, &status->counts);
  status->phase = phase_of(&status->counts, is_worked_on(source, batch->id));
  if (status->phase == PHASE_RUNNING) status->eta = eta_of(source->snapshot, batch->id);
  if (status->eta <= source->now) status->eta = 0; /* it is late: not known any more */
  build_accounts(source, arena, status);
  if (jobs) build_jobs(source, batch, arena, status);
}

void status_build_unbegun(const struct status_source *source, const struct batch *batch,
                          struct arena *arena, struct status_batch *status) {
  *status = (struct status_batch){.batch = batch->key, .path = batch->path, .phase = PHASE_IDLE};
  status->counts.jobs = status->counts.by_state[JOB_QUEUED] = (int64_t)batch->job_count;
  build_accounts(source, arena, status);
  status->jobs = ARENA_NEW_ARRAY(arena, batch->job_count, struct status_job);
  for (size_t i = 0; i < batch->job_count; i++)
    status->jobs[status->job_count++] = (struct status_job){.id = batch->jobs[i].id,
                                                            .state = JOB_QUEUED,
                                                            .output = batch->jobs[i].output,
                                                            .why = "the batch was never run"};
}
