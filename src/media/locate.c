#include "media/locate.h"

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "nightshift/probe.h"

static bool is_program(const char *path) {
  struct stat status;
  return stat(path, &status) == 0 && S_ISREG(status.st_mode) && access(path, X_OK) == 0;
}

/* Joins and looks; a path too long for the buffer is none. */
static bool look_in(const char *directory, int length, char *path, size_t size) {
  int count = snprintf(path, size, "%.*s/%s", length, directory, PROBE_PROGRAM);
  return count > 0 && (size_t)count < size && is_program(path);
}

/* Only absolute entries: what the current directory holds is not to be run. */
static bool look_on_path(const char *search, char *path, size_t size) {
  for (const char *at = search; at != NULL && *at != '\0';) {
    size_t length = strcspn(at, ":");
    if (*at == '/' && length < PATH_MAX && look_in(at, (int)length, path, size)) return true;
    at += length + (at[length] == ':');
  }
  return false;
}

int locate_probe_from(const char *directory, const char *search, char *path, size_t size,
                      struct error *error) {
  char libexec[PATH_MAX + 32];
  snprintf(libexec, sizeof libexec, "%s/../libexec/nightshift", directory);
  if (look_in(directory, (int)strlen(directory), path, size) ||
      look_in(libexec, (int)strlen(libexec), path, size) || look_on_path(search, path, size))
    return 0;
  return error_set(error, ERR_IO,
                   "the helper program " PROBE_PROGRAM
                   " is in none of %.256s, %.256s and PATH; install it "
                   "beside nightshift (a build with -DMEDIA=OFF has none)",
                   directory, libexec);
}

int locate_probe(const char *given, char *path, size_t size, struct error *error) {
  if (given != NULL) {
    int count = snprintf(path, size, "%s", given);
    if (count > 0 && (size_t)count < size && is_program(path)) return 0;
    return error_set(error, ERR_IO, "the helper program %.512s is not there or may not be run",
                     given);
  }
  char own[PATH_MAX];
  ssize_t length = readlink("/proc/self/exe", own, sizeof own - 1);
  own[length > 0 ? length : 0] = '\0';
  char *slash = strrchr(own, '/');
  if (slash != NULL) *slash = '\0';
  return locate_probe_from(own, getenv("PATH"), path, size, error);
}
