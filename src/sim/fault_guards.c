/* Guards of a person's config, drawn from a stream of the seed's own, and what they guard against:
 * moderation in heaps. Whatever is drawn here, other seeds keep their stories. */
#include <string.h>

#include "sim/fault.h"
#include "sim/world_parts.h"

#define DAY_MS        (24 * HOUR_MS)
#define DAYS          30 /* longer than any seed */
#define STREAM_OF_ITS UINT64_C(0x9a4d5)

bool fault_has_guards(uint64_t seed) {
  bool sets_clocks = seed % 8 == 0; /* guards go by the state's clock, the checker by the world's */
  return (seed % 5 == 0 || seed % 10 == 4) && !sets_clocks;
}

/* One more rule, of clips that are moderated in heaps. */
static void draw_moderation(struct fault_plan *plan, struct prng *prng) {
  struct sim_scenario *scenario = plan->scenario;
  size_t count = scenario->failure_count;
  struct sim_failure_rule *rules =
      ARENA_NEW_ARRAY(&scenario->arena, count + 1, struct sim_failure_rule);
  if (count > 0) memcpy(rules, scenario->failures, count * sizeof *rules);
  rules[count] = (struct sim_failure_rule){
      .kind = fault_chance(prng, 70) ? FAILURE_MODERATION : FAILURE_SUBMISSION,
      .reason = "SAFETY.INPUT.VIDEO",
      .at = prng_unit(prng),
      .when = {.rate = (double)prng_between(prng, 5, 80) / 100, .window = {0, plan->safety_ms}}};
  scenario->failures = rules;
  scenario->failure_count = count + 1;
}

/* Every day the same, as a config's hours are. */
static void draw_hours(struct fault_plan *plan, struct prng *prng, struct core_guards *guards) {
  duration_ms from = prng_between(prng, 0, DAY_MS - 1);
  duration_ms length = fault_scale(prng, MINUTE_MS, DAY_MS - MINUTE_MS);
  struct time_window *windows = ARENA_NEW_ARRAY(&plan->scenario->arena, DAYS, struct time_window);
  for (int day = 0; day < DAYS; day++)
    windows[day].from = WORLD_START + (day - 1) * DAY_MS + from;
  for (int day = 0; day < DAYS; day++)
    windows[day].until = windows[day].from + length;
  guards->hours = windows;
  guards->hour_count = DAYS;
}

static void draw_account(struct fault_plan *plan, struct prng *prng, struct core_guards *guards) {
  if (fault_chance(prng, 30)) draw_hours(plan, prng, guards);
  if (fault_chance(prng, 30)) guards->jobs_per_day = fault_scale(prng, 1, 30);
  if (fault_chance(prng, 20)) {
    guards->credits_limited = true;
    guards->max_credits = fault_scale(prng, 10, 4000);
  }
  if (fault_chance(prng, 20)) { /* what the account has is worth guarding then */
    guards->keep_credits = fault_scale(prng, 10, 2000);
    plan->accounts[guards - plan->guards].credits = (double)fault_scale(prng, 10, 8000);
  }
  if (fault_chance(prng, 30)) guards->min_gap = fault_scale(prng, SECOND_MS, HOUR_MS);
}

static void draw_times(struct fault_plan *plan, struct prng *prng) {
  size_t count = plan->scenario->account_count;
  plan->guards = ARENA_NEW_ARRAY(&plan->scenario->arena, count, struct core_guards);
  for (size_t i = 0; i < count; i++)
    draw_account(plan, prng, &plan->guards[i]);
  plan->core.credits_limited = fault_chance(prng, 20);
  plan->core.max_credits = fault_scale(prng, 10, 8000);
  if (fault_chance(prng, 20))
    plan->core.until = WORLD_START + prng_between(prng, SECOND_MS, plan->safety_ms);
}

void fault_draw_guards(struct fault_plan *plan) {
  struct prng prng;
  if (!fault_has_guards(plan->seed)) return;
  prng_init(&prng, plan->seed ^ STREAM_OF_ITS);
  if (fault_chance(&prng, 80)) draw_moderation(plan, &prng);
  if (fault_chance(&prng, 80)) {
    plan->core.strikes = (int)fault_scale(&prng, 1, 5);
    plan->core.strike_window = fault_scale(&prng, MINUTE_MS, 2 * HOUR_MS);
  }
  if (fault_chance(&prng, 40)) {
    plan->core.batch_percent = (int)prng_between(&prng, 10, 80);
    plan->core.batch_least = (int)fault_scale(&prng, 1, 10);
  }
  if (fault_chance(&prng, 60)) draw_times(plan, &prng);
}
