/* A snapshot brought up to date by records is what reading the state again gives; and whether a
 * state has changed since it was read is told, whoever changed it. Against every kind of store. */
#include "unit/store/every_kind.h"

static void assert_same_rows(enum table_id id, const void *found, size_t found_count,
                             const void *wanted, size_t wanted_count) {
  size_t size = table_at(id)->row_size;
  assert_int_equal(found_count, wanted_count);
  for (size_t i = 0; i < wanted_count; i++)
    assert_rows_equal(id, (const char *)found + i * size, (const char *)wanted + i * size);
}

static void assert_same(const struct store_snapshot *found, const struct store_snapshot *wanted) {
  assert_int_equal(found->latest, wanted->latest);
  assert_int_equal(found->last_batch, wanted->last_batch);
  assert_int_equal(found->last_job, wanted->last_job);
  assert_same_rows(TABLE_BATCH, found->batches, found->batch_count, wanted->batches,
                   wanted->batch_count);
  assert_same_rows(TABLE_JOB, found->jobs, found->job_count, wanted->jobs, wanted->job_count);
}

/* Applied to the snapshot, committed, read again: the same. The records and their texts are gone
 * by the time it is looked at. */
static void apply_and_compare(struct fixture *fixture, struct store_snapshot *snapshot, time_ms now,
                              const struct record *records, size_t count) {
  struct store_snapshot again;
  struct record copies[8];
  char texts[8][64];
  assert_true(count <= COUNT(copies));
  for (size_t i = 0; i < count; i++) {
    copies[i] = records[i];
    if (records[i].kind == RECORD_BATCH) continue;
    snprintf(texts[i], sizeof texts[i], "%s", records[i].as.job.key);
    copies[i].as.job.key = texts[i];
  }
  commit_or_fail(fixture->store, now, records, count);
  store_snapshot_apply(snapshot, now, copies, count);
  memset(texts, 'x', sizeof texts);
  memset(copies, 0, sizeof copies);
  load_or_fail(fixture->store, &again);
  assert_same(snapshot, &again);
  store_snapshot_release(&again);
}

static struct record job_with_key(job_id id, batch_id batch, int64_t number, const char *key) {
  struct record record = sample_job(id, batch, number);
  record.as.job.key = key;
  return record;
}

static void a_new_batch_needs_no_reading(void **state) {
  struct store_snapshot snapshot = {0};
  const struct record records[] = {sample_batch(1, "night"), job_with_key(1, 1, 1, "clip:a|v"),
                                   job_with_key(2, 1, 2, "clip:b|v")};
  apply_and_compare(*state, &snapshot, 5, records, COUNT(records));
  store_snapshot_release(&snapshot);
}

static void jobs_are_added_in_front_and_change_their_keys(void **state) {
  struct store_snapshot snapshot = {0};
  const struct record first[] = {sample_batch(1, "night"), sample_batch(2, "day"),
                                 job_with_key(1, 2, 1, "clip:a|v"),
                                 job_with_key(2, 2, 2, "clip:b|v")};
  apply_and_compare(*state, &snapshot, 5, first, COUNT(first));
  struct record moved = job_with_key(1, 2, 3, "clip:b|v");
  struct record other = job_with_key(2, 2, 2, "clip:a|v");
  moved.kind = other.kind = RECORD_JOB_SPEC;
  moved.as.job.output = "/out/a.mp4";
  moved.as.job.state = JOB_FAILED; /* not of the spec part: stays as it was */
  const struct record second[] = {moved, other, job_with_key(3, 2, 1, "clip:c|v"),
                                  job_with_key(4, 1, 1, "clip:a|v")};
  apply_and_compare(*state, &snapshot, 4, second, COUNT(second));
  assert_int_equal(snapshot.latest, 5);
  assert_int_equal(snapshot.jobs[0].id, 4);
  assert_int_equal(snapshot.jobs[1].id, 3);
  store_snapshot_release(&snapshot);
}

static void a_batch_changes_its_key(void **state) {
  struct store_snapshot snapshot = {0};
  const struct record first = sample_batch(1, "night");
  apply_and_compare(*state, &snapshot, 5, &first, 1);
  struct record second = sample_batch(1, "later");
  second.as.batch.why = "a guard";
  apply_and_compare(*state, &snapshot, 6, &second, 1);
  assert_int_equal(snapshot.batch_count, 1);
  store_snapshot_release(&snapshot);
}

/* ---- whether it has changed ---- */

static void a_state_is_unchanged_until_something_is_written(void **state) {
  struct fixture *fixture = *state;
  struct store_snapshot snapshot;
  const struct record change = sample_state(1, JOB_UPLOADING);
  begin(fixture);
  load_or_fail(fixture->store, &snapshot);
  open_again(fixture);
  assert_true(store_is_unchanged(fixture->store, &snapshot));
  assert_true(store_is_unchanged(fixture->store, &snapshot));
  commit(fixture, &change, 1);
  assert_false(store_is_unchanged(fixture->store, &snapshot));
  store_snapshot_release(&snapshot);
}

static void a_request_is_a_change(void **state) {
  struct fixture *fixture = *state;
  struct store_snapshot snapshot;
  const struct request_record request = {.verb = "pause", .asked = 1};
  int64_t id;
  begin(fixture);
  load_or_fail(fixture->store, &snapshot);
  assert_int_equal(store_give_request(fixture->store, &request, &id, NULL), 0);
  assert_false(store_is_unchanged(fixture->store, &snapshot));
  store_snapshot_release(&snapshot);
}

static void what_was_applied_is_never_called_unchanged(void **state) {
  struct fixture *fixture = *state;
  struct store_snapshot snapshot = {0};
  const struct record batch = sample_batch(1, "night");
  assert_false(store_is_unchanged(fixture->store, &snapshot));
  apply_and_compare(fixture, &snapshot, 5, &batch, 1);
  assert_false(store_is_unchanged(fixture->store, &snapshot));
  store_snapshot_release(&snapshot);
}

/* A reader's snapshot against the writer's store: as a run compares them. */
static void another_program_s_change_is_seen(void **state) {
  struct fixture *fixture = *state;
  struct store *reader = NULL;
  struct store_snapshot snapshot;
  const struct record change = sample_state(1, JOB_UPLOADING);
  begin(fixture);
  assert_int_equal(store_open(&reader, fixture->path, STORE_READ, NULL), 0);
  load_or_fail(reader, &snapshot);
  assert_true(store_is_unchanged(fixture->store, &snapshot));
  commit(fixture, &change, 1);
  assert_false(store_is_unchanged(fixture->store, &snapshot));
  assert_false(store_is_unchanged(reader, &snapshot));
  store_snapshot_release(&snapshot);
  load_or_fail(fixture->store, &snapshot);
  assert_true(store_is_unchanged(reader, &snapshot));
  store_snapshot_release(&snapshot);
  store_close(reader);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(a_new_batch_needs_no_reading), TEST(jobs_are_added_in_front_and_change_their_keys),
      TEST(a_batch_changes_its_key),      TEST(a_state_is_unchanged_until_something_is_written),
      TEST(a_request_is_a_change),        TEST(what_was_applied_is_never_called_unchanged),
  };
  const struct CMUnitTest files[] = {TEST(another_program_s_change_is_seen)};
  int failed = run_against_every_kind(tests, COUNT(tests));
  failed += run_against_every_shared_kind(files, COUNT(files));
  return failed == 0 ? 0 : 1;
}
