/* The .part file that a download is written to. */
#include "http/output.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/check.h"

enum fetch_result output_result_of(int error_number) {
  switch (error_number) {
  case ENOSPC:
  case EDQUOT:
  case EFBIG: /* the process's own limit on file sizes */
    return FETCH_FULL;
  case EMFILE:
  case ENFILE:
  case ENOMEM:
    return FETCH_FAILED; /* passes */
  default:
    return FETCH_OUTPUT;
  }
}

static enum fetch_result failed(struct output *output, const char *path, const char *why) {
  snprintf(output->text, sizeof output->text, "%s: %s", path, why);
  return FETCH_OUTPUT;
}

static enum fetch_result failed_with(struct output *output, const char *path, int error_number) {
  failed(output, path, strerror(error_number));
  return output_result_of(error_number);
}

void output_init(struct output *output, const char *base, const char *path, mode_t mask) {
  *output = (struct output){.fd = -1, .mask = mask, .place = {.fd = -1}};
  size_t size = strlen(path) + sizeof ".part";
  output->part = malloc(size);
  if (base != NULL) output->base = strdup(base);
  CHECK(output->part != NULL && (base == NULL || output->base != NULL));
  snprintf(output->part, size, "%s.part", path);
}

static enum fetch_result look_at_part(struct output *output) {
  struct stat facts;
  if (fstat(output->fd, &facts) != 0) return failed_with(output, output->part, errno);
  /* A second name would let us write into a file that someone else knows under that name. */
  if (!S_ISREG(facts.st_mode) || facts.st_nlink != 1)
    return failed(output, output->part, "is not a plain file of its own");
  output->bytes = facts.st_size;
  /* Not by the umask, which is for what only its owner reads; a filesystem may know no modes. */
  (void)fchmod(output->fd, 0666 & ~output->mask);
  return FETCH_WHOLE;
}

/* In its directory, whatever has that directory's name by now. */
static enum fetch_result open_part(struct output *output) {
  int flags = O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;
  output->fd = openat(output->place.fd, output->place.name, flags, 0600);
  if (output->fd >= 0) return look_at_part(output);
  return errno == ELOOP ? failed(output, output->part, "is a symbolic link")
                        : failed_with(output, output->part, errno);
}

enum fetch_result output_open(struct output *output) {
  place_close(&output->place);
  int error_number =
      place_open(&output->place, output->base, output->part, (int)(0777 & ~output->mask));
  if (error_number != 0) {
    snprintf(output->text, sizeof output->text, "%s", output->place.text);
    return output_result_of(error_number);
  }
  enum fetch_result result = open_part(output);
  if (result != FETCH_WHOLE) output_close(output);
  return result;
}

enum fetch_result output_write(struct output *output, const char *bytes, size_t size) {
  while (size > 0) {
    ssize_t written = pwrite(output->fd, bytes, size, output->bytes);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return failed_with(output, output->part, written < 0 ? errno : ENOSPC);
    bytes += written;
    size -= (size_t)written;
    output->bytes += written;
  }
  return FETCH_WHOLE;
}

enum fetch_result output_empty(struct output *output) {
  if (ftruncate(output->fd, 0) != 0) return failed_with(output, output->part, errno);
  output->bytes = 0;
  return FETCH_WHOLE;
}

static int sync_directory(int fd) {
  return fsync(fd) == 0 || errno == EINVAL ? 0 : errno; /* EINVAL: cannot be synced */
}

/* The directory of the .part, whose name is synced when it gets its final one, holds no name made
 * here; those above it do, as many as were made. */
static int sync_made_directories(const struct output *output) {
  char *path = strdup(output->part);
  if (path == NULL) return ENOMEM;
  int error_number = 0;
  for (int left = output->place.made; left > 0 && error_number == 0; left--) {
    char *end = strrchr(path, '/');
    while (end > path && end[-1] == '/')
      end--;
    *end = '\0';
    struct place above;
    error_number = place_open(&above, output->base, path, PLACE_AS_IS);
    if (error_number == 0) error_number = sync_directory(above.fd);
    place_close(&above);
  }
  free(path);
  return error_number;
}

static enum fetch_result look_at_synced(struct output *output, int64_t *inode) {
  struct stat facts;
  if (fstat(output->fd, &facts) != 0) return failed_with(output, output->part, errno);
  if (facts.st_size != output->bytes) {
    failed(output, output->part, "was changed by someone else while it was being written");
    return FETCH_FAILED;
  }
  *inode = (int64_t)facts.st_ino;
  return FETCH_WHOLE;
}

enum fetch_result output_sync(struct output *output, int64_t *inode) {
  enum fetch_result result = look_at_synced(output, inode);
  if (result == FETCH_WHOLE && fsync(output->fd) != 0)
    result = failed_with(output, output->part, errno);
  int fd = output->fd;
  output->fd = -1;
  if (close(fd) != 0 && result == FETCH_WHOLE && errno != EINTR)
    result = failed_with(output, output->part, errno);
  int error_number = result == FETCH_WHOLE ? sync_made_directories(output) : 0;
  if (error_number != 0) result = failed_with(output, output->part, error_number);
  if (result != FETCH_WHOLE) output_remove(output);
  return result;
}

void output_close(struct output *output) {
  if (output->fd >= 0) close(output->fd); /* not whole: whatever it lost is fetched again */
  output->fd = -1;
}

void output_remove(struct output *output) {
  output_close(output);
  /* What cannot be removed is begun anew by the next fetch. */
  if (output->place.fd >= 0) (void)unlinkat(output->place.fd, output->place.name, 0);
}

void output_release(struct output *output) {
  output_close(output);
  place_close(&output->place);
  free(output->part);
  free(output->base);
  output->part = output->base = NULL;
}
