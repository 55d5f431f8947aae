/* One function per kind of action: what the core decided is carried out here, and what came of it
 * goes back as an event. Nothing is decided here. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/run.h"
#include "util/check.h"

/* One call on its way. Its strings are its own: the step that ordered it is long gone when it ends.
 */
struct flight {
  struct run *run;
  request_id request;
  struct call call;
  struct arena arena;
};

static struct flight *flight_new(struct run *run, const struct action *action) {
  struct flight *flight = calloc(1, sizeof *flight);
  CHECK(flight != NULL && "out of memory");
  flight->run = run;
  flight->request = action->request;
  arena_init(&flight->arena);
  flight->call = action->call;
  call_keep(&flight->call, &flight->arena);
  return flight;
}

static void flight_free(struct flight *flight) {
  arena_release(&flight->arena);
  free(flight);
}

static void on_reply(void *context, const struct wire_reply *reply, int64_t begun_boot_ms) {
  struct flight *flight = context;
  struct run *run = flight->run;
  struct answer answer = {0};
  measure_call(&run->measure, flight->call.kind, reply, begun_boot_ms);
  wire_decode(&flight->call, reply, clock_now(&run->clock), &flight->arena, &answer);
  struct event event = {.kind = EVENT_ANSWER,
                        .request = flight->request,
                        .begun = clock_from_boot(&run->clock, begun_boot_ms),
                        .answer = &answer};
  run_feed(run, &event);
  flight_free(flight);
}

static bool is_there(const char *path) {
  struct stat status;
  return path != NULL && lstat(path, &status) == 0;
}

/* A file that changed since it was examined would be paid for under another's identity: it is
 * refused as the service would refuse a bad one. */
static const char *clip_fault(const struct call *call, char *text, size_t size) {
  struct stat status;
  if (stat(call->path, &status) != 0) {
    snprintf(text, size, "%s cannot be read: %s", call->path, strerror(errno));
    return text;
  }
  int64_t mtime_ns = (int64_t)status.st_mtim.tv_sec * 1000000000 + status.st_mtim.tv_nsec;
  if (status.st_size == call->size_bytes && mtime_ns == call->mtime_ns) return NULL;
  snprintf(text, size, "%s has changed since it was examined: run again", call->path);
  return text;
}

/* Answers in place of the service, when asking it would be wrong. */
static void answer_ourselves(struct run *run, request_id request, enum outcome_kind outcome,
                             const char *text) {
  struct event event = {.kind = EVENT_ANSWER, .request = request, .begun = clock_now(&run->clock)};
  run_post_answer(run, &event, outcome, text);
}

/* The disk may have held it up for long. */
static bool is_too_late(struct run *run, const struct action *action) {
  return action->not_after != 0 && clock_now(&run->clock) >= action->not_after;
}

static void perform_call(struct run *run, const struct action *action) {
  char text[600];
  bool paid = action->call.kind == CALL_SUBMIT;
  if (is_too_late(run, action)) {
    answer_ourselves(run, action->request, OUTCOME_NOT_SENT, "the account's hours are over");
    return;
  }
  if (paid && !run->options->overwrite && is_there(action->path)) {
    struct event event = {.kind = EVENT_OUTPUT_TAKEN, .request = action->request};
    run_post(run, &event, action->path);
    return;
  }
  if (action->call.kind == CALL_UPLOAD && clip_fault(&action->call, text, sizeof text) != NULL) {
    answer_ourselves(run, action->request, OUTCOME_BAD_REQUEST, text);
    return;
  }
  struct flight *flight = flight_new(run, action);
  struct wire_request request = {0};
  wire_encode(&flight->call, &flight->arena, &request);
  http_send(run->http, flight->call.token, &request, paid, on_reply, flight);
}

/* ---- results ---- */

/* The directory of the batch that a result belongs to, which it may not leave: the nearest one.
 * NULL for one elsewhere, which somebody has allowed. */
static const char *base_of(const struct run *run, const char *path) {
  const char *nearest = NULL;
  size_t longest = 0;
  for (size_t i = 0; i < run->batch_count; i++) {
    const char *directory = run->batch_directories[i];
    size_t size = strlen(directory);
    if (size <= longest || strncmp(directory, path, size) != 0 || path[size] != '/') continue;
    longest = size;
    nearest = directory;
  }
  return nearest;
}

struct landing {
  uv_work_t work;
  struct run *run;
  request_id request;
  const char *base; /* the run's */
  char *path;
  int64_t bytes, inode;
  bool overwrite;
  enum publish_result result;
  char kept[4096];
  struct error error;
};

static struct landing *landing_new(struct run *run, const struct action *action) {
  struct landing *landing = calloc(1, sizeof *landing);
  CHECK(landing != NULL && "out of memory");
  landing->run = run;
  landing->request = action->request;
  landing->base = base_of(run, action->path);
  landing->path = strdup(action->path);
  CHECK(landing->path != NULL && "out of memory");
  landing->bytes = action->bytes;
  landing->inode = action->inode;
  landing->overwrite = run->options->overwrite;
  landing->work.data = landing;
  return landing;
}

static void landing_free(struct landing *landing) {
  free(landing->path);
  free(landing);
}

static void on_fetched(void *context, const struct http_fetch_done *done) {
  struct landing *landing = context;
  struct event event = {.kind = EVENT_FETCHED,
                        .request = landing->request,
                        .fetch = done->result,
                        .bytes = done->bytes,
                        .inode = done->inode,
                        .text = done->text};
  run_feed(landing->run, &event);
  landing_free(landing);
}

static void perform_fetch(struct run *run, const struct action *action) {
  struct landing *landing = landing_new(run, action);
  http_fetch(run->http, action->url, landing->base, action->path, action->bytes, on_fetched,
             landing);
}

static void publish_in_thread(uv_work_t *work) {
  struct landing *landing = work->data;
  landing->result =
      http_publish(landing->base, landing->path, landing->bytes, landing->inode, landing->overwrite,
                   landing->kept, sizeof landing->kept, &landing->error);
}

static void on_published(uv_work_t *work, int status) {
  struct landing *landing = work->data;
  if (status != 0) landing->result = PUBLISH_FAILED;
  struct event event = {.kind = EVENT_PUBLISHED,
                        .request = landing->request,
                        .publish = landing->result,
                        .path = landing->kept,
                        .text = landing->error.text};
  run_feed(landing->run, &event);
  landing_free(landing);
}

static void perform_publish(struct run *run, const struct action *action) {
  struct landing *landing = landing_new(run, action);
  int queued = uv_queue_work(&run->loop, &landing->work, publish_in_thread, on_published);
  CHECK(queued == 0);
}

void perform(struct run *run, const struct core_output *output) {
  for (size_t i = 0; i < output->action_count; i++) {
    const struct action *action = &output->actions[i];
    switch (action->kind) {
    case ACTION_CALL:
      perform_call(run, action);
      break;
    case ACTION_FETCH:
      perform_fetch(run, action);
      break;
    case ACTION_PUBLISH:
      perform_publish(run, action);
      break;
    case ACTION_DISCARD:
      http_discard(base_of(run, action->path), action->path);
      break;
    case ACTION_LOG:
      run_log(run, &action->line);
      break;
    case ACTION_END:
      run_end(run, action->exit_status, NULL); /* told by the core */
      break;
    }
  }
}
