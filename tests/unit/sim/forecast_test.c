/* What is expected of a night: its end, who does how much, and what limits it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "nightshift/sim.h"
#include "util/arena.h"

#define ACCOUNTS_MOST 4
#define JOBS_MOST     3000

/* A night whose tasks of 10 s clips take 40 s, on accounts of two slots each. */
static struct prospect_account accounts[ACCOUNTS_MOST];
static struct prospect_job jobs[JOBS_MOST];
static char clips[JOBS_MOST][32];
static const bool every_voice[] = {true, true}, first_voice[] = {true, false};
static struct arena arena;

static struct prospect night_of(size_t job_count, size_t account_count) {
  static const char *const emails[] = {"one@example.com", "two@example.com", "three@example.com",
                                       "four@example.com"};
  for (size_t i = 0; i < account_count; i++)
    accounts[i] =
        (struct prospect_account){.core = {.email = emails[i], .max_jobs = 5, .credits = -1},
                                  .capacity = 2,
                                  .voices = every_voice};
  for (size_t i = 0; i < job_count; i++) {
    (void)snprintf(clips[i], sizeof clips[i], "clip %zu", i);
    jobs[i] = (struct prospect_job){.clip = clips[i], .length_ms = 10000, .pin = NO_ACCOUNT};
  }
  return (struct prospect){.start = INT64_C(1795526400000),
                           .accounts = accounts,
                           .account_count = account_count,
                           .voice_count = 2,
                           .jobs = jobs,
                           .job_count = job_count,
                           .task_base_ms = 20000,
                           .task_ms_per_second = 2000,
                           .task_spread = 0.1,
                           .timed = true,
                           .credits_per_second = 5};
}

static int begin(void **state) {
  (void)state;
  arena_init(&arena);
  return 0;
}

static int end(void **state) {
  (void)state;
  arena_release(&arena);
  return 0;
}

static const struct forecast_limit *limit_of(const struct forecast *forecast,
                                             enum forecast_limit_kind kind) {
  for (size_t i = 0; i < forecast->limit_count; i++)
    if (forecast->limits[i].kind == kind) return &forecast->limits[i];
  return NULL;
}

/* 40 jobs of 40 s in four slots are 400 s. */
static void a_plain_night_ends_when_its_work_is_done(void **state) {
  (void)state;
  struct prospect night = night_of(40, 2);
  const struct forecast *forecast = sim_forecast(&night, &arena);
  assert_int_equal(forecast->succeeded, 40);
  assert_int_equal(forecast->left, 0);
  assert_int_equal(forecast->ended, forecast->runs);
  assert_in_range(forecast->middle_ms, 380000, 520000);
  assert_true(forecast->early_ms <= forecast->middle_ms);
  assert_true(forecast->middle_ms <= forecast->late_ms);
  assert_true(forecast->early_ms < forecast->late_ms);
  assert_int_equal(forecast->accounts[0].jobs + forecast->accounts[1].jobs, 40);
  assert_in_range((int64_t)forecast->credits, 1999, 2001);
  assert_true(forecast->accounts[0].busy > 0.8 && forecast->accounts[0].busy <= 1);
}

static void the_same_night_gives_the_same_forecast(void **state) {
  (void)state;
  struct prospect night = night_of(20, 2);
  const struct forecast *one = sim_forecast(&night, &arena), *other = sim_forecast(&night, &arena);
  assert_int_equal(one->early_ms, other->early_ms);
  assert_int_equal(one->middle_ms, other->middle_ms);
  assert_int_equal(one->late_ms, other->late_ms);
}

static void one_more_account_is_told_with_the_end_that_it_would_bring(void **state) {
  (void)state;
  struct prospect night = night_of(40, 2);
  const struct forecast *forecast = sim_forecast(&night, &arena);
  const struct forecast_limit *limit = limit_of(forecast, FORECAST_ANOTHER);
  assert_non_null(limit);
  assert_in_range(limit->at_ms, forecast->middle_ms / 2, forecast->middle_ms * 8 / 10);
}

