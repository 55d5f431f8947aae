/* A state in a file that crashes and fails as the simulator asks: what is there after each. */
#include "unit/store/samples.h"

#define CRASHES 150

struct place {
  char directory[64];
  char path[96];
  struct store *store;
  int64_t number; /* of the last group */
};

static int setup(void **state) {
  struct place *place = calloc(1, sizeof *place);
  struct error error = {0};
  const struct record records[] = {sample_batch(1, "night"), sample_job(1, 1, 1),
                                   sample_job(2, 1, 2)};
  assert_non_null(place);
  directory_make(place->directory);
  snprintf(place->path, sizeof place->path, "%s/state.db", place->directory);
  if (store_open_crashing(&place->store, place->path, 7, &error) != 0) fail_msg("%s", error.text);
  commit_or_fail(place->store, 10, records, 3);
  *state = place;
  return 0;
}

static int teardown(void **state) {
  struct place *place = *state;
  store_close(place->store);
  directory_remove(place->directory);
  free(place);
  return 0;
}

/* Group n: an attempt more, and both jobs changed at n. */
static int commit_group(struct place *place, int64_t number, struct error *error) {
  char reply_ref[32];
  snprintf(reply_ref, sizeof reply_ref, "ref-%lld", (long long)number);
  struct record group[] = {sample_state(1, JOB_RUNNING),
                           sample_attempt(number, 1, reply_ref, ATTEMPT_ABSENT),
                           sample_state(2, JOB_RUNNING)};
  group[0].as.job.changed = group[2].as.job.changed = number;
  return store_commit(place->store, number, group, 3, error);
}

/* The last group that is there, whole. */
static int64_t last_group(const struct place *place) {
  struct store_snapshot snapshot;
  load_or_fail(place->store, &snapshot);
  int64_t last = snapshot.last_attempt;
  assert_int_equal(snapshot.attempt_count, last);
  if (last > 0) {
    assert_int_equal(snapshot.jobs[0].changed, last);
    assert_int_equal(snapshot.jobs[1].changed, last);
  }
  store_snapshot_release(&snapshot);
  return last;
}

static void crash_at(struct place *place, enum store_point point, int64_t number) {
  struct error error = {0};
  store_crash_next(place->store, point);
  assert_int_equal(commit_group(place, number, &error), ERR_IO);
  assert_true(store_crashed(place->store));
  store_reopen(place->store);
  assert_false(store_crashed(place->store));
}

static void a_crash_anywhere_in_a_commit_leaves_all_of_it_or_nothing(void **state) {
  struct place *place = *state;
  int gone = 0, there = 0;
  for (int64_t i = 0, last = 0; i < CRASHES; i++) {
    crash_at(place, STORE_DURING, last + 1);
    int64_t now = last_group(place);
    assert_true(now == last || now == last + 1);
    gone += now == last;
    there += now == last + 1;
    last = now;
  }
  assert_true(gone > CRASHES / 4);
  assert_true(there > 0); /* the last write is hit sometimes */
}

static void before_and_after_a_commit_are_what_they_say(void **state) {
  crash_at(*state, STORE_BEFORE, 1);
  assert_int_equal(last_group(*state), 0);
  crash_at(*state, STORE_AFTER, 1);
  assert_int_equal(last_group(*state), 1);
}

static void nothing_works_between_a_crash_and_opening_again(void **state) {
  struct place *place = *state;
  struct store_snapshot snapshot;
  struct error error;
  store_crash_next(place->store, STORE_DURING);
  assert_int_equal(commit_group(place, 1, &error), ERR_IO);
  assert_int_equal(commit_group(place, 1, &error), ERR_IO);
  assert_int_equal(store_load(place->store, &snapshot, &error), ERR_IO);
}

static void a_failure_in_the_middle_leaves_nothing(void **state) {
  struct place *place = *state;
  struct error error = {0};
  for (int64_t i = 0; i < 20; i++) {
    store_fail_next(place->store, i % 2 == 0 ? ERR_FULL : ERR_IO, 2, STORE_BEFORE);
    assert_int_equal(commit_group(place, i + 1, &error), i % 2 == 0 ? ERR_FULL : ERR_IO);
    assert_int_not_equal(commit_group(place, i + 1, &error), 0);
    assert_int_equal(last_group(place), i);
    assert_int_equal(commit_group(place, i + 1, &error), 0);
  }
}

static void a_failure_may_come_after_all_was_written(void **state) {
  struct place *place = *state;
  store_fail_next(place->store, ERR_IO, 1, STORE_AFTER);
  assert_int_equal(commit_group(place, 1, NULL), ERR_IO);
  assert_int_equal(last_group(place), 1);
  assert_int_equal(commit_group(place, 1, NULL), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(a_crash_anywhere_in_a_commit_leaves_all_of_it_or_nothing),
      TEST(before_and_after_a_commit_are_what_they_say),
      TEST(nothing_works_between_a_crash_and_opening_again),
      TEST(a_failure_in_the_middle_leaves_nothing),
      TEST(a_failure_may_come_after_all_was_written),
  };
  return cmocka_run_group_tests_name("file faults", tests, NULL, NULL);
}
