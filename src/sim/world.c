/* The world's clock and process: steps of the core, commits in order, crashes, signals, restarts.
 */
#include "sim/world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/scenario.h"
#include "sim/world_parts.h"
#include "util/check.h"

#define WORLD_LONGEST   (14 * 24 * HOUR_MS)
#define COMMIT_MS       1
#define COMMIT_AGAIN_MS (5 * SECOND_MS)
#define GRACE_MS        (10 * SECOND_MS) /* contract: requests under way, after a signal */
/* More steps than this within a second of virtual time, and ten for each job: the core spins. */
#define STEPS_A_SECOND 2000

/* ---- steps and commits, in order ---- */

static void output_free(struct core_output *output) {
  core_output_release(output);
  free(output);
}

/* Commits the first waiting step's records; what it wants is carried out when that is durable. */
static void kick(struct world *world) {
  while (!world->committing && world->waiting_count > 0) {
    struct core_output *output = world->waiting[0];
    memmove(world->waiting, world->waiting + 1,
            --world->waiting_count * sizeof(struct core_output *));
    if (output->record_count == 0) {
      outside_carry_out(world, output);
      output_free(output);
      continue;
    }
    struct happening *happening = happening_new(HAPPENS_COMMIT);
    happening->output = output;
    world->committing = true;
    happening_plan(world, happening, world->now + COMMIT_MS);
    tell_commit(world, WORLD_COMMITTING, output);
  }
}

static void push(struct world *world, struct core_output *output) {
  if (world->waiting_count == world->waiting_room) {
    world->waiting_room = world->waiting_room == 0 ? 16 : world->waiting_room * 2;
    world->waiting = realloc(world->waiting, world->waiting_room * sizeof(struct core_output *));
    CHECK(world->waiting != NULL && "out of memory");
  }
  world->waiting[world->waiting_count++] = output;
  kick(world);
}

static struct core_output *output_new(void) {
  struct core_output *output = calloc(1, sizeof *output);
  CHECK(output != NULL && "out of memory");
  core_output_init(output);
  return output;
}

/* A core that is woken without end does not get on: better found here than by a hot processor. */
static void check_pace(struct world *world) {
  world->steps++;
  if (world->now - world->second >= SECOND_MS) {
    world->second = world->now;
    world->second_steps = 0;
  }
  world->second_steps++;
  CHECK(world->second_steps < STEPS_A_SECOND + 10 * (int64_t)world->options.job_count);
}

static void set_timer(struct world *world) {
  time_ms deadline = core_deadline(world->core);
  world->timer = deadline == TIME_NEVER ? TIME_NEVER : deadline - world->ahead;
}

static void feed(struct world *world, const struct event *event) {
  struct core_output *output = output_new();
  core_step(world->core, world_clock(world), event, output);
  check_pace(world);
  push(world, output);
  set_timer(world);
}

/* The same group again, as the program does; nothing behind it is carried out meanwhile. */
static void commit_failed(struct world *world, struct happening *happening, int result) {
  CHECK(result != ERR_DAMAGED);
  struct happening *again = happening_new(HAPPENS_COMMIT);
  again->output = happening->output;
  happening->output = NULL;
  happening_plan(world, again, world->now + COMMIT_AGAIN_MS);
  if (!world->commit_failing) tell_fate(world, WORLD_FATE, "the state cannot be written");
  world->commit_failing = true;
}

static void committed(struct world *world, struct happening *happening) {
  struct core_output *output = happening->output;
  int result = 0;
  if (!world->options.lean)
    result =
        store_commit(world->store, world_clock(world), output->records, output->record_count, NULL);
  if (result != 0) {
    commit_failed(world, happening, result);
    return;
  }
  if (world->commit_failing) tell_fate(world, WORLD_FATE, "the state can be written again");
  world->commit_failing = false;
  world->committing = false;
  tell_commit(world, WORLD_COMMITTED, output);
  outside_carry_out(world, output);
  kick(world);
}

static void replied(struct world *world, struct happening *happening) {
  struct answer answer = {0};
  const struct answer *told = happening->answer != NULL ? happening->answer : &answer;
  if (happening->answer == NULL)
    wire_decode(&happening->call, &happening->reply, world_clock(world), &happening->arena,
                &answer);
  tell_answered(world, &happening->call, told, &happening->reply);
  struct event event = {.kind = EVENT_ANSWER,
                        .request = happening->request,
                        .begun = happening->begun,
                        .answer = told};
  feed(world, &event);
}

