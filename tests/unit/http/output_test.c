/* The .part file: made with its directories, never through a link, every failure told apart. */
#include "http/output.h"

#include <errno.h>
#include <ftw.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "support/http_fixture.h"

static char start[256];

static int enter_directory(void **state) {
  (void)state;
  char directory[] = "/tmp/nightshift-output-XXXXXX";
  return mkdtemp(directory) == NULL || chdir(directory) != 0;
}

static int remove_one(const char *path, const struct stat *facts, int kind, struct FTW *place) {
  (void)facts;
  (void)kind;
  (void)place;
  return remove(path);
}

static int leave_directory(void **state) {
  (void)state;
  char directory[256];
  if (getcwd(directory, sizeof directory) == NULL || chdir(start) != 0) return 1;
  return nftw(directory, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static void directories_are_made_with_the_file(void **state) {
  (void)state;
  mode_t mask = umask(077); /* as the program has it */
  struct output output;
  output_init(&output, NULL, "a/b//c/out.mp4", 027);
  assert_int_equal(output_open(&output), FETCH_WHOLE);
  assert_int_equal(output.place.made, 3);
  assert_int_equal(output_write(&output, "result", 6), FETCH_WHOLE);
  int64_t inode = 0;
  assert_int_equal(output_sync(&output, &inode), FETCH_WHOLE);
  umask(mask);
  struct stat facts;
  assert_int_equal(stat("a/b/c/out.mp4.part", &facts), 0);
  assert_int_equal(facts.st_mode & 0777, 0640);
  assert_int_equal(facts.st_ino, inode);
  assert_int_equal(stat("a/b", &facts), 0);
  assert_int_equal(facts.st_mode & 0777, 0750);
  output_release(&output);
}

static void what_is_there_is_gone_on_with_or_emptied(void **state) {
  (void)state;
  struct output output;
  write_file("out.part", "12345", 5);
  output_init(&output, NULL, "out", 022);
  assert_int_equal(output_open(&output), FETCH_WHOLE);
  assert_int_equal(output.bytes, 5);
  assert_int_equal(output_write(&output, "678", 3), FETCH_WHOLE);
  assert_file_is("out.part", "12345678");
  assert_int_equal(output_empty(&output), FETCH_WHOLE);
  assert_int_equal(output_write(&output, "new", 3), FETCH_WHOLE);
  assert_file_is("out.part", "new");
  output_release(&output);
}

static void refuses(const char *path, const char *why) {
  struct output output;
  output_init(&output, NULL, path, 022);
  assert_int_equal(output_open(&output), FETCH_OUTPUT);
  if (strstr(output.text, why) == NULL) fail_msg("%s does not say %s", output.text, why);
  output_release(&output);
}

static void what_is_no_plain_file_is_refused_by_name(void **state) {
  (void)state;
  write_file("theirs", "theirs", 6);
  assert_int_equal(symlink("theirs", "link.part"), 0);
  refuses("link", "link.part: is a symbolic link");
  assert_int_equal(link("theirs", "hard.part"), 0);
  refuses("hard", "hard.part: is not a plain file");
  assert_int_equal(mkfifo("fifo.part", 0600), 0);
  refuses("fifo", "fifo.part: ");
  assert_int_equal(mkdir("dir.part", 0700), 0);
  refuses("dir", "dir.part: Is a directory");
  refuses("theirs/out", "theirs: Not a directory");
  char longest[300];
  memset(longest, 'n', sizeof longest - 1);
  longest[sizeof longest - 1] = '\0';
  refuses(longest, "nnn");
  assert_file_is("theirs", "theirs");
}

static void no_room_is_told_apart_from_other_failures(void **state) {
  (void)state;
  assert_int_equal(output_result_of(ENOSPC), FETCH_FULL);
  assert_int_equal(output_result_of(EDQUOT), FETCH_FULL);
  assert_int_equal(output_result_of(EMFILE), FETCH_FAILED);
  assert_int_equal(output_result_of(EACCES), FETCH_OUTPUT);
  assert_int_equal(output_result_of(EROFS), FETCH_OUTPUT);
  assert_int_equal(output_result_of(EIO), FETCH_OUTPUT);
}

static void a_write_that_finds_no_room_says_so(void **state) {
  (void)state;
  assert_true(signal(SIGXFSZ, SIG_IGN) != SIG_ERR);
  struct rlimit before, low;
  assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
  low = before;
  low.rlim_cur = 4;
  struct output output;
  output_init(&output, NULL, "full", 022);
  assert_int_equal(output_open(&output), FETCH_WHOLE);
  assert_int_equal(setrlimit(RLIMIT_FSIZE, &low), 0);
  enum fetch_result result = output_write(&output, "123456", 6);
  assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
  assert_int_equal(result, FETCH_FULL);
  assert_int_equal(output.bytes, 4); /* what did fit counts */
  assert_non_null(strstr(output.text, "full.part: "));
  output_release(&output);
}

static void a_file_changed_by_another_is_not_whole(void **state) {
  (void)state;
  struct output output;
  output_init(&output, NULL, "shared", 022);
  assert_int_equal(output_open(&output), FETCH_WHOLE);
  assert_int_equal(output_write(&output, "123456", 6), FETCH_WHOLE);
  assert_int_equal(truncate("shared.part", 3), 0);
  int64_t inode = 0;
  assert_int_equal(output_sync(&output, &inode), FETCH_FAILED);
  assert_non_null(strstr(output.text, "someone else"));
  assert_no_file("shared.part");
  output_release(&output);
}

int main(void) {
  if (getcwd(start, sizeof start) == NULL) return 1;
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(directories_are_made_with_the_file),
      cmocka_unit_test(what_is_there_is_gone_on_with_or_emptied),
      cmocka_unit_test(what_is_no_plain_file_is_refused_by_name),
      cmocka_unit_test(no_room_is_told_apart_from_other_failures),
      cmocka_unit_test(a_write_that_finds_no_room_says_so),
      cmocka_unit_test(a_file_changed_by_another_is_not_whole),
  };
  return cmocka_run_group_tests_name("http/output", tests, enter_directory, leave_directory);
}
