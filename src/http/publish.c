/* A whole .part gets its final name, once, and never takes the place of a file that is not its
 * own. Every step can be repeated after a crash: the inode tells what was already done. */
#include "http/publish.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "nightshift/http.h"

#define OTHER_NAMES_MAX 99

int rename_exclusive_by_look(const char *from, const char *to) {
  struct stat facts;
  if (lstat(to, &facts) == 0) return EEXIST;
  if (errno != ENOENT) return errno;
  return rename(from, to) == 0 ? 0 : errno;
}

int rename_exclusive_by_link(const char *from, const char *to) {
  if (link(from, to) != 0) {
    bool no_links = errno == EPERM || errno == EOPNOTSUPP || errno == ENOSYS || errno == EMLINK;
    return no_links ? rename_exclusive_by_look(from, to) : errno;
  }
  return unlink(from) == 0 ? 0 : errno;
}

int rename_exclusive(const char *from, const char *to) {
  if (renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0) return 0;
  if (errno == EINVAL || errno == ENOSYS || errno == EOPNOTSUPP)
    return rename_exclusive_by_link(from, to);
  return errno;
}

bool publish_other_name(const char *path, int number, char *other, size_t size) {
  const char *slash = strrchr(path, '/');
  const char *name = slash == NULL ? path : slash + 1;
  const char *dot = strrchr(name, '.');
  if (dot == NULL || dot == name) dot = name + strlen(name);
  char count[16] = "";
  if (number > 1) snprintf(count, sizeof count, "%d", number);
  int length = snprintf(other, size, "%.*s.new%s%s", (int)(dot - path), path, count, dot);
  return length > 0 && (size_t)length < size;
}

struct identity {
  int64_t bytes, inode;
};

static bool is_that_file(const char *path, const struct identity *file) {
  struct stat facts;
  return lstat(path, &facts) == 0 && S_ISREG(facts.st_mode) && facts.st_size == file->bytes &&
         (int64_t)facts.st_ino == file->inode;
}

static int sync_directory_of(const char *path, char *directory, size_t size) {
  const char *slash = strrchr(path, '/');
  int length = slash == NULL   ? snprintf(directory, size, ".")
               : slash == path ? snprintf(directory, size, "/")
                               : snprintf(directory, size, "%.*s", (int)(slash - path), path);
  if (length <= 0 || (size_t)length >= size) return ENAMETOOLONG;
  int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return errno;
  /* EINVAL: a filesystem that has no such thing. */
  int error_number = fsync(fd) == 0 || errno == EINVAL ? 0 : errno;
  close(fd);
  return error_number;
}

static enum publish_result system_refused(struct error *error, const char *path, int error_number) {
  error_set(error, error_number == ENOSPC || error_number == EDQUOT ? ERR_FULL : ERR_IO, "%s: %s",
            path, strerror(error_number));
  return PUBLISH_FAILED;
}

/* Under its name: what is left is to make that durable. */
static enum publish_result settle(const char *part, const char *path, const struct identity *file,
                                  enum publish_result result, struct error *error) {
  char directory[PATH_MAX];
  /* A link made just before a crash leaves the file with both names. */
  if (is_that_file(part, file) && unlink(part) != 0) return system_refused(error, part, errno);
  int error_number = sync_directory_of(path, directory, sizeof directory);
  return error_number == 0 ? result : system_refused(error, directory, error_number);
}

static enum publish_result publish_beside(const char *part, const char *path,
                                          const struct identity *file, char *kept, size_t kept_size,
                                          struct error *error) {
  for (int number = 1; number <= OTHER_NAMES_MAX; number++) {
    if (!publish_other_name(path, number, kept, kept_size))
      return system_refused(error, path, ENAMETOOLONG);
    int error_number = rename_exclusive(part, kept);
    if (error_number == 0) return settle(part, kept, file, PUBLISH_TAKEN, error);
    if (error_number != EEXIST) return system_refused(error, kept, error_number);
  }
  error_set(error, ERR_LIMIT, "%s is there, and so are %d results kept beside it", path,
            OTHER_NAMES_MAX);
  return PUBLISH_FAILED;
}

/* Whether an earlier call, cut short, has already given it a name. */
static bool find_published(const char *part, const char *path, const struct identity *file,
                           char *kept, size_t kept_size, enum publish_result *result,
                           struct error *error) {
  if (is_that_file(path, file)) {
    *result = settle(part, path, file, PUBLISH_DONE, error);
    return true;
  }
  for (int number = 1; number <= OTHER_NAMES_MAX; number++) {
    struct stat facts;
    if (!publish_other_name(path, number, kept, kept_size) || lstat(kept, &facts) != 0) break;
    if (!is_that_file(kept, file)) continue;
    *result = settle(part, kept, file, PUBLISH_TAKEN, error);
    return true;
  }
  if (kept_size > 0) kept[0] = '\0';
  return false;
}

static enum publish_result publish_part(const char *part, const char *path,
                                        const struct identity *file, bool overwrite, char *kept,
                                        size_t kept_size, struct error *error) {
  int error_number;
  if (overwrite)
    error_number = rename(part, path) == 0 ? 0 : errno;
  else
    error_number = rename_exclusive(part, path);
  if (error_number == 0) return settle(part, path, file, PUBLISH_DONE, error);
  if (error_number == EEXIST && !overwrite)
    return publish_beside(part, path, file, kept, kept_size, error);
  return system_refused(error, path, error_number);
}

enum publish_result http_publish(const char *path, int64_t bytes, int64_t inode, bool overwrite,
                                 char *kept, size_t kept_size, struct error *error) {
  struct identity file = {.bytes = bytes, .inode = inode};
  char part[PATH_MAX];
  int length = snprintf(part, sizeof part, "%s.part", path);
  if (length <= 0 || (size_t)length >= sizeof part)
    return system_refused(error, path, ENAMETOOLONG);
  enum publish_result result;
  if (find_published(part, path, &file, kept, kept_size, &result, error)) return result;
  if (!is_that_file(part, &file)) {
    error_set(error, ERR_NOT_FOUND, "%s is not the file that was fetched", part);
    return PUBLISH_LOST;
  }
  return publish_part(part, path, &file, overwrite, kept, kept_size, error);
}
