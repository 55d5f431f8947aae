/* Halts the program around its first paid call, for a driver that does something to the network
 * meanwhile; and takes a guard of its sockets away. The driver says it in the environment:
 *
 *   SWEEP_HALT=1       SIGSTOP before the call is handed to the kernel, and again when it was
 *   SWEEP_NO_LINGER=1  a socket that is closed, or whose process dies, is not reset but drained */
#include "halt.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "aim.h"
#include "next.h"

static const char paid[] = "POST /v1/runwayml/gen4/act-two-voice ";

/* This thread, so that it is halted before it goes on. */
static void halt(void) {
  syscall(SYS_tgkill, syscall(SYS_getpid), syscall(SYS_gettid), SIGSTOP);
}

bool halt_before(const void *bytes, size_t size) {
  static bool done;
  if (done || !aim_is_active() || getenv("SWEEP_HALT") == NULL) return false;
  if (size < sizeof paid - 1 || memcmp(bytes, paid, sizeof paid - 1) != 0) return false;
  done = true;
  halt();
  return true;
}

void halt_after(bool halted) {
  if (halted) halt();
}

int setsockopt(int fd, int level, int name, const void *value, socklen_t size) {
  NEXT(int(int, int, int, const void *, socklen_t), "setsockopt");
  if (level == SOL_SOCKET && name == SO_LINGER && getenv("SWEEP_NO_LINGER") != NULL) return 0;
  return next(fd, level, name, value, size);
}
