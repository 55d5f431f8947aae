/* Slots that were free though work was waiting, and why, told from outside: a walk through the
 * moments of each account, from the service's truth and from what the player had been told. */
#include <stdlib.h>
#include <string.h>

#include "tests/bench/scheduler.h"
#include "util/check.h"

#define SLOTS_MOST 16

enum change { CHANGE_CAPACITY, CHANGE_ENDED, CHANGE_TAKEN, CHANGE_TOLD, CHANGE_UPLOADS };
struct moment {
  time_ms at;
  enum change change;
  size_t task; /* ENDED, TAKEN, TOLD */
  int uploads; /* UPLOADS */
};
struct moments {
  struct moment *items;
  size_t count, room;
};

/* A free slot: since when is kept by the walk, here is why. */
struct gap {
  enum idle cause;
  size_t task; /* END: whose end freed it */
};
struct walk {
  const struct sim_service *service;
  const struct sights *sights;
  size_t account;
  time_ms at, last_taken; /* the last job's acceptance: from then on nothing waits */
  int capacity, running, by_program, uploads;
  struct gap gaps[SLOTS_MOST];
  int gap_count;
  double *idle_ms;
  time_ms wanted, full_at; /* idle_until_full: 0: not yet */
};

const char *idle_name(enum idle idle) {
#define X(name, text) text,
  static const char *const names[] = {IDLES(X)};
#undef X
  CHECK(idle < IDLE_COUNT);
  return names[idle];
}

/* ---- the moments of an account ---- */

static void add(struct moments *moments, time_ms at, enum change change, size_t task, int uploads) {
  if (moments->count == moments->room) {
    moments->room = moments->room == 0 ? 256 : moments->room * 2;
    moments->items = realloc(moments->items, moments->room * sizeof *moments->items);
    CHECK(moments->items != NULL && "out of memory");
  }
  moments->items[moments->count++] = (struct moment){at, change, task, uploads};
}

/* Of one time, ends come before what takes their place. */
static int compare(const void *a, const void *b) {
  const struct moment *one = a, *other = b;
  if (one->at != other->at) return one->at < other->at ? -1 : 1;
  if (one->change != other->change) return one->change < other->change ? -1 : 1;
  return one->task < other->task ? -1 : one->task > other->task;
}

static time_ms told_at(const struct sights *sights, size_t task) {
  return task < sights->told_room ? sights->told[task] : 0;
}

static void collect(const struct walk *walk, struct moments *moments) {
  const struct sim_service *service = walk->service;
  const struct sim_indexes *tasks = &service->accounts[walk->account].tasks;
  for (size_t i = 0; i < tasks->count; i++) {
    size_t task = tasks->items[i];
    time_ms told = told_at(walk->sights, task);
    if (service->tasks[task].slot_at == 0) continue;
    add(moments, service->tasks[task].slot_at, CHANGE_TAKEN, task, 0);
    if (service->tasks[task].ended != 0)
      add(moments, service->tasks[task].ended, CHANGE_ENDED, task, 0);
    if (told != 0) add(moments, told, CHANGE_TOLD, task, 0);
  }
  for (size_t i = 0; i < walk->sights->upload_count; i++)
    if (walk->sights->uploads[i].account == walk->account)
      add(moments, walk->sights->uploads[i].at, CHANGE_UPLOADS, 0,
          walk->sights->uploads[i].uploads);
  for (time_ms at = service->began;
       (at = sim_account_next_step(service, walk->account, at)) <= service->now;)
    add(moments, at, CHANGE_CAPACITY, 0, 0);
  if (moments->count > 1) qsort(moments->items, moments->count, sizeof *moments->items, compare);
}

/* ---- the walk ---- */

static enum idle cause_now(const struct walk *walk, const struct gap *gap, time_ms at) {
  if (at >= walk->last_taken) return IDLE_TAIL;
  if (gap->cause != IDLE_END) return gap->cause;
  time_ms told = told_at(walk->sights, gap->task);
  if (told == 0 || told > at) return IDLE_END;
  return walk->uploads > 0 ? IDLE_UPLOAD : IDLE_WAIT;
}

static void go_to(struct walk *walk, time_ms at) {
  if (at <= walk->at) return;
  for (int i = 0; i < walk->gap_count; i++) {
    time_ms middle = walk->at < walk->last_taken && walk->last_taken < at ? walk->last_taken : at;
    walk->idle_ms[cause_now(walk, &walk->gaps[i], walk->at)] += (double)(middle - walk->at);
    walk->idle_ms[IDLE_TAIL] += (double)(at - middle);
  }
  walk->at = at;
}