static void a_slow_account_is_told_with_the_end_without_it(void **state) {
  (void)state;
  struct prospect night = night_of(60, 3);
  accounts[1].pace = 4;
  const struct forecast *forecast = sim_forecast(&night, &arena);
  const struct forecast_limit *limit = limit_of(forecast, FORECAST_SLOWEST);
  assert_non_null(limit);
  assert_string_equal(limit->email, "two@example.com");
  assert_int_equal(limit->count, forecast->accounts[1].jobs);
  assert_true(limit->at_ms > forecast->middle_ms * 9 / 10);
}

/* Of three accounts that take one, two or three tasks each is as busy as can be. */
static void how_busy_an_account_is_goes_by_what_it_takes(void **state) {
  (void)state;
  struct prospect night = night_of(60, 3);
  for (int i = 0; i < 3; i++)
    accounts[i].capacity = i + 1;
  const struct forecast *forecast = sim_forecast(&night, &arena);
  for (int i = 0; i < 3; i++)
    assert_true(forecast->accounts[i].busy > 0.75);
  assert_true(forecast->accounts[2].jobs > forecast->accounts[0].jobs * 2);
}

static void what_only_one_account_may_run_is_told_as_the_end(void **state) {
  (void)state;
  struct prospect night = night_of(40, 2);
  for (size_t i = 0; i < 30; i++)
    jobs[i].pin = 1;
  const struct forecast *forecast = sim_forecast(&night, &arena);
  const struct forecast_limit *limit = limit_of(forecast, FORECAST_ONLY_THERE);
  assert_non_null(limit);
  assert_string_equal(limit->email, "two@example.com");
  assert_true(limit->at_ms < forecast->middle_ms * 6 / 10);
  assert_int_equal(forecast->accounts[1].jobs, 30);
  assert_null(limit_of(forecast, FORECAST_ANOTHER));
}

static void a_voice_that_one_account_has_runs_there(void **state) {
  (void)state;
  struct prospect night = night_of(20, 2);
  accounts[0].voices = first_voice;
  for (size_t i = 0; i < 10; i++)
    jobs[i].voice = 1;
  const struct forecast *forecast = sim_forecast(&night, &arena);
  assert_int_equal(forecast->left, 0);
  assert_true(forecast->accounts[1].jobs >= 10);
}

static void jobs_of_an_account_that_is_out_are_left_with_the_reason(void **state) {
  (void)state;
  struct prospect night = night_of(10, 2);
  accounts[1].out = "paused";
  for (size_t i = 0; i < 4; i++)
    jobs[i].pin = 1;
  const struct forecast *forecast = sim_forecast(&night, &arena);
  const struct forecast_limit *limit = limit_of(forecast, FORECAST_LEFT);
  assert_int_equal(forecast->ended, 0);
  assert_int_equal(forecast->middle_ms, 0);
  assert_int_equal(forecast->left, 4);
  assert_non_null(limit);
  assert_int_equal(limit->count, 4);
  assert_non_null(strstr(limit->text, "no account"));
}

static void an_account_without_credits_does_no_more(void **state) {
  (void)state;
  struct prospect night = night_of(12, 1);
  accounts[0].core.credits = 5 * 50 + 10; /* of 10 s clips, 5 a second: five of them */
  const struct forecast *forecast = sim_forecast(&night, &arena);
  assert_int_equal(forecast->succeeded, 5);
  assert_int_equal(forecast->left, 7);
  assert_non_null(limit_of(forecast, FORECAST_LEFT));
}

static void no_account_at_all_is_no_end(void **state) {
  (void)state;
  struct prospect night = night_of(3, 1);
  accounts[0].out = "suspended";
  const struct forecast *forecast = sim_forecast(&night, &arena);
  assert_int_equal(forecast->middle_ms, 0);
  assert_int_equal(forecast->left, 3);
  assert_int_equal(sim_forecast_end(&night), 0);
}

static void nothing_to_do_ends_with_what_is_under_way(void **state) {
  (void)state;
  struct prospect night = night_of(0, 1);
  struct prospect_task task = {0, 10000, 10000, true};
  const struct forecast *forecast = sim_forecast(&night, &arena);
  assert_int_equal(forecast->ended, forecast->runs);
  assert_int_equal(forecast->middle_ms, 0);
  night.tasks = &task;
  night.task_count = 1;
  assert_int_equal(sim_forecast(&night, &arena)->middle_ms, 30000);
}

