/* What is learned of prices from readings of credits, and when a reading tells nothing. */
#include "core_story.h"

/* An account that had 1000 credits when nothing was in flight, and clips of 10 s. */
static struct account *begin(struct story *story) {
  story_begin(story);
  (void)story_job(story, "a");
  story_start(story);
  struct account *account = &story->core->accounts[0];
  account->credits = account->clean_credits = 1000;
  account->clean_at = START;
  account->is_clean = true;
  return account;
}

/* So many seconds of clips ended well, then the service says what is left. */
static void ended_and_read(struct story *story, struct account *account, double seconds,
                           int64_t credits) {
  account->paid_s += seconds;
  account->is_clean = true;
  money_read(story->core, account, credits);
}

static void assert_price(const struct account *account, double price) {
  assert_int_equal((int)(account->price * 1000 + 0.5), (int)(price * 1000 + 0.5));
}

static void what_went_by_the_seconds_is_the_price(void **state) {
  (void)state;
  struct story story;
  struct account *account = begin(&story);
  ended_and_read(&story, account, 20, 900);
  assert_price(account, 5);
  assert_int_equal(account->clean_credits, 900);
  story_end(&story);
}

static void a_higher_price_is_believed_at_once_a_lower_one_by_quarters(void **state) {
  (void)state;
  struct story story;
  struct account *account = begin(&story);
  ended_and_read(&story, account, 10, 950);
  assert_price(account, 5);
  ended_and_read(&story, account, 10, 870);
  assert_price(account, 8);
  ended_and_read(&story, account, 10, 830);
  assert_price(account, 7); /* 8 * 3/4 + 4 * 1/4 */
  story_end(&story);
}

static void a_reading_beside_tasks_of_others_tells_no_price(void **state) {
  (void)state;
  struct story story;
  struct account *account = begin(&story);
  account->others = 1;
  ended_and_read(&story, account, 10, 900);
  assert_price(account, 0);
  account->others = 0;
  ended_and_read(&story, account, 10, 850);
  assert_price(account, 5); /* from that reading on */
  story_end(&story);
}

static void a_spoiled_reading_tells_no_price(void **state) {
  (void)state;
  struct story story;
  struct account *account = begin(&story);
  account->is_spoiled = true;
  ended_and_read(&story, account, 10, 900);
  assert_price(account, 0);
  assert_false(account->is_spoiled);
  story_end(&story);
}

static void credits_that_were_bought_are_not_spent_backwards(void **state) {
  (void)state;
  struct story story;
  struct account *account = begin(&story);
  ended_and_read(&story, account, 10, 2000);
  assert_price(account, 0);
  assert_int_equal((int)account->spent, 0);
  assert_int_equal(account->credits, 2000);
  story_end(&story);
}

static void what_no_clip_can_cost_tells_no_price(void **state) {
  (void)state;
  struct story story;
  struct account *account = begin(&story);
  account->credits = account->clean_credits = INT64_C(1000000000000000);
  ended_and_read(&story, account, 10, 900);
  assert_price(account, 0);
  ended_and_read(&story, account, 10, 850);
  assert_price(account, 5);
  story_end(&story);
}

/* ---- a run without guards before this one ---- */

struct earlier {
  enum attempt_state state;
  time_ms opened;
  duration_ms clip_ms;
  bool explore;
};

/* The price that the next run starts with when 1000 were left at START, then that was done, and 900
 * are left now. */
static double price_after(const struct earlier *done, size_t count) {
  struct story story;
  struct attempt_record attempts[4] = {0};
  story_begin(&story);
  story.core->accounts[0].credits = 900; /* as the service has just said */
  story.core->accounts[0].is_clean = true;
  for (size_t i = 0; i < count; i++) {
    struct job_record *job = story_job(&story, "a");
    job->clip_ms = done[i].clip_ms;
    job->state = done[i].state == ATTEMPT_SUCCEEDED ? JOB_SUCCEEDED : JOB_HELD;
    attempts[i] = (struct attempt_record){.id = (attempt_id)i + 1,
                                          .job = job->id,
                                          .account = ONE,
                                          .reply_ref = "ref",
                                          .explore = done[i].explore,
                                          .state = done[i].state,
                                          .task_id = "task",
                                          .opened = done[i].opened};
  }
  struct batch_record batch = {.id = 1, .key = "night", .named = true};
  struct account_record account = {
      .email = ONE, .credits = 1000, .quiet_credits = 1000, .quiet_at = START};
  story.now = START + HOUR_MS;
  struct store_snapshot snapshot = {.latest = story.now,
                                    .batches = &batch,
                                    .batch_count = 1,
                                    .jobs = story.jobs,
                                    .job_count = story.job_count,
                                    .attempts = attempts,
                                    .attempt_count = count,
                                    .last_attempt = (attempt_id)count,
                                    .accounts = &account,
                                    .account_count = 1};
  core_load(story.core, &snapshot, NULL, &batch.id, 1);
  core_start(story.core, story.now, &story.output);
  double price = story.core->accounts[0].price;
  story_end(&story);
  return price;
}

static void what_an_earlier_run_spent_tells_the_price(void **state) {
  (void)state;
  const struct earlier well[] = {{ATTEMPT_SUCCEEDED, START, 10000, false},
                                 {ATTEMPT_SUCCEEDED, START + 1, 10000, false}};
  assert_int_equal((int)(price_after(well, 2) + 0.5), 5);
  const struct earlier before[] = {{ATTEMPT_SUCCEEDED, START - 1, 10000, false},
                                   {ATTEMPT_SUCCEEDED, START + 1, 10000, false}};
  assert_int_equal((int)(price_after(before, 2) + 0.5), 10);
  const struct earlier free_of_charge[] = {{ATTEMPT_SUCCEEDED, START + 1, 10000, true},
                                           {ATTEMPT_SUCCEEDED, START + 1, 10000, false}};
  assert_int_equal((int)(price_after(free_of_charge, 2) + 0.5), 10);
}

static void an_earlier_run_that_ended_in_doubt_tells_no_price(void **state) {
  (void)state;
  const struct earlier held[] = {{ATTEMPT_SUCCEEDED, START, 10000, false},
                                 {ATTEMPT_HELD, START, 10000, false}};
  assert_int_equal((int)price_after(held, 2), 0);
  const struct earlier unknown[] = {{ATTEMPT_SUCCEEDED, START, 10000, false},
                                    {ATTEMPT_SUCCEEDED, START, 0, false}};
  assert_int_equal((int)price_after(unknown, 2), 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(what_went_by_the_seconds_is_the_price),
      cmocka_unit_test(a_higher_price_is_believed_at_once_a_lower_one_by_quarters),
      cmocka_unit_test(a_reading_beside_tasks_of_others_tells_no_price),
      cmocka_unit_test(a_spoiled_reading_tells_no_price),
      cmocka_unit_test(what_no_clip_can_cost_tells_no_price),
      cmocka_unit_test(credits_that_were_bought_are_not_spent_backwards),
      cmocka_unit_test(what_an_earlier_run_spent_tells_the_price),
      cmocka_unit_test(an_earlier_run_that_ended_in_doubt_tells_no_price),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
