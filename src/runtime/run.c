/* `run`: the loop from the first step to the last. */
#include <errno.h>
#include <limits.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/control.h"
#include "runtime/display.h"
#include "runtime/hooks.h"
#include "runtime/hours.h"
#include "runtime/inhibit.h"
#include "runtime/notify.h"
#include "runtime/poke.h"
#include "runtime/prepare.h"
#include "runtime/reload.h"
#include "runtime/serve.h"
#include "runtime/summary.h"
#include "runtime/voices.h"
#include "util/check.h"

#define LOCK_TRIES    20 /* of a tenth of a second each */
#define LOCK_PAUSE_NS 100000000

/* ---- events ---- */

void run_end(struct run *run, int exit_status, const char *why) {
  if (run->ended) return;
  run->end_why = why;
  run->ended = true;
  run->finished = clock_now(&run->clock);
  run->exit_status = exit_status;
  uv_stop(&run->loop);
}

void run_post(struct run *run, const struct event *event, const char *text) {
  run_post_answer(run, event, OUTCOME_BAD_REQUEST, text);
}

void run_post_answer(struct run *run, const struct event *event, enum outcome_kind outcome,
                     const char *text) {
  struct inbox_item *item = calloc(1, sizeof *item);
  CHECK(item != NULL && "out of memory");
  item->event = *event;
  item->outcome = outcome;
  item->text = text == NULL ? NULL : strdup(text);
  CHECK(text == NULL || item->text != NULL);
  *run->inbox_end = item;
  run->inbox_end = &item->next;
}

static void step(struct run *run, const struct event *event) {
  struct core_output *output = pipeline_begin(run);
  core_step(run->core, clock_now(&run->clock), event, output);
  pipeline_push(run);
}

/* An answer that we gave in place of the service: the clip on disk is not the one that was
 * examined, or the time in which a submission might leave is over. */
static void feed_item(struct run *run, struct inbox_item *item) {
  struct answer answer = {.outcome = {.kind = item->outcome,
                                      .refused = item->outcome == OUTCOME_BAD_REQUEST,
                                      .retry_after_ms = -1},
                          .credits = -1};
  item->event.path = item->text;
  item->event.text = item->text;
  if (item->event.kind == EVENT_ANSWER) {
    snprintf(answer.outcome.text, sizeof answer.outcome.text, "%s", item->text);
    item->event.answer = &answer;
  }
  step(run, &item->event);
}

void run_feed(struct run *run, const struct event *event) {
  if (run->core == NULL || run->ended) return;
  step(run, event);
  while (run->inbox != NULL && !run->ended) {
    struct inbox_item *item = run->inbox;
    run->inbox = item->next;
    if (run->inbox == NULL) run->inbox_end = &run->inbox;
    feed_item(run, item);
    free(item->text);
    free(item);
  }
  if (run->ended) return;
  wake_arm(run);
  display_touch(run);
  serve_touch(run);
}

/* What was posted while a commit was carried out is fed at once. */
static void on_committed(uv_async_t *handle) {
  struct run *run = handle->data;
  pipeline_on_committed(run);
  serve_on_store(run);
  control_on_looked(run);
  reload_on_committed(run);
  if (run->inbox == NULL) return;
  struct event event = {.kind = EVENT_TICK};
  run_feed(run, &event);
}

static void wake_for_commit(void *context) {
  struct run *run = context;
  (void)uv_async_send(&run->committed); /* fails only for a closed handle */
}

/* ---- from prepared batches to a core ---- */

static bool file_exists(void *context, const char *path) {
  struct stat status;
  (void)context;
  return stat(path, &status) == 0;
}

/* What was read before the lock was taken is read again only where it may have changed meanwhile.
 * The old one goes first: each is as large as the batch. */
static int reload(struct run *run, struct error *error) {
  struct store_snapshot snapshot = {0};
  if (store_is_unchanged(run->store, &run->intake.snapshot)) return 0;
  intake_know(&run->intake, &snapshot);
  int result = state_read(run->store, &snapshot, error);
  if (result == 0) intake_know(&run->intake, &snapshot);
  return result;
}

