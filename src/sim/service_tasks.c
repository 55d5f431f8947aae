/* Tasks from acceptance to their end: slots, starts, progress, credits. The only writer of a task's
 * state. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/service.h"
#include "util/check.h"

/* A clip whose length nobody told. */
#define SECONDS_UNKNOWN 10.0

void sim_indexes_add(struct sim_indexes *indexes, size_t index) {
  if (indexes->count == indexes->room) {
    indexes->room = indexes->room == 0 ? 16 : indexes->room * 2;
    indexes->items = realloc(indexes->items, indexes->room * sizeof *indexes->items);
    CHECK(indexes->items != NULL && "out of memory");
  }
  indexes->items[indexes->count++] = index;
}

static void remove_active(struct sim_indexes *active, size_t task) {
  for (size_t i = 0; i < active->count; i++) {
    if (active->items[i] != task) continue;
    memmove(&active->items[i], &active->items[i + 1],
            (active->count - i - 1) * sizeof *active->items);
    active->count--;
    return;
  }
}

uint64_t sim_hash(uint64_t seed, const char *name, int64_t number) {
  struct prng prng;
  prng_init(&prng,
            seed ^ hash_bytes(name, strlen(name)) ^ ((uint64_t)number * 0x9e3779b97f4a7c15u));
  return prng_next(&prng);
}

const char *sim_new_uuid(struct sim_service *service, struct arena *arena) {
  uint64_t a = prng_next(&service->ids), b = prng_next(&service->ids);
  return arena_printf(arena, "%08x-%04x-4%03x-%04x-%012llx", (unsigned)(a >> 32),
                      (unsigned)(a >> 16) & 0xffffu, (unsigned)a & 0xfffu,
                      ((unsigned)(b >> 48) & 0x3fffu) | 0x8000u,
                      (unsigned long long)(b & 0xffffffffffffu));
}

bool sim_task_active(const struct sim_task *task) {
  return task->state == STATE_WAITING || task->state == STATE_PENDING ||
         task->state == STATE_RUNNING;
}

const char *sim_task_status(const struct sim_task *task) {
  static const char *const names[] = {"THROTTLED", "PENDING", "RUNNING",
                                      "SUCCEEDED", "FAILED",  "CANCELLED"};
  return names[task->state];
}

double sim_task_progress(const struct sim_task *task, time_ms now) {
  if (task->state == STATE_SUCCEEDED) return 1;
  if (task->run_at == 0 || task->state == STATE_PENDING || task->work_ms <= 0) return 0;
  time_ms at = task->ended != 0 ? task->ended : now;
  double share = (double)(at - task->run_at) / (double)task->work_ms;
  if (share < 0) return 0; /* cancelled before it began */
  return share > 0.99 ? 0.99 : share;
}

static const char *voice_name(const struct sim_scenario *scenario, const char *voice_id) {
  for (size_t i = 0; i < scenario->voice_count; i++)
    if (strcmp(scenario->voices[i].id, voice_id) == 0) return scenario->voices[i].name;
  return voice_id;
}

/* How long this task will work, drawn from what it is and not from when it came, so that two ways
 * of going through the same jobs meet the same work. */
static void draw_work(struct sim_service *service, struct sim_task *task, const char *asset_name) {
  const struct sim_scenario *scenario = service->scenario;
  const char *pair = arena_printf(&service->scratch, "%s\n%s", asset_name, task->voice_id);
  int64_t before = 0;
  map_get(&service->pairs, pair, &before);
  map_set(&service->pairs, pair, before + 1);
  struct prng prng;
  prng_init(&prng, sim_hash(scenario->seed, pair, before));
  double factor = 1 + scenario->work_jitter * (2 * prng_unit(&prng) - 1);
  double pace = service->accounts[task->account].plan->pace;
  if (pace > 0) factor *= pace;
  if (task->explore) factor *= scenario->explore_factor;
  double work = (double)scenario->work_base + (double)scenario->work_per_second * task->seconds;
  task->work_ms = (duration_ms)(work * factor) + 1;
  task->start_ms = prng_between(&prng, scenario->start.low, scenario->start.high);
  task->artifact_bytes =
      prng_between(&prng, scenario->artifact_bytes.low, scenario->artifact_bytes.high);
}

