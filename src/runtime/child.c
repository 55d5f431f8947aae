#include "runtime/child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "util/buffer.h"
#include "util/check.h"
#include "util/plain.h"

struct child {
  uv_poll_t ended, said;
  uv_timer_t limit;
  int handles; /* of those three, not closed yet */
  pid_t process;
  int ended_fd, said_fd, input_fd; /* input: -1 when it has none */
  bool killed;
  char text[CHILD_SAID_MAX + 1];
  size_t length;
  void (*on_end)(void *context, const struct child_end *end);
  void *context;
};

/* ---- starting ---- */

static int list_files(posix_spawn_file_actions_t *files, int input, int output) {
  int code = input >= 0
                 ? posix_spawn_file_actions_adddup2(files, input, STDIN_FILENO)
                 : posix_spawn_file_actions_addopen(files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  if (code == 0) code = posix_spawn_file_actions_adddup2(files, output, STDOUT_FILENO);
  if (code == 0) code = posix_spawn_file_actions_adddup2(files, output, STDERR_FILENO);
  return code != 0 ? code : posix_spawn_file_actions_addclosefrom_np(files, STDERR_FILENO + 1);
}

static int list_attributes(posix_spawnattr_t *attributes) {
  sigset_t none, all;
  if (sigemptyset(&none) != 0 || sigfillset(&all) != 0) return errno;
  int code = posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK |
                                                      POSIX_SPAWN_SETSIGDEF);
  if (code == 0) code = posix_spawnattr_setpgroup(attributes, 0);
  if (code == 0) code = posix_spawnattr_setsigmask(attributes, &none);
  return code != 0 ? code : posix_spawnattr_setsigdefault(attributes, &all);
}

static int spawn(const struct child_options *options, int input, int output, pid_t *process) {
  posix_spawn_file_actions_t files;
  posix_spawnattr_t attributes;
  int code = posix_spawn_file_actions_init(&files);
  if (code != 0) return code;
  code = posix_spawnattr_init(&attributes);
  if (code == 0) {
    code = list_files(&files, input, output);
    if (code == 0) code = list_attributes(&attributes);
    if (code == 0) /* the arrays are not written to */
      code = posix_spawnp(process, options->arguments[0], &files, &attributes,
                          (char *const *)(uintptr_t)options->arguments,
                          (char *const *)(uintptr_t)options->environment);
    (void)posix_spawnattr_destroy(&attributes);
  }
  (void)posix_spawn_file_actions_destroy(&files);
  return code;
}

static void close_fd(int *fd) {
  if (*fd >= 0) (void)close(*fd); /* nothing was written there that could be lost */
  *fd = -1;
}

/* What it says comes through a pipe that is never waited for; with `holds_input` another one stays
 * open at our end. */
static int open_pipes(struct child *child, const struct child_options *options, int theirs[2]) {
  int output[2], input[2];
  if (pipe2(output, O_CLOEXEC) != 0) return errno;
  child->said_fd = output[0];
  theirs[1] = output[1];
  if (fcntl(child->said_fd, F_SETFL, O_NONBLOCK) != 0) return errno;
  if (!options->holds_input) return 0;
  if (pipe2(input, O_CLOEXEC) != 0) return errno;
  theirs[0] = input[0];
  child->input_fd = input[1];
  return 0;
}

static int begin(struct child *child, const struct child_options *options) {
  int theirs[2] = {-1, -1};
  int code = open_pipes(child, options, theirs);
  if (code == 0) code = spawn(options, theirs[0], theirs[1], &child->process);
  close_fd(&theirs[0]);
  close_fd(&theirs[1]);
  if (code != 0) return code;
  child->ended_fd = pidfd_open(child->process, 0);
  return child->ended_fd < 0 ? errno : 0;
}

/* ---- while it is there ---- */

static void on_closed(uv_handle_t *handle) {
  struct child *child = handle->data;
  if (--child->handles > 0) return;
  close_fd(&child->ended_fd);
  close_fd(&child->said_fd);
  close_fd(&child->input_fd);
  free(child);
}