void run_tell_notices(struct run *run, const struct intake_batch *entry,
                      const struct enroll_result *result) {
  for (size_t i = 0; i < result->notice_count; i++) {
    char place[80];
    const struct enroll_notice *notice = &result->notices[i];
    struct log_line line = {
        .time = clock_now(&run->clock), .level = LOG_WARN, .event = LOG_BATCH_NOTICE};
    snprintf(place, sizeof place, "%d:%d", notice->line, notice->column);
    log_text(&line, "batch", entry->batch.key);
    log_text(&line, "file", entry->batch.shown);
    if (notice->line > 0) log_text(&line, "at", place);
    log_text(&line, "why", notice->text);
    run_log(run, &line);
  }
}

static int enroll_batch(struct run *run, struct intake_batch *entry, batch_id *id,
                        struct error *error) {
  struct enroll_result enrolled = {0};
  struct arena arena;
  time_ms now = clock_now(&run->clock);
  arena_init(&arena);
  size_t count = intake_forget_file(&run->intake, entry);
  core_enroll(&arena, &run->intake.snapshot, &entry->record, entry->jobs, count, file_exists, NULL,
              now, &enrolled);
  *id = enrolled.batch;
  run_tell_notices(run, entry, &enrolled);
  intake_forget_jobs(entry);
  int result = 0;
  if (enrolled.record_count > 0) {
    result = store_commit(run->store, now, enrolled.records, enrolled.record_count, error);
    if (result == 0) intake_apply(&run->intake, now, enrolled.records, enrolled.record_count);
  }
  arena_release(&arena);
  return result;
}

/* After it only the snapshot is left of the intake. */
static int enroll(struct run *run, batch_id *ids, struct error *error) {
  struct record *clips;
  size_t clip_count, batch_count = run->intake.batch_count;
  intake_clip_records(&run->intake, &clips, &clip_count);
  int result = clip_count == 0
                   ? 0
                   : store_commit(run->store, clock_now(&run->clock), clips, clip_count, error);
  for (size_t i = 0; result == 0 && i < batch_count; i++)
    result = enroll_batch(run, &run->intake.batches[i], &ids[i], error);
  intake_forget_batches(&run->intake);
  return result;
}

/* By it `status` knows which batches are at work before the core tells of their progress. */
static int note_batches(struct run *run, const batch_id *ids, size_t batch_count,
                        struct error *error) {
  time_ms now = clock_now(&run->clock);
  struct record *records = calloc(batch_count + 1, sizeof *records);
  CHECK(records != NULL && "out of memory");
  for (size_t i = 0; i < batch_count; i++)
    records[i] =
        (struct record){.kind = RECORD_PROGRESS, .as.progress = {.batch = ids[i], .time = now}};
  int result = store_commit(run->store, now, records, batch_count, error);
  free(records);
  return result;
}

static uint64_t random_seed(void) {
  uint64_t seed;
  CHECK(getrandom(&seed, sizeof seed, 0) == (ssize_t)sizeof seed);
  return seed;
}

void run_each_voice(const struct intake *intake, const struct reach *reach,
                    void (*tell)(void *context, const char *voice_id,
                                 const struct reach_account *account, const char *id_there),
                    void *context) {
  struct map done;
  map_init(&done);
  for (size_t b = 0; b < intake->batch_count; b++) {
    const struct intake_batch *entry = &intake->batches[b];
    for (size_t i = 0; i < entry->batch.job_count; i++) {
      const struct job_record *job = &entry->jobs[i];
      if (map_get(&done, job->voice_id, NULL)) continue;
      map_set(&done, job->voice_id, 1);
      for (size_t a = 0; a < reach->account_count; a++) {
        const struct reach_account *account = &reach->accounts[a];
        const char *there = account->voices_known ? voices_there(account, job->voice)
                                                  : voices_everywhere(reach, job->voice);
        if (there != NULL) tell(context, job->voice_id, account, there);
      }
    }
  }
  map_release(&done);
}

struct voices {
  struct core *core;
  const struct reach *reach;
};

static void add_voice(void *context, const char *voice_id, const struct reach_account *account,
                      const char *id_there) {
  const struct voices *voices = context;
  core_add_voice(voices->core, voice_id, (account_index)(account - voices->reach->accounts),
                 id_there);
}

