/* What the tests of this folder share: a directory of files for one test, and diagnostics as text.
 */
#ifndef TESTS_INPUT_FILES_H
#define TESTS_INPUT_FILES_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "nightshift/diag.h"

static char files_directory[64];

/* An empty directory that is the working directory until files_end. */
static inline int files_begin(void **state) {
  (void)state;
  char *canonical;
  strcpy(files_directory, "/tmp/nightshift-input-XXXXXX");
  if (mkdtemp(files_directory) == NULL || chdir(files_directory) != 0) return -1;
  canonical = realpath(files_directory, NULL);
  if (canonical == NULL) return -1;
  snprintf(files_directory, sizeof files_directory, "%s", canonical);
  free(canonical);
  return 0;
}

static inline int files_end(void **state) {
  (void)state;
  char command[128];
  if (chdir("/") != 0) return -1;
  snprintf(command, sizeof command, "rm -rf '%s'", files_directory);
  return system(command);
}

static inline void file_write_bytes(const char *path, const char *bytes, size_t size) {
  FILE *file = fopen(path, "wb");
  assert_non_null(file);
  assert_int_equal(fwrite(bytes, 1, size, file), size);
  assert_int_equal(fclose(file), 0);
}

static inline void file_write(const char *path, const char *text) {
  file_write_bytes(path, text, strlen(text));
}

static inline void file_directory(const char *path) {
  assert_int_equal(mkdir(path, 0755), 0);
}

/* As diag_print prints them; the caller frees. Inlined, it confuses gcc's dangling-pointer check.
 */
__attribute__((noinline, unused)) static char *diags_as_text(const struct diag_list *diags) {
  char *text = NULL;
  size_t size = 0;
  FILE *stream = open_memstream(&text, &size);
  assert_non_null(stream);
  diag_print(diags, stream);
  assert_int_equal(fclose(stream), 0);
  return text;
}

/* Shows both texts when `part` is not in `text`. */
static inline void assert_in(const char *text, const char *part) {
  if (strstr(text, part) == NULL) fail_msg("not told: %s\nin:\n%s", part, text);
}

static inline void assert_not_in(const char *text, const char *part) {
  if (strstr(text, part) != NULL) fail_msg("told: %s\nin:\n%s", part, text);
}

#endif