static void let_go(struct child *child) {
  uv_close((uv_handle_t *)&child->ended, on_closed);
  uv_close((uv_handle_t *)&child->said, on_closed);
  uv_close((uv_handle_t *)&child->limit, on_closed);
}

/* All that is there; false: there will be no more. */
static bool hear(struct child *child) {
  char bytes[4096];
  for (;;) {
    ssize_t got = read(child->said_fd, bytes, sizeof bytes);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return errno == EAGAIN;
    if (got == 0) return false;
    size_t room = CHILD_SAID_MAX - child->length, kept = (size_t)got < room ? (size_t)got : room;
    memcpy(child->text + child->length, bytes, kept);
    child->length += kept;
  }
}

static void on_said(uv_poll_t *handle, int status, int events) {
  struct child *child = handle->data;
  (void)events;
  if (status != 0 || !hear(child)) (void)uv_poll_stop(handle); /* its end tells the rest */
}

/* The first line, without what would act on a terminal. */
static void tell_said(const struct child *child, char *said) {
  struct buffer plain;
  char line[CHILD_SAID_MAX + 1];
  snprintf(line, sizeof line, "%.*s", (int)strcspn(child->text, "\r\n"), child->text);
  buffer_init(&plain, CHILD_SAID_MAX * PLAIN_CHAR_MAX);
  plain_text(&plain, line);
  snprintf(said, CHILD_SAID_MAX + 1, "%s", buffer_string(&plain));
  buffer_release(&plain);
}

static void on_ended(uv_poll_t *handle, int status, int events) {
  struct child *child = handle->data;
  siginfo_t info = {0};
  (void)status, (void)events;
  if (waitid(P_PIDFD, (id_t)child->ended_fd, &info, WEXITED | WNOHANG) != 0) CHECK(errno == ECHILD);
  if (info.si_pid == 0 && errno != ECHILD) return;
  struct child_end end = {.killed = child->killed};
  if (info.si_code == CLD_EXITED)
    end.status = info.si_status;
  else
    end.signal = info.si_status;
  (void)hear(child);
  tell_said(child, end.said);
  child->on_end(child->context, &end);
  let_go(child);
}

static void on_limit(uv_timer_t *timer) {
  struct child *child = timer->data;
  child->killed = true;
  (void)kill(-child->process, SIGKILL); /* gone already: its end is on its way */
}

static void watch(struct child *child, uv_loop_t *loop, unsigned limit_ms) {
  child->ended.data = child->said.data = child->limit.data = child;
  child->handles = 3;
  CHECK(uv_poll_init(loop, &child->ended, child->ended_fd) == 0);
  CHECK(uv_poll_init(loop, &child->said, child->said_fd) == 0);
  CHECK(uv_timer_init(loop, &child->limit) == 0);
  CHECK(uv_poll_start(&child->ended, UV_READABLE, on_ended) == 0);
  CHECK(uv_poll_start(&child->said, UV_READABLE, on_said) == 0);
  if (limit_ms > 0) child_limit(child, limit_ms);
}

int child_start(struct child **child, uv_loop_t *loop, const struct child_options *options) {
  struct child *new = calloc(1, sizeof *new);
  CHECK(new != NULL && "out of memory");
  new->ended_fd = new->said_fd = new->input_fd = -1;
  new->on_end = options->on_end;
  new->context = options->context;
  int code = begin(new, options);
  if (code != 0) {
    if (new->process > 0) { /* it cannot be watched */
      (void)kill(-new->process, SIGKILL);
      (void)waitpid(new->process, NULL, 0);
    }
    close_fd(&new->said_fd);
    close_fd(&new->input_fd);
    free(new);
    return code;
  }
  watch(new, loop, options->limit_ms);
  *child = new;
  return 0;
}

void child_limit(struct child *child, unsigned limit_ms) {
  CHECK(uv_timer_start(&child->limit, on_limit, limit_ms, 0) == 0);
}

void child_kill(struct child *child) {
  siginfo_t info;
  if (child == NULL) return;
  (void)kill(-child->process, SIGKILL);
  while (waitid(P_PIDFD, (id_t)child->ended_fd, &info, WEXITED) != 0 && errno == EINTR)
    continue;
  let_go(child);
}
