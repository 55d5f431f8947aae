/* Assertions of our own: silent when they hold, told with their place when not; and errors. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "nightshift/error.h"
#include "support/fault.h"
#include "util/check.h"

static void a_check_that_holds_does_nothing(void **state) {
  int *times = *state;
  check_set_handler(fault_is_told);
  CHECK(++*times == 1); /* evaluated once, in release too */
  check_set_handler(NULL);
  assert_int_equal(*times, 1);
}

static void a_check_that_fails_is_told(void **state) {
  (void)state;
  EXPECT_FAULT(CHECK(1 == 2));
  EXPECT_FAULT(CHECK_UNREACHABLE());
}

static int told_count;
static void fails_itself(const char *file, int line, const char *function, const char *what) {
  told_count++;
  if (told_count > 1 || line <= 0 || strstr(file, "check_test.c") == NULL ||
      strcmp(function, "fault_twice") != 0 || strcmp(what, "one == two") != 0)
    _exit(3);
  CHECK(0 && "a fault while telling of a fault");
}

static void fault_twice(void) {
  int one = 1, two = 2;
  check_set_handler(fails_itself);
  CHECK(one == two);
}

/* The child's end: of a signal, or with an exit status. */
static int child_ends(void (*run)(void)) {
  pid_t child = fork();
  assert_true(child >= 0);
  if (child == 0) {
    signal(SIGABRT, SIG_DFL);
    run();
    _exit(4);
  }
  int status = 0;
  assert_int_equal(waitpid(child, &status, 0), child);
  return WIFSIGNALED(status) ? WTERMSIG(status) : -WEXITSTATUS(status);
}

static void a_fault_inside_the_handler_ends_the_program(void **state) {
  (void)state;
  assert_int_equal(child_ends(fault_twice), SIGABRT);
}

static void fault_without_handler(void) {
  CHECK(0);
}

static void a_fault_without_a_handler_ends_the_program(void **state) {
  (void)state;
  assert_int_equal(child_ends(fault_without_handler), SIGABRT);
}

static void an_error_has_its_code_and_text(void **state) {
  (void)state;
  struct error error = {0};
  assert_int_equal(error_set(&error, ERR_FULL, "%s is full", "/data"), ERR_FULL);
  assert_int_equal(error.code, ERR_FULL);
  assert_string_equal(error.text, "/data is full");
  assert_int_equal(error_set(NULL, ERR_IO, "nobody asks"), ERR_IO);
}

static void a_text_beyond_the_error_is_cut(void **state) {
  (void)state;
  struct error error = {0};
  error_set(&error, ERR_IO, "%2000s", "x");
  assert_int_equal(strlen(error.text), sizeof error.text - 1);
}

int main(void) {
  static int times;
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_prestate(a_check_that_holds_does_nothing, &times),
      cmocka_unit_test(a_check_that_fails_is_told),
      cmocka_unit_test(a_fault_inside_the_handler_ends_the_program),
      cmocka_unit_test(a_fault_without_a_handler_ends_the_program),
      cmocka_unit_test(an_error_has_its_code_and_text),
      cmocka_unit_test(a_text_beyond_the_error_is_cut),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
