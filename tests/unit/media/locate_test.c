/* Where the helper program is sought. */
#include "unit/media/fixture.h"

#include "media/locate.h"

static struct error error;
static char path[PATH_MAX];

/* Makes <scratch>/<directory>/nightshift-probe. */
static void install_in(const char *directory) {
  char name[256], command[600];
  snprintf(command, sizeof command, "mkdir -p '%s/%s'", scratch, directory);
  assert_int_equal(system(command), 0);
  snprintf(name, sizeof name, "%s/nightshift-probe", directory);
  assert_int_equal(chmod(scratch_text(name, "#!/bin/sh\n"), 0700), 0);
}

static void the_helper_beside_the_program_comes_first(void **state) {
  (void)state;
  install_in("bin");
  install_in("other");
  assert_int_equal(
      locate_probe_from(scratch_path("bin"), scratch_path("other"), path, sizeof path, &error), 0);
  assert_string_equal(path, scratch_path("bin/nightshift-probe"));
}

static void the_helper_may_lie_in_libexec(void **state) {
  (void)state;
  install_in("libexec/nightshift");
  assert_int_equal(mkdir(scratch_path("bin"), 0700), 0);
  assert_int_equal(locate_probe_from(scratch_path("bin"), NULL, path, sizeof path, &error), 0);
  assert_string_equal(path, scratch_path("bin/../libexec/nightshift/nightshift-probe"));
}

static void the_helper_may_lie_on_the_path(void **state) {
  (void)state;
  install_in("other");
  char search[256];
  snprintf(search, sizeof search, "/nowhere::%s:/usr/bin", scratch_path("other"));
  assert_int_equal(locate_probe_from("/nowhere", search, path, sizeof path, &error), 0);
  assert_string_equal(path, scratch_path("other/nightshift-probe"));
}

static void relative_places_on_the_path_are_passed_over(void **state) {
  (void)state;
  install_in("other");
  assert_int_equal(chdir(scratch), 0);
  assert_int_equal(locate_probe_from("/nowhere", "other:.:", path, sizeof path, &error), ERR_IO);
  assert_int_equal(chdir("/"), 0);
}

static void a_missing_helper_is_told_with_the_places_and_the_remedy(void **state) {
  (void)state;
  assert_int_equal(locate_probe_from("/nowhere", "/nowhere/else", path, sizeof path, &error),
                   ERR_IO);
  assert_non_null(
      strstr(error.text, "is in none of /nowhere, /nowhere/../libexec/nightshift and PATH"));
  assert_non_null(strstr(error.text, "install it beside nightshift"));
}

static void a_given_helper_is_the_only_one(void **state) {
  (void)state;
  install_in("bin");
  const char *given = scratch_path("bin/nightshift-probe");
  assert_int_equal(locate_probe(given, path, sizeof path, &error), 0);
  assert_string_equal(path, given);
  assert_int_equal(chmod(given, 0600), 0);
  assert_int_equal(locate_probe(given, path, sizeof path, &error), ERR_IO);
  assert_non_null(strstr(error.text, given));
  assert_int_equal(locate_probe(scratch, path, sizeof path, &error), ERR_IO);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scratch_make, scratch_remove)

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(the_helper_beside_the_program_comes_first),
      TEST(the_helper_may_lie_in_libexec),
      TEST(the_helper_may_lie_on_the_path),
      TEST(relative_places_on_the_path_are_passed_over),
      TEST(a_missing_helper_is_told_with_the_places_and_the_remedy),
      TEST(a_given_helper_is_the_only_one),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
