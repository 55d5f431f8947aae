/* The calls on files that libraries and the program make, under their own names. */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "aim.h"
#include "descriptors.h"
#include "next.h"

/* ---- opening and closing ---- */

typedef int opener(const char *, int, ...);

static int open_next(opener *next, const void *from, const char *path, int flags, mode_t mode) {
  const char *kind = path_kind(path, flags);
  bool makes = (flags & O_CREAT) != 0;
  struct aimed aimed = aim_begin("open", kind, from, makes && kind_is_visible(kind));
  if (aimed.fails) return -1;
  int fd = next(path, flags, mode);
  descriptor_opened(fd, kind);
  aim_end(&aimed);
  return fd;
}

#define OPEN(name)                                                                                 \
  int name(const char *path, int flags, ...) {                                                     \
    NEXT(opener, #name);                                                                           \
    va_list more;                                                                                  \
    va_start(more, flags);                                                                         \
    mode_t mode = (flags & (O_CREAT | __O_TMPFILE)) != 0 ? va_arg(more, mode_t) : 0;               \
    va_end(more);                                                                                  \
    return open_next(next, CALLER, path, flags, mode);                                             \
  }
OPEN(open)
OPEN(open64)

int close(int fd) {
  NEXT(int(int), "close");
  const char *kind = descriptor_kind(fd);
  struct aimed aimed = aim_begin("close", kind, CALLER, false);
  int saved = errno;
  descriptor_closed(fd); /* it is gone, whatever is said */
  int result = next(fd);
  if (aimed.fails) errno = saved;
  return aimed.fails ? -1 : result;
}

FILE *fopen(const char *path, const char *mode) {
  NEXT(FILE * (const char *, const char *), "fopen");
  struct aimed aimed = aim_begin("fopen", path_kind(path, 0), CALLER, false);
  return aimed.fails ? NULL : next(path, mode);
}

/* ---- bytes ---- */

typedef ssize_t writer(int, const void *, size_t);
typedef ssize_t reader(int, void *, size_t);
typedef ssize_t writer_at(int, const void *, size_t, off_t);
typedef ssize_t reader_at(int, void *, size_t, off_t);

ssize_t write(int fd, const void *bytes, size_t size) {
  NEXT(writer, "write");
  const char *kind = descriptor_kind(fd);
  struct aimed aimed = aim_begin("write", kind, CALLER, kind_is_visible(kind));
  if (aimed.fails) return -1;
  ssize_t result = next(fd, bytes, aimed.by_half ? size / 2 : size);
  aim_end(&aimed);
  return result;
}

#define PWRITE(name)                                                                               \
  ssize_t name(int fd, const void *bytes, size_t size, off_t at) {                                 \
    NEXT(writer_at, #name);                                                                        \
    const char *kind = descriptor_kind(fd);                                                        \
    struct aimed aimed = aim_begin("pwrite", kind, CALLER, kind_is_visible(kind));                 \
    if (aimed.fails) return -1;                                                                    \
    descriptor_written(fd);                                                                        \
    ssize_t result = next(fd, bytes, aimed.by_half ? size / 2 : size, at);                         \
    aim_end(&aimed);                                                                               \
    return result;                                                                                 \
  }
PWRITE(pwrite)
PWRITE(pwrite64)

static ssize_t read_next(const void *from, int fd, void *bytes, size_t size) {
  NEXT(reader, "read");
  struct aimed aimed = aim_begin("read", descriptor_kind(fd), from, false);
  return aimed.fails ? -1 : next(fd, bytes, size);
}

ssize_t read(int fd, void *bytes, size_t size) {
  return read_next(CALLER, fd, bytes, size);
}

ssize_t __read_chk(int fd, void *bytes, size_t size, size_t room);
ssize_t __read_chk(int fd, void *bytes, size_t size, size_t room) {
  return read_next(CALLER, fd, bytes, size < room ? size : room);
}

#define PREAD(name)                                                                                \
  ssize_t name(int fd, void *bytes, size_t size, off_t at) {                                       \
    NEXT(reader_at, #name);                                                                        \
    struct aimed aimed = aim_begin("pread", descriptor_kind(fd), CALLER, false);                   \
    return aimed.fails ? -1 : next(fd, bytes, size, at);                                           \
  }
PREAD(pread)
PREAD(pread64)

#define FTRUNCATE(name)                                                                            \
  int name(int fd, off_t size) {                                                                   \
    NEXT(int(int, off_t), #name);                                                                  \
    const char *kind = descriptor_kind(fd);                                                        \
    struct aimed aimed = aim_begin("ftruncate", kind, CALLER, kind_is_visible(kind));              \
    if (aimed.fails) return -1;                                                                    \
    descriptor_written(fd);                                                                        \
    int result = next(fd, size);                                                                   \
    aim_end(&aimed);                                                                               \
    return result;                                                                                 \
  }
FTRUNCATE(ftruncate)
FTRUNCATE(ftruncate64)

/* The second fsync of a descriptor whose first failed would say yes to what is lost. */
#define FSYNC(name)                                                                                \
  int name(int fd) {                                                                               \
    NEXT(int(int), #name);                                                                         \
    const char *kind = descriptor_kind(fd);                                                        \
    struct aimed aimed = aim_begin("fsync", kind, CALLER, kind_is_visible(kind));                  \
    if (descriptor_sync_is_late(fd, aimed.fails)) aim_tell_retried();                              \
    if (aimed.fails) return -1;                                                                    \
    int result = next(fd);                                                                         \
    aim_end(&aimed);                                                                               \
    return result;                                                                                 \
  }
FSYNC(fsync)
FSYNC(fdatasync)

/* ---- names ---- */

/* One call of two names; `what` in the table, an effect on the second. */
#define TWO_NAMES(name, what)                                                                      \
  int name(const char *from, const char *to) {                                                     \
    NEXT(int(const char *, const char *), #name);                                                  \
    const char *kind = path_kind(to, 0);                                                           \
    struct aimed aimed = aim_begin(what, kind, CALLER, kind_is_visible(kind));                     \
    if (aimed.fails) return -1;                                                                    \
    int result = next(from, to);                                                                   \
    aim_end(&aimed);                                                                               \
    return result;                                                                                 \
  }
TWO_NAMES(rename, "rename")
TWO_NAMES(link, "link")

int renameat2(int from_dir, const char *from, int to_dir, const char *to, unsigned flags) {
  NEXT(int(int, const char *, int, const char *, unsigned), "renameat2");
  const char *kind = path_kind(to, 0);
  struct aimed aimed = aim_begin("rename", kind, CALLER, kind_is_visible(kind));
  if (aimed.fails) return -1;
  int result = next(from_dir, from, to_dir, to, flags);
  aim_end(&aimed);
  return result;
}

int unlink(const char *path) {
  NEXT(int(const char *), "unlink");
  const char *kind = path_kind(path, 0);
  struct aimed aimed = aim_begin("unlink", kind, CALLER, kind_is_visible(kind));
  if (aimed.fails) return -1;
  int result = next(path);
  aim_end(&aimed);
  return result;
}

int mkdir(const char *path, mode_t mode) {
  NEXT(int(const char *, mode_t), "mkdir");
  const char *kind = path_kind(path, O_DIRECTORY);
  struct aimed aimed = aim_begin("mkdir", kind, CALLER, true);
  if (aimed.fails) return -1;
  int result = next(path, mode);
  aim_end(&aimed);
  return result;
}

#define LOOK(name, argument, what, kind)                                                           \
  int name(argument, struct stat *facts) {                                                         \
    NEXT(int(argument, struct stat *), #name);                                                     \
    struct aimed aimed = aim_begin(what, kind, CALLER, false);                                     \
    return aimed.fails ? -1 : next(file, facts);                                                   \
  }
LOOK(stat, const char *file, "stat", path_kind(file, 0))
LOOK(lstat, const char *file, "stat", path_kind(file, 0))
LOOK(fstat, int file, "fstat", descriptor_kind(file))

/* ---- locks ---- */

int flock(int fd, int operation) {
  NEXT(int(int, int), "flock");
  struct aimed aimed = aim_begin("flock", descriptor_kind(fd), CALLER, false);
  return aimed.fails ? -1 : next(fd, operation);
}

#define FCNTL(name)                                                                                \
  int name(int fd, int command, ...) {                                                             \
    NEXT(int(int, int, ...), #name);                                                               \
    va_list more;                                                                                  \
    va_start(more, command);                                                                       \
    long argument = va_arg(more, long); /* every kind of argument fits into it here */             \
    va_end(more);                                                                                  \
    struct aimed aimed = {0};                                                                      \
    if (command == F_SETLK) aimed = aim_begin("setlk", descriptor_kind(fd), CALLER, false);        \
    return aimed.fails ? -1 : next(fd, command, argument);                                         \
  }
FCNTL(fcntl)
FCNTL(fcntl64)
