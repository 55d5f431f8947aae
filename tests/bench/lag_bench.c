/* How late a task may come into being, and how late be listed, until jobs are paid for twice:
 * nights in virtual time in which three submissions in ten lose their answer, for a row of lags.
 * The sum of both is what counts (docs/store.md, claim 10; docs/model/README.md has the same
 * limit). */
#include <stdio.h>
#include <stdlib.h>

#include "nightshift/sim.h"
#include "nightshift/store.h"
#include "sim/service.h"
#include "sim/world.h"
#include "util/check.h"

#define JOBS    200
#define LIMIT_S 150 /* settle time and the time between the two lists */
#define LOST_OF 10
#define LOST    3

/* Where a sum of seconds lies: how much of it the task comes late, the rest its listing lags. */
static const struct split {
  const char *name;
  int late_percent;
  bool scheduler; /* the scheduler's list, which does not lag, can be had */
} splits[] = {{"late alone", 100, false},
              {"half and half", 50, false},
              {"lag alone", 0, false},
              {"lag, /scheduler", 0, true}};
#define SPLITS (sizeof splits / sizeof splits[0])

static const int sums_s[] = {0,   30,  60,  90,  120, 130, 140, 145, 149, 150, 151,
                             155, 160, 170, 180, 200, 240, 300, 420, 600, 900};

struct found {
  int64_t lost, twice, held;
};

static struct sim_scenario *scenario_of(const struct split *split, int sum_s, int64_t seed) {
  char text[1200];
  struct sim_scenario *scenario = NULL;
  struct diag_list *diags = diag_new();
  int late_s = sum_s * split->late_percent / 100;
  int used = snprintf(text, sizeof text,
                      "seed: %lld\nlisting_lag: %ds\nfaults:\n"
                      "  - {call: submit, kind: lost_after, rate: %d%%, late: %ds}\n%s"
                      "accounts:\n",
                      (long long)seed, sum_s - late_s, LOST * 100 / LOST_OF, late_s,
                      split->scheduler ? "" : "  - {call: scheduler, kind: 5xx_before}\n");
  for (int i = 0; i < 10; i++)
    used += snprintf(text + used, sizeof text - (size_t)used,
                     "  - {email: a%d@example.com, capacity: %d}\n", i, 1 + i % 3);
  CHECK(sim_scenario_parse(text, (size_t)used, "(lag)", &scenario, diags) == 0);
  diag_free(diags);
  return scenario;
}

static void draw_jobs(struct world_job *jobs, char names[][16]) {
  static const char *const voices[] = {"voice-maya", "voice-leo", "voice-ivy", "voice-noah"};
  for (int i = 0; i < JOBS; i++) {
    snprintf(names[i], 16, "j%d", i);
    jobs[i] = (struct world_job){
        .name = names[i], .clip = names[i], .length_ms = 10 * SECOND_MS, .voice = voices[i % 4]};
  }
}

static void count_held(struct world *world, struct found *found) {
  struct store_snapshot snapshot = {0};
  CHECK(store_load(world_store(world), &snapshot, NULL) == 0);
  for (size_t i = 0; i < snapshot.job_count; i++)
    found->held += snapshot.jobs[i].state == JOB_HELD;
  store_snapshot_release(&snapshot);
}

static void one_night(const struct split *split, int sum_s, int64_t seed, struct found *found) {
  static struct world_job jobs[JOBS];
  static char names[JOBS][16];
  struct sim_scenario *scenario = scenario_of(split, sum_s, seed);
  draw_jobs(jobs, names);
  struct world *world = world_new(&(struct world_options){.scenario = scenario,

                                                          .seed = (uint64_t)seed,
                                                          .jobs = jobs,
                                                          .job_count = JOBS});
  (void)world_run(world, TIME_NEVER);
  found->lost += world_service(world)->fault_struck[0];
  found->twice += sim_service_totals(world_service(world)).duplicates;
  count_held(world, found);
  world_free(world);
  sim_scenario_free(scenario);
}

static void print_found(const struct found *found) {
  printf("   %6lld %6lld %5.1f %%", (long long)found->lost, (long long)found->twice,
         found->lost == 0 ? 0 : 100 * (double)found->twice / (double)found->lost);
}

/* A line of the table; true: nothing was paid for twice where nothing may be. */
static bool try_sum(int sum_s, int64_t seeds, int *first_s) {
  bool good = true;
  int64_t held = 0;
  printf("%8d s", sum_s);
  for (size_t i = 0; i < SPLITS; i++) {
    struct found found = {0};
    for (int64_t seed = 1; seed <= seeds; seed++)
      one_night(&splits[i], sum_s, seed, &found);
    print_found(&found);
    good &= found.twice == 0 || sum_s > LIMIT_S;
    held += found.held;
    if (found.twice > 0 && first_s[i] == 0) first_s[i] = sum_s;
  }
  printf("   %6lld\n", (long long)held);
  fflush(stdout);
  return good;
}

int main(int argument_count, char **arguments) {
  int64_t seeds = argument_count > 1 ? strtoll(arguments[1], NULL, 10) : 20;
  int first_s[SPLITS] = {0};
  bool good = true;
  if (seeds < 1) {
    fprintf(stderr, "lag_bench [SEEDS]: how many nights for each point\n");
    return 2;
  }
  printf("%lld nights of %d jobs for each figure; %d answers in %d are lost\n", (long long)seeds,
         JOBS, LOST, LOST_OF);
  printf("late + lag");
  for (size_t i = 0; i < SPLITS; i++)
    printf("   %-6s %16s", i == 0 ? "lost" : "", splits[i].name);
  printf("   held\n");
  for (size_t i = 0; i < sizeof sums_s / sizeof sums_s[0]; i++)
    good &= try_sum(sums_s[i], seeds, first_s);
  for (size_t i = 0; i < SPLITS; i++)
    if (first_s[i] == 0)
      printf("%s: no job is paid for twice\n", splits[i].name);
    else
      printf("%s: paid for twice from %d s on\n", splits[i].name, first_s[i]);
  printf("the model's limit: %d s\n", LIMIT_S);
  return good ? 0 : 1;
}
