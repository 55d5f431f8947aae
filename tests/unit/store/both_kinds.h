/* The fixture of tests that run against every kind of store: memory, then SQLite. */
#ifndef TESTS_STORE_BOTH_KINDS_H
#define TESTS_STORE_BOTH_KINDS_H

#include "unit/store/samples.h"

struct fixture {
  struct store *store;
  char directory[64];
  char path[96];
};

static bool on_disk; /* which kind the tests run against */

static inline void open_state(struct fixture *fixture) {
  struct error error = {0};
  int result = on_disk ? store_open(&fixture->store, fixture->path, STORE_WRITE, &error)
                       : store_open_memory(&fixture->store, &error);
  if (result != 0) fail_msg("%s", error.text);
}

static inline int setup(void **state) {
  struct fixture *fixture = calloc(1, sizeof *fixture);
  assert_non_null(fixture);
  directory_make(fixture->directory);
  snprintf(fixture->path, sizeof fixture->path, "%s/state.db", fixture->directory);
  open_state(fixture);
  *state = fixture;
  return 0;
}

static inline int teardown(void **state) {
  struct fixture *fixture = *state;
  store_close(fixture->store);
  directory_remove(fixture->directory);
  free(fixture);
  return 0;
}

/* As another process would find it. */
static inline void open_again(struct fixture *fixture) {
  if (!on_disk) {
    store_reopen(fixture->store);
    return;
  }
  store_close(fixture->store);
  open_state(fixture);
}

static inline void commit(struct fixture *fixture, const struct record *records, size_t count) {
  commit_or_fail(fixture->store, 1, records, count);
}

static inline void assert_refused(struct fixture *fixture, const struct record *records,
                                  size_t count) {
  struct error error = {0};
  assert_int_equal(store_commit(fixture->store, 99, records, count, &error), ERR_DAMAGED);
  assert_int_equal(error.code, ERR_DAMAGED);
  assert_non_null(strstr(error.text, "the state"));
}

#define COUNT(records) (sizeof(records) / sizeof(records)[0])

/* A batch with two jobs. */
static inline void begin(struct fixture *fixture) {
  const struct record records[] = {sample_batch(1, "night"), sample_job(1, 1, 1),
                                   sample_job(2, 1, 2)};
  commit(fixture, records, COUNT(records));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

#endif
