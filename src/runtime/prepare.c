#include "runtime/prepare.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/display.h"
#include "runtime/hooks.h"
#include "runtime/reload.h"
#include "runtime/serve.h"
#include "util/check.h"

#define CONNECT_TIMEOUT_MS 15000
#define LEAST_TIMEOUT_MS   5000 /* contract, --speed: network timeouts scale to no less */
#define PAUSE_FIRST_MS     2000
#define PAUSE_MOST_MS      30000
#define GRACE_FETCHES_MS   8000  /* real time that downloads may go on after a signal */
#define GRACE_ALL_MS       10000 /* contract: requests under way may finish, 10 s at most */

#define CUT_SHORT "requests were still under way; the next run finds out what became of them"

/* ---- signals ---- */

static void grace_is_over(uv_timer_t *timer) {
  struct run *run = timer->data;
  run_tell(run, LOG_WARN, LOG_RUN_STOPPING, "why",
           "requests were still under way after 10 s; the next run finds out what became of them");
  run_end(run, 3, CUT_SHORT);
}

static void stop_fetches(uv_timer_t *timer) {
  struct run *run = timer->data;
  http_stop_fetches(run->http);
  if (uv_timer_start(timer, grace_is_over, GRACE_ALL_MS - GRACE_FETCHES_MS, 0) != 0)
    run_end(run, 3, CUT_SHORT);
}

/* The second signal: everything of worth is on disk. */
static void leave_at_once(struct run *run) {
  run_end(run, 3, "a second signal; the next run finds out what became of requests under way");
  run_log_last(run);
  _exit(3);
}

static void stop(struct run *run, const char *name) {
  if (run->ended) {
    run->interrupted = true;
    hooks_give_up(run);
    return;
  }
  if (run->interrupted) leave_at_once(run);
  run->interrupted = true;
  if (run->core == NULL) {
    uv_stop(&run->loop);
    return;
  }
  struct event event = {.kind = EVENT_STOP, .text = name};
  if (uv_timer_start(&run->grace, stop_fetches, GRACE_FETCHES_MS, 0) != 0)
    run_end(run, 3, CUT_SHORT);
  run_feed(run, &event);
}

static void hang_up(struct run *run) {
  struct error error = {0};
  if (log_sink_reopen(run->options->log, &error) != 0)
    run_tell(run, LOG_WARN, LOG_CONFIG_REFUSED, "why", error.text);
  reload_ask(run);
}

static void on_signal(uv_signal_t *handle, int number) {
  struct run *run = handle->data;
  switch (number) {
  case SIGHUP:
    hang_up(run);
    return;
  case SIGUSR1: {
    struct event event = {.kind = EVENT_STATUS};
    run_feed(run, &event);
    return;
  }
  case SIGWINCH:
    display_resized(run);
    return;
  case SIGCONT:
    display_continued(run);
    return;
  default:
    stop(run, number == SIGINT ? "SIGINT" : "SIGTERM");
  }
}

static int listen_for_signals(struct run *run) {
  static const int numbers[] = {SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGWINCH, SIGCONT};
  for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
    uv_signal_t *handle = &run->signals[i];
    if (uv_signal_init(&run->loop, handle) != 0) return -1;
    handle->data = run;
    run->signal_count++;
    if (uv_signal_start(handle, on_signal, numbers[i]) != 0) return -1;
    uv_unref((uv_handle_t *)handle);
  }
  return 0;
}

int prepare_loop_aside(struct run *run, struct error *error) {
  if (uv_loop_init(&run->loop) != 0)
    return error_set(error, ERR_IO, "the event loop cannot be opened");
  run->open_handles = true;
  if (uv_timer_init(&run->loop, &run->retry_commit) != 0 ||
      uv_timer_init(&run->loop, &run->grace) != 0)
    return error_set(error, ERR_IO, "the event loop has no room");
  run->retry_commit.data = run->grace.data = run;
  return 0;
}

int prepare_loop(struct run *run, struct error *error) {
  int result = prepare_loop_aside(run, error);
  if (result == 0 && listen_for_signals(run) != 0)
    return error_set(error, ERR_IO, "signals cannot be listened for");
  return result;
}

static void close_handle(uv_handle_t *handle, void *context) {
  (void)context;
  if (!uv_is_closing(handle)) uv_close(handle, NULL);
}

