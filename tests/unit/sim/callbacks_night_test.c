/* A night with callbacks, in the virtual world: what reaches the client of them makes it look
 * sooner or later, and changes nothing else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "nightshift/diag.h"
#include "sim/world.h"

#define JOBS 40
#define NIGHT                                                                                      \
  "token: user:1234-demo-secret\n"                                                                 \
  "work: {base: 60s, per_second: 4s, jitter: 15%, start: [1s, 5s]}\n"                              \
  "accounts: [{email: one@example.com, capacity: 2}, {email: two@example.com, capacity: 3}]\n"

struct night {
  int status;
  int64_t steps, looks, published;
  duration_ms took;
  struct sim_totals totals;
  struct world_callback_counts counts;
};

static void make_jobs(struct world_job *jobs) {
  static char names[JOBS][16];
  for (int i = 0; i < JOBS; i++) {
    (void)snprintf(names[i], sizeof names[i], "j%02d", i);
    jobs[i] = (struct world_job){
        .name = names[i], .clip = names[i], .length_ms = 10 * SECOND_MS, .voice = "voice-maya"};
  }
}

static struct night pass(const struct world_callbacks *callbacks) {
  struct sim_scenario *scenario = NULL;
  struct diag_list *diags = diag_new();
  struct world_job jobs[JOBS];
  make_jobs(jobs);
  assert_int_equal(sim_scenario_parse(NIGHT, strlen(NIGHT), "night", &scenario, diags), 0);
  diag_free(diags);
  struct world *world = world_new(&(struct world_options){
      .scenario = scenario, .seed = 1, .jobs = jobs, .job_count = JOBS, .callbacks = *callbacks});
  struct night night = {.status = world_run(world, TIME_NEVER)};
  night.totals = sim_service_totals(world_service(world));
  night.looks = night.totals.lists + night.totals.task_gets;
  night.took = night.totals.last_end - night.totals.first_accept;
  night.steps = world_steps(world);
  night.counts = world_callback_counts(world);
  for (size_t i = 0; i < JOBS; i++)
    night.published += world_published(world, i);
  world_free(world);
  sim_scenario_free(scenario);
  return night;
}

static void assert_well(const struct night *night) {
  assert_int_equal(night->status, 0);
  assert_int_equal(night->published, JOBS);
  assert_int_equal(night->totals.accepted, JOBS);
  assert_int_equal(night->totals.duplicates, 0);
}

static void with_callbacks_there_are_fewer_looks_and_no_longer_a_night(void **state) {
  (void)state;
  struct night without = pass(&(struct world_callbacks){0});
  struct night with = pass(&(struct world_callbacks){.on = true});
  assert_well(&without);
  assert_well(&with);
  assert_int_equal(with.totals.callbacks, 3 * JOBS);
  assert_true(with.looks * 3 < without.looks * 2);
  assert_true(with.looks < JOBS * 12 / 10);
  assert_true(with.took < without.took);
}

static void when_all_are_lost_the_night_is_as_if_there_were_none(void **state) {
  (void)state;
  struct night without = pass(&(struct world_callbacks){0});
  struct night lost = pass(&(struct world_callbacks){.on = true, .lost = 100});
  assert_well(&lost);
  assert_int_equal(lost.counts.lost, 3 * JOBS);
  assert_int_equal(lost.took, without.took);
  assert_int_equal(lost.totals.requests, without.totals.requests);
}

/* The first ones arrive, so that they are relied on; later ones are lost now and then. */
static void some_that_are_lost_cost_little(void **state) {
  (void)state;
  struct night with = pass(&(struct world_callbacks){.on = true});
  struct night some = pass(&(struct world_callbacks){.on = true, .lost = 20, .seed = 3});
  assert_well(&some);
  assert_true(some.counts.lost > JOBS / 4);
  assert_true(some.took < with.took * 6 / 5);
}

static void late_and_doubled_ones_change_nothing(void **state) {
  (void)state;
  struct night night = pass(&(struct world_callbacks){
      .on = true, .seed = 4, .doubled = 100, .late = 50, .late_most = HOUR_MS});
  assert_well(&night);
  assert_int_equal(night.counts.doubled, 3 * JOBS);
}

/* 120 times 900: lies about our own tasks, mostly that they have ended. */
static void a_hundred_thousand_forged_ones_change_nothing_and_cost_few_looks(void **state) {
  (void)state;
  struct night with = pass(&(struct world_callbacks){.on = true});
  struct night night = pass(&(struct world_callbacks){
      .on = true, .seed = 5, .forged = 100, .burst = 900, .late_most = 10 * MINUTE_MS});
  assert_well(&night);
  assert_int_equal(night.counts.forged, 3 * JOBS);
  assert_true(night.steps > 50000);
  /* One look in five seconds at each task under way, at most. */
  assert_true(night.looks < with.looks + (int64_t)(night.totals.busy_ms / (5.0 * SECOND_MS)));
  assert_true(night.took < with.took * 11 / 10);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(with_callbacks_there_are_fewer_looks_and_no_longer_a_night),
      cmocka_unit_test(when_all_are_lost_the_night_is_as_if_there_were_none),
      cmocka_unit_test(some_that_are_lost_cost_little),
      cmocka_unit_test(late_and_doubled_ones_change_nothing),
      cmocka_unit_test(a_hundred_thousand_forged_ones_change_nothing_and_cost_few_looks),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
