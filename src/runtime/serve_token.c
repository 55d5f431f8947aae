/* The token of the page: in a file beside the state that only its owner reads, the same for all
 * runs, so that a browser may remember it. Whoever wants another removes the file. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/serve.h"
#include "util/check.h"

void serve_draw_secret(char secret[SERVE_SECRET_TEXT]) {
  unsigned char bytes[SERVE_SECRET_BYTES];
  CHECK(getrandom(bytes, sizeof bytes, 0) == (ssize_t)sizeof bytes);
  for (size_t i = 0; i < sizeof bytes; i++)
    snprintf(secret + 2 * i, 3, "%02x", bytes[i]);
}

/* Beside the state's own place, as its lock; a state that is no file has it where one would be. */
static int find_place(const char *state, char *path, size_t size, struct error *error) {
  char real[PATH_MAX], usual[PATH_MAX];
  const char *place = state;
  if (strstr(state, "://") != NULL) {
    int result = state_path(NULL, usual, sizeof usual, error);
    if (result != 0) return result;
    place = usual;
  } else if (realpath(state, real) != NULL) {
    place = real;
  }
  if (snprintf(path, size, "%s.token", place) < (int)size) return 0;
  return error_set(error, ERR_IO, "the state's path is too long for a file beside it");
}

static bool is_token(const char *text) {
  size_t size = strlen(text);
  return size == SERVE_SECRET_TEXT - 1 && strspn(text, "0123456789abcdef") == size;
}

/* Of the file that is open, not of whatever has the name by then. */
static int read_open(int fd, const char *path, char *token, struct error *error) {
  char text[SERVE_SECRET_TEXT + 1] = "";
  struct stat status;
  if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode))
    return error_set(
        error, ERR_IO,
        "%s is no file that could hold the page's token; move it away, and the next run makes one",
        path);
  if ((status.st_mode & 077) != 0)
    return error_set(error, ERR_IO,
                     "%s: others can read it; remove it, and the next run makes another", path);
  ssize_t got = read(fd, text, sizeof text - 1);
  text[got > 0 ? got : 0] = '\0';
  text[strcspn(text, "\n")] = '\0';
  if (!is_token(text))
    return error_set(error, ERR_IO, "%s holds no token; remove it, and the next run makes another",
                     path);
  memcpy(token, text, SERVE_SECRET_TEXT);
  return 0;
}

static int write_new(const char *path, const char *token, struct error *error) {
  int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (fd < 0) return error_set(error, ERR_IO, "%s cannot be made: %s", path, strerror(errno));
  int length = (int)strlen(token);
  bool good = dprintf(fd, "%s\n", token) == length + 1 && fsync(fd) == 0;
  int code = errno;
  good = close(fd) == 0 && good;
  if (good) return 0;
  (void)unlink(path); /* half a token is none */
  return error_set(error, ERR_IO, "%s cannot be written: %s", path, strerror(code));
}

int serve_read_token(const char *state, char *path, size_t path_size, char token[SERVE_SECRET_TEXT],
                     struct error *error) {
  int result = find_place(state, path, path_size, error);
  if (result != 0) return result;
  int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  if (fd < 0 && errno != ENOENT)
    return error_set(error, ERR_IO, "%s cannot be read: %s", path, strerror(errno));
  if (fd >= 0) {
    result = read_open(fd, path, token, error);
    (void)close(fd);
    return result;
  }
  char drawn[SERVE_SECRET_TEXT];
  serve_draw_secret(drawn);
  result = write_new(path, drawn, error);
  if (result == 0) snprintf(token, SERVE_SECRET_TEXT, "%s", drawn);
  return result;
}
