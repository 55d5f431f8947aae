/* The calls on sockets, and those that make what the program's loop stands on. */
#include <errno.h>
#include <pthread.h>
#include <spawn.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "aim.h"
#include "descriptors.h"
#include "halt.h"
#include "next.h"

static const char net[] = "net", local[] = "unix", none[] = "-";

int socket(int domain, int type, int protocol) {
  NEXT(int(int, int, int), "socket");
  const char *kind = domain == AF_UNIX ? local : net;
  struct aimed aimed = aim_begin("socket", kind, CALLER, false);
  if (aimed.fails) return -1;
  int fd = next(domain, type, protocol);
  descriptor_opened(fd, kind);
  return fd;
}

int socketpair(int domain, int type, int protocol, int fds[2]) {
  NEXT(int(int, int, int, int *), "socketpair");
  struct aimed aimed = aim_begin("socketpair", local, CALLER, false);
  if (aimed.fails) return -1;
  int result = next(domain, type, protocol, fds);
  if (result == 0) {
    descriptor_opened(fds[0], local);
    descriptor_opened(fds[1], local);
  }
  return result;
}

int connect(int fd, const struct sockaddr *address, socklen_t length) {
  NEXT(int(int, const struct sockaddr *, socklen_t), "connect");
  struct aimed aimed = aim_begin("connect", descriptor_kind(fd), CALLER, true);
  if (aimed.fails) return -1;
  int result = next(fd, address, length);
  int saved = errno;
  aim_end(&aimed);
  errno = saved;
  return result;
}

ssize_t send(int fd, const void *bytes, size_t size, int flags) {
  NEXT(ssize_t(int, const void *, size_t, int), "send");
  const char *kind = descriptor_kind(fd);
  struct aimed aimed = aim_begin("send", kind, CALLER, kind == net);
  if (aimed.fails) return -1;
  bool halted = kind == net && halt_before(bytes, size);
  ssize_t result = next(fd, bytes, aimed.by_half ? size / 2 : size, flags);
  halt_after(halted);
  aim_end(&aimed);
  return result;
}

ssize_t sendto(int fd, const void *bytes, size_t size, int flags, const struct sockaddr *address,
               socklen_t length) {
  NEXT(ssize_t(int, const void *, size_t, int, const struct sockaddr *, socklen_t), "sendto");
  const char *kind = descriptor_kind(fd);
  struct aimed aimed = aim_begin("send", kind, CALLER, kind == net);
  if (aimed.fails) return -1;
  ssize_t result = next(fd, bytes, aimed.by_half ? size / 2 : size, flags, address, length);
  aim_end(&aimed);
  return result;
}

ssize_t sendmsg(int fd, const struct msghdr *message, int flags) {
  NEXT(ssize_t(int, const struct msghdr *, int), "sendmsg");
  const char *kind = descriptor_kind(fd);
  struct aimed aimed = aim_begin("sendmsg", kind, CALLER, kind == net);
  if (aimed.fails) return -1;
  ssize_t result = next(fd, message, flags);
  aim_end(&aimed);
  return result;
}

/* Bytes that were read are an effect; a look that found none is not. */
ssize_t recv(int fd, void *bytes, size_t size, int flags) {
  NEXT(ssize_t(int, void *, size_t, int), "recv");
  const char *kind = descriptor_kind(fd);
  struct aimed aimed = aim_begin("recv", kind, CALLER, false);
  if (aimed.fails) return -1;
  ssize_t result = next(fd, bytes, size, flags);
  if (result > 0 && kind == net) {
    aimed = aim_begin("received", kind, CALLER, true);
    aim_end(&aimed);
  }
  return result;
}

/* ---- what a loop is made of ---- */

int posix_spawn(pid_t *pid, const char *path, const posix_spawn_file_actions_t *actions,
                const posix_spawnattr_t *attributes, char *const argv[],
                char *const environment[]) {
  NEXT(int(pid_t *, const char *, const posix_spawn_file_actions_t *, const posix_spawnattr_t *,
           char *const *, char *const *),
       "posix_spawn");
  struct aimed aimed = aim_begin("spawn", none, CALLER, false);
  return aimed.fails ? errno : next(pid, path, actions, attributes, argv, environment);
}

int timerfd_create(int clock, int flags) {
  NEXT(int(int, int), "timerfd_create");
  struct aimed aimed = aim_begin("timerfd", none, CALLER, false);
  return aimed.fails ? -1 : next(clock, flags);
}

int epoll_create1(int flags) {
  NEXT(int(int), "epoll_create1");
  struct aimed aimed = aim_begin("epoll", none, CALLER, false);
  return aimed.fails ? -1 : next(flags);
}

int eventfd(unsigned value, int flags) {
  NEXT(int(unsigned, int), "eventfd");
  struct aimed aimed = aim_begin("eventfd", none, CALLER, false);
  return aimed.fails ? -1 : next(value, flags);
}

int pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*start)(void *),
                   void *argument) {
  NEXT(int(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *), "pthread_create");
  struct aimed aimed = aim_begin("thread", none, CALLER, false);
  return aimed.fails ? errno : next(thread, attributes, start, argument);
}
