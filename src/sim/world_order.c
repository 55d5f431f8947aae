/* Orders of a person in the world: applied to a state at rest as the program applies them. */
#include <stdlib.h>

#include "sim/world_parts.h"
#include "util/check.h"

/* As the program does: the same group again until it is there. */
static void commit(struct world *world, const struct core_output *output) {
  tell_commit(world, WORLD_COMMITTING, output);
  while (store_commit(world->store, world_clock(world), output->records, output->record_count,
                      NULL) != 0) {
  }
  tell_commit(world, WORLD_COMMITTED, output);
}

static void apply(struct world *world, const struct store_requests *requests) {
  struct store_snapshot snapshot = {0};
  struct core_output output;
  CHECK(store_load(world->store, &snapshot, NULL) == 0);
  int64_t *numbers = calloc(snapshot.job_count + 1, sizeof *numbers);
  CHECK(numbers != NULL && "out of memory");
  CHECK(store_event_counts(world->store, &snapshot, numbers, NULL) == 0);
  struct core *core = core_at_rest(&snapshot, numbers);
  free(numbers);
  store_snapshot_release(&snapshot);
  core_output_init(&output);
  for (size_t i = 0; i < requests->count; i++) {
    struct control control = core_control_of(&requests->requests[i]);
    core_output_reset(&output);
    core_control(core, world_clock(world), &control, &output);
    commit(world, &output);
  }
  core_output_release(&output);
  core_free(core);
}

void order_apply_open(struct world *world) {
  struct store_requests requests = {0};
  CHECK(store_load_requests(world->store, &requests, NULL) == 0);
  if (requests.count > 0) apply(world, &requests);
  store_requests_release(&requests);
}

void world_apply_orders(struct world *world) {
  CHECK(world->core == NULL || world->ended);
  order_apply_open(world);
}

const char *world_answer(struct world *world, int *status) {
  struct store_requests *found = &world->last_answer;
  store_requests_release(found);
  *status = -1;
  if (world->last_order == 0) return "";
  CHECK(store_find_request(world->store, world->last_order, found, NULL) == 0);
  if (found->count == 0 || found->requests[0].answered == 0) return "";
  *status = found->requests[0].status;
  return found->requests[0].answer;
}
