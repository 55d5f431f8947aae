/* What the store said is durable, and whether it is there when the next process looks: each row as
 * a fingerprint. A group under way when the process died is there whole or not at all. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/checker_parts.h"
#include "util/check.h"

/* ---- fingerprints ---- */

static uint64_t mix(uint64_t hash, int64_t number) {
  return (hash ^ (uint64_t)number) * 0x9e3779b97f4a7c15u + (hash >> 29);
}

static uint64_t mix_text(uint64_t hash, const char *text) {
  return text == NULL ? mix(hash, -7) : mix(hash, (int64_t)hash_bytes(text, strlen(text)));
}

static uint64_t of_job(const struct job_record *job) {
  uint64_t hash = mix(1, job->state);
  hash = mix_text(mix_text(hash, job->account), job->task_id);
  hash = mix(mix(hash, job->attempts), job->failures);
  hash = mix_text(mix_text(mix_text(hash, job->error), job->advice), job->result);
  hash = mix(mix(hash, job->result_bytes), job->result_inode);
  hash = mix(mix(hash, job->paused), job->cancel_wanted);
  return mix(mix(hash, job->again), job->ended);
}

static uint64_t of_attempt(const struct attempt_record *attempt) {
  uint64_t hash = mix(mix(mix(2, attempt->state), attempt->job), attempt->number);
  hash = mix_text(mix_text(mix_text(hash, attempt->account), attempt->reply_ref), attempt->task_id);
  hash = mix_text(mix_text(mix_text(hash, attempt->asset_id), attempt->anchors), attempt->cause);
  hash = mix(mix(mix(hash, attempt->opened), attempt->over), attempt->absent_once);
  return mix(mix(hash, attempt->settled), attempt->task_ended);
}

static uint64_t of_upload(const struct upload_record *upload) {
  return mix(mix_text(mix_text(3, upload->asset_id), upload->asset_name), upload->uploaded);
}

static uint64_t of_account(const struct account_record *account) {
  uint64_t hash = mix_text(mix(mix(4, account->state), account->until), account->reason);
  hash = mix(mix(mix(hash, account->max_jobs), account->capacity), account->others);
  return mix(mix(hash, account->credits), account->refused);
}

/* Its key, and what it says; false: a row that nothing depends on. */
static bool read_row(const struct record *record, char *key, size_t size, uint64_t *print) {
  switch (record->kind) {
  case RECORD_JOB:
  case RECORD_JOB_STATE:
    snprintf(key, size, "job %lld", (long long)record->as.job.id);
    *print = of_job(&record->as.job);
    return true;
  case RECORD_ATTEMPT:
    snprintf(key, size, "attempt %lld", (long long)record->as.attempt.id);
    *print = of_attempt(&record->as.attempt);
    return true;
  case RECORD_UPLOAD:
    snprintf(key, size, "upload %s %s", record->as.upload.account, record->as.upload.clip_hash);
    *print = of_upload(&record->as.upload);
    return true;
  case RECORD_ACCOUNT:
    snprintf(key, size, "account %s", record->as.account.email);
    *print = of_account(&record->as.account);
    return true;
  case RECORD_STRANGER:
    snprintf(key, size, "stranger %s", record->as.stranger.task_id);
    *print = mix(5, record->as.stranger.seen);
    return true;
  case RECORD_EVENT:
    snprintf(key, size, "event %lld %lld", (long long)record->as.event.job,
             (long long)record->as.event.number);
    *print = 0; /* compared by its number */
    return true;
  case RECORD_MODERATION:
    snprintf(key, size, "moderation %lld", (long long)record->as.moderation.id);
    *print = mix(6, record->as.moderation.time);
    return true;
  case RECORD_BATCH:
  case RECORD_JOB_SPEC:
  case RECORD_PROGRESS:
  case RECORD_REQUEST_ANSWER:
  case RECORD_CLIP:
    return false;
  }
  CHECK_UNREACHABLE();
}

/* ---- rows ---- */

static size_t row_at(struct checker *checker, const char *key) {
  int64_t place;
  if (map_get(&checker->keys, key, &place)) return (size_t)place;
  if (checker->row_count == checker->row_room) {
    checker->row_room = checker->row_room == 0 ? 256 : checker->row_room * 2;
    checker->rows = realloc(checker->rows, checker->row_room * sizeof *checker->rows);
    CHECK(checker->rows != NULL && "out of memory");
  }
  checker->rows[checker->row_count] = (struct row){0};
  map_set(&checker->keys, key, (int64_t)checker->row_count);
  return checker->row_count++;
}

