/* A program beside the run: what it inherits, how it is told to have ended, when it is killed. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "runtime/child.h"

static struct child_end end;
static int ends;

static void on_end(void *context, const struct child_end *given) {
  (void)context;
  end = *given;
  ends++;
}

/* Runs a shell's command to its end. */
static void run(const char *command, unsigned limit_ms) {
  static const char *const environment[] = {"PATH=/usr/bin:/bin", "ONE=1", NULL};
  const char *const arguments[] = {"/bin/sh", "-c", command, NULL};
  struct child_options options = {
      .arguments = arguments, .environment = environment, .limit_ms = limit_ms, .on_end = on_end};
  struct child *child = NULL;
  uv_loop_t loop;
  ends = 0;
  assert_int_equal(uv_loop_init(&loop), 0);
  assert_int_equal(child_start(&child, &loop, &options), 0);
  assert_int_equal(uv_run(&loop, UV_RUN_DEFAULT), 0);
  assert_int_equal(uv_loop_close(&loop), 0);
  assert_int_equal(ends, 1);
}

static void its_exit_status_and_first_words_are_told(void **state) {
  (void)state;
  run("echo out; echo more; exit 7", 0);
  assert_int_equal(end.status, 7);
  assert_int_equal(end.signal, 0);
  assert_string_equal(end.said, "out");
  run("kill -TERM $$", 0);
  assert_int_equal(end.signal, 15);
  run("printf 'a\\033[2Jb' >&2", 0);
  assert_string_equal(end.said, "a\\u001b[2Jb");
}

static void it_has_its_environment_and_no_other(void **state) {
  (void)state;
  assert_int_equal(setenv("SECRET", "s", 1), 0);
  run("echo \"$ONE$SECRET\"", 0);
  assert_string_equal(end.said, "1");
  assert_int_equal(unsetenv("SECRET"), 0);
}

static void no_descriptor_of_ours_is_inherited(void **state) {
  (void)state;
  int fd = open("/dev/null", O_RDONLY); /* without O_CLOEXEC, as others may open theirs */
  assert_true(fd > 2);
  run("for f in /proc/self/fd/*; do n=${f##*/}; [ $n -gt 2 ] && [ -e /proc/$$/fd/$n ] && echo $n; "
      "done; :",
      0);
  assert_string_equal(end.said, "");
  assert_int_equal(close(fd), 0);
}

static void one_that_hangs_is_killed_with_its_group(void **state) {
  (void)state;
  run("sleep 1000 & echo begun; wait", 50);
  assert_true(end.killed);
  assert_int_equal(end.signal, 9);
  assert_string_equal(end.said, "begun");
}

static void one_that_writes_much_is_not_held_up(void **state) {
  (void)state;
  run("head -c 1000000 /dev/zero | tr '\\0' x", 30000);
  assert_int_equal(end.status, 0);
  assert_int_equal(strlen(end.said), CHILD_SAID_MAX);
}

static void one_that_is_not_there_is_told(void **state) {
  static const char *const arguments[] = {"nightshift-no-such-program", NULL};
  static const char *const environment[] = {NULL};
  struct child_options options = {
      .arguments = arguments, .environment = environment, .on_end = on_end};
  struct child *child = NULL;
  uv_loop_t loop;
  (void)state;
  assert_int_equal(uv_loop_init(&loop), 0);
  assert_int_not_equal(child_start(&child, &loop, &options), 0);
  assert_int_equal(uv_loop_close(&loop), 0);
}

static void one_that_is_no_longer_wanted_is_ended_without_a_word(void **state) {
  static const char *const arguments[] = {"/bin/cat", NULL};
  static const char *const environment[] = {NULL};
  struct child_options options = {
      .arguments = arguments, .environment = environment, .holds_input = true, .on_end = on_end};
  struct child *child = NULL;
  uv_loop_t loop;
  (void)state;
  ends = 0;
  assert_int_equal(uv_loop_init(&loop), 0);
  assert_int_equal(child_start(&child, &loop, &options), 0);
  (void)uv_run(&loop, UV_RUN_NOWAIT);
  assert_int_equal(ends, 0); /* its input stays open */
  child_kill(child);
  assert_int_equal(uv_run(&loop, UV_RUN_DEFAULT), 0);
  assert_int_equal(uv_loop_close(&loop), 0);
  assert_int_equal(ends, 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(its_exit_status_and_first_words_are_told),
      cmocka_unit_test(it_has_its_environment_and_no_other),
      cmocka_unit_test(no_descriptor_of_ours_is_inherited),
      cmocka_unit_test(one_that_hangs_is_killed_with_its_group),
      cmocka_unit_test(one_that_writes_much_is_not_held_up),
      cmocka_unit_test(one_that_is_not_there_is_told),
      cmocka_unit_test(one_that_is_no_longer_wanted_is_ended_without_a_word),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
