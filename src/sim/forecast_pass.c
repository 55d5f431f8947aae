/* One virtual night of a forecast: the night's accounts as a scenario, its jobs in the world, and
 * what came of it. */
#include "sim/forecast_pass.h"

#include <stdio.h>
#include <string.h>

#include "sim/scenario.h"
#include "sim/world.h"
#include "util/check.h"
#include "util/prng.h"

#define TOKEN            "user:1-forecast"
#define NIGHT_LONGEST_MS (60 * 24 * HOUR_MS)
#define EXIT_STOPPED     3 /* contract: stopped before the end by a limit, a time or a guard */
#define ACCOUNT_QUEUE    5 /* the service's own maxJobs where nobody said another */
#define LENGTH_UNKNOWN   (10 * SECOND_MS)
/* How often Runway's capacity may change, and for how long that is drawn. */
#define STEP_LEAST_MS (20 * MINUTE_MS)
#define STEP_MOST_MS  (60 * MINUTE_MS)
#define STEPS_MOST    200
/* How far the whole night's pace may be from what is believed, either way. */
#define DOUBT_TIMED   0.08
#define DOUBT_ASSUMED 0.3

duration_ms forecast_task_ms(const struct prospect *night, duration_ms length_ms) {
  duration_ms length = length_ms > 0 ? length_ms : LENGTH_UNKNOWN;
  return night->task_base_ms + night->task_ms_per_second * length / SECOND_MS;
}

/* ---- accounts ---- */

/* Seed page: "at least one job will run - often two, and very rarely, three". */
static int draw_usual(const struct prospect_account *account, struct prng *prng) {
  if (account->capacity > 0) return account->capacity;
  double chance = prng_unit(prng);
  return chance < 0.2 ? 1 : chance < 0.9 ? 2 : 3;
}

static int draw_slots(int usual, struct prng *prng) {
  double chance = prng_unit(prng);
  if (chance < 0.1 && usual > 1) return usual - 1;
  return chance > 0.9 ? usual + 1 : usual;
}

static void draw_capacity(const struct prospect_account *account, struct prng *prng,
                          struct arena *arena, struct sim_account_plan *plan) {
  struct sim_step *steps = ARENA_NEW_ARRAY(arena, STEPS_MOST, struct sim_step);
  int usual = draw_usual(account, prng);
  duration_ms at = 0;
  for (size_t i = 0; i < STEPS_MOST; i++) {
    steps[i] = (struct sim_step){at, i == 0 ? usual : draw_slots(usual, prng)};
    at += prng_between(prng, STEP_LEAST_MS, STEP_MOST_MS);
  }
  plan->steps = steps;
  plan->step_count = STEPS_MOST;
}

/* What is under way already holds its slot until it ends. */
static void add_tasks(const struct prospect *night, account_index account, struct arena *arena,
                      struct sim_account_plan *plan) {
  struct sim_other *given = ARENA_NEW_ARRAY(arena, night->task_count + 1, struct sim_other);
  size_t count = 0;
  for (size_t i = 0; i < night->task_count; i++) {
    const struct prospect_task *task = &night->tasks[i];
    if (task->account != account) continue;
    duration_ms whole = forecast_task_ms(night, task->length_ms), left = whole - task->age_ms;
    given[count++] = (struct sim_other){0, left > whole / 5 ? left : whole / 5};
  }
  plan->by_program.given = given;
  plan->by_program.given_count = count;
}

/* False: it has none of the voices. */
static bool add_voices(const struct prospect *night, const struct prospect_account *account,
                       struct arena *arena, struct sim_account_plan *plan) {
  int64_t *voices = ARENA_NEW_ARRAY(arena, night->voice_count + 1, int64_t);
  for (size_t i = 0; i < night->voice_count; i++)
    if (account->voices[i]) voices[plan->voice_count++] = (int64_t)i;
  plan->voices = voices;
  return plan->voice_count > 0;
}

/* An account that has no credits left at a price that nobody knows has none. */
static double credits_of(const struct prospect *night, const struct prospect_account *account) {
  bool known = account->core.credits >= 0 && night->credits_per_second > 0;
  return known ? (double)account->core.credits : 1e12;
}

static bool plan_account(const struct prospect *night, account_index index, struct prng *prng,
                         struct arena *arena, struct sim_account_plan *plan) {
  const struct prospect_account *account = &night->accounts[index];
  int max_jobs = account->core.max_jobs;
  *plan = (struct sim_account_plan){.email = account->core.email,
                                    .max_jobs = max_jobs > 0 ? max_jobs : ACCOUNT_QUEUE,
                                    .pace = account->pace,
                                    .credits = credits_of(night, account),
                                    .unlimited =
                                        account->known == NULL || !account->known->explore_missing,
                                    .suspended = TIME_NEVER};
  draw_capacity(account, prng, arena, plan); /* also of those that are out: the draws stay */
  add_tasks(night, index, arena, plan);
  return account->out == NULL && add_voices(night, account, arena, plan);
}

