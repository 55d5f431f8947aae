/* A run at work and the orders that a person gives it meanwhile: poked, it has the open requests
 * read on the thread of the state and feeds each to the core once. A shared state's orders may come
 * from another machine: it is looked at every second, which also shows that we are there. */
#include <stdio.h>
#include <stdlib.h>

#include "runtime/control.h"
#include "runtime/poke.h"
#include "runtime/run.h"
#include "util/check.h"

#define LOOK_MS 1000 /* real */

struct control_live {
  struct poke poke;
  uv_poll_t handle;
  bool watched; /* the handle is the loop's */
  uv_timer_t timer;
  bool timed;  /* the timer is the loop's */
  int64_t fed; /* highest request given to the core: its answer may not be written yet */
};

static void on_poked(uv_poll_t *handle, int status, int events) {
  struct run *run = handle->data;
  (void)events;
  if (status != 0) return;
  poke_drain(&run->live->poke);
  store_worker_look(run->worker);
}

static void on_time(uv_timer_t *timer) {
  struct run *run = timer->data;
  store_worker_look(run->worker);
}

static int open_timer(struct run *run, struct error *error) {
  struct control_live *live = run->live;
  live->timer.data = run;
  live->timed = uv_timer_init(&run->loop, &live->timer) == 0;
  if (live->timed && uv_timer_start(&live->timer, on_time, LOOK_MS, LOOK_MS) == 0) return 0;
  return error_set(error, ERR_IO, "the event loop has no room for a timer");
}

static int open_live(struct run *run, struct error *error) {
  struct control_live *live = run->live;
  if (store_is_shared(run->options->state)) return open_timer(run, error);
  int result = poke_listen(&live->poke, run->options->state, error);
  if (result != 0) return result;
  live->handle.data = run;
  live->watched = uv_poll_init(&run->loop, &live->handle, live->poke.fd) == 0;
  if (live->watched && uv_poll_start(&live->handle, UV_READABLE, on_poked) == 0) return 0;
  return error_set(error, ERR_IO, "the event loop has no room for the socket of commands");
}

void control_listen(struct run *run) {
  struct error error = {0};
  char text[900];
  run->live = calloc(1, sizeof *run->live);
  CHECK(run->live != NULL && "out of memory");
  run->live->poke.fd = run->live->poke.directory = -1;
  if (open_live(run, &error) != 0) {
    snprintf(text, sizeof text, "commands do not reach this run and wait for its end: %s",
             error.text);
    run_tell(run, LOG_WARN, LOG_BATCH_NOTICE, "why", text);
  }
  store_worker_look(run->worker); /* what was ordered before there was a socket */
}

static void feed(struct run *run, const struct request_record *request) {
  if (request->id <= run->live->fed) return;
  run->live->fed = request->id;
  struct control control = core_control_of(request);
  struct event event = {.kind = EVENT_CONTROL, .control = &control};
  run_feed(run, &event);
}

void control_on_looked(struct run *run) {
  struct store_requests requests = {0};
  struct error error = {0};
  int result;
  while (run->live != NULL && store_worker_looked(run->worker, &requests, &result, &error)) {
    /* A group that could not be written is what tells, once it can: there may be no room. */
    if (result == 0 && run->pipeline.group == NULL) pipeline_state_works(run);
    for (size_t i = 0; result == 0 && i < requests.count; i++)
      feed(run, &requests.requests[i]);
    store_requests_release(&requests); /* nothing, when it failed: commands poke again */
    if (result != 0 && store_is_shared(run->options->state))
      pipeline_state_fails(run, result, &error);
  }
}

static void on_closed(uv_handle_t *handle) {
  free(handle->data); /* there is one of the two, never both */
}

void control_close(struct run *run) {
  struct control_live *live = run->live;
  if (live == NULL) return;
  run->live = NULL;
  if (live->watched) {
    live->handle.data = live;
    uv_close((uv_handle_t *)&live->handle, on_closed);
  }
  if (live->timed) {
    live->timer.data = live;
    uv_close((uv_handle_t *)&live->timer, on_closed);
  }
  poke_close(&live->poke);
  if (!live->watched && !live->timed) free(live);
}