static void add_coming(struct checker *checker, size_t place, uint64_t print) {
  struct row *row = &checker->rows[place];
  row->coming = print;
  if (row->is_coming) return; /* twice in one group: the last counts */
  row->is_coming = true;
  if (checker->coming_count == checker->coming_room) {
    checker->coming_room = checker->coming_room == 0 ? 64 : checker->coming_room * 2;
    checker->coming = realloc(checker->coming, checker->coming_room * sizeof *checker->coming);
    CHECK(checker->coming != NULL && "out of memory");
  }
  checker->coming[checker->coming_count++] = place;
}

void checker_committing(struct checker *checker, const struct world_moment *moment) {
  char key[600];
  uint64_t print = 0;
  checker->under_way = true;
  for (size_t i = 0; i < moment->record_count; i++) {
    const struct record *record = &moment->records[i];
    if (!read_row(record, key, sizeof key, &print)) continue;
    size_t place = row_at(checker, key);
    add_coming(checker, place, print);
    if (record->kind != RECORD_ATTEMPT) continue;
    checker->rows[place].attempt_coming = record->as.attempt.state;
    checker->rows[place].ref_coming = mix_text(0, record->as.attempt.reply_ref);
    map_set(&checker->attempts, record->as.attempt.reply_ref, (int64_t)place);
  }
}

/* The group is there (`done`) or is not. */
static void settle_group(struct checker *checker, bool done) {
  for (size_t i = 0; i < checker->coming_count; i++) {
    struct row *row = &checker->rows[checker->coming[i]];
    row->is_coming = false;
    if (!done) continue;
    row->known = row->coming;
    row->attempt = row->attempt_coming;
    row->ref = row->ref_coming;
    row->is_known = true;
  }
  checker->coming_count = 0;
  checker->under_way = false;
}

static void learn_guard(struct checker *checker, const struct record *record) {
  if (record->kind == RECORD_MODERATION)
    checker_moderation_written(checker, &record->as.moderation);
  if (record->kind == RECORD_BATCH) checker_batch_written(checker, &record->as.batch);
  if (record->kind == RECORD_ACCOUNT) checker_account_written(checker, &record->as.account);
}

static void learn_attempt(struct checker *checker, const struct attempt_record *attempt) {
  if (checker_job_of_ref(checker, attempt->reply_ref) != (size_t)attempt->job - 1)
    checker_complain(checker, "%s does not name its job", attempt->reply_ref);
  checker_attempt_changed(checker, attempt);
}

void checker_committed(struct checker *checker, const struct world_moment *moment) {
  settle_group(checker, true);
  for (size_t i = 0; i < moment->record_count; i++) {
    const struct record *record = &moment->records[i];
    if (record->kind == RECORD_REQUEST_ANSWER) checker_answer_written(checker, &record->as.request);
  }
  for (size_t i = 0; i < moment->record_count; i++) {
    const struct record *record = &moment->records[i];
    if (record->kind == RECORD_ATTEMPT) learn_attempt(checker, &record->as.attempt);
    learn_guard(checker, record);
  }
  for (size_t i = 0; i < moment->record_count; i++) {
    const struct record *record = &moment->records[i];
    if (record->kind == RECORD_JOB_STATE) checker_job_changed(checker, &record->as.job);
  }
  checker_group_over(checker);
}

bool checker_attempt(const struct checker *checker, const char *ref, enum attempt_state *state) {
  int64_t place;
  if (!map_get(&checker->attempts, ref, &place)) return false;
  const struct row *row = &checker->rows[place];
  if (!row->is_known || row->ref != mix_text(0, ref)) return false;
  *state = row->attempt;
  return true;
}

/* ---- after the process is gone ---- */

/* Every row that the state has now, as if written by one group. */
struct reading {
  struct map prints; /* key to fingerprint */
};

static void read_one(struct reading *reading, const struct record *record) {
  char key[600];
  uint64_t print = 0;
  if (read_row(record, key, sizeof key, &print)) map_set(&reading->prints, key, (int64_t)print);
}

