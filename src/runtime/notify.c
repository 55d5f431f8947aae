#include "runtime/notify.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "util/check.h"
#include "util/text.h"

/* A name that begins with @ is one without a file. */
static bool find_address(struct sockaddr_un *address, socklen_t *length) {
  const char *name = getenv("NOTIFY_SOCKET");
  *address = (struct sockaddr_un){.sun_family = AF_UNIX};
  if (name == NULL || (name[0] != '/' && name[0] != '@') ||
      strlen(name) >= sizeof address->sun_path)
    return false;
  memcpy(address->sun_path, name, strlen(name));
  if (name[0] == '@') address->sun_path[0] = '\0';
  *length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(name));
  return true;
}

/* A manager that does not listen is no matter of the run's. */
static void tell(const char *text) {
  struct sockaddr_un address;
  socklen_t length;
  if (!find_address(&address, &length)) return;
  int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return;
  (void)sendto(fd, text, strlen(text), MSG_NOSIGNAL | MSG_DONTWAIT,
               (const struct sockaddr *)(const void *)&address, length);
  (void)close(fd);
}

static void on_watchdog(uv_timer_t *timer) {
  (void)timer;
  tell("WATCHDOG=1");
}

/* Half of the time that the manager gives, as sd_watchdog_enabled(3) advises; 0: it does not watch.
 */
static uint64_t watchdog_ms(void) {
  const char *time = getenv("WATCHDOG_USEC"), *process = getenv("WATCHDOG_PID");
  int64_t usec, pid;
  if (time == NULL || !text_to_int64(time, 2000, INT64_MAX, &usec)) return 0;
  if (process != NULL && (!text_to_int64(process, 1, INT64_MAX, &pid) || pid != (int64_t)getpid()))
    return 0;
  return (uint64_t)usec / 2000;
}

void notify_ready(struct run *run) {
  uint64_t every_ms = run->watchdog_begun ? 0 : watchdog_ms();
  tell("READY=1");
  if (every_ms == 0) return;
  run->watchdog_begun = true;
  CHECK(uv_timer_init(&run->loop, &run->watchdog) == 0);
  CHECK(uv_timer_start(&run->watchdog, on_watchdog, every_ms, every_ms) == 0);
}

void notify_reloading(struct run *run) {
  struct timespec now;
  char text[80];
  (void)run;
  CHECK(clock_gettime(CLOCK_MONOTONIC, &now) == 0);
  snprintf(text, sizeof text, "RELOADING=1\nMONOTONIC_USEC=%lld",
           (long long)now.tv_sec * 1000000 + now.tv_nsec / 1000);
  tell(text);
}

void notify_stopping(struct run *run) {
  (void)run;
  tell("STOPPING=1");
}

void notify_status(struct run *run) {
  struct core_counts counts = core_count(run->core, 0);
  int64_t ended = 0, at_work = counts.by_state[JOB_SUBMITTING] + counts.by_state[JOB_RUNNING];
  char text[120];
  for (int state = 0; state < JOB_STATE_COUNT; state++)
    if (job_state_ended((enum job_state)state)) ended += counts.by_state[state];
  snprintf(text, sizeof text, "STATUS=%lld of %lld ended, %lld at work", (long long)ended,
           (long long)counts.jobs, (long long)at_work);
  tell(text);
}
