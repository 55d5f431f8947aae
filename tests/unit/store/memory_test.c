/* The faults that a store in memory can be asked for, and what is durable after each. */
#include "unit/store/samples.h"

static int setup(void **state) {
  struct store *store = NULL;
  struct error error;
  const struct record records[] = {sample_batch(1, "night"), sample_job(1, 1, 1),
                                   sample_job(2, 1, 2)};
  if (store_open_memory(&store, &error) != 0) return -1;
  commit_or_fail(store, 10, records, 3);
  *state = store;
  return 0;
}

static int teardown(void **state) {
  store_close(*state);
  return 0;
}

/* A new attempt, and its job: the two have to be there together or not at all. */
static int submit(struct store *store, struct error *error) {
  const struct record group[] = {sample_attempt(1, 1, "ref-1", ATTEMPT_OPEN),
                                 sample_state(1, JOB_SUBMITTING)};
  return store_commit(store, 20, group, 2, error);
}

static void assert_submitted(struct store *store, bool wanted) {
  struct store_snapshot snapshot;
  load_or_fail(store, &snapshot);
  assert_int_equal(snapshot.attempt_count, wanted ? 1 : 0);
  assert_int_equal(snapshot.last_attempt, wanted ? 1 : 0);
  assert_int_equal(snapshot.jobs[0].state, wanted ? JOB_SUBMITTING : JOB_QUEUED);
  assert_int_equal(snapshot.latest, wanted ? 20 : 10);
  store_snapshot_release(&snapshot);
}

static void crash_at(struct store *store, enum store_point point) {
  struct error error = {0};
  store_crash_next(store, point);
  assert_false(store_crashed(store));
  assert_int_equal(submit(store, &error), ERR_IO);
  assert_true(store_crashed(store));
  store_reopen(store);
  assert_false(store_crashed(store));
}

static void a_crash_before_a_commit_leaves_nothing_of_it(void **state) {
  crash_at(*state, STORE_BEFORE);
  assert_submitted(*state, false);
}

static void a_crash_during_a_commit_leaves_nothing_of_it(void **state) {
  crash_at(*state, STORE_DURING);
  assert_submitted(*state, false);
  assert_int_equal(submit(*state, NULL), 0); /* also no guard is left taken */
  assert_submitted(*state, true);
}

static void a_crash_after_a_commit_leaves_all_of_it(void **state) {
  crash_at(*state, STORE_AFTER);
  assert_submitted(*state, true);
}

static void nothing_works_between_a_crash_and_opening_again(void **state) {
  struct store *store = *state;
  struct store_snapshot snapshot = {0};
  struct store_history history;
  struct store_clips clips;
  const char *path = "/a";
  struct error error;
  int64_t numbers[1];
  store_crash_next(store, STORE_DURING);
  assert_int_equal(submit(store, &error), ERR_IO);
  assert_int_equal(submit(store, &error), ERR_IO);
  assert_int_equal(store_load(store, &snapshot, &error), ERR_IO);
  assert_int_equal(store_load_history(store, 1, &history, &error), ERR_IO);
  assert_int_equal(store_event_counts(store, &snapshot, numbers, &error), ERR_IO);
  assert_int_equal(store_find_clips(store, &path, 1, &clips, &error), ERR_IO);
}

static void a_crash_that_was_not_reached_is_forgotten_by_opening_again(void **state) {
  struct store *store = *state;
  store_crash_next(store, STORE_BEFORE);
  store_reopen(store);
  assert_int_equal(submit(store, NULL), 0);
}

static void failures_last_as_long_as_asked_and_write_nothing(void **state) {
  struct store *store = *state;
  struct error error = {0};
  store_fail_next(store, ERR_FULL, 2, STORE_BEFORE);
  assert_int_equal(submit(store, &error), ERR_FULL);
  assert_int_equal(error.code, ERR_FULL);
  assert_int_equal(submit(store, &error), ERR_FULL);
  assert_submitted(store, false); /* and what is there can still be read */
  assert_int_equal(submit(store, &error), 0);
  assert_submitted(store, true);
}

static void a_failure_may_come_after_all_was_written(void **state) {
  struct store *store = *state;
  struct error error = {0};
  store_fail_next(store, ERR_IO, 1, STORE_AFTER);
  assert_int_equal(submit(store, &error), ERR_IO);
  assert_submitted(store, true);
  assert_int_equal(submit(store, &error), 0); /* the same group again changes nothing */
  assert_submitted(store, true);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(a_crash_before_a_commit_leaves_nothing_of_it),
      TEST(a_crash_during_a_commit_leaves_nothing_of_it),
      TEST(a_crash_after_a_commit_leaves_all_of_it),
      TEST(nothing_works_between_a_crash_and_opening_again),
      TEST(a_crash_that_was_not_reached_is_forgotten_by_opening_again),
      TEST(failures_last_as_long_as_asked_and_write_nothing),
      TEST(a_failure_may_come_after_all_was_written),
  };
  return cmocka_run_group_tests_name("memory faults", tests, NULL, NULL);
}
