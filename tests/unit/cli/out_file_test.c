/* A file that a command writes is there whole, or not at all; what was there before stays till
 * then. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/out_file.h"

static char directory[64], path[96];

static int set_up(void **state) {
  (void)state;
  snprintf(directory, sizeof directory, "/tmp/nightshift-out-XXXXXX");
  if (mkdtemp(directory) == NULL) return -1;
  snprintf(path, sizeof path, "%s/page.html", directory);
  return 0;
}

static int tear_down(void **state) {
  (void)state;
  (void)unlink(path);
  return rmdir(directory); /* fails when a file was left over */
}

static void write_file(const char *text) {
  FILE *file = fopen(path, "w");
  assert_non_null(file);
  assert_true(fputs(text, file) >= 0);
  assert_int_equal(fclose(file), 0);
}

static void assert_file(const char *text) {
  char found[100] = "";
  FILE *file = fopen(path, "r");
  assert_non_null(file);
  size_t size = fread(found, 1, sizeof found - 1, file);
  found[size] = '\0';
  assert_int_equal(fclose(file), 0);
  assert_string_equal(found, text);
}

static size_t files_there(void) {
  size_t count = 0;
  DIR *stream = opendir(directory);
  assert_non_null(stream);
  while (readdir(stream) != NULL)
    count++;
  assert_int_equal(closedir(stream), 0);
  return count - 2;
}

static void a_file_appears_at_its_end_and_replaces_what_was_there(void **state) {
  (void)state;
  struct out_file file;
  struct error error = {0};
  write_file("old");
  assert_int_equal(out_file_begin(&file, path, &error), 0);
  assert_true(fputs("new", file.stream) >= 0);
  assert_file("old");
  assert_int_equal(out_file_end(&file, &error), 0);
  assert_file("new");
  assert_int_equal(files_there(), 1);
}

static void a_dropped_file_leaves_nothing(void **state) {
  (void)state;
  struct out_file file;
  struct error error = {0};
  assert_int_equal(out_file_begin(&file, path, &error), 0);
  assert_true(fputs("half", file.stream) >= 0);
  out_file_drop(&file);
  assert_int_equal(files_there(), 0);
}

static void what_cannot_be_written_is_named(void **state) {
  (void)state;
  struct out_file file;
  struct error error = {0};
  assert_int_equal(out_file_begin(&file, directory, &error), ERR_IO);
  assert_non_null(strstr(error.text, "is a directory: name a file"));
  assert_int_equal(out_file_begin(&file, "/nowhere/at/all.html", &error), ERR_IO);
  assert_non_null(strstr(error.text, "/nowhere/at"));
}

static void a_device_is_written_to_at_once(void **state) {
  (void)state;
  struct out_file file;
  struct error error = {0};
  struct stat facts;
  assert_int_equal(out_file_begin(&file, "/dev/null", &error), 0);
  assert_string_equal(file.temp, "");
  assert_true(fputs("gone", file.stream) >= 0);
  assert_int_equal(out_file_end(&file, &error), 0);
  assert_int_equal(stat("/dev/null", &facts), 0);
  assert_true(S_ISCHR(facts.st_mode));
}

static void a_full_device_is_told(void **state) {
  (void)state;
  struct out_file file;
  struct error error = {0};
  assert_int_equal(out_file_begin(&file, "/dev/full", &error), 0);
  assert_true(fputs("too much", file.stream) >= 0);
  assert_int_not_equal(out_file_end(&file, &error), 0);
  assert_true(error.text[0] != '\0');
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
  const struct CMUnitTest tests[] = {
      TEST(a_file_appears_at_its_end_and_replaces_what_was_there),
      TEST(a_dropped_file_leaves_nothing),
      TEST(what_cannot_be_written_is_named),
      TEST(a_device_is_written_to_at_once),
      TEST(a_full_device_is_told),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
