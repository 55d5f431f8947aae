/* The timers that wake the core when it wants to be: one on the clock that also counts while the
 * machine sleeps, and libuv's own for the next seconds. */
#include <errno.h>
#include <string.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "runtime/run.h"
#include "util/check.h"

#define NOT_ARMED ((time_ms)-1)
#define NEAR_NS   ((int64_t)5 * 1000000000) /* so late may a sleep of the machine make a deadline */

/* The descriptor is not read: setting the timer anew, which follows, takes back that it rang. A run
 * that has ended sets it no more. */
static void on_far_timer(uv_poll_t *handle, int status, int events) {
  struct run *run = handle->data;
  (void)events;
  CHECK(status == 0);
  if (run->ended) CHECK(uv_poll_stop(handle) == 0);
  run->armed_for = NOT_ARMED;
  struct event event = {.kind = EVENT_TICK};
  run_feed(run, &event);
}

static void on_near_timer(uv_timer_t *timer) {
  struct run *run = timer->data;
  struct event event = {.kind = EVENT_TICK};
  run->near_for = NOT_ARMED;
  run_feed(run, &event);
}

/* On the clock that also counts while the machine sleeps. */
static void set_far_timer(struct run *run, time_ms deadline, int64_t ns) {
  struct itimerspec spec = {0};
  if (deadline == run->armed_for) return;
  if (deadline != TIME_NEVER) {
    spec.it_value.tv_sec = ns / 1000000000;
    spec.it_value.tv_nsec = ns % 1000000000;
  }
  CHECK(timerfd_settime(run->timer_fd, 0, &spec, NULL) == 0);
  run->armed_for = deadline;
}

/* libuv's own, which costs no call of the system. A sleep of the machine makes it late by no more
 * than it was to wait. */
static void set_near_timer(struct run *run, time_ms deadline, int64_t ns) {
  uint64_t ms = (uint64_t)(ns + 999999) / 1000000;
  if (deadline == run->near_for) return;
  uv_update_time(&run->loop);
  CHECK(uv_timer_start(&run->near, on_near_timer, ms > 0 ? ms : 1, 0) == 0);
  run->near_for = deadline;
}

void wake_arm(struct run *run) {
  time_ms deadline = core_deadline(run->core);
  int64_t ns = deadline == TIME_NEVER ? 0 : clock_real_ns_until(&run->clock, deadline);
  if (deadline != TIME_NEVER && ns <= NEAR_NS) {
    set_near_timer(run, deadline, ns);
    /* One that has rung goes on ringing until it is set anew. */
    if (run->armed_for == NOT_ARMED) set_far_timer(run, TIME_NEVER, 0);
    return;
  }
  if (run->near_for != NOT_ARMED) (void)uv_timer_stop(&run->near);
  run->near_for = NOT_ARMED;
  set_far_timer(run, deadline, ns);
}

int wake_open(struct run *run, struct error *error) {
  run->timer_fd = timerfd_create(CLOCK_BOOTTIME, TFD_NONBLOCK | TFD_CLOEXEC);
  if (run->timer_fd < 0)
    return error_set(error, ERR_IO, "no timer can be had: %s", strerror(errno));
  run->armed_for = run->near_for = NOT_ARMED;
  run->timer.data = run->near.data = run;
  if (uv_timer_init(&run->loop, &run->near) != 0 ||
      uv_poll_init(&run->loop, &run->timer, run->timer_fd) != 0 ||
      uv_poll_start(&run->timer, UV_READABLE, on_far_timer) != 0)
    return error_set(error, ERR_IO, "the event loop has no room");
  return 0;
}

void wake_close(struct run *run) {
  uv_close((uv_handle_t *)&run->timer, NULL);
  uv_close((uv_handle_t *)&run->near, NULL);
}

void wake_free(struct run *run) {
  if (run->timer_fd > 0) (void)close(run->timer_fd);
}
