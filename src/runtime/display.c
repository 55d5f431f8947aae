#include "runtime/display.h"

#include <stdlib.h>

#include "util/buffer.h"
#include "util/check.h"

#define GAP_MS          1000 /* real: between drawings */
#define BLOCK_BYTES_MAX ((size_t)256 * 1024)

struct display {
  struct run *run;
  bool shows; /* else only what waits is seen to */
  uv_timer_t later;
  uint64_t drawn; /* uv_now of the last drawing */
  struct buffer lines;
  uv_poll_t room;
  bool room_begun, room_watched;
  int handles; /* not closed yet */
};

static void draw(struct display *display, bool again) {
  struct run *run = display->run;
  size_t count = core_account_count(run->core), width, height;
  time_ms now = clock_now(&run->clock);
  struct core_account_view *accounts = calloc(count + 1, sizeof *accounts);
  CHECK(accounts != NULL && "out of memory");
  for (size_t i = 0; i < count; i++)
    accounts[i] = core_account_at(run->core, (account_index)i, now);
  struct live_view view = {.accounts = accounts,
                           .account_count = count,
                           .counts = core_count(run->core, 0),
                           .per_hour = core_per_hour(run->core, now),
                           .eta = core_eta(run->core, now),
                           .stopping = run->interrupted};
  log_sink_size(run->options->log, &width, &height);
  buffer_clear(&display->lines);
  live_block(&view, width, height, now, log_sink_is_colored(run->options->log), &display->lines);
  log_sink_show(run->options->log, buffer_string(&display->lines), again);
  free(accounts);
  display->drawn = uv_now(&run->loop);
  (void)uv_timer_stop(&display->later);
  display_on_log(run);
}

static void on_later(uv_timer_t *timer) {
  draw(timer->data, false);
}

void display_start(struct run *run) {
  struct display *display = calloc(1, sizeof *display);
  CHECK(display != NULL && "out of memory");
  display->run = run;
  display->shows = log_sink_can_show(run->options->log);
  buffer_init(&display->lines, BLOCK_BYTES_MAX);
  CHECK(uv_timer_init(&run->loop, &display->later) == 0);
  display->later.data = display->room.data = display;
  display->handles = 1;
  run->display = display;
  if (display->shows) draw(display, false);
}

void display_touch(struct run *run) {
  struct display *display = run->display;
  if (display == NULL || !display->shows || uv_is_active((uv_handle_t *)&display->later)) return;
  uint64_t next = display->drawn + GAP_MS, now = uv_now(&run->loop);
  if (now >= next)
    draw(display, false);
  else
    CHECK(uv_timer_start(&display->later, on_later, next - now, 0) == 0);
}

void display_resized(struct run *run) {
  if (run->display != NULL && run->display->shows) draw(run->display, true);
}

void display_continued(struct run *run) {
  if (run->display == NULL || !run->display->shows) return;
  log_sink_forget_shown(run->options->log);
  draw(run->display, true);
}

/* ---- a terminal or pipe that takes no more for a while ---- */

static void on_room(uv_poll_t *handle, int status, int events) {
  struct display *display = handle->data;
  (void)events;
  if (status == 0) log_sink_flush(display->run->options->log);
  if (status == 0 && log_sink_waiting_fd(display->run->options->log) >= 0) return;
  (void)uv_poll_stop(handle);
  display->room_watched = false;
}

void display_on_log(struct run *run) {
  struct display *display = run->display;
  int fd = display == NULL ? -1 : log_sink_waiting_fd(run->options->log);
  if (fd < 0 || display->room_watched) return;
  if (!display->room_begun && uv_poll_init(&run->loop, &display->room, fd) != 0) return;
  if (!display->room_begun) display->handles++;
  display->room_begun = true;
  display->room_watched = uv_poll_start(&display->room, UV_WRITABLE, on_room) == 0;
}

/* ---- the end ---- */

static void on_closed(uv_handle_t *handle) {
  struct display *display = handle->data;
  if (--display->handles > 0) return;
  buffer_release(&display->lines);
  free(display);
}

void display_stop(struct run *run) {
  struct display *display = run->display;
  if (display == NULL) return;
  run->display = NULL;
  log_sink_show(run->options->log, "", false);
  uv_close((uv_handle_t *)&display->later, on_closed);
  if (display->room_begun) uv_close((uv_handle_t *)&display->room, on_closed);
}
