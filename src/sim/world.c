#include "sim/world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nightshift/wire.h"
#include "util/check.h"
#include "util/map.h"
#include "util/prng.h"

#define WORLD_START   INT64_C(1767225600000) /* 2026-01-01T00:00:00Z */
#define WORLD_LONGEST (14 * 24 * HOUR_MS)
#define COMMIT_MS     1
#define HANG_MS       (60 * SECOND_MS)
#define FETCH_MS      500
#define API_BASE      "/v1/runwayml"

enum happening_kind {
  HAPPENS_COMMIT,
  HAPPENS_REPLY,
  HAPPENS_FETCHED,
  HAPPENS_PUBLISHED,
  HAPPENS_POST
};

/* Something that will happen to the client at a time. */
struct happening {
  time_ms at;
  int64_t order; /* equal times keep the order in which they were caused */
  enum happening_kind kind;
  request_id request;
  struct call call;
  struct wire_reply reply;
  time_ms begun;
  struct event event;         /* FETCHED, PUBLISHED, POST */
  struct core_output *output; /* COMMIT */
  struct arena arena;
};

struct world {
  struct world_options options;
  struct sim_service *service;
  struct store *store;
  struct core *core;
  struct prng prng;
  time_ms now;
  struct happening **queue; /* a heap by time and order */
  size_t count, room;
  int64_t order, steps;
  struct core_output **waiting; /* steps behind a commit */
  size_t waiting_count, waiting_room;
  bool committing;
  time_ms timer; /* when the core wants to be woken */
  int exit_status;
  bool ended;
  int *published;
  struct map files; /* path to its length + 1 */
  struct buffer trace;
  struct arena arena;
};

/* ---- the queue of what will happen ---- */

static bool before(const struct happening *a, const struct happening *b) {
  return a->at != b->at ? a->at < b->at : a->order < b->order;
}

static struct happening *happening_new(enum happening_kind kind) {
  struct happening *happening = calloc(1, sizeof *happening);
  CHECK(happening != NULL && "out of memory");
  happening->kind = kind;
  arena_init(&happening->arena);
  return happening;
}

static void happening_free(struct happening *happening) {
  if (happening->output != NULL) {
    core_output_release(happening->output);
    free(happening->output);
  }
  arena_release(&happening->arena);
  free(happening);
}

static void plan(struct world *world, struct happening *happening, time_ms at) {
  if (world->count == world->room) {
    world->room = world->room == 0 ? 64 : world->room * 2;
    world->queue = realloc(world->queue, world->room * sizeof(struct happening *));
    CHECK(world->queue != NULL && "out of memory");
  }
  happening->at = at;
  happening->order = world->order++;
  size_t i = world->count++;
  for (; i > 0 && before(happening, world->queue[(i - 1) / 2]); i = (i - 1) / 2)
    world->queue[i] = world->queue[(i - 1) / 2];
  world->queue[i] = happening;
}

static struct happening *next_happening(struct world *world) {
  struct happening *first = world->queue[0], *last = world->queue[--world->count];
  size_t i = 0;
  for (;;) {
    size_t child = 2 * i + 1;
    if (child >= world->count) break;
    if (child + 1 < world->count && before(world->queue[child + 1], world->queue[child])) child++;
    if (!before(world->queue[child], last)) break;
    world->queue[i] = world->queue[child];
    i = child;
  }
  if (world->count > 0) world->queue[i] = last;
  return first;
}

/* ---- the trace ---- */

/* Milliseconds since the start instead of the time of day; times inside a line likewise. */
static void trace_field(struct world *world, const struct log_field *field) {
  bool is_time = strcmp(field->name, "until") == 0 || strcmp(field->name, "eta") == 0;
  if (field->text == NULL)
    buffer_printf(&world->trace, " %s=%lld", field->name,
                  (long long)(is_time ? field->number - WORLD_START : field->number));
  else if (strchr(field->text, ' ') != NULL)
    buffer_printf(&world->trace, " %s=\"%s\"", field->name, field->text);
  else
    buffer_printf(&world->trace, " %s=%s", field->name, field->text);
}

static void trace_line(struct world *world, const struct log_line *line) {
  if (line->level == LOG_DEBUG && !world->options.trace_debug) return;
  duration_ms at = line->time - WORLD_START;
  buffer_printf(&world->trace, "%7lld.%03llds %s", (long long)(at / 1000), (long long)(at % 1000),
                log_event_name(line->event));
  for (size_t i = 0; i < line->field_count; i++)
    trace_field(world, &line->fields[i]);
  buffer_text(&world->trace, "\n");
}

