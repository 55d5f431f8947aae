/* The service as a seed draws it: accounts over time, the forms of its replies, how slow it is, and
 * what befalls calls and tasks until the faults stop. */
#include <string.h>

#include "sim/fault.h"
#include "util/check.h"

#define RULES_MOST    10
#define FAILURES_MOST 4
#define STEPS_MOST    12
#define SETTLE_MS     (120 * SECOND_MS) /* of the protocol: what is late must be there by then */

#define NEW_ARRAY(plan, count, type) ARENA_NEW_ARRAY(&(plan)->scenario->arena, (count) + 1, type)

/* ---- calls ---- */

static enum sim_call draw_call(struct prng *prng) {
  static const enum sim_call calls[] = {SIM_SUBMIT,     SIM_SUBMIT,   SIM_SUBMIT,    SIM_LIST_TASKS,
                                        SIM_LIST_TASKS, SIM_GET_TASK, SIM_SCHEDULER, SIM_UPLOAD,
                                        SIM_FEATURES,   SIM_ARTIFACT, SIM_VOICES};
  return calls[prng_between(prng, 0, (int64_t)(sizeof calls / sizeof calls[0]) - 1)];
}

static struct sim_window draw_window(const struct fault_plan *plan, struct prng *prng) {
  if (fault_chance(prng, 50)) return (struct sim_window){0, plan->safety_ms};
  duration_ms from = prng_between(prng, 0, plan->safety_ms);
  duration_ms length = fault_scale(prng, 10 * SECOND_MS, plan->safety_ms);
  duration_ms until = from + length;
  return (struct sim_window){from, until < plan->safety_ms ? until : plan->safety_ms};
}

static double draw_rate(struct prng *prng) {
  return fault_chance(prng, 10) ? 1 : (double)fault_scale(prng, 5, 600) / 1000;
}

static void draw_rule(struct fault_plan *plan, struct prng *prng, struct sim_fault_rule *rule) {
  static const char *const bodies[] = {"json", "html", "empty"};
  static const int statuses[] = {500, 502, 503, 504, 520, 524};
  *rule = (struct sim_fault_rule){.kind = (enum sim_fault)prng_between(prng, 0, FAULT_HTML),
                                  .call = draw_call(prng),
                                  .body = bodies[prng_between(prng, 0, 2)],
                                  .status = statuses[prng_between(prng, 0, 5)],
                                  .cut_at = prng_unit(prng) * 0.99};
  if (fault_chance(prng, 20)) { /* what the whole protocol is for */
    static const enum sim_fault losses[] = {FAULT_LOST_AFTER, FAULT_5XX_AFTER, FAULT_HANG_AFTER,
                                            FAULT_CUT};
    rule->kind = losses[prng_between(prng, 0, 3)];
    rule->call = SIM_SUBMIT;
  } else if (fault_chance(prng, 15)) {
    rule->kind = fault_chance(prng, 50) ? FAULT_429_QUEUE : FAULT_429_RUNWAY;
    rule->call = SIM_SUBMIT;
  }
  rule->when.rate = draw_rate(prng);
  rule->when.window = draw_window(plan, prng);
  if (fault_chance(prng, 30))
    rule->when.account =
        plan->accounts[prng_between(prng, 0, (int64_t)plan->scenario->account_count - 1)].email;
}

static bool loses_reply(enum sim_fault kind) {
  return kind == FAULT_LOST_AFTER || kind == FAULT_5XX_AFTER || kind == FAULT_HANG_AFTER ||
         kind == FAULT_CUT;
}

/* The task comes into being after our connection was cut, and is listed within the settle time; or,
 * where that is the seed's point, long after. */
static duration_ms draw_late(const struct fault_plan *plan, struct prng *prng) {
  duration_ms room = SETTLE_MS - plan->scenario->listing_lag;
  if (plan->class == FAULT_BEYOND) return prng_between(prng, SECOND_MS, 15 * MINUTE_MS);
  if (room < SECOND_MS) return 0;
  return fault_chance(prng, 20) ? room : fault_scale(prng, 100, room);
}

