#include "runtime/serve.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

#include "runtime/metrics.h"
#include "util/check.h"

#define SECRET_BYTES 16

struct serve {
  struct web *web;
  char secret[2 * SECRET_BYTES + 1];
  char reply_url[1025]; /* service.md: at most 1,024 characters */
};

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

static void draw_secret(char *secret) {
  unsigned char bytes[SECRET_BYTES];
  CHECK(getrandom(bytes, sizeof bytes, 0) == (ssize_t)sizeof bytes);
  for (size_t i = 0; i < sizeof bytes; i++)
    snprintf(secret + 2 * i, 3, "%02x", bytes[i]);
}

static int make_url(struct serve *serve, const char *public_url, struct error *error) {
  if (public_url[0] == '\0') return 0;
  draw_secret(serve->secret);
  int length = snprintf(serve->reply_url, sizeof serve->reply_url, "%s/callback/%s", public_url,
                        serve->secret);
  if (length < (int)sizeof serve->reply_url) return 0;
  return error_set(error, ERR_USAGE,
                   "public_url: the service takes addresses of 1,024 characters "
                   "at most, and ours are added to it");
}

int serve_begin(struct run *run, struct error *error) {
  const struct run_options *options = run->options;
  if (options->listen[0] == '\0') return 0;
  struct serve *serve = run->serve = calloc(1, sizeof *serve);
  CHECK(serve != NULL && "out of memory");
  int result = make_url(serve, options->public_url, error);
  if (result != 0) return result;
  const struct web_options web = {.listen = options->listen,
                                  .public_url = options->public_url,
                                  .secret = serve->secret[0] == '\0' ? NULL : serve->secret,
                                  .body_most = WIRE_CALLBACK_MAX,
                                  .on_callback = on_callback,
                                  .unready = unready,
                                  .metrics = write_metrics,
                                  .metrics_most = METRICS_BYTES_MAX,
                                  .context = run};
  result = web_start(&serve->web, &run->loop, &web, error);
  if (result == 0) run_tell(run, LOG_INFO, LOG_RUN_LISTENING, "address", web_address(serve->web));
  return result;
}

const char *serve_reply_url(const struct run *run) {
  return run->serve == NULL || run->serve->reply_url[0] == '\0' ? NULL : run->serve->reply_url;
}

struct web_figures serve_figures(const struct run *run) {
  bool serving = run->serve != NULL && run->serve->web != NULL;
  return serving ? web_figures(run->serve->web) : (struct web_figures){0};
}

void serve_end(struct run *run) {
  if (run->serve == NULL) return;
  web_stop(run->serve->web);
  free(run->serve);
  run->serve = NULL;
}