static void tasks_under_way_keep_their_slots(void **state) {
  (void)state;
  struct prospect night = night_of(4, 1);
  struct prospect_task tasks[] = {{0, 0, 30000, true}, {0, 0, 30000, true}};
  duration_ms before = sim_forecast(&night, &arena)->middle_ms;
  night.tasks = tasks;
  night.task_count = 2;
  assert_true(sim_forecast(&night, &arena)->middle_ms >= before + 60000);
}

static void a_limit_ends_the_night_early(void **state) {
  (void)state;
  struct prospect night = night_of(40, 2);
  duration_ms before = sim_forecast(&night, &arena)->middle_ms;
  night.core.start_limit = 10;
  const struct forecast *forecast = sim_forecast(&night, &arena);
  assert_int_equal(forecast->ended, forecast->runs);
  assert_int_equal(forecast->succeeded, 10);
  assert_int_equal(forecast->left, 30);
  assert_true(forecast->middle_ms < before / 2);
}

static void a_night_that_ends_at_a_time_tells_what_is_left(void **state) {
  (void)state;
  struct prospect night = night_of(40, 2);
  night.core.until = night.start + 3 * MINUTE_MS;
  const struct forecast *forecast = sim_forecast(&night, &arena);
  assert_int_equal(forecast->ended, forecast->runs);
  assert_in_range(forecast->succeeded, 4, 20);
  assert_int_equal(forecast->succeeded + forecast->left, 40);
  assert_true(forecast->middle_ms <= 4 * MINUTE_MS);
  assert_non_null(limit_of(forecast, FORECAST_LEFT));
}

static void guards_of_an_account_hold_in_a_forecast(void **state) {
  (void)state;
  struct prospect night = night_of(20, 2);
  struct time_window later = {night.start + HOUR_MS, night.start + 2 * HOUR_MS};
  accounts[0].core.guards.jobs_per_day = 3;
  accounts[1].core.guards.hours = &later;
  accounts[1].core.guards.hour_count = 1;
  const struct forecast *forecast = sim_forecast(&night, &arena);
  assert_int_equal(forecast->accounts[0].jobs, 3);
  assert_int_equal(forecast->accounts[1].jobs, 17);
  assert_true(forecast->middle_ms > HOUR_MS);
}

static void tasks_fail_as_often_as_they_did(void **state) {
  (void)state;
  struct prospect night = night_of(100, 2);
  night.tasks_ended = 100;
  night.tasks_moderated = 30;
  const struct forecast *forecast = sim_forecast(&night, &arena);
  assert_in_range(forecast->failed, 10, 50);
  assert_int_equal(forecast->succeeded + forecast->failed, 100);
}

/* 3,000 jobs of 40 s in eight slots are 4 h 10 min. */
static void the_end_of_a_large_night_is_known_at_a_glance(void **state) {
  (void)state;
  struct prospect night = night_of(3000, 4);
  assert_in_range(sim_forecast_end(&night), 4 * HOUR_MS, 6 * HOUR_MS);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
  const struct CMUnitTest tests[] = {
      TEST(a_plain_night_ends_when_its_work_is_done),
      TEST(the_same_night_gives_the_same_forecast),
      TEST(one_more_account_is_told_with_the_end_that_it_would_bring),
      TEST(a_slow_account_is_told_with_the_end_without_it),
      TEST(how_busy_an_account_is_goes_by_what_it_takes),
      TEST(what_only_one_account_may_run_is_told_as_the_end),
      TEST(a_voice_that_one_account_has_runs_there),
      TEST(jobs_of_an_account_that_is_out_are_left_with_the_reason),
      TEST(an_account_without_credits_does_no_more),
      TEST(no_account_at_all_is_no_end),
      TEST(nothing_to_do_ends_with_what_is_under_way),
      TEST(tasks_under_way_keep_their_slots),
      TEST(a_limit_ends_the_night_early),
      TEST(a_night_that_ends_at_a_time_tells_what_is_left),
      TEST(guards_of_an_account_hold_in_a_forecast),
      TEST(tasks_fail_as_often_as_they_did),
      TEST(the_end_of_a_large_night_is_known_at_a_glance),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
