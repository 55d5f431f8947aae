/* ADDR:PORT to a listening socket. */
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "util/text.h"
#include "web/web.h"

#define WAITING_MOST 64

static bool split(const char *listen, char *host, size_t host_size, char *port, size_t port_size) {
  const char *colon = strrchr(listen, ':'), *start = listen;
  int64_t number;
  if (colon == NULL || !text_to_int64(colon + 1, 0, 65535, &number)) return false;
  size_t length = (size_t)(colon - listen);
  if (length >= 2 && start[0] == '[' && start[length - 1] == ']') {
    start++;
    length -= 2;
  } else if (memchr(start, ':', length) != NULL) {
    return false; /* an IPv6 address without brackets */
  }
  if (length == 0 || length >= host_size) return false;
  snprintf(host, host_size, "%.*s", (int)length, start);
  snprintf(port, port_size, "%d", (int)number);
  return true;
}

bool web_listen_is_well(const char *listen) {
  char host[256], port[8];
  return split(listen, host, sizeof host, port, sizeof port);
}

static bool describe(int fd, char *address, size_t size) {
  struct sockaddr_storage bound;
  socklen_t bound_size = sizeof bound;
  char host[64], port[8];
  if (getsockname(fd, (struct sockaddr *)&bound, &bound_size) != 0 ||
      getnameinfo((struct sockaddr *)&bound, bound_size, host, sizeof host, port, sizeof port,
                  NI_NUMERICHOST | NI_NUMERICSERV) != 0)
    return false;
  bool six = strchr(host, ':') != NULL;
  snprintf(address, size, "%s%s%s:%s", six ? "[" : "", host, six ? "]" : "", port);
  return true;
}

static bool bind_to(const struct addrinfo *found, int *fd) {
  int yes = 1;
  *fd = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  return *fd >= 0 && setsockopt(*fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) == 0 &&
         bind(*fd, found->ai_addr, found->ai_addrlen) == 0 && listen(*fd, WAITING_MOST) == 0;
}

int web_listen(const char *listen_at, int *fd, char *address, size_t address_size,
               struct error *error) {
  char host[256], port[8];
  struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE}, *found = NULL;
  if (!split(listen_at, host, sizeof host, port, sizeof port))
    return error_set(error, ERR_USAGE, "listen: %s is not ADDR:PORT, like 127.0.0.1:9090",
                     listen_at);
  int code = getaddrinfo(host, port, &hints, &found);
  if (code != 0)
    return error_set(error, ERR_IO, "listen: the address %s is not known: %s", host,
                     gai_strerror(code));
  bool good = bind_to(found, fd) && describe(*fd, address, address_size);
  int reason = errno;
  freeaddrinfo(found);
  if (good) return 0;
  if (*fd >= 0) (void)close(*fd);
  return error_set(error, ERR_IO, "cannot listen on %s: %s; choose another port or free this one",
                   listen_at, strerror(reason));
}