static void called_back(struct world *world, struct happening *happening) {
  struct task_view said;
  if (!callbacks_read(world, happening, &said)) return;
  feed(world, &(struct event){.kind = EVENT_CALLBACK, .said = &said});
}

static void happen(struct world *world, struct happening *happening) {
  switch (happening->kind) {
  case HAPPENS_COMMIT:
    committed(world, happening);
    break;
  case HAPPENS_REPLY:
    replied(world, happening);
    break;
  case HAPPENS_EVENT:
    feed(world, &happening->event);
    break;
  case HAPPENS_CALLBACK:
    called_back(world, happening);
    break;
  }
  happening_free(happening);
}

/* ---- the process ---- */

/* An asset job runs where its asset lies. */
static const char *pin_of(struct world *world, size_t job) {
  char email[300];
  if (!wire_account_of(world->assets[job], email, sizeof email)) return NULL;
  return arena_string(&world->arena, email);
}

static struct job_record record_of(struct world *world, const struct world_job *job, size_t i) {
  struct arena *arena = &world->arena;
  return (struct job_record){
      .key = arena_printf(arena, "id:%s", job->name),
      .name = job->name,
      .number = (int64_t)i + 1,
      .listed = true,
      .clip_path = job->clip == NULL ? NULL : arena_printf(arena, "/clips/%s", job->clip),
      .clip_source = job->clip == NULL ? world->assets[i] : job->clip,
      .clip_hash = job->clip == NULL ? NULL : arena_printf(arena, "hash-%s", job->clip),
      .clip_bytes = 1000,
      .clip_ms = job->length_ms,
      .clip_width = 96,
      .clip_height = 96,
      .clip_type = "video/mp4",
      .asset = world->assets[i],
      .voice = job->voice,
      .voice_id = job->voice,
      .output = world->outputs[i],
      .explore = job->explore,
      .priority = job->priority,
      .pin = job->asset == NULL ? job->pin : pin_of(world, i),
      .reference = job->reference,
      .state = JOB_QUEUED,
      .result_bytes = -1};
}

/* An asset that somebody uploaded by hand on the account that "hand:EMAIL" names. */
static const char *uploaded_by_hand(struct world *world, const struct world_job *job) {
  const char *email = job->asset + strlen("hand:");
  struct call call = {.kind = CALL_UPLOAD,
                      .token = world_token_of(world, email),
                      .email = email,
                      .name = job->name,
                      .path = job->name,
                      .content_type = "video/mp4",
                      .size_bytes = 1000,
                      .length_ms = job->length_ms};
  struct answer answer = {0};
  outside_ask(world, &call, &world->arena, &answer);
  CHECK(answer.asset_count == 1);
  return answer.assets[0].asset_id;
}

static void make_assets(struct world *world) {
  for (size_t i = 0; i < world->options.job_count; i++) {
    const struct world_job *job = &world->options.jobs[i];
    world->assets[i] = job->asset;
    if (job->asset != NULL && strncmp(job->asset, "hand:", strlen("hand:")) == 0)
      world->assets[i] = uploaded_by_hand(world, job);
  }
}

static void enroll(struct world *world) {
  struct store_snapshot snapshot = {0};
  struct enroll_result result = {0};
  struct batch_record batch = {.key = "night", .named = true, .path = "/night.yaml"};
  size_t count = world->options.job_count;
  struct job_record *jobs = ARENA_NEW_ARRAY(&world->arena, count + 1, struct job_record);
  for (size_t i = 0; i < count; i++)
    jobs[i] = record_of(world, &world->options.jobs[i], i);
  CHECK(store_load(world->store, &snapshot, NULL) == 0);
  core_enroll(&world->arena, &snapshot, &batch, jobs, count, NULL, NULL, world_clock(world),
              &result);
  if (result.record_count > 0)
    CHECK(store_commit(world->store, world_clock(world), result.records, result.record_count,
                       NULL) == 0);
  store_snapshot_release(&snapshot);
}

static int64_t ask_credits(struct world *world, token_index token, const char *email,
                           struct arena *arena) {
  struct call call = {.kind = CALL_FEATURES, .token = token, .email = email};
  struct answer answer = {.credits = -1};
  outside_ask(world, &call, arena, &answer);
  return answer.outcome.kind == OUTCOME_OK ? answer.credits : -1;
}