void prepare_close(struct run *run) {
  if (run->http != NULL) http_free(run->http);
  run->http = NULL;
  if (!run->open_handles) return;
  serve_end(run);
  uv_walk(&run->loop, close_handle, NULL);
  while (uv_run(&run->loop, UV_RUN_DEFAULT) != 0)
    continue;
  CHECK(uv_loop_close(&run->loop) == 0);
  run->open_handles = false;
}

/* ---- the state, read only ---- */

int prepare_state(struct run *run, struct store **store, struct error *error) {
  struct store_snapshot snapshot = {0};
  *store = NULL;
  int result = store_open(store, run->options->state, STORE_READ, error);
  if (result == ERR_NOT_FOUND) return 0;
  if (result != 0) return result;
  result = state_read(*store, &snapshot, error);
  if (result != 0) return result;
  clock_not_before(&run->clock, snapshot.latest);
  intake_know(&run->intake, &snapshot);
  return 0;
}

/* ---- asking the service ---- */

static duration_ms scaled(duration_ms real, double speed, duration_ms least) {
  duration_ms value = (duration_ms)((double)real / speed);
  return value < least ? least : value;
}

int prepare_http(struct run *run, struct error *error) {
  const struct config *config = run->options->config;
  struct http_options options = {
      .api_url = run->options->api_url,
      .tokens = config->tokens,
      .token_count = config->token_count,
      .connect_timeout = scaled(CONNECT_TIMEOUT_MS, run->options->speed, LEAST_TIMEOUT_MS),
      .timeout = scaled(config->timeout, run->options->speed, LEAST_TIMEOUT_MS),
      .user_agent = "nightshift/" NIGHTSHIFT_VERSION,
      .mask = run->options->mask};
  return http_new(&run->http, &run->loop, &options, error);
}

static void wake(uv_timer_t *timer) {
  uv_stop(timer->loop);
}

static void wait_ms(struct run *run, duration_ms real_ms) {
  if (uv_timer_start(&run->grace, wake, (uint64_t)real_ms, 0) != 0) return;
  (void)uv_run(&run->loop, UV_RUN_DEFAULT);
  (void)uv_timer_stop(&run->grace);
}

static void tell_away(struct run *run, const struct reach *reach, duration_ms pause) {
  struct log_line line = {
      .time = clock_now(&run->clock), .level = LOG_WARN, .event = LOG_API_ERROR};
  log_text(&line, "call", "accounts");
  log_text(&line, "error", reach->trouble == NULL ? "no answer" : reach->trouble);
  log_number(&line, "wait_ms", pause);
  run_log(run, &line);
}

/* Contract: a session that is broken for under an hour is waited for. *since: TIME_NEVER, it was
 * not broken before. */
static bool broken_too_long(const struct run *run, const struct reach *reach, time_ms *since) {
  time_ms now = clock_now(&run->clock);
  if (!reach->broken)
    *since = TIME_NEVER;
  else if (*since == TIME_NEVER)
    *since = now;
  return reach->broken && now - *since >= HOUR_MS;
}

/* Asks until the service answers, when patient. */
static int ask(struct run *run, bool patient, struct reach *reach) {
  duration_ms pause = PAUSE_FIRST_MS;
  time_ms broken_since = TIME_NEVER;
  for (;;) {
    int result = preflight(run, reach, run->intake.diags);
    if (result != ERR_IO || !patient || diag_error_count(run->intake.diags) > 0) return result;
    if (broken_too_long(run, reach, &broken_since)) return ERR_LIMIT;
    tell_away(run, reach, pause);
    wait_ms(run, scaled(pause, run->options->speed, 50));
    if (run->interrupted) return ERR_BUSY;
    reach_release(reach);
    pause = pause * 2 > PAUSE_MOST_MS ? PAUSE_MOST_MS : pause * 2;
  }
}

/* ---- clips ---- */

struct examination {
  struct run *run;
  const struct prepare_wishes *wishes;
  struct store *clips;
  int result;
  struct error error;
};

static bool recall(void *context, const char *path, int64_t size_bytes, int64_t mtime_ns,
                   struct clip *clip) {
  const struct examination *work = context;
  const struct prepare_wishes *wishes = work->wishes;
  if (wishes->recall != NULL)
    return wishes->recall(wishes->recall_context, path, size_bytes, mtime_ns, clip);
  return intake_recall(&work->run->intake, path, size_bytes, mtime_ns, clip);
}

static void show_progress(void *context, size_t done, size_t total) {
  struct examination *work = context;
  if (work->run->options->quiet || total < 50 || !isatty(STDERR_FILENO)) return;
  fprintf(stderr, "\rlooking at clips: %zu of %zu%s", done, total, done == total ? "\n" : "");
}

