/* Options drawn from a seed: how many accounts and jobs, which hands reach into the run and when,
 * how often the process dies. Some faults are off in a seed, others wild. */
#include "sim/fault.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/service.h"
#include "util/check.h"

#define HANDS_MOST 24

const char *hazard_name(enum hazard hazard) {
#define X(name, text) text,
  static const char *const names[] = {HAZARDS(X)};
#undef X
  CHECK(hazard < HAZARD_COUNT);
  return names[hazard];
}

int64_t fault_scale(struct prng *prng, int64_t low, int64_t high) {
  CHECK(low > 0 && low <= high);
  int64_t top = low;
  while (top < high && fault_chance(prng, 75))
    top = top > high / 2 ? high : top * 2;
  return prng_between(prng, low, top);
}

/* ---- jobs ---- */

/* An asset that somebody uploaded before: its id is what the service will call it. */
static const char *asset_id(struct fault_plan *plan, size_t place) {
  struct sim_service *service = sim_service_new(plan->scenario, SECOND_MS);
  struct arena *arena = &plan->scenario->arena;
  size_t kept = plan->asset_count;
  plan->asset_count = place + 1;
  fault_plan_prepare(plan, service, SECOND_MS);
  plan->asset_count = kept;
  CHECK(service->asset_count == place + 1);
  const char *id = arena_string(arena, service->assets[place].id);
  sim_service_free(service);
  return id;
}

static void draw_asset_job(struct fault_plan *plan, struct prng *prng, struct world_job *job) {
  const struct sim_account_plan *account =
      &plan->accounts[prng_between(prng, 0, (int64_t)plan->scenario->account_count - 1)];
  size_t place = plan->asset_count;
  plan->assets[place] = arena_printf(&plan->scenario->arena, "%s given-%zu", account->email, place);
  job->asset = asset_id(plan, place);
  plan->asset_count++;
  job->clip = NULL;
  job->length_ms = 0;
  job->pin = account->email;
}

static void draw_job(struct fault_plan *plan, struct prng *prng, size_t index, size_t clips,
                     int asset_percent) {
  static const enum explore_mode modes[] = {EXPLORE_OFF, EXPLORE_OFF, EXPLORE_ON, EXPLORE_AUTO};
  struct arena *arena = &plan->scenario->arena;
  const struct sim_scenario *scenario = plan->scenario;
  int64_t clip = prng_between(prng, 1, (int64_t)clips);
  struct world_job *job = &plan->jobs[index];
  *job = (struct world_job){
      .name = arena_printf(arena, "j%zu", index + 1),
      .clip = arena_printf(arena, "c%lld.mp4", (long long)clip),
      .length_ms = 3 * SECOND_MS + clip * 7919 % (27 * SECOND_MS),
      .voice = scenario->voices[prng_between(prng, 0, (int64_t)scenario->voice_count - 1)].id,
      .priority = fault_chance(prng, 80) ? 0 : (int32_t)prng_between(prng, -2, 2),
      .explore = modes[prng_between(prng, 0, 3)]};
  if (fault_chance(prng, 50)) job->explore = EXPLORE_OFF;
  if (fault_chance(prng, 15))
    job->pin = plan->accounts[prng_between(prng, 0, (int64_t)scenario->account_count - 1)].email;
  if (fault_chance(prng, asset_percent)) draw_asset_job(plan, prng, job);
}

static void draw_jobs(struct fault_plan *plan, struct prng *prng, size_t count) {
  struct arena *arena = &plan->scenario->arena;
  size_t clips = (size_t)prng_between(prng, 1, (int64_t)count);
  int asset_percent = fault_chance(prng, 75) ? 0 : (int)prng_between(prng, 1, 40);
  plan->job_count = count;
  plan->jobs = ARENA_NEW_ARRAY(arena, count + 1, struct world_job);
  plan->assets = ARENA_NEW_ARRAY(arena, count + 1, const char *);
  for (size_t i = 0; i < count; i++)
    draw_job(plan, prng, i, clips, asset_percent);
}

/* Of the account that an asset's line begins with. */
static size_t token_of(const struct fault_plan *plan, const char *asset) {
  for (size_t i = 0; i < plan->scenario->account_count; i++) {
    const char *email = plan->accounts[i].email;
    if (strncmp(asset, email, strlen(email)) == 0 && asset[strlen(email)] == ' ')
      return plan->accounts[i].token;
  }
  CHECK_UNREACHABLE();
}