struct core_options run_core_options(const struct run *run, const struct config *config) {
  return (struct core_options){
      .seed = random_seed(),
      .retry_wait_low = config->retry_wait_low,
      .retry_wait_high = config->retry_wait_high,
      .poll_low = config->poll_low,
      .poll_high = config->poll_high,
      .poll_given = config->poll_given,
      .max_attempts = config->max_attempts,
      .upload_ahead = config->upload_ahead,
      .settle_ms = 0, /* the least the core allows */
      .stray_ms = run->store == NULL
                      ? 0
                      : (duration_ms)((double)store_stray_ms(run->store) * run->options->speed),
      .start_limit = run->options->limit,
      .credits_limited = run->options->max_credits >= 0,
      .max_credits = run->options->max_credits,
      .until = hours_until(run->options->until, clock_now(&run->clock)),
      .strikes = config->pause_account_count,
      .strike_window = config->pause_account_window,
      .batch_percent = config->pause_batch_percent,
      .batch_least = config->pause_batch_least,
      .reply_url = serve_reply_url(run),
      .adopt = run->options->adopt};
}

static const struct config_account *configured(const struct config *config, const char *email) {
  for (size_t i = 0; i < config->account_count; i++)
    if (strcasecmp(config->accounts[i].email, email) == 0) return &config->accounts[i];
  return NULL;
}

static struct core_guards guards_of(const struct run *run, const struct config *config,
                                    const char *email, struct arena *arena) {
  const struct config_account *account = configured(config, email);
  struct core_guards guards = {0};
  struct time_window *windows = NULL;
  if (account == NULL) return guards;
  if (account->hours != NULL)
    guards.hour_count = hours_windows(account->hours, clock_now(&run->clock), arena, &windows);
  guards.hours = windows;
  guards.jobs_per_day = account->jobs_per_day > 0 ? account->jobs_per_day : 0;
  guards.min_gap = account->min_gap;
  guards.credits_limited = account->max_credits >= 0;
  guards.max_credits = account->max_credits;
  guards.keep_credits = account->keep_credits > 0 ? account->keep_credits : 0;
  return guards;
}

struct core_account run_core_account(const struct run *run, const struct config *config,
                                     const struct reach_account *account, struct arena *arena) {
  return (struct core_account){.email = account->email,
                               .token = account->token,
                               .max_jobs = account->max_jobs,
                               .credits = account->credits,
                               .guards = guards_of(run, config, account->email, arena)};
}

static void build_core(struct run *run, const struct reach *reach) {
  struct core_options options = run_core_options(run, run->config);
  struct voices voices = {.reach = reach};
  voices.core = run->core = core_new(&options);
  for (size_t i = 0; i < reach->account_count; i++) {
    struct core_account account =
        run_core_account(run, run->config, &reach->accounts[i], &run->intake.arena);
    (void)core_add_account(run->core, &account);
  }
  run_each_voice(&run->intake, reach, add_voice, &voices);
}

static int load_core(struct run *run, const batch_id *ids, size_t batch_count,
                     struct error *error) {
  const struct store_snapshot *snapshot = &run->intake.snapshot;
  int64_t *counts = calloc(snapshot->job_count + 1, sizeof *counts);
  CHECK(counts != NULL && "out of memory");
  int result = store_event_counts(run->store, snapshot, counts, error);
  if (result == 0) core_load(run->core, snapshot, counts, ids, batch_count);
  free(counts);
  return result;
}

void run_find_output(struct run *run, const struct job_record *job) {
  struct stat status;
  if (run->options->overwrite || !job->listed || job->state != JOB_QUEUED || job->output == NULL ||
      strstr(job->output, "{account}") != NULL || lstat(job->output, &status) != 0)
    return;
  struct event event = {.kind = EVENT_OUTPUT_FOUND, .job = job->id};
  run_post(run, &event, job->output);
}

/* The directory of the path looked at last. */
struct directory {
  const char *path; /* beginning of that path; NULL: none yet */
  size_t length;
  bool missing;
};

