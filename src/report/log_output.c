/* Writing whole lines to a descriptor that may be full, gone or torn. */
#include "report/log_output.h"

#include <errno.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

void log_output_init(struct log_output *output, int fd) {
  struct stat facts;
  *output = (struct log_output){.fd = fd};
  output->is_file = fd >= 0 && fstat(fd, &facts) == 0 && S_ISREG(facts.st_mode);
}

bool log_output_is_open(const struct log_output *output) {
  return output->fd >= 0 && !output->given_up;
}

/* A pipe or terminal that has room takes a line without blocking us. */
static bool has_room(const struct log_output *output, duration_ms patience_ms) {
  struct pollfd wanted = {.fd = output->fd, .events = POLLOUT};
  if (output->is_file) return true;
  int ready;
  do
    ready = poll(&wanted, 1, output->full ? 0 : (int)patience_ms);
  while (ready < 0 && errno == EINTR);
  return ready != 0;
}

static bool is_passing(int code) {
  return code == ENOSPC || code == EDQUOT || code == EAGAIN || code == EFBIG;
}

/* All of it, or as much as goes. */
static size_t put(struct log_output *output, const char *bytes, size_t size) {
  size_t done = 0;
  while (done < size) {
    ssize_t written = write(output->fd, bytes + done, size - done);
    if (written >= 0) {
      done += (size_t)written;
    } else if (errno != EINTR) {
      output->given_up = !is_passing(errno);
      break;
    }
  }
  return done;
}

bool log_output_write(struct log_output *output, const char *line, size_t size,
                      duration_ms patience_ms) {
  size_t done = 0;
  if (!log_output_is_open(output)) return false;
  if (has_room(output, patience_ms)) {
    if (output->torn && put(output, "\n", 1) == 1) output->torn = false;
    if (!output->torn) done = put(output, line, size);
    if (done > 0 && done < size) output->torn = true;
  }
  output->full = done < size;
  if (output->full) output->lost++;
  return !output->full;
}