/* ---- carrying out ---- */

static void keep_call(struct happening *happening, const struct call *call) {
  happening->call = *call;
  const char **strings[] = {
      &happening->call.email,    &happening->call.task_id,   &happening->call.asset_id,
      &happening->call.voice_id, &happening->call.reply_ref, &happening->call.reply_url,
      &happening->call.name,     &happening->call.path,      &happening->call.content_type};
  for (size_t i = 0; i < sizeof strings / sizeof strings[0]; i++)
    *strings[i] = arena_string(&happening->arena, *strings[i]);
}

static void read_reply(struct happening *happening, const struct sim_reply *said) {
  struct wire_reply *reply = &happening->reply;
  if (said->fate != SIM_REPLY) {
    reply->transport = WIRE_NO_REPLY;
    reply->failure = said->fate == SIM_HANG ? "timed out" : "the connection was lost";
    return;
  }
  reply->transport = WIRE_REPLIED;
  reply->status = said->status;
  reply->content_type = arena_string(&happening->arena, said->content_type);
  reply->retry_after = arena_string(&happening->arena, said->retry_after);
  reply->body = arena_bytes(&happening->arena, said->body, said->body_bytes);
  reply->body_bytes = said->body_bytes;
}

static void ask_service(struct world *world, const char *method, const char *target,
                        const char *authorization, const struct wire_request *sent,
                        struct sim_reply *reply) {
  struct sim_request request = {.method = method,
                                .target = target,
                                .authorization = authorization,
                                .content_type = sent == NULL ? NULL : sent->content_type,
                                .body = sent == NULL ? NULL : sent->body,
                                .body_bytes = sent == NULL ? 0 : sent->body_bytes};
  if (sent != NULL && sent->body_path != NULL) {
    request.body_bytes = (size_t)sent->body_path_bytes;
    request.body_hash = hash_bytes(sent->body_path, strlen(sent->body_path));
  }
  *reply = (struct sim_reply){0};
  sim_service_handle(world->service, world->now, &request, reply);
}

static void do_call(struct world *world, const struct action *action) {
  struct happening *happening = happening_new(HAPPENS_REPLY);
  struct wire_request sent = {0};
  struct sim_reply said;
  happening->request = action->request;
  happening->begun = world->now;
  keep_call(happening, &action->call);
  wire_encode(&happening->call, &happening->arena, &sent);
  ask_service(world, sent.method, arena_printf(&happening->arena, "%s%s", API_BASE, sent.path),
              arena_printf(&happening->arena, "Bearer %s", world->options.token), &sent, &said);
  read_reply(happening, &said);
  duration_ms delay = said.fate == SIM_HANG ? HANG_MS : said.delay_ms;
  sim_reply_release(&said);
  plan(world, happening, world->now + (delay > 0 ? delay : 1));
}

static void do_fetch(struct world *world, const struct action *action) {
  struct happening *happening = happening_new(HAPPENS_FETCHED);
  const char *host = strstr(action->url, "://");
  const char *target = host == NULL ? NULL : strchr(host + 3, '/');
  struct sim_reply said;
  CHECK(target != NULL);
  ask_service(world, "GET", target, NULL, NULL, &said);
  struct event *event = &happening->event;
  *event = (struct event){.kind = EVENT_FETCHED, .request = action->request};
  if (said.fate == SIM_REPLY && said.status == 200) {
    bool right = action->bytes < 0 || action->bytes == (int64_t)said.body_bytes;
    event->fetch = right ? FETCH_WHOLE : FETCH_LENGTH;
    event->bytes = (int64_t)said.body_bytes;
    event->inode = action->job;
  } else {
    event->fetch = said.fate == SIM_REPLY ? FETCH_EXPIRED : FETCH_FAILED;
    event->text = "the download failed";
  }
  duration_ms delay = said.fate == SIM_HANG ? HANG_MS : FETCH_MS + said.delay_ms;
  sim_reply_release(&said);
  plan(world, happening, world->now + delay);
}

static void do_publish(struct world *world, const struct action *action) {
  struct happening *happening = happening_new(HAPPENS_PUBLISHED);
  int64_t there;
  bool taken = map_get(&world->files, action->path, &there) && there != action->inode;
  happening->event = (struct event){.kind = EVENT_PUBLISHED,
                                    .request = action->request,
                                    .publish = taken ? PUBLISH_TAKEN : PUBLISH_DONE};
  if (taken) happening->event.path = arena_printf(&happening->arena, "%s.new", action->path);
  if (!taken && !map_get(&world->files, action->path, NULL)) {
    map_set(&world->files, action->path, action->inode);
    world->published[action->job - 1]++;
  }
  plan(world, happening, world->now + 1);
}

