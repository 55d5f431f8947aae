/* nightshift-probe: tells what clips are. Started by nightshift, never by people; speaks the
 * protocol of nightshift/probe.h. The only program linked to libavformat, kept apart because
 * demuxers read files that come from anywhere. */
#include <errno.h>
#include <libavutil/log.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "nightshift/probe.h"
#include "probe/confine.h"
#include "probe/look.h"

static bool write_all(const char *bytes, size_t size) {
  while (size > 0) {
    ssize_t count = send(STDOUT_FILENO, bytes, size, MSG_NOSIGNAL);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return false;
    bytes += count;
    size -= (size_t)count;
  }
  return true;
}

/* The descriptor that came with a message, -1 when none did. */
static int descriptor_of(struct msghdr *message) {
  int clip = -1;
  struct cmsghdr *header = CMSG_FIRSTHDR(message);
  if (header != NULL && header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_RIGHTS &&
      header->cmsg_len == CMSG_LEN(sizeof clip))
    memcpy(&clip, CMSG_DATA(header), sizeof clip);
  return clip;
}

/* 1 and *clip when a clip came, 0 at the end of input, -1 when what came is no request. */
static int receive_clip(int *clip) {
  char request[sizeof PROBE_REQUEST];
  union {
    struct cmsghdr aligned;
    char bytes[CMSG_SPACE(sizeof(int))];
  } control;
  struct iovec part = {.iov_base = request, .iov_len = sizeof PROBE_REQUEST - 1};
  struct msghdr message = {.msg_iov = &part,
                           .msg_iovlen = 1,
                           .msg_control = control.bytes,
                           .msg_controllen = sizeof control.bytes};
  ssize_t count;
  do
    count = recvmsg(STDIN_FILENO, &message, MSG_CMSG_CLOEXEC | MSG_WAITALL);
  while (count < 0 && errno == EINTR);
  if (count == 0) return 0;
  if (count < 0) return -1;
  *clip = descriptor_of(&message);
  if ((size_t)count == part.iov_len && memcmp(request, PROBE_REQUEST, part.iov_len) == 0 &&
      *clip >= 0)
    return 1;
  if (*clip >= 0) (void)close(*clip);
  return -1;
}

static int serve(void) {
  if (!write_all(PROBE_GREETING, strlen(PROBE_GREETING))) return 1;
  for (;;) {
    int clip = -1, got = receive_clip(&clip);
    if (got <= 0) return got == 0 ? 0 : 1;
    char answer[PROBE_ANSWER_MAX];
    if (!confine_next_clip()) return 1;
    look_at_clip(clip, answer);
    (void)close(clip); /* read only: nothing to lose */
    if (!write_all(answer, strlen(answer))) return 1;
  }
}

int main(void) {
  int type = 0;
  socklen_t size = sizeof type;
  if (getsockopt(STDIN_FILENO, SOL_SOCKET, SO_TYPE, &type, &size) != 0) {
    fputs("nightshift-probe reads clips for nightshift, which starts it by itself\n", stderr);
    return 2;
  }
  if (!confine_process()) return 1;
  av_log_set_level(AV_LOG_QUIET);
  return serve();
}
