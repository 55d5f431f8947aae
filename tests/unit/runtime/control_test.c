/* What is done with a state before a run reads it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "nightshift/store.h"
#include "runtime/control.h"
#include "store/sqlite.h"

static char directory[64], state_file[128];

static int set_up(void **state) {
  (void)state;
  snprintf(directory, sizeof directory, "/tmp/nightshift-control-XXXXXX");
  if (mkdtemp(directory) == NULL) return -1;
  snprintf(state_file, sizeof state_file, "%s/state.db", directory);
  return 0;
}

static int tear_down(void **state) {
  static const char *const ends[] = {"", "-journal", ".lock"};
  char path[160];
  (void)state;
  for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
    snprintf(path, sizeof path, "%s%s", state_file, ends[i]);
    (void)unlink(path);
  }
  return rmdir(directory);
}

static void a_state_of_an_older_version_is_brought_up_to_date(void **state) {
  (void)state;
  const struct schema older = {.migrations = schema_current.migrations, .version = 1};
  const struct sqlite_options options = {.schema = &older};
  struct store *store;
  struct error error;
  assert_true(schema_current.version > 1);
  assert_int_equal(sqlite_open(&store, state_file, STORE_WRITE, &options, &error), 0);
  store_close(store);
  assert_int_equal(store_open(&store, state_file, STORE_READ, &error), ERR_OLDER);
  control_apply_before(state_file);
  assert_int_equal(store_open(&store, state_file, STORE_READ, &error), 0);
  store_close(store);
}

static void where_there_is_no_state_none_is_made(void **state) {
  (void)state;
  control_apply_before(state_file);
  assert_int_equal(access(state_file, F_OK), -1);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
  const struct CMUnitTest tests[] = {
      TEST(a_state_of_an_older_version_is_brought_up_to_date),
      TEST(where_there_is_no_state_none_is_made),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
