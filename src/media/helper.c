#include "media/helper.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* 57 ms when libraries are in the cache; a busy machine with a cold disk takes seconds. */
#define GREETING_LIMIT_MS 30000
#define GOODBYE_LIMIT_MS  2000
#define STOP_LOOK_MS      50 /* how often a wait looks at *stop */

static int64_t now_ms(void) {
  struct timespec now;
  if (clock_gettime(CLOCK_MONOTONIC, &now) != 0) return 0; /* cannot fail with this clock */
  return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

bool helper_running(const struct helper *helper) {
  return helper->process > 0;
}

/* What the child gets: the socket as input and output, nowhere to complain to, nothing else open.
 */
static int list_files(posix_spawn_file_actions_t *files, int socket) {
  int code = posix_spawn_file_actions_adddup2(files, socket, STDIN_FILENO);
  if (code == 0) code = posix_spawn_file_actions_adddup2(files, socket, STDOUT_FILENO);
  if (code == 0)
    code = posix_spawn_file_actions_addopen(files, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  return code != 0 ? code : posix_spawn_file_actions_addclosefrom_np(files, STDERR_FILENO + 1);
}

/* A process group of its own, so that Ctrl-C reaches only nightshift; no signal ignored or blocked.
 */
static int list_attributes(posix_spawnattr_t *attributes) {
  sigset_t none, all;
  if (sigemptyset(&none) != 0 || sigfillset(&all) != 0) return errno;
  int code = posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK |
                                                      POSIX_SPAWN_SETSIGDEF);
  if (code == 0) code = posix_spawnattr_setpgroup(attributes, 0);
  if (code == 0) code = posix_spawnattr_setsigmask(attributes, &none);
  return code != 0 ? code : posix_spawnattr_setsigdefault(attributes, &all);
}

/* 0 or an errno. The environment holds no token, whatever ours holds. */
static int spawn(const char *program, int socket, pid_t *process) {
  static char search[] = "PATH=/usr/bin:/bin", language[] = "LC_ALL=C", name[] = PROBE_PROGRAM;
  char *environment[] = {search, language, NULL}, *arguments[] = {name, NULL};
  posix_spawn_file_actions_t files;
  posix_spawnattr_t attributes;
  int code = posix_spawn_file_actions_init(&files);
  if (code != 0) return code;
  code = posix_spawnattr_init(&attributes);
  if (code == 0) {
    code = list_files(&files, socket);
    if (code == 0) code = list_attributes(&attributes);
    if (code == 0)
      code = posix_spawn(process, program, &files, &attributes, arguments, environment);
    (void)posix_spawnattr_destroy(&attributes); /* never fails on what was set up */
  }
  (void)posix_spawn_file_actions_destroy(&files);
  return code;
}

/* Waits until the socket has something to read. */
static enum helper_end wait_readable(int socket, int64_t deadline_ms, const atomic_bool *stop) {
  for (;;) {
    if (atomic_load(stop)) return HELPER_STOPPED;
    int64_t left_ms = deadline_ms - now_ms();
    if (left_ms <= 0) return HELPER_HUNG;
    struct pollfd watched = {.fd = socket, .events = POLLIN};
    int count = poll(&watched, 1, left_ms < STOP_LOOK_MS ? (int)left_ms : STOP_LOOK_MS);
    if (count > 0) return HELPER_ANSWERED;
    if (count < 0 && errno != EINTR) return HELPER_DIED;
  }
}

/* Reads one line and nothing behind it. */
static enum helper_end read_line(int socket, duration_ms limit_ms, const atomic_bool *stop,
                                 char line[PROBE_ANSWER_MAX]) {
  int64_t deadline_ms = now_ms() + limit_ms;
  for (size_t length = 0; length < PROBE_ANSWER_MAX - 1;) {
    enum helper_end end = wait_readable(socket, deadline_ms, stop);
    if (end != HELPER_ANSWERED) return end;
    ssize_t count = recv(socket, line + length, PROBE_ANSWER_MAX - 1 - length, MSG_DONTWAIT);
    if (count < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (count <= 0) return HELPER_DIED;
    length += (size_t)count;
    line[length] = '\0';
    size_t text = strcspn(line, "\n");
    if (text < length) return text == length - 1 ? HELPER_ANSWERED : HELPER_DIED;
  }
  return HELPER_DIED;
}

static int wait_for(pid_t process) {
  int status = 0;
  pid_t ended;
  do
    ended = waitpid(process, &status, 0);
  while (ended < 0 && errno == EINTR);
  return ended < 0 ? 0 : status; /* someone who ignores SIGCHLD has no status for us */
}

static bool ends_within(pid_t process, int limit_ms) {
  int handle = pidfd_open(process, 0);
  if (handle < 0) return false;
  struct pollfd watched = {.fd = handle, .events = POLLIN};
  int count;
  do
    count = poll(&watched, 1, limit_ms);
  while (count < 0 && errno == EINTR);
  (void)close(handle);
  return count > 0;
}

/* With whatever it has started. Not waited for yet, so the ids are still its own. */
static void kill_process(pid_t process) {
  if (kill(-process, SIGKILL) != 0) (void)kill(process, SIGKILL);
}

static int end_process(struct helper *helper, bool by_force) {
  (void)close(helper->socket); /* the end of its input: it goes */
  if (by_force || !ends_within(helper->process, GOODBYE_LIMIT_MS)) kill_process(helper->process);
  int status = wait_for(helper->process);
  *helper = (struct helper){0};
  return status;
}

int helper_stop(struct helper *helper) {
  return helper_running(helper) ? end_process(helper, false) : 0;
}

static int explain_silence(const char *program, enum helper_end end, int status,
                           struct error *error) {
  static const char remedy[] = "install nightshift and " PROBE_PROGRAM " of the same version again";
  if (end == HELPER_STOPPED) return error_set(error, ERR_BUSY, STOPPED_TEXT);
  if (end == HELPER_HUNG)
    return error_set(error, ERR_IO, "the helper program %.400s says nothing; %s", program, remedy);
  if (WIFSIGNALED(status))
    return error_set(error, ERR_IO,
                     "the helper program %.400s ended by signal %d as it started; %s", program,
                     WTERMSIG(status), remedy);
  return error_set(error, ERR_IO,
                   "the helper program %.400s ended with status %d as it started; %s", program,
                   WEXITSTATUS(status), remedy);
}

static int await_greeting(struct helper *helper, const char *program, const atomic_bool *stop,
                          struct error *error) {
  char line[PROBE_ANSWER_MAX] = "";
  enum helper_end end = read_line(helper->socket, GREETING_LIMIT_MS, stop, line);
  if (end == HELPER_ANSWERED && strcmp(line, PROBE_GREETING) == 0) return 0;
  if (end == HELPER_ANSWERED) {
    (void)end_process(helper, true);
    return error_set(error, ERR_IO,
                     "%.512s is not the helper program of this version; install " PROBE_PROGRAM
                     " beside nightshift again",
                     program);
  }
  /* One that has closed its output is on its way out: its status tells why. */
  int status = end_process(helper, end != HELPER_DIED);
  return explain_silence(program, end, status, error);
}

int helper_start(struct helper *helper, const char *program, const atomic_bool *stop,
                 struct error *error) {
  int pair[2];
  *helper = (struct helper){0};
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
    return error_set(error, ERR_IO, "no socket for the helper program: %s", strerror(errno));
  int code = spawn(program, pair[1], &helper->process);
  (void)close(pair[1]); /* the child has its own */
  if (code != 0) {
    (void)close(pair[0]);
    *helper = (struct helper){0};
    return error_set(error, ERR_IO, "the helper program %.512s cannot be started: %s", program,
                     strerror(code));
  }
  helper->socket = pair[0];
  return await_greeting(helper, program, stop, error);
}

static bool send_clip(int socket, int clip) {
  union {
    struct cmsghdr aligned;
    char bytes[CMSG_SPACE(sizeof(int))];
  } control;
  char request[] = PROBE_REQUEST;
  struct iovec part = {.iov_base = request, .iov_len = sizeof request - 1};
  struct msghdr message = {.msg_iov = &part,
                           .msg_iovlen = 1,
                           .msg_control = memset(&control, 0, sizeof control),
                           .msg_controllen = sizeof control.bytes};
  struct cmsghdr *header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(sizeof clip);
  memcpy(CMSG_DATA(header), &clip, sizeof clip);
  ssize_t count;
  do
    count = sendmsg(socket, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
  while (count < 0 && errno == EINTR);
  return count == (ssize_t)part.iov_len;
}

enum helper_end helper_ask(struct helper *helper, int clip, duration_ms limit_ms,
                           const atomic_bool *stop, char answer[PROBE_ANSWER_MAX]) {
  enum helper_end end = send_clip(helper->socket, clip)
                            ? read_line(helper->socket, limit_ms, stop, answer)
                            : HELPER_DIED;
  if (end != HELPER_ANSWERED) (void)end_process(helper, true);
  return end;
}