static void drop_gap(struct walk *walk, int at) {
  memmove(&walk->gaps[at], &walk->gaps[at + 1],
          (size_t)(walk->gap_count - at - 1) * sizeof *walk->gaps);
  walk->gap_count--;
}

/* A task that is begun takes the slot of one that ended; where there is none, the oldest. */
static int gap_to_fill(const struct walk *walk) {
  int at = walk->gap_count - 1;
  while (at > 0 && walk->gaps[at].cause != IDLE_END)
    at--;
  return at;
}

/* As many gaps as there are free slots: new ones for `cause`. */
static void fit_gaps(struct walk *walk, enum idle cause, size_t task) {
  int max_jobs = walk->service->accounts[walk->account].plan->max_jobs;
  int slots = walk->capacity - walk->running, queue = max_jobs - walk->by_program;
  int unused = slots < queue ? slots : queue;
  if (unused < 0) unused = 0;
  CHECK(unused <= SLOTS_MOST);
  while (walk->gap_count < unused)
    walk->gaps[walk->gap_count++] = (struct gap){cause, task};
  while (walk->gap_count > unused)
    drop_gap(walk, gap_to_fill(walk));
  if (unused == 0 && walk->full_at == 0 && walk->at >= walk->wanted) walk->full_at = walk->at;
}

static void take_in(struct walk *walk, const struct moment *moment) {
  const struct sim_task *task = &walk->service->tasks[moment->task];
  enum idle cause = IDLE_RISE;
  int change = moment->change == CHANGE_TAKEN ? 1 : -1;
  switch (moment->change) {
  case CHANGE_CAPACITY:
    walk->capacity = sim_account_capacity(walk->service, walk->account, moment->at);
    break;
  case CHANGE_ENDED:
  case CHANGE_TAKEN:
    cause = task->origin == ORIGIN_ORDERED ? IDLE_END : IDLE_OTHERS;
    walk->running += change;
    if (task->origin != ORIGIN_BY_HAND) walk->by_program += change;
    break;
  case CHANGE_UPLOADS:
    walk->uploads += moment->uploads;
    return;
  case CHANGE_TOLD:
    return;
  }
  fit_gaps(walk, cause, moment->task);
}

static void walk_account(struct walk *walk, time_ms until) {
  struct moments moments = {0};
  bool asked = walk->wanted == 0;
  walk->at = walk->service->began;
  walk->capacity = sim_account_capacity(walk->service, walk->account, walk->at);
  collect(walk, &moments);
  fit_gaps(walk, IDLE_START, 0);
  for (size_t i = 0; i < moments.count && moments.items[i].at <= until; i++) {
    if (!asked && moments.items[i].at > walk->wanted) { /* full already when the time comes */
      asked = true;
      go_to(walk, walk->wanted);
      fit_gaps(walk, IDLE_RISE, 0);
    }
    go_to(walk, moments.items[i].at);
    take_in(walk, &moments.items[i]);
  }
  go_to(walk, until);
  free(moments.items);
}

static time_ms last_taken(const struct sim_service *service) {
  time_ms last = service->began;
  for (size_t i = 0; i < service->task_count; i++)
    if (service->tasks[i].origin == ORIGIN_ORDERED && service->tasks[i].slot_at > last)
      last = service->tasks[i].slot_at;
  return last;
}

void idle_sum(const struct sim_service *service, const struct sights *sights,
              double idle_ms[IDLE_COUNT]) {
  time_ms last = last_taken(service), end = sim_service_totals(service).last_end;
  memset(idle_ms, 0, sizeof *idle_ms * IDLE_COUNT);
  for (size_t i = 0; i < service->scenario->account_count; i++) {
    struct walk walk = {
        .service = service, .sights = sights, .account = i, .last_taken = last, .idle_ms = idle_ms};
    walk_account(&walk, end);
  }
}

duration_ms idle_until_full(const struct sim_service *service, const struct sights *sights,
                            duration_ms from) {
  double idle_ms[IDLE_COUNT] = {0};
  time_ms last = service->began + from;
  for (size_t i = 0; i < service->scenario->account_count; i++) {
    struct walk walk = {.service = service,
                        .sights = sights,
                        .account = i,
                        .last_taken = service->now,
                        .idle_ms = idle_ms,
                        .wanted = service->began + from};
    walk_account(&walk, service->now);
    if (walk.full_at == 0) return -1;
    if (walk.full_at > last) last = walk.full_at;
  }
  return last - (service->began + from);
}
