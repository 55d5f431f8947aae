/* What an account takes now: the arithmetic of acceptances, refusals and other people's tasks. */
#include "core_story.h"

static struct account *first(struct story *story) {
  story->core->now = story->now;
  story->core->out = &story->output;
  return &story->core->accounts[0];
}

static void begin(struct story *story) {
  story_begin(story);
  (void)story_job(story, "a");
  story_start(story);
}

static const struct answer busy = {
    .outcome = {.kind = OUTCOME_BUSY_RUNWAY, .refused = true, .retry_after_ms = -1}};

static void before_the_first_refusal_there_is_room_up_to_max_jobs(void **state) {
  struct story story;
  time_ms until;
  (void)state;
  begin(&story);
  struct account *account = first(&story);
  for (int i = 0; i < account->max_jobs; i++) {
    assert_int_equal(capacity_room(story.core, account, &until), ROOM_FREE);
    capacity_take(account);
  }
  assert_int_equal(capacity_room(story.core, account, &until), ROOM_FULL);
  assert_true(until == TIME_NEVER);
  story_end(&story);
}

static void a_refusal_says_how_many_there_are_and_a_freed_slot_is_room_at_once(void **state) {
  struct story story;
  time_ms until;
  (void)state;
  begin(&story);
  struct account *account = first(&story);
  capacity_take(account);
  capacity_take(account);
  capacity_refused(story.core, account, &busy);
  assert_int_equal(account->known, 2);
  assert_int_equal(capacity_room(story.core, account, &until), ROOM_FULL);
  assert_true(until > story.now && until < TIME_NEVER);
  capacity_give(story.core, account);
  assert_int_equal(capacity_room(story.core, account, &until), ROOM_FREE);
  story_end(&story);
}

static void refused_with_nothing_there_it_waits_as_the_config_says(void **state) {
  struct story story;
  time_ms until;
  (void)state;
  begin(&story);
  struct account *account = first(&story);
  for (int i = 0; i < 3; i++) {
    capacity_refused(story.core, account, &busy);
    assert_int_equal(capacity_room(story.core, account, &until), ROOM_FULL);
    assert_in_range(until - story.now, 10 * SECOND_MS, 30 * SECOND_MS);
    story.now = until;
    (void)first(&story);
    assert_int_equal(capacity_room(story.core, account, &until), ROOM_PROBE);
  }
  story_end(&story);
}

static void tries_beyond_the_known_number_grow_rarer(void **state) {
  struct story story;
  duration_ms last = 0;
  (void)state;
  begin(&story);
  struct account *account = first(&story);
  capacity_take(account);
  for (int i = 0; i < 3; i++) {
    capacity_refused(story.core, account, &busy);
    duration_ms wait = account->try_at - story.now;
    assert_true(wait > last);
    last = wait;
    story.now = account->try_at;
    (void)first(&story);
  }
  for (int i = 0; i < 5; i++)
    capacity_refused(story.core, account, &busy);
  assert_true(account->try_at - story.now <= 5 * MINUTE_MS);
  story_end(&story);
}

static void retry_after_forbids_everything_before(void **state) {
  struct story story;
  time_ms until;
  (void)state;
  begin(&story);
  struct account *account = first(&story);
  struct answer later = busy;
  later.outcome.retry_after_ms = 5 * MINUTE_MS;
  capacity_take(account);
  capacity_refused(story.core, account, &later);
  capacity_give(story.core, account);
  assert_int_equal(capacity_room(story.core, account, &until), ROOM_FULL);
  assert_true(until == story.now + 5 * MINUTE_MS);
  story_end(&story);
}

static void an_acceptance_beyond_the_known_number_raises_it(void **state) {
  struct story story;
  (void)state;
  begin(&story);
  struct account *account = first(&story);
  capacity_take(account);
  capacity_refused(story.core, account, &busy);
  capacity_take(account);
  capacity_accepted(story.core, account);
  assert_int_equal(account->known, 2);
  assert_int_equal(account->refusals, 0);
  story_end(&story);
}

static void a_list_that_lags_does_not_free_what_a_429_told(void **state) {
  struct story story;
  time_ms until;
  (void)state;
  begin(&story);
  struct account *account = first(&story);
  capacity_take(account);
  capacity_others_told(story.core, account, 1);
  capacity_refused(story.core, account, &busy);
  assert_int_equal(account->known, 2);
  capacity_others_listed(story.core, account, 0); /* not there yet */
  assert_int_equal(capacity_room(story.core, account, &until), ROOM_FULL);
  capacity_others_listed(story.core, account, 1);
  capacity_others_listed(story.core, account, 0); /* gone */
  assert_int_equal(capacity_room(story.core, account, &until), ROOM_FREE);
  story_end(&story);
}

static void when_the_wait_is_over_the_list_is_believed(void **state) {
  struct story story;
  (void)state;
  begin(&story);
  struct account *account = first(&story);
  capacity_others_told(story.core, account, 2);
  capacity_refused(story.core, account, &busy);
  story.now = account->try_at;
  (void)first(&story);
  capacity_others_listed(story.core, account, 0);
  assert_int_equal(account->others, 0);
  story_end(&story);
}

static void a_task_held_back_by_runway_says_that_there_is_no_more_room(void **state) {
  struct story story;
  time_ms until;
  struct answer ok = {.outcome = {.kind = OUTCOME_OK, .http_status = 200}};
  struct asset_view asset = {.asset_id = "asset-a"};
  struct task_view task = {.task_id = "task-a", .status = TASK_THROTTLED};
  (void)state;
  begin(&story);
  story_list_empty(&story, ONE);
  story_list_empty(&story, TWO);
  ok.assets = &asset;
  ok.asset_count = 1;
  assert_true(story_answer(&story, CALL_UPLOAD, ONE, &ok));
  ok.tasks = &task;
  ok.task_count = 1;
  assert_true(story_answer(&story, CALL_SUBMIT, ONE, &ok));
  struct account *account = first(&story);
  capacity_refused(story.core, account, &busy);
  story.now = account->try_at;
  (void)first(&story);
  assert_int_equal(capacity_room(story.core, account, &until), ROOM_FULL);
  story_end(&story);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(before_the_first_refusal_there_is_room_up_to_max_jobs),
      cmocka_unit_test(a_refusal_says_how_many_there_are_and_a_freed_slot_is_room_at_once),
      cmocka_unit_test(refused_with_nothing_there_it_waits_as_the_config_says),
      cmocka_unit_test(tries_beyond_the_known_number_grow_rarer),
      cmocka_unit_test(retry_after_forbids_everything_before),
      cmocka_unit_test(an_acceptance_beyond_the_known_number_raises_it),
      cmocka_unit_test(a_list_that_lags_does_not_free_what_a_429_told),
      cmocka_unit_test(when_the_wait_is_over_the_list_is_believed),
      cmocka_unit_test(a_task_held_back_by_runway_says_that_there_is_no_more_room),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
