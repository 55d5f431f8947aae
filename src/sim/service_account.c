/* Accounts over time: Runway's changing capacity, broken sessions, suspension, who is running. */
#include <stdlib.h>
#include <string.h>

#include "sim/service.h"
#include "util/check.h"

static void add_step(struct sim_account *account, time_ms at, int slots) {
  if (account->step_count == account->step_room) {
    account->step_room = account->step_room == 0 ? 16 : account->step_room * 2;
    account->steps = realloc(account->steps, account->step_room * sizeof *account->steps);
    CHECK(account->steps != NULL && "out of memory");
  }
  account->steps[account->step_count++] = (struct sim_step){at, slots};
}

void sim_accounts_init(struct sim_service *service) {
  const struct sim_scenario *scenario = service->scenario;
  service->accounts = ARENA_NEW_ARRAY(&service->arena, scenario->account_count, struct sim_account);
  for (size_t i = 0; i < scenario->account_count; i++) {
    struct sim_account *account = &service->accounts[i];
    const struct sim_account_plan *plan = account->plan = &scenario->accounts[i];
    prng_init(&account->walk, sim_hash(scenario->seed, plan->email, 1));
    if (plan->drawn_every > 0)
      add_step(account, service->began,
               (int)prng_between(&account->walk, plan->drawn.low, plan->drawn.high));
    for (size_t s = 0; plan->drawn_every == 0 && s < plan->step_count; s++)
      add_step(account, service->began + plan->steps[s].at, plan->steps[s].slots);
    CHECK(account->step_count > 0);
  }
}

void sim_accounts_release(struct sim_service *service) {
  for (size_t i = 0; i < service->scenario->account_count; i++) {
    struct sim_account *account = &service->accounts[i];
    free(account->steps);
    free(account->tasks.items);
    free(account->assets.items);
    free(account->active.items);
  }
}

/* The walk as far as `at` and one step beyond: one up, one down or the same, within its bounds;
 * pauses of 50 % to 150 %. */
static void walk_to(struct sim_account *account, time_ms at) {
  const struct sim_account_plan *plan = account->plan;
  while (plan->drawn_every > 0 && account->steps[account->step_count - 1].at <= at) {
    const struct sim_step last = account->steps[account->step_count - 1];
    int64_t slots = last.slots + prng_between(&account->walk, -1, 1);
    if (slots < plan->drawn.low) slots = plan->drawn.low;
    if (slots > plan->drawn.high) slots = plan->drawn.high;
    duration_ms pause =
        prng_between(&account->walk, plan->drawn_every / 2, plan->drawn_every / 2 * 3);
    add_step(account, last.at + (pause > 0 ? pause : 1), (int)slots);
  }
}

int sim_account_capacity(const struct sim_service *service, size_t account, time_ms at) {
  struct sim_account *entry = &service->accounts[account];
  walk_to(entry, at);
  size_t low = 0, high = entry->step_count;
  while (high - low > 1) {
    size_t middle = low + (high - low) / 2;
    if (entry->steps[middle].at <= at)
      low = middle;
    else
      high = middle;
  }
  return entry->steps[low].slots;
}

time_ms sim_account_next_step(const struct sim_service *service, size_t account, time_ms at) {
  struct sim_account *entry = &service->accounts[account];
  walk_to(entry, at);
  for (size_t i = entry->step_count; i-- > 0;)
    if (entry->steps[i].at <= at)
      return i + 1 < entry->step_count ? entry->steps[i + 1].at : TIME_NEVER;
  return entry->steps[0].at;
}

bool sim_account_broken(const struct sim_service *service, size_t account, time_ms at) {
  const struct sim_account_plan *plan = service->accounts[account].plan;
  for (size_t i = 0; i < plan->broken_count; i++)
    if (at - service->began >= plan->broken[i].from && at - service->began < plan->broken[i].until)
      return true;
  return false;
}

bool sim_account_suspended(const struct sim_service *service, size_t account, time_ms at) {
  return at - service->began >= service->accounts[account].plan->suspended;
}

size_t sim_account_running(const struct sim_service *service, size_t account) {
  return service->accounts[account].active.count;
}

size_t sim_account_queued(const struct sim_service *service, size_t account) {
  const struct sim_indexes *active = &service->accounts[account].active;
  size_t count = 0;
  for (size_t i = 0; i < active->count; i++)
    if (service->tasks[active->items[i]].origin != ORIGIN_BY_HAND) count++;
  return count;
}

size_t sim_account_by_email(const struct sim_service *service, size_t token, const char *email) {
  for (size_t i = 0; email != NULL && i < service->scenario->account_count; i++) {
    const struct sim_account_plan *plan = service->accounts[i].plan;
    if (plan->token == token && strcmp(plan->email, email) == 0) return i;
  }
  return NONE;
}