static void draw_rules(struct fault_plan *plan, struct prng *prng) {
  size_t count = fault_chance(prng, 15) ? 0 : (size_t)prng_between(prng, 1, RULES_MOST);
  struct sim_fault_rule *rules = NEW_ARRAY(plan, count, struct sim_fault_rule);
  for (size_t i = 0; i < count; i++) {
    draw_rule(plan, prng, &rules[i]);
    if (rules[i].call == SIM_SUBMIT && loses_reply(rules[i].kind) && fault_chance(prng, 70))
      rules[i].late = draw_late(plan, prng);
  }
  plan->scenario->faults = rules;
  plan->scenario->fault_count = count;
}

static void draw_failures(struct fault_plan *plan, struct prng *prng) {
  size_t count = fault_chance(prng, 30) ? 0 : (size_t)prng_between(prng, 1, FAILURES_MOST);
  struct sim_failure_rule *rules = NEW_ARRAY(plan, count, struct sim_failure_rule);
  for (size_t i = 0; i < count; i++) {
    struct sim_failure_rule *rule = &rules[i];
    rule->kind = (enum sim_failure)prng_between(prng, 0, FAILURE_COUNT - 1);
    if (fault_chance(prng, 40)) rule->kind = FAILURE_INTERNAL;
    bool moderated = rule->kind == FAILURE_MODERATION || rule->kind == FAILURE_SUBMISSION;
    rule->reason = moderated ? "SAFETY.INPUT.VIDEO" : "INTERNAL.BAD_OUTPUT.CODE01";
    if (moderated && fault_chance(prng, 50)) rule->category = "VIOLENCE";
    rule->at = fault_chance(prng, 30) ? 0.01 : prng_unit(prng);
    rule->when.rate = (double)fault_scale(prng, 10, 500) / 1000;
    rule->when.window = draw_window(plan, prng);
  }
  plan->scenario->failures = rules;
  plan->scenario->failure_count = count;
}

/* ---- accounts ---- */

static void draw_capacity(struct fault_plan *plan, struct prng *prng,
                          struct sim_account_plan *account) {
  size_t count = fault_chance(prng, 40) ? 1 : (size_t)prng_between(prng, 2, STEPS_MOST);
  struct sim_step *steps = NEW_ARRAY(plan, count, struct sim_step);
  for (size_t i = 0; i < count; i++)
    steps[i] = (struct sim_step){(duration_ms)i * plan->safety_ms / (duration_ms)count,
                                 (int)prng_between(prng, 0, 3)};
  if (count == 1) steps[0].slots = (int)prng_between(prng, 1, 3);
  if (count > 1 && steps[count - 1].slots == 0) steps[count - 1].slots = 1;
  account->steps = steps;
  account->step_count = count;
  account->drawn_every = 0;
  plan->drawn[HAZARD_CAPACITY] += (int64_t)count - 1;
}

static struct sim_others draw_others(struct fault_plan *plan, struct prng *prng) {
  size_t count = (size_t)prng_between(prng, 1, 10);
  struct sim_other *given = NEW_ARRAY(plan, count, struct sim_other);
  for (size_t i = 0; i < count; i++)
    given[i] = (struct sim_other){(duration_ms)i * plan->safety_ms / (duration_ms)count,
                                  fault_scale(prng, SECOND_MS, 20 * MINUTE_MS)};
  plan->drawn[HAZARD_OTHERS] += (int64_t)count;
  return (struct sim_others){.given = given, .given_count = count};
}

static void draw_broken(struct fault_plan *plan, struct prng *prng,
                        struct sim_account_plan *account) {
  size_t count = (size_t)prng_between(prng, 1, 3);
  struct sim_window *windows = NEW_ARRAY(plan, count, struct sim_window);
  for (size_t i = 0; i < count; i++)
    windows[i] = draw_window(plan, prng);
  account->broken = windows;
  account->broken_count = count;
  plan->drawn[HAZARD_BROKEN] += (int64_t)count;
}

static void draw_voices(struct fault_plan *plan, struct prng *prng,
                        struct sim_account_plan *account) {
  size_t all = plan->scenario->voice_count;
  int64_t *voices = NEW_ARRAY(plan, all, int64_t);
  for (size_t i = 0; i < all; i++)
    if (i == 0 || fault_chance(prng, 60)) voices[account->voice_count++] = (int64_t)i;
  account->voices = voices;
}

