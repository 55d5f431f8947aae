/* A whole .part gets its final name, once, and never takes the place of a file that is not its
 * own. Every step can be repeated after a crash: the inode tells what was already done. */
#include "http/publish.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "http/place.h"
#include "nightshift/http.h"
#include "util/check.h"

#define OTHER_NAMES_MAX 99

int rename_exclusive_by_look(int directory, const char *from, const char *to) {
  struct stat facts;
  if (fstatat(directory, to, &facts, AT_SYMLINK_NOFOLLOW) == 0) return EEXIST;
  if (errno != ENOENT) return errno;
  return renameat(directory, from, directory, to) == 0 ? 0 : errno;
}

int rename_exclusive_by_link(int directory, const char *from, const char *to) {
  if (linkat(directory, from, directory, to, 0) != 0) {
    bool no_links = errno == EPERM || errno == EOPNOTSUPP || errno == ENOSYS || errno == EMLINK;
    return no_links ? rename_exclusive_by_look(directory, from, to) : errno;
  }
  return unlinkat(directory, from, 0) == 0 ? 0 : errno;
}

int rename_exclusive(int directory, const char *from, const char *to) {
  if (renameat2(directory, from, directory, to, RENAME_NOREPLACE) == 0) return 0;
  if (errno == EINVAL || errno == ENOSYS || errno == EOPNOTSUPP)
    return rename_exclusive_by_link(directory, from, to);
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

/* A result on its way to its name. `kept` gets the whole path of the name it has at the end when
 * that is another. */
struct publication {
  struct place place;
  const char *path;
  char part[NAME_MAX + 1];
  int64_t bytes, inode;
  bool overwrite;
  char *kept;
  size_t kept_size;
  struct error *error;
};

static bool is_it(const struct publication *result, const char *name) {
  struct stat facts;
  return fstatat(result->place.fd, name, &facts, AT_SYMLINK_NOFOLLOW) == 0 &&
         S_ISREG(facts.st_mode) && facts.st_size == result->bytes &&
         (int64_t)facts.st_ino == result->inode;
}

static enum publish_result system_refused(const struct publication *result, const char *path,
                                          int error_number) {
  error_set(result->error, error_number == ENOSPC || error_number == EDQUOT ? ERR_FULL : ERR_IO,
            "%s: %s", path, strerror(error_number));
  return PUBLISH_FAILED;
}

/* Under its name: what is left is to make that durable. */
static enum publish_result settle(const struct publication *result, enum publish_result end) {
  /* A link made just before a crash leaves the file with both names. */
  if (is_it(result, result->part) && unlinkat(result->place.fd, result->part, 0) != 0)
    return system_refused(result, result->path, errno);
  /* EINVAL: a filesystem that has no such thing. */
  if (fsync(result->place.fd) == 0 || errno == EINVAL) return end;
  return system_refused(result, result->path, errno);
}

/* Another path for it, and that path's name in the directory; NULL when it does not fit. */
static const char *other_name(const struct publication *result, int number) {
  if (!publish_other_name(result->path, number, result->kept, result->kept_size)) return NULL;
  return result->kept + (result->place.name - result->path);
}

static enum publish_result publish_beside(const struct publication *result) {
  for (int number = 1; number <= OTHER_NAMES_MAX; number++) {
    const char *name = other_name(result, number);
    if (name == NULL) return system_refused(result, result->path, ENAMETOOLONG);
    int error_number = rename_exclusive(result->place.fd, result->part, name);
    if (error_number == 0) return settle(result, PUBLISH_TAKEN);
    if (error_number != EEXIST) return system_refused(result, result->kept, error_number);
  }
  error_set(result->error, ERR_LIMIT, "%s is there, and so are %d results kept beside it",
            result->path, OTHER_NAMES_MAX);
  return PUBLISH_FAILED;
}

/* Whether an earlier call, cut short, has already given it a name. */
static bool find_published(const struct publication *result, enum publish_result *end) {
  if (is_it(result, result->place.name)) {
    *end = settle(result, PUBLISH_DONE);
    return true;
  }
  for (int number = 1; number <= OTHER_NAMES_MAX; number++) {
    struct stat facts;
    const char *name = other_name(result, number);
    if (name == NULL || fstatat(result->place.fd, name, &facts, AT_SYMLINK_NOFOLLOW) != 0) break;
    if (!is_it(result, name)) continue;
    *end = settle(result, PUBLISH_TAKEN);
    return true;
  }
  if (result->kept_size > 0) result->kept[0] = '\0';
  return false;
}

static enum publish_result publish_part(const struct publication *result) {
  int directory = result->place.fd, error_number;
  const char *name = result->place.name;
  if (result->overwrite)
    error_number = renameat(directory, result->part, directory, name) == 0 ? 0 : errno;
  else
    error_number = rename_exclusive(directory, result->part, name);
  if (error_number == 0) return settle(result, PUBLISH_DONE);
  if (error_number == EEXIST && !result->overwrite) return publish_beside(result);
  return system_refused(result, result->path, error_number);
}

static enum publish_result publish_in_place(struct publication *result) {
  int length = snprintf(result->part, sizeof result->part, "%s.part", result->place.name);
  if (length <= 0 || (size_t)length >= sizeof result->part)
    return system_refused(result, result->path, ENAMETOOLONG);
  enum publish_result end;
  if (find_published(result, &end)) return end;
  if (is_it(result, result->part)) return publish_part(result);
  error_set(result->error, ERR_NOT_FOUND, "%s.part is not the file that was fetched", result->path);
  return PUBLISH_LOST;
}

enum publish_result http_publish(const char *base, const char *path, int64_t bytes, int64_t inode,
                                 bool overwrite, char *kept, size_t kept_size,
                                 struct error *error) {
  struct publication result = {.path = path,
                               .bytes = bytes,
                               .inode = inode,
                               .overwrite = overwrite,
                               .kept = kept,
                               .kept_size = kept_size,
                               .error = error};
  int error_number = place_open(&result.place, base, path, PLACE_AS_IS);
  if (error_number != 0) {
    error_set(error, error_number == ENOENT ? ERR_NOT_FOUND : ERR_IO, "%s", result.place.text);
    return error_number == ENOENT ? PUBLISH_LOST : PUBLISH_FAILED;
  }
  enum publish_result end = publish_in_place(&result);
  place_close(&result.place);
  return end;
}

void http_discard(const char *base, const char *path) {
  struct place place;
  char part[NAME_MAX + 1];
  if (place_open(&place, base, path, PLACE_AS_IS) == 0 &&
      snprintf(part, sizeof part, "%s.part", place.name) < (int)sizeof part)
    (void)unlinkat(place.fd, part, 0); /* what is not there is as good as gone */
  place_close(&place);
}

/* ---- before anything is paid ---- */

/* What passes by itself ends nothing beforehand: it may be over when the result is there. */
static bool lasts(int error_number) {
  return error_number == EACCES || error_number == EPERM || error_number == EROFS ||
         error_number == ENOTDIR || error_number == ELOOP || error_number == ENAMETOOLONG;
}

static int try_place(const char *base, const char *path, char *text, size_t size) {
  struct place place;
  int error_number = place_open(&place, base, path, PLACE_AS_IS);
  if (error_number == 0 && faccessat(place.fd, ".", W_OK | X_OK, 0) != 0) {
    error_number = errno;
    int length = (int)(place.name - path);
    snprintf(text, size, "%.*s: %s", length > 1 ? length - 1 : length, path,
             strerror(error_number));
  } else if (error_number != 0) {
    snprintf(text, size, "%s", place.text);
  }
  place_close(&place);
  return error_number;
}

bool http_can_land(const char *base, const char *path, struct error *error) {
  char text[sizeof((struct place *)0)->text];
  char *above = strdup(path);
  CHECK(above != NULL && "out of memory");
  int error_number = try_place(base, above, text, sizeof text);
  for (char *slash; error_number == ENOENT && (slash = strrchr(above, '/')) > above;) {
    *slash = '\0'; /* a directory that is still to be made stands where a file would */
    error_number = try_place(base, above, text, sizeof text);
  }
  free(above);
  if (!lasts(error_number)) return true;
  error_set(error, ERR_IO, "%s", text);
  return false;
}
