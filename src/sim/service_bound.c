/* The fluid bound: the shortest time in which the ordered work could have been done by somebody who
 * knew every capacity beforehand and could cut work as fine as water. Found by walking over the
 * moments at which any account's free capacity changes. */
#include <stdlib.h>

#include "sim/service.h"
#include "util/check.h"

struct change {
  time_ms at;
  size_t account;
  int by_hand, by_program; /* running tasks of others: +1, -1; 0: look at the account again */
};
struct changes {
  struct change *items;
  size_t count, room;
};
struct tally {
  int by_hand, by_program;
};

static void add(struct changes *changes, time_ms at, size_t account, int by_hand, int by_program) {
  if (changes->count == changes->room) {
    changes->room = changes->room == 0 ? 64 : changes->room * 2;
    changes->items = realloc(changes->items, changes->room * sizeof *changes->items);
    CHECK(changes->items != NULL && "out of memory");
  }
  changes->items[changes->count++] = (struct change){at, account, by_hand, by_program};
}

static int compare(const void *a, const void *b) {
  const struct change *one = a, *other = b;
  return one->at < other->at ? -1 : one->at > other->at;
}

static void add_account(const struct sim_service *service, size_t account,
                        struct changes *changes) {
  const struct sim_account_plan *plan = service->accounts[account].plan;
  time_ms at = service->first_request;
  while ((at = sim_account_next_step(service, account, at)) <= service->now)
    add(changes, at, account, 0, 0);
  /* What is planned beyond now counts too: work may still be under way. */
  for (size_t i = 0; plan->drawn_every == 0 && i < plan->step_count; i++)
    if (service->began + plan->steps[i].at > service->now)
      add(changes, service->began + plan->steps[i].at, account, 0, 0);
  for (size_t i = 0; i < plan->broken_count; i++) {
    add(changes, service->began + plan->broken[i].from, account, 0, 0);
    if (plan->broken[i].until < TIME_NEVER - service->began)
      add(changes, service->began + plan->broken[i].until, account, 0, 0);
  }
  if (plan->suspended < TIME_NEVER - service->began)
    add(changes, service->began + plan->suspended, account, 0, 0);
}

static void add_others(const struct sim_service *service, struct changes *changes) {
  for (size_t i = 0; i < service->task_count; i++) {
    const struct sim_task *task = &service->tasks[i];
    if (task->origin == ORIGIN_ORDERED || task->slot_at == 0) continue;
    int hand = task->origin == ORIGIN_BY_HAND, program = task->origin == ORIGIN_BY_PROGRAM;
    add(changes, task->slot_at, task->account, hand, program);
    if (task->ended != 0) add(changes, task->ended, task->account, -hand, -program);
  }
}

/* Slots left for orders: others' tasks take Runway's slots, and those from programs take room in
 * the API's queue as well. */
static int left(const struct sim_service *service, size_t account, const struct tally *tally,
                time_ms at) {
  if (sim_account_broken(service, account, at) || sim_account_suspended(service, account, at))
    return 0;
  int slots = sim_account_capacity(service, account, at) - tally->by_hand - tally->by_program;
  int queue = service->accounts[account].plan->max_jobs - tally->by_program;
  int free_slots = slots < queue ? slots : queue;
  return free_slots > 0 ? free_slots : 0;
}

struct walk {
  const struct sim_service *service;
  struct tally *tallies; /* per account */
  time_ms at;
  double work, needed;
};

/* Goes on to `until` at the present rate. True, with the moment, when the work is done by then. */
static bool walk_on(struct walk *walk, time_ms until, double *done_at) {
  int slots = 0;
  for (size_t i = 0; i < walk->service->scenario->account_count; i++)
    slots += left(walk->service, i, &walk->tallies[i], walk->at);
  double span = (double)(until - walk->at);
  if (slots > 0 && walk->work + slots * span >= walk->needed) {
    *done_at = (double)walk->at + (walk->needed - walk->work) / slots;
    return true;
  }
  walk->work += slots * span;
  walk->at = until;
  return false;
}

static double walk_through(const struct sim_service *service, const struct changes *changes,
                           double busy_ms) {
  struct walk walk = {service, calloc(service->scenario->account_count, sizeof(struct tally)),
                      service->first_request, 0, busy_ms};
  double done_at = 0;
  bool done = false;
  CHECK(walk.tallies != NULL && "out of memory");
  for (size_t i = 0; i < changes->count && !done; i++) {
    const struct change *change = &changes->items[i];
    if (change->at > walk.at) done = walk_on(&walk, change->at, &done_at);
    walk.tallies[change->account].by_hand += change->by_hand;
    walk.tallies[change->account].by_program += change->by_program;
  }
  if (!done) done = walk_on(&walk, TIME_NEVER, &done_at);
  free(walk.tallies);
  return done ? done_at - (double)service->first_request : 0;
}

double sim_fluid_bound(const struct sim_service *service, double busy_ms) {
  struct changes changes = {0};
  if (busy_ms <= 0 || service->first_request == 0) return 0;
  for (size_t i = 0; i < service->scenario->account_count; i++)
    add_account(service, i, &changes);
  add_others(service, &changes);
  if (changes.count > 1) qsort(changes.items, changes.count, sizeof *changes.items, compare);
  double bound = walk_through(service, &changes, busy_ms);
  free(changes.items);
  return bound;
}