static void upload(const struct fault_plan *plan, size_t place, struct sim_service *service,
                   time_ms now) {
  char target[400], bearer[100];
  struct sim_reply reply;
  const char *asset = plan->assets[place], *space = strchr(asset, ' ');
  CHECK(space != NULL);
  snprintf(target, sizeof target, "/v1/runwayml/assets/?email=%.*s&name=%s&duration=%zu",
           (int)(space - asset), asset, space + 1, 3 + place % 27);
  snprintf(bearer, sizeof bearer, "Bearer %s", plan->scenario->tokens[token_of(plan, asset)]);
  struct sim_request request = {.method = "POST",
                                .target = target,
                                .authorization = bearer,
                                .content_type = "video/mp4",
                                .body_bytes = 1000};
  sim_service_handle(service, now, &request, &reply);
  sim_reply_release(&reply);
}

void fault_plan_prepare(struct fault_plan *plan, struct sim_service *service, time_ms now) {
  struct sim_scenario *scenario = plan->scenario;
  size_t rules = scenario->fault_count, accounts = scenario->account_count;
  struct sim_account_plan *kept = calloc(accounts, sizeof *kept);
  CHECK(kept != NULL && "out of memory");
  memcpy(kept, plan->accounts, accounts * sizeof *kept);
  scenario->fault_count = 0; /* it was done long before the night */
  for (size_t i = 0; i < accounts; i++) {
    plan->accounts[i].broken_count = 0;
    plan->accounts[i].suspended = TIME_NEVER;
  }
  for (size_t i = 0; i < plan->asset_count; i++)
    upload(plan, i, service, now);
  memcpy(plan->accounts, kept, accounts * sizeof *kept);
  scenario->fault_count = rules;
  free(kept);
}

/* ---- hands ---- */

static const enum hazard by_hand[] = {
    HAZARD_HELD,        HAZARD_HELD,         HAZARD_NETWORK,        HAZARD_SLEEP,
    HAZARD_COMMIT_FULL, HAZARD_COMMIT_ERROR, HAZARD_COMMIT_UNKNOWN, HAZARD_FETCH,
    HAZARD_CUT_WHOLE,   HAZARD_ASSETS_GONE,  HAZARD_TASK_GONE,      HAZARD_FILE_APPEARS,
    HAZARD_UNNAMED,     HAZARD_STOP};
#define BY_HAND (sizeof by_hand / sizeof by_hand[0])

static int earlier(const void *a, const void *b) {
  const struct hand *x = a, *y = b;
  if (x->at != y->at) return x->at < y->at ? -1 : 1;
  return x->kind < y->kind ? -1 : x->kind > y->kind;
}

static bool is_about_account(enum hazard kind) {
  return kind == HAZARD_UNNAMED;
}

static void draw_hands(struct fault_plan *plan, struct prng *prng) {
  bool on[BY_HAND];
  size_t most = (size_t)prng_between(prng, 0, HANDS_MOST);
  for (size_t i = 0; i < BY_HAND; i++)
    on[i] = fault_chance(prng, 50);
  plan->hands = ARENA_NEW_ARRAY(&plan->scenario->arena, most + 1, struct hand);
  for (size_t i = 0; i < most; i++) {
    size_t kind = (size_t)prng_between(prng, 0, BY_HAND - 1);
    struct hand hand = {.at = prng_between(prng, SECOND_MS, plan->safety_ms),
                        .kind = by_hand[kind],
                        .length = fault_scale(prng, SECOND_MS, 2 * HOUR_MS),
                        .number = (int)fault_scale(prng, 1, 20)};
    if (fault_chance(prng, 50)) /* while the most happens */
      hand.at = prng_between(prng, SECOND_MS, plan->safety_ms / 8);
    size_t subjects = is_about_account(hand.kind) ? plan->scenario->account_count : plan->job_count;
    hand.subject = (size_t)prng_between(prng, 0, (int64_t)subjects - 1);
    if (on[kind]) plan->hands[plan->hand_count++] = hand;
  }
  qsort(plan->hands, plan->hand_count, sizeof *plan->hands, earlier);
}