static void plan_accounts(const struct prospect *night, uint64_t seed, struct arena *arena,
                          struct sim_scenario *scenario) {
  struct sim_account_plan *plans =
      ARENA_NEW_ARRAY(arena, night->account_count + 1, struct sim_account_plan);
  struct prng prng;
  prng_init(&prng, seed);
  for (size_t i = 0; i < night->account_count; i++)
    if (plan_account(night, (account_index)i, &prng, arena, &plans[scenario->account_count]))
      scenario->account_count++;
  scenario->accounts = plans;
}

/* ---- the scenario ---- */

static void plan_failures(const struct prospect *night, struct arena *arena,
                          struct sim_scenario *scenario) {
  struct sim_failure_rule *rules = ARENA_NEW_ARRAY(arena, 2, struct sim_failure_rule);
  const struct sim_when always = {.window = {0, TIME_NEVER}};
  double ended = (double)(night->tasks_ended > 0 ? night->tasks_ended : 1);
  size_t count = 0;
  if (night->tasks_failed > 0) {
    rules[count] =
        (struct sim_failure_rule){FAILURE_INTERNAL, always, "INTERNAL.BAD_OUTPUT", NULL, 1};
    rules[count++].when.rate = (double)night->tasks_failed / ended;
  }
  if (night->tasks_moderated > 0) {
    rules[count] =
        (struct sim_failure_rule){FAILURE_MODERATION, always, "SAFETY.INPUT", "safety", 0.5};
    rules[count++].when.rate = (double)night->tasks_moderated / ended;
  }
  scenario->failures = rules;
  scenario->failure_count = count;
}

/* Runway is slower in some nights than in others. */
static double draw_pace(const struct prospect *night, uint64_t seed) {
  struct prng prng;
  prng_init(&prng, ~seed);
  return 1 + (night->timed ? DOUBT_TIMED : DOUBT_ASSUMED) * (2 * prng_unit(&prng) - 1);
}

static void plan_scenario(const struct prospect *night, uint64_t seed, struct arena *arena,
                          struct sim_scenario *scenario) {
  static const char *tokens[] = {TOKEN};
  struct sim_voice *voices = ARENA_NEW_ARRAY(arena, night->voice_count + 1, struct sim_voice);
  for (size_t i = 0; i < night->voice_count; i++)
    voices[i].id = voices[i].name = arena_printf(arena, "v%zu", i);
  double factor = draw_pace(night, seed);
  *scenario = (struct sim_scenario){
      .seed = seed,
      .tokens = tokens,
      .token_count = 1,
      .voices = voices,
      .voice_count = night->voice_count,
      .forms = {.submit_nested = true, .list_refs = true, .list_names = true},
      .work_base = (duration_ms)((double)night->task_base_ms * factor),
      .work_per_second = (duration_ms)((double)night->task_ms_per_second * factor),
      .work_jitter = night->task_spread,
      .explore_factor = 3,
      .credits_per_second = night->credits_per_second > 0 ? night->credits_per_second : 0,
      .subscription_ends = TIME_NEVER,
      .artifact_bytes = {20000, 20000},
      .artifact_ttl = HOUR_MS};
  for (size_t i = 0; i < SIM_CALL_COUNT; i++)
    scenario->latency[i] = (struct sim_range){80, 250};
  scenario->latency[SIM_UPLOAD] = (struct sim_range){SECOND_MS, 4 * SECOND_MS};
  plan_accounts(night, seed, arena, scenario);
  plan_failures(night, arena, scenario);
}

/* ---- the world ---- */

static const char *email_of(const struct prospect *night, account_index account) {
  return account == NO_ACCOUNT ? NULL : night->accounts[account].core.email;
}

static struct world_job *plan_jobs(const struct prospect *night,
                                   const struct sim_scenario *scenario, struct arena *arena) {
  struct world_job *jobs = ARENA_NEW_ARRAY(arena, night->job_count + 1, struct world_job);
  for (size_t i = 0; i < night->job_count; i++) {
    const struct prospect_job *job = &night->jobs[i];
    bool is_out = job->pin != NO_ACCOUNT && night->accounts[job->pin].out != NULL;
    jobs[i] = (struct world_job){.name = arena_printf(arena, "%zu", i),
                                 .clip = job->clip,
                                 .length_ms = job->length_ms,
                                 .voice = scenario->voices[job->voice].id,
                                 .pin = email_of(night, job->pin),
                                 .explore = job->explore,
                                 .priority = job->priority};
    if (job->clip == NULL && !is_out)
      jobs[i].asset = arena_printf(arena, "hand:%s", email_of(night, job->pin));
    else if (job->clip == NULL) /* it stays where it is: any clip will do */
      jobs[i].clip = jobs[i].name;
  }
  return jobs;
}

static struct core_account *plan_core(const struct prospect *night, struct arena *arena) {
  struct core_account *accounts =
      ARENA_NEW_ARRAY(arena, night->account_count + 1, struct core_account);
  for (size_t i = 0; i < night->account_count; i++)
    accounts[i] = night->accounts[i].core;
  return accounts;
}

