/* The state's file before SQLite works with it: making it with nobody else's rights, and telling
 * whether it is ours before anything is written to it. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/sqlite.h"
#include "util/check.h"

static int system_error(const char *what, const char *path, struct error *error) {
  int code = errno == ENOSPC || errno == EDQUOT ? ERR_FULL : ERR_IO;
  return error_set(error, code, "%s %s: %s", what, path, strerror(errno));
}

/* A new name is only durable when the directory that holds it is. */
static int sync_directory(const char *path, struct error *error) {
  int descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return system_error("cannot open the directory", path, error);
  int result = fsync(descriptor) == 0 ? 0 : system_error("cannot sync the directory", path, error);
  if (close(descriptor) != 0 && result == 0) result = system_error("cannot close", path, error);
  return result;
}

/* The directory that holds `path`, as a new string. */
static char *parent_of(const char *path) {
  const char *slash = strrchr(path, '/');
  char *parent = NULL;
  if (slash == NULL)
    parent = strdup(".");
  else if (slash == path)
    parent = strdup("/");
  else
    parent = strndup(path, (size_t)(slash - path));
  CHECK(parent != NULL && "out of memory");
  return parent;
}

static int make_one_directory(const char *path, struct error *error) {
  if (mkdir(path, 0700) != 0) {
    if (errno == EEXIST) return 0;
    return system_error("cannot make the directory", path, error);
  }
  /* whatever the umask */
  if (chmod(path, 0700) != 0) return system_error("cannot set the mode of", path, error);
  char *parent = parent_of(path);
  int result = sync_directory(parent, error);
  free(parent);
  return result;
}

/* One that is there is left as it is: it may be anybody's. */
static int make_directory(const char *path, struct error *error) {
  struct stat status;
  if (path[0] == '\0' || stat(path, &status) == 0) return 0;
  char *parent = parent_of(path);
  int result = strcmp(parent, path) == 0 ? 0 : make_directory(parent, error);
  free(parent);
  return result != 0 ? result : make_one_directory(path, error);
}

static int make_file(const char *path, const char *directory, struct error *error) {
  int descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (descriptor < 0) {
    if (errno == EEXIST) return 0;
    return system_error("cannot make the state", path, error);
  }
  if (close(descriptor) != 0) return system_error("cannot close the state", path, error);
  return sync_directory(directory, error);
}

int sqlite_file_make(const char *path, struct error *error) {
  char *directory = parent_of(path);
  int result = make_directory(directory, error);
  if (result == 0) result = make_file(path, directory, error);
  free(directory);
  if (result != 0) return result;
  struct stat status;
  if (stat(path, &status) != 0) return system_error("cannot look at the state", path, error);
  if (!S_ISREG(status.st_mode)) return error_set(error, ERR_IO, "the state %s is not a file", path);
  if ((status.st_mode & 07777) != 0600 && chmod(path, 0600) != 0)
    return system_error("cannot set the mode of the state", path, error);
  return 0;
}

bool sqlite_file_judge(struct sqlite_store *store, enum schema_verdict *verdict) {
  sqlite3_file *file = NULL;
  sqlite3_int64 bytes = 0;
  unsigned char header[100];
  if (sqlite3_file_control(store->db, "main", SQLITE_FCNTL_FILE_POINTER, &file) != SQLITE_OK)
    return false;
  if (file->pMethods->xFileSize(file, &bytes) != SQLITE_OK) return false;
  int code = file->pMethods->xRead(file, header, sizeof header, 0);
  if (code != SQLITE_OK && code != SQLITE_IOERR_SHORT_READ) return false; /* short: zeroes follow */
  *verdict = schema_judge_header(store->options.schema, bytes, header);
  return true;
}