/* One that cannot be asked is believed to have every voice. */
static void add_voices(struct world *world, account_index index, const char *email,
                       struct arena *arena) {
  struct map done;
  struct call call = {.kind = CALL_VOICES, .token = world_token_of(world, email), .email = email};
  struct answer answer = {0};
  outside_ask(world, &call, arena, &answer);
  bool known = answer.outcome.kind == OUTCOME_OK;
  map_init(&done);
  for (size_t i = 0; i < world->options.job_count; i++) {
    const char *voice = world->options.jobs[i].voice;
    bool there = !known;
    if (map_get(&done, voice, NULL)) continue;
    map_set(&done, voice, 1);
    for (size_t k = 0; k < answer.voice_count && !there; k++)
      there = strcmp(answer.voices[k].id, voice) == 0;
    if (there) core_add_voice(world->core, voice, index, voice);
  }
  map_release(&done);
}

static struct core_account configured(const struct world *world, const char *email) {
  for (size_t i = 0; i < world->options.account_count; i++)
    if (strcmp(world->options.accounts[i].email, email) == 0) return world->options.accounts[i];
  return (struct core_account){.email = email};
}

static struct core_guards guards_of(const struct world *world, const char *email) {
  const struct sim_scenario *scenario = world->options.scenario;
  for (size_t i = 0; i < scenario->account_count; i++)
    if (strcmp(scenario->accounts[i].email, email) == 0) return world->options.guards[i];
  return (struct core_guards){0};
}

/* A token that is refused reaches none. */
static void add_accounts_of(struct world *world, token_index token, struct arena *arena) {
  struct call call = {.kind = CALL_ACCOUNTS, .token = token};
  struct answer answer = {0};
  int64_t nameless;
  outside_ask(world, &call, arena, &answer);
  for (size_t i = 0; i < answer.account_count; i++) {
    const char *email = answer.accounts[i].email;
    if (map_get(&world->nameless, email, &nameless) && nameless != 0) continue;
    struct core_account account = configured(world, email);
    account.token = token;
    account.max_jobs = answer.accounts[i].max_jobs;
    account.credits = ask_credits(world, token, email, arena);
    if (world->options.guards != NULL) account.guards = guards_of(world, email);
    (void)core_add_account(world->core, &account);
  }
}

/* Which accounts there are, what they have, asked of the service as the program asks. */
static void add_accounts(struct world *world) {
  struct arena arena;
  arena_init(&arena);
  for (size_t i = 0; i < world->options.scenario->token_count; i++)
    add_accounts_of(world, (token_index)i, &arena);
  CHECK(core_account_count(world->core) > 0);
  for (size_t i = 0; i < core_account_count(world->core); i++)
    add_voices(world, (account_index)i,
               core_account_at(world->core, (account_index)i, world_clock(world)).email, &arena);
  arena_release(&arena);
}

static struct core_options core_options_of(struct world *world) {
  struct core_options options = world->options.core;
  options.seed = prng_next(&world->prng);
  options.reply_url = world->reply_url;
  if (options.retry_wait_high == 0) {
    options.retry_wait_low = 10 * SECOND_MS;
    options.retry_wait_high = 30 * SECOND_MS;
  }
  if (options.poll_high == 0) {
    options.poll_low = 3 * SECOND_MS;
    options.poll_high = 30 * SECOND_MS;
  }
  if (options.max_attempts == 0) options.max_attempts = 4;
  if (options.upload_ahead == 0) options.upload_ahead = 1;
  return options;
}

/* As the program's: by the wall, but never earlier than what was written (runtime/clock.c). */
static void clock_begins(struct world *world) {
  struct store_snapshot snapshot = {0};
  if (world->wall_ahead == world->ahead) return;
  CHECK(store_load(world->store, &snapshot, NULL) == 0);
  duration_ms least = snapshot.latest - world->now;
  world->ahead = world->wall_ahead > least ? world->wall_ahead : least;
  store_snapshot_release(&snapshot);
}

