/* The thread that commits: order, results, and that a failure lets nothing later through. */
#include <semaphore.h>
#include <sqlite3.h>
#include <time.h>
#include <unistd.h>

#include "unit/store/samples.h"

struct fixture {
  struct store *store;
  struct store_worker *worker;
  sem_t finished; /* one post per finished group */
};

static void on_done(void *context) {
  struct fixture *fixture = context;
  if (sem_post(&fixture->finished) != 0) abort();
}

static int setup(void **state) {
  struct fixture *fixture = calloc(1, sizeof *fixture);
  struct error error;
  const struct record records[] = {sample_batch(1, "night"), sample_job(1, 1, 1)};
  if (fixture == NULL || sem_init(&fixture->finished, 0, 0) != 0) return -1;
  if (store_open_memory(&fixture->store, &error) != 0) return -1;
  commit_or_fail(fixture->store, 1, records, 2);
  if (store_worker_start(&fixture->worker, fixture->store, on_done, fixture, &error) != 0)
    return -1;
  *state = fixture;
  return 0;
}

static int teardown(void **state) {
  struct fixture *fixture = *state;
  store_worker_stop(fixture->worker);
  store_close(fixture->store);
  sem_destroy(&fixture->finished);
  free(fixture);
  return 0;
}

static int wait_and_take(struct fixture *fixture, struct error *error) {
  int result = -99;
  assert_int_equal(sem_wait(&fixture->finished), 0);
  assert_true(store_worker_take(fixture->worker, &result, error));
  return result;
}

static enum job_state state_of_job(struct fixture *fixture) {
  struct store_snapshot snapshot;
  load_or_fail(fixture->store, &snapshot);
  enum job_state found = snapshot.jobs[0].state;
  store_snapshot_release(&snapshot);
  return found;
}

static void stop(struct fixture *fixture) {
  store_worker_stop(fixture->worker);
  fixture->worker = NULL;
}

static void a_group_is_committed_and_its_result_taken_once(void **state) {
  struct fixture *fixture = *state;
  const struct record group = sample_state(1, JOB_UPLOADING);
  int result = 7;
  assert_false(store_worker_take(fixture->worker, &result, NULL));
  assert_int_equal(result, 7);
  store_worker_give(fixture->worker, 2, &group, 1);
  assert_int_equal(wait_and_take(fixture, NULL), 0);
  assert_false(store_worker_take(fixture->worker, &result, NULL));
  stop(fixture);
  assert_int_equal(state_of_job(fixture), JOB_UPLOADING);
}

static void groups_are_committed_in_the_order_given(void **state) {
  struct fixture *fixture = *state;
  enum { GROUPS = 200 };
  struct record groups[GROUPS];
  for (int i = 0; i < GROUPS; i++) {
    groups[i] = sample_state(1, JOB_RUNNING);
    groups[i].as.job.changed = i;
    store_worker_give(fixture->worker, i, &groups[i], 1);
  }
  for (int i = 0; i < GROUPS; i++)
    assert_int_equal(wait_and_take(fixture, NULL), 0);
  stop(fixture);
  struct store_snapshot snapshot;
  load_or_fail(fixture->store, &snapshot);
  assert_int_equal(snapshot.jobs[0].changed, GROUPS - 1);
  store_snapshot_release(&snapshot);
}

static void a_failure_is_passed_on_with_its_text(void **state) {
  struct fixture *fixture = *state;
  const struct record missing = sample_state(9, JOB_RUNNING);
  struct error error = {0};
  store_worker_give(fixture->worker, 2, &missing, 1);
  assert_int_equal(wait_and_take(fixture, &error), ERR_DAMAGED);
  assert_int_equal(error.code, ERR_DAMAGED);
  assert_non_null(strstr(error.text, "missing"));
}