static void read_all(struct reading *reading, const struct store_snapshot *snapshot) {
  for (size_t i = 0; i < snapshot->job_count; i++)
    read_one(reading, &(struct record){.kind = RECORD_JOB_STATE, .as.job = snapshot->jobs[i]});
  for (size_t i = 0; i < snapshot->attempt_count; i++)
    read_one(reading,
             &(struct record){.kind = RECORD_ATTEMPT, .as.attempt = snapshot->attempts[i]});
  for (size_t i = 0; i < snapshot->upload_count; i++)
    read_one(reading, &(struct record){.kind = RECORD_UPLOAD, .as.upload = snapshot->uploads[i]});
  for (size_t i = 0; i < snapshot->account_count; i++)
    read_one(reading,
             &(struct record){.kind = RECORD_ACCOUNT, .as.account = snapshot->accounts[i]});
  for (size_t i = 0; i < snapshot->stranger_count; i++)
    read_one(reading,
             &(struct record){.kind = RECORD_STRANGER, .as.stranger = snapshot->strangers[i]});
  for (size_t i = 0; i < snapshot->moderation_count; i++)
    read_one(reading, &(struct record){.kind = RECORD_MODERATION,
                                       .as.moderation = snapshot->moderations[i]});
}

static void read_events(struct reading *reading, struct store *store,
                        const struct store_snapshot *snapshot) {
  for (size_t i = 0; i < snapshot->job_count; i++) {
    struct store_history history = {0};
    CHECK(store_load_history(store, snapshot->jobs[i].id, &history, NULL) == 0);
    for (size_t k = 0; k < history.count; k++)
      read_one(reading, &(struct record){.kind = RECORD_EVENT, .as.event = history.events[k]});
    store_history_release(&history);
  }
}

/* Attempts that were not sent are past and left out of what is read. */
static bool is_left_out(const char *key, const struct row *row) {
  return strncmp(key, "attempt ", 8) == 0 && row->attempt == ATTEMPT_NOT_SENT;
}

/* What one row says of the group under way: 1 it is there, 0 it is not, -1 nothing. */
static int weigh(struct checker *checker, const struct reading *reading, size_t place) {
  const char *key = checker->keys.entries[place].key;
  const struct row *row = &checker->rows[place];
  int64_t found = 0;
  bool there = map_get(&reading->prints, key, &found);
  bool is_old = row->is_known ? there && (uint64_t)found == row->known : !there;
  bool is_new = row->is_coming && there && (uint64_t)found == row->coming;
  if (is_new && is_old) return -1;
  if (is_new) return 1;
  if (is_old) return row->is_coming ? 0 : -1;
  bool is_enrolled = checker->plan->first_jobs != 0 && strncmp(key, "job ", 4) == 0;
  if (there && !row->is_known && is_enrolled) return -1; /* written before a process was there */
  if (!there && (is_left_out(key, row) || row->is_coming)) return -1;
  checker_complain(checker, "acknowledged and lost: %s", key);
  return -1;
}

void checker_read_listed(struct checker *checker) {
  struct store_snapshot snapshot = {0};
  size_t count = checker->plan->job_count;
  for (size_t i = 0; i < count; i++)
    checker->jobs[i].listed = checker->plan->first_jobs == 0;
  if (checker->plan->first_jobs == 0) return;
  CHECK(store_load(world_store(checker->world), &snapshot, NULL) == 0);
  for (size_t i = 0; i < snapshot.job_count; i++)
    checker->jobs[i].listed = snapshot.jobs[i].listed;
  store_snapshot_release(&snapshot);
}

/* A crash may have left the group whole without anybody having been told: then it is known now. */
static void adopt(struct checker *checker, const struct store_snapshot *snapshot) {
  for (size_t i = 0; i < snapshot->attempt_count; i++)
    learn_attempt(checker, &snapshot->attempts[i]);
  for (size_t i = 0; i < snapshot->moderation_count; i++)
    checker_moderation_written(checker, &snapshot->moderations[i]);
  for (size_t i = 0; i < snapshot->account_count; i++)
    checker_account_written(checker, &snapshot->accounts[i]);
  if (snapshot->batch_count == 1) checker_batch_written(checker, &snapshot->batches[0]);
  for (size_t i = 0; i < snapshot->job_count; i++)
    checker_job_changed(checker, &snapshot->jobs[i]);
}

void checker_compare(struct checker *checker, struct store *store) {
  struct store_snapshot snapshot = {0};
  struct reading reading;
  int there = 0, missing = 0;
  map_init(&reading.prints);
  CHECK(store_load(store, &snapshot, NULL) == 0);
  read_all(&reading, &snapshot);
  read_events(&reading, store, &snapshot);
  for (size_t i = 0; i < checker->row_count; i++) {
    int side = weigh(checker, &reading, i);
    there += side == 1;
    missing += side == 0;
  }
  if (there > 0 && missing > 0)
    checker_complain(checker, "half a group is in the state: %d rows of it, %d not", there,
                     missing);
  settle_group(checker, there > 0);
  checker_answers_found(checker, store);
  adopt(checker, &snapshot);
  checker_group_over(checker);
  store_snapshot_release(&snapshot);
  map_release(&reading.prints);
}