static void start_process(struct world *world) {
  struct store_snapshot snapshot = {0};
  callbacks_begin(world);
  struct core_options options = core_options_of(world);
  batch_id batch = 1;
  clock_begins(world);
  order_apply_open(world);
  world->core = core_new(&options);
  add_accounts(world);
  CHECK(store_load(world->store, &snapshot, NULL) == 0);
  int64_t *numbers = calloc(snapshot.job_count + 1, sizeof *numbers);
  CHECK(numbers != NULL && "out of memory");
  CHECK(store_event_counts(world->store, &snapshot, numbers, NULL) == 0);
  core_load(world->core, &snapshot, numbers, &batch, 1);
  free(numbers);
  store_snapshot_release(&snapshot);
  struct core_output *output = output_new();
  core_start(world->core, world_clock(world), output);
  push(world, output);
  set_timer(world);
}

/* ---- from outside ---- */

static void open_state(struct world *world) {
  const struct world_options *options = &world->options;
  struct error error = {0};
  int result = options->state_path == NULL
                   ? store_open_memory(&world->store, &error)
                   : store_open_crashing(&world->store, options->state_path, options->seed, &error);
  if (result != 0) tell_fate(world, WORLD_FATE, error.text);
  CHECK(result == 0);
}

struct world *world_new(const struct world_options *options) {
  struct world *world = calloc(1, sizeof *world);
  CHECK(world != NULL && "out of memory");
  world->options = *options;
  world->start = world->now = options->start != 0 ? options->start : WORLD_START;
  world->exit_status = -1;
  prng_init(&world->prng, options->seed);
  arena_init(&world->arena);
  map_init(&world->files);
  map_init(&world->parts);
  map_init(&world->nameless);
  buffer_init(&world->trace, (size_t)1 << 30);
  world->published = calloc(options->job_count + 1, sizeof *world->published);
  CHECK(world->published != NULL && "out of memory");
  world->outputs = ARENA_NEW_ARRAY(&world->arena, options->job_count + 1, const char *);
  for (size_t i = 0; i < options->job_count; i++)
    world->outputs[i] = arena_printf(&world->arena, "/out/%s.mp4", options->jobs[i].name);
  world->grace = TIME_NEVER;
  world->service = sim_service_new(options->scenario, world->now);
  if (options->prepare != NULL) options->prepare(options->context, world->service, world->now);
  open_state(world);
  world->assets = ARENA_NEW_ARRAY(&world->arena, options->job_count + 1, const char *);
  make_assets(world);
  enroll(world);
  return world;
}

static void drop_process(struct world *world) {
  while (world->count > 0)
    happening_free(happening_next(world));
  for (size_t i = 0; i < world->waiting_count; i++)
    output_free(world->waiting[i]);
  world->waiting_count = 0;
  world->committing = world->commit_failing = false;
  world->grace = TIME_NEVER;
  world->ended = world->dying = false;
  core_free(world->core);
  world->core = NULL;
}

void world_free(struct world *world) {
  drop_process(world);
  store_close(world->store);
  sim_service_free(world->service);
  free(world->queue);
  free(world->waiting);
  free(world->published);
  map_release(&world->files);
  map_release(&world->parts);
  map_release(&world->nameless);
  store_snapshot_release(&world->last_read);
  store_requests_release(&world->last_answer);
  buffer_release(&world->trace);
  arena_release(&world->arena);
  free(world);
}

/* What was still under way 10 s after a signal is given up, as the program does. */
static void give_up(struct world *world) {
  tell_fate(world, WORLD_FATE, "still under way after 10 s");
  world->ended = true;
  world->exit_status = 3;
}

/* When the service changes by itself: only of interest where it tells of that. */
static time_ms service_next(const struct world *world) {
  return world->reply_url == NULL ? TIME_NEVER : sim_service_next(world->service);
}

static void happen_next(struct world *world) {
  struct event tick = {.kind = EVENT_TICK};
  time_ms next = world->count > 0 ? world->queue[0]->at : TIME_NEVER;
  bool timer_first = world->timer < next;
  if (timer_first) next = world->timer;
  if (service_next(world) < next && service_next(world) < world->grace) {
    if (service_next(world) > world->now) world->now = service_next(world);
    sim_service_advance(world->service, world->now);
    callbacks_take(world);
    return;
  }
  if (world->grace <= next) {
    if (world->grace > world->now) world->now = world->grace;
    give_up(world);
    return;
  }
  /* A timer in the past fires a millisecond later, as the program's does. */
  if (next < world->now) next = world->now + 1;
  world->now = next;
  if (timer_first)
    feed(world, &tick);
  else
    happen(world, happening_next(world));
  callbacks_take(world); /* of what a call brought about */
}

