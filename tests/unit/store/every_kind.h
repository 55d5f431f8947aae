/* The fixture of tests that run against every kind of store: memory, SQLite, PostgreSQL. */
#ifndef TESTS_STORE_EVERY_KIND_H
#define TESTS_STORE_EVERY_KIND_H

#include "support/postgres.h"
#include "unit/store/samples.h"

enum kind { KIND_MEMORY, KIND_SQLITE, KIND_POSTGRES };
static enum kind kind; /* which the tests run against */
static struct postgres_server server;

struct fixture {
  struct store *store;
  char directory[64];
  char path[160]; /* or URL */
};

static inline void open_state(struct fixture *fixture) {
  struct error error = {0};
  int result = kind == KIND_MEMORY
                   ? store_open_memory(&fixture->store, &error)
                   : store_open(&fixture->store, fixture->path, STORE_WRITE, &error);
  if (result != 0) fail_msg("%s", error.text);
}

static inline int setup(void **state) {
  struct fixture *fixture = calloc(1, sizeof *fixture);
  assert_non_null(fixture);
  directory_make(fixture->directory);
  if (kind == KIND_POSTGRES) {
    char none[8];
    postgres_server_sql(&server, "DROP SCHEMA IF EXISTS nightshift CASCADE", none, sizeof none);
    snprintf(fixture->path, sizeof fixture->path, "%s", server.url);
  } else {
    snprintf(fixture->path, sizeof fixture->path, "%s/state.db", fixture->directory);
  }
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
  if (kind == KIND_MEMORY) {
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

/* The whole list against every kind that this build has. */
static inline int run_against(enum kind wanted, const char *name, const struct CMUnitTest *tests,
                              size_t count) {
  kind = wanted;
  return _cmocka_run_group_tests(name, tests, count, NULL, NULL);
}

/* Those that two programs can open. */
static inline int run_against_every_shared_kind(const struct CMUnitTest *tests, size_t count) {
  int failed = run_against(KIND_SQLITE, "sqlite", tests, count);
  if (TEST_POSTGRES) {
    postgres_server_start(&server, TEST_SOURCE_DIR, TEST_BINARY_DIR, NULL);
    failed += run_against(KIND_POSTGRES, "postgres", tests, count);
    postgres_server_stop(&server);
  }
  return failed;
}

static inline int run_against_every_kind(const struct CMUnitTest *tests, size_t count) {
  return run_against(KIND_MEMORY, "memory", tests, count) +
         run_against_every_shared_kind(tests, count);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

#endif
