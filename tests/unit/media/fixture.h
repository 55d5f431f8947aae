/* A scratch folder for the tests of this folder, and helper programs that only pretend. */
#ifndef TEST_MEDIA_FIXTURE_H
#define TEST_MEDIA_FIXTURE_H

#include <fcntl.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define CLIPS       TEST_SOURCE_DIR "/tests/support/clips/"
#define REAL_PROBE  TEST_BINARY_DIR "/nightshift-probe"
#define GOOD_ANSWER "ok length_ms=4000 width=64 height=48 video=1 sound=1 format=mov,mp4 brand=isom"

static char scratch[64];

static inline int scratch_make(void **state) {
  (void)state;
  strcpy(scratch, "/tmp/nightshift-media-XXXXXX");
  return mkdtemp(scratch) == NULL ? -1 : 0;
}

static inline int scratch_remove(void **state) {
  (void)state;
  char command[128];
  snprintf(command, sizeof command, "rm -rf '%s'", scratch);
  return system(command);
}

/* "<scratch>/<name>", in one of a few buffers that take turns. */
static inline const char *scratch_path(const char *name) {
  static char paths[16][PATH_MAX];
  static size_t turn;
  char *path = paths[turn++ % 16];
  snprintf(path, PATH_MAX, "%s/%s", scratch, name);
  return path;
}

static inline const char *scratch_write(const char *name, const void *bytes, size_t size) {
  const char *path = scratch_path(name);
  FILE *file = fopen(path, "wb");
  assert_non_null(file);
  assert_int_equal(fwrite(bytes, 1, size, file), size);
  assert_int_equal(fclose(file), 0);
  return path;
}

static inline const char *scratch_text(const char *name, const char *text) {
  return scratch_write(name, text, strlen(text));
}

/* The whole file, with a NUL; the caller frees. Empty when there is none. */
static inline char *read_file(const char *path, size_t *size) {
  static const size_t room = (size_t)1 << 20;
  char *bytes = calloc(1, room + 1);
  assert_non_null(bytes);
  FILE *file = fopen(path, "rb");
  size_t count = file != NULL ? fread(bytes, 1, room, file) : 0;
  if (file != NULL) assert_int_equal(fclose(file), 0);
  if (size != NULL) *size = count;
  return bytes;
}

/* A shell script as helper program: greets, then does `body`. In it $dir is the scratch folder. */
static inline const char *fake_probe(const char *body) {
  char script[4096];
  snprintf(script, sizeof script, "#!/bin/sh\ndir=%s\necho 'nightshift-probe 1'\n%s\n", scratch,
           body);
  const char *path = scratch_text("fake-probe", script);
  assert_int_equal(chmod(path, 0700), 0);
  return path;
}

/* The real helper; skips the test only in a build that was asked to have none. */
static inline const char *real_probe(void) {
  if (access(REAL_PROBE, X_OK) == 0) return REAL_PROBE;
  char *settings = read_file(TEST_BINARY_DIR "/CMakeCache.txt", NULL);
  bool unwanted = strstr(settings, "\nMEDIA:BOOL=OFF\n") != NULL;
  free(settings);
  if (!unwanted) fail_msg("%s is not there", REAL_PROBE);
  skip();
  return REAL_PROBE;
}

#endif