static time_ms next_time(const struct world *world) {
  time_ms next = world->count > 0 ? world->queue[0]->at : TIME_NEVER;
  if (world->timer < next) next = world->timer;
  if (service_next(world) < next) next = service_next(world);
  return world->grace < next ? world->grace : next;
}

int world_run(struct world *world, duration_ms until) {
  time_ms end = world->start + (until == TIME_NEVER ? WORLD_LONGEST : until);
  if (world->core != NULL && world->ended) drop_process(world);
  if (world->core == NULL) start_process(world);
  world->paused = false;
  while (!world->ended && !world->paused) {
    if (next_time(world) > end) {
      if (end > world->now) world->now = end;
      return -1;
    }
    happen_next(world);
  }
  return world->ended ? world->exit_status : -1;
}

void world_crash(struct world *world, enum store_point point, duration_ms after) {
  struct happening *commit = NULL;
  for (size_t i = 0; i < world->count; i++)
    if (world->queue[i]->kind == HAPPENS_COMMIT) commit = world->queue[i];
  if (commit != NULL) {
    store_crash_next(world->store, point);
    (void)store_commit(world->store, world_clock(world), commit->output->records,
                       commit->output->record_count, NULL);
  }
  store_reopen(world->store);
  drop_process(world);
  tell_fate(world, WORLD_FATE, "the process died");
  world->now += after;
}

void world_die(struct world *world) {
  world->dying = true;
}

void world_sleep(struct world *world, duration_ms length, bool cut) {
  for (size_t i = 0; cut && i < world->count; i++) {
    struct happening *happening = world->queue[i];
    if (happening->kind != HAPPENS_REPLY || happening->reply.transport != WIRE_REPLIED) continue;
    happening->reply.transport = WIRE_NO_REPLY;
    happening->reply.failure = "the connection was lost";
  }
  world->now += length;
}

void world_lose_state(struct world *world) {
  CHECK(world->core == NULL || world->ended);
  CHECK(world->options.state_path == NULL);
  store_close(world->store);
  open_state(world);
  enroll(world);
}

void world_stop(struct world *world) {
  struct event event = {.kind = EVENT_STOP, .text = "SIGTERM"};
  world->grace = world->now + GRACE_MS;
  feed(world, &event);
}

void world_order(struct world *world, const struct request_record *order) {
  struct request_record request = *order;
  request.asked = world_clock(world);
  request.batch = order->account == NULL ? "night" : NULL;
  CHECK(store_give_request(world->store, &request, &world->last_order, NULL) == 0);
  if (world->core == NULL || world->ended) {
    order_apply_open(world);
    return;
  }
  request.id = world->last_order;
  struct control control = core_control_of(&request);
  feed(world, &(struct event){.kind = EVENT_CONTROL, .control = &control});
}

void world_fail_commits(struct world *world, int code, int count) {
  store_fail_next(world->store, code, count, STORE_BEFORE);
}

void world_set_clock(struct world *world, duration_ms by) {
  world->wall_ahead += by;
}

time_ms world_clock(const struct world *world) {
  return world->now + world->ahead;
}

duration_ms world_now(const struct world *world) {
  return world->now - world->start;
}

const char *world_trace(const struct world *world) {
  return buffer_string(&world->trace);
}

const struct sim_service *world_service(const struct world *world) {
  return world->service;
}

const struct job_record *world_job_record(struct world *world, size_t job) {
  CHECK(job < world->options.job_count);
  store_snapshot_release(&world->last_read);
  world->last_read = (struct store_snapshot){0};
  CHECK(store_load(world->store, &world->last_read, NULL) == 0);
  return &world->last_read.jobs[job];
}

void world_name_account(struct world *world, const char *email, bool named) {
  map_set(&world->nameless, email, named ? 0 : 1);
}

struct core_options *world_next_options(struct world *world) {
  return &world->options.core;
}

struct wait world_job_why(const struct world *world, size_t job) {
  CHECK(world->core != NULL);
  return core_why(world->core, (job_id)job + 1, world_clock(world));
}

struct store *world_store(struct world *world) {
  return world->store;
}

const struct core *world_core(const struct world *world) {
  return world->core;
}

int64_t world_steps(const struct world *world) {
  return world->steps;
}

int world_published(const struct world *world, size_t job) {
  return world->published[job];
}
