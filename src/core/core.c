/* The core as others see it: built, stepped, asked. Stepping only dispatches. */
#include <stdlib.h>
#include <string.h>

#include "core/hint.h"
#include "core/state.h"
#include "util/check.h"

struct core *core_new(const struct core_options *options) {
  struct core *core = calloc(1, sizeof *core);
  CHECK(core != NULL && "out of memory");
  core->options = *options;
  core->carries_ref = -1;
  core->progress_off = 1;
  if (core->options.settle_ms < SETTLE_LEAST_MS) core->options.settle_ms = SETTLE_LEAST_MS;
  prng_init(&core->prng, options->seed);
  arena_init(&core->strings);
  core->options.reply_url = core_keep(core, options->reply_url);
  struct map *maps[] = {&core->interned,    &core->by_task,      &core->by_ref,
                        &core->assets,      &core->strangers,    &core->account_by_email,
                        &core->voice_by_id, &core->clip_by_hash, &core->odd_statuses,
                        &core->flagged,     &core->foreign};
  for (size_t i = 0; i < sizeof maps / sizeof maps[0]; i++)
    map_init(maps[i]);
  return core;
}

void core_free(struct core *core) {
  if (core == NULL) return;
  for (int32_t i = 0; i < core->job_count; i++)
    free((char *)core->jobs[i].url);
  for (int32_t i = 0; i < core->account_count; i++) {
    free(core->accounts[i].ahead);
    free((void *)(uintptr_t)core->accounts[i].guards.hours);
    bitset_release(&core->accounts[i].pinned);
  }
  for (int32_t i = 0; i < core->voice_count; i++)
    free(core->voices[i].there);
  for (int32_t i = 0; i < core->clip_count; i++)
    free(core->clips[i].uploads);
  struct map *maps[] = {&core->interned,    &core->by_task,      &core->by_ref,
                        &core->assets,      &core->strangers,    &core->account_by_email,
                        &core->voice_by_id, &core->clip_by_hash, &core->odd_statuses,
                        &core->flagged,     &core->foreign};
  for (size_t i = 0; i < sizeof maps / sizeof maps[0]; i++)
    map_release(maps[i]);
  void *arrays[] = {core->jobs,           core->by_id,   core->by_rank,  core->timed,
                    core->attempts,       core->open,    core->accounts, core->voices,
                    core->clips,          core->batches, core->requests, core->dirty_jobs,
                    core->dirty_attempts, core->wished,  core->late,     core->moderations};
  for (size_t i = 0; i < sizeof arrays / sizeof arrays[0]; i++)
    free(arrays[i]);
  bitset_release(&core->ready);
  arena_release(&core->strings);
  free(core);
}

void account_take_guards(struct account *account, const struct core_guards *given) {
  struct time_window *copy = calloc(given->hour_count + 1, sizeof *copy);
  CHECK(copy != NULL && "out of memory");
  for (size_t i = 0; i < given->hour_count; i++)
    copy[i] = given->hours[i];
  free((void *)(uintptr_t)account->guards.hours);
  account->guards = *given;
  account->guards.hours = copy;
}

int account_max_jobs(const struct core_account *given) {
  bool said = given->max_jobs >= MAX_JOBS_LOWEST && given->max_jobs <= MAX_JOBS_HIGHEST;
  return said ? given->max_jobs : MAX_JOBS_HIGHEST;
}

int32_t account_add(struct core *core, const struct core_account *given) {
  core->accounts =
      realloc(core->accounts, (size_t)(core->account_count + 1) * sizeof *core->accounts);
  CHECK(core->accounts != NULL && "out of memory");
  struct account *account = &core->accounts[core->account_count];
  *account = (struct account){.email = core_intern(core, given->email),
                              .token = given->token,
                              .max_jobs = account_max_jobs(given),
                              .state = ACCOUNT_READY,
                              .probe_at = TIME_NEVER,
                              .credits = given->credits,
                              .look_at = TIME_NEVER,
                              .look_asked = TIME_NEVER,
                              .is_clean = given->credits >= 0, /* the service has just said so */
                              .first_there = NONE,
                              .submit_wire = NONE};
  account_take_guards(account, &given->guards);
  map_set(&core->account_by_email, account->email, core->account_count);
  return core->account_count++;
}

account_index core_add_account(struct core *core, const struct core_account *given) {
  CHECK(!core->started && core->job_count == 0 && core->voice_count == 0);
  return account_add(core, given);
}

int32_t voice_for(struct core *core, const char *id) {
  int64_t place;
  if (map_get(&core->voice_by_id, id, &place)) return (int32_t)place;
  core->voices = realloc(core->voices, (size_t)(core->voice_count + 1) * sizeof *core->voices);
  CHECK(core->voices != NULL && "out of memory");
  core->voices[core->voice_count] = (struct voice){.id = core_intern(core, id)};
  map_set(&core->voice_by_id, id, core->voice_count);
  return core->voice_count++;
}

