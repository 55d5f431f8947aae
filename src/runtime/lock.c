/* The run's lock: who may write a state. flock on `<state>.lock`, never on the state itself, whose
 * locks SQLite would lose with the first other descriptor that is closed.
 *
 * The kernel lets go of the lock when its holder dies, so what the file says of a holder that is
 * gone harms nobody: it is only read to name the holder while the lock is held. The file is never
 * removed, for two processes could then hold two files of one name. On network filesystems flock
 * is only as good as the server's locking: one machine at a time is sure everywhere but on mounts
 * with locking off (NFS `nolock`, some FUSE), where a second run is not noticed.
 *
 * A shared state has no lock of ours: opening it for writing is what takes it (store.h). */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "nightshift/runtime.h"
#include "nightshift/store.h"
#include "util/check.h"
#include "util/text.h"

/* run_lock_is_held holds a shared lock for a moment: worth another look. */
#define TRIES        10
#define TRY_PAUSE_NS 10000000

#define HOLDER_BYTES 256

struct run_lock {
  int fd;
};

/* The state's own place, so that a link to a state is locked with it. */
static int lock_path(const char *state, char path[PATH_MAX], struct error *error) {
  char real[PATH_MAX];
  const char *place = realpath(state, real) != NULL ? real : state;
  if (snprintf(path, PATH_MAX, "%s.lock", place) < PATH_MAX) return 0;
  return error_set(error, ERR_IO, "the state's path is too long");
}

static int make_directories(const char *path, struct error *error) {
  char part[PATH_MAX];
  snprintf(part, sizeof part, "%s", path);
  for (char *slash = strchr(part + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
    *slash = '\0';
    if (mkdir(part, 0700) != 0 && errno != EEXIST)
      return error_set(error, ERR_IO, "the directory %s for the state cannot be made: %s", part,
                       strerror(errno));
    *slash = '/';
  }
  return 0;
}

/* What the holder wrote about itself, harmless, "another process" when it says nothing. */
static void read_holder(int fd, char holder[HOLDER_BYTES]) {
  ssize_t size = pread(fd, holder, HOLDER_BYTES - 1, 0);
  holder[size > 0 ? size : 0] = '\0';
  holder[strcspn(holder, "\n")] = '\0';
  for (char *at = holder; *at != '\0'; at++)
    if (*at < ' ' || *at > '~') *at = '?';
  if (holder[0] == '\0') snprintf(holder, HOLDER_BYTES, "another process");
}

static int write_holder(int fd, struct error *error) {
  char host[128] = "", since[40], text[HOLDER_BYTES];
  struct timespec now;
  if (gethostname(host, sizeof host - 1) != 0) snprintf(host, sizeof host, "this host");
  if (clock_gettime(CLOCK_REALTIME, &now) != 0) now.tv_sec = 0;
  text_from_time((time_ms)now.tv_sec * SECOND_MS, since, sizeof since);
  int size =
      snprintf(text, sizeof text, "process %ld on %s since %s\n", (long)getpid(), host, since);
  if (ftruncate(fd, 0) == 0 && pwrite(fd, text, (size_t)size, 0) == size) return 0;
  /* A full disk takes no name; the lock holds all the same. */
  if (errno == ENOSPC || errno == EDQUOT) return 0;
  return error_set(error, ERR_IO, "the lock beside the state cannot be written: %s",
                   strerror(errno));
}

static int take(int fd, const char *state, const char *path, struct error *error) {
  char holder[HOLDER_BYTES];
  for (int i = 0; i < TRIES; i++) {
    if (flock(fd, LOCK_EX | LOCK_NB) == 0) return 0;
    if (errno != EWOULDBLOCK && errno != EINTR)
      return error_set(error, ERR_IO,
                       "%s cannot be locked: %s; keep the state on a local disk (--state PATH)",
                       path, strerror(errno));
    (void)nanosleep(&(struct timespec){.tv_nsec = TRY_PAUSE_NS}, NULL); /* cut short: only sooner */
  }
  read_holder(fd, holder);
  return error_set(error, ERR_BUSY,
                   "the state %s is in use by %s; wait for it, stop it, or use another --state",
                   state, holder);
}

/* Whether the file that is locked is still the one that others would open. */
static bool is_current(int fd, const char *path) {
  struct stat ours, theirs;
  return fstat(fd, &ours) == 0 && stat(path, &theirs) == 0 && ours.st_ino == theirs.st_ino &&
         ours.st_dev == theirs.st_dev;
}

static int open_and_take(const char *state, const char *path, int *fd, struct error *error) {
  for (int i = 0; i < TRIES; i++) {
    *fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (*fd < 0) return error_set(error, ERR_IO, "%s cannot be opened: %s", path, strerror(errno));
    int result = take(*fd, state, path, error);
    if (result == 0 && is_current(*fd, path)) return 0;
    close(*fd);
    if (result != 0) return result;
  }
  return error_set(error, ERR_IO, "%s keeps being removed: leave it where it is", path);
}

int run_lock_take(struct run_lock **lock, const char *state, struct error *error) {
  char path[PATH_MAX];
  *lock = NULL;
  if (store_is_shared(state)) return 0;
  int fd = -1, result = lock_path(state, path, error);
  if (result == 0) result = make_directories(path, error);
  if (result == 0) result = open_and_take(state, path, &fd, error);
  if (result != 0) return result;
  result = write_holder(fd, error);
  if (result != 0) {
    close(fd);
    return result;
  }
  *lock = malloc(sizeof **lock);
  CHECK(*lock != NULL);
  (*lock)->fd = fd;
  return 0;
}

bool run_lock_is_held(const char *state) {
  char path[PATH_MAX];
  if (store_is_shared(state)) return store_in_use(state);
  if (lock_path(state, path, NULL) != 0) return false;
  int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  if (fd < 0) return false;
  bool held = flock(fd, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
  close(fd);
  return held;
}

void run_lock_release(struct run_lock *lock) {
  if (lock == NULL) return;
  close(lock->fd); /* what it says stays: harmless, see above */
  free(lock);
}