static void what_was_given_behind_a_failed_group_is_not_committed(void **state) {
  struct fixture *fixture = *state;
  const struct record first = sample_state(1, JOB_UPLOADING), second = sample_state(1, JOB_RUNNING);
  struct error error = {0};
  store_fail_next(fixture->store, ERR_FULL, 1, STORE_BEFORE);
  store_worker_give(fixture->worker, 2, &first, 1);
  store_worker_give(fixture->worker, 3, &second, 1);
  assert_int_equal(wait_and_take(fixture, &error), ERR_FULL);
  error = (struct error){0};
  assert_int_equal(wait_and_take(fixture, &error), ERR_FULL);
  assert_int_equal(error.code, ERR_FULL);
  /* both seen: given again, they are tried again */
  store_worker_give(fixture->worker, 4, &first, 1);
  assert_int_equal(wait_and_take(fixture, &error), 0);
  stop(fixture);
  assert_int_equal(state_of_job(fixture), JOB_UPLOADING);
}

static int64_t give_request(struct fixture *fixture) {
  const struct request_record request = {.verb = "pause", .batch = "night", .asked = 1};
  int64_t id = 0;
  assert_int_equal(store_give_request(fixture->store, &request, &id, NULL), 0);
  return id;
}

static void open_requests_are_read_when_asked_for_and_taken_once(void **state) {
  struct fixture *fixture = *state;
  struct store_requests requests = {0};
  int result = -99;
  int64_t id = give_request(fixture);
  assert_false(store_worker_looked(fixture->worker, &requests, &result, NULL));
  store_worker_look(fixture->worker);
  assert_int_equal(sem_wait(&fixture->finished), 0);
  assert_true(store_worker_looked(fixture->worker, &requests, &result, NULL));
  assert_int_equal(result, 0);
  assert_int_equal(requests.count, 1);
  assert_int_equal(requests.requests[0].id, id);
  store_requests_release(&requests);
  assert_false(store_worker_looked(fixture->worker, &requests, &result, NULL));
}

static void what_was_answered_before_the_look_is_not_seen_by_it(void **state) {
  struct fixture *fixture = *state;
  struct store_requests requests = {0};
  int result = -99;
  const struct record answer = {
      .kind = RECORD_REQUEST_ANSWER,
      .as.request = {.id = give_request(fixture), .answered = 2, .answer = "done"}};
  store_worker_give(fixture->worker, 2, &answer, 1);
  store_worker_look(fixture->worker);
  assert_int_equal(wait_and_take(fixture, NULL), 0);
  assert_int_equal(sem_wait(&fixture->finished), 0);
  assert_true(store_worker_looked(fixture->worker, &requests, &result, NULL));
  assert_int_equal(requests.count, 0);
  store_requests_release(&requests);
}

/* What was found and never taken is let go with the worker. */
static void a_look_that_fails_is_told_and_one_not_taken_leaks_nothing(void **state) {
  struct fixture *fixture = *state;
  struct store_requests requests = {0};
  struct error error = {0};
  int result = 0;
  give_request(fixture);
  store_crash_next(fixture->store, STORE_BEFORE);
  const struct record change = sample_state(1, JOB_RUNNING);
  store_worker_give(fixture->worker, 2, &change, 1);
  store_worker_look(fixture->worker);
  assert_int_equal(wait_and_take(fixture, &error), ERR_IO);
  assert_int_equal(sem_wait(&fixture->finished), 0);
  assert_true(store_worker_looked(fixture->worker, &requests, &result, &error));
  assert_int_equal(result, ERR_IO);
  store_reopen(fixture->store);
  store_worker_look(fixture->worker);
  assert_int_equal(sem_wait(&fixture->finished), 0);
}

/* The groups are large, so that most of the work is still to be done when the stop comes. */
static void stopping_waits_for_what_was_given(void **state) {
  enum { GROUPS = 5, SIZE = 4000 };
  struct fixture *fixture = *state;
  static struct record records[SIZE];
  for (int i = 0; i < SIZE; i++)
    records[i] = sample_state(1, i == SIZE - 1 ? JOB_DOWNLOADING : JOB_RUNNING);
  for (int i = 0; i < GROUPS; i++)
    store_worker_give(fixture->worker, 100 + i, records, SIZE);
  stop(fixture);
  assert_int_equal(state_of_job(fixture), JOB_DOWNLOADING);
  struct store_snapshot snapshot;
  load_or_fail(fixture->store, &snapshot);
  assert_int_equal(snapshot.latest, 100 + GROUPS - 1);
  store_snapshot_release(&snapshot);
}