static void draw_crashes(struct fault_plan *plan, struct prng *prng) {
  if (fault_chance(prng, 30)) return;
  plan->crashes_most = (int)fault_scale(prng, 1, 30);
  plan->crash_gap = fault_scale(prng, 5, 3000);
  plan->recovery_percent = fault_chance(prng, 50) ? 0 : (int)prng_between(prng, 10, 60);
}

/* ---- the whole ---- */

static struct sim_scenario *plain_scenario(void) {
  static const char text[] = "accounts: [{email: nobody@example.com}]\n";
  struct sim_scenario *scenario = NULL;
  struct diag_list *diags = diag_new();
  CHECK(sim_scenario_parse(text, sizeof text - 1, "(drawn)", &scenario, diags) == 0);
  diag_free(diags);
  return scenario;
}

enum fault_class fault_class_of(uint64_t seed) {
  return seed % 10 == 9 ? FAULT_BEYOND : FAULT_WITHIN;
}

struct fault_plan *fault_plan_new(uint64_t seed, bool small) {
  struct fault_plan *plan = calloc(1, sizeof *plan);
  struct prng prng;
  CHECK(plan != NULL && "out of memory");
  prng_init(&prng, seed);
  plan->seed = seed;
  plan->class = fault_class_of(seed);
  plan->scenario = plain_scenario();
  size_t accounts = (size_t)fault_scale(&prng, 1, small ? 6 : 20);
  size_t jobs = (size_t)fault_scale(&prng, 1, small ? 24 : 60);
  plan->safety_ms = fault_scale(&prng, 10 * MINUTE_MS, (small ? 2 : 8) * HOUR_MS);
  plan->core = (struct core_options){.max_attempts = (int)prng_between(&prng, 1, 4),
                                     .upload_ahead = (int)prng_between(&prng, 1, 3)};
  fault_draw_service(plan, &prng, accounts);
  fault_draw_tokens(plan);
  draw_jobs(plan, &prng, jobs);
  draw_hands(plan, &prng);
  draw_crashes(plan, &prng);
  fault_draw_orders(plan);
  fault_draw_guards(plan);
  fault_draw_beside(plan);
  fault_draw_callbacks(plan);
  fault_draw_edits(plan);
  plan->bound_ms = 4 * HOUR_MS + (duration_ms)jobs * 15 * MINUTE_MS;
  return plan;
}

void fault_plan_free(struct fault_plan *plan) {
  if (plan == NULL) return;
  sim_scenario_free(plan->scenario);
  free(plan);
}

void fault_plan_mend(struct fault_plan *plan) {
  plan->core.until = 0;
  plan->core.credits_limited = false;
  if (plan->guards != NULL)
    memset(plan->guards, 0, plan->scenario->account_count * sizeof *plan->guards);
  plan->scenario->listing_lag = 0;
  for (size_t i = 0; i < plan->scenario->account_count; i++) {
    plan->accounts[i].credits = 1e9;
    plan->accounts[i].suspended = TIME_NEVER;
    plan->accounts[i].broken_count = 0;
  }
}

void fault_plan_describe(const struct fault_plan *plan, char *text, size_t size) {
  const struct sim_scenario *scenario = plan->scenario;
  snprintf(text, size,
           "accounts=%zu jobs=%zu assets=%zu safety=%llds lag=%lldms refs=%d names=%d rules=%zu "
           "failures=%zu hands=%zu orders=%zu crashes=%d/%lld recovery=%d%% max_attempts=%d "
           "tokens=%zu strikes=%d/%llds share=%d%%/%d callbacks=%d",
           scenario->account_count, plan->job_count, plan->asset_count,
           (long long)(plan->safety_ms / SECOND_MS), (long long)scenario->listing_lag,
           scenario->forms.list_refs, scenario->forms.list_names, scenario->fault_count,
           scenario->failure_count, plan->hand_count, plan->order_count, plan->crashes_most,
           (long long)plan->crash_gap, plan->recovery_percent, plan->core.max_attempts,
           scenario->token_count, plan->core.strikes,
           (long long)(plan->core.strike_window / SECOND_MS), plan->core.batch_percent,
           plan->core.batch_least, plan->callbacks.on);
}
