/* Whether the core can go on from what was read from a state: values in their ranges, jobs and
 * attempts that agree with each other. What nightshift writes is always sound; what is not came to
 * harm or was made by somebody else. */
#include <stdlib.h>
#include <string.h>

#include "core/state.h"
#include "util/check.h"

#define LATEST   ((time_ms)253402300799999) /* the end of the year 9999 */
#define MOST     ((int64_t)1 << 50)         /* of anything that is counted or measured */
#define MOST_INT 1000000000

static bool is_time(time_ms time) {
  return time >= 0 && time <= LATEST;
}

static bool is_sane(int64_t number) {
  return number >= -MOST && number <= MOST;
}

static bool is_id(int64_t id) {
  return id > 0 && id <= MOST;
}

static bool is_count(int64_t number) {
  return number >= 0 && number <= MOST_INT;
}

/* ---- one row ---- */

static const char *batch_fault(const struct batch_record *batch) {
  if (!is_id(batch->id) || batch->key == NULL) return "a batch has no id or no key";
  if (!is_time(batch->created) || !is_time(batch->pardoned)) return "a batch's time is none";
  return NULL;
}

static const char *job_fault(const struct job_record *job) {
  if (!is_id(job->id) || job->name == NULL || job->output == NULL)
    return "a job's row is incomplete";
  if (job->asset == NULL && job->clip_path == NULL) /* one that nobody looked at has no hash */
    return "a job has neither a clip nor an asset";
  if (!is_time(job->changed) || !is_time(job->again) || !is_time(job->ended))
    return "a job's time is none";
  if (!is_count(job->attempts) || !is_count(job->failures) || !is_count(job->number) ||
      !is_count(job->clip_ms) || job->result_bytes < -1 || !is_sane(job->result_bytes))
    return "a job's number is out of range";
  if (job->state == JOB_DOWNLOADING && (job->task_id == NULL || job->result == NULL))
    return "a job is being fetched without a task";
  return NULL;
}

static const char *attempt_fault(const struct attempt_record *attempt) {
  const time_ms times[] = {attempt->opened, attempt->over, attempt->absent_once, attempt->settled,
                           attempt->task_ended};
  if (!is_id(attempt->id) || attempt->account == NULL || attempt->reply_ref == NULL)
    return "an attempt's row is incomplete";
  for (size_t i = 0; i < sizeof times / sizeof times[0]; i++)
    if (!is_time(times[i])) return "an attempt's time is none";
  bool undecided = attempt->state == ATTEMPT_OPEN || attempt->state == ATTEMPT_UNSURE;
  if (undecided && attempt->task_id != NULL) return "an attempt in doubt has a task";
  if (attempt->state == ATTEMPT_ACCEPTED && attempt->task_id == NULL)
    return "an accepted attempt has no task";
  return NULL;
}

static const char *account_fault(const struct account_record *account) {
  const int64_t numbers[] = {account->credits,         account->refused,
                             account->task_base_ms,    account->task_per_second_ms,
                             account->explore_base_ms, account->explore_per_second_ms,
                             account->rises_milli,     account->rises_expected_milli,
                             account->price_micro,     account->quiet_credits};
  const int32_t counts[] = {account->max_jobs,      account->capacity,
                            account->others,        account->task_spread_permille,
                            account->task_count,    account->explore_spread_permille,
                            account->explore_count, account->capacity_most,
                            account->tries_refused};
  const time_ms times[] = {account->until, account->changed, account->pardoned, account->submitted,
                           account->quiet_at};
  if (account->email == NULL) return "an account has no address";
  for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
    if (!is_sane(numbers[i])) return "an account's number is out of range";
  for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++)
    if (!is_count(counts[i])) return "an account's count is out of range";
  for (size_t i = 0; i < sizeof times / sizeof times[0]; i++)
    if (!is_time(times[i])) return "an account's time is none";
  return NULL;
}

/* ---- all rows of a kind ---- */

#define FIRST_FAULT(snapshot, rows, count, judge)                                                  \
  for (size_t i = 0; i < (snapshot)->count; i++) {                                                 \
    const char *fault = judge(&(snapshot)->rows[i]);                                               \
    if (fault != NULL) return fault;                                                               \
  }

static const char *rows_fault(const struct store_snapshot *snapshot) {
  FIRST_FAULT(snapshot, batches, batch_count, batch_fault)
  FIRST_FAULT(snapshot, jobs, job_count, job_fault)
  FIRST_FAULT(snapshot, attempts, attempt_count, attempt_fault)
  FIRST_FAULT(snapshot, accounts, account_count, account_fault)
  for (size_t i = 0; i < snapshot->moderation_count; i++)
    if (!is_id(snapshot->moderations[i].id) || snapshot->moderations[i].subject == NULL ||
        !is_time(snapshot->moderations[i].time))
      return "what was moderated is not known";
  for (size_t i = 0; i < snapshot->stranger_count; i++)
    if (snapshot->strangers[i].task_id == NULL || !is_time(snapshot->strangers[i].seen))
      return "a stranger's task is none";
  for (size_t i = 0; i < snapshot->upload_count; i++)
    if (snapshot->uploads[i].account == NULL || snapshot->uploads[i].clip_hash == NULL)
      return "an upload's row is incomplete";
  for (size_t i = 0; i < snapshot->attempt_count; i++)
    if (snapshot->attempts[i].id > snapshot->last_attempt) return "an attempt's id was not given";
  if (!is_sane(snapshot->last_attempt) || !is_sane(snapshot->last_job)) return "an id is none";
  return is_time(snapshot->latest) ? NULL : "its clock is none";
}