void core_add_voice(struct core *core, const char *voice_id, account_index account,
                    const char *id_there) {
  CHECK(account >= 0 && account < core->account_count);
  int32_t place = voice_for(core, voice_id); /* may move the array */
  struct voice *voice = &core->voices[place];
  if (voice->there == NULL) {
    voice->there = calloc((size_t)core->account_count, sizeof *voice->there);
    CHECK(voice->there != NULL && "out of memory");
  }
  voice->there[account] = core_intern(core, id_there);
}

/* ---- stepping ---- */

static void on_answer(struct core *core, const struct event *event) {
  struct request request;
  bool known = request_take(core, event->request, &request);
  CHECK(known && event->answer != NULL);
  switch (request.kind) {
  case REQUEST_SUBMIT:
    if (event->answer->outcome.kind != OUTCOME_NOT_SENT)
      settle_note_latency(core, core->now - event->begun);
    if (event->begun > core->accounts[request.account].submitted) {
      core->accounts[request.account].submitted = event->begun;
      account_save(core, &core->accounts[request.account]);
    }
    submit_on_answer(core, &request, event->answer);
    return;
  case REQUEST_UPLOAD:
    upload_on_answer(core, &request, event->answer);
    return;
  case REQUEST_LIST:
    watch_on_list(core, &request, event->answer, event->begun);
    return;
  case REQUEST_GET_TASK:
    watch_on_task(core, &request, event->answer);
    return;
  case REQUEST_SCHEDULER:
    watch_on_scheduler(core, &request, event->answer);
    return;
  case REQUEST_FEATURES:
    account_on_features(core, &core->accounts[request.account], event->answer);
    return;
  case REQUEST_DELETE:
    cancel_on_answer(core, &request, event->answer);
    return;
  case REQUEST_LINK:
    fetch_on_link(core, &request, event->answer);
    return;
  case REQUEST_FETCH:
  case REQUEST_PUBLISH:
    break;
  }
  CHECK_UNREACHABLE();
}

static struct request taken(struct core *core, const struct event *event, enum request_kind kind) {
  struct request request;
  bool known = request_take(core, event->request, &request);
  CHECK(known && request.kind == kind);
  return request;
}

static void on_output_found(struct core *core, const struct event *event) {
  struct job *job = job_by_id(core, event->job);
  CHECK(job != NULL);
  if (job->rec.state != JOB_QUEUED) return;
  job_end(core, job, JOB_FAILED,
          arena_printf(core->out->arena, "a file stands where the result shall be: %s",
                       event->path == NULL ? job->rec.output : event->path),
          "move it away, change `output`, or give --overwrite; then `nightshift retry`");
}

static void on_stop(struct core *core, const struct event *event) {
  if (core->stopping) return;
  core->stopping = true;
  core->stop_status = 3;
  core->stop_why = core_keep(core, event->text == NULL ? "stopped" : event->text);
  struct log_line *line = log_add(core, LOG_INFO, LOG_RUN_STOPPING);
  log_text(line, "why", core->stop_why);
  log_number(line, "running", core->counts[JOB_RUNNING]);
}

/* False: nothing has changed, and nobody needs to be woken. */
static bool dispatch(struct core *core, const struct event *event) {
  struct request request;
  switch (event->kind) {
  case EVENT_TICK:
    break;
  case EVENT_ANSWER:
    on_answer(core, event);
    break;
  case EVENT_OUTPUT_TAKEN:
    request = taken(core, event, REQUEST_SUBMIT);
    submit_on_output_taken(core, &request, event->path);
    break;
  case EVENT_OUTPUT_FOUND:
    on_output_found(core, event);
    break;
  case EVENT_FETCHED:
    request = taken(core, event, REQUEST_FETCH);
    fetch_on_fetched(core, &request, event);
    break;
  case EVENT_PUBLISHED:
    request = taken(core, event, REQUEST_PUBLISH);
    fetch_on_published(core, &request, event);
    break;
  case EVENT_CONTROL:
    if (!core->over) control_on_event(core, event->control);
    break;
  case EVENT_RELOAD:
    if (!core->over) reload_on_event(core, event->reload);
    break;
  case EVENT_STATUS:
    if (!core->over) status_on_event(core);
    break;
  case EVENT_CALLBACK:
    return hint_take(core, event->said);
  case EVENT_STOP:
    on_stop(core, event);
    break;
  }
  return true;
}

/* All that is due by the clock alone. Stopping, nothing new is begun but what has left the wire. */
static void wake(struct core *core) {
  if (!core->stopping) {
    jobs_wake(core);
    moderation_wake(core);
    guard_wake(core);
    accounts_wake(core);
    money_wake(core);
    settle_wake(core);
    slow_wake(core);
    look_wake(core);
    fetch_wake(core);
  }
  progress_wake(core);
}

