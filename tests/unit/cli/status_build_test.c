/* What `status` makes of what is written down. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "cli/status_build.h"
#include "util/arena.h"

#define NOW INT64_C(1757314346378)

static struct batch_record batches[] = {
    {.id = 1, .key = "spring", .named = true, .path = "/v/spring.yaml"},
    {.id = 2, .key = "/v/other.yaml", .path = "/v/other.yaml"}};

static struct job_record job(job_id id, const char *name, enum job_state state) {
  return (struct job_record){.id = id,
                             .batch = 1,
                             .key = name,
                             .name = name,
                             .number = id,
                             .listed = true,
                             .clip_path = "/v/a.mp4",
                             .clip_source = "a.mp4",
                             .clip_hash = "00ff",
                             .clip_ms = 5000,
                             .clip_type = "video/mp4",
                             .voice = "Leo",
                             .voice_id = "leo",
                             .output = "/v/out/a.mp4",
                             .state = state,
                             .result_bytes = -1};
}

struct world {
  struct store_snapshot snapshot;
  struct job_record jobs[8];
  struct account_record accounts[2];
  struct progress_record progress[1];
  struct arena arena;
  struct status_source source;
  struct status_batch status;
};

static int set_up(void **state) {
  static struct world world;
  world = (struct world){0};
  struct world *w = &world;
  arena_init(&w->arena);
  w->jobs[0] = job(1, "a-Leo", JOB_QUEUED);
  w->jobs[1] = job(2, "b-Leo", JOB_SUCCEEDED);
  w->jobs[1].result = "/v/out/b.mp4";
  w->jobs[1].account = "one@example.com";
  w->jobs[1].attempts = 1;
  w->accounts[0] = (struct account_record){.email = "one@example.com",
                                           .state = ACCOUNT_READY,
                                           .max_jobs = 3,
                                           .capacity = 2,
                                           .credits = 1200};
  w->accounts[1] = (struct account_record){
      .email = "two@example.com", .state = ACCOUNT_COOLING, .until = NOW + 20000, .credits = -1};
  w->progress[0] = (struct progress_record){.batch = 1, .eta = NOW + HOUR_MS, .time = NOW};
  w->snapshot = (struct store_snapshot){.latest = NOW,
                                        .batches = batches,
                                        .batch_count = 2,
                                        .jobs = w->jobs,
                                        .job_count = 2,
                                        .last_job = 8,
                                        .last_batch = 2,
                                        .accounts = w->accounts,
                                        .account_count = 2,
                                        .progress = w->progress,
                                        .progress_count = 1};
  w->source = (struct status_source){.snapshot = &w->snapshot, .run_at_work = true, .now = NOW};
  *state = w;
  return 0;
}

static int tear_down(void **state) {
  arena_release(&((struct world *)*state)->arena);
  return 0;
}

static void build(struct world *w) {
  status_build(&w->source, &batches[0], true, &w->arena, &w->status);
}

static void a_batch_that_a_run_works_on_is_running(void **state) {
  struct world *w = *state;
  build(w);
  assert_string_equal(w->status.batch, "spring");
  assert_int_equal(w->status.phase, PHASE_RUNNING);
  assert_int_equal(w->status.eta, NOW + HOUR_MS);
  assert_int_equal(w->status.counts.jobs, 2);
  assert_int_equal(w->status.counts.by_state[JOB_QUEUED], 1);
  assert_int_equal(w->status.counts.by_state[JOB_SUCCEEDED], 1);
  assert_int_equal(w->status.job_count, 2);
}

static void without_a_run_it_is_idle_and_says_so(void **state) {
  struct world *w = *state;
  w->source.run_at_work = false;
  build(w);
  assert_int_equal(w->status.phase, PHASE_IDLE);
  assert_int_equal(w->status.eta, 0);
  assert_string_equal(w->status.jobs[0].why, "no run is at work");
}

static void when_all_have_ended_it_is_finished(void **state) {
  struct world *w = *state;
  w->jobs[0].state = JOB_HELD;
  w->jobs[0].error = "no evidence";
  w->jobs[0].advice = "look at the website";
  build(w);
  assert_int_equal(w->status.phase, PHASE_FINISHED);
  assert_int_equal(w->status.eta, 0);
  assert_string_equal(w->status.jobs[0].error, "no evidence");
  assert_string_equal(w->status.jobs[0].why, "look at the website");
}

static void an_end_in_the_past_is_not_known_any_more(void **state) {
  struct world *w = *state;
  w->progress[0].eta = NOW - 1;
  build(w);
  assert_int_equal(w->status.eta, 0);
}

static void a_waiting_job_tells_its_reason(void **state) {
  struct world *w = *state;
  w->jobs[0].pin = "two@example.com";
  w->accounts[1].state = ACCOUNT_BROKEN;
  build(w);
  assert_non_null(strstr(w->status.jobs[0].why, "session is broken"));
  assert_non_null(strstr(w->status.jobs[0].why, "two@example.com"));
  w->source.run_at_work = false;
  build(w);
  assert_non_null(strstr(w->status.jobs[0].why, "session is broken"));
}

static void a_free_job_waits_for_a_slot(void **state) {
  struct world *w = *state;
  w->jobs[0].pin = "one@example.com";
  build(w);
  assert_non_null(strstr(w->status.jobs[0].why, "waits for a free slot"));
}

static void a_job_that_may_run_anywhere_waits_for_the_nearest_account(void **state) {
  struct world *w = *state;
  w->accounts[0].state = ACCOUNT_EMPTY;
  build(w);
  assert_non_null(strstr(w->status.jobs[0].why, "takes no more now (two@example.com, until "));
  w->accounts[1].state = ACCOUNT_LOST;
  w->source.run_at_work = false;
  build(w);
  assert_non_null(strstr(w->status.jobs[0].why, "no credits (one@example.com"));
}

static void an_account_never_seen_is_no_reason_before_a_run(void **state) {
  struct world *w = *state;
  w->jobs[0].pin = "new@example.com";
  build(w);
  assert_non_null(strstr(w->status.jobs[0].why, "have not been listed yet (new@example.com)"));
  w->source.run_at_work = false;
  build(w);
  assert_string_equal(w->status.jobs[0].why, "no run is at work");
}

static void an_accounts_slots_are_counted_over_all_batches(void **state) {
  struct world *w = *state;
  static const enum job_state states[] = {JOB_SUBMITTING, JOB_UNSURE, JOB_RUNNING, JOB_DOWNLOADING};
  for (size_t i = 0; i < 4; i++) {
    w->jobs[2 + i] = job((job_id)(3 + i), "x", states[i]);
    w->jobs[2 + i].batch = 2;
    w->jobs[2 + i].account = "one@example.com";
  }
  w->snapshot.job_count = 6;
  status_build(&w->source, &batches[0], false, &w->arena, &w->status);
  assert_int_equal(w->status.counts.jobs, 2);
  assert_int_equal(w->status.account_count, 2);
  assert_int_equal(w->status.accounts[0].running, 3);
  assert_int_equal(w->status.accounts[0].capacity, 2);
  assert_int_equal(w->status.accounts[0].credits, 1200);
  assert_int_equal(w->status.accounts[1].running, 0);
  assert_int_equal(w->status.accounts[1].capacity, -1);
  assert_int_equal(w->status.accounts[1].credits, -1);
}

static void an_account_that_has_cooled_is_ready(void **state) {
  struct world *w = *state;
  build(w);
  assert_int_equal(w->status.accounts[1].state, ACCOUNT_COOLING);
  assert_int_equal(w->status.accounts[1].until, NOW + 20000);
  w->source.now = NOW + 20000;
  build(w);
  assert_int_equal(w->status.accounts[1].state, ACCOUNT_READY);
  assert_int_equal(w->status.accounts[1].until, 0);
}

static void a_job_taken_out_of_the_file_is_shown_while_it_is_followed(void **state) {
  struct world *w = *state;
  w->jobs[0].listed = false; /* never begun */
  w->jobs[1].listed = false; /* ended */
  w->jobs[2] = job(3, "c-Leo", JOB_DOWNLOADING);
  w->jobs[2].listed = false;
  w->snapshot.job_count = 3;
  w->source.run_at_work = false;
  status_build(&w->source, &batches[0], false, &w->arena, &w->status);
  assert_int_equal(w->status.counts.jobs, 1);
  assert_int_equal(w->status.counts.by_state[JOB_DOWNLOADING], 1);
}

static void the_output_is_where_the_result_is(void **state) {
  struct world *w = *state;
  build(w);
  assert_string_equal(w->status.jobs[0].output, "/v/out/a.mp4");
  assert_string_equal(w->status.jobs[1].output, "/v/out/b.mp4");
  assert_null(w->status.jobs[1].why);
  assert_int_equal(w->status.jobs[1].attempts, 1);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
  const struct CMUnitTest tests[] = {
      TEST(a_batch_that_a_run_works_on_is_running),
      TEST(without_a_run_it_is_idle_and_says_so),
      TEST(when_all_have_ended_it_is_finished),
      TEST(an_end_in_the_past_is_not_known_any_more),
      TEST(a_waiting_job_tells_its_reason),
      TEST(a_free_job_waits_for_a_slot),
      TEST(a_job_that_may_run_anywhere_waits_for_the_nearest_account),
      TEST(an_account_never_seen_is_no_reason_before_a_run),
      TEST(an_accounts_slots_are_counted_over_all_batches),
      TEST(an_account_that_has_cooled_is_ready),
      TEST(a_job_taken_out_of_the_file_is_shown_while_it_is_followed),
      TEST(the_output_is_where_the_result_is),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