static void draw_account(struct fault_plan *plan, struct prng *prng, size_t index) {
  struct sim_account_plan *account = &plan->accounts[index];
  *account = (struct sim_account_plan){
      .email = arena_printf(&plan->scenario->arena, "a%02zu@example.com", index + 1),
      .max_jobs = (int)prng_between(prng, 1, fault_chance(prng, 20) ? 10 : 3),
      .waiting_room = fault_chance(prng, 80) ? 0 : (int)prng_between(prng, 1, 3),
      .credits = 1e9,
      .unlimited = fault_chance(prng, 30),
      .suspended = TIME_NEVER};
  draw_capacity(plan, prng, account);
  if (fault_chance(prng, 20)) draw_voices(plan, prng, account);
  if (fault_chance(prng, 25)) account->by_hand = draw_others(plan, prng);
  if (fault_chance(prng, 25)) account->by_program = draw_others(plan, prng);
  if (fault_chance(prng, 20)) draw_broken(plan, prng, account);
  if (fault_chance(prng, 15)) {
    account->credits = (double)fault_scale(prng, 10, 2000);
    plan->drawn[HAZARD_CREDITS]++;
  }
  if (fault_chance(prng, 4)) {
    account->suspended = prng_between(prng, 0, plan->safety_ms);
    plan->drawn[HAZARD_SUSPENDED]++;
  }
}

/* ---- the whole ---- */

static void draw_forms(struct fault_plan *plan, struct prng *prng) {
  struct sim_forms *forms = &plan->scenario->forms;
  bool *either[] = {&forms->submit_nested, &forms->get_nested,    &forms->tasks_object,
                    &forms->assets_object, &forms->voices_object, &forms->voice_id_key,
                    &forms->error_object};
  for (size_t i = 0; i < sizeof either / sizeof either[0]; i++)
    *either[i] = fault_chance(prng, 50);
  forms->list_refs = fault_chance(prng, 75);
  forms->retry_after = (enum sim_after)prng_between(prng, 0, 3);
  forms->retry_after_ms = fault_scale(prng, SECOND_MS, 2 * MINUTE_MS);
  /* By what is drawn already: seeds that have names are as they were. */
  forms->list_names = plan->scenario->seed % 6 != 0;
  plan->drawn[HAZARD_NO_REFS] += !forms->list_refs;
  plan->drawn[HAZARD_NO_NAMES] += !forms->list_names;
}

static void draw_pace(struct fault_plan *plan, struct prng *prng) {
  struct sim_scenario *scenario = plan->scenario;
  int64_t slowest = fault_scale(prng, 20, fault_chance(prng, 20) ? 55000 : 3000);
  for (size_t i = 0; i < SIM_CALL_COUNT; i++)
    scenario->latency[i] = (struct sim_range){prng_between(prng, 1, 20), slowest};
  scenario->work_base = fault_scale(prng, SECOND_MS, 60 * SECOND_MS);
  scenario->work_per_second = fault_scale(prng, 100, 4 * SECOND_MS);
  scenario->work_jitter = prng_unit(prng) * 0.5;
  scenario->start = (struct sim_range){0, fault_scale(prng, SECOND_MS, MINUTE_MS)};
  scenario->artifact_bytes = (struct sim_range){100, 300};
  scenario->artifact_ttl = fault_scale(prng, 10 * SECOND_MS, HOUR_MS);
}

/* A minute's lag must do no harm; nearly the settle time must not either. */
static void draw_lag(struct fault_plan *plan, struct prng *prng) {
  struct sim_scenario *scenario = plan->scenario;
  if (plan->class == FAULT_BEYOND)
    scenario->listing_lag = SETTLE_MS + fault_scale(prng, SECOND_MS, 10 * MINUTE_MS);
  else if (fault_chance(prng, 50))
    scenario->listing_lag =
        fault_chance(prng, 15) ? SETTLE_MS : fault_scale(prng, 500, 100 * SECOND_MS);
  plan->drawn[HAZARD_LISTING_LAG] += scenario->listing_lag > 0;
}

void fault_draw_service(struct fault_plan *plan, struct prng *prng, size_t account_count) {
  struct sim_scenario *scenario = plan->scenario;
  scenario->seed = prng_next(prng);
  plan->accounts = NEW_ARRAY(plan, account_count, struct sim_account_plan);
  scenario->accounts = plan->accounts;
  scenario->account_count = account_count;
  draw_pace(plan, prng);
  draw_lag(plan, prng);
  draw_forms(plan, prng);
  for (size_t i = 0; i < account_count; i++)
    draw_account(plan, prng, i);
  draw_rules(plan, prng);
  draw_failures(plan, prng);
}
