#include "runtime/reload.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "runtime/hooks.h"
#include "runtime/notify.h"
#include "runtime/prepare.h"
#include "runtime/voices.h"
#include "util/check.h"

#define STOP_PATIENCE_S 2

/* One reading. It is freed when it is over, but never while its thread is at work. */
struct reload {
  struct run *run;            /* at work */
  struct run aside;           /* reads, on the thread */
  struct run_options options; /* the same as the run's, with the config that is read */
  struct config config;
  struct diag_list *diags;
  struct prepare_wishes wishes;
  struct map clips; /* path to place in the snapshot's jobs: clips that are known */
  FILE *told;       /* what start-up would tell a person, into `text` */
  char *text;
  size_t text_size;
  struct reach reach;
  int status;
  bool reached;
  pthread_t thread;
  bool reads; /* the thread was begun */
  bool fed;   /* the core has it; its records' texts are needed until they are on disk */
  uv_async_t done;
  pthread_mutex_t lock; /* for `abandoned` */
  bool abandoned;       /* nobody waits for it any more */
};

/* ---- on the thread ---- */

static bool recall(void *context, const char *path, int64_t size_bytes, int64_t mtime_ns,
                   struct clip *clip) {
  const struct reload *reload = context;
  int64_t place;
  if (!map_get(&reload->clips, path, &place)) return false;
  const struct job_record *job = &reload->aside.intake.snapshot.jobs[place];
  if (job->clip_bytes != size_bytes || job->clip_mtime_ns != mtime_ns) return false;
  *clip = (struct clip){.path = job->clip_path,
                        .size_bytes = size_bytes,
                        .mtime_ns = mtime_ns,
                        .hash = job->clip_hash,
                        .length_ms = job->clip_ms,
                        .width_px = job->clip_width,
                        .height_px = job->clip_height,
                        .has_video = true,
                        .has_sound = true,
                        .content_type = job->clip_type};
  return true;
}

static void know_clips(struct reload *reload) {
  const struct store_snapshot *snapshot = &reload->aside.intake.snapshot;
  map_init(&reload->clips);
  for (size_t i = 0; i < snapshot->job_count; i++)
    if (snapshot->jobs[i].clip_path != NULL && snapshot->jobs[i].clip_hash != NULL)
      map_set(&reload->clips, snapshot->jobs[i].clip_path, (int64_t)i);
}

static void read_all(struct reload *reload) {
  struct run *aside = &reload->aside;
  struct run_options *options = &reload->options;
  struct error error = {0};
  int result = options->read_config(options->read_context, &reload->config, reload->diags);
  reload->status = 2;
  if (result != 0) {
    diag_print(reload->diags, reload->told);
    return;
  }
  know_clips(reload);
  if (prepare_loop_aside(aside, &error) != 0)
    fprintf(reload->told, "%s\n", error.text);
  else
    reload->status = prepare(aside, &reload->wishes, &reload->reach, &reload->reached);
  prepare_close(aside);
}

static void *work(void *argument) {
  struct reload *reload = argument;
  read_all(reload);
  CHECK(pthread_mutex_lock(&reload->lock) == 0);
  if (!reload->abandoned) (void)uv_async_send(&reload->done);
  CHECK(pthread_mutex_unlock(&reload->lock) == 0);
  return NULL;
}

/* ---- refused ---- */

static void tell_refused(struct run *run, const char *why) {
  run_tell(run, LOG_ERROR, LOG_CONFIG_REFUSED, "why", why);
}

/* The mistakes, a line each; the lines of the file and the carets below them say no more. */
static int64_t tell_mistakes(struct reload *reload) {
  char *save = NULL;
  int64_t count = 0;
  if (fflush(reload->told) != 0 || reload->text == NULL) return 0;
  for (char *line = strtok_r(reload->text, "\n", &save); line != NULL;
       line = strtok_r(NULL, "\n", &save)) {
    if (line[0] == ' ') continue;
    tell_refused(reload->run, line);
    count++;
  }
  return count;
}

static void refuse(struct reload *reload) {
  int64_t count = tell_mistakes(reload);
  if (count == 0 && !reload->reached)
    tell_refused(reload->run, "the service could not be asked: send SIGHUP again later");
  tell_refused(reload->run, "nothing was taken over: the config and batches of before stay");
}

