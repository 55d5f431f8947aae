/* SQLite without memory, at every place where it asks for some: each call either works or says that
 * it did not, nothing half done is visible, and the next call works again. */
#include <sqlite3.h>
#include <stdatomic.h>

#include "unit/store/samples.h"
#include "util/check.h"

/* ---- SQLite's memory, of which one request is refused ---- */

static sqlite3_mem_methods real;
static atomic_int until_refused; /* requests that are still granted; -1: all */
static atomic_bool refused;

static bool is_refused(void) {
  int left = atomic_load(&until_refused);
  if (left < 0) return false;
  if (left > 0) {
    atomic_store(&until_refused, left - 1);
    return false;
  }
  atomic_store(&refused, true);
  atomic_store(&until_refused, -1);
  return true;
}

static void *give(int size) {
  return is_refused() ? NULL : real.xMalloc(size);
}

static void *give_more(void *memory, int size) {
  return is_refused() ? NULL : real.xRealloc(memory, size);
}

static int group_setup(void **state) {
  (void)state;
  atomic_store(&until_refused, -1);
  if (sqlite3_config(SQLITE_CONFIG_GETMALLOC, &real) != SQLITE_OK) return -1;
  sqlite3_mem_methods scarce = real;
  scarce.xMalloc = give;
  scarce.xRealloc = give_more;
  /* No memory set aside in advance: every request is seen. */
  if (sqlite3_config(SQLITE_CONFIG_LOOKASIDE, 0, 0) != SQLITE_OK) return -1;
  return sqlite3_config(SQLITE_CONFIG_MALLOC, &scarce) == SQLITE_OK ? 0 : -1;
}

/* ---- one state, and what is done with it ---- */

struct place {
  char directory[64];
  char path[96];
  struct store *store;
};

static void open_place(struct place *place) {
  struct error error = {0};
  if (store_open(&place->store, place->path, STORE_WRITE, &error) != 0) fail_msg("%s", error.text);
}

static int setup(void **state) {
  struct place *place = calloc(1, sizeof *place);
  assert_non_null(place);
  const struct record records[] = {sample_batch(1, "night"), sample_job(1, 1, 1),
                                   sample_attempt(1, 1, "ref-1", ATTEMPT_ABSENT),
                                   sample_event(1, 1, 5)};
  directory_make(place->directory);
  snprintf(place->path, sizeof place->path, "%s/state.db", place->directory);
  open_place(place);
  commit_or_fail(place->store, 10, records, 4);
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

typedef int action(struct place *place, struct error *error);

static int commit(struct place *place, struct error *error) {
  const struct record group[] = {sample_state(1, JOB_RUNNING),
                                 sample_attempt(2, 1, "ref-2", ATTEMPT_OPEN)};
  return store_commit(place->store, 20, group, 2, error);
}

static int load(struct place *place, struct error *error) {
  struct store_snapshot snapshot;
  int result = store_load(place->store, &snapshot, error);
  if (result == 0) store_snapshot_release(&snapshot);
  return result;
}

static int load_history(struct place *place, struct error *error) {
  struct store_history history;
  int result = store_load_history(place->store, 1, &history, error);
  if (result != 0) return result;
  assert_int_equal(history.count, 1);
  store_history_release(&history);
  return 0;
}

static int load_attempts(struct place *place, struct error *error) {
  struct store_attempts attempts;
  int result = store_load_attempts(place->store, 1, 0, &attempts, error);
  if (result == 0) store_attempts_release(&attempts);
  return result;
}

static int count_events(struct place *place, struct error *error) {
  struct job_record job = {.id = 1};
  struct store_snapshot snapshot = {.jobs = &job, .job_count = 1};
  int64_t number = 0;
  int result = store_event_counts(place->store, &snapshot, &number, error);
  if (result == 0) assert_int_equal(number, 1);
  return result;
}

static int find_clips(struct place *place, struct error *error) {
  const char *const paths[] = {"/a.mp4", "/b.mp4"};
  struct store_clips clips;
  int result = store_find_clips(place->store, paths, 2, &clips, error);
  if (result == 0) store_clips_release(&clips);
  return result;
}

static int give_request(struct place *place, struct error *error) {
  const struct request_record request = {.verb = "pause", .batch = "night", .asked = 5};
  int64_t id;
  return store_give_request(place->store, &request, &id, error);
}

static int load_requests(struct place *place, struct error *error) {
  struct store_requests requests;
  int result = store_load_requests(place->store, &requests, error);
  if (result == 0) store_requests_release(&requests);
  return result;
}

static int find_request(struct place *place, struct error *error) {
  struct store_requests requests;
  int result = store_find_request(place->store, 1, &requests, error);
  if (result == 0) store_requests_release(&requests);
  return result;
}

static int reopen(struct place *place, struct error *error) {
  store_close(place->store);
  place->store = NULL;
  return store_open(&place->store, place->path, STORE_WRITE, error);
}

static int open_new(struct place *place, struct error *error) {
  char path[128];
  struct store *store = NULL;
  snprintf(path, sizeof path, "%s/new.db", place->directory);
  int result = store_open(&store, path, STORE_WRITE, error);
  if (result == 0) store_close(store);
  if (result == 0) assert_int_equal(remove(path), 0);
  return result;
}

/* Requests of memory within the action are refused one by one, later ones by samples. */
static void sweep(struct place *place, action *act) {
  bool met = true;
  for (int granted = 0; met; granted += 1 + granted / 12) {
    struct error error = {0};
    assert_true(granted < 1000000);
    atomic_store(&refused, false);
    atomic_store(&until_refused, granted);
    int result = act(place, &error);
    atomic_store(&until_refused, -1);
    met = atomic_load(&refused);
    if (result != 0) assert_true(met && error.text[0] != '\0');
    if (place->store == NULL) open_place(place);
    if (result == 0) continue;
    result = act(place, &error);
    if (result != 0) fail_msg("after %d: %s", granted, error.text);
  }
}

static void every_call_says_so_and_the_next_one_works(void **state) {
  static action *const actions[] = {commit,       load,       load_history, load_attempts,
                                    count_events, find_clips, give_request, load_requests,
                                    find_request, reopen,     open_new};
  for (size_t i = 0; i < sizeof actions / sizeof actions[0]; i++)
    sweep(*state, actions[i]);
}

/* What was refused for want of memory was not written by half. */
static void a_group_is_written_whole_or_not_at_all(void **state) {
  struct place *place = *state;
  for (int granted = 0;; granted++) {
    struct error error = {0};
    struct store_snapshot snapshot;
    atomic_store(&refused, false);
    atomic_store(&until_refused, granted);
    int result = commit(place, &error);
    atomic_store(&until_refused, -1);
    load_or_fail(place->store, &snapshot);
    bool there = snapshot.attempt_count == 2;
    assert_int_equal(there, snapshot.jobs[0].state == JOB_RUNNING);
    if (result == 0) assert_true(there);
    store_snapshot_release(&snapshot);
    if (there) break;
  }
}

static void tell(const char *file, int line, const char *function, const char *what) {
  fprintf(stderr, "%s:%d: %s: %s\n", file, line, function, what);
}

int main(void) {
  check_set_handler(tell);
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(every_call_says_so_and_the_next_one_works, setup, teardown),
      cmocka_unit_test_setup_teardown(a_group_is_written_whole_or_not_at_all, setup, teardown),
  };
  return cmocka_run_group_tests(tests, group_setup, NULL);
}
