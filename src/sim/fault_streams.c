/* What is drawn beside the rest of the plan, each from a stream of the seed's own, so that seeds
 * without it keep their stories: accounts behind several tokens, tokens that are refused for a
 * time, a wall clock that is set, requests that arrive twice. Orders have a file of their own. */
#include <stdlib.h>
#include <string.h>

#include "sim/fault.h"
#include "util/check.h"

#define TOKENS_MOST   3
#define STREAM_TOKENS UINT64_C(0x70ce5)
#define STREAM_CLOCK  UINT64_C(0xc10c5)
#define STREAM_TWICE  UINT64_C(0x2d1ce)
#define DAY_MS        (24 * HOUR_MS)
#define CLOCKS_MOST   6

/* Which seeds have it. Those of tests/sim/seeds.txt do not. */
static bool has_tokens(uint64_t seed) {
  return seed % 8 == 5;
}

static bool has_clock(uint64_t seed) {
  return seed % 8 == 0;
}

static bool has_twice(uint64_t seed) {
  return seed % 8 == 6;
}

bool fault_doubles_paid(uint64_t seed) {
  return fault_class_of(seed) == FAULT_BEYOND && seed % 20 == 19;
}

/* ---- tokens ---- */

/* The first account stays behind the first token, which is never refused: somebody is always there.
 */
void fault_draw_tokens(struct fault_plan *plan) {
  static const char *const names[TOKENS_MOST] = {"user:2001-second", "user:2002-third",
                                                 "user:2003-fourth"};
  struct sim_scenario *scenario = plan->scenario;
  struct prng prng;
  if (!has_tokens(plan->seed) || scenario->account_count < 2) return;
  prng_init(&prng, plan->seed ^ STREAM_TOKENS);
  int64_t more = prng_between(&prng, 1, TOKENS_MOST);
  const char **tokens = ARENA_NEW_ARRAY(&scenario->arena, (size_t)more + 1, const char *);
  tokens[0] = scenario->tokens[0];
  for (int64_t i = 0; i < more; i++)
    tokens[i + 1] = names[i];
  scenario->tokens = tokens;
  scenario->token_count = (size_t)more + 1;
  for (size_t i = 1; i < scenario->account_count; i++)
    plan->accounts[i].token = (size_t)prng_between(&prng, 0, more);
}

/* ---- hands ---- */

static int earlier(const void *a, const void *b) {
  const struct hand *x = a, *y = b;
  if (x->at != y->at) return x->at < y->at ? -1 : 1;
  return x->kind < y->kind ? -1 : x->kind > y->kind;
}

void fault_add_hands(struct fault_plan *plan, const struct hand *more, size_t count) {
  struct hand *all =
      ARENA_NEW_ARRAY(&plan->scenario->arena, plan->hand_count + count + 1, struct hand);
  if (plan->hand_count > 0) memcpy(all, plan->hands, plan->hand_count * sizeof *all);
  memcpy(all + plan->hand_count, more, count * sizeof *all);
  plan->hands = all;
  plan->hand_count += count;
  qsort(plan->hands, plan->hand_count, sizeof *plan->hands, earlier);
}

static void draw_refusals(struct fault_plan *plan) {
  struct hand hands[TOKENS_MOST];
  struct prng prng;
  size_t count = 0;
  prng_init(&prng, plan->seed ^ STREAM_TOKENS ^ 1);
  for (size_t token = 1; token < plan->scenario->token_count; token++) {
    struct hand hand = {.kind = HAZARD_TOKEN,
                        .at = prng_between(&prng, SECOND_MS, plan->safety_ms / 4),
                        .length = fault_scale(&prng, SECOND_MS, 2 * HOUR_MS),
                        .number = fault_chance(&prng, 50) ? 401 : 402,
                        .subject = token};
    if (fault_chance(&prng, 60)) hands[count++] = hand;
  }
  fault_add_hands(plan, hands, count);
}

/* On or back, by a second or by weeks. */
static void draw_clock(struct fault_plan *plan) {
  struct hand hands[CLOCKS_MOST];
  struct prng prng;
  if (!has_clock(plan->seed)) return;
  prng_init(&prng, plan->seed ^ STREAM_CLOCK);
  size_t count = (size_t)prng_between(&prng, 1, CLOCKS_MOST);
  for (size_t i = 0; i < count; i++)
    hands[i] = (struct hand){.kind = HAZARD_CLOCK,
                             .at = prng_between(&prng, SECOND_MS, plan->safety_ms / 2),
                             .length = fault_scale(&prng, SECOND_MS, 30 * DAY_MS),
                             .number = fault_chance(&prng, 50) ? 1 : -1};
  fault_add_hands(plan, hands, count);
}

/* ---- requests that arrive twice ---- */

/* Of submissions only where the seed's point is what no client can help. */
static void draw_twice(struct fault_plan *plan) {
  static const enum sim_call calls[] = {SIM_UPLOAD,      SIM_LIST_TASKS, SIM_GET_TASK,
                                        SIM_DELETE_TASK, SIM_SCHEDULER,  SIM_FEATURES,
                                        SIM_ARTIFACT};
  struct sim_scenario *scenario = plan->scenario;
  bool paid = fault_doubles_paid(plan->seed);
  struct prng prng;
  if (!has_twice(plan->seed) && !paid) return;
  prng_init(&prng, plan->seed ^ STREAM_TWICE);
  size_t more = paid ? 1 : (size_t)prng_between(&prng, 1, 4);
  struct sim_fault_rule *rules =
      ARENA_NEW_ARRAY(&scenario->arena, scenario->fault_count + more + 1, struct sim_fault_rule);
  memcpy(rules, scenario->faults, scenario->fault_count * sizeof *rules);
  for (size_t i = 0; i < more; i++)
    rules[scenario->fault_count + i] = (struct sim_fault_rule){
        .kind = FAULT_TWICE,
        .call =
            paid ? SIM_SUBMIT : calls[prng_between(&prng, 0, sizeof calls / sizeof calls[0] - 1)],
        .when.rate = (double)fault_scale(&prng, 10, 700) / 1000,
        .when.window = {0, plan->safety_ms}};
  scenario->faults = rules;
  scenario->fault_count += more;
}

void fault_draw_beside(struct fault_plan *plan) {
  if (plan->scenario->token_count > 1) draw_refusals(plan);
  draw_clock(plan);
  draw_twice(plan);
}
