/* The directory of an output, opened so that nobody leads it elsewhere. The kernel walks a path in
 * one call when there is nothing on the way to judge; else it is walked here, name by name, each
 * opened in the directory before it, so that whatever is swapped meanwhile is judged as it is. */
#include "http/place.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define LINKS_MAX 8
#define STEP      (O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)

struct walk {
  struct place *place;
  const char *path; /* for messages */
  int make;         /* the mode of what is missing, or PLACE_AS_IS */
  bool own_only;    /* links of root do not count */
  int links;
  const char *why; /* in place of strerror */
  const char *end; /* of the name in `path` that failed */
};

/* An errno is handed on beside its words. */
static int refuse(struct walk *walk, int error_number, const char *why) {
  walk->why = why;
  return error_number;
}

static int open_beneath(int directory, const char *path, uint64_t flags) {
  struct open_how how = {.flags = flags, .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS};
  return (int)syscall(SYS_openat2, directory, path, &how, sizeof how);
}

/* ---- name by name ---- */

static int walk_path(struct walk *walk, int *fd, const char *path, size_t size, bool of_link);

/* *fd is replaced; the old one is closed. */
static void step_to(int *fd, int next) {
  (void)close(*fd); /* opened for its place alone */
  *fd = next;
}

static bool is_mine(const struct stat *facts) {
  return facts->st_uid == geteuid();
}

/* A directory that a link of the user's leads to has to be theirs as well: not a place that another
 * has prepared. */
static int judge_target(struct walk *walk, int fd) {
  struct stat facts;
  if (fstat(fd, &facts) != 0) return errno;
  if (!walk->own_only || is_mine(&facts)) return 0;
  return refuse(walk, ELOOP,
                "a symbolic link to a directory that is not yours; put a directory there");
}

/* The link is held, not looked up again: its owner and what it says belong together. */
static int follow(struct walk *walk, int *fd, int link) {
  char target[PATH_MAX];
  struct stat facts;
  if (fstat(link, &facts) != 0) return errno;
  if (!S_ISLNK(facts.st_mode)) return ENOTDIR;
  if (!is_mine(&facts) && (walk->own_only || facts.st_uid != 0))
    return refuse(walk, ELOOP, "a symbolic link that another user has made; put a directory there");
  if (++walk->links > LINKS_MAX) return refuse(walk, ELOOP, "too many symbolic links");
  ssize_t size = readlinkat(link, "", target, sizeof target);
  if (size < 0) return errno;
  if (size == 0 || size == sizeof target) return ENAMETOOLONG;
  int at = open(target[0] == '/' ? "/" : ".", STEP);
  if (at < 0) return errno;
  if (target[0] != '/') step_to(&at, openat(*fd, ".", STEP));
  if (at < 0) return errno;
  /* What is on the way to the user's own place may be linked by root, as /home may be. */
  struct walk way = {
      .place = walk->place, .path = walk->path, .make = PLACE_AS_IS, .links = walk->links};
  int result = walk_path(&way, &at, target, (size_t)size, true);
  walk->links = way.links;
  walk->why = way.why;
  if (result == 0) result = judge_target(walk, at);
  if (result == 0)
    step_to(fd, at);
  else
    (void)close(at);
  return result;
}