/* What the state has learned of the accounts, the core of that night knows too. */
static void give_known(const struct prospect *night, struct world *world, struct arena *arena) {
  struct record *records = ARENA_NEW_ARRAY(arena, night->account_count + 1, struct record);
  size_t count = 0;
  for (size_t i = 0; i < night->account_count; i++) {
    const struct prospect_account *account = &night->accounts[i];
    if (account->known == NULL || account->out != NULL) continue;
    records[count].kind = RECORD_ACCOUNT;
    records[count++].as.account = *account->known;
  }
  if (count > 0) CHECK(store_commit(world_store(world), night->start, records, count, NULL) == 0);
}

/* ---- what came of it ---- */

static account_index account_of(const struct prospect *night, const char *email) {
  for (size_t i = 0; i < night->account_count; i++)
    if (strcmp(night->accounts[i].core.email, email) == 0) return (account_index)i;
  CHECK_UNREACHABLE();
}

/* Slot time that the account gives until `end_ms`. */
static double slots_until(const struct sim_account_plan *plan, duration_ms end_ms) {
  double sum = 0;
  for (size_t i = 0; i < plan->step_count && plan->steps[i].at < end_ms; i++) {
    duration_ms next = i + 1 < plan->step_count ? plan->steps[i + 1].at : end_ms;
    int slots = plan->steps[i].slots < plan->max_jobs ? plan->steps[i].slots : plan->max_jobs;
    sum += (double)((next < end_ms ? next : end_ms) - plan->steps[i].at) * slots;
  }
  return sum;
}

static void count_slots(const struct prospect *night, const struct sim_scenario *scenario,
                        struct pass_end *end) {
  for (size_t i = 0; i < scenario->account_count; i++) {
    const struct sim_account_plan *plan = &scenario->accounts[i];
    struct pass_share *share = &end->shares[account_of(night, plan->email)];
    share->slots_ms = slots_until(plan, share->end_ms);
  }
}

static void count_tasks(const struct prospect *night, const struct sim_service *service,
                        struct pass_end *end) {
  size_t count = sim_service_task_count(service);
  for (size_t i = 0; i < count; i++) {
    struct sim_task_truth task = sim_service_task(service, i);
    if (!task.ordered || task.ended == 0) continue;
    struct pass_share *share = &end->shares[account_of(night, task.email)];
    share->busy_ms += (double)(task.ended - task.created);
    if (task.ended - night->start > share->end_ms) share->end_ms = task.ended - night->start;
    if (strcmp(task.status, "SUCCEEDED") != 0) continue;
    share->jobs++;
    share->credits += task.credits;
    end->credits += task.credits;
  }
}

static const char *why_left(const struct prospect *night, const struct world *world,
                            struct arena *arena) {
  char text[300];
  for (size_t i = 0; i < night->job_count; i++) {
    struct wait wait = world_job_why(world, i);
    if (wait.reason == WAIT_NONE) continue;
    wait.until = 0;
    wait_describe(&wait, text, sizeof text);
    return arena_string(arena, text);
  }
  return NULL;
}

/* A run that stops as it was told has come to its end, too. */
static void judge(const struct prospect *night, const struct world *world, int status,
                  struct arena *arena, struct pass_end *end) {
  struct core_counts counts = core_count(world_core(world), 0);
  struct sim_totals totals = sim_service_totals(world_service(world));
  end->end_ms = world_now(world);
  end->succeeded = counts.by_state[JOB_SUCCEEDED];
  end->failed = counts.by_state[JOB_FAILED] + counts.by_state[JOB_MODERATED] +
                counts.by_state[JOB_CANCELLED] + counts.by_state[JOB_HELD];
  end->left = (int64_t)night->job_count - end->succeeded - end->failed;
  end->ended = end->left == 0 || status == EXIT_STOPPED;
  end->submissions = totals.submissions;
  end->refused = totals.refused_queue + totals.refused_runway;
  end->why = end->left == 0 ? NULL : why_left(night, world, arena);
  count_tasks(night, world_service(world), end);
}

void forecast_pass(const struct prospect *night, uint64_t seed, struct arena *arena,
                   struct pass_end *end) {
  struct arena scratch;
  struct sim_scenario scenario;
  *end = (struct pass_end){.why = "no account takes part"};
  end->left = (int64_t)night->job_count;
  end->shares = ARENA_NEW_ARRAY(arena, night->account_count + 1, struct pass_share);
  arena_init(&scratch);
  plan_scenario(night, seed, &scratch, &scenario);
  if (scenario.account_count > 0) {
    const struct world_options options = {.scenario = &scenario,
                                          .seed = seed,
                                          .jobs = plan_jobs(night, &scenario, &scratch),
                                          .job_count = night->job_count,
                                          .core = night->core,
                                          .accounts = plan_core(night, &scratch),
                                          .account_count = night->account_count,
                                          .start = night->start,
                                          .lean = true};
    struct world *world = world_new(&options);
    give_known(night, world, &scratch);
    int status = world_run(world, NIGHT_LONGEST_MS);
    judge(night, world, status, arena, end);
    count_slots(night, &scenario, end);
    world_free(world);
  }
  arena_release(&scratch);
}