static void carry_out(struct world *world, const struct core_output *output) {
  for (size_t i = 0; i < output->action_count; i++) {
    const struct action *action = &output->actions[i];
    switch (action->kind) {
    case ACTION_CALL:
      do_call(world, action);
      break;
    case ACTION_FETCH:
      do_fetch(world, action);
      break;
    case ACTION_PUBLISH:
      do_publish(world, action);
      break;
    case ACTION_DISCARD:
      break;
    case ACTION_LOG:
      trace_line(world, &action->line);
      break;
    case ACTION_END:
      world->ended = true;
      world->exit_status = action->exit_status;
      break;
    }
  }
}

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
      carry_out(world, output);
      output_free(output);
      continue;
    }
    struct happening *happening = happening_new(HAPPENS_COMMIT);
    happening->output = output;
    world->committing = true;
    plan(world, happening, world->now + COMMIT_MS);
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

static void feed(struct world *world, const struct event *event) {
  struct core_output *output = output_new();
  core_step(world->core, world->now, event, output);
  world->steps++;
  push(world, output);
  world->timer = core_deadline(world->core);
}

static void committed(struct world *world, struct happening *happening) {
  struct core_output *output = happening->output;
  struct error error = {0};
  int result =
      store_commit(world->store, world->now, output->records, output->record_count, &error);
  if (result != 0) { /* the same group again, as the runtime does */
    CHECK(result != ERR_DAMAGED);
    struct happening *again = happening_new(HAPPENS_COMMIT);
    again->output = output;
    happening->output = NULL;
    plan(world, again, world->now + 5 * SECOND_MS);
    return;
  }
  world->committing = false;
  carry_out(world, output);
  kick(world);
}

static void replied(struct world *world, struct happening *happening) {
  struct answer answer = {0};
  wire_decode(&happening->call, &happening->reply, world->now, &happening->arena, &answer);
  struct event event = {.kind = EVENT_ANSWER,
                        .request = happening->request,
                        .begun = happening->begun,
                        .answer = &answer};
  feed(world, &event);
}

static void happen(struct world *world, struct happening *happening) {
  switch (happening->kind) {
  case HAPPENS_COMMIT:
    committed(world, happening);
    break;
  case HAPPENS_REPLY:
    replied(world, happening);
    break;
  case HAPPENS_FETCHED:
  case HAPPENS_PUBLISHED:
  case HAPPENS_POST:
    feed(world, &happening->event);
    break;
  }
  happening_free(happening);
}

/* ---- the process ---- */

static struct job_record record_of(struct world *world, const struct world_job *job, size_t i) {
  struct arena *arena = &world->arena;
  return (struct job_record){
      .key = arena_printf(arena, "id:%s", job->name),
      .name = job->name,
      .number = (int64_t)i + 1,
      .listed = true,
      .clip_path = job->clip == NULL ? NULL : arena_printf(arena, "/clips/%s", job->clip),
      .clip_source = job->clip == NULL ? job->asset : job->clip,
      .clip_hash = job->clip == NULL ? NULL : arena_printf(arena, "hash-%s", job->clip),
      .clip_bytes = 1000,
      .clip_ms = job->length_ms,
      .clip_width = 96,
      .clip_height = 96,
      .clip_type = "video/mp4",
      .asset = job->asset,
      .voice = job->voice,
      .voice_id = job->voice,
      .output = arena_printf(arena, "/out/%s.mp4", job->name),
      .explore = job->explore,
      .priority = job->priority,
      .pin = job->pin,
      .state = JOB_QUEUED,
      .result_bytes = -1};
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
  core_enroll(&world->arena, &snapshot, &batch, jobs, count, NULL, NULL, world->now, &result);
  if (result.record_count > 0)
    CHECK(store_commit(world->store, world->now, result.records, result.record_count, NULL) == 0);
  store_snapshot_release(&snapshot);
}

/* Which accounts there are, asked of the service as the program asks. */
static void add_accounts(struct world *world) {
  struct call call = {.kind = CALL_ACCOUNTS};
  struct wire_request sent = {0};
  struct sim_reply said;
  struct happening *happening = happening_new(HAPPENS_REPLY);
  struct answer answer = {0};
  wire_encode(&call, &happening->arena, &sent);
  ask_service(world, sent.method, arena_printf(&happening->arena, "%s%s", API_BASE, sent.path),
              arena_printf(&happening->arena, "Bearer %s", world->options.token), &sent, &said);
  said.fate = SIM_REPLY;
  read_reply(happening, &said);
  wire_decode(&call, &happening->reply, world->now, &happening->arena, &answer);
  CHECK(answer.account_count > 0);
  for (size_t i = 0; i < answer.account_count; i++) {
    struct core_account account = {
        .email = answer.accounts[i].email, .max_jobs = answer.accounts[i].max_jobs, .credits = -1};
    (void)core_add_account(world->core, &account);
  }
  sim_reply_release(&said);
  happening_free(happening);
}