/* Where no directory is there is no file: most results of a new batch need no look of their own. */
static bool directory_is_missing(struct directory *last, const char *path) {
  char name[PATH_MAX];
  struct stat status;
  const char *slash = strrchr(path, '/');
  size_t length = slash == NULL ? 0 : (size_t)(slash - path);
  if (length == 0 || length >= sizeof name) return false;
  if (last->path == NULL || last->length != length || memcmp(last->path, path, length) != 0) {
    memcpy(name, path, length);
    name[length] = '\0';
    last->path = path;
    last->length = length;
    last->missing = stat(name, &status) != 0 && errno == ENOENT;
  }
  return last->missing;
}

/* Outputs that are there already and not the job's own end it before anything is sent. */
static void find_outputs(struct run *run, const batch_id *ids, size_t batch_count) {
  const struct store_snapshot *snapshot = &run->intake.snapshot;
  struct directory directory = {0};
  for (size_t i = 0; i < snapshot->job_count; i++) {
    bool ours = false;
    for (size_t b = 0; b < batch_count; b++)
      ours |= ids[b] == snapshot->jobs[i].batch;
    const struct job_record *job = &snapshot->jobs[i];
    if (ours && job->output != NULL && !directory_is_missing(&directory, job->output))
      run_find_output(run, job);
  }
}

/* ---- the loop ---- */

static int open_loop_parts(struct run *run, struct error *error) {
  run->committed.data = run;
  if (uv_async_init(&run->loop, &run->committed, on_committed) != 0)
    return error_set(error, ERR_IO, "the event loop has no room");
  int result = wake_open(run, error);
  if (result != 0) return result;
  return store_worker_start(&run->worker, run->store, wake_for_commit, run, error);
}

static void go(struct run *run, const batch_id *ids, size_t batch_count) {
  struct event tick = {.kind = EVENT_TICK};
  struct core_output *output = pipeline_begin(run);
  time_ms now = run->begun = clock_now(&run->clock);
  find_outputs(run, ids, batch_count);
  intake_release(&run->intake); /* the core has taken over all that the night needs */
  intake_init(&run->intake, run->options->diags);
  (void)malloc_trim(0); /* a run lasts a night: what reading the batch took goes back now */
  /* The first step looks at outputs before anything can be sent: they are in the inbox already. */
  core_start(run->core, now, output);
  pipeline_push(run);
  control_listen(run);
  display_start(run);
  notify_ready(run);
  inhibit_start(run);
  run_feed(run, &tick);
  while (!run->ended)
    (void)uv_run(&run->loop, UV_RUN_DEFAULT);
  notify_stopping(run);
  display_stop(run);
}

/* What belongs to the state is closed with it, so that the loop can go on for the hooks. */
static void close_loop_parts(struct run *run) {
  store_worker_stop(run->worker);
  run->worker = NULL;
  serve_drop_questions(run);
  reload_stop(run);
  control_close(run);
  (void)uv_timer_stop(&run->retry_commit);
  (void)uv_timer_stop(&run->grace);
  uv_close((uv_handle_t *)&run->committed, NULL);
  wake_close(run);
}

/* Of the state, right before a paid call leaves. None is left to leave once it is closed. */
static bool may_submit(void *context) {
  const struct run *run = context;
  return run->store != NULL && clock_boot_ns() / 1000000 < store_may_send_until(run->store);
}

/* A shared state is taken by opening it, and a command holds it for a moment only. */
static int open_state(struct run *run, struct error *error) {
  const char *state = run->options->state;
  int result = store_open(&run->store, state, STORE_WRITE, error);
  for (int i = 0; result == ERR_BUSY && store_is_shared(state) && i < LOCK_TRIES; i++) {
    (void)nanosleep(&(struct timespec){.tv_nsec = LOCK_PAUSE_NS},
                    NULL); /* cut short: only sooner */
    result = store_open(&run->store, state, STORE_WRITE, error);
  }
  if (run->http != NULL) http_set_gate(run->http, may_submit, run);
  return result;
}

