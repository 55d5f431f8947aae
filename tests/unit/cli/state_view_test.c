/* Finding a batch in the state by whatever a person has at hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/state_view.h"

static char directory[64], named_file[96], plain_file[96];
static struct batch_record batches[3];
static struct state_view view;

static int write_file(const char *path, const char *text) {
  FILE *file = fopen(path, "w");
  if (file == NULL) return -1;
  int result = fputs(text, file) < 0 ? -1 : 0;
  return fclose(file) == 0 ? result : -1;
}

static int set_up(void **state) {
  (void)state;
  snprintf(directory, sizeof directory, "/tmp/nightshift-view-XXXXXX");
  if (mkdtemp(directory) == NULL) return -1;
  snprintf(named_file, sizeof named_file, "%s/named.yaml", directory);
  snprintf(plain_file, sizeof plain_file, "%s/plain.yaml", directory);
  batches[0] = (struct batch_record){.id = 1, .key = plain_file, .path = plain_file};
  batches[1] = (struct batch_record){.id = 2, .key = "spring", .named = true, .path = named_file};
  batches[2] = (struct batch_record){.id = 3, .key = "old", .named = true, .path = "/gone/x.yaml"};
  view = (struct state_view){.path = "state.db"};
  view.snapshot.batches = batches;
  view.snapshot.batch_count = 3;
  return 0;
}

static int tear_down(void **state) {
  (void)state;
  (void)unlink(named_file);
  (void)unlink(plain_file);
  return rmdir(directory);
}

static void assert_finds(const char *argument, batch_id id) {
  const struct batch_record *batch = state_view_batch(&view, argument);
  if (batch == NULL) fail_msg("'%s' is not found", argument);
  assert_int_equal(batch->id, id);
}

#define ONE_JOB                                                                                    \
  "jobs:\n  - asset: \"user:1-runwayml:one@example.com-asset:a\"\n    voice: Leo\n"                \
  "    output: out/a.mp4\n"

static void a_batch_is_found_by_the_name_in_its_file(void **state) {
  (void)state;
  char elsewhere[96];
  snprintf(elsewhere, sizeof elsewhere, "%s/moved.yaml", directory);
  assert_int_equal(write_file(elsewhere, "batch: spring\n" ONE_JOB), 0);
  assert_finds(elsewhere, 2);
  assert_int_equal(unlink(elsewhere), 0);
}

static void a_nameless_one_is_found_by_its_place(void **state) {
  (void)state;
  char roundabout[160];
  assert_int_equal(write_file(plain_file, ONE_JOB), 0);
  snprintf(roundabout, sizeof roundabout, "%s/../%s/plain.yaml", directory, directory + 5);
  assert_finds(roundabout, 1);
}

static void a_broken_or_missing_file_is_no_hindrance(void **state) {
  (void)state;
  assert_finds(plain_file, 1);
  assert_finds(named_file, 2);
  assert_int_equal(write_file(named_file, "batch: [\n"), 0);
  assert_finds(named_file, 2);
}

static void a_name_will_do(void **state) {
  (void)state;
  assert_finds("spring", 2);
  assert_finds("old", 3);
}

static void what_the_file_says_counts_before_what_it_was(void **state) {
  (void)state;
  assert_int_equal(write_file(named_file, "batch: autumn\n" ONE_JOB), 0);
  assert_null(state_view_batch(&view, named_file));
}

static void an_unknown_one_is_not_found(void **state) {
  (void)state;
  assert_null(state_view_batch(&view, "summer"));
  assert_null(state_view_batch(&view, "/nowhere/at/all.yaml"));
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
  const struct CMUnitTest tests[] = {
      TEST(a_batch_is_found_by_the_name_in_its_file),
      TEST(a_nameless_one_is_found_by_its_place),
      TEST(a_broken_or_missing_file_is_no_hindrance),
      TEST(a_name_will_do),
      TEST(what_the_file_says_counts_before_what_it_was),
      TEST(an_unknown_one_is_not_found),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
