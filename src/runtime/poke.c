#include "runtime/poke.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

/* A name too long for an address is told apart by its sum (FNV-1a). */
static uint64_t sum_of(const char *text) {
  uint64_t sum = UINT64_C(0xcbf29ce484222325);
  for (; *text != '\0'; text++)
    sum = (sum ^ (unsigned char)*text) * UINT64_C(0x100000001b3);
  return sum;
}

static bool put_path(struct sockaddr_un *address, const char *path) {
  size_t size = strlen(path) + 1;
  if (size > sizeof address->sun_path) return false;
  memcpy(address->sun_path, path, size);
  return true;
}

/* An address holds some 100 bytes, a path 4,096: a longer one leads through its directory's
 * descriptor, so that it is the same place for every process. */
static bool put_long_path(struct poke *poke, char *path) {
  char *slash = strrchr(path, '/'), name[NAME_MAX + 16], through[PATH_MAX];
  if (slash == NULL) return false;
  snprintf(name, sizeof name, "%s", slash + 1);
  *slash = '\0';
  poke->directory = open(slash == path ? "/" : path, O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (poke->directory < 0) return false;
  snprintf(through, sizeof through, "/proc/self/fd/%d/%s", poke->directory, name);
  if (put_path(&poke->address, through)) return true;
  snprintf(through, sizeof through, "/proc/self/fd/%d/nightshift-%016" PRIx64 ".sock",
           poke->directory, sum_of(name));
  return put_path(&poke->address, through);
}

/* Beside the state's own place, as its lock, so that a link to a state leads to the same socket. */
static bool find_address(struct poke *poke, const char *state) {
  char real[PATH_MAX], path[PATH_MAX + 8];
  *poke = (struct poke){.fd = -1, .directory = -1, .address = {.sun_family = AF_UNIX}};
  const char *place = realpath(state, real) != NULL ? real : state;
  if (snprintf(path, sizeof path, "%s.sock", place) >= (int)sizeof path) return false;
  return put_path(&poke->address, path) || put_long_path(poke, path);
}

static void let_go(struct poke *poke) {
  if (poke->fd >= 0) (void)close(poke->fd);
  if (poke->directory >= 0) (void)close(poke->directory);
  poke->fd = poke->directory = -1;
}

static int open_socket(struct poke *poke) {
  poke->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  return poke->fd < 0 ? -1 : 0;
}

int poke_listen(struct poke *poke, const char *state, struct error *error) {
  struct stat status;
  bool found = find_address(poke, state);
  const struct sockaddr *address = (const struct sockaddr *)(const void *)&poke->address;
  if (found && lstat(poke->address.sun_path, &status) == 0 && S_ISSOCK(status.st_mode))
    (void)unlink(poke->address.sun_path); /* failing to, bind tells */
  /* The mode of the socket before it has a name is that of its file (Linux). */
  if (found && open_socket(poke) == 0 && fchmod(poke->fd, 0600) == 0 &&
      bind(poke->fd, address, sizeof poke->address) == 0)
    return 0;
  int code = errno;
  let_go(poke);
  return error_set(error, ERR_IO, "the socket %s.sock cannot be made: %s", state, strerror(code));
}

void poke_drain(const struct poke *poke) {
  char bytes[8];
  while (recv(poke->fd, bytes, sizeof bytes, 0) >= 0)
    continue;
}

void poke_close(struct poke *poke) {
  if (poke->fd >= 0) (void)unlink(poke->address.sun_path); /* gone already: just as well */
  let_go(poke);
}

bool poke_send(const char *state) {
  struct poke poke;
  bool sent = false;
  if (find_address(&poke, state) && open_socket(&poke) == 0) {
    const struct sockaddr *address = (const struct sockaddr *)(const void *)&poke.address;
    /* A full queue is as good: the one who listens has yet to look. */
    sent = sendto(poke.fd, "", 1, 0, address, sizeof poke.address) == 1 || errno == EAGAIN;
  }
  let_go(&poke);
  return sent;
}