static void examine_in_thread(uv_work_t *work) {
  struct examination *examination = work->data;
  struct media_options options = {.probe_path = examination->run->options->probe_path,
                                  .on_progress = show_progress,
                                  .recall = recall,
                                  .context = examination,
                                  .cancelled = (const bool *)&examination->run->interrupted};
  examination->result =
      intake_examine(&examination->run->intake, examination->clips, &options, &examination->error);
}

static void examined(uv_work_t *work, int status) {
  (void)status;
  uv_stop(work->loop);
  work->data = NULL;
}

/* On a thread, so that a signal is heard meanwhile. */
static int examine(struct run *run, const struct prepare_wishes *wishes, struct error *error) {
  struct examination examination = {.run = run, .wishes = wishes, .clips = wishes->clips};
  uv_work_t work = {.data = &examination};
  CHECK(uv_queue_work(&run->loop, &work, examine_in_thread, examined) == 0);
  while (work.data != NULL)
    (void)uv_run(&run->loop, UV_RUN_DEFAULT);
  *error = examination.error;
  return examination.result;
}

/* ---- all of it ---- */

/* Where a person is told of mistakes. */
static FILE *told(const struct run *run) {
  return run->told != NULL ? run->told : stderr;
}

static int complain(const struct run *run, const char *text, int status) {
  report_complain(told(run), "%s", text);
  return status;
}

static int no_token(const struct run *run) {
  return complain(run, "no token: set USEAPI_TOKEN, or name one in the config file (api: token)",
                  2);
}

/* The exit status for a service that could not be asked; 0: go on. */
static int judge_reach(struct run *run, int result, const struct reach *reach, bool *reached) {
  char text[600];
  *reached = result == 0 || result == ERR_USAGE;
  if (result == ERR_BUSY || run->interrupted) return 3;
  if (result != ERR_LIMIT) return 0;
  snprintf(text, sizeof text, "no usable account or token: %s",
           reach->trouble != NULL ? reach->trouble
                                  : "the token reaches no account; link one at useapi.net");
  return complain(run, text, 4);
}

/* What the run keeps when the files are forgotten again. */
static void remember_batches(struct run *run) {
  struct intake *intake = &run->intake;
  run->batch_keys = ARENA_NEW_ARRAY(&run->arena, intake->batch_count + 1, const char *);
  run->batch_directories = ARENA_NEW_ARRAY(&run->arena, intake->batch_count + 1, const char *);
  for (size_t i = 0; i < intake->batch_count; i++) {
    const struct batch *batch = &intake->batches[i].batch;
    if (!intake->batches[i].read) continue;
    run->batch_keys[run->batch_count] = arena_string(&run->arena, batch->key);
    run->batch_directories[run->batch_count++] = arena_string(&run->arena, batch->directory);
  }
}

static int examine_and_tell(struct run *run, const struct prepare_wishes *wishes) {
  struct error error = {0};
  int result = examine(run, wishes, &error);
  if (run->interrupted) return 3;
  diag_print(run->intake.diags, told(run));
  if (result != 0) return complain(run, error.text, result == ERR_NOMEM ? 70 : 4);
  return diag_error_count(run->intake.diags) > 0 ? 2 : 0;
}

int prepare(struct run *run, const struct prepare_wishes *wishes, struct reach *reach,
            bool *reached) {
  const struct run_options *options = run->options;
  struct error error = {0};
  int status = 0;
  *reached = false;
  intake_read(&run->intake, options->batch_paths, options->batch_count,
              options->allow_absolute_output);
  if (options->config_failed) { /* without a config nobody can be asked */
    intake_resolve(&run->intake, NULL);
    (void)examine_and_tell(run, wishes);
    return 2;
  }
  if (wishes->patient) remember_batches(run);
  if (wishes->patient && intake_is_done(&run->intake)) {
    intake_resolve(&run->intake, NULL);
    return examine_and_tell(run, wishes);
  }
  bool has_token = run->options->config->token_count > 0;
  if (has_token && prepare_http(run, &error) != 0) {
    diag_print(run->intake.diags, told(run));
    return complain(run, error.text, 2);
  }
  if (has_token) status = judge_reach(run, ask(run, wishes->patient, reach), reach, reached);
  if (status == 3) return status;
  intake_resolve(&run->intake, *reached ? reach : NULL);
  int told = examine_and_tell(run, wishes);
  if (told != 0) return told;
  if (!has_token && wishes->patient) return no_token(run);
  return status;
}
