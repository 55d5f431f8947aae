#include "runtime/serve.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include "runtime/metrics.h"
#include "util/check.h"

static const char *unready(void *context) {
  const struct run *run = context;
  if (run->ended || run->interrupted) return "the run is ending";
  if (run->core == NULL) return "the run is being prepared";
  return run->pipeline.failing ? "the state cannot be written" : NULL;
}

/* Nothing of it is believed: core.h, EVENT_CALLBACK. */
static void on_callback(void *context, const char *body, size_t body_bytes) {
  struct run *run = context;
  struct task_view said;
  struct arena arena;
  arena_init(&arena);
  if (wire_read_callback(body, body_bytes, &arena, &said)) {
    struct event event = {.kind = EVENT_CALLBACK, .said = &said};
    run_feed(run, &event);
  } else {
    run->measure.unreadable++;
  }
  arena_release(&arena);
}

static void write_metrics(void *context, bool openmetrics, struct buffer *out) {
  metrics_write(context, openmetrics ? METRIC_OPEN : METRIC_TEXT, out);
}

static int make_url(struct serve *serve, const char *public_url, struct error *error) {
  if (public_url[0] == '\0') return 0;
  serve_draw_secret(serve->secret);
  int length = snprintf(serve->reply_url, sizeof serve->reply_url, "%s/callback/%s", public_url,
                        serve->secret);
  if (length < (int)sizeof serve->reply_url) return 0;
  return error_set(error, ERR_USAGE,
                   "public_url: the service takes addresses of 1,024 characters "
                   "at most, and ours are added to it");
}

/* Without a token the page is only read, and only from this machine: the run goes on. */
static void find_token(struct run *run, char *path, size_t size) {
  struct error error = {0};
  char text[sizeof error.text + 80];
  if (serve_read_token(run->options->state, path, size, run->serve->token, &error) == 0) return;
  path[0] = '\0';
  snprintf(text, sizeof text, "the page takes no orders, and shows nothing elsewhere: %s",
           error.text);
  run_tell(run, LOG_WARN, LOG_RUN_LISTENING, "why", text);
}

static int open_timers(struct run *run, struct error *error) {
  struct serve *serve = run->serve;
  serve->later.data = serve->patience.data = run;
  if (uv_timer_init(&run->loop, &serve->later) != 0 ||
      uv_timer_init(&run->loop, &serve->patience) != 0)
    return error_set(error, ERR_IO, "the event loop has no room for the page");
  serve->timers = 2;
  return 0;
}

static void tell_listening(struct run *run, const char *token_path) {
  struct log_line line = {
      .time = clock_now(&run->clock), .level = LOG_INFO, .event = LOG_RUN_LISTENING};
  log_text(&line, "address", web_address(run->serve->web));
  log_text(&line, "token_file", token_path[0] == '\0' ? NULL : token_path);
  run_log(run, &line);
}

int serve_begin(struct run *run, struct error *error) {
  const struct run_options *options = run->options;
  char token_path[PATH_MAX] = "";
  if (options->listen[0] == '\0') return 0;
  struct serve *serve = run->serve = calloc(1, sizeof *serve);
  CHECK(serve != NULL && "out of memory");
  serve->board = board_new();
  int result = make_url(serve, options->public_url, error);
  if (result == 0) result = open_timers(run, error);
  if (result != 0) return result;
  find_token(run, token_path, sizeof token_path);
  const struct web_options web = {.listen = options->listen,
                                  .public_url = options->public_url,
                                  .page_url = run->config->page_url,
                                  .secret = serve->secret[0] == '\0' ? NULL : serve->secret,
                                  .token = serve->token[0] == '\0' ? NULL : serve->token,
                                  .body_most = WIRE_CALLBACK_MAX,
                                  .on_callback = on_callback,
                                  .unready = unready,
                                  .metrics = write_metrics,
                                  .metrics_most = METRICS_BYTES_MAX,
                                  .on_watcher = serve_on_watcher,
                                  .next = serve_next,
                                  .on_order = serve_on_order,
                                  .on_job = serve_on_job,
                                  .context = run};
  result = web_start(&serve->web, &run->loop, &web, error);
  if (result == 0) tell_listening(run, token_path);
  return result;
}

const char *serve_reply_url(const struct run *run) {
  return run->serve == NULL || run->serve->reply_url[0] == '\0' ? NULL : run->serve->reply_url;
}

struct web_figures serve_figures(const struct run *run) {
  bool serving = run->serve != NULL && run->serve->web != NULL;
  return serving ? web_figures(run->serve->web) : (struct web_figures){0};
}

/* The timers' memory goes when the loop has let go of both. */
static void on_closed(uv_handle_t *handle) {
  struct serve *serve = handle->data;
  if (--serve->timers == 0) free(serve);
}

void serve_end(struct run *run) {
  struct serve *serve = run->serve;
  if (serve == NULL) return;
  run->serve = NULL;
  web_stop(serve->web);
  board_free(serve->board);
  serve->board = NULL;
  serve->later.data = serve->patience.data = serve;
  if (serve->timers == 0) {
    free(serve);
    return;
  }
  uv_close((uv_handle_t *)&serve->later, on_closed);
  uv_close((uv_handle_t *)&serve->patience, on_closed);
}