void core_step(struct core *core, time_ms now, const struct event *event,
               struct core_output *output) {
  CHECK(core->started && now >= core->now);
  core->now = now;
  core->out = output;
  if (!dispatch(core, event)) {
    core->out = NULL;
    return;
  }
  if (!core->over) {
    cancel_wake(core);
    wake(core);
    schedule_fill(core);
    schedule_end(core);
  }
  tally_slots(core);
  core_flush(core);
  core_check(core);
  core->out = NULL;
}

void core_control(struct core *core, time_ms now, const struct control *control,
                  struct core_output *output) {
  CHECK(!core->started && core->jobs != NULL);
  if (now > core->now) core->now = now;
  core->out = output;
  control_on_event(core, control);
  core_flush(core);
  core->out = NULL;
}

static time_ms earlier(time_ms a, time_ms b) {
  return a < b ? a : b;
}

/* The next time at which the account itself wants something; past times were dealt with by the
 * step. */
static time_ms account_deadline(const struct core *core, const struct account *account) {
  time_ms at = account->list_wire ? TIME_NEVER : account->look_at, until;
  if (account->state == ACCOUNT_LOST) return TIME_NEVER;
  if (account->state == ACCOUNT_EMPTY && !account->features_wire)
    at = earlier(at, account->probe_at);
  at = earlier(at, guard_deadline(core, account));
  if (!account_usable(account) || core->stopping) return at;
  bool work = account->ahead_count > 0 || account->pinned.count > 0 || core->ready.count > 0;
  if (!work) return at;
  if (capacity_room(core, account, &until) == ROOM_FULL) at = earlier(at, until);
  if (account->submit_at > core->now) at = earlier(at, account->submit_at);
  if (account->upload_at > core->now) at = earlier(at, account->upload_at);
  return at;
}

time_ms core_deadline(const struct core *core) {
  if (core->over) return TIME_NEVER;
  time_ms at = core->progress_at;
  if (core->stopping) return at;
  at = earlier(at, core->stall_at);
  if (core->options.until > core->now) at = earlier(at, core->options.until);
  for (int32_t i = 0; i < core->account_count; i++)
    at = earlier(at, account_deadline(core, &core->accounts[i]));
  for (int32_t i = 0; i < core->timed_count; i++) {
    const struct job *job = &core->jobs[core->timed[i]];
    if (job->place == PLACE_DELAYED) at = earlier(at, job->rec.again);
    if (job->rec.state == JOB_DOWNLOADING && !job->fetch_wire) at = earlier(at, job->fetch_at);
  }
  for (int32_t i = 0; i < core->open_count; i++) {
    const struct attempt *attempt = &core->attempts[core->open[i]];
    if (attempt->account == NONE || core->accounts[attempt->account].state == ACCOUNT_LOST)
      continue; /* nothing can be asked there */
    at = earlier(at, slow_deadline(core, attempt));
    if (attempt->rec.state == ATTEMPT_ACCEPTED && !attempt->get_wire)
      at = earlier(at, earlier(attempt->get_at, hint_look_at(attempt)));
    else if (attempt->rec.state == ATTEMPT_UNSURE && !attempt->scheduler_asked)
      at = earlier(at, attempt->rec.over + SECOND_MS);
  }
  return at;
}

/* ---- asking ---- */

size_t core_account_count(const struct core *core) {
  return (size_t)core->account_count;
}

struct core_account_view account_view(const struct core *core, const struct account *account,
                                      time_ms now) {
  struct core_account_view view = {.email = account->email,
                                   .state = account->state,
                                   .running = account->in_flight,
                                   .others = account->others,
                                   .capacity = account->proven ? account->known : 0,
                                   .credits = account->credits,
                                   .reason = account->reason};
  time_ms until = TIME_NEVER;
  if (account->state == ACCOUNT_EMPTY || account->state == ACCOUNT_BROKEN)
    view.until = account->probe_at;
  if (account->paused != NULL) {
    view.state = ACCOUNT_PAUSED;
    view.until = 0;
    view.reason = account->paused;
    return view;
  }
  if (account->state == ACCOUNT_READY && account->rest != WAIT_NONE) {
    view.state = ACCOUNT_PAUSED;
    view.until = account->rest_until;
    view.reason = account->rest_why;
    return view;
  }
  if (account->state != ACCOUNT_READY || account->refusals == 0) return view;
  if (capacity_room(core, account, &until) == ROOM_FULL && until != TIME_NEVER && until > now) {
    view.state = ACCOUNT_COOLING;
    view.until = until;
  }
  return view;
}

struct core_account_view core_account_at(const struct core *core, account_index index,
                                         time_ms now) {
  const struct account *account = &core->accounts[index];
  struct core_account_view view = account_view(core, account, now);
  if (!account->removed || view.state == ACCOUNT_LOST) return view;
  view.state = ACCOUNT_PAUSED;
  view.until = 0;
  view.reason = "taken out of the config";
  return view;
}
