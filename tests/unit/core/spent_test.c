/* At the end of a run: what is gone of an account's credits against what our tasks there have cost.
 */
#include "core_story.h"

#include "nightshift/core.h"
#include "util/arena.h"

/* An account that had 1,000 credits, 2 of our tasks of 10 s each ended well at 5 a second. */
static struct account *account_of(struct story *story) {
  story_begin(story);
  story_start(story);
  struct account *account = &story->core->accounts[0];
  account->credits = 1000;
  account->price = 5;
  account->ours = 2;
  account->ours_s = 20;
  return account;
}

static bool more(struct story *story, int64_t credits, struct core_spent *spent) {
  static struct arena arena;
  arena_reset(&arena);
  return core_spent_more(story->core, &arena, ONE, credits, spent);
}

static void what_our_tasks_cost_is_not_told(void **state) {
  struct story story;
  struct core_spent spent;
  (void)state;
  struct account *account = account_of(&story);
  assert_false(more(&story, 900, &spent));
  assert_false(more(&story, 896, &spent)); /* roundings */
  assert_false(more(&story, 1000, &spent));
  assert_false(more(&story, 5000, &spent)); /* bought */
  account->refund_s = 10;                   /* a failed one may have been paid for */
  assert_false(more(&story, 850, &spent));
  story_end(&story);
}

static void more_than_that_is_told_with_the_tasks_of_others(void **state) {
  struct story story;
  struct core_spent spent;
  (void)state;
  struct account *account = account_of(&story);
  account->listed = true;
  money_see_other(story.core, account, "task-of-another");
  money_see_other(story.core, account, "task-of-another");
  money_see_other(story.core, account, "a-second-one");
  assert_true(more(&story, 800, &spent));
  assert_int_equal(spent.credits, 200);
  assert_int_equal(spent.expected, 100);
  assert_int_equal(spent.count, 2);
  assert_string_equal(spent.not_ours, "task-of-another a-second-one");
  story_end(&story);
}

static void an_account_that_was_given_nothing_spends_nothing(void **state) {
  struct story story;
  struct core_spent spent;
  (void)state;
  struct account *account = account_of(&story);
  account->price = account->ours_s = 0;
  account->ours = 0;
  assert_false(more(&story, 1000, &spent));
  assert_true(more(&story, 950, &spent));
  assert_null(spent.not_ours);
  story_end(&story);
}

static void what_cannot_be_known_is_not_told(void **state) {
  struct story story;
  struct core_spent spent;
  (void)state;
  struct account *account = account_of(&story);
  assert_false(more(&story, -1, &spent)); /* no reading */
  account->price = 0;
  assert_false(more(&story, 100, &spent));
  account->price = 5;
  account->ours_before = true; /* paid for before it was read */
  assert_false(more(&story, 100, &spent));
  account->ours_before = false;
  account->credits = -1;
  assert_false(more(&story, 100, &spent));
  account->credits = 1000;
  account->guards.keep_credits = 1; /* the core tells by itself */
  assert_false(more(&story, 100, &spent));
  story_end(&story);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(what_our_tasks_cost_is_not_told),
      cmocka_unit_test(more_than_that_is_told_with_the_tasks_of_others),
      cmocka_unit_test(an_account_that_was_given_nothing_spends_nothing),
      cmocka_unit_test(what_cannot_be_known_is_not_told),
  };
  return cmocka_run_group_tests_name("core/spent", tests, NULL, NULL);
}