static int work(struct run *run, const struct reach *reach, struct error *error) {
  size_t batch_count = run->intake.batch_count;
  batch_id *ids = calloc(batch_count + 1, sizeof *ids); /* outlives the intake */
  CHECK(ids != NULL && "out of memory");
  int result = open_state(run, error);
  if (result == 0) result = control_apply(run->store, error);
  if (result == 0) result = reload(run, error);
  if (result == 0) result = serve_begin(run, error);
  if (result == 0) {
    clock_not_before(&run->clock, run->intake.snapshot.latest);
    build_core(run, reach);
    result = enroll(run, ids, error);
  }
  if (result == 0) clock_not_before(&run->clock, run->intake.snapshot.latest);
  if (result == 0) result = note_batches(run, ids, batch_count, error);
  if (result == 0) result = load_core(run, ids, batch_count, error);
  if (result == 0) result = open_loop_parts(run, error);
  if (result == 0) {
    go(run, ids, batch_count);
    summary_ask(run, reach);
  }
  if (run->worker != NULL) close_loop_parts(run);
  if (result == 0) summary_tell(run, reach, ids, batch_count);
  free(ids);
  return result;
}

/* libuv gives signals back to the system with its handles: one more that comes while we tidy up
 * must not end the program with another status than the run's. */
static void keep_signals_out(struct run *run) {
  for (int i = 0; i < run->signal_count; i++) {
    int number = run->signals[i].signum;
    CHECK(uv_signal_stop(&run->signals[i]) == 0 && signal(number, SIG_IGN) != SIG_ERR);
  }
}

/* A command holds the lock for a moment only, unlike a run, which can be poked. */
static int take_lock(struct run *run, struct run_lock **lock, struct error *error) {
  const char *state = run->options->state;
  int result = ERR_BUSY;
  for (int i = 0; result == ERR_BUSY && i < LOCK_TRIES && !run->interrupted; i++) {
    result = run_lock_take(lock, state, error);
    if (result == ERR_BUSY && poke_send(state)) break;
  }
  return result;
}

static int run_locked(struct run *run, const struct reach *reach) {
  struct run_lock *lock = NULL;
  struct error error = {0};
  int result = take_lock(run, &lock, &error);
  if (result == 0) result = work(run, reach, &error);
  if (result != 0) {
    report_complain(stderr, "%s", error.text);
    run->exit_status = 4;
  }
  store_close(run->store);
  run->store = NULL;
  run_lock_release(lock);
  return run->exit_status;
}

static void release(struct run *run) {
  keep_signals_out(run);
  hooks_stop(run);
  inhibit_stop(run);
  prepare_close(run);
  hooks_free(run);
  wake_free(run);
  pipeline_release(&run->pipeline);
  while (run->inbox != NULL) {
    struct inbox_item *item = run->inbox;
    run->inbox = item->next;
    free(item->text);
    free(item);
  }
  core_free(run->core);
  reach_release(&run->after);
  if (run->config == &run->config_again) config_release(&run->config_again);
  intake_release(&run->intake);
  arena_release(&run->arena);
}

static int refuse_speed(const struct run_options *options) {
  if (options->speed == 1 || http_api_is_loopback(options->api_url)) return 0;
  report_complain(stderr,
                  "--speed is for rehearsing against a simulator on this machine; %s is "
                  "not on loopback",
                  options->api_url);
  return 2;
}

int runtime_run(const struct run_options *options) {
  struct run run = {.options = options, .config = options->config};
  struct prepare_wishes wishes = {.patient = true};
  struct reach reach = {0};
  struct error error = {0};
  bool reached;
  if (!options->config_failed && refuse_speed(options) != 0) return 2;
  run.inbox_end = &run.inbox;
  pipeline_init(&run.pipeline);
  measure_init(&run.measure);
  arena_init(&run.arena);
  intake_init(&run.intake, options->diags);
  clock_start(&run.clock, options->speed, 0);
  int status = prepare_loop(&run, &error) != 0 ? 70 : 0;
  if (status == 0 && !options->config_failed) {
    hooks_use(&run, options->config->on_finish, options->config->on_alert);
    control_apply_before(options->state);
  }
  if (status == 0 && !options->config_failed && prepare_state(&run, &wishes.clips, &error) != 0)
    status = 4;
  if (status != 0) report_complain(stderr, "%s", error.text);
  if (status == 0) status = prepare(&run, &wishes, &reach, &reached);
  store_close(wishes.clips);
  if (status == 0) status = run_locked(&run, &reach);
  if (status != 2) hooks_finish(&run, status);
  run_log_last(&run);
  serve_tell_end(&run);
  reach_release(&reach);
  release(&run);
  return status;
}