/* The same batches under the same names, or jobs would be taken for new ones. */
static const char *batch_fault(const struct reload *reload) {
  const struct run *run = reload->run;
  const struct intake *intake = &reload->aside.intake;
  for (size_t i = 0; i < intake->batch_count; i++) {
    bool known = false;
    for (size_t k = 0; k < run->batch_count; k++)
      known |= strcmp(intake->batches[i].batch.key, run->batch_keys[k]) == 0;
    if (!known) return "a batch has another name now: stop the run and run again to go on under it";
  }
  return NULL;
}

/* ---- what has changed ---- */

struct settings {
  struct arena *arena;
  const char *names; /* NULL: none yet */
};

static void add_name(struct settings *settings, bool changed, const char *name) {
  if (!changed) return;
  settings->names = settings->names == NULL
                        ? name
                        : arena_printf(settings->arena, "%s, %s", settings->names, name);
}

static bool differs(const char *a, const char *b) {
  return strcmp(a == NULL ? "" : a, b == NULL ? "" : b) != 0;
}

static const char *changed_settings(struct reload *reload) {
  const struct config *was = reload->run->config, *now = &reload->config;
  struct settings settings = {.arena = &reload->aside.intake.arena};
  add_name(&settings,
           was->retry_wait_low != now->retry_wait_low ||
               was->retry_wait_high != now->retry_wait_high,
           "scheduling.retry_wait");
  add_name(&settings, was->poll_low != now->poll_low || was->poll_high != now->poll_high,
           "scheduling.poll");
  add_name(&settings, was->max_attempts != now->max_attempts, "scheduling.max_attempts");
  add_name(&settings, was->upload_ahead != now->upload_ahead, "scheduling.upload_ahead");
  add_name(&settings,
           was->pause_account_count != now->pause_account_count ||
               was->pause_account_window != now->pause_account_window,
           "moderation.pause_account");
  add_name(&settings,
           was->pause_batch_percent != now->pause_batch_percent ||
               was->pause_batch_least != now->pause_batch_least,
           "moderation.pause_batch");
  add_name(&settings, differs(was->on_finish, now->on_finish), "on_finish");
  add_name(&settings, differs(was->on_alert, now->on_alert), "on_alert");
  add_name(&settings, differs(was->api_url, now->api_url), "api.url (from the next run on)");
  add_name(&settings, was->timeout != now->timeout, "api.timeout (from the next run on)");
  add_name(&settings, differs(was->state, now->state), "state (from the next run on)");
  add_name(&settings, differs(was->listen, now->listen), "listen (from the next run on)");
  add_name(&settings, differs(was->public_url, now->public_url),
           "public_url (from the next run on)");
  add_name(&settings, differs(was->page_url, now->page_url), "page_url (from the next run on)");
  return settings.names;
}

/* ---- taken over ---- */

static bool file_exists(void *context, const char *path) {
  struct stat status;
  (void)context;
  return stat(path, &status) == 0;
}

struct records {
  struct record *list;
  size_t count;
};

static void add_records(struct arena *arena, struct records *records, const struct record *more,
                        size_t count) {
  struct record *all = ARENA_NEW_ARRAY(arena, records->count + count + 1, struct record);
  if (records->count > 0) memcpy(all, records->list, records->count * sizeof *all);
  if (count > 0) memcpy(all + records->count, more, count * sizeof *all);
  records->list = all;
  records->count += count;
}

static struct records enroll_all(struct reload *reload) {
  struct intake *intake = &reload->aside.intake;
  struct records records = {0};
  struct record *clips;
  size_t clip_count;
  intake_clip_records(intake, &clips, &clip_count);
  add_records(&intake->arena, &records, clips, clip_count);
  core_refresh(reload->run->core, &intake->snapshot);
  for (size_t i = 0; i < intake->batch_count; i++) {
    struct intake_batch *entry = &intake->batches[i];
    struct enroll_result enrolled = {0};
    core_enroll(&intake->arena, &intake->snapshot, &entry->record, entry->jobs,
                entry->batch.job_count, file_exists, NULL, clock_now(&reload->run->clock),
                &enrolled);
    run_tell_notices(reload->run, entry, &enrolled);
    add_records(&intake->arena, &records, enrolled.records, enrolled.record_count);
    for (size_t k = 0; k < enrolled.record_count; k++)
      intake->snapshot.last_job += enrolled.records[k].kind == RECORD_JOB;
  }
  return records;
}