/* A command of ten seconds' patience must not make the end of a run wait as long. */
static void stopping_does_not_wait_long_for_another_program(void **state) {
  char directory[] = "/tmp/worker-test-XXXXXX", path[64];
  struct fixture *fixture = *state;
  struct fixture other = {0};
  struct error error;
  struct timespec begun, ended;
  sqlite3 *holder = NULL;
  const struct record group = sample_batch(1, "night");
  assert_non_null(mkdtemp(directory));
  snprintf(path, sizeof path, "%s/state.db", directory);
  assert_int_equal(store_open(&other.store, path, STORE_WRITE, &error), 0);
  assert_int_equal(sqlite3_open(path, &holder), SQLITE_OK);
  assert_int_equal(sqlite3_exec(holder, "BEGIN EXCLUSIVE", NULL, NULL, NULL), SQLITE_OK);
  assert_int_equal(store_worker_start(&other.worker, other.store, on_done, fixture, &error), 0);
  store_worker_give(other.worker, 2, &group, 1);
  assert_int_equal(clock_gettime(CLOCK_MONOTONIC, &begun), 0);
  stop(&other);
  assert_int_equal(clock_gettime(CLOCK_MONOTONIC, &ended), 0);
  assert_in_range(ended.tv_sec - begun.tv_sec, 0, 6);
  assert_int_equal(sqlite3_close(holder), SQLITE_OK);
  store_close(other.store);
  static const char *const ends[] = {"", "-journal"};
  for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
    snprintf(path, sizeof path, "%s/state.db%s", directory, ends[i]);
    (void)unlink(path); /* the journal may not be there */
  }
  assert_int_equal(rmdir(directory), 0);
}

struct errand {
  struct store_errand base; /* first */
  enum job_state seen;
};

static void look_at_the_job(struct store *store, struct store_errand *base) {
  struct errand *errand = (struct errand *)base;
  struct store_snapshot snapshot;
  load_or_fail(store, &snapshot);
  errand->seen = snapshot.jobs[0].state;
  store_snapshot_release(&snapshot);
}

static void an_errand_is_run_after_what_was_given_and_comes_back(void **state) {
  struct fixture *fixture = *state;
  const struct record group = sample_state(1, JOB_UPLOADING);
  struct errand first = {.base.run = look_at_the_job}, second = first;
  assert_null(store_worker_back(fixture->worker));
  store_worker_give(fixture->worker, 2, &group, 1);
  store_worker_send(fixture->worker, &first.base);
  store_worker_send(fixture->worker, &second.base);
  assert_int_equal(wait_and_take(fixture, NULL), 0);
  assert_int_equal(sem_wait(&fixture->finished), 0);
  assert_int_equal(sem_wait(&fixture->finished), 0);
  assert_ptr_equal(store_worker_back(fixture->worker), &first.base);
  assert_ptr_equal(store_worker_back(fixture->worker), &second.base);
  assert_null(store_worker_back(fixture->worker));
  assert_int_equal(first.seen, JOB_UPLOADING);
  assert_int_equal(second.seen, JOB_UPLOADING);
}

static void an_errand_not_fetched_back_is_no_trouble(void **state) {
  struct fixture *fixture = *state;
  struct errand errand = {.base.run = look_at_the_job};
  store_worker_send(fixture->worker, &errand.base);
  stop(fixture); /* it may have been run, or not */
}

static void stopping_no_worker_is_nothing(void **state) {
  (void)state;
  store_worker_stop(NULL);
  store_close(NULL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(a_group_is_committed_and_its_result_taken_once),
      TEST(groups_are_committed_in_the_order_given),
      TEST(a_failure_is_passed_on_with_its_text),
      TEST(what_was_given_behind_a_failed_group_is_not_committed),
      TEST(open_requests_are_read_when_asked_for_and_taken_once),
      TEST(what_was_answered_before_the_look_is_not_seen_by_it),
      TEST(a_look_that_fails_is_told_and_one_not_taken_leaks_nothing),
      TEST(an_errand_is_run_after_what_was_given_and_comes_back),
      TEST(an_errand_not_fetched_back_is_no_trouble),
      TEST(stopping_waits_for_what_was_given),
      TEST(stopping_does_not_wait_long_for_another_program),
      cmocka_unit_test(stopping_no_worker_is_nothing),
  };
  return cmocka_run_group_tests_name("worker", tests, NULL, NULL);
}
