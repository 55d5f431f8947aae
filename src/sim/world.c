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

void world_feed(struct world *world, const struct event *event) {
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
  world_feed(world, &event);
}

static void called_back(struct world *world, struct happening *happening) {
  struct task_view said;
  if (!callbacks_read(world, happening, &said)) return;
  world_feed(world, &(struct event){.kind = EVENT_CALLBACK, .said = &said});
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
    world_feed(world, &happening->event);
    break;
  case HAPPENS_CALLBACK:
    called_back(world, happening);
    break;
  case HAPPENS_RELOAD:
    reload_goes_on(world, happening);
    break;
  }
  happening_free(happening);
}

/* ---- the process ---- */

/* As the program's: by the wall, but never earlier than what was written (runtime/clock.c). */
static void clock_begins(struct world *world) {
  struct store_snapshot snapshot = {0};
  if (world->wall_ahead == world->ahead) return;
  CHECK(store_load(world->store, &snapshot, NULL) == 0);
  duration_ms least = snapshot.latest - world->now;
  world->ahead = world->wall_ahead > least ? world->wall_ahead : least;
  store_snapshot_release(&snapshot);
}

static void add_accounts(struct world *world) {
  struct arena arena;
  int64_t place;
  struct map places;
  arena_init(&arena);
  map_init(&places);
  struct setup setup = setup_reach(world, &arena);
  CHECK(setup.account_count > 0);
  for (size_t i = 0; i < setup.account_count; i++)
    map_set(&places, setup.accounts[i].email, core_add_account(world->core, &setup.accounts[i]));
  for (size_t i = 0; i < setup.voice_count; i++) {
    const struct core_voice *voice = &setup.voices[i];
    CHECK(map_get(&places, voice->email, &place));
    core_add_voice(world->core, voice->voice_id, (account_index)place, voice->id_there);
  }
  map_release(&places);
  arena_release(&arena);
}

static void start_process(struct world *world) {
  struct store_snapshot snapshot = {0};
  callbacks_begin(world);
  struct core_options options = setup_options(world);
  batch_id batch = 1;
  clock_begins(world);
  if (world->edited) setup_enroll(world);
  order_apply_open(world);
  world->core = core_new(&options);
  add_accounts(world);
  CHECK(store_load(world->store, &snapshot, NULL) == 0 && core_load_fault(&snapshot) == NULL);
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
  world->dropped = ARENA_NEW_ARRAY(&world->arena, options->job_count + 1, bool);
  world->written = options->first_jobs != 0 ? options->first_jobs : options->job_count;
  world->edited = options->first_jobs != 0;
  setup_assets(world);
  setup_enroll(world);
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
  world->reloading = world->reload_again = false;
  reload_known_free(world->taken_over);
  world->taken_over = NULL;
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
    world_feed(world, &tick);
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
  /* One that has ended writes nothing any more: others may have written since. */
  for (size_t i = 0; i < world->count && !world->ended; i++)
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
  setup_enroll(world);
}

void world_stop(struct world *world) {
  struct event event = {.kind = EVENT_STOP, .text = "SIGTERM"};
  world->grace = world->now + GRACE_MS;
  world_feed(world, &event);
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
  world_feed(world, &(struct event){.kind = EVENT_CONTROL, .control = &control});
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
  return job < world->last_read.job_count ? &world->last_read.jobs[job] : NULL;
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
