#include "report/log_output.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define WAITING_MAX ((size_t)256 * 1024)
#define SURE_BYTES  512 /* what a pipe or terminal that has room takes without blocking */

/* A description of its own can be told not to block; the one that we were started with is shared
 * with the shell and others, who would be surprised. */
static bool open_anew(struct log_output *output) {
  char path[40];
  snprintf(path, sizeof path, "/proc/self/fd/%d", output->fd);
  int fd = open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
  if (fd >= 0) output->fd = fd;
  return fd >= 0;
}

void log_output_init(struct log_output *output, int fd) {
  struct stat facts;
  *output = (struct log_output){.fd = fd};
  buffer_init(&output->waiting, WAITING_MAX * 8);
  if (fd < 0 || fstat(fd, &facts) != 0 || S_ISREG(facts.st_mode)) return;
  if (S_ISSOCK(facts.st_mode))
    output->kind = LOG_OUTPUT_SOCKET;
  else
    output->kind = open_anew(output) ? LOG_OUTPUT_OWN : LOG_OUTPUT_SHARED;
}

void log_output_release(struct log_output *output) {
  if (output->kind == LOG_OUTPUT_OWN) (void)close(output->fd); /* nothing is held back there */
  buffer_release(&output->waiting);
  output->fd = -1;
}

bool log_output_is_open(const struct log_output *output) {
  return output->fd >= 0 && !output->given_up;
}

/* Whether there is room, within so long. */
static bool has_room(const struct log_output *output, int wait_ms) {
  struct pollfd wanted = {.fd = output->fd, .events = POLLOUT};
  int ready;
  do
    ready = poll(&wanted, 1, wait_ms);
  while (ready < 0 && errno == EINTR);
  return ready != 0;
}

static ssize_t put_some(const struct log_output *output, const char *bytes, size_t size) {
  if (output->kind == LOG_OUTPUT_SOCKET)
    return send(output->fd, bytes, size, MSG_DONTWAIT | MSG_NOSIGNAL);
  if (output->kind != LOG_OUTPUT_SHARED) return write(output->fd, bytes, size);
  if (!has_room(output, 0)) {
    errno = EAGAIN;
    return -1;
  }
  return write(output->fd, bytes, size < SURE_BYTES ? size : SURE_BYTES);
}

static bool is_passing(int code) {
  return code == ENOSPC || code == EDQUOT || code == EAGAIN || code == EFBIG || code == ENOBUFS;
}

/* All of it, or as much as goes. */
static size_t put(struct log_output *output, const char *bytes, size_t size) {
  size_t done = 0;
  while (done < size) {
    ssize_t written = put_some(output, bytes + done, size - done);
    if (written >= 0) {
      done += (size_t)written;
    } else if (errno != EINTR) {
      output->given_up = !is_passing(errno);
      break;
    }
  }
  return done;
}

bool log_output_flush(struct log_output *output) {
  struct buffer *waiting = &output->waiting;
  if (waiting->length == 0 || !log_output_is_open(output)) return true;
  size_t done = put(output, waiting->bytes, waiting->length), left = waiting->length - done;
  memmove(waiting->bytes, waiting->bytes + done, left);
  waiting->length = left;
  return left == 0;
}

/* A file that is full: a line that went out in part is ended when there is room again. */
static bool write_to_file(struct log_output *output, const char *lines, size_t size) {
  size_t done = 0;
  if (output->torn && put(output, "\n", 1) == 1) output->torn = false;
  if (!output->torn) done = put(output, lines, size);
  if (done > 0 && done < size) output->torn = true;
  if (done < size) output->lost++;
  return done == size;
}

bool log_output_write(struct log_output *output, const char *lines, size_t size) {
  if (!log_output_is_open(output)) return false;
  if (output->kind == LOG_OUTPUT_FILE) return write_to_file(output, lines, size);
  size_t done = log_output_flush(output) ? put(output, lines, size) : 0;
  if (done == size || output->given_up) return done == size;
  if (done == 0 && output->waiting.length + size > WAITING_MAX) {
    output->lost++;
    return false;
  }
  return buffer_append(&output->waiting, lines + done, size - done);
}

static int64_t now_ms(void) {
  struct timespec now;
  if (clock_gettime(CLOCK_MONOTONIC, &now) != 0) return 0; /* cannot fail with this clock */
  return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void log_output_drain(struct log_output *output, duration_ms patience_ms) {
  int64_t end = now_ms() + patience_ms;
  while (!log_output_flush(output)) {
    int64_t left = end - now_ms();
    if (left <= 0 || !has_room(output, (int)left)) return;
  }
}