/* Tokens are never taken away: what is on its way uses them. */
static int add_tokens(struct reload *reload, token_index *indices, struct error *error) {
  for (size_t i = 0; i < reload->config.token_count; i++) {
    int result = http_add_token(reload->run->http, reload->config.tokens[i], &indices[i], error);
    if (result != 0) return result;
  }
  return 0;
}

struct voice_list {
  struct arena *arena;
  struct core_voice *list;
  size_t count, room;
};

static void add_voice(void *context, const char *voice_id, const struct reach_account *account,
                      const char *id_there) {
  struct voice_list *voices = context;
  if (voices->count == voices->room) {
    voices->room = voices->room == 0 ? 64 : voices->room * 2;
    struct core_voice *list = ARENA_NEW_ARRAY(voices->arena, voices->room, struct core_voice);
    if (voices->count > 0) memcpy(list, voices->list, voices->count * sizeof *list);
    voices->list = list;
  }
  voices->list[voices->count++] =
      (struct core_voice){.email = account->email, .voice_id = voice_id, .id_there = id_there};
}

/* New jobs whose result would meet a file that stands there end before anything is sent. */
static void find_outputs(struct run *run, const struct records *records) {
  for (size_t i = 0; i < records->count; i++)
    if (records->list[i].kind == RECORD_JOB) run_find_output(run, &records->list[i].as.job);
}

static void feed(struct reload *reload, const token_index *tokens) {
  struct arena *arena = &reload->aside.intake.arena;
  struct run *run = reload->run;
  const struct reach *reach = &reload->reach;
  struct records records = enroll_all(reload);
  struct core_account *accounts = ARENA_NEW_ARRAY(arena, reach->account_count, struct core_account);
  struct voice_list voices = {.arena = arena};
  for (size_t i = 0; i < reach->account_count; i++) {
    accounts[i] = run_core_account(run, &reload->config, &reach->accounts[i], arena);
    accounts[i].token = tokens[reach->accounts[i].token];
  }
  run_each_voice(&reload->aside.intake, reach, add_voice, &voices);
  struct core_options options = run_core_options(run, &reload->config);
  struct core_reload given = {.options = &options,
                              .accounts = accounts,
                              .account_count = reach->account_count,
                              .voices = voices.list,
                              .voice_count = voices.count,
                              .records = records.list,
                              .record_count = records.count,
                              .settings = changed_settings(reload),
                              .known = &reload->aside.intake.snapshot};
  struct event event = {.kind = EVENT_RELOAD, .reload = &given};
  find_outputs(run, &records);
  run_feed(run, &event);
}

static void take_over(struct reload *reload) {
  struct run *run = reload->run;
  struct error error = {0};
  token_index *tokens =
      ARENA_NEW_ARRAY(&reload->aside.intake.arena, reload->config.token_count, token_index);
  const char *fault = batch_fault(reload);
  if (fault == NULL && add_tokens(reload, tokens, &error) != 0) fault = error.text;
  if (fault != NULL) {
    fprintf(reload->told, "%s\n", fault);
    refuse(reload);
    return;
  }
  feed(reload, tokens);
  hooks_use(run, reload->config.on_finish, reload->config.on_alert);
  if (run->config != run->options->config) config_release(run->config);
  if (run->config == run->options->config) run->config = &run->config_again;
  run->config_again = reload->config;
  reload->config = (struct config){0};
}

/* ---- the way of a reading ---- */

static void release(struct reload *reload) {
  (void)fclose(reload->told); /* into memory */
  free(reload->text);
  reach_release(&reload->reach);
  intake_release(&reload->aside.intake);
  arena_release(&reload->aside.arena);
  map_release(&reload->clips);
  config_release(&reload->config);
  diag_free(reload->diags);
  CHECK(pthread_mutex_destroy(&reload->lock) == 0);
  free(reload);
}