static struct sim_task *new_task(struct sim_service *service) {
  if (service->task_count == service->task_room) {
    service->task_room = service->task_room == 0 ? 64 : service->task_room * 2;
    service->tasks = realloc(service->tasks, service->task_room * sizeof *service->tasks);
    CHECK(service->tasks != NULL && "out of memory");
  }
  struct sim_task *task = &service->tasks[service->task_count++];
  *task = (struct sim_task){0};
  return task;
}

static void name_task(struct sim_service *service, struct sim_task *task, const char *asset_name) {
  const struct sim_account_plan *plan = service->accounts[task->account].plan;
  const char *token = service->scenario->tokens[plan->token];
  task->uuid = sim_new_uuid(service, &service->arena);
  task->id = arena_printf(&service->arena, "%.*s-runwayml:%s-task:%s", (int)strcspn(token, "-"),
                          token, plan->email, task->uuid);
  task->name = arena_printf(&service->arena, "%s_%s", voice_name(service->scenario, task->voice_id),
                            asset_name);
}

static void take_slot(struct sim_task *task, time_ms now) {
  task->state = STATE_PENDING;
  task->slot_at = now;
  task->run_at = now + task->start_ms;
}

static void fill_slots(struct sim_service *service, size_t account, time_ms now) {
  struct sim_indexes *active = &service->accounts[account].active;
  size_t busy = 0;
  for (size_t i = 0; i < active->count; i++)
    if (service->tasks[active->items[i]].state != STATE_WAITING) busy++;
  size_t slots = (size_t)sim_account_capacity(service, account, now);
  for (size_t i = 0; i < active->count && busy < slots; i++) {
    struct sim_task *task = &service->tasks[active->items[i]];
    if (task->state != STATE_WAITING) continue;
    take_slot(task, now);
    busy++;
  }
}

/* From here on the task is there for all to see, and paid for. */
static void begin(struct sim_service *service, size_t index) {
  struct sim_task *task = &service->tasks[index];
  struct sim_account *account = &service->accounts[task->account];
  task->created = service->now;
  account->used += task->credits;
  sim_indexes_add(&account->tasks, index);
  sim_indexes_add(&account->active, index);
  map_set(&service->tasks_by_id, task->id, (int64_t)index);
  map_set(&service->tasks_by_uuid, task->uuid, (int64_t)index);
  fill_slots(service, task->account, service->now);
}

static void begin_later(struct sim_service *service, size_t index, duration_ms late) {
  if (service->late_count == service->late_room) {
    service->late_room = service->late_room == 0 ? 8 : service->late_room * 2;
    service->late = realloc(service->late, service->late_room * sizeof *service->late);
    CHECK(service->late != NULL && "out of memory");
  }
  service->late[service->late_count++] = (struct sim_late){service->now + late, index};
}

size_t sim_task_create(struct sim_service *service, const struct sim_task_order *order) {
  const struct sim_asset *asset = order->asset == NONE ? NULL : &service->assets[order->asset];
  size_t index = service->task_count;
  struct sim_task *task = new_task(service);
  task->account = order->account;
  task->asset = order->asset;
  task->voice_id = arena_string(&service->arena, order->voice_id);
  task->reply_ref = arena_string(&service->arena, order->reply_ref);
  task->reply_url = arena_string(&service->arena, order->reply_url);
  task->origin = order->origin;
  task->explore = order->explore;
  task->seconds = asset != NULL && asset->seconds > 0 ? asset->seconds : SECONDS_UNKNOWN;
  task->credits = order->explore ? 0 : task->seconds * service->scenario->credits_per_second;
  const char *asset_name = asset == NULL ? "other" : asset->name;
  name_task(service, task, asset_name);
  draw_work(service, task, order->origin == ORIGIN_ORDERED ? asset_name : task->uuid);
  if (order->length > 0) task->work_ms = order->length;
  if (order->origin == ORIGIN_ORDERED)
    task->failure =
        sim_failure_draw(service, STAGE_TASK, service->accounts[order->account].plan->email,
                         asset_name, order->voice_id, order->reply_ref);
  if (order->late > 0)
    begin_later(service, index, order->late);
  else
    begin(service, index);
  return index;
}