static int follow_name(struct walk *walk, int *fd, const char *name) {
  int link = openat(*fd, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
  if (link < 0) return errno;
  int result = follow(walk, fd, link);
  (void)close(link);
  return result;
}

/* Its mode is set through a descriptor: a name could be another's by then. */
static void set_mode(const struct walk *walk, int fd, const char *name) {
  int made = openat(fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  struct stat facts;
  if (made < 0) return; /* as it was made, for its owner alone */
  if (fstat(made, &facts) == 0 && is_mine(&facts))
    (void)fchmod(made, (mode_t)walk->make | (facts.st_mode & S_ISGID)); /* the group is inherited */
  (void)close(made);
}

/* False: it cannot be made; errno tells. */
static bool make_directory(struct walk *walk, int fd, const char *name) {
  if (mkdirat(fd, name, 0700) != 0)
    return errno == EEXIST; /* someone was quicker; what it is, opening it tells */
  walk->place->made++;
  set_mode(walk, fd, name);
  return true;
}

static int walk_name(struct walk *walk, int *fd, const char *name) {
  int next = openat(*fd, name, STEP);
  if (next < 0 && errno == ENOENT && walk->make != PLACE_AS_IS) {
    if (!make_directory(walk, *fd, name)) return errno;
    next = openat(*fd, name, STEP);
  }
  if (next < 0) return errno == ENOTDIR || errno == ELOOP ? follow_name(walk, fd, name) : errno;
  step_to(fd, next);
  return 0;
}

static bool is_name(const char *at, size_t size, const char *name) {
  return strlen(name) == size && memcmp(at, name, size) == 0;
}

/* The first `size` bytes of `path`: a link's text, or the path's own. */
static int walk_path(struct walk *walk, int *fd, const char *path, size_t size, bool of_link) {
  char name[NAME_MAX + 1];
  for (size_t at = 0; at < size;) {
    size_t length = strcspn(path + at, "/");
    if (length > size - at) length = size - at;
    if (!of_link) walk->end = path + at + length;
    if (length > NAME_MAX) return ENAMETOOLONG;
    memcpy(name, path + at, length);
    name[length] = '\0';
    int result = length == 0 || is_name(name, length, ".") ? 0 : walk_name(walk, fd, name);
    if (result != 0) return result;
    at += length + 1;
  }
  return 0;
}

/* ---- the whole way ---- */

/* One stretch of it, in one call when the kernel says that there is nothing to judge. */
static int go(struct walk *walk, enum place_way way, int *fd, const char *path, size_t size) {
  char stretch[PATH_MAX];
  while (size > 0 && *path == '/')
    path++, size--;
  if (size == 0) return 0;
  if (size >= sizeof stretch) return ENAMETOOLONG;
  if (way == PLACE_BY_SYSTEM) {
    memcpy(stretch, path, size);
    stretch[size] = '\0';
    int next = open_beneath(*fd, stretch, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (next >= 0) step_to(fd, next);
    if (next >= 0) return 0;
  }
  return walk_path(walk, fd, path, size, false);
}

/* How much of the path is the base, without a slash at its end; 0: the root. */
static size_t base_size(const char *base, const char *path) {
  size_t size = base == NULL ? 0 : strlen(base);
  while (size > 0 && base[size - 1] == '/')
    size--;
  return size > 0 && strncmp(base, path, size) == 0 && path[size] == '/' ? size : 0;
}

/* Results have normalised paths; one that climbs was not made by us. */
static bool climbs(const char *path) {
  for (const char *at = path; *at != '\0'; at += *at == '/' ? 1 : 0) {
    size_t length = strcspn(at, "/");
    if (is_name(at, length, "..")) return true;
    at += length;
  }
  return false;
}

static int walk_all(struct walk *walk, enum place_way way, const char *base, int *fd) {
  const char *path = walk->path;
  size_t directory = (size_t)(walk->place->name - path), start = base_size(base, path);
  int make = walk->make;
  if (start > 0) walk->make = PLACE_AS_IS;
  int result = go(walk, way, fd, path, start);
  walk->make = make;
  walk->own_only = start > 0;
  if (result == 0) result = go(walk, way, fd, path + start, directory - start);
  if (result != 0) return result;
  walk->end = walk->place->name;
  /* What was opened for its place alone can be neither read nor synced. */
  walk->place->fd = openat(*fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  return walk->place->fd < 0 ? errno : 0;
}

int place_open_by(enum place_way way, struct place *place, const char *base, const char *path,
                  int make) {
  const char *slash = strrchr(path, '/');
  *place = (struct place){.fd = -1, .name = slash == NULL ? path : slash + 1};
  struct walk walk = {.place = place, .path = path, .make = make, .end = place->name};
  bool is_file =
      place->name[0] != '\0' && strcmp(place->name, ".") != 0 && strcmp(place->name, "..") != 0;
  int fd = open(*path == '/' ? "/" : ".", STEP), result = fd < 0 ? errno : 0;
  if (result == 0 && !is_file) result = EISDIR;
  if (result == 0 && climbs(path)) result = refuse(&walk, EXDEV, "climbs out of its directory");
  if (result == 0) result = walk_all(&walk, way, base, &fd);
  if (fd >= 0) (void)close(fd);
  if (result != 0)
    snprintf(place->text, sizeof place->text, "%.*s: %s", (int)(walk.end - path), path,
             walk.why != NULL ? walk.why : strerror(result));
  return result;
}

int place_open(struct place *place, const char *base, const char *path, int make) {
  return place_open_by(PLACE_BY_SYSTEM, place, base, path, make);
}

void place_close(struct place *place) {
  if (place->fd >= 0) (void)close(place->fd); /* only read from */
  place->fd = -1;
}
