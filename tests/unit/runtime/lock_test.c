/* One writer of a state: seen from one process and from two. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "nightshift/runtime.h"

static char directory[64], state_file[128], lock_file[160];

static int set_up(void **state) {
  (void)state;
  snprintf(directory, sizeof directory, "/tmp/nightshift-lock-XXXXXX");
  if (mkdtemp(directory) == NULL) return -1;
  snprintf(state_file, sizeof state_file, "%s/deep/state.db", directory);
  snprintf(lock_file, sizeof lock_file, "%s.lock", state_file);
  return 0;
}

static int tear_down(void **state) {
  (void)state;
  char path[160];
  (void)unlink(lock_file);
  (void)unlink(state_file);
  snprintf(path, sizeof path, "%s/link.db", directory);
  (void)unlink(path);
  snprintf(path, sizeof path, "%s/deep", directory);
  (void)rmdir(path);
  return rmdir(directory);
}

/* A child that takes the lock, says so, and keeps it until it is told to die. */
struct holder {
  pid_t pid;
  int said, end;
};

static void hold(int say, int wait) {
  struct run_lock *lock = NULL;
  char byte = run_lock_take(&lock, state_file, NULL) == 0 ? 'y' : 'n';
  if (write(say, &byte, 1) == 1) (void)!read(wait, &byte, 1);
  _exit(0); /* without letting go: the kernel does */
}

static struct holder start_holder(void) {
  int said[2], end[2];
  char byte = 0;
  assert_int_equal(pipe(said), 0);
  assert_int_equal(pipe(end), 0);
  pid_t pid = fork();
  assert_true(pid >= 0);
  if (pid == 0) {
    close(end[1]);
    hold(said[1], end[0]);
  }
  close(said[1]);
  close(end[0]);
  assert_int_equal(read(said[0], &byte, 1), 1);
  assert_int_equal(byte, 'y');
  return (struct holder){pid, said[0], end[1]};
}

static void end_holder(struct holder holder) {
  int status = 0;
  close(holder.end);
  close(holder.said);
  assert_int_equal(waitpid(holder.pid, &status, 0), holder.pid);
  assert_int_equal(status, 0);
}

static void a_second_process_is_told_who_holds_it(void **state) {
  (void)state;
  struct run_lock *lock = NULL;
  struct error error = {0};
  char pid[32];
  struct holder holder = start_holder();
  assert_true(run_lock_is_held(state_file));
  assert_int_equal(run_lock_take(&lock, state_file, &error), ERR_BUSY);
  snprintf(pid, sizeof pid, "process %ld on ", (long)holder.pid);
  assert_non_null(strstr(error.text, pid));
  assert_non_null(strstr(error.text, state_file));
  assert_null(lock);
  end_holder(holder);
}

static void a_holder_that_died_holds_nothing(void **state) {
  (void)state;
  struct run_lock *lock = NULL;
  end_holder(start_holder());
  assert_false(run_lock_is_held(state_file));
  assert_int_equal(run_lock_take(&lock, state_file, NULL), 0);
  assert_true(run_lock_is_held(state_file));
  run_lock_release(lock);
  assert_false(run_lock_is_held(state_file));
}

static void a_lock_let_go_can_be_taken_again(void **state) {
  (void)state;
  struct run_lock *first = NULL, *second = NULL;
  assert_int_equal(run_lock_take(&first, state_file, NULL), 0);
  assert_int_equal(run_lock_take(&second, state_file, NULL), ERR_BUSY);
  run_lock_release(first);
  assert_int_equal(run_lock_take(&second, state_file, NULL), 0);
  run_lock_release(second);
}

static void the_lock_is_private_and_not_inherited(void **state) {
  (void)state;
  struct run_lock *lock = NULL;
  struct stat facts;
  assert_int_equal(run_lock_take(&lock, state_file, NULL), 0);
  assert_int_equal(stat(lock_file, &facts), 0);
  assert_int_equal(facts.st_mode & 07777, 0600);
  int closes = 0;
  for (int fd = 3; fd < 64; fd++) {
    struct stat open_file;
    if (fstat(fd, &open_file) != 0 || open_file.st_ino != facts.st_ino) continue;
    assert_int_equal(fcntl(fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
    closes++;
  }
  assert_int_equal(closes, 1);
  run_lock_release(lock);
}

static void looking_makes_nothing(void **state) {
  (void)state;
  assert_false(run_lock_is_held(state_file));
  assert_int_equal(access(lock_file, F_OK), -1);
}

static void a_link_to_a_state_has_the_states_lock(void **state) {
  (void)state;
  struct run_lock *lock = NULL;
  char link[160];
  snprintf(link, sizeof link, "%s/link.db", directory);
  assert_int_equal(run_lock_take(&lock, state_file, NULL), 0);
  int fd = open(state_file, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
  assert_true(fd >= 0);
  close(fd);
  assert_int_equal(symlink(state_file, link), 0);
  assert_true(run_lock_is_held(link));
  run_lock_release(lock);
}

static void what_cannot_be_locked_is_told(void **state) {
  (void)state;
  struct run_lock *lock = NULL;
  struct error error = {0};
  assert_int_equal(run_lock_take(&lock, "/dev/null/state.db", &error), ERR_IO);
  assert_non_null(strstr(error.text, "/dev/null"));
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
  const struct CMUnitTest tests[] = {
      TEST(a_second_process_is_told_who_holds_it),
      TEST(a_holder_that_died_holds_nothing),
      TEST(a_lock_let_go_can_be_taken_again),
      TEST(the_lock_is_private_and_not_inherited),
      TEST(looking_makes_nothing),
      TEST(a_link_to_a_state_has_the_states_lock),
      TEST(what_cannot_be_locked_is_told),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
