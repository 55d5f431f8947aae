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

static void what_ended_while_a_refused_one_was_on_the_wire_may_have_held_its_slot(void **state) {
  struct story story;
  time_ms until;
  (void)state;
  begin(&story);
  struct account *account = first(&story);
  capacity_take(account);
  capacity_take(account);
  capacity_take(account);             /* leaves, with two at work; */
  capacity_give(story.core, account); /* one of them is seen to have ended; */
  capacity_give(story.core, account); /* it is refused */
  capacity_refused(story.core, account, &busy);
  assert_int_equal(account->known, 2);
  assert_int_equal(capacity_room(story.core, account, &until), ROOM_FREE);
  capacity_take(account);
  capacity_give(story.core, account);
  capacity_refused(story.core, account, &busy); /* with one at work all the time */
  assert_int_equal(account->known, 1);
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

/* One of ours runs there, and so many are refused in a row, each when one more was due. */
static duration_ms refused_so_often(struct story *story, int times) {
  struct account *account = first(story);
  for (int i = 0; i < times; i++) {
    capacity_refused(story->core, account, &busy);
    if (i + 1 == times) break;
    story->now = account->try_at;
    (void)first(story);
  }
  return account->try_at - story->now;
}

static void assert_about(duration_ms found, duration_ms expected) {
  assert_in_range(found, expected * 85 / 100, expected * 115 / 100);
}

static void one_more_is_tried_when_the_idle_slot_has_likely_cost_a_refusal(void **state) {
  struct story story;
  (void)state;
  begin(&story);
  struct account *account = first(&story);
  capacity_take(account);
  account->changed_at = story.now - HOUR_MS; /* long as it is: the usual rate, two rises an hour */
  account->known = 1;
  account->proven = true;
  account->most = 1;
  assert_about(refused_so_often(&story, 1), 260 * SECOND_MS); /* sqrt(2 * 19 s * 1800 s) */
  story_end(&story);
}

static void a_change_is_not_followed_by_a_try_as_soon(void **state) {
  struct story story;
  (void)state;
  begin(&story);
  capacity_take(first(&story));
  duration_ms fresh = refused_so_often(&story, 1); /* it has just been seen what it takes */
  first(&story)->changed_at -= HOUR_MS;
  story.now = first(&story)->try_at;
  assert_true(refused_so_often(&story, 1) < fresh * 85 / 100);
  story_end(&story);
}

static void
a_refused_try_beyond_what_it_ever_took_and_what_is_usual_doubles_the_pause(void **state) {
  struct story story;
  (void)state;
  begin(&story);
  for (int i = 0; i < 3; i++)
    capacity_take(first(&story));
  duration_ms pause = refused_so_often(&story, 1);
  story.now = first(&story)->try_at;
  assert_true(refused_so_often(&story, 1) > pause * 5 / 4); /* half an hour at most */
  assert_int_equal(first(&story)->tries, 1);
  for (int i = 0; i < 9; i++)
    assert_true(refused_so_often(&story, 2) <= 34 * MINUTE_MS);
  story_end(&story);
}

static void a_try_that_pays_resets_the_pause(void **state) {
  struct story story;
  (void)state;
  begin(&story);
  capacity_take(first(&story));
  (void)refused_so_often(&story, 4);
  capacity_take(first(&story));
  capacity_accepted(story.core, first(&story));
  assert_int_equal(first(&story)->tries, 0);
  assert_int_equal(first(&story)->known, 2);
  story_end(&story);
}

static void what_it_took_before_is_tried_for_at_the_same_pause_again_and_again(void **state) {
  struct story story;
  (void)state;
  begin(&story);
  capacity_take(first(&story));
  capacity_take(first(&story));
  (void)refused_so_often(&story, 1); /* it takes two */
  capacity_give(story.core, first(&story));
  duration_ms pause = refused_so_often(&story, 1); /* one, now */
  story.now = first(&story)->try_at;
  assert_true(refused_so_often(&story, 3) < pause * 3 / 2);
  story_end(&story);
}

static void an_account_that_rises_often_is_tried_more_often(void **state) {
  struct story story;
  (void)state;
  begin(&story);
  struct account *account = first(&story);
  capacity_take(account);
  account->known = account->most = 1;
  account->proven = true;
  account->changed_at = story.now - HOUR_MS;
  duration_ms pause = refused_so_often(&story, 1);
  account->rises = 9;
  account->rises_expected = 1;
  story.now = account->try_at;
  assert_true(refused_so_often(&story, 1) < pause * 3 / 4);
  story_end(&story);
}

static void what_was_learned_of_its_room_is_known_to_the_next_run(void **state) {
  struct story story, next;
  struct account_record record = {0};
  (void)state;
  begin(&story);
  capacity_take(first(&story));
  capacity_take(first(&story));
  (void)refused_so_often(&story, 2);
  capacity_save(first(&story), &record);
  assert_int_equal(record.capacity, 2);
  assert_int_equal(record.capacity_most, 2);
  assert_int_equal(record.tries_refused, 1);
  assert_true(record.rises_expected_milli > 0);
  begin(&next);
  capacity_load(first(&next), &record);
  capacity_start(next.core, first(&next));
  assert_int_equal(first(&next)->known, 2);
  assert_int_equal(first(&next)->tries, 1);
  assert_true(first(&next)->rises_expected > 0);
  /* It may be out of date: one more is tried before long. */
  assert_in_range(first(&next)->try_at - next.now, 10 * SECOND_MS, 30 * SECOND_MS);
  story_end(&story);
  story_end(&next);
}

static void tasks_of_others_that_run_show_what_it_takes(void **state) {
  struct story story;
  time_ms until;
  (void)state;
  begin(&story);
  struct account *account = first(&story);
  capacity_take(account);
  capacity_refused(story.core, account,
                   &busy); /* one of others, not seen yet, took the other slot */
  capacity_others_listed(story.core, account, 1);
  capacity_seen(story.core, account, 2);
  assert_int_equal(account->known, 2);
  capacity_others_listed(story.core, account, 0);
  assert_int_equal(capacity_room(story.core, account, &until), ROOM_FREE);
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
      cmocka_unit_test(what_ended_while_a_refused_one_was_on_the_wire_may_have_held_its_slot),
      cmocka_unit_test(refused_with_nothing_there_it_waits_as_the_config_says),
      cmocka_unit_test(one_more_is_tried_when_the_idle_slot_has_likely_cost_a_refusal),
      cmocka_unit_test(a_change_is_not_followed_by_a_try_as_soon),
      cmocka_unit_test(a_refused_try_beyond_what_it_ever_took_and_what_is_usual_doubles_the_pause),
      cmocka_unit_test(a_try_that_pays_resets_the_pause),
      cmocka_unit_test(what_it_took_before_is_tried_for_at_the_same_pause_again_and_again),
      cmocka_unit_test(an_account_that_rises_often_is_tried_more_often),
      cmocka_unit_test(what_was_learned_of_its_room_is_known_to_the_next_run),
      cmocka_unit_test(tasks_of_others_that_run_show_what_it_takes),
      cmocka_unit_test(retry_after_forbids_everything_before),
      cmocka_unit_test(an_acceptance_beyond_the_known_number_raises_it),
      cmocka_unit_test(a_list_that_lags_does_not_free_what_a_429_told),
      cmocka_unit_test(when_the_wait_is_over_the_list_is_believed),
      cmocka_unit_test(a_task_held_back_by_runway_says_that_there_is_no_more_room),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
