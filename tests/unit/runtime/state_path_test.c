/* Where the state is kept. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "nightshift/runtime.h"

static void environment(const char *xdg, const char *home) {
  if (xdg == NULL)
    assert_int_equal(unsetenv("XDG_STATE_HOME"), 0);
  else
    assert_int_equal(setenv("XDG_STATE_HOME", xdg, 1), 0);
  if (home == NULL)
    assert_int_equal(unsetenv("HOME"), 0);
  else
    assert_int_equal(setenv("HOME", home, 1), 0);
}

static void assert_path(const char *given, const char *wanted) {
  char path[PATH_MAX];
  assert_int_equal(state_path(given, path, sizeof path, NULL), 0);
  assert_string_equal(path, wanted);
}

static const char *refusal(const char *given) {
  static struct error error;
  char path[64];
  error = (struct error){0};
  assert_int_equal(state_path(given, path, sizeof path, &error), ERR_USAGE);
  return error.text;
}

static void the_usual_place_follows_xdg(void **state) {
  (void)state;
  environment("/xdg", "/home/me");
  assert_path("", "/xdg/nightshift/state.db");
  environment("relative", "/home/me");
  assert_path(NULL, "/home/me/.local/state/nightshift/state.db");
  environment(NULL, "/home/me");
  assert_path(NULL, "/home/me/.local/state/nightshift/state.db");
}

static void without_a_home_a_path_is_asked_for(void **state) {
  (void)state;
  environment(NULL, NULL);
  assert_non_null(strstr(refusal(NULL), "--state PATH"));
}

static void a_given_path_becomes_absolute(void **state) {
  (void)state;
  assert_int_equal(chdir("/tmp"), 0);
  assert_path("night.db", "/tmp/night.db");
  assert_path("/var/night.db", "/var/night.db");
  assert_int_equal(chdir("/"), 0);
  assert_path("night.db", "/night.db");
}

static void a_directory_is_no_state(void **state) {
  (void)state;
  assert_non_null(strstr(refusal("/tmp"), "is a directory"));
  assert_non_null(strstr(refusal("/nowhere/"), "is a directory"));
}

static void a_path_that_does_not_fit_is_refused(void **state) {
  (void)state;
  assert_non_null(
      strstr(refusal("/a/very/long/path/that/does/not/fit/into/the/sixty-four/bytes/given.db"),
             "too long"));
}

static void another_kind_of_state_is_named_plainly(void **state) {
  (void)state;
  assert_non_null(strstr(refusal("mysql://db/night"), "a path of a file or an address"));
}

/* It would be a file of that name: a state of its own beside the shared one, which pays anew. */
static void a_misspelt_address_is_no_file(void **state) {
  (void)state;
  static const char *const addresses[] = {
      "postgresql:/db.example.com/night", "postgresql:db.example.com/night",
      "postgres:/me@db.example.com/night", "Postgres:me:hunter2@db.example.com/night",
      "/etc/nightshift/postgresql:/db.example.com/night"};
  for (size_t i = 0; i < sizeof addresses / sizeof addresses[0]; i++) {
    const char *text = refusal(addresses[i]);
    assert_non_null(strstr(text, i == 3 ? "holds a password" : "a path of a file or an address"));
    assert_null(strstr(text, "example"));
  }
  assert_path("/var/postgresql/night.db", "/var/postgresql/night.db");
}

static void an_address_of_a_database_is_kept_as_it_is(void **state) {
  (void)state;
  if (!TEST_POSTGRES) {
    assert_non_null(strstr(refusal("postgresql://db.example.com/night"), "POSTGRES=OFF"));
    return;
  }
  static const char *const addresses[] = {
      "postgresql://db.example.com/night", "postgres://me@db.example.com:5432/night",
      "postgresql://one.example.com:5433,two.example.com/night?target_session_attrs=read-write",
      "postgresql:///?service=night",
      "postgresql:///night?host=/run/postgresql&sslmode=verify-full"};
  for (size_t i = 0; i < sizeof addresses / sizeof addresses[0]; i++)
    assert_path(addresses[i], addresses[i]);
  assert_non_null(
      strstr(refusal("postgresql://db/night?colour=red"), "none that PostgreSQL knows"));
}

static void a_password_is_refused_and_not_repeated(void **state) {
  (void)state;
  static const char *const addresses[] = {
      "postgresql://me:hunter2@db.example.com/night",
      "postgresql://db.example.com/night?user=me&password=hunter2",
      "postgresql://db.example.com/night?user=me&p%61ssword=hunter2",
      "postgresql://db.example.com/night?sslpassword=hunter2",
      "postgres://me:hunter2@db.example.com,two.example.com/night",
      "host=db.example.com password=hunter2",
      "other://me:hunter2@db.example.com/night",
  };
  for (size_t i = 0; i < sizeof addresses / sizeof addresses[0]; i++) {
    const char *text = refusal(addresses[i]);
    assert_non_null(strstr(text, TEST_POSTGRES || i > 4 ? "holds a password" : "POSTGRES=OFF"));
    assert_null(strstr(text, "hunter2"));
    assert_null(strstr(text, "example"));
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_usual_place_follows_xdg),
      cmocka_unit_test(without_a_home_a_path_is_asked_for),
      cmocka_unit_test(a_given_path_becomes_absolute),
      cmocka_unit_test(a_directory_is_no_state),
      cmocka_unit_test(a_path_that_does_not_fit_is_refused),
      cmocka_unit_test(another_kind_of_state_is_named_plainly),
      cmocka_unit_test(a_misspelt_address_is_no_file),
      cmocka_unit_test(an_address_of_a_database_is_kept_as_it_is),
      cmocka_unit_test(a_password_is_refused_and_not_repeated),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