static void on_closed(uv_handle_t *handle) {
  release(handle->data);
}

static void over(struct reload *reload) {
  struct run *run = reload->run;
  run->reload = NULL;
  uv_close((uv_handle_t *)&reload->done, on_closed);
  notify_ready(run);
  if (run->reload_wanted) reload_ask(run);
}

static void over_when_written(struct reload *reload) {
  if (reload->fed && pipeline_idle(&reload->run->pipeline)) over(reload);
}

static void on_done(uv_async_t *handle) {
  struct reload *reload = handle->data;
  CHECK(pthread_join(reload->thread, NULL) == 0);
  if (!reload->run->ended && !reload->run->interrupted) {
    if (reload->status == 0 && reload->reached)
      take_over(reload);
    else
      refuse(reload);
  }
  reload->fed = true;
  over_when_written(reload);
}

static struct reload *reload_new(struct run *run) {
  struct reload *reload = calloc(1, sizeof *reload);
  CHECK(reload != NULL && "out of memory");
  reload->run = run;
  reload->diags = diag_new();
  reload->told = open_memstream(&reload->text, &reload->text_size);
  CHECK(reload->told != NULL && "out of memory");
  reload->options = *run->options;
  reload->options.config = &reload->config;
  reload->options.diags = reload->diags;
  reload->options.quiet = true;
  reload->wishes = (struct prepare_wishes){.recall = recall, .recall_context = reload};
  reload->aside = (struct run){.options = &reload->options,
                               .config = &reload->config,
                               .clock = run->clock,
                               .told = reload->told};
  reload->aside.inbox_end = &reload->aside.inbox;
  arena_init(&reload->aside.arena);
  intake_init(&reload->aside.intake, reload->diags);
  map_init(&reload->clips);
  CHECK(pthread_mutex_init(&reload->lock, NULL) == 0);
  return reload;
}

/* The state is known to be that of all steps so far: none is on its way. */
void reload_ask(struct run *run) {
  run->reload_wanted = true;
  if (run->reload != NULL || run->worker == NULL || run->ended || run->interrupted ||
      !pipeline_idle(&run->pipeline))
    return;
  run->reload_wanted = false;
  run->reload = reload_new(run);
  run->reload->done.data = run->reload;
  CHECK(uv_async_init(&run->loop, &run->reload->done, on_done) == 0);
  notify_reloading(run);
  store_worker_load(run->worker);
}

static void begin(struct run *run, struct store_snapshot *snapshot) {
  struct reload *reload = run->reload;
  sigset_t all, before;
  intake_know(&reload->aside.intake, snapshot);
  CHECK(sigfillset(&all) == 0 && pthread_sigmask(SIG_SETMASK, &all, &before) == 0);
  CHECK(pthread_create(&reload->thread, NULL, work, reload) == 0);
  CHECK(pthread_sigmask(SIG_SETMASK, &before, NULL) == 0);
  reload->reads = true;
}

void reload_on_committed(struct run *run) {
  struct store_snapshot snapshot = {0};
  struct error error = {0};
  int result;
  if (run->reload != NULL && !run->reload->reads &&
      store_worker_loaded(run->worker, &snapshot, &result, &error)) {
    if (result == 0) {
      begin(run, &snapshot);
    } else {
      tell_refused(run, error.text);
      over(run->reload);
    }
  }
  if (run->reload != NULL) over_when_written(run->reload);
  if (run->reload == NULL && run->reload_wanted) reload_ask(run);
}

void reload_stop(struct run *run) {
  struct reload *reload = run->reload;
  struct timespec until;
  if (reload == NULL) return;
  run->reload = NULL;
  reload->aside.interrupted = true;
  CHECK(pthread_mutex_lock(&reload->lock) == 0);
  reload->abandoned = true;
  CHECK(pthread_mutex_unlock(&reload->lock) == 0);
  CHECK(clock_gettime(CLOCK_REALTIME, &until) == 0);
  until.tv_sec += STOP_PATIENCE_S;
  bool gone = !reload->reads || pthread_timedjoin_np(reload->thread, NULL, &until) == 0;
  /* One that still waits for the service is left to the end of the process. */
  uv_close((uv_handle_t *)&reload->done, gone ? on_closed : NULL);
}