static void end(struct sim_service *service, size_t index, enum sim_state state, time_ms now) {
  struct sim_task *task = &service->tasks[index];
  struct sim_account *account = &service->accounts[task->account];
  task->state = state;
  task->ended = now;
  if (state != STATE_SUCCEEDED) account->used -= task->credits;
  remove_active(&account->active, index);
  fill_slots(service, task->account, now);
  sim_callback_add(service, task);
}

void sim_task_cancel(struct sim_service *service, size_t task) {
  if (sim_task_active(&service->tasks[task]))
    end(service, task, STATE_CANCELLED, service->now);
  else
    service->tasks[task].deleted = true;
}

static time_ms end_of(const struct sim_task *task) {
  double share = task->failure == NULL ? 1 : task->failure->at;
  return task->run_at + (duration_ms)((double)task->work_ms * share);
}

/* When this task changes by itself. */
static time_ms task_next(const struct sim_task *task) {
  if (task->state == STATE_PENDING) return task->run_at;
  if (task->state != STATE_RUNNING) return TIME_NEVER;
  time_ms end = end_of(task), told = sim_callback_next(task);
  return told < end ? told : end;
}

static enum sim_state state_at_end(const struct sim_task *task) {
  if (task->failure == NULL || task->failure->kind == FAILURE_NO_ARTIFACTS) return STATE_SUCCEEDED;
  return task->failure->kind == FAILURE_CANCELLED ? STATE_CANCELLED : STATE_FAILED;
}

static time_ms account_next(const struct sim_service *service, size_t index) {
  const struct sim_account *account = &service->accounts[index];
  time_ms next = sim_others_next(service, index);
  bool waiting = false;
  for (size_t i = 0; i < account->active.count; i++) {
    const struct sim_task *task = &service->tasks[account->active.items[i]];
    time_ms at = task_next(task);
    if (at < next) next = at;
    waiting |= task->state == STATE_WAITING;
  }
  if (waiting) {
    time_ms step = sim_account_next_step(service, index, service->now);
    if (step < next) next = step;
  }
  return next;
}

static time_ms next_change(const struct sim_service *service) {
  time_ms next = TIME_NEVER;
  for (size_t i = 0; i < service->late_count; i++)
    if (service->late[i].due < next) next = service->late[i].due;
  for (size_t i = 0; i < service->scenario->account_count; i++) {
    time_ms at = account_next(service, i);
    if (at < next) next = at;
  }
  return next;
}

static void step_account(struct sim_service *service, size_t index) {
  struct sim_account *account = &service->accounts[index];
  for (size_t i = 0; i < account->active.count;) {
    struct sim_task *task = &service->tasks[account->active.items[i]];
    if (task_next(task) > service->now) {
      i++;
    } else if (task->state == STATE_PENDING) {
      task->state = STATE_RUNNING;
      sim_callback_add(service, task);
    } else if (end_of(task) > service->now) {
      sim_callback_add(service, task); /* half of it is done */
    } else {
      end(service, account->active.items[i], state_at_end(task), service->now);
      i = 0; /* slots were filled: look at all again */
    }
  }
  fill_slots(service, index, service->now);
  sim_others_step(service, index, service->now);
}

static void step_late(struct sim_service *service) {
  for (size_t i = 0; i < service->late_count;) {
    if (service->late[i].due > service->now) {
      i++;
      continue;
    }
    size_t task = service->late[i].task;
    service->late_count--;
    memmove(&service->late[i], &service->late[i + 1],
            (service->late_count - i) * sizeof *service->late);
    begin(service, task);
  }
}

void sim_service_advance(struct sim_service *service, time_ms now) {
  if (now < service->now) return;
  for (time_ms at; (at = next_change(service)) <= now;) {
    service->now = at > service->now ? at : service->now;
    step_late(service);
    for (size_t i = 0; i < service->scenario->account_count; i++)
      step_account(service, i);
  }
  service->now = now;
}

time_ms sim_service_next(const struct sim_service *service) {
  return next_change(service);
}
