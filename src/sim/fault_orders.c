/* Orders of a person, drawn from a stream of the seed's own: whatever is drawn here, the rest of
 * the plan stays as it is. */
#include <stdlib.h>

#include "sim/fault.h"
#include "util/check.h"

#define ORDERS_MOST    24
#define STREAM_OF_ITS  UINT64_C(0x07de75)
#define MOMENTS_MOST   200
#define PERCENT_RETRY  35
#define PERCENT_CANCEL 55
#define PERCENT_PAUSE  75
#define PERCENT_RESUME 88 /* above: an account is paused or resumed */

bool fault_has_orders(uint64_t seed) {
  return seed % 4 == 2;
}

static const char *draw_pattern(struct fault_plan *plan, struct prng *prng) {
  int64_t kind = prng_between(prng, 0, 99);
  if (kind < 60) return plan->jobs[prng_between(prng, 0, (int64_t)plan->job_count - 1)].name;
  if (kind < 85)
    return arena_printf(&plan->scenario->arena, "j%lld*", (long long)prng_between(prng, 1, 9));
  return kind < 97 ? NULL : "nobody";
}

static enum hazard draw_verb(struct fault_plan *plan, struct prng *prng,
                             struct request_record *request) {
  int64_t verb = prng_between(prng, 0, 99);
  if (verb >= PERCENT_RESUME) {
    bool pause = fault_chance(prng, 60);
    int64_t account = prng_between(prng, 0, (int64_t)plan->scenario->account_count - 1);
    request->account = plan->accounts[account].email;
    request->verb = pause ? "pause" : "resume";
    return pause ? HAZARD_PAUSE : HAZARD_RESUME;
  }
  request->pattern = draw_pattern(plan, prng);
  if (verb < PERCENT_RETRY) {
    static const char *const flags[] = {NULL, NULL, "force", "again", "force again"};
    request->verb = "retry";
    request->flags = flags[prng_between(prng, 0, 4)];
    return HAZARD_RETRY;
  }
  if (verb < PERCENT_CANCEL) {
    request->verb = "cancel";
    request->flags = fault_chance(prng, 50) ? "all" : NULL;
    return HAZARD_CANCEL;
  }
  request->verb = verb < PERCENT_PAUSE ? "pause" : "resume";
  return verb < PERCENT_PAUSE ? HAZARD_PAUSE : HAZARD_RESUME;
}

static int earlier(const void *a, const void *b) {
  const struct person_order *x = a, *y = b;
  if (x->at != y->at) return x->at < y->at ? -1 : 1;
  return x->number < y->number ? -1 : x->number > y->number;
}

void fault_draw_orders(struct fault_plan *plan) {
  struct prng prng;
  if (!fault_has_orders(plan->seed)) return;
  prng_init(&prng, plan->seed ^ STREAM_OF_ITS);
  plan->order_count = (size_t)fault_scale(&prng, 1, ORDERS_MOST);
  plan->orders = ARENA_NEW_ARRAY(&plan->scenario->arena, plan->order_count, struct person_order);
  for (size_t i = 0; i < plan->order_count; i++) {
    struct person_order *order = &plan->orders[i];
    bool early = fault_chance(&prng, 50); /* while the most happens */
    *order = (struct person_order){
        .number = i,
        .at = prng_between(&prng, SECOND_MS, early ? plan->safety_ms / 8 : plan->safety_ms),
        .moments = fault_chance(&prng, 50) ? 0 : fault_scale(&prng, 1, MOMENTS_MOST)};
    order->kind = draw_verb(plan, &prng, &order->request);
  }
  qsort(plan->orders, plan->order_count, sizeof *plan->orders, earlier);
}