static struct core_options core_options_of(struct world *world) {
  struct core_options options = world->options.core;
  options.seed = prng_next(&world->prng);
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

static void start_process(struct world *world) {
  struct store_snapshot snapshot = {0};
  struct core_options options = core_options_of(world);
  batch_id batch = 1;
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
  core_start(world->core, world->now, output);
  push(world, output);
  world->timer = core_deadline(world->core);
}

/* ---- from outside ---- */

struct world *world_new(const struct world_options *options) {
  struct world *world = calloc(1, sizeof *world);
  CHECK(world != NULL && "out of memory");
  world->options = *options;
  world->now = WORLD_START;
  world->exit_status = -1;
  prng_init(&world->prng, options->seed);
  arena_init(&world->arena);
  map_init(&world->files);
  buffer_init(&world->trace, (size_t)1 << 30);
  world->published = calloc(options->job_count + 1, sizeof *world->published);
  CHECK(world->published != NULL && "out of memory");
  world->service = sim_service_new(options->scenario, world->now);
  CHECK(store_open_memory(&world->store, NULL) == 0);
  enroll(world);
  return world;
}

static void drop_process(struct world *world) {
  while (world->count > 0)
    happening_free(next_happening(world));
  for (size_t i = 0; i < world->waiting_count; i++)
    output_free(world->waiting[i]);
  world->waiting_count = 0;
  world->committing = false;
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
  buffer_release(&world->trace);
  arena_release(&world->arena);
  free(world);
}

int world_run(struct world *world, duration_ms until) {
  time_ms end = WORLD_START + (until == TIME_NEVER ? WORLD_LONGEST : until);
  struct event tick = {.kind = EVENT_TICK};
  if (world->core == NULL) start_process(world);
  while (!world->ended) {
    time_ms next = world->count > 0 ? world->queue[0]->at : TIME_NEVER;
    bool timer_first = world->timer < next;
    if (timer_first) next = world->timer;
    if (next > end) {
      if (end > world->now) world->now = end;
      return -1;
    }
    if (next > world->now) world->now = next;
    if (timer_first) {
      /* A timer in the past would spin for ever: the runtime's fires a millisecond later. */
      if (world->timer <= world->now - 1) world->now++;
      feed(world, &tick);
    } else {
      happen(world, next_happening(world));
    }
  }
  return world->exit_status;
}

void world_crash(struct world *world, enum store_point point, duration_ms after) {
  struct error error;
  struct happening *commit = NULL;
  for (size_t i = 0; i < world->count; i++)
    if (world->queue[i]->kind == HAPPENS_COMMIT) commit = world->queue[i];
  if (commit != NULL) {
    store_memory_crash_next(world->store, point);
    (void)store_commit(world->store, world->now, commit->output->records,
                       commit->output->record_count, &error);
  }
  store_memory_reopen(world->store);
  drop_process(world);
  world->now += after;
  buffer_printf(&world->trace, "%7lld.%03llds (the process died)\n",
                (long long)((world->now - WORLD_START) / 1000),
                (long long)((world->now - WORLD_START) % 1000));
}

void world_stop(struct world *world) {
  struct event event = {.kind = EVENT_STOP, .text = "SIGTERM"};
  feed(world, &event);
}

void world_fail_commits(struct world *world, int code, int count) {
  store_memory_fail_next(world->store, code, count, STORE_BEFORE);
}

duration_ms world_now(const struct world *world) {
  return world->now - WORLD_START;
}

const char *world_trace(const struct world *world) {
  return buffer_string(&world->trace);
}

const struct sim_service *world_service(const struct world *world) {
  return world->service;
}

enum job_state world_job_state(const struct world *world, size_t job) {
  struct store_snapshot snapshot = {0};
  CHECK(job < world->options.job_count);
  CHECK(store_load(world->store, &snapshot, NULL) == 0);
  enum job_state state = snapshot.jobs[job].state;
  store_snapshot_release(&snapshot);
  return state;
}

struct wait world_job_why(const struct world *world, size_t job) {
  CHECK(world->core != NULL);
  return core_why(world->core, (job_id)job + 1, world->now);
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