/* ---- jobs and their attempts ---- */

/* A job by its id, and the attempt that is the job's current one as attempt_restore finds it. */
struct entry {
  const struct job_record *job;
  const struct attempt_record *current;
};

static int by_id(const void *a, const void *b) {
  job_id x = ((const struct entry *)a)->job->id, y = ((const struct entry *)b)->job->id;
  return x < y ? -1 : x > y;
}

static struct entry *entry_of(struct entry *entries, size_t count, job_id id) {
  struct job_record job = {.id = id};
  struct entry wanted = {.job = &job};
  return bsearch(&wanted, entries, count, sizeof *entries, by_id);
}

static bool is_task_of(const struct attempt_record *attempt, const struct job_record *job) {
  return attempt != NULL && attempt->task_id != NULL && job->task_id != NULL &&
         strcmp(attempt->task_id, job->task_id) == 0;
}

/* The states of a job that has an open attempt, and that has none. */
static bool fits(enum job_state job, const struct attempt_record *current) {
  bool waits = job == JOB_SUBMITTING || job == JOB_UNSURE || job == JOB_RUNNING;
  if (current == NULL) return !waits;
  switch (current->state) {
  case ATTEMPT_OPEN:
    return job == JOB_SUBMITTING;
  case ATTEMPT_UNSURE:
    return job == JOB_UNSURE;
  case ATTEMPT_ACCEPTED:
    return job == JOB_RUNNING;
  case ATTEMPT_REFUSED:
  case ATTEMPT_NOT_SENT:
  case ATTEMPT_ABSENT:
  case ATTEMPT_SUCCEEDED:
  case ATTEMPT_FAILED:
  case ATTEMPT_MODERATED:
  case ATTEMPT_CANCELLED:
  case ATTEMPT_HELD:
    return !waits;
  case ATTEMPT_STATE_COUNT:
    break;
  }
  CHECK_UNREACHABLE();
}

static bool is_open(const struct attempt_record *attempt) {
  return attempt->state == ATTEMPT_OPEN || attempt->state == ATTEMPT_UNSURE ||
         attempt->state == ATTEMPT_ACCEPTED;
}

static const char *agreement_fault(const struct store_snapshot *snapshot, struct entry *entries) {
  for (size_t i = 0; i < snapshot->attempt_count; i++) {
    const struct attempt_record *attempt = &snapshot->attempts[i];
    struct entry *entry = entry_of(entries, snapshot->job_count, attempt->job);
    if (i > 0 && attempt->id <= attempt[-1].id) return "two attempts have one id";
    if (entry == NULL) continue; /* of a batch long gone */
    if (attempt->state == ATTEMPT_REFUSED && !job_state_ended(entry->job->state)) continue;
    if (!is_task_of(entry->current, entry->job)) entry->current = attempt;
  }
  for (size_t i = 0; i < snapshot->attempt_count; i++) {
    const struct attempt_record *attempt = &snapshot->attempts[i];
    const struct entry *entry = entry_of(entries, snapshot->job_count, attempt->job);
    if (entry != NULL && is_open(attempt) && entry->current != attempt)
      return "a job has two open attempts";
  }
  for (size_t i = 0; i < snapshot->job_count; i++)
    if (!fits(entries[i].job->state, entries[i].current))
      return "a job and its attempt do not agree";
  return NULL;
}

static bool has_batch(const struct store_snapshot *snapshot, batch_id id) {
  for (size_t i = 0; i < snapshot->batch_count; i++)
    if (snapshot->batches[i].id == id) return true;
  return false;
}

static const char *jobs_fault(const struct store_snapshot *snapshot) {
  size_t count = snapshot->job_count;
  batch_id last = 0; /* jobs come by batch */
  struct entry *entries = calloc(count + 1, sizeof *entries);
  CHECK(entries != NULL && "out of memory");
  const char *fault = NULL;
  for (size_t i = 0; i < count; i++) {
    entries[i].job = &snapshot->jobs[i];
    if (snapshot->jobs[i].batch != last && !has_batch(snapshot, snapshot->jobs[i].batch))
      fault = "a job's batch is not there";
    last = snapshot->jobs[i].batch;
  }
  qsort(entries, count, sizeof *entries, by_id);
  for (size_t i = 1; i < count; i++)
    if (entries[i - 1].job->id == entries[i].job->id) fault = "two jobs have one id";
  if (fault == NULL) fault = agreement_fault(snapshot, entries);
  free(entries);
  return fault;
}

const char *core_load_fault(const struct store_snapshot *snapshot) {
  const char *fault = rows_fault(snapshot);
  return fault != NULL ? fault : jobs_fault(snapshot);
}
