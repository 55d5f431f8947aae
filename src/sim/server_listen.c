/* ADDR:PORT to a listening socket. */
#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "sim/server.h"
#include "util/text.h"

static bool split(const char *listen, char *host, size_t host_size, char *port, size_t port_size) {
  const char *colon = strrchr(listen, ':');
  int64_t number;
  if (colon == NULL || !text_to_int64(colon + 1, 0, 65535, &number)) return false;
  const char *start = listen;
  size_t size = (size_t)(colon - listen);
  if (size >= 2 && start[0] == '[' && start[size - 1] == ']') {
    start++;
    size -= 2;
  } else if (memchr(start, ':', size) != NULL) {
    return false;
  }
  if (size == 0 || size >= host_size) return false;
  (void)snprintf(host, host_size, "%.*s", (int)size, start);
  (void)snprintf(port, port_size, "%s", colon + 1);
  return true;
}

static struct addrinfo *look_up(const char *listen) {
  char host[256], port[8];
  struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE}, *found = NULL;
  if (!split(listen, host, sizeof host, port, sizeof port)) return NULL;
  return getaddrinfo(host, port, &hints, &found) == 0 ? found : NULL;
}

bool sim_listen_is_loopback(const char *listen) {
  struct addrinfo *found = look_up(listen);
  bool loopback = false;
  if (found != NULL && found->ai_family == AF_INET) {
    struct sockaddr_in address;
    memcpy(&address, found->ai_addr, sizeof address);
    loopback = ntohl(address.sin_addr.s_addr) >> 24 == 127;
  } else if (found != NULL && found->ai_family == AF_INET6) {
    struct sockaddr_in6 address;
    memcpy(&address, found->ai_addr, sizeof address);
    loopback = IN6_IS_ADDR_LOOPBACK(&address.sin6_addr);
  }
  if (found != NULL) freeaddrinfo(found);
  return loopback;
}

static int describe(int fd, char *base, size_t base_size) {
  struct sockaddr_storage address;
  socklen_t size = sizeof address;
  char host[128], port[16];
  if (getsockname(fd, (struct sockaddr *)&address, &size) != 0 ||
      getnameinfo((struct sockaddr *)&address, size, host, sizeof host, port, sizeof port,
                  NI_NUMERICHOST | NI_NUMERICSERV) != 0)
    return -1;
  bool six = strchr(host, ':') != NULL;
  (void)snprintf(base, base_size, "http://%s%.80s%s:%s", six ? "[" : "", host, six ? "]" : "",
                 port);
  return 0;
}

int server_listen(const char *listen_at, int *fd, char *base, size_t base_size,
                  struct error *error) {
  struct addrinfo *found = look_up(listen_at);
  int yes = 1;
  if (found == NULL)
    return error_set(error, ERR_USAGE, "--listen %s is not ADDR:PORT, like 127.0.0.1:8080",
                     listen_at);
  *fd = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  bool good = *fd >= 0 && setsockopt(*fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) == 0 &&
              bind(*fd, found->ai_addr, found->ai_addrlen) == 0 && listen(*fd, 512) == 0 &&
              describe(*fd, base, base_size) == 0;
  int reason = errno;
  freeaddrinfo(found);
  if (good) return 0;
  if (*fd >= 0) (void)close(*fd);
  return error_set(error, ERR_IO, "cannot listen on %s: %s", listen_at, strerror(reason));
}
