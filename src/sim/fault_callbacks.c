/* What befalls callbacks, drawn from a stream of the seed's own: whatever is drawn here, the rest
 * of the plan stays as it is. */
#include "sim/fault.h"

#define STREAM_OF_ITS UINT64_C(0xca11bac)

bool fault_has_callbacks(uint64_t seed) {
  return seed % 8 == 5 || seed % 8 == 6;
}

static int draw_share(struct prng *prng, int most) {
  if (fault_chance(prng, 30)) return 0;
  return fault_chance(prng, 10) ? 100 : (int)prng_between(prng, 1, most);
}

void fault_draw_callbacks(struct fault_plan *plan) {
  struct prng prng;
  if (!fault_has_callbacks(plan->seed)) return;
  prng_init(&prng, plan->seed ^ STREAM_OF_ITS);
  plan->callbacks =
      (struct world_callbacks){.on = true,
                               .seed = prng_next(&prng),
                               .lost = draw_share(&prng, 60),
                               .doubled = draw_share(&prng, 60),
                               .late = draw_share(&prng, 60),
                               .forged = draw_share(&prng, 60),
                               .late_most = fault_scale(&prng, SECOND_MS, 2 * HOUR_MS),
                               .burst = (int)fault_scale(&prng, 1, 200)};
}
